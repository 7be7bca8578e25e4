// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, looks: which memory a process has, and which of it is
 * there.  Whoever wants it to be there says so.  Maps nothing.
 *
 * Locking: mmap_lock to look for VMAs and, taken by HMM, to look at pages.  It
 * is not held from one look to the next, and no lock of the driver ever is.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/userfaultfd_k.h>

#include "nouveau_drv.h"
#include "nouveau_svm_look.h"
#include "nouveau_svm_priv.h"

/* May run in reclaim. */
static bool
nouveau_svm_look_event(struct mmu_interval_notifier *notifier,
		       const struct mmu_notifier_range *event,
		       unsigned long seq)
{
	mmu_interval_set_seq(notifier, seq);
	return true;
}

static const struct mmu_interval_notifier_ops nouveau_svm_look_ops = {
	.invalidate = nouveau_svm_look_event,
};

/**
 * nouveau_svm_look_new() - begin a look
 * @svmm: the VMM, of the caller's address space
 * @start: first byte of what is to be seen, a page's
 * @end: end, a page's
 *
 * Return: the look, or an error.
 */
struct nouveau_svm_look *
nouveau_svm_look_new(struct nouveau_svmm *svmm, unsigned long start,
		     unsigned long end)
{
	struct nouveau_svm_look *look = kvzalloc_obj(*look);
	int ret;

	if (!look)
		return ERR_PTR(-ENOMEM);

	look->svmm = svmm;
	ret = mmu_interval_notifier_insert(&look->notifier, svmm->gpusvm.mm,
					   start, end - start,
					   &nouveau_svm_look_ops);
	if (ret) {
		kvfree(look);
		return ERR_PTR(ret);
	}

	return look;
}

/**
 * nouveau_svm_look_del() - end a look
 * @look: the look
 */
void
nouveau_svm_look_del(struct nouveau_svm_look *look)
{
	mmu_interval_notifier_remove(&look->notifier);
	kvfree(look);
}

/* As MADV_POPULATE would; what may take for ever is left alone. */
static enum nouveau_svm_need
nouveau_svm_look_need(struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP) ||
	    !(vma->vm_flags & VM_READ) || userfaultfd_armed(vma))
		return SVM_NEED_AROUND;

	return vma_is_anonymous(vma) && vma->vm_flags & VM_WRITE ?
		SVM_NEED_WRITE : SVM_NEED_READ;
}

/**
 * nouveau_svm_look_find() - the next mapping of the process
 * @look: the look
 * @start: where to begin; where it begins
 * @end: where to end; where it ends, or a step of no more than 2 MiB does
 * @need: what it takes to have its memory there, as the CPU may use it; may be
 *	NULL
 *
 * Return: 1 if there is one, 0 if not, -EINTR.
 */
int
nouveau_svm_look_find(struct nouveau_svm_look *look, unsigned long *start,
		      unsigned long *end, enum nouveau_svm_need *need)
{
	struct mm_struct *mm = look->svmm->gpusvm.mm;
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
		if (need)
			*need = nouveau_svm_look_need(vma);
	}
	mmap_read_unlock(mm);
	return vma ? 1 : 0;
}

/* Return: 1 if some of this is a file's memory, 0 if not, -EINTR. */
static int
nouveau_svm_look_files(struct mm_struct *mm, const struct hmm_range *hmm)
{
	struct vm_area_struct *vma;
	unsigned long addr = hmm->start;
	int ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	while (!ret && addr < hmm->end) {
		vma = find_vma_intersection(mm, addr, hmm->end);
		if (!vma)
			break;
		ret = !vma_is_anonymous(vma);
		addr = vma->vm_end;
	}
	mmap_read_unlock(mm);
	return ret;
}

/* What to ask HMM for. */
static unsigned long
nouveau_svm_look_flags(enum nouveau_svm_need need)
{
	static const unsigned long flags[] = {
		[SVM_NEED_AROUND] = 0,
		[SVM_NEED_READ] = HMM_PFN_REQ_FAULT,
		[SVM_NEED_WRITE] = HMM_PFN_REQ_FAULT | HMM_PFN_REQ_WRITE,
	};

	return flags[need];
}

static bool
nouveau_svm_look_lacks(const struct hmm_range *hmm, unsigned long addr,
		       enum nouveau_svm_need need)
{
	const unsigned long flags = need == SVM_NEED_WRITE ?
		HMM_PFN_VALID | HMM_PFN_WRITE : HMM_PFN_VALID;

	return (hmm->hmm_pfns[PFN_DOWN(addr - hmm->start)] & flags) != flags;
}

/* Return: 0 if nothing was missing, 1 if it should be there now, an error. */
static int
nouveau_svm_look_fault_in(struct mm_struct *mm, const struct hmm_range *hmm,
			  enum nouveau_svm_need need)
{
	const unsigned int flags = FAULT_FLAG_REMOTE |
		(need == SVM_NEED_WRITE ? FAULT_FLAG_WRITE : 0);
	bool unlocked, missed = false;
	unsigned long addr;
	int ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	for (addr = hmm->start; !ret && addr < hmm->end; addr += PAGE_SIZE) {
		if (!nouveau_svm_look_lacks(hmm, addr, need))
			continue;
		ret = fixup_user_fault(mm, addr, flags, &unlocked);
		missed = true;
	}
	mmap_read_unlock(mm);
	return ret ? ret : missed;
}

/**
 * nouveau_svm_look_hmm() - have pages there, or look which there are
 * @hmm: what HMM is to be asked for, but for flags
 * @need: what for
 *
 * HMM takes it for progress when a fault has waited for a file, and asks again:
 * for a page that can't be read it would do so for ever.  Of files, it is only
 * asked what is there.
 *
 * Return: 0; what HMM or the fault says; -EBUSY if what was there is gone again.
 */
int
nouveau_svm_look_hmm(struct hmm_range *hmm, enum nouveau_svm_need need)
{
	const unsigned long timeout =
		msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	struct mm_struct *mm = hmm->notifier->mm;
	unsigned long addr;
	int ret = 0;

	if (need > SVM_NEED_AROUND)
		ret = nouveau_svm_look_files(mm, hmm);
	if (ret < 0)
		return ret;

	hmm->default_flags = ret ? 0 : nouveau_svm_look_flags(need);
	if (!ret)
		return hmm_range_fault_unlocked_timeout(hmm, timeout);

	ret = hmm_range_fault_unlocked_timeout(hmm, timeout);
	if (!ret)
		ret = nouveau_svm_look_fault_in(mm, hmm, need);
	if (ret <= 0)
		return ret;

	ret = hmm_range_fault_unlocked_timeout(hmm, timeout);
	for (addr = hmm->start; !ret && addr < hmm->end; addr += PAGE_SIZE) {
		if (nouveau_svm_look_lacks(hmm, addr, need))
			ret = -EBUSY;
	}
	return ret;
}

/**
 * nouveau_svm_look_step() - look at pages, or have them there
 * @look: the look; gets what is there
 * @start: first byte, of what nouveau_svm_look_find() has found
 * @end: end
 * @need: what for; SVM_NEED_AROUND changes nothing
 *
 * Return: 0; what HMM says, then nothing has been seen.
 */
int
nouveau_svm_look_step(struct nouveau_svm_look *look, unsigned long start,
		      unsigned long end, enum nouveau_svm_need need)
{
	struct hmm_range hmm = {
		.notifier = &look->notifier,
		.start = start,
		.end = end,
		.hmm_pfns = look->pfns,
		.dev_private_owner = look->svmm->svm->drm->dev,
	};
	int ret;

	memset(look->pfns, 0, sizeof(look->pfns));
	ret = nouveau_svm_look_hmm(&hmm, need);
	if (ret)
		memset(look->pfns, 0, sizeof(look->pfns));
	return ret;
}
