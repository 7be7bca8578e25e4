/* SPDX-License-Identifier: MIT */
/*
 * A kernel that runs until it is told to end, and whose threads do what their
 * mailboxes say: the CPU can send each to another word, or out of the way,
 * and knows when it has gone.
 */
#ifndef NV_MAIL_H
#define NV_MAIL_H

#include "nv_compute.h"

/** struct nv_mailboxes - a running kernel and its threads' mail */
struct nv_mailboxes {
	const struct nv_device *dev;
	struct nv_launch launch;
	enum nv_kernel kernel;
	/** @bo: where @mail, of @count threads, is: no shared virtual memory */
	struct nv_bo bo;
	volatile struct nv_mail *mail;
	unsigned int count;
	uint32_t turn;
};

/* Start one of NV_KERNEL_MAIL_*; all threads are parked.  Asserts success. */
void nv_mail_start(struct nv_mailboxes *box, const struct nv_device *dev,
		   const struct nv_channel *chan, enum nv_kernel kernel,
		   unsigned int count);

/* From the next turn on, this thread works on this word. */
void nv_mail_send(struct nv_mailboxes *box, unsigned int thread, void *word,
		  uint32_t value);
/*
 * From the next turn on, it works on a word of its own, and adds nothing.  Until
 * then it may do once more what it did.
 */
void nv_mail_park(struct nv_mailboxes *box, unsigned int thread);

/*
 * A new turn: returns when all threads have done it at least once, and none
 * does anything of an older one.  Asserts that they live.
 */
void nv_mail_turn(struct nv_mailboxes *box);

/* The same in two steps: begin a turn; wait until some threads have done it. */
void nv_mail_begin(struct nv_mailboxes *box);
void nv_mail_wait(struct nv_mailboxes *box, unsigned int first,
		  unsigned int count);

/* The last turn; asserts that the kernel ends well. */
void nv_mail_stop(struct nv_mailboxes *box);

#endif
