// SPDX-License-Identifier: GPL-2.0-or-later
/* Stores that wait in the SM: who sees them, when, and what lets them go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sm_fixture.h"

#define OLD		0x01010101u
#define NEW		0x22222222u
#define LINE		128u
#define LINES		64u	/* the model's own: stores.c */
#define LIFE		(1u << 18)

/* Cache operators */
#define LD_CG		FIELD(1, 56)
#define LD_CV		FIELD(3, 56)
#define ST_CG		FIELD(1, 56)
#define ST_WT		FIELD(3, 56)
#define MEMBAR(level)	(OP(0xef98) | FIELD(level, 8))
#define MEMBAR_CTA	MEMBAR(0)
#define MEMBAR_GL	MEMBAR(1)
#define MEMBAR_SYS	MEMBAR(2)
#define RED_ADD(off, r)	RED(0, 0, 0, off, r)

/* Instructions before those of a test: sm_lanes_load() */
#define PROLOGUE	6
#define DATA		0x100
#define FLAG		0x300

/* What a producer does between data and flag, and how it stores the flag */
#define NOTHING		NOP
#define FLAG_PLAIN	ST(B32, 0, FLAG, 13)
#define FLAG_WT		(FLAG_PLAIN | ST_WT)
#define FLAG_CG		(FLAG_PLAIN | ST_CG)
#define FLAG_ATOMIC	RED_ADD(FLAG, 13)

/** struct message - data, then a flag */
struct message {
	const char *name;
	uint64_t release, flag;
	/** @gpu, @cpu: what is in the data once the flag was seen there */
	uint32_t gpu, cpu;
};

static const struct message messages[] = {
	{ "nothing, plain",	NOTHING, FLAG_PLAIN, OLD, OLD },
	{ "nothing, .WT",	NOTHING, FLAG_WT, OLD, OLD },
	{ "nothing, .CG",	NOTHING, FLAG_CG, OLD, OLD },
	{ "nothing, atomic",	NOTHING, FLAG_ATOMIC, OLD, OLD },
	{ "CTA, plain",		MEMBAR_CTA, FLAG_PLAIN, OLD, OLD },
	{ "CTA, .WT",		MEMBAR_CTA, FLAG_WT, OLD, OLD },
	{ "CTA, atomic",	MEMBAR_CTA, FLAG_ATOMIC, OLD, OLD },
	/* The data has waited longer than the flag. */
	{ "GL, plain",		MEMBAR_GL, FLAG_PLAIN, NEW, NEW },
	{ "GL, .WT",		MEMBAR_GL, FLAG_WT, NEW, OLD },
	{ "GL, atomic",		MEMBAR_GL, FLAG_ATOMIC, NEW, OLD },
	{ "SYS, plain",		MEMBAR_SYS, FLAG_PLAIN, NEW, NEW },
	{ "SYS, .WT",		MEMBAR_SYS, FLAG_WT, NEW, NEW },
	{ "SYS, atomic",	MEMBAR_SYS, FLAG_ATOMIC, NEW, NEW },
};

static void prepare(struct sm *sm, uint64_t bits)
{
	sm_wr32(sm, bits, DATA, OLD);
	sm_wr32(sm, bits, FLAG, 0);
	sm_wr32(sm, bits, SM_RESULT, 0);
	sm_arg64(sm, 0, SM_DATA);
	sm->grid.cta_dim[0] = 1;
}

/* Block, or warp, 0 sends; the other one waits for the flag and looks. */
static uint32_t receive(struct sm *sm, uint64_t bits, const struct message *m,
			uint64_t who)
{
	const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4), who,
		MOV32I(12, NEW), MOV32I(13, 1),
		ISETP_I(0, EQ, 3, 0),
		BRA_IF(0, TO(6, 12)),
		/* the consumer */
		LD(B32, 4, 0, FLAG) | LD_CV, ISETP_I(1, EQ, 4, 0),
		BRA_IF(1, TO(9, 7)),
		LD(B32, 8, 0, DATA) | LD_CV,
		BRA(TO(11, 16)),
		/* the producer */
		ST(B32, 0, DATA, 12),
		m->release, m->flag,
		EXIT,
		ST(B32, 0, SM_RESULT, 8),
		EXIT,
	};

	prepare(sm, bits);
	sm_code(sm, words, ARRAY_SIZE(words));
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, bits, DATA), NEW);
	assert_int_equal(sm_rd32(sm, bits, FLAG), 1);
	return sm_rd32(sm, bits, SM_RESULT);
}

/* Between two SMs */
static void test_message(void **state)
{
	static const uint64_t where[] = { PT_VRAM, PT_SYS };
	struct sm *sm = *state;
	unsigned int i, j;

	sm->grid.grid_dim[0] = 2;
	for (i = 0; i < ARRAY_SIZE(where); i++) {
		sm_map_all(sm, where[i]);
		sm_invalidate(sm);
		for (j = 0; j < ARRAY_SIZE(messages); j++) {
			uint32_t seen = receive(sm, where[i], &messages[j],
						S2R(3, SR_CTAID_X));

			if (seen != messages[j].gpu)
				fail_msg("%s: %x", messages[j].name, seen);
		}
	}
}

/* Within a CTA: all levels, and the model needs none. */
static void test_message_cta(void **state)
{
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_VRAM);
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		prepare(sm, PT_VRAM);
		sm->grid.grid_dim[0] = 1;
		/* One thread of each of two warps: R3 = thread / 32 */
		const uint64_t words[] = {
			MOV_CB(0, 0, 0), MOV_CB(1, 0, 4), S2R(3, SR_TID_X),
			MOV32I(12, NEW), MOV32I(13, 1),
			ISETP_I(0, EQ, 3, 0), ISETP_I(2, EQ, 3, 32),
			BRA_IF(0, TO(7, 15)),
			BRA_UNLESS(2, TO(8, 14)),
			LD(B32, 4, 0, FLAG) | LD_CV, ISETP_I(1, EQ, 4, 0),
			BRA_IF(1, TO(11, 9)),
			LD(B32, 8, 0, DATA) | LD_CV,
			ST(B32, 0, SM_RESULT, 8),
			EXIT,
			ST(B32, 0, DATA, 12),
			messages[i].release, messages[i].flag,
			EXIT,
		};

		sm_code(sm, words, ARRAY_SIZE(words));
		sm->grid.cta_dim[0] = 64;
		sm_complete(sm);
		if (sm_rd32(sm, PT_VRAM, SM_RESULT) != NEW)
			fail_msg("%s", messages[i].name);
	}
}

/* A loop of R6 turns, 3 instructions each, keeps a grid running. */
#define DELAY(at)	IADD_I(6, 6, -1), ISETP_I(0, NE, 6, 0), \
			BRA_IF(0, TO((at) + 2, at))

/* The CPU polls the flag now and then. */
static void test_message_cpu(void **state)
{
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_SYS);
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		const uint64_t words[] = {
			MOV32I(12, NEW), MOV32I(13, 1), MOV32I(6, 3 * LIFE),
			ST(B32, 0, DATA, 12),
			messages[i].release, messages[i].flag,
			DELAY(PROLOGUE + 6), EXIT,
		};
		uint32_t seen;

		prepare(sm, PT_SYS);
		sm_lanes_load(sm, words, ARRAY_SIZE(words));
		sm_launch(sm);
		while (!sm_rd32(sm, PT_SYS, FLAG))
			assert_int_not_equal(nvgpu_sm_run(sm->gpu, 16), 0);
		seen = sm_rd32(sm, PT_SYS, DATA);
		assert_false(nvgpu_sm_idle(sm->gpu));
		if (seen != messages[i].cpu)
			fail_msg("%s: %x", messages[i].name, seen);
		nvgpu_sm_abort(sm->gpu);
	}
}

/* Run @words up to instruction @n of them; lane 0 alone. */
static void run_to(struct sm *sm, const uint64_t *words, unsigned int nr,
		   unsigned int n)
{
	prepare(sm, PT_SYS);
	sm_lanes_load(sm, words, nr);
	sm_launch(sm);
	assert_int_equal(nvgpu_sm_run(sm->gpu, PROLOGUE + n), PROLOGUE + n);
}

/* Nobody else has seen a store by then, and everybody has in the end. */
static const uint64_t one_store[] = {
	MOV32I(12, NEW), ST(B32, 0, DATA, 12), NOP, NOP, EXIT,
};

#define STORED	2	/* instructions of it */

static void start_store(struct sm *sm)
{
	sm_map_all(sm, PT_SYS);
	run_to(sm, one_store, ARRAY_SIZE(one_store), STORED);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), OLD);
}

static void test_end(void **state)
{
	struct sm *sm = *state;

	start_store(sm);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), NEW);
}

static void test_preempted(void **state)
{
	struct sm *sm = *state;
	void *saved;

	start_store(sm);
	saved = nvgpu_sm_save(sm->gpu);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), NEW);
	sm_wr32(sm, PT_SYS, DATA, OLD);
	nvgpu_sm_restore(sm->gpu, saved);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), OLD);
}

/* An engine that is reset does not finish what it was at. */
static void test_aborted(void **state)
{
	struct sm *sm = *state;

	start_store(sm);
	nvgpu_sm_abort(sm->gpu);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), OLD);
	sm_lanes_load(sm, (const uint64_t[]){ EXIT }, 1);
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), OLD);
}

/* Store, then touch a page that is not there. */
static void fault_after_store(struct sm *sm)
{
	static const uint64_t words[] = {
		MOV32I(12, NEW), ST(B32, 0, DATA, 12),
		LD(B32, 8, 0, SM_PAGE), EXIT,
	};

	sm_map(sm, 0, PT_SYS);
	run_to(sm, words, ARRAY_SIZE(words), STORED);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), OLD);
}

/* While no warp can run stores arrive. */
static void test_stalled(void **state)
{
	struct sm *sm = *state;

	fault_after_store(sm);
	assert_false(sm_run(sm));
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 1);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), NEW);
}

/* Of a grid that dies of a fault they do, too. */
static void test_fatal(void **state)
{
	struct sm *sm = *state;
	struct nvgpu_vm vm = pt_vm(&sm->pt);

	vm.replay_tex = false;
	sm_set_vm(sm, &vm);
	fault_after_store(sm);
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), NEW);
}

/* A store that can't be translated faults when it is executed. */
static void test_faults(void **state)
{
	struct sm_packet packet;
	struct sm *sm = *state;

	prepare(sm, PT_SYS);
	sm_lanes_load(sm, one_store, ARRAY_SIZE(one_store));
	sm_launch(sm);
	nvgpu_sm_run(sm->gpu, PROLOGUE + STORED);
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 1);
	assert_int_equal(sm_packets(sm, &packet, 1), 1);
	assert_true(packet.va == SM_DATA);
}

/*
 * A page goes to somebody else once its translation was invalidated: with
 * SYS_MEMBAR nothing that was stored before comes later, without it does.
 */
static void invalidate(struct sm *sm, uint32_t command, uint32_t before,
		       uint32_t after)
{
	start_store(sm);
	pt_unmap(&sm->pt, SM_DATA, PT_4K);
	pt_invalidate(&sm->pt, PT_INVAL_ALL_VA | command);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), before);
	sm_wr32(sm, PT_SYS, DATA, 3);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), after);
}

static void test_invalidate(void **state)
{
	struct sm *sm = *state;

	invalidate(sm, PT_INVAL_SYS_MEMBAR, NEW, 3);
	invalidate(sm, 0, OLD, NEW);
}

/** struct order - accesses of one thread, and what it and memory have then */
struct order {
	const char *name;
	uint64_t words[4];
	/** @r: of the load in R8; @memory: before the grid's end; @end: after */
	uint32_t r, memory, end;
};

#define R_ONE	13	/* 0x00000001 */
#define R_NEW	12
#define ST_NEW	ST(B32, 0, DATA, R_NEW)
#define ST_ONE	ST(B32, 0, DATA, R_ONE)
#define LOAD	LD(B32, 8, 0, DATA)
#define FETCH	ATOM(0, 0, 8, 0, DATA, R_ONE)

static const struct order orders[] = {
	{ "read, .CA",	{ ST_NEW, LOAD, NOP }, NEW, OLD, NEW },
	{ "read, .CG",	{ ST_NEW, LOAD | LD_CG, NOP }, NEW, OLD, NEW },
	{ "read, .CV",	{ ST_NEW, LOAD | LD_CV, NOP }, NEW, OLD, NEW },
	{ "read a byte", { ST_NEW, LD(U8, 8, 0, DATA + 3), NOP },
			0x22, OLD, NEW },
	{ "part: byte",	{ ST(U8, 0, DATA + 1, R_NEW), LOAD | LD_CG, NOP },
			0x01012201, OLD, 0x01012201 },
	{ "part: byte, .CA", { ST(U8, 0, DATA + 1, R_NEW), LOAD, NOP },
			0x01012201, OLD, 0x01012201 },
	{ "parts",	{ ST(U16, 0, DATA + 2, R_NEW),
			  ST(U8, 0, DATA, R_ONE - 1), LOAD | LD_CG },
			0x22220122, OLD, 0x22220122 },
	{ "twice",	{ ST_NEW, ST_ONE, LOAD | LD_CG }, 1, OLD, 1 },
	{ "twice, .WT",	{ ST_NEW, ST_ONE | ST_WT, LOAD | LD_CG }, 1, 1, 1 },
	{ ".WT before",	{ ST_ONE | ST_WT, ST_NEW, LOAD | LD_CG },
			NEW, 1, NEW },
	{ "atomic",	{ ST_NEW, FETCH, NOP }, NEW, NEW + 1, NEW + 1 },
	{ "atomic, GL",	{ ST_NEW, MEMBAR_GL, FETCH }, NEW, NEW + 1, NEW + 1 },
	{ "atomic, then a store", { FETCH, ST_NEW, LOAD | LD_CG },
			NEW, OLD + 1, NEW },
	{ "atomic next to it", { ST_NEW, ATOM(0, 0, 8, 0, DATA + 4, R_ONE),
			NOP }, 0, OLD, NEW },
	{ "GL, again",	{ ST_NEW, MEMBAR_GL, ST_ONE }, 0, OLD, 1 },
	{ "GL, .WT",	{ ST_NEW, MEMBAR_GL, ST_ONE | ST_WT }, 0, 1, 1 },
	{ "GL, read",	{ ST_NEW, MEMBAR_GL, LOAD | LD_CG }, NEW, OLD, NEW },
	{ "GL, again, atomic", { ST_NEW, MEMBAR_GL, ST_ONE, FETCH },
			1, 2, 2 },
	{ "SYS, read",	{ ST_NEW, MEMBAR_SYS, LOAD | LD_CG }, NEW, NEW, NEW },
};

static void test_own(void **state)
{
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_SYS);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		const struct order *o = &orders[i];
		const uint64_t words[] = {
			MOV32I(R_NEW, NEW), MOV32I(R_ONE, 1), MOV32I(8, 0),
			o->words[0], o->words[1], o->words[2],
			o->words[3] ? o->words[3] : NOP,
			ST(B32, 0, SM_RESULT, 8), NOP, EXIT,
		};

		sm_wr32(sm, PT_SYS, DATA + 4, 0);
		run_to(sm, words, ARRAY_SIZE(words), 8);
		if (sm_rd32(sm, PT_SYS, DATA) != o->memory)
			fail_msg("%s: memory %x", o->name,
				 sm_rd32(sm, PT_SYS, DATA));
		assert_true(sm_run(sm));
		if (sm_rd32(sm, PT_SYS, SM_RESULT) != o->r ||
		    sm_rd32(sm, PT_SYS, DATA) != o->end)
			fail_msg("%s: %x, %x", o->name,
				 sm_rd32(sm, PT_SYS, SM_RESULT),
				 sm_rd32(sm, PT_SYS, DATA));
	}
}

/* Only the bytes that were stored are written, whatever else changed. */
static void test_bytes(void **state)
{
	static const uint64_t words[] = {
		MOV32I(12, NEW), ST(U8, 0, DATA + 1, 12),
		ST(U16, 0, DATA + 66, 12), NOP, EXIT,
	};
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	run_to(sm, words, ARRAY_SIZE(words), 3);
	sm_wr32(sm, PT_SYS, DATA, 0x44434241);
	sm_wr32(sm, PT_SYS, DATA + 64, 0x54535251);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA), 0x44432241);
	assert_int_equal(sm_rd32(sm, PT_SYS, DATA + 64), 0x22225251);
}

/* The line whose place is needed goes, older ones stay. */
static void test_full(void **state)
{
	static const uint64_t words[] = {
		MOV32I(12, NEW),
		ST(B32, 0, 0, 12), ST(B32, 0, LINE, 12),
		ST(B32, 0, LINE + LINES * LINE, 12), NOP, EXIT,
	};
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	sm_wr32(sm, PT_VRAM, 0, OLD);
	sm_wr32(sm, PT_VRAM, LINE, OLD);
	sm_wr32(sm, PT_VRAM, LINE + LINES * LINE, OLD);
	run_to(sm, words, ARRAY_SIZE(words), 4);
	assert_int_equal(sm_rd32(sm, PT_VRAM, 0), OLD);
	assert_int_equal(sm_rd32(sm, PT_VRAM, LINE), NEW);
	assert_int_equal(sm_rd32(sm, PT_VRAM, LINE + LINES * LINE), OLD);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_VRAM, 0), NEW);
	assert_int_equal(sm_rd32(sm, PT_VRAM, LINE + LINES * LINE), NEW);
}

/* Time brings the newest line first, and then the others. */
static void test_time(void **state)
{
	static const uint64_t words[] = {
		MOV32I(12, NEW), MOV32I(6, 2 * LIFE),
		ST(B32, 0, DATA, 12), ST(B32, 0, FLAG, 12),
		DELAY(PROLOGUE + 4), EXIT,
	};
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	sm_wr32(sm, PT_VRAM, DATA, OLD);
	sm_wr32(sm, PT_VRAM, FLAG, OLD);
	run_to(sm, words, ARRAY_SIZE(words), 4);
	nvgpu_sm_run(sm->gpu, LIFE / 2);
	assert_int_equal(sm_rd32(sm, PT_VRAM, FLAG), OLD);
	nvgpu_sm_run(sm->gpu, LIFE);
	assert_int_equal(sm_rd32(sm, PT_VRAM, FLAG), NEW);
	assert_int_equal(sm_rd32(sm, PT_VRAM, DATA), OLD);
	nvgpu_sm_run(sm->gpu, LIFE);
	assert_false(nvgpu_sm_idle(sm->gpu));
	assert_int_equal(sm_rd32(sm, PT_VRAM, DATA), NEW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_message),
		TEST(test_message_cta),
		TEST(test_message_cpu),
		TEST(test_end),
		TEST(test_preempted),
		TEST(test_aborted),
		TEST(test_stalled),
		TEST(test_fatal),
		TEST(test_faults),
		TEST(test_invalidate),
		TEST(test_own),
		TEST(test_bytes),
		TEST(test_full),
		TEST(test_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
