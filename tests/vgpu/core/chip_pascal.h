/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the model's Pascal chips have in common. */
#ifndef NVGPU_CHIP_PASCAL_H
#define NVGPU_CHIP_PASCAL_H

#include "chip.h"

#define NVGPU_PASCAL_ENGINES	5
#define NVGPU_PASCAL_PBDMAS	4
#define NVGPU_PASCAL_RUNLISTS	3

extern const struct nvgpu_engine nvgpu_pascal_engines[NVGPU_PASCAL_ENGINES];
/* For each PBDMA, a mask of runlists it serves. */
extern const uint32_t nvgpu_pascal_pbdma_runlists[NVGPU_PASCAL_PBDMAS];

#endif
