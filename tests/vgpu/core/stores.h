/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where stores of global memory wait: a buffer in each SM, and behind all of
 * them one for system memory.  Who waits for what: stores.c.
 *
 * Private to the SM.
 */
#ifndef NVGPU_STORES_H
#define NVGPU_STORES_H

#include "mem.h"
#include "sm.h"

#define NVGPU_STORE_LINE	128u
#define NVGPU_STORE_HALF	64u	/* bytes that a mask has bits for */
/* The model's own: 8 KiB, so that much is late. */
#define NVGPU_STORE_LINES	64u
/* The buffer of all SMs, next to theirs */
#define NVGPU_POSTED		NVGPU_SMS

/** enum nvgpu_scope - who is to see stores: MEMBAR's level as it is encoded */
enum nvgpu_scope {
	NVGPU_SCOPE_CTA	= 0,
	NVGPU_SCOPE_GL	= 1,	/* the GPU */
	NVGPU_SCOPE_SYS	= 2,	/* and all others */
};

/** struct nvgpu_store_line - what was stored to 128 bytes of memory */
struct nvgpu_store_line {
	/** @number: physical address / 128 */
	uint64_t number;
	enum nvgpu_aperture aper;
	/** @mask: a bit for each byte that waits */
	uint64_t mask[NVGPU_STORE_LINE / NVGPU_STORE_HALF];
	uint8_t data[NVGPU_STORE_LINE];
};

/** struct nvgpu_stores - one buffer */
struct nvgpu_stores {
	struct nvgpu_store_line line[NVGPU_STORE_LINES];
	/** @nr: lines in use */
	unsigned int nr;
	/** @last: the line that was stored to last */
	unsigned int last;
	/** @until: on the SMs' clock, when the next ones have to go */
	uint64_t until;
	/** @old: @last went before, now it is the turn of the others */
	bool old;
};

/*
 * @len bytes of physical memory as SM @sm sees them.  False: the bus refused,
 * @buf holds ones but for what waits.
 */
bool nvgpu_stores_read(struct nvgpu *gpu, unsigned int sm,
		       enum nvgpu_aperture aper, uint64_t pa, void *buf,
		       unsigned int len);

/* A store of SM @sm, which others see later. */
void nvgpu_stores_write(struct nvgpu *gpu, unsigned int sm,
			enum nvgpu_aperture aper, uint64_t pa,
			const void *buf, unsigned int len);

/* The same at once, past what waits. */
void nvgpu_stores_through(struct nvgpu *gpu, unsigned int sm,
			  enum nvgpu_aperture aper, uint64_t pa,
			  const void *buf, unsigned int len);

/* These bytes, and nothing else, go to memory. */
void nvgpu_stores_settle(struct nvgpu *gpu, unsigned int sm,
			 enum nvgpu_aperture aper, uint64_t pa,
			 unsigned int len);

/* A MEMBAR on SM @sm: everybody in @scope sees what waits there. */
void nvgpu_stores_membar(struct nvgpu *gpu, unsigned int sm,
			 enum nvgpu_scope scope);

/* Everybody sees everything. */
void nvgpu_stores_drain(struct nvgpu *gpu);

/* What waits is lost. */
void nvgpu_stores_drop(struct nvgpu *gpu);

/* Time passes for the buffer of @sm, or NVGPU_POSTED. */
void nvgpu_stores_age(struct nvgpu *gpu, unsigned int sm);

#endif
