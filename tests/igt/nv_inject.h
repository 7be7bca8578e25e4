/* SPDX-License-Identifier: MIT */
/*
 * Allocations that fail, one after the other: fail-nth of a kernel that can
 * inject faults (Documentation/fault-injection/fault-injection.rst).
 */
#ifndef NV_INJECT_H
#define NV_INJECT_H

#include <stdbool.h>
#include <sys/types.h>

/** struct nv_inject - who is to meet failures, and which one is next */
struct nv_inject {
	/** @fd: the task's fail-nth */
	int fd;
	/** @nth: how many allocations from now on the one is that fails */
	unsigned int nth;
};

/* Skips the test if the kernel can't; sets it up. */
void nv_inject_require(void);

/*
 * Failures for the calling thread, or for the kernel's thread that serves the
 * faults of its process.
 */
void nv_inject_open(struct nv_inject *inject);
void nv_inject_open_worker(struct nv_inject *inject);
void nv_inject_close(struct nv_inject *inject);

/* From now on one allocation fails: of the first, second, ... call. */
void nv_inject_arm(struct nv_inject *inject);

/*
 * None fails from now on.  False if none has: there were not so many, and all
 * that there are have had their turn.
 */
bool nv_inject_disarm(struct nv_inject *inject);

/* From now on no huge page of RAM is to be had, by nobody; or again. */
void nv_inject_no_huge(bool none);

#endif
