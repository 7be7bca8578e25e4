// SPDX-License-Identifier: MIT
/*
 * CPU and GPU take turns behind a lock, one malloc()ed word, while both run.
 * What the lock protects are plain words: each adds one to all of them, and
 * finds them equal, or the lock was none.  The CPU also counts its turns, which
 * the GPU only reads: it must not see a count from before it had the lock.
 */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define WORDS 40	/* more than a line of any cache */
#define DEFAULT_ROUNDS 30

static const char source[] =
"#define SCOPE memory_scope_all_svm_devices\n"
"__kernel void add(__global atomic_int *lock, __global uint *data,\n"
"		  __global const uint *turns, uint words, uint rounds,\n"
"		  __global uint *wrong)\n"
"{\n"
"	uint bad = 0;\n"
"	for (uint r = 0; r < rounds; r++) {\n"
"		int free = 0;\n"
"		while (!atomic_compare_exchange_strong_explicit(lock, &free,\n"
"				1, memory_order_acquire,\n"
"				memory_order_relaxed, SCOPE))\n"
"			free = 0;\n"
"		bad += data[0] != *turns + r;\n"
"		for (uint i = 0; i < words; i++) {\n"
"			bad += data[i] != data[0] + (i ? -1 : 0);\n"
"			data[i]++;\n"
"		}\n"
"		atomic_store_explicit(lock, 0, memory_order_release, SCOPE);\n"
"	}\n"
"	*wrong = bad;\n"
"}\n";

/** struct shared - the lock has a page of its own */
struct shared {
	_Alignas(4096) atomic_int lock;
	_Alignas(4096) uint32_t data[WORDS];
	_Alignas(4096) uint32_t turns;
	_Alignas(4096) uint32_t wrong;
};

static size_t add(struct shared *s, uint32_t rounds)
{
	size_t wrong = 0;
	uint32_t r, i;
	int unlocked;

	for (r = 0; r < rounds; r++) {
		do {
			sched_yield();
			unlocked = 0;
		} while (!atomic_compare_exchange_strong_explicit(&s->lock,
				&unlocked, 1, memory_order_acquire,
				memory_order_relaxed));
		for (i = 0; i < WORDS; i++) {
			wrong += s->data[i] != s->data[0] - (i ? 1 : 0);
			s->data[i]++;
		}
		s->turns++;
		atomic_store_explicit(&s->lock, 0, memory_order_release);
	}
	return wrong;
}

static size_t check(const struct shared *s, uint32_t rounds)
{
	size_t wrong = s->wrong;
	uint32_t i;

	for (i = 0; i < WORDS; i++)
		wrong += s->data[i] != 2 * rounds;
	return wrong;
}

int main(int argc, char **argv)
{
	cl_uint rounds = size_arg(argc, argv, DEFAULT_ROUNDS), words = WORDS;
	struct shared *s = aligned_alloc(4096, sizeof(*s));
	cl_kernel kernel;
	size_t wrong;
	struct cl cl;
	int i;

	if (!s)
		return EXIT_FAILURE;
	atomic_init(&s->lock, 0);
	for (i = 0; i < WORDS; i++)
		s->data[i] = 0;
	s->turns = 0;
	s->wrong = 1;
	cl_open(&cl);
	kernel = cl_kernel_with(&cl, source, "add", CL3);
	cl_arg_pointer(kernel, 0, &s->lock);
	cl_arg_pointer(kernel, 1, s->data);
	cl_arg_pointer(kernel, 2, &s->turns);
	cl_arg_value(kernel, 3, sizeof(words), &words);
	cl_arg_value(kernel, 4, sizeof(rounds), &rounds);
	cl_arg_pointer(kernel, 5, &s->wrong);
	cl_start(cl.queue, kernel, 1);
	cl_check(clFlush(cl.queue), "clFlush");
	wrong = add(s, rounds);
	cl_check(clFinish(cl.queue), "clFinish");
	wrong += check(s, rounds);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(s);
	return verdict("lock", wrong, (size_t)rounds * WORDS * 2);
}
