// SPDX-License-Identifier: MIT
/* Why a channel has died: see nv_death.h. */
#include <stdio.h>
#include <string.h>
#include <xf86drm.h>

#include "igt_abi.h"
#include "nv_death.h"

static const char * const reasons[] = {
	[NOUVEAU_SVM_REASON_ALIVE] = "alive",
	[NOUVEAU_SVM_REASON_OTHER] = "other",
	[NOUVEAU_SVM_REASON_HARDWARE] = "not a matter of page tables",
	[NOUVEAU_SVM_REASON_NO_MAPPING] = "no mapping at this address",
	[NOUVEAU_SVM_REASON_UNMANAGED] = "no buffer at this address",
	[NOUVEAU_SVM_REASON_NO_ACCESS] = "mapping without read permission",
	[NOUVEAU_SVM_REASON_READ_ONLY] = "read-only mapping",
	[NOUVEAU_SVM_REASON_IO] = "mapping of device memory",
	[NOUVEAU_SVM_REASON_NO_ATOMIC] = "atomic not possible on this memory",
	[NOUVEAU_SVM_REASON_NO_PAGE] = "no page can be had at this address",
	[NOUVEAU_SVM_REASON_USER_FAULT] =
		"userfaultfd is for the CPU's user mode only",
	[NOUVEAU_SVM_REASON_SUSPEND] =
		"not done when the machine was suspended",
};

static const char * const accesses[] = {
	[NOUVEAU_SVM_ACCESS_NONE] = "none",
	[NOUVEAU_SVM_ACCESS_READ] = "read",
	[NOUVEAU_SVM_ACCESS_WRITE] = "write",
	[NOUVEAU_SVM_ACCESS_ATOMIC] = "atomic",
};

int nv_death(const struct nv_device *dev, int channel,
	     struct drm_nouveau_svm_death *death)
{
	memset(death, 0, sizeof(*death));
	death->channel = channel;
	return drmCommandWriteRead(dev->fd, DRM_NOUVEAU_SVM_DEATH, death,
				   sizeof(*death));
}

int nv_svm_version(int fd, uint64_t *version)
{
	struct drm_nouveau_getparam p = { .param = NOUVEAU_GETPARAM_SVM };
	int ret;

	ret = drmCommandWriteRead(fd, DRM_NOUVEAU_GETPARAM, &p, sizeof(p));
	*version = p.value;
	return ret;
}

void nv_death_message(const struct drm_nouveau_svm_death *death, char *text,
		      size_t size)
{
	igt_assert(death->reason < sizeof(reasons) / sizeof(reasons[0]));
	igt_assert(death->access < sizeof(accesses) / sizeof(accesses[0]));
	snprintf(text, size,
		 "channel %d: %s at 0x%llx: %s (fault type 0x%x), channel killed",
		 death->channel, accesses[death->access],
		 (unsigned long long)death->address, reasons[death->reason],
		 death->fault_type);
}
