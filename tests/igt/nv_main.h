/* SPDX-License-Identifier: MIT */
/* A program whose subtests are one table and share one channel. */
#ifndef NV_MAIN_H
#define NV_MAIN_H

#include <stddef.h>
#include <stdint.h>

#include "nv_area.h"
#include "nv_device.h"

/** struct nv_subtest - a row of the table */
struct nv_subtest {
	const char *name;
	void (*run)(void);
};

/* Runs what is asked for of them. */
void nv_subtests(const struct nv_subtest *subtests, size_t nr);

/* Opens the device and the channel, runs what is asked for; does not return. */
void nv_main(int argc, char **argv, struct nv_device *dev,
	     struct nv_channel *chan, const struct nv_subtest *subtests,
	     size_t nr) __attribute__((noreturn));
/* The same, with something to be done before. */
void nv_main_after(int argc, char **argv, struct nv_device *dev,
		   struct nv_channel *chan, const struct nv_subtest *subtests,
		   size_t nr, void (*prepare)(void)) __attribute__((noreturn));

/* Makes memory of a size, of small pages or of huge ones. */
typedef void (*nv_make)(struct nv_area *a, size_t size);

/** struct nv_sized - a table whose rows are run for both sizes of page */
struct nv_sized {
	size_t nr;
	const char *(*name)(size_t row);
	void (*run)(size_t row, nv_make make, size_t size);
	/** @small: how much memory of small pages; of huge ones it is one */
	size_t small;
};

/* As nv_main(); with huge pages a name ends with -thp. */
void nv_main_sized(int argc, char **argv, struct nv_device *dev,
		   struct nv_channel *chan, const struct nv_sized *table)
	__attribute__((noreturn));

/*
 * The options of a program that does other things with another seed, --seed=N
 * and --seconds=N, of which @what says in --help what takes so long.
 */
void nv_seeded_options(int argc, char **argv, uint64_t *seed, long *seconds,
		       const char *what);

#endif
