// SPDX-License-Identifier: MIT
/*
 * Device memory, room: makes room in VRAM for memory that the GPU waits for, and
 * for its page tables.  Who gets it is not decided here.
 *
 * Locking: &nouveau_svmm.lock of the fault that is being served is held, and
 * &nouveau_svm.moves or &nouveau_svm.awake, but neither mmap_lock nor a buffer's
 * reservation.  Those of buffers that may go are tried, one at a time, and never
 * waited for.  &nouveau_dmem.lock protects the reserve.
 */
#include <linux/dma-resv.h>
#include <linux/ktime.h>

#include <drm/ttm/ttm_bo.h>
#include <drm/ttm/ttm_placement.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"

#include "nouveau_dmem.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Room in VRAM
 *
 * Memory that a fault of the GPU moves to VRAM takes room that is free. Is there
 * none, what has not been used for longest goes: buffers of graphics and memory
 * of processes are on one list, TTM's. But a fault may wait for nobody who may
 * wait for it:
 *
 * - A buffer goes only if it is idle. The kernel that waits for the fault may be
 *   what another is busy with. What moves an idle one is the copy engine, with a
 *   channel of TTM's that holds moves of idle buffers only: they all come to
 *   their end.
 * - Memory of processes goes only if it has been there for 10 ms. When a kernel
 *   needs more at a time than VRAM holds, each fault would else take from it what
 *   another one has just got, for ever. As it is it gets the rest mapped in RAM,
 *   and goes on.
 *
 * TTM's own eviction does not know who asks, and waits for buffers that are
 * busy.
 *
 * Memory that stays in RAM needs room in VRAM as well: for page tables. Should
 * nothing go for them, they get a reserve that is set aside when a process enters
 * shared virtual memory: 1 MiB, which is tables for 512 MiB at the least. When
 * the last one leaves it is given back.
 */
#define NOUVEAU_DMEM_KEEP_MS		10

/* One that has not been filled is about to be. */
static bool
nouveau_dmem_room_settled(const struct nouveau_dmem_chunk *chunk)
{
	return chunk->filled && ktime_get_ns() - chunk->since >=
				NOUVEAU_DMEM_KEEP_MS * NSEC_PER_MSEC;
}

/* What is being deleted goes by itself; it may not even be ours to look at. */
static bool
nouveau_dmem_room_may_go(struct ttm_buffer_object *bo)
{
	struct nouveau_dmem_chunk *chunk;

	dma_resv_assert_held(bo->base.resv);

	if (bo->deleted || bo->pin_count)
		return false;

	chunk = nouveau_bo(bo)->dmem;
	if (chunk)
		return nouveau_dmem_room_settled(chunk);

	return dma_resv_test_signaled(bo->base.resv, DMA_RESV_USAGE_BOOKKEEP);
}

/* Return: how many bytes are free for it; -EBUSY if it stays. */
static s64
nouveau_dmem_room_process(struct ttm_lru_walk *walk,
			  struct ttm_buffer_object *bo)
{
	const s64 size = bo->base.size;
	struct ttm_placement placement = {};
	int ret;

	if (!nouveau_dmem_room_may_go(bo))
		return -EBUSY;

	bo->bdev->funcs->evict_flags(bo, &placement);
	ret = ttm_bo_validate(bo, &placement, walk->arg.ctx);
	return ret ? -EBUSY : size;
}

/**
 * nouveau_dmem_make_room() - move out of VRAM what can go at once
 * @dmem: the device's memory
 * @size: how much is needed
 *
 * Return: true if so much has gone; another one may have taken it already, and
 * it need not lie together.
 */
bool
nouveau_dmem_make_room(struct nouveau_dmem *dmem, u64 size)
{
	static const struct ttm_lru_walk_ops ops = {
		.process_bo = nouveau_dmem_room_process,
	};
	struct ttm_device *bdev = &dmem->svm->drm->ttm.bdev;
	struct ttm_operation_ctx ctx = { .no_wait_gpu = true };
	struct ttm_lru_walk walk = {
		.ops = &ops,
		.arg = {
			.ctx = &ctx,
			.trylock_only = true,
		},
	};

	return ttm_lru_walk_for_evict(&walk, bdev,
				      ttm_manager_type(bdev, TTM_PL_VRAM),
				      size) >= (s64)size;
}

/**
 * nouveau_dmem_fill_reserve() - set VRAM aside for page tables
 * @dmem: the device's memory
 *
 * As much as there is; others make room for it.  No lock may be held.
 */
void
nouveau_dmem_fill_reserve(struct nouveau_dmem *dmem)
{
	struct nouveau_cli *cli = &dmem->svm->drm->client;
	struct nouveau_bo *bo;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dmem->reserve); i++) {
		/* Whatever it is by then, the exchange below is right. */
		if (data_race(dmem->reserve[i]))
			continue;
		if (nouveau_bo_new_pin(cli, NOUVEAU_GEM_DOMAIN_VRAM,
				       NOUVEAU_DMEM_RESERVE_SIZE, &bo))
			return;

		mutex_lock(&dmem->lock);
		swap(bo, dmem->reserve[i]);
		mutex_unlock(&dmem->lock);
		nouveau_bo_unpin_del(&bo);
	}
}

/* Return: false if nothing is left of it. */
static bool
nouveau_dmem_take_reserve(struct nouveau_dmem *dmem)
{
	struct nouveau_bo *bo = NULL;
	unsigned int i;

	mutex_lock(&dmem->lock);
	for (i = 0; !bo && i < ARRAY_SIZE(dmem->reserve); i++)
		swap(bo, dmem->reserve[i]);
	mutex_unlock(&dmem->lock);

	if (!bo)
		return false;

	nouveau_bo_unpin_del(&bo);
	return true;
}

/**
 * nouveau_dmem_drop_reserve() - nobody needs page tables any more
 * @dmem: the device's memory
 */
void
nouveau_dmem_drop_reserve(struct nouveau_dmem *dmem)
{
	while (nouveau_dmem_take_reserve(dmem))
		;
}

/**
 * nouveau_dmem_table_room() - make room for a page table
 * @dmem: the device's memory
 *
 * Return: true if there is some now.
 */
bool
nouveau_dmem_table_room(struct nouveau_dmem *dmem)
{
	return nouveau_dmem_make_room(dmem, NOUVEAU_DMEM_RESERVE_SIZE) ||
	       nouveau_dmem_take_reserve(dmem);
}
