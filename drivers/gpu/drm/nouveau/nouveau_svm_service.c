// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, consumer of faults: serves one VMM's batch, and
 * decides between replay, another try and cancel.  Runs in the VMM's own
 * worker, which may wait for pages as long as it takes.  Knows no PTEs, and
 * nothing of other VMMs.
 *
 * Locking: &nouveau_svmm.lock while pages are got, &nouveau_svm.lock while the
 * outcome is settled.
 */
#include <linux/delay.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include <drm/drm_print.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"
#include "nouveau_svm_trace.h"

/*
 * Tries without a pause, then pauses from 1 ms doubling up to 1 << this.  An
 * invalidation that got in between is over at once; memory that is short is
 * not.
 */
#define NOUVEAU_SVM_TRIES_FAST		4
#define NOUVEAU_SVM_PAUSE_SHIFT_MAX	6

static const char * const nouveau_svm_reasons[] = {
	[SVM_REASON_HARDWARE] = "not a matter of page tables",
	[SVM_REASON_NO_MAPPING] = "no mapping at this address",
	[SVM_REASON_UNMANAGED] = "no buffer at this address",
	[SVM_REASON_NO_ACCESS] = "mapping without read permission",
	[SVM_REASON_READ_ONLY] = "read-only mapping",
	[SVM_REASON_IO] = "mapping of device memory",
	[SVM_REASON_NO_ATOMIC] = "atomic not possible on this memory",
	[SVM_REASON_NO_PAGE] = "no page can be had at this address",
	[SVM_REASON_USER_FAULT] =
		"userfaultfd is for the CPU's user mode only",
	[SVM_REASON_SUSPEND] = "not done when the machine was suspended",
};

static const char * const nouveau_svm_accesses[] = {
	[NVKM_SVM_PREFETCH] = "prefetch",
	[NVKM_SVM_READ] = "read",
	[NVKM_SVM_WRITE] = "write",
	[NVKM_SVM_ATOMIC] = "atomic",
};

/* Serve all faults that lie in the range of the first one. */
static int
nouveau_svm_service_range(struct nouveau_svmm *svmm,
			  struct nouveau_svm_fault *faults, int nr)
{
	const struct drm_gpusvm_ctx ctx = { .read_only = true };
	const struct nvkm_svm_packet *first = &faults->packet;
	struct drm_gpusvm_range *range;
	unsigned long start, end;
	int i;

	if (!first->serviceable) {
		faults->reason = SVM_REASON_HARDWARE;
		return 1;
	}

	if (!nouveau_svmm_window(svmm, first->addr, &start, &end)) {
		faults->reason = first->addr < svmm->unmanaged.limit ?
			SVM_REASON_UNMANAGED : SVM_REASON_NO_MAPPING;
		return 1;
	}

	range = drm_gpusvm_range_find_or_insert(&svmm->gpusvm, first->addr,
						start, end, &ctx);
	if (IS_ERR(range)) {
		nouveau_svm_pages_judge(svmm, faults, PTR_ERR(range));
		return 1;
	}

	for (i = 1; i < nr; i++) {
		const struct nvkm_svm_packet *packet = &faults[i].packet;

		if (packet->inst != first->inst || !packet->serviceable ||
		    packet->addr < drm_gpusvm_range_start(range) ||
		    packet->addr >= drm_gpusvm_range_end(range))
			break;
	}

	nouveau_svm_pages_service(nouveau_svm_range(range), faults, i);
	return i;
}

static void
nouveau_svm_service_abandon(struct nouveau_svm_batch *batch,
			    enum nouveau_svm_reason reason)
{
	int i;

	for (i = 0; i < batch->nr; i++)
		batch->faults[i].reason = reason;
}

/*
 * The GPU did not say that it has forgotten pages that are others' by now: who
 * could still use them must not run on.  Channels that come are turned away by
 * nouveau_svmm_join().
 */
static void
nouveau_svm_service_bury(struct nouveau_svmm *svmm)
{
	struct nouveau_svm *svm = svmm->svm;
	struct nouveau_svm_channel *chan;
	unsigned long index;

	if (svmm->buried)
		return;

	svmm->buried = true;
	smp_mb(); /* first lost, then its channels: see nouveau_svmm_join() */
	mutex_lock(&svm->lock);
	xa_for_each(&svm->channels, index, chan) {
		if (chan->svmm != svmm)
			continue;
		drm_warn(svm->drm->dev,
			 "svm: %s[%d] channel %d: the GPU may use memory that is not its own, channel killed\n",
			 svmm->comm, svmm->pid, chan->chid);
		nvkm_svm_kill(svm->hw, chan->inst);
	}
	mutex_unlock(&svm->lock);
}

/* One try at everything that is left of the active batch. */
static void
nouveau_svm_service_pass(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_batch *batch = svmm->active;
	struct mm_struct *mm = svmm->gpusvm.mm;
	int i;

	/* Pairs with WRITE_ONCE() in nouveau_svmm_flush(). */
	if (READ_ONCE(svmm->lost)) {
		nouveau_svm_service_bury(svmm);
		nouveau_svm_service_abandon(batch, SVM_REASON_GONE);
		return;
	}

	/* Pairs with WRITE_ONCE() in nouveau_svmm_close(). */
	if (READ_ONCE(svmm->closing) || !mmget_not_zero(mm)) {
		nouveau_svm_service_abandon(batch, SVM_REASON_GONE);
		return;
	}

	/*
	 * Pairs with mmput() in a process's end, before nouveau_svm_flush():
	 * that sees the pass, or this the process gone.
	 */
	smp_store_mb(svmm->passes, svmm->passes + 1);
	if (nouveau_svmm_orphaned(svmm)) {
		nouveau_svm_service_abandon(batch, SVM_REASON_GONE);
		goto put_mm;
	}

	/* Pairs with WRITE_ONCE() in nouveau_svm_end(). */
	if (READ_ONCE(svmm->svm->ending)) {
		nouveau_svm_service_abandon(batch, SVM_REASON_SUSPEND);
		goto put_mm;
	}

	mutex_lock(&svmm->lock);
	nouveau_svm_range_collect(svmm);
	nouveau_svm_policy_begin(svmm);
	for (i = 0; i < batch->nr && !nouveau_svm_policy_enough(svmm); )
		i += nouveau_svm_service_range(svmm, &batch->faults[i],
					       batch->nr - i);
	nouveau_svm_exclusive_turn(svmm);
	mutex_unlock(&svmm->lock);

put_mm:
	/* Before the reference goes: see nouveau_svmm_orphaned(). */
	smp_store_mb(svmm->passes, svmm->passes + 1);
	/* Without the lock: this may be the end of the address space. */
	mmput(mm);
}

static void
nouveau_svm_service_report(struct nouveau_svmm *svmm,
			   struct nouveau_svm_channel *chan,
			   const struct nouveau_svm_fault *fault)
{
	lockdep_assert_held(&svmm->svm->lock);

	if (chan->death.reason || fault->reason == SVM_REASON_GONE)
		return;

	chan->death = (struct nouveau_svm_death) {
		.reason = fault->reason,
		.access = fault->packet.access,
		.addr = fault->packet.addr,
		.type = fault->packet.reason,
	};
	drm_warn(svmm->svm->drm->dev,
		 "svm: %s[%d] channel %d: %s at %#llx: %s (fault type %#x), channel killed\n",
		 svmm->comm, svmm->pid, chan->chid,
		 nouveau_svm_accesses[fault->packet.access],
		 fault->packet.addr, nouveau_svm_reasons[fault->reason],
		 fault->packet.reason);
}

/*
 * Has the GPU asked for this page again, after it had a chance to find that it
 * is there?  A report can be stale: the access was served through another one's
 * replay, the program went on and unmapped the memory, all within its rights.
 * Killing for that would be wrong, and killing for a report that comes again
 * can't be.
 */
static bool
nouveau_svm_service_insists(struct nouveau_svm_channel *chan,
			    const struct nouveau_svm_fault *fault)
{
	lockdep_assert_held(&chan->svmm->svm->lock);

	/* Ages are replay counts plus 1; 0 is no suspect at all. */
	if (chan->suspect_age && chan->suspect == fault->packet.addr)
		return fault->age >= chan->suspect_age;

	/* One at a time, unless it has not been heard of for two replays. */
	if (!chan->suspect_age || fault->age > chan->suspect_age) {
		chan->suspect = fault->packet.addr;
		chan->suspect_age = chan->svmm->svm->replays + 1;
		chan->suspect_access = fault->packet.access;
		chan->svmm->suspicious = true;
	}

	return false;
}

/* The page is there after all: the report was stale, or there is one by now. */
static void
nouveau_svm_service_acquit(struct nouveau_svmm *svmm,
			   const struct nouveau_svm_fault *fault)
{
	const struct nvkm_svm_packet *packet = &fault->packet;
	struct nouveau_svm_channel *chan;

	lockdep_assert_held(&svmm->svm->lock);

	chan = nouveau_svm_channel(svmm->svm, packet->inst);
	if (chan && chan->svmm == svmm && chan->suspect == packet->addr &&
	    packet->access >= chan->suspect_access)
		chan->suspect_age = 0;
}

static void
nouveau_svm_service_cancel(struct nouveau_svmm *svmm,
			   const struct nouveau_svm_fault *fault)
{
	const struct nvkm_svm_packet *packet = &fault->packet;
	struct nouveau_svm *svm = svmm->svm;
	struct nouveau_svm_channel *chan;
	int ret;

	lockdep_assert_held(&svm->lock);

	/*
	 * Hints are never cancelled; a channel that has left is dead, and its
	 * instance may be another VMM's by now.
	 */
	chan = nouveau_svm_channel(svm, packet->inst);
	if (packet->access == NVKM_SVM_PREFETCH || !chan || chan->svmm != svmm)
		return;

	if (fault->reason != SVM_REASON_GONE &&
	    !nouveau_svm_service_insists(chan, fault))
		return;

	/* Counted before the program can learn of it. */
	nouveau_svm_stat_inc(svm, SVM_STAT_CANCELS);
	ret = nvkm_svm_cancel(svm->hw, packet);
	trace_nouveau_svm_cancel(packet, fault->reason, ret);
	if (ret == -EAGAIN) {
		nouveau_svm_stat_add(svm, SVM_STAT_CANCELS, -1);
		return;
	}

	/*
	 * That answers all that is reported by now: until the channel is
	 * recovered, another report of it is no reason for another cancel.
	 */
	chan->suspect = packet->addr;
	chan->suspect_age = svm->replays + 1;
	chan->suspect_access = packet->access;

	/* Said before any complaint: this is what happened to the program. */
	nouveau_svm_service_report(svmm, chan, fault);
	if (ret)
		drm_err(svm->drm->dev, "svm: cancel failed: %d\n", ret);
}

/*
 * What is served, or never will be, leaves the batch.  While it was in there,
 * reports of the same page were dropped as duplicates: hence a drain before, so
 * that they all have been, and a replay after, that makes up for them.
 */
static int
nouveau_svm_service_settle(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_batch *batch = svmm->active;
	struct nouveau_svm *svm = svmm->svm;
	int i, nr;

	mutex_lock(&svm->lock);
	if (svm->running) {
		nouveau_svm_fault_drain(svm);

		for (i = 0; i < batch->nr; i++) {
			struct nouveau_svm_fault *fault = &batch->faults[i];

			if (!fault->reason && !fault->done)
				continue;
			if (fault->reason)
				nouveau_svm_service_cancel(svmm, fault);
			else if (svmm->suspicious)
				nouveau_svm_service_acquit(svmm, fault);
			if (fault->packet.access != NVKM_SVM_PREFETCH)
				svm->replay_due = true;
		}
		nouveau_svm_batch_keep(batch);

		if (batch->missed && !batch->nr)
			svm->replay_due = true;

		nouveau_svm_fault_replay(svm);
	} else if (READ_ONCE(svmm->closing) || READ_ONCE(svmm->lost)) {
		/* No GPU to tell, and nobody who would wait for it. */
		nouveau_svm_batch_clear(batch);
	}
	nr = batch->nr;
	mutex_unlock(&svm->lock);

	trace_nouveau_svm_settle(svmm->pid, nr);
	return nr;
}

static void
nouveau_svm_service_pause(int tries)
{
	if (tries < NOUVEAU_SVM_TRIES_FAST) {
		cond_resched();
		return;
	}

	tries -= NOUVEAU_SVM_TRIES_FAST;
	msleep_interruptible(1 << min(tries, NOUVEAU_SVM_PAUSE_SHIFT_MAX));
}

static void
nouveau_svm_service_batch(struct nouveau_svmm *svmm)
{
	struct nouveau_svm *svm = svmm->svm;
	int tries = 0, nr, left;

	nouveau_svm_stat_raise(svm, SVM_STAT_IN_FLIGHT_MAX,
			       atomic64_inc_return(&svm->stats[SVM_STAT_IN_FLIGHT]));
	nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_BATCHES);
	for (;;) {
		nr = svmm->active->nr;
		nouveau_svm_service_pass(svmm);
		left = nouveau_svm_service_settle(svmm);
		if (!left)
			break;
		nouveau_svm_stat_inc(svm, SVM_STAT_RETRIES);
		/* If some are served, what is left waits for nobody. */
		if (left < nr)
			tries = 0;
		nouveau_svm_service_pause(tries++);
	}

	atomic64_dec(&svm->stats[SVM_STAT_IN_FLIGHT]);
}

/**
 * nouveau_svm_service_work() - serve what waits, and tidy up
 * @work: &nouveau_svmm.work
 */
void
nouveau_svm_service_work(struct kthread_work *work)
{
	struct nouveau_svmm *svmm =
		container_of(work, struct nouveau_svmm, work);

	if (!svmm->killable) {
		allow_signal(SIGKILL);
		svmm->killable = true;
	}

	/* Pairs with WRITE_ONCE() in nouveau_svmm_flush(). */
	if (READ_ONCE(svmm->lost))
		nouveau_svm_service_bury(svmm);

	while (nouveau_svm_fault_take(svmm))
		nouveau_svm_service_batch(svmm);

	mutex_lock(&svmm->lock);
	nouveau_svm_range_collect(svmm);
	mutex_unlock(&svmm->lock);

	/*
	 * The signal has done its work, and would keep the thread from
	 * sleeping.  One that comes from now on queues the work again.
	 */
	flush_signals(current);
}
