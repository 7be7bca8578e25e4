// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm file
 * Description: memory that others reach by other ways than this mapping (a
 *	file's read and write calls, other mappings and processes, /proc) while
 *	a GPU kernel works on it: there is one page, and everybody sees it
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_pagetable.h"

#define READ_WRITE	(PROT_READ | PROT_WRITE)

/* As many bytes as the part has, all @byte. */
static uint8_t *bytes(const struct nv_changing *t, int byte)
{
	uint8_t *p = malloc(t->size);

	igt_assert(p);
	memset(p, byte, t->size);
	return p;
}

/* A value that no round before this one has used. */
static int next_byte(void)
{
	static int byte;

	byte = byte % 250 + 1;
	return byte;
}

/* What is written to the file is in memory; what the GPU writes, in the file */
static void change_pwrite(struct nv_changing *t)
{
	const int byte = next_byte();
	uint8_t *p = bytes(t, byte);

	igt_assert_eq(pwrite(t->area.fd, p, t->size, t->m.first), t->size);
	nv_change_set(t, byte);
	igt_assert_eq(pread(t->area.fd, p, t->size, t->m.first), t->size);
	igt_assert(!memcmp(p, t->m.shadow + t->m.first, t->size));
	free(p);
}

/* Another mapping of the same file, in another process. */
static void change_other_process(struct nv_changing *t)
{
	const int byte = next_byte();

	igt_fork_child() {
		uint8_t *p = mmap(NULL, t->size, READ_WRITE, MAP_SHARED,
				  t->area.fd, t->m.first);

		igt_assert(p != MAP_FAILED);
		memset(p, byte, t->size);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_change_set(t, byte);
}

/* Write as a debugger does it, where the program itself may only read. */
static void poke(pid_t pid, const void *p, const struct nv_changing *t)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR | O_CLOEXEC);
	igt_assert(fd >= 0);
	igt_assert_f(!ptrace(PTRACE_ATTACH, pid, NULL, NULL), "attach: %s\n",
		     strerror(errno));
	igt_assert_eq(waitpid(pid, NULL, 0), pid);
	igt_assert_eq(pwrite(fd, p, t->size, (uintptr_t)t->start), t->size);
	igt_assert_eq(ptrace(PTRACE_DETACH, pid, NULL, NULL), 0);
	close(fd);
}

static void change_poke(struct nv_changing *t)
{
	const int byte = next_byte();
	const pid_t parent = getpid();
	uint8_t *p = bytes(t, byte);

	igt_assert_eq(mprotect(t->start, t->size, PROT_READ), 0);
	nv_mirror_settle(&t->m);
	igt_fork_child()
		poke(parent, p, t);
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_change_set(t, byte);
	nv_pagetable_assert_read_only(t->start, t->size);
	igt_assert_eq(mprotect(t->start, t->size, READ_WRITE), 0);
	nv_mirror_settle(&t->m);
	free(p);
}

/* By another process that has its leave. */
static void change_vm_write(struct nv_changing *t)
{
	const int byte = next_byte();
	const pid_t parent = getpid();
	uint8_t *p = bytes(t, byte);

	igt_fork_child() {
		const struct iovec from = { p, t->size };
		const struct iovec to = { t->start, t->size };

		igt_assert_eq(process_vm_writev(parent, &from, 1, &to, 1, 0),
			      t->size);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_change_set(t, byte);
	free(p);
}

/* Read from a file without a copy: the kernel pins the pages meanwhile. */
static void change_direct(struct nv_changing *t)
{
	const int byte = next_byte();
	uint8_t *p = bytes(t, byte);
	int fd = nv_file(nv_disk_folder(), t->size), flags;

	igt_assert_eq(pwrite(fd, p, t->size, 0), t->size);
	flags = fcntl(fd, F_GETFL);
	igt_require_f(!fcntl(fd, F_SETFL, flags | O_DIRECT),
		      "no direct reads\n");
	igt_assert_eq(pread(fd, t->start, t->size, 0), t->size);
	nv_change_set(t, byte);
	close(fd);
	free(p);
}

/* Private pages that differ from the file's go, and the file's are back. */
static void change_dontneed(struct nv_changing *t)
{
	const int byte = next_byte();
	uint8_t *p = bytes(t, byte);

	igt_assert_eq(pwrite(t->area.fd, p, t->size, t->m.first), t->size);
	nv_change_advise(t, MADV_DONTNEED);
	nv_change_set(t, byte);
	free(p);
}

/* Half of a page is cut off: zeros are what is left of it. */
static void change_truncate_inside(struct nv_changing *t)
{
	const size_t cut = NV_PAGE / 2;

	igt_assert_eq(t->m.last, t->m.size);
	nv_mirror_park(&t->m);
	memset(t->start, 0, t->size);
	memset(t->start + t->size - cut, 0xff, cut);
	igt_assert_eq(ftruncate(t->area.fd, t->m.size - cut), 0);
	igt_assert_eq(ftruncate(t->area.fd, t->m.size), 0);
	nv_mirror_set_part(&t->m, 0);
	nv_change_back(t);
}

static void change_remove(struct nv_changing *t)
{
	nv_change_advise(t, MADV_REMOVE);
	nv_change_set(t, 0);
}

static void make_private(struct nv_area *a)
{
	nv_area_map(a, NV_CHANGE_SIZE, READ_WRITE, MAP_PRIVATE,
		    nv_file(nv_disk_folder(), NV_CHANGE_SIZE));
}

/**
 * SUBTEST: %s
 * Description: what its name says happens while a kernel runs
 */
static const struct nv_change rows[] = {
	{ "pwrite-tmpfs", nv_change_shm, 4, 12, NV_SETS, change_pwrite, 0 },
	{ "pwrite-disk", nv_change_disk, 4, 12, NV_SETS, change_pwrite, 0 },
	{ "other-process-tmpfs", nv_change_shm, 4, 12, NV_SETS,
	  change_other_process, 0 },
	{ "other-process-disk", nv_change_disk, 4, 12, NV_SETS,
	  change_other_process, 0 },
	{ "debugger", nv_change_anon, 4, 12, NV_READS, change_poke, 0 },
	{ "debugger-private", make_private, 4, 12, NV_READS, change_poke, 0 },
	{ "process-vm-write", nv_change_anon, 4, 12, NV_SETS, change_vm_write,
	  0 },
	{ "direct-read", nv_change_anon, 4, 12, NV_SETS, change_direct, 0 },
	{ "dontneed-private", make_private, 4, 12, NV_SETS, change_dontneed,
	  0 },
	{ "truncate-inside-tmpfs", nv_change_shm, 12, 16, NV_SETS,
	  change_truncate_inside, 0 },
	{ "truncate-inside-disk", nv_change_disk, 12, 16, NV_SETS,
	  change_truncate_inside, 0 },
	{ "madvise-remove", nv_change_shm, 5, 9, NV_SETS, change_remove, 0 },
};

int main(int argc, char **argv)
{
	nv_change_main(argc, argv, rows, sizeof(rows) / sizeof(rows[0]));
}
