// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual NVIDIA GPU: the PCI device.
 *
 * A thin shell around the library in core/, which knows nothing of QEMU.
 * This file maps BARs, moves DMA, MSI and time, and runs the engines on a
 * thread of their own, so that GPU and guest CPUs race for real; or, with
 * stepped=on, on the guest's clock (nvgpu_step.c).
 *
 * Locking: the library is serialised by @lock.  Order: @lock > the BQL, since
 * a DMA access that the IOMMU refuses raises an interrupt from under @lock.
 * So nothing waits for @lock with the BQL held: register accesses drop it,
 * timers and resets only leave a note for the engine thread.  @wake_lock is
 * innermost.  Stepped, there is no thread, and the BQL is the only lock.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/memalign.h"
#include "qemu/module.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "qom/object.h"
#include "hw/pci/msi.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pci_ids.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "system/system.h"
#include "core/nvgpu.h"
#include "nvgpu_mark.h"
#include "nvgpu_step.h"

#define TYPE_NVGPU "nvgpu"
OBJECT_DECLARE_SIMPLE_TYPE(NvGpuPci, NVGPU)

#define NVGPU_REVISION		0xa1
#define NVGPU_SUBSYSTEM		0x118f	/* Tesla P100-PCIE-16GB */
#define NVGPU_PM_CAP		0x60
#define NVGPU_PM_VERSION	3	/* of the interface: 1.2 */
#define NVGPU_MSI_CAP		0x68
#define NVGPU_PCIE_CAP		0x78

/* PCI BARs of what nouveau calls BAR0, BAR1, BAR2. */
#define NVGPU_PCI_BAR0		0
#define NVGPU_PCI_BAR1		1
#define NVGPU_PCI_BAR2		3

/* Methods and warp instructions per turn of the engine thread under @lock. */
#define NVGPU_SLICE		512
/* Pause before an unfulfilled semaphore is looked at again. */
#define NVGPU_POLL_MS		1

/* Notes left for the engine thread. */
#define NVGPU_NOTE_WORK		(1u << 0)
#define NVGPU_NOTE_ALARM	(1u << 1)
#define NVGPU_NOTE_RESET	(1u << 2)
#define NVGPU_NOTE_STOP		(1u << 3)

typedef struct NvGpuBar {
	MemoryRegion mr;
	struct NvGpuPci *s;
	int index;
} NvGpuBar;

struct NvGpuPci {
	PCIDevice pdev;
	NvGpuBar bar[3];

	struct nvgpu *gpu;
	QemuMutex lock;
	/* CPUs that wait for @lock; the engine thread lets them have it soon. */
	int waiters;

	QemuThread thread;
	QemuMutex wake_lock;
	QemuCond wake;
	uint32_t notes;

	/* Instead of all of the above, if @stepped. */
	NvGpuStep step;

	QEMUBH *msi_bh;
	QEMUTimer *alarm;
	Notifier exit;

	/* properties */
	struct nvgpu_config config;
	char *chip;
	uint32_t vram_mb;
	uint8_t log_level;
	char *counters_path;
	bool stepped;
	char *marks_path;
};

/* ---- notes for the engine thread ---------------------------------------- */

static void nvgpu_note(NvGpuPci *s, uint32_t note)
{
	qemu_mutex_lock(&s->wake_lock);
	s->notes |= note;
	qemu_cond_signal(&s->wake);
	qemu_mutex_unlock(&s->wake_lock);
}

static uint32_t nvgpu_take_notes(NvGpuPci *s, enum nvgpu_run_result result)
{
	uint32_t notes;

	qemu_mutex_lock(&s->wake_lock);
	while (!s->notes && result == NVGPU_RUN_IDLE)
		qemu_cond_wait(&s->wake, &s->wake_lock);
	if (!s->notes && result == NVGPU_RUN_POLL)
		qemu_cond_timedwait(&s->wake, &s->wake_lock, NVGPU_POLL_MS);
	notes = s->notes;
	s->notes &= NVGPU_NOTE_RESET;
	qemu_mutex_unlock(&s->wake_lock);
	return notes;
}

/*
 * Power has been off.  Before anything else happens to the GPU, whoever is
 * the first to do something to it; with @lock held.
 */
static void nvgpu_reset_if_noted(NvGpuPci *s)
{
	bool noted;

	if (!(qatomic_read(&s->notes) & NVGPU_NOTE_RESET))
		return;
	qemu_mutex_lock(&s->wake_lock);
	noted = s->notes & NVGPU_NOTE_RESET;
	s->notes &= ~NVGPU_NOTE_RESET;
	qemu_mutex_unlock(&s->wake_lock);
	if (noted)
		nvgpu_reset(s->gpu);
}

static void *nvgpu_engines(void *opaque)
{
	enum nvgpu_run_result result = NVGPU_RUN_IDLE;
	NvGpuPci *s = opaque;
	uint32_t notes;

	rcu_register_thread();
	for (;;) {
		notes = nvgpu_take_notes(s, result);
		if (notes & NVGPU_NOTE_STOP)
			break;
		while (qatomic_read(&s->waiters))
			sched_yield();
		qemu_mutex_lock(&s->lock);
		nvgpu_reset_if_noted(s);
		if (notes & NVGPU_NOTE_ALARM)
			nvgpu_alarm(s->gpu);
		result = nvgpu_run(s->gpu, NVGPU_SLICE);
		qemu_mutex_unlock(&s->lock);
	}
	rcu_unregister_thread();
	return NULL;
}

/* ---- BARs ---------------------------------------------------------------- */

/*
 * Take the library's lock from a vCPU.  The BQL is dropped meanwhile: see
 * Locking above.
 */
static void nvgpu_enter(NvGpuPci *s)
{
	if (s->stepped)
		return;
	bql_unlock();
	qatomic_inc(&s->waiters);
	qemu_mutex_lock(&s->lock);
	qatomic_dec(&s->waiters);
	nvgpu_reset_if_noted(s);
}

static void nvgpu_leave(NvGpuPci *s)
{
	if (s->stepped)
		return;
	qemu_mutex_unlock(&s->lock);
	bql_lock();
}

static uint64_t nvgpu_bar_mr_read(void *opaque, hwaddr addr,
				  unsigned int size)
{
	NvGpuBar *bar = opaque;
	uint64_t val;

	nvgpu_enter(bar->s);
	val = nvgpu_bar_read(bar->s->gpu, bar->index, addr, size);
	nvgpu_leave(bar->s);
	return val;
}

static void nvgpu_bar_mr_write(void *opaque, hwaddr addr, uint64_t val,
			       unsigned int size)
{
	NvGpuBar *bar = opaque;

	nvgpu_enter(bar->s);
	nvgpu_bar_write(bar->s->gpu, bar->index, addr, val, size);
	nvgpu_leave(bar->s);
}

static const MemoryRegionOps nvgpu_bar_ops = {
	.read = nvgpu_bar_mr_read,
	.write = nvgpu_bar_mr_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min_access_size = 1, .max_access_size = 8 },
	.impl = { .min_access_size = 1, .max_access_size = 8 },
};

/* ---- what the library asks for ------------------------------------------- */

/*
 * The RAM behind a bus address, NULL if the IOMMU refuses or there is none.
 * The GPU reaches memory only: a peer's registers would need the BQL.
 */
static MemoryRegion *nvgpu_ram(NvGpuPci *s, hwaddr addr, hwaddr *xlat,
			       hwaddr *len, bool write)
{
	MemoryRegion *mr;

	mr = address_space_translate(pci_get_address_space(&s->pdev), addr,
				     xlat, len, write, MEMTXATTRS_UNSPECIFIED);
	return memory_access_is_direct(mr, write, MEMTXATTRS_UNSPECIFIED) ?
		mr : NULL;
}

static bool nvgpu_dma_ok(NvGpuPci *s, uint64_t addr, size_t len, bool write)
{
	hwaddr xlat, part;

	RCU_READ_LOCK_GUARD();
	for (; len; addr += part, len -= part) {
		part = len;
		if (!nvgpu_ram(s, addr, &xlat, &part, write))
			return false;
	}
	return true;
}

/*
 * An IOMMU that refuses an access tells the guest, by an interrupt, for which
 * the BQL must be held; the library calls without it.  True: it was taken.
 */
static bool nvgpu_bql_for_iommu(NvGpuPci *s)
{
	if (pci_device_iommu_address_space(&s->pdev) == &address_space_memory ||
	    bql_locked())
		return false;
	bql_lock();
	return true;
}

static bool nvgpu_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	NvGpuPci *s = opaque;
	bool locked = nvgpu_bql_for_iommu(s), ok;

	ok = nvgpu_dma_ok(s, addr, len, false) &&
		pci_dma_read(&s->pdev, addr, buf, len) == MEMTX_OK;
	if (locked)
		bql_unlock();
	return ok;
}

static bool nvgpu_dma_write(void *opaque, uint64_t addr, const void *buf,
			    size_t len)
{
	NvGpuPci *s = opaque;
	bool locked = nvgpu_bql_for_iommu(s), ok;

	ok = nvgpu_dma_ok(s, addr, len, true) &&
		pci_dma_write(&s->pdev, addr, buf, len) == MEMTX_OK;
	if (locked)
		bql_unlock();
	return ok;
}

static void nvgpu_send_msi(void *opaque)
{
	NvGpuPci *s = opaque;

	if (msi_enabled(&s->pdev))
		msi_notify(&s->pdev, 0);
}

static void nvgpu_msi(void *opaque)
{
	NvGpuPci *s = opaque;

	if (s->stepped)
		nvgpu_step_msi(&s->step);
	else
		qemu_bh_schedule(s->msi_bh);
}

static uint64_t nvgpu_now_ns(void *opaque)
{
	return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void nvgpu_alarm_cb(void *opaque)
{
	NvGpuPci *s = opaque;

	if (s->stepped)
		nvgpu_alarm(s->gpu);
	else
		nvgpu_note(s, NVGPU_NOTE_ALARM);
}

static void nvgpu_set_alarm(void *opaque, uint64_t deadline_ns)
{
	NvGpuPci *s = opaque;

	if (deadline_ns > INT64_MAX)
		timer_del(s->alarm);
	else
		timer_mod(s->alarm, deadline_ns);
}

static void nvgpu_kick_engines(void *opaque)
{
	NvGpuPci *s = opaque;

	if (!s->stepped)
		nvgpu_note(s, NVGPU_NOTE_WORK);
	else if (s->step.timer)
		nvgpu_step_kick(&s->step);
}

static bool nvgpu_has_waiters(void *opaque)
{
	NvGpuPci *s = opaque;

	return qatomic_read(&s->waiters);
}

static void nvgpu_print(void *opaque, enum nvgpu_log_level level,
			const char *msg)
{
	fprintf(stderr, "nvgpu: %s%s\n",
		level == NVGPU_LOG_ERROR ? "error: " : "", msg);
}

static const struct nvgpu_host_ops nvgpu_pci_ops = {
	.dma_read	= nvgpu_dma_read,
	.dma_write	= nvgpu_dma_write,
	.msi		= nvgpu_msi,
	.now_ns		= nvgpu_now_ns,
	.set_alarm	= nvgpu_set_alarm,
	.kick		= nvgpu_kick_engines,
	.wanted		= nvgpu_has_waiters,
	.log		= nvgpu_print,
};

/* ---- counters ------------------------------------------------------------ */

/* Not under @lock: at exit the engine thread may hold it for good. */
static void nvgpu_write_counters(Notifier *n, void *data)
{
	NvGpuPci *s = container_of(n, NvGpuPci, exit);
	FILE *f;

	if (!s->counters_path)
		return;
	f = fopen(s->counters_path, "w");
	if (!f) {
		error_report("nvgpu: %s: %s", s->counters_path,
			     strerror(errno));
		return;
	}
	nvgpu_counters_print(s->gpu, f);
	fclose(f);
}

/* ---- the device ---------------------------------------------------------- */

static void nvgpu_add_bar(NvGpuPci *s, int index, int region, uint64_t size,
			  uint8_t type)
{
	NvGpuBar *bar = &s->bar[index];
	char name[32];

	snprintf(name, sizeof(name), "nvgpu-bar%d", index);
	bar->s = s;
	bar->index = index;
	memory_region_init_io(&bar->mr, OBJECT(s), &nvgpu_bar_ops, bar, name,
			      size);
	/* Several vCPUs are in here at once, as nvgpu_enter() drops the BQL. */
	bar->mr.disable_reentrancy_guard = true;
	pci_register_bar(&s->pdev, region, type, &bar->mr);
}

/*
 * Power management, PCI Bus Power Management Interface 1.2: D0 and D3hot.
 * Whoever comes back from D3 has lost everything: PMCSR's No_Soft_Reset is 0.
 */
static bool nvgpu_add_pm(PCIDevice *pdev, Error **errp)
{
	if (pci_pm_init(pdev, NVGPU_PM_CAP, errp) < 0)
		return false;
	pci_set_word(pdev->config + NVGPU_PM_CAP + PCI_PM_PMC,
		     NVGPU_PM_VERSION);
	pci_set_word(pdev->wmask + NVGPU_PM_CAP + PCI_PM_CTRL,
		     PCI_PM_CTRL_STATE_MASK);
	return true;
}

static bool nvgpu_has_power(PCIDevice *pdev)
{
	return !(pci_get_word(pdev->config + NVGPU_PM_CAP + PCI_PM_CTRL) &
		 PCI_PM_CTRL_STATE_MASK);
}

/* VRAM and registers do not survive this. */
static void nvgpu_lose_power(NvGpuPci *s)
{
	if (s->stepped)
		nvgpu_reset(s->gpu);
	else
		nvgpu_note(s, NVGPU_NOTE_RESET);
}

static void nvgpu_config_write(PCIDevice *pdev, uint32_t addr, uint32_t val,
			       int len)
{
	bool had_power = nvgpu_has_power(pdev);
	NvGpuPci *s = NVGPU(pdev);

	pci_default_write_config(pdev, addr, val, len);
	if (!had_power && nvgpu_has_power(pdev))
		nvgpu_lose_power(s);
	if (s->marks_path && addr == NVGPU_MARK_OFFSET)
		nvgpu_mark(s->gpu, s->marks_path, val);
}

static bool nvgpu_new_core(NvGpuPci *s, Error **errp)
{
	const char *err = NULL;

	s->config.chip = s->chip;
	s->config.vram_size = s->vram_mb * MiB;
	s->config.log_level = s->log_level;
	s->gpu = nvgpu_new(&s->config, &nvgpu_pci_ops, s, &err);
	if (!s->gpu)
		error_setg(errp, "nvgpu: %s", err ? err : "out of memory");
	return s->gpu;
}

static void nvgpu_realize(PCIDevice *pdev, Error **errp)
{
	const uint8_t pref64 = PCI_BASE_ADDRESS_MEM_PREFETCH |
		PCI_BASE_ADDRESS_MEM_TYPE_64;
	NvGpuPci *s = NVGPU(pdev);

	s->msi_bh = qemu_bh_new(nvgpu_send_msi, s);
	s->alarm = timer_new_ns(QEMU_CLOCK_VIRTUAL, nvgpu_alarm_cb, s);
	qemu_mutex_init(&s->lock);
	qemu_mutex_init(&s->wake_lock);
	qemu_cond_init(&s->wake);
	if (!nvgpu_new_core(s, errp))
		return;

	pci_config_set_device_id(pdev->config, nvgpu_pci_id(s->chip));
	pci_config_set_interrupt_pin(pdev->config, 1);
	if (pci_bus_is_express(pci_get_bus(pdev)))
		pcie_endpoint_cap_init(pdev, NVGPU_PCIE_CAP);
	if (!nvgpu_add_pm(pdev, errp))
		return;
	if (msi_init(pdev, NVGPU_MSI_CAP, 1, true, false, errp))
		return;

	nvgpu_add_bar(s, 0, NVGPU_PCI_BAR0, NVGPU_BAR0_SIZE, 0);
	nvgpu_add_bar(s, 1, NVGPU_PCI_BAR1, NVGPU_BAR1_SIZE, pref64);
	nvgpu_add_bar(s, 2, NVGPU_PCI_BAR2, NVGPU_BAR2_SIZE, pref64);

	s->exit.notify = nvgpu_write_counters;
	qemu_add_exit_notifier(&s->exit);
	if (s->stepped)
		nvgpu_step_init(&s->step, s->gpu, nvgpu_send_msi, s);
	else
		qemu_thread_create(&s->thread, "nvgpu", nvgpu_engines, s,
				   QEMU_THREAD_JOINABLE);
}

static void nvgpu_stop_engines(NvGpuPci *s)
{
	if (s->stepped) {
		nvgpu_step_fini(&s->step);
		return;
	}
	nvgpu_note(s, NVGPU_NOTE_STOP);
	bql_unlock();
	qemu_thread_join(&s->thread);
	bql_lock();
}

static void nvgpu_exit(PCIDevice *pdev)
{
	NvGpuPci *s = NVGPU(pdev);

	nvgpu_stop_engines(s);
	qemu_remove_exit_notifier(&s->exit);
	msi_uninit(pdev);
	timer_free(s->alarm);
	qemu_bh_delete(s->msi_bh);
	nvgpu_free(s->gpu);
	qemu_cond_destroy(&s->wake);
	qemu_mutex_destroy(&s->wake_lock);
	qemu_mutex_destroy(&s->lock);
}

/* VRAM and registers do not survive a reset, S3 included; nor D3, see above. */
static void nvgpu_pci_reset(DeviceState *dev)
{
	nvgpu_lose_power(NVGPU(dev));
}

static const Property nvgpu_props[] = {
	DEFINE_PROP_STRING("chip", NvGpuPci, chip),
	DEFINE_PROP_UINT32("vram-mb", NvGpuPci, vram_mb, 512),
	DEFINE_PROP_UINT32("channels", NvGpuPci, config.channels, 0),
	DEFINE_PROP_UINT32("fault-entries", NvGpuPci, config.fault_entries, 0),
	DEFINE_PROP_UINT8("fault-duplicates", NvGpuPci,
			  config.fault_duplicates, 0),
	DEFINE_PROP_UINT8("fault-late-valid", NvGpuPci,
			  config.fault_late_valid, 0),
	DEFINE_PROP_UINT32("fault-corrupt", NvGpuPci, config.fault_corrupt, 0),
	DEFINE_PROP_UINT32("invalidate-stuck", NvGpuPci, config.inval_stuck, 0),
	DEFINE_PROP_UINT32("copy-faults", NvGpuPci, config.copy_faults, 0),
	DEFINE_PROP_UINT8("msi-late", NvGpuPci, config.msi_late, 0),
	DEFINE_PROP_BOOL("preempt-stalled", NvGpuPci, config.preempt_stalled,
			 false),
	DEFINE_PROP_BOOL("preempt-cilp", NvGpuPci, config.preempt_cilp, false),
	DEFINE_PROP_UINT32("ctxsw-timeout-ms", NvGpuPci,
			   config.ctxsw_timeout_ms, 0),
	DEFINE_PROP_UINT64("seed", NvGpuPci, config.seed, 0),
	DEFINE_PROP_UINT8("log", NvGpuPci, log_level, NVGPU_LOG_ERROR),
	DEFINE_PROP_STRING("counters", NvGpuPci, counters_path),
	DEFINE_PROP_BOOL("stepped", NvGpuPci, stepped, false),
	DEFINE_PROP_STRING("marks", NvGpuPci, marks_path),
};

static void nvgpu_class_init(ObjectClass *class, void *data)
{
	DeviceClass *dc = DEVICE_CLASS(class);
	PCIDeviceClass *k = PCI_DEVICE_CLASS(class);

	k->realize = nvgpu_realize;
	k->exit = nvgpu_exit;
	k->config_write = nvgpu_config_write;
	k->vendor_id = PCI_VENDOR_ID_NVIDIA;
	k->revision = NVGPU_REVISION;
	k->subsystem_vendor_id = PCI_VENDOR_ID_NVIDIA;
	k->subsystem_id = NVGPU_SUBSYSTEM;
	k->class_id = PCI_CLASS_DISPLAY_3D;
	dc->desc = "Virtual NVIDIA GPU";
	device_class_set_legacy_reset(dc, nvgpu_pci_reset);
	device_class_set_props(dc, nvgpu_props);
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo nvgpu_info = {
	.name = TYPE_NVGPU,
	.parent = TYPE_PCI_DEVICE,
	.instance_size = sizeof(NvGpuPci),
	.class_init = nvgpu_class_init,
	.interfaces = (InterfaceInfo[]) {
		{ INTERFACE_PCIE_DEVICE },
		{ },
	},
};

static void nvgpu_register(void)
{
	type_register_static(&nvgpu_info);
}
type_init(nvgpu_register)
