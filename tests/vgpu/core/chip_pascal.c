// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Engines as the model has them in every Pascal: four of GP100's six copy
 * engines and three of its runlists.  Fault units and hub clients are GP100's:
 * open-gpu-kernel-modules, hwref/pascal/gp100/dev_fault.h; how engines hang off
 * runlists, interrupt and reset bits: inferred, the driver takes them from
 * PTOP.
 */
#include "chip_pascal.h"

const struct nvgpu_engine nvgpu_pascal_engines[NVGPU_PASCAL_ENGINES] = {
	{
		.kind = NVGPU_ENGINE_GR,
		.instance = 0,
		.pri = 0x400000,
		.fault_id = 0x00,
		.id = 0,
		.runlist = 0,
		.intr = 12,
		.reset = 12,
		.hub_client = 0x04,	/* FE */
	},
	{
		/* CE0 and CE1 serve the graphics runlist ("GRCE") */
		.kind = NVGPU_ENGINE_CE,
		.instance = 0,
		.pri = 0x104000,
		.fault_id = 0x15,
		.id = 1,
		.runlist = 0,
		.intr = 5,
		.reset = 6,
		.hub_client = 0x01,	/* CE0 */
	},
	{
		.kind = NVGPU_ENGINE_CE,
		.instance = 1,
		.pri = 0x104000,
		.fault_id = 0x16,
		.id = 2,
		.runlist = 0,
		.intr = 6,
		.reset = 7,
		.hub_client = 0x02,	/* CE1 */
	},
	{
		.kind = NVGPU_ENGINE_CE,
		.instance = 2,
		.pri = 0x104000,
		.fault_id = 0x1b,
		.id = 3,
		.runlist = 1,
		.intr = 7,
		.reset = 21,
		.hub_client = 0x18,	/* CE2 */
	},
	{
		.kind = NVGPU_ENGINE_CE,
		.instance = 3,
		.pri = 0x104000,
		.fault_id = 0x1c,
		.id = 4,
		.runlist = 2,
		.intr = 10,
		.reset = 22,
		.hub_client = 0x20,	/* HSCE0 */
	},
};

/* Two PBDMAs for the graphics runlist, one for each of the others. */
const uint32_t nvgpu_pascal_pbdma_runlists[NVGPU_PASCAL_PBDMAS] = { 0x1, 0x1, 0x2, 0x4 };
