// SPDX-License-Identifier: MIT
/* Memory whose faults a thread serves: see nv_monitor.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_monitor.h"

void nv_monitor_register(struct nv_monitor *u, int flags, uint64_t features,
			 uint64_t mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = {
		.range = { .start = (uintptr_t)u->p, .len = u->size },
		.mode = mode,
	};

	u->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | flags);
	igt_require_f(u->fd >= 0, "userfaultfd: %s\n", strerror(errno));
	igt_require_f(!ioctl(u->fd, UFFDIO_API, &api),
		      "no such feature of userfaultfd\n");
	igt_assert_f(!ioctl(u->fd, UFFDIO_REGISTER, &reg), "register: %s\n",
		     strerror(errno));
}

/* EEXIST: two faults on one page; the first answer was for both. */
static void answered(int ret, const char *what)
{
	igt_assert_f(!ret || errno == EEXIST, "%s: %s\n", what,
		     strerror(errno));
}

static void give_page(struct nv_monitor *u, size_t offset)
{
	const uint64_t dst = (uintptr_t)u->p + offset;
	const uint64_t src = (uintptr_t)u->source + offset;
	struct uffdio_copy copy = { .dst = dst, .src = src, .len = u->page };
	struct uffdio_move move = { .dst = dst, .src = src, .len = u->page };
	struct uffdio_zeropage zero = { .range = { dst, u->page } };
	struct uffdio_continue go_on = { .range = { dst, u->page } };
	struct uffdio_poison poison = { .range = { dst, u->page } };

	u->missing++;	/* before the answer: who waits for it looks at it */
	switch (u->answer) {
	case NV_MONITOR_COPY:
		answered(ioctl(u->fd, UFFDIO_COPY, &copy), "copy");
		break;
	case NV_MONITOR_ZERO:
		answered(ioctl(u->fd, UFFDIO_ZEROPAGE, &zero), "zeropage");
		break;
	case NV_MONITOR_MOVE:
		answered(ioctl(u->fd, UFFDIO_MOVE, &move), "move");
		break;
	case NV_MONITOR_CONTINUE:
		answered(ioctl(u->fd, UFFDIO_CONTINUE, &go_on), "continue");
		break;
	case NV_MONITOR_POISON:
		answered(ioctl(u->fd, UFFDIO_POISON, &poison), "poison");
		break;
	}
}

void nv_monitor_protect(struct nv_monitor *u, size_t first, size_t size,
			bool protect)
{
	struct uffdio_writeprotect wp = {
		.range = { .start = (uintptr_t)u->p + first, .len = size },
		.mode = protect ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	igt_assert_f(!ioctl(u->fd, UFFDIO_WRITEPROTECT, &wp),
		     "write protection: %s\n", strerror(errno));
}

/* As a snapshot does it: keep what was there, and let it be written. */
static void allow_write(struct nv_monitor *u, size_t offset)
{
	if (u->before)
		memcpy(u->before + offset, u->p + offset, u->page);
	u->writes++;
	nv_monitor_protect(u, offset, u->page, false);
}

static void serve(struct nv_monitor *u)
{
	struct uffd_msg msg;
	size_t offset;

	/* EAGAIN: the fault has gone, with its process or its mapping. */
	if (read(u->fd, &msg, sizeof(msg)) != sizeof(msg))
		return;
	igt_assert_eq(msg.event, UFFD_EVENT_PAGEFAULT);
	offset = msg.arg.pagefault.address - (uintptr_t)u->p;
	offset &= ~(u->page - 1);
	if (msg.arg.pagefault.flags & UFFD_PAGEFAULT_FLAG_WP)
		allow_write(u, offset);
	else
		give_page(u, offset);
}

static void *monitor(void *arg)
{
	struct nv_monitor *u = arg;
	struct pollfd fds[2] = {
		{ .fd = u->fd, .events = POLLIN },
		{ .fd = u->stop[0], .events = POLLIN },
	};

	for (;;) {
		igt_assert(poll(fds, 2, -1) > 0 || errno == EINTR);
		if (fds[1].revents)
			return NULL;
		if (fds[0].revents & POLLIN)
			serve(u);
	}
}

void nv_monitor_start(struct nv_monitor *u)
{
	igt_assert_eq(pipe(u->stop), 0);
	igt_assert_eq(pthread_create(&u->thread, NULL, monitor, u), 0);
}

void nv_monitor_stop(struct nv_monitor *u)
{
	igt_assert_eq(write(u->stop[1], "s", 1), 1);
	igt_assert_eq(pthread_join(u->thread, NULL), 0);
	close(u->stop[0]);
	close(u->stop[1]);
	close(u->fd);
	u->fd = -1;
}
