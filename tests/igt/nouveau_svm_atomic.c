// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm atomic
 * Description: GPU atomics on the process's own memory while CPUs use it too:
 *	no increment is lost, and neither side waits for ever
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_mail.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_touch.h"
#include "nv_words.h"

#define THREADS		NV_WARP
#define PAGES		64
#define PAGE_WORDS	(NV_PAGE / 4)
#define ROUNDS		4
/*
 * How long both sides go on, the longest that one may wait meanwhile, and how
 * often each must have had its turn; children that there must have been.
 */
#define SECONDS		3
#define PATIENCE	5.0
#define TURNS		10
#define FORKS		3

static struct nv_device dev;
static struct nv_channel chan;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

/** struct cpu - a CPU that increments words, one after the other */
struct cpu {
	uint32_t *p;
	/** @words: how many; @stride: words from one to the next */
	unsigned int words, stride;
	/** @end: seconds on the clock when it stops */
	double end;
	/** @count: increments made; @longest: seconds the slowest took */
	uint64_t count;
	double longest;
	pthread_t thread;
};

static void *cpu_run(void *data)
{
	struct cpu *cpu = data;
	double begin = now(), end;

	while (begin < cpu->end) {
		unsigned int i = cpu->count % cpu->words;

		__atomic_fetch_add(&cpu->p[i * cpu->stride], 1,
				   __ATOMIC_SEQ_CST);
		end = now();
		if (end - begin > cpu->longest)
			cpu->longest = end - begin;
		cpu->count++;
		begin = end;
	}
	return NULL;
}

static void cpu_start(struct cpu *cpu, uint32_t *p, unsigned int words,
		      unsigned int stride)
{
	*cpu = (struct cpu){
		.p = p, .words = words, .stride = stride,
		.end = now() + SECONDS,
	};
	igt_assert_eq(pthread_create(&cpu->thread, NULL, cpu_run, cpu), 0);
}

/* The GPU does a turn again and again, until the CPU stops. */
static double gpu_turns(struct nv_mailboxes *box, double end)
{
	double begin, longest = 0;

	for (begin = now(); begin < end; begin = now()) {
		nv_mail_turn(box);
		if (now() - begin > longest)
			longest = now() - begin;
	}
	return longest;
}

/* GPU threads and a CPU increment the same words; @words of them. */
static void increment_in(uint32_t *p, unsigned int words, unsigned int stride)
{
	struct nv_mailboxes box;
	uint64_t sum = 0, gpu = 0;
	struct cpu cpu;
	double longest;
	unsigned int i;

	nv_mail_start(&box, &dev, &chan, NV_KERNEL_MAIL_ADD, THREADS);
	for (i = 0; i < THREADS; i++)
		nv_mail_send(&box, i, &p[i % words * stride], 1);
	cpu_start(&cpu, p, words, stride);
	longest = gpu_turns(&box, cpu.end);
	igt_assert_eq(pthread_join(cpu.thread, NULL), 0);
	for (i = 0; i < THREADS; i++)
		nv_mail_park(&box, i);
	nv_mail_turn(&box);
	/* While its mail changes, a thread may add to where it is parked. */
	for (i = 0; i < THREADS; i++)
		gpu += box.mail[i].seen - box.mail[i].park;
	nv_mail_stop(&box);
	for (i = 0; i < words; i++)
		sum += p[i * stride];
	igt_info("CPU %llu, slowest %.3f s; GPU %llu, slowest turn %.3f s\n",
		 (unsigned long long)cpu.count, cpu.longest,
		 (unsigned long long)gpu, longest);
	igt_assert_eq(sum, cpu.count + gpu);
	igt_assert(cpu.count >= TURNS && gpu >= TURNS * THREADS);
	igt_assert_f(cpu.longest < PATIENCE, "the CPU waited %f s\n",
		     cpu.longest);
	igt_assert_f(longest < PATIENCE, "the GPU waited %f s\n", longest);
}

/* In small pages, each a folio of its own. */
static void increment_together(unsigned int words, unsigned int stride)
{
	struct nv_area a;

	nv_area_no_thp(&a, words * stride * 4ul + NV_PAGE);
	memset(a.p, 0, a.size);
	increment_in(a.p, words, stride);
	nv_area_unmap(&a);
}

static void test_one_word(void)
{
	increment_together(1, 1);
}

/* Each word on a page of its own. */
static void test_many_pages(void)
{
	increment_together(THREADS, PAGE_WORDS);
}

/* And those in eight pieces of 2 MiB. */
static void test_many_ranges(void)
{
	increment_together(THREADS, 8 * NV_HUGE_PAGE / THREADS / 4);
}

/* Each word on a page of its own, and all pages of one folio. */
static void test_one_folio(void)
{
	struct nv_area a;

	nv_area_thp(&a, NV_HUGE_PAGE);
	nv_policy_moves(false);
	increment_in(a.p, THREADS, PAGE_WORDS);
	nv_policy_restore();
	nv_area_unmap(&a);
}

/** struct forker - a thread that forks, again and again */
struct forker {
	/** @end: seconds on the clock when it stops */
	double end;
	/** @count: children there were; @error: why there was none */
	unsigned int count;
	int error;
};

static void *fork_run(void *data)
{
	struct forker *forker = data;
	pid_t pid;

	while (now() < forker->end) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid < 0) {
			forker->error = errno;
			break;
		}
		waitpid(pid, NULL, 0);
		forker->count++;
	}
	return NULL;
}

/* Pages on their way from one to the other are no obstacle to a fork(). */
static void test_forks(void)
{
	struct forker forker = { .end = now() + SECONDS };
	pthread_t thread;

	igt_assert_eq(pthread_create(&thread, NULL, fork_run, &forker), 0);
	increment_together(THREADS, PAGE_WORDS);
	igt_assert_eq(pthread_join(thread, NULL), 0);
	igt_info("%u children\n", forker.count);
	igt_assert_f(!forker.error, "fork: %s\n", strerror(forker.error));
	igt_assert(forker.count >= FORKS);
}

/*
 * Pages in RAM that the GPU has for itself, one by one, come back to a CPU that
 * reads them, with what the GPU has added; and go to the GPU again.
 */
static void test_back_and_forth(void)
{
	struct nv_kernel_args args = { .shift = 12, .value = 5 };
	uint64_t before, taken;
	struct nv_area a;
	size_t writable;
	uint32_t *p;
	int i, round;

	nv_area_no_thp(&a, PAGES * NV_PAGE);
	p = a.p;
	args.dst = (uintptr_t)p;
	igt_require_f(nv_stat("pages_exclusive", &before), "no statistics\n");
	nv_policy_moves(false);
	for (round = 1; round <= ROUNDS; round++) {
		nv_run(&dev, &chan, NV_KERNEL_ADD, &args, PAGES);
		igt_assert_eq(nv_pagetable_pages(p, a.size, &writable), PAGES);
		for (i = 0; i < PAGES; i++)
			igt_assert_eq(p[i * PAGE_WORDS], 5 * round);
		igt_assert_eq(nv_pagetable_pages(p, a.size, &writable), 0);
		igt_assert(nv_stat("pages_exclusive", &taken));
		igt_assert_eq(taken - before, round * PAGES);
	}
	nv_policy_restore();
	nv_area_unmap(&a);
}

/* What the GPU has for itself it may read and write without a fault. */
static void test_then_write(void)
{
	struct nv_kernel_args args = { .shift = 2, .value = 1 };
	struct nv_area a;
	uint64_t before, after;
	uint32_t *p;

	nv_area_no_thp(&a, NV_PAGE);
	p = a.p;
	args.dst = (uintptr_t)p;
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, PAGE_WORDS);
	igt_require_f(nv_stat("fault_packets", &before), "no statistics\n");
	igt_assert_eq(nv_write_words(&dev, &chan, p, PAGE_WORDS, 50), 0);
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, PAGE_WORDS);
	igt_assert(nv_stat("fault_packets", &after));
	igt_assert_eq(after, before);
	nv_assert_counting(p, PAGE_WORDS, 51);
	nv_area_unmap(&a);
}

/* Atomics on a page that the GPU has for reading, and for writing only. */
static void test_upgrade(void)
{
	struct nv_kernel_args args = { .shift = 2, .value = 1 };
	struct nv_area a, copy;
	uint32_t *p;

	nv_area_no_thp(&a, 2 * NV_PAGE);
	nv_area_no_thp(&copy, 2 * NV_PAGE);
	p = a.p;
	args.dst = (uintptr_t)p;
	igt_assert_eq(nv_write_words(&dev, &chan, p, PAGE_WORDS, 9), 0);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy.p, p, 2 * PAGE_WORDS),
		      0);
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, 2 * PAGE_WORDS);
	nv_assert_counting(p, PAGE_WORDS, 10);
	nv_assert_all(p + PAGE_WORDS, PAGE_WORDS, 1);
	nv_area_unmap(&copy);
	nv_area_unmap(&a);
}

/*
 * One warp, which asks for its page once and waits: the plainest case, which
 * upstream's driver serves as well.
 */
static void test_one_warp(void)
{
	struct nv_area a;
	uint32_t *p;

	nv_area_no_thp(&a, NV_PAGE);
	p = a.p;
	nv_fill_tags(p, PAGE_WORDS, 1);
	nv_add_to_word(&dev, &chan, p, 3, THREADS);
	igt_assert_eq(p[0], nv_tag(1, 0) + 3u * THREADS);
	nv_add_to_word(&dev, &chan, p, 4, THREADS);
	igt_assert_eq(p[0], nv_tag(1, 0) + 7u * THREADS);
	nv_area_unmap(&a);
}

/*
 * Atomics on a page that the GPU has for itself already: here because another
 * file of the process asked; else because a warp asked before it was served
 * and is told of after.
 */
static void test_exclusive_already(void)
{
	struct nv_channel others;
	struct nv_device other;
	struct nv_area a;
	int round;
	uint32_t *p;

	nv_device_open(&other);
	nv_channel_new(&other, &others);
	nv_area_no_thp(&a, NV_PAGE);
	p = a.p;
	nv_fill_tags(p, PAGE_WORDS, 1);
	for (round = 0; round < ROUNDS; round++) {
		nv_add_to_word(&dev, &chan, p, 1, THREADS);
		nv_add_to_word(&other, &others, p, 100, THREADS);
	}
	igt_assert_eq(p[0], nv_tag(1, 0) + 101u * ROUNDS * THREADS);
	nv_channel_free(&other, &others);
	nv_device_close(&other);
	nv_area_unmap(&a);
}

static const struct nv_subtest subtests[] = {
	{ "one-warp", test_one_warp },
	{ "exclusive-already", test_exclusive_already },
	{ "one-word", test_one_word },
	{ "many-pages", test_many_pages },
	{ "many-ranges", test_many_ranges },
	{ "one-folio", test_one_folio },
	{ "forks", test_forks },
	{ "back-and-forth", test_back_and_forth },
	{ "then-write", test_then_write },
	{ "upgrade", test_upgrade },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
