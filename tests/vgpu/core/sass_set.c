// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Comparisons, and predicate logic.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   ICMP		48 signed, 51:49 condition of c against zero
 *   ISET, ISETP	43 .X, 44 .BF (ISET), 48 signed, 51:49 condition
 *   FCMP		47 .FTZ, 51:48 condition
 *   FSET, DSET		43 -a, 44 |b|, 51:48 condition, 52 .BF, 53 -b,
 *			54 |a|, 55 .FTZ (FSET)
 *   FSETP, DSETP	6 -b, 7 |a|, 43 -a, 44 |b|, 47 .FTZ (FSETP),
 *			51:48 condition
 *   all SETs		42:39 predicate, 46:45 how it is combined;
 *   all SETPs		5:3 gets the result, 2:0 its opposite
 *   PSET, PSETP	(14:12, 15) op 26:24 (31:29, 32), op 46:45 (41:39, 42)
 */
#include <math.h>

#include "sass.h"

/* Combining a comparison with a predicate. */
enum {
	SET_AND	= 0,
	SET_OR	= 1,
	SET_XOR	= 2,
};

static uint32_t combine(unsigned int op, uint32_t a, uint32_t b)
{
	switch (op) {
	case SET_AND:
		return a & b;
	case SET_OR:
		return a | b;
	default:
		return a ^ b;
	}
}

/* Operations 3 and up do not exist. */
static enum nvgpu_step bad_combine(struct nvgpu_exec *x,
				   const struct nvgpu_insn *in)
{
	return nvgpu_unknown_insn(x, in->w, in->op->name,
				  "predicate operation not modelled");
}

/* Result of a SET as a register: all ones or, with .BF, 1.0. */
static enum nvgpu_step set_reg(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in, uint32_t result,
			       bool bf)
{
	uint32_t yes = bf ? NVGPU_F32_ONE : UINT32_MAX, v[NVGPU_LANES];
	unsigned int op = nvgpu_bits(in, 45, 2);

	if (op > SET_XOR)
		return bad_combine(x, in);
	result = combine(op, result, nvgpu_pred(x, in, 39, 42));
	NVGPU_EACH(l)
		v[l] = result & nvgpu_lane_bit[l] ? yes : 0;
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Result of a SETP: two predicates. */
static enum nvgpu_step set_preds(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in, uint32_t result)
{
	unsigned int op = nvgpu_bits(in, 45, 2);
	uint32_t p = nvgpu_pred(x, in, 39, 42);

	if (op > SET_XOR)
		return bad_combine(x, in);
	nvgpu_write_pred(x, nvgpu_bits(in, 3, 3), combine(op, result, p));
	nvgpu_write_pred(x, nvgpu_bits(in, 0, 3), combine(op, ~result, p));
	return NVGPU_STEP_NEXT;
}

/*
 * A condition is a sum of outcomes: less, equal, greater, unordered.  The
 * integer conditions have three bits: integers are never unordered.
 */
#define COND_LT		1u
#define COND_EQ		2u
#define COND_GT		4u
#define COND_UNORDERED	8u

/* Lanes in which the outcome is among those of @cond. */
static uint32_t pick(unsigned int cond, uint32_t lt, uint32_t eq, uint32_t un)
{
	uint32_t result = 0;

	if (cond & COND_LT)
		result |= lt;
	if (cond & COND_EQ)
		result |= eq;
	if (cond & COND_GT)
		result |= ~(lt | eq | un);
	if (cond & COND_UNORDERED)
		result |= un;
	return result;
}

static uint32_t int_compare(const struct nvgpu_exec *x,
			    const struct nvgpu_insn *in, const uint32_t *a,
			    const uint32_t *b, bool extended)
{
	uint32_t flip = nvgpu_bit(in, 48) ? 0x80000000u : 0;
	uint32_t lt[NVGPU_LANES], eq[NVGPU_LANES], lts, eqs;

	NVGPU_EACH(l) {
		lt[l] = (a[l] ^ flip) < (b[l] ^ flip);
		eq[l] = a[l] == b[l];
	}
	lts = nvgpu_pack(lt);
	eqs = nvgpu_pack(eq);
	if (extended) {
		/* CC is of the lower words' difference: C is "not less". */
		lts |= eqs & ~x->w->cc_c;
		eqs &= x->w->cc_z;
	}
	return pick(nvgpu_bits(in, 49, 3), lts, eqs, 0);
}

enum nvgpu_step nvgpu_op_icmp(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	static const uint32_t zero[NVGPU_LANES];
	uint32_t yes = int_compare(x, in, x->c, zero, false);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = yes & nvgpu_lane_bit[l] ? x->a[l] : x->b[l];
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_iset(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return set_reg(x, in,
		       int_compare(x, in, x->a, x->b, nvgpu_bit(in, 43)),
		       nvgpu_bit(in, 44));
}

enum nvgpu_step nvgpu_op_isetp(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	return set_preds(x, in,
			 int_compare(x, in, x->a, x->b, nvgpu_bit(in, 43)));
}

/** struct fcmp - modifiers of a floating point comparison */
struct fcmp {
	bool neg_a, abs_a, neg_b, abs_b, ftz;
	unsigned int cond;
};

static uint32_t float_compare(const uint32_t *a, const uint32_t *b,
			      const struct fcmp *m)
{
	uint32_t lt = 0, eq = 0, un = 0;

	NVGPU_EACH(l) {
		uint32_t ua = m->ftz ? nvgpu_ftz(a[l]) : a[l];
		uint32_t ub = m->ftz ? nvgpu_ftz(b[l]) : b[l];
		float fa = nvgpu_f32(nvgpu_absneg(ua, m->abs_a, m->neg_a));
		float fb = nvgpu_f32(nvgpu_absneg(ub, m->abs_b, m->neg_b));

		lt |= isless(fa, fb) ? nvgpu_lane_bit[l] : 0;
		eq |= fa == fb ? nvgpu_lane_bit[l] : 0;
		un |= isunordered(fa, fb) ? nvgpu_lane_bit[l] : 0;
	}
	return pick(m->cond, lt, eq, un);
}

static double absneg64(double d, bool abs, bool neg)
{
	if (abs)
		d = fabs(d);
	return neg ? -d : d;
}

static uint32_t double_compare(const uint32_t *a, const uint32_t *b,
			       const struct fcmp *m)
{
	uint32_t lt = 0, eq = 0, un = 0;

	NVGPU_EACH(l) {
		double da = absneg64(nvgpu_f64(nvgpu_pair(a, l)), m->abs_a,
				     m->neg_a);
		double db = absneg64(nvgpu_f64(nvgpu_pair(b, l)), m->abs_b,
				     m->neg_b);

		lt |= (uint32_t)(isless(da, db) != 0) << l;
		eq |= (uint32_t)(da == db) << l;
		un |= (uint32_t)(isunordered(da, db) != 0) << l;
	}
	return pick(m->cond, lt, eq, un);
}

enum nvgpu_step nvgpu_op_fcmp(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	static const uint32_t zero[NVGPU_LANES];
	struct fcmp m = {
		.ftz = nvgpu_bit(in, 47), .cond = nvgpu_bits(in, 48, 4),
	};
	uint32_t yes = float_compare(x->c, zero, &m), v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = yes & nvgpu_lane_bit[l] ? x->a[l] : x->b[l];
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

static struct fcmp set_mods(const struct nvgpu_insn *in)
{
	return (struct fcmp){
		.neg_a = nvgpu_bit(in, 43), .abs_b = nvgpu_bit(in, 44),
		.cond = nvgpu_bits(in, 48, 4), .neg_b = nvgpu_bit(in, 53),
		.abs_a = nvgpu_bit(in, 54),
	};
}

enum nvgpu_step nvgpu_op_fset(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct fcmp m = set_mods(in);

	m.ftz = nvgpu_bit(in, 55);
	return set_reg(x, in, float_compare(x->a, x->b, &m),
		       nvgpu_bit(in, 52));
}

enum nvgpu_step nvgpu_op_dset(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct fcmp m = set_mods(in);

	return set_reg(x, in, double_compare(x->a, x->b, &m),
		       nvgpu_bit(in, 52));
}

static struct fcmp setp_mods(const struct nvgpu_insn *in)
{
	return (struct fcmp){
		.neg_b = nvgpu_bit(in, 6), .abs_a = nvgpu_bit(in, 7),
		.neg_a = nvgpu_bit(in, 43), .abs_b = nvgpu_bit(in, 44),
		.cond = nvgpu_bits(in, 48, 4),
	};
}

enum nvgpu_step nvgpu_op_fsetp(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	struct fcmp m = setp_mods(in);

	m.ftz = nvgpu_bit(in, 47);
	return set_preds(x, in, float_compare(x->a, x->b, &m));
}

enum nvgpu_step nvgpu_op_dsetp(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	struct fcmp m = setp_mods(in);

	return set_preds(x, in, double_compare(x->a, x->b, &m));
}

/* The first two predicates of PSET and PSETP combined; false: no such op. */
static bool pset_pair(const struct nvgpu_exec *x, const struct nvgpu_insn *in,
		      uint32_t *result)
{
	unsigned int op = nvgpu_bits(in, 24, 3);

	if (op > SET_XOR)
		return false;
	*result = combine(op, nvgpu_pred(x, in, 12, 15),
			  nvgpu_pred(x, in, 29, 32));
	return true;
}

enum nvgpu_step nvgpu_op_pset(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	uint32_t result;

	if (!pset_pair(x, in, &result))
		return bad_combine(x, in);
	return set_reg(x, in, result, nvgpu_bit(in, 44));
}

enum nvgpu_step nvgpu_op_psetp(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	uint32_t result;

	if (!pset_pair(x, in, &result))
		return bad_combine(x, in);
	return set_preds(x, in, result);
}
