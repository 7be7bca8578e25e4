// SPDX-License-Identifier: MIT
/* The GPU's page tables and the CPU's: see nv_pagetable.h. */
#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_pagetable.h"

#define DUMP_FILES	"/sys/kernel/debug/dri/*/svm_pagetable"
#define PAGE		4096ul

/* An entry of pagemap: Documentation/admin-guide/mm/pagemap.rst. */
#define PM_PFN(entry)	((entry) & ((1ull << 55) - 1))
#define PM_EXCLUSIVE	(1ull << 56)
#define PM_FILE		(1ull << 61)
#define PM_SWAP		(1ull << 62)
#define PM_PRESENT	(1ull << 63)

/*
 * The kernel may take a page back between a look at one table and a look at
 * the other: only what is wrong each time is wrong.
 */
#define LOOKS		5
/* How often to begin anew, when what was wrong is right by then. */
#define ALL_LOOKS	50

static FILE *open_dump(void)
{
	FILE *f = NULL;
	glob_t g;

	if (!glob(DUMP_FILES, 0, NULL, &g))
		f = fopen(g.gl_pathv[0], "r");
	globfree(&g);
	return f;
}

static uint64_t parse_page(const char *name)
{
	if (!strcmp(name, "2m"))
		return 2ul << 20;
	if (!strcmp(name, "64k"))
		return 64ul << 10;
	return strcmp(name, "4k") ? 0 : 4ul << 10;
}

/* One line: pid address size rwA aperture DMA-address page-size */
static bool parse_run(const char *line, int *pid, struct nv_pte_run *run)
{
	unsigned long long addr, size, dma;
	char flags[8], aperture[8], page[8];

	if (sscanf(line, "%d %llx %llx %7s %7s %llx %7s", pid, &addr, &size,
		   flags, aperture, &dma, page) != 7)
		return false;
	*run = (struct nv_pte_run) {
		.addr = addr,
		.size = size,
		.dma = dma,
		.page = parse_page(page),
		.write = strchr(flags, 'w'),
		.atomic = strchr(flags, 'A'),
		.vram = !strcmp(aperture, "vram"),
	};
	/* A page that is not aligned is somewhere else than it seems. */
	return run->page && !((addr | size | dma) & (run->page - 1));
}

size_t nv_pagetable_read(struct nv_pte_run **runs)
{
	struct nv_pte_run run;
	char line[128];
	size_t nr = 0;
	FILE *f;
	int pid;

	*runs = NULL;
	f = open_dump();
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		igt_assert_f(parse_run(line, &pid, &run), "dump: %s", line);
		if (pid != getpid())
			continue;
		*runs = realloc(*runs, (nr + 1) * sizeof(run));
		igt_assert(*runs);
		(*runs)[nr++] = run;
	}
	fclose(f);
	return nr;
}

/* The part of a run that lies in a range; false if none does. */
static bool clip(struct nv_pte_run *run, uint64_t start, uint64_t end)
{
	uint64_t run_end = run->addr + run->size;

	if (run->addr >= end || run_end <= start)
		return false;
	if (run_end > end)
		run_end = end;
	if (run->addr < start) {
		run->dma += start - run->addr;
		run->addr = start;
	}
	run->size = run_end - run->addr;
	return true;
}

size_t nv_pagetable_pages(const void *p, size_t size, size_t *writable)
{
	size_t nr, i, pages = 0;
	struct nv_pte_run *runs;

	*writable = 0;
	nr = nv_pagetable_read(&runs);
	for (i = 0; i < nr; i++) {
		if (!clip(&runs[i], (uintptr_t)p, (uintptr_t)p + size))
			continue;
		pages += runs[i].size / PAGE;
		if (runs[i].write)
			*writable += runs[i].size / PAGE;
	}
	free(runs);
	return pages;
}

size_t nv_pagetable_bytes(const void *p, size_t size, size_t page)
{
	struct nv_pte_run *runs;
	FILE *dump = open_dump();
	size_t nr, i, bytes = 0;

	igt_require_f(dump, "no dump of page tables\n");
	fclose(dump);
	nr = nv_pagetable_read(&runs);
	for (i = 0; i < nr; i++) {
		if (runs[i].page == page &&
		    clip(&runs[i], (uintptr_t)p, (uintptr_t)p + size))
			bytes += runs[i].size;
	}
	free(runs);
	return bytes;
}

void nv_pagetable_assert_read_only(const void *p, size_t size)
{
	size_t writable;

	nv_pagetable_pages(p, size, &writable);
	igt_assert_f(!writable, "the GPU can write %zu of %zu pages\n",
		     writable, size / PAGE);
}

size_t nv_pagetable_vram(const void *p, size_t size)
{
	size_t nr, i, pages = 0;
	struct nv_pte_run *runs;

	nr = nv_pagetable_read(&runs);
	for (i = 0; i < nr; i++) {
		if (runs[i].vram && clip(&runs[i], (uintptr_t)p,
					 (uintptr_t)p + size))
			pages += runs[i].size / PAGE;
	}
	free(runs);
	return pages;
}

bool nv_dma_is_physical(void)
{
	DIR *d = opendir("/sys/class/iommu");
	bool any = false;
	struct dirent *e;

	while (d && (e = readdir(d)))
		any |= e->d_name[0] != '.';
	if (d)
		closedir(d);
	return !any;
}

/** struct tables - the process's own view */
struct tables {
	int pagemap;
	FILE *maps;
	bool physical;
};

static void open_tables(struct tables *t)
{
	t->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	t->maps = fopen("/proc/self/maps", "re");
	t->physical = nv_dma_is_physical();
	igt_assert(t->pagemap >= 0 && t->maps);
}

static void close_tables(struct tables *t)
{
	fclose(t->maps);
	close(t->pagemap);
}

static uint64_t pagemap_entry(const struct tables *t, uint64_t addr)
{
	uint64_t entry = 0;

	igt_assert_eq(pread(t->pagemap, &entry, sizeof(entry),
			    addr / PAGE * sizeof(entry)), sizeof(entry));
	return entry;
}

/* One entry, for who needs no more. */
static uint64_t entry_of(const void *p)
{
	struct tables t;
	uint64_t entry;

	open_tables(&t);
	entry = pagemap_entry(&t, (uintptr_t)p);
	close_tables(&t);
	return entry;
}

uint64_t nv_page_frame(const void *p)
{
	const uint64_t entry = entry_of(p);

	return entry & PM_PRESENT ? PM_PFN(entry) : 0;
}

uint64_t nv_away(const void *p)
{
	const uint64_t entry = entry_of(p);

	return entry & PM_SWAP ? entry & (PM_SWAP | PM_PFN(~0ull)) : 0;
}

size_t nv_present_pages(const void *p, size_t size)
{
	size_t i, pages = 0;
	struct tables t;

	open_tables(&t);
	for (i = 0; i < size; i += PAGE)
		pages += !!(pagemap_entry(&t, (uintptr_t)p + i) & PM_PRESENT);
	close_tables(&t);
	return pages;
}

/* Why the GPU may not have this page as it has it; NULL if it may. */
static const char *page_wrong(const struct tables *t,
			      const struct nv_pte_run *run, uint64_t addr)
{
	const uint64_t entry = pagemap_entry(t, addr);
	const uint64_t phys = run->dma + (addr - run->addr);

	/* In VRAM, or for atomics, the CPU has an entry that names the page. */
	if ((run->atomic || run->vram) && entry & PM_SWAP)
		return NULL;
	if (run->vram)
		return "the CPU has the page, and it is not in VRAM";
	if (!(entry & PM_PRESENT))
		return "the CPU has no page";
	if (run->write && !(entry & (PM_FILE | PM_EXCLUSIVE)))
		return "the page is shared and the GPU may write it";
	if (t->physical && !run->vram && PM_PFN(entry) &&
	    PM_PFN(entry) != phys / PAGE)
		return "the CPU has another page";
	return NULL;
}

static const char *run_wrong(const struct tables *t,
			     const struct nv_pte_run *run, uint64_t *addr)
{
	const char *why = NULL;

	for (*addr = run->addr; *addr < run->addr + run->size; *addr += PAGE) {
		why = page_wrong(t, run, *addr);
		if (why)
			break;
	}
	return why;
}

/* Why the process's mappings do not allow a run; NULL if they do. */
static const char *unmapped_wrong(const struct tables *t,
				  const struct nv_pte_run *run, uint64_t *addr)
{
	unsigned long long start, end;
	char line[512], perm[8];

	*addr = run->addr;
	rewind(t->maps);
	while (fgets(line, sizeof(line), t->maps)) {
		if (sscanf(line, "%llx-%llx %7s", &start, &end, perm) != 3 ||
		    *addr < start || *addr >= end)
			continue;
		if (perm[0] != 'r')
			return "the process may not read there";
		if (run->write && perm[1] != 'w')
			return "the process may not write there";
		*addr = end;
		if (end >= run->addr + run->size)
			return NULL;
	}
	return "the process has no mapping there";
}

/* The first thing that is wrong in a range, and where; NULL if nothing is. */
static const char *find_wrong(uint64_t start, uint64_t end, uint64_t *addr)
{
	struct nv_pte_run *runs;
	const char *why = NULL;
	struct tables t;
	size_t nr, i;

	nr = nv_pagetable_read(&runs);
	open_tables(&t);
	for (i = 0; i < nr && !why; i++) {
		if (!clip(&runs[i], start, end))
			continue;
		why = unmapped_wrong(&t, &runs[i], addr);
		if (!why)
			why = run_wrong(&t, &runs[i], addr);
	}
	close_tables(&t);
	free(runs);
	return why;
}

/* Is the page at @addr wrong each time that one looks?  NULL if not. */
static const char *find_stale(uint64_t addr)
{
	const char *why = NULL;
	uint64_t found;
	int i;

	for (i = 0; i < LOOKS; i++) {
		why = find_wrong(addr, addr + PAGE, &found);
		if (!why)
			break;
	}
	return why;
}

/*
 * Memory may be on its way to VRAM or back, and is seen in two places by who
 * looks at one table after the other.  What is stale stays so.
 */
void nv_pagetable_assert_true(const void *p, size_t size)
{
	const uint64_t start = (uintptr_t)p;
	const char *why = NULL, *stale;
	uint64_t addr = 0;
	int i;

	for (i = 0; i < ALL_LOOKS; i++) {
		why = find_wrong(start, start + size, &addr);
		if (!why)
			return;
		stale = find_stale(addr);
		igt_assert_f(!stale, "GPU page at %#llx (+%#llx): %s\n",
			     (unsigned long long)addr,
			     (unsigned long long)(addr - start), stale);
	}
	igt_assert_f(!why, "always another page, at last %#llx (+%#llx): %s\n",
		     (unsigned long long)addr,
		     (unsigned long long)(addr - start), why);
}
