// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Moves, logic, shifts and bit fields.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   MOV		42:39 bytes to write, all of them; 32I: 15:12
 *   SEL		42:39 predicate
 *   LOP		39 ~a, 40 ~b, 42:41 operation, 45:44 what the
 *			predicate 50:48 gets, 47 .CC
 *   LOP32I		52 .CC, 54:53 operation, 55 ~a, 56 ~b
 *   SHL, SHR		39 .W: count modulo 32, else clamped; SHR 48 signed
 *   SHF		38:37 type, SHF.R 48 .HI, 50 .W
 *   BFE		40 .BREV, 48 signed
 *   FLO		40 ~b, 41 .SH, 48 signed
 *   POPC		40 ~b
 *   PRMT		50:48 mode
 */
#include "sass.h"

#define MOV_ALL_BYTES	0xf

static enum nvgpu_step mov(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			   unsigned int bytes)
{
	if (bytes != MOV_ALL_BYTES)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "partial write not modelled");
	nvgpu_write(x, in->d, x->b);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_mov(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return mov(x, in, nvgpu_bits(in, 39, 4));
}

enum nvgpu_step nvgpu_op_mov32i(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	return mov(x, in, nvgpu_bits(in, 12, 4));
}

enum nvgpu_step nvgpu_op_sel(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	uint32_t pick = nvgpu_pred(x, in, 39, 42), v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = pick & nvgpu_lane_bit[l] ? x->a[l] : x->b[l];
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum {
	LOP_AND		= 0,
	LOP_OR		= 1,
	LOP_XOR		= 2,
	LOP_PASS_B	= 3,
};

static void lop(struct nvgpu_exec *x, unsigned int op, bool not_a, bool not_b,
		uint32_t *v)
{
	uint32_t fa = not_a ? UINT32_MAX : 0, fb = not_b ? UINT32_MAX : 0;

	switch (op) {
	case LOP_AND:
		NVGPU_EACH(l)
			v[l] = (x->a[l] ^ fa) & (x->b[l] ^ fb);
		break;
	case LOP_OR:
		NVGPU_EACH(l)
			v[l] = (x->a[l] ^ fa) | (x->b[l] ^ fb);
		break;
	case LOP_XOR:
		NVGPU_EACH(l)
			v[l] = (x->a[l] ^ fa) ^ (x->b[l] ^ fb);
		break;
	case LOP_PASS_B:
		NVGPU_EACH(l)
			v[l] = x->b[l] ^ fb;
		break;
	}
}

/* What LOP writes to its predicate. */
enum {
	LOP_PRED_FALSE		= 0,
	LOP_PRED_TRUE		= 1,
	LOP_PRED_ZERO		= 2,
	LOP_PRED_NOT_ZERO	= 3,
};

static uint32_t lop_pred(const uint32_t *v, unsigned int mode)
{
	uint32_t nz[NVGPU_LANES];

	if (mode <= LOP_PRED_TRUE)
		return mode == LOP_PRED_TRUE ? NVGPU_ALL_LANES : 0;
	NVGPU_EACH(l)
		nz[l] = !!v[l];
	return mode == LOP_PRED_ZERO ? ~nvgpu_pack(nz) : nvgpu_pack(nz);
}

enum nvgpu_step nvgpu_op_lop(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	unsigned int pred = nvgpu_bits(in, 48, 3);
	uint32_t v[NVGPU_LANES];

	lop(x, nvgpu_bits(in, 41, 2), nvgpu_bit(in, 39), nvgpu_bit(in, 40), v);
	if (nvgpu_bit(in, 47))
		nvgpu_set_zs(x, v);
	if (pred != NVGPU_PT)
		nvgpu_write_pred(x, pred,
				 lop_pred(v, nvgpu_bits(in, 44, 2)));
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_lop32i(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	uint32_t v[NVGPU_LANES];

	lop(x, nvgpu_bits(in, 53, 2), nvgpu_bit(in, 55), nvgpu_bit(in, 56), v);
	if (nvgpu_bit(in, 52))
		nvgpu_set_zs(x, v);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* A shift count, modulo 32 or clamped to 32. */
static unsigned int count32(uint32_t b, bool wrap)
{
	if (wrap)
		return b & 31;
	return b < 32 ? b : 32;
}

enum nvgpu_step nvgpu_op_shl(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool wrap = nvgpu_bit(in, 39);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = (uint64_t)x->a[l] << count32(x->b[l], wrap);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_shr(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool wrap = nvgpu_bit(in, 39), sign = nvgpu_bit(in, 48);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		int64_t a = sign ? (int64_t)(int32_t)x->a[l] : x->a[l];

		v[l] = a >> count32(x->b[l], wrap);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Type of a funnel shift, 38:37. */
enum {
	SHF_32	= 0,
	SHF_U64	= 2,
	SHF_S64	= 3,
};

/* The type overlaps an immediate's upper bits: it has 17 only. */
static unsigned int shf_count(const struct nvgpu_insn *in, uint32_t b)
{
	unsigned int max = nvgpu_bits(in, 37, 2) == SHF_32 ? 32 : 64;

	if (in->form & NVGPU_FORM_B_IMM)
		b = nvgpu_bits(in, 20, 17);
	if (nvgpu_bit(in, 50))
		return b & (max - 1);
	return b < max ? b : max;
}

/* Upper word of c:a shifted left. */
enum nvgpu_step nvgpu_op_shf_l(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		uint64_t ca = x->a[l] | (uint64_t)x->c[l] << 32;
		unsigned int n = shf_count(in, x->b[l]);

		v[l] = n < 64 ? ca << n >> 32 : 0;
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Lower word, with .HI upper word, of c:a shifted right. */
enum nvgpu_step nvgpu_op_shf_r(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	bool sign = nvgpu_bits(in, 37, 2) == SHF_S64, hi = nvgpu_bit(in, 48);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		int64_t ca = x->a[l] | (uint64_t)x->c[l] << 32;
		unsigned int n = shf_count(in, x->b[l]);
		uint64_t fill = sign && ca < 0 ? UINT64_MAX : 0;

		if (n)
			ca = n < 64 ? (uint64_t)ca >> n | fill << (64 - n) :
				      fill;
		v[l] = (uint64_t)ca >> (hi ? 32 : 0);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

static uint32_t bit_reverse(uint32_t v)
{
	v = (v & 0x55555555u) << 1 | (v >> 1 & 0x55555555u);
	v = (v & 0x33333333u) << 2 | (v >> 2 & 0x33333333u);
	v = (v & 0x0f0f0f0fu) << 4 | (v >> 4 & 0x0f0f0f0fu);
	return __builtin_bswap32(v);
}

/* Ones in the low @n bits, @n up to 255. */
static uint32_t low_ones(unsigned int n)
{
	return n < 32 ? (1u << n) - 1 : UINT32_MAX;
}

/* PTX bfe: beyond bit 31 and beyond the field is its sign. */
static uint32_t bfe(uint32_t a, uint32_t b, bool sign)
{
	unsigned int pos = b & 0xff, len = b >> 8 & 0xff;
	unsigned int top = pos + len - 1 < 31 ? pos + len - 1 : 31;
	uint32_t field = pos < 32 ? a >> pos & low_ones(len) : 0;
	unsigned int have = pos < 32 ? top - pos + 1 : 0;

	if (!len)
		return 0;
	if (sign && a >> top & 1)
		field |= ~low_ones(have);
	return field;
}

enum nvgpu_step nvgpu_op_bfe(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool brev = nvgpu_bit(in, 40), sign = nvgpu_bit(in, 48);
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = bfe(brev ? bit_reverse(x->a[l]) : x->a[l], x->b[l],
			   sign);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* PTX bfi: field a into c, position and length in b. */
enum nvgpu_step nvgpu_op_bfi(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		unsigned int pos = x->b[l] & 0xff, len = x->b[l] >> 8 & 0xff;
		uint32_t mask = pos < 32 ? low_ones(len) << pos : 0;
		uint32_t a = pos < 32 ? x->a[l] << pos : 0;

		v[l] = (x->c[l] & ~mask) | (a & mask);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* PTX bfind: the highest bit that is not the sign; -1: there is none. */
enum nvgpu_step nvgpu_op_flo(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	bool sign = nvgpu_bit(in, 48), shift = nvgpu_bit(in, 41);
	uint32_t flip = nvgpu_bit(in, 40) ? UINT32_MAX : 0;
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l) {
		uint32_t b = x->b[l] ^ flip;

		if (sign && b >> 31)
			b = ~b;
		if (!b)
			v[l] = UINT32_MAX;
		else
			v[l] = shift ? __builtin_clz(b) :
				       31 - __builtin_clz(b);
	}
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_popc(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	uint32_t flip = nvgpu_bit(in, 40) ? UINT32_MAX : 0;
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		v[l] = __builtin_popcount(x->b[l] ^ flip);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

/* Modes of PRMT: PTX prmt, numbered as Mesa's SUBOP_PERMT. */
enum {
	PRMT_IDX	= 0,
	PRMT_F4E	= 1,
	PRMT_B4E	= 2,
	PRMT_RC8	= 3,
	PRMT_ECL	= 4,
	PRMT_ECR	= 5,
	PRMT_RC16	= 6,
};

/* Byte of c:a that goes to byte @i of the result; bit 3: its sign only. */
static unsigned int prmt_select(unsigned int mode, uint32_t sel,
				unsigned int i)
{
	unsigned int s = sel & 3;

	switch (mode) {
	case PRMT_F4E:
		return (s + i) & 7;
	case PRMT_B4E:
		return (s - i) & 7;
	case PRMT_RC8:
		return s;
	case PRMT_ECL:
		return i > s ? i : s;
	case PRMT_ECR:
		return i < s ? i : s;
	case PRMT_RC16:
		return (s & 1) * 2 + (i & 1);
	default:
		return sel >> 4 * i & 0xf;
	}
}

static uint32_t prmt(uint32_t a, uint32_t c, uint32_t sel, unsigned int mode)
{
	uint64_t ca = a | (uint64_t)c << 32;
	uint32_t v = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		unsigned int s = prmt_select(mode, sel, i);
		uint8_t byte = ca >> 8 * (s & 7);

		if (s & 8)
			byte = byte & 0x80 ? 0xff : 0;
		v |= (uint32_t)byte << 8 * i;
	}
	return v;
}

enum nvgpu_step nvgpu_op_prmt(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	unsigned int mode = nvgpu_bits(in, 48, 3);
	uint32_t v[NVGPU_LANES];

	if (mode > PRMT_RC16)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "mode not modelled");
	NVGPU_EACH(l)
		v[l] = prmt(x->a[l], x->c[l], x->b[l], mode);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
