// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The one table of opcode bits.
 *
 * Which instructions there are, and which bit means what: Mesa 25.0.7,
 * src/nouveau/codegen/nv50_ir_emit_gm107.cpp, the method named emit<NAME>.
 * What an instruction computes: NVIDIA's PTX ISA manual for the instruction
 * of the like name, else the lowering in Mesa that relies on it.
 *
 * An instruction with a bit set that is neither of its opcode, nor of its
 * operands, nor in its mods column is refused: no modifier is ignored
 * in silence.
 */
#include <stdio.h>

#include "ledger.h"
#include "opcodes.h"

#define SOURCE	"Mesa nv50_ir_emit_gm107.cpp"

#define B(n)		(1ull << (n))
#define F(lo, n)	(((1ull << (n)) - 1) << (lo))

#define D		NVGPU_FORM_D
#define D64		(NVGPU_FORM_D | NVGPU_FORM_D64)
#define D_SIZE		(NVGPU_FORM_D | NVGPU_FORM_D_SIZE)
#define A		NVGPU_FORM_A
#define A64		(NVGPU_FORM_A | NVGPU_FORM_A64)
#define REG		NVGPU_FORM_B_REG
#define CONST		NVGPU_FORM_B_CONST
#define IMM		NVGPU_FORM_B_IMM
#define FIMM		NVGPU_FORM_B_FIMM
#define IMM32		NVGPU_FORM_B_IMM32
#define IMM16		NVGPU_FORM_B_IMM16
#define B64		NVGPU_FORM_B64
#define B_SIZE		NVGPU_FORM_B_SIZE
#define C		NVGPU_FORM_C
#define C64		(NVGPU_FORM_C | NVGPU_FORM_C64)
#define C_CONST		NVGPU_FORM_C_CONST
#define NOPRED		(NVGPU_FORM_NOPRED | NVGPU_FORM_WARP)
#define COND		(NVGPU_FORM_COND | NVGPU_FORM_WARP)
#define WARP		NVGPU_FORM_WARP

/* An instruction with one form. */
#define ONE(_name, _value, _mask, _form, _mods, _fn)			\
	{								\
		.name = _name, .mods = _mods, .exec = _fn,		\
		.enc = { { _value, _mask, _form } },			\
		.fidelity = NVGPU_INFERRED,				\
	}
/* The same with a word about what the model does. */
#define NOTED(_name, _value, _mask, _form, _mods, _fn, _note)		\
	{								\
		.name = _name, .mods = _mods, .exec = _fn,		\
		.enc = { { _value, _mask, _form } },			\
		.fidelity = NVGPU_INFERRED, .note = _note,		\
	}
#define FAKE(_name, _value, _mask, _form, _mods, _fn, _note)		\
	{								\
		.name = _name, .mods = _mods, .exec = _fn,		\
		.enc = { { _value, _mask, _form } },			\
		.fidelity = NVGPU_FAKED, .note = _note,			\
	}
/* Known by name, so that the message says what is missing. */
#define NONE(_name, _value, _mask)					\
	{								\
		.name = _name, .enc = { { _value, _mask, 0 } },		\
		.fidelity = NVGPU_ABSENT,				\
	}

/*
 * The second source as register, constant, immediate.  @_m is the mask of
 * the low byte of bits 63:48; bit 56 is the immediate's sign.
 */
#define RCI(_name, _r, _c, _i, _m, _form, _imm, _mods, _rnd, _fn, _note) \
	{								\
		.name = _name, .mods = _mods, .rnd = _rnd, .exec = _fn,	\
		.enc = {						\
			{ _r, 0xff00 | (_m), (_form) | REG },		\
			{ _c, 0xff00 | (_m), (_form) | CONST },		\
			{ _i, 0xfe00 | (_m), (_form) | (_imm) },	\
		},							\
		.fidelity = NVGPU_INFERRED, .note = _note,		\
	}

#define ALU(name, low, form, imm, mods, rnd, fn) \
	RCI(name, 0x5c00 | (low), 0x4c00 | (low), 0x3800 | (low), 0xf8, \
	    form, imm, mods, rnd, fn, NULL)

/* The same with a third source, which may be the constant instead. */
#define RCIX(_name, _r, _c, _i, _x, _m, _form, _imm, _mods, _rnd, _fn, _note) \
	{								\
		.name = _name, .mods = _mods, .rnd = _rnd, .exec = _fn,	\
		.enc = {						\
			{ _r, 0xff00 | (_m), (_form) | C | REG },	\
			{ _c, 0xff00 | (_m), (_form) | C | CONST },	\
			{ _i, 0xfe00 | (_m), (_form) | C | (_imm) },	\
			{ _x, 0xff00 | (_m), (_form) | C_CONST },	\
		},							\
		.fidelity = NVGPU_INFERRED, .note = _note,		\
	}

/* Modifier bits that several instructions share. */
#define PRED_IN		F(39, 4)		/* predicate and its inverse */
#define SET_OP		(PRED_IN | F(45, 2))	/* and how to combine it */
#define LDST_SIZE	F(48, 3)

#define NOTE_FLOAT	"NaN results are 0x7fffffff"
#define NOTE_DOUBLE	"NaN payloads as the host's"
#define NOTE_64BIT	".X: upper half of a 64 bit compare after IADD.CC"

const struct nvgpu_opcode nvgpu_opcodes[] = {
	/* Integer arithmetic */
	ALU("IADD", 0x10, D | A, IMM, B(43) | F(47, 4), 0, nvgpu_op_iadd),
	ONE("IADD32I", 0x1c00, 0xfe00, D | A | IMM32,
	    F(52, 3) | B(56), nvgpu_op_iadd32i),
	ALU("ISCADD", 0x18, D | A, IMM, F(39, 5) | F(47, 3), 0,
	    nvgpu_op_iscadd),
	ALU("IMUL", 0x38, D | A, IMM, F(39, 3), 0, nvgpu_op_imul),
	ONE("IMUL32I", 0x1f00, 0xff00, D | A | IMM32, F(53, 3),
	    nvgpu_op_imul32i),
	RCIX("IMAD", 0x5a00, 0x4a00, 0x3400, 0x5200, 0x80, D | A, IMM,
	     F(47, 3) | F(51, 4), 0, nvgpu_op_imad, NULL),
	ONE("XMAD", 0x5b00, 0xffc0, D | A | REG | C,
	    F(35, 4) | F(47, 7), nvgpu_op_xmad),
	ONE("XMAD", 0x3600, 0xffc0, D | A | IMM16 | C,
	    F(36, 3) | F(47, 7), nvgpu_op_xmad),
	ONE("XMAD", 0x4e00, 0xfe00, D | A | CONST | C,
	    F(47, 10), nvgpu_op_xmad_const),
	ONE("XMAD", 0x5100, 0xff80, D | A | C_CONST,
	    F(47, 8), nvgpu_op_xmad_cr),
	ALU("IMNMX", 0x20, D | A, IMM, PRED_IN | F(43, 2) | F(47, 2), 0,
	    nvgpu_op_imnmx),

	/* Logic, shifts, bit fields, moves */
	ALU("MOV", 0x98, D, IMM, F(39, 4), 0, nvgpu_op_mov),
	ONE("MOV32I", 0x0100, 0xfff0, D | IMM32, F(12, 4), nvgpu_op_mov32i),
	ALU("SEL", 0xa0, D | A, IMM, PRED_IN, 0, nvgpu_op_sel),
	ALU("LOP", 0x40, D | A, IMM, F(39, 4) | F(44, 2) | F(47, 4), 0,
	    nvgpu_op_lop),
	ONE("LOP32I", 0x0400, 0xfc00, D | A | IMM32, F(52, 5),
	    nvgpu_op_lop32i),
	ALU("SHL", 0x48, D | A, IMM, B(39), 0, nvgpu_op_shl),
	ALU("SHR", 0x28, D | A, IMM, B(39) | B(48), 0, nvgpu_op_shr),
	ONE("SHF.L", 0x5bf8, 0xfff8, D | A | REG | C, F(37, 2) | B(50),
	    nvgpu_op_shf_l),
	ONE("SHF.L", 0x36f8, 0xfff8, D | A | IMM | C, F(37, 2) | B(50),
	    nvgpu_op_shf_l),
	ONE("SHF.R", 0x5cf8, 0xfff8, D | A | REG | C,
	    F(37, 2) | B(48) | B(50), nvgpu_op_shf_r),
	ONE("SHF.R", 0x38f8, 0xfff8, D | A | IMM | C,
	    F(37, 2) | B(48) | B(50), nvgpu_op_shf_r),
	ALU("BFE", 0x00, D | A, IMM, B(40) | B(48), 0, nvgpu_op_bfe),
	RCIX("BFI", 0x5bf0, 0x4bf0, 0x36f0, 0x53f0, 0xf8, D | A, IMM, 0, 0,
	     nvgpu_op_bfi, NULL),
	ALU("FLO", 0x30, D, IMM, F(40, 2) | B(48), 0, nvgpu_op_flo),
	ALU("POPC", 0x08, D, IMM, B(40), 0, nvgpu_op_popc),
	RCI("PRMT", 0x5bc0, 0x4bc0, 0x36c0, 0xf8, D | A | C, IMM, F(48, 3), 0,
	    nvgpu_op_prmt, NULL),

	/* Comparisons and predicates */
	RCIX("ICMP", 0x5b40, 0x4b40, 0x3640, 0x5340, 0xf0, D | A, IMM,
	     F(48, 4), 0, nvgpu_op_icmp, NULL),
	RCI("ISET", 0x5b50, 0x4b50, 0x3650, 0xf0, D | A, IMM,
	    SET_OP | F(43, 2) | F(48, 4), 0, nvgpu_op_iset, NOTE_64BIT),
	RCI("ISETP", 0x5b60, 0x4b60, 0x3660, 0xf0, A, IMM,
	    F(0, 6) | SET_OP | B(43) | F(48, 4), 0, nvgpu_op_isetp,
	    NOTE_64BIT),
	RCIX("FCMP", 0x5ba0, 0x4ba0, 0x36a0, 0x53a0, 0xf0, D | A, FIMM,
	     F(47, 5), 0, nvgpu_op_fcmp, NULL),
	RCI("FSET", 0x5800, 0x4800, 0x3000, 0x00, D | A, FIMM,
	    SET_OP | F(43, 2) | F(48, 8), 0, nvgpu_op_fset, NULL),
	RCI("FSETP", 0x5bb0, 0x4bb0, 0x36b0, 0xf0, A, FIMM,
	    F(0, 8) | SET_OP | F(43, 2) | F(47, 5), 0, nvgpu_op_fsetp, NULL),
	RCI("DSET", 0x5900, 0x4900, 0x3200, 0x80, D | A64 | B64, FIMM,
	    SET_OP | F(43, 2) | F(48, 7), 0, nvgpu_op_dset, NULL),
	RCI("DSETP", 0x5b80, 0x4b80, 0x3680, 0xf0, A64 | B64, FIMM,
	    F(0, 8) | SET_OP | F(43, 2) | F(48, 4), 0, nvgpu_op_dsetp, NULL),
	ONE("PSET", 0x5088, 0xfff8, D,
	    F(12, 4) | F(24, 3) | F(29, 4) | B(44) | SET_OP, nvgpu_op_pset),
	ONE("PSETP", 0x5090, 0xfff8, 0,
	    F(0, 6) | F(12, 4) | F(24, 3) | F(29, 4) | SET_OP,
	    nvgpu_op_psetp),

	/* Single precision */
	RCI("FADD", 0x5c58, 0x4c58, 0x3858, 0xf8, D | A, FIMM,
	    F(39, 2) | F(44, 3) | F(48, 3), 39, nvgpu_op_fadd, NOTE_FLOAT),
	ONE("FADD32I", 0x0800, 0xfc00, D | A | IMM32, F(53, 5),
	    nvgpu_op_fadd32i),
	RCI("FMUL", 0x5c68, 0x4c68, 0x3868, 0xf8, D | A, FIMM,
	    F(39, 7) | B(48) | B(50), 39, nvgpu_op_fmul, NOTE_FLOAT),
	ONE("FMUL32I", 0x1e00, 0xff00, D | A | IMM32, F(53, 3),
	    nvgpu_op_fmul32i),
	RCIX("FFMA", 0x5980, 0x4980, 0x3280, 0x5180, 0x80, D | A, FIMM,
	     F(48, 7), 51, nvgpu_op_ffma, NOTE_FLOAT),
	ONE("FFMA32I", 0x0c00, 0xfc00, D | A | IMM32, F(53, 5),
	    nvgpu_op_ffma32i),
	RCI("FMNMX", 0x5c60, 0x4c60, 0x3860, 0xf8, D | A, FIMM,
	    PRED_IN | F(44, 3) | F(48, 2), 0, nvgpu_op_fmnmx, NOTE_FLOAT),
	RCI("RRO", 0x5c90, 0x4c90, 0x3890, 0xf8, D, FIMM,
	    B(39) | B(45) | B(49), 0, nvgpu_op_rro,
	    "leaves range reduction to MUFU"),
	FAKE("MUFU", 0x5080, 0xfff8, D | A, F(20, 4) | B(46) | B(48) | B(50),
	     nvgpu_op_mufu, "the host's libm: not bit exact"),

	/* Double precision */
	RCI("DADD", 0x5c70, 0x4c70, 0x3870, 0xf8, D64 | A64 | B64, FIMM,
	    F(39, 2) | F(45, 2) | F(48, 2), 39, nvgpu_op_dadd, NOTE_DOUBLE),
	RCI("DMUL", 0x5c80, 0x4c80, 0x3880, 0xf8, D64 | A64 | B64, FIMM,
	    F(39, 2) | B(48), 39, nvgpu_op_dmul, NOTE_DOUBLE),
	RCIX("DFMA", 0x5b70, 0x4b70, 0x3670, 0x5370, 0xf0,
	     D64 | A64 | B64 | C64, FIMM, F(48, 4), 50, nvgpu_op_dfma,
	     NOTE_DOUBLE),
	RCI("DMNMX", 0x5c50, 0x4c50, 0x3850, 0xf8, D64 | A64 | B64, FIMM,
	    PRED_IN | F(45, 2) | F(48, 2), 0, nvgpu_op_dmnmx, NOTE_DOUBLE),

	/* Conversions */
	RCI("F2F", 0x5ca8, 0x4ca8, 0x38a8, 0xf8, D_SIZE | B_SIZE, FIMM,
	    F(8, 4) | F(39, 4) | F(44, 2) | F(49, 2), 39, nvgpu_op_f2f,
	    NOTE_FLOAT),
	RCI("F2I", 0x5cb0, 0x4cb0, 0x38b0, 0xf8, D_SIZE | B_SIZE, FIMM,
	    F(8, 5) | F(39, 2) | F(44, 2) | B(49), 39, nvgpu_op_f2i,
	    "NaN becomes 0"),
	RCI("I2F", 0x5cb8, 0x4cb8, 0x38b8, 0xf8, D_SIZE | B_SIZE, IMM,
	    F(8, 4) | B(13) | F(39, 4) | B(45) | B(49), 39, nvgpu_op_i2f,
	    NULL),
	ALU("I2I", 0xe0, D, IMM,
	    F(8, 6) | F(41, 2) | B(45) | F(49, 2), 0, nvgpu_op_i2i),

	/* Control flow */
	NOTED("BRA", 0xe240, 0xfff0, COND, F(6, 2) | F(20, 24), nvgpu_op_bra,
	      "with divergence the lanes that jump go first"),
	NOTED("JMP", 0xe210, 0xfff0, COND, F(6, 2) | F(20, 32), nvgpu_op_jmp,
	      "with divergence the lanes that jump go first"),
	ONE("CAL", 0xe260, 0xfff0, NOPRED, F(20, 24), nvgpu_op_cal),
	ONE("JCAL", 0xe220, 0xfff0, NOPRED, F(20, 32), nvgpu_op_jcal),
	ONE("SSY", 0xe290, 0xfff0, NOPRED, F(20, 24), nvgpu_op_ssy),
	ONE("PBK", 0xe2a0, 0xfff0, NOPRED, F(20, 24), nvgpu_op_pbk),
	ONE("PCNT", 0xe2b0, 0xfff0, NOPRED, F(20, 24), nvgpu_op_pcnt),
	ONE("PRET", 0xe270, 0xfff0, NOPRED, F(20, 24), nvgpu_op_pret),
	ONE("SYNC", 0xf0f8, 0xfff8, COND, 0, nvgpu_op_sync),
	ONE("BRK", 0xe340, 0xfff0, COND, 0, nvgpu_op_brk),
	ONE("CONT", 0xe350, 0xfff0, COND, 0, nvgpu_op_cont),
	ONE("RET", 0xe320, 0xfff0, COND, 0, nvgpu_op_ret),
	ONE("EXIT", 0xe300, 0xfff0, COND, 0, nvgpu_op_exit),

	/* Memory */
	ONE("LD", 0x8000, 0xe000, A | WARP, F(0, 8) | F(20, 41), nvgpu_op_ld),
	ONE("ST", 0xa000, 0xe000, A | WARP, F(0, 8) | F(20, 41), nvgpu_op_st),
	ONE("LDS", 0xef48, 0xfff8, A | WARP, F(0, 8) | F(20, 24) | LDST_SIZE,
	    nvgpu_op_lds),
	ONE("STS", 0xef58, 0xfff8, A | WARP, F(0, 8) | F(20, 24) | LDST_SIZE,
	    nvgpu_op_sts),
	FAKE("LDL", 0xef40, 0xfff8, A | WARP,
	     F(0, 8) | F(20, 24) | F(44, 2) | LDST_SIZE, nvgpu_op_ldl,
	     "local memory is inside the model, never in VRAM"),
	FAKE("STL", 0xef50, 0xfff8, A | WARP,
	     F(0, 8) | F(20, 24) | F(44, 2) | LDST_SIZE, nvgpu_op_stl,
	     "local memory is inside the model, never in VRAM"),
	NOTED("LDC", 0xef90, 0xfff8, A | WARP,
	      F(0, 8) | F(20, 21) | F(44, 2) | LDST_SIZE, nvgpu_op_ldc,
	      "past the end of a bank is zero; cached until the grid ends"),
	NOTED("ATOM", 0xed00, 0xff00, A | WARP, F(0, 8) | F(20, 36),
	      nvgpu_op_atom, "compare and exchange on the bus, lane by lane"),
	ONE("ATOM.CAS", 0xeef0, 0xfff0, A | WARP, F(0, 8) | F(20, 32),
	    nvgpu_op_atom_cas),
	NOTED("RED", 0xebf8, 0xfff8, A | WARP,
	      F(0, 8) | F(20, 6) | F(28, 21), nvgpu_op_red,
	      "compare and exchange on the bus, lane by lane"),
	ONE("ATOMS", 0xec00, 0xff00, A | WARP, F(0, 8) | F(20, 36),
	    nvgpu_op_atoms),
	ONE("ATOMS.CAS", 0xee40, 0xffe0, A | WARP,
	    F(0, 8) | F(20, 8) | F(30, 23), nvgpu_op_atoms_cas),
	NOTED("MEMBAR", 0xef98, 0xfff8, WARP, F(8, 2), nvgpu_op_membar,
	      "stores arrive, at the level's reach; L1 keeps its lines"),
	NOTED("CCTL", 0xef60, 0xffe0, A | WARP, F(0, 4) | F(22, 30) | B(52),
	      nvgpu_op_cctl, "PF* translate, IV and IVALL drop lines of L1"),
	FAKE("CCTL", 0xef80, 0xfff0, A | WARP, F(0, 4) | F(22, 30) | B(52),
	     nvgpu_op_nop, "does nothing: shared and local memory have no cache"),

	/* Special */
	ONE("S2R", 0xf0c8, 0xfff8, D, F(20, 8), nvgpu_op_s2r),
	ONE("CS2R", 0x50c8, 0xfff8, D, F(20, 8), nvgpu_op_s2r),
	NOTED("BAR", 0xf0a8, 0xfff8, WARP, F(8, 8) | F(20, 25), nvgpu_op_bar,
	      "a warp arrives as a whole; reductions are not modelled"),
	ONE("VOTE", 0x50d8, 0xfff8, D | WARP, PRED_IN | F(45, 5),
	    nvgpu_op_vote),
	ONE("SHFL", 0xef10, 0xfff8, D | A | WARP,
	    F(20, 12) | F(34, 13) | F(48, 3), nvgpu_op_shfl),
	ONE("NOP", 0x50b0, 0xfff8, 0, F(8, 5), nvgpu_op_nop),
	FAKE("DEPBAR", 0xf0f0, 0xfff8, 0, F(0, 6) | F(20, 10), nvgpu_op_nop,
	     "does nothing: results are there at once"),

	/* Not modelled: indirect jumps, graphics, textures, surfaces */
	NONE("JMX", 0xe200, 0xfff0),
	NONE("BRX", 0xe250, 0xfff0),
	NONE("KIL", 0xe330, 0xfff0),
	NONE("SAM", 0xe370, 0xfff0),
	NONE("RAM", 0xe380, 0xfff0),
	NONE("FSWZADD", 0x50f8, 0xfff8),
	NONE("IPA", 0xe000, 0xff00),
	NONE("PIXLD", 0xefe8, 0xfff8),
	NONE("ALD", 0xefd8, 0xfff8),
	NONE("AST", 0xeff0, 0xfff8),
	NONE("ISBERD", 0xefd0, 0xfff8),
	NONE("AL2P", 0xefa0, 0xfff8),
	NONE("OUT", 0xfbe0, 0xfff8),
	NONE("OUT", 0xf6e0, 0xfff8),
	NONE("OUT", 0xebe0, 0xfff8),
	NONE("TEX", 0xc038, 0xfe38),
	NONE("TEX.B", 0xdeb8, 0xfff8),
	NONE("TEXS", 0xd800, 0xfe00),
	NONE("TLDS", 0xda00, 0xfe00),
	NONE("TLD", 0xdc38, 0xff78),
	NONE("TLD.B", 0xdd38, 0xff78),
	NONE("TLD4", 0xc838, 0xfc38),
	NONE("TLD4.B", 0xdef8, 0xfff8),
	NONE("TLD4S", 0xdf00, 0xffc0),
	NONE("TXD", 0xde38, 0xfff8),
	NONE("TXD.B", 0xde78, 0xfff8),
	NONE("TXQ", 0xdf48, 0xfff8),
	NONE("TXQ.B", 0xdf50, 0xfff8),
	NONE("TMML", 0xdf58, 0xfff8),
	NONE("TMML.B", 0xdf60, 0xfff8),
	NONE("SUST", 0xeb20, 0xffe0),
	NONE("SULD", 0xeb00, 0xffe0),
	NONE("SURED", 0xea60, 0xffe0),
	NONE("SURED.CAS", 0xeac0, 0xffe0),
};

const unsigned int nvgpu_nr_opcodes = NVGPU_ARRAY_SIZE(nvgpu_opcodes);

static const char *form_name(uint32_t form)
{
	if (form & NVGPU_FORM_C_CONST)
		return "; c = constant";
	if (form & NVGPU_FORM_B_REG)
		return "; b = register";
	if (form & NVGPU_FORM_B_CONST)
		return "; b = constant";
	if (form & (NVGPU_FORM_B_IMM | NVGPU_FORM_B_FIMM |
		    NVGPU_FORM_B_IMM16 | NVGPU_FORM_B_IMM32))
		return "; b = immediate";
	return "";
}

static void ledger_encoding(FILE *f, const struct nvgpu_opcode *op,
			    const struct nvgpu_encoding *enc)
{
	char where[32], source[160];

	snprintf(where, sizeof(where), "%04x/%04x", enc->value, enc->mask);
	snprintf(source, sizeof(source), "%s%s%s%s", SOURCE,
		 form_name(enc->form), op->note ? "; " : "",
		 op->note ? op->note : "");
	nvgpu_ledger_row(f, "opcode", where, op->name, op->fidelity, source);
}

void nvgpu_ledger_opcodes(FILE *f)
{
	unsigned int i, j;

	for (i = 0; i < nvgpu_nr_opcodes; i++)
		for (j = 0; j < NVGPU_ENCODINGS; j++)
			if (nvgpu_opcodes[i].enc[j].mask)
				ledger_encoding(f, &nvgpu_opcodes[i],
						&nvgpu_opcodes[i].enc[j]);
}
