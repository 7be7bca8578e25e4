// SPDX-License-Identifier: GPL-2.0-or-later
/* Address spaces for tests: see pt_builder.h. */
#include <assert.h>

#include "fake_host.h"
#include "pt_builder.h"

#define INST_PDB	0x200
#define INST_LIMIT	0x208
#define LIMIT_48	((1ull << 48) - 1)

#define PAGE_SIZE	0x1000ull
#define LPT_SIZE	0x100ull	/* a big table takes no more */

#define PDE_VRAM	(1ull << 1)
#define PDE_SYS		(2ull << 1 | PT_VOL)
#define PDE_APER	(3ull << 1)
#define PDE_ADDR	0x003fffffffffff00ull
#define PDE_BIG_ADDR	0x003ffffffffffff0ull

#define MMU_CTRL		0x100c80
#define MMU_CTRL_EMPTY		(1u << 15)
#define MMU_CTRL_SPACE		(0xffu << 16)
#define MMU_INVAL_VADDR		0x100cb4
#define MMU_INVAL_PDB		0x100cb8
#define MMU_INVAL_PDB_SYS	(1u << 1)
#define MMU_INVAL		0x100cbc
#define MMU_INVAL_TRIGGER	(1u << 31)
#define MMU_INVAL_UPPER_VADDR	0x100ce8
#define MMU_INVAL_UPPER_PDB	0x100cec

#define POLLS_MAX		1000u

uint64_t pt_read64(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa)
{
	return nvgpu_phys_rd64(gpu, aper, pa);
}

void pt_write64(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		uint64_t val)
{
	nvgpu_phys_wr32(gpu, aper, pa, val);
	nvgpu_phys_wr32(gpu, aper, pa + 4, val >> 32);
}

/* Memory for a table, zeroed. */
static uint64_t table_new(struct pt_builder *pt, uint64_t size)
{
	uint64_t pa = (pt->next + size - 1) & ~(size - 1);
	uint64_t i;

	pt->next = pa + size;
	for (i = 0; i < size; i += 8)
		pt_write64(pt->gpu, pt->aper, pa + i, 0);
	return pa;
}

void pt_init(struct pt_builder *pt, struct nvgpu *gpu, uint64_t inst,
	     enum nvgpu_aperture aper, uint64_t base)
{
	*pt = (struct pt_builder) {
		.gpu = gpu, .inst = inst, .aper = aper, .next = base,
	};
	pt->pdb = table_new(pt, PAGE_SIZE);
	pt_write64(gpu, NVGPU_APER_VRAM, inst + INST_PDB,
		   pt->pdb | aper | PT_PDB_REPLAY | PT_PDB_VER2 | PT_PDB_64K);
	pt_write64(gpu, NVGPU_APER_VRAM, inst + INST_LIMIT, LIMIT_48);
}

struct nvgpu_vm pt_vm(const struct pt_builder *pt)
{
	struct nvgpu_vm vm;

	nvgpu_vm_load(pt->gpu, &vm, pt->inst);
	return vm;
}

/* The table that the PDE at @pa points at, made if there is none. */
static uint64_t pde_follow(struct pt_builder *pt, uint64_t pa, uint64_t size,
			   uint64_t addr_mask)
{
	uint64_t pde = pt_read64(pt->gpu, pt->aper, pa);
	uint64_t table;

	assert(!(pde & PT_VALID));
	if (pde & PDE_APER)
		return (pde & addr_mask) << 4;
	table = table_new(pt, size);
	pt_write64(pt->gpu, pt->aper, pa, PT_ADDR(table) |
		   (pt->aper == NVGPU_APER_VRAM ? PDE_VRAM : PDE_SYS));
	return table;
}

uint64_t pt_pde(struct pt_builder *pt, uint64_t va, unsigned int level)
{
	static const struct {
		unsigned int shift, mask, size;
	} dir[PT_PD0 + 1] = {
		[PT_PD3] = { 47, 0x003, 8 },
		[PT_PD2] = { 38, 0x1ff, 8 },
		[PT_PD1] = { 29, 0x1ff, 8 },
		[PT_PD0] = { 21, 0x0ff, 16 },
	};
	uint64_t table = pt->pdb;
	unsigned int i;

	for (i = 0;; i++) {
		uint64_t pde = table + (va >> dir[i].shift & dir[i].mask) *
				       dir[i].size;

		if (i == level)
			return pde;
		table = pde_follow(pt, pde, PAGE_SIZE, PDE_ADDR);
	}
}

uint64_t pt_entry(struct pt_builder *pt, uint64_t va, unsigned int shift)
{
	uint64_t pde = pt_pde(pt, va, PT_PD0);
	uint64_t table;

	if (shift == PT_2M)
		return pde;
	if (shift == PT_64K) {
		table = pde_follow(pt, pde, LPT_SIZE, PDE_BIG_ADDR);
		return table + (va >> PT_64K & 0x1f) * 8;
	}
	assert(shift == PT_4K);
	table = pde_follow(pt, pde + 8, PAGE_SIZE, PDE_ADDR);
	return table + (va >> PT_4K & 0x1ff) * 8;
}

void pt_set(struct pt_builder *pt, uint64_t va, unsigned int shift,
	    uint64_t entry)
{
	pt_write64(pt->gpu, pt->aper, pt_entry(pt, va, shift), entry);
}

void pt_map(struct pt_builder *pt, uint64_t va, unsigned int shift,
	    uint64_t pa, uint64_t bits)
{
	pt_set(pt, va, shift, PT_ADDR(pa) | bits | PT_VALID);
}

void pt_unmap(struct pt_builder *pt, uint64_t va, unsigned int shift)
{
	pt_set(pt, va, shift, 0);
}

bool pt_inval_slots(struct nvgpu *gpu)
{
	return fake_rd32(gpu, MMU_CTRL) & MMU_CTRL_SPACE;
}

void pt_inval_pdb(const struct pt_builder *pt)
{
	uint64_t addr = pt->pdb >> 12 << 4;

	if (pt->aper != NVGPU_APER_VRAM)
		addr |= MMU_INVAL_PDB_SYS;
	fake_wr32(pt->gpu, MMU_INVAL_PDB, addr);
	fake_wr32(pt->gpu, MMU_INVAL_UPPER_PDB, addr >> 32);
}

void pt_inval_va(struct nvgpu *gpu, uint64_t va)
{
	uint64_t addr = va >> 12 << 4;

	fake_wr32(gpu, MMU_INVAL_VADDR, addr);
	fake_wr32(gpu, MMU_INVAL_UPPER_VADDR, addr >> 32);
}

void pt_inval_trigger(struct nvgpu *gpu, uint32_t command)
{
	fake_wr32(gpu, MMU_INVAL, MMU_INVAL_TRIGGER | command);
}

bool pt_inval_done(struct nvgpu *gpu)
{
	return fake_rd32(gpu, MMU_CTRL) & MMU_CTRL_EMPTY;
}

void pt_invalidate(const struct pt_builder *pt, uint32_t command)
{
	unsigned int polls = 0;
	bool slots = pt_inval_slots(pt->gpu);

	assert(slots);
	if (!(command & PT_INVAL_ALL_PDB))
		pt_inval_pdb(pt);
	pt_inval_trigger(pt->gpu, command);
	while (!pt_inval_done(pt->gpu) && polls < POLLS_MAX)
		polls++;
	assert(polls < POLLS_MAX);
}
