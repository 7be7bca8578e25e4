/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Setting up the log; what units call stands in device.h. */
#ifndef NVGPU_LOG_H
#define NVGPU_LOG_H

#include "device.h"

/* False: out of memory. */
bool nvgpu_log_init(struct nvgpu *gpu);
void nvgpu_log_fini(struct nvgpu *gpu);

#endif
