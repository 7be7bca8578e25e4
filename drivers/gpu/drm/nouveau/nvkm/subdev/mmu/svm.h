/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_MMU_SVM_H__
#define __NVKM_MMU_SVM_H__
#include "vmm.h"
#include <linux/xarray.h>
#include <subdev/svm.h>

/* A range lies below one entry of the last page directory. */
#define NVKM_SVM_SPAN_SHIFT	21
#define NVKM_SVM_SPAN		BIT_ULL(NVKM_SVM_SPAN_SHIFT)

/* Most entries that a range has in one table: its smallest pages. */
#define NVKM_SVM_PAGE_SHIFT	12
#define NVKM_SVM_PAGE_SIZE	BIT_ULL(NVKM_SVM_PAGE_SHIFT)
#define NVKM_SVM_PTES_MAX	BIT(NVKM_SVM_SPAN_SHIFT - NVKM_SVM_PAGE_SHIFT)

/*
 * An entry is two 32 bit words; the lower one has the valid bit.  In a page
 * directory that has a second table for the same addresses, two more follow,
 * which are 0 while the first two are a page.
 */
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
	 * @flush: make the GPU forget entries of a VMM, those of the last page
	 * directory too if @directory, and wait for it.  Called in reclaim.
	 */
	int (*flush)(struct nvkm_vmm *vmm, bool directory);
};

extern const struct nvkm_svm_pt_func gp100_svm_pt;

/**
 * struct nvkm_svm_table - a table with entries for pages of one size, as the
 * CPU sees it; for the largest pages it is a page directory
 */
struct nvkm_svm_table {
	/** @refs: ranges that use it; nvkm_vmm.mutex.vmm */
	unsigned int refs;
	/** @memory: the object it lies in */
	struct nvkm_memory *memory;
	/** @base: where in @memory */
	u32 base;
	/** @stride: bytes from one entry to the next */
	u32 stride;
	/** @size: bytes of all */
	u32 size;
	/** @map: where it is mapped; NULL: reached through PRAMIN */
	void __iomem *map;
};

/**
 * struct nvkm_svm_space - what SVM keeps of a VMM
 */
struct nvkm_svm_space {
	/** @lock: the page-table lock; nothing allocates under it */
	struct mutex lock;
	/**
	 * @stale_directory: an entry of a page directory was valid and is not
	 * any more, since the last flush; @lock
	 */
	bool stale_directory;
	/**
	 * @tables: for each size, struct nvkm_svm_table by address;
	 * nvkm_vmm.mutex.vmm
	 */
	struct xarray tables[NVKM_SVM_SIZES];
};

struct nvkm_svm_space *nvkm_svm_space_get(struct nvkm_vmm *vmm);
const struct nvkm_vmm_page *nvkm_svm_page(struct nvkm_vmm *vmm,
					  enum nvkm_svm_size size);
struct nvkm_svm_table *nvkm_svm_table_get(struct nvkm_vmm *vmm,
					  enum nvkm_svm_size size, u64 addr,
					  u64 bytes);
void nvkm_svm_table_put(struct nvkm_vmm *vmm, enum nvkm_svm_size size,
			u64 addr, u64 bytes);
u32 nvkm_svm_table_rd32(struct nvkm_svm_table *table, u32 index, u32 word);
void nvkm_svm_table_wr32(struct nvkm_svm_table *table, u32 index, u32 word,
			 u32 data);

int gp100_svm_replay(struct nvkm_mmu *mmu);
int gp100_svm_cancel(struct nvkm_mmu *mmu, u8 gpc, u8 client, bool hub);

#endif
