// SPDX-License-Identifier: MIT
/* When there is SVM, and where in the address space Mesa's own things are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "offline.h"
#include "trace.h"

#define GIB (1ull << 30)
/* Addresses of channels' structures have 40 bits; Mesa keeps to half of it. */
#define LIMIT (1ull << 39)
/* Mesa's windows for shared and local memory, nve4_compute.c */
#define WINDOWS 0xfe000000ul
#define WINDOWS_SIZE 0x2000000ul

#define ALL_SVM (CL_DEVICE_SVM_COARSE_GRAIN_BUFFER | \
		 CL_DEVICE_SVM_FINE_GRAIN_BUFFER | \
		 CL_DEVICE_SVM_FINE_GRAIN_SYSTEM | CL_DEVICE_SVM_ATOMICS)

/* Is all of [start, start + size) reserved, and of no use to anybody? */
static bool reserved(uint64_t start, uint64_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long from, to;
	char line[512], access[8];
	bool found = false;

	check(maps);
	while (!found && fgets(line, sizeof(line), maps)) {
		found = sscanf(line, "%lx-%lx %7s", &from, &to, access) == 3 &&
			from <= start && to >= start + size &&
			!strcmp(access, "---p");
	}
	fclose(maps);
	return found;
}

/* What SVM_INIT was given. */
static void cutout_of(uint64_t cutout[2])
{
	struct trace trace;

	trace_read(&trace);
	check_is(trace_numbers(&trace, "svm_init", 0, cutout, 2), 2);
	trace_free(&trace);
}

static void check_cutout(uint64_t vram)
{
	uint64_t cutout[2], size;

	check_is(svm_capabilities(), ALL_SVM);
	cutout_of(cutout);
	size = cutout[1];
	check(size >= 4 * GIB && size >= 2 * vram);
	check_is(size & (size - 1), 0);
	check_is(cutout[0] % size, 0);
	check(cutout[0] >= 4 * GIB && cutout[0] + size <= LIMIT);
	check(reserved(cutout[0], size));
	check(reserved(WINDOWS, WINDOWS_SIZE));
}

static void by_default(void)
{
	cl_device_id device = find_device();
	char version[64];

	check_cutout(3 * GIB);
	check_is(clGetDeviceInfo(device, CL_DEVICE_VERSION, sizeof(version),
				 version, NULL), CL_SUCCESS);
	check(!strncmp(version, "OpenCL 3.0", 10));
}

static void vram_0(void)
{
	check_cutout(0);
}

static void vram_1500(void)
{
	check_cutout(1500ull << 20);
}

static void vram_16384(void)
{
	check_cutout(16 * GIB);
}

static void *take(uint64_t start, uint64_t size)
{
	void *p = mmap((void *)start, size, PROT_NONE, MAP_PRIVATE |
		       MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
		       -1, 0);

	check(p == (void *)start);
	return p;
}

/* Somebody has a page in the first three places for it. */
static void cutout_moves(void)
{
	unsigned int i;

	for (i = 1; i <= 3; i++)
		take(i * 8 * GIB + 4 * GIB, 4096);
	check_cutout(3 * GIB);
}

static void no_svm(bool asked)
{
	uint64_t cutout[2];
	struct trace trace;

	check_is(svm_capabilities(), 0);
	check(!reserved(WINDOWS, WINDOWS_SIZE));
	trace_read(&trace);
	check_is(trace_count(&trace, "svm_init"), asked);
	if (asked) {
		trace_numbers(&trace, "svm_init", 0, cutout, 2);
		check(!reserved(cutout[0], cutout[1]));
	}
	trace_free(&trace);
}

static void switched_off(void)
{
	no_svm(false);
}

static void refused(void)
{
	no_svm(true);
}

/* Somebody has a page where shared memory's window would be. */
static void windows_taken(void)
{
	take(WINDOWS + 0x5000, 4096);
	no_svm(false);
}

static void address_space_limit(void)
{
	struct rlimit limit = { 3 * GIB, 3 * GIB };

	check_is(setrlimit(RLIMIT_AS, &limit), 0);
	no_svm(false);
}

static void not_for_children(void)
{
	uint64_t cutout[2];
	int status;
	pid_t pid;

	check_cutout(3 * GIB);
	cutout_of(cutout);
	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(reserved(cutout[0], cutout[1]));
	check_is(waitpid(pid, &status, 0), pid);
	check_is(status, 0);
}

const struct test place_tests[] = {
	{ "default", by_default, },
	{ "gp104", by_default, { "NOUVEAU_CHIPSET=134" } },
	{ "vram-0", vram_0, { "NOUVEAU_SHIM_VRAM=0" } },
	{ "vram-1500", vram_1500, { "NOUVEAU_SHIM_VRAM=1500" } },
	{ "vram-16384", vram_16384, { "NOUVEAU_SHIM_VRAM=16384" } },
	{ "cutout-moves", cutout_moves },
	{ "off", switched_off, { "NOUVEAU_SVM=0" } },
	{ "maxwell", switched_off, {
		"NOUVEAU_CHIPSET=124", "RUSTICL_ENABLE=nouveau" } },
	{ "tegra", switched_off, { "NOUVEAU_CHIPSET=13b" } },
	{ "refused", refused, { "NOUVEAU_SHIM_SVM_INIT=38" } },
	{ "windows-taken", windows_taken },
	{ "address-space-limit", address_space_limit },
	{ "not-for-children", not_for_children },
	{ }
};
