// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Atomics.  They are atomic against the GPU's other warps only, even where all
 * is in system memory: there is a read on the bus, and later a write (CUDA C++
 * Programming Guide, "Atomic Functions": cudaDevAttrHostNativeAtomicSupported is
 * 0 on PCIe).  What the CPU writes in between is lost, so a driver has to keep
 * it out.  Lanes go one after the other, lowest first.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   ATOM	47:28 offset, 48 .E, 51:49 type, 55:52 operation
 *   ATOM.CAS	47:28 offset, 48 .E, 51:49 type; b is compare, then swap
 *   RED	7:0 data, 22:20 type, 25:23 operation, 47:28 offset, 48 .E
 *   ATOMS	29:28 type, 51:30 offset / 4, 55:52 operation
 *   ATOMS.CAS	51:30 offset / 4, 52 type
 */
#include "access.h"

enum {
	ATOM_ADD	= 0,
	ATOM_MIN	= 1,
	ATOM_MAX	= 2,
	ATOM_INC	= 3,
	ATOM_DEC	= 4,
	ATOM_AND	= 5,
	ATOM_OR		= 6,
	ATOM_XOR	= 7,
	ATOM_EXCH	= 8,
	ATOM_CAS,			/* an opcode of its own */
};

/** enum atom_type - of the operands, as ATOM and RED number them */
enum atom_type {
	ATOM_U32	= 0,
	ATOM_S32	= 1,
	ATOM_U64	= 2,
	ATOM_F32	= 3,
	ATOM_S64	= 5,
	ATOM_BAD,
};

/** struct atom - one atomic instruction */
struct atom {
	unsigned int op;
	enum atom_type type;
	/** @data: first register of the operand */
	uint8_t data;
	/** @result: write the old value to the destination */
	bool result;
	bool wide;
	enum nvgpu_space space;
	int32_t offset;
};

static unsigned int atom_bytes(const struct atom *atom)
{
	return atom->type == ATOM_U64 || atom->type == ATOM_S64 ? 8 : 4;
}

/* Integer operations are the same on @bits wide operands of 32 and 64. */
static uint64_t combine_int(unsigned int op, bool sign, uint64_t old,
			    uint64_t v)
{
	bool less = sign ? (int64_t)old < (int64_t)v : old < v;

	switch (op) {
	case ATOM_ADD:
		return old + v;
	case ATOM_MIN:
		return less ? old : v;
	case ATOM_MAX:
		return less ? v : old;
	case ATOM_INC:
		return old >= v ? 0 : old + 1;
	case ATOM_DEC:
		return !old || old > v ? v : old - 1;
	case ATOM_AND:
		return old & v;
	case ATOM_OR:
		return old | v;
	case ATOM_XOR:
		return old ^ v;
	default:
		return v;
	}
}

/* PTX atom.add.f32 flushes denormals to zero on global memory. */
static uint32_t add_f32(uint32_t old, uint32_t v)
{
	float sum = nvgpu_f32(nvgpu_ftz(old)) + nvgpu_f32(nvgpu_ftz(v));

	return nvgpu_canonical(nvgpu_ftz(nvgpu_f32_bits(sum)));
}

static uint64_t sign_extend(uint64_t v)
{
	return (int64_t)(int32_t)v;
}

static uint64_t combine(const struct atom *atom, uint64_t old, uint64_t v)
{
	bool sign = atom->type == ATOM_S32 || atom->type == ATOM_S64;

	if (atom->type == ATOM_F32 && atom->op == ATOM_ADD)
		return add_f32(old, v);
	if (atom->type == ATOM_S32)
		return (uint32_t)combine_int(atom->op, true, sign_extend(old),
					     sign_extend(v));
	if (atom_bytes(atom) == 4)
		return (uint32_t)combine_int(atom->op, false, old, v);
	return combine_int(atom->op, sign, old, v);
}

/* Operand @n of a lane: the value, or compare and swap. */
static uint64_t operand(const struct nvgpu_exec *x, const struct atom *atom,
			unsigned int n, unsigned int l)
{
	if (atom_bytes(atom) == 4)
		return x->w->r[atom->data + n][l];
	return nvgpu_pair(x->w->r[atom->data + 2 * n], l);
}

/* What the lane wants to be in memory where @old is. */
static uint64_t desired(const struct nvgpu_exec *x, const struct atom *atom,
			uint64_t old, unsigned int l)
{
	uint64_t v = operand(x, atom, 0, l);

	if (atom->op == ATOM_CAS)
		return old == v ? operand(x, atom, 1, l) : old;
	return combine(atom, old, v);
}

static uint64_t atom_global(struct nvgpu_exec *x, const struct atom *atom,
			    const struct nvgpu_lanes *lanes, unsigned int l)
{
	enum nvgpu_aperture aper = nvgpu_lane_aper(lanes, l);
	uint64_t pa = nvgpu_lane_pa(lanes, l), old = 0, new;

	nvgpu_stores_settle(x->gpu, x->cta->sm, aper, pa, lanes->size);
	if (!nvgpu_phys_read(x->gpu, aper, pa, &old, lanes->size))
		return UINT64_MAX;
	new = desired(x, atom, old, l);
	if (!nvgpu_phys_write(x->gpu, aper, pa, &new, lanes->size))
		return UINT64_MAX;
	return old;
}

static uint64_t atom_inside(struct nvgpu_exec *x, const struct atom *atom,
			    const struct nvgpu_lanes *lanes, unsigned int l)
{
	uint8_t *p = nvgpu_lane_ptr(x, lanes, l);
	uint64_t old = 0, new;

	memcpy(&old, p, lanes->size);
	new = desired(x, atom, old, l);
	memcpy(p, &new, lanes->size);
	return old;
}

/* Which operations there are for which type. */
static bool atom_known(const struct atom *atom)
{
	switch (atom->type) {
	case ATOM_U32:
	case ATOM_S32:
	case ATOM_U64:
	case ATOM_S64:
		return atom->op <= ATOM_CAS;
	case ATOM_F32:
		return atom->op == ATOM_ADD || atom->op == ATOM_EXCH;
	default:
		return false;
	}
}

static enum nvgpu_step atom_check(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  const struct atom *atom)
{
	unsigned int words = atom_bytes(atom) / 4;

	if (!atom_known(atom))
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "type or operation not modelled");
	if ((atom->wide && !nvgpu_regs_ok(x, in->a, 2)) ||
	    (atom->result && !nvgpu_regs_ok(x, in->d, words)) ||
	    !nvgpu_regs_ok(x, atom->data,
			   atom->op == ATOM_CAS ? 2 * words : words))
		return nvgpu_trap(x, "register out of range or misaligned");
	return NVGPU_STEP_NEXT;
}

static void write_old(struct nvgpu_exec *x, const struct nvgpu_insn *in,
		      const struct atom *atom, uint32_t v[2][NVGPU_LANES])
{
	if (!atom->result)
		return;
	if (atom_bytes(atom) == 8)
		nvgpu_write64(x, in->d, v);
	else
		nvgpu_write(x, in->d, v[0]);
}

static enum nvgpu_step atomic(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in,
			      const struct atom *atom)
{
	struct nvgpu_lanes lanes = {
		.size = atom_bytes(atom), .access = NVGPU_ACCESS_ATOMIC,
	};
	enum nvgpu_step step = atom_check(x, in, atom);
	uint32_t v[2][NVGPU_LANES] = { 0 };

	if (step != NVGPU_STEP_NEXT)
		return step;
	nvgpu_lanes_init(x, in, &lanes, atom->space, atom->wide,
			 atom->offset);
	step = nvgpu_lanes_prepare(x, &lanes);
	if (step != NVGPU_STEP_NEXT)
		return step;
	NVGPU_EACH_IN(l, m, x->mask) {
		uint64_t old = lanes.global & nvgpu_lane_bit[l] ?
			       atom_global(x, atom, &lanes, l) :
			       atom_inside(x, atom, &lanes, l);

		v[0][l] = old;
		v[1][l] = old >> 32;
	}
	write_old(x, in, atom, v);
	return NVGPU_STEP_NEXT;
}

static int32_t offset20(const struct nvgpu_insn *in)
{
	return nvgpu_sext(nvgpu_bits(in, 28, 20), 20);
}

enum nvgpu_step nvgpu_op_atom(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	struct atom atom = {
		.op = nvgpu_bits(in, 52, 4), .type = nvgpu_bits(in, 49, 3),
		.data = nvgpu_bits(in, 20, 8), .result = true,
		.wide = nvgpu_bit(in, 48), .offset = offset20(in),
	};

	if (atom.op > ATOM_EXCH)
		atom.type = ATOM_BAD;
	return atomic(x, in, &atom);
}

enum nvgpu_step nvgpu_op_atom_cas(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in)
{
	/* Types of its own: 0 is 32 bits, 1 is 64. */
	static const enum atom_type types[] = {
		ATOM_U32, ATOM_U64, ATOM_BAD, ATOM_BAD,
		ATOM_BAD, ATOM_BAD, ATOM_BAD, ATOM_BAD,
	};
	struct atom atom = {
		.op = ATOM_CAS, .type = types[nvgpu_bits(in, 49, 3)],
		.data = nvgpu_bits(in, 20, 8), .result = true,
		.wide = nvgpu_bit(in, 48), .offset = offset20(in),
	};

	return atomic(x, in, &atom);
}

enum nvgpu_step nvgpu_op_red(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	struct atom atom = {
		.op = nvgpu_bits(in, 23, 3), .type = nvgpu_bits(in, 20, 3),
		.data = in->d, .wide = nvgpu_bit(in, 48),
		.offset = offset20(in),
	};

	return atomic(x, in, &atom);
}

/* The offset of shared atomics counts words. */
static int32_t offset22(const struct nvgpu_insn *in)
{
	return nvgpu_sext(nvgpu_bits(in, 30, 22), 22) * 4;
}

enum nvgpu_step nvgpu_op_atoms(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	static const enum atom_type types[] = {
		ATOM_U32, ATOM_S32, ATOM_U64, ATOM_S64,
	};
	struct atom atom = {
		.op = nvgpu_bits(in, 52, 4),
		.type = types[nvgpu_bits(in, 28, 2)],
		.data = nvgpu_bits(in, 20, 8), .result = true,
		.space = NVGPU_SPACE_SHARED, .offset = offset22(in),
	};

	if (atom.op > ATOM_EXCH)
		atom.type = ATOM_BAD;
	return atomic(x, in, &atom);
}

enum nvgpu_step nvgpu_op_atoms_cas(struct nvgpu_exec *x,
				   const struct nvgpu_insn *in)
{
	struct atom atom = {
		.op = ATOM_CAS,
		.type = nvgpu_bit(in, 52) ? ATOM_U64 : ATOM_U32,
		.data = nvgpu_bits(in, 20, 8), .result = true,
		.space = NVGPU_SPACE_SHARED, .offset = offset22(in),
	};

	return atomic(x, in, &atom);
}
