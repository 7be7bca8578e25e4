// SPDX-License-Identifier: MIT
/*
 * CPU and GPU count in the same malloc()ed word at the same time, and take the
 * same lock to change two words that must always be equal.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define ITEMS 8
#define DEFAULT_TIMES 20

static const char source[] =
"#define SCOPE memory_scope_all_svm_devices\n"
"__kernel void count(__global atomic_int *counter, int times)\n"
"{\n"
"	for (int i = 0; i < times; i++)\n"
"		atomic_fetch_add_explicit(counter, 1,\n"
"					  memory_order_seq_cst, SCOPE);\n"
"}\n"
"__kernel void pairs(__global atomic_int *lock, __global int *pair,\n"
"		    int times)\n"
"{\n"
"	for (int i = 0; i < times; i++) {\n"
"		while (atomic_exchange_explicit(lock, 1,\n"
"				memory_order_acquire, SCOPE))\n"
"			;\n"
"		int was = pair[0];\n"
"		pair[0] = was + 1;\n"
"		pair[1] += pair[1] == was;\n"
"		atomic_store_explicit(lock, 0, memory_order_release, SCOPE);\n"
"	}\n"
"}\n";

/** struct shared - a page for each of what is fought for */
struct shared {
	_Alignas(4096) atomic_int counter;
	_Alignas(4096) atomic_int lock;
	_Alignas(4096) volatile int pair[2];
};

static void start(struct cl *cl, cl_kernel kernel, size_t items)
{
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &items,
					&items, 0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clFlush(cl->queue), "clFlush");
}

static size_t count(struct cl *cl, struct shared *s, cl_int times)
{
	cl_kernel kernel = cl_kernel_with(cl, source, "count", CL3);
	int want = times * ITEMS + times, i;

	cl_arg_pointer(kernel, 0, &s->counter);
	cl_arg_value(kernel, 1, sizeof(times), &times);
	start(cl, kernel, ITEMS);
	for (i = 0; i < times; i++)
		atomic_fetch_add(&s->counter, 1);
	cl_check(clFinish(cl->queue), "clFinish");
	clReleaseKernel(kernel);
	if (atomic_load(&s->counter) != want)
		printf("counter: %d, not %d\n", atomic_load(&s->counter), want);
	return atomic_load(&s->counter) != want;
}

static size_t pairs(struct cl *cl, struct shared *s, cl_int times)
{
	cl_kernel kernel = cl_kernel_with(cl, source, "pairs", CL3);
	size_t wrong = 0;
	int i;

	cl_arg_pointer(kernel, 0, &s->lock);
	cl_arg_pointer(kernel, 1, (const void *)s->pair);
	cl_arg_value(kernel, 2, sizeof(times), &times);
	start(cl, kernel, 1);
	for (i = 0; i < times; i++) {
		while (atomic_exchange_explicit(&s->lock, 1,
						memory_order_acquire))
			;
		wrong += s->pair[0] != s->pair[1];
		s->pair[0]++;
		s->pair[1]++;
		atomic_store_explicit(&s->lock, 0, memory_order_release);
	}
	cl_check(clFinish(cl->queue), "clFinish");
	clReleaseKernel(kernel);
	printf("pair: %d %d of %d\n", s->pair[0], s->pair[1], 2 * times);
	return wrong + (s->pair[0] != 2 * times) + (s->pair[1] != 2 * times);
}

int main(int argc, char **argv)
{
	cl_int times = size_arg(argc, argv, DEFAULT_TIMES);
	struct shared *s = aligned_alloc(4096, sizeof(*s));
	size_t wrong;
	struct cl cl;

	if (!s)
		return EXIT_FAILURE;
	atomic_init(&s->counter, 0);
	atomic_init(&s->lock, 0);
	s->pair[0] = 0;
	s->pair[1] = 0;
	cl_open(&cl);
	wrong = count(&cl, s, times);
	wrong += pairs(&cl, s, times);
	cl_close(&cl);
	free(s);
	return verdict("together", wrong, times + 3);
}
