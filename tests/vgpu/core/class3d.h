/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the 3D class share. */
#ifndef NVGPU_CLASS3D_H
#define NVGPU_CLASS3D_H

#include "method.h"

#define METHOD_RENDER_ENABLE_C	0x1558
#define  RENDER_ENABLE_FALSE	0
#define  RENDER_ENABLE_TRUE	1

#define METHOD_CLEAR_SURFACE	0x19d0

/* CLEAR_SURFACE: fill a colour target. */
enum nvgpu_method_result nvgpu_clear_surface(struct nvgpu_method_call *call);

#endif
