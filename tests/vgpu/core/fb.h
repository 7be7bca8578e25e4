/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shape of the memory system; several units tell the driver parts of it. */
#ifndef NVGPU_FB_H
#define NVGPU_FB_H

#define NVGPU_FBPS		4	/* framebuffer partitions */
#define NVGPU_LTCS_PER_FBP	2	/* L2 cache units */
#define NVGPU_FBPAS_PER_FBP	1	/* memory controllers */
#define NVGPU_LTCS		(NVGPU_FBPS * NVGPU_LTCS_PER_FBP)
#define NVGPU_FBPAS		(NVGPU_FBPS * NVGPU_FBPAS_PER_FBP)
#define NVGPU_LTC_SLICES	4	/* of each L2 cache unit */

#endif
