// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, refaults: memory that the GPU wants back after it had to
 * make room.  Decides whether others make room for it in turn, or whether it is
 * used where it is.  Moves nothing itself.
 *
 * Locking: &nouveau_svmm.lock protects &nouveau_svmm.refault.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/moduleparam.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: More than fits
 *
 * The GPU tells of an access only if it faults, so what has been used last in
 * VRAM is not known, but what came there last. Were the oldest to make room for
 * each fault, a kernel that goes over twice as much as fits, from begin to end
 * again and again, would find everything gone each time: all of it would move
 * there and back in each pass. Who can look ahead keeps a half where it is.
 *
 * So does this. A refault is a fault on a piece that was in VRAM before and has
 * had to go. A piece that comes for the first time makes others go; a refault
 * takes room that is free, or is mapped in RAM, its range with it: what it would
 * push out is just as likely wanted next, and one of them has to be used across
 * the bus. What is in VRAM then stays there.
 *
 * That must not be for ever, or what nobody needs any more keeps VRAM. A process
 * may spend 4 % of its time (svm_refault_percent) with refaults that make others
 * go. Time that it did not use counts, up to what exchanging all of VRAM costs:
 * who turns to other memory after a while has it moved at once. And a
 * range that had to stay in RAM gets the next of the moments which that leaves:
 * the GPU loses its mapping then, and what it asks for comes as if for the first
 * time.
 *
 * What is advised to be in VRAM comes back always.
 */
#define NOUVEAU_SVM_REFAULT_PERCENT	4
#define NOUVEAU_SVM_REFAULT_ALWAYS	100
/* No range is mapped in RAM for less: it takes a flush to end that. */
#define NOUVEAU_SVM_REFAULT_STAY_NS	(150 * NSEC_PER_MSEC)

static unsigned int nouveau_svm_refault_percent = NOUVEAU_SVM_REFAULT_PERCENT;

static int
nouveau_svm_refault_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, NOUVEAU_SVM_REFAULT_ALWAYS);
}

static const struct kernel_param_ops nouveau_svm_refault_ops = {
	.set = nouveau_svm_refault_set,
	.get = param_get_uint,
};

module_param_cb(svm_refault_percent, &nouveau_svm_refault_ops,
		&nouveau_svm_refault_percent, 0644);
/* Sparse takes strlen() of a literal for no constant. */
#ifndef __CHECKER__
MODULE_PARM_DESC(svm_refault_percent, "Part of its time that a process may spend with getting back to VRAM what had to make room there, percent (default 4; 100: all of it)");
#endif

/* Time after which something that takes @ns may be done again. */
static u64
nouveau_svm_refault_price(u64 ns)
{
	return div_u64(ns * NOUVEAU_SVM_REFAULT_ALWAYS,
		       READ_ONCE(nouveau_svm_refault_percent));
}

/* How long it takes to move so many bytes, from what it took so far. */
static u64
nouveau_svm_refault_time(const struct nouveau_svm_refault *refault, u64 bytes)
{
	return refault->bytes ?
		mul_u64_u64_div_u64(refault->ns, bytes, refault->bytes) : 0;
}

/*
 * @ns will be spent, or have been.  What lies back too far is forgotten; what is
 * too far ahead as well, for ranges that wait may be gone by then.
 */
static void
nouveau_svm_refault_spend(struct nouveau_svmm *svmm, u64 ns)
{
	const u64 size = svmm->svm->drm->client.device.info.ram_size;
	struct nouveau_svm_refault *refault = &svmm->refault;
	const u64 now = ktime_get_ns();
	u64 most;

	lockdep_assert_held(&svmm->lock);

	most = nouveau_svm_refault_price(nouveau_svm_refault_time(refault,
								  size));
	if (refault->paid + most < now)
		refault->paid = now - most;
	refault->paid += nouveau_svm_refault_price(ns);
	refault->paid = min(refault->paid, now + most);
}

/**
 * nouveau_svm_refault_may_evict() - may others make room for a refault?
 * @range: where
 *
 * Return: true if they may.
 */
bool
nouveau_svm_refault_may_evict(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held(&svmm->lock);

	return READ_ONCE(nouveau_svm_refault_percent) ==
	       NOUVEAU_SVM_REFAULT_ALWAYS ||
	       svmm->refault.paid <= ktime_get_ns() ||
	       nouveau_svm_advice_moves(svmm,
					drm_gpusvm_range_start(&range->base),
					drm_gpusvm_range_end(&range->base),
					false);
}

/**
 * nouveau_svm_refault_moved() - memory has come to VRAM
 * @svmm: whose
 * @bytes: how much
 * @ns: how long that has taken, with what others had to make room
 * @again: some of it was there before, and others may have made room for it
 */
void
nouveau_svm_refault_moved(struct nouveau_svmm *svmm, u64 bytes, u64 ns,
			  bool again)
{
	struct nouveau_svm_refault *refault = &svmm->refault;

	lockdep_assert_held(&svmm->lock);

	/* Before that there was nothing to save time for. */
	if (!refault->paid)
		refault->paid = ktime_get_ns();
	refault->bytes += bytes;
	refault->ns += ns;
	if (again)
		nouveau_svm_refault_spend(svmm, ns);
}

/**
 * nouveau_svm_refault_stay() - there was no room for a refault
 * @range: where; stays in RAM until it is its turn
 */
void
nouveau_svm_refault_stay(struct nouveau_svm_range *range)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const u64 size = (u64)range->npages << PAGE_SHIFT;
	struct nouveau_svm_refault *refault = &svmm->refault;

	lockdep_assert_held(&svmm->lock);

	down_write(&svmm->gpusvm.notifier_lock);
	nouveau_svm_bounce_stay(range, max(refault->paid, ktime_get_ns() +
					   NOUVEAU_SVM_REFAULT_STAY_NS));
	up_write(&svmm->gpusvm.notifier_lock);
	nouveau_svm_refault_spend(svmm, nouveau_svm_refault_time(refault, size));
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_REFAULTS_KEPT);
}
