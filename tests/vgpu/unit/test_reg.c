// SPDX-License-Identifier: GPL-2.0-or-later
/* Registers as data: semantics of a table entry, and unknown addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip.h"
#include "fake_host.h"
#include "reg.h"
#include "units.h"

#define BOOT_0		0x000000
#define VGA_CRTC	0x6013d4
#define STORAGE		0x100c10	/* plain read and write */
#define UNKNOWN		0xfffff0

/** struct fixture - a GPU, one of whose registers is ours */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
};

/* What the hooks of our register were called with. */
static struct {
	unsigned int reads, writes;
	unsigned int index;
	uint32_t stored, val, old;
} seen;

static uint32_t hook_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	seen.reads++;
	seen.index = index;
	seen.stored = stored;
	return stored ^ 0xffu;
}

static void hook_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	seen.writes++;
	seen.index = index;
	seen.val = val;
	seen.old = old;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.quiet = true;
	memset(&seen, 0, sizeof(seen));
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

/* Puts @reg in the place of the entry that describes its address. */
static void replace(struct nvgpu *gpu, const struct nvgpu_reg *reg)
{
	unsigned int i = 0;

	while (gpu->reg_table[i]->addr != reg->addr)
		i++;
	gpu->reg_table[i] = reg;
	nvgpu_reg_reset(gpu);
}

static void test_storage(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0);
	fake_wr32(f->gpu, STORAGE, 0x12345678);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x12345678);
	nvgpu_reset(f->gpu);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0);
	assert_int_equal(f->host.errors, 0);
}

static void test_bits(void **state)
{
	static const struct nvgpu_reg reg = {
		.addr = STORAGE,
		.name = "TEST",
		.reset = 0x11aa55f0,
		.ro = 0xff000000,
		.w1c = 0x00ff0000,
		.source = "test",
	};
	struct fixture *f = *state;

	replace(f->gpu, &reg);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x11aa55f0);
	fake_wr32(f->gpu, STORAGE, 0x220f1234);
	/* read only kept, 0xaa less 0x0f, the rest written */
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x11a01234);
	fake_wr32(f->gpu, STORAGE, 0);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x11a00000);
	fake_wr32(f->gpu, STORAGE, ~0u);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x1100ffff);
}

static void test_hooks(void **state)
{
	static const struct nvgpu_reg reg = {
		.addr = STORAGE,
		.name = "TEST",
		.reset = 0x0000000f,
		.ro = 0x0000000f,
		.source = "test",
		.read = hook_read,
		.write = hook_write,
	};
	struct fixture *f = *state;

	replace(f->gpu, &reg);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0xf0);
	assert_int_equal(seen.reads, 1);
	assert_int_equal(seen.stored, 0x0f);

	fake_wr32(f->gpu, STORAGE, 0x000000a0);
	assert_int_equal(seen.writes, 1);
	assert_int_equal(seen.val, 0xa0);
	assert_int_equal(seen.old, 0x0f);
	assert_int_equal(nvgpu_reg_get(f->gpu, STORAGE), 0xaf);
}

static void test_array(void **state)
{
	/* PRAMIN: a large array with hooks; its entry is ours for now. */
	static const struct nvgpu_reg reg = {
		.addr = 0x700000,
		.count = (1u << 20) / 4,
		.name = "TEST",
		.source = "test",
		.write = hook_write,
	};
	struct fixture *f = *state;

	replace(f->gpu, &reg);
	fake_wr32(f->gpu, 0x700000, 1);
	assert_int_equal(seen.index, 0);
	fake_wr32(f->gpu, 0x7ffffc, 2);
	assert_int_equal(seen.index, (1u << 20) / 4 - 1);
	assert_int_equal(fake_rd32(f->gpu, 0x700000), 1);
	assert_int_equal(fake_rd32(f->gpu, 0x7ffffc), 2);
}

/* Sizes in MiB of the memory controllers lie 0x4000 apart. */
static void test_stride(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		uint32_t addr = 0x90020c + i * 0x4000;

		assert_string_equal(nvgpu_reg_name(f->gpu, addr),
				    "FBPA_SIZE");
		assert_string_equal(nvgpu_reg_name(f->gpu, addr + 4), "?");
		assert_int_equal(fake_rd32(f->gpu, addr), 64 / 4);
	}
	assert_string_equal(nvgpu_reg_name(f->gpu, 0x91020c), "?");
}

static void test_narrow(void **state)
{
	struct fixture *f = *state;

	nvgpu_bar_write(f->gpu, 0, VGA_CRTC, 0x3f, 1);
	nvgpu_bar_write(f->gpu, 0, VGA_CRTC + 1, 0x57, 1);
	assert_int_equal(nvgpu_bar_read(f->gpu, 0, VGA_CRTC, 1), 0x3f);
	assert_int_equal(nvgpu_bar_read(f->gpu, 0, VGA_CRTC + 1, 1), 0x57);
	assert_int_equal(nvgpu_bar_read(f->gpu, 0, VGA_CRTC, 2), 0x573f);
	assert_int_equal(nvgpu_bar_read(f->gpu, 0, VGA_CRTC, 4), 0x573f);
	nvgpu_bar_write(f->gpu, 0, VGA_CRTC + 2, 0x1234, 2);
	assert_int_equal(fake_rd32(f->gpu, VGA_CRTC), 0x1234573f);
	assert_int_equal(f->gpu->count.bar0_writes, 3);
	assert_int_equal(f->gpu->count.bar0_reads, 5);
}

static void test_wide(void **state)
{
	struct fixture *f = *state;
	uint32_t addr = VGA_CRTC - 4;

	nvgpu_bar_write(f->gpu, 0, addr, 0x1122334455667788ull, 8);
	assert_int_equal(fake_rd32(f->gpu, addr), 0x55667788);
	assert_int_equal(fake_rd32(f->gpu, addr + 4), 0x11223344);
	assert_true(nvgpu_bar_read(f->gpu, 0, addr, 8) ==
		    0x1122334455667788ull);
}

/* A byte written does not clear the write-1-to-clear bits beside it. */
static void test_narrow_w1c(void **state)
{
	static const struct nvgpu_reg reg = {
		.addr = STORAGE,
		.name = "TEST",
		.reset = 0x01010101,
		.w1c = ~0u,
		.source = "test",
	};
	struct fixture *f = *state;

	replace(f->gpu, &reg);
	nvgpu_bar_write(f->gpu, 0, STORAGE + 1, 0xff, 1);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0x01010001);
}

static void test_unknown(void **state)
{
	struct fixture *f = *state;
	uint64_t before = nvgpu_counter(f->gpu, "unknown");

	fake_wr32(f->gpu, UNKNOWN, 0x1234);
	assert_int_equal(f->host.errors, 1);
	assert_non_null(strstr(f->host.last_error, "write"));
	assert_non_null(strstr(f->host.last_error, "fffff0"));
	assert_int_equal(fake_rd32(f->gpu, UNKNOWN), 0);
	assert_int_equal(fake_rd32(f->gpu, UNKNOWN), 0);
	/* said once an address, counted each time */
	assert_int_equal(f->host.errors, 1);
	assert_int_equal(nvgpu_counter(f->gpu, "unknown"), before + 3);

	fake_rd32(f->gpu, UNKNOWN + 4);
	assert_int_equal(f->host.errors, 2);
	assert_int_equal(nvgpu_counter(f->gpu, "unknown"), before + 4);
}

/* A register in the table as absent is unknown, but has a name. */
static void test_absent(void **state)
{
	static const struct nvgpu_reg reg = {
		.addr = STORAGE,
		.name = "TEST_ABSENT",
		.reset = 0x55,
		.fidelity = NVGPU_ABSENT,
		.source = "test",
		.read = hook_read,
		.write = hook_write,
	};
	struct fixture *f = *state;

	replace(f->gpu, &reg);
	assert_int_equal(fake_rd32(f->gpu, STORAGE), 0);
	fake_wr32(f->gpu, STORAGE, 1);
	assert_int_equal(seen.reads + seen.writes, 0);
	assert_int_equal(f->host.errors, 1);
	assert_non_null(strstr(f->host.last_error, "TEST_ABSENT"));
	assert_int_equal(f->gpu->count.unknown, 2);
}

static bool index_of(const struct nvgpu_reg *a, const struct nvgpu_reg *b,
		     uint32_t *clash)
{
	const struct nvgpu_reg *table[] = { a, b };
	uint16_t *index = calloc(NVGPU_BAR0_SIZE / 4, sizeof(*index));
	bool good;

	assert_non_null(index);
	good = nvgpu_reg_index(index, table, 2, clash);
	free(index);
	return good;
}

static void test_overlap(void **state)
{
	static const struct nvgpu_reg
		array = { .addr = 0x100, .count = 4, .stride = 0x10 },
		between = { .addr = 0x104 },
		hit = { .addr = 0x120 },
		last = { .addr = 0x130 },
		after = { .addr = 0x140 },
		crooked = { .addr = 0x202 },
		beyond = { .addr = NVGPU_BAR0_SIZE - 4, .count = 2 };
	uint32_t clash;

	assert_true(index_of(&array, &between, &clash));
	assert_true(index_of(&array, &after, &clash));
	assert_false(index_of(&array, &hit, &clash));
	assert_int_equal(clash, 0x120);
	assert_false(index_of(&last, &array, &clash));
	assert_int_equal(clash, 0x130);
	assert_false(index_of(&array, &crooked, &clash));
	assert_int_equal(clash, 0x202);
	assert_false(index_of(&array, &beyond, &clash));
	assert_int_equal(clash, NVGPU_BAR0_SIZE);
}

static void check_unit(const struct nvgpu_unit *unit)
{
	unsigned int i;

	assert_non_null(unit->name);
	for (i = 0; i < unit->nr_regs; i++) {
		assert_non_null(unit->regs[i].name);
		assert_non_null(unit->regs[i].source);
		assert_int_equal(unit->regs[i].ro & unit->regs[i].w1c, 0);
	}
}

/* Every register of every chip says what it is and how that is known. */
static void test_tables(void **state)
{
	const struct nvgpu_unit *unit;
	const struct nvgpu_chip *chip;
	unsigned int i, j;

	for (i = 0; (chip = nvgpu_chip_at(i)); i++)
		for (j = 0; (unit = nvgpu_unit_at(chip, j)); j++)
			check_unit(unit);
}

static void test_names(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(nvgpu_reg_name(f->gpu, BOOT_0), "PMC_BOOT_0");
	assert_string_equal(nvgpu_reg_name(f->gpu, 0x7abcde), "PRAMIN");
	assert_string_equal(nvgpu_reg_name(f->gpu, UNKNOWN), "?");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_storage),
		TEST(test_bits),
		TEST(test_hooks),
		TEST(test_array),
		TEST(test_stride),
		TEST(test_narrow),
		TEST(test_wide),
		TEST(test_narrow_w1c),
		TEST(test_unknown),
		TEST(test_absent),
		TEST(test_names),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
