// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, atomics in RAM: takes pages from the CPU, one for a
 * fault, and all that the GPU has lately asked for when the CPU wants them too.
 * Does not look for faults, nor for what is around them.
 *
 * Locking: &nouveau_svmm.lock.  While a page is on its way from the CPU to the
 * GPU its folio is locked, which keeps the CPU from taking it back; and mmap_lock
 * is held, for fork() fails if it meets such a page whose folio is locked.  While
 * many are on their way, it is held for writing.
 */
#include <linux/delay.h>
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Atomics in RAM
 *
 * An atomic access of the GPU over PCIe is not one with the CPU's: the GPU must
 * have the page for itself, and each side's access takes it from the other. One
 * page goes from hand to hand, and as its fault is served, the GPU gets on.
 *
 * A warp can want as many pages at once as it has threads, and the CPU takes one
 * back in less time than it takes to serve the fault of the next: then the GPU
 * never sees all of them. So what is taken shortly after the CPU has taken
 * something back is noted, the latest 64 pages of the VMM: two warps' worth. When
 * the faults of a pass have been served, and pages were noted in it, all that are
 * gone again are taken once more while no CPU can fault in their VMAs, the GPU
 * tries again, and has 50 microseconds for it. Then the CPU goes on.
 *
 * Holding mmap_lock for writing, and the VMA, is what khugepaged does for the
 * same end. The folio locks of all pages would do it too, but who waits for a
 * folio lock may hold mmap_lock, and two pages can be of one folio.
 *
 * Nothing is faulted in meanwhile, which could take as long as a disk, the copy
 * engine, or a monitor of userfaultfd likes: what the CPU does not have in RAM is
 * left to its next fault. Memory that is not anonymous gets no such turn.
 */

/*
 * When the CPU has taken a page back so recently, it is likely to do so again
 * before the GPU has seen all that it asks for even once.
 */
#define NOUVEAU_SVM_CONTENDED_MS	10
/*
 * For so long the pages stay after the replay: an atomic takes the GPU a few
 * microseconds, and the CPU can spare them.
 */
#define NOUVEAU_SVM_HOLD_US		50

static bool
nouveau_svm_exclusive_recent(unsigned long since)
{
	return since &&
	       !time_after(jiffies,
			   since + msecs_to_jiffies(NOUVEAU_SVM_CONTENDED_MS));
}

/* Remember a page that both want. */
static void
nouveau_svm_exclusive_note(struct nouveau_svmm *svmm, u64 addr)
{
	struct nouveau_svm_turn *turn = &svmm->turn;
	unsigned int i;

	lockdep_assert_held(&svmm->lock);

	/* Pairs with WRITE_ONCE() in nouveau_svm_range_unmap(). */
	if (!nouveau_svm_exclusive_recent(READ_ONCE(svmm->contended)))
		return;

	if (!nouveau_svm_exclusive_recent(turn->noted))
		turn->nr = 0;
	turn->noted = jiffies;
	turn->due = true;
	for (i = 0; i < min(turn->nr, NOUVEAU_SVM_TURN_PAGES); i++) {
		if (turn->addr[i] == addr)
			return;
	}
	turn->addr[turn->nr++ % NOUVEAU_SVM_TURN_PAGES] = addr;
}

/*
 * Take a page of which all is known up to &nouveau_svm_walk.invals.  That is
 * an event of its own, which nouveau_svm_range_invalidate() knows to leave out.
 */
static int
nouveau_svm_exclusive_take(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk, unsigned int i,
			   struct folio **folio)
{
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	struct page *page;

	mmap_assert_locked(gpusvm->mm);

	page = make_device_exclusive(gpusvm->mm,
				     nouveau_svm_range_addr(range, i),
				     nouveau_svmm(gpusvm)->svm->drm->dev,
				     folio);
	if (IS_ERR(page))
		return PTR_ERR(page);

	nouveau_svm_walk_single(walk, i);
	walk->flags = NVKM_SVM_PTE_ATOMIC;
	walk->pfns[i] = page_to_pfn(page) | HMM_PFN_VALID | HMM_PFN_WRITE;
	return 0;
}

static int
nouveau_svm_exclusive_commit(struct nouveau_svm_range *range,
			     struct nouveau_svm_walk *walk,
			     struct nouveau_svm_fault *fault,
			     struct folio *folio)
{
	int ret;

	mmap_assert_locked(range->base.gpusvm->mm);

	ret = nouveau_svm_map_commit(range, walk, fault, fault ? 1 : 0);
	folio_unlock(folio);
	folio_put(folio);
	if (!ret)
		nouveau_svm_stat_inc(nouveau_svm_range_svmm(range)->svm,
				     SVM_STAT_PAGES_EXCLUSIVE);
	return ret;
}

/**
 * nouveau_svm_exclusive_page() - map the page of a fault for atomics
 * @range: the range
 * @walk: the walk
 * @fault: the fault
 *
 * All events must be through before they are counted: the page is made present,
 * writable and not exclusive first, and events that are under way are waited
 * for.  Once it is taken, the folio lock keeps the CPU from taking it back until
 * it is mapped.  In VRAM, atomics need no more than writes.
 *
 * Return: 0; -EAGAIN; what says why it can't be had, for
 * nouveau_svm_pages_judge().
 */
int
nouveau_svm_exclusive_page(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk,
			   struct nouveau_svm_fault *fault)
{
	const unsigned int i = nouveau_svm_range_page(range,
						      fault->packet.addr);
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct folio *folio;
	int ret;

	nouveau_svm_walk_begin(range, walk);
	ret = nouveau_svm_walk_hmm(range, walk, i, i + 1, SVM_NEED_WRITE);
	if (ret)
		return ret;

	if (nouveau_dmem_owns(svmm->svm->dmem,
			      hmm_pfn_to_page(walk->pfns[i]))) {
		nouveau_svm_walk_single(walk, i);
		walk->flags = NVKM_SVM_PTE_ATOMIC;
		return nouveau_svm_map_commit(range, walk, fault, 1);
	}

	nouveau_svm_exclusive_note(svmm, nouveau_svm_range_addr(range, i));
	nouveau_svm_walk_begin(range, walk);
	mmu_interval_read_begin(&range->base.notifier->notifier);

	if (mmap_read_lock_killable(mm))
		return -EINTR;
	ret = nouveau_svm_exclusive_take(range, walk, i, &folio);
	if (!ret)
		ret = nouveau_svm_exclusive_commit(range, walk, fault, folio);
	mmap_read_unlock(mm);
	return ret;
}

/* The range of a page that is gone again. */
static struct nouveau_svm_range *
nouveau_svm_exclusive_gone(struct nouveau_svmm *svmm, u64 addr)
{
	const struct nvkm_svm_packet packet = {
		.addr = addr,
		.access = NVKM_SVM_ATOMIC,
	};
	struct nouveau_svm_range *range;

	drm_gpusvm_notifier_lock(&svmm->gpusvm);
	range = nouveau_svm_range_first(svmm, addr, addr + PAGE_SIZE);
	if (range && nouveau_svm_map_covers(range, &packet))
		range = NULL;
	drm_gpusvm_notifier_unlock(&svmm->gpusvm);

	return range;
}

/* Does the CPU have a page, so that nothing is to be faulted in for it? */
static bool
nouveau_svm_exclusive_there(struct nouveau_svm_range *range, u64 addr)
{
	struct mmu_interval_notifier *notifier =
		&range->base.notifier->notifier;
	unsigned long pfn = 0;
	struct hmm_range hmm = {
		.notifier = notifier,
		.notifier_seq = mmu_interval_read_begin(notifier),
		.start = addr,
		.end = addr + PAGE_SIZE,
		.hmm_pfns = &pfn,
	};

	mmap_assert_locked(range->base.gpusvm->mm);

	return !hmm_range_fault(&hmm) && pfn & HMM_PFN_WRITE;
}

/* Best effort: no fault hangs on it. */
static void
nouveau_svm_exclusive_retake(struct nouveau_svmm *svmm, u64 addr)
{
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct nouveau_svm_walk *walk = svmm->walk;
	struct nouveau_svm_range *range;
	struct vm_area_struct *vma;
	struct folio *folio;

	mmap_assert_write_locked(mm);

	vma = vma_lookup(mm, addr);
	if (!vma || !vma_is_anonymous(vma) || vma_start_write_killable(vma))
		return;

	range = nouveau_svm_exclusive_gone(svmm, addr);
	if (!range)
		return;

	nouveau_svm_walk_begin(range, walk);
	if (!nouveau_svm_exclusive_there(range, addr) ||
	    nouveau_svm_exclusive_take(range, walk,
				       nouveau_svm_range_page(range, addr),
				       &folio))
		return;

	nouveau_svm_exclusive_commit(range, walk, NULL, folio);
}

/**
 * nouveau_svm_exclusive_turn() - let the GPU have all that both want, for once
 * @svmm: the VMM
 *
 * After the faults of a pass have been served.
 */
void
nouveau_svm_exclusive_turn(struct nouveau_svmm *svmm)
{
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct nouveau_svm_turn *turn = &svmm->turn;
	unsigned int i;

	lockdep_assert_held(&svmm->lock);

	if (!turn->due)
		return;
	turn->due = false;

	if (mmap_write_lock_killable(mm))
		return;
	for (i = 0; i < min(turn->nr, NOUVEAU_SVM_TURN_PAGES); i++)
		nouveau_svm_exclusive_retake(svmm, turn->addr[i]);
	nouveau_svm_fault_replay_now(svmm->svm);
	fsleep(NOUVEAU_SVM_HOLD_US);
	mmap_write_unlock(mm);
}
