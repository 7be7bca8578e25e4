// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm room
 * Description: memory that the GPU faults on finds VRAM full
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * With nouveau's parameter svm_migrate=1, on a GPU with little memory
 * (tests/igt/devices).  What is idle makes room, what is busy does not; either
 * way the GPU gets what it asks for.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_fdinfo.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_patience.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

/* What goes to VRAM together, unless it is a huge page. */
#define PIECE		(16 * NV_PAGE)
#define PIECE_SHIFT	16
#define RUN_SECONDS	50
/* Four times what the GPU of the suite has. */
#define VRAM_SIZE	(64ul << 20)
#define OVER_SIZE	(4 * VRAM_SIZE)
#define TWICE_SIZE	(2 * VRAM_SIZE)
#define TURN_SIZE	(VRAM_SIZE / 2)
#define AREA_SIZE	NV_HUGE_PAGE
/* Most of it, and so many pieces that they lie where one huge page begins. */
#define HUGE_SIZE	(20 * NV_HUGE_PAGE)
#define SMALL_PIECES	40
/* Each thread's page has a page table of its own. */
#define APART_SHIFT	21
#define APART_THREADS	64
#define APART_SIZE	((size_t)APART_THREADS << APART_SHIFT)
/* Buffers that fill it, the largest first. */
#define BO_LARGEST	(4ul << 20)
#define BO_SMALLEST	(64ul << 10)
#define BO_TAG		0xb0000000u
#define REFAULTS	"/sys/module/nouveau/parameters/svm_refault_percent"
#define REFAULTS_FREE	100
#define REFAULTS_RARE	1
#define REFAULTS_SOME	8
#define PASSES		3

static struct nv_device dev;
static struct nv_channel chan;
static struct nv_bo bos[NV_MAX_OTHERS - 1];
static unsigned int nr_bos;
static long refaults = -1;

/* Thread i works on the first word of piece i. */
static struct nv_kernel_args on_pieces(void *p, uint32_t value)
{
	return (struct nv_kernel_args) {
		.dst = (uintptr_t)p,
		.shift = PIECE_SHIFT,
		.value = value,
	};
}

static void assert_pieces(const void *p, size_t size, uint32_t first)
{
	size_t i;

	for (i = 0; i < size / PIECE; i++)
		igt_assert_eq(*(uint32_t *)(p + i * PIECE), first + i);
}

/*
 * What was there first goes, comes back when it is wanted, and is right, if
 * refaults may cost whatever they do.  Nothing goes twice: the GPU must have had
 * what it was brought for.
 */
static void test_over(void)
{
	const uint64_t evicted = nv_count("pages_evicted");
	struct nv_area a = { .fd = -1 };
	struct nv_kernel_args args;

	igt_assert(nv_set_number(REFAULTS, REFAULTS_FREE));
	nv_area_no_thp(&a, OVER_SIZE);
	args = on_pieces(a.p, 7);
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, OVER_SIZE / PIECE);
	igt_assert(nv_count("pages_evicted") - evicted > 2 * VRAM_SIZE / NV_PAGE);
	igt_assert(nv_count("vram_bytes") <= VRAM_SIZE);
	args = on_pieces(a.p, 3);
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, VRAM_SIZE / PIECE);
	igt_assert(nv_count("pages_evicted") - evicted > 3 * VRAM_SIZE / NV_PAGE);
	igt_assert(nv_count("pages_evicted") - evicted < 5 * VRAM_SIZE / NV_PAGE);
	assert_pieces(a.p, VRAM_SIZE, 7 + 3);
	assert_pieces(a.p + VRAM_SIZE, OVER_SIZE - VRAM_SIZE,
		      7 + VRAM_SIZE / PIECE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/** struct fresh - a file that has not spent anything yet, nor saved */
struct fresh {
	struct nv_device dev;
	struct nv_channel chan;
	struct nv_area area;
};

static void fresh_open(struct fresh *f, long percent)
{
	igt_assert(nv_set_number(REFAULTS, percent));
	nv_device_open(&f->dev);
	nv_channel_new(&f->dev, &f->chan);
	f->area = (struct nv_area) { .fd = -1 };
	nv_area_no_thp(&f->area, TWICE_SIZE);
}

static void fresh_close(struct fresh *f)
{
	nv_area_unmap(&f->area);
	nv_channel_free(&f->dev, &f->chan);
	nv_device_close(&f->dev);
	nv_assert_vram_empty();
}

static void write_pieces(const struct fresh *f, size_t size, uint32_t value)
{
	const struct nv_kernel_args args = on_pieces(f->area.p, value);

	nv_run(&f->dev, &f->chan, NV_KERNEL_WRITE, &args, size / PIECE);
}

/* Pages from its begin that are in VRAM. */
static size_t there(const struct fresh *f, size_t size)
{
	return nv_pagetable_vram(f->area.p, size);
}

/*
 * Twice as much as VRAM has, from begin to end again and again: the first pass
 * moves what was there first.  After that about a half of it is used where it
 * is, and nothing moves; the oldest would always be what is wanted next.
 */
static void test_refault(void)
{
	const uint64_t kept = nv_count("refaults_kept");
	uint64_t evicted, came;
	struct fresh f;
	unsigned int i;

	fresh_open(&f, REFAULTS_RARE);
	write_pieces(&f, TWICE_SIZE, 1);
	evicted = nv_count("pages_evicted");
	came = nv_count("pages_to_vram");
	for (i = 0; i < PASSES; i++)
		write_pieces(&f, TWICE_SIZE, 7 + i);
	igt_assert(nv_count("pages_evicted") - evicted <
		   VRAM_SIZE / NV_PAGE / 4);
	igt_assert(nv_count("pages_to_vram") - came < VRAM_SIZE / NV_PAGE / 4);
	igt_assert(nv_count("refaults_kept") > kept);
	igt_assert(there(&f, TWICE_SIZE) > VRAM_SIZE / NV_PAGE / 2);
	assert_pieces(f.area.p, TWICE_SIZE, 7 + PASSES - 1);
	fresh_close(&f);
}

/*
 * What had to go, and stays in RAM because it is wanted again at once, gets VRAM
 * in the end from what nobody wants any more.
 */
static void test_turn(void)
{
	const time_t end = time(NULL) + nv_patience(RUN_SECONDS);
	uint32_t value = 7;
	struct fresh f;

	fresh_open(&f, REFAULTS_SOME);
	write_pieces(&f, TWICE_SIZE, 1);
	write_pieces(&f, TURN_SIZE, value);
	igt_assert(there(&f, TURN_SIZE) < TURN_SIZE / NV_PAGE);
	while (there(&f, TURN_SIZE) < TURN_SIZE / NV_PAGE) {
		igt_assert(time(NULL) < end);
		write_pieces(&f, TURN_SIZE, ++value);
	}
	assert_pieces(f.area.p, TURN_SIZE, value);
	assert_pieces(f.area.p + TURN_SIZE, TWICE_SIZE - TURN_SIZE,
		      1 + TURN_SIZE / PIECE);
	fresh_close(&f);
}

/* A kernel that all buffers are said to be for; 0 or -errno. */
static int launch(struct nv_launch *l, enum nv_kernel kernel,
		  const struct nv_kernel_args *args, unsigned int threads)
{
	return nv_launch_with(&dev, &chan, l, kernel, args, threads, bos,
			      nr_bos);
}

/* Do all buffers fit, at a time? */
static bool fits(const struct nv_bo *scrap)
{
	const struct nv_kernel_args args = {
		.dst = scrap->va,
		.shift = NV_WORD_SHIFT,
	};
	struct nv_launch l;
	int ret;

	ret = launch(&l, NV_KERNEL_WRITE, &args, NV_WARP);
	if (!ret)
		igt_assert_eq(nv_launch_wait(&dev, &l, RUN_SECONDS), 0);
	nv_launch_free(&dev, &l);
	return !ret;
}

static void tag(struct nv_bo *bo, uint32_t value)
{
	uint32_t *w = bo->map;

	w[0] = value;
	w[bo->size / 4 - 1] = ~value;
}

static void assert_tag(const struct nv_bo *bo, uint32_t value)
{
	const uint32_t *w = bo->map;

	igt_assert_eq(w[0], value);
	igt_assert_eq(w[bo->size / 4 - 1], ~value);
}

/* Buffers until there is not even room for one piece. */
static void fill_vram(void)
{
	size_t size = BO_LARGEST;
	struct nv_bo scrap;
	unsigned int i;

	nv_bo_new(&dev, NV_PAGE, &scrap);
	while (size >= BO_SMALLEST) {
		igt_assert(nr_bos < NV_MAX_OTHERS - 1);
		igt_assert_eq(nv_bo_try_vram(&dev, size, &bos[nr_bos]), 0);
		nr_bos++;
		if (fits(&scrap))
			continue;
		nv_bo_free(&dev, &bos[--nr_bos]);
		size /= 2;
	}
	for (i = 0; i < nr_bos; i++) {
		nv_bo_map(&dev, &bos[i]);
		tag(&bos[i], BO_TAG + i);
	}
	igt_assert(fits(&scrap));
	nv_bo_free(&dev, &scrap);
}

/* Bytes of buffers that are in VRAM now. */
static uint64_t in_vram(void)
{
	return nv_fdinfo(&dev, "drm-resident-vram") - nv_count("vram_bytes");
}

static void free_bos(void)
{
	unsigned int i;

	for (i = 0; i < nr_bos; i++)
		assert_tag(&bos[i], BO_TAG + i);
	while (nr_bos)
		nv_bo_free(&dev, &bos[--nr_bos]);
}

/*
 * The buffers of a kernel fill VRAM, and then it faults: nobody waits for it to
 * end, its memory stays in RAM, and the buffers where they are.  For its page
 * tables there is room.
 */
static void test_busy(void)
{
	const uint64_t there = nv_count("pages_to_vram");
	const uint64_t refused = nv_count("moves_refused");
	struct nv_kernel_args args = { .shift = APART_SHIFT, .value = 7 };
	struct nv_area a = { .fd = -1 };
	struct nv_launch l;
	size_t i, writable;
	uint64_t filled;

	fill_vram();
	filled = in_vram();
	igt_assert(filled > VRAM_SIZE / 2);
	nv_area_no_thp(&a, APART_SIZE);
	args.dst = (uintptr_t)a.p;
	igt_assert_eq(launch(&l, NV_KERNEL_WRITE, &args, APART_THREADS), 0);
	igt_assert_eq(nv_launch_wait(&dev, &l, RUN_SECONDS), 0);
	igt_assert_eq(nv_count("pages_to_vram"), there);
	igt_assert(nv_count("moves_refused") > refused);
	igt_assert(nv_pagetable_pages(a.p, APART_SIZE, &writable) >=
		   APART_THREADS);
	igt_assert_eq(nv_pagetable_vram(a.p, APART_SIZE), 0);
	igt_assert_eq(in_vram(), filled);
	for (i = 0; i < APART_THREADS; i++)
		igt_assert_eq(*(uint32_t *)(a.p + (i << APART_SHIFT)), 7 + i);
	nv_launch_free(&dev, &l);
	nv_area_unmap(&a);
	free_bos();
}

/* The buffers of kernels that are over fill VRAM: some of them go. */
static void test_idle(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_kernel_args args;
	uint64_t filled;

	fill_vram();
	filled = in_vram();
	nv_area_no_thp(&a, AREA_SIZE);
	args = on_pieces(a.p, 7);
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, AREA_SIZE / PIECE);
	igt_assert_eq(nv_pagetable_vram(a.p, AREA_SIZE), AREA_SIZE / NV_PAGE);
	igt_assert(in_vram() < filled);
	igt_assert(in_vram() > 0);
	assert_pieces(a.p, AREA_SIZE, 7);
	nv_area_unmap(&a);
	free_bos();
	nv_assert_vram_empty();
}

static void restore(int sig)
{
	(void)sig;
	nv_set_number(REFAULTS, refaults);
}

static void move(void)
{
	igt_require_f(nv_policy_moves(true), "no svm_migrate\n");
	refaults = nv_get_number(REFAULTS);
	igt_require_f(refaults > 0, "no " REFAULTS "\n");
	igt_install_exit_handler(restore);
}

/* A page that the kernel holds on to can't move, and its piece not as a whole. */
static void hold_page(void *p, int *end)
{
	struct iovec iov = { .iov_base = p, .iov_len = NV_PAGE };
	int ends[2];

	igt_assert_eq(pipe(ends), 0);
	igt_assert_eq(vmsplice(ends[1], &iov, 1, 0), NV_PAGE);
	close(ends[1]);
	*end = ends[0];
}

/*
 * Where huge pages have been there are small ones: what could not go is not
 * taken for what has.
 */
static void test_after_huge(void)
{
	const size_t pages = PIECE / NV_PAGE;
	struct nv_area a = { .fd = -1 };
	uint8_t *p;
	int end, i;

	nv_area_thp(&a, HUGE_SIZE);
	nv_fill_tags(a.p, HUGE_SIZE / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, HUGE_SIZE), HUGE_SIZE / NV_PAGE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();

	nv_area_no_thp(&a, (SMALL_PIECES + 1) * PIECE);
	nv_fill_tags(a.p, a.size / 4, 1);
	p = a.p;
	for (i = 0; i < SMALL_PIECES; i++, p += PIECE)
		igt_assert_eq(nv_svm_to_vram(&dev, p, PIECE), pages);
	hold_page(p, &end);
	igt_assert_eq(nv_svm_to_vram(&dev, p, PIECE), pages - 1);
	igt_assert_eq(nv_present_pages(p, PIECE), 1);
	close(end);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "apart-over", test_over },
	{ "apart-turn", test_turn },
	{ "apart-refault", test_refault },
	{ "apart-busy", test_busy },
	{ "apart-idle", test_idle },
	{ "apart-after-huge", test_after_huge },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), move);
}
