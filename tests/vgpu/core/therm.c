// SPDX-License-Identifier: GPL-2.0-or-later
/* The temperature sensor; it is always 40 degrees. */
#include "reg.h"
#include "units.h"

#define THERM_TSENSOR		0x020460
#define THERM_TSENSOR_VALID	0x20000000u
#define THERM_TSENSOR_40C	(40u << 8)	/* degrees in bits 16:8 */

static const struct nvgpu_reg therm_regs[] = {
	{
		.addr = THERM_TSENSOR,
		.name = "THERM_TSENSOR",
		.reset = THERM_TSENSOR_VALID | THERM_TSENSOR_40C,
		.ro = ~0u,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/therm/gp100.c",
	},
};

const struct nvgpu_unit nvgpu_therm_unit = {
	.name = "THERM",
	.regs = therm_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(therm_regs),
};
