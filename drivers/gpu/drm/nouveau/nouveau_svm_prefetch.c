// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, ahead of faults: maps memory for the GPU that it has
 * not asked for, and drops what nobody will ask for any more.  How memory is
 * moved, got and mapped is elsewhere.
 *
 * Locking: none while pages are waited for.  What is there is mapped with
 * &nouveau_svmm.lock held, as the VMM's worker does for faults: they exclude each
 * other.  mmap_lock to look at VMAs, and to drop what is in them.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/userfaultfd_k.h>

#include "nouveau_dmem_priv.h"
#include "nouveau_svm_look.h"
#include "nouveau_svm_priv.h"

/* What the process changes meanwhile is looked at again so often. */
#define NOUVEAU_SVM_PREFETCH_TRIES	8

/*
 * Memory that is on its way from one place to another is not seen, and the
 * kernel does not tell when it arrives, however long that takes: it is looked
 * for so often, and the pauses, of which this is the first, double so many
 * times.  They also make one of many changes: of other ranges, too, which the
 * longest of them is bearable for.
 */
#define NOUVEAU_SVM_PREFETCH_AGAIN	10
#define NOUVEAU_SVM_PREFETCH_PAUSE_MS	10
#define NOUVEAU_SVM_PREFETCH_DOUBLED	5u

/* So much is dropped between two looks whether somebody wants to interrupt. */
#define NOUVEAU_SVM_DISCARD_STEP	SZ_64M

/* Mapping what is there */

/* Whatever is there in a part of a range; nothing is waited for. */
static int
nouveau_svm_prefetch_try(struct nouveau_svm_range *range, u64 start, u64 end)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct nouveau_svm_walk *walk = svmm->walk;
	unsigned int first, last;

	lockdep_assert_held(&svmm->lock);

	nouveau_svm_walk_clear(walk);
	drm_gpusvm_notifier_lock(&svmm->gpusvm);
	walk->invals = range->invals;
	nouveau_svm_range_part(range, start, end, &first, &last);
	drm_gpusvm_notifier_unlock(&svmm->gpusvm);

	bitmap_set(walk->look, first, last - first);
	nouveau_svm_walk_get(range, walk);
	return nouveau_svm_map_commit(range, walk, NULL, 0);
}

/* What does not keep still is left to faults.  Return: 0, -ENOMEM. */
static int
nouveau_svm_prefetch_range(struct nouveau_svm_range *range, u64 start, u64 end)
{
	int tries, ret;

	ret = nouveau_svm_range_prepare(range);
	if (ret)
		return ret;

	for (tries = 0; tries < NOUVEAU_SVM_PREFETCH_TRIES; tries++) {
		ret = nouveau_svm_prefetch_try(range, start, end);
		if (ret != -EAGAIN)
			return ret;
	}

	return 0;
}

/*
 * The range that an address is in, which may have ceased to be anything.
 * Return: 0, with the end of it or where to look next; -ENOMEM.
 */
static int
nouveau_svm_prefetch_step(struct nouveau_svmm *svmm, u64 start, u64 end,
			  u64 *next)
{
	const struct drm_gpusvm_ctx ctx = { .read_only = true };
	struct drm_gpusvm_range *range;
	unsigned long first, last;

	lockdep_assert_held(&svmm->lock);

	*next = end;
	if (!nouveau_svmm_window(svmm, start, &first, &last)) {
		*next = min(end, svmm->unmanaged.limit);
		return 0;
	}

	range = drm_gpusvm_range_find_or_insert(&svmm->gpusvm, start, first,
						last, &ctx);
	if (IS_ERR(range))
		return range == ERR_PTR(-ENOMEM) ? -ENOMEM : 0;

	*next = min_t(u64, end, drm_gpusvm_range_end(range));
	return nouveau_svm_prefetch_range(nouveau_svm_range(range), start,
					  *next);
}

/* The worker may have the lock for long, while it waits for pages. */
static int
nouveau_svm_prefetch_map(struct nouveau_svmm *svmm, u64 start, u64 end)
{
	int ret = 0;
	u64 next;

	if (mutex_lock_interruptible(&svmm->lock))
		return -ERESTARTSYS;

	nouveau_svm_range_collect(svmm);
	for (; !ret && start < end; start = next)
		ret = nouveau_svm_prefetch_step(svmm, start, end, &next);
	mutex_unlock(&svmm->lock);
	return ret;
}

/* Having it there */

/* Is a failure about memory that can't be had, and its neighbours can? */
static bool
nouveau_svm_prefetch_bad(int err)
{
	return err && err != -ENOMEM && err != -EINTR && err != -EBUSY;
}

/*
 * One page that can't be had must not cost its neighbours; what does not keep
 * still is left to faults.
 */
static int
nouveau_svm_prefetch_populate(struct nouveau_svm_look *look,
			      unsigned long start, unsigned long end,
			      enum nouveau_svm_need need)
{
	int ret;

	ret = nouveau_svm_look_step(look, start, end, need);
	if (!nouveau_svm_prefetch_bad(ret))
		return ret == -EBUSY ? 0 : ret;

	for (; start < end; start += PAGE_SIZE) {
		ret = nouveau_svm_look_step(look, start, start + PAGE_SIZE,
					    need);
		if (ret == -ENOMEM || ret == -EINTR)
			return ret;
	}

	return 0;
}

/* A range costs memory: none is made where nothing is. */
static bool
nouveau_svm_prefetch_any(struct nouveau_svm_look *look, unsigned long start,
			 unsigned long end)
{
	unsigned int i;

	if (nouveau_svm_look_step(look, start, end, SVM_NEED_AROUND))
		return false;

	for (i = 0; i < PHYS_PFN(end - start); i++) {
		if (look->pfns[i] & HMM_PFN_VALID)
			return true;
	}

	return false;
}

static int
nouveau_svm_prefetch_walk(struct nouveau_svm_look *look, unsigned long start,
			  unsigned long end, bool populate)
{
	enum nouveau_svm_need need;
	unsigned long next;
	int ret;

	for (; start < end; start = next) {
		if (signal_pending(current))
			return -ERESTARTSYS;

		next = end;
		ret = nouveau_svm_look_find(look, &start, &next, &need);
		if (ret <= 0)
			return ret;

		ret = 0;
		if (populate && need != SVM_NEED_AROUND)
			ret = nouveau_svm_prefetch_populate(look, start, next,
							    need);
		if (!ret && nouveau_svm_prefetch_any(look, start, next))
			ret = nouveau_svm_prefetch_map(look->svmm, start, next);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * nouveau_svm_prefetch_there() - map what is there
 * @svmm: the VMM, of the caller's address space
 * @start: first byte, a page's
 * @end: end, a page's
 * @populate: first have it there
 *
 * Nothing is moved for it.
 *
 * Return: 0; -ENOMEM; -EINTR, -ERESTARTSYS.
 */
int
nouveau_svm_prefetch_there(struct nouveau_svmm *svmm, unsigned long start,
			   unsigned long end, bool populate)
{
	struct nouveau_svm_look *look = nouveau_svm_look_new(svmm, start, end);
	int ret;

	if (IS_ERR(look))
		return PTR_ERR(look);

	ret = nouveau_svm_prefetch_walk(look, start, end, populate);
	nouveau_svm_look_del(look);
	return ret;
}

/**
 * nouveau_svm_prefetch() - have memory where it will be needed, and mapped
 * @svmm: the VMM, of the caller's address space
 * @start: first byte, a page's
 * @end: end, a page's
 * @to_vram: where: in VRAM; else in RAM
 *
 * What can't be there is mapped where it is.  What nobody has touched yet is
 * populated.
 *
 * Return: 0; what nouveau_svm_migrate() says; -ENOMEM.
 */
int
nouveau_svm_prefetch(struct nouveau_svmm *svmm, unsigned long start,
		     unsigned long end, bool to_vram)
{
	u64 moved;
	int ret;

	ret = nouveau_svm_migrate(svmm, start, end, to_vram, &moved);
	return ret ?: nouveau_svm_prefetch_there(svmm, start, end, true);
}

/* Again */

static void
nouveau_svm_prefetch_queue(struct nouveau_svm_range *range)
{
	const unsigned int looks = NOUVEAU_SVM_PREFETCH_AGAIN - range->tries;
	const unsigned long pause =
		msecs_to_jiffies(NOUVEAU_SVM_PREFETCH_PAUSE_MS <<
				 min(looks, NOUVEAU_SVM_PREFETCH_DOUBLED));
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	if (list_empty(&range->again))
		list_add_tail(&range->again, &svmm->again);
	kthread_queue_delayed_work(svmm->worker, &svmm->ahead, pause);
}

/**
 * nouveau_svm_prefetch_again() - what faults shall not have to ask for changes
 * @range: the range
 * @start: first byte that changes
 * @end: end of them
 *
 * If that is advised for any of it, the worker maps it again.  May run in
 * reclaim.
 */
void
nouveau_svm_prefetch_again(struct nouveau_svm_range *range, u64 start, u64 end)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	start = max_t(u64, start, drm_gpusvm_range_start(&range->base));
	end = min_t(u64, end, drm_gpusvm_range_end(&range->base));
	if (svmm->stopped ||
	    !nouveau_svm_advice_has(svmm, start, end,
				    NOUVEAU_SVM_ADVISED_ACCESSED_BY))
		return;

	range->tries = NOUVEAU_SVM_PREFETCH_AGAIN;
	nouveau_svm_prefetch_queue(range);
}

/**
 * nouveau_svm_prefetch_moved() - memory has arrived where it was moved to
 * @svmm: the VMM
 * @start: first byte
 * @end: end
 */
void
nouveau_svm_prefetch_moved(struct nouveau_svmm *svmm, u64 start, u64 end)
{
	struct nouveau_svm_range *range;

	if (!nouveau_svm_advice_any(svmm))
		return;

	down_write(&svmm->gpusvm.notifier_lock);
	for (range = nouveau_svm_range_first(svmm, start, end); range;
	     range = nouveau_svm_range_next(range, start, end))
		nouveau_svm_prefetch_again(range, start, end);
	up_write(&svmm->gpusvm.notifier_lock);
}

static bool
nouveau_svm_prefetch_whole(struct nouveau_svm_range *range, u64 start, u64 end)
{
	unsigned int first, last;
	bool whole;

	drm_gpusvm_notifier_lock(range->base.gpusvm);
	nouveau_svm_range_part(range, start, end, &first, &last);
	whole = find_next_zero_bit(range->mapped, last, first) >= last;
	drm_gpusvm_notifier_unlock(range->base.gpusvm);
	return whole;
}

/*
 * Those parts of a range for which it is advised.  Return: false if something
 * of them is not there.
 */
static bool
nouveau_svm_prefetch_advised(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const unsigned long end = drm_gpusvm_range_end(&range->base);
	unsigned long next, start = drm_gpusvm_range_start(&range->base);
	bool whole = true;
	u8 flags;

	for (; start < end; start = next) {
		next = end;
		flags = nouveau_svm_advice_get(svmm, start, &next).flags;
		if (flags & NOUVEAU_SVM_ADVISED_ACCESSED_BY)
			whole &= !nouveau_svm_prefetch_range(range, start,
							     next) &&
				 nouveau_svm_prefetch_whole(range, start, next);
	}

	return whole;
}

/* Take those that are to be mapped now. */
static void
nouveau_svm_prefetch_take(struct nouveau_svmm *svmm, struct list_head *list)
{
	down_write(&svmm->gpusvm.notifier_lock);
	list_splice_init(&svmm->again, list);
	up_write(&svmm->gpusvm.notifier_lock);
}

/* The next one of them; NULL if there is no more. */
static struct nouveau_svm_range *
nouveau_svm_prefetch_next(struct nouveau_svmm *svmm, struct list_head *list)
{
	struct nouveau_svm_range *range;

	lockdep_assert_held(&svmm->lock);

	down_write(&svmm->gpusvm.notifier_lock);
	range = list_first_entry_or_null(list, struct nouveau_svm_range, again);
	if (range) {
		list_del_init(&range->again);
		range->tries--;
	}
	up_write(&svmm->gpusvm.notifier_lock);
	return range;
}

/* It is looked for once more. */
static void
nouveau_svm_prefetch_later(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	down_write(&svmm->gpusvm.notifier_lock);
	if (range->tries && !svmm->stopped)
		nouveau_svm_prefetch_queue(range);
	up_write(&svmm->gpusvm.notifier_lock);
}

/**
 * nouveau_svm_prefetch_work() - map again what has changed
 * @work: &nouveau_svmm.ahead
 */
void
nouveau_svm_prefetch_work(struct kthread_work *work)
{
	struct nouveau_svmm *svmm =
		container_of(work, struct nouveau_svmm, ahead.work);
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct nouveau_svm_range *range;
	LIST_HEAD(list);

	/* Pairs with WRITE_ONCE() in nouveau_svmm_close(). */
	if (READ_ONCE(svmm->closing) || !mmget_not_zero(mm))
		return;

	mutex_lock(&svmm->lock);
	nouveau_svm_prefetch_take(svmm, &list);
	while ((range = nouveau_svm_prefetch_next(svmm, &list))) {
		if (!nouveau_svm_prefetch_advised(range))
			nouveau_svm_prefetch_later(range);
	}
	mutex_unlock(&svmm->lock);
	/* Without the lock: this may be the end of the address space. */
	mmput(mm);
}

/* Dropping */

/* As madvise(MADV_DONTNEED) could, and where it may. */
static bool
nouveau_svm_discard_may(struct vm_area_struct *vma)
{
	return nouveau_dmem_movable(vma) && vma->vm_flags & VM_WRITE &&
	       !(vma->vm_flags & (VM_LOCKED | VM_SEALED)) &&
	       !userfaultfd_armed(vma);
}

/* The next mapping.  Return: 0, with the end of what has been seen; -EINTR. */
static int
nouveau_svm_discard_step(struct mm_struct *mm, unsigned long start,
			 unsigned long end, unsigned long *next)
{
	struct vm_area_struct *vma;
	int ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	*next = end;
	vma = find_vma_intersection(mm, start, end);
	if (vma) {
		start = max(start, vma->vm_start);
		*next = min3(end, vma->vm_end,
			     start + NOUVEAU_SVM_DISCARD_STEP);
		if (nouveau_svm_discard_may(vma))
			zap_vma_range(vma, start, *next - start);
	}
	mmap_read_unlock(mm);
	return 0;
}

/**
 * nouveau_svm_discard() - drop the content of memory
 * @svmm: the VMM, of the caller's address space
 * @start: first byte, a page's
 * @end: end, a page's
 *
 * Private anonymous memory that may be written becomes zeros, and what held it
 * is free, wherever it was: nothing is copied.  All else stays as it is.
 *
 * Return: 0; -EINTR, -ERESTARTSYS: some of it has been dropped.
 */
int
nouveau_svm_discard(struct nouveau_svmm *svmm, unsigned long start,
		    unsigned long end)
{
	int ret = 0;

	for (; !ret && start < end; ) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		ret = nouveau_svm_discard_step(svmm->gpusvm.mm, start, end,
					       &start);
	}

	return ret;
}
