// SPDX-License-Identifier: GPL-2.0-or-later
/* What tests of the graphics engine start from: see gr_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "gr_fixture.h"

#define CHAN_INST		0x100000ull
#define CHAN_TABLES		0x110000ull
#define PMU_INST		0x180000ull
#define PMU_TABLES		0x190000ull
#define ACR_DATA_PA		0x200000ull
#define ACR_DATA_VA		0x8000000ull
#define ACR_DATA_SIZE		0x300

#define PMU			0x10a000
#define FECS			0x409000
#define GPCCS			0x41a000

int gr_setup(void **state)
{
	struct gr_fixture *gr = calloc(1, sizeof(*gr));
	unsigned int i;

	assert_non_null(gr);
	gr->gpu = fake_gpu_new(&gr->host, NULL);
	gr->host.quiet = true;
	pt_init(&gr->pt, gr->gpu, CHAN_INST, NVGPU_APER_VRAM, CHAN_TABLES);
	for (i = 0; i < GR_PAGES; i++)
		pt_map(&gr->pt, GR_VA + i * 0x1000, PT_4K,
		       GR_PA + i * 0x1000, PT_VRAM);
	fake_wr32(gr->gpu, PCCSR_INST(GR_CHAN),
		  PCCSR_INST_BIND | CHAN_INST >> 12);
	gr->chan = &gr->gpu->fifo->chans[GR_CHAN];
	gr->chan->vm = pt_vm(&gr->pt);
	gr->ctx = nvgpu_gr_context_new();
	assert_non_null(gr->ctx);
	*state = gr;
	return 0;
}

int gr_teardown(void **state)
{
	struct gr_fixture *gr = *state;

	nvgpu_gr_context_free(gr->ctx);
	fake_gpu_free(gr->gpu, &gr->host);
	free(gr);
	return 0;
}

enum nvgpu_method_result gr_method(struct gr_fixture *gr, uint32_t cls,
				   uint32_t mthd, uint32_t data)
{
	return nvgpu_gr_method(gr->gpu, gr->chan, gr->ctx, cls, mthd, data);
}

void gr_ok(struct gr_fixture *gr, uint32_t cls, uint32_t mthd, uint32_t data)
{
	assert_int_equal(gr_method(gr, cls, mthd, data), NVGPU_METHOD_DONE);
}

uint32_t gr_rd32(struct gr_fixture *gr, uint64_t va)
{
	return fake_vram_rd32(gr->gpu, va - GR_VA + GR_PA);
}

void gr_wr32(struct gr_fixture *gr, uint64_t va, uint32_t val)
{
	fake_vram_wr32(gr->gpu, va - GR_VA + GR_PA, val);
}

uint64_t gr_unknown(struct gr_fixture *gr)
{
	return nvgpu_counter(gr->gpu, "unknown");
}

uint64_t gr_guest_errors(struct gr_fixture *gr)
{
	return nvgpu_counter(gr->gpu, "guest_errors");
}

static void acr_bind(struct gr_fixture *gr)
{
	struct nvgpu *gpu = gr->gpu;

	fake_wr32(gpu, PMU + 0x048, 1);
	fake_wr32(gpu, PMU + 0x480, 1u << 30 | PMU_INST >> 12);
	fake_wr32(gpu, PMU + 0x200, 0x30e);
	assert_int_equal(fake_rd32(gpu, PMU + 0x20c) >> 12 & 7, 5);
	fake_wr32(gpu, PMU + 0x058, 2);
	fake_wr32(gpu, PMU + 0x200, 0x30e);
	assert_int_equal(fake_rd32(gpu, PMU + 0x20c) >> 12 & 7, 0);
}

/* The bootloader's descriptor, through the data memory port */
static void acr_load_desc(struct gr_fixture *gr)
{
	unsigned int i;

	fake_wr32(gr->gpu, PMU + 0x1c0, 1u << 24);
	for (i = 0; i < 0x4c; i += 4) {
		uint32_t val = 0;

		if (i == 0x40)
			val = ACR_DATA_VA;
		else if (i == 0x48)
			val = ACR_DATA_SIZE;
		fake_wr32(gr->gpu, PMU + 0x1c4, val);
	}
}

static void acr_prepare_memory(struct gr_fixture *gr, uint32_t regions)
{
	struct nvgpu *gpu = gr->gpu;
	struct pt_builder pt;

	pt_init(&pt, gpu, PMU_INST, NVGPU_APER_VRAM, PMU_TABLES);
	pt_map(&pt, ACR_DATA_VA, PT_4K, ACR_DATA_PA, PT_VRAM);
	fake_vram_wr32(gpu, ACR_DATA_PA + 0x20c, regions);
	fake_vram_wr32(gpu, ACR_DATA_PA + 0x210, GR_WPR_START >> 8);
	fake_vram_wr32(gpu, ACR_DATA_PA + 0x214, GR_WPR_END >> 8);
	/* Two falcons, to be loaded at once, then the end of the list */
	fake_vram_wr32(gpu, GR_WPR_START, 2);
	fake_vram_wr32(gpu, GR_WPR_START + 12, 0);
	fake_vram_wr32(gpu, GR_WPR_START + 20, 3);
	fake_vram_wr32(gpu, GR_WPR_START + 32, 0);
	fake_vram_wr32(gpu, GR_WPR_START + 40, 0xffffffff);
}

uint32_t gr_acr_boot(struct gr_fixture *gr, uint32_t regions)
{
	acr_prepare_memory(gr, regions);
	acr_bind(gr);
	acr_load_desc(gr);
	fake_wr32(gr->gpu, PMU + 0x040, 0xcafebeef);
	fake_wr32(gr->gpu, PMU + 0x104, 0);
	fake_wr32(gr->gpu, PMU + 0x100, 2);
	assert_true(fake_rd32(gr->gpu, PMU + 0x100) & 0x10);
	return fake_rd32(gr->gpu, PMU + 0x040);
}

void gr_boot_falcons(struct gr_fixture *gr)
{
	assert_int_equal(gr_acr_boot(gr, 2), 0);
	fake_wr32(gr->gpu, 0x409800, 0);
	fake_wr32(gr->gpu, GPCCS + 0x10c, 0);
	fake_wr32(gr->gpu, FECS + 0x10c, 0);
	fake_wr32(gr->gpu, GPCCS + 0x100, 2);
	fake_wr32(gr->gpu, FECS + 0x100, 2);
	assert_true(fake_rd32(gr->gpu, 0x409800) & 1);
}
