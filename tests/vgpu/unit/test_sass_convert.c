// SPDX-License-Identifier: GPL-2.0-or-later
/* Conversions against plain C, and by hand where C has no word for it. */
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define NAN32		0x7fffffffu

/* name, r, c, i, mods, words of d b, kind, oracle */
#define ROW(n, op, m, d, b, k, f) \
	{ n, 0x5c00 | (op), 0x4c00 | (op), 0x3800 | (op), 0, m, d, 0, b, 0, \
	  k, f }

#define F2F		0xa8
#define F2I		0xb0
#define I2F		0xb8
#define I2I		0xe0

/* Sizes: log2 of the bytes; result 9:8, source 11:10 */
#define SIZES(d, s)	(FIELD(d, 8) | FIELD(s, 10))
#define RM(mode)	FIELD(mode, 39)		/* N, M, P, Z */
#define TO_INT		BIT64(42)
#define NEG		BIT64(45)
#define ABS		BIT64(49)
#define SAT		BIT64(50)

static float f(uint64_t bits)
{
	uint32_t low = bits;
	float v;

	memcpy(&v, &low, 4);
	return v;
}

static uint64_t res(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, 4);
	return isnan(v) ? NAN32 : bits;
}

static double g(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, 8);
	return v;
}

static uint64_t raw64(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, 8);
	return bits;
}

static uint64_t o_f64_f32(const struct sass_in *in)
{
	return raw64(f(in->b));
}

static uint64_t o_f32_f64(const struct sass_in *in)
{
	return res((float)g(in->b));
}

static uint64_t o_f32_f64_rz(const struct sass_in *in)
{
	double d = g(in->b);
	float v = (float)d;

	if (fabs((double)v) > fabs(d))
		v = nextafterf(v, 0);
	return res(v);
}

static uint64_t o_floor(const struct sass_in *in)
{
	return res(floorf(f(in->b)));
}

static uint64_t o_ceil(const struct sass_in *in)
{
	return res(ceilf(f(in->b)));
}

static uint64_t o_trunc64(const struct sass_in *in)
{
	return raw64(trunc(g(in->b)));
}

static uint64_t o_neg_abs(const struct sass_in *in)
{
	return res(-fabsf(f(in->b)));
}

static uint64_t o_sat(const struct sass_in *in)
{
	float v = f(in->b);

	return v > 0 ? res(v < 1 ? v : 1) : 0;
}

static uint64_t o_ftz(const struct sass_in *in)
{
	float v = f(in->b);

	return res(fabsf(v) < 0x1p-126f ? copysignf(0, v) : v);
}

/* binary16 to binary32 by its definition */
static uint64_t o_f32_f16(const struct sass_in *in)
{
	uint32_t h = in->b & 0x7fff, sign = (in->b & 0x8000) << 16;

	if (h > 0x7c00)
		return NAN32;
	if (h == 0x7c00)
		return sign | 0x7f800000;
	if (h < 0x400)
		return sign | (uint32_t)res(h * 0x1p-24f);
	return sign | ((h << 13) + ((127 - 15) << 23));
}

static uint64_t o_f32_f16_h1(const struct sass_in *in)
{
	struct sass_in upper = { .b = in->b >> 16 };

	return o_f32_f16(&upper);
}

static void test_f2f(void **state)
{
	static const struct sass_row rows[] = {
		ROW("F2F.F64.F32", F2F, SIZES(3, 2), 2, 1, SASS_F32,
		    o_f64_f32),
		ROW("F2F.F32.F64", F2F, SIZES(2, 3), 1, 2, SASS_F64,
		    o_f32_f64),
		ROW("F2F.F32.F64.RZ", F2F, SIZES(2, 3) | RM(3), 1, 2,
		    SASS_F64, o_f32_f64_rz),
		ROW("F2F.FLOOR", F2F, SIZES(2, 2) | TO_INT | RM(1), 1, 1,
		    SASS_F32, o_floor),
		ROW("F2F.CEIL", F2F, SIZES(2, 2) | TO_INT | RM(2), 1, 1,
		    SASS_F32, o_ceil),
		ROW("F2F.F64.TRUNC", F2F, SIZES(3, 3) | TO_INT | RM(3), 2, 2,
		    SASS_F64, o_trunc64),
		ROW("F2F -|b|", F2F, SIZES(2, 2) | NEG | ABS, 1, 1, SASS_F32,
		    o_neg_abs),
		ROW("F2F.SAT", F2F, SIZES(2, 2) | SAT, 1, 1, SASS_F32, o_sat),
		ROW("F2F.FTZ", F2F, SIZES(2, 2) | BIT64(44), 1, 1, SASS_F32,
		    o_ftz),
		{ "F2F.F32.F16", 0x5ca8, 0x4ca8, 0, 0, SIZES(2, 1), 1, 0, 1,
		  0, SASS_F16, o_f32_f16 },
		{ "F2F.F32.F16 h1", 0x5ca8, 0x4ca8, 0, 0,
		  SIZES(2, 1) | BIT64(41), 1, 0, 1, 0, SASS_F16,
		  o_f32_f16_h1 },
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static uint16_t to_half(struct sass *s, float v, unsigned int mode)
{
	s->w->r[0][0] = res(v);
	sass_step(s, OP(0x5ca8) | D(1) | B(0) | SIZES(1, 2) | RM(mode));
	return s->w->r[1][0];
}

/* Every half there and back, a warp full of them at a time */
static void test_all_halves(void **state)
{
	struct sass *s = *state;
	struct sass_in in;
	uint32_t h;
	unsigned int l;

	for (h = 0; h < 0x10000; h += NVGPU_LANES) {
		for (l = 0; l < NVGPU_LANES; l++) {
			in.b = h + l;
			s->w->r[0][l] = o_f32_f16(&in);
		}
		sass_step(s, OP(0x5ca8) | D(1) | B(0) | SIZES(1, 2));
		for (l = 0; l < NVGPU_LANES; l++)
			assert_int_equal(s->w->r[1][l],
					 ((h + l) & 0x7fff) > 0x7c00 ?
					 0x7fff : h + l);
	}
}

static void test_half(void **state)
{
	struct sass *s = *state;

	/* Ties, the smallest, the largest, beyond it; each way */
	assert_int_equal(to_half(s, 1 + 0x1p-11f, 0), 0x3c00);
	assert_int_equal(to_half(s, 1 + 0x1.8p-10f, 0), 0x3c02);
	assert_int_equal(to_half(s, 1 + 0x1p-20f, 2), 0x3c01);
	assert_int_equal(to_half(s, 1 + 0x1p-20f, 1), 0x3c00);
	assert_int_equal(to_half(s, -1 - 0x1p-20f, 1), 0xbc01);
	assert_int_equal(to_half(s, 2 - 0x1p-12f, 0), 0x4000);
	assert_int_equal(to_half(s, 0x1p-25f, 0), 0);
	assert_int_equal(to_half(s, 0x1.8p-25f, 0), 1);
	assert_int_equal(to_half(s, -0x1p-30f, 0), 0x8000);
	assert_int_equal(to_half(s, 0x1p-30f, 2), 1);
	assert_int_equal(to_half(s, 65519, 0), 0x7bff);
	assert_int_equal(to_half(s, 65520, 0), 0x7c00);
	assert_int_equal(to_half(s, 1e30f, 3), 0x7bff);
	assert_int_equal(to_half(s, -1e30f, 2), 0xfbff);
	assert_int_equal(to_half(s, INFINITY, 3), 0x7c00);
	assert_int_equal(to_half(s, NAN, 0), 0x7fff);
}

static uint64_t clamp(double v, double min, double max)
{
	if (isnan(v))
		return 0;
	v = v < min ? min : v;
	v = v > max ? max : v;
	return min < 0 ? (uint64_t)(int64_t)v : (uint64_t)v;
}

static uint64_t o_f2i_s32_trunc(const struct sass_in *in)
{
	return clamp(trunc(f(in->b)), INT32_MIN, INT32_MAX);
}

static uint64_t o_f2i_u32_floor(const struct sass_in *in)
{
	return clamp(floor(f(in->b)), 0, UINT32_MAX);
}

static uint64_t o_f2i_s32_near(const struct sass_in *in)
{
	return clamp(nearbyint(-f(in->b)), INT32_MIN, INT32_MAX);
}

static uint64_t o_f2i_u32_ceil_d(const struct sass_in *in)
{
	return clamp(ceil(fabs(g(in->b))), 0, UINT32_MAX);
}

static uint64_t o_f2i_s8(const struct sass_in *in)
{
	return clamp(trunc(f(in->b)), -128, 127);
}

static uint64_t o_f2i_s64(const struct sass_in *in)
{
	double v = trunc(g(in->b));

	if (isnan(v))
		return 0;
	if (v >= 0x1p63)
		return INT64_MAX;
	return v < -0x1p63 ? INT64_MIN : (int64_t)v;
}

static uint64_t o_f2i_u64(const struct sass_in *in)
{
	double v = trunc(f(in->b));

	if (isnan(v) || v <= 0)
		return 0;
	return v >= 0x1p64 ? UINT64_MAX : (uint64_t)v;
}

static void test_f2i(void **state)
{
	static const struct sass_row rows[] = {
		ROW("F2I.S32.F32.TRUNC", F2I, SIZES(2, 2) | BIT64(12) | RM(3),
		    1, 1, SASS_F32, o_f2i_s32_trunc),
		ROW("F2I.U32.F32.FLOOR", F2I, SIZES(2, 2) | RM(1), 1, 1,
		    SASS_F32, o_f2i_u32_floor),
		ROW("F2I.S32.F32 -b", F2I, SIZES(2, 2) | BIT64(12) | NEG, 1,
		    1, SASS_F32, o_f2i_s32_near),
		ROW("F2I.U32.F64.CEIL |b|", F2I, SIZES(2, 3) | RM(2) | ABS, 1,
		    2, SASS_F64, o_f2i_u32_ceil_d),
		ROW("F2I.S8.F32.TRUNC", F2I, SIZES(0, 2) | BIT64(12) | RM(3),
		    1, 1, SASS_F32, o_f2i_s8),
		ROW("F2I.S64.F64.TRUNC", F2I, SIZES(3, 3) | BIT64(12) | RM(3),
		    2, 2, SASS_F64, o_f2i_s64),
		ROW("F2I.U64.F32.TRUNC", F2I, SIZES(3, 2) | RM(3), 2, 1,
		    SASS_F32, o_f2i_u64),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static uint64_t o_i2f_s32(const struct sass_in *in)
{
	return res((float)(int32_t)in->b);
}

static uint64_t o_i2f_u32(const struct sass_in *in)
{
	return res((float)(uint32_t)in->b);
}

static uint64_t o_i2f_s8_b1(const struct sass_in *in)
{
	return res((int8_t)(in->b >> 8));
}

static uint64_t o_i2f_u16_h1(const struct sass_in *in)
{
	return res((uint16_t)(in->b >> 16));
}

static uint64_t o_i2f_neg(const struct sass_in *in)
{
	return res((float)-(int64_t)(int32_t)in->b);
}

static uint64_t o_i2f_d_u32(const struct sass_in *in)
{
	return raw64((uint32_t)in->b);
}

static uint64_t o_i2f_s64(const struct sass_in *in)
{
	return res((float)(int64_t)in->b);
}

static uint64_t o_i2f_d_u64(const struct sass_in *in)
{
	return raw64((double)in->b);
}

static uint64_t o_i2f_u32_rz(const struct sass_in *in)
{
	float v = (float)(uint32_t)in->b;

	return res((double)v > (uint32_t)in->b ? nextafterf(v, 0) : v);
}

static uint64_t o_i2f_abs64(const struct sass_in *in)
{
	return raw64(fabs((double)(int64_t)in->b));
}

static void test_i2f(void **state)
{
	static const struct sass_row rows[] = {
		ROW("I2F.F32.S32", I2F, SIZES(2, 2) | BIT64(13), 1, 1,
		    SASS_INT, o_i2f_s32),
		ROW("I2F.F32.U32", I2F, SIZES(2, 2), 1, 1, SASS_INT,
		    o_i2f_u32),
		ROW("I2F.F32.U32.RZ", I2F, SIZES(2, 2) | RM(3), 1, 1,
		    SASS_INT, o_i2f_u32_rz),
		ROW("I2F.F32.S8 b1", I2F, SIZES(2, 0) | BIT64(13) |
		    FIELD(1, 41), 1, 1, SASS_INT, o_i2f_s8_b1),
		ROW("I2F.F32.U16 h1", I2F, SIZES(2, 1) | FIELD(2, 41), 1, 1,
		    SASS_INT, o_i2f_u16_h1),
		ROW("I2F.F32.S32 -b", I2F, SIZES(2, 2) | BIT64(13) | NEG, 1,
		    1, SASS_INT, o_i2f_neg),
		ROW("I2F.F64.U32", I2F, SIZES(3, 2), 2, 1, SASS_INT,
		    o_i2f_d_u32),
		ROW("I2F.F32.S64", I2F, SIZES(2, 3) | BIT64(13), 1, 2,
		    SASS_INT, o_i2f_s64),
		ROW("I2F.F64.U64", I2F, SIZES(3, 3), 2, 2, SASS_INT,
		    o_i2f_d_u64),
		ROW("I2F.F64.S64 |b|", I2F, SIZES(3, 3) | BIT64(13) | ABS, 2,
		    2, SASS_INT, o_i2f_abs64),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static uint64_t o_i2i_neg(const struct sass_in *in)
{
	return (uint32_t)-in->b;
}

static uint64_t o_i2i_abs(const struct sass_in *in)
{
	int64_t v = (int32_t)in->b;

	return (uint32_t)(v < 0 ? -v : v);
}

static uint64_t o_i2i_s8_b2(const struct sass_in *in)
{
	return (uint32_t)(int8_t)(in->b >> 16);
}

static uint64_t o_i2i_u16_h1(const struct sass_in *in)
{
	return (uint16_t)(in->b >> 16);
}

static uint64_t o_i2i_to_s16(const struct sass_in *in)
{
	return (uint32_t)(int16_t)in->b;
}

static uint64_t o_i2i_to_u8(const struct sass_in *in)
{
	return (uint8_t)in->b;
}

static uint64_t o_i2i_sat_s8(const struct sass_in *in)
{
	int32_t v = in->b;

	return (uint32_t)(v < -128 ? -128 : v > 127 ? 127 : v);
}

static uint64_t o_i2i_sat_u16(const struct sass_in *in)
{
	int32_t v = in->b;

	return v < 0 ? 0 : v > 0xffff ? 0xffff : v;
}

static void test_i2i(void **state)
{
	static const struct sass_row rows[] = {
		ROW("I2I -b", I2I, SIZES(2, 2) | NEG, 1, 1, SASS_INT,
		    o_i2i_neg),
		ROW("I2I |b|", I2I, SIZES(2, 2) | FIELD(3, 12) | ABS, 1, 1,
		    SASS_INT, o_i2i_abs),
		ROW("I2I.S32.S8 b2", I2I, SIZES(2, 0) | FIELD(3, 12) |
		    FIELD(2, 41), 1, 1, SASS_INT, o_i2i_s8_b2),
		ROW("I2I.U32.U16 h1", I2I, SIZES(2, 1) | FIELD(2, 41), 1, 1,
		    SASS_INT, o_i2i_u16_h1),
		ROW("I2I.S16.S32", I2I, SIZES(1, 2) | FIELD(3, 12), 1, 1,
		    SASS_INT, o_i2i_to_s16),
		ROW("I2I.U8.U32", I2I, SIZES(0, 2), 1, 1, SASS_INT,
		    o_i2i_to_u8),
		ROW("I2I.S8.S32.SAT", I2I, SIZES(0, 2) | FIELD(3, 12) | SAT,
		    1, 1, SASS_INT, o_i2i_sat_s8),
		ROW("I2I.U16.S32.SAT", I2I, SIZES(1, 2) | BIT64(13) | SAT, 1,
		    1, SASS_INT, o_i2i_sat_u16),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_f2f),
		cmocka_unit_test(test_all_halves),
		cmocka_unit_test(test_half),
		cmocka_unit_test(test_f2i),
		cmocka_unit_test(test_i2f),
		cmocka_unit_test(test_i2i),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
