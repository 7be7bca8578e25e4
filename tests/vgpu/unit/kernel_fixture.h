/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiled kernels as grids. */
#ifndef NVGPU_KERNEL_FIXTURE_H
#define NVGPU_KERNEL_FIXTURE_H

#include "kernels.h"
#include "sm_fixture.h"

/*
 * Make @kernel the grid's code, over @x by @y work-items in groups of @wx by
 * @wy.  Arguments are for the caller, sm_arg32() and sm_arg64().
 */
void sm_kernel(struct sm *sm, const struct kernel *kernel, uint32_t x,
	       uint32_t y, uint32_t wx, uint32_t wy);

#endif
