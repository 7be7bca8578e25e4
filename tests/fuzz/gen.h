/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generator's inside.  Source is written front to back, no tree is built;
 * types are always right, and nothing that is written is undefined.
 */
#ifndef GEN_H
#define GEN_H

#include "fuzz.h"

/** enum base - element types; of two that follow the odd one is unsigned */
enum base {
	I8, U8, I16, U16, I32, U32, I64, U64, F32, F64,
};

/** struct type - of an expression */
struct type {
	enum base base;
	/** @width: 1, 2, 3, 4, 8, 16 */
	unsigned int width;
};

#define VARS_MAX	8u
#define ARRAYS		2u
#define VECTOR_BYTES	16u

/** struct gen - a kernel being generated */
struct gen {
	FILE *f;
	struct random r;
	struct kernel *k;
	struct type var[VARS_MAX];
	unsigned int vars;
	/** @array: element types of private arrays; the first also shared's */
	struct type array[ARRAYS];
	/** @indent: of statements; @serial: for unique names */
	unsigned int indent, serial;
	/** @counters: used so far */
	unsigned int counters;
	/** @loops: loops around; @divergent: not all work-items come here */
	unsigned int loops;
	bool divergent;
};

unsigned int below(struct gen *g, unsigned int n);
bool one_in(struct gen *g, unsigned int n);
void out(struct gen *g, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A new line with its indentation; a statement is written behind it. */
void line(struct gen *g);

/** struct template - one way to make an expression */
struct template {
	/** @only: ONLY_*, what its type must be */
	unsigned int only;
	/** @text: with places to fill, see gen_expr.c */
	const char *text;
};

#define ONLY_SCALAR	0x01u
#define ONLY_VECTOR	0x02u
#define ONLY_EVEN	0x04u	/* no vector of three */
#define ONLY_INT32	0x08u
#define ONLY_WIDE	0x10u	/* more than 8 bits */
#define ONLY_FLOATABLE	0x20u	/* a width that floats have here, too */
#define ONLY_SIGNED	0x40u
#define ONLY_UNSIGNED	0x80u

/* templates.c */
extern const struct template int_templates[], float_templates[];
extern const unsigned int nr_int_templates, nr_float_templates;

bool is_float(struct type t);
bool is_signed(struct type t);
unsigned int base_size(enum base base);	/* bytes */
struct type unsigned_of(struct type t);
struct type signed_of(struct type t);
struct type scalar_of(struct type t);
struct type random_int(struct gen *g, unsigned int width);
struct type random_type(struct gen *g);
/* "uint4"; of several buffers in turn */
const char *name(struct type t);

/*
 * gen_expr.c: an expression; something without parts; a condition; an index
 * below @n, which is a power of two
 */
void gen_expr(struct gen *g, struct type t, unsigned int depth);
void gen_leaf(struct gen *g, struct type t);
void gen_condition(struct gen *g, unsigned int depth);
void gen_index(struct gen *g, unsigned int n);
/* gen_body.c: declarations and statements */
void gen_body(struct gen *g);

#endif
