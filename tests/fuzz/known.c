// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernels that Mesa compiled wrongly: the defects of
 * Documentation/gpu/opencl.rst by their numbers, each with what is right.
 * A count that clang must not reduce is that of a vector's shift.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "fuzz.h"

/* Operands: each of these with each */
#define CORNERS 8u
#define PAIRS (CORNERS * CORNERS)

static const uint64_t corners[CORNERS] = {
	0, 1, UINT64_MAX, 1ul << 63, INT64_MAX, 0xffffffff80000001,
	0x123456789abcdef0, 0xfedc00008000,
};

static uint64_t high(__int128 product)
{
	return product >> 64;
}

static int64_t saturated(__int128 x)
{
	return x > INT64_MAX ? INT64_MAX : x < INT64_MIN ? INT64_MIN : x;
}

static uint32_t float_bits(float f)
{
	uint32_t bits;

	memcpy(&bits, &f, sizeof(bits));
	return bits;
}

static uint64_t double_bits(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

/*
 * Saturating conversions: of NaN it is 0 (OpenCL C 3.0, 6.4.3.3), otherwise
 * the nearest of the type.
 */
static uint64_t to_unsigned(double d, unsigned int bits)
{
	uint64_t max = UINT64_MAX >> (64 - bits);

	if (!(d > 0))
		return 0;
	return d >= ldexp(1, bits) ? max : (uint64_t)d;
}

static int64_t to_signed(double d, unsigned int bits)
{
	int64_t max = INT64_MAX >> (64 - bits);

	if (isnan(d))
		return 0;
	if (d >= ldexp(1, bits - 1))
		return max;
	return d < -ldexp(1, bits - 1) ? -max - 1 : (int64_t)d;
}

static float as_float(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return f;
}

static double as_double(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

/* The float next to @d on the side of @to, if @d is none. */
static uint32_t toward(long double d, double to)
{
	float f = d;

	if (to > d ? f < d : f > d)
		f = nextafterf(f, to);
	return float_bits(f);
}

/* The same for doubles. */
static uint64_t toward_double(long double d, double to)
{
	double f = d;

	if (to > d ? f < d : f > d)
		f = nextafter(f, to);
	return double_bits(f);
}

static uint64_t reversed(uint64_t x)
{
	return x >> 48 | (x >> 16 & 0xffff0000) | (x << 16 & 0xffff00000000) |
	       x << 48;
}

static int16_t half_word(const uint64_t *in, unsigned int i)
{
	return ((const int16_t *)in)[i];
}

/*
 * halves(): more vectors, whole and by halves, than there are registers, each
 * used twice.  sums(): 32 numbers of 64 bits at once, with their addresses.
 */
#define VECTORS 24u

static const char helpers[] =
	"#define ALL(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) \\\n"
	"	X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) \\\n"
	"	X(18) X(19) X(20) X(21) X(22) X(23)\n"
	"#define LOAD(n) ulong2 v##n = p[(gid + n) & 63];\n"
	"#define USE(n) x = (x * 31 + (uint)v##n.y) ^ (uint)(v##n.y >> 32); \\\n"
	"	y = y * 3 + v##n.x;\n"
	"ulong halves(__global const ulong2 *p, uint gid)\n"
	"{\n"
	"	uint x = 0;\n"
	"	ulong y = 0;\n"
	"	ALL(LOAD) ALL(USE) ALL(USE)\n"
	"	return x ^ y;\n"
	"}\n"
	"ulong sums(__global ulong *to, __global const ulong *in, uint gid)\n"
	"{\n"
	"	vstore16(as_ulong16(add_sat(as_long16(vload16(gid, in)),\n"
	"		as_long16(vload16(gid + 1, in)))), gid, to);\n"
	"	return to[gid * 16 + 1] ^ to[gid * 16 + 14];\n"
	"}\n";

static uint64_t halves(const uint64_t *in, unsigned int gid)
{
	const uint64_t *v;
	unsigned int i;
	uint64_t y = 0;
	uint32_t x = 0;

	for (i = 0; i < 2 * VECTORS; i++) {
		v = in + (gid + i % VECTORS) % 64 * 2;
		x = (x * 31 + (uint32_t)v[1]) ^ (uint32_t)(v[1] >> 32);
		y = y * 3 + v[0];
	}
	return x ^ y;
}

static uint64_t sum(const uint64_t *in, unsigned int n)
{
	return saturated((__int128)(int64_t)in[n] + (int64_t)in[n + 16]);
}

/*
 * number, expression of a and b in OpenCL C, and in C; the latter without
 * what is undefined there
 */
#define ALL \
	X("M38", a << (b & 127), a << (b & 63)) \
	X("M38", (long)a >> (b & 127), (int64_t)a >> (b & 63)) \
	X("M39", as_ulong(as_ushort4(a).wzyx), reversed(a)) \
	X("M40", mul_hi(a, b), high((__uint128_t)a * b)) \
	X("M40", mul_hi((long)a, (long)b), \
	  high((__int128)(int64_t)a * (int64_t)b)) \
	X("M40", popcount(a), __builtin_popcountl(a)) \
	X("M40", ctz(a | 1ul << 40), __builtin_ctzl(a | 1ul << 40)) \
	X("M40", max((long)a, (long)b), (int64_t)a > (int64_t)b ? a : b) \
	X("M42", ((__global const int4 *)in)[gid].x + \
	  ((__global const ulong2 *)in)[gid].y, \
	  (int64_t)((const int32_t *)in)[gid * 4] + in[gid * 2 + 1]) \
	X("M42", ((__global const ulong2 *)in)[gid].x ^ \
	  ((__global const uint4 *)in)[gid].w, \
	  in[gid * 2] ^ ((const uint32_t *)in)[gid * 4 + 3]) \
	X("M42", ((__global const ulong2 *)in)[gid].x + \
	  3ul * ((__global const ulong2 *)in)[gid].y ^ \
	  ((ulong)vload4(gid, (__global const uint *)in).y << 32 | gid), \
	  (in[gid * 2] + 3 * in[gid * 2 + 1]) ^ \
	  ((uint64_t)((const uint32_t *)in)[gid * 4 + 1] << 32 | gid)) \
	X("M58", halves((__global const ulong2 *)in, gid), halves(in, gid)) \
	X("M43", sums(res, in, gid), \
	  sum(in, gid * 16 + 1) ^ sum(in, gid * 16 + 14)) \
	X("M44", as_uint(convert_float_rtz((long)a * 1e-19)), \
	  toward((int64_t)a * 1e-19, 0)) \
	X("M44", as_uint(convert_float_rtp((long)a * 1e-10)), \
	  toward((int64_t)a * 1e-10, INFINITY)) \
	X("M44", as_uint(convert_float_rtn((long)a * 1e-10)), \
	  toward((int64_t)a * 1e-10, -INFINITY)) \
	X("M44", as_uint(convert_float_rtz((long)a)), \
	  toward((int64_t)a, 0)) \
	X("M44", as_uint(convert_float_rtp((long)a)), \
	  toward((int64_t)a, INFINITY)) \
	X("M44", as_uint(convert_float_rtn((long)a)), \
	  toward((int64_t)a, -INFINITY)) \
	X("M44", as_uint(convert_float_rtp(a)), toward(a, INFINITY)) \
	X("M44", as_uint(convert_float_rtz((int)a)), toward((int32_t)a, 0)) \
	X("M44", as_uint(convert_float_rtp((int)a)), \
	  toward((int32_t)a, INFINITY)) \
	X("M44", as_uint(convert_float_rtn((uint)a)), \
	  toward((uint32_t)a, -INFINITY)) \
	X("M44", as_ulong(convert_double_rtz((long)a)), \
	  toward_double((int64_t)a, 0)) \
	X("M44", as_ulong(convert_double_rtp(a)), toward_double(a, INFINITY)) \
	X("sat", convert_uchar_sat(as_float((uint)a)), \
	  to_unsigned(as_float(a), 8)) \
	X("sat", convert_ushort_sat(as_float((uint)a)), \
	  to_unsigned(as_float(a), 16)) \
	X("sat", convert_uint_sat(as_float((uint)a)), \
	  to_unsigned(as_float(a), 32)) \
	X("sat", convert_ulong_sat(as_float((uint)a)), \
	  to_unsigned(as_float(a), 64)) \
	X("sat", convert_uint_sat(as_double(a)), \
	  to_unsigned(as_double(a), 32)) \
	X("sat", convert_ulong_sat(as_double(a)), \
	  to_unsigned(as_double(a), 64)) \
	X("sat", convert_char_sat(as_float((uint)(a >> 32))), \
	  to_signed(as_float(a >> 32), 8)) \
	X("sat", convert_int_sat(as_float((uint)(a >> 32))), \
	  to_signed(as_float(a >> 32), 32)) \
	X("sat", convert_long_sat(as_double(a)), to_signed(as_double(a), 64)) \
	X("sat", convert_uint_sat((float)(long)a), \
	  to_unsigned((float)(int64_t)a, 32)) \
	X("sat", convert_ulong_sat((float)(long)a), \
	  to_unsigned((float)(int64_t)a, 64)) \
	X("sat", convert_long_sat((float)(long)a * 3), \
	  to_signed((float)(int64_t)a * 3, 64)) \
	X("M45", convert_ushort_sat((float)(short)a), \
	  (int16_t)a < 0 ? 0 : (int16_t)a) \
	X("M45", convert_uint_sat((double)(int)a), \
	  (int32_t)a < 0 ? 0 : (int32_t)a) \
	X("M46", a ^ add_sat((char)100, (char)100), a ^ 127) \
	X("M46", a ^ sub_sat((short)-30000, (short)3000), a ^ -32768l) \
	X("M46", a ^ add_sat(0x7ffffff0, 0x20), a ^ INT32_MAX) \
	X("M46", a ^ sub_sat(-0x7fffffffffffffffl, 2l), a ^ INT64_MIN) \
	X("M47", mad_sat((long)a, (long)b, 5l), \
	  saturated((__int128)(int64_t)a * (int64_t)b + 5)) \
	X("M47", mad_sat((long)a, (long)b >> 62, (long)b), \
	  saturated((__int128)(int64_t)a * ((int64_t)b >> 62) + (int64_t)b)) \
	X("M50", as_uint(b & 1 ? \
			 convert_float(((__global const short *)in)[gid]) : -7.75f), \
	  float_bits(b & 1 ? half_word(in, gid) : -7.75f)) \
	X("M51", (uint)((int)a * -2), (uint32_t)(a * -2)) \
	X("M51", (uint)((int)a * -7), (uint32_t)(a * -7)) \
	X("M51", (uint)((int)a * -9 + (int)b), (uint32_t)(a * -9 + b)) \
	X("M52", convert_short((((__global const uint3 *)in)[gid] >> \
				(uint3)(7, 0xd8fa35a3u, 9)).y) & 15, \
	  ((const uint32_t *)in)[gid * 4 + 1] >> 3 & 15) \
	X("M52", ((uint2)((uint)a) << (uint2)(3, 37)).y & ~63u, \
	  ((uint32_t)a << 5) & ~63u) \
	X("M53", as_uint(fma(0.1f, 0.1f, (float)(short)a - 0.01f)), \
	  float_bits(fmaf(0.1f, 0.1f, (int16_t)a - 0.01f))) \
	X("M53", as_ulong(fma(0.1, 0.1, (double)(short)a - 0.01)), \
	  double_bits(fma(0.1, 0.1, (int16_t)a - 0.01))) \
	X("M54", isnan(ldexp(as_double(a), (int)b & 7)), \
	  (a & INT64_MAX) > 0x7ff0000000000000) \
	X("M55", a ^ convert_ushort_sat(-7.75), a) \
	X("M55", a ^ convert_uint_sat(-1.0f), a) \
	X("M55", a ^ convert_ulong_sat(-1.0f), a) \
	X("M55", a ^ convert_uchar_sat_rte(-300.0f), a) \
	X("M55", a ^ convert_ulong_sat(1e30f), ~a) \
	X("M55", a ^ convert_ushort_sat_rtp(65535.5f), a ^ 0xffff) \
	X("M55", a ^ convert_int_sat(-1e30f), a ^ (int64_t)INT32_MIN) \
	X("M55", a ^ convert_uint_sat(NAN), a) \
	X("M55", a ^ convert_char_sat(NAN), a) \
	X("M56", isnormal(as_float((uint)a)), isnormal(as_float(a)) != 0) \
	X("M56", isnormal(as_double(a)), isnormal(as_double(a)) != 0)

/** struct known - one of them */
struct known {
	const char *number, *source;
};

static const struct known all[] = {
#define X(number, source, right) { number, #source },
	ALL
#undef X
};

#define N_KNOWN (sizeof(all) / sizeof(*all))

/* What number @n gives for the operands of work-item @gid */
static uint64_t right(unsigned int n, const uint64_t *in, unsigned int gid)
{
	const uint64_t a = in[gid], b = in[PAIRS + gid];
	const uint64_t results[] = {
#define X(number, source, right) right,
		ALL
#undef X
	};

	return results[n];
}

static bool is_right(enum run_where where, unsigned int n, struct kernel *k)
{
	static uint64_t results[RESULT_WORDS];
	char source[2048];
	unsigned int i;
	uint64_t got;

	snprintf(source, sizeof(source),
		 "%s__kernel void k%" PRIu64 "(__global const ulong *in,\n"
		 "	__global ulong *res, __global uint *count)\n"
		 "{\n"
		 "	uint gid = get_global_id(0);\n"
		 "	ulong a = in[gid], b = in[%u + gid];\n"
		 "	res[gid * %u] = %s;\n"
		 "}\n", helpers, k->seed, PAIRS, OUT_WORDS, all[n].source);
	run_source(where, source, k, results);
	for (i = 0; i < PAIRS; i++) {
		got = results[i * OUT_WORDS];
		if (got == right(n, k->in, i))
			continue;
		printf("%s: %s of %#" PRIx64 " and %#" PRIx64 ": %#" PRIx64
		       " instead of %#" PRIx64 "\n", all[n].number,
		       all[n].source, k->in[i], k->in[PAIRS + i], got,
		       right(n, k->in, i));
		return false;
	}
	return true;
}

int known(enum run_where where)
{
	static struct kernel k = { .items = PAIRS, .group = PAIRS };
	unsigned int i, wrong = 0;

	for (i = 0; i < PAIRS; i++) {
		k.in[i] = corners[i % CORNERS];
		k.in[PAIRS + i] = corners[i / CORNERS];
	}
	for (i = 2 * PAIRS; i < IN_WORDS; i++)
		k.in[i] = corners[i % CORNERS] * i;
	for (i = 0; i < N_KNOWN; i++)
		wrong += !is_right(where, i, &k);
	printf("%zu known kernels: %u wrong\n", N_KNOWN, wrong);
	return !!wrong;
}
