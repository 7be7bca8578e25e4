// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of a warp's access: windows, bounds, translation, faults. */
#include <inttypes.h>

#include "access.h"

static bool in_window(uint64_t va, uint64_t window)
{
	return va >= window && va - window < NVGPU_WINDOW_SIZE;
}

static void sort_lane(const struct nvgpu_grid *grid,
		      struct nvgpu_lanes *lanes, unsigned int l)
{
	uint32_t bit = nvgpu_lane_bit[l];

	if (in_window(lanes->va[l], grid->shared_window)) {
		lanes->va[l] -= grid->shared_window;
		lanes->shared |= bit;
	} else if (in_window(lanes->va[l], grid->local_window)) {
		lanes->va[l] -= grid->local_window;
		lanes->local |= bit;
	} else {
		lanes->global |= bit;
	}
}

/* Do the lanes' addresses reach into a window? */
static bool meets(const struct nvgpu_lanes *lanes, uint64_t window)
{
	return lanes->high >= window &&
	       lanes->low < window + NVGPU_WINDOW_SIZE;
}

static void sort_generic(struct nvgpu_exec *x, struct nvgpu_lanes *lanes)
{
	const struct nvgpu_grid *grid = &x->run->grid;

	if (!meets(lanes, grid->shared_window) &&
	    !meets(lanes, grid->local_window)) {
		lanes->global = x->mask;
		return;
	}
	NVGPU_EACH_IN(l, m, x->mask)
		sort_lane(grid, lanes, l);
}

static bool all_on_page(const struct nvgpu_exec *x,
			const struct nvgpu_lanes *lanes)
{
	uint64_t differ = 0;

	if (x->mask != NVGPU_ALL_LANES || x->gpu->config.sm_scalar)
		return false;
	NVGPU_EACH(l)
		differ |= lanes->va[l] ^ lanes->va[0];
	return differ < NVGPU_PAGE_SIZE;
}

static void addresses(struct nvgpu_exec *x, struct nvgpu_lanes *lanes,
		      bool wide, int32_t offset)
{
	uint64_t low = UINT64_MAX, high = 0;

	if (wide) {
		NVGPU_EACH(l)
			lanes->va[l] = nvgpu_pair(x->a, l) + (int64_t)offset;
	} else {
		NVGPU_EACH(l)
			lanes->va[l] = x->a[l] + (uint32_t)offset;
	}
	if (wide && all_on_page(x, lanes)) {
		lanes->low = lanes->va[0] & -(uint64_t)NVGPU_PAGE_SIZE;
		lanes->high = lanes->low + NVGPU_PAGE_SIZE - 1;
		return;
	}
	NVGPU_EACH_IN(l, m, x->mask) {
		low = lanes->va[l] < low ? lanes->va[l] : low;
		high = lanes->va[l] > high ? lanes->va[l] : high;
	}
	lanes->low = low;
	lanes->high = high;
}

void nvgpu_lanes_init(struct nvgpu_exec *x, const struct nvgpu_insn *in,
		      struct nvgpu_lanes *lanes, enum nvgpu_space space,
		      bool wide, int32_t offset)
{
	lanes->global = 0;
	lanes->shared = 0;
	lanes->local = 0;
	lanes->nr_pages = 0;
	addresses(x, lanes, wide, offset);
	if (space == NVGPU_SPACE_SHARED)
		lanes->shared = x->mask;
	else if (space == NVGPU_SPACE_LOCAL)
		lanes->local = x->mask;
	else
		sort_generic(x, lanes);
}

/* Are all addresses aligned and far from the end of what they point into? */
static bool check_all(const struct nvgpu_exec *x,
		      const struct nvgpu_lanes *lanes)
{
	uint64_t limit, bits = 0;

	if (x->mask == NVGPU_ALL_LANES) {
		NVGPU_EACH(l)
			bits |= lanes->va[l];
	} else {
		NVGPU_EACH_IN(l, m, x->mask)
			bits |= lanes->va[l];
	}
	if (lanes->global == x->mask)
		limit = UINT64_MAX;
	else if (lanes->shared == x->mask)
		limit = x->run->grid.shared_size;
	else
		return false;
	return !(bits & (lanes->size - 1)) && lanes->high <= limit &&
	       lanes->size <= limit - lanes->high;
}

/* Lane by lane: which one is wrong? */
static enum nvgpu_step check(struct nvgpu_exec *x,
			     const struct nvgpu_lanes *lanes)
{
	const struct nvgpu_grid *grid = &x->run->grid;

	NVGPU_EACH_IN(l, m, x->mask) {
		uint64_t va = lanes->va[l], limit = UINT64_MAX;

		if (va & (lanes->size - 1))
			return nvgpu_trap(x, "misaligned address %" PRIx64,
					  va);
		if (lanes->shared & nvgpu_lane_bit[l])
			limit = grid->shared_size;
		else if (lanes->local & nvgpu_lane_bit[l])
			limit = grid->local_size;
		if (va > limit || lanes->size > limit - va)
			return nvgpu_trap(x, "%s memory has no %" PRIx64,
					  lanes->shared & nvgpu_lane_bit[l] ?
					  "shared" : "local", va);
	}
	return NVGPU_STEP_NEXT;
}

/* The page of @va among those translated, newest first. */
static bool find_page(const struct nvgpu_lanes *lanes, uint64_t va,
		      unsigned int *index)
{
	unsigned int i;

	for (i = lanes->nr_pages; i; i--) {
		const struct nvgpu_page *page = &lanes->pages[i - 1];

		if (va >= page->va && va - page->va < page->xlat.span) {
			*index = i - 1;
			return true;
		}
	}
	return false;
}

/** struct faults - distinct pages that faulted */
struct faults {
	struct nvgpu_fault_info info[NVGPU_LANES];
	unsigned int nr;
};

static bool known_fault(const struct faults *faults, uint64_t base)
{
	unsigned int i;

	for (i = 0; i < faults->nr; i++)
		if (faults->info[i].va / NVGPU_PAGE_SIZE ==
		    base / NVGPU_PAGE_SIZE)
			return true;
	return false;
}

static void translate_lane(struct nvgpu_exec *x, struct nvgpu_lanes *lanes,
			   const struct nvgpu_client *client, unsigned int l,
			   struct faults *faults)
{
	uint64_t base = lanes->va[l] & ~(uint64_t)(NVGPU_PAGE_SIZE - 1);
	unsigned int index = lanes->nr_pages;
	struct nvgpu_fault_info info;

	if (find_page(lanes, lanes->va[l], &index)) {
		lanes->page[l] = index;
		return;
	}
	if (known_fault(faults, base))
		return;
	if (nvgpu_translate(x->gpu, nvgpu_chan_vm(x->run->chan), client, base,
			    lanes->access, &lanes->pages[index].xlat, &info)) {
		lanes->pages[index].va = base;
		lanes->page[l] = index;
		lanes->nr_pages++;
		return;
	}
	info.va = lanes->va[l];
	faults->info[faults->nr++] = info;
}

/* All lanes on one page: what the first one finds is for all. */
static bool one_page(const struct nvgpu_exec *x, struct nvgpu_lanes *lanes)
{
	return !x->gpu->config.sm_scalar && lanes->global == x->mask &&
	       lanes->low / NVGPU_PAGE_SIZE == lanes->high / NVGPU_PAGE_SIZE;
}

static void translate(struct nvgpu_exec *x, struct nvgpu_lanes *lanes,
		      const struct nvgpu_client *client,
		      struct faults *faults)
{
	faults->nr = 0;
	if (one_page(x, lanes)) {
		translate_lane(x, lanes, client, __builtin_ctz(x->mask),
			       faults);
		memset(lanes->page, 0, sizeof(lanes->page));
		return;
	}
	NVGPU_EACH_IN(l, m, lanes->global)
		translate_lane(x, lanes, client, l, faults);
}

enum nvgpu_step nvgpu_lanes_prepare(struct nvgpu_exec *x,
				    struct nvgpu_lanes *lanes)
{
	struct nvgpu_client client = nvgpu_sm_client(x->cta);
	enum nvgpu_step step;
	struct faults faults;

	if (x->gpu->config.sm_scalar || !check_all(x, lanes)) {
		step = check(x, lanes);
		if (step != NVGPU_STEP_NEXT)
			return step;
	}
	translate(x, lanes, &client, &faults);
	if (!faults.nr)
		return NVGPU_STEP_NEXT;
	return nvgpu_sm_fault(x, &client, faults.info, faults.nr);
}

void nvgpu_lanes_prefetch(struct nvgpu_exec *x, struct nvgpu_lanes *lanes)
{
	struct nvgpu_client client = nvgpu_sm_client(x->cta);
	struct faults faults;

	translate(x, lanes, &client, &faults);
	nvgpu_sm_hint(x, &client, faults.info, faults.nr);
}

uint8_t *nvgpu_lane_ptr(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			unsigned int l)
{
	size_t thread = x->w->index * NVGPU_LANES + l;

	if (lanes->shared & nvgpu_lane_bit[l])
		return x->cta->shared + lanes->va[l];
	return x->cta->local + thread * x->run->grid.local_size + lanes->va[l];
}
