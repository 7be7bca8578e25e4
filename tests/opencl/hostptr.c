// SPDX-License-Identifier: MIT
/*
 * Buffers over malloc()ed memory (CL_MEM_USE_HOST_PTR), mixed with pointers to
 * the same memory, in an in-order queue without a wait in between: each
 * command sees what the one before it did.  Reads, writes, copies and fills
 * are at offsets, and in a sub-buffer.
 *
 * Meanwhile a thread maps, drops and unmaps the pages next to it, so that the
 * GPU loses its translations all the time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "area.h"
#include "svmcl.h"

#define N 2048			/* words, two pages */
#define PART 512		/* of the sub-buffer */
#define DEFAULT_ROUNDS 10

static const char source[] =
"__kernel void bump(__global uint *p, uint by)\n"
"{\n"
"	p[get_global_id(0)] += by;\n"
"}\n";

static void enqueue_bump(struct cl *cl, cl_kernel kernel, size_t n,
			 uint32_t by)
{
	cl_arg_value(kernel, 1, sizeof(by), &by);
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &n, NULL, 0,
					NULL, NULL), "clEnqueueNDRangeKernel");
}

/* What the commands do to @want; @out is what the read gets. */
static void model(uint32_t *want, uint32_t *out, const uint32_t *in,
		  uint32_t round)
{
	size_t i;

	for (i = 0; i < N; i++)
		want[i] += round;
	memcpy(out, want + 700, PART * 4);
	memcpy(want + 100, in, PART * 4);
	memcpy(want + 1200, want + 100, 300 * 4);
	for (i = 0; i < 64; i++)
		want[1000 + i] = round;
	for (i = 0; i < PART; i++)
		want[N - PART + i] += 2 * round;
	for (i = 0; i < N; i++)
		want[i] += 1;
}

/** struct buffers - all of the area, the end of it, a kernel */
struct buffers {
	cl_mem all, part;
	cl_kernel kernel;
};

static void commands(struct cl *cl, struct buffers *b, struct area *area,
		     uint32_t *out, const uint32_t *in, uint32_t round)
{
	cl_command_queue q = cl->queue;

	cl_arg_pointer(b->kernel, 0, area->data);
	enqueue_bump(cl, b->kernel, N, round);
	cl_check(clEnqueueReadBuffer(q, b->all, CL_FALSE, 700 * 4, PART * 4,
				     out, 0, NULL, NULL), "read");
	cl_check(clEnqueueWriteBuffer(q, b->all, CL_FALSE, 100 * 4, PART * 4,
				      in, 0, NULL, NULL), "write");
	cl_check(clEnqueueCopyBuffer(q, b->all, b->all, 100 * 4, 1200 * 4,
				     300 * 4, 0, NULL, NULL), "copy");
	cl_check(clEnqueueFillBuffer(q, b->all, &round, 4, 1000 * 4, 64 * 4, 0,
				     NULL, NULL), "fill");
	cl_arg_value(b->kernel, 0, sizeof(b->part), &b->part);
	enqueue_bump(cl, b->kernel, PART, 2 * round);
	cl_arg_value(b->kernel, 0, sizeof(b->all), &b->all);
	enqueue_bump(cl, b->kernel, N, 1);
	cl_check(clFinish(q), "clFinish");
}

static void buffers_open(struct cl *cl, struct buffers *b, struct area *area)
{
	cl_buffer_region end = { (N - PART) * 4, PART * 4 };
	cl_int err;

	b->all = clCreateBuffer(cl->context, CL_MEM_USE_HOST_PTR, N * 4,
				area->data, &err);
	cl_check(err, "clCreateBuffer");
	b->part = clCreateSubBuffer(b->all, 0, CL_BUFFER_CREATE_TYPE_REGION,
				    &end, &err);
	cl_check(err, "clCreateSubBuffer");
	b->kernel = cl_kernel_from(cl, source, "bump");
}

int main(int argc, char **argv)
{
	size_t rounds = size_arg(argc, argv, DEFAULT_ROUNDS), round, i;
	static uint32_t want[N], in[PART], out[PART], want_out[PART];
	struct buffers b;
	size_t wrong = 0;
	struct area area;
	struct cl cl;

	cl_open(&cl);
	area_open(&area, N * sizeof(uint32_t));
	buffers_open(&cl, &b, &area);
	for (round = 1; round <= rounds; round++) {
		for (i = 0; i < PART; i++)
			in[i] = round * 1000 + i;
		model(want, want_out, in, round);
		commands(&cl, &b, &area, out, in, round);
		for (i = 0; i < N; i++)
			wrong += area.data[i] != want[i];
		wrong += !!memcmp(out, want_out, sizeof(out));
	}
	clReleaseMemObject(b.part);
	clReleaseMemObject(b.all);
	clReleaseKernel(b.kernel);
	area_close(&area);
	cl_close(&cl);
	return verdict("hostptr", wrong, rounds * (N + 1));
}
