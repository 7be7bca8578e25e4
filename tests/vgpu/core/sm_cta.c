// SPDX-License-Identifier: GPL-2.0-or-later
/* CTAs: placing them on SMs, their warps, barriers, and their end. */
#include <stdlib.h>
#include <string.h>

#include "warp.h"

/* What registers hold at the start of a thread: a value that shows. */
#define REG_POISON	0xbadbad00u

static uint32_t cta_threads(const struct nvgpu_grid *grid)
{
	return grid->cta_dim[0] * grid->cta_dim[1] * grid->cta_dim[2];
}

static void warp_init(struct nvgpu_cta *cta, unsigned int index,
		      const struct nvgpu_grid *grid)
{
	struct nvgpu_warp *w = &cta->warps[index];
	unsigned int rest = cta_threads(grid) - index * NVGPU_LANES;
	unsigned int r, l;

	for (r = 0; r < grid->registers; r++)
		for (l = 0; l < NVGPU_LANES; l++)
			w->r[r][l] = REG_POISON | r;
	memset(w->p, 0, sizeof(w->p));
	w->p[NVGPU_PT] = NVGPU_ALL_LANES;
	w->cc_z = 0;
	w->cc_s = 0;
	w->cc_c = 0;
	w->cc_o = 0;
	w->depth = 0;
	w->alive = rest >= NVGPU_LANES ? NVGPU_ALL_LANES : (1u << rest) - 1;
	w->active = w->alive;
	w->pc = grid->code;
	w->state = NVGPU_WARP_READY;
	w->index = index;
	w->cta = cta;
}

static void cta_free(struct nvgpu_cta *cta)
{
	if (!cta)
		return;
	free(cta->shared);
	free(cta->local);
	free(cta->warps);
	free(cta);
}

void nvgpu_ctas_free(struct nvgpu_run *run)
{
	struct nvgpu_cta *cta;
	unsigned int i, j;

	for (i = 0; i < NVGPU_SMS; i++)
		for (j = 0; j < NVGPU_SM_CTAS; j++)
			cta_free(run->sm[i].ctas[j]);
	while ((cta = run->spare)) {
		run->spare = cta->spare;
		cta_free(cta);
	}
}

static void cta_coordinates(struct nvgpu_cta *cta,
			    const struct nvgpu_grid *grid, uint64_t number)
{
	cta->id[0] = number % grid->grid_dim[0];
	number /= grid->grid_dim[0];
	cta->id[1] = number % grid->grid_dim[1];
	cta->id[2] = number / grid->grid_dim[1];
}

/* Memory for a CTA of this grid */
static struct nvgpu_cta *cta_alloc(const struct nvgpu_grid *grid)
{
	struct nvgpu_cta *cta = calloc(1, sizeof(*cta));
	uint32_t threads = cta_threads(grid);

	if (!cta)
		return NULL;
	cta->nr_warps = (threads + NVGPU_LANES - 1) / NVGPU_LANES;
	cta->warps = calloc(cta->nr_warps, sizeof(*cta->warps));
	/* One byte more: calloc(0) may return NULL. */
	cta->shared = calloc(1, (size_t)grid->shared_size + 1);
	cta->local = calloc(1, (size_t)grid->local_size * threads + 1);
	if (!cta->warps || !cta->shared || !cta->local) {
		cta_free(cta);
		return NULL;
	}
	return cta;
}

/* No register above the grid's number was ever written: RZ is zero. */
static struct nvgpu_cta *cta_new(struct nvgpu_run *run, unsigned int sm)
{
	const struct nvgpu_grid *grid = &run->grid;
	struct nvgpu_cta *cta = run->spare;
	unsigned int i;

	if (cta)
		run->spare = cta->spare;
	else
		cta = cta_alloc(grid);
	if (!cta)
		return NULL;
	cta_coordinates(cta, grid, run->next_cta);
	cta->sm = sm;
	cta->live = cta->nr_warps;
	memset(cta->arrived, 0, sizeof(cta->arrived));
	memset(cta->expected, 0, sizeof(cta->expected));
	memset(cta->shared, 0, grid->shared_size);
	memset(cta->local, 0, (size_t)grid->local_size * cta_threads(grid));
	for (i = 0; i < cta->nr_warps; i++)
		warp_init(cta, i, grid);
	return cta;
}

static bool sm_fits(const struct nvgpu_run *run, const struct nvgpu_sm *sm,
		    unsigned int *slot)
{
	unsigned int warps = (cta_threads(&run->grid) + NVGPU_LANES - 1) /
			     NVGPU_LANES;

	if (sm->nr_warps + warps > NVGPU_SM_WARPS ||
	    sm->shared_used + run->grid.shared_size > NVGPU_SM_SHARED)
		return false;
	for (*slot = 0; *slot < NVGPU_SM_CTAS; (*slot)++)
		if (!sm->ctas[*slot])
			return true;
	return false;
}

static void sm_add(struct nvgpu_run *run, struct nvgpu_sm *sm,
		   unsigned int slot, struct nvgpu_cta *cta)
{
	unsigned int i, n = 0;

	sm->ctas[slot] = cta;
	for (i = 0; n < cta->nr_warps; i++)
		if (!sm->warps[i])
			sm->warps[i] = &cta->warps[n++];
	sm->nr_warps += cta->nr_warps;
	sm->shared_used += run->grid.shared_size;
	run->resident++;
}

static void sm_remove(struct nvgpu_run *run, struct nvgpu_cta *cta)
{
	struct nvgpu_sm *sm = &run->sm[cta->sm];
	unsigned int i;

	for (i = 0; i < NVGPU_SM_WARPS; i++)
		if (sm->warps[i] && sm->warps[i]->cta == cta)
			sm->warps[i] = NULL;
	for (i = 0; i < NVGPU_SM_CTAS; i++)
		if (sm->ctas[i] == cta)
			sm->ctas[i] = NULL;
	sm->nr_warps -= cta->nr_warps;
	sm->shared_used -= run->grid.shared_size;
	run->resident--;
	cta->spare = run->spare;
	run->spare = cta;
}

/* One CTA to the next SM in turn that has room; false: none has. */
static bool place_one(struct nvgpu *gpu, struct nvgpu_run *run, bool *oom)
{
	unsigned int tries, slot;

	for (tries = 0; tries < NVGPU_SMS; tries++) {
		unsigned int n = run->place++ % NVGPU_SMS;
		struct nvgpu_cta *cta;

		if (!sm_fits(run, &run->sm[n], &slot))
			continue;
		cta = cta_new(run, n);
		if (!cta) {
			nvgpu_guest_error(gpu, "out of memory for a CTA");
			*oom = true;
			return false;
		}
		run->next_cta++;
		sm_add(run, &run->sm[n], slot, cta);
		return true;
	}
	return false;
}

/* Fill the SMs; false: out of memory. */
bool nvgpu_sm_place(struct nvgpu *gpu, struct nvgpu_run *run)
{
	bool oom = false;

	while (run->next_cta < run->nr_ctas && place_one(gpu, run, &oom))
		;
	return !oom;
}

/* Let the warps at a barrier go if all it waits for are there. */
static void barrier_check(struct nvgpu_cta *cta, unsigned int barrier)
{
	unsigned int expected = cta->expected[barrier], i;

	if (!cta->arrived[barrier] ||
	    cta->arrived[barrier] < (expected ? expected : cta->live))
		return;
	cta->arrived[barrier] = 0;
	for (i = 0; i < cta->nr_warps; i++)
		if (cta->warps[i].state == NVGPU_WARP_BARRIER &&
		    cta->warps[i].barrier == barrier)
			cta->warps[i].state = NVGPU_WARP_READY;
}

void nvgpu_barrier_arrive(struct nvgpu_cta *cta, unsigned int barrier,
			  unsigned int warps)
{
	cta->arrived[barrier]++;
	cta->expected[barrier] = warps;
	barrier_check(cta, barrier);
}

/* Frees the CTA with its last warp. */
void nvgpu_warp_exited(struct nvgpu_run *run, struct nvgpu_warp *w)
{
	struct nvgpu_cta *cta = w->cta;
	unsigned int i;

	w->state = NVGPU_WARP_DONE;
	if (!--cta->live) {
		sm_remove(run, cta);
		return;
	}
	for (i = 0; i < NVGPU_BARRIERS; i++)
		barrier_check(cta, i);
}
