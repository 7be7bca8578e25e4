// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ring that carries register accesses.  The driver asks it how many hubs,
 * partitions and clusters answered; it never reports an error.
 */
#include "fb.h"
#include "reg.h"
#include "sm.h"
#include "units.h"

#define PRIV_COMMAND		0x12004c
#define PRIV_INTR		0x120058	/* and 0x12005c */
#define PRIV_NUM_LTCS		0x12006c
#define PRIV_NUM_HUBS		0x120070
#define PRIV_NUM_FBPS		0x120074
#define PRIV_NUM_GPCS		0x120078

#define PRIV_SOURCE		"nouveau subdev/privring/gk104.c"

static const struct nvgpu_reg priv_regs[] = {
	{
		/* Reads as "done" at once. */
		.addr = PRIV_COMMAND,
		.name = "PRIV_COMMAND",
		.ro = ~0u,
		.fidelity = NVGPU_FAKED,
		.source = PRIV_SOURCE,
	},
	{
		.addr = PRIV_INTR,
		.count = 2,
		.name = "PRIV_INTR",
		.ro = ~0u,
		.fidelity = NVGPU_FAKED,
		.source = PRIV_SOURCE,
	},
	{
		.addr = PRIV_NUM_LTCS,
		.name = "PRIV_NUM_LTCS",
		.reset = NVGPU_LTCS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/ltc/gp100.c, engine/gr/gm200.c",
	},
	{
		.addr = PRIV_NUM_HUBS,
		.name = "PRIV_NUM_HUBS",
		.reset = 1,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = PRIV_SOURCE,
	},
	{
		.addr = PRIV_NUM_FBPS,
		.name = "PRIV_NUM_FBPS",
		.reset = NVGPU_FBPS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = PRIV_SOURCE,
	},
	{
		.addr = PRIV_NUM_GPCS,
		.name = "PRIV_NUM_GPCS",
		.reset = NVGPU_GPCS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = PRIV_SOURCE,
	},
};

const struct nvgpu_unit nvgpu_priv_unit = {
	.name = "PRIV",
	.regs = priv_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(priv_regs),
};
