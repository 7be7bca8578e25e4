// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Integer arithmetic.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   IADD, ISCADD	43 .X, 47 .CC, 48 -b, 49 -a, 50 .SAT; 43:39 shift
 *   IADD32I		52 .CC, 53 .X, 54 .SAT, 56 -a
 *   IMUL		39 .HI, 40 a signed, 41 b signed; 32I: 53, 54, 55
 *   IMAD		47 .CC, 48 a signed, 49 .X, 51 -(a*b), 52 -c,
 *			53 b signed, 54 .HI
 *   XMAD		see struct xmad
 *   IMNMX		42:39 predicate, 44:43 part of a wide one, 47 .CC,
 *			48 signed
 */
#include "sass.h"

/** struct add - modifiers of an addition */
struct add {
	bool neg_a, neg_b, sat, x, cc;
};

/*
 * Minus is "invert and carry in one".  Both at once is .PO, plus one, which
 * inverts nothing.  .X takes the carry from the condition code instead.
 */
static uint32_t add_carry_in(const struct nvgpu_exec *x, const struct add *m)
{
	if (m->x)
		return x->w->cc_c;
	return m->neg_a || m->neg_b ? NVGPU_ALL_LANES : 0;
}

static void add_saturate(uint32_t *v, uint32_t over, const uint32_t *a)
{
	NVGPU_EACH(l)
		if (over & nvgpu_lane_bit[l])
			v[l] = a[l] >> 31 ? 0x80000000u : 0x7fffffffu;
}

static enum nvgpu_step add(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			   const struct add *m, const uint32_t *ra,
			   const uint32_t *rb)
{
	uint32_t flip_a = m->neg_a && !m->neg_b ? UINT32_MAX : 0;
	uint32_t flip_b = m->neg_b && !m->neg_a ? UINT32_MAX : 0;
	uint32_t a[NVGPU_LANES], b[NVGPU_LANES], v[NVGPU_LANES];
	uint32_t cin[NVGPU_LANES], c[NVGPU_LANES], o[NVGPU_LANES];

	nvgpu_unpack(add_carry_in(x, m), cin);
	NVGPU_EACH(l) {
		a[l] = ra[l] ^ flip_a;
		b[l] = rb[l] ^ flip_b;
		v[l] = a[l] + b[l] + cin[l];
	}
	if (m->sat || m->cc) {
		/* Bit 31 of each: carry out, and overflow. */
		NVGPU_EACH(l) {
			c[l] = ((a[l] & b[l]) | ((a[l] | b[l]) & ~v[l])) >> 31;
			o[l] = (~(a[l] ^ b[l]) & (a[l] ^ v[l])) >> 31;
		}
	}
	if (m->sat)
		add_saturate(v, nvgpu_pack(o), a);
	if (m->cc) {
		nvgpu_set_zs(x, v);
		nvgpu_set_co(x, nvgpu_pack(c), nvgpu_pack(o));
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_iadd(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct add m = {
		.x = nvgpu_bit(in, 43), .cc = nvgpu_bit(in, 47),
		.neg_b = nvgpu_bit(in, 48), .neg_a = nvgpu_bit(in, 49),
		.sat = nvgpu_bit(in, 50),
	};

	return add(x, in, &m, x->a, x->b);
}

enum nvgpu_step nvgpu_op_iadd32i(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	struct add m = {
		.cc = nvgpu_bit(in, 52), .x = nvgpu_bit(in, 53),
		.sat = nvgpu_bit(in, 54), .neg_a = nvgpu_bit(in, 56),
	};

	return add(x, in, &m, x->a, x->b);
}

enum nvgpu_step nvgpu_op_iscadd(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	unsigned int shift = nvgpu_bits(in, 39, 5);
	struct add m = {
		.cc = nvgpu_bit(in, 47), .neg_b = nvgpu_bit(in, 48),
		.neg_a = nvgpu_bit(in, 49),
	};
	uint32_t a[NVGPU_LANES];

	NVGPU_EACH(l)
		a[l] = x->a[l] << shift;
	return add(x, in, &m, a, x->b);
}

static int64_t extend(uint32_t v, bool sign)
{
	return sign ? (int64_t)(int32_t)v : (int64_t)v;
}

/* The 64 bit product; modulo 2^64 it does not matter how it is signed. */
static uint64_t product(uint32_t a, uint32_t b, bool sign_a, bool sign_b)
{
	return (uint64_t)extend(a, sign_a) * (uint64_t)extend(b, sign_b);
}

static enum nvgpu_step imul(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			    bool hi, bool sign_a, bool sign_b)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = product(x->a[l], x->b[l], sign_a, sign_b) >>
		       (hi ? 32 : 0);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_imul(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return imul(x, in, nvgpu_bit(in, 39), nvgpu_bit(in, 40),
		    nvgpu_bit(in, 41));
}

enum nvgpu_step nvgpu_op_imul32i(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	return imul(x, in, nvgpu_bit(in, 53), nvgpu_bit(in, 54),
		    nvgpu_bit(in, 55));
}

enum nvgpu_step nvgpu_op_imad(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	bool sign_a = nvgpu_bit(in, 48), sign_b = nvgpu_bit(in, 53);
	bool neg_ab = nvgpu_bit(in, 51), hi = nvgpu_bit(in, 54);
	struct add m = {
		.cc = nvgpu_bit(in, 47), .x = nvgpu_bit(in, 49),
		.neg_b = nvgpu_bit(in, 52),
	};
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		uint64_t p = product(x->a[l], x->b[l], sign_a, sign_b);

		p = neg_ab ? -p : p;
		v[l] = p >> (hi ? 32 : 0);
	}
	return add(x, in, &m, v, x->c);
}

/** struct xmad - modifiers of XMAD, whose places differ with the form */
struct xmad {
	/** @h1_a, @h1_b: take the upper half of the operand */
	bool h1_a, h1_b;
	bool sign_a, sign_b;
	/** @psl: shift the product left by 16 */
	bool psl;
	/** @mrg: upper half of the result is the lower half of b */
	bool mrg;
	bool x, cc;
	/** @cmode: what is done to c, below */
	unsigned int cmode;
};

enum {
	XMAD_C		= 0,
	XMAD_CLO	= 1,	/* lower half of c */
	XMAD_CHI	= 2,	/* upper half of c */
	XMAD_CSFU	= 3,	/* not modelled */
	XMAD_CBCC	= 4,	/* c plus b shifted left by 16 */
};

/* Halves of a row, extended to 32 bits */
static void xmad_half(const uint32_t *row, bool h1, bool sign, uint32_t *v)
{
	unsigned int shift = h1 ? 0 : 16;

	if (sign) {
		NVGPU_EACH(l)
			v[l] = (int32_t)(row[l] << shift) >> 16;
	} else {
		NVGPU_EACH(l)
			v[l] = row[l] << shift >> 16;
	}
}

static void xmad_c(const struct nvgpu_exec *x, unsigned int cmode, uint32_t *v)
{
	switch (cmode) {
	case XMAD_CLO:
		NVGPU_EACH(l)
			v[l] = x->c[l] & 0xffff;
		break;
	case XMAD_CHI:
		NVGPU_EACH(l)
			v[l] = x->c[l] >> 16;
		break;
	case XMAD_CBCC:
		NVGPU_EACH(l)
			v[l] = x->c[l] + (x->b[l] << 16);
		break;
	default:
		memcpy(v, x->c, sizeof(*v) * NVGPU_LANES);
		break;
	}
}

static enum nvgpu_step xmad(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			    const struct xmad *m)
{
	uint32_t a[NVGPU_LANES], b[NVGPU_LANES], c[NVGPU_LANES];
	uint32_t v[NVGPU_LANES], carry[NVGPU_LANES], cin[NVGPU_LANES];
	unsigned int shift = m->psl ? 16 : 0;

	if (m->cmode == XMAD_CSFU || m->cmode > XMAD_CBCC)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "mode of c not modelled");
	xmad_half(x->a, m->h1_a, m->sign_a, a);
	xmad_half(x->b, m->h1_b, m->sign_b, b);
	xmad_c(x, m->cmode, c);
	nvgpu_unpack(m->x ? x->w->cc_c : 0, cin);
	NVGPU_EACH(l) {
		a[l] = a[l] * b[l] << shift;
		v[l] = a[l] + c[l] + cin[l];
		carry[l] = ((a[l] & c[l]) | ((a[l] | c[l]) & ~v[l])) >> 31;
	}
	if (m->mrg) {
		NVGPU_EACH(l)
			v[l] = (v[l] & 0xffff) | x->b[l] << 16;
	}
	if (m->cc) {
		nvgpu_set_zs(x, v);
		nvgpu_set_co(x, nvgpu_pack(carry), 0);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Bits 35 (not with an immediate), 38:36, 47, 49:48, 52:50, 53. */
enum nvgpu_step nvgpu_op_xmad(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct xmad m = {
		.h1_b = in->form & NVGPU_FORM_B_REG && nvgpu_bit(in, 35),
		.psl = nvgpu_bit(in, 36), .mrg = nvgpu_bit(in, 37),
		.x = nvgpu_bit(in, 38), .cc = nvgpu_bit(in, 47),
		.sign_a = nvgpu_bit(in, 48), .sign_b = nvgpu_bit(in, 49),
		.cmode = nvgpu_bits(in, 50, 3), .h1_a = nvgpu_bit(in, 53),
	};

	return xmad(x, in, &m);
}

/* b or c is a constant: bits 47, 49:48, 51:50, 52, 53, 54. */
static struct xmad xmad_const_mods(const struct nvgpu_insn *in)
{
	return (struct xmad){
		.cc = nvgpu_bit(in, 47),
		.sign_a = nvgpu_bit(in, 48), .sign_b = nvgpu_bit(in, 49),
		.cmode = nvgpu_bits(in, 50, 2), .h1_b = nvgpu_bit(in, 52),
		.h1_a = nvgpu_bit(in, 53), .x = nvgpu_bit(in, 54),
	};
}

enum nvgpu_step nvgpu_op_xmad_cr(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in)
{
	struct xmad m = xmad_const_mods(in);

	return xmad(x, in, &m);
}

/* With b constant there are 55 .PSL and 56 .MRG too. */
enum nvgpu_step nvgpu_op_xmad_const(struct nvgpu_exec *x,
				    const struct nvgpu_insn *in)
{
	struct xmad m = xmad_const_mods(in);

	m.psl = nvgpu_bit(in, 55);
	m.mrg = nvgpu_bit(in, 56);
	return xmad(x, in, &m);
}

/* Parts of a wide minimum or maximum: Mesa nv50_ir.h, SUBOP_MINMAX. */
enum {
	IMNMX_WHOLE	= 0,
	IMNMX_LOW	= 1,	/* lower word, decided by the upper first */
	IMNMX_MED	= 2,	/* not modelled */
	IMNMX_HIGH	= 3,	/* upper word */
};

/* Lanes with a < b. */
static uint32_t less(const uint32_t *a, const uint32_t *b, bool sign)
{
	uint32_t flip = sign ? 0x80000000u : 0, v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = (a[l] ^ flip) < (b[l] ^ flip);
	return nvgpu_pack(v);
}

static uint32_t equal(const uint32_t *a, const uint32_t *b)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = a[l] == b[l];
	return nvgpu_pack(v);
}

/*
 * The upper word leaves "equal" in Z and "not less" in C, as a subtraction
 * would; the lower word, always unsigned, counts only if they were equal.
 */
enum nvgpu_step nvgpu_op_imnmx(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	unsigned int part = nvgpu_bits(in, 43, 2);
	bool sign = nvgpu_bit(in, 48) && part != IMNMX_LOW;
	uint32_t min = nvgpu_pred(x, in, 39, 42);
	uint32_t lt = less(x->a, x->b, sign), take_a;
	struct nvgpu_warp *w = x->w;
	uint32_t v[NVGPU_LANES];

	if (part == IMNMX_MED)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "middle word not modelled");
	if (part == IMNMX_LOW)
		lt = (w->cc_z & lt) | (~w->cc_z & ~w->cc_c);
	take_a = ~(lt ^ min);
	NVGPU_EACH(l)
		v[l] = take_a & nvgpu_lane_bit[l] ? x->a[l] : x->b[l];
	if (nvgpu_bit(in, 47)) {
		uint32_t eq = equal(x->a, x->b);

		nvgpu_set_zs(x, v);
		nvgpu_set_co(x, ~lt, 0);
		w->cc_z = nvgpu_merge(x, w->cc_z, eq);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
