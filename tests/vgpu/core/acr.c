// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACR: the signed programs that set up the write protected region (WPR), load
 * falcons' firmware from it, and take it down.  On GP100 the PMU runs both; on
 * later chips SEC2 runs the first, which also copies the region from where the
 * driver has built it, and leaves it to SEC2's own firmware to load the
 * graphics falcons.  Only the handshake is modelled; signatures are not looked
 * at and nothing is really protected.
 *
 * Sources: nouveau's nvkm/subdev/acr/{base,gm200,gp102}.c,
 * include/nvfw/{acr,flcn}.h
 */
#include <stdlib.h>

#include "chip.h"
#include "falcon.h"
#include "mmu.h"

/* struct flcn_bl_dmem_desc_v1, which the driver leaves at DMEM 0. */
#define BL_DATA_DMA_BASE	0x40
#define BL_DATA_SIZE		0x48

/* struct flcn_acr_desc, in the program's data: layout as the chip says */
#define ACR_DESC_SIZE_MAX	0x300
#define ACR_REGIONS_TO_LOAD	2	/* the unload program has none */

/* struct wpr_header, an array at the start of the region */
#define WPR_HEADER_LAZY		12	/* not to be loaded before it's asked for */
#define WPR_STATUS_READY	6
#define WPR_ID_INVALID		0xffffffffu
#define WPR_MAX_FALCONS		11

#define ACR_LOADED		0u
#define ACR_FAILED		1u

/* 0x100cd4: what the index written to it selects */
#define WPR_INFO_START		2
#define WPR_INFO_END		3
#define WPR_INFO_GRANULE	0x20000u

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_desc(struct nvgpu *gpu, const struct nvgpu_falcon *falcon,
		      uint8_t *desc)
{
	/* SEC2's fault unit is not known: the driver names none for it. */
	const struct nvgpu_client client = {
		.unit = 23,	/* PMU */
		.id = falcon->base == FALCON_SEC2_BASE ? 0x16 : 0x12,
		.hub = true,
	};
	uint64_t va = le32(falcon->dmem + BL_DATA_DMA_BASE) |
		      (uint64_t)le32(falcon->dmem + BL_DATA_DMA_BASE + 4) << 32;
	uint32_t size = gpu->chip->acr->desc_size;
	struct nvgpu_fault_info fault;
	struct nvgpu_vm vm;

	if (falcon->instblk & FALCON_INSTBLK_TARGET) {
		nvgpu_unknown(gpu, "ACR: instance block in system memory");
		return false;
	}
	if (le32(falcon->dmem + BL_DATA_SIZE) < size) {
		nvgpu_guest_error(gpu, "ACR: no descriptor in %x bytes of data",
				  le32(falcon->dmem + BL_DATA_SIZE));
		return false;
	}
	nvgpu_vm_load(gpu, &vm,
		      (uint64_t)(falcon->instblk & FALCON_INSTBLK_PTR) << 12);
	if (!nvgpu_vm_read(gpu, &vm, &client, va, desc, size, &fault)) {
		nvgpu_guest_error(gpu, "ACR: descriptor at %llx not mapped",
				  (unsigned long long)va);
		return false;
	}
	return true;
}

/* The driver's numbers of falcons (enum nvkm_acr_lsf_id). */
static struct nvgpu_falcon *falcon_by_lsf_id(struct nvgpu *gpu, uint32_t id)
{
	switch (id) {
	case 2:
		return &gpu->falcons->falcon[NVGPU_FALCON_FECS];
	case 3:
		return &gpu->falcons->falcon[NVGPU_FALCON_GPCCS];
	case 7:
		return gpu->chip->sec2 ?
		       &gpu->falcons->falcon[NVGPU_FALCON_SEC2] : NULL;
	}
	return NULL;
}

/*
 * The @i-th header of the region.  False: it's behind the last, and if there is
 * no mark for the end, that is said.
 */
static bool header_at(struct nvgpu *gpu, unsigned int i, uint64_t *header,
		      uint32_t *id)
{
	*header = gpu->falcons->wpr_start + i * gpu->chip->acr->header_size;
	if (i == WPR_MAX_FALCONS) {
		nvgpu_guest_error(gpu, "ACR: WPR has no end of falcons");
		return false;
	}
	*id = nvgpu_phys_rd32(gpu, NVGPU_APER_VRAM, *header);
	return *id != WPR_ID_INVALID;
}

static void load_falcon(struct nvgpu *gpu, struct nvgpu_falcon *falcon)
{
	nvgpu_falcon_reset(gpu, falcon - gpu->falcons->falcon);
	falcon->loaded = true;
}

/*
 * The one that runs ACR itself is loaded at the end: it goes on with what it
 * has till the driver starts it anew.
 */
static bool load_falcons(struct nvgpu *gpu, struct nvgpu_falcon *self)
{
	unsigned int i;
	uint64_t header;
	uint32_t id;

	for (i = 0; header_at(gpu, i, &header, &id); i++) {
		struct nvgpu_falcon *falcon = falcon_by_lsf_id(gpu, id);

		if (!falcon) {
			nvgpu_unknown(gpu, "ACR: falcon %u", id);
			return false;
		}
		if (falcon == self)
			falcon->loaded = true;
		else if (!nvgpu_phys_rd32(gpu, NVGPU_APER_VRAM,
					  header + WPR_HEADER_LAZY))
			load_falcon(gpu, falcon);
		nvgpu_phys_wr32(gpu, NVGPU_APER_VRAM,
				header + gpu->chip->acr->status,
				WPR_STATUS_READY);
	}
	return i < WPR_MAX_FALCONS;
}

bool nvgpu_acr_bootstrap(struct nvgpu *gpu, uint32_t id)
{
	bool any = gpu->falcons->wpr_start != gpu->falcons->wpr_end;
	struct nvgpu_falcon *falcon = falcon_by_lsf_id(gpu, id);
	uint64_t header;
	uint32_t there;
	unsigned int i;

	for (i = 0; any && falcon && header_at(gpu, i, &header, &there); i++) {
		if (there != id)
			continue;
		load_falcon(gpu, falcon);
		return true;
	}
	nvgpu_guest_error(gpu, "ACR: falcon %u is not in the WPR", id);
	return false;
}

/* Where the driver could build it is not where it is protected. */
static bool copy_region(struct nvgpu *gpu, uint64_t from, uint64_t to,
			uint64_t size)
{
	uint8_t *bytes = malloc(size);
	bool good = bytes &&
		    nvgpu_phys_read(gpu, NVGPU_APER_VRAM, from, bytes, size) &&
		    nvgpu_phys_write(gpu, NVGPU_APER_VRAM, to, bytes, size);

	free(bytes);
	return good;
}

static bool region_set(struct nvgpu *gpu, const uint8_t *desc)
{
	const struct nvgpu_acr_layout *layout = gpu->chip->acr;
	uint64_t start = (uint64_t)le32(desc + layout->start) << 8;
	uint64_t end = (uint64_t)le32(desc + layout->end) << 8;

	if (start >= end || end > gpu->config.vram_size ||
	    (start | end) & (WPR_INFO_GRANULE - 1)) {
		nvgpu_guest_error(gpu, "ACR: bad WPR %llx-%llx",
				  (unsigned long long)start,
				  (unsigned long long)end);
		return false;
	}
	if (layout->shadow &&
	    !copy_region(gpu, (uint64_t)le32(desc + layout->shadow) << 8,
			 start, end - start))
		return false;
	gpu->falcons->wpr_start = start;
	gpu->falcons->wpr_end = end;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "ACR: WPR %llx-%llx",
		  (unsigned long long)start, (unsigned long long)end);
	return true;
}

static void acr_unload(struct nvgpu *gpu)
{
	gpu->falcons->wpr_start = 0;
	gpu->falcons->wpr_end = 0;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "ACR: unloaded");
}

void nvgpu_acr_run(struct nvgpu *gpu, struct nvgpu_falcon *falcon)
{
	uint8_t desc[ACR_DESC_SIZE_MAX];
	uint32_t status = ACR_FAILED;

	if (!read_desc(gpu, falcon, desc)) {
		/* said why */
	} else if (le32(desc + gpu->chip->acr->no_regions) !=
		   ACR_REGIONS_TO_LOAD) {
		acr_unload(gpu);
		status = gpu->chip->acr->unloaded;
	} else if (region_set(gpu, desc) && load_falcons(gpu, falcon)) {
		status = ACR_LOADED;
	}
	falcon_wr(gpu, falcon, FALCON_MAILBOX0, status);
}

/* Addresses are shown >> 8; the end is that of the last granule's start. */
uint32_t nvgpu_acr_wpr_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t stored)
{
	const struct nvgpu_falcons *falcons = gpu->falcons;

	if (falcons->wpr_start == falcons->wpr_end)
		return 0;
	switch (falcons->wpr_index) {
	case WPR_INFO_START:
		return falcons->wpr_start >> 8 & ~0xffu;
	case WPR_INFO_END:
		return (falcons->wpr_end - WPR_INFO_GRANULE) >> 8 & ~0xffu;
	}
	return 0;
}

void nvgpu_acr_wpr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	if (val != WPR_INFO_START && val != WPR_INFO_END)
		nvgpu_unknown(gpu, "%s: index %x", reg->name, val);
	gpu->falcons->wpr_index = val;
}
