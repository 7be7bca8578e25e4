// SPDX-License-Identifier: MIT
/* y = a * x + y in place, twice, the CPU reading and writing in between. */
#include <math.h>
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 65536

static const char source[] =
"__kernel void saxpy(float a, __global const float *x, __global float *y)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	y[i] = fma(a, x[i], y[i]);\n"
"}\n";

/* Compare with what the CPU gets, then let the CPU change every y. */
static size_t check_and_bump(float a, const float *x, float *y, float *want,
			     size_t n)
{
	size_t i, wrong = 0;

	for (i = 0; i < n; i++) {
		want[i] = fmaf(a, x[i], want[i]);
		wrong += y[i] != want[i];
		y[i] += 1.0f;
		want[i] += 1.0f;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	float *x = xmalloc(n * sizeof(*x));
	float *y = xmalloc(n * sizeof(*y));
	float *want = xmalloc(n * sizeof(*want));
	float a = 1.25f;
	uint32_t seed = 4;
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < n; i++) {
		x[i] = next_random(&seed) / 1024.0f;
		y[i] = next_random(&seed) / 1024.0f;
		want[i] = y[i];
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "saxpy");
	cl_arg_value(kernel, 0, sizeof(a), &a);
	cl_arg_pointer(kernel, 1, x);
	cl_arg_pointer(kernel, 2, y);
	for (i = 0; i < 2; i++) {
		cl_run(&cl, kernel, 1, &n, NULL);
		wrong += check_and_bump(a, x, y, want, n);
	}
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(want);
	free(y);
	free(x);
	return verdict("saxpy", wrong, 2 * n);
}
