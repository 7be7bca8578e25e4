// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm mirror
 * Description: the CPU changes its mapping of memory while a GPU kernel works
 *	on it, without pause; the GPU sees what the CPU sees, and nothing that
 *	it should not
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each change is a row of @rows (nv_change.h): what is done to which part of
 * which memory.  Where an access would be an error while the change lasts, the
 * threads of that part are out of the way, and all others go on.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_pagetable.h"
#include "nv_policy.h"

#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define TRIES		100
#define STACK_DEPTH	(256 << 10)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* asm-generic/mman-common.h */
#endif

static void change_munmap(struct nv_changing *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(munmap(t->start, t->size), 0);
	nv_change_gone(t);
	nv_change_map_over(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

/* New memory takes the place of what the kernel works on. */
static void change_map_fixed(struct nv_changing *t)
{
	nv_change_map_over(t, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	nv_change_set(t, 0);
}

static void change_map_file(struct nv_changing *t)
{
	int fd = nv_file("/dev/shm", t->size);

	nv_change_map_over(t, MAP_SHARED, fd);
	close(fd);
	nv_change_set(t, 0);
}

/* Readers may go on. */
static void change_protect_readers(struct nv_changing *t)
{
	igt_assert_eq(mprotect(t->start, t->size, PROT_READ), 0);
	nv_mirror_settle(&t->m);
	nv_pagetable_assert_read_only(t->start, t->size);
	igt_assert_eq(mprotect(t->start, t->size, READ_WRITE), 0);
	nv_mirror_settle(&t->m);
}

static void change_protect(struct nv_changing *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(mprotect(t->start, t->size, t->row->arg), 0);
	if (t->row->arg == PROT_NONE)
		nv_change_gone(t);
	else
		nv_mirror_settle(&t->m);
	nv_pagetable_assert_read_only(t->start, t->size);
	igt_assert_eq(mprotect(t->start, t->size, READ_WRITE), 0);
	nv_change_back(t);
}

static void move(void *from, void *to, size_t size, int flags)
{
	igt_assert_f(mremap(from, size, size,
			    MREMAP_MAYMOVE | MREMAP_FIXED | flags, to) == to,
		     "mremap: %s\n", strerror(errno));
}

static void change_move(struct nv_changing *t)
{
	void *elsewhere = nv_map_elsewhere(t->size);

	nv_mirror_park(&t->m);
	move(t->start, elsewhere, t->size, 0);
	nv_mirror_resume(&t->m, elsewhere);
	nv_mirror_settle(&t->m);
	nv_mirror_park(&t->m);
	move(elsewhere, t->start, t->size, 0);
	nv_change_back(t);
}

/* The pages go, the mapping stays: for the kernel it is new memory. */
static void change_dontunmap(struct nv_changing *t)
{
	void *elsewhere = nv_map_elsewhere(t->size);

	move(t->start, elsewhere, t->size, MREMAP_DONTUNMAP);
	igt_assert(!memcmp(elsewhere, t->m.shadow + t->m.first, t->size));
	nv_change_set(t, 0);
	nv_pagetable_assert_true(elsewhere, t->size);
	igt_assert_eq(munmap(elsewhere, t->size), 0);
}

/* Other memory moves to where the kernel works. */
static void change_move_over(struct nv_changing *t)
{
	void *other = nv_map_elsewhere(t->size);

	memset(other, 0x55, t->size);
	move(other, t->start, t->size, 0);
	nv_change_set(t, 0x55);
}

static void change_dontneed(struct nv_changing *t)
{
	nv_change_advise(t, MADV_DONTNEED);
	nv_change_set(t, 0);
}

/*
 * Pages may be zeroed from now on for as long as nobody writes them; what the
 * GPU writes must stay, whatever reclaim does.
 */
static void change_free(struct nv_changing *t)
{
	nv_change_advise(t, MADV_FREE);
	nv_mail_turn(&t->m.box);
	nv_change_advise(t, MADV_PAGEOUT);
	nv_mirror_take_zeroed(&t->m);
	nv_mirror_settle(&t->m);
}

/*
 * Write - out - CPU reads - GPU writes - out: a page that has come back for
 * reading is clean for reclaim, unless somebody says that the GPU writes it.
 * Only RAM is paged out.
 */
static void change_pageout(struct nv_changing *t)
{
	nv_require_swap();
	nv_policy_moves(false);
	nv_mirror_settle(&t->m);
	nv_change_page_out(t);
	nv_mirror_settle(&t->m);
	nv_change_page_out(t);
	nv_policy_restore();
	nv_mirror_settle(&t->m);
}

/* As above, for a file: what is written back is clean. */
static void change_writeback(struct nv_changing *t)
{
	igt_assert_eq(msync(t->start, t->size, MS_SYNC), 0);
	nv_mirror_settle(&t->m);
	nv_change_advise(t, MADV_PAGEOUT);
	nv_mirror_settle(&t->m);
}

/* Small pages in RAM become a huge one, and fall apart again. */
static void change_collapse(struct nv_changing *t)
{
	int tries = TRIES;

	nv_policy_moves(false);
	nv_mirror_settle(&t->m);
	nv_change_advise(t, MADV_HUGEPAGE);
	while (madvise(t->start, t->size, MADV_COLLAPSE))
		igt_assert_f(errno == EAGAIN && --tries, "collapse: %s\n",
			     strerror(errno));
	nv_mirror_settle(&t->m);
	igt_assert_eq(mprotect(t->start + NV_PAGE, NV_PAGE, READ_WRITE |
			       PROT_EXEC), 0);
	nv_change_advise(t, MADV_NOHUGEPAGE);
	igt_assert_eq(mprotect(t->start + NV_PAGE, NV_PAGE, READ_WRITE), 0);
	nv_policy_restore();
	nv_mirror_settle(&t->m);
}

/* All pages of the part are equal, so they become one, in RAM, until written. */
static void change_merge(struct nv_changing *t)
{
	nv_policy_moves(false);
	nv_mirror_park(&t->m);
	memset(t->start, 0x77, t->size);
	nv_mirror_set_part(&t->m, 0x77);
	if (t->m.mode == NV_MIRROR_READ)
		nv_mirror_resume(&t->m, t->start);
	nv_merge(t->start, t->size);
	nv_pagetable_assert_read_only(t->start, t->size);
	nv_policy_restore();
	nv_change_back(t);
	nv_mirror_settle(&t->m);
}

static void change_compact(struct nv_changing *t)
{
	igt_require_f(nv_set_number("/proc/sys/vm/compact_memory", 1),
		      "no compaction\n");
	nv_mirror_settle(&t->m);
}

/* The child writes over all it has; the parent must not notice. */
static void change_fork_child(struct nv_changing *t)
{
	igt_fork_child() {
		memset(t->m.p, 0xee, t->m.size);
		nv_assert_all(t->m.p, t->m.size / 4, 0xeeeeeeee);
	}
	nv_mirror_settle(&t->m);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_mirror_settle(&t->m);
}

/* Nothing that the parent's kernel does may reach the child. */
static void child_watch(struct nv_changing *t, int go)
{
	uint8_t *copy = malloc(t->m.size);
	bool exact = t->m.mode == NV_MIRROR_READ ||
		t->m.mode == NV_MIRROR_WRITE;
	char c;

	igt_assert(copy);
	memcpy(copy, t->m.p, t->m.size);
	if (exact)
		igt_assert(!memcmp(copy, t->m.shadow, t->m.size));
	igt_assert_eq(read(go, &c, 1), 1);
	igt_assert(!memcmp(copy, t->m.p, t->m.size));
}

static void change_fork_parent(struct nv_changing *t)
{
	int go[2];

	igt_assert_eq(pipe(go), 0);
	igt_fork_child() {
		close(go[1]);
		child_watch(t, go[0]);
	}
	nv_mirror_settle(&t->m);
	nv_mirror_settle(&t->m);
	igt_assert_eq(write(go[1], "g", 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	close(go[0]);
	close(go[1]);
	nv_mirror_settle(&t->m);
}

/* The file ends before the part, and is made longer again. */
static void change_truncate(struct nv_changing *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(ftruncate(t->area.fd, t->m.first), 0);
	nv_change_gone(t);
	igt_assert_eq(ftruncate(t->area.fd, t->m.size), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

static void change_punch(struct nv_changing *t)
{
	igt_assert_eq(fallocate(t->area.fd, FALLOC_FL_PUNCH_HOLE |
				FALLOC_FL_KEEP_SIZE, t->m.first, t->size), 0);
	nv_change_set(t, 0);
}

static void change_brk(struct nv_changing *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(brk(t->start), 0);
	nv_change_gone(t);
	igt_assert_eq(brk(t->start + t->size), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

/* The part's threads work deep down in a stack that grows each time. */
static void __attribute__((noinline)) change_stack(struct nv_changing *t)
{
	static unsigned int times;
	uint8_t *deep = alloca(++times * STACK_DEPTH);

	igt_assert(t->size <= STACK_DEPTH);
	nv_mirror_park(&t->m);
	memcpy(deep, t->start, t->size);
	nv_mirror_resume(&t->m, deep);
	nv_mirror_settle(&t->m);
	nv_mirror_park(&t->m);
	memcpy(t->start, deep, t->size);
	nv_change_back(t);
}

/* Room on the heap, so that malloc() leaves the end of it to the test. */
static void reserve_heap(void)
{
	void *room[NV_CHANGE_PAGES];
	int i;

	igt_assert(mallopt(M_TRIM_THRESHOLD, 64 * NV_CHANGE_SIZE));
	for (i = 0; i < NV_CHANGE_PAGES; i++) {
		room[i] = malloc(NV_CHANGE_SIZE);
		igt_assert(room[i]);
	}
	for (i = 0; i < NV_CHANGE_PAGES; i++)
		free(room[i]);
}

static void release_brk(struct nv_area *a)
{
	igt_assert_eq(brk(a->p), 0);
}

static void make_brk(struct nv_area *a)
{
	uintptr_t end;

	reserve_heap();
	end = ((uintptr_t)sbrk(0) + NV_PAGE - 1) & ~(NV_PAGE - 1);
	igt_assert_eq(brk((void *)(end + NV_CHANGE_SIZE)), 0);
	*a = (struct nv_area) {
		.p = (void *)end, .size = NV_CHANGE_SIZE, .fd = -1,
		.release = release_brk,
	};
}

/**
 * SUBTEST: %s
 * Description: what its name says happens while a kernel runs
 */
static const struct nv_change rows[] = {
	{ "munmap-whole", nv_change_anon, 0, 16, NV_ALL, change_munmap, 0 },
	{ "munmap-start", nv_change_anon, 0, 4, NV_ALL, change_munmap, 0 },
	{ "munmap-middle", nv_change_anon, 5, 9, NV_ALL, change_munmap, 0 },
	{ "munmap-end", nv_change_anon, 12, 16, NV_ALL, change_munmap, 0 },
	{ "munmap-4k-of-2m", nv_change_thp, 256, 257, NV_ALL, change_munmap,
	  0 },
	{ "map-fixed", nv_change_anon, 3, 11, NV_SETS, change_map_fixed, 0 },
	{ "map-fixed-file", nv_change_anon, 3, 11, NV_SETS, change_map_file,
	  0 },
	{ "map-fixed-thp", nv_change_thp, 128, 640, NV_SETS, change_map_fixed,
	  0 },
	{ "mprotect-read-reading", nv_change_anon, 5, 9, NV_READS,
	  change_protect_readers, 0 },
	{ "mprotect-read", nv_change_anon, 5, 9, NV_ALL, change_protect,
	  PROT_READ },
	{ "mprotect-none", nv_change_anon, 5, 9, NV_ALL, change_protect,
	  PROT_NONE },
	{ "mprotect-read-thp", nv_change_thp, 256, 257, NV_ALL, change_protect,
	  PROT_READ },
	{ "mremap-whole", nv_change_anon, 0, 16, NV_ALL, change_move, 0 },
	{ "mremap-middle", nv_change_anon, 5, 9, NV_ALL, change_move, 0 },
	{ "mremap-shared", nv_change_shm, 5, 9, NV_KEEPS, change_move, 0 },
	{ "mremap-thp", nv_change_thp, 512, 1024, NV_ALL, change_move, 0 },
	{ "mremap-dontunmap", nv_change_anon, 5, 9, NV_SETS, change_dontunmap,
	  0 },
	{ "mremap-over", nv_change_anon, 5, 9, NV_SETS, change_move_over, 0 },
	{ "madvise-dontneed", nv_change_anon, 5, 9, NV_SETS, change_dontneed,
	  0 },
	{ "madvise-dontneed-4k-of-2m", nv_change_thp, 256, 257, NV_SETS,
	  change_dontneed, 0 },
	{ "madvise-free", nv_change_anon, 5, 9, NV_SETS, change_free, 0 },
	{ "madvise-cold", nv_change_anon, 5, 9, NV_ALL, nv_change_advice,
	  MADV_COLD },
	{ "madvise-hugepage", nv_change_no_thp, 0, 512, NV_ALL,
	  nv_change_advice, MADV_HUGEPAGE },
	{ "madvise-nohugepage", nv_change_thp, 256, 257, NV_ALL,
	  nv_change_advice, MADV_NOHUGEPAGE },
	/* No atomics: the kernel does not collapse what a GPU alone has. */
	{ "madvise-collapse", nv_change_no_thp, 512, 1024, NV_KEEPS,
	  change_collapse, 0 },
	{ "madvise-mergeable", nv_change_anon, 4, 12, NV_ALL, change_merge, 0 },
	{ "madvise-pageout", nv_change_anon, 0, 16, NV_ALL, change_pageout, 0 },
	{ "madvise-pageout-shared", nv_change_shm, 0, 16, NV_KEEPS,
	  change_pageout, 0 },
	{ "madvise-pageout-thp", nv_change_thp, 0, 512, NV_ALL, change_pageout,
	  0 },
	{ "writeback", nv_change_disk, 0, 16, NV_KEEPS, change_writeback, 0 },
	{ "compaction", nv_change_anon, 0, 16, NV_ALL, change_compact, 0 },
	{ "fork-child-writes", nv_change_anon, 0, 16, NV_ALL, change_fork_child,
	  0 },
	{ "fork-child-writes-thp", nv_change_thp, 0, 1024, NV_ALL,
	  change_fork_child, 0 },
	{ "fork-parent-writes", nv_change_anon, 0, 16, NV_ALL,
	  change_fork_parent, 0 },
	{ "fork-parent-writes-thp", nv_change_thp, 0, 1024, NV_ALL,
	  change_fork_parent, 0 },
	{ "truncate-tmpfs", nv_change_shm, 12, 16, NV_KEEPS, change_truncate,
	  0 },
	{ "truncate-disk", nv_change_disk, 12, 16, NV_KEEPS, change_truncate,
	  0 },
	{ "punch-hole-tmpfs", nv_change_shm, 5, 9, NV_SETS, change_punch, 0 },
	{ "punch-hole-disk", nv_change_disk, 5, 9, NV_SETS, change_punch, 0 },
	{ "brk", make_brk, 12, 16, NV_ALL, change_brk, 0 },
	{ "stack-growth", nv_change_anon, 4, 12, NV_ALL, change_stack, 0 },
};

int main(int argc, char **argv)
{
	nv_change_main(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
