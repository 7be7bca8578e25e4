/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_FAULT_SVM_H__
#define __NVKM_FAULT_SVM_H__
#include "priv.h"
#include <subdev/svm.h>

/**
 * struct nvkm_svm_func - what differs between GPUs
 */
struct nvkm_svm_func {
	/** @read: decode a packet; false if it has not arrived yet */
	bool (*read)(const void __iomem *entry, struct nvkm_svm_packet *packet);
	/** @clear: make the place of a packet ready for the next one */
	void (*clear)(void __iomem *entry);
	/** @dropped: were packets dropped since this was last asked? */
	bool (*dropped)(struct nvkm_device *device);
	/** @replay: see nvkm_svm_replay() */
	int (*replay)(struct nvkm_device *device);
	/** @cancel: see nvkm_svm_cancel() */
	int (*cancel)(struct nvkm_device *device,
		      const struct nvkm_svm_packet *packet);
	/** @current_inst: see nvkm_svm_current() */
	u64 (*current_inst)(struct nvkm_device *device);
};

extern const struct nvkm_svm_func gp100_svm;

void nvkm_svm_intr(struct nvkm_svm *svm);

#endif
