// SPDX-License-Identifier: MIT
/*
 * The CPU produces, the GPU consumes, while both run: a ring of a few records in
 * malloc()ed memory.  The GPU's loads of the records are plain ones: it has
 * loaded each slot before, and must not see again what was in it then.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define SLOTS 8
#define DEFAULT_N 200

static const char source[] =
"#define SCOPE memory_scope_all_svm_devices\n"
"__kernel void consume(__global atomic_uint *head, __global atomic_uint *tail,\n"
"		      __global const uint2 *slots, uint n,\n"
"		      __global uint *wrong)\n"
"{\n"
"	uint bad = 0;\n"
"	for (uint i = 0; i < n; i++) {\n"
"		while (atomic_load_explicit(head, memory_order_acquire,\n"
"					    SCOPE) == i)\n"
"			;\n"
"		uint2 record = slots[i % 8];\n"
"		bad += record.x != i * i || record.y != ~i;\n"
"		atomic_store_explicit(tail, i + 1, memory_order_release,\n"
"				      SCOPE);\n"
"	}\n"
"	*wrong = bad;\n"
"}\n";

/** struct ring - @head the CPU's, @tail the GPU's */
struct ring {
	_Alignas(4096) atomic_uint head;
	_Alignas(4096) atomic_uint tail;
	_Alignas(4096) uint32_t slots[SLOTS][2];
	_Alignas(4096) uint32_t wrong;
};

static void produce(struct ring *ring, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		while (i - atomic_load_explicit(&ring->tail,
						memory_order_acquire) >= SLOTS)
			;
		ring->slots[i % SLOTS][0] = i * i;
		ring->slots[i % SLOTS][1] = ~i;
		atomic_store_explicit(&ring->head, i + 1,
				      memory_order_release);
	}
}

int main(int argc, char **argv)
{
	cl_uint n = size_arg(argc, argv, DEFAULT_N);
	struct ring *ring = aligned_alloc(4096, sizeof(*ring));
	cl_kernel kernel;
	size_t wrong;
	struct cl cl;

	if (!ring)
		return EXIT_FAILURE;
	atomic_init(&ring->head, 0);
	atomic_init(&ring->tail, 0);
	ring->wrong = n;
	cl_open(&cl);
	kernel = cl_kernel_with(&cl, source, "consume", CL3);
	cl_arg_pointer(kernel, 0, &ring->head);
	cl_arg_pointer(kernel, 1, &ring->tail);
	cl_arg_pointer(kernel, 2, ring->slots);
	cl_arg_value(kernel, 3, sizeof(n), &n);
	cl_arg_pointer(kernel, 4, &ring->wrong);
	cl_start(cl.queue, kernel, 1);
	cl_check(clFlush(cl.queue), "clFlush");
	produce(ring, n);
	cl_check(clFinish(cl.queue), "clFinish");
	wrong = ring->wrong;
	wrong += atomic_load(&ring->tail) != n;
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(ring);
	return verdict("consume", wrong, n + 1);
}
