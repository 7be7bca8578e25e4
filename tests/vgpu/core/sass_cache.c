// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cache control.  There is no data cache, so most of it has nothing to do.  A
 * prefetch does: it looks the address up in the MMU.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp, emitCCTL; nak/sm50.rs, OpCCtl):
 *   3:0 operation, 51:22 offset in words, 52 .E
 *
 * That a prefetch reports what it does not find with access type PREFETCH,
 * does not stall its warp and is not replayed is inferred from how NVIDIA's
 * UVM treats such packets (uvm_gpu_replayable_faults.c).
 */
#include "access.h"

/* nak/sm50.rs, CCtlOp: into L1, "1.5" and L2. */
enum {
	CCTL_PF1	= 1,
	CCTL_PF1_5	= 2,
	CCTL_PF2	= 3,
};

enum nvgpu_step nvgpu_op_cctl(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	struct nvgpu_lanes lanes = {
		.size = 1, .access = NVGPU_ACCESS_PREFETCH,
	};
	unsigned int op = nvgpu_bits(in, 0, 4);
	bool wide = nvgpu_bit(in, 52);

	if (op < CCTL_PF1 || op > CCTL_PF2)
		return NVGPU_STEP_NEXT;
	if (wide && !nvgpu_regs_ok(x, in->a, 2))
		return nvgpu_trap(x, "register out of range or misaligned");
	nvgpu_lanes_init(x, in, &lanes, NVGPU_SPACE_GENERIC, wide,
			 nvgpu_sext(nvgpu_bits(in, 22, 30) << 2, 32));
	nvgpu_lanes_prefetch(x, &lanes);
	return NVGPU_STEP_NEXT;
}
