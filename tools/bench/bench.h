/* SPDX-License-Identifier: MIT */
/* What the workloads share. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct bench_arg - how large a workload is */
struct bench_arg {
	/** @size: bytes, for workloads that go over memory */
	size_t size;
	/** @count: rounds, processes or ranges, for those that count */
	unsigned int count;
	/** @thp: with huge pages */
	bool thp;
	/** @ram: memory stays there, if the driver can be told so */
	bool ram;
	/** @buffers: copies into buffers instead of pointers */
	bool buffers;
	/** @vram_mb: MiB of VRAM that the GPU is to have; 0: as usual */
	unsigned int vram_mb;
};

/** struct bench_workload - one row of the table */
struct bench_workload {
	const char *name;
	/** @floor: the workload that does as much without a GPU, or NULL */
	const char *floor;
	/**
	 * @run: all of it: sets up, measures between bench_begin() and
	 * bench_end(), asserts that the result is right
	 */
	void (*run)(const struct bench_arg *arg);
	struct bench_arg arg;
	/** @units: pages or rounds, what costs are divided by */
	unsigned int units;
};

/* All of a program's; NULL is the last. */
extern const struct bench_workload *const bench_groups[];

/* Terminated by a row without a name. */
extern const struct bench_workload bench_touch[];
extern const struct bench_workload bench_churn[];
extern const struct bench_workload bench_many[];
extern const struct bench_workload bench_oversub[];
extern const struct bench_workload bench_walk[];

/* What lies between these is measured. */
void bench_begin(void);
void bench_end(void);

/* A figure of the workload's own. */
void bench_figure(const char *name, int64_t value);

/* From now on memory goes to VRAM when the GPU faults on it, or stays. */
void bench_migrate(bool moves);

/*
 * Private anonymous memory, untouched, aligned to the size of huge pages; with
 * them or without.
 */
void *bench_alloc(size_t size, bool thp);
void bench_free(void *p, size_t size);

#endif
