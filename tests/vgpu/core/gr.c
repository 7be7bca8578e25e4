// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The graphics engine's front end: takes methods from the host and hands
 * them to the object classes.  Not here: the registers (gr_regs.c), the
 * falcons (falcon.c, fecs.c), what methods do (class*.c).
 */
#include <stdlib.h>
#include <string.h>

#include "chip.h"
#include "falcon.h"
#include "gr_priv.h"
#include "ledger.h"
#include "qmd.h"
#include "sm.h"

static const struct nvgpu_class *const classes[NVGPU_NR_CLASSES] = {
	[NVGPU_CLASS_3D]	= &nvgpu_class_3d,
	[NVGPU_CLASS_COMPUTE]	= &nvgpu_class_compute,
	[NVGPU_CLASS_INLINE]	= &nvgpu_class_inline,
	[NVGPU_CLASS_2D]	= &nvgpu_class_2d,
};

static uint32_t class_number(const struct nvgpu_chip *chip,
			     enum nvgpu_class_id id)
{
	switch (id) {
	case NVGPU_CLASS_3D:
		return chip->class_3d;
	case NVGPU_CLASS_COMPUTE:
		return chip->class_compute;
	case NVGPU_CLASS_INLINE:
		return chip->class_inline;
	case NVGPU_CLASS_2D:
		return chip->class_2d;
	default:
		return 0;
	}
}

static bool index_class(struct nvgpu *gpu, uint16_t *index,
			const struct nvgpu_class *cls)
{
	unsigned int i, j;

	for (i = 0; i < cls->nr_methods; i++) {
		const struct nvgpu_method *method = &cls->methods[i];

		for (j = 0; j < method->count; j++) {
			uint32_t word = (method->mthd + j * method->stride) /
					4;

			if (word >= NVGPU_METHODS || index[word]) {
				nvgpu_log(gpu, NVGPU_LOG_ERROR,
					  "class %s: method %04x twice",
					  cls->name, word * 4);
				return false;
			}
			index[word] = i + 1;
		}
	}
	return true;
}

bool nvgpu_gr_init(struct nvgpu *gpu)
{
	unsigned int i;

	gpu->gr = calloc(1, sizeof(*gpu->gr));
	if (!gpu->gr)
		return false;
	for (i = 0; i < NVGPU_NR_CLASSES; i++)
		if (!index_class(gpu, gpu->gr->method[i], classes[i]))
			return false;
	return true;
}

void nvgpu_gr_fini(struct nvgpu *gpu)
{
	free(gpu->gr);
	gpu->gr = NULL;
}

/* Registers hold their reset values already; contexts belong to channels. */
void nvgpu_gr_power_on(struct nvgpu *gpu)
{
}

void nvgpu_gr_reset(struct nvgpu *gpu)
{
	nvgpu_sm_abort(gpu);
	nvgpu_gr_regs_reset(gpu);
	nvgpu_falcon_reset(gpu, NVGPU_FALCON_FECS);
	nvgpu_falcon_reset(gpu, NVGPU_FALCON_GPCCS);
	gpu->falcons->ctxsw_stopped = false;
}

struct nvgpu_gr_context *nvgpu_gr_context_new(void)
{
	struct nvgpu_gr_context *ctx = calloc(1, sizeof(*ctx));
	unsigned int i;

	if (!ctx)
		return NULL;
	for (i = 0; i < NVGPU_NR_CLASSES; i++)
		if (classes[i]->init)
			classes[i]->init(ctx->state[i]);
	return ctx;
}

void nvgpu_gr_context_free(struct nvgpu_gr_context *ctx)
{
	free(ctx);
}

static enum nvgpu_method_result run_method(struct nvgpu_method_call *call,
					   unsigned int row)
{
	if (!row)
		return nvgpu_unmodelled(call, "unknown");
	call->method = &call->cls->methods[row - 1];
	nvgpu_log(call->gpu, NVGPU_LOG_TRACE, "M ch %u %s %04x %08x %s",
		  nvgpu_chan_id(call->chan), call->cls->name, call->mthd,
		  call->data, call->method->name);
	if (call->method->fidelity == NVGPU_ABSENT)
		return nvgpu_unmodelled(call, "not modelled");
	call->state[call->mthd / 4] = call->data;
	return call->method->exec ? call->method->exec(call) :
				    NVGPU_METHOD_DONE;
}

enum nvgpu_method_result
nvgpu_gr_method(struct nvgpu *gpu, struct nvgpu_chan *chan,
		struct nvgpu_gr_context *ctx, uint32_t cls, uint32_t mthd,
		uint32_t data)
{
	struct nvgpu_method_call call = {
		.gpu = gpu,
		.chan = chan,
		.number = cls,
		.mthd = mthd,
		.data = data,
	};
	unsigned int i;

	/* The pipeline runs one thing at a time, so everything is ordered. */
	if (!nvgpu_sm_idle(gpu))
		return NVGPU_METHOD_AGAIN;
	for (i = 0; i < NVGPU_NR_CLASSES; i++) {
		if (class_number(gpu->chip, i) != cls)
			continue;
		call.cls = classes[i];
		call.state = ctx->state[i];
		call.upload = &ctx->upload[i];
		return run_method(&call, mthd / 4 < NVGPU_METHODS ?
				  gpu->gr->method[i][mthd / 4] : 0);
	}
	nvgpu_unknown(gpu, "class %04x method %04x data %08x: no such class",
		      cls, mthd, data);
	return NVGPU_METHOD_DONE;
}

static void ledger_class(FILE *f, uint32_t number,
			 const struct nvgpu_class *cls)
{
	unsigned int i;

	for (i = 0; i < cls->nr_methods; i++) {
		const struct nvgpu_method *method = &cls->methods[i];
		char where[32];

		if (method->count > 1)
			snprintf(where, sizeof(where), "%04x %04x+%x*%u",
				 number, method->mthd, method->stride,
				 method->count);
		else
			snprintf(where, sizeof(where), "%04x %04x", number,
				 method->mthd);
		nvgpu_ledger_row(f, "method", where, method->name,
				 method->fidelity, cls->source);
	}
}

void nvgpu_ledger_classes(FILE *f)
{
	const struct nvgpu_chip *chip, *first = nvgpu_chip_at(0);
	unsigned int i, j;

	for (i = 0; (chip = nvgpu_chip_at(i)); i++)
		for (j = 0; j < NVGPU_NR_CLASSES; j++)
			if (!i || class_number(chip, j) !=
				  class_number(first, j))
				ledger_class(f, class_number(chip, j),
					     classes[j]);
	nvgpu_ledger_qmd(f);
	nvgpu_ledger_fecs(f);
}
