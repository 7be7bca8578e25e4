// SPDX-License-Identifier: GPL-2.0-or-later
/* Whole grids in tests: see sm_fixture.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "sm_fixture.h"

#define CHAN_INST	0x10000ull
#define BAR2_INST	0x12000ull
#define CHAN_TABLES	0x100000ull
#define BAR2_TABLES	0x200000ull
#define BUFFER		0x300000ull	/* fault buffer in VRAM */
#define BUFFER_PAGES	2
#define BUFFER_VA	0x100000ull	/* and in BAR2 */
#define CODE_PA		0x400000ull
#define CB_PA		0x410000ull

/* Registers, as nouveau uses them */
#define BUF_LO		0x2a70
#define BUF_HI		0x2a74
#define BUF_GET		0x2a7c
#define BUF_PUT		0x2a80
#define BAR2_BLOCK	0x1714
#define PACKET		32u
#define PACKET_VALID	(1u << 31)

#define REGISTERS	32
#define RUN_BUDGET	1000

static void fault_buffer_on(struct sm *sm)
{
	unsigned int i;

	pt_init(&sm->bar2, sm->gpu, BAR2_INST, NVGPU_APER_VRAM, BAR2_TABLES);
	for (i = 0; i < BUFFER_PAGES; i++)
		pt_map(&sm->bar2, BUFFER_VA + i * SM_PAGE, PT_4K,
		       BUFFER + i * SM_PAGE, PT_VRAM);
	for (i = 0; i < BUFFER_PAGES * SM_PAGE; i += 8)
		pt_write64(sm->gpu, NVGPU_APER_VRAM, BUFFER + i, 0);
	fake_wr32(sm->gpu, BAR2_BLOCK, 1u << 31 | BAR2_INST >> 12);
	fake_wr32(sm->gpu, BUF_HI, 0);
	fake_wr32(sm->gpu, BUF_LO, BUFFER_VA);
	fake_wr32(sm->gpu, BUF_LO, BUFFER_VA | 1);
}

static void default_grid(struct nvgpu_grid *grid)
{
	*grid = (struct nvgpu_grid){
		.code = SM_CODE, .code_base = SM_CODE,
		.grid_dim = { 1, 1, 1 }, .cta_dim = { 32, 1, 1 },
		.registers = REGISTERS, .l1 = true,
		.shared_window = SM_SHARED_WINDOW,
		.local_window = SM_LOCAL_WINDOW, .cb = { SM_CB },
		.cb_size = { SM_PAGE },
	};
}

int sm_setup(void **state)
{
	static const struct nvgpu_config config = {
		.chip = "gp100", .vram_size = 64u << 20,
		.fault_entries = SM_FAULT_ENTRIES,
	};
	struct sm *sm = calloc(1, sizeof(*sm));
	unsigned int i;

	assert_non_null(sm);
	sm->gpu = fake_gpu_new(&sm->host, &config);
	sm->host.quiet = true;
	pt_init(&sm->pt, sm->gpu, CHAN_INST, NVGPU_APER_VRAM, CHAN_TABLES);
	for (i = 0; i < SM_CODE_PAGES; i++)
		pt_map(&sm->pt, SM_CODE + i * SM_PAGE, PT_4K,
		       CODE_PA + i * SM_PAGE, PT_VRAM);
	pt_map(&sm->pt, SM_CB, PT_4K, CB_PA, PT_VRAM);
	fault_buffer_on(sm);
	fake_wr32(sm->gpu, PCCSR_INST(SM_CHAN),
		  PCCSR_INST_BIND | CHAN_INST >> 12);
	sm->chan = &sm->gpu->fifo->chans[SM_CHAN];
	sm->chan->vm = pt_vm(&sm->pt);
	default_grid(&sm->grid);
	*state = sm;
	return 0;
}

int sm_teardown(void **state)
{
	struct sm *sm = *state;

	fake_gpu_free(sm->gpu, &sm->host);
	free(sm);
	return 0;
}

void sm_raw_code(struct sm *sm, const uint64_t *words, unsigned int n)
{
	assert_true(n * 8 <= SM_CODE_PAGES * SM_PAGE);
	assert_true(nvgpu_phys_write(sm->gpu, NVGPU_APER_VRAM, CODE_PA, words,
				     n * 8));
}

/* What a control word looks like does not matter: it is never executed. */
void sm_code(struct sm *sm, const uint64_t *words, unsigned int n)
{
	uint64_t control = UINT64_MAX;
	unsigned int i;

	for (i = 0; i < n; i++) {
		uint64_t pa = CODE_PA + SASS_AT(i);

		if (i % 3 == 0)
			nvgpu_phys_write(sm->gpu, NVGPU_APER_VRAM, pa - 8,
					 &control, 8);
		nvgpu_phys_write(sm->gpu, NVGPU_APER_VRAM, pa, &words[i], 8);
	}
}

void sm_arg32(struct sm *sm, unsigned int offset, uint32_t v)
{
	nvgpu_phys_write(sm->gpu, NVGPU_APER_VRAM, CB_PA + offset, &v, 4);
}

void sm_arg64(struct sm *sm, unsigned int offset, uint64_t v)
{
	nvgpu_phys_write(sm->gpu, NVGPU_APER_VRAM, CB_PA + offset, &v, 8);
}

static enum nvgpu_aperture aperture(uint64_t bits)
{
	return bits & PT_SYS ? NVGPU_APER_SYS_COH : NVGPU_APER_VRAM;
}

static uint64_t home(uint64_t bits)
{
	return bits & PT_SYS ? SM_DATA_RAM : SM_DATA_VRAM;
}

void sm_map(struct sm *sm, unsigned int n, uint64_t bits)
{
	pt_map(&sm->pt, SM_DATA + (uint64_t)n * SM_PAGE, PT_4K,
	       home(bits) + (uint64_t)n * SM_PAGE, bits);
}

void sm_map_all(struct sm *sm, uint64_t bits)
{
	unsigned int i;

	for (i = 0; i < SM_DATA_PAGES; i++)
		sm_map(sm, i, bits);
}

void sm_invalidate(struct sm *sm)
{
	pt_invalidate(&sm->pt, PT_INVAL_ALL_VA);
}

void sm_unmap(struct sm *sm, unsigned int n)
{
	pt_unmap(&sm->pt, SM_DATA + (uint64_t)n * SM_PAGE, PT_4K);
	sm_invalidate(sm);
}

void sm_map_code(struct sm *sm, unsigned int n)
{
	pt_map(&sm->pt, SM_DATA + (uint64_t)n * SM_PAGE, PT_4K, CODE_PA,
	       PT_VRAM);
}

void sm_set_vm(struct sm *sm, const struct nvgpu_vm *vm)
{
	sm->chan->vm = *vm;
}

uint32_t sm_rd32(struct sm *sm, uint64_t bits, uint64_t offset)
{
	return nvgpu_phys_rd32(sm->gpu, aperture(bits), home(bits) + offset);
}

void sm_wr32(struct sm *sm, uint64_t bits, uint64_t offset, uint32_t v)
{
	nvgpu_phys_wr32(sm->gpu, aperture(bits), home(bits) + offset, v);
}

void sm_wr64(struct sm *sm, uint64_t bits, uint64_t offset, uint64_t v)
{
	sm_wr32(sm, bits, offset, v);
	sm_wr32(sm, bits, offset + 4, v >> 32);
}

void sm_launch(struct sm *sm)
{
	assert_true(nvgpu_sm_idle(sm->gpu));
	assert_true(nvgpu_sm_launch(sm->gpu, sm->chan, &sm->grid));
}

bool sm_run(struct sm *sm)
{
	while (nvgpu_sm_run(sm->gpu, RUN_BUDGET))
		;
	return nvgpu_sm_idle(sm->gpu);
}

void sm_complete(struct sm *sm)
{
	sm_launch(sm);
	if (!sm_run(sm) || sm_counter(sm, "unknown") ||
	    sm_counter(sm, "guest_errors") || sm_chan_dead(sm))
		fail_msg("%s", sm->host.last_error);
}

static uint32_t packet_word(struct sm *sm, uint32_t entry, unsigned int at)
{
	return nvgpu_bar_read(sm->gpu, 2, BUFFER_VA + entry * PACKET + at, 4);
}

#define LANES_WORDS	32

void sm_lanes_load(struct sm *sm, const uint64_t *words, unsigned int n)
{
	uint64_t all[LANES_WORDS] = {
		S2R(2, SR_LANEID), MOV_CB(0, 0, 0), MOV_CB(1, 0, 4),
		ISCADD(0, 2, 0, 4) | IADD_CC, IADD(1, 1, SASS_RZ) | IADD_X,
		NOP,
	};

	assert_true(n + 6 <= LANES_WORDS);
	memcpy(all + 6, words, n * sizeof(*words));
	sm_code(sm, all, n + 6);
	sm_arg64(sm, 0, SM_DATA);
}

void sm_lanes_run(struct sm *sm, const uint64_t *words, unsigned int n)
{
	sm_lanes_load(sm, words, n);
	sm_complete(sm);
}

uint32_t sm_pattern(uint64_t offset)
{
	return (offset + 0x80) * 0x9e3779b9u;
}

/* The layout of a packet: facts in test_fault.c. */
unsigned int sm_packets(struct sm *sm, struct sm_packet *packets,
			unsigned int max)
{
	uint32_t get = fake_rd32(sm->gpu, BUF_GET), n = 0, info;

	while (get != fake_rd32(sm->gpu, BUF_PUT)) {
		info = packet_word(sm, get, 0x1c);
		assert_true(info & PACKET_VALID);
		assert_true(n < max);
		packets[n++] = (struct sm_packet){
			.va = packet_word(sm, get, 8) |
			      (uint64_t)packet_word(sm, get, 12) << 32,
			.type = info & 0x1f, .client = info >> 8 & 0x7f,
			.access = info >> 16 & 7, .gpc = info >> 24 & 0x1f,
		};
		get = (get + 1) % SM_FAULT_ENTRIES;
		fake_wr32(sm->gpu, BUF_GET, get);
	}
	return n;
}

bool sm_chan_dead(const struct sm *sm)
{
	return sm->chan->dead;
}

void sm_chan_revive(struct sm *sm)
{
	sm->chan->dead = false;
}

uint64_t sm_counter(const struct sm *sm, const char *name)
{
	return nvgpu_counter(sm->gpu, name);
}
