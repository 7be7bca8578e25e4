// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The GPC's constant and instruction cache (GCC): both are read through the
 * MMU on first use and kept until the grid ends, as hardware's caches are
 * invalidated by a launch only.  One cache serves all SMs, which hardware
 * does not have; the client that faults is the GPC of the SM that asked.
 */
#include <stdlib.h>

#include "sass.h"

/*
 * Every fourth word, at a multiple of 32 bytes, holds scheduling control
 * for the three that follow (Mesa nv50_ir_emit_gm107.cpp, emitInstruction).
 */
#define CONTROL_STRIDE	0x20

static enum nvgpu_step gcc_read(struct nvgpu_exec *x, uint64_t va, void *buf,
				unsigned int size)
{
	struct nvgpu_client client = nvgpu_gcc_client(x->cta);
	struct nvgpu_fault_info fault;

	if (nvgpu_vm_read(x->gpu, nvgpu_chan_vm(x->run->chan), &client, va,
			  buf, size, &fault))
		return NVGPU_STEP_NEXT;
	return nvgpu_sm_fault(x, &client, &fault, 1);
}

static struct nvgpu_code_page *load_page(struct nvgpu_exec *x, uint64_t base,
					 enum nvgpu_step *step)
{
	struct nvgpu_code_page *page = calloc(1, sizeof(*page));

	if (!page) {
		*step = nvgpu_trap(x, "out of memory for code");
		return NULL;
	}
	*step = gcc_read(x, base, page->word, sizeof(page->word));
	if (*step != NVGPU_STEP_NEXT) {
		free(page);
		return NULL;
	}
	page->base = base;
	page->next = x->run->code;
	x->run->code = page;
	return page;
}

/* The page of @pc, moved to the front of the list. */
static struct nvgpu_code_page *find_page(struct nvgpu_exec *x, uint64_t base,
					 enum nvgpu_step *step)
{
	struct nvgpu_code_page **link = &x->run->code, *page = *link;

	if (page && page->base == base)
		return page;
	for (page = *link; page; link = &page->next, page = *link) {
		if (page->base != base)
			continue;
		*link = page->next;
		page->next = x->run->code;
		x->run->code = page;
		return page;
	}
	return load_page(x, base, step);
}

const struct nvgpu_insn *nvgpu_fetch(struct nvgpu_exec *x,
				     enum nvgpu_step *step)
{
	struct nvgpu_warp *w = x->w;
	struct nvgpu_code_page *page;
	struct nvgpu_insn *in;
	unsigned int index;
	const char *why;

	if (!(w->pc % CONTROL_STRIDE))
		w->pc += sizeof(in->w);
	page = find_page(x, w->pc & ~(uint64_t)(NVGPU_PAGE_SIZE - 1), step);
	if (!page)
		return NULL;
	index = w->pc % NVGPU_PAGE_SIZE / sizeof(in->w);
	in = &page->insn[index];
	if (in->exec)
		return in;
	why = nvgpu_decode(&x->run->grid, page->word[index], in);
	if (!why)
		return in;
	*step = nvgpu_unknown_insn(x, in->w, in->op ? in->op->name : "?", why);
	return NULL;
}

static enum nvgpu_step load_line(struct nvgpu_exec *x, unsigned int bank,
				 unsigned int line)
{
	struct nvgpu_const_bank *cb = &x->run->cb[bank];
	enum nvgpu_step step;

	if (!cb->data)
		cb->data = malloc(NVGPU_CB_MAX);
	if (!cb->data)
		return nvgpu_trap(x, "out of memory for constants");
	step = gcc_read(x, x->run->grid.cb[bank] + line * NVGPU_CB_LINE,
			cb->data + line * NVGPU_CB_LINE, NVGPU_CB_LINE);
	cb->valid[line] = step == NVGPU_STEP_NEXT;
	return step;
}

enum nvgpu_step nvgpu_const_read(struct nvgpu_exec *x, unsigned int bank,
				 uint32_t offset, void *buf,
				 unsigned int size)
{
	const struct nvgpu_grid *grid = &x->run->grid;
	unsigned int line = offset / NVGPU_CB_LINE;
	enum nvgpu_step step;

	memset(buf, 0, size);
	if (bank >= NVGPU_CONST_BANKS || !grid->cb_size[bank])
		return nvgpu_trap(x, "constant bank %u is not bound", bank);
	/* Past the end constants read as zero, as Direct3D wants it. */
	if (offset >= grid->cb_size[bank] ||
	    size > grid->cb_size[bank] - offset)
		return NVGPU_STEP_NEXT;
	for (; line <= (offset + size - 1) / NVGPU_CB_LINE; line++) {
		if (x->run->cb[bank].valid[line])
			continue;
		step = load_line(x, bank, line);
		if (step != NVGPU_STEP_NEXT)
			return step;
	}
	memcpy(buf, x->run->cb[bank].data + offset, size);
	return NVGPU_STEP_NEXT;
}

void nvgpu_fetch_free(struct nvgpu_run *run)
{
	struct nvgpu_code_page *page;
	unsigned int i;

	while ((page = run->code)) {
		run->code = page->next;
		free(page);
	}
	for (i = 0; i < NVGPU_CONST_BANKS; i++)
		free(run->cb[i].data);
}
