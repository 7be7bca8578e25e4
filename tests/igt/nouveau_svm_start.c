// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm start
 * Description: allocations fail once of what the driver makes once: when it
 *	is given a device, and when memory shall go to VRAM for the first time
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * To be run as root, where nothing else uses the GPU.  Needs a kernel with fault
 * injection.
 */
#include <errno.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_inject.h"
#include "nv_main.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_system.h"
#include "nv_words.h"

#define HOLE		(16ull << 30)
#define HOLE_SIZE	(1ull << 30)
#define MOVED		(2 * NV_PAGE)
#define TRIES		3
/* Of what is made for the first move, as each may take a start of the driver. */
#define ALLOCATIONS	16

static struct nv_device dev;

static void rebind(void)
{
	char name[16];

	nv_pci_name(name);
	igt_assert_eq(nv_unbind(name), 0);
	igt_assert_eq(nv_bind(name), 0);
}

/* A file can have SVM, and then that works; or the device has none. */
static bool has_svm(void)
{
	const int fd = nv_open_render_node();
	int ret;

	igt_assert(fd >= 0);
	ret = nv_svm_init(fd, HOLE, HOLE_SIZE);
	close(fd);
	igt_assert(!ret || ret == -ENOSYS);
	if (!ret)
		nv_assert_works();
	return !ret;
}

/** struct part - of what is made for a device */
static const struct part {
	/** @function: what makes it */
	const char *function;
	/** @first: only what comes first, all of which SVM needs */
	bool first;
} parts[] = {
	{ "nouveau_svm_init", true },
	{ "nvkm_svm_new", false },
	{ "nouveau_dmem_new", false },
};

static void start_without(const struct part *part, const char *name)
{
	struct nv_inject inject;
	unsigned int without = 0;
	bool failed, svm;

	nv_inject_open(&inject);
	do {
		igt_assert_eq(nv_unbind(name), 0);
		nv_inject_only_in(part->function);
		nv_inject_arm(&inject);
		igt_assert_eq(nv_bind(name), 0);
		failed = nv_inject_disarm(&inject);
		svm = has_svm();
		igt_assert(failed || svm);
		without += !svm;
	} while (part->first ? !svm : failed);
	igt_info("%s: %u allocations, no SVM without %u\n", part->function,
		 inject.nth - 1, without);
	igt_assert(without);
	nv_inject_close(&inject);
}

static void test_device(void)
{
	char name[16];
	size_t i;

	nv_pci_name(name);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		start_without(&parts[i], name);
}

/* Until that works; true if there was one to fail for the last time. */
static bool move(struct nv_inject *inject, int missing)
{
	struct nv_area a;
	bool failed;
	int ret;

	nv_device_open(&dev);
	nv_area_no_thp(&a, MOVED);
	do {
		nv_fill_tags(a.p, MOVED / 4, inject->nth);
		nv_inject_arm(inject);
		ret = nv_svm_migrate(&dev, a.p, MOVED);
		failed = nv_inject_disarm(inject);
		igt_assert(!ret || (failed && ret == missing));
		nv_assert_tags(a.p, MOVED / 4, inject->nth - 1);
	} while (ret);
	nv_area_unmap(&a);
	nv_device_close(&dev);
	return failed;
}

/* What is made without the one that failed is there to stay: then all anew. */
static unsigned int move_without(const char *function,
				 void (*open)(struct nv_inject *inject),
				 int missing)
{
	struct nv_inject inject;
	unsigned int nr;
	bool failed;

	open(&inject);
	do {
		rebind();
		nv_inject_only_in(function);
		failed = move(&inject, missing);
	} while (failed && inject.nth < ALLOCATIONS);
	nr = inject.nth - !failed;
	igt_info("%s: %u allocations\n", function, nr);
	nv_inject_close(&inject);
	return nr;
}

/* A worker that was not there when the others were armed does not fail. */
static void test_copies(void)
{
	int i;

	for (i = 0; i < TRIES; i++) {
		if (move_without("nouveau_dmem_copy_revive",
				 nv_inject_open_workers, -ENODEV))
			return;
	}
	igt_assert(false);
}

static void test_pages(void)
{
	igt_assert(move_without("nouveau_dmem_ready", nv_inject_open, -ENOMEM));
}

/*
 * With memory that stays where it is, and in a process of its own: what it leaves
 * behind shows when it is gone.
 */
static void run_in_child(void (*test)(void))
{
	const struct nv_leftovers nothing = { .counted = true };

	nv_inject_choose(NV_INJECT_MEMORY);
	/* What watches over memory has some of its own, and does without. */
	nv_inject_not_in("kmemleak_alloc");
	nv_assert_works();
	nv_policy_stay();
	igt_fork_child() {
		test();
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_policy_restore();
	nv_leftovers_assert(&nothing);
	igt_assert(nv_stat_becomes("vram_bytes", 0, 20));
	nv_assert_works();
}

int main(int argc, char **argv)
{
	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_inject_require();
	}

	/**
	 * SUBTEST: device
	 * Description: what a device has for SVM: all of it, or it has no SVM
	 */
	igt_subtest("device")
		run_in_child(test_device);

	/**
	 * SUBTEST: copies
	 * Description: the first allocations for the channel that copies to VRAM
	 */
	igt_subtest("copies")
		run_in_child(test_copies);

	/**
	 * SUBTEST: pages
	 * Description: the first allocations for the pages that stand for VRAM
	 */
	igt_subtest("pages")
		run_in_child(test_pages);

	igt_exit();
}
