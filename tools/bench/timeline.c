// SPDX-License-Identifier: MIT
/*
 * The driver's tracepoints during a workload.  Upstream's driver has none: there
 * it is an error to ask for them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "timeline.h"

#define TRACEFS		"/sys/kernel/debug/tracing/"
/* Enough for any workload: what does not fit any more would be lost. */
#define BUFFER_KB	"262144"
#define LINE_MAX_SIZE	256
/* How a line of the trace goes on after the process. */
#define CPU		" [000] "
#define FLAGS		5

static void put(const char *file, const char *value)
{
	const int fd = open(file, O_WRONLY | O_CLOEXEC);

	igt_assert(fd >= 0);
	igt_assert_eq(write(fd, value, strlen(value)), strlen(value));
	close(fd);
}

static void enable(const char *value)
{
	put(TRACEFS "events/nouveau_svm/nouveau_svm_fault/enable", value);
	put(TRACEFS "events/nouveau_svm/nouveau_svm_fill/enable", value);
	put(TRACEFS "events/nouveau_svm/nouveau_svm_copy/enable", value);
}

void timeline_begin(void)
{
	put(TRACEFS "buffer_size_kb", BUFFER_KB);
	put(TRACEFS "options/overwrite", "0");
	put(TRACEFS "trace_clock", "mono");
	enable("1");
}

static void assert_complete(void)
{
	char line[LINE_MAX_SIZE];
	unsigned long lost;
	FILE *f = fopen(TRACEFS "per_cpu/cpu0/stats", "r");

	igt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "dropped events: %lu", &lost) == 1 ||
		    sscanf(line, "overrun: %lu", &lost) == 1)
			igt_assert_eq(lost, 0);
	}
	fclose(f);
}

/* From "SECONDS: nouveau_svm_KIND: ...": nouveau_svm_trace.h of the driver. */
static void tell(const char *event)
{
	long long a, b, c;
	double when;
	int to_vram;

	if (sscanf(event, "%lf: nouveau_svm_fault: inst=%*i addr=%lli", &when,
		   &a) == 2)
		printf("timeline\t%.6f\tfault\t%llx\n", when, a);
	else if (sscanf(event,
			"%lf: nouveau_svm_fill: start=%lli vram=%lli size=%lli",
			&when, &a, &b, &c) == 4)
		printf("timeline\t%.6f\tfill\t%llx\t%llx\t%llx\n", when, a,
		       b, c);
	else if (sscanf(event,
			"%lf: nouveau_svm_copy: vram=%lli sys=%*i size=%lli to_vram=%d",
			&when, &a, &b, &to_vram) == 4)
		printf("timeline\t%.6f\t%s\t%llx\t%llx\n", when,
		       to_vram ? "in" : "out", a, b);
	else
		igt_assert_f(false, "event: %s\n", event);
}

void timeline_end(void)
{
	char line[LINE_MAX_SIZE], *event;
	FILE *f;

	enable("0");
	assert_complete();
	f = fopen(TRACEFS "trace", "r");
	igt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		/* Process, CPU and flags come first, comments have none. */
		event = strstr(line, CPU);
		if (event)
			tell(event + strlen(CPU) + FLAGS);
	}
	fclose(f);
}
