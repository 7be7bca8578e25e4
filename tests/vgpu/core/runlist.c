// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: runlists, and the scheduler that walks them.
 *
 * A runlist has one channel loaded at a time and gives it a slice of methods.
 * While the SMs run a grid, only the group that owns it gets onto that
 * runlist: its context could not leave the engine for another one's.  Copy
 * engines with runlists of their own are not held up by that.
 */
#include <inttypes.h>

#include "fifo_priv.h"
#include "mem.h"
#include "pmc.h"
#include "sm.h"

/* Runlist entry: nvgpu, ram_rl_entry; run queue: nouveau, gp100.c. */
#define ENTRY_ID(v)		((v) & 0xfff)
#define ENTRY_TSG		(1u << 13)
#define ENTRY_RUNQ(v)		(((v) >> 14) & 1)
#define ENTRY_TSG_LENGTH(v)	(((v) >> 26) & 0x3f)
#define ENTRY_SIZE		8

/* Methods a channel may execute before the next one is looked for. */
#define SLICE			256u
/* Warp instructions before a running grid may be preempted for another. */
#define GRID_SLICE		4096u

#define NS_PER_US		1000ull
/* For a grid that does nothing but wait for a replay: &preempt_stalled. */
#define STALLED_SLICE		(1000 * NS_PER_US)

void nvgpu_runlist_reset(struct nvgpu_runlist *runl)
{
	runl->nr = 0;
	runl->next = 0;
	runl->loaded = NULL;
	runl->slice = 0;
	runl->preempt.valid = false;
	runl->next_group.valid = false;
	runl->switch_since = 0;
}

/* ---- submission ---- */

static void list_clear(struct nvgpu_runlist *runl)
{
	unsigned int i;

	for (i = 0; i < runl->nr; i++)
		runl->list[i]->listed = false;
	runl->nr = 0;
	runl->next = 0;
}

static void list_add(struct nvgpu *gpu, struct nvgpu_runlist *runl,
		     struct nvgpu_group group, uint64_t entry)
{
	uint32_t id = ENTRY_ID(entry);
	struct nvgpu_chan *chan;

	if (id >= gpu->fifo->nr_chans) {
		nvgpu_guest_error(gpu, "runlist %u: no channel %u", runl->id,
				  id);
		return;
	}
	chan = &gpu->fifo->chans[id];
	if (chan->listed) {
		nvgpu_guest_error(gpu, "runlist %u: channel %u is listed twice",
				  runl->id, id);
		return;
	}
	if (chan->bound && chan->inst >> 12 != entry >> 32)
		nvgpu_guest_error(gpu, "runlist %u: channel %u is at %" PRIx64
				  ", not at %" PRIx64 "000", runl->id, id,
				  chan->inst, entry >> 32);
	chan->listed = true;
	chan->runl = runl->id;
	chan->runq = ENTRY_RUNQ(entry);
	chan->group = group;
	runl->list[runl->nr++] = chan;
}

static void list_parse(struct nvgpu *gpu, struct nvgpu_runlist *runl,
		       enum nvgpu_aperture aper, uint64_t base,
		       unsigned int count)
{
	struct nvgpu_group group = { .valid = true };
	unsigned int i, members = 0;
	uint64_t entry;

	for (i = 0; i < count; i++) {
		entry = nvgpu_phys_rd64(gpu, aper, base + i * ENTRY_SIZE);
		group.id = ENTRY_ID(entry);
		if (!(entry & ENTRY_TSG)) {
			group.tsg = false;
			list_add(gpu, runl, group, entry);
			continue;
		}
		group.tsg = true;
		members = ENTRY_TSG_LENGTH(entry);
		for (; members && i + 1 < count; members--) {
			i++;
			entry = nvgpu_phys_rd64(gpu, aper,
						base + i * ENTRY_SIZE);
			if (entry & ENTRY_TSG)
				break;
			list_add(gpu, runl, group, entry);
		}
		if (members) {
			nvgpu_guest_error(gpu, "runlist %u: TSG %u is short",
					  runl->id, group.id);
			return;
		}
	}
}

void nvgpu_runlist_submit(struct nvgpu *gpu, uint32_t val)
{
	uint32_t where = nvgpu_reg_get(gpu, PFIFO_RUNLIST_BASE);
	uint64_t base = (uint64_t)(where & PFIFO_RUNLIST_BASE_PTR) << 12;
	unsigned int id = PFIFO_RUNLIST_ID(val);
	unsigned int count = PFIFO_RUNLIST_COUNT(val);
	struct nvgpu_runlist *runl = &gpu->fifo->runl[id];

	gpu->count.runlist_submits++;
	if (id >= gpu->fifo->nr_runls) {
		nvgpu_guest_error(gpu, "there is no runlist %u", id);
		return;
	}
	list_clear(runl);
	list_parse(gpu, runl, PFIFO_RUNLIST_BASE_TARGET(where), base, count);
	nvgpu_log(gpu, NVGPU_LOG_DEBUG, "runlist %u: %u entries, %u channels",
		  id, count, runl->nr);
	nvgpu_reg_set(gpu, PFIFO_ENG_RUNLIST_BASE(id), where);
	nvgpu_reg_set(gpu, PFIFO_ENG_RUNLIST(id), count);
	nvgpu_reg_set(gpu, PFIFO_RUNLIST_INTR,
		      nvgpu_reg_get(gpu, PFIFO_RUNLIST_INTR) | 1u << id);
	nvgpu_irq_update(gpu);
	nvgpu_kick(gpu);
}

/* ---- preemption ---- */

void nvgpu_runlist_unload(struct nvgpu *gpu, struct nvgpu_runlist *runl)
{
	if (runl->loaded)
		nvgpu_chan_save(gpu, runl->loaded);
	runl->loaded = NULL;
}

static void switch_begins(struct nvgpu *gpu, struct nvgpu_runlist *runl)
{
	if (!runl->switch_since)
		runl->switch_since = nvgpu_now(gpu) + 1;
}

static void switch_ends(struct nvgpu_runlist *runl)
{
	if (!runl->preempt.valid && !runl->next_group.valid)
		runl->switch_since = 0;
}

/* Take a group off the PBDMA and off every engine; false: not off yet. */
static bool group_unload(struct nvgpu *gpu, struct nvgpu_runlist *runl,
			 struct nvgpu_group group)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;
	bool off = true;

	if (runl->loaded && nvgpu_group_same(runl->loaded->group, group))
		nvgpu_runlist_unload(gpu, runl);
	for (i = 0; i < fifo->nr_engines; i++) {
		struct nvgpu_engine_state *engine = &fifo->engine[i];

		if (engine->engine->runlist == runl->id && engine->chan &&
		    nvgpu_group_same(engine->chan->group, group))
			off &= nvgpu_engine_unload(gpu, engine);
	}
	return off;
}

bool nvgpu_runlist_preempting(struct nvgpu *gpu, struct nvgpu_runlist *runl)
{
	if (!runl->preempt.valid)
		return false;
	if (!group_unload(gpu, runl, runl->preempt))
		return true;
	runl->preempt.valid = false;
	switch_ends(runl);
	nvgpu_kick(gpu);
	return false;
}

/* A channel of a TSG is preempted with the whole TSG. */
static struct nvgpu_group preempt_group(struct nvgpu *gpu, uint32_t val)
{
	struct nvgpu_group group = {
		.valid = true,
		.tsg = val & PFIFO_PREEMPT_TSG,
		.id = val & PFIFO_PREEMPT_ID,
	};

	if (!group.tsg && group.id < gpu->fifo->nr_chans)
		group = gpu->fifo->chans[group.id].group;
	return group;
}

void nvgpu_runlist_preempt(struct nvgpu *gpu, uint32_t val)
{
	struct nvgpu_group group = preempt_group(gpu, val);
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	gpu->count.preempts++;
	for (i = 0; i < fifo->nr_runls; i++) {
		struct nvgpu_runlist *runl = &fifo->runl[i];

		/* Only the graphics engine holds on, and to one group. */
		if (group_unload(gpu, runl, group))
			continue;
		runl->preempt = group;
		switch_begins(gpu, runl);
	}
}

/* ---- scheduling ---- */

static bool grid_had_its_time(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = gpu->fifo;

	if (fifo->grid_age >= GRID_SLICE)
		return true;
	if (!gpu->config.preempt_stalled || !nvgpu_sm_stalled(gpu))
		return false;
	fifo->poll = true;
	return nvgpu_now(gpu) >= fifo->grid_since + STALLED_SLICE;
}

/*
 * The running grid keeps other groups off its runlist, unless it can be
 * preempted and had its time.
 */
static bool engine_allows(struct nvgpu *gpu, struct nvgpu_runlist *runl,
			  const struct nvgpu_chan *chan)
{
	struct nvgpu_chan *owner = nvgpu_sm_channel(gpu);
	struct nvgpu_fifo *fifo = gpu->fifo;

	if (!runl->has_gr || !owner ||
	    nvgpu_group_same(owner->group, chan->group))
		return true;
	if (grid_had_its_time(gpu) && fifo->gr->chan == owner &&
	    nvgpu_engine_unload(gpu, fifo->gr))
		return true;
	runl->next_group = chan->group;
	switch_begins(gpu, runl);
	return false;
}

static struct nvgpu_chan *runlist_pick(struct nvgpu *gpu,
				       struct nvgpu_runlist *runl)
{
	unsigned int i;

	runl->next_group.valid = false;
	if (nvgpu_reg_get(gpu, PFIFO_SCHED_DISABLE) & 1u << runl->id)
		return NULL;
	for (i = 0; i < runl->nr; i++) {
		unsigned int at = (runl->next + i) % runl->nr;
		struct nvgpu_chan *chan = runl->list[at];

		if (nvgpu_group_same(chan->group, runl->preempt) ||
		    !nvgpu_chan_ready(gpu, chan) ||
		    !engine_allows(gpu, runl, chan))
			continue;
		runl->next = at + 1;
		return chan;
	}
	return NULL;
}

static bool runlist_load(struct nvgpu *gpu, struct nvgpu_runlist *runl)
{
	if (runl->loaded && runl->loaded->dead)
		runl->loaded = NULL;
	if (runl->loaded)
		return true;
	runl->loaded = runlist_pick(gpu, runl);
	switch_ends(runl);
	if (!runl->loaded)
		return false;
	runl->slice = SLICE;
	if (!nvgpu_chan_load(gpu, runl->loaded))
		nvgpu_runlist_unload(gpu, runl);
	return true;
}

/* A grid that was preempted goes on before anything else. */
static enum nvgpu_pbdma_result loaded_run(struct nvgpu *gpu,
					  struct nvgpu_chan *chan,
					  unsigned int budget,
					  unsigned int *used)
{
	chan->wait = NVGPU_WAIT_NONE;
	if (chan->saved && !nvgpu_engine_acquire_gr(gpu, chan)) {
		chan->wait = NVGPU_WAIT_ENGINE;
		return NVGPU_PBDMA_WAIT;
	}
	return nvgpu_pbdma_run(gpu, chan, budget, used);
}

/* Let the loaded channel execute up to @budget methods of its slice. */
static unsigned int runlist_step(struct nvgpu *gpu, struct nvgpu_runlist *runl,
				 unsigned int budget)
{
	struct nvgpu_chan *chan = runl->loaded;
	enum nvgpu_pbdma_result res;
	unsigned int used = 0;

	if (budget > runl->slice)
		budget = runl->slice;
	res = loaded_run(gpu, chan, budget, &used);
	if (chan->wait == NVGPU_WAIT_SEMAPHORE)
		gpu->fifo->poll = true;
	runl->slice -= used;
	if (res != NVGPU_PBDMA_MORE || !runl->slice)
		nvgpu_runlist_unload(gpu, runl);
	return used;
}

/* Let a runlist execute up to @budget methods; return how many it did. */
static unsigned int runlist_run(struct nvgpu *gpu, struct nvgpu_runlist *runl,
				unsigned int budget)
{
	unsigned int left = budget, tries = 0, used;

	nvgpu_runlist_preempting(gpu, runl);
	while (left && tries <= runl->nr) {
		if (nvgpu_reg_get(gpu, PFIFO_ERROR_SCHED_DISABLE) &
		    1u << runl->id)
			break;
		if (!runlist_load(gpu, runl))
			break;
		tries++;
		if (!runl->loaded)
			continue;
		used = runlist_step(gpu, runl, left);
		left -= used;
		if (used)
			tries = 0;
	}
	return budget - left;
}

/* A context switch that lasts too long is reported, again and again. */
static void check_timeout(struct nvgpu *gpu, struct nvgpu_runlist *runl)
{
	uint32_t reg = nvgpu_reg_get(gpu, PFIFO_ENG_TIMEOUT);
	uint64_t period = (reg & PFIFO_ENG_TIMEOUT_PERIOD) * NS_PER_US;
	uint64_t now = nvgpu_now(gpu);

	if (!runl->switch_since || !(reg & PFIFO_ENG_TIMEOUT_ENABLE))
		return;
	gpu->fifo->poll = true;
	if (now < runl->switch_since + period)
		return;
	runl->switch_since = now + 1;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "runlist %u: context switch timeout",
		  runl->id);
	nvgpu_fifo_sched_error(gpu, PFIFO_SCHED_ERROR_CTXSW_TIMEOUT);
}

static unsigned int sm_run(struct nvgpu *gpu, unsigned int budget)
{
	struct nvgpu_chan *owner = nvgpu_sm_channel(gpu);
	unsigned int done;

	if (owner && owner->dead) {
		nvgpu_sm_abort(gpu);
		return 1;
	}
	if (!owner || !budget)
		return 0;
	done = nvgpu_sm_run(gpu, budget);
	gpu->fifo->grid_age += done;
	return done;
}

enum nvgpu_run_result nvgpu_fifo_run(struct nvgpu *gpu, unsigned int budget)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i, done, left = budget;

	do {
		/* Everyone gets a part, so that nobody starves. */
		unsigned int share = left / (fifo->nr_runls + 1) + 1;

		fifo->poll = false;
		done = 0;
		for (i = 0; i < fifo->nr_runls && done < left; i++) {
			if (share > left - done)
				share = left - done;
			done += runlist_run(gpu, &fifo->runl[i], share);
		}
		done += sm_run(gpu, left - done);
		left -= done < left ? done : left;
	} while (done && left && !nvgpu_wanted(gpu));

	for (i = 0; i < fifo->nr_runls; i++)
		check_timeout(gpu, &fifo->runl[i]);
	if (done)
		return NVGPU_RUN_BUSY;
	return fifo->poll ? NVGPU_RUN_POLL : NVGPU_RUN_IDLE;
}
