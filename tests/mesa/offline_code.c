// SPDX-License-Identifier: MIT
/* The machine code of barriers, atomics and what used to have none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offline.h"
#include "trace.h"

enum { CTA, GL, SYS };
enum { CA, CG, CS, CV };

#define CL3 "-cl-std=CL3.0"

/* Compile @source and look at what is uploaded to run it. */
static void compile(const char *source, const char *options, struct sass *sass)
{
	static int pointee[64];
	struct trace trace;
	unsigned int first;
	struct gpu gpu;
	cl_kernel k;

	gpu_open(&gpu);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	trace_read(&trace);
	first = trace_count(&trace, "push");
	trace_free(&trace);
	k = gpu_kernel(&gpu, source, options);
	check_is(gpu_enqueue(&gpu, k, pointee, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	trace_read(&trace);
	trace_sass(&trace, first, sass);
	trace_free(&trace);
	check_is(clReleaseKernel(k), CL_SUCCESS);
	gpu_close(&gpu);
}

static void capabilities(void)
{
	const cl_device_atomic_capabilities all =
		CL_DEVICE_ATOMIC_ORDER_RELAXED |
		CL_DEVICE_ATOMIC_ORDER_ACQ_REL |
		CL_DEVICE_ATOMIC_ORDER_SEQ_CST |
		CL_DEVICE_ATOMIC_SCOPE_WORK_ITEM |
		CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP |
		CL_DEVICE_ATOMIC_SCOPE_DEVICE |
		CL_DEVICE_ATOMIC_SCOPE_ALL_DEVICES;
	cl_device_atomic_capabilities caps;
	cl_device_id device = find_device();

	check_is(clGetDeviceInfo(device, CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES,
				 sizeof(caps), &caps, NULL), CL_SUCCESS);
	check_is(caps, all);
	check_is(clGetDeviceInfo(device, CL_DEVICE_ATOMIC_FENCE_CAPABILITIES,
				 sizeof(caps), &caps, NULL), CL_SUCCESS);
	check_is(caps, all);
}

/* An atomic add with everything in that order and scope. */
static void ordered(const char *order, const char *scope, struct sass *sass)
{
	char source[512];

	snprintf(source, sizeof(source),
		 "#if !defined(__opencl_c_atomic_order_seq_cst) || \\\n"
		 "    !defined(__opencl_c_atomic_scope_all_devices)\n"
		 "#error features\n"
		 "#endif\n"
		 "__kernel void k(__global atomic_int *p) {\n"
		 "	atomic_fetch_add_explicit(p, 1, memory_order_%s,\n"
		 "				  memory_scope_%s);\n"
		 "}\n", order, scope);
	compile(source, CL3, sass);
	check_is(sass->atomics, 1);
}

/** struct order - an ordering and a scope, and what they take */
struct order {
	const char *order, *scope;
	/** @membar: by level; @drop_all: times that L1 is emptied */
	unsigned int membar[3], drop_all;
};

/*
 * A release is a barrier before the access.  An acquire is one after it and, if
 * others than the work-group's SM take part, drops what L1 has.
 */
static void check_orders(const struct order *orders, unsigned int n)
{
	unsigned int i, level;
	struct sass sass;

	for (i = 0; i < n; i++) {
		ordered(orders[i].order, orders[i].scope, &sass);
		for (level = CTA; level <= SYS; level++)
			check_is(sass.membar[level], orders[i].membar[level]);
		check_is(sass.drop_all, orders[i].drop_all);
	}
}

static void relaxed(void)
{
	static const struct order orders[] = {
		{ "relaxed", "work_group", { 0, 0, 0 }, 0 },
		{ "relaxed", "device", { 0, 0, 0 }, 0 },
		{ "relaxed", "all_svm_devices", { 0, 0, 0 }, 0 },
	};

	check_orders(orders, 3);
}

static void all_devices(void)
{
	static const struct order orders[] = {
		{ "acquire", "all_svm_devices", { 0, 0, 1 }, 1 },
		{ "release", "all_svm_devices", { 0, 0, 1 }, 0 },
		{ "acq_rel", "all_svm_devices", { 0, 0, 2 }, 1 },
		{ "seq_cst", "all_svm_devices", { 0, 0, 2 }, 1 },
	};

	check_orders(orders, 4);
}

static void one_device(void)
{
	static const struct order orders[] = {
		{ "acquire", "device", { 0, 1, 0 }, 1 },
		{ "release", "device", { 0, 1, 0 }, 0 },
		{ "acq_rel", "device", { 0, 2, 0 }, 1 },
		{ "seq_cst", "device", { 0, 2, 0 }, 1 },
	};

	check_orders(orders, 4);
}

static void work_group(void)
{
	static const struct order orders[] = {
		{ "acquire", "work_group", { 1, 0, 0 }, 0 },
		{ "release", "work_group", { 1, 0, 0 }, 0 },
		{ "acq_rel", "work_group", { 2, 0, 0 }, 0 },
		{ "seq_cst", "work_group", { 2, 0, 0 }, 0 },
	};

	check_orders(orders, 4);
}

/* A load after an atomic of the same work-item sees what that has done. */
static void atomic_then_load(void)
{
	struct sass sass;

	compile("__kernel void k(__global int *p) {\n"
		"	int i = p[0];\n"
		"	atomic_inc(p);\n"
		"	p[1] = i + p[0];\n"
		"}\n", "", &sass);
	check_is(sass.load[CA], 2);
	check_is(sass.atomics, 1);
	check_is(sass.drop_line, 1);
}

static void fence(void)
{
	struct sass sass;

	compile("__kernel void k(__global int *p) {\n"
		"	p[0] = 1;\n"
		"	atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE,\n"
		"		memory_order_release,\n"
		"		memory_scope_all_svm_devices);\n"
		"	p[1] = 2;\n"
		"}\n", CL3, &sass);
	check_is(sass.membar[SYS], 1);
	check_is(sass.drop_all, 0);
	compile("__kernel void k(__global int *p) {\n"
		"	int i = p[0];\n"
		"	atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE,\n"
		"		memory_order_acquire, memory_scope_device);\n"
		"	p[2] = p[1] + i;\n"
		"}\n", CL3, &sass);
	check_is(sass.membar[GL], 1);
	check_is(sass.drop_all, 1);
}

/* Each load of a polling loop goes to memory; plain ones may be cached. */
static void polling(void)
{
	struct sass sass;

	compile("__kernel void k(volatile __global int *p) {\n"
		"	while (!p[0])\n"
		"		;\n"
		"	p[1] = 1;\n"
		"}\n", "", &sass);
	check(sass.load[CV] > 0);
	check_is(sass.load[CA], 0);
	check(sass.store[CV] > 0);
	compile("__kernel void k(__global atomic_int *p) {\n"
		"	while (!atomic_load_explicit(p, memory_order_acquire,\n"
		"				     memory_scope_device))\n"
		"		;\n"
		"}\n", CL3, &sass);
	check(sass.load[CG] + sass.load[CV] > 0);
	check_is(sass.load[CA], 0);
	check(sass.membar[GL] > 0);
	compile("__kernel void k(__global int *p) { p[1] = p[0]; }", "",
		&sass);
	check_is(sass.load[CA], 1);
}

/* Pairs and quads that are put together and taken apart. */
static void pairs(void)
{
	struct sass sass;

	compile("__kernel void k(__global int *p) {\n"
		"	ushort2 u = as_ushort2(p[0]);\n"
		"	uchar4 c = as_uchar4(p[1]);\n"
		"	p[2] = upsample((short)p[3], u.x);\n"
		"	p[4] = upsample(c.x, c.y) + as_int(u.yx);\n"
		"	p[5] = as_int(c.wzyx);\n"
		"	*(__global long *)(p + 6) = upsample(p[7], (uint)p[8]);\n"
		"	*(__global ushort4 *)(p + 10) =\n"
		"		as_ushort4(*(__global long *)(p + 12)).wzyx;\n"
		"}\n", "", &sass);
	check(sass.store[0] >= 4);
}

const struct test code_tests[] = {
	{ "atomic-capabilities", capabilities },
	{ "relaxed", relaxed },
	{ "all-devices", all_devices },
	{ "one-device", one_device },
	{ "work-group", work_group },
	{ "atomic-then-load", atomic_then_load },
	{ "fence", fence },
	{ "polling", polling },
	{ "pairs", pairs },
	{ }
};
