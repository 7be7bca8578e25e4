// SPDX-License-Identifier: GPL-2.0-or-later
/* A GPU's life: configuration, reset, counters, log, and what it consists of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip.h"
#include "fake_host.h"
#include "reg.h"

#define MIB		(1ull << 20)
#define STORAGE		0x100c10
#define PRAMIN_BASE	0x001700
#define POISON		0xa5a5a5a5u

/** struct fixture - a GPU of 64 MiB */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.quiet = true;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

static void null_log(void *opaque, enum nvgpu_log_level level,
		     const char *msg)
{
}

static void null_alarm(void *opaque, uint64_t deadline_ns)
{
}

static uint64_t null_now(void *opaque)
{
	return 0;
}

static const struct nvgpu_host_ops null_ops = {
	.now_ns		= null_now,
	.set_alarm	= null_alarm,
	.log		= null_log,
};

static void refused(const struct nvgpu_config *config)
{
	const char *err = NULL;

	assert_null(nvgpu_new(config, &null_ops, NULL, &err));
	assert_non_null(err);
}

static void test_bad_config(void **state)
{
	refused(&(struct nvgpu_config){ .chip = "gk104" });
	refused(&(struct nvgpu_config){ .vram_size = 65 * MIB });
	refused(&(struct nvgpu_config){ .vram_size = 1ull << 40 });
	refused(&(struct nvgpu_config){ .channels = 4097 });
	refused(&(struct nvgpu_config){ .fault_entries = ~0u });
}

static void test_defaults(void **state)
{
	const struct nvgpu_config zero = { 0 };
	const char *err = "";
	struct nvgpu *gpu = nvgpu_new(&zero, &null_ops, NULL, &err);

	assert_non_null(gpu);
	assert_null(err);
	assert_string_equal(gpu->config.chip, "gp100");
	assert_true(gpu->config.vram_size == 512 * MIB);
	assert_int_equal(gpu->config.channels, 4096);
	assert_int_equal(gpu->config.fault_entries, 4096);
	nvgpu_free(gpu);
	nvgpu_free(NULL);
}

static void test_identity(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(nvgpu_pci_id("gp100"), 0x15f8);
	assert_int_equal(nvgpu_pci_id(NULL), 0x15f8);
	assert_int_equal(nvgpu_pci_id("nothing"), 0);
	assert_int_equal(fake_rd32(f->gpu, 0x000000), 0x130000a1);
	assert_int_equal(fake_rd32(f->gpu, 0x000004), 0);
	assert_int_equal(fake_rd32(f->gpu, 0x088000), 0x15f810de);
	fake_wr32(f->gpu, 0x000000, 0);
	assert_int_equal(fake_rd32(f->gpu, 0x000000), 0x130000a1);
}

static void test_reset(void **state)
{
	struct fixture *f = *state;
	uint64_t last = 64 * MIB - 4, before;

	/* power-on: a pattern, not zeroes */
	assert_int_equal(fake_vram_rd32(f->gpu, 0), POISON);
	fake_vram_wr32(f->gpu, 0, 0x11111111);
	fake_vram_wr32(f->gpu, last, 0x22222222);
	fake_wr32(f->gpu, STORAGE, 0x33333333);
	assert_int_equal(fake_vram_rd32(f->gpu, 0), 0x11111111);
	assert_int_equal(fake_vram_rd32(f->gpu, last), 0x22222222);

	before = nvgpu_counter(f->gpu, "resets");
	nvgpu_reset(f->gpu);
	assert_int_equal(nvgpu_counter(f->gpu, "resets"), before + 1);
	assert_int_equal(fake_rd32(f->gpu, PRAMIN_BASE), 0);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0);
	assert_int_equal(fake_vram_rd32(f->gpu, 0), POISON);
	assert_int_equal(fake_vram_rd32(f->gpu, last), POISON);
	assert_int_equal(f->host.errors, 0);
}

/* As nouveau's subdev/fb/ram{gf100,gm200,gp100}.c counts VRAM. */
static uint64_t probe_vram(struct nvgpu *gpu)
{
	unsigned int fbps = fake_rd32(gpu, 0x022438);
	unsigned int fbpas = fake_rd32(gpu, 0x022458);
	uint64_t mib = 0;
	unsigned int i;

	assert_int_equal(fake_rd32(gpu, 0x021d38), 0);
	assert_int_equal(fake_rd32(gpu, 0x021c14), 0);
	for (i = 0; i < fbps * fbpas; i++)
		mib += fake_rd32(gpu, 0x90020c + i * 0x4000);
	return mib << 20;
}

static void test_vram_size(void **state)
{
	const struct nvgpu_config config = { .vram_size = 192 * MIB };
	struct fixture *f = *state;
	struct fake_host host;
	struct nvgpu *gpu = fake_gpu_new(&host, &config);

	assert_true(probe_vram(f->gpu) == 64 * MIB);
	assert_true(probe_vram(gpu) == 192 * MIB);
	/* L2 units, as counted by partitions and by the ring */
	assert_int_equal(fake_rd32(gpu, 0x022438) * fake_rd32(gpu, 0x022450),
			 fake_rd32(gpu, 0x12006c));
	assert_int_equal(fake_rd32(gpu, 0x100800), fake_rd32(gpu, 0x12006c));
	fake_gpu_free(gpu, &host);
}

/** struct device_info - one engine as nouveau's subdev/top/gk104.c sees it */
struct device_info {
	unsigned int type, inst, addr, fault, engine, runlist, intr, reset;
};

/* Decodes the engine that starts at word @i; returns the word after it. */
static unsigned int parse_top(struct nvgpu *gpu, unsigned int i,
			      struct device_info *info)
{
	uint32_t word;

	do {
		word = fake_rd32(gpu, 0x022700 + i++ * 4);
		switch (word & 3) {
		case 1:
			info->inst = word >> 26 & 0xf;
			info->addr = word & 0xfff000;
			info->fault = word & 4 ? word >> 3 & 0x7f : 0xff;
			break;
		case 2:
			info->engine = word & 0x20 ? word >> 26 & 0xf : 0xff;
			info->runlist = word & 0x10 ? word >> 21 & 0xf : 0xff;
			info->intr = word & 8 ? word >> 15 & 0x1f : 0xff;
			info->reset = word & 4 ? word >> 9 & 0x1f : 0xff;
			break;
		case 3:
			info->type = word >> 2 & 0x1fffffff;
			break;
		}
	} while (word & 0x80000000u);
	return i;
}

static void test_top(void **state)
{
	struct fixture *f = *state;
	const struct nvgpu_chip *chip = f->gpu->chip;
	unsigned int i, word = 0;

	for (i = 0; i < chip->nr_engines; i++) {
		const struct nvgpu_engine *engine = &chip->engines[i];
		struct device_info info = { 0 };

		word = parse_top(f->gpu, word, &info);
		assert_int_equal(info.type, engine->kind);
		assert_int_equal(info.inst, engine->instance);
		assert_int_equal(info.addr, engine->pri);
		assert_int_equal(info.fault, engine->fault_id);
		assert_int_equal(info.engine, engine->id);
		assert_int_equal(info.runlist, engine->runlist);
		assert_int_equal(info.intr, engine->intr);
		assert_int_equal(info.reset, engine->reset);
	}
	for (; word < 64; word++)
		assert_int_equal(fake_rd32(f->gpu, 0x022700 + word * 4), 0);
}

static void check_chip(const struct nvgpu_chip *chip)
{
	unsigned int i, j;

	for (i = 0; i < chip->nr_engines; i++) {
		unsigned int served = 0;

		assert_true(chip->engines[i].runlist < chip->nr_runlists);
		for (j = 0; j < chip->nr_pbdmas; j++)
			served += chip->pbdma_runlists[j] >>
				  chip->engines[i].runlist & 1;
		assert_in_range(served, 1, 2);
	}
}

/* Each runlist of an engine is served by one or two PBDMAs. */
static void test_chip(void **state)
{
	const struct nvgpu_chip *chip;
	unsigned int i;

	assert_ptr_equal(nvgpu_chip_find(NULL), nvgpu_chip_find("gp100"));
	assert_null(nvgpu_chip_find("gp1"));
	for (i = 0; (chip = nvgpu_chip_at(i)); i++) {
		assert_ptr_equal(nvgpu_chip_find(chip->name), chip);
		check_chip(chip);
	}
	assert_true(i >= 2);
}

static void test_bad_access(void **state)
{
	struct fixture *f = *state;
	uint64_t before = nvgpu_counter(f->gpu, "guest_errors");

	assert_true(nvgpu_bar_read(f->gpu, 0, NVGPU_BAR0_SIZE, 4) == ~0ull);
	assert_true(nvgpu_bar_read(f->gpu, 1, NVGPU_BAR1_SIZE, 4) == ~0ull);
	assert_true(nvgpu_bar_read(f->gpu, 2, NVGPU_BAR2_SIZE, 4) == ~0ull);
	assert_true(nvgpu_bar_read(f->gpu, 3, 0, 4) == ~0ull);
	assert_true(nvgpu_bar_read(f->gpu, 0, 0, 3) == ~0ull);
	assert_true(nvgpu_bar_read(f->gpu, 0, 6, 4) == ~0ull);
	nvgpu_bar_write(f->gpu, 0, STORAGE + 4, ~0ull, 16);
	assert_int_equal(nvgpu_counter(f->gpu, "guest_errors"), before + 7);
	assert_int_equal(f->host.errors, 7);
}

static void test_counters(void **state)
{
	struct fixture *f = *state;
	unsigned int lines = 0, names = 0;
	char line[128];
	FILE *file = tmpfile();

	fake_rd32(f->gpu, 0);
	fake_rd32(f->gpu, 0);
	fake_wr32(f->gpu, STORAGE, 0);
	assert_int_equal(nvgpu_counter(f->gpu, "bar0_reads"), 2);
	assert_int_equal(nvgpu_counter(f->gpu, "bar0_writes"), 1);
	assert_int_equal(nvgpu_counter(f->gpu, "no such counter"), 0);

	nvgpu_counters_print(f->gpu, file);
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		lines++;
		names += !strcmp(line, "bar0_reads 2\n");
	}
	assert_int_equal(lines, sizeof(struct nvgpu_counters) / 8);
	assert_int_equal(names, 1);
	fclose(file);
}

/* The same message: 4 times, then at 8, 16, ... 512; another: at once. */
static void test_repeats(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < 1000; i++)
		nvgpu_guest_error(f->gpu, "mistake %d", 1);
	assert_int_equal(f->host.errors, 4 + 7);
	assert_non_null(strstr(f->host.last_error, "mistake 1 (512 times)"));
	assert_int_equal(nvgpu_counter(f->gpu, "guest_errors"), 1000);
	nvgpu_guest_error(f->gpu, "mistake %d", 2);
	assert_int_equal(f->host.errors, 4 + 7 + 1);
	assert_int_equal(nvgpu_counter(f->gpu, "unknown"), 0);
}

static unsigned int logged;

static void counting_log(void *opaque, enum nvgpu_log_level level,
			 const char *msg)
{
	logged++;
}

static void test_log_level(void **state)
{
	struct fixture *f = *state;
	struct nvgpu_host_ops ops = *f->gpu->ops;

	ops.log = counting_log;
	f->gpu->ops = &ops;
	logged = 0;
	fake_rd32(f->gpu, 0);
	nvgpu_log(f->gpu, NVGPU_LOG_DEBUG, "quiet");
	assert_int_equal(logged, 0);
	f->gpu->config.log_level = NVGPU_LOG_DEBUG;
	nvgpu_log(f->gpu, NVGPU_LOG_DEBUG, "loud");
	assert_int_equal(logged, 1);
	fake_rd32(f->gpu, 0);
	assert_int_equal(logged, 1);
	f->gpu->config.log_level = NVGPU_LOG_TRACE;
	fake_rd32(f->gpu, 0);
	assert_int_equal(logged, 2);
}

static void test_random(void **state)
{
	struct fixture *f = *state;
	uint64_t first = nvgpu_random(f->gpu), second = nvgpu_random(f->gpu);

	assert_true(first != second);
	nvgpu_reset(f->gpu);
	assert_true(nvgpu_random(f->gpu) == first);
	assert_true(nvgpu_random(f->gpu) == second);
	f->gpu->config.seed = 1;
	nvgpu_reset(f->gpu);
	assert_true(nvgpu_random(f->gpu) != first);
	assert_false(nvgpu_chance(f->gpu, 0));
}

/* Five columns in each row, and registers among them. */
static void test_ledger(void **state)
{
	unsigned int rows = 0, registers = 0, i, tabs;
	char line[512];
	FILE *file = tmpfile();

	nvgpu_ledger_print(file);
	rewind(file);
	while (fgets(line, sizeof(line), file)) {
		for (i = 0, tabs = 0; line[i]; i++)
			tabs += line[i] == '\t';
		assert_int_equal(tabs, 4);
		assert_int_equal(line[i - 1], '\n');
		rows++;
		registers += !strcmp(line,
			"register\t000140+4*2\tPMC_INTR_EN\tdocumented\t"
			"dev_master.h\n");
	}
	assert_true(rows > 100);
	assert_int_equal(registers, 1);
	fclose(file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_config),
		cmocka_unit_test(test_defaults),
		TEST(test_identity),
		TEST(test_reset),
		TEST(test_vram_size),
		TEST(test_top),
		cmocka_unit_test(test_chip),
		TEST(test_bad_access),
		TEST(test_counters),
		TEST(test_repeats),
		TEST(test_log_level),
		TEST(test_random),
		cmocka_unit_test(test_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
