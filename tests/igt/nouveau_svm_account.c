// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm account
 * Description: memory in VRAM is seen by who looks for it: in fdinfo, and in
 *	the control group that it was charged to
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_cgroup.h"
#include "nv_compute.h"
#include "nv_endless.h"
#include "nv_fdinfo.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_patience.h"
#include "nv_stats.h"
#include "nv_words.h"

#define CGROUP		NV_CGROUPS "/svm-account"
#define CLEANUP_SECONDS	10
#define BO_SIZE		(1ul << 20)
#define RESERVE_SIZE	(1ul << 20)
#define AREA_SIZE	(2 * NV_HUGE_PAGE)
#define CHARGED_SIZE	(4 * NV_HUGE_PAGE)
/* Tables, what else a process needs meanwhile, and what each CPU has in stock. */
#define CHARGED_MORE	(CHARGED_SIZE / 4)

static struct nv_device dev;
static struct nv_channel chan;

static uint64_t fdinfo(const char *key)
{
	return nv_fdinfo(&dev, key);
}

/* Chunks of VRAM are freed a little later. */
static bool fdinfo_becomes(const char *key, uint64_t want)
{
	const time_t end = time(NULL) + nv_patience(CLEANUP_SECONDS);

	while (fdinfo(key) != want) {
		if (time(NULL) > end)
			return false;
		usleep(1000);
	}
	return true;
}

/* Memory is in VRAM, and then it is not. */
static void test_fdinfo_memory(void)
{
	const uint64_t total = fdinfo("drm-total-vram");
	const uint64_t resident = fdinfo("drm-resident-vram");
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, AREA_SIZE / 4, 1);
	nv_svm_to_vram(&dev, a.p, AREA_SIZE);
	igt_assert_eq(fdinfo("drm-resident-vram"), resident + AREA_SIZE);
	igt_assert_eq(fdinfo("drm-total-vram"), total + AREA_SIZE);
	nv_svm_to_ram(&dev, a.p, AREA_SIZE / 2);
	igt_assert(fdinfo_becomes("drm-resident-vram",
				  resident + AREA_SIZE / 2));
	nv_area_unmap(&a);
	igt_assert(fdinfo_becomes("drm-resident-vram", resident));
	igt_assert_eq(fdinfo("drm-total-vram"), total);
}

/* What is set aside for the first process goes with the last one. */
static void test_reserve(void)
{
	const int fd = nv_open_render_node();
	uint64_t without, with;

	igt_assert(fd >= 0);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
	without = nv_vram_used(fd);
	nv_device_open(&dev);
	with = nv_vram_used(fd);
	igt_assert(with >= without + RESERVE_SIZE);
	nv_device_close(&dev);
	igt_assert_eq(nv_vram_used(fd), without);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	close(fd);
}

/* Another process's memory is not ours. */
static void test_fdinfo_others(void)
{
	const uint64_t resident = fdinfo("drm-resident-vram");
	struct nv_area a = { .fd = -1 };
	struct nv_device own;
	int moved[2], done[2];
	char byte = 1;

	igt_assert(!pipe(moved) && !pipe(done));
	igt_fork_child() {
		nv_device_open(&own);
		nv_area_thp(&a, AREA_SIZE);
		nv_svm_to_vram(&own, a.p, AREA_SIZE);
		igt_assert_eq(write(moved[1], &byte, 1), 1);
		igt_assert_eq(read(done[0], &byte, 1), 1);
	}
	igt_assert_eq(read(moved[0], &byte, 1), 1);
	igt_assert_eq(fdinfo("drm-resident-vram"), resident);
	igt_assert_eq(write(done[1], &byte, 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_vram_empty();
}

/* Buffers count where they are, and are active while a kernel has them. */
static void test_fdinfo_buffers(void)
{
	const uint64_t vram = fdinfo("drm-resident-vram");
	const uint64_t gtt = fdinfo("drm-resident-gtt");
	const uint64_t active = fdinfo("drm-active-gtt");
	struct nv_bo in_vram, in_gtt;
	struct nv_endless e;

	nv_bo_new_vram(&dev, BO_SIZE, &in_vram);
	nv_bo_new(&dev, 2 * BO_SIZE, &in_gtt);
	igt_assert_eq(fdinfo("drm-resident-vram"), vram + BO_SIZE);
	igt_assert_eq(fdinfo("drm-resident-gtt"), gtt + 2 * BO_SIZE);
	nv_bo_free(&dev, &in_vram);
	nv_bo_free(&dev, &in_gtt);
	igt_assert_eq(fdinfo("drm-resident-vram"), vram);
	igt_assert_eq(fdinfo("drm-resident-gtt"), gtt);
	igt_assert_eq(active, 0);
	nv_endless_start(&e, &dev, &chan);
	igt_assert_eq(fdinfo("drm-active-gtt"),
		      e.launch.push.size + e.launch.state.size);
	nv_endless_release(&e);
	nv_endless_free(&e);
}

/* Memory that is mapped, and the charge for it, are as much more as this. */
static void assert_charged(long anon, long charge, long more)
{
	const long mapped = nv_get_line(CGROUP "/memory.stat", "anon") - anon;
	const long charged = nv_get_number(CGROUP "/memory.current") - charge;

	igt_assert(mapped >= more && mapped < more + (long)CHARGED_MORE);
	igt_assert_f(charged > more - (long)CHARGED_MORE &&
		     charged < more + (long)CHARGED_MORE,
		     "%ld bytes are charged for %ld\n", charged, more);
}

/* In VRAM it is charged as it was in RAM, and as it is in RAM again. */
static void charge_child(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device own;
	long anon, charge;

	igt_assert(nv_set_number(CGROUP "/cgroup.procs", getpid()));
	nv_device_open(&own);
	nv_area_thp(&a, CHARGED_SIZE);
	anon = nv_get_line(CGROUP "/memory.stat", "anon");
	charge = nv_get_number(CGROUP "/memory.current");
	igt_assert(anon >= 0 && charge >= 0);
	/* Nobody has touched the first half. */
	nv_fill_tags(a.p + CHARGED_SIZE / 2, CHARGED_SIZE / 8, 1);
	nv_svm_to_vram(&own, a.p, CHARGED_SIZE);
	igt_assert_eq(nv_present_pages(a.p, CHARGED_SIZE), 0);
	assert_charged(anon, charge, CHARGED_SIZE);
	nv_svm_to_ram(&own, a.p, CHARGED_SIZE);
	assert_charged(anon, charge, CHARGED_SIZE);
	nv_svm_to_vram(&own, a.p, CHARGED_SIZE);
	nv_area_unmap(&a);
	assert_charged(anon, charge, 0);
}

static void test_cgroup(void)
{
	nv_cgroup_make(CGROUP);
	igt_fork_child()
		charge_child();
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert_eq(rmdir(CGROUP), 0);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "fdinfo-memory", test_fdinfo_memory },
	{ "reserve", test_reserve },
	{ "fdinfo-others", test_fdinfo_others },
	{ "fdinfo-buffers", test_fdinfo_buffers },
	{ "cgroup", test_cgroup },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
