/* SPDX-License-Identifier: MIT */
/* What the tests of Mesa without a GPU have in common. */
#ifndef OFFLINE_H
#define OFFLINE_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct gpu - the device of the shim, opened */
struct gpu {
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
};

/* Ends the test with a message unless @so. */
#define check(so) check_at(__FILE__, __LINE__, #so, !!(so))
void check_at(const char *file, int line, const char *what, bool so);

/* Ends the test unless @value is @expected; tells both. */
#define check_is(value, expected) \
	check_is_at(__FILE__, __LINE__, #value, value, expected)
void check_is_at(const char *file, int line, const char *what, long value,
		 long expected);

/* The device alone; context and queue too. */
cl_device_id find_device(void);
void gpu_open(struct gpu *gpu);
void gpu_close(struct gpu *gpu);

/* A kernel of @source named "k", compiled with @options. */
cl_kernel gpu_kernel(struct gpu *gpu, const char *source, const char *options);
/* Enqueue one work-item of it, with one pointer for an argument, or none. */
cl_int gpu_enqueue(struct gpu *gpu, cl_kernel kernel, const void *pointer,
		   cl_event *event);

/* SVM capabilities of the device. */
cl_device_svm_capabilities svm_capabilities(void);

/** struct test - a test, run in a process of its own */
struct test {
	const char *name;
	void (*run)(void);
	/* "NAME=value" for the environment, and another one; or NULL */
	const char *environment[2];
};

/* In offline_place.c, offline_memory.c, offline_code.c: each ends with {}. */
extern const struct test place_tests[];
extern const struct test memory_tests[];
extern const struct test code_tests[];

#endif
