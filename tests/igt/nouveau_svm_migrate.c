// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm migrate
 * Description: memory moves to VRAM and back, and nothing is lost on the way
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * It moves when somebody asks for it, and only then: svm_migrate is 0.  What is
 * in memory is compared byte by byte after each move; where it is, is read from
 * the GPU's page tables, the CPU's, and the driver's counters.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_mirror.h"
#include "nv_pagetable.h"
#include "nv_policy.h"
#include "nv_stats.h"
#include "nv_words.h"

#define AREA_SIZE	(NV_HUGE_PAGE + 40 * NV_PAGE)
#define RACE_SIZE	(64 * NV_PAGE)
#define RACE_TURNS	10
#define ATOMIC_SIZE	(32 * NV_PAGE)
#define MIRROR_TURNS	4
/* Jobs for so many pages, there and back, are several push buffers full. */
#define JOBS_SIZE	(4 * NV_HUGE_PAGE)
#define JOBS_TURNS	2
/* Two at a time are two threads, which the test machine may run in turn. */
#define OVERLAP_SIZE	(8 * NV_HUGE_PAGE)
#define OVERLAP_TURNS	10
/* Parts of a huge page that get their room in RAM one after the other. */
#define EARLY_PARTS	8
/* Takes longer to move than the signal takes to come, on any machine. */
#define SIGNAL_SIZE	(32 * NV_HUGE_PAGE)
#define SIGNAL_US	1000
#define SIGNAL_TRIES	10
#define READ_WRITE	(PROT_READ | PROT_WRITE)

static struct nv_device dev;
static struct nv_channel chan;

static size_t pages_of(size_t size)
{
	return size / NV_PAGE;
}

/* The GPU reads it right, and reads it where it should be. */
static void assert_gpu_reads(const void *p, size_t size, uint32_t round,
			     size_t vram_pages)
{
	uint32_t *copy = malloc(size);

	igt_assert(copy);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, p, size / 4), 0);
	nv_assert_tags(copy, size / 4, round);
	igt_assert_eq(nv_pagetable_vram(p, size), vram_pages);
	nv_pagetable_assert_true(p, size);
	free(copy);
}

static void gpu_writes(void *p, size_t size, uint32_t first)
{
	igt_assert_eq(nv_write_words(&dev, &chan, p, size / 4, first), 0);
}

/* To VRAM, the GPU reads and writes it there, and a touch brings it back. */
static void round_trip(void *p, size_t size)
{
	const uint64_t back = nv_count("pages_to_ram");
	const size_t pages = pages_of(size);
	uint32_t round;

	for (round = 1; round <= 2; round++) {
		nv_fill_tags(p, size / 4, round);
		igt_assert_eq(nv_svm_to_vram(&dev, p, size), pages);
		igt_assert_eq(nv_present_pages(p, size), 0);
		assert_gpu_reads(p, size, round, pages);
		gpu_writes(p, size, round << 24);
		igt_assert_eq(nv_pagetable_vram(p, size), pages);
		nv_assert_counting(p, size / 4, round << 24);
		igt_assert_eq(nv_present_pages(p, size), pages);
		igt_assert_eq(nv_pagetable_vram(p, size), 0);
		igt_assert_eq(nv_count("pages_to_ram"), back + round * pages);
	}
	nv_assert_vram_empty();
}

static void test_small_pages(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_no_thp(&a, AREA_SIZE);
	round_trip(a.p, AREA_SIZE);
	nv_area_unmap(&a);
}

static void test_huge_pages(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	round_trip(a.p, a.size);
	nv_area_unmap(&a);
}

/* Asked for in both directions; data that nobody has touched meanwhile. */
static void test_back(void)
{
	struct nv_area a = { .fd = -1 };
	const size_t pages = pages_of(AREA_SIZE);
	uint32_t round;

	nv_area_thp(&a, AREA_SIZE);
	for (round = 1; round <= 2; round++) {
		nv_fill_tags(a.p, AREA_SIZE / 4, round);
		igt_assert_eq(nv_svm_to_vram(&dev, a.p, AREA_SIZE), pages);
		assert_gpu_reads(a.p, AREA_SIZE, round, pages);
		igt_assert_eq(nv_svm_to_ram(&dev, a.p, AREA_SIZE), pages);
		igt_assert_eq(nv_present_pages(a.p, AREA_SIZE), pages);
		igt_assert_eq(nv_pagetable_vram(a.p, AREA_SIZE), 0);
		assert_gpu_reads(a.p, AREA_SIZE, round, 0);
		nv_assert_tags(a.p, AREA_SIZE / 4, round);
		igt_assert_eq(nv_svm_to_ram(&dev, a.p, AREA_SIZE), 0);
	}
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* What nobody has touched is zeros in VRAM, made there and not copied. */
static void test_untouched(void)
{
	const uint64_t copied = nv_count("copy_bytes");
	const uint64_t cleared = nv_count("clear_bytes");
	const size_t words = AREA_SIZE / 4;
	struct nv_area a = { .fd = -1 };
	uint32_t *copy = malloc(AREA_SIZE);

	igt_assert(copy);
	nv_area_thp(&a, AREA_SIZE);
	memset(copy, 0xff, AREA_SIZE);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, AREA_SIZE),
		      pages_of(AREA_SIZE));
	igt_assert_eq(nv_count("copy_bytes"), copied);
	igt_assert_eq(nv_count("clear_bytes"), cleared + AREA_SIZE);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, a.p, words), 0);
	nv_assert_all(copy, words, 0);
	nv_assert_all(a.p, words, 0);
	nv_area_unmap(&a);
	free(copy);
	nv_assert_vram_empty();
}

/* Bytes are moved once each, in jobs as large as they can be. */
static void test_copies(void)
{
	const uint64_t copied = nv_count("copy_bytes"), jobs = nv_count("copy_jobs");
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, a.size), pages_of(a.size));
	igt_assert_eq(nv_count("copy_bytes"), copied + a.size);
	igt_assert_eq(nv_count("copy_jobs"), jobs + 2);
	igt_assert_eq(nv_svm_to_ram(&dev, a.p, a.size), pages_of(a.size));
	igt_assert_eq(nv_count("copy_bytes"), copied + 2 * a.size);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
}

/*
 * Nearly as many jobs as pages: neighbours have come into being at different
 * times, and lie apart, unless an IOMMU puts them side by side.  No job is
 * forgotten where the push buffer ends.
 */
static void test_jobs(void)
{
	const uint64_t jobs = nv_count("copy_jobs");
	const size_t pages = pages_of(JOBS_SIZE);
	struct nv_area a = { .fd = -1 };
	uint32_t round;
	size_t i;

	nv_area_no_thp(&a, JOBS_SIZE);
	for (i = 0; i < 2 * pages; i += 2)
		((uint8_t *)a.p)[(i % pages + i / pages) * NV_PAGE] = 1;
	for (round = 1; round <= JOBS_TURNS; round++) {
		nv_fill_tags(a.p, JOBS_SIZE / 4, round);
		igt_assert_eq(nv_svm_to_vram(&dev, a.p, JOBS_SIZE), pages);
		nv_assert_tags(a.p, JOBS_SIZE / 4, round);
	}
	if (nv_dma_is_physical())
		igt_assert(nv_count("copy_jobs") >= jobs + pages);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/*
 * One piece is copied while the CPU prepares another: a process that has all to
 * itself waits for both together.
 */
static void test_overlap(void)
{
	const uint64_t overlapped = nv_count("copies_overlapped");
	const size_t pages = pages_of(OVERLAP_SIZE);
	struct nv_area a = { .fd = -1 };
	uint32_t round = 0;

	nv_area_no_thp(&a, OVERLAP_SIZE);
	while (nv_count("copies_overlapped") == overlapped) {
		igt_assert(++round <= OVERLAP_TURNS);
		nv_fill_tags(a.p, OVERLAP_SIZE / 4, round);
		igt_assert_eq(nv_svm_to_vram(&dev, a.p, OVERLAP_SIZE), pages);
		assert_gpu_reads(a.p, OVERLAP_SIZE, round, pages);
		igt_assert_eq(nv_svm_to_ram(&dev, a.p, OVERLAP_SIZE), pages);
		nv_assert_tags(a.p, OVERLAP_SIZE / 4, round);
	}
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/*
 * One touch of the CPU, and the copy engine brings back one part of a piece while
 * the next gets its room.  Every other page is gone by then, so that no part
 * waits for the next to become one job with it.
 */
static void early_one(size_t size, uint64_t parts)
{
	const uint64_t back = nv_count("pages_to_ram");
	const uint64_t early = nv_count("copies_early");
	const size_t pages = pages_of(size);
	struct nv_area a = { .fd = -1 };
	volatile uint32_t *words;
	size_t i;

	nv_area_no_thp(&a, size);
	words = a.p;
	nv_fill_tags(a.p, size / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, size), pages);
	for (i = 1; i < pages; i += 2)
		igt_assert_eq(madvise(a.p + i * NV_PAGE, NV_PAGE,
				      MADV_DONTNEED), 0);
	igt_assert_eq(words[0], nv_tag(1, 0));
	igt_assert_eq(nv_count("pages_to_ram") - back, pages / 2);
	igt_assert_eq(nv_count("copies_early") - early, parts - 1);
	igt_assert_eq(nv_present_pages(a.p, size), pages / 2);
	for (i = 0; i < size / 4; i++) {
		if (i / (NV_PAGE / 4) % 2 == 0)
			igt_assert_eq(words[i], nv_tag(1, i));
	}
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static void test_early(void)
{
	early_one(NV_HUGE_PAGE, EARLY_PARTS);
	early_one(16 * NV_PAGE, 2);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Return: whether the signal came while memory moved, or before. */
static bool interrupt_one(struct nv_area *a)
{
	const struct itimerval soon = { .it_value.tv_usec = SIGNAL_US };
	int ret;

	nv_area_no_thp(a, SIGNAL_SIZE);
	nv_fill_tags(a->p, a->size / 4, 1);
	igt_assert_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
	ret = nv_svm_migrate_once(&dev, a->p, a->size);
	if (ret)
		igt_assert_eq(ret, -EINTR);
	return ret;
}

/*
 * A signal ends it early.  What has gone by then is there, the rest is where it
 * was, and who asks again gets the rest.  A timer of a machine that is busy may
 * come too late.
 */
static void test_interrupted(void)
{
	const struct sigaction action = { .sa_handler = nothing };
	const size_t pages = pages_of(SIGNAL_SIZE);
	struct nv_area a = { .fd = -1 };
	uint64_t before = nv_count("pages_to_vram"), went;
	int tries = 0;

	igt_assert_eq(sigaction(SIGALRM, &action, NULL), 0);
	while (!interrupt_one(&a)) {
		igt_assert(++tries < SIGNAL_TRIES);
		nv_area_unmap(&a);
		nv_assert_vram_empty();
		before = nv_count("pages_to_vram");
	}
	went = nv_count("pages_to_vram") - before;
	igt_assert(went < pages);
	igt_assert_eq(nv_present_pages(a.p, a.size), pages - went);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, a.size), pages - went);
	assert_gpu_reads(a.p, a.size, 1, pages);
	nv_assert_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* A part without regard to huge pages goes, the rest stays; and back. */
static void test_part(void)
{
	const size_t first = 5 * NV_PAGE, size = NV_HUGE_PAGE + 20 * NV_PAGE;
	struct nv_area a = { .fd = -1 };
	const size_t pages = pages_of(size);
	uint8_t *p;

	nv_area_thp(&a, 2 * NV_HUGE_PAGE);
	p = a.p;
	nv_fill_tags(p, a.size / 4, 1);
	/* Or khugepaged may put the huge page together again, in RAM. */
	igt_assert_eq(madvise(p, a.size, MADV_NOHUGEPAGE), 0);
	igt_assert_eq(nv_svm_to_vram(&dev, p + first, size), pages);
	igt_assert_eq(nv_present_pages(p, a.size), pages_of(a.size) - pages);
	igt_assert_eq(nv_present_pages(p + first, size), 0);
	assert_gpu_reads(p, a.size, 1, pages);
	igt_assert_eq(nv_svm_to_ram(&dev, p + first + NV_PAGE, NV_PAGE), 1);
	igt_assert_eq(nv_present_pages(p + first, size), 1);
	assert_gpu_reads(p, a.size, 1, pages - 1);
	nv_assert_tags(p, a.size / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Across what can't move, and what is not there at all. */
static void test_mixed(void)
{
	const size_t part = 32 * NV_PAGE, size = 6 * part;
	struct nv_area a = { .fd = -1 };
	uint8_t *p;
	size_t i;

	nv_area_no_thp(&a, size);
	p = a.p;
	nv_fill_tags(p, size / 4, 1);
	igt_assert_eq(munmap(p + part, part), 0);
	igt_assert_eq(mprotect(p + 2 * part, part, PROT_READ), 0);
	nv_put_file(p + 3 * part, part);
	nv_fill_tags(p + 3 * part, part / 4, 2);
	igt_assert_eq(mprotect(p + 4 * part, part, PROT_NONE), 0);
	igt_assert_eq(nv_svm_to_vram(&dev, p, size), 4 * pages_of(part));
	igt_assert_eq(mprotect(p + 4 * part, part, READ_WRITE), 0);
	assert_gpu_reads(p, part, 1, pages_of(part));
	assert_gpu_reads(p + 3 * part, part, 2, 0);
	igt_assert_eq(nv_svm_to_ram(&dev, p, size), 4 * pages_of(part));
	nv_assert_tags(p, part / 4, 1);
	nv_assert_tags(p + 3 * part, part / 4, 2);
	for (i = 5 * part / 4; i < size / 4; i++)
		igt_assert_eq(((uint32_t *)p)[i], nv_tag(1, i));
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Atomics in VRAM: exact, and without a trip to RAM. */
static void test_atomic(void)
{
	const size_t size = 16 * NV_PAGE, threads = 1024;
	struct nv_area a = { .fd = -1 };
	uint64_t back;
	uint32_t *w;

	nv_area_no_thp(&a, size);
	w = a.p;
	nv_fill_tags(w, size / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, w, size), pages_of(size));
	back = nv_count("pages_to_ram");
	nv_add_to_word(&dev, &chan, w, 3, threads);
	igt_assert_eq(nv_count("pages_to_ram"), back);
	igt_assert_eq(w[0], nv_tag(1, 0) + 3u * threads);
	w[0]++;
	nv_add_to_word(&dev, &chan, w, 3, threads);
	igt_assert_eq(w[0], nv_tag(1, 0) + 1u + 6u * threads);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* Parent and child each see what fork() says, wherever it is. */
static void test_fork(void)
{
	struct nv_area a = { .fd = -1 };
	const size_t words = AREA_SIZE / 4;

	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, words, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, AREA_SIZE),
		      pages_of(AREA_SIZE));
	igt_fork_child() {
		nv_assert_tags(a.p, words, 1);
		nv_fill_tags(a.p, words, 2);
		nv_assert_tags(a.p, words, 2);
	}
	gpu_writes(a.p, AREA_SIZE / 2, 77);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(a.p, words / 2, 77);
	nv_pagetable_assert_true(a.p, AREA_SIZE);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static void test_munmap(void)
{
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, AREA_SIZE / 4, 1);
	nv_svm_to_vram(&dev, a.p, AREA_SIZE);
	igt_assert(nv_count("vram_bytes") >= AREA_SIZE);
	assert_gpu_reads(a.p, AREA_SIZE, 1, pages_of(AREA_SIZE));
	nv_area_unmap(&a);
	igt_assert_eq(nv_pagetable_vram(a.p, AREA_SIZE), 0);
	nv_assert_vram_empty();
}

/* A process ends with memory in VRAM. */
static void test_exit(void)
{
	struct nv_device own;
	struct nv_area a = { .fd = -1 };

	igt_fork_child() {
		nv_device_open(&own);
		nv_area_thp(&a, AREA_SIZE);
		nv_fill_tags(a.p, AREA_SIZE / 4, 1);
		igt_assert_eq(nv_svm_to_vram(&own, a.p, AREA_SIZE),
			      pages_of(AREA_SIZE));
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_vram_empty();
}

/* The file is closed, and the memory that was in VRAM stays what it was. */
static void close_child(void)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device own;

	nv_device_open(&own);
	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, AREA_SIZE / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&own, a.p, AREA_SIZE),
		      pages_of(AREA_SIZE));
	nv_device_close(&own);
	nv_assert_tags(a.p, AREA_SIZE / 4, 1);
}

static void test_close(void)
{
	igt_fork_child()
		close_child();
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_vram_empty();
}

/* Buffers drive memory out of VRAM; it is whole, and the GPU works on. */
static void test_evict(void)
{
	const uint64_t evicted = nv_count("pages_evicted");
	struct nv_area a = { .fd = -1 };

	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, AREA_SIZE / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, AREA_SIZE),
		      pages_of(AREA_SIZE));
	nv_fill_vram(&dev);
	igt_assert_eq(nv_count("pages_evicted"), evicted + pages_of(AREA_SIZE));
	/* The kernel may be moving some about, so that not all are present. */
	igt_assert_eq(nv_query(&dev, a.p, AREA_SIZE).vram_bytes, 0);
	assert_gpu_reads(a.p, AREA_SIZE, 1, 0);
	nv_assert_tags(a.p, AREA_SIZE / 4, 1);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* The same for memory whose first owner, who moved it there, is dead. */
static void orphan(int parent_end, int done)
{
	struct nv_area a = { .fd = -1 };
	struct nv_device own;
	char byte = 1;
	pid_t pid;

	nv_device_open(&own);
	nv_area_thp(&a, AREA_SIZE);
	nv_fill_tags(a.p, AREA_SIZE / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&own, a.p, AREA_SIZE),
		      pages_of(AREA_SIZE));
	pid = fork();
	igt_assert(pid >= 0);
	if (pid)
		_exit(0);
	/* Both ends of this pipe are closed when the test may be over. */
	igt_assert_eq(read(parent_end, &byte, 1), 1);
	nv_assert_tags(a.p, AREA_SIZE / 4, 1);
	igt_assert_eq(write(done, &byte, 1), 1);
	_exit(0);
}

static void test_evict_orphan(void)
{
	const uint64_t evicted = nv_count("pages_evicted");
	int start[2], done[2], status;
	char byte = 1;
	pid_t pid;

	igt_assert(!pipe(start) && !pipe(done));
	pid = fork();
	igt_assert(pid >= 0);
	if (!pid)
		orphan(start[0], done[1]);
	close(done[1]);
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert_eq(status, 0);
	nv_fill_vram(&dev);
	igt_assert_eq(nv_count("pages_evicted"), evicted + pages_of(AREA_SIZE));
	igt_assert_eq(write(start[1], &byte, 1), 1);
	igt_assert_f(read(done[0], &byte, 1) == 1, "the child found other data\n");
	close(start[0]);
	close(start[1]);
	close(done[0]);
	nv_assert_vram_empty();
}

/** struct race - memory that is unmapped while it moves */
struct race {
	uint8_t *p;
	bool stop;
};

static void *race_unmap(void *data)
{
	struct race *race = data;
	size_t offset;

	for (offset = 0; !__atomic_load_n(&race->stop, __ATOMIC_RELAXED);
	     offset = (offset + 13 * NV_PAGE) % RACE_SIZE) {
		igt_assert(mmap(race->p + offset, NV_PAGE, READ_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				0) == race->p + offset);
		race->p[offset] = 1;
	}
	return NULL;
}

/* Moved to and fro while another thread takes pages away. */
static void test_race_munmap(void)
{
	struct nv_area a = { .fd = -1 };
	struct race race = { };
	pthread_t thread;
	int i;

	nv_area_no_thp(&a, RACE_SIZE);
	race.p = a.p;
	nv_fill_tags(a.p, RACE_SIZE / 4, 1);
	igt_assert_eq(pthread_create(&thread, NULL, race_unmap, &race), 0);
	for (i = 0; i < RACE_TURNS; i++) {
		nv_svm_to_vram(&dev, a.p, RACE_SIZE);
		nv_svm_to_ram(&dev, a.p, RACE_SIZE);
	}
	__atomic_store_n(&race.stop, true, __ATOMIC_RELAXED);
	igt_assert_eq(pthread_join(thread, NULL), 0);
	nv_fill_tags(a.p, RACE_SIZE / 4, 2);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, RACE_SIZE),
		      pages_of(RACE_SIZE));
	assert_gpu_reads(a.p, RACE_SIZE, 2, pages_of(RACE_SIZE));
	nv_assert_tags(a.p, RACE_SIZE / 4, 2);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

/* A kernel works without pause on what moves, and nothing it does is lost. */
static void test_mirror(enum nv_mirror_mode mode, size_t size)
{
	struct nv_area a = { .fd = -1 };
	struct nv_mirror m;
	int i;

	nv_area_thp(&a, size);
	m = (struct nv_mirror) { .p = a.p, .size = size, .last = size };
	nv_mirror_open(&m, &dev, mode);
	for (i = 0; i < MIRROR_TURNS; i++) {
		nv_svm_to_vram(&dev, a.p, size);
		if (i % 2)
			nv_mirror_settle(&m);
		nv_svm_to_ram(&dev, a.p, size);
		nv_mirror_settle(&m);
	}
	nv_mirror_close(&m, &dev);
	nv_area_unmap(&a);
	nv_assert_vram_empty();
}

static void test_under_reads(void)
{
	test_mirror(NV_MIRROR_READ, NV_HUGE_PAGE);
}

static void test_under_writes(void)
{
	test_mirror(NV_MIRROR_WRITE, NV_HUGE_PAGE);
}

static void test_under_counts(void)
{
	test_mirror(NV_MIRROR_COUNT, NV_HUGE_PAGE);
}

static void test_under_atomics(void)
{
	test_mirror(NV_MIRROR_ADD, ATOMIC_SIZE);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "small-pages", test_small_pages },
	{ "huge-pages", test_huge_pages },
	{ "back", test_back },
	{ "untouched", test_untouched },
	{ "copies", test_copies },
	{ "jobs", test_jobs },
	{ "overlap", test_overlap },
	{ "early", test_early },
	{ "interrupted", test_interrupted },
	{ "part", test_part },
	{ "mixed", test_mixed },
	{ "atomic", test_atomic },
	{ "fork", test_fork },
	{ "munmap", test_munmap },
	{ "exit", test_exit },
	{ "close", test_close },
	{ "evict", test_evict },
	{ "evict-orphan", test_evict_orphan },
	{ "race-munmap", test_race_munmap },
	{ "under-reads", test_under_reads },
	{ "under-writes", test_under_writes },
	{ "under-counts", test_under_counts },
	{ "under-atomics", test_under_atomics },
};

int main(int argc, char **argv)
{
	nv_main_after(argc, argv, &dev, &chan, subtests,
		      sizeof(subtests) / sizeof(subtests[0]), nv_policy_stay);
}
