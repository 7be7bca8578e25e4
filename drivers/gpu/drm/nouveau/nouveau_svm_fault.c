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

static void
nouveau_svm_fault_merge(struct nouveau_svmm *svmm,
			const struct nvkm_svm_packet *packet)
{
	const int strength = nouveau_svm_fault_strength(packet);
	struct nouveau_svm *svm = svmm->svm;
	const struct nouveau_svm_fault new = {
		.packet = *packet,
		.age = svm->replays,
	};
	struct nouveau_svm_fault *old;

	lockdep_assert_held(&svm->lock);

	old = nouveau_svm_batch_find(svmm->active, packet);
	if (old && nouveau_svm_fault_strength(&old->packet) >= strength) {
		nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_DUPLICATES);
		return;
	}

	old = nouveau_svm_batch_find(svmm->pending, packet);
	if (old) {
		nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_DUPLICATES);
		if (nouveau_svm_fault_strength(&old->packet) < strength) {
			old->packet = *packet;
			old->age = svm->replays;
		}
		return;
	}

	if (!nouveau_svm_batch_add(svmm->pending, &new)) {
		nouveau_svm_stat_inc(svm, SVM_STAT_FAULT_DROPPED);
		if (packet->access != NVKM_SVM_PREFETCH)
			svmm->pending->missed = true;
	}
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

/* What packets bring goes to their channels; many of one come in a row. */
static void
nouveau_svm_fault_hand(struct nouveau_svm *svm, int nr)
{
	struct nouveau_svm_channel *chan = NULL;
	int i;

	lockdep_assert_held(&svm->lock);

	for (i = 0; i < nr; i++) {
		const struct nvkm_svm_packet *packet = &svm->packets[i];

		trace_nouveau_svm_fault(packet);

		if (!chan || packet->inst != svm->packets[i - 1].inst)
			chan = nouveau_svm_channel(svm, packet->inst);
		if (!chan) {
			nouveau_svm_fault_unknown(svm, packet);
			continue;
		}

		/* A worker that has work left takes the rest unasked. */
		nouveau_svm_fault_merge(chan->svmm, packet);
		if (chan->svmm->pending->nr == 1)
			kthread_queue_work(chan->svmm->worker,
					   &chan->svmm->work);
	}
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
	int nr, pass;

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
		nouveau_svm_fault_hand(svm, nr);
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
	if (taken)
		nouveau_svm_batch_move(svmm->active, svmm->pending);
	mutex_unlock(&svm->lock);
	return taken;
}
