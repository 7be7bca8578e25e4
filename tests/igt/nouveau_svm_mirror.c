// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm mirror
 * Description: the CPU changes its mapping of memory while a GPU kernel works
 *	on it, without pause; the GPU sees what the CPU sees, and nothing that
 *	it should not
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each change is a row of @rows: what is done to which part of which memory.
 * It is done several times, to fresh memory for each mode: with a kernel that
 * reads, one that writes, one that increments, one that increments atomically.
 * Where an access would be an error while the change lasts, the threads of
 * that part are out of the way, and all others go on.
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
#include "nv_area.h"
#include "nv_mirror.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define PAGES		16
#define SIZE		(PAGES * NV_PAGE)
#define THP_PAGES	(2 * NV_HUGE_PAGE / NV_PAGE)
#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define ROUNDS		3
#define TRIES		100
#define STACK_DEPTH	(256 << 10)

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* asm-generic/mman-common.h */
#endif

/* Modes in which a row makes sense. */
#define READ		(1u << NV_MIRROR_READ)
#define WRITE		(1u << NV_MIRROR_WRITE)
#define COUNT		(1u << NV_MIRROR_COUNT)
#define ADD		(1u << NV_MIRROR_ADD)
#define KEEPS		(READ | WRITE | COUNT)	/* of any memory */
#define ALL		(KEEPS | ADD)		/* of anonymous memory */

struct test;

/** struct row - a change of the mapping */
struct row {
	const char *name;
	/** @make: the memory */
	void (*make)(struct nv_area *a);
	/** @first, @last: pages of it that are the part */
	unsigned int first, last;
	unsigned int modes;
	/** @change: the change, and back; @arg: one for it */
	void (*change)(struct test *t);
	int arg;
};

/** struct test - a row being run */
struct test {
	const struct row *row;
	struct nv_area area;
	struct nv_mirror m;
	/** @start: where the part belongs; @size: bytes of it */
	uint8_t *start;
	size_t size;
};

static struct nv_device dev;

static const char * const mode_names[NV_MIRROR_MODES] = {
	[NV_MIRROR_READ] = "read",
	[NV_MIRROR_WRITE] = "write",
	[NV_MIRROR_COUNT] = "count",
	[NV_MIRROR_ADD] = "atomic",
};

/* The part is out of the CPU's reach; the others go on. */
static void part_gone(struct test *t)
{
	t->m.part = NULL;
	nv_mirror_settle(&t->m);
}

/* The part is where it belongs, its threads too. */
static void part_back(struct test *t)
{
	nv_mirror_resume(&t->m, t->start);
	nv_mirror_settle(&t->m);
}

static void map_over(void *p, size_t size, int flags, int fd)
{
	igt_assert(mmap(p, size, READ_WRITE, flags | MAP_FIXED, fd, 0) == p);
}

static void *map_elsewhere(size_t size)
{
	void *p = mmap(NULL, size, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

static void change_munmap(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(munmap(t->start, t->size), 0);
	part_gone(t);
	map_over(t->start, t->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	nv_mirror_set_part(&t->m, 0);
	part_back(t);
}

/* New memory takes the place of what the kernel works on. */
static void change_map_fixed(struct test *t)
{
	map_over(t->start, t->size, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_settle(&t->m);
}

static void change_map_file(struct test *t)
{
	int fd = nv_file("/dev/shm", t->size);

	map_over(t->start, t->size, MAP_SHARED, fd);
	close(fd);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_settle(&t->m);
}

static void assert_none_writable(struct test *t)
{
	size_t writable;

	nv_pagetable_pages(t->start, t->size, &writable);
	igt_assert_eq(writable, 0);
}

/* Readers may go on. */
static void change_protect_readers(struct test *t)
{
	igt_assert_eq(mprotect(t->start, t->size, PROT_READ), 0);
	nv_mirror_settle(&t->m);
	assert_none_writable(t);
	igt_assert_eq(mprotect(t->start, t->size, READ_WRITE), 0);
	nv_mirror_settle(&t->m);
}

static void change_protect(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(mprotect(t->start, t->size, t->row->arg), 0);
	if (t->row->arg == PROT_NONE)
		part_gone(t);
	else
		nv_mirror_settle(&t->m);
	assert_none_writable(t);
	igt_assert_eq(mprotect(t->start, t->size, READ_WRITE), 0);
	part_back(t);
}

static void move(void *from, void *to, size_t size, int flags)
{
	igt_assert_f(mremap(from, size, size,
			    MREMAP_MAYMOVE | MREMAP_FIXED | flags, to) == to,
		     "mremap: %s\n", strerror(errno));
}

static void change_move(struct test *t)
{
	void *elsewhere = map_elsewhere(t->size);

	nv_mirror_park(&t->m);
	move(t->start, elsewhere, t->size, 0);
	nv_mirror_resume(&t->m, elsewhere);
	nv_mirror_settle(&t->m);
	nv_mirror_park(&t->m);
	move(elsewhere, t->start, t->size, 0);
	part_back(t);
}

/* The pages go, the mapping stays: for the kernel it is new memory. */
static void change_dontunmap(struct test *t)
{
	void *elsewhere = map_elsewhere(t->size);

	move(t->start, elsewhere, t->size, MREMAP_DONTUNMAP);
	igt_assert(!memcmp(elsewhere, t->m.shadow + t->m.first, t->size));
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_settle(&t->m);
	nv_pagetable_assert_true(elsewhere, t->size);
	igt_assert_eq(munmap(elsewhere, t->size), 0);
}

/* Other memory moves to where the kernel works. */
static void change_move_over(struct test *t)
{
	void *other = map_elsewhere(t->size);

	memset(other, 0x55, t->size);
	move(other, t->start, t->size, 0);
	nv_mirror_set_part(&t->m, 0x55);
	nv_mirror_settle(&t->m);
}

static void advise(struct test *t, int advice)
{
	igt_assert_f(!madvise(t->start, t->size, advice), "madvise %d: %s\n",
		     advice, strerror(errno));
}

/* Advice that changes nothing that a program could see. */
static void change_advise(struct test *t)
{
	advise(t, t->row->arg);
	nv_mirror_settle(&t->m);
}

static void change_dontneed(struct test *t)
{
	advise(t, MADV_DONTNEED);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_settle(&t->m);
}

/*
 * Pages may be zeroed from now on for as long as nobody writes them; what the
 * GPU writes must stay, whatever reclaim does.
 */
static void change_free(struct test *t)
{
	advise(t, MADV_FREE);
	nv_mail_turn(&t->m.box);
	advise(t, MADV_PAGEOUT);
	nv_mirror_take_zeroed(&t->m);
	nv_mirror_settle(&t->m);
}

static void require_swap(void)
{
	igt_require_f(nv_get_line("/proc/meminfo", "SwapTotal:") > 0,
		      "no swap space\n");
}

/*
 * Make the part leave for the swap space.  Pages that another CPU has just
 * faulted in are not on the list yet on which reclaim looks for them;
 * drop_caches has all CPUs put theirs there.
 */
static void page_out(struct test *t)
{
	const long before = nv_get_line("/proc/vmstat", "pswpout");
	/*
	 * What was only read need not be written out again, and what the GPU
	 * has for atomics is not the CPU's to page out.
	 */
	const bool leaves = t->m.mode == NV_MIRROR_WRITE ||
		t->m.mode == NV_MIRROR_COUNT;
	int tries = TRIES;

	do {
		igt_assert(nv_set_number("/proc/sys/vm/drop_caches", 1));
		advise(t, MADV_PAGEOUT);
	} while (leaves && --tries &&
		 nv_get_line("/proc/vmstat", "pswpout") == before);
	igt_assert_f(tries, "the kernel pages nothing out\n");
}

/*
 * Write - out - CPU reads - GPU writes - out: a page that has come back for
 * reading is clean for reclaim, unless somebody says that the GPU writes it.
 */
static void change_pageout(struct test *t)
{
	require_swap();
	page_out(t);
	nv_mirror_settle(&t->m);
	page_out(t);
	nv_mirror_settle(&t->m);
}

/* As above, for a file: what is written back is clean. */
static void change_writeback(struct test *t)
{
	igt_assert_eq(msync(t->start, t->size, MS_SYNC), 0);
	nv_mirror_settle(&t->m);
	advise(t, MADV_PAGEOUT);
	nv_mirror_settle(&t->m);
}

/* Small pages become a huge one, and fall apart again. */
static void change_collapse(struct test *t)
{
	int tries = TRIES;

	advise(t, MADV_HUGEPAGE);
	while (madvise(t->start, t->size, MADV_COLLAPSE))
		igt_assert_f(errno == EAGAIN && --tries, "collapse: %s\n",
			     strerror(errno));
	nv_mirror_settle(&t->m);
	igt_assert_eq(mprotect(t->start + NV_PAGE, NV_PAGE, READ_WRITE |
			       PROT_EXEC), 0);
	advise(t, MADV_NOHUGEPAGE);
	igt_assert_eq(mprotect(t->start + NV_PAGE, NV_PAGE, READ_WRITE), 0);
	nv_mirror_settle(&t->m);
}

/* All pages of the part are equal, so they become one, until written. */
static void change_merge(struct test *t)
{
	nv_mirror_park(&t->m);
	memset(t->start, 0x77, t->size);
	nv_mirror_set_part(&t->m, 0x77);
	if (t->m.mode == NV_MIRROR_READ)
		nv_mirror_resume(&t->m, t->start);
	nv_merge(t->start, t->size);
	assert_none_writable(t);
	part_back(t);
	nv_mirror_settle(&t->m);
}

static void change_compact(struct test *t)
{
	igt_require_f(nv_set_number("/proc/sys/vm/compact_memory", 1),
		      "no compaction\n");
	nv_mirror_settle(&t->m);
}

/* The child writes over all it has; the parent must not notice. */
static void change_fork_child(struct test *t)
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
static void child_watch(struct test *t, int go)
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

static void change_fork_parent(struct test *t)
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
static void change_truncate(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(ftruncate(t->area.fd, t->m.first), 0);
	part_gone(t);
	igt_assert_eq(ftruncate(t->area.fd, t->m.size), 0);
	nv_mirror_set_part(&t->m, 0);
	part_back(t);
}

static void change_punch(struct test *t)
{
	igt_assert_eq(fallocate(t->area.fd, FALLOC_FL_PUNCH_HOLE |
				FALLOC_FL_KEEP_SIZE, t->m.first, t->size), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_mirror_settle(&t->m);
}

static void change_brk(struct test *t)
{
	nv_mirror_park(&t->m);
	igt_assert_eq(brk(t->start), 0);
	part_gone(t);
	igt_assert_eq(brk(t->start + t->size), 0);
	nv_mirror_set_part(&t->m, 0);
	part_back(t);
}

/* The part's threads work deep down in a stack that grows each time. */
static void __attribute__((noinline)) change_stack(struct test *t)
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
	part_back(t);
}

static void make_anon(struct nv_area *a)
{
	nv_area_anon(a, SIZE);
}

static void make_thp(struct nv_area *a)
{
	nv_area_thp(a, THP_PAGES * NV_PAGE);
}

static void make_no_thp(struct nv_area *a)
{
	nv_area_no_thp(a, THP_PAGES * NV_PAGE);
}

static void make_shm(struct nv_area *a)
{
	nv_area_map(a, SIZE, READ_WRITE, MAP_SHARED, nv_file("/dev/shm", SIZE));
}

static void make_disk(struct nv_area *a)
{
	nv_area_disk(a, SIZE);
}

/* Room on the heap, so that malloc() leaves the end of it to the test. */
static void reserve_heap(void)
{
	void *room[PAGES];
	int i;

	igt_assert(mallopt(M_TRIM_THRESHOLD, 64 * SIZE));
	for (i = 0; i < PAGES; i++) {
		room[i] = malloc(SIZE);
		igt_assert(room[i]);
	}
	for (i = 0; i < PAGES; i++)
		free(room[i]);
}

static void make_brk(struct nv_area *a)
{
	uintptr_t end;

	reserve_heap();
	end = ((uintptr_t)sbrk(0) + NV_PAGE - 1) & ~(NV_PAGE - 1);
	igt_assert_eq(brk((void *)(end + SIZE)), 0);
	*a = (struct nv_area) { .p = (void *)end, .size = SIZE, .fd = -1 };
}

static const struct row rows[] = {
	{ "munmap-whole", make_anon, 0, 16, ALL, change_munmap, 0 },
	{ "munmap-start", make_anon, 0, 4, ALL, change_munmap, 0 },
	{ "munmap-middle", make_anon, 5, 9, ALL, change_munmap, 0 },
	{ "munmap-end", make_anon, 12, 16, ALL, change_munmap, 0 },
	{ "munmap-4k-of-2m", make_thp, 256, 257, ALL, change_munmap, 0 },
	{ "map-fixed", make_anon, 3, 11, READ | WRITE, change_map_fixed, 0 },
	{ "map-fixed-file", make_anon, 3, 11, READ | WRITE, change_map_file,
	  0 },
	{ "map-fixed-thp", make_thp, 128, 640, READ | WRITE, change_map_fixed,
	  0 },
	{ "mprotect-read-reading", make_anon, 5, 9, READ,
	  change_protect_readers, 0 },
	{ "mprotect-read", make_anon, 5, 9, ALL, change_protect, PROT_READ },
	{ "mprotect-none", make_anon, 5, 9, ALL, change_protect, PROT_NONE },
	{ "mprotect-read-thp", make_thp, 256, 257, ALL, change_protect,
	  PROT_READ },
	{ "mremap-whole", make_anon, 0, 16, ALL, change_move, 0 },
	{ "mremap-middle", make_anon, 5, 9, ALL, change_move, 0 },
	{ "mremap-shared", make_shm, 5, 9, KEEPS, change_move, 0 },
	{ "mremap-thp", make_thp, 512, 1024, ALL, change_move, 0 },
	{ "mremap-dontunmap", make_anon, 5, 9, READ | WRITE, change_dontunmap,
	  0 },
	{ "mremap-over", make_anon, 5, 9, READ | WRITE, change_move_over, 0 },
	{ "madvise-dontneed", make_anon, 5, 9, READ | WRITE, change_dontneed,
	  0 },
	{ "madvise-dontneed-4k-of-2m", make_thp, 256, 257, READ | WRITE,
	  change_dontneed, 0 },
	{ "madvise-free", make_anon, 5, 9, READ | WRITE, change_free, 0 },
	{ "madvise-cold", make_anon, 5, 9, ALL, change_advise, MADV_COLD },
	{ "madvise-hugepage", make_no_thp, 0, 512, ALL, change_advise,
	  MADV_HUGEPAGE },
	{ "madvise-nohugepage", make_thp, 256, 257, ALL, change_advise,
	  MADV_NOHUGEPAGE },
	/* No atomics: the kernel does not collapse what a GPU alone has. */
	{ "madvise-collapse", make_no_thp, 512, 1024, KEEPS, change_collapse,
	  0 },
	{ "madvise-mergeable", make_anon, 4, 12, ALL, change_merge, 0 },
	{ "madvise-pageout", make_anon, 0, 16, ALL, change_pageout, 0 },
	{ "madvise-pageout-shared", make_shm, 0, 16, KEEPS, change_pageout,
	  0 },
	{ "madvise-pageout-thp", make_thp, 0, 512, ALL, change_pageout, 0 },
	{ "writeback", make_disk, 0, 16, KEEPS, change_writeback, 0 },
	{ "compaction", make_anon, 0, 16, ALL, change_compact, 0 },
	{ "fork-child-writes", make_anon, 0, 16, ALL, change_fork_child, 0 },
	{ "fork-child-writes-thp", make_thp, 0, 1024, ALL, change_fork_child,
	  0 },
	{ "fork-parent-writes", make_anon, 0, 16, ALL, change_fork_parent,
	  0 },
	{ "fork-parent-writes-thp", make_thp, 0, 1024, ALL,
	  change_fork_parent, 0 },
	{ "truncate-tmpfs", make_shm, 12, 16, KEEPS, change_truncate, 0 },
	{ "truncate-disk", make_disk, 12, 16, KEEPS, change_truncate, 0 },
	{ "punch-hole-tmpfs", make_shm, 5, 9, READ | WRITE, change_punch, 0 },
	{ "punch-hole-disk", make_disk, 5, 9, READ | WRITE, change_punch, 0 },
	{ "brk", make_brk, 12, 16, ALL, change_brk, 0 },
	{ "stack-growth", make_anon, 4, 12, ALL, change_stack, 0 },
};

static void free_area(struct nv_area *a)
{
	if (a->base)
		nv_area_unmap(a);
	else
		igt_assert_eq(brk(a->p), 0);
}

static void run_mode(const struct row *row, enum nv_mirror_mode mode)
{
	struct test t = { .row = row, .area = { .fd = -1 } };
	int round;

	igt_info("%s\n", mode_names[mode]);
	row->make(&t.area);
	t.m.p = t.area.p;
	t.m.size = t.area.size;
	t.m.first = row->first * NV_PAGE;
	t.m.last = row->last * NV_PAGE;
	t.start = t.m.p + t.m.first;
	t.size = t.m.last - t.m.first;
	nv_mirror_open(&t.m, &dev, mode);
	for (round = 0; round < ROUNDS; round++) {
		nv_mirror_settle(&t.m);
		row->change(&t);
	}
	nv_mirror_close(&t.m, &dev);
	free_area(&t.area);
}

static void run_row(const struct row *row)
{
	int mode;

	for (mode = 0; mode < NV_MIRROR_MODES; mode++) {
		if (row->modes & 1u << mode)
			run_mode(row, mode);
	}
}

int main(int argc, char **argv)
{
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
	}

	/**
	 * SUBTEST: %s
	 * Description: what its name says happens while a kernel runs
	 */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		igt_subtest(rows[i].name)
			run_row(&rows[i]);
	}

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
}
