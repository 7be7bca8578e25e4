// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The incoherent L1 of an SM: what a program sees that lacks a barrier or a
 * cache operator, and what one sees that does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sm_fixture.h"

#define OLD		0x0101u
#define NEW		0x2222u
#define ADDEND		0x10000u

/* Cache operators of loads */
#define CG		FIELD(1, 56)
#define CS		FIELD(2, 56)
#define CV		FIELD(3, 56)
#define MEMBAR(level)	(OP(0xef98) | FIELD(level, 8))
#define MEMBAR_GL	MEMBAR(1)
#define MEMBAR_SYS	MEMBAR(2)
#define CCTL(op, a)	(OP(0xef60) | FIELD(op, 0) | A(a) | BIT64(52))
#define CCTL_IV(a)	CCTL(5, a)
#define CCTL_IVALL	CCTL(6, SASS_RZ)
#define ATOM_ADD	0
#define TYPE_U32	0

/* Instructions before those of a test: sm_lanes_load() */
#define PROLOGUE	6

/** struct access - what comes between the first load of a word and the last */
struct access {
	const char *name;
	uint64_t words[2];
	/** @sees: what the last load returns, once memory holds NEW */
	uint32_t sees;
};

/* All in one work-item; its own stores and atomics are to see, or not. */
static const struct access accesses[] = {
	{ "nothing",		{ NOP, NOP }, OLD },
	{ "MEMBAR.CTA",		{ MEMBAR(0), NOP }, OLD },
	{ "MEMBAR.GL",		{ MEMBAR_GL, NOP }, OLD },
	{ "MEMBAR.SYS",		{ MEMBAR_SYS, NOP }, OLD },
	{ "load .CG",		{ LD(B32, 9, 0, 0) | CG, NOP }, OLD },
	{ "load .CS",		{ LD(B32, 9, 0, 0) | CS, NOP }, OLD },
	{ "atomic",		{ RED(ATOM_ADD, TYPE_U32, 0, 0, 12), NOP },
				OLD },
	{ "CCTL.IV elsewhere",	{ IADD_I(6, 0, 1024), CCTL_IV(6) }, OLD },
	{ "store elsewhere",	{ ST(B32, 0, 512, 12), NOP }, OLD },
	{ "load .CV",		{ LD(B32, 9, 0, 0) | CV, NOP }, NEW },
	{ "CCTL.IV",		{ CCTL_IV(0), NOP }, NEW },
	{ "CCTL.IVALL",		{ CCTL_IVALL, NOP }, NEW },
	{ "MEMBAR, CCTL.IVALL",	{ MEMBAR_SYS, CCTL_IVALL }, NEW },
	{ "atomic, CCTL.IV",	{ RED(ATOM_ADD, TYPE_U32, 0, 0, 12),
				  CCTL_IV(0) }, NEW + ADDEND },
	{ "store",		{ MOV32I(13, 7), ST(B32, 0, 0, 13) }, 7 },
	{ "store next to it",	{ ST(B32, 0, 4, 12), NOP }, NEW },
};

/* Load, let the CPU write, access, load again; only lane 0 does. */
static uint32_t second_load(struct sm *sm, const struct access *a,
			    uint64_t operator)
{
	const uint64_t words[] = {
		ISETP_I(0, EQ, 2, 0),
		MOV32I(12, ADDEND), IADD(7, 1, SASS_RZ),
		LD(B32, 8, 0, 0),
		a->words[0], a->words[1],
		LD(B32, 10, 0, 0) | operator,
		ST(B64, 0, SM_RESULT, 10),
		ST(B32, 0, SM_RESULT + 4, 8),
		EXIT,
	};

	sm_wr32(sm, PT_SYS, 0, OLD);
	sm_lanes_load(sm, words, ARRAY_SIZE(words));
	sm->grid.cta_dim[0] = 1;
	sm_launch(sm);
	assert_int_equal(nvgpu_sm_run(sm->gpu, PROLOGUE + 4), PROLOGUE + 4);
	sm_wr32(sm, PT_SYS, 0, NEW);
	assert_true(sm_run(sm));
	assert_int_equal(sm_counter(sm, "unknown"), 0);
	assert_int_equal(sm_counter(sm, "guest_errors"), 0);
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT + 4), OLD);
	return sm_rd32(sm, PT_SYS, SM_RESULT);
}

static void test_stale(void **state)
{
	struct sm *sm = *state;
	unsigned int i;

	sm_map_all(sm, PT_SYS);
	for (i = 0; i < ARRAY_SIZE(accesses); i++) {
		uint32_t seen = second_load(sm, &accesses[i], 0);

		if (seen != accesses[i].sees)
			fail_msg("%s: %x", accesses[i].name, seen);
	}
}

/* The same where the launch has switched the cache off. */
static void test_off(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	sm->grid.l1 = false;
	assert_int_equal(second_load(sm, &accesses[0], 0), NEW);
}

/* Operators of the second load itself */
static void test_operators(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	assert_int_equal(second_load(sm, &accesses[0], CS), OLD);
	assert_int_equal(second_load(sm, &accesses[0], CG), NEW);
	assert_int_equal(second_load(sm, &accesses[0], CV), NEW);
}

/* R8 = the word, twice, with room to do something in between */
static const uint64_t load_twice[] = {
	LD(B32, 8, 0, 0), NOP,
	LD(B32, 8, 0, 0), ST(B32, 0, SM_RESULT, 8), EXIT,
};

static void start_twice(struct sm *sm)
{
	sm_wr32(sm, PT_SYS, 0, OLD);
	sm_lanes_load(sm, load_twice, ARRAY_SIZE(load_twice));
	sm_launch(sm);
	nvgpu_sm_run(sm->gpu, PROLOGUE + 1);
	sm_wr32(sm, PT_SYS, 0, NEW);
}

/* What one grid has loaded is not in L1 for the next. */
static void test_launch(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	start_twice(sm);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT), OLD);
	sm_complete(sm);
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT), NEW);
}

/* Nor for itself, once others have been on the SMs. */
static void test_restore(void **state)
{
	struct sm *sm = *state;
	void *saved;

	sm_map_all(sm, PT_SYS);
	start_twice(sm);
	saved = nvgpu_sm_save(sm->gpu);
	assert_non_null(saved);
	nvgpu_sm_restore(sm->gpu, saved);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT), NEW);
}

/* A page that is gone faults, be it cached; its new content is not seen. */
static void test_unmapped(void **state)
{
	struct sm_packet packet;
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	start_twice(sm);
	sm_unmap(sm, 0);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, &packet, 1), 1);
	assert_true(packet.va == SM_DATA);
	sm_map(sm, 0, PT_VRAM);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_VRAM, 0), 0xa5a5a5a5);
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT), OLD);
}

/* What the bus refused is asked for again. */
static void test_refused(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	sm_lanes_load(sm, load_twice, ARRAY_SIZE(load_twice));
	sm_wr32(sm, PT_SYS, 0, NEW);
	sm_launch(sm);
	sm->host.refuse = SM_DATA_RAM;
	nvgpu_sm_run(sm->gpu, PROLOGUE + 1);
	assert_true(sm_counter(sm, "dma_errors") > 0);
	sm->host.refuse = 0;
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT), NEW);
}

/* A program that waits for a plain load to change waits long, not for ever. */
static void test_life(void **state)
{
	static const uint64_t words[] = {
		LD(B32, 8, 0, 0), ISETP_I(0, NE, 8, NEW),
		BRA_IF(0, TO(PROLOGUE + 2, PROLOGUE)), EXIT,
	};
	struct sm *sm = *state;
	uint64_t executed;

	sm_map_all(sm, PT_SYS);
	sm_wr32(sm, PT_SYS, 0, OLD);
	sm_lanes_load(sm, words, ARRAY_SIZE(words));
	sm->grid.cta_dim[0] = 1;
	sm_launch(sm);
	nvgpu_sm_run(sm->gpu, 100);
	sm_wr32(sm, PT_SYS, 0, NEW);
	executed = sm_counter(sm, "warp_instructions");
	while (!nvgpu_sm_idle(sm->gpu))
		nvgpu_sm_run(sm->gpu, 1000);
	executed = sm_counter(sm, "warp_instructions") - executed;
	assert_in_range(executed, 100000, 1 << 21);
}

/*
 * Two work-groups, on two SMs.  One has loaded the data; the other writes it
 * and then a flag, for which the first one waits before it loads again.
 */
#define DATA		0x100
#define READY		0x200	/* the consumer's flag */
#define FLAG		0x300	/* the producer's */

static uint32_t message(struct sm *sm, const uint64_t *acquire)
{
	const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4), S2R(3, SR_CTAID_X),
		MOV32I(12, NEW), MOV32I(13, 1),
		ISETP_I(0, EQ, 3, 0),
		BRA_IF(0, TO(6, 15)),
		/* the producer */
		LD(B32, 4, 0, READY) | CV, ISETP_I(1, EQ, 4, 0),
		BRA_IF(1, TO(9, 7)),
		ST(B32, 0, DATA, 12),
		MEMBAR_GL,
		ST(B32, 0, FLAG, 13),
		EXIT,
		NOP,
		/* the consumer */
		LD(B32, 8, 0, DATA),
		ST(B32, 0, READY, 13),
		LD(B32, 4, 0, FLAG) | CV, ISETP_I(1, EQ, 4, 0),
		BRA_IF(1, TO(19, 17)),
		acquire[0], acquire[1],
		LD(B32, 8, 0, DATA),
		ST(B32, 0, SM_RESULT, 8),
		EXIT,
	};

	sm_wr32(sm, PT_VRAM, DATA, OLD);
	sm_wr32(sm, PT_VRAM, READY, 0);
	sm_wr32(sm, PT_VRAM, FLAG, 0);
	sm_code(sm, words, ARRAY_SIZE(words));
	sm_arg64(sm, 0, SM_DATA);
	sm->grid.cta_dim[0] = 1;
	sm->grid.grid_dim[0] = 2;
	sm_complete(sm);
	return sm_rd32(sm, PT_VRAM, SM_RESULT);
}

static void test_message(void **state)
{
	static const uint64_t none[2] = { NOP, NOP };
	static const uint64_t order[2] = { MEMBAR_GL, NOP };
	static const uint64_t acquire[2] = { MEMBAR_GL, CCTL_IVALL };
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	assert_int_equal(message(sm, none), OLD);
	assert_int_equal(message(sm, order), OLD);
	assert_int_equal(message(sm, acquire), NEW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stale),
		TEST(test_off),
		TEST(test_operators),
		TEST(test_launch),
		TEST(test_restore),
		TEST(test_unmapped),
		TEST(test_refused),
		TEST(test_life),
		TEST(test_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
