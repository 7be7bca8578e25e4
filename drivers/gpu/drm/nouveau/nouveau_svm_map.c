// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, mapping: from the pages that a walk has found to PTEs,
 * in the largest GPU pages that are true to them.  Gets no pages, and takes
 * nothing away but to map it better.
 *
 * Locking: the pages are not referenced.  What makes that right is the notifier
 * lock: it is held for reading while they are mapped, which is done only if no
 * event has hit the range since the walk began; events hold it for writing, and
 * do not return before the GPU has let go of the page.  Nothing is allocated
 * under it but by the DMA API, which does not sleep.
 */
#include <linux/dma-mapping.h>
#include <linux/hmm.h>
#include <linux/memremap.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * nouveau_svm_map_covers() - is what a fault asks for mapped?
 * @range: the range
 * @packet: the fault
 *
 * Return: true if it is.
 */
bool
nouveau_svm_map_covers(struct nouveau_svm_range *range,
		       const struct nvkm_svm_packet *packet)
{
	const unsigned int i = nouveau_svm_range_page(range, packet->addr);
	u32 flags = 0;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (packet->access == NVKM_SVM_WRITE)
		flags = NVKM_SVM_PTE_WRITE;
	else if (packet->access == NVKM_SVM_ATOMIC)
		flags = NVKM_SVM_PTE_ATOMIC;

	return test_bit(i, range->mapped) &&
	       (nouveau_svm_range_entry(range, i) & flags) == flags;
}

/**
 * nouveau_svm_map_current() - may what a walk has found be mapped?
 * @range: the range
 * @walk: the walk
 *
 * Return: false if it may be something else by now.
 */
bool
nouveau_svm_map_current(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held(&svmm->gpusvm.notifier_lock);

	/*
	 * Suspend and close set these before they take this lock to zap
	 * everything: what is mapped before is zapped, and nothing is after.
	 */
	if (!READ_ONCE(svmm->svm->running) || READ_ONCE(svmm->svm->ending) ||
	    READ_ONCE(svmm->closing))
		return false;

	return range->invals == walk->invals && !svmm->lost;
}

/* Making room */

/* Is a mapped page mapped with less than what it could have now? */
static bool
nouveau_svm_map_weak(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, unsigned int i)
{
	u64 flags = walk->flags;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (!(nouveau_svm_walk_pfn(walk, i) & HMM_PFN_VALID))
		return false;
	if (nouveau_svm_walk_pfn(walk, i) & HMM_PFN_WRITE)
		flags |= NVKM_SVM_PTE_WRITE;

	return flags & ~nouveau_svm_range_entry(range, i);
}

/*
 * Clear the PTEs of weak pages or, once the GPU has forgotten them, undo their
 * DMA mappings.  Return: whether there is anything to forget.
 */
static bool
nouveau_svm_map_drop(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, bool forgotten)
{
	unsigned int i, first, last;
	bool flush = false;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	for_each_and_bit(i, range->mapped, walk->look, range->npages) {
		if (!nouveau_svm_map_weak(range, walk, i))
			continue;

		first = i;
		last = i + 1;
		nouveau_svm_range_whole(range, &first, &last);
		if (forgotten)
			nouveau_svm_range_unmap(range, first, last);
		else
			flush |= nouveau_svm_range_zap(range, first, last);
		i = last - 1;
	}

	return flush;
}

/*
 * The direction of a DMA mapping can't change, so a page that becomes writable
 * is unmapped first; and a TLB may keep the weaker permission.  The same makes
 * room for a page of another size: the GPU forgets the old one before it can
 * see the new one.
 */
static void
nouveau_svm_map_drop_weak(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk)
{
	if (nouveau_svm_map_drop(range, walk, false)) {
		nouveau_svmm_flush(nouveau_svm_range_svmm(range));
		nouveau_svm_map_drop(range, walk, true);
	}
}

/* Which sizes? */

/* What MADV_FREE gave up would stay, if mapped without need. */
static bool
nouveau_svm_map_given_up(struct page *page)
{
	struct folio *folio = page_folio(page);

	return folio_test_anon(folio) && !folio_test_swapbacked(folio) &&
	       !folio_test_hugetlb(folio);
}

/* Memory of another device: not for us to map. */
static bool
nouveau_svm_map_foreign(struct nouveau_svmm *svmm, struct page *page)
{
	return (is_device_private_page(page) ||
		is_device_coherent_page(page) || is_pci_p2pdma_page(page)) &&
	       !nouveau_dmem_owns(svmm->svm->dmem, page);
}

/* Is a page that is not mapped to be? */
static bool
nouveau_svm_map_takes(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk, unsigned int i)
{
	struct page *page;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (!(nouveau_svm_walk_pfn(walk, i) & HMM_PFN_VALID))
		return false;

	page = hmm_pfn_to_page(nouveau_svm_walk_pfn(walk, i));
	if (nouveau_svm_map_foreign(nouveau_svm_range_svmm(range), page)) {
		walk->err[i] = -EIO;
		return false;
	}

	return test_bit(i, walk->need) || !nouveau_svm_map_given_up(page);
}

/*
 * Do pages beside each other share their fate?  In RAM, those of a folio.  In
 * VRAM, what went there together, which is the only way to lie in a row, and
 * comes back together.
 */
static bool
nouveau_svm_map_together(struct page *page, unsigned int nr)
{
	return is_device_private_page(page) ||
	       folio_nr_pages(page_folio(page)) >= nr;
}

/*
 * Can @nr pages be one page of the GPU?  They must lie together, as a whole,
 * one after the other, with the same permission.  Whether the CPU maps them by
 * one entry or by many does not matter: whatever happens to any of them takes
 * the whole from the GPU, see nouveau_svm_range_whole(), and that they lie
 * together means that most of what happens, happens to all.
 */
static bool
nouveau_svm_map_fits(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, unsigned int i,
		     unsigned int nr)
{
	const unsigned long mask = ~HMM_PFN_FLAGS | HMM_PFN_VALID |
				   HMM_PFN_WRITE;
	const unsigned long pfn = nouveau_svm_walk_pfn(walk, i) & mask;
	const unsigned int last = i + nr;
	struct page *page = hmm_pfn_to_page(pfn);
	unsigned int j;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (!IS_ALIGNED(i, nr) || !IS_ALIGNED(page_to_pfn(page), nr) ||
	    !nouveau_svm_map_together(page, nr) ||
	    find_next_zero_bit(walk->look, last, i) < last ||
	    find_next_bit(range->mapped, last, i) < last)
		return false;

	for (j = 0; !walk->huge && j < nr; j++) {
		if ((walk->pfns[i + j] & mask) != pfn + j)
			return false;
	}

	return find_next_bit(walk->write, last, i) < last ||
	       !nouveau_svm_map_given_up(page);
}

/* In how large a page?  Return: how many pages that are looked at lie in it. */
static unsigned int
nouveau_svm_map_lay(struct nouveau_svm_range *range,
		    struct nouveau_svm_walk *walk, unsigned int i)
{
	enum nvkm_svm_size size;
	unsigned int nr = 1;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (test_bit(i, range->mapped) ||
	    !nouveau_svm_map_takes(range, walk, i))
		return nr;

	for (size = range->size_max; size > NVKM_SVM_4K; size--) {
		nr = nouveau_svm_size_pages(size);
		if (nouveau_svm_map_fits(range, walk, i, nr))
			break;
		nr = 1;
	}
	__set_bit(i, walk->piece[size]);
	walk->sizes |= BIT(size);
	return nr;
}

/*
 * Lay out what is to be mapped.  The largest page is as large as a range: it
 * is never one of several.
 */
static void
nouveau_svm_map_layout(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk)
{
	unsigned int i, first, last;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	walk->sizes = 0;
	memset(walk->piece, 0, sizeof(walk->piece));
	for_each_set_bitrange(first, last, walk->look, range->npages) {
		for (i = first; i < last; )
			i += nouveau_svm_map_lay(range, walk, i);
	}
}

/* Mapping */

/* Lost if nobody knows of it: a GPU that writes sets no dirty bit in a PTE. */
static void
nouveau_svm_map_dirty(struct folio *folio)
{
	/*
	 * For files with a disk behind them a writable PTE means that the
	 * folio is dirty already.  Anonymous memory and shmem have writable
	 * PTEs on clean folios, which reclaim would throw away; marking those
	 * does not sleep.
	 */
	if (folio_test_anon(folio) || folio_test_swapbacked(folio))
		folio_mark_dirty(folio);
}

/* Remember a piece: each of its pages can be asked for by itself. */
static void
nouveau_svm_map_note(struct nouveau_svm_range *range, unsigned int i,
		     enum nvkm_svm_size size, u64 addr, u64 flags)
{
	const unsigned int nr = nouveau_svm_size_pages(size);
	unsigned int j;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	flags |= FIELD_PREP(NOUVEAU_SVM_PAGE_SIZE, size);
	if (size == NVKM_SVM_2M)
		range->huge = addr | flags;
	for (j = 0; !range->huge && j < nr; j++)
		range->page[i + j] = (addr + ((u64)j << PAGE_SHIFT)) | flags;
	bitmap_set(range->mapped, i, nr);
}

/*
 * One DMA mapping for a piece.  The bus address of a large one must be aligned,
 * which no API promises, and an IOMMU may be out of large holes: then this
 * range does with smaller ones from now on, and the fault is served again.
 */
static dma_addr_t
nouveau_svm_map_dma(struct nouveau_svm_range *range, struct page *page,
		    enum nvkm_svm_size size, u64 *flags)
{
	const size_t bytes = (size_t)nouveau_svm_size_pages(size) << PAGE_SHIFT;
	struct device *dev = nouveau_svmm_dev(nouveau_svm_range_svmm(range));
	const enum dma_data_direction dir = nouveau_svm_range_dir(*flags);
	dma_addr_t addr;

	/* In VRAM, whoever may write may do so atomically. */
	if (is_device_private_page(page)) {
		*flags |= NVKM_SVM_PTE_VRAM;
		if (*flags & NVKM_SVM_PTE_WRITE)
			*flags |= NVKM_SVM_PTE_ATOMIC;
		return nouveau_dmem_addr(page);
	}

	addr = dma_map_page_attrs(dev, page, 0, bytes, dir,
				  NOUVEAU_SVM_DMA_ATTRS);
	if (!dma_mapping_error(dev, addr)) {
		if (IS_ALIGNED(addr, bytes))
			return addr;
		dma_unmap_page_attrs(dev, addr, bytes, dir,
				     NOUVEAU_SVM_DMA_ATTRS);
	}

	if (size > NVKM_SVM_4K)
		range->size_max = size - 1;
	return DMA_MAPPING_ERROR;
}

/* Return: whether it is mapped for DMA, and @pte to be written. */
static bool
nouveau_svm_map_piece(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk, unsigned int i,
		      enum nvkm_svm_size size, struct nvkm_svm_pte *pte)
{
	struct page *page = hmm_pfn_to_page(nouveau_svm_walk_pfn(walk, i));
	u64 flags = NVKM_SVM_PTE_VALID | walk->flags;
	dma_addr_t addr;

	if (nouveau_svm_walk_pfn(walk, i) & HMM_PFN_WRITE)
		flags |= NVKM_SVM_PTE_WRITE;

	addr = nouveau_svm_map_dma(range, page, size, &flags);
	if (addr == DMA_MAPPING_ERROR)
		return false;

	if (flags & NVKM_SVM_PTE_WRITE)
		nouveau_svm_map_dirty(page_folio(page));

	nouveau_svm_map_note(range, i, size, addr, flags);
	pte->addr = addr;
	pte->flags = flags;
	pte->index = i / nouveau_svm_size_pages(size);
	return true;
}

/* All pieces of one size.  Return: whether a PTE that was valid changed. */
static bool
nouveau_svm_map_size(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, enum nvkm_svm_size size)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	unsigned int i, n = 0;

	for_each_set_bit(i, walk->piece[size], range->npages)
		n += nouveau_svm_map_piece(range, walk, i, size,
					   &walk->ptes[n]);
	if (!n)
		return false;

	nouveau_svm_stat_add(svmm->svm, SVM_STAT_PAGES_MAPPED,
			     n * nouveau_svm_size_pages(size));
	return nvkm_svm_pt_map(range->pt, nouveau_svm_range_addr(range, 0),
			       size, walk->ptes, n);
}

/* What was mapped has been invalid: there is nothing to flush. */
static void
nouveau_svm_map_all(struct nouveau_svm_range *range,
		    struct nouveau_svm_walk *walk)
{
	enum nvkm_svm_size size;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	for (size = NVKM_SVM_4K; size < NVKM_SVM_SIZES; size++) {
		if (!(walk->sizes & BIT(size)))
			continue;
		if (WARN_ON_ONCE(nouveau_svm_map_size(range, walk, size)))
			nouveau_svmm_flush(nouveau_svm_range_svmm(range));
	}
}

/* They are in VRAM; if that is full, something goes for them. */
static int
nouveau_svm_map_tables(struct nouveau_svm *svm, struct nvkm_svm_pt *pt,
		       unsigned int sizes)
{
	int ret;

	lockdep_assert_held(&svm->awake);

	ret = nvkm_svm_pt_prepare(pt, sizes);
	if (ret != -ENOMEM || !nouveau_dmem_table_room(svm->dmem))
		return ret;

	return nvkm_svm_pt_prepare(pt, sizes);
}

/* Is there room to remember pages of these sizes? */
static bool
nouveau_svm_map_noted(struct nouveau_svm_range *range, unsigned int sizes)
{
	return range->page || !(sizes & ~BIT(NVKM_SVM_2M));
}

static int
nouveau_svm_map_make_notes(struct nouveau_svm_range *range, unsigned int sizes)
{
	if (nouveau_svm_map_noted(range, sizes))
		return 0;

	range->page = kvcalloc(range->npages, sizeof(*range->page),
			       GFP_KERNEL);
	return range->page ? 0 : -ENOMEM;
}

/*
 * Make tables for what has been laid out, which takes letting go of the lock:
 * they are allocated.
 */
static int
nouveau_svm_map_prepare(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	struct nouveau_svm *svm = nouveau_svmm(gpusvm)->svm;
	int ret = -EAGAIN;

	if (nvkm_svm_pt_prepared(range->pt, walk->sizes) &&
	    nouveau_svm_map_noted(range, walk->sizes))
		return 0;

	drm_gpusvm_notifier_unlock(gpusvm);
	down_read(&svm->awake);
	if (svm->running)
		ret = nouveau_svm_map_tables(svm, range->pt, walk->sizes);
	up_read(&svm->awake);
	if (!ret)
		ret = nouveau_svm_map_make_notes(range, walk->sizes);
	drm_gpusvm_notifier_lock(gpusvm);
	if (ret)
		return ret;

	return nouveau_svm_map_current(range, walk) ? 0 : -EAGAIN;
}

/**
 * nouveau_svm_map_commit() - map what a walk has found
 * @range: the range
 * @walk: the walk
 * @faults: faults in the range; those that this serves are marked done
 * @nr: how many
 *
 * A page that is invalidated as soon as the lock is dropped was served all the
 * same: the GPU asks again.
 *
 * Return: 0, -EAGAIN if something else may be there by now, -ENOMEM.
 */
int
nouveau_svm_map_commit(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk,
		       struct nouveau_svm_fault *faults, int nr)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	int i, ret = -EAGAIN;

	drm_gpusvm_notifier_lock(gpusvm);
	if (!nouveau_svm_map_current(range, walk))
		goto unlock;

	nouveau_svm_map_drop_weak(range, walk);
	nouveau_svm_map_layout(range, walk);
	ret = nouveau_svm_map_prepare(range, walk);
	if (ret)
		goto unlock;

	nouveau_svm_map_all(range, walk);
	for (i = 0; i < nr; i++)
		faults[i].done |= nouveau_svm_map_covers(range,
							 &faults[i].packet);
unlock:
	drm_gpusvm_notifier_unlock(gpusvm);
	return ret;
}
