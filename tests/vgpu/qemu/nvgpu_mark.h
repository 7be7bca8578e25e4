/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks that a benchmark sets: see nvgpu_mark.c. */
#ifndef NVGPU_MARK_H
#define NVGPU_MARK_H

#include <stdint.h>

struct nvgpu;

/*
 * Where in configuration space a write sets a mark: behind the capabilities,
 * where no driver looks.
 */
#define NVGPU_MARK_OFFSET	0xe0

/* Append to a file: the mark's number, time, instructions, all counters. */
void nvgpu_mark(const struct nvgpu *gpu, const char *path, uint32_t number);

#endif
