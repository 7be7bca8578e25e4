// SPDX-License-Identifier: GPL-2.0-or-later
/* Runlists: parsing, turns, preemption, and what a stalled grid holds up. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "falcon.h"
#include "fifo_priv.h"
#include "push.h"
#include "sm.h"

#define RUNS		1000
#define SUBC		1
#define KEPT_METHOD	0x790	/* SET_SHADER_LOCAL_MEMORY_A: only stored */
#define CODE_PA		0x3000000ull

#define PMC_ENABLE	0x000200
#define PMC_ENABLE_GR	(1u << 12)
#define STATUS_GR	0x002640
#define STATUS_CE2	0x002658
#define FECS_METHOD	0x409504
#define STOP_CTXSW	0x38
#define START_CTXSW	0x39

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

static void release(struct push_chan *chan, uint32_t at, uint32_t val)
{
	push_release(chan, PUSH_DATA + at, val);
	push_kick(chan);
}

static void preempt(struct push_chan *chan)
{
	fake_wr32(chan->test->gpu, PFIFO_PREEMPT,
		  PFIFO_PREEMPT_TSG | PUSH_TSG(chan));
}

static bool preempting(struct push_test *test)
{
	return fake_rd32(test->gpu, PFIFO_PREEMPT) & PFIFO_PREEMPT_PENDING;
}

static uint32_t status_gr(struct push_test *test)
{
	return fake_rd32(test->gpu, STATUS_GR);
}

/* The channel whose context FECS shows, as its instance block. */
static uint64_t current(struct push_test *test)
{
	uint32_t reg = fake_rd32(test->gpu, 0x409b00);

	return reg & 1u << 31 ? (uint64_t)(reg & 0x0fffffff) << 12 : 0;
}

/* Bring a channel onto the graphics engine. */
static void load_gr(struct push_chan *chan)
{
	push_object(chan, SUBC, PUSH_CLASS_COMPUTE);
	push_mthd(chan, SUBC, KEPT_METHOD, 1);
	push_kick(chan);
	fake_run(chan->test->gpu, RUNS);
}

/* Two channels on the graphics runlist, the first with a grid at PUSH_CODE. */
static void start_grid(struct push_test *test)
{
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_GR, both, 2);
	load_gr(&test->chan[1]);
	push_launch(&test->chan[1], PUSH_CODE);
	set_data(test, 0, 0);
	set_data(test, 4, 0);
}

/* The grid can't fetch its first instruction: it waits for a replay. */
static void start_stalled(struct push_test *test)
{
	start_grid(test);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
	assert_int_equal(nvgpu_sm_stalled(test->gpu), 1);
}

static void start_loop(struct push_test *test)
{
	push_code_loop(test->gpu, CODE_PA);
	pt_map(&test->chan[1].pt, PUSH_CODE, PT_4K, CODE_PA, PT_VRAM);
	start_grid(test);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_BUSY);
}

static void resolve(struct push_test *test)
{
	push_code_exit(test->gpu, CODE_PA);
	pt_map(&test->chan[1].pt, PUSH_CODE, PT_4K, CODE_PA, PT_VRAM);
	pt_invalidate(&test->chan[1].pt, PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB |
		      PT_INVAL_START);
}

/* ---- parsing ---- */

static uint64_t chan_entry(struct push_chan *chan)
{
	return push_inst(chan) >> 12 << 32 | chan->id;
}

static uint64_t tsg_entry(unsigned int id, unsigned int nr)
{
	return (uint64_t)nr << 26 | 128u << 18 | 3u << 14 | 1u << 13 | id;
}

static void submit(void **state)
{
	struct push_test *test = *state;
	const uint64_t entries[] = {
		tsg_entry(7, 2), chan_entry(&test->chan[1]),
		chan_entry(&test->chan[2]),
		chan_entry(&test->chan[3]),
		tsg_entry(8, 1), chan_entry(&test->chan[4]),
	};
	unsigned int i;

	fake_wr32(test->gpu, PFIFO_RUNLIST_INTR, ~0u);
	push_runlist_raw(test, PUSH_CE, entries, 6);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_RUNLIST_INTR),
			 1u << PUSH_CE);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR),
			 PFIFO_INTR_RUNLIST);
	fake_wr32(test->gpu, PFIFO_RUNLIST_INTR, 1u << PUSH_CE);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR), 0);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ENG_RUNLIST(PUSH_CE)), 6);
	for (i = 1; i <= 5; i++)
		release(&test->chan[i], 4 * i, i);
	set_data(test, 20, 0);
	fake_run(test->gpu, RUNS);
	for (i = 1; i <= 4; i++)
		assert_int_equal(data(test, 4 * i), i);
	/* not in the list */
	assert_int_equal(data(test, 20), 0);
	push_runlist1(&test->chan[5], PUSH_CE);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 20), 5);
	assert_int_equal(counter(test, "runlist_submits"), 2);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

static void runlist_in_system_memory(void **state)
{
	struct push_test *test = *state;
	const uint64_t entry = chan_entry(&test->chan[1]);

	memcpy(test->host.ram + 0x8000, &entry, 8);
	fake_wr32(test->gpu, PFIFO_RUNLIST_BASE, 3u << 28 | 0x8);
	fake_wr32(test->gpu, PFIFO_RUNLIST, PUSH_CE << 20 | 1);
	release(&test->chan[1], 0, 3);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 3);
}

static void submit_errors(void **state)
{
	struct push_test *test = *state;
	const uint64_t twice[] = {
		chan_entry(&test->chan[1]), chan_entry(&test->chan[1]),
	};
	const uint64_t elsewhere = chan_entry(&test->chan[1]) + (1ull << 32);
	const uint64_t no_tsg[] = {
		tsg_entry(1, 2), chan_entry(&test->chan[2]), tsg_entry(2, 1),
	};

	test->host.quiet = true;
	push_runlist_raw(test, PUSH_CE, twice, 2);
	assert_int_equal(counter(test, "guest_errors"), 1);
	push_runlist_raw(test, PUSH_CE2, twice, 1);
	assert_int_equal(counter(test, "guest_errors"), 2);
	push_runlist_raw(test, PUSH_CE, &elsewhere, 1);
	assert_int_equal(counter(test, "guest_errors"), 3);
	push_runlist_raw(test, PUSH_CE, no_tsg, 3);
	assert_int_equal(counter(test, "guest_errors"), 4);
	push_runlist_raw(test, 5, twice, 1);
	assert_int_equal(counter(test, "guest_errors"), 5);
}

/* ---- turns ---- */

static void channels_take_turns(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };
	uint32_t a, b;
	unsigned int i;

	push_runlist(test, PUSH_CE, both, 2);
	for (i = 1; i <= 300; i++) {
		push_release(both[0], PUSH_DATA, i);
		push_release(both[1], PUSH_DATA + 4, i);
	}
	push_kick(both[0]);
	push_kick(both[1]);
	set_data(test, 0, 0);
	set_data(test, 4, 0);
	for (i = 0; i < 50; i++)
		assert_int_equal(nvgpu_run(test->gpu, 20), NVGPU_RUN_BUSY);
	a = data(test, 0);
	b = data(test, 4);
	/* 1000 words, 5 a release, in slices of 256 */
	assert_in_range(a, 70, 130);
	assert_in_range(b, 70, 130);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 300);
	assert_int_equal(data(test, 4), 300);
}

static void budget_is_an_upper_bound(void **state)
{
	struct push_test *test = *state;
	unsigned int i;

	for (i = 0; i < 3; i++)
		push_runlist1(&test->chan[i], i);
	for (i = 0; i < 300; i++)
		push_mthd(&test->chan[i % 3], 0, 0x08, i);
	for (i = 0; i < 3; i++)
		push_kick(&test->chan[i]);
	for (i = 1; i < 20; i++) {
		uint64_t before = counter(test, "methods");

		assert_int_equal(nvgpu_run(test->gpu, i), NVGPU_RUN_BUSY);
		assert_in_range(counter(test, "methods") - before, 0, i);
	}
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "methods"), 300);
}

static void semaphore_between_channels(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_CE, both, 2);
	set_data(test, 0, 0);
	set_data(test, 4, 0);
	push_acquire(both[0], PUSH_DATA, 1);
	push_release(both[0], PUSH_DATA + 4, 2);
	push_kick(both[0]);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_POLL);
	/* The one that waits does not keep the other from running. */
	release(both[1], 0, 1);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
	assert_int_equal(data(test, 4), 2);
}

static void semaphore_between_runlists(void **state)
{
	struct push_test *test = *state;

	push_runlist1(&test->chan[1], PUSH_GR);
	push_runlist1(&test->chan[2], PUSH_CE);
	set_data(test, 0, 0);
	push_acquire(&test->chan[1], PUSH_DATA, 1);
	release(&test->chan[1], 4, 2);
	push_acquire(&test->chan[2], PUSH_DATA + 4, 2);
	release(&test->chan[2], 8, 3);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_POLL);
	set_data(test, 0, 1);
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_IDLE);
	assert_int_equal(data(test, 8), 3);
}

static void disabled_channel_does_not_run(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_enable(chan, false);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 0);
	set_data(test, 0, 0);
	release(chan, 0, 1);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
	push_enable(chan, true);
	/* enabled, pending, busy */
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 0x11000001);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_int_equal(fake_rd32(test->gpu, PCCSR_CHANNEL(1)), 1);
}

static void blocked_runlist_does_not_run(void **state)
{
	struct push_test *test = *state;

	push_runlist1(&test->chan[1], PUSH_CE);
	push_runlist1(&test->chan[2], PUSH_CE2);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 1u << PUSH_CE);
	set_data(test, 0, 0);
	release(&test->chan[1], 0, 1);
	release(&test->chan[2], 4, 2);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
	assert_int_equal(data(test, 4), 2);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
}

/* A loaded channel runs on until it is preempted, as on hardware. */
static void blocking_needs_a_preempt(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	uint64_t before;
	unsigned int i;

	push_runlist1(chan, PUSH_CE);
	for (i = 0; i < 100; i++)
		push_mthd(chan, 0, 0x08, i);
	push_kick(chan);
	assert_int_equal(nvgpu_run(test->gpu, 6), NVGPU_RUN_BUSY);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 1u << PUSH_CE);
	preempt(chan);
	assert_false(preempting(test));
	before = counter(test, "methods");
	assert_int_equal(nvgpu_run(test->gpu, 100), NVGPU_RUN_IDLE);
	assert_int_equal(counter(test, "methods"), before);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "methods"), 100);
}

/* ---- grids ---- */

static void engine_switches_contexts(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_GR, both, 2);
	assert_int_equal(status_gr(test), 0);
	load_gr(both[0]);
	assert_int_equal(current(test), push_inst(both[0]));
	assert_int_equal(status_gr(test), 0x3000 | PUSH_TSG(both[0]));
	load_gr(both[1]);
	assert_int_equal(current(test), push_inst(both[1]));
	assert_int_equal(status_gr(test), 0x3000 | PUSH_TSG(both[1]));
	preempt(both[1]);
	assert_false(preempting(test));
	assert_int_equal(current(test), 0);
	assert_int_equal(status_gr(test), 0);
}

static void stopped_engine_does_not_switch(void **state)
{
	struct push_test *test = *state;
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_GR, both, 2);
	load_gr(both[0]);
	test->gpu->falcons->falcon[NVGPU_FALCON_FECS].running = true;
	fake_wr32(test->gpu, FECS_METHOD, STOP_CTXSW);
	load_gr(both[1]);
	assert_int_equal(current(test), push_inst(both[0]));
	preempt(both[0]);
	assert_true(preempting(test));
	fake_wr32(test->gpu, FECS_METHOD, START_CTXSW);
	fake_run(test->gpu, RUNS);
	assert_false(preempting(test));
	assert_int_equal(current(test), push_inst(both[1]));
}

static void stalled_grid_holds_its_runlist(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	push_runlist1(&test->chan[3], PUSH_CE);
	release(&test->chan[2], 0, 1);
	release(&test->chan[3], 4, 2);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 0);
	assert_int_equal(data(test, 4), 2);
	/* busy, switching from the first to the second channel's TSG */
	assert_int_equal(status_gr(test), 0x9000f000u |
			 PUSH_TSG(&test->chan[2]) << 16 |
			 PUSH_TSG(&test->chan[1]));
	resolve(test);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(status_gr(test), 0x3000 | PUSH_TSG(&test->chan[1]));
}

static void stalled_grid_can_not_be_preempted(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	preempt(&test->chan[1]);
	assert_true(preempting(test));
	/* busy, switching, saving */
	assert_int_equal(status_gr(test), 0x8000d000u |
			 PUSH_TSG(&test->chan[1]));
	/* Someone else's preemption is not held up by it. */
	preempt(&test->chan[2]);
	assert_true(preempting(test));
	assert_int_equal(current(test), push_inst(&test->chan[1]));
	resolve(test);
	fake_run(test->gpu, RUNS);
	assert_false(preempting(test));
	assert_int_equal(current(test), 0);
	assert_int_equal(status_gr(test), 0);
	assert_int_equal(counter(test, "preempts"), 2);
}

/* A channel of a TSG by its own number takes the TSG along. */
static void preempt_by_channel(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	fake_wr32(test->gpu, PFIFO_PREEMPT, 1);
	assert_true(preempting(test));
}

static void running_grid_ends_before_preemption(void **state)
{
	struct push_test *test = *state;

	start_loop(test);
	preempt(&test->chan[1]);
	assert_true(preempting(test));
	assert_int_equal(nvgpu_run(test->gpu, 10000), NVGPU_RUN_BUSY);
	assert_true(preempting(test));
	/* Its code is cached: only a reset stops it. */
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_GR);
	fake_wr32(test->gpu, PMC_ENABLE, ~0u);
	fake_run(test->gpu, RUNS);
	assert_false(preempting(test));
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(status_gr(test), 0);
}

/* What waits for the engine waits for the grid of its own TSG. */
static void release_waits_for_the_grid(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];

	start_stalled(test);
	push_header(chan, PUSH_INC, 0, 0x10, 4);
	push_word(chan, 0);
	push_word(chan, PUSH_DATA);
	push_word(chan, 5);
	push_word(chan, 1u << 20 | 1u << 24 | 2);	/* does not wait */
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 5);
	release(chan, 4, 6);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 4), 0);
	resolve(test);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 4), 6);
}

static void wfi_and_reference_wait_for_the_grid(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	uint64_t reference = push_userd(chan) + 0x48;

	start_stalled(test);
	push_mthd(chan, 0, 0x50, 8);
	push_mthd(chan, 0, 0x78, 0);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_vram_rd32(test->gpu, reference), 0);
	resolve(test);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_vram_rd32(test->gpu, reference), 8);
}

static void unbind_while_running_is_refused(void **state)
{
	struct push_test *test = *state;

	test->host.quiet = true;
	start_stalled(test);
	push_unbind(&test->chan[1]);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_BIND_ERROR, PFIFO_INTR_BIND_ERROR);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_BIND_ERROR),
			 PFIFO_BIND_ERROR_UNBIND_RUNNING);
	assert_int_equal(counter(test, "guest_errors"), 1);
	resolve(test);
	fake_run(test->gpu, RUNS);
	push_unbind(&test->chan[1]);
	assert_int_equal(counter(test, "guest_errors"), 1);
	assert_int_equal(current(test), 0);
}

/* ---- recovery ---- */

/* What nouveau does once it knows the engine and its TSG. */
static void recover(struct push_test *test)
{
	struct push_chan *rest = &test->chan[2];

	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 1u << PUSH_GR);
	push_enable(&test->chan[1], false);
	fake_wr32(test->gpu, PMC_ENABLE, ~PMC_ENABLE_GR);
	fake_wr32(test->gpu, PMC_ENABLE, ~0u);
	push_runlist1(rest, PUSH_GR);
	fake_wr32(test->gpu, PFIFO_ERROR_SCHED_DISABLE, 1u << PUSH_GR);
	fake_wr32(test->gpu, PFIFO_SCHED_DISABLE, 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(data(test, 0), 1);
	load_gr(rest);
	assert_int_equal(current(test), push_inst(rest));
	/* The dead one can be taken apart and used again. */
	preempt(&test->chan[1]);
	assert_false(preempting(test));
	push_unbind(&test->chan[1]);
	push_bind(&test->chan[1]);
}

/* The driver takes a hanging context off the engine with a fault. */
static void trigger_fault(struct push_test *test)
{
	fake_wr32(test->gpu, PFIFO_TRIGGER_FAULT(0),
		  PFIFO_TRIGGER_FAULT_ENABLE | 0);
	assert_int_equal(fake_rd32(test->gpu, 0x259c), 1);
	assert_int_equal(fake_rd32(test->gpu, 0x2800),
			 push_inst(&test->chan[1]) >> 12);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_TRIGGER_FAULT(0)),
			 PFIFO_TRIGGER_FAULT_ENABLE);
	fake_wr32(test->gpu, PFIFO_TRIGGER_FAULT(0), 0);
	fake_wr32(test->gpu, 0x259c, 1);
}

static void switch_times_out(void **state)
{
	struct push_test *test = *state;

	start_loop(test);
	fake_wr32(test->gpu, PFIFO_ENG_TIMEOUT,
		  PFIFO_ENG_TIMEOUT_ENABLE | 1000);
	release(&test->chan[2], 0, 1);
	nvgpu_run(test->gpu, 1000);
	test->host.now += 900 * 1000;
	nvgpu_run(test->gpu, 1000);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_SCHED_ERROR, 0);
	test->host.now += 200 * 1000;
	nvgpu_run(test->gpu, 1000);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_SCHED_ERROR, PFIFO_INTR_SCHED_ERROR);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_SCHED_ERROR),
			 PFIFO_SCHED_ERROR_CTXSW_TIMEOUT);
	/* busy, switching; the driver takes the id from the low half */
	assert_int_equal(status_gr(test) & 0x8000ffffu, 0x8000f000u |
			 PUSH_TSG(&test->chan[1]));
	fake_wr32(test->gpu, PFIFO_INTR, PFIFO_INTR_SCHED_ERROR);
	trigger_fault(test);
	recover(test);
	assert_int_equal(counter(test, "guest_errors"), 0);
}

/* The same without the driver's doing. */
static int setup_timeout(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .ctxsw_timeout_ms = 1,
	};

	return push_setup_config(state, &config);
}

static void switch_times_out_by_itself(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	release(&test->chan[2], 0, 1);
	nvgpu_run(test->gpu, 1000);
	test->host.now += 900 * 1000;
	nvgpu_run(test->gpu, 1000);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_SCHED_ERROR, 0);
	test->host.now += 200 * 1000;
	nvgpu_run(test->gpu, 1000);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_SCHED_ERROR, PFIFO_INTR_SCHED_ERROR);
	fake_wr32(test->gpu, PFIFO_INTR, PFIFO_INTR_SCHED_ERROR);
	trigger_fault(test);
	recover(test);
}

/* A trap of the SMs is no MMU fault: it shows as a hanging context. */
static void trap_shows_as_timeout(void **state)
{
	struct push_test *test = *state;

	test->host.quiet = true;
	fake_vram_wr64(test->gpu, CODE_PA + 8, ~0ull);
	pt_map(&test->chan[1].pt, PUSH_CODE, PT_4K, CODE_PA, PT_VRAM);
	start_grid(test);
	release(&test->chan[2], 0, 1);
	fake_run(test->gpu, RUNS);
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_SCHED_ERROR, PFIFO_INTR_SCHED_ERROR);
	assert_int_equal(status_gr(test) & 0x8000ffffu, 0x8000d000u |
			 PUSH_TSG(&test->chan[1]));
	trigger_fault(test);
	recover(test);
}

/* Cancel: the stalled access faults for good. */
static void cancelled_grid_dies(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	release(&test->chan[2], 0, 1);
	pt_invalidate(&test->chan[1].pt, PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB |
		      PT_INVAL_CANCEL_ALL);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, 0x259c), 1);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_ERROR_SCHED_DISABLE),
			 1u << PUSH_GR);
	/* busy, faulted, loaded: nouveau resets the engine */
	assert_int_equal(status_gr(test), 0xc0003000u |
			 PUSH_TSG(&test->chan[1]));
	assert_int_equal(data(test, 0), 0);
	assert_true(nvgpu_sm_idle(test->gpu));
	recover(test);
}

/* ---- preemption between two instructions ---- */

static int setup_cilp(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .preempt_cilp = true,
	};

	return push_setup_config(state, &config);
}

static void cilp_preempts_a_running_grid(void **state)
{
	struct push_test *test = *state;

	start_loop(test);
	preempt(&test->chan[1]);
	assert_false(preempting(test));
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(current(test), 0);
	/* It goes on by itself. */
	assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_BUSY);
	assert_false(nvgpu_sm_idle(test->gpu));
	assert_int_equal(current(test), push_inst(&test->chan[1]));
}

static void cilp_lets_others_run(void **state)
{
	struct push_test *test = *state;
	unsigned int i;

	start_loop(test);
	release(&test->chan[2], 0, 1);
	for (i = 0; i < 20; i++)
		assert_int_equal(nvgpu_run(test->gpu, 1000), NVGPU_RUN_BUSY);
	assert_int_equal(data(test, 0), 1);
	assert_false(nvgpu_sm_idle(test->gpu));
	assert_ptr_equal(nvgpu_sm_channel(test->gpu),
			 &test->gpu->fifo->chans[1]);
}

static void cilp_waits_for_stalls(void **state)
{
	struct push_test *test = *state;

	start_stalled(test);
	preempt(&test->chan[1]);
	assert_true(preempting(test));
	resolve(test);
	fake_run(test->gpu, RUNS);
	assert_false(preempting(test));
}

/* A saved grid goes with its channel. */
static void cilp_unbind(void **state)
{
	struct push_test *test = *state;

	start_loop(test);
	push_enable(&test->chan[1], false);
	preempt(&test->chan[1]);
	push_unbind(&test->chan[1]);
	fake_run(test->gpu, RUNS);
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(counter(test, "guest_errors"), 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, push_setup, \
							push_teardown)
#define TEST_CILP(name)	cmocka_unit_test_setup_teardown(name, setup_cilp, \
							push_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(submit),
		TEST(runlist_in_system_memory),
		TEST(submit_errors),
		TEST(channels_take_turns),
		TEST(budget_is_an_upper_bound),
		TEST(semaphore_between_channels),
		TEST(semaphore_between_runlists),
		TEST(disabled_channel_does_not_run),
		TEST(blocked_runlist_does_not_run),
		TEST(blocking_needs_a_preempt),
		TEST(engine_switches_contexts),
		TEST(stopped_engine_does_not_switch),
		TEST(stalled_grid_holds_its_runlist),
		TEST(stalled_grid_can_not_be_preempted),
		TEST(preempt_by_channel),
		TEST(running_grid_ends_before_preemption),
		TEST(release_waits_for_the_grid),
		TEST(wfi_and_reference_wait_for_the_grid),
		TEST(unbind_while_running_is_refused),
		TEST(switch_times_out),
		cmocka_unit_test_setup_teardown(switch_times_out_by_itself,
						setup_timeout, push_teardown),
		TEST(trap_shows_as_timeout),
		TEST(cancelled_grid_dies),
		TEST_CILP(cilp_preempts_a_running_grid),
		TEST_CILP(cilp_lets_others_run),
		TEST_CILP(cilp_waits_for_stalls),
		TEST_CILP(cilp_unbind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
