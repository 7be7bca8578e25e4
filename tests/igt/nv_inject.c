// SPDX-License-Identifier: MIT
/* Allocations and mappings that fail, one after the other: see nv_inject.h. */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_inject.h"
#include "nv_words.h"

#define SETTINGS	"/sys/kernel/debug/"
#define DMA		SETTINGS "fail_dma_map/"
#define MAPPINGS	SETTINGS "dma-api/dump"
#define NOT_COUNTED	SETTINGS "dma-api/disabled"
#define COMMS		"/proc/[0-9]*/comm"
/* The kernel's threads that do work of no CPU's own. */
#define UNBOUND		"kworker/u"

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
	{ DMA "verbose", "0" },
};

/*
 * What has no such caller, and none has, does not fail, and is not counted for
 * fail-nth; what has any caller does and is.  What has a caller that is rejected
 * is neither.
 */
#define NOWHERE		"1"
#define EVERYWHERE	"0xffffffffffffffff"

static const struct setting memory_only[] = {
	{ SETTINGS "failslab/require-start", "0" },
	{ SETTINGS "failslab/require-end", EVERYWHERE },
	{ SETTINGS "fail_page_alloc/require-start", "0" },
	{ SETTINGS "fail_page_alloc/require-end", EVERYWHERE },
	{ SETTINGS "failslab/reject-start", NOWHERE },
	{ SETTINGS "failslab/reject-end", NOWHERE },
	{ SETTINGS "fail_page_alloc/reject-start", NOWHERE },
	{ SETTINGS "fail_page_alloc/reject-end", NOWHERE },
	{ DMA "require-start", NOWHERE },
	{ DMA "require-end", NOWHERE },
};

static const struct setting dma_only[] = {
	{ SETTINGS "failslab/require-start", NOWHERE },
	{ SETTINGS "failslab/require-end", NOWHERE },
	{ SETTINGS "fail_page_alloc/require-start", NOWHERE },
	{ SETTINGS "fail_page_alloc/require-end", NOWHERE },
	{ DMA "require-start", "0" },
	{ DMA "require-end", EVERYWHERE },
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

/* What fails. */
static enum nv_inject_what chosen;

void nv_inject_choose(enum nv_inject_what what)
{
	chosen = what;
	if (what == NV_INJECT_DMA)
		set(dma_only, sizeof(dma_only) / sizeof(dma_only[0]));
	else
		set(memory_only, sizeof(memory_only) / sizeof(memory_only[0]));
}

/* A function's code, up to the next one's; they are in no order. */
static void find_function(const char *name, unsigned long long code[2])
{
	unsigned long long at;
	char symbol[128], type;
	int pass;
	FILE *f;

	code[0] = 0;
	code[1] = ~0ull;
	for (pass = 0; pass < 2; pass++) {
		f = fopen("/proc/kallsyms", "r");
		igt_assert(f);
		while (fscanf(f, "%llx %c %127s%*[^\n]", &at, &type,
			      symbol) == 3) {
			if (!strcmp(symbol, name))
				code[0] = at;
			if (pass && at > code[0] && at < code[1])
				code[1] = at;
		}
		fclose(f);
		igt_assert_f(code[0], "no function %s\n", name);
	}
}

static void limit_to(const char *file, unsigned long long address)
{
	static const char * const memory[] = { "failslab", "fail_page_alloc" };
	static const char * const dma[] = { "fail_dma_map" };
	const bool is_dma = chosen == NV_INJECT_DMA;
	const char * const *where = is_dma ? dma : memory;
	size_t nr = is_dma ? 1 : 2;
	char path[64], text[32];

	snprintf(text, sizeof(text), "%#llx", address);
	for (; nr; where++, nr--) {
		snprintf(path, sizeof(path), SETTINGS "%s/%s", *where, file);
		igt_assert(nv_set_text(path, text));
	}
}

void nv_inject_only_in(const char *function)
{
	unsigned long long code[2];

	find_function(function, code);
	limit_to("require-start", code[0]);
	limit_to("require-end", code[1]);
}

void nv_inject_not_in(const char *function)
{
	unsigned long long code[2];

	find_function(function, code);
	limit_to("reject-start", code[0]);
	limit_to("reject-end", code[1]);
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
	const int fd = open(path, O_RDWR | O_CLOEXEC);

	igt_assert_f(fd >= 0, "%s: %m\n", path);
	igt_assert(inject->nr_fds < NV_INJECT_WORKERS);
	inject->fds[inject->nr_fds++] = fd;
}

static void arm(const struct nv_inject *inject, unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);
	unsigned int i;

	/* One of several workers may have ended since. */
	for (i = 0; i < inject->nr_fds; i++)
		igt_assert(pwrite(inject->fds[i], text, len, 0) == len ||
			   inject->nr_fds > 1);
}

static void begin(struct nv_inject *inject)
{
	inject->nth = 0;
	inject->nr_fds = 0;
}

void nv_inject_open(struct nv_inject *inject)
{
	begin(inject);
	open_file(inject, "/proc/thread-self/fail-nth");
}

/* A file's first words, up to the line's end. */
static void first_words(const char *path, char *text, size_t size)
{
	FILE *f = fopen(path, "r");

	if (!f || !fgets(text, size, f))
		text[0] = '\0';
	if (f)
		fclose(f);
	text[strcspn(text, "\n")] = '\0';
}

/* All tasks whose names begin with so many bytes of that. */
static void open_tasks(struct nv_inject *inject, const char *name, size_t len)
{
	char text[64], path[64];
	glob_t g;
	size_t i;

	begin(inject);
	igt_assert_eq(glob(COMMS, 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++) {
		first_words(g.gl_pathv[i], text, sizeof(text));
		if (strncmp(text, name, len))
			continue;
		snprintf(path, sizeof(path), "%.*s/fail-nth",
			 (int)(strrchr(g.gl_pathv[i], '/') - g.gl_pathv[i]),
			 g.gl_pathv[i]);
		open_file(inject, path);
	}
	globfree(&g);
	igt_assert_f(inject->nr_fds, "no %s\n", name);
}

void nv_inject_open_worker(struct nv_inject *inject)
{
	char name[64];

	snprintf(name, sizeof(name), "nouveau-svm/%d", getpid());
	open_tasks(inject, name, strlen(name) + 1);
	igt_assert_eq(inject->nr_fds, 1);
}

void nv_inject_open_workers(struct nv_inject *inject)
{
	open_tasks(inject, UNBOUND, strlen(UNBOUND));
}

void nv_inject_open_anybody(struct nv_inject *inject, const char *function)
{
	nv_inject_only_in(function);
	begin(inject);
}

void nv_inject_close(struct nv_inject *inject)
{
	while (inject->nr_fds)
		close(inject->fds[--inject->nr_fds]);
}

/* The nth mapping of anybody: so many bytes may be mapped before it. */
static void arm_anybody(const struct nv_inject *inject)
{
	igt_assert(nv_set_number(DMA "space",
				 (inject->nth - 1) * NV_PAGE + 1));
	igt_assert(nv_set_number(DMA "times", 1));
	igt_assert(nv_set_number(DMA "probability", 100));
}

static bool disarm_anybody(void)
{
	igt_assert(nv_set_number(DMA "probability", 0));
	return !nv_get_number(DMA "times");
}

void nv_inject_arm(struct nv_inject *inject)
{
	inject->nth++;
	igt_assert(inject->nth <= NTH_MAX);
	if (inject->nr_fds)
		arm(inject, inject->nth);
	else
		arm_anybody(inject);
}

static bool disarm(const struct nv_inject *inject)
{
	bool failed = false;
	unsigned int i;

	for (i = 0; i < inject->nr_fds; i++) {
		char text[16] = "";

		if (pread(inject->fds[i], text, sizeof(text) - 1, 0) > 0)
			failed |= !strtoul(text, NULL, 10);
		else
			igt_assert(inject->nr_fds > 1);
	}
	arm(inject, 0);
	return failed;
}

bool nv_inject_disarm(struct nv_inject *inject)
{
	return inject->nr_fds ? disarm(inject) : disarm_anybody();
}

long nv_inject_mappings(void)
{
	char line[256];
	long n = 0;
	FILE *f;

	first_words(NOT_COUNTED, line, sizeof(line));
	igt_assert_f(!strcmp(line, "N"), "no DMA mappings are counted\n");
	f = fopen(MAPPINGS, "r");
	igt_assert(f);
	while (fgets(line, sizeof(line), f))
		n += !strncmp(line, "nouveau ", strlen("nouveau "));
	fclose(f);
	return n;
}
