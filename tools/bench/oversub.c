// SPDX-License-Identifier: MIT
/*
 * More memory than VRAM has room for, used again and again.
 *
 * A working set that is a part or a multiple of what VRAM takes is filled by the
 * CPU, and gone over by the GPU several times, a few granules at a time.  Each
 * access to a granule writes a word of each of its pages.  After each step the
 * driver is asked where it was served from; and the same sequence is given to
 * Belady's replacement.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <drm/nouveau_drm.h>
#include <xf86drm.h>

#include "belady.h"
#include "bench.h"
#include "gpu.h"
#include "igt_abi.h"
#include "nv_stats.h"
#include "nv_words.h"

/* What the driver moves at a time: NOUVEAU_SVM_PIECE of nouveau_svm_policy.c. */
#define GRANULE		(64ul << 10)
#define GRANULE_PAGES	(GRANULE / NV_PAGE)
#define GRANULE_WORDS	(GRANULE / sizeof(uint32_t))
#define PAGE_WORDS	(NV_PAGE / sizeof(uint32_t))
#define PASSES		4
/* Granules that the GPU wants at the same time. */
#define STEP		16
/* As much as the GPU of these workloads has, and more than it takes. */
#define VRAM_MB		64
#define VRAM_SIZE	((size_t)VRAM_MB << 20)
#define TAG		0x5eed0000u
#define SEED		1

/** struct over - a working set and what has become of it */
struct over {
	struct bench_gpu gpu;
	struct nv_touches touches;
	uint32_t *p;
	/** @access: granules, in the order of accesses; @count: of them */
	uint32_t *access;
	size_t count;
	/** @granules: in the working set; @capacity: that VRAM takes */
	uint32_t granules, capacity;
	/** @remote: accesses that were served from RAM */
	uint64_t remote;
};

/* xorshift: Marsaglia 2003 */
static uint32_t random_below(uint32_t *state, uint32_t limit)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state % limit;
}

/* Each granule once a pass, in order. */
static void access_cyclic(struct over *o)
{
	size_t i;

	for (i = 0; i < o->count; i++)
		o->access[i] = i % o->granules;
}

/* Each once a pass, in an order that is another one each time. */
static void access_shuffled(struct over *o)
{
	uint32_t state = SEED, *pass, other, swap;
	size_t i;

	access_cyclic(o);
	for (i = 0; i < o->count; i++) {
		pass = o->access + i / o->granules * o->granules;
		other = random_below(&state, i % o->granules + 1);
		swap = pass[other];
		pass[other] = o->access[i];
		o->access[i] = swap;
	}
}

/* Any, whatever there was before. */
static void access_random(struct over *o)
{
	uint32_t state = SEED;
	size_t i;

	for (i = 0; i < o->count; i++)
		o->access[i] = random_below(&state, o->granules);
}

/*
 * What does VRAM take, if it is asked for all there is?  Upstream's driver does
 * not tell.
 */
static uint32_t find_capacity(struct over *o)
{
	void *p = bench_alloc(VRAM_SIZE, false);
	uint64_t bytes = VRAM_SIZE;

	memset(p, 1, VRAM_SIZE);
	igt_assert_eq(nv_svm_migrate(&o->gpu.dev, p, VRAM_SIZE), 0);
	nv_stat("vram_bytes", &bytes);
	bench_free(p, VRAM_SIZE);
	nv_assert_vram_empty();
	return bytes / GRANULE;
}

static void over_open(struct over *o, unsigned int percent)
{
	uint32_t i;

	memset(o, 0, sizeof(*o));
	bench_gpu_open(&o->gpu);
	nv_touches_open(&o->touches, &o->gpu.dev, STEP * GRANULE_PAGES);
	o->capacity = find_capacity(o);
	o->granules = o->capacity * percent / 100;
	o->count = (size_t)o->granules * PASSES;
	o->access = malloc(o->count * sizeof(*o->access));
	igt_assert(o->access);
	o->p = bench_alloc(o->granules * GRANULE, false);
	for (i = 0; i < o->granules * GRANULE_PAGES; i++) {
		o->p[i * PAGE_WORDS] = TAG;
		o->p[i * PAGE_WORDS + 1] = TAG + i;
	}
}

static bool in_vram(const struct over *o, uint32_t granule)
{
	struct drm_nouveau_svm_query q = {
		.start = (uintptr_t)(o->p + granule * GRANULE_WORDS),
		.size = GRANULE,
	};

	/* Upstream's driver moves nothing by itself. */
	return !drmCommandWriteRead(o->gpu.dev.fd, DRM_NOUVEAU_SVM_QUERY, &q,
				    sizeof(q)) && q.vram_bytes == GRANULE;
}

/* Access number i writes i. */
static void step(struct over *o, size_t first, size_t last)
{
	uint32_t *p;
	size_t i, page;

	for (i = first; i < last; i++) {
		p = o->p + o->access[i] * GRANULE_WORDS;
		for (page = 0; page < GRANULE_PAGES; page++)
			nv_touch_lane(&o->touches, NV_ACCESS_WRITE,
				      p + page * PAGE_WORDS, i);
	}
	bench_gpu_touch(&o->gpu, &o->touches);
	for (i = first; i < last; i++)
		o->remote += !in_vram(o, o->access[i]);
}

/*
 * Two accesses of one step may come in any order.  All that nobody has written
 * is as it was.
 */
static void assert_written(const struct over *o)
{
	uint32_t *last = malloc(o->granules * sizeof(*last));
	uint32_t i, *p = o->p;
	size_t n;

	igt_assert(last);
	for (i = 0; i < o->granules; i++)
		last[i] = TAG;
	for (n = 0; n < o->count; n++)
		last[o->access[n]] = n;
	for (i = 0; i < o->granules * GRANULE_PAGES; i++, p += PAGE_WORDS) {
		const uint32_t want = last[i / GRANULE_PAGES];

		if (p[0] != want)
			igt_assert_eq(p[0] / STEP, want / STEP);
		igt_assert_eq(p[1], TAG + i);
	}
	free(last);
}

/* Bytes over the bus, of the best that could be done with such granules. */
static uint64_t optimum(const struct over *o)
{
	return belady(o->access, o->count, o->granules, o->capacity) * GRANULE;
}

static void over_close(struct over *o)
{
	bench_free(o->p, o->granules * GRANULE);
	free(o->access);
	nv_touches_close(&o->touches);
	bench_gpu_close(&o->gpu);
}

static void oversubscribe(const struct bench_arg *arg,
			  void (*order)(struct over *o))
{
	struct over o;
	size_t i, next;

	over_open(&o, arg->count);
	order(&o);
	bench_begin();
	for (i = 0; i < o.count; i = next) {
		next = i + STEP < o.count ? i + STEP : o.count;
		step(&o, i, next);
	}
	bench_end();
	assert_written(&o);
	bench_figure("capacity_bytes", o.capacity * GRANULE);
	bench_figure("needed_bytes", o.granules * GRANULE);
	bench_figure("granule_accesses", o.count);
	bench_figure("remote_accesses", o.remote);
	bench_figure("belady_bytes", optimum(&o));
	over_close(&o);
}

static void cyclic(const struct bench_arg *arg)
{
	oversubscribe(arg, access_cyclic);
}

static void shuffled(const struct bench_arg *arg)
{
	oversubscribe(arg, access_shuffled);
}

static void at_random(const struct bench_arg *arg)
{
	oversubscribe(arg, access_random);
}

/* Units are passes: how large each one is depends on the capacity. */
#define OVERSUB(name, run, percent) { "oversub-" name "-" #percent, NULL, run, \
	{ .count = (percent), .vram_mb = VRAM_MB }, PASSES }

const struct bench_workload bench_oversub[] = {
	OVERSUB("cyclic", cyclic, 50),
	OVERSUB("cyclic", cyclic, 100),
	OVERSUB("cyclic", cyclic, 200),
	OVERSUB("cyclic", cyclic, 400),
	OVERSUB("shuffled", shuffled, 200),
	OVERSUB("random", at_random, 50),
	OVERSUB("random", at_random, 100),
	OVERSUB("random", at_random, 200),
	OVERSUB("random", at_random, 400),
	{ .name = NULL },
};
