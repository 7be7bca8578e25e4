// SPDX-License-Identifier: MIT
/*
 * What a file has of the device's memory, for /proc/PID/fdinfo: see
 * Documentation/gpu/drm-usage-stats.rst.  Counts, and changes nothing.
 *
 * Locking: drm_file.table_lock, to walk over the buffers; each one's
 * reservation, to see where it is; &nouveau_cli.mutex for the file's shared
 * virtual memory.
 */
#include <linux/dma-resv.h>

#include <drm/drm_file.h>
#include <drm/drm_gem.h>
#include <drm/ttm/ttm_tt.h>

#include "nouveau_bo.h"
#include "nouveau_drv.h"
#include "nouveau_fdinfo.h"
#include "nouveau_gem.h"
#include "nouveau_svm.h"

/* By TTM's memory types, as other drivers call them. */
static const char * const nouveau_fdinfo_regions[] = {
	[TTM_PL_SYSTEM] = "system",
	[TTM_PL_TT] = "gtt",
	[TTM_PL_VRAM] = "vram",
};

#define NOUVEAU_FDINFO_REGIONS	ARRAY_SIZE(nouveau_fdinfo_regions)

static void
nouveau_fdinfo_count(struct drm_memory_stats *stats, struct drm_gem_object *obj)
{
	struct ttm_buffer_object *bo = &nouveau_gem_object(obj)->bo;
	const u32 type = bo->resource ? bo->resource->mem_type : TTM_PL_SYSTEM;

	dma_resv_assert_held(obj->resv);

	if (type >= NOUVEAU_FDINFO_REGIONS)
		return;

	if (drm_gem_object_is_shared_for_memory_stats(obj))
		stats[type].shared += obj->size;
	else
		stats[type].private += obj->size;
	if (type != TTM_PL_SYSTEM || (bo->ttm && ttm_tt_is_populated(bo->ttm)))
		stats[type].resident += obj->size;
	if (!dma_resv_test_signaled(obj->resv, DMA_RESV_USAGE_BOOKKEEP))
		stats[type].active += obj->size;
}

/* A buffer that others have reserved is waited for, without the table's lock. */
static void
nouveau_fdinfo_count_slow(struct drm_memory_stats *stats, struct drm_file *file,
			  struct drm_gem_object *obj)
{
	lockdep_assert_held(&file->table_lock);

	drm_gem_object_get(obj);
	spin_unlock(&file->table_lock);
	dma_resv_lock(obj->resv, NULL);
	nouveau_fdinfo_count(stats, obj);
	dma_resv_unlock(obj->resv);
	drm_gem_object_put(obj);
	spin_lock(&file->table_lock);
}

static void
nouveau_fdinfo_count_all(struct drm_memory_stats *stats, struct drm_file *file)
{
	struct drm_gem_object *obj;
	int id;

	spin_lock(&file->table_lock);
	idr_for_each_entry(&file->object_idr, obj, id) {
		if (!dma_resv_trylock(obj->resv)) {
			nouveau_fdinfo_count_slow(stats, file, obj);
			continue;
		}
		nouveau_fdinfo_count(stats, obj);
		dma_resv_unlock(obj->resv);
	}
	spin_unlock(&file->table_lock);
}

/**
 * nouveau_fdinfo_show() - what a file has of the device's memory
 * @p: where to
 * @file: the file
 *
 * Its buffers, where they are now; and memory of its process that is in VRAM.
 */
void
nouveau_fdinfo_show(struct drm_printer *p, struct drm_file *file)
{
	struct drm_memory_stats stats[NOUVEAU_FDINFO_REGIONS] = {};
	const u64 svm = nouveau_svmm_vram(nouveau_cli(file));
	unsigned int i;

	nouveau_fdinfo_count_all(stats, file);
	stats[TTM_PL_VRAM].private += svm;
	stats[TTM_PL_VRAM].resident += svm;
	for (i = 0; i < NOUVEAU_FDINFO_REGIONS; i++)
		drm_print_memory_stats(p, &stats[i], DRM_GEM_OBJECT_ACTIVE |
				       DRM_GEM_OBJECT_RESIDENT,
				       nouveau_fdinfo_regions[i]);
}
