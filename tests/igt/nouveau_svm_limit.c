// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm limit
 * Description: a control group of memory at its limit gets back what its
 *	processes have in VRAM, and nobody is killed for it
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_cgroup.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define OUTER		NV_CGROUPS "/svm-limit"
#define INNER		OUTER "/inner"
#define MIB		(1l << 20)
/* In VRAM, and then wanted in RAM. */
#define VRAM_SIZE	(8 * MIB)
#define RAM_SIZE	(8 * MIB)
/* What the group may have beyond what it has; its other memory is less. */
#define MORE		MIB
/* How much of VRAM must go for it, at least. */
#define RECLAIMED	((RAM_SIZE - 3 * MORE) / NV_PAGE)
#define PRESSED		(24 * MIB)
#define LIMIT		(12 * MIB)
#define ROUNDS		2
/* A process that has lost memory stays in RAM for so long, and no longer. */
#define STAY_NS		1000000000ll
#define STAY_TRIES	20
/* What it takes for that, soon enough on a slow kernel as well. */
#define STAY_SIZE	(2 * MORE)
#define PIECE		(16 * NV_PAGE)
#define PAGE_SHIFT	12

static struct nv_device dev;
static struct nv_channel chan;

/** struct group - where processes are, and what limits them */
struct group {
	/** @limits: the one with the limit */
	const char *limits;
	/** @holds: the one with the process: that, or one in it */
	const char *holds;
	/** @file: which limit */
	const char *file;
};

static const struct group direct = { OUTER, OUTER, "memory.max" };
static const struct group nested = { OUTER, INNER, "memory.max" };
/*
 * Who is over this one waits, and is not killed: all of a process's memory may be
 * on its way to a slow disk at the same time.
 */
static const struct group patient = { OUTER, OUTER, "memory.high" };

static void group_make(const struct group *g)
{
	nv_cgroup_make(OUTER);
	if (g->holds == g->limits)
		return;
	igt_assert(nv_set_text(OUTER "/cgroup.subtree_control", "+memory"));
	nv_cgroup_make(INNER);
}

static void group_remove(const struct group *g)
{
	if (g->holds != g->limits)
		igt_assert_eq(rmdir(g->holds), 0);
	igt_assert_eq(rmdir(g->limits), 0);
}

static bool set_limit(const struct group *g, const char *file, long limit)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", g->limits, file);
	return nv_set_number(path, limit);
}

/* The group may have a little more than it has by now. */
static void limit_to_now(const struct group *g)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/memory.current", g->limits);
	igt_assert(set_limit(g, g->file, nv_get_number(path) + MORE));
}

static void enter(const struct group *g)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/cgroup.procs", g->holds);
	igt_assert(nv_set_number(path, getpid()));
	munmap(dev.hole, dev.hole_size);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
}

/* Memory with something in it, in VRAM. */
static void fill_vram(struct nv_area *a,
		      void (*make)(struct nv_area *a, size_t size))
{
	make(a, VRAM_SIZE);
	nv_fill_tags(a->p, VRAM_SIZE / 4, 1);
	nv_svm_to_vram(&dev, a->p, VRAM_SIZE);
	igt_assert_eq(nv_present_pages(a->p, VRAM_SIZE), 0);
}

/* Nothing but what is in VRAM can give way to what is locked. */
static void lock_ram(struct nv_area *a, size_t size)
{
	nv_area_no_thp(a, size);
	igt_assert_eq(mlock(a->p, size), 0);
	nv_fill_tags(a->p, size / 4, 2);
}

static void pressed(const struct group *g,
		    void (*make)(struct nv_area *a, size_t size))
{
	uint64_t before = nv_count("pages_reclaimed");
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };

	enter(g);
	fill_vram(&a, make);
	limit_to_now(g);
	lock_ram(&b, RAM_SIZE);
	igt_assert(nv_count("pages_reclaimed") >= before + RECLAIMED);
	nv_assert_tags(b.p, RAM_SIZE / 4, 2);
	nv_assert_tags(a.p, VRAM_SIZE / 4, 1);
}

static void in_group(const struct group *g,
		     void (*make)(struct nv_area *a, size_t size))
{
	group_make(g);
	igt_fork_child()
		pressed(g, make);
	igt_assert_eq(__igt_waitchildren(), 0);
	group_remove(g);
	nv_assert_vram_empty();
}

/* The CPU wants what VRAM has of the limit. */
static void test_pressed(void)
{
	in_group(&direct, nv_area_no_thp);
}

static void test_pressed_huge(void)
{
	in_group(&patient, nv_area_thp);
}

/* The limit is that of a group around it. */
static void test_pressed_nested(void)
{
	in_group(&nested, nv_area_no_thp);
}

/* The first word of each page becomes first, first + 1, ... */
static void gpu_writes(const struct nv_area *a, uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)a->p, .shift = PAGE_SHIFT, .value = first,
	};

	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, a->size / NV_PAGE);
}

static void assert_written(const struct nv_area *a, uint32_t first)
{
	const uint32_t *w = a->p;
	size_t i;

	for (i = 0; i < a->size / NV_PAGE; i++)
		igt_assert_eq(w[i * NV_PAGE / 4], first + i);
}

/*
 * Twice what the process may have, written by the GPU twice: what it faults on
 * goes to VRAM, and makes room for the rest.
 */
static void test_faults(void)
{
	uint64_t before = nv_count("pages_reclaimed");
	struct nv_area a = { .fd = -1 };
	int round;

	group_make(&direct);
	igt_assert(set_limit(&direct, "memory.max", LIMIT));
	igt_assert(nv_policy_moves(true));
	igt_fork_child() {
		enter(&direct);
		nv_area_no_thp(&a, PRESSED);
		for (round = 1; round <= ROUNDS; round++)
			gpu_writes(&a, round << 20);
		assert_written(&a, ROUNDS << 20);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_policy_restore();
	group_remove(&direct);
	igt_assert(nv_count("pages_reclaimed") > before);
}

/* No limit is near: reclaim leaves alone what takes no RAM. */
static void test_no_limit(void)
{
	uint64_t before = nv_count("pages_reclaimed");
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	long swapped;

	group_make(&direct);
	igt_fork_child() {
		enter(&direct);
		fill_vram(&a, nv_area_no_thp);
		nv_area_no_thp(&b, RAM_SIZE);
		nv_fill_tags(b.p, RAM_SIZE / 4, 2);
		swapped = nv_get_line("/proc/vmstat", "pswpout");
		nv_set_number(OUTER "/memory.reclaim", VRAM_SIZE + RAM_SIZE);
		igt_assert(nv_get_line("/proc/vmstat", "pswpout") > swapped);
		nv_assert_tags(b.p, RAM_SIZE / 4, 2);
		igt_assert_eq(nv_count("pages_reclaimed"), before);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	group_remove(&direct);
}

/* There is no swap space for it: to bring it back would be of no use. */
static void test_no_swap(void)
{
	uint64_t before = nv_count("pages_reclaimed");
	struct nv_area a = { .fd = -1 };
	static char bytes[RAM_SIZE];
	int cut, fd = nv_file("/dev/shm", 0);
	bool fits;

	group_make(&direct);
	igt_require_f(set_limit(&direct, "memory.swap.max", 0),
		      "no limit of swap space\n");
	igt_fork_child() {
		/* Who can't be killed gets an error, if not for a fault. */
		igt_assert(nv_set_number("/proc/self/oom_score_adj", -1000));
		enter(&direct);
		memset(bytes, 1, RAM_SIZE);
		fill_vram(&a, nv_area_no_thp);
		limit_to_now(&direct);
		fits = write(fd, bytes, RAM_SIZE) == RAM_SIZE;
		cut = ftruncate(fd, 0);
		igt_assert(set_limit(&direct, "memory.max", LONG_MAX));
		igt_assert(!fits && !cut);
		igt_assert_eq(nv_count("pages_reclaimed"), before);
		nv_assert_tags(a.p, VRAM_SIZE / 4, 1);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	close(fd);
	group_remove(&direct);
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * STAY_NS + t.tv_nsec;
}

/* Does new memory that the GPU writes go to VRAM? */
static bool goes_to_vram(void)
{
	struct nv_area a = { .fd = -1 };
	size_t pages;

	nv_area_no_thp(&a, PIECE);
	gpu_writes(&a, 1);
	pages = nv_pagetable_vram(a.p, PIECE);
	nv_area_unmap(&a);
	return pages;
}

/* Memory that the GPU faults on stays in RAM after that; for a while. */
static void stays(void)
{
	struct nv_area a = { .fd = -1 }, b = { .fd = -1 };
	long long lost;
	int tries;

	enter(&direct);
	igt_assert(goes_to_vram());
	for (tries = 0; tries < STAY_TRIES; tries++) {
		fill_vram(&a, nv_area_no_thp);
		limit_to_now(&direct);
		lost = now_ns();
		lock_ram(&b, STAY_SIZE);
		igt_assert(set_limit(&direct, "memory.max", LONG_MAX));
		if (!goes_to_vram())
			break;
		/* The machine is slow. */
		igt_assert(now_ns() - lost > STAY_NS);
		nv_area_unmap(&a);
		nv_area_unmap(&b);
	}
	igt_assert(tries < STAY_TRIES);
	usleep(STAY_NS / 1000);
	igt_assert(goes_to_vram());
}

static void test_stays(void)
{
	group_make(&direct);
	igt_assert(nv_policy_moves(true));
	igt_fork_child()
		stays();
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_policy_restore();
	group_remove(&direct);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "pressed", test_pressed },
	{ "pressed-huge", test_pressed_huge },
	{ "pressed-nested", test_pressed_nested },
	{ "faults", test_faults },
	{ "no-limit", test_no_limit },
	{ "no-swap", test_no_swap },
	{ "stays", test_stays },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
