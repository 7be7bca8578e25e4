// SPDX-License-Identifier: MIT
/* What the driver counts: see nv_stats.h. */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nv_stats.h"

#define STATS_FILES "/sys/kernel/debug/dri/*/svm_stats"

static FILE *open_stats(void)
{
	FILE *f = NULL;
	glob_t g;

	if (!glob(STATS_FILES, 0, NULL, &g))
		f = fopen(g.gl_pathv[0], "r");
	globfree(&g);
	return f;
}

bool nv_stat(const char *name, uint64_t *value)
{
	unsigned long long v;
	bool found = false;
	char n[64];
	FILE *f;

	f = open_stats();
	if (!f)
		return false;
	while (!found && fscanf(f, "%63s %llu", n, &v) == 2)
		found = !strcmp(n, name);
	fclose(f);
	if (found)
		*value = v;
	return found;
}

bool nv_stat_becomes(const char *name, uint64_t want, unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	time_t end = time(NULL) + seconds;
	uint64_t value;

	do {
		if (!nv_stat(name, &value) || value == want)
			return true;
		nanosleep(&pause, NULL);
	} while (time(NULL) <= end);
	return false;
}
