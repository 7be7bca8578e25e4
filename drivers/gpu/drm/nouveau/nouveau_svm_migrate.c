// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, migration on request: walks over what a process asks
 * to be moved.  Does not move, and does not know how that is done.
 *
 * Locking: mmap_lock, to look for VMAs.  None is held while memory is moved:
 * what has been found may have changed by then, and is looked at again.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/*
 * What the GPU can map with one entry, largest first.  A piece is moved back as
 * a whole when the CPU touches it, and one that can't go as a whole is tried
 * in smaller ones.
 */
static const unsigned long nouveau_svm_pieces[] = { SZ_2M, SZ_64K, SZ_4K };

/**
 * struct nouveau_svm_trip - a request on its way
 */
struct nouveau_svm_trip {
	/** @svmm: whose */
	struct nouveau_svmm *svmm;
	/** @to_vram: where to; else to RAM */
	bool to_vram;
	/** @moved: pages so far */
	unsigned long moved;
};

/* Is a smaller piece worth a try?  Not when the machine is at fault. */
static bool
nouveau_svm_migrate_refused(int err)
{
	return err == -EBUSY || err == -ENOENT || err == -EINVAL ||
	       err == -ENOMEM || err == -ENOSPC;
}

/* The largest piece that an area begins with. */
static unsigned int
nouveau_svm_migrate_fit(unsigned long addr, unsigned long end)
{
	unsigned int i = 0;

	while (!IS_ALIGNED(addr, nouveau_svm_pieces[i]) ||
	       end - addr < nouveau_svm_pieces[i])
		i++;
	return i;
}

static int nouveau_svm_migrate_piece(struct nouveau_svm_trip *trip,
				     unsigned long addr, unsigned int piece);

/*
 * A piece has gone, or could not (@err) and goes in smaller ones.  Return: 0 if
 * everything has been tried; -ENOSPC if VRAM is full; other errors.
 */
static int
nouveau_svm_migrate_gone(struct nouveau_svm_trip *trip, unsigned long addr,
			 unsigned int piece, int err)
{
	const unsigned long end = addr + nouveau_svm_pieces[piece];
	int ret = 0;

	if (!nouveau_svm_migrate_refused(err))
		return err;

	if (++piece == ARRAY_SIZE(nouveau_svm_pieces))
		return err == -ENOMEM || err == -ENOSPC ? -ENOSPC : 0;

	for (; !ret && addr < end; addr += nouveau_svm_pieces[piece])
		ret = nouveau_svm_migrate_piece(trip, addr, piece);
	return ret;
}

/* Return: as nouveau_svm_migrate_gone(). */
static int
nouveau_svm_migrate_piece(struct nouveau_svm_trip *trip, unsigned long addr,
			  unsigned int piece)
{
	struct nouveau_svmm *svmm = trip->svmm;
	int ret;

	if (signal_pending(current))
		return -ERESTARTSYS;

	ret = nouveau_dmem_to_vram(svmm->svm->dmem, svmm->gpusvm.mm, addr,
				   nouveau_svm_pieces[piece],
				   NOUVEAU_DMEM_ASKED, &trip->moved);
	return nouveau_svm_migrate_gone(trip, addr, piece, ret);
}

/*
 * What an area begins with: two pieces at a time, so that one is copied while
 * the CPU is busy with the other.  They may be in each other's way, as parts of
 * one huge page, or as users of a channel that dies: what could not go is tried
 * alone.  Return: likewise.
 */
static int
nouveau_svm_migrate_two(struct nouveau_svm_trip *trip, unsigned long *start,
			unsigned long end)
{
	const unsigned long addr = *start;
	const unsigned int piece = nouveau_svm_migrate_fit(addr, end);
	const unsigned long size = nouveau_svm_pieces[piece];
	const unsigned long next = addr + size;
	struct nouveau_svmm *svmm = trip->svmm;
	struct nouveau_dmem_fill fill;
	unsigned int other;
	int err, ret;

	*start = next;
	if (next == end || signal_pending(current))
		return nouveau_svm_migrate_piece(trip, addr, piece);

	err = nouveau_dmem_fill_begin(&fill, svmm->svm->dmem, svmm->gpusvm.mm,
				      addr, size, NOUVEAU_DMEM_ASKED);
	if (err)
		return nouveau_svm_migrate_gone(trip, addr, piece, err);

	other = nouveau_svm_migrate_fit(next, end);
	*start += nouveau_svm_pieces[other];
	ret = nouveau_dmem_to_vram(svmm->svm->dmem, svmm->gpusvm.mm, next,
				   nouveau_svm_pieces[other],
				   NOUVEAU_DMEM_ASKED, &trip->moved);

	err = nouveau_dmem_fill_end(&fill, &trip->moved);
	if (err)
		err = nouveau_svm_migrate_piece(trip, addr, piece);
	if (ret && !err)
		ret = nouveau_svm_migrate_piece(trip, next, other);
	return err ?: ret;
}

static int
nouveau_svm_migrate_to_vram(struct nouveau_svm_trip *trip, unsigned long addr,
			    unsigned long end)
{
	int ret = 0;

	while (!ret && addr < end)
		ret = nouveau_svm_migrate_two(trip, &addr, end);
	return ret;
}

/* What can't be brought back does not keep the rest there. */
static int
nouveau_svm_migrate_to_ram(struct nouveau_svm_trip *trip, unsigned long addr,
			   unsigned long end)
{
	struct nouveau_svmm *svmm = trip->svmm;
	unsigned long next;
	int err, ret = 0;

	for (; addr < end; addr = next) {
		if (signal_pending(current))
			return -ERESTARTSYS;

		next = min(ALIGN(addr + 1, SZ_2M), end);
		err = nouveau_dmem_to_ram(svmm->svm->dmem, svmm->gpusvm.mm,
					  addr, next, &trip->moved);
		if (err == -EINTR || err == -ENODEV)
			return err;
		ret = err ?: ret;
	}

	return ret;
}

/*
 * The first memory that can move.  Return: 1 if there is some, 0 if not,
 * -EINTR.
 */
static int
nouveau_svm_migrate_find(struct mm_struct *mm, unsigned long *start,
			 unsigned long *end)
{
	const unsigned long limit = *end;
	struct vm_area_struct *vma;
	int ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	vma = find_vma_intersection(mm, *start, limit);
	while (vma && !nouveau_dmem_movable(vma))
		vma = find_vma_intersection(mm, vma->vm_end, limit);

	if (vma) {
		*start = max(*start, vma->vm_start);
		*end = min(limit, vma->vm_end);
	}
	mmap_read_unlock(mm);
	return vma ? 1 : 0;
}

static int
nouveau_svm_migrate_window(struct nouveau_svm_trip *trip, unsigned long start,
			   unsigned long end)
{
	const unsigned long limit = end;
	int ret;

	for (; start < limit; start = end) {
		end = limit;
		ret = nouveau_svm_migrate_find(trip->svmm->gpusvm.mm, &start,
					       &end);
		if (ret <= 0)
			return ret;

		if (trip->to_vram)
			ret = nouveau_svm_migrate_to_vram(trip, start, end);
		else
			ret = nouveau_svm_migrate_to_ram(trip, start, end);
		if (ret)
			return ret;
	}

	return 0;
}

/**
 * nouveau_svm_migrate() - move memory of a process
 * @svmm: the process, the caller's
 * @start: first byte, a page's
 * @end: end, a page's
 * @to_vram: to VRAM; else back to RAM
 * @moved: how many pages were moved, also if that ended with an error
 *
 * As much of it as can be: what is not mapped, not anonymous, in use by other
 * devices, or finds no room stays where it is.
 *
 * Return: 0; -ERESTARTSYS; -ENODEV without a copy engine; -EIO or another error
 * if copying failed: what had not been moved stays where it was.
 */
int
nouveau_svm_migrate(struct nouveau_svmm *svmm, u64 start, u64 end,
		    bool to_vram, u64 *moved)
{
	struct nouveau_dmem *dmem = svmm->svm->dmem;
	struct nouveau_svm_trip trip = { .svmm = svmm, .to_vram = to_vram };
	unsigned long first, last;
	const u64 begin = start;
	int ret;

	*moved = 0;
	if (to_vram) {
		ret = nouveau_dmem_ready(dmem);
		if (ret)
			return ret;
	} else if (!nouveau_dmem_used(dmem)) {
		return 0;
	}

	/* Below the hole, above it; not in it, where the GPU sees buffers. */
	for (ret = 0; !ret && start < end; start = last) {
		if (nouveau_svmm_window(svmm, start, &first, &last))
			ret = nouveau_svm_migrate_window(&trip, start,
							 min(end, last));
		else if (start < svmm->unmanaged.limit)
			last = svmm->unmanaged.limit;
		else
			break;
	}

	nouveau_svm_prefetch_moved(svmm, begin, end);
	*moved = trip.moved;
	return ret == -ENOSPC ? 0 : ret;
}
