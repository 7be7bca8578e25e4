// SPDX-License-Identifier: MIT
/* What root can do to a GPU and its driver: see nv_system.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_system.h"

#define DRIVER		"/sys/bus/pci/drivers/nouveau"
#define DEVICES		"/sys/bus/pci/devices"
#define WAKE_ALARM	"/sys/class/rtc/rtc0/wakealarm"
#define WAKE_COUNT	"/sys/power/wakeup_count"
/* Seconds: what a machine at leisure needs to fall asleep, and a busy one. */
#define SLEEP_MIN	3
#define SLEEP_MAX	24

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/* From now on, whatever would wake the machine up keeps it from sleeping. */
static void note_wakeups(void)
{
	char count[32];
	FILE *f;

	f = fopen(WAKE_COUNT, "r");
	igt_assert(f && fgets(count, sizeof(count), f));
	fclose(f);
	igt_assert_eq(write_file(WAKE_COUNT, count), 0);
}

static int suspend_for(unsigned int seconds)
{
	char text[16];

	snprintf(text, sizeof(text), "+%u", seconds);
	igt_assert_eq(write_file(WAKE_ALARM, "0"), 0);
	note_wakeups();
	igt_assert_eq(write_file(WAKE_ALARM, text), 0);
	return write_file("/sys/power/state", "mem");
}

int nv_suspend(void)
{
	unsigned int seconds;
	int ret = -EBUSY;

	igt_require_f(!write_file("/sys/power/mem_sleep", "deep"),
		      "no suspend to RAM here\n");
	/* An alarm that comes too early is no alarm any more. */
	for (seconds = SLEEP_MIN; ret == -EBUSY && seconds <= SLEEP_MAX;
	     seconds *= 2)
		ret = suspend_for(seconds);
	return ret;
}

int nv_hibernate(void)
{
	igt_require_f(!write_file("/sys/power/disk", "reboot"),
		      "no suspend to disk here\n");
	/* as small an image as can be */
	igt_assert_eq(write_file("/sys/power/image_size", "0"), 0);
	return write_file("/sys/power/state", "disk");
}

static int run(const char *command)
{
	int status = system(command);

	igt_assert(status >= 0 && WIFEXITED(status));
	return WEXITSTATUS(status);
}

int nv_module_load(const char *options)
{
	char command[128];

	snprintf(command, sizeof(command), "modprobe nouveau %s", options);
	return run(command);
}

int nv_module_unload(void)
{
	return run("rmmod nouveau");
}

void nv_pci_name(char name[16])
{
	struct dirent *e;
	DIR *d;

	name[0] = '\0';
	d = opendir(DRIVER);
	igt_require_f(d, "nouveau is not there\n");
	while (!name[0] && (e = readdir(d))) {
		if (strchr(e->d_name, ':') && strlen(e->d_name) < 16)
			snprintf(name, 16, "%s", e->d_name);
	}
	closedir(d);
	igt_require_f(name[0], "nouveau has no device\n");
}

int nv_unbind(const char *name)
{
	return write_file(DRIVER "/unbind", name);
}

int nv_bind(const char *name)
{
	return write_file(DRIVER "/bind", name);
}

void nv_runtime_delay(const char *name, unsigned int ms)
{
	char path[80], text[16];

	snprintf(path, sizeof(path), DEVICES "/%s/power/autosuspend_delay_ms",
		 name);
	snprintf(text, sizeof(text), "%u", ms);
	igt_assert_eq(write_file(path, text), 0);
}

bool nv_runtime_becomes(const char *name, const char *status,
			unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 20 * 1000 * 1000 };
	time_t end = time(NULL) + seconds;
	char path[80], now[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), DEVICES "/%s/power/runtime_status", name);
	do {
		f = fopen(path, "r");
		igt_assert(f);
		igt_assert(fgets(now, sizeof(now), f));
		now[strcspn(now, "\n")] = '\0';
		fclose(f);
		if (!strcmp(now, status))
			return true;
		nanosleep(&pause, NULL);
	} while (time(NULL) <= end);
	return false;
}
