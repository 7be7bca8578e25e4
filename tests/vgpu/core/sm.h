/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streaming multiprocessors: run one compute grid at a time for the context
 * that is on the graphics engine.
 */
#ifndef NVGPU_SM_H
#define NVGPU_SM_H

#include "fifo.h"

#define NVGPU_GPCS		2	/* graphics processing clusters */
#define NVGPU_TPCS_PER_GPC	2
#define NVGPU_SMS		(NVGPU_GPCS * NVGPU_TPCS_PER_GPC)
#define NVGPU_CONST_BANKS	8	/* bound through the QMD */

/** struct nvgpu_grid - a compute launch, decoded from a QMD */
struct nvgpu_grid {
	/** @code: virtual address of the first instruction word */
	uint64_t code;
	/** @code_base: CODE_ADDRESS; absolute jumps and calls count from it */
	uint64_t code_base;
	/** @grid_dim: work-groups (CTAs) in x, y, z */
	uint32_t grid_dim[3];
	/** @cta_dim: threads of a CTA in x, y, z */
	uint32_t cta_dim[3];
	/** @shared_size: shared memory of a CTA, bytes */
	uint32_t shared_size;
	/** @local_size: local memory of a thread, bytes */
	uint32_t local_size;
	/** @registers: of a thread */
	uint32_t registers;
	/** @l1: loads of global memory are cached */
	bool l1;
	/** @barriers: barriers a CTA uses */
	uint32_t barriers;
	/** @shared_window, @local_window: generic addresses of the windows */
	uint64_t shared_window, local_window;
	/** @cb: constant banks; @cb_size 0: not bound */
	uint64_t cb[NVGPU_CONST_BANKS];
	uint32_t cb_size[NVGPU_CONST_BANKS];
};

/* The SMs have no grid: a new one may be launched. */
bool nvgpu_sm_idle(const struct nvgpu *gpu);

/*
 * Start a grid for @chan; the SMs must be idle.  False: the grid cannot run
 * (said why, counted as guest error); nothing was started.
 */
bool nvgpu_sm_launch(struct nvgpu *gpu, struct nvgpu_chan *chan,
		     const struct nvgpu_grid *grid);

/* The channel whose grid is running, NULL when idle. */
struct nvgpu_chan *nvgpu_sm_channel(const struct nvgpu *gpu);

/*
 * Execute up to @budget warp instructions.  Return: how many were executed;
 * 0: idle, or every warp waits for a replay.
 */
unsigned int nvgpu_sm_run(struct nvgpu *gpu, unsigned int budget);

/* Warps of the running grid that wait for a replay. */
unsigned int nvgpu_sm_stalled(const struct nvgpu *gpu);

/* Replay: every stalled access is tried again. */
void nvgpu_sm_replay(struct nvgpu *gpu);

/*
 * Cancel the stalled accesses of one uTLB (@gpc, @client), or of all with
 * @all.  They are reported as fatal faults and the channel is killed.
 */
void nvgpu_sm_cancel(struct nvgpu *gpu, bool all, unsigned int gpc,
		     unsigned int client);

/* Every store that was executed is in memory. */
void nvgpu_sm_membar(struct nvgpu *gpu);

/*
 * Stop and forget the running grid (engine reset, dead channel), and what it
 * stored but did not wait for.
 */
void nvgpu_sm_abort(struct nvgpu *gpu);

/*
 * Preemption between two instructions: take the running grid off the SMs as
 * an opaque saved state, and put it back.  Accesses that are stalled stay so.
 */
void *nvgpu_sm_save(struct nvgpu *gpu);
void nvgpu_sm_restore(struct nvgpu *gpu, void *saved);
void nvgpu_sm_saved_free(void *saved);

extern const struct nvgpu_unit nvgpu_sm_unit;

#endif
