// SPDX-License-Identifier: MIT
/*
 * A kernel with a bad pointer: the program learns it by OpenCL's errors, on
 * the event and on the queue, with and without profiling, and goes on with a
 * new context.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

/* No process has anything there: below is vm.mmap_min_addr. */
#define BAD ((void *)0x1000)
#define EACH 3

static const char source[] =
"__kernel void set(__global int *p)\n"
"{\n"
"	p[get_global_id(0)] = 42;\n"
"}\n";

static size_t differs(const char *what, cl_int is, cl_int expected)
{
	if (is == expected)
		return 0;
	printf("%s: %d, not %d\n", what, is, expected);
	return 1;
}

static cl_int status_of(cl_event event)
{
	cl_int status = CL_QUEUED;

	cl_check(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS,
				sizeof(status), &status, NULL),
		 "clGetEventInfo");
	cl_check(clReleaseEvent(event), "clReleaseEvent");
	return status;
}

static cl_event enqueue(struct cl *cl, cl_kernel kernel, void *p)
{
	const size_t one = 1;
	cl_event event;

	cl_arg_pointer(kernel, 0, p);
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, 1, NULL, &one, NULL,
					0, NULL, &event),
		 "clEnqueueNDRangeKernel");
	return event;
}

static void with_profiling(struct cl *cl)
{
	const cl_queue_properties properties[] = {
		CL_QUEUE_PROPERTIES, CL_QUEUE_PROFILING_ENABLE, 0
	};
	cl_int err;

	cl_check(clReleaseCommandQueue(cl->queue), "clReleaseCommandQueue");
	cl->queue = clCreateCommandQueueWithProperties(cl->context, cl->device,
						       properties, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
}

/* A good kernel, then one with @p, which ends as expected. */
static size_t context_with(void *p, bool profiling, cl_int end, cl_int status)
{
	int *good = xmalloc(sizeof(*good));
	size_t wrong = 0;
	cl_kernel kernel;
	cl_event event;
	struct cl cl;

	*good = 0;
	cl_open(&cl);
	if (profiling)
		with_profiling(&cl);
	kernel = cl_kernel_from(&cl, source, "set");
	event = enqueue(&cl, kernel, good);
	wrong += differs("first clFinish", clFinish(cl.queue), CL_SUCCESS);
	wrong += differs("first event", status_of(event), CL_COMPLETE);
	wrong += *good != 42;
	event = enqueue(&cl, kernel, p ? p : good);
	wrong += differs("clFinish", clFinish(cl.queue), end);
	wrong += differs("event", status_of(event), status);
	wrong += differs("clFinish again", clFinish(cl.queue), end);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(good);
	return wrong;
}

int main(void)
{
	const cl_int bad = CL_OUT_OF_RESOURCES;
	size_t wrong = 0, i;

	for (i = 0; i < 2; i++) {
		wrong += context_with(BAD, i, bad, bad);
		wrong += context_with(NULL, i, CL_SUCCESS, CL_COMPLETE);
	}
	return verdict("badptr", wrong, 4 * (EACH + 3));
}
