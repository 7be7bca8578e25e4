// SPDX-License-Identifier: MIT
/* A page to wait for: see nv_gate.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_gate.h"
#include "nv_words.h"

#define WAIT_MS		10000

void nv_gate_open(struct nv_gate *gate)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range.len = NV_GATE_BLOCK,
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	gate->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	igt_require_f(gate->fd >= 0, "userfaultfd: %s\n", strerror(errno));
	igt_assert_eq(ioctl(gate->fd, UFFDIO_API, &api), 0);
	nv_area_no_thp(&gate->area, NV_HUGE_PAGE);
	gate->block = gate->area.p;
	gate->p = (uint32_t *)(gate->block + NV_GATE_BLOCK / 2);
	memset(gate->block, NV_GATE_WORD & 0xff, NV_PAGE);
	reg.range.start = (uintptr_t)gate->block;
	igt_assert_eq(ioctl(gate->fd, UFFDIO_REGISTER, &reg), 0);
}

void nv_gate_wait(struct nv_gate *gate)
{
	struct pollfd pfd = { .fd = gate->fd, .events = POLLIN };
	struct uffd_msg msg;

	igt_assert_f(poll(&pfd, 1, WAIT_MS) == 1, "nobody has come\n");
	igt_assert_eq(read(gate->fd, &msg, sizeof(msg)), sizeof(msg));
	igt_assert_eq(msg.event, UFFD_EVENT_PAGEFAULT);
}

void nv_gate_let(struct nv_gate *gate)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (uintptr_t)gate->p, .len = NV_PAGE },
	};

	igt_assert_eq(ioctl(gate->fd, UFFDIO_ZEROPAGE, &zero), 0);
}

void nv_gate_close(struct nv_gate *gate)
{
	nv_area_unmap(&gate->area);
	close(gate->fd);
	gate->fd = -1;
}
