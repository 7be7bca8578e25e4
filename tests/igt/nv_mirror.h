/* SPDX-License-Identifier: MIT */
/*
 * A range of memory on which a GPU kernel works without pause, and a shadow
 * model of what is in it.
 *
 * The range has one word for each thread, far apart; what is between them only
 * the CPU changes.  A part of the range (a number of pages) is what the CPU
 * does something to.
 */
#ifndef NV_MIRROR_H
#define NV_MIRROR_H

#include <stdbool.h>
#include <stddef.h>

#include "nv_mail.h"

#define NV_MIRROR_THREADS	128

/** enum nv_mirror_mode - what the kernel does to its words */
enum nv_mirror_mode {
	/** @NV_MIRROR_READ: reads them; checked against the model */
	NV_MIRROR_READ,
	/** @NV_MIRROR_WRITE: writes the same value over and over */
	NV_MIRROR_WRITE,
	/** @NV_MIRROR_COUNT: increments them; no increment may get lost */
	NV_MIRROR_COUNT,
	/** @NV_MIRROR_ADD: the same, atomically */
	NV_MIRROR_ADD,
	NV_MIRROR_MODES
};

/** struct nv_mirror - see above */
struct nv_mirror {
	/** @p: the range; @size: bytes of it; both set before open */
	uint8_t *p;
	size_t size;
	/** @first, @last: bytes where the part begins and ends; set before */
	size_t first, last;
	/** @part: where the part is at present; NULL: the CPU has it nowhere */
	uint8_t *part;
	/** @parked: the part's threads are out of the way */
	bool parked;
	enum nv_mirror_mode mode;
	struct nv_channel chan;
	struct nv_mailboxes box;
	/** @shadow: what must be in the range */
	uint8_t *shadow;
	/** @base: by thread, what its word would be without its increments */
	uint32_t base[NV_MIRROR_THREADS];
};

/* Fill the range, and start to work on it. */
void nv_mirror_open(struct nv_mirror *m, const struct nv_device *dev,
		    enum nv_mirror_mode mode);
/* End the kernel, which must have lived. */
void nv_mirror_close(struct nv_mirror *m, const struct nv_device *dev);

/* Take the part's threads out of the way; nothing is lost by it. */
void nv_mirror_park(struct nv_mirror *m);
/* The part is at @where now, and its threads go there. */
void nv_mirror_resume(struct nv_mirror *m, void *where);

/*
 * The CPU has set the bytes of the part to this value.  Threads that count
 * must be parked.
 */
void nv_mirror_set_part(struct nv_mirror *m, int byte);

/*
 * The kernel may have zeroed any page of the part, except for words that the
 * GPU has written since: take from memory which, and keep it so.
 */
void nv_mirror_take_zeroed(struct nv_mirror *m);

/*
 * Each thread does something at least once more; then everything is as the
 * model says, for the GPU and the CPU, byte by byte, and the GPU has nothing
 * mapped that the CPU does not have.
 */
void nv_mirror_settle(struct nv_mirror *m);

#endif
