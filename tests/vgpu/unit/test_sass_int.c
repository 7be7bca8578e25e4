// SPDX-License-Identifier: GPL-2.0-or-later
/* Integer arithmetic against plain C. */
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

static uint64_t o_iadd(const struct sass_in *in)
{
	return U(in->a + in->b);
}

static uint64_t o_isub(const struct sass_in *in)
{
	return U(in->a - in->b);
}

static uint64_t o_irsub(const struct sass_in *in)
{
	return U(in->b - in->a);
}

static uint64_t o_iadd_po(const struct sass_in *in)
{
	return U(in->a + in->b + 1);
}

static uint64_t o_iadd_x(const struct sass_in *in)
{
	return U(in->a + in->b + in->carry);
}

static uint64_t o_isub_x(const struct sass_in *in)
{
	return U(in->a - in->b - !in->carry);
}

static uint64_t o_iadd_sat(const struct sass_in *in)
{
	int64_t sum = (int64_t)S(in->a) + S(in->b);

	return U(sum > INT32_MAX ? INT32_MAX :
		 sum < INT32_MIN ? INT32_MIN : sum);
}

static uint64_t o_iscadd(const struct sass_in *in)
{
	return U((in->a << 5) + in->b);
}

static uint64_t o_iscsub(const struct sass_in *in)
{
	return U((in->a << 3) - in->b);
}

static uint64_t o_imul(const struct sass_in *in)
{
	return U(in->a * in->b);
}

static uint64_t o_imul_hi_u(const struct sass_in *in)
{
	return U(in->a) * (uint64_t)U(in->b) >> 32;
}

static uint64_t o_imul_hi_s(const struct sass_in *in)
{
	return U((int64_t)S(in->a) * S(in->b) >> 32);
}

static uint64_t o_imad(const struct sass_in *in)
{
	return U(in->a * in->b + in->c);
}

static uint64_t o_imad_neg(const struct sass_in *in)
{
	return U(in->c - in->a * in->b);
}

static uint64_t o_imad_negc(const struct sass_in *in)
{
	return U(in->a * in->b - in->c);
}

static uint64_t o_imad_hi_u(const struct sass_in *in)
{
	return U(o_imul_hi_u(in) + in->c);
}

static uint64_t o_imad_hi_s(const struct sass_in *in)
{
	return U(o_imul_hi_s(in) + in->c);
}

static uint64_t o_imad_x(const struct sass_in *in)
{
	return U(in->a * in->b + in->c + in->carry);
}

static uint64_t o_imin_s(const struct sass_in *in)
{
	return U(S(in->a) < S(in->b) ? in->a : in->b);
}

static uint64_t o_imax_u(const struct sass_in *in)
{
	return U(in->a) > U(in->b) ? in->a : in->b;
}

static uint64_t o_iminmax_p(const struct sass_in *in)
{
	return in->p ? o_imin_s(in) :
		       U(S(in->a) > S(in->b) ? in->a : in->b);
}

static uint64_t o_iminmax_hi(const struct sass_in *in)
{
	return o_imin_s(in);
}

/* Upper words: Z equal, C not less; the lower words are unsigned. */
static uint64_t o_imin_low(const struct sass_in *in)
{
	if (!in->zero)
		return in->carry ? in->b : in->a;
	return U(in->a) < U(in->b) ? in->a : in->b;
}

#define IMNMX_MIN	PT39
#define IMNMX_MAX	(PT39 | BIT64(42))

static void test_arithmetic(void **state)
{
	static const struct sass_row rows[] = {
		ROW("IADD", 0x5c10, 0x4c10, 0x3810, 0, 0, 1, 1, 1, 0, o_iadd),
		ROW("IADD -b", 0x5c10, 0x4c10, 0x3810, 0, BIT64(48), 1, 1, 1,
		    0, o_isub),
		ROW("IADD -a", 0x5c10, 0x4c10, 0x3810, 0, BIT64(49), 1, 1, 1,
		    0, o_irsub),
		ROW("IADD.PO", 0x5c10, 0x4c10, 0x3810, 0, FIELD(3, 48), 1, 1,
		    1, 0, o_iadd_po),
		ROW("IADD.X", 0x5c10, 0x4c10, 0x3810, 0, IADD_X, 1, 1, 1, 0,
		    o_iadd_x),
		ROW("IADD.X -b", 0x5c10, 0x4c10, 0x3810, 0,
		    IADD_X | BIT64(48), 1, 1, 1, 0, o_isub_x),
		ROW("IADD.SAT", 0x5c10, 0x4c10, 0x3810, 0, BIT64(50), 1, 1, 1,
		    0, o_iadd_sat),
		ROW("ISCADD", 0x5c18, 0x4c18, 0x3818, 0, FIELD(5, 39), 1, 1,
		    1, 0, o_iscadd),
		ROW("ISCADD -b", 0x5c18, 0x4c18, 0x3818, 0,
		    FIELD(3, 39) | BIT64(48), 1, 1, 1, 0, o_iscsub),
		ROW("IMUL", 0x5c38, 0x4c38, 0x3838, 0, 0, 1, 1, 1, 0, o_imul),
		ROW("IMUL.HI.U32", 0x5c38, 0x4c38, 0x3838, 0, BIT64(39), 1, 1,
		    1, 0, o_imul_hi_u),
		ROW("IMUL.HI.S32", 0x5c38, 0x4c38, 0x3838, 0, FIELD(7, 39), 1,
		    1, 1, 0, o_imul_hi_s),
		ROW("IMAD", 0x5a00, 0x4a00, 0x3400, 0x5200, 0, 1, 1, 1, 1,
		    o_imad),
		ROW("IMAD -(a*b)", 0x5a00, 0x4a00, 0x3400, 0x5200, BIT64(51),
		    1, 1, 1, 1, o_imad_neg),
		ROW("IMAD -c", 0x5a00, 0x4a00, 0x3400, 0x5200, BIT64(52), 1,
		    1, 1, 1, o_imad_negc),
		ROW("IMAD.HI.U32", 0x5a00, 0x4a00, 0x3400, 0x5200, BIT64(54),
		    1, 1, 1, 1, o_imad_hi_u),
		ROW("IMAD.HI.S32", 0x5a00, 0x4a00, 0x3400, 0x5200,
		    BIT64(54) | BIT64(53) | BIT64(48), 1, 1, 1, 1,
		    o_imad_hi_s),
		ROW("IMAD.X", 0x5a00, 0x4a00, 0x3400, 0x5200, BIT64(49), 1, 1,
		    1, 1, o_imad_x),
		ROW("IMNMX min s32", 0x5c20, 0x4c20, 0x3820, 0,
		    IMNMX_MIN | BIT64(48), 1, 1, 1, 0, o_imin_s),
		ROW("IMNMX max u32", 0x5c20, 0x4c20, 0x3820, 0, IMNMX_MAX, 1,
		    1, 1, 0, o_imax_u),
		ROW("IMNMX p", 0x5c20, 0x4c20, 0x3820, 0,
		    SASS_PRED_IN | BIT64(48), 1, 1, 1, 0, o_iminmax_p),
		ROW("IMNMX.XHI", 0x5c20, 0x4c20, 0x3820, 0,
		    IMNMX_MIN | FIELD(3, 43) | BIT64(47) | BIT64(48), 1, 1, 1,
		    0, o_iminmax_hi),
		ROW("IMNMX.XLO", 0x5c20, 0x4c20, 0x3820, 0,
		    IMNMX_MIN | FIELD(1, 43) | BIT64(48), 1, 1, 1, 0,
		    o_imin_low),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static uint64_t lo(uint64_t v)
{
	return v & 0xffff;
}

static uint64_t hi(uint64_t v)
{
	return U(v) >> 16;
}

static uint64_t o_xmad(const struct sass_in *in)
{
	return U(lo(in->a) * lo(in->b) + in->c);
}

static uint64_t o_xmad_h1(const struct sass_in *in)
{
	return U(hi(in->a) * hi(in->b) + in->c);
}

static uint64_t o_xmad_h1a(const struct sass_in *in)
{
	return U(hi(in->a) * lo(in->b) + in->c);
}

static uint64_t o_xmad_s(const struct sass_in *in)
{
	return U((int16_t)in->a * (int16_t)in->b + in->c);
}

static uint64_t o_xmad_psl(const struct sass_in *in)
{
	return U((lo(in->a) * lo(in->b) << 16) + in->c);
}

static uint64_t o_xmad_mrg(const struct sass_in *in)
{
	return lo(o_xmad(in)) | U(in->b << 16);
}

static uint64_t o_xmad_clo(const struct sass_in *in)
{
	return U(lo(in->a) * lo(in->b) + lo(in->c));
}

static uint64_t o_xmad_chi(const struct sass_in *in)
{
	return U(lo(in->a) * lo(in->b) + hi(in->c));
}

static uint64_t o_xmad_cbcc(const struct sass_in *in)
{
	return U(lo(in->a) * lo(in->b) + in->c + (in->b << 16));
}

static uint64_t o_xmad_x(const struct sass_in *in)
{
	return U(lo(in->a) * lo(in->b) + in->c + in->carry);
}

static void test_xmad(void **state)
{
	static const struct sass_row rows[] = {
		ROW("XMAD", 0x5b00, 0x4e00, 0, 0x5100, 0, 1, 1, 1, 1, o_xmad),
		ROW("XMAD h1 h1", 0x5b00, 0, 0, 0, BIT64(53) | BIT64(35), 1,
		    1, 1, 1, o_xmad_h1),
		ROW("XMAD h1 h1 const", 0, 0x4e00, 0, 0x5100,
		    BIT64(53) | BIT64(52), 1, 1, 1, 1, o_xmad_h1),
		ROW("XMAD h1", 0x5b00, 0x4e00, 0, 0x5100, BIT64(53), 1, 1, 1,
		    1, o_xmad_h1a),
		ROW("XMAD.S16", 0x5b00, 0x4e00, 0, 0x5100, FIELD(3, 48), 1, 1,
		    1, 1, o_xmad_s),
		ROW("XMAD.PSL", 0x5b00, 0, 0, 0, BIT64(36), 1, 1, 1, 1,
		    o_xmad_psl),
		ROW("XMAD.PSL const", 0, 0x4e00, 0, 0, BIT64(55), 1, 1, 1, 1,
		    o_xmad_psl),
		ROW("XMAD.MRG", 0x5b00, 0, 0, 0, BIT64(37), 1, 1, 1, 1,
		    o_xmad_mrg),
		ROW("XMAD.MRG const", 0, 0x4e00, 0, 0, BIT64(56), 1, 1, 1, 1,
		    o_xmad_mrg),
		ROW("XMAD.CLO", 0x5b00, 0x4e00, 0, 0x5100, FIELD(1, 50), 1, 1,
		    1, 1, o_xmad_clo),
		ROW("XMAD.CHI", 0x5b00, 0x4e00, 0, 0x5100, FIELD(2, 50), 1, 1,
		    1, 1, o_xmad_chi),
		ROW("XMAD.CBCC", 0x5b00, 0, 0, 0, FIELD(4, 50), 1, 1, 1, 1,
		    o_xmad_cbcc),
		ROW("XMAD.X", 0x5b00, 0, 0, 0, BIT64(38), 1, 1, 1, 1,
		    o_xmad_x),
		ROW("XMAD.X const", 0, 0x4e00, 0, 0x5100, BIT64(54), 1, 1, 1,
		    1, o_xmad_x),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

/* XMAD's immediate has 16 bits; three of them make a 32 bit product. */
static void test_xmad_multiply(void **state)
{
	struct sass *s = *state;
	unsigned int l;

	for (l = 0; l < NVGPU_LANES; l++) {
		s->w->r[0][l] = sass_random(s);
		s->w->r[1][l] = sass_random(s);
	}
	/* r2 = a.lo * b.lo; r3 = (a.lo * b.hi).lo | b.lo << 16 */
	sass_step(s, OP(0x5b00) | D(2) | A(0) | B(1) | C(SASS_RZ));
	sass_step(s, OP(0x5b00) | D(3) | A(0) | B(1) | C(SASS_RZ) |
		  BIT64(35) | BIT64(37));
	sass_step(s, OP(0x5b00) | D(4) | A(0) | B(3) | C(2) | BIT64(53) |
		  BIT64(35) | BIT64(36) | FIELD(4, 50));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[4][l],
				 s->w->r[0][l] * s->w->r[1][l]);
	sass_step(s, OP(0x3600) | D(2) | A(0) | FIELD(0xfedc, 20) | C(1));
	for (l = 0; l < NVGPU_LANES; l++)
		assert_int_equal(s->w->r[2][l],
				 U(lo(s->w->r[0][l]) * 0xfedc +
				   s->w->r[1][l]));
}

/* The forms with a 32 bit immediate */
static void test_imm32(void **state)
{
	struct sass *s = *state;
	unsigned int round, l;

	for (round = 0; round < 64; round++) {
		uint32_t v = sass_random(s), carry = sass_random(s);

		for (l = 0; l < NVGPU_LANES; l++)
			s->w->r[0][l] = sass_random(s);
		s->w->cc_c = carry;
		sass_step(s, MOV32I(1, v));
		sass_step(s, OP(0x1c00) | D(2) | A(0) | IMM32(v));
		sass_step(s, OP(0x1c00) | D(3) | A(0) | IMM32(v) | BIT64(56));
		sass_step(s, OP(0x1c00) | D(4) | A(0) | IMM32(v) | BIT64(53));
		sass_step(s, OP(0x1f00) | D(5) | A(0) | IMM32(v));
		sass_step(s, OP(0x1f00) | D(6) | A(0) | IMM32(v) |
			  FIELD(7, 53));
		sass_step(s, OP(0x0400) | D(7) | A(0) | IMM32(v));
		sass_step(s, OP(0x0400) | D(8) | A(0) | IMM32(v) |
			  FIELD(1, 53) | BIT64(55));
		sass_step(s, OP(0x0560) | D(9) | A(0) | IMM32(v));
		for (l = 0; l < NVGPU_LANES; l++) {
			uint32_t a = s->w->r[0][l];

			assert_int_equal(s->w->r[1][l], v);
			assert_int_equal(s->w->r[2][l], a + v);
			assert_int_equal(s->w->r[3][l], v - a);
			assert_int_equal(s->w->r[4][l],
					 a + v + (carry >> l & 1));
			assert_int_equal(s->w->r[5][l], a * v);
			assert_int_equal(s->w->r[6][l],
					 U((int64_t)S(a) * S(v) >> 32));
			assert_int_equal(s->w->r[7][l], a & v);
			assert_int_equal(s->w->r[8][l], ~a | v);
			assert_int_equal(s->w->r[9][l], ~v);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_xmad),
		cmocka_unit_test(test_xmad_multiply),
		cmocka_unit_test(test_imm32),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
