/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds an address space in a GPU's memory for tests: an instance block and
 * VER2 page tables.  It writes memory only, never a register, unless told to
 * invalidate; so tests decide what the TLBs get to know.
 */
#ifndef NVGPU_PT_BUILDER_H
#define NVGPU_PT_BUILDER_H

#include "mmu.h"

/* Page sizes, log2. */
#define PT_4K		12
#define PT_64K		16
#define PT_2M		21

/* Page directories, root first. */
#define PT_PD3		0
#define PT_PD2		1
#define PT_PD1		2
#define PT_PD0		3

/* Bits of entries; an address is or'ed in with PT_ADDR(). */
#define PT_VALID	(1ull << 0)
#define PT_VRAM		(0ull << 1)
#define PT_PEER		(1ull << 1)
#define PT_SYS		(2ull << 1)	/* coherent */
#define PT_SYS_NCOH	(3ull << 1)
#define PT_VOL		(1ull << 3)
#define PT_PRIV		(1ull << 5)
#define PT_RO		(1ull << 6)
#define PT_NO_ATOMIC	(1ull << 7)
#define PT_ADDR(pa)	((uint64_t)(pa) >> 4)

/* Bits of the instance block's page directory base. */
#define PT_PDB_REPLAY	(3ull << 4)
#define PT_PDB_VER2	(1ull << 10)
#define PT_PDB_64K	(1ull << 11)

/** struct pt_builder - one address space under construction */
struct pt_builder {
	struct nvgpu *gpu;
	/** @inst: VRAM address of the instance block */
	uint64_t inst;
	/** @pdb: address of PD3, in @aper */
	uint64_t pdb;
	/** @aper: where tables are made: VRAM or coherent system memory */
	enum nvgpu_aperture aper;
	/** @next: where the next table goes */
	uint64_t next;
};

/*
 * Start an empty address space with replay on and a 48 bit limit.  Its tables
 * take memory in @aper from @base up; the instance block is at VRAM @inst.
 */
void pt_init(struct pt_builder *pt, struct nvgpu *gpu, uint64_t inst,
	     enum nvgpu_aperture aper, uint64_t base);

/* The address space as engines see it. */
struct nvgpu_vm pt_vm(const struct pt_builder *pt);

/* Address, in @pt->aper, of the PDE at a level; makes the tables above. */
uint64_t pt_pde(struct pt_builder *pt, uint64_t va, unsigned int level);

/* Address, in @pt->aper, of the entry for a page; makes tables as needed. */
uint64_t pt_entry(struct pt_builder *pt, uint64_t va, unsigned int shift);

/* Write an entry as it is. */
void pt_set(struct pt_builder *pt, uint64_t va, unsigned int shift,
	    uint64_t entry);

/* Map one page: @bits is an aperture with permissions. */
void pt_map(struct pt_builder *pt, uint64_t va, unsigned int shift,
	    uint64_t pa, uint64_t bits);
void pt_unmap(struct pt_builder *pt, uint64_t va, unsigned int shift);

/* 64 bit words of physical memory. */
uint64_t pt_read64(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa);
void pt_write64(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		uint64_t val);

/* Registers and bits of a TLB invalidate. */
#define PT_INVAL_ALL_VA		(1u << 0)
#define PT_INVAL_ALL_PDB	(1u << 1)
#define PT_INVAL_HUB_ONLY	(1u << 2)
#define PT_INVAL_OP(op)		((op) << 3)
#define PT_INVAL_START		PT_INVAL_OP(1u)
#define PT_INVAL_START_ACK	PT_INVAL_OP(2u)
#define PT_INVAL_CANCEL		PT_INVAL_OP(3u)
#define PT_INVAL_CANCEL_ALL	PT_INVAL_OP(4u)
#define PT_INVAL_SYS_MEMBAR	(1u << 6)
#define PT_INVAL_ACK		(1u << 7)
#define PT_INVAL_LEVEL(level)	((level) << 24)

/* Invalidate as a driver does: address space, command, wait for its end. */
void pt_invalidate(const struct pt_builder *pt, uint32_t command);

/* The same in steps. */
bool pt_inval_slots(struct nvgpu *gpu);
void pt_inval_pdb(const struct pt_builder *pt);
void pt_inval_va(struct nvgpu *gpu, uint64_t va);
void pt_inval_trigger(struct nvgpu *gpu, uint32_t command);
bool pt_inval_done(struct nvgpu *gpu);

#endif
