/* SPDX-License-Identifier: MIT */
/* What the kernel says of the device's memory: what a file has, and all. */
#ifndef NV_FDINFO_H
#define NV_FDINFO_H

#include <stdint.h>

#include "nv_device.h"

/* Bytes that it tells of under such a key.  Asserts that it does. */
uint64_t nv_fdinfo(const struct nv_device *dev, const char *key);

/* Bytes of VRAM that all buffers together take; @fd: any file of the device. */
uint64_t nv_vram_used(int fd);

#endif
