// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm split
 * Description: huge pages of the CPU that the GPU has as a whole fall apart,
 *	or have small neighbours, and the GPU keeps no piece of what was there
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_compute.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define PAGE_WORDS	(NV_PAGE / 4)
#define TOUCH_SHIFT	16	/* a thread each 64 KiB of a huge page */
#define TOUCH_THREADS	(NV_HUGE_PAGE >> TOUCH_SHIFT)

static struct nv_device dev;
static struct nv_channel chan;

/* A kernel that writes to a huge page here and there. */
static void touch(void *p, uint32_t value)
{
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &(struct nv_kernel_args) {
		.dst = (uintptr_t)p,
		.shift = TOUCH_SHIFT,
		.value = value,
	}, TOUCH_THREADS);
}

static void assert_touched(const uint8_t *p, uint32_t value)
{
	uint32_t i, word;

	for (i = 0; i < TOUCH_THREADS; i++) {
		memcpy(&word, p + ((size_t)i << TOUCH_SHIFT), sizeof(word));
		igt_assert_eq(word, value + i);
	}
}

/* The GPU must read zeros there. */
static void assert_reads_zeros(const void *p, size_t words)
{
	uint32_t *copy = malloc(words * 4);

	igt_assert(copy);
	memset(copy, 0xff, words * 4);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, p, words), 0);
	nv_assert_all(copy, words, 0);
	free(copy);
}

/* The process has nothing there: the GPU may not read it, on a new channel. */
static void assert_unreachable(const void *p)
{
	uint32_t *copy = malloc(NV_PAGE);
	struct nv_channel victim;

	igt_assert(copy);
	nv_channel_new(&dev, &victim);
	igt_assert_eq(nv_copy_words(&dev, &victim, copy, p, NV_WARP), -EIO);
	nv_channel_free(&dev, &victim);
	free(copy);
}

/* A huge page that CPU and GPU have. */
static uint8_t *map_huge(struct nv_area *a, size_t size)
{
	nv_area_thp(a, size);
	memset(a->p, 0x3c, size);
	touch(a->p, 1);
	assert_touched(a->p, 1);
	return a->p;
}

/* One small page of it is given back; the GPU reads zeros there, not data. */
static void test_discard_page(void)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p = map_huge(&a, NV_HUGE_PAGE);

	igt_assert_eq(madvise(p, NV_PAGE, MADV_DONTNEED), 0);
	assert_reads_zeros(p, PAGE_WORDS);
	nv_assert_all(p, PAGE_WORDS, 0);
	touch(p, 100);
	assert_touched(p, 100);
	nv_pagetable_assert_true(p, NV_HUGE_PAGE);
	nv_area_unmap(&a);
}

/* The same, then all of it goes: nothing of it stays with the GPU. */
static void test_discard_page_then_unmap(void)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p = map_huge(&a, NV_HUGE_PAGE);

	igt_assert_eq(madvise(p, NV_PAGE, MADV_DONTNEED), 0);
	nv_area_unmap(&a);
	assert_unreachable(p + NV_HUGE_PAGE / 2);
}

/* One huge page in two: the GPU has the first one huge, the other small. */
static uint8_t *map_neighbours(struct nv_area *a, bool small_first)
{
	uint8_t *small, *huge;

	nv_area_thp(a, 2 * NV_HUGE_PAGE);
	small = (uint8_t *)a->p + (small_first ? 0 : NV_HUGE_PAGE);
	huge = (uint8_t *)a->p + (small_first ? NV_HUGE_PAGE : 0);
	igt_assert_eq(madvise(small, NV_HUGE_PAGE, MADV_NOHUGEPAGE), 0);
	memset(a->p, 0x3c, a->size);
	touch(small_first ? small : huge, 1);
	touch(small_first ? huge : small, 1);
	assert_touched(small, 1);
	assert_touched(huge, 1);
	return a->p;
}

/* What is taken away at the boundary goes on both sides, and nothing else. */
static void discard_neighbours(bool small_first)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p = map_neighbours(&a, small_first);

	igt_assert_eq(madvise(p, a.size, MADV_DONTNEED), 0);
	assert_reads_zeros(p, PAGE_WORDS);
	assert_reads_zeros(p + NV_HUGE_PAGE, PAGE_WORDS);
	touch(p, 200);
	touch(p + NV_HUGE_PAGE, 300);
	assert_touched(p, 200);
	assert_touched(p + NV_HUGE_PAGE, 300);
	nv_pagetable_assert_true(p, a.size);
	nv_area_unmap(&a);
	assert_unreachable(p);
	assert_unreachable(p + NV_HUGE_PAGE);
}

static void test_small_before_huge(void)
{
	discard_neighbours(true);
}

static void test_small_after_huge(void)
{
	discard_neighbours(false);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "discard-page", test_discard_page },
	{ "discard-page-then-unmap", test_discard_page_then_unmap },
	{ "small-before-huge", test_small_before_huge },
	{ "small-after-huge", test_small_after_huge },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
