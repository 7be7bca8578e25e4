/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Warps, CTAs and the running grid.  Private to the SM: sm*.c and sass_*.c.
 *
 * Registers are stored lane last, so that a loop over the lanes of one
 * register is a loop over consecutive words.
 */
#ifndef NVGPU_WARP_H
#define NVGPU_WARP_H

#include "l1.h"
#include "sm.h"
#include "stores.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "registers and memory share their byte order: little endian only"
#endif

#define NVGPU_LANES		32u
#define NVGPU_ALL_LANES		0xffffffffu
#define NVGPU_RZ		255	/* reads as zero, writes are dropped */
#define NVGPU_PT		7	/* predicate that is always true */
#define NVGPU_PREDICATES	8
/* RZ and the three rows that a 16 byte access to RZ covers */
#define NVGPU_ROWS		(NVGPU_RZ + 4)

/* Limits of an SM: GP100 whitepaper, table "compute capability 6.0". */
#define NVGPU_SM_WARPS		64
#define NVGPU_SM_CTAS		32
#define NVGPU_SM_SHARED		(64u << 10)
#define NVGPU_CTA_THREADS	1024u
#define NVGPU_LOCAL_MAX		(512u << 10)	/* bytes of a thread */
#define NVGPU_BARRIERS		16

/*
 * Tokens on the divergence stack.  DIV tokens hold disjoint lanes and every
 * other token is one level of nesting, so this is far from reach.
 */
#define NVGPU_STACK		256

#define NVGPU_WINDOW_SIZE	(16u << 20)	/* shared and local windows */
#define NVGPU_PAGE_SIZE		4096u
#define NVGPU_CODE_WORDS	(NVGPU_PAGE_SIZE / 8)
#define NVGPU_CB_MAX		(64u << 10)
#define NVGPU_CB_LINE		256u

/* GPC client ids: gp100 dev_fault.h, NV_PFAULT_CLIENT_GPC_* */
#define NVGPU_CLIENT_GCC	0x0d
#define NVGPU_UNIT_GR		0x00

/** enum nvgpu_warp_state - what a warp waits for */
enum nvgpu_warp_state {
	/** @NVGPU_WARP_DONE: all lanes exited, or slot unused */
	NVGPU_WARP_DONE,
	NVGPU_WARP_READY,
	/** @NVGPU_WARP_BARRIER: for the other warps of its CTA */
	NVGPU_WARP_BARRIER,
	/** @NVGPU_WARP_STALLED: for a replay */
	NVGPU_WARP_STALLED,
};

/** enum nvgpu_token_type - why a token is on the divergence stack */
enum nvgpu_token_type {
	/** @NVGPU_TOKEN_DIV: the other side of a branch */
	NVGPU_TOKEN_DIV,
	/** @NVGPU_TOKEN_SSY: where lanes meet again after SYNC */
	NVGPU_TOKEN_SSY,
	/** @NVGPU_TOKEN_PBK: where lanes meet after BRK */
	NVGPU_TOKEN_PBK,
	/** @NVGPU_TOKEN_PCNT: where lanes meet after CONT */
	NVGPU_TOKEN_PCNT,
	/** @NVGPU_TOKEN_RET: where lanes meet after RET */
	NVGPU_TOKEN_RET,
};

/** struct nvgpu_token - lanes that will continue at @pc */
struct nvgpu_token {
	uint64_t pc;
	uint32_t mask;
	enum nvgpu_token_type type;
};

/** struct nvgpu_warp - 32 threads in lockstep */
struct nvgpu_warp {
	/** @r: registers; the rows from NVGPU_RZ up stay zero */
	uint32_t r[NVGPU_ROWS][NVGPU_LANES];
	/** @p: predicates, a bit a lane; P7 is all ones */
	uint32_t p[NVGPU_PREDICATES];
	/** @cc_z, @cc_s, @cc_c, @cc_o: condition codes, a bit a lane */
	uint32_t cc_z, cc_s, cc_c, cc_o;
	/** @active: lanes that execute; @alive: lanes that did not exit */
	uint32_t active, alive;
	/** @pc: virtual address of the next instruction */
	uint64_t pc;
	struct nvgpu_token stack[NVGPU_STACK];
	unsigned int depth;
	enum nvgpu_warp_state state;
	/** @barrier: the one it waits at */
	unsigned int barrier;
	/** @index: in its CTA */
	unsigned int index;
	struct nvgpu_cta *cta;
	/** @client, @fault: of the access it is stalled on */
	struct nvgpu_client client;
	struct nvgpu_fault_info fault;
};

/** struct nvgpu_cta - a work-group on an SM */
struct nvgpu_cta {
	/** @id: coordinates in the grid */
	uint32_t id[3];
	/** @sm: number of the SM it is on */
	unsigned int sm;
	/** @live: warps that are not done */
	unsigned int nr_warps, live;
	/** @arrived: warps that arrived at each barrier */
	unsigned int arrived[NVGPU_BARRIERS];
	/** @expected: warps each barrier waits for, 0: all live ones */
	unsigned int expected[NVGPU_BARRIERS];
	/** @shared: shared memory; @local: local memory, thread by thread */
	uint8_t *shared, *local;
	struct nvgpu_warp *warps;
	/** @spare: next of &nvgpu_run.spare */
	struct nvgpu_cta *spare;
};

/** struct nvgpu_sm - one streaming multiprocessor */
struct nvgpu_sm {
	struct nvgpu_cta *ctas[NVGPU_SM_CTAS];
	struct nvgpu_warp *warps[NVGPU_SM_WARPS];
	/** @next: slot of the warp whose turn it is */
	unsigned int next;
	unsigned int nr_warps, shared_used;
};

struct nvgpu_exec;
struct nvgpu_insn;
struct nvgpu_opcode;

/** enum nvgpu_step - outcome of one warp instruction */
enum nvgpu_step {
	/** @NVGPU_STEP_NEXT: done, go on behind it */
	NVGPU_STEP_NEXT,
	/** @NVGPU_STEP_JUMP: done, and it set the pc */
	NVGPU_STEP_JUMP,
	/** @NVGPU_STEP_STALL: nothing done; again after a replay */
	NVGPU_STEP_STALL,
	/** @NVGPU_STEP_DEAD: fatal, reported; the grid must go */
	NVGPU_STEP_DEAD,
};

typedef enum nvgpu_step nvgpu_exec_fn(struct nvgpu_exec *x,
				      const struct nvgpu_insn *in);

/** struct nvgpu_insn - a decoded instruction */
struct nvgpu_insn {
	/** @exec: NULL: not decoded yet */
	nvgpu_exec_fn *exec;
	const struct nvgpu_opcode *op;
	/** @w: the instruction word */
	uint64_t w;
	/** @imm: value of an immediate operand, or offset in @bank */
	uint32_t imm;
	/** @form: the opcode's, NVGPU_FORM_* */
	uint32_t form;
	/** @d: destination; @a, @b, @c: source registers */
	uint8_t d, a, b, c;
	/** @bank: constant bank of the constant operand */
	uint8_t bank;
	/** @pred: guard predicate; @pred_not: inverted */
	uint8_t pred;
	bool pred_not;
	/** @round: rounding mode, one of fenv.h's */
	int round;
};

/** struct nvgpu_code_page - a page of the instruction cache */
struct nvgpu_code_page {
	uint64_t base;
	struct nvgpu_code_page *next;
	uint64_t word[NVGPU_CODE_WORDS];
	struct nvgpu_insn insn[NVGPU_CODE_WORDS];
};

/** struct nvgpu_const_bank - the constant cache's view of one bank */
struct nvgpu_const_bank {
	uint8_t *data;
	uint8_t valid[NVGPU_CB_MAX / NVGPU_CB_LINE];
};

/** struct nvgpu_run - the running grid */
struct nvgpu_run {
	struct nvgpu_chan *chan;
	struct nvgpu_grid grid;
	struct nvgpu_sm sm[NVGPU_SMS];
	/** @next_cta: number of the next CTA to place, of @nr_ctas */
	uint64_t next_cta, nr_ctas;
	/** @spare: CTAs that ended, for others to use their memory */
	struct nvgpu_cta *spare;
	/** @resident: CTAs on the SMs */
	unsigned int resident;
	/** @place: SM that gets the next CTA */
	unsigned int place;
	/** @turn: SM whose turn is next, or all but the first might starve */
	unsigned int turn;
	/** @stalled: warps waiting for a replay */
	unsigned int stalled;
	/** @executed: warp instructions; the SMs' clock */
	uint64_t executed;
	/** @code: instruction cache; lives as long as the grid */
	struct nvgpu_code_page *code;
	struct nvgpu_const_bank cb[NVGPU_CONST_BANKS];
};

/** struct nvgpu_sm_array - the unit's state */
struct nvgpu_sm_array {
	/** @run: NULL when idle */
	struct nvgpu_run *run;
	struct nvgpu_l1 l1[NVGPU_SMS];
	/** @stores: that wait in each SM, and behind them all */
	struct nvgpu_stores stores[NVGPU_SMS + 1];
};

/** struct nvgpu_exec - one instruction being executed by one warp */
struct nvgpu_exec {
	struct nvgpu *gpu;
	struct nvgpu_run *run;
	struct nvgpu_cta *cta;
	struct nvgpu_warp *w;
	/** @mask: lanes that execute it */
	uint32_t mask;
	/**
	 * @a, @b, @c: rows of the operands.  The row behind each is its upper
	 * half, if it has 64 bits.
	 */
	const uint32_t *a, *b, *c;
	/** @operand: backing of an immediate or constant operand */
	uint32_t operand[2][NVGPU_LANES];
};

/* sm_cta.c */
bool nvgpu_sm_place(struct nvgpu *gpu, struct nvgpu_run *run);
void nvgpu_ctas_free(struct nvgpu_run *run);
void nvgpu_warp_exited(struct nvgpu_run *run, struct nvgpu_warp *w);
void nvgpu_barrier_arrive(struct nvgpu_cta *cta, unsigned int barrier,
			  unsigned int warps);

/* sm_fetch.c: NULL: look at @step */
const struct nvgpu_insn *nvgpu_fetch(struct nvgpu_exec *x,
				     enum nvgpu_step *step);
enum nvgpu_step nvgpu_const_read(struct nvgpu_exec *x, unsigned int bank,
				 uint32_t offset, void *buf,
				 unsigned int size);
void nvgpu_fetch_free(struct nvgpu_run *run);

/* sm_fault.c */
struct nvgpu_client nvgpu_sm_client(const struct nvgpu_cta *cta);
struct nvgpu_client nvgpu_gcc_client(const struct nvgpu_cta *cta);
/* @nr accesses of @client faulted: stall the warp, or kill the grid. */
enum nvgpu_step nvgpu_sm_fault(struct nvgpu_exec *x,
			       const struct nvgpu_client *client,
			       const struct nvgpu_fault_info *faults,
			       unsigned int nr);
/* The same of @nr hints: reported if that can help, and forgotten. */
void nvgpu_sm_hint(struct nvgpu_exec *x, const struct nvgpu_client *client,
		   const struct nvgpu_fault_info *faults, unsigned int nr);
/* The program did what hardware answers with an exception. */
enum nvgpu_step nvgpu_trap(struct nvgpu_exec *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The program holds something the model does not know. */
enum nvgpu_step nvgpu_unknown_insn(struct nvgpu_exec *x, uint64_t word,
				   const char *name, const char *why);

/* sm_exec.c: one instruction */
enum nvgpu_step nvgpu_warp_step(struct nvgpu_exec *x);

#endif
