// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm module
 * Description: the driver comes and goes, and so does the device
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * To be run as root, where nothing else uses the GPU.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_death.h"
#include "nv_endless.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_system.h"
#include "nv_words.h"

#define OPTIONS		"modeset=2"
#define ROUNDS		10
#define BIND_ROUNDS	3
#define SECONDS		20

static unsigned long rounds = ROUNDS;

static void assert_nothing_left(void)
{
	const struct nv_leftovers nothing = { .counted = true };

	nv_leftovers_assert(&nothing);
}

/* Work, unload, load. */
static void test_reload(void)
{
	unsigned long i;

	for (i = 0; i < rounds; i++) {
		nv_assert_works();
		assert_nothing_left();
		igt_assert_eq(nv_module_unload(), 0);
		igt_assert_eq(nv_module_load(OPTIONS), 0);
	}
	nv_assert_works();
}

/* Who has a file open keeps the driver, and is not disturbed. */
static void test_unload_busy(void)
{
	struct nv_endless endless;
	struct nv_channel chan;
	struct nv_device dev;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	nv_endless_start(&endless, &dev, &chan);
	igt_assert(nv_module_unload());
	igt_assert(nv_endless_running(&endless));
	nv_endless_release(&endless);
	nv_endless_free(&endless);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
}

static void test_rebind(void)
{
	char name[16];
	int i;

	nv_pci_name(name);
	for (i = 0; i < BIND_ROUNDS; i++) {
		nv_assert_works();
		assert_nothing_left();
		igt_assert_eq(nv_unbind(name), 0);
		igt_assert_eq(nv_bind(name), 0);
	}
}

/* The device goes while memory is in its VRAM: that comes back, all of it. */
static void hold_vram(volatile int *running)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device dev;
	size_t words;

	nv_device_open(&dev);
	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	words = a.size / 4;
	nv_fill_tags(a.p, words, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, a.size), a.size / NV_PAGE);
	igt_assert_eq(nv_present_pages(a.p, a.size), 0);
	*running = 1;
	while (nv_svm_migrate(&dev, a.p, a.size) != -ENODEV)
		usleep(10 * 1000);
	/* The first half by a touch, the rest when the file is closed. */
	nv_assert_tags(a.p, words / 2, 1);
	nv_device_close(&dev);
	nv_assert_tags(a.p, words, 1);
	nv_area_unmap(&a);
}

/* Learn that the device is gone; memory is there, and as it was. */
static void watch_device_go(volatile int *running)
{
	struct drm_nouveau_svm_death death;
	struct nv_endless endless;
	struct nv_channel chan;
	struct nv_device dev;
	int i;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	nv_endless_start(&endless, &dev, &chan);
	*running = 1;
	for (i = 0; i < SECONDS * 100 && nv_endless_running(&endless); i++)
		usleep(10 * 1000);
	igt_assert_eq(nv_death(&dev, chan.id, &death), -ENODEV);
	igt_assert_eq(nv_svm_migrate(&dev, endless.words, endless.size),
		      -ENODEV);
	nv_assert_counting(endless.words, endless.size / 4, 1);
}

static void wait_until(const volatile int *set)
{
	int i;

	for (i = 0; i < SECONDS * 100 && !*set; i++)
		usleep(10 * 1000);
	igt_assert(*set);
}

/* Unbinding takes as long as files are open: a process of its own does it. */
static pid_t start_unbind(const char *name)
{
	pid_t pid = fork();

	if (!pid)
		_exit(nv_unbind(name) ? 1 : 0);
	igt_assert(pid > 0);
	return pid;
}

/* A file is open, with a kernel that runs, and closed when its owner ends. */
static void test_unbind_live(bool kill_owner)
{
	volatile int *shared;
	char name[16];
	int i, status;
	pid_t unbind;

	shared = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	igt_assert(shared != MAP_FAILED);
	nv_pci_name(name);
	for (i = 0; i < BIND_ROUNDS; i++) {
		shared[0] = 0;
		igt_fork_child() {
			shared[1] = getpid();
			watch_device_go(&shared[0]);
			while (kill_owner)
				pause();
		}
		wait_until(&shared[0]);
		unbind = start_unbind(name);
		if (kill_owner) {
			sleep(1);
			igt_assert_eq(waitpid(unbind, &status, WNOHANG), 0);
			igt_assert_eq(kill(shared[1], SIGKILL), 0);
		}
		igt_assert_eq(__igt_waitchildren(),
			      kill_owner ? IGT_SIGNALED + SIGKILL : 0);
		igt_assert_eq(waitpid(unbind, &status, 0), unbind);
		igt_assert_eq(status, 0);
		igt_assert_eq(nv_bind(name), 0);
		nv_assert_works();
		assert_nothing_left();
	}
	munmap((void *)shared, NV_PAGE);
}

static void test_unbind_vram(void)
{
	volatile int *running;
	char name[16];
	pid_t unbind;
	int status;

	running = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	igt_assert(running != MAP_FAILED);
	nv_pci_name(name);
	igt_fork_child()
		hold_vram(running);
	wait_until(running);
	unbind = start_unbind(name);
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert_eq(waitpid(unbind, &status, 0), unbind);
	igt_assert_eq(status, 0);
	igt_assert_eq(nv_bind(name), 0);
	nv_assert_works();
	assert_nothing_left();
	munmap((void *)running, NV_PAGE);
}

static int read_rounds(int opt, int index, void *data)
{
	(void)opt;
	(void)index;
	(void)data;
	rounds = strtoul(optarg, NULL, 0);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "rounds", required_argument, NULL, 'r' },
		{}
	};

	igt_subtest_init_parse_opts(&argc, argv, "", options,
				    "  --rounds N\tunload and reload N times\n",
				    read_rounds, NULL);

	igt_fixture {
		nv_assert_works();
	}

	/**
	 * SUBTEST: reload
	 * Description: the driver is unloaded and loaded, with work in between
	 */
	igt_subtest("reload")
		test_reload();

	/**
	 * SUBTEST: unload-busy
	 * Description: it is not while somebody uses it
	 */
	igt_subtest("unload-busy")
		test_unload_busy();

	/**
	 * SUBTEST: rebind
	 * Description: the device is taken from it and given back
	 */
	igt_subtest("rebind")
		test_rebind();

	/**
	 * SUBTEST: unbind-live
	 * Description: it is taken while a kernel runs; its owner learns of it
	 */
	igt_subtest("unbind-live")
		test_unbind_live(false);

	/**
	 * SUBTEST: unbind-live-kill
	 * Description: the same; the owner does not care, until it is killed
	 */
	igt_subtest("unbind-live-kill")
		test_unbind_live(true);

	/**
	 * SUBTEST: unbind-vram
	 * Description: it is taken while memory is in VRAM, which comes back
	 */
	igt_subtest("unbind-vram")
		test_unbind_vram();

	igt_exit();
}
