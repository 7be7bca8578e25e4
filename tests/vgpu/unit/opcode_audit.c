// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked into tests that execute instructions, in front of the decoder: says
 * which forms of which opcodes a test executes, and which modifier bits it
 * sets; or makes a form do nothing, or a modifier bit 0, so that
 * test_opcodes.py sees whether a test notices.  Asked for by the environment:
 *
 * NVGPU_AUDIT_TABLE	print all forms and bits, run no test
 * NVGPU_AUDIT_SEEN	file that gets a line for each at its first use
 * NVGPU_AUDIT_DROP	the one to take away
 *
 * A form is "OPCODE form NUMBER", a bit "OPCODE bit NUMBER"; in the table a
 * name follows.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "opcodes.h"

#define OPCODES_MAX	256
#define BITS		64

const char *__real_nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
				struct nvgpu_insn *in);
const char *__wrap_nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
				struct nvgpu_insn *in);

static enum nvgpu_step nothing(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in)
{
	return NVGPU_STEP_NEXT;
}

/* What does nothing as it is can't be missed. */
static bool does_something(const struct nvgpu_opcode *op)
{
	return op->exec && op->exec != nvgpu_op_nop;
}

/*
 * Bits that are modifiers one by one: in instructions about memory, other lanes
 * or where to go, and in a special register's number, most are an address.
 */
static uint64_t modifiers(const struct nvgpu_opcode *op)
{
	if (op->enc[0].form & NVGPU_FORM_WARP || op->exec == nvgpu_op_s2r)
		return 0;
	return op->mods;
}

static void print_opcode(unsigned int n)
{
	const struct nvgpu_opcode *op = &nvgpu_opcodes[n];
	unsigned int i;

	for (i = 0; i < NVGPU_ENCODINGS; i++)
		if (op->enc[i].mask)
			printf("%u form %u %s/%04x\n", n, i, op->name,
			       op->enc[i].value);
	for (i = 0; i < BITS; i++)
		if (modifiers(op) >> i & 1)
			printf("%u bit %u %s/%04x bit %u\n", n, i, op->name,
			       op->enc[0].value, i);
}

__attribute__((constructor)) static void print_table(void)
{
	unsigned int i;

	if (!getenv("NVGPU_AUDIT_TABLE"))
		return;
	for (i = 0; i < nvgpu_nr_opcodes; i++)
		if (does_something(&nvgpu_opcodes[i]))
			print_opcode(i);
	exit(0);
}

static void saw(const char *what, unsigned int opcode, unsigned int n,
		bool *before)
{
	const char *path = getenv("NVGPU_AUDIT_SEEN");
	FILE *f;

	if (!path || *before)
		return;
	*before = true;
	f = fopen(path, "a");
	if (!f || fprintf(f, "%u %s %u\n", opcode, what, n) < 0 || fclose(f))
		abort();
}

static bool dropped(const char *what, unsigned int opcode, unsigned int n)
{
	const char *drop = getenv("NVGPU_AUDIT_DROP");
	char text[32];

	snprintf(text, sizeof(text), "%u %s %u", opcode, what, n);
	return drop && !strcmp(drop, text);
}

/* @w without what is to be taken away */
static uint64_t audit_bits(const struct nvgpu_opcode *op, unsigned int opcode,
			   uint64_t w)
{
	static bool seen[OPCODES_MAX][BITS];
	uint64_t left = w & modifiers(op);
	unsigned int bit;

	for (; left; left &= left - 1) {
		bit = __builtin_ctzll(left);
		saw("bit", opcode, bit, &seen[opcode][bit]);
		if (dropped("bit", opcode, bit))
			w &= ~(1ull << bit);
	}
	return w;
}

const char *__wrap_nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
				struct nvgpu_insn *in)
{
	static bool seen[OPCODES_MAX][NVGPU_ENCODINGS];
	const char *why = __real_nvgpu_decode(grid, w, in);
	const struct nvgpu_encoding *enc;
	unsigned int opcode, form;

	if (why || nvgpu_opcode_find(w, &enc) != in->op)
		return why;
	opcode = in->op - nvgpu_opcodes;
	form = enc - in->op->enc;
	if (opcode >= OPCODES_MAX)
		abort();
	saw("form", opcode, form, &seen[opcode][form]);
	why = __real_nvgpu_decode(grid, audit_bits(in->op, opcode, w), in);
	if (dropped("form", opcode, form))
		in->exec = nothing;
	return why;
}
