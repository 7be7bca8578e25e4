// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm moved
 * Description: memory that a program has asked to be moved to VRAM is memory
 *	as before, to both sides
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Asks nothing of the driver that upstream's does not have: no counters, no
 * page tables, no count of pages that were moved.  What those say is tested
 * by nouveau_svm_migrate.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_fdinfo.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define SMALL_SIZE	(16 * NV_PAGE)
/* More than the kernel keeps of free pages before it reuses them. */
#define OTHER_SIZE	(64ul << 20)
#define OTHER_BYTE	0x5a
/* Rounds of moving; each takes 26 KB of commands in upstream's driver. */
#define OFTEN		16
#define CLEANUP_TRIES	1000	/* of 10 ms */
#define WRITE_SECONDS	20

static struct nv_device dev;
static struct nv_channel chan;

static void to_vram(const void *p, size_t size)
{
	igt_assert_eq(nv_svm_migrate(&dev, p, size), 0);
}

/* There and back, in whole huge pages, and nobody but the CPU looks. */
static void test_aligned(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	to_vram(a.p, a.size);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
}

/* The same for a buffer that begins and ends inside of huge pages. */
static void test_unaligned(void)
{
	const size_t first = 5 * NV_PAGE, size = NV_HUGE_PAGE + 20 * NV_PAGE;
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	to_vram((char *)a.p + first, size);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
}

/*
 * As aligned, in small pages, and often: commands for the copy engine go around
 * their push buffer more than once, and none is forgotten where it ends.
 */
static void test_often(void)
{
	struct nv_area a = { .fd = -1 };
	uint32_t round;

	nv_area_no_thp(&a, NV_HUGE_PAGE);
	for (round = 1; round <= OFTEN; round++) {
		nv_fill_tags(a.p, a.size / 4, round);
		to_vram(a.p, a.size);
		nv_assert_tags(a.p, a.size / 4, round);
	}
	nv_area_unmap(&a);
}

/*
 * The GPU has pages in RAM, they are moved, and somebody else gets them.  What
 * the GPU writes then goes where the memory is now.
 */
static void test_mapped(void)
{
	struct nv_area a = { .fd = -1 }, other = { .fd = -1 };
	size_t i;

	nv_area_no_thp(&a, SMALL_SIZE);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, SMALL_SIZE / 4, 1), 0);
	to_vram(a.p, SMALL_SIZE);
	nv_area_no_thp(&other, OTHER_SIZE);
	memset(other.p, OTHER_BYTE, OTHER_SIZE);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, SMALL_SIZE / 4, 7), 0);
	nv_assert_counting(a.p, SMALL_SIZE / 4, 7);
	for (i = 0; i < OTHER_SIZE; i += sizeof(uint32_t))
		igt_assert_eq(*((uint8_t *)other.p + i), OTHER_BYTE);
	nv_area_unmap(&other);
	nv_area_unmap(&a);
}

/* Atomics work where the memory is, and do not fetch it. */
static void test_atomics(void)
{
	const uint32_t threads = 256;
	struct nv_area a = { .fd = -1 };
	uint64_t place;
	uint32_t *w;

	nv_area_no_thp(&a, SMALL_SIZE);
	w = a.p;
	nv_fill_tags(w, SMALL_SIZE / 4, 1);
	to_vram(w, SMALL_SIZE);
	igt_assert_eq(nv_present_pages(w, SMALL_SIZE), 0);
	place = nv_away(w);
	igt_assert(place);
	nv_add_to_word(&dev, &chan, w, 3, threads);
	igt_assert_f(nv_away(w) == place, "the page has moved\n");
	igt_assert_eq(w[0], nv_tag(1, 0) + 3 * threads);
	nv_area_unmap(&a);
}

/* Done in time: nobody waits long for what never ends. */
static void gpu_writes(void *p, size_t words, uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
		.value = first,
	};
	struct nv_launch launch;

	nv_launch(&dev, &chan, &launch, NV_KERNEL_WRITE, &args, words);
	igt_assert_eq(nv_launch_wait(&dev, &launch, WRITE_SECONDS), 0);
	nv_launch_free(&dev, &launch);
}

/* The child has what was there at fork(), and the GPU writes the parent's. */
static void test_fork(void)
{
	const size_t words = NV_HUGE_PAGE / 4;
	struct nv_area a = { .fd = -1 };
	int written[2];
	char byte = 0;

	igt_assert_eq(pipe(written), 0);
	nv_area_thp(&a, NV_HUGE_PAGE);
	nv_fill_tags(a.p, words, 1);
	to_vram(a.p, a.size);
	igt_fork_child() {
		igt_assert_eq(read(written[0], &byte, 1), 1);
		nv_assert_tags(a.p, words, 1);
	}
	gpu_writes(a.p, words / 2, 77);
	igt_assert_eq(write(written[1], &byte, 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(a.p, words / 2, 77);
	nv_area_unmap(&a);
	close(written[0]);
	close(written[1]);
}

/* The file is closed, and memory stays what it was. */
static void test_closed(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device own;

	igt_fork_child() {
		nv_device_open(&own);
		nv_area_thp(&a, NV_HUGE_PAGE);
		nv_fill_tags(a.p, a.size / 4, 1);
		igt_assert_eq(nv_svm_migrate(&own, a.p, a.size), 0);
		nv_device_close(&own);
		nv_assert_tags(a.p, a.size / 4, 1);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
}

/* VRAM is taken when memory comes to it, as much of it, and given back. */
static void test_given_back(void)
{
	const uint64_t before = nv_vram_used(dev.fd);
	struct nv_area a = { .fd = -1 };
	int i;

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	to_vram(a.p, a.size);
	igt_assert(nv_vram_used(dev.fd) >= before + a.size);
	nv_area_unmap(&a);
	for (i = 0; nv_vram_used(dev.fd) > before && i < CLEANUP_TRIES; i++)
		usleep(10 * 1000);
	igt_assert_eq(nv_vram_used(dev.fd), before);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "aligned", test_aligned },
	{ "unaligned", test_unaligned },
	{ "often", test_often },
	{ "mapped", test_mapped },
	{ "atomics", test_atomics },
	{ "fork", test_fork },
	{ "closed", test_closed },
	{ "given-back", test_given_back },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
