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
#include "nv_endless.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGE		4096ul
#define WORDS		(4 * PAGE / 4)
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

static uint32_t *map_words(void)
{
	uint32_t *p = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* The child's client of the GPU, and its kernel. */
static struct nv_device client;
static struct nv_endless endless;

static void start_endless(void)
{
	struct nv_channel chan;

	nv_device_open(&client);
	nv_channel_new(&client, &chan);
	nv_endless_start(&endless, &client, &chan);
}

static void child_exit(void)
{
	start_endless();
	shared->running = 1;
}

static void child_close(void)
{
	start_endless();
	nv_launch_free(&client, &endless.launch);
	nv_device_close(&client);
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
	start_endless();
	munmap(endless.words, endless.size);
	igt_assert_eq(nv_endless_wait(&endless, CLEANUP_SECONDS), -EIO);
	shared->running = 1;
}

/* The CPU lets the waiting kernel go on by writing the word. */
static void child_release(void)
{
	start_endless();
	nv_endless_release(&endless);
	shared->running = 1;
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
	struct nv_leftovers before;

	nv_leftovers_note(&before);
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
	nv_leftovers_assert(&before);
	nv_assert_works();
	nv_leftovers_assert(&before);
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
	nv_assert_works();
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
