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
};

static void device_open(struct device *d, enum run_where where)
{
	cl_platform_id platform;
	cl_int e;

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

static cl_program build(struct device *d, const char *source)
{
	static char log[1 << 16];
	cl_program program;
	cl_int e;

	program = clCreateProgramWithSource(d->context, 1, &source, NULL, &e);
	if (e)
		errx(1, "clCreateProgramWithSource: %d", e);
	e = clBuildProgram(program, 1, &d->id, "-cl-std=CL3.0 -w", NULL, NULL);
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

/* A kernel that fails leaves other results than any that does not. */
static void run_kernel(struct device *d, cl_program program,
		       const struct kernel *k, uint8_t mark)
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
		memset(d->memory->result, mark, sizeof(d->memory->result));
}

static void run_batch(struct device *d, enum run_where where, uint64_t seed,
		      unsigned int count, FILE *results)
{
	static struct kernel kernels[BATCH];
	cl_program program;
	char *source;
	unsigned int i;
	size_t size;
	FILE *f = open_memstream(&source, &size);

	fputs(gen_prelude, f);
	for (i = 0; i < count; i++)
		gen_kernel(f, &kernels[i], seed + i);
	fclose(f);
	if (d->instead)
		source = strdup(d->instead);
	program = build(d, source);
	for (i = 0; i < count; i++) {
		run_kernel(d, program, &kernels[i], where == RUN_GPU ?
			   0xbb : NOT_RUN);
		if (fwrite(d->memory->result, sizeof(d->memory->result), 1,
			   results) != 1)
			err(1, "results");
	}
	clReleaseProgram(program);
	free(source);
}

static void run_range(enum run_where where, uint64_t seed, unsigned int count,
		      FILE *results, const char *instead)
{
	struct device d = { .instead = instead };
	unsigned int i, n;

	device_open(&d, where);
	for (i = 0; i < count; i += n) {
		n = count - i < BATCH ? count - i : BATCH;
		run_batch(&d, where, seed + i, n, results);
	}
}

/* In a process of its own; did it end well? */
static bool run_apart(enum run_where where, uint64_t seed, unsigned int count,
		      FILE *results, const char *instead)
{
	int status;
	off_t at;
	pid_t pid;

	fflush(results);
	at = lseek(fileno(results), 0, SEEK_CUR);
	pid = fork();
	if (!pid) {
		run_range(where, seed, count, results, instead);
		fflush(results);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "fork");
	/* the file's position is the child's, too */
	if (status && lseek(fileno(results), at, SEEK_SET) != at)
		err(1, "results");
	return !status;
}

/* The compiler that ours is compared with crashes at some kernels. */
static void run_singly(enum run_where where, uint64_t seed, unsigned int count,
		       FILE *results, const char *instead)
{
	static uint64_t none[RESULT_WORDS];
	unsigned int i;

	memset(none, NOT_RUN, sizeof(none));
	for (i = 0; i < count; i++) {
		if (run_apart(where, seed + i, 1, results, instead))
			continue;
		printf("seed %llu crashes the compiler\n",
		       (unsigned long long)seed + i);
		if (fwrite(none, sizeof(none), 1, results) != 1)
			err(1, "results");
	}
}

void run_kernels(enum run_where where, uint64_t seed, unsigned int count,
		 FILE *results, const char *instead)
{
	unsigned int i, n;

	if (where == RUN_GPU)
		return run_range(where, seed, count, results, instead);
	for (i = 0; i < count; i += n) {
		n = count - i < 2 * BATCH ? count - i : 2 * BATCH;
		if (!run_apart(where, seed + i, n, results, instead))
			run_singly(where, seed + i, n, results, instead);
	}
}
