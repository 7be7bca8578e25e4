/* SPDX-License-Identifier: MIT */
/* What the driver counts, read from debugfs. */
#ifndef NV_STATS_H
#define NV_STATS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A counter of the driver's svm_stats file; false if there is no such file
 * (another driver, no debugfs, not root) or counter.
 */
bool nv_stat(const char *name, uint64_t *value);

/* A counter's value; skips the test where there are none. */
uint64_t nv_count(const char *name);

/* "services_in_flight_max" is from now on; false if there is no such counter. */
bool nv_stats_forget_max(void);

/*
 * Wait up to @seconds, or as nv_patience() says, for a counter to become @want.
 * True if it did, or if there are no counters.
 */
bool nv_stat_becomes(const char *name, uint64_t want, unsigned int seconds);

/* The same, for it to be @least or more; false if there are no counters. */
bool nv_stat_reaches(const char *name, uint64_t least, unsigned int seconds);

/* All that was in VRAM leaves it: buffers are freed a little later. */
void nv_assert_vram_empty(void);

/** struct nv_leftovers - what the driver has of all clients together */
struct nv_leftovers {
	/** @clients: address spaces; @ranges: in them; @pages: mapped */
	uint64_t clients, ranges, pages;
	/** @counted: the driver tells */
	bool counted;
};

void nv_leftovers_note(struct nv_leftovers *l);

/*
 * Assert that there is no more than there was; what a process leaves behind
 * may take a few seconds to go.
 */
void nv_leftovers_assert(const struct nv_leftovers *before);

#endif
