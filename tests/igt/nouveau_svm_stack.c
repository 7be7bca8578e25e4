// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm stack
 * Description: a stack grows downwards by being touched, by the GPU too, as
 *	far as a stack may grow
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "igt_abi.h"
#include "nv_death.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define DEPTH_PAGES	64
#define WORDS		(4 * NV_PAGE / 4)

static struct nv_device dev;
static struct nv_channel chan;

/* Where the stack begins (its lowest address) and ends at present. */
static void stack_now(uintptr_t *start, uintptr_t *end)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long long lo, hi;
	bool found = false;
	char line[512];

	igt_assert(f);
	while (!found && fgets(line, sizeof(line), f)) {
		found = strstr(line, "[stack]") &&
			sscanf(line, "%llx-%llx", &lo, &hi) == 2;
	}
	fclose(f);
	igt_assert(found);
	*start = lo;
	*end = hi;
}

/* Where no CPU has been yet. */
static uint32_t *below_stack(void)
{
	uintptr_t start, end;

	stack_now(&start, &end);
	return (uint32_t *)(start - DEPTH_PAGES * NV_PAGE);
}

static void assert_grown(const uint32_t *w)
{
	uintptr_t start, end;

	stack_now(&start, &end);
	igt_assert(start <= (uintptr_t)w);
	nv_pagetable_assert_true(w, WORDS * 4);
}

static void test_write(void)
{
	uint32_t *w = below_stack();

	igt_assert_eq(nv_write_words(&dev, &chan, w, WORDS, 5), 0);
	assert_grown(w);
	nv_assert_counting(w, WORDS, 5);
}

static void test_read(void)
{
	uint32_t *w = below_stack(), *copy = malloc(WORDS * 4);

	igt_assert(copy);
	memset(copy, 0xff, WORDS * 4);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, w, WORDS), 0);
	nv_assert_all(copy, WORDS, 0);
	assert_grown(w);
	nv_assert_all(w, WORDS, 0);
	free(copy);
}

/* Twice as far as it may ever grow, nothing is a stack. */
static void test_limit(void)
{
	struct drm_nouveau_svm_death death;
	uintptr_t start, end, beyond;
	struct rlimit limit;

	igt_assert_eq(getrlimit(RLIMIT_STACK, &limit), 0);
	igt_require_f(limit.rlim_cur != RLIM_INFINITY, "no limit\n");
	stack_now(&start, &end);
	beyond = end - 2 * limit.rlim_cur;
	igt_assert_eq(nv_write_words(&dev, &chan, (void *)beyond, NV_WARP, 5),
		      -EIO);
	igt_assert_eq(nv_death(&dev, chan.id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_NO_MAPPING);
	igt_assert_eq(death.address, beyond & ~(NV_PAGE - 1));
}

/** struct subtest - a row of the table of subtests */
struct subtest {
	const char *name;
	void (*run)(void);
};

static const struct subtest subtests[] = {
	{ "gpu-write", test_write },
	{ "gpu-read", test_read },
	{ "limit", test_limit },
};

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
	}

	/**
	 * SUBTEST: %s
	 * Description: see the comment above the function of that name
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name) {
			nv_channel_new(&dev, &chan);
			subtests[i].run();
			nv_channel_free(&dev, &chan);
		}
	}

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
}
