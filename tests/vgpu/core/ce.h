/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copy engines, driven by their object class. */
#ifndef NVGPU_CE_H
#define NVGPU_CE_H

#include "fifo.h"

/* Per channel state of the copy class; NULL: out of memory. */
struct nvgpu_ce_context *nvgpu_ce_context_new(void);
void nvgpu_ce_context_free(struct nvgpu_ce_context *ctx);

/* A copy is under way. */
bool nvgpu_ce_busy(const struct nvgpu_ce_context *ctx);

/*
 * One method of the copy class on @chan.  @client is the copy engine that
 * serves the channel.
 */
enum nvgpu_method_result
nvgpu_ce_method(struct nvgpu *gpu, struct nvgpu_chan *chan,
		struct nvgpu_ce_context *ctx,
		const struct nvgpu_client *client, uint32_t mthd,
		uint32_t data);

#endif
