/* SPDX-License-Identifier: MIT */
/* A program whose subtests are one table and share one channel. */
#ifndef NV_MAIN_H
#define NV_MAIN_H

#include <stddef.h>

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

#endif
