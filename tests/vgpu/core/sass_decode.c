// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Decoding: finds an instruction's row in the opcode table and takes its
 * operands apart, once per word of a grid's code.
 */
#include <fenv.h>

#include "sass.h"

#define ONES(lo, n)	(((1ull << (n)) - 1) << (lo))

/* Operand fields: see opcodes.h. */
#define BITS_PRED	ONES(16, 4)
#define BITS_D		ONES(0, 8)
#define BITS_A		ONES(8, 8)
#define BITS_B_REG	ONES(20, 8)
#define BITS_CONST	ONES(20, 19)
#define BITS_IMM	(ONES(20, 19) | 1ull << 56)
#define BITS_IMM32	ONES(20, 32)
#define BITS_IMM16	ONES(20, 16)
#define BITS_C		ONES(39, 8)
#define BITS_COND	ONES(0, 5)

#define SIZE_64		3	/* 2 bit log2 of a size in bytes */

const struct nvgpu_opcode *nvgpu_opcode_find(uint64_t w,
					     const struct nvgpu_encoding **enc)
{
	unsigned int i, j;

	for (i = 0; i < nvgpu_nr_opcodes; i++) {
		for (j = 0; j < NVGPU_ENCODINGS; j++) {
			*enc = &nvgpu_opcodes[i].enc[j];
			if ((*enc)->mask && (w >> 48 & (*enc)->mask) ==
					    (*enc)->value)
				return &nvgpu_opcodes[i];
		}
	}
	return NULL;
}

/* Every bit that has a meaning in this form of @op. */
static uint64_t known_bits(const struct nvgpu_opcode *op,
			   const struct nvgpu_encoding *enc)
{
	static const struct {
		uint32_t form;
		uint64_t bits;
	} fields[] = {
		{ NVGPU_FORM_D,		BITS_D },
		{ NVGPU_FORM_A,		BITS_A },
		{ NVGPU_FORM_B_REG,	BITS_B_REG },
		{ NVGPU_FORM_B_CONST,	BITS_CONST },
		{ NVGPU_FORM_B_IMM,	BITS_IMM },
		{ NVGPU_FORM_B_FIMM,	BITS_IMM },
		{ NVGPU_FORM_B_IMM32,	BITS_IMM32 },
		{ NVGPU_FORM_B_IMM16,	BITS_IMM16 },
		{ NVGPU_FORM_C,		BITS_C },
		{ NVGPU_FORM_C_CONST,	BITS_C | BITS_CONST },
		{ NVGPU_FORM_COND,	BITS_COND },
	};
	uint64_t known = op->mods | (uint64_t)enc->mask << 48 | BITS_PRED;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(fields); i++)
		if (enc->form & fields[i].form)
			known |= fields[i].bits;
	return known;
}

static uint32_t immediate(const struct nvgpu_insn *in)
{
	uint32_t low = nvgpu_bits(in, 20, 19);

	if (in->form & NVGPU_FORM_B_IMM32)
		return nvgpu_bits(in, 20, 32);
	if (in->form & NVGPU_FORM_B_IMM16)
		return nvgpu_bits(in, 20, 16);
	if (in->form & NVGPU_FORM_B_FIMM)
		return low << 12 | (uint32_t)nvgpu_bit(in, 56) << 31;
	return nvgpu_sext(low | nvgpu_bits(in, 56, 1) << 19, 20);
}

static void decode_operands(struct nvgpu_insn *in)
{
	in->d = nvgpu_bits(in, 0, 8);
	in->a = NVGPU_RZ;
	in->b = NVGPU_RZ;
	in->c = NVGPU_RZ;
	if (in->form & NVGPU_FORM_A)
		in->a = nvgpu_bits(in, 8, 8);
	if (in->form & NVGPU_FORM_B_REG)
		in->b = nvgpu_bits(in, 20, 8);
	if (in->form & NVGPU_FORM_C)
		in->c = nvgpu_bits(in, 39, 8);
	if (in->form & NVGPU_FORM_C_CONST)
		in->b = nvgpu_bits(in, 39, 8);
	if (in->form & (NVGPU_FORM_B_CONST | NVGPU_FORM_C_CONST)) {
		in->bank = nvgpu_bits(in, 34, 5);
		in->imm = nvgpu_bits(in, 20, 14) << 2;
	} else {
		in->imm = immediate(in);
	}
	in->pred = in->form & NVGPU_FORM_NOPRED ? NVGPU_PT :
		   nvgpu_bits(in, 16, 3);
	in->pred_not = !(in->form & NVGPU_FORM_NOPRED) && nvgpu_bit(in, 19);
}

static void decode_sizes(struct nvgpu_insn *in)
{
	if (in->form & NVGPU_FORM_D_SIZE && nvgpu_bits(in, 8, 2) == SIZE_64)
		in->form |= NVGPU_FORM_D64;
	if (in->form & NVGPU_FORM_B_SIZE && nvgpu_bits(in, 10, 2) == SIZE_64)
		in->form |= NVGPU_FORM_B64;
}

static bool reg_ok(const struct nvgpu_grid *grid, uint8_t reg, bool pair)
{
	return reg == NVGPU_RZ ||
	       ((uint32_t)reg + pair < grid->registers && !(pair && reg & 1));
}

/* Registers out of range or misaligned raise an exception on hardware. */
static bool decode_regs_ok(const struct nvgpu_grid *grid,
			   const struct nvgpu_insn *in)
{
	uint32_t form = in->form;
	bool c64 = form & NVGPU_FORM_C64;
	bool b64 = form & NVGPU_FORM_B64;

	if (form & NVGPU_FORM_D &&
	    !reg_ok(grid, in->d, form & NVGPU_FORM_D64))
		return false;
	return reg_ok(grid, in->a, form & NVGPU_FORM_A64) &&
	       reg_ok(grid, in->b, b64) && reg_ok(grid, in->c, c64);
}

static int decode_round(const struct nvgpu_insn *in)
{
	/* emitRND: N, M (down), P (up), Z */
	static const int modes[] = {
		FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO,
	};

	return in->op->rnd ? modes[nvgpu_bits(in, in->op->rnd, 2)] :
			     FE_TONEAREST;
}

const char *nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
			 struct nvgpu_insn *in)
{
	const struct nvgpu_encoding *enc;

	*in = (struct nvgpu_insn){ .w = w };
	in->op = nvgpu_opcode_find(w, &enc);
	if (!in->op)
		return "unknown opcode";
	if (!in->op->exec)
		return "opcode not modelled";
	if (w & ~known_bits(in->op, enc))
		return "modifier not modelled";
	in->form = enc->form;
	if (in->form & NVGPU_FORM_COND &&
	    nvgpu_bits(in, 0, 5) != NVGPU_COND_TRUE)
		return "condition code test not modelled";
	decode_operands(in);
	decode_sizes(in);
	if (!decode_regs_ok(grid, in))
		return "register out of range or misaligned";
	in->round = decode_round(in);
	in->exec = in->op->exec;
	return NULL;
}
