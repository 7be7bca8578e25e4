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

/*
 * Cache operators, emitLDSTc; of stores the first is write-back and the last
 * write-through.
 */
enum {
	CACHE_CA	= 0,	/* at all levels */
	CACHE_CG	= 1,	/* in L2 */
	CACHE_CS	= 2,	/* at all levels, but not for long */
	CACHE_CV	= 3,	/* not at all: volatile */
};

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

/** struct data - what the lanes load or store, as rows of registers */
struct data {
	uint32_t word[MAX_WORDS][NVGPU_LANES];
};

/* @nr lanes from @l up, next to each other in memory, as registers */
static void unpack(struct data *data, unsigned int l, unsigned int nr,
		   unsigned int size, const uint8_t *p)
{
	unsigned int words = ldst_words(size), w;
	uint16_t half;

	if (size == LDST_32) {
		memcpy(&data->word[0][l], p, nr * 4);
		return;
	}
	for (; nr; nr--, l++, p += ldst_bytes(size)) {
		switch (size) {
		case LDST_U8:
			data->word[0][l] = *p;
			break;
		case LDST_S8:
			data->word[0][l] = (int8_t)*p;
			break;
		case LDST_U16:
			memcpy(&half, p, sizeof(half));
			data->word[0][l] = half;
			break;
		case LDST_S16:
			memcpy(&half, p, sizeof(half));
			data->word[0][l] = (int16_t)half;
			break;
		default:
			for (w = 0; w < words; w++)
				memcpy(&data->word[w][l], p + w * 4, 4);
			break;
		}
	}
}

/* The opposite. */
static void pack(const struct data *data, unsigned int l, unsigned int nr,
		 unsigned int size, uint8_t *p)
{
	unsigned int bytes = ldst_bytes(size), w;

	if (size == LDST_32) {
		memcpy(p, &data->word[0][l], nr * 4);
		return;
	}
	for (; nr; nr--, l++, p += bytes) {
		switch (bytes) {
		case 1:
			*p = data->word[0][l];
			break;
		case 2:
			memcpy(p, &data->word[0][l], 2);
			break;
		default:
			for (w = 0; w < bytes / 4; w++)
				memcpy(p + w * 4, &data->word[w][l], 4);
			break;
		}
	}
}

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

/* Global memory, for lanes that are next to each other in it */
static void read_run(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
		     unsigned int l, unsigned int cache, void *buf,
		     unsigned int len)
{
	enum nvgpu_aperture aper = nvgpu_lane_aper(lanes, l);
	uint64_t pa = nvgpu_lane_pa(lanes, l);

	if (x->run->grid.l1 && (cache == CACHE_CA || cache == CACHE_CS)) {
		nvgpu_l1_read(x->gpu, x->cta->sm, lanes->va[l], aper, pa, buf,
			      len);
		return;
	}
	if (cache == CACHE_CV)
		nvgpu_l1_drop(&x->gpu->sm->l1[x->cta->sm], lanes->va[l], len);
	nvgpu_stores_read(x->gpu, x->cta->sm, aper, pa, buf, len);
}

static void write_run(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
		      unsigned int l, unsigned int cache, const void *buf,
		      unsigned int len)
{
	enum nvgpu_aperture aper = nvgpu_lane_aper(lanes, l);
	uint64_t pa = nvgpu_lane_pa(lanes, l);
	unsigned int sm = x->cta->sm;

	nvgpu_l1_drop(&x->gpu->sm->l1[sm], lanes->va[l], len);
	if (cache == CACHE_CG || cache == CACHE_CV)
		nvgpu_stores_through(x->gpu, sm, aper, pa, buf, len);
	else
		nvgpu_stores_write(x->gpu, sm, aper, pa, buf, len);
}

/* Does a lane load what the one before it has loaded? */
static bool same_word(const struct nvgpu_exec *x,
		      const struct nvgpu_lanes *lanes, unsigned int l)
{
	return l && lanes->global & nvgpu_lane_bit[l - 1] &&
	       lanes->va[l] == lanes->va[l - 1] && !x->gpu->config.sm_scalar;
}

static void load_global(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			unsigned int size, unsigned int cache,
			struct data *data)
{
	uint8_t buf[NVGPU_LANES * MAX_SIZE];
	unsigned int l = 0, w, end;

	nvgpu_l1_age(&x->gpu->sm->l1[x->cta->sm], x->run->executed);
	for (; l < NVGPU_LANES; l = end) {
		end = l + 1;
		if (!(lanes->global & nvgpu_lane_bit[l]))
			continue;
		if (same_word(x, lanes, l)) {
			for (w = 0; w < ldst_words(size); w++)
				data->word[w][l] = data->word[w][l - 1];
			continue;
		}
		end = run_end(x, lanes, l);
		read_run(x, lanes, l, cache, buf, (end - l) * lanes->size);
		unpack(data, l, end - l, size, buf);
	}
}

static void store_global(struct nvgpu_exec *x,
			 const struct nvgpu_lanes *lanes, unsigned int size,
			 unsigned int cache, const struct data *data)
{
	uint8_t buf[NVGPU_LANES * MAX_SIZE];
	unsigned int l = 0, end;

	for (; l < NVGPU_LANES; l = end) {
		end = l + 1;
		if (!(lanes->global & nvgpu_lane_bit[l]))
			continue;
		end = run_end(x, lanes, l);
		pack(data, l, end - l, size, buf);
		write_run(x, lanes, l, cache, buf, (end - l) * lanes->size);
	}
}

/* Shared and local memory */
static void load_inside(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			unsigned int size, struct data *data)
{
	if (size == LDST_32 && lanes->shared == NVGPU_ALL_LANES) {
		NVGPU_EACH(l)
			memcpy(&data->word[0][l],
			       x->cta->shared + lanes->va[l], 4);
		return;
	}
	NVGPU_EACH_IN(l, m, lanes->shared | lanes->local)
		unpack(data, l, 1, size, nvgpu_lane_ptr(x, lanes, l));
}

static void store_inside(struct nvgpu_exec *x, const struct nvgpu_lanes *lanes,
			 unsigned int size, const struct data *data)
{
	NVGPU_EACH_IN(l, m, lanes->shared | lanes->local)
		pack(data, l, 1, size, nvgpu_lane_ptr(x, lanes, l));
}

static void write_loaded(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			 const struct data *data, unsigned int size)
{
	unsigned int w;

	for (w = 0; in->d != NVGPU_RZ && w < ldst_words(size); w++)
		nvgpu_write(x, in->d + w, data->word[w]);
}

/** struct ldst - a load or a store */
struct ldst {
	enum nvgpu_space space;
	/** @size: LDST_*; @cache: CACHE_*, of global memory */
	unsigned int size, cache;
	/** @wide: addresses have 64 bits */
	bool wide;
	int32_t offset;
};

static enum nvgpu_step prepare(struct nvgpu_exec *x,
			       const struct nvgpu_insn *in,
			       const struct ldst *op, enum nvgpu_access access,
			       struct nvgpu_lanes *lanes)
{
	enum nvgpu_step step = ldst_check(x, in, op->size, op->wide);

	if (step != NVGPU_STEP_NEXT)
		return step;
	lanes->size = ldst_bytes(op->size);
	lanes->access = access;
	nvgpu_lanes_init(x, in, lanes, op->space, op->wide, op->offset);
	return nvgpu_lanes_prepare(x, lanes);
}

static enum nvgpu_step load(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			    const struct ldst *op)
{
	struct nvgpu_lanes lanes;
	enum nvgpu_step step = prepare(x, in, op, NVGPU_ACCESS_READ, &lanes);
	struct data data;

	if (step != NVGPU_STEP_NEXT)
		return step;
	memset(data.word, 0, ldst_words(op->size) * sizeof(data.word[0]));
	if (lanes.global)
		load_global(x, &lanes, op->size, op->cache, &data);
	load_inside(x, &lanes, op->size, &data);
	write_loaded(x, in, &data, op->size);
	return NVGPU_STEP_NEXT;
}

static enum nvgpu_step store(struct nvgpu_exec *x, const struct nvgpu_insn *in,
			     const struct ldst *op)
{
	struct nvgpu_lanes lanes;
	enum nvgpu_step step = prepare(x, in, op, NVGPU_ACCESS_WRITE, &lanes);
	struct data data;

	if (step != NVGPU_STEP_NEXT)
		return step;
	memcpy(data.word, x->w->r[in->d],
	       ldst_words(op->size) * sizeof(data.word[0]));
	if (lanes.global)
		store_global(x, &lanes, op->size, op->cache, &data);
	store_inside(x, &lanes, op->size, &data);
	return NVGPU_STEP_NEXT;
}

/* LD and ST */
static struct ldst generic(const struct nvgpu_insn *in)
{
	return (struct ldst){
		.space = NVGPU_SPACE_GENERIC, .size = nvgpu_bits(in, 53, 3),
		.cache = nvgpu_bits(in, 56, 2), .wide = nvgpu_bit(in, 52),
		.offset = nvgpu_bits(in, 20, 32),
	};
}

/* LDS, LDL, STS, STL */
static struct ldst inside(const struct nvgpu_insn *in, enum nvgpu_space space)
{
	return (struct ldst){
		.space = space, .size = nvgpu_bits(in, 48, 3),
		.offset = nvgpu_sext(nvgpu_bits(in, 20, 24), 24),
	};
}

enum nvgpu_step nvgpu_op_ld(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	struct ldst op = generic(in);

	return load(x, in, &op);
}

enum nvgpu_step nvgpu_op_st(struct nvgpu_exec *x, const struct nvgpu_insn *in)
{
	struct ldst op = generic(in);

	return store(x, in, &op);
}

enum nvgpu_step nvgpu_op_lds(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	struct ldst op = inside(in, NVGPU_SPACE_SHARED);

	return load(x, in, &op);
}

enum nvgpu_step nvgpu_op_sts(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	struct ldst op = inside(in, NVGPU_SPACE_SHARED);

	return store(x, in, &op);
}

enum nvgpu_step nvgpu_op_ldl(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	struct ldst op = inside(in, NVGPU_SPACE_LOCAL);

	return load(x, in, &op);
}

enum nvgpu_step nvgpu_op_stl(struct nvgpu_exec *x,
			     const struct nvgpu_insn *in)
{
	struct ldst op = inside(in, NVGPU_SPACE_LOCAL);

	return store(x, in, &op);
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
	uint8_t buf[MAX_SIZE];

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
		step = nvgpu_const_read(x, bank, index, buf,
					ldst_bytes(size));
		if (step != NVGPU_STEP_NEXT)
			return step;
		unpack(&data, l, 1, size, buf);
	}
	write_loaded(x, in, &data, size);
	return NVGPU_STEP_NEXT;
}
