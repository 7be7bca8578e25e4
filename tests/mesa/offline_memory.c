// SPDX-License-Identifier: MIT
/* Commands on the memory of the process, migration, allocation, lost work. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "offline.h"
#include "trace.h"

#define SIZE 4096
#define BIND_TARGET_SHIFT 16		/* DRM_NOUVEAU_SVM_BIND's header */
#define BIND_VRAM (1ull << 31)

static const char increment[] = "__kernel void k(__global int *p) { p[0]++; }";

/** struct area - memory of the process, and a buffer over it */
struct area {
	uint8_t *bytes;
	cl_mem buffer;
};

static void area_open(struct gpu *gpu, struct area *area)
{
	cl_int e;
	int i;

	area->bytes = aligned_alloc(4096, SIZE);
	check(area->bytes);
	for (i = 0; i < SIZE; i++)
		area->bytes[i] = i * 7 + i / 256;
	area->buffer = clCreateBuffer(gpu->context, CL_MEM_USE_HOST_PTR, SIZE,
				      area->bytes, &e);
	check_is(e, CL_SUCCESS);
}

/* No engine was told to touch it, for whatever was done with it. */
static void area_close(struct area *area)
{
	struct trace trace;

	trace_read(&trace);
	check(trace_count(&trace, "push") > 0);
	check(!trace_engine_touches(&trace, area->bytes, SIZE));
	trace_free(&trace);
	check_is(clReleaseMemObject(area->buffer), CL_SUCCESS);
	free(area->bytes);
}

static void host_pointer_transfers(void)
{
	uint8_t in[100], out[100], *map;
	struct area area;
	struct gpu gpu;
	cl_int e;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	check_is(clEnqueueReadBuffer(gpu.queue, area.buffer, CL_TRUE, 400, 100,
				     out, 0, NULL, NULL), CL_SUCCESS);
	check(!memcmp(out, area.bytes + 400, 100));
	memset(in, 0x5a, sizeof(in));
	check_is(clEnqueueWriteBuffer(gpu.queue, area.buffer, CL_TRUE, 801, 100,
				      in, 0, NULL, NULL), CL_SUCCESS);
	check(!memcmp(area.bytes + 801, in, 100));
	check_is(area.bytes[800], (uint8_t)(800 * 7 + 3));
	check_is(area.bytes[901], (uint8_t)(901 * 7 + 3));
	map = clEnqueueMapBuffer(gpu.queue, area.buffer, CL_TRUE, CL_MAP_READ,
				 123, 10, 0, NULL, NULL, &e);
	check_is(e, CL_SUCCESS);
	check(map == area.bytes + 123);
	check_is(clEnqueueUnmapMemObject(gpu.queue, area.buffer, map, 0, NULL,
					 NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	area_close(&area);
	gpu_close(&gpu);
}

static void host_pointer_copy(void)
{
	struct area from, to;
	struct gpu gpu;

	gpu_open(&gpu);
	area_open(&gpu, &from);
	area_open(&gpu, &to);
	check_is(clEnqueueCopyBuffer(gpu.queue, from.buffer, to.buffer, 100,
				     2000, 300, 0, NULL, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	check(!memcmp(to.bytes + 2000, from.bytes + 100, 300));
	check(!memcmp(to.bytes, from.bytes, 2000));
	check(!memcmp(to.bytes + 2300, from.bytes + 2300, SIZE - 2300));
	area_close(&from);
	area_close(&to);
	gpu_close(&gpu);
}

static void host_pointer_fill(void)
{
	uint8_t pattern[128], want[SIZE];
	struct area area;
	struct gpu gpu;
	size_t n, i;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = 200 - i;
	for (n = 1; n <= sizeof(pattern); n *= 2) {
		memcpy(want, area.bytes, SIZE);
		for (i = 0; i < 8 * n; i++)
			want[256 + i] = pattern[i % n];
		check_is(clEnqueueFillBuffer(gpu.queue, area.buffer, pattern, n,
					     256, 8 * n, 0, NULL, NULL),
			 CL_SUCCESS);
		check_is(clFinish(gpu.queue), CL_SUCCESS);
		check(!memcmp(area.bytes, want, SIZE));
	}
	area_close(&area);
	gpu_close(&gpu);
}

/* Copies to and from memory that the GPU has for itself. */
static void host_pointer_mixed(void)
{
	const size_t at[3] = { 16, 2, 0 }, size[3] = { 32, 8, 1 };
	struct area area;
	struct gpu gpu;
	cl_mem plain;
	cl_int e;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	plain = clCreateBuffer(gpu.context, 0, SIZE, NULL, &e);
	check_is(e, CL_SUCCESS);
	check_is(clEnqueueCopyBuffer(gpu.queue, area.buffer, plain, 100, 2000,
				     300, 0, NULL, NULL), CL_SUCCESS);
	check_is(clEnqueueCopyBuffer(gpu.queue, plain, area.buffer, 100, 2000,
				     300, 0, NULL, NULL), CL_SUCCESS);
	check_is(clEnqueueCopyBufferRect(gpu.queue, area.buffer, plain, at, at,
					 size, 64, 0, 128, 0, 0, NULL, NULL),
		 CL_SUCCESS);
	check_is(clEnqueueCopyBufferRect(gpu.queue, plain, area.buffer, at, at,
					 size, 64, 0, 128, 0, 0, NULL, NULL),
		 CL_SUCCESS);
	check_is(clEnqueueMigrateMemObjects(gpu.queue, 1, &area.buffer, 0, 0,
					    NULL, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	area_close(&area);
	check_is(clReleaseMemObject(plain), CL_SUCCESS);
	gpu_close(&gpu);
}

/* Parts of rows, from and to the program's own memory. */
static void host_pointer_rect(void)
{
	const size_t at[3] = { 16, 2, 0 }, size[3] = { 32, 8, 1 };
	const size_t zero[3] = { 0 };
	uint8_t out[32 * 8];
	struct area area;
	struct gpu gpu;
	int i;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	check_is(clEnqueueReadBufferRect(gpu.queue, area.buffer, CL_TRUE, at,
					 zero, size, 64, 0, 32, 0, out, 0,
					 NULL, NULL), CL_SUCCESS);
	for (i = 0; i < 32 * 8; i++)
		check_is(out[i], area.bytes[(i / 32 + 2) * 64 + 16 + i % 32]);
	memset(out, 0x5a, sizeof(out));
	check_is(clEnqueueWriteBufferRect(gpu.queue, area.buffer, CL_TRUE, at,
					  zero, size, 64, 0, 32, 0, out, 0,
					  NULL, NULL), CL_SUCCESS);
	check_is(area.bytes[2 * 64 + 16], 0x5a);
	check_is(area.bytes[9 * 64 + 47], 0x5a);
	check_is(area.bytes[9 * 64 + 48], (uint8_t)((9 * 64 + 48) * 7 + 2));
	area_close(&area);
	gpu_close(&gpu);
}

/* As a kernel's argument, whole and in part. */
static void host_pointer_argument(void)
{
	cl_buffer_region region = { 1024, 1024 };
	struct area area;
	struct gpu gpu;
	cl_kernel k;
	cl_mem part;
	cl_int e;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	k = gpu_kernel(&gpu, increment, "");
	part = clCreateSubBuffer(area.buffer, 0, CL_BUFFER_CREATE_TYPE_REGION,
				 &region, &e);
	check_is(e, CL_SUCCESS);
	check_is(clSetKernelArg(k, 0, sizeof(part), &part), CL_SUCCESS);
	check_is(gpu_enqueue(&gpu, k, NULL, NULL), CL_SUCCESS);
	check_is(clSetKernelArg(k, 0, sizeof(area.buffer), &area.buffer),
		 CL_SUCCESS);
	check_is(gpu_enqueue(&gpu, k, NULL, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	check_is(clReleaseMemObject(part), CL_SUCCESS);
	check_is(clReleaseKernel(k), CL_SUCCESS);
	area_close(&area);
	gpu_close(&gpu);
}

static void svm_commands(void)
{
	struct area area;
	uint64_t pattern = 0x0123456789abcdef, value;
	struct gpu gpu;

	gpu_open(&gpu);
	area_open(&gpu, &area);
	check_is(clEnqueueSVMMemcpy(gpu.queue, CL_TRUE, area.bytes + 3,
				    area.bytes + 2000, 500, 0, NULL, NULL),
		 CL_SUCCESS);
	check(!memcmp(area.bytes + 3, area.bytes + 2000, 500));
	check_is(clEnqueueSVMMemFill(gpu.queue, area.bytes + 1024, &pattern, 8,
				     64, 0, NULL, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	memcpy(&value, area.bytes + 1024 + 56, 8);
	check_is(value, pattern);
	area_close(&area);
	gpu_close(&gpu);
}

/* The @nth SVM_BIND was for pages of [start, start + size), to @target. */
static void check_bind(unsigned int nth, const void *start, size_t size,
		       uint64_t target)
{
	uint64_t bind[4], first = (uintptr_t)start;
	struct trace trace;

	trace_read(&trace);
	check_is(trace_numbers(&trace, "svm_bind", nth, bind, 4), 4);
	check_is(bind[0], target << BIND_TARGET_SHIFT);
	check_is(bind[1], first);
	check_is(bind[2], first + size);
	check_is(bind[3], (first + size + 4095) / 4096 - first / 4096);
	trace_free(&trace);
}

static void migrate(void)
{
	uint8_t *p = aligned_alloc(4096, 4 * 4096);
	const void *pointer = p + 4000;
	size_t size = 200;
	struct gpu gpu;

	gpu_open(&gpu);
	check_is(clEnqueueSVMMigrateMem(gpu.queue, 1, &pointer, &size, 0, 0,
					NULL, NULL), CL_SUCCESS);
	check_is(clEnqueueSVMMigrateMem(gpu.queue, 1, &pointer, &size,
					CL_MIGRATE_MEM_OBJECT_HOST, 0, NULL,
					NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	check_bind(0, pointer, size, BIND_VRAM);
	check_bind(1, pointer, size, 0);
	/* nobody knows how much this is */
	check_is(clEnqueueSVMMigrateMem(gpu.queue, 1, &pointer, NULL, 0, 0,
					NULL, NULL), CL_INVALID_VALUE);
	gpu_close(&gpu);
	free(p);
}

static void allocate(void)
{
	const cl_svm_mem_flags fine = CL_MEM_SVM_FINE_GRAIN_BUFFER;
	struct gpu gpu;
	void *p;

	gpu_open(&gpu);
	p = clSVMAlloc(gpu.context, fine | CL_MEM_SVM_ATOMICS, 5000, 0);
	check(p);
	check_is((uintptr_t)p % 4096, 0);
	clSVMFree(gpu.context, p);
	p = clSVMAlloc(gpu.context, fine | CL_MEM_READ_ONLY, 3 << 20, 64);
	check(p);
	check_is((uintptr_t)p % (2 << 20), 0);
	clSVMFree(gpu.context, p);
	check(!clSVMAlloc(gpu.context, CL_MEM_SVM_ATOMICS, 64, 0));
	check(!clSVMAlloc(gpu.context, CL_MEM_READ_ONLY | CL_MEM_WRITE_ONLY, 64,
			  0));
	check(!clSVMAlloc(gpu.context, CL_MEM_USE_HOST_PTR, 64, 0));
	check(!clSVMAlloc(gpu.context, fine, 64, 24));
	gpu_close(&gpu);
}

static cl_int status_of(cl_event event)
{
	cl_int status = CL_QUEUED;

	check_is(clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS,
				sizeof(status), &status, NULL), CL_SUCCESS);
	check_is(clReleaseEvent(event), CL_SUCCESS);
	return status;
}

/* The channel dies under a queue: the queue says so, the next one works. */
static void lost(void)
{
	uint64_t channel = 0;
	struct trace trace;
	cl_event event;
	struct gpu gpu;
	cl_kernel k;
	int *p = malloc(sizeof(*p));
	unsigned int i;

	gpu_open(&gpu);
	k = gpu_kernel(&gpu, increment, "");
	check_is(gpu_enqueue(&gpu, k, p, NULL), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);

	setenv("NOUVEAU_SHIM_DEAD_CHANNEL", "0", 1);
	check_is(gpu_enqueue(&gpu, k, p, &event), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_OUT_OF_RESOURCES);
	check_is(status_of(event), CL_OUT_OF_RESOURCES);
	check_is(clFinish(gpu.queue), CL_OUT_OF_RESOURCES);
	check_is(clEnqueueSVMMemcpy(gpu.queue, CL_TRUE, p, &i, sizeof(i), 0,
				    NULL, NULL), CL_OUT_OF_RESOURCES);
	check_is(clReleaseKernel(k), CL_SUCCESS);
	gpu_close(&gpu);

	gpu_open(&gpu);
	k = gpu_kernel(&gpu, increment, "");
	check_is(gpu_enqueue(&gpu, k, p, &event), CL_SUCCESS);
	check_is(clFinish(gpu.queue), CL_SUCCESS);
	check_is(status_of(event), CL_COMPLETE);
	trace_read(&trace);
	check_is(trace_count(&trace, "channel"), 2);
	trace_numbers(&trace, "push", trace_count(&trace, "push") - 1,
		      &channel, 1);
	check_is(channel, 1);
	trace_free(&trace);
	check_is(clReleaseKernel(k), CL_SUCCESS);
	gpu_close(&gpu);
	free(p);
}

const struct test memory_tests[] = {
	{ "host-pointer-transfers", host_pointer_transfers },
	{ "host-pointer-copy", host_pointer_copy },
	{ "host-pointer-fill", host_pointer_fill },
	{ "host-pointer-mixed", host_pointer_mixed },
	{ "host-pointer-rect", host_pointer_rect },
	{ "host-pointer-argument", host_pointer_argument },
	{ "svm-commands", svm_commands },
	{ "migrate", migrate },
	{ "allocate", allocate },
	{ "lost", lost },
	{ }
};
