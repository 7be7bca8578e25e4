// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loads and stores.
 *
 * Bits (Mesa nv50_ir_emit_gm107.cpp):
 *   LD, ST		7:0 data, 51:20 offset, 52 .E, 55:53 size,
 *			57:56 cache, 60:58 unused predicate
 *   LDS, LDL and ST	7:0 data, 43:20 offset, 45:44 cache, 50:48 size
 *   LDC		35:20 offset, 40:36 bank, 45:44 mode, 50:48 size
 */
#include "access.h"

#define MAX_SIZE	16u	/* bytes of a lane */
#define MAX_WORDS	(MAX_SIZE / 4)

/* emitLDSTs */
enum {
	LDST_U8		= 0,
	LDST_S8		= 1,
	LDST_U16	= 2,
	LDST_S16	= 3,
	LDST_32		= 4,
	LDST_64		= 5,
	LDST_128	= 6,
};

static unsigned int ldst_bytes(unsigned int size)
{
	static const uint8_t bytes[] = { 1, 1, 2, 2, 4, 8, 16, 0 };

	return bytes[size];
}

static unsigned int ldst_words(unsigned int size)
{
	return (ldst_bytes(size) + 3) / 4;
}

/* Is the size known, and do the registers for it exist? */
static enum nvgpu_step ldst_check(struct nvgpu_exec *x,
				  const struct nvgpu_insn *in,
				  unsigned int size, bool wide)
{
	if (!ldst_bytes(size))
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "size not modelled");
	if (!nvgpu_regs_ok(x, in->d, ldst_words(size)) ||
	    (wide && !nvgpu_regs_ok(x, in->a, 2)))
		return nvgpu_trap(x, "register out of range or misaligned");
	return NVGPU_STEP_NEXT;
}

/** struct data - what the lanes load or store, lane by lane */
struct data {
	union {
		uint8_t bytes[NVGPU_LANES][MAX_SIZE];
		uint32_t words[NVGPU_LANES][MAX_WORDS];
	};
};

/*
 * The lanes behind @l whose accesses continue the one of @l: adjacent
 * lanes, adjacent addresses, one page.  Returns the first that does not.
 */
static unsigned int run_end(const struct nvgpu_exec *x,
			    const struct nvgpu_lanes *lanes, unsigned int l)
{
	unsigned int end = l + 1;

	if (x->gpu->config.sm_scalar)
		return end;
	while (end < NVGPU_LANES && lanes->global & nvgpu_lane_bit[end] &&
	       lanes->va[end] == lanes->va[end - 1] + lanes->size &&
	       lanes->page[end] == lanes->page[l])
		end++;
	return end;
}

static void load_global(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			struct data *data)
{
	uint8_t buf[NVGPU_LANES * MAX_SIZE];
	unsigned int l = 0, i, end;

	for (; l < NVGPU_LANES; l = end) {
		end = l + 1;
		if (!(lanes->global & nvgpu_lane_bit[l]))
			continue;
		end = run_end(x, lanes, l);
		nvgpu_phys_read(x->gpu, nvgpu_lane_aper(lanes, l),
				nvgpu_lane_pa(lanes, l), buf,
				(end - l) * lanes->size);
		for (i = l; i < end; i++)
			memcpy(data->bytes[i], buf + (i - l) * lanes->size,
			       lanes->size);
	}
}

static void store_global(struct nvgpu_exec *x,
			 const struct nvgpu_lanes *lanes,
			 const struct data *data)
{
	uint8_t buf[NVGPU_LANES * MAX_SIZE];
	unsigned int l = 0, i, end;

	for (; l < NVGPU_LANES; l = end) {
		end = l + 1;
		if (!(lanes->global & nvgpu_lane_bit[l]))
			continue;
		end = run_end(x, lanes, l);
		for (i = l; i < end; i++)
			memcpy(buf + (i - l) * lanes->size, data->bytes[i],
			       lanes->size);
		nvgpu_phys_write(x->gpu, nvgpu_lane_aper(lanes, l),
				 nvgpu_lane_pa(lanes, l), buf,
				 (end - l) * lanes->size);
	}
}

static uint32_t extend(const struct data *data, unsigned int l,
		       unsigned int size)
{
	switch (size) {
	case LDST_U8:
		return data->bytes[l][0];
	case LDST_S8:
		return (int8_t)data->bytes[l][0];
	case LDST_U16:
		return data->words[l][0] & 0xffff;
	case LDST_S16:
		return (int16_t)data->words[l][0];
	default:
		return data->words[l][0];
	}
}

static void write_loaded(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			 const struct data *data, unsigned int size)
{
	uint32_t v[MAX_WORDS][NVGPU_LANES];
	unsigned int i;

	if (in->d == NVGPU_RZ)
		return;
	NVGPU_EACH(l) {
		v[0][l] = extend(data, l, size);
		for (i = 1; i < MAX_WORDS; i++)
			v[i][l] = data->words[l][i];
	}
	for (i = 0; i < ldst_words(size); i++)
		nvgpu_write(x, in->d + i, v[i]);
}

static enum nvgpu_step load(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			    enum nvgpu_space space, unsigned int size,
			    bool wide, int32_t offset)
{
	struct nvgpu_lanes lanes = {
		.size = ldst_bytes(size), .access = NVGPU_ACCESS_READ,
	};
	enum nvgpu_step step = ldst_check(x, in, size, wide);
	struct data data = { 0 };

	if (step != NVGPU_STEP_NEXT)
		return step;
	nvgpu_lanes_init(x, in, &lanes, space, wide, offset);
	step = nvgpu_lanes_prepare(x, &lanes);
	if (step != NVGPU_STEP_NEXT)
		return step;
	load_global(x, &lanes, &data);
	NVGPU_EACH_IN(l, m, lanes.shared | lanes.local)
		memcpy(data.bytes[l], nvgpu_lane_ptr(x, &lanes, l),
		       lanes.size);
	write_loaded(x, in, &data, size);
	return NVGPU_STEP_NEXT;
}

static enum nvgpu_step store(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			     enum nvgpu_space space, unsigned int size,
			     bool wide, int32_t offset)
{
	struct nvgpu_lanes lanes = {
		.size = ldst_bytes(size), .access = NVGPU_ACCESS_WRITE,
	};
	enum nvgpu_step step = ldst_check(x, in, size, wide);
	struct data data;
	unsigned int i;

	if (step != NVGPU_STEP_NEXT)
		return step;
	nvgpu_lanes_init(x, in, &lanes, space, wide, offset);
	step = nvgpu_lanes_prepare(x, &lanes);
	if (step != NVGPU_STEP_NEXT)
		return step;
	for (i = 0; i < ldst_words(size); i++)
		NVGPU_EACH(l)
			data.words[l][i] = x->w->r[in->d + i][l];
	store_global(x, &lanes, &data);
	NVGPU_EACH_IN(l, m, lanes.shared | lanes.local)
		memcpy(nvgpu_lane_ptr(x, &lanes, l), data.bytes[l],
		       lanes.size);
	return NVGPU_STEP_NEXT;
}

enum nvgpu_step nvgpu_op_ld(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	return load(x, in, NVGPU_SPACE_GENERIC, nvgpu_bits(in, 53, 3),
		    nvgpu_bit(in, 52), nvgpu_bits(in, 20, 32));
}

enum nvgpu_step nvgpu_op_st(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	return store(x, in, NVGPU_SPACE_GENERIC, nvgpu_bits(in, 53, 3),
		     nvgpu_bit(in, 52), nvgpu_bits(in, 20, 32));
}

/* The offset of LDS, LDL, STS, STL. */
static int32_t offset24(const struct nvgpu_insn *in)
{
	return nvgpu_sext(nvgpu_bits(in, 20, 24), 24);
}

enum nvgpu_step nvgpu_op_lds(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return load(x, in, NVGPU_SPACE_SHARED, nvgpu_bits(in, 48, 3), false,
		    offset24(in));
}

enum nvgpu_step nvgpu_op_sts(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return store(x, in, NVGPU_SPACE_SHARED, nvgpu_bits(in, 48, 3), false,
		     offset24(in));
}

enum nvgpu_step nvgpu_op_ldl(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return load(x, in, NVGPU_SPACE_LOCAL, nvgpu_bits(in, 48, 3), false,
		    offset24(in));
}

enum nvgpu_step nvgpu_op_stl(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	return store(x, in, NVGPU_SPACE_LOCAL, nvgpu_bits(in, 48, 3), false,
		     offset24(in));
}

/* Mode of LDC: Mesa nv50_ir.h, SUBOP_LDC. */
enum {
	LDC_PLAIN	= 0,
	LDC_IS		= 2,	/* a's upper half counts banks */
};

enum nvgpu_step nvgpu_op_ldc(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	unsigned int mode = nvgpu_bits(in, 44, 2), bank, index;
	unsigned int size = nvgpu_bits(in, 48, 3);
	enum nvgpu_step step = ldst_check(x, in, size, false);
	struct data data = { 0 };

	if (step != NVGPU_STEP_NEXT)
		return step;
	if (mode != LDC_PLAIN && mode != LDC_IS)
		return nvgpu_unknown_insn(x, in->w, in->op->name,
					  "mode not modelled");
	NVGPU_EACH_IN(l, m, x->mask) {
		bank = nvgpu_bits(in, 36, 5);
		index = x->a[l];
		if (mode == LDC_IS) {
			bank += index >> 16;
			index &= 0xffff;
		}
		index += nvgpu_sext(nvgpu_bits(in, 20, 16), 16);
		if (index % ldst_bytes(size))
			return nvgpu_trap(x, "misaligned constant %x", index);
		step = nvgpu_const_read(x, bank, index, data.bytes[l],
					ldst_bytes(size));
		if (step != NVGPU_STEP_NEXT)
			return step;
	}
	write_loaded(x, in, &data, size);
	return NVGPU_STEP_NEXT;
}
