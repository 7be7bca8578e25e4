// SPDX-License-Identifier: GPL-2.0-or-later
/* Faults of grids: several outstanding, replayed, cancelled, fatal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sm_fixture.h"

#define FATAL_ADDR_LO	0x2804
#define FATAL_INFO	0x280c		/* of unit 0, GR */
#define PFIFO_UNITS	0x259c

enum { READ, WRITE, ATOMIC };		/* access types of a packet */

static void load(struct sm *sm, const uint64_t *words, unsigned int n)
{
	sm_code(sm, words, n);
	sm_arg64(sm, 0, SM_DATA);
}

/* Threads on four CTAs of two warps write a page a warp. */
static const uint64_t store_pages[] = {
	S2R(3, SR_CTAID_X),
	S2R(4, SR_TID_X),
	ISCADD(3, 3, 4, 6),			/* linear number */
	SHR_I(5, 3, 5),				/* warp's number */
	SHL_I(5, 5, 12),
	LOP_AND_I(4, 4, 31),
	ISCADD(5, 4, 5, 2),
	MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
	IADD(0, 0, 5) | IADD_CC,
	IADD(1, 1, SASS_RZ) | IADD_X,
	ST(B32, 0, 0, 3),
	EXIT,
};

static void launch_pages(struct sm *sm)
{
	sm->grid.cta_dim[0] = 64;
	sm->grid.grid_dim[0] = 4;
	load(sm, store_pages, ARRAY_SIZE(store_pages));
	sm_launch(sm);
}

static void check_pages(struct sm *sm)
{
	unsigned int i;

	for (i = 0; i < 256; i++)
		assert_int_equal(sm_rd32(sm, PT_SYS,
					 i / 32 * SM_PAGE + i % 32 * 4), i);
}

/* Eight warps on four SMs fault; each says so once, with its client. */
static void test_faults_outstanding(void **state)
{
	struct sm_packet packets[16];
	struct sm *sm = *state;
	unsigned int i, seen = 0;

	launch_pages(sm);
	assert_false(sm_run(sm));
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 8);
	assert_int_equal(sm_counter(sm, "warp_stalls"), 8);
	assert_int_equal(sm_packets(sm, packets, 16), 8);
	for (i = 0; i < 8; i++) {
		unsigned int page = (packets[i].va - SM_DATA) / SM_PAGE;
		unsigned int cta = page / 2;

		assert_int_equal(packets[i].va % SM_PAGE, 0);
		assert_int_equal(packets[i].type, 0);	/* no directory */
		assert_int_equal(packets[i].access, WRITE);
		/* CTA n went to SM n: two GPCs of two TPCs */
		assert_int_equal(packets[i].gpc, cta / 2);
		assert_int_equal(packets[i].client, cta % 2 ? 7 : 1);
		seen |= 1u << page;
	}
	assert_int_equal(seen, 0xff);
	/* Nothing more happens until a replay. */
	assert_int_equal(nvgpu_sm_run(sm->gpu, 100), 0);
	assert_int_equal(sm_packets(sm, packets, 16), 0);
	for (i = 0; i < 8; i++)
		sm_map(sm, i, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 0);
	assert_true(sm_run(sm));
	check_pages(sm);
}

/* What a replay finds as it was is reported again, and only that. */
static void test_replay_partly(void **state)
{
	struct sm_packet packets[16];
	struct sm *sm = *state;
	unsigned int i;

	launch_pages(sm);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 16), 8);
	for (i = 0; i < 8; i++) {
		if (i != 5)
			sm_map(sm, i, PT_SYS);
	}
	nvgpu_sm_replay(sm->gpu);
	assert_false(sm_run(sm));
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 1);
	assert_int_equal(sm_packets(sm, packets, 16), 1);
	assert_true(packets[0].va == SM_DATA + 5 * SM_PAGE);
	assert_int_equal(packets[0].type, 2);	/* the table is there now */
	sm_map(sm, 5, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
	check_pages(sm);
}

/* One warp on all pages: each missing one is reported, nothing is written. */
static void test_fault_all_pages(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_LANEID),
		/* four lanes on each of eight pages */
		SHR_I(4, 3, 2),
		SHL_I(4, 4, 12),
		ISCADD(4, 3, 4, 2),
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		IADD(0, 0, 4) | IADD_CC,
		IADD(1, 1, SASS_RZ) | IADD_X,
		IADD_I(5, 3, 1000),
		ST(B32, 0, 0, 5),
		EXIT,
	};
	struct sm_packet packets[16];
	struct sm *sm = *state;
	unsigned int i, seen = 0;

	sm_map(sm, 2, PT_SYS);
	sm_map(sm, 6, PT_SYS);
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 16), 6);
	for (i = 0; i < 6; i++)
		seen |= 1u << (packets[i].va - SM_DATA) / SM_PAGE;
	assert_int_equal(seen, 0xbb);
	for (i = 0; i < 8 * SM_PAGE; i += 4)
		assert_int_equal(sm_rd32(sm, PT_SYS, i), 0);
	sm_map_all(sm, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
	for (i = 0; i < 32; i++)
		assert_int_equal(sm_rd32(sm, PT_SYS,
					 i / 4 * SM_PAGE + i * 4), 1000 + i);
}

/*
 * A warp that stalls holds up nobody else: here the other warp of the CTA
 * does all of its work meanwhile.
 */
static void test_others_go_on(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_TID_X),			/* 0 */
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		ISETP_I(0, LT, 3, 32),
		BRA_IF(0, TO(4, 8)),
		ST(B32, 0, 0x1000, 3),			/* 5 */
		EXIT,
		NOP,
		LD(B32, 4, 0, 0),
		EXIT,
	};
	struct sm_packet packet;
	struct sm *sm = *state;

	sm_map(sm, 1, PT_SYS);
	sm->grid.cta_dim[0] = 64;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, &packet, 1), 1);
	assert_int_equal(packet.access, READ);
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_PAGE), 63);
	sm_map(sm, 0, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
}

/* Lanes on a page that is there must not add twice when others fault. */
static void test_atomic_across_fault(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_LANEID),
		/* even lanes on page 0, odd ones on page 1; same word each */
		LOP_AND_I(4, 3, 1),
		SHL_I(4, 4, 12),
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		IADD(0, 0, 4) | IADD_CC,
		IADD(1, 1, SASS_RZ) | IADD_X,
		IADD_I(5, 3, 1),
		RED(0, 0, 0, 8, 5),
		EXIT,
	};
	struct sm_packet packets[64];
	struct sm *sm = *state;
	unsigned int i, n;

	sm->grid.cta_dim[0] = 128;
	sm->grid.grid_dim[0] = 8;
	sm_map(sm, 0, PT_SYS);
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_false(sm_run(sm));
	n = sm_packets(sm, packets, 64);
	assert_int_equal(n, 32);
	for (i = 0; i < n; i++) {
		assert_true(packets[i].va == SM_DATA + SM_PAGE);
		assert_int_equal(packets[i].access, ATOMIC);
	}
	assert_int_equal(sm_rd32(sm, PT_SYS, 8), 0);
	/* A replay too early, too */
	nvgpu_sm_replay(sm->gpu);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 64), 32);
	assert_int_equal(sm_rd32(sm, PT_SYS, 8), 0);
	sm_map(sm, 1, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, 8), 32 * 16 * 16);
	assert_int_equal(sm_rd32(sm, PT_SYS, SM_PAGE + 8), 32 * (16 * 16 + 16));
}

/* One store, load or atomic on page 0 */
static void launch_access(struct sm *sm, uint64_t word)
{
	uint64_t words[] = { MOV_CB(0, 0, 0), MOV_CB(1, 0, 4), word, EXIT };

	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
}

#define DO_LOAD		LD(B32, 4, 0, 0)
#define DO_STORE	ST(B32, 0, 0, 1)
#define DO_ATOMIC	ATOM(0, 0, 4, 0, 0, 1)

static void check_fault(struct sm *sm, uint64_t word, uint64_t bits,
			uint32_t type, uint32_t access)
{
	struct sm_packet packet;

	sm_map(sm, 0, bits);
	sm_invalidate(sm);
	launch_access(sm, word);
	if (type == UINT32_MAX) {
		assert_true(sm_run(sm));
		return;
	}
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, &packet, 1), 1);
	assert_int_equal(packet.type, type);
	assert_int_equal(packet.access, access);
	sm_map(sm, 0, PT_SYS);
	sm_invalidate(sm);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
}

/* Read only and no-atomics pages: only what is forbidden faults. */
static void test_permissions(void **state)
{
	struct sm *sm = *state;

	check_fault(sm, DO_LOAD, PT_SYS | PT_RO, UINT32_MAX, 0);
	check_fault(sm, DO_STORE, PT_SYS | PT_RO, 6, WRITE);
	check_fault(sm, DO_ATOMIC, PT_SYS | PT_RO, 6, ATOMIC);
	check_fault(sm, DO_LOAD, PT_SYS | PT_NO_ATOMIC, UINT32_MAX, 0);
	check_fault(sm, DO_STORE, PT_SYS | PT_NO_ATOMIC, UINT32_MAX, 0);
	check_fault(sm, DO_ATOMIC, PT_SYS | PT_NO_ATOMIC, 15, ATOMIC);
}

static void check_fatal(struct sm *sm, uint32_t type, uint64_t va)
{
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_counter(sm, "faults_fatal"), 1);
	assert_int_equal(sm_counter(sm, "faults_replayable"), 0);
	assert_int_equal(fake_rd32(sm->gpu, PFIFO_UNITS), 1);
	assert_int_equal(fake_rd32(sm->gpu, FATAL_INFO) & 0x1f, type);
	assert_int_equal(fake_rd32(sm->gpu, FATAL_INFO) >> 8 & 0x7f, 1);
	assert_int_equal(fake_rd32(sm->gpu, FATAL_ADDR_LO) & ~0xfffu,
			 (uint32_t)va & ~0xfffu);
}

/* With replay off in the instance block every fault is fatal. */
static void test_replay_off(void **state)
{
	struct sm *sm = *state;
	struct nvgpu_vm vm = *nvgpu_chan_vm(sm->chan);

	vm.replay_tex = false;
	sm_set_vm(sm, &vm);
	launch_access(sm, DO_LOAD);
	check_fatal(sm, 0, SM_DATA);
}

/* Beyond the limit no mapping can help. */
static void test_beyond_limit(void **state)
{
	struct sm *sm = *state;
	struct nvgpu_vm vm = *nvgpu_chan_vm(sm->chan);

	vm.limit = 0x7f0000000000;
	sm_set_vm(sm, &vm);
	launch_access(sm, DO_STORE);
	check_fatal(sm, 3, SM_DATA);
}

static void test_privileged(void **state)
{
	struct sm *sm = *state;

	sm_map(sm, 0, PT_SYS | PT_PRIV);
	launch_access(sm, DO_LOAD);
	check_fatal(sm, 5, SM_DATA);
}

/* One of a warp's pages can't be served: no packet for the others either. */
static void test_mixed_fatal(void **state)
{
	static const uint64_t words[] = {
		S2R(3, SR_LANEID),
		SHL_I(4, 3, 12),
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		IADD(0, 0, 4) | IADD_CC,
		IADD(1, 1, SASS_RZ) | IADD_X,
		ST(B32, 0, 0, 3),
		EXIT,
	};
	struct sm *sm = *state;

	sm_map(sm, 9, PT_SYS | PT_PRIV);
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	check_fatal(sm, 5, SM_DATA + 9 * SM_PAGE);
}

/* A targeted cancel hits one uTLB: no other's, and nothing if none waits. */
static void test_cancel(void **state)
{
	struct sm *sm = *state;

	launch_pages(sm);
	assert_false(sm_run(sm));
	nvgpu_sm_cancel(sm->gpu, false, 0, 0xd);
	nvgpu_sm_cancel(sm->gpu, false, 2, 1);
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 8);
	assert_int_equal(sm_counter(sm, "faults_fatal"), 0);
	/* T1_3 shares its uTLB with T1_2, which has asked. */
	nvgpu_sm_cancel(sm->gpu, false, 1, 10);
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_counter(sm, "faults_fatal"), 1);
	/* GPC 1, a write, client 7, no directory */
	assert_int_equal(fake_rd32(sm->gpu, FATAL_INFO), 0x01010700);
	nvgpu_sm_cancel(sm->gpu, true, 0, 0);
	nvgpu_sm_replay(sm->gpu);
	assert_int_equal(nvgpu_sm_run(sm->gpu, 100), 0);
	assert_int_equal(sm_counter(sm, "faults_fatal"), 1);
}

static void test_cancel_all(void **state)
{
	struct sm *sm = *state;

	launch_pages(sm);
	nvgpu_sm_cancel(sm->gpu, true, 0, 0);
	assert_false(sm_run(sm));
	nvgpu_sm_cancel(sm->gpu, true, 0, 0);
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(sm_counter(sm, "faults_fatal"), 1);
}

static void test_abort(void **state)
{
	struct sm *sm = *state;

	launch_pages(sm);
	assert_false(sm_run(sm));
	nvgpu_sm_abort(sm->gpu);
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_int_equal(nvgpu_sm_stalled(sm->gpu), 0);
	assert_false(sm_chan_dead(sm));
	nvgpu_sm_abort(sm->gpu);
	sm_map_all(sm, PT_SYS);
	launch_pages(sm);
	assert_true(sm_run(sm));
	check_pages(sm);
}

/* Instructions and constants are read by the GCC, which replays as well. */
static void test_gcc_faults(void **state)
{
	static const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		MOV_CB(2, 1, 0x10),
		ST(B32, 0, 0, 2),
		EXIT,
	};
	struct sm_packet packets[2];
	struct sm *sm = *state;

	sm_map(sm, 0, PT_SYS);
	sm->grid.cb[1] = SM_DATA + SM_PAGE;
	sm->grid.cb_size[1] = 0x100;
	sm->grid.code = SM_DATA + 2 * SM_PAGE;
	load(sm, words, ARRAY_SIZE(words));
	sm_launch(sm);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 2), 1);
	assert_true(packets[0].va == sm->grid.code);
	assert_int_equal(packets[0].client, 0x0d);
	/* The page of the code is the one the program was written to. */
	sm_map_code(sm, 2);
	nvgpu_sm_replay(sm->gpu);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 2), 1);
	assert_true(packets[0].va == SM_DATA + SM_PAGE);
	assert_int_equal(packets[0].client, 0x0d);
	assert_int_equal(packets[0].access, READ);
	sm_map(sm, 1, PT_SYS);
	sm_wr32(sm, PT_SYS, SM_PAGE + 0x10, 0xcafe);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
	assert_int_equal(sm_rd32(sm, PT_SYS, 0), 0xcafe);
}

static void test_gcc_replay_off(void **state)
{
	static const uint64_t words[] = { EXIT };
	struct sm *sm = *state;
	struct nvgpu_vm vm = *nvgpu_chan_vm(sm->chan);

	vm.replay_gcc = false;
	sm_set_vm(sm, &vm);
	sm->grid.code = SM_DATA;
	load(sm, words, 1);
	sm_launch(sm);
	assert_true(sm_run(sm));
	assert_true(sm_chan_dead(sm));
	assert_int_equal(fake_rd32(sm->gpu, FATAL_INFO), 0x00000d00);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_faults_outstanding),
		TEST(test_replay_partly),
		TEST(test_fault_all_pages),
		TEST(test_others_go_on),
		TEST(test_atomic_across_fault),
		TEST(test_permissions),
		TEST(test_replay_off),
		TEST(test_beyond_limit),
		TEST(test_privileged),
		TEST(test_mixed_fatal),
		TEST(test_cancel),
		TEST(test_cancel_all),
		TEST(test_abort),
		TEST(test_gcc_faults),
		TEST(test_gcc_replay_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
