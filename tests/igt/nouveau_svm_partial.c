// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm partial
 * Description: a part of a range that the GPU has mapped as a whole goes, or
 *	moves, between two kernels; with the CPU having touched it, or not
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define PAGES		NV_WARP
#define PAGE_SHIFT	12
#define PAGE_WORDS	(NV_PAGE / 4)

static struct nv_device dev;
static struct nv_channel chan;

/** struct partial - a change of a part between two kernels on the whole */
struct partial {
	const char *name;
	/** @first, @pages: the part, of PAGES */
	unsigned int first, pages;
	bool remap, atomic, cpu_fault;
};

static const struct partial partials[] = {
	{ "munmap-cpu-fault", 0, 8, false, false, true },
	{ "munmap-no-cpu-fault", 0, 8, false, false, false },
	{ "remap-cpu-fault", 0, 8, true, false, true },
	{ "remap-no-cpu-fault", 0, 8, true, false, false },
	{ "middle-munmap-cpu-fault", 4, 8, false, false, true },
	{ "middle-munmap-no-cpu-fault", 4, 8, false, false, false },
	{ "middle-remap-cpu-fault", 4, 8, true, false, true },
	{ "middle-remap-no-cpu-fault", 4, 8, true, false, false },
	{ "atomic-munmap-cpu-fault", 0, 8, false, true, true },
	{ "atomic-munmap-no-cpu-fault", 0, 8, false, true, false },
	{ "atomic-remap-cpu-fault", 0, 8, true, true, true },
	{ "atomic-remap-no-cpu-fault", 0, 8, true, true, false },
};

/* One word of each page is incremented, atomically or not. */
static void touch(const struct partial *row, void *p)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.src = (uintptr_t)p,
		.shift = PAGE_SHIFT,
		.value = 1,
	};

	nv_run(&dev, &chan, row->atomic ? NV_KERNEL_ADD : NV_KERNEL_INCREMENT,
	       &args, PAGES);
}

static void assert_pages(const uint32_t *w, size_t pages, uint32_t want)
{
	size_t i;

	for (i = 0; i < pages; i++)
		igt_assert_eq(w[i * PAGE_WORDS], want);
}

static void map_over(void *p, size_t size)
{
	igt_assert(mmap(p, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p);
}

/* Either way, new memory is where the part was. */
static void change_part(const struct partial *row, void *part)
{
	const size_t size = row->pages * NV_PAGE;
	size_t writable;
	void *to;

	if (row->remap) {
		/* an address, as a hint, is read with this flag */
		to = mremap(part, size, size, MREMAP_MAYMOVE |
			    MREMAP_DONTUNMAP, NULL);
		igt_assert(to != MAP_FAILED);
		assert_pages(to, row->pages, 1);
		igt_assert_eq(munmap(to, size), 0);
	} else {
		igt_assert_eq(munmap(part, size), 0);
		map_over(part, size);
	}
	igt_assert_eq(nv_pagetable_pages(part, size, &writable), 0);
}

static void run(const struct partial *row)
{
	const unsigned int after = row->first + row->pages;
	struct nv_area a = { .fd = -1 };
	uint32_t *w;

	nv_area_anon(&a, PAGES * NV_PAGE);
	w = a.p;
	touch(row, w);
	if (row->cpu_fault)
		assert_pages(w, PAGES, 1);
	change_part(row, w + row->first * PAGE_WORDS);
	touch(row, w);
	assert_pages(w, row->first, 2);
	assert_pages(w + row->first * PAGE_WORDS, row->pages, 1);
	assert_pages(w + after * PAGE_WORDS, PAGES - after, 2);
	nv_pagetable_assert_true(w, a.size);
	nv_area_unmap(&a);
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
		nv_channel_new(&dev, &chan);
	}

	/**
	 * SUBTEST: %s
	 * Description: a kernel before that change, one after it
	 */
	for (i = 0; i < sizeof(partials) / sizeof(partials[0]); i++) {
		igt_subtest(partials[i].name)
			run(&partials[i]);
	}

	igt_fixture {
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}

	igt_exit();
}
