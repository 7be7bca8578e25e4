// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm policy
 * Description: memory that the GPU faults on moves to VRAM, if it is told to
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * With nouveau's parameter svm_migrate=1; parameters are what they were when the
 * program ends.  Where memory is, is read from the GPU's page tables, the CPU's,
 * and the driver's counters; what is in it is compared word by word.
 */
#define _GNU_SOURCE
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_mirror.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PARAMETERS	"/sys/module/nouveau/parameters/"
#define MIGRATE		PARAMETERS "svm_migrate"
#define BOUNCE		PARAMETERS "svm_bounce_ms"
#define DENSITY		PARAMETERS "svm_density"
/* What goes to VRAM together, unless it is a huge page. */
#define PIECE		(16 * NV_PAGE)
#define PIECE_PAGES	16
#define PIECE_SHIFT	16
/* Pieces that go at the same time, and lie together, are one buffer. */
#define BLOCK		(4 * PIECE)
#define PAGE_SHIFT	12
#define HUGE_SHIFT	21
#define SIZE		NV_HUGE_PAGE
#define PAGES		(SIZE / NV_PAGE)
#define WORDS		(SIZE / 4)
#define MIRROR_TURNS	3
/* Not twice a power of two, so that the last ones are in advance of nobody. */
#define AHEAD_PAGES	100
/* CPU and GPU quarrel no longer, and the driver looks again soon after. */
#define QUARREL_SECONDS	20
#define QUARREL_COUNTS	65536
#define BOUNCES		3
/* Two at a time are two threads, which the test machine often runs in turn. */
#define OVERLAP_SIZE	(4 * SIZE)
/* The test machine is slow. */
#define BOUNCE_MS	1000
#define RETRY_TRIES	100
#define RETRY_PAUSE_US	20000
#define READ_WRITE	(PROT_READ | PROT_WRITE)

static struct nv_device dev;
static struct nv_channel chan;
static long migrate = -1, bounce = -1, density = -1;

static void set_policy(long policy)
{
	igt_assert(nv_set_number(MIGRATE, policy));
}

static size_t gpu_pages(const void *p, size_t size)
{
	size_t writable;

	return nv_pagetable_pages(p, size, &writable);
}

/* Thread i writes first + i to the word at dst + (i << shift). */
static void gpu_touches(void *dst, unsigned int shift, unsigned int threads,
			uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.shift = shift,
		.value = first,
	};

	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, threads);
}

/* All threads write to the same word: one fault. */
static void gpu_touches_one(void *p)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.value = 1,
		.shift = NV_SHIFT_SAME_WORD,
	};

	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, 1);
}

static void gpu_copies(void *dst, const void *src, size_t size)
{
	igt_assert_eq(nv_copy_words(&dev, &chan, dst, src, size / 4), 0);
}

static void test_off(void)
{
	const uint64_t moved = nv_count("pages_to_vram");
	struct nv_area a = { .fd = -1 };

	set_policy(0);
	nv_area_no_thp(&a, SIZE);
	gpu_touches(a.p, NV_WORD_SHIFT, WORDS, 7);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), 0);
	nv_assert_counting(a.p, WORDS, 7);
	igt_assert_eq(nv_count("pages_to_vram"), moved);
	nv_area_unmap(&a);
	igt_assert(!nv_set_number(MIGRATE, 2));
	igt_assert_eq(nv_get_number(MIGRATE), 0);
}

/* What the GPU is first to touch never has a page in RAM. */
static void test_first_touch(void)
{
	const uint64_t copied = nv_count("copy_bytes");
	const uint64_t cleared = nv_count("clear_bytes");
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, SIZE);
	gpu_touches(a.p, NV_WORD_SHIFT, WORDS, 7);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), PAGES);
	igt_assert_eq(nv_present_pages(a.p, SIZE), 0);
	igt_assert_eq(nv_count("copy_bytes"), copied);
	igt_assert_eq(nv_count("clear_bytes"), cleared + SIZE);
	nv_pagetable_assert_true(a.p, SIZE);
	nv_assert_counting(a.p, WORDS, 7);
	igt_assert_eq(nv_present_pages(a.p, SIZE), PAGES);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Huge pages are advised: one word each, and the GPU has all of it as one. */
static void test_first_touch_huge(void)
{
	const uint64_t cleared = nv_count("clear_bytes");
	const size_t size = NV_WARP * NV_HUGE_PAGE;
	struct nv_area a = { .fd = -1 };
	uint32_t *w;
	size_t i;

	nv_area_thp(&a, size);
	gpu_touches(a.p, HUGE_SHIFT, NV_WARP, 7);
	igt_assert_eq(nv_pagetable_bytes(a.p, size, NV_HUGE_PAGE), size);
	igt_assert_eq(nv_pagetable_vram(a.p, size), size / NV_PAGE);
	igt_assert_eq(nv_count("clear_bytes"), cleared + size);
	for (i = 0; i < NV_WARP; i += NV_WARP - 1) {
		w = a.p + i * NV_HUGE_PAGE;
		igt_assert_eq(w[0], 7 + i);
		nv_assert_all(w + 1, WORDS - 1, 0);
	}
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* What the CPU has filled is copied once, and is the same there and back. */
static void populated(struct nv_area *src, size_t vram_page)
{
	const uint64_t copied = nv_count("copy_bytes");
	const uint64_t cleared = nv_count("clear_bytes");
	struct nv_area dst = { .fd = -1 };

	nv_area_no_thp(&dst, SIZE);
	nv_fill_tags(src->p, WORDS, 1);
	gpu_copies(dst.p, src->p, SIZE);
	igt_assert_eq(nv_pagetable_vram(src->p, SIZE), PAGES);
	igt_assert_eq(nv_pagetable_bytes(src->p, SIZE, vram_page), SIZE);
	igt_assert_eq(nv_pagetable_vram(dst.p, SIZE), PAGES);
	igt_assert_eq(nv_count("copy_bytes"), copied + SIZE);
	igt_assert_eq(nv_count("clear_bytes"), cleared + SIZE);
	nv_assert_tags(dst.p, WORDS, 1);
	nv_assert_tags(src->p, WORDS, 1);
	nv_area_unmap(&dst);
	nv_area_unmap(src);
	nv_assert_vram_empty();
}

static void test_populated(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, SIZE);
	populated(&a, PIECE);
}

static void test_populated_huge(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, SIZE);
	populated(&a, NV_HUGE_PAGE);
}

/* One block is copied while the CPU prepares another. */
static void test_overlap(void)
{
	const uint64_t overlapped = nv_count("copies_overlapped");
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, OVERLAP_SIZE);
	nv_fill_tags(a.p, OVERLAP_SIZE / 4, 1);
	gpu_touches(a.p, PAGE_SHIFT, OVERLAP_SIZE / NV_PAGE, 7);
	igt_assert_eq(nv_pagetable_vram(a.p, OVERLAP_SIZE),
		      OVERLAP_SIZE / NV_PAGE);
	igt_assert(nv_count("copies_overlapped") > overlapped);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* One touch moves one piece; more than half of a block, the rest of it. */
static void test_around(void)
{
	const uint64_t cleared = nv_count("clear_bytes");
	const unsigned int want[] = { 1, 2, 4, 4, 8 };
	struct nv_area a = { .fd = -1 };
	size_t i;

	nv_area_no_thp(&a, SIZE);
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		gpu_touches_one(a.p + i * PIECE + 5 * NV_PAGE);
		igt_assert_eq(nv_count("clear_bytes"), cleared + want[i] * PIECE);
		igt_assert_eq(gpu_pages(a.p + want[i] * PIECE,
					SIZE - want[i] * PIECE), 0);
	}
	gpu_touches_one(a.p + 20 * PIECE);
	igt_assert_eq(nv_count("clear_bytes"), cleared + 9 * PIECE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* How much of a block takes the rest along is told to the driver. */
static void test_density(void)
{
	const struct {
		long percent;
		size_t want;
	} rows[] = { { 100, 1 }, { 51, 1 }, { 50, 2 }, { 25, 4 }, { 12, 8 } };
	struct nv_area a = { .fd = -1 };
	uint64_t cleared;
	size_t i;

	igt_assert_eq(density, 51);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cleared = nv_count("clear_bytes");
		igt_assert(nv_set_number(DENSITY, rows[i].percent));
		nv_area_no_thp(&a, SIZE);
		gpu_touches_one(a.p);
		igt_assert_eq(nv_count("clear_bytes"),
			      cleared + rows[i].want * PIECE);
		nv_area_unmap(&a);
		nv_assert_vram_empty();
	}
	igt_assert(nv_set_number(DENSITY, density));
	igt_assert(!nv_set_number(DENSITY, 0));
	igt_assert(!nv_set_number(DENSITY, 101));
}

/* The CPU's touch brings back what has gone together, and no more. */
static void test_back(void)
{
	struct nv_area a = { .fd = -1 };
	uint32_t *w;

	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	gpu_touches(a.p, PIECE_SHIFT, SIZE / PIECE, 7);
	igt_assert_eq(nv_present_pages(a.p, SIZE), 0);
	w = a.p + 3 * PIECE;
	igt_assert_eq(w[0], 7 + 3);
	igt_assert_eq(nv_present_pages(a.p, SIZE), BLOCK / NV_PAGE);
	igt_assert_eq(nv_present_pages(a.p, BLOCK), BLOCK / NV_PAGE);
	igt_assert_eq(nv_pagetable_vram(a.p, BLOCK), 0);
	w[1]++;
	gpu_touches(a.p, PIECE_SHIFT, SIZE / PIECE, 9);
	igt_assert_eq(nv_pagetable_vram(w, PIECE), PIECE_PAGES);
	igt_assert_eq(w[0], 9 + 3);
	igt_assert_eq(w[1], nv_tag(1, 3 * PIECE / 4 + 1) + 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Pieces that can't go, among pieces that do: all are mapped. */
static void test_mixed(void)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p;
	size_t i;

	nv_area_no_thp(&a, SIZE);
	p = a.p;
	nv_fill_tags(p, WORDS, 1);
	igt_assert_eq(munmap(p + 5 * NV_PAGE, NV_PAGE), 0);
	igt_assert_eq(mlock(p + PIECE, PIECE), 0);
	nv_put_file(p + 2 * PIECE, PIECE);
	gpu_touches(p, PIECE_SHIFT, SIZE / PIECE, 7);
	igt_assert_eq(nv_pagetable_vram(p, 3 * PIECE), 0);
	igt_assert_eq(nv_pagetable_vram(p + 3 * PIECE, SIZE - 3 * PIECE),
		      PAGES - 3 * PIECE_PAGES);
	nv_pagetable_assert_true(p, SIZE);
	for (i = 0; i < SIZE / PIECE; i++)
		igt_assert_eq(*(uint32_t *)(p + i * PIECE), 7 + i);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Less than a piece is not worth it. */
static void test_small(void)
{
	const uint64_t moved = nv_count("pages_to_vram");
	struct nv_area a = { .fd = -1 };
	const size_t size = PIECE - NV_PAGE;

	nv_area_no_thp(&a, size);
	gpu_touches(a.p, NV_WORD_SHIFT, size / 4, 7);
	igt_assert_eq(gpu_pages(a.p, size), size / NV_PAGE);
	igt_assert_eq(nv_count("pages_to_vram"), moved);
	nv_assert_counting(a.p, size / 4, 7);
	nv_area_unmap(&a);
}

/*
 * A child has the same pages: they stay in RAM when the GPU reads.  When it
 * writes, the child keeps what was in them.
 */
static void test_shared(void)
{
	struct nv_area a = { .fd = -1 }, dst = { .fd = -1 };
	int start[2];
	char byte = 1;

	igt_assert(!pipe(start));
	nv_area_no_thp(&a, SIZE);
	nv_area_no_thp(&dst, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	igt_fork_child() {
		igt_assert_eq(read(start[0], &byte, 1), 1);
		nv_assert_tags(a.p, WORDS, 1);
	}
	gpu_copies(dst.p, a.p, SIZE);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), 0);
	igt_assert_eq(gpu_pages(a.p, SIZE), PAGES);
	nv_assert_tags(dst.p, WORDS, 1);
	gpu_touches(a.p, NV_WORD_SHIFT, WORDS, 7);
	igt_assert_eq(write(start[1], &byte, 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(a.p, WORDS, 7);
	nv_area_unmap(&dst);
	nv_area_unmap(&a);
	close(start[0]);
	close(start[1]);
	nv_assert_vram_empty();
}

/* Atomics are done in VRAM; no page has to be taken from the CPU for them. */
static void test_atomic(void)
{
	const uint64_t exclusive = nv_count("pages_exclusive");
	const struct nv_kernel_args args = { .value = 3, .shift = PAGE_SHIFT };
	struct nv_kernel_args with = args;
	struct nv_area a = { .fd = -1 };
	uint32_t *w;
	size_t i;

	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	with.dst = (uintptr_t)a.p;
	nv_run(&dev, &chan, NV_KERNEL_ADD, &with, PAGES);
	igt_assert_eq(nv_count("pages_exclusive"), exclusive);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), PAGES);
	for (i = 0; i < PAGES; i++) {
		w = a.p + i * NV_PAGE;
		igt_assert_eq(w[0], nv_tag(1, i * NV_PAGE / 4) + 3u);
	}
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/*
 * The CPU counts, in a page beside the GPU's words, until they are kept where
 * both can reach them.  Returns how far.
 */
static uint32_t quarrel(volatile uint32_t *word)
{
	const uint64_t end = now_ms() + QUARREL_SECONDS * 1000;
	const uint64_t kept = nv_count("ranges_kept");
	uint32_t count = 0;

	do {
		++*word;
		count++;
	} while (count % QUARREL_COUNTS ||
		 (now_ms() < end && nv_count("ranges_kept") == kept));
	igt_assert(nv_count("ranges_kept") > kept);
	return count;
}

/* Soon after, all of it is in VRAM. */
static bool vram_again(void *p, size_t size)
{
	int tries;

	for (tries = 0; tries < RETRY_TRIES; tries++) {
		if (nv_pagetable_vram(p, size) == size / NV_PAGE)
			return true;
		usleep(RETRY_PAUSE_US);
	}
	return false;
}

/*
 * CPU and GPU count in the same piece of memory without pause.  It bounces,
 * then stays in RAM: both get on, and no count is lost.  When the CPU leaves it
 * alone it goes to VRAM after a while.
 */
static void ping_pong(enum nv_mirror_mode mode)
{
	const uint64_t bounces = nv_count("bounces");
	const size_t size = PIECE - NV_PAGE;
	struct nv_area a = { .fd = -1 };
	struct nv_mirror m;
	uint32_t *w, count;

	nv_area_no_thp(&a, PIECE);
	w = a.p + size;
	m = (struct nv_mirror) { .p = a.p, .size = size, .last = size };
	igt_assert(nv_set_number(BOUNCE, BOUNCE_MS));
	nv_mirror_open(&m, &dev, mode);
	nv_mirror_settle(&m);
	count = quarrel(w);
	igt_assert(nv_count("bounces") >= bounces + BOUNCES);
	nv_mirror_settle(&m);
	igt_assert_eq(*w, count);
	igt_assert(vram_again(a.p, size));
	nv_mirror_settle(&m);
	nv_mirror_close(&m, &dev);
	igt_assert_eq(*w, count);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static void test_ping_pong(void)
{
	ping_pong(NV_MIRROR_COUNT);
}

static void test_ping_pong_atomic(void)
{
	ping_pong(NV_MIRROR_ADD);
}

/*
 * A kernel works on memory without pause, and the CPU looks at all of it, which
 * is in VRAM until it bounces too often.
 */
static void test_mirror(enum nv_mirror_mode mode)
{
	const uint64_t to_vram = nv_count("pages_to_vram");
	const uint64_t to_ram = nv_count("pages_to_ram");
	struct nv_area a = { .fd = -1 };
	struct nv_mirror m;
	int i, advice;

	nv_area_thp(&a, SIZE);
	m = (struct nv_mirror) { .p = a.p, .size = SIZE, .last = SIZE };
	nv_mirror_open(&m, &dev, mode);
	for (i = 0; i < MIRROR_TURNS; i++) {
		nv_mirror_settle(&m);
		advice = i & 1 ? MADV_HUGEPAGE : MADV_NOHUGEPAGE;
		igt_assert_eq(madvise(a.p, SIZE, advice), 0);
	}
	nv_mirror_close(&m, &dev);
	igt_assert(nv_count("pages_to_vram") > to_vram + PAGES / 2);
	igt_assert(nv_count("pages_to_ram") > to_ram + PAGES / 2);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* One page after the other: others are there in advance, but not too many. */
static void test_ahead(void)
{
	const uint64_t batches = nv_count("fault_batches");
	struct nv_area a = { .fd = -1 };
	const uint32_t *words;
	uint32_t touched;
	size_t i, there;

	set_policy(0);
	nv_area_no_thp(&a, SIZE);
	words = a.p;
	for (i = 0; i < AHEAD_PAGES; i++)
		gpu_touches((char *)a.p + i * NV_PAGE, NV_WORD_SHIFT, 1, 1);
	there = nv_present_pages(a.p, SIZE);
	igt_info("%zu pages, %lu batches\n", there,
		 (long)(nv_count("fault_batches") - batches));
	igt_assert(there >= AHEAD_PAGES && there <= AHEAD_PAGES * 3 / 2);
	igt_assert(nv_count("fault_batches") - batches < AHEAD_PAGES / 4);
	for (i = 0; i < WORDS; i++) {
		touched = i < AHEAD_PAGES * NV_PAGE / 4 &&
			  i % (NV_PAGE / 4) == 0;
		igt_assert_eq(words[i], touched);
	}
	nv_pagetable_assert_true(a.p, SIZE);
	nv_area_unmap(&a);
}

static void test_under_reads(void)
{
	test_mirror(NV_MIRROR_READ);
}

static void test_under_writes(void)
{
	test_mirror(NV_MIRROR_WRITE);
}

static void test_under_counts(void)
{
	test_mirror(NV_MIRROR_COUNT);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "first-touch", test_first_touch },
	{ "first-touch-huge", test_first_touch_huge },
	{ "populated", test_populated },
	{ "populated-huge", test_populated_huge },
	{ "overlap", test_overlap },
	{ "around", test_around },
	{ "density", test_density },
	{ "back", test_back },
	{ "mixed", test_mixed },
	{ "small", test_small },
	{ "shared", test_shared },
	{ "atomic", test_atomic },
	{ "ping-pong", test_ping_pong },
	{ "ping-pong-atomic", test_ping_pong_atomic },
	{ "under-reads", test_under_reads },
	{ "under-writes", test_under_writes },
	{ "under-counts", test_under_counts },
	{ "ahead", test_ahead },
	{ "off", test_off },
};

static void restore(int sig)
{
	(void)sig;
	if (migrate >= 0)
		nv_set_number(MIGRATE, migrate);
	if (bounce >= 0)
		nv_set_number(BOUNCE, bounce);
	if (density >= 0)
		nv_set_number(DENSITY, density);
}

static void prepare(void)
{
	migrate = nv_get_number(MIGRATE);
	bounce = nv_get_number(BOUNCE);
	density = nv_get_number(DENSITY);
	igt_require_f(migrate >= 0 && bounce >= 0, "no " MIGRATE "\n");
	igt_install_exit_handler(restore);
	set_policy(1);
}

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), prepare);
}
