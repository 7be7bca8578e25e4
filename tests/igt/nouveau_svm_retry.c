// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm retry
 * Description: what can't be had at the moment is tried again, and kills
 *	nobody: memory that is short, mappings that change all the time
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_cgroup.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGE_WORDS	(NV_PAGE / 4)

#define CGROUP		NV_CGROUPS "/svm-retry"
/* What the process may have, and what its GPU works on. */
#define LIMIT		(12l << 20)
#define PRESSED		(24ul << 20)
/* What there is no memory for; more than CPUs have been given in advance. */
#define SHORT		(256 * NV_PAGE)
#define SHORT_RETRIES	8
#define SHORT_SECONDS	20
/* How far apart the words of two threads are: a warp has a page. */
#define WORD_SHIFT	7

#define STORM_SECONDS	4
#define STORM_THREADS	2
#define STORM_PAGES	64
#define STORM_WORDS	(16 * PAGE_WORDS)
#define DISCARD_US	100

static struct nv_device dev;
static struct nv_channel chan;

static uint64_t stat_of(const char *name)
{
	uint64_t value;

	igt_require_f(nv_stat(name, &value), "no statistics\n");
	return value;
}

/*
 * Nobody in the group may be killed for its sake: memory that it can't have is
 * an error then, to whoever asks.
 */
static void cgroup_enter(void)
{
	igt_assert(nv_set_number("/proc/self/oom_score_adj", -1000));
	igt_assert(nv_set_number(CGROUP "/cgroup.procs", getpid()));
	munmap(dev.hole, dev.hole_size);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
}

static void write_all(const struct nv_area *a, uint32_t value)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)a->p, .shift = WORD_SHIFT, .value = value,
	};

	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, a->size >> WORD_SHIFT);
}

static void assert_all_written(const struct nv_area *a, uint32_t value)
{
	const uint32_t *p = a->p;
	size_t i;

	for (i = 0; i < a->size >> WORD_SHIFT; i++)
		igt_assert_eq(p[i << (WORD_SHIFT - 2)], value + i);
}

/*
 * Twice the memory that the process may have, written by the GPU twice: pages
 * go to swap under its hands, and come back with what it has written.
 */
static void test_memory_limit(void)
{
	uint64_t cancels = stat_of("cancels");
	struct nv_area a;
	int round;

	nv_cgroup_make(CGROUP);
	igt_require_f(nv_set_number(CGROUP "/memory.max", LIMIT),
		      "no limit of memory\n");
	nv_area_no_thp(&a, PRESSED);
	igt_fork_child() {
		cgroup_enter();
		for (round = 1; round <= 2; round++)
			write_all(&a, round << 20);
		assert_all_written(&a, 2 << 20);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert(nv_get_line(CGROUP "/memory.stat", "pswpout") >=
		   (long)((PRESSED - LIMIT) / NV_PAGE));
	igt_assert_eq(rmdir(CGROUP), 0);
	nv_area_unmap(&a);
	igt_assert_eq(stat_of("cancels"), cancels);
}

/*
 * There is no memory at all for what the GPU writes, and nowhere to put what
 * there is; until there is some.
 */
static void test_memory_short(void)
{
	uint64_t cancels = stat_of("cancels"), retries;
	struct nv_area a;
	int ready[2];
	bool retried;
	long has;
	char c;

	nv_cgroup_make(CGROUP);
	igt_require_f(nv_set_number(CGROUP "/memory.swap.max", 0),
		      "no limit of swap space\n");
	nv_area_no_thp(&a, SHORT);
	igt_assert_eq(pipe(ready), 0);
	igt_fork_child() {
		cgroup_enter();
		write_all(&a, 1 << 20);
		assert_all_written(&a, 1 << 20);
		igt_assert_eq(madvise(a.p, a.size, MADV_DONTNEED), 0);
		has = nv_get_number(CGROUP "/memory.current");
		igt_assert(nv_set_number(CGROUP "/memory.max", has));
		igt_assert_eq(write(ready[1], "r", 1), 1);
		write_all(&a, 2 << 20);
		assert_all_written(&a, 2 << 20);
	}
	close(ready[1]);
	igt_assert_eq(read(ready[0], &c, 1), 1);
	close(ready[0]);
	retries = stat_of("retries");
	retried = nv_stat_reaches("retries", retries + SHORT_RETRIES,
				  SHORT_SECONDS);
	igt_assert(nv_set_number(CGROUP "/memory.max", LONG_MAX));
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert(retried);
	/* Not once for each page and retry: that is work for nothing. */
	igt_assert(nv_get_line(CGROUP "/memory.events", "oom") <
		   (long)(SHORT / NV_PAGE));
	igt_assert_eq(rmdir(CGROUP), 0);
	nv_area_unmap(&a);
	igt_assert_eq(stat_of("cancels"), cancels);
}

/** struct storm - a thread that changes its mappings all the time */
struct storm {
	/** @p: pages of which it has every other one */
	char *p;
	volatile bool stop;
	unsigned long changes;
	pthread_t thread;
};

static void *storm_run(void *data)
{
	struct storm *storm = data;
	int i;

	while (!storm->stop) {
		for (i = 0; i < STORM_PAGES; i += 2) {
			char *p = storm->p + i * NV_PAGE;

			igt_assert(mmap(p, NV_PAGE, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS |
					MAP_FIXED, -1, 0) == p);
			*p = 1;
			igt_assert_eq(mprotect(p, NV_PAGE, PROT_READ), 0);
			igt_assert_eq(munmap(p, NV_PAGE), 0);
			storm->changes++;
		}
	}
	return NULL;
}

/*
 * The CPU maps and unmaps pages between those that the GPU faults on, in the
 * same 2 MiB.
 */
static void test_munmap_storm(void)
{
	struct storm storms[STORM_THREADS] = { 0 };
	time_t end = time(NULL) + STORM_SECONDS;
	uint64_t cancels = stat_of("cancels");
	unsigned int i, round = 0;
	unsigned long changes = 0;
	struct nv_area a;
	char *part;

	nv_area_no_thp(&a, NV_HUGE_PAGE);
	for (i = 0; i < STORM_THREADS; i++) {
		storms[i].p = (char *)a.p + i * STORM_PAGES * NV_PAGE;
		igt_assert_eq(pthread_create(&storms[i].thread, NULL,
					     storm_run, &storms[i]), 0);
	}
	part = (char *)a.p + NV_HUGE_PAGE / 2;
	while (time(NULL) <= end) {
		round++;
		igt_assert_eq(nv_write_words(&dev, &chan, part, STORM_WORDS,
					     round << 16), 0);
		nv_assert_counting(part, STORM_WORDS, round << 16);
		igt_assert_eq(madvise(part, STORM_WORDS * 4, MADV_DONTNEED),
			      0);
	}
	for (i = 0; i < STORM_THREADS; i++) {
		storms[i].stop = true;
		igt_assert_eq(pthread_join(storms[i].thread, NULL), 0);
		changes += storms[i].changes;
	}
	igt_info("%u kernels, %lu changes, %llu retries\n", round, changes,
		 (unsigned long long)stat_of("retries"));
	igt_assert(round > 4 && changes > 100);
	igt_assert_eq(stat_of("cancels"), cancels);
	nv_area_unmap(&a);
}

/** struct discard - a thread that throws away what the GPU works on */
struct discard {
	void *p;
	size_t size;
	volatile bool stop;
	pthread_t thread;
};

static void *discard_run(void *data)
{
	struct discard *d = data;

	while (!d->stop) {
		igt_assert_eq(madvise(d->p, d->size, MADV_DONTNEED), 0);
		usleep(DISCARD_US);
	}
	return NULL;
}

/*
 * What the driver has just got is taken away before it can map it: it gets it
 * again, as often as it takes, and every kernel comes to its end.
 */
static void test_discard_storm(void)
{
	time_t end = time(NULL) + STORM_SECONDS;
	uint64_t cancels = stat_of("cancels"), retries = stat_of("retries");
	struct discard d = { .size = STORM_WORDS * 4 };
	unsigned int round = 0;
	struct nv_area a;

	nv_area_no_thp(&a, d.size);
	d.p = a.p;
	igt_assert_eq(pthread_create(&d.thread, NULL, discard_run, &d), 0);
	for (; time(NULL) <= end; round++)
		igt_assert_eq(nv_write_words(&dev, &chan, a.p, STORM_WORDS, 1),
			      0);
	d.stop = true;
	igt_assert_eq(pthread_join(d.thread, NULL), 0);
	igt_info("%u kernels, %llu retries\n", round,
		 (unsigned long long)(stat_of("retries") - retries));
	igt_assert(round > 2);
	igt_assert(stat_of("retries") > retries);
	igt_assert_eq(stat_of("cancels"), cancels);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, STORM_WORDS, 77), 0);
	nv_assert_counting(a.p, STORM_WORDS, 77);
	nv_area_unmap(&a);
}

static const struct nv_subtest subtests[] = {
	{ "memory-limit", test_memory_limit },
	{ "memory-short", test_memory_short },
	{ "munmap-storm", test_munmap_storm },
	{ "discard-storm", test_discard_storm },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
