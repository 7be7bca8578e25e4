// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Apertures of the CPU into GPU memory.  PRAMIN is a physical window inside
 * BAR0.  BAR1 and BAR2 go through the address space of an instance block,
 * which is read when the driver binds it; translations are kept by the MMU's
 * TLBs only, so that they go stale exactly as everybody else's do.
 */
#include <stdlib.h>
#include <string.h>

#include "bar.h"
#include "fault.h"
#include "fifo.h"
#include "reg.h"

/* open-gpu-kernel-modules, hwref dev_bus.h: NV_PBUS_BAR0_WINDOW and so on */
#define BAR0_WINDOW		0x001700
#define BAR0_WINDOW_BASE	0x00ffffffu	/* address >> 16 */
#define BAR0_WINDOW_TARGET	24		/* bits 25:24 */
#define BAR1_BLOCK		0x001704
#define BIND_STATUS		0x001710	/* zero: done */
#define BAR2_BLOCK		0x001714
#define BLOCK_PTR		0x0fffffffu	/* address >> 12 */
#define BLOCK_TARGET		0x30000000u	/* zero: VRAM */
#define BLOCK_VIRTUAL		0x80000000u

#define PRAMIN			0x700000
#define PRAMIN_WORDS		((1u << 20) / 4)

#define HUB_CLIENT_HOST_CPU	7	/* dev_fault.h of gp100 */

/** struct nvgpu_bar - BAR1 and BAR2 as bound */
struct nvgpu_bar {
	struct {
		/** @virt: goes through @vm, else physical VRAM */
		bool virt;
		/** @vm: address space, read from the instance block */
		struct nvgpu_vm vm;
	} window[2];
};

static const struct nvgpu_client clients[] = {
	{ .unit = NVGPU_MMU_ENG_BAR1, .id = HUB_CLIENT_HOST_CPU, .hub = true },
	{ .unit = NVGPU_MMU_ENG_BAR2, .id = HUB_CLIENT_HOST_CPU, .hub = true },
};

static uint64_t pramin_addr(struct nvgpu *gpu, unsigned int index,
			    enum nvgpu_aperture *aper)
{
	uint32_t window = nvgpu_reg_get(gpu, BAR0_WINDOW);

	*aper = window >> BAR0_WINDOW_TARGET & 3;
	return ((uint64_t)(window & BAR0_WINDOW_BASE) << 16) + index * 4;
}

static uint32_t pramin_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t stored)
{
	enum nvgpu_aperture aper;
	uint64_t addr = pramin_addr(gpu, index, &aper);

	return nvgpu_phys_rd32(gpu, aper, addr);
}

static void pramin_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	enum nvgpu_aperture aper;
	uint64_t addr = pramin_addr(gpu, index, &aper);

	nvgpu_phys_wr32(gpu, aper, addr, val);
}

static void block_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t val, uint32_t old)
{
	unsigned int i = reg->addr == BAR2_BLOCK;

	gpu->bar->window[i].virt = val & BLOCK_VIRTUAL;
	if (!(val & BLOCK_VIRTUAL))
		return;
	if (val & BLOCK_TARGET)
		nvgpu_unknown(gpu, "%s: instance block not in VRAM (%08x)",
			      reg->name, val);
	nvgpu_vm_load(gpu, &gpu->bar->window[i].vm,
		      (uint64_t)(val & BLOCK_PTR) << 12);
}

static void report_miss(struct nvgpu *gpu, unsigned int i,
			const struct nvgpu_fault_info *info)
{
	nvgpu_log(gpu, NVGPU_LOG_INFO, "BAR%u miss at %llx", i + 1,
		  (unsigned long long)info->va);
	nvgpu_fault_fatal(gpu, gpu->bar->window[i].vm.inst, &clients[i],
			  info);
}

static bool window_read(struct nvgpu *gpu, unsigned int i, uint64_t addr,
			void *buf, unsigned int size)
{
	struct nvgpu_fault_info info;

	if (!gpu->bar->window[i].virt)
		return nvgpu_phys_read(gpu, NVGPU_APER_VRAM, addr, buf, size);
	if (nvgpu_vm_read(gpu, &gpu->bar->window[i].vm, &clients[i], addr,
			  buf, size, &info))
		return true;
	report_miss(gpu, i, &info);
	return false;
}

static bool window_write(struct nvgpu *gpu, unsigned int i, uint64_t addr,
			 const void *buf, unsigned int size)
{
	struct nvgpu_fault_info info;

	if (!gpu->bar->window[i].virt)
		return nvgpu_phys_write(gpu, NVGPU_APER_VRAM, addr, buf,
					size);
	if (nvgpu_vm_write(gpu, &gpu->bar->window[i].vm, &clients[i], addr,
			   buf, size, &info))
		return true;
	report_miss(gpu, i, &info);
	return false;
}

uint64_t nvgpu_window_read(struct nvgpu *gpu, int bar, uint64_t addr,
			   unsigned int size)
{
	uint8_t buf[8];
	uint64_t val = 0;

	if (bar == 1)
		gpu->count.bar1_reads++;
	else
		gpu->count.bar2_reads++;
	if (!window_read(gpu, bar - 1, addr, buf, size))
		return ~0ull;
	while (size--)
		val = val << 8 | buf[size];
	return val;
}

void nvgpu_window_write(struct nvgpu *gpu, int bar, uint64_t addr,
			uint64_t val, unsigned int size)
{
	unsigned int i;
	uint8_t buf[8];

	if (bar == 1)
		gpu->count.bar1_writes++;
	else
		gpu->count.bar2_writes++;
	for (i = 0; i < size; i++)
		buf[i] = val >> i * 8;
	if (window_write(gpu, bar - 1, addr, buf, size) && bar == 1)
		nvgpu_fifo_bar1_written(gpu, addr);
}

static const struct nvgpu_reg bar_regs[] = {
	{
		.addr = BAR0_WINDOW,
		.name = "BAR0_WINDOW",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_bus.h; nouveau subdev/instmem/nv50.c",
	},
	{
		.addr = BAR1_BLOCK,
		.name = "BAR1_BLOCK",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_bus.h; nouveau subdev/bar/gf100.c",
		.write = block_write,
	},
	{
		.addr = BIND_STATUS,
		.name = "BIND_STATUS",
		.ro = ~0u,
		.fidelity = NVGPU_FAKED,
		.source = "nouveau subdev/bar/gm107.c",
	},
	{
		.addr = BAR2_BLOCK,
		.name = "BAR2_BLOCK",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "dev_bus.h; nouveau subdev/bar/gf100.c",
		.write = block_write,
	},
	{
		.addr = PRAMIN,
		.count = PRAMIN_WORDS,
		.name = "PRAMIN",
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/instmem/nv50.c",
		.read = pramin_read,
		.write = pramin_write,
	},
};

static bool bar_init(struct nvgpu *gpu)
{
	gpu->bar = calloc(1, sizeof(*gpu->bar));
	return gpu->bar;
}

static void bar_reset(struct nvgpu *gpu)
{
	memset(gpu->bar, 0, sizeof(*gpu->bar));
}

static void bar_fini(struct nvgpu *gpu)
{
	free(gpu->bar);
}

const struct nvgpu_unit nvgpu_bar_unit = {
	.name = "BAR",
	.regs = bar_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(bar_regs),
	.init = bar_init,
	.reset = bar_reset,
	.fini = bar_fini,
};
