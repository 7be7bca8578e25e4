/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host for the library in unit tests: system memory in an array, a clock. */
#ifndef NVGPU_FAKE_HOST_H
#define NVGPU_FAKE_HOST_H

#include "nvgpu.h"

#define FAKE_RAM_SIZE	(16u << 20)

/** struct fake_host - what the callbacks of one GPU see and record */
struct fake_host {
	/** @ram: system memory, bus address 0 up */
	uint8_t *ram;
	/** @refuse: bus addresses at or above it are refused; 0: none */
	uint64_t refuse;
	uint64_t now;
	uint64_t alarm;
	unsigned int msis, kicks, errors;
	/** @wanted: what somebody who waits for the GPU's lock would set */
	bool wanted;
	/** @quiet: do not print the library's messages */
	bool quiet;
	char last_error[256];
	/** @trace: gets messages of level NVGPU_LOG_TRACE; NULL: as others */
	void (*trace)(const char *msg);
};

/* A GPU in a fake host; @config may be NULL.  Asserts success. */
struct nvgpu *fake_gpu_new(struct fake_host *host,
			   const struct nvgpu_config *config);
void fake_gpu_free(struct nvgpu *gpu, struct fake_host *host);

/*
 * From now on a few GPUs that are freed wait for who wants such a one, and are
 * reset then: making one takes longer than most of what is done with it.
 */
#define FAKE_SPARE	4
void fake_gpu_keep(void);

/* Registers by BAR0 address. */
uint32_t fake_rd32(struct nvgpu *gpu, uint32_t addr);
void fake_wr32(struct nvgpu *gpu, uint32_t addr, uint32_t val);

/* VRAM through the PRAMIN window. */
uint32_t fake_vram_rd32(struct nvgpu *gpu, uint64_t addr);
void fake_vram_wr32(struct nvgpu *gpu, uint64_t addr, uint32_t val);
void fake_vram_wr64(struct nvgpu *gpu, uint64_t addr, uint64_t val);

/* nvgpu_run() until idle or @max calls. */
void fake_run(struct nvgpu *gpu, unsigned int max);

#endif
