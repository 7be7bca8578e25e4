// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm private
 * Description: memory in VRAM, which the CPU can't reach, and what the rest of
 *	the kernel does to memory
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * Each for small pages and for a huge one.  Where the kernel needs the pages it
 * brings them back; where it does not they stay, and the GPU works on them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_main.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_words.h"

#define SMALL_SIZE	(16 * NV_PAGE)
#define READ_WRITE	(PROT_READ | PROT_WRITE)

static struct nv_device dev;
static struct nv_channel chan;

/* What is there already, because the GPU has asked for it, need not go. */
static void to_vram(const struct nv_area *a)
{
	const size_t present = nv_present_pages(a->p, a->size);

	igt_assert_eq(nv_svm_to_vram(&dev, a->p, a->size), present);
	igt_assert_eq(nv_present_pages(a->p, a->size), 0);
}

static void assert_gpu_reads(const void *p, size_t size, uint32_t round)
{
	uint32_t *copy = malloc(size);

	igt_assert(copy);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, p, size / 4), 0);
	nv_assert_tags(copy, size / 4, round);
	free(copy);
}

/* Memory of the same size with other tags in it. */
static void *other_memory(size_t size, uint32_t round)
{
	void *p = mmap(NULL, size, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	igt_assert(p != MAP_FAILED);
	nv_fill_tags(p, size / 4, round);
	return p;
}

/* What nobody has touched since it went to VRAM is what it was. */
static void assert_last_word(const struct nv_area *a)
{
	const size_t last = a->size / 4 - 1;

	igt_assert_eq(((uint32_t *)a->p)[last], nv_tag(1, last));
}

/* The kernel reads it for write(). */
static void do_write(struct nv_area *a)
{
	void *other = other_memory(a->size, 2);
	int fd = nv_file("/tmp", a->size);

	igt_assert_eq(pwrite(fd, a->p, a->size, 0), a->size);
	igt_assert_eq(pread(fd, other, a->size, 0), a->size);
	nv_assert_tags(other, a->size / 4, 1);
	assert_gpu_reads(a->p, a->size, 1);
	munmap(other, a->size);
	close(fd);
}

/* It writes half of it for read(). */
static void do_read(struct nv_area *a)
{
	void *other = other_memory(a->size, 2);
	int fd = nv_file("/tmp", a->size);

	igt_assert_eq(pwrite(fd, other, a->size, 0), a->size);
	igt_assert_eq(pread(fd, a->p, a->size / 2, 0), a->size / 2);
	assert_gpu_reads(a->p, a->size / 2, 2);
	nv_assert_tags(a->p, a->size / 8, 2);
	assert_last_word(a);
	munmap(other, a->size);
	close(fd);
}

static int direct_file(void)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/direct", nv_disk_folder());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_DIRECT | O_CLOEXEC,
		  0600);
	igt_assert(fd >= 0);
	unlink(path);
	return fd;
}

/* A disk reads and writes it: the pages are held meanwhile. */
static void do_direct(struct nv_area *a)
{
	void *other = other_memory(a->size, 2);
	int fd = direct_file();

	igt_assert_eq(pwrite(fd, a->p, a->size, 0), a->size);
	assert_gpu_reads(a->p, a->size, 1);
	igt_assert_eq(pread(fd, other, a->size, 0), a->size);
	nv_assert_tags(other, a->size / 4, 1);
	nv_fill_tags(other, a->size / 4, 2);
	igt_assert_eq(pwrite(fd, other, a->size, 0), a->size);
	to_vram(a);
	igt_assert_eq(pread(fd, a->p, a->size, 0), a->size);
	assert_gpu_reads(a->p, a->size, 2);
	munmap(other, a->size);
	close(fd);
}

/* Pages are lent to a pipe; what the GPU writes meanwhile is in them. */
static void do_vmsplice(struct nv_area *a)
{
	struct iovec iov = { .iov_base = a->p, .iov_len = NV_PAGE };
	uint32_t *other = other_memory(NV_PAGE, 2);
	int ends[2];

	igt_assert_eq(pipe(ends), 0);
	igt_assert_eq(vmsplice(ends[1], &iov, 1, 0), NV_PAGE);
	igt_assert_eq(nv_write_words(&dev, &chan, a->p, NV_PAGE / 4, 9), 0);
	igt_assert_eq(read(ends[0], other, NV_PAGE), NV_PAGE);
	nv_assert_counting(other, NV_PAGE / 4, 9);
	assert_last_word(a);
	munmap(other, NV_PAGE);
	close(ends[0]);
	close(ends[1]);
}

/* Another process reads it, and writes it. */
static void do_vm_access(struct nv_area *a)
{
	struct iovec theirs = { .iov_base = a->p, .iov_len = a->size };
	struct iovec ours = { .iov_len = a->size };

	igt_fork_child() {
		ours.iov_base = other_memory(a->size, 2);
		igt_assert_eq(process_vm_readv(getppid(), &ours, 1, &theirs, 1,
					       0), a->size);
		nv_assert_tags(ours.iov_base, a->size / 4, 1);
		nv_fill_tags(ours.iov_base, a->size / 4, 3);
		igt_assert_eq(process_vm_writev(getppid(), &ours, 1, &theirs, 1,
						0), a->size);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	assert_gpu_reads(a->p, a->size, 3);
	nv_assert_tags(a->p, a->size / 4, 3);
}

/* As debuggers do. */
static void do_mem_file(struct nv_area *a)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	void *other = other_memory(a->size, 2);
	const off_t where = (uintptr_t)a->p;

	igt_assert(fd >= 0);
	igt_assert_eq(pread(fd, other, a->size, where), a->size);
	nv_assert_tags(other, a->size / 4, 1);
	nv_fill_tags(other, a->size / 4, 2);
	to_vram(a);
	igt_assert_eq(pwrite(fd, other, a->size, where), a->size);
	assert_gpu_reads(a->p, a->size, 2);
	nv_assert_tags(a->p, a->size / 4, 2);
	munmap(other, a->size);
	close(fd);
}

/* The word is compared by the kernel. */
static void do_futex(struct nv_area *a)
{
	const struct timespec now = { .tv_nsec = 1 };
	uint32_t *w = a->p;

	igt_assert_eq(syscall(SYS_futex, w, FUTEX_WAIT, nv_tag(1, 0), &now),
		      -1);
	igt_assert_eq(errno, ETIMEDOUT);
	to_vram(a);
	igt_assert_eq(syscall(SYS_futex, w, FUTEX_WAIT, nv_tag(1, 0) + 1, &now),
		      -1);
	igt_assert_eq(errno, EAGAIN);
	assert_gpu_reads(a->p, a->size, 1);
}

/* It is elsewhere in the process, and still in VRAM. */
static void do_mremap(struct nv_area *a)
{
	void *to = mmap(NULL, a->size + NV_HUGE_PAGE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(to != MAP_FAILED);
	to = (void *)(((uintptr_t)to + NV_HUGE_PAGE - 1) &
		      ~(NV_HUGE_PAGE - 1));
	igt_assert(mremap(a->p, a->size, a->size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  to) == to);
	igt_assert_eq(nv_pagetable_vram(a->p, a->size), 0);
	assert_gpu_reads(to, a->size, 1);
	igt_assert_eq(nv_pagetable_vram(to, a->size), a->size / NV_PAGE);
	nv_assert_tags(to, a->size / 4, 1);
	igt_assert(mremap(to, a->size, a->size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  a->p) == a->p);
}

/* A page in the midst goes, and another comes. */
static void do_unmap_part(struct nv_area *a)
{
	uint8_t *hole = (uint8_t *)a->p + 5 * NV_PAGE;

	assert_gpu_reads(a->p, a->size, 1);
	igt_assert_eq(munmap(hole, NV_PAGE), 0);
	igt_assert_eq(nv_pagetable_vram(hole, NV_PAGE), 0);
	assert_gpu_reads(a->p, 5 * NV_PAGE, 1);
	igt_assert(mmap(hole, NV_PAGE, READ_WRITE, MAP_PRIVATE | MAP_FIXED |
			MAP_ANONYMOUS, -1, 0) == hole);
	igt_assert_eq(nv_write_words(&dev, &chan, hole, NV_PAGE / 4, 5), 0);
	nv_assert_counting(hole, NV_PAGE / 4, 5);
	nv_assert_tags(a->p, 5 * NV_PAGE / 4, 1);
}

static void do_dontneed(struct nv_area *a)
{
	uint32_t *copy = other_memory(a->size, 2);

	assert_gpu_reads(a->p, a->size, 1);
	igt_assert_eq(madvise(a->p, a->size, MADV_DONTNEED), 0);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, a->p, a->size / 4), 0);
	nv_assert_all(copy, a->size / 4, 0);
	nv_assert_all(a->p, a->size / 4, 0);
	munmap(copy, a->size);
}

/* There may be nothing to page out: but nothing is lost by trying. */
static void do_pageout(struct nv_area *a)
{
	igt_assert_eq(madvise(a->p, a->size, MADV_PAGEOUT), 0);
	assert_gpu_reads(a->p, a->size, 1);
	nv_assert_tags(a->p, a->size / 4, 1);
}

static void do_mlock(struct nv_area *a)
{
	igt_assert_eq(mlock(a->p, a->size), 0);
	assert_gpu_reads(a->p, a->size, 1);
	nv_assert_tags(a->p, a->size / 4, 1);
	igt_assert_eq(munlock(a->p, a->size), 0);
}

static void do_mprotect(struct nv_area *a)
{
	igt_assert_eq(nv_write_words(&dev, &chan, a->p, a->size / 4, 3), 0);
	igt_assert_eq(mprotect(a->p, a->size, PROT_READ), 0);
	nv_pagetable_assert_read_only(a->p, a->size);
	nv_assert_counting(a->p, a->size / 4, 3);
	igt_assert_eq(mprotect(a->p, a->size, READ_WRITE), 0);
	igt_assert_eq(nv_write_words(&dev, &chan, a->p, a->size / 4, 4), 0);
	nv_assert_counting(a->p, a->size / 4, 4);
}

/* Parent and child have pages in common until one of them writes. */
static void do_fork(struct nv_area *a)
{
	int go[2];
	char byte = 0;

	igt_assert_eq(pipe(go), 0);
	igt_fork_child() {
		igt_assert_eq(read(go[0], &byte, 1), 1);
		nv_assert_tags(a->p, a->size / 4, 1);
		nv_fill_tags(a->p, a->size / 4, 2);
		nv_assert_tags(a->p, a->size / 4, 2);
	}
	assert_gpu_reads(a->p, a->size, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, a->p, a->size / 8, 6), 0);
	igt_assert_eq(write(go[1], &byte, 1), 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(a->p, a->size / 8, 6);
	close(go[0]);
	close(go[1]);
}

/*
 * The child has gone, and has left entries in VRAM that may not be written: it
 * takes the kernel more than one fault to make them so.
 */
static void do_fork_over(struct nv_area *a)
{
	igt_fork_child()
		nv_assert_tags(a->p, 1, 1);
	igt_assert_eq(__igt_waitchildren(), 0);
	to_vram(a);
	igt_assert_eq(nv_write_words(&dev, &chan, a->p, a->size / 8, 6), 0);
	nv_assert_counting(a->p, a->size / 8, 6);
	assert_last_word(a);
}

/** struct op - a row: what the kernel is asked to do */
struct op {
	const char *name;
	void (*run)(struct nv_area *a);
};

static const struct op ops[] = {
	{ "write", do_write },
	{ "read", do_read },
	{ "direct", do_direct },
	{ "vmsplice", do_vmsplice },
	{ "vm-access", do_vm_access },
	{ "mem-file", do_mem_file },
	{ "futex", do_futex },
	{ "mremap", do_mremap },
	{ "unmap-part", do_unmap_part },
	{ "dontneed", do_dontneed },
	{ "pageout", do_pageout },
	{ "mlock", do_mlock },
	{ "mprotect", do_mprotect },
	{ "fork", do_fork },
	{ "fork-over", do_fork_over },
};

static void run(size_t row, nv_make make, size_t size)
{
	struct nv_area a = { .fd = -1 };

	make(&a, size);
	nv_fill_tags(a.p, size / 4, 1);
	to_vram(&a);
	ops[row].run(&a);
	nv_pagetable_assert_true(a.p, a.size);
	nv_area_unmap(&a);
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
