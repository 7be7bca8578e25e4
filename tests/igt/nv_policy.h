/* SPDX-License-Identifier: MIT */
/* Whether memory moves to VRAM when the GPU faults on it. */
#ifndef NV_POLICY_H
#define NV_POLICY_H

#include <stdbool.h>

/*
 * Say that it does, or that it stays where the CPU has it, until
 * nv_policy_restore() or the program's end: then it is as it was.  False if the
 * driver has no such choice: it stays.
 */
bool nv_policy_moves(bool moves);
void nv_policy_stay(void);	/* nv_policy_moves(false) */
void nv_policy_restore(void);

#endif
