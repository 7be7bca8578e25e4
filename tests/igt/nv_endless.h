/* SPDX-License-Identifier: MIT */
/* A kernel that runs until the CPU lets it go. */
#ifndef NV_ENDLESS_H
#define NV_ENDLESS_H

#include "nv_compute.h"

/** struct nv_endless - such a kernel */
struct nv_endless {
	const struct nv_device *dev;
	struct nv_launch launch;
	/** @words: memory of the process that it works on; @size: bytes */
	uint32_t *words;
	size_t size;
};

/*
 * Work on fresh memory, and then wait for a word in it.  Asserts that the
 * kernel has come that far, and waits.
 */
void nv_endless_start(struct nv_endless *e, const struct nv_device *dev,
		      const struct nv_channel *chan);

/* It has neither ended nor died. */
bool nv_endless_running(const struct nv_endless *e);

/* Write the word; asserts that the kernel ends, and what it leaves behind. */
void nv_endless_release(struct nv_endless *e);

/* Wait for the end, which is not ours; as nv_launch_wait(). */
int nv_endless_wait(struct nv_endless *e, unsigned int seconds);

/* What is left of one that is over. */
void nv_endless_free(struct nv_endless *e);

#endif
