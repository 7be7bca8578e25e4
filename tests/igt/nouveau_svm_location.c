// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm location
 * Description: memory lives where the program has advised, and the driver tells
 *	where it is
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Where memory is, is read from the GPU's page tables, and the driver's answer
 * is held against that.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define BOUNCE		"/sys/module/nouveau/parameters/svm_bounce_ms"
/* What goes to VRAM together, unless it is a huge page. */
#define PIECE		(16 * NV_PAGE)
#define SIZE		NV_HUGE_PAGE
#define WORDS		(SIZE / 4)
#define PIECE_SHIFT	16
/* More than it takes to be noticed, and time enough on a slow machine. */
#define BOUNCES		5
#define BOUNCE_MS	1000
/* How often the GPU takes memory while somebody asks where it is. */
#define ROUNDS		16
#define VERSION		2
#define VRAM		NOUVEAU_SVM_LOCATION_VRAM
#define SYSTEM		NOUVEAU_SVM_LOCATION_SYSTEM
#define NONE		NOUVEAU_SVM_LOCATION_NONE

static struct nv_device dev;
static struct nv_channel chan;
static long bounce = -1;

/* A word in each piece; what nobody wrote is 0. */
static void gpu_touches(void *p, size_t size, uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = PIECE_SHIFT,
		.value = first,
	};

	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, size / PIECE);
}

static void assert_touched(const uint32_t *w, size_t size, uint32_t first)
{
	size_t i;

	for (i = 0; i < size / PIECE; i++)
		igt_assert_eq(w[i * PIECE / 4], first + i);
}

/* What the driver says is what its page tables say. */
static void assert_where(const void *p, size_t size, size_t vram, size_t ram)
{
	struct drm_nouveau_svm_query q = nv_query(&dev, p, size);
	size_t writable;

	igt_assert_eq(q.vram_bytes, vram);
	igt_assert_eq(q.ram_bytes, ram);
	igt_assert_eq(q.mapped_bytes,
		      nv_pagetable_pages(p, size, &writable) * NV_PAGE);
	igt_assert_eq(nv_pagetable_vram(p, size) * NV_PAGE, vram);
}

/* It goes there though memory stays by default; what is beside it stays. */
static void test_vram(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_prefer(&dev, a.p, SIZE / 2, VRAM);
	assert_where(a.p, SIZE, 0, 0);
	nv_fill_tags(a.p, WORDS, 1);
	assert_where(a.p, SIZE, 0, SIZE);
	gpu_touches(a.p, SIZE, 7);
	assert_where(a.p, SIZE, SIZE / 2, SIZE / 2);
	assert_where(a.p, SIZE / 2, SIZE / 2, 0);
	nv_pagetable_assert_true(a.p, SIZE);
	assert_touched(a.p, SIZE, 7);
	igt_assert_eq(((uint32_t *)a.p)[1], nv_tag(1, 1));
	assert_where(a.p, SIZE, 0, SIZE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Nobody has touched it, and it never has a page in RAM. */
static void test_vram_huge(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_thp(&a, SIZE);
	nv_prefer(&dev, a.p, SIZE, VRAM);
	gpu_touches(a.p, SIZE, 7);
	assert_where(a.p, SIZE, SIZE, 0);
	igt_assert_eq(nv_pagetable_bytes(a.p, SIZE, NV_HUGE_PAGE), SIZE);
	assert_touched(a.p, SIZE, 7);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* It stays though memory moves by default. */
static void test_system(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(true));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	nv_prefer(&dev, a.p, SIZE / 2, SYSTEM);
	gpu_touches(a.p, SIZE, 7);
	assert_where(a.p, SIZE / 2, 0, SIZE / 2);
	assert_where(a.p + SIZE / 2, SIZE / 2, SIZE / 2, 0);
	nv_pagetable_assert_true(a.p, SIZE);
	assert_touched(a.p, SIZE, 7);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* A piece goes as a whole: one page that shall stay keeps it. */
static void test_part_of_piece(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	nv_prefer(&dev, a.p + NV_PAGE, SIZE - NV_PAGE, VRAM);
	nv_prefer(&dev, a.p + 4 * PIECE + 3 * NV_PAGE, NV_PAGE, SYSTEM);
	gpu_touches(a.p + NV_PAGE, SIZE - PIECE, 7);
	igt_assert_eq(nv_query(&dev, a.p, PIECE).vram_bytes, 0);
	assert_where(a.p + PIECE, 3 * PIECE, 3 * PIECE, 0);
	igt_assert_eq(nv_query(&dev, a.p + 4 * PIECE, PIECE).vram_bytes, 0);
	assert_where(a.p + 5 * PIECE, 26 * PIECE, 26 * PIECE, 0);
	assert_touched(a.p + NV_PAGE, SIZE - PIECE, 7);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* The GPU has it mapped in RAM, and is made to ask again. */
static void test_change(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	gpu_touches(a.p, SIZE, 7);
	assert_where(a.p, SIZE, 0, SIZE);
	nv_prefer(&dev, a.p, SIZE, VRAM);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).mapped_bytes, 0);
	gpu_touches(a.p, SIZE, 9);
	assert_where(a.p, SIZE, SIZE, 0);
	nv_prefer(&dev, a.p, SIZE, SYSTEM);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).vram_bytes, SIZE);
	assert_touched(a.p, SIZE, 9);
	gpu_touches(a.p, SIZE, 11);
	assert_where(a.p, SIZE, 0, SIZE);
	nv_prefer(&dev, a.p, SIZE, NONE);
	igt_assert(nv_policy_moves(true));
	gpu_touches(a.p, SIZE, 13);
	assert_where(a.p, SIZE, SIZE, 0);
	assert_touched(a.p, SIZE, 13);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* CPU and GPU take turns.  Returns how often it was in VRAM. */
static int quarrel(void *p)
{
	int i, there = 0;

	for (i = 0; i < BOUNCES; i++) {
		gpu_touches(p, SIZE, 7 + i);
		there += nv_pagetable_vram(p, SIZE) == SIZE / NV_PAGE;
		assert_touched(p, SIZE, 7 + i);
	}
	return there;
}

/* What is advised to be in VRAM is not kept in RAM for being wanted there. */
static void test_quarrel(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	uint64_t kept;

	igt_assert(nv_policy_moves(true));
	igt_assert(nv_set_number(BOUNCE, BOUNCE_MS));
	nv_area_no_thp(&a, SIZE);
	nv_area_no_thp(&b, SIZE);
	kept = nv_count("ranges_kept");
	igt_assert(quarrel(a.p) < BOUNCES);
	igt_assert_eq(nv_count("ranges_kept"), kept + 1);
	nv_prefer(&dev, b.p, SIZE, VRAM);
	igt_assert_eq(quarrel(b.p), BOUNCES);
	igt_assert_eq(nv_count("ranges_kept"), kept + 1);
	nv_area_unmap(&b);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* What can't go stays, and is no worse for that. */
static void test_other_kinds(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_put_file(a.p, 2 * PIECE);
	nv_fill_tags(a.p, WORDS, 1);
	nv_prefer(&dev, a.p, SIZE, VRAM);
	gpu_touches(a.p, SIZE, 7);
	assert_where(a.p, 2 * PIECE, 0, 2 * PIECE);
	assert_where(a.p + 2 * PIECE, SIZE - 2 * PIECE, SIZE - 2 * PIECE, 0);
	assert_touched(a.p, SIZE, 7);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Of each state some pages, and of holes and addresses beyond. */
static void test_query(void)
{
	struct nv_area a = { .fd = -1 };
	struct drm_nouveau_svm_query q;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p + 2 * PIECE, 3 * PIECE),
		      3 * PIECE / NV_PAGE);
	igt_assert_eq(munmap(a.p + 8 * PIECE, PIECE), 0);
	igt_assert_eq(madvise(a.p + 10 * PIECE, 2 * PIECE, MADV_DONTNEED), 0);
	igt_assert_eq(mprotect(a.p + 12 * PIECE, PIECE, PROT_NONE), 0);
	q = nv_query(&dev, a.p, SIZE);
	igt_assert_eq(q.vram_bytes, 3 * PIECE);
	igt_assert_eq(q.absent_bytes, 4 * PIECE);
	igt_assert_eq(q.mapped_bytes, 0);
	igt_assert_eq(q.location, NONE);
	igt_assert(q.advice_end == q.start + SIZE);
	nv_add_to_word(&dev, &chan, a.p + 20 * PIECE, 1, 1);
	q = nv_query(&dev, a.p + 20 * PIECE, NV_PAGE);
	igt_assert_eq(q.ram_bytes, NV_PAGE);
	igt_assert_eq(q.mapped_bytes, NV_PAGE);
	q = nv_query(&dev, NULL, (1ull << 47) - NV_PAGE);
	igt_assert_eq(q.vram_bytes, 3 * PIECE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Huge pages in VRAM are counted in part. */
static void test_query_huge(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, SIZE), SIZE / NV_PAGE);
	igt_assert_eq(nv_query(&dev, a.p + PIECE, SIZE - PIECE).vram_bytes,
		      SIZE - PIECE);
	igt_assert_eq(nv_query(&dev, a.p + 5 * NV_PAGE, NV_PAGE).vram_bytes,
		      NV_PAGE);
	nv_assert_tags(a.p, WORDS, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/** struct asker - somebody who asks where memory is, again and again */
struct asker {
	/** @p: the memory, SIZE of it */
	void *p;
	/** @over: it is enough */
	atomic_bool over;
	/** @wrong: answers that can't be */
	unsigned int wrong;
	/** @thread: the thread */
	pthread_t thread;
};

/* Each page is in one place at most, whatever happens to it meanwhile. */
static void *ask(void *arg)
{
	struct drm_nouveau_svm_query q;
	struct asker *asker = arg;

	while (!asker->over) {
		if (nv_try_query(&dev, asker->p, SIZE, &q))
			continue;
		asker->wrong += q.vram_bytes + q.ram_bytes > SIZE ||
				q.absent_bytes > SIZE || q.mapped_bytes > SIZE;
	}
	return NULL;
}

/*
 * The answer is of no time in particular, but never of none.  That a query reads
 * what a fault writes is for the kernel that looks for races to see.
 */
static void test_query_meanwhile(void)
{
	struct asker asker = {};
	struct nv_area a = { .fd = -1 };
	int i;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	asker.p = a.p;
	igt_assert_eq(pthread_create(&asker.thread, NULL, ask, &asker), 0);
	for (i = 0; i < ROUNDS; i++) {
		nv_fill_tags(a.p, WORDS, i);
		nv_add_to_word(&dev, &chan, a.p, SIZE / PIECE, 1);
		gpu_touches(a.p, SIZE, 7);
	}
	asker.over = true;
	igt_assert_eq(pthread_join(asker.thread, NULL), 0);
	igt_assert_eq(asker.wrong, 0);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "vram", test_vram },
	{ "vram-huge", test_vram_huge },
	{ "system", test_system },
	{ "part-of-piece", test_part_of_piece },
	{ "change", test_change },
	{ "quarrel", test_quarrel },
	{ "other-kinds", test_other_kinds },
	{ "query", test_query },
	{ "query-huge", test_query_huge },
	{ "query-meanwhile", test_query_meanwhile },
};

static void restore(int sig)
{
	(void)sig;
	if (bounce >= 0)
		nv_set_number(BOUNCE, bounce);
}

static void prepare(void)
{
	nv_require_version(VERSION);
	bounce = nv_get_number(BOUNCE);
	igt_install_exit_handler(restore);
}

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), prepare);
}
