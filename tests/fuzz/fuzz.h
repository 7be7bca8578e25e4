/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random OpenCL kernels, and what their results must be. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Work-items of a kernel at most, and what each may write. */
#define ITEMS_MAX	96u
#define OUT_WORDS	16u
/* Counters that all work-items of a kernel share */
#define COUNTERS	32u
/* Operands of a kernel; a power of two for kernels with random indices */
#define IN_WORDS	4096u

/* Results of a kernel: words of each work-item, then counters. */
#define RESULT_WORDS	(ITEMS_MAX * OUT_WORDS + COUNTERS)

/* All bytes of the results of a kernel that the CPU's OpenCL can't run */
#define NOT_RUN		0xcc

/* Functions of a kernel that is about functions, and their operands */
#define CALLS		4u
#define OPERANDS	3u

/** struct random - a stream of random numbers */
struct random {
	uint64_t state;
};

/* The stream of a seed; nearby seeds have nothing in common. */
struct random random_start(uint64_t seed);
uint64_t random_next(struct random *r);
/* In [0, n). */
unsigned int random_below(struct random *r, unsigned int n);
/* Once in @n times. */
bool random_one_in(struct random *r, unsigned int n);

/** enum kind - of kernels */
enum kind {
	/** @KERNEL_MATH: functions of floats, one a word of the results */
	KERNEL_MATH,
	/** @KERNEL_PLAIN: small expressions of inputs */
	KERNEL_PLAIN,
	/** @KERNEL_STATEMENTS: everything there is */
	KERNEL_STATEMENTS,
};

/** struct kernel - one of them, with what runs it */
struct kernel {
	uint64_t seed;
	/** @items: work-items, in groups of @group */
	unsigned int items, group;
	enum kind kind;
	/** @call: the functions: indices for math_*() */
	uint8_t call[CALLS];
	uint64_t in[IN_WORDS];
};

/* What kernels of a program have in common: to come first, once. */
extern const char gen_prelude[];

/* Generate kernel "k<seed>"; its source goes to @f. */
void gen_kernel(FILE *f, struct kernel *k, uint64_t seed);
/* gen_math.c: a kernel of tests of functions */
void gen_math(FILE *f, struct kernel *k, struct random *r);

/* Number of functions, and their names. */
unsigned int math_count(void);
const char *math_name(unsigned int n);
/* The expression on operands x, y, z of math_type(), and of which type. */
const char *math_source(unsigned int n);
bool math_is_double(unsigned int n);
/* A random operand for it, as bits. */
uint64_t math_operand(unsigned int n, unsigned int which, struct random *r);
/*
 * Is @got a result that OpenCL allows?  If not @why (of @size bytes) says so.
 */
bool math_right(unsigned int n, const uint64_t *operands, uint64_t got,
		char *why, size_t size);

/*
 * run.c: run kernels of seeds [@seed, @seed + @count) on a device, their results
 * go to file @path; @instead: NULL, or source to run in place of theirs.
 * Returns how many have none, as they ended the process or did not end.
 */
enum run_where { RUN_GPU, RUN_CPU };
unsigned int run_kernels(enum run_where where, uint64_t seed,
			 unsigned int count, const char *path,
			 const char *instead);

/* run.c: run kernel "k<seed>" of @source, as @k says. */
void run_source(enum run_where where, const char *source,
		const struct kernel *k, uint64_t *results);

/* known.c: run the kernels that were wrong once; 0: none is. */
int known(enum run_where where);

/* Kernels in one program */
#define BATCH		32u

#endif
