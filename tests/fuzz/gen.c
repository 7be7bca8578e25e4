// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernels of a seed: types and text of the generator, and the frame. */
#include <stdarg.h>

#include "gen.h"

/*
 * canon: a zero is +0, as fmin() and fmax() may return either, and a NaN is
 * the one NaN.  settle: also no small numbers, so that nothing becomes
 * subnormal, which a device may flush to zero.
 */
const char gen_prelude[] =
	"#pragma OPENCL FP_CONTRACT OFF\n"
	"uint canonf(float x)\n"
	"{ return isnan(x) ? 0x7fc00000u : x == 0 ? 0u : as_uint(x); }\n"
	"ulong canond(double x)\n"
	"{ return isnan(x) ? 0x7ff8000000000000ul :\n"
	"	x == 0 ? 0ul : as_ulong(x); }\n"
	"float settle1f(float x)\n"
	"{ return fabs(x) < 1e-3f || isnan(x) ? 0.0f : x; }\n"
	"double settle1d(double x)\n"
	"{ return fabs(x) < 1e-3 || isnan(x) ? 0.0 : x; }\n"
	"float2 settle2f(float2 x)\n"
	"{ return (float2)(settle1f(x.x), settle1f(x.y)); }\n"
	"double2 settle2d(double2 x)\n"
	"{ return (double2)(settle1d(x.x), settle1d(x.y)); }\n"
	"float4 settle4f(float4 x)\n"
	"{ return (float4)(settle2f(x.lo), settle2f(x.hi)); }\n"
	"double4 settle4d(double4 x)\n"
	"{ return (double4)(settle2d(x.lo), settle2d(x.hi)); }\n"
	"__constant uint table[16] = {\n"
	"	1u, 0x80000000u, 7u, 0xffffffffu, 0x12345678u, 31u, 0xffu, 0u,\n"
	"	0x7fffffffu, 3u, 0x8000u, 0x10000u, 99u, 0xdeadbeefu, 2u, 64u };\n";

unsigned int below(struct gen *g, unsigned int n)
{
	return random_below(&g->r, n);
}

bool one_in(struct gen *g, unsigned int n)
{
	return random_one_in(&g->r, n);
}

void out(struct gen *g, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vfprintf(g->f, fmt, args);
	va_end(args);
}

void line(struct gen *g)
{
	out(g, "\n%.*s", (int)g->indent, "\t\t\t\t\t\t\t\t");
}

bool is_float(struct type t)
{
	return t.base >= F32;
}

bool is_signed(struct type t)
{
	return is_float(t) || !(t.base & 1);
}

unsigned int base_size(enum base base)
{
	return base >= F32 ? 4u << (base - F32) : 1u << base / 2;
}

struct type unsigned_of(struct type t)
{
	return (struct type){ t.base | 1, t.width };
}

struct type signed_of(struct type t)
{
	return (struct type){ t.base & ~1u, t.width };
}

struct type scalar_of(struct type t)
{
	return (struct type){ t.base, 1 };
}

struct type random_int(struct gen *g, unsigned int width)
{
	return (struct type){ below(g, F32), width };
}

struct type random_type(struct gen *g)
{
	static const unsigned int widths[] = { 1, 1, 1, 1, 1, 2, 2, 3, 4, 4, 8, 16 };
	static const unsigned int float_widths[] = { 1, 1, 1, 2, 4 };
	struct type t;

	if (one_in(g, 4))
		return (struct type){ F32 + below(g, 2),
				      float_widths[below(g, 5)] };
	t = random_int(g, widths[below(g, 12)]);
	/* larger ones take Mesa long, most of all to divide */
	while (t.width * base_size(t.base) > VECTOR_BYTES)
		t.width /= 2;
	return t;
}

const char *name(struct type t)
{
	static const char *const names[] = {
		"char", "uchar", "short", "ushort", "int", "uint", "long",
		"ulong", "float", "double",
	};
	static char buffers[8][16];
	static unsigned int turn;
	char *buffer = buffers[turn++ % 8];

	if (t.width == 1)
		return names[t.base];
	snprintf(buffer, sizeof(buffers[0]), "%s%u", names[t.base], t.width);
	return buffer;
}

static void choose_inputs(struct kernel *k, struct random *r)
{
	static const uint64_t corners[] = {
		0, 1, UINT64_MAX, INT64_MAX, 1ull << 63, 0x80000000ull,
		0x7fffffffull, 0xffffffffull, 0x8000800080008000ull,
		0x7f807f807f807f80ull, 0xff00ff00ff00ff00ull,
	};
	unsigned int i;

	for (i = 0; i < IN_WORDS; i++) {
		k->in[i] = random_next(r);
		if (random_one_in(r, 3))
			k->in[i] = corners[random_below(r, 11)];
		else if (random_one_in(r, 4))
			k->in[i] &= 0xff;
	}
}

static void choose_shape(struct kernel *k, struct random *r)
{
	static const uint8_t shapes[][2] = {
		{ 64, 64 }, { 96, 48 }, { 64, 32 }, { 80, 40 }, { 33, 33 },
		{ 96, 96 }, { 72, 9 },
	};
	unsigned int n = random_below(r, 7);

	k->items = shapes[n][0];
	k->group = shapes[n][1];
}

void gen_kernel(FILE *f, struct kernel *k, uint64_t seed)
{
	static const enum kind kinds[] = {
		KERNEL_MATH, KERNEL_PLAIN, KERNEL_PLAIN, KERNEL_PLAIN,
		KERNEL_PLAIN, KERNEL_PLAIN, KERNEL_STATEMENTS,
		KERNEL_STATEMENTS, KERNEL_STATEMENTS, KERNEL_STATEMENTS,
	};
	struct gen g = { .f = f, .r = random_start(seed), .k = k };

	k->seed = seed;
	k->kind = kinds[random_below(&g.r, 10)];
	choose_shape(k, &g.r);
	out(&g, "\n__kernel void k%llu(__global const ulong *in,\n"
	    "\t\t__global ulong *res, __global uint *count)\n{",
	    (unsigned long long)seed);
	if (k->kind == KERNEL_MATH) {
		gen_math(f, k, &g.r);
	} else {
		choose_inputs(k, &g.r);
		gen_body(&g);
	}
	out(&g, "\n}\n");
}
