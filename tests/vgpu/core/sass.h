/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the instruction handlers (sass_*.c) share. */
#ifndef NVGPU_SASS_H
#define NVGPU_SASS_H

#include <string.h>

#include "opcodes.h"

/* nvgpu_bits - @n bits from bit @lo up */
static inline uint32_t nvgpu_bits(const struct nvgpu_insn *in, unsigned int lo,
				  unsigned int n)
{
	return in->w >> lo & ((1ull << n) - 1);
}

static inline bool nvgpu_bit(const struct nvgpu_insn *in, unsigned int n)
{
	return in->w >> n & 1;
}

/* Sign extend the low @n bits. */
static inline int32_t nvgpu_sext(uint32_t v, unsigned int n)
{
	return (int32_t)(v << (32 - n)) >> (32 - n);
}

static const uint32_t nvgpu_lane_bit[NVGPU_LANES] = {
	1u << 0, 1u << 1, 1u << 2, 1u << 3, 1u << 4, 1u << 5, 1u << 6,
	1u << 7, 1u << 8, 1u << 9, 1u << 10, 1u << 11, 1u << 12, 1u << 13,
	1u << 14, 1u << 15, 1u << 16, 1u << 17, 1u << 18, 1u << 19, 1u << 20,
	1u << 21, 1u << 22, 1u << 23, 1u << 24, 1u << 25, 1u << 26, 1u << 27,
	1u << 28, 1u << 29, 1u << 30, 1u << 31,
};

/* All lanes, active or not: what the inactive ones compute is dropped. */
#define NVGPU_EACH(l) for (unsigned int l = 0; l < NVGPU_LANES; l++)
/* The lanes of @mask, lowest first; @m is scratch. */
#define NVGPU_EACH_IN(l, m, mask) \
	for (uint32_t m = (mask), l; \
	     m && (l = __builtin_ctz(m), true); m &= m - 1)

/* Write the executing lanes of a register. */
static inline void nvgpu_write(struct nvgpu_exec *x, uint8_t reg,
			       const uint32_t *v)
{
	uint32_t *d = x->w->r[reg];
	uint32_t mask = x->mask;

	if (reg == NVGPU_RZ)
		return;
	if (mask == NVGPU_ALL_LANES) {
		memcpy(d, v, sizeof(*d) * NVGPU_LANES);
		return;
	}
	NVGPU_EACH(l)
		d[l] = mask & nvgpu_lane_bit[l] ? v[l] : d[l];
}

/* The same for a pair of registers; @v holds both rows. */
static inline void nvgpu_write64(struct nvgpu_exec *x, uint8_t reg,
				 uint32_t v[2][NVGPU_LANES])
{
	if (reg == NVGPU_RZ)
		return;
	nvgpu_write(x, reg, v[0]);
	nvgpu_write(x, reg + 1, v[1]);
}

/* Replace the executing lanes' bits of @old. */
static inline uint32_t nvgpu_merge(const struct nvgpu_exec *x, uint32_t old,
				   uint32_t bits)
{
	return (old & ~x->mask) | (bits & x->mask);
}

static inline void nvgpu_write_pred(struct nvgpu_exec *x, unsigned int p,
				    uint32_t bits)
{
	if (p != NVGPU_PT)
		x->w->p[p] = nvgpu_merge(x, x->w->p[p], bits);
}

/* A predicate operand: number at @lo, inverted by bit @not. */
static inline uint32_t nvgpu_pred(const struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  unsigned int lo, unsigned int not)
{
	uint32_t p = x->w->p[nvgpu_bits(in, lo, 3)];

	return nvgpu_bit(in, not) ? ~p : p;
}

/*
 * A row of zeros and ones as a bit a lane.  No shift by the lane's number: the
 * compiler can't do that to several lanes at once on every processor.
 */
static inline uint32_t nvgpu_pack(const uint32_t *v)
{
	uint32_t bits = 0;

	NVGPU_EACH(l)
		bits |= -v[l] & nvgpu_lane_bit[l];
	return bits;
}

/* The opposite. */
static inline void nvgpu_unpack(uint32_t bits, uint32_t *v)
{
	NVGPU_EACH(l)
		v[l] = (bits & nvgpu_lane_bit[l]) != 0;
}

static inline void nvgpu_set_zs(struct nvgpu_exec *x, const uint32_t *v)
{
	uint32_t z = 0, s = 0;

	NVGPU_EACH(l) {
		z |= v[l] ? 0 : nvgpu_lane_bit[l];
		s |= -(v[l] >> 31) & nvgpu_lane_bit[l];
	}
	x->w->cc_z = nvgpu_merge(x, x->w->cc_z, z);
	x->w->cc_s = nvgpu_merge(x, x->w->cc_s, s);
}

static inline void nvgpu_set_co(struct nvgpu_exec *x, uint32_t c, uint32_t o)
{
	x->w->cc_c = nvgpu_merge(x, x->w->cc_c, c);
	x->w->cc_o = nvgpu_merge(x, x->w->cc_o, o);
}

/* @n registers from @reg up exist and are aligned as hardware wants it. */
static inline bool nvgpu_regs_ok(const struct nvgpu_exec *x, uint8_t reg,
				 unsigned int n)
{
	return reg == NVGPU_RZ ||
	       (reg % n == 0 && reg + n <= x->run->grid.registers);
}

static inline float nvgpu_f32(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static inline uint32_t nvgpu_f32_bits(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static inline double nvgpu_f64(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static inline uint64_t nvgpu_f64_bits(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

#define NVGPU_F32_SIGN		0x80000000u
#define NVGPU_F32_EXP		0x7f800000u
#define NVGPU_F32_MANT		0x007fffffu
/* The only NaN that f32 arithmetic returns: CUDA programming guide, H.2. */
#define NVGPU_F32_NAN		0x7fffffffu
#define NVGPU_F32_ONE		0x3f800000u

/* Flush a denormal to zero of its sign. */
static inline uint32_t nvgpu_ftz(uint32_t bits)
{
	return bits & NVGPU_F32_EXP ? bits : bits & NVGPU_F32_SIGN;
}

static inline uint32_t nvgpu_canonical(uint32_t bits)
{
	return (bits & ~NVGPU_F32_SIGN) > NVGPU_F32_EXP ? NVGPU_F32_NAN : bits;
}

/* Operand modifiers of f32 values, absolute value first. */
static inline uint32_t nvgpu_absneg(uint32_t bits, bool abs, bool neg)
{
	if (abs)
		bits &= ~NVGPU_F32_SIGN;
	return neg ? bits ^ NVGPU_F32_SIGN : bits;
}

static inline uint32_t nvgpu_sat(uint32_t bits)
{
	float f = nvgpu_f32(bits);

	if (!(f > 0))	/* NaN too */
		return 0;
	return f > 1 ? NVGPU_F32_ONE : bits;
}

/* The 64 bit value of a lane in a row and the row behind it. */
static inline uint64_t nvgpu_pair(const uint32_t *row, unsigned int l)
{
	return row[l] | (uint64_t)row[l + NVGPU_LANES] << 32;
}

#endif
