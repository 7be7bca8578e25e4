// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest that means harm, or has lost its mind: registers, push buffers,
 * memory that the GPU reads and machine code are random, or right but for a few
 * bits.  Whatever comes of it, the library must not read or write where it
 * should not (the tests run under ASan and UBSan), each call must return, and a
 * reset must bring the GPU back.
 *
 * NVGPU_HOSTILE_SEED: the first seed, instead of 0; NVGPU_HOSTILE_ROUNDS: how
 * many, instead of a few seconds' worth.  The seed of a crash is printed.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel_fixture.h"
#include "push.h"
#include "reg.h"

#define DEFAULT_ROUNDS	48
#define ACCESSES	3000	/* of a round */
#define RUNS		40	/* calls of nvgpu_run() that a round lasts */
#define RUN_BUDGET	500
#define SEGMENTS	24
#define SEGMENT_WORDS	64
#define MTHD_WORDS	12	/* of one header, at most */
#define PMC_BOOT_0	0x000000
#define SUBCHANNELS	8
#define LOW_VRAM	PUSH_DATA	/* all that the GPU reads lies below */

static unsigned int seed;
static bool finished;
static uint64_t state_of_random;

static void say_seed(void)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "NVGPU_HOSTILE_SEED=%u\n", seed);

	(void)!write(STDERR_FILENO, line, n);
}

/* How the sanitizers end a program. */
static void on_abort(int signal)
{
	say_seed();
}

/* cmocka's tear-down. */
static int say_where(void **state)
{
	if (!finished)
		say_seed();
	return 0;
}

/* SplitMix64 (Steele, Lea, Flood 2014) */
static uint64_t random64(void)
{
	uint64_t z = state_of_random += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static uint32_t below(uint32_t n)
{
	return random64() % n;
}

/* What breaks things: bounds, bits, addresses of something, anything. */
static uint32_t value(void)
{
	switch (below(8)) {
	case 0:
		return 0;
	case 1:
		return ~0u;
	case 2:
		return 1u << below(32);
	case 3:
		return below(64);
	case 4:
		return -1u - below(64);
	case 5:
		return below(LOW_VRAM >> 12);
	case 6:
		return below(2 * PUSH_DATA_SIZE) + PUSH_DATA;
	default:
		return random64();
	}
}

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

/* Each round with a GPU of its own. */
static void rounds(void (*round)(void))
{
	const unsigned int first = setting("NVGPU_HOSTILE_SEED", 0);
	const unsigned int nr = setting("NVGPU_HOSTILE_ROUNDS",
					DEFAULT_ROUNDS);

	finished = false;
	for (seed = first; seed < first + nr; seed++) {
		state_of_random = seed;
		round();
	}
	finished = true;
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

/* Chips by turns. */
static struct push_test *open_gpu(void)
{
	const struct nvgpu_config config = {
		.chip = seed % 2 ? "gp107" : "gp100",
		.vram_size = 64u << 20,
		.seed = seed,
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

/* Addresses that are registers, with their number at the end. */
static uint32_t *list_registers(struct nvgpu *gpu, unsigned int *nr)
{
	uint32_t *list = malloc(NVGPU_BAR0_SIZE), addr;

	assert_non_null(list);
	*nr = 0;
	for (addr = 0; addr < NVGPU_BAR0_SIZE; addr += 4) {
		if (strcmp(nvgpu_reg_name(gpu, addr), "?"))
			list[(*nr)++] = addr;
	}
	assert_true(*nr > 0);
	return list;
}

static void access_bar(struct nvgpu *gpu)
{
	static const uint64_t sizes[] = {
		NVGPU_BAR0_SIZE, NVGPU_BAR1_SIZE, NVGPU_BAR2_SIZE,
	};
	const unsigned int size = 1u << below(4);
	const int bar = below(3);
	const uint64_t addr = random64() % sizes[bar] & ~(size - 1ull);

	if (below(2))
		nvgpu_bar_read(gpu, bar, addr, size);
	else
		nvgpu_bar_write(gpu, bar, addr, random64(), size);
}

static void round_registers(void)
{
	struct push_test *test = open_gpu();
	unsigned int i, nr, at = 0;
	uint32_t *list;

	push_runlist1(&test->chan[1], PUSH_GR);
	list = list_registers(test->gpu, &nr);
	for (i = 0; i < ACCESSES; i++) {
		uint32_t addr;

		/* Registers that belong together are neighbours. */
		at = below(4) ? (at + nr - 4 + below(9)) % nr : below(nr);
		addr = list[at];

		if (below(32) == 0)
			access_bar(test->gpu);
		else if (below(4) == 0)
			fake_rd32(test->gpu, addr);
		else
			fake_wr32(test->gpu, addr, value());
		if (below(64) == 0)
			run_for_a_while(test->gpu, &test->host);
	}
	free(list);
	run_for_a_while(test->gpu, &test->host);
	close_gpu(test);
}

static void registers(void **state)
{
	rounds(round_registers);
}

/* ---- push buffers ---- */

static const uint32_t classes[] = {
	0xc097, 0xc0c0, 0xa140, 0x902d, 0xc0b5, 0xc197, 0xc1c0,
};

static void push_random_words(struct push_chan *chan)
{
	unsigned int i, count, left = SEGMENT_WORDS;

	while (left) {
		count = below(left < MTHD_WORDS ? left : MTHD_WORDS);
		push_header(chan, below(8), below(SUBCHANNELS),
			    below(2) ? below(0x4000) : below(0x800),
			    below(16) ? count : below(0x2000));
		for (i = 0; i < count; i++)
			push_word(chan, value());
		left -= count + 1;
	}
	push_segment(chan);
	if (below(4) == 0)
		push_gp_raw(chan, random64());
}

static void push_everything(struct push_chan *chan)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(classes); i++)
		push_object(chan, i, classes[i]);
	for (i = 0; i < SEGMENTS; i++)
		push_random_words(chan);
	push_kick(chan);
}

static void check_reset(struct nvgpu *gpu, uint32_t boot)
{
	nvgpu_reset(gpu);
	assert_int_equal(fake_rd32(gpu, PMC_BOOT_0), boot);
}

static void round_pushes(void)
{
	struct push_test *test = open_gpu();
	uint32_t boot;

	boot = fake_rd32(test->gpu, PMC_BOOT_0);
	push_runlist1(&test->chan[1], PUSH_GR);
	push_runlist1(&test->chan[2], PUSH_CE);
	push_everything(&test->chan[1]);
	push_everything(&test->chan[2]);
	run_for_a_while(test->gpu, &test->host);
	check_reset(test->gpu, boot);
	close_gpu(test);
}

static void pushes(void **state)
{
	rounds(round_pushes);
}

/* ---- what the GPU reads: instances, page tables, runlists, push buffers ---- */

static void spoil_memory(struct push_test *test)
{
	unsigned int i;

	for (i = 0; i < 256; i++) {
		struct push_chan *chan = &test->chan[below(PUSH_CHANS)];
		uint64_t at = push_inst(chan) + below(0x400) * 4;

		if (below(2))
			at = below(LOW_VRAM / 4) * 4ull;
		fake_vram_wr32(test->gpu, at, below(4) ? value() :
			       fake_vram_rd32(test->gpu, at) ^ 1u << below(32));
	}
}

static void random_runlist(struct push_test *test)
{
	uint64_t entries[16];
	unsigned int i, nr = below(ARRAY_SIZE(entries) + 1);

	for (i = 0; i < nr; i++)
		entries[i] = below(2) ? random64() :
			push_inst(&test->chan[below(PUSH_CHANS)]) >> 12 << 32 |
			below(PUSH_CHANS);
	push_runlist_raw(test, below(4), entries, nr);
}

static void round_memory(void)
{
	struct push_test *test = open_gpu();
	unsigned int i;
	uint32_t boot;

	boot = fake_rd32(test->gpu, PMC_BOOT_0);
	push_runlist1(&test->chan[1], PUSH_GR);
	push_everything(&test->chan[1]);
	for (i = 0; i < 4; i++) {
		spoil_memory(test);
		random_runlist(test);
		push_bind(&test->chan[below(PUSH_CHANS)]);
		push_kick(&test->chan[1]);
		run_for_a_while(test->gpu, &test->host);
	}
	check_reset(test->gpu, boot);
	close_gpu(test);
}

static void memory(void **state)
{
	rounds(round_memory);
}

/* ---- machine code, and what a launch says of it ---- */

static const struct kernel *const kernels[] = {
	&kernel_vadd, &kernel_saxpy, &kernel_matmul, &kernel_chase,
	&kernel_histogram, &kernel_global_hist, &kernel_diverge,
	&kernel_reduce,
};

static void spoil_code(struct sm *sm, const struct kernel *kernel)
{
	uint64_t code[SM_CODE_PAGES * SM_PAGE / 8];
	unsigned int i, changes = 1 + below(8);

	memcpy(code, kernel->code, kernel->words * 8);
	for (i = 0; i < changes; i++) {
		uint64_t *word = &code[below(kernel->words)];

		if (below(4))
			*word ^= 1ull << below(64);
		else
			*word = random64();
	}
	sm_raw_code(sm, code, kernel->words);
}

static void spoil_grid(struct nvgpu_grid *grid)
{
	switch (below(6)) {
	case 0:
		grid->registers = below(300);
		break;
	case 1:
		grid->shared_size = value() & 0xffff;
		break;
	case 2:
		grid->cta_dim[below(3)] = 1 + below(8);
		break;
	case 3:
		grid->cb[below(2) * KERNEL_AUX_BANK] = value();
		break;
	case 4:
		grid->barriers = below(20);
		break;
	default:
		break;
	}
}

static void round_programs(void)
{
	const struct kernel *kernel;
	unsigned int i;
	struct sm *sm;
	void *state;

	sm_setup(&state);
	sm = state;
	kernel = kernels[below(ARRAY_SIZE(kernels))];
	sm_kernel(sm, kernel, 64, 1, 32, 1);
	spoil_code(sm, kernel);
	for (i = 0; i < 6; i++)
		sm_arg64(sm, i * 8, SM_DATA + below(SM_DATA_PAGES) * SM_PAGE);
	for (i = 0; i < SM_DATA_PAGES; i++) {
		if (below(8))
			sm_map(sm, i, below(2) ? PT_VRAM : PT_SYS);
	}
	spoil_grid(&sm->grid);
	sm->gpu->config.sm_scalar = below(2);
	if (nvgpu_sm_launch(sm->gpu, sm->chan, &sm->grid)) {
		for (i = 0; i < RUNS; i++) {
			if (!nvgpu_sm_run(sm->gpu, RUN_BUDGET))
				nvgpu_sm_replay(sm->gpu);
		}
	}
	check_reset(sm->gpu, fake_rd32(sm->gpu, PMC_BOOT_0));
	sm_teardown(&state);
}

static void programs(void **state)
{
	rounds(round_programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(registers, say_where),
		cmocka_unit_test_teardown(pushes, say_where),
		cmocka_unit_test_teardown(memory, say_where),
		cmocka_unit_test_teardown(programs, say_where),
	};

	signal(SIGABRT, on_abort);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
