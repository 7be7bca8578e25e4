// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The VBIOS as a driver reads it: through PROM, following its own pointers.
 * The rules checked are those of PCI and of nouveau's subdev/bios.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_host.h"

#define PROM		0x300000
#define STRAP_BOOT0	0x101000
#define ROM_MAX		0x10000

/** struct fixture - a GPU and its ROM as read */
struct fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	uint8_t rom[ROM_MAX];
};

static uint32_t rd(const struct fixture *f, uint32_t at, unsigned int bytes)
{
	uint32_t val = 0;

	assert_true(at + bytes <= ROM_MAX);
	while (bytes--)
		val = val << 8 | f->rom[at + bytes];
	return val;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	unsigned int i;

	f->gpu = fake_gpu_new(&f->host, NULL);
	for (i = 0; i < ROM_MAX; i += 4) {
		uint32_t val = fake_rd32(f->gpu, PROM + i);

		memcpy(f->rom + i, &val, 4);
	}
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(f->host.errors, 0);
	fake_gpu_free(f->gpu, &f->host);
	free(f);
	return 0;
}

static uint8_t sum(const struct fixture *f, uint32_t at, uint32_t bytes)
{
	uint8_t sum = 0;

	while (bytes--)
		sum += rd(f, at++, 1);
	return sum;
}

static uint32_t image_size(const struct fixture *f)
{
	uint32_t pcir = rd(f, 0x18, 2);

	return rd(f, pcir + 0x10, 2) * 512;
}

static void test_header(void **state)
{
	struct fixture *f = *state;
	uint32_t pcir = rd(f, 0x18, 2);

	assert_int_equal(rd(f, 0, 2), 0xaa55);
	assert_memory_equal(f->rom + pcir, "PCIR", 4);
	assert_int_equal(rd(f, pcir + 4, 2), 0x10de);
	assert_int_equal(rd(f, pcir + 6, 2), nvgpu_pci_id("gp100"));
	assert_int_equal(rd(f, pcir + 0x14, 1), 0);
	assert_int_equal(rd(f, pcir + 0x15, 1) & 0x80, 0x80);
	assert_int_equal(rd(f, 2, 1) * 512, image_size(f));
	assert_int_equal(sum(f, 0, image_size(f)), 0);
}

/* An NVIDIA extension after the PCIR would change size and last image. */
static void test_no_extension(void **state)
{
	struct fixture *f = *state;
	uint32_t pcir = rd(f, 0x18, 2);
	uint32_t at = (pcir + rd(f, pcir + 0x0a, 2) + 15) & ~15u;

	assert_memory_not_equal(f->rom + at, "NPDE", 4);
	assert_memory_not_equal(f->rom, "NVGI", 4);
}

static void test_erased(void **state)
{
	struct fixture *f = *state;

	assert_true(image_size(f) < ROM_MAX);
	assert_int_equal(rd(f, image_size(f), 4), 0xffffffff);
	assert_int_equal(fake_rd32(f->gpu, PROM + 0xffffc), 0xffffffff);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;

	fake_wr32(f->gpu, PROM, 0);
	assert_int_equal(fake_rd32(f->gpu, PROM) & 0xffff, 0xaa55);
}

static uint32_t find_bit(const struct fixture *f)
{
	uint32_t at;

	for (at = 0; at < image_size(f); at++)
		if (rd(f, at, 2) == 0xb8ff &&
		    !memcmp(f->rom + at + 2, "BIT", 4))
			return at;
	fail_msg("no BIT");
	return 0;
}

/* Offset of the BIT table @id, which must have @version and @length. */
static uint32_t bit_table(const struct fixture *f, char id,
			  unsigned int version, unsigned int length)
{
	uint32_t bit = find_bit(f);
	uint32_t at = bit + rd(f, bit + 8, 1);
	unsigned int i, nr = rd(f, bit + 10, 1);

	for (i = 0; i < nr; i++, at += rd(f, bit + 9, 1)) {
		if (rd(f, at, 1) != (uint8_t)id)
			continue;
		assert_int_equal(rd(f, at + 1, 1), version);
		assert_true(rd(f, at + 2, 2) >= length);
		assert_true(rd(f, at + 4, 2) + length <= image_size(f));
		return rd(f, at + 4, 2);
	}
	fail_msg("no BIT table %c", id);
	return 0;
}

static void test_bit(void **state)
{
	struct fixture *f = *state;
	uint32_t bit = find_bit(f);

	assert_int_equal(sum(f, bit, rd(f, bit + 8, 1)), 0);
	/* nouveau prints bytes 3, 2, 1, 0 as the version */
	assert_int_equal(rd(f, bit_table(f, 'i', 2, 15), 4), 0x86000001);
	assert_true(bit_table(f, 'I', 1, 0x1c) > 0);
}

/* The memory type that the strap selects is HBM2 (6). */
static void test_memory_type(void **state)
{
	struct fixture *f = *state;
	unsigned int strap = fake_rd32(f->gpu, STRAP_BOOT0) >> 2 & 0xf;
	uint32_t at = rd(f, bit_table(f, 'M', 2, 5) + 3, 2);
	unsigned int i, len, nr, found = 0;

	assert_int_equal(rd(f, at, 1), 0x10);
	assert_int_equal(rd(f, at + 4, 1), 0);	/* selected by RAMCFG */
	len = rd(f, at + 2, 1);
	nr = rd(f, at + 3, 1);
	at += rd(f, at + 1, 1);
	for (i = 0; i < nr; i++, at += len) {
		if (rd(f, at, 1) >> 4 != strap)
			continue;
		assert_int_equal(rd(f, at, 1) & 0xf, 6);
		found++;
	}
	assert_int_equal(found, 1);
}

static void test_rammap(void **state)
{
	struct fixture *f = *state;
	uint32_t at = rd(f, bit_table(f, 'P', 2, 8) + 4, 4);

	assert_int_equal(rd(f, at, 1), 0x11);
	assert_true(rd(f, at + 1, 1) >= 0x15);
	assert_int_equal(rd(f, at + 0x14, 1), 0);	/* no scripts */
	assert_int_equal(rd(f, at + 5, 1), 0);		/* no entries */
}

static void test_pmu(void **state)
{
	struct fixture *f = *state;
	uint32_t at = rd(f, bit_table(f, 'p', 2, 4), 4);
	unsigned int len = rd(f, at + 2, 1), nr = rd(f, at + 3, 1);
	unsigned int i, devinit = 0;

	at += rd(f, at + 1, 1);
	for (i = 0; i < nr; i++, at += len) {
		uint32_t app = rd(f, at + 2, 4);

		assert_true(app && app + 0x30 <= image_size(f));
		devinit += rd(f, at, 1) == 0x04;
	}
	assert_int_equal(devinit, 1);
}

/* The driver need not run any of it. */
static void test_posted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(fake_rd32(f->gpu, 0x02240c) & 2, 2);
	assert_int_equal(fake_rd32(f->gpu, 0x021c04) & 1, 1);
	assert_int_equal(fake_rd32(f->gpu, STRAP_BOOT0) & 0x00400040,
			 0x00400000);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_no_extension),
		cmocka_unit_test(test_erased),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_bit),
		cmocka_unit_test(test_memory_type),
		cmocka_unit_test(test_rammap),
		cmocka_unit_test(test_pmu),
		cmocka_unit_test(test_posted),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
