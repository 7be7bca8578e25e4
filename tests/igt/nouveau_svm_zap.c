// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm zap
 * Description: a huge page is unmapped while it is on its way from VRAM to RAM
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * The kernel up to 7.3 takes what it finds in the page table then for the page
 * in VRAM itself, and drops a reference that is not the process's.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_main.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define WORDS		(NV_HUGE_PAGE / 4)
/* It is unmapped at so many moments, from the way's begin to beyond its end. */
#define MOMENTS		24

static struct nv_device dev;
static struct nv_channel chan;

/** struct zap - a huge page that goes when it is time */
struct zap {
	/** @p: the page */
	uint32_t *p;
	/** @begun: when its way has, by now_us(); 0: it has not */
	volatile long begun;
	/** @after: how long after that, in microseconds */
	long after;
};

static long now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void *zap_in_time(void *data)
{
	struct zap *zap = data;

	while (!zap->begun || now_us() < zap->begun + zap->after)
		sched_yield();
	igt_assert_eq(madvise(zap->p, NV_HUGE_PAGE, MADV_DONTNEED), 0);
	return NULL;
}

/* The ways to RAM. */

static void touch(uint32_t *p)
{
	*(volatile uint32_t *)p;
}

static void ask(uint32_t *p)
{
	nv_svm_to_ram(&dev, p, NV_HUGE_PAGE);
}

static void evict(uint32_t *p)
{
	(void)p;
	nv_fill_vram(&dev);
}

/* How long it takes. */
static long undisturbed(uint32_t *p, void (*way)(uint32_t *p))
{
	long begun;

	nv_fill_tags(p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, p, NV_HUGE_PAGE),
		      NV_HUGE_PAGE / NV_PAGE);
	begun = now_us();
	way(p);
	return now_us() - begun;
}

/* A child that has the page as well, until it is asked whether it is whole. */
static pid_t share(uint32_t *p, int question)
{
	const pid_t pid = fork();
	char byte;

	igt_assert(pid >= 0);
	if (pid)
		return pid;

	igt_assert_eq(read(question, &byte, 1), 1);
	nv_assert_tags(p, WORDS, 2);
	_exit(0);
}

static void zap_at(uint32_t *p, void (*way)(uint32_t *p), long after)
{
	struct zap zap = { .p = p, .after = after };
	pthread_t thread;

	igt_assert_eq(pthread_create(&thread, NULL, zap_in_time, &zap), 0);
	zap.begun = now_us();
	way(p);
	igt_assert_eq(pthread_join(thread, NULL), 0);
}

static void test_way(void (*way)(uint32_t *p), bool shared)
{
	int status, pipe_fd[2];
	struct nv_area a;
	long time;
	pid_t pid;
	int i;

	nv_area_thp(&a, NV_HUGE_PAGE);
	igt_assert_eq(pipe(pipe_fd), 0);
	time = undisturbed(a.p, way);
	for (i = 0; i < MOMENTS; i++) {
		nv_fill_tags(a.p, WORDS, 2);
		igt_assert_eq(nv_svm_to_vram(&dev, a.p, NV_HUGE_PAGE),
			      NV_HUGE_PAGE / NV_PAGE);
		pid = shared ? share(a.p, pipe_fd[0]) : 0;
		zap_at(a.p, way, time * i / (MOMENTS - 4));
		/* It may have been faulted in anew, never what it was. */
		nv_assert_all(a.p, WORDS, 0);
		if (shared) {
			igt_assert_eq(write(pipe_fd[1], "", 1), 1);
			igt_assert_eq(waitpid(pid, &status, 0), pid);
			igt_assert_eq(status, 0);
		}
		nv_assert_vram_empty();
	}
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	nv_area_unmap(&a);
	nv_assert_works();
}

/* The CPU's fault brings it. */
static void test_fault(void)
{
	test_way(touch, false);
}

/* The process asks for it. */
static void test_asked(void)
{
	test_way(ask, false);
}

/* Buffers drive it out. */
static void test_evict(void)
{
	test_way(evict, false);
}

/* The same, and a child has it, which must find it whole. */
static void test_evict_shared(void)
{
	test_way(evict, true);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "fault", test_fault },
	{ "asked", test_asked },
	{ "evict", test_evict },
	{ "evict-shared", test_evict_shared },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), nv_policy_stay);
}
