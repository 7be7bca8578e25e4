// SPDX-License-Identifier: MIT
/*
 * The atomic functions of OpenCL C 3.0 (6.15.12): each by its result, on 32-bit
 * types, in global and local memory, in its three forms; their orders and
 * scopes; and many work-items, and the host, at the same word.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define START 20		/* of the word that is operated on */
#define FORMS 3
#define KERNELS 4		/* of two types and two kinds of memory */
#define ITEMS 128
#define GROUP 32
#define TIMES 50
#define N(array) (sizeof(array) / sizeof(*(array)))

/** struct operation - an atomic function, what it returns, and leaves */
struct operation {
	const char *name;
	/* 1: "" or _explicit, 2: order and scope, 3: with two orders */
	const char *text;
	cl_uint returned, left, left_unsigned;
};

static const struct operation operations[] = {
	{ "atomic-store", "atomic_store%1$s(a, 5%2$s);", 0, 5, 5 },
	{ "atomic-load", "r = atomic_load%1$s(a%2$s);", 20, 20, 20 },
	{ "atomic-exchange", "r = atomic_exchange%1$s(a, 9%2$s);", 20, 9, 9 },
	{ "atomic-compare-exchange-strong",
	  "e = 20; r = atomic_compare_exchange_strong%1$s(a, &e, 8%3$s) + e;",
	  21, 8, 8 },
	{ "atomic-compare-exchange-strong-fails",
	  "e = 1; r = atomic_compare_exchange_strong%1$s(a, &e, 8%3$s) + e;",
	  20, 20, 20 },
	{ "atomic-compare-exchange-weak-fails",
	  "e = 1; r = atomic_compare_exchange_weak%1$s(a, &e, 8%3$s) + e;",
	  20, 20, 20 },
	{ "atomic-compare-exchange-weak",
	  "e = 20; while (!atomic_compare_exchange_weak%1$s(a, &e, 8%3$s)); r = e;",
	  20, 8, 8 },
	{ "atomic-fetch-add", "r = atomic_fetch_add%1$s(a, 3%2$s);",
	  20, 23, 23 },
	{ "atomic-fetch-sub", "r = atomic_fetch_sub%1$s(a, 40%2$s);",
	  20, -20, -20 },
	{ "atomic-fetch-or", "r = atomic_fetch_or%1$s(a, 0x43%2$s);",
	  20, 0x57, 0x57 },
	{ "atomic-fetch-xor", "r = atomic_fetch_xor%1$s(a, 0x0f%2$s);",
	  20, 0x1b, 0x1b },
	{ "atomic-fetch-and", "r = atomic_fetch_and%1$s(a, 0x18%2$s);",
	  20, 0x10, 0x10 },
	{ "atomic-fetch-min", "r = atomic_fetch_min%1$s(a, -7%2$s);",
	  20, -7, 20 },
	{ "atomic-fetch-max", "r = atomic_fetch_max%1$s(a, -7%2$s);",
	  20, 20, -7 },
};

#define ORDER ", memory_order_seq_cst"
#define SCOPE ", memory_scope_all_svm_devices"

static const char *const forms[FORMS][3] = {
	{ "", "", "" },
	{ "_explicit", ORDER, ORDER ORDER },
	{ "_explicit", ORDER SCOPE, ORDER ORDER SCOPE },
};

static cl_uint got[KERNELS][N(operations)][FORMS][2];

/* The kernel does each in each form, with a type in a kind of memory. */
static char *operations_source(const char *type, const char *memory)
{
	unsigned int i, form, n = 0;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	if (!f)
		exit(EXIT_FAILURE);
	fprintf(f, "__kernel void operate(__global atomic_%s *global_,\n"
		"	__local atomic_%s *local_, __global %s *out)\n"
		"{\n"
		"	__%s atomic_%s *a = %s_;\n"
		"	%s r, e;\n", type, type, type, memory, type, memory,
		type);
	for (i = 0; i < N(operations); i++) {
		for (form = 0; form < FORMS; form++) {
			fprintf(f, "	atomic_init(a, %d); r = 0;\n	",
				START);
			fprintf(f, operations[i].text, forms[form][0],
				forms[form][1], forms[form][2]);
			fprintf(f, "\n	out[%u] = r;\n", n++);
			fprintf(f, "	out[%u] = atomic_load(a);\n", n++);
		}
	}
	fprintf(f, "}\n");
	fclose(f);
	return text;
}

static void operate(struct conform *c)
{
	const char *const types[] = { "int", "uint" };
	const char *const memories[] = { "global", "local" };
	size_t one = 1, i;
	cl_kernel kernel;
	char *text;

	for (i = 0; i < KERNELS; i++) {
		text = operations_source(types[i / 2], memories[i % 2]);
		kernel = cl_kernel_with(&c->cl, text, "operate", CL3);
		free(text);
		cl_arg_pointer(kernel, 0, c->svm);
		cl_arg_local(kernel, 1, sizeof(cl_uint));
		cl_arg_pointer(kernel, 2, got[i]);
		cl_run(&c->cl, kernel, 1, &one, &one);
		clReleaseKernel(kernel);
	}
}

static bool operation(struct conform *c, const void *data)
{
	const struct operation *it = data;
	size_t n = it - operations, i, form;
	bool right = true;

	(void)c;
	for (i = 0; i < KERNELS; i++) {
		cl_uint left = i / 2 ? it->left_unsigned : it->left;

		for (form = 0; form < FORMS; form++) {
			const cl_uint *is = got[i][n][form];

			if (is[0] == it->returned && is[1] == left)
				continue;
			printf("  kernel %zu, form %zu: returns %d, leaves %d\n",
			       i, form, (int)is[0], (int)is[1]);
			right = false;
		}
	}
	return right;
}

static void operation_cases(struct conform *c)
{
	size_t i;

	if (c->platform)
		operate(c);
	for (i = 0; i < N(operations); i++) {
		const struct conform_case one = {
			"6.15.12.7", operations[i].name, operation,
			&operations[i],
		};

		conform_case(c, &one);
	}
}

static const char crowd[] =
"#define ALL memory_order_seq_cst, memory_scope_all_svm_devices\n"
"#define FEW memory_order_relaxed, memory_scope_device\n"
"__kernel void crowd(__global atomic_uint *w, __local atomic_uint *l)\n"
"{\n"
"	uint i = get_global_id(0), was, bit = 1u << i % 32;\n"
"	if (!get_local_id(0))\n"
"		atomic_init(l, 0);\n"
"	work_group_barrier(CLK_LOCAL_MEM_FENCE);\n"
"	atomic_fetch_add_explicit(&w[0], 1, FEW);\n"
"	atomic_fetch_sub_explicit(&w[1], 1, FEW);\n"
"	atomic_fetch_or_explicit(&w[2], bit, FEW);\n"
"	atomic_fetch_xor_explicit(&w[3], i, ALL);\n"
"	atomic_fetch_and_explicit(&w[4], ~bit, FEW);\n"
"	atomic_fetch_min_explicit(&w[5], i, FEW);\n"
"	atomic_fetch_max_explicit(&w[6], i, FEW);\n"
"	was = atomic_exchange_explicit(&w[7], i + 1, FEW);\n"
"	atomic_fetch_add_explicit(&w[8], was, ALL);\n"
"	was = atomic_load_explicit(&w[9], FEW);\n"
"	while (!atomic_compare_exchange_weak_explicit(&w[9], &was, was + 3,\n"
"			memory_order_acq_rel, memory_order_relaxed,\n"
"			memory_scope_device))\n"
"		;\n"
"	atomic_fetch_add_explicit(l, 1, FEW);\n"
"	work_group_barrier(CLK_LOCAL_MEM_FENCE);\n"
"	if (!get_local_id(0))\n"
"		atomic_fetch_add(&w[10], atomic_load(l));\n"
"}\n";

/* None is lost, whatever the other work-items do at the same time. */
static bool crowded(struct conform *c, const void *data)
{
	cl_kernel kernel = cl_kernel_with(&c->cl, crowd, "crowd", CL3);
	cl_uint *w = (cl_uint *)c->svm;
	size_t items = ITEMS, group = GROUP;

	(void)data;
	memset(w, 0, 64);
	w[4] = ~0u;
	w[5] = ~0u;
	cl_arg_pointer(kernel, 0, w);
	cl_arg_local(kernel, 1, sizeof(cl_uint));
	cl_run(&c->cl, kernel, 1, &items, &group);
	clReleaseKernel(kernel);
	return HOLDS(w[0] == ITEMS) & HOLDS(w[1] == -(cl_uint)ITEMS) &
	       HOLDS(w[2] == ~0u) & HOLDS(!w[3]) & HOLDS(!w[4]) &
	       HOLDS(!w[5]) & HOLDS(w[6] == ITEMS - 1) &
	       HOLDS(w[7] + w[8] == ITEMS * (ITEMS + 1) / 2) &
	       HOLDS(w[9] == 3 * ITEMS) & HOLDS(w[10] == ITEMS);
}

static const char host[] =
"#define ALL memory_order_seq_cst, memory_scope_all_svm_devices\n"
"__kernel void both(__global atomic_uint *w, uint times)\n"
"{\n"
"	for (uint i = 0; i < times; i++) {\n"
"		uint was = atomic_load_explicit(&w[1], ALL);\n"
"		atomic_fetch_add_explicit(&w[0], 1, ALL);\n"
"		while (!atomic_compare_exchange_weak_explicit(&w[1], &was,\n"
"				was + 1, memory_order_seq_cst, ALL))\n"
"			;\n"
"		atomic_fetch_xor_explicit(&w[2], 1u << i % 16, ALL);\n"
"	}\n"
"}\n";

static void host_part(_Atomic cl_uint *w)
{
	cl_uint i, was;

	for (i = 0; i < TIMES; i++) {
		was = atomic_load(&w[1]);
		atomic_fetch_add(&w[0], 1);
		while (!atomic_compare_exchange_weak(&w[1], &was, was + 1))
			;
		atomic_fetch_xor(&w[2], 1u << (i % 16 + 16));
	}
}

/* Host and device at the same words. */
static bool with_host(struct conform *c, _Atomic cl_uint *w)
{
	cl_kernel kernel = cl_kernel_with(&c->cl, host, "both", CL3);
	const cl_uint times = TIMES;
	cl_uint bits = 0, i;

	cl_arg_pointer(kernel, 0, w);
	cl_arg_value(kernel, 1, sizeof(times), &times);
	cl_start(c->cl.queue, kernel, 4);
	clFlush(c->cl.queue);
	host_part(w);
	cl_check(clFinish(c->cl.queue), "clFinish");
	clReleaseKernel(kernel);
	/* four work-items cancel each other */
	for (i = 0; i < TIMES; i++)
		bits ^= 1u << (i % 16 + 16);
	return HOLDS(w[0] == 5 * TIMES) & HOLDS(w[1] == 5 * TIMES) &
	       HOLDS(w[2] == bits);
}

static bool host_svm(struct conform *c, const void *data)
{
	void *w = conform_alloc(c, CL_MEM_SVM_FINE_GRAIN_BUFFER |
				CL_MEM_SVM_ATOMICS, 64);
	bool right = with_host(c, w);

	(void)data;
	clSVMFree(c->cl.context, w);
	return right;
}

static bool host_heap(struct conform *c, const void *data)
{
	void *w = calloc(16, sizeof(cl_uint));
	bool right = w && with_host(c, w);

	(void)data;
	free(w);
	return right;
}

static const char grid[] =
"#define DO(o, s) atomic_fetch_add_explicit(p, 1, memory_order_ ## o, \\\n"
"					    memory_scope_ ## s);\n"
"#define GET(o, s) sum += atomic_load_explicit(p, memory_order_ ## o, \\\n"
"					       memory_scope_ ## s);\n"
"#define PUT(o, s) atomic_store_explicit(p + 1, 7, memory_order_ ## o, \\\n"
"					 memory_scope_ ## s);\n"
"#define CAS(o, f) e = 7; sum += atomic_compare_exchange_strong_explicit( \\\n"
"		p + 1, &e, 7, memory_order_ ## o, memory_order_ ## f, \\\n"
"		memory_scope_all_svm_devices);\n"
"#define FENCE(o, s) atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE | \\\n"
"		CLK_LOCAL_MEM_FENCE, memory_order_ ## o, memory_scope_ ## s);\n"
"#define RMW(s) DO(relaxed, s) DO(acquire, s) DO(release, s) \\\n"
"	DO(acq_rel, s) DO(seq_cst, s)\n"
"#define LOADS(s) GET(relaxed, s) GET(acquire, s) GET(seq_cst, s)\n"
"#define STORES(s) PUT(relaxed, s) PUT(release, s) PUT(seq_cst, s)\n"
"#define FENCES(s) FENCE(relaxed, s) FENCE(acquire, s) FENCE(release, s) \\\n"
"	FENCE(acq_rel, s) FENCE(seq_cst, s)\n"
"#define SCOPES(x) x(work_group) x(device) x(all_svm_devices) x(all_devices)\n"
"__kernel void grid(__global atomic_uint *g, __local atomic_uint *l,\n"
"		   __global uint *out)\n"
"{\n"
"	uint sum = 0, e;\n"
"	{\n"
"		__global atomic_uint *p = g;\n"
"		SCOPES(RMW) SCOPES(LOADS) SCOPES(STORES)\n"
"		CAS(relaxed, relaxed) CAS(acquire, acquire)\n"
"		CAS(release, relaxed) CAS(acq_rel, acquire)\n"
"		CAS(seq_cst, seq_cst) CAS(seq_cst, relaxed)\n"
"	}\n"
"	out[0] = sum;\n"
"	sum = 0;\n"
"	{\n"
"		__local atomic_uint *p = l;\n"
"		atomic_init(p, 0);\n"
"		SCOPES(RMW) SCOPES(LOADS) SCOPES(STORES) SCOPES(FENCES)\n"
"	}\n"
"	out[1] = sum;\n"
"}\n";

/* 5 orders of 4 scopes are 20, and 3 loads of 4 scopes see them. */
static bool gridded(struct conform *c, const void *data)
{
	cl_kernel kernel = cl_kernel_with(&c->cl, grid, "grid", CL3);
	cl_uint *w = (cl_uint *)c->svm;
	size_t one = 1;

	(void)data;
	memset(w, 0, 64);
	cl_arg_pointer(kernel, 0, w);
	cl_arg_local(kernel, 1, 2 * sizeof(cl_uint));
	cl_arg_pointer(kernel, 2, w + 8);
	cl_run(&c->cl, kernel, 1, &one, &one);
	clReleaseKernel(kernel);
	return HOLDS(w[0] == 20) & HOLDS(w[1] == 7) &
	       HOLDS(w[8] == 12 * 20 + 6) & HOLDS(w[9] == 12 * 20);
}

static const char flags[] =
"#define ALL memory_order_seq_cst, memory_scope_all_svm_devices\n"
"__kernel void flags(__global atomic_flag *f, __global uint *out,\n"
"		     __global atomic_uint *winners)\n"
"{\n"
"	if (!atomic_flag_test_and_set_explicit(f + 1, ALL))\n"
"		atomic_fetch_add(winners, 1);\n"
"	if (get_global_id(0))\n"
"		return;\n"
"	out[0] = atomic_flag_test_and_set(f);\n"
"	out[1] = atomic_flag_test_and_set(f);\n"
"	atomic_flag_clear(f);\n"
"	out[2] = atomic_flag_test_and_set_explicit(f,\n"
"						   memory_order_acquire);\n"
"	atomic_flag_clear_explicit(f, memory_order_release);\n"
"	out[3] = atomic_flag_test_and_set_explicit(f, ALL);\n"
"	atomic_flag_clear_explicit(f, ALL);\n"
"	out[4] = atomic_flag_test_and_set(f);\n"
"}\n";

static bool flagged(struct conform *c, const void *data)
{
	cl_kernel kernel = cl_kernel_with(&c->cl, flags, "flags", CL3);
	cl_uint *w = (cl_uint *)c->svm;
	size_t items = ITEMS, group = GROUP;

	(void)data;
	memset(w, 0, 64);
	cl_arg_pointer(kernel, 0, w);
	cl_arg_pointer(kernel, 1, w + 4);
	cl_arg_pointer(kernel, 2, w + 2);
	cl_run(&c->cl, kernel, 1, &items, &group);
	clReleaseKernel(kernel);
	return HOLDS(w[2] == 1) & HOLDS(!w[4] && w[5]) &
	       HOLDS(!w[6] && !w[7] && !w[8]);
}

static const char floats[] =
"__kernel void floats(__global atomic_float *a, __global float *out)\n"
"{\n"
"	atomic_init(a, 1.5f);\n"
"	out[0] = atomic_load(a);\n"
"	atomic_store(a, 2.5f);\n"
"	out[1] = atomic_exchange(a, -0.0f);\n"
"	out[2] = atomic_load_explicit(a, memory_order_acquire,\n"
"				      memory_scope_all_svm_devices);\n"
"	atomic_store_explicit(a, 4.0f, memory_order_release,\n"
"			      memory_scope_all_svm_devices);\n"
"	out[3] = atomic_exchange_explicit(a, 5.0f, memory_order_acq_rel,\n"
"					  memory_scope_device);\n"
"}\n";

static bool floating(struct conform *c, const void *data)
{
	cl_kernel kernel = cl_kernel_with(&c->cl, floats, "floats", CL3);
	cl_float *w = (cl_float *)c->svm;
	size_t one = 1;

	(void)data;
	cl_arg_pointer(kernel, 0, w);
	cl_arg_pointer(kernel, 1, w + 4);
	cl_run(&c->cl, kernel, 1, &one, &one);
	clReleaseKernel(kernel);
	return HOLDS(w[0] == 5) & HOLDS(w[4] == 1.5f) & HOLDS(w[5] == 2.5f) &
	       HOLDS(w[6] == 0 && *(cl_uint *)&w[6]) & HOLDS(w[7] == 4);
}

/* Does it build? */
static bool builds(struct conform *c, const char *text)
{
	cl_program program;
	cl_int err;

	program = clCreateProgramWithSource(c->cl.context, 1, &text, NULL,
					    &err);
	cl_check(err, "clCreateProgramWithSource");
	err = clBuildProgram(program, 1, &c->cl.device, CL3, NULL, NULL);
	clReleaseProgram(program);
	return !err;
}

static bool forbidden(struct conform *c, const void *data)
{
	return HOLDS(!builds(c, data));
}

static const char features[] =
"#if !defined(__opencl_c_atomic_order_acq_rel) || \\\n"
"	!defined(__opencl_c_atomic_order_seq_cst) || \\\n"
"	!defined(__opencl_c_atomic_scope_device) || \\\n"
"	!defined(__opencl_c_atomic_scope_all_devices)\n"
"#error a feature\n"
"#endif\n"
"__kernel void nothing(void)\n"
"{\n"
"}\n";

static bool featured(struct conform *c, const void *data)
{
	(void)data;
	return HOLDS(builds(c, features));
}

#define KERNEL(text) "__kernel void k(__global atomic_int *a) { " text " }\n"

static const struct conform_case cases[] = {
	{ "6.15.12.7", "atomic-crowd", crowded, NULL },
	{ "3.3.7.1", "atomic-host-svm", host_svm, NULL },
	{ "3.3.7.1", "atomic-host-heap", host_heap, NULL },
	{ "6.15.12.3", "atomic-orders-and-scopes", gridded, NULL },
	{ "6.15.12.7.6", "atomic-flag", flagged, NULL },
	{ "6.15.12.6", "atomic-float", floating, NULL },
	{ "6.15.12.10", "atomic-features", featured, NULL },
	{ "6.15.12.10", "atomic-operator", forbidden, KERNEL("*a += 1;") },
	{ "6.15.12.10", "atomic-specifier", forbidden,
	  "__kernel void k(__global _Atomic(int) *a) { }\n" },
	{ "6.15.12.10", "atomic-char", forbidden,
	  "__kernel void k(__global atomic_char *a) { }\n" },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	operation_cases(&c);
	CONFORM_CASES(&c, cases);
	return conform_close(&c, "conform_atomic");
}
