// SPDX-License-Identifier: MIT
/*
 * OpenCL from end to end: data that the CPU has made goes through a kernel, and
 * the CPU goes over the result.  Once with plain pointers; and once as programs
 * are written that know no SVM, with buffers and copies, which is what the first
 * is compared with.
 *
 * Compiling is not measured: each kernel runs on a little data before.
 */
#include <stdlib.h>
#include <string.h>

#include "../opencl/svmcl.h"
#include "bench.h"
#include "igt_abi.h"
#include "nv_words.h"

#define TILE		16
#define MATRIX		256	/* rows and columns */
#define SPARSE		131072	/* rows */
#define IN_ROW		6	/* values in each */
#define LITTLE		TILE	/* the same of what runs before */
#define ARRAYS		5
#define CHASE		65536	/* pages, 256 MiB */
#define CHASE_STEPS	4096
#define PAGE_WORDS	(NV_PAGE / sizeof(uint32_t))
#define NUMBERS		(4u << 20)
#define BINS		256

static const char matmul_source[] =
"__kernel void run(__global const float *a, __global const float *b,\n"
"		   __global float *r, uint n)\n"
"{\n"
"	uint x = get_global_id(0), y = get_global_id(1);\n"
"	float sum = 0;\n"
"	for (uint k = 0; k < n; k++)\n"
"		sum += a[y * n + k] * b[k * n + x];\n"
"	r[y * n + x] = sum;\n"
"}\n";

static const char spmv_source[] =
"#define IN_ROW 6\n"
"__kernel void run(__global const uint *columns, __global const float *values,\n"
"		   __global const float *x, __global float *y, uint n)\n"
"{\n"
"	uint row = get_global_id(0);\n"
"	float sum = 0;\n"
"	for (uint i = row * IN_ROW; i < (row + 1) * IN_ROW; i++)\n"
"		sum += values[i] * x[columns[i]];\n"
"	y[row] = sum;\n"
"}\n";

static const char chase_source[] =
"__kernel void run(__global const uint *next, __global uint *last, uint n)\n"
"{\n"
"	uint at = 0;\n"
"	for (uint i = 0; i < n; i++)\n"
"		at = next[at];\n"
"	*last = at;\n"
"}\n";

static const char histogram_source[] =
"__kernel void run(__global const uint *in, __global uint *bins, uint n)\n"
"{\n"
"	atomic_inc(&bins[in[get_global_id(0)] % 256]);\n"
"}\n";

/** struct job - one run of a kernel */
struct job {
	/** @array: its arguments; the last is its result */
	struct {
		void *p;
		size_t size;
	} array[ARRAYS];
	/** @arrays: how many; @n: rows, steps, ...: the argument after them */
	cl_uint arrays, n;
	cl_uint dims;
	size_t global[2], local[2];
	/** @adds: to what is in the result */
	bool adds;
};

static uint32_t seed = 1;

/* Small whole numbers: sums are exact in float, in any order. */
static float small(void)
{
	return (float)(next_random(&seed) % 17) - 8;
}

static void *add_array(struct job *job, size_t words)
{
	void *p = xmalloc(words * sizeof(uint32_t));

	job->array[job->arrays].p = p;
	job->array[job->arrays++].size = words * sizeof(uint32_t);
	return p;
}

static const float *result(const struct job *job)
{
	return job->array[job->arrays - 1].p;
}

static void matmul_make(struct job *job, cl_uint n)
{
	float *a = add_array(job, n * n), *b = add_array(job, n * n);
	cl_uint i;

	memset(add_array(job, n * n), 0xff, n * n * sizeof(*a));
	for (i = 0; i < n * n; i++) {
		a[i] = small();
		b[i] = small();
	}
	job->n = n;
	job->dims = 2;
	job->global[0] = n;
	job->global[1] = n;
	job->local[0] = TILE;
	job->local[1] = TILE;
}

static void matmul_check(const struct job *job)
{
	const float *a = job->array[0].p, *b = job->array[1].p;
	const cl_uint n = job->n;
	cl_uint i, k;

	for (i = 0; i < n * n; i++) {
		float sum = 0;

		for (k = 0; k < n; k++)
			sum += a[i / n * n + k] * b[k * n + i % n];
		igt_assert(result(job)[i] == sum);
	}
}

static void spmv_make(struct job *job, cl_uint n)
{
	uint32_t *columns = add_array(job, n * IN_ROW);
	float *values = add_array(job, n * IN_ROW), *x = add_array(job, n);
	cl_uint i;

	memset(add_array(job, n), 0xff, n * sizeof(*x));
	for (i = 0; i < n * IN_ROW; i++) {
		columns[i] = next_random(&seed) % n;
		values[i] = small();
	}
	for (i = 0; i < n; i++)
		x[i] = small();
	job->n = n;
	job->dims = 1;
	job->global[0] = n;
	job->local[0] = TILE;
}

static void spmv_check(const struct job *job)
{
	const uint32_t *columns = job->array[0].p;
	const float *values = job->array[1].p, *x = job->array[2].p;
	cl_uint row, i;

	for (row = 0; row < job->n; row++) {
		float sum = 0;

		for (i = row * IN_ROW; i < (row + 1) * IN_ROW; i++)
			sum += values[i] * x[columns[i]];
		igt_assert(result(job)[row] == sum);
	}
}

/* A word in each page names another page, by its word: all are on the way. */
static void chase_make(struct job *job, cl_uint pages)
{
	uint32_t *next = add_array(job, pages * PAGE_WORDS), *order;
	cl_uint i, other, swap;

	memset(add_array(job, 1), 0xff, sizeof(uint32_t));
	order = xmalloc(pages * sizeof(*order));
	for (i = 0; i < pages; i++) {
		other = next_random(&seed) % (i + 1);
		order[i] = i;
		swap = order[other];
		order[other] = i;
		order[i] = swap;
	}
	for (i = 0; i < pages; i++)
		next[order[i] * PAGE_WORDS] =
			order[(i + 1) % pages] * PAGE_WORDS;
	free(order);
	job->n = CHASE_STEPS;
	job->dims = 1;
	job->global[0] = 1;
	job->local[0] = 1;
}

static void chase_check(const struct job *job)
{
	const uint32_t *next = job->array[0].p;
	uint32_t at = 0, i;

	for (i = 0; i < job->n; i++)
		at = next[at];
	igt_assert_eq(*(const uint32_t *)job->array[1].p, at);
}

static void histogram_make(struct job *job, cl_uint n)
{
	uint32_t *in = add_array(job, n);
	cl_uint i;

	job->adds = true;
	memset(add_array(job, BINS), 0, BINS * sizeof(*in));
	for (i = 0; i < n; i++)
		in[i] = next_random(&seed);
	job->n = n;
	job->dims = 1;
	job->global[0] = n;
	job->local[0] = TILE;
}

static void histogram_check(const struct job *job)
{
	const uint32_t *in = job->array[0].p, *bins = job->array[1].p;
	uint32_t want[BINS] = {};
	cl_uint i;

	for (i = 0; i < job->n; i++)
		want[in[i] % BINS]++;
	igt_assert(!memcmp(bins, want, sizeof(want)));
}

static void run_pointers(struct cl *cl, cl_kernel kernel, struct job *job)
{
	cl_uint i;

	for (i = 0; i < job->arrays; i++)
		cl_arg_pointer(kernel, i, job->array[i].p);
	cl_arg_value(kernel, i, sizeof(job->n), &job->n);
	cl_run(cl, kernel, job->dims, job->global, job->local);
}

static void run_buffers(struct cl *cl, cl_kernel kernel, struct job *job)
{
	const cl_uint last = job->arrays - 1;
	cl_mem buffer[ARRAYS];
	cl_int err;
	cl_uint i;

	for (i = 0; i < job->arrays; i++) {
		buffer[i] = clCreateBuffer(cl->context, CL_MEM_READ_WRITE,
					   job->array[i].size, NULL, &err);
		cl_check(err, "clCreateBuffer");
		cl_arg_value(kernel, i, sizeof(buffer[i]), &buffer[i]);
		if (i == last && !job->adds)
			continue;
		cl_check(clEnqueueWriteBuffer(cl->queue, buffer[i], CL_FALSE, 0,
					      job->array[i].size,
					      job->array[i].p, 0, NULL, NULL),
			 "clEnqueueWriteBuffer");
	}
	cl_arg_value(kernel, i, sizeof(job->n), &job->n);
	cl_check(clEnqueueNDRangeKernel(cl->queue, kernel, job->dims, NULL,
					job->global, job->local, 0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clEnqueueReadBuffer(cl->queue, buffer[last], CL_TRUE, 0,
				     job->array[last].size, job->array[last].p,
				     0, NULL, NULL), "clEnqueueReadBuffer");
	for (i = 0; i < job->arrays; i++)
		cl_check(clReleaseMemObject(buffer[i]), "clReleaseMemObject");
}

/* What the program is for: the CPU uses the result. */
static void use(const struct job *job)
{
	const size_t words = job->array[job->arrays - 1].size / sizeof(float);
	volatile float sum = 0;
	size_t i;

	for (i = 0; i < words; i++)
		sum += result(job)[i];
}

static void job_free(struct job *job)
{
	while (job->arrays)
		free(job->array[--job->arrays].p);
}

static void from_end_to_end(const struct bench_arg *arg, const char *source,
			    void (*make)(struct job *job, cl_uint n),
			    void (*check)(const struct job *job))
{
	void (*const run)(struct cl *cl, cl_kernel kernel, struct job *job) =
		arg->buffers ? run_buffers : run_pointers;
	struct job job = { .arrays = 0 };
	cl_kernel kernel;
	struct cl cl;

	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "run");
	make(&job, LITTLE);
	run(&cl, kernel, &job);
	check(&job);
	job_free(&job);

	make(&job, arg->count);
	bench_begin();
	run(&cl, kernel, &job);
	use(&job);
	bench_end();
	check(&job);
	job_free(&job);
	cl_check(clReleaseKernel(kernel), "clReleaseKernel");
	cl_close(&cl);
}

static void matmul(const struct bench_arg *arg)
{
	from_end_to_end(arg, matmul_source, matmul_make, matmul_check);
}

static void spmv(const struct bench_arg *arg)
{
	from_end_to_end(arg, spmv_source, spmv_make, spmv_check);
}

static void chase(const struct bench_arg *arg)
{
	from_end_to_end(arg, chase_source, chase_make, chase_check);
}

static void histogram(const struct bench_arg *arg)
{
	from_end_to_end(arg, histogram_source, histogram_make,
			histogram_check);
}

/* Units are pages of what goes in and comes out, or steps. */
#define PAGES(words)	((words) * sizeof(uint32_t) / NV_PAGE)
/* Both ways, pointers compared with buffers; and those with memory in RAM. */
#define WORKLOADS(name, run, n, units) \
	{ "opencl-" name "-buffers", NULL, run, \
	  { .count = (n), .buffers = true }, (units) }, \
	{ "opencl-" name, "opencl-" name "-buffers", run, \
	  { .count = (n) }, (units) }, \
	{ "opencl-" name "-ram", "opencl-" name "-buffers", run, \
	  { .count = (n), .ram = true }, (units) }

static const struct bench_workload workloads[] = {
	WORKLOADS("matmul", matmul, MATRIX, PAGES(3 * MATRIX * MATRIX)),
	WORKLOADS("spmv", spmv, SPARSE, PAGES(SPARSE * (2 * IN_ROW + 2))),
	WORKLOADS("histogram", histogram, NUMBERS, PAGES(NUMBERS)),
	WORKLOADS("chase", chase, CHASE, CHASE_STEPS),
	{ .name = NULL },
};

const struct bench_workload *const bench_groups[] = { workloads, NULL };
