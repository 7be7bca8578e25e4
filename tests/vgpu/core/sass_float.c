// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Single precision arithmetic, on the host's: IEEE 754 binary32, one
 * rounding an operation, fused multiply-add fused.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   FADD	40:39 rounding, 44 .FTZ, 45 -b, 46 |a|, 48 -a, 49 |b|, 50 .SAT
 *   FADD32I	53 -b, 54 |a|, 55 .FTZ, 56 -a, 57 |b|
 *   FMUL	40:39 rounding, 43:41 scale, 45:44 .FTZ .FMZ, 48 -(a*b),
 *		50 .SAT
 *   FMUL32I	54:53 .FTZ .FMZ, 55 .SAT
 *   FFMA	48 -(a*b), 49 -c, 50 .SAT, 52:51 rounding, 54:53 .FTZ .FMZ
 *   FFMA32I	c is d; 54:53 .FTZ .FMZ, 55 .SAT, 56 -(a*b), 57 -c
 *   FMNMX	42:39 predicate, 44 .FTZ, 45 -b, 46 |a|, 48 -a, 49 |b|
 *   RRO	39 for EX2, 45 -b, 49 |b|
 *   MUFU	23:20 function, 46 |a|, 48 -a, 50 .SAT
 */
#include <math.h>

#include "sass.h"

/* What multiplications do with denormals. */
enum {
	FMZ_NONE	= 0,
	FMZ_FTZ		= 1,	/* flush to zero */
	FMZ_FMZ		= 2,	/* and 0 times anything is 0 */
};

/** struct fmod - modifiers of an f32 operation */
struct fmod {
	bool neg_a, abs_a, neg_b, abs_b, neg_c, ftz, sat;
	unsigned int fmz;
};

static uint32_t finish(float f, bool ftz, bool sat)
{
	uint32_t v = nvgpu_f32_bits(f);

	if (ftz)
		v = nvgpu_ftz(v);
	v = nvgpu_canonical(v);
	return sat ? nvgpu_sat(v) : v;
}

static float source(uint32_t v, bool ftz, bool abs, bool neg)
{
	return nvgpu_f32(nvgpu_absneg(ftz ? nvgpu_ftz(v) : v, abs, neg));
}

static enum nvgpu_step lanes_fadd(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  const struct fmod *m)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = finish(source(x->a[l], m->ftz, m->abs_a, m->neg_a) +
			      source(x->b[l], m->ftz, m->abs_b, m->neg_b),
			      m->ftz, m->sat);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_fadd(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct fmod m = {
		.ftz = nvgpu_bit(in, 44), .neg_b = nvgpu_bit(in, 45),
		.abs_a = nvgpu_bit(in, 46), .neg_a = nvgpu_bit(in, 48),
		.abs_b = nvgpu_bit(in, 49), .sat = nvgpu_bit(in, 50),
	};

	return lanes_fadd(x, in, &m);
}

enum nvgpu_step nvgpu_op_fadd32i(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	struct fmod m = {
		.neg_b = nvgpu_bit(in, 53), .abs_a = nvgpu_bit(in, 54),
		.ftz = nvgpu_bit(in, 55), .neg_a = nvgpu_bit(in, 56),
		.abs_b = nvgpu_bit(in, 57),
	};

	return lanes_fadd(x, in, &m);
}

/* .FMZ: 0 times anything, infinity and NaN included, is plus zero. */
static bool fmz_zero(const struct fmod *m, float a, float b)
{
	return m->fmz & FMZ_FMZ && (a == 0 || b == 0);
}

/*
 * The product of two floats is exact as a double, and so is its scaling:
 * the conversion is the one rounding.
 */
static enum nvgpu_step lanes_fmul(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  const struct fmod *m, double scale)
{
	bool ftz = m->fmz != FMZ_NONE;
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		float a = source(x->a[l], ftz, false, m->neg_a);
		float b = source(x->b[l], ftz, false, false);

		v[l] = fmz_zero(m, a, b) ? 0 :
		       finish((float)((double)a * b * scale), ftz, m->sat);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_fmul(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	/* emitPDIV: divide by 2, 4, 8; multiply by 8, 4, 2 */
	static const double scale[] = { 1, 0.5, 0.25, 0.125, 8, 4, 2, 0 };
	unsigned int pdiv = nvgpu_bits(in, 41, 3);
	struct fmod m = {
		.fmz = nvgpu_bits(in, 44, 2), .neg_a = nvgpu_bit(in, 48),
		.sat = nvgpu_bit(in, 50),
	};

	if (scale[pdiv] == 0)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "scale not modelled");
	return lanes_fmul(x, in, &m, scale[pdiv]);
}

enum nvgpu_step nvgpu_op_fmul32i(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	struct fmod m = {
		.fmz = nvgpu_bits(in, 53, 2), .sat = nvgpu_bit(in, 55),
	};

	return lanes_fmul(x, in, &m, 1);
}

/* a * b + c, rounded once */
static void fma_row(const float *a, const float *b, const float *c, float *v)
{
	NVGPU_EACH(l)
		v[l] = fmaf(a[l], b[l], c[l]);
}

#ifdef __x86_64__
/* The same by an instruction that not every processor has */
__attribute__((target("avx,fma")))
static void fma_row_fast(const float *a, const float *b, const float *c,
			 float *v)
{
	NVGPU_EACH(l)
		v[l] = __builtin_fmaf(a[l], b[l], c[l]);
}
#else
#define fma_row_fast	fma_row
#define __builtin_cpu_supports(feature)	0
#endif

static void fma_any(const struct nvgpu_exec *x, const float *a, const float *b,
		    const float *c, float *v)
{
	if (!x->gpu->config.sm_scalar && __builtin_cpu_supports("fma"))
		fma_row_fast(a, b, c, v);
	else
		fma_row(a, b, c, v);
}

static enum nvgpu_step lanes_ffma(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  const uint32_t *rc, const struct fmod *m)
{
	float a[NVGPU_LANES], b[NVGPU_LANES], c[NVGPU_LANES], f[NVGPU_LANES];
	bool ftz = m->fmz != FMZ_NONE;
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		a[l] = source(x->a[l], ftz, false, m->neg_a);
		b[l] = source(x->b[l], ftz, false, false);
		c[l] = source(rc[l], ftz, false, m->neg_c);
	}
	fma_any(x, a, b, c, f);
	NVGPU_EACH(l)
		v[l] = finish(fmz_zero(m, a[l], b[l]) ? c[l] + 0.0f : f[l],
			      ftz, m->sat);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_ffma(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct fmod m = {
		.neg_a = nvgpu_bit(in, 48), .neg_c = nvgpu_bit(in, 49),
		.sat = nvgpu_bit(in, 50), .fmz = nvgpu_bits(in, 53, 2),
	};

	return lanes_ffma(x, in, x->c, &m);
}

enum nvgpu_step nvgpu_op_ffma32i(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	struct fmod m = {
		.fmz = nvgpu_bits(in, 53, 2), .sat = nvgpu_bit(in, 55),
		.neg_a = nvgpu_bit(in, 56), .neg_c = nvgpu_bit(in, 57),
	};

	return lanes_ffma(x, in, x->w->r[in->d], &m);
}

/* IEEE 754 minNum, maxNum: a number beats a NaN; -0 is less than +0. */
static float min_max(float a, float b, bool min)
{
	if (isnan(a))
		return b;
	if (isnan(b))
		return a;
	if (a == b)
		return !signbit(a) == min ? b : a;
	return (a < b) == min ? a : b;
}

enum nvgpu_step nvgpu_op_fmnmx(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	bool ftz = nvgpu_bit(in, 44);
	bool abs_a = nvgpu_bit(in, 46), neg_a = nvgpu_bit(in, 48);
	bool abs_b = nvgpu_bit(in, 49), neg_b = nvgpu_bit(in, 45);
	uint32_t min = nvgpu_pred(x, in, 39, 42), v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = finish(min_max(source(x->a[l], ftz, abs_a, neg_a),
				      source(x->b[l], ftz, abs_b, neg_b),
				      min >> l & 1), ftz, false);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/*
 * Hardware brings the operand into the form that MUFU.SIN, COS and EX2
 * expect.  Here those take any float, so nothing is left to do.
 */
enum nvgpu_step nvgpu_op_rro(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool neg = nvgpu_bit(in, 45), abs = nvgpu_bit(in, 49);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = nvgpu_absneg(x->b[l], abs, neg);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Functions of MUFU: emitMUFU. */
enum {
	MUFU_COS	= 0,
	MUFU_SIN	= 1,
	MUFU_EX2	= 2,
	MUFU_LG2	= 3,
	MUFU_RCP	= 4,
	MUFU_RSQ	= 5,
	MUFU_RCP64H	= 6,	/* on the upper word of a double */
	MUFU_RSQ64H	= 7,
	MUFU_SQRT	= 8,
	MUFU_LAST	= MUFU_SQRT,
};

static float mufu32(unsigned int fn, float f)
{
	switch (fn) {
	case MUFU_COS:
		return cosf(f);
	case MUFU_SIN:
		return sinf(f);
	case MUFU_EX2:
		return exp2f(f);
	case MUFU_LG2:
		return log2f(f);
	case MUFU_RCP:
		return 1 / f;
	case MUFU_RSQ:
		return (float)(1 / sqrt(f));
	default:
		return sqrtf(f);
	}
}

static uint32_t mufu64h(unsigned int fn, uint32_t hi)
{
	double d = nvgpu_f64((uint64_t)hi << 32);

	d = fn == MUFU_RCP64H ? 1 / d : 1 / sqrt(d);
	return nvgpu_f64_bits(d) >> 32;
}

enum nvgpu_step nvgpu_op_mufu(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	bool abs = nvgpu_bit(in, 46), neg = nvgpu_bit(in, 48);
	unsigned int fn = nvgpu_bits(in, 20, 4);
	uint32_t v[NVGPU_LANES];

	if (fn > MUFU_LAST)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "function not modelled");
	NVGPU_EACH(l) {
		uint32_t a = nvgpu_absneg(x->a[l], abs, neg);

		if (fn == MUFU_RCP64H || fn == MUFU_RSQ64H)
			v[l] = mufu64h(fn, a);
		else
			v[l] = finish(mufu32(fn, nvgpu_f32(a)), false,
				      nvgpu_bit(in, 50));
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
