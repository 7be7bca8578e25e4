// SPDX-License-Identifier: MIT
/*
 * Mesa's OpenCL without a GPU: the real libraries on Mesa's own shim instead of
 * a kernel driver.  Nothing is executed; what Mesa asks for, what it does
 * itself, and how it takes errors, can be checked.
 *
 * usage: offline --list
 *        offline NAME...		(the shim in LD_PRELOAD)
 */
#define _GNU_SOURCE
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offline.h"

static const struct test *const all[] = {
	place_tests, memory_tests, code_tests,
};

#define N_ALL (sizeof(all) / sizeof(*all))

void check_at(const char *file, int line, const char *what, bool so)
{
	if (so)
		return;
	printf("%s:%d: not so: %s\n", file, line, what);
	exit(1);
}

void check_is_at(const char *file, int line, const char *what, long value,
		 long expected)
{
	if (value == expected)
		return;
	printf("%s:%d: %s is %ld (%#lx), not %ld (%#lx)\n", file, line, what,
	       value, value, expected, expected);
	exit(1);
}

cl_device_id find_device(void)
{
	cl_platform_id platform;
	cl_device_id device;

	check_is(clGetPlatformIDs(1, &platform, NULL), CL_SUCCESS);
	check_is(clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &device,
				NULL), CL_SUCCESS);
	return device;
}

void gpu_open(struct gpu *gpu)
{
	cl_int e;

	gpu->device = find_device();
	gpu->context = clCreateContext(NULL, 1, &gpu->device, NULL, NULL, &e);
	check_is(e, CL_SUCCESS);
	gpu->queue = clCreateCommandQueueWithProperties(gpu->context,
							gpu->device, NULL, &e);
	check_is(e, CL_SUCCESS);
}

void gpu_close(struct gpu *gpu)
{
	check_is(clReleaseCommandQueue(gpu->queue), CL_SUCCESS);
	check_is(clReleaseContext(gpu->context), CL_SUCCESS);
}

cl_kernel gpu_kernel(struct gpu *gpu, const char *source, const char *options)
{
	cl_program program;
	cl_kernel kernel;
	char log[4096];
	cl_int e;

	program = clCreateProgramWithSource(gpu->context, 1, &source, NULL, &e);
	check_is(e, CL_SUCCESS);
	e = clBuildProgram(program, 1, &gpu->device, options, NULL, NULL);
	if (e && !clGetProgramBuildInfo(program, gpu->device,
					CL_PROGRAM_BUILD_LOG, sizeof(log), log,
					NULL))
		printf("%s\n", log);
	check_is(e, CL_SUCCESS);
	kernel = clCreateKernel(program, "k", &e);
	check_is(e, CL_SUCCESS);
	check_is(clReleaseProgram(program), CL_SUCCESS);
	return kernel;
}

cl_int gpu_enqueue(struct gpu *gpu, cl_kernel kernel, const void *pointer,
		   cl_event *event)
{
	size_t one = 1;

	if (pointer)
		check_is(clSetKernelArgSVMPointer(kernel, 0, pointer),
			 CL_SUCCESS);
	return clEnqueueNDRangeKernel(gpu->queue, kernel, 1, NULL, &one, &one,
				      0, NULL, event);
}

cl_device_svm_capabilities svm_capabilities(void)
{
	cl_device_svm_capabilities caps = ~0ul;

	check_is(clGetDeviceInfo(find_device(), CL_DEVICE_SVM_CAPABILITIES,
				 sizeof(caps), &caps, NULL), CL_SUCCESS);
	return caps;
}

static const struct test *find(const char *name)
{
	const struct test *t;
	size_t i;

	for (i = 0; i < N_ALL; i++) {
		for (t = all[i]; t->name; t++) {
			if (!name)
				printf("%s\n", t->name);
			else if (!strcmp(t->name, name))
				return t;
		}
	}
	return NULL;
}

/*
 * The shim reads the environment before main(): so the test is run by this
 * program executed anew.
 */
static void run_anew(const struct test *t, char **argv)
{
	int fd = memfd_create("trace", 0), i, status;
	char path[32];
	pid_t pid;

	if (fd < 0)
		err(1, "memfd_create");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	setenv("NOUVEAU_SHIM_TRACE", path, 1);
	pid = fork();
	if (!pid) {
		setenv("OFFLINE_TEST", t->name, 1);
		for (i = 0; i < 2 && t->environment[i]; i++)
			putenv(strdup(t->environment[i]));
		execv("/proc/self/exe", argv);
		err(127, "execv");
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		err(1, "%s", t->name);
	close(fd);
	if (WIFSIGNALED(status))
		printf("%s: signal %d\n", t->name, WTERMSIG(status));
	if (status)
		exit(1);
}

int main(int argc, char **argv)
{
	const char *name = getenv("OFFLINE_TEST");
	const struct test *t;
	int i;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		find(NULL);
		return 0;
	}
	if (name) {
		find(name)->run();
		return 0;
	}
	for (i = 1; i < argc; i++) {
		t = find(argv[i]);
		if (!t)
			errx(2, "no test %s", argv[i]);
		run_anew(t, argv);
	}
	return argc > 1 ? 0 : 2;
}
