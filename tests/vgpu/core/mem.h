/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical memory as the GPU sees it: VRAM and system memory over the bus. */
#ifndef NVGPU_MEM_H
#define NVGPU_MEM_H

#include "device.h"

/** enum nvgpu_aperture - as PTEs and instance block pointers encode it */
enum nvgpu_aperture {
	NVGPU_APER_VRAM		= 0,
	NVGPU_APER_PEER		= 1,	/* absent */
	NVGPU_APER_SYS_COH	= 2,
	NVGPU_APER_SYS_NCOH	= 3,
	/*
	 * Behind a sparse entry there is no memory: reads give zero, writes
	 * are dropped.  No encoding of hardware, only a translation's result.
	 */
	NVGPU_APER_SPARSE	= 4,
};

/*
 * Read or write physical memory.  False: outside of VRAM or refused by the
 * bus; counted, logged, nothing was written, a read returns all ones.
 */
bool nvgpu_phys_read(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		     void *buf, size_t len);
bool nvgpu_phys_write(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		      const void *buf, size_t len);

/* Little endian words; all ones on failure. */
uint32_t nvgpu_phys_rd32(struct nvgpu *gpu, enum nvgpu_aperture aper,
			 uint64_t pa);
uint64_t nvgpu_phys_rd64(struct nvgpu *gpu, enum nvgpu_aperture aper,
			 uint64_t pa);
void nvgpu_phys_wr32(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		     uint32_t val);

#endif
