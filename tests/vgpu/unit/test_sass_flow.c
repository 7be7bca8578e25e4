// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Divergence: every program ends with a ballot, which must see all lanes
 * that are alive: lanes that parted have met again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define LIMIT		20000

/* R31 = lanes that are active here */
#define BALLOT		(OP(0x50d8) | D(31) | PT39 | FIELD(7, 45))

static void run(struct sass *s, const uint64_t *words, unsigned int n)
{
	unsigned int r;

	for (r = 0; r < 32; r++)
		memset(s->w->r[r], 0, sizeof(s->w->r[r]));
	s->w->active = NVGPU_ALL_LANES;
	if (!sass_program(s, words, n, LIMIT))
		fail_msg("%s", s->host.last_error);
	assert_int_equal(s->w->depth, 0);
}

static void check_met(struct sass *s)
{
	unsigned int l;

	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[31][l], NVGPU_ALL_LANES);
}

static void test_if_else(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		ISETP_I(0, LT, 0, 10),
		SSY(TO(2, 8)),
		BRA_IF(0, TO(3, 6)),
		MOV32I(1, 200),
		SYNC,					/* 5 */
		MOV32I(1, 100),
		SYNC,
		BALLOT,
		EXIT,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[1][l], l < 10 ? 100 : 200);
	check_met(s);
}

/* A branch that all lanes take, or none, parts nobody. */
static void test_uniform(void **state)
{
	static const uint64_t words[] = {
		ISETP_I(0, EQ, SASS_RZ, 0),		/* 0 */
		BRA_IF(0, TO(1, 3)),
		MOV32I(1, 1),
		BRA_UNLESS(0, TO(3, 6)),
		MOV32I(2, 2),
		BALLOT,					/* 5 */
		EXIT,
	};
	struct sass *s = *state;

	run(s, words, ARRAY_SIZE(words));
	assert_int_equal(s->w->r[1][0], 0);
	assert_int_equal(s->w->r[2][0], 2);
	check_met(s);
}

static void test_nested_if(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		ISETP_I(0, LT, 0, 16),
		LOP_AND_I(2, 0, 1),
		ISETP_I(1, NE, 2, 0),
		SSY(TO(4, 18)),
		BRA_IF(0, TO(5, 12)),		/* 5 */
		/* lanes 16 and up */
		SSY(TO(6, 10)),
		BRA_IF(1, TO(7, 9)),
		IADD_I(1, 1, 1),
		SYNC,		/* even lanes; odd ones jump */
		IADD_I(1, 1, 10),			/* 10 */
		SYNC,
		/* lanes below 16 */
		SSY(TO(12, 16)),
		BRA_UNLESS(1, TO(13, 15)),
		IADD_I(1, 1, 100),
		SYNC,					/* 15 */
		IADD_I(1, 1, 1000),
		SYNC,
		BALLOT,
		EXIT,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[1][l], l < 16 ?
				 1000 + (l & 1 ? 100 : 0) :
				 10 + (l & 1 ? 0 : 1));
	check_met(s);
}

/* Lane l leaves the loop in round l + 1. */
static void test_loop_break(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		PBK(TO(1, 6)),
		IADD_I(1, 1, 1),
		ISETP(0, GT, 1, 0),
		BRK_IF(0),
		BRA(TO(5, 2)),			/* 5 */
		BALLOT,
		EXIT,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[1][l], l + 1);
	check_met(s);
}

/*
 * A break from within an if within a loop: the lanes leave tokens that
 * others still wait for.
 */
static void test_break_in_if(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		PBK(TO(1, 14)),
		IADD_I(1, 1, 1),
		LOP_AND_I(2, 1, 3),
		SSY(TO(4, 11)),
		ISETP_I(0, NE, 2, 0),			/* 5 */
		BRA_IF(0, TO(6, 10)),
		/* every fourth round: leave, if it is this lane's time */
		ISETP(1, GE, 1, 0),
		BRK_IF(1),
		SYNC,
		SYNC,					/* 10 */
		IADD_I(3, 3, 1),
		ISETP_I(2, LT, 1, 100),
		BRA_IF(2, TO(13, 2)),
		BALLOT,
		EXIT,					/* 15 */
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++) {
		unsigned int rounds = l < 4 ? 4 : (l + 3) / 4 * 4;

		assert_int_equal(s->w->r[1][l], rounds);
		assert_int_equal(s->w->r[3][l], rounds - 1);
	}
	check_met(s);
}

/* for (i = 1; i <= lane; i++) { if (i & 1) continue; sum += i; } */
static void test_continue(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		PBK(TO(1, 10)),
		PCNT(TO(2, 2)),
		IADD_I(1, 1, 1),
		ISETP(0, GT, 1, 0),
		BRK_IF(0),				/* 5 */
		LOP_AND_I(2, 1, 1),
		ISETP_I(1, NE, 2, 0),
		CONT_IF(1),
		BRA(TO(9, 12)),
		BALLOT,					/* 10 */
		EXIT,
		IADD(3, 3, 1),
		CONT,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++) {
		unsigned int n = l / 2;

		assert_int_equal(s->w->r[3][l], n * (n + 1));
	}
	check_met(s);
}

/* Lanes return from a function at different places, and from a second. */
static void test_calls(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		CAL(TO(1, 5)),
		CAL(TO(2, 12)),
		BALLOT,
		EXIT,
		ISETP_I(0, LT, 0, 8),			/* 5 */
		IADD_I(1, 1, 1),
		RET_IF(0),
		CAL(TO(8, 12)),
		ISETP_I(0, LT, 0, 16),
		RET_IF(0),				/* 10 */
		RET,
		IADD_I(2, 2, 1),
		RET,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++) {
		assert_int_equal(s->w->r[1][l], 1);
		assert_int_equal(s->w->r[2][l], l < 8 ? 1 : 2);
	}
	check_met(s);
}

/* PRET names where to return to by itself. */
static void test_pret(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		ISETP_I(0, LT, 0, 5),
		PRET(TO(2, 6)),
		RET_IF(0),
		MOV32I(1, 7),
		RET,					/* 5 */
		BALLOT,
		EXIT,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[1][l], l < 5 ? 0 : 7);
	check_met(s);
}

/* Mesa's builtins: a guard on SYNC, and absolute calls. */
static void test_guarded_sync(void **state)
{
	uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		JCAL(SASS_AT(4)),
		BALLOT,
		EXIT,
		SSY(TO(4, 9)),
		ISETP_I(0, GE, 0, 20),			/* 5 */
		OP_UNLESS(0, 0xf0f8) | TRUE5,
		MOV32I(1, 5),
		SYNC,
		IADD_I(1, 1, 1),
		JMP(SASS_AT(12)),			/* 10 */
		MOV32I(1, 99),
		RET,
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[1][l], l < 20 ? 1 : 6);
	check_met(s);
}

/* Lanes that exit are missed by no one. */
static void test_exit(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		LOP_AND_I(2, 0, 1),
		ISETP_I(0, NE, 2, 0),
		SSY(TO(3, 9)),
		PBK(TO(4, 8)),
		EXIT_IF(0),				/* 5 */
		MOV32I(1, 1),
		BRK,
		SYNC,
		BALLOT,
		EXIT,					/* 10 */
	};
	struct sass *s = *state;
	unsigned int l;

	run(s, words, ARRAY_SIZE(words));
	for (l = 0; l < NVGPU_LANES; l++) {
		assert_int_equal(s->w->r[1][l], !(l & 1));
		assert_int_equal(s->w->r[31][l], l & 1 ? 0 : 0x55555555);
	}
}

/* The lanes that jump go first: they see what the others did not do yet. */
static void test_order(void **state)
{
	static const uint64_t words[] = {
		S2R(0, SR_LANEID),			/* 0 */
		ISETP_I(0, LT, 0, 4),
		SSY(TO(2, 8)),
		BRA_IF(0, TO(3, 6)),
		OP(0xf0c8) | D(1) | FIELD(0x50, 20),	/* S2R clock */
		SYNC,					/* 5 */
		OP(0xf0c8) | D(1) | FIELD(0x50, 20),
		SYNC,
		BALLOT,
		EXIT,
	};
	struct sass *s = *state;

	run(s, words, ARRAY_SIZE(words));
	assert_true(s->w->r[1][0] < s->w->r[1][4]);
	check_met(s);
}

static bool dies(struct sass *s, const uint64_t *words, unsigned int n)
{
	s->w->active = NVGPU_ALL_LANES;
	return !sass_program(s, words, n, LIMIT) && s->w->alive;
}

static void test_stack_misuse(void **state)
{
	static const uint64_t empty[][2] = {
		{ SYNC, EXIT }, { BRK, EXIT }, { CONT, EXIT }, { RET, EXIT },
	};
	static const uint64_t endless[] = {
		SSY(0),
		BRA(TO(1, 0)),
	};
	struct sass *s = *state;
	uint64_t errors = nvgpu_counter(s->gpu, "guest_errors");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(empty); i++)
		assert_true(dies(s, empty[i], 2));
	assert_true(dies(s, endless, 2));
	assert_int_equal(nvgpu_counter(s->gpu, "guest_errors"), errors + 5);
}

/* A condition code test other than "true" is not modelled, and says so. */
static void test_condition_code(void **state)
{
	static const uint64_t words[] = { OP(0xe240) | 0x2, EXIT };
	struct sass *s = *state;
	uint64_t unknown = nvgpu_counter(s->gpu, "unknown");

	assert_true(dies(s, words, 2));
	assert_int_equal(nvgpu_counter(s->gpu, "unknown"), unknown + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_if_else),
		cmocka_unit_test(test_uniform),
		cmocka_unit_test(test_nested_if),
		cmocka_unit_test(test_loop_break),
		cmocka_unit_test(test_break_in_if),
		cmocka_unit_test(test_continue),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_pret),
		cmocka_unit_test(test_guarded_sync),
		cmocka_unit_test(test_exit),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_stack_misuse),
		cmocka_unit_test(test_condition_code),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown);
}
