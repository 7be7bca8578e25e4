// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GP100 (Tesla P100) as data.  The model has four of the chip's six copy
 * engines and three of its runlists.  Fault units and hub clients:
 * open-gpu-kernel-modules, hwref/pascal/gp100/dev_fault.h; classes: the class
 * headers of that repository and nouveau's engine/{fifo,gr,ce}/gp100.c; how
 * engines hang off runlists, interrupt and reset bits: inferred, the driver
 * takes them from PTOP.
 */
#include "chip.h"

static const struct nvgpu_engine engines[] = {
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
static const uint32_t pbdma_runlists[] = { 0x1, 0x1, 0x2, 0x4 };

/* nouveau: include/nvfw/acr.h, flcn_acr_desc and wpr_header; acr/gm200.c */
static const struct nvgpu_acr_layout acr = {
	.desc_size = 0x260,
	.no_regions = 0x20c,
	.start = 0x210,
	.end = 0x214,
	.header_size = 20,
	.status = 16,
	.unloaded = 0,
};

const struct nvgpu_chip nvgpu_chip_gp100 = {
	.name = "gp100",
	.pci_device = 0x15f8,	/* Tesla P100 PCIe 16 GB, pci.ids */
	.boot0 = 0x130000a1,
	.engines = engines,
	.nr_engines = NVGPU_ARRAY_SIZE(engines),
	.pbdma_runlists = pbdma_runlists,
	.nr_pbdmas = NVGPU_ARRAY_SIZE(pbdma_runlists),
	.nr_runlists = 3,
	.class_3d = 0xc097,
	.class_compute = 0xc0c0,
	.class_inline = 0xa140,
	.class_2d = 0x902d,
	.class_gpfifo = 0xc06f,
	.class_copy = { 0xc0b5 },
	.ppcs_per_gpc = 2,
	.acr = &acr,
};
