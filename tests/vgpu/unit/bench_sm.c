// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fast the SMs execute: compiled kernels, and a loop of integers, on data
 * behind page tables and TLBs.  Not a test: it prints a table.
 *
 * usage: bench_sm [-s] [-t SECONDS] [KERNEL]	-s: lane after lane
 *
 * Time is that of the processor, for each workload; what the best of a few
 * runs takes.  The TLBs are told to forget before each launch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel_fixture.h"

#define DEFAULT_SECONDS	1
#define RUNS		5	/* parts of it, of which the best counts */
#define MIX_MAX		64	/* different instructions of a workload */
#define MIX_SHOWN	6
#define BUDGET		512	/* instructions at a time, as the device has */

#define AT(page)	(SM_DATA + (uint64_t)(page) * SM_PAGE)

/** struct mix - how often an instruction was executed */
struct mix {
	char name[16];
	unsigned int nr;
};

static struct mix mix[MIX_MAX];

/* "SM0 CTA 0,0,0 warp 0 pc 1000: WORD NAME mask ffffffff" */
static void mix_count(const char *msg)
{
	unsigned int i;
	char name[16];

	if (sscanf(msg, "%*s CTA %*s warp %*u pc %*x: %*x %15s", name) != 1)
		return;
	for (i = 0; i < MIX_MAX; i++) {
		if (!mix[i].nr)
			memcpy(mix[i].name, name, sizeof(name));
		if (strcmp(mix[i].name, name))
			continue;
		mix[i].nr++;
		return;
	}
}

static int mix_compare(const void *a, const void *b)
{
	const struct mix *ma = a, *mb = b;

	return (ma->nr < mb->nr) - (ma->nr > mb->nr);
}

static void fill(struct sm *sm, uint64_t bits, unsigned int page,
		 unsigned int pages)
{
	uint32_t i, seed = 1;

	for (i = 0; i < pages * SM_PAGE; i += 4) {
		seed = seed * 1664525 + 1013904223;
		sm_wr32(sm, bits, page * SM_PAGE + i, seed);
	}
}

#define MAT		128u
#define MAT_PAGES	(MAT * MAT * 4 / SM_PAGE)

static void matmul(struct sm *sm, uint64_t bits)
{
	sm_kernel(sm, &kernel_matmul, MAT, MAT, 8, 8);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(MAT_PAGES));
	sm_arg64(sm, 16, AT(2 * MAT_PAGES));
	sm_arg32(sm, 24, MAT);
}

#define THREADS		16384u
#define ARRAY_PAGES	(THREADS * 4 / SM_PAGE)

static void saxpy(struct sm *sm, uint64_t bits)
{
	sm_kernel(sm, &kernel_saxpy, THREADS, 1, 256, 1);
	sm_arg32(sm, 0, 0x40200000);	/* 2.5 */
	sm_arg64(sm, 8, AT(0));
	sm_arg64(sm, 16, AT(ARRAY_PAGES));
}

static void diverge(struct sm *sm, uint64_t bits)
{
	uint32_t i;

	sm_kernel(sm, &kernel_diverge, THREADS, 1, 128, 1);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(ARRAY_PAGES));
	for (i = 0; i < THREADS; i++)
		sm_wr32(sm, bits, i * 4, i * 2654435761u % 5000);
}

static void reduce(struct sm *sm, uint64_t bits)
{
	sm_kernel(sm, &kernel_reduce, THREADS, 1, 256, 1);
	sm->grid.shared_size = 256 * 4;
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(ARRAY_PAGES));
	sm_arg64(sm, 16, 0);
}

static void atomics(struct sm *sm, uint64_t bits)
{
	sm_kernel(sm, &kernel_global_hist, THREADS, 1, 256, 1);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(ARRAY_PAGES));
}

#define NODES		2048u
#define NODE_STRIDE	80u

/* A list that goes all over the place. */
static void chase(struct sm *sm, uint64_t bits)
{
	uint32_t i;

	sm_kernel(sm, &kernel_chase, 256, 1, 64, 1);
	sm_arg64(sm, 0, AT(0));
	sm_arg64(sm, 8, AT(60));
	for (i = 0; i < NODES; i++) {
		uint32_t at = i * 37 % NODES * NODE_STRIDE;
		uint32_t next = (i + 1) * 37 % NODES * NODE_STRIDE;

		sm_wr64(sm, bits, at, i + 1 < NODES ? AT(0) + next : 0);
		sm_wr32(sm, bits, at + 8, i);
	}
}

#define XMAD(d, a, b, c)	(OP(0x5b00) | D(d) | A(a) | B(b) | C(c))
#define LOP_XOR(d, a, b) \
	(OP(0x5c40) | D(d) | A(a) | B(b) | FIELD(2, 41) | FIELD(7, 48))

/* Arithmetic alone */
static void integers(struct sm *sm, uint64_t bits)
{
	static const uint64_t words[] = {
		S2R(2, SR_LANEID), MOV32I(3, 12345), MOV32I(4, 0),
		XMAD(5, 2, 3, 4),
		SHL_I(6, 5, 3),
		LOP_XOR(3, 3, 6),
		IADD(2, 2, 5) | IADD_CC,
		IADD(7, 6, 3) | IADD_X,
		IADD_I(4, 4, 1),
		ISETP_I(0, LT, 4, 1000),
		BRA_IF(0, TO(10, 3)),
		EXIT,
	};

	sm_code(sm, words, ARRAY_SIZE(words));
	sm->grid.cta_dim[0] = 256;
	sm->grid.grid_dim[0] = 16;
}

static const struct workload {
	const char *name;
	uint64_t bits;
	void (*prepare)(struct sm *sm, uint64_t bits);
} workloads[] = {
	{ "integers",		PT_VRAM, integers },
	{ "matmul",		PT_VRAM, matmul },
	{ "matmul-system",	PT_SYS, matmul },
	{ "saxpy",		PT_VRAM, saxpy },
	{ "saxpy-system",	PT_SYS, saxpy },
	{ "reduce",		PT_VRAM, reduce },
	{ "diverge",		PT_VRAM, diverge },
	{ "chase",		PT_SYS, chase },
	{ "atomics",		PT_SYS, atomics },
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

static void launch(struct sm *sm)
{
	sm_invalidate(sm);
	sm_launch(sm);
	while (nvgpu_sm_run(sm->gpu, BUDGET))
		;
	if (!nvgpu_sm_idle(sm->gpu) || sm_counter(sm, "guest_errors") ||
	    sm_counter(sm, "unknown")) {
		fprintf(stderr, "%s\n", sm->host.last_error);
		exit(EXIT_FAILURE);
	}
}

/* Instructions a second, of the best of a few runs. */
static double measure(struct sm *sm, double seconds)
{
	double best = 0, start, used;
	uint64_t before;
	unsigned int i;

	for (i = 0; i < RUNS; i++) {
		before = sm_counter(sm, "warp_instructions");
		start = now();
		do {
			launch(sm);
			used = now() - start;
		} while (used < seconds / RUNS);
		used = (sm_counter(sm, "warp_instructions") - before) / used;
		if (used > best)
			best = used;
	}
	return best;
}

static void show_mix(struct sm *sm)
{
	unsigned int i, all = 0;

	memset(mix, 0, sizeof(mix));
	sm->host.trace = mix_count;
	sm->gpu->config.log_level = NVGPU_LOG_TRACE;
	launch(sm);
	sm->gpu->config.log_level = NVGPU_LOG_ERROR;
	qsort(mix, MIX_MAX, sizeof(*mix), mix_compare);
	for (i = 0; i < MIX_MAX; i++)
		all += mix[i].nr;
	for (i = 0; i < MIX_SHOWN && mix[i].nr; i++)
		printf(" %s %u%%", mix[i].name, mix[i].nr * 100 / all);
	putchar('\n');
}

static void bench(const struct workload *load, bool scalar, double seconds)
{
	double rate, lanes, walks;
	struct sm *sm;
	void *state;

	sm_setup(&state);
	sm = state;
	sm->gpu->config.sm_scalar = scalar;
	sm_map_all(sm, load->bits);
	fill(sm, load->bits, 0, SM_DATA_PAGES);
	load->prepare(sm, load->bits);
	rate = measure(sm, seconds);
	lanes = (double)sm_counter(sm, "lane_instructions") /
		sm_counter(sm, "warp_instructions");
	walks = (double)sm_counter(sm, "tlb_misses") /
		sm_counter(sm, "launches");
	printf("%-14s %8.2f %10.1f %6.1f %7.0f ", load->name, rate / 1e6,
	       rate * lanes / 1e6, lanes, walks);
	show_mix(sm);
	fflush(stdout);
	sm_teardown(&state);
}

int main(int argc, char **argv)
{
	double seconds = DEFAULT_SECONDS;
	bool scalar = false;
	unsigned int i;
	int opt;

	while ((opt = getopt(argc, argv, "st:")) != -1) {
		if (opt == 's')
			scalar = true;
		else if (opt == 't')
			seconds = atof(optarg);
		else
			return EXIT_FAILURE;
	}
	printf("%-14s %8s %10s %6s %7s  %s\n", "workload", "Minsn/s",
	       "Mlane-op/s", "lanes", "walks", "instructions");
	for (i = 0; i < ARRAY_SIZE(workloads); i++)
		if (optind == argc || !strcmp(argv[optind], workloads[i].name))
			bench(&workloads[i], scalar, seconds);
	return EXIT_SUCCESS;
}
