/* SPDX-License-Identifier: MIT */
/*
 * A program that says anything to the driver, with any arguments, while it
 * changes its memory and lets the GPU loose on it, in an order that a seed
 * decides.  Nothing that it does has to work.
 */
#ifndef NV_HOSTILE_H
#define NV_HOSTILE_H

#include <stdint.h>

/*
 * Do so, as a process of its own with several threads, until somebody kills it
 * or it ends by itself: well, or by a signal, as it makes a mess of its own
 * memory.
 */
void nv_hostile_run(uint64_t seed) __attribute__((noreturn));

#endif
