// SPDX-License-Identifier: MIT
/* Everything happens to a piece of memory: see nv_torture.h. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_torture.h"
#include "nv_words.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25	/* asm-generic/mman-common.h */
#endif
#define PAGE_SHIFT	12
#define SIZE		(2 * NV_HUGE_PAGE)
#define PAGES		(SIZE / NV_PAGE)
#define PAGE_WORDS	(NV_PAGE / 4)
/* Parts are of up to 1 << so many pages, most of them of far fewer. */
#define PART_SHIFTS	10
/* A buffer that wants room in VRAM. */
#define HOG_SIZE	(1ul << 20)
#define HOG_SHIFTS	4
#define PAUSE_US	10000
#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS)

/** struct part - pages of the memory */
struct part {
	size_t page, pages;
};

static uint32_t pick(struct nv_torture *t, uint32_t below)
{
	/* Marsaglia's xorshift, 64 bits. */
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return (t->random >> 32) % below;
}

static void *at(const struct nv_torture *t, const struct part *a)
{
	return t->p + a->page * NV_PAGE;
}

static size_t bytes(const struct part *a)
{
	return a->pages * NV_PAGE;
}

static size_t words(const struct part *a)
{
	return a->pages * PAGE_WORDS;
}

static uint32_t *shadow(const struct nv_torture *t, const struct part *a)
{
	return t->shadow + a->page * PAGE_WORDS;
}

/* Any size; half of them aligned to it, as far as that goes. */
static struct part pick_part(struct nv_torture *t)
{
	const uint32_t most = 1u << pick(t, PART_SHIFTS);
	struct part a = { .pages = most };

	if (pick(t, 2))
		a.pages = 1 + pick(t, most);
	a.page = pick(t, PAGES - a.pages + 1);
	if (pick(t, 2))
		a.page -= a.page % a.pages;
	return a;
}

static void check_at(struct nv_torture *t, const struct part *a, const void *p)
{
	const uint32_t *have = p, *want = shadow(t, a);
	size_t i;

	for (i = 0; i < words(a); i++)
		igt_assert_f(have[i] == want[i],
			     "seed %llu, %u: %08x at page %zu word %zu, not %08x, after %llu: %s\n",
			     (unsigned long long)t->seed, t->id, have[i],
			     a->page + i / PAGE_WORDS, i % PAGE_WORDS, want[i],
			     (unsigned long long)t->ops, t->what);
	t->checked += words(a);
}

static void zeroed(struct nv_torture *t, const struct part *a)
{
	memset(shadow(t, a), 0, bytes(a));
}

/* What the CPU does */

static void cpu_reads(struct nv_torture *t, const struct part *a)
{
	check_at(t, a, at(t, a));
}

static void cpu_writes(struct nv_torture *t, const struct part *a)
{
	const uint32_t round = pick(t, ~0u);

	nv_fill_tags(shadow(t, a), words(a), round);
	memcpy(at(t, a), shadow(t, a), bytes(a));
}

/* A word in each page, and one that only reads would not do. */
static void cpu_counts(struct nv_torture *t, const struct part *a)
{
	volatile uint32_t *w = at(t, a);
	const size_t word = pick(t, PAGE_WORDS);
	size_t i;

	for (i = word; i < words(a); i += PAGE_WORDS) {
		w[i]++;
		shadow(t, a)[i]++;
	}
}

/* What the GPU does */

static void gpu_writes(struct nv_torture *t, const struct part *a)
{
	const uint32_t first = pick(t, ~0u);
	size_t i;

	igt_assert_eq(nv_write_words(t->dev, &t->chan, at(t, a), words(a),
				     first), 0);
	for (i = 0; i < words(a); i++)
		shadow(t, a)[i] = first + i;
}

/* What it has read is where it wrote it. */
static void gpu_copies(struct nv_torture *t, const struct part *a)
{
	struct part to = *a;

	to.page = pick(t, PAGES - a->pages + 1);
	if (to.page < a->page + a->pages && a->page < to.page + to.pages)
		return;
	igt_assert_eq(nv_copy_words(t->dev, &t->chan, at(t, &to), at(t, a),
				    words(a)), 0);
	memcpy(shadow(t, &to), shadow(t, a), bytes(a));
	check_at(t, &to, at(t, &to));
}

/* A word in each page, as far as there are whole warps of them. */
static void gpu_adds(struct nv_torture *t, const struct part *a)
{
	const size_t threads = a->pages - a->pages % NV_WARP;
	struct nv_kernel_args args = {
		.dst = (uintptr_t)at(t, a),
		.shift = PAGE_SHIFT,
		.value = pick(t, ~0u),
	};
	size_t i;

	if (!threads) {
		nv_add_to_word(t->dev, &t->chan, at(t, a), args.value, NV_WARP);
		*shadow(t, a) += NV_WARP * args.value;
		return;
	}
	nv_run(t->dev, &t->chan, NV_KERNEL_ADD, &args, threads);
	for (i = 0; i < threads; i++)
		shadow(t, a)[i * PAGE_WORDS] += args.value;
}

/* What the driver is told */

static void to_vram(struct nv_torture *t, const struct part *a)
{
	igt_assert_eq(nv_svm_migrate(t->dev, at(t, a), bytes(a)), 0);
}

static void to_ram(struct nv_torture *t, const struct part *a)
{
	igt_assert_eq(nv_svm_migrate_back(t->dev, at(t, a), bytes(a)), 0);
}

static void advise(struct nv_torture *t, const struct part *a)
{
	static const uint32_t advice[][2] = {
		{ NOUVEAU_SVM_ADVISE_LOCATION, NOUVEAU_SVM_LOCATION_NONE },
		{ NOUVEAU_SVM_ADVISE_LOCATION, NOUVEAU_SVM_LOCATION_SYSTEM },
		{ NOUVEAU_SVM_ADVISE_LOCATION, NOUVEAU_SVM_LOCATION_VRAM },
		{ NOUVEAU_SVM_ADVISE_ACCESSED_BY, 0 },
		{ NOUVEAU_SVM_ADVISE_ACCESSED_BY, 1 },
		{ NOUVEAU_SVM_ADVISE_READ_MOSTLY, 0 },
		{ NOUVEAU_SVM_ADVISE_READ_MOSTLY, 1 },
	};
	const uint32_t *what = advice[pick(t, sizeof(advice) /
					      sizeof(advice[0]))];

	nv_advise(t->dev, at(t, a), bytes(a), what[0], what[1]);
}

static void prefetches(struct nv_torture *t, const struct part *a)
{
	const uint32_t where = pick(t, 2) ? NOUVEAU_SVM_LOCATION_VRAM :
					    NOUVEAU_SVM_LOCATION_SYSTEM;

	nv_advise(t->dev, at(t, a), bytes(a), NOUVEAU_SVM_ADVISE_PREFETCH,
		  where);
}

static void discards(struct nv_torture *t, const struct part *a)
{
	nv_advise(t->dev, at(t, a), bytes(a), NOUVEAU_SVM_ADVISE_DISCARD, 0);
	zeroed(t, a);
}

static void queries(struct nv_torture *t, const struct part *a)
{
	nv_query(t->dev, at(t, a), bytes(a));
}

/* There may be none. */
static void wants_vram(struct nv_torture *t, const struct part *a)
{
	const uint64_t size = HOG_SIZE << pick(t, HOG_SHIFTS);
	struct nv_bo bo;

	(void)a;
	if (!nv_bo_try_vram(t->dev, size, &bo))
		nv_bo_free(t->dev, &bo);
}

/* What the process does to its mapping */

static void replaces(struct nv_torture *t, const struct part *a)
{
	void *p = mmap(at(t, a), bytes(a), READ_WRITE, ANON | MAP_FIXED, -1, 0);

	igt_assert(p == at(t, a));
	zeroed(t, a);
}

static void drops(struct nv_torture *t, const struct part *a)
{
	igt_assert_eq(madvise(at(t, a), bytes(a), MADV_DONTNEED), 0);
	zeroed(t, a);
}

static void swaps_out(struct nv_torture *t, const struct part *a)
{
	igt_assert_eq(madvise(at(t, a), bytes(a), MADV_PAGEOUT), 0);
}

/* It is the kernel's business whether there is a huge page. */
static void changes_pages(struct nv_torture *t, const struct part *a)
{
	const bool huge = pick(t, 2);

	igt_assert_eq(madvise(t->p, SIZE,
			      huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE), 0);
	if (huge)
		madvise(at(t, a), bytes(a), MADV_COLLAPSE);
}

/* The GPU reads what it could not write. */
static void protects(struct nv_torture *t, const struct part *a)
{
	igt_assert_eq(mprotect(at(t, a), bytes(a), PROT_READ), 0);
	gpu_copies(t, a);
	igt_assert_eq(mprotect(at(t, a), bytes(a), READ_WRITE), 0);
}

static void *moved(const struct part *a, void *from, void *to)
{
	return mremap(from, bytes(a), bytes(a), MREMAP_MAYMOVE | MREMAP_FIXED,
		      to);
}

/* Elsewhere for a while; nobody may come where it was. */
static void moves(struct nv_torture *t, const struct part *a)
{
	void *aside = t->aside + a->page * NV_PAGE;
	const uint32_t first = pick(t, ~0u);
	size_t i;

	igt_assert(moved(a, at(t, a), aside) == aside);
	check_at(t, a, aside);
	igt_assert_eq(nv_write_words(t->dev, &t->chan, aside, words(a), first),
		      0);
	for (i = 0; i < words(a); i++)
		shadow(t, a)[i] = first + i;
	igt_assert(moved(a, aside, at(t, a)) == at(t, a));
	igt_assert(mmap(aside, bytes(a), PROT_NONE, ANON | MAP_FIXED |
			MAP_NORESERVE, -1, 0) == aside);
}

/* A child keeps what there was, and what it writes is its own. */
static void child(struct nv_torture *t, const struct part *a, int go)
{
	volatile uint32_t *w = at(t, a);
	char byte;

	if (read(go, &byte, 1) != 1 ||
	    memcmp(at(t, a), shadow(t, a), bytes(a)))
		_exit(1);
	w[pick(t, words(a))] = ~0u;
	_exit(0);
}

static void forks(struct nv_torture *t, const struct part *a)
{
	int go[2], status = -1;
	char byte = 0;
	pid_t pid;

	igt_assert(!pipe(go));
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid)
		child(t, a, go[0]);
	if (pick(t, 2))
		gpu_writes(t, a);
	else
		cpu_writes(t, a);
	igt_assert_eq(write(go[1], &byte, 1), 1);
	igt_assert(waitpid(pid, &status, 0) == pid);
	igt_assert_f(!status, "seed %llu, %u: a child's memory is not what it was, after %llu\n",
		     (unsigned long long)t->seed, t->id,
		     (unsigned long long)t->ops);
	close(go[0]);
	close(go[1]);
}

/** struct op - something to do */
struct op {
	const char *name;
	void (*run)(struct nv_torture *t, const struct part *a);
	/** @weight: how often; @alone: nobody else may do anything meanwhile */
	unsigned int weight;
	bool alone;
};

static const struct op ops[] = {
	{ "CPU reads", cpu_reads, 10, false },
	{ "CPU writes", cpu_writes, 10, false },
	{ "CPU counts", cpu_counts, 6, false },
	{ "GPU writes", gpu_writes, 8, false },
	{ "GPU copies", gpu_copies, 10, false },
	{ "GPU adds", gpu_adds, 8, false },
	{ "to VRAM", to_vram, 6, false },
	{ "to RAM", to_ram, 4, false },
	{ "advice", advise, 8, false },
	{ "prefetch", prefetches, 6, false },
	{ "discard", discards, 1, false },
	{ "query", queries, 2, false },
	{ "a buffer in VRAM", wants_vram, 2, false },
	{ "mmap", replaces, 2, false },
	{ "MADV_DONTNEED", drops, 2, false },
	{ "MADV_PAGEOUT", swaps_out, 2, false },
	{ "huge pages", changes_pages, 2, false },
	{ "mprotect", protects, 3, false },
	{ "mremap", moves, 3, true },
	{ "fork", forks, 2, false },
};

static const struct op *pick_op(struct nv_torture *t)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		sum += ops[i].weight;
	at = pick(t, sum);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}

/* Who has failed may have it for ever. */
static bool lock_maps(struct nv_torture *t, bool alone)
{
	struct timespec until;
	int err;

	do {
		if (*t->stop)
			return false;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		err = alone ? pthread_rwlock_timedwrlock(t->maps, &until) :
			      pthread_rwlock_timedrdlock(t->maps, &until);
	} while (err);
	return true;
}

static void step(struct nv_torture *t)
{
	const struct op *op = pick_op(t);
	const struct part a = pick_part(t);

	if (!lock_maps(t, op->alone))
		return;
	t->what = op->name;
	t->ops++;
	op->run(t, &a);
	pthread_rwlock_unlock(t->maps);
}

/* Both have room for a huge page at the same place. */
static uint8_t *reserve(int prot)
{
	uint8_t *p = mmap(NULL, SIZE + NV_HUGE_PAGE, prot, ANON | MAP_NORESERVE,
			  -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

static uint8_t *aligned(uint8_t *p)
{
	return p + (-(uintptr_t)p & (NV_HUGE_PAGE - 1));
}

void nv_torture_run(struct nv_torture *t)
{
	const struct part all = { .pages = PAGES };
	uint8_t *p = reserve(READ_WRITE), *aside = reserve(PROT_NONE);

	t->p = aligned(p);
	t->aside = aligned(aside);
	t->shadow = calloc(PAGES, NV_PAGE);
	igt_assert(t->shadow);
	/* Not 0, which the generator would stay at. */
	t->random = (t->seed * 2 + 1) * (t->id * 2 + 1) * 0x9e3779b97f4a7c15ull;
	nv_channel_new(t->dev, &t->chan);
	while (!*t->stop)
		step(t);
	check_at(t, &all, t->p);
	nv_channel_free(t->dev, &t->chan);
	munmap(aside, SIZE + NV_HUGE_PAGE);
	munmap(p, SIZE + NV_HUGE_PAGE);
	free(t->shadow);
	t->done = true;
}

static void *run(void *t)
{
	nv_torture_run(t);
	return NULL;
}

static void wait_for_end(long seconds)
{
	const time_t end = time(NULL) + seconds;

	while (time(NULL) < end)
		usleep(PAUSE_US);
}

void nv_torture_process(uint64_t seed, unsigned int id, unsigned int threads,
			long seconds, struct nv_torture_sum *sum)
{
	pthread_rwlock_t maps =
		PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
	struct nv_torture t[NV_TORTURE_THREADS] = {};
	pthread_t thread[NV_TORTURE_THREADS];
	volatile bool stop = false;
	struct nv_device dev;
	unsigned int i;

	nv_device_open(&dev);
	for (i = 0; i < threads; i++) {
		t[i] = (struct nv_torture) {
			.dev = &dev,
			.seed = seed,
			.id = id + i,
			.maps = &maps,
			.stop = &stop,
		};
		igt_assert_eq(pthread_create(&thread[i], NULL, run, &t[i]), 0);
	}
	wait_for_end(seconds);
	stop = true;
	for (i = 0; i < threads; i++) {
		igt_assert_eq(pthread_join(thread[i], NULL), 0);
		igt_assert(t[i].done);
		__atomic_fetch_add(&sum->ops, t[i].ops, __ATOMIC_RELAXED);
		__atomic_fetch_add(&sum->checked, t[i].checked,
				   __ATOMIC_RELAXED);
	}
	nv_device_close(&dev);
}
