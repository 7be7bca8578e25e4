// SPDX-License-Identifier: GPL-2.0-or-later
/* Copy engines: transfers, layouts, remapping, semaphores, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "fifo_priv.h"
#include "push.h"

#define RUNS		1000
#define SUBC		4

/* Methods, and fields of LAUNCH_DMA: clc0b5.h. */
#define SEMAPHORE	0x240
#define RENDER_ENABLE_C	0x25c
#define SRC_PHYS_MODE	0x260
#define DST_PHYS_MODE	0x264
#define LAUNCH		0x300
#define   TRANSFER		(2u << 0)
#define   RELEASE1		(1u << 3)
#define   RELEASE4		(2u << 3)
#define   INTR_BLOCK		(1u << 5)
#define   INTR_NONBLOCK		(2u << 5)
#define   PITCH			(3u << 7)
#define   MULTI_LINE		(1u << 9)
#define   REMAP			(1u << 10)
#define   SRC_PHYS		(1u << 12)
#define   DST_PHYS		(1u << 13)
#define OFFSET_IN	0x400
#define REMAP_CONST_A	0x700
#define REMAP_CONST_B	0x704
#define REMAP_COMPONENTS	0x708

#define SRC		PUSH_DATA
#define DST		(PUSH_DATA + 0x20000)

/** struct copy - operands of one copy */
struct copy {
	uint64_t src, dst;
	uint32_t src_pitch, dst_pitch, length, lines, launch;
};

static uint64_t counter(struct push_test *test, const char *name)
{
	return nvgpu_counter(test->gpu, name);
}

static uint8_t *vram(struct push_test *test, uint64_t pa)
{
	return test->gpu->vram + pa;
}

static void fill(struct push_test *test, uint64_t pa, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < len; i++)
		vram(test, pa)[i] = i * 7 + (i >> 8) + 1;
}

static struct push_chan *copy_chan(struct push_test *test)
{
	struct push_chan *chan = &test->chan[1];

	push_runlist1(chan, PUSH_CE);
	push_object(chan, SUBC, PUSH_CLASS_COPY);
	return chan;
}

static void copy(struct push_chan *chan, const struct copy *c)
{
	push_header(chan, PUSH_INC, SUBC, OFFSET_IN, 8);
	push_word(chan, c->src >> 32);
	push_word(chan, c->src);
	push_word(chan, c->dst >> 32);
	push_word(chan, c->dst);
	push_word(chan, c->src_pitch);
	push_word(chan, c->dst_pitch);
	push_word(chan, c->length);
	push_word(chan, c->lines);
	push_mthd(chan, SUBC, LAUNCH, c->launch);
}

static void run_copy(struct push_chan *chan, const struct copy *c)
{
	copy(chan, c);
	push_kick(chan);
	fake_run(chan->test->gpu, RUNS);
}

static void quiet_and_correct(struct push_test *test)
{
	assert_int_equal(counter(test, "unknown"), 0);
	assert_int_equal(counter(test, "guest_errors"), 0);
	assert_int_equal(counter(test, "faults_fatal"), 0);
}

static void one_line(void **state)
{
	struct push_test *test = *state;
	const struct copy c = {
		.src = SRC + 3, .dst = DST + 0xffe, .length = 10001,
		.lines = 99, .launch = TRANSFER | PITCH,
	};

	fill(test, SRC, 0x4000);
	memset(vram(test, DST), 0xee, 0x4000);
	run_copy(copy_chan(test), &c);
	assert_memory_equal(vram(test, DST + 0xffe), vram(test, SRC + 3),
			    10001);
	assert_int_equal(*vram(test, DST + 0xffd), 0xee);
	assert_int_equal(*vram(test, DST + 0xffe + 10001), 0xee);
	assert_int_equal(counter(test, "ce_bytes"), 10001);
	assert_int_equal(counter(test, "ce_jobs"), 1);
	quiet_and_correct(test);
}

static void lines_with_pitches(void **state)
{
	struct push_test *test = *state;
	const struct copy c = {
		.src = SRC, .dst = DST, .src_pitch = 100, .dst_pitch = 300,
		.length = 50, .lines = 20,
		.launch = TRANSFER | PITCH | MULTI_LINE,
	};
	unsigned int i;

	fill(test, SRC, 0x2000);
	memset(vram(test, DST), 0xee, 0x2000);
	run_copy(copy_chan(test), &c);
	for (i = 0; i < 20; i++) {
		assert_memory_equal(vram(test, DST + 300 * i),
				    vram(test, SRC + 100 * i), 50);
		assert_int_equal(*vram(test, DST + 300 * i + 50), 0xee);
	}
	assert_int_equal(*vram(test, DST + 300 * 20), 0xee);
	quiet_and_correct(test);
}

static void negative_pitch(void **state)
{
	struct push_test *test = *state;
	const struct copy c = {
		.src = SRC + 0x1000, .dst = DST, .src_pitch = -0x100u,
		.dst_pitch = 0x100, .length = 0x100, .lines = 16,
		.launch = TRANSFER | PITCH | MULTI_LINE,
	};
	unsigned int i;

	fill(test, SRC, 0x2000);
	run_copy(copy_chan(test), &c);
	for (i = 0; i < 16; i++)
		assert_memory_equal(vram(test, DST + 0x100 * i),
				    vram(test, SRC + 0x1000 - 0x100 * i),
				    0x100);
}

/* As the driver moves device memory: both addresses physical. */
static void physical(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = PUSH_DATA, .dst = 0x20000, .src_pitch = 0x1000,
		.dst_pitch = 0x1000, .length = 0x1000, .lines = 4,
		.launch = TRANSFER | PITCH | MULTI_LINE | SRC_PHYS | DST_PHYS,
	};

	fill(test, PUSH_DATA, 0x4000);
	push_header(chan, PUSH_IMMD, SUBC, SRC_PHYS_MODE, 0);
	push_header(chan, PUSH_IMMD, SUBC, DST_PHYS_MODE, 1);
	run_copy(chan, &c);
	assert_memory_equal(test->host.ram + 0x20000, vram(test, PUSH_DATA),
			    0x4000);
	quiet_and_correct(test);
}

static int setup_faulty(void **state)
{
	static const struct nvgpu_config faulty = {
		.vram_size = 64u << 20,
		.copy_faults = 2,
	};

	return push_setup_config(state, &faulty);
}

/* The second one writes nothing, and nothing comes after it. */
static void physical_fault(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = PUSH_DATA, .dst = 0x20000, .length = 0x1000,
		.launch = TRANSFER | PITCH | SRC_PHYS | DST_PHYS,
	};

	fill(test, PUSH_DATA, 0x1000);
	push_header(chan, PUSH_IMMD, SUBC, SRC_PHYS_MODE, 0);
	push_header(chan, PUSH_IMMD, SUBC, DST_PHYS_MODE, 1);
	run_copy(chan, &c);
	assert_memory_equal(test->host.ram + 0x20000, vram(test, PUSH_DATA),
			    0x1000);
	memset(test->host.ram + 0x20000, 0xee, 0x1000);
	copy(chan, &c);
	push_release(chan, SRC, 77);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(test->host.ram[0x20000], 0xee);
	assert_int_not_equal(fake_vram_rd32(test->gpu, SRC), 77);
	assert_int_not_equal(fake_rd32(test->gpu, 0x259c), 0);
}

static void physical_to_virtual(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = 0x30000, .dst = DST, .length = 0x1800,
		.launch = TRANSFER | PITCH | SRC_PHYS,
	};

	memset(test->host.ram + 0x30000, 0x5a, 0x1800);
	push_header(chan, PUSH_IMMD, SUBC, SRC_PHYS_MODE, 2);
	run_copy(chan, &c);
	assert_memory_equal(vram(test, DST), test->host.ram + 0x30000, 0x1800);
	quiet_and_correct(test);
}

/* The bus refuses: seen in the counter, and the channel lives on. */
static void physical_refused(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = 0x40000, .length = 0x100,
		.launch = TRANSFER | PITCH | DST_PHYS,
	};

	test->host.quiet = true;
	test->host.refuse = 0x40000;
	push_header(chan, PUSH_IMMD, SUBC, DST_PHYS_MODE, 1);
	copy(chan, &c);
	push_release(chan, SRC, 77);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "dma_errors"), 1);
	assert_int_equal(fake_vram_rd32(test->gpu, SRC), 77);
}

/* As the driver clears device memory. */
static void clear_with_constants(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		/* Nobody may look at the source. */
		.src = PUSH_HOLE, .dst = DST, .length = 0x3000 / 8,
		.launch = TRANSFER | PITCH | REMAP | DST_PHYS,
	};
	unsigned int i;

	memset(vram(test, DST), 0xee, 0x4000);
	push_mthd(chan, SUBC, REMAP_CONST_A, 0x11223344);
	push_mthd(chan, SUBC, REMAP_CONST_B, 0x55667788);
	push_mthd(chan, SUBC, REMAP_COMPONENTS,
		  4 | 5 << 4 | 3 << 16 | 1 << 24);
	push_header(chan, PUSH_IMMD, SUBC, DST_PHYS_MODE, 0);
	run_copy(chan, &c);
	for (i = 0; i < 0x3000; i += 8) {
		assert_int_equal(fake_vram_rd32(test->gpu, DST + i),
				 0x11223344);
		assert_int_equal(fake_vram_rd32(test->gpu, DST + i + 4),
				 0x55667788);
	}
	assert_int_equal(*vram(test, DST + 0x3000), 0xee);
	assert_int_equal(counter(test, "ce_bytes"), 0x3000);
	quiet_and_correct(test);
}

static void remap_swaps_components(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = DST, .length = 3000,
		.launch = TRANSFER | PITCH | REMAP,
	};
	unsigned int i;

	fill(test, SRC, 0x8000);
	push_mthd(chan, SUBC, REMAP_CONST_A, 0xabcd);
	/* 2 byte components: x y z -> z, A, x, y */
	push_mthd(chan, SUBC, REMAP_COMPONENTS, 2 | 4 << 4 | 0 << 8 | 1 << 12 |
		  1 << 16 | 2 << 20 | 3 << 24);
	run_copy(chan, &c);
	for (i = 0; i < 3000; i++) {
		const uint8_t *in = vram(test, SRC + 6 * i);
		const uint8_t *out = vram(test, DST + 8 * i);

		assert_memory_equal(out, in + 4, 2);
		assert_int_equal(out[2] | out[3] << 8, 0xabcd);
		assert_memory_equal(out + 4, in, 4);
	}
	quiet_and_correct(test);
}

static void remap_keeps_components(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = DST, .length = 2000,
		.launch = TRANSFER | PITCH | REMAP,
	};
	unsigned int i;

	memset(vram(test, DST), 0xee, 0x2000);
	push_mthd(chan, SUBC, REMAP_CONST_B, 0x77);
	/* 1 byte components: keep, B, keep */
	push_mthd(chan, SUBC, REMAP_COMPONENTS, 6 | 5 << 4 | 6 << 8 | 2 << 24);
	run_copy(chan, &c);
	for (i = 0; i < 2000; i++) {
		assert_int_equal(*vram(test, DST + 3 * i), 0xee);
		assert_int_equal(*vram(test, DST + 3 * i + 1), 0x77);
		assert_int_equal(*vram(test, DST + 3 * i + 2), 0xee);
	}
	assert_int_equal(counter(test, "ce_bytes"), 2000);
	quiet_and_correct(test);
}

static void bad_remap_is_an_error(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = DST, .length = 10,
		.launch = TRANSFER | PITCH | REMAP,
	};

	test->host.quiet = true;
	/* takes component 1 of a source with one */
	push_mthd(chan, SUBC, REMAP_COMPONENTS, 1);
	run_copy(chan, &c);
	assert_int_equal(counter(test, "guest_errors"), 1);
	assert_int_equal(counter(test, "ce_bytes"), 0);
}

static void semaphores(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = { .launch = RELEASE1 };

	memset(vram(test, DST), 0xee, 0x40);
	push_header(chan, PUSH_INC, SUBC, SEMAPHORE, 3);
	push_word(chan, DST >> 32);
	push_word(chan, (uint32_t)DST);
	push_word(chan, 0x1234);
	copy(chan, &c);
	push_mthd(chan, SUBC, SEMAPHORE + 4, DST + 0x10);
	push_mthd(chan, SUBC, LAUNCH, RELEASE4);
	push_kick(chan);
	test->host.now = 0x100000020ull;
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_vram_rd32(test->gpu, DST), 0x1234);
	assert_int_equal(fake_vram_rd32(test->gpu, DST + 4), 0xeeeeeeee);
	assert_int_equal(fake_vram_rd32(test->gpu, DST + 0x10), 0x1234);
	assert_int_equal(fake_vram_rd32(test->gpu, DST + 0x14), 0);
	assert_int_equal(fake_vram_rd32(test->gpu, DST + 0x18), 0x20);
	assert_int_equal(fake_vram_rd32(test->gpu, DST + 0x1c), 1);
	quiet_and_correct(test);
}

static void interrupt(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);

	push_mthd(chan, SUBC, LAUNCH, INTR_NONBLOCK);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(fake_rd32(test->gpu, PFIFO_INTR) &
			 PFIFO_INTR_NONSTALL, PFIFO_INTR_NONSTALL);
	quiet_and_correct(test);
}

static void unmodelled_is_loud(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy block_linear = {
		.src = SRC, .dst = DST, .length = 64,
		.launch = TRANSFER | MULTI_LINE,
	};

	test->host.quiet = true;
	memset(vram(test, DST), 0xee, 64);
	push_mthd(chan, SUBC, 0x110, 1);	/* no such method */
	copy(chan, &block_linear);
	push_mthd(chan, SUBC, LAUNCH, INTR_BLOCK);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	assert_int_equal(counter(test, "unknown"), 3);
	assert_int_equal(*vram(test, DST), 0xee);
}

static void render_disabled(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = DST, .length = 64,
		.launch = TRANSFER | PITCH,
	};

	push_mthd(chan, SUBC, RENDER_ENABLE_C, 0);
	run_copy(chan, &c);
	assert_int_equal(counter(test, "ce_bytes"), 0);
	push_mthd(chan, SUBC, RENDER_ENABLE_C, 1);
	run_copy(chan, &c);
	assert_int_equal(counter(test, "ce_bytes"), 64);
}

/* A big copy gives the embedder its lock back in between. */
static void budget_is_kept(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = DST, .src_pitch = 0x1000,
		.dst_pitch = 0x1000, .length = 0x1000, .lines = 16,
		.launch = TRANSFER | PITCH | MULTI_LINE,
	};
	unsigned int runs = 0;

	fill(test, SRC, 0x10000);
	copy(chan, &c);
	push_kick(chan);
	while (nvgpu_run(test->gpu, 4) == NVGPU_RUN_BUSY)
		runs++;
	assert_in_range(runs, 27 / 4, 100);
	assert_memory_equal(vram(test, DST), vram(test, SRC), 0x10000);
}

static uint32_t fault_reg(struct push_test *test, unsigned int unit,
			  unsigned int word)
{
	return fake_rd32(test->gpu, 0x2800 + unit * 16 + word * 4);
}

/* Fault unit and hub client of CE2, dev_fault.h of gp100. */
#define UNIT_CE2	0x1b
#define CLIENT_CE2	0x18

static void check_fault(struct push_test *test, uint64_t va,
			enum nvgpu_access access)
{
	uint32_t info;

	assert_int_equal(fake_rd32(test->gpu, 0x259c), 1u << UNIT_CE2);
	assert_int_equal(fault_reg(test, UNIT_CE2, 0),
			 push_inst(&test->chan[1]) >> 12);
	assert_int_equal(fault_reg(test, UNIT_CE2, 1), va & ~0xfffull);
	info = fault_reg(test, UNIT_CE2, 3);
	assert_int_equal(info >> 8 & 0x7f, CLIENT_CE2);
	assert_int_equal(info >> 16 & 7, access);
	assert_int_equal(info >> 20 & 1, 1);
	assert_int_equal(counter(test, "faults_fatal"), 1);
	assert_int_equal(counter(test, "faults_replayable"), 0);
	/* the engine is stuck with the TSG until it is reset */
	assert_int_equal(fake_rd32(test->gpu, 0x2640 + 3 * 8) & 0xe000ffffu,
			 0xc0003000u | PUSH_TSG(&test->chan[1]));
}

static void write_fault_writes_nothing(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		/* the chunk's first half is mapped */
		.src = SRC, .dst = PUSH_DATA + PUSH_DATA_SIZE - 0x800,
		.length = 0x1000, .launch = TRANSFER | PITCH,
	};

	fill(test, SRC, 0x1000);
	memset(vram(test, c.dst), 0xee, 0x800);
	copy(chan, &c);
	push_release(chan, SRC, 99);
	push_kick(chan);
	fake_run(test->gpu, RUNS);
	check_fault(test, PUSH_DATA + PUSH_DATA_SIZE, NVGPU_ACCESS_WRITE);
	assert_int_equal(*vram(test, c.dst), 0xee);
	assert_int_equal(counter(test, "ce_bytes"), 0);
	/* dead: the release never happens */
	assert_int_not_equal(fake_vram_rd32(test->gpu, SRC), 99);
}

static void read_fault_writes_nothing(void **state)
{
	struct push_test *test = *state;
	const struct copy c = {
		.src = PUSH_DATA + PUSH_DATA_SIZE - 0x800, .dst = DST,
		.length = 0x1000, .launch = TRANSFER | PITCH,
	};

	memset(vram(test, DST), 0xee, 0x1000);
	run_copy(copy_chan(test), &c);
	check_fault(test, PUSH_DATA + PUSH_DATA_SIZE, NVGPU_ACCESS_READ);
	assert_int_equal(*vram(test, DST), 0xee);
}

/* Components that are kept do not make a fault come half way. */
static void partial_write_fault_writes_nothing(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.dst = PUSH_DATA + PUSH_DATA_SIZE - 0x800,
		.length = 0x1000 / 2, .launch = TRANSFER | PITCH | REMAP,
	};

	memset(vram(test, c.dst), 0xee, 0x800);
	push_mthd(chan, SUBC, REMAP_COMPONENTS, 4 | 6 << 4 | 1 << 24);
	run_copy(chan, &c);
	check_fault(test, PUSH_DATA + PUSH_DATA_SIZE, NVGPU_ACCESS_WRITE);
	assert_int_equal(*vram(test, c.dst), 0xee);
}

static void read_only_page(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = copy_chan(test);
	const struct copy c = {
		.src = SRC, .dst = PUSH_CODE, .length = 16,
		.launch = TRANSFER | PITCH,
	};

	pt_map(&chan->pt, PUSH_CODE, PT_4K, 0x3000000, PT_VRAM | PT_RO);
	run_copy(chan, &c);
	check_fault(test, PUSH_CODE, NVGPU_ACCESS_WRITE);
	assert_int_equal(fault_reg(test, UNIT_CE2, 3) & 0x1f, NVGPU_FAULT_RO);
}

/* Chunks before the fault stay: only a chunk is all or nothing. */
static void earlier_chunks_stay(void **state)
{
	struct push_test *test = *state;
	const struct copy c = {
		.src = SRC, .dst = PUSH_DATA + PUSH_DATA_SIZE - 0x1000,
		.length = 0x2000, .launch = TRANSFER | PITCH,
	};

	fill(test, SRC, 0x2000);
	run_copy(copy_chan(test), &c);
	check_fault(test, PUSH_DATA + PUSH_DATA_SIZE, NVGPU_ACCESS_WRITE);
	assert_memory_equal(vram(test, c.dst), vram(test, SRC), 0x1000);
}

/* On the graphics runlist each run queue has its own engine. */
static void run_queue_chooses_the_engine(void **state)
{
	struct push_test *test = *state;
	struct push_chan *chan = &test->chan[1];
	const uint64_t entry = push_inst(chan) >> 12 << 32 | 1u << 14 |
			       chan->id;
	const struct copy c = {
		.src = PUSH_HOLE, .dst = DST, .length = 4,
		.launch = TRANSFER | PITCH,
	};

	push_object(chan, SUBC, PUSH_CLASS_COPY);
	push_runlist_raw(test, PUSH_GR, &entry, 1);
	run_copy(chan, &c);
	assert_int_equal(fake_rd32(test->gpu, 0x259c), 1u << 0x16);
	assert_int_equal(fault_reg(test, 0x16, 3) >> 8 & 0x7f, 0x02);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, push_setup, \
							push_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_line),
		TEST(lines_with_pitches),
		TEST(negative_pitch),
		TEST(physical),
		TEST(physical_to_virtual),
		TEST(physical_refused),
		cmocka_unit_test_setup_teardown(physical_fault, setup_faulty,
						push_teardown),
		TEST(clear_with_constants),
		TEST(remap_swaps_components),
		TEST(remap_keeps_components),
		TEST(bad_remap_is_an_error),
		TEST(semaphores),
		TEST(interrupt),
		TEST(unmodelled_is_loud),
		TEST(render_disabled),
		TEST(budget_is_kept),
		TEST(write_fault_writes_nothing),
		TEST(read_fault_writes_nothing),
		TEST(partial_write_fault_writes_nothing),
		TEST(read_only_page),
		TEST(earlier_chunks_stay),
		TEST(run_queue_chooses_the_engine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
