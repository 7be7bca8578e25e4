/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest that means harm, or has lost its mind: registers, push buffers,
 * memory that the GPU reads and machine code are random, or right but for a few
 * bits.  Whatever comes of it, the library must not read or write where it
 * should not (tests run under ASan and UBSan), each call must return, and a
 * reset must bring the GPU back: who calls fake_gpu_keep() has it done.
 */
#ifndef NVGPU_HOSTILE_H
#define NVGPU_HOSTILE_H

#include <stddef.h>
#include <stdint.h>

/** struct hostile - where decisions come from */
struct hostile {
	/** @seed: of the GPU's own odd habits */
	unsigned int seed;
	/** @data: bytes that decide, a fuzzer's; NULL: @random does */
	const uint8_t *data;
	/** @size: how many; @at: how many are used up */
	size_t size, at;
	/** @random: state of the random numbers */
	uint64_t random;
};

/* Each with a GPU of its own. */
void hostile_registers(struct hostile *h);
void hostile_pushes(struct hostile *h);
void hostile_memory(struct hostile *h);
void hostile_programs(struct hostile *h);

/* What comes after finds a GPU that works; asserts that. */
void hostile_over(void);

#endif
