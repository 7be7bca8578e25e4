/* SPDX-License-Identifier: MIT */
/* A GPU for workloads: kernels that are waited for without polling. */
#ifndef BENCH_GPU_H
#define BENCH_GPU_H

#include "nv_compute.h"
#include "nv_touch.h"

/** struct bench_gpu - an open device and a channel on it */
struct bench_gpu {
	struct nv_device dev;
	struct nv_channel chan;
	/** @last: what was run last, whose buffers are still there if @ran */
	struct nv_launch last;
	bool ran;
};

void bench_gpu_open(struct bench_gpu *gpu);
void bench_gpu_close(struct bench_gpu *gpu);

/*
 * Run a kernel to its end.  Asserts success.  Its buffers go when the next one
 * is run, or with bench_gpu_rest(): the kernel's work item that unmaps them would
 * be measured or not, as it happens to run.
 */
void bench_gpu_run(struct bench_gpu *gpu, enum nv_kernel kernel,
		   const struct nv_kernel_args *args, unsigned int threads);
/* Until there is nothing left of what was run before. */
void bench_gpu_rest(struct bench_gpu *gpu);
void bench_gpu_touch(struct bench_gpu *gpu, struct nv_touches *touches);

/* A thread per page writes value, value + 1, ... to the page's first word. */
void bench_gpu_write(struct bench_gpu *gpu, void *dst, size_t size,
		     uint32_t value);
/* One thread does, from one page to the next; 1, 2, ... */
void bench_gpu_walk(struct bench_gpu *gpu, void *dst, size_t size);
/* A thread per page copies a word; dst and src advance alike. */
void bench_gpu_copy(struct bench_gpu *gpu, void *dst, const void *src,
		    size_t size);
/* The first word of each page is first, first + 1, ... */
void bench_assert_pages(const void *p, size_t size, uint32_t first);

#endif
