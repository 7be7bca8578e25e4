// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stores of global memory on their way, late and out of order.
 *
 * A plain store is seen by its own SM at once, by the other SMs when it leaves
 * the SM's buffer, and by the CPU and the GPU's other engines, where it is to
 * system memory, when it leaves the buffer behind all SMs too.  Addresses were
 * translated when the store was executed: what waits has a physical address,
 * and goes there whatever became of the page tables.
 *
 * What makes stores leave, or not; the fidelity ledger (fault_rules.c) tells
 * from where that is known:
 *   MEMBAR.CTA		nothing: the CTA is on one SM
 *   MEMBAR.GL		the SM's, of all its warps: barriers are cumulative
 *   MEMBAR.SYS		the same, and all that waits behind the SMs
 *   stores .CG, .WT	are no plain ones, and pass those that wait
 *   atomics		happen in L2 and pass them too, but for the bytes that
 *			they touch
 *   another store	that needs the line's place
 *   end, preemption,	everything
 *   fault of a grid
 *   TLB invalidate	everything, if it has SYS_MEMBAR
 *   time		the newest line after NVGPU_STORE_LIFE, everything else
 *			after another one; everything when no warp can run
 *
 * Of a grid that is aborted by a reset what waits is lost.
 */
#include <string.h>

#include "warp.h"

/*
 * Warp instructions.  As with lines of L1 that is for programs that are wrong,
 * which should go on late rather than never.
 */
#define NVGPU_STORE_LIFE	(1u << 18)

static bool is_vram(enum nvgpu_aperture aper)
{
	return aper == NVGPU_APER_VRAM;
}

static struct nvgpu_store_line *slot(struct nvgpu_stores *stores, uint64_t pa)
{
	return &stores->line[pa / NVGPU_STORE_LINE % NVGPU_STORE_LINES];
}

static bool in_use(const struct nvgpu_store_line *line)
{
	return line->mask[0] | line->mask[1];
}

static bool holds(const struct nvgpu_store_line *line,
		  enum nvgpu_aperture aper, uint64_t pa)
{
	return line->number == pa / NVGPU_STORE_LINE &&
	       is_vram(line->aper) == is_vram(aper) && in_use(line);
}

/* Of @len bytes at @pa those that one mask has bits for. */
static unsigned int piece(uint64_t pa, unsigned int len)
{
	unsigned int rest = NVGPU_STORE_HALF - pa % NVGPU_STORE_HALF;

	return len < rest ? len : rest;
}

static uint64_t bits(uint64_t pa, unsigned int n)
{
	return UINT64_MAX >> (NVGPU_STORE_HALF - n) << pa % NVGPU_STORE_HALF;
}

static uint64_t *mask_at(struct nvgpu_store_line *line, uint64_t pa)
{
	return &line->mask[pa / NVGPU_STORE_HALF % 2];
}

/* The first bytes of @mask that are next to each other: their number. */
static unsigned int first_run(uint64_t mask, unsigned int *first)
{
	*first = __builtin_ctzll(mask);
	mask = ~(mask >> *first);
	return mask ? __builtin_ctzll(mask) : NVGPU_STORE_HALF;
}

static void put(struct nvgpu *gpu, unsigned int sm, enum nvgpu_aperture aper,
		uint64_t pa, const void *buf, unsigned int len);

/* Bytes that leave the buffer of @sm */
static void leave(struct nvgpu *gpu, unsigned int sm, enum nvgpu_aperture aper,
		  uint64_t pa, const void *buf, unsigned int len)
{
	if (sm == NVGPU_POSTED || is_vram(aper))
		nvgpu_phys_write(gpu, aper, pa, buf, len);
	else
		put(gpu, NVGPU_POSTED, aper, pa, buf, len);
}

static void half_leaves(struct nvgpu *gpu, unsigned int sm,
			const struct nvgpu_store_line *line, unsigned int half)
{
	uint64_t mask = line->mask[half], pa = line->number * NVGPU_STORE_LINE;
	unsigned int first, n;

	for (; mask; mask &= ~bits(first, n)) {
		unsigned int offset = half * NVGPU_STORE_HALF;

		n = first_run(mask, &first);
		offset += first;
		leave(gpu, sm, line->aper, pa + offset, line->data + offset,
		      n);
	}
}

static void line_leaves(struct nvgpu *gpu, unsigned int sm,
			struct nvgpu_store_line *line)
{
	if (!in_use(line))
		return;
	if ((line->mask[0] & line->mask[1]) == UINT64_MAX) {
		leave(gpu, sm, line->aper, line->number * NVGPU_STORE_LINE,
		      line->data, NVGPU_STORE_LINE);
	} else {
		half_leaves(gpu, sm, line, 0);
		half_leaves(gpu, sm, line, 1);
	}
	line->mask[0] = 0;
	line->mask[1] = 0;
	gpu->sm->stores[sm].nr--;
}

static void buffer_leaves(struct nvgpu *gpu, unsigned int sm)
{
	struct nvgpu_stores *stores = &gpu->sm->stores[sm];
	unsigned int i;

	for (i = 0; stores->nr && i < NVGPU_STORE_LINES; i++)
		line_leaves(gpu, sm, &stores->line[i]);
}

/* The line of @pa, which another one may have to make room for. */
static struct nvgpu_store_line *claim(struct nvgpu *gpu, unsigned int sm,
				      enum nvgpu_aperture aper, uint64_t pa)
{
	struct nvgpu_stores *stores = &gpu->sm->stores[sm];
	struct nvgpu_store_line *line = slot(stores, pa);

	if (!holds(line, aper, pa)) {
		line_leaves(gpu, sm, line);
		if (!stores->nr++) {
			stores->until = gpu->sm->run->executed +
					NVGPU_STORE_LIFE;
			stores->old = false;
		}
		line->number = pa / NVGPU_STORE_LINE;
		line->aper = aper;
	}
	stores->last = line - stores->line;
	return line;
}

static void put(struct nvgpu *gpu, unsigned int sm, enum nvgpu_aperture aper,
		uint64_t pa, const void *buf, unsigned int len)
{
	const uint8_t *p = buf;
	unsigned int n;

	for (; len; p += n, pa += n, len -= n) {
		struct nvgpu_store_line *line = claim(gpu, sm, aper, pa);

		n = piece(pa, len);
		memcpy(line->data + pa % NVGPU_STORE_LINE, p, n);
		*mask_at(line, pa) |= bits(pa, n);
	}
}

void nvgpu_stores_write(struct nvgpu *gpu, unsigned int sm,
			enum nvgpu_aperture aper, uint64_t pa,
			const void *buf, unsigned int len)
{
	if (aper != NVGPU_APER_SPARSE)
		put(gpu, sm, aper, pa, buf, len);
}

/* What of @len bytes at @pa waits in a buffer, on top of @buf. */
static void overlay(struct nvgpu_stores *stores, enum nvgpu_aperture aper,
		    uint64_t pa, uint8_t *buf, unsigned int len)
{
	unsigned int n, first, nr;

	for (; len; buf += n, pa += n, len -= n) {
		struct nvgpu_store_line *line = slot(stores, pa);
		const uint8_t *data = line->data + pa % NVGPU_STORE_LINE;
		uint64_t mask;

		n = piece(pa, len);
		if (!holds(line, aper, pa))
			continue;
		mask = (*mask_at(line, pa) & bits(pa, n)) >>
		       pa % NVGPU_STORE_HALF;
		for (; mask; mask &= ~bits(first, nr)) {
			nr = first_run(mask, &first);
			memcpy(buf + first, data + first, nr);
		}
	}
}

bool nvgpu_stores_read(struct nvgpu *gpu, unsigned int sm,
		       enum nvgpu_aperture aper, uint64_t pa, void *buf,
		       unsigned int len)
{
	struct nvgpu_stores *own = &gpu->sm->stores[sm];
	struct nvgpu_stores *posted = &gpu->sm->stores[NVGPU_POSTED];
	bool ok = nvgpu_phys_read(gpu, aper, pa, buf, len);

	if (posted->nr)
		overlay(posted, aper, pa, buf, len);
	if (own->nr)
		overlay(own, aper, pa, buf, len);
	return ok;
}

/* Bytes that wait no more; with @arrive they go to memory. */
static void take(struct nvgpu *gpu, struct nvgpu_stores *stores,
		 enum nvgpu_aperture aper, uint64_t pa, unsigned int len,
		 bool arrive)
{
	unsigned int n, first, nr;

	for (; stores->nr && len; pa += n, len -= n) {
		uint64_t half = pa - pa % NVGPU_STORE_HALF, mask;
		struct nvgpu_store_line *line = slot(stores, pa);

		n = piece(pa, len);
		if (!holds(line, aper, pa))
			continue;
		mask = *mask_at(line, pa) & bits(pa, n);
		*mask_at(line, pa) &= ~mask;
		stores->nr -= !in_use(line);
		for (; arrive && mask; mask &= ~bits(first, nr)) {
			nr = first_run(mask, &first);
			nvgpu_phys_write(gpu, aper, half + first, line->data +
					 (half + first) % NVGPU_STORE_LINE,
					 nr);
		}
	}
}

void nvgpu_stores_through(struct nvgpu *gpu, unsigned int sm,
			  enum nvgpu_aperture aper, uint64_t pa,
			  const void *buf, unsigned int len)
{
	take(gpu, &gpu->sm->stores[NVGPU_POSTED], aper, pa, len, false);
	take(gpu, &gpu->sm->stores[sm], aper, pa, len, false);
	nvgpu_phys_write(gpu, aper, pa, buf, len);
}

void nvgpu_stores_settle(struct nvgpu *gpu, unsigned int sm,
			 enum nvgpu_aperture aper, uint64_t pa,
			 unsigned int len)
{
	/* What waits in the SM is newer. */
	take(gpu, &gpu->sm->stores[NVGPU_POSTED], aper, pa, len, true);
	take(gpu, &gpu->sm->stores[sm], aper, pa, len, true);
}

void nvgpu_stores_membar(struct nvgpu *gpu, unsigned int sm,
			 enum nvgpu_scope scope)
{
	if (scope >= NVGPU_SCOPE_GL)
		buffer_leaves(gpu, sm);
	if (scope >= NVGPU_SCOPE_SYS)
		buffer_leaves(gpu, NVGPU_POSTED);
}

void nvgpu_stores_drain(struct nvgpu *gpu)
{
	unsigned int i;

	for (i = 0; i <= NVGPU_POSTED; i++)
		buffer_leaves(gpu, i);
}

void nvgpu_stores_drop(struct nvgpu *gpu)
{
	memset(gpu->sm->stores, 0, sizeof(gpu->sm->stores));
}

void nvgpu_stores_age(struct nvgpu *gpu, unsigned int sm)
{
	struct nvgpu_stores *stores = &gpu->sm->stores[sm];

	if (!stores->nr || gpu->sm->run->executed < stores->until)
		return;
	if (stores->old)
		buffer_leaves(gpu, sm);
	else
		line_leaves(gpu, sm, &stores->line[stores->last]);
	stores->old = true;
	stores->until = gpu->sm->run->executed + NVGPU_STORE_LIFE;
}
