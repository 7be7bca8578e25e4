// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MMU: address spaces, walks through five levels of page tables, and
 * accesses to virtual memory.  Caches of what walks find are in tlb.c.
 */
#include <assert.h>
#include <string.h>

#include "mmu_priv.h"

/* The instance block: NV_RAMIN_PAGE_DIR_BASE_*, gv100 dev_ram.ref.txt. */
#define RAMIN_PDB		0x200
#define RAMIN_LIMIT		0x208
#define PDB_APER_MASK		3u
#define PDB_REPLAY_TEX		(1u << 4)
#define PDB_REPLAY_GCC		(1u << 5)
#define PDB_VER2		(1u << 10)
#define PDB_ADDR		0x000ffffffffff000ull
#define LIMIT_PAGE		0xfffull	/* limits end with a page */

/* Address fields, all in units of 4 KiB but for big tables' 256 bytes. */
#define ENTRY_VID		0x00000001ffffff00ull	/* 32:8 */
#define ENTRY_SYS		0x003fffffffffff00ull	/* 53:8 */
#define BIG_VID			0x00000001fffffff0ull	/* 32:4 */
#define BIG_SYS			0x003ffffffffffff0ull	/* 53:4 */
#define ENTRY_ADDR_LSHIFT	4

#define PDE_APER_INVALID	0u
#define PDE_APER_VRAM		1u

#define SHIFT_2M		21
#define SHIFT_BIG		16
#define SHIFT_SMALL		12
#define PTE_SIZE		8

static const struct {
	uint8_t shift, bits, entry_size;
} pd[NVGPU_PD_LEVELS] = {
	{ 47, 2, 8 }, { 38, 9, 8 }, { 29, 9, 8 }, { SHIFT_2M, 8, 16 },
};

/* Where a table lies. */
struct table {
	enum nvgpu_aperture aper;
	uint64_t pa;
};

unsigned int nvgpu_pd_shift(unsigned int level)
{
	return pd[level].shift;
}

void nvgpu_vm_load(struct nvgpu *gpu, struct nvgpu_vm *vm, uint64_t inst)
{
	uint64_t base = nvgpu_phys_rd64(gpu, NVGPU_APER_VRAM,
					inst + RAMIN_PDB);
	uint64_t limit = nvgpu_phys_rd64(gpu, NVGPU_APER_VRAM,
					 inst + RAMIN_LIMIT);
	uint64_t last = (1ull << NVGPU_VA_BITS) - 1;

	memset(vm, 0, sizeof(*vm));
	vm->inst = inst;
	vm->pdb = base & PDB_ADDR;
	vm->pdb_aper = base & PDB_APER_MASK;
	vm->limit = limit < last ? limit | LIMIT_PAGE : last;
	vm->replay_tex = base & PDB_REPLAY_TEX;
	vm->replay_gcc = base & PDB_REPLAY_GCC;
	vm->valid = base & PDB_VER2 && base != ~0ull &&
		    vm->pdb_aper != NVGPU_APER_PEER;
	if (base && !vm->valid)
		nvgpu_guest_error(gpu, "instance %llx: no VER2 tables (%llx)",
				  (unsigned long long)inst,
				  (unsigned long long)base);
}

static unsigned int entry_aper(uint64_t entry)
{
	return entry >> NVGPU_PTE_APER_SHIFT & NVGPU_PTE_APER_MASK;
}

static bool table_valid(uint64_t pde)
{
	return entry_aper(pde) != PDE_APER_INVALID;
}

/* The table a PDE points at. */
static struct table pde_table(uint64_t pde, uint64_t vid, uint64_t sys)
{
	unsigned int aper = entry_aper(pde);
	struct table table = { .aper = (enum nvgpu_aperture)aper };

	if (aper == PDE_APER_VRAM)
		table.aper = NVGPU_APER_VRAM;
	table.pa = (pde & (table.aper == NVGPU_APER_VRAM ? vid : sys))
		   << ENTRY_ADDR_LSHIFT;
	return table;
}

static bool read_words(struct nvgpu *gpu, struct table at, uint64_t *word,
		       unsigned int nr)
{
	uint8_t buf[16];
	unsigned int i;

	if (!nvgpu_phys_read(gpu, at.aper, at.pa, buf, nr * 8))
		return false;
	for (i = 0; i < nr * 8; i++)
		word[i / 8] = i % 8 ? word[i / 8] | (uint64_t)buf[i] << i % 8 * 8
				    : buf[i];
	return true;
}

static void page_sparse(struct nvgpu_page *page, unsigned int shift)
{
	page->aper = NVGPU_APER_SPARSE;
	page->pa = 0;
	page->shift = shift;
	page->deny = 0;
}

/*
 * A valid entry: the page it maps, if the GPU can have such a one.  Address
 * bits below its size are not used; a driver that sets them is wrong about
 * where the page is.
 */
static bool page_valid(struct nvgpu *gpu, struct nvgpu_page *page,
		       unsigned int shift, enum nvgpu_fault_type *type)
{
	uint64_t offset = (1ull << shift) - 1;

	page->aper = entry_aper(page->pte);
	page->pa = (page->pte & (page->aper == NVGPU_APER_VRAM ? ENTRY_VID
							       : ENTRY_SYS))
		   << ENTRY_ADDR_LSHIFT;
	if (page->pa & offset)
		nvgpu_guest_error(gpu, "PTE %llx: address not aligned to size",
				  (unsigned long long)page->pte);
	page->pa &= ~offset;
	page->shift = shift;
	page->deny = page->pte & NVGPU_PTE_DENY;
	if (page->aper == NVGPU_APER_PEER)
		*type = NVGPU_FAULT_APERTURE;
	else if (page->aper == NVGPU_APER_VRAM &&
		 page->pa >= gpu->config.vram_size)
		*type = NVGPU_FAULT_REGION;
	else
		return true;
	return false;
}

static bool read_pte(struct nvgpu *gpu, struct table table, unsigned int index,
		     struct nvgpu_page *page)
{
	table.pa += index * PTE_SIZE;
	page->pte_aper = table.aper;
	page->pte_pa = table.pa;
	return read_words(gpu, table, &page->pte, 1);
}

/* Outcome of looking into one of the two tables below a PD0 entry. */
enum leaf {
	LEAF_PAGE,
	LEAF_FAULT,
	LEAF_TRY_SMALL,
};

/*
 * An invalid big entry: sparse with VOL; with PRIV the small entries below
 * it are ignored; else they decide (NVIDIA's uvm_pascal_mmu.c,
 * unmapped_pte_pascal; gp100_vmm_lpt_invalid).
 */
static enum leaf big_leaf(struct nvgpu *gpu, uint64_t pde, uint64_t va,
			  struct nvgpu_page *page, enum nvgpu_fault_type *type)
{
	unsigned int index = va >> SHIFT_BIG &
			     ((1u << (SHIFT_2M - SHIFT_BIG)) - 1);

	*type = NVGPU_FAULT_PTE;
	if (!read_pte(gpu, pde_table(pde, BIG_VID, BIG_SYS), index, page))
		return LEAF_FAULT;
	if (page->pte & NVGPU_PTE_VALID)
		return page_valid(gpu, page, SHIFT_BIG, type) ? LEAF_PAGE
							      : LEAF_FAULT;
	if (page->pte & NVGPU_PTE_VOL) {
		page_sparse(page, SHIFT_BIG);
		return LEAF_PAGE;
	}
	return page->pte & NVGPU_PTE_PRIV ? LEAF_FAULT : LEAF_TRY_SMALL;
}

static bool small_leaf(struct nvgpu *gpu, uint64_t pde, uint64_t va,
		       struct nvgpu_page *page, enum nvgpu_fault_type *type)
{
	unsigned int index = va >> SHIFT_SMALL &
			     ((1u << (SHIFT_2M - SHIFT_SMALL)) - 1);

	*type = NVGPU_FAULT_PTE;
	if (!read_pte(gpu, pde_table(pde, ENTRY_VID, ENTRY_SYS), index, page))
		return false;
	if (page->pte & NVGPU_PTE_VALID)
		return page_valid(gpu, page, SHIFT_SMALL, type);
	if (!(page->pte & NVGPU_PTE_VOL))
		return false;
	page_sparse(page, SHIFT_SMALL);
	return true;
}

/* From a PD0 entry to the page. */
static bool walk_leaf(struct nvgpu *gpu, const struct nvgpu_pde *pde,
		      uint64_t va, struct nvgpu_page *page,
		      enum nvgpu_fault_type *type)
{
	enum leaf leaf = LEAF_TRY_SMALL;

	if (pde->word[0] & NVGPU_PTE_VALID) {
		page->pte = pde->word[0];
		page->pte_pa = pde->pa;
		page->pte_aper = pde->aper;
		return page_valid(gpu, page, SHIFT_2M, type);
	}
	if (table_valid(pde->word[0]))
		leaf = big_leaf(gpu, pde->word[0], va, page, type);
	if (leaf == LEAF_TRY_SMALL && table_valid(pde->word[1]))
		return small_leaf(gpu, pde->word[1], va, page, type);
	return leaf == LEAF_PAGE;
}

static bool read_pde(struct nvgpu *gpu, struct table table, unsigned int level,
		     uint64_t va, struct nvgpu_pde *pde)
{
	uint64_t index = va >> pd[level].shift & ((1u << pd[level].bits) - 1);

	table.pa += index * pd[level].entry_size;
	pde->aper = table.aper;
	pde->pa = table.pa;
	pde->word[1] = 0;
	return read_words(gpu, table, pde->word, pd[level].entry_size / 8);
}

/* A PDE that leads nowhere: sparse, or a fault. */
static bool pde_invalid(const struct nvgpu_pde *pde, unsigned int level,
			struct nvgpu_page *page, enum nvgpu_fault_type *type)
{
	*type = NVGPU_FAULT_PDE;
	if (!(pde->word[0] & NVGPU_PTE_VOL))
		return false;
	page->pte = pde->word[0];
	page->pte_pa = pde->pa;
	page->pte_aper = pde->aper;
	page_sparse(page, pd[level].shift);
	return true;
}

static bool pde_valid(const struct nvgpu_pde *pde, unsigned int level)
{
	if (level == NVGPU_PD0 && pde->word[0] & NVGPU_PTE_VALID)
		return true;
	return table_valid(pde->word[0]) || table_valid(pde->word[1]);
}

bool nvgpu_mmu_walk(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		    struct nvgpu_space *space, uint64_t va,
		    struct nvgpu_page *page, enum nvgpu_fault_type *type)
{
	struct table table = { vm->pdb_aper, vm->pdb };
	struct nvgpu_pde pde;
	int level = space ? nvgpu_pde_lookup(gpu, space, va, &pde) : -1;

	while (level < NVGPU_PD0) {
		if (level >= 0)
			table = pde_table(pde.word[0], ENTRY_VID, ENTRY_SYS);
		level++;
		*type = NVGPU_FAULT_PDE;
		if (!read_pde(gpu, table, level, va, &pde))
			return false;
		if (!pde_valid(&pde, level))
			return pde_invalid(&pde, level, page, type);
		*type = NVGPU_FAULT_PDE_SIZE;
		if (level < NVGPU_PD0 && pde.word[0] & NVGPU_PTE_VALID)
			return false;	/* no pages above 2M on Pascal */
		if (space)
			nvgpu_pde_fill(gpu, space, level, va, &pde);
	}
	return walk_leaf(gpu, &pde, va, page, type);
}

/* Pieces of one access, each in one page. */
#define MAX_PIECES	(NVGPU_VM_MAX / (1u << NVGPU_PAGE_SHIFT) + 1)

struct piece {
	struct nvgpu_xlat xlat;
	size_t len;
};

/* Return: how many pieces; 0: a page faults. */
static unsigned int translate_all(struct nvgpu *gpu, const struct nvgpu_vm *vm,
				  const struct nvgpu_client *client,
				  uint64_t va, size_t len,
				  enum nvgpu_access access,
				  struct piece *pieces,
				  struct nvgpu_fault_info *fault)
{
	unsigned int nr = 0;

	assert(len <= NVGPU_VM_MAX);
	while (len) {
		struct piece *piece = &pieces[nr++];

		if (!nvgpu_translate(gpu, vm, client, va, access, &piece->xlat,
				     fault))
			return 0;
		piece->len = len < piece->xlat.span ? len : piece->xlat.span;
		va += piece->len;
		len -= piece->len;
	}
	return nr;
}

/*
 * Once every page is translated the access has happened as far as the MMU is
 * concerned: what the bus refuses then is no MMU fault (mem.c counts it).
 */
bool nvgpu_vm_read(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		   const struct nvgpu_client *client, uint64_t va, void *buf,
		   size_t len, struct nvgpu_fault_info *fault)
{
	struct piece pieces[MAX_PIECES];
	unsigned int i, nr = translate_all(gpu, vm, client, va, len,
					   NVGPU_ACCESS_READ, pieces, fault);
	uint8_t *p = buf;

	for (i = 0; i < nr; p += pieces[i++].len)
		nvgpu_phys_read(gpu, pieces[i].xlat.aper, pieces[i].xlat.pa, p,
				pieces[i].len);
	return nr || !len;
}

bool nvgpu_vm_write(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		    const struct nvgpu_client *client, uint64_t va,
		    const void *buf, size_t len,
		    struct nvgpu_fault_info *fault)
{
	struct piece pieces[MAX_PIECES];
	unsigned int i, nr = translate_all(gpu, vm, client, va, len,
					   NVGPU_ACCESS_WRITE, pieces, fault);
	const uint8_t *p = buf;

	for (i = 0; i < nr; p += pieces[i++].len)
		nvgpu_phys_write(gpu, pieces[i].xlat.aper, pieces[i].xlat.pa,
				 p, pieces[i].len);
	return nr || !len;
}
