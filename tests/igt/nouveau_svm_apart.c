// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm apart
 * Description: an address space that waits for a page makes nobody else wait,
 *	and nobody try again
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * A Pascal's stalled accesses hold the engine: while one process's kernel
 * waits for a page, no other kernel runs.  That is the GPU's doing; what is
 * tested here is the driver.  Subtests whose names begin with "apart" need a
 * GPU that lets stalled contexts go, such as the virtual one with
 * preempt-stalled=on.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_gate.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_touch.h"
#include "nv_words.h"

#define WORDS		(16 * NV_PAGE / 4)
#define ROUNDS		4
#define WAITERS		4
#define HINT_PAGES	2048
#define HINT_SECONDS	30
#define QUIET_US	(700 * 1000)
#define FLOOD_PAGES	8192
#define PAGE_SHIFT	12
#define END_SECONDS	20
#define SAMPLES		40
/* Batches that may be served beside one fault, its own among them. */
#define FAIR_MEAN	2
#define FAIR_MOST	8

static struct nv_device dev;
static struct nv_channel chan;

/** struct turn - where the processes of a test are */
struct turn {
	/** @waiting: how many wait for their page */
	volatile int waiting;
	/** @let: they may have it */
	volatile int let;
	/** @stop: no more hints */
	volatile int stop;
};

static struct turn *turn;

static void reopen(void)
{
	munmap(dev.hole, dev.hole_size);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
}

static void wait_for(volatile int *what, int value)
{
	while (*what < value)
		usleep(1000);
}

/* A process whose kernel waits for a page, and ends well when it has it. */
static void waiter(void)
{
	struct nv_touches t;
	struct nv_gate gate;

	reopen();
	nv_gate_open(&gate);
	nv_touches_open(&t, &dev, NV_WARP);
	nv_touch_lane(&t, NV_ACCESS_READ, gate.p, 0);
	nv_touches_start(&t, &chan);
	nv_gate_wait(&gate);
	__atomic_fetch_add(&turn->waiting, 1, __ATOMIC_SEQ_CST);
	wait_for(&turn->let, 1);
	nv_gate_let(&gate);
	igt_assert_eq(nv_touches_wait(&t), 0);
	nv_touches_close(&t);
	nv_gate_close(&gate);
}

static void new_turn(void)
{
	turn = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	igt_assert(turn != MAP_FAILED);
}

static void start_waiters(int count)
{
	int i;

	new_turn();
	for (i = 1; i <= count; i++) {
		igt_fork_child()
			waiter();
		/* Each has to get onto the engine: one after the other. */
		wait_for(&turn->waiting, i);
	}
}

static void end_waiters(void)
{
	turn->let = 1;
	igt_assert_eq(__igt_waitchildren(), 0);
}

static void assert_quiet(void)
{
	uint64_t replays, cancels;

	replays = nv_count("replays");
	cancels = nv_count("cancels");
	usleep(QUIET_US);
	igt_assert_eq(nv_count("replays"), replays);
	igt_assert_eq(nv_count("cancels"), cancels);
}

static void assert_most(uint64_t services)
{
	igt_assert_eq(nv_count("services_in_flight_max"), services);
}

static void forget_most(void)
{
	igt_require_f(nv_stats_forget_max(), "no way to forget the maximum\n");
}

static void work(int round)
{
	uint32_t *p = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, round << 16), 0);
	nv_assert_counting(p, WORDS, round << 16);
	munmap(p, WORDS * 4);
}

/* While it waits the GPU is not asked to try again, however long it takes. */
static void test_quiet(void)
{
	start_waiters(1);
	igt_assert_eq(nv_count("services_in_flight"), 1);
	assert_quiet();
	end_waiters();
	work(1);
}

/* The most at one time is forgotten when one asks for it, and not what waits. */
static void test_most(void)
{
	forget_most();
	start_waiters(1);
	forget_most();
	assert_most(1);
	end_waiters();
	igt_assert(nv_stat_becomes("services_in_flight", 0, END_SECONDS));
	assert_most(1);
	forget_most();
	assert_most(0);
	work(1);
	assert_most(1);
}

/*
 * Others are served while some wait: they get all of their work done, and the
 * replays are theirs, one a batch.
 */
static void test_apart(int waiters)
{
	uint64_t replays, batches;
	int i;

	forget_most();
	start_waiters(waiters);
	replays = nv_count("replays");
	batches = nv_count("fault_batches");
	for (i = 0; i < ROUNDS; i++)
		work(i);
	igt_assert_eq(turn->let, 0);
	replays = nv_count("replays") - replays;
	batches = nv_count("fault_batches") - batches;
	igt_assert_f(replays <= batches, "%llu replays, %llu batches\n",
		     (unsigned long long)replays, (unsigned long long)batches);
	igt_assert_eq(nv_count("services_in_flight"), waiters);
	igt_assert(nv_count("services_in_flight_max") > (uint64_t)waiters);
	assert_quiet();
	end_waiters();
	work(ROUNDS);
}

static void test_apart_one(void)
{
	test_apart(1);
}

static void test_apart_many(void)
{
	test_apart(WAITERS);
}

/* Hints without end, which hold no engine but keep the driver busy. */
static void hinter(void)
{
	struct nv_touches t;
	struct nv_area a;
	unsigned int i;

	reopen();
	nv_touches_open(&t, &dev, HINT_PAGES);
	while (!turn->stop) {
		nv_area_no_thp(&a, HINT_PAGES * NV_PAGE);
		memset(a.p, 1, a.size);
		for (i = 0; i < HINT_PAGES; i++)
			nv_touch_lane(&t, NV_ACCESS_PREFETCH,
				      (char *)a.p + i * NV_PAGE, 0);
		igt_assert_eq(nv_touches_run(&t, &chan), 0);
		__atomic_fetch_add(&turn->waiting, 1, __ATOMIC_SEQ_CST);
		nv_area_unmap(&a);
	}
	nv_touches_close(&t);
}

/* Two address spaces are served at one time: hints of one, another's faults. */
static void test_parallel(void)
{
	time_t end = time(NULL) + HINT_SECONDS;
	int i = 0;

	/* What other tests have reached does not count. */
	forget_most();
	new_turn();
	igt_fork_child()
		hinter();
	wait_for(&turn->waiting, 1);
	do
		work(i++);
	while (nv_count("services_in_flight_max") < 2 && time(NULL) <= end);
	turn->stop = 1;
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert(nv_count("services_in_flight_max") >= 2);
}

/* Faults without end, on memory that nobody has touched. */
static void flooder(void)
{
	struct nv_kernel_args args = { .shift = PAGE_SHIFT };
	struct nv_area a;

	reopen();
	while (!turn->stop) {
		nv_area_no_thp(&a, FLOOD_PAGES * NV_PAGE);
		args.dst = (uintptr_t)a.p;
		nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, FLOOD_PAGES);
		__atomic_fetch_add(&turn->waiting, 1, __ATOMIC_SEQ_CST);
		nv_area_unmap(&a);
	}
}

/* How many batches are served while a kernel runs that faults once. */
static uint64_t batches_of_a_fault(uint32_t round)
{
	const uint64_t before = nv_count("fault_batches");
	struct nv_area a;
	uint64_t batches;

	nv_area_no_thp(&a, NV_PAGE);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, NV_WARP, round), 0);
	batches = nv_count("fault_batches") - before;
	nv_assert_counting(a.p, NV_WARP, round);
	nv_area_unmap(&a);
	return batches;
}

/*
 * Another process faults as fast as it can: a fault waits for few of its
 * batches.
 */
static void test_fair(void)
{
	uint64_t batches, sum = 0, most = 0;
	int i;

	new_turn();
	igt_fork_child()
		flooder();
	wait_for(&turn->waiting, 1);
	for (i = 0; i < SAMPLES; i++) {
		batches = batches_of_a_fault(i);
		sum += batches;
		most = batches > most ? batches : most;
	}
	turn->stop = 1;
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_info("a fault and others' batches beside it: %.1f, at most %llu; %d kernels of %d faults\n",
		 (double)sum / SAMPLES, (unsigned long long)most,
		 turn->waiting, FLOOD_PAGES);
	/* Else there was nobody to be fair to. */
	igt_assert(sum > SAMPLES);
	igt_assert(sum <= FAIR_MEAN * SAMPLES && most <= FAIR_MOST);
}

static const struct nv_subtest subtests[] = {
	{ "quiet", test_quiet },
	{ "most", test_most },
	{ "parallel", test_parallel },
	{ "apart-one", test_apart_one },
	{ "apart-many", test_apart_many },
	{ "apart-fair", test_fair },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
