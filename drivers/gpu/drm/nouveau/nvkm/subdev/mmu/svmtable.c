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

/**
 * nvkm_svm_page() - what nvkm knows of pages of a size
 * @vmm: the VMM
 * @size: the size
 *
 * Return: its description.
 */
const struct nvkm_vmm_page *
nvkm_svm_page(struct nvkm_vmm *vmm, enum nvkm_svm_size size)
{
	static const u8 shifts[] = {
		[NVKM_SVM_4K] = 12,
		[NVKM_SVM_64K] = 16,
		[NVKM_SVM_2M] = 21,
	};
	const struct nvkm_vmm_page *page = vmm->func->page;

	while (page->shift > shifts[size])
		page++;
	return page;
}

/* Which table of pages of a size an address belongs to. */
static unsigned long
nvkm_svm_table_key(struct nvkm_vmm *vmm, enum nvkm_svm_size size, u64 addr)
{
	const struct nvkm_vmm_page *page = nvkm_svm_page(vmm, size);

	return addr >> (page->shift + page->desc->bits);
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

/**
 * nvkm_svm_space_get() - what SVM keeps of a VMM, made if need be
 * @vmm: the VMM, which frees it
 *
 * Return: NULL if there is no memory.
 */
struct nvkm_svm_space *
nvkm_svm_space_get(struct nvkm_vmm *vmm)
{
	int size;

	lockdep_assert_held(&vmm->mutex.vmm);

	if (vmm->svm)
		return vmm->svm;
	vmm->svm = kzalloc_obj(*vmm->svm);
	if (vmm->svm) {
		mutex_init(&vmm->svm->lock);
		for (size = 0; size < NVKM_SVM_SIZES; size++)
			xa_init(&vmm->svm->tables[size]);
		nvkm_svm_space_prime(vmm->svm, vmm);
	}
	return vmm->svm;
}

void
nvkm_svm_space_del(struct nvkm_svm_space **pspace)
{
	struct nvkm_svm_space *space = *pspace;
	int size;

	if (!space)
		return;

	for (size = 0; size < NVKM_SVM_SIZES; size++) {
		WARN_ON(!xa_empty(&space->tables[size]));
		xa_destroy(&space->tables[size]);
	}
	mutex_destroy(&space->lock);
	kfree(space);
	*pspace = NULL;
}

/* The table that covers @addr, which the caller has referenced. */
static struct nvkm_mmu_pt *
nvkm_svm_table_find(struct nvkm_vmm *vmm, const struct nvkm_vmm_page *page,
		    u64 addr)
{
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
	void __iomem *map;

	if (!nvkm_svm_bar2_get(vmm, table->size))
		return;
	map = nvkm_kmap(table->memory);
	if (map) {
		table->map = map + table->base;
	} else {
		nvkm_done(table->memory);
		nvkm_svm_bar2_put(vmm, table->size);
	}
}

static void
nvkm_svm_table_unmap(struct nvkm_vmm *vmm, struct nvkm_svm_table *table)
{
	if (table->map) {
		nvkm_done(table->memory);
		nvkm_svm_bar2_put(vmm, table->size);
	}
}

static struct nvkm_svm_table *
nvkm_svm_table_new(struct nvkm_vmm *vmm, enum nvkm_svm_size size, u64 addr)
{
	const struct nvkm_vmm_page *page = nvkm_svm_page(vmm, size);
	struct nvkm_mmu_pt *pt = nvkm_svm_table_find(vmm, page, addr);
	struct nvkm_svm_table *table;

	table = kzalloc_obj(*table);
	if (!table)
		return NULL;
	table->memory = pt->memory;
	table->base = pt->base;
	table->stride = page->desc->size;
	table->size = page->desc->size << page->desc->bits;
	nvkm_svm_table_map(vmm, table);
	if (table->map || table->memory->func->slow)
		return table;
	kfree(table);
	return NULL;
}

static struct nvkm_svm_table *
nvkm_svm_table_add(struct nvkm_vmm *vmm, enum nvkm_svm_size size, u64 addr)
{
	struct nvkm_svm_table *table = nvkm_svm_table_new(vmm, size, addr);

	lockdep_assert_held(&vmm->mutex.vmm);

	if (table && xa_err(xa_store(&vmm->svm->tables[size],
				     nvkm_svm_table_key(vmm, size, addr),
				     table, GFP_KERNEL))) {
		nvkm_svm_table_unmap(vmm, table);
		kfree(table);
		return NULL;
	}
	return table;
}

/**
 * nvkm_svm_table_get() - the table with a range's entries for pages of a size
 * @vmm: the VMM
 * @size: the size
 * @addr: where pages of that size begin in the range
 * @bytes: how far they reach
 *
 * Takes references to the entries in nvkm's tree, which makes the table if need
 * be, writes the directory entry that points at it, and flushes.
 *
 * Return: NULL if there is no memory.
 */
struct nvkm_svm_table *
nvkm_svm_table_get(struct nvkm_vmm *vmm, enum nvkm_svm_size size, u64 addr,
		   u64 bytes)
{
	const u8 refd = nvkm_svm_page(vmm, size) - vmm->func->page;
	struct nvkm_svm_table *table;

	lockdep_assert_held(&vmm->mutex.vmm);

	if (nvkm_vmm_raw_get(vmm, addr, bytes, refd))
		return NULL;
	table = xa_load(&vmm->svm->tables[size],
			nvkm_svm_table_key(vmm, size, addr));
	if (!table)
		table = nvkm_svm_table_add(vmm, size, addr);
	if (table)
		table->refs++;
	else
		nvkm_vmm_raw_put(vmm, addr, bytes, refd);
	return table;
}

/**
 * nvkm_svm_table_put() - undo nvkm_svm_table_get()
 * @vmm: the VMM
 * @size: as then
 * @addr: as then
 * @bytes: as then
 *
 * The range's entries are 0.  The directory entry goes with the table's last
 * user, flushed.
 */
void
nvkm_svm_table_put(struct nvkm_vmm *vmm, enum nvkm_svm_size size, u64 addr,
		   u64 bytes)
{
	const unsigned long key = nvkm_svm_table_key(vmm, size, addr);
	const u8 refd = nvkm_svm_page(vmm, size) - vmm->func->page;
	struct nvkm_svm_table *table = xa_load(&vmm->svm->tables[size], key);

	lockdep_assert_held(&vmm->mutex.vmm);

	if (--table->refs == 0) {
		xa_erase(&vmm->svm->tables[size], key);
		nvkm_svm_table_unmap(vmm, table);
		kfree(table);
	}
	nvkm_vmm_raw_put(vmm, addr, bytes, refd);
}

u32
nvkm_svm_table_rd32(struct nvkm_svm_table *table, u32 index, u32 word)
{
	const u32 offset = index * table->stride + word;
	struct nvkm_memory *memory = table->memory;

	if (likely(table->map))
		return __raw_readl(table->map + offset);
	return memory->func->slow->rd32(memory, table->base + offset);
}

void
nvkm_svm_table_wr32(struct nvkm_svm_table *table, u32 index, u32 word,
		    u32 data)
{
	const u32 offset = index * table->stride + word;
	struct nvkm_memory *memory = table->memory;

	if (likely(table->map))
		__raw_writel(data, table->map + offset);
	else
		memory->func->slow->wr32(memory, table->base + offset, data);
}
