// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm swap
 * Description: what the GPU has written survives reclaim, though no bit of a
 *	CPU's page table tells the kernel of it
 * Category: Software building block
 * Functionality: shared virtual memory, swap
 *
 * The swap space must be on a disk: zram frees its copy as soon as a page is
 * read, and so hides what these tests are about.  See nouveau_svm_dirty for
 * the shortest cases.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/swap.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_pagetable.h"

#define PAGES		256
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define TRIES		100

#define DROP_CACHES	"/proc/sys/vm/drop_caches"
#define SWAPS		"/proc/swaps"

static struct nv_device dev;
static struct nv_channel chan;

static void gpu_write(void *p, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, first), 0);
}

static void gpu_copy(void *dst, const void *src)
{
	igt_assert_eq(nv_copy_words(&dev, &chan, dst, src, WORDS), 0);
}

static void advise(void *p, size_t size, int advice)
{
	igt_assert_f(!madvise(p, size, advice), "madvise %d: %s\n", advice,
		     strerror(errno));
}

/* Until no page is left; see nv_change_page_out(). */
static void page_out(struct nv_area *a)
{
	unsigned int tries = TRIES;

	do {
		igt_assert(nv_set_number(DROP_CACHES, 1));
		advise(a->p, a->size, MADV_PAGEOUT);
	} while (nv_present_pages(a->p, a->size) && --tries);
	igt_assert_f(tries, "%zu pages stay\n",
		     nv_present_pages(a->p, a->size));
}

static void make_small(struct nv_area *a)
{
	nv_area_no_thp(a, SIZE);
}

static void make_huge(struct nv_area *a)
{
	nv_area_thp(a, NV_HUGE_PAGE);
	a->size = SIZE;
}

static void make_shared(struct nv_area *a)
{
	nv_area_map(a, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED |
		    MAP_ANONYMOUS, -1);
}

/*
 * Write - out - CPU reads - GPU writes - out: a page that has come back for
 * reading is clean to the kernel, and still has its place in the swap space.
 */
static void test_write_again(void (*make)(struct nv_area *a))
{
	struct nv_area a = { .fd = -1 };

	nv_require_swap();
	make(&a);
	gpu_write(a.p, 1 << 24);
	page_out(&a);
	nv_assert_counting(a.p, WORDS, 1 << 24);
	gpu_write(a.p, 2 << 24);
	page_out(&a);
	nv_assert_counting(a.p, WORDS, 2 << 24);
	nv_area_unmap(&a);
}

/* The same, but the GPU itself brings the pages back by reading. */
static void test_read_write(void (*make)(struct nv_area *a))
{
	struct nv_area a = { .fd = -1 }, copy = { .fd = -1 };

	nv_require_swap();
	make(&a);
	make_small(&copy);
	gpu_write(a.p, 3 << 24);
	page_out(&a);
	gpu_copy(copy.p, a.p);
	nv_assert_counting(copy.p, WORDS, 3 << 24);
	gpu_write(a.p, 4 << 24);
	page_out(&a);
	gpu_copy(copy.p, a.p);
	nv_assert_counting(copy.p, WORDS, 4 << 24);
	nv_area_unmap(&copy);
	nv_area_unmap(&a);
}

/* Memory given up is the program's again as soon as the GPU writes it. */
static void test_free_write(void (*make)(struct nv_area *a))
{
	struct nv_area a = { .fd = -1 };

	nv_require_swap();
	make(&a);
	nv_fill_tags(a.p, WORDS, 1);
	gpu_write(a.p, 5 << 24);
	advise(a.p, a.size, MADV_FREE);
	gpu_write(a.p, 6 << 24);
	page_out(&a);
	nv_assert_counting(a.p, WORDS, 6 << 24);
	nv_area_unmap(&a);
}

/** struct subtest - a row of the table of subtests */
struct subtest {
	const char *name;
	void (*run)(void (*make)(struct nv_area *a));
	void (*make)(struct nv_area *a);
};

static const struct subtest subtests[] = {
	{ "cpu-read-thp", test_write_again, make_huge },
	{ "gpu-read", test_read_write, make_small },
	{ "gpu-read-shared", test_read_write, make_shared },
	{ "free-thp", test_free_write, make_huge },
};

/* The file or device of the first swap space. */
static void swap_path(char path[128])
{
	FILE *f = fopen(SWAPS, "r");
	int n = 0;

	igt_assert(f);
	if (fscanf(f, "%*[^\n] %127s", path) == 1)
		n = 1;
	fclose(f);
	igt_require_f(n, "no swap space\n");
}

/* All that is out comes back, by the kernel's own doing. */
static void change_swapoff(struct nv_changing *t)
{
	char path[128];

	swap_path(path);
	nv_change_page_out(t);
	igt_assert_f(!swapoff(path), "swapoff: %s\n", strerror(errno));
	nv_mirror_settle(&t->m);
	igt_assert_f(!swapon(path, 0), "swapon: %s\n", strerror(errno));
	nv_mirror_settle(&t->m);
}

static const struct nv_change rows[] = {
	{ "swapoff", nv_change_anon, 0, 16, NV_KEEPS, change_swapoff, 0 },
	{ "swapoff-shared", nv_change_shm, 0, 16, NV_KEEPS, change_swapoff,
	  0 },
};

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
	}

	/**
	 * SUBTEST: %s
	 * Description: what the GPU wrote last is there after all of that
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name)
			subtests[i].run(subtests[i].make);
	}

	/**
	 * SUBTEST: %s
	 * Description: what its name says happens while a kernel runs
	 */
	nv_change_subtests(&dev, rows, sizeof(rows) / sizeof(rows[0]));

	igt_fixture {
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}

	igt_exit();
}
