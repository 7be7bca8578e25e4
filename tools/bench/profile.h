/* SPDX-License-Identifier: MIT */
/* Where a workload's instructions go. */
#ifndef PROFILE_H
#define PROFILE_H

/* What lies between these is sampled, on all that the CPU does. */
void profile_begin(void);

/*
 * Prints lines "profile TAB SAMPLES TAB ALL TAB SELF TAB FUNCTION", most first:
 * how many samples there are, and how many of them are in a function and what
 * it calls, and in it alone.
 */
void profile_end(void);

#endif
