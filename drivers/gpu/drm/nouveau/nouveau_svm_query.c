// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, query: where the memory of a process is.  Looks, and
 * changes nothing.
 *
 * Locking: mmap_lock to look for VMAs and, taken by HMM, to look at pages; the
 * notifier lock for what the GPU has mapped.  None of them is held from one
 * look to the next.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * struct nouveau_svm_look - a look at the memory of a process
 */
struct nouveau_svm_look {
	/** @svmm: whose */
	struct nouveau_svmm *svmm;
	/** @notifier: tells HMM when to look again */
	struct mmu_interval_notifier notifier;
	/** @where: what has been found so far */
	struct nouveau_svm_where *where;
	/** @pfns: what one step has found */
	unsigned long pfns[NOUVEAU_SVM_RANGE_PAGES];
};

/* May run in reclaim. */
static bool
nouveau_svm_query_event(struct mmu_interval_notifier *notifier,
			const struct mmu_notifier_range *event,
			unsigned long seq)
{
	mmu_interval_set_seq(notifier, seq);
	return true;
}

static const struct mmu_interval_notifier_ops nouveau_svm_query_ops = {
	.invalidate = nouveau_svm_query_event,
};

static int
nouveau_svm_query_step(struct nouveau_svm_look *look, unsigned long start,
		       unsigned long end)
{
	struct nouveau_svm *svm = look->svmm->svm;
	struct hmm_range hmm = {
		.notifier = &look->notifier,
		.start = start,
		.end = end,
		.hmm_pfns = look->pfns,
		.dev_private_owner = svm->drm->dev,
	};
	unsigned long timeout = msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	unsigned int i;
	int ret;

	memset(look->pfns, 0, sizeof(look->pfns));
	ret = hmm_range_fault_unlocked_timeout(&hmm, timeout);
	if (ret)
		return ret == -EBUSY ? -EAGAIN : ret;

	for (i = 0; i < PHYS_PFN(end - start); i++) {
		if (!(look->pfns[i] & HMM_PFN_VALID))
			continue;
		if (nouveau_dmem_owns(svm->dmem,
				      hmm_pfn_to_page(look->pfns[i])))
			look->where->vram++;
		else
			look->where->ram++;
	}

	return 0;
}

/* The next mapping.  Return: 1 if there is one, 0 if not, -EINTR. */
static int
nouveau_svm_query_find(struct mm_struct *mm, unsigned long *start,
		       unsigned long *end)
{
	struct vm_area_struct *vma;
	int ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	vma = find_vma_intersection(mm, *start, *end);
	if (vma) {
		*start = max(*start, vma->vm_start);
		*end = min3(*end, vma->vm_end,
			    ALIGN(*start + 1, NOUVEAU_SVM_RANGE_MAX));
	}
	mmap_read_unlock(mm);
	return vma ? 1 : 0;
}

static int
nouveau_svm_query_walk(struct nouveau_svm_look *look, unsigned long start,
		       unsigned long end)
{
	unsigned long next;
	int ret;

	for (; start < end; start = next) {
		if (signal_pending(current))
			return -ERESTARTSYS;

		next = end;
		ret = nouveau_svm_query_find(look->svmm->gpusvm.mm, &start,
					     &next);
		if (ret <= 0)
			return ret;

		ret = nouveau_svm_query_step(look, start, next);
		if (ret)
			return ret;
	}

	return 0;
}

/*
 * What the GPU has for itself alone, for atomics, is in RAM, though the CPU's
 * page table does not say so.
 */
static void
nouveau_svm_query_mapped(struct nouveau_svm_look *look, unsigned long start,
			 unsigned long end)
{
	struct nouveau_svm_where *where = look->where;
	struct nouveau_svmm *svmm = look->svmm;
	struct nouveau_svm_range *range;
	unsigned int i, last;

	drm_gpusvm_notifier_lock(&svmm->gpusvm);
	for (range = nouveau_svm_range_first(svmm, start, end); range;
	     range = nouveau_svm_range_next(range, start, end)) {
		nouveau_svm_range_part(range, start, end, &i, &last);
		for_each_set_bit_from(i, range->mapped, last) {
			where->mapped++;
			where->ram += (range->page[i] &
				       (NVKM_SVM_PTE_ATOMIC |
					NVKM_SVM_PTE_VRAM)) ==
				      NVKM_SVM_PTE_ATOMIC;
		}
	}
	drm_gpusvm_notifier_unlock(&svmm->gpusvm);
}

/**
 * nouveau_svm_query() - where memory is
 * @svmm: the VMM, of the caller's address space
 * @start: first byte, a page's
 * @end: end, a page's
 * @where: the result
 *
 * Return: 0; -ENOMEM; -EAGAIN if memory does not keep still; -EINTR,
 * -ERESTARTSYS.
 */
int
nouveau_svm_query(struct nouveau_svmm *svmm, unsigned long start,
		  unsigned long end, struct nouveau_svm_where *where)
{
	struct nouveau_svm_look *look = kvzalloc_obj(*look);
	int ret;

	if (!look)
		return -ENOMEM;

	look->svmm = svmm;
	look->where = where;
	*where = (struct nouveau_svm_where) {};
	ret = mmu_interval_notifier_insert(&look->notifier, svmm->gpusvm.mm,
					   start, end - start,
					   &nouveau_svm_query_ops);
	if (!ret) {
		ret = nouveau_svm_query_walk(look, start, end);
		mmu_interval_notifier_remove(&look->notifier);
		nouveau_svm_query_mapped(look, start, end);
	}

	kvfree(look);
	return ret;
}
