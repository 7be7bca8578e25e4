// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm beside
 * Description: huge pages that lie beside one that the GPU asks for are mapped
 *	along with it if that moves nothing, and are as true to what the CPU has
 *	as any
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define BLOCK		(16ul << 20)	/* what is mapped along */
#define BLOCK_PAGES	(BLOCK / NV_HUGE_PAGE)
#define ASKED		3		/* the huge page that the GPU asks for */
#define WORDS		NV_WARP

static struct nv_device dev;
static struct nv_channel chan;

/* One whole block and a huge page on either side, all written by the CPU. */
static char *make_block(struct nv_area *a)
{
	char *block;

	nv_area_thp(a, 3 * BLOCK);
	block = (char *)(((uintptr_t)a->p + NV_HUGE_PAGE + BLOCK - 1) &
			 ~(BLOCK - 1));
	nv_fill_tags(block - NV_HUGE_PAGE, (BLOCK + 2 * NV_HUGE_PAGE) / 4, 1);
	return block;
}

static char *huge(char *block, int i)
{
	return block + i * (long)NV_HUGE_PAGE;
}

/* The GPU reads a few words of a huge page, and sees what the CPU has. */
static void gpu_reads(const char *src)
{
	uint32_t want[WORDS];
	struct nv_bo bo;

	/* Later, this would bring it back from VRAM. */
	memcpy(want, src, sizeof(want));
	nv_bo_new(&dev, NV_PAGE, &bo);
	igt_assert_eq(nv_copy_words(&dev, &chan, (void *)(uintptr_t)bo.va, src,
				    WORDS), 0);
	igt_assert(!memcmp(bo.map, want, sizeof(want)));
	nv_bo_free(&dev, &bo);
}

/* So many huge pages from one on are mapped as such, or not at all. */
static void assert_mapped(char *block, int first, int nr, bool mapped)
{
	size_t writable;
	int i;

	for (i = first; i < first + nr; i++) {
		igt_assert_f((nv_pagetable_pages(huge(block, i), NV_HUGE_PAGE,
						 &writable) != 0) == mapped,
			     "page %d is %smapped\n", i, mapped ? "not " : "");
		igt_assert_eq(nv_pagetable_bytes(huge(block, i), NV_HUGE_PAGE,
						 NV_HUGE_PAGE),
			      mapped ? NV_HUGE_PAGE : 0);
	}
	nv_pagetable_assert_true(huge(block, first), nr * NV_HUGE_PAGE);
}

/* All of an aligned block, nothing beyond; none of it is a fault afterwards. */
static void test_all(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);
	uint64_t batches;
	int i;

	nv_policy_stay();
	gpu_reads(huge(block, ASKED));
	assert_mapped(block, 0, BLOCK_PAGES, true);
	assert_mapped(block, -1, 1, false);
	assert_mapped(block, BLOCK_PAGES, 1, false);

	batches = nv_count("fault_batches");
	for (i = 0; i < (int)BLOCK_PAGES; i++)
		gpu_reads(huge(block, i));
	igt_assert_eq(nv_count("fault_batches"), batches);
	nv_area_unmap(&a);
}

/* What a fault would move has its own. */
static void test_moves(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);

	igt_assert(nv_policy_moves(true));
	gpu_reads(huge(block, ASKED));
	assert_mapped(block, ASKED, 1, true);
	igt_assert_eq(nv_pagetable_vram(huge(block, ASKED), NV_HUGE_PAGE),
		      NV_HUGE_PAGE / NV_PAGE);
	assert_mapped(block, 0, ASKED, false);
	assert_mapped(block, ASKED + 1, BLOCK_PAGES - ASKED - 1, false);
	nv_area_unmap(&a);
}

/* What the process wants to stay is mapped, and not what may move. */
static void test_advised(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);

	igt_assert(nv_policy_moves(true));
	nv_prefer(&dev, block, (ASKED + 1) * NV_HUGE_PAGE + NV_PAGE,
		  NOUVEAU_SVM_LOCATION_SYSTEM);
	gpu_reads(huge(block, ASKED));
	assert_mapped(block, 0, ASKED + 1, true);
	assert_mapped(block, ASKED + 1, BLOCK_PAGES - ASKED - 1, false);
	nv_area_unmap(&a);
}

/* What is to be written with a fault of its own, which tells where it goes. */
static void test_read_mostly(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);

	nv_policy_stay();
	nv_advise(&dev, block, NV_HUGE_PAGE,
		  NOUVEAU_SVM_ADVISE_READ_MOSTLY, 1);
	gpu_reads(huge(block, ASKED));
	assert_mapped(block, 0, 1, false);
	assert_mapped(block, 1, BLOCK_PAGES - 1, true);
	nv_area_unmap(&a);
}

/* Neither small pages, nor what is not there, nor other memory: none are made. */
static void test_others(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);

	nv_policy_stay();
	/* 0: small pages; 1: nothing; 2: no mapping; 4: of this, one page. */
	igt_assert_eq(madvise(block, NV_HUGE_PAGE, MADV_DONTNEED), 0);
	igt_assert_eq(madvise(block, NV_HUGE_PAGE, MADV_NOHUGEPAGE), 0);
	nv_fill_tags(block, NV_HUGE_PAGE / 4, 1);
	igt_assert_eq(madvise(huge(block, 1), NV_HUGE_PAGE, MADV_DONTNEED), 0);
	igt_assert_eq(munmap(huge(block, 2), NV_HUGE_PAGE), 0);
	igt_assert_eq(munmap(huge(block, 4) + NV_PAGE, NV_HUGE_PAGE - NV_PAGE),
		      0);

	gpu_reads(huge(block, ASKED));
	assert_mapped(block, 0, 3, false);
	assert_mapped(block, 3, 1, true);
	assert_mapped(block, 4, 1, false);
	assert_mapped(block, 5, 3, true);
	igt_assert_eq(nv_present_pages(huge(block, 1), NV_HUGE_PAGE), 0);

	/* It is there when it is asked for. */
	gpu_reads(block);
	gpu_reads(huge(block, 4));
	igt_assert_eq(munmap(a.p, huge(block, 2) - (char *)a.p), 0);
	igt_assert_eq(munmap(huge(block, 3), NV_HUGE_PAGE + NV_PAGE), 0);
	igt_assert_eq(munmap(huge(block, 5), (char *)a.p + a.size -
			     huge(block, 5)), 0);
}

/* What has been mapped along follows the CPU. */
static void test_changes(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);
	char *beside = huge(block, ASKED + 1);

	nv_policy_stay();
	gpu_reads(huge(block, ASKED));
	assert_mapped(block, 0, BLOCK_PAGES, true);

	igt_assert_eq(madvise(beside, NV_HUGE_PAGE, MADV_DONTNEED), 0);
	assert_mapped(block, ASKED + 1, 1, false);
	memset(beside, 7, NV_HUGE_PAGE);
	gpu_reads(beside);

	/* A part of it may not be written now; the GPU must not, either. */
	igt_assert_eq(mprotect(huge(block, 0) + NV_PAGE, NV_PAGE, PROT_READ),
		      0);
	nv_pagetable_assert_true(block, BLOCK);
	nv_pagetable_assert_read_only(huge(block, 0) + NV_PAGE, NV_PAGE);
	gpu_reads(huge(block, 0) + NV_PAGE);
	nv_area_unmap(&a);
}

/* So are those that may be written: a write to one needs no other fault. */
static void test_written(void)
{
	struct nv_area a = { .fd = -1 };
	char *block = make_block(&a);
	uint64_t batches;
	size_t writable;

	nv_policy_stay();
	igt_assert_eq(nv_write_words(&dev, &chan, huge(block, ASKED), WORDS, 5),
		      0);
	nv_pagetable_pages(block, BLOCK, &writable);
	igt_assert_eq(writable, BLOCK / NV_PAGE);

	batches = nv_count("fault_batches");
	igt_assert_eq(nv_write_words(&dev, &chan, huge(block, 0), WORDS, 6), 0);
	igt_assert_eq(nv_count("fault_batches"), batches);
	nv_assert_counting(huge(block, ASKED), WORDS, 5);
	nv_assert_counting(huge(block, 0), WORDS, 6);
	nv_area_unmap(&a);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "all", test_all },
	{ "moves", test_moves },
	{ "advised", test_advised },
	{ "read-mostly", test_read_mostly },
	{ "others", test_others },
	{ "changes", test_changes },
	{ "written", test_written },
};

/* Before the channel is opened: then VRAM is made ready for it. */
static void prepare(void)
{
	igt_require_f(nv_policy_moves(true), "nothing moves\n");
}

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), prepare);
}
