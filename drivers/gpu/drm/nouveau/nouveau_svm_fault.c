// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, producer of faults: takes packets out of the device's
 * fault buffer, coalesces them, and hands them to the VMMs.  Does not know what
 * a page is, and waits for nobody.
 *
 * Locking: &nouveau_svm.lock, all of it.
 *
 * Nothing is allocated here, and whatever finds no room is dropped: an access
 * that nobody has served is reported again by the next replay, and there is a
 * replay after each batch that holds an access or had no room for one.
 */
#include <linux/sort.h>

#include <drm/drm_print.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"
#include "nouveau_svm_trace.h"

/* Passes over the buffer until others get the lock again. */
#define NOUVEAU_SVM_DRAIN_PASSES	16

/* What can't be served is stronger than any access: it decides the outcome. */
static int
nouveau_svm_fault_strength(const struct nvkm_svm_packet *packet)
{
	return packet->serviceable ? packet->access : NVKM_SVM_ATOMIC + 1;
}

static int
nouveau_svm_fault_cmp_page(const struct nvkm_svm_packet *a,
			   const struct nvkm_svm_packet *b)
{
	if (a->inst != b->inst)
		return a->inst < b->inst ? -1 : 1;
	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return 0;
}

/* Instance, page, strongest first: that one survives nouveau_svm_fault_uniq */
static int
nouveau_svm_fault_cmp(const void *pa, const void *pb)
{
	const struct nouveau_svm_fault *a = pa, *b = pb;

	return nouveau_svm_fault_cmp_page(&a->packet, &b->packet) ?:
	       nouveau_svm_fault_strength(&b->packet) -
	       nouveau_svm_fault_strength(&a->packet);
}

static void
nouveau_svm_fault_uniq(struct nouveau_svm *svm,
		       struct nouveau_svm_batch *batch)
{
	struct nouveau_svm_fault *faults = batch->faults;
	int i, nr = 0;

	sort(faults, batch->nr, sizeof(*faults), nouveau_svm_fault_cmp, NULL);

	for (i = 0; i < batch->nr; i++) {
		if (nr && !nouveau_svm_fault_cmp_page(&faults[nr - 1].packet,
						      &faults[i].packet))
			continue;
		if (nr != i)
			faults[nr] = faults[i];
		nr++;
	}

	nouveau_svm_stat_add(svm, SVM_STAT_FAULT_DUPLICATES, batch->nr - nr);
	batch->nr = nr;
	batch->sorted = nr;
}

/* Is a page among the first @last, which are sorted, for at least this access? */
static bool
nouveau_svm_fault_known(const struct nouveau_svm_batch *batch, int last,
			const struct nvkm_svm_packet *packet)
{
	int first = 0;

	while (first < last) {
		int i = (first + last) / 2;
		const struct nvkm_svm_packet *p = &batch->faults[i].packet;
		int cmp = nouveau_svm_fault_cmp_page(packet, p);

		if (!cmp)
			return nouveau_svm_fault_strength(packet) <=
			       nouveau_svm_fault_strength(p);
		if (cmp < 0)
			last = i;
		else
			first = i + 1;
	}

	return false;
}

static void
nouveau_svm_fault_merge(struct nouveau_svmm *svmm,
			const struct nvkm_svm_packet *packet)
{
	struct nouveau_svm_batch *batch = svmm->pending;
	struct nouveau_svm *svm = svmm->svm;

	lockdep_assert_held(&svm->lock);

	if (nouveau_svm_fault_known(svmm->active, svmm->active->nr, packet) ||
	    nouveau_svm_fault_known(batch, batch->sorted, packet)) {
		nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_DUPLICATES);
		return;
	}

	/* In a full batch that is sorted there is no more room to be made. */
	if (batch->nr == NOUVEAU_SVM_BATCH_MAX && batch->sorted < batch->nr)
		nouveau_svm_fault_uniq(svm, batch);

	if (batch->nr == NOUVEAU_SVM_BATCH_MAX) {
		nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_DROPPED);
		if (packet->access != NVKM_SVM_PREFETCH)
			batch->missed = true;
		return;
	}

	batch->faults[batch->nr++] = (struct nouveau_svm_fault) {
		.packet = *packet,
		.age = svm->replays,
	};
}

/*
 * A channel that has left, or never was ours, must not stall the engine for
 * everybody.
 */
static void
nouveau_svm_fault_unknown(struct nouveau_svm *svm,
			  const struct nvkm_svm_packet *packet)
{
	int ret;

	lockdep_assert_held(&svm->lock);

	nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_UNKNOWN);
	if (packet->access == NVKM_SVM_PREFETCH)
		return;

	ret = nvkm_svm_cancel(svm->hw, packet);
	if (ret && ret != -EAGAIN)
		drm_err(svm->drm->dev, "svm: cancel failed: %d\n", ret);
	svm->replay_due = true;
}

static void
nouveau_svm_fault_hand(struct nouveau_svm *svm,
		       const struct nvkm_svm_packet *packet)
{
	struct nouveau_svm_channel *chan;

	lockdep_assert_held(&svm->lock);

	trace_nouveau_svm_fault(packet);

	chan = nouveau_svm_channel(svm, packet->inst);
	if (!chan) {
		nouveau_svm_fault_unknown(svm, packet);
		return;
	}

	/* A worker that has work left takes the rest without being asked. */
	nouveau_svm_fault_merge(chan->svmm, packet);
	if (chan->svmm->pending->nr == 1)
		kthread_queue_work(chan->svmm->worker, &chan->svmm->work);
}

/*
 * The GPU had no room for packets.  They were the channel's that holds the
 * engine.  While its VMM is being served a replay would bring them all again,
 * and the buffer would be full again: the one after its batch makes up for it.
 */
static void
nouveau_svm_fault_lost(struct nouveau_svm *svm)
{
	struct nouveau_svm_channel *chan;

	lockdep_assert_held(&svm->lock);

	chan = nouveau_svm_channel(svm, nvkm_svm_current(svm->hw));
	if (chan && chan->svmm->pending->nr)
		chan->svmm->pending->missed = true;
	else if (chan && chan->svmm->active->nr)
		chan->svmm->active->missed = true;
	else
		svm->replay_due = true;
}

/**
 * nouveau_svm_fault_drain() - empty the fault buffer
 * @svm: the device
 */
void
nouveau_svm_fault_drain(struct nouveau_svm *svm)
{
	int i, nr, pass;

	lockdep_assert_held(&svm->lock);

	for (pass = 0; pass < NOUVEAU_SVM_DRAIN_PASSES; pass++) {
		nr = nvkm_svm_drain(svm->hw, svm->packets,
				    NOUVEAU_SVM_DRAIN_MAX);
		if (!nr)
			return;

		if (nr < 0) {
			nouveau_svm_fault_lost(svm);
			if (nr != -EOVERFLOW)
				drm_err_ratelimited(svm->drm->dev,
						    "svm: fault packet lost: %d\n",
						    nr);
			continue;
		}

		nouveau_svm_stat_add(svm, SVM_STAT_FAULT_PACKETS, nr);
		for (i = 0; i < nr; i++)
			nouveau_svm_fault_hand(svm, &svm->packets[i]);
	}
}

/**
 * nouveau_svm_fault_replay() - let the GPU try again, if that is due
 * @svm: the device
 *
 * After a drain: so a packet that comes later is younger than the replay.
 */
void
nouveau_svm_fault_replay(struct nouveau_svm *svm)
{
	int ret;

	lockdep_assert_held(&svm->lock);

	if (!svm->replay_due || !svm->running)
		return;

	svm->replay_due = false;
	svm->replays++;
	nouveau_svm_stat_inc(svm, SVM_STAT_REPLAYS);
	trace_nouveau_svm_replay(svm->replays);

	ret = nvkm_svm_replay(svm->hw);
	if (ret)
		drm_err_ratelimited(svm->drm->dev, "svm: replay failed: %d\n",
				    ret);
}

/**
 * nouveau_svm_fault_replay_now() - let the GPU try again
 * @svm: the device
 */
void
nouveau_svm_fault_replay_now(struct nouveau_svm *svm)
{
	mutex_lock(&svm->lock);
	if (svm->running) {
		nouveau_svm_fault_drain(svm);
		svm->replay_due = true;
		nouveau_svm_fault_replay(svm);
	}
	mutex_unlock(&svm->lock);
}

/**
 * nouveau_svm_fault_work() - what an interrupt asks for
 * @work: &nouveau_svm.drain
 */
void
nouveau_svm_fault_work(struct work_struct *work)
{
	struct nouveau_svm *svm = container_of(work, struct nouveau_svm, drain);

	mutex_lock(&svm->lock);
	if (svm->running) {
		nouveau_svm_fault_drain(svm);
		nouveau_svm_fault_replay(svm);
		nvkm_svm_unmask(svm->hw);
	}
	mutex_unlock(&svm->lock);
}

/**
 * nouveau_svm_fault_take() - what waits for a VMM becomes its active batch
 * @svmm: the VMM; its worker calls
 *
 * Return: false if nothing waits.
 */
bool
nouveau_svm_fault_take(struct nouveau_svmm *svmm)
{
	struct nouveau_svm *svm = svmm->svm;
	bool taken;

	mutex_lock(&svm->lock);
	taken = svmm->pending->nr;
	if (taken) {
		swap(svmm->pending, svmm->active);
		svmm->pending->nr = 0;
		svmm->pending->sorted = 0;
		svmm->pending->missed = false;
		nouveau_svm_fault_uniq(svm, svmm->active);
	}
	mutex_unlock(&svm->lock);
	return taken;
}
