/* SPDX-License-Identifier: MIT */
/*
 * A process that minds its own business on the GPU while others misbehave: its
 * kernels work all the time, and its memory is its own.
 */
#ifndef NV_BYSTANDER_H
#define NV_BYSTANDER_H

#include <stdbool.h>
#include <stdint.h>

/** struct nv_bystander - what it and the test tell each other */
struct nv_bystander {
	/** @stop: it is to end */
	volatile bool stop;
	/** @rounds: kernels whose results were right */
	volatile uint64_t rounds;
};

/* A child of the test.  Asserts that its first kernels work. */
struct nv_bystander *nv_bystander_start(void);

/* Asserts that so many more kernels work, the next within @seconds each. */
void nv_bystander_goes_on(const struct nv_bystander *b, unsigned int rounds,
			  unsigned int seconds);

/*
 * Wait for it and all other children of the test.  Asserts that it has been
 * right all the time.
 */
void nv_bystander_end(struct nv_bystander *b);

#endif
