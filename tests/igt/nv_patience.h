/* SPDX-License-Identifier: MIT */
/* How long to wait for what comes for certain, if nothing is wrong. */
#ifndef NV_PATIENCE_H
#define NV_PATIENCE_H

/*
 * What to wait at most, in seconds, for what has @seconds on the stock kernel:
 * more on one that looks for mistakes in each access.
 */
unsigned int nv_patience(unsigned int seconds);

#endif
