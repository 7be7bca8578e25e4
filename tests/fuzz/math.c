// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Functions of floats: each alone, on operands that are chosen, against the
 * host's long double, with the error that OpenCL allows (the tables "ULP
 * values for single/double precision built-in math functions" of the OpenCL C
 * 3.0 specification, section 7.4).
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "fuzz.h"

/** enum domain - where operands come from */
enum domain {
	/** @NONE: no such operand */
	NONE,
	/** @ANY: everything but subnormal numbers */
	ANY,
	/** @WIDE: finite, far from where squares overflow */
	WIDE,
	/** @UNIT: mostly in [-1, 1] */
	UNIT,
	/** @MIDDLE: up to 100 and a bit */
	MIDDLE,
	/** @POSITIVE: like WIDE */
	POSITIVE,
	/** @WHOLE: small integers, not 0 */
	WHOLE,
};

/** struct function - for float and double alike */
struct function {
	/** @source: an expression of x, y, z, and of T p, int n to point at */
	const char *source;
	/** @ulps: error allowed of float, of double; -1: not of double */
	double ulps[2];
	enum domain domain[OPERANDS];
	/** @is: what it is, exactly */
	void (*is)(const long double *x, long double *is);
};

/* Correctly rounded; the reference is a little wrong itself. */
#define EXACT { 0.5, 0.5 }
/* Of float alone: Mesa's doubles are known to be off (M41 in opencl.rst). */
#define FLOAT(ulps) { ulps, -1 }
#define PI 3.14159265358979323846264338327950288L

#define IS(name, value)							\
	static void name(const long double *x, long double *is) { *is = value; }

static long double sin_pi(long double v)
{
	v = remainderl(v, 2);
	if (fabsl(v) > 0.5L)
		v = copysignl(1, v) - v;
	return fabsl(v) > 0.25L ?
	       copysignl(cosl(PI * (0.5L - fabsl(v))), v) : sinl(PI * v);
}

static long double cos_pi(long double v)
{
	v = fabsl(remainderl(v, 2));
	return v > 0.25L ? sin_pi(0.5L - v) : cosl(PI * v);
}

static long double root(long double v, long double n)
{
	if (v < 0 && fmodl(n, 2) != 0)
		return -powl(-v, 1 / n);
	return powl(v, 1 / n);
}

static long double fraction(long double v)
{
	int n;

	return frexpl(v, &n);
}

static long double exponent(long double v)
{
	int n = 0;

	frexpl(v, &n);
	return n;
}

static long double rest(long double v)
{
	long double whole;

	return modfl(v, &whole);
}

IS(is_add, x[0] + x[1])
IS(is_sub, x[0] - x[1])
IS(is_mul, x[0] * x[1])
IS(is_div, x[0] / x[1])
IS(is_fma, fmal(x[0], x[1], x[2]))
IS(is_recip, 1 / x[0])
IS(is_sqrt, sqrtl(x[0]))
IS(is_rsqrt, 1 / sqrtl(x[0]))
IS(is_cbrt, cbrtl(x[0]))
IS(is_sin, sinl(x[0]))
IS(is_cos, cosl(x[0]))
IS(is_tan, tanl(x[0]))
IS(is_sinpi, sin_pi(x[0]))
IS(is_cospi, cos_pi(x[0]))
IS(is_tanpi, sin_pi(x[0]) / cos_pi(x[0]))
IS(is_asin, asinl(x[0]))
IS(is_acos, acosl(x[0]))
IS(is_atan, atanl(x[0]))
IS(is_asinpi, asinl(x[0]) / PI)
IS(is_acospi, acosl(x[0]) / PI)
IS(is_atanpi, atanl(x[0]) / PI)
IS(is_atan2, atan2l(x[0], x[1]))
IS(is_atan2pi, atan2l(x[0], x[1]) / PI)
IS(is_sinh, sinhl(x[0]))
IS(is_cosh, coshl(x[0]))
IS(is_tanh, tanhl(x[0]))
IS(is_asinh, asinhl(x[0]))
IS(is_acosh, acoshl(x[0]))
IS(is_atanh, atanhl(x[0]))
IS(is_exp, expl(x[0]))
IS(is_exp2, exp2l(x[0]))
IS(is_exp10, powl(10, x[0]))
IS(is_expm1, expm1l(x[0]))
IS(is_log, logl(x[0]))
IS(is_log2, log2l(x[0]))
IS(is_log10, log10l(x[0]))
IS(is_log1p, log1pl(x[0]))
IS(is_pow, powl(x[0], x[1]))
IS(is_pown, powl(x[0], (int)x[1]))
IS(is_rootn, root(x[0], (int)x[1]))
IS(is_hypot, hypotl(x[0], x[1]))
IS(is_fmod, fmodl(x[0], x[1]))
IS(is_remainder, remainderl(x[0], x[1]))
IS(is_erf, erfl(x[0]))
IS(is_erfc, erfcl(x[0]))
IS(is_floor, floorl(x[0]))
IS(is_ceil, ceill(x[0]))
IS(is_trunc, truncl(x[0]))
IS(is_rint, rintl(x[0]))
IS(is_round, roundl(x[0]))
IS(is_fabs, fabsl(x[0]))
IS(is_fmin, fminl(x[0], x[1]))
IS(is_fmax, fmaxl(x[0], x[1]))
IS(is_fdim, fdiml(x[0], x[1]))
IS(is_copysign, copysignl(x[0], x[1]))
IS(is_ldexp, ldexpl(x[0], (int)x[1]))
IS(is_logb, logbl(x[0]))
IS(is_frexp, fraction(x[0]))
IS(is_exponent, exponent(x[0]))
IS(is_modf, rest(x[0]))

static const struct function functions[] = {
	{ "x + y", EXACT, { ANY, ANY }, is_add },
	{ "x - y", EXACT, { WIDE, WIDE }, is_sub },
	{ "x * y", EXACT, { ANY, ANY }, is_mul },
	{ "x / y", FLOAT(2.5), { WIDE, WIDE }, is_div },
	{ "fma(x, y, z)", EXACT, { WIDE, WIDE, WIDE }, is_fma },
	{ "1 / x", FLOAT(2.5), { WIDE }, is_recip },
	{ "sqrt(x)", FLOAT(3), { ANY }, is_sqrt },
	{ "rsqrt(x)", FLOAT(2), { ANY }, is_rsqrt },
	{ "cbrt(x)", FLOAT(2), { ANY }, is_cbrt },
	{ "sin(x)", FLOAT(4), { WIDE }, is_sin },
	{ "cos(x)", FLOAT(4), { WIDE }, is_cos },
	{ "sincos(x, &p)", FLOAT(4), { MIDDLE }, is_sin },
	{ "tan(x)", FLOAT(5), { WIDE }, is_tan },
	{ "sinpi(x)", FLOAT(4), { WIDE }, is_sinpi },
	{ "cospi(x)", FLOAT(4), { WIDE }, is_cospi },
	{ "tanpi(x)", FLOAT(6), { MIDDLE }, is_tanpi },
	{ "asin(x)", FLOAT(4), { UNIT }, is_asin },
	{ "acos(x)", FLOAT(4), { UNIT }, is_acos },
	{ "atan(x)", FLOAT(5), { ANY }, is_atan },
	{ "asinpi(x)", FLOAT(5), { UNIT }, is_asinpi },
	{ "acospi(x)", FLOAT(5), { UNIT }, is_acospi },
	{ "atanpi(x)", FLOAT(5), { ANY }, is_atanpi },
	{ "atan2(x, y)", FLOAT(6), { WIDE, WIDE }, is_atan2 },
	{ "atan2pi(x, y)", FLOAT(6), { WIDE, WIDE }, is_atan2pi },
	{ "sinh(x)", FLOAT(4), { MIDDLE }, is_sinh },
	{ "cosh(x)", FLOAT(4), { MIDDLE }, is_cosh },
	{ "tanh(x)", FLOAT(5), { MIDDLE }, is_tanh },
	{ "asinh(x)", FLOAT(4), { WIDE }, is_asinh },
	{ "acosh(x)", FLOAT(4), { POSITIVE }, is_acosh },
	{ "atanh(x)", FLOAT(5), { UNIT }, is_atanh },
	{ "exp(x)", FLOAT(3), { MIDDLE }, is_exp },
	{ "exp2(x)", FLOAT(3), { MIDDLE }, is_exp2 },
	{ "exp10(x)", FLOAT(3), { MIDDLE }, is_exp10 },
	{ "expm1(x)", FLOAT(3), { MIDDLE }, is_expm1 },
	{ "log(x)", FLOAT(3), { ANY }, is_log },
	{ "log2(x)", FLOAT(3), { ANY }, is_log2 },
	{ "log10(x)", FLOAT(3), { ANY }, is_log10 },
	{ "log1p(x)", FLOAT(2), { ANY }, is_log1p },
	{ "pow(x, y)", FLOAT(16), { POSITIVE, MIDDLE }, is_pow },
	{ "pow(x, y)", FLOAT(16), { MIDDLE, WHOLE }, is_pow },
	{ "powr(x, y)", FLOAT(16), { POSITIVE, MIDDLE }, is_pow },
	{ "pown(x, (int)y)", FLOAT(16), { MIDDLE, WHOLE }, is_pown },
	{ "rootn(x, (int)y)", FLOAT(16), { POSITIVE, WHOLE }, is_rootn },
	{ "hypot(x, y)", FLOAT(4), { WIDE, WIDE }, is_hypot },
	{ "fmod(x, y)", FLOAT(0), { WIDE, WIDE }, is_fmod },
	{ "remainder(x, y)", FLOAT(0), { WIDE, WIDE }, is_remainder },
	{ "remquo(x, y, &n)", FLOAT(0), { WIDE, WIDE }, is_remainder },
	{ "erf(x)", FLOAT(16), { MIDDLE }, is_erf },
	{ "erfc(x)", FLOAT(16), { MIDDLE }, is_erfc },
	{ "floor(x)", { 0, 0 }, { ANY }, is_floor },
	{ "ceil(x)", { 0, 0 }, { ANY }, is_ceil },
	{ "trunc(x)", { 0, 0 }, { ANY }, is_trunc },
	{ "rint(x)", { 0, 0 }, { ANY }, is_rint },
	{ "round(x)", { 0, 0 }, { ANY }, is_round },
	{ "fabs(x)", { 0, 0 }, { ANY }, is_fabs },
	{ "fmin(x, y)", { 0, 0 }, { ANY, ANY }, is_fmin },
	{ "fmax(x, y)", { 0, 0 }, { ANY, ANY }, is_fmax },
	{ "fdim(x, y)", EXACT, { ANY, ANY }, is_fdim },
	{ "copysign(x, y)", { 0, 0 }, { ANY, ANY }, is_copysign },
	{ "ldexp(x, (int)y)", EXACT, { WIDE, WHOLE }, is_ldexp },
	{ "logb(x)", { 0, 0 }, { ANY }, is_logb },
	{ "frexp(x, &n)", { 0, 0 }, { WIDE }, is_frexp },
	{ "(frexp(x, &n), (T)n)", { 0, 0 }, { WIDE }, is_exponent },
	{ "modf(x, &p)", { 0, 0 }, { ANY }, is_modf },
	{ "(modf(x, &p), p)", { 0, 0 }, { ANY }, is_trunc },
	{ "half_sin(x)", FLOAT(8192), { MIDDLE }, is_sin },
	{ "half_exp2(x)", FLOAT(8192), { MIDDLE }, is_exp2 },
	{ "half_rsqrt(x)", FLOAT(8192), { POSITIVE }, is_rsqrt },
	{ "half_divide(x, y)", FLOAT(8192), { MIDDLE, MIDDLE }, is_div },
};

#define FUNCTIONS (sizeof(functions) / sizeof(*functions))

/* What the two types are made of */
static const struct {
	int digits, least, most;	/* of mantissa; exponents */
	unsigned int bias;
} formats[2] = {
	{ FLT_MANT_DIG, FLT_MIN_EXP, FLT_MAX_EXP, 127 },
	{ DBL_MANT_DIG, DBL_MIN_EXP, DBL_MAX_EXP, 1023 },
};

unsigned int math_count(void)
{
	return 2 * FUNCTIONS;
}

bool math_is_double(unsigned int n)
{
	return n % 2 && functions[n / 2].ulps[1] >= 0;
}

const char *math_source(unsigned int n)
{
	return functions[n / 2].source;
}

static uint64_t bits_of(double value, bool wide)
{
	float single = value;
	uint64_t bits = 0;

	if (wide)
		memcpy(&bits, &value, 8);
	else
		memcpy(&bits, &single, 4);
	return bits;
}

static long double value_of(uint64_t bits, bool wide)
{
	double value;
	float single;

	memcpy(&value, &bits, 8);
	memcpy(&single, &bits, 4);
	return wide ? value : single;
}

/* A number with a random mantissa, of that exponent */
static uint64_t with_exponent(bool wide, int exponent, struct random *r)
{
	int mantissa = formats[wide].digits - 1;
	uint64_t bits = random_next(r) & ((1ull << mantissa) - 1);

	if (random_one_in(r, 4))
		bits &= 15ull << (mantissa - 4);
	bits |= (uint64_t)(exponent + formats[wide].bias) << mantissa;
	if (random_one_in(r, 2))
		bits |= 1ull << (wide ? 63 : 31);
	return bits;
}

static int between(struct random *r, int low, int high)
{
	return low + (int)random_below(r, high - low + 1);
}

static uint64_t special(bool wide, struct random *r)
{
	static const double values[] = {
		0, -0.0, 1, -1, 0.5, -0.5, 2, 1.5, -2.5, INFINITY, -INFINITY,
		NAN, 3, 1e9, 16777216, 4503599627370497.0,
	};

	return bits_of(values[random_below(r, 16)], wide);
}

uint64_t math_operand(unsigned int n, unsigned int which, struct random *r)
{
	bool wide = math_is_double(n);
	int most = formats[wide].most;
	uint64_t sign = 1ull << (wide ? 63 : 31);

	switch (functions[n / 2].domain[which]) {
	case ANY:
		if (random_one_in(r, 8))
			return special(wide, r);
		return with_exponent(wide, random_one_in(r, 2) ?
				     between(r, 2 - most, most - 1) :
				     between(r, -3, 3), r);
	case WIDE:
		return with_exponent(wide, random_one_in(r, 2) ?
				     between(r, -most / 4, most / 4) :
				     between(r, -3, 5), r);
	case POSITIVE:
		return with_exponent(wide, random_one_in(r, 2) ?
				     between(r, -20, 20) :
				     between(r, -2, 2), r) & ~sign;
	case UNIT:
		return with_exponent(wide, random_one_in(r, 2) ?
				     between(r, -20, -1) :
				     between(r, -1, 0), r);
	case MIDDLE:
		return with_exponent(wide, random_one_in(r, 2) ?
				     between(r, -10, 6) :
				     between(r, -2, 2), r);
	case WHOLE:
		return bits_of(random_one_in(r, 2) ? between(r, 1, 20) :
			       -between(r, 1, 20), wide);
	case NONE:
		break;
	}
	return 0;
}

/* One in the last place of a number as large as @value. */
static long double ulp(long double value, bool wide)
{
	int exponent;

	frexpl(value, &exponent);
	if (exponent < formats[wide].least)
		exponent = formats[wide].least;
	return ldexpl(1, exponent - formats[wide].digits);
}

/* May be flushed: single precision has no subnormals by default (7.5.3). */
static bool flushed(long double want, long double got, bool wide)
{
	return !wide && got == 0 && fabsl(want) <= FLT_MIN;
}

static bool close_enough(long double want, long double got, long double ulps,
			 bool wide)
{
	long double last = ldexpl(1, formats[wide].most);

	if (isnan(want) || isnan(got))
		return isnan(want) && isnan(got);
	if (isinf(got))
		got = copysignl(last, got);
	if (fabsl(want) > last)
		want = copysignl(last, want);
	if (flushed(want, got, wide))
		return true;
	/* what the reference itself is wrong by */
	ulps += ulps ? 0.01L : 0;
	return fabsl(want - got) <= ulps * ulp(want, wide);
}

bool math_right(unsigned int n, const uint64_t *operands, uint64_t got,
		char *why, size_t size)
{
	long double x[OPERANDS], value, want;
	const struct function *f = &functions[n / 2];
	bool wide = math_is_double(n);
	unsigned int i;

	value = value_of(got, wide);
	for (i = 0; i < OPERANDS; i++)
		x[i] = value_of(operands[i], wide);
	f->is(x, &want);
	if (close_enough(want, value, f->ulps[wide], wide))
		return true;
	snprintf(why, size,
		 "%s of %s %.17Lg, %.17Lg, %.17Lg is %.17Lg, not %.17Lg: %.3Lg ulp, not %g",
		 f->source, wide ? "double" : "float", x[0], x[1], x[2], want,
		 value, fabsl(want - value) / ulp(want, wide), f->ulps[wide]);
	return false;
}

void gen_math(FILE *f, struct kernel *k, struct random *r)
{
	unsigned int i, item, j, at = 0;

	fprintf(f, "\n\tuint gid = get_global_id(0);");
	for (i = 0; i < CALLS; i++) {
		unsigned int n = random_below(r, math_count());
		bool wide = math_is_double(n);
		const char *t = wide ? "double" : "float";
		const char *as = wide ? "as_double(" : "as_float((uint)";

		k->call[i] = n;
		fprintf(f, "\n\t{\n\t\ttypedef %s T;\n", t);
		fprintf(f, "\t\t__global const ulong *o = in + (%u + gid) * %u;\n",
			i * ITEMS_MAX, OPERANDS);
		fprintf(f, "\t\tT x = %so[0]), y = %so[1]), z = %so[2]);\n",
			as, as, as);
		fprintf(f, "\t\tT p = 0; int n = 0;\n\t\tT w = %s;\n",
			math_source(n));
		fprintf(f, "\t\tres[gid * %u + %u] = as_%s(w);\n\t}", OUT_WORDS,
			i, wide ? "ulong" : "uint");
		for (item = 0; item < ITEMS_MAX; item++)
			for (j = 0; j < OPERANDS; j++)
				k->in[at++] = math_operand(n, j, r);
	}
}
