// SPDX-License-Identifier: GPL-2.0-or-later
/* The sources of kernels.c. */

__kernel void vadd(__global const int *a, __global const int *b,
		   __global int *c)
{
	size_t i = get_global_id(0);

	c[i] = a[i] + b[i];
}

__kernel void saxpy(float a, __global const float *x, __global float *y)
{
	size_t i = get_global_id(0);

	y[i] = a * x[i] + y[i];
}

__kernel __attribute__((reqd_work_group_size(8, 8, 1)))
void matmul(__global const float *a, __global const float *b,
	    __global float *c, int n)
{
	__local float ta[8][8], tb[8][8];
	int x = get_local_id(0), y = get_local_id(1);
	int col = get_global_id(0), row = get_global_id(1);
	float sum = 0;

	for (int t = 0; t < n; t += 8) {
		ta[y][x] = a[row * n + t + x];
		tb[y][x] = b[(t + y) * n + col];
		barrier(CLK_LOCAL_MEM_FENCE);
		for (int k = 0; k < 8; k++)
			sum += ta[y][k] * tb[k][x];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	c[row * n + col] = sum;
}

struct node {
	__global struct node *next;
	int value;
};

__kernel void chase(__global struct node *head, __global int *out)
{
	int sum = 0;

	for (__global struct node *p = head; p; p = p->next)
		sum += p->value;
	out[get_global_id(0)] = sum;
}

__kernel void histogram(__global const uchar *data, __global uint *bins,
			int n)
{
	__local uint local_bins[256];
	int l = get_local_id(0);

	for (int i = l; i < 256; i += get_local_size(0))
		local_bins[i] = 0;
	barrier(CLK_LOCAL_MEM_FENCE);
	for (int i = get_global_id(0); i < n; i += get_global_size(0))
		atomic_inc(&local_bins[data[i]]);
	barrier(CLK_LOCAL_MEM_FENCE);
	for (int i = l; i < 256; i += get_local_size(0))
		atomic_add(&bins[i], local_bins[i]);
}

__kernel void global_hist(__global const uchar *data, __global uint *bins)
{
	atomic_inc(&bins[data[get_global_id(0)]]);
}

__kernel void diverge(__global const int *in, __global int *out)
{
	int i = get_global_id(0), v = in[i], n = 0;

	while (v != 1) {
		if (v <= 0)
			break;
		if (v & 1)
			v = 3 * v + 1;
		else
			v /= 2;
		if (n > 40) {
			if (i & 1)
				continue;
			n += 2;
		}
		n++;
		if (n > 200)
			break;
	}
	out[i] = n;
}

__kernel void reduce(__global const float *in, __global float *out,
		     __local float *tmp)
{
	int l = get_local_id(0);

	tmp[l] = in[get_global_id(0)];
	for (int s = get_local_size(0) / 2; s > 0; s /= 2) {
		barrier(CLK_LOCAL_MEM_FENCE);
		if (l < s)
			tmp[l] += tmp[l + s];
	}
	if (!l)
		out[get_group_id(0)] = tmp[0];
}
