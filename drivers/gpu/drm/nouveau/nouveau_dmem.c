// SPDX-License-Identifier: MIT
/*
 * Device memory, pages: VRAM as memory that a process can have, its life and
 * death.  Moves nothing itself: that are nouveau_dmem_fill.c and
 * nouveau_dmem_migrate.c, and the bytes are moved by nouveau_dmem_copy.c.
 *
 * Locking: see "Device memory: locking" below.
 */
#include <linux/delay.h>
#include <linux/ioport.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/pm_runtime.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/drm_drv.h>
#include <drm/drm_print.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"

#include "nouveau_dmem.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Device memory
 *
 * Each page of VRAM has a struct page (of type MEMORY_DEVICE_PRIVATE), made
 * when VRAM is first used for this and kept from then on. A page is in use only
 * together with the TTM buffer below it: a *chunk* is one buffer of 4 KiB to
 * 2 MiB and the pages that it backs. Chunks are on TTM's LRU beside
 * all other buffers, and are never pinned.
 *
 * A page of a chunk is anonymous memory as any other, but the CPU can't reach
 * it: its touch is a fault that brings the whole chunk's part of the process
 * back to RAM. When the last page of a chunk is free, so is the chunk.
 *
 * drm_pagemap does the way to VRAM. The way back is our own:
 *
 * - Eviction: the library's needs the address space that once did the
 *   migration, which a forked child may outlive.
 * - CPU faults: the library's moves all of a chunk or nothing, copies when all
 *   of it has room in RAM, and says SIGBUS for whatever goes wrong. Ours gets
 *   room for one part while another is copied, brings back what can be, and says
 *   SIGBUS only when the device is gone.
 *
 * Each chunk is a struct drm_pagemap of its own: that is what the library tells
 * of a page.
 */

/**
 * DOC: Device memory: locking
 *
 * Outermost first:
 *
 * - &nouveau_dmem.lock: the list of chunks; held to evict them all.
 * - mmap_lock. Who evicts a huge page that finds no equal tries that of the
 *   process with a reservation held, and waits for nobody.
 * - the reservation of a chunk's buffer: held while pages are put into it and
 *   while it is evicted, so that these exclude each other. CPU faults don't
 *   take it.
 * - folio locks: only tried, never waited for.
 * - &nouveau_dmem_copy.lock.
 *
 * Memory may be allocated with any of these held but the last: the kernel's
 * reclaim calls nouveau_dmem_reclaim.c, which tries the others.
 *
 * Nobody waits for a fence of another channel with any of these held, but for
 * TTM, which does when it makes room for a new chunk: none is held then.
 */

/* Who is in the way is so for a moment; who is not gone then won't go. */
#define NOUVEAU_DMEM_TRIES		5
#define NOUVEAU_DMEM_PAUSE_US		1000

/* What a CPU fault brings back where a chunk can't come as a whole. */
#define NOUVEAU_DMEM_NEAR		((unsigned long)SZ_64K)

/**
 * nouveau_dmem() - the device that a page in VRAM is of
 * @page: the page; ours
 *
 * Return: the device's memory.
 */
struct nouveau_dmem *
nouveau_dmem(struct page *page)
{
	return container_of(page_pgmap(page), struct nouveau_dmem, pagemap);
}

/**
 * nouveau_dmem_owns() - is a page memory of this device?
 * @dmem: the device's memory
 * @page: any page
 *
 * Return: true if it is.
 */
bool
nouveau_dmem_owns(struct nouveau_dmem *dmem, struct page *page)
{
	return is_device_private_page(page) &&
	       page_pgmap(page) == &dmem->pagemap;
}

/**
 * nouveau_dmem_addr() - where a page is in VRAM
 * @page: the page; ours
 *
 * Return: its address there.
 */
u64
nouveau_dmem_addr(struct page *page)
{
	return PFN_PHYS(page_to_pfn(page)) - page_pgmap(page)->range.start;
}

/**
 * nouveau_dmem_pfn() - the first page of a chunk
 * @chunk: the chunk; its buffer is reserved and in VRAM
 *
 * Return: the number of its struct page.
 */
unsigned long
nouveau_dmem_pfn(struct nouveau_dmem_chunk *chunk)
{
	return PHYS_PFN(chunk->dmem->pagemap.range.start + chunk->bo->offset);
}

/* Chunks */

/* The caller holds a reference to the page, so there is one to the chunk. */
static struct nouveau_dmem_chunk *
nouveau_dmem_chunk_of(struct page *page)
{
	return container_of(drm_pagemap_page_to_dpagemap(page),
			    struct nouveau_dmem_chunk, dpagemap);
}

static struct nouveau_dmem_chunk *
nouveau_dmem_chunk(struct drm_pagemap_devmem *devmem)
{
	return container_of(devmem, struct nouveau_dmem_chunk, devmem);
}

static void
nouveau_dmem_chunk_free(struct nouveau_dmem_chunk *chunk)
{
	struct nouveau_dmem *dmem = chunk->dmem;
	struct device *dev = dmem->svm->drm->dev->dev;

	mutex_lock(&dmem->lock);
	list_del(&chunk->head);
	mutex_unlock(&dmem->lock);
	nouveau_dmem_reclaim_del(chunk);

	/* From now on it is a buffer like any other, if TTM looks at it. */
	ttm_bo_reserve(&chunk->bo->bo, false, false, NULL);
	chunk->bo->dmem = NULL;
	ttm_bo_unreserve(&chunk->bo->bo);
	nouveau_svm_stat_add(dmem->svm, SVM_STAT_VRAM_BYTES,
			     -(s64)chunk->devmem.size);
	nouveau_bo_fini(chunk->bo);

	mmdrop(chunk->devmem.mm);
	drm_pagemap_put(&chunk->dpagemap);
	pm_runtime_mark_last_busy(dev);
	pm_runtime_put_autosuspend(dev);
}

static void
nouveau_dmem_release_work(struct work_struct *work)
{
	struct nouveau_dmem *dmem =
		container_of(work, struct nouveau_dmem, release);
	struct llist_node *garbage = llist_del_all(&dmem->garbage);
	struct nouveau_dmem_chunk *chunk, *next;

	llist_for_each_entry_safe(chunk, next, garbage, garbage)
		nouveau_dmem_chunk_free(chunk);
}

static void
nouveau_dmem_chunk_release(struct kref *ref)
{
	struct nouveau_dmem_chunk *chunk =
		container_of(ref, struct nouveau_dmem_chunk, ref);

	/* Nobody is left who could free it. */
	if (READ_ONCE(chunk->dmem->gone))
		return;

	llist_add(&chunk->garbage, &chunk->dmem->garbage);
	queue_work(system_dfl_wq, &chunk->dmem->release);
}

/**
 * nouveau_dmem_chunk_put() - drop a reference
 * @chunk: the chunk
 *
 * In any context.
 */
void
nouveau_dmem_chunk_put(struct nouveau_dmem_chunk *chunk)
{
	kref_put(&chunk->ref, nouveau_dmem_chunk_release);
}

/* The library has no page in it any more. */
static void
nouveau_dmem_devmem_release(struct drm_pagemap_devmem *devmem)
{
	nouveau_dmem_chunk_put(nouveau_dmem_chunk(devmem));
}

static int
nouveau_dmem_populate_pfn(struct drm_pagemap_devmem *devmem,
			  unsigned long npages, unsigned long *pfns)
{
	const unsigned long first =
		nouveau_dmem_pfn(nouveau_dmem_chunk(devmem));
	unsigned long i;

	for (i = 0; i < npages; i++)
		pfns[i] = first + i;
	return 0;
}

/*
 * The library insists on it.  It would ask for what is in memory of the same
 * owner, and not of the same pagemap: there is none.
 */
static int
nouveau_dmem_no_copy(struct page **pages, struct drm_pagemap_addr *addr,
		     unsigned long npages, struct dma_fence *fence)
{
	return -EOPNOTSUPP;
}

static const struct drm_pagemap_devmem_ops nouveau_dmem_devmem_ops = {
	.devmem_release = nouveau_dmem_devmem_release,
	.populate_devmem_pfn = nouveau_dmem_populate_pfn,
	.copy_to_devmem = nouveau_dmem_copy_to_vram,
	.copy_to_ram = nouveau_dmem_no_copy,
};

/*
 * TTM may evict the buffer as soon as it is initialised, and must know by then
 * what it is.
 */
static int
nouveau_dmem_chunk_init_bo(struct nouveau_dmem_chunk *chunk, u64 size,
			   enum nouveau_dmem_cause cause)
{
	struct nouveau_cli *cli = &chunk->dmem->svm->drm->client;
	struct nouveau_bo *bo;
	int align = 0;

	bo = nouveau_bo_alloc(cli, &size, &align, NOUVEAU_GEM_DOMAIN_VRAM, 0, 0,
			      true);
	if (IS_ERR(bo))
		return PTR_ERR(bo);

	bo->dmem = chunk;
	bo->spare_room = cause != NOUVEAU_DMEM_ASKED;
	bo->bo.base.size = size;
	dma_resv_init(&bo->bo.base._resv);
	drm_vma_node_reset(&bo->bo.base.vma_node);
	drm_gem_gpuva_init(&bo->bo.base);
	chunk->bo = bo;
	return nouveau_bo_init(bo, size, align, NOUVEAU_GEM_DOMAIN_VRAM, NULL,
			       NULL);
}

/* No page names it any more. */
static void
nouveau_dmem_chunk_destroy(struct drm_pagemap *dpagemap, bool atomic)
{
	nouveau_dmem_reclaim_free(container_of(dpagemap,
					       struct nouveau_dmem_chunk,
					       dpagemap));
}

static const struct drm_pagemap_ops nouveau_dmem_chunk_ops = {
	.destroy = nouveau_dmem_chunk_destroy,
};

/*
 * Who is asked makes others go, and waits for them.  A fault takes what is free,
 * and then what can go at once; a refault what is free.
 */
static int
nouveau_dmem_chunk_place(struct nouveau_dmem_chunk *chunk, u64 size,
			 enum nouveau_dmem_cause cause)
{
	int ret;

	ret = nouveau_dmem_chunk_init_bo(chunk, size, cause);
	if (cause != NOUVEAU_DMEM_FAULT || (ret != -ENOMEM && ret != -ENOSPC) ||
	    !nouveau_dmem_make_room(chunk->dmem, size))
		return ret;

	return nouveau_dmem_chunk_init_bo(chunk, size, cause);
}

/**
 * nouveau_dmem_chunk_new() - get VRAM for pages
 * @dmem: the device's memory
 * @mm: whose pages
 * @size: how much, a power of two
 * @cause: what for
 *
 * If asked for, may move other buffers out, and wait for them; no lock may be
 * held then.  For a fault, moves out what is idle; mmap_lock may not be held.
 * The device must be awake; it stays so while there is a chunk.
 *
 * Return: a chunk, which TTM may evict at any time; an error.
 */
struct nouveau_dmem_chunk *
nouveau_dmem_chunk_new(struct nouveau_dmem *dmem, struct mm_struct *mm,
		       u64 size, enum nouveau_dmem_cause cause)
{
	struct device *dev = dmem->svm->drm->dev->dev;
	struct nouveau_dmem_chunk *chunk;
	int ret;

	chunk = nouveau_dmem_reclaim_alloc(dmem, mm);
	if (!chunk)
		return ERR_PTR(-ENOMEM);

	kref_init(&chunk->ref);
	chunk->dmem = dmem;
	ret = drm_pagemap_init(&chunk->dpagemap, &dmem->pagemap,
			       dmem->svm->drm->dev, &nouveau_dmem_chunk_ops);
	if (ret) {
		nouveau_dmem_reclaim_free(chunk);
		return ERR_PTR(ret);
	}

	drm_pagemap_devmem_init(&chunk->devmem, dev, mm,
				&nouveau_dmem_devmem_ops, &chunk->dpagemap,
				size, NULL);
	ret = nouveau_dmem_chunk_place(chunk, size, cause);
	if (ret) {
		/* The buffer is gone already. */
		drm_pagemap_put(&chunk->dpagemap);
		return ERR_PTR(ret);
	}

	mmgrab(mm);
	mutex_lock(&dmem->lock);
	list_add_tail(&chunk->head, &dmem->chunks);
	mutex_unlock(&dmem->lock);
	pm_runtime_get_noresume(dev);
	nouveau_svm_stat_add(dmem->svm, SVM_STAT_VRAM_BYTES, size);
	return chunk;
}

/**
 * nouveau_dmem_used() - are there pages in VRAM?
 * @dmem: the device's memory
 *
 * Return: false if there are none.
 */
bool
nouveau_dmem_used(struct nouveau_dmem *dmem)
{
	bool used;

	mutex_lock(&dmem->lock);
	used = !list_empty(&dmem->chunks);
	mutex_unlock(&dmem->lock);
	return used;
}

/**
 * nouveau_dmem_used_by() - VRAM that is set aside for pages of a process
 * @dmem: the device's memory
 * @mm: the process, which has moved them there
 *
 * Return: bytes.
 */
u64
nouveau_dmem_used_by(struct nouveau_dmem *dmem, struct mm_struct *mm)
{
	struct nouveau_dmem_chunk *chunk;
	u64 size = 0;

	mutex_lock(&dmem->lock);
	list_for_each_entry(chunk, &dmem->chunks, head) {
		if (chunk->devmem.mm == mm)
			size += chunk->devmem.size;
	}
	mutex_unlock(&dmem->lock);
	return size;
}

static int
nouveau_dmem_evict_one(struct nouveau_dmem_chunk *chunk)
{
	int ret;

	ret = ttm_bo_reserve(&chunk->bo->bo, false, false, NULL);
	if (ret)
		return ret;

	if (chunk->bo->bo.resource->mem_type == TTM_PL_VRAM)
		ret = nouveau_dmem_evict(chunk, false);
	ttm_bo_unreserve(&chunk->bo->bo);
	return ret;
}

/**
 * nouveau_dmem_evict_all() - bring all pages back to RAM
 * @dmem: the device's memory
 *
 * Return: 0 if VRAM holds none; what kept one there.
 */
int
nouveau_dmem_evict_all(struct nouveau_dmem *dmem)
{
	struct nouveau_dmem_chunk *chunk;
	int tries, ret = 0;

	for (tries = 0; tries < NOUVEAU_DMEM_TRIES; tries++) {
		if (tries)
			fsleep(NOUVEAU_DMEM_PAUSE_US);

		ret = 0;
		mutex_lock(&dmem->lock);
		list_for_each_entry(chunk, &dmem->chunks, head)
			ret = nouveau_dmem_evict_one(chunk) ?: ret;
		mutex_unlock(&dmem->lock);
		flush_work(&dmem->release);
		if (!ret && !nouveau_dmem_used(dmem))
			return 0;
	}

	return ret ?: -EBUSY;
}

/**
 * nouveau_dmem_suspend() - VRAM will be lost
 * @dmem: the device's memory
 *
 * Nobody may be about to move pages there.
 *
 * Return: 0; what keeps a page there.
 */
int
nouveau_dmem_suspend(struct nouveau_dmem *dmem)
{
	int ret;

	cancel_work_sync(&dmem->wake);
	ret = nouveau_dmem_evict_all(dmem);
	if (ret)
		return ret;

	nouveau_dmem_copy_stop(&dmem->copy);
	return 0;
}

/* CPU faults */

/*
 * Whatever goes wrong, the data is there, so if the device is, too, the CPU
 * shall have it: where there is no room for all of a chunk's part, it tries with
 * less, and if there is none at all, the kernel repeats the access.
 */
static vm_fault_t
nouveau_dmem_migrate_to_ram(struct vm_fault *vmf)
{
	struct nouveau_dmem_chunk *chunk = nouveau_dmem_chunk_of(vmf->page);
	struct nouveau_dmem *dmem = nouveau_dmem(vmf->page);
	unsigned long size = chunk->devmem.size;
	int tries;

	if (READ_ONCE(dmem->gone))
		return VM_FAULT_SIGBUS;

	/* The GPU has not had time for its access: this one is repeated. */
	if (time_before64(get_jiffies_64(),
			  chunk->devmem.timeslice_expiration))
		return 0;

	for (tries = 0; tries < NOUVEAU_DMEM_TRIES; tries++) {
		if (!nouveau_dmem_fault(vmf, size))
			return 0;
		if (nouveau_dmem_copy_ready(&dmem->copy))
			break;
		size = min(size, NOUVEAU_DMEM_NEAR);
	}

	return drm_dev_is_unplugged(dmem->svm->drm->dev) ? VM_FAULT_SIGBUS :
							   VM_FAULT_OOM;
}

/* Free pages */

/**
 * DOC: Huge pages that are unmapped on their way
 *
 * While a huge page is moved, page tables have a migration entry for it, which
 * holds no reference. If it is in VRAM, the kernel up to 7.3 takes that entry for
 * the page itself when it is unmapped (zap_huge_pmd_folio()), and drops a
 * reference all the same: that of who moves it. linux-patches/mm/0002 mends the
 * kernel. With one that has it not:
 *
 * - Who moves a page has it locked, so one that is free and locked is not free:
 *   he gets his reference back, and drops it when he is through. The page does
 *   not move, as it seems to be mapped less than not at all; nobody wants it.
 * - Unless that happens between two steps of the kernel's, when it has counted its
 *   references and not yet handed on for whom it is charged. Then it moves, and is
 *   charged to nobody: the move is undone, see nouveau_dmem_move_robbed().
 * - What several processes share, by fork(), becomes small pages first, for which
 *   the kernel is right, see nouveau_dmem_shared(). It can't be taken apart for a
 *   CPU fault, nor if the process that moved it to VRAM has it no more. Then it is
 *   in danger if one of them loses it in the microseconds in which the page tables
 *   of all of them are gone through, and only then.
 */
static bool
nouveau_dmem_folio_robbed(struct folio *folio)
{
	return folio_test_large(folio) && folio_test_locked(folio);
}

static void
nouveau_dmem_folio_restore(struct folio *folio)
{
	struct nouveau_dmem_chunk *chunk =
		nouveau_dmem_chunk_of(folio_page(folio, 0));

	/* What the caller has taken from it, and is about to take. */
	folio->mapping = chunk->mapping;
	percpu_ref_get_many(&folio->pgmap->ref, folio_nr_pages(folio));
	folio_set_count(folio, 1);
}

static void
nouveau_dmem_folio_free(struct folio *folio)
{
	if (nouveau_dmem_folio_robbed(folio))
		nouveau_dmem_folio_restore(folio);
	else
		drm_pagemap_pagemap_ops_get()->folio_free(folio);
}

/* The device's memory as a whole */

static int
nouveau_dmem_make_region(struct nouveau_dmem *dmem, u64 size)
{
	struct device *dev = dmem->svm->drm->dev->dev;
	struct dev_pagemap *pagemap = &dmem->pagemap;
	struct resource *res;
	int ret;

	lockdep_assert_held(&dmem->lock);

	res = request_free_mem_region(&iomem_resource, size, "nouveau-svm");
	if (IS_ERR(res))
		return PTR_ERR(res);

	pagemap->type = MEMORY_DEVICE_PRIVATE;
	pagemap->range.start = res->start;
	pagemap->range.end = res->end;
	pagemap->nr_range = 1;
	pagemap->ops = &dmem->ops;
	pagemap->owner = dmem->svm->drm->dev;
	ret = PTR_ERR_OR_ZERO(memremap_pages(pagemap, dev_to_node(dev)));
	if (ret == -EEXIST)
		res->name = iomem_resource.name; /* it outlives the module */
	else if (ret)
		release_mem_region(res->start, resource_size(res));
	return ret;
}

/*
 * A kernel that runs out of memory half-way keeps the first of its sections of
 * the region for good (__add_pages()), and has that region no more: it is left
 * aside, and another one taken.
 */
static int
nouveau_dmem_make_pages(struct nouveau_dmem *dmem)
{
	const u64 size = dmem->svm->drm->client.device.info.ram_size;
	int ret;

	lockdep_assert_held(&dmem->lock);

	if (dmem->size)
		return 0;

	do {
		ret = nouveau_dmem_make_region(dmem, size);
	} while (ret == -EEXIST);
	if (!ret)
		dmem->size = size;
	return ret;
}

/**
 * nouveau_dmem_ready() - can VRAM hold pages?
 * @dmem: the device's memory
 *
 * Makes what is needed for it the first time.
 *
 * Return: 0, -ENODEV, -ENOMEM.
 */
int
nouveau_dmem_ready(struct nouveau_dmem *dmem)
{
	int ret;

	ret = nouveau_dmem_copy_ready(&dmem->copy);
	if (ret)
		return ret;

	mutex_lock(&dmem->lock);
	ret = nouveau_dmem_make_pages(dmem);
	mutex_unlock(&dmem->lock);
	return ret;
}

static void
nouveau_dmem_wake_work(struct work_struct *work)
{
	struct nouveau_dmem *dmem =
		container_of(work, struct nouveau_dmem, wake);

	if (nouveau_dmem_ready(dmem))
		drm_dbg(dmem->svm->drm->dev, "svm: VRAM is of no use\n");
}

/**
 * nouveau_dmem_ready_soon() - the same for those who can't wait
 * @dmem: the device's memory
 *
 * Return: whether it is now; if not, what is missing is being made.
 */
bool
nouveau_dmem_ready_soon(struct nouveau_dmem *dmem)
{
	bool ready;

	mutex_lock(&dmem->lock);
	ready = dmem->size;
	mutex_unlock(&dmem->lock);
	ready = ready && nouveau_dmem_copy_alive(&dmem->copy);
	if (!ready)
		queue_work(system_dfl_wq, &dmem->wake);
	return ready;
}

/*
 * Few ways take two of these locks, and most of those only when memory is short
 * or the machine is suspended: lockdep learns the order before there is any.
 */
static void
nouveau_dmem_prime(struct nouveau_dmem *dmem)
{
	mutex_lock(&dmem->lock);
	fs_reclaim_acquire(GFP_KERNEL);
	might_lock(&dmem->copy.lock);
	fs_reclaim_release(GFP_KERNEL);
	mutex_unlock(&dmem->lock);
}

/**
 * nouveau_dmem_new() - the memory of a device
 * @svm: the device
 * @pdmem: the result
 *
 * Return: 0, -ENOMEM.
 */
int
nouveau_dmem_new(struct nouveau_svm *svm, struct nouveau_dmem **pdmem)
{
	struct nouveau_dmem *dmem = kzalloc_obj(*dmem);
	int ret;

	if (!dmem)
		return -ENOMEM;

	dmem->svm = svm;
	mutex_init(&dmem->lock);
	INIT_LIST_HEAD(&dmem->chunks);
	init_llist_head(&dmem->garbage);
	INIT_WORK(&dmem->wake, nouveau_dmem_wake_work);
	INIT_WORK(&dmem->release, nouveau_dmem_release_work);
	dmem->ops = *drm_pagemap_pagemap_ops_get();
	dmem->ops.migrate_to_ram = nouveau_dmem_migrate_to_ram;
	dmem->ops.folio_free = nouveau_dmem_folio_free;
	nouveau_dmem_copy_init(&dmem->copy, svm);
	nouveau_dmem_prime(dmem);
	ret = nouveau_dmem_reclaim_init(dmem);
	if (ret) {
		kfree(dmem);
		return ret;
	}

	*pdmem = dmem;
	return 0;
}

/**
 * nouveau_dmem_del() - the device goes
 * @pdmem: its memory; set to NULL
 *
 * Pages that can't be brought back stay where they are, out of reach, and the
 * structs around them are never freed: each chunk holds the module.
 */
void
nouveau_dmem_del(struct nouveau_dmem **pdmem)
{
	struct nouveau_dmem *dmem = *pdmem;
	struct dev_pagemap *pagemap;

	if (!dmem)
		return;

	*pdmem = NULL;
	nouveau_dmem_reclaim_stop(dmem);
	cancel_work_sync(&dmem->wake);
	nouveau_dmem_drop_reserve(dmem);
	pagemap = &dmem->pagemap;
	if (nouveau_dmem_evict_all(dmem)) {
		drm_err(dmem->svm->drm->dev,
			"svm: memory of processes is lost\n");
		WRITE_ONCE(dmem->gone, true);
		return;
	}

	if (dmem->size) {
		memunmap_pages(pagemap);
		release_mem_region(pagemap->range.start,
				   range_len(&pagemap->range));
	}
	nouveau_dmem_copy_fini(&dmem->copy);
	nouveau_dmem_reclaim_fini(dmem);
	mutex_destroy(&dmem->lock);
	kfree(dmem);
}
