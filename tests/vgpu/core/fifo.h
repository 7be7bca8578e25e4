/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Host: channels, runlists, PBDMAs; and the engines' way back to it. */
#ifndef NVGPU_FIFO_H
#define NVGPU_FIFO_H

#include "mmu.h"

struct nvgpu_chan;

/** enum nvgpu_method_result - outcome of one method */
enum nvgpu_method_result {
	/** @NVGPU_METHOD_DONE: go on with the next */
	NVGPU_METHOD_DONE,
	/** @NVGPU_METHOD_AGAIN: engine busy or condition false, try later */
	NVGPU_METHOD_AGAIN,
	/** @NVGPU_METHOD_DEAD: faulted fatally, already reported */
	NVGPU_METHOD_DEAD,
};

/* A write to BAR1 at @addr: a GP_PUT in the USERD area kicks its channel. */
void nvgpu_fifo_bar1_written(struct nvgpu *gpu, uint64_t addr);

/* Run runlists, PBDMAs and engines; see nvgpu_run(). */
enum nvgpu_run_result nvgpu_fifo_run(struct nvgpu *gpu, unsigned int budget);

/* PFIFO_INTR as the CPU reads it, and whether it asks for its interrupt. */
uint32_t nvgpu_fifo_intr(const struct nvgpu *gpu);
bool nvgpu_fifo_pending(const struct nvgpu *gpu);

/* Latch the non-stall interrupt (PFIFO_INTR bit 31). */
void nvgpu_fifo_nonstall(struct nvgpu *gpu);

/*
 * The channel's context died (fatal fault, engine reset): it runs no more
 * until it is bound again.  The report to the driver was made by the caller.
 */
void nvgpu_chan_kill(struct nvgpu *gpu, struct nvgpu_chan *chan);

/* What engines need of a channel. */
uint32_t nvgpu_chan_id(const struct nvgpu_chan *chan);
/* The address space, as last loaded from the instance block. */
const struct nvgpu_vm *nvgpu_chan_vm(const struct nvgpu_chan *chan);

/* PMC_ENABLE bits of engines were cleared: reset those engines. */
void nvgpu_engine_reset(struct nvgpu *gpu, uint32_t pmc_bits);

extern const struct nvgpu_unit nvgpu_fifo_unit;

#endif
