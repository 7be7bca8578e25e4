/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The L1 cache of an SM, through which loads of global memory go.  It is not
 * coherent: a line stays as it was read, whoever writes to memory, until the
 * program drops it.  What drops it, and how sure that is: l1.c.
 *
 * Private to the SM.
 */
#ifndef NVGPU_L1_H
#define NVGPU_L1_H

#include "mem.h"

/* NVIDIA developer forum, "Pascal L1 cache" (49571): lines and sectors */
#define NVGPU_L1_LINE		128u
#define NVGPU_L1_SECTOR		32u
/* The model's own, larger than GP100's 24 KiB: stale lines live long. */
#define NVGPU_L1_LINES		512u

/** struct nvgpu_l1_line - 128 bytes of virtual memory */
struct nvgpu_l1_line {
	/** @number: its address / 128 */
	uint64_t number;
	/** @gen: it counts while this is the cache's */
	uint64_t gen;
	/** @valid: a bit a sector */
	uint32_t valid;
	uint8_t data[NVGPU_L1_LINE];
};

/** struct nvgpu_l1 - one cache */
struct nvgpu_l1 {
	/** @gen: changes when all lines are dropped; never 0 */
	uint64_t gen;
	/** @until: on the SMs' clock, when it is time to drop all lines */
	uint64_t until;
	struct nvgpu_l1_line line[NVGPU_L1_LINES];
};

/* Drop every line.  @now: the SMs' clock. */
void nvgpu_l1_forget(struct nvgpu_l1 *l1, uint64_t now);

/* Time passes. */
static inline void nvgpu_l1_age(struct nvgpu_l1 *l1, uint64_t now)
{
	if (now >= l1->until)
		nvgpu_l1_forget(l1, now);
}

/*
 * Read @len bytes of virtual memory at @va, which is at @pa and in one page,
 * through the cache of SM @sm.
 * What the bus refuses reads as ones, and is not kept.
 */
void nvgpu_l1_read(struct nvgpu *gpu, unsigned int sm, uint64_t va,
		   enum nvgpu_aperture aper, uint64_t pa, void *buf,
		   unsigned int len);

/* Drop the sectors that hold any of the @len bytes at @va. */
void nvgpu_l1_drop(struct nvgpu_l1 *l1, uint64_t va, unsigned int len);

#endif
