// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm soak
 * Description: for a long time, everything at once: programs and threads that use
 *	memory in any way there is, and one that minds its own business; in the
 *	end it is as if none of them had been there
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * To be run where nothing else uses the GPU.  --seed=N does something else, or
 * again what has failed; --seconds=N is how long it takes.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_bystander.h"
#include "nv_device.h"
#include "nv_main.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_torture.h"
#include "nv_words.h"

#define SECONDS		300
#define SETTLE_SECONDS	20
/* With all the others at it. */
#define KERNEL_SECONDS	60
#define THREADS		2
/* Less than that in a second has tested nothing, on however slow a machine. */
#define LEAST_WORDS	10000

static uint64_t seed = 1;
static long seconds = SECONDS;
static struct nv_torture_sum *sum;

/* What the driver counts is what it was before anybody came. */
static void assert_balanced(void)
{
	const struct nv_leftovers nothing = { .counted = true };
	static const char * const levels[] = {
		"advice", "services_in_flight", "vram_bytes",
	};
	uint64_t value = 0;
	size_t i;

	nv_leftovers_assert(&nothing);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		nv_stat_becomes(levels[i], 0, SETTLE_SECONDS);
		igt_assert(nv_stat(levels[i], &value));
		igt_assert_f(!value, "%s: %llu\n", levels[i],
			     (unsigned long long)value);
	}
}

static void test_mix(void)
{
	const time_t end = time(NULL) + seconds;
	struct nv_bystander *bystander;

	igt_assert(nv_policy_moves(true));
	nv_assert_works();
	assert_balanced();
	bystander = nv_bystander_start();
	igt_fork_child()
		nv_torture_process(seed, 0, THREADS, seconds, sum);
	igt_fork_child()
		nv_torture_process(seed, THREADS, 1, seconds, sum);
	while (time(NULL) < end)
		nv_bystander_goes_on(bystander, 1, KERNEL_SECONDS);
	nv_bystander_end(bystander);
	igt_info("seed %llu: %llu operations, %llu words compared\n",
		 (unsigned long long)seed, (unsigned long long)sum->ops,
		 (unsigned long long)sum->checked);
	igt_assert(sum->checked >= (uint64_t)seconds * LEAST_WORDS);
	assert_balanced();
	nv_assert_works();
	nv_policy_restore();
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "mix", test_mix },
};

int main(int argc, char **argv)
{
	nv_seeded_options(argc, argv, &seed, &seconds, "the whole");

	igt_fixture {
		struct nv_device dev;

		nv_device_open(&dev);
		nv_device_close(&dev);
		sum = mmap(NULL, sizeof(*sum), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		igt_assert(sum != MAP_FAILED);
	}

	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	igt_exit();
}
