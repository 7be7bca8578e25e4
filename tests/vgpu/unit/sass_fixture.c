// SPDX-License-Identifier: GPL-2.0-or-later
/* A warp in a test tube: see sass_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sass_fixture.h"

#define CODE		0x100000ull
#define BANK		1
#define BANK_SIZE	256u
#define REGISTERS	64
#define ROUNDS		24

/* Registers of the operands */
#define RD		8
#define RA		12
#define RB		16
#define RC		20

int sass_setup(void **state)
{
	struct sass *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->gpu = fake_gpu_new(&s->host, NULL);
	s->host.quiet = true;
	s->run = calloc(1, sizeof(*s->run));
	s->w = calloc(1, sizeof(*s->w));
	s->page = calloc(1, sizeof(*s->page));
	assert_true(s->run && s->w && s->page);
	s->page->base = CODE;
	s->run->code = s->page;
	s->run->grid.code = CODE;
	s->run->grid.code_base = CODE;
	s->run->grid.registers = REGISTERS;
	s->run->grid.cb_size[BANK] = BANK_SIZE;
	s->run->cb[BANK].data = calloc(1, BANK_SIZE);
	s->run->cb[BANK].valid[0] = true;
	s->cta.warps = s->w;
	s->cta.nr_warps = 1;
	s->cta.live = 1;
	s->w->cta = &s->cta;
	s->w->p[SASS_PT] = NVGPU_ALL_LANES;
	s->x = (struct nvgpu_exec){
		.gpu = s->gpu, .run = s->run, .cta = &s->cta, .w = s->w,
	};
	s->rng = 1;
	*state = s;
	return 0;
}

int sass_setup_scalar(void **state)
{
	struct sass *s;

	sass_setup(state);
	s = *state;
	s->gpu->config.sm_scalar = true;
	return 0;
}

int sass_teardown(void **state)
{
	struct sass *s = *state;

	free(s->run->cb[BANK].data);
	free(s->run);
	free(s->w);
	free(s->page);
	fake_gpu_free(s->gpu, &s->host);
	free(s);
	return 0;
}

static void start(struct sass *s, uint32_t mask)
{
	s->w->pc = CODE;
	s->w->active = mask;
	s->w->alive = mask;
	s->w->depth = 0;
	s->w->state = NVGPU_WARP_READY;
	memset(s->page->insn, 0, sizeof(s->page->insn));
}

enum nvgpu_step sass_step(struct sass *s, uint64_t word)
{
	start(s, NVGPU_ALL_LANES);
	s->page->word[1] = word;
	return nvgpu_warp_step(&s->x);
}

bool sass_program(struct sass *s, const uint64_t *words, unsigned int n,
		  unsigned int limit)
{
	unsigned int i;

	start(s, s->w->active ? s->w->active : NVGPU_ALL_LANES);
	for (i = 0; i < n; i++)
		s->page->word[SASS_AT(i) / 8] = words[i];
	while (limit-- && s->w->alive) {
		enum nvgpu_step step = nvgpu_warp_step(&s->x);

		if (step != NVGPU_STEP_NEXT && step != NVGPU_STEP_JUMP)
			return false;
	}
	return !s->w->alive;
}

/* xorshift64* */
uint32_t sass_random(struct sass *s)
{
	s->rng ^= s->rng >> 12;
	s->rng ^= s->rng << 25;
	s->rng ^= s->rng >> 27;
	return s->rng * 0x2545f4914f6cdd1dull >> 32;
}

static const uint64_t int_corners[] = {
	0, 1, 2, 31, 32, 33, 63, 64, 65, 0xff, 0x100, 0x7fff, 0x8000, 0xffff,
	0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xffffffffffffffff,
};

static const uint64_t f32_corners[] = {
	0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x40000000,
	0x3f000000, 0x3fc00000, 0x40200000, 0xbfc00000, 0x00000001,
	0x007fffff, 0x807fffff, 0x00800000, 0x7f7fffff, 0xff7fffff,
	0x7f800000, 0xff800000, 0x7fc00000, 0xffc12345, 0x7f800001,
	0x4f000000, 0xcf000000, 0x4f800000, 0x5f000000, 0x5f800000,
	0x4b800001, 0x33000001,
};

static const uint64_t f64_corners[] = {
	0x0000000000000000, 0x8000000000000000, 0x3ff0000000000000,
	0xbff0000000000000, 0x4000000000000000, 0x3fe0000000000000,
	0x3ff8000000000000, 0x0000000000000001, 0x000fffffffffffff,
	0x0010000000000000, 0x7fefffffffffffff, 0xffefffffffffffff,
	0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
	0x41dfffffffc00000, 0x41e0000000000000, 0xc1e0000000200000,
	0x43e0000000000000, 0x43f0000000000000, 0x36a0000000000000,
	0x380fffffe0000000, 0x47efffffefffffff, 0x47effffff0000000,
};

static const uint64_t f16_corners[] = {
	0x0000, 0x8000, 0x3c00, 0xbc00, 0x0001, 0x03ff, 0x0400, 0x7bff,
	0x7c00, 0xfc00, 0x7e00, 0x3c001234, 0x12347bff,
};

static uint64_t corner(struct sass *s, enum sass_kind kind)
{
	uint32_t r = sass_random(s);

	switch (kind) {
	case SASS_F32:
		return f32_corners[r % ARRAY_SIZE(f32_corners)];
	case SASS_F64:
		return f64_corners[r % ARRAY_SIZE(f64_corners)];
	case SASS_F16:
		return f16_corners[r % ARRAY_SIZE(f16_corners)];
	default:
		return int_corners[r % ARRAY_SIZE(int_corners)];
	}
}

/* Floats near each other, so that additions do more than pick one. */
static uint64_t near_one(struct sass *s, enum sass_kind kind)
{
	uint64_t r = (uint64_t)sass_random(s) << 32 | sass_random(s);

	if (kind == SASS_F32)
		return (r & 0x83ffffff) | 0x3c000000;
	if (kind == SASS_F64)
		return (r & 0x807fffffffffffff) | 0x3f80000000000000;
	return r & 0xfff;
}

static uint64_t value(struct sass *s, enum sass_kind kind, unsigned int words)
{
	uint32_t how = sass_random(s) % 4;
	uint64_t v;

	if (how == 0)
		v = (uint64_t)sass_random(s) << 32 | sass_random(s);
	else if (how == 1)
		v = near_one(s, kind);
	else
		v = corner(s, kind);
	return words == 2 ? v : (uint32_t)v;
}

/** struct run - inputs of one execution */
struct run {
	struct sass_in in[NVGPU_LANES];
	uint32_t mask;
};

static void put_reg(struct sass *s, unsigned int reg, unsigned int l,
		    uint64_t v)
{
	s->w->r[reg][l] = v;
	s->w->r[reg + 1][l] = v >> 32;
}

static bool is_float(const struct sass_row *row)
{
	return row->kind != SASS_INT;
}

/* Immediates: 20 bits, sign extended, or the upper ones of a float. */
static uint64_t immediate(const struct sass_row *row, uint64_t v,
			  uint64_t *field)
{
	if (row->kind == SASS_F64 && row->wb == 2) {
		v &= 0xfffff00000000000ull;
		*field = FIMM(v >> 32);
	} else if (is_float(row)) {
		v &= 0xfffff000;
		*field = FIMM((uint32_t)v);
	} else {
		int32_t low = (int32_t)((uint32_t)v << 12) >> 12;

		*field = IMM(low);
		v = row->wb == 2 ? (uint64_t)(int64_t)low : (uint32_t)low;
	}
	return v;
}

static void random_inputs(struct sass *s, const struct sass_row *row,
			  struct run *run)
{
	unsigned int l;

	for (l = 0; l < NVGPU_LANES; l++) {
		struct sass_in *in = &run->in[l];

		in->a = value(s, row->kind, row->wa);
		in->b = value(s, row->kind, row->wb);
		in->c = value(s, row->kind, row->wc);
		in->p = sass_random(s) & 1;
		in->carry = sass_random(s) & 1;
		in->zero = sass_random(s) & 1;
	}
	run->mask = sass_random(s) & 1 ? NVGPU_ALL_LANES : sass_random(s);
}

static void load_inputs(struct sass *s, const struct run *run)
{
	struct nvgpu_warp *w = s->w;
	unsigned int l;

	w->p[0] = run->mask;
	w->p[1] = 0;
	w->p[3] = 0x0f0f0f0f;
	w->p[4] = 0x33333333;
	w->cc_c = 0;
	w->cc_z = 0;
	for (l = 0; l < NVGPU_LANES; l++) {
		put_reg(s, RD, l, 0x1111111122222222ull + l);
		put_reg(s, RA, l, run->in[l].a);
		put_reg(s, RB, l, run->in[l].b);
		put_reg(s, RC, l, run->in[l].c);
		w->p[1] |= (uint32_t)run->in[l].p << l;
		w->cc_c |= (uint32_t)run->in[l].carry << l;
		w->cc_z |= (uint32_t)run->in[l].zero << l;
	}
}

static bool nan64(uint64_t bits)
{
	return (bits & ~BIT64(63)) > 0x7ff0000000000000ull;
}

static void check_lane(struct sass *s, const struct sass_row *row,
		       const char *form, const struct sass_in *in,
		       unsigned int l, bool on)
{
	uint64_t want = on ? row->oracle(in) : 0x1111111122222222ull + l;
	uint64_t got = s->w->r[RD][l];

	if (row->wd == 2)
		got |= (uint64_t)s->w->r[RD + 1][l] << 32;
	if (!row->wd) {
		got = (s->w->p[3] >> l & 1) | (s->w->p[4] >> l & 1) << 1;
		if (!on)
			want = (0x0f0f0f0fu >> l & 1) |
			       (0x33333333u >> l & 1) << 1;
	}
	if (row->wd == 1)
		want = (uint32_t)want;
	/* A double NaN's sign and payload are the host's. */
	if (got == want || (row->wd == 2 && is_float(row) && on &&
			    nan64(got) && nan64(want)))
		return;
	fail_msg("%s %s lane %u: a %llx b %llx c %llx p %d cc %d%d: got %llx, want %llx",
		 row->name, form, l, (unsigned long long)in->a,
		 (unsigned long long)in->b, (unsigned long long)in->c, in->p,
		 in->carry, in->zero, (unsigned long long)got,
		 (unsigned long long)want);
}

static void check_run(struct sass *s, const struct sass_row *row,
		      const char *form, uint64_t word, const struct run *run)
{
	unsigned int l;

	load_inputs(s, run);
	if (sass_step(s, word | row->mods) != NVGPU_STEP_NEXT)
		fail_msg("%s %s: %s", row->name, form, s->host.last_error);
	for (l = 0; l < NVGPU_LANES; l++)
		check_lane(s, row, form, &run->in[l], l, run->mask >> l & 1);
}

static uint64_t base_word(const struct sass_row *row, uint16_t hi)
{
	uint64_t word = OP_IF(0, hi);

	if (row->wd)
		word |= D(RD);
	if (row->wa)
		word |= A(RA);
	return word;
}

/* All lanes see lane 0's value of an operand that is not a register. */
static void spread(struct run *run, bool c, uint64_t v)
{
	unsigned int l;

	for (l = 0; l < NVGPU_LANES; l++)
		*(c ? &run->in[l].c : &run->in[l].b) = v;
}

static void check_round(struct sass *s, const struct sass_row *row)
{
	uint64_t creg = row->wc ? C(RC) : 0, field;
	uint8_t *bank = s->run->cb[BANK].data;
	struct run run, other;

	random_inputs(s, row, &run);
	if (row->r)
		check_run(s, row, "reg", base_word(row, row->r) |
			  (row->wb ? B(RB) : 0) | creg, &run);
	if (row->c) {
		other = run;
		spread(&other, false, run.in[0].b);
		memcpy(bank + 8, &run.in[0].b, 8);
		check_run(s, row, "const", base_word(row, row->c) |
			  CB(BANK, 8) | creg, &other);
	}
	if (row->x) {
		other = run;
		spread(&other, true, run.in[0].c);
		memcpy(bank + 16, &run.in[0].c, 8);
		check_run(s, row, "third const", base_word(row, row->x) |
			  CB(BANK, 16) | C(RB), &other);
	}
	if (row->i) {
		other = run;
		spread(&other, false, immediate(row, run.in[0].b, &field));
		check_run(s, row, "imm", base_word(row, row->i) | field | creg,
			  &other);
	}
}

void sass_check(struct sass *s, const struct sass_row *rows, unsigned int n)
{
	unsigned int i, round;

	for (i = 0; i < n; i++)
		for (round = 0; round < ROUNDS; round++)
			check_round(s, &rows[i]);
}
