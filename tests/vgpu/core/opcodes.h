/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instruction set as data.  Opcode bits stand in opcodes.c's one table
 * and nowhere else; each handler documents the modifier bits it reads.
 */
#ifndef NVGPU_OPCODES_H
#define NVGPU_OPCODES_H

#include "warp.h"

/*
 * Operand forms.  Where each field is: Mesa, nv50_ir_emit_gm107.cpp,
 * emitGPR/emitCBUF/emitIMMD and their callers.
 */
#define NVGPU_FORM_D		0x00001	/* destination register 7:0 */
#define NVGPU_FORM_D64		0x00002	/* it is a pair */
#define NVGPU_FORM_D_SIZE	0x00004	/* it is a pair if 9:8 is 3 */
#define NVGPU_FORM_A		0x00008	/* first source register 15:8 */
#define NVGPU_FORM_A64		0x00010	/* it is a pair */
#define NVGPU_FORM_B_REG	0x00020	/* second source: register 27:20 */
#define NVGPU_FORM_B_CONST	0x00040	/* ... bank 38:34, word 33:20 */
#define NVGPU_FORM_B_IMM	0x00080	/* ... signed integer 56, 38:20 */
#define NVGPU_FORM_B_FIMM	0x00100	/* ... upper bits of a float */
#define NVGPU_FORM_B_IMM32	0x00200	/* ... 51:20 */
#define NVGPU_FORM_B_IMM16	0x00400	/* ... 35:20 */
#define NVGPU_FORM_B64		0x00800	/* second source has 64 bits */
#define NVGPU_FORM_B_SIZE	0x01000	/* it has if 11:10 is 3 */
#define NVGPU_FORM_C		0x02000	/* third source register 46:39 */
#define NVGPU_FORM_C64		0x04000	/* it is a pair */
/* Second source is the register at 46:39, third the constant at 38:20 */
#define NVGPU_FORM_C_CONST	0x08000
#define NVGPU_FORM_NOPRED	0x10000	/* has no guard predicate */
#define NVGPU_FORM_COND		0x20000	/* condition code test in 4:0 */
/* Not an operand: what a lane does depends on the others, or may fault */
#define NVGPU_FORM_WARP		0x40000

/* The only condition code test the model knows: true. */
#define NVGPU_COND_TRUE		0xf

/** struct nvgpu_encoding - one operand form of an instruction */
struct nvgpu_encoding {
	/** @value, @mask: of bits 63:48; @mask 0: unused */
	uint16_t value, mask;
	/** @form: NVGPU_FORM_* */
	uint32_t form;
};

/* Second source register, constant, immediate; third source constant. */
#define NVGPU_ENCODINGS		4

/** struct nvgpu_opcode - one instruction */
struct nvgpu_opcode {
	const char *name;
	struct nvgpu_encoding enc[NVGPU_ENCODINGS];
	/** @mods: bits besides opcode and operands the handler understands */
	uint64_t mods;
	/** @rnd: lowest bit of the rounding mode, 0: there is none */
	uint8_t rnd;
	/** @exec: NULL: known by name only */
	nvgpu_exec_fn *exec;
	enum nvgpu_fidelity fidelity;
	/** @note: about what the model does, NULL: nothing to say */
	const char *note;
};

extern const struct nvgpu_opcode nvgpu_opcodes[];
extern const unsigned int nvgpu_nr_opcodes;

/* NULL: no such opcode. */
const struct nvgpu_opcode *nvgpu_opcode_find(uint64_t w,
					     const struct nvgpu_encoding **enc);

/*
 * Decode @w.  NULL on success, else why not; @in->op is set if the opcode
 * was found.
 */
const char *nvgpu_decode(const struct nvgpu_grid *grid, uint64_t w,
			 struct nvgpu_insn *in);

/* sass_int.c */
nvgpu_exec_fn nvgpu_op_iadd, nvgpu_op_iadd32i, nvgpu_op_iscadd;
nvgpu_exec_fn nvgpu_op_imul, nvgpu_op_imul32i, nvgpu_op_imad, nvgpu_op_imnmx;
nvgpu_exec_fn nvgpu_op_xmad, nvgpu_op_xmad_const, nvgpu_op_xmad_cr;
/* sass_logic.c */
nvgpu_exec_fn nvgpu_op_mov, nvgpu_op_mov32i, nvgpu_op_sel;
nvgpu_exec_fn nvgpu_op_lop, nvgpu_op_lop32i;
nvgpu_exec_fn nvgpu_op_shl, nvgpu_op_shr, nvgpu_op_shf_l, nvgpu_op_shf_r;
nvgpu_exec_fn nvgpu_op_bfe, nvgpu_op_bfi, nvgpu_op_flo, nvgpu_op_popc;
nvgpu_exec_fn nvgpu_op_prmt;
/* sass_set.c */
nvgpu_exec_fn nvgpu_op_icmp, nvgpu_op_iset, nvgpu_op_isetp;
nvgpu_exec_fn nvgpu_op_fcmp, nvgpu_op_fset, nvgpu_op_fsetp;
nvgpu_exec_fn nvgpu_op_dset, nvgpu_op_dsetp, nvgpu_op_pset, nvgpu_op_psetp;
/* sass_float.c */
nvgpu_exec_fn nvgpu_op_fadd, nvgpu_op_fadd32i, nvgpu_op_fmul;
nvgpu_exec_fn nvgpu_op_fmul32i, nvgpu_op_ffma, nvgpu_op_ffma32i;
nvgpu_exec_fn nvgpu_op_fmnmx, nvgpu_op_rro, nvgpu_op_mufu;
/* sass_double.c */
nvgpu_exec_fn nvgpu_op_dadd, nvgpu_op_dmul, nvgpu_op_dfma, nvgpu_op_dmnmx;
/* sass_convert.c */
nvgpu_exec_fn nvgpu_op_f2f, nvgpu_op_f2i, nvgpu_op_i2f, nvgpu_op_i2i;
/* sass_flow.c */
nvgpu_exec_fn nvgpu_op_bra, nvgpu_op_jmp, nvgpu_op_cal, nvgpu_op_jcal;
nvgpu_exec_fn nvgpu_op_ssy, nvgpu_op_pbk, nvgpu_op_pcnt, nvgpu_op_pret;
nvgpu_exec_fn nvgpu_op_sync, nvgpu_op_brk, nvgpu_op_cont, nvgpu_op_ret;
nvgpu_exec_fn nvgpu_op_exit;
/* sass_memory.c */
nvgpu_exec_fn nvgpu_op_ld, nvgpu_op_st, nvgpu_op_lds, nvgpu_op_sts;
nvgpu_exec_fn nvgpu_op_ldl, nvgpu_op_stl, nvgpu_op_ldc;

/* sass_cache.c */
nvgpu_exec_fn nvgpu_op_membar;
nvgpu_exec_fn nvgpu_op_cctl;
/* sass_atomic.c */
nvgpu_exec_fn nvgpu_op_atom, nvgpu_op_atom_cas, nvgpu_op_red;
nvgpu_exec_fn nvgpu_op_atoms, nvgpu_op_atoms_cas;
/* sass_special.c */
nvgpu_exec_fn nvgpu_op_s2r, nvgpu_op_bar, nvgpu_op_vote, nvgpu_op_shfl;
nvgpu_exec_fn nvgpu_op_nop;

#endif
