/* SPDX-License-Identifier: MIT */
/* Launching a kernel on a channel and waiting for it. */
#ifndef NV_COMPUTE_H
#define NV_COMPUTE_H

#include "nv_device.h"
#include "nv_sass.h"

#define NV_WARP 32	/* threads; grids have less, or multiples of it */

/*
 * Generic addresses that are no memory of the process: shared memory's window,
 * and then local memory's, where Mesa puts them too.
 */
#define NV_WINDOWS	0xfe000000u
#define NV_WINDOWS_SIZE	0x02000000u

/** struct nv_launch - one grid, submitted or about to be */
struct nv_launch {
	/** @push: push buffer; @state: launch descriptor, code, constants */
	struct nv_bo push, state;
	/** @done: semaphore that the grid's end writes */
	const volatile uint32_t *done;
};

/*
 * Submit a grid of @threads threads: up to NV_WARP, or a multiple of it.  Asserts
 * that it was taken.
 */
void nv_launch(const struct nv_device *dev, const struct nv_channel *chan,
	       struct nv_launch *launch, enum nv_kernel kernel,
	       const struct nv_kernel_args *args, unsigned int threads);

/**
 * struct nv_places - what else than the words that a kernel works on is in
 * shared virtual memory; NULL: it is in a buffer, as it should be
 *
 * Each is a page of its own, filled when the grid is launched; below 1 << 40,
 * but for the constants.
 */
struct nv_places {
	/** @descriptor: launch descriptor (QMD); @code: instructions */
	void *descriptor, *code;
	/** @constants: the kernel's arguments */
	void *constants;
	/** @done: semaphore that the grid's end writes */
	uint32_t *done;
};

/* The same with some things in odd places.  0 or -errno of the submission. */
int nv_launch_at(const struct nv_device *dev, const struct nv_channel *chan,
		 struct nv_launch *launch, enum nv_kernel kernel,
		 const struct nv_kernel_args *args, unsigned int threads,
		 const struct nv_places *places);

/*
 * The same with @nr buffers, fewer than NV_MAX_OTHERS, that it is said to work
 * on.
 */
int nv_launch_with(const struct nv_device *dev, const struct nv_channel *chan,
		   struct nv_launch *launch, enum nv_kernel kernel,
		   const struct nv_kernel_args *args, unsigned int threads,
		   const struct nv_bo *bos, unsigned int nr);

/* The same; 0 or -errno of the submission. */
int nv_launch_try(const struct nv_device *dev, const struct nv_channel *chan,
		  struct nv_launch *launch, enum nv_kernel kernel,
		  const struct nv_kernel_args *args, unsigned int threads);

/*
 * Wait until the grid is done.  0; -EIO: its channel died before; -ETIME
 * after @seconds, or more where nv_patience() says so.
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
