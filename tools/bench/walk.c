// SPDX-License-Identifier: MIT
/*
 * One thread goes over memory, from one page to the next.
 *
 * It wants a page only when it has been given the one before.  So there is never
 * more than one access that waits, and a driver that brings nothing but what was
 * asked for has a fault for each page.
 */
#include <stdlib.h>

#include "bench.h"
#include "gpu.h"
#include "igt_abi.h"
#include "nv_words.h"

#define SIZE		(16ul << 20)
#define PAGES		(SIZE / NV_PAGE)
#define PAGE_WORDS	(NV_PAGE / sizeof(uint32_t))
#define TAG		0x5eed0000u

/* Nobody has touched it before. */
static void walk(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	bench_begin();
	bench_gpu_walk(&gpu, p, arg->size);
	bench_end();
	bench_assert_pages(p, arg->size, 1);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

/* The CPU has: what the GPU does not write stays as it was. */
static void walk_filled(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;
	size_t i;

	bench_gpu_open(&gpu);
	for (i = 0; i < arg->size / sizeof(*p); i++)
		p[i] = TAG + i;
	bench_begin();
	bench_gpu_walk(&gpu, p, arg->size);
	bench_end();
	bench_assert_pages(p, arg->size, 1);
	for (i = 0; i < arg->size / sizeof(*p); i++) {
		if (i % PAGE_WORDS)
			igt_assert_eq(p[i], TAG + i);
	}
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

const struct bench_workload bench_walk[] = {
	{ "sequential", "floor-populate", walk, { .size = SIZE }, PAGES },
	{ "sequential-ram", "floor-populate", walk,
	  { .size = SIZE, .ram = true }, PAGES },
	{ "sequential-filled", "floor-memcpy", walk_filled,
	  { .size = SIZE }, PAGES },
	{ "sequential-filled-ram", "floor-memcpy", walk_filled,
	  { .size = SIZE, .ram = true }, PAGES },
	{ .name = NULL },
};
