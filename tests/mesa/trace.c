// SPDX-License-Identifier: MIT
/* What Mesa asked the shim for: see trace.h. */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"

/*
 * Push buffer headers, Linux include/uapi nouveau_drm.h and Mesa's
 * nvc0_winsys.h: operation, count or data, subchannel, method.
 */
#define OP(word) ((word) >> 29)
#define OP_INCREMENT 1
#define OP_FIXED 3
#define OP_IMMEDIATE 4
#define OP_INCREMENT_ONCE 5
#define COUNT(word) ((word) >> 16 & 0x1fff)
#define SUBCHANNEL(word) ((word) >> 13 & 7)
#define METHOD(word) (((word) & 0x1fff) << 2)

#define SUBCHANNEL_3D 0
#define SUBCHANNEL_COMPUTE 1
#define SUBCHANNEL_P2MF 2
#define SUBCHANNEL_COPY 4

/* Upper half of an address, the lower one follows. */
static const struct {
	uint8_t subchannel;
	uint16_t method;
} address_methods[] = {
	{ SUBCHANNEL_3D, 0x0800 },		/* render target 0 */
	{ SUBCHANNEL_3D, 0x1b00 },		/* semaphore */
	{ SUBCHANNEL_COMPUTE, 0x0188 },		/* inline upload */
	{ SUBCHANNEL_COMPUTE, 0x0790 },		/* local memory */
	{ SUBCHANNEL_COMPUTE, 0x1608 },		/* code */
	{ SUBCHANNEL_P2MF, 0x0188 },		/* inline upload */
	{ SUBCHANNEL_COPY, 0x0400 },		/* source */
	{ SUBCHANNEL_COPY, 0x0408 },		/* destination */
};

#define LAUNCH_DESC_ADDRESS 0x02b4		/* compute, in 256 bytes */
#define UPLOAD_EXEC 0x01b0			/* compute, P2MF: then data */

/* First bits of RED, the atomic without a result. */
#define RED_OPCODE (0xebf80000 >> 19)
#define CCTL_OPCODE	(0xef60 >> 5)	/* of global memory */
#define CCTL_IV		5
#define CCTL_IVALL	6

void trace_read(struct trace *trace)
{
	const char *path = getenv("NOUVEAU_SHIM_TRACE");
	FILE *f = path ? fopen(path, "re") : NULL;
	long size = f && !fseek(f, 0, SEEK_END) ? ftell(f) : -1;

	if (size < 0)
		err(1, "trace");
	rewind(f);
	trace->text = malloc(size + 1);
	if (!trace->text || fread(trace->text, 1, size, f) != (size_t)size)
		err(1, "trace");
	trace->text[size] = 0;
	trace->size = size;
	fclose(f);
}

void trace_free(struct trace *trace)
{
	free(trace->text);
	trace->text = NULL;
}

/* The next line at or after @at that starts with @what, behind that word. */
static const char *next_line(const char *at, const char *what)
{
	size_t length = strlen(what);

	while (at && *at) {
		if (!strncmp(at, what, length) && at[length] == ' ')
			return at + length;
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return NULL;
}

unsigned int trace_count(const struct trace *trace, const char *what)
{
	const char *at = trace->text;
	unsigned int n = 0;

	while ((at = next_line(at, what)))
		n++;
	return n;
}

unsigned int trace_numbers(const struct trace *trace, const char *what,
			   unsigned int nth, uint64_t *numbers,
			   unsigned int max)
{
	const char *at = trace->text;
	unsigned int n = 0;
	char *end;

	do {
		at = next_line(at, what);
	} while (at && nth--);
	while (at && n < max && *at == ' ') {
		numbers[n++] = strtoull(at, &end, 16);
		at = end;
	}
	return n;
}

/** typedef on_method - called with each method's data in a push buffer */
typedef void (*on_method)(void *data, unsigned int subchannel,
			  unsigned int method, uint32_t value);

static void methods_of(uint32_t header, const uint64_t *words, on_method call,
		       void *data)
{
	unsigned int method = METHOD(header), i;

	if (OP(header) == OP_IMMEDIATE) {
		call(data, SUBCHANNEL(header), method, COUNT(header));
		return;
	}
	for (i = 0; i < COUNT(header); i++) {
		call(data, SUBCHANNEL(header), method, words[i]);
		if (OP(header) == OP_INCREMENT ||
		    (OP(header) == OP_INCREMENT_ONCE && !i))
			method += 4;
	}
}

/* All methods since push number @first. */
static void each_method(const struct trace *trace, unsigned int first,
			on_method call, void *data)
{
	unsigned int pushes = trace_count(trace, "push"), push, at, n;
	uint64_t *words = calloc(trace->size / 2 + 1, sizeof(*words));

	if (!words)
		err(1, "trace");
	for (push = first; push < pushes; push++) {
		n = trace_numbers(trace, "push", push, words, trace->size / 2);
		for (at = 1; at < n;) {
			uint32_t header = words[at++];

			if (OP(header) != OP_IMMEDIATE &&
			    at + COUNT(header) > n)
				errx(1, "push %u: %x at %u is too long", push,
				     header, at);
			methods_of(header, words + at, call, data);
			if (OP(header) != OP_IMMEDIATE)
				at += COUNT(header);
		}
	}
	free(words);
}

struct search {
	uint64_t start, end, upper;
	bool lower_follows;
	bool found;
};

static bool has_address(unsigned int subchannel, unsigned int method)
{
	size_t i;

	for (i = 0; i < sizeof(address_methods) / sizeof(*address_methods);
	     i++) {
		if (address_methods[i].subchannel == subchannel &&
		    address_methods[i].method == method)
			return true;
	}
	return false;
}

static void search_method(void *data, unsigned int subchannel,
			  unsigned int method, uint32_t value)
{
	struct search *s = data;
	uint64_t address = 0;

	if (s->lower_follows)
		address = s->upper << 32 | value;
	s->lower_follows = has_address(subchannel, method);
	s->upper = value;
	if (subchannel == SUBCHANNEL_COMPUTE && method == LAUNCH_DESC_ADDRESS)
		address = (uint64_t)value << 8;
	if (address >= s->start && address < s->end)
		s->found = true;
}

bool trace_engine_touches(const struct trace *trace, const void *start,
			  size_t size)
{
	struct search s = {
		.start = (uintptr_t)start,
		.end = (uintptr_t)start + size,
	};

	each_method(trace, 0, search_method, &s);
	return s.found;
}

struct upload {
	struct sass *sass;
	uint32_t lower;
	unsigned int words;
};

/*
 * Instructions of 64 bits, of which every fourth is no instruction, but what
 * the scheduler has to know of the next three.  Encodings as in Mesa's
 * nv50_ir_emit_gm107.cpp.
 */
static void count_instruction(struct sass *sass, uint64_t word)
{
	if (word >> 48 == 0xef98) {
		sass->membar[word >> 8 & 3]++;
		return;
	}
	if (word >> 53 == CCTL_OPCODE) {
		sass->drop_line += (word & 0xf) == CCTL_IV;
		sass->drop_all += (word & 0xf) == CCTL_IVALL;
		return;
	}
	if (word >> 56 == 0xed || word >> 56 == 0xee || word >> 51 == RED_OPCODE) {
		sass->atomics++;
		return;
	}
	switch (word >> 61) {
	case 4:
		sass->load[word >> 56 & 3]++;
		break;
	case 5:
		sass->store[word >> 56 & 3]++;
		break;
	}
}

static void upload_method(void *data, unsigned int subchannel,
			  unsigned int method, uint32_t value)
{
	struct upload *u = data;

	if (subchannel != SUBCHANNEL_P2MF)
		return;
	if (method == UPLOAD_EXEC) {
		u->words = 0;
		return;
	}
	if (method != UPLOAD_EXEC + 4)
		return;
	/* pairs of words, but for the first of each group of four pairs */
	if (u->words % 2 && u->words / 2 % 4)
		count_instruction(u->sass, (uint64_t)value << 32 | u->lower);
	u->lower = value;
	u->words++;
}

void trace_sass(const struct trace *trace, unsigned int first,
		struct sass *sass)
{
	struct upload u = { .sass = sass };

	memset(sass, 0, sizeof(*sass));
	each_method(trace, first, upload_method, &u);
}
