// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, ranges: their life, and how pages in them are taken
 * from the GPU when the process's own mapping changes.  Maps nothing.
 *
 * Locking: the notifier lock, held for writing by whoever takes pages away.  It
 * is taken in reclaim, and nothing is allocated under it.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"
#include "nouveau_svm_trace.h"

/* Taking pages away */

/**
 * nouveau_svm_range_whole() - widen to whole GPU pages
 * @range: the range
 * @first: first page
 * @last: end of pages
 *
 * A large page of the GPU of which the CPU changes a part goes as a whole.  The
 * rest of it comes back when the GPU asks for it, in the sizes that are true
 * by then; most often it never does ask.  To keep it would take tables made in
 * advance for every large page there is, which most never need.  What gives
 * way is exact all the same: no more than what was one page, and nothing that
 * the CPU has changed can stay.
 */
void
nouveau_svm_range_whole(struct nouveau_svm_range *range, unsigned int *first,
			unsigned int *last)
{
	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (*first >= *last)
		return;
	if (test_bit(*last - 1, range->mapped))
		*last = ALIGN(*last, nouveau_svm_range_piece(range, *last - 1));
	if (test_bit(*first, range->mapped))
		*first = ALIGN_DOWN(*first,
				    nouveau_svm_range_piece(range, *first));
}

/**
 * nouveau_svm_range_zap() - clear PTEs; pages stay mapped for DMA
 * @range: the range
 * @first: first page
 * @last: end of pages; whole GPU pages
 *
 * Return: whether to flush before they are unmapped.
 */
bool
nouveau_svm_range_zap(struct nouveau_svm_range *range, unsigned int first,
		      unsigned int last)
{
	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (find_next_bit(range->mapped, last, first) >= last)
		return false;

	return nvkm_svm_pt_zap(range->pt, nouveau_svm_range_addr(range, first),
			       (u64)(last - first) << PAGE_SHIFT);
}

/**
 * nouveau_svm_range_unmap() - undo DMA mappings
 * @range: the range
 * @first: first page
 * @last: end of pages; whole GPU pages
 *
 * The GPU has forgotten the pages: they have been zapped and flushed.
 */
void
nouveau_svm_range_unmap(struct nouveau_svm_range *range, unsigned int first,
			unsigned int last)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct device *dev = nouveau_svmm_dev(svmm);
	unsigned int i = first, count = 0;

	lockdep_assert_held(&svmm->gpusvm.notifier_lock);

	for_each_set_bit_from(i, range->mapped, last) {
		const unsigned int nr = nouveau_svm_range_piece(range, i);
		const u64 page = nouveau_svm_range_entry(range, i);

		if (!(page & NVKM_SVM_PTE_VRAM)) {
			dma_unmap_page_attrs(dev, page & PAGE_MASK,
					     (size_t)nr << PAGE_SHIFT,
					     nouveau_svm_range_dir(page),
					     NOUVEAU_SVM_DMA_ATTRS);
			if (page & NVKM_SVM_PTE_ATOMIC) {
				/* Pairs with nouveau_svm_exclusive_note(). */
				WRITE_ONCE(svmm->contended, jiffies);
				range->bounce.fought = jiffies;
			}
		}
		bitmap_clear(range->mapped, i, nr);
		range->huge = 0;
		count += nr;
	}

	if (count)
		nouveau_svm_stat_add(svmm->svm, SVM_STAT_PAGES_UNMAPPED, count);
}

/**
 * nouveau_svm_range_part() - the part of a range that some addresses are in
 * @range: the range
 * @start: first of them
 * @end: their end
 * @first: first page of the part
 * @last: its end; as @first if nothing of the range is hit, as nothing of one
 *	that has not been prepared is
 */
void
nouveau_svm_range_part(struct nouveau_svm_range *range, u64 start, u64 end,
		       unsigned int *first, unsigned int *last)
{
	const u64 base = drm_gpusvm_range_start(&range->base);
	const u64 size = (u64)range->npages << PAGE_SHIFT;
	const u64 lo = clamp(start, base, base + size);
	const u64 hi = clamp(end, base, base + size);

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	*first = PFN_DOWN(lo - base);
	*last = PFN_UP(hi - base);
}

static struct nouveau_svm_range *
nouveau_svm_range_of(struct interval_tree_node *node)
{
	return node ? container_of(node, struct nouveau_svm_range, node) : NULL;
}

/**
 * nouveau_svm_range_first() - the first prepared range there is
 * @svmm: the VMM
 * @start: first byte of interest
 * @end: end of them
 *
 * drm_gpusvm knows ranges by address as well, but changes what leads to them
 * under &nouveau_svmm.lock, which not everybody can wait for.
 *
 * Return: the range with the lowest address; NULL if there is none.
 */
struct nouveau_svm_range *
nouveau_svm_range_first(struct nouveau_svmm *svmm, u64 start, u64 end)
{
	lockdep_assert_held(&svmm->gpusvm.notifier_lock);

	return nouveau_svm_range_of(interval_tree_iter_first(&svmm->ranges,
							     start, end - 1));
}

/**
 * nouveau_svm_range_next() - the next prepared range
 * @range: the one before
 * @start: first byte of interest
 * @end: end of them
 *
 * Return: the range; NULL if there is no more.
 */
struct nouveau_svm_range *
nouveau_svm_range_next(struct nouveau_svm_range *range, u64 start, u64 end)
{
	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	return nouveau_svm_range_of(interval_tree_iter_next(&range->node,
							    start, end - 1));
}

/**
 * nouveau_svm_range_zap_part() - take pages of a VMM from the GPU
 * @svmm: the VMM
 * @start: address of the first
 * @end: end of them
 *
 * What is about to be mapped there is not: it is looked at anew.
 */
void
nouveau_svm_range_zap_part(struct nouveau_svmm *svmm, u64 start, u64 end)
{
	struct nouveau_svm_range *range;
	unsigned int first, last;
	bool flush = false;

	down_write(&svmm->gpusvm.notifier_lock);
	for (range = nouveau_svm_range_first(svmm, start, end); range;
	     range = nouveau_svm_range_next(range, start, end)) {
		nouveau_svm_range_part(range, start, end, &first, &last);
		nouveau_svm_range_whole(range, &first, &last);
		flush |= nouveau_svm_range_zap(range, first, last);
		range->invals += first < last;
	}
	if (flush)
		nouveau_svmm_flush(svmm);
	for (range = nouveau_svm_range_first(svmm, start, end); range;
	     range = nouveau_svm_range_next(range, start, end)) {
		nouveau_svm_range_part(range, start, end, &first, &last);
		nouveau_svm_range_whole(range, &first, &last);
		nouveau_svm_range_unmap(range, first, last);
	}
	up_write(&svmm->gpusvm.notifier_lock);
}

/**
 * nouveau_svm_range_zap_all() - take all pages of a VMM from the GPU
 * @svmm: the VMM
 */
void
nouveau_svm_range_zap_all(struct nouveau_svmm *svmm)
{
	nouveau_svm_range_zap_part(svmm, 0, U64_MAX);
}

static void
nouveau_svm_range_clip(struct nouveau_svm_range *range,
		       const struct mmu_notifier_range *event,
		       unsigned int *first, unsigned int *last)
{
	nouveau_svm_range_part(range, event->start, event->end, first, last);
}

/*
 * A range is not bound to a VMA, so losing a part of it does no harm.  When
 * munmap() leaves nothing mapped in it, the worker has a look.
 */
static void
nouveau_svm_range_discard(struct nouveau_svmm *svmm,
			  struct nouveau_svm_range *range)
{
	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	if (svmm->stopped || !list_empty(&range->garbage) ||
	    !bitmap_empty(range->mapped, range->npages))
		return;

	list_add_tail(&range->garbage, &svmm->garbage);
	kthread_queue_work(svmm->worker, &svmm->work);
}

/*
 * The kernel tells that the CPU's mapping changes.  May run in reclaim.  When
 * this returns, no access of the GPU can reach the pages any more.
 */
static void
nouveau_svm_range_invalidate(struct drm_gpusvm *gpusvm,
			     struct drm_gpusvm_notifier *notifier,
			     const struct mmu_notifier_range *event)
{
	struct nouveau_svmm *svmm = nouveau_svmm(gpusvm);
	struct drm_gpusvm_range *base = NULL;
	unsigned int first, last;
	bool flush = false;

	lockdep_assert_held_write(&gpusvm->notifier_lock);

	/* The CPU loses the page, to the GPU: ours stays as it is. */
	if (event->event == MMU_NOTIFY_EXCLUSIVE &&
	    event->owner == svmm->svm->drm->dev)
		return;

	drm_gpusvm_for_each_range(base, notifier, event->start, event->end) {
		struct nouveau_svm_range *range = nouveau_svm_range(base);

		range->invals++;
		nouveau_svm_bounce_event(range, event);
		nouveau_svm_range_clip(range, event, &first, &last);
		nouveau_svm_range_whole(range, &first, &last);
		flush |= nouveau_svm_range_zap(range, first, last);
	}

	if (flush) {
		nouveau_svmm_flush(svmm);
		nouveau_svm_stat_inc(svmm->svm, SVM_STAT_INVALIDATIONS);
	}
	trace_nouveau_svm_invalidate(svmm->pid, event, flush);

	base = NULL;
	drm_gpusvm_for_each_range(base, notifier, event->start, event->end) {
		struct nouveau_svm_range *range = nouveau_svm_range(base);

		nouveau_svm_range_clip(range, event, &first, &last);
		nouveau_svm_range_whole(range, &first, &last);
		nouveau_svm_range_unmap(range, first, last);
		if (event->event == MMU_NOTIFY_UNMAP)
			nouveau_svm_range_discard(svmm, range);
		else if (event->event != MMU_NOTIFY_RELEASE)
			nouveau_svm_prefetch_again(range, event->start,
						   event->end);
	}
}

/* Life of a range */

static struct drm_gpusvm_range *
nouveau_svm_range_alloc(struct drm_gpusvm *gpusvm)
{
	struct nouveau_svmm *svmm = nouveau_svmm(gpusvm);
	struct nouveau_svm_range *range;

	range = kzalloc_obj(*range);
	if (!range)
		return NULL;

	INIT_LIST_HEAD(&range->garbage);
	INIT_LIST_HEAD(&range->again);
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_RANGES);
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_RANGES_LIVE);
	return &range->base;
}

static void
nouveau_svm_range_free(struct drm_gpusvm_range *base)
{
	struct nouveau_svm_range *range = nouveau_svm_range(base);
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	down_write(&base->gpusvm->notifier_lock);
	if (range->npages)
		interval_tree_remove(&range->node, &svmm->ranges);
	list_del(&range->garbage);
	list_del(&range->again);
	up_write(&base->gpusvm->notifier_lock);

	WARN_ON_ONCE(!bitmap_empty(range->mapped, NOUVEAU_SVM_RANGE_PAGES));
	if (range->pt)
		nvkm_svm_pt_del(&range->pt);
	kvfree(range->page);
	kfree(range);
	nouveau_svm_stat_add(svmm->svm, SVM_STAT_RANGES_LIVE, -1);
}

static enum nvkm_svm_size
nouveau_svm_range_size_max(unsigned int npages)
{
	enum nvkm_svm_size size = NVKM_SVM_2M;

	while (nouveau_svm_size_pages(size) > npages)
		size--;
	return size;
}

/**
 * nouveau_svm_range_prepare() - what mapping pages needs, but for page tables
 * @range: the range
 *
 * While it may allocate.  Does nothing the second time.
 *
 * Return: 0, -ENOMEM.
 */
int
nouveau_svm_range_prepare(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const u64 size = drm_gpusvm_range_size(&range->base);
	struct nvkm_svm_pt *pt;
	int ret;

	if (range->npages)
		return 0;

	ret = nvkm_svm_pt_new(svmm->vmm, drm_gpusvm_range_start(&range->base),
			      size, &pt);
	if (ret)
		return ret;

	range->size_max = nouveau_svm_range_size_max(size >> PAGE_SHIFT);
	down_write(&svmm->gpusvm.notifier_lock);
	range->pt = pt;
	range->npages = size >> PAGE_SHIFT;
	range->node.start = drm_gpusvm_range_start(&range->base);
	range->node.last = drm_gpusvm_range_end(&range->base) - 1;
	interval_tree_insert(&range->node, &svmm->ranges);
	up_write(&svmm->gpusvm.notifier_lock);
	return 0;
}

static struct nouveau_svm_range *
nouveau_svm_range_take_garbage(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_range *range;

	down_write(&svmm->gpusvm.notifier_lock);
	range = list_first_entry_or_null(&svmm->garbage,
					 struct nouveau_svm_range, garbage);
	if (range)
		list_del_init(&range->garbage);
	up_write(&svmm->gpusvm.notifier_lock);
	return range;
}

/*
 * Does the process have anything there?  What it is about to lose is still
 * mapped after the VMA has gone: the event that tells so is on its way, and
 * brings the range here again.
 */
static bool
nouveau_svm_range_used(struct nouveau_svm_range *range)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	struct mm_struct *mm = gpusvm->mm;
	bool used;

	drm_gpusvm_notifier_lock(gpusvm);
	used = !bitmap_empty(range->mapped, range->npages);
	drm_gpusvm_notifier_unlock(gpusvm);
	if (used || !mmget_not_zero(mm))
		return used;
	if (!mmap_read_lock_killable(mm)) {
		used = find_vma_intersection(mm,
					     drm_gpusvm_range_start(&range->base),
					     drm_gpusvm_range_end(&range->base));
		mmap_read_unlock(mm);
	}
	/* Not here, with the lock held: this may be its last user. */
	mmput_async(mm);
	return used;
}

/* Not while the device sleeps.  Return: whether it was removed. */
static bool
nouveau_svm_range_remove(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct nouveau_svm *svm = svmm->svm;
	bool awake;

	down_read(&svm->awake);
	awake = svm->running;
	if (awake) {
		drm_gpusvm_range_remove(&svmm->gpusvm, &range->base);
	} else {
		down_write(&svmm->gpusvm.notifier_lock);
		if (list_empty(&range->garbage))
			list_add(&range->garbage, &svmm->garbage);
		up_write(&svmm->gpusvm.notifier_lock);
	}
	up_read(&svm->awake);
	return awake;
}

/**
 * nouveau_svm_range_collect() - remove what munmap() has emptied
 * @svmm: the VMM
 *
 * A range of which the process still has a part stays as large as it is: its
 * memory may become one huge page again.  All of them stay while the device
 * sleeps, since their page tables are in its memory.
 */
void
nouveau_svm_range_collect(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_range *range;

	lockdep_assert_held(&svmm->lock);

	do {
		range = nouveau_svm_range_take_garbage(svmm);
	} while (range && (nouveau_svm_range_used(range) ||
			   nouveau_svm_range_remove(range)));
}

const struct drm_gpusvm_ops nouveau_svm_range_ops = {
	.range_alloc = nouveau_svm_range_alloc,
	.range_free = nouveau_svm_range_free,
	.invalidate = nouveau_svm_range_invalidate,
};
