// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm intervals
 * Description: advice about memory is kept by address: it splits, merges, and
 *	goes with the mapping; and what makes no sense is refused
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGES		16
#define SIZE		(PAGES * NV_PAGE)
#define NOTHING		"................"
#define SECONDS		10
/* How many intervals an address space may have. */
#define LIMIT		4096
#define TURNS		400
#define VERSION		2
#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define VRAM		NOUVEAU_SVM_LOCATION_VRAM
#define SYSTEM		NOUVEAU_SVM_LOCATION_SYSTEM
#define NONE		NOUVEAU_SVM_LOCATION_NONE

static struct nv_device dev;
static struct nv_channel chan;

static char *map(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, SIZE);
	return a.p;
}

/* Pages of it, not bytes. */
static void prefer(char *p, int first, int count, uint32_t location)
{
	nv_prefer(&dev, p + first * NV_PAGE, count * NV_PAGE, location);
}

static void unmap(char *p, int first, int count)
{
	igt_assert_eq(munmap(p + first * NV_PAGE, count * NV_PAGE), 0);
}

static void map_over(char *p, int first, int count, int prot)
{
	void *want = p + first * NV_PAGE;

	igt_assert(mmap(want, count * NV_PAGE, prot, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0) == want);
}

static void expect(const char *p, const char *pages)
{
	nv_assert_advice(&dev, p, pages);
}

static void test_split(void)
{
	const uint64_t count = nv_count("advice");
	char *p = map();

	expect(p, NOTHING);
	prefer(p, 0, 16, VRAM);
	expect(p, "VVVVVVVVVVVVVVVV");
	igt_assert_eq(nv_count("advice"), count + 1);
	prefer(p, 4, 4, SYSTEM);
	expect(p, "VVVVSSSSVVVVVVVV");
	prefer(p, 6, 4, NONE);
	expect(p, "VVVVSS....VVVVVV");
	prefer(p, 15, 1, SYSTEM);
	expect(p, "VVVVSS....VVVVVS");
	prefer(p, 0, 1, NONE);
	expect(p, ".VVVSS....VVVVVS");
	igt_assert_eq(nv_count("advice"), count + 4);
	unmap(p, 0, 16);
	igt_assert_eq(nv_count("advice"), count);
}

static void test_merge(void)
{
	const uint64_t count = nv_count("advice");
	char *p = map();

	prefer(p, 0, 4, VRAM);
	prefer(p, 8, 4, VRAM);
	expect(p, "VVVV....VVVV....");
	prefer(p, 4, 4, VRAM);
	expect(p, "VVVVVVVVVVVV....");
	prefer(p, 12, 4, VRAM);
	igt_assert_eq(nv_count("advice"), count + 1);
	prefer(p, 2, 9, SYSTEM);
	expect(p, "VVSSSSSSSSSVVVVV");
	prefer(p, 1, 1, SYSTEM);
	prefer(p, 11, 1, SYSTEM);
	expect(p, "VSSSSSSSSSSSVVVV");
	igt_assert_eq(nv_count("advice"), count + 3);
	prefer(p, 0, 16, VRAM);
	expect(p, "VVVVVVVVVVVVVVVV");
	igt_assert_eq(nv_count("advice"), count + 1);
	prefer(p, 0, 16, NONE);
	expect(p, NOTHING);
	igt_assert_eq(nv_count("advice"), count);
	unmap(p, 0, 16);
}

/* What is mapped where something was has no advice. */
static void test_munmap(void)
{
	const uint64_t count = nv_count("advice");
	char *p = map();

	prefer(p, 0, 16, VRAM);
	unmap(p, 4, 4);
	expect(p, "VVVV....VVVVVVVV");
	igt_assert_eq(nv_count("advice"), count + 2);
	map_over(p, 4, 4, READ_WRITE);
	expect(p, "VVVV....VVVVVVVV");
	unmap(p, 0, 2);
	unmap(p, 14, 2);
	expect(p, "..VV....VVVVVV..");
	map_over(p, 3, 6, READ_WRITE);
	expect(p, "..V......VVVVV..");
	igt_assert_eq(nv_count("advice"), count + 2);
	unmap(p, 0, 16);
	igt_assert_eq(nv_count("advice"), count);
}

/* Nothing was ever in it, and nobody has looked at it. */
static void test_mremap(void)
{
	const uint64_t count = nv_count("advice");
	char *p = map(), *q = map();

	prefer(p, 0, 16, VRAM);
	prefer(q, 0, 16, SYSTEM);
	igt_assert(mremap(p + 4 * NV_PAGE, 4 * NV_PAGE, 4 * NV_PAGE,
			  MREMAP_MAYMOVE | MREMAP_FIXED,
			  q + 8 * NV_PAGE) == q + 8 * NV_PAGE);
	expect(p, "VVVV....VVVVVVVV");
	expect(q, "SSSSSSSS....SSSS");
	igt_assert(mremap(p + 8 * NV_PAGE, 8 * NV_PAGE, 4 * NV_PAGE, 0) ==
		   p + 8 * NV_PAGE);
	expect(p, "VVVV....VVVV....");
	unmap(p, 0, 16);
	unmap(q, 0, 16);
	igt_assert_eq(nv_count("advice"), count);
}

/* What changes pages, and not what is mapped, changes no advice. */
static void test_keeps(void)
{
	char *p = map();

	nv_fill_tags(p, SIZE / 4, 1);
	prefer(p, 4, 8, SYSTEM);
	igt_assert_eq(madvise(p, SIZE, MADV_DONTNEED), 0);
	igt_assert_eq(mprotect(p, SIZE, PROT_NONE), 0);
	igt_assert_eq(mprotect(p, SIZE, READ_WRITE), 0);
	igt_assert_eq(mlock(p, SIZE), 0);
	expect(p, "....SSSSSSSS....");
	unmap(p, 0, 16);
}

/* A child can't ask, and what it does to its memory is its own matter. */
static void test_fork(void)
{
	char *p = map();

	prefer(p, 0, 8, VRAM);
	igt_fork_child() {
		struct drm_nouveau_svm_query q;

		igt_assert_eq(nv_try_query(&dev, p, SIZE, &q), -EPERM);
		igt_assert_eq(nv_try_advise(&dev, p, SIZE,
					    NOUVEAU_SVM_ADVISE_LOCATION,
					    SYSTEM), -EPERM);
		unmap(p, 0, 4);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	expect(p, "VVVVVVVV........");
	unmap(p, 0, 16);
}

/* In a child, a file of its own has nothing of its parent's advice. */
static void test_fork_own(void)
{
	char *p = map();

	prefer(p, 0, 8, VRAM);
	igt_fork_child() {
		const uint64_t count = nv_count("advice");
		struct nv_device own;

		nv_device_open(&own);
		nv_assert_advice(&own, p, NOTHING);
		nv_prefer(&own, p, SIZE, SYSTEM);
		nv_assert_advice(&own, p, "SSSSSSSSSSSSSSSS");
		igt_assert_eq(nv_count("advice"), count + 1);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	expect(p, "VVVVVVVV........");
	unmap(p, 0, 16);
}

/* Nothing is left of a process's advice when it is gone, however it goes. */
static void test_death(void)
{
	const uint64_t count = nv_count("advice");

	igt_fork_child() {
		struct nv_device own;
		char *p = map();
		int i;

		nv_device_open(&own);
		for (i = 0; i < PAGES; i += 2)
			nv_prefer(&own, p + i * NV_PAGE, NV_PAGE, VRAM);
		igt_assert_eq(nv_count("advice"), count + PAGES / 2);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert(nv_stat_becomes("advice", count, SECONDS));
}

/* Holes have none, whatever is mapped there later; any mapping may. */
static void test_holes(void)
{
	char *p = map();

	unmap(p, 2, 2);
	map_over(p, 4, 2, PROT_NONE);
	map_over(p, 6, 2, PROT_READ);
	nv_put_file(p + 8 * NV_PAGE, 2 * NV_PAGE);
	unmap(p, 10, 1);
	prefer(p, 0, 16, SYSTEM);
	expect(p, "SS..SSSSSS.SSSSS");
	map_over(p, 2, 2, READ_WRITE);
	expect(p, "SS..SSSSSS.SSSSS");
	prefer(p, 2, 14, NONE);
	expect(p, "SS..............");
	prefer(p, 0, 10, VRAM);
	prefer(p, 11, 5, VRAM);
	expect(p, "VVVVVVVVVV.VVVVV");
	unmap(p, 0, 16);
	prefer(p, 0, 16, VRAM);
	expect(p, NOTHING);
}

/* In one call: all addresses that there are. */
static void test_everything(void)
{
	const uint64_t count = nv_count("advice");
	const uint64_t all = (1ull << 47) - NV_PAGE;
	char *p = map();

	nv_prefer(&dev, NULL, all, SYSTEM);
	expect(p, "SSSSSSSSSSSSSSSS");
	igt_assert(nv_count("advice") > count);
	nv_prefer(&dev, NULL, all, NONE);
	igt_assert_eq(nv_count("advice"), count);
	unmap(p, 0, 16);
}

/* As many as there may be, and the next one leaves everything as it was. */
static void test_limit(void)
{
	const uint64_t count = nv_count("advice");
	const size_t size = 2 * (LIMIT + 2) * NV_PAGE;
	struct nv_area a = { .fd = -1 };
	char *p;
	int i;

	nv_area_no_thp(&a, size);
	p = a.p;
	for (i = 0; i < LIMIT; i++)
		prefer(p, 2 * i, 1, VRAM);
	igt_assert_eq(nv_count("advice"), count + LIMIT);
	igt_assert_eq(nv_try_advise(&dev, p + 2 * i * NV_PAGE, NV_PAGE,
				    NOUVEAU_SVM_ADVISE_LOCATION, VRAM),
		      -ENOSPC);
	igt_assert_eq(nv_try_advise(&dev, p + NV_PAGE, size - NV_PAGE,
				    NOUVEAU_SVM_ADVISE_LOCATION, SYSTEM), 0);
	expect(p, "VSSSSSSSSSSSSSSS");
	prefer(p, 0, 4, NONE);
	for (i = 0; i < LIMIT / 2 - 1; i++)
		prefer(p, 4 + 2 * i, 1, VRAM);
	igt_assert_eq(nv_count("advice"), count + LIMIT - 2);
	prefer(p, 0, 1, VRAM);
	igt_assert_eq(nv_try_advise(&dev, p + 2 * (LIMIT - 1) * NV_PAGE,
				    NV_PAGE, NOUVEAU_SVM_ADVISE_LOCATION, VRAM),
		      -ENOSPC);
	expect(p + 2 * (LIMIT - 1) * NV_PAGE, "SSSS");
	prefer(p, 2, 1, VRAM);
	igt_assert_eq(nv_count("advice"), count + LIMIT);
	/* One too many: only the larger part of what is left is kept. */
	unmap(p, 2 * LIMIT, 1);
	igt_assert_eq(nv_count("advice"), count + LIMIT);
	expect(p + (2 * LIMIT - 4) * NV_PAGE, "SSSS....");
	nv_area_unmap(&a);
	igt_assert_eq(nv_count("advice"), count);
}

/** struct bad - arguments that mean nothing */
struct bad {
	uint64_t start, size;
	uint32_t verb, value, flags, reserved;
};

#define L	NOUVEAU_SVM_ADVISE_LOCATION

/* Starts count from the memory; what is not named is 0. */
static const struct bad bads[] = {
	{ .size = SIZE },
	{ .size = SIZE, .verb = 100 },
	{ .size = SIZE, .verb = ~0u },
	{ .size = SIZE, .verb = L, .value = 3 },
	{ .size = SIZE, .verb = L, .value = ~0u },
	{ .size = SIZE, .verb = L, .value = VRAM, .flags = 1 },
	{ .size = SIZE, .verb = L, .value = VRAM, .flags = 1u << 31 },
	{ .size = SIZE, .verb = L, .value = VRAM, .reserved = 1 },
	{ .verb = L, .value = VRAM },
	{ .size = SIZE - 1, .verb = L, .value = VRAM },
	{ .size = 1, .verb = L, .value = VRAM },
	{ .start = 1, .size = SIZE, .verb = L, .value = VRAM },
	{ .start = NV_PAGE / 2, .size = NV_PAGE, .verb = L, .value = VRAM },
	{ .size = 1ull << 63, .verb = L, .value = VRAM },
	{ .size = -NV_PAGE, .verb = L, .value = VRAM },
};

static void refuse(char *p, const struct bad *bad)
{
	struct drm_nouveau_svm_advise args = {
		.start = (uintptr_t)p + bad->start,
		.size = bad->size,
		.verb = bad->verb,
		.value = bad->value,
		.flags = bad->flags,
		.reserved = bad->reserved,
	};
	struct drm_nouveau_svm_query q = {
		.start = args.start,
		.size = args.size,
		.flags = args.flags,
		.reserved = args.reserved,
	};

	igt_assert_eq(drmCommandWriteRead(dev.fd, DRM_NOUVEAU_SVM_ADVISE,
					  &args, sizeof(args)), -EINVAL);
	expect(p, "SSSSSSSS........");
	if (bad->size == SIZE && !bad->start && !bad->flags && !bad->reserved)
		return;
	igt_assert_eq(drmCommandWriteRead(dev.fd, DRM_NOUVEAU_SVM_QUERY, &q,
					  sizeof(q)), -EINVAL);
}

static void test_bad(void)
{
	char *p = map();
	size_t i;

	prefer(p, 0, 8, SYSTEM);
	for (i = 0; i < sizeof(bads) / sizeof(bads[0]); i++)
		refuse(p, &bads[i]);
	unmap(p, 0, 16);
}

/* A file that has not entered shared virtual memory. */
static void test_no_svm(void)
{
	struct nv_device bare = { .fd = nv_open_render_node() };
	struct drm_nouveau_svm_query q;
	char *p = map();

	igt_assert(bare.fd >= 0);
	igt_assert_eq(nv_try_advise(&bare, p, SIZE, L, VRAM), -ENXIO);
	igt_assert_eq(nv_try_query(&bare, p, SIZE, &q), -ENXIO);
	close(bare.fd);
	unmap(p, 0, 16);
}

static void *remap(void *arg)
{
	int i;

	for (i = 0; i < TURNS; i++) {
		unmap(arg, 4, 8);
		map_over(arg, 4, 8, READ_WRITE);
	}
	return NULL;
}

/* One thread advises what another one unmaps: what is left is advised. */
static void test_race(void)
{
	const uint64_t count = nv_count("advice");
	struct drm_nouveau_svm_query q;
	uint32_t location;
	char *p = map();
	pthread_t t;
	int i;

	igt_assert_eq(pthread_create(&t, NULL, remap, p), 0);
	for (i = 0; i < TURNS; i++) {
		location = i % 2 ? VRAM : SYSTEM;
		prefer(p, 0, 16, location);
		q = nv_query(&dev, p, SIZE);
		igt_assert_eq(q.location, location);
		igt_assert(q.advice_end >= q.start + 4 * NV_PAGE);
	}
	pthread_join(t, NULL);
	unmap(p, 4, 8);
	expect(p, "VVVV........VVVV");
	unmap(p, 0, 16);
	igt_assert_eq(nv_count("advice"), count);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "split", test_split },
	{ "merge", test_merge },
	{ "munmap", test_munmap },
	{ "mremap", test_mremap },
	{ "keeps", test_keeps },
	{ "fork", test_fork },
	{ "fork-own", test_fork_own },
	{ "death", test_death },
	{ "holes", test_holes },
	{ "everything", test_everything },
	{ "limit", test_limit },
	{ "bad-input", test_bad },
	{ "no-svm", test_no_svm },
	{ "race", test_race },
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
