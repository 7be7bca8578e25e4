// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm life
 * Description: SVM begins and ends cleanly, also in the middle of a kernel
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * A child process does what is under test, so that its end is part of it; the
 * parent then checks that nothing is left behind and that the GPU works.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_compute.h"
#include "nv_stats.h"

#define PAGE		4096ul
#define WORDS		(4 * PAGE / 4)
#define WORD_SHIFT	2
#define CLEANUP_SECONDS	20
#define HOLE		(16ull << 30)
#define HOLE_SIZE	(1ull << 30)

/** struct shared - what a child tells its parent */
struct shared {
	/** @running: its kernel has been submitted and has faulted memory in */
	volatile int running;
	/** @pid: the child's */
	volatile pid_t pid;
};

static struct shared *shared;

/* A kernel that works and then waits for a word that never comes. */
static void start_endless(const struct nv_device *dev,
			  const struct nv_channel *chan,
			  struct nv_launch *launch, uint32_t *words)
{
	struct nv_kernel_args args = {
		.dst = (uintptr_t)words,
		.shift = WORD_SHIFT,
		.value = 1,
	};

	nv_run(dev, chan, NV_KERNEL_WRITE, &args, WORDS);
	args.src = (uintptr_t)&words[WORDS - 1];
	args.value = 0xdead0000;
	nv_launch(dev, chan, launch, NV_KERNEL_WAIT, &args, NV_WARP);
	usleep(100 * 1000);
	igt_assert(nv_bo_busy(dev, &launch->push));
}

static uint32_t *map_words(void)
{
	uint32_t *p = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

static void child_exit(void)
{
	struct nv_launch launch;
	struct nv_channel chan;
	struct nv_device dev;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	start_endless(&dev, &chan, &launch, map_words());
	shared->running = 1;
}

static void child_close(void)
{
	struct nv_launch launch;
	struct nv_channel chan;
	struct nv_device dev;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	start_endless(&dev, &chan, &launch, map_words());
	nv_launch_free(&dev, &launch);
	nv_device_close(&dev);
	shared->running = 1;
}

static void child_wait_for_kill(void)
{
	child_exit();
	for (;;)
		pause();
}

/* The memory goes away under a running kernel; the channel must die. */
static void child_munmap(void)
{
	struct nv_launch launch;
	struct nv_channel chan;
	struct nv_device dev;
	uint32_t *words = map_words();

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	start_endless(&dev, &chan, &launch, words);
	munmap(words, WORDS * 4);
	igt_assert_eq(nv_launch_wait(&dev, &launch, CLEANUP_SECONDS), -EIO);
	shared->running = 1;
}

/* The CPU lets the waiting kernel go on by writing the word. */
static void child_release(void)
{
	struct nv_launch launch;
	struct nv_channel chan;
	struct nv_device dev;
	uint32_t *words = map_words();
	uint32_t i;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	start_endless(&dev, &chan, &launch, words);
	*(volatile uint32_t *)&words[WORDS - 1] = 0xdead0000;
	igt_assert_eq(nv_launch_wait(&dev, &launch, CLEANUP_SECONDS), 0);
	for (i = 0; i < NV_WARP; i++)
		igt_assert_eq(words[i], 0xdead0000 + i);
	shared->running = 1;
}

/* One kernel that must work, in a client of its own. */
static void assert_gpu_works(void)
{
	struct nv_channel chan;
	struct nv_device dev;
	uint32_t *p = map_words();
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = WORD_SHIFT,
		.value = 7,
	};
	size_t i;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, WORDS);
	for (i = 0; i < WORDS; i++)
		igt_assert_eq(p[i], 7 + i);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
	munmap(p, WORDS * 4);
}

/** struct subtest - what the child does, and how it ends */
struct subtest {
	const char *name;
	void (*child)(void);
	/** @kill: by SIGKILL instead of its own exit */
	bool kill;
};

static const struct subtest subtests[] = {
	{ "exit-mid-kernel", child_exit, false },
	{ "close-mid-kernel", child_close, false },
	{ "kill-mid-kernel", child_wait_for_kill, true },
	{ "munmap-mid-kernel", child_munmap, false },
	{ "release-mid-kernel", child_release, false },
};

static void kill_running_child(void)
{
	int i;

	for (i = 0; i < CLEANUP_SECONDS * 100 && !shared->running; i++)
		usleep(10 * 1000);
	igt_assert_f(shared->running, "the child's kernel never ran\n");
	igt_assert_eq(kill(shared->pid, SIGKILL), 0);
}

static void run_child(const struct subtest *test)
{
	uint64_t clients = 0, ranges = 0;
	bool counted;

	counted = nv_stat("clients", &clients) && nv_stat("ranges_live", &ranges);
	shared->running = 0;
	igt_fork_child() {
		shared->pid = getpid();
		test->child();
	}
	if (test->kill)
		kill_running_child();
	igt_assert_eq(__igt_waitchildren(),
		      test->kill ? IGT_SIGNALED + SIGKILL : 0);
	igt_assert(shared->running);
	if (counted) {
		igt_assert(nv_stat_becomes("clients", clients,
					   CLEANUP_SECONDS));
		igt_assert(nv_stat_becomes("ranges_live", ranges,
					   CLEANUP_SECONDS));
	}
	assert_gpu_works();
}

/* SVM_INIT refuses holes that wrap, or that channels could not reach. */
static void test_init_arguments(void)
{
	int fd = nv_open_render_node();

	igt_require_f(fd >= 0, "no render node of nouveau\n");
	igt_assert_eq(nv_svm_init(fd, ~0ull - PAGE + 1, 2 * PAGE), -EINVAL);
	igt_assert_eq(nv_svm_init(fd, (1ull << 40) - PAGE, 2 * PAGE), -EINVAL);
	igt_assert_eq(nv_svm_init(fd, 0x7f0000000000ull, HOLE_SIZE), -EINVAL);
	igt_assert_eq(nv_svm_init(fd, HOLE, HOLE_SIZE), 0);
	igt_assert_eq(nv_svm_init(fd, HOLE, HOLE_SIZE), -EBUSY);
	close(fd);
	assert_gpu_works();
}

/* A migration request is taken, and data is what it was. */
static void test_bind(void)
{
	struct nv_device dev;
	uint32_t *p = map_words();
	size_t i;

	for (i = 0; i < WORDS; i++)
		p[i] = 3 * i;
	nv_device_open(&dev);
	igt_assert_eq(nv_svm_migrate(&dev, p, WORDS * 4), 0);
	for (i = 0; i < WORDS; i++)
		igt_assert_eq(p[i], 3 * i);
	igt_assert_eq(nv_svm_migrate(&dev, p + WORDS, 0), -EINVAL);
	nv_device_close(&dev);
	munmap(p, WORDS * 4);
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		struct nv_device dev;

		nv_device_open(&dev);
		nv_device_close(&dev);
		shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		igt_assert(shared != MAP_FAILED);
	}

	/**
	 * SUBTEST: init-arguments
	 * Description: bad SVM_INIT arguments are refused, and harmless
	 */
	igt_subtest("init-arguments")
		test_init_arguments();

	/**
	 * SUBTEST: bind
	 * Description: SVM_BIND keeps data whole and refuses empty ranges
	 */
	igt_subtest("bind")
		test_bind();

	/**
	 * SUBTEST: %s
	 * Description: what its name says happens while a kernel runs
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name)
			run_child(&subtests[i]);
	}

	igt_exit();
}
