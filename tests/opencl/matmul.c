// SPDX-License-Identifier: MIT
/*
 * r = a * b on the GPU, the three matrices from malloc().  Work-groups share
 * tiles through local memory and meet at barriers.
 *
 * usage: matmul [N]	matrices of N x N floats, N a multiple of 16
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svmcl.h"

#define TILE 16
#define DEFAULT_N 64

static const char source[] =
"#define TILE 16\n"
"__kernel void matmul(__global const float *a, __global const float *b,\n"
"		      __global float *r, uint n)\n"
"{\n"
"	__local float ta[TILE][TILE], tb[TILE][TILE];\n"
"	uint x = get_local_id(0), y = get_local_id(1);\n"
"	uint col = get_global_id(0), row = get_global_id(1);\n"
"	float sum = 0.0f;\n"
"	for (uint t = 0; t < n; t += TILE) {\n"
"		ta[y][x] = a[row * n + t + x];\n"
"		tb[y][x] = b[(t + y) * n + col];\n"
"		barrier(CLK_LOCAL_MEM_FENCE);\n"
"		for (uint k = 0; k < TILE; k++)\n"
"			sum += ta[y][k] * tb[k][x];\n"
"		barrier(CLK_LOCAL_MEM_FENCE);\n"
"	}\n"
"	r[row * n + col] = sum;\n"
"}\n";

/* Small whole numbers: sums are exact in float, in any order. */
static void fill(float *m, size_t n, uint32_t seed)
{
	size_t i;

	for (i = 0; i < n * n; i++)
		m[i] = (float)(next_random(&seed) % 17) - 8.0f;
}

static float expected(const float *a, const float *b, size_t n, size_t row,
		      size_t col)
{
	float sum = 0.0f;
	size_t k;

	for (k = 0; k < n; k++)
		sum += a[row * n + k] * b[k * n + col];
	return sum;
}

static size_t compare(const float *a, const float *b, const float *r, size_t n)
{
	size_t row, col, wrong = 0;

	for (row = 0; row < n; row++) {
		for (col = 0; col < n; col++)
			wrong += r[row * n + col] != expected(a, b, n, row, col);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N);
	size_t global[2] = { n, n }, local[2] = { TILE, TILE };
	float *a, *b, *r;
	cl_kernel kernel;
	struct cl cl;
	cl_uint dim;
	int ret;

	if (n % TILE || n > 1u << 14) {
		printf("FAIL: N must be a multiple of %d up to %u\n", TILE,
		       1u << 14);
		return EXIT_FAILURE;
	}
	a = xmalloc(n * n * sizeof(*a));
	b = xmalloc(n * n * sizeof(*b));
	r = xmalloc(n * n * sizeof(*r));
	fill(a, n, 1);
	fill(b, n, 2);
	memset(r, 0xff, n * n * sizeof(*r));

	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "matmul");
	dim = n;
	cl_arg_pointer(kernel, 0, a);
	cl_arg_pointer(kernel, 1, b);
	cl_arg_pointer(kernel, 2, r);
	cl_arg_value(kernel, 3, sizeof(dim), &dim);
	cl_run(&cl, kernel, 2, global, local);

	ret = verdict("matmul", compare(a, b, r, n), n * n);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(r);
	free(b);
	free(a);
	return ret;
}
