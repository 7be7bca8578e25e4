// SPDX-License-Identifier: MIT
/*
 * CPU and GPU pass a ball to and fro while a kernel runs: one malloc()ed word
 * says whose turn it is, other words carry the data, with acquire and release
 * at the scope of all devices.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define WORDS 32
#define DEFAULT_ROUNDS 40

static const char source[] =
"#define SCOPE memory_scope_all_svm_devices\n"
"__kernel void pong(__global atomic_int *turn, __global uint *data,\n"
"		   int rounds)\n"
"{\n"
"	for (int r = 0; r < rounds; r++) {\n"
"		while (atomic_load_explicit(turn, memory_order_acquire,\n"
"					    SCOPE) != 2 * r + 1)\n"
"			;\n"
"		for (int i = 0; i < 32; i++)\n"
"			data[i] = data[i] * 3 + i;\n"
"		atomic_store_explicit(turn, 2 * r + 2,\n"
"				      memory_order_release, SCOPE);\n"
"	}\n"
"}\n";

/** struct table - what both play on; the ball has a page of its own */
struct table {
	_Alignas(4096) atomic_int turn;
	_Alignas(4096) uint32_t data[WORDS];
};

static size_t ping(struct table *t, int rounds)
{
	uint32_t want[WORDS];
	size_t wrong = 0;
	int r, i;

	for (r = 0; r < rounds; r++) {
		for (i = 0; i < WORDS; i++) {
			t->data[i] = r * 100 + i;
			want[i] = t->data[i] * 3 + i;
		}
		atomic_store_explicit(&t->turn, 2 * r + 1,
				      memory_order_release);
		while (atomic_load_explicit(&t->turn, memory_order_acquire) !=
		       2 * r + 2)
			;
		for (i = 0; i < WORDS; i++)
			wrong += t->data[i] != want[i];
	}
	return wrong;
}

int main(int argc, char **argv)
{
	cl_int rounds = size_arg(argc, argv, DEFAULT_ROUNDS);
	struct table *t = aligned_alloc(4096, sizeof(*t));
	size_t one = 1, wrong;
	cl_kernel kernel;
	struct cl cl;

	if (!t)
		return EXIT_FAILURE;
	atomic_init(&t->turn, 0);
	cl_open(&cl);
	kernel = cl_kernel_with(&cl, source, "pong", CL3);
	cl_arg_pointer(kernel, 0, &t->turn);
	cl_arg_pointer(kernel, 1, t->data);
	cl_arg_value(kernel, 2, sizeof(rounds), &rounds);
	cl_check(clEnqueueNDRangeKernel(cl.queue, kernel, 1, NULL, &one, &one,
					0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clFlush(cl.queue), "clFlush");
	wrong = ping(t, rounds);
	cl_check(clFinish(cl.queue), "clFinish");
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(t);
	return verdict("pingpong", wrong, (size_t)rounds * WORDS);
}
