// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm iova
 * Description: behind an IOMMU, every address that was given to the GPU for a
 *	page is given back
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include "igt_abi.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_words.h"

#define PAGES		128
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define ROUNDS		32

/*
 * Page tables of the IOMMU, a page for 512 addresses, are never given back.
 * What is in use at one time fits into a few; an address lost for each page
 * and round is more.
 */
#define SLACK		(PAGES * ROUNDS / 512 / 2)

static struct nv_device dev;
static struct nv_channel chan;

static long tables(void)
{
	return nv_get_line("/proc/vmstat", "nr_iommu_pages");
}

/*
 * Pages of a file that are clean can be read only; that they become writable
 * is no event that takes them from the GPU.
 */
static void test_upgrade(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	long before = 0, after;
	int round;

	igt_require_f(tables() > 0, "no IOMMU\n");
	nv_area_anon(&b, SIZE);
	for (round = 0; round <= ROUNDS; round++) {
		nv_area_disk(&a, SIZE);
		igt_assert_eq(nv_copy_words(&dev, &chan, b.p, a.p, WORDS), 0);
		nv_assert_all(b.p, WORDS, 0);
		igt_assert_eq(nv_write_words(&dev, &chan, a.p, WORDS, round),
			      0);
		nv_assert_counting(a.p, WORDS, round);
		nv_area_unmap(&a);
		if (!round)
			before = tables();
	}
	after = tables();
	igt_assert_f(after - before < SLACK, "%ld tables more\n",
		     after - before);
	nv_area_unmap(&b);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "upgrade", test_upgrade },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
