// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm verbs
 * Description: what a program tells the driver about its memory beside where it
 *	is to live: prefetch, discard, accessed-by, read-mostly
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Where memory is, is read from the GPU's page tables and the driver's answer;
 * that the GPU did not fault, from the driver's counters.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_uffd.h"
#include "nv_words.h"

/* What goes to VRAM together, unless it is a huge page. */
#define PIECE		(16 * NV_PAGE)
#define SIZE		NV_HUGE_PAGE
#define PAGES		(SIZE / NV_PAGE)
#define WORDS		(SIZE / 4)
#define TRIES		200
#define PAUSE_US	10000
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* asm-generic/mman-common.h */
#endif
#define WAIT_MS		10000
#define SPARSE_SIZE	(512 * NV_HUGE_PAGE)
#define VERSION		3
#define VRAM		NOUVEAU_SVM_LOCATION_VRAM
#define SYSTEM		NOUVEAU_SVM_LOCATION_SYSTEM
#define PREFETCH	NOUVEAU_SVM_ADVISE_PREFETCH
#define DISCARD		NOUVEAU_SVM_ADVISE_DISCARD
#define ACCESSED_BY	NOUVEAU_SVM_ADVISE_ACCESSED_BY
#define READ_MOSTLY	NOUVEAU_SVM_ADVISE_READ_MOSTLY

static struct nv_device dev;
static struct nv_channel chan;

static size_t gpu_pages(const void *p, size_t size)
{
	size_t writable;

	return nv_pagetable_pages(p, size, &writable);
}

static size_t gpu_writable(const void *p, size_t size)
{
	size_t writable;

	nv_pagetable_pages(p, size, &writable);
	return writable;
}

static void gpu_writes(void *p, size_t size, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, p, size / 4, first), 0);
}

/* The GPU reads all of it; what it has read is right. */
static void gpu_reads(const void *p, size_t size, uint32_t round)
{
	struct nv_area copy = { .fd = -1 };

	nv_area_no_thp(&copy, SIZE);
	nv_prefer(&dev, copy.p, SIZE, SYSTEM);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy.p, p, size / 4), 0);
	nv_assert_tags(copy.p, size / 4, round);
	nv_area_unmap(&copy);
}

/* There, mapped, and the GPU has no fault when it writes. */
static void prefetched(void *p, size_t size, uint32_t where)
{
	uint64_t packets;

	nv_advise(&dev, p, size, PREFETCH, where);
	igt_assert_eq(gpu_writable(p, size), size / NV_PAGE);
	igt_assert_eq(nv_pagetable_vram(p, size),
		      where == VRAM ? size / NV_PAGE : 0);
	nv_pagetable_assert_true(p, size);
	packets = nv_count("fault_packets");
	gpu_writes(p, size, 7);
	igt_assert_eq(nv_count("fault_packets"), packets);
	nv_assert_counting(p, size / 4, 7);
}

/* Filled, or never touched; in both directions; whatever the policy is. */
static void prefetch(bool moves, bool huge)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(moves));
	(huge ? nv_area_thp : nv_area_no_thp)(&a, SIZE);
	prefetched(a.p, SIZE, VRAM);
	prefetched(a.p, SIZE, SYSTEM);
	prefetched(a.p, SIZE, VRAM);
	igt_assert_eq(madvise(a.p, SIZE, MADV_DONTNEED), 0);
	prefetched(a.p, SIZE, SYSTEM);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).advice, 0);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static void test_prefetch(void)
{
	prefetch(false, false);
}

static void test_prefetch_moves(void)
{
	prefetch(true, false);
}

static void test_prefetch_huge(void)
{
	prefetch(false, true);
}

/* A part, and nothing beside it. */
static void test_prefetch_part(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_advise(&dev, a.p + 5 * NV_PAGE, 20 * NV_PAGE, PREFETCH, VRAM);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), 20);
	igt_assert_eq(gpu_pages(a.p + 5 * NV_PAGE, 20 * NV_PAGE), 20);
	nv_advise(&dev, a.p + 100 * NV_PAGE, 3 * NV_PAGE, PREFETCH, SYSTEM);
	igt_assert_eq(gpu_pages(a.p, SIZE), 20 + 3);
	igt_assert_eq(nv_present_pages(a.p, SIZE), 3);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Holes, files, what can only be read or not at all: each as it can be. */
static void test_prefetch_kinds(void)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	p = a.p;
	nv_fill_tags(p + 2 * PIECE, WORDS - 2 * PIECE / 4, 1);
	nv_put_file(p, PIECE);
	igt_assert_eq(mprotect(p + PIECE, PIECE, PROT_READ), 0);
	igt_assert_eq(mprotect(p + 2 * PIECE, PIECE, PROT_NONE), 0);
	igt_assert_eq(munmap(p + 3 * PIECE, PIECE), 0);
	nv_advise(&dev, p, SIZE, PREFETCH, VRAM);
	igt_assert_eq(gpu_pages(p, PIECE), PIECE / NV_PAGE);
	igt_assert_eq(nv_pagetable_vram(p, PIECE), 0);
	igt_assert_eq(gpu_pages(p + PIECE, PIECE), PIECE / NV_PAGE);
	igt_assert_eq(gpu_writable(p + PIECE, PIECE), 0);
	igt_assert_eq(gpu_pages(p + 2 * PIECE, 2 * PIECE), 0);
	igt_assert_eq(nv_pagetable_vram(p + 4 * PIECE, SIZE - 4 * PIECE),
		      PAGES - 4 * PIECE / NV_PAGE);
	nv_pagetable_assert_true(p, SIZE);
	nv_area_unmap(&a);
	nv_advise(&dev, p, SIZE, PREFETCH, VRAM);
	nv_assert_vram_empty();
}

/* A page that can't be had costs none of its neighbours. */
static void test_prefetch_guard(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	igt_require_f(!madvise(a.p + 5 * NV_PAGE, NV_PAGE, MADV_GUARD_INSTALL),
		      "no guard pages here\n");
	nv_advise(&dev, a.p, SIZE, PREFETCH, SYSTEM);
	igt_assert_eq(gpu_writable(a.p, SIZE), PAGES - 1);
	igt_assert_eq(gpu_pages(a.p + 5 * NV_PAGE, NV_PAGE), 0);
	nv_area_unmap(&a);
}

/* What somebody watches is left to him: he is not even asked. */
static void test_prefetch_watched(void)
{
	struct nv_area a = { .fd = -1 };
	int fd;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	fd = nv_uffd_open(a.p, SIZE / 2);
	nv_advise(&dev, a.p, SIZE, PREFETCH, SYSTEM);
	igt_assert(!nv_uffd_wait(fd, 0));
	igt_assert_eq(gpu_pages(a.p, SIZE / 2), 0);
	igt_assert_eq(gpu_writable(a.p + SIZE / 2, SIZE / 2), PAGES / 2);
	close(fd);
	nv_area_unmap(&a);
}

static void nothing(int sig)
{
	(void)sig;
}

/* As a thread; its result is the error, or 0. */
static void *prefetch_once(void *p)
{
	struct drm_nouveau_svm_advise args = {
		.start = (uintptr_t)p,
		.size = SIZE,
		.verb = PREFETCH,
		.value = SYSTEM,
	};

	return (void *)(intptr_t)(ioctl(dev.fd, DRM_IOCTL_NOUVEAU_SVM_ADVISE,
					&args) ? errno : 0);
}

/*
 * The driver's worker waits for a page that nobody gives, and who prefetches
 * waits for the worker: a signal ends that, and nobody else waits.
 */
static void test_prefetch_interrupted(void)
{
	const struct sigaction action = { .sa_handler = nothing };
	struct nv_kernel_args args = { .shift = NV_WORD_SHIFT, .value = 7 };
	struct nv_area a = { .fd = -1 }, watched = { .fd = -1 };
	struct nv_launch launch;
	pthread_t thread;
	void *page, *err;
	int fd;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_area_no_thp(&watched, SIZE);
	fd = nv_uffd_open(watched.p, SIZE);
	args.dst = (uintptr_t)watched.p;
	nv_launch(&dev, &chan, &launch, NV_KERNEL_WRITE, &args, NV_PAGE / 4);
	page = nv_uffd_wait(fd, WAIT_MS);
	igt_assert(page);
	igt_assert_eq(sigaction(SIGUSR1, &action, NULL), 0);
	igt_assert_eq(pthread_create(&thread, NULL, prefetch_once, a.p), 0);
	usleep(PAUSE_US * 10);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).mapped_bytes, 0);
	igt_assert_eq(pthread_kill(thread, SIGUSR1), 0);
	igt_assert_eq(pthread_join(thread, &err), 0);
	igt_assert_eq((intptr_t)err, EINTR);
	nv_uffd_give(fd, page, 0);
	igt_assert_eq(nv_launch_wait(&dev, &launch, WAIT_MS / 1000), 0);
	igt_assert_eq((intptr_t)prefetch_once(a.p), 0);
	igt_assert_eq(gpu_writable(a.p, SIZE), PAGES);
	nv_assert_counting(watched.p, NV_PAGE / 4, 7);
	nv_launch_free(&dev, &launch);
	close(fd);
	nv_area_unmap(&watched);
	nv_area_unmap(&a);
}

/* Gone, from VRAM and from RAM, and nothing was copied for it. */
static void test_discard(void)
{
	struct nv_area a = { .fd = -1 };
	uint64_t copied;

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, SIZE / 2), PAGES / 2);
	gpu_reads(a.p, SIZE, 1);
	copied = nv_count("copy_bytes");
	nv_advise(&dev, a.p, SIZE - PIECE, DISCARD, 0);
	igt_assert_eq(gpu_pages(a.p, SIZE - PIECE), 0);
	nv_assert_vram_empty();
	igt_assert_eq(nv_query(&dev, a.p, SIZE).absent_bytes, SIZE - PIECE);
	nv_assert_all(a.p, (SIZE - PIECE) / 4, 0);
	igt_assert_eq(((uint32_t *)a.p)[WORDS - 1], nv_tag(1, WORDS - 1));
	igt_assert_eq(nv_count("copy_bytes"), copied);
	nv_area_unmap(&a);
}

/* What must not be lost is not: files, and what could not be written. */
static void test_discard_keeps(void)
{
	struct nv_area a = { .fd = -1 };
	uint8_t *p;

	nv_area_no_thp(&a, SIZE);
	p = a.p;
	nv_put_file(p, PIECE);
	nv_fill_tags(p, WORDS, 1);
	igt_assert_eq(mprotect(p + PIECE, PIECE, PROT_READ), 0);
	igt_assert_eq(mlock(p + 2 * PIECE, PIECE), 0);
	igt_assert_eq(munmap(p + 3 * PIECE, PIECE), 0);
	nv_advise(&dev, p, SIZE, DISCARD, 0);
	nv_assert_tags(p, 3 * PIECE / 4, 1);
	nv_assert_all(p + 4 * PIECE, (SIZE - 4 * PIECE) / 4, 0);
	nv_area_unmap(&a);
}

/* Soon, all of it is mapped, without a fault. */
static void assert_mapped_soon(const void *p, size_t size, uint64_t packets)
{
	int tries;

	for (tries = 0; tries < TRIES &&
	     gpu_pages(p, size) < size / NV_PAGE; tries++)
		usleep(PAUSE_US);
	igt_assert_eq(gpu_pages(p, size), size / NV_PAGE);
	igt_assert_eq(nv_count("fault_packets"), packets);
	nv_pagetable_assert_true(p, size);
}

/* Mapped when that is said, and after each change; nothing is populated. */
static void test_accessed_by(void)
{
	const uint64_t packets = nv_count("fault_packets");
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_advise(&dev, a.p, SIZE, ACCESSED_BY, 1);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).advice,
		      NOUVEAU_SVM_ADVISED_ACCESSED_BY);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).absent_bytes, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	nv_advise(&dev, a.p, SIZE, ACCESSED_BY, 1);
	igt_assert_eq(gpu_writable(a.p, SIZE), PAGES);
	igt_assert_eq(mprotect(a.p, SIZE, PROT_READ), 0);
	assert_mapped_soon(a.p, SIZE, packets);
	nv_pagetable_assert_read_only(a.p, SIZE);
	igt_assert_eq(mprotect(a.p, SIZE, PROT_READ | PROT_WRITE), 0);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, SIZE), PAGES);
	assert_mapped_soon(a.p, SIZE, packets);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), PAGES);
	nv_assert_tags(a.p, WORDS, 1);
	assert_mapped_soon(a.p, SIZE, packets);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE), 0);
	nv_advise(&dev, a.p, SIZE, ACCESSED_BY, 0);
	igt_assert_eq(mprotect(a.p, SIZE, PROT_READ), 0);
	usleep(PAUSE_US * 10);
	igt_assert_eq(gpu_pages(a.p, SIZE), 0);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Only a part of a range: the rest waits for faults. */
static void test_accessed_by_part(void)
{
	const uint64_t packets = nv_count("fault_packets");
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(false));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	nv_advise(&dev, a.p + PIECE, PIECE, ACCESSED_BY, 1);
	nv_advise(&dev, a.p, SIZE, PREFETCH, SYSTEM);
	igt_assert_eq(mprotect(a.p, SIZE, PROT_READ), 0);
	assert_mapped_soon(a.p + PIECE, PIECE, packets);
	igt_assert_eq(gpu_pages(a.p, SIZE), PIECE / NV_PAGE);
	nv_area_unmap(&a);
}

/* What costs memory is made where something is, and nowhere else. */
static void test_accessed_by_sparse(void)
{
	struct nv_area a = { .fd = -1 };
	uint64_t ranges;

	nv_area_map(&a, SPARSE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	igt_assert_eq(madvise(a.p, SPARSE_SIZE, MADV_NOHUGEPAGE), 0);
	*(volatile char *)(a.p + SPARSE_SIZE / 2) = 1;
	ranges = nv_count("ranges");
	nv_advise(&dev, a.p, SPARSE_SIZE, ACCESSED_BY, 1);
	igt_assert_eq(nv_count("ranges"), ranges + 1);
	igt_assert_eq(gpu_pages(a.p, SPARSE_SIZE), 1);
	igt_assert_eq(gpu_pages(a.p + SPARSE_SIZE / 2, NV_PAGE), 1);
	nv_area_unmap(&a);
}

/* Reads leave it where it is; the first write moves its piece. */
static void test_read_mostly(void)
{
	struct nv_area a = { .fd = -1 };

	igt_assert(nv_policy_moves(true));
	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS / 2, 1);
	nv_fill_tags(a.p + SIZE / 2, WORDS / 2, 2);
	nv_advise(&dev, a.p, SIZE / 2, READ_MOSTLY, 1);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).advice,
		      NOUVEAU_SVM_ADVISED_READ_MOSTLY);
	gpu_reads(a.p + SIZE / 2, SIZE / 2, 2);
	igt_assert_eq(nv_pagetable_vram(a.p + SIZE / 2, SIZE / 2), PAGES / 2);
	gpu_reads(a.p, SIZE / 2, 1);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE / 2), 0);
	igt_assert_eq(gpu_pages(a.p, SIZE / 2), PAGES / 2);
	nv_pagetable_assert_read_only(a.p, SIZE / 2);
	gpu_writes(a.p + 2 * PIECE, NV_PAGE, 7);
	igt_assert_eq(nv_pagetable_vram(a.p, SIZE / 2), PIECE / NV_PAGE);
	igt_assert_eq(nv_pagetable_vram(a.p + 2 * PIECE, PIECE),
		      PIECE / NV_PAGE);
	nv_assert_counting(a.p + 2 * PIECE, NV_PAGE / 4, 7);
	nv_assert_tags(a.p, 2 * PIECE / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Each kind of advice is an interval's own, and its end merges again. */
static void test_combine(void)
{
	const uint64_t count = nv_count("advice");
	struct drm_nouveau_svm_query q;
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, SIZE);
	nv_prefer(&dev, a.p, SIZE, VRAM);
	nv_advise(&dev, a.p, PIECE, READ_MOSTLY, 1);
	nv_advise(&dev, a.p, 2 * PIECE, ACCESSED_BY, 1);
	igt_assert_eq(nv_count("advice"), count + 3);
	q = nv_query(&dev, a.p, SIZE);
	igt_assert_eq(q.location, VRAM);
	igt_assert_eq(q.advice, NOUVEAU_SVM_ADVISED_READ_MOSTLY |
		      NOUVEAU_SVM_ADVISED_ACCESSED_BY);
	igt_assert(q.advice_end == q.start + PIECE);
	q = nv_query(&dev, a.p + PIECE, SIZE - PIECE);
	igt_assert_eq(q.advice, NOUVEAU_SVM_ADVISED_ACCESSED_BY);
	igt_assert(q.advice_end == q.start + PIECE);
	nv_advise(&dev, a.p, SIZE, ACCESSED_BY, 0);
	nv_advise(&dev, a.p, SIZE, READ_MOSTLY, 0);
	igt_assert_eq(nv_count("advice"), count + 1);
	nv_area_unmap(&a);
	igt_assert_eq(nv_count("advice"), count);
}

/* A range that means nothing, whatever is said of it. */
static void bad_range(const void *p, uint64_t size)
{
	static const uint32_t good[][2] = {
		{ PREFETCH, SYSTEM }, { PREFETCH, VRAM }, { DISCARD, 0 },
		{ ACCESSED_BY, 1 }, { READ_MOSTLY, 1 },
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		igt_assert_eq(nv_try_advise(&dev, p, size, good[i][0],
					    good[i][1]), -EINVAL);
}

/* Values and ranges that mean nothing change nothing. */
static void test_bad_values(void)
{
	static const uint32_t bad[][2] = {
		{ PREFETCH, 0 }, { PREFETCH, 3 }, { PREFETCH, ~0u },
		{ DISCARD, 1 }, { ACCESSED_BY, 2 }, { ACCESSED_BY, ~0u },
		{ READ_MOSTLY, 2 }, { 6, 0 }, { 0, 0 },
	};
	struct nv_area a = { .fd = -1 };
	size_t i;

	nv_area_no_thp(&a, SIZE);
	nv_fill_tags(a.p, WORDS, 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		igt_assert_eq(nv_try_advise(&dev, a.p, SIZE, bad[i][0],
					    bad[i][1]), -EINVAL);
	bad_range(a.p, 0);
	bad_range(a.p + 1, SIZE);
	bad_range(a.p, SIZE - 1);
	bad_range(a.p, -NV_PAGE);
	bad_range((void *)-NV_PAGE, NV_PAGE);
	bad_range((void *)-NV_PAGE, 2 * NV_PAGE);
	igt_assert_eq(nv_query(&dev, a.p, SIZE).advice, 0);
	igt_assert_eq(gpu_pages(a.p, SIZE), 0);
	nv_assert_tags(a.p, WORDS, 1);
	nv_area_unmap(&a);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "prefetch", test_prefetch },
	{ "prefetch-moves", test_prefetch_moves },
	{ "prefetch-huge", test_prefetch_huge },
	{ "prefetch-part", test_prefetch_part },
	{ "prefetch-kinds", test_prefetch_kinds },
	{ "prefetch-guard", test_prefetch_guard },
	{ "prefetch-watched", test_prefetch_watched },
	{ "prefetch-interrupted", test_prefetch_interrupted },
	{ "discard", test_discard },
	{ "discard-keeps", test_discard_keeps },
	{ "accessed-by", test_accessed_by },
	{ "accessed-by-part", test_accessed_by_part },
	{ "accessed-by-sparse", test_accessed_by_sparse },
	{ "read-mostly", test_read_mostly },
	{ "combine", test_combine },
	{ "bad-values", test_bad_values },
};

static void prepare(void)
{
	nv_require_version(VERSION);
}

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), prepare);
}
