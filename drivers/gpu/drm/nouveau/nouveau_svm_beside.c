// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, beside faults: huge pages that the GPU has not asked for
 * are mapped along with one that it has.  Moves nothing, and has nothing there
 * that is not.
 *
 * Locking: &nouveau_svmm.lock, and the notifier lock to look at ranges.
 */
#include "nouveau_svm_priv.h"

/*
 * As around a small page, see NOUVEAU_SVM_AROUND_PAGES: to map one more costs less
 * than half of what a fault does, and in that the GPU waits.
 */
#define NOUVEAU_SVM_BESIDE_SIZE		SZ_16M

/* May there be a huge page that is not mapped? */
static bool
nouveau_svm_beside_likely(struct nouveau_svmm *svmm, u64 addr)
{
	const u64 end = addr + NOUVEAU_SVM_RANGE_MAX;
	struct nouveau_svm_range *range;
	bool likely;

	lockdep_assert_held(&svmm->lock);

	drm_gpusvm_notifier_lock(&svmm->gpusvm);
	range = nouveau_svm_range_first(svmm, addr, end);
	likely = !range || (!range->alone && !range->page &&
			    bitmap_empty(range->mapped, range->npages));
	drm_gpusvm_notifier_unlock(&svmm->gpusvm);

	return likely;
}

/* If there is one, map it. */
static void
nouveau_svm_beside_try(struct nouveau_svm_range *range)
{
	struct nouveau_svm_walk *walk = nouveau_svm_range_svmm(range)->walk;

	lockdep_assert_held(&nouveau_svm_range_svmm(range)->lock);

	nouveau_svm_walk_clear(walk);
	nouveau_svm_walk_begin(range, walk);
	__set_bit(0, walk->look);
	__set_bit(0, walk->wanted);
	nouveau_svm_walk_get(range, walk);
	range->alone = !walk->huge;
	if (walk->huge)
		nouveau_svm_map_commit(range, walk, NULL, 0);
}

/* Best effort: no fault hangs on it. */
static void
nouveau_svm_beside_one(struct nouveau_svmm *svmm, u64 addr)
{
	const struct drm_gpusvm_ctx ctx = { .read_only = true };
	struct drm_gpusvm_range *range;
	unsigned long first, last;

	lockdep_assert_held(&svmm->lock);

	if (!nouveau_svmm_window(svmm, addr, &first, &last))
		return;

	range = drm_gpusvm_range_find_or_insert(&svmm->gpusvm, addr, first,
						last, &ctx);
	if (!IS_ERR(range) &&
	    !nouveau_svm_range_prepare(nouveau_svm_range(range)))
		nouveau_svm_beside_try(nouveau_svm_range(range));
}

/**
 * nouveau_svm_beside_map() - map huge pages beside one that has been mapped
 * @range: the range that it fills
 *
 * Not what a fault would move: it would have none.
 */
void
nouveau_svm_beside_map(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const u64 here = drm_gpusvm_range_start(&range->base);
	const u64 start = ALIGN_DOWN(here, NOUVEAU_SVM_BESIDE_SIZE);
	u64 addr;

	lockdep_assert_held(&svmm->lock);

	for (addr = start; addr < start + NOUVEAU_SVM_BESIDE_SIZE;
	     addr += NOUVEAU_SVM_RANGE_MAX) {
		if (addr != here && nouveau_svm_policy_stays(svmm, addr) &&
		    nouveau_svm_beside_likely(svmm, addr))
			nouveau_svm_beside_one(svmm, addr);
	}
}
