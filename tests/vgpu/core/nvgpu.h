/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual NVIDIA GPU: the library's only public header.
 *
 * The core is a plain C library that knows nothing about QEMU.  It sees the
 * world through struct nvgpu_host_ops and is driven through the functions
 * below.  It is not thread safe: the embedder serialises every call on one
 * GPU with one lock.  Callbacks are made with that lock held and must not
 * call back into the library.
 */
#ifndef NVGPU_H
#define NVGPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct nvgpu;

/** enum nvgpu_log_level - importance of a message */
enum nvgpu_log_level {
	/** @NVGPU_LOG_ERROR: unknown register, method, opcode; guest error */
	NVGPU_LOG_ERROR,
	/** @NVGPU_LOG_INFO: once per channel, launch, fatal fault */
	NVGPU_LOG_INFO,
	/** @NVGPU_LOG_DEBUG: once per fault, replay, invalidate */
	NVGPU_LOG_DEBUG,
	/** @NVGPU_LOG_TRACE: every register access, method, instruction */
	NVGPU_LOG_TRACE,
};

/** struct nvgpu_host_ops - what the library needs from its embedder */
struct nvgpu_host_ops {
	/**
	 * @dma_read: read system memory at bus address @addr (behind the
	 * IOMMU, if there is one).  False: the bus refused, @buf undefined.
	 */
	bool (*dma_read)(void *opaque, uint64_t addr, void *buf, size_t len);
	/** @dma_write: write system memory; false: nothing was written */
	bool (*dma_write)(void *opaque, uint64_t addr, const void *buf,
			  size_t len);
	/**
	 * @msi: send one MSI message.  Messages are edges: the library sends
	 * one on each rising edge of its interrupt tree.
	 */
	void (*msi)(void *opaque);
	/** @now_ns: the clock, ns; never goes back */
	uint64_t (*now_ns)(void *opaque);
	/**
	 * @set_alarm: call nvgpu_alarm() at @deadline_ns of @now_ns; one
	 * alarm is outstanding at most, a new one replaces it.
	 * UINT64_MAX cancels.
	 */
	void (*set_alarm)(void *opaque, uint64_t deadline_ns);
	/** @kick: nvgpu_run() has work to do again */
	void (*kick)(void *opaque);
	/**
	 * @wanted: somebody waits for this GPU's lock, so nvgpu_run() shall
	 * come back soon.  Optional.
	 */
	bool (*wanted)(void *opaque);
	/** @log: one message, without a line end */
	void (*log)(void *opaque, enum nvgpu_log_level level, const char *msg);
};

/**
 * struct nvgpu_config - properties of one virtual GPU
 *
 * Zero means default for every member.
 */
struct nvgpu_config {
	/** @chip: "gp100" (default) */
	const char *chip;
	/** @vram_size: bytes, multiple of 64 MiB; default 512 MiB */
	uint64_t vram_size;
	/** @channels: channels the host engine has; default 4096 */
	uint32_t channels;
	/** @fault_entries: entries of the replayable fault buffer; 4096 */
	uint32_t fault_entries;
	/** @log_level: messages above it are not formatted */
	enum nvgpu_log_level log_level;
	/** @seed: of every choice the model makes at random */
	uint64_t seed;
	/**
	 * @no_tlb_lazy_ack: a TLB invalidate takes effect at once.  Otherwise
	 * it does when the driver polls for its completion (or after a number
	 * of runs), so that an invalidate nobody waited for shows as stale
	 * translations.
	 */
	bool no_tlb_lazy_ack;
	/** @fault_duplicates: chance, in 1/256, to report a fault twice */
	uint8_t fault_duplicates;
	/** @fault_late_valid: chance, in 1/256, that VALID lands later */
	uint8_t fault_late_valid;
	/**
	 * @fault_corrupt: every so many-th packet is wrong: it names no
	 * channel, or no access that there is, or VALID never lands, in turns;
	 * 0: none
	 */
	uint32_t fault_corrupt;
	/**
	 * @inval_stuck: every so many-th TLB invalidate that asks for an
	 * acknowledgment does not complete before the next command; 0: none
	 */
	uint32_t inval_stuck;
	/** @msi_late: chance, in 1/256, that a message comes much later */
	uint8_t msi_late;
	/**
	 * @copy_faults: every so many-th copy between physical addresses is
	 * not done, but faults, and ends its channel; 0: none
	 */
	uint32_t copy_faults;
	/**
	 * @preempt_cilp: preempt a running grid between two instructions.
	 * Default: at its end (wait for idle), as nouveau's contexts ask for.
	 */
	bool preempt_cilp;
	/**
	 * @ctxsw_timeout_ms: after so long, a context that does not leave the
	 * graphics engine for another one is reported, whatever the driver has
	 * set; default off
	 */
	uint32_t ctxsw_timeout_ms;
	/**
	 * @preempt_stalled: a context may leave the engine with accesses
	 * stalled; they are made again when it is back.  No Pascal does so: its
	 * faults hold the engine until they are served.  A test aid, that lets
	 * several contexts have faults at one time.
	 */
	bool preempt_stalled;
	/**
	 * @sm_scalar: execute lane after lane and access memory by the lane,
	 * slowly.  Nothing but the speed may differ: tests compare the two.
	 */
	bool sm_scalar;
};

/** enum nvgpu_run_result - what nvgpu_run() left */
enum nvgpu_run_result {
	/** @NVGPU_RUN_IDLE: nothing to do until the next kick */
	NVGPU_RUN_IDLE,
	/** @NVGPU_RUN_BUSY: call again at once */
	NVGPU_RUN_BUSY,
	/** @NVGPU_RUN_POLL: waits on memory (a semaphore); call again soon */
	NVGPU_RUN_POLL,
};

#define NVGPU_BAR0_SIZE		(16u << 20)
#define NVGPU_BAR1_SIZE		(256u << 20)
#define NVGPU_BAR2_SIZE		(32u << 20)

/**
 * nvgpu_new - make a GPU in its power-on state
 * @config: properties; copied
 * @ops: callbacks; must outlive the GPU
 * @opaque: first argument of every callback
 * @err: on failure, set to a static string that says why
 *
 * Return: the GPU, NULL on failure.
 */
struct nvgpu *nvgpu_new(const struct nvgpu_config *config,
			const struct nvgpu_host_ops *ops, void *opaque,
			const char **err);
void nvgpu_free(struct nvgpu *gpu);

/**
 * nvgpu_reset - power-on reset
 * @gpu: the GPU
 *
 * Registers return to reset values, VRAM and all engine state is lost
 * (VRAM is filled with a pattern, so that a user of stale content shows).
 */
void nvgpu_reset(struct nvgpu *gpu);

/**
 * nvgpu_bar_read - a CPU read of a BAR
 * @gpu: the GPU
 * @bar: 0 registers, 1 and 2 the apertures nouveau calls BAR1 and BAR2
 * @addr: offset in it
 * @size: 1, 2, 4 or 8 bytes; does not cross a multiple of 8
 */
uint64_t nvgpu_bar_read(struct nvgpu *gpu, int bar, uint64_t addr,
			unsigned int size);
void nvgpu_bar_write(struct nvgpu *gpu, int bar, uint64_t addr, uint64_t val,
		     unsigned int size);

/**
 * nvgpu_run - let the engines work
 * @gpu: the GPU
 * @budget: upper bound of methods plus warp instructions to execute
 */
enum nvgpu_run_result nvgpu_run(struct nvgpu *gpu, unsigned int budget);

/** nvgpu_alarm - the alarm set through &nvgpu_host_ops.set_alarm expired */
void nvgpu_alarm(struct nvgpu *gpu);

/** nvgpu_counter - value of a counter by name (counters.h); 0 if unknown */
uint64_t nvgpu_counter(const struct nvgpu *gpu, const char *name);

/** nvgpu_counters_print - every counter, one "name value" line each */
void nvgpu_counters_print(const struct nvgpu *gpu, FILE *f);

/**
 * nvgpu_ledger_print - the fidelity ledger as tab separated values
 * @f: where to
 *
 * Columns: kind (register, method, opcode, fault), where, name,
 * fidelity (documented, inferred, faked, absent), source.
 */
void nvgpu_ledger_print(FILE *f);

/** nvgpu_pci_id - PCI device id of a chip, 0 if there is no such chip */
uint16_t nvgpu_pci_id(const char *chip);

#endif
