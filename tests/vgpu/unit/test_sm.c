// SPDX-License-Identifier: GPL-2.0-or-later
/* Grids: placing, barriers, budgets, being saved and restored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sm_fixture.h"

#define SR_TID_Y	0x22
#define SR_TID_Z	0x23
#define SR_CTAID_Y	0x26
#define SR_CTAID_Z	0x27

/* R0:R1 = c0[0] + R3 * 4: four instructions */
#define ADDRESS0	MOV_CB(0, 0, 0)
#define ADDRESS1	MOV_CB(1, 0, 4)
#define ADDRESS2	(ISCADD(0, 3, 0, 2) | IADD_CC)
#define ADDRESS3	(IADD(1, 1, SASS_RZ) | IADD_X)

static void load(struct sm *sm, const uint64_t *words, unsigned int n)
{
	sm_code(sm, words, n);
	sm_arg64(sm, 0, SM_DATA);
}

/* Every thread of every CTA runs once, with ids of its own. */
static void test_ids(void **state)
{
	static const uint64_t words[] = {
		/* R3 = linear number of the thread; sizes 5x3x2, grid 7x3x2 */
		S2R(3, SR_CTAID_Z), S2R(4, SR_CTAID_Y), S2R(5, SR_CTAID_X),
		OP(0x3600) | D(3) | A(3) | FIELD(3, 20) | C(4),
		OP(0x3600) | D(3) | A(3) | FIELD(7, 20) | C(5),
		S2R(4, SR_TID_Z), S2R(5, SR_TID_Y), S2R(6, SR_TID_X),
		OP(0x3600) | D(3) | A(3) | FIELD(2, 20) | C(4),
		OP(0x3600) | D(3) | A(3) | FIELD(3, 20) | C(5),
		OP(0x3600) | D(3) | A(3) | FIELD(5, 20) | C(6),
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		IADD_I(7, SASS_RZ, 1),
		RED(0, 0, 0, 0, 7),
		EXIT,
	};
	static const uint32_t cta[] = { 5, 3, 2 }, grid[] = { 7, 3, 2 };
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_VRAM);
	memcpy(sm->grid.cta_dim, cta, sizeof(cta));
	memcpy(sm->grid.grid_dim, grid, sizeof(grid));
	for (i = 0; i <= 30 * 42; i++)
		sm_wr32(sm, PT_VRAM, i * 4, 100);
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	for (i = 0; i < 30 * 42; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4), 101);
	assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4), 100);
	assert_int_equal(sm_counter(sm, "launches"), 1);
}

/* Far more CTAs than fit at once, of the largest size */
static void test_many_ctas(void **state)
{
	static const uint64_t words[] = {
		IADD_I(3, SASS_RZ, 0),
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		IADD_I(7, SASS_RZ, 1),
		RED(0, 0, 0, 0, 7),
		EXIT,
	};
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	sm->grid.cta_dim[0] = 1024;
	sm->grid.grid_dim[0] = 40;
	sm->grid.shared_size = 48 << 10;
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, PT_SYS, 0), 40 * 1024);
}

static void test_launch_refused(void **state)
{
	struct sm *sm = *state;
	struct nvgpu_grid good = sm->grid, grid;
	unsigned int i;

	for (i = 0; i < 9; i++) {
		grid = good;
		switch (i) {
		case 0:
			grid.cta_dim[1] = 0;
			break;
		case 1:
			grid.cta_dim[2] = 33;
			break;
		case 2:
			grid.shared_size = (64 << 10) + 1;
			break;
		case 3:
			grid.registers = 0;
			break;
		case 4:
			grid.registers = 256;
			break;
		case 5:
			grid.barriers = 17;
			break;
		case 6:
			grid.cb_size[3] = (64 << 10) + 1;
			break;
		case 7:
			grid.cta_dim[0] = 2048;
			break;
		case 8:
			grid.local_size = (512 << 10) + 1;
			break;
		}
		assert_false(nvgpu_sm_launch(sm->gpu, sm->chan, &grid));
		assert_int_equal(sm_counter(sm, "guest_errors"), i + 1);
		assert_true(nvgpu_sm_idle(sm->gpu));
	}
}

/* A grid of no CTAs is done before it starts. */
static void test_empty_grid(void **state)
{
	struct sm *sm = *state;

	sm->grid.grid_dim[1] = 0;
	assert_true(nvgpu_sm_launch(sm->gpu, sm->chan, &sm->grid));
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_null(nvgpu_sm_channel(sm->gpu));
	assert_int_equal(nvgpu_sm_run(sm->gpu, 100), 0);
}

/* No more than the budget, to the instruction */
static void test_budget(void **state)
{
	static const uint64_t words[] = { NOP, NOP, NOP, NOP, NOP, EXIT };
	struct sm *sm = *state;

	sm->grid.cta_dim[0] = 64;
	sm->grid.grid_dim[0] = 3;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_ptr_equal(nvgpu_sm_channel(sm->gpu), sm->chan);
	assert_int_equal(nvgpu_sm_run(sm->gpu, 0), 0);
	assert_int_equal(nvgpu_sm_run(sm->gpu, 1), 1);
	assert_int_equal(nvgpu_sm_run(sm->gpu, 20), 20);
	assert_int_equal(nvgpu_sm_run(sm->gpu, 1000), 15);
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_int_equal(sm_counter(sm, "warp_instructions"), 36);
	assert_int_equal(sm_counter(sm, "lane_instructions"), 36 * 32);
}

/*
 * Somebody waits for the GPU all the time: it gets there soon, and yet every SM
 * has its turn, one that runs for ever or not.
 */
static void test_wanted(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_CTAID_X),			/* 0 */
		ISETP_I(0, LT, 3, 1),
		BRA_IF(0, TO(2, 2)),
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		IADD_I(7, SASS_RZ, 1),
		RED(0, 0, 0, 0, 7),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int i, done;

	sm_map_all(sm, PT_VRAM);
	sm_wr32(sm, PT_VRAM, 4, 100);
	sm->grid.grid_dim[0] = 2;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	sm->host.wanted = true;
	for (i = 0; i < 10; i++) {
		done = nvgpu_sm_run(sm->gpu, 1000);
		assert_in_range(done, 1, 50);
	}
	assert_int_equal(sm_rd32(sm, PT_VRAM, 4), 100 + 32);
	assert_false(nvgpu_sm_idle(sm->gpu));
}

#define ROUNDS	50

/*
 * In each round every thread adds up its neighbour in the next warp, which
 * only holds the right value if nobody runs ahead.
 */
static void test_barrier(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_TID_X),			/* 0 */
		SHL_I(4, 3, 2),				/* own slot */
		IADD_I(5, 3, 32),
		LOP_AND_I(5, 5, 255),
		SHL_I(5, 5, 2),				/* neighbour's */
		MOV(6, 3),				/* 5: value */
		MOV(7, SASS_RZ),			/* round */
		/* loop */
		STS(B32, 4, 0, 6),
		BAR_SYNC(0),
		LDS(B32, 8, 5, 0),
		BAR_SYNC(0),				/* 10 */
		IADD(6, 6, 8),
		IADD_I(7, 7, 1),
		ISETP_I(0, LT, 7, ROUNDS),
		BRA_IF(0, TO(14, 7)),
		ADDRESS0,				/* 15 */
		ADDRESS1, ADDRESS2, ADDRESS3,
		ST(B32, 0, 0, 6),
		EXIT,
	};
	uint32_t v[256], next[256];
	struct sm *sm = *state;
	unsigned int i, round;

	for (i = 0; i < 256; i++)
		v[i] = i;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < 256; i++)
			next[i] = v[i] + v[(i + 32) % 256];
		memcpy(v, next, sizeof(v));
	}
	sm_map_all(sm, PT_VRAM);
	sm->grid.cta_dim[0] = 256;
	sm->grid.shared_size = 1024;
	sm->grid.barriers = 1;
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	for (i = 0; i < 256; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4), v[i]);
}

/* Warps that have exited are not waited for. */
static void test_barrier_exited(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_TID_X),			/* 0 */
		SHR_I(4, 3, 5),
		ISETP_I(0, EQ, 4, 1),
		EXIT_IF(0),		/* warp 1, before the others arrive */
		ISETP_I(1, EQ, 4, 2),
		BRA_IF(1, TO(5, 8)),			/* 5 */
		BAR_SYNC(3),
		BRA(TO(7, 16)),
		/* warp 2 takes its time, then exits without a barrier */
		IADD_I(5, SASS_RZ, 300),
		IADD_I(5, 5, -1),
		ISETP_I(0, GT, 5, 0),			/* 10 */
		BRA_IF(0, TO(11, 9)),
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		/* 16 */
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		IADD_I(7, SASS_RZ, 9),			/* 20 */
		ST(B32, 0, 0, 7),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_VRAM);
	for (i = 0; i < 128; i++)
		sm_wr32(sm, PT_VRAM, i * 4, 0);
	sm->grid.cta_dim[0] = 128;
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	for (i = 0; i < 128; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4),
				 i / 32 == 1 ? 0 : 9);
}

/* One warp waits for another one's arrival, which does not wait itself. */
static void test_barrier_arrive(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_TID_X),			/* 0 */
		ISETP_I(0, LT, 3, 32),
		BRA_IF(0, TO(2, 8)),
		IADD_I(4, SASS_RZ, 123),
		STS(B32, SASS_RZ, 0, 4),
		BAR_ARV(2, 64),				/* 5 */
		EXIT,
		NOP,
		BAR_SYNC(2) | FIELD(64, 20),
		LDS(B32, 4, SASS_RZ, 0),
		ADDRESS0,				/* 10 */
		ADDRESS1, ADDRESS2, ADDRESS3,
		ST(B32, 0, 0, 4),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_VRAM);
	sm->grid.cta_dim[0] = 64;
	sm->grid.shared_size = 4;
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	for (i = 0; i < 32; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4), 123);
}

/* Waiting for warps that never come is found out, and ends the grid. */
static void test_barrier_deadlock(void **state)
{
	static const uint64_t words[] = {
		BAR_SYNC(1) | FIELD(96, 20),
		EXIT,
	};
	struct sm *sm = *state;

	sm->grid.cta_dim[0] = 64;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_counter(sm, "guest_errors"), 1);
}

/* A grid taken off the SMs and put back does not notice. */
static void test_save_restore(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_TID_X),			/* 0 */
		S2R(4, SR_CTAID_X),
		ISCADD(3, 4, 3, 6),
		MOV(5, SASS_RZ),
		MOV(6, SASS_RZ),
		/* 5: R6 = sum of 1 to R3 */
		IADD_I(5, 5, 1),
		IADD(6, 6, 5),
		ISETP(0, LT, 5, 3),
		BRA_IF(0, TO(8, 5)),
		NOP, NOP, NOP,
		ADDRESS0, ADDRESS1, ADDRESS2, ADDRESS3,
		ST(B32, 0, 0, 6),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int i, saves = 0;

	sm_map_all(sm, PT_VRAM);
	sm->grid.cta_dim[0] = 64;
	sm->grid.grid_dim[0] = 5;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	while (!nvgpu_sm_idle(sm->gpu)) {
		void *saved = nvgpu_sm_save(sm->gpu);

		assert_true(nvgpu_sm_idle(sm->gpu));
		assert_int_equal(nvgpu_sm_run(sm->gpu, 100), 0);
		nvgpu_sm_restore(sm->gpu, saved);
		nvgpu_sm_run(sm->gpu, 77);
		saves++;
	}
	assert_true(saves > 10);
	for (i = 1; i < 320; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i * 4),
				 i * (i + 1) / 2);
}

static void test_saved_free(void **state)
{
	static const uint64_t words[] = { NOP, EXIT };
	struct sm *sm = *state;

	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	nvgpu_sm_saved_free(nvgpu_sm_save(sm->gpu));
	assert_true(nvgpu_sm_idle(sm->gpu));
	nvgpu_sm_saved_free(NULL);
}

/* Code may change between two grids, and the new one is run. */
static void test_code_changes(void **state)
{
	uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4), MOV32I(2, 1),
		ST(B32, 0, 0, 2), EXIT,
	};
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, PT_VRAM, 0), 1);
	words[2] = MOV32I(2, 2);
	load(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, PT_VRAM, 0), 2);
}

/* An unknown instruction says where and what, and takes the channel. */
static void test_unknown(void **state)
{
	static const uint64_t words[] = {
		NOP, NOP, FIELD(0xf123, 48) | 0x4567, EXIT,
	};
	struct sm *sm = *state;

	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_counter(sm, "unknown"), 1);
	assert_non_null(strstr(sm->host.last_error, "f123000000004567"));
	assert_non_null(strstr(sm->host.last_error, "10000018"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ids),
		TEST(test_many_ctas),
		TEST(test_launch_refused),
		TEST(test_empty_grid),
		TEST(test_budget),
		TEST(test_wanted),
		TEST(test_barrier),
		TEST(test_barrier_exited),
		TEST(test_barrier_arrive),
		TEST(test_barrier_deadlock),
		TEST(test_save_restore),
		TEST(test_saved_free),
		TEST(test_code_changes),
		TEST(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
