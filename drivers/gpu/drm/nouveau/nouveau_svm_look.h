/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_SVM_LOOK_H__
#define __NOUVEAU_SVM_LOOK_H__
#include <linux/mmu_notifier.h>

#include "nouveau_svm_priv.h"

/**
 * struct nouveau_svm_look - a look at the memory of a process
 *
 * Step by step, and with no lock held in between.  Asks HMM as faults do, but
 * with a notifier of its own: it needs no range, and makes none.
 */
struct nouveau_svm_look {
	/** @svmm: whose */
	struct nouveau_svmm *svmm;
	/** @notifier: tells HMM when to look again */
	struct mmu_interval_notifier notifier;
	/** @pfns: what one step has found */
	unsigned long pfns[NOUVEAU_SVM_RANGE_PAGES];
};

struct nouveau_svm_look *
nouveau_svm_look_new(struct nouveau_svmm *svmm, unsigned long start,
		     unsigned long end);
void nouveau_svm_look_del(struct nouveau_svm_look *look);
int nouveau_svm_look_find(struct nouveau_svm_look *look, unsigned long *start,
			  unsigned long *end, enum nouveau_svm_need *need);
int nouveau_svm_look_step(struct nouveau_svm_look *look, unsigned long start,
			  unsigned long end, enum nouveau_svm_need need);
int nouveau_svm_look_hmm(struct hmm_range *hmm, enum nouveau_svm_need need);

#endif
