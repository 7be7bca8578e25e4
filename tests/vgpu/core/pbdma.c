// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: PBDMAs.  Fetch push buffers, take them apart into methods, send each
 * to host or to an engine.  A method that must wait is sent again, whole.
 *
 * Formats: NVIDIA's clc06f.h (GP_ENTRY, DMA).
 */
#include "chip.h"
#include "fault.h"
#include "fifo_priv.h"
#include "pmc.h"

#define GP_ENTRY_SIZE		8
#define GP_ENTRY_GET		0xfffffffcull
#define GP_ENTRY_GET_HI		(0xffull << 32)
#define GP_ENTRY_LENGTH(e)	(((e) >> 42) & 0x1fffff)
/* Entries without length are commands. */
#define GP_ENTRY_OPCODE(e)	(((e) >> 32) & 0xff)
#define   GP_OPCODE_NOP			0
#define   GP_OPCODE_ILLEGAL		1
#define   GP_OPCODE_GP_CRC		2
#define   GP_OPCODE_PB_CRC		3

#define DMA_SEC_OP(w)		((w) >> 29)
#define   SEC_OP_GRP0			0
#define   SEC_OP_INC			1
#define   SEC_OP_GRP2			2
#define   SEC_OP_NON_INC		3
#define   SEC_OP_IMMD			4
#define   SEC_OP_ONE_INC		5
#define   SEC_OP_END_SEGMENT		7
#define DMA_TERT_OP(w)		(((w) >> 16) & 3)
#define   TERT_OP_GRP0_INC		0
#define   TERT_OP_SET_SUBDEV		1
#define   TERT_OP_STORE_SUBDEV		2
#define   TERT_OP_USE_SUBDEV		3
#define   TERT_OP_GRP2_NON_INC		0
#define DMA_SUBDEV_MASK(w)	(((w) >> 4) & 0xfff)
#define DMA_SUBC(w)		(((w) >> 13) & 7)
#define DMA_ADDR(w)		(((w) & 0xfff) << 2)
#define DMA_COUNT(w)		(((w) >> 16) & 0x1fff)
#define DMA_ADDR_OLD(w)		((w) & 0x1ffc)
#define DMA_COUNT_OLD(w)	(((w) >> 18) & 0x7ff)

#define HOST_METHODS		0x100	/* below: host's own */
#define PAGE_WORDS(va)		((0x1000 - ((va) & 0xfff)) / 4)

/* PFIFO_PBDMA_STATUS: nvgpu, fifo_pbdma_status. */
#define STATUS_TSG		(1u << 12)
#define STATUS_VALID		(1u << 13)

unsigned int nvgpu_pbdma_of(const struct nvgpu *gpu,
			    const struct nvgpu_chan *chan)
{
	unsigned int i, n = 0, found = 0;

	for (i = 0; i < gpu->chip->nr_pbdmas; i++) {
		if (!(gpu->chip->pbdma_runlists[i] & 1u << chan->runl))
			continue;
		if (!n || n == chan->runq)
			found = i;
		n++;
	}
	return found;
}

static struct nvgpu_client host_client(const struct nvgpu *gpu,
				       const struct nvgpu_chan *chan)
{
	const struct nvgpu_client client = {
		.unit = FAULT_UNIT_HOST0 + nvgpu_pbdma_of(gpu, chan),
		.id = HUB_CLIENT_HOST,
		.hub = true,
	};

	return client;
}

/* ---- interrupts ---- */

uint32_t nvgpu_pbdma_intr(const struct nvgpu *gpu)
{
	uint32_t mask = 0, intr;
	unsigned int i;

	for (i = 0; i < gpu->chip->nr_pbdmas; i++) {
		uint32_t at = i * PBDMA_STRIDE;

		intr = nvgpu_reg_get(gpu, PBDMA_INTR_0 + at) &
		       nvgpu_reg_get(gpu, PBDMA_INTR_EN_0 + at);
		intr |= nvgpu_reg_get(gpu, PBDMA_INTR_1 + at) &
			nvgpu_reg_get(gpu, PBDMA_INTR_EN_1 + at);
		if (intr)
			mask |= 1u << i;
	}
	return mask;
}

void nvgpu_pbdma_error(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint32_t bit, uint32_t data, const char *why)
{
	unsigned int pbdma = nvgpu_pbdma_of(gpu, chan);
	uint32_t at = pbdma * PBDMA_STRIDE;

	nvgpu_guest_error(gpu, "channel %u: %s: subc %u mthd %04x data %08x",
			  chan->id, why, chan->mthd.subc, chan->mthd.addr,
			  data);
	chan->stopped = true;
	gpu->fifo->pbdma_stopped[pbdma] = chan;
	nvgpu_reg_set(gpu, PBDMA_METHOD0 + at, PBDMA_METHOD0_VALID |
		      PBDMA_METHOD0_SUBC(chan->mthd.subc) | chan->mthd.addr);
	nvgpu_reg_set(gpu, PBDMA_DATA0 + at, data);
	nvgpu_reg_set(gpu, PBDMA_CHANNEL + at,
		      PBDMA_CHANNEL_VALID | chan->id);
	nvgpu_reg_set(gpu, PBDMA_INTR_0 + at,
		      nvgpu_reg_get(gpu, PBDMA_INTR_0 + at) | bit);
	nvgpu_irq_update(gpu);
}

/* The driver has seen to it: go on behind what the PBDMA stopped on. */
void nvgpu_pbdma_intr_cleared(struct nvgpu *gpu, unsigned int pbdma)
{
	struct nvgpu_chan *chan = gpu->fifo->pbdma_stopped[pbdma];

	if (!nvgpu_reg_get(gpu, PBDMA_INTR_0 + pbdma * PBDMA_STRIDE) && chan) {
		chan->stopped = false;
		gpu->fifo->pbdma_stopped[pbdma] = NULL;
		nvgpu_kick(gpu);
	}
	nvgpu_irq_update(gpu);
}

void nvgpu_pbdma_forget(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	unsigned int i;

	for (i = 0; i < NVGPU_PBDMAS_MAX; i++)
		if (gpu->fifo->pbdma_stopped[i] == chan)
			gpu->fifo->pbdma_stopped[i] = NULL;
}

uint32_t nvgpu_pbdma_status(struct nvgpu *gpu, unsigned int pbdma)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_runls; i++) {
		const struct nvgpu_chan *chan = fifo->runl[i].loaded;

		if (chan && nvgpu_pbdma_of(gpu, chan) == pbdma)
			return STATUS_VALID | chan->group.id |
			       (chan->group.tsg ? STATUS_TSG : 0);
	}
	return 0;
}

/* ---- fetching ---- */

bool nvgpu_pbdma_read(struct nvgpu *gpu, struct nvgpu_chan *chan, uint64_t va,
		      void *buf, size_t len)
{
	struct nvgpu_client client = host_client(gpu, chan);
	struct nvgpu_fault_info fault;

	if (nvgpu_vm_read(gpu, &chan->vm, &client, va, buf, len, &fault))
		return true;
	nvgpu_fault_fatal(gpu, chan->inst, &client, &fault);
	nvgpu_chan_die(gpu, chan, NULL);
	return false;
}

bool nvgpu_pbdma_write(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint64_t va, const void *buf, size_t len)
{
	struct nvgpu_client client = host_client(gpu, chan);
	struct nvgpu_fault_info fault;

	if (nvgpu_vm_write(gpu, &chan->vm, &client, va, buf, len, &fault))
		return true;
	nvgpu_fault_fatal(gpu, chan->inst, &client, &fault);
	nvgpu_chan_die(gpu, chan, NULL);
	return false;
}

static void gp_command(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint64_t entry)
{
	switch (GP_ENTRY_OPCODE(entry)) {
	case GP_OPCODE_NOP:
		return;
	case GP_OPCODE_GP_CRC:
	case GP_OPCODE_PB_CRC:
		nvgpu_unknown(gpu, "channel %u: CRC check in the GPFIFO",
			      chan->id);
		return;
	case GP_OPCODE_ILLEGAL:
	default:
		nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_GPENTRY, entry >> 32,
				  "bad GPFIFO entry");
	}
}

/* Begin the next segment; false: there is none (now). */
static bool gp_next(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	uint8_t raw[GP_ENTRY_SIZE];
	uint64_t entry;

	if (chan->kicked)
		nvgpu_chan_refresh(gpu, chan);
	if (chan->gp.get == chan->gp.put)
		return false;
	if (!nvgpu_pbdma_read(gpu, chan,
			      chan->gp.base + chan->gp.get * GP_ENTRY_SIZE,
			      raw, sizeof(raw)))
		return false;
	entry = nvgpu_get_le32(raw) | (uint64_t)nvgpu_get_le32(raw + 4) << 32;
	nvgpu_chan_set_get(gpu, chan, chan->gp.get + 1);
	chan->pb.left = GP_ENTRY_LENGTH(entry);
	chan->pb.va = entry & (GP_ENTRY_GET_HI | GP_ENTRY_GET);
	if (!chan->pb.left)
		gp_command(gpu, chan, entry);
	return !chan->stopped;
}

static bool pb_fill(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	struct nvgpu_pb *pb = &chan->pb;
	uint8_t raw[4 * NVGPU_PB_PREFETCH];
	uint32_t words = PAGE_WORDS(pb->va);
	unsigned int i;

	if (words > NVGPU_PB_PREFETCH)
		words = NVGPU_PB_PREFETCH;
	if (words > pb->left)
		words = pb->left;
	if (!nvgpu_pbdma_read(gpu, chan, pb->va, raw, 4 * words))
		return false;
	for (i = 0; i < words; i++)
		pb->word[i] = nvgpu_get_le32(raw + 4 * i);
	pb->pos = 0;
	pb->len = words;
	pb->va += 4 * words;
	pb->left -= words;
	return true;
}

/* The next word of the push buffer; false: none now, stopped, or dead. */
static bool pb_next(struct nvgpu *gpu, struct nvgpu_chan *chan, uint32_t *word)
{
	if (chan->pb.pos == chan->pb.len) {
		while (!chan->pb.left)
			if (!gp_next(gpu, chan))
				return false;
		if (!pb_fill(gpu, chan))
			return false;
	}
	*word = chan->pb.word[chan->pb.pos++];
	return true;
}

/* ---- headers ---- */

static void set_method(struct nvgpu_chan *chan, enum nvgpu_mthd_kind kind,
		       uint32_t word)
{
	chan->mthd.kind = kind;
	chan->mthd.addr = DMA_ADDR(word);
	chan->mthd.count = DMA_COUNT(word);
}

static void set_method_old(struct nvgpu_chan *chan, enum nvgpu_mthd_kind kind,
			   uint32_t word)
{
	chan->mthd.kind = kind;
	chan->mthd.addr = DMA_ADDR_OLD(word);
	chan->mthd.count = DMA_COUNT_OLD(word);
}

static bool decode_group0(struct nvgpu_chan *chan, uint32_t word)
{
	switch (DMA_TERT_OP(word)) {
	case TERT_OP_SET_SUBDEV:
		chan->subdev = DMA_SUBDEV_MASK(word);
		return true;
	case TERT_OP_STORE_SUBDEV:
		chan->subdev_stored = DMA_SUBDEV_MASK(word);
		return true;
	case TERT_OP_USE_SUBDEV:
		chan->subdev = chan->subdev_stored;
		return true;
	case TERT_OP_GRP0_INC:
	default:
		/* A zero word is this too: no methods, used as padding. */
		set_method_old(chan, NVGPU_MTHD_INC, word);
		return true;
	}
}

static bool decode(struct nvgpu_chan *chan, uint32_t word)
{
	chan->mthd.subc = DMA_SUBC(word);
	switch (DMA_SEC_OP(word)) {
	case SEC_OP_GRP0:
		return decode_group0(chan, word);
	case SEC_OP_GRP2:
		set_method_old(chan, NVGPU_MTHD_NON_INC, word);
		return DMA_TERT_OP(word) == TERT_OP_GRP2_NON_INC;
	case SEC_OP_INC:
		set_method(chan, NVGPU_MTHD_INC, word);
		return true;
	case SEC_OP_NON_INC:
		set_method(chan, NVGPU_MTHD_NON_INC, word);
		return true;
	case SEC_OP_ONE_INC:
		set_method(chan, NVGPU_MTHD_ONE_INC, word);
		return true;
	case SEC_OP_IMMD:
		set_method(chan, NVGPU_MTHD_NON_INC, word);
		chan->mthd.data = DMA_COUNT(word);
		chan->mthd.count = 1;
		chan->mthd.have = true;
		return true;
	case SEC_OP_END_SEGMENT:
		chan->pb.left = 0;
		chan->pb.pos = chan->pb.len;
		return true;
	default:
		return false;
	}
}

static void take_header(struct nvgpu *gpu, struct nvgpu_chan *chan,
			uint32_t word)
{
	if (decode(chan, word))
		return;
	chan->mthd.count = 0;
	nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_PBENTRY, word,
			  "bad method header");
}

/* ---- methods ---- */

static enum nvgpu_method_result ce_dispatch(struct nvgpu *gpu,
					    struct nvgpu_chan *chan,
					    uint32_t mthd, uint32_t data)
{
	struct nvgpu_engine_state *ce = nvgpu_engine_ce(gpu, chan);
	const struct nvgpu_client client = {
		.unit = ce->engine->fault_id,
		.id = ce->engine->hub_client,
		.hub = true,
	};
	enum nvgpu_method_result res;

	ce->chan = chan;
	ce->faulted = false;
	res = nvgpu_ce_method(gpu, chan, chan->ce, &client, mthd, data);
	if (res == NVGPU_METHOD_DEAD)
		nvgpu_chan_die(gpu, chan, ce);
	return res;
}

static enum nvgpu_method_result gr_dispatch(struct nvgpu *gpu,
					    struct nvgpu_chan *chan,
					    uint32_t cls, uint32_t mthd,
					    uint32_t data)
{
	enum nvgpu_method_result res;

	if (!nvgpu_engine_acquire_gr(gpu, chan))
		return NVGPU_METHOD_AGAIN;
	res = nvgpu_gr_method(gpu, chan, chan->gr, cls, mthd, data);
	if (res == NVGPU_METHOD_DEAD)
		nvgpu_chan_die(gpu, chan, gpu->fifo->gr);
	return res;
}

/*
 * Execute the method in hand.  *@progress: although it is not done yet, it
 * got further and needs nothing but to be called again.
 */
static enum nvgpu_method_result dispatch(struct nvgpu *gpu,
					 struct nvgpu_chan *chan,
					 bool *progress)
{
	uint32_t mthd = chan->mthd.addr, data = chan->mthd.data;
	uint16_t cls = chan->cls[chan->mthd.subc];
	enum nvgpu_method_result res;

	*progress = false;
	if (mthd < HOST_METHODS)
		return nvgpu_host_method(gpu, chan, mthd, data);
	if (!cls) {
		nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_DEVICE, data,
				  "method to an empty subchannel");
		return NVGPU_METHOD_DONE;
	}
	if (!nvgpu_chip_copies(gpu->chip, cls))
		return gr_dispatch(gpu, chan, cls, mthd, data);
	res = ce_dispatch(gpu, chan, mthd, data);
	*progress = res == NVGPU_METHOD_AGAIN;
	return res;
}

static void advance(struct nvgpu_mthd *mthd)
{
	mthd->have = false;
	mthd->count--;
	if (mthd->kind == NVGPU_MTHD_NON_INC)
		return;
	mthd->addr += 4;
	if (mthd->kind == NVGPU_MTHD_ONE_INC)
		mthd->kind = NVGPU_MTHD_NON_INC;
}

/* One method; its data word is in hand. */
static enum nvgpu_pbdma_result method(struct nvgpu *gpu,
				      struct nvgpu_chan *chan)
{
	enum nvgpu_method_result res = NVGPU_METHOD_DONE;
	bool progress = false;

	nvgpu_log(gpu, NVGPU_LOG_TRACE, "channel %u: subc %u mthd %04x <- %08x",
		  chan->id, chan->mthd.subc, chan->mthd.addr, chan->mthd.data);
	if (chan->subdev & 1)
		res = dispatch(gpu, chan, &progress);
	if (res == NVGPU_METHOD_DEAD || chan->dead)
		return NVGPU_PBDMA_STOP;
	if (res == NVGPU_METHOD_DONE) {
		gpu->count.methods++;
		advance(&chan->mthd);
		if (chan->yield) {
			chan->yield = false;
			return NVGPU_PBDMA_YIELD;
		}
		return chan->stopped ? NVGPU_PBDMA_STOP : NVGPU_PBDMA_MORE;
	}
	if (progress)
		return NVGPU_PBDMA_MORE;
	if (chan->wait == NVGPU_WAIT_NONE)
		chan->wait = NVGPU_WAIT_ENGINE;
	return NVGPU_PBDMA_WAIT;
}

/* One step: a header, or a method. */
static enum nvgpu_pbdma_result step(struct nvgpu *gpu, struct nvgpu_chan *chan)
{
	uint32_t word;

	if (!chan->mthd.have) {
		if (!pb_next(gpu, chan, &word))
			return chan->dead || chan->stopped ?
				NVGPU_PBDMA_STOP : NVGPU_PBDMA_IDLE;
		if (!chan->mthd.count) {
			take_header(gpu, chan, word);
			return chan->stopped ? NVGPU_PBDMA_STOP :
					       NVGPU_PBDMA_MORE;
		}
		chan->mthd.data = word;
		chan->mthd.have = true;
	}
	return method(gpu, chan);
}

enum nvgpu_pbdma_result nvgpu_pbdma_run(struct nvgpu *gpu,
					struct nvgpu_chan *chan,
					unsigned int budget,
					unsigned int *used)
{
	enum nvgpu_pbdma_result res = NVGPU_PBDMA_MORE;

	while (*used < budget) {
		res = step(gpu, chan);
		if (res == NVGPU_PBDMA_IDLE || res == NVGPU_PBDMA_WAIT)
			return res;
		(*used)++;
		if (res != NVGPU_PBDMA_MORE)
			return res;
	}
	return res;
}
