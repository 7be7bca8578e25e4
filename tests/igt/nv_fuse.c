// SPDX-License-Identifier: MIT
/* A file that nobody can read: see nv_fuse.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_fuse.h"

#define NAME		"file"
#define FILE_ID		2ull
#define FILE_SIZE	(1ul << 20)
#define PAGE		4096ul
/* Room for a request, of which the longest is a write. */
#define REQUEST_MAX	(FUSE_MIN_READ_BUFFER + PAGE)
/* What it says of files is true for as long as anybody asks. */
#define VALID_SECONDS	3600

/** union answer - what may follow the header */
union answer {
	struct fuse_init_out init;
	struct fuse_entry_out entry;
	struct fuse_attr_out attr;
	struct fuse_open_out open;
};

static void say(int fd, uint64_t request, int error, const void *data,
		size_t size)
{
	struct fuse_out_header header = {
		.len = sizeof(header) + size,
		.error = error,
		.unique = request,
	};
	struct iovec v[] = {
		{ &header, sizeof(header) },
		{ (void *)data, size },
	};

	/* Whoever asked may be dead. */
	if (writev(fd, v, 2) < 0)
		return;
}

static struct fuse_attr attributes(uint64_t node)
{
	const bool file = node == FILE_ID;

	return (struct fuse_attr) {
		.ino = node,
		.size = file ? FILE_SIZE : 0,
		.blocks = file ? FILE_SIZE / 512 : 0,
		.mode = file ? S_IFREG | 0600 : S_IFDIR | 0700,
		.nlink = 1,
		.blksize = PAGE,
	};
}

/* Return: the size of the answer, -errno, or 0: there is none. */
static int answer(const struct fuse_in_header *in, enum nv_fuse_read reading,
		  union answer *a)
{
	memset(a, 0, sizeof(*a));
	switch (in->opcode) {
	case FUSE_INIT:
		a->init = (struct fuse_init_out) {
			.major = FUSE_KERNEL_VERSION,
			.minor = FUSE_KERNEL_MINOR_VERSION,
			.max_readahead = PAGE,
			.flags = reading == NV_FUSE_DEAF ? 0 : FUSE_ASYNC_READ,
			.max_write = PAGE,
		};
		return sizeof(a->init);
	case FUSE_LOOKUP:
		if (strcmp((const char *)(in + 1), NAME))
			return -ENOENT;
		a->entry.nodeid = FILE_ID;
		a->entry.attr_valid = VALID_SECONDS;
		a->entry.entry_valid = VALID_SECONDS;
		a->entry.attr = attributes(FILE_ID);
		return sizeof(a->entry);
	case FUSE_GETATTR:
		a->attr.attr_valid = VALID_SECONDS;
		a->attr.attr = attributes(in->nodeid);
		return sizeof(a->attr);
	case FUSE_OPEN:
		return sizeof(a->open);
	case FUSE_READ:
		return reading == NV_FUSE_BROKEN ? -EIO : 0;
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return 0;
	default:
		return -ENOSYS;
	}
}

static void serve(const struct nv_fuse *f, int fd, enum nv_fuse_read reading)
{
	static char request[REQUEST_MAX]
		__attribute__((aligned(sizeof(uint64_t))));
	const struct fuse_in_header *in = (const void *)request;
	union answer a;
	int size;

	for (;;) {
		if (read(fd, request, sizeof(request)) < (int)sizeof(*in)) {
			/* Someone has changed his mind. */
			if (errno == ENOENT || errno == EINTR)
				continue;
			_exit(0);
		}
		if (in->opcode == FUSE_READ)
			(*f->reads)++;
		size = answer(in, reading, &a);
		if (size)
			say(fd, in->unique, size < 0 ? size : 0, &a,
			    size < 0 ? 0 : size);
	}
}

void nv_fuse_start(struct nv_fuse *f, enum nv_fuse_read reading)
{
	char options[80];
	int fd;

	fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	igt_require_f(fd >= 0, "/dev/fuse: %s\n", strerror(errno));
	f->reads = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	igt_assert(f->reads != MAP_FAILED);
	snprintf(f->folder, sizeof(f->folder), "/tmp/nv-fuse-XXXXXX");
	igt_assert(mkdtemp(f->folder));
	snprintf(options, sizeof(options),
		 "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	igt_assert_f(!mount("nv", f->folder, "fuse", MS_NOSUID | MS_NODEV,
			    options), "mount: %s\n", strerror(errno));
	f->server = fork();
	igt_assert(f->server >= 0);
	if (!f->server) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(f, fd, reading);
	}
	close(fd);
}

int nv_fuse_open(const struct nv_fuse *f, size_t size)
{
	char path[64];
	int fd;

	igt_assert(size <= FILE_SIZE);
	snprintf(path, sizeof(path), "%s/" NAME, f->folder);
	fd = open(path, O_RDWR | O_CLOEXEC);
	igt_assert_f(fd >= 0, "%s: %s\n", path, strerror(errno));
	return fd;
}

void nv_fuse_end(struct nv_fuse *f)
{
	igt_assert_eq(kill(f->server, SIGKILL), 0);
	igt_assert(waitpid(f->server, NULL, 0) == f->server);
	umount2(f->folder, MNT_DETACH);
	rmdir(f->folder);
	munmap((void *)f->reads, PAGE);
}
