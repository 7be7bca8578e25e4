// SPDX-License-Identifier: GPL-2.0-or-later
/* Straps: resistors on the board, read by the driver. */
#include "reg.h"
#include "units.h"

#define STRAP_BOOT0		0x101000
#define STRAP_CRYSTAL_27MHZ	0x00400000u	/* bits 22 and 6 */

/* RAMCFG, bits 5:2, is 0: the entry of vbios.c's memory type table. */
static const struct nvgpu_reg strap_regs[] = {
	{
		.addr = STRAP_BOOT0,
		.name = "STRAP_BOOT0",
		.reset = STRAP_CRYSTAL_27MHZ,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau engine/device/base.c, subdev/fb/base.c",
	},
};

const struct nvgpu_unit nvgpu_strap_unit = {
	.name = "STRAP",
	.regs = strap_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(strap_regs),
};
