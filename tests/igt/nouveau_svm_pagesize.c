// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm pagesize
 * Description: the GPU maps memory in the largest pages that are true to what
 *	the CPU has, whatever the CPU does to it, and its TLBs are flushed when
 *	they must be and never else
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * What the GPU has mapped is what the driver reads back from its page tables.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_mirror.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define PAGE_64K	(64ul << 10)
#define SIZE		(2 * NV_HUGE_PAGE)
#define WORDS		(SIZE / 4)
#define BLOCK		(PAGE_64K / NV_PAGE)	/* pages */
#define TRIES		100

/* The page that the CPU does something to, in the middle of a huge one. */
#define PAGE		256
#define PAGE_OFFSET	(PAGE * NV_PAGE)

/* Free in nearly every process, and below 1 << 40. */
#define LOW_ADDRESS	(4ull << 30)

#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define THP_64K		THP "hugepages-64kB/enabled"
#define THP_2M		THP "hugepages-2048kB/enabled"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* asm-generic/mman-common.h */
#endif

static struct nv_device dev;
static struct nv_channel chan;

/*
 * Small pages become a huge one when a test says so, and not when the kernel's
 * own thread comes by.
 */
#define KHUGEPAGED_PAUSE \
	"/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs"
#define KHUGEPAGED_NEVER_MS	3600000

static long pause_ms;

static void gpu_write(void *dst, size_t words, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, dst, words, first), 0);
}

/* Read one warp's words, into a buffer that is not shared memory. */
static void gpu_touch(const void *src)
{
	struct nv_bo bo;

	nv_bo_new(&dev, NV_PAGE, &bo);
	igt_assert_eq(nv_copy_words(&dev, &chan, (void *)(uintptr_t)bo.va, src,
				    NV_WARP), 0);
	igt_assert(!memcmp(bo.map, src, NV_WARP * 4));
	nv_bo_free(&dev, &bo);
}

static bool set_word(const char *path, const char *word)
{
	FILE *f = fopen(path, "w");
	bool ok;

	if (!f)
		return false;
	ok = fprintf(f, "%s\n", word) > 0;
	return !fclose(f) && ok;
}

static size_t mapped_in(const void *p, size_t size, size_t page)
{
	return nv_pagetable_bytes(p, size, page);
}

/* All of a range is mapped in pages of one size. */
static void assert_pages(const void *p, size_t size, size_t page)
{
	igt_assert_f(mapped_in(p, size, page) == size,
		     "mapped in pages of %#zx: %#zx of %#zx; 4k: %#zx, 64k: %#zx, 2m: %#zx\n",
		     page, mapped_in(p, size, page), size,
		     mapped_in(p, size, NV_PAGE), mapped_in(p, size, PAGE_64K),
		     mapped_in(p, size, NV_HUGE_PAGE));
}

static void assert_unmapped(const void *p, size_t size)
{
	size_t writable;

	igt_assert_eq(nv_pagetable_pages(p, size, &writable), 0);
}

static uint64_t flushes(void)
{
	uint64_t count = 0;

	igt_require_f(nv_stat("flushes", &count), "no counters\n");
	return count;
}

#define assert_flushes(count, what) do { \
	uint64_t before = flushes(); \
	what; \
	igt_assert_eq(flushes() - before, count); \
} while (0)

/* Which sizes */

static void make_thp(struct nv_area *a)
{
	nv_area_thp(a, SIZE);
}

static void make_small(struct nv_area *a)
{
	nv_area_no_thp(a, SIZE);
}

/* Folios of 64 KiB at most, in memory that could have larger ones. */
static void make_mthp(struct nv_area *a)
{
	igt_require_f(set_word(THP_64K, "madvise") &&
		      set_word(THP_2M, "never"), "no mTHP\n");
	nv_area_thp(a, SIZE);
}

static void free_mthp(struct nv_area *a)
{
	nv_area_unmap(a);
	igt_assert(set_word(THP_64K, "never") && set_word(THP_2M, "inherit"));
}

/* A mapping in which nothing larger has room: 1 MiB, from 512 KiB on. */
static void make_mthp_narrow(struct nv_area *a)
{
	make_mthp(a);
	igt_assert_eq(mprotect(a->base, a->base_size, PROT_NONE), 0);
	a->p = (char *)a->p + (512 << 10);
	a->size = 1 << 20;
	igt_assert_eq(mprotect(a->p, a->size, READ_WRITE), 0);
}

static const struct nv_kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < nv_nr_kinds && strcmp(nv_kinds[i].name, name); i++)
		;
	igt_assert(i < nv_nr_kinds);
	return &nv_kinds[i];
}

static void make_hugetlb(struct nv_area *a)
{
	find_kind("hugetlb-2m")->make(a);
}

static void free_hugetlb(struct nv_area *a)
{
	find_kind("hugetlb-2m")->free(a);
}

/*
 * Part of a page of 1 GiB, which the GPU has no pages for.  A shared one: of a
 * private page so large the kernel does not tell whether others have it too
 * (pagemap's bit 56 looks at what only tables of smaller pages count).
 */
static void make_gigantic(struct nv_area *a)
{
	nv_area_gigantic(a, MAP_SHARED);
	a->p = (char *)a->base + a->base_size / 2;
	a->size = SIZE;
}

/* A file system for files in huge pages; it is gone with the last of them. */
static int mount_tmpfs_huge(void)
{
	int fs = fsopen("tmpfs", FSOPEN_CLOEXEC), folder;

	igt_assert_f(fs >= 0, "no tmpfs: %s\n", strerror(errno));
	igt_require_f(!fsconfig(fs, FSCONFIG_SET_STRING, "huge", "always", 0),
		      "no huge pages in tmpfs: %s\n", strerror(errno));
	igt_assert_eq(fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0), 0);
	folder = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	igt_assert(folder >= 0);
	close(fs);
	return folder;
}

static void make_tmpfs_huge(struct nv_area *a)
{
	int folder = mount_tmpfs_huge();
	char path[32];
	size_t skip;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", folder);
	nv_area_map(a, SIZE + NV_HUGE_PAGE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1);
	skip = -(uintptr_t)a->base & (NV_HUGE_PAGE - 1);
	a->p = (char *)a->base + skip;
	a->size = SIZE;
	a->fd = nv_file(path, SIZE);
	igt_assert(mmap(a->p, SIZE, READ_WRITE, MAP_SHARED | MAP_FIXED, a->fd,
			0) == a->p);
	close(folder);
}

/** struct size - memory and the pages that the GPU must have it in */
struct size {
	const char *name;
	void (*make)(struct nv_area *a);
	void (*free)(struct nv_area *a);
	size_t page;
};

static const struct size sizes[] = {
	{ "small", make_small, nv_area_unmap, NV_PAGE },
	{ "mthp-64k", make_mthp, free_mthp, PAGE_64K },
	{ "mthp-64k-narrow", make_mthp_narrow, free_mthp, PAGE_64K },
	{ "thp", make_thp, nv_area_unmap, NV_HUGE_PAGE },
	{ "hugetlb-2m", make_hugetlb, free_hugetlb, NV_HUGE_PAGE },
	{ "hugetlb-1g", make_gigantic, nv_area_unmap, NV_HUGE_PAGE },
	{ "tmpfs-huge", make_tmpfs_huge, nv_area_unmap, NV_HUGE_PAGE },
};

/*
 * The GPU reads a little of each page, writes all of it: it gets each page as
 * soon as it has touched it, and all of them are true and right.
 */
static void test_size(const struct size *size)
{
	struct nv_area a = { .fd = -1 };
	size_t offset;

	size->make(&a);
	nv_fill_tags(a.p, a.size / 4, 1);
	for (offset = 0; offset < a.size; offset += NV_HUGE_PAGE)
		gpu_touch((char *)a.p + offset);
	assert_pages(a.p, size->page, size->page);
	for (offset = 0; offset < a.size; offset += PAGE_64K)
		gpu_touch((char *)a.p + offset + PAGE_64K - NV_PAGE);
	assert_pages(a.p, a.size, size->page);
	nv_pagetable_assert_true(a.p, a.size);
	gpu_write(a.p, a.size / 4, 1000);
	nv_assert_counting(a.p, a.size / 4, 1000);
	assert_pages(a.p, a.size, size->page);
	size->free(&a);
	assert_unmapped(a.p, a.size);
}

/* The GPU is first to touch: it makes the CPU's huge page, and has it. */
static void test_first_touch(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, SIZE);
	gpu_write((char *)a.p + PAGE_OFFSET, NV_WARP, 5);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	assert_unmapped((char *)a.p + NV_HUGE_PAGE, NV_HUGE_PAGE);
	nv_assert_counting((char *)a.p + PAGE_OFFSET, NV_WARP, 5);
	nv_assert_all(a.p, PAGE_OFFSET / 4, 0);
	nv_area_unmap(&a);
}

/* What is read as one page of zeros becomes memory when it is written. */
static void test_upgrade(void)
{
	struct nv_area a = { .fd = -1 };
	size_t writable;

	nv_area_thp(&a, SIZE);
	gpu_touch(a.p);
	nv_pagetable_pages(a.p, a.size, &writable);
	igt_assert_eq(writable, 0);
	gpu_write((char *)a.p + PAGE_OFFSET, NV_WARP, 5);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	nv_pagetable_pages(a.p, a.size, &writable);
	igt_assert_eq(writable, NV_HUGE_PAGE / NV_PAGE);
	nv_assert_all(a.p, PAGE_OFFSET / 4, 0);
	nv_assert_counting((char *)a.p + PAGE_OFFSET, NV_WARP, 5);
	nv_area_unmap(&a);
}

/* Nothing that nobody asked for */

static size_t populated(const void *p, size_t size)
{
	unsigned char resident[SIZE / NV_PAGE];
	size_t i, pages = 0;

	igt_assert(size <= SIZE);
	igt_assert_eq(mincore((void *)p, size, resident), 0);
	for (i = 0; i < size / NV_PAGE; i++)
		pages += resident[i] & 1;
	return pages;
}

static void touch_one(void *p, size_t before)
{
	size_t writable;

	gpu_write((char *)p + PAGE_OFFSET, NV_WARP, 1);
	igt_assert_eq(populated(p, SIZE), before + 1);
	igt_assert_eq(nv_pagetable_pages(p, SIZE, &writable), 1);
	assert_pages((char *)p + PAGE_OFFSET, NV_PAGE, NV_PAGE);
}

static void test_touch_one_anon(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, SIZE);
	touch_one(a.p, 0);
	nv_area_unmap(&a);
}

static void test_touch_one_file(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_map(&a, SIZE, READ_WRITE, MAP_SHARED, nv_file("/dev/shm", SIZE));
	touch_one(a.p, 0);
	nv_area_unmap(&a);
}

/* Neighbours come along if they are there, up to 16 pages; none is made. */
static void test_touch_around(void)
{
	struct nv_area a = { .fd = -1 };
	size_t writable;
	char *p;

	nv_area_no_thp(&a, SIZE);
	p = a.p;
	memset(p + PAGE_OFFSET, 7, BLOCK / 2 * NV_PAGE);
	memset(p + PAGE_OFFSET + BLOCK * NV_PAGE, 7, NV_PAGE);
	gpu_touch(p + PAGE_OFFSET + NV_PAGE);
	igt_assert_eq(populated(p, SIZE), BLOCK / 2 + 1);
	igt_assert_eq(nv_pagetable_pages(p, SIZE, &writable), BLOCK / 2);
	gpu_write(p + PAGE_OFFSET + (BLOCK - 1) * NV_PAGE, NV_WARP, 3);
	igt_assert_eq(populated(p, SIZE), BLOCK / 2 + 2);
	igt_assert_eq(nv_pagetable_pages(p, SIZE, &writable), BLOCK / 2 + 1);
	nv_area_unmap(&a);
}

/* While a kernel works on the memory */

/** struct test - a huge page in two of which one page changes */
struct test {
	struct nv_area area;
	struct nv_mirror m;
	uint8_t *page;
};

/*
 * The huge page with the changed page in it is mapped in smaller ones, as large
 * as they can be; its neighbour has not noticed.
 */
static void assert_split(struct test *t)
{
	const size_t block = BLOCK * NV_PAGE;
	uint8_t *p = t->m.p;

	assert_pages(p, PAGE_OFFSET, PAGE_64K);
	assert_pages(t->page + NV_PAGE, block - NV_PAGE, NV_PAGE);
	assert_pages(t->page + block, NV_HUGE_PAGE - PAGE_OFFSET - block,
		     PAGE_64K);
	assert_pages(p + NV_HUGE_PAGE, NV_HUGE_PAGE, NV_HUGE_PAGE);
}

/* A huge page for the CPU again, and for the GPU. */
static void collapse(struct test *t)
{
	int tries = TRIES;

	igt_assert_eq(madvise(t->m.p, SIZE, MADV_HUGEPAGE), 0);
	while (madvise(t->m.p, NV_HUGE_PAGE, MADV_COLLAPSE))
		igt_assert_f(errno == EAGAIN && --tries, "collapse: %s\n",
			     strerror(errno));
	nv_mirror_settle(&t->m);
	assert_pages(t->m.p, SIZE, NV_HUGE_PAGE);
}

static void change_munmap(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(munmap(t->page, NV_PAGE), 0);
	t->m.part = NULL;
	nv_mirror_settle(&t->m);
	assert_unmapped(t->page, NV_PAGE);
	assert_split(t);
	igt_assert(mmap(t->page, NV_PAGE, READ_WRITE, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0) == t->page);
	igt_assert_eq(madvise(t->page, NV_PAGE, MADV_HUGEPAGE), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_resume(&t->m, t->page);
	nv_mirror_settle(&t->m);
	collapse(t);
}

static void change_mprotect(struct test *t)
{
	size_t writable;

	nv_mirror_park(&t->m);
	igt_assert_eq(mprotect(t->page, NV_PAGE, PROT_READ), 0);
	nv_mirror_settle(&t->m);
	assert_split(t);
	nv_pagetable_pages(t->page, NV_PAGE, &writable);
	igt_assert_eq(writable, 0);
	igt_assert_eq(mprotect(t->page, NV_PAGE, READ_WRITE), 0);
	nv_mirror_resume(&t->m, t->page);
	nv_mirror_settle(&t->m);
	collapse(t);
}

static void change_dontneed(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(madvise(t->page, NV_PAGE, MADV_DONTNEED), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_resume(&t->m, t->page);
	nv_mirror_settle(&t->m);
	assert_pages(t->page, BLOCK * NV_PAGE, NV_PAGE);
	assert_split(t);
	collapse(t);
}

/* All of it goes, and comes back as huge as before. */
static void change_remap(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert(mmap(t->m.p, NV_HUGE_PAGE, READ_WRITE, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0) == t->m.p);
	igt_assert_eq(madvise(t->m.p, NV_HUGE_PAGE, MADV_HUGEPAGE), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_resume(&t->m, t->m.p);
	nv_mirror_settle(&t->m);
	assert_pages(t->m.p, SIZE, NV_HUGE_PAGE);
}

/** struct row - a change */
struct row {
	const char *name;
	void (*change)(struct test *t);
	/** @first, @last: pages that change */
	unsigned int first, last;
};

static const struct row rows[] = {
	{ "munmap-4k", change_munmap, PAGE, PAGE + 1 },
	{ "mprotect-4k", change_mprotect, PAGE, PAGE + 1 },
	{ "dontneed-4k", change_dontneed, PAGE, PAGE + 1 },
	{ "remap-2m", change_remap, 0, NV_HUGE_PAGE / NV_PAGE },
};

static void run_mode(const struct row *row, enum nv_mirror_mode mode)
{
	struct test t = { .area = { .fd = -1 } };
	int round;

	nv_area_thp(&t.area, SIZE);
	t.m.p = t.area.p;
	t.m.size = SIZE;
	t.m.first = row->first * NV_PAGE;
	t.m.last = row->last * NV_PAGE;
	t.page = t.m.p + t.m.first;
	nv_mirror_open(&t.m, &dev, mode);
	assert_pages(t.m.p, SIZE, NV_HUGE_PAGE);
	for (round = 0; round < 2; round++)
		row->change(&t);
	nv_mirror_close(&t.m, &dev);
	nv_area_unmap(&t.area);
}

static void test_change(const struct row *row)
{
	run_mode(row, NV_MIRROR_READ);
	run_mode(row, NV_MIRROR_WRITE);
	run_mode(row, NV_MIRROR_COUNT);
}

/* Others share what is in it */

/* After fork() the huge page is still one, but for reading. */
static void test_fork(void)
{
	struct nv_area a = { .fd = -1 };
	size_t writable;
	int go[2];
	char c;

	nv_area_thp(&a, NV_HUGE_PAGE);
	gpu_write(a.p, NV_HUGE_PAGE / 4, 100);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	igt_assert_eq(pipe(go), 0);
	igt_fork_child() {
		igt_assert_eq(read(go[0], &c, 1), 1);
		nv_assert_counting(a.p, NV_HUGE_PAGE / 4, 100);
	}
	gpu_touch(a.p);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	nv_pagetable_pages(a.p, NV_HUGE_PAGE, &writable);
	igt_assert_eq(writable, 0);
	gpu_write((char *)a.p + PAGE_OFFSET, NV_PAGE / 4, 7);
	nv_pagetable_pages(a.p, NV_HUGE_PAGE, &writable);
	igt_assert_eq(writable, 1);
	assert_pages((char *)a.p + PAGE_OFFSET, NV_PAGE, NV_PAGE);
	nv_pagetable_assert_true(a.p, NV_HUGE_PAGE);
	igt_assert_eq(write(go[1], "g", 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	close(go[0]);
	close(go[1]);
	nv_assert_counting((char *)a.p + PAGE_OFFSET, NV_PAGE / 4, 7);
	nv_assert_counting(a.p, PAGE_OFFSET / 4, 100);
	nv_area_unmap(&a);
}

/*
 * When the child has gone, the kernel lets its parent write to the page again
 * without a word to anybody: the GPU's old permission goes with one flush.
 */
static void test_fork_upgrade(void)
{
	struct nv_area a = { .fd = -1 };
	size_t writable;

	nv_area_thp(&a, NV_HUGE_PAGE);
	gpu_write(a.p, NV_HUGE_PAGE / 4, 100);
	igt_fork_child() {
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	gpu_touch((char *)a.p + PAGE_OFFSET);
	nv_pagetable_pages(a.p, NV_HUGE_PAGE, &writable);
	igt_assert_eq(writable, 0);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	assert_flushes(1, gpu_write((char *)a.p + PAGE_OFFSET, NV_WARP, 7));
	nv_pagetable_pages(a.p, NV_HUGE_PAGE, &writable);
	igt_assert_eq(writable, NV_HUGE_PAGE / NV_PAGE);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	nv_assert_counting((char *)a.p + PAGE_OFFSET, NV_WARP, 7);
	nv_assert_counting(a.p, PAGE_OFFSET / 4, 100);
	nv_area_unmap(&a);
}

/* Of 16 pages that are one to the GPU, the CPU gives one away, with no other. */
static void test_split_64k(void)
{
	struct nv_area a = { .fd = -1 };
	char *block, *page;

	make_mthp(&a);
	gpu_write(a.p, NV_HUGE_PAGE / 4, 100);
	assert_pages(a.p, NV_HUGE_PAGE, PAGE_64K);
	block = (char *)a.p + PAGE_OFFSET;
	page = block + 3 * NV_PAGE;
	assert_flushes(1, igt_assert_eq(madvise(page, NV_PAGE, MADV_DONTNEED),
					0));
	assert_unmapped(block, PAGE_64K);
	assert_pages(a.p, PAGE_OFFSET, PAGE_64K);
	assert_flushes(0, gpu_touch(page));
	nv_assert_all(page, NV_PAGE / 4, 0);
	assert_flushes(1, gpu_write(page, NV_PAGE / 4, 7));
	assert_flushes(0, gpu_touch(page + NV_PAGE));
	assert_pages(block, PAGE_64K, NV_PAGE);
	nv_pagetable_assert_true(a.p, NV_HUGE_PAGE);
	nv_assert_counting(page, NV_PAGE / 4, 7);
	nv_assert_counting(a.p, (page - (char *)a.p) / 4, 100);
	free_mthp(&a);
}

/* A page for the GPU alone, in the midst of a huge page for both. */
static void test_atomic(void)
{
	const size_t threads = 1024;
	struct nv_area a = { .fd = -1 };
	uint32_t *word;

	nv_area_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 2);
	gpu_touch(a.p);
	assert_pages(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	word = (uint32_t *)((char *)a.p + PAGE_OFFSET);
	nv_add_to_word(&dev, &chan, word, 3, threads);
	assert_pages(word, NV_PAGE, NV_PAGE);
	igt_assert_eq(mapped_in(a.p, NV_HUGE_PAGE, NV_HUGE_PAGE), 0);
	gpu_touch(a.p);
	nv_pagetable_assert_true(a.p, SIZE);
	igt_assert_eq(word[0], nv_tag(2, PAGE_OFFSET / 4) + 3u * threads);
	word[0] = nv_tag(2, PAGE_OFFSET / 4);
	nv_assert_tags(a.p, WORDS, 2);
	nv_area_unmap(&a);
}

/*
 * Buffers and shared memory below one entry of the page directory, both of them
 * with large pages and small ones: the hole begins and ends where it likes.
 */
static void test_hole(void)
{
	const size_t before = (1 << 20) + 4 * NV_PAGE, hole = 1ul << 30;
	struct nv_device d = { .fd = -1 };
	struct nv_bo vram, sys;
	struct nv_channel c;
	char *p;

	p = mmap((void *)LOW_ADDRESS, hole + SIZE, PROT_NONE, MAP_PRIVATE |
		 MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	igt_require_f(p == (void *)LOW_ADDRESS, "no room\n");
	igt_require_f(set_word(THP_64K, "madvise"), "no mTHP\n");
	igt_assert_eq(mprotect(p, before, READ_WRITE), 0);
	igt_assert_eq(madvise(p, before, MADV_HUGEPAGE), 0);
	nv_device_open_hole(&d, p + before, hole);
	nv_bo_new_vram(&d, PAGE_64K, &vram);
	nv_channel_new(&d, &c);
	nv_bo_new(&d, PAGE_64K, &sys);
	igt_assert(vram.va < LOW_ADDRESS + NV_HUGE_PAGE ||
		   sys.va < LOW_ADDRESS + NV_HUGE_PAGE);

	igt_assert_eq(nv_write_words(&d, &c, p, before / 4, 50), 0);
	nv_assert_counting(p, before / 4, 50);
	assert_pages(p, 1 << 20, PAGE_64K);
	assert_pages(p + (1 << 20), 4 * NV_PAGE, NV_PAGE);
	igt_assert_eq(nv_copy_words(&d, &c, (void *)(uintptr_t)vram.va, p,
				    PAGE_64K / 4), 0);
	nv_assert_counting(vram.map, PAGE_64K / 4, 50);

	/* The one goes, the other stays. */
	igt_assert_eq(munmap(p, before), 0);
	assert_unmapped(p, before);
	igt_assert_eq(nv_copy_words(&d, &c, (void *)(uintptr_t)sys.va,
				    (void *)(uintptr_t)vram.va,
				    PAGE_64K / 4), 0);
	nv_assert_counting(sys.map, PAGE_64K / 4, 50);
	igt_assert(mmap(p, before, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
			MAP_FIXED, -1, 0) == p);
	igt_assert_eq(nv_write_words(&d, &c, p, before / 4, 9), 0);
	nv_bo_free(&d, &vram);
	nv_bo_free(&d, &sys);
	nv_bo_new_vram(&d, PAGE_64K, &vram);
	igt_assert_eq(nv_copy_words(&d, &c, (void *)(uintptr_t)vram.va, p,
				    PAGE_64K / 4), 0);
	nv_assert_counting(vram.map, PAGE_64K / 4, 9);
	nv_assert_counting(p, before / 4, 9);
	nv_pagetable_assert_true(p, before);

	nv_bo_free(&d, &vram);
	nv_channel_free(&d, &c);
	nv_device_close(&d);
	munmap(p, hole + SIZE);
	igt_assert(set_word(THP_64K, "never"));
}

/* Flushes */

/* Entries that turn valid need none, whatever changes them needs one. */
static void test_flushes_small(void)
{
	const size_t part = SIZE / 4;
	struct nv_area a = { .fd = -1 };
	char *p;

	nv_area_no_thp(&a, SIZE);
	p = a.p;
	assert_flushes(0, gpu_write(p, SIZE / 4, 1));
	assert_pages(p, SIZE, NV_PAGE);
	assert_flushes(1, igt_assert_eq(munmap(p, part), 0));
	/* The kernel splits the mapping, which costs us all of a huge page. */
	assert_flushes(0, gpu_write(p + part, part / 4, 1));
	assert_flushes(0, igt_assert_eq(madvise(p + part, part, MADV_COLD), 0));
	assert_flushes(1, igt_assert_eq(mprotect(p + part, part, PROT_READ),
					0));
	assert_flushes(0, gpu_touch(p + part));
	assert_flushes(1, igt_assert_eq(mprotect(p + part, part, READ_WRITE),
					0));
	assert_flushes(1, igt_assert_eq(madvise(p + 2 * part, part,
						MADV_DONTNEED), 0));
	assert_flushes(0, memset(p + 2 * part, 1, part));
	assert_flushes(0, gpu_write(p + 2 * part, part / 4, 1));
	assert_flushes(1, nv_area_unmap(&a));
}

/* A huge page goes with its first page; then there is nothing to go. */
static void test_flushes_huge(void)
{
	struct nv_area a = { .fd = -1 };
	char *p;

	nv_area_thp(&a, SIZE);
	p = a.p;
	assert_flushes(0, gpu_write(p, SIZE / 4, 1));
	assert_pages(p, SIZE, NV_HUGE_PAGE);
	assert_flushes(1, igt_assert_eq(mprotect(p, SIZE, PROT_READ), 0));
	assert_flushes(0, gpu_touch(p));
	assert_pages(p, NV_HUGE_PAGE, NV_HUGE_PAGE);
	assert_flushes(1, igt_assert_eq(mprotect(p, SIZE, READ_WRITE), 0));
	assert_flushes(0, gpu_write(p, SIZE / 4, 2));
	assert_pages(p, SIZE, NV_HUGE_PAGE);
	assert_flushes(1, igt_assert_eq(munmap(p + PAGE_OFFSET, NV_PAGE), 0));
	assert_flushes(0, igt_assert_eq(munmap(p + PAGE_OFFSET + NV_PAGE,
					       NV_PAGE), 0));
	assert_flushes(1, nv_area_unmap(&a));
}

static const struct nv_subtest subtests[] = {
	{ "first-touch", test_first_touch },
	{ "upgrade", test_upgrade },
	{ "touch-one-anon", test_touch_one_anon },
	{ "touch-one-file", test_touch_one_file },
	{ "touch-around", test_touch_around },
	{ "fork", test_fork },
	{ "fork-upgrade", test_fork_upgrade },
	{ "split-64k", test_split_64k },
	{ "atomic", test_atomic },
	{ "hole-unaligned", test_hole },
	{ "flushes-small", test_flushes_small },
	{ "flushes-huge", test_flushes_huge },
};

int main(int argc, char **argv)
{
	char name[64];
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_policy_moves(false);
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
		pause_ms = nv_get_number(KHUGEPAGED_PAUSE);
		nv_set_number(KHUGEPAGED_PAUSE, KHUGEPAGED_NEVER_MS);
	}

	/**
	 * SUBTEST: size-%s
	 * Description: memory of that kind is mapped in pages of that size
	 */
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		snprintf(name, sizeof(name), "size-%s", sizes[i].name);
		igt_subtest(name)
			test_size(&sizes[i]);
	}

	/**
	 * SUBTEST: %s
	 * Description: that happens to a part of a huge page while a kernel
	 *	works on it; then it becomes one again
	 */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		igt_subtest(rows[i].name)
			test_change(&rows[i]);
	}

	/**
	 * SUBTEST: %s
	 * Description: see the comment above the function of that name
	 */
	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	igt_fixture {
		nv_set_number(KHUGEPAGED_PAUSE, pause_ms);
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}

	igt_exit();
}
