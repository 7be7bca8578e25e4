// SPDX-License-Identifier: GPL-2.0-or-later
/* Object classes: what methods do to memory, and how they fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "gr_fixture.h"

#define POISON		0xa5a5a5a5u
#define MMU_FAULT_UNITS	0x259c

static void poison(struct gr_fixture *gr, uint64_t va, unsigned int words)
{
	unsigned int i;

	for (i = 0; i < words; i++)
		gr_wr32(gr, va + i * 4, POISON);
}

static void upload_dst(struct gr_fixture *gr, uint32_t cls, uint64_t va,
		       uint32_t length, uint32_t lines, uint32_t pitch)
{
	gr_ok(gr, cls, 0x180, length);
	gr_ok(gr, cls, 0x184, lines);
	gr_ok(gr, cls, 0x188, va >> 32);
	gr_ok(gr, cls, 0x18c, va);
	gr_ok(gr, cls, 0x190, pitch);
}

static void upload_one_line(struct gr_fixture *gr, uint32_t cls,
			    uint32_t launch)
{
	poison(gr, GR_VA, 4);
	upload_dst(gr, cls, GR_VA, 10, 1, 0);
	gr_ok(gr, cls, 0x1b0, launch);
	gr_ok(gr, cls, 0x1b4, 0x11111111);
	gr_ok(gr, cls, 0x1b4, 0x22222222);
	gr_ok(gr, cls, 0x1b4, 0x33333333);
	assert_int_equal(gr_rd32(gr, GR_VA), 0x11111111);
	assert_int_equal(gr_rd32(gr, GR_VA + 4), 0x22222222);
	/* Ten bytes and no more */
	assert_int_equal(gr_rd32(gr, GR_VA + 8), 0xa5a53333);
	assert_int_equal(gr_rd32(gr, GR_VA + 12), POISON);
}

/* The values of LAUNCH_DMA are those that Mesa sends. */
static void upload(void **state)
{
	struct gr_fixture *gr = *state;

	upload_one_line(gr, GR_CLASS_COMPUTE, 0x41);
	upload_one_line(gr, GR_CLASS_COMPUTE, 0x11);
	upload_one_line(gr, GR_CLASS_INLINE, 0x1001);
	assert_int_equal(gr_unknown(gr) + gr_guest_errors(gr), 0);
}

static void upload_lines(void **state)
{
	struct gr_fixture *gr = *state;

	poison(gr, GR_VA, 12);
	upload_dst(gr, GR_CLASS_INLINE, GR_VA, 6, 2, 16);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b0, 0x1);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 0x03020100);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 0x07060504);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 0x0b0a0908);
	assert_int_equal(gr_rd32(gr, GR_VA), 0x03020100);
	assert_int_equal(gr_rd32(gr, GR_VA + 4), 0xa5a50504);
	assert_int_equal(gr_rd32(gr, GR_VA + 8), POISON);
	assert_int_equal(gr_rd32(gr, GR_VA + 16), 0x09080706);
	assert_int_equal(gr_rd32(gr, GR_VA + 20), 0xa5a50b0a);
}

/* Across a page, and state changed while data is on its way. */
static void upload_latches(void **state)
{
	struct gr_fixture *gr = *state;
	uint64_t va = GR_VA + 0xffe;

	poison(gr, GR_VA + 0xffc, 2);
	upload_dst(gr, GR_CLASS_INLINE, va, 4, 1, 0);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b0, 0x1);
	upload_dst(gr, GR_CLASS_INLINE, GR_UNMAPPED, 400, 1, 0);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 0x44332211);
	assert_int_equal(gr_rd32(gr, GR_VA + 0xffc), 0x2211a5a5);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x1000), 0xa5a54433);
}

static void upload_semaphore(void **state)
{
	struct gr_fixture *gr = *state;

	poison(gr, GR_VA + 0x100, 2);
	upload_dst(gr, GR_CLASS_INLINE, GR_VA, 4, 1, 0);
	gr_ok(gr, GR_CLASS_INLINE, 0x1dc, 0);
	gr_ok(gr, GR_CLASS_INLINE, 0x1e0, GR_VA + 0x100);
	gr_ok(gr, GR_CLASS_INLINE, 0x1e4, 77);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b0, 0x1021);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x100), POISON);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 1);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x100), 77);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x104), POISON);
}

static void upload_errors(void **state)
{
	struct gr_fixture *gr = *state;

	/* Data without a launch, and a launch before all data came */
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 1);
	assert_int_equal(gr_guest_errors(gr), 1);
	upload_dst(gr, GR_CLASS_INLINE, GR_VA, 8, 1, 0);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b0, 0x1);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b4, 1);
	gr_ok(gr, GR_CLASS_INLINE, 0x1b0, 0x1);
	assert_int_equal(gr_guest_errors(gr), 2);
	/* Block linear is not modelled. */
	gr_ok(gr, GR_CLASS_COMPUTE, 0x1b0, 0x40);
	assert_int_equal(gr_unknown(gr), 1);
}

static void semaphore(struct gr_fixture *gr, uint32_t cls, uint64_t va,
		      uint32_t payload, uint32_t d)
{
	gr_ok(gr, cls, 0x1b00, va >> 32);
	gr_ok(gr, cls, 0x1b04, va);
	gr_ok(gr, cls, 0x1b08, payload);
	gr_ok(gr, cls, 0x1b0c, d);
}

static void report_semaphore(void **state)
{
	struct gr_fixture *gr = *state;

	/* PTIMER counts in steps of 32 ns. */
	gr->host.now = 0x100000020ull;
	poison(gr, GR_VA, 8);
	semaphore(gr, GR_CLASS_3D, GR_VA, 123, 0x1000f010);
	assert_int_equal(gr_rd32(gr, GR_VA), 123);
	assert_int_equal(gr_rd32(gr, GR_VA + 4), POISON);
	semaphore(gr, GR_CLASS_COMPUTE, GR_VA + 16, 124, 0);
	assert_int_equal(gr_rd32(gr, GR_VA + 16), 124);
	assert_int_equal(gr_rd32(gr, GR_VA + 20), 0);
	assert_int_equal(gr_rd32(gr, GR_VA + 24), 0x20);
	assert_int_equal(gr_rd32(gr, GR_VA + 28), 1);
	assert_int_equal(gr_unknown(gr), 0);
}

/* As Mesa asks for the time: a report of nothing */
static void report_time(void **state)
{
	struct gr_fixture *gr = *state;

	gr->host.now = 0x3000000040ull;
	semaphore(gr, GR_CLASS_3D, GR_VA + 32, 9, 0x00005002);
	assert_int_equal(gr_rd32(gr, GR_VA + 32), 9);
	assert_int_equal(gr_rd32(gr, GR_VA + 36), 0);
	assert_int_equal(gr_rd32(gr, GR_VA + 40), 0x40);
	assert_int_equal(gr_rd32(gr, GR_VA + 44), 0x30);
	assert_int_equal(gr_unknown(gr), 0);
	/* Of something that is not counted: loud, answered with zero */
	semaphore(gr, GR_CLASS_3D, GR_VA + 32, 10, 0x0100f002);
	assert_int_equal(gr_unknown(gr), 1);
	assert_int_equal(gr_rd32(gr, GR_VA + 32), 10);
}

static void report_awaken(void **state)
{
	struct gr_fixture *gr = *state;

	semaphore(gr, GR_CLASS_3D, GR_VA, 1, 0x1010f010);
	assert_true(nvgpu_fifo_intr(gr->gpu) & PFIFO_INTR_NONSTALL);
}

static void constants(void **state)
{
	struct gr_fixture *gr = *state;

	poison(gr, GR_VA + 0x200, 8);
	gr_ok(gr, GR_CLASS_3D, 0x2380, 0x100);
	gr_ok(gr, GR_CLASS_3D, 0x2384, 0);
	gr_ok(gr, GR_CLASS_3D, 0x2388, GR_VA + 0x200);
	gr_ok(gr, GR_CLASS_3D, 0x238c, 4);
	gr_ok(gr, GR_CLASS_3D, 0x2390, 1);
	gr_ok(gr, GR_CLASS_3D, 0x2394, 2);
	gr_ok(gr, GR_CLASS_3D, 0x2390, 3);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x200), POISON);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x204), 1);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x208), 2);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x20c), 3);
	/* The last word of the buffer, then one too many */
	gr_ok(gr, GR_CLASS_3D, 0x238c, 0xfc);
	gr_ok(gr, GR_CLASS_3D, 0x2390, 4);
	assert_int_equal(gr_guest_errors(gr), 0);
	poison(gr, GR_VA + 0x300, 1);
	gr_ok(gr, GR_CLASS_3D, 0x2390, 5);
	assert_int_equal(gr_guest_errors(gr), 1);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x2fc), 4);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x300), POISON);
}

static void clear_target(struct gr_fixture *gr, uint64_t va, uint32_t width,
			 uint32_t height, uint32_t pitch, uint32_t format)
{
	gr_ok(gr, GR_CLASS_3D, 0x0ff4, width << 16);
	gr_ok(gr, GR_CLASS_3D, 0x0ff8, height << 16);
	gr_ok(gr, GR_CLASS_3D, 0x0800, va >> 32);
	gr_ok(gr, GR_CLASS_3D, 0x0804, va);
	gr_ok(gr, GR_CLASS_3D, 0x0808, pitch);
	gr_ok(gr, GR_CLASS_3D, 0x080c, height);
	gr_ok(gr, GR_CLASS_3D, 0x0810, format);
	gr_ok(gr, GR_CLASS_3D, 0x0814, 0x1000);
}

static void clear(void **state)
{
	struct gr_fixture *gr = *state;
	unsigned int x, y;

	poison(gr, GR_VA, 256);
	gr_ok(gr, GR_CLASS_3D, 0x0d80, 0x12345678);
	clear_target(gr, GR_VA, 3, 2, 0x100, 0xe4);
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
	for (y = 0; y < 3; y++)
		for (x = 0; x < 5; x++)
			assert_int_equal(gr_rd32(gr, GR_VA + y * 0x100 + x * 4),
					 y < 2 && x < 3 ? 0x12345678 : POISON);
	assert_int_equal(gr_unknown(gr), 0);
}

static void clear_formats(void **state)
{
	static const struct {
		uint32_t format, size, word[4];
	} want[] = {
		{ 0xf6, 1, { 0x44444444, 0x44444444, 0x44444444,
			     0x44444444 } },
		{ 0xf1, 2, { 0x33443344, 0x33443344, 0x33443344,
			     0x33443344 } },
		{ 0xe4, 4, { 0x11223344, 0x11223344, 0x11223344,
			     0x11223344 } },
		{ 0xcd, 8, { 0x11223344, 2, 0x11223344, 2 } },
		{ 0xc2, 16, { 0x11223344, 2, 3, 4 } },
	};
	struct gr_fixture *gr = *state;
	unsigned int i, j;

	gr_ok(gr, GR_CLASS_3D, 0x0d80, 0x11223344);
	for (i = 1; i < 4; i++)
		gr_ok(gr, GR_CLASS_3D, 0x0d80 + i * 4, i + 1);
	for (i = 0; i < NVGPU_ARRAY_SIZE(want); i++) {
		poison(gr, GR_VA, 8);
		clear_target(gr, GR_VA, 16 / want[i].size, 1, 0x100,
			     want[i].format);
		gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
		for (j = 0; j < 4; j++)
			assert_int_equal(gr_rd32(gr, GR_VA + j * 4),
					 want[i].word[j]);
		assert_int_equal(gr_rd32(gr, GR_VA + 16), POISON);
	}
}

/* More than the model writes at a time */
static void clear_large(void **state)
{
	struct gr_fixture *gr = *state;

	poison(gr, GR_VA + 0x8000, 1);
	clear_target(gr, GR_VA, 0x2000, 1, 0x8000, 0xe4);
	gr_ok(gr, GR_CLASS_3D, 0x0d80, 7);
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
	assert_int_equal(gr_rd32(gr, GR_VA), 7);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x7ffc), 7);
	assert_int_equal(gr_rd32(gr, GR_VA + 0x8000), POISON);
}

static void clear_unmodelled(void **state)
{
	struct gr_fixture *gr = *state;

	poison(gr, GR_VA, 1);
	clear_target(gr, GR_VA, 1, 1, 0x100, 0xe4);
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x01);	/* depth */
	assert_int_equal(gr_unknown(gr), 1);
	gr_ok(gr, GR_CLASS_3D, 0x0814, 0);	/* block linear */
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
	assert_int_equal(gr_unknown(gr), 2);
	gr_ok(gr, GR_CLASS_3D, 0x0814, 0x1000);
	gr_ok(gr, GR_CLASS_3D, 0x0810, 0xcf);	/* A8R8G8B8 */
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
	assert_int_equal(gr_unknown(gr), 3);
	gr_ok(gr, GR_CLASS_3D, 0x1558, 0);	/* rendering is off: quiet */
	gr_ok(gr, GR_CLASS_3D, 0x19d0, 0x3c);
	assert_int_equal(gr_unknown(gr), 3);
	assert_int_equal(gr_rd32(gr, GR_VA), POISON);
}

static void unknown_methods(void **state)
{
	struct gr_fixture *gr = *state;

	gr_ok(gr, GR_CLASS_COMPUTE, 0x2f00, 0x77);
	assert_int_equal(gr_unknown(gr), 1);
	assert_non_null(strstr(gr->host.last_error, "c0c0"));
	assert_non_null(strstr(gr->host.last_error, "2f00"));
	/* Known but not modelled: named */
	gr_ok(gr, GR_CLASS_3D, 0x1618, 4);
	assert_int_equal(gr_unknown(gr), 2);
	assert_non_null(strstr(gr->host.last_error, "BEGIN"));
	/* Not even a class */
	gr_ok(gr, 0x906e, 0x100, 0);
	assert_int_equal(gr_unknown(gr), 3);
	assert_non_null(strstr(gr->host.last_error, "906e"));
}

static void kept_methods(void **state)
{
	struct gr_fixture *gr = *state;

	gr_ok(gr, GR_CLASS_3D, 0x0a00 + 15 * 32, 1);
	gr_ok(gr, GR_CLASS_3D, 0x3870, 1);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x1698, 0x1000);
	gr_ok(gr, GR_CLASS_2D, 0x02ac, 3);
	assert_int_equal(gr_unknown(gr), 0);
}

/* An access that faults: reported as FE's, fatally, and only here. */
static void expect_fatal(struct gr_fixture *gr, uint32_t client,
			 uint32_t access)
{
	uint32_t info = fake_rd32(gr->gpu, 0x280c);

	assert_int_equal(fake_rd32(gr->gpu, MMU_FAULT_UNITS), 1);
	assert_int_equal((uint64_t)fake_rd32(gr->gpu, 0x2800) << 12,
			 gr->pt.inst);
	assert_int_equal(fake_rd32(gr->gpu, 0x2804) & ~0xfffu,
			 (uint32_t)GR_UNMAPPED);
	assert_int_equal(info >> 8 & 0x7f, client);
	assert_int_equal(info >> 16 & 7, access);
	assert_int_equal(info >> 20 & 1, client == 4);
	assert_int_equal(nvgpu_counter(gr->gpu, "faults_fatal"), 1);
	assert_int_equal(nvgpu_counter(gr->gpu, "faults_replayable"), 0);
	assert_true(gr->chan->dead);
	assert_false(gr->gpu->fifo->chans[GR_CHAN + 1].dead);
}

static void fault_semaphore(void **state)
{
	struct gr_fixture *gr = *state;

	gr_ok(gr, GR_CLASS_3D, 0x1b00, 0);
	gr_ok(gr, GR_CLASS_3D, 0x1b04, GR_UNMAPPED);
	gr_ok(gr, GR_CLASS_3D, 0x1b08, 1);
	assert_int_equal(gr_method(gr, GR_CLASS_3D, 0x1b0c, 0x1000f010),
			 NVGPU_METHOD_DEAD);
	expect_fatal(gr, 4, NVGPU_ACCESS_WRITE);
}

static void fault_upload(void **state)
{
	struct gr_fixture *gr = *state;

	upload_dst(gr, GR_CLASS_COMPUTE, GR_UNMAPPED - 4, 8, 1, 0);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x1b0, 0x41);
	gr_ok(gr, GR_CLASS_COMPUTE, 0x1b4, 1);
	assert_int_equal(gr_method(gr, GR_CLASS_COMPUTE, 0x1b4, 2),
			 NVGPU_METHOD_DEAD);
	expect_fatal(gr, 4, NVGPU_ACCESS_WRITE);
}

static void fault_constants(void **state)
{
	struct gr_fixture *gr = *state;

	gr_ok(gr, GR_CLASS_3D, 0x2380, 0x100);
	gr_ok(gr, GR_CLASS_3D, 0x2388, GR_UNMAPPED);
	assert_int_equal(gr_method(gr, GR_CLASS_3D, 0x2390, 1),
			 NVGPU_METHOD_DEAD);
	expect_fatal(gr, 4, NVGPU_ACCESS_WRITE);
}

static void fault_qmd(void **state)
{
	struct gr_fixture *gr = *state;

	gr_ok(gr, GR_CLASS_COMPUTE, 0x2b4, GR_UNMAPPED >> 8);
	assert_int_equal(gr_method(gr, GR_CLASS_COMPUTE, 0x2bc, 3),
			 NVGPU_METHOD_DEAD);
	expect_fatal(gr, 4, NVGPU_ACCESS_READ);
}

static void fault_clear(void **state)
{
	struct gr_fixture *gr = *state;

	clear_target(gr, GR_UNMAPPED, 1, 1, 0x100, 0xe4);
	assert_int_equal(gr_method(gr, GR_CLASS_3D, 0x19d0, 0x3c),
			 NVGPU_METHOD_DEAD);
	expect_fatal(gr, 0x0f, NVGPU_ACCESS_WRITE);
}

/* Another channel goes on, with what it had. */
static void fault_leaves_others(void **state)
{
	struct gr_fixture *gr = *state;
	struct nvgpu_gr_context *other = nvgpu_gr_context_new();
	struct nvgpu_chan *chan = &gr->gpu->fifo->chans[GR_CHAN + 1];

	assert_non_null(other);
	chan->vm = gr->chan->vm;
	fault_semaphore(state);
	nvgpu_gr_method(gr->gpu, chan, other, GR_CLASS_3D, 0x1b04, GR_VA);
	nvgpu_gr_method(gr->gpu, chan, other, GR_CLASS_3D, 0x1b08, 55);
	assert_int_equal(nvgpu_gr_method(gr->gpu, chan, other, GR_CLASS_3D,
					 0x1b0c, 0x1000f010),
			 NVGPU_METHOD_DONE);
	assert_int_equal(gr_rd32(gr, GR_VA), 55);
	nvgpu_gr_context_free(other);
}

/* Nonsense is complained about, and breaks nothing (see the sanitizers). */
static void nonsense(void **state)
{
	static const uint32_t cls[] = {
		GR_CLASS_3D, GR_CLASS_COMPUTE, GR_CLASS_INLINE, GR_CLASS_2D,
	};
	struct gr_fixture *gr = *state;
	unsigned int i;

	for (i = 0; i < 20000; i++) {
		uint64_t r = nvgpu_random(gr->gpu);
		uint32_t data = r & 1 ? r >> 32 : (uint32_t)GR_VA;

		/* Sizes stay small, or a test would never end. */
		if (r & 2)
			data &= 0xff;
		if (gr_method(gr, cls[r >> 2 & 3], r >> 4 & 0x3ffc, data) ==
		    NVGPU_METHOD_AGAIN)
			nvgpu_gr_reset(gr->gpu);
	}
	assert_true(gr_unknown(gr) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gr_setup, gr_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(upload),
		TEST(upload_lines),
		TEST(upload_latches),
		TEST(upload_semaphore),
		TEST(upload_errors),
		TEST(report_semaphore),
		TEST(report_time),
		TEST(report_awaken),
		TEST(constants),
		TEST(clear),
		TEST(clear_formats),
		TEST(clear_large),
		TEST(clear_unmodelled),
		TEST(unknown_methods),
		TEST(kept_methods),
		TEST(fault_semaphore),
		TEST(fault_upload),
		TEST(fault_constants),
		TEST(fault_qmd),
		TEST(fault_clear),
		TEST(fault_leaves_others),
		TEST(nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
