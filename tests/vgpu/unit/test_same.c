// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The fast way of executing is the slow one, lane after lane (sm_scalar), bit by
 * bit: random instructions, and compiled kernels, on a GPU of each kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_fixture.h"
#include "opcodes.h"

#define STREAMS		1500
#define LENGTH		24		/* instructions of a stream */
#define TRIES		64		/* to find one that is valid */

/* Registers: free ones, a pointer in each lane, an offset in each lane */
#define NR_FREE		24
#define R_POINTER	28
#define R_OFFSET	30
#define SPAN		(3 * SM_PAGE)	/* of the pointers */
#define MAPPED		5u		/* pages */
#define INSIDE		1024u		/* bytes of shared and local memory */
#define BANK_WORDS	64

/** struct both - a GPU of each kind */
struct both {
	struct sm *fast, *slow;
	uint64_t rng;
	/** @done: how often each row of the opcode table was executed */
	unsigned int *done;
};

static int both_setup(void **state)
{
	struct both *b = calloc(1, sizeof(*b));
	void *sm;

	assert_non_null(b);
	sm_setup(&sm);
	b->fast = sm;
	sm_setup(&sm);
	b->slow = sm;
	b->slow->gpu->config.sm_scalar = true;
	b->done = calloc(nvgpu_nr_opcodes, sizeof(*b->done));
	assert_non_null(b->done);
	b->rng = 1;
	*state = b;
	return 0;
}

static int both_teardown(void **state)
{
	struct both *b = *state;
	void *fast = b->fast, *slow = b->slow;

	sm_teardown(&fast);
	sm_teardown(&slow);
	free(b->done);
	free(b);
	return 0;
}

/* SplitMix64, as device.c */
static uint64_t rnd(struct both *b)
{
	uint64_t z = b->rng += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static unsigned int below(struct both *b, unsigned int n)
{
	return rnd(b) % n;
}

/* A register, or now and then RZ; aligned for up to four words. */
static uint64_t reg(struct both *b, unsigned int align)
{
	return below(b, 16) ? below(b, NR_FREE / align) * align : SASS_RZ;
}

/* Where the operands of memory instructions are. */
enum operand {
	NOT_MEMORY, POINTER32, POINTER20, CACHE_LINE, OFFSET24, OFFSET22,
};

static const struct {
	const char *name;
	enum operand place;
} memory[] = {
	{ "LD", POINTER32 }, { "ST", POINTER32 },
	{ "LDS", OFFSET24 }, { "STS", OFFSET24 },
	{ "LDL", OFFSET24 }, { "STL", OFFSET24 },
	{ "LDC", OFFSET24 },
	{ "ATOM", POINTER20 }, { "ATOM.CAS", POINTER20 }, { "RED", POINTER20 },
	{ "ATOMS", OFFSET22 }, { "ATOMS.CAS", OFFSET22 },
	{ "CCTL", CACHE_LINE },
};

static enum operand operand_of(const struct nvgpu_opcode *op)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(memory); i++)
		if (!strcmp(op->name, memory[i].name))
			return memory[i].place;
	return NOT_MEMORY;
}

/* Is a set of bits, at @lo, replaced by a value? */
static uint64_t replace(uint64_t w, unsigned int lo, unsigned int n, uint64_t v)
{
	return (w & ~FIELD(BIT64(n) - 1, lo)) | FIELDN(v, lo, n);
}

/* Operands of a memory instruction: mostly within what is there */
static uint64_t memory_operands(struct both *b, enum operand place, uint64_t w)
{
	uint64_t offset = below(b, 16) * 16;
	bool wide = place < OFFSET24;

	w = replace(w, 8, 8, wide ? R_POINTER : R_OFFSET);
	switch (place) {
	case POINTER32:
		return replace(replace(w, 0, 8, reg(b, 4)), 20, 33,
			       offset | BIT64(32));
	case POINTER20:
		w = replace(w, 0, 8, reg(b, 4));
		if (w >> 51 != 0xebf8 >> 3)	/* RED has its type there */
			w = replace(w, 20, 8, reg(b, 4));
		return replace(w, 28, 21, offset | BIT64(20));
	case CACHE_LINE:
		if (w & BIT64(55))	/* of shared and local memory */
			return w;
		return replace(w, 22, 30, offset >> 2) | BIT64(52);
	case OFFSET24:
		return replace(replace(w, 0, 8, reg(b, 4)), 20, 24, offset);
	default:
		w = replace(replace(w, 0, 8, reg(b, 4)), 20, 8, reg(b, 4));
		return replace(w, 30, 22, offset >> 2);
	}
}

/* Operands as the form says; fields may be shared with modifiers. */
static uint64_t operands(struct both *b, uint32_t form, uint64_t w)
{
	if (form & NVGPU_FORM_D)
		w = replace(w, 0, 8, reg(b, 2));
	if (form & NVGPU_FORM_A)
		w = replace(w, 8, 8, reg(b, 2));
	if (form & NVGPU_FORM_B_REG)
		w = replace(w, 20, 8, reg(b, 2));
	if (form & (NVGPU_FORM_C | NVGPU_FORM_C_CONST))
		w = replace(w, 39, 8, reg(b, 2));
	if (form & (NVGPU_FORM_B_CONST | NVGPU_FORM_C_CONST))
		w = replace(w, 20, 19, below(b, BANK_WORDS / 2) * 2);
	if (form & (NVGPU_FORM_B_IMM | NVGPU_FORM_B_FIMM))
		w = replace(replace(w, 20, 19, rnd(b)), 56, 1, rnd(b));
	if (form & NVGPU_FORM_B_IMM32)
		w = replace(w, 20, 32, rnd(b));
	if (form & NVGPU_FORM_B_IMM16)
		w = replace(w, 20, 16, rnd(b));
	return w;
}

/* Numbers that are registers, but no operands to the decoder */
static uint64_t special_operands(struct both *b, const char *name, uint64_t w)
{
	static const uint8_t sr[] = { 0, 0x20, 0x21, 0x22, 0x25, 0x38, 0x3c };

	if (!strcmp(name, "S2R") || !strcmp(name, "CS2R"))
		return replace(w, 20, 8, sr[below(b, ARRAY_SIZE(sr))]);
	if (!strcmp(name, "SHFL") && !(w >> 28 & 1))
		w = replace(w, 20, 8, reg(b, 1));
	if (!strcmp(name, "SHFL") && !(w >> 29 & 1))
		w = replace(w, 39, 8, reg(b, 1));
	return w;
}

/* One word of row @i, in one of its forms.  False: not of this stream. */
static bool make(struct both *b, unsigned int i, uint64_t *word)
{
	const struct nvgpu_opcode *op = &nvgpu_opcodes[i];
	const struct nvgpu_encoding *enc =
		&op->enc[below(b, NVGPU_ENCODINGS)];
	enum operand place = operand_of(op);
	uint64_t w;

	if (!op->exec || !enc->mask || enc->form & NVGPU_FORM_COND ||
	    enc->form & NVGPU_FORM_NOPRED || !strcmp(op->name, "BAR"))
		return false;
	/* Few modifiers at a time, or most words would not be valid. */
	w = (rnd(b) & rnd(b) & op->mods) | (uint64_t)enc->value << 48;
	w = operands(b, enc->form, w);
	if (place != NOT_MEMORY)
		w = memory_operands(b, place, w);
	w = special_operands(b, op->name, w);
	*word = replace(w, 16, 4, below(b, 2) ? SASS_PT : below(b, 16));
	return true;
}

static uint64_t instruction(struct both *b)
{
	struct nvgpu_insn in;
	unsigned int try;
	uint64_t word;

	for (try = 0; try < TRIES; try++)
		if (make(b, below(b, nvgpu_nr_opcodes), &word) &&
		    !nvgpu_decode(&b->fast->grid, word, &in))
			return word;
	return NOP;
}

static struct nvgpu_warp *warp(struct sm *sm)
{
	return sm->gpu->sm->run ? sm->gpu->sm->run->sm[0].warps[0] : NULL;
}

static const uint32_t corners[] = {
	0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x3f800000, 0x7f800000,
	0xff800000, 0x7fc00000, 0x00000001, 0x80000001, 0x007fffff, 31, 32,
};

/* Lanes next to each other, or in the same place, or anywhere */
static void pointers(struct both *b, struct nvgpu_warp *w)
{
	static const unsigned int strides[] = { 0, 4, 4, 8, 16, 16, 32, 48 };
	unsigned int stride = strides[below(b, ARRAY_SIZE(strides))], l;
	uint64_t base = SM_DATA + below(b, SPAN / 16) * 16;
	bool scattered = !below(b, 3);

	for (l = 0; l < SM_LANES; l++) {
		uint64_t va = scattered ? SM_DATA + below(b, SPAN / 16) * 16 :
					  base + l * stride;

		w->r[R_POINTER][l] = va;
		w->r[R_POINTER + 1][l] = va >> 32;
		w->r[R_OFFSET][l] = below(b, INSIDE / 32) * 16;
	}
}

/* The same start for both */
static void start(struct both *b)
{
	struct nvgpu_warp *f, *s;
	unsigned int r, l;

	/* A CTA goes to the next SM in turn: the first grid's to the first. */
	sm_launch(b->fast);
	sm_launch(b->slow);
	f = warp(b->fast);
	s = warp(b->slow);
	for (r = 0; r < NR_FREE; r++)
		for (l = 0; l < SM_LANES; l++)
			f->r[r][l] = below(b, 2) ? rnd(b) :
				     corners[below(b, ARRAY_SIZE(corners))];
	pointers(b, f);
	for (r = 0; r < SASS_PT; r++)
		f->p[r] = below(b, 3) ? rnd(b) : NVGPU_ALL_LANES;
	f->cc_c = rnd(b);
	f->cc_z = rnd(b);
	memcpy(s->r, f->r, sizeof(s->r));
	memcpy(s->p, f->p, sizeof(s->p));
	s->cc_c = f->cc_c;
	s->cc_z = f->cc_z;
}

static void check_warps(struct both *b, uint64_t word, const char *name)
{
	const struct nvgpu_warp *f = warp(b->fast), *s = warp(b->slow);
	size_t local = (size_t)INSIDE * SM_LANES;

	if (!f != !s)
		fail_msg("%016llx %s: one died: %s, %s",
			 (unsigned long long)word, name,
			 b->fast->host.last_error, b->slow->host.last_error);
	if (!f)
		return;
	if (memcmp(f->r, s->r, sizeof(f->r)) ||
	    memcmp(f->p, s->p, sizeof(f->p)) || f->cc_z != s->cc_z ||
	    f->cc_s != s->cc_s || f->cc_c != s->cc_c || f->cc_o != s->cc_o ||
	    f->active != s->active || f->pc != s->pc || f->state != s->state)
		fail_msg("%016llx %s: registers differ",
			 (unsigned long long)word, name);
	if (memcmp(f->cta->shared, s->cta->shared, INSIDE) ||
	    memcmp(f->cta->local, s->cta->local, local))
		fail_msg("%016llx %s: shared or local memory differs",
			 (unsigned long long)word, name);
}

static void check_memory(struct both *b, const char *what)
{
	size_t size = (size_t)SM_DATA_PAGES * SM_PAGE;

	if (memcmp(b->fast->gpu->vram + SM_DATA_VRAM,
		   b->slow->gpu->vram + SM_DATA_VRAM, size) ||
	    memcmp(b->fast->host.ram + SM_DATA_RAM,
		   b->slow->host.ram + SM_DATA_RAM, size))
		fail_msg("%s: memory differs", what);
}

static void check_counter(struct both *b, const char *name)
{
	assert_int_equal(sm_counter(b->fast, name), sm_counter(b->slow, name));
}

/* Execute one instruction on both. */
static bool step(struct both *b, uint64_t word)
{
	const struct nvgpu_encoding *enc;
	const struct nvgpu_opcode *op = nvgpu_opcode_find(word, &enc);

	nvgpu_sm_run(b->fast->gpu, 1);
	nvgpu_sm_run(b->slow->gpu, 1);
	check_warps(b, word, op->name);
	if (!warp(b->fast))
		return false;
	b->done[op - nvgpu_opcodes]++;
	return true;
}

static void stream(struct both *b)
{
	uint64_t words[LENGTH + 1];
	unsigned int i;

	for (i = 0; i < LENGTH; i++)
		words[i] = instruction(b);
	words[LENGTH] = EXIT;
	sm_code(b->fast, words, LENGTH + 1);
	sm_code(b->slow, words, LENGTH + 1);
	start(b);
	for (i = 0; i < LENGTH && step(b, words[i]); i++)
		;
	sm_run(b->fast);
	sm_run(b->slow);
	check_memory(b, "stream");
	nvgpu_sm_abort(b->fast->gpu);
	nvgpu_sm_abort(b->slow->gpu);
	sm_chan_revive(b->fast);
	sm_chan_revive(b->slow);
}

static void each(struct both *b, void (*prepare)(struct sm *sm))
{
	prepare(b->fast);
	prepare(b->slow);
}

/* Two pages in VRAM, the others in system memory, constants that vary */
static void prepare_streams(struct sm *sm)
{
	unsigned int i;

	sm_map(sm, 0, PT_VRAM);
	sm_map(sm, 1, PT_VRAM);
	for (i = 2; i < MAPPED; i++)
		sm_map(sm, i, PT_SYS);
	for (i = 0; i < MAPPED * SM_PAGE; i += 4) {
		sm_wr32(sm, PT_VRAM, i, sm_pattern(i));
		sm_wr32(sm, PT_SYS, i, sm_pattern(i + 1));
	}
	for (i = 0; i < BANK_WORDS; i++)
		sm_arg32(sm, i * 4, corners[i % ARRAY_SIZE(corners)] + i / 14);
	sm->grid.shared_size = INSIDE;
	sm->grid.local_size = INSIDE;
}

static void test_streams(void **state)
{
	struct both *b = *state;
	unsigned int i;

	each(b, prepare_streams);
	for (i = 0; i < STREAMS; i++)
		stream(b);
	check_counter(b, "warp_instructions");
	check_counter(b, "lane_instructions");
	check_counter(b, "tlb_hits");
	check_counter(b, "tlb_misses");
	for (i = 0; i < nvgpu_nr_opcodes; i++) {
		uint64_t word;
		unsigned int try;

		for (try = 0; try < TRIES && !make(b, i, &word); try++)
			;
		if (try < TRIES && b->done[i] < 10)
			fail_msg("%s (row %u): executed %u times only",
				 nvgpu_opcodes[i].name, i, b->done[i]);
	}
}

#define AT(page)	(SM_DATA + (uint64_t)(page) * SM_PAGE)

static void matmul(struct sm *sm)
{
	sm_kernel(sm, &kernel_matmul, 32, 32, 8, 8);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(8));
	sm_arg64(sm, 16, AT(16));
	sm_arg32(sm, 24, 32);
}

static void saxpy(struct sm *sm)
{
	sm_kernel(sm, &kernel_saxpy, 4096, 1, 64, 1);
	sm_arg32(sm, 0, 0x40490fdb);
	sm_arg64(sm, 8, AT(0));
	sm_arg64(sm, 16, AT(8));
}

static void histogram(struct sm *sm)
{
	sm_kernel(sm, &kernel_global_hist, 4096, 1, 256, 1);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(8));
}

static void diverge(struct sm *sm)
{
	unsigned int i;

	sm_kernel(sm, &kernel_diverge, 1024, 1, 128, 1);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(8));
	for (i = 0; i < 1024; i++)
		sm_wr32(sm, PT_SYS, i * 4, sm_pattern(i) % 5000);
}

static void reduce(struct sm *sm)
{
	sm_kernel(sm, &kernel_reduce, 4096, 1, 256, 1);
	sm->grid.shared_size = 256 * 4;
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(8));
	sm_arg64(sm, 16, 0);
}

static void fill(struct sm *sm)
{
	unsigned int i;

	sm_map_all(sm, PT_SYS);
	for (i = 0; i < SM_DATA_PAGES * SM_PAGE; i += 4)
		sm_wr32(sm, PT_SYS, i, sm_pattern(i));
}

static void test_kernels(void **state)
{
	static void (*const kernels[])(struct sm *sm) = {
		matmul, saxpy, histogram, diverge, reduce,
	};
	struct both *b = *state;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kernels); i++) {
		each(b, fill);
		each(b, kernels[i]);
		each(b, sm_complete);
		check_memory(b, "kernel");
		check_counter(b, "warp_instructions");
		check_counter(b, "lane_instructions");
		check_counter(b, "tlb_hits");
		check_counter(b, "tlb_misses");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_streams, both_setup,
						both_teardown),
		cmocka_unit_test_setup_teardown(test_kernels, both_setup,
						both_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
