// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm hostile
 * Description: programs that mean harm, or do not know better, harm nobody but
 *	themselves, and leave nothing behind
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * The same is done each time, as far as who comes first is not up to the
 * machine; --seed=N does something else, or again what has failed.  --seconds=N
 * is how long the fuzzer takes: hours find more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_bystander.h"
#include "nv_cgroup.h"
#include "nv_hostile.h"
#include "nv_kmsg.h"
#include "nv_mail.h"
#include "nv_main.h"
#include "nv_patience.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define VERSION		3
#define SECONDS		10
/* At a time, and at least. */
#define PROGRAMS	2
#define LEAST_PROGRAMS	6
/* Those that do not end by themselves before are killed. */
#define LIFE_US		(600 * 1000)
#define SETTLE_SECONDS	20
/* Killing takes no longer, nor does a bystander's kernel. */
#define KILL_SECONDS	20
#define KERNEL_SECONDS	20
#define PAUSE_US	1000

/* Kernels of a bystander while they are at it. */
#define BYSTANDER_KERNELS	5
/* Until all of them are at it. */
#define GATHER_SECONDS	100
/* Pages that a kernel faults on for ever. */
#define FAULT_WARPS	4
#define FAULT_THREADS	(FAULT_WARPS * NV_WARP)
/* Together more than VRAM, which is 512 MiB by default. */
#define THRASHERS	64
#define THRASHED	(10ul << 20)
/* 2 << so many processes, over and over. */
#define BOMB_DEPTH	4
#define BOMB_SIZE	(18 * NV_PAGE)
/* What a group may have, and what a kernel wants. */
#define OOM_CGROUP	NV_CGROUPS "/svm-hostile"
#define OOM_MORE	(8l << 20)
#define OOM_WANTED	(32ul << 20)
#define PAGE_SHIFT	12

static uint64_t seed = 1;
static long seconds = SECONDS;

/* What nobody may make the kernel say. */
static const char * const reports[] = {
	"BUG:", "WARNING:", "Oops", "KASAN", "UBSAN", "general protection",
};

#define REPORTS	(sizeof(reports) / sizeof(reports[0]))

/** struct watch - how all was before */
struct watch {
	struct nv_leftovers leftovers;
	int kmsg[REPORTS];
	struct nv_bystander *bystander;
};

static void watch_start(struct watch *w)
{
	size_t i;

	/* What the first program makes, others use. */
	nv_assert_works();
	nv_leftovers_note(&w->leftovers);
	for (i = 0; i < REPORTS; i++)
		w->kmsg[i] = nv_kmsg_open();
	w->bystander = nv_bystander_start();
}

/* It is as if they had never been there. */
static void watch_end(struct watch *w)
{
	size_t i;

	nv_bystander_goes_on(w->bystander, 1, KERNEL_SECONDS);
	nv_bystander_end(w->bystander);
	nv_leftovers_assert(&w->leftovers);
	nv_assert_vram_empty();
	igt_assert(nv_stat_becomes("advice", 0, SETTLE_SECONDS));
	igt_assert(nv_stat_becomes("services_in_flight", 0, SETTLE_SECONDS));
	for (i = 0; i < REPORTS; i++)
		igt_assert_f(!nv_kmsg_had(w->kmsg[i], reports[i]),
			     "the kernel says %s\n", reports[i]);
	nv_assert_works();
}

/* Wait for its end; -ETIME if it does not come. */
static int wait_for(pid_t pid, int *status, long us)
{
	for (; us > 0; us -= PAUSE_US) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return 0;
		usleep(PAUSE_US);
	}
	return -ETIME;
}

/* One program's life; each of them does something else. */
static void harm(uint64_t nr)
{
	const uint64_t it = seed * (1ull << 32) + nr;
	const pid_t pid = fork();
	int status = -1;

	igt_assert(pid >= 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		nv_hostile_run(it);
	}
	if (!wait_for(pid, &status, LIFE_US))
		igt_assert_f(!status || WIFSIGNALED(status),
			     "seed %llu, program %llu: status %x\n",
			     (unsigned long long)seed, (unsigned long long)nr,
			     status);
	else
		kill(pid, SIGKILL);
	if (status == -1)
		igt_assert_f(!wait_for(pid, &status, KILL_SECONDS * 1000000l),
			     "seed %llu, program %llu can't be killed\n",
			     (unsigned long long)seed, (unsigned long long)nr);
}

/* Programs one after the other, and some side by side. */
static void test_fuzz(void)
{
	const time_t end = time(NULL) + seconds;
	struct watch w;
	uint64_t nr;
	int i;

	igt_assert(nv_policy_moves(true));
	watch_start(&w);
	for (i = 0; i < PROGRAMS; i++) {
		igt_fork_child() {
			for (nr = i; time(NULL) < end ||
			     nr < LEAST_PROGRAMS; nr += PROGRAMS)
				harm(nr);
			igt_info("seed %llu: programs up to %llu\n",
				 (unsigned long long)seed,
				 (unsigned long long)nr);
		}
	}
	while (time(NULL) < end)
		nv_bystander_goes_on(w.bystander, 1, KERNEL_SECONDS);
	watch_end(&w);
	nv_policy_restore();
}

/** struct mob - programs that have something in common, and who watches them */
struct mob {
	/** @busy: how many have got to it; @over: it is enough */
	volatile unsigned int busy;
	volatile bool over;
};

static struct mob *mob;

static void get_to_it(void)
{
	__atomic_fetch_add(&mob->busy, 1, __ATOMIC_RELAXED);
}

static pid_t release_one(void (*program)(void))
{
	const pid_t pid = fork();

	igt_assert(pid >= 0);
	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		program();
		exit(1);
	}
	return pid;
}

/* They do not end before they are killed, and then they do. */
static void release(void (*program)(void), unsigned int nr)
{
	pid_t pid[THRASHERS];
	unsigned int i;
	int status;

	for (i = 0; i < nr; i++)
		pid[i] = release_one(program);
	while (!mob->over)
		usleep(PAUSE_US);
	for (i = 0; i < nr; i++)
		kill(-pid[i], SIGKILL);
	for (i = 0; i < nr; i++) {
		igt_assert_eq(wait_for(pid[i], &status,
				       KILL_SECONDS * 1000000l), 0);
		igt_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
}

/* While they are at it, a bystander's kernels work as ever. */
static void watch_mob(void (*program)(void), unsigned int nr)
{
	const time_t end = time(NULL) + nv_patience(GATHER_SECONDS);
	struct watch w;

	igt_assert(nv_policy_moves(true));
	mob->busy = 0;
	mob->over = false;
	watch_start(&w);
	igt_fork_child()
		release(program, nr);
	while (mob->busy < nr && time(NULL) < end)
		usleep(PAUSE_US);
	igt_assert(mob->busy >= nr);
	nv_bystander_goes_on(w.bystander, BYSTANDER_KERNELS, KERNEL_SECONDS);
	mob->over = true;
	watch_end(&w);
	nv_policy_restore();
}

static void *throw_away(void *data)
{
	struct nv_area *a = data;

	for (;;)
		madvise(a->p, a->size, MADV_DONTNEED);
	return NULL;
}

/* A kernel that has no end on memory that is never there. */
static void fault_for_ever(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_mailboxes box;
	struct nv_channel chan;
	struct nv_device dev;
	pthread_t thread;
	unsigned int i;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	nv_area_no_thp(&a, FAULT_THREADS * NV_PAGE);
	nv_mail_start(&box, &dev, &chan, NV_KERNEL_MAIL_WRITE, FAULT_THREADS);
	for (i = 0; i < FAULT_THREADS; i++)
		nv_mail_send(&box, i, (uint8_t *)a.p + i * NV_PAGE, i);
	nv_mail_turn(&box);
	igt_assert_eq(pthread_create(&thread, NULL, throw_away, &a), 0);
	get_to_it();
	pause();
}

static void test_faults(void)
{
	const uint64_t before = nv_count("fault_batches");

	watch_mob(fault_for_ever, 1);
	igt_info("%llu batches\n",
		 (unsigned long long)(nv_count("fault_batches") - before));
}

/* All of them want more of VRAM than is left. */
static void thrash(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device dev;
	uint32_t round, *w;
	size_t i;

	nv_device_open(&dev);
	nv_area_thp(&a, THRASHED);
	for (round = 1;; round++) {
		for (i = 0, w = a.p; i < THRASHED / 4; i += NV_PAGE / 4)
			w[i] = nv_tag(round, i);
		nv_svm_migrate(&dev, a.p, THRASHED);
		if (round == 1)
			get_to_it();
		for (i = 0; i < THRASHED / 4; i += NV_PAGE / 4)
			igt_assert_eq(w[i], nv_tag(round, i));
	}
}

static void test_thrash(void)
{
	watch_mob(thrash, THRASHERS);
}

/* What is in VRAM has ever more owners, who have shared memory of their own. */
static void explode(const struct nv_area *a, int depth)
{
	struct nv_device dev;
	int i;

	for (i = 0; i < 2 && depth; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		explode(a, depth - 1);
		_exit(0);
	}
	nv_device_open(&dev);
	nv_svm_migrate(&dev, a->p, a->size);
	*(volatile uint32_t *)a->p = depth;
	while (wait(NULL) > 0)
		;
}

static void bomb(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, BOMB_SIZE);
	nv_fill_tags(a.p, BOMB_SIZE / 4, 1);
	get_to_it();
	for (;;) {
		if (!fork())
			explode(&a, BOMB_DEPTH);
		wait(NULL);
	}
}

static void test_fork_bomb(void)
{
	watch_mob(bomb, 1);
}

/* Nothing more may be mapped; what is mapped may be used. */
static void test_limits(void)
{
	static const int limits[] = {
		RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, RLIMIT_RSS,
	};
	struct nv_area a = { .fd = -1 };
	struct nv_mailboxes box;
	struct nv_channel chan;
	struct nv_device dev;
	struct rlimit limit;
	unsigned int i;

	igt_fork_child() {
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
		nv_area_no_thp(&a, FAULT_THREADS * NV_PAGE);
		nv_mail_start(&box, &dev, &chan, NV_KERNEL_MAIL_WRITE,
			      FAULT_THREADS);
		for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
			limit = (struct rlimit) { .rlim_max = RLIM_INFINITY };
			igt_assert_eq(setrlimit(limits[i], &limit), 0);
		}
		for (i = 0; i < FAULT_THREADS; i++)
			nv_mail_send(&box, i, (uint8_t *)a.p + i * NV_PAGE,
				     i + 1);
		nv_mail_turn(&box);
		nv_mail_stop(&box);
		for (i = 0; i < FAULT_THREADS; i++)
			igt_assert_eq(((uint32_t *)a.p)[i * NV_PAGE / 4],
				      i + 1);
		nv_svm_to_vram(&dev, a.p, a.size);
		nv_svm_to_ram(&dev, a.p, a.size);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_vram_empty();
}

/* Memory for faults runs out, and there is nobody else to be killed for it. */
static void eat(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_channel chan;
	struct nv_device dev;
	struct nv_kernel_args args = { .shift = PAGE_SHIFT };

	igt_assert(nv_set_number(OOM_CGROUP "/cgroup.procs", getpid()));
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	nv_area_no_thp(&a, OOM_WANTED);
	args.dst = (uintptr_t)a.p;
	igt_assert(nv_set_number(OOM_CGROUP "/memory.max", OOM_MORE +
				 nv_get_number(OOM_CGROUP "/memory.current")));
	get_to_it();
	nv_run_status(&dev, &chan, NV_KERNEL_WRITE, &args,
		      OOM_WANTED / NV_PAGE);
	for (;;)
		pause();
}

static void test_oom(void)
{
	struct watch w;
	int status;

	nv_cgroup_make(OOM_CGROUP);
	igt_require_f(nv_set_number(OOM_CGROUP "/memory.swap.max", 0),
		      "no limit of swap space\n");
	igt_assert(nv_policy_moves(true));
	watch_start(&w);
	igt_fork_child() {
		const long us = nv_patience(GATHER_SECONDS) * 1000000l;
		const pid_t pid = release_one(eat);

		igt_assert_eq(wait_for(pid, &status, us), 0);
		igt_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	nv_bystander_goes_on(w.bystander, BYSTANDER_KERNELS, KERNEL_SECONDS);
	watch_end(&w);
	nv_policy_restore();
	igt_assert(nv_get_line(OOM_CGROUP "/memory.events", "oom_kill") > 0);
	igt_assert_eq(rmdir(OOM_CGROUP), 0);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "fuzz", test_fuzz },
	{ "faults", test_faults },
	{ "thrash", test_thrash },
	{ "fork-bomb", test_fork_bomb },
	{ "limits", test_limits },
	{ "oom", test_oom },
};

int main(int argc, char **argv)
{
	nv_seeded_options(argc, argv, &seed, &seconds, "the fuzzer");

	igt_fixture {
		nv_require_version(VERSION);
		mob = mmap(NULL, sizeof(*mob), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		igt_assert(mob != MAP_FAILED);
	}

	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	igt_exit();
}
