// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: channels.  Binding, RAMFC, USERD, enabling, and their end.
 *
 * RAMFC is read when a bound channel is first loaded, and the pointers are
 * written back whenever it leaves: suspend unbinds channels and expects them
 * to go on where they were.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "fifo_priv.h"
#include "mem.h"
#include "sm.h"

/* RAMFC: nvgpu, ram_fc_*_w; contents: nouveau, gk104.c. */
#define RAMFC_GP_PUT		0x00
#define RAMFC_USERD		0x08
#define   RAMFC_USERD_TARGET(v)	((v) & 3)
#define   RAMFC_USERD_PTR	0xfffffe00u
#define RAMFC_USERD_HI		0x0c
#define RAMFC_SIGNATURE		0x10
#define   RAMFC_SIGNATURE_VALUE	0x0000faceu
#define RAMFC_GP_GET		0x14
#define RAMFC_PB_GET		0x18
#define RAMFC_PB_GET_HI		0x1c
#define RAMFC_GP_BASE		0x48
#define   RAMFC_GP_BASE_PTR	0xfffffff8u
#define RAMFC_GP_BASE_HI	0x4c
#define   RAMFC_GP_BASE_HI_PTR	0xff
#define   RAMFC_GP_LIMIT2(v)	(((v) >> 16) & 0x1f)
#define RAMFC_SUBDEVICE		0x94
#define   RAMFC_SUBDEVICE_MASK	0xfff

/* USERD: clc06f.h, Nvc06fControl. */
#define USERD_SIZE		0x200u
#define USERD_REFERENCE		0x48
#define USERD_GP_GET		0x88
#define USERD_GP_PUT		0x8c

/* States in PCCSR_CHANNEL 27:24: nvgpu, ccsr_channel_status. */
enum chan_status {
	STATUS_IDLE			= 0,
	STATUS_PENDING			= 1,
	STATUS_PENDING_ACQUIRE		= 3,
	STATUS_ON_PBDMA			= 5,
	STATUS_ON_PBDMA_AND_ENG		= 6,
	STATUS_ON_ENG			= 7,
	STATUS_ON_ENG_PENDING_ACQUIRE	= 8,
	STATUS_ON_ENG_PENDING		= 9,
};

uint32_t nvgpu_chan_id(const struct nvgpu_chan *chan)
{
	return chan->id;
}

const struct nvgpu_vm *nvgpu_chan_vm(const struct nvgpu_chan *chan)
{
	return &chan->vm;
}

static uint32_t ramfc_rd(struct nvgpu *gpu, const struct nvgpu_chan *chan,
			 uint32_t at)
{
	return nvgpu_phys_rd32(gpu, NVGPU_APER_VRAM, chan->inst + at);
}

static void ramfc_wr(struct nvgpu *gpu, const struct nvgpu_chan *chan,
		     uint32_t at, uint32_t val)
{
	nvgpu_phys_wr32(gpu, NVGPU_APER_VRAM, chan->inst + at, val);
}

void nvgpu_chan_clear(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	nvgpu_ce_context_free(chan->ce);
	nvgpu_gr_context_free(chan->gr);
	if (chan->saved)
		nvgpu_sm_saved_free(chan->saved);
	chan->ce = NULL;
	chan->gr = NULL;
	chan->saved = NULL;
	chan->bound = false;
	chan->dead = false;
	chan->fetched = false;
	chan->stopped = false;
	chan->kicked = false;
	chan->yield = false;
	chan->inst = 0;
	chan->wait = NVGPU_WAIT_NONE;
	memset(&chan->vm, 0, sizeof(chan->vm));
	memset(&chan->gp, 0, sizeof(chan->gp));
	memset(&chan->pb, 0, sizeof(chan->pb));
	memset(&chan->mthd, 0, sizeof(chan->mthd));
	memset(chan->semaphore, 0, sizeof(chan->semaphore));
	memset(chan->mem_op, 0, sizeof(chan->mem_op));
	memset(chan->cls, 0, sizeof(chan->cls));
}

/* ---- binding ---- */

/* Host refuses the operation: the channel stays what it was. */
static void bind_error(struct nvgpu *gpu, const struct nvgpu_chan *chan,
		       uint32_t code, uint32_t old, const char *why)
{
	nvgpu_guest_error(gpu, "channel %u: %s", chan->id, why);
	nvgpu_reg_set(gpu, PCCSR_INST(chan->id), old);
	nvgpu_reg_set(gpu, PFIFO_BIND_ERROR, code);
	nvgpu_fifo_raise(gpu, PFIFO_INTR_BIND_ERROR);
}

static bool chan_loaded(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	return chan->group.valid &&
	       gpu->fifo->runl[chan->runl].loaded == chan;
}

static void chan_unbind(struct nvgpu *gpu, struct nvgpu_chan *chan,
			uint32_t old)
{
	bool running = chan_loaded(gpu, chan) ||
		       nvgpu_sm_channel(gpu) == chan;

	if (running && !chan->dead) {
		bind_error(gpu, chan, PFIFO_BIND_ERROR_UNBIND_RUNNING, old,
			   "unbound while it runs");
		return;
	}
	if (chan_loaded(gpu, chan))
		gpu->fifo->runl[chan->runl].loaded = NULL;
	nvgpu_engine_forget(gpu, chan);
	nvgpu_pbdma_forget(gpu, chan);
	nvgpu_chan_clear(gpu, chan);
}

void nvgpu_chan_bind(struct nvgpu *gpu, unsigned int id, uint32_t val,
		     uint32_t old)
{
	struct nvgpu_chan *chan;

	if (id >= gpu->fifo->nr_chans) {
		nvgpu_guest_error(gpu, "there is no channel %u", id);
		return;
	}
	chan = &gpu->fifo->chans[id];
	if (!(val & PCCSR_INST_BIND)) {
		if (chan->bound)
			chan_unbind(gpu, chan, old);
		return;
	}
	if (chan->bound) {
		bind_error(gpu, chan, PFIFO_BIND_ERROR_NOT_UNBOUND, old,
			   "bound twice");
		return;
	}
	if (PCCSR_INST_TARGET(val) != NVGPU_APER_VRAM) {
		bind_error(gpu, chan, PFIFO_BIND_ERROR_INVALID_TARGET, old,
			   "instance block outside of VRAM");
		return;
	}
	chan->inst = (uint64_t)(val & PCCSR_INST_PTR) << 12;
	chan->bound = true;
	chan->kicked = true;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "channel %u: bound, instance %" PRIx64,
		  id, chan->inst);
}

void nvgpu_chan_control(struct nvgpu *gpu, unsigned int id, uint32_t val)
{
	if (id >= gpu->fifo->nr_chans) {
		nvgpu_guest_error(gpu, "there is no channel %u", id);
		return;
	}
	if (val & PCCSR_CHANNEL_ENABLE_SET)
		gpu->fifo->chans[id].enabled = true;
	if (val & PCCSR_CHANNEL_ENABLE_CLR)
		gpu->fifo->chans[id].enabled = false;
	nvgpu_kick(gpu);
}

/* ---- state ---- */

static bool chan_has_work(const struct nvgpu_chan *chan)
{
	return chan->kicked || chan->saved || chan->mthd.have ||
	       chan->pb.left || chan->pb.pos < chan->pb.len ||
	       chan->gp.get != chan->gp.put;
}

bool nvgpu_chan_ready(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	return chan->bound && chan->enabled && !chan->dead &&
	       chan_has_work(chan) &&
	       !gpu->fifo->pbdma_stopped[nvgpu_pbdma_of(gpu, chan)];
}

static enum chan_status chan_status(struct nvgpu *gpu,
				    const struct nvgpu_chan *chan)
{
	bool on_eng = nvgpu_engine_has(gpu, chan);

	if (chan_loaded(gpu, chan))
		return on_eng ? STATUS_ON_PBDMA_AND_ENG : STATUS_ON_PBDMA;
	if (!chan->listed || !nvgpu_chan_ready(gpu, chan))
		return on_eng ? STATUS_ON_ENG : STATUS_IDLE;
	if (chan->wait == NVGPU_WAIT_SEMAPHORE)
		return on_eng ? STATUS_ON_ENG_PENDING_ACQUIRE :
				STATUS_PENDING_ACQUIRE;
	return on_eng ? STATUS_ON_ENG_PENDING : STATUS_PENDING;
}

uint32_t nvgpu_chan_status(struct nvgpu *gpu, unsigned int id)
{
	struct nvgpu_chan *chan;
	enum chan_status status;

	if (id >= gpu->fifo->nr_chans)
		return 0;
	chan = &gpu->fifo->chans[id];
	status = chan_status(gpu, chan);
	return (chan->enabled ? PCCSR_CHANNEL_ENABLE : 0) |
	       (status == STATUS_IDLE ? 0 : PCCSR_CHANNEL_BUSY) |
	       PCCSR_CHANNEL_STATUS(status);
}

/* ---- RAMFC and USERD ---- */

static bool chan_fetch(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	uint32_t userd = ramfc_rd(gpu, chan, RAMFC_USERD);
	uint32_t base_hi = ramfc_rd(gpu, chan, RAMFC_GP_BASE_HI);
	uint32_t signature = ramfc_rd(gpu, chan, RAMFC_SIGNATURE);
	uint32_t base = ramfc_rd(gpu, chan, RAMFC_GP_BASE);

	if (signature != RAMFC_SIGNATURE_VALUE) {
		nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_SIGNATURE, signature,
				  "no signature in RAMFC");
		return false;
	}
	chan->userd_aper = RAMFC_USERD_TARGET(userd);
	chan->userd = (userd & RAMFC_USERD_PTR) |
		      (uint64_t)ramfc_rd(gpu, chan, RAMFC_USERD_HI) << 32;
	chan->gp.base = (base & RAMFC_GP_BASE_PTR) |
			(uint64_t)(base_hi & RAMFC_GP_BASE_HI_PTR) << 32;
	chan->gp.mask = (1u << RAMFC_GP_LIMIT2(base_hi)) - 1;
	chan->gp.get = ramfc_rd(gpu, chan, RAMFC_GP_GET) & chan->gp.mask;
	chan->subdev = ramfc_rd(gpu, chan, RAMFC_SUBDEVICE) &
		       RAMFC_SUBDEVICE_MASK;
	chan->subdev_stored = chan->subdev;
	chan->fetched = true;
	return true;
}

bool nvgpu_chan_load(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	if (!chan->fetched && !chan_fetch(gpu, chan))
		return false;
	nvgpu_vm_load(gpu, &chan->vm, chan->inst);
	nvgpu_chan_refresh(gpu, chan);
	return true;
}

void nvgpu_chan_save(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	uint64_t get = chan->pb.va - 4ull * (chan->pb.len - chan->pb.pos);

	if (!chan->fetched)
		return;
	ramfc_wr(gpu, chan, RAMFC_GP_PUT, chan->gp.put);
	ramfc_wr(gpu, chan, RAMFC_GP_GET, chan->gp.get);
	ramfc_wr(gpu, chan, RAMFC_PB_GET, get);
	ramfc_wr(gpu, chan, RAMFC_PB_GET_HI, get >> 32);
}

void nvgpu_chan_refresh(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	chan->kicked = false;
	chan->gp.put = nvgpu_phys_rd32(gpu, chan->userd_aper,
				       chan->userd + USERD_GP_PUT) &
		       chan->gp.mask;
}

void nvgpu_chan_set_get(struct nvgpu *gpu, struct nvgpu_chan *chan,
			uint32_t get)
{
	chan->gp.get = get & chan->gp.mask;
	nvgpu_phys_wr32(gpu, chan->userd_aper, chan->userd + USERD_GP_GET,
			chan->gp.get);
}

void nvgpu_chan_set_reference(struct nvgpu *gpu, struct nvgpu_chan *chan,
			      uint32_t val)
{
	nvgpu_phys_wr32(gpu, chan->userd_aper, chan->userd + USERD_REFERENCE,
			val);
}

void nvgpu_fifo_bar1_written(struct nvgpu *gpu, uint64_t addr)
{
	uint32_t reg = nvgpu_reg_get(gpu, PFIFO_USERD_BASE);
	uint64_t base = (uint64_t)(reg & PFIFO_USERD_BASE_PTR) << 12;
	struct nvgpu_fifo *fifo = gpu->fifo;
	uint64_t id = (addr - base) / USERD_SIZE;

	if (!(reg & PFIFO_USERD_BASE_VALID) || addr < base ||
	    id >= fifo->nr_chans ||
	    ((addr - base) % USERD_SIZE & ~3ull) != USERD_GP_PUT)
		return;
	gpu->count.channel_kicks++;
	fifo->chans[id].kicked = true;
	nvgpu_kick(gpu);
}

/* ---- death ---- */

/* The runlist stands still until the driver has cleaned up after a fault. */
static void sched_disable(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	uint32_t off = nvgpu_reg_get(gpu, PFIFO_ERROR_SCHED_DISABLE);

	if (chan->group.valid)
		nvgpu_reg_set(gpu, PFIFO_ERROR_SCHED_DISABLE,
			      off | 1u << chan->runl);
}

void nvgpu_chan_die(struct nvgpu *gpu, struct nvgpu_chan *chan,
		    struct nvgpu_engine_state *engine)
{
	if (chan->dead)
		return;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "channel %u: dead", chan->id);
	chan->dead = true;
	sched_disable(gpu, chan);
	if (engine && engine->chan == chan)
		engine->faulted = true;
	/* A grid is aborted by the next run: the SMs may be our caller. */
	nvgpu_kick(gpu);
}

/*
 * The graphics engine got stuck with the channel, and no MMU fault says so.
 * Hardware would let the next context switch time out.  It is reported as
 * such, but at once: the driver then triggers a fault and resets the engine.
 */
static void chan_hang(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	nvgpu_log(gpu, NVGPU_LOG_INFO, "channel %u: hangs", chan->id);
	chan->dead = true;
	gpu->fifo->gr->hung = true;
	nvgpu_fifo_sched_error(gpu, PFIFO_SCHED_ERROR_CTXSW_TIMEOUT);
	nvgpu_kick(gpu);
}

void nvgpu_chan_kill(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	struct nvgpu_engine_state *gr = gpu->fifo->gr;

	if (gr->chan == chan && !chan->dead &&
	    !(nvgpu_fault_units(gpu) & 1u << gr->engine->fault_id))
		chan_hang(gpu, chan);
	else
		nvgpu_chan_die(gpu, chan, gr);
}
