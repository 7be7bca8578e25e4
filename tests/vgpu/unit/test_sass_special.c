// SPDX-License-Identifier: GPL-2.0-or-later
/* Votes, shuffles, special registers; and the opcode table itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"
#include "opcodes.h"
#include "sass_fixture.h"

#define VOTE(d, p, mode, src) \
	(OP_IF(0, 0x50d8) | D(d) | FIELD(p, 45) | FIELD(mode, 48) | \
	 PRED39(src))

static void test_vote(void **state)
{
	struct sass *s = *state;
	unsigned int round, l;

	for (round = 0; round < 200; round++) {
		uint32_t mask = sass_random(s), in = sass_random(s);

		if (round % 4 == 0)
			in |= mask;
		if (round % 4 == 1)
			in &= ~mask;
		s->w->p[0] = mask;
		s->w->p[1] = in;
		for (l = 2; l < 5; l++)
			s->w->p[l] = 0x12345678;
		s->w->r[1][0] = 77;
		s->w->r[1][31] = 77;
		sass_step(s, VOTE(1, 2, 0, 1));
		sass_step(s, VOTE(SASS_RZ, 3, 1, 1));
		sass_step(s, VOTE(SASS_RZ, 4, 2, 1) | BIT64(42));
		if (!mask)
			continue;
		for (l = 0; l < NVGPU_LANES; l++) {
			bool on = mask >> l & 1, old = 0x12345678 >> l & 1;

			assert_int_equal(s->w->p[2] >> l & 1,
					 on ? !(mask & ~in) : old);
			assert_int_equal(s->w->p[3] >> l & 1,
					 on ? !!(mask & in) : old);
			assert_int_equal(s->w->p[4] >> l & 1, on ?
					 !(mask & in) || !(mask & ~in) : old);
			if (on)
				assert_int_equal(s->w->r[1][l], mask & in);
			else if (l == 0 || l == 31)
				assert_int_equal(s->w->r[1][l], 77);
		}
	}
}

/* PTX ISA, pseudo code of shfl */
static bool ptx_shfl(unsigned int mode, int lane, uint32_t b, uint32_t c,
		     int *from)
{
	int bval = b & 0x1f, cval = c & 0x1f, mask = c >> 8 & 0x1f;
	int max = (lane & mask) | (cval & ~mask), min = lane & mask, j;
	bool p;

	switch (mode) {
	case 1:
		j = lane - bval;
		p = j >= max;
		break;
	case 2:
		j = lane + bval;
		p = j <= max;
		break;
	case 3:
		j = lane ^ bval;
		p = j <= max;
		break;
	default:
		j = min | (bval & ~mask);
		p = j <= max;
		break;
	}
	*from = p ? j : lane;
	return p;
}

static uint64_t shfl_word(unsigned int mode, bool imm_b, uint32_t b,
			  bool imm_c, uint32_t c)
{
	return OP(0xef10) | D(1) | A(0) | FIELD(mode, 30) |
	       (imm_b ? FIELD(b & 31, 20) | BIT64(28) : B(2)) |
	       (imm_c ? FIELD(c & 0x1f1f, 34) | BIT64(29) : C(3)) |
	       FIELD(1, 48);
}

static void test_shfl(void **state)
{
	static const uint32_t clamps[] = {
		0x1f, 0, 0x181f, 0x1c03, 0x1e1f, 0x1003,
	};
	struct sass *s = *state;
	unsigned int mode, i, how, l, b;

	for (how = 0; how < 4 * 4 * ARRAY_SIZE(clamps); how++) {
		mode = how % 4;
		i = how / 16;
		b = sass_random(s);
		for (l = 0; l < NVGPU_LANES; l++) {
			s->w->r[0][l] = 1000 + l;
			s->w->r[2][l] = b;
			s->w->r[3][l] = clamps[i];
		}
		sass_step(s, shfl_word(mode, how & 4, b, how & 8, clamps[i]));
		for (l = 0; l < NVGPU_LANES; l++) {
			int from;
			bool p = ptx_shfl(mode, l, b, clamps[i], &from);

			assert_int_equal(s->w->r[1][l], 1000 + from);
			assert_int_equal(s->w->p[1] >> l & 1, p);
		}
	}
}

static uint32_t sreg(struct sass *s, unsigned int sr, unsigned int l)
{
	assert_int_equal(sass_step(s, S2R(1, sr)), NVGPU_STEP_NEXT);
	return s->w->r[1][l];
}

static void test_special_registers(void **state)
{
	struct sass *s = *state;
	uint32_t before;

	s->run->grid.cta_dim[0] = 5;
	s->run->grid.cta_dim[1] = 3;
	s->run->grid.cta_dim[2] = 8;
	s->w->index = 2;
	s->cta.id[0] = 70;
	s->cta.id[1] = 71;
	s->cta.id[2] = 72;
	/* thread 64 + 9 = 73 of 5 x 3 x 8 is (3, 2, 4) */
	assert_int_equal(sreg(s, 0x00, 9), 9);
	assert_int_equal(sreg(s, 0x21, 9), 3);
	assert_int_equal(sreg(s, 0x22, 9), 2);
	assert_int_equal(sreg(s, 0x23, 9), 4);
	assert_int_equal(sreg(s, 0x20, 9), 3 | 2 << 16 | 4 << 26);
	assert_int_equal(sreg(s, 0x25, 9), 70);
	assert_int_equal(sreg(s, 0x26, 9), 71);
	assert_int_equal(sreg(s, 0x27, 9), 72);
	assert_int_equal(sreg(s, 0x38, 9), 1u << 9);
	assert_int_equal(sreg(s, 0x39, 9), 0x1ff);
	assert_int_equal(sreg(s, 0x3a, 9), 0x3ff);
	assert_int_equal(sreg(s, 0x3b, 9), 0xfffffc00);
	assert_int_equal(sreg(s, 0x3c, 9), 0xfffffe00);
	assert_int_equal(sreg(s, 0x3a, 31), 0xffffffff);
	assert_int_equal(sreg(s, 0x3b, 31), 0);
	before = sreg(s, 0x50, 0);
	sass_step(s, NOP);
	sass_step(s, OP(0x50c8) | D(1) | FIELD(0x50, 20));
	assert_true(s->w->r[1][0] > before);
	assert_int_equal(sreg(s, 0x51, 0), 0);
}

/* Instructions that change nothing in an in-order model */
static void test_no_ops(void **state)
{
	static const uint64_t words[] = {
		NOP,
		OP(0xf0f0) | BIT64(29) | FIELD(5, 26),	/* DEPBAR */
		OP(0xef60) | A(0) | FIELD(5, 0),	/* CCTL.IV */
	};
	struct sass *s = *state;
	struct nvgpu_warp *before = malloc(sizeof(*before));
	unsigned int i;

	assert_non_null(before);
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		memcpy(before, s->w, sizeof(*before));
		assert_int_equal(sass_step(s, words[i]), NVGPU_STEP_NEXT);
		assert_memory_equal(s->w->r, before->r, sizeof(before->r));
		assert_memory_equal(s->w->p, before->p, sizeof(before->p));
	}
	free(before);
}

/* No word is two instructions. */
static void test_table_unique(void **state)
{
	const struct nvgpu_encoding *all[512];
	unsigned int i, j, n = 0;

	for (i = 0; i < nvgpu_nr_opcodes; i++) {
		for (j = 0; j < NVGPU_ENCODINGS; j++) {
			if (!nvgpu_opcodes[i].enc[j].mask)
				continue;
			assert_true(n < ARRAY_SIZE(all));
			all[n++] = &nvgpu_opcodes[i].enc[j];
		}
	}
	for (i = 0; i < n; i++) {
		assert_int_equal(all[i]->value & ~all[i]->mask, 0);
		for (j = 0; j < i; j++) {
			uint16_t both = all[i]->mask & all[j]->mask;

			if ((all[i]->value & both) == (all[j]->value & both))
				fail_msg("%04x and %04x", all[i]->value,
					 all[j]->value);
		}
	}
}

/*
 * The opcode words that Mesa emitted for some thirty OpenCL kernels, bits
 * 63:48, with operands and modifiers clear.
 */
static const uint16_t emitted[] = {
	0x0100, 0x4c98, 0x5c98, 0x5c10, 0x3810, 0x1c00, 0x4c10, 0x5b00,
	0x4e00, 0x3600, 0x5a00, 0x3400, 0x5c38, 0x3838, 0x1f00, 0x5c18,
	0x5c20, 0x3820, 0x5b40, 0x3640, 0x5b50, 0x3650, 0x5b60, 0x3660,
	0x4b60, 0x5c40, 0x3840, 0x0400, 0x5c48, 0x3848, 0x5c28, 0x3828,
	0x5bf8, 0x5cf8, 0x36f8, 0x38f8, 0x3800, 0x5c30, 0x5c08, 0x36c0,
	0x5ca0, 0x5ce0, 0x4ce0, 0x5cb8, 0x5cb0, 0x5ca8, 0x5c58, 0x3858,
	0x0800, 0x5c68, 0x3868, 0x1e00, 0x5980, 0x3280, 0x4980, 0x0c00,
	0x3860, 0x5800, 0x3000, 0x5bb0, 0x5080, 0x5c90, 0x5c70, 0x5c80,
	0x3880, 0x5b70, 0x5c50, 0x5900, 0x3200, 0x5b80, 0x8000, 0xa000,
	0xef48, 0xef58, 0xef40, 0xef50, 0xed00, 0xeef0, 0xebf8, 0xec00,
	0xef98, 0xf0a8, 0xf0c8, 0xe240, 0xe290, 0xf0f8, 0xe2a0, 0xe340,
	0xe2b0, 0xe350, 0xe220, 0xe300, 0xe320, 0x50b0,
};

static void test_table_covers(void **state)
{
	const struct nvgpu_encoding *enc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(emitted); i++) {
		const struct nvgpu_opcode *op;

		op = nvgpu_opcode_find((uint64_t)emitted[i] << 48, &enc);
		if (!op || !op->exec)
			fail_msg("%04x", emitted[i]);
	}
}

/* One line for each encoding, with its fidelity */
static void test_ledger(void **state)
{
	unsigned int i, j, rows = 0, want = 0, absent = 0;
	char *text = NULL, *line, *rest = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	nvgpu_ledger_opcodes(f);
	fclose(f);
	for (i = 0; i < nvgpu_nr_opcodes; i++)
		for (j = 0; j < NVGPU_ENCODINGS; j++)
			want += !!nvgpu_opcodes[i].enc[j].mask;
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		assert_int_equal(strncmp(line, "opcode\t", 7), 0);
		absent += !!strstr(line, "\tabsent\t");
		rows++;
	}
	assert_int_equal(rows, want);
	assert_true(absent > 0 && absent < rows);
	free(text);
}

/* A bit that no handler looks at makes an instruction unknown. */
static void test_refused(void **state)
{
	static const struct {
		uint64_t word;
		const char *why;
	} cases[] = {
		{ IADD(1, 1, 1) | BIT64(44), "modifier" },
		{ OP(0x5c58) | D(1) | BIT64(47), "modifier" },	/* FADD.CC */
		{ OP(0x5c98) | D(1) | B(2) | FIELD(3, 39), "partial write" },
		{ OP(0x5b50) | D(1) | PT39 | FIELD(3, 45), "predicate op" },
		{ OP(0x5088) | D(1) | FIELD(6, 24), "predicate op" },
		{ OP(0x5090) | FIELD(5, 24), "predicate op" },
		{ OP(0x5b60) | PT39 | FIELD(3, 45), "predicate op" },
		{ OP(0x5080) | D(1) | A(1) | FIELD(9, 20), "function" },
		{ OP(0x5c20) | D(1) | PT39 | FIELD(2, 43), "middle word" },
		{ OP(0x5b00) | D(1) | A(1) | FIELD(3, 50), "mode of c" },
		{ OP(0x36c0) | D(1) | A(1) | FIELD(7, 48), "mode" },
		{ OP(0x5c68) | D(1) | A(1) | FIELD(7, 41), "scale" },
		{ OP(0x5ca8) | D(1) | FIELD(2, 8), "operand size" },
		{ OP(0x5cb0) | D(1) | FIELD(2, 8), "operand size" },
		{ OP(0x5cb8) | D(1) | FIELD(2, 10), "operand size" },
		{ OP(0x5ce0) | D(1) | FIELD(3, 8), "operand size" },
		{ OP(0x50d8) | D(1) | FIELD(3, 48), "mode" },
		{ BAR_SYNC(0) | BIT64(33), "reduction" },
		{ LDC(B32, 1, 1, SASS_RZ, 0) | BIT64(44), "mode" },
		{ OP(0xe250) | TRUE5, "BRX: opcode not modelled" },
		{ OP(0x5c70) | D(1) | A(2) | B(4), "misaligned" },
	};
	struct sass *s = *state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t before = nvgpu_counter(s->gpu, "unknown");

		assert_int_equal(sass_step(s, cases[i].word),
				 NVGPU_STEP_DEAD);
		assert_int_equal(nvgpu_counter(s->gpu, "unknown"),
				 before + 1);
		if (!strstr(s->host.last_error, cases[i].why))
			fail_msg("%u: %s", i, s->host.last_error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vote),
		cmocka_unit_test(test_shfl),
		cmocka_unit_test(test_special_registers),
		cmocka_unit_test(test_no_ops),
		cmocka_unit_test(test_table_unique),
		cmocka_unit_test(test_table_covers),
		cmocka_unit_test(test_ledger),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, sass_setup, sass_teardown);
}
