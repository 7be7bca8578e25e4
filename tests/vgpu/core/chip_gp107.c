// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GP107 (GeForce GTX 1050) as data: what Mesa's released versions know as a
 * chip with SVM.  Of its six TPCs and copy engines the model has four, as of
 * GP100's, on runlists of the same kind; SVM is the same for all Pascals.
 *
 * Classes: nouveau's engine/{fifo/gp100,gr/gp107,ce/gp102}.c.  Fault units and
 * hub clients of the engines as GP100's; how they hang off runlists, interrupt
 * and reset bits: inferred, the driver takes them from PTOP.
 */
#include "chip.h"
#include "falcon.h"
#include "units.h"

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
	.engines = engines,
	.nr_engines = NVGPU_ARRAY_SIZE(engines),
	.pbdma_runlists = pbdma_runlists,
	.nr_pbdmas = NVGPU_ARRAY_SIZE(pbdma_runlists),
	.nr_runlists = 3,
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
