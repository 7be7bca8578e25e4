// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a guest does that means harm, or has lost its mind: see hostile.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"
#include "kernel_fixture.h"
#include "push.h"
#include "reg.h"

#define ACCESSES	3000	/* of a round */
#define RUNS		40	/* calls of nvgpu_run() that a round lasts */
#define RUN_BUDGET	500
#define WINDOW_END	128	/* bytes at either end of an array of registers */
#define SEGMENTS	24
#define SEGMENT_WORDS	64
#define MTHD_WORDS	12	/* of one header, at most */
#define SUBCHANNELS	8
#define MEMORY_ROUNDS	16
/* The copy class's methods, and fields of its launch: clc0b5.h */
#define COPY_SUBCHANNEL	4
#define COPY_LAUNCH	0x300
#define COPY_TRANSFER		(2u << 0)
#define COPY_PITCH		(3u << 7)
#define COPY_LINES		(1u << 9)
#define COPY_OFFSET_IN	0x400
#define LOW_VRAM	PUSH_DATA	/* all that the GPU reads lies below */

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t split_mix(struct hostile *h)
{
	uint64_t z = h->random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* Nothing is left to decide by: from now on all is 0. */
static bool spent(const struct hostile *h)
{
	return h->data && h->at == h->size;
}

static uint64_t take(struct hostile *h, unsigned int bytes)
{
	uint64_t taken = 0;

	if (!h->data)
		return split_mix(h);
	while (bytes-- && !spent(h))
		taken = taken << 8 | h->data[h->at++];
	return taken;
}

static uint64_t random64(struct hostile *h)
{
	return take(h, 8);
}

/* No more bytes than it needs: what changes one shall change one thing. */
static uint32_t below(struct hostile *h, uint32_t n)
{
	return take(h, n <= 1u << 8 ? 1 : n <= 1u << 16 ? 2 : 4) % n;
}

/* What breaks things: bounds, bits, addresses of something, anything. */
static uint32_t value(struct hostile *h)
{
	switch (below(h, 8)) {
	case 0:
		return 0;
	case 1:
		return ~0u;
	case 2:
		return 1u << below(h, 32);
	case 3:
		return below(h, 64);
	case 4:
		return -1u - below(h, 64);
	case 5:
		return below(h, LOW_VRAM >> 12);
	case 6:
		return below(h, 2 * PUSH_DATA_SIZE) + PUSH_DATA;
	default:
		return random64(h);
	}
}

static void run_for_a_while(struct nvgpu *gpu, struct fake_host *host)
{
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		if (nvgpu_run(gpu, RUN_BUDGET) != NVGPU_RUN_IDLE)
			continue;
		if (host->alarm == UINT64_MAX || !host->alarm)
			break;
		host->now = host->alarm;
		nvgpu_alarm(gpu);
	}
}

static struct push_test *open_gpu(struct hostile *h)
{
	const struct nvgpu_config config = {
		.chip = below(h, 2) ? "gp107" : "gp100",
		.vram_size = 64u << 20,
		.fault_entries = SM_FAULT_ENTRIES,
		.seed = h->seed,
	};
	struct push_test *test;
	void *state;

	push_setup_config(&state, &config);
	test = state;
	test->host.quiet = true;
	return test;
}

static void close_gpu(struct push_test *test)
{
	void *state = test;

	push_teardown(&state);
}

/* ---- registers ---- */

/* Addresses that are registers of a chip. */
static struct registers {
	const struct nvgpu_chip *chip;
	uint32_t addr[NVGPU_BAR0_SIZE / 4];
	unsigned int nr;
} all_registers[2];

/* Windows on memory would be nearly all there is: they count as their ends. */
static void list_array(struct registers *list, uint32_t first, uint32_t end)
{
	uint32_t addr;

	for (addr = first; addr < end; addr += 4) {
		if (addr - first < WINDOW_END || end - addr <= WINDOW_END)
			list->addr[list->nr++] = addr;
	}
}

static const struct registers *list_registers(struct nvgpu *gpu)
{
	struct registers *list = all_registers;
	uint32_t addr, end;
	const char *name;

	if (list->chip && list->chip != gpu->chip)
		list++;
	if (list->chip == gpu->chip)
		return list;
	list->chip = gpu->chip;
	list->nr = 0;
	for (addr = 0; addr < NVGPU_BAR0_SIZE; addr = end) {
		name = nvgpu_reg_name(gpu, addr);
		for (end = addr + 4; end < NVGPU_BAR0_SIZE; end += 4) {
			if (strcmp(nvgpu_reg_name(gpu, end), name))
				break;
		}
		if (strcmp(name, "?"))
			list_array(list, addr, end);
	}
	assert_true(list->nr > 0);
	return list;
}

static void access_bar(struct hostile *h, struct nvgpu *gpu)
{
	static const uint64_t sizes[] = {
		NVGPU_BAR0_SIZE, NVGPU_BAR1_SIZE, NVGPU_BAR2_SIZE,
	};
	const unsigned int size = 1u << below(h, 4);
	const int bar = below(h, 3);
	const uint64_t addr = random64(h) % sizes[bar] & ~(size - 1ull);

	if (below(h, 2))
		nvgpu_bar_read(gpu, bar, addr, size);
	else
		nvgpu_bar_write(gpu, bar, addr, random64(h), size);
}

void hostile_registers(struct hostile *h)
{
	struct push_test *test = open_gpu(h);
	const struct registers *list = list_registers(test->gpu);
	unsigned int i, at = 0;

	push_runlist1(&test->chan[1], PUSH_GR);
	for (i = 0; i < ACCESSES && !spent(h); i++) {
		/* Registers that belong together are neighbours. */
		if (below(h, 4))
			at = (at + list->nr - 4 + below(h, 9)) % list->nr;
		else
			at = below(h, list->nr);

		if (below(h, 32) == 0)
			access_bar(h, test->gpu);
		else if (below(h, 4) == 0)
			fake_rd32(test->gpu, list->addr[at]);
		else
			fake_wr32(test->gpu, list->addr[at], value(h));
		if (below(h, 64) == 0)
			run_for_a_while(test->gpu, &test->host);
	}
	run_for_a_while(test->gpu, &test->host);
	close_gpu(test);
}

/* ---- push buffers ---- */

static const uint32_t classes[] = {
	0xc097, 0xc0c0, 0xa140, 0x902d, 0xc0b5, 0xc197, 0xc1c0,
};

static void push_random_words(struct hostile *h, struct push_chan *chan)
{
	unsigned int i, count, left = SEGMENT_WORDS;

	while (left) {
		count = below(h, left < MTHD_WORDS ? left : MTHD_WORDS);
		push_header(chan, below(h, 8), below(h, SUBCHANNELS),
			    below(h, 2) ? below(h, 0x4000) : below(h, 0x800),
			    below(h, 16) ? count : below(h, 0x2000));
		for (i = 0; i < count; i++)
			push_word(chan, value(h));
		left -= count + 1;
	}
	push_segment(chan);
	if (below(h, 4) == 0)
		push_gp_raw(chan, random64(h));
}

/* A copy that is right, but for what is not. */
static void push_copy(struct hostile *h, struct push_chan *chan)
{
	const uint32_t right[] = {
		0, PUSH_DATA, 0, PUSH_DATA + PUSH_DATA_SIZE / 2,
		below(h, 0x10000), below(h, 0x10000), below(h, 0x10000),
		below(h, 8),
	};
	uint32_t launch = COPY_TRANSFER | COPY_PITCH | below(h, 2) * COPY_LINES;
	unsigned int i;

	push_header(chan, PUSH_INC, COPY_SUBCHANNEL, COPY_OFFSET_IN,
		    ARRAY_SIZE(right));
	for (i = 0; i < ARRAY_SIZE(right); i++)
		push_word(chan, below(h, 16) ? right[i] : value(h));
	if (below(h, 4) == 0)
		launch ^= 1u << below(h, 32);
	push_mthd(chan, COPY_SUBCHANNEL, COPY_LAUNCH, launch);
	push_segment(chan);
}

static void push_everything(struct hostile *h, struct push_chan *chan)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		push_object(chan, i, classes[i]);
	/* Most of what is random ends the channel. */
	for (i = 0; i < SEGMENTS && !spent(h); i++) {
		if (below(h, 8))
			push_copy(h, chan);
		else
			push_random_words(h, chan);
	}
	push_kick(chan);
}

void hostile_pushes(struct hostile *h)
{
	struct push_test *test = open_gpu(h);

	push_runlist1(&test->chan[1], PUSH_GR);
	push_runlist1(&test->chan[2], PUSH_CE);
	push_everything(h, &test->chan[1]);
	push_everything(h, &test->chan[2]);
	run_for_a_while(test->gpu, &test->host);
	close_gpu(test);
}

/* ---- what the GPU reads: instances, page tables, runlists, push buffers ---- */

static void spoil_memory(struct hostile *h, struct push_test *test)
{
	unsigned int i, nr = 1 + below(h, 64);

	for (i = 0; i < nr && !spent(h); i++) {
		struct push_chan *chan = &test->chan[below(h, PUSH_CHANS)];
		uint64_t at = push_inst(chan) + below(h, 0x400) * 4;

		if (below(h, 2))
			at = below(h, LOW_VRAM / 4) * 4ull;
		fake_vram_wr32(test->gpu, at, below(h, 4) ? value(h) :
			       fake_vram_rd32(test->gpu, at) ^ 1u << below(h, 32));
	}
}

/* Memory is all that is wrong: what has been pushed reads and writes it. */
static void push_harmless(struct push_chan *chan, uint32_t cls, uint32_t round)
{
	push_object(chan, 0, cls);
	push_release(chan, PUSH_DATA, round);
	push_release(chan, PUSH_SYS, round);
	push_kick(chan);
}

static void random_runlist(struct hostile *h, struct push_test *test)
{
	uint64_t entries[16];
	unsigned int i, nr = below(h, ARRAY_SIZE(entries) + 1);

	for (i = 0; i < nr; i++)
		entries[i] = below(h, 2) ? random64(h) :
			push_inst(&test->chan[below(h, PUSH_CHANS)]) >> 12 << 32 |
			below(h, PUSH_CHANS);
	push_runlist_raw(test, below(h, 4), entries, nr);
}

void hostile_memory(struct hostile *h)
{
	struct push_test *test = open_gpu(h);
	unsigned int i;

	push_runlist1(&test->chan[1], PUSH_GR);
	push_runlist1(&test->chan[2], PUSH_CE);
	for (i = 0; i < MEMORY_ROUNDS && !spent(h); i++) {
		spoil_memory(h, test);
		if (below(h, 2))
			random_runlist(h, test);
		if (below(h, 2))
			push_bind(&test->chan[below(h, PUSH_CHANS)]);
		push_harmless(&test->chan[1], PUSH_CLASS_COMPUTE, i);
		push_harmless(&test->chan[2], PUSH_CLASS_COPY, i);
		run_for_a_while(test->gpu, &test->host);
	}
	close_gpu(test);
}

/* ---- machine code, and what a launch says of it ---- */

static const struct kernel *const kernels[] = {
	&kernel_vadd, &kernel_saxpy, &kernel_matmul, &kernel_chase,
	&kernel_histogram, &kernel_global_hist, &kernel_diverge,
	&kernel_reduce,
};

static void spoil_code(struct hostile *h, struct sm *sm, const struct kernel *kernel)
{
	uint64_t code[SM_CODE_PAGES * SM_PAGE / 8];
	unsigned int i, changes = 1 + below(h, 3);

	memcpy(code, kernel->code, kernel->words * 8);
	for (i = 0; i < changes; i++) {
		uint64_t *word = &code[below(h, kernel->words)];

		if (below(h, 16))
			*word ^= 1ull << below(h, 64);
		else
			*word = random64(h);
	}
	sm_raw_code(sm, code, kernel->words);
}

static void spoil_grid(struct hostile *h, struct nvgpu_grid *grid)
{
	switch (below(h, 6)) {
	case 0:
		grid->registers = below(h, 300);
		break;
	case 1:
		grid->shared_size = value(h) & 0xffff;
		break;
	case 2:
		grid->cta_dim[below(h, 3)] = 1 + below(h, 8);
		break;
	case 3:
		grid->cb[below(h, 2) * KERNEL_AUX_BANK] = value(h);
		break;
	case 4:
		grid->barriers = below(h, 20);
		break;
	default:
		break;
	}
}

/* Where arguments point to, and what is there. */
static void spoil_data(struct hostile *h, struct sm *sm)
{
	uint64_t holes = random64(h) & random64(h) & random64(h);
	uint64_t in_ram = random64(h);
	unsigned int i;

	for (i = 0; i < SM_DATA_PAGES; i++) {
		if (holes >> i & 1)
			sm_unmap(sm, i);
		else
			sm_map(sm, i, in_ram >> i & 1 ? PT_SYS : PT_VRAM);
	}
	for (i = 0; i < 6; i++)
		sm_arg64(sm, i * 8,
			 SM_DATA + below(h, SM_DATA_PAGES) * SM_PAGE);
}

static void run_program(struct hostile *h, struct sm *sm)
{
	const struct kernel *kernel = kernels[below(h, ARRAY_SIZE(kernels))];
	unsigned int i;

	sm_kernel(sm, kernel, 64, 1, 32, 1);
	spoil_code(h, sm, kernel);
	spoil_grid(h, &sm->grid);
	spoil_data(h, sm);
	sm_invalidate(sm);
	sm->gpu->config.sm_scalar = below(h, 2);
	if (!nvgpu_sm_launch(sm->gpu, sm->chan, &sm->grid))
		return;
	for (i = 0; i < RUNS && !nvgpu_sm_idle(sm->gpu); i++) {
		if (!nvgpu_sm_run(sm->gpu, RUN_BUDGET))
			nvgpu_sm_replay(sm->gpu);
	}
	nvgpu_sm_abort(sm->gpu);
	sm_chan_revive(sm);
}

void hostile_programs(struct hostile *h)
{
	struct nvgpu_grid plain;
	struct sm *sm;
	void *state;

	sm_setup(&state);
	sm = state;
	plain = sm->grid;
	do {
		sm->grid = plain;
		run_program(h, sm);
	} while (h->data && !spent(h));
	sm_teardown(&state);
}

/* ---- afterwards ---- */

void hostile_over(void)
{
	const uint64_t in = 0, out = SM_PAGE;
	struct sm *sm;
	void *state;
	unsigned int i;

	sm_setup(&state);
	sm = state;
	sm_map_all(sm, PT_VRAM);
	sm_kernel(sm, &kernel_vadd, SM_LANES, 1, SM_LANES, 1);
	sm_arg64(sm, 0, SM_DATA + in);
	sm_arg64(sm, 8, SM_DATA + in);
	sm_arg64(sm, 16, SM_DATA + out);
	for (i = 0; i < SM_LANES; i++)
		sm_wr32(sm, PT_VRAM, in + i * 4, 3 * i + 1);
	sm_launch(sm);
	assert_true(sm_run(sm));
	for (i = 0; i < SM_LANES; i++)
		assert_int_equal(sm_rd32(sm, PT_VRAM, out + i * 4), 6 * i + 2);
	sm_teardown(&state);
}
