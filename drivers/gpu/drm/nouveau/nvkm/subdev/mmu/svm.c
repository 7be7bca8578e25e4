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
 * Pages come in three sizes.  A 2 MiB page takes the place of the directory
 * entry that points at the tables of the smaller ones.  Who owns that entry is
 * simple: nvkm, while there are tables below it; we, while there are none.  So
 * a range has either, and changes from one to the other in
 * nvkm_svm_pt_prepare(), while nothing is mapped.  No entry that points at
 * tables is ever overwritten by a page, or has to be restored behind one.
 * 64 KiB and 4 KiB pages live side by side: where an entry of the former is 0,
 * the latter count.
 *
 * Which entries are valid is remembered, and which have something in their upper
 * word, so that nothing is read from the GPU.  An entry that is not valid is 0,
 * all of it: in most machines upper words are, and are never written.
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
 * struct nvkm_svm_level - a range's entries for pages of one size
 */
struct nvkm_svm_level {
	/** @table: where they are; NULL: not prepared */
	struct nvkm_svm_table *table;
	/** @addr: where the first page begins */
	u64 addr;
	/** @shift: log2 of the size */
	u8 shift;
	/** @directory: @table is a page directory */
	bool directory;
	/** @count: how many entries */
	u32 count;
	/** @index: of the first one in @table */
	u32 index;
	/** @valid: those that are valid; nvkm_svm_space.lock */
	DECLARE_BITMAP(valid, NVKM_SVM_PTES_MAX);
	/** @upper: those with an upper word; likewise */
	DECLARE_BITMAP(upper, NVKM_SVM_PTES_MAX);
};

/**
 * struct nvkm_svm_pt - the tables of a range
 */
struct nvkm_svm_pt {
	/** @vmm: a reference */
	struct nvkm_vmm *vmm;
	/** @addr: start of the range */
	u64 addr;
	/** @bytes: of the range */
	u64 bytes;
	/**
	 * @level: by size.  Changed by nvkm_svm_pt_prepare() alone, under
	 * nvkm_svm_space.lock.
	 */
	struct nvkm_svm_level level[NVKM_SVM_SIZES];
};

/* Make what was written visible to the GPU. */
static void
nvkm_svm_table_done(struct nvkm_vmm *vmm)
{
	wmb(); /* the mapping is write-combined */
	nvkm_bar_flush(vmm->mmu->subdev.device->bar);
}

static void
nvkm_svm_level_wr32(struct nvkm_svm_level *level, u32 i, u32 word, u32 data)
{
	nvkm_svm_table_wr32(level->table, level->index + i, word, data);
}

/*
 * No entry is ever valid with half an address: it is written at once if its upper
 * word is 0.  Return: whether the lower word is left to be written.
 */
static bool
nvkm_svm_pte_set(struct nvkm_svm_level *level, u32 i, u64 data)
{
	if (__test_and_set_bit(i, level->valid)) {
		nvkm_svm_level_wr32(level, i, NVKM_SVM_PTE_LO, 0);
		wmb(); /* invalid before half of it changes */
	}
	if (!upper_32_bits(data) && !test_bit(i, level->upper)) {
		nvkm_svm_level_wr32(level, i, NVKM_SVM_PTE_LO,
				    lower_32_bits(data));
		return false;
	}

	nvkm_svm_level_wr32(level, i, NVKM_SVM_PTE_HI, upper_32_bits(data));
	__assign_bit(i, level->upper, upper_32_bits(data));
	return true;
}

/* Return: whether one was valid before. */
static bool
nvkm_svm_level_write(struct nvkm_vmm *vmm, struct nvkm_svm_level *level,
		     u32 first, const struct nvkm_svm_pte *ptes, u32 count)
{
	DECLARE_BITMAP(left, NVKM_SVM_PTES_MAX);
	bool was_valid = false;
	unsigned int i;

	lockdep_assert_held(&vmm->svm->lock);

	bitmap_zero(left, NVKM_SVM_PTES_MAX);
	for (i = 0; i < count; i++) {
		const u32 index = first + ptes[i].index;

		was_valid |= test_bit(index, level->valid);
		if (nvkm_svm_pte_set(level, index,
				     vmm->func->svm->pte(&ptes[i])))
			__set_bit(i, left);
	}
	if (bitmap_empty(left, NVKM_SVM_PTES_MAX))
		return was_valid;

	wmb(); /* upper words before what makes them count */
	for_each_set_bit(i, left, count)
		nvkm_svm_level_wr32(level, first + ptes[i].index,
				    NVKM_SVM_PTE_LO,
				    lower_32_bits(vmm->func->svm->pte(&ptes[i])));
	return was_valid;
}

/* Does a range have so many pages there?  They are in the order of addresses. */
static bool
nvkm_svm_level_has(struct nvkm_svm_level *level, u64 addr,
		   const struct nvkm_svm_pte *ptes, u32 count)
{
	const u64 first = (addr - level->addr) >> level->shift;

	return level->table && addr >= level->addr && count &&
	       count <= level->count && first + ptes[count - 1].index <
	       level->count;
}

bool
nvkm_svm_pt_map(struct nvkm_svm_pt *pt, u64 addr, enum nvkm_svm_size size,
		const struct nvkm_svm_pte *ptes, unsigned int count)
{
	struct nvkm_svm_level *level = &pt->level[size];
	struct nvkm_svm_space *space = pt->vmm->svm;
	bool flush;

	if (WARN_ON_ONCE(!nvkm_svm_level_has(level, addr, ptes, count)))
		return false;
	mutex_lock(&space->lock);
	flush = nvkm_svm_level_write(pt->vmm, level,
				     (addr - level->addr) >> level->shift,
				     ptes, count);
	space->stale_directory |= flush && level->directory;
	nvkm_svm_table_done(pt->vmm);
	mutex_unlock(&space->lock);
	return flush;
}

/* Lower words first: an entry is invalid before the rest of it goes. */
static bool
nvkm_svm_level_clear(struct nvkm_svm_level *level, u32 first, u32 last)
{
	bool any = false, upper = false;
	unsigned int i = first;

	for_each_set_bit_from(i, level->valid, last) {
		nvkm_svm_level_wr32(level, i, NVKM_SVM_PTE_LO, 0);
		upper |= test_bit(i, level->upper);
		any = true;
	}
	if (!any)
		return false;

	bitmap_clear(level->valid, first, last - first);
	if (!upper)
		return true;

	wmb(); /* invalid before half of it changes */
	i = first;
	for_each_set_bit_from(i, level->upper, last)
		nvkm_svm_level_wr32(level, i, NVKM_SVM_PTE_HI, 0);
	bitmap_clear(level->upper, first, last - first);
	return true;
}

/* A large page goes as a whole, be only a part of it hit. */
static bool
nvkm_svm_level_zap(struct nvkm_svm_level *level, u64 start, u64 end)
{
	const u64 limit = level->addr + ((u64)level->count << level->shift);
	u32 first, last;

	start = max(start, level->addr);
	end = min(end, limit);
	if (!level->table || start >= end)
		return false;

	first = (start - level->addr) >> level->shift;
	last = ((end - 1 - level->addr) >> level->shift) + 1;
	return nvkm_svm_level_clear(level, first, last);
}

bool
nvkm_svm_pt_zap(struct nvkm_svm_pt *pt, u64 addr, u64 bytes)
{
	struct nvkm_svm_space *space = pt->vmm->svm;
	bool flush = false;
	int size;

	mutex_lock(&space->lock);
	for (size = 0; size < NVKM_SVM_SIZES; size++) {
		struct nvkm_svm_level *level = &pt->level[size];

		if (!nvkm_svm_level_zap(level, addr, addr + bytes))
			continue;
		flush = true;
		space->stale_directory |= level->directory;
	}
	if (flush)
		nvkm_svm_table_done(pt->vmm);
	mutex_unlock(&space->lock);
	return flush;
}

static u64
nvkm_svm_level_read(struct nvkm_svm_level *level, u32 i)
{
	const u32 lo = nvkm_svm_table_rd32(level->table, level->index + i,
					   NVKM_SVM_PTE_LO);
	const u32 hi = nvkm_svm_table_rd32(level->table, level->index + i,
					   NVKM_SVM_PTE_HI);

	return (u64)hi << 32 | lo;
}

/* From the largest pages down, as the GPU looks. */
enum nvkm_svm_size
nvkm_svm_pt_read(struct nvkm_svm_pt *pt, u64 addr, struct nvkm_svm_pte *pte)
{
	int size;

	memset(pte, 0, sizeof(*pte));
	mutex_lock(&pt->vmm->svm->lock);
	for (size = NVKM_SVM_SIZES - 1; size >= 0; size--) {
		struct nvkm_svm_level *level = &pt->level[size];
		const u64 i = (addr - level->addr) >> level->shift;

		if (!level->table || addr < level->addr || i >= level->count)
			continue;
		pt->vmm->func->svm->read(nvkm_svm_level_read(level, i), pte);
		if (pte->flags & NVKM_SVM_PTE_VALID)
			break;
	}
	mutex_unlock(&pt->vmm->svm->lock);
	return size < 0 ? NVKM_SVM_4K : size;
}

int
nvkm_svm_flush(struct nvkm_vmm *vmm)
{
	struct nvkm_svm_space *space = vmm->svm;
	int ret;

	/* Under the lock: who finds nothing stale may rely on it. */
	mutex_lock(&space->lock);
	ret = vmm->func->svm->flush(vmm, space->stale_directory);
	if (ret == 0)
		space->stale_directory = false;
	mutex_unlock(&space->lock);
	return ret;
}

/* Pages of a size that lie in a range as a whole.  Return: are there any? */
static bool
nvkm_svm_level_init(struct nvkm_svm_pt *pt, enum nvkm_svm_size size,
		    struct nvkm_svm_level *level)
{
	const struct nvkm_vmm_page *page = nvkm_svm_page(pt->vmm, size);
	const u64 bytes = BIT_ULL(page->shift);
	const u64 end = ALIGN_DOWN(pt->addr + pt->bytes, bytes);

	memset(level, 0, sizeof(*level));
	level->addr = ALIGN(pt->addr, bytes);
	if (level->addr >= end)
		return false;
	level->shift = page->shift;
	level->directory = page->desc->type == PGD;
	level->count = (end - level->addr) >> page->shift;
	level->index = (level->addr >> page->shift) &
		       (BIT(page->desc->bits) - 1);
	return true;
}

/* Does nothing the second time: nvkm's counts of references are small. */
static int
nvkm_svm_level_get(struct nvkm_svm_pt *pt, enum nvkm_svm_size size)
{
	struct nvkm_vmm *vmm = pt->vmm;
	struct nvkm_svm_level level;

	if (pt->level[size].table)
		return 0;
	if (WARN_ON_ONCE(!nvkm_svm_level_init(pt, size, &level)))
		return -EINVAL;
	mutex_lock(&vmm->mutex.vmm);
	level.table = nvkm_svm_table_get(vmm, size, level.addr,
					 (u64)level.count << level.shift);
	mutex_unlock(&vmm->mutex.vmm);
	if (!level.table)
		return -ENOMEM;

	mutex_lock(&vmm->svm->lock);
	pt->level[size] = level;
	mutex_unlock(&vmm->svm->lock);
	return 0;
}

static void
nvkm_svm_level_put(struct nvkm_svm_pt *pt, enum nvkm_svm_size size)
{
	struct nvkm_svm_level level = pt->level[size];
	struct nvkm_vmm *vmm = pt->vmm;

	if (!level.table)
		return;

	mutex_lock(&vmm->svm->lock);
	memset(&pt->level[size], 0, sizeof(pt->level[size]));
	mutex_unlock(&vmm->svm->lock);

	mutex_lock(&vmm->mutex.vmm);
	nvkm_svm_table_put(vmm, size, level.addr,
			   (u64)level.count << level.shift);
	mutex_unlock(&vmm->mutex.vmm);
}

static bool
nvkm_svm_level_used(struct nvkm_svm_pt *pt, enum nvkm_svm_size size)
{
	bool used;

	mutex_lock(&pt->vmm->svm->lock);
	used = !bitmap_empty(pt->level[size].valid, NVKM_SVM_PTES_MAX);
	mutex_unlock(&pt->vmm->svm->lock);
	return used;
}

/*
 * nvkm clears entries of larger pages when it makes a table of smaller ones
 * below them, and lets the larger ones take over again when that goes.  Hence
 * the order: smaller ones come first and go last.
 */
static void
nvkm_svm_pt_put_small(struct nvkm_svm_pt *pt)
{
	nvkm_svm_level_put(pt, NVKM_SVM_64K);
	nvkm_svm_level_put(pt, NVKM_SVM_4K);
}

static int
nvkm_svm_pt_get_small(struct nvkm_svm_pt *pt, unsigned int sizes)
{
	int ret;

	ret = nvkm_svm_level_get(pt, NVKM_SVM_4K);
	if (ret == 0 && (sizes & BIT(NVKM_SVM_64K)))
		ret = nvkm_svm_level_get(pt, NVKM_SVM_64K);
	return ret;
}

int
nvkm_svm_pt_prepare(struct nvkm_svm_pt *pt, unsigned int sizes)
{
	if (sizes & BIT(NVKM_SVM_2M)) {
		if (WARN_ON_ONCE(sizes != BIT(NVKM_SVM_2M) ||
				 nvkm_svm_level_used(pt, NVKM_SVM_64K) ||
				 nvkm_svm_level_used(pt, NVKM_SVM_4K)))
			return -EBUSY;
		nvkm_svm_pt_put_small(pt);
		return nvkm_svm_level_get(pt, NVKM_SVM_2M);
	}

	if (!sizes)
		return 0;
	if (WARN_ON_ONCE(nvkm_svm_level_used(pt, NVKM_SVM_2M)))
		return -EBUSY;
	return nvkm_svm_pt_get_small(pt, sizes);
}

bool
nvkm_svm_pt_prepared(struct nvkm_svm_pt *pt, unsigned int sizes)
{
	int size;

	for (size = 0; size < NVKM_SVM_SIZES; size++) {
		if ((sizes & BIT(size)) && !pt->level[size].table)
			return false;
	}

	return !(sizes & BIT(NVKM_SVM_2M)) || !pt->level[NVKM_SVM_4K].table;
}

int
nvkm_svm_pt_new(struct nvkm_vmm *vmm, u64 addr, u64 bytes,
		struct nvkm_svm_pt **ppt)
{
	struct nvkm_svm_space *space;
	struct nvkm_svm_pt *pt;

	*ppt = NULL;
	if (WARN_ON_ONCE(!IS_ALIGNED(addr | bytes, NVKM_SVM_PAGE_SIZE) ||
			 !bytes || bytes > NVKM_SVM_SPAN -
				   (addr & (NVKM_SVM_SPAN - 1))))
		return -EINVAL;
	/* Elsewhere nvkm places buffer objects as it likes. */
	if (!nvkm_vmm_in_managed_range(vmm, addr, bytes))
		return -EINVAL;

	mutex_lock(&vmm->mutex.vmm);
	space = nvkm_svm_space_get(vmm);
	mutex_unlock(&vmm->mutex.vmm);
	if (!space)
		return -ENOMEM;

	pt = kzalloc_obj(*pt);
	if (!pt)
		return -ENOMEM;
	pt->addr = addr;
	pt->bytes = bytes;
	pt->vmm = nvkm_vmm_ref(vmm);
	*ppt = pt;
	return 0;
}

void
nvkm_svm_pt_del(struct nvkm_svm_pt **ppt)
{
	struct nvkm_svm_pt *pt = *ppt;

	if (!pt)
		return;
	if (WARN_ON_ONCE(nvkm_svm_pt_zap(pt, pt->addr, pt->bytes)))
		nvkm_svm_flush(pt->vmm);

	nvkm_svm_pt_put_small(pt);
	nvkm_svm_level_put(pt, NVKM_SVM_2M);
	nvkm_vmm_unref(&pt->vmm);
	kfree(pt);
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
