// SPDX-License-Identifier: MIT
/*
 * Data of a file in place: a private mapping, which the kernel changes for this
 * process alone, and a shared one, which it changes for everybody.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "svmcl.h"

#define N 4096
#define SIZE (N * sizeof(uint32_t))

static const char source[] =
"__kernel void add(__global uint *own)\n"
"{\n"
"	own[get_global_id(0)] += 7;\n"
"}\n"
"__kernel void mingle(__global uint *shared, __global const uint *own)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	shared[i] = shared[i] * 3 + own[i];\n"
"}\n";

/* The disk, a file system in memory. */
static const char *const names[] = { "/mnt/mapped", "/tmp/mapped" };

#define N_NAMES (sizeof(names) / sizeof(*names))

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static int new_file(const char *name, uint32_t *data)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	need(fd >= 0, name);
	need(write(fd, data, SIZE) == SIZE, "write");
	return fd;
}

static uint32_t *map(int fd, int kind)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, kind, fd, 0);

	need(p != MAP_FAILED, "mmap");
	return p;
}

static size_t check(int fd, const uint32_t *data, const uint32_t *private)
{
	uint32_t *now = xmalloc(SIZE);
	size_t i, wrong = 0;

	need(pread(fd, now, SIZE, 0) == SIZE, "pread");
	for (i = 0; i < N; i++) {
		wrong += private[i] != data[i] + 7;
		wrong += now[i] != data[i] * 3 + data[i] + 7;
	}
	free(now);
	return wrong;
}

static size_t file(struct cl *cl, const char *name, uint32_t *data)
{
	cl_kernel add = cl_kernel_from(cl, source, "add");
	cl_kernel mix = cl_kernel_from(cl, source, "mingle");
	int fd = new_file(name, data);
	uint32_t *private = map(fd, MAP_PRIVATE);
	uint32_t *shared = map(fd, MAP_SHARED);
	size_t wrong;

	cl_arg_pointer(add, 0, private);
	cl_arg_pointer(mix, 0, shared);
	cl_arg_pointer(mix, 1, private);
	cl_start(cl->queue, add, N);
	cl_start(cl->queue, mix, N);
	cl_check(clFinish(cl->queue), "clFinish");
	need(!msync(shared, SIZE, MS_SYNC), "msync");
	wrong = check(fd, data, private);
	munmap(private, SIZE);
	munmap(shared, SIZE);
	close(fd);
	unlink(name);
	clReleaseKernel(mix);
	clReleaseKernel(add);
	return wrong;
}

int main(void)
{
	uint32_t *data = xmalloc(SIZE), seed = 11;
	size_t i, wrong = 0;
	struct cl cl;

	for (i = 0; i < N; i++)
		data[i] = next_random(&seed);
	cl_open(&cl);
	for (i = 0; i < N_NAMES; i++)
		wrong += file(&cl, names[i], data);
	cl_close(&cl);
	free(data);
	return verdict("mapped", wrong, N_NAMES * 2 * N);
}
