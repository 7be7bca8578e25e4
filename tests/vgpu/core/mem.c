// SPDX-License-Identifier: GPL-2.0-or-later
/* Physical memory: VRAM, and system memory through the embedder's bus. */
#include <string.h>

#include "mem.h"

#define LOUD_AT_FIRST	16u

/*
 * A wild pointer in a guest's loop makes millions of bad accesses: after the
 * first few only every power of two is said aloud.  All are counted.
 */
static bool loud(uint64_t nth)
{
	return nth < LOUD_AT_FIRST || !(nth & (nth - 1));
}

static const char *aperture_name(enum nvgpu_aperture aper)
{
	switch (aper) {
	case NVGPU_APER_VRAM:
		return "VRAM";
	case NVGPU_APER_SYS_COH:
	case NVGPU_APER_SYS_NCOH:
		return "system memory";
	default:
		return "unsupported aperture";
	}
}

static void bad_access(struct nvgpu *gpu, enum nvgpu_aperture aper,
		       uint64_t pa, size_t len, const char *what)
{
	if (aper == NVGPU_APER_SYS_COH || aper == NVGPU_APER_SYS_NCOH)
		gpu->count.dma_errors++;
	if (loud(gpu->count.guest_errors))
		nvgpu_guest_error(gpu, "%s: %s of %zu bytes at %llx failed",
				  aperture_name(aper), what, len,
				  (unsigned long long)pa);
	else
		gpu->count.guest_errors++;
}

static bool in_vram(const struct nvgpu *gpu, uint64_t pa, size_t len)
{
	return pa < gpu->config.vram_size && len <= gpu->config.vram_size - pa;
}

static bool phys_read(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		      void *buf, size_t len)
{
	switch (aper) {
	case NVGPU_APER_VRAM:
		if (!in_vram(gpu, pa, len))
			return false;
		memcpy(buf, gpu->vram + pa, len);
		return true;
	case NVGPU_APER_SYS_COH:
	case NVGPU_APER_SYS_NCOH:
		if (!gpu->ops->dma_read(gpu->opaque, pa, buf, len))
			return false;
		gpu->count.dma_read_bytes += len;
		return true;
	case NVGPU_APER_SPARSE:
		memset(buf, 0, len);
		return true;
	default:
		return false;
	}
}

bool nvgpu_phys_read(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		     void *buf, size_t len)
{
	if (phys_read(gpu, aper, pa, buf, len))
		return true;
	bad_access(gpu, aper, pa, len, "read");
	memset(buf, 0xff, len);
	return false;
}

static bool phys_write(struct nvgpu *gpu, enum nvgpu_aperture aper,
		       uint64_t pa, const void *buf, size_t len)
{
	switch (aper) {
	case NVGPU_APER_VRAM:
		if (!in_vram(gpu, pa, len))
			return false;
		memcpy(gpu->vram + pa, buf, len);
		return true;
	case NVGPU_APER_SYS_COH:
	case NVGPU_APER_SYS_NCOH:
		if (!gpu->ops->dma_write(gpu->opaque, pa, buf, len))
			return false;
		gpu->count.dma_write_bytes += len;
		return true;
	case NVGPU_APER_SPARSE:
		return true;
	default:
		return false;
	}
}

bool nvgpu_phys_write(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		      const void *buf, size_t len)
{
	if (phys_write(gpu, aper, pa, buf, len))
		return true;
	bad_access(gpu, aper, pa, len, "write");
	return false;
}

static uint64_t load_le(const uint8_t *p, unsigned int size)
{
	uint64_t val = 0;

	while (size--)
		val = val << 8 | p[size];
	return val;
}

static void store_le(uint8_t *p, unsigned int size, uint64_t val)
{
	for (; size--; val >>= 8)
		*p++ = val;
}

uint32_t nvgpu_phys_rd32(struct nvgpu *gpu, enum nvgpu_aperture aper,
			 uint64_t pa)
{
	uint8_t buf[4];

	nvgpu_phys_read(gpu, aper, pa, buf, sizeof(buf));
	return load_le(buf, sizeof(buf));
}

uint64_t nvgpu_phys_rd64(struct nvgpu *gpu, enum nvgpu_aperture aper,
			 uint64_t pa)
{
	uint8_t buf[8];

	nvgpu_phys_read(gpu, aper, pa, buf, sizeof(buf));
	return load_le(buf, sizeof(buf));
}

void nvgpu_phys_wr32(struct nvgpu *gpu, enum nvgpu_aperture aper, uint64_t pa,
		     uint32_t val)
{
	uint8_t buf[4];

	store_le(buf, sizeof(buf), val);
	nvgpu_phys_write(gpu, aper, pa, buf, sizeof(buf));
}
