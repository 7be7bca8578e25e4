/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the MMU share: mmu.c walks page tables, tlb.c caches what
 * it finds, inval.c makes the caches forget.
 */
#ifndef NVGPU_MMU_PRIV_H
#define NVGPU_MMU_PRIV_H

#include "mmu.h"

/*
 * Page table format VER2: NV_MMU_VER2_* of NVIDIA's gp100 dev_mmu.h, written
 * by nvkm's vmmgp100.c.  An entry's aperture 0 is VRAM in a PTE, but invalid
 * in a PDE.
 */
#define NVGPU_PTE_VALID		(1ull << 0)	/* in a PDE: it is a PTE */
#define NVGPU_PTE_APER_SHIFT	1
#define NVGPU_PTE_APER_MASK	3u
#define NVGPU_PTE_VOL		(1ull << 3)	/* if invalid: sparse */
#define NVGPU_PTE_PRIV		(1ull << 5)
#define NVGPU_PTE_RO		(1ull << 6)
#define NVGPU_PTE_ATOMIC_OFF	(1ull << 7)
#define NVGPU_PTE_DENY	(NVGPU_PTE_PRIV | NVGPU_PTE_RO | NVGPU_PTE_ATOMIC_OFF)

#define NVGPU_VA_BITS		49
#define NVGPU_PAGE_SHIFT	12

/* Levels of page directories, root first: PD3, PD2, PD1, PD0. */
#define NVGPU_PD_LEVELS		4
#define NVGPU_PD0		(NVGPU_PD_LEVELS - 1)

/** struct nvgpu_pde - a page directory entry, and where it was read */
struct nvgpu_pde {
	/** @word: the entry; PD0's have two: big (or a 2M page), small */
	uint64_t word[2];
	uint64_t pa;
	enum nvgpu_aperture aper;
};

/** struct nvgpu_page - what a walk found: a page and what may be done to it */
struct nvgpu_page {
	/** @pte: the entry as read at @pte_pa in @pte_aper */
	uint64_t pte, pte_pa;
	/** @pa: physical address of its first byte, in @aper */
	uint64_t pa;
	uint8_t pte_aper, aper;
	/** @shift: log2 of its size */
	uint8_t shift;
	/** @deny: NVGPU_PTE_DENY bits of the entry */
	uint8_t deny;
};

/** struct nvgpu_inval - which cached entries to forget */
struct nvgpu_inval {
	/** @all_pdb: of every address space, else of the one at @pdb */
	bool all_pdb;
	/** @all_va: every address, else only what translates @va */
	bool all_va;
	/** @hub_only: not in the GPCs' TLBs */
	bool hub_only;
	/** @pdb_sys: @pdb is in system memory */
	bool pdb_sys;
	/** @pd_levels: levels of page directories, counted from PD0 up */
	unsigned int pd_levels;
	uint64_t pdb, va;
};

/* The cached PDEs of one address space; private to tlb.c. */
struct nvgpu_space;

/*
 * Walk the page tables for @va.  With @space its cached PDEs are used and
 * filled; NULL: page tables alone count.  False: *@type says why.
 */
bool nvgpu_mmu_walk(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		    struct nvgpu_space *space, uint64_t va,
		    struct nvgpu_page *page, enum nvgpu_fault_type *type);

/* VA bits that the entries of page directory @level do not tell apart. */
unsigned int nvgpu_pd_shift(unsigned int level);

/*
 * The deepest cached PDE for @va.  Return: its level, -1: none.
 */
int nvgpu_pde_lookup(struct nvgpu *gpu, const struct nvgpu_space *space,
		     uint64_t va, struct nvgpu_pde *pde);
void nvgpu_pde_fill(struct nvgpu *gpu, const struct nvgpu_space *space,
		    unsigned int level, uint64_t va,
		    const struct nvgpu_pde *pde);

void nvgpu_tlb_invalidate(struct nvgpu *gpu, const struct nvgpu_inval *inval);

/* The caches' memory, kept at gpu->mmu->tlbs. */
struct nvgpu_tlbs *nvgpu_tlbs_new(void);
void nvgpu_tlbs_forget(struct nvgpu_tlbs *tlbs);

/* Invalidate commands on their way; private to inval.c. */
struct nvgpu_inval_queue;

/** struct nvgpu_mmu - state of the MMU */
struct nvgpu_mmu {
	struct nvgpu_tlbs *tlbs;
	struct nvgpu_inval_queue *queue;
};

#endif
