// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm uffd
 * Description: memory whose page faults the process serves itself: the GPU's
 *	are served alike; where that can't be, the program is told; and nobody
 *	waits for a monitor but who needs it
 * Category: Software building block
 * Functionality: shared virtual memory, userfaultfd
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_death.h"
#include "nv_pagetable.h"
#include "nv_monitor.h"

#define PAGES		NV_WARP
#define PAGE_SHIFT	12
#define PAGE_WORDS	(NV_PAGE / 4)
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define READ_WRITE	(PROT_READ | PROT_WRITE)

static struct nv_device dev;

static void gpu_copy(const struct nv_channel *chan, void *dst, const void *src,
		     size_t words)
{
	igt_assert_eq(nv_copy_words(&dev, chan, dst, src, words), 0);
}

static void gpu_write(const struct nv_channel *chan, void *dst, size_t words,
		      uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, chan, dst, words, first), 0);
}

/** struct uffd_test - memory, what belongs there, and a channel */
struct uffd_test {
	struct nv_area area, source, copy;
	struct nv_channel chan;
	struct nv_monitor u;
};

static void test_open(struct uffd_test *t, void (*make)(struct nv_area *a))
{
	memset(t, 0, sizeof(*t));
	make(&t->area);
	nv_area_anon(&t->source, t->area.size);
	nv_area_anon(&t->copy, t->area.size);
	nv_fill_tags(t->source.p, t->area.size / 4, 1);
	t->u = (struct nv_monitor) {
		.p = t->area.p,
		.size = t->area.size,
		.page = NV_PAGE,
		.source = t->source.p,
	};
	nv_channel_new(&dev, &t->chan);
}

static void test_close(struct uffd_test *t)
{
	nv_monitor_stop(&t->u);
	nv_channel_free(&dev, &t->chan);
	nv_area_unmap(&t->copy);
	nv_area_unmap(&t->source);
	nv_area_unmap(&t->area);
}

static void make_small(struct nv_area *a)
{
	nv_area_anon(a, SIZE);
}

static void make_shm(struct nv_area *a)
{
	nv_area_map(a, SIZE, READ_WRITE, MAP_SHARED, nv_file("/dev/shm", SIZE));
}

/** struct missing - a row of the table of missing pages */
struct missing {
	const char *name;
	void (*make)(struct nv_area *a);
	uint64_t features, mode;
	enum nv_monitor_answer answer;
};

static const struct missing missings[] = {
	{ "missing", make_small, 0, UFFDIO_REGISTER_MODE_MISSING,
	  NV_MONITOR_COPY },
	{ "missing-zero", make_small, 0, UFFDIO_REGISTER_MODE_MISSING,
	  NV_MONITOR_ZERO },
	{ "missing-move", make_small, UFFD_FEATURE_MOVE,
	  UFFDIO_REGISTER_MODE_MISSING, NV_MONITOR_MOVE },
	{ "missing-shmem", make_shm, UFFD_FEATURE_MISSING_SHMEM,
	  UFFDIO_REGISTER_MODE_MISSING, NV_MONITOR_COPY },
	{ "minor-shmem", make_shm, UFFD_FEATURE_MINOR_SHMEM,
	  UFFDIO_REGISTER_MODE_MINOR, NV_MONITOR_CONTINUE },
};

/* A file has its pages, but this mapping of it does not. */
static void fill_file(struct uffd_test *t)
{
	igt_assert_eq(pwrite(t->area.fd, t->source.p, t->area.size, 0),
		      t->area.size);
}

static void assert_answer(const struct uffd_test *t, const void *p)
{
	if (t->u.answer == NV_MONITOR_ZERO)
		nv_assert_all(p, WORDS, 0);
	else
		nv_assert_tags(p, WORDS, 1);
}

/*
 * The GPU reads, and each page is asked for once: also those around a fault
 * are not touched before.  Then it writes, to pages the monitor gives it.
 */
static void test_missing(const struct missing *row)
{
	struct uffd_test t;

	test_open(&t, row->make);
	t.u.answer = row->answer;
	if (row->answer == NV_MONITOR_CONTINUE)
		fill_file(&t);
	nv_monitor_register(&t.u, 0, row->features, row->mode);
	nv_monitor_start(&t.u);
	gpu_copy(&t.chan, t.copy.p, t.area.p, WORDS / 2);
	igt_assert_eq(t.u.missing, PAGES / 2);
	gpu_copy(&t.chan, t.copy.p, t.area.p, WORDS);
	igt_assert_eq(t.u.missing, PAGES);
	assert_answer(&t, t.copy.p);
	nv_pagetable_assert_true(t.area.p, t.area.size);
	gpu_write(&t.chan, t.area.p, WORDS / 2, 7);
	igt_assert_eq(t.u.missing, PAGES);
	nv_assert_counting(t.area.p, WORDS / 2, 7);
	test_close(&t);
}

/* The first touch is a write: of one word in each page. */
static void test_missing_write(void)
{
	const struct nv_kernel_args write = { .shift = PAGE_SHIFT, .value = 5 };
	struct nv_kernel_args args = write;
	struct uffd_test t;
	uint32_t *w, want, i;

	test_open(&t, make_small);
	nv_monitor_register(&t.u, 0, 0, UFFDIO_REGISTER_MODE_MISSING);
	nv_monitor_start(&t.u);
	w = t.area.p;
	args.dst = (uintptr_t)w;
	nv_run(&dev, &t.chan, NV_KERNEL_WRITE, &args, PAGES);
	for (i = 0; i < WORDS; i++) {
		want = i % PAGE_WORDS ? nv_tag(1, i) : 5 + i / PAGE_WORDS;
		igt_assert_eq(w[i], want);
	}
	test_close(&t);
}

/* A snapshot: the monitor gets each page before it is first written. */
static void snapshot(struct uffd_test *t)
{
	memcpy(t->area.p, t->source.p, t->area.size);
	t->u.before = t->copy.p;
	nv_monitor_start(&t->u);
	gpu_write(&t->chan, t->area.p, WORDS, 100);
	igt_assert_eq(t->u.writes, 0);
	memcpy(t->area.p, t->source.p, t->area.size);
	nv_monitor_protect(&t->u, 0, t->area.size, true);
	nv_pagetable_assert_read_only(t->area.p, t->area.size);
	gpu_write(&t->chan, t->area.p, WORDS / 2, 200);
	igt_assert_eq(t->u.writes, PAGES / 2);
	nv_assert_tags(t->copy.p, WORDS / 2, 1);
	nv_assert_counting(t->area.p, WORDS / 2, 200);
	nv_pagetable_assert_true(t->area.p, t->area.size);
	gpu_write(&t->chan, t->area.p, WORDS, 300);
	igt_assert_eq(t->u.writes, PAGES);
	nv_assert_tags(t->copy.p, WORDS, 1);
	nv_assert_counting(t->area.p, WORDS, 300);
}

static void test_protect(void)
{
	struct uffd_test t;

	test_open(&t, make_small);
	nv_monitor_register(&t.u, 0, 0, UFFDIO_REGISTER_MODE_WP);
	snapshot(&t);
	test_close(&t);
}

static void test_protect_shmem(void)
{
	struct uffd_test t;

	test_open(&t, make_shm);
	nv_monitor_register(&t.u, 0, UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
			    UFFDIO_REGISTER_MODE_WP);
	snapshot(&t);
	test_close(&t);
}

/* Pages written since the last call, which this one write-protects again. */
static unsigned int scan_written(const void *p, size_t size)
{
	struct page_region regions[PAGES];
	struct pm_scan_arg arg = {
		.size = sizeof(arg),
		.flags = PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC,
		.start = (uintptr_t)p,
		.end = (uintptr_t)p + size,
		.vec = (uintptr_t)regions,
		.vec_len = PAGES,
		.category_mask = PAGE_IS_WRITTEN,
		.return_mask = PAGE_IS_WRITTEN,
	};
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC), nr, i;
	unsigned int pages = 0;

	igt_assert(fd >= 0);
	nr = ioctl(fd, PAGEMAP_SCAN, &arg);
	igt_assert_f(nr >= 0, "PAGEMAP_SCAN: %s\n", strerror(errno));
	for (i = 0; i < nr; i++)
		pages += (regions[i].end - regions[i].start) / NV_PAGE;
	close(fd);
	return pages;
}

/* Without a monitor: the kernel notes what the GPU writes, as the CPU's. */
static void test_track_writes(void)
{
	struct uffd_test t;
	uint32_t *w;

	test_open(&t, make_small);
	nv_monitor_register(&t.u, 0, UFFD_FEATURE_WP_ASYNC |
			    UFFD_FEATURE_WP_UNPOPULATED, UFFDIO_REGISTER_MODE_WP);
	nv_monitor_start(&t.u);
	w = t.area.p;
	gpu_write(&t.chan, w, WORDS, 1);
	scan_written(w, SIZE);
	igt_assert_eq(scan_written(w, SIZE), 0);
	gpu_copy(&t.chan, t.copy.p, w, WORDS);
	igt_assert_eq(scan_written(w, SIZE), 0);
	gpu_write(&t.chan, w, 3 * PAGE_WORDS, 2);
	igt_assert_eq(scan_written(w, SIZE), 3);
	gpu_write(&t.chan, w, 3 * PAGE_WORDS, 3);
	igt_assert_eq(scan_written(w, SIZE), 3);
	igt_assert_eq(scan_written(w, SIZE), 0);
	nv_assert_counting(w, 3 * PAGE_WORDS, 3);
	test_close(&t);
}

/** struct refusal - faults that no monitor serves */
struct refusal {
	const char *name;
	int flags;
	uint64_t features;
	enum nv_monitor_answer answer;
	enum drm_nouveau_svm_reason reason;
};

static const struct refusal refusals[] = {
	{ "user-mode-only", UFFD_USER_MODE_ONLY, 0, NV_MONITOR_COPY,
	  NOUVEAU_SVM_REASON_USER_FAULT },
	{ "sigbus", 0, UFFD_FEATURE_SIGBUS, NV_MONITOR_COPY,
	  NOUVEAU_SVM_REASON_USER_FAULT },
	{ "poison", 0, UFFD_FEATURE_POISON, NV_MONITOR_POISON,
	  NOUVEAU_SVM_REASON_NO_PAGE },
};

static void assert_death(const struct uffd_test *t,
			 enum drm_nouveau_svm_reason reason)
{
	struct drm_nouveau_svm_death death;

	igt_assert_eq(nv_death(&dev, t->chan.id, &death), 0);
	igt_assert_eq(death.reason, reason);
	igt_assert(death.address >= (uintptr_t)t->u.p + NV_PAGE &&
		   death.address < (uintptr_t)t->u.p + SIZE);
}

/* The channel dies, saying why; what is there already can be used. */
static void test_refusal(const struct refusal *row)
{
	struct uffd_test t;

	test_open(&t, make_small);
	t.u.answer = row->answer;
	memcpy(t.area.p, t.source.p, NV_PAGE);
	nv_monitor_register(&t.u, row->flags, row->features,
			    UFFDIO_REGISTER_MODE_MISSING);
	nv_monitor_start(&t.u);
	gpu_copy(&t.chan, t.copy.p, t.area.p, PAGE_WORDS);
	nv_assert_tags(t.copy.p, PAGE_WORDS, 1);
	igt_assert_eq(nv_copy_words(&dev, &t.chan, t.copy.p, t.area.p, WORDS),
		      -EIO);
	assert_death(&t, row->reason);
	nv_channel_free(&dev, &t.chan);
	nv_channel_new(&dev, &t.chan);
	gpu_copy(&t.chan, t.copy.p, t.area.p, PAGE_WORDS);
	test_close(&t);
}

/* The memory of the table of changes is registered as it is made. */
static struct nv_monitor changing;

static void release_changing(struct nv_area *a)
{
	nv_monitor_stop(&changing);
	igt_assert_eq(munmap(changing.source, changing.size), 0);
	nv_area_unmap(a);
}

static void make_changing(struct nv_area *a)
{
	nv_area_anon(a, NV_CHANGE_SIZE);
	a->release = release_changing;
	changing = (struct nv_monitor) {
		.p = a->p,
		.size = a->size,
		.page = NV_PAGE,
		.source = nv_map_elsewhere(a->size),
	};
	nv_monitor_register(&changing, 0, 0, UFFDIO_REGISTER_MODE_MISSING |
			    UFFDIO_REGISTER_MODE_WP);
	nv_monitor_start(&changing);
}

/* The part goes, and comes back from the monitor as somebody else's. */
static void change_missing(struct nv_changing *t)
{
	const unsigned int before = changing.missing;

	memset(changing.source, 0x66, changing.size);
	nv_change_advise(t, MADV_DONTNEED);
	nv_change_set(t, 0x66);
	igt_assert(changing.missing >= before + t->size / NV_PAGE);
}

/* Whoever writes is seen by the monitor first, and goes on. */
static void change_protect(struct nv_changing *t)
{
	const bool writes = t->m.mode != NV_MIRROR_READ;
	const unsigned int before = changing.writes;

	nv_monitor_protect(&changing, t->m.first, t->size, true);
	nv_mirror_settle(&t->m);
	igt_assert_eq(changing.writes - before,
		      writes ? t->size / NV_PAGE : 0);
	nv_monitor_protect(&changing, t->m.first, t->size, false);
	nv_mirror_settle(&t->m);
}

static const struct nv_change rows[] = {
	{ "missing-running", make_changing, 4, 12, NV_SETS, change_missing,
	  0 },
	{ "protect-running", make_changing, 4, 12, NV_KEEPS, change_protect,
	  0 },
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
	 * Description: the monitor gives the pages that the GPU asks for
	 */
	for (i = 0; i < sizeof(missings) / sizeof(missings[0]); i++) {
		igt_subtest(missings[i].name)
			test_missing(&missings[i]);
	}

	/**
	 * SUBTEST: missing-write
	 * Description: the GPU's first touch of a page is a write
	 */
	igt_subtest("missing-write")
		test_missing_write();

	/**
	 * SUBTEST: protect
	 * Description: the monitor takes a snapshot of what the GPU writes
	 */
	igt_subtest("protect")
		test_protect();

	/**
	 * SUBTEST: protect-shmem
	 * Description: the same, of shared memory
	 */
	igt_subtest("protect-shmem")
		test_protect_shmem();

	/**
	 * SUBTEST: track-writes
	 * Description: PAGEMAP_SCAN tells which pages the GPU has written
	 */
	igt_subtest("track-writes")
		test_track_writes();

	/**
	 * SUBTEST: refuses-%s
	 * Description: what no monitor serves kills the channel, with a reason
	 */
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		char name[64];

		snprintf(name, sizeof(name), "refuses-%s", refusals[i].name);
		igt_subtest(name)
			test_refusal(&refusals[i]);
	}

	/**
	 * SUBTEST: %s
	 * Description: what its name says happens while a kernel runs
	 */
	nv_change_subtests(&dev, rows, sizeof(rows) / sizeof(rows[0]));

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
}
