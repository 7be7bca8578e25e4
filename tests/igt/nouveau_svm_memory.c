// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm memory
 * Description: the GPU reads and writes memory of every kind a process has,
 *	through the process's own pointers
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each kind of memory is one row of @kinds.  For each, the CPU fills the
 * memory with tagged random words, a kernel copies them out (read), a kernel
 * writes its own (write), and the CPU looks at every word.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_compute.h"

#define PAGE		4096ul
#define HUGE_PAGE	(2ul << 20)
#define WORD_SHIFT	2
#define SMALL_SIZE	(16 * PAGE)
#define SPARSE_SIZE	(256ul << 20)

/** struct area - memory under test */
struct area {
	/** @p: what the GPU gets; @size: bytes of it */
	void *p;
	size_t size;
	/** @base: start of the mapping to unmap or free, @base_size bytes */
	void *base;
	size_t base_size;
	int fd;
};

static struct nv_device dev;
static struct nv_channel chan;
static uint32_t static_data[SMALL_SIZE / 4] = { 1 };
static uint32_t static_bss[SMALL_SIZE / 4];

/* A word that tells where it belongs and which round it is from. */
static uint32_t tag(uint32_t round, uint32_t index)
{
	return (round * 2654435761u) ^ (index * 2246822519u) ^ 0x5a000000u;
}

static void map_area(struct area *a, size_t size, int prot, int flags, int fd)
{
	a->size = size;
	a->base_size = size;
	a->base = mmap(NULL, size, prot, flags, fd, 0);
	igt_assert_f(a->base != MAP_FAILED, "mmap: %s\n", strerror(errno));
	a->p = a->base;
}

static void unmap_area(struct area *a)
{
	munmap(a->base, a->base_size);
	if (a->fd >= 0)
		close(a->fd);
}

static void make_malloc(struct area *a)
{
	a->size = SMALL_SIZE;
	a->p = malloc(a->size);
	igt_assert(a->p);
}

static void free_malloc(struct area *a)
{
	free(a->p);
}

static void make_malloc_large(struct area *a)
{
	a->size = 4 * HUGE_PAGE;
	a->p = malloc(a->size);
	igt_assert(a->p);
}

static void make_data(struct area *a)
{
	a->size = sizeof(static_data);
	a->p = static_data;
}

static void make_bss(struct area *a)
{
	a->size = sizeof(static_bss);
	a->p = static_bss;
}

static void free_nothing(struct area *a)
{
	a->p = NULL;
}

static void make_mmap(struct area *a)
{
	map_area(a, SMALL_SIZE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void make_shared(struct area *a)
{
	map_area(a, SMALL_SIZE, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void make_memfd(struct area *a)
{
	a->fd = memfd_create("svm", MFD_CLOEXEC);
	igt_assert(a->fd >= 0 && !ftruncate(a->fd, SMALL_SIZE));
	map_area(a, SMALL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, a->fd);
}

/* A two-megabyte aligned piece that the kernel may back with a huge page. */
static void make_thp(struct area *a)
{
	map_area(a, 3 * HUGE_PAGE, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1);
	a->p = (void *)(((uintptr_t)a->base + HUGE_PAGE - 1) &
			~(HUGE_PAGE - 1));
	a->size = 2 * HUGE_PAGE;
	igt_require_f(!madvise(a->p, a->size, MADV_HUGEPAGE),
		      "no transparent huge pages\n");
}

/** struct kind - a kind of memory */
struct kind {
	const char *name;
	void (*make)(struct area *a);
	void (*free)(struct area *a);
};

static const struct kind kinds[] = {
	{ "malloc", make_malloc, free_malloc },
	{ "malloc-large", make_malloc_large, free_malloc },
	{ "static-data", make_data, free_nothing },
	{ "static-bss", make_bss, free_nothing },
	{ "mmap", make_mmap, unmap_area },
	{ "mmap-shared", make_shared, unmap_area },
	{ "memfd", make_memfd, unmap_area },
	{ "thp", make_thp, unmap_area },
};

static void fill(void *p, size_t words, uint32_t round)
{
	uint32_t *w = p;
	size_t i;

	for (i = 0; i < words; i++)
		w[i] = tag(round, i);
}

static void assert_words(const void *p, size_t words, uint32_t round)
{
	const uint32_t *w = p;
	size_t i;

	for (i = 0; i < words; i++) {
		igt_assert_f(w[i] == tag(round, i),
			     "word %zu of %zu is %08x, not %08x\n", i, words,
			     w[i], tag(round, i));
	}
}

static void gpu_copy(void *dst, const void *src, size_t words)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.src = (uintptr_t)src,
		.shift = WORD_SHIFT,
	};

	nv_run(&dev, &chan, NV_KERNEL_COPY, &args, words);
}

static void assert_counting(const void *p, size_t words, uint32_t first)
{
	const uint32_t *w = p;
	size_t i;

	for (i = 0; i < words; i++) {
		igt_assert_f(w[i] == first + i,
			     "word %zu of %zu is %08x, not %08zx\n", i, words,
			     w[i], first + i);
	}
}

static void gpu_write(void *dst, size_t words, uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.shift = WORD_SHIFT,
		.value = first,
	};

	nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, words);
}

/* CPU writes, GPU reads; GPU writes, CPU reads; and once more. */
static void read_write(void *p, size_t size)
{
	size_t words = size / 4;
	uint32_t *copy = malloc(size);
	uint32_t round;

	igt_assert(copy);
	for (round = 1; round <= 2; round++) {
		fill(p, words, round);
		gpu_copy(copy, p, words);
		assert_words(copy, words, round);
		gpu_write(p, words, round << 24);
		assert_counting(p, words, round << 24);
	}
	free(copy);
}

static void test_kind(const struct kind *kind)
{
	struct area a = { .fd = -1 };

	kind->make(&a);
	read_write(a.p, a.size);
	kind->free(&a);
}

static void __attribute__((noinline)) test_stack(void)
{
	uint32_t words[2 * PAGE / 4];

	read_write(words, sizeof(words));
}

/* The GPU is first to touch fresh memory: reads zeros, its writes stay. */
static void test_first_touch(void)
{
	struct area a = { .fd = -1 }, b = { .fd = -1 };
	size_t words = SMALL_SIZE / 4, i;
	uint32_t *w;

	make_mmap(&a);
	make_mmap(&b);
	w = b.p;
	fill(b.p, words, 1);
	gpu_copy(b.p, a.p, words);
	for (i = 0; i < words; i++)
		igt_assert_eq(w[i], 0);
	unmap_area(&a);
	make_mmap(&a);
	gpu_write(a.p, words, 77);
	assert_counting(a.p, words, 77);
	unmap_area(&b);
	unmap_area(&a);
}

/* A file mapped read-only is read in place and stays as it is. */
static void test_file_readonly(void)
{
	char path[] = "/tmp/svm-file-XXXXXX";
	size_t words = SMALL_SIZE / 4;
	struct area a = { .fd = -1 };
	uint32_t *copy;
	int fd;

	copy = malloc(SMALL_SIZE);
	fd = mkstemp(path);
	igt_assert(copy && fd >= 0);
	unlink(path);
	fill(copy, words, 3);
	igt_assert_eq(write(fd, copy, SMALL_SIZE), SMALL_SIZE);
	memset(copy, 0, SMALL_SIZE);
	a.fd = fd;
	map_area(&a, SMALL_SIZE, PROT_READ, MAP_PRIVATE, fd);
	gpu_copy(copy, a.p, words);
	assert_words(copy, words, 3);
	assert_words(a.p, words, 3);
	unmap_area(&a);
	free(copy);
}

/* One word every 256 KiB of 256 MiB; nothing else may be populated. */
static void test_large_sparse(void)
{
	const unsigned int step_shift = 18;
	const size_t threads = SPARSE_SIZE >> step_shift;
	struct area a = { .fd = -1 };
	unsigned char resident[SPARSE_SIZE / PAGE];
	size_t i, pages = 0;

	map_area(&a, SPARSE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		 MAP_ANONYMOUS | MAP_NORESERVE, -1);
	igt_assert_eq(madvise(a.p, a.size, MADV_NOHUGEPAGE), 0);
	nv_run(&dev, &chan, NV_KERNEL_WRITE, &(struct nv_kernel_args) {
		.dst = (uintptr_t)a.p,
		.shift = step_shift,
		.value = 0x1000,
	}, threads);
	igt_assert_eq(mincore(a.p, a.size, resident), 0);
	for (i = 0; i < SPARSE_SIZE / PAGE; i++)
		pages += resident[i] & 1;
	igt_assert_eq(pages, threads);
	for (i = 0; i < threads; i++)
		igt_assert_eq(*(uint32_t *)((char *)a.p + (i << step_shift)),
			      0x1000 + i);
	unmap_area(&a);
}

/* A word for each thread, then one word for all: no addition is lost. */
static void test_atomic(void)
{
	struct nv_kernel_args args = { .value = 3, .shift = WORD_SHIFT };
	const size_t threads = 1024;
	struct area a = { .fd = -1 };
	uint32_t *w;
	size_t i;

	make_mmap(&a);
	w = a.p;
	fill(a.p, threads, 4);
	args.dst = (uintptr_t)w;
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, threads);
	for (i = 0; i < threads; i++)
		igt_assert_eq(w[i], tag(4, i) + 3u);
	args.shift = NV_SHIFT_SAME_WORD;
	nv_run(&dev, &chan, NV_KERNEL_ADD, &args, threads);
	igt_assert_eq(w[0], tag(4, 0) + 3u + 3u * threads);
	for (i = 1; i < threads; i++)
		igt_assert_eq(w[i], tag(4, i) + 3u);
	unmap_area(&a);
}

/* CPU and GPU take turns on one page, each adding to what the other left. */
static void test_ping_pong(void)
{
	struct area a = { .fd = -1 };
	const uint32_t turns = 50;
	struct nv_kernel_args args;
	uint32_t turn, i, *w;

	make_mmap(&a);
	w = a.p;
	args = (struct nv_kernel_args) {
		.dst = (uintptr_t)w,
		.src = (uintptr_t)w,
		.shift = WORD_SHIFT,
		.value = 1,
	};
	for (turn = 0; turn < turns; turn++) {
		nv_run(&dev, &chan, NV_KERNEL_INCREMENT, &args, NV_WARP);
		for (i = 0; i < NV_WARP; i++) {
			igt_assert_eq(w[i], 3 * turn + 1);
			w[i] += 2;
		}
	}
	unmap_area(&a);
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
	 * Description: GPU reads and writes memory of that kind
	 */
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		igt_subtest(kinds[i].name)
			test_kind(&kinds[i]);
	}

	/**
	 * SUBTEST: stack
	 * Description: the same for an array on the stack
	 */
	igt_subtest("stack")
		test_stack();

	/**
	 * SUBTEST: first-touch
	 * Description: the GPU touches fresh memory before the CPU does
	 */
	igt_subtest("first-touch")
		test_first_touch();

	/**
	 * SUBTEST: mmap-file-readonly
	 * Description: the GPU reads a file mapped read-only
	 */
	igt_subtest("mmap-file-readonly")
		test_file_readonly();

	/**
	 * SUBTEST: large-sparse
	 * Description: 1024 pages far apart in 256 MiB, none more populated
	 */
	igt_subtest("large-sparse")
		test_large_sparse();

	/**
	 * SUBTEST: atomic
	 * Description: atomic additions are exact
	 */
	igt_subtest("atomic")
		test_atomic();

	/**
	 * SUBTEST: ping-pong
	 * Description: CPU and GPU modify the words of one page in turn
	 */
	igt_subtest("ping-pong")
		test_ping_pong();

	igt_fixture {
		nv_channel_free(&dev, &chan);
		nv_device_close(&dev);
	}

	igt_exit();
}
