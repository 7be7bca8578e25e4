// SPDX-License-Identifier: MIT
/*
 * Kernels in machine code: a tiny assembler and what it assembles.
 *
 * Encodings are those that Mesa's compiler for these chips emits
 * (src/nouveau/codegen/nv50_ir_emit_gm107.cpp).  Instructions are 64 bits;
 * the first word of every four holds scheduling hints for the other three.
 */
#include <stddef.h>
#include <string.h>

#include "igt_abi.h"
#include "nv_sass.h"

/* Registers of all kernels. */
enum {
	R_INDEX		= 0,	/* thread number */
	R_TID		= 1,
	R_OFFSET	= 2,	/* index << shift */
	R_DATA		= 3,
	R_DST		= 4,	/* 64 bit: R4, R5 */
	R_SRC		= 6,	/* 64 bit: R6, R7 */
	R_TURN		= 8,
	R_COUNT		= 9,
	R_WORD		= 10,
	RZ		= 255,	/* reads as zero */
};

#define PRED_TRUE	7ull
#define SR_TID_X	0x21ull
#define SR_CTAID_X	0x25ull
#define WARP_SHIFT	5ull		/* thread blocks are one warp */
#define COND_EQ		2ull
#define COND_GT		4ull
#define COND_NE		5ull
#define COND_ALWAYS	0xfull		/* of 5-bit conditions */
#define SIZE_B32	4ull
#define SIZE_B64	5ull
#define MEMBAR_SYS	2ull
#define CACHE_VOLATILE	3ull
#define CCTL_PREFETCH_L2	3ull	/* Mesa's nak/sm50.rs, CCtlOp */

/* Offsets in constant bank 0. */
#define ARG(member)	offsetof(struct nv_kernel_args, member)

/* Offsets in a thread's mail. */
#define MAIL(member)	offsetof(struct nv_mail, member)

/* Offsets in what a thread is to touch. */
#define TOUCH(member)	offsetof(struct nv_touch, member)

/*
 * Scheduling: every instruction stalls the maximum and waits for barrier 0,
 * which the instructions of unknown latency signal: those that write a register
 * late, and those that read one late.  Slow and always right.
 * Fields: Mesa's SchedDataCalculatorGM107.
 */
#define SCHED_STALL		0xfull
#define SCHED_WRITE_BARRIER(n)	((uint64_t)(n) << 5)
#define SCHED_READ_BARRIER(n)	((uint64_t)(n) << 8)
#define SCHED_WAIT(mask)	((uint64_t)(mask) << 11)
#define SCHED_NO_BARRIER	7
#define SCHED_BITS		21
#define SCHED_GROUP		3	/* instructions under one word of hints */

/* Bits that turn PRED_TRUE, where it guards an instruction, into P0 or !P0. */
#define GUARD_P0	(7ull << 16)
#define GUARD_NOT_P0	(15ull << 16)

/** struct assembler - code being written */
struct assembler {
	uint64_t *code;
	unsigned int words;
	/** @guard: GUARD_* of what is emitted, or 0 */
	uint64_t guard;
};

static void emit_sched(struct assembler *as, uint64_t insn,
		       unsigned int write_barrier, unsigned int read_barrier)
{
	uint64_t sched = SCHED_STALL | SCHED_WRITE_BARRIER(write_barrier) |
		SCHED_READ_BARRIER(read_barrier) | SCHED_WAIT(1);
	unsigned int slot;

	if (as->words % (SCHED_GROUP + 1) == 0)
		as->code[as->words++] = 0;
	slot = as->words % (SCHED_GROUP + 1) - 1;
	as->code[as->words - 1 - slot] |= sched << (SCHED_BITS * slot);
	igt_assert(as->words < NV_KERNEL_MAX_WORDS);
	as->code[as->words++] = insn ^ as->guard;
}

static void emit(struct assembler *as, uint64_t insn)
{
	emit_sched(as, insn, SCHED_NO_BARRIER, SCHED_NO_BARRIER);
}

/* For instructions that write a register some time later. */
static void emit_slow(struct assembler *as, uint64_t insn)
{
	emit_sched(as, insn, 0, SCHED_NO_BARRIER);
}

/* For instructions that read a register some time later. */
static void emit_store(struct assembler *as, uint64_t insn)
{
	emit_sched(as, insn, SCHED_NO_BARRIER, 0);
}

/* Fields that most instructions have. */
static uint64_t always(void)
{
	return PRED_TRUE << 16;
}

static uint64_t rd(unsigned int reg)
{
	return reg;
}

static uint64_t ra(unsigned int reg)
{
	return (uint64_t)reg << 8;
}

static uint64_t rb(unsigned int reg)
{
	return (uint64_t)reg << 20;
}

/* Bank 0 of the constants as second operand. */
static uint64_t cb(unsigned int offset)
{
	return (uint64_t)(offset / 4) << 20;
}

static void s2r(struct assembler *as, unsigned int d, uint64_t sreg)
{
	emit_slow(as, 0xf0c8ull << 48 | always() | sreg << 20 | rd(d));
}

static void mov_const(struct assembler *as, unsigned int d, unsigned int offset)
{
	emit(as, 0x4c98ull << 48 | always() | 0xfull << 39 | cb(offset) |
	     rd(d));
}

/* d = (a << shift) + b */
static void iscadd(struct assembler *as, unsigned int d, unsigned int a,
		   unsigned int b, uint64_t shift)
{
	emit(as, 0x5c18ull << 48 | always() | shift << 39 | rb(b) | ra(a) |
	     rd(d));
}

static void shl_const(struct assembler *as, unsigned int d, unsigned int a,
		      unsigned int offset)
{
	emit(as, 0x4c48ull << 48 | always() | cb(offset) | ra(a) | rd(d));
}

static void iadd_const(struct assembler *as, unsigned int d, unsigned int a,
		       unsigned int offset)
{
	emit(as, 0x4c10ull << 48 | always() | cb(offset) | ra(a) | rd(d));
}

/* A 64-bit pointer: d, d + 1 = constant at @offset + a */
static void pointer(struct assembler *as, unsigned int d, unsigned int a,
		    unsigned int offset)
{
	const uint64_t set_carry = 1ull << 47, use_carry = 1ull << 43;

	emit(as, 0x4c10ull << 48 | always() | set_carry | cb(offset) | ra(a) |
	     rd(d));
	emit(as, 0x4c10ull << 48 | always() | use_carry | cb(offset + 4) |
	     ra(RZ) | rd(d + 1));
}

/* d = a + value */
static void iadd_value(struct assembler *as, unsigned int d, unsigned int a,
		       unsigned int value)
{
	emit(as, 0x3810ull << 48 | always() | (uint64_t)value << 20 | ra(a) |
	     rd(d));
}

/* d = a + b */
static void iadd(struct assembler *as, unsigned int d, unsigned int a,
		 unsigned int b)
{
	emit(as, 0x5c10ull << 48 | always() | rb(b) | ra(a) | rd(d));
}

static uint64_t ldst(uint64_t op, unsigned int data, unsigned int addr,
		     unsigned int offset, uint64_t size, uint64_t cache)
{
	const uint64_t wide = 1ull << 52;	/* 64-bit address */

	return op << 60 | PRED_TRUE << 58 | cache << 56 | size << 53 | wide |
		(uint64_t)offset << 20 | always() | ra(addr) | rd(data);
}

static void ld(struct assembler *as, unsigned int d, unsigned int addr,
	       unsigned int offset)
{
	emit_slow(as, ldst(0x8, d, addr, offset, SIZE_B32, CACHE_VOLATILE));
}

static void ld64(struct assembler *as, unsigned int d, unsigned int addr,
		 unsigned int offset)
{
	emit_slow(as, ldst(0x8, d, addr, offset, SIZE_B64, CACHE_VOLATILE));
}

static void st(struct assembler *as, unsigned int addr, unsigned int offset,
	       unsigned int data)
{
	emit_store(as, ldst(0xa, data, addr, offset, SIZE_B32, 0));
}

/* RED.ADD.U32 */
static uint64_t red_add_word(unsigned int addr, unsigned int data)
{
	return 0xebf8ull << 48 | 1ull << 48 | always() | ra(addr) | rd(data);
}

static void red_add(struct assembler *as, unsigned int addr, unsigned int data)
{
	emit_store(as, red_add_word(addr, data));
}

/* CCTL.E.PF2 */
static uint64_t prefetch_word(unsigned int addr)
{
	return 0xef60ull << 48 | 1ull << 52 | always() | ra(addr) |
		CCTL_PREFETCH_L2;
}

/* What was stored before is seen by all before what is stored after. */
static void membar(struct assembler *as)
{
	emit(as, 0xef98ull << 48 | always() | MEMBAR_SYS << 8);
}

/* P0 = a != constant */
static void isetp_ne_const(struct assembler *as, unsigned int a,
			   unsigned int offset)
{
	emit(as, 0x4b60ull << 48 | COND_NE << 49 | PRED_TRUE << 39 | always() |
	     cb(offset) | ra(a) | PRED_TRUE);
}

/* P0 = a == value */
static void isetp_eq(struct assembler *as, unsigned int a, unsigned int value)
{
	emit(as, 0x3660ull << 48 | COND_EQ << 49 | PRED_TRUE << 39 | always() |
	     (uint64_t)value << 20 | ra(a) | PRED_TRUE);
}

/* The same instruction, done by the threads with P0 alone. */
static uint64_t if_p0(uint64_t insn)
{
	return insn & ~always();
}

/* The word that the next instruction is in. */
static unsigned int here(const struct assembler *as)
{
	return as->words + !(as->words % (SCHED_GROUP + 1));
}

/* @P0 branch back to word @target */
static void bra_p0(struct assembler *as, unsigned int target)
{
	int64_t distance = ((int64_t)target - (here(as) + 1)) * 8;

	emit(as, 0xe240ull << 48 | (distance & 0xffffff) << 20 | COND_ALWAYS);
}

static void exit_thread(struct assembler *as)
{
	emit(as, 0xe300ull << 48 | always() | COND_ALWAYS);
}

/* @src_offset: register that is added to the source address */
static void prologue(struct assembler *as, unsigned int src_offset)
{
	s2r(as, R_INDEX, SR_CTAID_X);
	s2r(as, R_TID, SR_TID_X);
	iscadd(as, R_INDEX, R_INDEX, R_TID, WARP_SHIFT);
	shl_const(as, R_OFFSET, R_INDEX, ARG(shift));
	pointer(as, R_DST, R_OFFSET, ARG(dst));
	pointer(as, R_SRC, src_offset, ARG(src));
}

static void spin(struct assembler *as)
{
	unsigned int loop = here(as);

	ld(as, R_DATA, R_SRC, 0);
	isetp_ne_const(as, R_DATA, ARG(value));
	bra_p0(as, loop);
}

/* Warps are thread blocks, so one instruction goes one way for all. */
static void copy_or_add(struct assembler *as)
{
	s2r(as, R_TID, SR_CTAID_X);
	isetp_ne_const(as, R_TID, ARG(value));
	as->guard = GUARD_P0;
	ld(as, R_DATA, R_SRC, 0);
	st(as, R_DST, 0, R_DATA);
	as->guard = GUARD_NOT_P0;
	red_add(as, R_DST, R_TID);
	as->guard = 0;
}

/* What a thread with a mailbox does each time; the address is in R_SRC. */
static void mail_work(struct assembler *as, enum nv_kernel kernel)
{
	if (kernel == NV_KERNEL_MAIL_READ) {
		ld(as, R_DATA, R_SRC, 0);
		st(as, R_DST, MAIL(seen), R_DATA);
		return;
	}
	ld(as, R_DATA, R_DST, MAIL(value));
	if (kernel == NV_KERNEL_MAIL_WRITE) {
		st(as, R_SRC, 0, R_DATA);
		return;
	}
	if (kernel == NV_KERNEL_MAIL_ADD) {
		red_add(as, R_SRC, R_DATA);
	} else {
		ld(as, R_WORD, R_SRC, 0);
		iadd(as, R_WORD, R_WORD, R_DATA);
		st(as, R_SRC, 0, R_WORD);
	}
	iadd(as, R_COUNT, R_COUNT, R_DATA);
	st(as, R_DST, MAIL(seen), R_COUNT);
}

/* The turn is read first and told last: the CPU knows what is in between. */
static void mail_loop(struct assembler *as, enum nv_kernel kernel)
{
	unsigned int loop;

	iadd(as, R_COUNT, RZ, RZ);
	loop = here(as);
	ld(as, R_TURN, R_DST, MAIL(turn));
	ld64(as, R_SRC, R_DST, MAIL(addr));
	mail_work(as, kernel);
	membar(as);
	st(as, R_DST, MAIL(done), R_TURN);
	isetp_ne_const(as, R_TURN, ARG(value));
	bra_p0(as, loop);
}

/* P0 = a > b */
static void isetp_gt(struct assembler *as, unsigned int a, unsigned int b)
{
	emit(as, 0x5b60ull << 48 | COND_GT << 49 | PRED_TRUE << 39 | always() |
	     rb(b) | ra(a) | PRED_TRUE);
}

/*
 * SSY: threads that leave the code up to the end part, and meet there.  Returns
 * where the instruction is.
 */
static unsigned int meet_begin(struct assembler *as)
{
	unsigned int ssy = here(as);

	emit(as, 0xe290ull << 48);
	return ssy;
}

/* SYNC: wait for the others. */
static void meet_end(struct assembler *as, unsigned int ssy)
{
	emit(as, 0xf0f8ull << 48 | always() | COND_ALWAYS);
	as->code[ssy] |= (uint64_t)(here(as) - (ssy + 1)) * 8 << 20;
}

/* Wait to be released, all threads of a warp together. */
static void hold(struct assembler *as)
{
	unsigned int ssy = meet_begin(as), loop = here(as);

	ld(as, R_WORD, R_DST, TOUCH(hold));
	ld(as, R_TURN, R_SRC, 0);
	isetp_gt(as, R_WORD, R_TURN);
	bra_p0(as, loop);
	meet_end(as, ssy);
}

/* Threads of a warp may have different accesses. */
static void touch(struct assembler *as)
{
	hold(as);
	ld64(as, R_SRC, R_DST, TOUCH(addr));
	ld(as, R_WORD, R_DST, TOUCH(access));
	ld(as, R_DATA, R_DST, TOUCH(value));

	isetp_eq(as, R_WORD, NV_ACCESS_PREFETCH);
	emit_store(as, if_p0(prefetch_word(R_SRC)));
	isetp_eq(as, R_WORD, NV_ACCESS_WRITE);
	emit_store(as, if_p0(ldst(0xa, R_DATA, R_SRC, 0, SIZE_B32, 0)));
	isetp_eq(as, R_WORD, NV_ACCESS_ADD);
	emit_store(as, if_p0(red_add_word(R_SRC, R_DATA)));
	isetp_eq(as, R_WORD, NV_ACCESS_READ);
	emit_slow(as, if_p0(ldst(0x8, R_DATA, R_SRC, 0, SIZE_B32,
				 CACHE_VOLATILE)));
	emit_store(as, if_p0(ldst(0xa, R_DATA, R_DST, TOUCH(seen), SIZE_B32,
				  0)));
}

/* Where to go next is known only when the word could be read. */
static void walk(struct assembler *as)
{
	unsigned int loop = here(as);

	shl_const(as, R_OFFSET, R_INDEX, ARG(shift));
	pointer(as, R_DST, R_OFFSET, ARG(dst));
	iadd_value(as, R_DATA, R_INDEX, 1);
	st(as, R_DST, 0, R_DATA);
	ld(as, R_INDEX, R_DST, 0);
	isetp_ne_const(as, R_INDEX, ARG(value));
	bra_p0(as, loop);
}

unsigned int nv_sass_kernel(enum nv_kernel kernel,
			    uint64_t code[NV_KERNEL_MAX_WORDS])
{
	struct assembler as = { .code = code };

	memset(code, 0, NV_KERNEL_MAX_WORDS * sizeof(*code));
	/* All threads of kernels that wait look at one word. */
	prologue(&as, kernel == NV_KERNEL_WAIT || kernel == NV_KERNEL_TOUCH ?
		 RZ : R_OFFSET);
	switch (kernel) {
	case NV_KERNEL_WAIT:
		spin(&as);
		/* fall through */
	case NV_KERNEL_WRITE:
		iadd_const(&as, R_DATA, R_INDEX, ARG(value));
		st(&as, R_DST, 0, R_DATA);
		break;
	case NV_KERNEL_COPY:
		ld(&as, R_DATA, R_SRC, 0);
		st(&as, R_DST, 0, R_DATA);
		break;
	case NV_KERNEL_INCREMENT:
		ld(&as, R_DATA, R_SRC, 0);
		iadd_const(&as, R_DATA, R_DATA, ARG(value));
		st(&as, R_DST, 0, R_DATA);
		break;
	case NV_KERNEL_ADD:
		mov_const(&as, R_DATA, ARG(value));
		red_add(&as, R_DST, R_DATA);
		break;
	case NV_KERNEL_COPY_ADD:
		copy_or_add(&as);
		break;
	case NV_KERNEL_MAIL_READ:
	case NV_KERNEL_MAIL_WRITE:
	case NV_KERNEL_MAIL_COUNT:
	case NV_KERNEL_MAIL_ADD:
		mail_loop(&as, kernel);
		break;
	case NV_KERNEL_TOUCH:
		touch(&as);
		break;
	case NV_KERNEL_WALK:
		walk(&as);
		break;
	default:
		igt_assert(!"unknown kernel");
	}
	exit_thread(&as);
	return as.words;
}
