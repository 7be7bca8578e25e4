/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the graphics front end share. */
#ifndef NVGPU_GR_PRIV_H
#define NVGPU_GR_PRIV_H

#include "gr.h"
#include "method.h"

/** struct nvgpu_gr - state of gr.c */
struct nvgpu_gr {
	/** @method: for each class, index of a method's row + 1, 0: none */
	uint16_t method[NVGPU_NR_CLASSES][NVGPU_METHODS];
};

/** struct nvgpu_gr_context - what a channel's objects remember */
struct nvgpu_gr_context {
	/** @state: last data of each method of each class */
	uint32_t state[NVGPU_NR_CLASSES][NVGPU_METHODS];
	/** @upload: inline data transfers in progress */
	struct nvgpu_upload upload[NVGPU_NR_CLASSES];
};

bool nvgpu_gr_init(struct nvgpu *gpu);
void nvgpu_gr_power_on(struct nvgpu *gpu);
void nvgpu_gr_fini(struct nvgpu *gpu);

/* gr_regs.c: reset values into every register of the unit. */
void nvgpu_gr_regs_reset(struct nvgpu *gpu);

#endif
