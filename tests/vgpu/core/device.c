// SPDX-License-Identifier: GPL-2.0-or-later
/* A GPU's life: creation, reset, running, counters, and BAR dispatch. */
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "chip.h"
#include "fault.h"
#include "fifo.h"
#include "log.h"
#include "mmu.h"
#include "pmc.h"
#include "reg.h"
#include "units.h"

#define VRAM_DEFAULT		(512ull << 20)
#define VRAM_STEP		(64ull << 20)
#define VRAM_MAX		(64ull << 30)	/* below nouveau's "upper" */
#define CHANNELS_DEFAULT	4096u		/* 12 bits of a runlist entry */
#define FAULT_ENTRIES_DEFAULT	4096u
#define FAULT_ENTRIES_MAX	(1u << 20)	/* GET and PUT, bits 19:0 */

/*
 * What VRAM holds after power-on.  As a page table entry it is valid and
 * points far outside of VRAM: whoever uses stale content learns of it.
 */
#define VRAM_POISON		0xa5

static bool config_fill(struct nvgpu *gpu, const char **err)
{
	struct nvgpu_config *config = &gpu->config;

	gpu->chip = nvgpu_chip_find(config->chip);
	if (!gpu->chip) {
		*err = "no such chip";
		return false;
	}
	config->chip = gpu->chip->name;
	if (!config->vram_size)
		config->vram_size = VRAM_DEFAULT;
	if (!config->channels)
		config->channels = CHANNELS_DEFAULT;
	if (!config->fault_entries)
		config->fault_entries = FAULT_ENTRIES_DEFAULT;

	if (config->vram_size % VRAM_STEP || config->vram_size > VRAM_MAX)
		*err = "VRAM must be a multiple of 64 MiB, 64 GiB at most";
	else if (config->channels > CHANNELS_DEFAULT)
		*err = "too many channels";
	else if (config->fault_entries > FAULT_ENTRIES_MAX)
		*err = "fault buffer too large";
	else
		return true;
	return false;
}

static void units_fini(struct nvgpu *gpu, unsigned int nr)
{
	while (nr--) {
		const struct nvgpu_unit *unit = nvgpu_unit_at(gpu->chip, nr);

		if (unit->fini)
			unit->fini(gpu);
	}
}

static bool units_init(struct nvgpu *gpu)
{
	const struct nvgpu_unit *unit;
	unsigned int i;

	for (i = 0; (unit = nvgpu_unit_at(gpu->chip, i)); i++) {
		if (unit->init && !unit->init(gpu)) {
			units_fini(gpu, i);
			return false;
		}
	}
	return true;
}

static void gpu_release(struct nvgpu *gpu)
{
	nvgpu_reg_fini(gpu);
	nvgpu_log_fini(gpu);
	free(gpu->vram);
	free(gpu);
}

struct nvgpu *nvgpu_new(const struct nvgpu_config *config,
			const struct nvgpu_host_ops *ops, void *opaque,
			const char **err)
{
	struct nvgpu *gpu = calloc(1, sizeof(*gpu));

	*err = "out of memory";
	if (!gpu)
		return NULL;
	gpu->config = *config;
	gpu->ops = ops;
	gpu->opaque = opaque;
	if (!config_fill(gpu, err))
		goto fail;
	gpu->vram = malloc(gpu->config.vram_size);
	if (!gpu->vram || !nvgpu_log_init(gpu))
		goto fail;
	if (!nvgpu_reg_init(gpu)) {
		*err = "register tables overlap, or out of memory";
		goto fail;
	}
	if (!units_init(gpu))
		goto fail;
	nvgpu_reset(gpu);
	*err = NULL;
	return gpu;

fail:
	gpu_release(gpu);
	return NULL;
}

void nvgpu_free(struct nvgpu *gpu)
{
	unsigned int nr = 0;

	if (!gpu)
		return;
	while (nvgpu_unit_at(gpu->chip, nr))
		nr++;
	units_fini(gpu, nr);
	gpu_release(gpu);
}

void nvgpu_reset(struct nvgpu *gpu)
{
	const struct nvgpu_unit *unit;
	unsigned int i;

	gpu->count.resets++;
	gpu->rng = gpu->config.seed;
	memset(gpu->vram, VRAM_POISON, gpu->config.vram_size);
	nvgpu_reg_reset(gpu);
	for (i = 0; (unit = nvgpu_unit_at(gpu->chip, i)); i++)
		if (unit->reset)
			unit->reset(gpu);
}

enum nvgpu_run_result nvgpu_run(struct nvgpu *gpu, unsigned int budget)
{
	bool pending = nvgpu_mmu_tick(gpu) | nvgpu_irq_tick(gpu) |
		       nvgpu_fault_tick(gpu);
	enum nvgpu_run_result result = nvgpu_fifo_run(gpu, budget);

	return result == NVGPU_RUN_IDLE && pending ? NVGPU_RUN_POLL : result;
}

void nvgpu_alarm(struct nvgpu *gpu)
{
	nvgpu_ptimer_alarm(gpu);
}

/* SplitMix64 (Steele, Lea, Flood 2014): any seed will do, 0 too. */
uint64_t nvgpu_random(struct nvgpu *gpu)
{
	uint64_t z = gpu->rng += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static const struct {
	const char *name;
	size_t offset;
} counters[] = {
#define X(name, what) { #name, offsetof(struct nvgpu_counters, name) },
	NVGPU_COUNTERS(X)
#undef X
};

static uint64_t counter_value(const struct nvgpu *gpu, unsigned int i)
{
	uint64_t val;

	memcpy(&val, (const char *)&gpu->count + counters[i].offset,
	       sizeof(val));
	return val;
}

uint64_t nvgpu_counter(const struct nvgpu *gpu, const char *name)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(counters); i++)
		if (!strcmp(counters[i].name, name))
			return counter_value(gpu, i);
	return 0;
}

void nvgpu_counters_print(const struct nvgpu *gpu, FILE *f)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(counters); i++)
		fprintf(f, "%s %llu\n", counters[i].name,
			(unsigned long long)counter_value(gpu, i));
}

/* BAR0 has 32-bit registers: other sizes touch the words they overlap. */
static uint64_t bar0_read(struct nvgpu *gpu, uint64_t addr, unsigned int size)
{
	uint64_t word, val = 0;

	for (word = addr & ~3ull; word < addr + size; word += 4)
		val |= (uint64_t)nvgpu_reg_read(gpu, word) << (word & 4) * 8;
	return val >> (addr & 7) * 8;
}

static void bar0_write(struct nvgpu *gpu, uint64_t addr, uint64_t val,
		       unsigned int size)
{
	uint64_t mask = size == 8 ? ~0ull : (1ull << size * 8) - 1;
	uint64_t word;

	mask <<= (addr & 7) * 8;
	val <<= (addr & 7) * 8;
	for (word = addr & ~3ull; word < addr + size; word += 4)
		nvgpu_reg_write_bits(gpu, word, val >> (word & 4) * 8,
				     mask >> (word & 4) * 8);
}

static bool bar_access_ok(struct nvgpu *gpu, int bar, uint64_t addr,
			  unsigned int size)
{
	static const uint64_t bar_size[] = {
		NVGPU_BAR0_SIZE, NVGPU_BAR1_SIZE, NVGPU_BAR2_SIZE,
	};
	bool good = bar >= 0 && bar < (int)NVGPU_ARRAY_SIZE(bar_size) &&
		    size && size <= 8 && !(size & (size - 1)) &&
		    (addr & 7) + size <= 8 && addr < bar_size[bar];

	if (!good)
		nvgpu_guest_error(gpu, "BAR%d access of %u bytes at %llx", bar,
				  size, (unsigned long long)addr);
	return good;
}

uint64_t nvgpu_bar_read(struct nvgpu *gpu, int bar, uint64_t addr,
			unsigned int size)
{
	uint64_t val;

	if (!bar_access_ok(gpu, bar, addr, size))
		return ~0ull;
	if (bar == 0) {
		gpu->count.bar0_reads++;
		val = bar0_read(gpu, addr, size);
	} else {
		val = nvgpu_window_read(gpu, bar, addr, size);
	}
	return size == 8 ? val : val & ((1ull << size * 8) - 1);
}

void nvgpu_bar_write(struct nvgpu *gpu, int bar, uint64_t addr, uint64_t val,
		     unsigned int size)
{
	if (!bar_access_ok(gpu, bar, addr, size))
		return;
	if (bar == 0) {
		gpu->count.bar0_writes++;
		bar0_write(gpu, addr, val, size);
	} else {
		nvgpu_window_write(gpu, bar, addr, val, size);
	}
}
