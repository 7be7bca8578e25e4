// SPDX-License-Identifier: GPL-2.0-or-later
/* Falcons: registers and ports, the ACR handshake, FECS' methods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "gr_fixture.h"

#define PMU	0x10a000
#define FECS	0x409000
#define GPCCS	0x41a000

#define WPR_INFO	0x100cd4

static void identity(void **state)
{
	static const uint32_t base[] = { PMU, FECS, GPCCS };
	struct gr_fixture *gr = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		uint32_t hwcfg = fake_rd32(gr->gpu, base[i] + 0x108);

		assert_int_equal(fake_rd32(gr->gpu, base[i] + 0x12c) & 0xf,
				 5);
		assert_true((hwcfg & 0x1ff) << 8 >= 0x1000);
		assert_true((hwcfg & 0x3fe00) >> 1 >= 0x1000);
		/* Memory scrubbing is over, and stays so. */
		fake_wr32(gr->gpu, base[i] + 0x10c, ~0u);
		assert_int_equal(fake_rd32(gr->gpu, base[i] + 0x10c) & 6, 0);
	}
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0xc08) & 0x100000, 0);
	assert_int_equal(gr_unknown(gr), 0);
}

static void data_port(void **state)
{
	struct gr_fixture *gr = *state;

	fake_wr32(gr->gpu, PMU + 0x1c0, 1u << 24 | 0x20);
	fake_wr32(gr->gpu, PMU + 0x1c4, 0x11223344);
	fake_wr32(gr->gpu, PMU + 0x1c4, 0x55667788);
	fake_wr32(gr->gpu, PMU + 0x1c0, 1u << 25 | 0x20);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x1c4), 0x11223344);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x1c4), 0x55667788);
	/* Without auto increment it stays. */
	fake_wr32(gr->gpu, PMU + 0x1c0, 0x24);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x1c4), 0x55667788);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x1c4), 0x55667788);
	/* Falcons have memories of their own. */
	fake_wr32(gr->gpu, FECS + 0x1c0, 0x24);
	assert_int_equal(fake_rd32(gr->gpu, FECS + 0x1c4), 0);
}

static void port_out_of_bounds(void **state)
{
	struct gr_fixture *gr = *state;

	fake_wr32(gr->gpu, PMU + 0x1c0, 0x800000);
	fake_wr32(gr->gpu, PMU + 0x1c4, 1);
	assert_int_equal(gr_guest_errors(gr), 1);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x1c4), 0);
	assert_int_equal(gr_guest_errors(gr), 2);
}

static void interrupts(void **state)
{
	struct gr_fixture *gr = *state;

	fake_wr32(gr->gpu, PMU + 0x010, 0xf0);
	fake_wr32(gr->gpu, PMU + 0x014, 0x30);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x018), 0xc0);
	fake_wr32(gr->gpu, PMU + 0x000, 0x3);
	fake_wr32(gr->gpu, PMU + 0x004, 0x1);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x008), 0x2);
	/* The driver reads, changes and writes it. */
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x004), 0);
}

static void acr_load(void **state)
{
	struct gr_fixture *gr = *state;

	assert_int_equal(gr_acr_boot(gr, 2), 0);
	assert_true(fake_rd32(gr->gpu, PMU + 0x008) & 0x10);
	fake_wr32(gr->gpu, PMU + 0x004, 0x10);
	assert_false(fake_rd32(gr->gpu, PMU + 0x008) & 0x10);
	fake_wr32(gr->gpu, WPR_INFO, 2);
	assert_int_equal((uint64_t)(fake_rd32(gr->gpu, WPR_INFO) &
				    0xffffff00) << 8, GR_WPR_START);
	fake_wr32(gr->gpu, WPR_INFO, 3);
	assert_int_equal(((uint64_t)(fake_rd32(gr->gpu, WPR_INFO) &
				     0xffffff00) << 8) + 0x20000,
			 GR_WPR_END);
	/* Both images are marked as ready. */
	assert_int_equal(fake_vram_rd32(gr->gpu, GR_WPR_START + 16), 6);
	assert_int_equal(fake_vram_rd32(gr->gpu, GR_WPR_START + 36), 6);
	assert_int_equal(gr_unknown(gr) + gr_guest_errors(gr), 0);
}

static void acr_unload(void **state)
{
	struct gr_fixture *gr = *state;

	assert_int_equal(gr_acr_boot(gr, 2), 0);
	assert_int_equal(gr_acr_boot(gr, 0), 0);
	fake_wr32(gr->gpu, WPR_INFO, 2);
	assert_int_equal(fake_rd32(gr->gpu, WPR_INFO), 0);
}

static void acr_unmapped(void **state)
{
	struct gr_fixture *gr = *state;

	assert_int_equal(gr_acr_boot(gr, 2), 0);
	/* The driver's data is gone. */
	fake_wr32(gr->gpu, PMU + 0x1c0, 1u << 24 | 0x40);
	fake_wr32(gr->gpu, PMU + 0x1c4, 0x70000000);
	fake_wr32(gr->gpu, PMU + 0x040, 0xcafebeef);
	fake_wr32(gr->gpu, PMU + 0x100, 2);
	assert_int_not_equal(fake_rd32(gr->gpu, PMU + 0x040), 0);
	assert_int_equal(gr_guest_errors(gr), 1);
}

/* Off and on through PMC_ENABLE: the instance block is forgotten. */
static void pmu_reset(void **state)
{
	struct gr_fixture *gr = *state;
	uint32_t enable = fake_rd32(gr->gpu, 0x200);

	assert_int_equal(gr_acr_boot(gr, 2), 0);
	fake_wr32(gr->gpu, 0x200, enable & ~0x2000u);
	fake_wr32(gr->gpu, 0x200, enable);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x480), 0);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x008), 0);
	/* The region stays protected, and ACR boots again. */
	fake_wr32(gr->gpu, WPR_INFO, 2);
	assert_int_not_equal(fake_rd32(gr->gpu, WPR_INFO), 0);
	assert_int_equal(gr_acr_boot(gr, 0), 0);
}

/* Without an instance block it is the VBIOS' DEVINIT. */
static void devinit(void **state)
{
	struct gr_fixture *gr = *state;

	fake_wr32(gr->gpu, PMU + 0x040, 0x5000);
	fake_wr32(gr->gpu, PMU + 0x100, 2);
	assert_int_equal(fake_rd32(gr->gpu, PMU + 0x040) & 0x2000, 0x2000);
}

static void start_without_firmware(void **state)
{
	struct gr_fixture *gr = *state;

	fake_wr32(gr->gpu, FECS + 0x100, 2);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0);
	assert_int_equal(gr_guest_errors(gr), 1);
}

static void start_in_wrong_order(void **state)
{
	struct gr_fixture *gr = *state;

	assert_int_equal(gr_acr_boot(gr, 2), 0);
	fake_wr32(gr->gpu, FECS + 0x100, 2);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0);
	assert_int_equal(gr_guest_errors(gr), 1);
}

static void fecs(struct gr_fixture *gr, uint32_t mthd, uint32_t data)
{
	fake_wr32(gr->gpu, 0x409804, 0xffffffff);
	fake_wr32(gr->gpu, 0x409800, 0);
	fake_wr32(gr->gpu, 0x409500, data);
	fake_wr32(gr->gpu, 0x409504, mthd);
}

static void fecs_sizes(void **state)
{
	static const uint32_t mthd[] = { 0x10, 0x16, 0x25 };
	struct gr_fixture *gr = *state;
	unsigned int i;

	gr_boot_falcons(gr);
	for (i = 0; i < 3; i++) {
		fecs(gr, mthd[i], 0);
		assert_int_not_equal(fake_rd32(gr->gpu, 0x409800), 0);
	}
	fecs(gr, 0x21, 0x7fffffff);
	assert_int_equal(gr_unknown(gr) + gr_guest_errors(gr), 0);
}

static void fecs_golden_context(void **state)
{
	struct gr_fixture *gr = *state;

	gr_boot_falcons(gr);
	fecs(gr, 0x03, 0x80000123);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0x10);
	assert_int_equal(fake_rd32(gr->gpu, 0x409b00), 0x80000123);
	fecs(gr, 0x09, 0x80000123);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0x01);
	/* Another context was not bound. */
	fecs(gr, 0x09, 0x80000124);
	assert_int_equal(fake_rd32(gr->gpu, 0x409800), 0x02);
	/* The driver takes it off by hand. */
	fake_wr32(gr->gpu, 0x409b00, 0x00000123);
	assert_int_equal(fake_rd32(gr->gpu, 0x409b00), 0x00000123);
}

static void fecs_ctxsw(void **state)
{
	struct gr_fixture *gr = *state;
	unsigned int kicks;

	gr_boot_falcons(gr);
	assert_false(nvgpu_gr_ctxsw_stopped(gr->gpu));
	fecs(gr, 0x38, 0xffffffff);
	assert_int_equal(fake_rd32(gr->gpu, 0x409804), 1);
	assert_true(nvgpu_gr_ctxsw_stopped(gr->gpu));
	kicks = gr->host.kicks;
	fecs(gr, 0x39, 0xffffffff);
	assert_int_equal(fake_rd32(gr->gpu, 0x409804), 1);
	assert_false(nvgpu_gr_ctxsw_stopped(gr->gpu));
	assert_true(gr->host.kicks > kicks);
	fecs(gr, 0x04, 0xffffffff);
	assert_int_equal(fake_rd32(gr->gpu, 0x409804), 1);
}

static void fecs_unknown(void **state)
{
	struct gr_fixture *gr = *state;

	gr_boot_falcons(gr);
	fecs(gr, 0x30, 1);
	assert_int_equal(gr_unknown(gr), 1);
	assert_non_null(strstr(gr->host.last_error, "REGLIST_IMAGE_SIZE"));
	fecs(gr, 0x77, 1);
	assert_int_equal(gr_unknown(gr), 2);
	assert_int_equal(fake_rd32(gr->gpu, 0x409804), 2);
}

static void current_context(void **state)
{
	struct gr_fixture *gr = *state;

	nvgpu_gr_set_current(gr->gpu, 0x12345000);
	assert_int_equal(fake_rd32(gr->gpu, 0x409b00), 0x80012345);
	nvgpu_gr_set_current(gr->gpu, 0);
	assert_int_equal(fake_rd32(gr->gpu, 0x409b00), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, gr_setup, gr_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(identity),
		TEST(data_port),
		TEST(port_out_of_bounds),
		TEST(interrupts),
		TEST(acr_load),
		TEST(acr_unload),
		TEST(acr_unmapped),
		TEST(pmu_reset),
		TEST(devinit),
		TEST(start_without_firmware),
		TEST(start_in_wrong_order),
		TEST(fecs_sizes),
		TEST(fecs_golden_context),
		TEST(fecs_ctxsw),
		TEST(fecs_unknown),
		TEST(current_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
