// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PMC: identity, interrupt tree, engine enables.
 *
 * The tree is level sensitive all the way: status is computed from the
 * sources whenever it is looked at, and a source that the driver neither
 * masks nor services interrupts again as soon as the enables are back.  There
 * is no hold-off between messages, since hardware has none that is known.
 */
#include <stdlib.h>
#include <string.h>

#include "chip.h"
#include "falcon.h"
#include "fault.h"
#include "fifo.h"
#include "gr.h"
#include "pmc.h"
#include "reg.h"

/* open-gpu-kernel-modules, hwref/pascal/gp100/dev_master.h */
#define PMC_BOOT_0		0x000000
#define PMC_BOOT_1		0x000004
#define PMC_INTR		0x000100
#define PMC_INTR_EN		0x000140
#define PMC_INTR_EN_SET		0x000160
#define PMC_INTR_EN_CLEAR	0x000180
#define PMC_INTR_LTC		0x0001c0
#define PMC_ENABLE		0x000200
#define   PMC_ENABLE_PMU	(1u << 13)	/* subdev/mc/gk104.c */
#define PMC_ENABLE_PB		0x000204

#define PMC_LEAVES		2	/* leaf 1: non-stall, unused on Pascal */

/* Bits of leaf 0: nouveau, subdev/mc/gp100.c */
#define PMC_INTR_PFIFO		(1u << 8)
#define PMC_INTR_REPLAYABLE	(1u << 9)
#define PMC_INTR_PTIMER		(1u << 20)
#define PMC_INTR_PBUS		(1u << 28)

/* Runs of the engines that a late message takes; of idle ones, 1 ms each. */
#define MSI_LATE_TURNS		8u

/** struct nvgpu_pmc - what registers do not hold */
struct nvgpu_pmc {
	/** @level: (pending & enabled) when last looked at */
	bool level;
	/** @faults: the same of the replayable fault buffer alone */
	bool faults;
	/** @late: turns until a message that is late is sent; 0: none is */
	unsigned int late;
};

static uint32_t leaf_pending(struct nvgpu *gpu, unsigned int leaf)
{
	uint32_t val = 0;

	if (leaf)
		return 0;
	if (nvgpu_fifo_pending(gpu))
		val |= PMC_INTR_PFIFO;
	if (nvgpu_fault_pending(gpu))
		val |= PMC_INTR_REPLAYABLE;
	if (nvgpu_ptimer_pending(gpu))
		val |= PMC_INTR_PTIMER;
	if (nvgpu_pbus_pending(gpu))
		val |= PMC_INTR_PBUS;
	return val | nvgpu_sec2_pending(gpu);
}

static void msi_send(struct nvgpu *gpu)
{
	if (nvgpu_chance(gpu, gpu->config.msi_late)) {
		gpu->pmc->late = MSI_LATE_TURNS;
		nvgpu_kick(gpu);
		return;
	}
	gpu->count.msis++;
	gpu->ops->msi(gpu->opaque);
}

bool nvgpu_irq_tick(struct nvgpu *gpu)
{
	struct nvgpu_pmc *pmc = gpu->pmc;

	if (pmc->late && !--pmc->late) {
		gpu->count.msis++;
		gpu->ops->msi(gpu->opaque);
	}
	return pmc->late;
}

static uint32_t leaf_asks(struct nvgpu *gpu, unsigned int leaf)
{
	return leaf_pending(gpu, leaf) &
	       nvgpu_reg_get(gpu, PMC_INTR_EN + leaf * 4);
}

void nvgpu_irq_update(struct nvgpu *gpu)
{
	bool faults = leaf_asks(gpu, 0) & PMC_INTR_REPLAYABLE;
	bool level = false;
	unsigned int leaf;

	for (leaf = 0; leaf < PMC_LEAVES; leaf++)
		if (leaf_asks(gpu, leaf))
			level = true;
	if (level && !gpu->pmc->level)
		msi_send(gpu);
	if (faults && !gpu->pmc->faults)
		gpu->count.fault_interrupts++;
	gpu->pmc->faults = faults;
	gpu->pmc->level = level;
}

void nvgpu_msi_rearm(struct nvgpu *gpu)
{
	gpu->pmc->level = false;
	nvgpu_irq_update(gpu);
}

static uint32_t boot0_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			   unsigned int index, uint32_t stored)
{
	return gpu->chip->boot0;
}

static uint32_t intr_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int leaf, uint32_t stored)
{
	return leaf_pending(gpu, leaf);
}

static void intr_en_set(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int leaf, uint32_t val, uint32_t old)
{
	uint32_t addr = PMC_INTR_EN + leaf * 4;

	nvgpu_reg_set(gpu, addr, nvgpu_reg_get(gpu, addr) | val);
	nvgpu_irq_update(gpu);
}

static void intr_en_clear(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int leaf, uint32_t val, uint32_t old)
{
	uint32_t addr = PMC_INTR_EN + leaf * 4;

	nvgpu_reg_set(gpu, addr, nvgpu_reg_get(gpu, addr) & ~val);
	nvgpu_irq_update(gpu);
}

static void enable_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	if (old & ~val)
		nvgpu_engine_reset(gpu, old & ~val);
	if (old & ~val & PMC_ENABLE_PMU)
		nvgpu_pmu_reset(gpu);
	nvgpu_sec2_reset(gpu, old & ~val);
}

static const struct nvgpu_reg pmc_regs[] = {
	{
		.addr = PMC_BOOT_0,
		.name = "PMC_BOOT_0",
		.ro = ~0u,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_master.h; nouveau engine/device/base.c",
		.read = boot0_read,
	},
	{
		/* Zero: little endian.  Switching is not modelled. */
		.addr = PMC_BOOT_1,
		.name = "PMC_BOOT_1",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau engine/device/base.c",
	},
	{
		.addr = PMC_INTR,
		.count = PMC_LEAVES,
		.name = "PMC_INTR",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "dev_master.h; bits: nouveau subdev/mc/gp100.c",
		.read = intr_read,
	},
	{
		.addr = PMC_INTR_EN,
		.count = PMC_LEAVES,
		.name = "PMC_INTR_EN",
		.ro = ~0u,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_master.h",
	},
	{
		.addr = PMC_INTR_EN_SET,
		.count = PMC_LEAVES,
		.name = "PMC_INTR_EN_SET",
		.ro = ~0u,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_master.h; nouveau subdev/mc/gp100.c",
		.write = intr_en_set,
	},
	{
		.addr = PMC_INTR_EN_CLEAR,
		.count = PMC_LEAVES,
		.name = "PMC_INTR_EN_CLEAR",
		.ro = ~0u,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_master.h; nouveau subdev/mc/gp100.c",
		.write = intr_en_clear,
	},
	{
		/* The L2 never interrupts. */
		.addr = PMC_INTR_LTC,
		.name = "PMC_INTR_LTC",
		.ro = ~0u,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gp100.c",
	},
	{
		/* As firmware leaves it: everything on. */
		.addr = PMC_ENABLE,
		.name = "PMC_ENABLE",
		.reset = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/mc/{nv04,nv50}.c, PTOP reset bits",
		.write = enable_write,
	},
	{
		.addr = PMC_ENABLE_PB,
		.name = "PMC_ENABLE_PB",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau engine/fifo/gk104.c",
	},
};

static bool pmc_init(struct nvgpu *gpu)
{
	gpu->pmc = calloc(1, sizeof(*gpu->pmc));
	return gpu->pmc;
}

static void pmc_reset(struct nvgpu *gpu)
{
	memset(gpu->pmc, 0, sizeof(*gpu->pmc));
}

static void pmc_fini(struct nvgpu *gpu)
{
	free(gpu->pmc);
}

const struct nvgpu_unit nvgpu_pmc_unit = {
	.name = "PMC",
	.regs = pmc_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(pmc_regs),
	.init = pmc_init,
	.reset = pmc_reset,
	.fini = pmc_fini,
};
