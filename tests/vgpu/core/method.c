// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What methods of several classes share: accesses of the front end and
 * semaphores.  Front end clients do not fault replayably on Pascal (the page
 * directory base has replay enables for GPC clients only), so a fault here
 * ends the channel.
 */
#include "fault.h"
#include "method.h"
#include "pmc.h"

/* NVIDIA's dev_fault.h, gp100: graphics engine, hub client FE */
static const struct nvgpu_client fe_client = {
	.unit = NVGPU_MMU_ENG_GR, .id = 4, .hub = true,
};

/* Fields of SET_REPORT_SEMAPHORE_D (clc097.h, clc0c0.h) */
#define REPORT_OPERATION	0x00000003u
#define REPORT_RELEASE		0
#define REPORT_REPORT_ONLY	2
#define REPORT_REDUCTION	0x00000008u
#define REPORT_AWAKEN		0x00100000u
#define REPORT_REPORT		0x0f800000u
#define REPORT_ONE_WORD		0x10000000u
/* Bits of SET_REPORT_SEMAPHORE_A's OFFSET_UPPER */
#define REPORT_UPPER_BITS	8

uint64_t nvgpu_state64(const struct nvgpu_method_call *call, uint32_t upper,
		       unsigned int bits)
{
	uint64_t mask = (1ull << bits) - 1;

	return (nvgpu_state(call, upper) & mask) << 32 |
	       nvgpu_state(call, upper + 4);
}

static enum nvgpu_method_result
access_result(struct nvgpu_method_call *call, bool done,
	      const struct nvgpu_client *client,
	      const struct nvgpu_fault_info *fault)
{
	if (done)
		return NVGPU_METHOD_DONE;
	nvgpu_fault_fatal(call->gpu, nvgpu_chan_vm(call->chan)->inst, client,
			  fault);
	nvgpu_chan_kill(call->gpu, call->chan);
	return NVGPU_METHOD_DEAD;
}

enum nvgpu_method_result nvgpu_fe_read(struct nvgpu_method_call *call,
				       uint64_t va, void *buf, size_t len)
{
	struct nvgpu_fault_info fault;
	bool done = nvgpu_vm_read(call->gpu, nvgpu_chan_vm(call->chan),
				  &fe_client, va, buf, len, &fault);

	return access_result(call, done, &fe_client, &fault);
}

enum nvgpu_method_result nvgpu_gr_write(struct nvgpu_method_call *call,
					const struct nvgpu_client *client,
					uint64_t va, const void *buf,
					size_t len)
{
	struct nvgpu_fault_info fault;
	bool done = nvgpu_vm_write(call->gpu, nvgpu_chan_vm(call->chan),
				   client, va, buf, len, &fault);

	return access_result(call, done, client, &fault);
}

enum nvgpu_method_result nvgpu_fe_write(struct nvgpu_method_call *call,
					uint64_t va, const void *buf,
					size_t len)
{
	return nvgpu_gr_write(call, &fe_client, va, buf, len);
}

enum nvgpu_method_result nvgpu_unmodelled(struct nvgpu_method_call *call,
					  const char *what)
{
	nvgpu_unknown(call->gpu, "class %04x (%s) method %04x (%s) data %08x: %s",
		      call->number, call->cls->name, call->mthd,
		      call->method ? call->method->name : "?", call->data,
		      what);
	return NVGPU_METHOD_DONE;
}

enum nvgpu_method_result nvgpu_release(struct nvgpu_method_call *call,
				       uint64_t va, uint32_t payload,
				       bool one_word)
{
	uint64_t now = nvgpu_ptimer_ns(call->gpu);
	uint8_t words[16];

	nvgpu_put_le32(words, payload);
	nvgpu_put_le32(words + 4, 0);
	nvgpu_put_le32(words + 8, now);
	nvgpu_put_le32(words + 12, now >> 32);
	return nvgpu_fe_write(call, va, words, one_word ? 4 : sizeof(words));
}

enum nvgpu_method_result
nvgpu_report_semaphore(struct nvgpu_method_call *call)
{
	uint64_t va = nvgpu_state64(call, METHOD_REPORT_SEMAPHORE_A,
				    REPORT_UPPER_BITS);
	uint32_t operation = call->data & REPORT_OPERATION;
	enum nvgpu_method_result result;

	if (operation != REPORT_RELEASE && operation != REPORT_REPORT_ONLY)
		return nvgpu_unmodelled(call, "acquire and trap");
	if (call->data & REPORT_REDUCTION)
		return nvgpu_unmodelled(call, "reduction");
	/* Pipeline statistics are not kept: answered with 0, loudly. */
	if (operation == REPORT_REPORT_ONLY && call->data & REPORT_REPORT)
		nvgpu_unmodelled(call, "report other than NONE");
	result = nvgpu_release(call, va,
			       nvgpu_state(call, METHOD_REPORT_SEMAPHORE_C),
			       call->data & REPORT_ONE_WORD);
	if (result == NVGPU_METHOD_DONE && call->data & REPORT_AWAKEN)
		nvgpu_fifo_nonstall(call->gpu);
	return result;
}
