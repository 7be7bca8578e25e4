/* SPDX-License-Identifier: MIT */
/*
 * What GCC 14's -fprofile-arcs makes and calls, as its gcov-io.h and libgcov.h
 * say.
 */
#ifndef NVSVM_COVER_H
#define NVSVM_COVER_H

#include <linux/types.h>

#define COUNTERS	9
#define MAGIC		0x67636461
#define TAG_FUNCTION	0x01000000
#define TAG_COUNTER	0x01a10000
#define TAG_SHIFT	17

struct fn_counters {
	unsigned int num;
	u64 *values;
};

struct object;

struct fn {
	const struct object *key;
	unsigned int ident, lineno_checksum, cfg_checksum;
	struct fn_counters counters[];
};

struct object {
	unsigned int version;
	struct object *next;
	unsigned int stamp, checksum;
	const char *path;
	void (*merge[COUNTERS])(s64 *values, unsigned int n);
	unsigned int nr_fns;
	struct fn **fns;
};

/* A constructor of each object's calls this, when its module is loaded. */
void __gcov_init(struct object *object);
void __gcov_exit(void);
/* That an object has it says which counters it has. */
void __gcov_merge_add(s64 *values, unsigned int n);

#endif
