// SPDX-License-Identifier: GPL-2.0-or-later
/* How faults reach the driver: packets byte by byte, and PFIFO's registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"
#include "fault.h"
#include "pt_builder.h"

#define INST		0x10000ull
#define BAR2_INST	0x12000ull
#define TABLES		0x100000ull
#define BAR2_TABLES	0x200000ull
#define BUFFER		0x400000ull	/* VRAM */
#define BUFFER_VA	0x123000ull	/* in BAR2 */
#define ENTRIES		8u

#define INTR_MMU_FAULT	0x259c
#define MMU_FAULT(unit)	(0x2800 + (unit) * 16)
#define BUF_LO		0x2a70
#define BUF_HI		0x2a74
#define BUF_SIZE	0x2a78
#define BUF_GET		0x2a7c
#define BUF_PUT		0x2a80
#define BUF_INFO	0x2a84
#define INFO_OVERFLOW	(1u << 0)
#define INFO_NACK	(1u << 24)
#define INFO_DISABLED	(1u << 28)
#define BAR2_BLOCK	0x1714
#define FAULT_CTRL	0x100cf8

#define PACKET		32u
#define VALID		(1u << 31)

static const struct nvgpu_client sm = { .id = 0x15, .gpc = 1 };
static const struct nvgpu_client ce = {
	.unit = 0x15, .hub = true, .id = 1, .gpc = 3	/* has none */
};

static const struct nvgpu_fault_info write_fault = {
	.va = 0x7f4b889e6123ull,
	.access = NVGPU_ACCESS_WRITE,
	.type = NVGPU_FAULT_PTE,
};

/** struct fixture - a GPU with a fault buffer */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct pt_builder pt, bar2;
	struct nvgpu_vm vm;
};

static struct fixture *fixture_new(const struct nvgpu_config *config)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned int i;

	f->gpu = fake_gpu_new(&f->host, config);
	f->host.quiet = true;
	pt_init(&f->pt, f->gpu, INST, NVGPU_APER_VRAM, TABLES);
	pt_init(&f->bar2, f->gpu, BAR2_INST, NVGPU_APER_VRAM, BAR2_TABLES);
	pt_map(&f->bar2, BUFFER_VA, PT_4K, BUFFER, PT_VRAM);
	for (i = 0; i < 0x1000; i += 8)
		pt_write64(f->gpu, NVGPU_APER_VRAM, BUFFER + i, 0);
	f->vm = pt_vm(&f->pt);
	fake_wr32(f->gpu, BAR2_BLOCK, 1u << 31 | BAR2_INST >> 12);
	fake_wr32(f->gpu, BUF_HI, 0);
	fake_wr32(f->gpu, BUF_LO, BUFFER_VA);
	fake_wr32(f->gpu, BUF_LO, BUFFER_VA | 1);
	return f;
}

static int setup_with(void **state, uint8_t duplicates, uint8_t late)
{
	struct nvgpu_config config = {
		.vram_size = 64u << 20, .fault_entries = ENTRIES,
		.fault_duplicates = duplicates, .fault_late_valid = late,
	};

	*state = fixture_new(&config);
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, 0, 0);
}

static int setup_duplicates(void **state)
{
	return setup_with(state, 255, 0);
}

static int setup_late(void **state)
{
	return setup_with(state, 0, 255);
}

static int setup_corrupt(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .fault_entries = ENTRIES,
		.fault_corrupt = 2,
	};

	*state = fixture_new(&config);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

static void raise_fault(struct fixture *f)
{
	nvgpu_fault_replayable(f->gpu, &f->vm, &sm, &write_fault);
}

/* A word of a packet as the driver reads it, through BAR2. */
static uint32_t packet(struct fixture *f, unsigned int entry, unsigned int at)
{
	return nvgpu_bar_read(f->gpu, 2, BUFFER_VA + entry * PACKET + at, 4);
}

static void consume(struct fixture *f, unsigned int nr)
{
	uint32_t get = fake_rd32(f->gpu, BUF_GET);

	while (nr--) {
		assert_int_not_equal(get, fake_rd32(f->gpu, BUF_PUT));
		assert_true(packet(f, get, 0x1c) & VALID);
		nvgpu_bar_write(f->gpu, 2, BUFFER_VA + get * PACKET + 0x1c, 0,
				4);
		get = (get + 1) % ENTRIES;
	}
	fake_wr32(f->gpu, BUF_GET, get);
}

static void test_packet(void **state)
{
	struct fixture *f = *state;
	static const uint8_t head[] = {
		0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,	/* instance */
		0x00, 0x60, 0x9e, 0x88, 0x4b, 0x7f, 0x00, 0x00,	/* address */
	};
	static const uint8_t tail[] = {
		0x00, 0x00, 0x00, 0x00,				/* reserved */
		/* PTE, client 15, WRITE by a GPC client, GPC 1, VALID */
		0x02, 0x15, 0x01, 0x81,
	};
	uint8_t bytes[PACKET + 4];

	f->host.now = 0x1122334455667788ull;
	raise_fault(f);
	nvgpu_phys_read(f->gpu, NVGPU_APER_VRAM, BUFFER, bytes, sizeof(bytes));
	assert_memory_equal(bytes, head, sizeof(head));
	assert_memory_equal(bytes + 0x18, tail, sizeof(tail));
	assert_int_equal(bytes[PACKET], 0);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 1);
	assert_int_equal(fake_rd32(f->gpu, BUF_GET), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_replayable"), 1);
}

/* Packets carry the time that the driver reads from PTIMER. */
static void test_timestamp(void **state)
{
	struct fixture *f = *state;
	uint32_t hi;

	f->host.now = 0x123456789a00ull;
	hi = fake_rd32(f->gpu, 0x9410);
	raise_fault(f);
	assert_int_equal(packet(f, 0, 0x10), fake_rd32(f->gpu, 0x9400));
	assert_int_equal(packet(f, 0, 0x14), hi);
}

static void test_packet_fields(void **state)
{
	static const struct {
		struct nvgpu_client client;
		enum nvgpu_access access;
		enum nvgpu_fault_type type;
		uint32_t info;
	} rows[] = {
		{ { .id = 1 }, NVGPU_ACCESS_READ, NVGPU_FAULT_PDE,
		  0x80000100 },
		{ { .id = 0x7f, .gpc = 0x1f }, NVGPU_ACCESS_ATOMIC,
		  NVGPU_FAULT_ATOMIC, 0x9f027f0f },
		{ { .id = 0xd, .gpc = 2 }, NVGPU_ACCESS_PREFETCH,
		  NVGPU_FAULT_PTE, 0x82030d02 },
		{ { .id = 4 }, NVGPU_ACCESS_WRITE, NVGPU_FAULT_RO,
		  0x80010406 },
	};
	struct fixture *f = *state;
	unsigned int i;

	f->vm.inst = 0xabcdef1234000ull;
	for (i = 0; i < NVGPU_ARRAY_SIZE(rows); i++) {
		struct nvgpu_fault_info info = {
			.va = (1ull << 49) - 1, .access = rows[i].access,
			.type = rows[i].type,
		};

		nvgpu_fault_replayable(f->gpu, &f->vm, &rows[i].client, &info);
		assert_int_equal(packet(f, i, 0x00), 0xf1234000);
		assert_int_equal(packet(f, i, 0x04), 0xabcde);
		assert_int_equal(packet(f, i, 0x08), 0xfffff000);
		assert_int_equal(packet(f, i, 0x0c), 0x1ffff);
		assert_int_equal(packet(f, i, 0x1c), rows[i].info);
	}
}

static void test_interrupt_level(void **state)
{
	struct fixture *f = *state;

	assert_false(nvgpu_fault_pending(f->gpu));
	raise_fault(f);
	raise_fault(f);
	assert_true(nvgpu_fault_pending(f->gpu));
	consume(f, 1);
	assert_true(nvgpu_fault_pending(f->gpu));
	consume(f, 1);
	assert_false(nvgpu_fault_pending(f->gpu));
	raise_fault(f);
	fake_wr32(f->gpu, BUF_LO, BUFFER_VA);
	assert_false(nvgpu_fault_pending(f->gpu));
	fake_wr32(f->gpu, BUF_LO, BUFFER_VA | 1);
	assert_true(nvgpu_fault_pending(f->gpu));
}

static void test_msi(void **state)
{
	struct fixture *f = *state;
	unsigned int msis = f->host.msis;

	raise_fault(f);
	assert_int_equal(f->host.msis, msis);
	fake_wr32(f->gpu, 0x160, 0x200);	/* enable FAULT */
	assert_int_equal(f->host.msis, msis + 1);
	assert_int_equal(fake_rd32(f->gpu, 0x100) & 0x200, 0x200);
	consume(f, 1);
	assert_int_equal(fake_rd32(f->gpu, 0x100) & 0x200, 0);
	raise_fault(f);
	assert_int_equal(f->host.msis, msis + 2);
	assert_int_equal(nvgpu_counter(f->gpu, "fault_interrupts"), 2);
}

/* A driver that lets a packet lie and unmasks is interrupted again. */
static void test_interrupts(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, 0x160, 0x200);
	raise_fault(f);
	raise_fault(f);
	assert_int_equal(nvgpu_counter(f->gpu, "fault_interrupts"), 1);
	fake_wr32(f->gpu, 0x180, ~0u);
	assert_int_equal(nvgpu_counter(f->gpu, "fault_interrupts"), 1);
	fake_wr32(f->gpu, 0x160, 0x200);
	assert_int_equal(nvgpu_counter(f->gpu, "fault_interrupts"), 2);
	consume(f, 2);
	fake_wr32(f->gpu, 0x180, ~0u);
	fake_wr32(f->gpu, 0x160, 0x200);
	assert_int_equal(nvgpu_counter(f->gpu, "fault_interrupts"), 2);
}

static void test_wrap(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	assert_int_equal(fake_rd32(f->gpu, BUF_SIZE), ENTRIES);
	for (i = 0; i < 5 * ENTRIES; i++) {
		raise_fault(f);
		assert_int_equal(fake_rd32(f->gpu, BUF_PUT),
				 (i + 1) % ENTRIES);
		consume(f, 1);
	}
	assert_int_equal(pt_read64(f->gpu, NVGPU_APER_VRAM,
				   BUFFER + ENTRIES * PACKET), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_replayable"),
			 5 * ENTRIES);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_overflow"), 0);
}

/* Full with one entry free; entries go on once there is room. */
static void test_overflow(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < ENTRIES - 1; i++)
		raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), 0);
	raise_fault(f);
	raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), ENTRIES - 1);
	assert_int_equal(packet(f, ENTRIES - 1, 0x1c), 0);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), INFO_OVERFLOW);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_overflow"), 2);
	consume(f, 1);
	raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_overflow"), 2);
	fake_wr32(f->gpu, BUF_INFO, INFO_OVERFLOW);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), 0);
	consume(f, ENTRIES - 1);
}

static void test_buffer_off(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BUF_LO, BUFFER_VA);
	raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 0);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), INFO_DISABLED);
	fake_wr32(f->gpu, BUF_INFO, INFO_DISABLED);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_replayable"), 0);
}

/* The MMU's own write faults: as BAR2, fatally. */
static void test_buffer_not_mapped(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BUF_LO, (BUFFER_VA + 0x1000) | 1);
	raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 0);
	assert_int_equal(fake_rd32(f->gpu, BUF_INFO), INFO_NACK);
	assert_int_equal(fake_rd32(f->gpu, INTR_MMU_FAULT),
			 1u << NVGPU_MMU_ENG_BAR2);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(5)), BAR2_INST >> 12);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(5) + 4),
			 BUFFER_VA + 0x1000);
	assert_int_equal(f->host.errors, 1);
}

/* Packets go through BAR2's TLB, as stale as any other. */
static void test_buffer_moves_stale(void **state)
{
	struct fixture *f = *state;

	raise_fault(f);
	pt_map(&f->bar2, BUFFER_VA, PT_4K, BUFFER + 0x10000, PT_VRAM);
	raise_fault(f);
	assert_int_equal(nvgpu_phys_rd32(f->gpu, NVGPU_APER_VRAM,
					 BUFFER + PACKET + 0x1c), 0x81011502);
	pt_invalidate(&f->bar2, PT_INVAL_ALL_VA | PT_INVAL_HUB_ONLY);
	raise_fault(f);
	assert_int_equal(nvgpu_phys_rd32(f->gpu, NVGPU_APER_VRAM, BUFFER +
					 0x10000 + 2 * PACKET + 0x1c),
			 0x81011502);
}

static void test_buffer_above_4g(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->bar2, 5ull << 32, PT_4K, BUFFER, PT_VRAM);
	fake_wr32(f->gpu, BUF_HI, 5);
	fake_wr32(f->gpu, BUF_LO, 1);
	raise_fault(f);
	assert_int_equal(packet(f, 0, 0x1c), 0x81011502);
	assert_int_equal(f->host.errors, 0);
}

static void test_bad_get(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BUF_GET, ENTRIES);
	assert_int_equal(f->host.errors, 1);
	assert_int_equal(fake_rd32(f->gpu, BUF_GET), 0);
	fake_wr32(f->gpu, BUF_PUT, 3);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 0);
	fake_wr32(f->gpu, BUF_SIZE, 3);
	assert_int_equal(fake_rd32(f->gpu, BUF_SIZE), ENTRIES);
}

static void test_default_size(void **state)
{
	struct fake_host host;
	struct nvgpu *gpu = fake_gpu_new(&host, NULL);

	assert_int_equal(fake_rd32(gpu, BUF_SIZE), 4096);
	fake_gpu_free(gpu, &host);
}

static void test_duplicates(void **state)
{
	struct fixture *f = *state;
	uint64_t faults = 0, duplicates;
	uint32_t put;

	do {
		put = fake_rd32(f->gpu, BUF_PUT);
		raise_fault(f);
		duplicates = nvgpu_counter(f->gpu, "faults_duplicate");
		assert_int_equal(fake_rd32(f->gpu, BUF_PUT),
				 (++faults + duplicates) % ENTRIES);
		assert_int_equal(nvgpu_counter(f->gpu, "faults_replayable"),
				 faults + duplicates);
		assert_int_equal(packet(f, put, 0x1c), 0x81011502);
		consume(f, (fake_rd32(f->gpu, BUF_PUT) - put) % ENTRIES);
	} while (duplicates < 2 * ENTRIES && faults < 100);
	assert_int_equal(duplicates, 2 * ENTRIES);
}

/* A duplicate that finds no room is an overflow. */
static void test_duplicates_overflow(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < ENTRIES; i++)
		raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), ENTRIES - 1);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_replayable"),
			 ENTRIES - 1);
	assert_true(nvgpu_counter(f->gpu, "faults_overflow"));
}

/*
 * PUT moves and the interrupt comes, but VALID lands later: not before who has
 * read PUT has looked at the packet, but soon after.
 */
static void test_late_valid(void **state)
{
	struct fixture *f = *state;
	unsigned int kicks = f->host.kicks, i, late = 0;

	for (i = 0; i < ENTRIES - 1; i++)
		raise_fault(f);
	assert_true(nvgpu_fault_pending(f->gpu));
	for (i = 0; i < 8; i++)
		assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_POLL);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), ENTRIES - 1);
	assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_POLL);
	for (i = 0; i < ENTRIES - 1; i++) {
		late += !(packet(f, i, 0x1c) & VALID);
		assert_int_equal(packet(f, i, 0x1c) & ~VALID, 0x01011502);
		assert_int_equal(packet(f, i, 0x08), 0x889e6000);
	}
	assert_true(late);
	assert_true(f->host.kicks > kicks);
	assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_IDLE);
	consume(f, ENTRIES - 1);
	nvgpu_run(f->gpu, 1);
	for (i = 0; i < ENTRIES - 1; i++)
		assert_false(packet(f, i, 0x1c) & VALID);
}

/* Who looks at packets only need not read PUT. */
static void test_late_valid_unseen(void **state)
{
	struct fixture *f = *state;
	unsigned int runs = 0;

	raise_fault(f);
	while (nvgpu_run(f->gpu, 1) == NVGPU_RUN_POLL)
		assert_true(++runs < 1000);
	assert_true(packet(f, 0, 0x1c) & VALID);
}

static void test_late_valid_is_forgotten_by_reset(void **state)
{
	struct fixture *f = *state;

	raise_fault(f);
	raise_fault(f);
	nvgpu_reset(f->gpu);
	f->host.errors = 0;
	assert_false(nvgpu_fault_tick(f->gpu));
	assert_int_equal(f->host.errors, 0);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 0);
}

/* Every second packet is, each in another way, and the others are as ever. */
static void test_corrupt(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < 6; i++)
		raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 6);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_corrupt"), 3);
	for (i = 0; i < 6; i++) {
		const bool bad_inst = i == 1, bad_access = i == 3;
		const bool bad_valid = i == 5;

		assert_int_equal(packet(f, i, 0x00),
				 bad_inst ? 0xfffff000 : INST);
		assert_int_equal(packet(f, i, 0x08), 0x889e6000);
		assert_int_equal(packet(f, i, 0x1c),
				 (bad_valid ? 0 : VALID) |
				 (bad_access ? 0x01071502 : 0x01011502));
	}
	for (i = 0; i < 200; i++)
		nvgpu_run(f->gpu, 1);
	assert_false(packet(f, 5, 0x1c) & VALID);
}

static void test_prefetch_filter(void **state)
{
	struct nvgpu_fault_info info = write_fault;
	struct fixture *f = *state;

	info.access = NVGPU_ACCESS_PREFETCH;
	nvgpu_fault_replayable(f->gpu, &f->vm, &sm, &info);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 1);
	fake_wr32(f->gpu, FAULT_CTRL, 3);
	nvgpu_fault_replayable(f->gpu, &f->vm, &sm, &info);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 1);
	raise_fault(f);
	assert_int_equal(fake_rd32(f->gpu, BUF_PUT), 2);
}

static void assert_report(struct fixture *f, unsigned int unit, uint32_t inst,
			  uint64_t va, uint32_t info)
{
	assert_true(fake_rd32(f->gpu, INTR_MMU_FAULT) & 1u << unit);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(unit)), inst);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(unit) + 4),
			 (uint32_t)va);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(unit) + 8), va >> 32);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT(unit) + 12), info);
}

static void test_fatal(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(nvgpu_fault_units(f->gpu), 0);
	nvgpu_fault_fatal(f->gpu, 0x1fbef000, &ce, &write_fault);
	nvgpu_fault_fatal(f->gpu, 0x22000, &sm, &write_fault);
	assert_int_equal(nvgpu_fault_units(f->gpu), 1u << 0x15 | 1u << 0);
	assert_report(f, 0x15, 0x1fbef, 0x7f4b889e6000, 0x00110102);
	assert_report(f, 0, 0x22, 0x7f4b889e6000, 0x01011502);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 2);

	fake_wr32(f->gpu, MMU_FAULT(0), 0);	/* read only */
	fake_wr32(f->gpu, INTR_MMU_FAULT, 1u << 0x15);
	assert_int_equal(nvgpu_fault_units(f->gpu), 1u << 0);
	assert_report(f, 0, 0x22, 0x7f4b889e6000, 0x01011502);
	fake_wr32(f->gpu, INTR_MMU_FAULT, ~0u);
	assert_int_equal(nvgpu_fault_units(f->gpu), 0);
}

/* An unread report is not overwritten, and no channel's death is lost. */
static void test_fatal_waits(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 1; i <= 3; i++) {
		nvgpu_fault_fatal(f->gpu, i << 12, &sm, &write_fault);
		nvgpu_fault_fatal(f->gpu, i << 12, &sm, &write_fault);
	}
	for (i = 1; i <= 3; i++) {
		assert_report(f, 0, i, 0x7f4b889e6000, 0x01011502);
		fake_wr32(f->gpu, INTR_MMU_FAULT, 1);
	}
	assert_int_equal(nvgpu_fault_units(f->gpu), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 6);
	for (i = 1; i <= 12; i++)
		nvgpu_fault_fatal(f->gpu, i << 12, &sm, &write_fault);
	assert_int_equal(f->host.errors, 3);	/* shown 1, waiting 8 */
}

#define ON(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ON_DUPLICATES(test) \
	cmocka_unit_test_setup_teardown(test, setup_duplicates, teardown)
#define ON_LATE(test) \
	cmocka_unit_test_setup_teardown(test, setup_late, teardown)
#define ON_CORRUPT(test) \
	cmocka_unit_test_setup_teardown(test, setup_corrupt, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON(test_packet),
		ON(test_timestamp),
		ON(test_packet_fields),
		ON(test_interrupt_level),
		ON(test_msi),
		ON(test_interrupts),
		ON(test_wrap),
		ON(test_overflow),
		ON(test_buffer_off),
		ON(test_buffer_not_mapped),
		ON(test_buffer_moves_stale),
		ON(test_buffer_above_4g),
		ON(test_bad_get),
		cmocka_unit_test(test_default_size),
		ON_DUPLICATES(test_duplicates),
		ON_DUPLICATES(test_duplicates_overflow),
		ON_LATE(test_late_valid),
		ON_LATE(test_late_valid_unseen),
		ON_LATE(test_late_valid_is_forgotten_by_reset),
		ON_CORRUPT(test_corrupt),
		ON(test_prefetch_filter),
		ON(test_fatal),
		ON(test_fatal_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
