// SPDX-License-Identifier: GPL-2.0-or-later
/* Moves, logic, shifts and bit fields against plain C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define U(v)	((uint32_t)(v))
#define S(v)	((int32_t)(v))

/* name, r, c, i, x, mods, words of d a b c, oracle */
#define ROW(n, r, c, i, x, m, d, a, b, cc, f) \
	{ n, r, c, i, x, m, d, a, b, cc, SASS_INT, f }

static uint64_t o_mov(const struct sass_in *in)
{
	return in->b;
}

static uint64_t o_sel(const struct sass_in *in)
{
	return in->p ? in->a : in->b;
}

static uint64_t o_sel_not(const struct sass_in *in)
{
	return in->p ? in->b : in->a;
}

static uint64_t o_and(const struct sass_in *in)
{
	return in->a & in->b;
}

static uint64_t o_or(const struct sass_in *in)
{
	return in->a | in->b;
}

static uint64_t o_xor(const struct sass_in *in)
{
	return in->a ^ in->b;
}

static uint64_t o_not(const struct sass_in *in)
{
	return U(~in->b);
}

static uint64_t o_andn(const struct sass_in *in)
{
	return in->a & ~in->b;
}

static uint64_t o_nor(const struct sass_in *in)
{
	return U(~in->a | ~in->b);
}

static uint64_t o_shl(const struct sass_in *in)
{
	return in->b > 31 ? 0 : U(in->a << in->b);
}

static uint64_t o_shl_w(const struct sass_in *in)
{
	return U(in->a << (in->b & 31));
}

static uint64_t o_shr_u(const struct sass_in *in)
{
	return in->b > 31 ? 0 : in->a >> in->b;
}

static uint64_t o_shr_s(const struct sass_in *in)
{
	return U(S(in->a) >> (in->b > 31 ? 31 : in->b));
}

static uint64_t o_shr_w(const struct sass_in *in)
{
	return U(S(in->a) >> (in->b & 31));
}

static uint64_t ca(const struct sass_in *in)
{
	return in->c << 32 | in->a;
}

static uint64_t o_shf_l(const struct sass_in *in)
{
	return U(ca(in) << (in->b > 32 ? 32 : in->b) >> 32);
}

static uint64_t o_shf_l_u64(const struct sass_in *in)
{
	return in->b > 63 ? 0 : U(ca(in) << in->b >> 32);
}

static uint64_t o_shf_l_w64(const struct sass_in *in)
{
	return U(ca(in) << (in->b & 63) >> 32);
}

static uint64_t o_shf_r(const struct sass_in *in)
{
	return U(ca(in) >> (in->b > 32 ? 32 : in->b));
}

static uint64_t o_shf_r_u64(const struct sass_in *in)
{
	return in->b > 63 ? 0 : U(ca(in) >> in->b);
}

static uint64_t o_shf_r_s64(const struct sass_in *in)
{
	return U((int64_t)ca(in) >> (in->b > 63 ? 63 : in->b));
}

static uint64_t o_shf_r_hi_w64(const struct sass_in *in)
{
	return U(ca(in) >> (in->b & 63) >> 32);
}

/* PTX ISA, pseudo code of bfe */
static uint32_t ptx_bfe(uint32_t a, uint32_t b, bool sign)
{
	unsigned int pos = b & 0xff, len = b >> 8 & 0xff, i;
	unsigned int last = pos + len - 1 < 31 ? pos + len - 1 : 31;
	bool sbit = len && sign && (a >> last & 1);
	uint32_t d = 0;

	for (i = 0; i < 32; i++)
		d |= (i < len && pos + i <= 31 ? a >> (pos + i) & 1 : sbit)
		     << i;
	return d;
}

static uint64_t o_bfe_u(const struct sass_in *in)
{
	return ptx_bfe(in->a, in->b, false);
}

static uint64_t o_bfe_s(const struct sass_in *in)
{
	return ptx_bfe(in->a, in->b, true);
}

static uint64_t o_brev_bfe(const struct sass_in *in)
{
	uint32_t rev = 0;
	int i;

	for (i = 0; i < 32; i++)
		rev |= (in->a >> i & 1) << (31 - i);
	return ptx_bfe(rev, in->b, false);
}

/* PTX ISA, pseudo code of bfi */
static uint64_t o_bfi(const struct sass_in *in)
{
	unsigned int pos = in->b & 0xff, len = in->b >> 8 & 0xff, i;
	uint32_t f = in->c;

	for (i = 0; i < len && pos + i <= 31; i++) {
		f &= ~(1u << (pos + i));
		f |= (in->a >> i & 1) << (pos + i);
	}
	return f;
}

static uint32_t flo(uint32_t b)
{
	int i;

	for (i = 31; i >= 0; i--)
		if (b >> i & 1)
			return i;
	return UINT32_MAX;
}

static uint64_t o_flo_u(const struct sass_in *in)
{
	return flo(in->b);
}

static uint64_t o_flo_s(const struct sass_in *in)
{
	return flo(S(in->b) < 0 ? ~in->b : in->b);
}

static uint64_t o_flo_not(const struct sass_in *in)
{
	return flo(~in->b);
}

static uint64_t o_flo_sh(const struct sass_in *in)
{
	return flo(in->b) == UINT32_MAX ? UINT32_MAX : 31 - flo(in->b);
}

static uint64_t o_popc(const struct sass_in *in)
{
	uint32_t n = 0, b = in->b;

	for (; b; b &= b - 1)
		n++;
	return n;
}

static uint64_t o_popc_not(const struct sass_in *in)
{
	return 32 - o_popc(in);
}

static void test_logic(void **state)
{
	static const struct sass_row rows[] = {
		ROW("MOV", 0x5c98, 0x4c98, 0x3898, 0, FIELD(0xf, 39), 1, 0, 1,
		    0, o_mov),
		ROW("SEL", 0x5ca0, 0x4ca0, 0x38a0, 0, SASS_PRED_IN, 1, 1, 1,
		    0, o_sel),
		ROW("SEL !p", 0x5ca0, 0x4ca0, 0x38a0, 0,
		    SASS_PRED_IN | BIT64(42), 1, 1, 1, 0, o_sel_not),
		ROW("LOP.AND", 0x5c40, 0x4c40, 0x3840, 0, FIELD(7, 48), 1, 1,
		    1, 0, o_and),
		ROW("LOP.OR", 0x5c40, 0x4c40, 0x3840, 0,
		    FIELD(7, 48) | FIELD(1, 41), 1, 1, 1, 0, o_or),
		ROW("LOP.XOR", 0x5c40, 0x4c40, 0x3840, 0,
		    FIELD(7, 48) | FIELD(2, 41), 1, 1, 1, 0, o_xor),
		ROW("LOP.PASS_B ~b", 0x5c40, 0x4c40, 0x3840, 0,
		    FIELD(7, 48) | FIELD(7, 40), 1, 0, 1, 0, o_not),
		ROW("LOP.AND ~b", 0x5c40, 0x4c40, 0x3840, 0,
		    FIELD(7, 48) | BIT64(40), 1, 1, 1, 0, o_andn),
		ROW("LOP.OR ~a ~b", 0x5c40, 0x4c40, 0x3840, 0,
		    FIELD(7, 48) | FIELD(7, 39), 1, 1, 1, 0, o_nor),
		ROW("BFE.U32", 0x5c00, 0x4c00, 0x3800, 0, 0, 1, 1, 1, 0,
		    o_bfe_u),
		ROW("BFE.S32", 0x5c00, 0x4c00, 0x3800, 0, BIT64(48), 1, 1, 1,
		    0, o_bfe_s),
		ROW("BFE.BREV", 0x5c00, 0x4c00, 0x3800, 0, BIT64(40), 1, 1, 1,
		    0, o_brev_bfe),
		ROW("BFI", 0x5bf0, 0x4bf0, 0x36f0, 0x53f0, 0, 1, 1, 1, 1,
		    o_bfi),
		ROW("FLO.U32", 0x5c30, 0x4c30, 0x3830, 0, 0, 1, 0, 1, 0,
		    o_flo_u),
		ROW("FLO.S32", 0x5c30, 0x4c30, 0x3830, 0, BIT64(48), 1, 0, 1,
		    0, o_flo_s),
		ROW("FLO ~b", 0x5c30, 0x4c30, 0x3830, 0, BIT64(40), 1, 0, 1,
		    0, o_flo_not),
		ROW("FLO.SH", 0x5c30, 0x4c30, 0x3830, 0, BIT64(41), 1, 0, 1,
		    0, o_flo_sh),
		ROW("POPC", 0x5c08, 0x4c08, 0x3808, 0, 0, 1, 0, 1, 0, o_popc),
		ROW("POPC ~b", 0x5c08, 0x4c08, 0x3808, 0, BIT64(40), 1, 0, 1,
		    0, o_popc_not),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

static void test_shifts(void **state)
{
	static const struct sass_row rows[] = {
		ROW("SHL", 0x5c48, 0x4c48, 0x3848, 0, 0, 1, 1, 1, 0, o_shl),
		ROW("SHL.W", 0x5c48, 0x4c48, 0x3848, 0, BIT64(39), 1, 1, 1, 0,
		    o_shl_w),
		ROW("SHR.U32", 0x5c28, 0x4c28, 0x3828, 0, 0, 1, 1, 1, 0,
		    o_shr_u),
		ROW("SHR.S32", 0x5c28, 0x4c28, 0x3828, 0, BIT64(48), 1, 1, 1,
		    0, o_shr_s),
		ROW("SHR.S32.W", 0x5c28, 0x4c28, 0x3828, 0,
		    BIT64(48) | BIT64(39), 1, 1, 1, 0, o_shr_w),
		ROW("SHF.L", 0x5bf8, 0, 0, 0, 0, 1, 1, 1, 1, o_shf_l),
		ROW("SHF.L.U64", 0x5bf8, 0, 0, 0, FIELD(2, 37), 1, 1, 1, 1,
		    o_shf_l_u64),
		ROW("SHF.L.W.U64", 0x5bf8, 0, 0, 0, FIELD(2, 37) | BIT64(50),
		    1, 1, 1, 1, o_shf_l_w64),
		ROW("SHF.R", 0x5cf8, 0, 0, 0, 0, 1, 1, 1, 1, o_shf_r),
		ROW("SHF.R.U64", 0x5cf8, 0, 0, 0, FIELD(2, 37), 1, 1, 1, 1,
		    o_shf_r_u64),
		ROW("SHF.R.S64", 0x5cf8, 0, 0, 0, FIELD(3, 37), 1, 1, 1, 1,
		    o_shf_r_s64),
		ROW("SHF.R.W.U64.HI", 0x5cf8, 0, 0, 0,
		    FIELD(2, 37) | BIT64(48) | BIT64(50), 1, 1, 1, 1,
		    o_shf_r_hi_w64),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

/* SHF's immediate shares its upper bits with the type. */
static void test_shf_immediate(void **state)
{
	struct sass *s = *state;
	unsigned int l, n;

	for (n = 0; n < 64; n++) {
		struct sass_in in = { .b = n };

		for (l = 0; l < NVGPU_LANES; l++) {
			s->w->r[0][l] = sass_random(s);
			s->w->r[1][l] = sass_random(s);
		}
		sass_step(s, OP(0x36f8) | D(2) | A(0) | IMM(n) | C(1) |
			  FIELD(2, 37));
		sass_step(s, OP(0x38f8) | D(3) | A(0) | IMM(n) | C(1) |
			  FIELD(3, 37));
		for (l = 0; l < NVGPU_LANES; l++) {
			in.a = s->w->r[0][l];
			in.c = s->w->r[1][l];
			assert_int_equal(s->w->r[2][l], o_shf_l_u64(&in));
			assert_int_equal(s->w->r[3][l], o_shf_r_s64(&in));
		}
	}
}

/* PTX ISA, table of prmt's modes: the bytes of each selector, 3 to 0 */
static void test_prmt_modes(void **state)
{
	static const uint16_t bytes[7][4] = {
		[1] = { 0x3210, 0x4321, 0x5432, 0x6543 },	/* F4E */
		[2] = { 0x5670, 0x6701, 0x7012, 0x0123 },	/* B4E */
		[3] = { 0x0000, 0x1111, 0x2222, 0x3333 },	/* RC8 */
		[4] = { 0x3210, 0x3211, 0x3222, 0x3333 },	/* ECL */
		[5] = { 0x0000, 0x1110, 0x2210, 0x3210 },	/* ECR */
		[6] = { 0x1010, 0x3232, 0x1010, 0x3232 },	/* RC16 */
	};
	struct sass *s = *state;
	unsigned int mode, sel, i;

	for (i = 0; i < NVGPU_LANES; i++) {
		s->w->r[0][i] = 0x13121110;
		s->w->r[1][i] = 0x17161514;
	}
	for (mode = 1; mode < 7; mode++) {
		for (sel = 0; sel < 4; sel++) {
			uint32_t want = 0;

			for (i = 0; i < 4; i++)
				want |= (bytes[mode][sel] >> 4 * i & 7) << 8 * i;
			want += 0x10101010;
			sass_step(s, OP(0x36c0) | D(2) | A(0) | IMM(sel) |
				  C(1) | FIELD(mode, 48));
			assert_int_equal(s->w->r[2][5], want);
		}
	}
}

static uint64_t o_prmt(const struct sass_in *in)
{
	uint64_t ab = in->c << 32 | in->a;
	uint32_t d = 0;
	int i;

	for (i = 0; i < 4; i++) {
		unsigned int sel = in->b >> 4 * i & 0xf;
		int8_t byte = ab >> (sel & 7) * 8;

		d |= (uint32_t)(uint8_t)(sel & 8 ? byte >> 7 : byte) << 8 * i;
	}
	return d;
}

static void test_prmt(void **state)
{
	static const struct sass_row rows[] = {
		ROW("PRMT", 0x5bc0, 0x4bc0, 0x36c0, 0, 0, 1, 1, 1, 1, o_prmt),
	};

	sass_check(*state, rows, ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_logic),
		cmocka_unit_test(test_shifts),
		cmocka_unit_test(test_shf_immediate),
		cmocka_unit_test(test_prmt),
		cmocka_unit_test(test_prmt_modes),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown) +
	       cmocka_run_group_tests(tests, sass_setup_scalar,
				      sass_teardown);
}
