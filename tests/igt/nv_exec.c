// SPDX-License-Identifier: MIT
/* Kernels on memory that changes around them: see nv_exec.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_exec.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define KERNEL_SECONDS	40
#define PAGE_SHIFT	12
#define WARP_BYTES	(NV_WARP * 4)
/* Words that a kernel reads lie so far before those that it writes. */
#define DST_ADJOIN	WARP_BYTES
#define DST_SPREAD	4u

/* Numerical Recipes' linear congruential generator, mixed. */
uint32_t nv_random(uint32_t *seed)
{
	uint32_t x;

	*seed = *seed * 1664525u + 1013904223u;
	x = *seed ^ *seed >> 16;
	return x * 0x45d9f3bu ^ x >> 15;
}

static bool has(const struct nv_exec *e, unsigned int flags)
{
	return e->flags & flags;
}

static bool spread(const struct nv_exec *e)
{
	return e->shape->spread || has(e, NV_EXEC_MULTI_FAULT);
}

/* Where kernel @k reads its thread @i's word, and where it writes it. */
static size_t src_offset(const struct nv_exec *e, unsigned int k,
			 unsigned int i)
{
	if (spread(e))
		return ((size_t)i << PAGE_SHIFT) + k * 2 * DST_SPREAD;
	return k * (e->shape->size / e->shape->kernels) + i * 4;
}

static size_t dst_offset(const struct nv_exec *e, unsigned int k,
			 unsigned int i)
{
	return src_offset(e, k, i) + (spread(e) ? DST_SPREAD : DST_ADJOIN);
}

static void map(struct nv_area *a, size_t size, unsigned int flags)
{
	if (flags & NV_EXEC_HUGE)
		nv_area_thp(a, size);
	else if (flags & NV_EXEC_FILE)
		nv_area_disk(a, size);
	else
		nv_area_map(a, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS |
			    (flags & NV_EXEC_SHARED ? MAP_SHARED :
			     MAP_PRIVATE), -1);
}

static bool mapped(const struct nv_exec *e)
{
	return has(e, NV_EXEC_MMAP | NV_EXEC_SHARED | NV_EXEC_FILE |
		   NV_EXEC_HUGE);
}

static void fill(struct nv_exec *e)
{
	uint32_t *shadow = (uint32_t *)e->shadow;
	size_t i;

	for (i = 0; i < e->shape->size / 4; i++)
		shadow[i] = nv_random(&e->seed);
	memcpy(e->area.p, shadow, e->shape->size);
}

static void allocate(struct nv_exec *e)
{
	const size_t size = e->shape->size;

	e->area = (struct nv_area) { .size = size, .fd = -1 };
	if (mapped(e)) {
		map(&e->area, size, e->flags);
	} else {
		e->area.p = has(e, NV_EXEC_NO_FILL) ? calloc(1, size) :
			malloc(size);
		igt_assert(e->area.p);
	}
	if (has(e, NV_EXEC_LOCK))
		igt_assert_f(!mlock(e->area.p, size), "mlock: %s\n",
			     strerror(errno));
	if (has(e, NV_EXEC_NO_FILL))
		memset(e->shadow, 0, size);
	else
		fill(e);
}

static void release(const struct nv_exec *e, struct nv_area *a)
{
	if (has(e, NV_EXEC_LOCK))
		munlock(a->p, a->size);
	if (mapped(e))
		nv_area_unmap(a);
	else
		free(a->p);
}

static void check(const struct nv_exec *e)
{
	const uint8_t *p = e->area.p;
	size_t i;

	if (!memcmp(p, e->shadow, e->shape->size))
		return;
	for (i = 0; p[i] == e->shadow[i]; )
		i++;
	igt_assert_f(false, "byte %#zx is %02x, not %02x\n", i, p[i],
		     e->shadow[i]);
}

/* What kernel @k does, to the shadow. */
static void shadow_kernel(struct nv_exec *e, unsigned int k)
{
	uint32_t word;
	unsigned int i;

	for (i = 0; i < NV_WARP; i++) {
		memcpy(&word, e->shadow + src_offset(e, k, i), sizeof(word));
		word += k + 1;
		memcpy(e->shadow + dst_offset(e, k, i), &word, sizeof(word));
	}
}

static void launch(struct nv_exec *e, struct nv_launch *l, unsigned int k)
{
	uint8_t *p = e->area.p;
	const struct nv_kernel_args args = {
		.src = (uintptr_t)p + src_offset(e, k, 0),
		.dst = (uintptr_t)p + dst_offset(e, k, 0),
		.shift = spread(e) ? PAGE_SHIFT : NV_WORD_SHIFT,
		.value = k + 1,
	};

	if (has(e, NV_EXEC_PREFETCH))
		igt_assert_eq(nv_svm_migrate(e->dev, p, e->shape->size), 0);
	nv_launch(e->dev, &e->chans[k % e->shape->channels], l,
		  NV_KERNEL_INCREMENT, &args, NV_WARP);
}

static void finish(const struct nv_exec *e, struct nv_launch *l)
{
	igt_assert_eq(nv_launch_wait(e->dev, l, KERNEL_SECONDS), 0);
	nv_launch_free(e->dev, l);
}

/*
 * The last word of each page, which no kernel touches: read and written for as
 * long as the kernel runs.
 */
static void race(struct nv_exec *e, const struct nv_launch *l)
{
	size_t offset;
	uint32_t word;

	do {
		for (offset = NV_PAGE - 4; offset < e->shape->size;
		     offset += NV_PAGE) {
			volatile uint32_t *p = (uint32_t *)
				((uint8_t *)e->area.p + offset);

			memcpy(&word, e->shadow + offset, sizeof(word));
			igt_assert_eq(*p, word);
			*p = ++word;
			memcpy(e->shadow + offset, &word, sizeof(word));
		}
	} while (nv_bo_busy(e->dev, &l->push));
}

/* A child that has what there was when it was made, whatever the GPU does. */
static void fork_read(struct nv_exec *e, int go[2])
{
	char c;

	igt_assert_eq(pipe(go), 0);
	igt_fork_child() {
		close(go[1]);
		igt_assert_eq(read(go[0], &c, 1), 1);
		check(e);
	}
	close(go[0]);
}

static void fork_done(int go)
{
	igt_assert_eq(write(go, "g", 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	close(go);
}

/* The GPU reads back what it is allowed to read only. */
static void check_read_only(struct nv_exec *e)
{
	const size_t size = e->shape->size;
	struct nv_area copy = { .fd = -1 };

	nv_area_anon(&copy, size);
	igt_assert_eq(mprotect(e->area.p, size, PROT_READ), 0);
	igt_assert_eq(nv_copy_words(e->dev, &e->chans[0], copy.p, e->area.p,
				    size / 4), 0);
	igt_assert(!memcmp(copy.p, e->shadow, size));
	nv_pagetable_assert_read_only(e->area.p, size);
	igt_assert_eq(mprotect(e->area.p, size, PROT_READ | PROT_WRITE), 0);
	nv_area_unmap(&copy);
}

/* What the move has left behind is new memory to CPU and GPU. */
static void check_old(struct nv_exec *e, void *old)
{
	const size_t words = e->shape->size / 4;
	struct nv_area copy = { .fd = -1 };

	nv_area_anon(&copy, e->shape->size);
	memset(copy.p, 0xff, e->shape->size);
	igt_assert_eq(nv_copy_words(e->dev, &e->chans[0], copy.p, old, words),
		      0);
	nv_assert_all(copy.p, words, 0);
	nv_assert_all(old, words, 0);
	nv_area_unmap(&copy);
}

static void remap(struct nv_exec *e)
{
	const int keep = has(e, NV_EXEC_DONTUNMAP) ? MREMAP_DONTUNMAP : 0;
	const size_t size = e->shape->size;
	void *old = e->area.p, *to;
	size_t writable;

	to = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(to != MAP_FAILED);
	igt_assert_f(mremap(old, size, size, MREMAP_MAYMOVE | MREMAP_FIXED |
			    keep, to) == to, "mremap: %s\n", strerror(errno));
	igt_assert_eq(nv_pagetable_pages(old, size, &writable), 0);
	e->area.p = to;
	e->area.base = to;
	e->area.base_size = size;
	if (has(e, NV_EXEC_CHECK_OLD))
		check_old(e, old);
	if (keep)
		igt_assert_eq(munmap(old, size), 0);
}

static void after_kernel(struct nv_exec *e)
{
	check(e);
	if (has(e, NV_EXEC_FORK_AFTER)) {
		igt_fork_child()
			check(e);
		igt_assert_eq(__igt_waitchildren(), 0);
	}
	if (has(e, NV_EXEC_REMAP)) {
		remap(e);
		check(e);
	}
	if (has(e, NV_EXEC_READ_ONLY))
		check_read_only(e);
	nv_pagetable_assert_true(e->area.p, e->shape->size);
}

/* Memory for kernel @k, if each has its own. */
static void renew(struct nv_exec *e, unsigned int k)
{
	if (!k || !has(e, NV_EXEC_NEW | NV_EXEC_FREE))
		return;
	if (has(e, NV_EXEC_FREE))
		release(e, &e->area);
	else
		e->kept[e->nr_kept++] = e->area;
	allocate(e);
}

static void one_kernel(struct nv_exec *e, unsigned int k)
{
	struct nv_launch l;
	int go[2];

	renew(e, k);
	if (has(e, NV_EXEC_FORK_READ))
		fork_read(e, go);
	launch(e, &l, k);
	if (has(e, NV_EXEC_RACE))
		race(e, &l);
	finish(e, &l);
	if (has(e, NV_EXEC_FORK_READ))
		fork_done(go[1]);
	shadow_kernel(e, k);
	after_kernel(e);
}

/* Several channels: all kernels at once. */
static void all_kernels(struct nv_exec *e)
{
	struct nv_launch *l = calloc(e->shape->kernels, sizeof(*l));
	unsigned int k;

	igt_assert(l);
	for (k = 0; k < e->shape->kernels; k++)
		launch(e, &l[k], k);
	for (k = 0; k < e->shape->kernels; k++) {
		finish(e, &l[k]);
		shadow_kernel(e, k);
	}
	after_kernel(e);
	free(l);
}

static void make_room(struct nv_exec *e)
{
	unsigned int i;

	e->shadow = malloc(e->shape->size);
	e->kept = calloc(e->shape->kernels, sizeof(*e->kept));
	e->chans = calloc(e->shape->channels, sizeof(*e->chans));
	igt_assert(e->shadow && e->kept && e->chans);
	for (i = 0; i < e->shape->channels; i++)
		nv_channel_new(e->dev, &e->chans[i]);
}

static void free_room(struct nv_exec *e)
{
	unsigned int i;

	for (i = 0; i < e->nr_kept; i++)
		release(e, &e->kept[i]);
	for (i = 0; i < e->shape->channels; i++)
		nv_channel_free(e->dev, &e->chans[i]);
	free(e->chans);
	free(e->kept);
	free(e->shadow);
}

void nv_exec_run(const struct nv_device *dev, const struct nv_exec_shape *shape,
		 unsigned int flags, uint32_t seed)
{
	struct nv_exec e = {
		.dev = dev, .shape = shape, .flags = flags, .seed = seed,
	};
	unsigned int k;

	make_room(&e);
	allocate(&e);
	if (shape->channels > 1)
		all_kernels(&e);
	else
		for (k = 0; k < shape->kernels; k++)
			one_kernel(&e, k);
	release(&e, &e.area);
	free_room(&e);
}
