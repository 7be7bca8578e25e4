// SPDX-License-Identifier: GPL-2.0-or-later
/* One warp instruction: fetch, guard, operands, handler. */
#include <fenv.h>
#include <inttypes.h>

#include "sass.h"

static void fill_row(uint32_t *row, uint32_t v)
{
	NVGPU_EACH(l)
		row[l] = v;
}

/* Put the value of an immediate or constant operand into x->operand. */
static enum nvgpu_step load_operand(struct nvgpu_exec *x,
				    const struct nvgpu_insn *in)
{
	bool wide = in->form & NVGPU_FORM_B64;
	uint32_t v[2] = { in->imm, 0 };
	enum nvgpu_step step;

	if (in->form & (NVGPU_FORM_B_CONST | NVGPU_FORM_C_CONST)) {
		step = nvgpu_const_read(x, in->bank, in->imm, v,
					wide ? 8 : 4);
		if (step != NVGPU_STEP_NEXT)
			return step;
	} else if (wide && in->form & NVGPU_FORM_B_FIMM) {
		v[1] = v[0];
		v[0] = 0;
	} else if (wide) {
		v[1] = (int32_t)v[0] < 0 ? UINT32_MAX : 0;
	}
	fill_row(x->operand[0], v[0]);
	if (wide)
		fill_row(x->operand[1], v[1]);
	return NVGPU_STEP_NEXT;
}

#define FORM_LOADED	(NVGPU_FORM_B_CONST | NVGPU_FORM_C_CONST |	\
			 NVGPU_FORM_B_IMM | NVGPU_FORM_B_FIMM |		\
			 NVGPU_FORM_B_IMM16 | NVGPU_FORM_B_IMM32)

static enum nvgpu_step operands(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	enum nvgpu_step step;

	x->a = x->w->r[in->a];
	x->b = x->w->r[in->b];
	x->c = x->w->r[in->c];
	if (!(in->form & FORM_LOADED))
		return NVGPU_STEP_NEXT;
	step = load_operand(x, in);
	if (in->form & NVGPU_FORM_C_CONST)
		x->c = x->operand[0];
	else
		x->b = x->operand[0];
	return step;
}

/* One lane after the other: the slow path that the fast one must equal. */
static enum nvgpu_step exec_scalar(struct nvgpu_exec *x,
				   const struct nvgpu_insn *in)
{
	enum nvgpu_step step = NVGPU_STEP_NEXT;
	uint32_t all = x->mask;

	NVGPU_EACH_IN(l, m, all) {
		x->mask = nvgpu_lane_bit[l];
		step = in->exec(x, in);
		if (step != NVGPU_STEP_NEXT)
			break;
	}
	x->mask = all;
	return step;
}

static enum nvgpu_step exec(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	if (x->gpu->config.sm_scalar && !(in->form & NVGPU_FORM_WARP))
		return exec_scalar(x, in);
	return in->exec(x, in);
}

/*
 * The handler is called through a pointer, so the compiler can't move its
 * arithmetic out from between the two changes of the rounding mode.
 */
static enum nvgpu_step call(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	enum nvgpu_step step;
	int old;

	if (in->round == FE_TONEAREST)
		return exec(x, in);
	old = fegetround();
	fesetround(in->round);
	step = exec(x, in);
	fesetround(old);
	return step;
}

static void trace(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	nvgpu_log(x->gpu, NVGPU_LOG_TRACE,
		  "SM%u CTA %u,%u,%u warp %u pc %" PRIx64 ": %016" PRIx64
		  " %s mask %08x", x->cta->sm, x->cta->id[0], x->cta->id[1],
		  x->cta->id[2], x->w->index, x->w->pc, in->w, in->op->name,
		  x->mask);
}

static void count(struct nvgpu_exec *x)
{
	x->run->executed++;
	x->gpu->count.warp_instructions++;
	x->gpu->count.lane_instructions += x->mask == NVGPU_ALL_LANES ?
		NVGPU_LANES : __builtin_popcount(x->mask);
}

enum nvgpu_step nvgpu_warp_step(struct nvgpu_exec *x)
{
	enum nvgpu_step step = NVGPU_STEP_NEXT;
	const struct nvgpu_insn *in = nvgpu_fetch(x, &step);
	uint32_t guard;

	if (!in)
		return step;
	guard = x->w->p[in->pred];
	x->mask = x->w->active & (in->pred_not ? ~guard : guard);
	if (x->gpu->config.log_level >= NVGPU_LOG_TRACE)
		trace(x, in);
	if (x->mask) {
		step = operands(x, in);
		if (step == NVGPU_STEP_NEXT)
			step = call(x, in);
	}
	if (step == NVGPU_STEP_NEXT)
		x->w->pc += sizeof(in->w);
	if (step == NVGPU_STEP_NEXT || step == NVGPU_STEP_JUMP)
		count(x);
	return step;
}
