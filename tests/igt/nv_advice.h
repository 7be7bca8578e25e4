/* SPDX-License-Identifier: MIT */
/* What a program tells and asks the driver about its memory. */
#ifndef NV_ADVICE_H
#define NV_ADVICE_H

#include <stdint.h>
#include <drm/nouveau_drm.h>

#include "nv_device.h"

/* Skip the test if the driver's version is less. */
void nv_require_version(uint64_t version);

/* DRM_NOUVEAU_SVM_ADVISE; 0 or -errno. */
int nv_try_advise(const struct nv_device *dev, const void *p, uint64_t size,
		  uint32_t verb, uint32_t value);
/* The same.  Asserts success. */
void nv_advise(const struct nv_device *dev, const void *p, uint64_t size,
	       uint32_t verb, uint32_t value);
/* Where memory is to live, one of enum drm_nouveau_svm_location. */
void nv_prefer(const struct nv_device *dev, const void *p, uint64_t size,
	       uint32_t location);

/* DRM_NOUVEAU_SVM_QUERY; 0 or -errno. */
int nv_try_query(const struct nv_device *dev, const void *p, uint64_t size,
		 struct drm_nouveau_svm_query *q);
/* The same.  Asserts success, and that the answer makes sense. */
struct drm_nouveau_svm_query nv_query(const struct nv_device *dev,
				      const void *p, uint64_t size);

/*
 * Assert what is advised, a letter for each page: '.' nothing, 'V' VRAM, 'S'
 * system memory; and that neighbours that say the same are one interval.
 */
void nv_assert_advice(const struct nv_device *dev, const void *p,
		      const char *pages);

#endif
