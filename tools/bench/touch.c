// SPDX-License-Identifier: MIT
/* Going over memory: who touches it first, and who next. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bench.h"
#include "gpu.h"
#include "igt_abi.h"
#include "nv_words.h"

#define SIZE		(16ul << 20)
#define LARGE		(64ul << 20)
#define SPARSE_SIZE	(64ul << 20)
#define STRIDE		(1ul << 18)
#define PING_PONGS	64
#define ATOMICS		4096
#define RANDOM_PAGES	1024
/* Odd, so that multiples of it modulo a power of two are all different. */
#define RANDOM_STEP	2654435761u	/* Knuth: 2^32 / the golden ratio */

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23	/* asm-generic/mman-common.h */
#endif

/* The floor: the same pages for the CPU alone, in one call. */
static void populate(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);

	bench_begin();
	igt_assert_eq(madvise(p, arg->size, MADV_POPULATE_WRITE), 0);
	bench_end();
	bench_free(p, arg->size);
}

/* The floor for copies. */
static void cpu_copy(const struct bench_arg *arg)
{
	void *src = bench_alloc(arg->size, arg->thp);
	void *dst = bench_alloc(arg->size, arg->thp);

	memset(src, 1, arg->size);
	memset(dst, 2, arg->size);
	bench_begin();
	memcpy(dst, src, arg->size);
	bench_end();
	igt_assert(!memcmp(dst, src, arg->size));
	bench_free(dst, arg->size);
	bench_free(src, arg->size);
}

static void gpu_first_write(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	bench_begin();
	bench_gpu_write(&gpu, p, arg->size, 1);
	bench_end();
	bench_assert_pages(p, arg->size, 1);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

/* The GPU reads what nobody has written: zeros, in pages of their own. */
static void gpu_first_read(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	uint32_t *q = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;
	size_t i;

	bench_gpu_open(&gpu);
	memset(q, 0xff, arg->size);
	bench_gpu_copy(&gpu, q, q + 1, arg->size);
	bench_gpu_rest(&gpu);
	bench_begin();
	bench_gpu_copy(&gpu, q, p, arg->size);
	bench_end();
	for (i = 0; i < arg->size / NV_PAGE; i++)
		igt_assert_eq(q[i * 1024], 0);
	bench_gpu_close(&gpu);
	bench_free(q, arg->size);
	bench_free(p, arg->size);
}

/* What the CPU has filled, for the GPU. */
static void cpu_then_gpu(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;
	size_t i;

	bench_gpu_open(&gpu);
	for (i = 0; i < arg->size / NV_PAGE; i++)
		p[i * 1024 + 1] = i + 7;
	bench_begin();
	bench_gpu_copy(&gpu, p, p + 1, arg->size);
	bench_end();
	bench_assert_pages(p, arg->size, 7);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

/* What the GPU has filled, for the CPU. */
static void gpu_then_cpu(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	bench_gpu_write(&gpu, p, arg->size, 9);
	bench_begin();
	bench_assert_pages(p, arg->size, 9);
	bench_end();
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

static void ping_pong(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;
	unsigned int i;

	bench_gpu_open(&gpu);
	p[0] = 0;
	bench_begin();
	for (i = 0; i < arg->count; i++) {
		const struct nv_kernel_args args = {
			.dst = (uintptr_t)p,
			.src = (uintptr_t)p,
			.value = 1,
			.shift = NV_SHIFT_SAME_WORD,
		};

		bench_gpu_run(&gpu, NV_KERNEL_INCREMENT, &args, NV_WARP);
		p[0]++;
	}
	bench_end();
	igt_assert_eq(p[0], 2 * arg->count);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

/* One word in each so many bytes. */
static void gpu_strided(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	const unsigned int threads = arg->size / STRIDE;
	struct bench_gpu gpu;
	unsigned int i;

	bench_gpu_open(&gpu);
	bench_begin();
	bench_gpu_run(&gpu, NV_KERNEL_WRITE, &(struct nv_kernel_args) {
		.dst = (uintptr_t)p,
		.shift = __builtin_ctzl(STRIDE),
		.value = 3,
	}, threads);
	bench_end();
	for (i = 0; i < threads; i++)
		igt_assert_eq(p[i * (STRIDE / 4)], 3 + i);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

/* All threads add to one word. */
static void gpu_atomic(const struct bench_arg *arg)
{
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	p[0] = 0;
	bench_begin();
	bench_gpu_run(&gpu, NV_KERNEL_ADD, &(struct nv_kernel_args) {
		.dst = (uintptr_t)p,
		.shift = NV_SHIFT_SAME_WORD,
		.value = 1,
	}, arg->count);
	bench_end();
	igt_assert_eq(p[0], arg->count);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

static uint32_t *random_page(uint32_t *p, uint32_t i, unsigned int pages)
{
	return p + i * RANDOM_STEP % pages * (NV_PAGE / sizeof(*p));
}

/* Pages all over the place, each once, in no order. */
static void gpu_random(const struct bench_arg *arg)
{
	const unsigned int pages = arg->size / NV_PAGE;
	uint32_t *p = bench_alloc(arg->size, arg->thp);
	struct nv_touches touches;
	struct bench_gpu gpu;
	unsigned int i;

	bench_gpu_open(&gpu);
	nv_touches_open(&touches, &gpu.dev, arg->count);
	for (i = 0; i < arg->count; i++)
		nv_touch_lane(&touches, NV_ACCESS_WRITE,
			      random_page(p, i, pages), i);
	bench_begin();
	bench_gpu_touch(&gpu, &touches);
	bench_end();
	for (i = 0; i < arg->count; i++)
		igt_assert_eq(*random_page(p, i, pages), i);
	nv_touches_close(&touches);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

#define PAGES(size)	((size) / NV_PAGE)

const struct bench_workload bench_touch[] = {
	{ "floor-populate", NULL, populate, { .size = SIZE }, PAGES(SIZE) },
	{ "floor-populate-thp", NULL, populate,
	  { .size = SIZE, .thp = true }, PAGES(SIZE) },
	{ "floor-memcpy", NULL, cpu_copy, { .size = SIZE }, PAGES(SIZE) },
	{ "first-write", "floor-populate", gpu_first_write,
	  { .size = SIZE }, PAGES(SIZE) },
	{ "first-write-thp", "floor-populate-thp", gpu_first_write,
	  { .size = SIZE, .thp = true }, PAGES(SIZE) },
	{ "first-write-ram", "floor-populate", gpu_first_write,
	  { .size = SIZE, .ram = true }, PAGES(SIZE) },
	{ "first-write-thp-ram", "floor-populate-thp", gpu_first_write,
	  { .size = SIZE, .thp = true, .ram = true }, PAGES(SIZE) },
	{ "first-read", "floor-populate", gpu_first_read,
	  { .size = SIZE }, PAGES(SIZE) },
	{ "first-read-thp", "floor-populate-thp", gpu_first_read,
	  { .size = SIZE, .thp = true }, PAGES(SIZE) },
	{ "first-read-ram", "floor-populate", gpu_first_read,
	  { .size = SIZE, .ram = true }, PAGES(SIZE) },
	{ "first-read-thp-ram", "floor-populate-thp", gpu_first_read,
	  { .size = SIZE, .thp = true, .ram = true }, PAGES(SIZE) },
	{ "cpu-then-gpu", "floor-memcpy", cpu_then_gpu,
	  { .size = SIZE }, PAGES(SIZE) },
	{ "cpu-then-gpu-thp", "floor-memcpy", cpu_then_gpu,
	  { .size = SIZE, .thp = true }, PAGES(SIZE) },
	{ "cpu-then-gpu-ram", "floor-memcpy", cpu_then_gpu,
	  { .size = SIZE, .ram = true }, PAGES(SIZE) },
	{ "cpu-then-gpu-thp-ram", "floor-memcpy", cpu_then_gpu,
	  { .size = SIZE, .thp = true, .ram = true }, PAGES(SIZE) },
	{ "gpu-then-cpu", "floor-memcpy", gpu_then_cpu,
	  { .size = SIZE }, PAGES(SIZE) },
	{ "gpu-then-cpu-ram", "floor-memcpy", gpu_then_cpu,
	  { .size = SIZE, .ram = true }, PAGES(SIZE) },
	{ "floor-populate-64m", NULL, populate, { .size = LARGE },
	  PAGES(LARGE) },
	{ "floor-populate-64m-thp", NULL, populate,
	  { .size = LARGE, .thp = true }, PAGES(LARGE) },
	{ "floor-memcpy-64m", NULL, cpu_copy, { .size = LARGE },
	  PAGES(LARGE) },
	{ "first-write-64m", "floor-populate-64m", gpu_first_write,
	  { .size = LARGE }, PAGES(LARGE) },
	{ "first-write-64m-thp", "floor-populate-64m-thp", gpu_first_write,
	  { .size = LARGE, .thp = true }, PAGES(LARGE) },
	{ "first-read-64m", "floor-populate-64m", gpu_first_read,
	  { .size = LARGE }, PAGES(LARGE) },
	{ "cpu-then-gpu-64m", "floor-memcpy-64m", cpu_then_gpu,
	  { .size = LARGE }, PAGES(LARGE) },
	{ "gpu-then-cpu-64m", "floor-memcpy-64m", gpu_then_cpu,
	  { .size = LARGE }, PAGES(LARGE) },
	{ "strided-256k", NULL, gpu_strided,
	  { .size = SPARSE_SIZE }, SPARSE_SIZE / STRIDE },
	{ "strided-256k-ram", NULL, gpu_strided,
	  { .size = SPARSE_SIZE, .ram = true }, SPARSE_SIZE / STRIDE },
	{ "random", NULL, gpu_random,
	  { .size = SPARSE_SIZE, .count = RANDOM_PAGES }, RANDOM_PAGES },
	{ "random-ram", NULL, gpu_random,
	  { .size = SPARSE_SIZE, .count = RANDOM_PAGES, .ram = true },
	  RANDOM_PAGES },
	{ "ping-pong", NULL, ping_pong,
	  { .size = NV_PAGE, .count = PING_PONGS }, PING_PONGS },
	{ "ping-pong-ram", NULL, ping_pong,
	  { .size = NV_PAGE, .count = PING_PONGS, .ram = true }, PING_PONGS },
	{ "atomics-one-word", NULL, gpu_atomic,
	  { .size = NV_PAGE, .count = ATOMICS }, ATOMICS },
	{ .name = NULL },
};
