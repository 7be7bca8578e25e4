// SPDX-License-Identifier: MIT
/*
 * Replayable faults of Pascal: packets, and how to answer them.
 *
 * Locking: none of its own, but for what it calls; see svm.c.
 */
#include "svm.h"
#include "svm_regs.h"

#include <linux/bitfield.h>

#include <engine/fifo/cgrp.h>
#include <engine/fifo/chan.h>
#include <engine/gr.h>
#include <subdev/mmu/svm.h>

static u64
gp100_svm_rd64(const void __iomem *addr)
{
#ifdef CONFIG_64BIT
	return __raw_readq(addr);
#else
	return __raw_readl(addr) | (u64)__raw_readl(addr + 4) << 32;
#endif
}

/* Can a mapping mend it?  The rest is wrong whatever is mapped there. */
static bool
gp100_svm_serviceable(u8 type)
{
	switch (type) {
	case GP100_FAULT_TYPE_PDE:
	case GP100_FAULT_TYPE_PTE:
	case GP100_FAULT_TYPE_RO_VIOLATION:
	case GP100_FAULT_TYPE_ATOMIC_VIOLATION:
		return true;
	default:
		return false;
	}
}

static bool
gp100_svm_access(u8 type, enum nvkm_svm_access *access)
{
	switch (type) {
	case GP100_ACCESS_TYPE_READ:
		*access = NVKM_SVM_READ;
		return true;
	case GP100_ACCESS_TYPE_WRITE:
		*access = NVKM_SVM_WRITE;
		return true;
	case GP100_ACCESS_TYPE_ATOMIC:
		*access = NVKM_SVM_ATOMIC;
		return true;
	case GP100_ACCESS_TYPE_PREFETCH:
		*access = NVKM_SVM_PREFETCH;
		return true;
	default:
		/* Not serviceable; nearest to the truth is a read. */
		*access = NVKM_SVM_READ;
		return false;
	}
}

static bool
gp100_svm_read(const void __iomem *entry, struct nvkm_svm_packet *packet)
{
	const u32 info = __raw_readl(entry + GP100_PACKET_INFO);
	u64 inst, address;
	bool known;

	if (!(info & GP100_PACKET_INFO_VALID))
		return false;
	rmb(); /* it was written last, so it is read first */
	inst = gp100_svm_rd64(entry + GP100_PACKET_INST);
	address = gp100_svm_rd64(entry + GP100_PACKET_ADDRESS);

	/* With the aperture, which is 0 for every channel of ours: VRAM. */
	packet->inst = inst & (GP100_PACKET_INST_ADDRESS |
			       GP100_PACKET_INST_APERTURE);
	packet->addr = address & GP100_PACKET_ADDRESS_PAGE;
	packet->time = gp100_svm_rd64(entry + GP100_PACKET_TIMESTAMP);
	packet->reason = FIELD_GET(GP100_PACKET_INFO_FAULT_TYPE, info);
	known = gp100_svm_access(FIELD_GET(GP100_PACKET_INFO_ACCESS_TYPE, info),
				 &packet->access);
	packet->serviceable = known && gp100_svm_serviceable(packet->reason);
	packet->gpc = FIELD_GET(GP100_PACKET_INFO_GPC_ID, info);
	packet->client = FIELD_GET(GP100_PACKET_INFO_CLIENT, info);
	packet->hub = info & GP100_PACKET_INFO_MMU_CLIENT_TYPE_HUB;
	return true;
}

static void
gp100_svm_clear(void __iomem *entry)
{
	__raw_writel(0, entry + GP100_PACKET_INFO);
}

/*
 * Once it has dropped a packet the GPU may go on doing so until it is told
 * that we know (gv100 dev_mmu_fault.ref.txt says so of Volta).
 */
static bool
gp100_svm_dropped(struct nvkm_device *device)
{
	u32 info = nvkm_rd32(device, GP100_FAULT_BUFFER_INFO);

	info &= GP100_FAULT_BUFFER_INFO_DROPPED;
	if (info)
		nvkm_wr32(device, GP100_FAULT_BUFFER_INFO, info);
	return info;
}

static int
gp100_svm_device_replay(struct nvkm_device *device)
{
	return gp100_svm_replay(device->mmu);
}

/* The instance on the engine, as a packet names it; 0: none. */
static u64
gp100_svm_current(struct nvkm_device *device)
{
	const u32 ctx = nvkm_gr_ctxsw_inst(device);

	if (!(ctx & GP100_FECS_CURRENT_CTX_VALID))
		return 0;
	return (u64)FIELD_GET(GP100_FECS_CURRENT_CTX_PTR, ctx) <<
	       GP100_FECS_CURRENT_CTX_PTR_SHIFT |
	       FIELD_PREP(GP100_PACKET_INST_APERTURE,
			  FIELD_GET(GP100_FECS_CURRENT_CTX_TARGET, ctx));
}

/* Is the channel being recovered, which is what a cancel would lead to? */
static bool
gp100_svm_dying(struct nvkm_device *device,
		const struct nvkm_svm_packet *packet)
{
	unsigned long flags;
	struct nvkm_chan *chan;
	bool dying = false;

	chan = nvkm_chan_get_inst(&device->fifo->engine, packet->inst, &flags);
	if (chan)
		dying = atomic_read(&chan->cgrp->rc) != NVKM_CGRP_RC_NONE;
	nvkm_chan_put(&chan, flags);
	return dying;
}

/*
 * A targeted cancel names a unit, not a channel: it must not happen while
 * another channel's accesses may be stalled there.
 */
static int
gp100_svm_device_cancel(struct nvkm_device *device,
			const struct nvkm_svm_packet *packet)
{
	int ret, err;

	if (gp100_svm_dying(device, packet))
		return -EAGAIN;
	ret = nvkm_gr_ctxsw_pause(device);
	if (ret)
		return ret;
	if (gp100_svm_current(device) == packet->inst)
		ret = gp100_svm_cancel(device->mmu, packet->gpc,
				       packet->client, packet->hub);
	else
		ret = -EAGAIN;
	err = nvkm_gr_ctxsw_resume(device);
	return err ?: ret;
}

const struct nvkm_svm_func
gp100_svm = {
	.read = gp100_svm_read,
	.clear = gp100_svm_clear,
	.dropped = gp100_svm_dropped,
	.replay = gp100_svm_device_replay,
	.cancel = gp100_svm_device_cancel,
	.current_inst = gp100_svm_current,
};
