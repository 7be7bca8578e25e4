// SPDX-License-Identifier: MIT
/*
 * clEnqueueSVMMap(), clEnqueueSVMUnmap(), clEnqueueSVMMigrateMem() and
 * clEnqueueSVMFree() (5.6.1).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define SIZE 8192
#define WORDS (SIZE / 4)
#define UNKNOWN (1u << 20)	/* a flag of nothing */

static const char source[] =
"__kernel void bump(__global uint *p)\n"
"{\n"
"	p[get_global_id(0)] += 1;\n"
"}\n";

static cl_kernel bump;

/** struct map - arguments of clEnqueueSVMMap(), and what they give */
struct map {
	bool null;
	size_t size;
	cl_map_flags flags;
	cl_int error;
};

#define MAP(null, size, flags, error) \
	(&(const struct map){ null, size, flags, error })
#define BOTH (CL_MAP_READ | CL_MAP_WRITE)

static bool map(struct conform *c, const void *data)
{
	const struct map *m = data;
	cl_int err = clEnqueueSVMMap(c->cl.queue, CL_TRUE, m->flags,
				     m->null ? NULL : c->svm, m->size, 0, NULL,
				     NULL);

	if (!err)
		clEnqueueSVMUnmap(c->cl.queue, c->svm, 0, NULL, NULL);
	clFinish(c->cl.queue);
	return is(err, m->error);
}

static bool unmap_null(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMUnmap(c->cl.queue, NULL, 0, NULL, NULL),
		  CL_INVALID_VALUE);
}

static size_t not(const cl_uint *p, cl_uint want)
{
	size_t i, n = 0;

	for (i = 0; i < WORDS; i++)
		n += p[i] != want;
	return n;
}

/* Coarse-grained memory: kernel, host, kernel, host. */
static bool exchange(struct conform *c, const void *data)
{
	cl_bool block = *(const cl_bool *)data;
	cl_uint *p = conform_alloc(c, 0, SIZE);
	cl_command_queue q = c->cl.queue;
	bool right = true;
	cl_event event;
	cl_uint turn, i;

	cl_arg_pointer(bump, 0, p);
	for (turn = 0; turn < 3; turn++) {
		cl_start(q, bump, WORDS);
		right &= is(clEnqueueSVMMap(q, block, BOTH, p, SIZE, 0, NULL,
					    &event), CL_SUCCESS);
		if (block)
			clReleaseEvent(event);
		else
			right &= is(conform_wait(event), CL_COMPLETE);
		right &= HOLDS(!not(p, 11 * turn + 1));
		for (i = 0; i < WORDS; i++)
			p[i] += 10;
		right &= is(clEnqueueSVMUnmap(q, p, 0, NULL, NULL), CL_SUCCESS);
	}
	right &= is(clFinish(q), CL_SUCCESS);
	clSVMFree(c->cl.context, p);
	return right;
}

#define BLOCK(block) (&(const cl_bool){ block })

static const struct conform_case maps[] = {
	{ "5.6.1", "map-null", map, MAP(true, 64, BOTH, CL_INVALID_VALUE) },
	{ "5.6.1", "map-nothing", map, MAP(false, 0, BOTH, CL_INVALID_VALUE) },
	{ "5.6.1", "map-unknown-flag", map,
	  MAP(false, 64, CL_MAP_READ | UNKNOWN, CL_INVALID_VALUE) },
	{ "5.6.1", "map-read-and-invalidate", map,
	  MAP(false, 64, CL_MAP_READ | CL_MAP_WRITE_INVALIDATE_REGION,
	      CL_INVALID_VALUE) },
	{ "5.6.1", "map-write-and-invalidate", map,
	  MAP(false, 64, CL_MAP_WRITE | CL_MAP_WRITE_INVALIDATE_REGION,
	      CL_INVALID_VALUE) },
	{ "5.6.1", "map-read", map, MAP(false, 64, CL_MAP_READ, CL_SUCCESS) },
	{ "5.6.1", "map-write", map, MAP(false, 64, CL_MAP_WRITE, CL_SUCCESS) },
	{ "5.6.1", "map-read-write", map, MAP(false, 64, BOTH, CL_SUCCESS) },
	{ "5.6.1", "map-invalidate", map,
	  MAP(false, 64, CL_MAP_WRITE_INVALIDATE_REGION, CL_SUCCESS) },
	{ "5.6.1", "unmap-null", unmap_null, NULL },
	{ "5.6.1", "map-exchange-blocking", exchange, BLOCK(CL_TRUE) },
	{ "5.6.1", "map-exchange", exchange, BLOCK(CL_FALSE) },
};

/** struct move - what to migrate: two ranges of c->svm, or nothing */
struct move {
	cl_uint n;
	bool no_list, no_sizes, heap;
	size_t at, size;
	cl_mem_migration_flags flags;
	cl_int error;
};

static bool move(struct conform *c, const void *data)
{
	const struct move *m = data;
	uint8_t *heap = xmalloc(SIZE);
	const void *list[2] = {
		(m->heap ? heap : c->svm) + m->at, c->svm + CONFORM_SIZE / 2
	};
	const size_t sizes[2] = { m->size, SIZE };
	cl_event event = NULL;
	bool right;

	memset(c->svm, 0x5a, CONFORM_SIZE);
	right = is(clEnqueueSVMMigrateMem(c->cl.queue, m->n,
					  m->no_list ? NULL : list,
					  m->no_sizes ? NULL : sizes, m->flags,
					  0, NULL, &event), m->error);
	if (event)
		right &= is(conform_wait(event), CL_COMPLETE);
	right &= HOLDS((m->flags & CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED) ||
		       !not((cl_uint *)c->svm, 0x5a5a5a5a));
	free(heap);
	return right;
}

#define MOVE(...) (&(const struct move){ __VA_ARGS__ })
#define BAD_MOVE(...) MOVE(__VA_ARGS__, .error = CL_INVALID_VALUE)

static const struct conform_case moves[] = {
	{ "5.6.1", "migrate-nothing", move, BAD_MOVE(0, .size = 64) },
	{ "5.6.1", "migrate-no-list", move,
	  BAD_MOVE(1, .no_list = true, .size = 64) },
	{ "5.6.1", "migrate-unknown-flag", move,
	  BAD_MOVE(1, .size = 64, .flags = UNKNOWN) },
	{ "5.6.1", "migrate-beyond-end", move,
	  BAD_MOVE(1, .at = 64, .size = CONFORM_SIZE) },
	{ "5.6.1", "migrate-around-the-end", move,
	  BAD_MOVE(1, .at = 64, .size = SIZE_MAX - 32) },
	{ "5.6.1", "migrate-not-svm", move,
	  BAD_MOVE(1, .heap = true, .size = 64) },
	{ "5.6.1", "migrate-not-svm-no-size", move, BAD_MOVE(1, .heap = true) },
	{ "5.6.1", "migrate-part", move, MOVE(1, .at = 4096, .size = 4096) },
	{ "5.6.1", "migrate-two", move, MOVE(2, .size = 64) },
	{ "5.6.1", "migrate-no-sizes", move, MOVE(2, .no_sizes = true) },
	{ "5.6.1", "migrate-size-of-0", move, MOVE(2, .at = 64) },
	{ "5.6.1", "migrate-host", move,
	  MOVE(1, .size = SIZE, .flags = CL_MIGRATE_MEM_OBJECT_HOST) },
	{ "5.6.1", "migrate-undefined", move,
	  MOVE(1, .size = SIZE,
	       .flags = CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED) },
	{ "5.6.1", "migrate-host-undefined", move,
	  MOVE(1, .size = SIZE,
	       .flags = CL_MIGRATE_MEM_OBJECT_HOST |
			CL_MIGRATE_MEM_OBJECT_CONTENT_UNDEFINED) },
};

static bool free_none(struct conform *c, const void *data)
{
	void *p = c->svm;

	(void)data;
	return is(clEnqueueSVMFree(c->cl.queue, 0, &p, NULL, NULL, 0, NULL,
				   NULL), CL_INVALID_VALUE);
}

static bool free_no_list(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMFree(c->cl.queue, 1, NULL, NULL, NULL, 0, NULL,
				   NULL), CL_INVALID_VALUE);
}

/** struct freed - what the callback was given, and saw */
struct freed {
	cl_command_queue queue;
	cl_uint n;
	void *pointers[2];
	cl_uint word;
};

static void CL_CALLBACK callback(cl_command_queue queue, cl_uint n,
				 void **pointers, void *data)
{
	struct freed *freed = data;

	freed->queue = queue;
	freed->n = n;
	memcpy(freed->pointers, pointers, sizeof(freed->pointers));
	freed->word = *(cl_uint *)pointers[0];
	free(pointers[0]);
}

/* After the kernel before it; its list can be reused at once. */
static bool free_callback(struct conform *c, const void *data)
{
	cl_uint *heap = calloc(WORDS, 4), *svm = conform_alloc(c, 0, SIZE);
	void *list[2] = { heap, svm };
	struct freed freed = { 0 };
	cl_event event = NULL;
	bool right;

	(void)data;
	cl_arg_pointer(bump, 0, heap);
	cl_start(c->cl.queue, bump, WORDS);
	right = is(clEnqueueSVMFree(c->cl.queue, 2, list, callback, &freed, 0,
				    NULL, &event), CL_SUCCESS);
	memset(list, 0, sizeof(list));
	right &= is(conform_wait(event), CL_COMPLETE);
	right &= HOLDS(freed.queue == c->cl.queue && freed.n == 2);
	right &= HOLDS(freed.pointers[0] == heap && freed.pointers[1] == svm);
	right &= HOLDS(freed.word == 1);
	clSVMFree(c->cl.context, svm);
	return right;
}

/* Without a callback, after kernels that use it. */
static bool free_svm(struct conform *c, const void *data)
{
	void *list[2] = { conform_alloc(c, 0, SIZE), conform_alloc(c, 0, 64) };
	cl_event event = NULL;
	bool right;

	(void)data;
	cl_arg_pointer(bump, 0, list[0]);
	cl_start(c->cl.queue, bump, WORDS);
	right = is(clEnqueueSVMFree(c->cl.queue, 2, list, NULL, NULL, 0, NULL,
				    &event), CL_SUCCESS);
	return right & is(conform_wait(event), CL_COMPLETE);
}

static const struct conform_case frees[] = {
	{ "5.6.1", "free-none", free_none, NULL },
	{ "5.6.1", "free-no-list", free_no_list, NULL },
	{ "5.6.1", "free-callback", free_callback, NULL },
	{ "5.6.1", "free-svm", free_svm, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	if (c.platform)
		bump = cl_kernel_from(&c.cl, source, "bump");
	CONFORM_CASES(&c, maps);
	CONFORM_CASES(&c, moves);
	CONFORM_CASES(&c, frees);
	if (c.platform)
		clReleaseKernel(bump);
	return conform_close(&c, "conform_map");
}
