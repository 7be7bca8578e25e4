// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Falcon microcontrollers: registers, memory ports, start.  What a started
 * falcon then "does" is in acr.c (PMU, SEC2), sec2.c and fecs.c (FECS).
 *
 * Sources: NVIDIA's dev_falcon_v4.h for names and fields; nouveau's
 * nvkm/falcon/{base,v1,gm200}.c and nvkm/subdev/pmu/gm200.c for the handshake.
 */
#include <stdlib.h>
#include <string.h>

#include "falcon_regs.h"
#include "pmc.h"

/* ICD command "read status register 3"; 14:12 of it: binding in progress. */
#define ICD_RSTAT3		0x30eu
#define RSTAT3_BIND_SHIFT	12
#define BIND_WAITS_FOR_ACK	5u

/*
 * A PMU program without an instance block comes from the VBIOS: DEVINIT (or
 * the fan control that follows it).  The driver waits for this mailbox bit
 * (nvkm/subdev/devinit/gm200.c).
 */
#define DEVINIT_DONE		0x2000u

static struct nvgpu_falcon *falcon_of(struct nvgpu *gpu,
				      const struct nvgpu_reg *reg)
{
	enum nvgpu_falcon_id id = NVGPU_FALCON_PMU;

	while (gpu->falcons->falcon[id].base != (reg->addr & ~(FALCON_SIZE - 1)))
		id++;
	return &gpu->falcons->falcon[id];
}

/* IRQSTAT and IRQMASK are changed through set and clear registers. */
void nvgpu_falcon_irq_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old)
{
	const struct nvgpu_falcon *falcon = falcon_of(gpu, reg);
	uint32_t offset = reg->addr - falcon->base;
	bool mask = offset == FALCON_IRQMSET || offset == FALCON_IRQMCLR;
	bool set = offset == FALCON_IRQSSET || offset == FALCON_IRQMSET;
	uint32_t target = mask ? FALCON_IRQMASK : FALCON_IRQSTAT;
	uint32_t bits = falcon_rd(gpu, falcon, target);

	falcon_wr(gpu, falcon, target, set ? bits | val : bits & ~val);
	falcon_wr(gpu, falcon, offset, 0);
	nvgpu_irq_update(gpu);
}

/* A program that the driver has loaded, which runs to its end. */
static void hs_start(struct nvgpu *gpu, struct nvgpu_falcon *falcon)
{
	if (falcon->bound)
		nvgpu_acr_run(gpu, falcon);
	else if (falcon->base == FALCON_PMU_BASE)
		falcon_wr(gpu, falcon, FALCON_MAILBOX0,
			  falcon_rd(gpu, falcon, FALCON_MAILBOX0) |
			  DEVINIT_DONE);
	else
		nvgpu_guest_error(gpu, "%s started without a program",
				  falcon->name);
	falcon_wr(gpu, falcon, FALCON_IRQSTAT,
		  falcon_rd(gpu, falcon, FALCON_IRQSTAT) | FALCON_IRQ_HALT);
	falcon_wr(gpu, falcon, FALCON_CPUCTL, FALCON_CPUCTL_HALTED);
	nvgpu_irq_update(gpu);
}

static void ls_start(struct nvgpu *gpu, struct nvgpu_falcon *falcon)
{
	if (!falcon->loaded) {
		nvgpu_guest_error(gpu, "%s started without firmware",
				  falcon->name);
		return;
	}
	falcon->running = true;
	falcon_wr(gpu, falcon, FALCON_CPUCTL, 0);
	if (falcon->base == FALCON_FECS_BASE)
		nvgpu_fecs_start(gpu);
	else if (falcon->base == FALCON_SEC2_BASE)
		nvgpu_sec2_start(gpu, falcon);
}

/* The PMU and SEC2 run programs of the driver's while ACR has loaded none. */
static bool runs_programs(const struct nvgpu_falcon *falcon)
{
	return falcon->base == FALCON_PMU_BASE ||
	       (falcon->base == FALCON_SEC2_BASE && !falcon->loaded);
}

void nvgpu_falcon_cpu_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);

	falcon_wr(gpu, falcon, reg->addr - falcon->base,
		  old & ~FALCON_CPUCTL_START);
	if (!(val & FALCON_CPUCTL_START))
		return;
	if (runs_programs(falcon))
		hs_start(gpu, falcon);
	else
		ls_start(gpu, falcon);
}

/** struct memory - of a falcon, behind a port */
struct memory {
	const char *name;
	uint8_t *bytes;
	uint32_t size;
};

static struct memory memory_of(const struct nvgpu_falcon *falcon,
			       uint32_t control)
{
	switch (control) {
	case FALCON_IMEMC:
		return (struct memory){ "IMEM", falcon->imem,
					FALCON_IMEM_SIZE };
	case FALCON_DMEMC:
		return (struct memory){ "DMEM", falcon->dmem,
					FALCON_DMEM_SIZE };
	default:
		return (struct memory){ "EMEM", falcon->emem,
					FALCON_EMEM_SIZE };
	}
}

/* The word a memory port points at; moves the pointer on if @ainc is set. */
static uint8_t *port_word(struct nvgpu *gpu, struct nvgpu_falcon *falcon,
			  uint32_t control, uint32_t ainc)
{
	struct memory memory = memory_of(falcon, control);
	uint32_t port = falcon_rd(gpu, falcon, control);
	uint32_t offset = port & FALCON_MEMC_OFFSET;

	if (offset >= memory.size) {
		nvgpu_guest_error(gpu, "%s: %s offset %x beyond %x",
				  falcon->name, memory.name, offset,
				  memory.size);
		return NULL;
	}
	if (port & ainc)
		falcon_wr(gpu, falcon, control, port + 4);
	return memory.bytes + offset;
}

uint32_t nvgpu_falcon_mem_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			       unsigned int index, uint32_t stored)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);
	uint32_t control = reg->addr - falcon->base - 4;
	const uint8_t *p = port_word(gpu, falcon, control, FALCON_MEMC_AINCR);

	if (!p)
		return 0;
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

void nvgpu_falcon_mem_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);
	uint32_t control = reg->addr - falcon->base - 4;
	uint8_t *p = port_word(gpu, falcon, control, FALCON_MEMC_AINCW);
	unsigned int i;

	for (i = 0; p && i < 4; i++)
		p[i] = val >> 8 * i;
}

void nvgpu_falcon_icd_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old)
{
	const struct nvgpu_falcon *falcon = falcon_of(gpu, reg);

	if (val != ICD_RSTAT3) {
		nvgpu_unknown(gpu, "%s: debugger command %x", falcon->name,
			      val);
		return;
	}
	falcon_wr(gpu, falcon, FALCON_ICD_RDATA,
		  falcon->bind << RSTAT3_BIND_SHIFT);
}

void nvgpu_falcon_ack_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old)
{
	if (val & FALCON_CTXACK_BIND)
		falcon_of(gpu, reg)->bind = 0;
}

void nvgpu_falcon_bind_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);

	falcon->instblk = val;
	falcon->bound = val & FALCON_INSTBLK_VALID;
	falcon->bind = falcon->bound ? BIND_WAITS_FOR_ACK : 0;
	if (falcon->bound)
		falcon_wr(gpu, falcon, FALCON_IRQSTAT,
			  falcon_rd(gpu, falcon, FALCON_IRQSTAT) |
			  FALCON_IRQ_CTXSW);
	nvgpu_irq_update(gpu);
}

uint32_t nvgpu_falcon_bind_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
				unsigned int index, uint32_t stored)
{
	return falcon_of(gpu, reg)->bind << RSTAT3_BIND_SHIFT;
}

void nvgpu_falcon_reset_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t val, uint32_t old)
{
	if (!(val & FALCON_ENGINE_RESET_ON))
		return;
	nvgpu_falcon_reset(gpu, falcon_of(gpu, reg) - gpu->falcons->falcon);
	nvgpu_reg_set(gpu, reg->addr, val);
}

#define GR_C	"nvkm/engine/gr/gf100.c"

static const struct nvgpu_reg falcon_regs[] = {
	FALCON_REGS(FALCON_PMU_BASE, "PMU"),
	FALCON_BIND_REGS(FALCON_PMU_BASE, "PMU"),
	FAKE(FALCON_PMU_BASE + PMU_NEW_INSTBLK, "PMU_NEW_INSTBLK", PMU_C,
	     .write = nvgpu_falcon_bind_write),
	/* Bit 20 would select debug signatures. */
	FAKE(FALCON_PMU_BASE + PMU_DEBUG, "PMU_DEBUG", PMU_C, RO),
	FAKE(FALCON_PMU_BASE + 0xe00, "PMU_FBIF_TRANSCFG", PMU_C, .count = 5),

	FALCON_REGS(FALCON_FECS_BASE, "FECS"),
	FAKE(0x409400, "FECS_CTXSW_DONE", GR_C, RO),
	FAKE(FECS_METHOD_DATA, "FECS_METHOD_DATA", GR_C),
	FAKE(FECS_METHOD_PUSH, "FECS_METHOD_PUSH", GR_C,
	     .write = nvgpu_fecs_method_write),
	FAKE(0x409614, "FECS_CTXSW_RESET_CTL", GR_C),
	FAKE(FECS_MAILBOX(0), "FECS_CTXSW_MAILBOX", GR_C,
	     .count = FECS_NR_MAILBOXES),
	FAKE(FECS_CURRENT_CTX, "FECS_CURRENT_CTX", GR_C),
	FAKE(0x409c18, "FECS_HOST_INT_STATUS", GR_C, RO),
	FAKE(0x409c20, "FECS_HOST_INT_CLEAR", GR_C),
	FAKE(0x409c24, "FECS_HOST_INT_ENABLE", GR_C),

	FALCON_REGS(FALCON_GPCCS_BASE, "GPCCS"),

	FAKE(0x100cd4, "PFB_PRI_MMU_WPR_INFO", "nvkm/subdev/acr/gm200.c",
	     .read = nvgpu_acr_wpr_read, .write = nvgpu_acr_wpr_write),
};

void nvgpu_falcon_reset(struct nvgpu *gpu, enum nvgpu_falcon_id id)
{
	struct nvgpu_falcon *falcon = &gpu->falcons->falcon[id];

	falcon->bind = 0;
	falcon->bound = false;
	falcon->loaded = false;
	falcon->running = false;
	nvgpu_reg_reset_range(gpu, falcon->base, FALCON_SIZE);
	nvgpu_irq_update(gpu);
}

void nvgpu_pmu_reset(struct nvgpu *gpu)
{
	nvgpu_falcon_reset(gpu, NVGPU_FALCON_PMU);
}

static bool falcon_init(struct nvgpu *gpu)
{
	static const struct {
		uint32_t base;
		const char *name;
	} known[NVGPU_NR_FALCONS] = {
		[NVGPU_FALCON_PMU]	= { FALCON_PMU_BASE, "PMU" },
		[NVGPU_FALCON_FECS]	= { FALCON_FECS_BASE, "FECS" },
		[NVGPU_FALCON_GPCCS]	= { FALCON_GPCCS_BASE, "GPCCS" },
		[NVGPU_FALCON_SEC2]	= { FALCON_SEC2_BASE, "SEC2" },
	};
	unsigned int i;

	gpu->falcons = calloc(1, sizeof(*gpu->falcons));
	if (!gpu->falcons)
		return false;
	for (i = 0; i < NVGPU_NR_FALCONS; i++) {
		struct nvgpu_falcon *falcon = &gpu->falcons->falcon[i];

		falcon->base = known[i].base;
		falcon->name = known[i].name;
		falcon->imem = calloc(1, FALCON_IMEM_SIZE);
		falcon->dmem = calloc(1, FALCON_DMEM_SIZE);
		falcon->emem = calloc(1, FALCON_EMEM_SIZE);
		if (!falcon->imem || !falcon->dmem || !falcon->emem)
			return false;
	}
	return true;
}

static void falcon_reset(struct nvgpu *gpu)
{
	struct nvgpu_falcons *falcons = gpu->falcons;
	unsigned int i;

	for (i = 0; i < NVGPU_NR_FALCONS; i++) {
		memset(falcons->falcon[i].imem, 0, FALCON_IMEM_SIZE);
		memset(falcons->falcon[i].dmem, 0, FALCON_DMEM_SIZE);
		memset(falcons->falcon[i].emem, 0, FALCON_EMEM_SIZE);
		nvgpu_falcon_reset(gpu, i);
	}
	falcons->wpr_start = 0;
	falcons->wpr_end = 0;
	falcons->wpr_index = 0;
	falcons->ctxsw_stopped = false;
}

static void falcon_fini(struct nvgpu *gpu)
{
	unsigned int i;

	if (!gpu->falcons)
		return;
	for (i = 0; i < NVGPU_NR_FALCONS; i++) {
		free(gpu->falcons->falcon[i].imem);
		free(gpu->falcons->falcon[i].dmem);
		free(gpu->falcons->falcon[i].emem);
	}
	free(gpu->falcons);
	gpu->falcons = NULL;
}

const struct nvgpu_unit nvgpu_falcon_unit = {
	.name		= "falcon",
	.regs		= falcon_regs,
	.nr_regs	= NVGPU_ARRAY_SIZE(falcon_regs),
	.init		= falcon_init,
	.reset		= falcon_reset,
	.fini		= falcon_fini,
};
