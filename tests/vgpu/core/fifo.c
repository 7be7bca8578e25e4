// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: its registers and its interrupt.
 *
 * Sources: "nouveau" is drivers/gpu/drm/nouveau/nvkm/engine/fifo of Linux
 * 7.3, "nvgpu" are NVIDIA's hw_{fifo,pbdma,ccsr,ram}_{gk20a,gp10b}.h of the
 * Tegra driver of that name.
 */
#include <stdlib.h>

#include "fault.h"
#include "fifo_priv.h"
#include "pmc.h"
#include "sm.h"

/* Latched here; the other bits are the OR of registers elsewhere. */
#define INTR_LATCHED	(PFIFO_INTR_BIND_ERROR | PFIFO_INTR_SCHED_ERROR | \
			 PFIFO_INTR_NONSTALL)

uint32_t nvgpu_fifo_intr(const struct nvgpu *gpu)
{
	uint32_t intr = gpu->fifo->intr;

	if (nvgpu_fault_units(gpu))
		intr |= PFIFO_INTR_MMU_FAULT;
	if (nvgpu_pbdma_intr(gpu))
		intr |= PFIFO_INTR_PBDMA;
	if (nvgpu_reg_get(gpu, PFIFO_RUNLIST_INTR))
		intr |= PFIFO_INTR_RUNLIST;
	return intr;
}

bool nvgpu_fifo_pending(const struct nvgpu *gpu)
{
	return nvgpu_fifo_intr(gpu) & nvgpu_reg_get(gpu, PFIFO_INTR_EN);
}

void nvgpu_fifo_raise(struct nvgpu *gpu, uint32_t bits)
{
	gpu->fifo->intr |= bits;
	nvgpu_irq_update(gpu);
}

void nvgpu_fifo_sched_error(struct nvgpu *gpu, uint32_t code)
{
	nvgpu_reg_set(gpu, PFIFO_SCHED_ERROR, code);
	nvgpu_fifo_raise(gpu, PFIFO_INTR_SCHED_ERROR);
}

void nvgpu_fifo_nonstall(struct nvgpu *gpu)
{
	nvgpu_fifo_raise(gpu, PFIFO_INTR_NONSTALL);
}

static uint32_t pbdmas_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t stored)
{
	return gpu->chip->nr_pbdmas;
}

static uint32_t channels_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t stored)
{
	return gpu->fifo->nr_chans;
}

static uint32_t intr_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	return nvgpu_fifo_intr(gpu);
}

static void intr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	gpu->fifo->intr &= ~(val & INTR_LATCHED);
	nvgpu_irq_update(gpu);
}

static void irq_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		      unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_irq_update(gpu);
}

static void kick_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_kick(gpu);
}

static void runlist_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_runlist_submit(gpu, val);
}

static uint32_t pbdma_map_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			       unsigned int index, uint32_t stored)
{
	if (index >= gpu->chip->nr_pbdmas)
		return 0;
	return gpu->chip->pbdma_runlists[index];
}

static uint32_t pbdma_id_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			      unsigned int index, uint32_t stored)
{
	return nvgpu_pbdma_intr(gpu);
}

static uint32_t preempt_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t stored)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_runls; i++)
		if (nvgpu_runlist_preempting(gpu, &fifo->runl[i]))
			stored |= PFIFO_PREEMPT_PENDING;
	return stored;
}

static void preempt_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_runlist_preempt(gpu, val);
}

static uint32_t engine_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			    unsigned int index, uint32_t stored)
{
	return nvgpu_engine_status(gpu, index);
}

static void trigger_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t val, uint32_t old)
{
	if (val & PFIFO_TRIGGER_FAULT_ENABLE)
		nvgpu_engine_trigger(gpu, index, val);
}

static uint32_t pbdma_status_read(struct nvgpu *gpu,
				  const struct nvgpu_reg *reg,
				  unsigned int index, uint32_t stored)
{
	return nvgpu_pbdma_status(gpu, index);
}

static void pbdma_intr_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_pbdma_intr_cleared(gpu, index);
}

static void inst_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_chan_bind(gpu, index, val, old);
}

static uint32_t channel_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t stored)
{
	return stored | nvgpu_chan_status(gpu, index);
}

static void channel_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_chan_control(gpu, index, val);
}

#define RO	0xffffffffu

static const struct nvgpu_reg regs[] = {
	{
		.addr = 0x002004, .name = "PFIFO_PBDMAS", .ro = RO,
		.fidelity = NVGPU_INFERRED, .source = "nouveau gm200.c",
		.read = pbdmas_read,
	}, {
		.addr = 0x002008, .name = "PFIFO_CHANNELS", .ro = RO,
		.fidelity = NVGPU_INFERRED, .source = "nouveau gm200.c",
		.read = channels_read,
	}, {
		.addr = PFIFO_INTR, .name = "PFIFO_INTR", .ro = RO,
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu fifo_intr_0",
		.read = intr_read, .write = intr_write,
	}, {
		.addr = PFIFO_INTR_EN, .name = "PFIFO_INTR_EN",
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu fifo_intr_en_0",
		.write = irq_write,
	}, {
		.addr = PFIFO_USERD_BASE, .name = "PFIFO_BAR1_BASE",
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu fifo_bar1_base",
	}, {
		.addr = PFIFO_RUNLIST_BASE, .name = "PFIFO_RUNLIST_BASE",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_runlist_base",
	}, {
		.addr = PFIFO_RUNLIST, .name = "PFIFO_RUNLIST",
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu fifo_runlist",
		.write = runlist_write,
	}, {
		.addr = PFIFO_ENG_RUNLIST_BASE(0), .stride = 8,
		.count = NVGPU_RUNLISTS_MAX, .name = "PFIFO_ENG_RUNLIST_BASE",
		.ro = RO, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_eng_runlist_base",
	}, {
		/* The update happens at once: bit 20, pending, stays 0. */
		.addr = PFIFO_ENG_RUNLIST(0), .stride = 8,
		.count = NVGPU_RUNLISTS_MAX, .name = "PFIFO_ENG_RUNLIST",
		.ro = RO, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_eng_runlist",
	}, {
		.addr = 0x002390, .count = NVGPU_PBDMAS_MAX,
		.name = "PFIFO_PBDMA_MAP", .ro = RO,
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu fifo_pbdma_map",
		.read = pbdma_map_read,
	}, {
		.addr = PFIFO_BIND_ERROR, .name = "PFIFO_INTR_BIND_ERROR",
		.ro = RO, .fidelity = NVGPU_INFERRED,
		.source = "nouveau gk104.c, names of the codes",
	}, {
		.addr = PFIFO_SCHED_ERROR, .name = "PFIFO_INTR_SCHED_ERROR",
		.ro = RO, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_intr_sched_error",
	}, {
		.addr = 0x00256c, .name = "PFIFO_INTR_CHSW_ERROR", .w1c = RO,
		.fidelity = NVGPU_FAKED, .source = "never raised here",
	}, {
		/* Follows the PBDMAs; nouveau's write to it does nothing. */
		.addr = 0x0025a0, .name = "PFIFO_INTR_PBDMA_ID", .ro = RO,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_intr_pbdma_id", .read = pbdma_id_read,
	}, {
		.addr = PFIFO_ERROR_SCHED_DISABLE,
		.name = "PFIFO_ERROR_SCHED_DISABLE", .w1c = RO,
		.fidelity = NVGPU_INFERRED,
		.source = "nvgpu fifo_error_sched_disable; nouveau runl.c",
		.write = kick_write,
	}, {
		.addr = PFIFO_SCHED_DISABLE, .name = "PFIFO_SCHED_DISABLE",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_sched_disable", .write = kick_write,
	}, {
		.addr = PFIFO_PREEMPT, .name = "PFIFO_PREEMPT",
		.ro = PFIFO_PREEMPT_PENDING, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_preempt",
		.read = preempt_read, .write = preempt_write,
	}, {
		.addr = 0x002640, .count = NVGPU_ENGINES_MAX, .stride = 8,
		.name = "PFIFO_ENGINE_STATUS", .ro = RO,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_engine_status", .read = engine_read,
	}, {
		.addr = PFIFO_RUNLIST_INTR, .name = "PFIFO_INTR_RUNLIST",
		.w1c = RO, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_intr_runlist", .write = irq_write,
	}, {
		.addr = 0x002a04, .name = "PFIFO_FB_TIMEOUT",
		.fidelity = NVGPU_FAKED,
		.source = "nvgpu fifo_fb_timeout; flushes take no time here",
	}, {
		/*
		 * Off at reset (but for &nvgpu_config.ctxsw_timeout_ms),
		 * unlike on hardware: grids take a thousand times longer here,
		 * and would be shot.
		 */
		.addr = PFIFO_ENG_TIMEOUT, .name = "PFIFO_ENG_TIMEOUT",
		.reset = PFIFO_ENG_TIMEOUT_PERIOD, .fidelity = NVGPU_INFERRED,
		.source = "nvgpu fifo_eng_timeout of gk20a; reset value ours",
		.write = kick_write,
	}, {
		.addr = PFIFO_TRIGGER_FAULT(0), .count = NVGPU_ENGINES_MAX,
		.name = "PFIFO_TRIGGER_MMU_FAULT",
		.ro = ~(PFIFO_TRIGGER_FAULT_UNIT | PFIFO_TRIGGER_FAULT_ENABLE),
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_trigger_mmu_fault",
		.write = trigger_write,
	}, {
		.addr = 0x003080, .count = NVGPU_PBDMAS_MAX,
		.name = "PFIFO_PBDMA_STATUS", .ro = RO,
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu fifo_pbdma_status", .read = pbdma_status_read,
	}, {
		.addr = PBDMA_METHOD0, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_METHOD0",
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu pbdma_method0",
	}, {
		.addr = PBDMA_DATA0, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_DATA0",
		.fidelity = NVGPU_INFERRED, .source = "nouveau gf100.c",
	}, {
		.addr = PBDMA_INTR_0, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_INTR_0", .w1c = RO,
		.fidelity = NVGPU_DOCUMENTED, .source = "nvgpu pbdma_intr_0",
		.write = pbdma_intr_write,
	}, {
		.addr = PBDMA_INTR_EN_0, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_INTR_EN_0",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu pbdma_intr_en_0", .write = irq_write,
	}, {
		.addr = PBDMA_CHANNEL, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_CHANNEL", .ro = RO,
		.fidelity = NVGPU_INFERRED, .source = "nouveau gf100.c",
	}, {
		.addr = 0x04012c, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_TIMEOUT",
		.fidelity = NVGPU_FAKED,
		.source = "nouveau gk208.c; memory always answers here",
	}, {
		.addr = 0x04013c, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_INTR_STALL",
		.fidelity = NVGPU_FAKED, .source = "nouveau gf100.c clears it",
	}, {
		.addr = PBDMA_INTR_1, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_HCE_INTR", .w1c = RO,
		.fidelity = NVGPU_FAKED, .source = "never raised here",
	}, {
		.addr = PBDMA_INTR_EN_1, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_HCE_INTR_EN",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu pbdma_intr_en_1", .write = irq_write,
	}, {
		.addr = 0x040150, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_HCE_DBG0", .ro = RO,
		.fidelity = NVGPU_FAKED, .source = "nouveau gk104.c prints it",
	}, {
		.addr = 0x040154, .count = NVGPU_PBDMAS_MAX,
		.stride = PBDMA_STRIDE, .name = "PBDMA_HCE_DBG1", .ro = RO,
		.fidelity = NVGPU_FAKED, .source = "nouveau gk104.c prints it",
	}, {
		.addr = PCCSR_INST(0), .count = NVGPU_CHANNELS_MAX,
		.stride = 8, .name = "PCCSR_CHANNEL_INST",
		.fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu ccsr_channel_inst", .write = inst_write,
	}, {
		.addr = PCCSR_CHANNEL(0), .count = NVGPU_CHANNELS_MAX,
		.stride = 8, .name = "PCCSR_CHANNEL",
		.ro = ~PCCSR_CHANNEL_RUNLIST, .fidelity = NVGPU_DOCUMENTED,
		.source = "nvgpu ccsr_channel",
		.read = channel_read, .write = channel_write,
	},
};

/* Own registers back to reset values: PFIFO was reset alone. */
static void regs_reset(struct nvgpu *gpu)
{
	unsigned int i, j, count, stride;

	for (i = 0; i < NVGPU_ARRAY_SIZE(regs); i++) {
		count = regs[i].count ? regs[i].count : 1;
		stride = regs[i].stride ? regs[i].stride : 4;
		for (j = 0; j < count; j++)
			nvgpu_reg_set(gpu, regs[i].addr + j * stride,
				      regs[i].reset);
	}
}

static void timeout_reset(struct nvgpu *gpu)
{
	const uint32_t ms = gpu->config.ctxsw_timeout_ms;

	if (ms)
		nvgpu_reg_set(gpu, PFIFO_ENG_TIMEOUT, PFIFO_ENG_TIMEOUT_ENABLE |
			      ms * PFIFO_ENG_TIMEOUT_MS);
}

static void state_reset(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; i < fifo->nr_runls; i++)
		nvgpu_runlist_reset(&fifo->runl[i]);
	for (i = 0; i < fifo->nr_engines; i++) {
		fifo->engine[i].chan = NULL;
		fifo->engine[i].faulted = false;
		fifo->engine[i].hung = false;
	}
	for (i = 0; i < NVGPU_PBDMAS_MAX; i++)
		fifo->pbdma_stopped[i] = NULL;
	for (i = 0; i < fifo->nr_chans; i++) {
		nvgpu_chan_clear(gpu, &fifo->chans[i]);
		fifo->chans[i].enabled = false;
		fifo->chans[i].listed = false;
		fifo->chans[i].group.valid = false;
	}
	fifo->intr = 0;
	fifo->poll = false;
	fifo->grid_age = 0;
	timeout_reset(gpu);
}

void nvgpu_fifo_reset(struct nvgpu *gpu)
{
	if (!nvgpu_sm_idle(gpu))
		nvgpu_sm_abort(gpu);
	if (gpu->fifo->gr && gpu->fifo->gr->chan)
		nvgpu_gr_set_current(gpu, 0);
	regs_reset(gpu);
	state_reset(gpu);
	nvgpu_irq_update(gpu);
}

static void engines_init(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	fifo->nr_engines = gpu->chip->nr_engines;
	for (i = 0; i < fifo->nr_engines; i++) {
		const struct nvgpu_engine *engine = &gpu->chip->engines[i];

		fifo->engine[i].engine = engine;
		if (engine->kind != NVGPU_ENGINE_GR)
			continue;
		fifo->gr = &fifo->engine[i];
		fifo->runl[engine->runlist].has_gr = true;
	}
}

static bool runlists_init(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	fifo->nr_runls = gpu->chip->nr_runlists;
	for (i = 0; i < fifo->nr_runls; i++) {
		struct nvgpu_runlist *runl = &fifo->runl[i];

		runl->id = i;
		runl->list = calloc(fifo->nr_chans, sizeof(*runl->list));
		if (!runl->list)
			return false;
	}
	return true;
}

static void fifo_fini(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = gpu->fifo;
	unsigned int i;

	for (i = 0; fifo->chans && i < fifo->nr_chans; i++)
		nvgpu_chan_clear(gpu, &fifo->chans[i]);
	for (i = 0; i < fifo->nr_runls; i++)
		free(fifo->runl[i].list);
	free(fifo->chans);
	free(fifo);
	gpu->fifo = NULL;
}

static bool fifo_init(struct nvgpu *gpu)
{
	struct nvgpu_fifo *fifo = calloc(1, sizeof(*fifo));
	unsigned int i;

	if (!fifo)
		return false;
	gpu->fifo = fifo;
	fifo->nr_chans = gpu->config.channels;
	fifo->chans = calloc(fifo->nr_chans, sizeof(*fifo->chans));
	if (!fifo->chans || !runlists_init(gpu)) {
		fifo_fini(gpu);
		return false;
	}
	for (i = 0; i < fifo->nr_chans; i++)
		fifo->chans[i].id = i;
	engines_init(gpu);
	return true;
}

const struct nvgpu_unit nvgpu_fifo_unit = {
	.name = "fifo",
	.regs = regs,
	.nr_regs = NVGPU_ARRAY_SIZE(regs),
	.init = fifo_init,
	.reset = state_reset,
	.fini = fifo_fini,
};
