// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Inline-to-memory: data out of the push buffer, line by line, into memory.
 * 3D, compute and the inline class have it at the same methods (cla140.h).
 * Lines follow each other in the data without padding (inferred: every
 * driver read so far sends one line).  Block linear layouts are not modelled.
 */
#include "method.h"

/* Fields of LAUNCH_DMA */
#define LAUNCH_LAYOUT_PITCH	0x00000001u
#define LAUNCH_REDUCTION	0x00000002u
#define LAUNCH_COMPLETION	0x00000030u
#define LAUNCH_RELEASE		0x00000020u
#define LAUNCH_INTERRUPT	0x00000300u
#define LAUNCH_ONE_WORD		0x00001000u
/* Bits of OFFSET_OUT_UPPER and SET_I2M_SEMAPHORE_A */
#define OFFSET_OUT_BITS		17
#define SEMAPHORE_BITS		8

static enum nvgpu_method_result complete(struct nvgpu_method_call *call)
{
	const struct nvgpu_upload *upload = call->upload;
	enum nvgpu_method_result result = NVGPU_METHOD_DONE;
	uint64_t va = nvgpu_state64(call, METHOD_I2M_SEMAPHORE_A,
				    SEMAPHORE_BITS);

	if ((upload->launch & LAUNCH_COMPLETION) == LAUNCH_RELEASE)
		result = nvgpu_release(call, va,
				       nvgpu_state(call,
						   METHOD_I2M_SEMAPHORE_C),
				       upload->launch & LAUNCH_ONE_WORD);
	if (result == NVGPU_METHOD_DONE && upload->launch & LAUNCH_INTERRUPT)
		nvgpu_fifo_nonstall(call->gpu);
	return result;
}

enum nvgpu_method_result nvgpu_upload_launch(struct nvgpu_method_call *call)
{
	struct nvgpu_upload *upload = call->upload;

	if (upload->done != upload->total)
		nvgpu_guest_error(call->gpu,
				  "%s: upload cut off, %llu of %llu bytes",
				  call->cls->name,
				  (unsigned long long)upload->done,
				  (unsigned long long)upload->total);
	upload->done = 0;
	upload->total = 0;
	if (!(call->data & LAUNCH_LAYOUT_PITCH))
		return nvgpu_unmodelled(call, "block linear layout");
	if (call->data & LAUNCH_REDUCTION)
		return nvgpu_unmodelled(call, "reduction");
	upload->launch = call->data;
	upload->va = nvgpu_state64(call, METHOD_OFFSET_OUT_UPPER,
				   OFFSET_OUT_BITS);
	upload->line = nvgpu_state(call, METHOD_LINE_LENGTH_IN);
	upload->pitch = nvgpu_state(call, METHOD_PITCH_OUT);
	upload->total = (uint64_t)upload->line *
			nvgpu_state(call, METHOD_LINE_COUNT);
	return upload->total ? NVGPU_METHOD_DONE : complete(call);
}

enum nvgpu_method_result nvgpu_upload_data(struct nvgpu_method_call *call)
{
	struct nvgpu_upload *upload = call->upload;
	uint8_t word[4];
	unsigned int used = 0;

	if (upload->done == upload->total) {
		nvgpu_guest_error(call->gpu, "%s: inline data %08x too many",
				  call->cls->name, call->data);
		return NVGPU_METHOD_DONE;
	}
	nvgpu_put_le32(word, call->data);
	while (used < sizeof(word) && upload->done < upload->total) {
		uint64_t x = upload->done % upload->line;
		uint64_t y = upload->done / upload->line;
		unsigned int n = sizeof(word) - used;
		enum nvgpu_method_result result;

		if (n > upload->line - x)
			n = upload->line - x;
		result = nvgpu_fe_write(call,
					upload->va + y * upload->pitch + x,
					word + used, n);
		if (result != NVGPU_METHOD_DONE)
			return result;
		used += n;
		upload->done += n;
	}
	return upload->done < upload->total ? NVGPU_METHOD_DONE :
					      complete(call);
}
