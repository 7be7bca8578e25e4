// SPDX-License-Identifier: MIT
/*
 * What clinfo says of the device when its environment is empty: OpenCL 3.0, and
 * each kind of shared virtual memory.  The file that tells the loader where the
 * library is must be where it is in a system with that library installed; a
 * mount namespace of our own has it there.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VENDORS "/etc/OpenCL/vendors"

static const struct {
	const char *property, *value;
} expected[] = {
	{ "CL_DEVICE_VENDOR", "NVIDIA" },
	{ "CL_DEVICE_VERSION", "OpenCL 3.0" },
	{ "CL_DEVICE_SVM_CAPABILITIES", "CL_DEVICE_SVM_COARSE_GRAIN_BUFFER" },
	{ "CL_DEVICE_SVM_CAPABILITIES", "CL_DEVICE_SVM_FINE_GRAIN_BUFFER" },
	{ "CL_DEVICE_SVM_CAPABILITIES", "CL_DEVICE_SVM_FINE_GRAIN_SYSTEM" },
	{ "CL_DEVICE_SVM_CAPABILITIES", "CL_DEVICE_SVM_ATOMICS" },
};

#define N_EXPECTED (sizeof(expected) / sizeof(*expected))

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(EXIT_FAILURE);
}

static void install(const char *icd)
{
	char line[4096];
	FILE *from = fopen(icd, "re"), *to;

	need(from && fgets(line, sizeof(line), from), icd);
	fclose(from);
	need(!unshare(CLONE_NEWNS), "unshare");
	need(!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	need(!mount("etc", "/etc", "tmpfs", 0, NULL), "/etc");
	need(!mkdir("/etc/OpenCL", 0755) && !mkdir(VENDORS, 0755), VENDORS);
	to = fopen(VENDORS "/rusticl.icd", "we");
	need(to && fputs(line, to) >= 0 && !fclose(to), "rusticl.icd");
}

static FILE *start_clinfo(void)
{
	static char *const none[] = { NULL };
	int ends[2];
	pid_t pid;

	need(!pipe(ends), "pipe");
	pid = fork();
	need(pid >= 0, "fork");
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execle("/usr/bin/clinfo", "clinfo", "--raw", NULL, none);
		_exit(EXIT_FAILURE);
	}
	close(ends[1]);
	return fdopen(ends[0], "r");
}

/* "[PLATFORM/NUMBER]  PROPERTY  VALUE" */
static void look_at(const char *line, int *found)
{
	char property[128];
	size_t i;

	if (sscanf(line, "[%*[^]]] %127s", property) != 1)
		return;
	for (i = 0; i < N_EXPECTED; i++) {
		if (!strcmp(property, expected[i].property) &&
		    strstr(line + strlen(property), expected[i].value))
			found[i]++;
	}
}

int main(void)
{
	const char *icd = getenv("OCL_ICD_VENDORS");
	int found[N_EXPECTED] = { 0 }, status, rc;
	char line[8192];
	size_t i;
	FILE *f;

	need(!!icd, "OCL_ICD_VENDORS");
	install(icd);
	f = start_clinfo();
	need(!!f, "clinfo");
	while (fgets(line, sizeof(line), f))
		look_at(line, found);
	need(wait(&status) > 0, "wait");
	rc = status ? EXIT_FAILURE : EXIT_SUCCESS;
	for (i = 0; i < N_EXPECTED; i++) {
		printf("%s: %s %s\n", found[i] == 1 ? "PASS" : "FAIL",
		       expected[i].property, expected[i].value);
		if (found[i] != 1)
			rc = EXIT_FAILURE;
	}
	return rc;
}
