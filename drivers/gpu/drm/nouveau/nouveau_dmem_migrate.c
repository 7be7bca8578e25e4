// SPDX-License-Identifier: MIT
/*
 * Device memory, the way back: pages in VRAM go to RAM.  Says how, not when.
 *
 * The same steps for a part of a process (its mmap_lock is held) and for a
 * chunk that is evicted (no process is known, nor needed, and its buffer is
 * reserved).  Either way content is moved while no page table, CPU's or GPU's,
 * has the page.
 *
 * Locking: as in nouveau_dmem.c.  Taken here: mmap_lock, then the reservation
 * of a chunk's buffer; the kernel's functions lock the folios.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/memcontrol.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include <drm/drm_print.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"

#include "nouveau_dmem.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/*
 * Somebody else looks at a page (a CPU fault that is under way, compaction) or
 * holds mmap_lock: over in no time, most of the time.  Each pause is twice as
 * long as the one before it: 50 ms in all, as a machine may be busy.  Who serves
 * a fault of the GPU takes something else instead: 1.5 ms.
 */
#define NOUVEAU_DMEM_EVICT_LOOKS	10
#define NOUVEAU_DMEM_EVICT_LOOKS_NOWAIT	5
#define NOUVEAU_DMEM_EVICT_PAUSE_US	100ul

/* Reclaim makes room in RAM, and takes what there is, but no reserves. */
#define NOUVEAU_DMEM_GFP_RECLAIM \
	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/*
 * Pages that get their room in RAM while those before them are copied: half of
 * what there is, but to tell the engine of less than 32 KiB takes about as long
 * as to copy them.
 */
#define NOUVEAU_DMEM_SLICE_MIN		8ul
#define NOUVEAU_DMEM_SLICE_MAX		64ul

/**
 * struct nouveau_dmem_move - pages on their way to RAM
 */
struct nouveau_dmem_move {
	/** @dmem: where they come from */
	struct nouveau_dmem *dmem;
	/** @vma: whose they are, in all of it; NULL: not known, nor needed */
	struct vm_area_struct *vma;
	/** @start: the address of the first there */
	unsigned long start;
	/** @npages: length of the arrays */
	unsigned long npages;
	/** @gfp: how memory is got, that in RAM as well */
	gfp_t gfp;
	/** @src: as struct migrate_vma has them */
	unsigned long *src;
	/** @dst: likewise */
	unsigned long *dst;
	/** @pages: what to copy from */
	struct page **pages;
	/** @addr: where to */
	struct drm_pagemap_addr *addr;
};

static int
nouveau_dmem_move_init(struct nouveau_dmem_move *move,
		       struct nouveau_dmem *dmem, unsigned long npages,
		       gfp_t gfp)
{
	const size_t size = sizeof(*move->src) + sizeof(*move->dst) +
			    sizeof(*move->pages) + sizeof(*move->addr);
	void *buf = kvcalloc(npages, size, gfp);

	if (!buf)
		return -ENOMEM;

	move->dmem = dmem;
	move->npages = npages;
	move->gfp = gfp;
	move->addr = buf;
	move->pages = (void *)(move->addr + npages);
	move->src = (void *)(move->pages + npages);
	move->dst = move->src + npages;
	return 0;
}

static void
nouveau_dmem_move_fini(struct nouveau_dmem_move *move)
{
	kvfree(move->addr);
}

/* Pages that entry @i stands for; the entries after it stand for none. */
static unsigned long
nouveau_dmem_move_step(const unsigned long *pfns, unsigned long i)
{
	struct page *page = migrate_pfn_to_page(pfns[i]);

	return page && pfns[i] & MIGRATE_PFN_COMPOUND ?
		folio_nr_pages(page_folio(page)) : 1;
}

/* Data that the library's zone device data points to carries this mark. */
static bool
nouveau_dmem_is_retired(struct folio *folio)
{
	return (unsigned long)folio_zone_device_data(folio) &
	       DRM_PAGEMAP_ZDD_FLAG_MIGRATED;
}

/* For the page that entry @i stands for: where its VMA wants it, if it is known. */
static struct folio *
nouveau_dmem_alloc_ram(struct nouveau_dmem_move *move, unsigned long i,
		       unsigned int order)
{
	gfp_t gfp = move->gfp | __GFP_HIGHMEM | __GFP_MOVABLE | __GFP_NOWARN;
	struct folio *folio;

	if (gfpflags_allow_blocking(gfp))
		gfp |= __GFP_HARDWALL | __GFP_RETRY_MAYFAIL;
	if (move->vma)
		folio = vma_alloc_folio(gfp, order, move->vma,
					move->start + (i << PAGE_SHIFT));
	else
		folio = folio_alloc(gfp, order);

	if (folio)
		folio_lock(folio);
	return folio;
}

static void
nouveau_dmem_set_dst(struct nouveau_dmem_move *move, unsigned long i,
		     struct folio *folio, struct page *src)
{
	move->dst[i] = migrate_pfn(folio_pfn(folio));
	if (folio_order(folio))
		move->dst[i] |= MIGRATE_PFN_COMPOUND;
	move->pages[i] = src;
	move->addr[i].order = folio_order(folio);
}

/*
 * A large page that finds no equal is taken apart, which the kernel can do for
 * a part of a process only.
 */
static void
nouveau_dmem_move_alloc(struct nouveau_dmem_move *move, unsigned long i)
{
	struct page *src = migrate_pfn_to_page(move->src[i]);
	struct folio *from = page_folio(src);
	const unsigned int order = folio_order(from);
	struct folio *folio;
	unsigned long j;

	folio = nouveau_dmem_alloc_ram(move, i, order);
	if (folio) {
		nouveau_dmem_set_dst(move, i, folio, src);
		return;
	}

	for (j = 0; order && move->vma && j < folio_nr_pages(from); j++) {
		folio = nouveau_dmem_alloc_ram(move, i + j, 0);
		if (folio)
			nouveau_dmem_set_dst(move, i + j, folio,
					     folio_page(from, j));
	}
}

/* Return: -ENOMEM if a page of a slice finds no room. */
static int
nouveau_dmem_move_alloc_slice(struct nouveau_dmem_move *move,
			      unsigned long first, unsigned long last)
{
	unsigned long i, step;
	int ret = 0;

	for (i = first; i < last; i += step) {
		struct page *src = migrate_pfn_to_page(move->src[i]);

		step = nouveau_dmem_move_step(move->src, i);
		if (!src || !(move->src[i] & MIGRATE_PFN_MIGRATE))
			continue;

		/* It has moved, and somebody still holds what it was. */
		if (nouveau_dmem_is_retired(page_folio(src))) {
			move->src[i] &= ~MIGRATE_PFN_MIGRATE;
			continue;
		}

		nouveau_dmem_move_alloc(move, i);
		if (!move->dst[i])
			ret = -ENOMEM;
	}

	return ret;
}

static void
nouveau_dmem_move_drop(struct nouveau_dmem_move *move, unsigned long i)
{
	struct folio *folio = page_folio(migrate_pfn_to_page(move->dst[i]));

	folio_unlock(folio);
	folio_put(folio);
	move->dst[i] = 0;
	move->pages[i] = NULL;
	move->addr[i].addr = 0;
}

/* Return: -EIO if the device can't reach the room of a page of a slice. */
static int
nouveau_dmem_move_map_slice(struct nouveau_dmem_move *move,
			    unsigned long first, unsigned long last)
{
	struct device *dev = move->dmem->svm->drm->dev->dev;
	unsigned long i;
	dma_addr_t addr;
	int ret = 0;

	for (i = first; i < last; i++) {
		struct page *page = migrate_pfn_to_page(move->dst[i]);

		if (!page)
			continue;

		addr = dma_map_page(dev, page, 0, page_size(page),
				    DMA_FROM_DEVICE);
		if (dma_mapping_error(dev, addr)) {
			nouveau_dmem_move_drop(move, i);
			ret = -EIO;
		} else {
			move->addr[i].addr = addr;
		}
	}

	return ret;
}

static void
nouveau_dmem_move_unmap(struct nouveau_dmem_move *move)
{
	struct device *dev = move->dmem->svm->drm->dev->dev;
	unsigned long i;

	for (i = 0; i < move->npages; i++) {
		if (move->dst[i])
			dma_unmap_page(dev, move->addr[i].addr,
				       PAGE_SIZE << move->addr[i].order,
				       DMA_FROM_DEVICE);
	}
}

/*
 * Content of all pages that can go: while a slice is being copied, the next gets
 * its room.  What can't go stays where it was.
 */
static int
nouveau_dmem_move_copy(struct nouveau_dmem_move *move)
{
	const unsigned long slice = clamp(move->npages / 2,
					  NOUVEAU_DMEM_SLICE_MIN,
					  NOUVEAU_DMEM_SLICE_MAX);
	struct nouveau_dmem_stream stream;
	unsigned long i, last;
	int ret = 0, err;

	nouveau_dmem_copy_begin(&stream, &move->dmem->copy, false);
	for (i = 0; i < move->npages; i = last) {
		last = min(i + slice, move->npages);
		ret = nouveau_dmem_move_alloc_slice(move, i, last) ?: ret;
		ret = nouveau_dmem_move_map_slice(move, i, last) ?: ret;
		nouveau_dmem_copy_add(&stream, move->pages + i, move->addr + i,
				      last - i);
		if (last < move->npages)
			nouveau_dmem_copy_kick(&stream);
	}
	err = nouveau_dmem_copy_end(&stream);
	if (err)
		err = nouveau_dmem_copy_parts(move->pages, move->addr,
					      move->npages);
	nouveau_dmem_move_unmap(move);
	for (i = 0; err && i < move->npages; i++) {
		if (move->dst[i] && !move->pages[i])
			nouveau_dmem_move_drop(move, i);
	}

	return err ?: ret;
}

/*
 * A huge page that was unmapped at the very moment at which it moved: its new
 * place is charged to nobody, and the kernel would wait for ever for whom that
 * is.  What nobody has need not move.  See "Huge pages that are unmapped on their
 * way".
 */
static bool
nouveau_dmem_move_robbed(struct nouveau_dmem_move *move, unsigned long i)
{
	struct page *dst = migrate_pfn_to_page(move->dst[i]);

	if (!dst || mem_cgroup_disabled() || !folio_test_large(page_folio(dst)))
		return false;

	return !folio_memcg_charged(page_folio(dst));
}

static void
nouveau_dmem_move_undo(struct nouveau_dmem_move *move, unsigned long i)
{
	struct folio *dst = page_folio(migrate_pfn_to_page(move->dst[i]));

	/* Which list it belongs to: it is freed before it is on one. */
	folio_clear_active(dst);
	folio_clear_unevictable(dst);
	move->src[i] &= ~MIGRATE_PFN_MIGRATE;
}

/*
 * What has moved is marked before it is unlocked: somebody may hold it still,
 * and nobody must move it a second time.  Return: how many pages have.
 */
static unsigned long
nouveau_dmem_move_retire(struct nouveau_dmem_move *move)
{
	unsigned long i, step, count = 0;

	for (i = 0; i < move->npages; i += step) {
		struct page *src = migrate_pfn_to_page(move->src[i]);
		struct folio *folio;

		step = nouveau_dmem_move_step(move->src, i);
		if (!src || !(move->src[i] & MIGRATE_PFN_MIGRATE))
			continue;

		if (nouveau_dmem_move_robbed(move, i)) {
			nouveau_dmem_move_undo(move, i);
			continue;
		}

		folio = page_folio(src);
		folio_set_zone_device_data(folio, (void *)
			((unsigned long)folio_zone_device_data(folio) |
			 DRM_PAGEMAP_ZDD_FLAG_MIGRATED));
		count += step;
	}

	return count;
}

/*
 * May other processes have pages of a VMA, by fork()?  No more than there are as
 * long as mmap_lock is held.  Huge ones are taken apart then: see "Huge pages that
 * are unmapped on their way".
 */
static bool
nouveau_dmem_shared(struct vm_area_struct *vma)
{
	struct anon_vma *anon_vma = vma->anon_vma;

	mmap_assert_locked(vma->vm_mm);

	if (!anon_vma)
		return false;
	if (anon_vma->parent != anon_vma)
		return true;

	/* It is a child of its own; others only become fewer meanwhile. */
	return data_race(anon_vma->num_children) > 1;
}

/*
 * To RAM: a part of a process, in a piece that lies in one VMA.  If that is for
 * a CPU fault, its page (@fault) is locked already.
 */
static int
nouveau_dmem_move_vma(struct nouveau_dmem_move *move,
		      struct vm_area_struct *vma, unsigned long start,
		      struct page *fault, unsigned long *moved)
{
	struct migrate_vma args = {
		.vma = vma,
		.start = start,
		.end = start + (move->npages << PAGE_SHIFT),
		.src = move->src,
		.dst = move->dst,
		.pgmap_owner = move->dmem->pagemap.owner,
		.fault_page = fault,
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE,
	};
	int ret;

	/* The kernel can't take apart what a fault holds a reference to. */
	if (fault || !nouveau_dmem_shared(vma))
		args.flags |= MIGRATE_VMA_SELECT_COMPOUND;
	ret = migrate_vma_setup(&args);
	if (ret || !args.cpages)
		return ret;

	move->vma = vma;
	move->start = start;
	ret = nouveau_dmem_move_copy(move);
	migrate_vma_pages(&args);
	*moved += nouveau_dmem_move_retire(move);
	migrate_vma_finalize(&args);
	return ret;
}

/**
 * nouveau_dmem_movable() - can memory of a VMA be in VRAM at all?
 * @vma: the VMA
 *
 * Return: true for anonymous memory, except what somebody has mapped there or
 * wants to stay.
 */
bool
nouveau_dmem_movable(struct vm_area_struct *vma)
{
	return vma_is_anonymous(vma) && !(vma->vm_flags & VM_SPECIAL);
}

/**
 * nouveau_dmem_to_ram() - bring a part of a process back
 * @dmem: the device's memory
 * @mm: the process
 * @start: start of the part
 * @end: its end
 * @moved: incremented by the pages that have moved
 *
 * What is not in VRAM, and what has changed its VMA meanwhile, is left alone.
 *
 * Return: 0; -EINTR; why a page could not move, while others may have.
 */
int
nouveau_dmem_to_ram(struct nouveau_dmem *dmem, struct mm_struct *mm,
		    unsigned long start, unsigned long end,
		    unsigned long *moved)
{
	struct nouveau_dmem_move move;
	struct vm_area_struct *vma;
	int ret;

	ret = nouveau_dmem_move_init(&move, dmem, PHYS_PFN(end - start),
				     GFP_KERNEL);
	if (ret)
		return ret;

	ret = mmap_read_lock_killable(mm);
	if (!ret) {
		vma = vma_lookup(mm, start);
		if (vma && vma->vm_end >= end && nouveau_dmem_movable(vma))
			ret = nouveau_dmem_move_vma(&move, vma, start, NULL,
						    moved);
		mmap_read_unlock(mm);
	}

	nouveau_dmem_move_fini(&move);
	return ret;
}

/**
 * nouveau_dmem_fault() - bring back what the CPU asks for
 * @vmf: its fault, on a page of ours
 * @size: how much around it, a power of two
 *
 * What is not in VRAM, or can't come, is left alone.
 *
 * Return: 0 if the CPU may look again: the page is not in VRAM any more, or it
 * is on its way already; else why it is there.
 */
int
nouveau_dmem_fault(struct vm_fault *vmf, unsigned long size)
{
	const unsigned long near = ALIGN_DOWN(vmf->address, size);
	const unsigned long start = max(near, vmf->vma->vm_start);
	const unsigned long end = min(near + size, vmf->vma->vm_end);
	struct nouveau_dmem_move move;
	unsigned long moved = 0;
	int ret;

	mmap_assert_locked(vmf->vma->vm_mm);

	ret = nouveau_dmem_move_init(&move, nouveau_dmem(vmf->page),
				     PHYS_PFN(end - start), GFP_KERNEL);
	if (ret)
		return ret;

	ret = nouveau_dmem_move_vma(&move, vmf->vma, start, vmf->page, &moved);
	nouveau_dmem_move_fini(&move);
	return nouveau_dmem_is_retired(page_folio(vmf->page)) ? 0 : ret;
}

/* Eviction */

static bool
nouveau_dmem_chunk_empty(struct nouveau_dmem_chunk *chunk)
{
	return !chunk->filled || completion_done(&chunk->devmem.detached);
}

/* A huge page that several processes have; nobody holds it for this look. */
static bool
nouveau_dmem_chunk_shared(struct nouveau_dmem_chunk *chunk)
{
	struct folio *folio = page_folio(pfn_to_page(nouveau_dmem_pfn(chunk)));

	return chunk->devmem.size >= PMD_SIZE && folio_test_large(folio) &&
	       folio_maybe_mapped_shared(folio);
}

/*
 * A huge page that finds no equal in RAM is taken apart.  That the kernel does
 * for a part of a process only, so for the one that it was moved for, if it has
 * it still, where it had it.  mmap_lock comes before the reservation that is
 * held: it is tried.  Return: 0 or -EBUSY if it may be worth another look,
 * -ENOMEM.
 */
static int
nouveau_dmem_evict_apart(struct nouveau_dmem_chunk *chunk, unsigned long *moved)
{
	struct mm_struct *mm = chunk->devmem.mm;
	struct nouveau_dmem_move move;
	const unsigned long before = *moved;
	struct vm_area_struct *vma;
	int ret = -ENOMEM;

	if (nouveau_dmem_move_init(&move, chunk->dmem,
				   PHYS_PFN(chunk->devmem.size), GFP_KERNEL))
		return -ENOMEM;

	if (!mmget_not_zero(mm))
		goto free_move;

	if (mmap_read_trylock(mm)) {
		vma = vma_lookup(mm, chunk->start);
		if (vma && nouveau_dmem_movable(vma) &&
		    vma->vm_end - chunk->start >= chunk->devmem.size)
			ret = nouveau_dmem_move_vma(&move, vma, chunk->start,
						    NULL, moved);
		mmap_read_unlock(mm);
		if (*moved == before)
			ret = -ENOMEM;
	} else {
		ret = -EBUSY;
	}
	/* This may be the end of the address space, which waits for others. */
	mmput_async(mm);
free_move:
	nouveau_dmem_move_fini(&move);
	return ret;
}

/* @moved is incremented by the pages that have moved. */
static int
nouveau_dmem_evict_look(struct nouveau_dmem_chunk *chunk, gfp_t gfp,
			unsigned long *moved)
{
	struct nouveau_dmem_move move;
	int ret;

	ret = nouveau_dmem_move_init(&move, chunk->dmem,
				     PHYS_PFN(chunk->devmem.size), gfp);
	if (ret)
		return ret;

	ret = migrate_device_range(move.src, nouveau_dmem_pfn(chunk),
				   move.npages);
	if (!ret) {
		ret = nouveau_dmem_move_copy(&move);
		migrate_device_pages(move.src, move.dst, move.npages);
		*moved += nouveau_dmem_move_retire(&move);
		migrate_device_finalize(move.src, move.dst, move.npages);
	}

	nouveau_dmem_move_fini(&move);
	return ret;
}

/**
 * nouveau_dmem_evict() - bring all pages of a chunk back
 * @chunk: the chunk; its buffer is reserved
 * @wait: what it is for can wait for who looks at a page
 *
 * Works for whoever has the pages, dead or alive, and waits for nobody but the
 * copy engine for long.
 *
 * Return: 0 if it holds no page any more; -EBUSY, -ENOMEM, -EIO: it does.
 */
int
nouveau_dmem_evict(struct nouveau_dmem_chunk *chunk, bool wait)
{
	const int limit = wait ? NOUVEAU_DMEM_EVICT_LOOKS :
				 NOUVEAU_DMEM_EVICT_LOOKS_NOWAIT;
	unsigned long moved = 0;
	int looks, ret = 0;

	dma_resv_assert_held(chunk->bo->bo.base.resv);

	for (looks = 0; looks < limit && !nouveau_dmem_chunk_empty(chunk);
	     looks++) {
		if (looks)
			fsleep(NOUVEAU_DMEM_EVICT_PAUSE_US << (looks - 1));
		if (nouveau_dmem_chunk_shared(chunk))
			nouveau_dmem_evict_apart(chunk, &moved);
		ret = nouveau_dmem_evict_look(chunk, GFP_KERNEL, &moved);
		if (ret == -ENOMEM && chunk->devmem.size >= PMD_SIZE)
			ret = nouveau_dmem_evict_apart(chunk, &moved);
		if (ret && ret != -EBUSY)
			break;
	}

	nouveau_svm_stat_add(chunk->dmem->svm, SVM_STAT_PAGES_EVICTED, moved);
	if (nouveau_dmem_chunk_empty(chunk))
		return 0;

	return ret ?: -EBUSY;
}

/**
 * nouveau_dmem_reclaim() - bring back what can be at once
 * @chunk: the chunk; its buffer is reserved
 *
 * For reclaim: waits for nobody but the copy engine.
 *
 * Return: pages that have moved.
 */
unsigned long
nouveau_dmem_reclaim(struct nouveau_dmem_chunk *chunk)
{
	unsigned long moved = 0;

	dma_resv_assert_held(chunk->bo->bo.base.resv);

	if (!nouveau_dmem_chunk_empty(chunk) &&
	    nouveau_dmem_evict_look(chunk, NOUVEAU_DMEM_GFP_RECLAIM, &moved))
		drm_dbg(chunk->dmem->svm->drm->dev,
			"svm: reclaim gets %lu pages only\n", moved);
	return moved;
}
