// SPDX-License-Identifier: MIT
/* What the kernel says: see nv_kmsg.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_kmsg.h"

#define RECORD_MAX	8192	/* CONSOLE_EXT_LOG_MAX and then some */

int nv_kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	igt_require_f(fd >= 0, "/dev/kmsg: %s\n", strerror(errno));
	igt_assert(lseek(fd, 0, SEEK_END) >= 0);
	return fd;
}

unsigned int nv_kmsg_count(int fd, const char *text)
{
	char record[RECORD_MAX];
	unsigned int count = 0;
	ssize_t n;

	/* Each read is one message; EPIPE: some were too old to be kept. */
	for (;;) {
		n = read(fd, record, sizeof(record) - 1);
		if (n < 0 && errno != EPIPE)
			break;
		record[n < 0 ? 0 : n] = '\0';
		/* Data races are for the runner, which knows whose they are. */
		if (strstr(record, "BUG: KCSAN"))
			continue;
		count += !!strstr(record, text);
	}
	close(fd);
	return count;
}

bool nv_kmsg_had(int fd, const char *text)
{
	return nv_kmsg_count(fd, text);
}
