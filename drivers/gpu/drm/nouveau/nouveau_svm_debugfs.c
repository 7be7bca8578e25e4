// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, for the curious: counters, and what the GPU's page
 * tables hold.  Changes nothing.
 *
 * Locking: &nouveau_svm.lock for the list of VMMs, the notifier lock for what a
 * VMM has mapped; counters need none.
 */
#include <linux/seq_file.h>

#include <drm/drm_debugfs.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"

static const char * const nouveau_svm_stat_names[SVM_STAT_COUNT] = {
	[SVM_STAT_FAULT_PACKETS] = "fault_packets",
	[SVM_STAT_FAULT_BATCHES] = "fault_batches",
	[SVM_STAT_FAULT_DUPLICATES] = "fault_duplicates",
	[SVM_STAT_FAULT_SPURIOUS] = "fault_spurious",
	[SVM_STAT_FAULT_DROPPED] = "fault_dropped",
	[SVM_STAT_FAULT_UNKNOWN] = "fault_unknown",
	[SVM_STAT_CLIENTS] = "clients",
	[SVM_STAT_RANGES] = "ranges",
	[SVM_STAT_RANGES_LIVE] = "ranges_live",
	[SVM_STAT_PAGES_MAPPED] = "pages_mapped",
	[SVM_STAT_PAGES_UNMAPPED] = "pages_unmapped",
	[SVM_STAT_PAGES_EXCLUSIVE] = "pages_exclusive",
	[SVM_STAT_REPLAYS] = "replays",
	[SVM_STAT_INVALIDATIONS] = "invalidations",
	[SVM_STAT_FLUSHES] = "flushes",
	[SVM_STAT_CANCELS] = "cancels",
	[SVM_STAT_RETRIES] = "retries",
	[SVM_STAT_IN_FLIGHT] = "services_in_flight",
	[SVM_STAT_IN_FLIGHT_MAX] = "services_in_flight_max",
};

static struct nouveau_svm *
nouveau_svm_debugfs_svm(struct seq_file *m)
{
	struct drm_debugfs_entry *entry = m->private;

	return nouveau_drm(entry->dev)->svm;
}

static int
nouveau_svm_debugfs_stats(struct seq_file *m, void *data)
{
	struct nouveau_svm *svm = nouveau_svm_debugfs_svm(m);
	int i;

	if (!svm)
		return -ENODEV;

	for (i = 0; i < SVM_STAT_COUNT; i++)
		seq_printf(m, "%s %lld\n", nouveau_svm_stat_names[i],
			   atomic64_read(&svm->stats[i]));
	return 0;
}

static void
nouveau_svm_debugfs_run(struct seq_file *m, struct nouveau_svmm *svmm,
			u64 addr, u64 size, const struct nvkm_svm_pte *first)
{
	const u32 flags = first->flags;

	if (!(flags & NVKM_SVM_PTE_VALID))
		return;

	seq_printf(m, "%d %#llx %#llx r%c%c %s %#llx\n", svmm->pid, addr, size,
		   flags & NVKM_SVM_PTE_WRITE ? 'w' : '-',
		   flags & NVKM_SVM_PTE_ATOMIC ? 'A' : '-',
		   flags & NVKM_SVM_PTE_VRAM ? "vram" : "sys", first->addr);
}

/* Does a page continue the run that begins @size bytes before it? */
static bool
nouveau_svm_debugfs_continues(const struct nvkm_svm_pte *first, u64 size,
			      const struct nvkm_svm_pte *pte)
{
	if (pte->flags != first->flags)
		return false;

	return !(pte->flags & NVKM_SVM_PTE_VALID) ||
	       pte->addr == first->addr + size;
}

/* One line for each run of pages with the same flags, one after the other. */
static void
nouveau_svm_debugfs_range(struct seq_file *m, struct nouveau_svmm *svmm,
			  struct nouveau_svm_range *range)
{
	u64 addr = drm_gpusvm_range_start(&range->base);
	struct nvkm_svm_pte first = {};
	u64 start = addr;
	unsigned int i;

	for (i = 0; i < range->npages; i++, addr += PAGE_SIZE) {
		struct nvkm_svm_pte pte = {};

		nvkm_svm_pt_read(range->pt, addr, &pte);
		if (!nouveau_svm_debugfs_continues(&first, addr - start,
						   &pte)) {
			nouveau_svm_debugfs_run(m, svmm, start, addr - start,
						&first);
			start = addr;
			first = pte;
		}
	}

	nouveau_svm_debugfs_run(m, svmm, start, addr - start, &first);
}

static int
nouveau_svm_debugfs_pagetable(struct seq_file *m, void *data)
{
	struct nouveau_svm *svm = nouveau_svm_debugfs_svm(m);
	struct nouveau_svm_range *range;
	struct nouveau_svmm *svmm;

	if (!svm)
		return -ENODEV;

	mutex_lock(&svm->lock);
	list_for_each_entry(svmm, &svm->svmms, head) {
		/* For reading would do, but for the list of ranges. */
		down_write(&svmm->gpusvm.notifier_lock);
		list_for_each_entry(range, &svmm->ranges, head)
			nouveau_svm_debugfs_range(m, svmm, range);
		up_write(&svmm->gpusvm.notifier_lock);
	}
	mutex_unlock(&svm->lock);
	return 0;
}

static const struct drm_debugfs_info nouveau_svm_debugfs_files[] = {
	{ "svm_stats", nouveau_svm_debugfs_stats },
	{ "svm_pagetable", nouveau_svm_debugfs_pagetable },
};

/**
 * nouveau_svm_debugfs_init() - make the files
 * @svm: the device
 *
 * - svm_stats: "name value", see &enum nouveau_svm_stat.
 * - svm_pagetable: "pid address size flags aperture where", flags r, w,
 *   A (atomic), where: the first page's address in that aperture.
 */
void
nouveau_svm_debugfs_init(struct nouveau_svm *svm)
{
	drm_debugfs_add_files(svm->drm->dev, nouveau_svm_debugfs_files,
			      ARRAY_SIZE(nouveau_svm_debugfs_files));
}
