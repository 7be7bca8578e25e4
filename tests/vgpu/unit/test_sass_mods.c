// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Modifiers that the tests of the families leave out, against plain C: each
 * is a bit that must make a difference (test_opcodes.py).
 */
#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define NAN32		0x7fffffffu
#define ROUNDS		64u

#define U(v)	((uint32_t)(v))
#define S(v)	((int32_t)(v))

/* name, r, c, i, x, mods, words of d a b c, oracle */
#define ROW(n, r, c, i, x, m, d, a, b, cc, k, f) \
	{ n, r, c, i, x, m, d, a, b, cc, k, f }

static float f32(uint64_t bits)
{
	uint32_t low = bits;
	float v;

	memcpy(&v, &low, sizeof(v));
	return v;
}

static uint32_t raw32(float v)
{
	uint32_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return isnan(v) ? NAN32 : bits;
}

static double f64(uint64_t bits)
{
	double v;

	memcpy(&v, &bits, sizeof(v));
	return v;
}

static uint64_t raw64(double v)
{
	uint64_t bits;

	memcpy(&bits, &v, sizeof(bits));
	return bits;
}

/* As .FTZ: what is subnormal is a zero of its sign. */
static float flushed(float v)
{
	return fpclassify(v) == FP_SUBNORMAL ? copysignf(0, v) : v;
}

static uint64_t o_iscadd(const struct sass_in *in)
{
	return U((in->a << 17) + in->b);
}

static uint64_t o_iscadd_neg(const struct sass_in *in)
{
	return U(in->b - (in->a << 3));
}

static uint64_t o_icmp_lt(const struct sass_in *in)
{
	return S(in->c) < 0 ? in->a : in->b;
}

static uint64_t o_icmp_eq(const struct sass_in *in)
{
	return in->c ? in->b : in->a;
}

static uint64_t o_iset_not(const struct sass_in *in)
{
	return U(in->a) <= U(in->b) && !in->p ? UINT32_MAX : 0;
}

static uint64_t o_i2i_byte(const struct sass_in *in)
{
	return U((int8_t)(in->b >> 8));
}

static void test_integers(void **state)
{
	static const struct sass_row rows[] = {
		ROW("ISCADD 17", 0x5c18, 0x4c18, 0x3818, 0, FIELD(17, 39), 1,
		    1, 1, 0, SASS_INT, o_iscadd),
		ROW("ISCADD -a", 0x5c18, 0x4c18, 0x3818, 0,
		    FIELD(3, 39) | BIT64(49), 1, 1, 1, 0, SASS_INT,
		    o_iscadd_neg),
		ROW("ICMP.LT", 0x5b40, 0x4b40, 0x3640, 0x5340,
		    FIELD(LT, 49) | BIT64(48), 1, 1, 1, 1, SASS_INT,
		    o_icmp_lt),
		ROW("ICMP.EQ", 0x5b40, 0x4b40, 0x3640, 0x5340, FIELD(EQ, 49),
		    1, 1, 1, 1, SASS_INT, o_icmp_eq),
		ROW("ISET.LE.U32.AND !p", 0x5b50, 0x4b50, 0x3650, 0,
		    FIELD(LE, 49) | SASS_PRED_IN | BIT64(42), 1, 1, 1, 0,
		    SASS_INT, o_iset_not),
		ROW("I2I.S32.S8 b1", 0x5ce0, 0x4ce0, 0x38e0, 0,
		    FIELD(2, 8) | FIELD(3, 12) | FIELD(1, 41), 1, 0, 1, 0,
		    SASS_INT, o_i2i_byte),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static uint64_t o_fcmp_ftz(const struct sass_in *in)
{
	return flushed(f32(in->c)) < 0 ? in->a : in->b;
}

static bool f_less(const struct sass_in *in)
{
	return f32(in->a) < f32(in->b);
}

static uint64_t o_fset_or(const struct sass_in *in)
{
	return f_less(in) || !in->p ? UINT32_MAX : 0;
}

static uint64_t o_fset_xor(const struct sass_in *in)
{
	return f_less(in) != in->p ? UINT32_MAX : 0;
}

/* The opposite's predicate comes first in these. */
#define PRED_OUT	PDST(4, 3)

static uint64_t o_fsetp_xor(const struct sass_in *in)
{
	return (f_less(in) == !in->p) << 0 | (f_less(in) != !in->p) << 1;
}

/* A number beats a NaN, -0 is less than +0. */
static double smaller(double a, double b)
{
	if (isnan(a) || isnan(b))
		return isnan(a) ? b : a;
	if (a == 0 && b == 0)
		return signbit(a) ? a : b;
	return a < b ? a : b;
}

static uint64_t o_fmin_ftz(const struct sass_in *in)
{
	return raw32(smaller(flushed(f32(in->a)),
			     fabsf(flushed(f32(in->b)))));
}

static uint64_t o_f2i_ftz(const struct sass_in *in)
{
	float v = ceilf(flushed(f32(in->b)));

	if (!(v > 0))
		return 0;
	return v >= 0x1p32f ? UINT32_MAX : (uint32_t)v;
}

static uint64_t o_i2f_up(const struct sass_in *in)
{
	double exact = S(in->b);
	float v = (float)exact;

	return raw32(v < exact ? nextafterf(v, INFINITY) : v);
}

static void test_floats(void **state)
{
	static const struct sass_row rows[] = {
		ROW("FCMP.LT.FTZ", 0x5ba0, 0x4ba0, 0x36a0, 0x53a0,
		    FIELD(LT, 48) | BIT64(47), 1, 1, 1, 1, SASS_F32,
		    o_fcmp_ftz),
		ROW("FSET.LT.OR !p", 0x5800, 0x4800, 0x3000, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | BIT64(42) | FIELD(1, 45),
		    1, 1, 1, 0, SASS_F32, o_fset_or),
		ROW("FSET.LT.XOR", 0x5800, 0x4800, 0x3000, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | FIELD(2, 45), 1, 1, 1, 0,
		    SASS_F32, o_fset_xor),
		ROW("FSETP.LT.XOR !p", 0x5bb0, 0x4bb0, 0x36b0, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | BIT64(42) | FIELD(2, 45) |
		    PRED_OUT, 0, 1, 1, 0, SASS_F32, o_fsetp_xor),
		ROW("FMNMX.FTZ |b|", 0x5c60, 0x4c60, 0x3860, 0,
		    PT39 | BIT64(44) | BIT64(49), 1, 1, 1, 0, SASS_F32,
		    o_fmin_ftz),
		ROW("F2I.U32.F32.CEIL.FTZ", 0x5cb0, 0x4cb0, 0x38b0, 0,
		    FIELD(2, 8) | FIELD(2, 10) | FIELD(2, 39) | BIT64(44), 1,
		    0, 1, 0, SASS_F32, o_f2i_ftz),
		ROW("I2F.F32.S32.RP", 0x5cb8, 0x4cb8, 0x38b8, 0,
		    FIELD(2, 8) | FIELD(2, 10) | BIT64(13) | FIELD(2, 39), 1,
		    0, 1, 0, SASS_INT, o_i2f_up),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static bool d_less(const struct sass_in *in)
{
	return f64(in->a) < f64(in->b);
}

static uint64_t o_dset_or(const struct sass_in *in)
{
	return d_less(in) || !in->p ? UINT32_MAX : 0;
}

static uint64_t o_dset_xor(const struct sass_in *in)
{
	return d_less(in) != in->p ? UINT32_MAX : 0;
}

static uint64_t o_dsetp_or(const struct sass_in *in)
{
	return (!d_less(in) || !in->p) << 0 | (d_less(in) || !in->p) << 1;
}

static uint64_t sum_rounded(const struct sass_in *in, int mode)
{
	volatile double a = f64(in->a), b = f64(in->b), sum;

	fesetround(mode);
	sum = a + b;
	fesetround(FE_TONEAREST);
	return raw64(sum);
}

static uint64_t o_dadd_down(const struct sass_in *in)
{
	return sum_rounded(in, FE_DOWNWARD);
}

static uint64_t o_dadd_up(const struct sass_in *in)
{
	return sum_rounded(in, FE_UPWARD);
}

static uint64_t o_dmin_a(const struct sass_in *in)
{
	return raw64(smaller(fabs(f64(in->a)), -f64(in->b)));
}

static uint64_t o_dmin_b(const struct sass_in *in)
{
	return raw64(smaller(-f64(in->a), fabs(f64(in->b))));
}

static void test_doubles(void **state)
{
	static const struct sass_row rows[] = {
		ROW("DSET.LT.OR !p", 0x5900, 0x4900, 0x3200, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | BIT64(42) | FIELD(1, 45),
		    1, 2, 2, 0, SASS_F64, o_dset_or),
		ROW("DSET.LT.XOR", 0x5900, 0x4900, 0x3200, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | FIELD(2, 45), 1, 2, 2, 0,
		    SASS_F64, o_dset_xor),
		ROW("DSETP.LT.OR !p", 0x5b80, 0x4b80, 0x3680, 0,
		    FIELD(LT, 48) | SASS_PRED_IN | BIT64(42) | FIELD(1, 45) |
		    PRED_OUT, 0, 2, 2, 0, SASS_F64, o_dsetp_or),
		ROW("DADD.RM", 0x5c70, 0x4c70, 0x3870, 0, FIELD(1, 39), 2, 2,
		    2, 0, SASS_F64, o_dadd_down),
		ROW("DADD.RP", 0x5c70, 0x4c70, 0x3870, 0, FIELD(2, 39), 2, 2,
		    2, 0, SASS_F64, o_dadd_up),
		ROW("DMNMX |a| -b", 0x5c50, 0x4c50, 0x3850, 0,
		    PT39 | BIT64(46) | BIT64(45), 2, 2, 2, 0, SASS_F64,
		    o_dmin_a),
		ROW("DMNMX -a |b|", 0x5c50, 0x4c50, 0x3850, 0,
		    PT39 | BIT64(48) | BIT64(49), 2, 2, 2, 0, SASS_F64,
		    o_dmin_b),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

/* Random registers R0 to R2; R3 gets results. */
static void random_registers(struct sass *s)
{
	unsigned int r, l;

	for (r = 0; r < 3; r++)
		for (l = 0; l < NVGPU_LANES; l++)
			s->w->r[r][l] = sass_random(s);
	/* a sum of nothing, for Z */
	for (r = 0; r < 3; r++)
		s->w->r[r][0] = 0;
}

/** struct flags - what .CC has to leave */
struct flags {
	uint32_t z, s, c;
};

/* Of a lane's result with its carry, bit 32 */
static void flag(struct flags *f, unsigned int l, uint64_t sum)
{
	f->z |= (uint32_t)!U(sum) << l;
	f->s |= U(sum) >> 31 << l;
	f->c |= (uint32_t)(sum >> 32 & 1) << l;
}

/* One instruction with .CC, from flags that are all wrong */
static void check_flags(struct sass *s, uint64_t word, const struct flags *f,
			bool carries)
{
	s->w->cc_z = ~f->z;
	s->w->cc_s = ~f->s;
	s->w->cc_c = ~f->c;
	assert_int_equal(sass_step(s, word), NVGPU_STEP_NEXT);
	assert_int_equal(s->w->cc_z, f->z);
	assert_int_equal(s->w->cc_s, f->s);
	if (carries)
		assert_int_equal(s->w->cc_c, f->c);
}

static void test_condition_codes(void **state)
{
	struct sass *s = *state;
	unsigned int i, l;

	for (i = 0; i < ROUNDS; i++) {
		struct flags scadd = { }, add = { }, mad = { }, xmad = { };
		struct flags cb = { }, cr = { }, xi = { }, and = { };
		struct flags and_imm = { };
		uint32_t v = sass_random(s), k = sass_random(s);

		random_registers(s);
		memcpy(s->run->cb[1].data + 8, &k, sizeof(k));
		for (l = 0; l < NVGPU_LANES; l++) {
			uint64_t a = s->w->r[0][l], b = s->w->r[1][l];
			uint64_t c = s->w->r[2][l], p = U(a * b);
			uint64_t ab = (a & 0xffff) * (b & 0xffff);
			uint64_t ak = (a & 0xffff) * (k & 0xffff);
			uint64_t av = (a & 0xffff) * (v & 0xffff);

			flag(&scadd, l, U(a << 2) + b);
			flag(&add, l, a + v);
			flag(&mad, l, p + c);
			flag(&xmad, l, ab + c);
			flag(&cb, l, ak + c);
			flag(&cr, l, ab + k);
			flag(&xi, l, av + c);
			flag(&and, l, a & b);
			flag(&and_imm, l, a & v);
		}
		check_flags(s, ISCADD(3, 0, 1, 2) | BIT64(47), &scadd, true);
		check_flags(s, OP(0x1c00) | D(3) | A(0) | IMM32(v) |
			    BIT64(52), &add, true);
		check_flags(s, OP(0x5a00) | D(3) | A(0) | B(1) | C(2) |
			    BIT64(47), &mad, true);
		check_flags(s, OP(0x5b00) | D(3) | A(0) | B(1) | C(2) |
			    BIT64(47), &xmad, true);
		check_flags(s, OP(0x4e00) | D(3) | A(0) | CB(1, 8) | C(2) |
			    BIT64(47), &cb, true);
		check_flags(s, OP(0x5100) | D(3) | A(0) | CB(1, 8) | C(1) |
			    BIT64(47), &cr, true);
		check_flags(s, OP(0x3600) | D(3) | A(0) |
			    FIELD(v & 0xffff, 20) | C(2) | BIT64(47), &xi,
			    true);
		check_flags(s, OP(0x5c40) | D(3) | A(0) | B(1) |
			    FIELD(SASS_PT, 48) | BIT64(47), &and, false);
		check_flags(s, OP(0x0400) | D(3) | A(0) | IMM32(v) |
			    BIT64(52), &and_imm, false);
	}
}

/* XMAD's modifiers with an immediate: all of them at once */
static uint32_t xmad(uint32_t a, uint16_t b, uint32_t c, bool carry,
		     uint64_t mods)
{
	uint16_t ah = mods & BIT64(53) ? a >> 16 : a;
	int64_t fa = mods & BIT64(48) ? (int16_t)ah : ah;
	int64_t fb = mods & BIT64(49) ? (int16_t)b : b;
	uint32_t p = U(fa * fb) << (mods & BIT64(36) ? 16 : 0), v;

	switch (mods >> 50 & 7) {
	case 1:
		c &= 0xffff;
		break;
	case 2:
		c >>= 16;
		break;
	case 4:
		c += (uint32_t)b << 16;
		break;
	}
	v = p + c + (mods & BIT64(38) && carry);
	return mods & BIT64(37) ? (v & 0xffff) | (uint32_t)b << 16 : v;
}

static void test_xmad_immediate(void **state)
{
	static const uint8_t modes[] = { 0, 1, 2, 4 };
	struct sass *s = *state;
	unsigned int i, l;

	for (i = 0; i < 8 * ROUNDS; i++) {
		uint32_t r = sass_random(s);
		uint64_t mods = FIELD(r & 7, 36) | FIELD(r >> 3 & 3, 48) |
				FIELD(modes[r >> 5 & 3], 50) |
				FIELD(r >> 7 & 1, 53);
		uint16_t b = r >> 16;

		random_registers(s);
		s->w->cc_c = sass_random(s);
		sass_step(s, OP(0x3600) | D(3) | A(0) | FIELD(b, 20) | C(2) |
			  mods);
		for (l = 0; l < NVGPU_LANES; l++)
			assert_int_equal(s->w->r[3][l],
					 xmad(s->w->r[0][l], b, s->w->r[2][l],
					      s->w->cc_c >> l & 1, mods));
	}
}

static float product(float a, float b, unsigned int fmz)
{
	if (fmz) {
		a = flushed(a);
		b = flushed(b);
	}
	if (fmz == 2 && (a == 0 || b == 0))
		return 0;
	return a * b;
}

static float clamped(float v)
{
	return v > 0 ? fminf(v, 1) : 0;
}

/* With 32 bit immediates; fmz is 1 for .FTZ, 2 for .FMZ. */
static void test_immediates(void **state)
{
	static const uint32_t floats[] = {
		0x3f800000, 0x00000001, 0x807fffff, 0x7f800000, 0xc0200000,
		0x00000000, 0x20000000, 0x00800000, 0x3f000000,
	};
	const unsigned int n = ARRAY_SIZE(floats);
	struct sass *s = *state;
	unsigned int i, l, fmz;

	for (i = 0; i < ROUNDS; i++) {
		uint32_t v = floats[i % n];
		float fv = f32(v);

		for (l = 0; l < NVGPU_LANES; l++) {
			s->w->r[0][l] = floats[sass_random(s) % n];
			s->w->r[1][l] = floats[sass_random(s) % n];
		}
		sass_step(s, OP(0x0800) | D(2) | A(0) | IMM32(v) | BIT64(55));
		sass_step(s, OP(0x1c00) | D(3) | A(0) | IMM32(v) | BIT64(54));
		for (l = 0; l < NVGPU_LANES; l++) {
			int64_t sum = (int64_t)S(s->w->r[0][l]) + S(v);
			float a = f32(s->w->r[0][l]);

			assert_int_equal(s->w->r[2][l],
					 raw32(flushed(flushed(a) +
						       flushed(fv))));
			assert_int_equal(S(s->w->r[3][l]),
					 sum > INT32_MAX ? INT32_MAX :
					 sum < INT32_MIN ? INT32_MIN : sum);
		}
		for (fmz = 1; fmz <= 2; fmz++) {
			memcpy(s->w->r[4], s->w->r[1], sizeof(s->w->r[4]));
			memcpy(s->w->r[5], s->w->r[1], sizeof(s->w->r[5]));
			sass_step(s, OP(0x1e00) | D(3) | A(0) | IMM32(v) |
				  FIELD(fmz, 53));
			sass_step(s, OP(0x0c00) | D(4) | A(0) | IMM32(v) |
				  FIELD(fmz, 53));
			sass_step(s, OP(0x0c00) | D(5) | A(0) | IMM32(v) |
				  BIT64(55) | BIT64(56));
			for (l = 0; l < NVGPU_LANES; l++) {
				float a = f32(s->w->r[0][l]);
				float c = f32(s->w->r[1][l]);
				float p = product(a, fv, fmz);
				float sum = flushed(p + flushed(c));
				float sat = clamped(fmaf(-a, fv, c));

				p = flushed(p);
				assert_int_equal(s->w->r[3][l], raw32(p));
				assert_int_equal(s->w->r[4][l], raw32(sum));
				assert_int_equal(s->w->r[5][l], raw32(sat));
			}
		}
	}
}

/* SHF: 64 bits modulo 64, upper word; to the left no matter which sign */
static void test_shf(void **state)
{
	struct sass *s = *state;
	unsigned int i, l, n;

	for (i = 0; i < 2 * ROUNDS; i++) {
		n = i % 64;
		random_registers(s);
		sass_step(s, MOV32I(1, i));
		sass_step(s, OP(0x5bf8) | D(5) | A(0) | B(1) | C(2) |
			  FIELD(3, 37) | BIT64(50));
		sass_step(s, OP(0x36f8) | D(3) | A(0) | IMM(i) | C(2) |
			  FIELD(3, 37) | BIT64(50));
		sass_step(s, OP(0x38f8) | D(4) | A(0) | IMM(i) | C(2) |
			  FIELD(2, 37) | BIT64(48) | BIT64(50));
		for (l = 0; l < NVGPU_LANES; l++) {
			uint64_t v = s->w->r[0][l] |
				     (uint64_t)s->w->r[2][l] << 32;

			assert_int_equal(s->w->r[3][l], v << n >> 32);
			assert_int_equal(s->w->r[5][l], v << n >> 32);
			assert_int_equal(s->w->r[4][l], v >> n >> 32);
		}
	}
}

static uint32_t combined(unsigned int op, uint32_t a, uint32_t b)
{
	return op == 0 ? a & b : op == 1 ? a | b : a ^ b;
}

/* Predicates of all numbers, inverted or not, in all three operations */
static void test_predicates(void **state)
{
	struct sass *s = *state;
	unsigned int i, j, l;

	for (i = 0; i < 8 * ROUNDS; i++) {
		uint32_t r = sass_random(s), p[8], pair, yes, no;
		unsigned int x = r & 7, y = r >> 3 & 7, z = r >> 6 & 7;
		unsigned int op = (r >> 9 & 0xff) % 3;
		unsigned int op2 = (r >> 17 & 0xff) % 3;
		unsigned int d = r >> 25 & 7, d2 = (d + 1) & 7;
		uint64_t mods = FIELD(x, 12) | FIELD(r >> 28 & 1, 15) |
				FIELD(y, 29) | FIELD(r >> 29 & 1, 32) |
				FIELD(op, 24) | FIELD(z, 39) |
				FIELD(r >> 30 & 1, 42) | FIELD(op2, 45);

		for (j = 0; j < SASS_PT; j++)
			s->w->p[j] = sass_random(s);
		memcpy(p, s->w->p, sizeof(p));
		pair = combined(op, p[x] ^ -(r >> 28 & 1),
				p[y] ^ -(r >> 29 & 1));
		p[z] ^= -(r >> 30 & 1);
		yes = combined(op2, pair, p[z]);
		no = combined(op2, ~pair, p[z]);
		sass_step(s, OP(0x5088) | D(3) | mods | FIELD(r >> 31, 44));
		for (l = 0; l < NVGPU_LANES; l++)
			assert_int_equal(s->w->r[3][l], !(yes >> l & 1) ? 0 :
					 r >> 31 ? 0x3f800000 : UINT32_MAX);
		sass_step(s, OP(0x5090) | PDST(d, d2) | mods);
		if (d != SASS_PT)
			assert_int_equal(s->w->p[d], yes);
		if (d2 != SASS_PT)
			assert_int_equal(s->w->p[d2], no);
	}
}

/* SEL by another predicate than rows have; what LOP says of its result */
static void test_select(void **state)
{
	struct sass *s = *state;
	uint32_t nonzero = 0;
	unsigned int l;

	random_registers(s);
	s->w->p[2] = NVGPU_ALL_LANES;
	s->w->p[4] = NVGPU_ALL_LANES;
	s->w->p[5] = 0x12345678;
	s->w->p[6] = 0x0ff00ff0;
	sass_step(s, OP(0x5ca0) | D(3) | A(0) | B(1) | PRED39(6));
	sass_step(s, OP(0x5c40) | D(4) | A(0) | B(1) | FIELD(5, 48) |
		  FIELD(3, 44));
	for (l = 0; l < NVGPU_LANES; l++) {
		uint32_t a = s->w->r[0][l], b = s->w->r[1][l];

		assert_int_equal(s->w->r[3][l],
				 0x0ff00ff0 >> l & 1 ? a : b);
		assert_int_equal(s->w->r[4][l], a & b);
		nonzero |= (uint32_t)!!(a & b) << l;
	}
	assert_int_equal(s->w->p[5], nonzero);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_floats),
		cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_condition_codes),
		cmocka_unit_test(test_xmad_immediate),
		cmocka_unit_test(test_immediates),
		cmocka_unit_test(test_shf),
		cmocka_unit_test(test_predicates),
		cmocka_unit_test(test_select),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
