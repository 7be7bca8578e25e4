// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm others
 * Description: memory in VRAM, and others that reach for it: debuggers, core
 *	dumps, io_uring, children with and without a GPU of their own
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each for small pages and for a huge one.  What the kernel does to it for the
 * process itself is in nouveau_svm_private.c.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_uring.h"
#include "nv_words.h"

#define SMALL_SIZE	(16 * NV_PAGE)
#define CORE_PATTERN	"/proc/sys/kernel/core_pattern"
#define CORE_FOLDER	"/tmp"

static struct nv_device dev;
static struct nv_channel chan;

/** struct op - a row: who reaches for it */
struct op {
	const char *name;
	/** @run: @make makes memory of @size */
	void (*run)(nv_make make, size_t size);
};

static void to_vram(const struct nv_device *d, const struct nv_area *a)
{
	igt_assert_eq(nv_svm_to_vram(d, a->p, a->size), a->size / NV_PAGE);
	igt_assert_eq(nv_present_pages(a->p, a->size), 0);
}

/* Filled, and in VRAM. */
static void make_there(const struct nv_device *d, struct nv_area *a,
		       nv_make make, size_t size)
{
	make(a, size);
	nv_fill_tags(a->p, size / 4, 1);
	to_vram(d, a);
}

static void assert_gpu_reads(const struct nv_device *d,
			     const struct nv_channel *c, const void *p,
			     size_t size, uint32_t round)
{
	uint32_t *copy = malloc(size);

	igt_assert(copy);
	igt_assert_eq(nv_copy_words(d, c, copy, p, size / 4), 0);
	nv_assert_tags(copy, size / 4, round);
	free(copy);
}

static void tell(int fd)
{
	char byte = 0;

	igt_assert_eq(write(fd, &byte, 1), 1);
}

static void await(int fd)
{
	char byte;

	igt_assert_eq(read(fd, &byte, 1), 1);
}

/* Two words of a stopped process: as they are, and then others. */
static void peek_and_poke(pid_t pid, const uint32_t *w, size_t i)
{
	const uint64_t want = nv_tag(1, i) | (uint64_t)nv_tag(1, i + 1) << 32;
	long got;

	errno = 0;
	got = ptrace(PTRACE_PEEKDATA, pid, w + i, NULL);
	igt_assert_eq(errno, 0);
	igt_assert((uint64_t)got == want);
	igt_assert_eq(ptrace(PTRACE_POKEDATA, pid, w + i, (void *)~got), 0);
}

static void do_ptrace(nv_make make, size_t size)
{
	const size_t at[] = { 0, size / 8, size / 4 - 2 };
	const pid_t parent = getpid();
	struct nv_area a = { .fd = -1 };
	uint32_t *w;
	size_t i;

	make_there(&dev, &a, make, size);
	w = a.p;
	igt_fork_child() {
		igt_assert_eq(ptrace(PTRACE_ATTACH, parent, NULL, NULL), 0);
		igt_assert_eq(waitpid(parent, NULL, 0), parent);
		for (i = 0; i < sizeof(at) / sizeof(at[0]); i++)
			peek_and_poke(parent, w, at[i]);
		igt_assert_eq(ptrace(PTRACE_DETACH, parent, NULL, NULL), 0);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		igt_assert_eq(w[at[i]], ~nv_tag(1, at[i]));
		igt_assert_eq(w[at[i] + 1], ~nv_tag(1, at[i] + 1));
		w[at[i]] = nv_tag(1, at[i]);
		w[at[i] + 1] = nv_tag(1, at[i] + 1);
	}
	assert_gpu_reads(&dev, &chan, a.p, size, 1);
	nv_area_unmap(&a);
}

/* The memory of a process that died of a signal, out of its core dump. */
static void read_core(const char *path, const void *p, void *to, size_t size)
{
	const uintptr_t addr = (uintptr_t)p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t had = 0, part;
	Elf64_Ehdr header;
	Elf64_Phdr *ph;
	int i;

	igt_assert_f(fd >= 0, "%s: %s\n", path, strerror(errno));
	igt_assert_eq(pread(fd, &header, sizeof(header), 0), sizeof(header));
	ph = calloc(header.e_phnum, sizeof(*ph));
	igt_assert(ph);
	igt_assert_eq(pread(fd, ph, header.e_phnum * sizeof(*ph),
			    header.e_phoff), header.e_phnum * sizeof(*ph));
	for (i = 0; i < header.e_phnum && had < size; i++) {
		if (ph[i].p_type != PT_LOAD || addr + had < ph[i].p_vaddr ||
		    addr + had >= ph[i].p_vaddr + ph[i].p_filesz)
			continue;
		part = ph[i].p_vaddr + ph[i].p_filesz - addr - had;
		part = part < size - had ? part : size - had;
		igt_assert_eq(pread(fd, to + had, part, ph[i].p_offset + addr +
				    had - ph[i].p_vaddr), part);
		had += part;
	}
	igt_assert_eq(had, size);
	free(ph);
	close(fd);
}

/* A child that dies with memory in VRAM.  Return: its pid. */
static pid_t die_of_abort(void *p, nv_make make, size_t size)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	int status;
	pid_t pid;

	pid = fork();
	igt_assert(pid >= 0);
	if (!pid) {
		struct nv_area a = { .fd = -1 };
		struct nv_device own;

		nv_device_open(&own);
		make(&a, size);
		igt_assert(mremap(a.p, size, size, MREMAP_MAYMOVE |
				  MREMAP_FIXED, p) == p);
		a.p = p;
		nv_fill_tags(p, size / 4, 1);
		to_vram(&own, &a);
		signal(SIGABRT, SIG_DFL);
		setrlimit(RLIMIT_CORE, &all);
		kill(getpid(), SIGABRT);
		_exit(0);
	}
	igt_assert_eq(waitpid(pid, &status, 0), pid);
	igt_assert(WIFSIGNALED(status) && WCOREDUMP(status));
	return pid;
}

static void do_core_dump(nv_make make, size_t size)
{
	uint32_t *copy = calloc(1, size);
	struct nv_area place = { .fd = -1 };
	char path[PATH_MAX];
	char was[PATH_MAX];
	FILE *f = fopen(CORE_PATTERN, "r");

	igt_assert(copy);
	igt_require_f(f && fgets(was, sizeof(was), f), "no core dumps\n");
	fclose(f);
	igt_require_f(nv_set_text(CORE_PATTERN, CORE_FOLDER "/nv-core.%p"),
		      "no core dumps\n");
	/* Where nothing is, in the child as well, aligned for all. */
	make(&place, size);
	snprintf(path, sizeof(path), CORE_FOLDER "/nv-core.%d",
		 die_of_abort(place.p, make, size));
	read_core(path, place.p, copy, size);
	unlink(path);
	nv_set_text(CORE_PATTERN, was);
	nv_assert_tags(copy, size / 4, 1);
	nv_area_unmap(&place);
	free(copy);
}

/*
 * Pages that are registered come back, and stay while they are: what the GPU
 * writes is what is written to the file, and the other way round.
 */
static void do_uring(nv_make make, size_t size)
{
	int fd = nv_file(CORE_FOLDER, size);
	uint32_t *copy = malloc(size);
	struct nv_area a = { .fd = -1 };
	struct nv_uring ring;

	igt_assert(copy);
	make_there(&dev, &a, make, size);
	nv_uring_open(&ring, a.p, size);
	nv_assert_tags(a.p, size / 4, 1);
	igt_assert_eq(nv_svm_to_vram(&dev, a.p, size), 0);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, size / 4, 7), 0);
	igt_assert_eq(nv_pagetable_vram(a.p, size), 0);
	nv_uring_write(&ring, fd, a.p, size);
	igt_assert_eq(pread(fd, copy, size, 0), size);
	nv_assert_counting(copy, size / 4, 7);
	nv_fill_tags(copy, size / 4, 2);
	igt_assert_eq(pwrite(fd, copy, size, 0), size);
	nv_uring_read(&ring, fd, a.p, size);
	assert_gpu_reads(&dev, &chan, a.p, size, 2);
	nv_uring_close(&ring);
	nv_area_unmap(&a);
	free(copy);
	close(fd);
}

/* The child of do_fork_both(), with a GPU of its own. */
static void child_with_gpu(void *p, size_t size, int done, int go)
{
	struct nv_channel own_chan;
	struct nv_device own;

	nv_device_open(&own);
	nv_channel_new(&own, &own_chan);
	assert_gpu_reads(&own, &own_chan, p, size, 1);
	igt_assert_eq(nv_write_words(&own, &own_chan, p + size / 2, size / 8, 9),
		      0);
	nv_assert_counting(p + size / 2, size / 8, 9);
	tell(done);
	await(go);
	assert_gpu_reads(&own, &own_chan, p, size / 2, 1);
	nv_assert_tags(p, size / 8, 1);
	nv_channel_free(&own, &own_chan);
	nv_device_close(&own);
}

/* Parent and child, each with a GPU, have pages in VRAM in common. */
static void do_fork_both(nv_make make, size_t size)
{
	struct nv_area a = { .fd = -1 };
	int go[2], done[2];

	make_there(&dev, &a, make, size);
	assert_gpu_reads(&dev, &chan, a.p, size, 1);
	igt_assert(!pipe(go) && !pipe(done));
	igt_fork_child()
		child_with_gpu(a.p, size, done[1], go[0]);
	await(done[0]);
	assert_gpu_reads(&dev, &chan, a.p, size, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, size / 8, 6), 0);
	tell(go[1]);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(a.p, size / 8, 6);
	nv_pagetable_assert_true(a.p, size);
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
	nv_area_unmap(&a);
}

/* Neither has a GPU any more when they are two. */
static void do_fork_closed(nv_make make, size_t size)
{
	igt_fork_child() {
		struct nv_area a = { .fd = -1 };
		struct nv_device own;
		int status;
		pid_t pid;

		nv_device_open(&own);
		make_there(&own, &a, make, size);
		nv_device_close(&own);
		igt_assert_eq(nv_present_pages(a.p, size), 0);
		pid = fork();
		igt_assert(pid >= 0);
		nv_assert_tags(a.p, size / 4, 1);
		nv_fill_tags(a.p, size / 4, pid ? 2 : 3);
		nv_assert_tags(a.p, size / 4, pid ? 2 : 3);
		if (!pid)
			_exit(0);
		igt_assert_eq(waitpid(pid, &status, 0), pid);
		igt_assert_eq(status, 0);
		nv_assert_tags(a.p, size / 4, 2);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
}

/* The one that had a GPU is gone when the other one looks. */
static void do_fork_parent_first(nv_make make, size_t size)
{
	int alive[2], done[2];
	char byte;

	igt_assert(!pipe(alive) && !pipe(done));
	igt_fork_child() {
		struct nv_area a = { .fd = -1 };
		struct nv_device own;
		pid_t pid;

		nv_device_open(&own);
		make_there(&own, &a, make, size);
		pid = fork();
		igt_assert(pid >= 0);
		if (!pid) {
			close(alive[1]);
			close(own.fd);
			/* Until nobody can write any more. */
			igt_assert_eq(read(alive[0], &byte, 1), 0);
			igt_assert_eq(nv_present_pages(a.p, size), 0);
			nv_assert_tags(a.p, size / 4, 1);
			nv_fill_tags(a.p, size / 4, 2);
			nv_assert_tags(a.p, size / 4, 2);
			tell(done[1]);
			_exit(0);
		}
	}
	close(done[1]);
	igt_assert_eq(__igt_waitchildren(), 0);
	close(alive[1]);
	await(done[0]);
	close(alive[0]);
	close(done[0]);
}

static const struct op ops[] = {
	{ "ptrace", do_ptrace },
	{ "core-dump", do_core_dump },
	{ "uring", do_uring },
	{ "fork-both", do_fork_both },
	{ "fork-closed", do_fork_closed },
	{ "fork-parent-first", do_fork_parent_first },
};

static void run(size_t row, nv_make make, size_t size)
{
	ops[row].run(make, size);
	nv_assert_vram_empty();
}

static const char *name_of(size_t row)
{
	return ops[row].name;
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of the row
 */
static const struct nv_sized table = {
	.nr = sizeof(ops) / sizeof(ops[0]),
	.name = name_of,
	.run = run,
	.small = SMALL_SIZE,
};

int main(int argc, char **argv)
{
	nv_main_sized(argc, argv, &dev, &chan, &table);
}
