// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The video BIOS, and PROM: the window of BAR0 through which it is read.
 *
 * One x86 image with the tables nouveau insists on and no others: no display
 * outputs, no clocks, no voltages, no scripts.  Nothing in it is copied from
 * a board.  Layouts: envytools' documentation of PCI expansion ROMs and BIT
 * tables, and nouveau's subdev/bios, files named below.
 */
#include <stdlib.h>
#include <string.h>

#include "chip.h"
#include "reg.h"
#include "units.h"

#define PROM			0x300000
#define PROM_WORDS		((1u << 20) / 4)

#define PCI_VENDOR_NVIDIA	0x10de
#define PCI_CLASS_DISPLAY	0x03

/* Where things are in the image. */
#define IMAGE_SIZE		0x1000
#define IMAGE_UNIT		512
#define AT_SIGNATURE		0x000
#define AT_SIZE			0x002
#define AT_PCIR_POINTER		0x018
#define AT_PCIR			0x040
#define AT_BIT			0x080
#define AT_INFO			0x200	/* BIT 'i' */
#define AT_INIT			0x240	/* BIT 'I' */
#define AT_MEMORY		0x280	/* BIT 'M' */
#define AT_PERF			0x2c0	/* BIT 'P' */
#define AT_PMU			0x340	/* BIT 'p' */
#define AT_MEMORY_TYPES		0x400
#define AT_RAMMAP		0x480
#define AT_PMU_TABLE		0x500
#define AT_PMU_EMPTY_APP	0x600
#define AT_CHECKSUM		(IMAGE_SIZE - 1)

#define BIT_HEADER		12
#define BIT_ENTRY		6

/* The BIT tables; lengths are the least that nouveau takes. */
static const struct bit_table {
	char id;
	uint8_t version;
	uint16_t length;
	uint16_t at;
} bit_tables[] = {
	{ 'i', 2, 0x20, AT_INFO },	/* nouveau_bios.c: >= 15 */
	{ 'I', 1, 0x1c, AT_INIT },	/* devinit/gm200.c: >= 0x1c */
	{ 'M', 2, 0x08, AT_MEMORY },	/* bios/M0203.c: >= 5 */
	{ 'P', 2, 0x40, AT_PERF },	/* bios/rammap.c */
	{ 'p', 2, 0x04, AT_PMU },	/* bios/pmu.c: >= 4 */
};

/** struct nvgpu_vbios - the image */
struct nvgpu_vbios {
	uint8_t image[IMAGE_SIZE];
};

static void put(uint8_t *image, unsigned int at, unsigned int bytes,
		uint32_t val)
{
	for (; bytes; bytes--, val >>= 8)
		image[at++] = val;
}

/* What must be stored so that the bytes from @at to it sum up to zero. */
static uint8_t checksum(const uint8_t *image, unsigned int at,
			unsigned int bytes)
{
	uint8_t sum = 0;

	while (bytes--)
		sum += image[at++];
	return -sum;
}

/* The header PCI wants, and its PCI data structure. */
static void build_header(uint8_t *image, uint16_t device)
{
	put(image, AT_SIGNATURE, 2, 0xaa55);
	put(image, AT_SIZE, 1, IMAGE_SIZE / IMAGE_UNIT);
	put(image, AT_PCIR_POINTER, 2, AT_PCIR);

	memcpy(image + AT_PCIR, "PCIR", 4);
	put(image, AT_PCIR + 0x04, 2, PCI_VENDOR_NVIDIA);
	put(image, AT_PCIR + 0x06, 2, device);
	put(image, AT_PCIR + 0x0a, 2, 0x18);	/* length */
	put(image, AT_PCIR + 0x0c, 1, 3);	/* revision */
	put(image, AT_PCIR + 0x0f, 1, PCI_CLASS_DISPLAY);
	put(image, AT_PCIR + 0x10, 2, IMAGE_SIZE / IMAGE_UNIT);
	put(image, AT_PCIR + 0x14, 1, 0);	/* code type x86 */
	put(image, AT_PCIR + 0x15, 1, 0x80);	/* the last image */
}

static void build_bit(uint8_t *image)
{
	unsigned int i, at = AT_BIT + BIT_HEADER;

	put(image, AT_BIT, 2, 0xb8ff);
	memcpy(image + AT_BIT + 2, "BIT", 4);
	put(image, AT_BIT + 6, 2, 0x0100);	/* version */
	put(image, AT_BIT + 8, 1, BIT_HEADER);
	put(image, AT_BIT + 9, 1, BIT_ENTRY);
	put(image, AT_BIT + 10, 1, NVGPU_ARRAY_SIZE(bit_tables));
	put(image, AT_BIT + 11, 1, checksum(image, AT_BIT, BIT_HEADER - 1));

	for (i = 0; i < NVGPU_ARRAY_SIZE(bit_tables); i++, at += BIT_ENTRY) {
		put(image, at, 1, bit_tables[i].id);
		put(image, at + 1, 1, bit_tables[i].version);
		put(image, at + 2, 2, bit_tables[i].length);
		put(image, at + 4, 2, bit_tables[i].at);
	}
}

/* Memory type by strap: one entry, strap 0 means HBM2 (bios/M0203.c). */
static void build_memory(uint8_t *image)
{
	put(image, AT_MEMORY + 3, 2, AT_MEMORY_TYPES);
	put(image, AT_MEMORY_TYPES, 1, 0x10);		/* version */
	put(image, AT_MEMORY_TYPES + 1, 1, 7);		/* header */
	put(image, AT_MEMORY_TYPES + 2, 1, 2);		/* entry */
	put(image, AT_MEMORY_TYPES + 3, 1, 1);		/* entries */
	put(image, AT_MEMORY_TYPES + 4, 1, 0);		/* by RAMCFG */
	put(image, AT_MEMORY_TYPES + 7, 1, 0x06);	/* strap 0, HBM2 */

	/* bios/rammap.c and fb/ramgp100.c: a header without scripts */
	put(image, AT_PERF + 4, 4, AT_RAMMAP);
	put(image, AT_RAMMAP, 1, 0x11);			/* version */
	put(image, AT_RAMMAP + 1, 1, 0x15);		/* header */
}

/*
 * Programs for the PMU (bios/pmu.c): DEVINIT must be there, PRE_OS may.
 * Neither is run, since TOP_DEVINIT says that it was done.
 */
static void build_pmu(uint8_t *image)
{
	static const uint8_t type[] = { 0x04, 0x01 };
	unsigned int i;

	put(image, AT_PMU, 4, AT_PMU_TABLE);
	put(image, AT_PMU_TABLE, 1, 1);		/* version */
	put(image, AT_PMU_TABLE + 1, 1, 6);	/* header */
	put(image, AT_PMU_TABLE + 2, 1, 6);	/* entry */
	put(image, AT_PMU_TABLE + 3, 1, sizeof(type));
	for (i = 0; i < sizeof(type); i++) {
		put(image, AT_PMU_TABLE + 6 + i * 6, 1, type[i]);
		put(image, AT_PMU_TABLE + 8 + i * 6, 4, AT_PMU_EMPTY_APP);
	}
}

static void build(uint8_t *image, uint16_t device)
{
	build_header(image, device);
	build_bit(image);
	put(image, AT_INFO, 4, 0x86000001);	/* version 86.00.00.01 */
	build_memory(image);
	build_pmu(image);
	put(image, AT_CHECKSUM, 1, checksum(image, 0, AT_CHECKSUM));
}

/* Beyond the image the flash is erased. */
static uint32_t prom_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	const uint8_t *p;

	if (index * 4 >= IMAGE_SIZE)
		return ~0u;
	p = gpu->vbios->image + index * 4;
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static const struct nvgpu_reg vbios_regs[] = {
	{
		.addr = PROM,
		.count = PROM_WORDS,
		.name = "PROM",
		.ro = ~0u,
		.fidelity = NVGPU_INFERRED,
		.source = "nouveau subdev/bios/shadowrom.c",
		.read = prom_read,
	},
};

static bool vbios_init(struct nvgpu *gpu)
{
	gpu->vbios = calloc(1, sizeof(*gpu->vbios));
	if (gpu->vbios)
		build(gpu->vbios->image, gpu->chip->pci_device);
	return gpu->vbios;
}

static void vbios_fini(struct nvgpu *gpu)
{
	free(gpu->vbios);
}

const struct nvgpu_unit nvgpu_vbios_unit = {
	.name = "VBIOS",
	.regs = vbios_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(vbios_regs),
	.init = vbios_init,
	.fini = vbios_fini,
};
