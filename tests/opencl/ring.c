// SPDX-License-Identifier: MIT
/*
 * The GPU produces, the CPU consumes, while both run: a ring of a few records in
 * malloc()ed memory.  Each waits for the other when it is full, or empty.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define SLOTS 8
#define DEFAULT_N 200

static const char source[] =
"#define SCOPE memory_scope_all_svm_devices\n"
"__kernel void produce(__global atomic_uint *head, __global atomic_uint *tail,\n"
"		      __global uint2 *slots, uint n)\n"
"{\n"
"	for (uint i = 0; i < n; i++) {\n"
"		while (i - atomic_load_explicit(tail, memory_order_acquire,\n"
"						SCOPE) >= 8)\n"
"			;\n"
"		slots[i % 8] = (uint2)(i * i, ~i);\n"
"		atomic_store_explicit(head, i + 1, memory_order_release,\n"
"				      SCOPE);\n"
"	}\n"
"}\n";

/** struct ring - @head the GPU's, @tail the CPU's */
struct ring {
	_Alignas(4096) atomic_uint head;
	_Alignas(4096) atomic_uint tail;
	_Alignas(4096) uint32_t slots[SLOTS][2];
};

static size_t consume(struct ring *ring, uint32_t n)
{
	size_t wrong = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		while (atomic_load_explicit(&ring->head,
					    memory_order_acquire) == i)
			;
		wrong += ring->slots[i % SLOTS][0] != i * i;
		wrong += ring->slots[i % SLOTS][1] != ~i;
		atomic_store_explicit(&ring->tail, i + 1,
				      memory_order_release);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	cl_uint n = size_arg(argc, argv, DEFAULT_N);
	struct ring *ring = aligned_alloc(4096, sizeof(*ring));
	size_t wrong;
	cl_kernel kernel;
	struct cl cl;

	if (!ring)
		return EXIT_FAILURE;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	cl_open(&cl);
	kernel = cl_kernel_with(&cl, source, "produce", CL3);
	cl_arg_pointer(kernel, 0, &ring->head);
	cl_arg_pointer(kernel, 1, &ring->tail);
	cl_arg_pointer(kernel, 2, ring->slots);
	cl_arg_value(kernel, 3, sizeof(n), &n);
	cl_start(cl.queue, kernel, 1);
	cl_check(clFlush(cl.queue), "clFlush");
	wrong = consume(ring, n);
	cl_check(clFinish(cl.queue), "clFinish");
	wrong += atomic_load(&ring->head) != n;
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(ring);
	return verdict("ring", wrong, 2 * n + 1);
}
