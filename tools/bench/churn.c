// SPDX-License-Identifier: MIT
/* The CPU changes its mapping, with and without a GPU that has it too. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "gpu.h"
#include "igt_abi.h"
#include "nv_mail.h"
#include "nv_words.h"

#define SIZE	(16ul << 20)
#define PAGES	(SIZE / NV_PAGE)
#define ROUNDS	64
#define SMALL	(256ul << 10)

static void map_and_unmap(size_t size, unsigned int rounds)
{
	unsigned int i;
	void *p;

	for (i = 0; i < rounds; i++) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		igt_assert(p != MAP_FAILED);
		memset(p, i, size);
		igt_assert_eq(munmap(p, size), 0);
	}
}

static void churn_floor(const struct bench_arg *arg)
{
	bench_begin();
	map_and_unmap(arg->size, arg->count);
	bench_end();
}

/* A kernel runs meanwhile, on other memory of the process. */
static void churn_with_kernel(const struct bench_arg *arg)
{
	struct nv_mailboxes box;
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	nv_mail_start(&box, &gpu.dev, &gpu.chan, NV_KERNEL_MAIL_COUNT, NV_WARP);
	bench_begin();
	map_and_unmap(arg->size, arg->count);
	bench_end();
	nv_mail_stop(&box);
	bench_gpu_close(&gpu);
}

/* Memory that the GPU holds goes. */
static void unmap_shared(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	bench_gpu_write(&gpu, p, arg->size, 1);
	bench_begin();
	bench_free(p, arg->size);
	bench_end();
	bench_gpu_close(&gpu);
}

static void unmap_floor(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);

	memset(p, 1, arg->size);
	bench_begin();
	bench_free(p, arg->size);
	bench_end();
}

static void fork_once(void)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	igt_assert(pid > 0);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert_eq(status, 0);
}

static void fork_shared(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);
	struct bench_gpu gpu;

	bench_gpu_open(&gpu);
	bench_gpu_write(&gpu, p, arg->size, 1);
	bench_begin();
	fork_once();
	bench_end();
	bench_assert_pages(p, arg->size, 1);
	bench_gpu_close(&gpu);
	bench_free(p, arg->size);
}

static void fork_floor(const struct bench_arg *arg)
{
	void *p = bench_alloc(arg->size, arg->thp);

	memset(p, 1, arg->size);
	bench_begin();
	fork_once();
	bench_end();
	bench_free(p, arg->size);
}

const struct bench_workload bench_churn[] = {
	{ "floor-churn", NULL, churn_floor,
	  { .size = SMALL, .count = ROUNDS }, ROUNDS },
	{ "churn", "floor-churn", churn_with_kernel,
	  { .size = SMALL, .count = ROUNDS }, ROUNDS },
	{ "floor-munmap", NULL, unmap_floor, { .size = SIZE }, PAGES },
	{ "munmap", "floor-munmap", unmap_shared, { .size = SIZE }, PAGES },
	{ "floor-fork", NULL, fork_floor, { .size = SIZE }, PAGES },
	{ "fork", "floor-fork", fork_shared, { .size = SIZE }, PAGES },
	{ .name = NULL },
};
