// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * GPIO and I2C interrupts, which the driver turns off.  The VBIOS lists no
 * lines and no ports, so nothing else of these units is used.
 */
#include "reg.h"
#include "units.h"

/* Lines 0-15 and 16-31 and the I2C ports: pairs of status and enable. */
#define GPIO_INTR_0		0x00dc00
#define GPIO_INTR_EN_0		0x00dc08
#define I2C_INTR		0x00dc60
#define I2C_INTR_EN		0x00dc68
#define GPIO_INTR_1		0x00dc80
#define GPIO_INTR_EN_1		0x00dc88

#define INTR_STATUS(_addr, _name, _source)	\
	{					\
		.addr = _addr,			\
		.name = _name,			\
		.w1c = ~0u,			\
		.fidelity = NVGPU_FAKED,	\
		.source = _source,		\
	}

#define INTR_ENABLE(_addr, _name, _source)	\
	{					\
		.addr = _addr,			\
		.name = _name,			\
		.fidelity = NVGPU_FAKED,	\
		.source = _source,		\
	}

#define GPIO_SOURCE	"nouveau subdev/gpio/gk104.c"
#define I2C_SOURCE	"nouveau subdev/i2c/gk104.c"

static const struct nvgpu_reg gpio_regs[] = {
	INTR_STATUS(GPIO_INTR_0, "GPIO_INTR_0", GPIO_SOURCE),
	INTR_ENABLE(GPIO_INTR_EN_0, "GPIO_INTR_EN_0", GPIO_SOURCE),
	INTR_STATUS(GPIO_INTR_1, "GPIO_INTR_1", GPIO_SOURCE),
	INTR_ENABLE(GPIO_INTR_EN_1, "GPIO_INTR_EN_1", GPIO_SOURCE),
	INTR_STATUS(I2C_INTR, "I2C_INTR", I2C_SOURCE),
	INTR_ENABLE(I2C_INTR_EN, "I2C_INTR_EN", I2C_SOURCE),
};

const struct nvgpu_unit nvgpu_gpio_unit = {
	.name = "GPIO",
	.regs = gpio_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(gpio_regs),
};
