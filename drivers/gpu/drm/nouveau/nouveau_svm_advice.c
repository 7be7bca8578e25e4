// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, advice: what a process says about its memory, by
 * address.  Keeps it, and forgets it in time; what follows from it is decided
 * where that is done.
 *
 * Locking: &nouveau_svm_advices.lock, a spinlock: mappings go in reclaim, and
 * while others may not wait.  Who adds advice holds &nouveau_cli.mutex, and
 * mmap_lock to see what is mapped; who forgets it holds neither.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"

/**
 * DOC: Advice
 *
 * A process may advise where its memory is to live (DRM_NOUVEAU_SVM_ADVISE).
 * What it says is kept for each address space that has SVM, in intervals of
 * addresses: advice for a part of one splits it, neighbours that say the same
 * are one. There is none for addresses where nothing is mapped. It goes with
 * what is mapped there: by munmap(), by a mapping that takes its place, by
 * mremap() for the place that is left, and with the process. A child of fork()
 * has none, nor does memory that has moved.
 *
 * NOUVEAU_SVM_ADVISE_LOCATION is about faults of the GPU:
 *
 * - VRAM: memory goes there, whatever svm_migrate says, and each time: that CPU
 *   and GPU take it from each other is what the process has chosen, and it
 *   is not kept in RAM for that (see "Ping-pong").
 * - SYSTEM: it is mapped where it is, whatever svm_migrate says.
 * - NONE: as without advice.
 *
 * NOUVEAU_SVM_ADVISE_READ_MOSTLY: a read by the GPU leaves memory where it is,
 * and maps it read-only, so that the first write is a fault, which moves it as
 * any other. This goes before a location. A piece with a part that is advised so
 * moves when something in it is written. There is no second copy: the kernel
 * tells drivers nothing when the CPU's entry of a page becomes writable, so a
 * copy could be stale.
 *
 * NOUVEAU_SVM_ADVISE_ACCESSED_BY: what is there is mapped when that is said, and
 * again, by the VMM's worker, when it was changed and is still there. What is
 * in swap, or not touched yet, is mapped when the GPU asks for it. Since faults
 * move memory, what is mapped without one stays where it is.
 *
 * What can't go to VRAM (see "Policy") stays in RAM whatever is advised. A
 * piece goes if nothing in it is to stay. Advice moves nothing by itself; but
 * where it is about what moves, the GPU loses what it had mapped, so that its
 * next access decides anew. What
 * is in VRAM comes back when the CPU touches it, or when it is told to.
 *
 * An address space has up to 4096 intervals. When a mapping goes from the
 * middle of one, and that would be one too many, or there is no memory for it,
 * only the larger part of what is left keeps its advice.
 */
#define NOUVEAU_SVM_ADVICE_MAX		4096

/**
 * struct nouveau_svm_advised - an interval with the same advice
 */
struct nouveau_svm_advised {
	/** @node: first and last byte; in &nouveau_svm_advices.root */
	struct interval_tree_node node;
	/** @head: among those that are about to be in it */
	struct list_head head;
	/** @advice: what; not nothing */
	struct nouveau_svm_advice advice;
};

/**
 * struct nouveau_svm_advising - new advice on its way into the tree
 */
struct nouveau_svm_advising {
	/** @svmm: whose */
	struct nouveau_svmm *svmm;
	/** @start: first byte that it is for */
	unsigned long start;
	/** @end: end of them */
	unsigned long end;
	/** @verb: what changes */
	enum drm_nouveau_svm_verb verb;
	/** @value: to what */
	u32 value;
	/** @first: first byte of all intervals that change or merge */
	unsigned long first;
	/** @last: last byte of them */
	unsigned long last;
	/** @old: how many they are */
	unsigned int old;
	/** @fresh: intervals that take their place, still without content */
	struct list_head fresh;
};

static struct nouveau_svm_advised *
nouveau_svm_advised(struct interval_tree_node *node)
{
	return container_of(node, struct nouveau_svm_advised, node);
}

static struct interval_tree_node *
nouveau_svm_advice_first(struct nouveau_svm_advices *all, unsigned long start,
			 unsigned long last)
{
	lockdep_assert_held(&all->lock);

	return interval_tree_iter_first(&all->root, start, last);
}

static bool
nouveau_svm_advice_same(struct nouveau_svm_advice a,
			struct nouveau_svm_advice b)
{
	return a.location == b.location && a.flags == b.flags;
}

static bool
nouveau_svm_advice_none(struct nouveau_svm_advice advice)
{
	return nouveau_svm_advice_same(advice, (struct nouveau_svm_advice) {});
}

static void
nouveau_svm_advice_add(struct nouveau_svm_advices *all, int count)
{
	struct nouveau_svmm *svmm =
		container_of(all, struct nouveau_svmm, advices);

	lockdep_assert_held(&all->lock);

	/* Pairs with READ_ONCE() in nouveau_svm_advice_any(). */
	WRITE_ONCE(all->count, all->count + count);
	nouveau_svm_stat_add(svmm->svm, SVM_STAT_ADVICE, count);
}

static void
nouveau_svm_advice_insert(struct nouveau_svm_advices *all,
			  struct nouveau_svm_advised *advised,
			  unsigned long first, unsigned long last,
			  struct nouveau_svm_advice advice)
{
	lockdep_assert_held(&all->lock);

	advised->node.start = first;
	advised->node.last = last;
	advised->advice = advice;
	interval_tree_insert(&advised->node, &all->root);
	nouveau_svm_advice_add(all, 1);
}

static void
nouveau_svm_advice_take(struct nouveau_svm_advices *all,
			struct interval_tree_node *node)
{
	lockdep_assert_held(&all->lock);

	interval_tree_remove(node, &all->root);
	nouveau_svm_advice_add(all, -1);
}

static void
nouveau_svm_advice_remove(struct nouveau_svm_advices *all,
			  struct interval_tree_node *node)
{
	nouveau_svm_advice_take(all, node);
	kfree(nouveau_svm_advised(node));
}

/* Forgetting */

/* Both ends of an interval stay, which takes another one. */
static void
nouveau_svm_advice_punch(struct nouveau_svm_advices *all,
			 struct interval_tree_node *node, unsigned long start,
			 unsigned long last)
{
	struct nouveau_svm_advised *advised = nouveau_svm_advised(node), *more;
	const unsigned long first = node->start, end = node->last;

	lockdep_assert_held(&all->lock);

	nouveau_svm_advice_take(all, node);
	more = all->count + 2 > NOUVEAU_SVM_ADVICE_MAX ? NULL :
		kmalloc_obj(*more, GFP_NOWAIT | __GFP_NOWARN);
	if (more || start - first >= end - last)
		nouveau_svm_advice_insert(all, advised, first, start - 1,
					  advised->advice);
	if (more || start - first < end - last)
		nouveau_svm_advice_insert(all, more ?: advised, last + 1, end,
					  advised->advice);
}

static void
nouveau_svm_advice_cut_one(struct nouveau_svm_advices *all,
			   struct interval_tree_node *node,
			   unsigned long start, unsigned long last)
{
	struct nouveau_svm_advised *advised = nouveau_svm_advised(node);
	const unsigned long first = node->start, end = node->last;

	lockdep_assert_held(&all->lock);

	if (first >= start && end <= last) {
		nouveau_svm_advice_remove(all, node);
	} else if (first < start && end > last) {
		nouveau_svm_advice_punch(all, node, start, last);
	} else {
		nouveau_svm_advice_take(all, node);
		nouveau_svm_advice_insert(all, advised,
					  first < start ? first : last + 1,
					  first < start ? start - 1 : end,
					  advised->advice);
	}
}

static void
nouveau_svm_advice_cut(struct nouveau_svm_advices *all, unsigned long start,
		       unsigned long last)
{
	struct interval_tree_node *node;

	spin_lock(&all->lock);
	while ((node = nouveau_svm_advice_first(all, start, last))) {
		nouveau_svm_advice_cut_one(all, node, start, last);
		all->cuts++;
	}
	spin_unlock(&all->lock);
}

/*
 * A mapping goes.  What replaces it can't be there, nor be advised, before this
 * is over.
 */
static int
nouveau_svm_advice_event(struct mmu_notifier *notifier,
			 const struct mmu_notifier_range *event)
{
	struct nouveau_svm_advices *all =
		container_of(notifier, struct nouveau_svm_advices, notifier);

	if (event->event == MMU_NOTIFY_UNMAP)
		nouveau_svm_advice_cut(all, event->start, event->end - 1);
	return 0;
}

static void
nouveau_svm_advice_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	struct nouveau_svm_advices *all =
		container_of(notifier, struct nouveau_svm_advices, notifier);

	nouveau_svm_advice_cut(all, 0, ULONG_MAX);
}

static const struct mmu_notifier_ops nouveau_svm_advice_ops = {
	.invalidate_range_start = nouveau_svm_advice_event,
	.release = nouveau_svm_advice_release,
};

/* Advising */

/*
 * A stretch of addresses, from @addr on, that has the same advice and either is
 * mapped or is not.  Return: its last byte, at most @last.
 */
static unsigned long
nouveau_svm_advice_stretch(struct nouveau_svm_advices *all, unsigned long addr,
			   unsigned long last,
			   struct nouveau_svm_advice *advice, bool *mapped)
{
	struct interval_tree_node *node;
	struct vm_area_struct *vma;

	lockdep_assert_held(&all->lock);

	vma = find_vma(all->mm, addr);
	*mapped = vma && vma->vm_start <= addr;
	if (vma)
		last = min(last, (*mapped ? vma->vm_end : vma->vm_start) - 1);

	*advice = (struct nouveau_svm_advice) {};
	node = nouveau_svm_advice_first(all, addr, last);
	if (!node)
		return last;
	if (node->start > addr)
		return node->start - 1;
	*advice = nouveau_svm_advised(node)->advice;
	return min(last, node->last);
}

static void
nouveau_svm_advice_flag(struct nouveau_svm_advice *advice, u8 flag, u32 value)
{
	if (value)
		advice->flags |= flag;
	else
		advice->flags &= ~flag;
}

static void
nouveau_svm_advice_change(struct nouveau_svm_advising *add,
			  struct nouveau_svm_advice *advice)
{
	switch (add->verb) {
	case NOUVEAU_SVM_ADVISE_LOCATION:
		advice->location = add->value;
		break;
	case NOUVEAU_SVM_ADVISE_ACCESSED_BY:
		nouveau_svm_advice_flag(advice, NOUVEAU_SVM_ADVISED_ACCESSED_BY,
					add->value);
		break;
	case NOUVEAU_SVM_ADVISE_READ_MOSTLY:
		nouveau_svm_advice_flag(advice, NOUVEAU_SVM_ADVISED_READ_MOSTLY,
					add->value);
		break;
	case NOUVEAU_SVM_ADVISE_PREFETCH:
	case NOUVEAU_SVM_ADVISE_DISCARD:
		/* Done, and not kept. */
		break;
	}
}

/*
 * The next interval of what shall be, from @addr on: as many stretches as will
 * say the same.  Return: its last byte.
 */
static unsigned long
nouveau_svm_advice_next(struct nouveau_svm_advising *add, unsigned long addr,
			struct nouveau_svm_advice *advice)
{
	struct nouveau_svm_advices *all = &add->svmm->advices;
	struct nouveau_svm_advice here;
	unsigned long limit, next = addr;
	bool mapped;

	lockdep_assert_held(&all->lock);

	do {
		limit = add->last;
		if (next < add->start)
			limit = min(limit, add->start - 1);
		else if (next < add->end)
			limit = min(limit, add->end - 1);
		limit = nouveau_svm_advice_stretch(all, next, limit, &here,
						   &mapped);
		if (mapped && next >= add->start && next < add->end)
			nouveau_svm_advice_change(add, &here);
		if (next == addr)
			*advice = here;
		else if (!nouveau_svm_advice_same(*advice, here))
			break;
		next = limit + 1;
	} while (limit < add->last);

	return next - 1;
}

/*
 * Which intervals change, with those beside them: they may become one.
 * Return: how many there will be instead.
 */
static unsigned int
nouveau_svm_advice_count(struct nouveau_svm_advising *add)
{
	struct nouveau_svm_advices *all = &add->svmm->advices;
	const unsigned long start = add->start ? add->start - 1 : 0;
	struct interval_tree_node *node;
	struct nouveau_svm_advice advice;
	unsigned int count = 0;
	unsigned long addr;

	lockdep_assert_held(&all->lock);

	add->first = add->start;
	add->last = add->end - 1;
	add->old = 0;
	for (node = nouveau_svm_advice_first(all, start, add->end); node;
	     node = interval_tree_iter_next(node, start, add->end)) {
		add->first = min(add->first, node->start);
		add->last = max(add->last, node->last);
		add->old++;
	}

	for (addr = add->first; addr <= add->last; addr++) {
		addr = nouveau_svm_advice_next(add, addr, &advice);
		count += !nouveau_svm_advice_none(advice);
	}

	return count;
}

static int
nouveau_svm_advice_allocate(struct nouveau_svm_advising *add,
			    unsigned int count)
{
	struct nouveau_svm_advised *advised;

	while (count--) {
		advised = kmalloc_obj(*advised, GFP_KERNEL_ACCOUNT);
		if (!advised)
			return -ENOMEM;
		list_add(&advised->head, &add->fresh);
	}

	return 0;
}

static void
nouveau_svm_advice_free(struct nouveau_svm_advising *add)
{
	struct nouveau_svm_advised *advised, *next;

	list_for_each_entry_safe(advised, next, &add->fresh, head)
		kfree(advised);
	INIT_LIST_HEAD(&add->fresh);
}

/* There are as many fresh ones as it takes; the old ones are read before. */
static void
nouveau_svm_advice_replace(struct nouveau_svm_advising *add)
{
	struct nouveau_svm_advices *all = &add->svmm->advices;
	struct nouveau_svm_advised *advised;
	struct interval_tree_node *node;
	struct nouveau_svm_advice advice;
	unsigned long addr, last;

	lockdep_assert_held(&all->lock);

	advised = list_first_entry(&add->fresh, typeof(*advised), head);
	for (addr = add->first; addr <= add->last; addr = last + 1) {
		last = nouveau_svm_advice_next(add, addr, &advice);
		if (nouveau_svm_advice_none(advice))
			continue;
		advised->node.start = addr;
		advised->node.last = last;
		advised->advice = advice;
		advised = list_next_entry(advised, head);
	}

	while ((node = nouveau_svm_advice_first(all, add->first, add->last)))
		nouveau_svm_advice_remove(all, node);
	list_for_each_entry(advised, &add->fresh, head)
		nouveau_svm_advice_insert(all, advised, advised->node.start,
					  advised->node.last, advised->advice);
	INIT_LIST_HEAD(&add->fresh);
}

/*
 * What is allocated can't be while the tree is held still.  Return: 0; -EAGAIN
 * if it has changed meanwhile; -ENOSPC; -ENOMEM.
 */
static int
nouveau_svm_advice_try(struct nouveau_svm_advising *add)
{
	struct nouveau_svm_advices *all = &add->svmm->advices;
	unsigned int count;
	unsigned long cuts;
	bool fits;
	int ret;

	spin_lock(&all->lock);
	count = nouveau_svm_advice_count(add);
	fits = all->count - add->old + count <= NOUVEAU_SVM_ADVICE_MAX;
	cuts = all->cuts;
	spin_unlock(&all->lock);
	if (!fits)
		return -ENOSPC;

	ret = nouveau_svm_advice_allocate(add, count);
	if (!ret) {
		spin_lock(&all->lock);
		if (all->cuts == cuts)
			nouveau_svm_advice_replace(add);
		else
			ret = -EAGAIN;
		spin_unlock(&all->lock);
	}

	nouveau_svm_advice_free(add);
	return ret;
}

/* Who advises nothing pays nothing.  Return: 0, -ENOMEM, -EINTR. */
static int
nouveau_svm_advice_watch(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_advices *all = &svmm->advices;
	int ret;

	if (all->mm)
		return 0;

	all->notifier.ops = &nouveau_svm_advice_ops;
	ret = mmu_notifier_register(&all->notifier, svmm->gpusvm.mm);
	if (!ret)
		all->mm = svmm->gpusvm.mm;
	return ret;
}

/**
 * nouveau_svm_advice_set() - advise something
 * @svmm: the VMM, of the caller's address space
 * @start: first byte, a page's
 * @end: end, a page's
 * @verb: what is advised
 * @value: its value
 *
 * All of it, or nothing if that fails.
 *
 * Return: 0; -ENOSPC if there would be too many intervals; -ENOMEM; -EINTR.
 */
int
nouveau_svm_advice_set(struct nouveau_svmm *svmm, unsigned long start,
		       unsigned long end, enum drm_nouveau_svm_verb verb,
		       u32 value)
{
	struct nouveau_svm_advising add = {
		.svmm = svmm,
		.start = start,
		.end = end,
		.verb = verb,
		.value = value,
		.fresh = LIST_HEAD_INIT(add.fresh),
	};
	struct mm_struct *mm = svmm->gpusvm.mm;
	int ret;

	ret = nouveau_svm_advice_watch(svmm);
	if (ret)
		return ret;

	ret = mmap_read_lock_killable(mm);
	if (ret)
		return ret;

	do {
		ret = nouveau_svm_advice_try(&add);
	} while (ret == -EAGAIN);
	mmap_read_unlock(mm);
	return ret;
}

/* Asking */

/**
 * nouveau_svm_advice_get() - what is advised of an address
 * @svmm: the VMM
 * @start: the address
 * @end: end of those of interest; lowered to where advice changes
 *
 * Return: the advice.
 */
struct nouveau_svm_advice
nouveau_svm_advice_get(struct nouveau_svmm *svmm, unsigned long start,
		       unsigned long *end)
{
	struct nouveau_svm_advices *all = &svmm->advices;
	struct nouveau_svm_advice advice = {};
	struct interval_tree_node *node;

	spin_lock(&all->lock);
	node = nouveau_svm_advice_first(all, start, *end - 1);
	if (node && node->start > start) {
		*end = node->start;
	} else if (node) {
		advice = nouveau_svm_advised(node)->advice;
		*end = min(*end, node->last + 1);
	}
	spin_unlock(&all->lock);
	return advice;
}

/**
 * nouveau_svm_advice_any() - is anything advised at all?
 * @svmm: the VMM
 *
 * Return: true if it is.
 */
bool
nouveau_svm_advice_any(struct nouveau_svmm *svmm)
{
	/* Pairs with WRITE_ONCE() in nouveau_svm_advice_add(). */
	return READ_ONCE(svmm->advices.count);
}

/**
 * nouveau_svm_advice_has() - is something advised of memory?
 * @svmm: the VMM
 * @start: first byte
 * @end: end
 * @flag: what, one of NOUVEAU_SVM_ADVISED_*
 *
 * Return: true if it is for any of it.
 */
bool
nouveau_svm_advice_has(struct nouveau_svmm *svmm, unsigned long start,
		       unsigned long end, u8 flag)
{
	unsigned long next;

	for (; nouveau_svm_advice_any(svmm) && start < end; start = next) {
		next = end;
		if (nouveau_svm_advice_get(svmm, start, &next).flags & flag)
			return true;
	}

	return false;
}

/**
 * nouveau_svm_advice_moves() - may a fault move memory to VRAM?
 * @svmm: the VMM
 * @start: first byte
 * @end: end
 * @otherwise: what if nothing is advised
 *
 * Return: false if any of it is to stay.
 */
bool
nouveau_svm_advice_moves(struct nouveau_svmm *svmm, unsigned long start,
			 unsigned long end, bool otherwise)
{
	unsigned long next;

	if (!nouveau_svm_advice_any(svmm))
		return otherwise;

	for (; start < end; start = next) {
		next = end;
		switch (nouveau_svm_advice_get(svmm, start, &next).location) {
		case NOUVEAU_SVM_LOCATION_SYSTEM:
			return false;
		case NOUVEAU_SVM_LOCATION_NONE:
			if (!otherwise)
				return false;
			break;
		}
	}

	return true;
}

/* Life */

/**
 * nouveau_svm_advice_init() - no advice yet
 * @svmm: the VMM
 */
void
nouveau_svm_advice_init(struct nouveau_svmm *svmm)
{
	spin_lock_init(&svmm->advices.lock);
	svmm->advices.root = RB_ROOT_CACHED;
}

/**
 * nouveau_svm_advice_fini() - no more advice
 * @svmm: the VMM
 */
void
nouveau_svm_advice_fini(struct nouveau_svmm *svmm)
{
	struct nouveau_svm_advices *all = &svmm->advices;

	if (all->mm)
		mmu_notifier_unregister(&all->notifier, all->mm);
	nouveau_svm_advice_cut(all, 0, ULONG_MAX);
}
