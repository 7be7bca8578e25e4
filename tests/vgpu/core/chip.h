/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chips as data: what differs from one GPU to the next. */
#ifndef NVGPU_CHIP_H
#define NVGPU_CHIP_H

#include "device.h"

/** enum nvgpu_engine_kind - as PTOP's device info encodes it */
enum nvgpu_engine_kind {
	NVGPU_ENGINE_GR	= 0x00,
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
	uint16_t class_3d, class_compute, class_copy, class_inline, class_2d;
	uint16_t class_gpfifo;
};

extern const struct nvgpu_chip nvgpu_chip_gp100;

/* The chip of that name (NULL: the default one); NULL if there is none. */
const struct nvgpu_chip *nvgpu_chip_find(const char *name);

#endif
