// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Double precision arithmetic, on the host's.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   DADD	40:39 rounding, 45 -b, 46 |a|, 48 -a, 49 |b|
 *   DMUL	40:39 rounding, 48 -(a*b)
 *   DFMA	48 -(a*b), 49 -c, 51:50 rounding
 *   DMNMX	42:39 predicate, 45 -b, 46 |a|, 48 -a, 49 |b|
 */
#include <math.h>

#include "sass.h"

#define F64_SIGN	(1ull << 63)

/*
 * The sign is changed as a bit: of a minus the compiler would know that it
 * may move it across an operation, which directed rounding does not allow.
 */
static double source(const uint32_t *row, unsigned int l, bool abs, bool neg)
{
	uint64_t bits = nvgpu_pair(row, l);

	if (abs)
		bits &= ~F64_SIGN;
	return nvgpu_f64(neg ? bits ^ F64_SIGN : bits);
}

static void put(uint32_t v[2][NVGPU_LANES], unsigned int l, double d)
{
	uint64_t bits = nvgpu_f64_bits(d);

	v[0][l] = bits;
	v[1][l] = bits >> 32;
}

enum nvgpu_step nvgpu_op_dadd(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	bool abs_a = nvgpu_bit(in, 46), neg_a = nvgpu_bit(in, 48);
	bool abs_b = nvgpu_bit(in, 49), neg_b = nvgpu_bit(in, 45);
	uint32_t v[2][NVGPU_LANES];

	NVGPU_EACH(l)
		put(v, l, source(x->a, l, abs_a, neg_a) +
			  source(x->b, l, abs_b, neg_b));
	nvgpu_write64(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_dmul(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	bool neg = nvgpu_bit(in, 48);
	uint32_t v[2][NVGPU_LANES];

	NVGPU_EACH(l)
		put(v, l, source(x->a, l, false, neg) *
			  source(x->b, l, false, false));
	nvgpu_write64(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_dfma(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	bool neg_ab = nvgpu_bit(in, 48), neg_c = nvgpu_bit(in, 49);
	uint32_t v[2][NVGPU_LANES];

	NVGPU_EACH(l)
		put(v, l, fma(source(x->a, l, false, neg_ab),
			      source(x->b, l, false, false),
			      source(x->c, l, false, neg_c)));
	nvgpu_write64(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* IEEE 754 minNum, maxNum: a number beats a NaN; -0 is less than +0. */
static double min_max(double a, double b, bool min)
{
	if (isnan(a))
		return b;
	if (isnan(b))
		return a;
	if (a == b)
		return !signbit(a) == min ? b : a;
	return (a < b) == min ? a : b;
}

enum nvgpu_step nvgpu_op_dmnmx(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	bool abs_a = nvgpu_bit(in, 46), neg_a = nvgpu_bit(in, 48);
	bool abs_b = nvgpu_bit(in, 49), neg_b = nvgpu_bit(in, 45);
	uint32_t min = nvgpu_pred(x, in, 39, 42);
	uint32_t v[2][NVGPU_LANES];

	NVGPU_EACH(l)
		put(v, l, min_max(source(x->a, l, abs_a, neg_a),
				  source(x->b, l, abs_b, neg_b),
				  min >> l & 1));
	nvgpu_write64(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
