// SPDX-License-Identifier: MIT
/* The few OpenCL steps every test here needs: see svmcl.h. */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define MAX_PLATFORMS 8

void cl_check(cl_int err, const char *what)
{
	if (err == CL_SUCCESS)
		return;
	printf("FAIL: %s: OpenCL error %d\n", what, err);
	exit(EXIT_FAILURE);
}

/* A device of @platform that can follow any pointer of this process. */
static bool find_device(cl_platform_id platform, cl_device_id *device)
{
	cl_device_svm_capabilities caps = 0;

	if (clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, device, NULL))
		return false;
	if (clGetDeviceInfo(*device, CL_DEVICE_SVM_CAPABILITIES, sizeof(caps),
			    &caps, NULL))
		return false;
	return caps & CL_DEVICE_SVM_FINE_GRAIN_SYSTEM;
}

static void print_device(cl_device_id device)
{
	char name[256] = "?", version[256] = "?";

	clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof(name), name, NULL);
	clGetDeviceInfo(device, CL_DEVICE_VERSION, sizeof(version), version,
			NULL);
	printf("device: %s (%s)\n", name, version);
}

void cl_open(struct cl *cl)
{
	cl_platform_id platforms[MAX_PLATFORMS];
	cl_uint n = 0, i;
	cl_int err;

	clGetPlatformIDs(MAX_PLATFORMS, platforms, &n);
	if (n > MAX_PLATFORMS)
		n = MAX_PLATFORMS;
	for (i = 0; i < n; i++) {
		if (find_device(platforms[i], &cl->device))
			break;
	}
	if (i == n) {
		printf("SKIP: no device with fine-grained system SVM\n");
		exit(TEST_SKIP);
	}
	print_device(cl->device);
	cl->context = clCreateContext(NULL, 1, &cl->device, NULL, NULL, &err);
	cl_check(err, "clCreateContext");
	cl->queue = clCreateCommandQueueWithProperties(cl->context, cl->device,
						       NULL, &err);
	cl_check(err, "clCreateCommandQueueWithProperties");
}

void cl_close(struct cl *cl)
{
	cl_check(clReleaseCommandQueue(cl->queue), "clReleaseCommandQueue");
	cl_check(clReleaseContext(cl->context), "clReleaseContext");
}

cl_kernel cl_kernel_from(struct cl *cl, const char *source, const char *name)
{
	return cl_kernel_with(cl, source, name, "");
}

cl_kernel cl_kernel_with(struct cl *cl, const char *source, const char *name,
			 const char *options)
{
	static char log[16384];
	cl_program program;
	cl_kernel kernel;
	cl_int err;

	program = clCreateProgramWithSource(cl->context, 1, &source, NULL,
					    &err);
	cl_check(err, "clCreateProgramWithSource");
	err = clBuildProgram(program, 1, &cl->device, options, NULL, NULL);
	if (err) {
		clGetProgramBuildInfo(program, cl->device,
				      CL_PROGRAM_BUILD_LOG, sizeof(log), log,
				      NULL);
		printf("%s\n", log);
	}
	cl_check(err, "clBuildProgram");
	kernel = clCreateKernel(program, name, &err);
	cl_check(err, "clCreateKernel");
	cl_check(clReleaseProgram(program), "clReleaseProgram");
	return kernel;
}

void cl_arg_pointer(cl_kernel kernel, cl_uint index, const void *pointer)
{
	cl_check(clSetKernelArgSVMPointer(kernel, index, pointer),
		 "clSetKernelArgSVMPointer");
}

void cl_arg_value(cl_kernel kernel, cl_uint index, size_t size,
		  const void *value)
{
	cl_check(clSetKernelArg(kernel, index, size, value), "clSetKernelArg");
}

void cl_arg_local(cl_kernel kernel, cl_uint index, size_t size)
{
	cl_check(clSetKernelArg(kernel, index, size, NULL), "clSetKernelArg");
}

void cl_run(struct cl *cl, cl_kernel kernel, cl_uint dims,
	    const size_t *global, const size_t *local)
{
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, dims, NULL, global,
					local, 0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clFinish(cl->queue), "clFinish");
}

void cl_start(cl_command_queue queue, cl_kernel kernel, size_t global)
{
	cl_check(clEnqueueNDRangeKernel(queue, kernel, 1, NULL, &global, NULL,
					0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
}

void *xmalloc(size_t size)
{
	void *p = malloc(size);

	if (!p) {
		printf("FAIL: malloc(%zu)\n", size);
		exit(EXIT_FAILURE);
	}
	return p;
}

size_t size_arg(int argc, char **argv, size_t fallback)
{
	char *end;
	unsigned long n;

	if (argc < 2)
		return fallback;
	n = strtoul(argv[1], &end, 0);
	if (*end || !n || n > 1ul << 28) {
		printf("FAIL: %s: not a size from 1 to 2^28\n", argv[1]);
		exit(EXIT_FAILURE);
	}
	return n;
}

uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

int verdict(const char *test, size_t wrong, size_t of)
{
	printf("%s: %s: %zu of %zu elements wrong\n", wrong ? "FAIL" : "PASS",
	       test, wrong, of);
	return wrong ? EXIT_FAILURE : EXIT_SUCCESS;
}
