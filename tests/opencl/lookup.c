// SPDX-License-Identifier: MIT
/*
 * A search tree of malloc()ed nodes, built by the CPU, in which the GPU looks
 * keys up: each work-item writes down the path to its own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svmcl.h"

#define DEFAULT_N 1024
#define NONE 0xffffffffu

static const char source[] =
"struct node { __global struct node *less, *more; uint key, found; };\n"
"__kernel void lookup(__global struct node *root, __global const uint *keys,\n"
"		     __global uint *paths)\n"
"{\n"
"	size_t i = get_global_id(0);\n"
"	uint path = 1;\n"
"	__global struct node *n = root;\n"
"	while (n && n->key != keys[i]) {\n"
"		bool less = keys[i] < n->key;\n"
"		path = path * 2 + less;\n"
"		n = less ? n->less : n->more;\n"
"	}\n"
"	paths[i] = n ? path : 0xffffffffu;\n"
"	if (n)\n"
"		n->found = 1;\n"
"}\n";

struct node {
	struct node *less, *more;
	uint32_t key, found;
};

static struct node **place_of(struct node **root, uint32_t key, uint32_t *path)
{
	for (*path = 1; *root && (*root)->key != key;
	     root = key < (*root)->key ? &(*root)->less : &(*root)->more)
		*path = *path * 2 + (key < (*root)->key);
	return root;
}

/* Even keys only, so that odd ones are not found. */
static struct node *build(uint32_t *keys, size_t n)
{
	struct node *root = NULL, **place;
	uint32_t seed = 12, path;
	size_t i;

	for (i = 0; i < n; i++) {
		keys[i] = next_random(&seed) % (16 * n);
		place = place_of(&root, keys[i] & ~1u, &path);
		if (*place)
			continue;
		*place = xmalloc(sizeof(**place));
		**place = (struct node){ .key = keys[i] & ~1u };
	}
	return root;
}

/* What is wrong in the tree, which is freed. */
static size_t fell(struct node *node, const uint32_t *looked_for)
{
	size_t wrong;

	if (!node)
		return 0;
	wrong = node->found != looked_for[node->key];
	wrong += fell(node->less, looked_for) + fell(node->more, looked_for);
	free(node);
	return wrong;
}

int main(int argc, char **argv)
{
	size_t n = size_arg(argc, argv, DEFAULT_N), i, wrong = 0;
	uint32_t *keys = xmalloc(n * sizeof(*keys)), path;
	uint32_t *paths = xmalloc(n * sizeof(*paths));
	uint32_t *looked_for = calloc(16 * n, sizeof(*looked_for));
	struct node *root;
	cl_kernel kernel;
	struct cl cl;

	if (!looked_for)
		return EXIT_FAILURE;
	cl_open(&cl);
	kernel = cl_kernel_from(&cl, source, "lookup");
	root = build(keys, n);
	cl_arg_pointer(kernel, 0, root);
	cl_arg_pointer(kernel, 1, keys);
	cl_arg_pointer(kernel, 2, paths);
	cl_run(&cl, kernel, 1, &n, NULL);
	for (i = 0; i < n; i++) {
		if (!*place_of(&root, keys[i], &path))
			path = NONE;
		else
			looked_for[keys[i]] = 1;
		wrong += paths[i] != path;
	}
	wrong += fell(root, looked_for);
	clReleaseKernel(kernel);
	cl_close(&cl);
	free(looked_for);
	free(paths);
	free(keys);
	return verdict("lookup", wrong, 2 * n);
}
