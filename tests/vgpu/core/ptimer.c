// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PTIMER: a clock in nanoseconds, in steps of 32, that the driver may set,
 * and an alarm on its low 32 bits.  The ratio registers are storage: the
 * clock runs at the right speed whatever they say.
 */
#include <stdlib.h>

#include "pmc.h"
#include "reg.h"

/* open-gpu-kernel-modules, hwref/maxwell/gm107/dev_timer.h */
#define PTIMER_PRI_TIMEOUT_SAVE	0x009084
#define PTIMER_INTR_0		0x009100
#define PTIMER_INTR_0_ALARM	0x00000001u
#define PTIMER_INTR_EN_0	0x009140
#define PTIMER_NUMERATOR	0x009200
#define PTIMER_DENOMINATOR	0x009210
#define PTIMER_TIME_0		0x009400
#define PTIMER_TIME_0_NSEC	0xffffffe0u
#define PTIMER_TIME_1		0x009410
#define PTIMER_TIME_1_NSEC	0x1fffffffu
#define PTIMER_ALARM_0		0x009420

#define ALARM_PERIOD		(1ull << 32)	/* low words repeat */
#define NO_ALARM		UINT64_MAX

/** struct nvgpu_ptimer - what registers do not hold */
struct nvgpu_ptimer {
	/** @offset: of the GPU's time from the embedder's, modulo 2^64 */
	uint64_t offset;
	/** @match: GPU time of the next alarm, NO_ALARM before the first */
	uint64_t match;
};

uint64_t nvgpu_ptimer_ns(struct nvgpu *gpu)
{
	uint64_t mask = (uint64_t)PTIMER_TIME_1_NSEC << 32 |
			PTIMER_TIME_0_NSEC;

	return (nvgpu_now(gpu) + gpu->ptimer->offset) & mask;
}

bool nvgpu_ptimer_pending(const struct nvgpu *gpu)
{
	return nvgpu_reg_get(gpu, PTIMER_INTR_0) &
	       nvgpu_reg_get(gpu, PTIMER_INTR_EN_0);
}

static void ask_alarm(struct nvgpu *gpu)
{
	struct nvgpu_ptimer *ptimer = gpu->ptimer;

	gpu->ops->set_alarm(gpu->opaque, ptimer->match == NO_ALARM ? NO_ALARM :
			    ptimer->match - ptimer->offset);
}

/* The next time that ALARM_0 equals the low word; now, if it does now. */
static void find_match(struct nvgpu *gpu)
{
	uint64_t now = nvgpu_ptimer_ns(gpu);
	uint32_t alarm = nvgpu_reg_get(gpu, PTIMER_ALARM_0);

	gpu->ptimer->match = now + (uint32_t)(alarm - (uint32_t)now);
	ask_alarm(gpu);
}

void nvgpu_ptimer_alarm(struct nvgpu *gpu)
{
	struct nvgpu_ptimer *ptimer = gpu->ptimer;
	uint64_t now = nvgpu_ptimer_ns(gpu);

	if (ptimer->match == NO_ALARM)
		return;
	if (now >= ptimer->match) {
		nvgpu_reg_set(gpu, PTIMER_INTR_0, PTIMER_INTR_0_ALARM);
		while (ptimer->match <= now)
			ptimer->match += ALARM_PERIOD;
		nvgpu_irq_update(gpu);
	}
	ask_alarm(gpu);
}

static uint32_t time_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	uint64_t now = nvgpu_ptimer_ns(gpu);

	return reg->addr == PTIMER_TIME_0 ? now : now >> 32;
}

static void time_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	uint64_t now = nvgpu_ptimer_ns(gpu), then;

	if (reg->addr == PTIMER_TIME_0)
		then = (now & ~0xffffffffull) | (val & PTIMER_TIME_0_NSEC);
	else
		then = (uint32_t)now |
		       (uint64_t)(val & PTIMER_TIME_1_NSEC) << 32;
	gpu->ptimer->offset += then - now;
	if (gpu->ptimer->match != NO_ALARM)
		find_match(gpu);
}

static void alarm_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t val, uint32_t old)
{
	find_match(gpu);
}

static void intr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_irq_update(gpu);
}

static const struct nvgpu_reg ptimer_regs[] = {
	{
		/* Where a register access failed; none does. */
		.addr = PTIMER_PRI_TIMEOUT_SAVE,
		.count = 2,
		.name = "PTIMER_PRI_TIMEOUT_SAVE",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/bus/gf100.c",
	},
	{
		.addr = PTIMER_INTR_0,
		.name = "PTIMER_INTR_0",
		.ro = ~PTIMER_INTR_0_ALARM,
		.w1c = PTIMER_INTR_0_ALARM,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_timer.h; nouveau subdev/timer/nv04.c",
		.write = intr_write,
	},
	{
		.addr = PTIMER_INTR_EN_0,
		.name = "PTIMER_INTR_EN_0",
		.ro = ~PTIMER_INTR_0_ALARM,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_timer.h; nouveau subdev/timer/nv04.c",
		.write = intr_write,
	},
	{
		.addr = PTIMER_NUMERATOR,
		.name = "PTIMER_NUMERATOR",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/timer/regsnv04.h",
	},
	{
		.addr = PTIMER_DENOMINATOR,
		.name = "PTIMER_DENOMINATOR",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/timer/regsnv04.h",
	},
	{
		.addr = PTIMER_TIME_0,
		.name = "PTIMER_TIME_0",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_timer.h; nouveau subdev/timer/nv04.c",
		.read = time_read,
		.write = time_write,
	},
	{
		.addr = PTIMER_TIME_1,
		.name = "PTIMER_TIME_1",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_timer.h; nouveau subdev/timer/nv04.c",
		.read = time_read,
		.write = time_write,
	},
	{
		.addr = PTIMER_ALARM_0,
		.name = "PTIMER_ALARM_0",
		.ro = ~PTIMER_TIME_0_NSEC,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_timer.h; nouveau subdev/timer/nv04.c",
		.write = alarm_write,
	},
};

static bool ptimer_init(struct nvgpu *gpu)
{
	gpu->ptimer = calloc(1, sizeof(*gpu->ptimer));
	return gpu->ptimer;
}

static void ptimer_reset(struct nvgpu *gpu)
{
	/* The clock starts at zero. */
	gpu->ptimer->offset = -nvgpu_now(gpu);
	gpu->ptimer->match = NO_ALARM;
	ask_alarm(gpu);
}

static void ptimer_fini(struct nvgpu *gpu)
{
	free(gpu->ptimer);
}

const struct nvgpu_unit nvgpu_ptimer_unit = {
	.name = "PTIMER",
	.regs = ptimer_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(ptimer_regs),
	.init = ptimer_init,
	.reset = ptimer_reset,
	.fini = ptimer_fini,
};
