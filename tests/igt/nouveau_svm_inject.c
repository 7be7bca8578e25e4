// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm inject
 * Description: each allocation on a way through the driver fails once
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * What is under test is done again and again, and each time the next one of the
 * memory allocations in it fails, until there is none left.  Each time the
 * outcome is right or an error that says what is missing, data is what it was,
 * and nothing is left behind.  Needs a kernel with fault injection.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_inject.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_words.h"

#define HOLE		(16ull << 30)
#define HOLE_SIZE	(1ull << 30)

/* Pieces of two sizes that memory is moved in. */
#define MOVED_PAGES	18
#define MOVED		(MOVED_PAGES * NV_PAGE)
/* Pages of one fault's surroundings, and beyond. */
#define FAULTED		(24 * NV_PAGE)
#define THREADS		64

static struct nv_device dev;
static struct nv_channel chan;

/* Work done; it may say what is missing, and nothing else. */
static void assert_clear(int ret)
{
	igt_assert_f(!ret || ret == -ENOMEM, "error %d\n", ret);
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
	igt_info("%u allocations\n", inject.nth - 1);
	igt_assert(inject.nth > 1);
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

/* A page's first word is enough: that brings all of it back. */
static int touch(void *p)
{
	const volatile uint32_t *word = p;
	size_t i;

	for (i = 0; i < MOVED_PAGES; i++)
		(void)word[i * (NV_PAGE / 4)];
	return 0;
}

/* Move memory; it is whole afterwards, wherever it is. */
static void move(int (*way)(void *p), bool from_vram)
{
	struct nv_inject inject;
	struct nv_area a;
	bool failed;
	int ret;

	nv_area_no_thp(&a, NV_HUGE_PAGE);
	nv_inject_open(&inject);
	do {
		nv_fill_tags(a.p, MOVED / 4, inject.nth);
		if (from_vram)
			igt_assert_eq(nv_svm_to_vram(&dev, a.p, MOVED),
				      MOVED_PAGES);
		nv_inject_arm(&inject);
		ret = way(a.p);
		failed = nv_inject_disarm(&inject);
		assert_clear(ret);
		igt_assert(failed || !ret);
		nv_assert_tags(a.p, MOVED / 4, inject.nth - 1);
	} while (failed);
	igt_info("%u allocations\n", inject.nth - 1);
	igt_assert(inject.nth > 1);
	nv_inject_close(&inject);
	nv_area_unmap(&a);
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
	igt_info("%u allocations\n", inject.nth - 1);
	igt_assert(inject.nth > 1);
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
	igt_assert_eq(nv_present_pages(a.p, a.size), pages);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
}

/** struct test - what is done while the client of the table is open */
static const struct test {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "init", test_init },
	{ "to-vram", test_to_vram },
	{ "to-ram", test_to_ram },
	{ "cpu-touch", test_cpu_touch },
	{ "fault", test_fault },
	{ "fault-atomic", test_fault_atomic },
	{ "evict-huge", test_evict_huge },
};

/* In a process of its own: what it leaves behind shows when it is gone. */
static void run_in_child(const struct test *test)
{
	struct nv_leftovers before;

	nv_leftovers_note(&before);
	igt_fork_child() {
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
		test->run();
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_leftovers_assert(&before);
	igt_assert(nv_stat_becomes("vram_bytes", 0, 20));
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
	 * Description: what its name says, with each allocation failing once
	 */
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		igt_subtest(tests[i].name)
			run_in_child(&tests[i]);
	}

	igt_exit();
}
