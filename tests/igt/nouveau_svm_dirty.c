// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm dirty
 * Description: what the GPU writes is not lost when the kernel needs memory:
 *	pages that the CPU has only read since they came back from swap, or has
 *	given up, are not clean if the GPU has written them
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_words.h"

#define PAGES		64
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define TRIES		200
#define PAUSE_US	(10 * 1000)

static struct nv_device dev;
static struct nv_channel chan;

static void gpu_write(void *p, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, first), 0);
}

static size_t present(const uint8_t *p)
{
	size_t i, pages = 0;

	for (i = 0; i < PAGES; i++)
		pages += nv_page_frame(p + i * NV_PAGE) != 0;
	return pages;
}

/*
 * Until the CPU has none of it mapped.  Pages that another CPU has just
 * faulted in are not where reclaim looks for them; drop_caches has all CPUs
 * put theirs there.
 */
static void page_out(void *p)
{
	int tries = TRIES;

	igt_require_f(present(p), "no frame numbers in pagemap\n");
	do {
		igt_assert(nv_set_number("/proc/sys/vm/drop_caches", 1));
		igt_assert_eq(madvise(p, SIZE, MADV_PAGEOUT), 0);
		if (!present(p))
			return;
		usleep(PAUSE_US);
	} while (--tries);
	igt_assert_f(false, "%zu pages stay mapped\n", present(p));
}

/* Written - out - read by the CPU, hence clean - written by the GPU - out. */
static void write_twice(struct nv_area *a)
{
	igt_require_f(nv_get_line("/proc/meminfo", "SwapTotal:") > 0,
		      "no swap space\n");
	gpu_write(a->p, 1000);
	page_out(a->p);
	nv_assert_counting(a->p, WORDS, 1000);
	gpu_write(a->p, 2000);
	page_out(a->p);
	nv_assert_counting(a->p, WORDS, 2000);
	nv_area_unmap(a);
}

static void make_private(struct nv_area *a)
{
	nv_area_anon(a, SIZE);
	igt_assert_eq(madvise(a->p, a->size, MADV_NOHUGEPAGE), 0);
}

static void test_pageout(void)
{
	struct nv_area a = { .fd = -1 };

	make_private(&a);
	write_twice(&a);
}

static void test_pageout_shared(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_map(&a, SIZE, READ_WRITE, MAP_SHARED,
		    nv_file("/dev/shm", SIZE));
	write_twice(&a);
}

/* The program gives the content up, then the GPU writes a new one. */
static void test_free(void)
{
	struct nv_area a = { .fd = -1 };

	make_private(&a);
	gpu_write(a.p, 1000);
	nv_assert_counting(a.p, WORDS, 1000);
	igt_assert_eq(madvise(a.p, a.size, MADV_FREE), 0);
	gpu_write(a.p, 2000);
	page_out(a.p);
	nv_assert_counting(a.p, WORDS, 2000);
	nv_area_unmap(&a);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "pageout", test_pageout },
	{ "pageout-shared", test_pageout_shared },
	{ "free", test_free },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), nv_policy_stay);
}
