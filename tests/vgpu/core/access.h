/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A warp's access to memory: addresses sorted into spaces, every page
 * translated before the first byte moves.  Shared by loads, stores, atomics.
 */
#ifndef NVGPU_ACCESS_H
#define NVGPU_ACCESS_H

#include "sass.h"

/** enum nvgpu_space - where a lane's address points */
enum nvgpu_space {
	NVGPU_SPACE_GENERIC,
	NVGPU_SPACE_SHARED,
	NVGPU_SPACE_LOCAL,
};

/** struct nvgpu_page - a translated page */
struct nvgpu_page {
	uint64_t va;
	struct nvgpu_xlat xlat;
};

/** struct nvgpu_lanes - one access of all executing lanes */
struct nvgpu_lanes {
	/** @size: bytes of a lane, a power of two */
	unsigned int size;
	enum nvgpu_access access;
	/** @global, @shared, @local: lanes by where they point */
	uint32_t global, shared, local;
	/** @va: virtual address, or offset in shared or local memory */
	uint64_t va[NVGPU_LANES];
	/**
	 * @low, @high: of these, the least and the greatest that executes, or
	 * the bounds of the page that all of them are on
	 */
	uint64_t low, high;
	/** @page: for each lane of @global, index in @pages */
	uint8_t page[NVGPU_LANES];
	struct nvgpu_page pages[NVGPU_LANES];
	unsigned int nr_pages;
};

/*
 * Addresses a + @offset; with @wide a is a pair.  Only generic addresses are
 * sorted by the grid's windows.
 */
void nvgpu_lanes_init(struct nvgpu_exec *x, const struct nvgpu_insn *in,
		      struct nvgpu_lanes *lanes, enum nvgpu_space space,
		      bool wide, int32_t offset);

/*
 * Check alignment and bounds and translate: after NVGPU_STEP_NEXT the access
 * can't fail any more.
 */
enum nvgpu_step nvgpu_lanes_prepare(struct nvgpu_exec *x,
				    struct nvgpu_lanes *lanes);

/* A hint: translate what can be, say what can't, and leave it at that. */
void nvgpu_lanes_prefetch(struct nvgpu_exec *x, struct nvgpu_lanes *lanes);

/* Physical address of a lane of @global. */
static inline uint64_t nvgpu_lane_pa(const struct nvgpu_lanes *lanes,
				     unsigned int l)
{
	const struct nvgpu_page *page = &lanes->pages[lanes->page[l]];

	return page->xlat.pa + (lanes->va[l] - page->va);
}

static inline enum nvgpu_aperture
nvgpu_lane_aper(const struct nvgpu_lanes *lanes, unsigned int l)
{
	return lanes->pages[lanes->page[l]].xlat.aper;
}

/* A lane of @shared or @local in the model's memory. */
uint8_t *nvgpu_lane_ptr(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			unsigned int l);

#endif
