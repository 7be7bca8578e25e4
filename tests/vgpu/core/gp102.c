// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers that GP102 and its siblings have and GP100 has not: the size of
 * VRAM in one, a third kind of zero bandwidth clear, the shape of GPCs.
 */
#include "reg.h"
#include "sm.h"
#include "units.h"

/* Size of VRAM: MAG << (SCALE + 20), of which a 16th is lost with ECC. */
#define FB_LOCAL_MEMORY_RANGE		0x100ce0
#define   LOCAL_MEMORY_RANGE_SCALE	0
#define   LOCAL_MEMORY_RANGE_MAG	4
#define   LOCAL_MEMORY_RANGE_MAG_MAX	0x3fu
/* What the index selects; 2 shows in bit 4 if VRAM is locked. */
#define FB_VPR_INFO			0x100cd0
#define   VPR_INFO_LOCKED		0x00000010u

#define LTC_ZBC_STENCIL			0x17e204

/* Indices 1 to 15, four formats in a word (gr_regs.c) */
#define NR_ZBC				15
#define NR_ZBC_FORMATS			4

#define GPC(gpc)			(0x500000 + (gpc) * 0x8000u)
#define PPCS_PER_GPC			3	/* of the largest chip */

#define GP102_C		"nvkm/engine/gr/gp102.c"
#define CTX_C		"nvkm/engine/gr/ctxgp102.c"

/* Keeps what is written and has no effect. */
#define KEEP(a, n, src, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_FAKED, \
	  .source = (src), __VA_ARGS__ }

static const struct nvgpu_reg fb_regs[] = {
	{
		.addr = FB_LOCAL_MEMORY_RANGE,
		.name = "FB_LOCAL_MEMORY_RANGE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/gp102.c",
	},
	{
		.addr = FB_VPR_INFO,
		.name = "FB_VPR_INFO",
		.ro = VPR_INFO_LOCKED,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/fb/gp102.c",
	},
	KEEP(LTC_ZBC_STENCIL, "LTC_ZBC_STENCIL", "nouveau subdev/ltc/gp102.c"),
};

/* What cannot be said exactly is rounded down. */
static void fb_reset(struct nvgpu *gpu)
{
	uint32_t mag = gpu->config.vram_size >> 20, scale = 0;

	while (mag > LOCAL_MEMORY_RANGE_MAG_MAX) {
		mag >>= 1;
		scale++;
	}
	nvgpu_reg_set(gpu, FB_LOCAL_MEMORY_RANGE,
		      mag << LOCAL_MEMORY_RANGE_MAG |
		      scale << LOCAL_MEMORY_RANGE_SCALE);
}

const struct nvgpu_unit nvgpu_fb_gp102_unit = {
	.name = "FB (GP102)",
	.regs = fb_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(fb_regs),
	.reset = fb_reset,
};

static const struct nvgpu_reg gr_regs[] = {
	KEEP(0x41815c, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_S", GP102_C,
	     .count = NR_ZBC),
	KEEP(0x418198, "PGRAPH_PRI_GPCS_SWDX_DSS_ZBC_S_FORMAT", GP102_C,
	     .count = NR_ZBC_FORMATS),
	KEEP(0x4181d0, "PGRAPH_PRI_GPCS_SWDX_PES_MASK", GP102_C),
	KEEP(0x4181e4, "PGRAPH_PRI_GPCS_SWDX_4181E4", CTX_C),
	{
		/* One primitive engine in each GPC */
		.addr = GPC(0) + 0x0c50,
		.count = NVGPU_GPCS,
		.stride = GPC(1) - GPC(0),
		.name = "PGRAPH_PRI_GPC_GPM_PD_PES_MASK",
		.reset = 0x1,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = GP102_C,
	},
	KEEP(GPC(0) + 0x0c44, "PGRAPH_PRI_GPC0_GPM_PD_CB_SIZE", CTX_C,
	     .count = PPCS_PER_GPC),
	KEEP(GPC(1) + 0x0c44, "PGRAPH_PRI_GPC1_GPM_PD_CB_SIZE", CTX_C,
	     .count = PPCS_PER_GPC),
};

const struct nvgpu_unit nvgpu_gr_gp102_unit = {
	.name = "gr (GP102)",
	.regs = gr_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(gr_regs),
};
