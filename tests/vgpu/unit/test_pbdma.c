// SPDX-License-Identifier: GPL-2.0-or-later
/* Push buffers: GPFIFO entries, headers, host methods, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "push.h"

#define RUNS	100

static uint64_t counter(struct push_test *test, const char *name)
{
	return nvgpu_counter(test->gpu, name);
}

static uint32_t data(struct push_test *test, uint32_t at)
{
	return fake_vram_rd32(test->gpu, PUSH_DATA + at);
}

static void set_data(struct push_test *test, uint32_t at, uint32_t val)
{
	fake_vram_wr32(test->gpu, PUSH_DATA + at, val);
}

static uint32_t userd(struct push_chan *chan, uint32_t at)
{
	return fake_vram_rd32(chan->test->gpu, push_userd(chan) + at);
}

static uint32_t pbdma_rd(struct push_test *test, uint32_t reg)
{
	/* Runlist PUSH_CE has PBDMA 2. */
	return fake_rd32(test->gpu, reg + 2 * PBDMA_STRIDE);
}

static void pbdma_wr(struct push_test *test, uint32_t reg, uint32_t val)
{
	fake_wr32(test->gpu, reg + 2 * PBDMA_STRIDE, val);
}

static void release_writes_payload_and_time(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	set_data(test, 4, 0xdead);
	push_header(chan, PUSH_INC, 3, 0x10, 4);
	push_word(chan, 0);
	push_word(chan, PUSH_DATA);
	push_word(chan, 0x12345678);
	push_word(chan, 1u << 20 | 2);
	push_kick(chan);
	test->host.now = 0x1122334455660ull;
	fake_run(test->gpu, RUNS);

	assert_int_equal(data(test, 0), 0x12345678);
	assert_int_equal(data(test, 4), 0);
	assert_int_equal(data(test, 8), 0x34455660);
	assert_int_equal(data(test, 12), 0x11223);
	assert_int_equal(counter(test, "guest_errors"), 0);
	assert_int_equal(counter(test, "unknown"), 0);
	assert_int_equal(counter(test, "methods"), 4);
}

static void release_of_4_bytes_writes_no_more(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	set_data(test, 8, 0xdead);
	push_release(chan, PUSH_DATA + 4, 7);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 4), 7);
	assert_int_equal(data(test, 8), 0xdead);
}

static void release_reaches_system_memory(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_release(chan, PUSH_SYS + 0x10, 0x01020304);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(test->host.ram[PUSH_SYS_BUS + 0x10], 4);
	assert_int_equal(test->host.ram[PUSH_SYS_BUS + 0x13], 1);
}

/* The header types, each writing semaphore words A to D. */
static void header_types(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_word(chan, 0);		/* padding */
	push_header(chan, PUSH_IMMD, 0, 0x10, 0);
	push_header(chan, PUSH_NON_INC, 0, 0x14, 3);
	push_word(chan, 0xffffffff);
	push_word(chan, 0xfffffff0);
	push_word(chan, PUSH_DATA + 0x20);
	push_mthd(chan, 0, 0x18, 42);
	push_header(chan, PUSH_IMMD, 0, 0x08, 0x1fff);
	/* the first word goes to C, all others to D */
	push_header(chan, PUSH_ONE_INC, 0, 0x18, 3);
	push_word(chan, 43);
	push_word(chan, 1u << 24 | 2);
	push_word(chan, 1u << 24 | 2);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0x20), 43);
	assert_int_equal(counter(test, "methods"), 9);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

/* Formats of older chips that hardware still takes. */
static void old_header_types(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_word(chan, 3u << 18 | 0x10);
	push_word(chan, 0);
	push_word(chan, PUSH_DATA);
	push_word(chan, 5);
	push_word(chan, 2u << 29 | 1u << 18 | 0x1c);
	push_word(chan, 1u << 24 | 2);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 5);
}

static void subdevice_mask(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_word(chan, 2u << 16 | 0xfff << 4);		/* store all */
	push_word(chan, 1u << 16 | 0x2 << 4);		/* only GPU 1 */
	push_release(chan, PUSH_DATA, 1);
	push_word(chan, 3u << 16);			/* use the stored */
	push_release(chan, PUSH_DATA + 4, 2);
	push_kick(chan);
	set_data(test, 0, 0xdead);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0xdead);
	assert_int_equal(data(test, 4), 2);
}

static void end_of_segment_skips_the_rest(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_release(chan, PUSH_DATA, 1);
	push_word(chan, 7u << 29);
	push_release(chan, PUSH_DATA, 2);
	push_segment(chan);
	push_release(chan, PUSH_DATA + 4, 3);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_int_equal(data(test, 4), 3);
}

static void method_spans_segments(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_header(chan, PUSH_INC, 0, 0x10, 4);
	push_word(chan, 0);
	push_word(chan, PUSH_DATA);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	push_word(chan, 9);
	push_word(chan, 1u << 24 | 2);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 9);
}

/* More words than the prefetch holds, across pages. */
static void long_segment(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	unsigned int i;

	push_runlist1(chan, PUSH_CE);
	for (i = 0; i < 1100; i++)
		push_word(chan, 0);
	for (i = 0; i < 500; i++)
		push_release(chan, PUSH_DATA + 4 * i, i + 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	for (i = 0; i < 500; i++)
		assert_int_equal(data(test, 4 * i), i + 1);
}

static void get_follows_put(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	unsigned int i;

	push_runlist1(chan, PUSH_CE);
	/* The ring has 64 entries: go around it twice. */
	for (i = 1; i <= 150; i++) {
		push_release(chan, PUSH_DATA, i);
		push_kick(chan);
		fake_run(test->gpu, RUNS);
		assert_int_equal(data(test, 0), i);
		assert_int_equal(userd(chan, 0x88), i % 64);
	}
	assert_int_equal(counter(test, "channel_kicks"), 150);
}

static void reference(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_mthd(chan, 0, 0x50, 0xabcd);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(userd(chan, 0x48), 0xabcd);
}

static void harmless_methods(void **state)
{
	static const uint32_t ops[] = { 0x05, 0x0d, 0x0e, 0x0f, 0x10, 0x15 };
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	unsigned int i;

	push_runlist1(chan, PUSH_CE);
	push_mthd(chan, 0, 0x08, 1);
	push_mthd(chan, 0, 0x24, 0);
	push_mthd(chan, 0, 0x78, 0);
	push_mthd(chan, 0, 0x80, 1);
	for (i = 0; i < NVGPU_ARRAY_SIZE(ops); i++) {
		push_header(chan, PUSH_INC, 0, 0x28, 4);
		push_word(chan, 0);
		push_word(chan, 0);
		push_word(chan, 0);
		push_word(chan, ops[i] << 27);
	}
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_int_equal(counter(test, "unknown"), 0);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

static void unknown_things_are_loud(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	test->host.quiet = true;
	push_runlist1(chan, PUSH_CE);
	push_mthd(chan, 0, 0x60, 1);		/* no such host method */
	push_mthd(chan, 0, 0x7c, 1);		/* CRC_CHECK */
	push_mthd(chan, 0, 0x34, 9u << 27);	/* TLB invalidate */
	push_mthd(chan, 0, 0x1c, 0x10);		/* reduction */
	push_object(chan, 4, 0x1234);		/* no such class */
	push_segment(chan);
	push_gp_raw(chan, 2ull << 32);		/* GP_CRC */
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "unknown"), 6);
	assert_int_equal(data(test, 0), 1);
}

static void acquire_waits_for_memory(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	set_data(test, 0, 0);
	set_data(test, 4, 0);
	push_acquire(chan, PUSH_DATA, 5);
	push_release(chan, PUSH_DATA + 4, 6);
	push_kick(chan);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_POLL);
	assert_int_equal(data(test, 4), 0);
	/* status: pending acquire */
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)) >> 24 & 0xf, 3);
	set_data(test, 0, 4);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_POLL);
	set_data(test, 0, 5);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
	assert_int_equal(data(test, 4), 6);
}

struct acquire_case {
	uint32_t op, val, payload;
	bool passes;
};

static void acquire_operations(void **state)
{
	static const struct acquire_case cases[] = {
		{ 1, 5, 5, true }, { 1, 6, 5, false },
		{ 4, 5, 5, true }, { 4, 6, 5, true }, { 4, 4, 5, false },
		/* sequence numbers wrap */
		{ 4, 3, 0xfffffffe, true }, { 4, 0xfffffffe, 3, false },
		{ 8, 6, 2, true }, { 8, 5, 2, false },
	};
	struct push_test *test = *state;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(cases); i++) {
		const struct acquire_case *c = &cases[i];
		struct push_chan *chan = &test->chan[1];

		push_runlist1(chan, PUSH_CE);
		set_data(test, 0, c->val);
		push_header(chan, PUSH_INC, 0, 0x10, 4);
		push_word(chan, 0);
		push_word(chan, PUSH_DATA);
		push_word(chan, c->payload);
		push_word(chan, 1u << 12 | c->op);
		push_kick(chan);
		assert_int_equal(nvgpu_run(test->gpu, 1000),
				 c->passes ? NVGPU_RUN_IDLE : NVGPU_RUN_POLL);
		if (c->passes)
			continue;
		set_data(test, 0, c->op == 8 ? 2 : c->payload);
		assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
	}
}

/* A PBDMA error: the driver sees it and clears it, the channel goes on. */
static void check_error(struct push_test *test, uint32_t bit, uint32_t mthd,
			uint32_t word)
{
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) & PFIFO_INTR_PBDMA,
			 PFIFO_INTR_PBDMA);
	assert_int_equal(fake_rd32(test->gpu, 0x25a0), 1u << 2);
	assert_int_equal(pbdma_rd(test, PBDMA_INTR_0), bit);
	assert_int_equal(pbdma_rd(test, PBDMA_METHOD0) & 0x3ffc, mthd);
	assert_int_equal(pbdma_rd(test, PBDMA_DATA0), word);
	assert_int_equal(pbdma_rd(test, PBDMA_CHANNEL) & 0xfff, 1);
	assert_int_equal(counter(test, "guest_errors"), 1);
	assert_true(test->host.msis > 0);
	/* stopped until then */
	assert_int_equal(data(test, 0), 0);

	pbdma_wr(test, PBDMA_METHOD0, 0x80600008);
	pbdma_wr(test, PBDMA_INTR_0, bit);
	fake_wr32(test->gpu, 0x25a0, 1u << 2);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) & PFIFO_INTR_PBDMA,
			 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
}

static struct push_chan *error_chan(struct push_test *test)
{
	test->host.quiet = true;
	set_data(test, 0, 0);
	push_runlist1(&test->chan[1], PUSH_CE);
	return &test->chan[1];
}

static void bad_header(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_word(chan, 6u << 29);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_error(test, PBDMA_INTR_0_PBENTRY, 0, 6u << 29);
}

static void bad_gp_entry(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_gp_raw(chan, 0);		/* NOP */
	push_gp_raw(chan, 1ull << 32);	/* ILLEGAL */
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_error(test, PBDMA_INTR_0_GPENTRY, 0, 1);
}

static void illegal_method(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_mthd(chan, 2, 0x70, 3);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_error(test, PBDMA_INTR_0_METHOD, 0x70, 3);
}

static void empty_subchannel(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_mthd(chan, 5, 0x400, 3);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_error(test, PBDMA_INTR_0_DEVICE, 0x400, 3);
}

static void unaligned_semaphore(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_header(chan, PUSH_INC, 0, 0x10, 4);
	push_word(chan, 0);
	push_word(chan, PUSH_DATA + 4);
	push_word(chan, 9);
	push_word(chan, 2);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_error(test, PBDMA_INTR_0_SEMAPHORE, 0x1c, 2);
}

static void no_signature(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	fake_vram_wr32(test->gpu, push_inst(chan) + 0x10, 0xfade);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(pbdma_rd(test, PBDMA_INTR_0),
			 PBDMA_INTR_0_SIGNATURE);
	assert_int_equal(data(test, 0), 0);
}

/* A disabled channel does not go on when its error is cleared. */
static void error_of_disabled_channel(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_word(chan, 6u << 29);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	push_enable(chan, false);
	fake_wr32(test->gpu, PFIFO_PREEMPT,
		  PFIFO_PREEMPT_TSG | PUSH_TSG(chan));
	pbdma_wr(test, PBDMA_INTR_0, ~0u);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
}

/* A stopped PBDMA serves nobody; the others do. */
static void error_stops_one_pbdma(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);
	struct push_chan *const both[] = { chan, &test->chan[2] };

	push_runlist(test, PUSH_CE, both, 2);
	push_runlist1(&test->chan[3], PUSH_CE2);
	push_word(chan, 6u << 29);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	push_release(both[1], PUSH_DATA, 1);
	push_kick(both[1]);
	push_release(&test->chan[3], PUSH_DATA + 4, 2);
	push_kick(&test->chan[3]);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
	assert_int_equal(data(test, 4), 2);
	pbdma_wr(test, PBDMA_INTR_0, ~0u);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
}

/* Host faults are fatal, with the PBDMA's unit. */
static void check_host_fault(struct push_test *test, uint64_t va,
			     enum nvgpu_access access)
{
	const uint32_t unit = 0x2800 + (FAULT_UNIT_HOST0 + 2) * 16;
	uint32_t info;

	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_MMU_FAULT, PFIFO_INTR_MMU_FAULT);
	assert_int_equal(fake_rd32(test->gpu, 0x259c),
			 1u << (FAULT_UNIT_HOST0 + 2));
	assert_int_equal(fake_rd32(test->gpu, unit),
			 push_inst(&test->chan[1]) >> 12);
	assert_int_equal(fake_rd32(test->gpu, unit + 4), va & ~0xfffull);
	info = fake_rd32(test->gpu, unit + 12);
	assert_int_equal(info >> 8 & 0x7f, HUB_CLIENT_HOST);
	assert_int_equal(info >> 16 & 7, access);
	assert_int_equal(info >> 20 & 1, 1);
	assert_int_equal(data(test, 0), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE),
			 1u << PUSH_CE);
}

static void segment_faults(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_gp_raw(chan, 4ull << 42 | PUSH_HOLE);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_host_fault(test, PUSH_HOLE, NVGPU_ACCESS_READ);
}

static void gpfifo_faults(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	fake_vram_wr32(test->gpu, push_inst(chan) + 0x48, PUSH_HOLE);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_host_fault(test, PUSH_HOLE, NVGPU_ACCESS_READ);
}

static void release_faults(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_release(chan, PUSH_HOLE, 1);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_host_fault(test, PUSH_HOLE, NVGPU_ACCESS_WRITE);
}

static void acquire_faults(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = error_chan(test);

	push_acquire(chan, PUSH_HOLE, 1);
	push_release(chan, PUSH_DATA, 1);
	push_kick(chan);
	check_host_fault(test, PUSH_HOLE, NVGPU_ACCESS_READ);
}

static void nonstall_interrupt(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	unsigned int before;

	push_runlist1(chan, PUSH_CE);
	push_mthd(chan, 0, 0x20, 0);
	push_kick(chan);
	before = test->host.msis;
	fake_run(test->gpu, RUNS);
	assert_int_equal(test->host.msis, before + 1);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_NONSTALL, PFIFO_INTR_NONSTALL);
	fake_wr32(test->gpu, PFIFO_INTR, PFIFO_INTR_NONSTALL);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_NONSTALL, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, push_setup, \
							push_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(release_writes_payload_and_time),
		TEST(release_of_4_bytes_writes_no_more),
		TEST(release_reaches_system_memory),
		TEST(header_types),
		TEST(old_header_types),
		TEST(subdevice_mask),
		TEST(end_of_segment_skips_the_rest),
		TEST(method_spans_segments),
		TEST(long_segment),
		TEST(get_follows_put),
		TEST(reference),
		TEST(harmless_methods),
		TEST(unknown_things_are_loud),
		TEST(acquire_waits_for_memory),
		TEST(acquire_operations),
		TEST(bad_header),
		TEST(bad_gp_entry),
		TEST(illegal_method),
		TEST(empty_subchannel),
		TEST(unaligned_semaphore),
		TEST(no_signature),
		TEST(error_of_disabled_channel),
		TEST(error_stops_one_pbdma),
		TEST(segment_faults),
		TEST(gpfifo_faults),
		TEST(release_faults),
		TEST(acquire_faults),
		TEST(nonstall_interrupt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
