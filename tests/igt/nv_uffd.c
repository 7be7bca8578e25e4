// SPDX-License-Identifier: MIT
/* Memory whose pages come when the test says so: see nv_uffd.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_uffd.h"
#include "nv_words.h"

int nv_uffd_open(void *p, size_t size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)p, .len = size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	igt_require_f(fd >= 0, "userfaultfd: %s\n", strerror(errno));
	igt_assert_eq(ioctl(fd, UFFDIO_API, &api), 0);
	igt_assert_eq(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	return fd;
}

void *nv_uffd_wait(int fd, unsigned int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct uffd_msg msg;

	if (poll(&wait, 1, ms) <= 0 ||
	    read(fd, &msg, sizeof(msg)) != sizeof(msg))
		return NULL;
	igt_assert_eq(msg.event, UFFD_EVENT_PAGEFAULT);
	return (void *)(msg.arg.pagefault.address & ~(NV_PAGE - 1));
}

void nv_uffd_give(int fd, void *page, int byte)
{
	char content[NV_PAGE];
	struct uffdio_copy copy = {
		.dst = (uintptr_t)page,
		.src = (uintptr_t)content,
		.len = sizeof(content),
	};

	memset(content, byte, sizeof(content));
	igt_assert_f(!ioctl(fd, UFFDIO_COPY, &copy), "UFFDIO_COPY: %s\n",
		     strerror(errno));
}
