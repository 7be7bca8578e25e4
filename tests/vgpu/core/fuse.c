// SPDX-License-Identifier: GPL-2.0-or-later
/* Fuses: which parts of the chip were cut off in the factory. */
#include "reg.h"
#include "units.h"

#define FUSE_CE_DISABLE		0x021c00
#define FUSE_DISPLAY_DISABLE	0x021c04
#define FUSE_FBPA_DISABLE	0x021c14
#define FUSE_FBP_DISABLE	0x021d38
#define FUSE_LTC_DISABLE	0x021d70
#define FUSE_FBPS		16	/* words of FUSE_LTC_DISABLE */

static const struct nvgpu_reg fuse_regs[] = {
	{
		.addr = FUSE_CE_DISABLE,
		.name = "FUSE_CE_DISABLE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/devinit/gm107.c",
	},
	{
		/* A compute board: no display engine. */
		.addr = FUSE_DISPLAY_DISABLE,
		.name = "FUSE_DISPLAY_DISABLE",
		.reset = 1,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/devinit/gm107.c",
	},
	{
		.addr = FUSE_FBPA_DISABLE,
		.name = "FUSE_FBPA_DISABLE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgm107.c",
	},
	{
		.addr = FUSE_FBP_DISABLE,
		.name = "FUSE_FBP_DISABLE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgm200.c",
	},
	{
		.addr = FUSE_LTC_DISABLE,
		.count = FUSE_FBPS,
		.name = "FUSE_LTC_DISABLE",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgm200.c",
	},
};

const struct nvgpu_unit nvgpu_fuse_unit = {
	.name = "FUSE",
	.regs = fuse_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(fuse_regs),
};
