// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Control flow and divergence.
 *
 * The model is that of NVIDIA's patent US 7,353,369 and of envytools' text
 * on the Tesla and Fermi ISAs: a stack of tokens.  SSY, PBK, PCNT, PRET and
 * calls push a token that holds the active lanes and where they meet again.
 * A branch that not all lanes take pushes a token for those that do not.
 * SYNC, BRK, CONT and RET take lanes away until the matching token is
 * reached: they leave every token above it and wait.  When no lane is
 * active the top token is popped and its lanes continue.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp): 43:20 offset from the next
 * instruction; absolute ones 51:20; 6 and 7 are hints.
 */
#include "sass.h"

static uint64_t relative(const struct nvgpu_exec *x,
			 const struct nvgpu_insn *in)
{
	return x->w->pc + sizeof(in->w) +
	       (int64_t)nvgpu_sext(nvgpu_bits(in, 20, 24), 24);
}

static uint64_t absolute(const struct nvgpu_exec *x,
			 const struct nvgpu_insn *in)
{
	return x->run->grid.code_base + nvgpu_bits(in, 20, 32);
}

static bool push(struct nvgpu_warp *w, enum nvgpu_token_type type,
		 uint32_t mask, uint64_t pc)
{
	if (w->depth == NVGPU_STACK)
		return false;
	w->stack[w->depth++] = (struct nvgpu_token){
		.type = type, .mask = mask, .pc = pc,
	};
	return true;
}

static enum nvgpu_step stack_full(struct nvgpu_exec *x)
{
	return nvgpu_trap(x, "divergence stack overflow");
}

static enum nvgpu_step push_next(struct nvgpu_exec *x,
				 const struct nvgpu_insn *in,
				 enum nvgpu_token_type type)
{
	if (!push(x->w, type, x->w->active, relative(x, in)))
		return stack_full(x);
	return NVGPU_STEP_NEXT;
}

/* No lane is active: go on with the top token that holds lanes. */
static enum nvgpu_step unwind(struct nvgpu_exec *x)
{
	struct nvgpu_warp *w = x->w;

	while (w->depth) {
		struct nvgpu_token *top = &w->stack[--w->depth];

		if (!top->mask)
			continue;
		w->active = top->mask;
		w->pc = top->pc;
		return NVGPU_STEP_JUMP;
	}
	return w->alive ? nvgpu_trap(x, "lanes %08x wait forever", w->alive) :
			  NVGPU_STEP_JUMP;
}

/* The executing lanes leave the tokens from @above up, and stop. */
static enum nvgpu_step leave(struct nvgpu_exec *x, unsigned int above)
{
	struct nvgpu_warp *w = x->w;
	unsigned int i;

	for (i = above; i < w->depth; i++)
		w->stack[i].mask &= ~x->mask;
	w->active &= ~x->mask;
	if (!w->active)
		return unwind(x);
	w->pc += sizeof(uint64_t);
	return NVGPU_STEP_JUMP;
}

/* Leave for the innermost token of a type. */
static enum nvgpu_step leave_for(struct nvgpu_exec *x,
				 enum nvgpu_token_type type)
{
	unsigned int i;

	for (i = x->w->depth; i; i--)
		if (x->w->stack[i - 1].type == type)
			return leave(x, i);
	return nvgpu_trap(x, "nothing on the stack to go back to");
}

static enum nvgpu_step jump(struct nvgpu_exec *x, uint64_t target)
{
	struct nvgpu_warp *w = x->w;
	uint32_t rest = w->active & ~x->mask;

	if (rest && !push(w, NVGPU_TOKEN_DIV, rest,
			  w->pc + sizeof(uint64_t)))
		return stack_full(x);
	w->active = x->mask;
	w->pc = target;
	return NVGPU_STEP_JUMP;
}

enum nvgpu_step nvgpu_op_bra(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return jump(x, relative(x, in));
}

enum nvgpu_step nvgpu_op_jmp(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return jump(x, absolute(x, in));
}

static enum nvgpu_step call(struct nvgpu_exec *x, uint64_t target)
{
	struct nvgpu_warp *w = x->w;

	if (!push(w, NVGPU_TOKEN_RET, w->active, w->pc + sizeof(uint64_t)))
		return stack_full(x);
	w->pc = target;
	return NVGPU_STEP_JUMP;
}

enum nvgpu_step nvgpu_op_cal(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return call(x, relative(x, in));
}

enum nvgpu_step nvgpu_op_jcal(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return call(x, absolute(x, in));
}

enum nvgpu_step nvgpu_op_ssy(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return push_next(x, in, NVGPU_TOKEN_SSY);
}

enum nvgpu_step nvgpu_op_pbk(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return push_next(x, in, NVGPU_TOKEN_PBK);
}

enum nvgpu_step nvgpu_op_pcnt(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return push_next(x, in, NVGPU_TOKEN_PCNT);
}

enum nvgpu_step nvgpu_op_pret(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return push_next(x, in, NVGPU_TOKEN_RET);
}

enum nvgpu_step nvgpu_op_sync(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return leave_for(x, NVGPU_TOKEN_SSY);
}

enum nvgpu_step nvgpu_op_brk(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return leave_for(x, NVGPU_TOKEN_PBK);
}

enum nvgpu_step nvgpu_op_cont(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	return leave_for(x, NVGPU_TOKEN_PCNT);
}

enum nvgpu_step nvgpu_op_ret(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return leave_for(x, NVGPU_TOKEN_RET);
}

enum nvgpu_step nvgpu_op_exit(struct nvgpu_exec *x,
			      const struct nvgpu_insn *in)
{
	x->w->alive &= ~x->mask;
	return leave(x, 0);
}
