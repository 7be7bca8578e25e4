// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, uAPI layer: validates what user space says, then
 * calls one function that does it.  Does nothing itself.
 *
 * Locking: &nouveau_cli.mutex, from the look at whether the client has SVM to
 * the end.
 */
#include <linux/sizes.h>

#include <drm/drm_print.h>

#include <nvif/class.h>
#include <nvif/if000c.h>
#include <nvif/ifc00d.h>

#include "nouveau_drv.h"
#include "nouveau_abi16.h"
#include "nouveau_chan.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm.h"
#include "nouveau_svm_priv.h"

/*
 * Buffers live in the hole, among them what channels address with 40 bits:
 * GPFIFOs, push buffers, QMDs.
 */
#define NOUVEAU_SVM_HOLE_LIMIT		BIT_ULL(40)

/**
 * DOC: Errors
 *
 * Each has one meaning, whatever the ioctl:
 *
 * - -ENOSYS: this GPU, or this machine, has no shared virtual memory.
 * - -ENXIO: this file has none: no SVM_INIT.
 * - -EPERM: the file has it for the address space of another process: that of
 *   a parent before fork(), of the same process before execve(), or of whoever
 *   passed the file on.  Work on channels of such a file (GEM_PUSHBUF) is
 *   refused for the same reason: its pointers would mean the other one's
 *   memory.
 * - -EBUSY: the file has it already, or has a VM_BIND address space.
 * - -ENOENT: this file has no such channel.
 * - -ENOSPC: more advice than is kept for an address space.
 * - -EINVAL: the arguments mean nothing.
 * - -ENODEV: the device has been unbound from the driver.
 * - -ENOMEM: not now.
 */

/* Is the caller's the address space that is shared? */
static bool
nouveau_svmm_is_callers(struct nouveau_svmm *svmm)
{
	return svmm->gpusvm.mm == current->mm;
}

/**
 * nouveau_svmm_get() - the SVM of a file, if the caller may use it
 * @cli: the client
 *
 * Return: the SVM; -ENOSYS; -ENXIO before SVM_INIT; -EPERM if it is that of
 * another address space.
 */
struct nouveau_svmm *
nouveau_svmm_get(struct nouveau_cli *cli)
{
	struct nouveau_svmm *svmm = cli->svm.svmm;

	lockdep_assert_held(&cli->mutex);

	if (!cli->drm->svm)
		return ERR_PTR(-ENOSYS);
	if (!svmm)
		return ERR_PTR(-ENXIO);
	return nouveau_svmm_is_callers(svmm) ? svmm : ERR_PTR(-EPERM);
}

/**
 * nouveau_svm_flush() - somebody closes a descriptor of a file
 * @file: the file
 * @id: whose descriptor it was
 *
 * A dead process's mapped buffers keep its file open for as long as it has an
 * address space, and that the worker keeps, which may wait for a page that
 * nobody brings.  When the last user of the address space is gone, so is who
 * would want the page.
 *
 * Return: 0
 */
int
nouveau_svm_flush(struct file *file, fl_owner_t id)
{
	struct nouveau_cli *cli = nouveau_cli(file->private_data);
	struct nouveau_svmm *svmm;

	mutex_lock(&cli->mutex);
	svmm = cli->svm.svmm;
	if (svmm && nouveau_svmm_orphaned(svmm))
		nouveau_svmm_close(svmm);
	mutex_unlock(&cli->mutex);
	return 0;
}

/**
 * nouveau_svm_version() - NOUVEAU_GETPARAM_SVM
 * @drm: the device
 *
 * Return: NOUVEAU_SVM_VERSION, or 0 if the device has no SVM.
 */
u64
nouveau_svm_version(struct nouveau_drm *drm)
{
	return drm->svm ? NOUVEAU_SVM_VERSION : 0;
}

/**
 * nouveau_svmm_vram() - VRAM that a client's process has memory in
 * @cli: the client
 *
 * Return: bytes; 0 if it has no SVM.
 */
u64
nouveau_svmm_vram(struct nouveau_cli *cli)
{
	struct nouveau_svmm *svmm;
	u64 size = 0;

	mutex_lock(&cli->mutex);
	svmm = cli->svm.svmm;
	if (svmm)
		size = nouveau_dmem_used_by(svmm->svm->dmem, svmm->gpusvm.mm);
	mutex_unlock(&cli->mutex);
	return size;
}

/**
 * nouveau_svmm_may_submit() - may the caller let channels of a VMM work?
 * @svmm: the VMM's SVM, or NULL if it has none
 *
 * Return: 0; -EPERM if pointers would mean another process's memory.
 */
int
nouveau_svmm_may_submit(struct nouveau_svmm *svmm)
{
	return !svmm || nouveau_svmm_is_callers(svmm) ? 0 : -EPERM;
}

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
 * pages, overflows or ends above 40 bits; -EBUSY if the file has SVM already
 * or uses VM_BIND; -EPERM if it has SVM for another process; -ENOMEM.
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
	if (cli->svm.svmm && !nouveau_svmm_is_callers(cli->svm.svmm)) {
		ret = -EPERM;
	} else if (cli->svm.cli || nouveau_cli_uvmm(cli)) {
		ret = -EBUSY;
	} else {
		ret = nouveau_svm_bind_vmm(svm, cli, args);
		if (!ret)
			__nouveau_cli_disable_uvmm_noinit(cli);
	}
	mutex_unlock(&cli->mutex);
	if (!ret)
		nouveau_svm_policy_prepare(svm);
	return ret;
}

/*
 * What upstream's header defines.  Mesa does not initialise result, leaves
 * addresses unaligned and sets priorities: none of that is an error.
 */
static int
nouveau_svm_check_bind(const struct drm_nouveau_svm_bind *args, u64 *start,
		       u64 *end, bool *to_vram)
{
	u32 command, target;

	*start = ALIGN_DOWN(args->va_start, PAGE_SIZE);
	*end = ALIGN(args->va_end, PAGE_SIZE);

	if (args->reserved0 || args->reserved1 || args->stride)
		return -EINVAL;
	if (args->header & ~NOUVEAU_SVM_BIND_VALID_MASK)
		return -EINVAL;
	if (*start >= *end)
		return -EINVAL;

	command = args->header >> NOUVEAU_SVM_BIND_COMMAND_SHIFT;
	command &= NOUVEAU_SVM_BIND_COMMAND_MASK;
	if (command != NOUVEAU_SVM_BIND_COMMAND__MIGRATE)
		return -EINVAL;

	/* 0 is system memory: Mesa asks for it, though no header names it. */
	target = args->header >> NOUVEAU_SVM_BIND_TARGET_SHIFT;
	target &= NOUVEAU_SVM_BIND_TARGET_MASK;
	*to_vram = target == NOUVEAU_SVM_BIND_TARGET__GPU_VRAM;
	return !target || *to_vram ? 0 : -EINVAL;
}

/**
 * nouveau_svmm_bind() - DRM_NOUVEAU_SVM_BIND
 * @dev: the device
 * @data: struct drm_nouveau_svm_bind
 * @file_priv: the file
 *
 * The one command there is, MIGRATE, is a wish, and its result says how many
 * pages were moved.
 *
 * Return: 0; -EINVAL for arguments that mean nothing; -ENOSYS without SVM;
 * -ENXIO before SVM_INIT; -EPERM if the caller's address space is not the one
 * that is shared; what nouveau_svm_migrate() says.
 */
int
nouveau_svmm_bind(struct drm_device *dev, void *data,
		  struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	struct drm_nouveau_svm_bind *args = data;
	struct nouveau_svmm *svmm;
	u64 start, end, moved;
	bool to_vram;
	int ret;

	ret = nouveau_svm_check_bind(args, &start, &end, &to_vram);
	if (ret)
		return ret;

	mutex_lock(&cli->mutex);
	svmm = nouveau_svmm_get(cli);
	ret = PTR_ERR_OR_ZERO(svmm);
	mutex_unlock(&cli->mutex);

	if (ret)
		return ret;

	/* The file is open as long as this takes, and so is the VMM there. */
	ret = nouveau_svm_migrate(svmm, start, end, to_vram, &moved);
	args->result = moved;
	return ret;
}

static struct nouveau_channel *
nouveau_svm_find_channel(struct nouveau_cli *cli, s32 id)
{
	struct nouveau_abi16 *abi16 = cli->abi16;
	struct nouveau_abi16_chan *chan;

	lockdep_assert_held(&cli->mutex);

	if (!abi16)
		return NULL;

	list_for_each_entry(chan, &abi16->channels, head) {
		if (chan->chan->chid == id)
			return chan->chan;
	}

	return NULL;
}

static void
nouveau_svm_tell_death(struct drm_nouveau_svm_death *args,
		       const struct nouveau_svm_death *death)
{
	static const u32 reasons[] = {
		[SVM_REASON_NONE] = NOUVEAU_SVM_REASON_ALIVE,
		[SVM_REASON_HARDWARE] = NOUVEAU_SVM_REASON_HARDWARE,
		[SVM_REASON_NO_MAPPING] = NOUVEAU_SVM_REASON_NO_MAPPING,
		[SVM_REASON_UNMANAGED] = NOUVEAU_SVM_REASON_UNMANAGED,
		[SVM_REASON_NO_ACCESS] = NOUVEAU_SVM_REASON_NO_ACCESS,
		[SVM_REASON_READ_ONLY] = NOUVEAU_SVM_REASON_READ_ONLY,
		[SVM_REASON_IO] = NOUVEAU_SVM_REASON_IO,
		[SVM_REASON_NO_ATOMIC] = NOUVEAU_SVM_REASON_NO_ATOMIC,
		[SVM_REASON_NO_PAGE] = NOUVEAU_SVM_REASON_NO_PAGE,
		[SVM_REASON_USER_FAULT] = NOUVEAU_SVM_REASON_USER_FAULT,
		[SVM_REASON_SUSPEND] = NOUVEAU_SVM_REASON_SUSPEND,
	};
	/* NVKM_SVM_PREFETCH, also when there is nothing to tell: none. */
	static const u32 accesses[] = {
		[NVKM_SVM_PREFETCH] = NOUVEAU_SVM_ACCESS_NONE,
		[NVKM_SVM_READ] = NOUVEAU_SVM_ACCESS_READ,
		[NVKM_SVM_WRITE] = NOUVEAU_SVM_ACCESS_WRITE,
		[NVKM_SVM_ATOMIC] = NOUVEAU_SVM_ACCESS_ATOMIC,
	};

	args->reason = reasons[death->reason];
	args->access = accesses[death->access];
	args->address = death->addr;
	args->fault_type = death->type;
}

/* What is known of a channel that the caller may ask about. */
static int
nouveau_svm_ask_death(struct nouveau_cli *cli,
		      struct drm_nouveau_svm_death *args)
{
	struct nouveau_svmm *svmm = nouveau_svmm_get(cli);
	struct nouveau_svm_death death;
	struct nouveau_channel *chan;
	bool killed;

	if (IS_ERR(svmm))
		return PTR_ERR(svmm);

	chan = nouveau_svm_find_channel(cli, args->channel);
	if (!chan)
		return -ENOENT;

	/* First, since a death that is not noted by then was not ours. */
	killed = atomic_read(&chan->killed);
	nouveau_svmm_death_of(svmm, chan->inst, &death);
	nouveau_svm_tell_death(args, &death);
	if (!death.reason && killed)
		args->reason = NOUVEAU_SVM_REASON_OTHER;
	return 0;
}

/**
 * nouveau_svmm_death() - DRM_NOUVEAU_SVM_DEATH
 * @dev: the device
 * @data: struct drm_nouveau_svm_death
 * @file_priv: the file
 *
 * Return: 0, also for a channel that lives; -EINVAL for flags; -ENOSYS without
 * SVM; -ENXIO before SVM_INIT; -EPERM if the caller's address space is not the
 * one that is shared; -ENOENT if the file has no such channel.
 */
int
nouveau_svmm_death(struct drm_device *dev, void *data,
		   struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	struct drm_nouveau_svm_death *args = data;
	int ret;

	if (args->flags || args->reserved)
		return -EINVAL;

	mutex_lock(&cli->mutex);
	ret = nouveau_svm_ask_death(cli, args);
	mutex_unlock(&cli->mutex);
	return ret;
}
