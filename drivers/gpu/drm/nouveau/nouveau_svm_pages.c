// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, pages: which pages of a process faults ask for, and
 * what to look at around them.  Does not decide which accesses are cancelled or
 * replayed, only why one can't be served.  How pages are got is in
 * nouveau_svm_walk.c, and how they are mapped in nouveau_svm_map.c.
 *
 * Locking: &nouveau_svmm.lock, and the notifier lock where it is said.
 */
#include <linux/hmm.h>
#include <linux/kthread.h>
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>

#include "nouveau_drv.h"
#include "nouveau_svm_look.h"
#include "nouveau_svm_priv.h"

/*
 * A fault maps what is populated in so many pages around it, and in more where
 * memory is used densely: a program that streams through memory gets all of a
 * range after a few faults, one that jumps about does not pay for what it
 * leaves out.
 */
#define NOUVEAU_SVM_AROUND_PAGES	16

/* Why not? */

/*
 * Such a monitor is not asked for what the kernel touches, and the GPU's faults
 * are the kernel's.  Both words are set before the memory is registered.
 */
static bool
nouveau_svm_pages_user_fault(struct vm_area_struct *vma)
{
#ifdef CONFIG_USERFAULTFD
	const struct userfaultfd_ctx *ctx = vma->vm_userfaultfd_ctx.ctx;

	return ctx && ((ctx->flags & UFFD_USER_MODE_ONLY) ||
		       (ctx->features & UFFD_FEATURE_SIGBUS));
#else
	return false;
#endif
}

/*
 * An address below a stack is as good as one in it, if the stack may grow so
 * far.  No function to grow it is exported, but touching it as the process
 * would does: with a page fault, in which the limit is that of kernel threads,
 * the default.
 */
static bool
nouveau_svm_pages_grow_stack(struct mm_struct *mm, u64 addr)
{
	struct vm_area_struct *above;
	bool stack;

	if (mmap_read_lock_killable(mm))
		return false;
	above = find_vma(mm, addr);
	stack = above && (above->vm_flags & VM_GROWSDOWN);
	mmap_read_unlock(mm);
	if (!stack)
		return false;

	kthread_use_mm(mm);
	stack = !fault_in_readable(u64_to_user_ptr(addr), 1);
	kthread_unuse_mm(mm);
	return stack;
}

/**
 * nouveau_svm_pages_judge() - whether a failure is final, and why
 * @svmm: the VMM
 * @fault: the fault; its reason is set if it can never be served
 * @err: what went wrong
 *
 * An error code alone says too little (an address without a mapping and one
 * whose mapping has just changed look alike), and a channel's life hangs on it:
 * what the process's mapping is now decides.
 */
void
nouveau_svm_pages_judge(struct nouveau_svmm *svmm,
			struct nouveau_svm_fault *fault, int err)
{
	const enum nvkm_svm_access access = fault->packet.access;
	enum nouveau_svm_reason reason = SVM_REASON_NONE;
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct vm_area_struct *vma;

	if (mmap_read_lock_killable(mm))
		return;

	vma = vma_lookup(mm, fault->packet.addr);
	if (check_stable_address_space(mm))
		reason = SVM_REASON_GONE;
	else if (!vma)
		reason = SVM_REASON_NO_MAPPING;
	else if (vma->vm_flags & (VM_IO | VM_PFNMAP) || err == -EIO)
		reason = SVM_REASON_IO;
	else if (!(vma->vm_flags & VM_READ))
		reason = SVM_REASON_NO_ACCESS;
	else if (access >= NVKM_SVM_WRITE && !(vma->vm_flags & VM_WRITE))
		reason = SVM_REASON_READ_ONLY;
	else if (access == NVKM_SVM_ATOMIC && err == -EOPNOTSUPP)
		reason = SVM_REASON_NO_ATOMIC;
	else if (err == -EFAULT && nouveau_svm_pages_user_fault(vma))
		reason = SVM_REASON_USER_FAULT;
	else if (err == -EFAULT || err == -EHWPOISON)
		reason = SVM_REASON_NO_PAGE;
	mmap_read_unlock(mm);

	if (reason == SVM_REASON_NO_MAPPING &&
	    nouveau_svm_pages_grow_stack(mm, fault->packet.addr))
		reason = SVM_REASON_NONE;
	fault->reason = reason;
}

static unsigned int
nouveau_svm_pages_weight(const unsigned long *map, unsigned int first,
			 unsigned int count)
{
	if (count >= BITS_PER_LONG)
		return bitmap_weight(map + BIT_WORD(first), count);

	return hweight_long((map[BIT_WORD(first)] >> (first % BITS_PER_LONG)) &
			    GENMASK(count - 1, 0));
}

/*
 * Widen what is looked at around a page: to the largest aligned block of which
 * more than half is mapped or wanted, as @used of the whole range are; but not
 * time and again where the GPU is the first to touch each page.  Return: the last
 * page of it; for all in there the answer is the same.
 */
static unsigned int
nouveau_svm_pages_around(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk, unsigned int page,
			 unsigned int used)
{
	unsigned int count = min(NOUVEAU_SVM_AROUND_PAGES, range->npages);
	unsigned int n, first;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	for (n = count * 2; n <= range->npages && used > n / 2 &&
	     !range->alone; n *= 2) {
		first = ALIGN_DOWN(page, n);
		if (nouveau_svm_pages_weight(range->mapped, first, n) +
		    nouveau_svm_pages_weight(walk->wanted, first, n) > n / 2)
			count = n;
	}

	first = ALIGN_DOWN(page, count);
	nouveau_svm_walk_add(range, walk, first, count);
	return first + count - 1;
}

/* Are all pages of an aligned block mapped?  Of none outside of a range. */
static bool
nouveau_svm_pages_whole(struct nouveau_svm_range *range, unsigned int first,
			unsigned int count)
{
	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	return first < range->npages && test_bit(first, range->mapped) &&
	       find_next_zero_bit(range->mapped, first + count, first) >=
	       first + count;
}

/*
 * Where the GPU is the first to touch one page after the other, up or down, each
 * would be a fault.  Have half as much in advance as it uses of the range.
 * Return: the last page for which the answer is the same.
 */
static unsigned int
nouveau_svm_pages_ahead(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk, unsigned int page,
			unsigned int used)
{
	const unsigned int count = rounddown_pow_of_two(max(used, 2u)) / 2;
	const unsigned int first = ALIGN_DOWN(page, count);
	unsigned int i;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (!nouveau_svm_pages_whole(range, first - count, count) &&
	    !nouveau_svm_pages_whole(range, first + count, count))
		return first + count - 1;

	for (i = first; i < first + count; i++) {
		if (!test_bit(i, range->mapped) && !test_bit(i, walk->wanted))
			__set_bit(i, walk->ahead);
	}

	return first + count - 1;
}

/*
 * Show the pages which are mapped as one with page @i again: it will be mapped
 * anew, and so may they.
 */
static void
nouveau_svm_pages_again(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk, unsigned int i)
{
	unsigned int first = i, last = i + 1;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	nouveau_svm_range_whole(range, &first, &last);
	bitmap_set(walk->look, first, last - first);
}

static void
nouveau_svm_pages_want(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk,
		       struct nouveau_svm_fault *fault)
{
	const enum nvkm_svm_access access = fault->packet.access;
	const unsigned int i = nouveau_svm_range_page(range,
						      fault->packet.addr);

	if (nouveau_svm_map_covers(range, &fault->packet)) {
		fault->done = true;
		nouveau_svm_stat_inc(nouveau_svm_range_svmm(range)->svm,
				     SVM_STAT_FAULT_SPURIOUS);
		return;
	}

	walk->err[i] = 0;
	__set_bit(i, walk->wanted);
	/* What atomics need is for nouveau_svm_exclusive_page(). */
	if (access == NVKM_SVM_ATOMIC)
		return;

	__set_bit(i, walk->look);
	if (access == NVKM_SVM_PREFETCH)
		return;

	__set_bit(i, walk->need);
	if (access == NVKM_SVM_WRITE) {
		__set_bit(i, walk->write);
		nouveau_svm_pages_again(range, walk, i);
	}
}

/* Where to look, and for what.  Return: whether anywhere. */
static bool
nouveau_svm_pages_plan(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk,
		       struct nouveau_svm_fault *faults, int nr)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	unsigned int i, used;
	int f;

	nouveau_svm_walk_clear(walk);
	drm_gpusvm_notifier_lock(gpusvm);
	walk->invals = range->invals;
	for (f = 0; f < nr; f++)
		nouveau_svm_pages_want(range, walk, &faults[f]);
	used = bitmap_weight(range->mapped, range->npages) +
	       bitmap_weight(walk->wanted, range->npages);
	for_each_set_bit(i, walk->need, range->npages)
		i = nouveau_svm_pages_ahead(range, walk, i, used);
	for_each_and_bit(i, walk->wanted, walk->look, range->npages)
		i = nouveau_svm_pages_around(range, walk, i, used);
	drm_gpusvm_notifier_unlock(gpusvm);

	return !bitmap_empty(walk->look, range->npages);
}

/* Was something there that nobody had asked for? */
static bool
nouveau_svm_pages_found(struct nouveau_svm_walk *walk,
			const unsigned long *around, unsigned int npages)
{
	unsigned int i, first, last;

	for_each_set_bitrange(first, last, around, npages) {
		for (i = first; i < last; i++) {
			if (nouveau_svm_walk_pfn(walk, i) & HMM_PFN_VALID)
				return true;
		}
	}

	return false;
}

/* Does it pay to look far around? */
static void
nouveau_svm_pages_learn(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	DECLARE_BITMAP(around, NOUVEAU_SVM_RANGE_PAGES);
	const unsigned int npages = range->npages;

	bitmap_andnot(around, walk->look, walk->wanted, npages);
	bitmap_andnot(around, around, walk->ahead, npages);
	if (nouveau_svm_pages_found(walk, around, npages))
		range->alone = false;
	else if (bitmap_weight(around, npages) > NOUVEAU_SVM_AROUND_PAGES)
		range->alone = true;
}

/**
 * nouveau_svm_pages_service() - map what faults ask for
 * @range: the range
 * @faults: faults in it
 * @nr: how many
 *
 * Faults that are served are marked done, those that can't be get a reason.
 * The rest is to be tried again.
 */
void
nouveau_svm_pages_service(struct nouveau_svm_range *range,
			  struct nouveau_svm_fault *faults, int nr)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct nouveau_svm_walk *walk = svmm->walk;
	bool huge = false;
	int f, err;

	lockdep_assert_held(&svmm->lock);

	if (nouveau_svm_range_prepare(range))
		return;

	nouveau_svm_policy_apply(range, faults, nr);
	if (nouveau_svm_pages_plan(range, walk, faults, nr)) {
		nouveau_svm_walk_get(range, walk);
		nouveau_svm_pages_learn(range, walk);
		huge = !nouveau_svm_map_commit(range, walk, faults, nr) &&
		       walk->huge;
	}

	for (f = 0; f < nr; f++) {
		struct nouveau_svm_fault *fault = &faults[f];

		if (fault->packet.access == NVKM_SVM_PREFETCH)
			fault->done = true;
		if (fault->done)
			continue;

		if (fault->packet.access == NVKM_SVM_ATOMIC)
			err = nouveau_svm_exclusive_page(range, walk, fault);
		else
			err = walk->err[nouveau_svm_range_page(range,
							       fault->packet.addr)];
		if (err)
			nouveau_svm_pages_judge(svmm, fault, err);
	}

	if (huge)
		nouveau_svm_beside_map(range);
}
