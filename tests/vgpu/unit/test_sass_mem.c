// SPDX-License-Identifier: GPL-2.0-or-later
/* Loads and stores of one warp, in all memories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sm_fixture.h"

static void fill(struct sm *sm, uint64_t bits, unsigned int pages)
{
	uint64_t i;

	for (i = 0; i < pages * SM_PAGE; i += 4)
		sm_wr32(sm, bits, i, sm_pattern(i));
}

static uint32_t expect_load(unsigned int size, unsigned int l, unsigned int w)
{
	uint32_t v = sm_pattern(l * SM_STRIDE + w * 4);
	unsigned int words = size == B128 ? 4 : size == B64 ? 2 : 1;

	if (w >= words)
		return 0x5555;
	switch (size) {
	case U8:
		return (uint8_t)v;
	case S8:
		return (int8_t)v;
	case U16:
		return (uint16_t)v;
	case S16:
		return (int16_t)v;
	default:
		return v;
	}
}

static void check_loads(struct sm *sm, uint64_t bits)
{
	unsigned int size, l, w;

	for (size = U8; size <= B128; size++) {
		uint64_t words[] = {
			MOV32I(8, 0x5555), MOV32I(9, 0x5555),
			MOV32I(10, 0x5555), MOV32I(11, 0x5555),
			LD(size, 8, 0, 0),
			ST(B128, 0, SM_RESULT, 8),
			EXIT,
		};

		fill(sm, bits, 3);
		sm_lanes_run(sm, words, ARRAY_SIZE(words));
		for (l = 0; l < SM_LANES; l++)
			for (w = 0; w < 4; w++)
				assert_int_equal(sm_rd32(sm, bits, SM_RESULT +
							 l * SM_STRIDE + w * 4),
						 expect_load(size, l, w));
	}
}

static void test_loads(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	check_loads(sm, PT_VRAM);
}

static void test_loads_system(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	check_loads(sm, PT_SYS);
}

/* What a store of @size leaves at byte @b of a lane's 16 */
static uint8_t expect_store(unsigned int size, unsigned int l, unsigned int b)
{
	static const uint8_t bytes[] = { 1, 1, 2, 2, 4, 8, 16 };
	uint64_t from = b < bytes[size] ? SM_OPERAND : 0;

	return sm_pattern(from + l * SM_STRIDE + b / 4 * 4) >> b % 4 * 8;
}

static void test_stores(void **state)
{
	struct sm *sm = *state;
	const uint8_t *ram = sm->host.ram + SM_DATA_RAM;
	unsigned int size, l, b;

	sm_map_all(sm, PT_SYS);
	for (size = U8; size <= B128; size++) {
		uint64_t words[] = {
			LD(B128, 8, 0, SM_OPERAND),
			ST(size, 0, 0, 8),
			EXIT,
		};

		fill(sm, PT_SYS, 3);
		sm_lanes_run(sm, words, ARRAY_SIZE(words));
		for (l = 0; l < SM_LANES; l++)
			for (b = 0; b < SM_STRIDE; b++)
				assert_int_equal(ram[l * SM_STRIDE + b],
						 expect_store(size, l, b));
	}
}

/* RZ reads as zero, in every width; loads to it are dropped. */
static void test_zero_register(void **state)
{
	static const uint64_t words[] = {
		LD(B128, SASS_RZ, 0, 0),
		ST(B128, 0, 0, SASS_RZ),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_VRAM);
	fill(sm, PT_VRAM, 1);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (i = 0; i < SM_LANES * SM_STRIDE; i += 4)
		assert_int_equal(sm_rd32(sm, PT_VRAM, i), 0);
	assert_int_equal(sm_rd32(sm, PT_VRAM, i), sm_pattern(i));
}

/* Each lane on a page of its own, backwards; and all on one word. */
static void test_scatter(void **state)
{
	static const uint64_t words[] = {
		/* R4:R5 = base + (31 - lane) * 0x1010 */
		OP(0x5c40) | D(3) | B(2) | FIELD(7, 40) | FIELD(7, 48),
		LOP_AND_I(3, 3, 31),
		SHL_I(6, 3, 4),
		ISCADD(6, 3, 6, 12),
		MOV_CB(4, 0, 0), MOV_CB(5, 0, 4),
		IADD(4, 4, 6) | IADD_CC,
		IADD(5, 5, SASS_RZ) | IADD_X,
		LD(B32, 8, 4, 0),
		IADD(8, 8, 2),
		ST(B32, 4, 0, 8),
		/* every lane writes lane 0's first word: the last one stays */
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		ST(B32, 0, 8, 2),
		LD(B32, 9, 0, 8),
		ST(B32, 4, 4, 9),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm_map_all(sm, PT_VRAM);
	fill(sm, PT_VRAM, 32);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	assert_int_equal(sm_rd32(sm, PT_VRAM, 8), 31);
	for (l = 0; l < SM_LANES; l++) {
		uint64_t at = (31 - l) * 0x1010;

		assert_int_equal(sm_rd32(sm, PT_VRAM, at), sm_pattern(at) + l);
		assert_int_equal(sm_rd32(sm, PT_VRAM, at + 4), 31);
	}
}

/* Offsets are signed; without .E addresses have 32 bits. */
static void test_addressing(void **state)
{
	static const uint64_t words[] = {
		IADD_I(4, 0, 0x1000),
		IADD(5, 1, SASS_RZ),
		LD(B32, 8, 4, -0x1000),
		/* c0[8] is an address below 4 GiB */
		MOV_CB(6, 0, 8),
		ISCADD(6, 2, 6, 2),
		ST(B32, 6, -4, 8) & ~BIT64(52),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm_map_all(sm, PT_VRAM);
	pt_map(&sm->pt, 0x20000000, PT_4K, SM_DATA_VRAM + SM_PAGE, PT_VRAM);
	fill(sm, PT_VRAM, 2);
	sm_arg32(sm, 8, 0x20000004);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < SM_LANES; l++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, SM_PAGE + l * 4),
				 sm_pattern(l * SM_STRIDE));
}

/* Guarded off lanes touch nothing, not even a page that is not there. */
static void test_guard(void **state)
{
	static const uint64_t words[] = {
		ISETP_I(0, LT, 2, 16),
		SHL_I(6, 2, 12),
		IADD(0, 0, 6) | IADD_CC,
		IADD(1, 1, SASS_RZ) | IADD_X,
		ST(B32, 0, 0, 2) ^ FIELD(7, 16),	/* guard P0 */
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	for (l = 0; l < 16; l++)
		sm_map(sm, l, PT_VRAM);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < 16; l++)
		assert_int_equal(sm_rd32(sm, PT_VRAM,
					 l * (SM_PAGE + SM_STRIDE)), l);
	assert_int_equal(sm_counter(sm, "faults_replayable"), 0);
}

/* Shared memory, by its own instructions and through the window */
static void test_shared(void **state)
{
	static const uint64_t words[] = {
		LD(B128, 8, 0, SM_OPERAND),
		SHL_I(3, 2, 4),
		IADD_I(4, 3, 0x400),
		STS(B128, 4, -0x400, 8),
		LDS(B64, 12, 3, 8),
		/* R6 = window + lane * 16, R7 = 0 */
		MOV_CB(6, 0, 8),
		IADD(6, 6, 3),
		MOV(7, SASS_RZ),
		ST(B32, 6, 4, 2),
		LD(B64, 14, 6, 0),
		LDS(U8, 16, 3, 3),
		ST(B128, 0, SM_RESULT, 12),
		ST(U8, 0, 0, 16),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm->grid.shared_size = 0x200;
	sm_map_all(sm, PT_VRAM);
	fill(sm, PT_VRAM, 2);
	sm_arg32(sm, 8, SM_SHARED_WINDOW);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < SM_LANES; l++) {
		uint64_t in = SM_OPERAND + l * SM_STRIDE, out = in + SM_PAGE;

		assert_int_equal(sm_rd32(sm, PT_VRAM, out), sm_pattern(in + 8));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 4),
				 sm_pattern(in + 12));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 8), sm_pattern(in));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 12), l);
		assert_int_equal(sm_rd32(sm, PT_VRAM, l * SM_STRIDE) & 0xff,
				 sm_pattern(in) >> 24);
	}
}

/* Each lane has its own local memory at the same address. */
static void test_local(void **state)
{
	static const uint64_t words[] = {
		IADD_I(3, SASS_RZ, 0x10),
		STL(B32, 3, 0, 2),
		STL(B32, 3, 4, 2),
		STL(U8, 3, 5, SASS_RZ),
		/* all lanes must have written before one reads */
		MOV_CB(6, 0, 8),
		MOV(7, SASS_RZ),
		LD(B64, 8, 6, 0x10),
		LDL(S8, 10, 3, 0),
		ST(B64, 0, SM_RESULT, 8),
		ST(B32, 0, SM_RESULT + 8, 10),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm->grid.local_size = 0x20;
	sm_map_all(sm, PT_VRAM);
	sm_arg32(sm, 8, SM_LOCAL_WINDOW);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < SM_LANES; l++) {
		uint64_t out = SM_RESULT + l * SM_STRIDE;

		assert_int_equal(sm_rd32(sm, PT_VRAM, out), l);
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 4), l);
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 8), l);
	}
}

static void test_constants(void **state)
{
	static const uint64_t words[] = {
		SHL_I(3, 2, 2),
		LDC(B32, 8, 0, 3, 0x100),
		LDC(B64, 10, 0, SASS_RZ, 0x104 + 4),
		/* bank 2 by index: R4 = 2 << 16 | lane * 4 */
		MOV32I(4, 2 << 16),
		IADD(4, 4, 3),
		LDC(B32, 9, 0, 4, 0) | FIELD(2, 44),
		LDC(U8, 12, 2, SASS_RZ, 1),
		/* beyond the end of bank 2 */
		MOV_CB(13, 2, 0x80),
		ST(B128, 0, SM_RESULT, 8),
		ST(B64, 0, 0, 12),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm_map_all(sm, PT_VRAM);
	for (l = 0; l < SM_LANES * 4; l += 4)
		sm_arg32(sm, 0x100 + l, sm_pattern(l));
	sm->grid.cb[2] = SM_CB + 0x100;
	sm->grid.cb_size[2] = 0x80;
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < SM_LANES; l++) {
		uint64_t out = SM_RESULT + l * SM_STRIDE;

		assert_int_equal(sm_rd32(sm, PT_VRAM, out), sm_pattern(l * 4));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 4),
				 sm_pattern(l * 4));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 8), sm_pattern(8));
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + 12),
				 sm_pattern(12));
		assert_int_equal(sm_rd32(sm, PT_VRAM, l * SM_STRIDE),
				 sm_pattern(0) >> 8 & 0xff);
		assert_int_equal(sm_rd32(sm, PT_VRAM, l * SM_STRIDE + 4), 0);
	}
}

/* What hardware answers with an exception ends the grid and the channel. */
static void check_dies(struct sm *sm, const uint64_t *words, unsigned int n,
		       const char *why)
{
	sm_lanes_load(sm, words, n);
	sm_launch(sm);
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_non_null(strstr(sm->host.last_error, why));
	sm_chan_revive(sm);
}

static void test_exceptions(void **state)
{
	static const struct {
		uint64_t word;
		const char *why;
	} cases[] = {
		{ LD(B64, 8, 0, 4), "misaligned address" },
		{ LDS(B32, 8, SASS_RZ, 2), "misaligned address" },
		{ LDS(B32, 8, SASS_RZ, 0x100), "shared memory" },
		{ STS(B32, SASS_RZ, -4, 8), "shared memory" },
		{ LDL(B32, 8, SASS_RZ, 0x10), "local memory" },
		{ LD(B64, 9, 0, 0), "misaligned" },
		{ LD(B128, 28, 0, 0x1000000) | D(60), "out of range" },
		{ IADD(40, 0, 0), "out of range" },
		{ LDC(B32, 8, 3, SASS_RZ, 0), "not bound" },
		{ LDC(B32, 8, 0, SASS_RZ, 1), "misaligned constant" },
		{ ATOM(0, 0, 8, 0, 2, 2), "misaligned address" },
		{ ATOMS(0, 0, 8, SASS_RZ, 0x100, 2), "shared memory" },
		{ LD(7, 8, 0, 0), "size not modelled" },
		{ ATOM(1, 3, 8, 0, 0, 2), "type or operation" },
		{ ATOM(9, 0, 8, 0, 0, 2), "type or operation" },
		{ S2R(8, 0x77), "register not modelled" },
		{ OP(0xc038), "TEX: opcode not modelled" },
		{ FIELD(0xffff, 48), "unknown opcode" },
		{ IADD(8, 2, 2) | BIT64(44), "modifier not modelled" },
	};
	struct sm *sm = *state;
	unsigned int i;

	sm->grid.shared_size = 0x100;
	sm->grid.local_size = 0x10;
	sm_map_all(sm, PT_VRAM);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t words[] = { cases[i].word, EXIT };

		check_dies(sm, words, ARRAY_SIZE(words), cases[i].why);
	}
}

/* What the bus refuses reads as ones and is written nowhere. */
static void test_bus_error(void **state)
{
	static const uint64_t words[] = {
		LD(B32, 8, 0, 0),
		ST(B32, 0, 0, 2),
		ATOM(0, 0, 9, 0, 0, 2),
		ST(B64, 0, SM_RESULT, 8),
		EXIT,
	};
	struct sm *sm = *state;
	unsigned int l;

	sm_map(sm, 0, PT_SYS);
	sm_map(sm, 2, PT_VRAM);
	sm->host.refuse = SM_DATA_RAM;
	sm_lanes_load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_true(sm_run(sm));
	assert_true(sm_counter(sm, "dma_errors") > 0);
	for (l = 0; l < SM_LANES; l++) {
		assert_int_equal(sm_rd32(sm, PT_VRAM,
					 SM_RESULT + l * SM_STRIDE),
				 UINT32_MAX);
		assert_int_equal(sm_rd32(sm, PT_VRAM,
					 SM_RESULT + l * SM_STRIDE + 4),
				 UINT32_MAX);
		assert_int_equal(sm->host.ram[SM_DATA_RAM + l * SM_STRIDE], 0);
	}
}

/* A barrier for the GPU lets stores out of the SM; what it is for: test_stores.c */
static void test_membar(void **state)
{
	static const uint64_t words[] = {
		ST(B32, 0, 0, 2), OP(0xef98) | FIELD(1, 8), NOP, EXIT,
	};
	struct sm *sm = *state;

	sm_map(sm, 0, PT_VRAM);
	sm_wr32(sm, PT_VRAM, SM_STRIDE, UINT32_MAX);
	sm_lanes_load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	nvgpu_sm_run(sm->gpu, 7);
	assert_int_equal(sm_rd32(sm, PT_VRAM, SM_STRIDE), UINT32_MAX);
	nvgpu_sm_run(sm->gpu, 1);
	assert_int_equal(sm_rd32(sm, PT_VRAM, SM_STRIDE), 1);
	assert_true(sm_run(sm));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_loads),
		TEST(test_loads_system),
		TEST(test_stores),
		TEST(test_zero_register),
		TEST(test_scatter),
		TEST(test_addressing),
		TEST(test_guard),
		TEST(test_shared),
		TEST(test_local),
		TEST(test_constants),
		TEST(test_exceptions),
		TEST(test_membar),
		TEST(test_bus_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
