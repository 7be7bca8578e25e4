// SPDX-License-Identifier: GPL-2.0-or-later
/* TLBs and the page directory cache: what they keep, and what they forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"
#include "pt_builder.h"

#define INST_A		0x10000ull
#define INST_B		0x11000ull
#define TABLES_A	0x100000ull
#define TABLES_B	0x200000ull
#define DATA		0x800000ull
#define OTHER		0xa00000ull
#define VA		0x7f5680000000ull

#define ALL_VA		PT_INVAL_ALL_VA

static const struct nvgpu_client sm = { .id = 1 };
static const struct nvgpu_client sm_gpc1 = { .id = 1, .gpc = 1 };
static const struct nvgpu_client ce = { .unit = 0x15, .hub = true, .id = 1 };

static const struct nvgpu_client bar1 = {
	.unit = NVGPU_MMU_ENG_BAR1, .hub = true, .id = 7,
};

static const struct nvgpu_client bar2 = {
	.unit = NVGPU_MMU_ENG_BAR2, .hub = true, .id = 7,
};

/** struct fixture - a GPU with two address spaces */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct pt_builder a, b;
	struct nvgpu_vm vm_a, vm_b;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.quiet = true;
	pt_init(&f->a, f->gpu, INST_A, NVGPU_APER_VRAM, TABLES_A);
	pt_init(&f->b, f->gpu, INST_B, NVGPU_APER_SYS_COH, TABLES_B);
	f->vm_a = pt_vm(&f->a);
	f->vm_b = pt_vm(&f->b);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

/* Where @va leads for @client; ~0: it faults. */
static uint64_t look(struct fixture *f, const struct nvgpu_vm *vm,
		     const struct nvgpu_client *client, uint64_t va)
{
	struct nvgpu_fault_info fault;
	struct nvgpu_xlat xlat;

	if (!nvgpu_translate(f->gpu, vm, client, va, NVGPU_ACCESS_READ, &xlat,
			     &fault))
		return ~0ull;
	return xlat.pa;
}

static uint64_t look_a(struct fixture *f, uint64_t va)
{
	return look(f, &f->vm_a, &sm, va);
}

static bool may_write(struct fixture *f, enum nvgpu_access access,
		      enum nvgpu_fault_type *type)
{
	struct nvgpu_fault_info fault;
	struct nvgpu_xlat xlat;

	if (nvgpu_translate(f->gpu, &f->vm_a, &sm, VA, access, &xlat, &fault))
		return true;
	*type = fault.type;
	return false;
}

static void test_stale_until_invalidated(void **state)
{
	static const unsigned int sizes[] = { PT_4K, PT_64K, PT_2M };
	struct fixture *f = *state;
	unsigned int i;
	uint64_t va = VA;

	for (i = 0; i < 3; i++, va += 2ull << PT_2M) {
		pt_map(&f->a, va, sizes[i], DATA, PT_VRAM);
		assert_int_equal(look_a(f, va), DATA);
		pt_map(&f->a, va, sizes[i], OTHER, PT_VRAM);
		assert_int_equal(look_a(f, va), DATA);
		pt_unmap(&f->a, va, sizes[i]);
		assert_int_equal(look_a(f, va), DATA);
		pt_invalidate(&f->a, ALL_VA);
		assert_int_equal(look_a(f, va), ~0ull);
	}
}

static void test_invalid_is_not_kept(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(look_a(f, VA), ~0ull);
	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);	/* four new levels */
	assert_int_equal(look_a(f, VA), DATA);
	assert_int_equal(look_a(f, VA + 0x1000), ~0ull);
	pt_map(&f->a, VA + 0x1000, PT_4K, OTHER, PT_VRAM);
	assert_int_equal(look_a(f, VA + 0x1000), OTHER);
}

static void test_sparse_is_kept(void **state)
{
	struct fixture *f = *state;

	pt_set(&f->a, VA, PT_4K, PT_VOL);
	assert_int_equal(look_a(f, VA + 4), 4);
	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA + 4), 4);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA + 4), DATA + 4);
}

/* The upgrade counts only once the old permission is forgotten. */
static void test_permission_upgrade(void **state)
{
	struct fixture *f = *state;
	enum nvgpu_fault_type type;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM | PT_RO | PT_NO_ATOMIC);
	assert_false(may_write(f, NVGPU_ACCESS_WRITE, &type));
	assert_int_equal(type, NVGPU_FAULT_RO);
	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM | PT_NO_ATOMIC);
	assert_false(may_write(f, NVGPU_ACCESS_WRITE, &type));
	pt_invalidate(&f->a, ALL_VA);
	assert_true(may_write(f, NVGPU_ACCESS_WRITE, &type));
	assert_false(may_write(f, NVGPU_ACCESS_ATOMIC, &type));
	assert_int_equal(type, NVGPU_FAULT_ATOMIC);
	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_false(may_write(f, NVGPU_ACCESS_ATOMIC, &type));
	pt_invalidate(&f->a, ALL_VA);
	assert_true(may_write(f, NVGPU_ACCESS_ATOMIC, &type));
}

static void test_permission_downgrade(void **state)
{
	struct fixture *f = *state;
	enum nvgpu_fault_type type;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_true(may_write(f, NVGPU_ACCESS_WRITE, &type));
	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM | PT_RO);
	assert_true(may_write(f, NVGPU_ACCESS_WRITE, &type));
	pt_invalidate(&f->a, ALL_VA);
	assert_false(may_write(f, NVGPU_ACCESS_WRITE, &type));
}

/* A PDE as it was; PD0's have two words. */
struct pde_words {
	uint64_t pa, word[2];
};

/* Take away a PDE that the GPU knows; return what it was. */
static struct pde_words pde_take(struct fixture *f, unsigned int level)
{
	struct pde_words old = { .pa = pt_pde(&f->a, VA, level) };
	unsigned int i;

	for (i = 0; i < (level == PT_PD0 ? 2 : 1); i++) {
		old.word[i] = pt_read64(f->gpu, f->a.aper, old.pa + i * 8);
		pt_write64(f->gpu, f->a.aper, old.pa + i * 8, 0);
	}
	return old;
}

static void pde_give_back(struct fixture *f, unsigned int level,
			  const struct pde_words *old)
{
	unsigned int i;

	for (i = 0; i < (level == PT_PD0 ? 2 : 1); i++)
		pt_write64(f->gpu, f->a.aper, old->pa + i * 8, old->word[i]);
	pt_invalidate(&f->a, ALL_VA);
}

/* A PDE that was used leads to the old table, for its other pages too. */
static void test_changed_pde(void **state)
{
	struct fixture *f = *state;
	unsigned int level;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	pt_map(&f->a, VA + 0x1000, PT_4K, DATA + 0x1000, PT_VRAM);
	for (level = PT_PD3; level <= PT_PD0; level++) {
		struct pde_words old;

		assert_int_equal(look_a(f, VA), DATA);
		old = pde_take(f, level);
		assert_int_equal(look_a(f, VA + 0x1000), DATA + 0x1000);
		pt_map(&f->a, VA + 0x1000, PT_4K, OTHER, PT_VRAM);
		assert_int_equal(look_a(f, VA + 0x1000), DATA + 0x1000);
		pt_invalidate(&f->a, ALL_VA);
		assert_int_equal(look_a(f, VA + 0x1000), OTHER);
		assert_int_equal(look_a(f, VA), ~0ull);
		pde_give_back(f, level, &old);
	}
}

/* A 2M page over a small table whose PDE is in use, and back. */
static void test_2m_over_table(void **state)
{
	struct fixture *f = *state;
	uint64_t pde, small;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	pt_map(&f->a, VA + 0x1000, PT_4K, DATA + 0x1000, PT_VRAM);
	assert_int_equal(look_a(f, VA), DATA);
	pde = pt_pde(&f->a, VA, PT_PD0);
	small = pt_read64(f->gpu, f->a.aper, pde + 8);
	pt_write64(f->gpu, f->a.aper, pde + 8, 0);
	pt_map(&f->a, VA, PT_2M, OTHER, PT_VRAM);
	assert_int_equal(look_a(f, VA + 0x1000), DATA + 0x1000);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA + 0x1000), OTHER + 0x1000);
	pt_unmap(&f->a, VA, PT_2M);
	pt_write64(f->gpu, f->a.aper, pde + 8, small);
	assert_int_equal(look_a(f, VA + 0x2000), OTHER + 0x2000);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA + 0x1000), DATA + 0x1000);
}

/* Both halves of a PD0 entry are kept together. */
static void test_second_table(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA), DATA);
	pt_map(&f->a, VA + 0x10000, PT_64K, OTHER, PT_VRAM);
	assert_int_equal(look_a(f, VA + 0x10000), ~0ull);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA + 0x10000), OTHER);
}

static void test_one_space_only(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	pt_map(&f->b, VA, PT_4K, OTHER, PT_VRAM);
	assert_int_equal(look(f, &f->vm_a, &sm, VA), DATA);
	assert_int_equal(look(f, &f->vm_b, &sm, VA), OTHER);
	pt_unmap(&f->a, VA, PT_4K);
	pt_unmap(&f->b, VA, PT_4K);
	pt_invalidate(&f->b, ALL_VA);
	assert_int_equal(look(f, &f->vm_a, &sm, VA), DATA);
	assert_int_equal(look(f, &f->vm_b, &sm, VA), ~0ull);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look(f, &f->vm_a, &sm, VA), ~0ull);
}

static void test_all_spaces(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	pt_map(&f->b, VA, PT_4K, OTHER, PT_VRAM);
	look(f, &f->vm_a, &sm, VA);
	look(f, &f->vm_b, &sm, VA);
	pt_unmap(&f->a, VA, PT_4K);
	pt_unmap(&f->b, VA, PT_4K);
	pt_invalidate(&f->a, ALL_VA | PT_INVAL_ALL_PDB);
	assert_int_equal(look(f, &f->vm_a, &sm, VA), ~0ull);
	assert_int_equal(look(f, &f->vm_b, &sm, VA), ~0ull);
}

/* Address spaces beyond what the model can tell apart lose, not mix up. */
static void test_many_spaces(void **state)
{
	struct fixture *f = *state;
	struct nvgpu_vm vm[600];
	struct pt_builder pt;
	unsigned int i, round;

	for (i = 0; i < 600; i++) {
		pt_init(&pt, f->gpu, INST_A + i * 0x1000, NVGPU_APER_VRAM,
			0x1000000 + i * 0x8000);
		pt_map(&pt, VA, PT_4K, DATA + i * 0x1000, PT_VRAM);
		vm[i] = pt_vm(&pt);
	}
	for (round = 0; round < 2; round++)
		for (i = 0; i < 600; i++)
			assert_int_equal(look(f, &vm[i], &sm, VA),
					 DATA + i * 0x1000);
}

static void test_hub_only(void **state)
{
	static const struct nvgpu_client *const hub[] = { &ce, &bar1, &bar2 };
	struct fixture *f = *state;
	unsigned int i;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA), DATA);
	for (i = 0; i < 3; i++)
		assert_int_equal(look(f, &f->vm_a, hub[i], VA), DATA);
	pt_unmap(&f->a, VA, PT_4K);
	pt_invalidate(&f->a, ALL_VA | PT_INVAL_HUB_ONLY);
	assert_int_equal(look_a(f, VA), DATA);
	for (i = 0; i < 3; i++)
		assert_int_equal(look(f, &f->vm_a, hub[i], VA), ~0ull);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA), ~0ull);
}

/* Each TLB has entries of its own, so each can be stale by itself. */
static void test_tlbs_are_separate(void **state)
{
	static const struct nvgpu_client tpc1 = { .id = 7 };
	static const struct nvgpu_client gcc = { .id = 0xd };
	static const struct nvgpu_client *const clients[] = {
		&sm, &tpc1, &gcc, &sm_gpc1, &ce, &bar1, &bar2,
	};
	struct fixture *f = *state;
	unsigned int i, j;

	for (i = 0; i < NVGPU_ARRAY_SIZE(clients); i++) {
		uint64_t va = VA + i * 0x1000;

		pt_map(&f->a, va, PT_4K, DATA, PT_VRAM);
		look(f, &f->vm_a, clients[i], va);
		pt_map(&f->a, va, PT_4K, OTHER, PT_VRAM);
		for (j = 0; j < NVGPU_ARRAY_SIZE(clients); j++)
			assert_int_equal(look(f, &f->vm_a, clients[j], va),
					 i == j ? DATA : OTHER);
	}
}

/* uvm_hal_pascal_mmu_client_id_to_utlb_id(): clients of each uTLB. */
static void test_utlb_of_client(void **state)
{
	static const unsigned int rgg[] = { 0xc, 0xd, 0xe };
	static const unsigned int tpc[5][6] = {
		{ 0x02, 0x30, 0x00, 0x01, 0x03, 0x04 },
		{ 0x05, 0x31, 0x06, 0x07, 0x09, 0x0a },
		{ 0x08, 0x32, 0x14, 0x15, 0x17, 0x18 },
		{ 0x0b, 0x33, 0x1a, 0x1b, 0x1d, 0x1e },
		{ 0x16, 0x34, 0x20, 0x21, 0x23, 0x24 },
	};
	unsigned int i, j;

	for (i = 0; i < 3; i++)
		assert_int_equal(nvgpu_utlb(rgg[i]), 0);
	for (i = 0; i < 5; i++)
		for (j = 0; j < 6; j++)
			assert_int_equal(nvgpu_utlb(tpc[i][j]), i + 1);
	for (i = 0; i < 256; i++)
		assert_in_range(nvgpu_utlb(i), 0, NVGPU_UTLBS - 1);
}

static void test_one_address(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		pt_map(&f->a, VA + i * 0x1000, PT_4K, DATA + i * 0x1000,
		       PT_VRAM);
		look_a(f, VA + i * 0x1000);
		look(f, &f->vm_a, &ce, VA + i * 0x1000);
		pt_unmap(&f->a, VA + i * 0x1000, PT_4K);
	}
	pt_inval_va(f->gpu, VA + 0x1000);
	pt_invalidate(&f->a, 0);
	assert_int_equal(look_a(f, VA), DATA);
	assert_int_equal(look_a(f, VA + 0x1000), ~0ull);
	assert_int_equal(look(f, &f->vm_a, &ce, VA + 0x1000), ~0ull);
	assert_int_equal(look_a(f, VA + 0x2000), DATA + 0x2000);
	pt_inval_va(f->gpu, VA + 0x2000);
	pt_invalidate(&f->a, PT_INVAL_HUB_ONLY);
	assert_int_equal(look_a(f, VA + 0x2000), DATA + 0x2000);
	assert_int_equal(look(f, &f->vm_a, &ce, VA + 0x2000), ~0ull);
}

/* An address names the whole page around it. */
static void test_one_address_of_2m(void **state)
{
	struct fixture *f = *state;
	uint64_t off;

	pt_map(&f->a, VA, PT_2M, DATA, PT_VRAM);
	for (off = 0; off < 1u << PT_2M; off += 0x1000)
		assert_int_equal(look_a(f, VA + off), DATA + off);
	pt_unmap(&f->a, VA, PT_2M);
	pt_inval_va(f->gpu, VA + 0x123000);
	pt_invalidate(&f->a, 0);
	for (off = 0; off < 1u << PT_2M; off += 0x1000)
		assert_int_equal(look_a(f, VA + off), ~0ull);
}

/* CACHE_LEVEL n forgets PTEs, and n - 1 levels of page directories. */
static void test_cache_levels(void **state)
{
	struct fixture *f = *state;
	unsigned int level, pd;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	for (level = 1; level <= 7; level++) {
		for (pd = PT_PD3; pd <= PT_PD0; pd++) {
			bool forgotten = level >= 2 + PT_PD0 - pd;
			struct pde_words old;

			assert_int_equal(look_a(f, VA), DATA);
			old = pde_take(f, pd);
			pt_invalidate(&f->a, ALL_VA | PT_INVAL_LEVEL(level));
			assert_int_equal(look_a(f, VA),
					 forgotten ? ~0ull : DATA);
			pde_give_back(f, pd, &old);
		}
	}
}

/* A stale large page is stale at addresses that nobody has looked at, too. */
static void test_large_entry(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_64K, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA + 0x3000), DATA + 0x3000);
	pt_unmap(&f->a, VA, PT_64K);
	pt_map(&f->a, VA + 0x5000, PT_4K, OTHER, PT_VRAM);
	assert_int_equal(look_a(f, VA + 0x5000), DATA + 0x5000);
	pt_invalidate(&f->a, ALL_VA);
	assert_int_equal(look_a(f, VA + 0x5000), OTHER);
	assert_int_equal(look_a(f, VA + 0x3000), ~0ull);
}

/* To CACHE_LEVEL a 2M page is an entry of PD0, not a PTE. */
static void test_2m_is_pde(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_2M, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA), DATA);
	pt_unmap(&f->a, VA, PT_2M);
	pt_invalidate(&f->a, ALL_VA | PT_INVAL_LEVEL(1u));
	assert_int_equal(look_a(f, VA), DATA);
	pt_invalidate(&f->a, ALL_VA | PT_INVAL_LEVEL(2u));
	assert_int_equal(look_a(f, VA), ~0ull);
}

/* Entries live long enough to be found stale: 16 MiB of 4K pages. */
static void test_capacity(void **state)
{
	struct fixture *f = *state;
	uint64_t i;

	for (i = 0; i < 4096; i++) {
		pt_map(&f->a, VA + i * 0x1000, PT_4K, DATA + i * 0x1000,
		       PT_VRAM);
		assert_int_equal(look_a(f, VA + i * 0x1000),
				 DATA + i * 0x1000);
		pt_unmap(&f->a, VA + i * 0x1000, PT_4K);
	}
	for (i = 0; i < 4096; i++)
		assert_int_equal(look_a(f, VA + i * 0x1000),
				 DATA + i * 0x1000);
	pt_invalidate(&f->a, ALL_VA);
	for (i = 0; i < 4096; i++)
		assert_int_equal(look_a(f, VA + i * 0x1000), ~0ull);
}

static void test_counters(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	look_a(f, VA);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_misses"), 1);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_hits"), 0);
	look_a(f, VA);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_misses"), 1);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_hits"), 1);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_stale"), 0);
	pt_unmap(&f->a, VA, PT_4K);
	look_a(f, VA);
	look_a(f, VA);
	assert_int_equal(nvgpu_counter(f->gpu, "tlb_stale"), 2);
}

/* Staleness that the entry's own word does not show is sampled. */
static void test_stale_pde_is_counted(void **state)
{
	struct fixture *f = *state;
	unsigned int i;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	look_a(f, VA);
	pt_write64(f->gpu, f->a.aper, pt_pde(&f->a, VA, PT_PD2), 0);
	for (i = 0; i < 256; i++)
		look_a(f, VA);
	assert_true(nvgpu_counter(f->gpu, "tlb_stale"));
}

/* The model does not look at system memory when hardware would not. */
static void test_hits_are_not_seen_on_the_bus(void **state)
{
	struct fixture *f = *state;
	uint64_t bytes;
	unsigned int i;

	pt_map(&f->b, VA, PT_4K, DATA, PT_VRAM);
	assert_int_equal(look(f, &f->vm_b, &sm, VA), DATA);
	bytes = nvgpu_counter(f->gpu, "dma_read_bytes");
	for (i = 0; i < 256; i++)
		look(f, &f->vm_b, &sm, VA);
	assert_int_equal(nvgpu_counter(f->gpu, "dma_read_bytes"), bytes);
}

static void test_reset_forgets(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->a, VA, PT_4K, DATA, PT_VRAM);
	assert_int_equal(look_a(f, VA), DATA);
	nvgpu_reset(f->gpu);
	pt_init(&f->a, f->gpu, INST_A, NVGPU_APER_VRAM, TABLES_A);
	assert_int_equal(look_a(f, VA), ~0ull);
}

#define ON(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON(test_stale_until_invalidated),
		ON(test_invalid_is_not_kept),
		ON(test_sparse_is_kept),
		ON(test_permission_upgrade),
		ON(test_permission_downgrade),
		ON(test_changed_pde),
		ON(test_2m_over_table),
		ON(test_second_table),
		ON(test_one_space_only),
		ON(test_all_spaces),
		ON(test_many_spaces),
		ON(test_hub_only),
		ON(test_tlbs_are_separate),
		ON(test_utlb_of_client),
		ON(test_one_address),
		ON(test_one_address_of_2m),
		ON(test_cache_levels),
		ON(test_large_entry),
		ON(test_2m_is_pde),
		ON(test_capacity),
		ON(test_counters),
		ON(test_stale_pde_is_counted),
		ON(test_hits_are_not_seen_on_the_bus),
		ON(test_reset_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
