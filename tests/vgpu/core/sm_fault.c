// SPDX-License-Identifier: GPL-2.0-or-later
/* What becomes of an access that faults, and of a program that is wrong. */
#include <inttypes.h>
#include <stdarg.h>

#include "fault.h"
#include "sass.h"

/*
 * Client ids T1_0, T1_2 of gp100 dev_fault.h: the texture and L1 unit that
 * serves loads, stores and atomics, the first of each TPC (which has two).
 */
static const uint8_t tpc_client[NVGPU_TPCS_PER_GPC] = { 1, 7 };

struct nvgpu_client nvgpu_sm_client(const struct nvgpu_cta *cta)
{
	return (struct nvgpu_client){
		.unit = NVGPU_UNIT_GR,
		.id = tpc_client[cta->sm % NVGPU_TPCS_PER_GPC],
		.gpc = cta->sm / NVGPU_TPCS_PER_GPC,
	};
}

struct nvgpu_client nvgpu_gcc_client(const struct nvgpu_cta *cta)
{
	return (struct nvgpu_client){
		.unit = NVGPU_UNIT_GR,
		.id = NVGPU_CLIENT_GCC,
		.gpc = cta->sm / NVGPU_TPCS_PER_GPC,
	};
}

/*
 * Fault types that a new translation can cure; the others are fatal (NVIDIA
 * UVM driver for Pascal, fault type table).
 */
static bool serviceable(enum nvgpu_fault_type type)
{
	return type == NVGPU_FAULT_PDE || type == NVGPU_FAULT_PTE ||
	       type == NVGPU_FAULT_RO || type == NVGPU_FAULT_ATOMIC;
}

static enum nvgpu_step stall(struct nvgpu_exec *x,
			     const struct nvgpu_client *client,
			     const struct nvgpu_fault_info *fault)
{
	x->w->state = NVGPU_WARP_STALLED;
	x->w->client = *client;
	x->w->fault = *fault;
	x->run->stalled++;
	x->gpu->count.warp_stalls++;
	return NVGPU_STEP_STALL;
}

enum nvgpu_step nvgpu_sm_fault(struct nvgpu_exec *x,
			       const struct nvgpu_client *client,
			       const struct nvgpu_fault_info *faults,
			       unsigned int nr)
{
	const struct nvgpu_vm *vm = nvgpu_chan_vm(x->run->chan);
	bool replay = client->id == NVGPU_CLIENT_GCC ? vm->replay_gcc :
						       vm->replay_tex;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (replay && serviceable(faults[i].type))
			continue;
		nvgpu_fault_fatal(x->gpu, vm->inst, client, &faults[i]);
		return NVGPU_STEP_DEAD;
	}
	for (i = 0; i < nr; i++)
		nvgpu_fault_replayable(x->gpu, vm, client, &faults[i]);
	return stall(x, client, &faults[0]);
}

void nvgpu_sm_hint(struct nvgpu_exec *x, const struct nvgpu_client *client,
		   const struct nvgpu_fault_info *faults, unsigned int nr)
{
	const struct nvgpu_vm *vm = nvgpu_chan_vm(x->run->chan);
	unsigned int i;

	for (i = 0; i < nr && vm->replay_tex; i++)
		if (serviceable(faults[i].type))
			nvgpu_fault_replayable(x->gpu, vm, client, &faults[i]);
}

enum nvgpu_step nvgpu_trap(struct nvgpu_exec *x, const char *fmt, ...)
{
	char why[128];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	nvgpu_guest_error(x->gpu,
			  "SM%u CTA %u,%u,%u warp %u pc %" PRIx64 ": %s",
			  x->cta->sm, x->cta->id[0], x->cta->id[1],
			  x->cta->id[2], x->w->index, x->w->pc, why);
	return NVGPU_STEP_DEAD;
}

enum nvgpu_step nvgpu_unknown_insn(struct nvgpu_exec *x, uint64_t word,
				   const char *name, const char *why)
{
	nvgpu_unknown(x->gpu, "SM%u pc %" PRIx64 " (+%" PRIx64 "): %016" PRIx64
		      " %s: %s", x->cta->sm, x->w->pc,
		      x->w->pc - x->run->grid.code, word, name, why);
	return NVGPU_STEP_DEAD;
}
