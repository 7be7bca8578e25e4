// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm catalogue
 * Description: kernels on memory that is allocated, shared, moved and freed
 *	around them, in all shapes; by one program, by threads, by processes
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Shapes and modes are those of Intel's xe_exec_system_allocator that make
 * sense on this driver; the code is not.  Left out is what concerns buffers
 * mapped over shared memory, which SVM_INIT's hole rules out, and placement,
 * which needs memory that moves to the GPU.
 *
 * A subtest is [WHO-]SHAPE-MODE.  All tags come from a seed, which is printed;
 * --seed repeats a run.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_exec.h"
#include "nv_words.h"

#define WORKERS		4
/* IGT_OPT_HANDLER_ERROR of igt_core.h. */
#define OPT_UNKNOWN	(-2)
#define PAGE_SHIFT	12
#define KB		1024ul
#define MB		(1024ul * KB)

#define MMAP		NV_EXEC_MMAP
#define HUGE		NV_EXEC_HUGE
#define SHARED		NV_EXEC_SHARED
#define FILE_SHARED	NV_EXEC_FILE
#define NEW		NV_EXEC_NEW
#define FREE		NV_EXEC_FREE
#define NO_FILL		NV_EXEC_NO_FILL
#define PREFETCH	NV_EXEC_PREFETCH
#define LOCK		NV_EXEC_LOCK
#define RACE		NV_EXEC_RACE
#define REMAP		NV_EXEC_REMAP
#define DONTUNMAP	(NV_EXEC_REMAP | NV_EXEC_DONTUNMAP)
#define CHECK_OLD	NV_EXEC_CHECK_OLD
#define READ_ONLY	NV_EXEC_READ_ONLY

enum {
	ONCE,
	TWICE,
	MANY,
	MANY_STRIDE,
	MANY_64K,
	MANY_CHANNELS,
	MANY_LARGE,
	SHAPES
};

/* In how many shapes a mode is tried. */
#define IN(shape)	(1u << (shape))
#define BASIC		(IN(ONCE) | IN(MANY))
#define MOST		(BASIC | IN(MANY_STRIDE) | IN(MANY_64K))
#define EVERY		((1u << SHAPES) - 1)

static const struct nv_exec_shape shapes[SHAPES] = {
	[ONCE] = { "once", 1, 1, 128 * KB, false },
	[TWICE] = { "twice", 2, 1, 128 * KB, false },
	[MANY] = { "many", 8, 1, 128 * KB, false },
	[MANY_STRIDE] = { "many-stride", 8, 1, 128 * KB, true },
	[MANY_64K] = { "many-64k", 8, 1, 256 * KB, false },
	[MANY_CHANNELS] = { "many-channels", 16, 4, 128 * KB, false },
	[MANY_LARGE] = { "many-large", 4, 1, 4 * MB, false },
};

/** struct mode - a row of the table of modes */
struct mode {
	const char *name;
	unsigned int flags;
	/** @shapes: bits of those in which one program runs it */
	unsigned int shapes;
	/** @crowd: bits of those in which several threads or processes do */
	unsigned int crowd;
};

static const struct mode modes[] = {
	{ "malloc", 0, EVERY, IN(MANY) | IN(MANY_STRIDE) },
	{ "malloc-prefetch", PREFETCH, BASIC, 0 },
	{ "malloc-multi-fault", NV_EXEC_MULTI_FAULT, BASIC, IN(MANY) },
	{ "malloc-fork-read", NV_EXEC_FORK_READ, BASIC, 0 },
	{ "malloc-fork-read-after", NV_EXEC_FORK_AFTER, BASIC, 0 },
	{ "malloc-mlock", LOCK, BASIC, 0 },
	{ "malloc-race", RACE, MOST, IN(MANY_STRIDE) },
	{ "malloc-prefetch-race", PREFETCH | RACE, BASIC, 0 },
	{ "malloc-nomemset", NO_FILL, BASIC, 0 },
	{ "free", FREE, MOST, IN(MANY) },
	{ "free-race", FREE | RACE, BASIC, 0 },
	{ "free-nomemset", FREE | NO_FILL, BASIC, 0 },
	{ "new", NEW, MOST, IN(MANY) },
	{ "new-prefetch", NEW | PREFETCH, BASIC, 0 },
	{ "new-race", NEW | RACE, BASIC, 0 },
	{ "new-nomemset", NEW | NO_FILL, BASIC, 0 },
	{ "mmap", MMAP, EVERY, 0 },
	{ "mmap-prefetch", MMAP | PREFETCH, BASIC, 0 },
	{ "mmap-mlock", MMAP | LOCK, BASIC, 0 },
	{ "mmap-race", MMAP | RACE, BASIC, 0 },
	{ "mmap-nomemset", MMAP | NO_FILL, BASIC, 0 },
	{ "mmap-remap", MMAP | REMAP, MOST, 0 },
	{ "mmap-remap-dontunmap", MMAP | DONTUNMAP, BASIC, 0 },
	{ "mmap-remap-ro", MMAP | REMAP | READ_ONLY, BASIC, 0 },
	{ "mmap-remap-eocheck", MMAP | DONTUNMAP | CHECK_OLD, BASIC, 0 },
	{ "mmap-remap-ro-dontunmap-eocheck", MMAP | DONTUNMAP | CHECK_OLD |
	  READ_ONLY, BASIC, 0 },
	{ "mmap-huge", HUGE, IN(ONCE) | IN(MANY_LARGE), 0 },
	{ "mmap-huge-nomemset", HUGE | NO_FILL, IN(MANY_LARGE), 0 },
	{ "mmap-shared", SHARED, MOST, IN(MANY) },
	{ "mmap-shared-prefetch", SHARED | PREFETCH, BASIC, 0 },
	{ "mmap-shared-remap", SHARED | REMAP, BASIC, 0 },
	{ "mmap-shared-remap-ro", SHARED | REMAP | READ_ONLY, BASIC, 0 },
	{ "mmap-file", FILE_SHARED, BASIC, 0 },
	{ "mmap-file-mlock", FILE_SHARED | LOCK, BASIC, 0 },
	{ "mmap-free", MMAP | FREE, BASIC, IN(MANY) },
	{ "mmap-free-race", MMAP | FREE | RACE, BASIC, 0 },
	{ "mmap-free-huge", HUGE | FREE, IN(MANY_LARGE), 0 },
	{ "mmap-new", MMAP | NEW, BASIC, 0 },
	{ "mmap-new-race", MMAP | NEW | RACE, BASIC, 0 },
	{ "mmap-new-huge", HUGE | NEW, IN(MANY_LARGE), 0 },
};

static struct nv_device dev;
static uint32_t seed;

/** struct worker - a thread or process of a crowd */
struct worker {
	pthread_t thread;
	const struct nv_device *dev;
	const struct nv_exec_shape *shape;
	unsigned int flags;
	uint32_t seed;
};

static void run_one(const struct nv_exec_shape *shape, unsigned int flags)
{
	nv_exec_run(&dev, shape, flags, seed);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	nv_exec_run(w->dev, w->shape, w->flags, w->seed);
	return NULL;
}

/* A client of its own. */
static void *work_alone(void *arg)
{
	struct worker *w = arg;
	struct nv_device own;

	nv_device_open(&own);
	nv_exec_run(&own, w->shape, w->flags, w->seed);
	nv_device_close(&own);
	return NULL;
}

static void run_threads(const struct nv_exec_shape *shape, unsigned int flags,
			void *(*start)(void *arg))
{
	struct worker w[WORKERS];
	int i;

	for (i = 0; i < WORKERS; i++) {
		w[i] = (struct worker) {
			.dev = &dev,
			.shape = shape,
			.flags = flags,
			.seed = seed + i,
		};
		igt_assert_eq(pthread_create(&w[i].thread, NULL, start, &w[i]),
			      0);
	}
	for (i = 0; i < WORKERS; i++)
		igt_assert_eq(pthread_join(w[i].thread, NULL), 0);
}

static void run_clients(const struct nv_exec_shape *shape, unsigned int flags)
{
	run_threads(shape, flags, work_alone);
}

static void run_shared_client(const struct nv_exec_shape *shape,
			      unsigned int flags)
{
	run_threads(shape, flags, work);
}

static void run_processes(const struct nv_exec_shape *shape, unsigned int flags)
{
	int i;

	for (i = 0; i < WORKERS; i++) {
		igt_fork_child() {
			struct worker w = {
				.shape = shape,
				.flags = flags,
				.seed = seed + i,
			};

			work_alone(&w);
		}
	}
	igt_assert_eq(__igt_waitchildren(), 0);
}

/** struct crowd - who runs a mode, if not one program alone */
struct crowd {
	const char *name;
	void (*run)(const struct nv_exec_shape *shape, unsigned int flags);
};

static const struct crowd crowds[] = {
	{ "threads", run_clients },
	{ "threads-shared-client", run_shared_client },
	{ "processes", run_processes },
};

/** struct shared - one allocation for several threads */
struct shared {
	struct nv_area area;
	bool race;
	volatile bool stop;
};

static struct shared shared;

/* Thread @arg has a word of its own in each page. */
static void *share(void *arg)
{
	const size_t number = (uintptr_t)arg, rounds = 4;
	uint8_t *p = (uint8_t *)shared.area.p + number * WORKERS * 4;
	struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = PAGE_SHIFT,
	};
	struct nv_channel chan;
	size_t round, i;

	nv_channel_new(&dev, &chan);
	for (round = 1; round <= rounds; round++) {
		args.value = round << 16 | number << 8;
		nv_run(&dev, &chan, NV_KERNEL_WRITE, &args, NV_WARP);
		for (i = 0; i < NV_WARP; i++)
			igt_assert_eq(*(uint32_t *)(p + i * NV_PAGE),
				      args.value + i);
	}
	nv_channel_free(&dev, &chan);
	return NULL;
}

/* Takes the pages away, by making them the CPU's to write again. */
static void *disturb(void *arg)
{
	(void)arg;
	while (!shared.stop) {
		igt_assert_eq(mprotect(shared.area.p, shared.area.size,
				       PROT_READ | PROT_WRITE | PROT_EXEC), 0);
		igt_assert_eq(madvise(shared.area.p, shared.area.size,
				      MADV_PAGEOUT), 0);
		igt_assert_eq(mprotect(shared.area.p, shared.area.size,
				       PROT_READ | PROT_WRITE), 0);
		usleep(1000);
	}
	return NULL;
}

static void run_shared_alloc(bool race)
{
	pthread_t threads[WORKERS], disturber;
	uintptr_t i;

	shared.stop = false;
	nv_area_anon(&shared.area, NV_WARP * NV_PAGE);
	if (race)
		igt_assert_eq(pthread_create(&disturber, NULL, disturb, NULL),
			      0);
	for (i = 0; i < WORKERS; i++)
		igt_assert_eq(pthread_create(&threads[i], NULL, share,
					     (void *)i), 0);
	for (i = 0; i < WORKERS; i++)
		igt_assert_eq(pthread_join(threads[i], NULL), 0);
	shared.stop = true;
	if (race)
		igt_assert_eq(pthread_join(disturber, NULL), 0);
	nv_area_unmap(&shared.area);
}

/* Words on addresses that are no multiple of anything but a word. */
static void run_unaligned(void)
{
	static const struct nv_exec_shape shape = {
		"unaligned", 4, 1, 128 * KB + 4 * sizeof(uint32_t), false,
	};

	nv_exec_run(&dev, &shape, NV_EXEC_NEW, seed);
}

static int set_seed(int opt, int opt_index, void *data)
{
	(void)opt_index;
	(void)data;
	if (opt != 's')
		return OPT_UNKNOWN;
	seed = strtoul(optarg, NULL, 0);
	return 0;
}

static void list_crowds(const struct mode *mode, int shape)
{
	char name[96];
	size_t i;

	for (i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		if (!(mode->crowd & IN(shape)))
			continue;
		snprintf(name, sizeof(name), "%s-%s-%s", crowds[i].name,
			 shapes[shape].name, mode->name);
		igt_subtest(name)
			crowds[i].run(&shapes[shape], mode->flags);
	}
}

static void list_mode(const struct mode *mode)
{
	char name[96];
	int shape;

	for (shape = 0; shape < SHAPES; shape++) {
		snprintf(name, sizeof(name), "%s-%s", shapes[shape].name,
			 mode->name);
		if (mode->shapes & IN(shape)) {
			igt_subtest(name)
				run_one(&shapes[shape], mode->flags);
		}
		list_crowds(mode, shape);
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	size_t i;

	seed = time(NULL) ^ getpid() << 16;
	igt_subtest_init_parse_opts(&argc, argv, "", options,
				    "  --seed N\tof all tags\n", set_seed, NULL);

	igt_fixture {
		igt_info("seed %#x\n", seed);
		nv_device_open(&dev);
	}

	/**
	 * SUBTEST: %s-%s
	 * Description: that mode in that shape, for one program
	 *
	 * SUBTEST: %s-%s-%s
	 * Description: the same for several threads with a client each,
	 *	several with one client, or several processes
	 */
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		list_mode(&modes[i]);

	/**
	 * SUBTEST: once-unaligned
	 * Description: allocations whose size is no multiple of a page
	 */
	igt_subtest("once-unaligned")
		run_unaligned();

	/**
	 * SUBTEST: threads-shared-alloc-mmap
	 * Description: kernels of several threads on the same pages
	 */
	igt_subtest("threads-shared-alloc-mmap")
		run_shared_alloc(false);

	/**
	 * SUBTEST: threads-shared-alloc-mmap-race
	 * Description: the same while their protection changes, and reclaim
	 *	takes them
	 */
	igt_subtest("threads-shared-alloc-mmap-race")
		run_shared_alloc(true);

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
}
