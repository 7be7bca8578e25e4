// SPDX-License-Identifier: GPL-2.0-or-later
/* Property preempt-stalled: contexts that leave with accesses stalled. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "push.h"
#include "sm.h"

#define RUNS		1000
#define SUBC		1
#define KEPT_METHOD	0x790	/* SET_SHADER_LOCAL_MEMORY_A: only stored */
#define CODE_PA		0x3000000ull
#define MS		1000000ull

static int setup(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .preempt_stalled = true,
	};

	return push_setup_config(state, &config);
}

static uint64_t faults(struct push_test *test)
{
	return nvgpu_counter(test->gpu, "faults_replayable") +
	       nvgpu_counter(test->gpu, "faults_overflow");
}

/* Two channels; the first one's grid stalls on its first instruction. */
static void start(struct push_test *test)
{
	struct push_chan *const both[] = { &test->chan[1], &test->chan[2] };

	push_runlist(test, PUSH_GR, both, 2);
	push_object(&test->chan[1], SUBC, PUSH_CLASS_COMPUTE);
	push_mthd(&test->chan[1], SUBC, KEPT_METHOD, 1);
	push_kick(&test->chan[1]);
	fake_run(test->gpu, RUNS);
	push_launch(&test->chan[1], PUSH_CODE);
	fake_vram_wr32(test->gpu, PUSH_DATA, 0);
	fake_run(test->gpu, RUNS);
	assert_int_equal(nvgpu_sm_stalled(test->gpu), 1);
	assert_int_equal(faults(test), 1);
}

static void release(struct push_test *test, uint32_t val)
{
	push_object(&test->chan[2], SUBC, PUSH_CLASS_COMPUTE);
	push_mthd(&test->chan[2], SUBC, KEPT_METHOD, 1);
	push_release(&test->chan[2], PUSH_DATA, val);
	push_kick(&test->chan[2]);
}

/* Nobody else wants the engine: nothing changes. */
static void alone(void **state)
{
	struct push_test *test = *state;

	start(test);
	test->host.now += 100 * MS;
	fake_run(test->gpu, RUNS);
	assert_int_equal(nvgpu_sm_stalled(test->gpu), 1);
	assert_int_equal(faults(test), 1);
}

/* Another gets on after a while, and the access is made again afterwards. */
static void others_run(void **state)
{
	struct push_test *test = *state;

	start(test);
	release(test, 7);
	assert_int_equal(nvgpu_run(test->gpu, RUNS), NVGPU_RUN_POLL);
	assert_int_equal(fake_vram_rd32(test->gpu, PUSH_DATA), 0);
	test->host.now += 2 * MS;
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_vram_rd32(test->gpu, PUSH_DATA), 7);
	assert_int_equal(nvgpu_sm_stalled(test->gpu), 1);
	assert_int_equal(faults(test), 2);
	push_code_exit(test->gpu, CODE_PA);
	pt_map(&test->chan[1].pt, PUSH_CODE, PT_4K, CODE_PA, PT_VRAM);
	pt_invalidate(&test->chan[1].pt, PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB |
		      PT_INVAL_START);
	fake_run(test->gpu, RUNS);
	assert_true(nvgpu_sm_idle(test->gpu));
	assert_int_equal(faults(test), 2);
	assert_false(test->gpu->fifo->chans[1].dead);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, push_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alone),
		TEST(others_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
