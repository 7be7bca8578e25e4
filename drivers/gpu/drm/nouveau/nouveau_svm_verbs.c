// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, uAPI layer: what a process says and asks about its
 * memory.  Validates it, then calls one function that does it.
 *
 * Locking: as in nouveau_svm_ioctl.c, &nouveau_cli.mutex from the look at
 * whether the client has SVM to the end of what is kept; not while memory is
 * moved, populated, mapped or dropped.
 */
#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm.h"
#include "nouveau_svm_priv.h"

/* All verbs and queries name memory alike: whole pages, and at least one. */
static int
nouveau_svm_check_range(struct nouveau_svmm *svmm, u64 start, u64 size,
			u64 *end)
{
	const struct drm_gpusvm *gpusvm = &svmm->gpusvm;

	if (!size || !PAGE_ALIGNED(start | size) ||
	    check_add_overflow(start, size, end))
		return -EINVAL;

	return *end <= gpusvm->mm_start + gpusvm->mm_range ? 0 : -EINVAL;
}

static bool
nouveau_svm_check_value(u32 verb, u32 value)
{
	switch (verb) {
	case NOUVEAU_SVM_ADVISE_LOCATION:
		return value <= NOUVEAU_SVM_LOCATION_VRAM;
	case NOUVEAU_SVM_ADVISE_PREFETCH:
		return value == NOUVEAU_SVM_LOCATION_SYSTEM ||
		       value == NOUVEAU_SVM_LOCATION_VRAM;
	case NOUVEAU_SVM_ADVISE_DISCARD:
		return !value;
	case NOUVEAU_SVM_ADVISE_ACCESSED_BY:
	case NOUVEAU_SVM_ADVISE_READ_MOSTLY:
		return value <= 1;
	default:
		return false;
	}
}

static int
nouveau_svm_check_advise(const struct drm_nouveau_svm_advise *args)
{
	if (args->flags || args->reserved)
		return -EINVAL;

	return nouveau_svm_check_value(args->verb, args->value) ? 0 : -EINVAL;
}

/* Is a verb done at once, rather than kept? */
static bool
nouveau_svm_advise_now(u32 verb)
{
	return verb == NOUVEAU_SVM_ADVISE_PREFETCH ||
	       verb == NOUVEAU_SVM_ADVISE_DISCARD;
}

/*
 * What is to be remembered.  Where it is about what moves, the GPU asks anew
 * for what it has mapped.  If memory shall go to VRAM, what that takes is made
 * now: a fault can't wait for it.
 */
static int
nouveau_svm_advise_keep(struct nouveau_svmm *svmm,
			const struct drm_nouveau_svm_advise *args, u64 end)
{
	struct nouveau_svm *svm = svmm->svm;
	int ret;

	ret = nouveau_svm_advice_set(svmm, args->start, end, args->verb,
				     args->value);
	if (ret)
		return ret;

	if (args->verb == NOUVEAU_SVM_ADVISE_LOCATION &&
	    args->value == NOUVEAU_SVM_LOCATION_VRAM &&
	    nouveau_dmem_ready(svm->dmem))
		drm_dbg(svm->drm->dev, "svm: VRAM is of no use\n");
	if (args->verb != NOUVEAU_SVM_ADVISE_ACCESSED_BY)
		nouveau_svm_range_zap_part(svmm, args->start, end);
	return 0;
}

/*
 * What is to be done.  Memory that is accessed is mapped as far as that can be,
 * and that it is remembered is no error: a fault maps the rest.
 */
static int
nouveau_svm_advise_do(struct nouveau_svmm *svmm,
		      const struct drm_nouveau_svm_advise *args, u64 end)
{
	int ret;

	switch (args->verb) {
	case NOUVEAU_SVM_ADVISE_PREFETCH:
		return nouveau_svm_prefetch(svmm, args->start, end,
				args->value == NOUVEAU_SVM_LOCATION_VRAM);
	case NOUVEAU_SVM_ADVISE_DISCARD:
		return nouveau_svm_discard(svmm, args->start, end);
	case NOUVEAU_SVM_ADVISE_ACCESSED_BY:
		if (!args->value)
			return 0;
		ret = nouveau_svm_prefetch_there(svmm, args->start, end, false);
		if (ret)
			drm_dbg(svmm->svm->drm->dev,
				"svm: not mapped ahead: %d\n", ret);
		return 0;
	default:
		return 0;
	}
}

/**
 * nouveau_svmm_advise() - DRM_NOUVEAU_SVM_ADVISE
 * @dev: the device
 * @data: struct drm_nouveau_svm_advise
 * @file_priv: the file
 *
 * Return: 0; -EINVAL for arguments that mean nothing; -ENOSYS without SVM;
 * -ENXIO before SVM_INIT; -EPERM if the caller's address space is not the one
 * that is shared; -ENOSPC if there would be too much advice; -ENOMEM; -EINTR;
 * what nouveau_svm_prefetch() says.
 */
int
nouveau_svmm_advise(struct drm_device *dev, void *data,
		    struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	struct drm_nouveau_svm_advise *args = data;
	struct nouveau_svmm *svmm;
	u64 end;
	int ret;

	ret = nouveau_svm_check_advise(args);
	if (ret)
		return ret;

	mutex_lock(&cli->mutex);
	svmm = nouveau_svmm_get(cli);
	ret = PTR_ERR_OR_ZERO(svmm) ?:
		nouveau_svm_check_range(svmm, args->start, args->size, &end);
	if (!ret && !nouveau_svm_advise_now(args->verb))
		ret = nouveau_svm_advise_keep(svmm, args, end);
	mutex_unlock(&cli->mutex);

	/* The file is open as long as this takes, and so is the VMM there. */
	return ret ?: nouveau_svm_advise_do(svmm, args, end);
}

static int
nouveau_svm_ask_where(struct nouveau_svmm *svmm,
		      struct drm_nouveau_svm_query *args)
{
	struct nouveau_svm_advice advice;
	struct nouveau_svm_where where;
	unsigned long next;
	u64 end;
	int ret;

	ret = nouveau_svm_check_range(svmm, args->start, args->size, &end);
	if (ret)
		return ret;

	ret = nouveau_svm_query(svmm, args->start, end, &where);
	if (ret)
		return ret;

	next = end;
	advice = nouveau_svm_advice_get(svmm, args->start, &next);
	args->vram_bytes = PFN_PHYS(where.vram);
	/* It may have moved from one place to the other meanwhile. */
	args->ram_bytes = min(PFN_PHYS(where.ram),
			      args->size - args->vram_bytes);
	args->absent_bytes = args->size - args->vram_bytes - args->ram_bytes;
	args->mapped_bytes = PFN_PHYS(where.mapped);
	args->advice_end = next;
	args->location = advice.location;
	args->advice = advice.flags;
	return 0;
}

/**
 * nouveau_svmm_query() - DRM_NOUVEAU_SVM_QUERY
 * @dev: the device
 * @data: struct drm_nouveau_svm_query
 * @file_priv: the file
 *
 * Return: 0; -EINVAL for arguments that mean nothing; -ENOSYS without SVM;
 * -ENXIO before SVM_INIT; -EPERM if the caller's address space is not the one
 * that is shared; what nouveau_svm_query() says.
 */
int
nouveau_svmm_query(struct drm_device *dev, void *data,
		   struct drm_file *file_priv)
{
	struct nouveau_cli *cli = nouveau_cli(file_priv);
	struct drm_nouveau_svm_query *args = data;
	struct nouveau_svmm *svmm;
	int ret;

	if (args->flags || args->reserved)
		return -EINVAL;

	mutex_lock(&cli->mutex);
	svmm = nouveau_svmm_get(cli);
	if (IS_ERR(svmm))
		ret = PTR_ERR(svmm);
	else
		ret = nouveau_svm_ask_where(svmm, args);
	mutex_unlock(&cli->mutex);
	return ret;
}
