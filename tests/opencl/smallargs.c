// SPDX-License-Identifier: MIT
/*
 * Kernels whose last arguments are smaller than a word, each after one that has
 * left other bytes in their place.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define KERNELS 4

static const char source[] =
"__kernel void bytes(__global int *r, char a)\n"
"{\n"
"	r[0] = a;\n"
"}\n"
"__kernel void shorts(__global int *r, short a)\n"
"{\n"
"	r[0] = a;\n"
"}\n"
"__kernel void three(__global int *r, uchar a, uchar b, uchar c)\n"
"{\n"
"	r[0] = a << 16 | b << 8 | c;\n"
"}\n"
"__kernel void dimensions(__global int *r, uint a)\n"
"{\n"
"	r[0] = get_work_dim() * 1000 + a;\n"
"}\n";

static const char *const names[KERNELS] = {
	"bytes", "shorts", "three", "dimensions"
};

static int run(struct cl *cl, size_t i, uint8_t value)
{
	cl_kernel kernel = cl_kernel_from(cl, source, names[i]);
	const int16_t number = -value;
	const uint32_t word = value;
	const size_t ones[3] = { 1, 1, 1 };
	int *r = xmalloc(sizeof(*r)), got;
	uint8_t byte;

	cl_arg_pointer(kernel, 0, r);
	if (i == 0)
		cl_arg_value(kernel, 1, 1, &value);
	else if (i == 1)
		cl_arg_value(kernel, 1, 2, &number);
	else if (i == 3)
		cl_arg_value(kernel, 1, 4, &word);
	for (byte = value; i == 2 && byte < value + 3; byte++)
		cl_arg_value(kernel, byte - value + 1, 1, &byte);
	cl_run(cl, kernel, value % 3 + 1, ones, NULL);
	clReleaseKernel(kernel);
	got = *r;
	free(r);
	return got;
}

static int want(size_t i, uint8_t value)
{
	switch (i) {
	case 0:
		return (int8_t)value;
	case 1:
		return -value;
	case 2:
		return value << 16 | (value + 1) << 8 | (value + 2);
	default:
		return (value % 3 + 1) * 1000 + value;
	}
}

int main(void)
{
	const uint8_t values[] = { 7, 200, 33 };
	size_t i, j, wrong = 0;
	struct cl cl;

	cl_open(&cl);
	for (i = 0; i < sizeof(values); i++) {
		for (j = 0; j < KERNELS; j++) {
			int got = run(&cl, j, values[i]);

			if (got == want(j, values[i]))
				continue;
			printf("%s(%u): %d\n", names[j], values[i], got);
			wrong++;
		}
	}
	cl_close(&cl);
	return verdict("smallargs", wrong, sizeof(values) * KERNELS);
}
