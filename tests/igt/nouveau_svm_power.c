// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm power
 * Description: memory is right before and after the GPU has slept, and what it
 *	had mapped it has not any more; its own memory is lost meanwhile
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * To be run as root, on a machine that may sleep.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_death.h"
#include "nv_endless.h"
#include "nv_kmsg.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_system.h"
#include "nv_words.h"

#define SIZE		(4ul << 20)
#define WORDS		(SIZE / 4)
#define GPU_WORDS	(64 * NV_PAGE / 4)
#define END_SECONDS	30
#define ROUNDS		3
#define IDLE_MS		100
#define BUSY_MS		1000
#define OPTIONS		"modeset=2"

static struct nv_device dev;
static struct nv_channel chan;

static uint32_t *map(void)
{
	uint32_t *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

static void start(void)
{
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
}

static void stop(void)
{
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
}

/* Written before, read after; written again; by the same client. */
static void test_idle(int (*nap)(void))
{
	uint32_t *p = map(), *copy = map();
	size_t writable;

	start();
	nv_fill_tags(p, WORDS, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, 100), 0);
	igt_assert(nv_pagetable_pages(p, SIZE, &writable));

	igt_assert_eq(nap(), 0);

	igt_assert_eq(nv_pagetable_pages(p, SIZE, &writable), 0);
	nv_assert_counting(p, GPU_WORDS, 100);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, p, GPU_WORDS), 0);
	nv_assert_counting(copy, GPU_WORDS, 100);
	igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, 200), 0);
	nv_assert_counting(p, GPU_WORDS, 200);
	stop();
	munmap(p, SIZE);
	munmap(copy, SIZE);
}

/*
 * Memory in VRAM comes back before VRAM is lost, and can go there again: the
 * channel that copies it has slept, too.
 */
static void test_vram(int (*nap)(void))
{
	const size_t pages = SIZE / NV_PAGE;
	uint32_t *p = map();

	start();
	nv_fill_tags(p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, p, SIZE), pages);
	igt_assert_eq(nv_present_pages(p, SIZE), 0);
	igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, 100), 0);

	igt_assert_eq(nap(), 0);

	igt_assert_eq(nv_present_pages(p, SIZE), pages);
	nv_assert_counting(p, GPU_WORDS, 100);
	nv_fill_tags(p, GPU_WORDS, 1);
	nv_assert_tags(p, WORDS, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, p, SIZE), pages);
	igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, 200), 0);
	igt_assert_eq(nv_pagetable_vram(p, GPU_WORDS * 4),
		      GPU_WORDS * 4 / NV_PAGE);
	nv_assert_counting(p, GPU_WORDS, 200);
	stop();
	munmap(p, SIZE);
}

/*
 * A kernel that would never end can't be taken along: its channel is killed,
 * the kernel log says why, and so does the driver.
 */
static void test_mid_kernel(int (*nap)(void))
{
	struct drm_nouveau_svm_death death;
	struct nv_endless endless;
	int kmsg = nv_kmsg_open();
	char text[256];

	start();
	nv_endless_start(&endless, &dev, &chan);

	igt_assert_eq(nap(), 0);

	igt_assert_eq(nv_endless_wait(&endless, END_SECONDS), -EIO);
	igt_assert_eq(nv_death(&dev, chan.id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_SUSPEND);
	igt_assert_eq(death.access, NOUVEAU_SVM_ACCESS_READ);
	igt_assert(death.address - (uintptr_t)endless.words < endless.size);
	nv_death_message(&death, text, sizeof(text));
	igt_assert_f(nv_kmsg_had(kmsg, text), "nobody said: %s\n", text);
	nv_endless_free(&endless);
	stop();
}

/*
 * With nobody there the GPU sleeps; a client wakes it up, and keeps it awake
 * as long as it has shared memory.
 */
static void test_runtime(void)
{
	uint32_t *p = map();
	char name[16];
	int i;

	igt_assert_eq(nv_module_unload(), 0);
	igt_assert_eq(nv_module_load(OPTIONS " runpm=1"), 0);
	nv_pci_name(name);
	nv_runtime_delay(name, IDLE_MS);
	for (i = 0; i < ROUNDS; i++) {
		igt_assert(nv_runtime_becomes(name, "suspended", END_SECONDS));
		start();
		igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, i), 0);
		nv_assert_counting(p, GPU_WORDS, i);
		usleep(BUSY_MS * 1000);
		igt_assert(nv_runtime_becomes(name, "active", 0));
		igt_assert_eq(nv_write_words(&dev, &chan, p, GPU_WORDS, 7), 0);
		nv_assert_counting(p, GPU_WORDS, 7);
		stop();
	}
	igt_assert(nv_runtime_becomes(name, "suspended", END_SECONDS));
	igt_assert_eq(nv_module_unload(), 0);
	igt_assert_eq(nv_module_load(OPTIONS), 0);
	munmap(p, SIZE);
}

/** struct subtest - how to sleep, and in the middle of what */
struct subtest {
	const char *name;
	void (*run)(int (*nap)(void));
	int (*nap)(void);
};

static const struct subtest subtests[] = {
	{ "suspend", test_idle, nv_suspend },
	{ "suspend-mid-kernel", test_mid_kernel, nv_suspend },
	{ "suspend-vram", test_vram, nv_suspend },
	{ "hibernate", test_idle, nv_hibernate },
	{ "hibernate-mid-kernel", test_mid_kernel, nv_hibernate },
	{ "hibernate-vram", test_vram, nv_hibernate },
};

static void run(const struct subtest *test)
{
	struct nv_leftovers before;

	nv_leftovers_note(&before);
	test->run(test->nap);
	nv_leftovers_assert(&before);
	nv_assert_works();
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		start();
		stop();
	}

	/**
	 * SUBTEST: %s
	 * Description: the machine sleeps, without work or in the midst of it
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name)
			run(&subtests[i]);
	}

	/**
	 * SUBTEST: runtime
	 * Description: the GPU sleeps when nobody uses it, and only then
	 */
	igt_subtest("runtime")
		test_runtime();

	igt_exit();
}
