// SPDX-License-Identifier: GPL-2.0-or-later
/* GP107: what it has and GP100 has not.  ACR on SEC2, and SEC2's firmware. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chip.h"
#include "fake_host.h"
#include "fifo_priv.h"
#include "gr.h"
#include "pt_builder.h"
#include "sm.h"

#define PMC_INTR	0x000100
#define PMC_INTR_EN_SET	0x000160
#define PMC_INTR_SEC2	0x00008000
#define PMC_ENABLE	0x000200
#define PMC_ENABLE_SEC2	0x00004000
#define VIDMEM		0x100ce0
#define WPR_INFO	0x100cd4

#define SEC2		0x087000
#define PMU		0x10a000
#define FECS		0x409000
#define GPCCS		0x41a000

#define CMDQ_HEAD	(SEC2 + 0xa00)
#define CMDQ_TAIL	(SEC2 + 0xa04)
#define MSGQ_HEAD	(SEC2 + 0xa30)
#define MSGQ_TAIL	(SEC2 + 0xa34)

#define INST		0x180000ull
#define TABLES		0x190000ull
#define DATA_PA		0x200000ull
#define DATA_VA		0x8000000ull
#define DATA_SIZE	0x300

#define SHADOW		0x1000000ull
#define WPR_START	0x1040000ull
#define WPR_END		0x1080000ull
#define WPR_HEADER	24
#define WPR_LAZY	12
#define WPR_STATUS	20

/** struct queue - as the driver learns of it */
struct queue {
	uint32_t offset, size;
};

/** struct fixture - a GP107 of 64 MiB */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct queue cmdq, msgq;
	uint8_t sequence;
};

static int setup(void **state)
{
	static const struct nvgpu_config config = {
		.chip = "gp107",
		.vram_size = 64u << 20,
	};
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->gpu = fake_gpu_new(&f->host, &config);
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

static uint32_t rd(struct fixture *f, uint32_t addr)
{
	return fake_rd32(f->gpu, addr);
}

static void wr(struct fixture *f, uint32_t addr, uint32_t val)
{
	fake_wr32(f->gpu, addr, val);
}

static uint64_t unknown(struct fixture *f)
{
	return nvgpu_counter(f->gpu, "unknown");
}

static uint64_t guest_errors(struct fixture *f)
{
	return nvgpu_counter(f->gpu, "guest_errors");
}

/* ---- the chip ---- */

static void identity(void **state)
{
	struct fixture *f = *state;

	assert_int_equal((rd(f, 0) & 0x1ff00000) >> 20, 0x137);
	assert_int_equal(nvgpu_pci_id("gp107"), 0x1c82);
	assert_int_equal(rd(f, 0x088000), 0x1c8210de);
}

/* Behind the engines: SEC2, with an interrupt and a reset, without channels */
static void top(void **state)
{
	struct fixture *f = *state;
	unsigned int word = 0x022700 + 12 * f->gpu->chip->nr_engines;

	assert_int_equal(rd(f, word), 0x80000002 | 15 << 15 | 0x8 | 14 << 9 |
				      0x4);
	assert_int_equal(rd(f, word + 4), 0x80000001 | SEC2);
	assert_int_equal(rd(f, word + 8), 0x3 | 0xd << 2);
	assert_int_equal(rd(f, word + 12), 0);
}

/* As gp102_fb_vidmem_size() reads it, in MiB */
static uint64_t vidmem_mib(uint32_t val)
{
	assert_int_equal(val & 0x40000000, 0);
	return (uint64_t)(val >> 4 & 0x3f) << (val & 0xf);
}

static void vidmem(void **state)
{
	static const struct {
		uint64_t mib, says;
	} cases[] = { { 64, 64 }, { 512, 512 }, { 576, 576 }, { 4160, 4096 } };
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(cases); i++) {
		f->gpu->config.vram_size = cases[i].mib << 20;
		f->gpu->chip->units[1]->reset(f->gpu);
		assert_int_equal(vidmem_mib(rd(f, VIDMEM)), cases[i].says);
	}
	f->gpu->config.vram_size = 64u << 20;
	wr(f, VIDMEM, 0);
	assert_int_not_equal(rd(f, VIDMEM), 0);
	/* Not locked: nothing to scrub */
	wr(f, 0x100cd0, 2);
	assert_int_equal(rd(f, 0x100cd0) & 0x10, 0);
	assert_int_equal(unknown(f), 0);
}

/* One PPC has all TPCs of its GPC. */
static void topology(void **state)
{
	struct fixture *f = *state;
	unsigned int g;

	for (g = 0; g < NVGPU_GPCS; g++) {
		uint32_t gpc = 0x500000 + g * 0x8000;

		assert_int_equal(rd(f, gpc + 0x2608), NVGPU_TPCS_PER_GPC);
		assert_int_equal(rd(f, gpc + 0xc30),
				 (1u << NVGPU_TPCS_PER_GPC) - 1);
		assert_int_equal(rd(f, gpc + 0xc34), 0);
		assert_int_equal(rd(f, gpc + 0xc50), 1);
		wr(f, gpc + 0xc44, 1);
	}
	wr(f, 0x41815c + 14 * 4, 1);
	wr(f, 0x418198 + 3 * 4, 1);
	wr(f, 0x4181d0, 1);
	wr(f, 0x4181e4, 1);
	wr(f, 0x17e204, 1);
	assert_int_equal(unknown(f), 0);
}

static void gp100_has_none(void **state)
{
	static const uint32_t addr[] = {
		VIDMEM, 0x100cd0, 0x17e204, 0x4181d0, 0x500c50, SEC2 + 0x100,
	};
	struct fake_host host;
	struct nvgpu *gpu = fake_gpu_new(&host, NULL);
	unsigned int i;

	host.quiet = true;
	for (i = 0; i < NVGPU_ARRAY_SIZE(addr); i++)
		fake_rd32(gpu, addr[i]);
	assert_int_equal(nvgpu_counter(gpu, "unknown"), i);
	/* Nor does its PMC know what to reset. */
	fake_wr32(gpu, PMC_ENABLE, ~PMC_ENABLE_SEC2);
	assert_int_equal(nvgpu_counter(gpu, "unknown"), i);
	fake_gpu_free(gpu, &host);
}

static void classes(void **state)
{
	const struct nvgpu_chip *gp100 = nvgpu_chip_find("gp100");
	const struct nvgpu_chip *gp107 = nvgpu_chip_find("gp107");
	struct nvgpu_gr_context *ctx = nvgpu_gr_context_new();
	struct fixture *f = *state;
	struct nvgpu_chan *chan = &f->gpu->fifo->chans[0];

	assert_true(nvgpu_chip_copies(gp107, 0xc1b5));
	assert_true(nvgpu_chip_copies(gp107, 0xc0b5));
	assert_true(nvgpu_chip_copies(gp100, 0xc0b5));
	assert_false(nvgpu_chip_copies(gp100, 0xc1b5));
	assert_false(nvgpu_chip_copies(gp100, 0));
	/* NO_OPERATION */
	nvgpu_gr_method(f->gpu, chan, ctx, 0xc197, 0x100, 0);
	nvgpu_gr_method(f->gpu, chan, ctx, 0xc1c0, 0x100, 0);
	assert_int_equal(unknown(f), 0);
	nvgpu_gr_method(f->gpu, chan, ctx, 0xc097, 0x100, 0);
	nvgpu_gr_method(f->gpu, chan, ctx, 0xc0c0, 0x100, 0);
	assert_int_equal(unknown(f), 2);
	nvgpu_gr_context_free(ctx);
}

/* ---- ACR ---- */

/* One header in what the driver builds. */
static void wpr_header(struct fixture *f, unsigned int i, uint32_t falcon,
		       bool lazy)
{
	uint64_t header = SHADOW + i * WPR_HEADER;

	fake_vram_wr32(f->gpu, header, falcon);
	fake_vram_wr32(f->gpu, header + WPR_LAZY, lazy);
	fake_vram_wr32(f->gpu, header + WPR_STATUS, 1);
}

static void acr_memory(struct fixture *f, uint32_t regions)
{
	struct pt_builder pt;

	pt_init(&pt, f->gpu, INST, NVGPU_APER_VRAM, TABLES);
	pt_map(&pt, DATA_VA, PT_4K, DATA_PA, PT_VRAM);
	fake_vram_wr32(f->gpu, DATA_PA + 0x21c, regions);
	fake_vram_wr32(f->gpu, DATA_PA + 0x220, WPR_START >> 8);
	fake_vram_wr32(f->gpu, DATA_PA + 0x224, WPR_END >> 8);
	fake_vram_wr32(f->gpu, DATA_PA + 0x238, SHADOW >> 8);
	wpr_header(f, 0, 7, false);
	wpr_header(f, 1, 2, true);
	wpr_header(f, 2, 3, true);
	fake_vram_wr32(f->gpu, SHADOW + 3 * WPR_HEADER, 0xffffffff);
}

/* gp102_flcn_reset_eng(), gm200_flcn_fw_load() */
static void bind(struct fixture *f, uint32_t falcon, uint32_t reg)
{
	wr(f, falcon + 0x3c0, 1);
	wr(f, falcon + 0x3c0, 0);
	assert_int_equal(rd(f, falcon + 0x10c) & 6, 0);
	wr(f, falcon + reg, 1u << 30 | INST >> 12);
	assert_true(rd(f, falcon + 0x008) & 8);
	assert_int_equal(rd(f, falcon + 0x0dc) >> 12 & 7, 5);
	wr(f, falcon + 0x004, 8);
	wr(f, falcon + 0x058, 2);
	assert_false(rd(f, falcon + 0x008) & 8);
	assert_int_equal(rd(f, falcon + 0x0dc) >> 12 & 7, 0);
}

/* Boot one of ACR's programs; return what it says. */
static uint32_t acr_run(struct fixture *f, uint32_t falcon, uint32_t reg,
			uint32_t regions)
{
	acr_memory(f, regions);
	bind(f, falcon, reg);
	wr(f, falcon + 0x1c0, 1u << 24 | 0x40);
	wr(f, falcon + 0x1c4, DATA_VA);
	wr(f, falcon + 0x1c4, 0);
	wr(f, falcon + 0x1c4, DATA_SIZE);
	wr(f, falcon + 0x040, 0xcafebeef);
	wr(f, falcon + 0x100, 2);
	assert_true(rd(f, falcon + 0x100) & 0x10);
	return rd(f, falcon + 0x040);
}

static uint32_t acr_load(struct fixture *f)
{
	return acr_run(f, SEC2, 0x054, 2);
}

static void loads(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	assert_int_equal(acr_load(f), 0);
	wr(f, WPR_INFO, 2);
	assert_int_equal((uint64_t)rd(f, WPR_INFO) << 8, WPR_START);
	wr(f, WPR_INFO, 3);
	assert_int_equal(((uint64_t)rd(f, WPR_INFO) << 8) + 0x20000, WPR_END);
	/* Copied; ready in the copy only */
	for (i = 0; i < 3; i++) {
		assert_int_equal(fake_vram_rd32(f->gpu, WPR_START +
						i * WPR_HEADER + WPR_STATUS),
				 6);
		assert_int_equal(fake_vram_rd32(f->gpu, SHADOW +
						i * WPR_HEADER + WPR_STATUS),
				 1);
	}
	assert_int_equal(unknown(f) + guest_errors(f), 0);
	/* The graphics falcons were left alone. */
	wr(f, GPCCS + 0x100, 2);
	assert_int_equal(guest_errors(f), 1);
}

static void unloads(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(acr_load(f), 0);
	assert_int_equal(acr_run(f, PMU, 0x480, 0), 0x1d);
	wr(f, WPR_INFO, 2);
	assert_int_equal(rd(f, WPR_INFO), 0);
}

static void no_program(void **state)
{
	struct fixture *f = *state;

	wr(f, SEC2 + 0x100, 2);
	assert_int_equal(guest_errors(f), 1);
	assert_int_equal(rd(f, MSGQ_HEAD), 0);
}

/* ---- SEC2's firmware ---- */

static uint32_t emem_rd(struct fixture *f, uint32_t addr)
{
	assert_true(addr >= 0x01000000);
	wr(f, SEC2 + 0xac0, 1u << 25 | (addr - 0x01000000));
	return rd(f, SEC2 + 0xac4);
}

static void emem_wr(struct fixture *f, uint32_t addr, uint32_t val)
{
	assert_true(addr >= 0x01000000);
	wr(f, SEC2 + 0xac0, 1u << 24 | (addr - 0x01000000));
	wr(f, SEC2 + 0xac4, val);
}

static bool interrupted(struct fixture *f)
{
	uint32_t dest = rd(f, SEC2 + 0x01c);

	assert_int_equal(!!(rd(f, PMC_INTR) & PMC_INTR_SEC2),
			 !!(rd(f, SEC2 + 0x008) & rd(f, SEC2 + 0x018) & dest &
			    ~(dest >> 16)));
	return rd(f, PMC_INTR) & PMC_INTR_SEC2;
}

/* A message, of @words; nvkm_falcon_msgq_pop() and gp102_sec2_intr() */
static void receive(struct fixture *f, uint32_t *msg, unsigned int words)
{
	uint32_t tail = rd(f, MSGQ_TAIL), head = rd(f, MSGQ_HEAD);
	unsigned int i;

	assert_true(interrupted(f));
	assert_true(rd(f, SEC2 + 0x008) & 0x40);
	if (head < tail)
		tail = f->msgq.offset;
	assert_int_equal(head - tail, words * 4);
	if (f->msgq.size)
		assert_true(head <= f->msgq.offset + f->msgq.size);
	for (i = 0; i < words; i++)
		msg[i] = emem_rd(f, tail + i * 4);
	assert_int_equal(msg[0] >> 8 & 0xff, words * 4);
	wr(f, MSGQ_TAIL, head);
	wr(f, SEC2 + 0x004, 0x40);
}

/* nvkm_sec2_init() */
static void sec2_start(struct fixture *f)
{
	uint32_t msg[8];
	unsigned int msis;

	assert_int_equal(acr_load(f), 0);
	wr(f, SEC2 + 0x004, 0x10);
	wr(f, SEC2 + 0x014, 0xffffffff);
	wr(f, PMC_INTR_EN_SET, PMC_INTR_SEC2);
	assert_false(interrupted(f));
	msis = f->host.msis;
	wr(f, SEC2 + 0x100, 2);
	assert_int_equal(f->host.msis, msis + 1);
	f->msgq.offset = rd(f, MSGQ_TAIL);
	receive(f, msg, 8);
	assert_false(interrupted(f));
	assert_int_equal(msg[0] & 0xff, 1);
	assert_int_equal(msg[1] & 0xff, 0);
	/* Commands, then messages */
	f->cmdq = (struct queue){ msg[2], msg[3] & 0xffff };
	assert_int_equal(msg[3] >> 16, 0x0000);
	assert_int_equal(msg[4], f->msgq.offset);
	f->msgq.size = msg[5] & 0xffff;
	assert_int_equal(msg[5] >> 16, 0x0100);
	assert_int_equal(rd(f, CMDQ_HEAD), f->cmdq.offset);
	assert_int_equal(rd(f, CMDQ_TAIL), f->cmdq.offset);
}

/* nvkm_falcon_cmdq_send(), of a queue that is empty */
static void send(struct fixture *f, uint8_t unit, const uint32_t *args,
		 unsigned int nr)
{
	uint32_t head = rd(f, CMDQ_HEAD), size = 4 + nr * 4;
	unsigned int i;

	assert_int_equal(rd(f, CMDQ_TAIL), head);
	f->sequence++;
	if (size > f->cmdq.offset + f->cmdq.size - head - 4) {
		emem_wr(f, head, 4 << 8);
		head = f->cmdq.offset;
	}
	emem_wr(f, head, unit | size << 8 | 3 << 16 |
		(uint32_t)f->sequence << 24);
	for (i = 0; i < nr; i++)
		emem_wr(f, head + 4 + i * 4, args[i]);
	wr(f, CMDQ_HEAD, head + size);
}

/* Return: the error code. */
static uint32_t bootstrap(struct fixture *f, uint32_t falcon)
{
	const uint32_t args[] = { 0, 0, falcon };
	unsigned int msis = f->host.msis;
	uint32_t msg[4];

	send(f, 8, args, 3);
	assert_int_equal(f->host.msis, msis + 1);
	receive(f, msg, 4);
	assert_int_equal(msg[0], 8 | 16 << 8 | 3 << 16 |
				 (uint32_t)f->sequence << 24);
	assert_int_equal(msg[3], falcon);
	return msg[2];
}

static void boots_falcons(void **state)
{
	struct fixture *f = *state;

	sec2_start(f);
	assert_int_equal(bootstrap(f, 2), 0);
	assert_int_equal(bootstrap(f, 3), 0);
	wr(f, GPCCS + 0x100, 2);
	wr(f, FECS + 0x100, 2);
	assert_true(rd(f, 0x409800) & 1);
	assert_int_equal(unknown(f) + guest_errors(f), 0);
	/* Of a new boot nothing is left. */
	assert_int_equal(bootstrap(f, 2), 0);
	assert_int_equal(rd(f, 0x409800), 0);
}

static void boots_none_other(void **state)
{
	struct fixture *f = *state;

	sec2_start(f);
	assert_int_not_equal(bootstrap(f, 4), 0);
	assert_int_equal(guest_errors(f), 1);
	/* The region is gone. */
	assert_int_equal(acr_run(f, PMU, 0x480, 0), 0x1d);
	assert_int_not_equal(bootstrap(f, 2), 0);
	assert_int_equal(guest_errors(f), 2);
}

/* Both rings, several times round */
static void rings(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	sec2_start(f);
	for (i = 0; i < 100; i++)
		assert_int_equal(bootstrap(f, 2 + i % 2), 0);
	assert_int_equal(unknown(f) + guest_errors(f), 0);
}

/* nvkm_sec2_fini() */
static void stops(void **state)
{
	struct fixture *f = *state;
	uint32_t msg;

	sec2_start(f);
	send(f, 6, NULL, 0);
	assert_true(rd(f, SEC2 + 0x100) & 0x10);
	receive(f, &msg, 1);
	assert_int_equal(msg, 6 | 4 << 8 | 3 << 16 |
			      (uint32_t)f->sequence << 24);
	assert_true(interrupted(f));
	wr(f, SEC2 + 0x004, 0x10);
	assert_false(interrupted(f));
	assert_int_equal(unknown(f) + guest_errors(f), 0);
	/* It reads no more commands. */
	wr(f, CMDQ_HEAD, f->cmdq.offset);
	assert_int_equal(guest_errors(f), 1);
}

static void bad_commands(void **state)
{
	static const uint32_t args[] = { 1, 0, 2 };
	struct fixture *f = *state;

	sec2_start(f);
	send(f, 0x33, NULL, 0);
	assert_int_equal(unknown(f), 1);
	/* A command of ACR's that is not known, and one that is too short */
	send(f, 8, args, 3);
	send(f, 8, args, 1);
	assert_int_equal(unknown(f), 3);
	assert_int_equal(rd(f, MSGQ_HEAD), rd(f, MSGQ_TAIL));
	wr(f, CMDQ_HEAD, f->cmdq.offset + f->cmdq.size + 4);
	wr(f, CMDQ_HEAD, f->cmdq.offset + 2);
	wr(f, CMDQ_HEAD, 0);
	assert_int_equal(guest_errors(f), 3);
	wr(f, CMDQ_HEAD, rd(f, CMDQ_TAIL));
	assert_int_equal(bootstrap(f, 2), 0);
}

static void emem_out_of_bounds(void **state)
{
	struct fixture *f = *state;

	emem_wr(f, 0x01000000 + 0x2000 - 4, 5);
	assert_int_equal(emem_rd(f, 0x01000000 + 0x2000 - 4), 5);
	emem_wr(f, 0x01000000 + 0x2000, 5);
	assert_int_equal(guest_errors(f), 1);
}

/* A reset, of either kind: it has forgotten its firmware. */
static void resets(void **state)
{
	struct fixture *f = *state;

	sec2_start(f);
	wr(f, SEC2 + 0x3c0, 1);
	wr(f, SEC2 + 0x3c0, 0);
	wr(f, SEC2 + 0x100, 2);
	assert_int_equal(guest_errors(f), 1);
	assert_int_equal(rd(f, MSGQ_HEAD), 0);

	sec2_start(f);
	wr(f, PMC_ENABLE, ~PMC_ENABLE_SEC2);
	wr(f, PMC_ENABLE, ~0u);
	wr(f, SEC2 + 0x100, 2);
	assert_int_equal(guest_errors(f), 2);
	assert_false(interrupted(f));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(identity),
		TEST(top),
		TEST(vidmem),
		TEST(topology),
		cmocka_unit_test(gp100_has_none),
		TEST(classes),
		TEST(loads),
		TEST(unloads),
		TEST(no_program),
		TEST(boots_falcons),
		TEST(boots_none_other),
		TEST(rings),
		TEST(stops),
		TEST(bad_commands),
		TEST(emem_out_of_bounds),
		TEST(resets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
