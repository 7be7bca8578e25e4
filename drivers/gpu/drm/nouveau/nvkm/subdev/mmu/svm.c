// SPDX-License-Identifier: MIT
/*
 * Page tables of shared virtual memory.
 *
 * The tables are nvkm's own: a range takes a reference to each entry that it
 * may ever need, through the raw interface, and so shares directories, and at
 * the ends of the unmanaged area even a table, with buffer objects.  Writing
 * the entries is our own, because it must work in an mmu notifier in reclaim:
 * every way through nvkm_vmm_map() and nvkm_vmm_unmap() takes locks that are
 * held over allocations, and maps tables for the CPU, which allocates too.
 *
 * So all that may allocate happens in nvkm_svm_pt_prepare().  A table is
 * mapped for the CPU there, once for all ranges that share it, and stays
 * mapped until the last of them goes.  BAR2 is small: when half of it is used
 * in this way, further tables are written through the PRAMIN window, which is
 * slower but needs no mapping.
 *
 * What was written is remembered.  To clear entries, to know whether a valid
 * one has changed, or to leave the upper word of an entry alone because it is
 * right already, nothing is read from the GPU.
 *
 * Locking, outermost first:
 *
 * - nvkm_vmm.mutex.vmm covers nvkm's tree of page tables and our index of
 *   tables.  It is held over allocations: preparation and release only.
 * - nvkm_svm_space.lock covers entries and what is remembered of them.  It is
 *   taken in reclaim; nothing allocates under it.
 * - nvkm_mmu.mutex, in nvkm_svm_flush(), likewise.
 */
#include "svm.h"

#include <subdev/bar.h>

/**
 * struct nvkm_svm_pt - the tables of a range
 */
struct nvkm_svm_pt {
	/** @vmm: a reference */
	struct nvkm_vmm *vmm;
	/** @table: where the entries are; one, since no range needs two */
	struct nvkm_svm_table *table;
	/** @addr: start of the range */
	u64 addr;
	/** @count: pages of the range */
	u32 count;
	/** @index: of the first entry in @table */
	u32 index;
	/** @valid: how many entries are valid; nvkm_svm_space.lock */
	u32 valid;
	/** @pte: what was written to each entry; nvkm_svm_space.lock */
	u64 *pte;
};

/* Make what was written visible to the GPU. */
static void
nvkm_svm_table_done(struct nvkm_vmm *vmm)
{
	wmb(); /* the mapping is write-combined */
	nvkm_bar_flush(vmm->mmu->subdev.device->bar);
}

/* Has @pt an entry for each of @count pages from @addr?  Set the first's. */
static bool
nvkm_svm_pt_index(struct nvkm_svm_pt *pt, u64 addr, u64 count, u32 *first)
{
	u64 index = (addr - pt->addr) >> NVKM_SVM_PAGE_SHIFT;

	if (WARN_ON_ONCE(addr < pt->addr || index >= pt->count ||
			 count > pt->count - index))
		return false;
	*first = index;
	return true;
}

/*
 * Remember an entry and set @changed if it is new.  Write its upper word if
 * that differs, while the entry is invalid; in most machines that is never.
 * Return: true if the upper word was written.
 */
static bool
nvkm_svm_pte_set(struct nvkm_svm_pt *pt, u32 i, u64 data, bool *changed)
{
	const u64 old = pt->pte[i];

	pt->pte[i] = data;
	*changed = data != old;
	pt->valid += !!data - !!old;
	if (upper_32_bits(data) == upper_32_bits(old))
		return false;
	if (old) {
		nvkm_svm_table_wr32(pt->table, pt->index + i,
				    NVKM_SVM_PTE_LO, 0);
		wmb(); /* invalid before half of it changes */
	}
	nvkm_svm_table_wr32(pt->table, pt->index + i, NVKM_SVM_PTE_HI,
			    upper_32_bits(data));
	return true;
}

static void
nvkm_svm_pte_commit(struct nvkm_svm_pt *pt, u32 i)
{
	nvkm_svm_table_wr32(pt->table, pt->index + i, NVKM_SVM_PTE_LO,
			    lower_32_bits(pt->pte[i]));
}

/* Upper words first, so that no entry is ever valid with half an address. */
static bool
nvkm_svm_pt_write(struct nvkm_svm_pt *pt, u32 first,
		  const struct nvkm_svm_pte *ptes, u32 count)
{
	const struct nvkm_svm_pt_func *func = pt->vmm->func->svm;
	DECLARE_BITMAP(dirty, NVKM_SVM_TABLE_PTES);
	bool upper = false, flush = false, changed;
	unsigned int i;

	bitmap_zero(dirty, NVKM_SVM_TABLE_PTES);
	for (i = 0; i < count; i++) {
		const bool was_valid = pt->pte[first + i];

		if (!(ptes[i].flags & NVKM_SVM_PTE_VALID))
			continue;
		upper |= nvkm_svm_pte_set(pt, first + i, func->pte(&ptes[i]),
					  &changed);
		flush |= changed && was_valid;
		if (changed)
			__set_bit(i, dirty);
	}
	if (bitmap_empty(dirty, NVKM_SVM_TABLE_PTES))
		return false;

	if (upper)
		wmb(); /* see above */
	for_each_set_bit(i, dirty, count)
		nvkm_svm_pte_commit(pt, first + i);
	nvkm_svm_table_done(pt->vmm);
	return flush;
}

bool
nvkm_svm_pt_map(struct nvkm_svm_pt *pt, u64 addr,
		const struct nvkm_svm_pte *ptes, unsigned int count)
{
	struct nvkm_svm_space *space = pt->vmm->svm;
	bool flush;
	u32 first;

	if (!nvkm_svm_pt_index(pt, addr, count, &first))
		return false;
	mutex_lock(&space->lock);
	flush = nvkm_svm_pt_write(pt, first, ptes, count);
	mutex_unlock(&space->lock);
	return flush;
}

/* Lower words first: an entry is invalid before the rest of it goes. */
static bool
nvkm_svm_pt_clear(struct nvkm_svm_pt *pt, u32 first, u32 count)
{
	DECLARE_BITMAP(upper, NVKM_SVM_TABLE_PTES);
	const u32 valid = pt->valid;
	unsigned int i;

	bitmap_zero(upper, NVKM_SVM_TABLE_PTES);
	for (i = 0; i < count && pt->valid; i++) {
		const u64 old = pt->pte[first + i];

		if (!old)
			continue;
		pt->pte[first + i] = 0;
		pt->valid--;
		nvkm_svm_pte_commit(pt, first + i);
		if (upper_32_bits(old))
			__set_bit(i, upper);
	}
	if (pt->valid == valid)
		return false;

	if (!bitmap_empty(upper, NVKM_SVM_TABLE_PTES))
		wmb(); /* see above */
	for_each_set_bit(i, upper, count)
		nvkm_svm_table_wr32(pt->table, pt->index + first + i,
				    NVKM_SVM_PTE_HI, 0);
	nvkm_svm_table_done(pt->vmm);
	return true;
}

bool
nvkm_svm_pt_zap(struct nvkm_svm_pt *pt, u64 addr, u64 size)
{
	struct nvkm_svm_space *space = pt->vmm->svm;
	const u64 count = size >> NVKM_SVM_PAGE_SHIFT;
	bool flush;
	u32 first;

	if (!nvkm_svm_pt_index(pt, addr, count, &first))
		return false;
	mutex_lock(&space->lock);
	flush = nvkm_svm_pt_clear(pt, first, count);
	mutex_unlock(&space->lock);
	return flush;
}

void
nvkm_svm_pt_read(struct nvkm_svm_pt *pt, u64 addr, struct nvkm_svm_pte *pte)
{
	u32 lo = 0, hi = 0, first;

	if (nvkm_svm_pt_index(pt, addr, 1, &first)) {
		mutex_lock(&pt->vmm->svm->lock);
		first += pt->index;
		lo = nvkm_svm_table_rd32(pt->table, first, NVKM_SVM_PTE_LO);
		hi = nvkm_svm_table_rd32(pt->table, first, NVKM_SVM_PTE_HI);
		mutex_unlock(&pt->vmm->svm->lock);
	}
	pt->vmm->func->svm->read((u64)hi << 32 | lo, pte);
}

int
nvkm_svm_flush(struct nvkm_vmm *vmm)
{
	return vmm->func->svm->flush(vmm);
}

static struct nvkm_svm_pt *
nvkm_svm_pt_new(struct nvkm_vmm *vmm, u64 addr, u64 size)
{
	struct nvkm_svm_pt *pt = kzalloc_obj(*pt);

	if (!pt)
		return NULL;
	pt->addr = addr;
	pt->count = size >> NVKM_SVM_PAGE_SHIFT;
	pt->index = (addr & (NVKM_SVM_TABLE_SIZE - 1)) >> NVKM_SVM_PAGE_SHIFT;
	pt->pte = kvzalloc_objs(*pt->pte, pt->count);
	if (!pt->pte) {
		kfree(pt);
		return NULL;
	}
	pt->vmm = nvkm_vmm_ref(vmm);
	return pt;
}

static void
nvkm_svm_pt_del(struct nvkm_svm_pt *pt)
{
	nvkm_vmm_unref(&pt->vmm);
	kvfree(pt->pte);
	kfree(pt);
}

int
nvkm_svm_pt_prepare(struct nvkm_vmm *vmm, u64 addr, u64 size,
		    struct nvkm_svm_pt **ppt)
{
	struct nvkm_svm_pt *pt;

	*ppt = NULL;
	if (WARN_ON_ONCE(!IS_ALIGNED(addr | size, NVKM_SVM_PAGE_SIZE) ||
			 !size || size > NVKM_SVM_TABLE_SIZE -
				  (addr & (NVKM_SVM_TABLE_SIZE - 1))))
		return -EINVAL;
	/* Elsewhere nvkm places buffer objects as it likes. */
	if (!nvkm_vmm_in_managed_range(vmm, addr, size))
		return -EINVAL;

	pt = nvkm_svm_pt_new(vmm, addr, size);
	if (!pt)
		return -ENOMEM;
	mutex_lock(&vmm->mutex.vmm);
	pt->table = nvkm_svm_table_get(vmm, addr, size);
	mutex_unlock(&vmm->mutex.vmm);
	if (!pt->table) {
		nvkm_svm_pt_del(pt);
		return -ENOMEM;
	}
	*ppt = pt;
	return 0;
}

void
nvkm_svm_pt_release(struct nvkm_svm_pt **ppt)
{
	struct nvkm_svm_pt *pt = *ppt;
	struct nvkm_vmm *vmm;
	u64 size;

	if (!pt)
		return;
	vmm = pt->vmm;
	size = (u64)pt->count << NVKM_SVM_PAGE_SHIFT;
	if (WARN_ON_ONCE(pt->valid)) {
		nvkm_svm_pt_zap(pt, pt->addr, size);
		nvkm_svm_flush(vmm);
	}

	mutex_lock(&vmm->mutex.vmm);
	nvkm_svm_table_put(vmm, pt->addr, size);
	mutex_unlock(&vmm->mutex.vmm);
	nvkm_svm_pt_del(pt);
	*ppt = NULL;
}

struct nvkm_vmm *
nvkm_svm_vmm(struct nvkm_client *client, u64 handle)
{
	struct nvkm_vmm *vmm = nvkm_uvmm_search(client, handle);

	if (!IS_ERR(vmm) && !vmm->func->svm) {
		nvkm_vmm_unref(&vmm);
		return ERR_PTR(-ENODEV);
	}
	return vmm;
}
