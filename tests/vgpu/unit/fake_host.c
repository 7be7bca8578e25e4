// SPDX-License-Identifier: GPL-2.0-or-later
/* A host for the library in unit tests: see fake_host.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "fake_host.h"

#define PRAMIN_BASE	0x001700u	/* address of the window >> 16 */
#define PRAMIN_WINDOW	0x700000u

static bool in_ram(const struct fake_host *host, uint64_t addr, size_t len)
{
	if (host->refuse && addr + len > host->refuse)
		return false;
	return addr < FAKE_RAM_SIZE && len <= FAKE_RAM_SIZE - addr;
}

static bool fake_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	struct fake_host *host = opaque;

	if (!in_ram(host, addr, len))
		return false;
	memcpy(buf, host->ram + addr, len);
	return true;
}

static bool fake_dma_write(void *opaque, uint64_t addr, const void *buf,
			   size_t len)
{
	struct fake_host *host = opaque;

	if (!in_ram(host, addr, len))
		return false;
	memcpy(host->ram + addr, buf, len);
	return true;
}

static void fake_msi(void *opaque)
{
	struct fake_host *host = opaque;

	host->msis++;
}

static uint64_t fake_now_ns(void *opaque)
{
	struct fake_host *host = opaque;

	return host->now;
}

static void fake_set_alarm(void *opaque, uint64_t deadline_ns)
{
	struct fake_host *host = opaque;

	host->alarm = deadline_ns;
}

static void fake_kick(void *opaque)
{
	struct fake_host *host = opaque;

	host->kicks++;
}

static bool fake_wanted(void *opaque)
{
	struct fake_host *host = opaque;

	return host->wanted;
}

static void fake_log(void *opaque, enum nvgpu_log_level level, const char *msg)
{
	struct fake_host *host = opaque;

	if (level == NVGPU_LOG_TRACE && host->trace) {
		host->trace(msg);
		return;
	}
	if (level == NVGPU_LOG_ERROR) {
		host->errors++;
		snprintf(host->last_error, sizeof(host->last_error), "%s", msg);
	}
	if (!host->quiet)
		fprintf(stderr, "nvgpu: %s\n", msg);
}

static const struct nvgpu_host_ops fake_ops = {
	.dma_read	= fake_dma_read,
	.dma_write	= fake_dma_write,
	.msi		= fake_msi,
	.now_ns		= fake_now_ns,
	.set_alarm	= fake_set_alarm,
	.kick		= fake_kick,
	.wanted		= fake_wanted,
	.log		= fake_log,
};

static struct {
	struct nvgpu_config config;
	struct nvgpu *gpu;
	uint8_t *ram;
	bool used;
} spare[FAKE_SPARE];
static bool keeps;

void fake_gpu_keep(void)
{
	keeps = true;
}

/* The seed may be another one. */
static bool alike(const struct nvgpu_config *a, const struct nvgpu_config *b)
{
	struct nvgpu_config same = *a;

	same.seed = b->seed;
	if (a->chip && b->chip && !strcmp(a->chip, b->chip))
		same.chip = b->chip;
	return !memcmp(&same, b, sizeof(same));
}

/* One that is kept, as good as new. */
static struct nvgpu *find_spare(struct fake_host *host,
				const struct nvgpu_config *config)
{
	unsigned int i;

	for (i = 0; i < FAKE_SPARE; i++) {
		if (!spare[i].gpu || spare[i].used ||
		    !alike(&spare[i].config, config))
			continue;
		spare[i].used = true;
		host->ram = spare[i].ram;
		memset(host->ram, 0, FAKE_RAM_SIZE);
		spare[i].gpu->opaque = host;
		spare[i].gpu->config.seed = config->seed;
		nvgpu_reset(spare[i].gpu);
		return spare[i].gpu;
	}
	return NULL;
}

static void keep(struct nvgpu *gpu, struct fake_host *host,
		 const struct nvgpu_config *config)
{
	unsigned int i;

	for (i = 0; keeps && i < FAKE_SPARE; i++) {
		if (spare[i].gpu)
			continue;
		spare[i].config = *config;
		spare[i].gpu = gpu;
		spare[i].ram = host->ram;
		spare[i].used = true;
		return;
	}
}

static bool give_back(struct nvgpu *gpu)
{
	unsigned int i;

	for (i = 0; i < FAKE_SPARE; i++) {
		if (spare[i].gpu == gpu) {
			spare[i].used = false;
			return true;
		}
	}
	return false;
}

struct nvgpu *fake_gpu_new(struct fake_host *host,
			   const struct nvgpu_config *config)
{
	static const struct nvgpu_config small = { .vram_size = 64u << 20 };
	const char *err = NULL;
	struct nvgpu *gpu;

	if (!config)
		config = &small;
	memset(host, 0, sizeof(*host));
	gpu = find_spare(host, config);
	if (gpu)
		return gpu;
	host->ram = calloc(1, FAKE_RAM_SIZE);
	assert(host->ram);
	gpu = nvgpu_new(config, &fake_ops, host, &err);
	if (!gpu)
		fprintf(stderr, "nvgpu_new: %s\n", err);
	assert(gpu);
	keep(gpu, host, config);
	return gpu;
}

void fake_gpu_free(struct nvgpu *gpu, struct fake_host *host)
{
	if (give_back(gpu))
		return;
	nvgpu_free(gpu);
	free(host->ram);
}

uint32_t fake_rd32(struct nvgpu *gpu, uint32_t addr)
{
	return nvgpu_bar_read(gpu, 0, addr, 4);
}

void fake_wr32(struct nvgpu *gpu, uint32_t addr, uint32_t val)
{
	nvgpu_bar_write(gpu, 0, addr, val, 4);
}

static uint32_t pramin(struct nvgpu *gpu, uint64_t addr)
{
	fake_wr32(gpu, PRAMIN_BASE, addr >> 16);
	return PRAMIN_WINDOW + (addr & 0xffff);
}

uint32_t fake_vram_rd32(struct nvgpu *gpu, uint64_t addr)
{
	return fake_rd32(gpu, pramin(gpu, addr));
}

void fake_vram_wr32(struct nvgpu *gpu, uint64_t addr, uint32_t val)
{
	fake_wr32(gpu, pramin(gpu, addr), val);
}

void fake_vram_wr64(struct nvgpu *gpu, uint64_t addr, uint64_t val)
{
	fake_vram_wr32(gpu, addr, val);
	fake_vram_wr32(gpu, addr + 4, val >> 32);
}

void fake_run(struct nvgpu *gpu, unsigned int max)
{
	while (max-- && nvgpu_run(gpu, 1000) != NVGPU_RUN_IDLE)
		;
}
