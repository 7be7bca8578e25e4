// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, query: where the memory of a process is.  Looks, and
 * changes nothing.
 *
 * Locking: as in nouveau_svm_look.c, and the notifier lock for what the GPU has
 * mapped.  None of them is held from one look to the next.
 */
#include <linux/hmm.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_look.h"
#include "nouveau_svm_priv.h"

static int
nouveau_svm_query_step(struct nouveau_svm_look *look, unsigned long start,
		       unsigned long end, struct nouveau_svm_where *where)
{
	struct nouveau_svm *svm = look->svmm->svm;
	unsigned int i;
	int ret;

	ret = nouveau_svm_look_step(look, start, end, SVM_NEED_AROUND);
	if (ret)
		return ret == -EBUSY ? -EAGAIN : ret;

	for (i = 0; i < PHYS_PFN(end - start); i++) {
		if (!(look->pfns[i] & HMM_PFN_VALID))
			continue;
		if (nouveau_dmem_owns(svm->dmem,
				      hmm_pfn_to_page(look->pfns[i])))
			where->vram++;
		else
			where->ram++;
	}

	return 0;
}

static int
nouveau_svm_query_walk(struct nouveau_svm_look *look, unsigned long start,
		       unsigned long end, struct nouveau_svm_where *where)
{
	unsigned long next;
	int ret;

	for (; start < end; start = next) {
		if (signal_pending(current))
			return -ERESTARTSYS;

		next = end;
		ret = nouveau_svm_look_find(look, &start, &next, NULL);
		if (ret <= 0)
			return ret;

		ret = nouveau_svm_query_step(look, start, next, where);
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
nouveau_svm_query_mapped(struct nouveau_svmm *svmm, unsigned long start,
			 unsigned long end, struct nouveau_svm_where *where)
{
	struct nouveau_svm_range *range;
	unsigned int i, last;

	/* For writing: PTEs are made with it held for reading. */
	down_write(&svmm->gpusvm.notifier_lock);
	for (range = nouveau_svm_range_first(svmm, start, end); range;
	     range = nouveau_svm_range_next(range, start, end)) {
		nouveau_svm_range_part(range, start, end, &i, &last);
		for_each_set_bit_from(i, range->mapped, last) {
			where->mapped++;
			where->ram += (nouveau_svm_range_entry(range, i) &
				       (NVKM_SVM_PTE_ATOMIC |
					NVKM_SVM_PTE_VRAM)) ==
				      NVKM_SVM_PTE_ATOMIC;
		}
	}
	up_write(&svmm->gpusvm.notifier_lock);
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
	struct nouveau_svm_look *look = nouveau_svm_look_new(svmm, start, end);
	int ret;

	if (IS_ERR(look))
		return PTR_ERR(look);

	*where = (struct nouveau_svm_where) {};
	ret = nouveau_svm_query_walk(look, start, end, where);
	nouveau_svm_look_del(look);
	nouveau_svm_query_mapped(svmm, start, end, where);
	return ret;
}
