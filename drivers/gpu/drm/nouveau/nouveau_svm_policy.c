// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, policy: where memory that the GPU asks for shall live.
 * Decides; how memory is moved is in nouveau_dmem_fill.c, and what is mapped
 * is found out anew after it, wherever it is by then.
 *
 * Locking: &nouveau_svmm.lock and &nouveau_svm.moves while memory is moved, so
 * that suspend finds nothing in VRAM that comes later; the notifier lock to look
 * at pages, as in nouveau_svm_map.c; mmap_lock to look at VMAs.
 */
#include <linux/hmm.h>
#include <linux/ktime.h>
#include <linux/memremap.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/userfaultfd_k.h>

#include "nouveau_drv.h"
#include "nouveau_dmem_priv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Policy
 *
 * Private anonymous memory that the GPU faults on goes to VRAM, unless the module
 * parameter svm_migrate is 0 or something else is advised (see "Advice"), in
 * pieces that are aligned to their size:
 *
 * - 2 MiB, if that is what the CPU has there in one page, or if nothing is
 *   there yet and the program has advised huge pages;
 * - else 64 KiB, the one that the fault is in, and with it the others of the
 *   largest aligned block of which 51 % (svm_density) are in VRAM or asked for.
 *   That is the density tree of NVIDIA's UVM (uvm_perf_prefetch.c: 51 %): who
 *   streams through memory has all of it after a few faults, and who jumps
 *   about pays for at most twice of what he touches. Up to four that lie
 *   together go as one.
 *
 * What nobody has touched yet is cleared in VRAM, and never has a page in RAM.
 * A piece goes as a whole or not at all. These stay, and are mapped where they
 * are: pieces with pages that are shared (by fork() or KSM), pinned, or given up
 * (MADV_FREE); locked memory; memory that userfaultfd watches;
 * stacks; VMAs that do not cover the piece; and everything while VRAM is full of
 * what can't go at once (see "Room in VRAM"). None of that is an error.
 */

static unsigned int nouveau_svm_migrate_on_fault = 1;

static int
nouveau_svm_policy_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, 1);
}

static const struct kernel_param_ops nouveau_svm_policy_ops = {
	.set = nouveau_svm_policy_set,
	.get = param_get_uint,
};

module_param_cb(svm_migrate, &nouveau_svm_policy_ops,
		&nouveau_svm_migrate_on_fault, 0644);
/* Sparse takes strlen() of a literal for no constant. */
#ifndef __CHECKER__
MODULE_PARM_DESC(svm_migrate, "When memory of processes moves to VRAM: 0: when they ask for it, 1: also when the GPU faults on it (default)");
#endif

/* Of a block, in percent, that takes the rest along; UVM's. */
#define NOUVEAU_SVM_DENSITY		51

static unsigned int nouveau_svm_density = NOUVEAU_SVM_DENSITY;

static int
nouveau_svm_density_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, 100);
}

static const struct kernel_param_ops nouveau_svm_density_ops = {
	.set = nouveau_svm_density_set,
	.get = param_get_uint,
};

module_param_cb(svm_density, &nouveau_svm_density_ops, &nouveau_svm_density,
		0644);
/* Sparse takes strlen() of a literal for no constant. */
#ifndef __CHECKER__
MODULE_PARM_DESC(svm_density, "What part of a block of memory must be in VRAM or wanted there for the rest to follow, percent (default 51; 100: nothing follows)");
#endif

/* A piece: what the GPU can map at once, and large enough to be worth a copy. */
#define NOUVEAU_SVM_PIECE		SZ_64K
#define NOUVEAU_SVM_PIECE_PAGES		(NOUVEAU_SVM_PIECE >> PAGE_SHIFT)

/*
 * So many pieces that go at the same time go as one: a buffer, a copy and an
 * interrupt, which cost as much as moving 16 pages does.  They come back as one,
 * too, for a single word that the CPU reads; so not all of a range.
 */
#define NOUVEAU_SVM_BLOCK_PIECES	4

/* What could not go is not tried again for so long: others hold on to it. */
#define NOUVEAU_SVM_STUCK_MS		150

/* One pass over faults fills VRAM to this part: there is more to be in it. */
#define NOUVEAU_SVM_PASS_SHARE		4

/* How long a process whose control group is at its limit stays in RAM. */
#define NOUVEAU_SVM_CROWDED_NS		NSEC_PER_SEC

/**
 * struct nouveau_svm_plan - what shall become of a range
 *
 * Masks have a bit for each piece.
 */
struct nouveau_svm_plan {
	/** @range: the range */
	struct nouveau_svm_range *range;
	/** @walk: what is there */
	struct nouveau_svm_walk *walk;
	/** @pieces: how many it has */
	unsigned int pieces;
	/** @wanted: the GPU has asked for something in them */
	u32 wanted;
	/** @fit: their memory could go */
	u32 fit;
	/** @vram: something of them is in VRAM */
	u32 vram;
	/** @fresh: nobody has touched some of them */
	u32 fresh;
	/** @again: they were in VRAM before and had to go */
	u32 again;
	/** @went: they have gone */
	u32 went;
	/** @cause: whether others make room */
	enum nouveau_dmem_cause cause;
	/** @full: there was no room */
	bool full;
	/** @holes: pages that nobody has touched */
	unsigned int holes;
	/** @huge: pages that are part of huge ones */
	unsigned int huge;
	/** @move: those that shall go, and have not yet */
	u32 move;
	/** @tried: those of them that could not go by themselves */
	u32 tried;
	/** @err: why the last of these could not */
	int err;
	/** @advised: huge pages are asked for */
	bool advised;
	/** @moves: what is advised nothing of may go */
	bool moves;
};

static u32
nouveau_svm_policy_mask(unsigned int first, unsigned int count)
{
	return GENMASK(first + count - 1, first);
}

/* Do reads leave a piece where it is? */
static bool
nouveau_svm_policy_read_mostly(struct nouveau_svm_range *range, u64 addr)
{
	addr = ALIGN_DOWN(addr, NOUVEAU_SVM_PIECE);

	return nouveau_svm_advice_has(nouveau_svm_range_svmm(range), addr,
				      addr + NOUVEAU_SVM_PIECE,
				      NOUVEAU_SVM_ADVISED_READ_MOSTLY);
}

/* What is asked for?  Return: false if nothing that could go. */
static bool
nouveau_svm_policy_want(struct nouveau_svm_plan *plan,
			const struct nouveau_svm_fault *faults, int nr)
{
	struct nouveau_svm_range *range = plan->range;
	struct drm_gpusvm *gpusvm = range->base.gpusvm;
	int f;

	if (time_after(jiffies, range->stuck_until))
		range->stuck = 0;

	drm_gpusvm_notifier_lock(gpusvm);
	plan->walk->invals = range->invals;
	plan->moves = READ_ONCE(nouveau_svm_migrate_on_fault) &&
		      !nouveau_svm_bounce_stays(range);
	for (f = 0; f < nr; f++) {
		const struct nvkm_svm_packet *packet = &faults[f].packet;

		if (packet->access != NVKM_SVM_PREFETCH &&
		    !nouveau_svm_map_covers(range, packet) &&
		    nouveau_svm_advice_moves(nouveau_svm_range_svmm(range),
					     packet->addr,
					     packet->addr + PAGE_SIZE,
					     plan->moves) &&
		    (packet->access != NVKM_SVM_READ ||
		     !nouveau_svm_policy_read_mostly(range, packet->addr)))
			plan->wanted |= BIT(nouveau_svm_range_page(range,
								   packet->addr) /
					    NOUVEAU_SVM_PIECE_PAGES);
	}
	drm_gpusvm_notifier_unlock(gpusvm);

	plan->wanted &= ~range->stuck;
	return plan->wanted;
}

/* Locked memory is to be there for the CPU at once; a stack will be wanted. */
static bool
nouveau_svm_policy_movable(struct vm_area_struct *vma)
{
	return nouveau_dmem_movable(vma) && (vma->vm_flags & VM_READ) &&
	       !(vma->vm_flags & (VM_LOCKED | VM_GROWSDOWN)) &&
	       !userfaultfd_armed(vma);
}

static void
nouveau_svm_policy_vmas(struct nouveau_svm_plan *plan)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(plan->range);
	struct mm_struct *mm = svmm->gpusvm.mm;
	struct vm_area_struct *vma = NULL;
	unsigned long addr;
	unsigned int i;

	if (mmap_read_lock_killable(mm))
		return;

	for (i = 0; i < plan->pieces; i++) {
		addr = nouveau_svm_range_addr(plan->range,
					      i * NOUVEAU_SVM_PIECE_PAGES);
		if (!vma || addr >= vma->vm_end)
			vma = vma_lookup(mm, addr);
		if (!vma || vma->vm_end - addr < NOUVEAU_SVM_PIECE ||
		    !nouveau_svm_policy_movable(vma) ||
		    !nouveau_svm_advice_moves(svmm, addr,
					      addr + NOUVEAU_SVM_PIECE,
					      plan->moves))
			continue;
		/* Goes when it is written, and not with its neighbours. */
		if (!(plan->wanted & BIT(i)) &&
		    nouveau_svm_policy_read_mostly(plan->range, addr))
			continue;
		plan->fit |= BIT(i);
		plan->advised = vma->vm_flags & VM_HUGEPAGE;
	}
	mmap_read_unlock(mm);
}

/* Is a page to stay, and the piece that it lies in? */
static bool
nouveau_svm_policy_keeps(struct page *page)
{
	struct folio *folio = page_folio(page);

	return is_zone_device_page(page) || folio_test_ksm(folio) ||
	       folio_maybe_mapped_shared(folio) ||
	       folio_maybe_dma_pinned(folio) || !folio_test_swapbacked(folio);
}

static void
nouveau_svm_policy_hole(struct nouveau_svm_plan *plan, u32 piece)
{
	plan->holes++;
	plan->fresh |= piece;
}

static void
nouveau_svm_policy_judge(struct nouveau_svm_plan *plan, unsigned int i)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(plan->range);
	const u32 piece = BIT(i / NOUVEAU_SVM_PIECE_PAGES);
	const unsigned long pfn = plan->walk->pfns[i];
	struct page *page = hmm_pfn_to_page(pfn);

	lockdep_assert_held(&svmm->gpusvm.notifier_lock);

	/* Anonymous memory that is not anonymous is the zero page. */
	if (pfn & HMM_PFN_ERROR)
		plan->fit &= ~piece;
	else if (!(pfn & HMM_PFN_VALID) || !folio_test_anon(page_folio(page)))
		nouveau_svm_policy_hole(plan, piece);
	else if (nouveau_dmem_owns(svmm->svm->dmem, page))
		plan->vram |= piece;
	else if (nouveau_svm_policy_keeps(page))
		plan->fit &= ~piece;
	else if (folio_nr_pages(page_folio(page)) >= NOUVEAU_SVM_RANGE_PAGES)
		plan->huge++;
}

/* What is there?  Return: false if that has changed already. */
static bool
nouveau_svm_policy_look(struct nouveau_svm_plan *plan)
{
	struct nouveau_svm_range *range = plan->range;
	struct nouveau_svm_walk *walk = plan->walk;
	bool same;
	unsigned int i;

	if (nouveau_svm_walk_hmm(range, walk, 0, range->npages,
				 SVM_NEED_AROUND))
		return false;

	drm_gpusvm_notifier_lock(range->base.gpusvm);
	same = nouveau_svm_map_current(range, walk);
	for (i = 0; same && i < range->npages; i++)
		nouveau_svm_policy_judge(plan, i);
	plan->again = range->bounce.visited & ~plan->vram & ~plan->fresh;
	drm_gpusvm_notifier_unlock(range->base.gpusvm);
	plan->fit &= ~plan->vram & ~range->stuck;
	return same;
}

/* Does a range go in one piece? */
static bool
nouveau_svm_policy_whole(struct nouveau_svm_plan *plan)
{
	const u32 all = nouveau_svm_policy_mask(0, plan->pieces);
	const unsigned int npages = plan->range->npages;

	return npages == NOUVEAU_SVM_RANGE_PAGES && plan->fit == all &&
	       (plan->huge == npages ||
		(plan->holes == npages && plan->advised));
}

/* The pieces that go with one that is asked for. */
static u32
nouveau_svm_policy_around(struct nouveau_svm_plan *plan, unsigned int piece)
{
	const unsigned int density = READ_ONCE(nouveau_svm_density);
	const u32 dense = plan->vram | (plan->wanted & plan->fit);
	u32 mask, around = BIT(piece);
	unsigned int n;

	for (n = 2; n <= plan->pieces; n *= 2) {
		mask = nouveau_svm_policy_mask(ALIGN_DOWN(piece, n), n);
		if (100 * hweight32(dense & mask) >= density * n)
			around = mask;
	}

	return around & plan->fit;
}

/* The first byte of a piece. */
static u64
nouveau_svm_policy_addr(struct nouveau_svm_plan *plan, unsigned int piece)
{
	return nouveau_svm_range_addr(plan->range,
				      piece * NOUVEAU_SVM_PIECE_PAGES);
}

/* So many pieces have gone together, or could not. */
static int
nouveau_svm_policy_moved(struct nouveau_svm_plan *plan, unsigned int piece,
			 unsigned int n, unsigned long moved, int err)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(plan->range);

	lockdep_assert_held(&svmm->lock);

	svmm->moved += PFN_PHYS(moved);
	if (!err) {
		plan->move &= ~nouveau_svm_policy_mask(piece, n);
		plan->went |= nouveau_svm_policy_mask(piece, n);
		return 0;
	}

	plan->full |= err == -ENOMEM || err == -ENOSPC;
	nouveau_svm_stat_inc(svmm->svm, SVM_STAT_MOVES_REFUSED);
	if (n == 1) {
		plan->tried |= BIT(piece);
		plan->err = err;
	}
	return err;
}

static int
nouveau_svm_policy_try(struct nouveau_svm_plan *plan, unsigned int piece,
		       unsigned int n, unsigned long *moved)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(plan->range);

	return nouveau_dmem_to_vram(svmm->svm->dmem, svmm->gpusvm.mm,
				    nouveau_svm_policy_addr(plan, piece),
				    n * NOUVEAU_SVM_PIECE, plan->cause, moved);
}

static int
nouveau_svm_policy_move(struct nouveau_svm_plan *plan, unsigned int piece,
			unsigned int n)
{
	unsigned long moved = 0;
	int ret;

	ret = nouveau_svm_policy_try(plan, piece, n, &moved);
	return nouveau_svm_policy_moved(plan, piece, n, moved, ret);
}

/*
 * What is in swap, or the GPU's alone for atomics, is in RAM first.  Nobody else
 * needs it there, so this is done only where it is in the way.
 */
static int
nouveau_svm_policy_fetch(struct nouveau_svm_plan *plan, unsigned int piece)
{
	const unsigned int first = piece * NOUVEAU_SVM_PIECE_PAGES;

	if (!(plan->wanted & BIT(piece)))
		return -EBUSY;

	return nouveau_svm_walk_hmm(plan->range, plan->walk, first,
				    first + NOUVEAU_SVM_PIECE_PAGES,
				    SVM_NEED_READ);
}

/* How many pieces can go with one, as an aligned block of a power of two? */
static unsigned int
nouveau_svm_policy_block(u32 move, unsigned int piece)
{
	unsigned int n;
	u32 mask;

	for (n = NOUVEAU_SVM_BLOCK_PIECES; n > 1; n /= 2) {
		if (!IS_ALIGNED(piece, n))
			continue;
		mask = nouveau_svm_policy_mask(piece, n);
		if ((move & mask) == mask)
			break;
	}

	return n;
}

/* The next block of those that are left.  Return: its length. */
static unsigned int
nouveau_svm_policy_take(u32 *left, unsigned int *piece)
{
	unsigned int n;

	*piece = __ffs(*left);
	n = nouveau_svm_policy_block(*left, *piece);
	*left &= ~nouveau_svm_policy_mask(*piece, n);
	return n;
}

/*
 * One of two that were moved at a time.  They may have been in each other's way,
 * as parts of one huge page, or as users of a channel that dies.
 */
static void
nouveau_svm_policy_settled(struct nouveau_svm_plan *plan, unsigned int piece,
			   unsigned int n, unsigned long moved, int err)
{
	if (!err || err == -ENOMEM || err == -ENOSPC)
		nouveau_svm_policy_moved(plan, piece, n, moved, err);
	else
		nouveau_svm_policy_move(plan, piece, n);
}

/* A block, and while it is being moved the next one. */
static void
nouveau_svm_policy_move_two(struct nouveau_svm_plan *plan, u32 *left)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(plan->range);
	unsigned long moved = 0, next_moved = 0;
	unsigned int piece, n, next, next_n;
	struct nouveau_dmem_fill fill;
	int ret, err;

	n = nouveau_svm_policy_take(left, &piece);
	if (!*left) {
		nouveau_svm_policy_move(plan, piece, n);
		return;
	}

	ret = nouveau_dmem_fill_begin(&fill, svmm->svm->dmem, svmm->gpusvm.mm,
				      nouveau_svm_policy_addr(plan, piece),
				      n * NOUVEAU_SVM_PIECE, plan->cause);
	if (ret) {
		nouveau_svm_policy_moved(plan, piece, n, 0, ret);
		return;
	}

	next_n = nouveau_svm_policy_take(left, &next);
	err = nouveau_svm_policy_try(plan, next, next_n, &next_moved);
	ret = nouveau_dmem_fill_end(&fill, &moved);
	nouveau_svm_policy_settled(plan, piece, n, moved, ret);
	nouveau_svm_policy_settled(plan, next, next_n, next_moved, err);
}

/* By itself, as others of its block, or what it holds, were in the way. */
static void
nouveau_svm_policy_move_alone(struct nouveau_svm_plan *plan, unsigned int piece)
{
	int ret = -EBUSY;

	if (!(plan->tried & BIT(piece)))
		ret = nouveau_svm_policy_move(plan, piece, 1);
	if (ret == -EBUSY && !nouveau_svm_policy_fetch(plan, piece))
		nouveau_svm_policy_move(plan, piece, 1);
}

/*
 * Blocks first; what can't go with others is tried by itself.  Without room, or
 * without a copy engine, none.
 */
static void
nouveau_svm_policy_move_pieces(struct nouveau_svm_plan *plan)
{
	const unsigned long wanted = plan->wanted & plan->fit;
	struct nouveau_svm_range *range = plan->range;
	unsigned long left;
	u32 blocks;
	unsigned int i;

	for_each_set_bit(i, &wanted, plan->pieces)
		plan->move |= nouveau_svm_policy_around(plan, i);

	for (blocks = plan->move; blocks && (!plan->err || plan->err == -EBUSY); )
		nouveau_svm_policy_move_two(plan, &blocks);

	left = plan->move;
	for_each_set_bit(i, &left, plan->pieces) {
		if (!plan->err || plan->err == -EBUSY)
			nouveau_svm_policy_move_alone(plan, i);
	}

	if (!plan->move)
		return;

	range->stuck |= plan->move;
	range->stuck_until = jiffies + msecs_to_jiffies(NOUVEAU_SVM_STUCK_MS);
}

/*
 * What was in VRAM before comes back if there is room, with others if that is
 * wanted itself (see "More than fits").
 */
static void
nouveau_svm_policy_ration(struct nouveau_svm_plan *plan)
{
	struct nouveau_svm *svm = nouveau_svm_range_svmm(plan->range)->svm;
	const u32 again = plan->again & plan->wanted & plan->fit;

	plan->cause = NOUVEAU_DMEM_FAULT;
	nouveau_svm_stat_add(svm, SVM_STAT_REFAULTS, hweight32(again));
	if (plan->again && !nouveau_svm_refault_may_evict(plan->range)) {
		plan->fit &= ~plan->again | again;
		if (again)
			plan->cause = NOUVEAU_DMEM_REFAULT;
	}
	plan->again = again;
}

static void
nouveau_svm_policy_go(struct nouveau_svm_plan *plan)
{
	struct nouveau_svm_range *range = plan->range;
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	const u64 moved = svmm->moved, began = ktime_get_ns();

	nouveau_svm_policy_ration(plan);
	nouveau_svm_bounce_begin(range);
	if (!nouveau_svm_policy_whole(plan) ||
	    nouveau_svm_policy_move(plan, 0, plan->pieces))
		nouveau_svm_policy_move_pieces(plan);
	nouveau_svm_bounce_end(range, plan->went);

	if (plan->went)
		nouveau_svm_refault_moved(svmm, svmm->moved - moved,
					  ktime_get_ns() - began,
					  plan->again &&
					  plan->cause == NOUVEAU_DMEM_FAULT);
	if (plan->full && plan->cause == NOUVEAU_DMEM_REFAULT)
		nouveau_svm_refault_stay(range);
}

/**
 * nouveau_svm_policy_apply() - move what faults ask for where it shall live
 * @range: the range, prepared
 * @faults: faults in it
 * @nr: how many
 *
 * Whatever becomes of it, there is memory to be mapped after it.
 */
void
nouveau_svm_policy_apply(struct nouveau_svm_range *range,
			 const struct nouveau_svm_fault *faults, int nr)
{
	struct nouveau_svmm *svmm = nouveau_svm_range_svmm(range);
	struct nouveau_svm_plan plan = {
		.range = range,
		.walk = svmm->walk,
		.pieces = range->npages / NOUVEAU_SVM_PIECE_PAGES,
	};
	struct nouveau_svm *svm = svmm->svm;

	lockdep_assert_held(&svmm->lock);

	/* Pairs with WRITE_ONCE() in nouveau_svm_policy_crowded(). */
	if ((!READ_ONCE(nouveau_svm_migrate_on_fault) &&
	     !nouveau_svm_advice_any(svmm)) || !plan.pieces ||
	    ktime_get_ns() < READ_ONCE(svmm->crowded_until) ||
	    !nouveau_svm_policy_want(&plan, faults, nr))
		return;

	nouveau_svm_policy_vmas(&plan);
	if (!(plan.wanted & plan.fit) || !nouveau_svm_policy_look(&plan) ||
	    !(plan.wanted & plan.fit))
		return;

	down_read(&svm->moves);
	if (!svm->settled && nouveau_dmem_ready_soon(svm->dmem))
		nouveau_svm_policy_go(&plan);
	up_read(&svm->moves);
}

/**
 * nouveau_svm_policy_stays() - does no fault move a huge page?
 * @svmm: the VMM
 * @addr: where it is, or would be
 *
 * Return: true if all of it stays where it is until something else is advised.
 */
bool
nouveau_svm_policy_stays(struct nouveau_svmm *svmm, unsigned long addr)
{
	const unsigned long end = addr + NOUVEAU_SVM_RANGE_MAX;
	struct nouveau_svm_advice advised;
	unsigned long next = end;

	if (!nouveau_svm_advice_any(svmm))
		return !READ_ONCE(nouveau_svm_migrate_on_fault);

	advised = nouveau_svm_advice_get(svmm, addr, &next);
	if (next < end || advised.flags & NOUVEAU_SVM_ADVISED_READ_MOSTLY)
		return false;

	return advised.location == NOUVEAU_SVM_LOCATION_SYSTEM ||
	       (advised.location == NOUVEAU_SVM_LOCATION_NONE &&
		!READ_ONCE(nouveau_svm_migrate_on_fault));
}

/**
 * nouveau_svm_policy_begin() - nothing has moved yet
 * @svmm: the VMM, about to be served
 */
void
nouveau_svm_policy_begin(struct nouveau_svmm *svmm)
{
	lockdep_assert_held(&svmm->lock);

	svmm->moved = 0;
}

/**
 * nouveau_svm_policy_enough() - is it time to let the GPU try?
 * @svmm: the VMM, being served
 *
 * A GPU can ask for more at a time than VRAM holds.  What goes there for the
 * last of it would take the place of what went there for the first, before the
 * GPU has had a look.
 *
 * Return: true if so much has gone to VRAM that others have to wait; never, if
 * nothing has.
 */
bool
nouveau_svm_policy_enough(struct nouveau_svmm *svmm)
{
	const u64 size = svmm->svm->drm->client.device.info.ram_size;

	lockdep_assert_held(&svmm->lock);

	return svmm->moved && svmm->moved >= size / NOUVEAU_SVM_PASS_SHARE;
}

/**
 * nouveau_svm_policy_prepare() - faults will need VRAM
 * @svm: the device
 *
 * For page tables, and for memory if that moves there.  What it takes can't be
 * made while one waits.  No lock may be held.
 */
void
nouveau_svm_policy_prepare(struct nouveau_svm *svm)
{
	int ret;

	nouveau_dmem_fill_reserve(svm->dmem);
	if (!READ_ONCE(nouveau_svm_migrate_on_fault))
		return;

	ret = nouveau_dmem_ready(svm->dmem);
	if (ret)
		drm_dbg(svm->drm->dev, "svm: memory stays in RAM: %d\n", ret);
}

/**
 * nouveau_svm_policy_settle() - whether memory stays where it is
 * @svm: the device
 * @settled: from now on it does, and none is on its way when this returns
 */
void
nouveau_svm_policy_settle(struct nouveau_svm *svm, bool settled)
{
	down_write(&svm->moves);
	svm->settled = settled;
	up_write(&svm->moves);
}

/**
 * nouveau_svm_policy_crowded() - a process has lost memory in VRAM to a limit
 * @svm: the device
 * @mm: the process
 *
 * For a while it gets no more.  Comes from reclaim, and waits for nobody: who
 * can't be told now will be the next time.
 */
void
nouveau_svm_policy_crowded(struct nouveau_svm *svm, struct mm_struct *mm)
{
	const u64 until = ktime_get_ns() + NOUVEAU_SVM_CROWDED_NS;
	struct nouveau_svmm *svmm;

	if (!mutex_trylock(&svm->lock))
		return;

	list_for_each_entry(svmm, &svm->svmms, head) {
		/* Pairs with READ_ONCE() in nouveau_svm_policy_apply(). */
		if (svmm->gpusvm.mm == mm)
			WRITE_ONCE(svmm->crowded_until, until);
	}
	mutex_unlock(&svm->lock);
}
