// SPDX-License-Identifier: MIT
/*
 * What is shared, at which granularity (3.3.3, 5.6.1, 5.6.2), and which commands
 * and calls of the host order it (3.3.7.5).
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "conform.h"

#define N 4096
#define LINKS 16

static const char source[] =
"__kernel void put_bytes(__global uchar *p, uint first, uint step)\n"
"{\n"
"	uint i = get_global_id(0) * step + first;\n"
"	p[i] = i * 7 + 1;\n"
"}\n"
"__kernel void advance(__global uint *p, uint by)\n"
"{\n"
"	p[get_global_id(0)] = p[get_global_id(0)] * 3 + by;\n"
"}\n"
"struct node { __global struct node *next; ulong value; };\n"
"__kernel void chain(__global struct node *nodes, uint n)\n"
"{\n"
"	uint i = get_global_id(0);\n"
"	nodes[i].value = i;\n"
"	nodes[i].next = i + 1 < n ? nodes + i + 1 : 0;\n"
"}\n";

struct node {
	struct node *next;
	cl_ulong value;
};

static cl_kernel bytes, step, chain;

static void write_bytes(cl_command_queue queue, void *p, cl_uint first,
			cl_uint by)
{
	cl_arg_pointer(bytes, 0, p);
	cl_arg_value(bytes, 1, sizeof(first), &first);
	cl_arg_value(bytes, 2, sizeof(by), &by);
	cl_start(queue, bytes, N / by);
}

static bool bytes_right(const uint8_t *p)
{
	size_t i;

	for (i = 0; i < N; i++) {
		if (p[i] != (uint8_t)(i * 7 + 1))
			return false;
	}
	return true;
}

/* The kernel writes pointers, the host follows them. */
static bool links(struct conform *c, const void *data)
{
	cl_svm_mem_flags flags = *(const cl_svm_mem_flags *)data;
	size_t size = LINKS * sizeof(struct node);
	struct node *nodes = conform_alloc(c, flags, size), *at;
	const cl_uint n = LINKS;
	cl_ulong sum = 0;

	cl_arg_pointer(chain, 0, nodes);
	cl_arg_value(chain, 1, sizeof(n), &n);
	cl_start(c->cl.queue, chain, LINKS);
	if (flags)
		cl_check(clFinish(c->cl.queue), "clFinish");
	else
		cl_check(clEnqueueSVMMap(c->cl.queue, CL_TRUE, CL_MAP_READ,
					 nodes, size, 0, NULL, NULL), "map");
	for (at = nodes; at; at = at->next)
		sum += at->value;
	if (!flags)
		clEnqueueSVMUnmap(c->cl.queue, nodes, 0, NULL, NULL);
	cl_check(clFinish(c->cl.queue), "clFinish");
	clSVMFree(c->cl.context, nodes);
	return HOLDS(sum == LINKS * (LINKS - 1) / 2);
}

/* The host writes every other byte of the same words meanwhile. */
static bool bytes_of(struct conform *c, uint8_t *p)
{
	volatile uint8_t *mine = p;
	bool right;
	size_t i;

	memset(p, 0, N);
	write_bytes(c->cl.queue, p, 0, 2);
	clFlush(c->cl.queue);
	for (i = 1; i < N; i += 2)
		mine[i] = i * 7 + 1;
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	return right & HOLDS(bytes_right(p));
}

static bool bytes_fine(struct conform *c, const void *data)
{
	(void)data;
	return bytes_of(c, c->svm);
}

static bool bytes_system(struct conform *c, const void *data)
{
	uint8_t *p = xmalloc(N + 3);
	bool right = bytes_of(c, p + 3);

	(void)data;
	free(p);
	return right;
}

/* Two kernels at the same time, on one coarse-grained allocation. */
static bool bytes_kernels(struct conform *c, const void *data)
{
	cl_command_queue other = conform_queue(c, 0);
	uint8_t *p = conform_alloc(c, 0, N);
	bool right;

	(void)data;
	write_bytes(c->cl.queue, p, 0, 2);
	write_bytes(other, p, 1, 2);
	clFlush(c->cl.queue);
	right = is(clFinish(other), CL_SUCCESS);
	right &= is(clFinish(c->cl.queue), CL_SUCCESS);
	right &= HOLDS(bytes_right(p));
	clReleaseCommandQueue(other);
	clSVMFree(c->cl.context, p);
	return right;
}

/* Wherever the host has memory. */
static bool anywhere(struct conform *c, const void *data)
{
	static uint8_t in_data[N] = { 1 }, in_bss[N];
	uint8_t stack[N], *mapped;
	bool right;

	(void)data;
	mapped = mmap(NULL, N, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return HOLDS(!"mmap");
	write_bytes(c->cl.queue, in_data, 0, 1);
	write_bytes(c->cl.queue, in_bss, 0, 1);
	write_bytes(c->cl.queue, stack, 0, 1);
	write_bytes(c->cl.queue, mapped, 0, 1);
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	right &= HOLDS(bytes_right(in_data)) & HOLDS(bytes_right(in_bss));
	right &= HOLDS(bytes_right(stack)) & HOLDS(bytes_right(mapped));
	munmap(mapped, N);
	return right;
}

/* Nothing that the kernel did not write is written. */
static bool nothing_else(struct conform *c, const void *data)
{
	size_t i, wrong = 0;
	bool right;

	(void)data;
	memset(c->svm, 0xee, N);
	write_bytes(c->cl.queue, c->svm, 1, 3);
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	for (i = 0; i < N; i++) {
		uint8_t want = i % 3 == 1 && i / 3 < N / 3 ? i * 7 + 1 : 0xee;

		wrong += c->svm[i] != want;
	}
	return right & HOLDS(!wrong);
}

/* Two sub-buffers over an SVM pointer, each for a queue of its own. */
static bool sub_buffers(struct conform *c, const void *data)
{
	cl_command_queue queues[2] = { c->cl.queue, conform_queue(c, 0) };
	uint32_t *p = conform_alloc(c, 0, 2 * N);
	bool right = true;
	cl_mem whole, sub;
	cl_uint i, by;
	void *mapped;
	cl_int err;

	(void)data;
	whole = clCreateBuffer(c->cl.context, CL_MEM_USE_HOST_PTR, 2 * N, p,
			       &err);
	cl_check(err, "clCreateBuffer");
	for (i = 0; i < 2; i++) {
		const cl_buffer_region half = { i * N, N };

		by = i + 5;
		sub = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION,
					&half, &err);
		cl_check(err, "clCreateSubBuffer");
		cl_arg_pointer(step, 0, p + i * N / 4);
		cl_arg_value(step, 1, sizeof(by), &by);
		cl_start(queues[i], step, N / 4);
		mapped = clEnqueueMapBuffer(queues[i], sub, CL_TRUE,
					    CL_MAP_READ, 0, N, 0, NULL, NULL,
					    &err);
		right &= is(err, CL_SUCCESS);
		right &= HOLDS(mapped == p + i * N / 4);
		right &= HOLDS(p[i * N / 4] == by);
		clEnqueueUnmapMemObject(queues[i], sub, mapped, 0, NULL, NULL);
		clFinish(queues[i]);
		clReleaseMemObject(sub);
	}
	clReleaseMemObject(whole);
	clReleaseCommandQueue(queues[1]);
	clSVMFree(c->cl.context, p);
	return right;
}

static const cl_svm_mem_flags coarse, fine = CL_MEM_SVM_FINE_GRAIN_BUFFER;

static const struct conform_case sharing[] = {
	{ "3.3.3", "share-pointers-coarse", links, &coarse },
	{ "3.3.3", "share-pointers-fine", links, &fine },
	{ "3.3.3", "share-bytes-fine", bytes_fine, NULL },
	{ "3.3.3", "share-bytes-system", bytes_system, NULL },
	{ "3.3.3", "share-anywhere", anywhere, NULL },
	{ "5.6.1", "share-kernels-coarse", bytes_kernels, NULL },
	{ "3.3.7.5", "share-nothing-else", nothing_else, NULL },
	{ "5.6.2", "share-sub-buffers", sub_buffers, NULL },
};

/** struct order - two steps, of two queues maybe, and how they are ordered */
struct order {
	cl_command_queue first, second;
	cl_uint *p;
};

static void take_step(struct order *o, cl_command_queue queue, cl_uint by,
		      cl_event wait, cl_event *event)
{
	size_t n = N;

	cl_arg_pointer(step, 0, o->p);
	cl_arg_value(step, 1, sizeof(by), &by);
	cl_check(clEnqueueNDRangeKernel(queue, step, 1, NULL, &n, NULL, !!wait,
					wait ? &wait : NULL, event),
		 "clEnqueueNDRangeKernel");
	cl_check(clFlush(queue), "clFlush");
}

static bool all(const cl_uint *p, cl_uint want)
{
	size_t i;

	for (i = 0; i < N; i++) {
		if (p[i] != want)
			return HOLDS(!"the value of every word");
	}
	return true;
}

/* 1, 9, 10: what the host wrote before it enqueued is there. */
static bool by_enqueue(struct order *o)
{
	size_t i;

	for (i = 0; i < N; i++)
		o->p[i] = 10;
	take_step(o, o->first, 1, NULL, NULL);
	cl_check(clFinish(o->first), "clFinish");
	return all(o->p, 31);
}

/* 2, 3, 4: an event that another queue's command, then the host waits for. */
static bool by_event(struct order *o)
{
	cl_event first, second;

	take_step(o, o->first, 1, NULL, &first);
	take_step(o, o->second, 2, first, &second);
	clReleaseEvent(first);
	return is(conform_wait(second), CL_COMPLETE) & all(o->p, 5);
}

/* 5: a queue that is in order. */
static bool by_place(struct order *o)
{
	cl_event second;

	take_step(o, o->first, 1, NULL, NULL);
	take_step(o, o->first, 2, NULL, &second);
	return is(conform_wait(second), CL_COMPLETE) & all(o->p, 5);
}

/* 6: a marker without a list. */
static bool by_marker(struct order *o)
{
	cl_event marker, second;

	take_step(o, o->first, 1, NULL, NULL);
	cl_check(clEnqueueMarkerWithWaitList(o->first, 0, NULL, &marker),
		 "marker");
	clFlush(o->first);
	take_step(o, o->second, 2, marker, &second);
	clReleaseEvent(marker);
	return is(conform_wait(second), CL_COMPLETE) & all(o->p, 5);
}

/* 7: a barrier without a list, also for what comes after it. */
static bool by_barrier(struct order *o)
{
	cl_event last;

	take_step(o, o->first, 1, NULL, NULL);
	cl_check(clEnqueueBarrierWithWaitList(o->first, 0, NULL, NULL),
		 "barrier");
	take_step(o, o->first, 2, NULL, &last);
	return is(conform_wait(last), CL_COMPLETE) & all(o->p, 5);
}

/* 8: clFinish() has the host see everything before. */
static bool by_finish(struct order *o)
{
	take_step(o, o->first, 1, NULL, NULL);
	cl_check(clEnqueueBarrierWithWaitList(o->first, 0, NULL, NULL),
		 "barrier");
	take_step(o, o->first, 2, NULL, NULL);
	cl_check(clFinish(o->first), "clFinish");
	return all(o->p, 5);
}

/** struct seen - what a callback saw */
struct seen {
	pthread_mutex_t lock;	/* of @is */
	pthread_cond_t done;
	bool is, right;
	cl_uint *p;
};

static void CL_CALLBACK look(cl_event event, cl_int status, void *data)
{
	struct seen *seen = data;
	bool right = is(status, CL_COMPLETE) & all(seen->p, 1);

	(void)event;
	pthread_mutex_lock(&seen->lock);
	seen->is = true;
	seen->right = right;
	pthread_cond_signal(&seen->done);
	pthread_mutex_unlock(&seen->lock);
}

/* 11: a callback. */
static bool by_callback(struct order *o)
{
	struct seen seen = { .lock = PTHREAD_MUTEX_INITIALIZER,
			     .done = PTHREAD_COND_INITIALIZER, .p = o->p };
	cl_event event;

	take_step(o, o->first, 1, NULL, &event);
	cl_check(clSetEventCallback(event, CL_COMPLETE, look, &seen),
		 "clSetEventCallback");
	pthread_mutex_lock(&seen.lock);
	while (!seen.is)
		pthread_cond_wait(&seen.done, &seen.lock);
	pthread_mutex_unlock(&seen.lock);
	clReleaseEvent(event);
	return seen.right;
}

static cl_context context;

/* 12: what was written before a user event was set. */
static bool by_user_event(struct order *o)
{
	cl_event first = conform_user_event(context), event;
	size_t i;

	take_step(o, o->first, 2, first, &event);
	for (i = 0; i < N; i++)
		o->p[i] = 10;
	clSetUserEventStatus(first, CL_COMPLETE);
	clReleaseEvent(first);
	return is(conform_wait(event), CL_COMPLETE) & all(o->p, 32);
}

/** struct ordered - one of these; does it need a queue in order? */
struct ordered {
	bool (*by)(struct order *o);
	bool in_order;
};

static bool ordered(struct conform *c, const void *data)
{
	const struct ordered *it = data;
	cl_command_queue_properties able = 0;
	struct order o = { .p = (cl_uint *)c->svm };
	bool right;

	context = c->cl.context;
	cl_check(clGetDeviceInfo(c->cl.device,
				 CL_DEVICE_QUEUE_ON_HOST_PROPERTIES,
				 sizeof(able), &able, NULL), "properties");
	able &= CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE;
	o.first = conform_queue(c, it->in_order ? 0 : able);
	o.second = conform_queue(c, 0);
	memset(o.p, 0, N * sizeof(*o.p));
	right = it->by(&o);
	clReleaseCommandQueue(o.second);
	clReleaseCommandQueue(o.first);
	return right;
}

#define BY(what, in_order) (&(const struct ordered){ what, in_order })

static const struct conform_case orders[] = {
	{ "3.3.7.5", "order-enqueue", ordered, BY(by_enqueue, false) },
	{ "3.3.7.5", "order-event", ordered, BY(by_event, false) },
	{ "3.3.7.5", "order-in-order", ordered, BY(by_place, true) },
	{ "3.3.7.5", "order-marker", ordered, BY(by_marker, false) },
	{ "3.3.7.5", "order-barrier", ordered, BY(by_barrier, false) },
	{ "3.3.7.5", "order-finish", ordered, BY(by_finish, false) },
	{ "3.3.7.5", "order-callback", ordered, BY(by_callback, false) },
	{ "3.3.7.5", "order-user-event", ordered, BY(by_user_event, false) },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	if (c.platform) {
		bytes = cl_kernel_from(&c.cl, source, "put_bytes");
		step = cl_kernel_from(&c.cl, source, "advance");
		chain = cl_kernel_from(&c.cl, source, "chain");
	}
	CONFORM_CASES(&c, sharing);
	CONFORM_CASES(&c, orders);
	if (c.platform) {
		clReleaseKernel(chain);
		clReleaseKernel(step);
		clReleaseKernel(bytes);
	}
	return conform_close(&c, "conform_share");
}
