// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, uAPI layer: validates what user space says, then
 * calls one function that does it.  Does nothing itself.
 */
#include <linux/sizes.h>

#include <drm/drm_print.h>

#include <nvif/class.h>
#include <nvif/if000c.h>
#include <nvif/ifc00d.h>

#include "nouveau_drv.h"
#include "nouveau_svm.h"
#include "nouveau_svm_priv.h"

/*
 * Buffers live in the hole, among them what channels address with 40 bits:
 * GPFIFOs, push buffers, QMDs.
 */
#define NOUVEAU_SVM_HOLE_LIMIT		BIT_ULL(40)

static int
nouveau_svm_check_init(const struct drm_nouveau_svm_init *args)
{
	u64 limit;

	if (!PAGE_ALIGNED(args->unmanaged_addr | args->unmanaged_size))
		return -EINVAL;

	if (check_add_overflow(args->unmanaged_addr, args->unmanaged_size,
			       &limit))
		return -EINVAL;

	return limit <= NOUVEAU_SVM_HOLE_LIMIT ? 0 : -EINVAL;
}

/* Give a client a VMM with replayable faults, for all that it makes later. */
static int
nouveau_svm_bind_vmm(struct nouveau_svm *svm, struct nouveau_cli *cli,
		     const struct drm_nouveau_svm_init *args)
{
	struct gp100_vmm_v0 replay = { .fault_replay = true };
	struct nouveau_svmm *svmm;
	struct nvkm_vmm *vmm;
	int ret;

	lockdep_assert_held(&cli->mutex);

	ret = nvif_vmm_ctor(&cli->mmu, "svmVmm", cli->vmm.vmm.object.oclass,
			    MANAGED, args->unmanaged_addr,
			    args->unmanaged_size, &replay, sizeof(replay),
			    &cli->svm.vmm);
	if (ret)
		return ret;

	vmm = nvkm_svm_vmm(cli->base.object.priv,
			   nvif_handle(&cli->svm.vmm.object));
	if (IS_ERR(vmm)) {
		ret = PTR_ERR(vmm);
		goto fail;
	}

	svmm = nouveau_svmm_new(svm, vmm, args->unmanaged_addr,
				args->unmanaged_addr + args->unmanaged_size);
	if (IS_ERR(svmm)) {
		ret = PTR_ERR(svmm);
		goto fail;
	}

	cli->svm.svmm = svmm;
	cli->svm.cli = cli;
	return 0;

fail:
	nvif_vmm_dtor(&cli->svm.vmm);
	return ret;
}

/**
 * nouveau_svmm_init() - DRM_NOUVEAU_SVM_INIT
 * @dev: the device
 * @data: struct drm_nouveau_svm_init
 * @file_priv: the file
 *
 * Return: 0; -ENOSYS without SVM; -EINVAL for a hole that is not aligned to
 * pages, overflows or ends above 40 bits; -EBUSY if the client has SVM already
 * or uses VM_BIND; -ENOMEM.
 */
int
nouveau_svmm_init(struct drm_device *dev, void *data,
		  struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	const struct drm_nouveau_svm_init *args = data;
	struct nouveau_svm *svm = cli->drm->svm;
	int ret;

	if (!svm)
		return -ENOSYS;

	ret = nouveau_svm_check_init(args);
	if (ret)
		return ret;

	mutex_lock(&cli->mutex);
	if (cli->svm.cli || nouveau_cli_uvmm(cli)) {
		ret = -EBUSY;
	} else {
		ret = nouveau_svm_bind_vmm(svm, cli, args);
		if (!ret)
			__nouveau_cli_disable_uvmm_noinit(cli);
	}
	mutex_unlock(&cli->mutex);
	return ret;
}

/*
 * What upstream's header defines.  Mesa does not initialise result, leaves
 * addresses unaligned and sets priorities: none of that is an error.
 */
static int
nouveau_svm_check_bind(const struct drm_nouveau_svm_bind *args)
{
	u64 start = ALIGN_DOWN(args->va_start, PAGE_SIZE);
	u64 end = ALIGN(args->va_end, PAGE_SIZE);
	u32 command, target;

	if (args->reserved0 || args->reserved1 || args->stride)
		return -EINVAL;
	if (args->header & ~NOUVEAU_SVM_BIND_VALID_MASK)
		return -EINVAL;
	if (start >= end)
		return -EINVAL;

	command = args->header >> NOUVEAU_SVM_BIND_COMMAND_SHIFT;
	command &= NOUVEAU_SVM_BIND_COMMAND_MASK;
	if (command != NOUVEAU_SVM_BIND_COMMAND__MIGRATE)
		return -EINVAL;

	/* 0 is system memory: Mesa asks for it, though no header names it. */
	target = args->header >> NOUVEAU_SVM_BIND_TARGET_SHIFT;
	target &= NOUVEAU_SVM_BIND_TARGET_MASK;
	return !target || target == NOUVEAU_SVM_BIND_TARGET__GPU_VRAM ?
		0 : -EINVAL;
}

/**
 * nouveau_svmm_bind() - DRM_NOUVEAU_SVM_BIND
 * @dev: the device
 * @data: struct drm_nouveau_svm_bind
 * @file_priv: the file
 *
 * The one command there is, MIGRATE, is a wish, and its result says how many
 * pages were moved.  None are: memory is shared where it is.
 *
 * Return: 0; -EINVAL for arguments that mean nothing, or before SVM_INIT;
 * -EPERM if the caller's address space is not the one that is shared.
 */
int
nouveau_svmm_bind(struct drm_device *dev, void *data,
		  struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	struct drm_nouveau_svm_bind *args = data;
	struct nouveau_svmm *svmm;
	int ret;

	ret = nouveau_svm_check_bind(args);
	if (ret)
		return ret;

	mutex_lock(&cli->mutex);
	svmm = cli->svm.svmm;
	if (!svmm)
		ret = -EINVAL;
	else if (svmm->gpusvm.mm != current->mm)
		ret = -EPERM;
	mutex_unlock(&cli->mutex);

	if (ret == -EPERM)
		drm_dbg(dev, "SVM_BIND: not the process that did SVM_INIT\n");
	if (!ret)
		args->result = 0;
	return ret;
}
