// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm prefetch
 * Description: a GPU kernel's prefetches are hints: they map what is there,
 *	populate nothing, and kill nobody
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_patience.h"
#include "nv_stats.h"
#include "nv_touch.h"
#include "nv_words.h"

/* Pages of an area: one block that a fault looks at, and others. */
#define PAGES		64
#define PAGE_WORDS	(NV_PAGE / 4)
/* More than the driver keeps in one batch, more than it drains in one go. */
#define MANY_PAGES	5120
#define SECONDS		20
#define TIMES		3
#define SETTLE_US	(50 * 1000)

static struct nv_device dev;
static struct nv_channel chan;

static void map(struct nv_area *a, unsigned int pages)
{
	nv_area_no_thp(a, pages * NV_PAGE);
}

static uint32_t *page(const struct nv_area *a, unsigned int i)
{
	return (uint32_t *)a->p + i * PAGE_WORDS;
}

/* One lane each prefetches a page; wait until the driver has served them. */
static int prefetch(const struct nv_channel *on, const void *p,
		    unsigned int pages)
{
	const uint64_t packets = nv_count("fault_packets");
	const uint64_t batches = nv_count("fault_batches");
	struct nv_touches t;
	time_t end = time(NULL) + nv_patience(SECONDS);
	unsigned int i;
	int ret;

	nv_touches_open(&t, &dev, pages + NV_WARP);
	for (i = 0; i < pages; i++)
		nv_touch_lane(&t, NV_ACCESS_PREFETCH,
			      (const uint32_t *)p + i * PAGE_WORDS, 0);
	ret = nv_touches_run(&t, on);
	nv_touches_close(&t);
	while ((nv_count("fault_packets") < packets + pages ||
		nv_count("fault_batches") == batches) && time(NULL) <= end)
		usleep(1000);
	igt_assert(nv_count("fault_packets") >= packets + pages);
	/* A worker may not have begun yet. */
	usleep(SETTLE_US);
	igt_assert(nv_stat_becomes("services_in_flight", 0, SECONDS));
	return ret;
}

static void assert_harmless_once(const void *p, unsigned int pages)
{
	const uint64_t cancels = nv_count("cancels"), replays = nv_count("replays");
	const uint64_t mapped = nv_count("pages_mapped");
	size_t writable;

	igt_assert_eq(prefetch(&chan, p, pages), 0);
	igt_assert_eq(nv_count("cancels"), cancels);
	igt_assert_eq(nv_count("replays"), replays);
	igt_assert_eq(nv_count("pages_mapped"), mapped);
	igt_assert_eq(nv_pagetable_pages(p, pages * NV_PAGE, &writable),
		      0);
}

/* A kernel that faults, which the GPU is told to try again. */
static void fault(void)
{
	struct nv_area a;

	map(&a, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, PAGE_WORDS, 1), 0);
	nv_assert_counting(a.p, PAGE_WORDS, 1);
	nv_area_unmap(&a);
}

/*
 * Nothing is there: nobody dies, nothing is tried again.  Nor if the GPU comes
 * back to it, which is when a read would be taken for bad.
 */
static void assert_harmless(const void *p, unsigned int pages)
{
	int i;

	for (i = 0; i < TIMES; i++) {
		assert_harmless_once(p, pages);
		fault();
	}
}

static void test_unmapped(void)
{
	struct nv_area a;

	map(&a, PAGES);
	nv_area_unmap(&a);
	assert_harmless(a.p, PAGES);
}

static void test_null(void)
{
	assert_harmless(NULL, 1);
}

static void test_hole(void)
{
	assert_harmless((char *)dev.hole + dev.hole_size - PAGES * NV_PAGE,
			PAGES);
}

static void test_no_access(void)
{
	struct nv_area a;

	map(&a, PAGES);
	memset(a.p, 1, a.size);
	igt_assert_eq(mprotect(a.p, a.size, PROT_NONE), 0);
	assert_harmless(a.p, PAGES);
	nv_area_unmap(&a);
}

/* Memory that nobody has touched stays so. */
static void test_untouched(void)
{
	unsigned char there[PAGES];
	struct nv_area a;
	int i;

	map(&a, PAGES);
	assert_harmless(a.p, PAGES);
	igt_assert_eq(mincore(a.p, a.size, there), 0);
	for (i = 0; i < PAGES; i++)
		igt_assert_eq(there[i] & 1, 0);
	nv_area_unmap(&a);
}

/* Memory that is there is mapped: reads and writes do not fault any more. */
static void test_populated(void)
{
	struct nv_area a, copy;
	uint64_t packets;
	size_t writable;

	map(&a, PAGES);
	map(&copy, PAGES);
	nv_fill_tags(a.p, PAGES * PAGE_WORDS, 1);
	memset(copy.p, 0, copy.size);
	igt_assert_eq(prefetch(&chan, a.p, PAGES), 0);
	igt_assert_eq(prefetch(&chan, copy.p, PAGES), 0);
	igt_assert_eq(nv_pagetable_pages(a.p, a.size, &writable), PAGES);
	igt_assert_eq(writable, PAGES);
	packets = nv_count("fault_packets");
	igt_assert_eq(nv_copy_words(&dev, &chan, copy.p, a.p,
				    PAGES * PAGE_WORDS), 0);
	igt_assert_eq(nv_count("fault_packets"), packets);
	nv_assert_tags(copy.p, PAGES * PAGE_WORDS, 1);
	nv_area_unmap(&copy);
	nv_area_unmap(&a);
}

static void test_read_only(void)
{
	struct nv_area a;
	size_t writable;

	map(&a, PAGES);
	memset(a.p, 7, a.size);
	igt_assert_eq(mprotect(a.p, a.size, PROT_READ), 0);
	igt_assert_eq(prefetch(&chan, a.p, PAGES), 0);
	igt_assert_eq(nv_pagetable_pages(a.p, a.size, &writable), PAGES);
	igt_assert_eq(writable, 0);
	nv_area_unmap(&a);
}

/*
 * Hints in such numbers that they leave no room for reads: the reads are not
 * lost, though no hint is ever replayed.
 */
static void test_flood(void)
{
	struct nv_touches t;
	struct nv_area a;
	unsigned int i;

	map(&a, MANY_PAGES);
	nv_fill_tags(a.p, MANY_PAGES * PAGE_WORDS, 3);
	igt_assert_eq(madvise(a.p, a.size / 2, MADV_DONTNEED), 0);
	nv_touches_open(&t, &dev, MANY_PAGES + MANY_PAGES / NV_WARP * NV_WARP);
	for (i = 0; i < MANY_PAGES; i++) {
		nv_touch_lane(&t, NV_ACCESS_PREFETCH, page(&a, i), 0);
		if (t.used % NV_WARP == NV_WARP - 1)
			nv_touch_lane(&t, NV_ACCESS_READ,
				      page(&a, MANY_PAGES - 1 - i), 0);
	}
	igt_assert_eq(nv_touches_run(&t, &chan), 0);
	for (i = 0; i < MANY_PAGES / (NV_WARP - 1) / 2; i++) {
		unsigned int nr = i * NV_WARP + NV_WARP - 1;
		unsigned int at = MANY_PAGES - 1 -
				  (i * (NV_WARP - 1) + NV_WARP - 2);

		igt_assert_eq(nv_touch_seen(&t, nr),
			      nv_tag(3, at * PAGE_WORDS));
	}
	nv_touches_close(&t);
	nv_area_unmap(&a);
}

/* A bad read in the middle of hints is a bad read. */
static void test_bad_read(void)
{
	struct nv_channel victim;
	struct nv_touches t;
	struct nv_area a;
	int i;

	map(&a, PAGES);
	nv_area_unmap(&a);
	nv_channel_new(&dev, &victim);
	nv_touches_open(&t, &dev, 2 * PAGES * NV_WARP);
	for (i = 0; i < PAGES; i++)
		nv_touch_warp(&t, NV_ACCESS_PREFETCH, page(&a, 5), 0);
	nv_touch_warp(&t, NV_ACCESS_READ, page(&a, 5), 0);
	igt_assert_eq(nv_touches_run(&t, &victim), -EIO);
	nv_touches_close(&t);
	nv_channel_free(&dev, &victim);
}

static const struct nv_subtest subtests[] = {
	{ "unmapped", test_unmapped },
	{ "null", test_null },
	{ "hole", test_hole },
	{ "no-access", test_no_access },
	{ "untouched", test_untouched },
	{ "populated", test_populated },
	{ "read-only", test_read_only },
	{ "flood", test_flood },
	{ "bad-read", test_bad_read },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
