// SPDX-License-Identifier: MIT
/* A histogram with atomics on memory from malloc(): no increment is lost. */
#include <stdlib.h>
#include <string.h>

#include "svmcl.h"

#define BINS 64
#define DEFAULT_N 16384

static const char source[] =
"__kernel void histogram(__global const uint *data,\n"
"			 volatile __global uint *bins)\n"
"{\n"
"	atomic_inc(&bins[data[get_global_id(0)] % 64]);\n"
"}\n";

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	uint32_t *data = xmalloc(n * sizeof(*data));
	uint32_t *bins = xmalloc(BINS * sizeof(*bins));
	uint32_t want[BINS] = { 0 }, seed = 6;
	cl_kernel kernel;
	struct cl cl;

	memset(bins, 0, BINS * sizeof(*bins));
	for (i = 0; i < n; i++) {
		data[i] = next_random(&seed);
		want[data[i] % BINS]++;
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "histogram");
	cl_arg_pointer(kernel, 0, data);
	cl_arg_pointer(kernel, 1, bins);
	cl_run(&cl, kernel, 1, &n, NULL);

	for (i = 0; i < BINS; i++)
		wrong += bins[i] != want[i];
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(bins);
	free(data);
	return verdict("histogram", wrong, BINS);
}
