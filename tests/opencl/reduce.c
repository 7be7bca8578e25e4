// SPDX-License-Identifier: MIT
/*
 * A sum by tree reduction in local memory, one partial sum a work-group, which
 * the CPU adds up straight from the memory the GPU wrote.
 */
#include <stdlib.h>
#include <string.h>

#include "svmcl.h"

#define GROUP 128
#define DEFAULT_N 32768

static const char source[] =
"__kernel void reduce(__global const uint *in, __global ulong *partial,\n"
"		      __local ulong *tree)\n"
"{\n"
"	uint l = get_local_id(0);\n"
"	tree[l] = in[get_global_id(0)];\n"
"	barrier(CLK_LOCAL_MEM_FENCE);\n"
"	for (uint half_ = get_local_size(0) / 2; half_; half_ /= 2) {\n"
"		if (l < half_)\n"
"			tree[l] += tree[l + half_];\n"
"		barrier(CLK_LOCAL_MEM_FENCE);\n"
"	}\n"
"	if (!l)\n"
"		partial[get_group_id(0)] = tree[0];\n"
"}\n";

/* How many groups have a wrong partial sum. */
static size_t compare(const uint32_t *in, const uint64_t *partial,
		      size_t groups)
{
	size_t g, i, wrong = 0;

	for (g = 0; g < groups; g++) {
		uint64_t want = 0;

		for (i = 0; i < GROUP; i++)
			want += in[g * GROUP + i];
		wrong += partial[g] != want;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N) / GROUP * GROUP;
	size_t groups = n / GROUP, local = GROUP, i, wrong;
	uint32_t *in = xmalloc(n * sizeof(*in));
	uint64_t *partial = xmalloc(groups * sizeof(*partial));
	uint32_t seed = 8;
	cl_kernel kernel;
	struct cl cl;

	if (!n)
		return EXIT_FAILURE;
	for (i = 0; i < n; i++)
		in[i] = next_random(&seed) << 8;
	memset(partial, 0xff, groups * sizeof(*partial));
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "reduce");
	cl_arg_pointer(kernel, 0, in);
	cl_arg_pointer(kernel, 1, partial);
	cl_arg_local(kernel, 2, GROUP * sizeof(*partial));
	cl_run(&cl, kernel, 1, &n, &local);

	wrong = compare(in, partial, groups);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(partial);
	free(in);
	return verdict("reduce", wrong, groups);
}
