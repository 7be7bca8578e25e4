// SPDX-License-Identifier: MIT
/*
 * Device memory, reclaim: memory in VRAM that a control group can't pay for any
 * more goes back to RAM.  How it does is in nouveau_dmem_migrate.c.
 *
 * Locking: reclaim comes from whoever allocates, with locks that nobody knows.
 * So all that is taken here is tried: the reservations of chunks, their folios,
 * &nouveau_svm.lock.  &nouveau_dmem_copy.lock is waited for: nothing that is
 * allocated under it gets here.  Lists of chunks have their own locks, which the
 * kernel's list_lru knows.
 */
#include <linux/list_lru.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/sched/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"

#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Limits of control groups
 *
 * Memory in VRAM counts for the limit of the control group that its process is
 * in, as in RAM. But the kernel can page out what is in RAM only. At its limit, a
 * group with much memory in VRAM would get no more at all, and its processes
 * would be killed for it.
 *
 * So when the kernel looks for something to reclaim in a group that is at its
 * limit, or whose parent is, chunks of VRAM are brought back to RAM, those first
 * that came first: in proportion to how hard the kernel tries, so that what is
 * in RAM goes before. That takes RAM, for a moment, but no more of the limit:
 * the charge goes with the content. If RAM is what the machine is short of,
 * nothing is brought back.
 *
 * A process that has lost memory that way gets what it faults on in RAM, for one
 * second.
 */

/*
 * A group is at its limit if it may be refused a huge page, beside what each CPU
 * has charged in advance.
 */
#define NOUVEAU_DMEM_MARGIN \
	(PFN_DOWN(PMD_SIZE) + MEMCG_CHARGE_BATCH * num_online_cpus())

/* A driver, a colon, and the name of a device on a bus. */
#define NOUVEAU_DMEM_NAME		48

#ifdef CONFIG_MEMCG
static bool
nouveau_dmem_counter_full(struct page_counter *counter, unsigned long limit,
			  unsigned long margin)
{
	const unsigned long usage = page_counter_read(counter);

	return usage >= limit || limit - usage < margin;
}

static bool
nouveau_dmem_group_full(struct mem_cgroup *memcg)
{
	struct page_counter *memory = &memcg->memory;
	const unsigned long limit = min(READ_ONCE(memory->max),
					READ_ONCE(memory->high));

	return nouveau_dmem_counter_full(memory, limit, NOUVEAU_DMEM_MARGIN);
}

/* Is a group, or one that it is in, at its limit, and can be paged out? */
static bool
nouveau_dmem_reclaim_helps(struct mem_cgroup *memcg)
{
	bool full = false;

	if (get_nr_swap_pages() <= 0)
		return false;

	for (; memcg && !mem_cgroup_is_root(memcg);
	     memcg = parent_mem_cgroup(memcg)) {
		if (nouveau_dmem_counter_full(&memcg->swap,
					      READ_ONCE(memcg->swap.max), 1))
			return false;
		full |= nouveau_dmem_group_full(memcg);
	}

	return full;
}
#else
static bool
nouveau_dmem_reclaim_helps(struct mem_cgroup *memcg)
{
	return false;
}
#endif

static enum lru_status
nouveau_dmem_reclaim_pick(struct list_head *item, struct list_lru_one *list,
			  void *data)
{
	struct nouveau_dmem_chunk *chunk =
		container_of(item, struct nouveau_dmem_chunk, charged);
	struct nouveau_dmem_chunk **pick = data;

	/* One that is on its way out takes itself off the list. */
	if (kref_get_unless_zero(&chunk->ref))
		*pick = chunk;
	return LRU_ROTATE;
}

/* Return: pages that are in RAM now. */
static unsigned long
nouveau_dmem_reclaim_chunk(struct nouveau_dmem_chunk *chunk)
{
	struct ttm_buffer_object *bo = &chunk->bo->bo;
	unsigned long moved = 0;

	if (ttm_bo_reserve(bo, false, true, NULL))
		return 0;

	if (bo->resource->mem_type == TTM_PL_VRAM)
		moved = nouveau_dmem_reclaim(chunk);
	ttm_bo_unreserve(bo);
	if (!moved)
		return 0;

	nouveau_svm_stat_add(chunk->dmem->svm, SVM_STAT_PAGES_RECLAIMED, moved);
	nouveau_svm_policy_crowded(chunk->dmem->svm, chunk->devmem.mm);
	return moved;
}

static unsigned long
nouveau_dmem_reclaim_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct nouveau_dmem *dmem = shrinker->private_data;
	struct nouveau_dmem_chunk *chunk;
	unsigned long i, one, moved = 0;

	for (i = 0; i < sc->nr_to_scan; i++) {
		chunk = NULL;
		one = 1;
		list_lru_walk_one(&dmem->charged, sc->nid, sc->memcg,
				  nouveau_dmem_reclaim_pick, &chunk, &one);
		if (!chunk)
			continue;

		moved += nouveau_dmem_reclaim_chunk(chunk);
		nouveau_dmem_chunk_put(chunk);
	}

	return moved;
}

/*
 * 0 says that there is nothing now, and that there may be later.  kswapd is out
 * of RAM itself.
 */
static unsigned long
nouveau_dmem_reclaim_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct nouveau_dmem *dmem = shrinker->private_data;

	if (!(sc->gfp_mask & __GFP_FS) || current_is_kswapd() ||
	    !nouveau_dmem_reclaim_helps(sc->memcg))
		return 0;

	return list_lru_shrink_count(&dmem->charged, sc);
}

/**
 * nouveau_dmem_reclaim_alloc() - a chunk that knows its control group
 * @dmem: the device's memory
 * @mm: whose pages it will hold
 *
 * Return: the chunk, all zeros; NULL.
 */
struct nouveau_dmem_chunk *
nouveau_dmem_reclaim_alloc(struct nouveau_dmem *dmem, struct mm_struct *mm)
{
	struct mem_cgroup *memcg = get_mem_cgroup_from_mm(mm);
	struct mem_cgroup *old = set_active_memcg(memcg);
	struct nouveau_dmem_chunk *chunk;

	chunk = kmem_cache_alloc_lru(dmem->cache, &dmem->charged,
				     GFP_KERNEL | __GFP_ZERO);
	set_active_memcg(old);
	mem_cgroup_put(memcg);
	if (chunk)
		INIT_LIST_HEAD(&chunk->charged);
	return chunk;
}

/**
 * nouveau_dmem_reclaim_free() - the end of a chunk
 * @chunk: the chunk
 */
void
nouveau_dmem_reclaim_free(struct nouveau_dmem_chunk *chunk)
{
	kmem_cache_free(chunk->dmem->cache, chunk);
}

/**
 * nouveau_dmem_reclaim_add() - there is memory in a chunk
 * @chunk: the chunk
 */
void
nouveau_dmem_reclaim_add(struct nouveau_dmem_chunk *chunk)
{
	list_lru_add_obj(&chunk->dmem->charged, &chunk->charged);
}

/**
 * nouveau_dmem_reclaim_del() - nobody may find a chunk any more
 * @chunk: the chunk
 */
void
nouveau_dmem_reclaim_del(struct nouveau_dmem_chunk *chunk)
{
	list_lru_del_obj(&chunk->dmem->charged, &chunk->charged);
}

/**
 * nouveau_dmem_reclaim_init() - join the kernel's reclaim
 * @dmem: the device's memory
 *
 * Return: 0, -ENOMEM.
 */
int
nouveau_dmem_reclaim_init(struct nouveau_dmem *dmem)
{
	char name[NOUVEAU_DMEM_NAME];
	int ret = -ENOMEM;

	snprintf(name, sizeof(name), "nouveau_svm:%s",
		 dev_name(dmem->svm->drm->dev->dev));
	dmem->cache = kmem_cache_create(name, sizeof(struct nouveau_dmem_chunk),
					0, SLAB_ACCOUNT, NULL);
	if (!dmem->cache)
		return ret;

	dmem->shrinker = shrinker_alloc(SHRINKER_MEMCG_AWARE |
					SHRINKER_NUMA_AWARE, "%s", name);
	if (!dmem->shrinker)
		goto destroy_cache;

	ret = list_lru_init_memcg(&dmem->charged, dmem->shrinker);
	if (ret)
		goto free_shrinker;

	dmem->shrinker->count_objects = nouveau_dmem_reclaim_count;
	dmem->shrinker->scan_objects = nouveau_dmem_reclaim_scan;
	dmem->shrinker->batch = 1;
	dmem->shrinker->private_data = dmem;
	shrinker_register(dmem->shrinker);
	return 0;

free_shrinker:
	shrinker_free(dmem->shrinker);
destroy_cache:
	kmem_cache_destroy(dmem->cache);
	return ret;
}

/**
 * nouveau_dmem_reclaim_stop() - leave it
 * @dmem: the device's memory
 */
void
nouveau_dmem_reclaim_stop(struct nouveau_dmem *dmem)
{
	shrinker_free(dmem->shrinker);
}

/**
 * nouveau_dmem_reclaim_fini() - there are no chunks any more
 * @dmem: the device's memory
 */
void
nouveau_dmem_reclaim_fini(struct nouveau_dmem *dmem)
{
	list_lru_destroy(&dmem->charged);
	kmem_cache_destroy(dmem->cache);
}
