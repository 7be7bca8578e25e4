// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Copy engines: class c0b5.  Methods and fields: NVIDIA's clc0b5.h.
 *
 * A copy moves in chunks of up to 4 KiB, each all or nothing: a chunk of
 * which one byte faults writes none.  One call of the launch method moves one
 * chunk, so that big copies do not hold up the embedder.  Pascal's copy
 * engines can't replay: a fault ends the channel.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ce.h"
#include "fault.h"
#include "ledger.h"
#include "mem.h"
#include "mmu.h"
#include "pmc.h"

#define NOP			0x100
#define PM_TRIGGER		0x140
#define SET_SEMAPHORE_A		0x240
#define SET_SEMAPHORE_B		0x244
#define SET_SEMAPHORE_PAYLOAD	0x248
#define SET_RENDER_ENABLE_A	0x254
#define SET_RENDER_ENABLE_B	0x258
#define SET_RENDER_ENABLE_C	0x25c
#define   RENDER_ENABLE_FALSE		0
#define   RENDER_ENABLE_TRUE		1
#define SET_SRC_PHYS_MODE	0x260
#define SET_DST_PHYS_MODE	0x264
#define   PHYS_MODE_TARGET(v)		((v) & 3)
#define     TARGET_LOCAL_FB			0
#define     TARGET_COHERENT_SYSMEM		1
#define     TARGET_NONCOHERENT_SYSMEM		2
#define LAUNCH_DMA		0x300
#define   LAUNCH_TRANSFER(v)		((v) & 3)
#define   LAUNCH_SEMAPHORE(v)		(((v) >> 3) & 3)
#define     SEMAPHORE_ONE_WORD			1
#define     SEMAPHORE_FOUR_WORDS		2
#define   LAUNCH_INTERRUPT(v)		(((v) >> 5) & 3)
#define     INTERRUPT_BLOCKING			1
#define     INTERRUPT_NON_BLOCKING		2
#define   LAUNCH_SRC_PITCH		(1u << 7)
#define   LAUNCH_DST_PITCH		(1u << 8)
#define   LAUNCH_MULTI_LINE		(1u << 9)
#define   LAUNCH_REMAP			(1u << 10)
#define   LAUNCH_SRC_PHYSICAL		(1u << 12)
#define   LAUNCH_DST_PHYSICAL		(1u << 13)
#define   LAUNCH_REDUCTION		(1u << 19)
#define OFFSET_IN_UPPER		0x400
#define OFFSET_IN_LOWER		0x404
#define OFFSET_OUT_UPPER	0x408
#define OFFSET_OUT_LOWER	0x40c
#define   OFFSET_UPPER			0x1ffff
#define PITCH_IN		0x410
#define PITCH_OUT		0x414
#define LINE_LENGTH_IN		0x418
#define LINE_COUNT		0x41c
#define SET_REMAP_CONST_A	0x700
#define SET_REMAP_CONST_B	0x704
#define SET_REMAP_COMPONENTS	0x708
#define   REMAP_DST(v, i)		(((v) >> (4 * (i))) & 7)
#define     REMAP_CONST_A			4
#define     REMAP_CONST_B			5
#define     REMAP_NO_WRITE			6
#define   REMAP_SIZE(v)			((((v) >> 16) & 3) + 1)
#define   REMAP_NUM_SRC(v)		((((v) >> 20) & 3) + 1)
#define   REMAP_NUM_DST(v)		((((v) >> 24) & 3) + 1)
#define SET_DST_BLOCK_SIZE	0x70c
#define SET_DST_WIDTH		0x710
#define SET_DST_HEIGHT		0x714
#define SET_DST_DEPTH		0x718
#define SET_DST_LAYER		0x71c
#define SET_DST_ORIGIN		0x720
#define SET_SRC_BLOCK_SIZE	0x728
#define SET_SRC_WIDTH		0x72c
#define SET_SRC_HEIGHT		0x730
#define SET_SRC_DEPTH		0x734
#define SET_SRC_LAYER		0x738
#define SET_SRC_ORIGIN		0x73c
#define METHODS_END		0x740

#define CHUNK			4096u

/** struct ce_method - one method; without hooks, as all but one only store */
struct ce_method {
	uint16_t mthd;
	const char *name;
	enum nvgpu_fidelity fidelity;
	const char *note;
};

#define DOC(name)	{ name, #name, NVGPU_DOCUMENTED, "clc0b5.h" }
#define NOTE(name, fidelity, note)	{ name, #name, fidelity, note }

static const struct ce_method methods[] = {
	DOC(NOP),
	NOTE(PM_TRIGGER, NVGPU_FAKED, "clc0b5.h; performance monitors"),
	DOC(SET_SEMAPHORE_A),
	DOC(SET_SEMAPHORE_B),
	DOC(SET_SEMAPHORE_PAYLOAD),
	DOC(SET_RENDER_ENABLE_A),
	DOC(SET_RENDER_ENABLE_B),
	NOTE(SET_RENDER_ENABLE_C, NVGPU_DOCUMENTED,
	     "clc0b5.h; only TRUE and FALSE"),
	DOC(SET_SRC_PHYS_MODE),
	DOC(SET_DST_PHYS_MODE),
	NOTE(LAUNCH_DMA, NVGPU_DOCUMENTED,
	     "clc0b5.h; no block linear layout, no reductions"),
	DOC(OFFSET_IN_UPPER),
	DOC(OFFSET_IN_LOWER),
	DOC(OFFSET_OUT_UPPER),
	DOC(OFFSET_OUT_LOWER),
	DOC(PITCH_IN),
	DOC(PITCH_OUT),
	DOC(LINE_LENGTH_IN),
	DOC(LINE_COUNT),
	DOC(SET_REMAP_CONST_A),
	DOC(SET_REMAP_CONST_B),
	DOC(SET_REMAP_COMPONENTS),
	/* Kept, and used by block linear copies only: those are loud. */
	DOC(SET_DST_BLOCK_SIZE),
	DOC(SET_DST_WIDTH),
	DOC(SET_DST_HEIGHT),
	DOC(SET_DST_DEPTH),
	DOC(SET_DST_LAYER),
	DOC(SET_DST_ORIGIN),
	DOC(SET_SRC_BLOCK_SIZE),
	DOC(SET_SRC_WIDTH),
	DOC(SET_SRC_HEIGHT),
	DOC(SET_SRC_DEPTH),
	DOC(SET_SRC_LAYER),
	DOC(SET_SRC_ORIGIN),
};

/** struct ce_side - source or destination of a copy */
struct ce_side {
	uint64_t addr;
	int64_t pitch;
	bool physical;
	enum nvgpu_aperture aper;
	/** @unit: bytes of an element */
	unsigned int unit;
};

/** struct nvgpu_ce_context - the copy class of one channel */
struct nvgpu_ce_context {
	uint32_t mthd[METHODS_END / 4];
	/** @active: a launch is under way; the rest is about it */
	bool active;
	uint32_t launch;
	struct ce_side src, dst;
	/** @need_src: an element takes something from the source */
	bool need_src;
	/** @length: of a line, elements; @lines: how many */
	uint32_t length, lines;
	/** @line, @pos: next element */
	uint32_t line, pos;
};

/** struct ce_job - what a step of a launch works on */
struct ce_job {
	struct nvgpu *gpu;
	const struct nvgpu_vm *vm;
	const struct nvgpu_client *client;
	struct nvgpu_ce_context *ctx;
};

struct nvgpu_ce_context *nvgpu_ce_context_new(void)
{
	struct nvgpu_ce_context *ctx = calloc(1, sizeof(*ctx));

	if (ctx)
		ctx->mthd[SET_RENDER_ENABLE_C / 4] = RENDER_ENABLE_TRUE;
	return ctx;
}

void nvgpu_ce_context_free(struct nvgpu_ce_context *ctx)
{
	free(ctx);
}

bool nvgpu_ce_busy(const struct nvgpu_ce_context *ctx)
{
	return ctx->active;
}

static uint32_t get(const struct nvgpu_ce_context *ctx, uint32_t mthd)
{
	return ctx->mthd[mthd / 4];
}

static uint64_t get_addr(const struct nvgpu_ce_context *ctx, uint32_t upper)
{
	return (uint64_t)(get(ctx, upper) & OFFSET_UPPER) << 32 |
	       get(ctx, upper + 4);
}

/* ---- memory ---- */

static bool fatal(const struct ce_job *job, const struct nvgpu_fault_info *info)
{
	nvgpu_fault_fatal(job->gpu, job->vm->inst, job->client, info);
	return false;
}

/*
 * Physical accesses that the bus refuses are counted and logged where they
 * are made; reads return all ones, and the copy goes on, as in hardware.
 */
static bool side_read(const struct ce_job *job, const struct ce_side *side,
		      uint64_t addr, void *buf, size_t len)
{
	struct nvgpu_fault_info info;

	if (side->physical) {
		nvgpu_phys_read(job->gpu, side->aper, addr, buf, len);
		return true;
	}
	return nvgpu_vm_read(job->gpu, job->vm, job->client, addr, buf, len,
			     &info) || fatal(job, &info);
}

static bool side_write(const struct ce_job *job, const struct ce_side *side,
		       uint64_t addr, const void *buf, size_t len)
{
	struct nvgpu_fault_info info;

	job->gpu->count.ce_bytes += len;
	if (side->physical) {
		nvgpu_phys_write(job->gpu, side->aper, addr, buf, len);
		return true;
	}
	if (nvgpu_vm_write(job->gpu, job->vm, job->client, addr, buf, len,
			   &info))
		return true;
	job->gpu->count.ce_bytes -= len;
	return fatal(job, &info);
}

/* All of a range can be written: asked before it is written in pieces. */
static bool side_writable(const struct ce_job *job, const struct ce_side *side,
			  uint64_t addr, size_t len)
{
	struct nvgpu_fault_info info;
	struct nvgpu_xlat xlat;
	uint64_t end = addr + len;

	for (; !side->physical && addr < end; addr += xlat.span)
		if (!nvgpu_translate(job->gpu, job->vm, job->client, addr,
				     NVGPU_ACCESS_WRITE, &xlat, &info))
			return fatal(job, &info);
	return true;
}

/* ---- chunks ---- */

static uint64_t side_at(const struct nvgpu_ce_context *ctx,
			const struct ce_side *side)
{
	return side->addr + side->pitch * ctx->line +
	       (uint64_t)ctx->pos * side->unit;
}

static bool plain_chunk(const struct ce_job *job, uint32_t count)
{
	struct nvgpu_ce_context *ctx = job->ctx;
	uint8_t buf[CHUNK];

	return side_read(job, &ctx->src, side_at(ctx, &ctx->src), buf, count) &&
	       side_write(job, &ctx->dst, side_at(ctx, &ctx->dst), buf, count);
}

static void put_const(uint8_t *out, uint32_t val, unsigned int size)
{
	while (size--) {
		*out++ = val;
		val >>= 8;
	}
}

/* Build one destination element; false: some component keeps what it was. */
static bool remap_element(const struct nvgpu_ce_context *ctx,
			  const uint8_t *in, uint8_t *out)
{
	uint32_t remap = get(ctx, SET_REMAP_COMPONENTS);
	unsigned int i, size = REMAP_SIZE(remap);
	bool whole = true;

	for (i = 0; i < REMAP_NUM_DST(remap); i++, out += size) {
		unsigned int sel = REMAP_DST(remap, i);

		if (sel < REMAP_CONST_A)
			memcpy(out, in + sel * size, size);
		else if (sel == REMAP_CONST_A)
			put_const(out, get(ctx, SET_REMAP_CONST_A), size);
		else if (sel == REMAP_CONST_B)
			put_const(out, get(ctx, SET_REMAP_CONST_B), size);
		else
			whole = false;
	}
	return whole;
}

/* Write an element around the components that are not to be written. */
static bool write_components(const struct ce_job *job, uint64_t addr,
			     const uint8_t *out)
{
	uint32_t remap = get(job->ctx, SET_REMAP_COMPONENTS);
	unsigned int i, size = REMAP_SIZE(remap);

	for (i = 0; i < REMAP_NUM_DST(remap); i++)
		if (REMAP_DST(remap, i) < REMAP_NO_WRITE &&
		    !side_write(job, &job->ctx->dst, addr + i * size,
				out + i * size, size))
			return false;
	return true;
}

static bool remap_chunk(const struct ce_job *job, uint32_t count)
{
	struct nvgpu_ce_context *ctx = job->ctx;
	uint64_t dst = side_at(ctx, &ctx->dst);
	uint8_t in[CHUNK], out[CHUNK];
	unsigned int unit = ctx->dst.unit, i;
	bool whole = true;

	if (ctx->need_src && !side_read(job, &ctx->src,
					side_at(ctx, &ctx->src), in,
					count * ctx->src.unit))
		return false;
	for (i = 0; i < count; i++)
		whole &= remap_element(ctx, in + i * ctx->src.unit,
				       out + i * unit);
	if (whole)
		return side_write(job, &ctx->dst, dst, out, count * unit);
	if (!side_writable(job, &ctx->dst, dst, count * unit))
		return false;
	for (i = 0; i < count; i++)
		if (!write_components(job, dst + i * unit, out + i * unit))
			return false;
	return true;
}

static uint32_t chunk_count(const struct nvgpu_ce_context *ctx)
{
	unsigned int unit = ctx->src.unit > ctx->dst.unit ? ctx->src.unit :
							    ctx->dst.unit;
	uint32_t count = CHUNK / unit, rest = ctx->length - ctx->pos;

	return count < rest ? count : rest;
}

static bool chunk(const struct ce_job *job)
{
	struct nvgpu_ce_context *ctx = job->ctx;
	uint32_t count = chunk_count(ctx);

	if (!(ctx->launch & LAUNCH_REMAP ? remap_chunk(job, count) :
					   plain_chunk(job, count)))
		return false;
	ctx->pos += count;
	if (ctx->pos == ctx->length) {
		ctx->pos = 0;
		ctx->line++;
	}
	return true;
}

/* ---- launch ---- */

static bool side_aperture(struct nvgpu *gpu, struct ce_side *side,
			  uint32_t mode)
{
	switch (PHYS_MODE_TARGET(mode)) {
	case TARGET_LOCAL_FB:
		side->aper = NVGPU_APER_VRAM;
		return true;
	case TARGET_COHERENT_SYSMEM:
		side->aper = NVGPU_APER_SYS_COH;
		return true;
	case TARGET_NONCOHERENT_SYSMEM:
		side->aper = NVGPU_APER_SYS_NCOH;
		return true;
	default:
		if (side->physical)
			nvgpu_unknown(gpu, "copy: physical mode %u",
				      PHYS_MODE_TARGET(mode));
		return !side->physical;
	}
}

static void setup_units(struct nvgpu_ce_context *ctx)
{
	uint32_t remap = get(ctx, SET_REMAP_COMPONENTS);
	unsigned int i;

	ctx->src.unit = 1;
	ctx->dst.unit = 1;
	ctx->need_src = true;
	if (!(ctx->launch & LAUNCH_REMAP))
		return;
	ctx->src.unit = REMAP_SIZE(remap) * REMAP_NUM_SRC(remap);
	ctx->dst.unit = REMAP_SIZE(remap) * REMAP_NUM_DST(remap);
	ctx->need_src = false;
	for (i = 0; i < REMAP_NUM_DST(remap); i++)
		ctx->need_src |= REMAP_DST(remap, i) < REMAP_CONST_A;
}

/* Source components that an element does not have. */
static bool remap_valid(struct nvgpu *gpu, const struct nvgpu_ce_context *ctx)
{
	uint32_t remap = get(ctx, SET_REMAP_COMPONENTS);
	unsigned int i;

	for (i = 0; i < REMAP_NUM_DST(remap); i++) {
		unsigned int sel = REMAP_DST(remap, i);

		if (sel > REMAP_NO_WRITE || (sel < REMAP_CONST_A &&
					     sel >= REMAP_NUM_SRC(remap))) {
			nvgpu_guest_error(gpu, "copy: remap %08x", remap);
			return false;
		}
	}
	return true;
}

/* A copy the model can't do is left out, loudly. */
static bool setup_valid(struct nvgpu *gpu, const struct nvgpu_ce_context *ctx)
{
	uint32_t layout = LAUNCH_DST_PITCH |
			  (ctx->need_src ? LAUNCH_SRC_PITCH : 0);

	if ((ctx->launch & layout) != layout) {
		nvgpu_unknown(gpu, "copy: block linear layout, launch %08x",
			      ctx->launch);
		return false;
	}
	return !(ctx->launch & LAUNCH_REMAP) || remap_valid(gpu, ctx);
}

static bool render_enabled(struct nvgpu *gpu,
			   const struct nvgpu_ce_context *ctx)
{
	uint32_t mode = get(ctx, SET_RENDER_ENABLE_C);

	if (mode > RENDER_ENABLE_TRUE)
		nvgpu_unknown(gpu, "copy: conditional rendering, mode %u",
			      mode);
	return mode == RENDER_ENABLE_TRUE;
}

static void setup(struct nvgpu *gpu, struct nvgpu_ce_context *ctx)
{
	ctx->launch = get(ctx, LAUNCH_DMA);
	ctx->src.addr = get_addr(ctx, OFFSET_IN_UPPER);
	ctx->dst.addr = get_addr(ctx, OFFSET_OUT_UPPER);
	ctx->src.pitch = (int32_t)get(ctx, PITCH_IN);
	ctx->dst.pitch = (int32_t)get(ctx, PITCH_OUT);
	ctx->src.physical = ctx->launch & LAUNCH_SRC_PHYSICAL;
	ctx->dst.physical = ctx->launch & LAUNCH_DST_PHYSICAL;
	ctx->length = get(ctx, LINE_LENGTH_IN);
	ctx->lines = ctx->launch & LAUNCH_MULTI_LINE ? get(ctx, LINE_COUNT) : 1;
	ctx->line = 0;
	ctx->pos = 0;
	setup_units(ctx);
	if (!LAUNCH_TRANSFER(ctx->launch) || !ctx->length ||
	    !render_enabled(gpu, ctx) || !setup_valid(gpu, ctx) ||
	    !side_aperture(gpu, &ctx->src, get(ctx, SET_SRC_PHYS_MODE)) ||
	    !side_aperture(gpu, &ctx->dst, get(ctx, SET_DST_PHYS_MODE)))
		ctx->lines = 0;
	ctx->active = true;
	gpu->count.ce_jobs++;
	nvgpu_log(gpu, NVGPU_LOG_DEBUG, "copy: %" PRIx64 " -> %" PRIx64
		  ", %u x %u, launch %08x", ctx->src.addr, ctx->dst.addr,
		  ctx->length, ctx->lines, ctx->launch);
}

static bool release(const struct ce_job *job)
{
	static const struct ce_side virtual;
	struct nvgpu_ce_context *ctx = job->ctx;
	uint64_t now = nvgpu_ptimer_ns(job->gpu);
	uint32_t payload = get(ctx, SET_SEMAPHORE_PAYLOAD);
	uint8_t raw[16] = { 0 };
	size_t size;

	switch (LAUNCH_SEMAPHORE(ctx->launch)) {
	case SEMAPHORE_ONE_WORD:
		size = 4;
		break;
	case SEMAPHORE_FOUR_WORDS:
		size = 16;
		break;
	default:
		return true;
	}
	if (ctx->launch & LAUNCH_REDUCTION)
		nvgpu_unknown(job->gpu, "copy: semaphore reduction");
	put_const(raw, payload, 4);
	put_const(raw + 8, now, 4);
	put_const(raw + 12, now >> 32, 4);
	return side_write(job, &virtual, get_addr(ctx, SET_SEMAPHORE_A), raw,
			  size);
}

static void raise_interrupt(struct nvgpu *gpu, uint32_t launch)
{
	switch (LAUNCH_INTERRUPT(launch)) {
	case INTERRUPT_NON_BLOCKING:
		nvgpu_fifo_nonstall(gpu);
		break;
	case INTERRUPT_BLOCKING:
		nvgpu_unknown(gpu, "copy: blocking interrupt");
		break;
	}
}

/* Does this one fail, because the embedder wants to see what happens then? */
static bool broken(const struct ce_job *job)
{
	const uint32_t physical = LAUNCH_SRC_PHYSICAL | LAUNCH_DST_PHYSICAL;
	const struct nvgpu_fault_info info = {
		.va = job->ctx->src.addr,
		.access = NVGPU_ACCESS_READ,
		.type = NVGPU_FAULT_REGION,
	};
	const uint32_t nth = job->gpu->config.copy_faults;

	if ((job->ctx->launch & physical) != physical)
		return false;
	job->gpu->count.ce_physical++;
	if (!nth || job->gpu->count.ce_physical % nth)
		return false;
	return !fatal(job, &info);
}

static enum nvgpu_method_result launch(const struct ce_job *job)
{
	struct nvgpu_ce_context *ctx = job->ctx;

	if (!ctx->active) {
		setup(job->gpu, ctx);
		if (broken(job))
			goto dead;
	}
	if (ctx->line < ctx->lines && !chunk(job))
		goto dead;
	if (ctx->line < ctx->lines)
		return NVGPU_METHOD_AGAIN;
	if (!release(job))
		goto dead;
	raise_interrupt(job->gpu, ctx->launch);
	ctx->active = false;
	return NVGPU_METHOD_DONE;

dead:
	ctx->active = false;
	return NVGPU_METHOD_DEAD;
}

static bool known(uint32_t mthd)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(methods); i++)
		if (methods[i].mthd == mthd)
			return true;
	return false;
}

enum nvgpu_method_result
nvgpu_ce_method(struct nvgpu *gpu, struct nvgpu_chan *chan,
		struct nvgpu_ce_context *ctx,
		const struct nvgpu_client *client, uint32_t mthd,
		uint32_t data)
{
	const struct ce_job job = {
		.gpu = gpu,
		.vm = nvgpu_chan_vm(chan),
		.client = client,
		.ctx = ctx,
	};

	if (!known(mthd)) {
		nvgpu_unknown(gpu, "channel %u: copy method %04x data %08x",
			      nvgpu_chan_id(chan), mthd, data);
		return NVGPU_METHOD_DONE;
	}
	ctx->mthd[mthd / 4] = data;
	return mthd == LAUNCH_DMA ? launch(&job) : NVGPU_METHOD_DONE;
}

void nvgpu_ledger_ce(FILE *f)
{
	char where[16];
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(methods); i++) {
		snprintf(where, sizeof(where), "c0b5 %04x", methods[i].mthd);
		nvgpu_ledger_row(f, "method", where, methods[i].name,
				 methods[i].fidelity, methods[i].note);
	}
}
