// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm batch
 * Description: many faults at one time are served as few: one page once, for
 *	the strongest access; nothing is lost when there are too many
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Most subtests keep the driver waiting for one page (nv_gate.h) until all
 * faults of interest have been reported: so they are one batch, every time.
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
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_touch.h"
#include "nv_words.h"

/* All of them have to fit on the GPU at one time, twice. */
#define WARPS		48
#define PAGES		256
/* What the fault of the gate maps: its page, and the one beside it. */
#define GATE_PAGES	2
/* What the driver keeps for one address space. */
#define FULL_PAGES	4096
#define MANY_PAGES	512
#define THREADS		8192
#define FIRST_TOUCH	(4ul << 20)
#define STORM_ROUNDS	8
/* Interrupts of other kinds that a launch may cause. */
#define OTHER_INTERRUPTS	8
#define COUNT_SECONDS	4
/* Replays that a batch which waits may see: those of nobody. */
#define QUIET_US	(300 * 1000)

static struct nv_device dev;
static struct nv_channel chan;

/** struct count - counters of the driver, or how much they have grown */
struct count {
	uint64_t packets, duplicates, spurious, dropped, batches, mapped;
	uint64_t replays, cancels, retries;
};

static struct count count_now(void)
{
	struct count c;

	igt_require_f(nv_stat("fault_packets", &c.packets), "no statistics\n");
	igt_assert(nv_stat("fault_duplicates", &c.duplicates));
	igt_assert(nv_stat("fault_spurious", &c.spurious));
	igt_assert(nv_stat("fault_dropped", &c.dropped));
	igt_assert(nv_stat("fault_batches", &c.batches));
	igt_assert(nv_stat("pages_mapped", &c.mapped));
	igt_assert(nv_stat("replays", &c.replays));
	igt_assert(nv_stat("cancels", &c.cancels));
	igt_assert(nv_stat("retries", &c.retries));
	return c;
}

static struct count count_since(const struct count *then)
{
	struct count c = count_now();

	c.packets -= then->packets;
	c.duplicates -= then->duplicates;
	c.spurious -= then->spurious;
	c.dropped -= then->dropped;
	c.batches -= then->batches;
	c.mapped -= then->mapped;
	c.replays -= then->replays;
	c.cancels -= then->cancels;
	c.retries -= then->retries;
	igt_info("%llu packets, %llu duplicates, %llu spurious, %llu dropped, %llu batches, %llu mapped, %llu replays\n",
		 (unsigned long long)c.packets,
		 (unsigned long long)c.duplicates,
		 (unsigned long long)c.spurious, (unsigned long long)c.dropped,
		 (unsigned long long)c.batches, (unsigned long long)c.mapped,
		 (unsigned long long)c.replays);
	return c;
}

/** struct crowd - warps that the driver hears of while it waits for a page */
struct crowd {
	struct nv_gate gate;
	struct nv_touches t;
	/** @then: counters before any of them */
	struct count then;
};

/* The first warp runs into the gate, all that are given next are held. */
static void crowd_open(struct crowd *c, unsigned int threads)
{
	nv_gate_open(&c->gate);
	nv_touches_open(&c->t, &dev, threads + NV_WARP);
	c->then = count_now();
	nv_touch_warp(&c->t, NV_ACCESS_READ, c->gate.p, 0);
	nv_touches_hold(&c->t);
}

/* Until there are so many packets, or as many as there will be. */
static void wait_packets(uint64_t packets)
{
	uint64_t seen = 0, last = 0;
	time_t grown = time(NULL);

	while (seen < packets && time(NULL) <= grown + COUNT_SECONDS) {
		if (seen != last)
			grown = time(NULL);
		last = seen;
		usleep(1000);
		igt_assert(nv_stat("fault_packets", &seen));
	}
}

/*
 * Let the crowd loose and the gate's page arrive once all have been heard of,
 * with @faults faults.  None of them may have been served before, nor may the
 * GPU have been asked to try again.
 */
static struct count crowd_run(struct crowd *c, unsigned int faults)
{
	struct count count;

	nv_touches_start(&c->t, &chan);
	nv_gate_wait(&c->gate);
	nv_touches_release(&c->t);
	wait_packets(c->then.packets + 1 + faults);
	usleep(QUIET_US);
	count = count_since(&c->then);
	igt_assert_eq(count.mapped, 0);
	igt_assert_eq(count.replays, 0);
	nv_gate_let(&c->gate);
	igt_assert_eq(nv_touches_wait(&c->t), 0);
	return count_since(&c->then);
}

static void crowd_close(struct crowd *c)
{
	nv_touches_close(&c->t);
	nv_gate_close(&c->gate);
}

/* Nothing is populated in it: a fault maps its own page and no other. */
static uint32_t *empty_pages(struct nv_area *a, unsigned int pages)
{
	nv_area_no_thp(a, pages * NV_PAGE);
	return a->p;
}

static void assert_mapped(const void *p, unsigned int pages,
			  unsigned int writable)
{
	size_t write;

	igt_assert_eq(nv_pagetable_pages(p, pages * NV_PAGE, &write), pages);
	igt_assert_eq(write, writable);
}

/* Many warps, one page: one service, and every packet is accounted for. */
static void test_one_page(void)
{
	struct nv_area a;
	struct crowd c;
	uint32_t *p = empty_pages(&a, 1);
	struct count n;
	int i;

	crowd_open(&c, WARPS * NV_WARP);
	for (i = 0; i < WARPS; i++)
		nv_touch_warp(&c.t, NV_ACCESS_WRITE, &p[i], 7 + i);
	n = crowd_run(&c, WARPS);
	igt_assert_eq(n.mapped, GATE_PAGES + 1);
	igt_assert_eq(n.batches, 2);
	igt_assert_eq(n.spurious, 0);
	igt_assert_eq(n.duplicates, n.packets - 2);
	igt_assert_eq(n.cancels, 0);
	assert_mapped(p, 1, 1);
	nv_assert_counting(p, WARPS, 7);
	crowd_close(&c);
	nv_area_unmap(&a);
}

/* Readers and writers of one page in one batch: one mapping, writable. */
static void test_strongest(enum nv_access weak, enum nv_access strong)
{
	struct nv_area a;
	struct crowd c;
	uint32_t *p = empty_pages(&a, 1);
	struct count n;
	int i;

	crowd_open(&c, 2 * WARPS * NV_WARP);
	for (i = 0; i < WARPS; i++) {
		nv_touch_warp(&c.t, weak, &p[WARPS + i], 0);
		nv_touch_warp(&c.t, strong, &p[i], 100 + i);
	}
	n = crowd_run(&c, 2 * WARPS);
	igt_assert_eq(n.mapped, GATE_PAGES + 1);
	igt_assert_eq(n.batches, 2);
	igt_assert_eq(n.spurious, 0);
	assert_mapped(p, 1, 1);
	nv_assert_counting(p, WARPS, 100);
	crowd_close(&c);
	nv_area_unmap(&a);
}

static void test_read_and_write(void)
{
	test_strongest(NV_ACCESS_READ, NV_ACCESS_WRITE);
}

static void test_write_and_atomic(void)
{
	test_strongest(NV_ACCESS_WRITE, NV_ACCESS_ADD);
}

static void test_prefetch_and_write(void)
{
	test_strongest(NV_ACCESS_PREFETCH, NV_ACCESS_WRITE);
}

/* As many pages as it takes, in one batch. */
static void test_pages(void)
{
	struct nv_area a;
	struct crowd c;
	uint32_t *p = empty_pages(&a, PAGES);
	struct count n;
	int i;

	crowd_open(&c, PAGES);
	for (i = 0; i < PAGES; i++)
		nv_touch_lane(&c.t, NV_ACCESS_WRITE, &p[i * NV_PAGE / 4], i);
	n = crowd_run(&c, PAGES);
	igt_assert_eq(n.mapped, GATE_PAGES + PAGES);
	igt_assert_eq(n.batches, 2);
	igt_assert_eq(n.spurious, 0);
	assert_mapped(p, PAGES, PAGES);
	for (i = 0; i < PAGES; i++)
		igt_assert_eq(p[i * NV_PAGE / 4], i);
	crowd_close(&c);
	nv_area_unmap(&a);
}

/*
 * More than there is room for: what is dropped comes again, none is lost.  Hints
 * come first: they do not wait, so a GPU that is small has any number of them.
 * The GPU's own buffer must have room for all, or it drops them itself.
 */
static void test_too_many(void)
{
	struct nv_area a, hinted;
	struct crowd c;
	uint32_t *hints = empty_pages(&hinted, FULL_PAGES);
	uint32_t *p = empty_pages(&a, MANY_PAGES);
	struct count n;
	int i;

	crowd_open(&c, FULL_PAGES + MANY_PAGES);
	for (i = 0; i < FULL_PAGES; i++)
		nv_touch_lane(&c.t, NV_ACCESS_PREFETCH,
			      &hints[i * NV_PAGE / 4], 0);
	for (i = 0; i < MANY_PAGES; i++)
		nv_touch_lane(&c.t, NV_ACCESS_WRITE, &p[i * NV_PAGE / 4], i);
	n = crowd_run(&c, FULL_PAGES + MANY_PAGES);
	igt_assert(n.dropped > 0);
	igt_assert_eq(n.mapped, GATE_PAGES + MANY_PAGES);
	igt_assert_eq(n.cancels, 0);
	for (i = 0; i < MANY_PAGES; i++)
		igt_assert_eq(p[i * NV_PAGE / 4], i);
	crowd_close(&c);
	nv_area_unmap(&a);
	nv_area_unmap(&hinted);
}

/*
 * A fault on a page that has been mapped meanwhile, around another one: it
 * costs a look, no mapping, no flush, no channel.  Return: false if that other
 * one was tried again, which serves both together.
 */
static bool spurious_once(void)
{
	uint64_t flushes, after;
	struct crowd c;
	struct count n;

	crowd_open(&c, NV_WARP);
	nv_touch_warp(&c.t, NV_ACCESS_READ, c.gate.block, 0);
	igt_assert(nv_stat("flushes", &flushes));
	n = crowd_run(&c, 1);
	igt_assert(nv_stat("flushes", &after));
	igt_assert_eq(nv_touch_seen(&c.t, NV_WARP), NV_GATE_WORD);
	igt_assert_eq(n.mapped, GATE_PAGES);
	igt_assert_eq(n.cancels, 0);
	igt_assert_eq(after, flushes);
	if (!n.retries)
		igt_assert_eq(n.spurious, 1);
	crowd_close(&c);
	return !n.retries;
}

static void test_spurious(void)
{
	int tries = 5;

	while (!spurious_once())
		igt_assert(--tries);
}

/* Interrupts of the device, on all CPUs; nouveau names its handler so. */
static uint64_t interrupts(void)
{
	char line[512], *at, *end;
	uint64_t sum = 0;
	FILE *f = fopen("/proc/interrupts", "r");

	igt_require_f(f, "no /proc/interrupts\n");
	while (fgets(line, sizeof(line), f)) {
		at = strchr(line, ':');
		if (!at || !strstr(line, "nvkm"))
			continue;
		for (at++; ; at = end) {
			unsigned long long n = strtoull(at, &end, 10);

			if (end == at)
				break;
			sum += n;
		}
	}
	fclose(f);
	igt_require_f(sum, "no interrupt of nouveau\n");
	return sum;
}

/*
 * Packets that lie in the buffer do not interrupt again and again.  That memory
 * stays in RAM matters: copies have interrupts of their own.
 */
static void test_storm(void)
{
	struct nv_touches t;
	struct nv_area a;
	struct count then, n;
	uint64_t before, had;
	uint32_t *p;
	int i, round;

	nv_touches_open(&t, &dev, PAGES);
	then = count_now();
	before = interrupts();
	for (round = 0; round < STORM_ROUNDS; round++) {
		p = empty_pages(&a, PAGES);
		for (i = 0; i < PAGES; i++)
			nv_touch_lane(&t, NV_ACCESS_WRITE,
				      &p[i * NV_PAGE / 4], i);
		igt_assert_eq(nv_touches_run(&t, &chan), 0);
		nv_area_unmap(&a);
	}
	had = interrupts() - before;
	n = count_since(&then);
	igt_info("%llu interrupts\n", (unsigned long long)had);
	igt_assert(n.packets >= STORM_ROUNDS * PAGES);
	igt_assert_f(had <= 2 * n.replays + STORM_ROUNDS * OTHER_INTERRUPTS,
		     "%llu interrupts, %llu replays\n",
		     (unsigned long long)had, (unsigned long long)n.replays);
	nv_touches_close(&t);
}

/* Thousands of threads, memory that nobody has touched: figures. */
static void test_first_touch(void)
{
	struct nv_kernel_args args = { .value = 3 };
	struct count then, n;
	struct nv_area a;
	uint32_t *p;
	size_t i;

	p = empty_pages(&a, FIRST_TOUCH / NV_PAGE);
	args.dst = (uintptr_t)p;
	while (THREADS << args.shift < (long)FIRST_TOUCH)
		args.shift++;
	then = count_now();
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, THREADS);
	n = count_since(&then);
	igt_assert_eq(n.mapped, FIRST_TOUCH / NV_PAGE);
	igt_assert_eq(n.cancels, 0);
	for (i = 0; i < THREADS; i++)
		igt_assert_eq(p[i << (args.shift - 2)], 3 + i);
	nv_area_unmap(&a);
}

static const struct nv_subtest subtests[] = {
	{ "one-page", test_one_page },
	{ "read-and-write", test_read_and_write },
	{ "write-and-atomic", test_write_and_atomic },
	{ "prefetch-and-write", test_prefetch_and_write },
	{ "pages", test_pages },
	{ "apart-too-many", test_too_many },
	{ "spurious", test_spurious },
	{ "storm", test_storm },
	{ "first-touch", test_first_touch },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), nv_policy_stay);
}
