// SPDX-License-Identifier: MIT
/* Conformance cases: see conform.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define MAX_PLATFORMS 8

bool is(cl_int got, cl_int want)
{
	if (got != want)
		printf("  error %d, not %d\n", got, want);
	return got == want;
}

bool holds(bool condition, const char *what)
{
	if (!condition)
		printf("  not so: %s\n", what);
	return condition;
}

static const char *platform_of(cl_device_id device)
{
	static char name[256];
	cl_platform_id platform;

	cl_check(clGetDeviceInfo(device, CL_DEVICE_PLATFORM, sizeof(platform),
				 &platform, NULL), "CL_DEVICE_PLATFORM");
	cl_check(clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof(name),
				   name, NULL), "CL_PLATFORM_NAME");
	return name;
}

static bool only_list(struct conform *c, int argc, char **argv)
{
	memset(c, 0, sizeof(*c));
	return argc == 2 && !strcmp(argv[1], "--list");
}

static void open_other(struct conform *c)
{
	cl_int err;

	c->platform = platform_of(c->cl.device);
	c->other = clCreateContext(NULL, 1, &c->cl.device, NULL, NULL, &err);
	cl_check(err, "clCreateContext");
}

void conform_open(struct conform *c, int argc, char **argv)
{
	if (only_list(c, argc, argv))
		return;
	cl_open(&c->cl);
	open_other(c);
	c->svm = conform_alloc(c, CL_MEM_SVM_FINE_GRAIN_BUFFER, CONFORM_SIZE);
}

/* The first device of all. */
static void open_any(struct cl *cl)
{
	cl_platform_id platforms[MAX_PLATFORMS];
	cl_uint n = 0, i;
	cl_int err;

	clGetPlatformIDs(MAX_PLATFORMS, platforms, &n);
	for (i = 0; i < n && i < MAX_PLATFORMS; i++) {
		if (!clGetDeviceIDs(platforms[i], CL_DEVICE_TYPE_ALL, 1,
				    &cl->device, NULL))
			break;
	}
	if (i == n) {
		printf("FAIL: no device\n");
		exit(EXIT_FAILURE);
	}
	cl->context = clCreateContext(NULL, 1, &cl->device, NULL, NULL, &err);
	cl_check(err, "clCreateContext");
	cl->queue = clCreateCommandQueueWithProperties(cl->context, cl->device,
						       NULL, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
}

void conform_open_without(struct conform *c, int argc, char **argv)
{
	if (only_list(c, argc, argv))
		return;
	open_any(&c->cl);
	open_other(c);
}

static void run(struct conform *c, const struct conform_case *one)
{
	bool crashes = false, right;
	const char *why = conform_known(c->platform, one->name, &crashes);

	printf("%s %s\n", one->section, one->name);
	fflush(stdout);
	right = !crashes && one->run(c, one->data);
	if (why)
		printf("%s: %s: %s\n", right ? "FAIL: it passes" : "known",
		       one->name, why);
	else if (!right)
		printf("FAIL: %s\n", one->name);
	c->cases++;
	c->known += why && !right;
	c->wrong += right == !!why;
}

void conform_case(struct conform *c, const struct conform_case *one)
{
	if (c->platform)
		run(c, one);
	else
		printf("%s\t%s\n", one->section, one->name);
}

void conform_cases(struct conform *c, const struct conform_case *cases,
		   size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		conform_case(c, &cases[i]);
}

int conform_close(struct conform *c, const char *test)
{
	if (!c->platform)
		return EXIT_SUCCESS;
	if (c->svm)
		clSVMFree(c->cl.context, c->svm);
	cl_check(clReleaseContext(c->other), "clReleaseContext");
	cl_close(&c->cl);
	printf("%s: %s: %zu of %zu cases wrong, %zu known\n",
	       c->wrong ? "FAIL" : "PASS", test, c->wrong, c->cases, c->known);
	return c->wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}

void *conform_alloc(struct conform *c, cl_svm_mem_flags flags, size_t size)
{
	void *p = clSVMAlloc(c->cl.context, flags, size, 0);

	if (!p) {
		printf("FAIL: clSVMAlloc(%#llx, %zu)\n",
		       (unsigned long long)flags, size);
		exit(EXIT_FAILURE);
	}
	memset(p, 0, size);
	return p;
}

cl_command_queue conform_queue(struct conform *c,
			       cl_command_queue_properties properties)
{
	const cl_queue_properties list[] = {
		CL_QUEUE_PROPERTIES, properties, 0
	};
	cl_command_queue queue;
	cl_int err;

	queue = clCreateCommandQueueWithProperties(c->cl.context, c->cl.device,
						   list, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
	return queue;
}

cl_event conform_user_event(cl_context context)
{
	cl_int err;
	cl_event event = clCreateUserEvent(context, &err);

	cl_check(err, "clCreateUserEvent");
	return event;
}

cl_int conform_status(cl_event event)
{
	cl_int status = CL_QUEUED;

	cl_check(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS,
				sizeof(status), &status, NULL),
		 "clGetEventInfo");
	return status;
}

cl_int conform_wait(cl_event event)
{
	cl_int status;

	clWaitForEvents(1, &event);
	status = conform_status(event);
	cl_check(clReleaseEvent(event), "clReleaseEvent");
	return status;
}
