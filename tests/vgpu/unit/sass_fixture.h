/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One warp and one instruction at a time: registers in, registers out, no
 * memory but constant bank 1.  Each instruction is a row with an oracle, and
 * is run in all its operand forms with corner and random values.
 */
#ifndef NVGPU_SASS_FIXTURE_H
#define NVGPU_SASS_FIXTURE_H

#include "fake_host.h"
#include "sass_asm.h"
#include "warp.h"

/** struct sass - a warp in a test tube */
struct sass {
	struct fake_host host;
	struct nvgpu *gpu;
	struct nvgpu_run *run;
	struct nvgpu_cta cta;
	struct nvgpu_warp *w;
	struct nvgpu_code_page *page;
	struct nvgpu_exec x;
	uint64_t rng;
};

int sass_setup(void **state);
/* The same, lane by lane */
int sass_setup_scalar(void **state);
int sass_teardown(void **state);

/* Execute one word with all lanes of w->active. */
enum nvgpu_step sass_step(struct sass *s, uint64_t word);

/*
 * Execute a program of @n words, laid out with control words between them,
 * until every lane has exited.  False: it died, or did not end within @limit.
 */
bool sass_program(struct sass *s, const uint64_t *words, unsigned int n,
		  unsigned int limit);

uint32_t sass_random(struct sass *s);

/** enum sass_kind - which values are corners */
enum sass_kind { SASS_INT, SASS_F32, SASS_F64, SASS_F16 };

/** struct sass_in - one lane's operands */
struct sass_in {
	uint64_t a, b, c;
	/** @p: predicate operand; @carry, @zero: condition code */
	bool p, carry, zero;
};

/** struct sass_row - one instruction with its oracle */
struct sass_row {
	const char *name;
	/** @r, @c, @i, @x: bits 63:48 of each operand form, 0: not there */
	uint16_t r, c, i, x;
	/** @mods: modifier bits */
	uint64_t mods;
	/** @wd, @wa, @wb, @wc: words of operands, 0: not there */
	uint8_t wd, wa, wb, wc;
	enum sass_kind kind;
	/**
	 * @oracle: what the destination must hold; with @wd 0 bit 0 is for
	 * predicate 3 and bit 1 for predicate 4
	 */
	uint64_t (*oracle)(const struct sass_in *in);
};

/* Run every form of every row; fails the test at the first difference. */
void sass_check(struct sass *s, const struct sass_row *rows, unsigned int n);

/* The predicate operand of rows is P1. */
#define SASS_PRED_IN	PRED39(1)
/* Predicate destinations of rows with @wd 0 */
#define SASS_PRED_OUT	PDST(3, 4)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif
