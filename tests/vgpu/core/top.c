// SPDX-License-Identifier: GPL-2.0-or-later
/* PTOP: what the chip consists of. */
#include "chip.h"
#include "fb.h"
#include "reg.h"
#include "sm.h"
#include "units.h"

#define TOP_DEVINIT		0x02240c
#define TOP_DEVINIT_DONE	0x00000002u
#define TOP_NUM_GPCS		0x022430
#define TOP_NUM_TPCS_PER_GPC	0x022434
#define TOP_NUM_FBPS		0x022438
#define TOP_NUM_LTCS_PER_FBP	0x022450
#define TOP_NUM_FBPAS_PER_FBP	0x022458
#define TOP_DEVICE_INFO		0x022700
#define TOP_DEVICE_INFO_WORDS	64

/* Words of the device info table: nouveau, subdev/top/gk104.c */
#define INFO_DATA		0x00000001u
#define INFO_DATA_INSTANCE	26
#define INFO_DATA_HAS_FAULT	0x00000004u
#define INFO_DATA_FAULT		3
#define INFO_ENUM		0x00000002u
#define INFO_ENUM_HAS_ALL	0x0000003cu	/* all four fields below */
#define INFO_ENUM_HAS_INTR	0x00000008u
#define INFO_ENUM_HAS_RESET	0x00000004u
#define INFO_ENUM_ENGINE	26
#define INFO_ENUM_RUNLIST	21
#define INFO_ENUM_INTR		15
#define INFO_ENUM_RESET		9
#define INFO_TYPE		0x00000003u
#define INFO_TYPE_KIND		2
#define INFO_MORE		0x80000000u	/* next word, same engine */

static const struct nvgpu_reg top_regs[] = {
	{
		/* Bit 1: devinit was run, the driver need not. */
		.addr = TOP_DEVINIT,
		.name = "TOP_DEVINIT",
		.reset = TOP_DEVINIT_DONE,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/devinit/gf100.c",
	},
	{
		.addr = TOP_NUM_GPCS,
		.name = "TOP_NUM_GPCS",
		.reset = NVGPU_GPCS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau engine/gr/ctxgf100.c",
	},
	{
		.addr = TOP_NUM_TPCS_PER_GPC,
		.name = "TOP_NUM_TPCS_PER_GPC",
		.reset = NVGPU_TPCS_PER_GPC,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau engine/gr/ctxgf100.c",
	},
	{
		.addr = TOP_NUM_FBPS,
		.name = "TOP_NUM_FBPS",
		.reset = NVGPU_FBPS,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgf100.c",
	},
	{
		.addr = TOP_NUM_LTCS_PER_FBP,
		.name = "TOP_NUM_LTCS_PER_FBP",
		.reset = NVGPU_LTCS_PER_FBP,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgm200.c",
	},
	{
		.addr = TOP_NUM_FBPAS_PER_FBP,
		.name = "TOP_NUM_FBPAS_PER_FBP",
		.reset = NVGPU_FBPAS_PER_FBP,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/fb/ramgm200.c",
	},
	{
		.addr = TOP_DEVICE_INFO,
		.count = TOP_DEVICE_INFO_WORDS,
		.name = "TOP_DEVICE_INFO",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/top/gk104.c",
	},
};

static uint32_t describe(struct nvgpu *gpu, const struct nvgpu_engine *engine,
			 uint32_t addr)
{
	nvgpu_reg_set(gpu, addr, INFO_MORE | INFO_ENUM | INFO_ENUM_HAS_ALL |
		      (uint32_t)engine->id << INFO_ENUM_ENGINE |
		      (uint32_t)engine->runlist << INFO_ENUM_RUNLIST |
		      (uint32_t)engine->intr << INFO_ENUM_INTR |
		      (uint32_t)engine->reset << INFO_ENUM_RESET);
	nvgpu_reg_set(gpu, addr + 4, INFO_MORE | INFO_DATA |
		      (uint32_t)engine->instance << INFO_DATA_INSTANCE |
		      engine->pri | INFO_DATA_HAS_FAULT |
		      (uint32_t)engine->fault_id << INFO_DATA_FAULT);
	nvgpu_reg_set(gpu, addr + 8, INFO_TYPE |
		      (uint32_t)engine->kind << INFO_TYPE_KIND);
	return addr + 12;
}

/* No channels of its own, and faults that nobody asks for. */
static uint32_t describe_other(struct nvgpu *gpu,
			       const struct nvgpu_microcontroller *other,
			       uint32_t addr)
{
	nvgpu_reg_set(gpu, addr, INFO_MORE | INFO_ENUM | INFO_ENUM_HAS_INTR |
		      INFO_ENUM_HAS_RESET |
		      (uint32_t)other->intr << INFO_ENUM_INTR |
		      (uint32_t)other->reset << INFO_ENUM_RESET);
	nvgpu_reg_set(gpu, addr + 4, INFO_MORE | INFO_DATA | other->pri);
	nvgpu_reg_set(gpu, addr + 8, INFO_TYPE |
		      (uint32_t)other->kind << INFO_TYPE_KIND);
	return addr + 12;
}

static void top_reset(struct nvgpu *gpu)
{
	uint32_t addr = TOP_DEVICE_INFO;
	unsigned int i;

	for (i = 0; i < gpu->chip->nr_engines; i++)
		addr = describe(gpu, &gpu->chip->engines[i], addr);
	if (gpu->chip->sec2)
		describe_other(gpu, gpu->chip->sec2, addr);
}

const struct nvgpu_unit nvgpu_top_unit = {
	.name = "TOP",
	.regs = top_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(top_regs),
	.reset = top_reset,
};
