// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * CLEAR_SURFACE of the 3D class, for linear colour targets of the formats
 * that drivers fill buffers with.  Source: NVIDIA's clc097.h; use: Mesa's
 * nvc0_clear_buffer().
 */
#include <string.h>

#include "class3d.h"
#include "mmu.h"

/* Fields of CLEAR_SURFACE */
#define CLEAR_RGBA		0x0000003cu
#define CLEAR_Z_STENCIL		0x00000003u
#define CLEAR_MRT_SHIFT		6
#define CLEAR_MRT_MASK		0xfu
#define CLEAR_ARRAY_INDEX	0x03fffc00u
#define NR_COLOR_TARGETS	8

/* State it uses; the targets are 64 bytes apart. */
#define COLOR_CLEAR_VALUE	0x0d80
#define SURFACE_CLIP_X		0x0ff4
#define SURFACE_CLIP_Y		0x0ff8
#define CLEAR_CONTROL		0x10f8
#define CT_A(j)			(0x0800 + 64 * (j))
#define CT_A_BITS		8
#define CT_WIDTH(j)		(0x0808 + 64 * (j))	/* linear: pitch */
#define CT_HEIGHT(j)		(0x080c + 64 * (j))
#define CT_FORMAT(j)		(0x0810 + 64 * (j))
#define CT_MEMORY(j)		(0x0814 + 64 * (j))
#define  CT_MEMORY_PITCH	0x00001000u

/* Colour targets are written by the GPCs' PROP (gp100's dev_fault.h). */
static const struct nvgpu_client prop_client = {
	.unit = NVGPU_MMU_ENG_GR, .id = 0x0f,
};

/* Formats of unsigned integers, which take the clear value as it is. */
static unsigned int format_components(uint32_t format, unsigned int *size)
{
	switch (format) {
	case 0xc2:	/* RU32_GU32_BU32_AU32 */
		*size = 4;
		return 4;
	case 0xcd:	/* RU32_GU32 */
		*size = 4;
		return 2;
	case 0xe4:	/* RU32 */
		*size = 4;
		return 1;
	case 0xf1:	/* RU16 */
		*size = 2;
		return 1;
	case 0xf6:	/* RU8 */
		*size = 1;
		return 1;
	}
	return 0;
}

/** struct clear - a rectangle to fill */
struct clear {
	uint64_t va;
	/** @pitch: from row to row; @bytes: of a row to write; @rows */
	uint32_t pitch, bytes, rows;
	/** @span: a piece of a row, whole pixels, @span_size bytes */
	uint8_t span[4096];
	uint32_t span_size;
};

static bool fill_span(struct nvgpu_method_call *call, struct clear *clear,
		      uint32_t format, unsigned int *pixel)
{
	unsigned int size, i, n = format_components(format, &size);

	if (!n)
		return false;
	*pixel = n * size;
	for (i = 0; i < n; i++) {
		uint8_t value[4];

		nvgpu_put_le32(value, nvgpu_state(call, COLOR_CLEAR_VALUE +
							4 * i));
		memcpy(clear->span + i * size, value, size);
	}
	clear->span_size = sizeof(clear->span);
	for (i = *pixel; i < clear->span_size; i++)
		clear->span[i] = clear->span[i - *pixel];
	return true;
}

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The surface clip, cut to the target. */
static void clip(struct nvgpu_method_call *call, struct clear *clear,
		 unsigned int rt, unsigned int pixel)
{
	uint32_t h = nvgpu_state(call, SURFACE_CLIP_X);
	uint32_t v = nvgpu_state(call, SURFACE_CLIP_Y);
	uint32_t left = min_u32((h & 0xffff) * pixel, clear->pitch);
	uint32_t top = min_u32(v & 0xffff, nvgpu_state(call, CT_HEIGHT(rt)));

	clear->bytes = min_u32((h >> 16) * pixel, clear->pitch - left);
	clear->rows = min_u32(v >> 16,
			      nvgpu_state(call, CT_HEIGHT(rt)) - top);
	clear->va += (uint64_t)top * clear->pitch + left;
}

static enum nvgpu_method_result fill(struct nvgpu_method_call *call,
				     const struct clear *clear)
{
	uint32_t y, x, n;

	for (y = 0; y < clear->rows; y++) {
		uint64_t row = clear->va + (uint64_t)y * clear->pitch;

		for (x = 0; x < clear->bytes; x += n) {
			enum nvgpu_method_result result;

			n = min_u32(clear->bytes - x, clear->span_size);
			result = nvgpu_gr_write(call, &prop_client, row + x,
						clear->span, n);
			if (result != NVGPU_METHOD_DONE)
				return result;
		}
	}
	return NVGPU_METHOD_DONE;
}

enum nvgpu_method_result nvgpu_clear_surface(struct nvgpu_method_call *call)
{
	unsigned int rt = call->data >> CLEAR_MRT_SHIFT & CLEAR_MRT_MASK;
	struct clear clear;
	unsigned int pixel;

	if (nvgpu_state(call, METHOD_RENDER_ENABLE_C) == RENDER_ENABLE_FALSE)
		return NVGPU_METHOD_DONE;
	if (nvgpu_state(call, METHOD_RENDER_ENABLE_C) != RENDER_ENABLE_TRUE)
		return nvgpu_unmodelled(call, "conditional rendering");
	if ((call->data & (CLEAR_RGBA | CLEAR_Z_STENCIL)) != CLEAR_RGBA ||
	    call->data & CLEAR_ARRAY_INDEX || rt >= NR_COLOR_TARGETS)
		return nvgpu_unmodelled(call, "other than all of a colour");
	if (nvgpu_state(call, CLEAR_CONTROL))
		return nvgpu_unmodelled(call, "clear control");
	if (!(nvgpu_state(call, CT_MEMORY(rt)) & CT_MEMORY_PITCH))
		return nvgpu_unmodelled(call, "block linear target");
	if (!fill_span(call, &clear, nvgpu_state(call, CT_FORMAT(rt)),
		       &pixel))
		return nvgpu_unmodelled(call, "target format");
	clear.va = nvgpu_state64(call, CT_A(rt), CT_A_BITS);
	clear.pitch = nvgpu_state(call, CT_WIDTH(rt));
	clip(call, &clear, rt, pixel);
	return fill(call, &clear);
}
