// SPDX-License-Identifier: GPL-2.0-or-later
/* Host: registers, interrupts, binding, channels' death and resets. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fault.h"
#include "fifo_priv.h"
#include "push.h"

#define RUNS		1000

#define PMC_INTR	0x000100
#define PMC_INTR_FIFO	0x100
#define PMC_ENABLE	0x000200
#define PMC_ENABLE_FIFO	(1u << 8)
#define PMC_ENABLE_CE2	(1u << 21)
#define STATUS_CE2	0x002658

static uint64_t counter(struct push_test *test, const char *name)
{
	return nvgpu_counter(test->gpu, name);
}

static uint32_t data(struct push_test *test, uint32_t at)
{
	return fake_vram_rd32(test->gpu, PUSH_DATA + at);
}

static uint32_t intr(struct push_test *test)
{
	return fake_rd32(test->gpu, PFIFO_INTR);
}

static void release(struct push_chan *chan, uint32_t at, uint32_t val)
{
	push_release(chan, PUSH_DATA + at, val);
	push_kick(chan);
}

static void nonstall(struct push_chan *chan)
{
	push_mthd(chan, 0, 0x20, 0);
	push_kick(chan);
	fake_run(chan->test->gpu, RUNS);
}

/* ---- registers ---- */

static void what_there_is(void **state)
{
	struct push_test *test = *state;
	unsigned int i, runlists = 0;

	assert_int_equal(fake_rd32(test->gpu, 0x2004), 4);
	assert_int_equal(fake_rd32(test->gpu, 0x2008), 4096);
	for (i = 0; i < 4; i++)
		runlists |= fake_rd32(test->gpu, 0x2390 + 4 * i);
	assert_int_equal(runlists, 7);
	/* not writable */
	fake_wr32(test->gpu, 0x2004, 99);
	assert_int_equal(fake_rd32(test->gpu, 0x2004), 4);
	assert_int_equal(counter(test, "unknown"), 0);
}

/* Everything nouveau touches while it takes host over. */
static void bring_up(void **state)
{
	static const uint32_t regs[] = {
		0x2a04, 0x4010c, 0x40108, 0x4013c, 0x40148, 0x4014c, 0x4012c,
		0x400c0, 0x400c4, 0x40120, 0x40150, 0x40154, 0x262c, 0x2630,
		0x2254, 0x3080, 0x256c, 0x2a00,
	};
	struct push_test *test = *state;
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(regs); i++) {
		fake_rd32(test->gpu, regs[i]);
		fake_wr32(test->gpu, regs[i], ~0u);
	}
	assert_int_equal(counter(test, "unknown"), 0);
	assert_int_equal(fake_rd32(test->gpu, 0x2a04), ~0u);
	assert_int_equal(fake_rd32(test->gpu, 0x4012c), ~0u);
}

static void reset_forgets(void **state)
{
	struct push_test *test = *state;

	push_runlist1(&test->chan[1], PUSH_CE);
	nonstall(&test->chan[1]);
	nvgpu_reset(test->gpu);
	assert_int_equal(intr(test), 0);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_INST(1)), 0);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 0);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
}

/* PFIFO alone is reset, as nouveau does first of all. */
static void host_reset_forgets(void **state)
{
	struct push_test *test = *state;

	push_runlist1(&test->chan[1], PUSH_CE);
	nonstall(&test->chan[1]);
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_FIFO);
	fake_wr32(test->gpu, PMC_ENABLE, ~0u);
	assert_int_equal(intr(test), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR_EN), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_USERD_BASE), 0);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_INST(1)), 0);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ENG_RUNLIST(PUSH_CE)), 0);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

/* ---- interrupts ---- */

static void masked_interrupt_waits(void **state)
{
	struct push_test *test = *state;
	unsigned int before = test->host.msis;

	push_runlist1(&test->chan[1], PUSH_CE);
	fake_wr32(test->gpu, PFIFO_RUNLIST_INTR, ~0u);
	fake_wr32(test->gpu, PFIFO_INTR_EN, ~PFIFO_INTR_NONSTALL);
	nonstall(&test->chan[1]);
	assert_int_equal(intr(test), PFIFO_INTR_NONSTALL);
	assert_int_equal(fake_rd32(test->gpu, PMC_INTR) & PMC_INTR_FIFO, 0);
	assert_int_equal(test->host.msis, before);
	fake_wr32(test->gpu, PFIFO_INTR_EN, PFIFO_INTR_NONSTALL);
	assert_int_equal(fake_rd32(test->gpu, PMC_INTR) & PMC_INTR_FIFO,
			 PMC_INTR_FIFO);
	assert_int_equal(test->host.msis, before + 1);
	fake_wr32(test->gpu, PFIFO_INTR, PFIFO_INTR_NONSTALL);
	assert_int_equal(fake_rd32(test->gpu, PMC_INTR) & PMC_INTR_FIFO, 0);
}

/* Bits that stand for other registers are cleared there. */
static void derived_bits_stay(void **state)
{
	struct push_test *test = *state;

	push_runlist1(&test->chan[1], PUSH_CE);
	assert_int_equal(intr(test), PFIFO_INTR_RUNLIST);
	fake_wr32(test->gpu, PFIFO_INTR, ~0u);
	assert_int_equal(intr(test), PFIFO_INTR_RUNLIST);
	fake_wr32(test->gpu, PFIFO_RUNLIST_INTR, ~0u);
	assert_int_equal(intr(test), 0);
}

/* ---- channels ---- */

static void bind_errors(void **state)
{
	struct push_test *test = *state;
	uint32_t inst = fake_rd32(test->gpu, PCCSR_INST(1));

	test->host.quiet = true;
	push_unbind(&test->chan[2]);
	push_unbind(&test->chan[2]);	/* twice does no harm */
	assert_int_equal(counter(test, "guest_errors"), 0);

	fake_wr32(test->gpu, PCCSR_INST(1), PCCSR_INST_BIND | 0x123);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_BIND_ERROR),
			 PFIFO_BIND_ERROR_NOT_UNBOUND);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_INST(1)), inst);
	assert_int_equal(intr(test), PFIFO_INTR_BIND_ERROR);
	fake_wr32(test->gpu, PFIFO_INTR, PFIFO_INTR_BIND_ERROR);
	assert_int_equal(intr(test), 0);

	fake_wr32(test->gpu, PCCSR_INST(2),
		  PCCSR_INST_BIND | 2u << 28 | 0x123);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_BIND_ERROR),
			 PFIFO_BIND_ERROR_INVALID_TARGET);
	assert_int_equal(counter(test, "guest_errors"), 2);
}

static void channels_that_are_not_there(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .channels = 16,
	};
	struct fake_host host;
	struct nvgpu *gpu = fake_gpu_new(&host, &config);

	host.quiet = true;
	assert_int_equal(fake_rd32(gpu, 0x2008), 16);
	fake_wr32(gpu, PCCSR_INST(16), PCCSR_INST_BIND | 0x100);
	fake_wr32(gpu, PCCSR_CHANNEL(16), PCCSR_CHANNEL_ENABLE_SET);
	assert_int_equal(fake_rd32(gpu, PCCSR_CHANNEL(16)), 0);
	assert_int_equal(nvgpu_counter(gpu, "guest_errors"), 2);
	fake_gpu_free(gpu, &host);
}

static void runlist_field_is_kept(void **state)
{
	struct push_test *test = *state;

	fake_wr32(test->gpu, PCCSR_CHANNEL(1), 0x000f0000);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 0x000f0001);
}

/* A kick of a channel that is not there yet is not lost. */
static void early_kick(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_unbind(chan);
	push_enable(chan, false);
	release(chan, 0, 1);
	fake_run(test->gpu, RUNS);
	push_bind(chan);
	push_enable(chan, true);
	push_runlist1(chan, PUSH_CE);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
}

/* Only GP_PUT kicks. */
static void other_bar1_writes_do_not_kick(void **state)
{
	struct push_test *test = *state;
	unsigned int i;

	for (i = 0; i < 0x200; i += 4)
		if (i != 0x8c)
			nvgpu_bar_write(test->gpu, 1, 0x40200 + i, 0, 4);
	assert_int_equal(counter(test, "channel_kicks"), 0);
	nvgpu_bar_write(test->gpu, 1, 0x4028c, 0, 4);
	assert_int_equal(counter(test, "channel_kicks"), 1);
}

/* Suspend: unbound, bound again, it goes on where it was. */
static void rebound_channel_goes_on(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	unsigned int i;

	push_runlist1(chan, PUSH_CE);
	for (i = 1; i <= 70; i++) {
		release(chan, 0, i);
		fake_run(test->gpu, RUNS);
	}
	push_runlist(test, PUSH_CE, NULL, 0);
	push_unbind(chan);
	push_bind(chan);
	push_runlist1(chan, PUSH_CE);
	fake_vram_wr32(test->gpu, PUSH_DATA, 0);
	fake_run(test->gpu, RUNS);
	/* Nothing was executed again. */
	assert_int_equal(data(test, 0), 0);
	release(chan, 0, 71);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 71);
}

/* An object does not outlive the binding. */
static void rebound_channel_has_no_objects(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	test->host.quiet = true;
	push_runlist1(chan, PUSH_CE);
	push_object(chan, 4, PUSH_CLASS_COPY);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	push_unbind(chan);
	push_bind(chan);
	push_mthd(chan, 4, 0x400, 1);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, PBDMA_INTR_0 +
				   2 * PBDMA_STRIDE), PBDMA_INTR_0_DEVICE);
}

static void class_needs_its_engine(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	test->host.quiet = true;
	push_runlist1(chan, PUSH_CE);
	push_object(chan, 1, PUSH_CLASS_COMPUTE);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "guest_errors"), 1);
}

/* ---- death ---- */

static void kill_chan(struct push_chan *chan)
{
	struct nvgpu *gpu = chan->test->gpu;
	const struct nvgpu_client client = { .unit = 0x1b, .hub = true };
	const struct nvgpu_fault_info info = { .va = PUSH_HOLE };

	nvgpu_fault_fatal(gpu, push_inst(chan), &client, &info);
	nvgpu_chan_kill(gpu, &gpu->fifo->chans[chan->id]);
}

static void dead_channel_stops_its_runlist(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_CE, both, 2);
	push_runlist1(&test->chan[3], PUSH_CE2);
	kill_chan(both[0]);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE),
			 1u << PUSH_CE);
	fake_vram_wr32(test->gpu, PUSH_DATA, 0);
	fake_vram_wr32(test->gpu, PUSH_DATA + 4, 0);
	release(both[0], 0, 1);
	release(both[1], 4, 2);
	release(&test->chan[3], 8, 3);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 4), 0);
	assert_int_equal(data(test, 8), 3);

	/* Recovered: the dead one stays dead until it is bound again. */
	fake_wr32(test->gpu, PFIFO_ERROR_SCHED_DISABLE, 1u << PUSH_CE);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE), 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
	assert_int_equal(data(test, 4), 2);
	/* Killing it again does not stop the runlist again. */
	kill_chan(both[0]);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE), 0);
	push_unbind(both[0]);
	push_bind(both[0]);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
}

/* A copy fault, and nouveau's recovery from it. */
static void copy_engine_recovery(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };
	uint32_t status;

	push_runlist(test, PUSH_CE, both, 2);
	push_object(both[0], 4, PUSH_CLASS_COPY);
	push_mthd(both[0], 4, 0x418, 4);
	push_mthd(both[0], 4, 0x300, 2 | 3u << 7);
	push_kick(both[0]);
	fake_run(test->gpu, RUNS);
	assert_int_equal(intr(test) & PFIFO_INTR_MMU_FAULT,
			 PFIFO_INTR_MMU_FAULT);
	/* busy, faulted, valid, this TSG: the driver must reset it */
	status = fake_rd32(test->gpu, STATUS_CE2);
	assert_int_equal(status, 0xc0003000u | PUSH_TSG(both[0]));

	fake_wr32(test->gpu, 0x259c, fake_rd32(test->gpu, 0x259c));
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 1u << PUSH_CE);
	push_enable(both[0], false);
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_CE2);
	fake_wr32(test->gpu, PMC_ENABLE, ~0u);
	assert_int_equal(fake_rd32(test->gpu, STATUS_CE2), 0);
	push_runlist1(both[1], PUSH_CE);
	fake_wr32(test->gpu, PFIFO_ERROR_SCHED_DISABLE, 1u << PUSH_CE);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 0);
	release(both[1], 0, 1);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

/* A copy engine that is reset kills the copy, not who merely was there. */
static void engine_reset_kills_the_copy(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_object(chan, 4, PUSH_CLASS_COPY);
	push_mthd(chan, 4, 0x404, PUSH_DATA + 0x10000);
	push_mthd(chan, 4, 0x40c, PUSH_DATA + 0x20000);
	push_mthd(chan, 4, 0x418, 0x10000);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, STATUS_CE2),
			 0x3000 | PUSH_TSG(chan));
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_CE2);
	assert_int_equal(fake_rd32(test->gpu, STATUS_CE2), 0);
	fake_wr32(test->gpu, PMC_ENABLE, ~0u);
	release(chan, 0, 1);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);

	push_mthd(chan, 4, 0x300, 2 | 3u << 7);
	release(chan, 0, 2);
	assert_int_equal(nvgpu_run(test->gpu, 5), NVGPU_RUN_BUSY);
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_CE2);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_int_equal(counter(test, "faults_fatal"), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE), 0);
}

static void trigger_of_the_wrong_unit(void **state)
{
	struct push_test *test = *state;

	test->host.quiet = true;
	fake_wr32(test->gpu, PFIFO_TRIGGER_FAULT(0),
		  PFIFO_TRIGGER_FAULT_ENABLE | 0x1b);
	assert_int_equal(counter(test, "guest_errors"), 1);
	assert_int_equal(counter(test, "faults_fatal"), 0);
}

/* An engine without a context has a fault to report all the same. */
static void trigger_on_an_idle_engine(void **state)
{
	struct push_test *test = *state;

	fake_wr32(test->gpu, PFIFO_TRIGGER_FAULT(3),
		  PFIFO_TRIGGER_FAULT_ENABLE | 0x1b);
	assert_int_equal(fake_rd32(test->gpu, 0x259c), 1u << 0x1b);
	assert_int_equal(fake_rd32(test->gpu, 0x2800 + 0x1b * 16), 0);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, push_setup, \
							push_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_there_is),
		TEST(bring_up),
		TEST(reset_forgets),
		TEST(host_reset_forgets),
		TEST(masked_interrupt_waits),
		TEST(derived_bits_stay),
		TEST(bind_errors),
		cmocka_unit_test(channels_that_are_not_there),
		TEST(runlist_field_is_kept),
		TEST(early_kick),
		TEST(other_bar1_writes_do_not_kick),
		TEST(rebound_channel_goes_on),
		TEST(rebound_channel_has_no_objects),
		TEST(class_needs_its_engine),
		TEST(dead_channel_stops_its_runlist),
		TEST(copy_engine_recovery),
		TEST(engine_reset_kills_the_copy),
		TEST(trigger_of_the_wrong_unit),
		TEST(trigger_on_an_idle_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
