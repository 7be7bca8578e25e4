/* SPDX-License-Identifier: MIT */
/*
 * What Mesa asked the shim for: its trace is a file of lines, "svm_init",
 * "svm_bind", "channel" or "push", with numbers in hexadecimal.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct trace - the whole of it, as it is now */
struct trace {
	char *text;
	size_t size;
};

void trace_read(struct trace *trace);
void trace_free(struct trace *trace);

/* Number of lines that start with @what. */
unsigned int trace_count(const struct trace *trace, const char *what);

/*
 * The numbers of the @nth line (from 0) that starts with @what, @max at most;
 * how many there are, 0 if there is no such line.
 */
unsigned int trace_numbers(const struct trace *trace, const char *what,
			   unsigned int nth, uint64_t *numbers,
			   unsigned int max);

/*
 * Is any of the addresses that engines get directly, rather than from within
 * a kernel, in [start, start + size)?  Those are destinations of uploads,
 * sources and destinations of copies, render targets, semaphores, shader
 * programs and QMDs.
 */
bool trace_engine_touches(const struct trace *trace, const void *start,
			  size_t size);

/** struct sass - instructions that matter here, counted in what was uploaded */
struct sass {
	unsigned int membar[4];		/* by level: CTA, GL, SYS */
	unsigned int load[4];		/* by cache operator: CA, CG, CI, CV */
	unsigned int store[4];		/* WB, CG, CS, WT */
	unsigned int atomics;
	unsigned int drop_line;		/* CCTL.IV, of L1 */
	unsigned int drop_all;		/* CCTL.IVALL */
};

/* All code since push number @first. */
void trace_sass(const struct trace *trace, unsigned int first,
		struct sass *sass);

#endif
