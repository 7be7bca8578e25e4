// SPDX-License-Identifier: GPL-2.0-or-later
/* Addresses of a warp's access: windows, bounds, translation, faults. */
#include <inttypes.h>

#include "access.h"

static bool in_window(uint64_t va, uint64_t window)
{
	return va >= window && va - window < NVGPU_WINDOW_SIZE;
}

static void sort_generic(const struct nvgpu_grid *grid,
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

void nvgpu_lanes_init(struct nvgpu_exec *x, const struct nvgpu_insn *in,
		      struct nvgpu_lanes *lanes, enum nvgpu_space space,
		      bool wide, int32_t offset)
{
	lanes->global = 0;
	lanes->shared = 0;
	lanes->local = 0;
	lanes->nr_pages = 0;
	NVGPU_EACH(l) {
		uint64_t a = wide ? nvgpu_pair(x->a, l) + (int64_t)offset :
				    x->a[l] + (uint32_t)offset;

		lanes->va[l] = a;
	}
	if (space == NVGPU_SPACE_SHARED)
		lanes->shared = x->mask;
	else if (space == NVGPU_SPACE_LOCAL)
		lanes->local = x->mask;
	else
		NVGPU_EACH_IN(l, m, x->mask)
			sort_generic(&x->run->grid, lanes, l);
}

static enum nvgpu_step check(struct nvgpu_exec *x,
			     const struct nvgpu_lanes *lanes)
{
	const struct nvgpu_grid *grid = &x->run->grid;

	NVGPU_EACH_IN(l, m, x->mask) {
		uint64_t va = lanes->va[l], limit = UINT64_MAX;

		if (va % lanes->size)
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

enum nvgpu_step nvgpu_lanes_prepare(struct nvgpu_exec *x,
				    struct nvgpu_lanes *lanes)
{
	struct nvgpu_client client = nvgpu_sm_client(x->cta);
	enum nvgpu_step step = check(x, lanes);
	struct faults faults;

	if (step != NVGPU_STEP_NEXT)
		return step;
	faults.nr = 0;
	NVGPU_EACH_IN(l, m, lanes->global)
		translate_lane(x, lanes, &client, l, &faults);
	if (!faults.nr)
		return NVGPU_STEP_NEXT;
	return nvgpu_sm_fault(x, &client, faults.info, faults.nr);
}

void nvgpu_lanes_prefetch(struct nvgpu_exec *x, struct nvgpu_lanes *lanes)
{
	struct nvgpu_client client = nvgpu_sm_client(x->cta);
	struct faults faults = { .nr = 0 };

	NVGPU_EACH_IN(l, m, lanes->global)
		translate_lane(x, lanes, &client, l, &faults);
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
