// SPDX-License-Identifier: MIT
/* A GPU for workloads: see gpu.h. */
#include <stdint.h>
#include <unistd.h>
#include <nouveau_drm.h>
#include <xf86drm.h>

#include "gpu.h"
#include "igt_abi.h"
#include "nv_words.h"

#define PAGE_SHIFT	12
/* A work item has run by then. */
#define REST_US		(10 * 1000)

void bench_gpu_open(struct bench_gpu *gpu)
{
	nv_device_open(&gpu->dev);
	nv_channel_new(&gpu->dev, &gpu->chan);
	gpu->ran = false;
}

static void forget(struct bench_gpu *gpu)
{
	if (gpu->ran)
		nv_launch_free(&gpu->dev, &gpu->last);
	gpu->ran = false;
}

void bench_gpu_close(struct bench_gpu *gpu)
{
	forget(gpu);
	nv_channel_free(&gpu->dev, &gpu->chan);
	nv_device_close(&gpu->dev);
}

/*
 * The kernel sleeps until the GPU has done, 30 s at most.  A program that looks
 * from time to time would be measured for how long it waits.
 */
static void wait_for(const struct bench_gpu *gpu, struct nv_launch *launch)
{
	struct drm_nouveau_gem_cpu_prep prep = {
		.handle = launch->push.handle,
		.flags = NOUVEAU_GEM_CPU_PREP_WRITE,
	};

	igt_assert_eq(drmCommandWrite(gpu->dev.fd, DRM_NOUVEAU_GEM_CPU_PREP,
				      &prep, sizeof(prep)), 0);
}

void bench_gpu_run(struct bench_gpu *gpu, enum nv_kernel kernel,
		   const struct nv_kernel_args *args, unsigned int threads)
{
	forget(gpu);
	nv_launch(&gpu->dev, &gpu->chan, &gpu->last, kernel, args, threads);
	gpu->ran = true;
	wait_for(gpu, &gpu->last);
	igt_assert_eq(nv_launch_wait(&gpu->dev, &gpu->last, 0), 0);
}

void bench_gpu_rest(struct bench_gpu *gpu)
{
	forget(gpu);
	usleep(REST_US);
}

void bench_gpu_touch(struct bench_gpu *gpu, struct nv_touches *touches)
{
	nv_touches_start(touches, &gpu->chan);
	wait_for(gpu, &touches->launch);
	igt_assert_eq(nv_touches_wait(touches), 0);
}

void bench_gpu_write(struct bench_gpu *gpu, void *dst, size_t size,
		     uint32_t value)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.shift = PAGE_SHIFT,
		.value = value,
	};

	bench_gpu_run(gpu, NV_KERNEL_WRITE, &args, size >> PAGE_SHIFT);
}

void bench_gpu_walk(struct bench_gpu *gpu, void *dst, size_t size)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.shift = PAGE_SHIFT,
		.value = size >> PAGE_SHIFT,
	};

	bench_gpu_run(gpu, NV_KERNEL_WALK, &args, 1);
}

void bench_gpu_copy(struct bench_gpu *gpu, void *dst, const void *src,
		    size_t size)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.src = (uintptr_t)src,
		.shift = PAGE_SHIFT,
	};

	bench_gpu_run(gpu, NV_KERNEL_COPY, &args, size >> PAGE_SHIFT);
}

void bench_assert_pages(const void *p, size_t size, uint32_t first)
{
	const uint32_t *w = p;
	size_t i;

	for (i = 0; i < size >> PAGE_SHIFT; i++)
		igt_assert_eq(w[i * (NV_PAGE / sizeof(*w))], first + i);
}
