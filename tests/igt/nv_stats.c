// SPDX-License-Identifier: MIT
/* What the driver counts: see nv_stats.h. */
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "igt_abi.h"
#include "nv_patience.h"
#include "nv_stats.h"

/* What a dead process had is given back by a work item, or by its worker. */
#define CLEANUP_SECONDS	20
/* A chunk without pages is freed by a work item. */
#define VRAM_SECONDS	10
#define STATS_FILES "/sys/kernel/debug/dri/*/svm_stats"
#define FORGET_FILES "/sys/kernel/debug/dri/*/svm_forget_max"

/* The first one. */
static FILE *open_one(const char *files, const char *mode)
{
	FILE *f = NULL;
	glob_t g;

	if (!glob(files, 0, NULL, &g))
		f = fopen(g.gl_pathv[0], mode);
	globfree(&g);
	return f;
}

bool nv_stat(const char *name, uint64_t *value)
{
	unsigned long long v;
	bool found = false;
	char n[64];
	FILE *f;

	f = open_one(STATS_FILES, "r");
	if (!f)
		return false;
	while (!found && fscanf(f, "%63s %llu", n, &v) == 2)
		found = !strcmp(n, name);
	fclose(f);
	if (found)
		*value = v;
	return found;
}

bool nv_stats_forget_max(void)
{
	FILE *f = open_one(FORGET_FILES, "w");
	bool taken;

	if (!f)
		return false;
	taken = fputs("0", f) >= 0;
	return !fclose(f) && taken;
}

bool nv_stat_becomes(const char *name, uint64_t want, unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	time_t end = time(NULL) + nv_patience(seconds);
	uint64_t value;

	do {
		if (!nv_stat(name, &value) || value == want)
			return true;
		nanosleep(&pause, NULL);
	} while (time(NULL) <= end);
	return false;
}

bool nv_stat_reaches(const char *name, uint64_t least, unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	time_t end = time(NULL) + nv_patience(seconds);
	uint64_t value;

	do {
		if (!nv_stat(name, &value))
			return false;
		if (value >= least)
			return true;
		nanosleep(&pause, NULL);
	} while (time(NULL) <= end);
	return false;
}

uint64_t nv_count(const char *name)
{
	uint64_t value = 0;

	igt_require_f(nv_stat(name, &value), "no counter %s\n", name);
	return value;
}

void nv_assert_vram_empty(void)
{
	igt_assert(nv_stat_becomes("vram_bytes", 0, VRAM_SECONDS));
}

void nv_leftovers_note(struct nv_leftovers *l)
{
	uint64_t mapped = 0, unmapped = 0;

	l->counted = nv_stat("clients", &l->clients) &&
		nv_stat("ranges_live", &l->ranges) &&
		nv_stat("pages_mapped", &mapped) &&
		nv_stat("pages_unmapped", &unmapped);
	l->pages = mapped - unmapped;
}

static bool no_more(const struct nv_leftovers *now,
		    const struct nv_leftovers *before)
{
	return now->clients <= before->clients &&
		now->ranges <= before->ranges && now->pages <= before->pages;
}

void nv_leftovers_assert(const struct nv_leftovers *before)
{
	const struct timespec pause = { .tv_nsec = 10 * 1000 * 1000 };
	time_t end = time(NULL) + nv_patience(CLEANUP_SECONDS);
	struct nv_leftovers now;

	nv_leftovers_note(&now);
	while (before->counted && !no_more(&now, before) && time(NULL) < end) {
		nanosleep(&pause, NULL);
		nv_leftovers_note(&now);
	}
	igt_assert_f(!before->counted || no_more(&now, before),
		     "left behind: clients %lld, ranges %lld, pages %lld\n",
		     (long long)(now.clients - before->clients),
		     (long long)(now.ranges - before->ranges),
		     (long long)(now.pages - before->pages));
}
