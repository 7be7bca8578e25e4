// SPDX-License-Identifier: GPL-2.0-or-later
/* The CPU's apertures: PRAMIN, and BAR1 and BAR2 bound to address spaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_host.h"
#include "reg.h"

#define PRAMIN_BASE		0x001700
#define PRAMIN_SYSMEM		0x02000000u	/* coherent */
#define PRAMIN			0x700000
#define BAR1_BLOCK		0x001704
#define BIND_STATUS		0x001710
#define BAR2_BLOCK		0x001714
#define BLOCK_VIRTUAL		0x80000000u
#define INVALIDATE_STATUS	0x100c80
#define INVALIDATE_DONE		0x00008000u
#define INVALIDATE_PDB		0x100cb8
#define INVALIDATE		0x100cbc
#define INVALIDATE_ALL		0x80000003u	/* all addresses, all PDBs */
#define MMU_FAULT_UNITS		0x00259c
#define MMU_FAULT_INST(unit)	(0x002800 + (unit) * 16)
#define MMU_FAULT_VA(unit)	(0x002804 + (unit) * 16)
#define MMU_FAULT_INFO(unit)	(0x00280c + (unit) * 16)

/* Where the test keeps an address space in VRAM. */
#define INST			0x10000u
#define PD3			0x11000u
#define PD2			0x12000u
#define PD1			0x13000u
#define PD0			0x14000u
#define SPT			0x15000u
#define PAGE			0x20000u

#define PDE_VRAM		0x2u	/* bits 2:1 */
#define PTE_VALID		0x1u
#define PTE_RO			0x40u

/** struct fixture - a GPU with an address space that maps one page at 0 */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
};

static void table(struct nvgpu *gpu, uint32_t addr, uint64_t first)
{
	unsigned int i;

	for (i = 0; i < 0x1000; i += 8)
		fake_vram_wr64(gpu, addr + i, 0);
	fake_vram_wr64(gpu, addr, first);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->gpu = fake_gpu_new(&f->host, NULL);
	f->host.quiet = true;
	table(f->gpu, PD3, PD2 >> 4 | PDE_VRAM);
	table(f->gpu, PD2, PD1 >> 4 | PDE_VRAM);
	table(f->gpu, PD1, PD0 >> 4 | PDE_VRAM);
	table(f->gpu, PD0, 0);
	fake_vram_wr64(f->gpu, PD0 + 8, SPT >> 4 | PDE_VRAM);
	table(f->gpu, SPT, PAGE >> 4 | PTE_VALID);
	fake_vram_wr64(f->gpu, INST + 0x200, PD3 | 1u << 11 | 1u << 10);
	fake_vram_wr64(f->gpu, INST + 0x208, (1ull << 40) - 1);
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

static void test_pramin(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PRAMIN_BASE, 0x100);		/* 16 MiB */
	fake_wr32(f->gpu, PRAMIN, 0x11223344);
	fake_wr32(f->gpu, PRAMIN + 0xffffc, 0x55667788);
	fake_wr32(f->gpu, PRAMIN_BASE, 0x10f);
	assert_int_equal(fake_rd32(f->gpu, PRAMIN + 0xfffc), 0x55667788);
	fake_wr32(f->gpu, PRAMIN_BASE, 0x0f1);
	assert_int_equal(fake_rd32(f->gpu, PRAMIN + 0xf0000), 0x11223344);
	assert_int_equal(nvgpu_bar_read(f->gpu, 0, PRAMIN + 0xf0001, 1), 0x33);
	nvgpu_bar_write(f->gpu, 0, PRAMIN + 0xf0002, 0xaa, 1);
	assert_int_equal(fake_rd32(f->gpu, PRAMIN + 0xf0000), 0x11aa3344);
	assert_int_equal(f->host.errors, 0);
}

static void test_pramin_sysmem(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PRAMIN_BASE, PRAMIN_SYSMEM | 0x1);
	fake_wr32(f->gpu, PRAMIN + 8, 0x11223344);
	assert_int_equal(f->host.ram[0x10008], 0x44);
	assert_int_equal(f->host.ram[0x1000b], 0x11);
	assert_int_equal(fake_rd32(f->gpu, PRAMIN + 8), 0x11223344);
}

static void test_pramin_beyond(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PRAMIN_BASE, 0x400);		/* 64 MiB: the end */
	assert_int_equal(fake_rd32(f->gpu, PRAMIN), 0xffffffff);
	assert_true(f->host.errors > 0);
}

static void test_physical(void **state)
{
	struct fixture *f = *state;

	fake_vram_wr32(f->gpu, 0x1000, 0x11223344);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0x1000, 4), 0x11223344);
	nvgpu_bar_write(f->gpu, 2, 0x1002, 0xabcd, 2);
	assert_int_equal(fake_vram_rd32(f->gpu, 0x1000), 0xabcd3344);
	assert_int_equal(nvgpu_counter(f->gpu, "bar1_reads"), 1);
	assert_int_equal(nvgpu_counter(f->gpu, "bar2_writes"), 1);
}

static void virtual_access(struct fixture *f, int bar, uint32_t block)
{
	fake_wr32(f->gpu, block, BLOCK_VIRTUAL | INST >> 12);
	assert_int_equal(fake_rd32(f->gpu, BIND_STATUS), 0);
	nvgpu_bar_write(f->gpu, bar, 0x120, 0x1122334455667788ull, 8);
	assert_int_equal(fake_vram_rd32(f->gpu, PAGE + 0x120), 0x55667788);
	assert_int_equal(fake_vram_rd32(f->gpu, PAGE + 0x124), 0x11223344);
	nvgpu_bar_write(f->gpu, bar, 0x123, 0xee, 1);
	assert_int_equal(nvgpu_bar_read(f->gpu, bar, 0x122, 2), 0xee66);
	assert_int_equal(f->host.errors, 0);
}

static void test_bar1(void **state)
{
	virtual_access(*state, 1, BAR1_BLOCK);
}

static void test_bar2(void **state)
{
	virtual_access(*state, 2, BAR2_BLOCK);
}

/* The two are bound apart. */
static void test_apart(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BAR1_BLOCK, BLOCK_VIRTUAL | INST >> 12);
	nvgpu_bar_write(f->gpu, 1, 0, 0x11111111, 4);
	nvgpu_bar_write(f->gpu, 2, 0, 0x22222222, 4);
	assert_int_equal(fake_vram_rd32(f->gpu, PAGE), 0x11111111);
	assert_int_equal(fake_vram_rd32(f->gpu, 0), 0x22222222);
	fake_wr32(f->gpu, BAR1_BLOCK, 0);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0, 4), 0x22222222);
}

static void check_fault(struct fixture *f, unsigned int unit, uint32_t va,
			uint32_t access, uint32_t reason)
{
	uint32_t info = fake_rd32(f->gpu, MMU_FAULT_INFO(unit));

	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT_UNITS), 1u << unit);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT_INST(unit)) & 0x0fffffff,
			 INST >> 12);
	assert_int_equal(fake_rd32(f->gpu, MMU_FAULT_VA(unit)) & ~0xfffu, va);
	assert_int_equal(info & 0x1f, reason);
	assert_int_equal(info >> 8 & 0x7f, 7);		/* HOST_CPU */
	assert_int_equal(info >> 16 & 7, access);
	assert_int_equal(info >> 20 & 1, 1);		/* hub */
}

static void test_miss_read(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BAR1_BLOCK, BLOCK_VIRTUAL | INST >> 12);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0x1000, 4), 0xffffffff);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 1);
	check_fault(f, 4, 0x1000, 0, 2);
}

static void test_miss_write(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BAR2_BLOCK, BLOCK_VIRTUAL | INST >> 12);
	fake_vram_wr64(f->gpu, SPT, PAGE >> 4 | PTE_VALID | PTE_RO);
	fake_vram_wr32(f->gpu, PAGE, 0x11111111);
	nvgpu_bar_write(f->gpu, 2, 0, 0x22222222, 4);
	assert_int_equal(fake_vram_rd32(f->gpu, PAGE), 0x11111111);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 1);
	check_fault(f, 5, 0, 1, 6);
}

/* As a driver does it: trigger, then poll; 10 polls are plenty. */
static void invalidate(struct nvgpu *gpu)
{
	unsigned int polls = 0;

	fake_wr32(gpu, INVALIDATE_PDB, 0);
	fake_wr32(gpu, INVALIDATE, INVALIDATE_ALL);
	while (!(fake_rd32(gpu, INVALIDATE_STATUS) & INVALIDATE_DONE))
		assert_true(polls++ < 10);
}

/* A changed PTE is seen after an invalidate, not before. */
static void test_stale(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BAR1_BLOCK, BLOCK_VIRTUAL | INST >> 12);
	fake_vram_wr32(f->gpu, PAGE, 0x11111111);
	fake_vram_wr32(f->gpu, PAGE + 0x1000, 0x22222222);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0, 4), 0x11111111);
	fake_vram_wr64(f->gpu, SPT, (PAGE + 0x1000) >> 4 | PTE_VALID);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0, 4), 0x11111111);
	invalidate(f->gpu);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0, 4), 0x22222222);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 0);
}

static void test_reset(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, BAR1_BLOCK, BLOCK_VIRTUAL | INST >> 12);
	nvgpu_reset(f->gpu);
	assert_int_equal(nvgpu_bar_read(f->gpu, 1, 0x5000, 4), 0xa5a5a5a5);
	assert_int_equal(nvgpu_counter(f->gpu, "faults_fatal"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(test_pramin),
		TEST(test_pramin_sysmem),
		TEST(test_pramin_beyond),
		TEST(test_physical),
		TEST(test_bar1),
		TEST(test_bar2),
		TEST(test_apart),
		TEST(test_miss_read),
		TEST(test_miss_write),
		TEST(test_stale),
		TEST(test_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
