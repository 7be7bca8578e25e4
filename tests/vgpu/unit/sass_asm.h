/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tiny assembler for tests: each field as a macro, or'ed together.  It
 * shares nothing with the model's decoder.
 *
 * Fields: Mesa nv50_ir_emit_gm107.cpp, emitGPR, emitPRED, emitCBUF, emitIMMD.
 */
#ifndef NVGPU_SASS_ASM_H
#define NVGPU_SASS_ASM_H

#include <stdint.h>

#define SASS_RZ		255
#define SASS_PT		7

#define BIT64(n)	(1ull << (n))
#define FIELD(v, lo)	((uint64_t)(v) << (lo))
#define FIELDN(v, lo, n) (((uint64_t)(v) & (BIT64(n) - 1)) << (lo))

/* Bits 63:48 of an instruction without a guard. */
#define OP(hi)		(FIELD(hi, 48) | FIELD(SASS_PT, 16))
/* The same with guard predicate @p; NOT() inverts it. */
#define OP_IF(p, hi)	(FIELD(hi, 48) | FIELD(p, 16))
#define OP_UNLESS(p, hi) (OP_IF(p, hi) | BIT64(19))
/* Push instructions have no guard at all. */
#define OP_BARE(hi)	FIELD(hi, 48)

#define D(r)		FIELD(r, 0)
#define A(r)		FIELD(r, 8)
#define B(r)		FIELD(r, 20)
#define C(r)		FIELD(r, 39)
#define CB(bank, off)	(FIELD(bank, 34) | FIELD((off) >> 2, 20))
#define IMM(v)		(FIELDN(v, 20, 19) | FIELDN((int32_t)(v) >> 19, 56, 1))
/* The upper 20 bits of a float, or of a double's upper word. */
#define FIMM(bits)	(FIELDN((bits) >> 12, 20, 19) | FIELD((bits) >> 31, 56))
#define IMM32(v)	FIELD((uint32_t)(v), 20)
#define PRED39(p)	FIELD(p, 39)
#define PT39		PRED39(SASS_PT)
#define PDST(p, q)	(FIELD(p, 3) | FIELD(q, 0))
#define TRUE5		0xf	/* condition code "true" of flow instructions */
#define REL(off)	FIELDN(off, 20, 24)

/*
 * Where instruction @i of a program is, in bytes, when a control word stands
 * before every third; and the branch offset between two of them.
 */
#define SASS_AT(i)	(((i) / 3 * 4 + (i) % 3 + 1) * 8)
#define TO(from, to)	(SASS_AT(to) - SASS_AT(from) - 8)

/* Sizes of loads and stores */
enum { U8, S8, U16, S16, B32, B64, B128 };

#define MOV(d, r)	(OP(0x5c98) | D(d) | B(r) | FIELD(0xf, 39))
#define MOV_CB(d, bank, off) \
	(OP(0x4c98) | D(d) | CB(bank, off) | FIELD(0xf, 39))
#define MOV32I(d, v)	(OP(0x0100) | D(d) | IMM32(v) | FIELD(0xf, 12))
#define S2R(d, sr)	(OP(0xf0c8) | D(d) | FIELD(sr, 20))
#define SR_LANEID	0x00
#define SR_TID_X	0x21
#define SR_CTAID_X	0x25

#define IADD(d, a, b)	(OP(0x5c10) | D(d) | A(a) | B(b))
#define IADD_I(d, a, v)	(OP(0x3810) | D(d) | A(a) | IMM(v))
#define IADD_C(d, a, bank, off) (OP(0x4c10) | D(d) | A(a) | CB(bank, off))
#define IADD_X		BIT64(43)
#define IADD_CC		BIT64(47)
#define SHL_I(d, a, n)	(OP(0x3848) | D(d) | A(a) | IMM(n))
#define SHR_I(d, a, n)	(OP(0x3828) | D(d) | A(a) | IMM(n))
#define LOP_AND_I(d, a, v) (OP(0x3840) | D(d) | A(a) | IMM(v) | FIELD(7, 48))
/* d = (a << n) + b */
#define ISCADD(d, a, b, n) (OP(0x5c18) | D(d) | A(a) | B(b) | FIELD(n, 39))
/* 51:49 condition, 48 signed */
enum { LT = 1, EQ, LE, GT, NE, GE };
#define ISETP(p, cond, a, b) \
	(OP(0x5b60) | PDST(p, SASS_PT) | A(a) | B(b) | PT39 | FIELD(cond, 49))
#define ISETP_I(p, cond, a, v) \
	(OP(0x3660) | PDST(p, SASS_PT) | A(a) | IMM(v) | PT39 | FIELD(cond, 49))
#define FADD(d, a, b)	(OP(0x5c58) | D(d) | A(a) | B(b))
#define FFMA(d, a, b, c) (OP(0x5980) | D(d) | A(a) | B(b) | C(c))

/* Generic memory, 64 bit addresses */
#define LD(size, d, a, off) \
	(OP(0x8010) | D(d) | A(a) | IMM32(off) | FIELD(size, 53) | FIELD(7, 58))
#define ST(size, a, off, r) \
	(OP(0xa010) | D(r) | A(a) | IMM32(off) | FIELD(size, 53) | FIELD(7, 58))
#define LDS(size, d, a, off) \
	(OP(0xef48) | D(d) | A(a) | FIELDN(off, 20, 24) | FIELD(size, 48))
#define STS(size, a, off, r) \
	(OP(0xef58) | D(r) | A(a) | FIELDN(off, 20, 24) | FIELD(size, 48))
#define LDL(size, d, a, off) \
	(OP(0xef40) | D(d) | A(a) | FIELDN(off, 20, 24) | FIELD(size, 48))
#define STL(size, a, off, r) \
	(OP(0xef50) | D(r) | A(a) | FIELDN(off, 20, 24) | FIELD(size, 48))
#define LDC(size, d, bank, a, off) \
	(OP(0xef90) | D(d) | A(a) | FIELDN(off, 20, 16) | FIELD(bank, 36) | \
	 FIELD(size, 48))
#define ATOM(op, type, d, a, off, b) \
	(OP(0xed01) | D(d) | A(a) | B(b) | FIELDN(off, 28, 20) | \
	 FIELD(op, 52) | FIELD(type, 49))
#define ATOM_CAS(type, d, a, off, b) \
	(OP(0xeef1) | D(d) | A(a) | B(b) | FIELDN(off, 28, 20) | \
	 FIELD(type, 49))
#define RED(op, type, a, off, r) \
	(OP(0xebf9) | D(r) | A(a) | FIELD(type, 20) | FIELD(op, 23) | \
	 FIELDN(off, 28, 20))
#define ATOMS(op, type, d, a, off, b) \
	(OP(0xec00) | D(d) | A(a) | B(b) | FIELD(type, 28) | \
	 FIELDN((off) >> 2, 30, 22) | FIELD(op, 52))
#define ATOMS_CAS(wide, d, a, off, b) \
	(OP(0xee40) | D(d) | A(a) | B(b) | FIELDN((off) >> 2, 30, 22) | \
	 FIELD(wide, 52))

#define BRA(off)	(OP(0xe240) | REL(off) | TRUE5)
#define BRA_IF(p, off)	(OP_IF(p, 0xe240) | REL(off) | TRUE5)
#define BRA_UNLESS(p, off) (OP_UNLESS(p, 0xe240) | REL(off) | TRUE5)
#define SSY(off)	(OP_BARE(0xe290) | REL(off))
#define PBK(off)	(OP_BARE(0xe2a0) | REL(off))
#define PCNT(off)	(OP_BARE(0xe2b0) | REL(off))
#define PRET(off)	(OP_BARE(0xe270) | REL(off))
#define CAL(off)	(OP_BARE(0xe260) | REL(off))
#define JCAL(abs)	(OP_BARE(0xe220) | IMM32(abs))
#define JMP(abs)	(OP(0xe210) | IMM32(abs) | TRUE5)
#define SYNC		(OP(0xf0f8) | TRUE5)
#define BRK		(OP(0xe340) | TRUE5)
#define BRK_IF(p)	(OP_IF(p, 0xe340) | TRUE5)
#define CONT		(OP(0xe350) | TRUE5)
#define CONT_IF(p)	(OP_IF(p, 0xe350) | TRUE5)
#define RET		(OP(0xe320) | TRUE5)
#define RET_IF(p)	(OP_IF(p, 0xe320) | TRUE5)
#define EXIT		(OP(0xe300) | TRUE5)
#define EXIT_IF(p)	(OP_IF(p, 0xe300) | TRUE5)
#define NOP		OP(0x50b0)
/* BAR.SYNC and BAR.ARV with barrier and threads as numbers */
#define BAR_SYNC(id)	(OP(0xf0a8) | FIELD(id, 8) | PT39 | BIT64(43) | \
			 BIT64(44))
#define BAR_ARV(id, n)	(BAR_SYNC(id) | BIT64(32) | FIELD(n, 20))

#endif
