// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * L2 cache units.  The model has no L2: memory is coherent.  Compression tags
 * and zero-bandwidth clears are set up by the driver and used by nobody.
 */
#include "fb.h"
#include "reg.h"
#include "units.h"

#define LTC_CBC_CTRL		0x17e26c
#define LTC_CBC_CTRL_CLEAR	0x00000004u
#define LTC_CBC_START		0x17e270
#define LTC_CBC_LIMIT		0x17e274
#define LTC_CBC_BASE		0x17e278
#define LTC_CBC_NUM_LTCS	0x17e27c
#define LTC_PARAM		0x17e280
#define LTC_PARAM_SLICES	28
#define LTC_ZBC_INDEX		0x17e338
#define LTC_ZBC_COLOR		0x17e33c	/* four words */
#define LTC_ZBC_DEPTH		0x17e34c
#define LTC_EVICT		0x17e91c	/* and 0x17e920 */

static const struct nvgpu_reg ltc_regs[] = {
	{
		/* Clearing compression tags is done at once. */
		.addr = LTC_CBC_CTRL,
		.name = "LTC_CBC_CTRL",
		.ro = LTC_CBC_CTRL_CLEAR,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_CBC_START,
		.name = "LTC_CBC_START",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_CBC_LIMIT,
		.name = "LTC_CBC_LIMIT",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_CBC_BASE,
		.name = "LTC_CBC_BASE",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_CBC_NUM_LTCS,
		.name = "LTC_CBC_NUM_LTCS",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_PARAM,
		.name = "LTC_PARAM",
		.reset = (uint32_t)NVGPU_LTC_SLICES << LTC_PARAM_SLICES,
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/ltc/gp100.c",
	},
	{
		.addr = LTC_ZBC_INDEX,
		.name = "LTC_ZBC_INDEX",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_ZBC_COLOR,
		.count = 4,
		.name = "LTC_ZBC_COLOR",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_ZBC_DEPTH,
		.name = "LTC_ZBC_DEPTH",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/ltc/gm107.c",
	},
	{
		.addr = LTC_EVICT,
		.count = 2,
		.name = "LTC_EVICT",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau engine/gr/ctxgk104.c",
	},
};

const struct nvgpu_unit nvgpu_ltc_unit = {
	.name = "LTC",
	.regs = ltc_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(ltc_regs),
};
