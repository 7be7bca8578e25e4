// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm cancel
 * Description: an access that can't be served kills its channel, with a
 *	report, and nothing else: not the process, no other channel of it, no
 *	other process
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Pascal can't fail one access: it fails all that one unit has stalled.  So
 * these tests mix bad accesses with thousands of good ones.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_kmsg.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_touch.h"
#include "nv_words.h"

#define PAGE_WORDS	(NV_PAGE / 4)
/* As many warps as the virtual GPU runs at a time. */
#define THREADS		(120 * NV_WARP)
#define WORDS		(16 * PAGE_WORDS)
#define PROCESSES	16
#define BAD_PROCESS	7
#define SOME_BAD	3	/* every third */
#define ROUNDS		4
#define EXIT_ROUNDS	12
#define AGAIN_ROUNDS	20

static struct nv_device dev;
static struct nv_channel chan;

static uint32_t *map(size_t words)
{
	uint32_t *p = mmap(NULL, words * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* An address where nothing is, nor will be: nobody maps that low. */
static uint32_t *nowhere(unsigned int page)
{
	return (uint32_t *)(NV_PAGE * (uintptr_t)(1 + page));
}

/* Thousands of good writes, with a bad one for each thread that is said to. */
static void give(struct nv_touches *t, uint32_t *good, unsigned int first_bad,
		 unsigned int step)
{
	unsigned int i;

	for (i = 0; i < THREADS; i++) {
		bool bad = step ? i % step == first_bad : i == first_bad;

		nv_touch_lane(t, NV_ACCESS_WRITE,
			      bad ? nowhere(i % 64) : &good[i], 7 + i);
	}
}

/* It dies, and says of which address. */
static void die(const struct nv_device *d, unsigned int first_bad,
		unsigned int step)
{
	struct nv_channel victim;
	uint32_t *good = map(THREADS);
	struct nv_touches t;

	nv_channel_new(d, &victim);
	nv_touches_open(&t, d, THREADS);
	give(&t, good, first_bad, step);
	igt_assert_eq(nv_touches_run(&t, &victim), -EIO);
	nv_touches_close(&t);
	nv_channel_free(d, &victim);
	munmap(good, THREADS * 4);
}

static void assert_works(const struct nv_device *d, const struct nv_channel *c)
{
	uint32_t *p = map(WORDS);

	igt_assert_eq(nv_write_words(d, c, p, WORDS, 500), 0);
	nv_assert_counting(p, WORDS, 500);
	munmap(p, WORDS * 4);
}

static void test_one_in_thousands(void)
{
	uint64_t before, after;
	int kmsg = nv_kmsg_open();
	char says[80];

	igt_require_f(nv_stat("cancels", &before), "no statistics\n");
	die(&dev, THREADS / 2 + 5, 0);
	igt_assert(nv_stat("cancels", &after));
	igt_assert_eq(after - before, 1);
	snprintf(says, sizeof(says), "write at %p: no mapping at this address",
		 (void *)nowhere((THREADS / 2 + 5) % 64));
	igt_assert_f(nv_kmsg_had(kmsg, says), "nobody said: %s\n", says);
	assert_works(&dev, &chan);
}

/* On every SM, in every warp. */
static void test_everywhere(void)
{
	die(&dev, 3, NV_WARP);
	assert_works(&dev, &chan);
}

/* Nothing but bad accesses. */
static void test_all_bad(void)
{
	die(&dev, 0, 1);
	assert_works(&dev, &chan);
}

/* Again and again: nothing is used up by a death. */
static void test_again(void)
{
	int i;

	for (i = 0; i < AGAIN_ROUNDS; i++)
		die(&dev, i * 100, 0);
	assert_works(&dev, &chan);
}

/*
 * Good reads and bad writes of one page at one time: the writes decide, and
 * write nothing.
 */
static void test_same_page(void)
{
	struct nv_channel victim;
	uint32_t *p = map(PAGE_WORDS);
	struct nv_touches t;
	int i;

	nv_fill_tags(p, PAGE_WORDS, 1);
	igt_assert_eq(mprotect(p, NV_PAGE, PROT_READ), 0);
	nv_channel_new(&dev, &victim);
	nv_touches_open(&t, &dev, THREADS);
	for (i = 0; i < THREADS / NV_WARP; i++)
		nv_touch_warp(&t, i % 2 ? NV_ACCESS_READ : NV_ACCESS_WRITE,
			      &p[i], 0);
	igt_assert_eq(nv_touches_run(&t, &victim), -EIO);
	nv_assert_tags(p, PAGE_WORDS, 1);
	/* Only reads: they are as good as ever. */
	for (i = 0; i < THREADS / NV_WARP; i++)
		nv_touch_warp(&t, NV_ACCESS_READ, &p[i], 0);
	igt_assert_eq(nv_touches_run(&t, &chan), 0);
	for (i = 0; i < THREADS / NV_WARP; i++)
		igt_assert_eq(nv_touch_seen(&t, i * NV_WARP), nv_tag(1, i));
	nv_touches_close(&t);
	nv_channel_free(&dev, &victim);
	munmap(p, NV_PAGE);
}

/* Another channel of the process waits for the engine meanwhile. */
static void test_other_channel(void)
{
	struct nv_channel victim;
	struct nv_touches bad, good;
	uint32_t *p, *q;
	int i;

	nv_touches_open(&bad, &dev, THREADS);
	nv_touches_open(&good, &dev, THREADS);
	for (i = 0; i < ROUNDS; i++) {
		p = map(THREADS);
		q = map(THREADS);
		nv_channel_new(&dev, &victim);
		give(&bad, p, 17, 0);
		give(&good, q, THREADS, 0);
		nv_touches_start(&bad, &victim);
		nv_touches_start(&good, &chan);
		igt_assert_eq(nv_touches_wait(&good), 0);
		igt_assert_eq(nv_touches_wait(&bad), -EIO);
		nv_assert_counting(q, THREADS, 7);
		nv_channel_free(&dev, &victim);
		munmap(p, THREADS * 4);
		munmap(q, THREADS * 4);
	}
	nv_touches_close(&good);
	nv_touches_close(&bad);
}

/** struct start - processes begin at one time */
struct start {
	volatile int ready, go;
};

static struct start *start;

static void begin_together(void)
{
	__atomic_fetch_add(&start->ready, 1, __ATOMIC_SEQ_CST);
	while (!start->go)
		usleep(1000);
}

static void good_process(unsigned int number)
{
	uint32_t *p, first;
	int round;

	p = map(WORDS);
	begin_together();
	for (round = 0; round < ROUNDS; round++) {
		first = number << 24 | round << 16;
		igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, first), 0);
		nv_assert_counting(p, WORDS, first);
		igt_assert_eq(madvise(p, WORDS * 4, MADV_DONTNEED), 0);
	}
}

static void bad_process(unsigned int number)
{
	begin_together();
	die(&dev, number * 50, 0);
	assert_works(&dev, &chan);
}

static void run_processes(unsigned int step, unsigned int bad)
{
	unsigned int i;

	start = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	igt_assert(start != MAP_FAILED);
	for (i = 0; i < PROCESSES; i++) {
		igt_fork_child() {
			munmap(dev.hole, dev.hole_size);
			nv_device_open(&dev);
			nv_channel_new(&dev, &chan);
			if (i % step == bad)
				bad_process(i);
			else
				good_process(i);
		}
	}
	while (start->ready < PROCESSES)
		usleep(1000);
	start->go = 1;
	igt_assert_eq(__igt_waitchildren(), 0);
	assert_works(&dev, &chan);
}

static void test_process_one_bad(void)
{
	run_processes(PROCESSES, BAD_PROCESS);
}

static void test_processes_some_bad(void)
{
	run_processes(SOME_BAD, 1);
}

/** enum leave - how a process leaves with bad accesses under way */
enum leave { CLOSE_CHANNEL, CLOSE_DEVICE, EXIT, LEAVES };

static void leave(enum leave how, useconds_t pause)
{
	struct nv_channel victim;
	struct nv_touches t;

	munmap(dev.hole, dev.hole_size);
	nv_device_open(&dev);
	nv_channel_new(&dev, &victim);
	nv_touches_open(&t, &dev, THREADS);
	give(&t, map(THREADS), 40, 0);
	nv_touches_start(&t, &victim);
	usleep(pause);
	if (how == CLOSE_CHANNEL)
		nv_channel_free(&dev, &victim);
	else if (how == CLOSE_DEVICE)
		nv_device_close(&dev);
	_exit(0);
}

/* The channel, its file or its process goes while it is being killed. */
static void test_leave(void)
{
	int i;

	for (i = 0; i < EXIT_ROUNDS; i++) {
		igt_fork_child()
			leave(i % LEAVES, i / LEAVES * 3000);
		igt_assert_eq(__igt_waitchildren(), 0);
		assert_works(&dev, &chan);
	}
}

static const struct nv_subtest subtests[] = {
	{ "one-in-thousands", test_one_in_thousands },
	{ "everywhere", test_everywhere },
	{ "all-bad", test_all_bad },
	{ "again", test_again },
	{ "same-page", test_same_page },
	{ "other-channel", test_other_channel },
	{ "process-one-bad", test_process_one_bad },
	{ "processes-some-bad", test_processes_some_bad },
	{ "leave", test_leave },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
