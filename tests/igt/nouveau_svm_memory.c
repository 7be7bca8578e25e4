// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm memory
 * Description: the GPU reads and writes memory of every kind a process has,
 *	through the process's own pointers
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each kind of memory is one row of nv_kinds.  For each, the CPU fills the
 * memory with tagged random words, a kernel copies them out (read), a kernel
 * writes its own (write), and the CPU looks at every word.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_words.h"

#define SMALL_SIZE	(16 * NV_PAGE)
#define SMALL_WORDS	(SMALL_SIZE / 4)
#define SPARSE_SIZE	(64ul << 30)
#define SPARSE_SHIFT	25	/* a word every 32 MiB */
/* Threads' offsets have 32 bits: so many threads are a kernel's share. */
#define SPARSE_THREADS	(1u << (32 - SPARSE_SHIFT))
#define READ_WRITE	(PROT_READ | PROT_WRITE)

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* asm-generic/mman-common.h */
#endif

static struct nv_device dev;
static struct nv_channel chan;

static void gpu_copy(void *dst, const void *src, size_t words)
{
	igt_assert_eq(nv_copy_words(&dev, &chan, dst, src, words), 0);
}

static void gpu_write(void *dst, size_t words, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, dst, words, first), 0);
}

/* CPU writes, GPU reads; GPU writes, CPU reads; and once more. */
static void read_write(void *p, size_t size)
{
	size_t words = size / 4;
	uint32_t *copy = malloc(size);
	uint32_t round;

	igt_assert(copy);
	for (round = 1; round <= 2; round++) {
		nv_fill_tags(p, words, round);
		gpu_copy(copy, p, words);
		nv_assert_tags(copy, words, round);
		gpu_write(p, words, round << 24);
		nv_assert_counting(p, words, round << 24);
	}
	free(copy);
}

static void test_kind(const struct nv_kind *kind)
{
	struct nv_area a = { .fd = -1 };

	kind->make(&a);
	read_write(a.p, a.size);
	kind->free(&a);
}

/* The same for an array on the stack. */
static void __attribute__((noinline)) test_stack(void)
{
	uint32_t words[2 * NV_PAGE / 4];

	read_write(words, sizeof(words));
}

/* The GPU is first to touch fresh memory: reads zeros, its writes stay. */
static void test_first_touch(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	size_t words = SMALL_SIZE / 4, i;
	uint32_t *w;

	nv_area_anon(&a, SMALL_SIZE);
	nv_area_anon(&b, SMALL_SIZE);
	w = b.p;
	nv_fill_tags(b.p, words, 1);
	gpu_copy(b.p, a.p, words);
	for (i = 0; i < words; i++)
		igt_assert_eq(w[i], 0);
	nv_area_unmap(&a);
	nv_area_anon(&a, SMALL_SIZE);
	gpu_write(a.p, words, 77);
	nv_assert_counting(a.p, words, 77);
	nv_area_unmap(&b);
	nv_area_unmap(&a);
}

/* A file mapped read-only is read in place and stays as it is. */
static void test_file_readonly(void)
{
	size_t words = SMALL_SIZE / 4;
	struct nv_area a = { .fd = -1 };
	uint32_t *copy;
	int fd;

	copy = malloc(SMALL_SIZE);
	igt_assert(copy);
	fd = nv_file("/tmp", SMALL_SIZE);
	nv_fill_tags(copy, words, 3);
	igt_assert_eq(write(fd, copy, SMALL_SIZE), SMALL_SIZE);
	memset(copy, 0, SMALL_SIZE);
	a.fd = fd;
	nv_area_map(&a, SMALL_SIZE, PROT_READ, MAP_PRIVATE, fd);
	gpu_copy(copy, a.p, words);
	nv_assert_tags(copy, words, 3);
	nv_assert_tags(a.p, words, 3);
	nv_area_unmap(&a);
	free(copy);
}

static size_t resident_pages(const struct nv_area *a)
{
	const size_t all = a->size / NV_PAGE;
	unsigned char *resident = malloc(all);
	size_t i, pages = 0;

	igt_assert(resident);
	igt_assert_eq(mincore(a->p, a->size, resident), 0);
	for (i = 0; i < all; i++)
		pages += resident[i] & 1;
	free(resident);
	return pages;
}

/*
 * One word every 32 MiB of 64 GiB, in RAM; nothing else may be populated.  (VRAM
 * would come in larger pieces.)
 */
static void test_large_sparse(void)
{
	const size_t threads = SPARSE_SIZE >> SPARSE_SHIFT;
	struct nv_area a = { .fd = -1 };
	struct nv_kernel_args args = { .shift = SPARSE_SHIFT };
	size_t i;

	nv_area_map(&a, SPARSE_SIZE, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		    MAP_NORESERVE, -1);
	igt_assert_eq(madvise(a.p, a.size, MADV_NOHUGEPAGE), 0);
	nv_policy_moves(false);
	for (i = 0; i < threads; i += SPARSE_THREADS) {
		args.dst = (uintptr_t)a.p + (i << SPARSE_SHIFT);
		args.value = i;
		nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, SPARSE_THREADS);
	}
	nv_policy_restore();
	igt_assert_eq(resident_pages(&a), threads);
	for (i = 0; i < threads; i++)
		igt_assert_eq(*(uint32_t *)((char *)a.p + (i << SPARSE_SHIFT)),
			      i);
	nv_area_unmap(&a);
}

/* A word for each thread, then one word for all: no addition is lost. */
static void test_atomic(const struct nv_kind *kind)
{
	struct nv_kernel_args args = { .value = 3, .shift = NV_WORD_SHIFT };
	const size_t threads = 1024;
	struct nv_area a = { .fd = -1 };
	uint32_t *w;
	size_t i;

	kind->make(&a);
	w = a.p;
	nv_fill_tags(a.p, threads, 4);
	args.dst = (uintptr_t)w;
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, threads);
	for (i = 0; i < threads; i++)
		igt_assert_eq(w[i], nv_tag(4, i) + 3u);
	nv_add_to_word(&dev, &chan, w, 3, threads);
	igt_assert_eq(w[0], nv_tag(4, 0) + 3u + 3u * threads);
	for (i = 1; i < threads; i++)
		igt_assert_eq(w[i], nv_tag(4, i) + 3u);
	kind->free(&a);
}

/*
 * The CPU has seen zeros there before: all of them in one page.  In RAM: a piece
 * of it that is whole would go to VRAM, as good as untouched.
 */
static void test_zero_page(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };

	nv_policy_moves(false);
	nv_area_anon(&a, SMALL_SIZE);
	nv_area_anon(&b, SMALL_SIZE);
	nv_assert_all(a.p, SMALL_WORDS, 0);
	nv_fill_tags(b.p, SMALL_WORDS, 1);
	gpu_copy(b.p, a.p, SMALL_WORDS);
	nv_assert_all(b.p, SMALL_WORDS, 0);
	nv_pagetable_assert_read_only(a.p, a.size);
	nv_pagetable_assert_true(a.p, a.size);
	gpu_write(a.p, SMALL_WORDS, 5);
	nv_assert_counting(a.p, SMALL_WORDS, 5);
	nv_pagetable_assert_true(a.p, a.size);
	nv_area_unmap(&b);
	nv_area_unmap(&a);
	nv_policy_restore();
}

/* The zero page that the GPU reads gives way to what the CPU writes. */
static void zero_page_cpu_writes(struct nv_area *a, size_t words)
{
	struct nv_area b = { .fd = -1 };

	nv_policy_moves(false);
	nv_area_anon(&b, words * 4);
	nv_fill_tags(b.p, words, 1);
	gpu_copy(b.p, a->p, words);
	nv_assert_all(b.p, words, 0);
	nv_pagetable_assert_read_only(a->p, a->size);
	nv_fill_tags(a->p, words, 2);
	nv_pagetable_assert_true(a->p, a->size);
	gpu_copy(b.p, a->p, words);
	nv_assert_tags(b.p, words, 2);
	gpu_write(a->p, words, 3);
	nv_assert_counting(a->p, words, 3);
	nv_area_unmap(&b);
	nv_policy_restore();
}

static void test_zero_page_cpu_writes(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_anon(&a, SMALL_SIZE);
	zero_page_cpu_writes(&a, SMALL_WORDS);
	nv_area_unmap(&a);
}

/* The same for a huge page of zeros. */
static void test_huge_zero_page(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, NV_HUGE_PAGE);
	zero_page_cpu_writes(&a, SMALL_WORDS);
	nv_area_unmap(&a);
}

/* Read-only memory that has data, and such that nobody has ever touched. */
static void test_read_only(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };

	nv_area_anon(&a, SMALL_SIZE);
	nv_area_anon(&b, SMALL_SIZE);
	nv_fill_tags(a.p, SMALL_WORDS, 6);
	igt_assert_eq(mprotect(a.p, a.size, PROT_READ), 0);
	gpu_copy(b.p, a.p, SMALL_WORDS);
	nv_assert_tags(b.p, SMALL_WORDS, 6);
	nv_pagetable_assert_read_only(a.p, a.size);
	nv_area_unmap(&a);
	nv_area_map(&a, SMALL_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	gpu_copy(b.p, a.p, SMALL_WORDS);
	nv_assert_all(b.p, SMALL_WORDS, 0);
	nv_area_unmap(&b);
	nv_area_unmap(&a);
}

/* The GPU reads merged pages; what it writes is for one of them alone. */
static void test_ksm(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	const size_t half = SMALL_WORDS / 2;
	uint32_t *w;

	nv_area_anon(&a, SMALL_SIZE);
	nv_area_anon(&b, SMALL_SIZE);
	w = a.p;
	memset(w, 0x5c, SMALL_SIZE);
	nv_merge(a.p, a.size);
	gpu_copy(b.p, w, SMALL_WORDS);
	nv_assert_all(b.p, SMALL_WORDS, 0x5c5c5c5c);
	nv_pagetable_assert_read_only(w, a.size);
	gpu_write(w, half, 9);
	nv_assert_counting(w, half, 9);
	nv_assert_all(w + half, half, 0x5c5c5c5c);
	nv_pagetable_assert_true(w, a.size);
	nv_area_unmap(&b);
	nv_area_unmap(&a);
}

/* A page in the middle that is out of reach costs its neighbours nothing. */
static void beside_guard(uint32_t *w)
{
	const size_t page = NV_PAGE / 4, rest = SMALL_WORDS - 4 * page;
	struct nv_area b = { .fd = -1 };

	nv_area_anon(&b, SMALL_SIZE);
	gpu_write(w, 3 * page, 1000);
	gpu_write(w + 4 * page, rest, 2000);
	nv_assert_counting(w, 3 * page, 1000);
	nv_assert_counting(w + 4 * page, rest, 2000);
	gpu_copy(b.p, w + 4 * page, rest);
	nv_assert_counting(b.p, rest, 2000);
	nv_pagetable_assert_true(w, SMALL_SIZE);
	nv_area_unmap(&b);
}

static void test_guard_page(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_anon(&a, SMALL_SIZE);
	igt_require_f(!madvise((char *)a.p + 3 * NV_PAGE, NV_PAGE,
			       MADV_GUARD_INSTALL), "no guard pages\n");
	beside_guard(a.p);
	nv_area_unmap(&a);
}

static void test_guard_mapping(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_anon(&a, SMALL_SIZE);
	igt_assert_eq(mprotect((char *)a.p + 3 * NV_PAGE, NV_PAGE, PROT_NONE),
		      0);
	beside_guard(a.p);
	nv_area_unmap(&a);
}

/* CPU and GPU take turns on one page, each adding to what the other left. */
static void test_ping_pong(void)
{
	struct nv_area a = { .fd = -1 };
	const uint32_t turns = 50;
	struct nv_kernel_args args;
	uint32_t turn, i, *w;

	nv_area_anon(&a, SMALL_SIZE);
	w = a.p;
	args = (struct nv_kernel_args) {
		.dst = (uintptr_t)w,
		.src = (uintptr_t)w,
		.shift = NV_WORD_SHIFT,
		.value = 1,
	};
	for (turn = 0; turn < turns; turn++) {
		nv_run(&dev, &chan, NV_KERNEL_INCREMENT, &args, NV_WARP);
		for (i = 0; i < NV_WARP; i++) {
			igt_assert_eq(w[i], 3 * turn + 1);
			w[i] += 2;
		}
	}
	nv_area_unmap(&a);
}

static const struct nv_subtest subtests[] = {
	{ "stack", test_stack },
	{ "first-touch", test_first_touch },
	{ "mmap-file-readonly", test_file_readonly },
	{ "large-sparse", test_large_sparse },
	{ "zero-page", test_zero_page },
	{ "zero-page-cpu-writes", test_zero_page_cpu_writes },
	{ "huge-zero-page", test_huge_zero_page },
	{ "read-only", test_read_only },
	{ "ksm", test_ksm },
	{ "guard-page", test_guard_page },
	{ "guard-mapping", test_guard_mapping },
	{ "ping-pong", test_ping_pong },
};

int main(int argc, char **argv)
{
	char name[64];
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
	}

	/**
	 * SUBTEST: %s
	 * Description: GPU reads and writes memory of that kind
	 */
	for (i = 0; i < nv_nr_kinds; i++) {
		igt_subtest(nv_kinds[i].name)
			test_kind(&nv_kinds[i]);
	}

	/**
	 * SUBTEST: atomic-%s
	 * Description: atomic additions to memory of that kind are exact
	 */
	for (i = 0; i < nv_nr_kinds; i++) {
		if (nv_kinds[i].shared)
			continue;
		snprintf(name, sizeof(name), "atomic-%s", nv_kinds[i].name);
		igt_subtest(name)
			test_atomic(&nv_kinds[i]);
	}

	/**
	 * SUBTEST: %s
	 * Description: see the comment above the function of that name
	 */
	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	igt_fixture {
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}

	igt_exit();
}
