// SPDX-License-Identifier: MIT
/*
 * Threads with a queue each on one context, which all count in one word; and a
 * chain of kernels on two queues in turn, each waiting for the event of the one
 * before.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define THREADS 3
#define N 1024
#define ROUNDS 4
#define LINKS 8

static const char source[] =
"__kernel void count(__global uint *v, volatile __global uint *all)\n"
"{\n"
"	v[get_global_id(0)] += get_global_id(0);\n"
"	atomic_inc(all);\n"
"}\n"
"__kernel void link(__global uint *v, uint by)\n"
"{\n"
"	v[get_global_id(0)] = v[get_global_id(0)] * 2 + by;\n"
"}\n";

/** struct worker - a thread with a queue */
struct worker {
	struct cl cl;		/* its own queue, the context of all */
	cl_kernel kernel;
	pthread_t thread;
	uint32_t *v;
};

static void *work(void *data)
{
	struct worker *w = data;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		cl_start(w->cl.queue, w->kernel, N);
		if (i % 2)
			cl_check(clFinish(w->cl.queue), "clFinish");
	}
	return NULL;
}

static cl_command_queue queue_of(struct cl *cl)
{
	cl_command_queue queue;
	cl_int err;

	queue = clCreateCommandQueueWithProperties(cl->context, cl->device,
						   NULL, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
	return queue;
}

static void start(struct worker *w, struct cl *cl, uint32_t *all)
{
	w->cl = *cl;
	w->cl.queue = queue_of(cl);
	w->kernel = cl_kernel_from(cl, source, "count");
	w->v = calloc(N, sizeof(*w->v));
	cl_arg_pointer(w->kernel, 0, w->v);
	cl_arg_pointer(w->kernel, 1, all);
	if (!w->v || pthread_create(&w->thread, NULL, work, w))
		exit(EXIT_FAILURE);
}

static size_t end(struct worker *w)
{
	size_t i, wrong = 0;

	pthread_join(w->thread, NULL);
	for (i = 0; i < N; i++)
		wrong += w->v[i] != ROUNDS * i;
	clReleaseKernel(w->kernel);
	clReleaseCommandQueue(w->cl.queue);
	free(w->v);
	return wrong;
}

static size_t threads(struct cl *cl)
{
	struct worker workers[THREADS];
	uint32_t *all = calloc(1, sizeof(*all));
	size_t wrong = 0, i;

	if (!all)
		return 1;
	for (i = 0; i < THREADS; i++)
		start(&workers[i], cl, all);
	for (i = 0; i < THREADS; i++)
		wrong += end(&workers[i]);
	wrong += *all != THREADS * ROUNDS * N;
	free(all);
	return wrong;
}

static size_t chain(struct cl *cl)
{
	cl_kernel kernel = cl_kernel_from(cl, source, "link");
	cl_command_queue queues[2] = { cl->queue, queue_of(cl) };
	uint32_t *v = calloc(N, sizeof(*v)), want = 0, by;
	cl_event last = NULL, event;
	size_t n = N, wrong = 0, i;

	cl_arg_pointer(kernel, 0, v);
	for (by = 1; by <= LINKS; by++) {
		cl_arg_value(kernel, 1, sizeof(by), &by);
		cl_check(clEnqueueNDRangeKernel(queues[by % 2], kernel, 1, NULL,
						&n, NULL, !!last,
						last ? &last : NULL, &event),
			 "clEnqueueNDRangeKernel");
		cl_check(clFlush(queues[by % 2]), "clFlush");
		if (last)
			clReleaseEvent(last);
		last = event;
		want = want * 2 + by;
	}
	cl_check(clWaitForEvents(1, &last), "clWaitForEvents");
	for (i = 0; i < N; i++)
		wrong += v[i] != want;
	clReleaseEvent(last);
	clReleaseCommandQueue(queues[1]);
	clReleaseKernel(kernel);
	free(v);
	return wrong;
}

int main(void)
{
	struct cl cl;
	size_t wrong;

	cl_open(&cl);
	wrong = threads(&cl);
	wrong += chain(&cl);
	cl_close(&cl);
	return verdict("queues", wrong, THREADS * N + 1 + N);
}
