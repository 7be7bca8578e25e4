/* SPDX-License-Identifier: MIT */
/*
 * A page that whoever touches it has to wait for, until the test lets it in:
 * what a page on a slow disk is, but under control.
 */
#ifndef NV_GATE_H
#define NV_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "nv_area.h"

/* A fault maps what is there in so much memory around its page. */
#define NV_GATE_BLOCK	(64ul << 10)
#define NV_GATE_WORD	0x5a5a5a5au

/** struct nv_gate - the page */
struct nv_gate {
	uint32_t *p;
	/**
	 * @block: NV_GATE_BLOCK bytes around it, all of which have to be waited
	 * for but for the first page, which is full of NV_GATE_WORD
	 */
	uint8_t *block;
	/** @area: what all of it is in */
	struct nv_area area;
	/** @fd: userfaultfd that it is registered with */
	int fd;
};

/* Skips the test where a process may not do that. */
void nv_gate_open(struct nv_gate *gate);
/* Wait until somebody stands before it.  Asserts that somebody comes. */
void nv_gate_wait(struct nv_gate *gate);
/* Let them all in, for good; a page of zeros is what they find. */
void nv_gate_let(struct nv_gate *gate);
void nv_gate_close(struct nv_gate *gate);

#endif
