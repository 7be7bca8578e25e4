// SPDX-License-Identifier: MIT
/*
 * Workloads for the benchmark: lists them, or runs one.
 *
 * What a workload costs is not measured here.  Begin and end are marks in the
 * virtual GPU's record (tests/vgpu/qemu/nvgpu_mark.c), with the instructions
 * that the CPU has executed and all that the GPU has counted by then.  What the
 * driver counts is read before the one and after the other.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "igt_abi.h"
#include "memory.h"
#include "nv_stats.h"
#include "nv_words.h"
#include "profile.h"
#include "timeline.h"

/* NVGPU_MARK_OFFSET of tests/vgpu/qemu/nvgpu_mark.h */
#define MARK_OFFSET	0xe0
#define CONFIG_FILES	"/sys/bus/pci/drivers/nouveau/*:*/config"
#define MIGRATE		"/sys/module/nouveau/parameters/svm_migrate"
/*
 * A workload that takes so long of the guest's time will never end; getting it
 * ready may take longer.
 */
#define LIMIT_SECONDS	5
#define READY_SECONDS	30

/* Counters of the driver that are figures; upstream's has none. */
static const char *const stats[] = {
	"fault_batches", "fault_dropped", "services_in_flight_max",
	"copy_bytes", "clear_bytes",
};

#define STATS	(sizeof(stats) / sizeof(*stats))
/* This one is no sum. */
#define STAT_MAXIMUM	2

/* Ways to look closer, which are counted as well. */
static const struct look {
	const char *name;
	void (*begin)(void);
	void (*end)(void);
} looks[] = {
	{ "none", NULL, NULL },
	{ "profile", profile_begin, profile_end },
	{ "timeline", timeline_begin, timeline_end },
};

static int config_fd = -1;
static uint32_t next_mark;
static const struct look *look = looks;
static uint64_t before[STATS];

static void config_open(void)
{
	glob_t found;

	igt_assert(!glob(CONFIG_FILES, 0, NULL, &found));
	config_fd = open(found.gl_pathv[0], O_WRONLY | O_CLOEXEC);
	igt_assert(config_fd >= 0);
	globfree(&found);
}

static void mark(void)
{
	igt_assert_eq(pwrite(config_fd, &next_mark, sizeof(next_mark),
			     MARK_OFFSET), sizeof(next_mark));
	next_mark++;
}

void bench_begin(void)
{
	unsigned int i;

	nv_stats_forget_max();
	for (i = 0; i < STATS; i++)
		nv_stat(stats[i], &before[i]);
	memory_begin();
	alarm(LIMIT_SECONDS);
	mark();
	if (look->begin)
		look->begin();
}

void bench_end(void)
{
	uint64_t now;
	unsigned int i;

	if (look->end)
		look->end();
	mark();
	memory_end();
	for (i = 0; i < STATS; i++) {
		if (nv_stat(stats[i], &now))
			bench_figure(stats[i], i == STAT_MAXIMUM ? now :
							now - before[i]);
	}
}

void bench_figure(const char *name, int64_t value)
{
	printf("figure\t%s\t%lld\n", name, (long long)value);
}

void *bench_alloc(size_t size, bool thp)
{
	/*
	 * With all of the last huge page that it has a part of: what else is
	 * in there would be looked at as well, and depends on the weather.
	 */
	const size_t whole = (size + NV_HUGE_PAGE - 1) & -NV_HUGE_PAGE;
	void *p = mmap(NULL, whole + NV_HUGE_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t aligned = (uintptr_t)p;

	igt_assert(p != MAP_FAILED);
	aligned = (aligned + NV_HUGE_PAGE - 1) & -NV_HUGE_PAGE;
	igt_assert_eq(madvise((void *)aligned, size,
			      thp ? MADV_HUGEPAGE : MADV_NOHUGEPAGE), 0);
	/* What lies before and behind stays as it is: it is never touched. */
	return (void *)aligned;
}

void bench_free(void *p, size_t size)
{
	igt_assert_eq(munmap(p, size), 0);
}

static const struct bench_workload *find(const char *name)
{
	const struct bench_workload *const *group, *w;

	for (group = bench_groups; *group; group++) {
		for (w = *group; w->name; w++) {
			if (!strcmp(w->name, name))
				return w;
		}
	}
	return NULL;
}

/* Lines "NAME TAB UNITS TAB FLOOR TAB VRAM". */
static void list(void)
{
	const struct bench_workload *const *group, *w;

	for (group = bench_groups; *group; group++) {
		for (w = *group; w->name; w++)
			printf("%s\t%u\t%s\t%u\n", w->name, w->units,
			       w->floor ? w->floor : "-", w->arg.vram_mb);
	}
}

/* Upstream's driver has no such parameter: there it is the same once more. */
void bench_migrate(bool moves)
{
	int fd = open(MIGRATE, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	igt_assert_eq(write(fd, moves ? "1" : "0", 1), 1);
	close(fd);
}

static void give_up(int signal)
{
	static const char why[] = "no end in sight\n";

	(void)signal;
	(void)!write(STDERR_FILENO, why, sizeof(why) - 1);
	_exit(1);
}

static const struct look *find_look(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		if (!strcmp(looks[i].name, name))
			return &looks[i];
	}
	return NULL;
}

/*
 * bench: list; bench NAME MARK LOOK: run one, marks are MARK and MARK + 1.
 */
int main(int argc, char **argv)
{
	const struct bench_workload *w;

	if (argc == 1) {
		list();
		return 0;
	}
	w = argc == 4 ? find(argv[1]) : NULL;
	look = argc == 4 ? find_look(argv[3]) : NULL;
	if (!w || !look) {
		fprintf(stderr, "usage: bench [WORKLOAD MARK LOOK]\n");
		return 1;
	}
	next_mark = strtoul(argv[2], NULL, 10);
	config_open();
	bench_migrate(!w->arg.ram);
	signal(SIGALRM, give_up);
	alarm(READY_SECONDS);
	w->run(&w->arg);
	return 0;
}
