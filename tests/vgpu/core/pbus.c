// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PBUS's interrupt.  Hardware raises it when a register access fails; in the
 * model an unknown register is reported to the embedder's log instead, so
 * nothing raises it but a test.
 */
#include "pmc.h"
#include "reg.h"
#include "units.h"

/* nouveau, subdev/bus/gf100.c */
#define PBUS_INTR_0	0x001100
#define PBUS_INTR_EN_0	0x001140

bool nvgpu_pbus_pending(const struct nvgpu *gpu)
{
	return nvgpu_reg_get(gpu, PBUS_INTR_0) &
	       nvgpu_reg_get(gpu, PBUS_INTR_EN_0);
}

static void intr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_irq_update(gpu);
}

static const struct nvgpu_reg pbus_regs[] = {
	{
		.addr = PBUS_INTR_0,
		.name = "PBUS_INTR_0",
		.w1c = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/bus/gf100.c",
		.write = intr_write,
	},
	{
		.addr = PBUS_INTR_EN_0,
		.name = "PBUS_INTR_EN_0",
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/bus/gf100.c",
		.write = intr_write,
	},
};

const struct nvgpu_unit nvgpu_pbus_unit = {
	.name = "PBUS",
	.regs = pbus_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(pbus_regs),
};
