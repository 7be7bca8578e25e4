// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm stall
 * Description: the GPU waits for a page that nobody brings: only the program
 *	that wants it waits, and it can be ended at any time
 * Category: Software building block
 * Functionality: shared virtual memory, userfaultfd, FUSE
 *
 * A child process registers memory with userfaultfd(2), full mode, has a
 * kernel touch it, and answers no fault; or maps a file (fuse-*) whose server
 * does not.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_fuse.h"
#include "nv_stats.h"
#include "nv_monitor.h"
#include "nv_words.h"

#define SIZE		(16 * NV_PAGE)
#define WORDS		(SIZE / 4)
#define FAULT_MS	(20 * 1000)
#define IDLE_SECONDS	3
/* The first fault is served while the driver hears of the others. */
#define SETTLE_US	(300 * 1000)
/* What closing, killing, unmapping may take with a page outstanding. */
#define SECONDS_MAX	2.0
/*
 * Pascal has one graphics engine, and a channel that waits for a replay keeps
 * it, until host's context switch timeout takes it off for another one.
 */
#define OTHERS_MAX	20.0

/** struct stalled - a program that waits */
struct stalled {
	struct nv_device dev;
	struct nv_channel chan;
	struct nv_launch launch;
	struct nv_area area, source;
	struct nv_monitor u;
};

/** struct shared - what a child tells its parent */
struct shared {
	/** @stalled: its kernel waits */
	volatile int stalled;
	volatile pid_t pid;
	/** @ending: when it began to exit */
	volatile double ending;
};

static struct shared *shared;
/* The file, if it is one that the kernel waits for. */
static struct nv_fuse fuse;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void touch(struct stalled *s)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)s->area.p,
		.shift = NV_WORD_SHIFT,
		.value = 9,
	};

	nv_launch(&s->dev, &s->chan, &s->launch, NV_KERNEL_WRITE, &args,
		  WORDS);
}

/* The kernel waits when its fault has come to the monitor's file. */
static void stall(struct stalled *s)
{
	struct pollfd fd = { .events = POLLIN };

	memset(s, 0, sizeof(*s));
	nv_device_open(&s->dev);
	nv_channel_new(&s->dev, &s->chan);
	nv_area_anon(&s->area, SIZE);
	nv_area_anon(&s->source, SIZE);
	s->u = (struct nv_monitor) {
		.p = s->area.p,
		.size = SIZE,
		.page = NV_PAGE,
		.source = s->source.p,
	};
	nv_monitor_register(&s->u, 0, 0, UFFDIO_REGISTER_MODE_MISSING);
	touch(s);
	fd.fd = s->u.fd;
	igt_assert_f(poll(&fd, 1, FAULT_MS) == 1, "no fault has come\n");
	shared->stalled = 1;
}

static void child_close(void)
{
	struct stalled s;
	double start;

	stall(&s);
	/* A mapped buffer would keep the file open. */
	nv_launch_free(&s.dev, &s.launch);
	start = now();
	nv_device_close(&s.dev);
	igt_assert_f(now() - start < SECONDS_MAX, "close took %.1f s\n",
		     now() - start);
}

static void child_exit(void)
{
	struct stalled s;

	stall(&s);
	shared->ending = now();
}

static void child_sleep(void)
{
	struct stalled s;

	stall(&s);
	for (;;)
		pause();
}

static void touch_file(struct stalled *s)
{
	memset(s, 0, sizeof(*s));
	nv_device_open(&s->dev);
	nv_channel_new(&s->dev, &s->chan);
	nv_area_map(&s->area, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    nv_fuse_open(&fuse, SIZE));
	touch(s);
}

/* The kernel waits when the file's server is asked for a page of it. */
static void child_reads(void)
{
	struct stalled s;
	int ms;

	touch_file(&s);
	for (ms = 0; ms < FAULT_MS && !*fuse.reads; ms += 10)
		usleep(10 * 1000);
	igt_assert_f(*fuse.reads, "no read has come\n");
	shared->stalled = 1;
	for (;;)
		pause();
}

/* As the CPU would be told of it. */
static void child_learns(void)
{
	struct stalled s;

	touch_file(&s);
	igt_assert_eq(nv_launch_wait(&s.dev, &s.launch, FAULT_MS / 1000),
		      -EIO);
	igt_assert(*fuse.reads);
	shared->stalled = 1;
	shared->ending = now();
}

/* Other memory of the program is as quick to unmap as ever. */
static void child_munmap(void)
{
	struct stalled s;
	double start;
	void *p;

	p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		 MAP_ANONYMOUS, -1, 0);
	igt_assert(p != MAP_FAILED);
	stall(&s);
	memset(p, 1, SIZE);
	start = now();
	igt_assert_eq(munmap(p, SIZE), 0);
	igt_assert_eq(munmap(s.source.p, SIZE), 0);
	igt_assert_f(now() - start < SECONDS_MAX, "munmap took %.1f s\n",
		     now() - start);
}

/* A program that waits makes the GPU ask for nothing again and again. */
static void child_replays(void)
{
	uint64_t before, after, packets;
	struct stalled s;

	stall(&s);
	usleep(SETTLE_US);
	igt_require_f(nv_stat("replays", &before) &&
		      nv_stat("fault_packets", &packets), "no statistics\n");
	sleep(IDLE_SECONDS);
	nv_stat("replays", &after);
	igt_assert_eq(after, before);
	nv_stat("fault_packets", &after);
	igt_assert_eq(after, packets);
}

/* Better late than never. */
static void child_late(void)
{
	struct stalled s;

	stall(&s);
	sleep(IDLE_SECONDS);
	nv_monitor_start(&s.u);
	igt_assert_eq(nv_launch_wait(&s.dev, &s.launch, FAULT_MS / 1000), 0);
	nv_assert_counting(s.area.p, WORDS, 9);
	nv_monitor_stop(&s.u);
}

/* One kernel that must work, in a client of its own. */
static void assert_gpu_works(void)
{
	struct nv_channel chan;
	struct nv_device dev;
	struct nv_area a;

	nv_area_anon(&a, SIZE);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, WORDS, 7), 0);
	nv_assert_counting(a.p, WORDS, 7);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
	nv_area_unmap(&a);
}

static void wait_stalled(void)
{
	int ms;

	for (ms = 0; ms < FAULT_MS && !shared->stalled; ms += 10)
		usleep(10 * 1000);
	igt_assert_f(shared->stalled, "the child's kernel never ran\n");
}

/** struct subtest - what the child does, and how it ends */
struct subtest {
	const char *name;
	void (*child)(void);
	/** @others: another process uses the GPU meanwhile */
	bool others;
	/** @kill: it ends by SIGKILL */
	bool kill;
	/** @file: it is a file's page; and @reading: what comes of it */
	bool file;
	enum nv_fuse_read reading;
};

static const struct subtest subtests[] = {
	{ .name = "close", .child = child_close },
	{ .name = "exit", .child = child_exit },
	{ .name = "kill", .child = child_sleep, .kill = true },
	{ .name = "others", .child = child_sleep, .others = true, .kill = true },
	{ .name = "munmap", .child = child_munmap },
	{ .name = "replays", .child = child_replays },
	{ .name = "late-answer", .child = child_late },
	{ .name = "fuse-others", .child = child_reads, .others = true,
	  .kill = true, .file = true, .reading = NV_FUSE_KILLABLE },
	{ .name = "fuse-deaf", .child = child_reads, .others = true,
	  .kill = true, .file = true, .reading = NV_FUSE_DEAF },
	{ .name = "fuse-broken", .child = child_learns, .file = true,
	  .reading = NV_FUSE_BROKEN },
};

static void assert_others_work(void)
{
	const double start = now();

	assert_gpu_works();
	igt_assert_f(now() - start < OTHERS_MAX, "it took %.1f s\n",
		     now() - start);
}

static double end_child(const struct subtest *test)
{
	double start;

	if (!test->kill) {
		igt_assert_eq(__igt_waitchildren(), 0);
		return shared->ending;
	}
	wait_stalled();
	if (test->others)
		assert_others_work();
	start = now();
	igt_assert_eq(kill(shared->pid, SIGKILL), 0);
	if (test->file && test->reading == NV_FUSE_DEAF) {
		/* It is as if dead: for others, it is. */
		assert_others_work();
		start = now();
		nv_fuse_end(&fuse);
	}
	igt_assert_eq(__igt_waitchildren(), IGT_SIGNALED + SIGKILL);
	return start;
}

static void run(const struct subtest *test)
{
	uint64_t clients = 0, ranges = 0;
	double start, took;
	bool counted;

	counted = nv_stat("clients", &clients) && nv_stat("ranges_live", &ranges);
	memset(shared, 0, sizeof(*shared));
	if (test->file)
		nv_fuse_start(&fuse, test->reading);
	igt_fork_child() {
		shared->pid = getpid();
		test->child();
	}
	start = end_child(test);
	took = start ? now() - start : 0;
	igt_info("%s: %.2f s\n", test->name, took);
	igt_assert_f(took < SECONDS_MAX, "the end took %.1f s\n", took);
	igt_assert(shared->stalled);
	if (counted) {
		igt_assert(nv_stat_becomes("clients", clients, 1));
		igt_assert(nv_stat_becomes("ranges_live", ranges, 1));
	}
	if (test->file && test->reading != NV_FUSE_DEAF)
		nv_fuse_end(&fuse);
	assert_gpu_works();
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		struct nv_device dev;

		nv_device_open(&dev);
		nv_device_close(&dev);
		shared = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		igt_assert(shared != MAP_FAILED);
	}

	/**
	 * SUBTEST: %s
	 * Description: that happens while a kernel waits for a page in vain
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name)
			run(&subtests[i]);
	}

	igt_exit();
}
