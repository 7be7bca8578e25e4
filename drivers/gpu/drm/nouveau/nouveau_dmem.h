/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_DMEM_H__
#define __NOUVEAU_DMEM_H__
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/types.h>

struct nouveau_bo;
struct nouveau_dmem_chunk;

/*
 * Device memory of shared virtual memory as TTM sees it: buffers that hold
 * pages of processes.  What is inside is in nouveau_dmem_priv.h.
 */

#if IS_ENABLED(CONFIG_DRM_NOUVEAU_SVM)
int nouveau_dmem_evict(struct nouveau_dmem_chunk *chunk, bool wait);
#else
static inline int nouveau_dmem_evict(struct nouveau_dmem_chunk *chunk, bool wait)
{
	return -EBUSY;
}
#endif
#endif
