/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_MMU_SVM_H__
#define __NVKM_MMU_SVM_H__
#include "vmm.h"
#include <linux/xarray.h>
#include <subdev/svm.h>

/* Only the smallest pages are mapped; their tables span 2 MiB. */
#define NVKM_SVM_PAGE_SHIFT	12
#define NVKM_SVM_PAGE_SIZE	BIT_ULL(NVKM_SVM_PAGE_SHIFT)
#define NVKM_SVM_TABLE_SHIFT	21
#define NVKM_SVM_TABLE_SIZE	BIT_ULL(NVKM_SVM_TABLE_SHIFT)
#define NVKM_SVM_TABLE_PTES	BIT(NVKM_SVM_TABLE_SHIFT - NVKM_SVM_PAGE_SHIFT)

/* An entry is two 32 bit words; the lower one has the valid bit. */
#define NVKM_SVM_PTE_SIZE	8
#define NVKM_SVM_PTE_LO		0
#define NVKM_SVM_PTE_HI		4

/**
 * struct nvkm_svm_pt_func - what differs between GPUs
 */
struct nvkm_svm_pt_func {
	/** @pte: the page table entry for a page */
	u64 (*pte)(const struct nvkm_svm_pte *pte);
	/** @read: the page behind a page table entry */
	void (*read)(u64 data, struct nvkm_svm_pte *pte);
	/**
	 * @flush: make the GPU forget leaf entries of a VMM, and wait for it.
	 * Called in reclaim.
	 */
	int (*flush)(struct nvkm_vmm *vmm);
};

extern const struct nvkm_svm_pt_func gp100_svm_pt;

/**
 * struct nvkm_svm_table - a table of 4 KiB pages, as the CPU sees it
 */
struct nvkm_svm_table {
	/** @refs: ranges that use it; nvkm_vmm.mutex.vmm */
	unsigned int refs;
	/** @memory: the object it lies in */
	struct nvkm_memory *memory;
	/** @base: where in @memory */
	u32 base;
	/** @map: where it is mapped; NULL: reached through PRAMIN */
	void __iomem *map;
};

/**
 * struct nvkm_svm_space - what SVM keeps of a VMM
 */
struct nvkm_svm_space {
	/** @lock: the page-table lock; nothing allocates under it */
	struct mutex lock;
	/** @tables: struct nvkm_svm_table by address; nvkm_vmm.mutex.vmm */
	struct xarray tables;
};

struct nvkm_svm_table *nvkm_svm_table_get(struct nvkm_vmm *vmm, u64 addr,
					  u64 size);
void nvkm_svm_table_put(struct nvkm_vmm *vmm, u64 addr, u64 size);
u32 nvkm_svm_table_rd32(struct nvkm_svm_table *table, u32 index, u32 word);
void nvkm_svm_table_wr32(struct nvkm_svm_table *table, u32 index, u32 word,
			 u32 data);

int gp100_svm_replay(struct nvkm_mmu *mmu);
int gp100_svm_cancel(struct nvkm_mmu *mmu, u8 gpc, u8 client, bool hub);

#endif
