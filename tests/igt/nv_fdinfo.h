/* SPDX-License-Identifier: MIT */
/* What the kernel says of a device's memory that a file has. */
#ifndef NV_FDINFO_H
#define NV_FDINFO_H

#include <stdint.h>

#include "nv_device.h"

/* Bytes that it tells of under such a key.  Asserts that it does. */
uint64_t nv_fdinfo(const struct nv_device *dev, const char *key);

#endif
