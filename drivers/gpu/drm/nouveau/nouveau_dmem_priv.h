/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_DMEM_PRIV_H__
#define __NOUVEAU_DMEM_PRIV_H__
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/list_lru.h>
#include <linux/llist.h>
#include <linux/memremap.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <drm/drm_pagemap.h>

struct address_space;
struct kmem_cache;
struct mm_struct;
struct nouveau_bo;
struct nouveau_channel;
struct nouveau_dmem_engine;
struct nouveau_svm;
struct shrinker;
struct vm_area_struct;
struct vm_fault;

/*
 * What the nouveau_dmem*.c files share with each other and with nouveau_svm_*.c,
 * and with nobody else.  Overview and Locking are at the head of
 * nouveau_dmem.c.
 */

/* VRAM that is set aside for page tables: so many buffers of that size. */
#define NOUVEAU_DMEM_RESERVE		16
#define NOUVEAU_DMEM_RESERVE_SIZE	SZ_64K

/**
 * enum nouveau_dmem_cause - why memory goes to VRAM
 */
enum nouveau_dmem_cause {
	/** @NOUVEAU_DMEM_ASKED: somebody asks for it: others make room */
	NOUVEAU_DMEM_ASKED,
	/**
	 * @NOUVEAU_DMEM_FAULT: the GPU waits for it: there is room, or what is
	 * idle makes some, or there is none.  It is not given back before the
	 * GPU had time to see it.
	 */
	NOUVEAU_DMEM_FAULT,
	/** @NOUVEAU_DMEM_REFAULT: the same, but there is room, or none */
	NOUVEAU_DMEM_REFAULT,
};

/**
 * struct nouveau_dmem_copy - the copy engine, as migration uses it
 */
struct nouveau_dmem_copy {
	/** @svm: the device */
	struct nouveau_svm *svm;
	/** @lock: held while commands are pushed */
	struct mutex lock;
	/** @engine: the channel; @lock */
	struct nouveau_dmem_engine *engine;
	/** @generation: how many there have been; @lock */
	unsigned int generation;
	/** @streams: that are under way */
	atomic_t streams;
	/** @revive: makes a channel where there is none, or a dead one */
	struct work_struct revive;
	/** @asked: how often that was asked for with locks held; @lock */
	unsigned int asked;
	/** @served: up to which of these it is through */
	unsigned int served;
	/** @revived: who waits for @served */
	wait_queue_head_t revived;
};

/**
 * struct nouveau_dmem_run - bytes that lie together on both sides
 */
struct nouveau_dmem_run {
	/** @vram: address of the first */
	u64 vram;
	/** @sys: DMA address of the first; 0: clear */
	dma_addr_t sys;
	/** @size: how many */
	u64 size;
};

/**
 * struct nouveau_dmem_stream - copies that are waited for together
 *
 * Nobody else's than the caller's, without a lock.
 */
struct nouveau_dmem_stream {
	/** @copy: the copy engine */
	struct nouveau_dmem_copy *copy;
	/** @generation: of its channel, which all must go through */
	unsigned int generation;
	/** @to_vram: the direction */
	bool to_vram;
	/** @run: what has been put together, and is not pushed yet */
	struct nouveau_dmem_run run;
	/** @count: pages */
	unsigned long count;
	/** @pushed: there is something that the engine was not told of */
	bool pushed;
	/** @err: why it is of no use */
	int err;
};

/**
 * struct nouveau_dmem - the memory of one device, as pages of processes
 */
struct nouveau_dmem {
	/** @svm: the device */
	struct nouveau_svm *svm;
	/** @copy: moves bytes */
	struct nouveau_dmem_copy copy;
	/** @lock: protects @chunks, @reserve and the making of @pagemap */
	struct mutex lock;
	/** @chunks: struct nouveau_dmem_chunk.head */
	struct list_head chunks;
	/** @reserve: VRAM for page tables, pinned; NULL: given away */
	struct nouveau_bo *reserve[NOUVEAU_DMEM_RESERVE];
	/** @garbage: chunks without pages, on their way out */
	struct llist_head garbage;
	/** @wake: makes what those who can't wait find missing */
	struct work_struct wake;
	/** @release: frees @garbage, which atomic context can't */
	struct work_struct release;
	/** @cache: where chunks come from */
	struct kmem_cache *cache;
	/** @charged: struct nouveau_dmem_chunk.charged, by control group */
	struct list_lru charged;
	/** @shrinker: called when a control group is at its limit */
	struct shrinker *shrinker;
	/** @ops: the library's, but for CPU faults and huge pages */
	struct dev_pagemap_ops ops;
	/** @gone: the device is, and pages were left behind */
	bool gone;
	/** @size: bytes of VRAM; 0 as long as it has no pages; @lock */
	u64 size;
	/** @pagemap: a struct page for each page of VRAM */
	struct dev_pagemap pagemap;
};

/**
 * struct nouveau_dmem_chunk - a buffer in VRAM, and the pages in it
 */
struct nouveau_dmem_chunk {
	/**
	 * @devmem: what the library knows of it; counts for one of @ref.  We
	 * hold its mm_struct, for no other one to be taken for it.
	 */
	struct drm_pagemap_devmem devmem;
	/**
	 * @dpagemap: how the library names it.  Its references are those of
	 * @ref together, and of who looks at a page: the last frees the chunk.
	 */
	struct drm_pagemap dpagemap;
	/** @ref: references; without one it is not used any more */
	struct kref ref;
	/** @dmem: where it is */
	struct nouveau_dmem *dmem;
	/** @bo: the buffer; evicted only while its reservation is held */
	struct nouveau_bo *bo;
	/** @head: in &nouveau_dmem.chunks */
	struct list_head head;
	/** @garbage: in &nouveau_dmem.garbage */
	struct llist_node garbage;
	/** @charged: in &nouveau_dmem.charged */
	struct list_head charged;
	/** @filled: there are, or were, pages in it; the BO's reservation */
	bool filled;
	/** @start: where they were in the process, to begin with; likewise */
	unsigned long start;
	/** @since: when it was filled, ktime_get_ns(); likewise */
	u64 since;
	/**
	 * @mapping: of the page that fills it, if it is one; the same until
	 * that is free
	 */
	struct address_space *mapping;
};

/**
 * struct nouveau_dmem_fill - a piece of a process on its way to VRAM
 *
 * Nobody else's than the caller's, who may touch it before its begin and after
 * its end only.
 */
struct nouveau_dmem_fill {
	/** @work: moves it */
	struct work_struct work;
	/** @chunk: where it goes, and whose it is */
	struct nouveau_dmem_chunk *chunk;
	/** @start: its first byte */
	unsigned long start;
	/** @cause: why it shall go */
	enum nouveau_dmem_cause cause;
	/** @moved: pages that have gone */
	unsigned long moved;
	/** @err: 0, or why it could not go */
	int err;
};

/* nouveau_dmem.c */
int nouveau_dmem_new(struct nouveau_svm *svm, struct nouveau_dmem **pdmem);
void nouveau_dmem_del(struct nouveau_dmem **pdmem);
bool nouveau_dmem_used(struct nouveau_dmem *dmem);
u64 nouveau_dmem_used_by(struct nouveau_dmem *dmem, struct mm_struct *mm);
bool nouveau_dmem_owns(struct nouveau_dmem *dmem, struct page *page);
u64 nouveau_dmem_addr(struct page *page);
struct nouveau_dmem *nouveau_dmem(struct page *page);
unsigned long nouveau_dmem_pfn(struct nouveau_dmem_chunk *chunk);
int nouveau_dmem_ready(struct nouveau_dmem *dmem);
bool nouveau_dmem_ready_soon(struct nouveau_dmem *dmem);
struct nouveau_dmem_chunk *nouveau_dmem_chunk_new(struct nouveau_dmem *dmem,
						  struct mm_struct *mm, u64 size,
						  enum nouveau_dmem_cause cause);
void nouveau_dmem_chunk_put(struct nouveau_dmem_chunk *chunk);
int nouveau_dmem_evict_all(struct nouveau_dmem *dmem);
int nouveau_dmem_suspend(struct nouveau_dmem *dmem);

/* nouveau_dmem_room.c */
bool nouveau_dmem_make_room(struct nouveau_dmem *dmem, u64 size);
void nouveau_dmem_fill_reserve(struct nouveau_dmem *dmem);
void nouveau_dmem_drop_reserve(struct nouveau_dmem *dmem);
bool nouveau_dmem_table_room(struct nouveau_dmem *dmem);

/* nouveau_dmem_reclaim.c */
int nouveau_dmem_reclaim_init(struct nouveau_dmem *dmem);
void nouveau_dmem_reclaim_stop(struct nouveau_dmem *dmem);
void nouveau_dmem_reclaim_fini(struct nouveau_dmem *dmem);
struct nouveau_dmem_chunk *nouveau_dmem_reclaim_alloc(struct nouveau_dmem *dmem,
						      struct mm_struct *mm);
void nouveau_dmem_reclaim_free(struct nouveau_dmem_chunk *chunk);
void nouveau_dmem_reclaim_add(struct nouveau_dmem_chunk *chunk);
void nouveau_dmem_reclaim_del(struct nouveau_dmem_chunk *chunk);

/* nouveau_dmem_copy.c */
void nouveau_dmem_copy_init(struct nouveau_dmem_copy *copy,
			    struct nouveau_svm *svm);
void nouveau_dmem_copy_stop(struct nouveau_dmem_copy *copy);
void nouveau_dmem_copy_fini(struct nouveau_dmem_copy *copy);
bool nouveau_dmem_copy_alive(struct nouveau_dmem_copy *copy);
int nouveau_dmem_copy_ready(struct nouveau_dmem_copy *copy);
void nouveau_dmem_copy_begin(struct nouveau_dmem_stream *stream,
			     struct nouveau_dmem_copy *copy, bool to_vram);
void nouveau_dmem_copy_add(struct nouveau_dmem_stream *stream,
			   struct page **pages,
			   const struct drm_pagemap_addr *addr,
			   unsigned long npages);
void nouveau_dmem_copy_kick(struct nouveau_dmem_stream *stream);
int nouveau_dmem_copy_end(struct nouveau_dmem_stream *stream);
int nouveau_dmem_copy_to_vram(struct page **pages,
			      struct drm_pagemap_addr *addr,
			      unsigned long npages, struct dma_fence *fence);
int nouveau_dmem_copy_parts(struct page **pages, struct drm_pagemap_addr *addr,
			    unsigned long npages);

/* nouveau_dmem_fill.c */
int nouveau_dmem_fill_begin(struct nouveau_dmem_fill *fill,
			    struct nouveau_dmem *dmem, struct mm_struct *mm,
			    unsigned long start, unsigned long size,
			    enum nouveau_dmem_cause cause);
int nouveau_dmem_fill_end(struct nouveau_dmem_fill *fill, unsigned long *moved);
int nouveau_dmem_to_vram(struct nouveau_dmem *dmem, struct mm_struct *mm,
			 unsigned long start, unsigned long size,
			 enum nouveau_dmem_cause cause, unsigned long *moved);

/* nouveau_dmem_migrate.c */
bool nouveau_dmem_movable(struct vm_area_struct *vma);
int nouveau_dmem_to_ram(struct nouveau_dmem *dmem, struct mm_struct *mm,
			unsigned long start, unsigned long end,
			unsigned long *moved);
int nouveau_dmem_fault(struct vm_fault *vmf, unsigned long size);
unsigned long nouveau_dmem_reclaim(struct nouveau_dmem_chunk *chunk);

#endif
