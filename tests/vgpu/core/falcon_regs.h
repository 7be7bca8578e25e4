/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers that every falcon has, as rows of a table; hooks: falcon.c. */
#ifndef NVGPU_FALCON_REGS_H
#define NVGPU_FALCON_REGS_H

#include "falcon.h"

uint32_t nvgpu_falcon_mem_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			       unsigned int index, uint32_t stored);
void nvgpu_falcon_mem_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old);
void nvgpu_falcon_irq_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old);
void nvgpu_falcon_ack_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old);
void nvgpu_falcon_cpu_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old);
void nvgpu_falcon_icd_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t val, uint32_t old);
/* Of those falcons that have these registers: */
void nvgpu_falcon_bind_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t val, uint32_t old);
uint32_t nvgpu_falcon_bind_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
				unsigned int index, uint32_t stored);
void nvgpu_falcon_reset_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t val, uint32_t old);

/* HWCFG counts memory in blocks of 256 bytes: IMEM 8:0, DMEM 17:9. */
#define FALCON_BLOCK		256u
#define FALCON_IMEM_SIZE	(64u << 10)
#define FALCON_DMEM_SIZE	(64u << 10)
#define FALCON_HWCFG_VAL	(FALCON_IMEM_SIZE / FALCON_BLOCK | \
				 FALCON_DMEM_SIZE / FALCON_BLOCK << 9)

/* HWCFG1: version 3:0, security 5:4 (3: heavy), IMEM, DMEM ports. */
#define FALCON_HWCFG1_VAL	(5u | 3u << 4 | 1u << 8 | 1u << 12)

#define FALCON_HDR	"dev_falcon_v4.h"
#define FALCON_C	"nvkm/falcon/gm200.c"
#define PMU_C		"nvkm/subdev/pmu/gm200.c"

#define DOC(a, n, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_DOCUMENTED, \
	  .source = FALCON_HDR, __VA_ARGS__ }
#define FAKE(a, n, src, ...) \
	{ .addr = (a), .name = (n), .fidelity = NVGPU_FAKED, \
	  .source = (src), __VA_ARGS__ }
#define RO	.ro = ~0u
#define IRQ	.write = nvgpu_falcon_irq_write
#define CPU	.write = nvgpu_falcon_cpu_write
#define MEM	.read = nvgpu_falcon_mem_read, .write = nvgpu_falcon_mem_write

#define FALCON_REGS(b, n) \
	DOC((b) + FALCON_IRQSSET, n "_IRQSSET", IRQ), \
	DOC((b) + FALCON_IRQSCLR, n "_IRQSCLR", IRQ), \
	DOC((b) + FALCON_IRQSTAT, n "_IRQSTAT", RO), \
	DOC((b) + FALCON_IRQMSET, n "_IRQMSET", IRQ), \
	DOC((b) + FALCON_IRQMCLR, n "_IRQMCLR", IRQ), \
	DOC((b) + FALCON_IRQMASK, n "_IRQMASK", RO), \
	DOC((b) + FALCON_IRQDEST, n "_IRQDEST"), \
	DOC((b) + FALCON_MAILBOX0, n "_MAILBOX", .count = 2), \
	DOC((b) + 0x048, n "_ITFEN"), \
	DOC((b) + 0x04c, n "_IDLESTATE", RO), \
	DOC((b) + FALCON_CTXACK, n "_CTXACK", \
	    .write = nvgpu_falcon_ack_write), \
	DOC((b) + 0x080, n "_OS"), \
	DOC((b) + 0x084, n "_RM"), \
	DOC((b) + 0x090, n "_DEBUG1"), \
	DOC((b) + FALCON_CPUCTL, n "_CPUCTL", \
	    .reset = FALCON_CPUCTL_HALTED, CPU), \
	DOC((b) + 0x104, n "_BOOTVEC"), \
	DOC((b) + FALCON_HWCFG, n "_HWCFG", .reset = FALCON_HWCFG_VAL, RO), \
	DOC((b) + FALCON_DMACTL, n "_DMACTL", \
	    .ro = FALCON_DMACTL_SCRUBBING), \
	DOC((b) + FALCON_HWCFG1, n "_HWCFG1", .reset = FALCON_HWCFG1_VAL, \
	    RO), \
	DOC((b) + FALCON_CPUCTL_ALIAS, n "_CPUCTL_ALIAS", CPU), \
	FAKE((b) + 0x148, n "_TRACEIDX", FALCON_C, .ro = 0x00ff0000), \
	FAKE((b) + 0x14c, n "_TRACEPC", FALCON_C, RO), \
	DOC((b) + FALCON_IMEMC, n "_IMEMC"), \
	DOC((b) + FALCON_IMEMD, n "_IMEMD", MEM), \
	DOC((b) + FALCON_IMEMT, n "_IMEMT"), \
	DOC((b) + FALCON_DMEMC, n "_DMEMC"), \
	DOC((b) + FALCON_DMEMD, n "_DMEMD", MEM), \
	FAKE((b) + FALCON_ICD_CMD, n "_ICD_CMD", PMU_C, \
	     .write = nvgpu_falcon_icd_write), \
	FAKE((b) + FALCON_ICD_RDATA, n "_ICD_RDATA", PMU_C, RO), \
	DOC((b) + 0x240, n "_SCTL", RO)

/* Of those that the driver resets and binds by themselves (GP102 and on) */
#define FALCON_BIND_REGS(b, n) \
	FAKE((b) + FALCON_BIND_STAT, n "_BIND_STAT", FALCON_C, RO, \
	     .read = nvgpu_falcon_bind_read), \
	FAKE((b) + FALCON_ENGINE_RESET, n "_ENGINE_RESET", \
	     "nvkm/falcon/gp102.c", .write = nvgpu_falcon_reset_write)

#endif
