// SPDX-License-Identifier: GPL-2.0-or-later
/* Compiled kernels as grids: see kernel_fixture.h. */
#include "kernel_fixture.h"

#define AUX		0x800	/* bank 7 in the page of constants */
#define AUX_SIZE	0x800

void sm_kernel(struct sm *sm, const struct kernel *kernel, uint32_t x,
	       uint32_t y, uint32_t wx, uint32_t wy)
{
	struct nvgpu_grid *grid = &sm->grid;
	uint32_t sizes[8] = { wx, wy, 1, x / wx, y / wy, 1, 0, 2 };
	unsigned int i;

	sm_raw_code(sm, kernel->code, kernel->words);
	grid->registers = kernel->registers;
	grid->shared_size = kernel->shared_size;
	grid->barriers = kernel->barriers;
	grid->cb[KERNEL_AUX_BANK] = SM_CB + AUX;
	grid->cb_size[KERNEL_AUX_BANK] = AUX_SIZE;
	for (i = 0; i < 3; i++) {
		grid->cta_dim[i] = sizes[i];
		grid->grid_dim[i] = sizes[3 + i];
	}
	for (i = 0; i < 8; i++)
		sm_arg32(sm, AUX + KERNEL_AUX_SIZES + i * 4, sizes[i]);
}
