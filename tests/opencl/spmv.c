// SPDX-License-Identifier: MIT
/*
 * A sparse matrix times a vector, in compressed rows.  All values are small
 * whole numbers, so that floats are exact in any order.
 */
#include <stdlib.h>

#include "svmcl.h"

#define MOST 12			/* values in a row */
#define DEFAULT_N 1024

static const char source[] =
"__kernel void spmv(__global const uint *rows, __global const uint *columns,\n"
"		   __global const float *values, __global const float *x,\n"
"		   __global float *y)\n"
"{\n"
"	size_t row = get_global_id(0);\n"
"	float sum = 0;\n"
"	for (uint i = rows[row]; i < rows[row + 1]; i++)\n"
"		sum += values[i] * x[columns[i]];\n"
"	y[row] = sum;\n"
"}\n";

/** struct matrix - n rows, and the vectors */
struct matrix {
	size_t n;
	uint32_t *rows, *columns;
	float *values, *x, *y;
};

static void fill(struct matrix *m)
{
	uint32_t seed = 14, at = 0, row, most;

	for (row = 0; row < m->n; row++) {
		m->rows[row] = at;
		m->x[row] = (float)(next_random(&seed) % 100) - 50;
		for (most = next_random(&seed) % MOST; most; most--) {
			m->columns[at] = next_random(&seed) % m->n;
			m->values[at] = (float)(next_random(&seed) % 50) - 25;
			at++;
		}
	}
	m->rows[m->n] = at;
}

static size_t check(const struct matrix *m)
{
	size_t row, i, wrong = 0;
	float sum;

	for (row = 0; row < m->n; row++) {
		sum = 0;
		for (i = m->rows[row]; i < m->rows[row + 1]; i++)
			sum += m->values[i] * m->x[m->columns[i]];
		wrong += m->y[row] != sum;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), wrong;
	struct matrix m = {
		.n = n,
		.rows = xmalloc((n + 1) * sizeof(*m.rows)),
		.columns = xmalloc(n * MOST * sizeof(*m.columns)),
		.values = xmalloc(n * MOST * sizeof(*m.values)),
		.x = xmalloc(n * sizeof(*m.x)),
		.y = xmalloc(n * sizeof(*m.y)),
	};
	void *const arguments[] = { m.rows, m.columns, m.values, m.x, m.y };
	cl_kernel kernel;
	struct cl cl;
	cl_uint i;

	fill(&m);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "spmv");
	for (i = 0; i < 5; i++)
		cl_arg_pointer(kernel, i, arguments[i]);
	cl_run(&cl, kernel, 1, &n, NULL);
	wrong = check(&m);
	clReleaseKernel(kernel);
	cl_close(&cl);
	for (i = 0; i < 5; i++)
		free(arguments[i]);
	return verdict("spmv", wrong, n);
}
