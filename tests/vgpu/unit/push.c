// SPDX-License-Identifier: GPL-2.0-or-later
/* Channels for tests: see push.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fifo_priv.h"
#include "push.h"
#include "sm.h"

/* VRAM; one of each per channel unless said otherwise. */
#define INST(id)	(0x0200000ull + (id) * 0x1000ull)
#define USERD		0x0300000ull	/* all channels' */
#define USERD_SIZE	0x200ull
#define RUNLISTS	0x0310000ull	/* all runlists' */
#define BAR1_INST	0x0320000ull
#define GPFIFO(id)	(0x0400000ull + (id) * 0x1000ull)
#define PB(id)		(0x0500000ull + (id) * 0x10000ull)
#define PB_SIZE		0x10000u
#define TABLES(id)	(0x1000000ull + (id) * 0x40000ull)
#define BAR1_TABLES	0x1f00000ull

/* Virtual addresses. */
#define GPFIFO_VA	0x1000000ull
#define PB_VA		0x1100000ull
#define BAR1_USERD	0x0040000ull

#define GP_ENTRIES_LOG2	6
#define GP_ENTRIES	(1u << GP_ENTRIES_LOG2)

#define PAGE		0x1000u
#define PMC_INTR_EN	0x000160
#define PMC_INTR_FIFO	0x100
#define BAR1_BLOCK	0x001704
#define BAR1_VIRTUAL	(1u << 31)
#define ENTRY_TSG	(1u << 13)

uint64_t push_inst(const struct push_chan *chan)
{
	return INST(chan->id);
}

uint64_t push_userd(const struct push_chan *chan)
{
	return USERD + chan->id * USERD_SIZE;
}

uint64_t push_pb_va(const struct push_chan *chan)
{
	return PB_VA;
}

/* ---- set up ---- */

static void map(struct pt_builder *pt, uint64_t va, uint64_t pa, uint32_t size)
{
	uint32_t i;

	for (i = 0; i < size; i += PAGE)
		pt_map(pt, va + i, PT_4K, pa + i, PT_VRAM);
}

static void ramfc(struct push_chan *chan)
{
	struct nvgpu *gpu = chan->test->gpu;
	uint64_t inst = push_inst(chan);
	unsigned int i;

	for (i = 0; i < 0x200; i += 4)
		fake_vram_wr32(gpu, inst + i, 0);
	for (i = 0; i < USERD_SIZE; i += 4)
		fake_vram_wr32(gpu, push_userd(chan) + i, 0);
	fake_vram_wr64(gpu, inst + 0x08, push_userd(chan));
	fake_vram_wr32(gpu, inst + 0x10, 0xface);
	fake_vram_wr64(gpu, inst + 0x48, GPFIFO_VA |
		       (uint64_t)GP_ENTRIES_LOG2 << 48);
	fake_vram_wr32(gpu, inst + 0x94, 0x30000fff);
	fake_vram_wr32(gpu, inst + 0xe8, chan->id);
}

static void chan_init(struct push_test *test, unsigned int id)
{
	struct push_chan *chan = &test->chan[id];
	unsigned int i;

	chan->test = test;
	chan->id = id;
	ramfc(chan);
	pt_init(&chan->pt, test->gpu, INST(id), NVGPU_APER_VRAM, TABLES(id));
	map(&chan->pt, GPFIFO_VA, GPFIFO(id), PAGE);
	map(&chan->pt, PB_VA, PB(id), PB_SIZE);
	map(&chan->pt, PUSH_DATA, PUSH_DATA, PUSH_DATA_SIZE);
	pt_map(&chan->pt, PUSH_SYS, PT_4K, PUSH_SYS_BUS, PT_SYS | PT_VOL);
	for (i = 0; i < PAGE; i += 8)
		fake_vram_wr64(test->gpu, GPFIFO(id) + i, 0);
	push_bind(chan);
	push_enable(chan, true);
}

int push_setup_config(void **state, const struct nvgpu_config *config)
{
	struct push_test *test = calloc(1, sizeof(*test));
	struct nvgpu *gpu;
	unsigned int i;

	assert(test);
	gpu = fake_gpu_new(&test->host, config);
	test->gpu = gpu;
	pt_init(&test->bar1, gpu, BAR1_INST, NVGPU_APER_VRAM, BAR1_TABLES);
	map(&test->bar1, BAR1_USERD, USERD, PUSH_CHANS * USERD_SIZE);
	fake_wr32(gpu, BAR1_BLOCK, BAR1_VIRTUAL | BAR1_INST >> 12);
	fake_wr32(gpu, PFIFO_USERD_BASE,
		  PFIFO_USERD_BASE_VALID | BAR1_USERD >> 12);
	for (i = 0; i < gpu->chip->nr_pbdmas; i++)
		fake_wr32(gpu, PBDMA_INTR_EN_0 + i * PBDMA_STRIDE, ~0u);
	fake_wr32(gpu, PFIFO_INTR_EN, ~PFIFO_INTR_RUNLIST);
	fake_wr32(gpu, PMC_INTR_EN, PMC_INTR_FIFO);
	for (i = 0; i < PUSH_CHANS; i++)
		chan_init(test, i);
	*state = test;
	return 0;
}

int push_setup(void **state)
{
	static const struct nvgpu_config small = { .vram_size = 64u << 20 };

	return push_setup_config(state, &small);
}

int push_teardown(void **state)
{
	struct push_test *test = *state;

	fake_gpu_free(test->gpu, &test->host);
	free(test);
	return 0;
}

void push_bind(struct push_chan *chan)
{
	fake_wr32(chan->test->gpu, PCCSR_INST(chan->id),
		  PCCSR_INST_BIND | push_inst(chan) >> 12);
}

void push_unbind(struct push_chan *chan)
{
	fake_wr32(chan->test->gpu, PCCSR_INST(chan->id), 0);
}

/* Read, modify, write, as nouveau does. */
void push_enable(struct push_chan *chan, bool on)
{
	uint32_t reg = fake_rd32(chan->test->gpu, PCCSR_CHANNEL(chan->id));

	fake_wr32(chan->test->gpu, PCCSR_CHANNEL(chan->id),
		  reg | (on ? PCCSR_CHANNEL_ENABLE_SET :
			      PCCSR_CHANNEL_ENABLE_CLR));
}

/* ---- runlists ---- */

void push_runlist_raw(struct push_test *test, unsigned int runl,
		      const uint64_t *entries, unsigned int nr)
{
	uint64_t base = RUNLISTS + runl * PAGE;
	unsigned int i;

	for (i = 0; i < nr; i++)
		fake_vram_wr64(test->gpu, base + i * 8, entries[i]);
	fake_wr32(test->gpu, PFIFO_RUNLIST_BASE, base >> 12);
	fake_wr32(test->gpu, PFIFO_RUNLIST, runl << 20 | nr);
}

void push_runlist(struct push_test *test, unsigned int runl,
		  struct push_chan *const *chans, unsigned int nr)
{
	uint64_t entries[2 * PUSH_CHANS];
	unsigned int i;

	for (i = 0; i < nr; i++) {
		entries[2 * i] = 1u << 26 | ENTRY_TSG | PUSH_TSG(chans[i]);
		entries[2 * i + 1] = push_inst(chans[i]) >> 12 << 32 |
				     chans[i]->id;
	}
	push_runlist_raw(test, runl, entries, 2 * nr);
}

void push_runlist1(struct push_chan *chan, unsigned int runl)
{
	push_runlist(chan->test, runl, &chan, 1);
}

/* ---- push buffers ---- */

void push_word(struct push_chan *chan, uint32_t word)
{
	assert(chan->cur < PB_SIZE / 4);
	fake_vram_wr32(chan->test->gpu, PB(chan->id) + chan->cur * 4, word);
	chan->cur++;
}

void push_header(struct push_chan *chan, uint32_t type, unsigned int subc,
		 uint32_t mthd, uint32_t count)
{
	push_word(chan, type << 29 | count << 16 | subc << 13 | mthd >> 2);
}

void push_mthd(struct push_chan *chan, unsigned int subc, uint32_t mthd,
	       uint32_t data)
{
	push_header(chan, PUSH_INC, subc, mthd, 1);
	push_word(chan, data);
}

void push_gp_raw(struct push_chan *chan, uint64_t entry)
{
	fake_vram_wr64(chan->test->gpu, GPFIFO(chan->id) + chan->put * 8,
		       entry);
	chan->put = (chan->put + 1) % GP_ENTRIES;
}

void push_segment(struct push_chan *chan)
{
	uint64_t words = chan->cur - chan->begin;

	if (words)
		push_gp_raw(chan, words << 42 | (PB_VA + chan->begin * 4));
	chan->begin = chan->cur;
}

void push_kick(struct push_chan *chan)
{
	push_segment(chan);
	nvgpu_bar_write(chan->test->gpu, 1,
			BAR1_USERD + chan->id * USERD_SIZE + 0x8c, chan->put,
			4);
}

void push_object(struct push_chan *chan, unsigned int subc, uint32_t cls)
{
	push_mthd(chan, subc, 0, cls);
}

static void semaphore(struct push_chan *chan, uint64_t va, uint32_t payload,
		      uint32_t op)
{
	push_header(chan, PUSH_INC, 0, 0x10, 4);
	push_word(chan, va >> 32);
	push_word(chan, va);
	push_word(chan, payload);
	push_word(chan, op);
}

void push_release(struct push_chan *chan, uint64_t va, uint32_t payload)
{
	semaphore(chan, va, payload, 1u << 24 | 2);
}

void push_acquire(struct push_chan *chan, uint64_t va, uint32_t payload)
{
	semaphore(chan, va, payload, 1u << 12 | 1);
}

/* ---- grids ---- */

void push_launch(struct push_chan *chan, uint64_t va)
{
	const struct nvgpu_grid grid = {
		.code = va,
		.grid_dim = { 1, 1, 1 },
		.cta_dim = { 32, 1, 1 },
		.registers = 8,
	};
	bool ok;

	ok = nvgpu_sm_launch(chan->test->gpu,
			     &chan->test->gpu->fifo->chans[chan->id], &grid);
	assert(ok);
}

/* SASS, as Mesa emits it: a control word, then three instructions. */
static void code(struct nvgpu *gpu, uint64_t pa, uint64_t insn)
{
	unsigned int i;

	fake_vram_wr64(gpu, pa, 0);
	for (i = 1; i < 4; i++)
		fake_vram_wr64(gpu, pa + 8 * i, insn);
}

void push_code_exit(struct nvgpu *gpu, uint64_t pa)
{
	code(gpu, pa, 0xe30000000007000full);	/* EXIT */
}

void push_code_loop(struct nvgpu *gpu, uint64_t pa)
{
	code(gpu, pa, 0xe2400fffff87000full);	/* BRA to itself */
}
