// SPDX-License-Identifier: MIT
/*
 * std::vector as it is: one that grows, and so moves, between kernels, and one
 * of vectors, whose elements the kernel finds by their pointers.
 */
#include <cstdlib>
#include <vector>

#include "svmcl.h"

static const char source[] =
"__kernel void twice(__global int *v)\n"
"{\n"
"	v[get_global_id(0)] *= 2;\n"
"}\n"
"struct view { __global int *data; ulong size; };\n"
"__kernel void sums(__global const struct view *views, __global long *sums)\n"
"{\n"
"	struct view view = views[get_global_id(0)];\n"
"	long sum = 0;\n"
"	for (ulong i = 0; i < view.size; i++)\n"
"		sum += view.data[i];\n"
"	sums[get_global_id(0)] = sum;\n"
"}\n";

/* Where a vector's elements are. */
struct view {
	int *data;
	uint64_t size;
};

static size_t grow(struct cl *cl)
{
	cl_kernel kernel = cl_kernel_from(cl, source, "twice");
	std::vector<int> v, want;
	size_t wrong = 0;

	for (size_t size = 100; size < 3000; size += 700) {
		while (v.size() < size) {
			want.push_back(v.size());
			v.push_back(v.size());
		}
		cl_arg_pointer(kernel, 0, v.data());
		cl_run(cl, kernel, 1, &size, NULL);
		for (size_t i = 0; i < size; i++) {
			want[i] *= 2;
			wrong += v[i] != want[i];
		}
	}
	clReleaseKernel(kernel);
	return wrong;
}

static size_t nested(struct cl *cl)
{
	cl_kernel kernel = cl_kernel_from(cl, source, "sums");
	std::vector<std::vector<int>> all(50);
	std::vector<int64_t> sums(all.size()), want(all.size());
	std::vector<view> views;
	size_t n = all.size(), wrong = 0;
	uint32_t seed = 12;

	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < i * 3; j++) {
			all[i].push_back(next_random(&seed) % 1000);
			want[i] += all[i].back();
		}
	}
	for (auto &v : all)
		views.push_back({ v.data(), v.size() });
	cl_arg_pointer(kernel, 0, views.data());
	cl_arg_pointer(kernel, 1, sums.data());
	cl_run(cl, kernel, 1, &n, NULL);
	for (size_t i = 0; i < n; i++)
		wrong += sums[i] != want[i];
	clReleaseKernel(kernel);
	return wrong;
}

int main()
{
	struct cl cl;
	size_t wrong;

	cl_open(&cl);
	wrong = grow(&cl);
	wrong += nested(&cl);
	cl_close(&cl);
	return verdict("vector", wrong, 100 + 800 + 1500 + 2200 + 2900 + 50);
}
