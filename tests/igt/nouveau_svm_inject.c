// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm inject
 * Description: each allocation and each DMA mapping on a way through the driver
 *	fails once
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * What is under test is done again and again, and each time the next one of the
 * memory allocations in it fails, or of the DMA mappings, until there is none
 * left.  Each time the outcome is right or an error that says what is missing,
 * data is what it was, and nothing is left behind.  Needs a kernel with fault
 * injection.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_inject.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_patience.h"
#include "nv_stats.h"
#include "nv_words.h"

#define HOLE		(16ull << 30)
#define HOLE_SIZE	(1ull << 30)

/* Pieces of two sizes that memory is moved in. */
#define MOVED_PAGES	18
#define MOVED		(MOVED_PAGES * NV_PAGE)
/* One piece of many mappings. */
#define EVICTED		(16 * NV_PAGE)
/* Pages of one fault's surroundings, and beyond. */
#define FAULTED		(24 * NV_PAGE)
#define THREADS		64
/* Memory whose pages take a while to change. */
#define CHANGED		(4ul << 20)
#define CHANGE_PAUSE_US	2000
/* The functions that map for the copy engine, who moves what. */
#define FILLS_VRAM	"drm_pagemap_migrate_to_devmem"
#define EVICTS		"nouveau_dmem_evict"
/* For mappings of what is gone to go. */
#define CLEANUP_SECONDS	20

static struct nv_device dev;
static struct nv_channel chan;
/* What fails. */
static enum nv_inject_what what;

/* Work done; it may say what is missing, and nothing else. */
static void assert_clear(int ret)
{
	const int missing = what == NV_INJECT_DMA ? -EIO : -ENOMEM;

	igt_assert_f(!ret || ret == missing, "error %d\n", ret);
}

/* At least one has failed: else nothing is tested. */
static void assert_some(const struct nv_inject *inject)
{
	igt_info("%u %s\n", inject->nth - 1,
		 what == NV_INJECT_DMA ? "DMA mappings" : "allocations");
	igt_assert(inject->nth > 1);
}

/* A file that could not enter SVM can do so afterwards. */
static void test_init(void)
{
	struct nv_inject inject;
	bool failed;
	int fd, ret;

	nv_inject_open(&inject);
	do {
		fd = nv_open_render_node();
		igt_assert(fd >= 0);
		nv_inject_arm(&inject);
		ret = nv_svm_init(fd, HOLE, HOLE_SIZE);
		failed = nv_inject_disarm(&inject);
		assert_clear(ret);
		if (ret)
			ret = nv_svm_init(fd, HOLE, HOLE_SIZE);
		igt_assert_eq(ret, 0);
		close(fd);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
}

static int ask_for_vram(void *p)
{
	return nv_svm_migrate(&dev, p, MOVED);
}

static int ask_for_ram(void *p)
{
	return nv_svm_migrate_back(&dev, p, MOVED);
}

static int ask_for_huge_in_vram(void *p)
{
	return nv_svm_migrate(&dev, p, NV_HUGE_PAGE);
}

static int ask_for_huge_in_ram(void *p)
{
	return nv_svm_migrate_back(&dev, p, NV_HUGE_PAGE);
}

/* A page's first word is enough: that brings all of it back. */
static int touch(void *p)
{
	const volatile uint32_t *word = p;
	size_t i;

	for (i = 0; i < MOVED_PAGES; i++)
		(void)word[i * (NV_PAGE / 4)];
	return 0;
}

/* Move an area, or what fits; it is whole afterwards, wherever it is. */
static void move_area(struct nv_area *a, size_t size, int (*way)(void *p),
		      bool from_vram)
{
	struct nv_inject inject;
	bool failed;
	int ret;

	/* Of several pieces, one is left to a thread of the kernel's. */
	if (what == NV_INJECT_DMA && way == ask_for_vram)
		nv_inject_open_anybody(&inject, FILLS_VRAM);
	else
		nv_inject_open(&inject);
	do {
		nv_fill_tags(a->p, size / 4, inject.nth);
		if (from_vram)
			igt_assert_eq(nv_svm_to_vram(&dev, a->p, size),
				      size / NV_PAGE);
		nv_inject_arm(&inject);
		ret = way(a->p);
		failed = nv_inject_disarm(&inject);
		assert_clear(ret);
		igt_assert(failed || !ret);
		nv_assert_tags(a->p, size / 4, inject.nth - 1);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
	nv_area_unmap(a);
}

static void move(int (*way)(void *p), bool from_vram)
{
	struct nv_area a;

	nv_area_no_thp(&a, NV_HUGE_PAGE);
	move_area(&a, MOVED, way, from_vram);
}

static void move_huge(int (*way)(void *p), bool from_vram)
{
	struct nv_area a;

	nv_area_thp(&a, NV_HUGE_PAGE);
	move_area(&a, NV_HUGE_PAGE, way, from_vram);
}

static void test_to_vram(void)
{
	move(ask_for_vram, false);
}

static void test_to_ram(void)
{
	move(ask_for_ram, true);
}

static void test_cpu_touch(void)
{
	move(touch, true);
}

static void test_to_vram_huge(void)
{
	move_huge(ask_for_huge_in_vram, false);
}

static void test_to_ram_huge(void)
{
	move_huge(ask_for_huge_in_ram, true);
}

static void gpu_writes(void *p)
{
	igt_assert_eq(nv_write_words(&dev, &chan, p, FAULTED / 4, 7), 0);
	nv_assert_counting(p, FAULTED / 4, 7);
}

static void gpu_adds(void *p)
{
	uint32_t *word = p;

	nv_add_to_word(&dev, &chan, word, 3, THREADS);
	igt_assert_eq(*word, 3 * THREADS);
}

/* The thread that serves faults meets the failures; the GPU never learns. */
static void fault(void (*work)(void *p))
{
	uint64_t cancels, retries, before;
	struct nv_inject inject;
	struct nv_area a;
	bool failed;

	nv_inject_open_worker(&inject);
	igt_assert(nv_stat("cancels", &before) && nv_stat("retries", &retries));
	do {
		/* A new range, with new tables. */
		nv_area_no_thp(&a, NV_HUGE_PAGE);
		nv_inject_arm(&inject);
		work(a.p);
		failed = nv_inject_disarm(&inject);
		nv_area_unmap(&a);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
	igt_assert(nv_stat("cancels", &cancels));
	igt_assert_eq(cancels, before);
	igt_assert(nv_stat_reaches("retries", retries + 1, 0));
}

static void test_fault(void)
{
	fault(gpu_writes);
}

static void test_fault_atomic(void)
{
	fault(gpu_adds);
}

/*
 * Buffers drive a huge page out of VRAM when RAM has none: it comes in small
 * ones.
 */
static void test_evict_huge(void)
{
	const uint64_t evicted = nv_count("pages_evicted");
	const size_t pages = NV_HUGE_PAGE / NV_PAGE;
	struct nv_area a;

	nv_area_thp(&a, NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, a.size), pages);
	nv_inject_no_huge(true);
	nv_fill_vram(&dev);
	nv_inject_no_huge(false);
	igt_assert_eq(nv_count("pages_evicted"), evicted + pages);
	/* The kernel may be moving some about, so that not all are present. */
	igt_assert_eq(nv_query(&dev, a.p, a.size).vram_bytes, 0);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
}

/** struct changer - a thread that changes its process's mappings again and again */
struct changer {
	/** @busy: it is at it; @over: it is enough */
	volatile bool busy, over;
	/** @thread: the thread */
	pthread_t thread;
};

static void *change(void *data)
{
	struct changer *c = data;
	struct nv_area a;

	nv_area_no_thp(&a, CHANGED);
	memset(a.p, 1, a.size);
	while (!c->over) {
		igt_assert(!mprotect(a.p, a.size, PROT_READ));
		igt_assert(!mprotect(a.p, a.size, PROT_READ | PROT_WRITE));
		c->busy = true;
		usleep(CHANGE_PAUSE_US);
	}
	nv_area_unmap(&a);
	return NULL;
}

/* To take a page apart needs mmap_lock, which somebody else has every so often. */
static void test_evict_huge_locked(void)
{
	struct changer c = { .busy = false };

	igt_assert_eq(pthread_create(&c.thread, NULL, change, &c), 0);
	while (!c.busy)
		sched_yield();
	test_evict_huge();
	c.over = true;
	igt_assert_eq(pthread_join(c.thread, NULL), 0);
}

/* What is mapped where it is: small pages, a huge one, what is left of one. */
static void make_small(struct nv_area *a)
{
	nv_area_no_thp(a, NV_HUGE_PAGE);
	nv_prefer(&dev, a->p, a->size, NOUVEAU_SVM_LOCATION_SYSTEM);
	nv_fill_tags(a->p, FAULTED / 4, 1);
}

static void make_huge(struct nv_area *a)
{
	nv_area_thp(a, NV_HUGE_PAGE);
	nv_prefer(&dev, a->p, a->size, NOUVEAU_SVM_LOCATION_SYSTEM);
	nv_fill_tags(a->p, a->size / 4, 1);
}

static void make_big(struct nv_area *a)
{
	make_huge(a);
	igt_assert(!mprotect(a->p + a->size / 2, a->size / 2, PROT_READ));
}

/* Memory stays in RAM: the mapping that fails is the GPU's own. */
static void fault_ram(void (*make)(struct nv_area *a), size_t page)
{
	struct nv_inject inject;
	struct nv_area a;
	bool failed;

	nv_inject_open_worker(&inject);
	do {
		make(&a);
		nv_inject_arm(&inject);
		gpu_writes(a.p);
		failed = nv_inject_disarm(&inject);
		igt_assert_eq(nv_pagetable_vram(a.p, a.size), 0);
		igt_assert(failed || nv_pagetable_bytes(a.p, a.size, page));
		nv_area_unmap(&a);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
}

static void test_fault_4k(void)
{
	fault_ram(make_small, NV_PAGE);
}

static void test_fault_64k(void)
{
	fault_ram(make_big, 16 * NV_PAGE);
}

static void test_fault_2m(void)
{
	fault_ram(make_huge, NV_HUGE_PAGE);
}

/* A fault would have its memory in VRAM, which a thread of the kernel's fills. */
static void test_fault_vram(void)
{
	struct nv_inject inject;
	struct nv_area a;
	bool failed;

	nv_inject_open_anybody(&inject, FILLS_VRAM);
	do {
		nv_area_no_thp(&a, NV_HUGE_PAGE);
		nv_fill_tags(a.p, FAULTED / 4, 1);
		nv_inject_arm(&inject);
		gpu_writes(a.p);
		failed = nv_inject_disarm(&inject);
		nv_area_unmap(&a);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
}

/*
 * Buffers drive memory out, which has nowhere to go for once.  They drive each
 * other out as well: that is none of ours.
 */
static void evict(void (*make)(struct nv_area *a, size_t size), size_t size)
{
	struct nv_inject inject;
	struct nv_area a;
	bool failed;

	make(&a, NV_HUGE_PAGE);
	nv_inject_open(&inject);
	nv_inject_only_in(EVICTS);
	do {
		nv_fill_tags(a.p, size / 4, inject.nth);
		igt_assert_eq(nv_svm_to_vram(&dev, a.p, size), size / NV_PAGE);
		nv_inject_arm(&inject);
		nv_fill_vram(&dev);
		failed = nv_inject_disarm(&inject);
		nv_assert_tags(a.p, size / 4, inject.nth - 1);
	} while (failed);
	assert_some(&inject);
	nv_inject_close(&inject);
	nv_area_unmap(&a);
}

static void test_evict_small(void)
{
	evict(nv_area_no_thp, EVICTED);
}

static void test_evict_thp(void)
{
	evict(nv_area_thp, NV_HUGE_PAGE);
}

/** struct test - what is done while the client of the table is open */
static const struct test {
	const char *name;
	void (*run)(void);
	enum nv_inject_what what;
} tests[] = {
	/* First: without memory, the kernel stops to count mappings. */
	{ "dma-to-vram", test_to_vram, NV_INJECT_DMA },
	{ "dma-to-vram-huge", test_to_vram_huge, NV_INJECT_DMA },
	{ "dma-to-ram", test_to_ram, NV_INJECT_DMA },
	{ "dma-to-ram-huge", test_to_ram_huge, NV_INJECT_DMA },
	{ "dma-cpu-touch", test_cpu_touch, NV_INJECT_DMA },
	{ "dma-evict", test_evict_small, NV_INJECT_DMA },
	{ "dma-evict-huge", test_evict_thp, NV_INJECT_DMA },
	{ "dma-fault-4k", test_fault_4k, NV_INJECT_DMA },
	{ "dma-fault-64k", test_fault_64k, NV_INJECT_DMA },
	{ "dma-fault-2m", test_fault_2m, NV_INJECT_DMA },
	{ "dma-fault-vram", test_fault_vram, NV_INJECT_DMA },
	{ "init", test_init, NV_INJECT_MEMORY },
	{ "to-vram", test_to_vram, NV_INJECT_MEMORY },
	{ "to-ram", test_to_ram, NV_INJECT_MEMORY },
	{ "cpu-touch", test_cpu_touch, NV_INJECT_MEMORY },
	{ "fault", test_fault, NV_INJECT_MEMORY },
	{ "fault-atomic", test_fault_atomic, NV_INJECT_MEMORY },
	{ "evict-huge", test_evict_huge, NV_INJECT_MEMORY },
	{ "evict-huge-locked", test_evict_huge_locked, NV_INJECT_MEMORY },
};

static void assert_mappings_gone(long before)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	time_t end = time(NULL) + nv_patience(CLEANUP_SECONDS);
	long now;

	while ((now = nv_inject_mappings()) > before && time(NULL) < end)
		nanosleep(&pause, NULL);
	igt_assert_f(now <= before, "left behind: %ld DMA mappings\n",
		     now - before);
}

static void run_client(const struct test *test)
{
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	test->run();
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
}

/* In a process of its own: what it leaves behind shows when it is gone. */
static void run_in_child(const struct test *test)
{
	struct nv_leftovers before;
	long mappings = 0;

	what = test->what;
	nv_inject_choose(what);
	/* What the driver makes once, and keeps. */
	nv_assert_works();
	nv_leftovers_note(&before);
	if (what == NV_INJECT_DMA)
		mappings = nv_inject_mappings();
	igt_fork_child() {
		run_client(test);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_leftovers_assert(&before);
	igt_assert(nv_stat_becomes("vram_bytes", 0, 20));
	if (what == NV_INJECT_DMA)
		assert_mappings_gone(mappings);
	nv_assert_works();
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_inject_require();
	}

	/**
	 * SUBTEST: %s
	 * Description: what its name says, with each allocation or, dma-*, each DMA mapping
	 *	failing once
	 */
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		igt_subtest(tests[i].name)
			run_in_child(&tests[i]);
	}

	igt_exit();
}
