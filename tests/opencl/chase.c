// SPDX-License-Identifier: MIT
/*
 * Linked lists of malloc()ed nodes, built by the CPU in a shuffled order,
 * followed by the GPU: each work-item walks one list, sums it, and writes into
 * every node it passed.
 *
 * OpenCL C 1.2 has no kernel arguments that point to pointers, so the list
 * heads are numbers to the kernel.
 */
#include <stdlib.h>

#include "svmcl.h"

#define LISTS 64
#define DEFAULT_LENGTH 200

static const char source[] =
"struct node { __global struct node *next; int value; int visitor; };\n"
"__kernel void chase(__global const ulong *heads, __global long *sums)\n"
"{\n"
"	int list = get_global_id(0);\n"
"	long sum = 0;\n"
"	__global struct node *n = (__global struct node *)heads[list];\n"
"	for (; n; n = n->next) {\n"
"		sum += n->value;\n"
"		n->visitor = list;\n"
"	}\n"
"	sums[list] = sum;\n"
"}\n";

struct node {
	struct node *next;
	int32_t value;
	int32_t visitor;
};

static struct node *push(struct node *head, int32_t value)
{
	struct node *node = xmalloc(sizeof(*node));

	node->next = head;
	node->value = value;
	node->visitor = -1;
	return node;
}

/* Nodes of all lists interleave in the heap. */
static void build(struct node **heads, size_t length)
{
	uint32_t seed = 5;
	size_t i;

	for (i = 0; i < LISTS * length; i++) {
		size_t list = i % LISTS;

		heads[list] = push(heads[list], next_random(&seed) % 1000);
	}
}

static size_t check_and_free(struct node *node, int32_t list, int64_t sum)
{
	size_t wrong = 0;
	int64_t want = 0;

	while (node) {
		struct node *next = node->next;

		want += node->value;
		wrong += node->visitor != list;
		free(node);
		node = next;
	}
	return wrong + (sum != want);
}

int main(int argc, char **argv)
{
	size_t length = size_arg(argc, argv, DEFAULT_LENGTH), global = LISTS;
	struct node **heads = calloc(LISTS, sizeof(*heads));
	int64_t *sums = xmalloc(LISTS * sizeof(*sums));
	size_t i, wrong = 0;
	cl_kernel kernel;
	struct cl cl;

	if (!heads)
		return EXIT_FAILURE;
	build(heads, length);
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "chase");
	cl_arg_pointer(kernel, 0, heads);
	cl_arg_pointer(kernel, 1, sums);
	cl_run(&cl, kernel, 1, &global, NULL);

	for (i = 0; i < LISTS; i++)
		wrong += check_and_free(heads[i], i, sums[i]);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(sums);
	free(heads);
	return verdict("chase", wrong, LISTS * (length + 1));
}
