/* SPDX-License-Identifier: MIT */
#ifndef __NOUVEAU_SVM_PRIV_H__
#define __NOUVEAU_SVM_PRIV_H__
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/interval_tree.h>
#include <linux/kref.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_gpusvm.h>

#include <subdev/svm.h>

#include "nouveau_svm_advice.h"

struct nouveau_cli;

/*
 * What the nouveau_svm_*.c files share, and nobody else.  Overview, Locking
 * and Limits are at the head of nouveau_svm.c.
 */

/* The largest range: the largest page of the GPU, and one PMD of the CPU. */
#define NOUVEAU_SVM_RANGE_MAX		SZ_2M
#define NOUVEAU_SVM_RANGE_PAGES		(NOUVEAU_SVM_RANGE_MAX >> PAGE_SHIFT)

/*
 * Faults of one VMM that can wait, and faults that one pass takes out of the
 * buffer.  What does not fit is dropped: the GPU goes on asking for it at each
 * replay.
 */
#define NOUVEAU_SVM_BATCH_SHIFT		12
#define NOUVEAU_SVM_BATCH_MAX		BIT(NOUVEAU_SVM_BATCH_SHIFT)
#define NOUVEAU_SVM_DRAIN_MAX		256

/**
 * enum nouveau_svm_stat - counters, as debugfs names them
 *
 * Names are in nouveau_svm_debugfs.c, in this order.
 */
enum nouveau_svm_stat {
	/** @SVM_STAT_FAULT_PACKETS: packets taken out of the fault buffer */
	SVM_STAT_FAULT_PACKETS,
	/** @SVM_STAT_FAULT_BATCHES: batches served */
	SVM_STAT_FAULT_BATCHES,
	/** @SVM_STAT_FAULT_DUPLICATES: packets that said nothing new */
	SVM_STAT_FAULT_DUPLICATES,
	/** @SVM_STAT_FAULT_SPURIOUS: faults on pages mapped already */
	SVM_STAT_FAULT_SPURIOUS,
	/** @SVM_STAT_FAULT_DROPPED: packets of full batches */
	SVM_STAT_FAULT_DROPPED,
	/** @SVM_STAT_FAULT_UNKNOWN: packets of channels without SVM */
	SVM_STAT_FAULT_UNKNOWN,
	/** @SVM_STAT_CLIENTS: VMMs there are */
	SVM_STAT_CLIENTS,
	/** @SVM_STAT_RANGES: ranges made */
	SVM_STAT_RANGES,
	/** @SVM_STAT_RANGES_LIVE: ranges there are */
	SVM_STAT_RANGES_LIVE,
	/** @SVM_STAT_PAGES_MAPPED: pages mapped */
	SVM_STAT_PAGES_MAPPED,
	/** @SVM_STAT_PAGES_UNMAPPED: pages unmapped */
	SVM_STAT_PAGES_UNMAPPED,
	/** @SVM_STAT_PAGES_EXCLUSIVE: pages taken from the CPU for atomics */
	SVM_STAT_PAGES_EXCLUSIVE,
	/** @SVM_STAT_REPLAYS: replays */
	SVM_STAT_REPLAYS,
	/** @SVM_STAT_INVALIDATIONS: callbacks that hit mapped pages */
	SVM_STAT_INVALIDATIONS,
	/** @SVM_STAT_FLUSHES: TLB flushes */
	SVM_STAT_FLUSHES,
	/** @SVM_STAT_CANCELS: accesses cancelled */
	SVM_STAT_CANCELS,
	/** @SVM_STAT_RETRIES: passes over a batch that had to be repeated */
	SVM_STAT_RETRIES,
	/** @SVM_STAT_IN_FLIGHT: batches being served at this moment */
	SVM_STAT_IN_FLIGHT,
	/**
	 * @SVM_STAT_IN_FLIGHT_MAX: most batches served at one time, since
	 * somebody asked to forget what there was
	 */
	SVM_STAT_IN_FLIGHT_MAX,
	/** @SVM_STAT_COPY_JOBS: jobs given to the copy engine */
	SVM_STAT_COPY_JOBS,
	/** @SVM_STAT_COPY_BYTES: bytes to copy in these */
	SVM_STAT_COPY_BYTES,
	/** @SVM_STAT_CLEAR_BYTES: bytes to clear */
	SVM_STAT_CLEAR_BYTES,
	/** @SVM_STAT_COPIES_OVERLAPPED: batches of them, begun in another's */
	SVM_STAT_COPIES_OVERLAPPED,
	/** @SVM_STAT_COPIES_EARLY: parts, begun before the next had its room */
	SVM_STAT_COPIES_EARLY,
	/** @SVM_STAT_COPY_ERRORS: batches of jobs that failed */
	SVM_STAT_COPY_ERRORS,
	/** @SVM_STAT_PAGES_TO_VRAM: pages filled in VRAM */
	SVM_STAT_PAGES_TO_VRAM,
	/** @SVM_STAT_PAGES_TO_RAM: pages copied back from there */
	SVM_STAT_PAGES_TO_RAM,
	/** @SVM_STAT_PAGES_EVICTED: those of them that VRAM was needed for */
	SVM_STAT_PAGES_EVICTED,
	/** @SVM_STAT_PAGES_RECLAIMED: those that a control group's limit needed */
	SVM_STAT_PAGES_RECLAIMED,
	/** @SVM_STAT_VRAM_BYTES: VRAM that is set aside for pages now */
	SVM_STAT_VRAM_BYTES,
	/** @SVM_STAT_MOVES_REFUSED: pieces that a fault could not move there */
	SVM_STAT_MOVES_REFUSED,
	/** @SVM_STAT_BOUNCES: times the CPU fetched what had just come there */
	SVM_STAT_BOUNCES,
	/** @SVM_STAT_RANGES_KEPT: ranges that stayed in RAM because of that */
	SVM_STAT_RANGES_KEPT,
	/** @SVM_STAT_REFAULTS: pieces wanted in VRAM that had to go from there */
	SVM_STAT_REFAULTS,
	/** @SVM_STAT_REFAULTS_KEPT: ranges that stayed in RAM because of that */
	SVM_STAT_REFAULTS_KEPT,
	/** @SVM_STAT_ADVICE: intervals of addresses that have some */
	SVM_STAT_ADVICE,
	/** @SVM_STAT_COUNT: how many */
	SVM_STAT_COUNT,
};

/**
 * struct nouveau_svm - SVM of one device
 */
struct nouveau_svm {
	/** @ref: one of the device, one of each VMM */
	struct kref ref;
	/** @drm: the device */
	struct nouveau_drm *drm;
	/** @hw: replayable faults of the device */
	struct nvkm_svm *hw;
	/** @wq: where @drain runs; ordered, and never short of a thread */
	struct workqueue_struct *wq;
	/** @drain: takes packets out of the fault buffer */
	struct work_struct drain;

	/**
	 * @lock: protects everything below but @stats, all use of @hw, and
	 * the batches of all VMMs.  Held for short times only, never while
	 * waiting for a page.
	 */
	struct mutex lock;
	/**
	 * @awake: held for reading while page tables are made or freed, which
	 * reaches the hardware, for writing by suspend.  Inside
	 * &nouveau_svmm.lock, outside of @lock.
	 */
	struct rw_semaphore awake;
	/**
	 * @running: false while suspended.  Read under a VMM's notifier lock
	 * too: see nouveau_svm_map_commit().
	 */
	bool running;
	/**
	 * @ending: about to be suspended: nothing is mapped any more, and
	 * channels that ask for it are killed.  As @running.
	 */
	bool ending;
	/**
	 * @moves: held for reading while a fault moves memory to VRAM, for
	 * writing by who wants none to be.  Inside &nouveau_svmm.lock, outside
	 * of mmap_lock.
	 */
	struct rw_semaphore moves;
	/** @settled: no fault moves memory to VRAM any more; @moves */
	bool settled;
	/** @dmem: pages in VRAM; gone before the device is */
	struct nouveau_dmem *dmem;
	/** @replay_due: a batch was finished since the last replay */
	bool replay_due;
	/** @replays: how many replays there were: the age of a fault */
	u64 replays;
	/** @channels: struct nouveau_svm_channel by instance */
	struct xarray channels;
	/** @svmms: all VMMs */
	struct list_head svmms;
	/** @packets: the packets of one drain */
	struct nvkm_svm_packet packets[NOUVEAU_SVM_DRAIN_MAX];

	/** @stats: counters */
	atomic64_t stats[SVM_STAT_COUNT];
};

/**
 * enum nouveau_svm_reason - why an access can't be served
 */
enum nouveau_svm_reason {
	/** @SVM_REASON_NONE: it can be, or has not been found out yet */
	SVM_REASON_NONE,
	/** @SVM_REASON_GONE: the process or its file is; say nothing */
	SVM_REASON_GONE,
	/** @SVM_REASON_HARDWARE: not a matter of page tables */
	SVM_REASON_HARDWARE,
	/** @SVM_REASON_NO_MAPPING: no VMA */
	SVM_REASON_NO_MAPPING,
	/** @SVM_REASON_UNMANAGED: no buffer in the driver's own area */
	SVM_REASON_UNMANAGED,
	/** @SVM_REASON_NO_ACCESS: VMA without VM_READ */
	SVM_REASON_NO_ACCESS,
	/** @SVM_REASON_READ_ONLY: VMA without VM_WRITE */
	SVM_REASON_READ_ONLY,
	/** @SVM_REASON_IO: VM_IO or VM_PFNMAP */
	SVM_REASON_IO,
	/** @SVM_REASON_NO_ATOMIC: memory that no device can own */
	SVM_REASON_NO_ATOMIC,
	/** @SVM_REASON_NO_PAGE: the CPU would get SIGBUS or SIGSEGV here */
	SVM_REASON_NO_PAGE,
	/** @SVM_REASON_USER_FAULT: userfaultfd that serves user mode only */
	SVM_REASON_USER_FAULT,
	/** @SVM_REASON_SUSPEND: the device is going to sleep */
	SVM_REASON_SUSPEND,
};

/**
 * struct nouveau_svm_death - the access that a channel was killed for
 */
struct nouveau_svm_death {
	/** @reason: why; SVM_REASON_NONE: it lives */
	enum nouveau_svm_reason reason;
	/** @access: what it wanted */
	enum nvkm_svm_access access;
	/** @addr: where */
	u64 addr;
	/** @type: the hardware's fault type */
	u8 type;
};

/**
 * struct nouveau_svm_channel - a channel that runs in a VMM with SVM
 *
 * Protected by &nouveau_svm.lock.
 */
struct nouveau_svm_channel {
	/** @svmm: its VMM */
	struct nouveau_svmm *svmm;
	/** @inst: its instance, as packets name it */
	u64 inst;
	/** @chid: its number, for messages */
	int chid;
	/** @death: what it was killed for first; also its report in the log */
	struct nouveau_svm_death death;
	/**
	 * @suspect: address that the GPU must ask for once more, before its
	 * access is cancelled, and cancelled again; see
	 * nouveau_svm_service_cancel()
	 */
	u64 suspect;
	/** @suspect_age: &nouveau_svm.replays when @suspect was noted, plus 1 */
	u64 suspect_age;
	/** @suspect_access: what could not be served there */
	enum nvkm_svm_access suspect_access;
};

/**
 * struct nouveau_svm_fault - a coalesced fault
 */
struct nouveau_svm_fault {
	/** @packet: the strongest access */
	struct nvkm_svm_packet packet;
	/** @age: &nouveau_svm.replays when the packet was drained */
	u64 age;
	/** @reason: if set, cancel */
	enum nouveau_svm_reason reason;
	/** @done: nothing is left to do */
	bool done;
	/** @first: the first one of its range; it leads to the others */
	bool first;
	/** @next: the next one of the same range */
	u16 next;
	/** @next_page: the next one in &nouveau_svm_batch.pages */
	u16 next_page;
	/** @next_block: for a first one: the next in &nouveau_svm_batch.blocks */
	u16 next_block;
};

/**
 * struct nouveau_svm_batch - faults of one VMM
 */
struct nouveau_svm_batch {
	/** @nr: how many */
	int nr;
	/**
	 * @missed: an access found no room; a replay, which hints alone do not
	 * cause, has to make up for it
	 */
	bool missed;
	/** @pages: the faults by instance and page; 0 ends a list */
	u16 pages[NOUVEAU_SVM_BATCH_MAX];
	/** @blocks: first faults, by instance and what can be a range at most */
	u16 blocks[NOUVEAU_SVM_BATCH_MAX];
	/** @faults: those of a range one after the other, unless they wait */
	struct nouveau_svm_fault faults[NOUVEAU_SVM_BATCH_MAX];
};

/**
 * enum nouveau_svm_need - what a page of a range is wanted for
 */
enum nouveau_svm_need {
	/** @SVM_NEED_AROUND: map it if the CPU has it */
	SVM_NEED_AROUND,
	/** @SVM_NEED_READ: the GPU reads it */
	SVM_NEED_READ,
	/** @SVM_NEED_WRITE: the GPU writes it */
	SVM_NEED_WRITE,
};

/**
 * struct nouveau_svm_walk - getting the pages of one range
 *
 * Too big for a stack; each VMM has one, protected by &nouveau_svmm.lock.
 */
struct nouveau_svm_walk {
	/** @invals: &nouveau_svm_range.invals when the walk began */
	unsigned long invals;
	/** @flags: NVKM_SVM_PTE_ATOMIC or 0, for all pages */
	u32 flags;
	/** @look: pages to look at; @pfns tells of these alone */
	DECLARE_BITMAP(look, NOUVEAU_SVM_RANGE_PAGES);
	/** @wanted: pages that the GPU has asked for */
	DECLARE_BITMAP(wanted, NOUVEAU_SVM_RANGE_PAGES);
	/** @need: those of @look that have to be there, to be read at least */
	DECLARE_BITMAP(need, NOUVEAU_SVM_RANGE_PAGES);
	/** @write: those of @need that are written */
	DECLARE_BITMAP(write, NOUVEAU_SVM_RANGE_PAGES);
	/** @ahead: pages that are likely to be wanted soon, if they are not there */
	DECLARE_BITMAP(ahead, NOUVEAU_SVM_RANGE_PAGES);
	/** @tried: those of @need that were not there, and should be now */
	DECLARE_BITMAP(tried, NOUVEAU_SVM_RANGE_PAGES);
	/** @err: for pages of @wanted, why one could not be had */
	s16 err[NOUVEAU_SVM_RANGE_PAGES];
	/**
	 * @huge: what HMM would find for the first page, if the CPU has all of
	 * the range, and the GPU nothing, in one entry; then @pfns is not used
	 */
	unsigned long huge;
	/** @pfns: what HMM found, which leaves none that it is asked for as it was */
	unsigned long pfns[NOUVEAU_SVM_RANGE_PAGES];
	/** @piece: for each &enum nvkm_svm_size, where a GPU page begins */
	DECLARE_BITMAP(piece[NVKM_SVM_SIZES], NOUVEAU_SVM_RANGE_PAGES);
	/** @sizes: BIT() of each size that has any */
	unsigned int sizes;
	/** @ptes: what to tell the GPU */
	struct nvkm_svm_pte ptes[NOUVEAU_SVM_RANGE_PAGES];
};

/**
 * struct nouveau_svm_refault - what a process may spend on refaults
 */
struct nouveau_svm_refault {
	/**
	 * @paid: ktime_get_ns() up to which time is spent; others make room for
	 * a refault if it lies back.  0: nothing has moved yet
	 */
	u64 paid;
	/** @bytes: how much has moved to VRAM so far */
	u64 bytes;
	/** @ns: how long that took */
	u64 ns;
};

/* Pages for which the CPU is kept waiting at one time. */
#define NOUVEAU_SVM_TURN_PAGES		64u

/**
 * struct nouveau_svm_turn - what CPU and GPU both want for atomics
 */
struct nouveau_svm_turn {
	/** @nr: how many were noted; all but the latest are forgotten */
	unsigned int nr;
	/** @noted: jiffies when one was last */
	unsigned long noted;
	/** @due: one was noted since the GPU last had all of them */
	bool due;
	/** @addr: pages */
	u64 addr[NOUVEAU_SVM_TURN_PAGES];
};

/**
 * struct nouveau_svmm - a VMM bound to the address space of a process
 */
struct nouveau_svmm {
	/** @gpusvm: notifiers and ranges */
	struct drm_gpusvm gpusvm;
	/** @svm: the device */
	struct nouveau_svm *svm;
	/** @head: in &nouveau_svm.svmms */
	struct list_head head;
	/** @vmm: the GPU's address space */
	struct nvkm_vmm *vmm;
	/** @unmanaged: where buffers live; never mirrored */
	struct {
		/** @unmanaged.start: first byte */
		u64 start;
		/** @unmanaged.limit: end */
		u64 limit;
	} unmanaged;
	/** @advices: what the process has advised */
	struct nouveau_svm_advices advices;
	/** @pid: who called SVM_INIT, for messages */
	pid_t pid;
	/** @comm: its name */
	char comm[TASK_COMM_LEN];

	/**
	 * @lock: protects the set of ranges (as a whole, for those who change
	 * it) and @walk.  Held while pages are waited for by this VMM's worker,
	 * which may take for ever: others take it with nothing else locked, and
	 * such that a signal ends that, or in fini.
	 */
	struct mutex lock;
	/** @walk: scratch of who has @lock */
	struct nouveau_svm_walk *walk;
	/** @moved: bytes that the worker has moved to VRAM in this pass */
	u64 moved;
	/** @refault: what refaults may cost; @lock */
	struct nouveau_svm_refault refault;
	/** @turn: what the GPU shall have at one time; @lock */
	struct nouveau_svm_turn turn;

	/** @worker: serves faults; SIGKILL ends its waits */
	struct kthread_worker *worker;
	/** @work: serves @pending, then collects ranges */
	struct kthread_work work;
	/** @retry: ends the stay of ranges in RAM */
	struct kthread_delayed_work retry;
	/** @ahead: maps @again */
	struct kthread_delayed_work ahead;
	/** @pending: faults that wait; &nouveau_svm.lock */
	struct nouveau_svm_batch *pending;
	/**
	 * @active: faults being served.  Only the worker changes it, and under
	 * &nouveau_svm.lock where others look (@nr, address, access).
	 */
	struct nouveau_svm_batch *active;
	/**
	 * @closing: the file is being closed: nothing is mapped any more, and
	 * faults are cancelled silently.  Set once, never cleared.
	 */
	bool closing;
	/** @suspicious: a channel may have a suspect; for the worker alone */
	bool suspicious;
	/**
	 * @killable: the worker listens to SIGKILL; only the worker itself
	 * looks at it.
	 */
	bool killable;
	/**
	 * @passes: odd while the worker holds a reference to the address space,
	 * another number each time; changed by the worker alone
	 */
	unsigned int passes;

	/**
	 * @ranges: all ranges that are prepared, by address; notifier lock, for
	 * writing by who changes it
	 */
	struct rb_root_cached ranges;
	/** @garbage: ranges to be removed; notifier lock, write */
	struct list_head garbage;
	/** @again: ranges to be mapped again; notifier lock, write */
	struct list_head again;
	/** @stopped: the worker takes no more work; notifier lock, write */
	bool stopped;
	/**
	 * @lost: a flush timed out, there is no GPU.  Set once, under the
	 * notifier lock, and never cleared
	 */
	bool lost;
	/** @buried: the channels of a lost VMM are dead; for the worker alone */
	bool buried;
	/**
	 * @contended: jiffies when the CPU last took a page back from atomics;
	 * 0: never.  Notifier lock, write; read without a lock
	 */
	unsigned long contended;
	/**
	 * @crowded_until: ktime_get_ns() until when nothing goes to VRAM, as the
	 * process's control group is at its limit.  Read without a lock.
	 */
	u64 crowded_until;
};

/**
 * struct nouveau_svm_bounce - whether CPU and GPU quarrel over a range
 *
 * Points in time are ktime_get_ns().
 */
struct nouveau_svm_bounce {
	/** @began: when a fault last began to move it to VRAM */
	u64 began;
	/** @arrived: when it had come there; 0: not since */
	u64 arrived;
	/** @cost: how long it must stay for this to be worth it, in ns */
	u64 cost;
	/** @epoch: when @count began */
	u64 epoch;
	/** @stay_until: it stays in RAM until then; 0: it does not */
	u64 stay_until;
	/** @count: bounces */
	unsigned int count;
	/** @fought: jiffies when the CPU last took a page back from atomics */
	unsigned long fought;
	/** @moving: it is on its way to VRAM */
	bool moving;
	/** @visited: pieces that were in VRAM since the CPU last fetched some */
	u32 visited;
};

/**
 * struct nouveau_svm_range - pages of a process that the GPU may have mapped
 *
 * A window of the address space, not a piece of a VMA: holes, read-only pages
 * and other VMAs in it are all right.  Protected by the notifier lock: held
 * for reading by the VMM's worker (there is one, and nobody else adds pages),
 * for writing by whoever takes pages away.
 */
struct nouveau_svm_range {
	/** @base: what drm_gpusvm knows of it */
	struct drm_gpusvm_range base;
	/** @node: first and last byte; in &nouveau_svmm.ranges once prepared */
	struct interval_tree_node node;
	/** @garbage: in &nouveau_svmm.garbage */
	struct list_head garbage;
	/** @again: in &nouveau_svmm.again */
	struct list_head again;
	/** @tries: how often it may yet be mapped again */
	unsigned int tries;
	/** @pt: its page tables */
	struct nvkm_svm_pt *pt;
	/** @npages: its size; 0: not prepared */
	unsigned int npages;
	/** @size_max: the largest GPU page it may have; for the worker alone */
	enum nvkm_svm_size size_max;
	/**
	 * @invals: how many events have hit it.  A walk whose count is still
	 * the same holds true: what mmu_interval_read_retry() says of a whole
	 * notifier, for one range.
	 */
	unsigned long invals;
	/** @bounce: what is known of ping-pong */
	struct nouveau_svm_bounce bounce;
	/**
	 * @alone: a look farther around than usual found nothing there, or one
	 * beside a huge page found none; for the worker alone
	 */
	bool alone;
	/** @stuck: pieces that could not go to VRAM; for the worker alone */
	u32 stuck;
	/** @stuck_until: jiffies when they are tried again; likewise */
	unsigned long stuck_until;
	/** @mapped: pages that are mapped */
	DECLARE_BITMAP(mapped, NOUVEAU_SVM_RANGE_PAGES);
	/**
	 * @page: for each mapped page DMA address | NVKM_SVM_PTE_* | size of
	 * the GPU page that it is a part of.  NULL: there never was any smaller
	 * than the range; for the worker alone while none is mapped
	 */
	u64 *page;
	/** @huge: the same for a page as large as the largest range; or 0 */
	u64 huge;
};

/**
 * struct nouveau_svm_where - where memory is, in pages
 */
struct nouveau_svm_where {
	/** @vram: in VRAM */
	u64 vram;
	/** @ram: in RAM */
	u64 ram;
	/** @mapped: wherever, mapped for the GPU */
	u64 mapped;
};

/* Where &nouveau_svm_range.page has the size. */
#define NOUVEAU_SVM_PAGE_SIZE		GENMASK_ULL(9, 8)

/*
 * Nobody but the worker uses the address space: its process is dead.  Only if
 * the worker has had its reference all the time is the only user the worker; when
 * it has just dropped that, it is the process.
 */
static inline bool
nouveau_svmm_orphaned(const struct nouveau_svmm *svmm)
{
	/* Pairs with smp_store_mb() in the worker, at both ends of a pass. */
	const unsigned int pass = READ_ONCE(svmm->passes);
	int users;

	smp_rmb(); /* first the pass, then its users */
	users = atomic_read(&svmm->gpusvm.mm->mm_users);
	smp_rmb(); /* and the pass again */
	return users == 1 && pass & 1 && READ_ONCE(svmm->passes) == pass;
}

static inline struct nouveau_svmm *
nouveau_svmm(struct drm_gpusvm *gpusvm)
{
	return container_of(gpusvm, struct nouveau_svmm, gpusvm);
}

static inline struct nouveau_svm_range *
nouveau_svm_range(struct drm_gpusvm_range *base)
{
	return container_of(base, struct nouveau_svm_range, base);
}

static inline struct nouveau_svmm *
nouveau_svm_range_svmm(struct nouveau_svm_range *range)
{
	return nouveau_svmm(range->base.gpusvm);
}

static inline u64
nouveau_svm_range_addr(struct nouveau_svm_range *range, unsigned int page)
{
	return drm_gpusvm_range_start(&range->base) + ((u64)page << PAGE_SHIFT);
}

static inline unsigned int
nouveau_svm_range_page(struct nouveau_svm_range *range, u64 addr)
{
	return (addr - drm_gpusvm_range_start(&range->base)) >> PAGE_SHIFT;
}

static inline unsigned int
nouveau_svm_size_pages(enum nvkm_svm_size size)
{
	static const u16 pages[] = {
		[NVKM_SVM_4K] = 1,
		[NVKM_SVM_64K] = SZ_64K >> PAGE_SHIFT,
		[NVKM_SVM_2M] = SZ_2M >> PAGE_SHIFT,
	};

	return pages[size];
}

/* What a walk has found for a page that it has looked at. */
static inline unsigned long
nouveau_svm_walk_pfn(const struct nouveau_svm_walk *walk, unsigned int page)
{
	return walk->huge ? walk->huge + page : walk->pfns[page];
}

/* &nouveau_svm_range.page of a mapped page. */
static inline u64
nouveau_svm_range_entry(struct nouveau_svm_range *range, unsigned int page)
{
	if (range->huge)
		return range->huge + ((u64)page << PAGE_SHIFT);

	return range->page[page];
}

/* How many pages are mapped as one with a mapped page. */
static inline unsigned int
nouveau_svm_range_piece(struct nouveau_svm_range *range, unsigned int page)
{
	const u64 entry = nouveau_svm_range_entry(range, page);

	return nouveau_svm_size_pages(FIELD_GET(NOUVEAU_SVM_PAGE_SIZE, entry));
}

/*
 * Processes that share a page map it once each, for as long as they like, while
 * the CPU uses it: there is no moment to sync it at, and a bounce buffer would
 * be another page.
 */
#define NOUVEAU_SVM_DMA_ATTRS		DMA_ATTR_REQUIRE_COHERENT

static inline enum dma_data_direction
nouveau_svm_range_dir(u64 page)
{
	return page & NVKM_SVM_PTE_WRITE ? DMA_BIDIRECTIONAL : DMA_TO_DEVICE;
}

static inline void
nouveau_svm_stat_add(struct nouveau_svm *svm, enum nouveau_svm_stat stat,
		     s64 count)
{
	atomic64_add(count, &svm->stats[stat]);
}

static inline void
nouveau_svm_stat_inc(struct nouveau_svm *svm, enum nouveau_svm_stat stat)
{
	nouveau_svm_stat_add(svm, stat, 1);
}

/* Of those that are a maximum. */
static inline void
nouveau_svm_stat_raise(struct nouveau_svm *svm, enum nouveau_svm_stat stat,
		       s64 value)
{
	s64 most = atomic64_read(&svm->stats[stat]);

	while (value > most &&
	       !atomic64_try_cmpxchg(&svm->stats[stat], &most, value))
		;
}

/* nouveau_svm.c */
struct nouveau_svm_channel *nouveau_svm_channel(struct nouveau_svm *svm,
						u64 inst);
struct nouveau_svmm *nouveau_svmm_new(struct nouveau_svm *svm,
				      struct nvkm_vmm *vmm, u64 hole_start,
				      u64 hole_limit);
void nouveau_svmm_death_of(struct nouveau_svmm *svmm, u64 inst,
			   struct nouveau_svm_death *death);
bool nouveau_svmm_window(struct nouveau_svmm *svmm, u64 addr,
			 unsigned long *start, unsigned long *end);
void nouveau_svmm_flush(struct nouveau_svmm *svmm);
struct device *nouveau_svmm_dev(struct nouveau_svmm *svmm);

/* nouveau_svm_fault.c */
struct nouveau_svm_batch *nouveau_svm_batch_new(void);
struct nouveau_svm_fault *
nouveau_svm_batch_find(struct nouveau_svm_batch *batch,
		       const struct nvkm_svm_packet *packet);
bool nouveau_svm_batch_add(struct nouveau_svm_batch *batch,
			   const struct nouveau_svm_fault *fault);
int nouveau_svm_batch_clear(struct nouveau_svm_batch *batch);
void nouveau_svm_batch_move(struct nouveau_svm_batch *to,
			    struct nouveau_svm_batch *from);
void nouveau_svm_batch_keep(struct nouveau_svm_batch *batch);

void nouveau_svm_fault_work(struct work_struct *work);
void nouveau_svm_fault_drain(struct nouveau_svm *svm);
void nouveau_svm_fault_replay(struct nouveau_svm *svm);
void nouveau_svm_fault_replay_now(struct nouveau_svm *svm);
bool nouveau_svm_fault_take(struct nouveau_svmm *svmm);

/* nouveau_svm_service.c */
void nouveau_svm_service_work(struct kthread_work *work);

/* nouveau_svm_range.c */
extern const struct drm_gpusvm_ops nouveau_svm_range_ops;
int nouveau_svm_range_prepare(struct nouveau_svm_range *range);
void nouveau_svm_range_whole(struct nouveau_svm_range *range,
			     unsigned int *first, unsigned int *last);
bool nouveau_svm_range_zap(struct nouveau_svm_range *range, unsigned int first,
			   unsigned int last);
void nouveau_svm_range_unmap(struct nouveau_svm_range *range,
			     unsigned int first, unsigned int last);
void nouveau_svm_range_collect(struct nouveau_svmm *svmm);
void nouveau_svm_range_part(struct nouveau_svm_range *range, u64 start,
			    u64 end, unsigned int *first, unsigned int *last);
struct nouveau_svm_range *
nouveau_svm_range_first(struct nouveau_svmm *svmm, u64 start, u64 end);
struct nouveau_svm_range *
nouveau_svm_range_next(struct nouveau_svm_range *range, u64 start, u64 end);
void nouveau_svm_range_zap_part(struct nouveau_svmm *svmm, u64 start, u64 end);
void nouveau_svm_range_zap_all(struct nouveau_svmm *svmm);

/* nouveau_svm_map.c */
bool nouveau_svm_map_covers(struct nouveau_svm_range *range,
			    const struct nvkm_svm_packet *packet);
bool nouveau_svm_map_current(struct nouveau_svm_range *range,
			     struct nouveau_svm_walk *walk);
int nouveau_svm_map_commit(struct nouveau_svm_range *range,
			   struct nouveau_svm_walk *walk,
			   struct nouveau_svm_fault *faults, int nr);

/* nouveau_svm_walk.c */
void nouveau_svm_walk_clear(struct nouveau_svm_walk *walk);
void nouveau_svm_walk_single(struct nouveau_svm_walk *walk, unsigned int i);
void nouveau_svm_walk_begin(struct nouveau_svm_range *range,
			    struct nouveau_svm_walk *walk);
void nouveau_svm_walk_add(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk, unsigned int first,
			  unsigned int count);
void nouveau_svm_walk_get(struct nouveau_svm_range *range,
			  struct nouveau_svm_walk *walk);
int nouveau_svm_walk_hmm(struct nouveau_svm_range *range,
			 struct nouveau_svm_walk *walk, unsigned int first,
			 unsigned int last, enum nouveau_svm_need need);

/* nouveau_svm_pages.c */
void nouveau_svm_pages_service(struct nouveau_svm_range *range,
			       struct nouveau_svm_fault *faults, int nr);
void nouveau_svm_pages_judge(struct nouveau_svmm *svmm,
			     struct nouveau_svm_fault *fault, int err);

/* nouveau_svm_beside.c */
void nouveau_svm_beside_map(struct nouveau_svm_range *range);

/* nouveau_svm_exclusive.c */
int nouveau_svm_exclusive_page(struct nouveau_svm_range *range,
			       struct nouveau_svm_walk *walk,
			       struct nouveau_svm_fault *fault);
void nouveau_svm_exclusive_turn(struct nouveau_svmm *svmm);

/* nouveau_svm_policy.c */
void nouveau_svm_policy_begin(struct nouveau_svmm *svmm);
bool nouveau_svm_policy_enough(struct nouveau_svmm *svmm);
void nouveau_svm_policy_apply(struct nouveau_svm_range *range,
			      const struct nouveau_svm_fault *faults, int nr);
bool nouveau_svm_policy_stays(struct nouveau_svmm *svmm, unsigned long addr);
void nouveau_svm_policy_prepare(struct nouveau_svm *svm);
void nouveau_svm_policy_settle(struct nouveau_svm *svm, bool settled);
void nouveau_svm_policy_crowded(struct nouveau_svm *svm, struct mm_struct *mm);

/* nouveau_svm_bounce.c */
void nouveau_svm_bounce_begin(struct nouveau_svm_range *range);
void nouveau_svm_bounce_end(struct nouveau_svm_range *range, u32 pieces);
bool nouveau_svm_bounce_stays(struct nouveau_svm_range *range);
void nouveau_svm_bounce_event(struct nouveau_svm_range *range,
			      const struct mmu_notifier_range *event);
void nouveau_svm_bounce_stay(struct nouveau_svm_range *range, u64 until);
void nouveau_svm_bounce_work(struct kthread_work *work);

/* nouveau_svm_refault.c */
bool nouveau_svm_refault_may_evict(struct nouveau_svm_range *range);
void nouveau_svm_refault_moved(struct nouveau_svmm *svmm, u64 bytes, u64 ns,
			       bool again);
void nouveau_svm_refault_stay(struct nouveau_svm_range *range);

/* nouveau_svm_migrate.c */
int nouveau_svm_migrate(struct nouveau_svmm *svmm, u64 start, u64 end,
			bool to_vram, u64 *moved);

/* nouveau_svm_ioctl.c */
struct nouveau_svmm *nouveau_svmm_get(struct nouveau_cli *cli);

/* nouveau_svm_query.c */
int nouveau_svm_query(struct nouveau_svmm *svmm, unsigned long start,
		      unsigned long end, struct nouveau_svm_where *where);

/* nouveau_svm_prefetch.c */
int nouveau_svm_prefetch(struct nouveau_svmm *svmm, unsigned long start,
			 unsigned long end, bool to_vram);
int nouveau_svm_prefetch_there(struct nouveau_svmm *svmm, unsigned long start,
			       unsigned long end, bool populate);
void nouveau_svm_prefetch_again(struct nouveau_svm_range *range, u64 start,
				u64 end);
void nouveau_svm_prefetch_moved(struct nouveau_svmm *svmm, u64 start, u64 end);
void nouveau_svm_prefetch_work(struct kthread_work *work);
int nouveau_svm_discard(struct nouveau_svmm *svmm, unsigned long start,
			unsigned long end);

/* nouveau_svm_debugfs.c */
void nouveau_svm_debugfs_init(struct nouveau_svm *svm);

#endif
