/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_SVM_H__
#define __NVKM_SVM_H__
#include <linux/types.h>

struct nvkm_client;
struct nvkm_device;
struct nvkm_svm;
struct nvkm_svm_pt;
struct nvkm_vmm;

/*
 * What shared virtual memory needs from the hardware layer, in two halves:
 *
 * - replayable faults: struct nvkm_svm, one per device.  An interrupt masks
 *   its own source and calls back; the driver drains packets, serves them,
 *   asks for a replay (or cancels), and unmasks.
 *
 * - page tables: struct nvkm_svm_pt, the tables below one range of one VMM.
 *   Everything that allocates happens at preparation, so that PTEs can be
 *   written and cleared from an mmu notifier that runs in reclaim.
 *
 * No constant of a GPU generation is visible here; those are in
 * nvkm/subdev/fault/svmgp100.c and nvkm/subdev/mmu/svmgp100.c.
 */

/**
 * enum nvkm_svm_access - what a faulting access wanted, weakest first
 * @NVKM_SVM_PREFETCH: a hint; must never be cancelled, is never replayed
 * @NVKM_SVM_READ: a load
 * @NVKM_SVM_WRITE: a store
 * @NVKM_SVM_ATOMIC: an atomic read-modify-write
 */
enum nvkm_svm_access {
	NVKM_SVM_PREFETCH,
	NVKM_SVM_READ,
	NVKM_SVM_WRITE,
	NVKM_SVM_ATOMIC,
};

/**
 * struct nvkm_svm_packet - one entry of the fault buffer, decoded
 */
struct nvkm_svm_packet {
	/** @inst: the channel's instance block, as nvkm_chan knows it */
	u64 inst;
	/** @addr: virtual address that faulted, 4 KiB aligned */
	u64 addr;
	/** @time: GPU time of the fault, ns */
	u64 time;
	/** @access: what the access wanted */
	enum nvkm_svm_access access;
	/**
	 * @serviceable: the page tables can be the cause.  False for faults
	 * that no mapping can mend (address limit, unbound instance, ...).
	 */
	bool serviceable;
	/** @reason: the hardware's fault type, for messages */
	u8 reason;
	/** @gpc: cluster of the unit that asked; a cancel needs it */
	u8 gpc;
	/** @client: that unit; a cancel needs it */
	u8 client;
	/** @hub: it is a unit of the hub, not of a cluster */
	bool hub;
};

/**
 * nvkm_svm_new() - get hold of a device's replayable faults
 * @device: the device
 * @notify: called in hard interrupt context when packets are waiting; the
 *	interrupt is masked until nvkm_svm_unmask()
 * @priv: argument of @notify
 * @psvm: the result
 *
 * The buffer is off until nvkm_svm_init().
 *
 * Return: 0, -ENODEV if the GPU has no replayable faults that we know how to
 * serve, -ENOMEM.
 */
int nvkm_svm_new(struct nvkm_device *device, void (*notify)(void *priv),
		 void *priv, struct nvkm_svm **psvm);
void nvkm_svm_del(struct nvkm_svm **psvm);

/**
 * nvkm_svm_init() - switch the fault buffer and its interrupt on
 * @svm: the device's replayable faults
 *
 * At load and at resume.  Return: 0 or an error.
 */
int nvkm_svm_init(struct nvkm_svm *svm);

/**
 * nvkm_svm_fini() - switch them off; no notify runs after it returns
 * @svm: the device's replayable faults
 */
void nvkm_svm_fini(struct nvkm_svm *svm);

/**
 * nvkm_svm_drain() - take packets out of the fault buffer
 * @svm: the device's replayable faults
 * @packets: where to
 * @max: at most so many
 *
 * Waits (bounded) for entries whose VALID bit is still on its way.  GET is
 * written once.  Process context, one caller at a time.
 *
 * Return: how many packets; -ETIMEDOUT if an entry never became valid (it is
 * skipped; what was valid before it has been returned by then); -EOVERFLOW if
 * there are none, but the GPU had to drop some since this was last returned
 * (the buffer was full or off).  What is lost is reported again after the next
 * replay.  -EIO: the GPU is gone.
 */
int nvkm_svm_drain(struct nvkm_svm *svm, struct nvkm_svm_packet *packets,
		   int max);

/**
 * nvkm_svm_unmask() - allow the interrupt again
 * @svm: the device's replayable faults
 *
 * Packets that arrived meanwhile raise it at once.
 */
void nvkm_svm_unmask(struct nvkm_svm *svm);

/**
 * nvkm_svm_replay() - let the GPU try every stalled access again
 * @svm: the device's replayable faults
 *
 * Return: 0, -ETIMEDOUT if the hardware did not take it.
 */
int nvkm_svm_replay(struct nvkm_svm *svm);

/**
 * nvkm_svm_cancel() - make the access behind a packet fail for good
 * @svm: the device's replayable faults
 * @packet: the packet
 *
 * Its channel dies, by the same way as for any other fatal MMU fault.  What
 * else that unit (uTLB) had stalled dies with it; it is the same channel's.
 * Process context.
 *
 * Return: 0; -EAGAIN if the channel is not on the engine now, or is dying
 * already, in which case the packet is stale (a live access is reported again
 * by the next replay); -ETIMEDOUT.
 */
int nvkm_svm_cancel(struct nvkm_svm *svm, const struct nvkm_svm_packet *packet);

/**
 * nvkm_svm_kill() - end a channel, whatever it does
 * @svm: the device's replayable faults
 * @inst: the channel's instance
 *
 * Schedules what follows a fatal MMU fault: the channel is taken off its
 * runlist, and the engine reset that it is on.  Nothing if there is no such
 * channel, or that is under way.  Any context.
 */
void nvkm_svm_kill(struct nvkm_svm *svm, u64 inst);

/**
 * nvkm_svm_current() - whose accesses can be stalled
 * @svm: the device's replayable faults
 *
 * Stalled accesses hold the engine until they are served or cancelled.
 *
 * Return: the instance of the channel on the engine, 0 if there is none.
 */
u64 nvkm_svm_current(struct nvkm_svm *svm);

/**
 * nvkm_svm_vmm() - the nvkm_vmm behind a client's VMM object
 * @client: the nvkm client
 * @handle: nvif handle of the VMM object
 *
 * Return: the VMM, with a reference the caller drops with nvkm_vmm_unref();
 * ERR_PTR(-ENOENT).
 */
struct nvkm_vmm *nvkm_svm_vmm(struct nvkm_client *client, u64 handle);

/**
 * enum nvkm_svm_size - sizes of GPU pages
 * @NVKM_SVM_4K: 4 KiB, a page of the CPU
 * @NVKM_SVM_64K: 64 KiB
 * @NVKM_SVM_2M: 2 MiB, all of the largest range
 * @NVKM_SVM_SIZES: how many
 */
enum nvkm_svm_size {
	NVKM_SVM_4K,
	NVKM_SVM_64K,
	NVKM_SVM_2M,
	NVKM_SVM_SIZES,
};

/* Flags of a PTE; anything absent is the restrictive choice. */
#define NVKM_SVM_PTE_VALID	BIT(0)
#define NVKM_SVM_PTE_WRITE	BIT(1)
#define NVKM_SVM_PTE_ATOMIC	BIT(2)
#define NVKM_SVM_PTE_VRAM	BIT(3)	/* else coherent system memory */

/**
 * struct nvkm_svm_pte - a page to map
 * @addr: DMA address, or VRAM address with NVKM_SVM_PTE_VRAM, aligned to the
 *	size of the page
 * @flags: NVKM_SVM_PTE_*
 * @index: where: which one of the pages of this size, from an address that is
 *	given with it
 */
struct nvkm_svm_pte {
	u64 addr;
	u32 flags;
	u32 index;
};

/**
 * nvkm_svm_pt_new() - page tables for a range
 * @vmm: the VMM
 * @addr: start, 4 KiB aligned
 * @bytes: size, 4 KiB aligned, not across a 2 MiB boundary
 * @ppt: the result
 *
 * There are no tables yet; see nvkm_svm_pt_prepare().  Ranges of a VMM must not
 * overlap.
 *
 * Return: 0, -ENOMEM, -EINVAL: not where shared memory may be.
 */
int nvkm_svm_pt_new(struct nvkm_vmm *vmm, u64 addr, u64 bytes,
		    struct nvkm_svm_pt **ppt);

/**
 * nvkm_svm_pt_del() - drop a range with its tables
 * @ppt: set to NULL
 *
 * Nothing may be mapped through them any more.
 */
void nvkm_svm_pt_del(struct nvkm_svm_pt **ppt);

/**
 * nvkm_svm_pt_prepare() - make tables for pages of some sizes
 * @pt: the range; one caller at a time
 * @sizes: BIT() of each &enum nvkm_svm_size; 2 MiB alone, or any others.  The
 *	range must have room for such pages.
 *
 * All allocation happens here.  The tables stay reachable by the CPU, without
 * allocation, until they are dropped: tables for 4 KiB and 64 KiB when 2 MiB is
 * asked for, and must be empty then, as must the 2 MiB page when others are.
 * Empty means zapped and flushed.  Takes the VMM's own locks; must not be
 * called with the gpusvm notifier lock held.
 *
 * Return: 0, -ENOMEM, -EBUSY.
 */
int nvkm_svm_pt_prepare(struct nvkm_svm_pt *pt, unsigned int sizes);

/**
 * nvkm_svm_pt_prepared() - can pages of these sizes be mapped?
 * @pt: the range
 * @sizes: as for nvkm_svm_pt_prepare(), by its only caller
 *
 * Return: if not, nvkm_svm_pt_prepare() is due.
 */
bool nvkm_svm_pt_prepared(struct nvkm_svm_pt *pt, unsigned int sizes);

/**
 * nvkm_svm_pt_map() - write PTEs
 * @pt: the range
 * @addr: where index 0 is, inside the range, aligned to @size
 * @size: of the pages; prepared, and no pages of other sizes may be mapped in
 *	the same place
 * @ptes: PTEs to write, valid ones, by address
 * @count: how many
 *
 * No allocation, no sleeping lock but the page-table lock; may run under the
 * notifier lock.  Writes are visible to the GPU when this returns.
 *
 * Return: true if a PTE that was valid changed: the caller must
 * nvkm_svm_flush() before it lets the GPU go on.
 */
bool nvkm_svm_pt_map(struct nvkm_svm_pt *pt, u64 addr, enum nvkm_svm_size size,
		     const struct nvkm_svm_pte *ptes, unsigned int count);

/**
 * nvkm_svm_pt_zap() - clear PTEs
 * @pt: the range
 * @addr: start, inside the range
 * @bytes: how much
 *
 * Large pages of which a part is hit go as a whole.  As nvkm_svm_pt_map(); may
 * run in reclaim.  The GPU can go on using what was there until
 * nvkm_svm_flush().
 *
 * Return: true if a valid PTE was cleared.
 */
bool nvkm_svm_pt_zap(struct nvkm_svm_pt *pt, u64 addr, u64 bytes);

/**
 * nvkm_svm_pt_read() - read a PTE back, for the debugfs dump
 * @pt: the range
 * @addr: address
 * @pte: what is there: the whole page that @addr is in
 *
 * Return: the page's size.
 */
enum nvkm_svm_size nvkm_svm_pt_read(struct nvkm_svm_pt *pt, u64 addr,
				    struct nvkm_svm_pte *pte);

/**
 * nvkm_svm_flush() - make the GPU forget old translations of a VMM
 * @vmm: the VMM, in which there has been a range
 *
 * Waits until every TLB has acknowledged and accesses in flight through old
 * translations have landed.  May run in reclaim.
 *
 * Return: 0, -ETIMEDOUT: the GPU is lost.
 */
int nvkm_svm_flush(struct nvkm_vmm *vmm);

#endif
