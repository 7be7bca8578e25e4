// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: which context is loaded on which engine, what the driver sees of it,
 * and how it gets off again.
 *
 * A context comes onto an engine with its first method there and stays until
 * another one wants the engine, or it is preempted.  Only the graphics engine
 * can refuse: Pascal switches it at the end of a grid (or, asked to, between
 * two instructions), and not at all while an access waits for a replay (a
 * property of the model aside), nor while the driver has told FECS to stop
 * switching.
 */
#include "fault.h"
#include "fifo_priv.h"
#include "sm.h"

/* PFIFO_ENGINE_STATUS: nvgpu, fifo_engine_status; nouveau, gk104.c. */
#define STATUS_TSG		(1u << 12)
#define STATUS_VALID		(1u << 13)	/* also: loading */
#define STATUS_SAVING		(1u << 14)
#define STATUS_SWITCHING	(1u << 15)
#define STATUS_NEXT_SHIFT	16
#define STATUS_FAULTED		(1u << 30)
#define STATUS_BUSY		(1u << 31)

/* nouveau resets PFIFO with it when it takes over: subdev/mc/gk104.c. */
#define PMC_ENABLE_PFIFO	(1u << 8)

static struct nvgpu_engine_state *engine_find(struct nvgpu *gpu,
					      unsigned int id)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_engines; i++)
		if (fifo->engine[i].engine->id == id)
			return &fifo->engine[i];
	return NULL;
}

static uint32_t status_id(struct nvgpu_group group)
{
	return group.id | (group.tsg ? STATUS_TSG : 0);
}

static bool engine_busy(struct nvgpu *gpu,
			const struct nvgpu_engine_state *engine)
{
	return engine->faulted || engine->hung ||
	       (engine == gpu->fifo->gr && !nvgpu_sm_idle(gpu));
}

uint32_t nvgpu_engine_status(struct nvgpu *gpu, unsigned int id)
{
	struct nvgpu_engine_state *engine = engine_find(gpu, id);
	struct nvgpu_runlist *runl;
	uint32_t status;

	if (!engine || !engine->chan)
		return 0;
	runl = &gpu->fifo->runl[engine->engine->runlist];
	status = status_id(engine->chan->group);
	if (engine->faulted)
		status |= STATUS_FAULTED;
	if (!engine_busy(gpu, engine))
		return status | STATUS_VALID;
	status |= STATUS_BUSY;
	if (engine->hung ||
	    nvgpu_group_same(runl->preempt, engine->chan->group))
		return status | STATUS_SWITCHING | STATUS_SAVING;
	status |= STATUS_VALID;
	if (runl->next_group.valid)
		status |= STATUS_SWITCHING | STATUS_SAVING |
			  status_id(runl->next_group) << STATUS_NEXT_SHIFT;
	return status;
}

/* A running grid leaves the SMs, if it can. */
static bool grid_save(struct nvgpu *gpu)
{
	struct nvgpu_chan *chan = nvgpu_sm_channel(gpu);
	void *saved;

	if (chan->dead)
		return false;
	if (nvgpu_sm_stalled(gpu) ? !gpu->config.preempt_stalled :
				    !gpu->config.preempt_cilp)
		return false;
	saved = nvgpu_sm_save(gpu);
	if (!saved)
		return false;
	chan->saved = saved;
	return true;
}

bool nvgpu_engine_unload(struct nvgpu *gpu, struct nvgpu_engine_state *engine)
{
	if (engine == gpu->fifo->gr) {
		if (engine->faulted || engine->hung ||
		    nvgpu_gr_ctxsw_stopped(gpu))
			return false;
		if (!nvgpu_sm_idle(gpu) && !grid_save(gpu))
			return false;
		nvgpu_gr_set_current(gpu, 0);
	}
	engine->chan = NULL;
	return true;
}

static bool gr_load(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	struct nvgpu_engine_state *gr = gpu->fifo->gr;

	if (engine_busy(gpu, gr) || nvgpu_gr_ctxsw_stopped(gpu))
		return false;
	gr->chan = chan;
	nvgpu_gr_set_current(gpu, chan->inst);
	gpu->fifo->grid_age = 0;
	gpu->fifo->grid_since = nvgpu_now(gpu);
	return true;
}

bool nvgpu_engine_acquire_gr(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	if (gpu->fifo->gr->chan != chan && !gr_load(gpu, chan))
		return false;
	if (chan->saved) {
		nvgpu_sm_restore(gpu, chan->saved);
		chan->saved = NULL;
		nvgpu_sm_replay(gpu);	/* its accesses are made again */
	}
	return true;
}

/* On a runlist with several copy engines each run queue has its own. */
struct nvgpu_engine_state *nvgpu_engine_ce(struct nvgpu *gpu,
					   const struct nvgpu_chan *chan)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	struct nvgpu_engine_state *found = NULL;
	unsigned int i, n = 0;

	for (i = 0; i < fifo->nr_engines; i++) {
		const struct nvgpu_engine *engine = fifo->engine[i].engine;

		if (engine->kind != NVGPU_ENGINE_CE ||
		    engine->runlist != chan->runl)
			continue;
		if (!found || n == chan->runq)
			found = &fifo->engine[i];
		n++;
	}
	return found;
}

bool nvgpu_engine_has(const struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	const struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_engines; i++)
		if (fifo->engine[i].chan == chan)
			return true;
	return false;
}

void nvgpu_engine_forget(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	if (nvgpu_sm_channel(gpu) == chan)
		nvgpu_sm_abort(gpu);
	for (i = 0; i < fifo->nr_engines; i++) {
		if (fifo->engine[i].chan != chan)
			continue;
		if (&fifo->engine[i] == fifo->gr)
			nvgpu_gr_set_current(gpu, 0);
		fifo->engine[i].chan = NULL;
	}
}

/*
 * The driver asks for an MMU fault on an engine, to get a hanging context off
 * it.  The trigger bit stays set: it tells the driver's handler that the
 * fault is its own.
 */
void nvgpu_engine_trigger(struct nvgpu *gpu, unsigned int id, uint32_t val)
{
	struct nvgpu_engine_state *engine = engine_find(gpu, id);
	const struct nvgpu_client client = {
		.unit = val & PFIFO_TRIGGER_FAULT_UNIT,
		.id = HUB_CLIENT_HOST,
		.hub = true,
	};
	const struct nvgpu_fault_info info = {
		.access = NVGPU_ACCESS_READ,
		.type = NVGPU_FAULT_PDE,
	};

	if (!engine || engine->engine->fault_id != client.unit) {
		nvgpu_guest_error(gpu, "fault triggered on engine %u, unit %u",
				  id, client.unit);
		return;
	}
	nvgpu_fault_fatal(gpu, engine->chan ? engine->chan->inst : 0, &client,
			  &info);
	if (engine->chan)
		nvgpu_chan_die(gpu, engine->chan, engine);
}

/*
 * A reset of the graphics engine loses the state of the context on it.  A
 * copy engine has none between two copies, and nouveau relies on that: it
 * resets one that lost its last object while channels live on.
 */
static bool reset_kills(struct nvgpu *gpu,
			const struct nvgpu_engine_state *engine)
{
	const struct nvgpu_chan *chan = engine->chan;

	if (!chan)
		return false;
	return engine == gpu->fifo->gr || (chan->ce && nvgpu_ce_busy(chan->ce));
}

static void engine_reset(struct nvgpu *gpu, struct nvgpu_engine_state *engine)
{
	if (engine == gpu->fifo->gr)
		nvgpu_gr_reset(gpu);
	if (reset_kills(gpu, engine))
		engine->chan->dead = true;
	engine->chan = NULL;
	engine->faulted = false;
	engine->hung = false;
	nvgpu_kick(gpu);
}

void nvgpu_engine_reset(struct nvgpu *gpu, uint32_t pmc_bits)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_engines; i++)
		if (pmc_bits & 1u << fifo->engine[i].engine->reset)
			engine_reset(gpu, &fifo->engine[i]);
	if (pmc_bits & PMC_ENABLE_PFIFO)
		nvgpu_fifo_reset(gpu);
}
