// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm retry
 * Description: what can't be had at the moment is tried again, and kills
 *	nobody: mappings that change all the time
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGE_WORDS	(NV_PAGE / 4)

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
	{ "munmap-storm", test_munmap_storm },
	{ "discard-storm", test_discard_storm },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
