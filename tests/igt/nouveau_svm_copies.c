// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm copies
 * Description: copies between RAM and VRAM fail, and nothing is lost
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * On a virtual GPU whose every fifth copy fails (tests/igt/devices).  Memory
 * moves when somebody asks for it, and only then: svm_migrate is 0.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define ERROR_TURNS	20
#define PAIRED_TURNS	4
#define PAIRED_PAGES	4
#define COPY_TRIES	10
#define SCATTER_PAGES	64
/* Neighbours go to VRAM so many pages after each other. */
#define SCATTER_STRIDE	29
#define SCATTER_FREE	64
/* What goes to VRAM together. */
#define FAULT_PAGES	16

static struct nv_device dev;
static struct nv_channel chan;

/*
 * One copy in five fails, there or back.  Data is where it was,
 * what the CPU wants it gets, and the next try, by another channel, has its
 * chance.  Return: how often who asked was told.
 */
static unsigned int copy_in_turns(size_t size, unsigned int turns)
{
	const uint64_t errors = nv_count("copy_errors");
	const uint64_t there = nv_count("pages_to_vram");
	struct nv_area a = { .fd = -1 };
	uint32_t *copy = malloc(size), round;
	const size_t words = size / 4;
	unsigned int told = 0;

	nv_area_thp(&a, size);
	igt_assert(copy);
	for (round = 1; round <= turns; round++) {
		nv_fill_tags(a.p, words, round);
		told += nv_svm_migrate(&dev, a.p, a.size) < 0;
		igt_assert_eq(nv_copy_words(&dev, &chan, copy, a.p, words), 0);
		nv_assert_tags(copy, words, round);
		nv_assert_tags(a.p, words, round);
	}
	igt_assert(nv_count("copy_errors") > errors);
	igt_assert(nv_count("copy_errors") >= errors + told);
	igt_assert(nv_count("pages_to_vram") > there);
	nv_area_unmap(&a);
	free(copy);
	nv_assert_vram_empty();
	return told;
}

/* One piece: who asked is told if it could not go. */
static void test_copy_errors(void)
{
	const unsigned int told = copy_in_turns(NV_HUGE_PAGE, ERROR_TURNS);

	igt_assert(told && told < ERROR_TURNS);
}

/* Those that go two at a time may fail for each other: they are tried again. */
static void test_copy_errors_paired(void)
{
	igt_assert_eq(copy_in_turns(PAIRED_PAGES * NV_HUGE_PAGE, PAIRED_TURNS),
		      0);
}

static void to_vram_at_last(const void *p, size_t size)
{
	int tries = 0;

	while (nv_svm_migrate(&dev, p, size))
		igt_assert(++tries < COPY_TRIES);
}

/*
 * The next pages that the kernel hands out lie apart: every second one of some
 * that lay together is free, on this CPU.
 */
static void scatter_free_pages(struct nv_area *a)
{
	cpu_set_t here;
	size_t i;

	CPU_ZERO(&here);
	CPU_SET(sched_getcpu(), &here);
	igt_assert_eq(sched_setaffinity(0, sizeof(here), &here), 0);
	nv_area_no_thp(a, 2 * SCATTER_FREE * NV_PAGE);
	nv_fill_tags(a->p, a->size / 4, 1);
	for (i = 0; i < SCATTER_FREE; i++)
		igt_assert_eq(madvise(a->p + 2 * i * NV_PAGE, NV_PAGE,
				      MADV_DONTNEED), 0);
}

/*
 * Every fifth copy fails, and there is one for each page, since neighbours lie
 * apart in VRAM.  All the same they all come back when they are asked for
 * together.
 */
static void test_copy_scattered(void)
{
	const uint64_t errors = nv_count("copy_errors"), jobs = nv_count("copy_jobs");
	struct nv_area a = { .fd = -1 };
	const size_t size = SCATTER_PAGES * NV_PAGE;
	size_t i;

	nv_area_no_thp(&a, size);
	nv_fill_tags(a.p, size / 4, 1);
	for (i = 0; i < SCATTER_PAGES; i++)
		to_vram_at_last(a.p + i * SCATTER_STRIDE % SCATTER_PAGES *
				NV_PAGE, NV_PAGE);
	igt_assert_eq(nv_present_pages(a.p, size), 0);
	igt_assert_eq(nv_svm_to_ram(&dev, a.p, size), SCATTER_PAGES);
	igt_assert_eq(nv_present_pages(a.p, size), SCATTER_PAGES);
	igt_assert(nv_count("copy_jobs") >= jobs + 2 * SCATTER_PAGES);
	igt_assert(nv_count("copy_errors") > errors);
	nv_assert_tags(a.p, size / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/*
 * The same when the CPU wants a word of them, and new pages lie apart.  Return:
 * whether they did, so that a copy has failed: others allocate pages as well.
 */
static bool fault_scattered(void)
{
	const size_t size = FAULT_PAGES * NV_PAGE;
	struct nv_area a = { .fd = -1 }, other = { .fd = -1 };
	uint64_t errors, jobs;

	nv_area_no_thp(&a, size);
	to_vram_at_last(a.p, size);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, size / 4, 7), 0);
	scatter_free_pages(&other);
	errors = nv_count("copy_errors");
	jobs = nv_count("copy_jobs");
	nv_assert_counting(a.p, size / 4, 7);
	igt_assert_eq(nv_present_pages(a.p, size), FAULT_PAGES);
	errors = nv_count("copy_errors") - errors;
	jobs = nv_count("copy_jobs") - jobs;
	igt_info("%llu jobs, %llu errors\n", (unsigned long long)jobs,
		 (unsigned long long)errors);
	nv_area_unmap(&other);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
	return errors && jobs > FAULT_PAGES;
}

static void test_fault_scattered(void)
{
	int tries = 0;

	while (!fault_scattered())
		igt_assert(++tries < COPY_TRIES);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "apart-errors", test_copy_errors },
	{ "apart-errors-paired", test_copy_errors_paired },
	{ "apart-scattered", test_copy_scattered },
	{ "apart-fault-scattered", test_fault_scattered },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), nv_policy_stay);
}
