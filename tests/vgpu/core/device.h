/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The device as its units see it.  Each hardware unit is one .c file with a
 * struct nvgpu_unit; its state is private to that file and hangs off
 * struct nvgpu as a pointer.  What units need from each other stands in the
 * small header named for the provider (mem.h, mmu.h, fault.h, fifo.h, ...).
 */
#ifndef NVGPU_DEVICE_H
#define NVGPU_DEVICE_H

#include "nvgpu.h"
#include "counters.h"

struct nvgpu_chip;
struct nvgpu_reg;

/** enum nvgpu_fidelity - how sure the model is of a fact; see the ledger */
enum nvgpu_fidelity {
	/** @NVGPU_DOCUMENTED: NVIDIA's headers or manuals, source given */
	NVGPU_DOCUMENTED,
	/** @NVGPU_INFERRED: read off a driver that works on hardware */
	NVGPU_INFERRED,
	/** @NVGPU_FAKED: answers the driver's handshake, does nothing else */
	NVGPU_FAKED,
	/** @NVGPU_ABSENT: known, not modelled; use is counted as unknown */
	NVGPU_ABSENT,
};

/** struct nvgpu_unit - one hardware unit */
struct nvgpu_unit {
	/** @name: for messages and the ledger */
	const char *name;
	/** @regs: its registers, @nr_regs of them (reg.h) */
	const struct nvgpu_reg *regs;
	unsigned int nr_regs;
	/** @init: allocate private state; false: out of memory */
	bool (*init)(struct nvgpu *gpu);
	/** @reset: power-on state; registers are already at reset values */
	void (*reset)(struct nvgpu *gpu);
	/** @fini: free private state */
	void (*fini)(struct nvgpu *gpu);
};

struct nvgpu {
	/** @config: with defaults filled in */
	struct nvgpu_config config;
	const struct nvgpu_chip *chip;
	const struct nvgpu_host_ops *ops;
	void *opaque;

	/** @regs: backing store of BAR0, one word a register */
	uint32_t *regs;
	/** @reg_table: every unit's registers, one entry a register or array */
	const struct nvgpu_reg **reg_table;
	/** @reg_index: private to reg.c, one a word of BAR0 */
	uint16_t *reg_index;
	uint8_t *vram;
	struct nvgpu_counters count;
	/** @rng: state of nvgpu_random() */
	uint64_t rng;
	/** @repeats: messages already said, private to log.c */
	struct nvgpu_repeats *repeats;

	/* Private state of the units, each owned by the file of that name. */
	struct nvgpu_pmc *pmc;
	struct nvgpu_ptimer *ptimer;
	struct nvgpu_bar *bar;
	struct nvgpu_vbios *vbios;
	struct nvgpu_mmu *mmu;
	struct nvgpu_fault *fault;
	struct nvgpu_fifo *fifo;
	struct nvgpu_falcons *falcons;
	struct nvgpu_gr *gr;
	struct nvgpu_sm_array *sm;
};

/* nvgpu_log - printf to the embedder's log, cheap when filtered out */
void nvgpu_log(struct nvgpu *gpu, enum nvgpu_log_level level,
	       const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * nvgpu_unknown - something the model does not know: always loud, counted
 * nvgpu_guest_error - something a correct driver would not do: loud, counted
 */
void nvgpu_unknown(struct nvgpu *gpu, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void nvgpu_guest_error(struct nvgpu *gpu, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static inline uint64_t nvgpu_now(struct nvgpu *gpu)
{
	return gpu->ops->now_ns(gpu->opaque);
}

/* nvgpu_kick - tell the embedder that nvgpu_run() has work */
static inline void nvgpu_kick(struct nvgpu *gpu)
{
	gpu->ops->kick(gpu->opaque);
}

/* nvgpu_wanted - does somebody wait for nvgpu_run() to come back? */
static inline bool nvgpu_wanted(struct nvgpu *gpu)
{
	return gpu->ops->wanted && gpu->ops->wanted(gpu->opaque);
}

/* nvgpu_random - next value of the seeded generator */
uint64_t nvgpu_random(struct nvgpu *gpu);

/* nvgpu_chance - true with probability n/256 */
static inline bool nvgpu_chance(struct nvgpu *gpu, uint8_t n)
{
	return n && (nvgpu_random(gpu) & 0xff) < n;
}

#define NVGPU_ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
