// SPDX-License-Identifier: MIT
/*
 * A graph of malloc()ed nodes, each with a malloc()ed list of pointers to its
 * neighbours: the GPU finds how far each is from the first, a kernel a step.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 512
#define MOST 6			/* edges that begin at a node */
#define FAR 0xffffffffu

static const char source[] =
"struct node { ulong edges; uint n, distance; };\n"
"__kernel void visit(__global const ulong *nodes, uint at, __global uint *more)\n"
"{\n"
"	__global struct node *node =\n"
"		(__global struct node *)nodes[get_global_id(0)];\n"
"	__global const ulong *edges = (__global const ulong *)node->edges;\n"
"	if (node->distance != at)\n"
"		return;\n"
"	for (uint i = 0; i < node->n; i++) {\n"
"		__global struct node *to = (__global struct node *)edges[i];\n"
"		if (to->distance == 0xffffffffu) {\n"
"			to->distance = at + 1;\n"
"			*more = 1;\n"
"		}\n"
"	}\n"
"}\n";

struct node {
	struct node **edges;
	uint32_t n, distance;
};

static void build(struct node **nodes, size_t n)
{
	uint32_t seed = 11;
	size_t i, j;

	for (i = 0; i < n; i++)
		nodes[i] = xmalloc(sizeof(**nodes));
	for (i = 0; i < n; i++) {
		nodes[i]->n = next_random(&seed) % (MOST + 1);
		nodes[i]->distance = FAR;
		nodes[i]->edges = xmalloc(MOST * sizeof(*nodes));
		/* to near ones, so that there are many steps */
		for (j = 0; j < nodes[i]->n; j++)
			nodes[i]->edges[j] =
				nodes[(i + next_random(&seed) % 16) % n];
	}
	nodes[0]->distance = 0;
	nodes[0]->n = MOST;
	for (j = 0; j < MOST; j++)
		nodes[0]->edges[j] = nodes[(j + 1) % n];
}

static uint32_t walk(struct cl *cl, cl_kernel kernel, struct node **nodes,
		     size_t n)
{
	uint32_t *more = xmalloc(sizeof(*more)), at = 0;

	do {
		*more = 0;
		cl_arg_pointer(kernel, 0, nodes);
		cl_arg_value(kernel, 1, sizeof(at), &at);
		cl_arg_pointer(kernel, 2, more);
		cl_run(cl, kernel, 1, &n, NULL);
		at++;
	} while (*more && at <= n);
	free(more);
	return at;
}

/* One node after the other, by a queue of them. */
static size_t check(struct node **nodes, size_t n)
{
	struct node **queue = xmalloc(n * sizeof(*queue));
	uint32_t *got = xmalloc(n * sizeof(*got)), j;
	size_t i, head = 0, tail = 0, wrong = 0;

	for (i = 0; i < n; i++) {
		got[i] = nodes[i]->distance;
		nodes[i]->distance = FAR;
	}
	nodes[0]->distance = 0;
	for (queue[tail++] = nodes[0]; head < tail; head++) {
		for (j = 0; j < queue[head]->n; j++) {
			struct node *to = queue[head]->edges[j];

			if (to->distance != FAR)
				continue;
			to->distance = queue[head]->distance + 1;
			queue[tail++] = to;
		}
	}
	for (i = 0; i < n; i++)
		wrong += got[i] != nodes[i]->distance;
	printf("%zu of %zu can be reached\n", tail, n);
	free(got);
	free(queue);
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong;
	struct node **nodes = xmalloc(n * sizeof(*nodes));
	cl_kernel kernel;
	struct cl cl;

	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "visit");
	build(nodes, n);
	printf("%u steps\n", walk(&cl, kernel, nodes, n));
	wrong = check(nodes, n);
	clReleaseKernel(kernel);
	cl_close(&cl);
	for (i = 0; i < n; i++) {
		free(nodes[i]->edges);
		free(nodes[i]);
	}
	free(nodes);
	return verdict("graph", wrong, n);
}
