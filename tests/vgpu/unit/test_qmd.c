// SPDX-License-Identifier: GPL-2.0-or-later
/* QMD: every field in its bits, what is refused, launches and waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gr_fixture.h"
#include "qmd.h"

static void put(uint8_t *raw, unsigned int hi, unsigned int lo, uint64_t val)
{
	unsigned int i;

	for (i = lo; i <= hi; i++)
		if (val >> (i - lo) & 1)
			raw[i / 8] |= 1u << i % 8;
}

/* The bits as clc0c0qmd.h has them, each field with a value of its own */
static void decode(void **state)
{
	struct gr_fixture *gr = *state;
	uint8_t raw[NVGPU_QMD_SIZE] = { 0 };
	struct nvgpu_grid grid;
	unsigned int i;

	put(raw, 134, 134, 1);
	put(raw, 287, 256, 0x12340);
	put(raw, 415, 384, 0x10001);
	put(raw, 431, 416, 0xfffe);
	put(raw, 463, 448, 0x1234);
	put(raw, 561, 544, 0x20300);
	put(raw, 607, 592, 1024);
	put(raw, 623, 608, 3);
	put(raw, 639, 624, 64);
	put(raw, 951, 928, 0x1000);
	put(raw, 983, 960, 0x30);
	put(raw, 959, 955, 16);
	put(raw, 991, 984, 255);
	assert_true(nvgpu_qmd_decode(gr->gpu, raw, &grid));
	assert_true(grid.l1);
	assert_int_equal(grid.code, 0x12340);
	assert_int_equal(grid.grid_dim[0], 0x10001);
	assert_int_equal(grid.grid_dim[1], 0xfffe);
	assert_int_equal(grid.grid_dim[2], 0x1234);
	assert_int_equal(grid.shared_size, 0x20300);
	assert_int_equal(grid.cta_dim[0], 1024);
	assert_int_equal(grid.cta_dim[1], 3);
	assert_int_equal(grid.cta_dim[2], 64);
	assert_int_equal(grid.local_size, 0x1030);
	assert_int_equal(grid.barriers, 16);
	assert_int_equal(grid.registers, 255);
	for (i = 0; i < NVGPU_CONST_BANKS; i++)
		assert_int_equal(grid.cb_size[i], 0);
}

static void decode_banks(void **state)
{
	struct gr_fixture *gr = *state;
	uint8_t raw[NVGPU_QMD_SIZE] = { 0 };
	struct nvgpu_grid grid;
	unsigned int i;

	for (i = 0; i < NVGPU_CONST_BANKS; i++) {
		unsigned int at = 1024 + 64 * i;

		/* Bank 3 is described but not valid. */
		put(raw, 640 + i, 640 + i, i != 3);
		put(raw, at + 31, at, 0xdead0000u + i * 0x100);
		put(raw, at + 48, at + 32, 0x1ff00 + i);
		put(raw, at + 63, at + 51, (0x10000 >> i) >> 4);
	}
	assert_true(nvgpu_qmd_decode(gr->gpu, raw, &grid));
	for (i = 0; i < NVGPU_CONST_BANKS; i++) {
		if (i == 3) {
			assert_int_equal(grid.cb_size[i], 0);
			continue;
		}
		assert_int_equal(grid.cb[i] >> 32, 0x1ff00 + i);
		assert_int_equal((uint32_t)grid.cb[i],
				 0xdead0000u + i * 0x100);
		assert_int_equal(grid.cb_size[i], 0x10000 >> i);
	}
}

static void versions(void **state)
{
	struct gr_fixture *gr = *state;
	uint8_t raw[NVGPU_QMD_SIZE] = { 0 };
	struct nvgpu_grid grid;

	assert_true(nvgpu_qmd_decode(gr->gpu, raw, &grid));
	put(raw, 583, 580, 2);
	assert_false(nvgpu_qmd_decode(gr->gpu, raw, &grid));
	put(raw, 579, 576, 1);
	assert_true(nvgpu_qmd_decode(gr->gpu, raw, &grid));
	assert_int_equal(gr_unknown(gr), 1);
}

static void refused(void **state)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} absent[] = {
		{ 136, "IS_QUEUE" },
		{ 138, "SEMAPHORE_RELEASE_ENABLE0" },
		{ 139, "SEMAPHORE_RELEASE_ENABLE1" },
		{ 141, "DEPENDENT_QMD_SCHEDULE_ENABLE" },
		{ 370, "SEQUENTIALLY_RUN_CTAS" },
	};
	struct gr_fixture *gr = *state;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(absent); i++) {
		uint8_t raw[NVGPU_QMD_SIZE] = { 0 };
		struct nvgpu_grid grid;

		put(raw, absent[i].bit, absent[i].bit, 1);
		assert_false(nvgpu_qmd_decode(gr->gpu, raw, &grid));
		assert_int_equal(gr_unknown(gr), i + 1);
		assert_non_null(strstr(gr->host.last_error, absent[i].name));
	}
}

#define QMD_VA		(GR_VA + 0x2000)
#define CODE_VA		(GR_VA + 0x3000)
/* A control word before every three instructions; BRA to itself */
#define SCHED		0x001ffc00fc2007efull
#define BRA_SELF	0xe2400fffff87000full

static void launch(struct gr_fixture *gr, uint32_t pcas)
{
	uint8_t raw[NVGPU_QMD_SIZE] = { 0 };
	unsigned int i;

	for (i = 0; i < 32; i += 8) {
		uint64_t word = i ? BRA_SELF : SCHED;

		gr_wr32(gr, CODE_VA + 0x40 + i, word);
		gr_wr32(gr, CODE_VA + 0x44 + i, word >> 32);
	}
	put(raw, 287, 256, 0x40);
	put(raw, 415, 384, 1);
	put(raw, 431, 416, 1);
	put(raw, 463, 448, 1);
	put(raw, 607, 592, 32);
	put(raw, 623, 608, 1);
	put(raw, 639, 624, 1);
	put(raw, 991, 984, 8);
	for (i = 0; i < sizeof(raw); i += 4)
		gr_wr32(gr, QMD_VA + i,
			raw[i] | raw[i + 1] << 8 | raw[i + 2] << 16 |
			(uint32_t)raw[i + 3] << 24);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x1608, CODE_VA >> 32);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x160c, (uint32_t)CODE_VA);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x2b4, QMD_VA >> 8);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x2bc, pcas);
}

/* Everything waits for the grid: methods of any class, the next launch. */
static void methods_wait(void **state)
{
	struct gr_fixture *gr = *state;

	launch(gr, 3);
	assert_false(nvgpu_sm_idle(gr->gpu));
	assert_ptr_equal(nvgpu_sm_channel(gr->gpu), gr->chan);
	assert_int_equal(gr_method(gr, GR_CLASS_COMPUTE, 0x110, 0),
			 NVGPU_METHOD_AGAIN);
	assert_int_equal(gr_method(gr, GR_CLASS_3D, 0x1b0c, 0x1000f010),
			 NVGPU_METHOD_AGAIN);
	assert_int_equal(gr_method(gr, GR_CLASS_COMPUTE, 0x2bc, 3),
			 NVGPU_METHOD_AGAIN);
	assert_true(nvgpu_sm_run(gr->gpu, 100) > 0);
	assert_false(nvgpu_sm_idle(gr->gpu));
	nvgpu_gr_reset(gr->gpu);
	assert_true(nvgpu_sm_idle(gr->gpu));
	gr_ok(gr, GR_CLASS_COMPUTE, 0x110, 0);
	assert_int_equal(gr_unknown(gr) + gr_guest_errors(gr), 0);
}

/* Invalidating a QMD without scheduling it starts nothing. */
static void invalidate_only(void **state)
{
	struct gr_fixture *gr = *state;

	launch(gr, 1);
	assert_true(nvgpu_sm_idle(gr->gpu));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gr_setup, gr_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(decode),
		TEST(decode_banks),
		TEST(versions),
		TEST(refused),
		TEST(methods_wait),
		TEST(invalidate_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
