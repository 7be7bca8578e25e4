/* SPDX-License-Identifier: MIT */
/* Memory whose page faults a thread of the process serves: userfaultfd(2). */
#ifndef NV_MONITOR_H
#define NV_MONITOR_H

#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** enum nv_monitor_answer - what a monitor does about a missing page */
enum nv_monitor_answer {
	/** @NV_MONITOR_COPY: gives the page of &nv_monitor.source */
	NV_MONITOR_COPY,
	/** @NV_MONITOR_ZERO: gives zeros */
	NV_MONITOR_ZERO,
	/** @NV_MONITOR_MOVE: moves the page of &nv_monitor.source there */
	NV_MONITOR_MOVE,
	/** @NV_MONITOR_CONTINUE: says that the file's page may be used */
	NV_MONITOR_CONTINUE,
	/** @NV_MONITOR_POISON: says that there is none */
	NV_MONITOR_POISON,
};

/** struct nv_monitor - registered memory and its monitor */
struct nv_monitor {
	/** @p: the memory; @size: bytes of it; @page: bytes of a page of it */
	uint8_t *p;
	size_t size, page;
	/** @source: what belongs there, of the same size */
	uint8_t *source;
	enum nv_monitor_answer answer;
	/** @before: what was in pages when they were first written, or NULL */
	uint8_t *before;
	/** @missing, @writes: faults served so far */
	volatile unsigned int missing, writes;
	/** @fd: the file; @stop: a pipe that ends the monitor */
	int fd, stop[2];
	pthread_t thread;
};

/*
 * Open a file with these flags of userfaultfd(2) and features and register
 * the memory in it.  Skips the test where that is not allowed.
 */
void nv_monitor_register(struct nv_monitor *u, int flags, uint64_t features,
			 uint64_t mode);
/* Serve faults from now on. */
void nv_monitor_start(struct nv_monitor *u);
/* No more; closes the file. */
void nv_monitor_stop(struct nv_monitor *u);

/* Write-protect a part, or let it be written again. */
void nv_monitor_protect(struct nv_monitor *u, size_t first, size_t size,
			bool protect);

#endif
