/* SPDX-License-Identifier: MIT */
/*
 * The few OpenCL steps every test here needs.  A test hands plain pointers to
 * kernels: nothing is created, registered, mapped or copied for the device.
 *
 * Every function ends the program with a message and status 1 when OpenCL
 * reports an error; cl_open() ends it with 77 (skip) when there is no device
 * with fine-grained system SVM.
 */
#ifndef SVMCL_H
#define SVMCL_H

#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TEST_SKIP 77

/** struct cl - an open device */
struct cl {
	cl_device_id device;
	cl_context context;
	cl_command_queue queue;
};

/* First device that offers fine-grained system SVM, with a queue. */
void cl_open(struct cl *cl);
void cl_close(struct cl *cl);

/* Compile @source and return its kernel @name. */
cl_kernel cl_kernel_from(struct cl *cl, const char *source, const char *name);
/* With compiler options: CL3 for the atomics of OpenCL C 3.0. */
cl_kernel cl_kernel_with(struct cl *cl, const char *source, const char *name,
			 const char *options);
#define CL3 "-cl-std=CL3.0"

/* End the program unless @err, of what is named, is CL_SUCCESS. */
void cl_check(cl_int err, const char *what);

/* Set an argument: a pointer the kernel dereferences, or a plain value. */
void cl_arg_pointer(cl_kernel kernel, cl_uint index, const void *pointer);
void cl_arg_value(cl_kernel kernel, cl_uint index, size_t size,
		  const void *value);
/* Local memory of @size bytes. */
void cl_arg_local(cl_kernel kernel, cl_uint index, size_t size);

/* Run over @global (and @local, may be NULL) work-items and wait. */
void cl_run(struct cl *cl, cl_kernel kernel, cl_uint dims,
	    const size_t *global, const size_t *local);

/* Enqueue over @global work-items, in groups of OpenCL's choice; don't wait. */
void cl_start(cl_command_queue queue, cl_kernel kernel, size_t global);

/* malloc() that ends the program instead of returning NULL. */
void *xmalloc(size_t size);

/* The test's first argument as a number, or @fallback; checked. */
size_t size_arg(int argc, char **argv, size_t fallback);

/* A repeatable pseudo random sequence. */
uint32_t next_random(uint32_t *state);

/* Print the verdict; the program's exit status. */
int verdict(const char *test, size_t wrong, size_t of);

#ifdef __cplusplus
}
#endif

#endif
