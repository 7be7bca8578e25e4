// SPDX-License-Identifier: MIT
/*
 * Linked lists built by the GPU and walked by the CPU: each work-item pushes its
 * node to the list of its bucket, by an exchange of the bucket's head, and all
 * links are pointers.
 */
#include <stdlib.h>

#include "svmcl.h"

#define BUCKETS 32
#define DEFAULT_N 2048

static const char source[] =
"struct node { __global struct node *next; uint key, visits; };\n"
"__kernel void push(__global struct node *nodes,\n"
"		   volatile __global uint *heads)\n"
"{\n"
"	uint i = get_global_id(0);\n"
"	uint was = atomic_xchg(&heads[nodes[i].key % 32], i + 1);\n"
"	nodes[i].next = was ? nodes + was - 1 : 0;\n"
"}\n";

struct node {
	struct node *next;
	uint32_t key, visits;
};

static size_t walk(struct node *node, uint32_t bucket, size_t *length)
{
	size_t wrong = 0;

	for (; node; node = node->next) {
		wrong += node->key % BUCKETS != bucket;
		wrong += node->visits++ != 0;
		++*length;
	}
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0, length = 0;
	struct node *nodes = xmalloc(n * sizeof(*nodes));
	uint32_t *heads = calloc(BUCKETS, sizeof(*heads)), seed = 9;
	cl_kernel kernel;
	struct cl cl;

	if (!heads)
		return EXIT_FAILURE;
	for (i = 0; i < n; i++) {
		nodes[i].key = next_random(&seed);
		nodes[i].visits = 0;
		nodes[i].next = &nodes[i];
	}
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "push");
	cl_arg_pointer(kernel, 0, nodes);
	cl_arg_pointer(kernel, 1, heads);
	cl_run(&cl, kernel, 1, &n, NULL);
	for (i = 0; i < BUCKETS; i++)
		wrong += walk(heads[i] ? &nodes[heads[i] - 1] : NULL, i,
			      &length);
	wrong += length != n;
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(heads);
	free(nodes);
	return verdict("buckets", wrong, 2 * n + 1);
}
