/* SPDX-License-Identifier: MIT */
/*
 * Allocations or DMA mappings that fail, one after the other: fail-nth of a
 * kernel that can inject faults (Documentation/fault-injection/
 * fault-injection.rst), and for DMA of tests/vm/inject/.
 */
#ifndef NV_INJECT_H
#define NV_INJECT_H

#include <stdbool.h>
#include <sys/types.h>

/** enum nv_inject_what - what fails */
enum nv_inject_what {
	NV_INJECT_MEMORY,	/* allocations */
	NV_INJECT_DMA,		/* DMA mappings */
};

/* Threads of the kernel's that do work for whoever asks, at most. */
#define NV_INJECT_WORKERS	64

/** struct nv_inject - who is to meet failures, and which one is next */
struct nv_inject {
	/** @fds: fail-nth of each of these tasks */
	int fds[NV_INJECT_WORKERS];
	/** @nr_fds: how many; 0: whoever it is */
	unsigned int nr_fds;
	/** @nth: how many allocations from now on the one is that fails */
	unsigned int nth;
};

/* Skips the test if the kernel can't; sets it up. */
void nv_inject_require(void);

/* From now on this is what fails, and is counted, for everybody. */
void nv_inject_choose(enum nv_inject_what what);

/*
 * Failures for the calling thread, or for the kernel's thread that serves the
 * faults of its process, or for whichever of those threads that there are now
 * does work of no CPU's own; or, of DMA mappings of single pages, for whoever
 * makes them in a function of the kernel's, or in what that calls.
 */
void nv_inject_open(struct nv_inject *inject);
void nv_inject_open_worker(struct nv_inject *inject);
void nv_inject_open_workers(struct nv_inject *inject);
void nv_inject_open_anybody(struct nv_inject *inject, const char *function);
void nv_inject_close(struct nv_inject *inject);

/* From now on, of what has been chosen, only that in this function; nor that. */
void nv_inject_only_in(const char *function);
void nv_inject_not_in(const char *function);

/* From now on one allocation fails: of the first, second, ... call. */
void nv_inject_arm(struct nv_inject *inject);

/*
 * None fails from now on.  False if none has: there were not so many, and all
 * that there are have had their turn.
 */
bool nv_inject_disarm(struct nv_inject *inject);

/* From now on no huge page of RAM is to be had, by nobody; or again. */
void nv_inject_no_huge(bool none);

/* How many DMA mappings the driver has; asserts that the kernel counts them. */
long nv_inject_mappings(void);

#endif
