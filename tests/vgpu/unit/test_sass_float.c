// SPDX-License-Identifier: GPL-2.0-or-later
/* Single and double precision arithmetic and comparisons against plain C. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define NAN32		0x7fffffffu
#define ONE		0x3f800000u

/* name, r, c, i, x, mods, words of d a b c, oracle */
#define F32(n, r, c, i, x, m, d, a, b, cc, f) \
	{ n, r, c, i, x, m, d, a, b, cc, SASS_F32, f }
#define F64(n, r, c, i, x, m, d, a, b, cc, f) \
	{ n, r, c, i, x, m, d, a, b, cc, SASS_F64, f }

static float f(uint64_t bits)
{
	uint32_t low = bits;
	float v;

	memcpy(&v, &low, 4);
	return v;
}

static uint32_t raw(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, 4);
	return bits;
}

static double g(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, 8);
	return v;
}

static uint64_t raw64(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, 8);
	return bits;
}

/* A result as the GPU returns it */
static uint64_t res(float v)
{
	return isnan(v) ? NAN32 : raw(v);
}

static float flush(float v)
{
	return fpclassify(v) == FP_SUBNORMAL ? copysignf(0, v) : v;
}

static uint64_t sat(float v)
{
	if (isnan(v) || v <= 0)
		return 0;
	return v > 1 ? ONE : raw(v);
}

/* An addition of floats is exact as a double or rounds the same twice. */
static uint64_t o_fadd(const struct sass_in *in)
{
	return res((float)((double)f(in->a) + f(in->b)));
}

static uint64_t o_fadd_neg(const struct sass_in *in)
{
	return res((float)(-(double)fabsf(f(in->a)) - f(in->b)));
}

static uint64_t o_fadd_abs_b(const struct sass_in *in)
{
	return res((float)((double)f(in->a) + fabsf(f(in->b))));
}

static uint64_t o_fadd_ftz(const struct sass_in *in)
{
	return res(flush(flush(f(in->a)) + flush(f(in->b))));
}

static uint64_t o_fadd_sat(const struct sass_in *in)
{
	return sat(f(in->a) + f(in->b));
}

static uint64_t o_fmul(const struct sass_in *in)
{
	return res((float)((double)f(in->a) * f(in->b)));
}

static uint64_t o_fmul_neg(const struct sass_in *in)
{
	return res((float)(-(double)f(in->a) * f(in->b)));
}

static uint64_t o_fmul_d4(const struct sass_in *in)
{
	return res((float)((double)f(in->a) * f(in->b) / 4));
}

static uint64_t o_fmul_m2(const struct sass_in *in)
{
	return res((float)((double)f(in->a) * f(in->b) * 2));
}

static uint64_t o_fmul_ftz(const struct sass_in *in)
{
	return res(flush(flush(f(in->a)) * flush(f(in->b))));
}

static uint64_t o_fmul_fmz(const struct sass_in *in)
{
	if (flush(f(in->a)) == 0 || flush(f(in->b)) == 0)
		return 0;
	return o_fmul_ftz(in);
}

static uint64_t o_fmul_sat(const struct sass_in *in)
{
	return sat(f(in->a) * f(in->b));
}

static uint64_t o_ffma(const struct sass_in *in)
{
	return res(fmaf(f(in->a), f(in->b), f(in->c)));
}

static uint64_t o_ffma_neg(const struct sass_in *in)
{
	return res(fmaf(-f(in->a), f(in->b), f(in->c)));
}

static uint64_t o_ffma_negc(const struct sass_in *in)
{
	return res(fmaf(f(in->a), f(in->b), -f(in->c)));
}

static uint64_t o_ffma_sat(const struct sass_in *in)
{
	return sat(fmaf(f(in->a), f(in->b), f(in->c)));
}

static uint64_t o_ffma_ftz(const struct sass_in *in)
{
	return res(flush(fmaf(flush(f(in->a)), flush(f(in->b)),
			      flush(f(in->c)))));
}

static uint64_t o_ffma_fmz(const struct sass_in *in)
{
	float a = flush(f(in->a)), b = flush(f(in->b)), c = flush(f(in->c));

	return res(a == 0 || b == 0 ? 0.0f + c : flush(fmaf(a, b, c)));
}

/* The order of all numbers, -0 before +0, as integers */
static int64_t rank(float v)
{
	int32_t bits = raw(v);

	return bits < 0 ? -(int64_t)(bits & 0x7fffffff) - 1 : bits;
}

static uint64_t minimum(float a, float b, bool max)
{
	if (isnan(a) && isnan(b))
		return NAN32;
	if (isnan(a) || isnan(b))
		return raw(isnan(a) ? b : a);
	return raw((rank(a) < rank(b)) != max ? a : b);
}

static uint64_t o_fmin(const struct sass_in *in)
{
	return minimum(f(in->a), f(in->b), false);
}

static uint64_t o_fmax_mods(const struct sass_in *in)
{
	return minimum(-fabsf(f(in->a)), -f(in->b), true);
}

static uint64_t o_fmnmx_p(const struct sass_in *in)
{
	return minimum(f(in->a), f(in->b), !in->p);
}

static void test_single(void **state)
{
	static const struct sass_row rows[] = {
		F32("FADD", 0x5c58, 0x4c58, 0x3858, 0, 0, 1, 1, 1, 0, o_fadd),
		F32("FADD -|a| -b", 0x5c58, 0x4c58, 0x3858, 0,
		    BIT64(45) | BIT64(46) | BIT64(48), 1, 1, 1, 0,
		    o_fadd_neg),
		F32("FADD |b|", 0x5c58, 0x4c58, 0x3858, 0, BIT64(49), 1, 1, 1,
		    0, o_fadd_abs_b),
		F32("FADD.FTZ", 0x5c58, 0x4c58, 0x3858, 0, BIT64(44), 1, 1, 1,
		    0, o_fadd_ftz),
		F32("FADD.SAT", 0x5c58, 0x4c58, 0x3858, 0, BIT64(50), 1, 1, 1,
		    0, o_fadd_sat),
		F32("FMUL", 0x5c68, 0x4c68, 0x3868, 0, 0, 1, 1, 1, 0, o_fmul),
		F32("FMUL neg", 0x5c68, 0x4c68, 0x3868, 0, BIT64(48), 1, 1, 1,
		    0, o_fmul_neg),
		F32("FMUL.D4", 0x5c68, 0x4c68, 0x3868, 0, FIELD(2, 41), 1, 1,
		    1, 0, o_fmul_d4),
		F32("FMUL.M2", 0x5c68, 0x4c68, 0x3868, 0, FIELD(6, 41), 1, 1,
		    1, 0, o_fmul_m2),
		F32("FMUL.FTZ", 0x5c68, 0x4c68, 0x3868, 0, FIELD(1, 44), 1, 1,
		    1, 0, o_fmul_ftz),
		F32("FMUL.FMZ", 0x5c68, 0x4c68, 0x3868, 0, FIELD(2, 44), 1, 1,
		    1, 0, o_fmul_fmz),
		F32("FMUL.SAT", 0x5c68, 0x4c68, 0x3868, 0, BIT64(50), 1, 1, 1,
		    0, o_fmul_sat),
		F32("FFMA", 0x5980, 0x4980, 0x3280, 0x5180, 0, 1, 1, 1, 1,
		    o_ffma),
		F32("FFMA neg", 0x5980, 0x4980, 0x3280, 0x5180, BIT64(48), 1,
		    1, 1, 1, o_ffma_neg),
		F32("FFMA -c", 0x5980, 0x4980, 0x3280, 0x5180, BIT64(49), 1,
		    1, 1, 1, o_ffma_negc),
		F32("FFMA.SAT", 0x5980, 0x4980, 0x3280, 0x5180, BIT64(50), 1,
		    1, 1, 1, o_ffma_sat),
		F32("FFMA.FTZ", 0x5980, 0x4980, 0x3280, 0x5180, FIELD(1, 53),
		    1, 1, 1, 1, o_ffma_ftz),
		F32("FFMA.FMZ", 0x5980, 0x4980, 0x3280, 0x5180, FIELD(2, 53),
		    1, 1, 1, 1, o_ffma_fmz),
		F32("FMNMX min", 0x5c60, 0x4c60, 0x3860, 0, PT39, 1, 1, 1, 0,
		    o_fmin),
		F32("FMNMX max -|a| -b", 0x5c60, 0x4c60, 0x3860, 0,
		    PT39 | BIT64(42) | BIT64(45) | BIT64(46) | BIT64(48), 1,
		    1, 1, 0, o_fmax_mods),
		F32("FMNMX p", 0x5c60, 0x4c60, 0x3860, 0, SASS_PRED_IN, 1, 1,
		    1, 0, o_fmnmx_p),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

/* Round an exact value by hand: to nearest, then a step if it went past. */
static float directed(double exact, int mode)
{
	float v = (float)exact;

	if (mode == FE_DOWNWARD && v > exact)
		v = nextafterf(v, -INFINITY);
	if (mode == FE_UPWARD && v < exact)
		v = nextafterf(v, INFINITY);
	if (mode == FE_TOWARDZERO && fabs((double)v) > fabs(exact))
		v = nextafterf(v, 0);
	return v;
}

/* Numbers whose sums and products a double holds exactly */
static float moderate(struct sass *s)
{
	uint32_t bits = sass_random(s);

	return f((bits & 0x83ffffff) | 0x3c000000);
}

static void test_rounding(void **state)
{
	static const int modes[] = {
		FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO,
	};
	struct sass *s = *state;
	unsigned int mode, l;

	for (l = 0; l < NVGPU_LANES; l++) {
		s->w->r[0][l] = raw(moderate(s));
		s->w->r[1][l] = raw(moderate(s));
		s->w->r[2][l] = raw(moderate(s));
	}
	for (mode = 0; mode < 4; mode++) {
		sass_step(s, FADD(3, 0, 1) | FIELD(mode, 39));
		sass_step(s, OP(0x5c68) | D(4) | A(0) | B(1) |
			  FIELD(mode, 39));
		sass_step(s, FFMA(5, 0, 1, SASS_RZ) | FIELD(mode, 51));
		for (l = 0; l < NVGPU_LANES; l++) {
			double a = f(s->w->r[0][l]), b = f(s->w->r[1][l]);

			assert_int_equal(s->w->r[3][l],
					 raw(directed(a + b, modes[mode])));
			assert_int_equal(s->w->r[4][l],
					 raw(directed(a * b, modes[mode])));
			assert_int_equal(s->w->r[5][l], s->w->r[4][l]);
		}
	}
	assert_int_equal(fegetround(), FE_TONEAREST);
}

/* Double's modes, by the sign of the error that fma() tells */
static void test_double_rounding(void **state)
{
	struct sass *s = *state;
	unsigned int mode, l;

	for (l = 0; l < NVGPU_LANES; l++) {
		uint64_t a = raw64(1 + sass_random(s) / 0x1p52);
		uint64_t b = raw64(1 + sass_random(s) / 0x1p51);

		s->w->r[0][l] = a;
		s->w->r[1][l] = a >> 32;
		s->w->r[2][l] = b;
		s->w->r[3][l] = b >> 32;
	}
	for (mode = 0; mode < 4; mode++) {
		sass_step(s, OP(0x5c80) | D(4) | A(0) | B(2) |
			  FIELD(mode, 39));
		sass_step(s, OP(0x5b70) | D(6) | A(0) | B(2) | C(SASS_RZ) |
			  FIELD(mode, 50));
		for (l = 0; l < NVGPU_LANES; l++) {
			double a = g(s->w->r[0][l] |
				     (uint64_t)s->w->r[1][l] << 32);
			double b = g(s->w->r[2][l] |
				     (uint64_t)s->w->r[3][l] << 32);
			double want = a * b, error = fma(a, b, -want);

			if (mode == 2 && error > 0)
				want = nextafter(want, INFINITY);
			if ((mode == 1 || mode == 3) && error < 0)
				want = nextafter(want, -INFINITY);
			assert_int_equal(s->w->r[4][l],
					 (uint32_t)raw64(want));
			assert_int_equal(s->w->r[5][l], raw64(want) >> 32);
			assert_int_equal(s->w->r[6][l],
					 (uint32_t)raw64(want));
		}
	}
}

/* The forms with a 32 bit immediate */
static void test_imm32(void **state)
{
	struct sass *s = *state;
	unsigned int round, l;

	for (round = 0; round < 32; round++) {
		float v = moderate(s);
		uint32_t old[NVGPU_LANES];

		for (l = 0; l < NVGPU_LANES; l++) {
			s->w->r[0][l] = raw(moderate(s));
			old[l] = raw(moderate(s));
			s->w->r[5][l] = old[l];
		}
		sass_step(s, OP(0x0800) | D(1) | A(0) | IMM32(raw(v)));
		sass_step(s, OP(0x0800) | D(2) | A(0) | IMM32(raw(v)) |
			  BIT64(53) | BIT64(54) | BIT64(56) | BIT64(57));
		sass_step(s, OP(0x1e00) | D(3) | A(0) | IMM32(raw(v)));
		sass_step(s, OP(0x1e00) | D(4) | A(0) | IMM32(raw(v)) |
			  BIT64(55));
		sass_step(s, OP(0x0c00) | D(5) | A(0) | IMM32(raw(v)) |
			  BIT64(57));
		for (l = 0; l < NVGPU_LANES; l++) {
			float a = f(s->w->r[0][l]);

			assert_int_equal(s->w->r[1][l], raw(a + v));
			assert_int_equal(s->w->r[2][l],
					 raw(-fabsf(a) - fabsf(v)));
			assert_int_equal(s->w->r[3][l], raw(a * v));
			assert_int_equal(s->w->r[4][l], sat(a * v));
			assert_int_equal(s->w->r[5][l],
					 raw(fmaf(a, v, -f(old[l]))));
		}
	}
}

static uint64_t o_dadd(const struct sass_in *in)
{
	return raw64(g(in->a) + g(in->b));
}

static uint64_t o_dsub(const struct sass_in *in)
{
	return raw64(g(in->a) - g(in->b));
}

static uint64_t o_dadd_abs(const struct sass_in *in)
{
	return raw64(-fabs(g(in->a)) + fabs(g(in->b)));
}

static uint64_t o_dmul(const struct sass_in *in)
{
	return raw64(g(in->a) * g(in->b));
}

static uint64_t o_dmul_neg(const struct sass_in *in)
{
	return raw64(-g(in->a) * g(in->b));
}

static uint64_t o_dfma(const struct sass_in *in)
{
	return raw64(fma(g(in->a), g(in->b), g(in->c)));
}

static uint64_t o_dfma_neg(const struct sass_in *in)
{
	return raw64(fma(-g(in->a), g(in->b), -g(in->c)));
}

static uint64_t o_dmin(const struct sass_in *in)
{
	double a = g(in->a), b = g(in->b);

	if (a == 0 && b == 0)
		return in->a | in->b;
	return raw64(fmin(a, b));
}

static uint64_t o_dmax(const struct sass_in *in)
{
	double a = g(in->a), b = g(in->b);

	if (a == 0 && b == 0)
		return in->a & in->b;
	return raw64(fmax(a, b));
}

static void test_double(void **state)
{
	static const struct sass_row rows[] = {
		F64("DADD", 0x5c70, 0x4c70, 0x3870, 0, 0, 2, 2, 2, 0, o_dadd),
		F64("DADD -b", 0x5c70, 0x4c70, 0x3870, 0, BIT64(45), 2, 2, 2,
		    0, o_dsub),
		F64("DADD -|a| |b|", 0x5c70, 0x4c70, 0x3870, 0,
		    BIT64(46) | BIT64(48) | BIT64(49), 2, 2, 2, 0,
		    o_dadd_abs),
		F64("DMUL", 0x5c80, 0x4c80, 0x3880, 0, 0, 2, 2, 2, 0, o_dmul),
		F64("DMUL neg", 0x5c80, 0x4c80, 0x3880, 0, BIT64(48), 2, 2, 2,
		    0, o_dmul_neg),
		F64("DFMA", 0x5b70, 0x4b70, 0x3670, 0x5370, 0, 2, 2, 2, 2,
		    o_dfma),
		F64("DFMA neg -c", 0x5b70, 0x4b70, 0x3670, 0x5370,
		    BIT64(48) | BIT64(49), 2, 2, 2, 2, o_dfma_neg),
		F64("DMNMX min", 0x5c50, 0x4c50, 0x3850, 0, PT39, 2, 2, 2, 0,
		    o_dmin),
		F64("DMNMX max", 0x5c50, 0x4c50, 0x3850, 0, PT39 | BIT64(42),
		    2, 2, 2, 0, o_dmax),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

/* Each of the sixteen conditions, from its definition */
static bool holds(unsigned int cond, double a, double b)
{
	bool un = isnan(a) || isnan(b);

	switch (cond) {
	case 0: return false;
	case 1: return !un && a < b;
	case 2: return !un && a == b;
	case 3: return !un && a <= b;
	case 4: return !un && a > b;
	case 5: return !un && a != b;
	case 6: return !un && a >= b;
	case 7: return !un;
	case 8: return un;
	case 9: return un || a < b;
	case 10: return un || a == b;
	case 11: return un || a <= b;
	case 12: return un || a > b;
	case 13: return un || a != b;
	case 14: return un || a >= b;
	default: return true;
	}
}

static unsigned int cond_now;

static uint64_t o_fset(const struct sass_in *in)
{
	return holds(cond_now, f(in->a), f(in->b)) ? UINT32_MAX : 0;
}

static uint64_t o_fset_bf(const struct sass_in *in)
{
	return holds(cond_now, -f(in->a), fabsf(f(in->b))) && in->p ? ONE : 0;
}

static uint64_t o_fset_ftz(const struct sass_in *in)
{
	return holds(cond_now, fabsf(flush(f(in->a))), -flush(f(in->b))) ?
	       UINT32_MAX : 0;
}

static uint64_t o_fsetp(const struct sass_in *in)
{
	bool yes = holds(cond_now, f(in->a), f(in->b));

	return (yes || in->p) | (!yes || in->p) << 1;
}

static uint64_t o_fsetp_mods(const struct sass_in *in)
{
	bool yes = holds(cond_now, -fabsf(flush(f(in->a))),
			 -fabsf(flush(f(in->b))));

	return yes | !yes << 1;
}

static uint64_t o_fcmp(const struct sass_in *in)
{
	return holds(cond_now, f(in->c), 0) ? in->a : in->b;
}

static uint64_t o_dset(const struct sass_in *in)
{
	return holds(cond_now, fabs(g(in->a)), -g(in->b)) ? UINT32_MAX : 0;
}

static uint64_t o_dset_bf(const struct sass_in *in)
{
	return holds(cond_now, -g(in->a), fabs(g(in->b))) ? ONE : 0;
}

static uint64_t o_dsetp(const struct sass_in *in)
{
	bool yes = holds(cond_now, g(in->a), g(in->b));

	return (yes != in->p) | (!yes != in->p) << 1;
}

static uint64_t o_dsetp_mods(const struct sass_in *in)
{
	bool yes = holds(cond_now, -fabs(g(in->a)), -fabs(g(in->b)));

	return yes | !yes << 1;
}

static const struct sass_row compares[] = {
	F32("FSET", 0x5800, 0x4800, 0x3000, 0, PT39, 1, 1, 1, 0, o_fset),
	F32("FSET.BF -a |b|", 0x5800, 0x4800, 0x3000, 0,
	    SASS_PRED_IN | BIT64(43) | BIT64(44) | BIT64(52), 1, 1, 1, 0,
	    o_fset_bf),
	F32("FSET.FTZ |a| -b", 0x5800, 0x4800, 0x3000, 0,
	    PT39 | BIT64(53) | BIT64(54) | BIT64(55), 1, 1, 1, 0, o_fset_ftz),
	F32("FSETP.OR", 0x5bb0, 0x4bb0, 0x36b0, 0,
	    SASS_PRED_IN | FIELD(1, 45) | SASS_PRED_OUT, 0, 1, 1, 0, o_fsetp),
	F32("FSETP.FTZ -|a| -|b|", 0x5bb0, 0x4bb0, 0x36b0, 0,
	    PT39 | FIELD(3, 6) | BIT64(43) | BIT64(44) | BIT64(47) |
	    SASS_PRED_OUT, 0, 1, 1, 0, o_fsetp_mods),
	F32("FCMP", 0x5ba0, 0x4ba0, 0x36a0, 0x53a0, 0, 1, 1, 1, 1, o_fcmp),
	F64("DSET |a| -b", 0x5900, 0x4900, 0x3200, 0,
	    PT39 | BIT64(53) | BIT64(54), 1, 2, 2, 0, o_dset),
	F64("DSET.BF -a |b|", 0x5900, 0x4900, 0x3200, 0,
	    PT39 | BIT64(43) | BIT64(44) | BIT64(52), 1, 2, 2, 0, o_dset_bf),
	F64("DSETP.XOR", 0x5b80, 0x4b80, 0x3680, 0,
	    SASS_PRED_IN | FIELD(2, 45) | SASS_PRED_OUT, 0, 2, 2, 0, o_dsetp),
	F64("DSETP -|a| -|b|", 0x5b80, 0x4b80, 0x3680, 0,
	    PT39 | FIELD(3, 6) | BIT64(43) | BIT64(44) | SASS_PRED_OUT, 0, 2,
	    2, 0, o_dsetp_mods),
};

static void test_compare(void **state)
{
	unsigned int i;

	for (cond_now = 0; cond_now < 16; cond_now++) {
		for (i = 0; i < ARRAY_SIZE(compares); i++) {
			struct sass_row row = compares[i];

			row.mods |= FIELD(cond_now, 48);
			sass_check(*state, &row, 1);
		}
	}
}

/* MUFU is approximate: close to the double result is right. */
static void check_mufu(struct sass *s, unsigned int fn, double (*want)(double),
		       double lo, double hi)
{
	unsigned int l;

	for (l = 0; l < NVGPU_LANES; l++)
		s->w->r[0][l] = raw(lo + (hi - lo) * l / 31);
	sass_step(s, OP(0x5080) | D(1) | A(0) | FIELD(fn, 20));
	for (l = 0; l < NVGPU_LANES; l++) {
		double w = want(f(s->w->r[0][l])), got = f(s->w->r[1][l]);

		if (fabs(got - w) > 1e-6 * fabs(w) + 1e-7)
			fail_msg("MUFU %u of %g: %g, want %g", fn,
				 (double)f(s->w->r[0][l]), got, w);
	}
}

static double rcp(double v)
{
	return 1 / v;
}

static double rsq(double v)
{
	return 1 / sqrt(v);
}

static void test_mufu(void **state)
{
	struct sass *s = *state;

	check_mufu(s, 0, cos, -6, 6);
	check_mufu(s, 1, sin, -6, 6);
	check_mufu(s, 2, exp2, -20, 20);
	check_mufu(s, 3, log2, 0.001, 1000);
	check_mufu(s, 4, rcp, 0.5, 99);
	check_mufu(s, 5, rsq, 0.01, 100);
	check_mufu(s, 8, sqrt, 0, 100);
}

static uint32_t mufu1(struct sass *s, unsigned int fn, uint32_t v,
		      uint64_t mods)
{
	s->w->r[0][0] = v;
	sass_step(s, OP(0x5080) | D(1) | A(0) | FIELD(fn, 20) | mods);
	return s->w->r[1][0];
}

/* Special values; on the upper words of doubles: what Mesa's code needs */
static void test_mufu_special(void **state)
{
	struct sass *s = *state;

	assert_int_equal(mufu1(s, 4, raw(0.0f), 0), raw(INFINITY));
	assert_int_equal(mufu1(s, 4, raw(-0.0f), 0), raw(-INFINITY));
	assert_int_equal(mufu1(s, 4, raw(INFINITY), 0), 0);
	assert_int_equal(mufu1(s, 3, raw(-1.0f), 0), NAN32);
	assert_int_equal(mufu1(s, 5, raw(-1.0f), 0), NAN32);
	assert_int_equal(mufu1(s, 8, raw(-4.0f), BIT64(46)), raw(2.0f));
	assert_int_equal(mufu1(s, 4, raw(4.0f), BIT64(48)), raw(-0.25f));
	assert_int_equal(mufu1(s, 2, raw(3.0f), BIT64(50)), raw(1.0f));
	assert_int_equal(mufu1(s, 6, raw64(4.0) >> 32, 0), raw64(0.25) >> 32);
	assert_int_equal(mufu1(s, 7, raw64(16.0) >> 32, 0),
			 raw64(0.25) >> 32);
	assert_int_equal(mufu1(s, 7, 0, 0), raw64(INFINITY) >> 32);
}

/* RRO leaves the value as it is, but for its sign. */
static void test_rro(void **state)
{
	struct sass *s = *state;

	float constant = 0.75f;

	memcpy(s->run->cb[1].data + 8, &constant, sizeof(constant));
	s->w->r[0][3] = raw(-1.5f);
	sass_step(s, OP(0x5c90) | D(1) | B(0));
	assert_int_equal(s->w->r[1][3], raw(-1.5f));
	sass_step(s, OP(0x5c90) | D(1) | B(0) | BIT64(39) | BIT64(45) |
		  BIT64(49));
	assert_int_equal(s->w->r[1][3], raw(-1.5f));
	sass_step(s, OP(0x3890) | D(1) | FIMM(raw(2.0f)) | BIT64(45));
	assert_int_equal(s->w->r[1][3], raw(-2.0f));
	sass_step(s, OP(0x4c90) | D(1) | CB(1, 8) | BIT64(45));
	assert_int_equal(s->w->r[1][3], raw(-0.75f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_single),
		cmocka_unit_test(test_rounding),
		cmocka_unit_test(test_double_rounding),
		cmocka_unit_test(test_imm32),
		cmocka_unit_test(test_double),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_mufu),
		cmocka_unit_test(test_mufu_special),
		cmocka_unit_test(test_rro),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
