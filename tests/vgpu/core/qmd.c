// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Queue meta data, version 2.1 (GP100).  Source: NVIDIA's clc0c0qmd.h; how a
 * driver fills it: Mesa's gp100_compute_setup_launch_desc().
 */
#include <string.h>

#include "ledger.h"
#include "method.h"
#include "qmd.h"

/** enum qmd_use - what the model does with a field */
enum qmd_use {
	/** @QMD_USED: decoded */
	QMD_USED,
	/** @QMD_HINT: caching, scheduling, limits: makes no difference here */
	QMD_HINT,
	/** @QMD_ABSENT: must be zero, anything else is not modelled */
	QMD_ABSENT,
};

/** struct qmd_field - a field, bits @hi to @lo of the 2048 */
struct qmd_field {
	uint16_t hi, lo;
	const char *name;
	enum qmd_use use;
};

enum qmd_used {
	PROGRAM_OFFSET,
	SM_GLOBAL_CACHING_ENABLE,
	CTA_RASTER_WIDTH,
	CTA_RASTER_HEIGHT,
	CTA_RASTER_DEPTH,
	SHARED_MEMORY_SIZE,
	QMD_VERSION,
	QMD_MAJOR_VERSION,
	CTA_THREAD_DIMENSION0,
	CTA_THREAD_DIMENSION1,
	CTA_THREAD_DIMENSION2,
	SHADER_LOCAL_MEMORY_LOW_SIZE,
	BARRIER_COUNT,
	SHADER_LOCAL_MEMORY_HIGH_SIZE,
	REGISTER_COUNT,
	CONSTANT_BUFFER_VALID,
	CONSTANT_BUFFER_ADDR_LOWER,
	CONSTANT_BUFFER_ADDR_UPPER,
	CONSTANT_BUFFER_SIZE_SHIFTED4,
	NR_USED,
};

/* Distance of the constant buffers' fields, in bits */
#define CB_VALID_STRIDE		1
#define CB_STRIDE		64

#define USED(hi, lo, f) \
	[f] = { hi, lo, #f, QMD_USED }

static const struct qmd_field fields[] = {
	USED(287, 256, PROGRAM_OFFSET),
	USED(134, 134, SM_GLOBAL_CACHING_ENABLE),
	USED(415, 384, CTA_RASTER_WIDTH),
	USED(431, 416, CTA_RASTER_HEIGHT),
	USED(463, 448, CTA_RASTER_DEPTH),
	USED(561, 544, SHARED_MEMORY_SIZE),
	USED(579, 576, QMD_VERSION),
	USED(583, 580, QMD_MAJOR_VERSION),
	USED(607, 592, CTA_THREAD_DIMENSION0),
	USED(623, 608, CTA_THREAD_DIMENSION1),
	USED(639, 624, CTA_THREAD_DIMENSION2),
	USED(951, 928, SHADER_LOCAL_MEMORY_LOW_SIZE),
	USED(959, 955, BARRIER_COUNT),
	USED(983, 960, SHADER_LOCAL_MEMORY_HIGH_SIZE),
	USED(991, 984, REGISTER_COUNT),
	/* Of constant buffer 0; the others' follow. */
	USED(640, 640, CONSTANT_BUFFER_VALID),
	USED(1055, 1024, CONSTANT_BUFFER_ADDR_LOWER),
	USED(1072, 1056, CONSTANT_BUFFER_ADDR_UPPER),
	USED(1087, 1075, CONSTANT_BUFFER_SIZE_SHIFTED4),

	{ 133, 128, "QMD_GROUP_ID", QMD_HINT },
	{ 135, 135, "RUN_CTA_IN_ONE_SM_PARTITION", QMD_HINT },
	{ 136, 136, "IS_QUEUE", QMD_ABSENT },
	{ 137, 137, "ADD_TO_HEAD_OF_QMD_GROUP_LINKED_LIST", QMD_HINT },
	{ 138, 138, "SEMAPHORE_RELEASE_ENABLE0", QMD_ABSENT },
	{ 139, 139, "SEMAPHORE_RELEASE_ENABLE1", QMD_ABSENT },
	{ 140, 140, "REQUIRE_SCHEDULING_PCAS", QMD_HINT },
	{ 141, 141, "DEPENDENT_QMD_SCHEDULE_ENABLE", QMD_ABSENT },
	{ 186, 186, "INVALIDATE_TEXTURE_HEADER_CACHE", QMD_HINT },
	{ 187, 187, "INVALIDATE_TEXTURE_SAMPLER_CACHE", QMD_HINT },
	{ 188, 188, "INVALIDATE_TEXTURE_DATA_CACHE", QMD_HINT },
	{ 189, 189, "INVALIDATE_SHADER_DATA_CACHE", QMD_HINT },
	{ 190, 190, "INVALIDATE_INSTRUCTION_CACHE", QMD_HINT },
	{ 191, 191, "INVALIDATE_SHADER_CONSTANT_CACHE", QMD_HINT },
	{ 223, 192, "CTA_RASTER_WIDTH_RESUME", QMD_ABSENT },
	{ 239, 224, "CTA_RASTER_HEIGHT_RESUME", QMD_ABSENT },
	{ 255, 240, "CTA_RASTER_DEPTH_RESUME", QMD_ABSENT },
	{ 366, 366, "RELEASE_MEMBAR_TYPE", QMD_HINT },
	{ 367, 367, "CWD_REFERENCE_COUNT_INCR_ENABLE", QMD_ABSENT },
	{ 369, 368, "CWD_MEMBAR_TYPE", QMD_HINT },
	{ 370, 370, "SEQUENTIALLY_RUN_CTAS", QMD_ABSENT },
	{ 371, 371, "CWD_REFERENCE_COUNT_DECR_ENABLE", QMD_ABSENT },
	{ 372, 372, "THROTTLED", QMD_HINT },
	{ 378, 378, "API_VISIBLE_CALL_LIMIT", QMD_HINT },
	{ 382, 382, "SAMPLER_INDEX", QMD_HINT },
	{ 703, 672, "SM_DISABLE_MASK_LOWER", QMD_HINT },
	{ 735, 704, "SM_DISABLE_MASK_UPPER", QMD_HINT },
	/* The stack of SSY, PBK and CAL is unbounded in the model. */
	{ 1015, 992, "SHADER_LOCAL_MEMORY_CRS_SIZE", QMD_HINT },
	{ 1023, 1016, "SASS_VERSION", QMD_HINT },
};

/* Fields have at most 32 bits, in one word or in two that follow. */
static uint32_t bits(const uint8_t *raw, unsigned int hi, unsigned int lo)
{
	const uint8_t *p = raw + lo / 32 * 4;
	uint64_t val = nvgpu_get_le32(p);

	if (hi / 32 != lo / 32)
		val |= (uint64_t)nvgpu_get_le32(p + 4) << 32;
	return val >> lo % 32 & ((1ull << (hi - lo + 1)) - 1);
}

static uint32_t field(const uint8_t *raw, enum qmd_used f)
{
	return bits(raw, fields[f].hi, fields[f].lo);
}

static uint32_t cb_field(const uint8_t *raw, enum qmd_used f, unsigned int i)
{
	unsigned int shift = i * (f == CONSTANT_BUFFER_VALID ?
				  CB_VALID_STRIDE : CB_STRIDE);

	return bits(raw, fields[f].hi + shift, fields[f].lo + shift);
}

static bool supported(struct nvgpu *gpu, const uint8_t *raw)
{
	uint32_t version = field(raw, QMD_MAJOR_VERSION) << 4 |
			   field(raw, QMD_VERSION);
	unsigned int i;

	/* Mesa leaves the version at 0. */
	if (version && version != 0x21) {
		nvgpu_unknown(gpu, "QMD version %x.%x", version >> 4,
			      version & 0xf);
		return false;
	}
	for (i = NR_USED; i < NVGPU_ARRAY_SIZE(fields); i++) {
		uint32_t val = bits(raw, fields[i].hi, fields[i].lo);

		if (fields[i].use != QMD_ABSENT || !val)
			continue;
		nvgpu_unknown(gpu, "QMD field %s = %x", fields[i].name, val);
		return false;
	}
	return true;
}

static void decode_banks(const uint8_t *raw, struct nvgpu_grid *grid)
{
	unsigned int i;

	for (i = 0; i < NVGPU_CONST_BANKS; i++) {
		if (!cb_field(raw, CONSTANT_BUFFER_VALID, i))
			continue;
		grid->cb[i] =
			(uint64_t)cb_field(raw, CONSTANT_BUFFER_ADDR_UPPER,
					   i) << 32 |
			cb_field(raw, CONSTANT_BUFFER_ADDR_LOWER, i);
		grid->cb_size[i] =
			cb_field(raw, CONSTANT_BUFFER_SIZE_SHIFTED4, i) << 4;
	}
}

bool nvgpu_qmd_decode(struct nvgpu *gpu, const uint8_t *raw,
		      struct nvgpu_grid *grid)
{
	memset(grid, 0, sizeof(*grid));
	if (!supported(gpu, raw))
		return false;
	grid->code = field(raw, PROGRAM_OFFSET);
	grid->grid_dim[0] = field(raw, CTA_RASTER_WIDTH);
	grid->grid_dim[1] = field(raw, CTA_RASTER_HEIGHT);
	grid->grid_dim[2] = field(raw, CTA_RASTER_DEPTH);
	grid->cta_dim[0] = field(raw, CTA_THREAD_DIMENSION0);
	grid->cta_dim[1] = field(raw, CTA_THREAD_DIMENSION1);
	grid->cta_dim[2] = field(raw, CTA_THREAD_DIMENSION2);
	grid->shared_size = field(raw, SHARED_MEMORY_SIZE);
	grid->local_size = field(raw, SHADER_LOCAL_MEMORY_LOW_SIZE) +
			   field(raw, SHADER_LOCAL_MEMORY_HIGH_SIZE);
	grid->registers = field(raw, REGISTER_COUNT);
	grid->barriers = field(raw, BARRIER_COUNT);
	grid->l1 = field(raw, SM_GLOBAL_CACHING_ENABLE);
	decode_banks(raw, grid);
	return true;
}

void nvgpu_ledger_qmd(FILE *f)
{
	static const enum nvgpu_fidelity fidelity[] = {
		[QMD_USED]	= NVGPU_DOCUMENTED,
		[QMD_HINT]	= NVGPU_FAKED,
		[QMD_ABSENT]	= NVGPU_ABSENT,
	};
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(fields); i++) {
		char where[32];

		snprintf(where, sizeof(where), "QMD %u:%u", fields[i].hi,
			 fields[i].lo);
		nvgpu_ledger_row(f, "method", where, fields[i].name,
				 fidelity[fields[i].use], "clc0c0qmd.h");
	}
}
