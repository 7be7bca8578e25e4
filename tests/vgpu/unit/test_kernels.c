// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Compiled kernels on data in VRAM, in system memory, and on data of which
 * nothing is there until it faults.  The CPU computes what must come out.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernel_fixture.h"

#define THREADS		1024u
#define MAX_ROUNDS	1000

/* Arrays of a test, by page of the data */
#define IN1		0
#define IN2		8
#define OUT		16
#define AT(page)	(SM_DATA + (uint64_t)(page) * SM_PAGE)
#define OFF(page, i)	((uint64_t)(page) * SM_PAGE + (i) * 4)

/* How the data is there; and on the slow path, lane by lane */
enum place { IN_VRAM, IN_RAM, FAULTING, SCALAR };
static const uint64_t place_bits[] = { PT_VRAM, PT_SYS, PT_SYS, PT_VRAM };

/* Map what faulted, and replay, until the grid is done. */
static void serve_faults(struct sm *sm)
{
	struct sm_packet packets[256];
	unsigned int i, n, rounds = 0;

	while (!sm_run(sm)) {
		n = sm_packets(sm, packets, ARRAY_SIZE(packets));
		assert_true(n > 0);
		assert_true(rounds++ < MAX_ROUNDS);
		for (i = 0; i < n; i++)
			sm_map(sm, (packets[i].va - SM_DATA) / SM_PAGE,
			       PT_SYS);
		nvgpu_sm_replay(sm->gpu);
	}
	assert_true(sm_counter(sm, "faults_replayable") > 0);
}

static void run(struct sm *sm, enum place place)
{
	sm->gpu->config.sm_scalar = place == SCALAR;
	if (place == FAULTING) {
		sm_launch(sm);
		serve_faults(sm);
		assert_int_equal(sm_counter(sm, "guest_errors"), 0);
		assert_false(sm_chan_dead(sm));
	} else {
		sm_map_all(sm, place_bits[place]);
		sm_complete(sm);
	}
}

static uint32_t noise(uint32_t i)
{
	i = (i ^ 61) ^ (i >> 16);
	i *= 9;
	i ^= i >> 4;
	i *= 0x27d4eb2d;
	return i ^ i >> 15;
}

/* Small numbers whose sums are exact in any order */
static float small(uint32_t i)
{
	return (int)(noise(i) % 64) - 32;
}

static uint32_t raw(float f)
{
	uint32_t v;

	memcpy(&v, &f, 4);
	return v;
}

static void vadd(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	unsigned int i;

	sm_kernel(sm, &kernel_vadd, THREADS, 1, 64, 1);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(IN2));
	sm_arg64(sm, 16, AT(OUT));
	for (i = 0; i < THREADS; i++) {
		sm_wr32(sm, bits, OFF(IN1, i), noise(i));
		sm_wr32(sm, bits, OFF(IN2, i), noise(i + THREADS));
	}
	run(sm, place);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)),
				 (uint32_t)(noise(i) + noise(i + THREADS)));
}

static void saxpy(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	unsigned int i;

	sm_kernel(sm, &kernel_saxpy, THREADS, 1, 32, 1);
	sm_arg32(sm, 0, raw(2.5f));
	sm_arg64(sm, 8, AT(IN1));
	sm_arg64(sm, 16, AT(OUT));
	for (i = 0; i < THREADS; i++) {
		sm_wr32(sm, bits, OFF(IN1, i), raw(small(i)));
		sm_wr32(sm, bits, OFF(OUT, i), raw(small(i + 5000)));
	}
	run(sm, place);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)),
				 raw(2.5f * small(i) + small(i + 5000)));
}

#define MAT	32u

static void matmul(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	unsigned int i, j, k;

	sm_kernel(sm, &kernel_matmul, MAT, MAT, 8, 8);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(IN2));
	sm_arg64(sm, 16, AT(OUT));
	sm_arg32(sm, 24, MAT);
	for (i = 0; i < MAT * MAT; i++) {
		sm_wr32(sm, bits, OFF(IN1, i), raw(small(i)));
		sm_wr32(sm, bits, OFF(IN2, i), raw(small(i + 7777)));
	}
	run(sm, place);
	for (i = 0; i < MAT; i++) {
		for (j = 0; j < MAT; j++) {
			float sum = 0;

			for (k = 0; k < MAT; k++)
				sum += small(i * MAT + k) *
				       small(k * MAT + j + 7777);
			assert_int_equal(sm_rd32(sm, bits,
						 OFF(OUT, i * MAT + j)),
					 raw(sum));
		}
	}
}

#define NODES	50u

/* Node i is at a random word of page i % 8: a fault at every step at first */
static uint64_t node_at(unsigned int i)
{
	return (i % 8) * SM_PAGE + (i / 8 * 37 % 200) * 16;
}

static void chase(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	uint32_t sum = 0;
	unsigned int i;

	sm_kernel(sm, &kernel_chase, 64, 1, 32, 1);
	sm_arg64(sm, 0, SM_DATA + node_at(0));
	sm_arg64(sm, 8, AT(OUT));
	for (i = 0; i < NODES; i++) {
		sm_wr64(sm, bits, node_at(i),
			i + 1 < NODES ? SM_DATA + node_at(i + 1) : 0);
		sm_wr32(sm, bits, node_at(i) + 8, noise(i));
		sum += noise(i);
	}
	run(sm, place);
	for (i = 0; i < 64; i++)
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)), sum);
}

#define BYTES	5000u

static uint8_t byte(unsigned int i)
{
	return noise(i) % 7 ? noise(i) >> 8 : 42;
}

static void fill_bytes(struct sm *sm, uint64_t bits)
{
	unsigned int i;

	for (i = 0; i < BYTES; i += 4)
		sm_wr32(sm, bits, OFF(IN1, i / 4),
			byte(i) | byte(i + 1) << 8 | byte(i + 2) << 16 |
			(uint32_t)byte(i + 3) << 24);
	for (i = 0; i < 256; i++)
		sm_wr32(sm, bits, OFF(OUT, i), i);
}

static void check_bins(struct sm *sm, uint64_t bits, unsigned int n)
{
	uint32_t bins[256];
	unsigned int i;

	for (i = 0; i < 256; i++)
		bins[i] = i;
	for (i = 0; i < n; i++)
		bins[byte(i)]++;
	for (i = 0; i < 256; i++)
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)), bins[i]);
}

static void histogram(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];

	sm_kernel(sm, &kernel_histogram, 512, 1, 128, 1);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(OUT));
	sm_arg32(sm, 16, BYTES);
	sm_arg64(sm, KERNEL_HIST_GLOBAL_SIZE, 512);
	fill_bytes(sm, bits);
	run(sm, place);
	check_bins(sm, bits, BYTES);
}

static void global_hist(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];

	sm_kernel(sm, &kernel_global_hist, 4096, 1, 256, 1);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(OUT));
	fill_bytes(sm, bits);
	run(sm, place);
	check_bins(sm, bits, 4096);
}

/* kernels.cl, diverge */
static int32_t diverge_cpu(int i, int32_t v)
{
	int n = 0;

	while (v != 1) {
		if (v <= 0)
			break;
		if (v & 1)
			v = 3 * v + 1;
		else
			v /= 2;
		if (n > 40) {
			if (i & 1)
				continue;
			n += 2;
		}
		n++;
		if (n > 200)
			break;
	}
	return n;
}

static int32_t diverge_in(unsigned int i)
{
	return (int32_t)(noise(i) % 5000) - 10;
}

static void diverge(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	unsigned int i;

	sm_kernel(sm, &kernel_diverge, THREADS, 1, 128, 1);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(OUT));
	for (i = 0; i < THREADS; i++)
		sm_wr32(sm, bits, OFF(IN1, i), diverge_in(i));
	run(sm, place);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)),
				 diverge_cpu(i, diverge_in(i)));
}

static void reduce(struct sm *sm, enum place place)
{
	uint64_t bits = place_bits[place];
	unsigned int i, j;

	sm_kernel(sm, &kernel_reduce, THREADS, 1, 64, 1);
	sm_arg64(sm, 0, AT(IN1));
	sm_arg64(sm, 8, AT(OUT));
	sm_arg64(sm, 16, 0);
	for (i = 0; i < THREADS; i++)
		sm_wr32(sm, bits, OFF(IN1, i), raw(small(i)));
	run(sm, place);
	for (i = 0; i < THREADS / 64; i++) {
		float sum = 0;

		for (j = 0; j < 64; j++)
			sum += small(i * 64 + j);
		assert_int_equal(sm_rd32(sm, bits, OFF(OUT, i)), raw(sum));
	}
}

#define KERNEL(name) \
	static void name##_vram(void **state)				\
	{								\
		name(*state, IN_VRAM);					\
	}								\
									\
	static void name##_ram(void **state)				\
	{								\
		name(*state, IN_RAM);					\
	}								\
									\
	static void name##_faulting(void **state)			\
	{								\
		name(*state, FAULTING);					\
	}								\
									\
	static void name##_scalar(void **state)				\
	{								\
		name(*state, SCALAR);					\
	}

KERNEL(vadd)
KERNEL(saxpy)
KERNEL(matmul)
KERNEL(chase)
KERNEL(histogram)
KERNEL(global_hist)
KERNEL(diverge)
KERNEL(reduce)

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(vadd_vram),
		TEST(vadd_ram),
		TEST(vadd_faulting),
		TEST(vadd_scalar),
		TEST(saxpy_vram),
		TEST(saxpy_ram),
		TEST(saxpy_faulting),
		TEST(saxpy_scalar),
		TEST(matmul_vram),
		TEST(matmul_ram),
		TEST(matmul_faulting),
		TEST(matmul_scalar),
		TEST(chase_vram),
		TEST(chase_ram),
		TEST(chase_faulting),
		TEST(chase_scalar),
		TEST(histogram_vram),
		TEST(histogram_ram),
		TEST(histogram_faulting),
		TEST(histogram_scalar),
		TEST(global_hist_vram),
		TEST(global_hist_ram),
		TEST(global_hist_faulting),
		TEST(global_hist_scalar),
		TEST(diverge_vram),
		TEST(diverge_ram),
		TEST(diverge_faulting),
		TEST(diverge_scalar),
		TEST(reduce_vram),
		TEST(reduce_ram),
		TEST(reduce_faulting),
		TEST(reduce_scalar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
