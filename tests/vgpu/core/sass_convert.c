// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Conversions between and within integers and floats.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   all	9:8 size of the result, 11:10 size of the source, log2 bytes;
 *		45 -b, 49 |b|
 *   F2F	40:39 rounding, 41 upper half of an f16 source, 42 round to
 *		an integer, 44 .FTZ, 50 .SAT
 *   F2I	12 signed result, 40:39 rounding, 44 .FTZ
 *   I2F	13 signed source, 40:39 rounding, 42:41 byte of the source
 *   I2I	12 signed result, 13 signed source, 42:41 byte, 50 .SAT
 */
#include <fenv.h>
#include <float.h>
#include <math.h>

#include "sass.h"

/* log2 of a size in bytes */
enum {
	SIZE_8	= 0,
	SIZE_16	= 1,
	SIZE_32	= 2,
	SIZE_64	= 3,
};

#define DST_SIZE(in)	nvgpu_bits(in, 8, 2)
#define SRC_SIZE(in)	nvgpu_bits(in, 10, 2)

#define F16_EXP		0x7c00u
#define F16_MANT	0x03ffu
#define F16_SIGN	0x8000u
#define F16_NAN		0x7fffu
#define F16_MAX		65504.0
#define F16_MIN_EXP	(-14)	/* of the smallest normal number */
#define F16_MANT_BITS	10

static enum nvgpu_step bad_size(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	return nvgpu_unknown_insn(x, in->w, in->op->name,
				  "operand size not modelled");
}

static double from_f16(uint16_t h)
{
	int exp = (h & F16_EXP) >> F16_MANT_BITS;
	double mant = h & F16_MANT, d;

	if ((h & F16_EXP) == F16_EXP)
		d = h & F16_MANT ? (double)NAN : (double)INFINITY;
	else if (!exp)
		d = ldexp(mant, F16_MIN_EXP - F16_MANT_BITS);
	else
		d = ldexp(mant + (1 << F16_MANT_BITS),
			  exp - 1 + F16_MIN_EXP - F16_MANT_BITS);
	return h & F16_SIGN ? -d : d;
}

/* @v is rounded to binary16 and too large for it: infinity, or the maximum */
static double f16_overflow(double v)
{
	/* binary32 overflows by the same rule. */
	float f = (float)copysign(DBL_MAX, v);

	return isinf(f) ? f : copysign(F16_MAX, v);
}

/*
 * Round to an integer.  rint() would ask the host for its rounding mode, and
 * compilers expand it into code that holds for round to nearest only.
 */
static double round_int(double d, int mode)
{
	double frac;
	int64_t i;

	if (!(fabs(d) < 0x1p52))	/* an integer, an infinity, a NaN */
		return d;
	i = (int64_t)d;
	frac = d - (double)i;
	if (mode == FE_DOWNWARD)
		i -= frac < 0;
	else if (mode == FE_UPWARD)
		i += frac > 0;
	else if (mode == FE_TONEAREST &&
		 (fabs(frac) > 0.5 || (fabs(frac) == 0.5 && i & 1)))
		i += d < 0 ? -1 : 1;
	return copysign((double)i, d);
}

/* Round to binary16; @mode is the host's current mode, too. */
static uint16_t to_f16(double d, int mode)
{
	uint16_t sign = signbit(d) ? F16_SIGN : 0;
	int exp, scale;
	double v;

	if (isnan(d))
		return F16_NAN;
	frexp(d, &exp);
	if (exp - 1 < F16_MIN_EXP || d == 0)
		exp = F16_MIN_EXP + 1;
	scale = F16_MANT_BITS - (exp - 1);
	v = isinf(d) ? d :
	    ldexp(round_int(ldexp(d, scale), mode), -scale);
	if (fabs(v) > F16_MAX)
		v = isinf(d) ? d : f16_overflow(v);
	if (isinf(v))
		return sign | F16_EXP;
	v = fabs(v);
	if (v < ldexp(1, F16_MIN_EXP))
		return sign | (uint16_t)ldexp(v, F16_MANT_BITS - F16_MIN_EXP);
	frexp(v, &exp);
	v = ldexp(v, F16_MANT_BITS - (exp - 1));
	return sign | (exp - F16_MIN_EXP) << F16_MANT_BITS |
	       ((uint16_t)v & F16_MANT);
}

/* The source of F2F and F2I as a double, which holds all of them. */
static double float_source(const struct nvgpu_exec *x,
			   const struct nvgpu_insn *in, unsigned int l,
			   bool upper)
{
	bool ftz = nvgpu_bit(in, 44);
	double d;

	switch (SRC_SIZE(in)) {
	case SIZE_16:
		d = from_f16(x->b[l] >> (upper ? 16 : 0));
		break;
	case SIZE_32:
		d = nvgpu_f32(ftz ? nvgpu_ftz(x->b[l]) : x->b[l]);
		break;
	default:
		d = nvgpu_f64(nvgpu_pair(x->b, l));
		break;
	}
	if (nvgpu_bit(in, 49))
		d = fabs(d);
	return nvgpu_bit(in, 45) ? -d : d;
}

static void put64(uint32_t v[2][NVGPU_LANES], unsigned int l, uint64_t bits)
{
	v[0][l] = bits;
	v[1][l] = bits >> 32;
}

/* A result in the format of @size; narrow ones leave the upper bits zero. */
static uint64_t float_result(const struct nvgpu_insn *in, unsigned int size,
			     double d, bool ftz, bool sat)
{
	uint32_t v;

	if (sat)
		d = d > 0 ? fmin(d, 1) : 0;
	switch (size) {
	case SIZE_16:
		return to_f16(d, in->round);
	case SIZE_32:
		v = nvgpu_canonical(nvgpu_f32_bits((float)d));
		return ftz ? nvgpu_ftz(v) : v;
	default:
		return nvgpu_f64_bits(d);
	}
}

static void write_sized(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			uint32_t v[2][NVGPU_LANES])
{
	if (DST_SIZE(in) == SIZE_64)
		nvgpu_write64(x, in->d, v);
	else
		nvgpu_write(x, in->d, v[0]);
}

enum nvgpu_step nvgpu_op_f2f(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool upper = nvgpu_bit(in, 41), to_int = nvgpu_bit(in, 42);
	bool ftz = nvgpu_bit(in, 44), sat = nvgpu_bit(in, 50);
	uint32_t v[2][NVGPU_LANES];

	if (SRC_SIZE(in) == SIZE_8 || DST_SIZE(in) == SIZE_8)
		return bad_size(x, in);
	NVGPU_EACH(l) {
		double d = float_source(x, in, l, upper);

		if (to_int)
			d = round_int(d, in->round);
		put64(v, l, float_result(in, DST_SIZE(in), d, ftz, sat));
	}
	write_sized(x, in, v);
	return NVGPU_STEP_NEXT;
}

/* Clamp @d, an integer, to what fits; NaN is zero (PTX cvt). */
static uint64_t clamp_to_int(double d, unsigned int size, bool sign)
{
	unsigned int bits = 8u << size;
	/* the first too large */
	double max = ldexp(1, sign ? bits - 1 : bits);
	uint64_t max_int = UINT64_MAX >> (64 - bits) >> sign;

	if (isnan(d))
		return 0;
	if (d >= max)
		return max_int;
	if (!sign)
		return d > 0 ? (uint64_t)d : 0;
	return d < -max ? ~max_int : (uint64_t)(int64_t)d;
}

enum nvgpu_step nvgpu_op_f2i(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool sign = nvgpu_bit(in, 12);
	uint32_t v[2][NVGPU_LANES];

	if (SRC_SIZE(in) == SIZE_8)
		return bad_size(x, in);
	NVGPU_EACH(l) {
		double d = round_int(float_source(x, in, l, false), in->round);

		put64(v, l, clamp_to_int(d, DST_SIZE(in), sign));
	}
	write_sized(x, in, v);
	return NVGPU_STEP_NEXT;
}

/* The integer source, extended to 64 bits. */
static uint64_t int_source(const struct nvgpu_exec *x,
			   const struct nvgpu_insn *in, unsigned int l)
{
	uint32_t v = x->b[l] >> 8 * nvgpu_bits(in, 41, 2);
	bool sign = nvgpu_bit(in, 13);

	switch (SRC_SIZE(in)) {
	case SIZE_8:
		return sign ? (uint64_t)(int8_t)v : (uint8_t)v;
	case SIZE_16:
		return sign ? (uint64_t)(int16_t)v : (uint16_t)v;
	case SIZE_32:
		return sign ? (uint64_t)(int32_t)v : v;
	default:
		return nvgpu_pair(x->b, l);
	}
}

/* Absolute value and minus; both leave the source's width behind. */
static uint64_t int_absneg(const struct nvgpu_insn *in, uint64_t v)
{
	if (nvgpu_bit(in, 49) && v >> 63)
		v = -v;
	return nvgpu_bit(in, 45) ? -v : v;
}

static bool bad_selector(const struct nvgpu_insn *in)
{
	unsigned int byte = nvgpu_bits(in, 41, 2);

	return (SRC_SIZE(in) >= SIZE_32 && byte) ||
	       (SRC_SIZE(in) == SIZE_16 && byte & 1);
}

/*
 * A 64 bit integer rounds to f32 in one step, so not by way of double; f16
 * may go there: what double loses is far beyond f16's range.
 */
static uint64_t int_to_float(const struct nvgpu_insn *in, uint64_t v,
			     bool sign)
{
	if (DST_SIZE(in) == SIZE_32)
		return nvgpu_f32_bits(sign ? (float)(int64_t)v : (float)v);
	return float_result(in, DST_SIZE(in),
			    sign ? (double)(int64_t)v : (double)v, false,
			    false);
}

enum nvgpu_step nvgpu_op_i2f(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool neg = nvgpu_bit(in, 45), abs = nvgpu_bit(in, 49);
	/* Minus makes an unsigned source of less than 64 bits signed. */
	bool sign = neg || (nvgpu_bit(in, 13) && !abs);
	uint32_t v[2][NVGPU_LANES];

	if (DST_SIZE(in) == SIZE_8 || bad_selector(in) ||
	    (SRC_SIZE(in) == SIZE_64 && neg && !nvgpu_bit(in, 13)))
		return bad_size(x, in);
	NVGPU_EACH(l)
		put64(v, l, int_to_float(in, int_absneg(in,
							int_source(x, in, l)),
					 sign));
	write_sized(x, in, v);
	return NVGPU_STEP_NEXT;
}

static uint64_t int_saturate(uint64_t v, unsigned int bits, bool sign)
{
	int64_t max = UINT64_MAX >> (64 - bits) >> sign;
	int64_t min = sign ? -max - 1 : 0;

	if ((int64_t)v > max)
		return max;
	return (int64_t)v < min ? (uint64_t)min : v;
}

/* The low @bits of @v, extended as the result's type wants it. */
static uint32_t int_truncate(uint64_t v, unsigned int bits, bool sign)
{
	uint32_t low = v << (32 - bits);

	return sign ? (uint32_t)((int32_t)low >> (32 - bits)) :
		      low >> (32 - bits);
}

enum nvgpu_step nvgpu_op_i2i(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool sign = nvgpu_bit(in, 12), sat = nvgpu_bit(in, 50);
	unsigned int bits = 8u << DST_SIZE(in);
	uint32_t v[NVGPU_LANES];

	if (DST_SIZE(in) == SIZE_64 || SRC_SIZE(in) == SIZE_64 ||
	    bad_selector(in))
		return bad_size(x, in);
	NVGPU_EACH(l) {
		uint64_t b = int_absneg(in, int_source(x, in, l));

		if (sat)
			b = int_saturate(b, bits, sign);
		v[l] = int_truncate(b, bits, sign);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
