/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How faults reach the driver: replayable buffer, or fatal registers. */
#ifndef NVGPU_FAULT_H
#define NVGPU_FAULT_H

#include "mmu.h"

/*
 * Put a packet into the replayable fault buffer.  When the buffer is full or
 * off nothing is entered; the access stays stalled and faults again at the
 * next replay, as hardware does.
 */
void nvgpu_fault_replayable(struct nvgpu *gpu, const struct nvgpu_vm *vm,
			    const struct nvgpu_client *client,
			    const struct nvgpu_fault_info *info);

/* Report through PFIFO's per-unit registers (0x2800): the access is dead. */
void nvgpu_fault_fatal(struct nvgpu *gpu, uint64_t inst,
		       const struct nvgpu_client *client,
		       const struct nvgpu_fault_info *info);

/* PFIFO_INTR_MMU_FAULT: one bit for each unit with an unread fault. */
uint32_t nvgpu_fault_units(const struct nvgpu *gpu);

/* The buffer asks for its interrupt (enabled and GET != PUT). */
bool nvgpu_fault_pending(const struct nvgpu *gpu);

/* Time passes for VALID bits that are late.  Return: some still are. */
bool nvgpu_fault_tick(struct nvgpu *gpu);

extern const struct nvgpu_unit nvgpu_fault_unit;

#endif
