// SPDX-License-Identifier: GPL-2.0-or-later
/* Integer comparisons and predicates against plain C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define U(v)	((uint32_t)(v))
#define S(v)	((int32_t)(v))

/* name, r, c, i, x, mods, words of d a b c, oracle */
#define ROW(n, r, c, i, x, m, d, a, b, cc, f) \
	{ n, r, c, i, x, m, d, a, b, cc, SASS_INT, f }

/* Each condition, on int and on unsigned */
#define CMP(name, op) \
	static uint64_t o_##name##_s(const struct sass_in *in)		\
	{								\
		bool yes = S(in->a) op S(in->b);			\
									\
		return yes | !yes << 1;					\
	}								\
									\
	static uint64_t o_##name##_u(const struct sass_in *in)		\
	{								\
		bool yes = U(in->a) op U(in->b);			\
									\
		return yes | !yes << 1;					\
	}
CMP(lt, <)
CMP(eq, ==)
CMP(le, <=)
CMP(gt, >)
CMP(ne, !=)
CMP(ge, >=)

static uint64_t o_setp_ge_and(const struct sass_in *in)
{
	return o_ge_u(in) & (in->p ? 3 : 0);
}

static uint64_t o_setp_or(const struct sass_in *in)
{
	return o_eq_u(in) | (in->p ? 3 : 0);
}

static uint64_t o_setp_xor_not(const struct sass_in *in)
{
	return o_ne_s(in) ^ (in->p ? 0 : 3);
}

static uint64_t o_set_le(const struct sass_in *in)
{
	return U(in->a) <= U(in->b) ? UINT32_MAX : 0;
}

static uint64_t o_set_gt_bf(const struct sass_in *in)
{
	return S(in->a) > S(in->b) ? 0x3f800000 : 0;
}

static uint64_t o_set_false(const struct sass_in *in)
{
	return 0;
}

static uint64_t o_set_true(const struct sass_in *in)
{
	return UINT32_MAX;
}

/* With .X: C and Z are of the lower words' subtraction. */
static uint64_t o_set_lt_x(const struct sass_in *in)
{
	return U(in->a) < U(in->b) || (in->a == in->b && !in->carry) ?
	       UINT32_MAX : 0;
}

static uint64_t o_set_eq_x(const struct sass_in *in)
{
	return in->a == in->b && in->zero ? UINT32_MAX : 0;
}

static uint64_t o_icmp_gt(const struct sass_in *in)
{
	return S(in->c) > 0 ? in->a : in->b;
}

static uint64_t o_icmp_ne(const struct sass_in *in)
{
	return in->c ? in->a : in->b;
}

#define I_COND(c)	FIELD(c, 49)
#define I_S32		BIT64(48)
#define SETP(n, m, f) \
	ROW(n, 0x5b60, 0x4b60, 0x3660, 0, (m) | PT39 | SASS_PRED_OUT, 0, 1, \
	    1, 0, f)

static void test_compare(void **state)
{
	static const struct sass_row rows[] = {
		SETP("ISETP.LT", I_COND(LT) | I_S32, o_lt_s),
		SETP("ISETP.LT.U32", I_COND(LT), o_lt_u),
		SETP("ISETP.EQ", I_COND(EQ) | I_S32, o_eq_s),
		SETP("ISETP.EQ.U32", I_COND(EQ), o_eq_u),
		SETP("ISETP.LE", I_COND(LE) | I_S32, o_le_s),
		SETP("ISETP.LE.U32", I_COND(LE), o_le_u),
		SETP("ISETP.GT", I_COND(GT) | I_S32, o_gt_s),
		SETP("ISETP.GT.U32", I_COND(GT), o_gt_u),
		SETP("ISETP.NE", I_COND(NE) | I_S32, o_ne_s),
		SETP("ISETP.NE.U32", I_COND(NE), o_ne_u),
		SETP("ISETP.GE", I_COND(GE) | I_S32, o_ge_s),
		SETP("ISETP.GE.U32", I_COND(GE), o_ge_u),
		ROW("ISETP.GE.U32.AND", 0x5b60, 0x4b60, 0x3660, 0,
		    I_COND(GE) | SASS_PRED_IN | SASS_PRED_OUT, 0, 1, 1, 0,
		    o_setp_ge_and),
		ROW("ISETP.EQ.OR", 0x5b60, 0x4b60, 0x3660, 0,
		    I_COND(EQ) | FIELD(1, 45) | SASS_PRED_IN | SASS_PRED_OUT,
		    0, 1, 1, 0, o_setp_or),
		ROW("ISETP.NE.XOR !p", 0x5b60, 0x4b60, 0x3660, 0,
		    I_COND(NE) | I_S32 | FIELD(2, 45) | BIT64(42) |
		    SASS_PRED_IN | SASS_PRED_OUT, 0, 1, 1, 0,
		    o_setp_xor_not),
		ROW("ISET.LE.U32", 0x5b50, 0x4b50, 0x3650, 0,
		    I_COND(LE) | PT39, 1, 1, 1, 0, o_set_le),
		ROW("ISET.GT.BF", 0x5b50, 0x4b50, 0x3650, 0,
		    I_COND(GT) | I_S32 | BIT64(44) | PT39, 1, 1, 1, 0,
		    o_set_gt_bf),
		ROW("ISET.F", 0x5b50, 0x4b50, 0x3650, 0, PT39, 1, 1, 1, 0,
		    o_set_false),
		ROW("ISET.T", 0x5b50, 0x4b50, 0x3650, 0, I_COND(7) | PT39, 1,
		    1, 1, 0, o_set_true),
		ROW("ISET.LT.X", 0x5b50, 0x4b50, 0x3650, 0,
		    I_COND(LT) | BIT64(43) | PT39, 1, 1, 1, 0, o_set_lt_x),
		ROW("ISET.EQ.X", 0x5b50, 0x4b50, 0x3650, 0,
		    I_COND(EQ) | BIT64(43) | PT39, 1, 1, 1, 0, o_set_eq_x),
		ROW("ICMP.GT", 0x5b40, 0x4b40, 0x3640, 0x5340,
		    I_COND(GT) | I_S32, 1, 1, 1, 1, o_icmp_gt),
		ROW("ICMP.NE", 0x5b40, 0x4b40, 0x3640, 0x5340, I_COND(NE), 1,
		    1, 1, 1, o_icmp_ne),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static void pair(struct sass *s, unsigned int reg, unsigned int l, uint64_t v)
{
	s->w->r[reg][l] = v;
	s->w->r[reg + 1][l] = v >> 32;
}

/* Values that are equal in one word, in both, or off by one */
static uint64_t wide_value(struct sass *s)
{
	static const uint64_t v[] = {
		0, 1, 0xffffffff, 0x100000000, 0x100000001,
		0x7fffffffffffffff, 0x8000000000000000,
		0x80000000ffffffff, 0xffffffff00000000, UINT64_MAX,
	};

	return v[sass_random(s) % ARRAY_SIZE(v)];
}

/* IADD.CC and .X, as Mesa splits 64 bit addition and comparison */
static void test_64bit(void **state)
{
	struct sass *s = *state;
	unsigned int round, l;

	for (round = 0; round < 200; round++) {
		uint64_t a[NVGPU_LANES], b[NVGPU_LANES];

		for (l = 0; l < NVGPU_LANES; l++) {
			a[l] = wide_value(s);
			b[l] = wide_value(s);
			pair(s, 0, l, a[l]);
			pair(s, 2, l, b[l]);
		}
		sass_step(s, IADD(4, 0, 2) | IADD_CC);
		sass_step(s, IADD(5, 1, 3) | IADD_X);
		/* a - b, then comparisons of the upper words */
		sass_step(s, IADD(SASS_RZ, 0, 2) | BIT64(48) | IADD_CC);
		sass_step(s, ISETP(1, LT, 1, 3) | I_S32 | BIT64(43));
		sass_step(s, ISETP(2, LE, 1, 3) | BIT64(43));
		sass_step(s, ISETP(3, EQ, 1, 3) | BIT64(43));
		sass_step(s, ISETP(4, NE, 1, 3) | BIT64(43));
		sass_step(s, ISETP(5, GT, 1, 3) | I_S32 | BIT64(43));
		sass_step(s, ISETP(6, GE, 1, 3) | BIT64(43));
		/* signed minimum: upper words, then lower ones */
		sass_step(s, OP(0x5c20) | D(7) | A(1) | B(3) | PT39 |
			  FIELD(3, 43) | BIT64(47) | BIT64(48));
		sass_step(s, OP(0x5c20) | D(6) | A(0) | B(2) | PT39 |
			  FIELD(1, 43) | BIT64(48));
		for (l = 0; l < NVGPU_LANES; l++) {
			uint64_t sum = s->w->r[4][l] |
				       (uint64_t)s->w->r[5][l] << 32;
			uint64_t min = s->w->r[6][l] |
				       (uint64_t)s->w->r[7][l] << 32;

			assert_true(sum == a[l] + b[l]);
			assert_int_equal(s->w->p[1] >> l & 1,
					 (int64_t)a[l] < (int64_t)b[l]);
			assert_int_equal(s->w->p[2] >> l & 1, a[l] <= b[l]);
			assert_int_equal(s->w->p[3] >> l & 1, a[l] == b[l]);
			assert_int_equal(s->w->p[4] >> l & 1, a[l] != b[l]);
			assert_int_equal(s->w->p[5] >> l & 1,
					 (int64_t)a[l] > (int64_t)b[l]);
			assert_int_equal(s->w->p[6] >> l & 1, a[l] >= b[l]);
			assert_true(min == ((int64_t)a[l] < (int64_t)b[l] ?
					    a[l] : b[l]));
		}
	}
}

/* Predicates: PSETP, PSET, and what LOP writes to one */
static void test_predicates(void **state)
{
	struct sass *s = *state;
	uint32_t a = sass_random(s), b = sass_random(s), c = sass_random(s);
	unsigned int l;

	s->w->p[1] = a;
	s->w->p[2] = b;
	s->w->p[3] = c;
	/* P4, P5 = (P1 and not P2) or P3 */
	sass_step(s, OP(0x5090) | PDST(4, 5) | FIELD(1, 12) | FIELD(2, 29) |
		  BIT64(32) | FIELD(0, 24) | PRED39(3) | FIELD(1, 45));
	assert_int_equal(s->w->p[4], (a & ~b) | c);
	assert_int_equal(s->w->p[5], ~(a & ~b) | c);
	/* R0 = P1 xor P2, and true */
	sass_step(s, OP(0x5088) | D(0) | FIELD(1, 12) | FIELD(2, 29) |
		  FIELD(2, 24) | PT39);
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[0][l],
				 (a ^ b) >> l & 1 ? UINT32_MAX : 0);
	/* P6 = (R0 and 1) is zero */
	sass_step(s, OP(0x3840) | D(SASS_RZ) | A(0) | IMM(1) | FIELD(6, 48) |
		  FIELD(2, 44));
	assert_int_equal(s->w->p[6], ~(a ^ b));
	/* A predicate from a register, as Mesa converts it: not zero */
	sass_step(s, OP(0x5b6a) | PDST(5, SASS_PT) | A(SASS_RZ) | B(0) | PT39);
	assert_int_equal(s->w->p[5], a ^ b);
	/* PT stays true, RZ stays zero. */
	sass_step(s, ISETP(SASS_PT, LT, SASS_RZ, SASS_RZ));
	sass_step(s, MOV32I(SASS_RZ, 5));
	assert_int_equal(s->w->p[SASS_PT], UINT32_MAX);
	sass_step(s, MOV(1, SASS_RZ));
	assert_int_equal(s->w->r[1][9], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_64bit),
		cmocka_unit_test(test_predicates),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
