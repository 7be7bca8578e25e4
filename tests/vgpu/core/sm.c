// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The SMs: one grid at a time, its CTAs spread over NVGPU_SMS SMs, each
 * running its warps in turn.  A warp that faults stalls alone; the others go
 * on, so that many faults are outstanding at once.
 */
#include <stdlib.h>

#include "fault.h"
#include "warp.h"

/*
 * Instructions a warp executes before it is the next one's turn: enough to
 * find its registers in the host's cache.
 */
#define BURST	16

/* What other grids left in the L1 caches is not for this one. */
static void forget_l1(struct nvgpu *gpu)
{
	unsigned int i;

	for (i = 0; i < NVGPU_SMS; i++)
		nvgpu_l1_forget(&gpu->sm->l1[i], gpu->sm->run->executed);
}

static bool sm_init(struct nvgpu *gpu)
{
	gpu->sm = calloc(1, sizeof(*gpu->sm));
	return gpu->sm;
}

static void sm_fini(struct nvgpu *gpu)
{
	nvgpu_sm_abort(gpu);
	free(gpu->sm);
	gpu->sm = NULL;
}

const struct nvgpu_unit nvgpu_sm_unit = {
	.name	= "sm",
	.init	= sm_init,
	.reset	= nvgpu_sm_abort,
	.fini	= sm_fini,
};

bool nvgpu_sm_idle(const struct nvgpu *gpu)
{
	return !gpu->sm->run;
}

struct nvgpu_chan *nvgpu_sm_channel(const struct nvgpu *gpu)
{
	return gpu->sm->run ? gpu->sm->run->chan : NULL;
}

unsigned int nvgpu_sm_stalled(const struct nvgpu *gpu)
{
	return gpu->sm->run ? gpu->sm->run->stalled : 0;
}

void nvgpu_sm_saved_free(void *saved)
{
	struct nvgpu_run *run = saved;

	if (!run)
		return;
	nvgpu_ctas_free(run);
	nvgpu_fetch_free(run);
	free(run);
}

void nvgpu_sm_abort(struct nvgpu *gpu)
{
	nvgpu_stores_drop(gpu);
	nvgpu_sm_saved_free(gpu->sm->run);
	gpu->sm->run = NULL;
}

void nvgpu_sm_membar(struct nvgpu *gpu)
{
	nvgpu_stores_drain(gpu);
}

/* The grid died; the reason was reported. */
static void sm_kill(struct nvgpu *gpu)
{
	struct nvgpu_chan *chan = gpu->sm->run->chan;

	nvgpu_stores_drain(gpu);
	nvgpu_sm_abort(gpu);
	nvgpu_chan_kill(gpu, chan);
}

void *nvgpu_sm_save(struct nvgpu *gpu)
{
	struct nvgpu_run *run = gpu->sm->run;

	nvgpu_stores_drain(gpu);
	gpu->sm->run = NULL;
	return run;
}

void nvgpu_sm_restore(struct nvgpu *gpu, void *saved)
{
	gpu->sm->run = saved;
	forget_l1(gpu);
}

/* Why a grid can't run, NULL if it can. */
static const char *grid_problem(const struct nvgpu_grid *grid)
{
	uint64_t threads = 1;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!grid->cta_dim[i] || grid->cta_dim[i] > NVGPU_CTA_THREADS)
			return "size of a CTA";
		threads *= grid->cta_dim[i];
	}
	if (threads > NVGPU_CTA_THREADS)
		return "too many threads in a CTA";
	if (grid->shared_size > NVGPU_SM_SHARED)
		return "too much shared memory";
	if (grid->local_size > NVGPU_LOCAL_MAX)
		return "too much local memory";
	if (!grid->registers || grid->registers > NVGPU_RZ)
		return "number of registers";
	if (grid->barriers > NVGPU_BARRIERS)
		return "too many barriers";
	for (i = 0; i < NVGPU_CONST_BANKS; i++)
		if (grid->cb_size[i] > NVGPU_CB_MAX)
			return "constant bank too large";
	return NULL;
}

bool nvgpu_sm_launch(struct nvgpu *gpu, struct nvgpu_chan *chan,
		     const struct nvgpu_grid *grid)
{
	const char *problem = grid_problem(grid);
	struct nvgpu_run *run;

	if (problem) {
		nvgpu_guest_error(gpu, "chan %u: launch refused: %s",
				  nvgpu_chan_id(chan), problem);
		return false;
	}
	gpu->count.launches++;
	run = calloc(1, sizeof(*run));
	if (!run) {
		nvgpu_guest_error(gpu, "out of memory for a grid");
		return false;
	}
	run->chan = chan;
	run->grid = *grid;
	run->nr_ctas = (uint64_t)grid->grid_dim[0] * grid->grid_dim[1] *
		       grid->grid_dim[2];
	/* An empty grid, as indirect launches may have, is done at once. */
	if (!run->nr_ctas || !nvgpu_sm_place(gpu, run)) {
		bool ok = !run->nr_ctas;

		nvgpu_sm_saved_free(run);
		return ok;
	}
	gpu->sm->run = run;
	forget_l1(gpu);
	return true;
}

/* The next warp in turn that can run, NULL if none can. */
static struct nvgpu_warp *next_warp(struct nvgpu_sm *sm)
{
	unsigned int i;

	for (i = 0; i < NVGPU_SM_WARPS; i++) {
		struct nvgpu_warp *w;

		w = sm->warps[sm->next++ % NVGPU_SM_WARPS];
		if (w && w->state == NVGPU_WARP_READY)
			return w;
	}
	return NULL;
}

/*
 * Run one warp of an SM until its turn is over.  Adds the instructions
 * executed to *@done, with one that stalled; false: the grid died.
 */
static bool warp_turn(struct nvgpu *gpu, struct nvgpu_run *run,
		      struct nvgpu_warp *w, unsigned int max,
		      unsigned int *done)
{
	struct nvgpu_exec x = {
		.gpu = gpu, .run = run, .cta = w->cta, .w = w,
	};
	unsigned int n;

	for (n = 0; n < max && x.w->state == NVGPU_WARP_READY; n++) {
		enum nvgpu_step step = nvgpu_warp_step(&x);

		if (step == NVGPU_STEP_DEAD)
			return false;
		++*done;
		if (step == NVGPU_STEP_STALL)
			return true;
		if (!x.w->alive) {
			nvgpu_warp_exited(run, x.w);
			return nvgpu_sm_place(gpu, run);
		}
	}
	return true;
}

/*
 * One turn of each SM, or of the next ones until the time is over.  *@turns:
 * SMs that had a warp to run, even if all it did was to stall.  False: the grid
 * died.
 */
static bool sms_turn(struct nvgpu *gpu, struct nvgpu_run *run,
		     unsigned int budget, unsigned int *done,
		     unsigned int *turns)
{
	unsigned int i;

	*turns = 0;
	nvgpu_stores_age(gpu, NVGPU_POSTED);
	for (i = 0; i < NVGPU_SMS && *done < budget; i++) {
		unsigned int n = run->turn++ % NVGPU_SMS;
		struct nvgpu_warp *w = next_warp(&run->sm[n]);
		unsigned int max = budget - *done;

		nvgpu_stores_age(gpu, n);
		if (!w)
			continue;
		++*turns;
		if (!warp_turn(gpu, run, w, max < BURST ? max : BURST, done))
			return false;
		if (nvgpu_wanted(gpu))
			break;
	}
	return true;
}

/* Every warp waits at a barrier that no other warp can reach. */
static bool deadlocked(const struct nvgpu_run *run)
{
	unsigned int i, j;

	for (i = 0; i < NVGPU_SMS; i++)
		for (j = 0; j < NVGPU_SM_WARPS; j++)
			if (run->sm[i].warps[j] &&
			    run->sm[i].warps[j]->state != NVGPU_WARP_BARRIER &&
			    run->sm[i].warps[j]->state != NVGPU_WARP_DONE)
				return false;
	return true;
}

unsigned int nvgpu_sm_run(struct nvgpu *gpu, unsigned int budget)
{
	struct nvgpu_run *run = gpu->sm->run;
	unsigned int done = 0, turns;

	if (!run)
		return 0;
	do {
		if (!sms_turn(gpu, run, budget, &done, &turns)) {
			sm_kill(gpu);
			return done;
		}
		if (!run->resident) {
			nvgpu_stores_drain(gpu);
			nvgpu_sm_abort(gpu);
			return done;
		}
	} while (turns && done < budget && !nvgpu_wanted(gpu));
	if (!turns)
		nvgpu_stores_drain(gpu);
	if (!turns && deadlocked(run)) {
		nvgpu_guest_error(gpu, "chan %u: every warp waits at a barrier",
				  nvgpu_chan_id(run->chan));
		sm_kill(gpu);
	}
	return done;
}

void nvgpu_sm_replay(struct nvgpu *gpu)
{
	struct nvgpu_run *run = gpu->sm->run;
	unsigned int i, j;

	if (!run || !run->stalled)
		return;
	for (i = 0; i < NVGPU_SMS; i++) {
		for (j = 0; j < NVGPU_SM_WARPS; j++) {
			struct nvgpu_warp *w = run->sm[i].warps[j];

			if (w && w->state == NVGPU_WARP_STALLED)
				w->state = NVGPU_WARP_READY;
		}
	}
	run->stalled = 0;
	nvgpu_kick(gpu);
}

/* A cancel names a client and hits all of its uTLB. */
static bool cancels(const struct nvgpu_warp *w, bool all, unsigned int gpc,
		    unsigned int client)
{
	return w && w->state == NVGPU_WARP_STALLED &&
	       (all || (w->client.gpc == gpc &&
			nvgpu_utlb(w->client.id) == nvgpu_utlb(client)));
}

/*
 * One report for all: the channel dies with the first, and the unit's
 * registers hold one fault only.
 */
void nvgpu_sm_cancel(struct nvgpu *gpu, bool all, unsigned int gpc,
		     unsigned int client)
{
	struct nvgpu_run *run = gpu->sm->run;
	unsigned int i, j;

	if (!run)
		return;
	for (i = 0; i < NVGPU_SMS; i++) {
		for (j = 0; j < NVGPU_SM_WARPS; j++) {
			struct nvgpu_warp *w = run->sm[i].warps[j];

			if (!cancels(w, all, gpc, client))
				continue;
			nvgpu_fault_fatal(gpu, nvgpu_chan_vm(run->chan)->inst,
					  &w->client, &w->fault);
			sm_kill(gpu);
			return;
		}
	}
}
