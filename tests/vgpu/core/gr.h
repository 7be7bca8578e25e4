/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graphics engine's front end and its falcons. */
#ifndef NVGPU_GR_H
#define NVGPU_GR_H

#include "fifo.h"

extern const struct nvgpu_unit nvgpu_falcon_unit;
extern const struct nvgpu_unit nvgpu_gr_unit;

#endif
