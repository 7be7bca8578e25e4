// SPDX-License-Identifier: MIT
/*
 * Device memory, copy engine: moves bytes between VRAM and system memory, and
 * clears VRAM.  Knows addresses, and neither processes nor page tables.
 *
 * The channel is our own: TTM's is waited for by people who hold locks that
 * CPU faults hold, too.  It sits on a runlist without the graphics engine,
 * which stands still while a fault is being served.  Addresses are physical:
 * a copy engine of Pascal dies of a missing translation.
 *
 * Locking: commands are pushed with &nouveau_dmem_copy.lock held, and waited for
 * without.  That is taken with mmap_lock, folio locks and reservations of SVM's
 * own buffers held, so nothing is allocated under it; and channels, whose buffers
 * TTM allocates, are made by a work of its own that holds no lock at all.  Reclaim
 * copies, too: the fences that are allocated all the same do not wait for it.
 *
 * Who finds his copy failed waits for that work with those locks held.  It
 * needs none of them: the buffers of a channel are in system memory, TTM and
 * reclaim only try the locks of buffers and folios that they would move out,
 * and the VRAM that the old channel had is free by then, so nothing in VRAM has
 * to go for the new one.  Lockdep can't tell the reservation of a new buffer
 * from that of the caller's, so it is not asked: the wait is one for a count.
 */
#include <linux/sched/mm.h>

#include <drm/drm_print.h>

#include <nvif/class.h>
#include <nvif/fifo.h>
#include <nvif/push906f.h>

#include <nvhw/class/cla0b5.h>

#include "nouveau_drv.h"
#include "nouveau_chan.h"
#include "nouveau_dma.h"
#include "nouveau_fence.h"

#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"
#include "nouveau_svm_trace.h"

/* More words than any one command below has. */
#define NOUVEAU_DMEM_COPY_WORDS		16

/* An element of a clear: two components of four bytes. */
#define NOUVEAU_DMEM_CLEAR_SHIFT	3

/* Any that no other object of the channel has. */
#define NOUVEAU_DMEM_COPY_HANDLE	0xd3e30000

/*
 * From all pages of a range down to one by halves, that twice, and some: if
 * nothing has been copied by then, it is not the pages that are bad.
 */
#define NOUVEAU_DMEM_COPY_FAILURES	16

/**
 * struct nouveau_dmem_engine - a channel with a copy engine on it
 */
struct nouveau_dmem_engine {
	/** @chan: the channel */
	struct nouveau_channel *chan;
	/** @object: the engine's class on it */
	struct nvif_object object;
};

/* The channel */

static void
nouveau_dmem_engine_del(struct nouveau_dmem_engine *engine)
{
	if (!engine)
		return;

	nvif_object_dtor(&engine->object);
	nouveau_channel_del(&engine->chan);
	kfree(engine);
}

static int
nouveau_dmem_engine_bind(struct nouveau_dmem_engine *engine)
{
	/* Classes of engines have no version. */
	static const struct nvif_mclass classes[] = {
		{ PASCAL_DMA_COPY_B, -1 },
		{ PASCAL_DMA_COPY_A, -1 },
		{}
	};
	struct nvif_push *push = &engine->chan->chan.push;
	int cid, ret;

	cid = nvif_mclass(&engine->chan->user, classes);
	if (cid < 0)
		return cid;

	ret = nvif_object_ctor(&engine->chan->user, "svmCopy",
			       NOUVEAU_DMEM_COPY_HANDLE | classes[cid].oclass,
			       classes[cid].oclass, NULL, 0, &engine->object);
	if (ret)
		return ret;

	ret = PUSH_WAIT(push, 2);
	if (ret)
		return ret;

	PUSH_NVSQ(push, NVA0B5, 0x0000, classes[cid].oclass);
	return 0;
}

static struct nouveau_dmem_engine *
nouveau_dmem_engine_new(struct nouveau_drm *drm)
{
	struct nvif_device *device = &drm->client.device;
	struct nouveau_dmem_engine *engine;
	u64 runlists;
	int ret;

	/* A copy engine that shares its runlist with GR waits for faults. */
	runlists = nvif_fifo_runlist_ce(device);
	runlists &= ~nvif_fifo_runlist(device,
				       NV_DEVICE_HOST_RUNLIST_ENGINES_GR);
	if (!runlists)
		return ERR_PTR(-ENODEV);

	engine = kzalloc_obj(*engine);
	if (!engine)
		return ERR_PTR(-ENOMEM);

	/* No DMA objects: the last to need them was Tesla. */
	ret = nouveau_channel_new(&drm->client, true, runlists, 0, 0,
				  &engine->chan);
	if (!ret)
		ret = nouveau_dmem_engine_bind(engine);
	if (ret) {
		nouveau_dmem_engine_del(engine);
		return ERR_PTR(ret);
	}

	return engine;
}

static bool
nouveau_dmem_engine_alive(struct nouveau_dmem_copy *copy)
{
	return copy->engine && !atomic_read(&copy->engine->chan->killed);
}

/* Make a channel, unless there is one.  Return: what this serves. */
static unsigned int
nouveau_dmem_copy_renew(struct nouveau_dmem_copy *copy)
{
	struct nouveau_drm *drm = copy->svm->drm;
	struct nouveau_dmem_engine *engine;
	unsigned int asked;

	mutex_lock(&copy->lock);
	asked = copy->asked;
	engine = copy->engine;
	if (nouveau_dmem_engine_alive(copy))
		engine = NULL;
	else
		copy->engine = NULL;
	mutex_unlock(&copy->lock);

	nouveau_dmem_engine_del(engine);
	if (copy->engine)
		return asked;

	engine = nouveau_dmem_engine_new(drm);
	if (IS_ERR(engine)) {
		drm_err(drm->dev, "svm: no channel for copies: %pe\n", engine);
		return asked;
	}

	mutex_lock(&copy->lock);
	copy->engine = engine;
	copy->generation++;
	mutex_unlock(&copy->lock);
	return asked;
}

static void
nouveau_dmem_copy_serve(struct nouveau_dmem_copy *copy, unsigned int asked)
{
	/* Pairs with READ_ONCE() in nouveau_dmem_copy_replace(). */
	WRITE_ONCE(copy->served, asked);
	wake_up_all(&copy->revived);
}

/* The old channel is off when this is through: nothing is copied any more. */
static void
nouveau_dmem_copy_revive(struct work_struct *work)
{
	struct nouveau_dmem_copy *copy =
		container_of(work, struct nouveau_dmem_copy, revive);

	nouveau_dmem_copy_serve(copy, nouveau_dmem_copy_renew(copy));
}

/* The same for those with locks held, see above; @asked: by them. */
static void
nouveau_dmem_copy_replace(struct nouveau_dmem_copy *copy, unsigned int asked)
{
	queue_work(system_dfl_wq, &copy->revive);
	/* Pairs with WRITE_ONCE() in nouveau_dmem_copy_serve(). */
	wait_event(copy->revived,
		   (int)(READ_ONCE(copy->served) - asked) >= 0);
}

/**
 * nouveau_dmem_copy_alive() - is there a channel?
 * @copy: the copy engine
 *
 * Return: true if there is one that works.
 */
bool
nouveau_dmem_copy_alive(struct nouveau_dmem_copy *copy)
{
	bool alive;

	mutex_lock(&copy->lock);
	alive = nouveau_dmem_engine_alive(copy);
	mutex_unlock(&copy->lock);
	return alive;
}

/**
 * nouveau_dmem_copy_ready() - make sure that there is a channel
 * @copy: the copy engine
 *
 * Waits for allocations, but for nobody who waits for the caller's locks.  Who is
 * to make room for allocations himself does not wait.
 *
 * Return: 0, -ENODEV.
 */
int
nouveau_dmem_copy_ready(struct nouveau_dmem_copy *copy)
{
	if (nouveau_dmem_copy_alive(copy))
		return 0;

	queue_work(system_dfl_wq, &copy->revive);
	if (current->flags & PF_MEMALLOC)
		return -ENODEV;

	flush_work(&copy->revive);
	return nouveau_dmem_copy_alive(copy) ? 0 : -ENODEV;
}

/* Commands */

/* Physical, one after the other, and written out when it is done. */
static const u32 nouveau_dmem_launch =
	NVDEF(NVA0B5, LAUNCH_DMA, DATA_TRANSFER_TYPE, NON_PIPELINED) |
	NVDEF(NVA0B5, LAUNCH_DMA, FLUSH_ENABLE, TRUE) |
	NVDEF(NVA0B5, LAUNCH_DMA, SRC_MEMORY_LAYOUT, PITCH) |
	NVDEF(NVA0B5, LAUNCH_DMA, DST_MEMORY_LAYOUT, PITCH) |
	NVDEF(NVA0B5, LAUNCH_DMA, SRC_TYPE, PHYSICAL) |
	NVDEF(NVA0B5, LAUNCH_DMA, DST_TYPE, PHYSICAL);

static int
nouveau_dmem_push_clear(struct nvif_push *push,
			const struct nouveau_dmem_run *run)
{
	const u32 remap =
		NVDEF(NVA0B5, SET_REMAP_COMPONENTS, DST_X, CONST_A) |
		NVDEF(NVA0B5, SET_REMAP_COMPONENTS, DST_Y, CONST_B) |
		NVDEF(NVA0B5, SET_REMAP_COMPONENTS, COMPONENT_SIZE, FOUR) |
		NVDEF(NVA0B5, SET_REMAP_COMPONENTS, NUM_DST_COMPONENTS, TWO);
	const u32 launch = nouveau_dmem_launch |
			   NVDEF(NVA0B5, LAUNCH_DMA, REMAP_ENABLE, TRUE);
	int ret;

	ret = PUSH_WAIT(push, NOUVEAU_DMEM_COPY_WORDS);
	if (ret)
		return ret;

	PUSH_MTHD(push, NVA0B5, SET_REMAP_CONST_A, 0,
		  SET_REMAP_CONST_B, 0,
		  SET_REMAP_COMPONENTS, remap);
	PUSH_MTHD(push, NVA0B5, SET_DST_PHYS_MODE,
		  NVDEF(NVA0B5, SET_DST_PHYS_MODE, TARGET, LOCAL_FB));
	PUSH_MTHD(push, NVA0B5, OFFSET_OUT_UPPER, upper_32_bits(run->vram),
		  OFFSET_OUT_LOWER, lower_32_bits(run->vram));
	PUSH_MTHD(push, NVA0B5, LINE_LENGTH_IN,
		  run->size >> NOUVEAU_DMEM_CLEAR_SHIFT);
	PUSH_MTHD(push, NVA0B5, LAUNCH_DMA, launch);
	return 0;
}

static int
nouveau_dmem_push_copy(struct nvif_push *push,
		       const struct nouveau_dmem_run *run, bool to_vram)
{
	const u64 src = to_vram ? run->sys : run->vram;
	const u64 dst = to_vram ? run->vram : run->sys;
	const u32 vram = NVDEF(NVA0B5, SET_SRC_PHYS_MODE, TARGET, LOCAL_FB);
	const u32 sys = NVDEF(NVA0B5, SET_SRC_PHYS_MODE, TARGET,
			      COHERENT_SYSMEM);
	int ret;

	ret = PUSH_WAIT(push, NOUVEAU_DMEM_COPY_WORDS);
	if (ret)
		return ret;

	PUSH_MTHD(push, NVA0B5, SET_SRC_PHYS_MODE, to_vram ? sys : vram,
		  SET_DST_PHYS_MODE, to_vram ? vram : sys);
	PUSH_MTHD(push, NVA0B5, OFFSET_IN_UPPER, upper_32_bits(src),
		  OFFSET_IN_LOWER, lower_32_bits(src),
		  OFFSET_OUT_UPPER, upper_32_bits(dst),
		  OFFSET_OUT_LOWER, lower_32_bits(dst));
	PUSH_MTHD(push, NVA0B5, LINE_LENGTH_IN, run->size);
	PUSH_MTHD(push, NVA0B5, LAUNCH_DMA, nouveau_dmem_launch);
	return 0;
}

static int
nouveau_dmem_push_run(struct nouveau_dmem_copy *copy,
		      const struct nouveau_dmem_run *run, bool to_vram)
{
	struct nvif_push *push = &copy->engine->chan->chan.push;

	if (!run->size)
		return 0;

	trace_nouveau_svm_copy(run->vram, run->sys, run->size, to_vram);
	nouveau_svm_stat_inc(copy->svm, SVM_STAT_COPY_JOBS);
	if (!run->sys) {
		nouveau_svm_stat_add(copy->svm, SVM_STAT_CLEAR_BYTES, run->size);
		return nouveau_dmem_push_clear(push, run);
	}

	nouveau_svm_stat_add(copy->svm, SVM_STAT_COPY_BYTES, run->size);
	return nouveau_dmem_push_copy(push, run, to_vram);
}

/* Streams */

/* Is it still the channel that the stream has begun on? */
static int
nouveau_dmem_stream_check(struct nouveau_dmem_stream *stream)
{
	struct nouveau_dmem_copy *copy = stream->copy;

	lockdep_assert_held(&copy->lock);

	return nouveau_dmem_engine_alive(copy) &&
	       copy->generation == stream->generation ? 0 : -ENODEV;
}

/* Push what has been put together. */
static int
nouveau_dmem_stream_flush(struct nouveau_dmem_stream *stream)
{
	struct nouveau_dmem_run run = stream->run;

	lockdep_assert_held(&stream->copy->lock);

	stream->run.size = 0;
	stream->pushed = true;
	return nouveau_dmem_push_run(stream->copy, &run, stream->to_vram);
}

static struct nouveau_dmem_run
nouveau_dmem_copy_page(struct page *page, const struct drm_pagemap_addr *addr,
		       bool to_vram)
{
	struct nouveau_dmem_run run = {
		.vram = nouveau_dmem_addr(page),
		.sys = addr->addr,
		.size = PAGE_SIZE << addr->order,
	};

	/* A hole has no address, and its order is that of the new page. */
	if (!run.sys)
		run.size = to_vram ? folio_size(page_folio(page)) : 0;
	return run;
}

static bool
nouveau_dmem_run_merge(struct nouveau_dmem_run *run,
		       const struct nouveau_dmem_run *next)
{
	if (run->vram + run->size != next->vram || !run->sys != !next->sys)
		return false;
	if (run->sys && run->sys + run->size != next->sys)
		return false;

	run->size += next->size;
	return true;
}

/**
 * nouveau_dmem_copy_begin() - begin a stream of copies
 * @stream: the stream
 * @copy: the copy engine
 * @to_vram: the direction
 */
void
nouveau_dmem_copy_begin(struct nouveau_dmem_stream *stream,
			struct nouveau_dmem_copy *copy, bool to_vram)
{
	memset(stream, 0, sizeof(*stream));
	stream->copy = copy;
	stream->to_vram = to_vram;

	if (atomic_inc_return(&copy->streams) > 1)
		nouveau_svm_stat_inc(copy->svm, SVM_STAT_COPIES_OVERLAPPED);

	mutex_lock(&copy->lock);
	stream->generation = copy->generation;
	mutex_unlock(&copy->lock);
}

/**
 * nouveau_dmem_copy_add() - copy some more pages
 * @stream: the stream
 * @pages: pages in VRAM, by head where they are large; NULL: none
 * @addr: for each, the DMA address of the other side; 0: it is cleared in VRAM,
 *	or left alone in RAM
 * @npages: length of both arrays
 *
 * One job for each run that is contiguous on both sides.  The engine begins when
 * it is told to, or at the end, when errors are told, too.
 */
void
nouveau_dmem_copy_add(struct nouveau_dmem_stream *stream, struct page **pages,
		      const struct drm_pagemap_addr *addr, unsigned long npages)
{
	const unsigned int flags = memalloc_nofs_save();
	struct nouveau_dmem_run next;
	unsigned long i, step;

	mutex_lock(&stream->copy->lock);
	if (!stream->err)
		stream->err = nouveau_dmem_stream_check(stream);
	for (i = 0; i < npages; i += step) {
		step = 1;
		if (!pages[i])
			continue;

		next = nouveau_dmem_copy_page(pages[i], &addr[i],
					      stream->to_vram);
		if (!next.size)
			continue;

		step = next.size >> PAGE_SHIFT;
		stream->count += step;
		if (stream->err || nouveau_dmem_run_merge(&stream->run, &next))
			continue;

		stream->err = nouveau_dmem_stream_flush(stream);
		stream->run = next;
	}
	mutex_unlock(&stream->copy->lock);
	memalloc_nofs_restore(flags);
}

/**
 * nouveau_dmem_copy_kick() - let the engine begin
 * @stream: the stream
 *
 * With all of it but the last run, to which the next pages may belong.  It works
 * while the caller prepares those.
 */
void
nouveau_dmem_copy_kick(struct nouveau_dmem_stream *stream)
{
	struct nouveau_dmem_copy *copy = stream->copy;

	if (!stream->pushed)
		return;

	mutex_lock(&copy->lock);
	if (!stream->err)
		stream->err = nouveau_dmem_stream_check(stream);
	if (!stream->err) {
		PUSH_KICK(&copy->engine->chan->chan.push);
		nouveau_svm_stat_inc(copy->svm, SVM_STAT_COPIES_EARLY);
	}
	mutex_unlock(&copy->lock);
	stream->pushed = false;
}

/* A fence that comes after all of the stream. */
static struct nouveau_fence *
nouveau_dmem_stream_fence(struct nouveau_dmem_stream *stream)
{
	struct nouveau_dmem_copy *copy = stream->copy;
	const unsigned int flags = memalloc_nofs_save();
	struct nouveau_fence *fence = NULL;

	mutex_lock(&copy->lock);
	if (!stream->err)
		stream->err = nouveau_dmem_stream_check(stream) ?:
			      nouveau_dmem_stream_flush(stream);
	if (!stream->err)
		stream->err = nouveau_fence_new(&fence, copy->engine->chan);
	mutex_unlock(&copy->lock);
	memalloc_nofs_restore(flags);
	return fence;
}

/*
 * What has been pushed, or hangs, must never run.  Others whose copies are on
 * the same channel find them failed as well.
 */
static void
nouveau_dmem_stream_kill(struct nouveau_dmem_stream *stream)
{
	struct nouveau_dmem_copy *copy = stream->copy;
	unsigned int asked;

	mutex_lock(&copy->lock);
	if (copy->engine && copy->generation == stream->generation)
		atomic_set(&copy->engine->chan->killed, 1);
	asked = ++copy->asked;
	mutex_unlock(&copy->lock);

	nouveau_svm_stat_inc(copy->svm, SVM_STAT_COPY_ERRORS);
	nouveau_dmem_copy_replace(copy, asked);
}

static int
nouveau_dmem_stream_wait(struct nouveau_dmem_stream *stream)
{
	struct nouveau_svm *svm = stream->copy->svm;
	struct nouveau_fence *fence;

	if (!stream->count)
		return 0;

	fence = nouveau_dmem_stream_fence(stream);
	if (fence) {
		/* One that is signalled as its channel has died has an error. */
		stream->err = nouveau_fence_wait(fence, true, false) ?:
			      min(dma_fence_get_status(&fence->base), 0);
		nouveau_fence_unref(&fence);
	}
	if (stream->err) {
		nouveau_dmem_stream_kill(stream);
		return stream->err;
	}

	nouveau_svm_stat_add(svm, stream->to_vram ? SVM_STAT_PAGES_TO_VRAM :
						    SVM_STAT_PAGES_TO_RAM,
			     stream->count);
	return 0;
}

/**
 * nouveau_dmem_copy_end() - wait until all of a stream is copied
 * @stream: the stream
 *
 * Return: 0; an error, then nothing is being copied any more, and what has been
 * is not known.
 */
int
nouveau_dmem_copy_end(struct nouveau_dmem_stream *stream)
{
	const int ret = nouveau_dmem_stream_wait(stream);

	atomic_dec(&stream->copy->streams);
	return ret;
}

/* Return: 0; an error, then nothing is being copied any more. */
static int
nouveau_dmem_copy_batch(struct nouveau_dmem_copy *copy, struct page **pages,
			struct drm_pagemap_addr *addr, unsigned long npages,
			bool to_vram)
{
	struct nouveau_dmem_stream stream;

	nouveau_dmem_copy_begin(&stream, copy, to_vram);
	nouveau_dmem_copy_add(&stream, pages, addr, npages);
	return nouveau_dmem_copy_end(&stream);
}

static struct nouveau_dmem_copy *
nouveau_dmem_copy_of(struct page **pages, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++) {
		if (pages[i])
			return &nouveau_dmem(pages[i])->copy;
	}

	return NULL;
}

/**
 * nouveau_dmem_copy_to_vram() - fill new pages in VRAM
 * @pages: pages in VRAM, by head where they are large
 * @addr: for each, where its content is; nowhere: it is cleared
 * @npages: length of both arrays
 * @fence: not used, the memory is idle
 *
 * One job for each run that is contiguous on both sides.
 *
 * Return: 0; an error, then nothing is being copied any more.
 */
int
nouveau_dmem_copy_to_vram(struct page **pages, struct drm_pagemap_addr *addr,
			  unsigned long npages, struct dma_fence *fence)
{
	struct nouveau_dmem_copy *copy = nouveau_dmem_copy_of(pages, npages);

	return copy ? nouveau_dmem_copy_batch(copy, pages, addr, npages, true) :
		      0;
}

/**
 * nouveau_dmem_copy_parts() - bring back what can be
 * @pages: pages in VRAM; those that could not be copied are set to NULL
 * @addr: for each, where its content shall go
 * @npages: length of both arrays
 *
 * What fails together is tried by halves, down to single pages, and a page is
 * given up only when it fails twice by itself.
 *
 * Return: 0 if all are copied; else why the last of the others is not.  Nothing
 * is being copied any more.
 */
int
nouveau_dmem_copy_parts(struct page **pages, struct drm_pagemap_addr *addr,
			unsigned long npages)
{
	struct nouveau_dmem_copy *copy = nouveau_dmem_copy_of(pages, npages);
	unsigned long i = 0, nr = npages, tried = npages;
	unsigned int failures = 0;
	int err, ret = 0;

	while (copy && i < npages) {
		nr = min(nr, npages - i);
		err = nouveau_dmem_copy_batch(copy, pages + i, addr + i, nr,
					      false);
		if (!err) {
			failures = 0;
			i += nr;
			nr *= 2;
		} else if (++failures == NOUVEAU_DMEM_COPY_FAILURES) {
			memset(pages + i, 0, (npages - i) * sizeof(*pages));
			return err;
		} else if (nr > 1) {
			nr /= 2;
		} else if (tried != i) {
			tried = i;
		} else {
			pages[i++] = NULL;
			ret = err;
		}
	}

	return ret;
}

/**
 * nouveau_dmem_copy_init() - nothing is made before it is needed
 * @copy: to be initialised
 * @svm: the device
 */
void
nouveau_dmem_copy_init(struct nouveau_dmem_copy *copy, struct nouveau_svm *svm)
{
	copy->svm = svm;
	mutex_init(&copy->lock);
	INIT_WORK(&copy->revive, nouveau_dmem_copy_revive);
	init_waitqueue_head(&copy->revived);
}

/**
 * nouveau_dmem_copy_stop() - there is nothing to copy for now
 * @copy: the copy engine
 *
 * The channel goes: what class its engine has is not in memory that is saved
 * when the device sleeps.  The next to need one makes another.
 */
void
nouveau_dmem_copy_stop(struct nouveau_dmem_copy *copy)
{
	struct nouveau_dmem_engine *engine;
	unsigned int asked;

	cancel_work_sync(&copy->revive);
	mutex_lock(&copy->lock);
	engine = copy->engine;
	copy->engine = NULL;
	asked = copy->asked;
	mutex_unlock(&copy->lock);
	nouveau_dmem_engine_del(engine);
	nouveau_dmem_copy_serve(copy, asked);
}

/**
 * nouveau_dmem_copy_fini() - nobody copies any more
 * @copy: the copy engine
 */
void
nouveau_dmem_copy_fini(struct nouveau_dmem_copy *copy)
{
	nouveau_dmem_copy_stop(copy);
	mutex_destroy(&copy->lock);
}
