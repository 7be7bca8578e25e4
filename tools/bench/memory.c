// SPDX-License-Identifier: MIT
/*
 * Memory of a workload.  What it has taken in the end, whoever has it: pages of
 * processes, page tables, the driver's own.  And the most that this process has
 * had, in RAM and VRAM together, where that was more.
 */
#include <stdio.h>

#include "bench.h"
#include "igt_abi.h"
#include "memory.h"
#include "nv_stats.h"
#include "nv_words.h"

#define KIB		1024
#define LINE_MAX_SIZE	128
/* Documentation/filesystems/proc.rst: forget the peak of what is resident. */
#define CLEAR_PEAK	"5"

static int64_t free_before;

static FILE *open_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	igt_assert_f(f, "%s\n", path);
	return f;
}

/* Free pages of all zones; and those that a CPU keeps at hand, which are many. */
static int64_t free_bytes(void)
{
	FILE *f;
	long long pages, sum = 0;
	char line[LINE_MAX_SIZE];

	f = open_file("/proc/zoneinfo", "r");
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " pages free %lld", &pages) == 1 ||
		    sscanf(line, " count: %lld", &pages) == 1)
			sum += pages;
	}
	fclose(f);
	return sum * NV_PAGE;
}

/* The most that has been resident. */
static int64_t peak_bytes(void)
{
	FILE *f = open_file("/proc/self/status", "r");
	char line[LINE_MAX_SIZE];
	long long kib = -1;

	while (kib < 0 && fgets(line, sizeof(line), f))
		sscanf(line, "VmHWM: %lld kB", &kib);
	fclose(f);
	igt_assert(kib >= 0);
	return kib * KIB;
}

void memory_begin(void)
{
	FILE *f = open_file("/proc/self/clear_refs", "w");

	igt_assert(fputs(CLEAR_PEAK, f) >= 0 && !fclose(f));
	free_before = free_bytes();
}

void memory_end(void)
{
	const int64_t now = free_bytes();
	uint64_t vram;

	bench_figure("ram_bytes", free_before - now);
	if (nv_stat("vram_bytes", &vram))
		bench_figure("vram_bytes", vram);
	bench_figure("rss_peak_bytes", peak_bytes());
}
