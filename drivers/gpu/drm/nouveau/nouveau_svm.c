// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, top layer: life and death of what there is one of
 * per device and per VMM, and which channel belongs to which VMM.  Does not
 * look into faults, pages or ioctl arguments.
 *
 * Locking: that of all files is below; here &nouveau_svm.lock for the lists of
 * VMMs and channels, and a VMM's notifier lock for what stops its worker.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/pm_runtime.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <drm/drm_print.h>

#include <subdev/mmu.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_fence.h"
#include "nouveau_svm.h"
#include "nouveau_svm_priv.h"

#define CREATE_TRACE_POINTS
#include "nouveau_svm_trace.h"

/**
 * DOC: Overview
 *
 * A client that calls SVM_INIT gets a VMM in which every address outside of a
 * hole of its own choice means what it means to the CPU. Nothing is mapped
 * beforehand. An access to an address that the GPU has no PTE for stalls, and
 * the GPU reports a fault:
 *
 * - The interrupt masks itself and queues the drain work (nouveau_svm_fault.c),
 *   which takes all packets out of the fault buffer, coalesces them and hands
 *   them to the VMM of the channel they name.
 *
 * - The VMM's own worker (nouveau_svm_service.c) serves them batch by batch:
 *   finds or makes the range (struct drm_gpusvm_range) of each page, has the
 *   pages there and finds them with HMM (nouveau_svm_walk.c), maps them for DMA
 *   and writes PTEs (nouveau_svm_map.c), in the largest GPU pages that are true
 *   to them.
 *   VMMs are served in parallel, and one that waits for a page makes no other
 *   wait.
 *
 * - A finished batch makes a replay due: the GPU tries every stalled access
 *   again, and reports those anew that still fail. What can't be served is
 *   cancelled, which kills its channel.
 *
 * When the CPU's mapping of a page changes, an mmu interval notifier takes the
 * page from the GPU (nouveau_svm_range.c): PTEs are cleared, the TLBs are
 * flushed, the DMA mapping is undone, all before the notifier returns.
 *
 * The hardware below is behind nvkm/subdev/svm.h.
 */

/**
 * DOC: Locking
 *
 * Outermost first:
 *
 * - &nouveau_cli.mutex: SVM_INIT, and channels against it.
 * - &nouveau_svmm.lock: the VMM's set of ranges as a whole. Held by the VMM's
 *   worker while it waits for pages, hence taken by nobody but that worker; by
 *   who maps memory ahead of faults, with no other lock held, in a way that a
 *   signal interrupts; and, when the worker is dead, by fini.
 * - &nouveau_svm.moves: held for reading while a fault moves memory to VRAM, so
 *   that suspend, which takes it for writing, finds none on its way.
 * - mmap_lock: held for reading while memory is moved, and while a page on its
 *   way from the CPU to the GPU has its folio locked; for writing while many
 *   pages are on that way.
 * - folio lock: held by make_device_exclusive() while the page is mapped.
 * - &nouveau_svm.awake: held for reading while page tables are made or freed,
 *   so that suspend, which takes it for writing, finds nobody at the hardware.
 * - &nouveau_svm.lock: fault buffer, replay and cancel, channels, batches. Never
 *   held while pages are waited for, and nothing is allocated under it: faults
 *   are drained whatever a worker waits for.
 * - &drm_gpusvm.notifier_lock: pages, PTEs and state of all ranges of a VMM.
 *   Notifiers hold it for writing, in reclaim: nothing is allocated under it
 *   but with GFP_ATOMIC (DMA mappings).
 * - the page table lock inside of nvkm_svm_pt_map() and friends, and
 *   &nouveau_svm_advices.lock: advice, which is looked up wherever it matters,
 *   and cut by notifiers. Neither has another one inside of it.
 */

/**
 * DOC: Limits
 *
 * - Private anonymous memory moves to VRAM; all other stays in RAM.
 * - The CPU's pages are 4 KiB, or folios of them. The GPU's are 4 KiB, 64 KiB
 *   and 2 MiB, and none is larger than a folio.
 * - Atomics work on anonymous private memory only. They need the page for the
 *   GPU alone, which the kernel provides for no other memory.
 * - Memory that needs bounce buffers can't be shared. A device for which DMA
 *   may use them has no SVM.
 * - A client's VMM follows the address space that called SVM_INIT. A child
 *   that inherits the file after fork() has no SVM through it.
 * - Closing the file takes all memory from its channels: those that still run
 *   and use it are killed.
 */

/* One notifier per so much address space: what drm_gpusvm recommends. */
#define NOUVEAU_SVM_NOTIFIER_SIZE	SZ_512M

/*
 * What kernels get to end before a suspend, and what it may take to kill those
 * that do not: milliseconds, with nothing behind them but that a user waits.
 */
#define NOUVEAU_SVM_FINISH_MS		1000
#define NOUVEAU_SVM_KILL_MS		5000
#define NOUVEAU_SVM_IDLE_US		1000

/* The largest that fits into a VMA is taken: most VMAs are small. */
static const unsigned long nouveau_svm_chunks[] = {
	NOUVEAU_SVM_RANGE_MAX, SZ_512K, SZ_128K, SZ_64K, SZ_32K, SZ_16K, SZ_8K,
	SZ_4K,
};

static unsigned long
nouveau_svm_inst_index(u64 inst)
{
	/* Instance blocks are aligned to pages. */
	return inst >> 12;
}

/**
 * nouveau_svm_channel() - find a channel
 * @svm: the device
 * @inst: its instance
 *
 * Return: the channel while &nouveau_svm.lock is held, NULL if it has no SVM.
 */
struct nouveau_svm_channel *
nouveau_svm_channel(struct nouveau_svm *svm, u64 inst)
{
	lockdep_assert_held(&svm->lock);

	return xa_load(&svm->channels, nouveau_svm_inst_index(inst));
}

/**
 * nouveau_svmm_dev() - the device that DMA mappings are for
 * @svmm: the VMM
 *
 * Return: the device.
 */
struct device *
nouveau_svmm_dev(struct nouveau_svmm *svmm)
{
	return svmm->svm->drm->dev->dev;
}

/**
 * nouveau_svmm_flush() - make the GPU forget what has been zapped
 * @svmm: the VMM
 *
 * A GPU that does not acknowledge is lost: said once, and not asked again,
 * since each question costs a timeout inside of somebody's munmap().  What it
 * may still reach is somebody else's soon, so the worker kills its channels.
 */
void
nouveau_svmm_flush(struct nouveau_svmm *svmm)
{
	int ret;

	lockdep_assert_held(&svmm->gpusvm.notifier_lock);

	if (svmm->lost)
		return;

	ret = nvkm_svm_flush(svmm->vmm);
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_FLUSHES);
	if (!ret)
		return;

	/* Pairs with READ_ONCE() where no notifier lock is held. */
	WRITE_ONCE(svmm->lost, true);
	if (!svmm->stopped) {
		/* It may be waiting for a page that never comes. */
		send_sig(SIGKILL, svmm->worker->task, 1);
		kthread_queue_work(svmm->worker, &svmm->work);
	}
	drm_err(svmm->svm->drm->dev,
		"svm: TLB flush failed (%d), GPU lost for %s[%d]\n",
		ret, svmm->comm, svmm->pid);
}

/**
 * nouveau_svmm_window() - the mirrored area around an address
 * @svmm: the VMM
 * @addr: the address
 * @start: where the area starts
 * @end: where it ends
 *
 * Return: false if the address is not in a mirrored area.
 */
bool
nouveau_svmm_window(struct nouveau_svmm *svmm, u64 addr, unsigned long *start,
		    unsigned long *end)
{
	struct drm_gpusvm *gpusvm = &svmm->gpusvm;
	const u64 limit = gpusvm->mm_start + gpusvm->mm_range;

	if (addr >= limit)
		return false;

	if (addr < svmm->unmanaged.start) {
		*start = 0;
		*end = min(svmm->unmanaged.start, limit);
		return true;
	}

	*start = svmm->unmanaged.limit;
	*end = limit;
	return addr >= svmm->unmanaged.limit;
}

static void
nouveau_svm_release(struct kref *ref)
{
	struct nouveau_svm *svm = container_of(ref, struct nouveau_svm, ref);

	mutex_lock(&svm->lock);
	svm->running = false;
	mutex_unlock(&svm->lock);

	nvkm_svm_fini(svm->hw);
	destroy_workqueue(svm->wq);
	nvkm_svm_del(&svm->hw);
	xa_destroy(&svm->channels);
	mutex_destroy(&svm->lock);
	kfree(svm);
}

static void
nouveau_svm_put(struct nouveau_svm *svm)
{
	kref_put(&svm->ref, nouveau_svm_release);
}

/*
 * The end of a VMM that may be half made.  No channel and no worker uses it any
 * more, and nothing is mapped: drm_gpusvm takes notifiers away first, and pages
 * may not stay mapped when nobody watches.
 */
static void
nouveau_svmm_free(struct nouveau_svmm *svmm)
{
	if (svmm->gpusvm.mm) {
		mutex_lock(&svmm->lock);
		drm_gpusvm_fini(&svmm->gpusvm);
		mutex_unlock(&svmm->lock);
	}

	nouveau_svm_advice_fini(svmm);
	nvkm_vmm_unref(&svmm->vmm);
	kvfree(svmm->walk);
	kvfree(svmm->active);
	kvfree(svmm->pending);
	mutex_destroy(&svmm->lock);
	kfree(svmm);
}

static int
nouveau_svmm_ctor(struct nouveau_svmm *svmm)
{
	struct mm_struct *mm = current->mm;
	int ret;

	svmm->walk = kvzalloc_obj(*svmm->walk);
	svmm->active = nouveau_svm_batch_new();
	svmm->pending = nouveau_svm_batch_new();
	if (!svmm->walk || !svmm->active || !svmm->pending)
		return -ENOMEM;

	ret = drm_gpusvm_init(&svmm->gpusvm, "nouveau", mm, 0, mm->task_size,
			      NOUVEAU_SVM_NOTIFIER_SIZE,
			      &nouveau_svm_range_ops, nouveau_svm_chunks,
			      ARRAY_SIZE(nouveau_svm_chunks));
	if (ret)
		return ret;

	drm_gpusvm_driver_set_lock(&svmm->gpusvm, &svmm->lock);

	kthread_init_work(&svmm->work, nouveau_svm_service_work);
	kthread_init_delayed_work(&svmm->retry, nouveau_svm_bounce_work);
	kthread_init_delayed_work(&svmm->ahead, nouveau_svm_prefetch_work);
	svmm->worker = kthread_run_worker(0, "nouveau-svm/%d", svmm->pid);
	return PTR_ERR_OR_ZERO(svmm->worker);
}

/**
 * nouveau_svmm_new() - bind a VMM to the caller's address space
 * @svm: the device
 * @vmm: the VMM; the reference is taken over, even on failure
 * @hole_start: start of what is not mirrored
 * @hole_limit: its end
 *
 * Return: the binding, or an error.
 */
struct nouveau_svmm *
nouveau_svmm_new(struct nouveau_svm *svm, struct nvkm_vmm *vmm, u64 hole_start,
		 u64 hole_limit)
{
	struct nouveau_svmm *svmm;
	int ret;

	svmm = kzalloc_obj(*svmm);
	if (!svmm) {
		nvkm_vmm_unref(&vmm);
		return ERR_PTR(-ENOMEM);
	}

	svmm->svm = svm;
	svmm->vmm = vmm;
	svmm->unmanaged.start = hole_start;
	svmm->unmanaged.limit = hole_limit;
	svmm->pid = task_tgid_nr(current);
	get_task_comm(svmm->comm, current->group_leader);
	mutex_init(&svmm->lock);
	nouveau_svm_advice_init(svmm);
	svmm->ranges = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&svmm->garbage);
	INIT_LIST_HEAD(&svmm->again);

	ret = nouveau_svmm_ctor(svmm);
	if (ret) {
		nouveau_svmm_free(svmm);
		return ERR_PTR(ret);
	}

	/*
	 * The GPU can run for longer than any ioctl of its owner, and a fault
	 * wakes no sleeping device.  Dropped in nouveau_svmm_fini().
	 */
	pm_runtime_get_noresume(nouveau_svmm_dev(svmm));

	kref_get(&svm->ref);
	nouveau_svm_stat_inc(svm, SVM_STAT_CLIENTS);
	mutex_lock(&svm->lock);
	list_add_tail(&svmm->head, &svm->svmms);
	mutex_unlock(&svm->lock);
	return svmm;
}

/**
 * nouveau_svmm_close() - the GPU gets no page of a VMM from now on
 * @svmm: the VMM, or NULL
 *
 * Called before channels are waited for.  They may wait for pages that the
 * worker never gets (a userfaultfd whose monitor sleeps, a dead file server),
 * or run for ever: whatever needs shared memory dies now.
 */
void
nouveau_svmm_close(struct nouveau_svmm *svmm)
{
	if (!svmm)
		return;

	/* Pairs with READ_ONCE() in the worker, which sees it or the signal. */
	WRITE_ONCE(svmm->closing, true);
	send_sig(SIGKILL, svmm->worker->task, 1);
	kthread_queue_work(svmm->worker, &svmm->work);
	nouveau_svm_range_zap_all(svmm);
}

/*
 * VRAM is of no use to processes without a GPU.  What can't be moved now, the
 * CPU fetches when it is touched.  Who enters at this moment may find no reserve
 * for page tables: as if there had been no room for one.
 */
static void
nouveau_svm_empty(struct nouveau_svm *svm)
{
	bool last;

	mutex_lock(&svm->lock);
	last = list_empty(&svm->svmms);
	mutex_unlock(&svm->lock);
	if (!last || !svm->dmem)
		return;

	if (nouveau_dmem_evict_all(svm->dmem))
		drm_dbg(svm->drm->dev, "svm: pages stay in VRAM\n");
	nouveau_dmem_drop_reserve(svm->dmem);
}

/* Channels are parted by now; whoever forgot must not get at freed memory. */
static void
nouveau_svmm_unlink(struct nouveau_svmm *svmm)
{
	struct nouveau_svm *svm = svmm->svm;
	struct nouveau_svm_channel *chan;
	unsigned long index;

	mutex_lock(&svm->lock);
	list_del(&svmm->head);
	xa_for_each(&svm->channels, index, chan) {
		if (drm_WARN_ON(svm->drm->dev, chan->svmm == svmm)) {
			xa_erase(&svm->channels, index);
			kfree(chan);
		}
	}
	mutex_unlock(&svm->lock);
}

/**
 * nouveau_svmm_fini() - unbind a VMM
 * @psvmm: the VMM; set to NULL
 *
 * The VMM's channels are gone, the VMM itself is still there.
 */
void
nouveau_svmm_fini(struct nouveau_svmm **psvmm)
{
	struct nouveau_svmm *svmm = *psvmm;
	struct nouveau_svm *svm;
	struct device *dev;

	if (!svmm)
		return;

	svm = svmm->svm;
	dev = nouveau_svmm_dev(svmm);

	nouveau_svmm_close(svmm);
	nouveau_svmm_unlink(svmm);

	down_write(&svmm->gpusvm.notifier_lock);
	svmm->stopped = true;
	up_write(&svmm->gpusvm.notifier_lock);
	kthread_cancel_delayed_work_sync(&svmm->retry);
	kthread_cancel_delayed_work_sync(&svmm->ahead);
	kthread_destroy_worker(svmm->worker);
	nouveau_svmm_free(svmm);
	*psvmm = NULL;
	nouveau_svm_stat_add(svm, SVM_STAT_CLIENTS, -1);
	nouveau_svm_empty(svm);

	pm_runtime_mark_last_busy(dev);
	pm_runtime_put_autosuspend(dev);
	nouveau_svm_put(svm);
}

/**
 * nouveau_svmm_join() - a channel starts to run in a VMM
 * @svmm: the VMM, or NULL if it has no SVM
 * @inst: the channel's instance
 * @chid: its number
 *
 * Return: 0, -ENOMEM, -EBUSY if the instance has not parted from another VMM,
 * -EIO if the GPU is lost for this one.
 */
int
nouveau_svmm_join(struct nouveau_svmm *svmm, u64 inst, int chid)
{
	struct nouveau_svm_channel *chan;
	int ret;

	if (!svmm)
		return 0;

	chan = kzalloc_obj(*chan);
	if (!chan)
		return -ENOMEM;

	chan->svmm = svmm;
	chan->inst = inst;
	chan->chid = chid;

	/* Not under the lock: faults are drained while this allocates. */
	ret = xa_insert(&svmm->svm->channels, nouveau_svm_inst_index(inst),
			chan, GFP_KERNEL);
	if (ret) {
		kfree(chan);
		return ret;
	}

	/* Whom the worker did not see when it killed them all sees this. */
	smp_mb();
	if (READ_ONCE(svmm->lost)) {
		nouveau_svmm_part(svmm, inst);
		return -EIO;
	}

	return 0;
}

/**
 * nouveau_svmm_part() - a channel runs no more
 * @svmm: its VMM, or NULL if it has no SVM
 * @inst: the channel's instance
 *
 * Returns when nobody can ask for its faults to be cancelled any more: the
 * instance may be another channel's next.
 */
void
nouveau_svmm_part(struct nouveau_svmm *svmm, u64 inst)
{
	if (!svmm)
		return;

	mutex_lock(&svmm->svm->lock);
	kfree(xa_erase(&svmm->svm->channels, nouveau_svm_inst_index(inst)));
	mutex_unlock(&svmm->svm->lock);
}

/**
 * nouveau_svmm_death_of() - what a channel was killed for
 * @svmm: its VMM
 * @inst: the channel's instance
 * @death: the result; SVM_REASON_NONE if it was not killed by SVM
 */
void
nouveau_svmm_death_of(struct nouveau_svmm *svmm, u64 inst,
		      struct nouveau_svm_death *death)
{
	struct nouveau_svm *svm = svmm->svm;
	struct nouveau_svm_channel *chan;

	/* Held from before an access is cancelled until that is noted. */
	mutex_lock(&svm->lock);
	chan = nouveau_svm_channel(svm, inst);
	*death = chan ? chan->death : (struct nouveau_svm_death) {};
	mutex_unlock(&svm->lock);
}

/* In hard interrupt context; the source is masked until the work has run. */
static void
nouveau_svm_notify(void *priv)
{
	struct nouveau_svm *svm = priv;

	queue_work(svm->wq, &svm->drain);
}

/*
 * Let the GPU end what it has begun: the kernel's own channel gets its turn
 * only when the engine is free.
 */
static bool
nouveau_svm_idle(struct nouveau_drm *drm, unsigned int ms)
{
	const unsigned long end = jiffies + msecs_to_jiffies(ms);
	struct nouveau_fence *fence = NULL;
	bool done;

	if (!drm->channel || nouveau_fence_new(&fence, drm->channel))
		return false;

	while (!(done = nouveau_fence_done(fence)) && time_before(jiffies, end))
		fsleep(NOUVEAU_SVM_IDLE_US);

	nouveau_fence_unref(&fence);
	return done;
}

/*
 * Kernels that are not done by now die as soon as they ask for memory, of which
 * they have none.  Waits for pages are over: their process may be frozen.
 */
static void
nouveau_svm_end(struct nouveau_svm *svm)
{
	struct nouveau_svmm *svmm;

	mutex_lock(&svm->lock);
	/* Pairs with READ_ONCE() in the workers and where they map pages. */
	WRITE_ONCE(svm->ending, true);
	list_for_each_entry(svmm, &svm->svmms, head) {
		send_sig(SIGKILL, svmm->worker->task, 1);
		kthread_queue_work(svmm->worker, &svmm->work);
		nouveau_svm_range_zap_all(svmm);
	}
	mutex_unlock(&svm->lock);
}

/*
 * No kernel may be left that waits for memory: nothing could be suspended.  One
 * that has begun while we looked at others has no more time than they had.
 */
static void
nouveau_svm_quiesce(struct nouveau_svm *svm)
{
	bool idle;

	mutex_lock(&svm->lock);
	idle = list_empty(&svm->svmms);
	mutex_unlock(&svm->lock);
	if (idle)
		return;

	nouveau_svm_idle(svm->drm, NOUVEAU_SVM_FINISH_MS);
	nouveau_svm_end(svm);
	if (!nouveau_svm_idle(svm->drm, NOUVEAU_SVM_KILL_MS))
		drm_warn(svm->drm->dev, "svm: the GPU does not become idle\n");
}

/**
 * nouveau_svm_suspend() - take all pages from the GPU
 * @drm: the device
 *
 * Those in VRAM are brought back to RAM first, while the GPU can do it, and
 * before anything else: if that fails there is nothing to be undone.
 *
 * Its page tables are saved and restored with the rest of its memory, and must
 * not come back with addresses in them that have been freed meanwhile.  Faults
 * build them up again after resume.
 *
 * Processes are frozen.  Their kernels get a while to end; those that do not
 * are killed, and reported.
 *
 * Return: 0; what keeps a page in VRAM, which would not survive.
 */
int
nouveau_svm_suspend(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm = drm->svm;
	struct nouveau_svmm *svmm;
	int ret;

	if (!svm)
		return 0;

	nouveau_svm_policy_settle(svm, true);
	ret = nouveau_dmem_suspend(svm->dmem);
	if (ret) {
		nouveau_svm_policy_settle(svm, false);
		return ret;
	}

	nouveau_svm_quiesce(svm);

	down_write(&svm->awake);
	mutex_lock(&svm->lock);
	/* Pairs with READ_ONCE() in nouveau_svm_map_current(). */
	WRITE_ONCE(svm->running, false);
	mutex_unlock(&svm->lock);
	up_write(&svm->awake);

	nvkm_svm_fini(svm->hw);
	flush_work(&svm->drain);

	mutex_lock(&svm->lock);
	list_for_each_entry(svmm, &svm->svmms, head)
		nouveau_svm_range_zap_all(svmm);
	mutex_unlock(&svm->lock);
	return 0;
}

/**
 * nouveau_svm_resume() - serve faults again
 * @drm: the device
 */
void
nouveau_svm_resume(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm = drm->svm;
	struct nouveau_svmm *svmm;
	int ret;

	if (!svm)
		return;

	ret = nvkm_svm_init(svm->hw);
	if (ret) {
		drm_err(drm->dev, "svm: no replayable faults: %d\n", ret);
		return;
	}

	mutex_lock(&svm->lock);
	/* As when they were set. */
	WRITE_ONCE(svm->running, true);
	WRITE_ONCE(svm->ending, false);
	svm->replay_due = true;
	/* Ranges may wait to be collected. */
	list_for_each_entry(svmm, &svm->svmms, head)
		kthread_queue_work(svmm->worker, &svmm->work);
	mutex_unlock(&svm->lock);
	queue_work(svm->wq, &svm->drain);
	nouveau_svm_policy_settle(svm, false);
}

/**
 * nouveau_svm_fini() - the device goes
 * @drm: the device
 *
 * Clients that are still open are closed right after this, and their channels
 * are waited for: faults are taken, and cancelled, until the last one is gone.
 */
void
nouveau_svm_fini(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm = drm->svm;
	struct nouveau_svmm *svmm;

	if (!svm)
		return;

	mutex_lock(&svm->lock);
	list_for_each_entry(svmm, &svm->svmms, head)
		nouveau_svmm_close(svmm);
	mutex_unlock(&svm->lock);

	nouveau_svm_policy_settle(svm, true);
	nouveau_dmem_del(&svm->dmem);
	drm->svm = NULL;
	nouveau_svm_put(svm);
}

/*
 * Would CPU and GPU see the same page, not a page and its bounce?  A kernel
 * that checks the use of the DMA API says of every device that it needs syncs,
 * but that is for the check: what the device itself needs is its flag, as HMM
 * takes it (mm/hmm.c, hmm_dma_map_alloc()).
 */
static bool
nouveau_svm_dma_coherent(struct device *dev)
{
	return !dma_addressing_limited(dev) &&
	       (!IS_ENABLED(CONFIG_DMA_NEED_SYNC) || dev_dma_skip_sync(dev));
}

static int
nouveau_svm_ctor(struct nouveau_svm *svm)
{
	int ret;

	/* One page of the CPU is the smallest of the GPU here. */
	if (PAGE_SIZE != SZ_4K)
		return -ENODEV;

	svm->wq = alloc_ordered_workqueue("nouveau-svm",
					  WQ_MEM_RECLAIM | WQ_HIGHPRI);
	if (!svm->wq)
		return -ENOMEM;

	ret = nvkm_svm_new(nvxx_device(svm->drm), nouveau_svm_notify, svm,
			   &svm->hw);
	if (ret)
		goto destroy_wq;

	if (!nouveau_svm_dma_coherent(svm->drm->dev->dev)) {
		drm_info(svm->drm->dev, "svm: off, DMA is not coherent\n");
		ret = -ENODEV;
		goto del_hw;
	}

	ret = nouveau_dmem_new(svm, &svm->dmem);
	if (ret)
		goto del_hw;

	svm->running = true;
	ret = nvkm_svm_init(svm->hw);
	if (ret)
		goto del_dmem;

	return 0;

del_dmem:
	nouveau_dmem_del(&svm->dmem);
del_hw:
	nvkm_svm_del(&svm->hw);
destroy_wq:
	destroy_workqueue(svm->wq);
	return ret;
}

/**
 * nouveau_svm_init() - set up SVM, if the device can do it
 * @drm: the device
 */
void
nouveau_svm_init(struct nouveau_drm *drm)
{
	struct nouveau_svm *svm;
	int ret;

	svm = kzalloc_obj(*svm);
	if (!svm)
		return;

	kref_init(&svm->ref);
	svm->drm = drm;
	INIT_WORK(&svm->drain, nouveau_svm_fault_work);
	mutex_init(&svm->lock);
	init_rwsem(&svm->awake);
	init_rwsem(&svm->moves);
	xa_init(&svm->channels);
	INIT_LIST_HEAD(&svm->svmms);

	ret = nouveau_svm_ctor(svm);
	if (ret) {
		if (ret != -ENODEV)
			drm_err(drm->dev, "svm: off: %d\n", ret);
		kfree(svm);
		return;
	}

	drm->svm = svm;
	nouveau_svm_debugfs_init(svm);
}
