/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channels for tests, driven as a driver does: instance blocks, runlists and
 * push buffers in memory, registers, GP_PUT through BAR1.
 */
#ifndef NVGPU_PUSH_H
#define NVGPU_PUSH_H

#include "fake_host.h"
#include "pt_builder.h"

#define PUSH_CHANS	8
#define PUSH_GR		0	/* runlists of gp100: graphics, */
#define PUSH_CE		1	/* a copy engine, */
#define PUSH_CE2	2	/* another one */

/* VRAM at this address is mapped 1:1 in every channel's address space. */
#define PUSH_DATA	0x2000000ull
#define PUSH_DATA_SIZE	0x0040000u
/* One mapped page of system memory: virtual and bus address. */
#define PUSH_SYS	0x4000000ull
#define PUSH_SYS_BUS	0x0010000ull
/* Nothing is mapped here. */
#define PUSH_HOLE	0x8000000ull
/* Free for tests to map. */
#define PUSH_CODE	0x9000000ull

/* Method header types. */
#define PUSH_INC	1u
#define PUSH_NON_INC	3u
#define PUSH_IMMD	4u
#define PUSH_ONE_INC	5u

#define PUSH_CLASS_COPY		0xc0b5
#define PUSH_CLASS_COMPUTE	0xc0c0

/** struct push_chan - a channel */
struct push_chan {
	struct push_test *test;
	struct pt_builder pt;
	unsigned int id;
	/** @begin, @cur: the segment being written, words from the start */
	uint32_t begin, cur;
	/** @put: GP_PUT */
	uint32_t put;
};

/** struct push_test - a GPU with what all channels share */
struct push_test {
	struct fake_host host;
	struct nvgpu *gpu;
	struct pt_builder bar1;
	struct push_chan chan[PUSH_CHANS];
};

/*
 * A GPU with its interrupts on and PUSH_CHANS channels bound and enabled, in
 * no runlist.  cmocka setup and teardown; *@state is a struct push_test.
 */
int push_setup(void **state);
int push_setup_config(void **state, const struct nvgpu_config *config);
int push_teardown(void **state);

/* Bind a channel (again); its memory stays what it is. */
void push_bind(struct push_chan *chan);
void push_unbind(struct push_chan *chan);
void push_enable(struct push_chan *chan, bool on);

/* Submit a runlist of @nr channels, each in a TSG of its own (id: 0x100+). */
#define PUSH_TSG(chan)	(0x100u + (chan)->id)
void push_runlist(struct push_test *test, unsigned int runl,
		  struct push_chan *const *chans, unsigned int nr);
void push_runlist1(struct push_chan *chan, unsigned int runl);
/* Submit entries as they are. */
void push_runlist_raw(struct push_test *test, unsigned int runl,
		      const uint64_t *entries, unsigned int nr);

/* Write the push buffer. */
void push_word(struct push_chan *chan, uint32_t word);
void push_header(struct push_chan *chan, uint32_t type, unsigned int subc,
		 uint32_t mthd, uint32_t count);
void push_mthd(struct push_chan *chan, unsigned int subc, uint32_t mthd,
	       uint32_t data);
/* End the segment: enter it into the GPFIFO. */
void push_segment(struct push_chan *chan);
void push_gp_raw(struct push_chan *chan, uint64_t entry);
/* push_segment(), then tell the GPU. */
void push_kick(struct push_chan *chan);

/* Whole operations. */
void push_object(struct push_chan *chan, unsigned int subc, uint32_t cls);
void push_release(struct push_chan *chan, uint64_t va, uint32_t payload);
void push_acquire(struct push_chan *chan, uint64_t va, uint32_t payload);

/* Where things are. */
uint64_t push_inst(const struct push_chan *chan);
uint64_t push_userd(const struct push_chan *chan);
uint64_t push_pb_va(const struct push_chan *chan);

/* Put a warp-long grid on the SMs for @chan: its code is at @va. */
void push_launch(struct push_chan *chan, uint64_t va);
/* Code that ends the grid, or that loops for ever, at VRAM @pa. */
void push_code_exit(struct nvgpu *gpu, uint64_t pa);
void push_code_loop(struct nvgpu *gpu, uint64_t pa);

#endif
