// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels on an OpenCL device: the one that the ICD loader finds. */
#define CL_TARGET_OPENCL_VERSION 300
#include <CL/cl.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "vgpu.h"

#define PAGE 4096

/* Kernels of one process, and how many of those run at once */
#define PART (4 * BATCH)
#define JOBS 2

/** struct memory - what a kernel sees, by plain pointers */
struct memory {
	uint64_t in[IN_WORDS];
	uint64_t result[RESULT_WORDS];
} __attribute__((aligned(PAGE)));

/** struct device - opened */
struct device {
	cl_device_id id;
	cl_context context;
	cl_command_queue queue;
	struct memory *memory;
	/* to run in place of what is generated */
	const char *instead;
	enum run_where where;
};

static void device_open(struct device *d, enum run_where where)
{
	cl_platform_id platform;
	cl_int e;

	d->where = where;
	d->memory = aligned_alloc(PAGE, sizeof(*d->memory));
	if (!d->memory)
		err(1, "memory");
	memset(d->memory, 0, sizeof(*d->memory));
	if (where == RUN_GPU) {
		vgpu_open(!!getenv("FUZZ_SCALAR"));
		vgpu_map(d->memory, sizeof(*d->memory));
	}
	if (clGetPlatformIDs(1, &platform, NULL) ||
	    clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &d->id, NULL))
		errx(1, "no OpenCL device");
	d->context = clCreateContext(NULL, 1, &d->id, NULL, NULL, &e);
	if (e)
		errx(1, "clCreateContext: %d", e);
	d->queue = clCreateCommandQueueWithProperties(d->context, d->id, NULL,
						      &e);
	if (e)
		errx(1, "clCreateCommandQueueWithProperties: %d", e);
}

/*
 * pocl does not optimize: at some kernels its LLVM ends the process, as one of
 * the passes checks itself ("did not reach a fixpoint").
 */
static const char *const options[] = {
	[RUN_GPU]	= "-cl-std=CL3.0 -w",
	[RUN_CPU]	= "-cl-std=CL3.0 -w -cl-opt-disable",
};

static cl_program build(struct device *d, const char *source)
{
	static char log[1 << 16];
	cl_program program;
	cl_int e;

	program = clCreateProgramWithSource(d->context, 1, &source, NULL, &e);
	if (e)
		errx(1, "clCreateProgramWithSource: %d", e);
	e = clBuildProgram(program, 1, &d->id, options[d->where], NULL, NULL);
	if (e) {
		clGetProgramBuildInfo(program, d->id, CL_PROGRAM_BUILD_LOG,
				      sizeof(log), log, NULL);
		errx(1, "clBuildProgram: %d\n%s\n%s", e, log, source);
	}
	return program;
}

/* What it said, and that it was kernel @k. */
static bool failed(cl_int e, const char *what, const struct kernel *k)
{
	if (e)
		printf("seed %llu: %s: %d\n", (unsigned long long)k->seed,
		       what, e);
	return e;
}

static bool enqueue(struct device *d, cl_kernel kernel, const struct kernel *k)
{
	void *args[] = {
		d->memory->in, d->memory->result,
		d->memory->result + ITEMS_MAX * OUT_WORDS,
	};
	size_t items = k->items, group = k->group;
	cl_uint i;

	for (i = 0; i < sizeof(args) / sizeof(*args); i++)
		if (failed(clSetKernelArgSVMPointer(kernel, i, args[i]),
			   "clSetKernelArgSVMPointer", k))
			return false;
	return !failed(clEnqueueNDRangeKernel(d->queue, kernel, 1, NULL,
					      &items, &group, 0, NULL, NULL),
		       "clEnqueueNDRangeKernel", k) &&
	       !failed(clFinish(d->queue), "clFinish", k);
}

/* Results of a kernel that failed */
static const uint8_t marks[] = { [RUN_GPU] = 0xbb, [RUN_CPU] = NOT_RUN };

/* Seconds in which a program is compiled, and a kernel run */
#define COMPILED_IN 60
#define RUN_IN 10

static void run_kernel(struct device *d, cl_program program,
		       const struct kernel *k)
{
	cl_kernel kernel;
	char name[32];
	bool done;
	cl_int e;

	memcpy(d->memory->in, k->in, sizeof(k->in));
	memset(d->memory->result, 0, sizeof(d->memory->result));
	snprintf(name, sizeof(name), "k%llu", (unsigned long long)k->seed);
	kernel = clCreateKernel(program, name, &e);
	if (e)
		errx(1, "seed %llu: clCreateKernel: %d",
		     (unsigned long long)k->seed, e);
	done = enqueue(d, kernel, k);
	clReleaseKernel(kernel);
	if (vgpu_error()) {
		printf("seed %llu: %s\n", (unsigned long long)k->seed,
		       vgpu_error());
		vgpu_forgive();
		done = false;
	}
	if (!done)
		memset(d->memory->result, marks[d->where],
		       sizeof(d->memory->result));
}

/* Functions are compared with the host's, so that only the GPU runs those. */
static bool runs(enum run_where where, const struct kernel *k)
{
	return where == RUN_GPU || k->kind != KERNEL_MATH;
}

/* The source of kernels from @seed on, with what they are in @kernels */
static char *generate(struct device *d, struct kernel *kernels, uint64_t seed,
		      unsigned int count)
{
	char *all, *one;
	size_t size, one_size;
	FILE *f = open_memstream(&all, &size), *g;
	unsigned int i;

	fputs(gen_prelude, f);
	for (i = 0; i < count; i++) {
		g = open_memstream(&one, &one_size);
		gen_kernel(g, &kernels[i], seed + i);
		fclose(g);
		if (runs(d->where, &kernels[i]))
			fputs(one, f);
		free(one);
	}
	fclose(f);
	return all;
}

static void put_results(FILE *f, const uint64_t *results)
{
	if (fwrite(results, sizeof(*results), RESULT_WORDS, f) != RESULT_WORDS)
		err(1, "results");
}

static void run_batch(struct device *d, uint64_t seed, unsigned int count,
		      FILE *results)
{
	static struct kernel kernels[BATCH];
	char *source = generate(d, kernels, seed, count);
	cl_program program;
	unsigned int i;

	alarm(COMPILED_IN);
	program = build(d, d->instead ? d->instead : source);
	for (i = 0; i < count; i++) {
		alarm(RUN_IN);
		if (runs(d->where, &kernels[i]))
			run_kernel(d, program, &kernels[i]);
		put_results(results, d->memory->result);
	}
	alarm(0);
	clReleaseProgram(program);
	free(source);
}

void run_source(enum run_where where, const char *source,
		const struct kernel *k, uint64_t *results)
{
	static struct device d;
	cl_program program;

	if (!d.context)
		device_open(&d, where);
	program = build(&d, source);
	run_kernel(&d, program, k);
	memcpy(results, d.memory->result, sizeof(d.memory->result));
	clReleaseProgram(program);
}

static void run_range(enum run_where where, uint64_t seed, unsigned int count,
		      FILE *results, const char *instead)
{
	struct device d = { .instead = instead };
	unsigned int i, n;

	device_open(&d, where);
	for (i = 0; i < count; i += n) {
		n = count - i < BATCH ? count - i : BATCH;
		run_batch(&d, seed + i, n, results);
	}
}

/** struct part - kernels that a process of their own runs */
struct part {
	pid_t pid;
	unsigned int first, count;
};

/** struct work - all parts */
struct work {
	enum run_where where;
	uint64_t seed;
	const char *path, *instead;
};

/* In a process of its own; results go to where they belong in the file. */
static void start(const struct work *w, struct part *p)
{
	off_t at = (off_t)p->first * RESULT_WORDS * sizeof(uint64_t);
	FILE *results;

	fflush(NULL);
	p->pid = fork();
	if (p->pid < 0)
		err(1, "fork");
	if (p->pid)
		return;
	results = fopen(w->path, "r+e");
	if (!results || fseeko(results, at, SEEK_SET))
		err(1, "%s", w->path);
	run_range(w->where, w->seed + p->first, p->count, results, w->instead);
	if (fclose(results))
		err(1, "%s", w->path);
	fflush(NULL);
	_exit(0);
}

/* Did it end well? */
static bool run_apart(const struct work *w, unsigned int first)
{
	struct part p = { .first = first, .count = 1 };
	int status;

	start(w, &p);
	if (waitpid(p.pid, &status, 0) != p.pid)
		err(1, "waitpid");
	return !status;
}

/* Of a kernel that ends the process, or that does not end */
static void put_mark(const struct work *w, unsigned int n)
{
	off_t at = (off_t)n * RESULT_WORDS * sizeof(uint64_t);
	FILE *results = fopen(w->path, "r+e");
	uint64_t none[RESULT_WORDS];

	memset(none, marks[w->where], sizeof(none));
	if (!results || fseeko(results, at, SEEK_SET))
		err(1, "%s", w->path);
	put_results(results, none);
	if (fclose(results))
		err(1, "%s", w->path);
}

/* A part ended badly: which kernel is it? */
static unsigned int run_singly(const struct work *w, const struct part *p)
{
	unsigned int i, bad = 0;

	for (i = p->first; i < p->first + p->count; i++) {
		if (run_apart(w, i))
			continue;
		printf("seed %llu: no results from the %s\n",
		       (unsigned long long)w->seed + i,
		       w->where == RUN_GPU ? "GPU" : "CPU");
		put_mark(w, i);
		bad++;
	}
	return bad;
}

/* Wait for one of @parts; of how many kernels it has no results. */
static unsigned int finish(const struct work *w, struct part *parts,
			   unsigned int n)
{
	int status;
	pid_t pid = wait(&status);
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (parts[i].pid != pid)
			continue;
		parts[i].pid = 0;
		return status ? run_singly(w, &parts[i]) : 0;
	}
	err(1, "wait");
}

unsigned int run_kernels(enum run_where where, uint64_t seed,
			 unsigned int count, const char *path,
			 const char *instead)
{
	struct work w = { where, seed, path, instead };
	unsigned int jobs = where == RUN_GPU ? 1 : JOBS, running = 0, bad = 0;
	struct part parts[JOBS] = { };
	unsigned int next = 0, i;

	while (next < count || running) {
		if (next == count || running == jobs) {
			bad += finish(&w, parts, jobs);
			running--;
			continue;
		}
		for (i = 0; parts[i].pid; i++)
			;
		parts[i].first = next;
		parts[i].count = count - next < PART ? count - next : PART;
		next += parts[i].count;
		start(&w, &parts[i]);
		running++;
	}
	return bad;
}
