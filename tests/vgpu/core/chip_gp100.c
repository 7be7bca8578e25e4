// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GP100 (Tesla P100) as data.  Classes: the class headers of NVIDIA's
 * open-gpu-kernel-modules and nouveau's engine/{fifo,gr,ce}/gp100.c.
 */
#include "chip_pascal.h"

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
	.engines = nvgpu_pascal_engines,
	.nr_engines = NVGPU_PASCAL_ENGINES,
	.pbdma_runlists = nvgpu_pascal_pbdma_runlists,
	.nr_pbdmas = NVGPU_PASCAL_PBDMAS,
	.nr_runlists = NVGPU_PASCAL_RUNLISTS,
	.class_3d = 0xc097,
	.class_compute = 0xc0c0,
	.class_inline = 0xa140,
	.class_2d = 0x902d,
	.class_gpfifo = 0xc06f,
	.class_copy = { 0xc0b5 },
	.ppcs_per_gpc = 2,
	.acr = &acr,
};
