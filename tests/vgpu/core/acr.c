// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * ACR: the signed PMU program that sets up the write protected region (WPR)
 * and loads the graphics falcons' firmware from it.  Only its handshake is
 * modelled; signatures are not looked at and nothing is really protected.
 *
 * Sources: nouveau's nvkm/subdev/acr/{base,gm200}.c, include/nvfw/{acr,flcn}.h
 */
#include "falcon.h"
#include "mmu.h"

/* struct flcn_bl_dmem_desc_v1, which the driver leaves at DMEM 0. */
#define BL_DATA_DMA_BASE	0x40
#define BL_DATA_SIZE		0x48

/* struct flcn_acr_desc, in the program's data */
#define ACR_DESC_SIZE		0x260
#define ACR_DESC_NO_REGIONS	0x20c
#define ACR_DESC_START		0x210	/* of region 0, >> 8 */
#define ACR_DESC_END		0x214
#define ACR_REGIONS_TO_LOAD	2	/* the unload program has none */

/* struct wpr_header, an array at the start of the region */
#define WPR_HEADER_SIZE		20
#define WPR_HEADER_STATUS	16
#define WPR_STATUS_READY	6
#define WPR_ID_INVALID		0xffffffffu
#define WPR_MAX_FALCONS		11

#define ACR_OK			0u
#define ACR_FAILED		1u

/* 0x100cd4: what the index written to it selects */
#define WPR_INFO_START		2
#define WPR_INFO_END		3
#define WPR_INFO_GRANULE	0x20000u

static uint32_t le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_desc(struct nvgpu *gpu, const struct nvgpu_falcon *pmu,
		      uint8_t *desc)
{
	static const struct nvgpu_client client = {
		.unit = 23, .id = 0x12, .hub = true,	/* PMU */
	};
	uint32_t instblk = falcon_rd(gpu, pmu, PMU_NEW_INSTBLK);
	uint64_t va = le32(pmu->dmem + BL_DATA_DMA_BASE) |
		      (uint64_t)le32(pmu->dmem + BL_DATA_DMA_BASE + 4) << 32;
	struct nvgpu_fault_info fault;
	struct nvgpu_vm vm;

	if (instblk & PMU_INSTBLK_TARGET) {
		nvgpu_unknown(gpu, "ACR: instance block in system memory");
		return false;
	}
	if (le32(pmu->dmem + BL_DATA_SIZE) < ACR_DESC_SIZE) {
		nvgpu_guest_error(gpu, "ACR: no descriptor in %x bytes of data",
				  le32(pmu->dmem + BL_DATA_SIZE));
		return false;
	}
	nvgpu_vm_load(gpu, &vm, (uint64_t)(instblk & PMU_INSTBLK_PTR) << 12);
	if (!nvgpu_vm_read(gpu, &vm, &client, va, desc, ACR_DESC_SIZE,
			   &fault)) {
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
	}
	return NULL;
}

static bool load_falcons(struct nvgpu *gpu, uint64_t wpr)
{
	unsigned int i;

	for (i = 0; i < WPR_MAX_FALCONS; i++, wpr += WPR_HEADER_SIZE) {
		uint32_t id = nvgpu_phys_rd32(gpu, NVGPU_APER_VRAM, wpr);
		struct nvgpu_falcon *falcon;

		if (id == WPR_ID_INVALID)
			return true;
		falcon = falcon_by_lsf_id(gpu, id);
		if (!falcon) {
			nvgpu_unknown(gpu, "ACR: falcon %u", id);
			return false;
		}
		nvgpu_falcon_reset(gpu, falcon -
				   gpu->falcons->falcon);
		falcon->loaded = true;
		nvgpu_phys_wr32(gpu, NVGPU_APER_VRAM, wpr + WPR_HEADER_STATUS,
				WPR_STATUS_READY);
	}
	nvgpu_guest_error(gpu, "ACR: WPR has no end of falcons");
	return false;
}

static uint32_t acr_load(struct nvgpu *gpu, const uint8_t *desc)
{
	uint64_t start = (uint64_t)le32(desc + ACR_DESC_START) << 8;
	uint64_t end = (uint64_t)le32(desc + ACR_DESC_END) << 8;

	if (start >= end || end > gpu->config.vram_size ||
	    (start | end) & (WPR_INFO_GRANULE - 1)) {
		nvgpu_guest_error(gpu, "ACR: bad WPR %llx-%llx",
				  (unsigned long long)start,
				  (unsigned long long)end);
		return ACR_FAILED;
	}
	gpu->falcons->wpr_start = start;
	gpu->falcons->wpr_end = end;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "ACR: WPR %llx-%llx",
		  (unsigned long long)start, (unsigned long long)end);
	return load_falcons(gpu, start) ? ACR_OK : ACR_FAILED;
}

static void acr_unload(struct nvgpu *gpu)
{
	gpu->falcons->wpr_start = 0;
	gpu->falcons->wpr_end = 0;
	nvgpu_log(gpu, NVGPU_LOG_INFO, "ACR: unloaded");
}

void nvgpu_acr_run(struct nvgpu *gpu, struct nvgpu_falcon *pmu)
{
	uint8_t desc[ACR_DESC_SIZE];
	uint32_t status = ACR_OK;

	if (!read_desc(gpu, pmu, desc))
		status = ACR_FAILED;
	else if (le32(desc + ACR_DESC_NO_REGIONS) == ACR_REGIONS_TO_LOAD)
		status = acr_load(gpu, desc);
	else
		acr_unload(gpu);
	falcon_wr(gpu, pmu, FALCON_MAILBOX0, status);
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
