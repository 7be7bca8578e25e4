// SPDX-License-Identifier: MIT
/*
 * Page table entries and MMU requests of Pascal.
 *
 * A request goes into a queue in the MMU.  Nothing documents when exactly it
 * leaves the queue; NVIDIA's nvgpu waits for the queue to be empty and then
 * takes the request for done, and so do we, having asked for the
 * acknowledgment of every TLB.
 *
 * Locking: nvkm_mmu.mutex for a request; it is taken in reclaim.
 */
#include "svm.h"
#include "svm_regs.h"

#include <linux/bitfield.h>
#include <linux/iopoll.h>

/* A GPU that has not answered by then is lost; the same as in gf100. */
#define GP100_SVM_MMU_TIMEOUT_US	(2 * USEC_PER_SEC)
#define GP100_SVM_MMU_POLL_US		1

/*
 * GP100 alone of all Pascals has an HSHUB, which a membar does not reach
 * before the third one (NVIDIA's uvm_pascal.c, bug 1975028).
 */
#define GP100_SVM_CHIPSET_HSHUB		0x130
#define GP100_SVM_HSHUB_MEMBARS		2

static u64
gp100_svm_pte(const struct nvkm_svm_pte *pte)
{
	u64 page = pte->addr >> GP100_PTE_ADDRESS_SHIFT;
	u64 data = GP100_PTE_VALID;

	if (!(pte->flags & NVKM_SVM_PTE_VALID))
		return 0;
	if (!(pte->flags & NVKM_SVM_PTE_WRITE))
		data |= GP100_PTE_READ_ONLY;
	if (!(pte->flags & NVKM_SVM_PTE_ATOMIC))
		data |= GP100_PTE_ATOMIC_DISABLE;
	if (pte->flags & NVKM_SVM_PTE_VRAM)
		return data | FIELD_PREP(GP100_PTE_ADDRESS_VID, page);
	return data | FIELD_PREP(GP100_PTE_ADDRESS_SYS, page) |
	       FIELD_PREP(GP100_PTE_APERTURE,
			  GP100_PTE_APERTURE_SYS_COHERENT) |
	       GP100_PTE_VOL;
}

static void
gp100_svm_pte_read(u64 data, struct nvkm_svm_pte *pte)
{
	u64 page;

	pte->addr = 0;
	pte->flags = 0;
	if (!(data & GP100_PTE_VALID))
		return;
	pte->flags |= NVKM_SVM_PTE_VALID;
	if (!(data & GP100_PTE_READ_ONLY))
		pte->flags |= NVKM_SVM_PTE_WRITE;
	if (!(data & GP100_PTE_ATOMIC_DISABLE))
		pte->flags |= NVKM_SVM_PTE_ATOMIC;
	if (FIELD_GET(GP100_PTE_APERTURE, data) ==
	    GP100_PTE_APERTURE_VIDEO_MEMORY) {
		pte->flags |= NVKM_SVM_PTE_VRAM;
		page = FIELD_GET(GP100_PTE_ADDRESS_VID, data);
	} else {
		page = FIELD_GET(GP100_PTE_ADDRESS_SYS, data);
	}
	pte->addr = page << GP100_PTE_ADDRESS_SHIFT;
}

static int
gp100_svm_wait(struct nvkm_mmu *mmu, u32 mask, const char *what)
{
	struct nvkm_device *device = mmu->subdev.device;
	u32 ctrl;
	int ret;

	ret = poll_timeout_us_atomic(ctrl = nvkm_rd32(device, GP100_MMU_CTRL),
				     ctrl & mask, GP100_SVM_MMU_POLL_US,
				     GP100_SVM_MMU_TIMEOUT_US, false);
	if (ret)
		nvkm_error(&mmu->subdev, "svm: %s: timeout, ctrl %08x\n",
			   what, ctrl);
	return ret;
}

/*
 * Send a request and wait until it is done.  @vmm: of which it is, NULL if
 * ALL_PDB.  The lock is taken in reclaim: nothing may allocate under it.
 */
static int
gp100_svm_invalidate(struct nvkm_mmu *mmu, struct nvkm_vmm *vmm, u32 request,
		     const char *what)
{
	struct nvkm_device *device = mmu->subdev.device;
	int ret;

	mutex_lock(&mmu->mutex);
	ret = gp100_svm_wait(mmu, GP100_MMU_CTRL_PRI_FIFO_SPACE, what);
	if (ret == 0) {
		if (vmm) {
			struct nvkm_mmu_pt *pd = vmm->pd->pt[0];
			u64 pdb = pd->addr >> 12 << 4;

			if (nvkm_memory_target(pd->memory) !=
			    NVKM_MEM_TARGET_VRAM)
				pdb |= GP100_MMU_INVALIDATE_PDB_SYS_MEM;
			nvkm_wr32(device, GP100_MMU_INVALIDATE_PDB,
				  lower_32_bits(pdb));
			nvkm_wr32(device, GP100_MMU_INVALIDATE_UPPER_PDB,
				  upper_32_bits(pdb));
		}
		nvkm_wr32(device, GP100_MMU_INVALIDATE,
			  GP100_MMU_INVALIDATE_TRIGGER | request);
		ret = gp100_svm_wait(mmu, GP100_MMU_CTRL_PRI_FIFO_EMPTY, what);
	}
	mutex_unlock(&mmu->mutex);
	return ret;
}

/*
 * Only entries that hold pages change under SVM's hands, so the caches of page
 * directories stay warm, but for the last one if there were 2 MiB pages in it
 * (as NVIDIA's uvm_pascal_host.c does, by the depth of the smallest page).  The
 * membar makes sure that writes through the old translations have arrived.
 */
static int
gp100_svm_flush(struct nvkm_vmm *vmm, bool directory)
{
	const u32 level = directory ?
		GP100_MMU_INVALIDATE_CACHE_LEVEL_UP_TO_PDE0 :
		GP100_MMU_INVALIDATE_CACHE_LEVEL_PTE_ONLY;
	const u32 request = GP100_MMU_INVALIDATE_ALL_VA |
		GP100_MMU_INVALIDATE_SYS_MEMBAR |
		FIELD_PREP(GP100_MMU_INVALIDATE_ACK,
			   GP100_MMU_INVALIDATE_ACK_GLOBALLY) |
		FIELD_PREP(GP100_MMU_INVALIDATE_CACHE_LEVEL, level);
	struct nvkm_mmu *mmu = vmm->mmu;
	int membars = 1, ret = 0;

	if (mmu->subdev.device->chipset == GP100_SVM_CHIPSET_HSHUB)
		membars += GP100_SVM_HSHUB_MEMBARS;
	while (membars-- && ret == 0)
		ret = gp100_svm_invalidate(mmu, vmm, request, "flush");
	return ret;
}

/*
 * A replay is a side effect of an invalidate, and the MMU drops both if it
 * does not have the address space of the request in its cache of page
 * directory bases.  NVIDIA's UVM names that of the channel which carries the
 * request, and an address that nobody uses.  A request from the CPU belongs
 * to no channel, and whatever address space we chose might have been switched
 * out, so it names all of them, but leaves the caches of page directories
 * alone.
 */
int
gp100_svm_replay(struct nvkm_mmu *mmu)
{
	const u32 request = GP100_MMU_INVALIDATE_ALL_VA |
		GP100_MMU_INVALIDATE_ALL_PDB |
		FIELD_PREP(GP100_MMU_INVALIDATE_REPLAY,
			   GP100_MMU_INVALIDATE_REPLAY_START) |
		FIELD_PREP(GP100_MMU_INVALIDATE_CACHE_LEVEL,
			   GP100_MMU_INVALIDATE_CACHE_LEVEL_PTE_ONLY);

	return gp100_svm_invalidate(mmu, NULL, request, "replay");
}

/*
 * Fail what one unit has stalled.  The operands are the same as in
 * kgmmuFaultCancelIssueInvalidate_GP100() of NVIDIA's resource manager.
 */
int
gp100_svm_cancel(struct nvkm_mmu *mmu, u8 gpc, u8 client, bool hub)
{
	u32 request = GP100_MMU_INVALIDATE_ALL_VA |
		GP100_MMU_INVALIDATE_ALL_PDB |
		FIELD_PREP(GP100_MMU_INVALIDATE_REPLAY,
			   GP100_MMU_INVALIDATE_REPLAY_CANCEL_TARGETED) |
		FIELD_PREP(GP100_MMU_INVALIDATE_CANCEL_CLIENT_ID, client) |
		FIELD_PREP(GP100_MMU_INVALIDATE_CANCEL_GPC_ID, gpc);

	if (hub)
		request |= GP100_MMU_INVALIDATE_CANCEL_CLIENT_TYPE_HUB;
	return gp100_svm_invalidate(mmu, NULL, request, "cancel");
}

const struct nvkm_svm_pt_func
gp100_svm_pt = {
	.pte = gp100_svm_pte,
	.read = gp100_svm_pte_read,
	.flush = gp100_svm_flush,
};
