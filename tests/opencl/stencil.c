// SPDX-License-Identifier: MIT
/* Steps of a stencil over a field of malloc()ed words, from one to the other. */
#include <stdlib.h>
#include <string.h>

#include "svmcl.h"

#define WIDTH 64
#define CELLS ((size_t)WIDTH * WIDTH)
#define DEFAULT_STEPS 6

static const char source[] =
"#define W 64\n"
"__kernel void advance(__global const uint *from, __global uint *to)\n"
"{\n"
"	uint x = get_global_id(0), y = get_global_id(1);\n"
"	to[y * W + x] = 3 * from[y * W + x] +\n"
"			from[y * W + (x + 1) % W] +\n"
"			from[y * W + (x + W - 1) % W] +\n"
"			from[(y + 1) % W * W + x] +\n"
"			from[(y + W - 1) % W * W + x];\n"
"}\n";

static void model(const uint32_t *from, uint32_t *to)
{
	size_t x, y;

	for (y = 0; y < WIDTH; y++) {
		size_t up = (y + WIDTH - 1) % WIDTH, down = (y + 1) % WIDTH;

		for (x = 0; x < WIDTH; x++)
			to[y * WIDTH + x] = 3 * from[y * WIDTH + x] +
				from[y * WIDTH + (x + 1) % WIDTH] +
				from[y * WIDTH + (x + WIDTH - 1) % WIDTH] +
				from[down * WIDTH + x] + from[up * WIDTH + x];
	}
}

int main(int argc, char **argv)
{
	static uint32_t want[2][CELLS];
	size_t steps = size_arg(argc, argv, DEFAULT_STEPS), i, wrong = 0;
	size_t size[2] = { WIDTH, WIDTH };
	uint32_t *field[2], seed = 15;
	cl_kernel kernel;
	struct cl cl;

	field[0] = xmalloc(sizeof(want[0]));
	field[1] = xmalloc(sizeof(want[1]));
	for (i = 0; i < CELLS; i++)
		field[0][i] = next_random(&seed);
	memcpy(want[0], field[0], sizeof(want[0]));
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "advance");
	for (i = 0; i < steps; i++) {
		cl_arg_pointer(kernel, 0, field[i % 2]);
		cl_arg_pointer(kernel, 1, field[(i + 1) % 2]);
		cl_run(&cl, kernel, 2, size, NULL);
		model(want[i % 2], want[(i + 1) % 2]);
	}
	for (i = 0; i < CELLS; i++)
		wrong += field[steps % 2][i] != want[steps % 2][i];
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(field[1]);
	free(field[0]);
	return verdict("stencil", wrong, CELLS);
}
