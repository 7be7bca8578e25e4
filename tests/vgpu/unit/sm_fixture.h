/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole grids in tests: a channel with an address space and a replayable
 * fault buffer, code and constants in VRAM, data wherever a test maps it.
 */
#ifndef NVGPU_SM_FIXTURE_H
#define NVGPU_SM_FIXTURE_H

#include "fake_host.h"
#include "pt_builder.h"
#include "sass_asm.h"
#include "sm.h"

#define SM_CHAN		7
#define SM_PAGE		0x1000u
/* Code and constant bank 0, mapped from the start */
#define SM_CODE		0x10000000ull
#define SM_CODE_PAGES	2
#define SM_CB		0x10100000ull
/* Data: where malloc would put it; nothing is mapped there at the start */
#define SM_DATA		0x7f1234500000ull
/* Its physical home: page n of data is page n of each. */
#define SM_DATA_VRAM	0x1000000ull
#define SM_DATA_RAM	0x100000ull
#define SM_DATA_PAGES	64
#define SM_FAULT_ENTRIES	256u
#define SM_SHARED_WINDOW	0xfe000000ull
#define SM_LOCAL_WINDOW		0xff000000ull

/** struct sm_packet - what a test wants to know of a fault packet */
struct sm_packet {
	uint64_t va;
	uint32_t type, client, access, gpc;
};

/** struct sm - of one test */
struct sm {
	struct fake_host host;
	struct nvgpu *gpu;
	struct nvgpu_chan *chan;
	struct pt_builder pt, bar2;
	struct nvgpu_grid grid;
};

int sm_setup(void **state);
int sm_teardown(void **state);

/* Lay a program out with control words, and make it the grid's code. */
void sm_code(struct sm *sm, const uint64_t *words, unsigned int n);
/* Write raw words, control words included, at the start of the code. */
void sm_raw_code(struct sm *sm, const uint64_t *words, unsigned int n);

/* Constants of bank 0. */
void sm_arg32(struct sm *sm, unsigned int offset, uint32_t v);
void sm_arg64(struct sm *sm, unsigned int offset, uint64_t v);

/* Map or unmap page @n of the data; unmapping invalidates the TLBs. */
void sm_map(struct sm *sm, unsigned int n, uint64_t bits);
void sm_map_all(struct sm *sm, uint64_t bits);
void sm_unmap(struct sm *sm, unsigned int n);
void sm_invalidate(struct sm *sm);

/* Map page @n of the data to where sm_code() puts programs. */
void sm_map_code(struct sm *sm, unsigned int n);
/* Change the channel's address space behind the instance block's back. */
void sm_set_vm(struct sm *sm, const struct nvgpu_vm *vm);

/* Words of data, in the memory that @bits of sm_map() named. */
uint32_t sm_rd32(struct sm *sm, uint64_t bits, uint64_t offset);
void sm_wr32(struct sm *sm, uint64_t bits, uint64_t offset, uint32_t v);
void sm_wr64(struct sm *sm, uint64_t bits, uint64_t offset, uint64_t v);

/* Launch; the grid's size is in @sm->grid. */
void sm_launch(struct sm *sm);
/* Run until nothing moves; true: the grid is done. */
bool sm_run(struct sm *sm);
/* Launch, run to the end, no unknown instruction, no error. */
void sm_complete(struct sm *sm);

/*
 * Programs of one warp: lane l works at l * SM_STRIDE of page 0; operands come
 * from page 1 and results go to page 2, at the same offset.
 */
#define SM_LANES	32u
#define SM_STRIDE	16u
#define SM_OPERAND	SM_PAGE
#define SM_RESULT	(2 * SM_PAGE)

/* Such a program begins with R0:R1 = its lane's place, and R2 = lane. */
void sm_lanes_load(struct sm *sm, const uint64_t *words, unsigned int n);
/* The same, and run it to its end. */
void sm_lanes_run(struct sm *sm, const uint64_t *words, unsigned int n);
/* What tests fill memory with. */
uint32_t sm_pattern(uint64_t offset);

/* Packets in the fault buffer that were not read yet; reads them. */
unsigned int sm_packets(struct sm *sm, struct sm_packet *packets,
			unsigned int max);
bool sm_chan_dead(const struct sm *sm);
void sm_chan_revive(struct sm *sm);
uint64_t sm_counter(const struct sm *sm, const char *name);

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif
