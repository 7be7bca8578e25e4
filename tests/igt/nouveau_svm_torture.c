// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm torture
 * Description: everything that can happen to memory, in any order, by CPU, GPU,
 *	threads and processes, and what must be in it is in it
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * The same is done each time, as far as who comes first is not up to the
 * machine; --seed=N does something else, or again what has failed.  --seconds=N
 * is how long each subtest takes: hours find more.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_device.h"
#include "nv_main.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_torture.h"

#define VERSION		3
#define SECONDS		12
#define THREADS		3
#define PROCESSES	3
/* Less than that has tested nothing, on however slow a machine. */
#define LEAST_WORDS	100000

static uint64_t seed = 1;
static long seconds = SECONDS;
static struct nv_torture_sum *sum;

static void torture(unsigned int processes, unsigned int threads)
{
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < processes; i++) {
		igt_fork_child()
			nv_torture_process(seed, i * THREADS, threads, seconds,
					   sum);
	}
	igt_assert_f(!__igt_waitchildren(), "seed %llu\n",
		     (unsigned long long)seed);
	igt_info("seed %llu: %llu operations, %llu words compared\n",
		 (unsigned long long)seed, (unsigned long long)sum->ops,
		 (unsigned long long)sum->checked);
	igt_assert(sum->checked >= LEAST_WORDS);
	nv_assert_vram_empty();
}

/* Memory moves when it is told to. */
static void test_alone(void)
{
	igt_assert(nv_policy_moves(false));
	torture(1, 1);
}

/* And whenever the GPU asks for it. */
static void test_moves(void)
{
	igt_assert(nv_policy_moves(true));
	torture(1, 1);
}

static void test_threads(void)
{
	igt_assert(nv_policy_moves(true));
	torture(1, THREADS);
}

static void test_processes(void)
{
	igt_assert(nv_policy_moves(true));
	torture(PROCESSES, 1);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "alone", test_alone },
	{ "moves", test_moves },
	{ "threads", test_threads },
	{ "processes", test_processes },
};

int main(int argc, char **argv)
{
	nv_seeded_options(argc, argv, &seed, &seconds, "each subtest");

	igt_fixture {
		nv_require_version(VERSION);
		sum = mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		igt_assert(sum != MAP_FAILED);
	}

	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	igt_exit();
}
