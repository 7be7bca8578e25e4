// SPDX-License-Identifier: MIT
/*
 * clEnqueueSVMMemcpy, MemFill, MigrateMem and Free on memory of the system and
 * clSVMAlloc(), in an in-order queue behind kernels that are still at work:
 * each sees what the kernels before it did.
 *
 * Meanwhile a thread maps, drops and unmaps the pages next to that of the
 * system, so that the GPU loses its translations all the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "area.h"
#include "svmcl.h"

#define N 4096
#define SLOWNESS 200
#define DEFAULT_ROUNDS 6

/* Takes its time, then adds 1 to each. */
static const char source[] =
"__kernel void slow(__global uint *p, uint slowness)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	uint x = p[i];\n"
"	for (uint n = 0; n < slowness; n++)\n"
"		x = x * 5 + 3;\n"
"	for (uint n = 0; n < slowness; n++)\n"
"		x = (x - 3) * 0xcccccccdu;\n"
"	p[i] = x + 1;\n"
"}\n";

static void enqueue_slow(struct cl *cl, cl_kernel kernel, void *p)
{
	const cl_uint slowness = SLOWNESS;
	size_t n = N;

	cl_arg_pointer(kernel, 0, p);
	cl_arg_value(kernel, 1, sizeof(slowness), &slowness);
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &n, NULL, 0,
					NULL, NULL), "clEnqueueNDRangeKernel");
}

static size_t round_of(struct cl *cl, cl_kernel kernel, uint32_t *a,
		       uint32_t *b, uint32_t round)
{
	size_t size = N * sizeof(*a), wrong = 0, i;
	void *other = clSVMAlloc(cl->context, 0, size, 0);
	const void *moving = b;

	if (!other)
		return 1;
	memset(other, 0, size);
	for (i = 0; i < N; i++)
		a[i] = i * round;
	enqueue_slow(cl, kernel, a);
	cl_check(clEnqueueSVMMemcpy(cl->queue, CL_FALSE, b, a, size, 0, NULL,
				    NULL), "clEnqueueSVMMemcpy");
	cl_check(clEnqueueSVMMigrateMem(cl->queue, 1, &moving, &size, 0, 0,
					NULL, NULL), "clEnqueueSVMMigrateMem");
	enqueue_slow(cl, kernel, b);
	cl_check(clEnqueueSVMMemFill(cl->queue, b, &round, 4, size / 2, 0, NULL,
				     NULL), "clEnqueueSVMMemFill");
	enqueue_slow(cl, kernel, other);
	cl_check(clEnqueueSVMMemcpy(cl->queue, CL_FALSE, a, other, 64, 0, NULL,
				    NULL), "clEnqueueSVMMemcpy");
	cl_check(clEnqueueSVMFree(cl->queue, 1, &other, NULL, NULL, 0, NULL,
				  NULL), "clEnqueueSVMFree");
	cl_check(clFinish(cl->queue), "clFinish");
	for (i = 0; i < N; i++) {
		wrong += b[i] != (i < N / 2 ? round : i * round + 2);
		wrong += a[i] != (i < 16 ? 1 : i * round + 1);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t rounds = size_arg(argc, argv, DEFAULT_ROUNDS), round, wrong = 0;
	struct area first, second;
	cl_kernel kernel;
	struct cl cl;

	cl_open(&cl);
	area_open(&first, N * sizeof(uint32_t));
	area_open(&second, N * sizeof(uint32_t));
	kernel = cl_kernel_from(&cl, source, "slow");
	for (round = 1; round <= rounds; round++)
		wrong += round_of(&cl, kernel, first.data,
				  second.data, round);
	clReleaseKernel(kernel);
	area_close(&second);
	area_close(&first);
	cl_close(&cl);
	return verdict("svmcopy", wrong, rounds * 2 * N);
}
