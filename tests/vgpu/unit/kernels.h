/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machine code as a compiler makes it: kernels.cl, compiled by Mesa 25.0.7's
 * rusticl for chipset 0x130, taken from the push buffer of an enqueue.
 *
 * Constant bank 0 holds the arguments, packed as in C.  Bank 7 holds the
 * size of a work-group and their number, 32 bits each, from 0x100 on.
 */
#ifndef NVGPU_KERNELS_H
#define NVGPU_KERNELS_H

#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* get_global_size(0) of the histogram: an argument that rusticl adds */
#define KERNEL_HIST_GLOBAL_SIZE	0x20
#define KERNEL_AUX_BANK		7
#define KERNEL_AUX_SIZES	0x100

/** struct kernel - code, and what the QMD says of it */
struct kernel {
	/** @code: control words and all; starts at a multiple of 32 bytes */
	const uint64_t *code;
	unsigned int words;
	uint32_t registers, shared_size, barriers;
};

extern const struct kernel kernel_vadd, kernel_saxpy, kernel_matmul;
extern const struct kernel kernel_chase, kernel_histogram;
extern const struct kernel kernel_global_hist, kernel_diverge, kernel_reduce;

#endif
