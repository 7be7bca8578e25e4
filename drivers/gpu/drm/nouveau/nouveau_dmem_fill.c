// SPDX-License-Identifier: MIT
/*
 * Device memory, the way there: pages of a process go to VRAM, the library's
 * way, all or nothing for a piece.  Says how, not when.
 *
 * Locking: as in nouveau_dmem.c.  Taken here: mmap_lock, then the reservation
 * of a chunk's buffer.
 */
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/workqueue.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"

#include "nouveau_dmem.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_trace.h"

/**
 * DOC: Two pieces at a time
 *
 * Moving a piece is work for the CPU, which takes its pages from all page
 * tables, then for the copy engine, then for the CPU again. Who has several to
 * move begins one (nouveau_dmem_fill_begin()) and does the next himself
 * meanwhile, so that one is copied while the other one is prepared, and another
 * CPU helps if there is one. The room for both he finds himself: that can take
 * long, and a signal may interrupt it.
 */

/*
 * How long the CPU can't have back what the GPU has asked for: the library
 * counts ticks, and this is one of them, at most 10 ms.  The GPU needs some
 * microseconds for its access.
 */
#define NOUVEAU_DMEM_FAULT_MS		1

/*
 * Return: pages of a chunk that are in use.  One that has not been since it was
 * part of a huge page still names the head of that, which may be in use again,
 * elsewhere.
 */
static unsigned long
nouveau_dmem_chunk_pages(struct nouveau_dmem_chunk *chunk)
{
	const unsigned long first = nouveau_dmem_pfn(chunk);
	unsigned long i, count = 0;
	struct folio *folio;

	for (i = 0; i < PHYS_PFN(chunk->devmem.size); i++) {
		folio = page_folio(pfn_to_page(first + i));
		count += folio_pfn(folio) >= first && folio_ref_count(folio);
	}

	return count;
}

/*
 * The buffer is reserved, so that it is not evicted before the library has
 * filled it; and it may have been before.
 */
static int
nouveau_dmem_fill_chunk(struct nouveau_dmem_fill *fill)
{
	const struct drm_pagemap_migrate_details details = {
		.timeslice_ms = fill->cause == NOUVEAU_DMEM_ASKED ?
				0 : NOUVEAU_DMEM_FAULT_MS,
	};
	struct nouveau_dmem_chunk *chunk = fill->chunk;
	struct ttm_buffer_object *bo = &chunk->bo->bo;
	struct mm_struct *mm = chunk->devmem.mm;
	int ret;

	mmap_assert_locked(mm);

	ret = ttm_bo_reserve(bo, true, false, NULL);
	if (ret)
		return ret;

	if (bo->resource->mem_type != TTM_PL_VRAM) {
		ret = -EBUSY;
		goto unreserve;
	}

	trace_nouveau_svm_fill(fill->start, chunk->bo->offset,
			       chunk->devmem.size);
	kref_get(&chunk->ref);
	ret = drm_pagemap_migrate_to_devmem(&chunk->devmem, mm, fill->start,
					    fill->start + chunk->devmem.size,
					    &details);
	fill->moved = nouveau_dmem_chunk_pages(chunk);
	chunk->filled = fill->moved;
	chunk->start = fill->start;
	chunk->since = ktime_get_ns();
	/* No fork() has been since: of who has the page, this process is the one. */
	chunk->mapping = page_folio(pfn_to_page(nouveau_dmem_pfn(chunk)))->mapping;
	if (fill->moved)
		nouveau_dmem_reclaim_add(chunk);
	/* For a huge page that was not there, the library counts one. */
	if (ret == -EBUSY && fill->moved == PHYS_PFN(chunk->devmem.size))
		ret = 0;
	/* It says so of pages that the device can't reach. */
	if (ret == -EFAULT)
		ret = -EIO;
unreserve:
	ttm_bo_unreserve(bo);
	return ret;
}

static void
nouveau_dmem_fill_run(struct nouveau_dmem_fill *fill)
{
	struct mm_struct *mm = fill->chunk->devmem.mm;

	fill->err = mmap_read_lock_killable(mm);
	if (fill->err)
		return;

	fill->err = nouveau_dmem_fill_chunk(fill);
	mmap_read_unlock(mm);
}

/* Page tables that it takes are the process's, as if it had made them. */
static void
nouveau_dmem_fill_work(struct work_struct *work)
{
	struct nouveau_dmem_fill *fill =
		container_of(work, struct nouveau_dmem_fill, work);
	struct mem_cgroup *memcg =
		get_mem_cgroup_from_mm(fill->chunk->devmem.mm);
	struct mem_cgroup *old = set_active_memcg(memcg);

	nouveau_dmem_fill_run(fill);
	set_active_memcg(old);
	mem_cgroup_put(memcg);
}

static int
nouveau_dmem_fill_init(struct nouveau_dmem_fill *fill,
		       struct nouveau_dmem *dmem, struct mm_struct *mm,
		       unsigned long start, unsigned long size,
		       enum nouveau_dmem_cause cause)
{
	struct nouveau_dmem_chunk *chunk;

	chunk = nouveau_dmem_chunk_new(dmem, mm, size, cause);
	if (IS_ERR(chunk))
		return PTR_ERR(chunk);

	fill->chunk = chunk;
	fill->start = start;
	fill->cause = cause;
	fill->moved = 0;
	return 0;
}

static int
nouveau_dmem_fill_fini(struct nouveau_dmem_fill *fill, unsigned long *moved)
{
	*moved += fill->moved;
	nouveau_dmem_chunk_put(fill->chunk);
	return fill->err;
}

/**
 * nouveau_dmem_fill_begin() - begin to move a piece of a process to VRAM
 * @fill: where to keep what is known of it, until nouveau_dmem_fill_end()
 * @dmem: the device's memory, ready
 * @mm: the process, which lives as long
 * @start: start of the piece
 * @size: its size, a power of two: what comes back at once
 * @cause: why it shall go
 *
 * Who waits for it may hold none of the locks that nouveau_dmem_to_vram() takes.
 *
 * Return: 0, then it has an end; an error of nouveau_dmem_to_vram() about room.
 */
int
nouveau_dmem_fill_begin(struct nouveau_dmem_fill *fill,
			struct nouveau_dmem *dmem, struct mm_struct *mm,
			unsigned long start, unsigned long size,
			enum nouveau_dmem_cause cause)
{
	int ret;

	ret = nouveau_dmem_fill_init(fill, dmem, mm, start, size, cause);
	if (ret)
		return ret;

	INIT_WORK_ONSTACK(&fill->work, nouveau_dmem_fill_work);
	queue_work(system_dfl_wq, &fill->work);
	return 0;
}

/**
 * nouveau_dmem_fill_end() - wait until a piece has moved, or could not
 * @fill: the piece
 * @moved: incremented by the pages that have moved
 *
 * Return: as nouveau_dmem_to_vram().
 */
int
nouveau_dmem_fill_end(struct nouveau_dmem_fill *fill, unsigned long *moved)
{
	flush_work(&fill->work);
	destroy_work_on_stack(&fill->work);
	return nouveau_dmem_fill_fini(fill, moved);
}

/**
 * nouveau_dmem_to_vram() - move a piece of a process to VRAM
 * @dmem: the device's memory, ready
 * @mm: the process
 * @start: start of the piece
 * @size: its size, a power of two: what comes back at once
 * @cause: why it shall go
 * @moved: incremented by the pages that have moved
 *
 * All of it, or nothing.  What was never touched becomes zeros in VRAM.
 *
 * Return: 0; -EBUSY, -ENOENT, -EINVAL if it can't move; -ENOMEM without room
 * for it; -EIO, -ENODEV if copying failed; -EINTR, -ERESTARTSYS.
 */
int
nouveau_dmem_to_vram(struct nouveau_dmem *dmem, struct mm_struct *mm,
		     unsigned long start, unsigned long size,
		     enum nouveau_dmem_cause cause, unsigned long *moved)
{
	struct nouveau_dmem_fill fill;
	int ret;

	ret = nouveau_dmem_fill_init(&fill, dmem, mm, start, size, cause);
	if (ret)
		return ret;

	nouveau_dmem_fill_run(&fill);
	return nouveau_dmem_fill_fini(&fill, moved);
}
