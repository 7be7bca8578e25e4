// SPDX-License-Identifier: GPL-2.0-or-later
/* Prefetches: faults of their own type, which stall and replay nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sm_fixture.h"

#define READ		0
#define PREFETCH	3
#define PF1		1
#define PF1_5		2
#define PF2		3
#define IV		5
#define PAGE_FAULT_CTRL	0x100cf8
#define SEND_NONE	3

/* Addresses of 64 bits */
#define CCTL(op, a, off) \
	(OP(0xef70) | A(a) | FIELDN((off) >> 2, 22, 30) | FIELD(op, 0))

/* Each lane gets a page of its own into R0, R1. */
#define LANE_PAGES						\
	S2R(3, SR_LANEID),					\
	SHL_I(4, 3, 12),					\
	MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),			\
	IADD(0, 0, 4) | IADD_CC,				\
	IADD(1, 1, SASS_RZ) | IADD_X

static void launch(struct sm *sm, const uint64_t *words, unsigned int n)
{
	sm_code(sm, words, n);
	sm_arg64(sm, 0, SM_DATA);
	sm_launch(sm);
}

/* One packet for each page that is not there, and the warp goes on. */
static void test_reports(void **state)
{
	static const uint64_t words[] = {
		LANE_PAGES, CCTL(PF2, 0, 0), CCTL(PF1, 0, 0x40), EXIT,
	};
	struct sm_packet packets[64];
	struct sm *sm = *state;
	unsigned int i, nr;

	sm_map(sm, 3, PT_SYS);
	launch(sm, words, ARRAY_SIZE(words));
	assert_true(sm_run(sm));
	assert_int_equal(sm_counter(sm, "warp_stalls"), 0);
	nr = sm_packets(sm, packets, 64);
	assert_int_equal(nr, 62);
	for (i = 0; i < nr; i++) {
		assert_int_equal(packets[i].access, PREFETCH);
		assert_true(packets[i].va != SM_DATA + 3 * SM_PAGE);
	}
	assert_int_equal(sm_counter(sm, "faults_prefetch"), 62);
	assert_int_equal(sm_counter(sm, "faults_fatal"), 0);
}

/* What a replay finds is the load's fault alone. */
static void test_not_replayed(void **state)
{
	static const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		CCTL(PF1_5, 0, 0), LD(B32, 2, 0, 0), EXIT,
	};
	struct sm_packet packets[4];
	struct sm *sm = *state;

	launch(sm, words, ARRAY_SIZE(words));
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 4), 2);
	assert_int_equal(packets[0].access, PREFETCH);
	assert_int_equal(packets[1].access, READ);
	nvgpu_sm_replay(sm->gpu);
	assert_false(sm_run(sm));
	assert_int_equal(sm_packets(sm, packets, 4), 1);
	assert_int_equal(packets[0].access, READ);
	sm_map(sm, 0, PT_SYS);
	nvgpu_sm_replay(sm->gpu);
	assert_true(sm_run(sm));
}

/* What it finds is in the TLB: the load needs no walk. */
static void test_fills_tlb(void **state)
{
	static const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		CCTL(PF1, 0, 0), EXIT,
	};
	struct sm_packet packet;
	struct sm *sm = *state;
	uint64_t misses;

	sm_map(sm, 0, PT_SYS | PT_RO);
	launch(sm, words, 2);	/* no prefetch, and no end */
	sm_run(sm);
	nvgpu_sm_abort(sm->gpu);
	misses = sm_counter(sm, "tlb_misses");
	launch(sm, words, ARRAY_SIZE(words));
	assert_true(sm_run(sm));
	assert_int_equal(sm_counter(sm, "tlb_misses"), misses + 1);
	assert_int_equal(sm_packets(sm, &packet, 1), 0);
}

/* Hints that nothing can help, or that nobody wants, leave no trace. */
static void test_silent(void **state)
{
	static const uint64_t words[] = {
		MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		CCTL(PF1, 0, 0), CCTL(IV, 0, 0), EXIT,
	};
	struct sm *sm = *state;
	struct nvgpu_vm vm = *nvgpu_chan_vm(sm->chan);
	const struct nvgpu_vm was = vm;

	vm.replay_tex = false;
	sm_set_vm(sm, &vm);
	launch(sm, words, ARRAY_SIZE(words));
	assert_true(sm_run(sm));
	vm = was;
	vm.limit = 0x7f0000000000;
	sm_set_vm(sm, &vm);
	launch(sm, words, ARRAY_SIZE(words));
	assert_true(sm_run(sm));
	vm = was;
	sm_set_vm(sm, &vm);
	fake_wr32(sm->gpu, PAGE_FAULT_CTRL, SEND_NONE);
	launch(sm, words, ARRAY_SIZE(words));
	assert_true(sm_run(sm));
	assert_int_equal(sm_counter(sm, "faults_replayable"), 0);
	assert_int_equal(sm_counter(sm, "faults_fatal"), 0);
	assert_false(sm_chan_dead(sm));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reports),
		TEST(test_not_replayed),
		TEST(test_fills_tlb),
		TEST(test_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
