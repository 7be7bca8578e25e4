// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Special registers, barriers, and what lanes do with each other.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   S2R, CS2R	27:20 register
 *   BAR	15:8 barrier, 31:20 threads, 34:32 mode, 42:39 predicate,
 *		43 barrier is a number, 44 threads is one
 *   VOTE	42:39 predicate, 47:45 destination predicate, 49:48 mode
 *   SHFL	27:20 lane, 28 it is a number (24:20), 29 so is c (46:34),
 *		31:30 mode, 50:48 destination predicate
 */
#include "sass.h"

enum nvgpu_step nvgpu_op_nop(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return NVGPU_STEP_NEXT;
}

/* emitSYS */
enum {
	SR_LANEID	= 0x00,
	SR_TID		= 0x20,		/* x 15:0, y 25:16, z 31:26 */
	SR_TID_X	= 0x21,
	SR_TID_Z	= 0x23,
	SR_CTAID_X	= 0x25,
	SR_CTAID_Z	= 0x27,
	SR_LANEMASK_EQ	= 0x38,
	SR_LANEMASK_LT	= 0x39,
	SR_LANEMASK_LE	= 0x3a,
	SR_LANEMASK_GT	= 0x3b,
	SR_LANEMASK_GE	= 0x3c,
	SR_CLOCK_LO	= 0x50,
	SR_CLOCK_HI	= 0x51,
};

static uint32_t thread_id(const struct nvgpu_exec *x, unsigned int l,
			  unsigned int axis)
{
	const uint32_t *dim = x->run->grid.cta_dim;
	uint32_t thread = x->w->index * NVGPU_LANES + l;

	if (axis == 0)
		return thread % dim[0];
	thread /= dim[0];
	return axis == 1 ? thread % dim[1] : thread / dim[1];
}

static bool read_sr(const struct nvgpu_exec *x, unsigned int sr,
		    unsigned int l, uint32_t *v)
{
	uint32_t bit = nvgpu_lane_bit[l];

	switch (sr) {
	case SR_LANEID:
		*v = l;
		return true;
	case SR_TID:
		*v = thread_id(x, l, 0) | thread_id(x, l, 1) << 16 |
		     thread_id(x, l, 2) << 26;
		return true;
	case SR_TID_X ... SR_TID_Z:
		*v = thread_id(x, l, sr - SR_TID_X);
		return true;
	case SR_CTAID_X ... SR_CTAID_Z:
		*v = x->cta->id[sr - SR_CTAID_X];
		return true;
	case SR_LANEMASK_EQ:
		*v = bit;
		return true;
	case SR_LANEMASK_LT:
		*v = bit - 1;
		return true;
	case SR_LANEMASK_LE:
		*v = bit | (bit - 1);
		return true;
	case SR_LANEMASK_GT:
		*v = ~(bit | (bit - 1));
		return true;
	case SR_LANEMASK_GE:
		*v = ~(bit - 1);
		return true;
	case SR_CLOCK_LO:
		*v = x->run->executed;
		return true;
	case SR_CLOCK_HI:
		*v = x->run->executed >> 32;
		return true;
	default:
		return false;
	}
}

enum nvgpu_step nvgpu_op_s2r(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	uint32_t v[NVGPU_LANES];

	NVGPU_EACH(l)
		if (!read_sr(x, nvgpu_bits(in, 20, 8), l, &v[l]))
			return nvgpu_unknown_insn(x, in->w, in->op->name,
						  "register not modelled");
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}

enum {
	BAR_SYNC	= 0,
	BAR_ARRIVE	= 1,
};

/*
 * A number, or what a register holds in the lowest executing lane.  False:
 * there is no such register.
 */
static bool bar_operand(const struct nvgpu_exec *x, bool immediate,
			uint32_t field, uint32_t *v)
{
	if (immediate) {
		*v = field;
		return true;
	}
	field &= 0xff;
	*v = x->w->r[field][__builtin_ctz(x->mask)];
	return nvgpu_regs_ok(x, field, 1);
}

/* Warps arrive as a whole, whichever lanes execute it (PTX bar, sm_6x). */
enum nvgpu_step nvgpu_op_bar(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	unsigned int mode = nvgpu_bits(in, 32, 3);
	uint32_t barrier, threads;

	if (mode > BAR_ARRIVE || nvgpu_bits(in, 35, 4))
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "reduction not modelled");
	if (!bar_operand(x, nvgpu_bit(in, 43), nvgpu_bits(in, 8, 8),
			 &barrier) ||
	    !bar_operand(x, nvgpu_bit(in, 44), nvgpu_bits(in, 20, 12),
			 &threads))
		return nvgpu_trap(x, "register out of range");
	if (barrier >= NVGPU_BARRIERS || threads % NVGPU_LANES)
		return nvgpu_trap(x, "barrier %u for %u threads", barrier,
				  threads);
	if (mode == BAR_SYNC) {
		x->w->state = NVGPU_WARP_BARRIER;
		x->w->barrier = barrier;
	}
	nvgpu_barrier_arrive(x->cta, barrier, threads / NVGPU_LANES);
	return NVGPU_STEP_NEXT;
}

enum {
	VOTE_ALL	= 0,
	VOTE_ANY	= 1,
	VOTE_EQ		= 2,
};

enum nvgpu_step nvgpu_op_vote(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	uint32_t ballot = nvgpu_pred(x, in, 39, 42) & x->mask;
	uint32_t v[NVGPU_LANES];
	bool result;

	switch (nvgpu_bits(in, 48, 2)) {
	case VOTE_ALL:
		result = ballot == x->mask;
		break;
	case VOTE_ANY:
		result = ballot;
		break;
	case VOTE_EQ:
		result = !ballot || ballot == x->mask;
		break;
	default:
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "mode not modelled");
	}
	NVGPU_EACH(l)
		v[l] = ballot;
	nvgpu_write(x, in->d, v);
	nvgpu_write_pred(x, nvgpu_bits(in, 45, 3),
			 result ? NVGPU_ALL_LANES : 0);
	return NVGPU_STEP_NEXT;
}

enum {
	SHFL_IDX	= 0,
	SHFL_UP		= 1,
	SHFL_DOWN	= 2,
	SHFL_BFLY	= 3,
};

/* PTX shfl: the lane to read; *@ok: it is in range, else lane @l itself. */
static unsigned int shfl_lane(unsigned int mode, unsigned int l, uint32_t b,
			      uint32_t c, bool *ok)
{
	unsigned int segment = c >> 8 & 31, clamp = c & 31;
	unsigned int max = (l & segment) | (clamp & ~segment);
	unsigned int min = l & segment;
	int src;

	b &= 31;
	switch (mode) {
	case SHFL_UP:
		src = (int)l - (int)b;
		*ok = src >= (int)max;
		break;
	case SHFL_DOWN:
		src = l + b;
		*ok = src <= (int)max;
		break;
	case SHFL_BFLY:
		src = l ^ b;
		*ok = src <= (int)max;
		break;
	default:
		src = min | (b & ~segment);
		*ok = src <= (int)max;
		break;
	}
	return *ok ? (unsigned int)src : l;
}

enum nvgpu_step nvgpu_op_shfl(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	const uint32_t *rb = x->w->r[nvgpu_bits(in, 20, 8)];
	const uint32_t *rc = x->w->r[nvgpu_bits(in, 39, 8)];
	bool imm_b = nvgpu_bit(in, 28), imm_c = nvgpu_bit(in, 29), ok;
	unsigned int mode = nvgpu_bits(in, 30, 2);
	uint32_t v[NVGPU_LANES], in_range = 0;

	if ((!imm_b && !nvgpu_regs_ok(x, nvgpu_bits(in, 20, 8), 1)) ||
	    (!imm_c && !nvgpu_regs_ok(x, nvgpu_bits(in, 39, 8), 1)))
		return nvgpu_trap(x, "register out of range");
	NVGPU_EACH(l) {
		uint32_t b = imm_b ? nvgpu_bits(in, 20, 5) : rb[l];
		uint32_t c = imm_c ? nvgpu_bits(in, 34, 13) : rc[l];

		v[l] = x->a[shfl_lane(mode, l, b, c, &ok)];
		in_range |= (uint32_t)ok << l;
	}
	nvgpu_write_pred(x, nvgpu_bits(in, 48, 3), in_range);
	nvgpu_write(x, in->d, v);
	return NVGPU_STEP_NEXT;
}
