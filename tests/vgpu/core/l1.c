// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The L1 cache of an SM, incoherent and cruel.
 *
 * One for each SM, write-through.  Lines are looked up by virtual address,
 * after the access was translated: an access to a page that is not there faults
 * whatever is cached.
 *
 * What drops a line, or not; the fidelity ledger (fault_rules.c) tells from
 * where that is known:
 *   loads .CA, .CS	are served from it, and fill it
 *   loads .CG		go to L2, what is cached stays
 *   loads .CV		go to L2, the sector is dropped
 *   stores		go to L2 or wait (stores.c), the sector is dropped, on this
 *			SM alone
 *   atomics		happen in L2, what is cached stays, even on this SM
 *   CCTL.IV, .IVALL	drop a line, or all, of this SM
 *   MEMBAR		drops nothing
 *   a launch		drops all
 *   time		drops all after NVGPU_L1_LIFE
 *
 * L2 is nowhere in the model: it is where all of the GPU meets, and what it
 * holds of system memory is never stale.
 */
#include <string.h>

#include "warp.h"

/*
 * Warp instructions after which a line has surely made room for others.  It is
 * for programs that are wrong: they go on some time, instead of never.
 */
#define NVGPU_L1_LIFE	(1u << 20)

void nvgpu_l1_forget(struct nvgpu_l1 *l1, uint64_t now)
{
	l1->gen++;
	l1->until = now + NVGPU_L1_LIFE;
}

static struct nvgpu_l1_line *slot(struct nvgpu_l1 *l1, uint64_t number)
{
	return &l1->line[number % NVGPU_L1_LINES];
}

static bool holds(const struct nvgpu_l1 *l1, const struct nvgpu_l1_line *line,
		  uint64_t number)
{
	return line->number == number && line->gen == l1->gen;
}

/* The sectors of a line that hold any of @len bytes from @offset on. */
static uint32_t sectors(unsigned int offset, unsigned int len)
{
	unsigned int first = offset / NVGPU_L1_SECTOR;
	unsigned int last = (offset + len - 1) / NVGPU_L1_SECTOR;

	return (2u << last) - (1u << first);
}

/* The line of @number, emptied if it was another's. */
static struct nvgpu_l1_line *claim(struct nvgpu_l1 *l1, uint64_t number)
{
	struct nvgpu_l1_line *line = slot(l1, number);

	if (!holds(l1, line, number)) {
		line->number = number;
		line->gen = l1->gen;
		line->valid = 0;
	}
	return line;
}

/* Read @missing sectors of a line whose first byte is at @pa. */
static void fill(struct nvgpu *gpu, unsigned int sm,
		 struct nvgpu_l1_line *line, uint32_t missing,
		 enum nvgpu_aperture aper, uint64_t pa)
{
	while (missing) {
		unsigned int first = __builtin_ctz(missing);
		unsigned int nr = __builtin_ctz(~(missing >> first));
		unsigned int offset = first * NVGPU_L1_SECTOR;
		uint32_t mask = ((1u << nr) - 1) << first;

		if (nvgpu_stores_read(gpu, sm, aper, pa + offset,
				      line->data + offset,
				      nr * NVGPU_L1_SECTOR))
			line->valid |= mask;
		missing &= ~mask;
	}
}

void nvgpu_l1_read(struct nvgpu *gpu, unsigned int sm, uint64_t va,
		   enum nvgpu_aperture aper, uint64_t pa, void *buf,
		   unsigned int len)
{
	struct nvgpu_l1 *l1 = &gpu->sm->l1[sm];
	uint8_t *p = buf;

	while (len) {
		unsigned int offset = va % NVGPU_L1_LINE;
		unsigned int rest = NVGPU_L1_LINE - offset;
		unsigned int n = len < rest ? len : rest;
		struct nvgpu_l1_line *line = claim(l1, va / NVGPU_L1_LINE);
		uint32_t missing = sectors(offset, n) & ~line->valid;

		if (missing)
			fill(gpu, sm, line, missing, aper, pa - offset);
		memcpy(p, line->data + offset, n);
		p += n;
		va += n;
		pa += n;
		len -= n;
	}
}

void nvgpu_l1_drop(struct nvgpu_l1 *l1, uint64_t va, unsigned int len)
{
	while (len) {
		unsigned int offset = va % NVGPU_L1_LINE;
		unsigned int rest = NVGPU_L1_LINE - offset;
		unsigned int n = len < rest ? len : rest;
		struct nvgpu_l1_line *line = slot(l1, va / NVGPU_L1_LINE);

		if (holds(l1, line, va / NVGPU_L1_LINE))
			line->valid &= ~sectors(offset, n);
		va += n;
		len -= n;
	}
}
