// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Falcon microcontrollers: registers, memory ports, start.  What a started
 * falcon then "does" is in acr.c (PMU) and fecs.c (FECS).
 *
 * Sources: NVIDIA's dev_falcon_v4.h for names and fields; nouveau's
 * nvkm/falcon/{base,v1,gm200}.c and nvkm/subdev/pmu/gm200.c for the handshake.
 */
#include <stdlib.h>
#include <string.h>

#include "falcon.h"

/* HWCFG counts memory in blocks of 256 bytes: IMEM 8:0, DMEM 17:9. */
#define FALCON_BLOCK		256u
#define FALCON_IMEM_SIZE	(64u << 10)
#define FALCON_DMEM_SIZE	(64u << 10)
#define FALCON_HWCFG_VAL	(FALCON_IMEM_SIZE / FALCON_BLOCK | \
				 FALCON_DMEM_SIZE / FALCON_BLOCK << 9)

/* HWCFG1: version 3:0, security 5:4 (3: heavy), IMEM, DMEM ports. */
#define FALCON_HWCFG1_VAL	(5u | 3u << 4 | 1u << 8 | 1u << 12)

/* ICD command "read status register 3"; 14:12 of it: binding in progress. */
#define ICD_RSTAT3		0x30eu
#define ICD_RSTAT3_BIND_SHIFT	12
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
	switch (reg->addr & ~0xfffu) {
	case FALCON_PMU_BASE:
		return &gpu->falcons->falcon[NVGPU_FALCON_PMU];
	case FALCON_FECS_BASE:
		return &gpu->falcons->falcon[NVGPU_FALCON_FECS];
	default:
		return &gpu->falcons->falcon[NVGPU_FALCON_GPCCS];
	}
}

/* IRQSTAT and IRQMASK are changed through set and clear registers. */
static void irq_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
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
}

static void pmu_start(struct nvgpu *gpu, struct nvgpu_falcon *pmu)
{
	if (pmu->bound)
		nvgpu_acr_run(gpu, pmu);
	else
		falcon_wr(gpu, pmu, FALCON_MAILBOX0,
			  falcon_rd(gpu, pmu, FALCON_MAILBOX0) | DEVINIT_DONE);
	falcon_wr(gpu, pmu, FALCON_IRQSTAT,
		  falcon_rd(gpu, pmu, FALCON_IRQSTAT) | FALCON_IRQ_HALT);
	falcon_wr(gpu, pmu, FALCON_CPUCTL, FALCON_CPUCTL_HALTED);
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
}

static void cpuctl_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);

	falcon_wr(gpu, falcon, reg->addr - falcon->base,
		  old & ~FALCON_CPUCTL_START);
	if (!(val & FALCON_CPUCTL_START))
		return;
	if (falcon->base == FALCON_PMU_BASE)
		pmu_start(gpu, falcon);
	else
		ls_start(gpu, falcon);
}

/* The word a memory port points at; moves the pointer on if @ainc is set. */
static uint8_t *port_word(struct nvgpu *gpu, struct nvgpu_falcon *falcon,
			  uint32_t control, uint32_t ainc)
{
	bool code = control == FALCON_IMEMC;
	uint32_t size = code ? falcon->imem_size : falcon->dmem_size;
	uint32_t port = falcon_rd(gpu, falcon, control);
	uint32_t offset = port & FALCON_MEMC_OFFSET;

	if (offset >= size) {
		nvgpu_guest_error(gpu, "%s: %s offset %x beyond %x",
				  falcon->name, code ? "IMEM" : "DMEM", offset,
				  size);
		return NULL;
	}
	if (port & ainc)
		falcon_wr(gpu, falcon, control, port + 4);
	return (code ? falcon->imem : falcon->dmem) + offset;
}

static uint32_t memd_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);
	uint32_t control = reg->addr - falcon->base - 4;
	const uint8_t *p = port_word(gpu, falcon, control, FALCON_MEMC_AINCR);

	if (!p)
		return 0;
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void memd_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *falcon = falcon_of(gpu, reg);
	uint32_t control = reg->addr - falcon->base - 4;
	uint8_t *p = port_word(gpu, falcon, control, FALCON_MEMC_AINCW);
	unsigned int i;

	for (i = 0; p && i < 4; i++)
		p[i] = val >> 8 * i;
}

static void icd_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		      unsigned int index, uint32_t val, uint32_t old)
{
	const struct nvgpu_falcon *falcon = falcon_of(gpu, reg);

	if (val != ICD_RSTAT3) {
		nvgpu_unknown(gpu, "%s: debugger command %x", falcon->name,
			      val);
		return;
	}
	falcon_wr(gpu, falcon, FALCON_ICD_RDATA,
		  falcon->bind << ICD_RSTAT3_BIND_SHIFT);
}

static void ctxack_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	if (val & FALCON_CTXACK_BIND)
		falcon_of(gpu, reg)->bind = 0;
}

static void instblk_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_falcon *pmu = falcon_of(gpu, reg);

	pmu->bound = val & PMU_INSTBLK_VALID;
	pmu->bind = pmu->bound ? BIND_WAITS_FOR_ACK : 0;
}

#define HDR	"dev_falcon_v4.h"
#define BASE_C	"nvkm/falcon/gm200.c"
#define PMU_C	"nvkm/subdev/pmu/gm200.c"
#define GR_C	"nvkm/engine/gr/gf100.c"

#define DOC(a, n, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_DOCUMENTED, \
	  .source = HDR, __VA_ARGS__ }
#define FAKE(a, n, src, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_FAKED, \
	  .source = (src), __VA_ARGS__ }
#define RO	.ro = ~0u

#define FALCON_REGS(b, n) \
	DOC((b) + FALCON_IRQSSET, n "_IRQSSET", .write = irq_write), \
	DOC((b) + FALCON_IRQSCLR, n "_IRQSCLR", .write = irq_write), \
	DOC((b) + FALCON_IRQSTAT, n "_IRQSTAT", RO), \
	DOC((b) + FALCON_IRQMSET, n "_IRQMSET", .write = irq_write), \
	DOC((b) + FALCON_IRQMCLR, n "_IRQMCLR", .write = irq_write), \
	DOC((b) + FALCON_IRQMASK, n "_IRQMASK", RO), \
	DOC((b) + 0x01c, n "_IRQDEST"), \
	DOC((b) + FALCON_MAILBOX0, n "_MAILBOX", .count = 2), \
	DOC((b) + 0x048, n "_ITFEN"), \
	DOC((b) + 0x04c, n "_IDLESTATE", RO), \
	DOC((b) + FALCON_CTXACK, n "_CTXACK", .write = ctxack_write), \
	DOC((b) + 0x080, n "_OS"), \
	DOC((b) + 0x084, n "_RM"), \
	DOC((b) + 0x090, n "_DEBUG1"), \
	DOC((b) + FALCON_CPUCTL, n "_CPUCTL", \
	    .reset = FALCON_CPUCTL_HALTED, .write = cpuctl_write), \
	DOC((b) + 0x104, n "_BOOTVEC"), \
	DOC((b) + FALCON_HWCFG, n "_HWCFG", .reset = FALCON_HWCFG_VAL, RO), \
	DOC((b) + FALCON_DMACTL, n "_DMACTL", \
	    .ro = FALCON_DMACTL_SCRUBBING), \
	DOC((b) + FALCON_HWCFG1, n "_HWCFG1", .reset = FALCON_HWCFG1_VAL, \
	    RO), \
	DOC((b) + FALCON_CPUCTL_ALIAS, n "_CPUCTL_ALIAS", \
	    .write = cpuctl_write), \
	FAKE((b) + 0x148, n "_TRACEIDX", BASE_C, .ro = 0x00ff0000), \
	FAKE((b) + 0x14c, n "_TRACEPC", BASE_C, RO), \
	DOC((b) + FALCON_IMEMC, n "_IMEMC"), \
	DOC((b) + FALCON_IMEMD, n "_IMEMD", .read = memd_read, \
	    .write = memd_write), \
	DOC((b) + FALCON_IMEMT, n "_IMEMT"), \
	DOC((b) + FALCON_DMEMC, n "_DMEMC"), \
	DOC((b) + FALCON_DMEMD, n "_DMEMD", .read = memd_read, \
	    .write = memd_write), \
	FAKE((b) + FALCON_ICD_CMD, n "_ICD_CMD", PMU_C, .write = icd_write), \
	FAKE((b) + FALCON_ICD_RDATA, n "_ICD_RDATA", PMU_C, RO), \
	DOC((b) + 0x240, n "_SCTL", RO)

static const struct nvgpu_reg falcon_regs[] = {
	FALCON_REGS(FALCON_PMU_BASE, "PMU"),
	FAKE(FALCON_PMU_BASE + PMU_NEW_INSTBLK, "PMU_NEW_INSTBLK", PMU_C,
	     .write = instblk_write),
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
	unsigned int i, j;

	falcon->bind = 0;
	falcon->bound = false;
	falcon->loaded = false;
	falcon->running = false;
	for (i = 0; i < NVGPU_ARRAY_SIZE(falcon_regs); i++) {
		const struct nvgpu_reg *reg = &falcon_regs[i];

		if ((reg->addr & ~0xfffu) != falcon->base)
			continue;
		for (j = 0; j < (reg->count ?: 1); j++)
			nvgpu_reg_set(gpu, reg->addr + 4 * j, reg->reset);
	}
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
	};
	unsigned int i;

	gpu->falcons = calloc(1, sizeof(*gpu->falcons));
	if (!gpu->falcons)
		return false;
	for (i = 0; i < NVGPU_NR_FALCONS; i++) {
		struct nvgpu_falcon *falcon = &gpu->falcons->falcon[i];

		falcon->base = known[i].base;
		falcon->name = known[i].name;
		falcon->imem_size = FALCON_IMEM_SIZE;
		falcon->dmem_size = FALCON_DMEM_SIZE;
		falcon->imem = calloc(1, FALCON_IMEM_SIZE);
		falcon->dmem = calloc(1, FALCON_DMEM_SIZE);
		if (!falcon->imem || !falcon->dmem)
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
