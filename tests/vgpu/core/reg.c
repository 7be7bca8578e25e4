// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Registers as data: finds the table entry of an address and applies it.
 * What a register does is the business of its unit, not of this file.
 */
#include <stdlib.h>
#include <string.h>

#include "reg.h"
#include "units.h"

#define REG_WORDS	(NVGPU_BAR0_SIZE / 4)

/* A word of the index: 0, or table entry + 1; and "a message was printed". */
#define INDEX_TOLD	0x8000u
#define INDEX_ENTRY	0x7fffu

static unsigned int reg_count(const struct nvgpu_reg *reg)
{
	return reg->count ? reg->count : 1;
}

static unsigned int reg_stride(const struct nvgpu_reg *reg)
{
	return reg->stride ? reg->stride : 4;
}

static const struct nvgpu_reg *reg_find(const struct nvgpu *gpu,
					uint32_t addr)
{
	unsigned int entry = gpu->reg_index[addr / 4] & INDEX_ENTRY;

	return entry ? gpu->reg_table[entry - 1] : NULL;
}

static bool index_one(uint16_t *index, const struct nvgpu_reg *reg,
		      uint16_t entry, uint32_t *clash)
{
	unsigned int i;

	for (i = 0; i < reg_count(reg); i++) {
		uint32_t addr = reg->addr + i * reg_stride(reg);

		*clash = addr;
		if (addr % 4 || addr >= NVGPU_BAR0_SIZE || index[addr / 4])
			return false;
		index[addr / 4] = entry;
	}
	return true;
}

bool nvgpu_reg_index(uint16_t *index, const struct nvgpu_reg *const *table,
		     unsigned int count, uint32_t *clash)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!index_one(index, table[i], i + 1, clash))
			return false;
	return true;
}

static unsigned int count_entries(const struct nvgpu *gpu)
{
	const struct nvgpu_unit *unit;
	unsigned int i, n = 0;

	for (i = 0; (unit = nvgpu_unit_at(gpu->chip, i)); i++)
		n += unit->nr_regs;
	return n;
}

static void fill_table(const struct nvgpu *gpu,
		       const struct nvgpu_reg **table)
{
	const struct nvgpu_unit *unit;
	unsigned int i, j;

	for (i = 0; (unit = nvgpu_unit_at(gpu->chip, i)); i++)
		for (j = 0; j < unit->nr_regs; j++)
			*table++ = &unit->regs[j];
}

bool nvgpu_reg_init(struct nvgpu *gpu)
{
	unsigned int count = count_entries(gpu);
	uint32_t clash;

	gpu->regs = calloc(REG_WORDS, sizeof(*gpu->regs));
	gpu->reg_index = calloc(REG_WORDS, sizeof(*gpu->reg_index));
	gpu->reg_table = calloc(count, sizeof(*gpu->reg_table));
	if (!gpu->regs || !gpu->reg_index || !gpu->reg_table ||
	    count >= INDEX_ENTRY)
		return false;
	fill_table(gpu, gpu->reg_table);
	if (nvgpu_reg_index(gpu->reg_index, gpu->reg_table, count, &clash))
		return true;
	nvgpu_log(gpu, NVGPU_LOG_ERROR, "register %06x claimed wrongly, %s",
		  clash, nvgpu_reg_name(gpu, clash));
	return false;
}

void nvgpu_reg_fini(struct nvgpu *gpu)
{
	free(gpu->reg_table);
	free(gpu->reg_index);
	free(gpu->regs);
}

static void reset_one(struct nvgpu *gpu, const struct nvgpu_reg *reg)
{
	unsigned int i;

	for (i = 0; i < reg_count(reg); i++)
		nvgpu_reg_set(gpu, reg->addr + i * reg_stride(reg),
			      reg->reset);
}

void nvgpu_reg_reset(struct nvgpu *gpu)
{
	unsigned int i, count = count_entries(gpu);

	memset(gpu->regs, 0, NVGPU_BAR0_SIZE);
	for (i = 0; i < count; i++)
		if (gpu->reg_table[i]->reset)
			reset_one(gpu, gpu->reg_table[i]);
}

void nvgpu_reg_reset_range(struct nvgpu *gpu, uint32_t addr, uint32_t size)
{
	unsigned int i, count = count_entries(gpu);

	for (i = 0; i < count; i++)
		if (gpu->reg_table[i]->addr >= addr &&
		    gpu->reg_table[i]->addr < addr + size)
			reset_one(gpu, gpu->reg_table[i]);
}

/* Loud the first time an address is met, counted every time. */
static void met_unknown(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			uint32_t addr, const char *what)
{
	uint16_t *index = &gpu->reg_index[addr / 4];

	if (*index & INDEX_TOLD) {
		gpu->count.unknown++;
		return;
	}
	*index |= INDEX_TOLD;
	nvgpu_unknown(gpu, "%s of register %06x (%s)", what, addr,
		      reg ? reg->name : "?");
}

static bool reg_modelled(const struct nvgpu_reg *reg)
{
	return reg && reg->fidelity != NVGPU_ABSENT;
}

static unsigned int array_index(const struct nvgpu_reg *reg, uint32_t addr)
{
	return (addr - reg->addr) / reg_stride(reg);
}

uint32_t nvgpu_reg_read(struct nvgpu *gpu, uint32_t addr)
{
	const struct nvgpu_reg *reg = reg_find(gpu, addr);
	uint32_t val;

	if (!reg_modelled(reg)) {
		met_unknown(gpu, reg, addr, "read");
		return 0;
	}
	val = nvgpu_reg_get(gpu, addr);
	if (reg->read)
		val = reg->read(gpu, reg, array_index(reg, addr), val);
	nvgpu_log(gpu, NVGPU_LOG_TRACE, "R %06x %08x %s", addr, val,
		  reg->name);
	return val;
}

void nvgpu_reg_write(struct nvgpu *gpu, uint32_t addr, uint32_t val)
{
	const struct nvgpu_reg *reg = reg_find(gpu, addr);
	uint32_t old;

	if (!reg_modelled(reg)) {
		met_unknown(gpu, reg, addr, "write");
		return;
	}
	nvgpu_log(gpu, NVGPU_LOG_TRACE, "W %06x %08x %s", addr, val,
		  reg->name);
	old = nvgpu_reg_get(gpu, addr);
	nvgpu_reg_set(gpu, addr, (old & reg->ro) | (old & ~val & reg->w1c) |
				 (val & ~(reg->ro | reg->w1c)));
	if (reg->write)
		reg->write(gpu, reg, array_index(reg, addr), val, old);
}

void nvgpu_reg_write_bits(struct nvgpu *gpu, uint32_t addr, uint32_t val,
			  uint32_t mask)
{
	const struct nvgpu_reg *reg = reg_find(gpu, addr);

	val &= mask;
	if (mask != UINT32_MAX && reg_modelled(reg))
		val |= nvgpu_reg_read(gpu, addr) & ~mask & ~reg->w1c;
	nvgpu_reg_write(gpu, addr, val);
}

const char *nvgpu_reg_name(const struct nvgpu *gpu, uint32_t addr)
{
	const struct nvgpu_reg *reg = reg_find(gpu, addr & ~3u);

	return reg ? reg->name : "?";
}
