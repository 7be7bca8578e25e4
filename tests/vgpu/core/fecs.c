// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * FECS, the context switch microcontroller: the methods its firmware answers.
 * Contexts of the virtual GPU live outside of memory, so nothing is saved.
 *
 * Source: nouveau's nvkm/engine/gr/gf100.c and ctxgf100.c.
 */
#include "falcon.h"
#include "ledger.h"

/* Mailbox 0: status bits the methods below answer with. */
#define FECS_READY		0x00000001u
#define FECS_GOLDEN_OK		0x00000001u
#define FECS_GOLDEN_ERROR	0x00000002u
#define FECS_BIND_OK		0x00000010u
#define FECS_BIND_ERROR		0x00000020u
/* Mailbox 1: answer of the methods that control context switching */
#define FECS_CTRL_OK		1u
#define FECS_CTRL_ERROR		2u

/* Sizes of the images that a real FECS would save; the model's choice. */
#define FECS_IMAGE_SIZE		0x10000u
#define FECS_ZCULL_SIZE		0x1000u
#define FECS_PM_SIZE		0x1000u

/** struct fecs_method - what FECS does for one method */
struct fecs_method {
	uint32_t mthd;
	const char *name;
	/** @exec: NULL: not modelled */
	void (*exec)(struct nvgpu *gpu, const struct fecs_method *method,
		     uint32_t data);
	/** @answer: for @exec */
	uint32_t answer;
};

static void set_status(struct nvgpu *gpu, const struct fecs_method *method,
		       uint32_t data)
{
	nvgpu_reg_set(gpu, FECS_MAILBOX(0), method->answer);
}

static void bind_pointer(struct nvgpu *gpu, const struct fecs_method *method,
			 uint32_t data)
{
	nvgpu_reg_set(gpu, FECS_CURRENT_CTX, data);
	nvgpu_reg_set(gpu, FECS_MAILBOX(0),
		      nvgpu_reg_get(gpu, FECS_MAILBOX(0)) | method->answer);
}

/* The golden image stays as the driver cleared it. */
static void golden_save(struct nvgpu *gpu, const struct fecs_method *method,
			uint32_t data)
{
	bool current = nvgpu_reg_get(gpu, FECS_CURRENT_CTX) == data;

	if (!current)
		nvgpu_guest_error(gpu, "FECS: golden save of %08x, not bound",
				  data);
	nvgpu_reg_set(gpu, FECS_MAILBOX(0),
		      nvgpu_reg_get(gpu, FECS_MAILBOX(0)) |
		      (current ? method->answer : FECS_GOLDEN_ERROR));
}

static void ignore(struct nvgpu *gpu, const struct fecs_method *method,
		   uint32_t data)
{
}

static void control(struct nvgpu *gpu, const struct fecs_method *method,
		    uint32_t data)
{
	nvgpu_reg_set(gpu, FECS_MAILBOX(1), method->answer);
}

static void stop_ctxsw(struct nvgpu *gpu, const struct fecs_method *method,
		       uint32_t data)
{
	gpu->falcons->ctxsw_stopped = true;
	control(gpu, method, data);
}

static void start_ctxsw(struct nvgpu *gpu, const struct fecs_method *method,
			uint32_t data)
{
	gpu->falcons->ctxsw_stopped = false;
	control(gpu, method, data);
	nvgpu_kick(gpu);
}

static const struct fecs_method fecs_methods[] = {
	{ 0x03, "BIND_POINTER", bind_pointer, FECS_BIND_OK },
	{ 0x04, "HALT_PIPELINE", control, FECS_CTRL_OK },
	{ 0x09, "WFI_GOLDEN_SAVE", golden_save, FECS_GOLDEN_OK },
	{ 0x10, "DISCOVER_IMAGE_SIZE", set_status, FECS_IMAGE_SIZE },
	{ 0x16, "DISCOVER_ZCULL_IMAGE_SIZE", set_status, FECS_ZCULL_SIZE },
	{ 0x21, "SET_WATCHDOG_TIMEOUT", ignore },
	{ 0x25, "DISCOVER_PM_IMAGE_SIZE", set_status, FECS_PM_SIZE },
	{ 0x30, "DISCOVER_REGLIST_IMAGE_SIZE" },
	{ 0x31, "SET_REGLIST_BIND_INSTANCE" },
	{ 0x32, "SET_REGLIST_VIRTUAL_ADDRESS" },
	{ 0x38, "STOP_CTXSW", stop_ctxsw, FECS_CTRL_OK },
	{ 0x39, "START_CTXSW", start_ctxsw, FECS_CTRL_OK },
};

static void unknown_method(struct nvgpu *gpu, uint32_t mthd, uint32_t data,
			   const char *name)
{
	nvgpu_unknown(gpu, "FECS method %02x (%s) data %08x", mthd, name,
		      data);
	nvgpu_reg_set(gpu, FECS_MAILBOX(0),
		      FECS_GOLDEN_ERROR | FECS_BIND_ERROR);
	nvgpu_reg_set(gpu, FECS_MAILBOX(1), FECS_CTRL_ERROR);
}

void nvgpu_fecs_method_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			     unsigned int index, uint32_t val, uint32_t old)
{
	uint32_t data = nvgpu_reg_get(gpu, FECS_METHOD_DATA);
	const struct fecs_method *method;
	unsigned int i;

	if (!gpu->falcons->falcon[NVGPU_FALCON_FECS].running) {
		nvgpu_guest_error(gpu, "FECS method %02x: not running", val);
		return;
	}
	for (i = 0; i < NVGPU_ARRAY_SIZE(fecs_methods); i++) {
		method = &fecs_methods[i];
		if (method->mthd != val)
			continue;
		nvgpu_log(gpu, NVGPU_LOG_DEBUG, "FECS %s %08x", method->name,
			  data);
		if (method->exec)
			method->exec(gpu, method, data);
		else
			unknown_method(gpu, val, data, method->name);
		return;
	}
	unknown_method(gpu, val, data, "?");
}

/* FECS comes up after it has talked to the GPCCS of every GPC. */
void nvgpu_fecs_start(struct nvgpu *gpu)
{
	if (!gpu->falcons->falcon[NVGPU_FALCON_GPCCS].running) {
		nvgpu_guest_error(gpu, "FECS started before GPCCS");
		return;
	}
	nvgpu_reg_set(gpu, FECS_MAILBOX(0),
		      nvgpu_reg_get(gpu, FECS_MAILBOX(0)) | FECS_READY);
}

bool nvgpu_gr_ctxsw_stopped(const struct nvgpu *gpu)
{
	return gpu->falcons->ctxsw_stopped;
}

void nvgpu_gr_set_current(struct nvgpu *gpu, uint64_t inst)
{
	nvgpu_reg_set(gpu, FECS_CURRENT_CTX,
		      inst ? FECS_CTX_VALID | (inst >> 12 & FECS_CTX_PTR) : 0);
}

void nvgpu_ledger_fecs(FILE *f)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(fecs_methods); i++) {
		const struct fecs_method *method = &fecs_methods[i];
		char where[16];

		snprintf(where, sizeof(where), "FECS %02x", method->mthd);
		nvgpu_ledger_row(f, "method", where, method->name,
				 method->exec ? NVGPU_FAKED : NVGPU_ABSENT,
				 "nvkm/engine/gr/gf100.c");
	}
}
