/* SPDX-License-Identifier: MIT */
/* Launching a kernel on a channel and waiting for it. */
#ifndef NV_COMPUTE_H
#define NV_COMPUTE_H

#include "nv_device.h"
#include "nv_sass.h"

#define NV_WARP 32	/* threads; grids are multiples of it */

/** struct nv_launch - one grid, submitted or about to be */
struct nv_launch {
	/** @push: push buffer; @state: launch descriptor, code, constants */
	struct nv_bo push, state;
};

/*
 * Submit a grid of @threads (rounded up to NV_WARP) threads.  Asserts that
 * it was taken.
 */
void nv_launch(const struct nv_device *dev, const struct nv_channel *chan,
	       struct nv_launch *launch, enum nv_kernel kernel,
	       const struct nv_kernel_args *args, unsigned int threads);

/* The same; 0 or -errno of the submission. */
int nv_launch_try(const struct nv_device *dev, const struct nv_channel *chan,
		  struct nv_launch *launch, enum nv_kernel kernel,
		  const struct nv_kernel_args *args, unsigned int threads);

/*
 * Wait until the grid is done.  0; -EIO: its channel died before; -ETIME
 * after @seconds.
 */
int nv_launch_wait(const struct nv_device *dev, struct nv_launch *launch,
		   unsigned int seconds);

/* Buffers of a launch that is over. */
void nv_launch_free(const struct nv_device *dev, struct nv_launch *launch);

/* All of the above for a grid that must succeed. */
void nv_run(const struct nv_device *dev, const struct nv_channel *chan,
	    enum nv_kernel kernel, const struct nv_kernel_args *args,
	    unsigned int threads);

/* All of the above; what nv_launch_wait() says. */
int nv_run_status(const struct nv_device *dev, const struct nv_channel *chan,
		  enum nv_kernel kernel, const struct nv_kernel_args *args,
		  unsigned int threads);

#endif
