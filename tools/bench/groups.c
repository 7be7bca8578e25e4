// SPDX-License-Identifier: MIT
/* All workloads of the program that needs no Mesa. */
#include <stddef.h>

#include "bench.h"

const struct bench_workload *const bench_groups[] = {
	bench_touch, bench_churn, bench_many, bench_oversub,
	bench_walk, NULL,
};
