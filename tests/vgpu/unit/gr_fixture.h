/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tests of the graphics engine start from: a GPU, a bound channel with
 * an address space and objects, and the falcons' boot as a driver does it.
 */
#ifndef NVGPU_GR_FIXTURE_H
#define NVGPU_GR_FIXTURE_H

#include "fake_host.h"
#include "gr.h"
#include "pt_builder.h"

/* Memory of the channel: GR_PAGES small pages from GR_VA up, in VRAM. */
#define GR_VA			0x40000000ull
#define GR_PA			0x400000ull
#define GR_PAGES		16
/* Behind them nothing is mapped. */
#define GR_UNMAPPED		(GR_VA + GR_PAGES * 0x1000)

#define GR_CHAN			5
#define GR_CLASS_3D		0xc097
#define GR_CLASS_COMPUTE	0xc0c0
#define GR_CLASS_INLINE		0xa140
#define GR_CLASS_2D		0x902d

/* Write protected region of gr_acr_boot() */
#define GR_WPR_START		0x1000000ull
#define GR_WPR_END		0x1040000ull

/** struct gr_fixture - of one test */
struct gr_fixture {
	struct fake_host host;
	struct nvgpu *gpu;
	struct nvgpu_chan *chan;
	struct nvgpu_gr_context *ctx;
	struct pt_builder pt;
};

/* cmocka's set-up and tear-down; *state is the fixture. */
int gr_setup(void **state);
int gr_teardown(void **state);

/* A method on the channel; gr_ok() asserts that it was done. */
enum nvgpu_method_result gr_method(struct gr_fixture *gr, uint32_t cls,
				   uint32_t mthd, uint32_t data);
void gr_ok(struct gr_fixture *gr, uint32_t cls, uint32_t mthd, uint32_t data);

/* Words of memory by the channel's virtual address. */
uint32_t gr_rd32(struct gr_fixture *gr, uint64_t va);
void gr_wr32(struct gr_fixture *gr, uint64_t va, uint32_t val);

/* Counters since the fixture was made. */
uint64_t gr_unknown(struct gr_fixture *gr);
uint64_t gr_guest_errors(struct gr_fixture *gr);

/*
 * Boot ACR on the PMU; @regions is what the driver patches into the
 * descriptor: 2 for the load, 0 for the unload program.  Return: mailbox 0.
 */
uint32_t gr_acr_boot(struct gr_fixture *gr, uint32_t regions);

/* ACR's load program, then GPCCS and FECS. */
void gr_boot_falcons(struct gr_fixture *gr);

#endif
