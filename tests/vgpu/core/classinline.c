// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The inline-to-memory class (KEPLER_INLINE_TO_MEMORY_B, a140): only what
 * upload.c does.  Source: NVIDIA's cla140.h.
 */
#include "method.h"

static const struct nvgpu_method methods[] = {
	METHODS_COMMON,
	METHODS_INLINE_TO_MEMORY,
};

const struct nvgpu_class nvgpu_class_inline = {
	.name		= "inline",
	.source		= "cla140.h",
	.methods	= methods,
	.nr_methods	= NVGPU_ARRAY_SIZE(methods),
};
