/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Host, shared by its files: fifo.c (registers), runlist.c (scheduling),
 * chan.c (channels), engine.c (contexts on engines), pbdma.c (push buffers)
 * and host.c (methods).  Nobody else includes this.
 *
 * A group is what the scheduler switches between: a TSG, or a channel that
 * is in none.
 */
#ifndef NVGPU_FIFO_PRIV_H
#define NVGPU_FIFO_PRIV_H

#include "ce.h"
#include "chip.h"
#include "fifo.h"
#include "gr.h"
#include "reg.h"

#define NVGPU_CHANNELS_MAX	4096u	/* 12 bits of a runlist entry */
#define NVGPU_RUNLISTS_MAX	16u	/* 4 bits of PFIFO_RUNLIST */
#define NVGPU_PBDMAS_MAX	4u
#define NVGPU_ENGINES_MAX	16u
#define NVGPU_SUBCHANNELS	8u
#define NVGPU_PB_PREFETCH	64u	/* words */

static inline uint32_t nvgpu_get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void nvgpu_put_le32(uint8_t *p, uint32_t val)
{
	p[0] = val;
	p[1] = val >> 8;
	p[2] = val >> 16;
	p[3] = val >> 24;
}

/* Registers that more than one file touches; the table is in fifo.c. */
#define PFIFO_INTR		0x002100u
#define   PFIFO_INTR_BIND_ERROR		(1u << 0)
#define   PFIFO_INTR_SCHED_ERROR	(1u << 8)
#define   PFIFO_INTR_MMU_FAULT		(1u << 28)
#define   PFIFO_INTR_PBDMA		(1u << 29)
#define   PFIFO_INTR_RUNLIST		(1u << 30)
#define   PFIFO_INTR_NONSTALL		(1u << 31)
#define PFIFO_INTR_EN		0x002140u
#define PFIFO_USERD_BASE	0x002254u
#define   PFIFO_USERD_BASE_PTR		0x0fffffffu	/* >> 12 */
#define   PFIFO_USERD_BASE_VALID	(1u << 28)
#define PFIFO_RUNLIST_BASE	0x002270u
#define   PFIFO_RUNLIST_BASE_PTR	0x0fffffffu	/* >> 12 */
#define   PFIFO_RUNLIST_BASE_TARGET(v)	(((v) >> 28) & 3)
#define PFIFO_RUNLIST		0x002274u
#define   PFIFO_RUNLIST_COUNT(v)	((v) & 0xffff)
#define   PFIFO_RUNLIST_ID(v)		(((v) >> 20) & 0xf)
#define PFIFO_ENG_RUNLIST_BASE(r)	(0x002280u + (r) * 8)
#define PFIFO_ENG_RUNLIST(r)		(0x002284u + (r) * 8)
#define PFIFO_BIND_ERROR	0x00252cu
#define   PFIFO_BIND_ERROR_NOT_UNBOUND		0x01
#define   PFIFO_BIND_ERROR_UNBIND_RUNNING	0x03
#define   PFIFO_BIND_ERROR_INVALID_TARGET	0x06
#define PFIFO_SCHED_ERROR	0x00254cu
#define   PFIFO_SCHED_ERROR_CTXSW_TIMEOUT	0x0a
#define PFIFO_ERROR_SCHED_DISABLE	0x00262cu	/* bit: runlist */
#define PFIFO_SCHED_DISABLE	0x002630u		/* bit: runlist */
#define PFIFO_PREEMPT		0x002634u
#define   PFIFO_PREEMPT_ID		0xfffu
#define   PFIFO_PREEMPT_PENDING		(1u << 20)
#define   PFIFO_PREEMPT_TSG		(1u << 24)
#define PFIFO_RUNLIST_INTR	0x002a00u		/* bit: runlist */
#define PFIFO_ENG_TIMEOUT	0x002a0cu
#define   PFIFO_ENG_TIMEOUT_PERIOD	0x7fffffffu	/* us */
#define   PFIFO_ENG_TIMEOUT_MS		1000u
#define   PFIFO_ENG_TIMEOUT_ENABLE	(1u << 31)
#define PFIFO_TRIGGER_FAULT(e)	(0x002a30u + (e) * 4)
#define   PFIFO_TRIGGER_FAULT_UNIT	0x1fu
#define   PFIFO_TRIGGER_FAULT_ENABLE	(1u << 8)

#define PBDMA_STRIDE		0x2000u
#define PBDMA_METHOD0		0x0400c0u
#define   PBDMA_METHOD0_VALID		(1u << 31)
#define   PBDMA_METHOD0_SUBC(s)		((uint32_t)(s) << 16)
#define PBDMA_DATA0		0x0400c4u
#define PBDMA_INTR_0		0x040108u
#define   PBDMA_INTR_0_GPENTRY		(1u << 15)
#define   PBDMA_INTR_0_PBENTRY		(1u << 18)
#define   PBDMA_INTR_0_METHOD		(1u << 21)
#define   PBDMA_INTR_0_DEVICE		(1u << 23)
#define   PBDMA_INTR_0_SEMAPHORE	(1u << 25)
#define   PBDMA_INTR_0_SIGNATURE	(1u << 31)
#define PBDMA_INTR_EN_0		0x04010cu
#define PBDMA_CHANNEL		0x040120u
#define   PBDMA_CHANNEL_VALID		(1u << 13)
#define PBDMA_INTR_1		0x040148u
#define PBDMA_INTR_EN_1		0x04014cu

#define PCCSR_INST(c)		(0x800000u + (c) * 8)
#define   PCCSR_INST_PTR		0x0fffffffu	/* >> 12 */
#define   PCCSR_INST_TARGET(v)		(((v) >> 28) & 3)
#define   PCCSR_INST_BIND		(1u << 31)
#define PCCSR_CHANNEL(c)	(0x800004u + (c) * 8)
#define   PCCSR_CHANNEL_ENABLE		(1u << 0)
#define   PCCSR_CHANNEL_ENABLE_SET	(1u << 10)
#define   PCCSR_CHANNEL_ENABLE_CLR	(1u << 11)
#define   PCCSR_CHANNEL_RUNLIST		0x000f0000u
#define   PCCSR_CHANNEL_STATUS(s)	((uint32_t)(s) << 24)
#define   PCCSR_CHANNEL_BUSY		(1u << 28)

#define HUB_CLIENT_HOST		0x06	/* dev_fault.h of gp100 */
#define FAULT_UNIT_HOST0	0x06	/* one for each PBDMA */

/** struct nvgpu_group - name of a TSG or of a channel outside of TSGs */
struct nvgpu_group {
	bool valid;
	/** @tsg: @id is a TSG's, else a channel's */
	bool tsg;
	uint16_t id;
};

static inline bool nvgpu_group_same(struct nvgpu_group a, struct nvgpu_group b)
{
	return a.valid && b.valid && a.tsg == b.tsg && a.id == b.id;
}

/** enum nvgpu_chan_wait - what a channel that can't go on waits for */
enum nvgpu_chan_wait {
	NVGPU_WAIT_NONE,
	/** @NVGPU_WAIT_SEMAPHORE: memory must change: poll */
	NVGPU_WAIT_SEMAPHORE,
	/** @NVGPU_WAIT_ENGINE: the graphics engine must get idle or free */
	NVGPU_WAIT_ENGINE,
};

/** enum nvgpu_mthd_kind - how the data words of a header are used */
enum nvgpu_mthd_kind {
	NVGPU_MTHD_INC,
	NVGPU_MTHD_NON_INC,
	NVGPU_MTHD_ONE_INC,
};

/** struct nvgpu_gp - the ring of push buffer segments */
struct nvgpu_gp {
	uint64_t base;
	/** @mask: entries - 1 */
	uint32_t mask;
	uint32_t get, put;
};

/** struct nvgpu_pb - the push buffer segment being read */
struct nvgpu_pb {
	/** @va: next word to fetch; @left: words still to fetch */
	uint64_t va;
	uint32_t left;
	/** @word: fetched; @pos of @len are used up */
	uint32_t word[NVGPU_PB_PREFETCH];
	unsigned int pos, len;
};

/** struct nvgpu_mthd - the method header in effect */
struct nvgpu_mthd {
	enum nvgpu_mthd_kind kind;
	uint8_t subc;
	/** @addr: of the next method; @count: methods to come */
	uint32_t addr, count;
	/** @have: @data was fetched and its method not executed yet */
	bool have;
	uint32_t data;
};

/** struct nvgpu_chan - a channel */
struct nvgpu_chan {
	uint16_t id;
	/** @bound: has an instance block, at VRAM address @inst */
	bool bound;
	/** @enabled: PCCSR's bit */
	bool enabled;
	/** @dead: its context died; runs no more until bound again */
	bool dead;
	/** @fetched: RAMFC was read since it was bound */
	bool fetched;
	/** @kicked: GP_PUT in USERD may be new */
	bool kicked;
	/** @stopped: its PBDMA raised an interrupt and waits for the driver */
	bool stopped;
	/** @yield: gives up its time slice */
	bool yield;
	uint64_t inst;
	struct nvgpu_vm vm;

	/** @listed: in the list of runlist @runl */
	bool listed;
	uint8_t runl, runq;
	struct nvgpu_group group;
	enum nvgpu_chan_wait wait;

	enum nvgpu_aperture userd_aper;
	uint64_t userd;
	struct nvgpu_gp gp;
	struct nvgpu_pb pb;
	struct nvgpu_mthd mthd;

	/** @semaphore: methods A to D; @mem_op: likewise */
	uint32_t semaphore[4], mem_op[4];
	/** @subdev: methods go to GPU 0 if bit 0 is set; @subdev_stored */
	uint16_t subdev, subdev_stored;
	/** @cls: object class of each subchannel, 0: none */
	uint16_t cls[NVGPU_SUBCHANNELS];
	struct nvgpu_ce_context *ce;
	struct nvgpu_gr_context *gr;
	/** @saved: grid preempted between two instructions */
	void *saved;
};

/** struct nvgpu_runlist - one runlist */
struct nvgpu_runlist {
	uint8_t id;
	/** @has_gr: feeds the graphics engine */
	bool has_gr;
	/** @list: channels in runlist order, of which @nr are used */
	struct nvgpu_chan **list;
	unsigned int nr;
	/** @next: where the search for the next channel begins */
	unsigned int next;
	/** @loaded: channel on the PBDMA, with @slice methods to go */
	struct nvgpu_chan *loaded;
	unsigned int slice;
	/** @preempt: group the driver wants off, not off yet */
	struct nvgpu_group preempt;
	/** @next_group: group that waits for the running grid to end */
	struct nvgpu_group next_group;
	/** @switch_since: when that wait or the preemption began; 0: none */
	uint64_t switch_since;
};

/** struct nvgpu_engine_state - an engine, as host sees it */
struct nvgpu_engine_state {
	const struct nvgpu_engine *engine;
	/** @chan: whose context is loaded */
	struct nvgpu_chan *chan;
	/** @faulted: that context died and still blocks the engine */
	bool faulted;
	/** @hung: as @faulted, but no MMU fault told the driver */
	bool hung;
};

/** struct nvgpu_fifo - host */
struct nvgpu_fifo {
	struct nvgpu_chan *chans;
	unsigned int nr_chans;
	struct nvgpu_runlist runl[NVGPU_RUNLISTS_MAX];
	unsigned int nr_runls;
	struct nvgpu_engine_state engine[NVGPU_ENGINES_MAX];
	unsigned int nr_engines;
	/** @gr: the graphics engine among @engine */
	struct nvgpu_engine_state *gr;
	/** @intr: latched bits of PFIFO_INTR */
	uint32_t intr;
	/** @pbdma_stopped: channel each PBDMA has stopped on */
	struct nvgpu_chan *pbdma_stopped[NVGPU_PBDMAS_MAX];
	/** @poll: a channel waits on memory */
	bool poll;
	/** @grid_age: warp instructions since the grid came onto the SMs */
	unsigned int grid_age;
	/** @grid_since: when its context came onto the engine */
	uint64_t grid_since;
};

/** enum nvgpu_pbdma_result - why nvgpu_pbdma_run() returned */
enum nvgpu_pbdma_result {
	/** @NVGPU_PBDMA_MORE: budget is used up */
	NVGPU_PBDMA_MORE,
	/** @NVGPU_PBDMA_IDLE: no more entries */
	NVGPU_PBDMA_IDLE,
	/** @NVGPU_PBDMA_WAIT: see &nvgpu_chan.wait */
	NVGPU_PBDMA_WAIT,
	/** @NVGPU_PBDMA_YIELD: the channel gives up its time slice */
	NVGPU_PBDMA_YIELD,
	/** @NVGPU_PBDMA_STOP: dead, or stopped with an interrupt */
	NVGPU_PBDMA_STOP,
};

/* fifo.c */
void nvgpu_fifo_raise(struct nvgpu *gpu, uint32_t bits);
void nvgpu_fifo_sched_error(struct nvgpu *gpu, uint32_t code);
void nvgpu_fifo_reset(struct nvgpu *gpu);

/* runlist.c */
void nvgpu_runlist_submit(struct nvgpu *gpu, uint32_t val);
void nvgpu_runlist_preempt(struct nvgpu *gpu, uint32_t val);
/* Go on with a preemption; true: it is still pending. */
bool nvgpu_runlist_preempting(struct nvgpu *gpu, struct nvgpu_runlist *runl);
/* Take the loaded channel off its PBDMA. */
void nvgpu_runlist_unload(struct nvgpu *gpu, struct nvgpu_runlist *runl);
void nvgpu_runlist_reset(struct nvgpu_runlist *runl);

/* chan.c */
void nvgpu_chan_bind(struct nvgpu *gpu, unsigned int id, uint32_t val,
		     uint32_t old);
void nvgpu_chan_control(struct nvgpu *gpu, unsigned int id, uint32_t val);
uint32_t nvgpu_chan_status(struct nvgpu *gpu, unsigned int id);
/* It has something to do and is allowed to. */
bool nvgpu_chan_ready(struct nvgpu *gpu, const struct nvgpu_chan *chan);
/* Load RAMFC and address space; false: the channel has stopped. */
bool nvgpu_chan_load(struct nvgpu *gpu, struct nvgpu_chan *chan);
void nvgpu_chan_save(struct nvgpu *gpu, struct nvgpu_chan *chan);
/* Read GP_PUT again. */
void nvgpu_chan_refresh(struct nvgpu *gpu, struct nvgpu_chan *chan);
void nvgpu_chan_set_get(struct nvgpu *gpu, struct nvgpu_chan *chan,
			uint32_t get);
void nvgpu_chan_set_reference(struct nvgpu *gpu, struct nvgpu_chan *chan,
			      uint32_t val);
/* Forget the binding and everything that came with it. */
void nvgpu_chan_clear(struct nvgpu *gpu, struct nvgpu_chan *chan);
/* nvgpu_chan_kill(), with the engine the context died on (NULL: none). */
void nvgpu_chan_die(struct nvgpu *gpu, struct nvgpu_chan *chan,
		    struct nvgpu_engine_state *engine);

/* engine.c */
uint32_t nvgpu_engine_status(struct nvgpu *gpu, unsigned int id);
void nvgpu_engine_trigger(struct nvgpu *gpu, unsigned int id, uint32_t val);
/* Put the channel onto the graphics engine; false: not now. */
bool nvgpu_engine_acquire_gr(struct nvgpu *gpu, struct nvgpu_chan *chan);
/* The copy engine that serves the channel; NULL: none. */
struct nvgpu_engine_state *nvgpu_engine_ce(struct nvgpu *gpu,
					   const struct nvgpu_chan *chan);
/* Take the loaded context off an engine; false: not now. */
bool nvgpu_engine_unload(struct nvgpu *gpu, struct nvgpu_engine_state *engine);
/* The channel leaves for good: no engine keeps its context. */
void nvgpu_engine_forget(struct nvgpu *gpu, const struct nvgpu_chan *chan);
/* The channel is on an engine. */
bool nvgpu_engine_has(const struct nvgpu *gpu, const struct nvgpu_chan *chan);

/* pbdma.c */
enum nvgpu_pbdma_result nvgpu_pbdma_run(struct nvgpu *gpu,
					struct nvgpu_chan *chan,
					unsigned int budget,
					unsigned int *used);
/* The PBDMA that serves the channel. */
unsigned int nvgpu_pbdma_of(const struct nvgpu *gpu,
			    const struct nvgpu_chan *chan);
/*
 * Virtual memory, as host accesses it for a channel.  False: it faulted, was
 * reported, and the channel is dead.
 */
bool nvgpu_pbdma_read(struct nvgpu *gpu, struct nvgpu_chan *chan, uint64_t va,
		      void *buf, size_t len);
bool nvgpu_pbdma_write(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint64_t va, const void *buf, size_t len);
/* Stop with an interrupt of PBDMA_INTR_0; a guest error, said why. */
void nvgpu_pbdma_error(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint32_t bit, uint32_t data, const char *why);
/* Bit mask of PBDMAs that ask for their interrupt. */
uint32_t nvgpu_pbdma_intr(const struct nvgpu *gpu);
void nvgpu_pbdma_intr_cleared(struct nvgpu *gpu, unsigned int pbdma);
uint32_t nvgpu_pbdma_status(struct nvgpu *gpu, unsigned int pbdma);
void nvgpu_pbdma_forget(struct nvgpu *gpu, const struct nvgpu_chan *chan);

/* host.c */
enum nvgpu_method_result nvgpu_host_method(struct nvgpu *gpu,
					   struct nvgpu_chan *chan,
					   uint32_t mthd, uint32_t data);

#endif
