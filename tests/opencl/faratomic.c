// SPDX-License-Identifier: MIT
/*
 * Atomics far from the pointer they are given, by constant offsets that do and
 * do not fit into an instruction, with and without a result.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define WORDS 0x90000

static const char source[] =
"__kernel void far(__global int *p, __global int *old)\n"
"{\n"
"	atomic_add(p + 0x1ffff, 1);\n"
"	atomic_add(p + 0x20000, 2);\n"
"	atomic_add(p + 0x40000, 3);\n"
"	atomic_add(p + 0x80000, 4);\n"
"	old[0] = atomic_add(p + 0x1fffe, 5);\n"
"	old[1] = atomic_xchg(p + 0x40001, 6);\n"
"	old[2] = atomic_cmpxchg(p + 0x80001, 8, 7);\n"
"	__global int *end = p + 0x8ffff;\n"
"	atomic_add(end - 0x4ffff, 10);\n"
"}\n";

static const struct {
	size_t at;
	int add;
} expected[] = {
	{ 0x1ffff, 1 }, { 0x20000, 2 }, { 0x40000, 3 + 10 }, { 0x80000, 4 },
	{ 0x1fffe, 5 },
};

#define N_EXPECTED (sizeof(expected) / sizeof(*expected))

int main(void)
{
	int *p = xmalloc(WORDS * sizeof(*p));
	int *want = xmalloc(WORDS * sizeof(*want));
	int *old = xmalloc(3 * sizeof(*old));
	size_t one = 1, i, wrong = 0;
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < WORDS; i++) {
		p[i] = i & 0xff;
		want[i] = p[i];
	}
	p[0x80001] = 8;
	for (i = 0; i < N_EXPECTED; i++)
		want[expected[i].at] += expected[i].add;
	want[0x40001] = 6;
	want[0x80001] = 7;
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "far");
	cl_arg_pointer(kernel, 0, p);
	cl_arg_pointer(kernel, 1, old);
	cl_run(&cl, kernel, 1, &one, &one);
	for (i = 0; i < WORDS; i++)
		wrong += p[i] != want[i];
	wrong += old[0] != 0xfe;
	wrong += old[1] != 1;
	wrong += old[2] != 8;
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(old);
	free(want);
	free(p);
	return verdict("faratomic", wrong, WORDS + 3);
}
