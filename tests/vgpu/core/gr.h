/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The graphics engine's front end and its falcons. */
#ifndef NVGPU_GR_H
#define NVGPU_GR_H

#include "fifo.h"

/* Per channel state of the object classes; NULL: out of memory. */
struct nvgpu_gr_context *nvgpu_gr_context_new(void);
void nvgpu_gr_context_free(struct nvgpu_gr_context *ctx);

/*
 * One method of @cls (3D, compute, inline-to-memory, 2D, software) on @chan.
 * Methods other than a launch wait (NVGPU_METHOD_AGAIN) while the SMs run a
 * grid.  An access that faults is reported here, fatally: front end clients
 * do not fault replayably on Pascal.
 */
enum nvgpu_method_result
nvgpu_gr_method(struct nvgpu *gpu, struct nvgpu_chan *chan,
		struct nvgpu_gr_context *ctx, uint32_t cls, uint32_t mthd,
		uint32_t data);

/*
 * The context on the engine, as FECS shows it (0x409b00): bit 31 valid,
 * aperture 29:28, instance block address >> 12.  Set by the host when a
 * channel comes onto the engine; @inst 0: none is.
 */
void nvgpu_gr_set_current(struct nvgpu *gpu, uint64_t inst);

/* The driver told FECS to stop context switching (method 0x38). */
bool nvgpu_gr_ctxsw_stopped(const struct nvgpu *gpu);

/* PMC_ENABLE's GR bit was cleared: forget the context and the grid. */
void nvgpu_gr_reset(struct nvgpu *gpu);

/* PMC_ENABLE's PMU bit was cleared. */
void nvgpu_pmu_reset(struct nvgpu *gpu);

extern const struct nvgpu_unit nvgpu_falcon_unit;
extern const struct nvgpu_unit nvgpu_gr_unit;

#endif
