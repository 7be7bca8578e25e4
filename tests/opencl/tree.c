// SPDX-License-Identifier: MIT
/*
 * A binary search tree that all work-items insert into at the same time, by
 * compare-and-swap of a child; the CPU then finds every key, in order.
 */
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 512

static const char source[] =
"struct node { uint key, less, more; };\n"
"__kernel void insert(volatile __global struct node *nodes)\n"
"{\n"
"	uint i = get_global_id(0) + 1, at = 0;\n"
"	do {\n"
"		at = atomic_cmpxchg(nodes[i].key < nodes[at].key ?\n"
"				    &nodes[at].less : &nodes[at].more,\n"
"				    0, i);\n"
"	} while (at);\n"
"}\n";

/* Children are numbers of nodes, 0 for none: that is the root. */
struct node {
	uint32_t key, less, more;
};

/** struct walk - where an in-order walk is */
struct walk {
	const struct node *nodes;
	uint32_t last;
	size_t seen, wrong, limit;
};

static void walk(struct walk *w, uint32_t at)
{
	const struct node *node = &w->nodes[at];

	if (w->seen > w->limit)
		return;
	if (node->less)
		walk(w, node->less);
	w->wrong += node->key < w->last;
	w->last = node->key;
	w->seen++;
	if (node->more)
		walk(w, node->more);
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i;
	struct node *nodes = calloc(n + 1, sizeof(*nodes));
	struct walk w = { .nodes = nodes, .limit = n + 1 };
	uint32_t seed = 10;
	cl_kernel kernel;
	struct cl cl;

	if (!nodes)
		return EXIT_FAILURE;
	for (i = 0; i <= n; i++)
		nodes[i].key = next_random(&seed);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "insert");
	cl_arg_pointer(kernel, 0, nodes);
	cl_run(&cl, kernel, 1, &n, NULL);
	walk(&w, 0);
	w.wrong += w.seen != n + 1;
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(nodes);
	return verdict("tree", w.wrong, n + 2);
}
