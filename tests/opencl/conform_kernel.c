// SPDX-License-Identifier: MIT
/*
 * clSetKernelArgSVMPointer() and clSetKernelExecInfo() (5.9.2), and what
 * clCloneKernel() makes of them (5.9.3).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define N 64

static const char source[] =
"__kernel void add(__global uint *p, __constant uint *k, __local uint *l,\n"
"		  uint value)\n"
"{\n"
"	size_t i = get_local_id(0);\n"
"	l[i] = value;\n"
"	p[get_global_id(0)] += k[0] + l[i];\n"
"}\n"
"struct node { __global struct node *next; uint value, seen; };\n"
"__kernel void walk(__global struct node *n, __global uint *sum)\n"
"{\n"
"	for (; n; n = n->next) {\n"
"		*sum += n->value;\n"
"		n->seen = 1;\n"
"	}\n"
"}\n";

struct node {
	struct node *next;
	cl_uint value, seen;
};

static cl_kernel add, walk;
static const cl_uint one = 1;

/** struct argument - of which kernel, and what setting it gives */
struct argument {
	cl_uint index;
	cl_int error, or;
};

#define ARGUMENT(index, error, or) \
	(&(const struct argument){ index, error, or })

/* The specification does not say which of two errors some have. */
static bool argument(struct conform *c, const void *data)
{
	const struct argument *a = data;
	cl_int err = clSetKernelArgSVMPointer(add, a->index, c->svm);

	return is(err, err == a->or ? a->or : a->error);
}

static bool no_kernel(struct conform *c, const void *data)
{
	(void)data;
	return is(clSetKernelArgSVMPointer(NULL, 0, c->svm),
		  CL_INVALID_KERNEL);
}

static bool other_object(struct conform *c, const void *data)
{
	(void)data;
	return is(clSetKernelArgSVMPointer((cl_kernel)c->cl.context, 0,
					   c->svm), CL_INVALID_KERNEL);
}

static void arguments(cl_kernel kernel, const void *p, const void *k)
{
	cl_arg_pointer(kernel, 0, p);
	cl_arg_pointer(kernel, 1, k);
	cl_arg_local(kernel, 2, N * sizeof(cl_uint));
	cl_arg_value(kernel, 3, sizeof(one), &one);
}

static bool all(const cl_uint *p, cl_uint want)
{
	size_t i;

	for (i = 0; i < N; i++) {
		if (p[i] != want)
			return false;
	}
	return true;
}

static cl_uint *words(struct conform *c)
{
	memset(c->svm, 0, CONFORM_SIZE);
	return (cl_uint *)c->svm;
}

static void start(struct conform *c, cl_kernel kernel)
{
	size_t n = N;

	cl_check(clEnqueueNDRangeKernel(c->cl.queue, kernel, 1, NULL, &n, &n,
					0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
}

/* Into the middle of what clSVMAlloc() gave; constant memory there, too. */
static bool inside(struct conform *c, const void *data)
{
	cl_uint *p = words(c);

	(void)data;
	p[4 * N] = 5;
	arguments(add, p + N, p + 4 * N);
	start(c, add);
	return is(clFinish(c->cl.queue), CL_SUCCESS) &
	       HOLDS(all(p, 0)) & HOLDS(all(p + N, 6)) & HOLDS(all(p + 2 * N, 0));
}

/* An argument stays until the next call, and is that of when it is enqueued. */
static bool stays(struct conform *c, const void *data)
{
	cl_uint *p = words(c);

	(void)data;
	arguments(add, p, p + 4 * N);
	start(c, add);
	start(c, add);
	cl_arg_pointer(add, 0, p + N);
	start(c, add);
	cl_arg_pointer(add, 0, p + 2 * N);
	return is(clFinish(c->cl.queue), CL_SUCCESS) &
	       HOLDS(all(p, 2)) & HOLDS(all(p + N, 1)) & HOLDS(all(p + 2 * N, 0));
}

/* Pointer, buffer, pointer in the same place. */
static bool in_turn(struct conform *c, const void *data)
{
	cl_uint *p = words(c), got[N];
	cl_int err;
	cl_mem b;
	bool right;

	(void)data;
	b = clCreateBuffer(c->cl.context, CL_MEM_COPY_HOST_PTR, sizeof(got), p,
			   &err);
	cl_check(err, "clCreateBuffer");
	arguments(add, p, p + 4 * N);
	start(c, add);
	cl_arg_value(add, 0, sizeof(b), &b);
	start(c, add);
	start(c, add);
	cl_arg_pointer(add, 0, p + N);
	start(c, add);
	right = is(clEnqueueReadBuffer(c->cl.queue, b, CL_TRUE, 0, sizeof(got),
				       got, 0, NULL, NULL), CL_SUCCESS);
	clReleaseMemObject(b);
	return right & HOLDS(all(p, 1)) & HOLDS(all(p + N, 1)) &
	       HOLDS(all(got, 2));
}

static bool enqueue_walk(struct conform *c, const void *list, cl_uint *sum)
{
	size_t n = 1;

	cl_arg_pointer(walk, 0, list);
	cl_arg_pointer(walk, 1, sum);
	cl_check(clEnqueueNDRangeKernel(c->cl.queue, walk, 1, NULL, &n, NULL,
					0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	return is(clFinish(c->cl.queue), CL_SUCCESS);
}

static bool null(struct conform *c, const void *data)
{
	cl_uint *p = words(c);

	(void)data;
	*p = 7;
	return enqueue_walk(c, NULL, p) & HOLDS(*p == 7);
}

static const struct conform_case args[] = {
	{ "5.9.2", "arg-no-kernel", no_kernel, NULL },
	{ "5.9.2", "arg-other-object", other_object, NULL },
	{ "5.9.2", "arg-index", argument,
	  ARGUMENT(4, CL_INVALID_ARG_INDEX, CL_INVALID_ARG_INDEX) },
	{ "5.9.2", "arg-of-local", argument,
	  ARGUMENT(2, CL_INVALID_ARG_INDEX, CL_INVALID_ARG_VALUE) },
	{ "5.9.2", "arg-of-value", argument,
	  ARGUMENT(3, CL_INVALID_ARG_INDEX, CL_INVALID_ARG_VALUE) },
	{ "5.9.2", "arg-of-global", argument,
	  ARGUMENT(0, CL_SUCCESS, CL_SUCCESS) },
	{ "5.9.2", "arg-of-constant", argument,
	  ARGUMENT(1, CL_SUCCESS, CL_SUCCESS) },
	{ "5.9.2", "arg-inside", inside, NULL },
	{ "5.9.2", "arg-stays", stays, NULL },
	{ "5.9.2", "arg-in-turn", in_turn, NULL },
	{ "5.9.2", "arg-null", null, NULL },
};

/** struct info - arguments of clSetKernelExecInfo(), and what they give */
struct info {
	cl_kernel_exec_info what;
	size_t size;
	bool null;
	cl_int error;
};

#define INFO(what, size, null, error) \
	(&(const struct info){ what, size, null, error })
#define PTRS CL_KERNEL_EXEC_INFO_SVM_PTRS
#define SYSTEM CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM

static bool info(struct conform *c, const void *data)
{
	const struct info *i = data;
	void *pointers[2] = { c->svm, c->svm + 64 };
	const cl_bool yes = CL_TRUE;
	const void *value = i->what == SYSTEM ? (const void *)&yes : pointers;

	return is(clSetKernelExecInfo(walk, i->what, i->size,
				      i->null ? NULL : value), i->error);
}

static bool info_no_kernel(struct conform *c, const void *data)
{
	void *p = c->svm;

	(void)data;
	return is(clSetKernelExecInfo(NULL, PTRS, sizeof(p), &p),
		  CL_INVALID_KERNEL);
}

static bool system_off(struct conform *c, const void *data)
{
	const cl_bool no = CL_FALSE;

	(void)c;
	(void)data;
	return is(clSetKernelExecInfo(walk, SYSTEM, sizeof(no), &no),
		  CL_SUCCESS);
}

static void link_nodes(struct node *a, struct node *b, struct node *last)
{
	*a = (struct node){ b, 1, 0 };
	*b = (struct node){ last, 20, 0 };
	*last = (struct node){ NULL, 300, 0 };
}

static bool walk_to(struct conform *c, struct node *a, struct node *b,
		    struct node *last)
{
	cl_uint *sum = conform_alloc(c, 0, sizeof(*sum));
	bool right;

	link_nodes(a, b, last);
	right = enqueue_walk(c, a, sum) & HOLDS(*sum == 321);
	right &= HOLDS(a->seen && b->seen && last->seen);
	clSVMFree(c->cl.context, sum);
	return right;
}

/* Allocations that only pointers in memory lead to; a set replaces another. */
static bool pointers(struct conform *c, const void *data)
{
	cl_svm_mem_flags flags = *(const cl_svm_mem_flags *)data;
	struct node *a = conform_alloc(c, flags, sizeof(*a));
	struct node *b = conform_alloc(c, flags, 3 * sizeof(*b));
	struct node *last = conform_alloc(c, flags, sizeof(*last));
	void *first[1] = { c->svm }, *set[2] = { b + 1, last };
	bool right;

	right = is(clSetKernelExecInfo(walk, PTRS, sizeof(first), first),
		   CL_SUCCESS);
	right &= is(clSetKernelExecInfo(walk, PTRS, sizeof(set), set),
		    CL_SUCCESS);
	memset(set, 0, sizeof(set));
	right &= walk_to(c, a, b + 1, last);
	clSVMFree(c->cl.context, last);
	clSVMFree(c->cl.context, b);
	clSVMFree(c->cl.context, a);
	return right;
}

/* Memory of the system is always there, unless a program says it is not. */
static bool of_system(struct conform *c, const void *data)
{
	const cl_bool yes = CL_TRUE;
	struct node a, *b = xmalloc(sizeof(*b)), *last = xmalloc(sizeof(*last));
	bool right = true;

	if (data)
		right = is(clSetKernelExecInfo(walk, SYSTEM, sizeof(yes), &yes),
			   CL_SUCCESS);
	right &= walk_to(c, &a, b, last);
	free(last);
	free(b);
	return right;
}

static const cl_svm_mem_flags coarse, fine = CL_MEM_SVM_FINE_GRAIN_BUFFER;

static const struct conform_case infos[] = {
	{ "5.9.2", "info-system-by-default", of_system, NULL },
	{ "5.9.2", "info-no-kernel", info_no_kernel, NULL },
	{ "5.9.2", "info-unknown", info, INFO(1, 8, false, CL_INVALID_VALUE) },
	{ "5.9.2", "info-pointers-null", info,
	  INFO(PTRS, 8, true, CL_INVALID_VALUE) },
	{ "5.9.2", "info-pointers-size", info,
	  INFO(PTRS, 12, false, CL_INVALID_VALUE) },
	{ "5.9.2", "info-pointers-none", info, INFO(PTRS, 0, true, CL_SUCCESS) },
	{ "5.9.2", "info-system-null", info,
	  INFO(SYSTEM, sizeof(cl_bool), true, CL_INVALID_VALUE) },
	{ "5.9.2", "info-system-size", info,
	  INFO(SYSTEM, 1, false, CL_INVALID_VALUE) },
	{ "5.9.2", "info-system-size-of-0", info,
	  INFO(SYSTEM, 0, true, CL_INVALID_VALUE) },
	{ "5.9.2", "info-system-off", system_off, NULL },
	{ "5.9.2", "info-system-on", of_system, &one },
	{ "5.9.2", "info-pointers-coarse", pointers, &coarse },
	{ "5.9.2", "info-pointers-fine", pointers, &fine },
};

/* The clone has the arguments, and is none the wiser of later ones. */
static bool clone(struct conform *c, const void *data)
{
	cl_uint *p = words(c);
	cl_kernel copy;
	cl_int err;
	bool right;

	(void)data;
	arguments(add, p, p + 4 * N);
	copy = clCloneKernel(add, &err);
	if (!is(err, CL_SUCCESS))
		return false;
	cl_arg_pointer(add, 0, p + N);
	start(c, copy);
	cl_arg_pointer(copy, 0, p + 2 * N);
	start(c, add);
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	clReleaseKernel(copy);
	return right & HOLDS(all(p, 1)) & HOLDS(all(p + N, 1)) &
	       HOLDS(all(p + 2 * N, 0));
}

/* And what clSetKernelExecInfo() was told. */
static bool clone_info(struct conform *c, const void *data)
{
	struct node *a = conform_alloc(c, 0, sizeof(*a));
	struct node *b = conform_alloc(c, 0, 3 * sizeof(*b));
	cl_kernel kept = walk;
	void *set[1] = { b };
	bool right;
	cl_int err;

	(void)data;
	right = is(clSetKernelExecInfo(walk, PTRS, sizeof(set), set),
		   CL_SUCCESS);
	walk = clCloneKernel(kept, &err);
	right &= is(err, CL_SUCCESS);
	if (walk) {
		right &= walk_to(c, a, b, b + 1);
		clReleaseKernel(walk);
	}
	walk = kept;
	clSVMFree(c->cl.context, b);
	clSVMFree(c->cl.context, a);
	return right;
}

static const struct conform_case clones[] = {
	{ "5.9.3", "clone-arguments", clone, NULL },
	{ "5.9.3", "clone-info", clone_info, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	if (c.platform) {
		add = cl_kernel_from(&c.cl, source, "add");
		walk = cl_kernel_from(&c.cl, source, "walk");
	}
	CONFORM_CASES(&c, args);
	CONFORM_CASES(&c, infos);
	CONFORM_CASES(&c, clones);
	if (c.platform) {
		clReleaseKernel(walk);
		clReleaseKernel(add);
	}
	return conform_close(&c, "conform_kernel");
}
