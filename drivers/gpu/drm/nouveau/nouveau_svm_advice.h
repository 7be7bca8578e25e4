/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_SVM_ADVICE_H__
#define __NOUVEAU_SVM_ADVICE_H__
#include <linux/interval_tree.h>
#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>

#include "uapi/drm/nouveau_drm.h"

/*
 * What a process has advised about its memory.  Overview is at the head of
 * nouveau_svm_advice.c.
 */

/**
 * struct nouveau_svm_advice - what is advised of a page; all 0: nothing is
 */
struct nouveau_svm_advice {
	/** @location: enum drm_nouveau_svm_location */
	u8 location;
	/** @flags: NOUVEAU_SVM_ADVISED_* */
	u8 flags;
};

/**
 * struct nouveau_svm_advices - all advice in a VMM
 */
struct nouveau_svm_advices {
	/** @lock: protects the rest; a leaf, taken in reclaim */
	spinlock_t lock;
	/** @root: struct nouveau_svm_advised by address, disjoint */
	struct rb_root_cached root;
	/** @count: how many there are */
	unsigned int count;
	/** @cuts: how often a mapping has gone that had some */
	unsigned long cuts;
	/** @notifier: tells when mappings go */
	struct mmu_notifier notifier;
	/** @mm: whose; NULL: nothing has been advised yet */
	struct mm_struct *mm;
};

struct nouveau_svmm;

void nouveau_svm_advice_init(struct nouveau_svmm *svmm);
void nouveau_svm_advice_fini(struct nouveau_svmm *svmm);
int nouveau_svm_advice_set(struct nouveau_svmm *svmm, unsigned long start,
			   unsigned long end, enum drm_nouveau_svm_verb verb,
			   u32 value);
struct nouveau_svm_advice
nouveau_svm_advice_get(struct nouveau_svmm *svmm, unsigned long start,
		       unsigned long *end);
bool nouveau_svm_advice_any(struct nouveau_svmm *svmm);
bool nouveau_svm_advice_has(struct nouveau_svmm *svmm, unsigned long start,
			    unsigned long end, u8 flag);
bool nouveau_svm_advice_moves(struct nouveau_svmm *svmm, unsigned long start,
			      unsigned long end, bool otherwise);

#endif
