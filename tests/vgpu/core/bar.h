/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The apertures: PRAMIN inside BAR0, and BAR1 and BAR2. */
#ifndef NVGPU_BAR_H
#define NVGPU_BAR_H

#include "device.h"

/* A CPU access to BAR1 or BAR2 (@bar is 1 or 2); all ones on a fault. */
uint64_t nvgpu_window_read(struct nvgpu *gpu, int bar, uint64_t addr,
			   unsigned int size);
void nvgpu_window_write(struct nvgpu *gpu, int bar, uint64_t addr,
			uint64_t val, unsigned int size);

extern const struct nvgpu_unit nvgpu_bar_unit;

#endif
