// SPDX-License-Identifier: MIT
/*
 * Divergent control flow: neighbours take different branches, loop a
 * different number of times, and leave loops early (Collatz steps).
 */
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 4096
#define MAX_STEPS 120

static const char source[] =
"__kernel void collatz(__global const uint *start, __global int *steps)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	uint v = start[i];\n"
"	int n = 0;\n"
"	while (v != 1) {\n"
"		if (n == 120) {\n"
"			n = -1;\n"
"			break;\n"
"		}\n"
"		if (v & 1)\n"
"			v = 3 * v + 1;\n"
"		else\n"
"			v >>= 1;\n"
"		n++;\n"
"	}\n"
"	steps[i] = n;\n"
"}\n";

static int32_t collatz(uint32_t v)
{
	int32_t n;

	for (n = 0; v != 1; n++) {
		if (n == MAX_STEPS)
			return -1;
		v = v & 1 ? 3 * v + 1 : v >> 1;
	}
	return n;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	uint32_t *start = xmalloc(n * sizeof(*start));
	int32_t *steps = xmalloc(n * sizeof(*steps));
	uint32_t seed = 7;
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < n; i++) {
		start[i] = next_random(&seed) % 10000 + 1;
		steps[i] = -2;
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "collatz");
	cl_arg_pointer(kernel, 0, start);
	cl_arg_pointer(kernel, 1, steps);
	cl_run(&cl, kernel, 1, &n, NULL);

	for (i = 0; i < n; i++)
		wrong += steps[i] != collatz(start[i]);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(steps);
	free(start);
	return verdict("diverge", wrong, n);
}
