// SPDX-License-Identifier: MIT
/*
 * Page tables of shared virtual memory: where they are, and how the CPU gets
 * at them without allocating.  What is written to them is in svm.c.
 *
 * Locking: nvkm_vmm.mutex.vmm for which tables there are, nvkm_svm_space.lock
 * for their entries.
 */
#include "svm.h"

#include <linux/sched/mm.h>

/* Other users of BAR2 keep this part of it. */
#define NVKM_SVM_BAR2_DIVISOR	2

static const struct nvkm_vmm_page *
nvkm_svm_page(struct nvkm_vmm *vmm)
{
	const struct nvkm_vmm_page *page = vmm->func->page;

	while (page->shift > NVKM_SVM_PAGE_SHIFT)
		page++;
	return page;
}

/* Teach lockdep what may be taken in reclaim before it happens for real. */
static void
nvkm_svm_space_prime(struct nvkm_svm_space *space, struct nvkm_vmm *vmm)
{
	if (!IS_ENABLED(CONFIG_LOCKDEP))
		return;

	fs_reclaim_acquire(GFP_KERNEL);
	mutex_lock(&space->lock);
	might_lock(&vmm->mmu->mutex);
	mutex_unlock(&space->lock);
	fs_reclaim_release(GFP_KERNEL);
}

static struct nvkm_svm_space *
nvkm_svm_space_get(struct nvkm_vmm *vmm)
{
	lockdep_assert_held(&vmm->mutex.vmm);

	if (vmm->svm)
		return vmm->svm;
	vmm->svm = kzalloc_obj(*vmm->svm);
	if (vmm->svm) {
		mutex_init(&vmm->svm->lock);
		xa_init(&vmm->svm->tables);
		nvkm_svm_space_prime(vmm->svm, vmm);
	}
	return vmm->svm;
}

void
nvkm_svm_space_del(struct nvkm_svm_space **pspace)
{
	struct nvkm_svm_space *space = *pspace;

	if (space) {
		WARN_ON(!xa_empty(&space->tables));
		xa_destroy(&space->tables);
		mutex_destroy(&space->lock);
		kfree(space);
		*pspace = NULL;
	}
}

/* The table that covers @addr, which the caller has referenced. */
static struct nvkm_mmu_pt *
nvkm_svm_table_find(struct nvkm_vmm *vmm, u64 addr)
{
	const struct nvkm_vmm_page *page = nvkm_svm_page(vmm);
	const struct nvkm_vmm_desc *desc = page->desc;
	struct nvkm_vmm_pt *pgt = vmm->pd;
	u32 shift = page->shift;
	int lvl;

	for (lvl = 0; desc[lvl].bits; lvl++)
		shift += desc[lvl].bits;
	while (--lvl > 0) {
		shift -= desc[lvl].bits;
		pgt = pgt->pde[addr >> shift & (BIT(desc[lvl].bits) - 1)];
	}
	return pgt->pt[desc->type == SPT];
}

static bool
nvkm_svm_bar2_get(struct nvkm_vmm *vmm, u64 size)
{
	struct nvkm_device *device = vmm->mmu->subdev.device;
	u64 limit = device->func->resource_size(device, NVKM_BAR2_INST) /
		    NVKM_SVM_BAR2_DIVISOR;

	if (atomic64_add_return(size, &vmm->mmu->svm_bar2) <= limit)
		return true;
	atomic64_sub(size, &vmm->mmu->svm_bar2);
	return false;
}

static void
nvkm_svm_bar2_put(struct nvkm_vmm *vmm, u64 size)
{
	atomic64_sub(size, &vmm->mmu->svm_bar2);
}

static void
nvkm_svm_table_map(struct nvkm_vmm *vmm, struct nvkm_svm_table *table)
{
	const u64 size = nvkm_memory_size(table->memory);
	void __iomem *map;

	if (!nvkm_svm_bar2_get(vmm, size))
		return;
	map = nvkm_kmap(table->memory);
	if (map) {
		table->map = map + table->base;
	} else {
		nvkm_done(table->memory);
		nvkm_svm_bar2_put(vmm, size);
	}
}

static void
nvkm_svm_table_unmap(struct nvkm_vmm *vmm, struct nvkm_svm_table *table)
{
	if (table->map) {
		nvkm_done(table->memory);
		nvkm_svm_bar2_put(vmm, nvkm_memory_size(table->memory));
	}
}

static struct nvkm_svm_table *
nvkm_svm_table_new(struct nvkm_vmm *vmm, u64 addr)
{
	struct nvkm_mmu_pt *pt = nvkm_svm_table_find(vmm, addr);
	struct nvkm_svm_table *table;

	table = kzalloc_obj(*table);
	if (!table)
		return NULL;
	table->memory = pt->memory;
	table->base = pt->base;
	nvkm_svm_table_map(vmm, table);
	if (table->map || table->memory->func->slow)
		return table;
	kfree(table);
	return NULL;
}

static struct nvkm_svm_table *
nvkm_svm_table_add(struct nvkm_vmm *vmm, u64 addr)
{
	struct nvkm_svm_table *table = nvkm_svm_table_new(vmm, addr);

	lockdep_assert_held(&vmm->mutex.vmm);

	if (table && xa_err(xa_store(&vmm->svm->tables,
				     addr >> NVKM_SVM_TABLE_SHIFT, table,
				     GFP_KERNEL))) {
		nvkm_svm_table_unmap(vmm, table);
		kfree(table);
		return NULL;
	}
	return table;
}

/*
 * The table below a range, with references to the range's entries in nvkm's
 * tree.  Return: NULL if there is no memory.
 */
struct nvkm_svm_table *
nvkm_svm_table_get(struct nvkm_vmm *vmm, u64 addr, u64 size)
{
	const u8 refd = nvkm_svm_page(vmm) - vmm->func->page;
	struct nvkm_svm_table *table;

	lockdep_assert_held(&vmm->mutex.vmm);

	if (!nvkm_svm_space_get(vmm) ||
	    nvkm_vmm_raw_get(vmm, addr, size, refd))
		return NULL;
	table = xa_load(&vmm->svm->tables, addr >> NVKM_SVM_TABLE_SHIFT);
	if (!table)
		table = nvkm_svm_table_add(vmm, addr);
	if (table)
		table->refs++;
	else
		nvkm_vmm_raw_put(vmm, addr, size, refd);
	return table;
}

void
nvkm_svm_table_put(struct nvkm_vmm *vmm, u64 addr, u64 size)
{
	const unsigned long key = addr >> NVKM_SVM_TABLE_SHIFT;
	const u8 refd = nvkm_svm_page(vmm) - vmm->func->page;
	struct nvkm_svm_table *table = xa_load(&vmm->svm->tables, key);

	lockdep_assert_held(&vmm->mutex.vmm);

	if (--table->refs == 0) {
		xa_erase(&vmm->svm->tables, key);
		nvkm_svm_table_unmap(vmm, table);
		kfree(table);
	}
	nvkm_vmm_raw_put(vmm, addr, size, refd);
}

u32
nvkm_svm_table_rd32(struct nvkm_svm_table *table, u32 index, u32 word)
{
	const u32 offset = index * NVKM_SVM_PTE_SIZE + word;
	struct nvkm_memory *memory = table->memory;

	if (likely(table->map))
		return __raw_readl(table->map + offset);
	return memory->func->slow->rd32(memory, table->base + offset);
}

void
nvkm_svm_table_wr32(struct nvkm_svm_table *table, u32 index, u32 word,
		    u32 data)
{
	const u32 offset = index * NVKM_SVM_PTE_SIZE + word;
	struct nvkm_memory *memory = table->memory;

	if (likely(table->map))
		__raw_writel(data, table->map + offset);
	else
		memory->func->slow->wr32(memory, table->base + offset, data);
}
