/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtual GPU under Mesa, in one process, without a VM and a kernel
 * driver: what Mesa submits to its own shim is executed by the model.
 */
#ifndef FUZZ_VGPU_H
#define FUZZ_VGPU_H

#include <stdbool.h>
#include <stddef.h>

/* Before Mesa opens the device; @scalar: the model's slow path. */
void vgpu_open(bool scalar);

/* Let the GPU see memory of the process, page by page, at its address. */
void vgpu_map(const void *p, size_t size);

/* The first thing that went wrong; NULL: nothing did. */
const char *vgpu_error(void);
/* Forget it, and go on with the next kernel. */
void vgpu_forgive(void);

#endif
