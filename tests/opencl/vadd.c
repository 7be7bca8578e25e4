// SPDX-License-Identifier: MIT
/* Vector addition on memory from malloc(). */
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 65536

static const char source[] =
"__kernel void vadd(__global const int *a, __global const int *b,\n"
"		    __global int *r)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	r[i] = a[i] + b[i];\n"
"}\n";

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	uint32_t seed = 3;
	int *a = xmalloc(n * sizeof(*a));
	int *b = xmalloc(n * sizeof(*b));
	int *r = xmalloc(n * sizeof(*r));
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < n; i++) {
		a[i] = next_random(&seed);
		b[i] = next_random(&seed);
		r[i] = -1;
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "vadd");
	cl_arg_pointer(kernel, 0, a);
	cl_arg_pointer(kernel, 1, b);
	cl_arg_pointer(kernel, 2, r);
	cl_run(&cl, kernel, 1, &n, NULL);

	for (i = 0; i < n; i++)
		wrong += r[i] != a[i] + b[i];
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(r);
	free(b);
	free(a);
	return verdict("vadd", wrong, n);
}
