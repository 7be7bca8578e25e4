// SPDX-License-Identifier: MIT
/*
 * Processes with other data at the same addresses, on the same GPU at the same
 * time: none sees another's.  They are forked before any of them opens OpenCL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "svmcl.h"

#define PROCESSES 3
#define N 2048
#define DEFAULT_ROUNDS 5

static const char source[] =
"__kernel void advance(__global uint *v, uint by)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	v[i] = v[i] * 5 + by + i;\n"
"}\n";

static int one(uint32_t *v, uint32_t me, size_t rounds)
{
	size_t wrong = 0, n = N, round, i;
	uint32_t *want = xmalloc(N * sizeof(*want));
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i < N; i++) {
		v[i] = me * 1000 + i;
		want[i] = v[i];
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "advance");
	cl_arg_pointer(kernel, 0, v);
	cl_arg_value(kernel, 1, sizeof(me), &me);
	for (round = 0; round < rounds; round++) {
		cl_run(&cl, kernel, 1, &n, NULL);
		for (i = 0; i < N; i++) {
			want[i] = want[i] * 5 + me + i;
			wrong += v[i] != want[i];
		}
	}
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(want);
	return verdict("one of the processes", wrong, rounds * N);
}

int main(int argc, char **argv)
{
	size_t rounds = size_arg(argc, argv, DEFAULT_ROUNDS), wrong = 0;
	uint32_t *v = xmalloc(N * sizeof(*v)), me;
	int status;

	for (me = 1; me <= PROCESSES; me++) {
		switch (fork()) {
		case -1:
			perror("fork");
			return EXIT_FAILURE;
		case 0:
			return one(v, me, rounds);
		}
	}
	for (me = 1; me <= PROCESSES; me++)
		wrong += wait(&status) < 0 || status;
	free(v);
	return verdict("processes", wrong, PROCESSES);
}
