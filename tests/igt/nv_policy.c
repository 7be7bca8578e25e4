// SPDX-License-Identifier: MIT
/* Whether memory moves to VRAM when the GPU faults on it: see nv_policy.h. */
#include "igt_abi.h"
#include "nv_area.h"
#include "nv_policy.h"

#define MIGRATE		"/sys/module/nouveau/parameters/svm_migrate"

static long before = -1;

void nv_policy_restore(void)
{
	if (before >= 0)
		nv_set_number(MIGRATE, before);
}

static void restore(int sig)
{
	(void)sig;
	nv_policy_restore();
}

bool nv_policy_moves(bool moves)
{
	if (before < 0) {
		before = nv_get_number(MIGRATE);
		if (before < 0)
			return false;
		igt_install_exit_handler(restore);
	}
	return nv_set_number(MIGRATE, moves);
}

void nv_policy_stay(void)
{
	nv_policy_moves(false);
}
