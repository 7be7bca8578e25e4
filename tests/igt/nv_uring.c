// SPDX-License-Identifier: MIT
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_uring.h"

/* One request at a time needs no more. */
#define ENTRIES		1

static void *map(const struct nv_uring *u, size_t size, off_t what)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, u->fd, what);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* The kernel tells where in the shared memory everything is. */
static void find(struct nv_uring *u, const struct io_uring_params *params)
{
	uint8_t *rings = u->rings;

	u->head = (void *)(rings + params->sq_off.head);
	u->tail = (void *)(rings + params->sq_off.tail);
	u->mask = (void *)(rings + params->sq_off.ring_mask);
	u->array = (void *)(rings + params->sq_off.array);
	u->cq_head = (void *)(rings + params->cq_off.head);
	u->cq_tail = (void *)(rings + params->cq_off.tail);
	u->cq_mask = (void *)(rings + params->cq_off.ring_mask);
	u->cqes = rings + params->cq_off.cqes;
}

void nv_uring_open(struct nv_uring *u, void *p, size_t size)
{
	struct iovec iov = { .iov_base = p, .iov_len = size };
	struct io_uring_params params = {};

	u->fd = syscall(SYS_io_uring_setup, ENTRIES, &params);
	igt_require_f(u->fd >= 0, "no io_uring: %s\n", strerror(errno));
	igt_assert(params.features & IORING_FEAT_SINGLE_MMAP);
	u->size = params.cq_off.cqes +
		  params.cq_entries * sizeof(struct io_uring_cqe);
	u->sqes_size = params.sq_entries * sizeof(struct io_uring_sqe);
	u->rings = map(u, u->size, IORING_OFF_SQ_RING);
	u->sqes = map(u, u->sqes_size, IORING_OFF_SQES);
	find(u, &params);
	igt_assert_eq(syscall(SYS_io_uring_register, u->fd,
			      IORING_REGISTER_BUFFERS, &iov, 1), 0);
}

void nv_uring_close(struct nv_uring *u)
{
	munmap(u->sqes, u->sqes_size);
	munmap(u->rings, u->size);
	close(u->fd);
}

/* The result of what has been asked for last. */
static int result(struct nv_uring *u)
{
	const unsigned int head = *u->cq_head;
	const struct io_uring_cqe *cqe = u->cqes;
	int res;

	igt_assert(__atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE) != head);
	res = cqe[head & *u->cq_mask].res;
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return res;
}

static void run(struct nv_uring *u, unsigned int opcode, int fd, void *p,
		size_t size)
{
	const unsigned int tail = *u->tail, i = tail & *u->mask;
	struct io_uring_sqe *sqe = (struct io_uring_sqe *)u->sqes + i;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = opcode;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)p;
	sqe->len = size;
	u->array[i] = i;
	__atomic_store_n(u->tail, tail + 1, __ATOMIC_RELEASE);
	igt_assert_eq(syscall(SYS_io_uring_enter, u->fd, 1, 1,
			      IORING_ENTER_GETEVENTS, NULL, 0), 1);
	igt_assert_eq(result(u), size);
}

void nv_uring_write(struct nv_uring *u, int fd, void *p, size_t size)
{
	run(u, IORING_OP_WRITE_FIXED, fd, p, size);
}

void nv_uring_read(struct nv_uring *u, int fd, void *p, size_t size)
{
	run(u, IORING_OP_READ_FIXED, fd, p, size);
}
