// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm fault
 * Description: what the process changes about its memory between kernels is
 *	what the GPU finds; a bad pointer kills one channel and nothing else
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGES		8
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define PROCESSES	16
#define BAD_PROCESS	5
#define ROUNDS		5

static struct nv_device dev;
static struct nv_channel chan;

static void *map(int prot)
{
	void *p = mmap(NULL, SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

static int write_words(const struct nv_channel *c, void *p, size_t words,
		       uint32_t first)
{
	return nv_write_words(&dev, c, p, words, first);
}

static int copy_words(const struct nv_channel *c, void *dst, const void *src,
		      size_t words)
{
	return nv_copy_words(&dev, c, dst, src, words);
}

/* The channel of a bad kernel is dead; another one works as before. */
static void assert_others_live(void)
{
	struct nv_channel other;
	void *p = map(PROT_READ | PROT_WRITE);

	nv_channel_new(&dev, &other);
	igt_assert_eq(write_words(&other, p, WORDS, 500), 0);
	nv_assert_counting(p, WORDS, 500);
	nv_channel_free(&dev, &other);
	munmap(p, SIZE);
}

/* Run a kernel that must die, on a channel of its own. */
static void assert_killed(enum nv_kernel kernel,
			  const struct nv_kernel_args *args, size_t threads)
{
	uint64_t before = 0, after = 0;
	struct nv_channel victim;

	nv_channel_new(&dev, &victim);
	nv_stat("cancels", &before);
	igt_assert_eq(nv_run_status(&dev, &victim, kernel, args, threads),
		      -EIO);
	if (nv_stat("cancels", &after))
		igt_assert_f(after > before, "no fault was cancelled\n");
	nv_channel_free(&dev, &victim);
	assert_others_live();
}

static void test_bad_address(void)
{
	void *p = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
	};

	munmap(p, SIZE);
	assert_killed(NV_KERNEL_WRITE, &args, NV_WARP);
}

static void test_bad_address_read(void)
{
	void *bad = map(PROT_READ | PROT_WRITE);
	void *good = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)good,
		.src = (uintptr_t)bad,
		.shift = NV_WORD_SHIFT,
	};

	munmap(bad, SIZE);
	assert_killed(NV_KERNEL_COPY, &args, WORDS);
	munmap(good, SIZE);
}

static void test_null(void)
{
	const struct nv_kernel_args args = { .shift = NV_WORD_SHIFT };

	assert_killed(NV_KERNEL_WRITE, &args, NV_WARP);
}

static void test_write_readonly(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
		.value = 9,
	};
	size_t i;

	memset(p, 0x11, SIZE);
	igt_assert_eq(mprotect(p, SIZE, PROT_READ), 0);
	assert_killed(NV_KERNEL_WRITE, &args, WORDS);
	for (i = 0; i < WORDS; i++)
		igt_assert_eq(p[i], 0x11111111);
	munmap(p, SIZE);
}

static void test_access_none(void)
{
	void *p = map(PROT_NONE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
	};

	assert_killed(NV_KERNEL_WRITE, &args, NV_WARP);
	munmap(p, SIZE);
}

/* Mapped, used, unmapped: the GPU may not reach the old page any more. */
static void test_munmap_then_access(void)
{
	void *p = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
		.value = 1,
	};

	igt_assert_eq(write_words(&chan, p, WORDS, 100), 0);
	nv_assert_counting(p, WORDS, 100);
	munmap(p, SIZE);
	assert_killed(NV_KERNEL_WRITE, &args, WORDS);
}

/* One page in the middle goes; its neighbours stay reachable and right. */
static void test_munmap_middle(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = { .shift = NV_WORD_SHIFT };
	const size_t page_words = NV_PAGE / 4;

	igt_assert_eq(write_words(&chan, p, WORDS, 100), 0);
	munmap(p + 3 * page_words, NV_PAGE);
	igt_assert_eq(write_words(&chan, p, 3 * page_words, 200), 0);
	igt_assert_eq(write_words(&chan, p + 4 * page_words,
				  WORDS - 4 * page_words, 300), 0);
	nv_assert_counting(p, 3 * page_words, 200);
	nv_assert_counting(p + 4 * page_words, WORDS - 4 * page_words, 300);
	args.dst = (uintptr_t)(p + 3 * page_words);
	assert_killed(NV_KERNEL_WRITE, &args, NV_WARP);
	munmap(p, SIZE);
}

/* New memory at an old address: the GPU sees the new, never the old. */
static void test_munmap_remap(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE), *q, *copy;
	int round;

	copy = map(PROT_READ | PROT_WRITE);
	for (round = 0; round < ROUNDS; round++) {
		igt_assert_eq(write_words(&chan, p, WORDS, 1000 * round), 0);
		nv_assert_counting(p, WORDS, 1000 * round);
		munmap(p, SIZE);
		q = mmap(p, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			 MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		igt_assert(q == p);
		memset(p, round, SIZE);
		igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
		igt_assert(!memcmp(copy, p, SIZE));
	}
	munmap(copy, SIZE);
	munmap(p, SIZE);
}

/* A fault that comes alone: no replay for another one helps it. */
static void test_alone(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	int round;

	for (round = 1; round <= ROUNDS; round++) {
		igt_assert_eq(madvise(p, SIZE, MADV_DONTNEED), 0);
		igt_assert_eq(write_words(&chan, p, 1, round), 0);
		igt_assert_eq(p[0], round);
	}
	munmap(p, SIZE);
}

/* Protection taken away and given back between launches. */
static void test_mprotect(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	uint32_t *copy = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
	};

	igt_assert_eq(write_words(&chan, p, WORDS, 100), 0);
	igt_assert_eq(mprotect(p, SIZE, PROT_READ), 0);
	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	nv_assert_counting(copy, WORDS, 100);
	assert_killed(NV_KERNEL_WRITE, &args, WORDS);
	nv_assert_counting(p, WORDS, 100);
	igt_assert_eq(mprotect(p, SIZE, PROT_READ | PROT_WRITE), 0);
	igt_assert_eq(write_words(&chan, p, WORDS, 700), 0);
	nv_assert_counting(p, WORDS, 700);
	munmap(copy, SIZE);
	munmap(p, SIZE);
}

/* A page first read, then written, by the GPU. */
static void test_read_then_write(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	uint32_t *copy = map(PROT_READ | PROT_WRITE);

	memset(p, 0x22, SIZE);
	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	igt_assert(!memcmp(copy, p, SIZE));
	igt_assert_eq(write_words(&chan, p, WORDS, 42), 0);
	nv_assert_counting(p, WORDS, 42);
	munmap(copy, SIZE);
	munmap(p, SIZE);
}

/* What a GPU reads of discarded memory is zero, not the old page. */
static void test_dontneed(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	uint32_t *copy = map(PROT_READ | PROT_WRITE);
	size_t i;

	igt_assert_eq(write_words(&chan, p, WORDS, 100), 0);
	igt_assert_eq(madvise(p, SIZE, MADV_DONTNEED), 0);
	memset(copy, 0xff, SIZE);
	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	for (i = 0; i < WORDS; i++)
		igt_assert_eq(copy[i], 0);
	munmap(copy, SIZE);
	munmap(p, SIZE);
}

/* After fork() the parent's GPU writes are the parent's alone. */
static void test_fork(void)
{
	uint32_t *p = map(PROT_READ | PROT_WRITE);
	int go[2];
	char c;

	igt_assert_eq(write_words(&chan, p, WORDS, 100), 0);
	igt_assert_eq(pipe(go), 0);
	igt_fork_child() {
		close(go[1]);
		igt_assert_eq(read(go[0], &c, 1), 1);
		nv_assert_counting(p, WORDS, 100);
	}
	igt_assert_eq(write_words(&chan, p, WORDS, 900), 0);
	nv_assert_counting(p, WORDS, 900);
	igt_assert_eq(write(go[1], "g", 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	close(go[0]);
	close(go[1]);
	munmap(p, SIZE);
}

/* One process of several: its own client, its own values. */
static void process(unsigned int number)
{
	uint32_t *p, first;
	int round;

	munmap(dev.hole, dev.hole_size);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	p = map(PROT_READ | PROT_WRITE);
	for (round = 0; round < ROUNDS; round++) {
		first = number << 24 | round << 16;
		igt_assert_eq(write_words(&chan, p, WORDS, first), 0);
		nv_assert_counting(p, WORDS, first);
		memset(p, 0, SIZE);
	}
}

/* Process after process, a client each; their kernels take turns. */
static void run_processes(unsigned int count, unsigned int bad)
{
	unsigned int i;

	for (i = 1; i <= count; i++) {
		igt_fork_child() {
			process(i);
			if (i == bad)
				test_null();
		}
	}
	igt_assert_eq(__igt_waitchildren(), 0);
}

static void test_two_processes(void)
{
	run_processes(2, 0);
}

/* One of them has a bad pointer, which none of the others may feel. */
static void test_processes_one_bad(void)
{
	run_processes(PROCESSES, BAD_PROCESS);
}

/*
 * What is mapped for reading faults once more when it is written, and never
 * again; what could be written all along does not.
 */
static void test_upgrade(void)
{
	uint32_t *p = map(PROT_READ), *copy = map(PROT_READ | PROT_WRITE);
	uint64_t mapped, packets;

	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	igt_assert_eq(mprotect(p, SIZE, PROT_READ | PROT_WRITE), 0);
	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	mapped = nv_count("pages_mapped");
	igt_assert_eq(write_words(&chan, p, WORDS, 42), 0);
	igt_assert(nv_count("pages_mapped") >= mapped + PAGES);
	nv_assert_counting(p, WORDS, 42);
	packets = nv_count("fault_packets");
	igt_assert_eq(write_words(&chan, p, WORDS, 43), 0);
	igt_assert_eq(copy_words(&chan, copy, p, WORDS), 0);
	igt_assert_eq(nv_count("fault_packets"), packets);
	nv_assert_counting(copy, WORDS, 43);
	munmap(copy, SIZE);
	munmap(p, SIZE);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "bad-address", test_bad_address },
	{ "bad-address-read", test_bad_address_read },
	{ "null", test_null },
	{ "access-none", test_access_none },
	{ "write-readonly", test_write_readonly },
	{ "munmap-then-access", test_munmap_then_access },
	{ "munmap-middle", test_munmap_middle },
	{ "munmap-remap", test_munmap_remap },
	{ "alone", test_alone },
	{ "mprotect", test_mprotect },
	{ "read-then-write", test_read_then_write },
	{ "madvise-dontneed", test_dontneed },
	{ "fork", test_fork },
	{ "read-then-write-upgrade", test_upgrade },
	{ "two-processes", test_two_processes },
	{ "processes-one-bad", test_processes_one_bad },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
