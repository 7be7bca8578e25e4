// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm hub
 * Description: units of the GPU other than its SMs, and shared memory: those
 *	whose accesses can wait do, the others' kill their channel at once, and
 *	none hangs
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define WORDS		(4 * NV_PAGE / 4)
#define SECONDS		20
/* Somewhere that all units of the GPU can address: below 1 << 40. */
#define LOW		0x6000000000ull

static struct nv_device dev;
static struct nv_channel chan;

/* A page of shared memory, low, that the GPU has not seen. */
static void *low_page(void)
{
	void *p = mmap((void *)LOW, NV_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		       0);

	igt_assert(p == (void *)LOW);
	memset(p, 0, NV_PAGE);
	return p;
}

static uint32_t *map_words(void)
{
	uint32_t *p = mmap(NULL, WORDS * 4, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* A kernel that writes words, launched like that. */
static int run(const struct nv_channel *c, uint32_t *p,
	       const struct nv_places *places)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
		.value = 40,
	};
	struct nv_launch launch;
	int ret;

	ret = nv_launch_at(&dev, c, &launch, NV_KERNEL_WRITE, &args, WORDS,
			   places);
	if (!ret)
		ret = nv_launch_wait(&dev, &launch, SECONDS);
	else if (ret == -ENODEV)
		ret = -EIO;	/* it died before the submission returned */
	nv_launch_free(&dev, &launch);
	return ret;
}

/* The unit can wait until the page is there: the kernel runs. */
static void assert_served(const struct nv_places *places)
{
	uint32_t *p = map_words();

	igt_assert_eq(run(&chan, p, places), 0);
	nv_assert_counting(p, WORDS, 40);
	munmap(p, WORDS * 4);
}

/* It can't: the channel is dead, soon, and others live. */
static void assert_dies(const struct nv_places *places)
{
	const struct nv_places buffers = { 0 };
	struct nv_channel victim;
	uint32_t *p = map_words();
	uint64_t cancels = 0, after = 0;

	nv_stat("cancels", &cancels);
	nv_channel_new(&dev, &victim);
	igt_assert_eq(run(&victim, p, places), -EIO);
	nv_channel_free(&dev, &victim);
	nv_stat("cancels", &after);
	/* There was nothing to cancel. */
	igt_assert_eq(after, cancels);
	munmap(p, WORDS * 4);
	assert_served(&buffers);
}

static void test_code(void)
{
	const struct nv_places places = { .code = low_page() };

	assert_served(&places);
	munmap(places.code, NV_PAGE);
}

static void test_constants(void)
{
	const struct nv_places places = { .constants = low_page() };

	assert_served(&places);
	munmap(places.constants, NV_PAGE);
}

static void test_descriptor(void)
{
	const struct nv_places places = { .descriptor = low_page() };

	assert_dies(&places);
	munmap(places.descriptor, NV_PAGE);
}

static void test_semaphore(void)
{
	const struct nv_places places = { .done = low_page() };

	assert_dies(&places);
	igt_assert_eq(*places.done, 0);
	munmap(places.done, NV_PAGE);
}

/* What the SMs have had mapped, other units find. */
static void test_semaphore_mapped(void)
{
	const struct nv_places places = { .done = low_page() };
	uint32_t *page = places.done;

	igt_assert_eq(nv_write_words(&dev, &chan, page, NV_PAGE / 4, 1), 0);
	assert_served(&places);
	munmap(page, NV_PAGE);
}

static const struct nv_subtest subtests[] = {
	{ "code", test_code },
	{ "constants", test_constants },
	{ "descriptor", test_descriptor },
	{ "semaphore", test_semaphore },
	{ "semaphore-mapped", test_semaphore_mapped },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
