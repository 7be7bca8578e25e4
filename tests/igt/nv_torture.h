/* SPDX-License-Identifier: MIT */
/*
 * Memory that everything happens to, in an order that a seed decides, and a
 * shadow of what must be in it.
 */
#ifndef NV_TORTURE_H
#define NV_TORTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nv_device.h"

/** struct nv_torture - memory, who works on it, and how far he is */
struct nv_torture {
	/** @dev: the device; @seed: of the program; @id: which one this is */
	const struct nv_device *dev;
	uint64_t seed;
	unsigned int id;
	/** @maps: for writing: nobody else may map anything meanwhile */
	pthread_rwlock_t *maps;
	/** @stop: it is time to end */
	const volatile bool *stop;
	struct nv_channel chan;
	/** @p: the memory; @aside: addresses kept for some of it to go to */
	uint8_t *p, *aside;
	uint32_t *shadow;
	/** @random: state of the generator */
	uint64_t random;
	/** @ops: things done so far; @what: the last one of them */
	uint64_t ops;
	const char *what;
	/** @checked: words that were compared */
	uint64_t checked;
	/** @done: it has come to its end, and all was well */
	bool done;
};

/*
 * Until it is time to end: something to some part of the memory, over and
 * over.  The memory is made before and unmapped after.  Asserts that it holds
 * what it must, and that whatever has to work does.
 */
void nv_torture_run(struct nv_torture *t);

/* Of one process. */
#define NV_TORTURE_THREADS	3

/** struct nv_torture_sum - what several have done; processes share it */
struct nv_torture_sum {
	uint64_t ops, checked;
};

/*
 * For so many seconds: threads with numbers from @id on, which have a device in
 * common, and each memory of its own.
 */
void nv_torture_process(uint64_t seed, unsigned int id, unsigned int threads,
			long seconds, struct nv_torture_sum *sum);

#endif
