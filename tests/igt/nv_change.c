// SPDX-License-Identifier: MIT
/* Changes of a mapping under a running kernel: see nv_change.h. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_change.h"

#define ROUNDS	3
#define TRIES	100

static const char * const mode_names[NV_MIRROR_MODES] = {
	[NV_MIRROR_READ] = "read",
	[NV_MIRROR_WRITE] = "write",
	[NV_MIRROR_COUNT] = "count",
	[NV_MIRROR_ADD] = "atomic",
};

void nv_change_gone(struct nv_changing *t)
{
	t->m.part = NULL;
	nv_mirror_settle(&t->m);
}

void nv_change_back(struct nv_changing *t)
{
	nv_mirror_resume(&t->m, t->start);
	nv_mirror_settle(&t->m);
}

void nv_change_set(struct nv_changing *t, int byte)
{
	nv_mirror_set_part(&t->m, byte);
	nv_mirror_settle(&t->m);
}

void nv_change_map_over(struct nv_changing *t, int flags, int fd)
{
	igt_assert(mmap(t->start, t->size, PROT_READ | PROT_WRITE,
			flags | MAP_FIXED, fd, 0) == t->start);
}

void *nv_map_elsewhere(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

void nv_change_advise(struct nv_changing *t, int advice)
{
	igt_assert_f(!madvise(t->start, t->size, advice), "madvise %d: %s\n",
		     advice, strerror(errno));
}

void nv_change_advice(struct nv_changing *t)
{
	nv_change_advise(t, t->row->arg);
	nv_mirror_settle(&t->m);
}

void nv_require_swap(void)
{
	igt_require_f(nv_get_line("/proc/meminfo", "SwapTotal:") > 0,
		      "no swap space\n");
}

/* The CPU looks at all of it, so that it is in RAM. */
static void look(const struct nv_changing *t)
{
	const volatile uint8_t *p = t->start;
	size_t i;

	for (i = 0; i < t->size; i += NV_PAGE)
		(void)p[i];
}

/*
 * Pages that another CPU has just faulted in are not on the list yet on which
 * reclaim looks for them; drop_caches has all CPUs put theirs there.  What the
 * GPU has moved to VRAM meanwhile can't be paged out at all.
 */
void nv_change_page_out(struct nv_changing *t)
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
		look(t);
		igt_assert(nv_set_number("/proc/sys/vm/drop_caches", 1));
		nv_change_advise(t, MADV_PAGEOUT);
	} while (leaves && --tries &&
		 nv_get_line("/proc/vmstat", "pswpout") == before);
	igt_assert_f(tries, "the kernel pages nothing out\n");
}

void nv_change_anon(struct nv_area *a)
{
	nv_area_anon(a, NV_CHANGE_SIZE);
}

void nv_change_thp(struct nv_area *a)
{
	nv_area_thp(a, NV_CHANGE_THP_PAGES * NV_PAGE);
}

void nv_change_no_thp(struct nv_area *a)
{
	nv_area_no_thp(a, NV_CHANGE_THP_PAGES * NV_PAGE);
}

void nv_change_shm(struct nv_area *a)
{
	nv_area_map(a, NV_CHANGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
		    nv_file("/dev/shm", NV_CHANGE_SIZE));
}

void nv_change_disk(struct nv_area *a)
{
	nv_area_disk(a, NV_CHANGE_SIZE);
}

static void run_mode(const struct nv_device *dev, const struct nv_change *row,
		     enum nv_mirror_mode mode)
{
	struct nv_changing t = {
		.row = row, .dev = dev, .area = { .fd = -1 },
	};
	int round;

	igt_info("%s\n", mode_names[mode]);
	row->make(&t.area);
	t.m.p = t.area.p;
	t.m.size = t.area.size;
	t.m.first = row->first * NV_PAGE;
	t.m.last = row->last * NV_PAGE;
	t.start = t.m.p + t.m.first;
	t.size = t.m.last - t.m.first;
	nv_mirror_open(&t.m, dev, mode);
	for (round = 0; round < ROUNDS; round++) {
		nv_mirror_settle(&t.m);
		row->change(&t);
	}
	nv_mirror_close(&t.m, dev);
	if (t.area.release)
		t.area.release(&t.area);
	else
		nv_area_unmap(&t.area);
}

void nv_change_run(const struct nv_device *dev, const struct nv_change *row)
{
	int mode;

	for (mode = 0; mode < NV_MIRROR_MODES; mode++) {
		if (row->modes & 1u << mode)
			run_mode(dev, row, mode);
	}
}

void nv_change_subtests(const struct nv_device *dev,
			const struct nv_change *rows, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		igt_subtest(rows[i].name)
			nv_change_run(dev, &rows[i]);
	}
}

void nv_change_main(int argc, char **argv, const struct nv_change *rows,
		    size_t nr)
{
	struct nv_device dev;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
	}

	nv_change_subtests(&dev, rows, nr);

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
	__builtin_unreachable();
}
