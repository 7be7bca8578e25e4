// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, pages: gets the pages of a process that faults ask
 * for.  Does not decide which accesses are cancelled or replayed, only why one
 * can't be served.  How pages are mapped is in nouveau_svm_map.c.
 *
 * Locking: pages are got with &nouveau_svmm.lock held, and are not referenced;
 * why that is right, see there.
 *
 * drm_gpusvm_get_pages() is not used: it gets a range as a whole, populating
 * all of it, with one permission for all of its pages.  Here each page stands
 * for itself.
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

/* Getting pages */

/**
 * nouveau_svm_need_flags() - what to ask HMM for
 * @need: what a page is wanted for
 *
 * Return: HMM_PFN_REQ_*.
 */
unsigned long
nouveau_svm_need_flags(enum nouveau_svm_need need)
{
	static const unsigned long flags[] = {
		[SVM_NEED_AROUND] = 0,
		[SVM_NEED_READ] = HMM_PFN_REQ_FAULT,
		[SVM_NEED_WRITE] = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE,
	};

	return flags[need];
}

static int
nouveau_svm_pages_look(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk, unsigned int first,
		       unsigned int last, enum nouveau_svm_need need,
		       void *owner)
{
	struct hmm_range hmm = {
		.notifier = &range->base.notifier->notifier,
		.start = nouveau_svm_range_addr(range, first),
		.end = nouveau_svm_range_addr(range, last),
		.hmm_pfns = &walk->pfns[first],
		.dev_private_owner = owner,
	};

	return nouveau_svm_look_hmm(&hmm, need);
}

/*
 * For a huge page in VRAM of which only a part is asked for, HMM of 7.3 counts
 * from the beginning of the page instead of the part's.  Such a page is aligned
 * to its size.
 */
static void
nouveau_svm_pages_mend(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk, unsigned int i)
{
	const unsigned long mask = PFN_DOWN(PMD_SIZE) - 1;
	unsigned long *pfn = &walk->pfns[i];

	if (!(*pfn & HMM_PFN_VALID) ||
	    hmm_pfn_to_map_order(*pfn) != PMD_SHIFT - PAGE_SHIFT ||
	    !is_device_private_page(hmm_pfn_to_page(*pfn)))
		return;

	*pfn &= ~mask;
	*pfn |= PFN_DOWN(nouveau_svm_range_addr(range, i)) & mask;
}

/**
 * nouveau_svm_pages_hmm() - get pages, or look which there are
 * @range: the range
 * @walk: the walk; gets them
 * @first: first page
 * @last: end of pages
 * @need: what for
 *
 * HMM takes any page in VRAM for good enough.  If it may not be written, as
 * after fork(), the kernel must have it back for making another one.
 *
 * Return: 0; what HMM says.
 */
int
nouveau_svm_pages_hmm(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk, unsigned int first,
		      unsigned int last, enum nouveau_svm_need need)
{
	void *owner = nouveau_svm_range_svmm(range)->svm->drm->dev;
	unsigned int i;
	int ret;

	ret = nouveau_svm_pages_look(range, walk, first, last, need, owner);
	for (i = first; !ret && i < last; i++) {
		nouveau_svm_pages_mend(range, walk, i);
		if (need == SVM_NEED_WRITE && !(walk->pfns[i] & HMM_PFN_WRITE))
			ret = nouveau_svm_pages_look(range, walk, i, i + 1,
						     need, NULL);
	}

	return ret;
}

/*
 * Run by run of pages that are needed for the same: HMM faults in all that it
 * is asked for, and to ask it for more would populate what nobody touches.
 * Where a run fails, page by page, for one bad page must not cost its
 * neighbours.  Where memory is short, no more is asked for in this pass: each
 * attempt costs a futile reclaim.  What is populated all the same is found with
 * what is around.
 */
static void
nouveau_svm_pages_walk_wanted(struct nouveau_svm_range *range,
			      struct nouveau_svm_walk *walk)
{
	bool single = false, starved = false;
	unsigned int i, j;
	int err;

	for (i = walk->first; i < walk->last; i = j) {
		const u8 need = walk->need[i];

		j = i + 1;
		if (need < SVM_NEED_READ)
			continue;
		if (starved) {
			walk->need[i] = SVM_NEED_AROUND;
			walk->err[i] = -ENOMEM;
			continue;
		}
		while (!single && j < walk->last && walk->need[j] == need)
			j++;

		err = nouveau_svm_pages_hmm(range, walk, i, j, need);
		if (!err)
			continue;

		if (j - i > 1) {
			single = true;
			j = i;
			continue;
		}

		walk->pfns[i] = 0;
		walk->err[i] = err;
		starved = err == -ENOMEM;
	}
}

/* What is populated around them; if it can't be seen now, then not. */
static void
nouveau_svm_pages_walk_around(struct nouveau_svm_range *range,
			      struct nouveau_svm_walk *walk)
{
	unsigned int i, j;

	for (i = walk->first; i < walk->last; i = j) {
		j = i + 1;
		if (walk->need[i] != SVM_NEED_AROUND)
			continue;
		while (j < walk->last && walk->need[j] == SVM_NEED_AROUND)
			j++;

		if (nouveau_svm_pages_hmm(range, walk, i, j, SVM_NEED_AROUND))
			memset(&walk->pfns[i], 0,
			       (j - i) * sizeof(*walk->pfns));
	}
}

/*
 * What the CPU has in one piece, the GPU may have in one: then look at all of
 * it.  Smaller pieces than a whole range are in what is looked at anyway.
 */
static void
nouveau_svm_pages_widen(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	const unsigned int pages = nouveau_svm_size_pages(NVKM_SVM_2M);
	bool widen = false;
	unsigned int i;

	if (range->size_max < NVKM_SVM_2M)
		return;

	drm_gpusvm_notifier_lock(range->base.gpusvm);
	/* Else nobody knows what became of the pages found. */
	if (nouveau_svm_map_current(range, walk)) {
		for_each_set_bit(i, walk->wanted, range->npages) {
			struct page *page = hmm_pfn_to_page(walk->pfns[i]);

			widen |= walk->pfns[i] & HMM_PFN_VALID &&
				 folio_nr_pages(page_folio(page)) >= pages;
		}
	}
	for (i = 0; i < range->npages && widen; i++) {
		if (walk->need[i] == SVM_NEED_SKIP &&
		    !test_bit(i, range->mapped) && !test_bit(i, walk->wanted))
			walk->need[i] = SVM_NEED_AROUND;
	}
	drm_gpusvm_notifier_unlock(range->base.gpusvm);

	if (widen) {
		walk->first = 0;
		walk->last = range->npages;
	}
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
 * more than half is mapped or wanted.  Return: the last page of it; for all in
 * there the answer is the same.
 */
static unsigned int
nouveau_svm_pages_around(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk, unsigned int page)
{
	unsigned int count = min(NOUVEAU_SVM_AROUND_PAGES, range->npages);
	unsigned int i, n, first;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	for (n = count * 2; n <= range->npages; n *= 2) {
		first = ALIGN_DOWN(page, n);
		if (nouveau_svm_pages_weight(range->mapped, first, n) +
		    nouveau_svm_pages_weight(walk->wanted, first, n) > n / 2)
			count = n;
	}

	first = ALIGN_DOWN(page, count);
	for (i = first; i < first + count; i++) {
		if (walk->need[i] == SVM_NEED_SKIP &&
		    !test_bit(i, range->mapped) && !test_bit(i, walk->wanted))
			walk->need[i] = SVM_NEED_AROUND;
	}

	walk->first = min(walk->first, first);
	walk->last = max(walk->last, first + count);
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
	walk->first = min(walk->first, first);
	walk->last = max(walk->last, last);
	for (i = first; i < last; i++)
		walk->need[i] = max_t(u8, walk->need[i], SVM_NEED_AROUND);
}

static void
nouveau_svm_pages_want(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk,
		       struct nouveau_svm_fault *fault)
{
	static const enum nouveau_svm_need needs[] = {
		[NVKM_SVM_PREFETCH] = SVM_NEED_AROUND,
		[NVKM_SVM_READ] = SVM_NEED_READ,
		[NVKM_SVM_WRITE] = SVM_NEED_WRITE,
		[NVKM_SVM_ATOMIC] = SVM_NEED_SKIP,
	};
	const unsigned int i = nouveau_svm_range_page(range,
						      fault->packet.addr);

	if (nouveau_svm_map_covers(range, &fault->packet)) {
		fault->done = true;
		nouveau_svm_stat_inc(nouveau_svm_range_svmm(range)->svm,
				     SVM_STAT_FAULT_SPURIOUS);
		return;
	}

	if (needs[fault->packet.access] == SVM_NEED_WRITE)
		nouveau_svm_pages_again(range, walk, i);
	walk->need[i] = max_t(u8, walk->need[i], needs[fault->packet.access]);
	walk->err[i] = 0;
	__set_bit(i, walk->wanted);
}

/**
 * nouveau_svm_pages_clear() - a walk that looks for nothing yet
 * @range: the range
 * @walk: the walk
 */
void
nouveau_svm_pages_clear(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	memset(walk->need, SVM_NEED_SKIP, range->npages);
	bitmap_zero(walk->wanted, NOUVEAU_SVM_RANGE_PAGES);
	walk->first = range->npages;
	walk->last = 0;
	walk->flags = 0;
}

/* Is anything in the same piece to be written? */
static bool
nouveau_svm_pages_written(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk, unsigned int page)
{
	const unsigned int first = ALIGN_DOWN(page, NOUVEAU_SVM_AROUND_PAGES);
	const unsigned int last = min(range->npages,
				      first + NOUVEAU_SVM_AROUND_PAGES);

	return memchr(&walk->need[first], SVM_NEED_WRITE, last - first);
}

/*
 * What reads leave where it is, is mapped so that a write will be a fault: in
 * pieces that can move.
 */
static void
nouveau_svm_pages_protect(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const unsigned long end = nouveau_svm_range_addr(range, walk->last);
	unsigned long next, addr;
	u8 flags = 0;
	unsigned int i;

	next = nouveau_svm_range_addr(range, walk->first);
	for (i = walk->first; i < walk->last; i++) {
		addr = nouveau_svm_range_addr(range, i);
		if (addr == next) {
			next = end;
			flags = nouveau_svm_advice_get(svmm, addr, &next).flags;
		}
		if (flags & NOUVEAU_SVM_ADVISED_READ_MOSTLY &&
		    !nouveau_svm_pages_written(range, walk, i))
			walk->pfns[i] &= ~HMM_PFN_WRITE;
	}
}

/**
 * nouveau_svm_pages_get() - get what a walk looks for
 * @range: the range
 * @walk: the walk
 */
void
nouveau_svm_pages_get(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk)
{
	memset(walk->pfns, 0, range->npages * sizeof(*walk->pfns));
	nouveau_svm_pages_walk_wanted(range, walk);
	nouveau_svm_pages_widen(range, walk);
	nouveau_svm_pages_walk_around(range, walk);
	if (nouveau_svm_advice_any(nouveau_svm_range_svmm(range)))
		nouveau_svm_pages_protect(range, walk);
}

/* Where to look, and for what.  Return: whether anywhere. */
static bool
nouveau_svm_pages_plan(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk,
		       struct nouveau_svm_fault *faults, int nr)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	unsigned int i;
	int f;

	nouveau_svm_pages_clear(range, walk);
	drm_gpusvm_notifier_lock(gpusvm);
	walk->invals = range->invals;
	for (f = 0; f < nr; f++)
		nouveau_svm_pages_want(range, walk, &faults[f]);
	for_each_set_bit(i, walk->wanted, range->npages) {
		if (walk->need[i] != SVM_NEED_SKIP)
			i = nouveau_svm_pages_around(range, walk, i);
	}
	drm_gpusvm_notifier_unlock(gpusvm);

	return walk->first < walk->last;
}

/**
 * nouveau_svm_pages_begin() - begin to look
 * @range: the range
 * @walk: the walk
 *
 * What is found from now on holds true unless an event hits the range.
 */
void
nouveau_svm_pages_begin(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	drm_gpusvm_notifier_lock(range->base.gpusvm);
	walk->invals = range->invals;
	drm_gpusvm_notifier_unlock(range->base.gpusvm);
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
	int f, err;

	lockdep_assert_held(&svmm->lock);

	if (nouveau_svm_range_prepare(range))
		return;

	nouveau_svm_policy_apply(range, faults, nr);
	if (nouveau_svm_pages_plan(range, walk, faults, nr)) {
		nouveau_svm_pages_get(range, walk);
		nouveau_svm_map_commit(range, walk, faults, nr);
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
}
