// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Linked into tests that execute instructions, in front of the decoder: says
 * which forms of which opcodes a test executes, or makes one form do nothing,
 * so that test_opcodes.py sees whether a test notices.  Asked for by the
 * environment:
 *
 * NVGPU_AUDIT_TABLE	print the table of forms, run no test
 * NVGPU_AUDIT_SEEN	file that gets a line for each form at its first use
 * NVGPU_AUDIT_DROP	"opcode form": numbers of the one that does nothing
 */
#include <stdlib.h>
#include <string.h>

#include "opcodes.h"

#define OPCODES_MAX	256

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

__attribute__((constructor)) static void print_table(void)
{
	unsigned int i, j;

	if (!getenv("NVGPU_AUDIT_TABLE"))
		return;
	for (i = 0; i < nvgpu_nr_opcodes; i++)
		for (j = 0; j < NVGPU_ENCODINGS; j++)
			if (nvgpu_opcodes[i].enc[j].mask &&
			    does_something(&nvgpu_opcodes[i]))
				printf("%u %u %s/%04x\n", i, j,
				       nvgpu_opcodes[i].name,
				       nvgpu_opcodes[i].enc[j].value);
	exit(0);
}

static void saw(unsigned int opcode, unsigned int form)
{
	static bool seen[OPCODES_MAX][NVGPU_ENCODINGS];
	const char *path = getenv("NVGPU_AUDIT_SEEN");
	FILE *f;

	if (!path || seen[opcode][form])
		return;
	seen[opcode][form] = true;
	f = fopen(path, "a");
	if (!f || fprintf(f, "%u %u\n", opcode, form) < 0 || fclose(f))
		abort();
}

static bool dropped(unsigned int opcode, unsigned int form)
{
	const char *drop = getenv("NVGPU_AUDIT_DROP");
	char text[32];

	snprintf(text, sizeof(text), "%u %u", opcode, form);
	return drop && !strcmp(drop, text);
}

const char *__wrap_nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
				struct nvgpu_insn *in)
{
	const char *why = __real_nvgpu_decode(grid, w, in);
	const struct nvgpu_encoding *enc;
	unsigned int opcode, form;

	if (why || nvgpu_opcode_find(w, &enc) != in->op)
		return why;
	opcode = in->op - nvgpu_opcodes;
	form = enc - in->op->enc;
	if (opcode >= OPCODES_MAX)
		abort();
	saw(opcode, form);
	if (dropped(opcode, form))
		in->exec = nothing;
	return NULL;
}
