/* SPDX-License-Identifier: MIT */
/*
 * Kernels in machine code, for Maxwell and Pascal (SM50 to SM61).
 *
 * Every kernel is called with one struct nv_kernel_args in constant bank 0;
 * thread number i works on the words at dst + (i << shift) and
 * src + (i << shift).
 */
#ifndef NV_SASS_H
#define NV_SASS_H

#include <stdint.h>

/** enum nv_kernel - what each thread does */
enum nv_kernel {
	/** @NV_KERNEL_WRITE: *dst = value + i */
	NV_KERNEL_WRITE,
	/** @NV_KERNEL_COPY: *dst = *src */
	NV_KERNEL_COPY,
	/** @NV_KERNEL_ADD: *dst += value, atomically */
	NV_KERNEL_ADD,
	/** @NV_KERNEL_INCREMENT: *dst = *src + value, not atomic */
	NV_KERNEL_INCREMENT,
	/**
	 * @NV_KERNEL_WAIT: spin until the word at src itself == value, then
	 * *dst = value + i
	 */
	NV_KERNEL_WAIT,
	/**
	 * @NV_KERNEL_COPY_ADD: *dst = *src, but in the warp that value is the
	 * number of: *dst += value, atomically
	 */
	NV_KERNEL_COPY_ADD,
	/**
	 * @NV_KERNEL_MAIL_READ: until told to end, whatever the thread's
	 * struct nv_mail at dst says: seen = *addr
	 */
	NV_KERNEL_MAIL_READ,
	/** @NV_KERNEL_MAIL_WRITE: the same; *addr = value */
	NV_KERNEL_MAIL_WRITE,
	/**
	 * @NV_KERNEL_MAIL_COUNT: the same; *addr += value, not atomic, and
	 * seen += value
	 */
	NV_KERNEL_MAIL_COUNT,
	/** @NV_KERNEL_MAIL_ADD: the same, atomically */
	NV_KERNEL_MAIL_ADD,
	/** @NV_KERNEL_TOUCH: once, what the thread's struct nv_touch says */
	NV_KERNEL_TOUCH,
	/**
	 * @NV_KERNEL_WALK: one thread, from word number 0 at dst on: writes
	 * the number of the next one, reads it, and goes to the one that it
	 * has read, until that is value
	 */
	NV_KERNEL_WALK,
	NV_KERNELS
};

/** enum nv_access - what a thread does to a word */
enum nv_access {
	NV_ACCESS_NONE,
	/** @NV_ACCESS_READ: seen = *addr */
	NV_ACCESS_READ,
	/** @NV_ACCESS_WRITE: *addr = value */
	NV_ACCESS_WRITE,
	/** @NV_ACCESS_ADD: *addr += value, atomically */
	NV_ACCESS_ADD,
	/** @NV_ACCESS_PREFETCH: a hint that it will be read */
	NV_ACCESS_PREFETCH,
};

/** struct nv_touch - one access of one thread; see nv_touch.h */
struct nv_touch {
	/** @addr: the word */
	uint64_t addr;
	/** @access: enum nv_access */
	uint32_t access;
	/** @value: what to do with it */
	uint32_t value;
	/** @seen: what was read; from the thread */
	uint32_t seen;
	/** @hold: the thread waits until the word at src is at least this */
	uint32_t hold;
	uint32_t unused[2];
};

#define NV_TOUCH_SHIFT	5	/* log2 of its size */

/**
 * struct nv_mail - what the CPU and a thread of a running kernel tell each
 * other; see nv_mail.h
 */
struct nv_mail {
	/** @addr: the word to work on; from the CPU */
	uint64_t addr;
	/** @value: what to do with it; from the CPU */
	uint32_t value;
	/** @turn: changes when the others have; nv_kernel_args.value ends it */
	uint32_t turn;
	/** @done: the last turn that was done at least once; from the thread */
	uint32_t done;
	/** @seen: what came of it; from the thread */
	uint32_t seen;
	/** @park: a word to work on when there is no other */
	uint32_t park;
	uint32_t unused;
};

#define NV_MAIL_SHIFT	5	/* log2 of its size */

/** struct nv_kernel_args - constant bank 0 of every kernel */
struct nv_kernel_args {
	uint64_t dst;
	uint64_t src;
	/**
	 * @shift: log2 of the distance between two threads' words, or
	 * NV_SHIFT_SAME_WORD
	 */
	uint32_t shift;
	uint32_t value;
};

/* A shift by the register's width or more gives 0. */
#define NV_SHIFT_SAME_WORD	32

#define NV_KERNEL_MAX_WORDS	64
#define NV_KERNEL_REGISTERS	16

/* Write the kernel's code; how many 64-bit words it has. */
unsigned int nv_sass_kernel(enum nv_kernel kernel,
			    uint64_t code[NV_KERNEL_MAX_WORDS]);

#endif
