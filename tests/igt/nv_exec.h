/* SPDX-License-Identifier: MIT */
/*
 * Kernels on memory that is allocated, changed and freed around them, checked
 * byte by byte: what the sections of nouveau_svm_catalogue are made of.
 *
 * Kernel number k reads a warp's words, which the CPU has filled with tags,
 * adds k + 1 and writes the sums beside them.
 */
#ifndef NV_EXEC_H
#define NV_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nv_area.h"
#include "nv_device.h"

/* Where the memory is from; the first is the default. */
#define NV_EXEC_MALLOC		0u
#define NV_EXEC_MMAP		(1u << 0)	/* anonymous and private */
#define NV_EXEC_SHARED		(1u << 1)	/* mapped, and shared */
#define NV_EXEC_FILE		(1u << 2)	/* a file on a disk, shared */
#define NV_EXEC_HUGE		(1u << 3)	/* with huge pages */
/* How long it lives. */
#define NV_EXEC_NEW		(1u << 4)	/* more for each kernel */
#define NV_EXEC_FREE		(1u << 5)	/* and the old is freed first */
/* What is done to it before a kernel. */
#define NV_EXEC_NO_FILL		(1u << 6)	/* nothing: zeros */
#define NV_EXEC_PREFETCH	(1u << 7)	/* moved to the GPU, on request */
#define NV_EXEC_LOCK		(1u << 8)	/* mlock() */
#define NV_EXEC_FORK_READ	(1u << 9)	/* a child keeps the old words */
/* While it runs, the CPU works on other words of the same pages. */
#define NV_EXEC_RACE		(1u << 10)
/* All threads of a kernel touch pages of their own. */
#define NV_EXEC_MULTI_FAULT	(1u << 11)
/* After a kernel. */
#define NV_EXEC_FORK_AFTER	(1u << 12)	/* a child finds the new words */
#define NV_EXEC_REMAP		(1u << 13)	/* it moves */
#define NV_EXEC_DONTUNMAP	(1u << 14)	/* and leaves a mapping behind */
#define NV_EXEC_CHECK_OLD	(1u << 15)	/* in which the GPU finds zeros */
#define NV_EXEC_READ_ONLY	(1u << 16)	/* the GPU reads it read-only */

/** struct nv_exec_shape - how much is done */
struct nv_exec_shape {
	const char *name;
	/** @kernels: how many; @channels: to how many channels they go */
	unsigned int kernels, channels;
	/** @size: bytes of an allocation, a multiple of a warp of pages */
	size_t size;
	/** @spread: threads are pages apart; else their words adjoin */
	bool spread;
};

/** struct nv_exec - one program's run of a shape */
struct nv_exec {
	const struct nv_device *dev;
	const struct nv_exec_shape *shape;
	unsigned int flags;
	/** @seed: of the tags; changes as they are made */
	uint32_t seed;
	/** @chans: &nv_exec_shape.channels of them */
	struct nv_channel *chans;
	/** @area: the memory; @shadow: what must be in it */
	struct nv_area area;
	uint8_t *shadow;
	/** @kept: areas that only the end frees */
	struct nv_area *kept;
	unsigned int nr_kept;
};

/* The whole run.  Asserts that all is right. */
void nv_exec_run(const struct nv_device *dev, const struct nv_exec_shape *shape,
		 unsigned int flags, uint32_t seed);

/* Pseudo random numbers; a seed gives the same ones each time. */
uint32_t nv_random(uint32_t *seed);

#endif
