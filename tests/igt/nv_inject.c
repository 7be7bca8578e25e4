// SPDX-License-Identifier: MIT
/* Allocations that fail, one after the other: see nv_inject.h. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_inject.h"

#define SETTINGS	"/sys/kernel/debug/"
#define COMMS		"/proc/[0-9]*/comm"

/* More than anything under test asks for: else it would never come to an end. */
#define NTH_MAX		5000

/** struct setting - what a kernel leaves out by itself, or says too much of */
struct setting {
	const char *name, *value;
};

static const struct setting settings[] = {
	/* Allocations that may wait for memory: nearly all. */
	{ SETTINGS "failslab/ignore-gfp-wait", "N" },
	{ SETTINGS "fail_page_alloc/ignore-gfp-wait", "N" },
	{ SETTINGS "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ SETTINGS "fail_page_alloc/min-order", "0" },
	/* A back trace of each failure. */
	{ SETTINGS "failslab/verbose", "0" },
	{ SETTINGS "fail_page_alloc/verbose", "0" },
};

/* Only allocations of this order, which is that of huge pages, fail: always. */
static const struct setting no_huge[] = {
	{ SETTINGS "fail_page_alloc/min-order", "9" },
	{ SETTINGS "fail_page_alloc/times", "-1" },
	{ SETTINGS "fail_page_alloc/probability", "100" },
};

static const struct setting huge_again[] = {
	{ SETTINGS "fail_page_alloc/probability", "0" },
	{ SETTINGS "fail_page_alloc/times", "1" },
	{ SETTINGS "fail_page_alloc/min-order", "0" },
};

static void set(const struct setting *s, size_t nr)
{
	for (; nr; s++, nr--)
		igt_require_f(nv_set_text(s->name, s->value),
			      "no injected failures in this kernel\n");
}

void nv_inject_require(void)
{
	set(settings, sizeof(settings) / sizeof(settings[0]));
}

void nv_inject_no_huge(bool none)
{
	if (none)
		set(no_huge, sizeof(no_huge) / sizeof(no_huge[0]));
	else
		set(huge_again, sizeof(huge_again) / sizeof(huge_again[0]));
}

static void open_file(struct nv_inject *inject, const char *path)
{
	inject->nth = 0;
	inject->fd = open(path, O_RDWR | O_CLOEXEC);
	igt_assert_f(inject->fd >= 0, "%s: %m\n", path);
}

static void arm(const struct nv_inject *inject, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	igt_assert_eq(pwrite(inject->fd, text, len, 0), len);
}

void nv_inject_open(struct nv_inject *inject)
{
	open_file(inject, "/proc/thread-self/fail-nth");
}

/* True if the file holds these words, and a line's end. */
static bool says(const char *path, const char *words)
{
	char text[64] = "";
	FILE *f = fopen(path, "r");
	bool read = f && fgets(text, sizeof(text), f);

	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return read && !strcmp(text, words);
}

void nv_inject_open_worker(struct nv_inject *inject)
{
	char name[64], path[64] = "";
	glob_t g;
	size_t i;

	snprintf(name, sizeof(name), "nouveau-svm/%d", getpid());
	igt_assert_eq(glob(COMMS, 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++) {
		if (says(g.gl_pathv[i], name))
			snprintf(path, sizeof(path), "%.*s/fail-nth",
				 (int)(strrchr(g.gl_pathv[i], '/') -
				       g.gl_pathv[i]), g.gl_pathv[i]);
	}
	globfree(&g);
	igt_assert_f(path[0], "no %s\n", name);
	open_file(inject, path);
}

void nv_inject_close(struct nv_inject *inject)
{
	close(inject->fd);
	inject->fd = -1;
}

void nv_inject_arm(struct nv_inject *inject)
{
	inject->nth++;
	igt_assert(inject->nth <= NTH_MAX);
	arm(inject, inject->nth);
}

bool nv_inject_disarm(struct nv_inject *inject)
{
	char text[16] = "";

	igt_assert(pread(inject->fd, text, sizeof(text) - 1, 0) > 0);
	arm(inject, 0);
	return !strtoul(text, NULL, 10);
}
