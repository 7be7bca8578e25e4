// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm together
 * Description: accesses of different kinds that fault at the same time, and
 *	some while a page is being waited for, all get what they asked for
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_mail.h"
#include "nv_main.h"
#include "nv_uffd.h"
#include "nv_words.h"

#define WARPS		16
#define SIZE		(WARPS * NV_PAGE)
#define PAGE_WORDS	(NV_PAGE / 4)
/* 32 threads of a warp share a page: words 128 bytes from each other */
#define PAGE_SHIFT	7
#define STEP_WORDS	((1 << PAGE_SHIFT) / 4)
#define ROUNDS		5
#define GIVER_MS	100	/* between looks at whether to end */
#define FAULT_MS	10000

/* While a page is waited for: how long, and how often the GPU may interrupt. */
#define WAIT_US		(300 * 1000)
#define MAX_INTERRUPTS	20

static struct nv_device dev;
static struct nv_channel chan;

/*
 * Two mappings, one above the other: private memory at the lower addresses,
 * a file of random words above.
 */
static uint32_t *map_below_file(uint32_t round)
{
	uint8_t *p = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	nv_put_file(p + SIZE, SIZE);
	nv_fill_tags(p + SIZE, SIZE / 4, round);
	return (uint32_t *)p;
}

static void check_copy_add(const uint32_t *dst, const uint32_t *src,
			   uint32_t adder)
{
	size_t i, warp;

	for (i = 0; i < SIZE / 4; i += STEP_WORDS) {
		warp = i / PAGE_WORDS;
		igt_assert_eq(dst[i], warp == adder ? adder : src[i]);
	}
}

/*
 * One warp's atomics, on memory where they are possible, fault together with
 * other warps' reads of memory where they are not.
 */
static void test_atomic_with_reads(void)
{
	uint32_t round, adder, *dst;

	for (round = 0; round < ROUNDS; round++) {
		adder = 1 + round % (WARPS - 1);
		dst = map_below_file(round);
		nv_run(&dev, &chan, NV_KERNEL_COPY_ADD,
		       &(struct nv_kernel_args) {
			.dst = (uintptr_t)dst,
			.src = (uintptr_t)dst + SIZE,
			.shift = PAGE_SHIFT,
			.value = adder,
		}, WARPS * NV_WARP);
		check_copy_add(dst, dst + SIZE / 4, adder);
		igt_assert_eq(munmap(dst, 2 * SIZE), 0);
	}
}

/* Gives pages that are asked for, each of this byte, until told to end. */
struct giver {
	pthread_t thread;
	int fd, byte;
	volatile bool end;
};

static void *give_pages(void *data)
{
	struct giver *giver = data;
	void *page;

	while (!giver->end) {
		page = nv_uffd_wait(giver->fd, GIVER_MS);
		if (page)
			nv_uffd_give(giver->fd, page, giver->byte);
	}
	return NULL;
}

/* Atomics on pages that somebody else has to deliver first. */
static void test_atomic_on_absent(void)
{
	struct nv_area a = { .fd = -1 };
	struct giver giver = { .byte = 0x11 };
	const uint32_t *w;
	uint32_t want;
	size_t i;
	int ret;

	nv_area_anon(&a, SIZE);
	w = a.p;
	giver.fd = nv_uffd_open(a.p, a.size);
	igt_assert_eq(pthread_create(&giver.thread, NULL, give_pages, &giver),
		      0);
	ret = nv_run_status(&dev, &chan, NV_KERNEL_ADD,
			    &(struct nv_kernel_args) {
		.dst = (uintptr_t)a.p,
		.shift = PAGE_SHIFT,
		.value = 5,
	}, WARPS * NV_WARP);
	giver.end = true;
	pthread_join(giver.thread, NULL);
	close(giver.fd);
	igt_assert_eq(ret, 0);
	for (i = 0; i < SIZE / 4; i++) {
		want = i % STEP_WORDS ? 0x11111111 : 0x11111111 + 5;
		igt_assert_eq(w[i], want);
	}
	nv_area_unmap(&a);
}

/* Interrupts of nouveau so far, of all CPUs. */
static unsigned long interrupts(void)
{
	unsigned long count, sum = 0;
	char line[512], *p, *end;
	FILE *f = fopen("/proc/interrupts", "re");

	igt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		p = strchr(line, ':');
		if (!p || !strstr(line, "nvkm"))
			continue;
		for (p++;; p = end) {
			count = strtoul(p, &end, 10);
			if (end == p)
				break;
			sum += count;
		}
	}
	fclose(f);
	return sum;
}

/*
 * A page of one warp is long in coming; then another warp faults.  It is told
 * of once, not over and over for as long as nobody comes for it.
 */
static void test_interrupts(void)
{
	struct nv_area late = { .fd = -1 }, soon = { .fd = -1 };
	unsigned long before, count;
	struct nv_mailboxes box;
	void *page;
	int fd;

	nv_area_anon(&late, NV_PAGE);
	nv_area_anon(&soon, NV_PAGE);
	fd = nv_uffd_open(late.p, late.size);
	nv_mail_start(&box, &dev, &chan, NV_KERNEL_MAIL_WRITE, 2 * NV_WARP);

	nv_mail_send(&box, 0, late.p, 77);
	nv_mail_begin(&box);
	page = nv_uffd_wait(fd, FAULT_MS);
	igt_assert(page == late.p);

	before = interrupts();
	nv_mail_send(&box, NV_WARP, soon.p, 78);
	nv_mail_begin(&box);
	usleep(WAIT_US);
	count = interrupts() - before;
	nv_uffd_give(fd, page, 0);

	nv_mail_wait(&box, 0, 2 * NV_WARP);
	nv_mail_stop(&box);
	close(fd);
	igt_assert_eq(*(uint32_t *)late.p, 77);
	igt_assert_eq(*(uint32_t *)soon.p, 78);
	igt_assert_f(count > 0 && count < MAX_INTERRUPTS,
		     "%lu interrupts for one fault\n", count);
	nv_area_unmap(&soon);
	nv_area_unmap(&late);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "atomic-with-reads", test_atomic_with_reads },
	{ "atomic-on-absent", test_atomic_on_absent },
	{ "interrupts-while-waiting", test_interrupts },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
