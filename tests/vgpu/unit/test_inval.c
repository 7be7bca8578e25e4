// SPDX-License-Identifier: GPL-2.0-or-later
/* TLB invalidate commands: when they take effect, and who waited for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"
#include "pt_builder.h"

#define INST		0x10000ull
#define TABLES		0x100000ull
#define DATA		0x800000ull
#define OTHER		0xa00000ull
#define VA		0x7f5680000000ull

#define MMU_CTRL	0x100c80
#define MMU_INVAL	0x100cbc
#define TRIGGER		(1u << 31)

#define REPLAY		(PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB | PT_INVAL_START)
#define LATENCY_MAX	1000	/* runs */
#define SLOTS		16	/* the model's own number */

static const struct nvgpu_client sm = { .id = 1 };

/** struct fixture - a GPU that knows a translation which is stale */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct pt_builder pt;
	struct nvgpu_vm vm;
};

/* The GPU still reaches what is mapped no more. */
static bool stale(struct fixture *f)
{
	struct nvgpu_fault_info fault;
	struct nvgpu_xlat xlat;

	return nvgpu_translate(f->gpu, &f->vm, &sm, VA, NVGPU_ACCESS_READ,
			       &xlat, &fault);
}

static void make_stale(struct fixture *f)
{
	pt_map(&f->pt, VA, PT_4K, DATA, PT_VRAM);
	assert_true(stale(f));
	pt_unmap(&f->pt, VA, PT_4K);
	assert_true(stale(f));
}

static struct fixture *fixture_new(const struct nvgpu_config *config,
				   enum nvgpu_aperture tables)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, config);
	f->host.quiet = true;
	pt_init(&f->pt, f->gpu, INST, tables, TABLES);
	f->vm = pt_vm(&f->pt);
	make_stale(f);
	return f;
}

static int setup(void **state)
{
	*state = fixture_new(NULL, NVGPU_APER_VRAM);
	return 0;
}

static int setup_sys(void **state)
{
	*state = fixture_new(NULL, NVGPU_APER_SYS_COH);
	return 0;
}

static int setup_prompt(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .no_tlb_lazy_ack = true,
	};

	*state = fixture_new(&config, NVGPU_APER_VRAM);
	return 0;
}

static int setup_stuck(void **state)
{
	static const struct nvgpu_config config = {
		.vram_size = 64u << 20, .inval_stuck = 2,
	};

	*state = fixture_new(&config, NVGPU_APER_VRAM);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

static uint64_t unwaited(struct fixture *f)
{
	return nvgpu_counter(f->gpu, "invalidates_unwaited");
}

/* As a driver that never waits. */
static void fire(struct fixture *f, uint32_t command)
{
	assert_true(pt_inval_slots(f->gpu));
	pt_inval_pdb(&f->pt);
	pt_inval_trigger(f->gpu, command);
}

static void test_takes_effect_when_polled(void **state)
{
	struct fixture *f = *state;

	fire(f, PT_INVAL_ALL_VA);
	assert_true(stale(f));
	assert_false(pt_inval_done(f->gpu));
	assert_true(stale(f));
	assert_true(pt_inval_done(f->gpu));
	assert_false(stale(f));
	assert_int_equal(nvgpu_counter(f->gpu, "invalidates"), 1);
	assert_int_equal(unwaited(f), 0);
}

static void test_trigger_reads_as_pending(void **state)
{
	struct fixture *f = *state;

	assert_false(fake_rd32(f->gpu, MMU_INVAL) & TRIGGER);
	fire(f, PT_INVAL_ALL_VA);
	assert_int_equal(fake_rd32(f->gpu, MMU_INVAL),
			 TRIGGER | PT_INVAL_ALL_VA);
	assert_true(stale(f));
	assert_int_equal(fake_rd32(f->gpu, MMU_INVAL), PT_INVAL_ALL_VA);
	assert_false(stale(f));
	fire(f, PT_INVAL_ALL_VA);
	assert_int_equal(unwaited(f), 0);
}

static void test_no_trigger_no_command(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, MMU_INVAL, REPLAY);
	assert_true(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
	assert_true(stale(f));
	assert_int_equal(nvgpu_counter(f->gpu, "invalidates"), 0);
	assert_int_equal(nvgpu_counter(f->gpu, "replays"), 0);
}

static void test_nobody_waits(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		fire(f, PT_INVAL_ALL_VA);
		assert_int_equal(unwaited(f), i);
		assert_true(stale(f));
	}
	assert_false(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
	assert_false(stale(f));
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA);
	assert_int_equal(unwaited(f), 4);	/* the last was waited for */
	assert_int_equal(nvgpu_counter(f->gpu, "invalidates"), 6);
}

/* It happens some time even so. */
static void test_ages(void **state)
{
	struct fixture *f = *state;
	unsigned int kicks = f->host.kicks, runs = 0;

	fire(f, PT_INVAL_ALL_VA);
	assert_true(f->host.kicks > kicks);
	assert_int_not_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_IDLE);
	assert_true(stale(f));
	while (nvgpu_mmu_tick(f->gpu))
		assert_true(++runs < LATENCY_MAX);
	assert_false(stale(f));
	assert_int_equal(nvgpu_run(f->gpu, 1), NVGPU_RUN_IDLE);
	fire(f, PT_INVAL_ALL_VA);
	assert_int_equal(unwaited(f), 1);
}

/* Who waits for long enough that it aged has waited all the same. */
static void test_ages_before_the_poll(void **state)
{
	struct fixture *f = *state;

	fire(f, PT_INVAL_ALL_VA);
	while (nvgpu_mmu_tick(f->gpu))
		;
	assert_true(pt_inval_done(f->gpu));
	fire(f, PT_INVAL_ALL_VA);
	assert_int_equal(unwaited(f), 0);
	while (nvgpu_mmu_tick(f->gpu))
		;
	assert_false(fake_rd32(f->gpu, MMU_INVAL) & TRIGGER);
	pt_inval_trigger(f->gpu, PT_INVAL_ALL_VA);
	assert_int_equal(unwaited(f), 0);
}

static void test_prompt(void **state)
{
	struct fixture *f = *state;

	fire(f, PT_INVAL_ALL_VA);
	assert_false(stale(f));
	fire(f, PT_INVAL_ALL_VA);
	assert_true(pt_inval_done(f->gpu));
	assert_int_equal(unwaited(f), 0);
}

static void test_slots(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		fire(f, PT_INVAL_ALL_VA);
		assert_true(stale(f));
	}
	assert_int_equal(f->host.errors, 0);
	assert_false(pt_inval_slots(f->gpu));
	assert_true(pt_inval_slots(f->gpu));
	assert_false(stale(f));
	assert_int_equal(f->host.errors, 0);
}

static void test_no_slot(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i <= SLOTS; i++)
		pt_inval_trigger(f->gpu, PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB);
	assert_int_equal(f->host.errors, 1);
	assert_false(stale(f));
}

/* Each command has the address space that was in the register at its time. */
static void test_operands_are_latched(void **state)
{
	struct fixture *f = *state;
	struct pt_builder other;

	pt_init(&other, f->gpu, INST + 0x1000, NVGPU_APER_VRAM, 2 * TABLES);
	fire(f, PT_INVAL_ALL_VA);
	pt_inval_pdb(&other);
	pt_inval_trigger(f->gpu, PT_INVAL_ALL_VA);
	assert_true(stale(f));
	assert_false(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
	assert_false(stale(f));

	make_stale(f);
	pt_invalidate(&other, PT_INVAL_ALL_VA);
	assert_true(stale(f));
}

/* The register tells system memory from VRAM, at the same address. */
static void test_aperture_of_pdb(void **state)
{
	struct fixture *f = *state;
	struct pt_builder wrong = f->pt;

	wrong.aper = f->pt.aper == NVGPU_APER_VRAM ? NVGPU_APER_SYS_COH
						   : NVGPU_APER_VRAM;
	pt_invalidate(&wrong, PT_INVAL_ALL_VA);
	assert_true(stale(f));
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA);
	assert_false(stale(f));
}

static void test_replay_invalidates(void **state)
{
	struct fixture *f = *state;

	fire(f, REPLAY);
	assert_int_equal(nvgpu_counter(f->gpu, "replays"), 0);
	assert_true(stale(f));
	assert_false(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
	assert_int_equal(nvgpu_counter(f->gpu, "replays"), 1);
	assert_false(stale(f));
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA | PT_INVAL_START_ACK);
	assert_int_equal(nvgpu_counter(f->gpu, "replays"), 2);
}

static void test_cancel(void **state)
{
	struct fixture *f = *state;

	pt_invalidate(&f->pt, PT_INVAL_ALL_VA | PT_INVAL_ALL_PDB |
			      PT_INVAL_CANCEL | 1u << 9 | 1u << 15);
	assert_int_equal(nvgpu_counter(f->gpu, "cancels_targeted"), 1);
	assert_false(stale(f));
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA | PT_INVAL_CANCEL_ALL);
	assert_int_equal(nvgpu_counter(f->gpu, "cancels_global"), 1);
	assert_int_equal(f->host.errors, 0);

	/* Hub clients never stall on Pascal. */
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA | PT_INVAL_CANCEL | 1u << 20);
	assert_int_equal(nvgpu_counter(f->gpu, "guest_errors"), 1);
	/* An operation of Volta's. */
	pt_invalidate(&f->pt, PT_INVAL_ALL_VA | PT_INVAL_OP(5u));
	assert_int_equal(nvgpu_counter(f->gpu, "unknown"), 1);
}

/* Bits of MMU_CTRL that nouveau sets, and those that it can't. */
static void test_ctrl_register(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, MMU_CTRL, 0x00001001);
	assert_int_equal(fake_rd32(f->gpu, MMU_CTRL) & 0xff00ffff, 0x00009001);
	fake_wr32(f->gpu, MMU_CTRL, 0xffffffff);
	fire(f, PT_INVAL_ALL_VA);
	assert_int_equal(fake_rd32(f->gpu, MMU_CTRL),
			 0xff007fff | (SLOTS - 1) << 16);
	assert_int_equal(fake_rd32(f->gpu, MMU_CTRL),
			 0xff00ffff | SLOTS << 16);
}

static void test_reset_drops_commands(void **state)
{
	struct fixture *f = *state;

	fire(f, PT_INVAL_ALL_VA);
	nvgpu_reset(f->gpu);
	assert_false(nvgpu_mmu_tick(f->gpu));
	assert_true(pt_inval_done(f->gpu));
}

/*
 * Every second command that asks for an acknowledgment gets none, however long
 * it is waited for, until the next command comes.
 */
static void test_stuck(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	while (!pt_inval_done(f->gpu))
		;
	assert_false(stale(f));
	for (i = 0; i < 3; i++) {
		fire(f, PT_INVAL_ALL_VA);	/* does not count */
		assert_false(pt_inval_done(f->gpu));
		assert_true(pt_inval_done(f->gpu));
	}
	make_stale(f);
	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	for (i = 0; i < LATENCY_MAX; i++) {
		assert_false(pt_inval_done(f->gpu));
		nvgpu_run(f->gpu, 1);
	}
	assert_true(fake_rd32(f->gpu, MMU_INVAL) & TRIGGER);
	assert_true(stale(f));
	assert_int_equal(nvgpu_counter(f->gpu, "invalidates_stuck"), 1);
	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	assert_false(stale(f));
	assert_false(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
}

static void test_stuck_is_forgotten_by_reset(void **state)
{
	struct fixture *f = *state;

	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	nvgpu_reset(f->gpu);
	assert_true(pt_inval_done(f->gpu));
	fire(f, PT_INVAL_ALL_VA | PT_INVAL_ACK);
	assert_false(pt_inval_done(f->gpu));
	assert_true(pt_inval_done(f->gpu));
}

#define ON(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ON_SYS(test) \
	{ #test "_sys", test, setup_sys, teardown, NULL }

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON(test_takes_effect_when_polled),
		ON(test_trigger_reads_as_pending),
		ON(test_no_trigger_no_command),
		ON(test_nobody_waits),
		ON(test_ages),
		ON(test_ages_before_the_poll),
		cmocka_unit_test_setup_teardown(test_prompt, setup_prompt,
						teardown),
		ON(test_slots),
		ON(test_no_slot),
		ON(test_operands_are_latched),
		ON(test_aperture_of_pdb),
		ON_SYS(test_aperture_of_pdb),
		ON(test_replay_invalidates),
		ON(test_cancel),
		ON(test_ctrl_register),
		ON(test_reset_drops_commands),
		cmocka_unit_test_setup_teardown(test_stuck, setup_stuck,
						teardown),
		cmocka_unit_test_setup_teardown(test_stuck_is_forgotten_by_reset,
						setup_stuck, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
