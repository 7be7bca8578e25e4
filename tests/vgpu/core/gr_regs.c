// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PGRAPH's registers, as nouveau reads and writes them on Pascal with two GPCs
 * of two TPCs each; what GP100 has not is in gp102.c.  Most only keep what
 * init writes: the model's front end and SMs need no set-up.  Interrupt and
 * exception registers read 0, since the model raises none.
 *
 * Sources: nvkm/engine/gr/{gf100,gk104,gm107,gm200,gp100}.c and
 * ctx{gf100,gf117,gk104,gm107,gm200,gp100}.c; names as nvgpu's hw_gr_gp10b.h.
 */
#include "chip.h"
#include "gr_priv.h"
#include "reg.h"
#include "sm.h"

_Static_assert(NVGPU_GPCS == 2, "registers of each GPC are listed below");

#define GPC_STRIDE		0x8000u
#define TPC_STRIDE		0x800u
#define PPC_STRIDE		0x200u
#define PPCS_PER_GPC		2	/* at most */
#define ROP_STRIDE		0x400u
/* As many as PLTCG_LTCS_LTSS_CBC_NUM_ACTIVE_LTCS says (gm200_gr_rops()). */
#define NR_ROPS			8
/* Indices 1 to 15 of the zero bandwidth clear tables (ltc/gp100.c) */
#define NR_ZBC			15
/* Index 0 needs no entry; four formats of seven bits in a word. */
#define NR_ZBC_FORMATS		4

/* NV_PGRAPH_FE_PWR_MODE_REQ: clears itself when the mode is reached. */
#define FE_PWR_MODE_REQ		0x10u

static uint32_t pwr_mode_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t stored)
{
	return stored & ~FE_PWR_MODE_REQ;
}

/* TPCs of a GPC are dealt out to those of its PPCs that there are, in turn. */
static uint32_t ppc_mask_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t stored)
{
	unsigned int ppcs = gpu->chip->ppcs_per_gpc, tpc;
	uint32_t mask = 0;

	for (tpc = 0; tpc < NVGPU_TPCS_PER_GPC; tpc++)
		if (tpc % ppcs == index)
			mask |= 1u << tpc;
	return mask;
}

#define GR_C	"nvkm/engine/gr/gf100.c"
#define CTX_C	"nvkm/engine/gr/ctxgf100.c"
#define GM200_C	"nvkm/engine/gr/gm200.c"
#define GP100_C	"nvkm/engine/gr/gp100.c"

/* Keeps what is written and has no effect. */
#define KEEP(a, n, src, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_FAKED, \
	  .source = (src), __VA_ARGS__ }
/* Pending bits, of which there are none; writing 1 clears. */
#define W1C(a, n, src, ...) KEEP(a, n, src, .w1c = ~0u, __VA_ARGS__)
/* Error status of a unit: 31 enable, 30 reset, which also clears the rest. */
#define ESR(a, n, ...) \
	KEEP(a, n, GR_C, .w1c = 0x7fffffff, __VA_ARGS__)
#define RO(a, n, src, ...) KEEP(a, n, src, .ro = ~0u, __VA_ARGS__)
/* Read off the driver, which acts on the value */
#define TOPOLOGY(a, n, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_INFERRED, \
	  .source = GR_C, .ro = ~0u, __VA_ARGS__ }

#define TPC_REGS(gpc, r, ...) \
	{ .addr = 0x504000 + (gpc) * GPC_STRIDE + (r), \
	  .count = NVGPU_TPCS_PER_GPC, .stride = TPC_STRIDE, \
	  .fidelity = NVGPU_FAKED, .source = GR_C, __VA_ARGS__ }
#define PPC_REGS(gpc, r, ...) \
	{ .addr = 0x503000 + (gpc) * GPC_STRIDE + (r), \
	  .count = PPCS_PER_GPC, .stride = PPC_STRIDE, \
	  .fidelity = NVGPU_FAKED, .source = CTX_C, __VA_ARGS__ }
#define GPC_REG(gpc, r, ...) \
	{ .addr = 0x500000 + (gpc) * GPC_STRIDE + (r), \
	  .fidelity = NVGPU_FAKED, .source = GR_C, __VA_ARGS__ }

#define GPC(g, n) \
	GPC_REG(g, 0x0420, .name = n "_PROP_HWW_ESR", .w1c = 0x7fffffff), \
	GPC_REG(g, 0x0434, .name = n "_PROP_HWW_ESR_COORD", .ro = ~0u), \
	GPC_REG(g, 0x0438, .name = n "_PROP_HWW_ESR_FORMAT", .ro = ~0u), \
	GPC_REG(g, 0x043c, .name = n "_PROP_HWW_ESR_STATE", .ro = ~0u), \
	GPC_REG(g, 0x0824, .name = n "_SETUP_HWW_ESR", .w1c = 0x7fffffff), \
	GPC_REG(g, 0x0900, .name = n "_ZCULL_HWW_ESR", .w1c = 0x7fffffff), \
	GPC_REG(g, 0x0910, .name = n "_ZCULL_RAM_ADDR"), \
	GPC_REG(g, 0x0914, .name = n "_ZCULL_FS"), \
	GPC_REG(g, 0x0918, .name = n "_ZCULL_RCP"), \
	GPC_REG(g, 0x0c10, .name = n "_GPM_PD_SM_ID", \
		.count = NVGPU_TPCS_PER_GPC), \
	TOPOLOGY(0x500c30 + (g) * GPC_STRIDE, n "_GPM_PD_PES_TPC_MASK", \
		 .count = PPCS_PER_GPC, .read = ppc_mask_read), \
	GPC_REG(g, 0x1028, .name = n "_GCC_HWW_ESR", .w1c = 0x7fffffff), \
	GPC_REG(g, 0x2400, .name = n "_GPCCS_CTXSW_DONE", .ro = ~0u), \
	TOPOLOGY(0x502608 + (g) * GPC_STRIDE, n "_GPCCS_FS_NUM_TPCS", \
		 .reset = NVGPU_TPCS_PER_GPC), \
	GPC_REG(g, 0x2800, .name = n "_GPCCS_CTXSW_MAILBOX", .count = 8), \
	GPC_REG(g, 0x2c90, .name = n "_GPCCS_GPC_EXCEPTION", .w1c = ~0u), \
	GPC_REG(g, 0x2c94, .name = n "_GPCCS_GPC_EXCEPTION_EN"), \
	PPC_REGS(g, 0x018, .name = n "_PPC_PES_VSC_STREAM"), \
	PPC_REGS(g, 0x038, .name = n "_PPC_PES_HWW_ESR", .w1c = 0x7fffffff), \
	PPC_REGS(g, 0x0c0, .name = n "_PPC_CBM_BETA_CB_SIZE"), \
	PPC_REGS(g, 0x0e4, .name = n "_PPC_CBM_ALPHA_CB_SIZE"), \
	PPC_REGS(g, 0x0f0, .name = n "_PPC_CBM_BETA_STEADY_STATE_CB_SIZE"), \
	PPC_REGS(g, 0x0f4, .name = n "_PPC_CBM_BETA_CB_OFFSET"), \
	PPC_REGS(g, 0x0f8, .name = n "_PPC_CBM_ALPHA_CB_OFFSET"), \
	TPC_REGS(g, 0x084, .name = n "_TPC_PE_HWW_ESR", .w1c = 0x7fffffff), \
	TPC_REGS(g, 0x088, .name = n "_TPC_PE_CFG_SMID"), \
	TPC_REGS(g, 0x224, .name = n "_TPC_TEX_M_HWW_ESR", \
		 .w1c = 0x7fffffff), \
	TPC_REGS(g, 0x430, .name = n "_TPC_MPC_HWW_ESR", .w1c = 0x7fffffff), \
	TPC_REGS(g, 0x48c, .name = n "_TPC_L1C_HWW_ESR", .w1c = 0x7fffffff), \
	TPC_REGS(g, 0x508, .name = n "_TPC_TPCCS_TPC_EXCEPTION", \
		 .w1c = ~0u), \
	TPC_REGS(g, 0x50c, .name = n "_TPC_TPCCS_TPC_EXCEPTION_EN"), \
	TPC_REGS(g, 0x644, .name = n "_TPC_SM_HWW_WARP_ESR_REPORT_MASK"), \
	TPC_REGS(g, 0x648, .name = n "_TPC_SM_HWW_WARP_ESR"), \
	TPC_REGS(g, 0x64c, .name = n "_TPC_SM_HWW_GLOBAL_ESR_REPORT_MASK"), \
	TPC_REGS(g, 0x650, .name = n "_TPC_SM_HWW_GLOBAL_ESR", .w1c = ~0u), \
	TPC_REGS(g, 0x698, .name = n "_TPC_SM_CFG")

static const struct nvgpu_reg gr_regs[] = {
	/* Top level: interrupt, exceptions, status */
	W1C(0x400100, "PGRAPH_INTR", GR_C),
	W1C(0x400108, "PGRAPH_EXCEPTION", GR_C),
	RO(0x400110, "PGRAPH_CLASS_ERROR", GR_C),
	W1C(0x400118, "PGRAPH_EXCEPTION1", GR_C),
	W1C(0x40011c, "PGRAPH_EXCEPTION2", GR_C),
	KEEP(0x400124, "PGRAPH_INTR_NONSTALL_EN", GR_C),
	KEEP(0x400130, "PGRAPH_EXCEPTION1_EN", GR_C),
	KEEP(0x400134, "PGRAPH_EXCEPTION2_EN", GR_C),
	KEEP(0x400138, "PGRAPH_EXCEPTION_EN", GR_C),
	KEEP(0x40013c, "PGRAPH_INTR_EN", GR_C),
	KEEP(0x400200, "PGRAPH_PIPE_BUNDLE_ADDRESS", GR_C),
	KEEP(0x400204, "PGRAPH_PIPE_BUNDLE_DATA", GR_C),
	KEEP(0x400208, "PGRAPH_PIPE_BUNDLE_CONFIG", GR_C),
	KEEP(0x400500, "PGRAPH_GPFIFO_CTL", GR_C),
	RO(0x40060c, "PGRAPH_ENGINE_STATUS", GR_C),
	RO(0x400700, "PGRAPH_STATUS", GR_C),
	RO(0x400704, "PGRAPH_TRAPPED_ADDR", GR_C),
	RO(0x400708, "PGRAPH_TRAPPED_DATA_LOW", GR_C),

	/* FE, PRI, MME, MEMFMT */
	ESR(0x404000, "PGRAPH_PRI_FE_HWW_ESR"),
	KEEP(0x404154, "PGRAPH_PRI_FE_GO_IDLE_TIMEOUT", CTX_C),
	KEEP(0x404170, "PGRAPH_PRI_FE_PWR_MODE", CTX_C,
	     .read = pwr_mode_read),
	KEEP(0x4041c4, "PGRAPH_PRI_FE_TPC_FS", CTX_C),
	RO(0x404200, "PGRAPH_PRI_FE_OBJECT_TABLE", GR_C, .count = 8),
	KEEP(0x404488, "PGRAPH_PRI_MME_SHADOW_RAW_INDEX", GR_C),
	KEEP(0x40448c, "PGRAPH_PRI_MME_SHADOW_RAW_DATA", GR_C),
	ESR(0x404490, "PGRAPH_PRI_MME_HWW_ESR"),
	RO(0x404494, "PGRAPH_PRI_MME_HWW_ESR_INFO", GR_C),
	RO(0x40449c, "PGRAPH_PRI_MME_HWW_ESR_OPCODE", GR_C),
	ESR(0x404600, "PGRAPH_PRI_MEMFMT_HWW_ESR"),

	/* DS, CWD */
	KEEP(0x405800, "PGRAPH_PRI_DS_DEBUG", CTX_C),
	KEEP(0x405830, "PGRAPH_PRI_DS_TGA_CONSTRAINT_BETA", CTX_C),
	ESR(0x405840, "PGRAPH_PRI_DS_HWW_ESR"),
	KEEP(0x405844, "PGRAPH_PRI_DS_HWW_REPORT_MASK", GR_C),
	ESR(0x405848, "PGRAPH_PRI_DS_HWW_ESR_2"),
	KEEP(0x40584c, "PGRAPH_PRI_DS_HWW_REPORT_MASK_2", GM200_C),
	KEEP(0x40585c, "PGRAPH_PRI_DS_TGA_CONSTRAINT_ALPHA", CTX_C),
	KEEP(0x405870, "PGRAPH_PRI_DS_NUM_TPC_PER_GPC", GR_C, .count = 4),
	KEEP(0x405b00, "PGRAPH_PRI_CWD_FS", CTX_C),
	KEEP(0x405b60, "PGRAPH_PRI_CWD_GPC_TPC_ID", CTX_C,
	     .count = (NVGPU_SMS + 3) / 4),
	KEEP(0x405ba0, "PGRAPH_PRI_CWD_SM_ID", CTX_C, .count = 16),

	/* PD */
	ESR(0x406018, "PGRAPH_PRI_PD_HWW_ESR"),
	ESR(0x40601c, "PGRAPH_PRI_PD_HWW_ESR_TEMP"),
	KEEP(0x406028, "PGRAPH_PRI_PD_NUM_TPC_PER_GPC", GR_C, .count = 4),
	KEEP(0x4064c0, "PGRAPH_PRI_PD_AB_DIST_CFG0", CTX_C),
	KEEP(0x4064c4, "PGRAPH_PRI_PD_AB_DIST_CFG1", CTX_C),
	KEEP(0x4064c8, "PGRAPH_PRI_PD_AB_DIST_CFG2", CTX_C),
	KEEP(0x4064d0, "PGRAPH_PRI_PD_DIST_SKIP_TABLE", CTX_C, .count = 8),
	KEEP(0x406500, "PGRAPH_PRI_PD_406500", CTX_C),

	/* SKED, RSTR2D, SCC */
	ESR(0x407020, "PGRAPH_PRI_SKED_HWW_ESR"),
	KEEP(0x40780c, "PGRAPH_PRI_RSTR2D_GPC_MAP", CTX_C, .count = 6),
	KEEP(0x4078bc, "PGRAPH_PRI_RSTR2D_MAP_TABLE_CONFIG", CTX_C),
	KEEP(0x408004, "PGRAPH_PRI_SCC_BUNDLE_CB_BASE", CTX_C),
	KEEP(0x408008, "PGRAPH_PRI_SCC_BUNDLE_CB_SIZE", CTX_C),
	KEEP(0x40800c, "PGRAPH_PRI_SCC_PAGEPOOL_BASE", CTX_C),
	KEEP(0x408010, "PGRAPH_PRI_SCC_PAGEPOOL", CTX_C),
	KEEP(0x40802c, "PGRAPH_PRI_SCC_INIT", CTX_C),
	ESR(0x408030, "PGRAPH_PRI_SCC_HWW_ESR"),

	/* ROPs: broadcast, then each */
	KEEP(0x408850, "PGRAPH_PRI_BES_ZROP_SETTINGS", GP100_C),
	KEEP(0x408958, "PGRAPH_PRI_BES_CROP_SETTINGS", GP100_C),
	ESR(0x410070, "PGRAPH_PRI_BE_ZROP_HWW_ESR", .count = NR_ROPS,
	    .stride = ROP_STRIDE),
	ESR(0x410144, "PGRAPH_PRI_BE_CROP_HWW_ESR", .count = NR_ROPS,
	    .stride = ROP_STRIDE),
	KEEP(0x410204, "PGRAPH_PRI_BE_EXCEPTION", GR_C, .count = NR_ROPS,
	     .stride = ROP_STRIDE),
	KEEP(0x410208, "PGRAPH_PRI_BE_EXCEPTION_EN", GR_C, .count = NR_ROPS,
	     .stride = ROP_STRIDE),

	/* FECS' own are in falcon.c, but for the topology. */
	TOPOLOGY(0x409604, "PGRAPH_PRI_FECS_FS",
		 .reset = NR_ROPS << 16 | NVGPU_GPCS),

	/* All GPCs at once; not passed on to the registers of each */
	KEEP(0x418010, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_COLOR_R", GP100_C,
	     .count = NR_ZBC),
	KEEP(0x41804c, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_COLOR_G", GP100_C,
	     .count = NR_ZBC),
	KEEP(0x418088, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_COLOR_B", GP100_C,
	     .count = NR_ZBC),
	KEEP(0x4180c4, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_COLOR_A", GP100_C,
	     .count = NR_ZBC),
	KEEP(0x418100, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_C_FORMAT", GP100_C,
	     .count = NR_ZBC_FORMATS),
	KEEP(0x418110, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_Z", GP100_C,
	     .count = NR_ZBC),
	KEEP(0x41814c, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_Z_FORMAT", GP100_C,
	     .count = NR_ZBC_FORMATS),
	KEEP(0x41833c, "PGRAPH_PRI_GPCS_RSTR_NUM_ACTIVE_LTCS", GM200_C),
	KEEP(0x418810, "PGRAPH_PRI_GPCS_SETUP_ATTRIB_CB_BASE", CTX_C),
	KEEP(0x418880, "PGRAPH_PRI_GPCS_MMU_PRI_MMU_CTRL", GM200_C),
	KEEP(0x418890, "PGRAPH_PRI_GPCS_MMU_PM_UNIT_MASK", GM200_C),
	KEEP(0x418894, "PGRAPH_PRI_GPCS_MMU_PM_REQ_MASK", GM200_C),
	KEEP(0x4188ac, "PGRAPH_PRI_GPCS_MMU_NUM_ACTIVE_LTCS", GM200_C),
	KEEP(0x4188b0, "PGRAPH_PRI_GPCS_MMU_DEBUG_CTRL", GM200_C),
	KEEP(0x4188b4, "PGRAPH_PRI_GPCS_MMU_DEBUG_WR", GM200_C),
	KEEP(0x4188b8, "PGRAPH_PRI_GPCS_MMU_DEBUG_RD", GM200_C),
	KEEP(0x418980, "PGRAPH_PRI_GPCS_ZCULL_SM_IN_GPC_MAP", GR_C,
	     .count = 4),
	KEEP(0x418b08, "PGRAPH_PRI_GPCS_CRSTR_GPC_MAP", CTX_C, .count = 6),
	KEEP(0x418bb8, "PGRAPH_PRI_GPCS_CRSTR_MAP_TABLE_CONFIG", CTX_C),
	KEEP(0x418c6c, "PGRAPH_PRI_GPCS_GPM_418C6C", CTX_C),
	KEEP(0x418e24, "PGRAPH_PRI_GPCS_SWDX_BUNDLE_CB_BASE", CTX_C),
	KEEP(0x418e28, "PGRAPH_PRI_GPCS_SWDX_BUNDLE_CB_SIZE", CTX_C),
	KEEP(0x418ea0, "PGRAPH_PRI_GPCS_SWDX_TC_BETA_CB_SIZE", CTX_C,
	     .count = NVGPU_GPCS * PPCS_PER_GPC),
	KEEP(0x418eec, "PGRAPH_PRI_GPCS_SWDX_418EEC", CTX_C),
	KEEP(0x419004, "PGRAPH_PRI_GPCS_GCC_PAGEPOOL_BASE", CTX_C),
	KEEP(0x419008, "PGRAPH_PRI_GPCS_GCC_PAGEPOOL", CTX_C),
	/* All TPCs of all GPCs */
	KEEP(0x41980c, "PGRAPH_PRI_GPCS_TPCS_PE_41980C", CTX_C),
	KEEP(0x419848, "PGRAPH_PRI_GPCS_TPCS_PE_PIN_CB_BASE", CTX_C),
	KEEP(0x419a3c, "PGRAPH_PRI_GPCS_TPCS_TEX_419A3C", CTX_C),
	KEEP(0x419b00, "PGRAPH_PRI_GPCS_TPCS_TEX_RM_CB_0", CTX_C),
	KEEP(0x419b04, "PGRAPH_PRI_GPCS_TPCS_TEX_RM_CB_1", CTX_C),
	KEEP(0x419c00, "PGRAPH_PRI_GPCS_TPCS_MPC_419C00", CTX_C),
	KEEP(0x419c2c, "PGRAPH_PRI_GPCS_TPCS_MPC_VTG_CB_BASE", CTX_C),
	KEEP(0x419c9c, "PGRAPH_PRI_GPCS_TPCS_L1C_419C9C", GP100_C),
	KEEP(0x419cc0, "PGRAPH_PRI_GPCS_TPCS_L1C_DEBUG", GR_C),
	/* All PPCs of all GPCs */
	KEEP(0x41be08, "PGRAPH_PRI_GPCS_PPCS_PES_41BE08", CTX_C),
	KEEP(0x41befc, "PGRAPH_PRI_GPCS_PPCS_CBM_41BEFC", CTX_C),
	KEEP(0x41bf00, "PGRAPH_PRI_GPCS_PPCS_WWDX_MAP_GPC_MAP", CTX_C,
	     .count = 6),
	KEEP(0x41bfd0, "PGRAPH_PRI_GPCS_PPCS_WWDX_MAP_TABLE_CFG", CTX_C),
	KEEP(0x41bfd4, "PGRAPH_PRI_GPCS_PPCS_WWDX_SM_NUM_RCP", GR_C),
	KEEP(0x41bfe4, "PGRAPH_PRI_GPCS_PPCS_WWDX_MAP_TABLE_CFG2", CTX_C),

	GPC(0, "PGRAPH_PRI_GPC0"),
	GPC(1, "PGRAPH_PRI_GPC1"),
};

void nvgpu_gr_regs_reset(struct nvgpu *gpu)
{
	unsigned int i, j;

	for (i = 0; i < NVGPU_ARRAY_SIZE(gr_regs); i++) {
		const struct nvgpu_reg *reg = &gr_regs[i];

		for (j = 0; j < (reg->count ?: 1); j++)
			nvgpu_reg_set(gpu, reg->addr + j * (reg->stride ?: 4),
				      reg->reset);
	}
}

const struct nvgpu_unit nvgpu_gr_unit = {
	.name		= "gr",
	.regs		= gr_regs,
	.nr_regs	= NVGPU_ARRAY_SIZE(gr_regs),
	.init		= nvgpu_gr_init,
	.reset		= nvgpu_gr_power_on,
	.fini		= nvgpu_gr_fini,
};
