// SPDX-License-Identifier: MIT
/* clEnqueueSVMMemcpy() and clEnqueueSVMMemFill() (5.6.1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define LARGEST 128		/* bytes of the largest pattern, a long16 */
#define BIG (1 << 20)

static uint8_t in_data[256];

static cl_int copy(struct conform *c, void *to, const void *from, size_t size)
{
	return clEnqueueSVMMemcpy(c->cl.queue, CL_TRUE, to, from, size, 0,
				  NULL, NULL);
}

static bool copy_to_null(struct conform *c, const void *data)
{
	(void)data;
	return is(copy(c, NULL, c->svm, 16), CL_INVALID_VALUE);
}

static bool copy_from_null(struct conform *c, const void *data)
{
	(void)data;
	return is(copy(c, c->svm, NULL, 16), CL_INVALID_VALUE);
}

/** struct copies - 64 bytes from and to there, and what that gives */
struct copies {
	size_t to, from;
	cl_int error;
};

#define COPIES(to, from, error) (&(const struct copies){ to, from, error })

static bool overlap(struct conform *c, const void *data)
{
	const struct copies *it = data;

	return is(copy(c, c->svm + it->to, c->svm + it->from, 64), it->error);
}

/** struct places - where a copy goes, and where it comes from */
struct places {
	enum place { SVM, HEAP, STACK, DATA } to, from;
	size_t size, shift;	/* shift: from an aligned address */
};

#define PLACES(to, from, size, shift) \
	(&(const struct places){ to, from, size, shift })

static uint8_t *place(struct conform *c, enum place p, uint8_t *heap,
		      uint8_t *stack)
{
	uint8_t *places[] = { c->svm, heap, stack, in_data };

	return places[p];
}

/* All bytes of it, and none beside. */
static bool copies(struct conform *c, const void *data)
{
	const struct places *it = data;
	uint8_t stack[256], *heap = xmalloc(sizeof(stack)), *to, *from;
	bool right = true;
	size_t i;

	to = place(c, it->to, heap, stack);
	from = place(c, it->from, heap, stack);
	if (to == from)
		from += 128;
	to += it->shift;
	for (i = 0; i < 128 - it->shift; i++) {
		from[i] = i + 1;
		to[i] = 0xee;
	}
	right &= is(copy(c, to, from, it->size), CL_SUCCESS);
	right &= HOLDS(!memcmp(to, from, it->size));
	right &= HOLDS(to[it->size] == 0xee);
	free(heap);
	return right;
}

static bool copies_much(struct conform *c, const void *data)
{
	uint8_t *to = conform_alloc(c, 0, BIG), *from = xmalloc(BIG);
	uint32_t seed = 5;
	bool right;
	size_t i;

	(void)data;
	for (i = 0; i < BIG; i++)
		from[i] = next_random(&seed);
	right = is(copy(c, to, from, BIG), CL_SUCCESS);
	right &= HOLDS(!memcmp(to, from, BIG));
	clSVMFree(c->cl.context, to);
	free(from);
	return right;
}

/* The bytes are those of when it runs. */
static bool copies_later(struct conform *c, const void *data)
{
	cl_event first = conform_user_event(c->cl.context), event = NULL;
	bool right;

	(void)data;
	memset(c->svm, 1, 128);
	right = is(clEnqueueSVMMemcpy(c->cl.queue, CL_FALSE, c->svm,
				      c->svm + 64, 64, 1, &first, &event),
		   CL_SUCCESS);
	memset(c->svm + 64, 2, 64);
	clSetUserEventStatus(first, CL_COMPLETE);
	right &= is(conform_wait(event), CL_COMPLETE);
	clReleaseEvent(first);
	return right & HOLDS(c->svm[0] == 2 && c->svm[63] == 2);
}

static const struct conform_case memcpys[] = {
	{ "5.6.1", "memcpy-to-null", copy_to_null, NULL },
	{ "5.6.1", "memcpy-from-null", copy_from_null, NULL },
	{ "5.6.1", "memcpy-overlap-behind", overlap,
	  COPIES(1, 0, CL_MEM_COPY_OVERLAP) },
	{ "5.6.1", "memcpy-overlap-before", overlap,
	  COPIES(0, 63, CL_MEM_COPY_OVERLAP) },
	{ "5.6.1", "memcpy-overlap-itself", overlap,
	  COPIES(8, 8, CL_MEM_COPY_OVERLAP) },
	{ "5.6.1", "memcpy-beside", overlap, COPIES(64, 0, CL_SUCCESS) },
	{ "5.6.1", "memcpy-svm-to-svm", copies, PLACES(SVM, SVM, 100, 0) },
	{ "5.6.1", "memcpy-svm-to-heap", copies, PLACES(HEAP, SVM, 100, 0) },
	{ "5.6.1", "memcpy-heap-to-svm", copies, PLACES(SVM, HEAP, 100, 0) },
	{ "5.6.1", "memcpy-heap-to-stack", copies, PLACES(STACK, HEAP, 99, 3) },
	{ "5.6.1", "memcpy-stack-to-data", copies, PLACES(DATA, STACK, 1, 1) },
	{ "5.6.1", "memcpy-data-to-heap", copies, PLACES(HEAP, DATA, 17, 7) },
	{ "5.6.1", "memcpy-much", copies_much, NULL },
	{ "5.6.1", "memcpy-later", copies_later, NULL },
};

/** struct fill - arguments of it, and what they give */
struct fill {
	size_t at, pattern_size, size;
	cl_int error;
};

#define FILL(at, pattern_size, size, error) \
	(&(const struct fill){ at, pattern_size, size, error })

static bool fill_error(struct conform *c, const void *data)
{
	const uint8_t pattern[256] = { 1 };
	const struct fill *f = data;

	return is(clEnqueueSVMMemFill(c->cl.queue, c->svm + f->at, pattern,
				      f->pattern_size, f->size, 0, NULL, NULL),
		  f->error);
}

static bool fill_null(struct conform *c, const void *data)
{
	const cl_uint pattern = 0;

	(void)data;
	return is(clEnqueueSVMMemFill(c->cl.queue, NULL, &pattern, 4, 16, 0,
				      NULL, NULL), CL_INVALID_VALUE);
}

static bool fill_no_pattern(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMMemFill(c->cl.queue, c->svm, NULL, 4, 16, 0,
				      NULL, NULL), CL_INVALID_VALUE);
}

static bool filled(const uint8_t *at, const uint8_t *pattern, size_t size,
		   size_t times)
{
	size_t i;

	for (i = 0; i < size * times; i++) {
		if (at[i] != pattern[i % size])
			return false;
	}
	return true;
}

/* The pattern is copied when it is enqueued. */
static bool fills(struct conform *c, const void *data)
{
	cl_event first = conform_user_event(c->cl.context), event = NULL;
	size_t size = *(const size_t *)data, i;
	uint8_t pattern[LARGEST], used[LARGEST];
	uint8_t *at = c->svm + LARGEST;
	bool right;

	for (i = 0; i < LARGEST; i++)
		pattern[i] = 3 * i + 1;
	memcpy(used, pattern, sizeof(used));
	memset(c->svm, 0xee, 8 * LARGEST);
	right = is(clEnqueueSVMMemFill(c->cl.queue, at, used, size, 5 * size,
				       1, &first, &event), CL_SUCCESS);
	memset(used, 0, sizeof(used));
	clSetUserEventStatus(first, CL_COMPLETE);
	clReleaseEvent(first);
	if (!right)
		return false;
	right = is(conform_wait(event), CL_COMPLETE);
	right &= HOLDS(filled(at, pattern, size, 5));
	return right & HOLDS(at[-1] == 0xee && at[5 * size] == 0xee);
}

/* Of memory that clSVMAlloc() knows nothing of. */
static bool fills_heap(struct conform *c, const void *data)
{
	cl_uint *words = xmalloc(64), pattern = 0xabcdef;
	bool right;

	(void)data;
	right = is(clEnqueueSVMMemFill(c->cl.queue, words, &pattern, 4, 64, 0,
				       NULL, NULL), CL_SUCCESS);
	right &= is(clFinish(c->cl.queue), CL_SUCCESS);
	right &= HOLDS(filled((uint8_t *)words, (uint8_t *)&pattern, 4, 16));
	free(words);
	return right;
}

#define PATTERN(size) (&(const size_t){ size })

static const struct conform_case memfills[] = {
	{ "5.6.1", "memfill-null", fill_null, NULL },
	{ "5.6.1", "memfill-no-pattern", fill_no_pattern, NULL },
	{ "5.6.1", "memfill-pattern-of-0", fill_error,
	  FILL(0, 0, 64, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-pattern-of-3", fill_error,
	  FILL(0, 3, 63, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-pattern-of-48", fill_error,
	  FILL(0, 48, 96, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-pattern-of-256", fill_error,
	  FILL(0, 256, 256, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-misaligned", fill_error,
	  FILL(4, 8, 64, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-misaligned-128", fill_error,
	  FILL(64, 128, 128, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-no-multiple", fill_error,
	  FILL(0, 8, 60, CL_INVALID_VALUE) },
	{ "5.6.1", "memfill-1", fills, PATTERN(1) },
	{ "5.6.1", "memfill-2", fills, PATTERN(2) },
	{ "5.6.1", "memfill-4", fills, PATTERN(4) },
	{ "5.6.1", "memfill-8", fills, PATTERN(8) },
	{ "5.6.1", "memfill-16", fills, PATTERN(16) },
	{ "5.6.1", "memfill-32", fills, PATTERN(32) },
	{ "5.6.1", "memfill-64", fills, PATTERN(64) },
	{ "5.6.1", "memfill-128", fills, PATTERN(128) },
	{ "5.6.1", "memfill-heap", fills_heap, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	CONFORM_CASES(&c, memcpys);
	CONFORM_CASES(&c, memfills);
	return conform_close(&c, "conform_copy");
}
