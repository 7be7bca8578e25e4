// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VGA ports 0x3c0 to 0x3df in BAR0.  There is no VGA in the model; the driver
 * locks and unlocks the extended CRTC registers with byte accesses anyway.
 */
#include "reg.h"
#include "units.h"

#define VGA_PORTS	0x6013c0
#define VGA_PORT_WORDS	8

static const struct nvgpu_reg vga_regs[] = {
	{
		.addr = VGA_PORTS,
		.count = VGA_PORT_WORDS,
		.name = "VGA_PORTS",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau engine/disp/vga.c",
	},
};

const struct nvgpu_unit nvgpu_vga_unit = {
	.name = "VGA",
	.regs = vga_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(vga_regs),
};
