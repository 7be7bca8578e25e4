/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Queue meta data: the descriptor of a compute launch in memory. */
#ifndef NVGPU_QMD_H
#define NVGPU_QMD_H

#include "sm.h"

#define NVGPU_QMD_SIZE	256

/*
 * Decode a QMD of version 2.1 (@raw as in memory).  @grid gets everything but
 * the windows; its code address is relative to the program region.  False: it
 * asks for something that is not modelled (said what).
 */
bool nvgpu_qmd_decode(struct nvgpu *gpu, const uint8_t *raw,
		      struct nvgpu_grid *grid);

/* Rows of the ledger. */
void nvgpu_ledger_qmd(FILE *f);

#endif
