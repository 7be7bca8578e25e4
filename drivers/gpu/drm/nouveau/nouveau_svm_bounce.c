// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, ping-pong: notices memory that CPU and GPU take from
 * each other again and again, and lets it stay in RAM for a while, where both
 * can reach it.  Moves nothing itself.
 *
 * Locking: the notifier lock, held for writing where anything here changes.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Ping-pong
 *
 * A bounce is memory that a fault of the GPU has moved to VRAM, and that is
 * fetched back within 10 ms (svm_bounce_ms). To move 2 MiB and back takes about
 * 0.4 ms at 12 GB/s: who does that more often spends more than 4 % of his time
 * with it. Where moving took longer than that, the limit is what makes it 4 %
 * again, up to a second. After three bounces within a hundred times as long
 * (numbers of NVIDIA's UVM, uvm_perf_thrashing.c: 3 events, epochs of 1 s, pinned
 * for 150 ms) the range, at most 2 MiB, stays in RAM for 150 ms, or three times
 * that limit; and for as long again if the CPU has taken a page back from the
 * GPU's atomics meanwhile: who wants what shows with these even in RAM. Then the
 * GPU loses its mapping, and its next access is a fault as any other.
 *
 * Until it is noticed, both sides make progress: memory that has just come to
 * VRAM can't be fetched back for a tick of the kernel's clock, so the GPU has
 * time for its access. The CPU's fault is repeated as long.
 */
#define NOUVEAU_SVM_BOUNCE_MS		10
#define NOUVEAU_SVM_BOUNCE_MS_MAX	1000
/* There and back within 4 %: times that the way there has taken. */
#define NOUVEAU_SVM_BOUNCE_COST		50
#define NOUVEAU_SVM_BOUNCES		3
#define NOUVEAU_SVM_EPOCH		100
#define NOUVEAU_SVM_STAY_MS		150
#define NOUVEAU_SVM_STAY_COST		3
#define NOUVEAU_SVM_STAY_MS_MAX		1000

static unsigned int nouveau_svm_bounce_ms = NOUVEAU_SVM_BOUNCE_MS;

static int
nouveau_svm_bounce_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, NOUVEAU_SVM_BOUNCE_MS_MAX);
}

static const struct kernel_param_ops nouveau_svm_bounce_ops = {
	.set = nouveau_svm_bounce_set,
	.get = param_get_uint,
};

module_param_cb(svm_bounce_ms, &nouveau_svm_bounce_ops, &nouveau_svm_bounce_ms,
		0644);
/* Sparse takes strlen() of a literal for no constant. */
#ifndef __CHECKER__
MODULE_PARM_DESC(svm_bounce_ms, "How soon memory that the GPU has moved to VRAM is back in RAM when it is ping-pong, ms (default 10, at most 1000; 0: never)");
#endif

/**
 * nouveau_svm_bounce_begin() - memory is about to go to VRAM
 * @range: where
 *
 * Events from now on tell of this.
 */
void
nouveau_svm_bounce_begin(struct nouveau_svm_range *range)
{
	down_write(&range->base.gpusvm->notifier_lock);
	range->bounce.moving = true;
	range->bounce.began = ktime_get_ns();
	up_write(&range->base.gpusvm->notifier_lock);
}

/**
 * nouveau_svm_bounce_end() - it has, or could not
 * @range: where
 * @pieces: what has gone, a bit for each piece
 */
void
nouveau_svm_bounce_end(struct nouveau_svm_range *range, u32 pieces)
{
	down_write(&range->base.gpusvm->notifier_lock);
	range->bounce.moving = false;
	range->bounce.visited |= pieces;
	range->bounce.arrived = ktime_get_ns();
	range->bounce.cost = NOUVEAU_SVM_BOUNCE_COST *
			     (range->bounce.arrived - range->bounce.began);
	up_write(&range->base.gpusvm->notifier_lock);
}

/**
 * nouveau_svm_bounce_stays() - is a range to stay in RAM for now?
 * @range: the range
 *
 * Return: true if it is.
 */
bool
nouveau_svm_bounce_stays(struct nouveau_svm_range *range)
{
	lockdep_assert_held(&range->base.gpusvm->notifier_lock);

	return range->bounce.stay_until;
}

/* What is soon, in ns: the share of time counts that goes into moving. */
static u64
nouveau_svm_bounce_soon(const struct nouveau_svm_bounce *bounce)
{
	const u64 ms = READ_ONCE(nouveau_svm_bounce_ms);

	if (!ms)
		return 0;

	return max(ms * NSEC_PER_MSEC,
		   min_t(u64, bounce->cost,
			 NOUVEAU_SVM_BOUNCE_MS_MAX * NSEC_PER_MSEC));
}

static u64
nouveau_svm_bounce_length(const struct nouveau_svm_bounce *bounce)
{
	return clamp_t(u64, NOUVEAU_SVM_STAY_COST * bounce->cost,
		       NOUVEAU_SVM_STAY_MS * NSEC_PER_MSEC,
		       NOUVEAU_SVM_STAY_MS_MAX * NSEC_PER_MSEC);
}

/*
 * Looks at all ranges when the first one may be due: a stay can be long, and a
 * shorter one begin meanwhile.
 */
static void
nouveau_svm_bounce_wake(struct nouveau_svmm *svmm, u64 length)
{
	kthread_queue_delayed_work(svmm->worker, &svmm->retry,
				   nsecs_to_jiffies(min(length,
							NOUVEAU_SVM_STAY_MS *
							NSEC_PER_MSEC)) + 1);
}

/**
 * nouveau_svm_bounce_stay() - leave a range in RAM
 * @range: the range
 * @until: until when
 *
 * What of it is in VRAM stays there.
 */
void
nouveau_svm_bounce_stay(struct nouveau_svm_range *range, u64 until)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	if (svmm->stopped)
		return;

	range->bounce.stay_until = until;
	nouveau_svm_bounce_wake(svmm, until - ktime_get_ns());
}

static void
nouveau_svm_bounce_quarrel(struct nouveau_svm_range *range, u64 now)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	/* It has been advised to be in VRAM, come what may. */
	if (svmm->stopped ||
	    nouveau_svm_advice_moves(svmm, drm_gpusvm_range_start(&range->base),
				     drm_gpusvm_range_end(&range->base), false))
		return;

	nouveau_svm_bounce_stay(range,
				now + nouveau_svm_bounce_length(&range->bounce));
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_RANGES_KEPT);
}

/**
 * nouveau_svm_bounce_event() - something happens to a range
 * @range: the range
 * @event: what
 *
 * However many pieces the CPU fetches: what counts is that it does at all,
 * once for each time that memory came to VRAM.
 */
void
nouveau_svm_bounce_event(struct nouveau_svm_range *range,
			 const struct mmu_notifier_range *event)
{
	struct nouveau_svm *svm = nouveau_svm_range_svmm(range)->svm;
	struct nouveau_svm_bounce *bounce = &range->bounce;
	const u64 soon = nouveau_svm_bounce_soon(bounce);
	const u64 now = ktime_get_ns();

	lockdep_assert_held_write(&range->base.gpusvm->notifier_lock);

	/* Who comes after it has never been anywhere. */
	if (event->event == MMU_NOTIFY_UNMAP)
		bounce->visited = 0;
	if (event->event != MMU_NOTIFY_MIGRATE ||
	    event->owner != svm->drm->dev || bounce->moving)
		return;

	bounce->visited = 0;
	if (!bounce->arrived || now - bounce->arrived >= soon)
		return;

	bounce->arrived = 0;
	if (now - bounce->epoch > NOUVEAU_SVM_EPOCH * soon) {
		bounce->epoch = now;
		bounce->count = 0;
	}
	nouveau_svm_stat_inc(svm, SVM_STAT_BOUNCES);
	if (++bounce->count >= NOUVEAU_SVM_BOUNCES)
		nouveau_svm_bounce_quarrel(range, now);
}

/* Has the CPU taken a page back from atomics lately? */
static bool
nouveau_svm_bounce_fought(const struct nouveau_svm_bounce *bounce)
{
	return bounce->fought &&
	       time_before(jiffies, bounce->fought +
				    msecs_to_jiffies(NOUVEAU_SVM_STAY_MS));
}

/* Is the stay of a range over?  If both still want it, another one begins. */
static bool
nouveau_svm_bounce_over(struct nouveau_svm_range *range, u64 now)
{
	struct nouveau_svm_bounce *bounce = &range->bounce;

	lockdep_assert_held_write(&range->base.gpusvm->notifier_lock);

	if (!bounce->stay_until || bounce->stay_until > now)
		return false;
	if (!nouveau_svm_bounce_fought(bounce))
		return true;

	bounce->stay_until = now + nouveau_svm_bounce_length(bounce);
	return false;
}

/* Take all that may go from the GPU, with one flush. */
static void
nouveau_svm_bounce_zap(struct nouveau_svmm *svmm, u64 now)
{
	struct nouveau_svm_range *range;
	bool flush = false;

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	for (range = nouveau_svm_range_first(svmm, 0, U64_MAX); range;
	     range = nouveau_svm_range_next(range, 0, U64_MAX)) {
		if (nouveau_svm_bounce_over(range, now))
			flush |= nouveau_svm_range_zap(range, 0, range->npages);
	}
	if (flush)
		nouveau_svmm_flush(svmm);
}

/*
 * Once the GPU has forgotten it.  Return: how long the next range has to stay,
 * in ns; 0 if none has to.
 */
static u64
nouveau_svm_bounce_release(struct nouveau_svmm *svmm, u64 now)
{
	struct nouveau_svm_range *range;
	u64 left, next = 0;

	lockdep_assert_held_write(&svmm->gpusvm.notifier_lock);

	for (range = nouveau_svm_range_first(svmm, 0, U64_MAX); range;
	     range = nouveau_svm_range_next(range, 0, U64_MAX)) {
		struct nouveau_svm_bounce *bounce = &range->bounce;

		if (nouveau_svm_bounce_over(range, now)) {
			nouveau_svm_range_unmap(range, 0, range->npages);
			bounce->stay_until = 0;
			bounce->count = 0;
			bounce->visited = 0;
		} else if (bounce->stay_until) {
			left = bounce->stay_until - now;
			next = next ? min(next, left) : left;
		}
	}

	return next;
}

/**
 * nouveau_svm_bounce_work() - memory has stayed in RAM for long enough
 * @work: &nouveau_svmm.retry
 *
 * The GPU is made to ask for it.
 */
void
nouveau_svm_bounce_work(struct kthread_work *work)
{
	struct nouveau_svmm *svmm =
		container_of(work, struct nouveau_svmm, retry.work);
	const u64 now = ktime_get_ns();
	u64 next;

	down_write(&svmm->gpusvm.notifier_lock);
	nouveau_svm_bounce_zap(svmm, now);
	next = nouveau_svm_bounce_release(svmm, now);
	if (next && !svmm->stopped)
		nouveau_svm_bounce_wake(svmm, next);
	up_write(&svmm->gpusvm.notifier_lock);
}
