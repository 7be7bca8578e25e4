// SPDX-License-Identifier: MIT
/* Many processes, many ranges: does the cost of a fault stay what it was? */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "gpu.h"
#include "igt_abi.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PROCESS_SIZE	(1ul << 20)	/* each process touches so much */
/*
 * Pages whose cost is measured: so many that what else the kernel does now and
 * then, for 10,000 instructions or 30,000, is less than a hundredth of it.
 */
#define PROBE_PAGES	1024
#define RANGE		(2ul << 20)
#define RANGES_AT_ONCE	256
/* A range has page tables of its own there. */
#define RANGES_VRAM_MB	1024

/* A child: says that it is ready, waits, touches its memory. */
static void child_run(int ready, int go, size_t size)
{
	void *p = bench_alloc(size, false);
	struct bench_gpu gpu;
	char c = 0;

	bench_gpu_open(&gpu);
	igt_assert_eq(write(ready, &c, 1), 1);
	igt_assert_eq(read(go, &c, 1), 0);
	bench_gpu_write(&gpu, p, size, 1);
	bench_assert_pages(p, size, 1);
	igt_assert_eq(write(ready, &c, 1), 1);
	pause();
}

static void await_all(int ready, unsigned int count)
{
	char c;

	while (count--)
		igt_assert_eq(read(ready, &c, 1), 1);
}

/* All at once: from the moment they may to the moment the last has done. */
static void processes(const struct bench_arg *arg)
{
	pid_t pid[arg->count];
	int ready[2], go[2];
	unsigned int i;

	igt_assert(!pipe(ready) && !pipe(go));
	for (i = 0; i < arg->count; i++) {
		pid[i] = fork();
		igt_assert(pid[i] >= 0);
		if (!pid[i]) {
			close(go[1]);
			child_run(ready[1], go[0], arg->size);
			_exit(0);
		}
	}
	await_all(ready[0], arg->count);
	bench_begin();
	close(go[1]);
	await_all(ready[0], arg->count);
	bench_end();
	for (i = 0; i < arg->count; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
}

/* The GPU writes to the first page of each. */
static void make_ranges(struct bench_gpu *gpu, char *p, unsigned int count)
{
	struct nv_touches touches;
	unsigned int i, lane;

	nv_touches_open(&touches, &gpu->dev, RANGES_AT_ONCE);
	for (i = 0; i < count; i += lane) {
		for (lane = 0; lane < RANGES_AT_ONCE && i + lane < count; lane++)
			nv_touch_lane(&touches, NV_ACCESS_WRITE,
				      p + (i + lane) * RANGE, i);
		bench_gpu_touch(gpu, &touches);
	}
	nv_touches_close(&touches);
}

/*
 * So many ranges are there already, in RAM, as VRAM would not take that much;
 * some more pages are touched.
 */
static void ranges(const struct bench_arg *arg)
{
	const size_t size = (size_t)arg->count * RANGE;
	struct bench_gpu gpu;
	uint32_t *probe;
	uint64_t live;
	void *p;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		 MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	igt_assert(p != MAP_FAILED);
	igt_assert_eq(madvise(p, size, MADV_NOHUGEPAGE), 0);
	probe = bench_alloc(PROBE_PAGES * NV_PAGE, false);

	bench_gpu_open(&gpu);
	bench_migrate(false);
	make_ranges(&gpu, p, arg->count);
	bench_migrate(true);
	if (nv_stat("ranges_live", &live))
		igt_assert(live >= arg->count);
	bench_begin();
	bench_gpu_write(&gpu, probe, PROBE_PAGES * NV_PAGE, 5);
	bench_end();
	bench_assert_pages(probe, PROBE_PAGES * NV_PAGE, 5);
	bench_gpu_close(&gpu);
}

#define PROCESSES(n) { "processes-" #n, NULL, processes, \
	{ .size = PROCESS_SIZE, .count = (n) }, (n) * PROCESS_SIZE / NV_PAGE }
#define RANGES(n) { "ranges-" #n, NULL, ranges, \
	{ .count = (n), .vram_mb = RANGES_VRAM_MB }, PROBE_PAGES }

const struct bench_workload bench_many[] = {
	PROCESSES(1), PROCESSES(4), PROCESSES(16), PROCESSES(64),
	RANGES(1), RANGES(32), RANGES(1024), RANGES(10240), RANGES(100000),
	{ .name = NULL },
};
