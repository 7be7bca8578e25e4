/* SPDX-License-Identifier: MIT */
/* An io_uring that does one thing at a time, with one fixed buffer. */
#ifndef NV_URING_H
#define NV_URING_H

#include <stdbool.h>
#include <stddef.h>

/** struct nv_uring - a ring */
struct nv_uring {
	int fd;
	/** @rings: what the kernel shares of it, @size bytes */
	void *rings;
	size_t size;
	/** @sqes: requests, @sqes_size bytes */
	void *sqes;
	size_t sqes_size;
	/** @head, @tail, @mask, @array: of requests, in @rings */
	unsigned int *head, *tail, *mask, *array;
	/** @cq_head, @cq_tail, @cq_mask: of results */
	unsigned int *cq_head, *cq_tail, *cq_mask;
	/** @cqes: results */
	void *cqes;
};

/*
 * The kernel holds on to the pages of @p until it is closed.  Skips the test
 * where there is no io_uring.
 */
void nv_uring_open(struct nv_uring *u, void *p, size_t size);
void nv_uring_close(struct nv_uring *u);

/* Write the buffer to the begin of a file, or read it from there. */
void nv_uring_write(struct nv_uring *u, int fd, void *p, size_t size);
void nv_uring_read(struct nv_uring *u, int fd, void *p, size_t size);

#endif
