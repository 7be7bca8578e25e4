// SPDX-License-Identifier: MIT
/* Words put together of bytes and halves, and taken apart: upsample(), as_*. */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define N 256
#define RESULTS 6

static const char source[] =
"__kernel void packs(__global const uint *in, __global uint *out)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	uint v = in[i];\n"
"	ushort2 h = as_ushort2(v);\n"
"	uchar4 c = as_uchar4(v);\n"
"	ulong l = upsample(v, in[i + 1]);\n"
"	out += 6 * i;\n"
"	out[0] = upsample(h.x, h.y);\n"
"	out[1] = upsample(c.w, c.y);\n"
"	out[2] = as_uint(c.wzyx);\n"
"	out[3] = as_uint(h.yx) ^ as_ushort4(l).z;\n"
"	out[4] = l >> 24;\n"
"	out[5] = upsample(as_char4(v).z, c.x);\n"
"}\n";

static void model(const uint32_t *in, uint32_t *out)
{
	uint32_t v = in[0];
	uint64_t l = (uint64_t)v << 32 | in[1];

	out[0] = v << 16 | v >> 16;
	out[1] = (v >> 24) << 8 | (v >> 8 & 0xff);
	out[2] = v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
	out[3] = (v << 16 | v >> 16) ^ (l >> 32 & 0xffff);
	out[4] = l >> 24;
	out[5] = (int16_t)((v >> 16 & 0xff) << 8 | (v & 0xff));
}

int main(void)
{
	uint32_t *in = xmalloc((N + 1) * sizeof(*in)), want[RESULTS];
	uint32_t *out = xmalloc(N * RESULTS * sizeof(*out)), seed = 7;
	size_t n = N, i, j, wrong = 0;
	cl_kernel kernel;
	struct cl cl;

	for (i = 0; i <= N; i++)
		in[i] = next_random(&seed) << 12 ^ next_random(&seed);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "packs");
	cl_arg_pointer(kernel, 0, in);
	cl_arg_pointer(kernel, 1, out);
	cl_run(&cl, kernel, 1, &n, NULL);
	for (i = 0; i < N; i++) {
		model(in + i, want);
		for (j = 0; j < RESULTS; j++)
			wrong += out[i * RESULTS + j] != want[j];
	}
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(out);
	free(in);
	return verdict("packs", wrong, N * RESULTS);
}
