// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm advice
 * Description: advice, locks and sizes: what a program may say about its
 *	memory, beside changing it, while a GPU kernel works on it
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_pagetable.h"
#include "nv_policy.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* asm-generic/mman-common.h */
#define MADV_GUARD_REMOVE	103
#endif

#define SOFT_OFFLINE		101	/* MADV_SOFT_OFFLINE, same place */

#define SOFT_OFFLINE_TRIES	100

static void change_lock(struct nv_changing *t)
{
	igt_assert_f(!mlock(t->start, t->size), "mlock: %s\n",
		     strerror(errno));
	nv_mirror_settle(&t->m);
	igt_assert_eq(munlock(t->start, t->size), 0);
	nv_mirror_settle(&t->m);
}

/* Markers without a page: out of reach until they go, zeros then. */
static void change_guard(struct nv_changing *t)
{
	size_t writable;

	nv_mirror_park(&t->m);
	nv_change_advise(t, MADV_GUARD_INSTALL);
	nv_change_gone(t);
	igt_assert_eq(nv_pagetable_pages(t->start, t->size, &writable), 0);
	nv_change_advise(t, MADV_GUARD_REMOVE);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

/* The child has not what the parent's kernel works on. */
static void change_fork(struct nv_changing *t)
{
	const bool wiped = t->row->arg == MADV_WIPEONFORK;

	nv_change_advise(t, t->row->arg);
	igt_fork_child() {
		unsigned char resident;

		if (wiped)
			nv_assert_all(t->start, t->size / 4, 0);
		else
			igt_assert(mincore(t->start, NV_PAGE, &resident) &&
				   errno == ENOMEM);
	}
	nv_mirror_settle(&t->m);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_change_advise(t, wiped ? MADV_KEEPONFORK : MADV_DOFORK);
	nv_mirror_settle(&t->m);
}

/* The kernel does not trust these pages of RAM any more, and takes others. */
static void change_offline(struct nv_changing *t)
{
	int tries = SOFT_OFFLINE_TRIES;
	uint64_t before;

	nv_policy_moves(false);
	nv_mirror_settle(&t->m);
	before = nv_page_frame(t->start);
	igt_require_f(before, "no frame numbers in pagemap\n");
	while (madvise(t->start, t->size, SOFT_OFFLINE) && --tries) {
		igt_assert_f(errno == EBUSY || errno == EIO ||
			     errno == EAGAIN, "soft offline: %s\n",
			     strerror(errno));
		usleep(1000);
	}
	igt_assert_f(tries, "the pages stay where they are\n");
	igt_assert(nv_page_frame(t->start) != before);
	nv_policy_restore();
	nv_mirror_settle(&t->m);
}

static void *grow(void *p, size_t from, size_t to)
{
	p = mremap(p, from, to, MREMAP_MAYMOVE);
	igt_assert_f(p != MAP_FAILED, "mremap: %s\n", strerror(errno));
	return p;
}

/* The part moves to where it can be twice as large, and returns. */
static void change_grow(struct nv_changing *t)
{
	uint8_t *there;

	nv_mirror_park(&t->m);
	there = grow(t->start, t->size, 2 * t->size);
	nv_mirror_resume(&t->m, there);
	nv_mirror_settle(&t->m);
	nv_assert_all(there + t->size, t->size / 4, 0);
	memset(there + t->size, 0xff, t->size);
	nv_mirror_settle(&t->m);
	nv_mirror_park(&t->m);
	igt_assert(mremap(there, 2 * t->size, t->size, MREMAP_MAYMOVE |
			  MREMAP_FIXED, t->start) == t->start);
	nv_change_back(t);
}

/* The end of the memory goes, and is back in place, as zeros. */
static void change_shrink(struct nv_changing *t)
{
	igt_assert_eq(t->m.last, t->m.size);
	nv_mirror_park(&t->m);
	igt_assert(mremap(t->m.p, t->m.size, t->m.first, 0) == t->m.p);
	nv_change_gone(t);
	igt_assert(mremap(t->m.p, t->m.first, t->m.size, 0) == t->m.p);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

/**
 * SUBTEST: %s
 * Description: what its name says happens while a kernel runs
 */
static const struct nv_change rows[] = {
	{ "populate-read", nv_change_anon, 4, 12, NV_COUNTS, nv_change_advice,
	  MADV_POPULATE_READ },
	{ "populate-write", nv_change_anon, 4, 12, NV_COUNTS, nv_change_advice,
	  MADV_POPULATE_WRITE },
	{ "willneed", nv_change_disk, 4, 12, NV_COUNTS, nv_change_advice,
	  MADV_WILLNEED },
	{ "unmergeable", nv_change_anon, 4, 12, NV_COUNTS, nv_change_advice,
	  MADV_UNMERGEABLE },
	{ "lock", nv_change_anon, 4, 12, NV_COUNTS | NV_ADDS, change_lock,
	  0 },
	{ "lock-shared", nv_change_shm, 4, 12, NV_COUNTS, change_lock, 0 },
	{ "guard", nv_change_anon, 5, 9, NV_ALL, change_guard, 0 },
	{ "guard-4k-of-2m", nv_change_thp, 256, 257, NV_SETS, change_guard,
	  0 },
	{ "wipe-on-fork", nv_change_anon, 4, 12, NV_WRITES, change_fork,
	  MADV_WIPEONFORK },
	{ "dont-fork", nv_change_anon, 4, 12, NV_WRITES, change_fork,
	  MADV_DONTFORK },
	{ "soft-offline", nv_change_anon, 4, 5, NV_KEEPS, change_offline, 0 },
	{ "mremap-grow", nv_change_anon, 5, 9, NV_ALL, change_grow, 0 },
	{ "mremap-shrink", nv_change_anon, 12, 16, NV_ALL, change_shrink, 0 },
};

int main(int argc, char **argv)
{
	nv_change_main(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
