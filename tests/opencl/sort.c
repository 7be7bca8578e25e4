// SPDX-License-Identifier: MIT
/* Bitonic sort of malloc()ed words in place, a kernel for each stage. */
#include <stdlib.h>
#include <string.h>

#include "svmcl.h"

#define DEFAULT_N 1024		/* a power of two */

static const char source[] =
"__kernel void stage(__global int *v, uint distance, uint run)\n"
"{\n"
"	uint i = get_global_id(0);\n"
"	uint j = i ^ distance;\n"
"	if (j < i)\n"
"		return;\n"
"	int a = v[i], b = v[j];\n"
"	if ((a > b) == !(i & run)) {\n"
"		v[i] = b;\n"
"		v[j] = a;\n"
"	}\n"
"}\n";

static int compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static void sort(struct cl *cl, cl_kernel kernel, int32_t *v, size_t n)
{
	cl_uint run, distance;

	cl_arg_pointer(kernel, 0, v);
	for (run = 2; run <= n; run *= 2) {
		for (distance = run / 2; distance; distance /= 2) {
			cl_arg_value(kernel, 1, sizeof(distance), &distance);
			cl_arg_value(kernel, 2, sizeof(run), &run);
			cl_start(cl->queue, kernel, n);
		}
	}
	cl_check(clFinish(cl->queue), "clFinish");
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	int32_t *v = xmalloc(n * sizeof(*v)), *want = xmalloc(n * sizeof(*v));
	uint32_t seed = 13;
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < n; i++)
		v[i] = (int32_t)(next_random(&seed) << 8);
	memcpy(want, v, n * sizeof(*v));
	qsort(want, n, sizeof(*want), compare);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "stage");
	sort(&cl, kernel, v, n);
	for (i = 0; i < n; i++)
		wrong += v[i] != want[i];
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(want);
	free(v);
	return verdict("sort", wrong, n);
}
