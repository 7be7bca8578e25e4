// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cache control: drops lines of L1.  A prefetch looks the address up in the MMU,
 * and brings nothing.  Memory barriers: let stores arrive.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp, emitCCTL, emitMEMBAR; nak/sm50.rs,
 * OpCCtl, OpMemBar):
 *   CCTL	3:0 operation, 51:22 offset in words, 52 .E
 *   MEMBAR	9:8 level
 *
 * That a prefetch reports what it does not find with access type PREFETCH,
 * does not stall its warp and is not replayed is inferred from how NVIDIA's
 * UVM treats such packets (uvm_gpu_replayable_faults.c).
 */
#include "access.h"

/* nak/sm50.rs, CCtlOp: prefetch into L1, "1.5" and L2; invalidate. */
enum {
	CCTL_PF1	= 1,
	CCTL_PF1_5	= 2,
	CCTL_PF2	= 3,
	CCTL_IV		= 5,	/* the line of an address */
	CCTL_IVALL	= 6,
};

/* Lines are dropped by virtual address: the MMU is not asked. */
static void invalidate(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes)
{
	struct nvgpu_l1 *l1 = &x->gpu->sm->l1[x->cta->sm];

	NVGPU_EACH_IN(l, m, lanes->global)
		nvgpu_l1_drop(l1, lanes->va[l] & -(uint64_t)NVGPU_L1_LINE,
			      NVGPU_L1_LINE);
}

enum nvgpu_step nvgpu_op_cctl(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	unsigned int op = nvgpu_bits(in, 0, 4);
	bool wide = nvgpu_bit(in, 52);
	struct nvgpu_lanes lanes;

	if (op == CCTL_IVALL)
		nvgpu_l1_forget(&x->gpu->sm->l1[x->cta->sm], x->run->executed);
	if (op != CCTL_IV && (op < CCTL_PF1 || op > CCTL_PF2))
		return NVGPU_STEP_NEXT;
	if (wide && !nvgpu_regs_ok(x, in->a, 2))
		return nvgpu_trap(x, "register out of range or misaligned");
	lanes.size = 1;
	lanes.access = NVGPU_ACCESS_PREFETCH;
	nvgpu_lanes_init(x, in, &lanes, NVGPU_SPACE_GENERIC, wide,
			 nvgpu_sext(nvgpu_bits(in, 22, 30) << 2, 32));
	if (op == CCTL_IV)
		invalidate(x, &lanes);
	else
		nvgpu_lanes_prefetch(x, &lanes);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_membar(struct nvgpu_exec *x,
				const struct nvgpu_insn *in)
{
	nvgpu_stores_membar(x->gpu, x->cta->sm, nvgpu_bits(in, 8, 2));
	return NVGPU_STEP_NEXT;
}
