// SPDX-License-Identifier: GPL-2.0-or-later
/* PGRAPH: topology, status, what init writes, reset. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "gr_fixture.h"
#include "sm.h"

#define PMC_ENABLE	0x000200
#define PMC_ENABLE_GR	0x1000

#define GPC(g, r)	(0x500000 + (g) * 0x8000 + (r))
#define PPC(g, p, r)	(0x503000 + (g) * 0x8000 + (p) * 0x200 + (r))
#define TPC(g, t, r)	(0x504000 + (g) * 0x8000 + (t) * 0x800 + (r))

/* The driver adds up what it finds; it must be what the SMs have. */
static void topology(void **state)
{
	struct gr_fixture *gr = *state;
	unsigned int gpcs = fake_rd32(gr->gpu, 0x409604) & 0x1f;
	unsigned int g, p, tpcs = 0;

	assert_int_equal(gpcs, NVGPU_GPCS);
	for (g = 0; g < gpcs; g++) {
		uint32_t n = fake_rd32(gr->gpu, GPC(g, 0x2608)), all = 0;

		for (p = 0; p < 2; p++) {
			uint32_t mask = fake_rd32(gr->gpu,
						  GPC(g, 0xc30 + p * 4));

			assert_int_equal(all & mask, 0);
			all |= mask;
		}
		assert_int_equal(all, (1u << n) - 1);
		tpcs += n;
	}
	assert_int_equal(tpcs, NVGPU_SMS);
	/* A write changes none of it. */
	fake_wr32(gr->gpu, 0x409604, 0);
	fake_wr32(gr->gpu, GPC(0, 0x2608), 0);
	assert_int_equal(fake_rd32(gr->gpu, 0x409604) & 0x1f, NVGPU_GPCS);
	assert_int_equal(fake_rd32(gr->gpu, GPC(0, 0x2608)),
			 NVGPU_TPCS_PER_GPC);
}

static void idle(void **state)
{
	struct gr_fixture *gr = *state;

	assert_int_equal(fake_rd32(gr->gpu, 0x400700) & 4, 0);
	assert_int_equal(fake_rd32(gr->gpu, 0x40060c) & 1, 0);
	fake_wr32(gr->gpu, 0x404170, 0x12);
	assert_int_equal(fake_rd32(gr->gpu, 0x404170), 0x02);
}

/* Nothing is wrong, whatever init writes to these. */
static void no_exceptions(void **state)
{
	static const uint32_t pending[] = {
		0x400100, 0x400108, 0x400118, 0x40011c,
		GPC(0, 0x2c90), GPC(1, 0x2c90), TPC(0, 0, 0x508),
		TPC(1, 1, 0x508), TPC(0, 1, 0x648), TPC(1, 0, 0x650),
	};
	struct gr_fixture *gr = *state;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(pending); i++) {
		assert_int_equal(fake_rd32(gr->gpu, pending[i]), 0);
		if (pending[i] != TPC(0, 1, 0x648))
			fake_wr32(gr->gpu, pending[i], 0xffffffff);
		assert_int_equal(fake_rd32(gr->gpu, pending[i]), 0);
	}
	/* Error status of a unit keeps its enable bit only. */
	fake_wr32(gr->gpu, 0x404000, 0xc0000000);
	assert_int_equal(fake_rd32(gr->gpu, 0x404000), 0x80000000);
}

/* Arrays whose length depends on the topology: first, last, and no more. */
static void arrays(void **state)
{
	static const struct {
		uint32_t addr, count, stride;
	} array[] = {
		{ 0x405870, 4 }, { 0x405ba0, 16 }, { 0x406028, 4 },
		{ 0x4064d0, 8 }, { 0x40780c, 6 }, { 0x410070, 8, 0x400 },
		{ 0x410208, 8, 0x400 }, { 0x418010, 15 }, { 0x41804c, 15 },
		{ 0x418088, 15 }, { 0x4180c4, 15 }, { 0x418100, 4 },
		{ 0x418110, 15 }, { 0x41814c, 4 }, { 0x418980, 4 },
		{ 0x418b08, 6 }, { 0x418ea0, 4 }, { 0x41bf00, 6 },
		{ GPC(0, 0xc10), NVGPU_TPCS_PER_GPC },
		{ GPC(0, 0x0914), NVGPU_GPCS, 0x8000 },
		{ PPC(1, 0, 0x0c0), 2, 0x200 },
		{ PPC(1, 0, 0x038), 2, 0x200 },
		{ TPC(1, 0, 0x698), NVGPU_TPCS_PER_GPC, 0x800 },
		{ TPC(0, 0, 0x644), NVGPU_TPCS_PER_GPC, 0x800 },
	};
	struct gr_fixture *gr = *state;
	unsigned int i, j;

	for (i = 0; i < NVGPU_ARRAY_SIZE(array); i++) {
		for (j = 0; j < array[i].count; j++) {
			uint32_t addr = array[i].addr +
					j * (array[i].stride ?: 4);

			fake_wr32(gr->gpu, addr, 0x00abc000);
			fake_rd32(gr->gpu, addr);
		}
		assert_int_equal(gr_unknown(gr), 0);
	}
	assert_int_equal(fake_rd32(gr->gpu, 0x418b08), 0x00abc000);
	fake_rd32(gr->gpu, TPC(0, 2, 0x644));
	fake_rd32(gr->gpu, GPC(2, 0x2608));
	assert_int_equal(gr_unknown(gr), 2);
}

static void engine_reset(void **state)
{
	struct gr_fixture *gr = *state;
	uint32_t enable = fake_rd32(gr->gpu, PMC_ENABLE);

	gr_boot_falcons(gr);
	fake_wr32(gr->gpu, 0x400500, 0x00010001);
	nvgpu_gr_set_current(gr->gpu, 0x5000);
	fake_wr32(gr->gpu, PMC_ENABLE, enable & ~PMC_ENABLE_GR);
	fake_wr32(gr->gpu, PMC_ENABLE, enable);
	assert_int_equal(fake_rd32(gr->gpu, 0x400500), 0);
	assert_int_equal(fake_rd32(gr->gpu, 0x409b00), 0);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0);
	/* Topology is wired, not programmed. */
	assert_int_equal(fake_rd32(gr->gpu, 0x409604) & 0x1f, NVGPU_GPCS);
	/* FECS has forgotten its firmware, and comes back as before. */
	fake_wr32(gr->gpu, 0x409504, 0x10);
	assert_int_equal(gr_guest_errors(gr), 1);
	gr_boot_falcons(gr);
	assert_int_equal(gr_guest_errors(gr), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gr_setup, gr_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(topology),
		TEST(idle),
		TEST(no_exceptions),
		TEST(arrays),
		TEST(engine_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
