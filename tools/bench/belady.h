/* SPDX-License-Identifier: MIT */
/* What an offline-optimal replacement would have moved. */
#ifndef BELADY_H
#define BELADY_H

#include <stddef.h>
#include <stdint.h>

/*
 * Of an access sequence, numbers of granules below @granules, all of which are
 * in RAM at first: how often a granule crosses the bus if at most @capacity of
 * them are in VRAM, and what is there goes that is wanted again last (Belady's
 * MIN).
 *
 * Counted are: 1 for a granule that is brought there, 1 for one that goes, since
 * all of them are written; nothing for those that are there at the end.  A
 * granule that is wanted later than all that are in VRAM is used where it is, for
 * 2.
 */
uint64_t belady(const uint32_t *access, size_t count, uint32_t granules,
		uint32_t capacity);

#endif
