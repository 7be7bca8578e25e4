// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * TLBs and the page directory cache, real and cruel: what is valid stays, be
 * it ever so stale, until an invalidate of the driver names it; what is
 * invalid is never kept.
 *
 * An entry stands for all of its page, however large.
 *
 * Every GPC has one uTLB for its front end units and one for each TPC; hub
 * clients share one, BAR1 and BAR2 have their own.  All fill from one cache
 * of page directory entries.  Entries belong to an address space, which is
 * known by the address of its root page directory.
 *
 * Forgetting is by generation: each space has one number for the GPCs' TLBs,
 * one for the hub's and one for each level of the page directory cache.  An
 * entry counts only while it bears its space's present number; numbers are
 * never used twice.  So forgetting a space takes a few stores, however much
 * of it is cached.
 */
#include <stdlib.h>
#include <string.h>

#include "mmu_priv.h"
#include "sm.h"

/* Sizes are the model's own: large, so that stale entries live long. */
#define SPACES			256u
#define SPACE_PROBES		8u
#define TLB_ENTRIES		4096u
#define PDE_ENTRIES		1024u

/*
 * Every hit compares the entry with the word it was made from; one of so
 * many hits (power of two) walks the page tables again and compares it all.
 * Only where tables are in VRAM: a look of the model's own at system memory
 * would show on the bus, as an access that hardware does not make.
 */
#define STALE_SAMPLE		64u

/* Large pages, and what their 4 KiB pages' numbers do not have in common. */
#define LARGE_SHIFT		16
#define HUGE_SHIFT		21
#define PAGES_MASK(shift)	((1ull << ((shift) - NVGPU_PAGE_SHIFT)) - 1)

#define HASH_FACTOR		0x9e3779b97f4a7c15ull	/* 2^64 / phi */

enum scope {
	SCOPE_GPC,
	SCOPE_HUB,
	NR_SCOPES,
};

struct nvgpu_space {
	/* Page directory base and aperture; 0: free. */
	uint64_t key;
	uint64_t tlb[NR_SCOPES];
	uint64_t pde[NVGPU_PD_LEVELS];
};

struct tlb_entry {
	uint64_t gen;
	/*
	 * Number of the 4 KiB page asked for, whatever the page's size; one
	 * more entry of a large page has its first one's.
	 */
	uint64_t vpn;
	struct nvgpu_page page;
};

struct tlb {
	struct tlb_entry entry[TLB_ENTRIES];
};

struct pde_entry {
	uint64_t gen;
	uint64_t tag;
	struct nvgpu_pde pde;
};

struct nvgpu_tlbs {
	/* The last generation handed out. */
	uint64_t gen;
	struct nvgpu_space space[SPACES];
	struct tlb gpc[NVGPU_GPCS][NVGPU_UTLBS];
	struct tlb hub, bar1, bar2;
	/* nvgpu_utlb() of every client id. */
	uint8_t utlb[UINT8_MAX + 1];
	struct pde_entry pde[NVGPU_PD_LEVELS][PDE_ENTRIES];
};

struct nvgpu_tlbs *nvgpu_tlbs_new(void)
{
	struct nvgpu_tlbs *tlbs = calloc(1, sizeof(*tlbs));
	unsigned int id;

	for (id = 0; tlbs && id <= UINT8_MAX; id++)
		tlbs->utlb[id] = nvgpu_utlb(id);
	return tlbs;
}

void nvgpu_tlbs_forget(struct nvgpu_tlbs *tlbs)
{
	memset(tlbs->space, 0, sizeof(tlbs->space));
}

/* Address spaces */

static uint64_t space_key(uint64_t pdb, enum nvgpu_aperture aper)
{
	return pdb | (uint64_t)aper << 1 | 1;
}

static inline struct nvgpu_space *space_slot(struct nvgpu_tlbs *tlbs,
					     uint64_t key, unsigned int probe)
{
	return &tlbs->space[((key * HASH_FACTOR >> 32) + probe) &
			    (SPACES - 1)];
}

static struct nvgpu_space *space_find(struct nvgpu_tlbs *tlbs, uint64_t key)
{
	struct nvgpu_space *space;
	unsigned int i;

	for (i = 0; i < SPACE_PROBES; i++) {
		space = space_slot(tlbs, key, i);
		if (space->key == key)
			return space;
		if (!space->key)
			break;
	}
	return NULL;
}

/* A free slot, or else one that another space loses. */
static struct nvgpu_space *space_new(struct nvgpu_tlbs *tlbs, uint64_t key)
{
	struct nvgpu_space *space;
	unsigned int i;

	for (i = 0; i < SPACE_PROBES; i++) {
		space = space_slot(tlbs, key, i);
		if (!space->key)
			break;
	}
	if (i == SPACE_PROBES)
		space = space_slot(tlbs, key, tlbs->gen % SPACE_PROBES);
	space->key = key;
	for (i = 0; i < NR_SCOPES; i++)
		space->tlb[i] = ++tlbs->gen;
	for (i = 0; i < NVGPU_PD_LEVELS; i++)
		space->pde[i] = ++tlbs->gen;
	return space;
}

static inline struct nvgpu_space *space_get(struct nvgpu_tlbs *tlbs,
					    const struct nvgpu_vm *vm)
{
	uint64_t key = space_key(vm->pdb, vm->pdb_aper);
	struct nvgpu_space *space = space_slot(tlbs, key, 0);

	if (space->key != key)
		space = space_find(tlbs, key);
	return space ? space : space_new(tlbs, key);
}

/* The page directory cache */

static struct pde_entry *pde_slot(struct nvgpu_tlbs *tlbs, unsigned int level,
				  uint64_t gen, uint64_t tag)
{
	return &tlbs->pde[level][(tag + gen * HASH_FACTOR) &
				 (PDE_ENTRIES - 1)];
}

int nvgpu_pde_lookup(struct nvgpu *gpu, const struct nvgpu_space *space,
		     uint64_t va, struct nvgpu_pde *pde)
{
	int level;

	for (level = NVGPU_PD0; level >= 0; level--) {
		uint64_t gen = space->pde[level];
		uint64_t tag = va >> nvgpu_pd_shift(level);
		const struct pde_entry *entry =
			pde_slot(gpu->mmu->tlbs, level, gen, tag);

		if (entry->gen == gen && entry->tag == tag) {
			*pde = entry->pde;
			return level;
		}
	}
	return -1;
}

void nvgpu_pde_fill(struct nvgpu *gpu, const struct nvgpu_space *space,
		    unsigned int level, uint64_t va,
		    const struct nvgpu_pde *pde)
{
	uint64_t gen = space->pde[level];
	uint64_t tag = va >> nvgpu_pd_shift(level);

	*pde_slot(gpu->mmu->tlbs, level, gen, tag) = (struct pde_entry) {
		.gen = gen, .tag = tag, .pde = *pde,
	};
}

/* TLBs */

/*
 * Client ids of gp100's dev_fault.h; clients of one uTLB as NVIDIA's
 * uvm_hal_pascal_mmu_client_id_to_utlb_id() has them, continued to the TPCs
 * that it leaves out.  L1, T1 and PE are numbered in threes up to TPC
 * units 3, and again from 4; two SMs' worth of L1 and T1 make a TPC.
 */
#define GPC_L1_0		0x00
#define GPC_PE_3		0x0b
#define GPC_L1_4		0x14
#define GPC_PE_11		0x2b
#define GPC_TPCCS_0		0x30
#define GPC_TPCCS_11		0x3b
#define GPC_GPCCS		0x0e
#define GPC_KIND_PE		2	/* L1, T1, PE */
#define UTLB_RGG		0	/* raster, GCC, GPCCS */

static unsigned int tpc_utlb(unsigned int tpc)
{
	unsigned int utlb = UTLB_RGG + 1 + tpc;

	return utlb < NVGPU_UTLBS ? utlb : NVGPU_UTLBS - 1;
}

unsigned int nvgpu_utlb(unsigned int id)
{
	unsigned int unit;

	if (id >= GPC_TPCCS_0 && id <= GPC_TPCCS_11)
		return tpc_utlb(id - GPC_TPCCS_0);
	if (id <= GPC_PE_3)
		unit = id;
	else if (id >= GPC_L1_4 && id <= GPC_PE_11)
		unit = id - GPC_L1_4 + GPC_PE_3 + 1;
	else
		return UTLB_RGG;
	return tpc_utlb(unit % 3 == GPC_KIND_PE ? unit / 3 : unit / 3 / 2);
}

/* Hub clients whose accesses are privileged; gp100's dev_fault.h. */
#define HUB_FECS		0x05
#define HUB_HOST		0x06
#define HUB_HOST_CPU		0x07
#define HUB_MMU			0x0a
#define HUB_PMU			0x12

static bool privileged(const struct nvgpu_client *client)
{
	if (!client->hub)
		return client->id == GPC_GPCCS;
	switch (client->id) {
	case HUB_FECS:
	case HUB_HOST:
	case HUB_HOST_CPU:
	case HUB_MMU:
	case HUB_PMU:
		return true;
	default:
		return false;
	}
}

/*
 * May @client do this?  The entry decides, cached or not: NVIDIA's driver
 * invalidates after it has widened permissions ("TLB invalidate for
 * upgrade", uvm_map_external.c), so does a correct one.
 */
static bool permitted(unsigned int deny, const struct nvgpu_client *client,
		      enum nvgpu_access access, enum nvgpu_fault_type *type)
{
	bool changes = access == NVGPU_ACCESS_WRITE ||
		       access == NVGPU_ACCESS_ATOMIC;

	if (deny & NVGPU_PTE_PRIV && !privileged(client))
		*type = NVGPU_FAULT_PRIV;
	else if (deny & NVGPU_PTE_RO && changes)
		*type = NVGPU_FAULT_RO;
	else if (deny & NVGPU_PTE_ATOMIC_OFF && access == NVGPU_ACCESS_ATOMIC)
		*type = NVGPU_FAULT_ATOMIC;
	else
		return true;
	return false;
}

static inline struct tlb *client_tlb(struct nvgpu_tlbs *tlbs,
				     const struct nvgpu_client *client)
{
	if (!client->hub)
		return &tlbs->gpc[client->gpc % NVGPU_GPCS]
				 [tlbs->utlb[client->id]];
	switch (client->unit) {
	case NVGPU_MMU_ENG_BAR1:
		return &tlbs->bar1;
	case NVGPU_MMU_ENG_BAR2:
		return &tlbs->bar2;
	default:
		return &tlbs->hub;
	}
}

/* Neighbours in memory are neighbours in the TLB, spaces are scattered. */
static inline struct tlb_entry *tlb_slot(struct tlb *tlb, uint64_t gen,
					 uint64_t vpn)
{
	return &tlb->entry[(vpn + (gen * HASH_FACTOR >> 32)) &
			   (TLB_ENTRIES - 1)];
}

static bool same_page(const struct nvgpu_page *a, const struct nvgpu_page *b)
{
	return a->pte == b->pte && a->pa == b->pa && a->aper == b->aper &&
	       a->shift == b->shift && a->deny == b->deny;
}

/* The word a page in VRAM's tables was made from; it was read before. */
static inline uint64_t vram_pte(const struct nvgpu *gpu,
				const struct nvgpu_page *page)
{
	const uint8_t *p = gpu->vram + page->pte_pa;

	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

/* Does the page table say something else by now? */
static bool is_stale(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		     const struct nvgpu_page *page, uint64_t va)
{
	enum nvgpu_fault_type type;
	struct nvgpu_page now;

	if (page->pte_aper != NVGPU_APER_VRAM)
		return false;
	if (vram_pte(gpu, page) != page->pte)
		return true;
	if (gpu->count.tlb_hits % STALE_SAMPLE ||
	    vm->pdb_aper != NVGPU_APER_VRAM)
		return false;
	return !nvgpu_mmu_walk(gpu, vm, NULL, va, &now, &type) ||
	       !same_page(page, &now);
}

static bool refuse(struct nvgpu_fault_info *fault, uint64_t va,
		   enum nvgpu_access access, enum nvgpu_fault_type type)
{
	fault->va = va;
	fault->access = access;
	fault->type = type;
	return false;
}

static void tlb_fill(struct tlb *tlb, uint64_t gen, uint64_t vpn,
		     const struct nvgpu_page *page)
{
	*tlb_slot(tlb, gen, vpn) = (struct tlb_entry) {
		.gen = gen, .vpn = vpn, .page = *page,
	};
}

/* The entry of a large page that another address in it has brought. */
static const struct tlb_entry *tlb_large(struct tlb *tlb, uint64_t gen,
					 uint64_t vpn)
{
	static const unsigned int shifts[] = { LARGE_SHIFT, HUGE_SHIFT };
	unsigned int i;

	for (i = 0; i < 2; i++) {
		uint64_t first = vpn & ~PAGES_MASK(shifts[i]);
		const struct tlb_entry *entry = tlb_slot(tlb, gen, first);

		if (entry->gen == gen && entry->vpn == first &&
		    entry->page.shift >= shifts[i])
			return entry;
	}
	return NULL;
}

static const struct tlb_entry *tlb_get(struct nvgpu *gpu,
				       const struct nvgpu_vm *vm,
				       const struct nvgpu_client *client,
				       uint64_t va, enum nvgpu_fault_type *type)
{
	struct nvgpu_tlbs *tlbs = gpu->mmu->tlbs;
	struct nvgpu_space *space = space_get(tlbs, vm);
	uint64_t gen = space->tlb[client->hub ? SCOPE_HUB : SCOPE_GPC];
	uint64_t vpn = va >> NVGPU_PAGE_SHIFT;
	struct tlb *tlb = client_tlb(tlbs, client);
	const struct tlb_entry *entry = tlb_slot(tlb, gen, vpn);
	struct nvgpu_page page;

	if (entry->gen != gen || entry->vpn != vpn)
		entry = tlb_large(tlb, gen, vpn);
	if (entry) {
		gpu->count.tlb_hits++;
		gpu->count.tlb_stale += is_stale(gpu, vm, &entry->page, va);
		return entry;
	}
	gpu->count.tlb_misses++;
	if (!nvgpu_mmu_walk(gpu, vm, space, va, &page, type))
		return NULL;
	if (page.shift >= HUGE_SHIFT)
		tlb_fill(tlb, gen, vpn & ~PAGES_MASK(HUGE_SHIFT), &page);
	else if (page.shift >= LARGE_SHIFT)
		tlb_fill(tlb, gen, vpn & ~PAGES_MASK(LARGE_SHIFT), &page);
	tlb_fill(tlb, gen, vpn, &page);
	return tlb_slot(tlb, gen, vpn);
}

bool nvgpu_translate(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		     const struct nvgpu_client *client, uint64_t va,
		     enum nvgpu_access access, struct nvgpu_xlat *xlat,
		     struct nvgpu_fault_info *fault)
{
	const struct tlb_entry *entry;
	enum nvgpu_fault_type type;
	uint64_t offset, size;

	if (!vm->valid)
		return refuse(fault, va, access, NVGPU_FAULT_UNBOUND_INST);
	if (va > vm->limit)
		return refuse(fault, va, access, NVGPU_FAULT_VA_LIMIT);
	entry = tlb_get(gpu, vm, client, va, &type);
	if (!entry)
		return refuse(fault, va, access, type);
	if (entry->page.deny &&
	    !permitted(entry->page.deny, client, access, &type))
		return refuse(fault, va, access, type);
	size = 1ull << entry->page.shift;
	offset = va & (size - 1);
	xlat->aper = (enum nvgpu_aperture)entry->page.aper;
	xlat->pa = entry->page.pa + offset;
	xlat->span = size - offset;
	if (xlat->span > vm->limit - va)
		xlat->span = vm->limit - va + 1;
	return true;
}

/* Forgetting */

static void tlb_forget_va(struct tlb *tlb, uint64_t gen, uint64_t va)
{
	unsigned int i;

	for (i = 0; i < TLB_ENTRIES; i++) {
		struct tlb_entry *entry = &tlb->entry[i];
		uint64_t first = entry->vpn << NVGPU_PAGE_SHIFT;

		if (entry->gen == gen && !((first ^ va) >> entry->page.shift))
			entry->gen = 0;
	}
}

static void gpcs_forget_va(struct nvgpu_tlbs *tlbs, uint64_t gen, uint64_t va)
{
	unsigned int gpc, utlb;

	for (gpc = 0; gpc < NVGPU_GPCS; gpc++)
		for (utlb = 0; utlb < NVGPU_UTLBS; utlb++)
			tlb_forget_va(&tlbs->gpc[gpc][utlb], gen, va);
}

static void pde_forget_va(struct nvgpu_tlbs *tlbs, uint64_t gen,
			  unsigned int level, uint64_t va)
{
	uint64_t tag = va >> nvgpu_pd_shift(level);
	struct pde_entry *entry = pde_slot(tlbs, level, gen, tag);

	if (entry->gen == gen && entry->tag == tag)
		entry->gen = 0;
}

static void space_forget_va(struct nvgpu_tlbs *tlbs, struct nvgpu_space *space,
			    const struct nvgpu_inval *inval)
{
	unsigned int i;

	tlb_forget_va(&tlbs->hub, space->tlb[SCOPE_HUB], inval->va);
	tlb_forget_va(&tlbs->bar1, space->tlb[SCOPE_HUB], inval->va);
	tlb_forget_va(&tlbs->bar2, space->tlb[SCOPE_HUB], inval->va);
	if (!inval->hub_only)
		gpcs_forget_va(tlbs, space->tlb[SCOPE_GPC], inval->va);
	for (i = 0; i < inval->pd_levels; i++)
		pde_forget_va(tlbs, space->pde[NVGPU_PD0 - i], NVGPU_PD0 - i,
			      inval->va);
}

static void space_forget(struct nvgpu_tlbs *tlbs, struct nvgpu_space *space,
			 const struct nvgpu_inval *inval)
{
	unsigned int i;

	if (!space->key)
		return;
	if (!inval->all_va) {
		space_forget_va(tlbs, space, inval);
		return;
	}
	space->tlb[SCOPE_HUB] = ++tlbs->gen;
	if (!inval->hub_only)
		space->tlb[SCOPE_GPC] = ++tlbs->gen;
	for (i = 0; i < inval->pd_levels; i++)
		space->pde[NVGPU_PD0 - i] = ++tlbs->gen;
}

static void pdb_forget(struct nvgpu_tlbs *tlbs, enum nvgpu_aperture aper,
		       const struct nvgpu_inval *inval)
{
	struct nvgpu_space *space = space_find(tlbs, space_key(inval->pdb,
							       aper));

	if (space)
		space_forget(tlbs, space, inval);
}

void nvgpu_tlb_invalidate(struct nvgpu *gpu, const struct nvgpu_inval *inval)
{
	struct nvgpu_tlbs *tlbs = gpu->mmu->tlbs;
	unsigned int i;

	if (inval->all_pdb) {
		for (i = 0; i < SPACES; i++)
			space_forget(tlbs, &tlbs->space[i], inval);
	} else if (inval->pdb_sys) {
		/* The register does not tell the two apart. */
		pdb_forget(tlbs, NVGPU_APER_SYS_COH, inval);
		pdb_forget(tlbs, NVGPU_APER_SYS_NCOH, inval);
	} else {
		pdb_forget(tlbs, NVGPU_APER_VRAM, inval);
	}
}
