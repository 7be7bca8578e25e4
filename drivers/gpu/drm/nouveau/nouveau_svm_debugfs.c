// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, for the curious: counters, and what the GPU's page
 * tables hold.  Changes nothing but a counter.
 *
 * Locking: &nouveau_svm.lock for the list of VMMs, the notifier lock for what a
 * VMM has mapped; counters need none.
 */
#include <linux/debugfs.h>
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
	[SVM_STAT_COPY_JOBS] = "copy_jobs",
	[SVM_STAT_COPY_BYTES] = "copy_bytes",
	[SVM_STAT_CLEAR_BYTES] = "clear_bytes",
	[SVM_STAT_COPIES_OVERLAPPED] = "copies_overlapped",
	[SVM_STAT_COPIES_EARLY] = "copies_early",
	[SVM_STAT_COPY_ERRORS] = "copy_errors",
	[SVM_STAT_PAGES_TO_VRAM] = "pages_to_vram",
	[SVM_STAT_PAGES_TO_RAM] = "pages_to_ram",
	[SVM_STAT_PAGES_EVICTED] = "pages_evicted",
	[SVM_STAT_PAGES_RECLAIMED] = "pages_reclaimed",
	[SVM_STAT_VRAM_BYTES] = "vram_bytes",
	[SVM_STAT_MOVES_REFUSED] = "moves_refused",
	[SVM_STAT_BOUNCES] = "bounces",
	[SVM_STAT_RANGES_KEPT] = "ranges_kept",
	[SVM_STAT_REFAULTS] = "refaults",
	[SVM_STAT_REFAULTS_KEPT] = "refaults_kept",
	[SVM_STAT_ADVICE] = "advice",
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

/* Pages of one size with the same flags, one after the other. */
struct nouveau_svm_debugfs_run {
	u64 addr, bytes;
	enum nvkm_svm_size size;
	struct nvkm_svm_pte first;
};

static void
nouveau_svm_debugfs_print(struct seq_file *m, struct nouveau_svmm *svmm,
			  const struct nouveau_svm_debugfs_run *run)
{
	static const char * const sizes[] = {
		[NVKM_SVM_4K] = "4k",
		[NVKM_SVM_64K] = "64k",
		[NVKM_SVM_2M] = "2m",
	};
	const u32 flags = run->first.flags;

	if (!(flags & NVKM_SVM_PTE_VALID))
		return;

	seq_printf(m, "%d %#llx %#llx r%c%c %s %#llx %s\n", svmm->pid,
		   run->addr, run->bytes,
		   flags & NVKM_SVM_PTE_WRITE ? 'w' : '-',
		   flags & NVKM_SVM_PTE_ATOMIC ? 'A' : '-',
		   flags & NVKM_SVM_PTE_VRAM ? "vram" : "sys", run->first.addr,
		   sizes[run->size]);
}

static bool
nouveau_svm_debugfs_continues(const struct nouveau_svm_debugfs_run *run,
			      const struct nouveau_svm_debugfs_run *next)
{
	if (next->first.flags != run->first.flags || next->size != run->size)
		return false;

	return !(next->first.flags & NVKM_SVM_PTE_VALID) ||
	       next->first.addr == run->first.addr + run->bytes;
}

static void
nouveau_svm_debugfs_range(struct seq_file *m, struct nouveau_svmm *svmm,
			  struct nouveau_svm_range *range)
{
	const u64 start = drm_gpusvm_range_start(&range->base);
	const u64 end = start + ((u64)range->npages << PAGE_SHIFT);
	struct nouveau_svm_debugfs_run run = {}, next = { .addr = start };

	for (; next.addr < end; next.addr += next.bytes) {
		next.size = nvkm_svm_pt_read(range->pt, next.addr,
					     &next.first);
		next.bytes = (u64)nouveau_svm_size_pages(next.size) <<
			     PAGE_SHIFT;
		if (nouveau_svm_debugfs_continues(&run, &next)) {
			run.bytes += next.bytes;
			continue;
		}
		nouveau_svm_debugfs_print(m, svmm, &run);
		run = next;
	}

	nouveau_svm_debugfs_print(m, svmm, &run);
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
		/* For writing: PTEs are made with it held for reading. */
		down_write(&svmm->gpusvm.notifier_lock);
		for (range = nouveau_svm_range_first(svmm, 0, U64_MAX); range;
		     range = nouveau_svm_range_next(range, 0, U64_MAX))
			nouveau_svm_debugfs_range(m, svmm, range);
		up_write(&svmm->gpusvm.notifier_lock);
	}
	mutex_unlock(&svm->lock);
	return 0;
}

/*
 * A batch that begins meanwhile either finds the zero, or is counted by what is
 * read after that.
 */
static int
nouveau_svm_debugfs_forget_max(void *data, u64 value)
{
	struct drm_device *dev = data;
	struct nouveau_svm *svm = nouveau_drm(dev)->svm;

	if (!svm)
		return -ENODEV;

	/* An exchange, as that orders what is read then. */
	atomic64_xchg(&svm->stats[SVM_STAT_IN_FLIGHT_MAX], 0);
	nouveau_svm_stat_raise(svm, SVM_STAT_IN_FLIGHT_MAX,
			       atomic64_read(&svm->stats[SVM_STAT_IN_FLIGHT]));
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(nouveau_svm_debugfs_forget_max_fops, NULL,
			 nouveau_svm_debugfs_forget_max, "%llu\n");

static const struct drm_debugfs_info nouveau_svm_debugfs_files[] = {
	{ "svm_stats", nouveau_svm_debugfs_stats },
	{ "svm_pagetable", nouveau_svm_debugfs_pagetable },
};

/**
 * nouveau_svm_debugfs_init() - make the files
 * @svm: the device
 *
 * - svm_stats: "name value", see &enum nouveau_svm_stat.
 * - svm_pagetable: "pid address size flags aperture where pages", flags r, w,
 *   A (atomic), where: the first page's address in that aperture, pages: the
 *   size of each GPU page, 4k, 64k or 2m.  One line for each run of pages that
 *   are alike.
 * - svm_forget_max: when a number is written, whatever it is, the most batches
 *   that were served at one time become those that are served now.
 */
void
nouveau_svm_debugfs_init(struct nouveau_svm *svm)
{
	drm_debugfs_add_files(svm->drm->dev, nouveau_svm_debugfs_files,
			      ARRAY_SIZE(nouveau_svm_debugfs_files));
	debugfs_create_file("svm_forget_max", 0200, svm->drm->dev->debugfs_root,
			    svm->drm->dev,
			    &nouveau_svm_debugfs_forget_max_fops);
}
