// SPDX-License-Identifier: MIT
/* A kernel whose threads have mailboxes: see nv_mail.h. */
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "igt_abi.h"
#include "nv_mail.h"
#include "nv_patience.h"

#define TURN_END	0
#define TURN_SECONDS	40
#define PAUSE_NS	(200 * 1000)

void nv_mail_start(struct nv_mailboxes *box, const struct nv_device *dev,
		   const struct nv_channel *chan, enum nv_kernel kernel,
		   unsigned int count)
{
	struct nv_kernel_args args = {
		.shift = NV_MAIL_SHIFT,
		.value = TURN_END,
	};
	unsigned int i;

	igt_assert_eq(sizeof(struct nv_mail), 1 << NV_MAIL_SHIFT);
	igt_assert(!(count % NV_WARP));
	box->dev = dev;
	box->count = count;
	box->kernel = kernel;
	box->turn = TURN_END;
	nv_bo_new(dev, count * sizeof(struct nv_mail), &box->bo);
	box->mail = box->bo.map;
	for (i = 0; i < count; i++) {
		nv_mail_park(box, i);
		box->mail[i].turn = TURN_END + 1;
	}
	args.dst = box->bo.va;
	nv_launch(dev, chan, &box->launch, kernel, &args, count);
	nv_mail_turn(box);
}

void nv_mail_send(struct nv_mailboxes *box, unsigned int thread, void *word,
		  uint32_t value)
{
	box->mail[thread].value = value;
	box->mail[thread].addr = (uintptr_t)word;
}

void nv_mail_park(struct nv_mailboxes *box, unsigned int thread)
{
	box->mail[thread].addr = box->bo.va + thread * sizeof(struct nv_mail) +
		offsetof(struct nv_mail, park);
	/* A thread that has just read its old address may still write there. */
	if (box->kernel != NV_KERNEL_MAIL_WRITE)
		box->mail[thread].value = 0;
}

static bool running(const struct nv_mailboxes *box)
{
	return nv_bo_busy(box->dev, &box->launch.push);
}

static bool thread_done(const struct nv_mailboxes *box, unsigned int thread)
{
	return box->mail[thread].done == box->turn;
}

/* Wait for one thread; false after too long, or if the kernel has ended. */
static bool wait_thread(const struct nv_mailboxes *box, unsigned int thread)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	time_t end = time(NULL) + nv_patience(TURN_SECONDS);

	while (!thread_done(box, thread)) {
		if (time(NULL) > end || !running(box))
			return thread_done(box, thread);
		nanosleep(&pause, NULL);
	}
	return true;
}

void nv_mail_begin(struct nv_mailboxes *box)
{
	unsigned int i;

	box->turn++;
	__sync_synchronize();
	for (i = 0; i < box->count; i++)
		box->mail[i].turn = box->turn;
}

void nv_mail_wait(struct nv_mailboxes *box, unsigned int first,
		  unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++) {
		igt_assert_f(wait_thread(box, i),
			     "thread %u of %u: %s, at %#llx\n", i, box->count,
			     running(box) ? "stuck" : "dead",
			     (unsigned long long)box->mail[i].addr);
	}
}

void nv_mail_turn(struct nv_mailboxes *box)
{
	nv_mail_begin(box);
	nv_mail_wait(box, 0, box->count);
}

void nv_mail_stop(struct nv_mailboxes *box)
{
	unsigned int i;

	for (i = 0; i < box->count; i++)
		box->mail[i].turn = TURN_END;
	igt_assert_eq(nv_launch_wait(box->dev, &box->launch, TURN_SECONDS), 0);
	nv_launch_free(box->dev, &box->launch);
	nv_bo_free(box->dev, &box->bo);
	memset(box, 0, sizeof(*box));
}
