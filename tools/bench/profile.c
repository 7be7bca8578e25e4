// SPDX-License-Identifier: MIT
/*
 * Where a workload's instructions go.  The kernel's own sampling by time: where
 * an instruction takes a nanosecond, a sample a period is one in so many
 * instructions.  What is executed with interrupts off counts for the place that
 * turns them on.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt_abi.h"
#include "profile.h"

/* The shortest that the kernel does, in ns. */
#define PERIOD		10000
#define RING_SIZE	(32ul << 20)
#define PAGE_SIZE	4096ul
#define SYMBOLS_MAX	400000
#define NAME_MAX_SIZE	96
#define DEPTH_MAX	128

struct symbol {
	uint64_t addr;
	char name[NAME_MAX_SIZE];
	/* samples in it, and in it and what it calls */
	unsigned int self, all;
	/* the last sample that counted for @all */
	unsigned int last;
};

/* A record of the ring, as linux/perf_event.h describes it. */
struct sample {
	struct perf_event_header header;
	uint64_t nr;
	uint64_t ips[];
};

static struct symbol *symbols;
static unsigned int nr_symbols, nr_samples;
static struct perf_event_mmap_page *ring;
static int perf_fd = -1;

static void limit(const char *file, const char *value)
{
	FILE *f = fopen(file, "w");

	igt_assert(f && fputs(value, f) >= 0 && !fclose(f));
}

void profile_begin(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = PERIOD,
		.sample_type = PERF_SAMPLE_CALLCHAIN,
		.disabled = 1,
		.exclude_idle = 1,
		.exclude_callchain_user = 1,
	};

	/* The rate can be set only while there is a limit of the other kind. */
	limit("/proc/sys/kernel/perf_cpu_time_max_percent", "25");
	limit("/proc/sys/kernel/perf_event_max_sample_rate", "1000000");
	limit("/proc/sys/kernel/perf_cpu_time_max_percent", "0");
	perf_fd = syscall(SYS_perf_event_open, &attr, -1, 0, -1,
			  PERF_FLAG_FD_CLOEXEC);
	igt_assert(perf_fd >= 0);
	ring = mmap(NULL, PAGE_SIZE + RING_SIZE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, perf_fd, 0);
	igt_assert(ring != MAP_FAILED);
	igt_assert_eq(ioctl(perf_fd, PERF_EVENT_IOC_ENABLE, 0), 0);
}

static int by_addr(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;

	return a->addr < b->addr ? -1 : a->addr > b->addr;
}

static int by_all(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;

	return a->all > b->all ? -1 : a->all < b->all;
}

static void read_symbols(void)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	struct symbol *s;

	symbols = calloc(SYMBOLS_MAX, sizeof(*symbols));
	igt_assert(f && symbols);
	/* The first one stands for what lies below all others. */
	snprintf(symbols[nr_symbols++].name, NAME_MAX_SIZE, "(user)");
	while (nr_symbols < SYMBOLS_MAX) {
		s = &symbols[nr_symbols];
		if (fscanf(f, "%" SCNx64 " %*c %95s%*[^\n]", &s->addr,
			   s->name) != 2)
			break;
		nr_symbols++;
	}
	fclose(f);
	qsort(symbols, nr_symbols, sizeof(*symbols), by_addr);
}

static struct symbol *find(uint64_t addr)
{
	unsigned int first = 0, last = nr_symbols, i;

	while (last - first > 1) {
		i = (first + last) / 2;
		if (symbols[i].addr <= addr)
			first = i;
		else
			last = i;
	}
	return &symbols[first];
}

static void count(const struct sample *sample)
{
	bool self = true;
	unsigned int i;

	nr_samples++;
	for (i = 0; i < sample->nr && i < DEPTH_MAX; i++) {
		struct symbol *s;

		if (sample->ips[i] >= PERF_CONTEXT_MAX)
			continue;
		s = find(sample->ips[i]);
		s->self += self;
		self = false;
		if (s->last != nr_samples)
			s->all++;
		s->last = nr_samples;
	}
}

void profile_end(void)
{
	const char *data = (const char *)ring + PAGE_SIZE;
	uint64_t at = 0;
	unsigned int i;

	igt_assert_eq(ioctl(perf_fd, PERF_EVENT_IOC_DISABLE, 0), 0);
	read_symbols();
	/* It is never full: nothing wraps around. */
	igt_assert(ring->data_head < RING_SIZE);
	while (at < ring->data_head) {
		const struct sample *sample = (const void *)(data + at);

		if (sample->header.type == PERF_RECORD_SAMPLE)
			count(sample);
		at += sample->header.size;
	}
	qsort(symbols, nr_symbols, sizeof(*symbols), by_all);
	for (i = 0; i < nr_symbols && symbols[i].all; i++)
		printf("profile\t%u\t%u\t%u\t%s\n", nr_samples, symbols[i].all,
		       symbols[i].self, symbols[i].name);
}
