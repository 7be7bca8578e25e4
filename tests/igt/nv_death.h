/* SPDX-License-Identifier: MIT */
/* Why a channel has died, as the driver tells it. */
#ifndef NV_DEATH_H
#define NV_DEATH_H

#include <drm/nouveau_drm.h>

#include "nv_device.h"

/* DRM_NOUVEAU_SVM_DEATH; 0 or -errno. */
int nv_death(const struct nv_device *dev, int channel,
	     struct drm_nouveau_svm_death *death);

/* NOUVEAU_GETPARAM_SVM; 0 or -errno. */
int nv_svm_version(int fd, uint64_t *version);

/* What the kernel log says of a death, after the name of the process. */
void nv_death_message(const struct drm_nouveau_svm_death *death, char *text,
		      size_t size);

#endif
