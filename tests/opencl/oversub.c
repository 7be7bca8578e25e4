// SPDX-License-Identifier: MIT
/*
 * More data than the GPU has memory: each part of it is to be moved there, which
 * moves others away or does not succeed, and is worked on twice; the CPU looks
 * at all of it in between.
 *
 * usage: oversub [MIB]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "svmcl.h"

#define MIB (1ul << 20)
#define DEFAULT_MIB 576		/* the virtual GPU has 512 */
#define PART (32 * MIB)
#define STEP 65536		/* bytes from one word that is used to the next */
#define WORDS (PART / STEP)

static const char source[] =
"__kernel void work(__global uint *p, uint by)\n"
"{\n"
"	size_t i = get_global_id(0) * 16384;\n"
"	p[i] = p[i] * 3 + by;\n"
"}\n";

static cl_kernel kernel;

static uint32_t *word(uint8_t *p, size_t i)
{
	return (uint32_t *)(p + i * STEP);
}

static void work(struct cl *cl, uint8_t *p, size_t size, cl_uint by)
{
	const size_t part = PART;
	const void *at;
	size_t i;

	for (i = 0; i < size; i += PART) {
		at = p + i;
		cl_check(clEnqueueSVMMigrateMem(cl->queue, 1, &at, &part, 0, 0,
						NULL, NULL),
			 "clEnqueueSVMMigrateMem");
		cl_arg_pointer(kernel, 0, at);
		cl_arg_value(kernel, 1, sizeof(by), &by);
		cl_start(cl->queue, kernel, WORDS);
	}
	cl_check(clFinish(cl->queue), "clFinish");
}

int main(int argc, char **argv)
{
	size_t size = size_arg(argc, argv, DEFAULT_MIB) * MIB / PART * PART;
	size_t n = size / STEP, i, wrong = 0;
	struct cl cl;
	uint8_t *p;

	p = mmap(NULL, size + 2 * MIB, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return EXIT_FAILURE;
	p += -(uintptr_t)p % (2 * MIB);
	madvise(p, size, MADV_HUGEPAGE);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "work");
	for (i = 0; i < n; i++)
		*word(p, i) = i;
	work(&cl, p, size, 1);
	for (i = 0; i < n; i++)
		wrong += *word(p, i) != 3 * i + 1;
	work(&cl, p, size, 2);
	for (i = 0; i < n; i++)
		wrong += *word(p, i) != 9 * i + 5;
	clReleaseKernel(kernel);
	cl_close(&cl);
	return verdict("oversub", wrong, 2 * n);
}
