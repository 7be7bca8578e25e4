// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The copy of PCI configuration space in BAR0, as far as the driver looks at
 * it, and the MSI rearm register in it.
 */
#include "chip.h"
#include "pmc.h"
#include "reg.h"
#include "units.h"

#define XVE_ID			0x088000	/* PCI: vendor, device */
#define XVE_ROM_CTRL		0x088050
#define XVE_UNKNOWN_488		0x088488
#define XVE_MSI_REARM		0x088704

#define PCI_VENDOR_NVIDIA	0x10deu

static uint32_t id_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t stored)
{
	return (uint32_t)gpu->chip->pci_device << 16 | PCI_VENDOR_NVIDIA;
}

static void rearm_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_msi_rearm(gpu);
}

static const struct nvgpu_reg xve_regs[] = {
	{
		.addr = XVE_ID,
		.name = "XVE_ID",
		.ro = ~0u,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "PCI: vendor and device id",
		.read = id_read,
	},
	{
		/* Bit 0 hides PROM behind a shadow; PROM is always there. */
		.addr = XVE_ROM_CTRL,
		.name = "XVE_ROM_CTRL",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/pci/base.c",
	},
	{
		/* After a runtime resume nouveau sets bit 25: "do magic". */
		.addr = XVE_UNKNOWN_488,
		.name = "XVE_UNKNOWN_488",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau nouveau_drm.c, nouveau_pmops_runtime_resume",
	},
	{
		.addr = XVE_MSI_REARM,
		.name = "XVE_MSI_REARM",
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/pci/gp100.c",
		.write = rearm_write,
	},
};

const struct nvgpu_unit nvgpu_xve_unit = {
	.name = "XVE",
	.regs = xve_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(xve_regs),
};
