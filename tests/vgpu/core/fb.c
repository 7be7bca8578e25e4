// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Frame buffer: size of VRAM, and set-up registers that are storage only.
 * The MMU's registers of this range belong to mmu.h, the write protected
 * region's to the falcons.
 */
#include "fb.h"
#include "reg.h"
#include "units.h"

#define FB_HUB_ACTIVE_LTCS	0x100800	/* and 0x100804 */
#define FB_SYSMEM_FLUSH		0x100c10	/* page written to by flushes */
#define FB_REMAPPER		0x100c14
#define FB_MMU_DEBUG_CTRL	0x100cc4
#define FB_MMU_DEBUG_WR		0x100cc8
#define FB_MMU_DEBUG_RD		0x100ccc
#define FB_RAM_INTR_EN		0x10ecc0
#define FB_HSHUB_MMU_CTRL	0x1fac80
#define FB_HSHUB_DEBUG_CTRL	0x1facc4
#define FB_HSHUB_DEBUG_WR	0x1facc8
#define FB_HSHUB_DEBUG_RD	0x1faccc

/* Bits 1:0 read as zero: the flush is done. */
#define UFLUSH_FB_FLUSH		0x070000
#define UFLUSH_L2_INVALIDATE	0x070004
#define UFLUSH_L2_FLUSH_DIRTY	0x070010

#define FBPA_SIZE		0x90020c	/* MiB behind each controller */
#define FBPA_STRIDE		0x4000
#define FBPA_BCAST_160		0x9a0160
#define FBPA_BCAST_584		0x9a0584
#define FBPA_BCAST_65C		0x9a065c

#define STORAGE(_addr, _name, _source)		\
	{					\
		.addr = _addr,			\
		.name = _name,			\
		.fidelity = NVGPU_FAKED,	\
		.source = _source,		\
	}

#define FLUSH(_addr, _name, _source)		\
	{					\
		.addr = _addr,			\
		.name = _name,			\
		.ro = ~0u,			\
		.fidelity = NVGPU_FAKED,	\
		.source = _source,		\
	}

static const struct nvgpu_reg fb_regs[] = {
	{
		.addr = FB_HUB_ACTIVE_LTCS,
		.count = 2,
		.name = "FB_HUB_ACTIVE_LTCS",
		.reset = NVGPU_LTCS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau engine/gr/gm200.c",
	},
	STORAGE(FB_SYSMEM_FLUSH, "FB_SYSMEM_FLUSH",
		"nouveau subdev/fb/gf100.c"),
	STORAGE(FB_REMAPPER, "FB_REMAPPER", "nouveau subdev/fb/gp100.c"),
	STORAGE(FB_MMU_DEBUG_CTRL, "FB_MMU_DEBUG_CTRL",
		"nouveau subdev/fb/gm200.c"),
	STORAGE(FB_MMU_DEBUG_WR, "FB_MMU_DEBUG_WR",
		"nouveau subdev/fb/gm200.c"),
	STORAGE(FB_MMU_DEBUG_RD, "FB_MMU_DEBUG_RD",
		"nouveau subdev/fb/gm200.c"),
	STORAGE(FB_RAM_INTR_EN, "FB_RAM_INTR_EN",
		"nouveau subdev/fb/ramgp100.c"),
	STORAGE(FB_HSHUB_MMU_CTRL, "FB_HSHUB_MMU_CTRL",
		"nouveau subdev/fb/gp100.c"),
	STORAGE(FB_HSHUB_DEBUG_CTRL, "FB_HSHUB_DEBUG_CTRL",
		"nouveau subdev/fb/gp100.c"),
	STORAGE(FB_HSHUB_DEBUG_WR, "FB_HSHUB_DEBUG_WR",
		"nouveau subdev/fb/gp100.c"),
	STORAGE(FB_HSHUB_DEBUG_RD, "FB_HSHUB_DEBUG_RD",
		"nouveau subdev/fb/gp100.c"),
	FLUSH(UFLUSH_FB_FLUSH, "UFLUSH_FB_FLUSH", "nouveau subdev/bar/g84.c"),
	FLUSH(UFLUSH_L2_INVALIDATE, "UFLUSH_L2_INVALIDATE",
	      "nouveau subdev/ltc/gf100.c"),
	FLUSH(UFLUSH_L2_FLUSH_DIRTY, "UFLUSH_L2_FLUSH_DIRTY",
	      "nouveau subdev/ltc/gf100.c"),
	{
		.addr = FBPA_SIZE,
		.count = NVGPU_FBPAS,
		.stride = FBPA_STRIDE,
		.name = "FBPA_SIZE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgp100.c",
	},
	STORAGE(FBPA_BCAST_160, "FBPA_BCAST_160",
		"nouveau subdev/fb/ramgp100.c"),
	STORAGE(FBPA_BCAST_584, "FBPA_BCAST_584",
		"nouveau subdev/fb/ramgp100.c"),
	STORAGE(FBPA_BCAST_65C, "FBPA_BCAST_65C",
		"nouveau subdev/fb/ramgp100.c"),
};

static void fb_reset(struct nvgpu *gpu)
{
	unsigned int i;

	for (i = 0; i < NVGPU_FBPAS; i++)
		nvgpu_reg_set(gpu, FBPA_SIZE + i * FBPA_STRIDE,
			      (gpu->config.vram_size >> 20) / NVGPU_FBPAS);
}

const struct nvgpu_unit nvgpu_fb_unit = {
	.name = "FB",
	.regs = fb_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(fb_regs),
	.reset = fb_reset,
};
