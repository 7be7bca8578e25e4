// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The 2D class (FERMI_TWOD_A, 902d): the state that Mesa's nvc0_screen.c sets
 * up for every screen.  Nothing is drawn with it here.  Source: cl902d.h.
 */
#include "method.h"

static const struct nvgpu_method methods[] = {
	METHODS_COMMON,
	METHOD_KEPT(0x0260, 1, 4, "SET_NUM_PROCESSING_CLUSTERS"),
	METHOD_KEPT(0x0264, 3, 4, "SET_RENDER_ENABLE"),
	METHOD_KEPT(0x0290, 1, 4, "SET_CLIP_ENABLE"),
	METHOD_KEPT(0x029c, 1, 4, "SET_COLOR_KEY_ENABLE"),
	METHOD_KEPT(0x02ac, 1, 4, "SET_OPERATION"),
	METHOD_KEPT(0x0884, 1, 4, "SET_PIXELS_FROM_MEMORY_CORRAL_SIZE"),
	METHOD_KEPT(0x0888, 1, 4, "SET_PIXELS_FROM_MEMORY_SAFE_OVERLAP"),
	METHOD_ABSENT(0x08dc, 1, 4, "PIXELS_FROM_MEMORY_SRC_Y0_INT"),
	METHOD_ABSENT(0x0860, 1, 4, "PIXELS_FROM_CPU_DATA"),
};

const struct nvgpu_class nvgpu_class_2d = {
	.name		= "2D",
	.source		= "cl902d.h",
	.methods	= methods,
	.nr_methods	= NVGPU_ARRAY_SIZE(methods),
};
