// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory and page tables: apertures, page sizes, permissions, fault types. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"
#include "pt_builder.h"

#define VRAM_SIZE	(64u << 20)
#define INST		0x10000ull
#define TABLES		0x100000ull	/* in VRAM or system memory */
#define DATA		0x800000ull	/* physical, 2M aligned */
#define VA		0x7f5680000000ull

#define INST_PDB	0x200
#define INST_LIMIT	0x208

static const struct nvgpu_client sm = { .id = 1 };
static const struct nvgpu_client ce = { .unit = 0x15, .hub = true, .id = 1 };
static const struct nvgpu_client fecs = { .hub = true, .id = 5 };

/** struct fixture - a GPU with one address space */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct pt_builder pt;
	struct nvgpu_vm vm;
};

static struct fixture *fixture_new(enum nvgpu_aperture tables)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.quiet = true;
	pt_init(&f->pt, f->gpu, INST, tables, TABLES);
	f->vm = pt_vm(&f->pt);
	return f;
}

static int setup(void **state)
{
	*state = fixture_new(NVGPU_APER_VRAM);
	return 0;
}

static int setup_sys(void **state)
{
	*state = fixture_new(NVGPU_APER_SYS_COH);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

static bool translate(struct fixture *f, const struct nvgpu_client *client,
		      uint64_t va, enum nvgpu_access access,
		      struct nvgpu_xlat *xlat, struct nvgpu_fault_info *fault)
{
	return nvgpu_translate(f->gpu, &f->vm, client, va, access, xlat,
			       fault);
}

static void assert_maps(struct fixture *f, uint64_t va,
			enum nvgpu_aperture aper, uint64_t pa, uint64_t span)
{
	struct nvgpu_fault_info fault;
	struct nvgpu_xlat xlat;

	assert_true(translate(f, &sm, va, NVGPU_ACCESS_READ, &xlat, &fault));
	assert_int_equal(xlat.aper, aper);
	assert_int_equal(xlat.pa, pa);
	assert_int_equal(xlat.span, span);
}

static void assert_faults(struct fixture *f, const struct nvgpu_client *client,
			  uint64_t va, enum nvgpu_access access,
			  enum nvgpu_fault_type type)
{
	struct nvgpu_fault_info fault;
	struct nvgpu_xlat xlat;

	assert_false(translate(f, client, va, access, &xlat, &fault));
	assert_int_equal(fault.va, va);
	assert_int_equal(fault.access, access);
	assert_int_equal(fault.type, type);
}

static void assert_sparse(struct fixture *f, uint64_t va)
{
	struct nvgpu_fault_info fault;
	uint64_t word = ~0ull;

	assert_true(nvgpu_vm_write(f->gpu, &f->vm, &sm, va, &word, 8, &fault));
	assert_true(nvgpu_vm_read(f->gpu, &f->vm, &sm, va, &word, 8, &fault));
	assert_int_equal(word, 0);
}

/* Every size in every aperture, first byte, last byte and one between. */
static void test_sizes_and_apertures(void **state)
{
	static const unsigned int sizes[] = { PT_4K, PT_64K, PT_2M };
	static const struct {
		uint64_t bits;
		enum nvgpu_aperture aper;
	} apers[] = {
		{ PT_VRAM, NVGPU_APER_VRAM },
		{ PT_SYS | PT_VOL, NVGPU_APER_SYS_COH },
		{ PT_SYS_NCOH, NVGPU_APER_SYS_NCOH },
	};
	struct fixture *f = *state;
	unsigned int i, j;
	uint64_t va = VA;

	for (i = 0; i < 3; i++) {
		uint64_t size = 1ull << sizes[i];

		for (j = 0; j < 3; j++, va += 4ull << PT_2M) {
			pt_map(&f->pt, va, sizes[i], DATA, apers[j].bits);
			assert_maps(f, va, apers[j].aper, DATA, size);
			assert_maps(f, va + 0x123, apers[j].aper,
				    DATA + 0x123, size - 0x123);
			assert_maps(f, va + size - 1, apers[j].aper,
				    DATA + size - 1, 1);
			assert_faults(f, &sm, va + size, NVGPU_ACCESS_READ,
				      sizes[i] == PT_2M ? NVGPU_FAULT_PDE
							: NVGPU_FAULT_PTE);
		}
	}
}

/* Addresses of hosts with much memory, and fields above VRAM's address. */
static void test_address_fields(void **state)
{
	uint64_t high = 0x3ffabcdef000ull;
	struct fixture *f = *state;

	pt_map(&f->pt, VA, PT_4K, high, PT_SYS);
	assert_maps(f, VA, NVGPU_APER_SYS_COH, high, 0x1000);
	pt_map(&f->pt, VA + 0x1000, PT_4K, DATA,
	       PT_VRAM | 0x5a5ull << 36 | 0xfeull << 56);
	assert_maps(f, VA + 0x1000, NVGPU_APER_VRAM, DATA, 0x1000);
}

/* Address bits below a page's size are left out, and complained of. */
static void test_misaligned_page(void **state)
{
	static const unsigned int sizes[] = { PT_64K, PT_2M };
	struct fixture *f = *state;
	uint64_t errors, va = VA;
	unsigned int i;

	for (i = 0; i < 2; i++, va += 1ull << PT_2M) {
		errors = f->gpu->count.guest_errors;
		pt_map(&f->pt, va, sizes[i], DATA + 0x1000, PT_VRAM);
		assert_maps(f, va, NVGPU_APER_VRAM, DATA, 1ull << sizes[i]);
		assert_int_equal(f->gpu->count.guest_errors, errors + 1);
	}
}

/* Big tables are 256 bytes long and share 4 KiB pages. */
static void test_big_table_alignment(void **state)
{
	struct fixture *f = *state;
	uint64_t a, b;

	a = pt_entry(&f->pt, VA, PT_64K);
	b = pt_entry(&f->pt, VA + (1ull << PT_2M), PT_64K);
	assert_int_equal(a >> 12, b >> 12);
	pt_map(&f->pt, VA, PT_64K, DATA, PT_VRAM);
	pt_map(&f->pt, VA + (1ull << PT_2M), PT_64K, 2 * DATA, PT_VRAM);
	assert_maps(f, VA, NVGPU_APER_VRAM, DATA, 0x10000);
	assert_maps(f, VA + (1ull << PT_2M), NVGPU_APER_VRAM, 2 * DATA,
		    0x10000);
}

static void test_permissions(void **state)
{
	static const struct {
		uint64_t bits;
		const struct nvgpu_client *client;
		/* Of read, write, atomic, prefetch; -1: allowed. */
		int type[4];
	} rows[] = {
		{ 0, &sm, { -1, -1, -1, -1 } },
		{ PT_RO, &sm, { -1, NVGPU_FAULT_RO, NVGPU_FAULT_RO, -1 } },
		{ PT_NO_ATOMIC, &sm, { -1, -1, NVGPU_FAULT_ATOMIC, -1 } },
		{ PT_RO | PT_NO_ATOMIC, &sm,
		  { -1, NVGPU_FAULT_RO, NVGPU_FAULT_RO, -1 } },
		{ PT_PRIV, &sm, { NVGPU_FAULT_PRIV, NVGPU_FAULT_PRIV,
				  NVGPU_FAULT_PRIV, NVGPU_FAULT_PRIV } },
		{ PT_PRIV, &ce, { NVGPU_FAULT_PRIV, NVGPU_FAULT_PRIV,
				  NVGPU_FAULT_PRIV, NVGPU_FAULT_PRIV } },
		{ PT_PRIV, &fecs, { -1, -1, -1, -1 } },
		{ PT_PRIV | PT_RO, &fecs,
		  { -1, NVGPU_FAULT_RO, NVGPU_FAULT_RO, -1 } },
	};
	static const unsigned int sizes[] = { PT_4K, PT_64K, PT_2M };
	struct nvgpu_fault_info fault;
	struct fixture *f = *state;
	struct nvgpu_xlat xlat;
	unsigned int i, access;
	uint64_t va = VA;

	for (i = 0; i < 3 * NVGPU_ARRAY_SIZE(rows); i++, va += 1u << PT_2M) {
		unsigned int row = i / 3;

		pt_map(&f->pt, va, sizes[i % 3], DATA, PT_SYS | rows[row].bits);
		for (access = 0; access < 4; access++) {
			if (rows[row].type[access] < 0)
				assert_true(translate(f, rows[row].client, va,
						      access, &xlat, &fault));
			else
				assert_faults(f, rows[row].client, va, access,
					      rows[row].type[access]);
		}
	}
}

/* A directory entry missing at each level, then the page itself. */
static void test_missing_levels(void **state)
{
	struct fixture *f = *state;
	unsigned int level;

	for (level = PT_PD3; level <= PT_PD0; level++) {
		assert_int_equal(pt_read64(f->gpu, f->pt.aper,
					   pt_pde(&f->pt, VA, level)), 0);
		assert_faults(f, &sm, VA, NVGPU_ACCESS_WRITE, NVGPU_FAULT_PDE);
	}
	pt_entry(&f->pt, VA, PT_4K);
	assert_faults(f, &sm, VA, NVGPU_ACCESS_WRITE, NVGPU_FAULT_PTE);
	pt_entry(&f->pt, VA + (1u << PT_2M), PT_64K);
	assert_faults(f, &sm, VA + (1u << PT_2M), NVGPU_ACCESS_ATOMIC,
		      NVGPU_FAULT_PTE);
}

static void test_bad_entries(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->pt, VA, PT_4K, DATA, PT_PEER);
	assert_faults(f, &sm, VA, NVGPU_ACCESS_READ, NVGPU_FAULT_APERTURE);
	pt_map(&f->pt, VA, PT_4K, VRAM_SIZE, PT_VRAM);
	assert_faults(f, &sm, VA, NVGPU_ACCESS_READ, NVGPU_FAULT_REGION);
	pt_map(&f->pt, VA, PT_4K, VRAM_SIZE - 0x1000, PT_VRAM);
	assert_maps(f, VA, NVGPU_APER_VRAM, VRAM_SIZE - 0x1000, 0x1000);
	pt_write64(f->gpu, f->pt.aper, pt_pde(&f->pt, 1ull << 40, PT_PD1),
		   PT_ADDR(DATA) | PT_SYS | PT_VALID);
	assert_faults(f, &sm, 1ull << 40, NVGPU_ACCESS_READ,
		      NVGPU_FAULT_PDE_SIZE);
}

/* A table in memory that the bus refuses is no table. */
static void test_unreadable_table(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->pt, VA, PT_4K, DATA, PT_SYS);
	f->host.refuse = TABLES;
	assert_faults(f, &sm, VA, NVGPU_ACCESS_READ, NVGPU_FAULT_PDE);
	assert_true(nvgpu_counter(f->gpu, "dma_errors"));
}

static void test_address_space(void **state)
{
	struct fixture *f = *state;
	uint64_t pdb = pt_read64(f->gpu, NVGPU_APER_VRAM, INST + INST_PDB);

	assert_true(f->vm.valid);
	assert_true(f->vm.replay_tex);
	assert_true(f->vm.replay_gcc);
	assert_int_equal(f->vm.inst, INST);
	assert_int_equal(f->vm.pdb, f->pt.pdb);
	assert_int_equal(f->vm.limit, (1ull << 48) - 1);
	assert_faults(f, &sm, 1ull << 48, NVGPU_ACCESS_READ,
		      NVGPU_FAULT_VA_LIMIT);

	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_PDB,
		   pdb & ~PT_PDB_REPLAY);
	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_LIMIT, ~0ull);
	f->vm = pt_vm(&f->pt);
	assert_false(f->vm.replay_tex);
	assert_false(f->vm.replay_gcc);
	assert_faults(f, &sm, 1ull << 48, NVGPU_ACCESS_READ, NVGPU_FAULT_PDE);
	assert_faults(f, &sm, 1ull << 49, NVGPU_ACCESS_READ,
		      NVGPU_FAULT_VA_LIMIT);

	/* The limit names a byte, and holds for the whole of its page. */
	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_LIMIT, VA + 0x1800);
	f->vm = pt_vm(&f->pt);
	pt_map(&f->pt, VA, PT_2M, DATA, PT_SYS);
	assert_maps(f, VA, NVGPU_APER_SYS_COH, DATA, 0x2000);
	assert_faults(f, &sm, VA + 0x2000, NVGPU_ACCESS_READ,
		      NVGPU_FAULT_VA_LIMIT);
}

static void test_unbound_instance(void **state)
{
	struct fixture *f = *state;

	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_PDB, 0);
	f->vm = pt_vm(&f->pt);
	assert_false(f->vm.valid);
	assert_int_equal(f->host.errors, 0);
	assert_faults(f, &sm, VA, NVGPU_ACCESS_READ, NVGPU_FAULT_UNBOUND_INST);

	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_PDB, f->pt.pdb);
	f->vm = pt_vm(&f->pt);
	assert_false(f->vm.valid);	/* not VER2 */
	assert_int_equal(f->host.errors, 1);
	pt_write64(f->gpu, NVGPU_APER_VRAM, INST + INST_PDB,
		   f->pt.pdb | PT_PDB_VER2 | NVGPU_APER_PEER);
	f->vm = pt_vm(&f->pt);
	assert_false(f->vm.valid);
	nvgpu_vm_load(f->gpu, &f->vm, VRAM_SIZE);
	assert_false(f->vm.valid);
}

/* Both tables of a PD0 entry: who decides. */
static void test_invalid_big_entry(void **state)
{
	struct fixture *f = *state;

	pt_map(&f->pt, VA, PT_4K, DATA, PT_VRAM);
	pt_set(&f->pt, VA, PT_64K, 0);
	assert_maps(f, VA, NVGPU_APER_VRAM, DATA, 0x1000);
	assert_faults(f, &sm, VA + 0x1000, NVGPU_ACCESS_READ, NVGPU_FAULT_PTE);

	pt_map(&f->pt, VA + 0x10000, PT_4K, DATA, PT_VRAM);
	pt_set(&f->pt, VA + 0x10000, PT_64K, PT_PRIV);
	assert_faults(f, &sm, VA + 0x10000, NVGPU_ACCESS_READ,
		      NVGPU_FAULT_PTE);

	pt_map(&f->pt, VA + 0x20000, PT_4K, DATA, PT_VRAM);
	pt_set(&f->pt, VA + 0x20000, PT_64K, PT_VOL);
	assert_sparse(f, VA + 0x20000);

	pt_map(&f->pt, VA + 0x30000, PT_4K, DATA, PT_VRAM);
	pt_map(&f->pt, VA + 0x30000, PT_64K, 2 * DATA, PT_VRAM);
	assert_maps(f, VA + 0x30000, NVGPU_APER_VRAM, 2 * DATA, 0x10000);
}

static void test_sparse(void **state)
{
	struct fixture *f = *state;
	unsigned int level;
	uint64_t va = 0;

	pt_set(&f->pt, VA, PT_4K, PT_VOL);
	assert_sparse(f, VA);
	assert_maps(f, VA + 8, NVGPU_APER_SPARSE, 8, 0x1000 - 8);
	for (level = PT_PD2; level <= PT_PD0; level++, va += 1ull << 39) {
		pt_write64(f->gpu, f->pt.aper, pt_pde(&f->pt, va, level),
			   PT_VOL);
		assert_sparse(f, va);
	}
}

/* A valid entry that lost only its VALID bit: what VOL makes of it. */
static void test_cleared_valid_bit(void **state)
{
	struct fixture *f = *state;
	uint64_t entry = PT_ADDR(DATA) | PT_SYS | PT_VALID;

	pt_set(&f->pt, VA, PT_4K, (entry | PT_VOL) & ~PT_VALID);
	assert_sparse(f, VA);
	pt_set(&f->pt, VA + 0x1000, PT_4K, entry & ~PT_VALID);
	assert_faults(f, &sm, VA + 0x1000, NVGPU_ACCESS_READ, NVGPU_FAULT_PTE);

	/* A 2M entry becomes a pointer to a big table: the data is read. */
	pt_set(&f->pt, VA + (1u << PT_2M), PT_2M, entry & ~PT_VALID);
	pt_write64(f->gpu, NVGPU_APER_SYS_COH, DATA,
		   PT_ADDR(2 * DATA) | PT_VRAM | PT_VALID);
	assert_maps(f, VA + (1u << PT_2M), NVGPU_APER_VRAM, 2 * DATA, 0x10000);
}

static void fill(uint8_t *buf, size_t len, uint8_t seed)
{
	while (len--)
		*buf++ = seed++;
}

/* Across pages of different apertures, and not at all if one is missing. */
static void test_access_all_or_nothing(void **state)
{
	struct nvgpu_fault_info fault;
	struct fixture *f = *state;
	uint8_t out[0x3000], in[0x3000], before[0x3000];
	uint64_t va = VA + 0x800;

	pt_map(&f->pt, VA, PT_4K, DATA, PT_VRAM);
	pt_map(&f->pt, VA + 0x1000, PT_4K, 0x5000, PT_SYS);
	pt_map(&f->pt, VA + 0x2000, PT_4K, DATA + 0x7000, PT_VRAM);
	fill(out, sizeof(out), 1);
	assert_true(nvgpu_vm_write(f->gpu, &f->vm, &sm, va, out, 0x2800,
				   &fault));
	assert_true(nvgpu_vm_read(f->gpu, &f->vm, &sm, va, in, 0x2800,
				  &fault));
	assert_memory_equal(out, in, 0x2800);
	assert_memory_equal(f->host.ram + 0x5000, out + 0x800, 0x1000);

	memcpy(before, in, 0x2800);
	fill(out, sizeof(out), 0x77);
	assert_false(nvgpu_vm_write(f->gpu, &f->vm, &sm, va, out, 0x2801,
				    &fault));
	assert_int_equal(fault.va, VA + 0x3000);
	assert_int_equal(fault.type, NVGPU_FAULT_PTE);
	assert_true(nvgpu_vm_read(f->gpu, &f->vm, &sm, va, in, 0x2800,
				  &fault));
	assert_memory_equal(before, in, 0x2800);

	memset(in, 0xcc, sizeof(in));
	assert_false(nvgpu_vm_read(f->gpu, &f->vm, &sm, va, in, 0x2801,
				   &fault));
	assert_int_equal(in[0], 0xcc);
}

static void test_largest_access(void **state)
{
	struct nvgpu_fault_info fault;
	struct fixture *f = *state;
	uint8_t *out = malloc(NVGPU_VM_MAX), *in = malloc(NVGPU_VM_MAX);
	uint64_t off;

	for (off = 0; off <= NVGPU_VM_MAX; off += 0x1000)
		pt_map(&f->pt, VA + off, PT_4K, DATA + 2 * off, PT_VRAM);
	fill(out, NVGPU_VM_MAX, 3);
	assert_true(nvgpu_vm_write(f->gpu, &f->vm, &sm, VA + 0xfff, out,
				   NVGPU_VM_MAX, &fault));
	assert_true(nvgpu_vm_read(f->gpu, &f->vm, &sm, VA + 0xfff, in,
				  NVGPU_VM_MAX, &fault));
	assert_memory_equal(out, in, NVGPU_VM_MAX);
	assert_true(nvgpu_vm_read(f->gpu, &f->vm, &sm, 0, in, 0, &fault));
	free(out);
	free(in);
}

static void test_physical_bounds(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[16];

	memset(buf, 0, sizeof(buf));
	assert_false(nvgpu_phys_read(f->gpu, NVGPU_APER_VRAM, VRAM_SIZE - 8,
				     buf, 16));
	assert_int_equal(buf[0], 0xff);
	assert_int_equal(buf[15], 0xff);
	assert_false(nvgpu_phys_write(f->gpu, NVGPU_APER_VRAM, ~0ull, buf, 1));
	assert_true(nvgpu_phys_write(f->gpu, NVGPU_APER_VRAM, VRAM_SIZE - 16,
				     buf, 16));
	assert_int_equal(f->host.errors, 2);
	assert_false(nvgpu_phys_read(f->gpu, NVGPU_APER_PEER, 0, buf, 4));
	assert_int_equal(nvgpu_counter(f->gpu, "dma_errors"), 0);

	f->host.refuse = 0x1000;
	assert_false(nvgpu_phys_write(f->gpu, NVGPU_APER_SYS_COH, 0xffc, buf,
				      8));
	assert_int_equal(nvgpu_counter(f->gpu, "dma_errors"), 1);
	assert_true(nvgpu_phys_write(f->gpu, NVGPU_APER_SYS_NCOH, 0xffc, buf,
				     4));
	assert_int_equal(nvgpu_phys_rd32(f->gpu, NVGPU_APER_SYS_COH, 0x1000),
			 ~0u);
	assert_int_equal(nvgpu_phys_rd64(f->gpu, NVGPU_APER_SYS_COH, 0xff8) >>
			 32, ~0u);
}

/* All counted, few said. */
static void test_errors_do_not_flood(void **state)
{
	struct fixture *f = *state;
	uint8_t byte;
	unsigned int i;

	for (i = 0; i < 10000; i++)
		nvgpu_phys_read(f->gpu, NVGPU_APER_VRAM, VRAM_SIZE + i, &byte,
				1);
	assert_int_equal(nvgpu_counter(f->gpu, "guest_errors"), 10000);
	assert_in_range(f->host.errors, 16, 32);
}

#define ON(test) \
	cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ON_SYS(test) \
	{ #test "_sys", test, setup_sys, teardown, NULL }

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON(test_sizes_and_apertures),
		ON_SYS(test_sizes_and_apertures),
		ON(test_address_fields),
		ON(test_misaligned_page),
		ON(test_big_table_alignment),
		ON_SYS(test_big_table_alignment),
		ON(test_permissions),
		ON_SYS(test_permissions),
		ON(test_missing_levels),
		ON_SYS(test_missing_levels),
		ON(test_bad_entries),
		ON_SYS(test_unreadable_table),
		ON(test_address_space),
		ON(test_unbound_instance),
		ON(test_invalid_big_entry),
		ON_SYS(test_invalid_big_entry),
		ON(test_sparse),
		ON_SYS(test_sparse),
		ON(test_cleared_valid_bit),
		ON(test_access_all_or_nothing),
		ON(test_largest_access),
		ON(test_physical_bounds),
		ON(test_errors_do_not_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
