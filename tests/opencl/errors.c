// SPDX-License-Identifier: MIT
/*
 * Each kind of memory that a kernel must not touch, and each way that a program
 * waits for a kernel: the error gets there, what the kernel did before stays, and
 * a new queue of the same context works.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "svmcl.h"

#define PAGE 4096
#define GOOD 64
#define BAD CL_OUT_OF_RESOURCES
#define WAIT CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST

/* Writes what it may, then what it may not. */
static const char source[] =
"__kernel void set(__global int *good, __global int *bad)\n"
"{\n"
"	good[get_global_id(0)] = get_global_id(0);\n"
"	barrier(CLK_GLOBAL_MEM_FENCE);\n"
"	bad[get_global_id(0)] = 42;\n"
"}\n";

/** struct called - what a callback was told */
struct called {
	pthread_mutex_t lock;	/* of all members */
	pthread_cond_t done;
	bool is;
	cl_int status;
};

static void CL_CALLBACK call(cl_event event, cl_int status, void *data)
{
	struct called *called = data;

	(void)event;
	pthread_mutex_lock(&called->lock);
	called->is = true;
	called->status = status;
	pthread_cond_signal(&called->done);
	pthread_mutex_unlock(&called->lock);
}

static cl_int by_callback(struct cl *cl, cl_event event)
{
	struct called called = { .lock = PTHREAD_MUTEX_INITIALIZER,
				 .done = PTHREAD_COND_INITIALIZER };

	cl_check(clSetEventCallback(event, CL_COMPLETE, call, &called),
		 "clSetEventCallback");
	cl_check(clFlush(cl->queue), "clFlush");
	pthread_mutex_lock(&called.lock);
	while (!called.is)
		pthread_cond_wait(&called.done, &called.lock);
	pthread_mutex_unlock(&called.lock);
	return called.status;
}

static cl_int by_finish(struct cl *cl, cl_event event)
{
	(void)event;
	return clFinish(cl->queue);
}

static cl_int by_event(struct cl *cl, cl_event event)
{
	(void)cl;
	return clWaitForEvents(1, &event);
}

static cl_int by_copy(struct cl *cl, cl_event event)
{
	int from = 1, to = 0;

	(void)event;
	return clEnqueueSVMMemcpy(cl->queue, CL_TRUE, &to, &from, sizeof(to),
				  0, NULL, NULL);
}

static void *pages(int protection)
{
	void *p = mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		       0);

	if (p == MAP_FAILED)
		exit(EXIT_FAILURE);
	return p;
}

static void *unmapped(void)
{
	void *p = pages(PROT_READ | PROT_WRITE);

	munmap(p, PAGE);
	return p;
}

static void *read_only(void)
{
	return pages(PROT_READ);
}

static void *no_access(void)
{
	return pages(PROT_NONE);
}

static void *kernel_half(void)
{
	return (void *)0xffff800000000000;
}

static const struct {
	const char *name;
	void *(*memory)(void);
	cl_int (*wait)(struct cl *cl, cl_event event);
	cl_int error;
} cases[] = {
	{ "unmapped, clFinish", unmapped, by_finish, BAD },
	{ "read-only, clWaitForEvents", read_only, by_event, WAIT },
	{ "no access, callback", no_access, by_callback, BAD },
	{ "the kernel's half, blocking copy", kernel_half, by_copy, BAD },
};

#define N_CASES (sizeof(cases) / sizeof(*cases))

static void new_queue(struct cl *cl)
{
	cl_int err;

	cl_check(clReleaseCommandQueue(cl->queue), "clReleaseCommandQueue");
	cl->queue = clCreateCommandQueueWithProperties(cl->context, cl->device,
						       NULL, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
}

static cl_event enqueue(struct cl *cl, cl_kernel kernel, int *good, void *bad)
{
	const size_t n = GOOD;
	cl_event event;
	size_t i;

	for (i = 0; i < GOOD; i++)
		good[i] = -1;
	cl_arg_pointer(kernel, 0, good);
	cl_arg_pointer(kernel, 1, bad);
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &n, &n, 0,
					NULL, &event),
		 "clEnqueueNDRangeKernel");
	return event;
}

static size_t check(const int *good, const int *other)
{
	size_t wrong = 0;
	int i;

	for (i = 0; i < GOOD; i++)
		wrong += good[i] != i || (other && other[i] != 42);
	return wrong;
}

static size_t case_of(struct cl *cl, cl_kernel kernel, size_t i, int *good,
		      int *other)
{
	cl_event event = enqueue(cl, kernel, good, cases[i].memory());
	cl_int err = cases[i].wait(cl, event);
	size_t wrong = err != cases[i].error;

	printf("%s: %d\n", cases[i].name, err);
	clReleaseEvent(event);
	wrong += clFinish(cl->queue) != BAD;
	wrong += check(good, NULL);
	new_queue(cl);
	event = enqueue(cl, kernel, good, other);
	wrong += clWaitForEvents(1, &event) != CL_SUCCESS;
	clReleaseEvent(event);
	return wrong + check(good, other);
}

int main(void)
{
	int *good = xmalloc(GOOD * sizeof(*good));
	int *other = xmalloc(GOOD * sizeof(*other));
	size_t i, j, wrong = 0;
	cl_kernel kernel;
	struct cl cl;

	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "set");
	for (i = 0; i < N_CASES; i++) {
		for (j = 0; j < GOOD; j++)
			other[j] = 0;
		wrong += case_of(&cl, kernel, i, good, other);
	}
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(other);
	free(good);
	return verdict("errors", wrong, N_CASES * (2 * GOOD + 3));
}
