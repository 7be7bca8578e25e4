// SPDX-License-Identifier: GPL-2.0-or-later
/* Interrupt tree, MSI edges, and PTIMER, whose alarm is the source used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_host.h"
#include "fifo.h"
#include "pmc.h"
#include "reg.h"

#define PMC_INTR		0x000100
#define PMC_INTR_1		0x000104
#define PMC_INTR_EN		0x000140
#define PMC_INTR_EN_SET		0x000160
#define PMC_INTR_EN_CLEAR	0x000180
#define LEAF_FIFO		0x00000100u
#define LEAF_PTIMER		0x00100000u
#define LEAF_PBUS		0x10000000u
#define PBUS_INTR		0x001100
#define PBUS_INTR_EN		0x001140
#define PFIFO_INTR		0x002100
#define PFIFO_INTR_EN		0x002140
#define PFIFO_NONSTALL		0x80000000u
#define PTIMER_INTR		0x009100
#define PTIMER_INTR_EN		0x009140
#define PTIMER_TIME_0		0x009400
#define PTIMER_TIME_1		0x009410
#define PTIMER_ALARM		0x009420
#define MSI_REARM		0x088704

/** struct fixture - a GPU whose clock reads zero at a host time of 1 s */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
};

#define BOOT_TIME	1000000000ull

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.now = BOOT_TIME;
	nvgpu_reset(f->gpu);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->host.errors, 0);
	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

/* Raises PBUS's level, as a failed register access would. */
static void raise_pbus(struct fixture *f)
{
	fake_wr32(f->gpu, PBUS_INTR_EN, 0x2);
	nvgpu_reg_set(f->gpu, PBUS_INTR, 0x2);
	nvgpu_irq_update(f->gpu);
}

static void lower_pbus(struct fixture *f)
{
	fake_wr32(f->gpu, PBUS_INTR, 0x2);
}

static void run_alarm(struct fixture *f, uint64_t now)
{
	f->host.now = now;
	nvgpu_alarm(f->gpu);
}

static void test_enables(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN), 0);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, 0x0f);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, 0xf0);
	fake_wr32(f->gpu, PMC_INTR_EN_CLEAR, 0x18);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN), 0xe7);
	fake_wr32(f->gpu, PMC_INTR_EN, 0xffffffff);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN), 0xe7);
	fake_wr32(f->gpu, PMC_INTR_EN_SET + 4, 0x100);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN + 4), 0x100);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN), 0xe7);
}

static void test_masked(void **state)
{
	struct fixture *f = *state;

	raise_pbus(f);
	/* status is raw, whatever the enables */
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_PBUS);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_1), 0);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, ~LEAF_PBUS);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PMC_INTR_EN_SET + 4, LEAF_PBUS);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	assert_int_equal(f->host.msis, 1);
	assert_int_equal(nvgpu_counter(f->gpu, "msis"), 1);

	lower_pbus(f);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	raise_pbus(f);
	assert_int_equal(f->host.msis, 2);
}

/* Status cannot be acknowledged at the tree, only at the source. */
static void test_level(void **state)
{
	struct fixture *f = *state;

	raise_pbus(f);
	fake_wr32(f->gpu, PMC_INTR, LEAF_PBUS);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_PBUS);
	fake_wr32(f->gpu, PBUS_INTR_EN, 0);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	fake_wr32(f->gpu, PBUS_INTR_EN, 0x2);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_PBUS);
}

/* A second source under a level that is already up makes no edge. */
static void test_edges(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS | LEAF_PTIMER);
	raise_pbus(f);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, PTIMER_INTR_EN, 1);
	fake_wr32(f->gpu, PTIMER_ALARM, 320);
	run_alarm(f, BOOT_TIME + 320);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_PBUS | LEAF_PTIMER);
	assert_int_equal(f->host.msis, 1);
	lower_pbus(f);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, PTIMER_INTR, 1);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	raise_pbus(f);
	assert_int_equal(f->host.msis, 2);
}

/* Handlers that leave a source pending and unmasked: one MSI a round. */
static void test_storm(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	raise_pbus(f);
	for (i = 1; i <= 10; i++) {
		assert_int_equal(f->host.msis, i);
		fake_wr32(f->gpu, PMC_INTR_EN_CLEAR, ~0u);
		fake_wr32(f->gpu, MSI_REARM, 0);
		assert_int_equal(f->host.msis, i);
		fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	}
	lower_pbus(f);
	fake_wr32(f->gpu, PMC_INTR_EN_CLEAR, ~0u);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	assert_int_equal(f->host.msis, 11);
}

static void test_rearm(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, MSI_REARM, 0);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	raise_pbus(f);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, MSI_REARM, 0);
	assert_int_equal(f->host.msis, 2);
	lower_pbus(f);
	fake_wr32(f->gpu, MSI_REARM, 0);
	assert_int_equal(f->host.msis, 2);
}

static void test_fifo(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_FIFO);
	nvgpu_fifo_nonstall(f->gpu);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PFIFO_INTR_EN, PFIFO_NONSTALL);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_FIFO);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, PFIFO_INTR, PFIFO_NONSTALL);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	nvgpu_fifo_nonstall(f->gpu);
	assert_int_equal(f->host.msis, 2);
}

static void test_clock(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_0), 0);
	f->host.now = BOOT_TIME + 0x123456789aull;
	/* steps of 32 ns */
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_0), 0x34567880);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_1), 0x12);
	assert_true(nvgpu_ptimer_ns(f->gpu) == 0x1234567880ull);
}

static void test_set_clock(void **state)
{
	struct fixture *f = *state;

	f->host.now += 12345;
	fake_wr32(f->gpu, PTIMER_TIME_1, 0x17abcdef);
	fake_wr32(f->gpu, PTIMER_TIME_0, 0xfffffff0);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_1), 0x17abcdef);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_0), 0xffffffe0);
	f->host.now += 32;
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_1), 0x17abcdf0);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_TIME_0), 0);
}

static void test_alarm(void **state)
{
	struct fixture *f = *state;

	assert_true(f->host.alarm == UINT64_MAX);
	f->host.now = BOOT_TIME + 1000;
	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PTIMER);
	fake_wr32(f->gpu, PTIMER_ALARM, 3200);
	fake_wr32(f->gpu, PTIMER_INTR_EN, 1);
	assert_int_equal(f->host.alarm, BOOT_TIME + 3200);

	/* too early: a timer that was replaced may still fire */
	run_alarm(f, BOOT_TIME + 3199);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_INTR), 0);
	assert_int_equal(f->host.msis, 0);
	assert_int_equal(f->host.alarm, BOOT_TIME + 3200);

	run_alarm(f, BOOT_TIME + 3200);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_INTR), 1);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), LEAF_PTIMER);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, PTIMER_INTR, 1);
	assert_int_equal(fake_rd32(f->gpu, PTIMER_INTR), 0);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	/* the low word comes round again */
	assert_true(f->host.alarm == BOOT_TIME + 3200 + (1ull << 32));
}

static void test_alarm_disabled(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PTIMER);
	fake_wr32(f->gpu, PTIMER_ALARM, 3200);
	run_alarm(f, BOOT_TIME + 3200);
	/* latched, but not asking */
	assert_int_equal(fake_rd32(f->gpu, PTIMER_INTR), 1);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	assert_int_equal(f->host.msis, 0);
	fake_wr32(f->gpu, PTIMER_INTR_EN, 1);
	assert_int_equal(f->host.msis, 1);
}

/* An alarm before now is one of the next round of the low word. */
static void test_alarm_wraps(void **state)
{
	struct fixture *f = *state;

	f->host.now = BOOT_TIME + 0x1fffff000ull;
	fake_wr32(f->gpu, PTIMER_ALARM, 0x1000);
	assert_true(f->host.alarm == BOOT_TIME + 0x200001000ull);
}

static void test_alarm_follows_clock(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PTIMER_ALARM, 0x100000);
	assert_int_equal(f->host.alarm, BOOT_TIME + 0x100000);
	fake_wr32(f->gpu, PTIMER_TIME_0, 0x80000);
	assert_int_equal(f->host.alarm, BOOT_TIME + 0x80000);
}

static void test_reset(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, ~0u);
	fake_wr32(f->gpu, PTIMER_ALARM, 3200);
	raise_pbus(f);
	assert_int_equal(f->host.msis, 1);
	nvgpu_reset(f->gpu);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR), 0);
	assert_int_equal(fake_rd32(f->gpu, PMC_INTR_EN), 0);
	assert_true(f->host.alarm == UINT64_MAX);
	/* no edge is remembered over a reset */
	raise_pbus(f);
	assert_int_equal(f->host.msis, 1);
	fake_wr32(f->gpu, PMC_INTR_EN_SET, LEAF_PBUS);
	assert_int_equal(f->host.msis, 2);
}

static int setup_late(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .msi_late = 255,
	};
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, &config);
	*state = f;
	return 0;
}

/* A message that is late comes all the same, once, and asks to be run for. */
static void test_late(void **state)
{
	struct fixture *f = *state;
	unsigned int kicks;

	fake_wr32(f->gpu, PMC_INTR_EN_SET, ~0u);
	kicks = f->host.kicks;
	raise_pbus(f);
	assert_int_equal(f->host.msis, 0);
	assert_true(f->host.kicks > kicks);
	assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_POLL);
	assert_int_equal(f->host.msis, 0);
	fake_run(f->gpu, 100);
	assert_int_equal(f->host.msis, 1);
	assert_int_equal(nvgpu_counter(f->gpu, "msis"), 1);
	assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_IDLE);
	assert_int_equal(f->host.msis, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_enables),
		TEST(test_masked),
		TEST(test_level),
		TEST(test_edges),
		TEST(test_storm),
		TEST(test_rearm),
		cmocka_unit_test_setup_teardown(test_late, setup_late,
						teardown),
		TEST(test_fifo),
		TEST(test_clock),
		TEST(test_set_clock),
		TEST(test_alarm),
		TEST(test_alarm_disabled),
		TEST(test_alarm_wraps),
		TEST(test_alarm_follows_clock),
		TEST(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
