// SPDX-License-Identifier: MIT
/*
 * Replayable faults, as far as one GPU is concerned: taking packets out of the
 * buffer, the interrupt that announces them, and how to answer them.
 *
 * What a packet means to a process, and when to answer, is not decided here.
 *
 * The interrupt is a level: GET and PUT differ.  Its source is masked when it
 * fires, because GET moves only when somebody drains the buffer, in process
 * context and much later.  Until then the GPU would do nothing but interrupt.
 *
 * Locking: callers take turns.  What they share with the interrupt handler,
 * the mask of its source and nvkm_fault.svm, is under nvkm_device.intr.lock.
 */
#include "svm.h"

#include <linux/iopoll.h>

#include <core/memory.h>
#include <engine/fifo/cgrp.h>
#include <engine/fifo/chan.h>
#include <engine/fifo/runl.h>
#include <subdev/bar.h>

/*
 * How long a packet may be on its way after PUT has moved past it.  It is a
 * posted write within the GPU, microseconds; only one that is lost takes
 * longer than this, in a virtual machine that gets little time.
 */
#define NVKM_SVM_VALID_TIMEOUT_US	USEC_PER_SEC
#define NVKM_SVM_VALID_POLL_US		10

/**
 * struct nvkm_svm - the replayable faults of a device
 */
struct nvkm_svm {
	/** @func: how this GPU does it */
	const struct nvkm_svm_func *func;
	/** @fault: the subdev that has @buffer and the interrupt */
	struct nvkm_fault *fault;
	/** @buffer: where packets arrive */
	struct nvkm_fault_buffer *buffer;
	/** @map: @buffer as the CPU sees it, through BAR2 */
	void __iomem *map;
	/** @get: next entry to take, as last written to the GPU */
	u32 get;
	/** @notify: whom to tell of packets, see nvkm_svm_new() */
	void (*notify)(void *priv);
	/** @priv: argument of @notify */
	void *priv;
};

static struct nvkm_device *
nvkm_svm_device(struct nvkm_svm *svm)
{
	return svm->fault->subdev.device;
}

/* From the interrupt handler. */
void
nvkm_svm_intr(struct nvkm_svm *svm)
{
	nvkm_inth_block_locked(&svm->fault->subdev.inth);
	svm->notify(svm->priv);
}

/* Mask the interrupt.  Its handler is not running when this returns. */
static void
nvkm_svm_mask(struct nvkm_svm *svm)
{
	struct nvkm_device *device = nvkm_svm_device(svm);
	unsigned long flags;

	spin_lock_irqsave(&device->intr.lock, flags);
	nvkm_inth_block_locked(&svm->fault->subdev.inth);
	spin_unlock_irqrestore(&device->intr.lock, flags);
}

void
nvkm_svm_unmask(struct nvkm_svm *svm)
{
	nvkm_inth_allow(&svm->fault->subdev.inth);
}

static void __iomem *
nvkm_svm_entry(struct nvkm_svm *svm, u32 index)
{
	return svm->map + index * svm->fault->func->buffer.entry_size;
}

/* Read GET or PUT.  A GPU that has left the bus reads as all ones. */
static int
nvkm_svm_pointer(struct nvkm_svm *svm, u32 addr, u32 *index)
{
	*index = nvkm_rd32(nvkm_svm_device(svm), addr);
	if (*index < svm->buffer->entries)
		return 0;
	nvkm_error(&svm->fault->subdev, "svm: %08x reads %08x\n", addr, *index);
	return -EIO;
}

/* Hand the entries before svm->get back to the GPU. */
static void
nvkm_svm_advance(struct nvkm_svm *svm)
{
	struct nvkm_device *device = nvkm_svm_device(svm);

	wmb(); /* the mapping is write-combined */
	nvkm_bar_flush(device->bar);
	nvkm_wr32(device, svm->buffer->get, svm->get);
}

int
nvkm_svm_init(struct nvkm_svm *svm)
{
	struct nvkm_fault_buffer *buffer = svm->buffer;
	int i, ret;

	/*
	 * What is in the buffer was for somebody else: another instance of
	 * the driver, or us before we slept.
	 */
	for (i = 0; i < buffer->entries; i++)
		svm->func->clear(nvkm_svm_entry(svm, i));
	svm->fault->func->buffer.init(buffer);
	ret = nvkm_svm_pointer(svm, buffer->put, &svm->get);
	if (ret) {
		svm->fault->func->buffer.fini(buffer);
		return ret;
	}
	nvkm_svm_advance(svm);
	svm->func->dropped(nvkm_svm_device(svm)); /* was before our time */
	nvkm_svm_unmask(svm);
	return 0;
}

void
nvkm_svm_fini(struct nvkm_svm *svm)
{
	nvkm_svm_mask(svm);
	svm->fault->func->buffer.fini(svm->buffer);
}

static int
nvkm_svm_take(struct nvkm_svm *svm, void __iomem *entry,
	      struct nvkm_svm_packet *packet)
{
	bool valid = svm->func->read(entry, packet);
	int ret = 0;

	/* Asking for the time costs more than the packet. */
	if (!valid)
		ret = poll_timeout_us(valid = svm->func->read(entry, packet),
				      valid, NVKM_SVM_VALID_POLL_US,
				      NVKM_SVM_VALID_TIMEOUT_US, false);
	if (ret == 0)
		svm->func->clear(entry);
	return ret;
}

int
nvkm_svm_drain(struct nvkm_svm *svm, struct nvkm_svm_packet *packets, int max)
{
	const u32 entries = svm->buffer->entries;
	u32 get = svm->get, put;
	int nr = 0, ret;

	ret = nvkm_svm_pointer(svm, svm->buffer->put, &put);
	while (ret == 0 && get != put && nr < max) {
		ret = nvkm_svm_take(svm, nvkm_svm_entry(svm, get),
				    &packets[nr]);
		if (ret && nr)
			break;	/* return what is good; the next call skips */
		if (ret)
			nvkm_error(&svm->fault->subdev,
				   "svm: packet %d never came\n", get);
		else
			nr++;
		get = (get + 1) % entries;
	}

	if (svm->get != get) {
		svm->get = get;
		nvkm_svm_advance(svm);
	} else if (ret == 0 && svm->func->dropped(nvkm_svm_device(svm))) {
		ret = -EOVERFLOW;
	}
	return nr ?: ret;
}

int
nvkm_svm_replay(struct nvkm_svm *svm)
{
	return svm->func->replay(nvkm_svm_device(svm));
}

int
nvkm_svm_cancel(struct nvkm_svm *svm, const struct nvkm_svm_packet *packet)
{
	return svm->func->cancel(nvkm_svm_device(svm), packet);
}

void
nvkm_svm_kill(struct nvkm_svm *svm, u64 inst)
{
	struct nvkm_engine *engine = &nvkm_svm_device(svm)->fifo->engine;
	struct nvkm_chan *chan;
	unsigned long flags;

	chan = nvkm_chan_get_inst(engine, inst, &flags);
	if (chan)
		nvkm_runl_rc_cgrp(chan->cgrp);
	nvkm_chan_put(&chan, flags);
}

u64
nvkm_svm_current(struct nvkm_svm *svm)
{
	return svm->func->current_inst(nvkm_svm_device(svm));
}

/* Take the interrupt over from nvkm_fault.event, or give it back. */
static int
nvkm_svm_attach(struct nvkm_fault *fault, struct nvkm_svm *svm)
{
	struct nvkm_device *device = fault->subdev.device;
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&device->intr.lock, flags);
	if (svm && fault->svm) {
		ret = -EBUSY;
	} else {
		nvkm_inth_block_locked(&fault->subdev.inth);
		fault->svm = svm;
	}
	spin_unlock_irqrestore(&device->intr.lock, flags);
	return ret;
}

static int
nvkm_svm_ctor(struct nvkm_svm *svm, struct nvkm_fault *fault)
{
	svm->fault = fault;
	svm->func = fault->func->svm;
	svm->buffer = fault->buffer[fault->func->user.rp];
	/* It has been pinned in BAR2 already, for the GPU. */
	svm->map = nvkm_kmap(svm->buffer->mem);
	if (!svm->map) {
		nvkm_done(svm->buffer->mem);
		return -ENOMEM;
	}
	return nvkm_svm_attach(fault, svm);
}

int
nvkm_svm_new(struct nvkm_device *device, void (*notify)(void *priv),
	     void *priv, struct nvkm_svm **psvm)
{
	struct nvkm_fault *fault = device->fault;
	struct nvkm_svm *svm;
	int ret;

	*psvm = NULL;
	if (!fault || !fault->func->svm)
		return -ENODEV;
	svm = kzalloc_obj(*svm);
	if (!svm)
		return -ENOMEM;
	svm->notify = notify;
	svm->priv = priv;
	ret = nvkm_svm_ctor(svm, fault);
	if (ret) {
		if (svm->map)
			nvkm_done(svm->buffer->mem);
		kfree(svm);
		return ret;
	}
	*psvm = svm;
	return 0;
}

void
nvkm_svm_del(struct nvkm_svm **psvm)
{
	struct nvkm_svm *svm = *psvm;

	if (svm) {
		nvkm_svm_fini(svm);
		nvkm_svm_attach(svm->fault, NULL);
		nvkm_inth_allow(&svm->fault->subdev.inth);
		nvkm_done(svm->buffer->mem);
		kfree(svm);
		*psvm = NULL;
	}
}
