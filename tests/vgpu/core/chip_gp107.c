// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GP107 (GeForce GTX 1050) as data: what Mesa's released versions know as a
 * chip with SVM.  Of its six TPCs the model has four; SVM is the same for all
 * Pascals.  Classes: nouveau's engine/{fifo/gp100,gr/gp107,ce/gp102}.c.
 */
#include "chip_pascal.h"
#include "falcon.h"
#include "units.h"

/*
 * No runlist: what it can do for channels (decryption) is not modelled.  Its
 * interrupt is one of the two that nouveau's subdev/mc/gp100.c gives to a
 * handler of the engine's own.
 */
static const struct nvgpu_microcontroller sec2 = {
	.kind = NVGPU_ENGINE_SEC2,
	.pri = FALCON_SEC2_BASE,
	.intr = 15,
	.reset = 14,
};

/* nouveau: include/nvfw/acr.h, flcn_acr_desc_v1, wpr_header_v1; acr/gp102.c */
static const struct nvgpu_acr_layout acr = {
	.desc_size = 0x278,
	.no_regions = 0x21c,
	.start = 0x220,
	.end = 0x224,
	.shadow = 0x238,
	.header_size = 24,
	.status = 20,
	.unloaded = 0x1d,
};

static const struct nvgpu_unit *const units[] = {
	&nvgpu_sec2_unit,
	&nvgpu_fb_gp102_unit,
	&nvgpu_gr_gp102_unit,
};

const struct nvgpu_chip nvgpu_chip_gp107 = {
	.name = "gp107",
	.pci_device = 0x1c82,	/* GeForce GTX 1050 Ti, pci.ids */
	.boot0 = 0x137000a1,
	.engines = nvgpu_pascal_engines,
	.nr_engines = NVGPU_PASCAL_ENGINES,
	.pbdma_runlists = nvgpu_pascal_pbdma_runlists,
	.nr_pbdmas = NVGPU_PASCAL_PBDMAS,
	.nr_runlists = NVGPU_PASCAL_RUNLISTS,
	.class_3d = 0xc197,
	.class_compute = 0xc1c0,
	.class_inline = 0xa140,
	.class_2d = 0x902d,
	.class_gpfifo = 0xc06f,
	.class_copy = { 0xc1b5, 0xc0b5 },
	.ppcs_per_gpc = 1,
	.sec2 = &sec2,
	.acr = &acr,
	.units = units,
	.nr_units = NVGPU_ARRAY_SIZE(units),
};
