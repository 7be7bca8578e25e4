/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers as data.  A unit describes its registers in one table; storage,
 * reset, read-only and write-1-to-clear bits need no code.  An access to an
 * address in no table is loud and counted.
 */
#ifndef NVGPU_REG_H
#define NVGPU_REG_H

#include "device.h"

/** struct nvgpu_reg - one register, or an array of like ones */
struct nvgpu_reg {
	/** @addr: offset in BAR0 of the first */
	uint32_t addr;
	/** @count: how many (0 means 1), @stride bytes apart (0 means 4) */
	uint32_t count, stride;
	/** @name: as NVIDIA's manuals or nouveau call it */
	const char *name;
	/** @reset: value after reset */
	uint32_t reset;
	/** @ro: bits that a write does not change */
	uint32_t ro;
	/** @w1c: bits that writing 1 clears (and writing 0 keeps) */
	uint32_t w1c;
	enum nvgpu_fidelity fidelity;
	/** @source: where the fact comes from */
	const char *source;
	/**
	 * @read: value seen by the CPU; NULL: the stored one.  @stored is the
	 * value in the backing store, @index counts in the array.
	 */
	uint32_t (*read)(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t stored);
	/**
	 * @write: after the store was updated by @ro and @w1c; @val is what
	 * the CPU wrote, @old what was stored before.
	 */
	void (*write)(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		      unsigned int index, uint32_t val, uint32_t old);
};

/* Stored value of a register, without hooks; for the units themselves. */
static inline uint32_t nvgpu_reg_get(const struct nvgpu *gpu, uint32_t addr)
{
	return gpu->regs[addr / 4];
}

static inline void nvgpu_reg_set(struct nvgpu *gpu, uint32_t addr,
				 uint32_t val)
{
	gpu->regs[addr / 4] = val;
}

/* A CPU access to BAR0, hooks and all. */
uint32_t nvgpu_reg_read(struct nvgpu *gpu, uint32_t addr);
void nvgpu_reg_write(struct nvgpu *gpu, uint32_t addr, uint32_t val);

/* The same for the bytes in @mask only; the others keep what they read as. */
void nvgpu_reg_write_bits(struct nvgpu *gpu, uint32_t addr, uint32_t val,
			  uint32_t mask);

/* Name of the register at @addr for messages, "?" if there is none. */
const char *nvgpu_reg_name(const struct nvgpu *gpu, uint32_t addr);

/*
 * Enter @count table entries into an empty @index of a word each.  False: the
 * one that claims *@clash claims it twice, unaligned or outside of BAR0.
 */
bool nvgpu_reg_index(uint16_t *index, const struct nvgpu_reg *const *table,
		     unsigned int count, uint32_t *clash);

/*
 * Build the index of all units' tables; false: two claim one address (said
 * which), or out of memory.
 */
bool nvgpu_reg_init(struct nvgpu *gpu);
void nvgpu_reg_fini(struct nvgpu *gpu);
void nvgpu_reg_reset(struct nvgpu *gpu);

/* Reset values for the tables' entries that start in @size bytes at @addr. */
void nvgpu_reg_reset_range(struct nvgpu *gpu, uint32_t addr, uint32_t size);

#endif
