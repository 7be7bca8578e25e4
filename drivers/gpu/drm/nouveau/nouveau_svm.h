/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_SVM_H__
#define __NOUVEAU_SVM_H__
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;
struct nouveau_cli;
struct nouveau_drm;
struct nouveau_svmm;

/*
 * Shared virtual memory as the rest of nouveau sees it.  What is inside is in
 * nouveau_svm_priv.h.
 */

#if IS_ENABLED(CONFIG_DRM_NOUVEAU_SVM)
void nouveau_svm_init(struct nouveau_drm *drm);
void nouveau_svm_fini(struct nouveau_drm *drm);
int nouveau_svm_suspend(struct nouveau_drm *drm);
void nouveau_svm_resume(struct nouveau_drm *drm);

int nouveau_svmm_init(struct drm_device *dev, void *data,
		      struct drm_file *file_priv);
int nouveau_svmm_bind(struct drm_device *dev, void *data,
		      struct drm_file *file_priv);
int nouveau_svmm_death(struct drm_device *dev, void *data,
		       struct drm_file *file_priv);
int nouveau_svmm_advise(struct drm_device *dev, void *data,
			struct drm_file *file_priv);
int nouveau_svmm_query(struct drm_device *dev, void *data,
		       struct drm_file *file_priv);
int nouveau_svm_flush(struct file *file, fl_owner_t id);
u64 nouveau_svm_version(struct nouveau_drm *drm);
u64 nouveau_svmm_vram(struct nouveau_cli *cli);
int nouveau_svmm_may_submit(struct nouveau_svmm *svmm);
void nouveau_svmm_close(struct nouveau_svmm *svmm);
void nouveau_svmm_fini(struct nouveau_svmm **psvmm);
int nouveau_svmm_join(struct nouveau_svmm *svmm, u64 inst, int chid);
void nouveau_svmm_part(struct nouveau_svmm *svmm, u64 inst);
#else /* IS_ENABLED(CONFIG_DRM_NOUVEAU_SVM) */
static inline void nouveau_svm_init(struct nouveau_drm *drm) {}
static inline void nouveau_svm_fini(struct nouveau_drm *drm) {}

static inline int nouveau_svm_suspend(struct nouveau_drm *drm)
{
	return 0;
}

static inline void nouveau_svm_resume(struct nouveau_drm *drm) {}

static inline int nouveau_svmm_init(struct drm_device *dev, void *data,
				    struct drm_file *file_priv)
{
	return -ENOSYS;
}

static inline int nouveau_svmm_bind(struct drm_device *dev, void *data,
				    struct drm_file *file_priv)
{
	return -ENOSYS;
}

static inline int nouveau_svmm_death(struct drm_device *dev, void *data,
				     struct drm_file *file_priv)
{
	return -ENOSYS;
}

static inline int nouveau_svmm_advise(struct drm_device *dev, void *data,
				      struct drm_file *file_priv)
{
	return -ENOSYS;
}

static inline int nouveau_svmm_query(struct drm_device *dev, void *data,
				     struct drm_file *file_priv)
{
	return -ENOSYS;
}

static inline int nouveau_svm_flush(struct file *file, fl_owner_t id)
{
	return 0;
}

static inline u64 nouveau_svm_version(struct nouveau_drm *drm)
{
	return 0;
}

static inline u64 nouveau_svmm_vram(struct nouveau_cli *cli)
{
	return 0;
}

static inline int nouveau_svmm_may_submit(struct nouveau_svmm *svmm)
{
	return 0;
}

static inline void nouveau_svmm_close(struct nouveau_svmm *svmm) {}
static inline void nouveau_svmm_fini(struct nouveau_svmm **psvmm) {}

static inline int nouveau_svmm_join(struct nouveau_svmm *svmm, u64 inst,
				    int chid)
{
	return 0;
}

static inline void nouveau_svmm_part(struct nouveau_svmm *svmm, u64 inst) {}
#endif /* IS_ENABLED(CONFIG_DRM_NOUVEAU_SVM) */
#endif
