// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, walks: has the pages of a range there that faults need,
 * and finds what is there around them.  Does not know of faults, nor why a page
 * can't be had.  How pages are mapped is in nouveau_svm_map.c.
 *
 * Locking: pages are got with &nouveau_svmm.lock held, and are not referenced;
 * why that is right, see there.
 *
 * drm_gpusvm_get_pages() is not used: it gets a range as a whole, populating
 * all of it, with one permission for all of its pages.  Here each page stands
 * for itself.  Nor does HMM fault pages in: it would do so for all that it is
 * asked to look at, and looks at each part twice or more for it.
 */
#include <linux/hmm.h>
#include <linux/sched/mm.h>
#include <linux/userfaultfd_k.h>

#include "nouveau_drv.h"
#include "nouveau_svm_look.h"
#include "nouveau_svm_priv.h"

/* What is gone again after so many faults is left to the next try of the batch. */
#define NOUVEAU_SVM_WALK_TRIES	4

/**
 * nouveau_svm_walk_clear() - a walk that looks for nothing yet
 * @walk: the walk
 */
void
nouveau_svm_walk_clear(struct nouveau_svm_walk *walk)
{
	bitmap_zero(walk->look, NOUVEAU_SVM_RANGE_PAGES);
	bitmap_zero(walk->wanted, NOUVEAU_SVM_RANGE_PAGES);
	bitmap_zero(walk->need, NOUVEAU_SVM_RANGE_PAGES);
	bitmap_zero(walk->write, NOUVEAU_SVM_RANGE_PAGES);
	bitmap_zero(walk->ahead, NOUVEAU_SVM_RANGE_PAGES);
	bitmap_zero(walk->tried, NOUVEAU_SVM_RANGE_PAGES);
	walk->flags = 0;
	walk->huge = 0;
}

/**
 * nouveau_svm_walk_single() - a walk is about one page that is to be written
 * @walk: the walk
 * @i: the page
 */
void
nouveau_svm_walk_single(struct nouveau_svm_walk *walk, unsigned int i)
{
	bitmap_zero(walk->look, NOUVEAU_SVM_RANGE_PAGES);
	__set_bit(i, walk->look);
	__set_bit(i, walk->need);
	__set_bit(i, walk->write);
	walk->huge = 0;
}

/**
 * nouveau_svm_walk_begin() - begin to look
 * @range: the range
 * @walk: the walk
 *
 * What is found from now on holds true unless an event hits the range.
 */
void
nouveau_svm_walk_begin(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk)
{
	drm_gpusvm_notifier_lock(range->base.gpusvm);
	walk->invals = range->invals;
	drm_gpusvm_notifier_unlock(range->base.gpusvm);
}

/* Looking */

static int
nouveau_svm_walk_ask(struct nouveau_svm_range *range,
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
 * to its size, and no range is larger: all of the part is in it.
 */
static void
nouveau_svm_walk_mend(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk, unsigned int first,
		      unsigned int last)
{
	const unsigned long mask = PFN_DOWN(PMD_SIZE) - 1;
	const unsigned long pfn = walk->pfns[first];
	unsigned int i;

	if (!(pfn & HMM_PFN_VALID) ||
	    hmm_pfn_to_map_order(pfn) != PMD_SHIFT - PAGE_SHIFT ||
	    !is_device_private_page(hmm_pfn_to_page(pfn)))
		return;

	for (i = first; i < last; i++) {
		walk->pfns[i] &= ~mask;
		walk->pfns[i] |= PFN_DOWN(nouveau_svm_range_addr(range, i)) &
				 mask;
	}
}

/**
 * nouveau_svm_walk_hmm() - get pages, or look which there are
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
nouveau_svm_walk_hmm(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, unsigned int first,
		     unsigned int last, enum nouveau_svm_need need)
{
	void *owner = nouveau_svm_range_svmm(range)->svm->drm->dev;
	unsigned int i;
	int ret;

	lockdep_assert_held(&nouveau_svm_range_svmm(range)->lock);

	ret = nouveau_svm_walk_ask(range, walk, first, last, need, owner);
	if (!ret)
		nouveau_svm_walk_mend(range, walk, first, last);
	if (need != SVM_NEED_WRITE)
		return ret;

	for (i = first; !ret && i < last; i++) {
		if (!(walk->pfns[i] & HMM_PFN_WRITE))
			ret = nouveau_svm_walk_ask(range, walk, i, i + 1,
						   need, NULL);
	}

	return ret;
}

/**
 * nouveau_svm_walk_add() - look at pages that are neither mapped nor asked for
 * @range: the range
 * @walk: the walk
 * @first: first page
 * @count: how many; a power of two, and @first a multiple of it
 */
void
nouveau_svm_walk_add(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk, unsigned int first,
		     unsigned int count)
{
	const unsigned int words = BITS_TO_LONGS(count);
	unsigned int i, word = BIT_WORD(first);
	unsigned long mask = ~0ul;

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (count < BITS_PER_LONG)
		mask = GENMASK(count - 1, 0) << (first % BITS_PER_LONG);
	for (i = 0; i < words; i++, word++)
		walk->look[word] |= mask & ~range->mapped[word] &
				    ~walk->wanted[word];
}

static bool
nouveau_svm_walk_lacks(struct nouveau_svm_walk *walk, unsigned int i)
{
	const unsigned long flags = test_bit(i, walk->write) ?
		HMM_PFN_VALID | HMM_PFN_WRITE : HMM_PFN_VALID;

	return (walk->pfns[i] & flags) != flags;
}

/* The first page from @i on that has to be there, is not, and was not tried. */
static unsigned int
nouveau_svm_walk_lacking(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk, unsigned int i)
{
	const unsigned int last = range->npages;

	while ((i = find_next_andnot_bit(walk->need, walk->tried, last, i)) <
	       last && !nouveau_svm_walk_lacks(walk, i))
		i++;

	return i;
}

/* What is there?  What can't be seen now, is not. */
static void
nouveau_svm_walk_look_part(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk, unsigned int first,
			   unsigned int last)
{
	if (nouveau_svm_walk_hmm(range, walk, first, last, SVM_NEED_AROUND))
		memset(&walk->pfns[first], 0,
		       (last - first) * sizeof(*walk->pfns));
}

/* Look at those parts in which a page of @which is. */
static void
nouveau_svm_walk_look(struct nouveau_svm_range *range,
		      struct nouveau_svm_walk *walk,
		      const unsigned long *which)
{
	unsigned int first, last;

	for_each_set_bitrange(first, last, walk->look, range->npages) {
		if (find_next_bit(which, last, first) < last)
			nouveau_svm_walk_look_part(range, walk, first, last);
	}
}

/* The mapping at an address; most often the one of the address before. */
static struct vm_area_struct *
nouveau_svm_walk_vma(struct mm_struct *mm, struct vm_area_struct *vma,
		     unsigned long addr)
{
	mmap_assert_locked(mm);

	return vma && addr < vma->vm_end ? vma : vma_lookup(mm, addr);
}

/*
 * As fixup_user_fault(), which goes on with what has to be waited for; but the
 * mapping is not looked for anew for each page.
 */
static int
nouveau_svm_walk_fault_addr(struct mm_struct *mm, struct vm_area_struct **vma,
			    unsigned long addr, unsigned int flags)
{
	const unsigned int retry = FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	vm_fault_t fault;
	bool unlocked;

	mmap_assert_locked(mm);

	*vma = nouveau_svm_walk_vma(mm, *vma, addr);
	if (!*vma)
		return -EFAULT;
	if (flags & FAULT_FLAG_WRITE && !((*vma)->vm_flags & VM_WRITE))
		return -EFAULT;

	fault = handle_mm_fault(*vma, addr, flags | retry, NULL);
	if (fault & VM_FAULT_ERROR)
		return vm_fault_to_errno(fault, 0);
	if (!(fault & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		return 0;

	/* The lock was dropped. */
	*vma = NULL;
	mmap_read_lock(mm);
	return fault & VM_FAULT_COMPLETED ? 0 :
	       fixup_user_fault(mm, addr, flags, &unlocked);
}

static int
nouveau_svm_walk_fault_one(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk, unsigned int i,
			   struct vm_area_struct **vma)
{
	const unsigned int flags = FAULT_FLAG_REMOTE |
		(test_bit(i, walk->write) ? FAULT_FLAG_WRITE : 0);

	/* Nothing that a fault could change. */
	if (walk->pfns[i] & HMM_PFN_ERROR)
		return -EFAULT;

	return nouveau_svm_walk_fault_addr(range->base.gpusvm->mm, vma,
					   nouveau_svm_range_addr(range, i),
					   flags);
}

/*
 * Have pages there that are lacking: one bad page must not cost its neighbours.
 * Where memory is short, no more is asked for in this pass: each attempt costs a
 * futile reclaim.
 */
static void
nouveau_svm_walk_fault(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk, unsigned int i,
		       unsigned int last)
{
	struct mm_struct *mm = range->base.gpusvm->mm;
	struct vm_area_struct *vma = NULL;
	int err = 0;

	if (mmap_read_lock_killable(mm))
		return;

	for (; (i = nouveau_svm_walk_lacking(range, walk, i)) < last; i++) {
		if (err != -ENOMEM && err != -EINTR)
			err = nouveau_svm_walk_fault_one(range, walk, i, &vma);
		walk->err[i] = err;
		__set_bit(i, walk->tried);
	}
	mmap_read_unlock(mm);
}

/*
 * Faults ask for small pages, and get what the process gets: whether others came
 * along with the first, as parts of a huge page, a look at the next one tells.
 */
static void
nouveau_svm_walk_fault_all(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk, unsigned int i)
{
	nouveau_svm_walk_fault(range, walk, i, i + 1);
	i = nouveau_svm_walk_lacking(range, walk, i + 1);
	if (i >= range->npages)
		return;

	nouveau_svm_walk_look_part(range, walk, i, i + 1);
	if (!nouveau_svm_walk_lacks(walk, i))
		nouveau_svm_walk_look(range, walk, walk->need);
	nouveau_svm_walk_fault(range, walk, i, range->npages);
}

/* Whoever watches faults is not asked for what the GPU has not asked for. */
static bool
nouveau_svm_walk_may_ahead(struct mm_struct *mm, struct vm_area_struct **vma,
			   unsigned long addr)
{
	mmap_assert_locked(mm);

	*vma = nouveau_svm_walk_vma(mm, *vma, addr);
	return *vma && vma_is_anonymous(*vma) && !userfaultfd_armed(*vma);
}

/*
 * What is there already shall stay as it is: mapped where it is now, it would have
 * no fault that moves it to where it shall be.
 */
static void
nouveau_svm_walk_look_ahead(struct nouveau_svm_range *range,
			    struct nouveau_svm_walk *walk)
{
	unsigned int i, first, last;

	for_each_set_bitrange(first, last, walk->ahead, range->npages) {
		nouveau_svm_walk_look_part(range, walk, first, last);
		for (i = first; i < last; i++) {
			if (walk->pfns[i])
				__clear_bit(i, walk->ahead);
		}
	}

	bitmap_or(walk->look, walk->look, walk->ahead, range->npages);
}

/*
 * To be written, if anything that is asked for is.  Where that can't be had there
 * is nothing in advance.
 */
static void
nouveau_svm_walk_fault_ahead(struct nouveau_svm_range *range,
			     struct nouveau_svm_walk *walk)
{
	const unsigned int flags = FAULT_FLAG_REMOTE |
		(bitmap_empty(walk->write, range->npages) ? 0 :
		 FAULT_FLAG_WRITE);
	struct mm_struct *mm = range->base.gpusvm->mm;
	struct vm_area_struct *vma = NULL;
	unsigned long addr;
	unsigned int i;

	for_each_set_bit(i, walk->tried, range->npages) {
		if (walk->err[i])
			return;
	}

	if (mmap_read_lock_killable(mm))
		return;

	for_each_set_bit(i, walk->ahead, range->npages) {
		addr = nouveau_svm_range_addr(range, i);
		if (!nouveau_svm_walk_may_ahead(mm, &vma, addr) ||
		    nouveau_svm_walk_fault_addr(mm, &vma, addr, flags))
			break;
	}
	mmap_read_unlock(mm);
}

/* Those for which nothing speaks against another try. */
static void
nouveau_svm_walk_untry(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk)
{
	unsigned int i;

	for_each_set_bit(i, walk->tried, range->npages) {
		if (!walk->err[i] && nouveau_svm_walk_lacks(walk, i))
			__clear_bit(i, walk->tried);
	}
}

/*
 * A page in VRAM that may not be written, as after fork(), comes to RAM with one
 * fault and becomes another one with the next.
 */
static void
nouveau_svm_walk_populate(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk)
{
	unsigned int tries, i;

	for (tries = 0; tries < NOUVEAU_SVM_WALK_TRIES; tries++) {
		i = nouveau_svm_walk_lacking(range, walk, 0);
		if (i >= range->npages)
			return;
		if (!tries)
			nouveau_svm_walk_look_ahead(range, walk);
		nouveau_svm_walk_fault_all(range, walk, i);
		if (!tries)
			nouveau_svm_walk_fault_ahead(range, walk);
		nouveau_svm_walk_look(range, walk, walk->tried);
		nouveau_svm_walk_untry(range, walk);
	}

	for_each_andnot_bit(i, walk->need, walk->tried, range->npages) {
		if (nouveau_svm_walk_lacks(walk, i))
			walk->err[i] = -EBUSY;
	}
}

/*
 * What the CPU has in one piece, the GPU may have in one: then all of it is to be
 * looked at.  Smaller pieces than a whole range are in what is looked at anyway.
 * Return: a page of it that is wanted, or the number of all pages.
 */
static unsigned int
nouveau_svm_walk_find_huge(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk)
{
	const unsigned int pages = nouveau_svm_size_pages(NVKM_SVM_2M);
	unsigned int i;

	for_each_and_bit(i, walk->wanted, walk->look, range->npages) {
		struct page *page = hmm_pfn_to_page(walk->pfns[i]);

		if (walk->pfns[i] & HMM_PFN_VALID &&
		    folio_nr_pages(page_folio(page)) >= pages)
			break;
	}

	return i;
}

/*
 * If it has it in one entry as well, what is known of one page tells of all of
 * them; but not what was seen before a fault made it writable.  Return: whether
 * that is so.
 */
static bool
nouveau_svm_walk_known(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk, unsigned int i)
{
	const unsigned long mask = PFN_DOWN(PMD_SIZE) - 1;
	const unsigned long pfn = walk->pfns[i];

	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	if (hmm_pfn_to_map_order(pfn) != PMD_SHIFT - PAGE_SHIFT ||
	    !bitmap_empty(range->mapped, range->npages) ||
	    (!(pfn & HMM_PFN_WRITE) &&
	     !bitmap_empty(walk->write, range->npages)))
		return false;

	walk->huge = pfn & ~mask;
	return true;
}

/* Return: whether to look at all pages. */
static bool
nouveau_svm_walk_widen(struct nouveau_svm_range *range,
		       struct nouveau_svm_walk *walk)
{
	bool unknown = false;
	unsigned int i;

	if (range->size_max < NVKM_SVM_2M)
		return false;

	drm_gpusvm_notifier_lock(range->base.gpusvm);
	/* Else nobody knows what became of the pages found. */
	if (nouveau_svm_map_current(range, walk)) {
		i = nouveau_svm_walk_find_huge(range, walk);
		if (i < range->npages) {
			nouveau_svm_walk_add(range, walk, 0, range->npages);
			unknown = !nouveau_svm_walk_known(range, walk, i);
		}
	}
	drm_gpusvm_notifier_unlock(range->base.gpusvm);
	return unknown;
}

/* Is anything in the same piece to be written? */
static bool
nouveau_svm_walk_written(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk, unsigned int page)
{
	const unsigned int pages = nouveau_svm_size_pages(NVKM_SVM_64K);
	const unsigned int first = ALIGN_DOWN(page, pages);
	const unsigned int last = min(range->npages, first + pages);

	return find_next_bit(walk->write, last, first) < last;
}

/* From now on, each page is known by itself. */
static void
nouveau_svm_walk_spread(struct nouveau_svm_range *range,
			struct nouveau_svm_walk *walk)
{
	unsigned int i;

	if (!walk->huge)
		return;

	for (i = 0; i < range->npages; i++)
		walk->pfns[i] = walk->huge + i;
	walk->huge = 0;
}

/*
 * What reads leave where it is, is mapped so that a write will be a fault: in
 * pieces that can move.
 */
static void
nouveau_svm_walk_protect(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	unsigned long addr, next = 0;
	u8 flags = 0;
	unsigned int i;

	nouveau_svm_walk_spread(range, walk);
	for_each_set_bit(i, walk->look, range->npages) {
		addr = nouveau_svm_range_addr(range, i);
		if (addr >= next) {
			next = drm_gpusvm_range_end(&range->base);
			flags = nouveau_svm_advice_get(svmm, addr, &next).flags;
		}
		if (flags & NOUVEAU_SVM_ADVISED_READ_MOSTLY &&
		    !nouveau_svm_walk_written(range, walk, i))
			walk->pfns[i] &= ~HMM_PFN_WRITE;
	}
}

/**
 * nouveau_svm_walk_get() - get what a walk looks for
 * @range: the range
 * @walk: the walk
 */
void
nouveau_svm_walk_get(struct nouveau_svm_range *range,
		     struct nouveau_svm_walk *walk)
{
	nouveau_svm_walk_look(range, walk, walk->look);
	nouveau_svm_walk_populate(range, walk);
	if (nouveau_svm_walk_widen(range, walk))
		nouveau_svm_walk_look_part(range, walk, 0, range->npages);
	if (nouveau_svm_advice_has(nouveau_svm_range_svmm(range),
				   drm_gpusvm_range_start(&range->base),
				   drm_gpusvm_range_end(&range->base),
				   NOUVEAU_SVM_ADVISED_READ_MOSTLY))
		nouveau_svm_walk_protect(range, walk);
}
