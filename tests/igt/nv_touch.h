/* SPDX-License-Identifier: MIT */
/* A grid whose threads make one access each, each as it is told. */
#ifndef NV_TOUCH_H
#define NV_TOUCH_H

#include <stdbool.h>
#include <stddef.h>

#include "nv_compute.h"

/** struct nv_touches - what the threads are to do, and the grid */
struct nv_touches {
	const struct nv_device *dev;
	struct nv_launch launch;
	/** @bo: where @touch is: no shared virtual memory */
	struct nv_bo bo;
	/** @touch: one a thread, and one more, which releases those held */
	volatile struct nv_touch *touch;
	/** @held: accesses that are given from now on wait for their release */
	bool held;
	/** @count: threads there may be; @used: threads that have an access */
	unsigned int count, used;
};

/* Room for so many threads.  Asserts success. */
void nv_touches_open(struct nv_touches *t, const struct nv_device *dev,
		     unsigned int threads);
void nv_touches_close(struct nv_touches *t);

/* The next thread of the same warp, or the first one of the next warp. */
void nv_touch_lane(struct nv_touches *t, enum nv_access access, const void *p,
		   uint32_t value);
void nv_touch_warp(struct nv_touches *t, enum nv_access access, const void *p,
		   uint32_t value);
/* From the next warp on, all wait for their release. */
void nv_touches_hold(struct nv_touches *t);
/* Let go all warps that were held, of a grid that runs. */
void nv_touches_release(struct nv_touches *t);
/* What the thread has seen that was given its access as number @nr. */
uint32_t nv_touch_seen(const struct nv_touches *t, unsigned int nr);

/* Start the grid.  Asserts that it was taken. */
void nv_touches_start(struct nv_touches *t, const struct nv_channel *chan);
/* Wait for its end: what nv_launch_wait() says.  All accesses are forgotten. */
int nv_touches_wait(struct nv_touches *t);
/* Both. */
int nv_touches_run(struct nv_touches *t, const struct nv_channel *chan);

#endif
