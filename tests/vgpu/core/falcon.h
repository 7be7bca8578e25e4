/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Falcon microcontrollers.  No falcon code is executed: starting one runs the
 * few lines that answer the driver as the real firmware would.
 */
#ifndef NVGPU_FALCON_H
#define NVGPU_FALCON_H

#include "gr.h"
#include "reg.h"

/** enum nvgpu_falcon_id - index into &nvgpu_falcons.falcon */
enum nvgpu_falcon_id {
	NVGPU_FALCON_PMU,
	NVGPU_FALCON_FECS,
	NVGPU_FALCON_GPCCS,
	/* of some chips only */
	NVGPU_FALCON_SEC2,
	NVGPU_NR_FALCONS,
};

#define FALCON_PMU_BASE		0x10a000u
#define FALCON_FECS_BASE	0x409000u
#define FALCON_GPCCS_BASE	0x41a000u
#define FALCON_SEC2_BASE	0x087000u
#define FALCON_SIZE		0x1000u

/* Registers, offsets from the base (names: NVIDIA's dev_falcon_v4.h). */
#define FALCON_IRQSSET		0x000
#define FALCON_IRQSCLR		0x004
#define FALCON_IRQSTAT		0x008
#define  FALCON_IRQ_CTXSW	(1u << 3)	/* an instance block was bound */
#define  FALCON_IRQ_HALT	(1u << 4)
#define  FALCON_IRQ_SWGEN0	(1u << 6)
#define FALCON_IRQMSET		0x010
#define FALCON_IRQMCLR		0x014
#define FALCON_IRQMASK		0x018
#define FALCON_IRQDEST		0x01c	/* 15:0 to the host, 31:16 not */
#define FALCON_MAILBOX0		0x040
#define FALCON_CTXACK		0x058
#define  FALCON_CTXACK_BIND	(1u << 1)
#define FALCON_BIND_STAT	0x0dc	/* nvkm/falcon/gm200.c */
#define FALCON_CPUCTL		0x100
#define  FALCON_CPUCTL_START	(1u << 1)
#define  FALCON_CPUCTL_HALTED	(1u << 4)
#define  FALCON_CPUCTL_STOPPED	(1u << 5)
#define  FALCON_CPUCTL_ALIAS_EN	(1u << 6)
#define FALCON_HWCFG		0x108
#define FALCON_DMACTL		0x10c
#define  FALCON_DMACTL_SCRUBBING	0x6u
#define FALCON_HWCFG1		0x12c
#define FALCON_CPUCTL_ALIAS	0x130
#define FALCON_IMEMC		0x180
#define FALCON_IMEMD		0x184
#define FALCON_IMEMT		0x188
#define FALCON_DMEMC		0x1c0
#define  FALCON_MEMC_OFFSET	0x00fffffcu
#define  FALCON_MEMC_AINCW	(1u << 24)
#define  FALCON_MEMC_AINCR	(1u << 25)
#define FALCON_DMEMD		0x1c4
#define FALCON_ICD_CMD		0x200
#define FALCON_ICD_RDATA	0x20c
#define FALCON_ENGINE_RESET	0x3c0	/* nvkm/falcon/gp102.c */
#define  FALCON_ENGINE_RESET_ON	(1u << 0)
#define FALCON_EMEMC		0xac0
#define FALCON_EMEMD		0xac4
#define FALCON_EMEM_SIZE	(8u << 10)	/* the model's choice */

/* PMU only (nvkm pmu/gm200.c). */
#define PMU_NEW_INSTBLK		0x480
#define  FALCON_INSTBLK_PTR	0x0fffffffu
#define  FALCON_INSTBLK_TARGET	0x30000000u
#define  FALCON_INSTBLK_VALID	(1u << 30)
#define PMU_DEBUG		0xc08

/** struct nvgpu_falcon - one microcontroller */
struct nvgpu_falcon {
	/** @base: address of its registers; @name: for messages */
	uint32_t base;
	const char *name;
	/** @imem: code memory, @dmem: data memory, @emem: more of that */
	uint8_t *imem, *dmem, *emem;
	/** @bind: state of the instance block binding, as ICD shows it */
	uint32_t bind;
	/** @instblk: what was bound last (FALCON_INSTBLK_PTR and so on) */
	uint32_t instblk;
	/** @bound: an instance block is bound */
	bool bound;
	/** @loaded: ACR has verified and loaded its firmware */
	bool loaded;
	/** @running: it was started and waits for methods */
	bool running;
};

/** struct nvgpu_falcons - state of falcon.c, acr.c and fecs.c */
struct nvgpu_falcons {
	struct nvgpu_falcon falcon[NVGPU_NR_FALCONS];
	/** @wpr_start, @wpr_end: write protected region; equal: none */
	uint64_t wpr_start, wpr_end;
	/** @wpr_index: which of its registers 0x100cd4 shows */
	uint32_t wpr_index;
	/** @ctxsw_stopped: FECS was told to switch contexts no more */
	bool ctxsw_stopped;
};

static inline uint32_t falcon_rd(const struct nvgpu *gpu,
				 const struct nvgpu_falcon *falcon,
				 uint32_t reg)
{
	return nvgpu_reg_get(gpu, falcon->base + reg);
}

static inline void falcon_wr(struct nvgpu *gpu,
			     const struct nvgpu_falcon *falcon, uint32_t reg,
			     uint32_t val)
{
	nvgpu_reg_set(gpu, falcon->base + reg, val);
}

/* Back to the state after a reset of its engine; memories keep content. */
void nvgpu_falcon_reset(struct nvgpu *gpu, enum nvgpu_falcon_id id);

/*
 * acr.c: the PMU or SEC2 was started with an instance block bound: it runs one
 * of ACR's programs.
 */
void nvgpu_acr_run(struct nvgpu *gpu, struct nvgpu_falcon *falcon);
/*
 * SEC2's firmware loads the falcon of the driver's number @id from the write
 * protected region.  False: it is not in there (said so).
 */
bool nvgpu_acr_bootstrap(struct nvgpu *gpu, uint32_t id);
uint32_t nvgpu_acr_wpr_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t stored);
void nvgpu_acr_wpr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old);

/* sec2.c: SEC2 was started; it has an interrupt for the host. */
void nvgpu_sec2_start(struct nvgpu *gpu, struct nvgpu_falcon *sec2);
/* PMC_ENABLE's bits in @pmc_bits were cleared. */
void nvgpu_sec2_reset(struct nvgpu *gpu, uint32_t pmc_bits);
/* Its bit in the interrupt tree while it has one for the host, else 0. */
uint32_t nvgpu_sec2_pending(const struct nvgpu *gpu);

/* fecs.c: FECS was started; a method was written to it. */
void nvgpu_fecs_start(struct nvgpu *gpu);
void nvgpu_fecs_method_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t val, uint32_t old);
/* Rows of the ledger. */
void nvgpu_ledger_fecs(FILE *f);

#define FECS_CURRENT_CTX	0x409b00u
#define  FECS_CTX_VALID		(1u << 31)
#define  FECS_CTX_PTR		0x0fffffffu
#define FECS_METHOD_DATA	0x409500u
#define FECS_METHOD_PUSH	0x409504u
#define FECS_MAILBOX(i)		(0x409800u + 4 * (i))
#define FECS_NR_MAILBOXES	8

#endif
