/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chips as data: what differs from one GPU to the next. */
#ifndef NVGPU_CHIP_H
#define NVGPU_CHIP_H

#include "device.h"

/** enum nvgpu_engine_kind - as PTOP's device info encodes it */
enum nvgpu_engine_kind {
	NVGPU_ENGINE_GR	= 0x00,
	NVGPU_ENGINE_SEC2	= 0x0d,
	NVGPU_ENGINE_CE	= 0x13,
};

/** struct nvgpu_engine - one entry of PTOP's device info table */
struct nvgpu_engine {
	enum nvgpu_engine_kind kind;
	/** @instance: of its kind */
	uint8_t instance;
	/** @pri: address of its registers */
	uint32_t pri;
	/** @fault_id: MMU fault unit */
	uint8_t fault_id;
	/** @id: number in PFIFO's engine registers */
	uint8_t id;
	/** @runlist: that feeds it */
	uint8_t runlist;
	/** @intr: bit in the interrupt tree; @reset: bit in PMC_ENABLE */
	uint8_t intr, reset;
	/** @hub_client: client id of its accesses through the hub */
	uint8_t hub_client;
};

/** struct nvgpu_microcontroller - one that the host feeds no channels to */
struct nvgpu_microcontroller {
	/** @kind: in PTOP's device info table */
	enum nvgpu_engine_kind kind;
	/** @pri: address of its registers */
	uint32_t pri;
	/** @intr: bit in the interrupt tree; @reset: bit in PMC_ENABLE */
	uint8_t intr, reset;
};

/**
 * struct nvgpu_acr_layout - how ACR's programs and the driver agree
 *
 * Offsets are in bytes, of what the driver patches into the program's data
 * (struct flcn_acr_desc) and of the headers that stand at the start of the
 * write protected region (struct wpr_header).
 */
struct nvgpu_acr_layout {
	/** @desc_size: of the descriptor */
	uint16_t desc_size;
	/** @no_regions: where the number of regions is */
	uint16_t no_regions;
	/** @start: where the first region's start is */
	uint16_t start;
	/** @end: where its end is */
	uint16_t end;
	/** @shadow: where the region is to be copied from; 0: it is in place */
	uint16_t shadow;
	/** @header_size: of one falcon */
	uint16_t header_size;
	/** @status: of the word in it that ACR writes */
	uint16_t status;
	/** @unloaded: what the unload program says when it is done */
	uint32_t unloaded;
};

/** struct nvgpu_chip - one chip */
struct nvgpu_chip {
	/** @name: as nvgpu_config.chip spells it */
	const char *name;
	uint16_t pci_device;
	/** @boot0: PMC_BOOT_0 */
	uint32_t boot0;
	const struct nvgpu_engine *engines;
	unsigned int nr_engines;
	/** @pbdma_runlists: for each PBDMA, a mask of runlists it serves */
	const uint32_t *pbdma_runlists;
	unsigned int nr_pbdmas;
	/** @nr_runlists: runlists it has */
	unsigned int nr_runlists;
	/** @class_3d and so on: object classes it knows */
	uint16_t class_3d, class_compute, class_inline, class_2d;
	uint16_t class_gpfifo;
	/** @class_copy: newest first; 0: no more */
	uint16_t class_copy[2];
	/** @ppcs_per_gpc: primitive engines that share a GPC's TPCs */
	uint8_t ppcs_per_gpc;
	/** @sec2: runs ACR's load program; NULL: the PMU runs it */
	const struct nvgpu_microcontroller *sec2;
	const struct nvgpu_acr_layout *acr;
	/** @units: those that not every chip has, @nr_units of them */
	const struct nvgpu_unit *const *units;
	unsigned int nr_units;
};

extern const struct nvgpu_chip nvgpu_chip_gp100;
extern const struct nvgpu_chip nvgpu_chip_gp107;

/* Is @cls a copy class of the chip? */
bool nvgpu_chip_copies(const struct nvgpu_chip *chip, uint32_t cls);

/* The @i-th chip, NULL behind the last. */
const struct nvgpu_chip *nvgpu_chip_at(unsigned int i);

/* The chip of that name (NULL: the default one); NULL if there is none. */
const struct nvgpu_chip *nvgpu_chip_find(const char *name);

#endif
