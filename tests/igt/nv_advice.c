// SPDX-License-Identifier: MIT
/* What a program tells and asks about its memory: see nv_advice.h. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "igt_abi.h"
#include "nv_advice.h"
#include "nv_death.h"
#include "nv_words.h"

void nv_require_version(uint64_t version)
{
	const int fd = nv_open_render_node();
	uint64_t there;
	int ret;

	igt_assert(fd >= 0);
	ret = nv_svm_version(fd, &there);
	close(fd);
	igt_require_f(!ret && there >= version,
		      "version of the interface is less than %d\n",
		      (int)version);
}

int nv_try_advise(const struct nv_device *dev, const void *p, uint64_t size,
		  uint32_t verb, uint32_t value)
{
	struct drm_nouveau_svm_advise args = {
		.start = (uintptr_t)p,
		.size = size,
		.verb = verb,
		.value = value,
	};

	return drmCommandWriteRead(dev->fd, DRM_NOUVEAU_SVM_ADVISE, &args,
				   sizeof(args));
}

void nv_advise(const struct nv_device *dev, const void *p, uint64_t size,
	       uint32_t verb, uint32_t value)
{
	igt_assert_eq(nv_try_advise(dev, p, size, verb, value), 0);
}

void nv_prefer(const struct nv_device *dev, const void *p, uint64_t size,
	       uint32_t location)
{
	nv_advise(dev, p, size, NOUVEAU_SVM_ADVISE_LOCATION, location);
}

int nv_try_query(const struct nv_device *dev, const void *p, uint64_t size,
		 struct drm_nouveau_svm_query *q)
{
	*q = (struct drm_nouveau_svm_query) {
		.start = (uintptr_t)p,
		.size = size,
	};
	return drmCommandWriteRead(dev->fd, DRM_NOUVEAU_SVM_QUERY, q,
				   sizeof(*q));
}

struct drm_nouveau_svm_query nv_query(const struct nv_device *dev,
				      const void *p, uint64_t size)
{
	struct drm_nouveau_svm_query q;

	igt_assert_eq(nv_try_query(dev, p, size, &q), 0);
	igt_assert(q.start == (uintptr_t)p);
	igt_assert_eq(q.vram_bytes + q.ram_bytes + q.absent_bytes, size);
	igt_assert(q.advice_end > q.start && q.advice_end <= q.start + size);
	igt_assert_eq(q.reserved, 0);
	return q;
}

static char letter(const struct drm_nouveau_svm_query *q)
{
	static const char letters[] = {
		[NOUVEAU_SVM_LOCATION_NONE] = '.',
		[NOUVEAU_SVM_LOCATION_SYSTEM] = 'S',
		[NOUVEAU_SVM_LOCATION_VRAM] = 'V',
	};

	igt_assert(q->location < sizeof(letters));
	return letters[q->location];
}

void nv_assert_advice(const struct nv_device *dev, const void *p,
		      const char *pages)
{
	const char *at = p, *end = at + strlen(pages) * NV_PAGE;
	struct drm_nouveau_svm_query q;
	size_t want;

	while (at < end) {
		q = nv_query(dev, at, end - at);
		want = strspn(pages, (char []) { *pages, 0 });
		igt_assert_f(letter(&q) == *pages, "%p: %c, not %c\n", at,
			     letter(&q), *pages);
		igt_assert_f(q.advice_end - q.start == want * NV_PAGE,
			     "%p: %d pages %c, not %d\n", at,
			     (int)((q.advice_end - q.start) / NV_PAGE),
			     *pages, (int)want);
		at += want * NV_PAGE;
		pages += want;
	}
}
