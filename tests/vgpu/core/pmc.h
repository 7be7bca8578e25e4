/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt tree, enables and engine resets. */
#ifndef NVGPU_PMC_H
#define NVGPU_PMC_H

#include "device.h"

/*
 * Re-evaluate the level of every source; sends an MSI on a rising edge of
 * (pending & enabled).  Call it after any change of a source.
 */
void nvgpu_irq_update(struct nvgpu *gpu);
/* Time passes for a message that is late.  Return: it still is. */
bool nvgpu_irq_tick(struct nvgpu *gpu);

extern const struct nvgpu_unit nvgpu_pmc_unit;
extern const struct nvgpu_unit nvgpu_ptimer_unit;

/* Time of the GPU's own clock, ns; PTIMER's setting applied. */
uint64_t nvgpu_ptimer_ns(struct nvgpu *gpu);
bool nvgpu_ptimer_pending(const struct nvgpu *gpu);
void nvgpu_ptimer_alarm(struct nvgpu *gpu);

/* PBUS has an enabled interrupt pending. */
bool nvgpu_pbus_pending(const struct nvgpu *gpu);
/* The driver's write to the MSI rearm register: look at the tree afresh. */
void nvgpu_msi_rearm(struct nvgpu *gpu);

#endif
