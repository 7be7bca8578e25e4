// SPDX-License-Identifier: MIT
/*
 * What the specification says of every SVM command (5.6.1) in the same words:
 * its queue, its wait list, its event.
 */
#include <stdio.h>
#include <unistd.h>

#include "conform.h"

#define SIZE 64
#define A_MOMENT 20000		/* microseconds */

typedef int32_t enqueue_one(struct conform *c, cl_command_queue queue,
			    cl_uint n, const cl_event *list, cl_event *event);

/** struct call - an SVM command, with good arguments but for those */
struct call {
	const char *name;
	cl_command_type type;
	enqueue_one *enqueue;
	bool blocks;
};

static void CL_CALLBACK keep(cl_command_queue queue, cl_uint n, void **list,
			     void *data)
{
	(void)queue;
	(void)n;
	(void)list;
	(void)data;
}

static cl_int free_(struct conform *c, cl_command_queue queue, cl_uint n,
		    const cl_event *list, cl_event *event)
{
	void *p = c->svm;

	return clEnqueueSVMFree(queue, 1, &p, keep, NULL, n, list, event);
}

static cl_int copy_(struct conform *c, cl_command_queue queue, cl_bool block,
		    cl_uint n, const cl_event *list, cl_event *event)
{
	return clEnqueueSVMMemcpy(queue, block, c->svm, c->svm + SIZE, SIZE, n,
				  list, event);
}

static cl_int copy(struct conform *c, cl_command_queue queue, cl_uint n,
		   const cl_event *list, cl_event *event)
{
	return copy_(c, queue, CL_FALSE, n, list, event);
}

static cl_int copy_now(struct conform *c, cl_command_queue queue, cl_uint n,
		       const cl_event *list, cl_event *event)
{
	return copy_(c, queue, CL_TRUE, n, list, event);
}

static cl_int fill(struct conform *c, cl_command_queue queue, cl_uint n,
		   const cl_event *list, cl_event *event)
{
	const cl_uint pattern = 7;

	return clEnqueueSVMMemFill(queue, c->svm, &pattern, sizeof(pattern),
				   SIZE, n, list, event);
}

static cl_int map(struct conform *c, cl_command_queue queue, cl_uint n,
		  const cl_event *list, cl_event *event)
{
	return clEnqueueSVMMap(queue, CL_FALSE, CL_MAP_READ, c->svm, SIZE, n,
			       list, event);
}

static cl_int map_now(struct conform *c, cl_command_queue queue, cl_uint n,
		      const cl_event *list, cl_event *event)
{
	return clEnqueueSVMMap(queue, CL_TRUE, CL_MAP_READ, c->svm, SIZE, n,
			       list, event);
}

static cl_int unmap(struct conform *c, cl_command_queue queue, cl_uint n,
		    const cl_event *list, cl_event *event)
{
	cl_check(map_now(c, c->cl.queue, 0, NULL, NULL), "clEnqueueSVMMap");
	return clEnqueueSVMUnmap(queue, c->svm, n, list, event);
}

static cl_int migrate(struct conform *c, cl_command_queue queue, cl_uint n,
		      const cl_event *list, cl_event *event)
{
	const void *p = c->svm;
	size_t size = SIZE;

	return clEnqueueSVMMigrateMem(queue, 1, &p, &size, 0, n, list, event);
}

static const struct call calls[] = {
	{ "free", CL_COMMAND_SVM_FREE, free_, false },
	{ "memcpy", CL_COMMAND_SVM_MEMCPY, copy, false },
	{ "memcpy-blocking", CL_COMMAND_SVM_MEMCPY, copy_now, true },
	{ "memfill", CL_COMMAND_SVM_MEMFILL, fill, false },
	{ "map", CL_COMMAND_SVM_MAP, map, false },
	{ "map-blocking", CL_COMMAND_SVM_MAP, map_now, true },
	{ "unmap", CL_COMMAND_SVM_UNMAP, unmap, false },
	{ "migrate", CL_COMMAND_SVM_MIGRATE_MEM, migrate, false },
};

static bool no_queue(struct conform *c, const void *data)
{
	const struct call *call = data;

	return is(call->enqueue(c, NULL, 0, NULL, NULL),
		  CL_INVALID_COMMAND_QUEUE);
}

static bool other_object(struct conform *c, const void *data)
{
	const struct call *call = data;

	return is(call->enqueue(c, (cl_command_queue)c->cl.context, 0, NULL,
				NULL), CL_INVALID_COMMAND_QUEUE);
}

static bool list_missing(struct conform *c, const void *data)
{
	const struct call *call = data;

	return is(call->enqueue(c, c->cl.queue, 1, NULL, NULL),
		  CL_INVALID_EVENT_WAIT_LIST);
}

static bool list_empty(struct conform *c, const void *data)
{
	const struct call *call = data;
	cl_event event = conform_user_event(c->cl.context);
	cl_int err = call->enqueue(c, c->cl.queue, 0, &event, NULL);

	clReleaseEvent(event);
	return is(err, CL_INVALID_EVENT_WAIT_LIST);
}

static bool list_invalid(struct conform *c, const void *data)
{
	const struct call *call = data;
	cl_event event = NULL;

	return is(call->enqueue(c, c->cl.queue, 1, &event, NULL),
		  CL_INVALID_EVENT_WAIT_LIST);
}

static bool other_context(struct conform *c, const void *data)
{
	const struct call *call = data;
	cl_event event = conform_user_event(c->other);
	cl_int err = call->enqueue(c, c->cl.queue, 1, &event, NULL);

	clSetUserEventStatus(event, CL_COMPLETE);
	clReleaseEvent(event);
	return is(err, CL_INVALID_CONTEXT);
}

static bool waits(struct conform *c, const void *data)
{
	cl_event first = conform_user_event(c->cl.context), event = NULL;
	const struct call *call = data;
	bool right;

	right = is(call->enqueue(c, c->cl.queue, 1, &first, &event),
		   CL_SUCCESS);
	if (!right)
		return false;
	clFlush(c->cl.queue);
	usleep(A_MOMENT);
	right &= HOLDS(conform_status(event) > CL_COMPLETE);
	clSetUserEventStatus(first, CL_COMPLETE);
	right &= is(conform_wait(event), CL_COMPLETE);
	clReleaseEvent(first);
	return right;
}

static bool knows(struct conform *c, const void *data)
{
	const struct call *call = data;
	cl_command_queue queue = NULL;
	cl_command_type type = 0;
	cl_event event = NULL;
	bool right;

	if (!is(call->enqueue(c, c->cl.queue, 0, NULL, &event), CL_SUCCESS))
		return false;
	clGetEventInfo(event, CL_EVENT_COMMAND_TYPE, sizeof(type), &type,
		       NULL);
	clGetEventInfo(event, CL_EVENT_COMMAND_QUEUE, sizeof(queue), &queue,
		       NULL);
	right = HOLDS(type == call->type);
	right &= HOLDS(queue == c->cl.queue);
	return right & is(conform_wait(event), CL_COMPLETE);
}

/* A blocking command says so itself, others by their event. */
static bool after_failure(struct conform *c, const void *data)
{
	cl_event first = conform_user_event(c->cl.context), event = NULL;
	cl_command_queue queue = conform_queue(c, 0);
	const struct call *call = data;
	bool right;
	cl_int err;

	clSetUserEventStatus(first, -1);
	err = call->enqueue(c, queue, 1, &first, call->blocks ? NULL : &event);
	if (call->blocks)
		right = is(err, CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST);
	else
		right = is(err, CL_SUCCESS) && HOLDS(conform_wait(event) < 0);
	clReleaseEvent(first);
	clReleaseCommandQueue(queue);
	return right;
}

static const struct {
	const char *section, *name;
	conform_run *run;
	bool ends;		/* of use with a command that blocks */
} conditions[] = {
	{ "5.6.1", "no-queue", no_queue, true },
	{ "5.6.1", "other-object", other_object, true },
	{ "5.6.1", "list-missing", list_missing, true },
	{ "5.6.1", "list-empty", list_empty, true },
	{ "5.6.1", "list-invalid", list_invalid, true },
	{ "5.6.1", "other-context", other_context, true },
	{ "5.6.1", "waits", waits, false },
	{ "5.11", "knows", knows, true },
	{ "5.11", "after-failure", after_failure, true },
};

#define N(array) (sizeof(array) / sizeof(*(array)))

int main(int argc, char **argv)
{
	struct conform c;
	char name[64];
	size_t i, j;

	conform_open(&c, argc, argv);
	for (i = 0; i < N(calls); i++) {
		for (j = 0; j < N(conditions); j++) {
			const struct conform_case one = {
				conditions[j].section, name, conditions[j].run,
				&calls[i],
			};

			if (calls[i].blocks && !conditions[j].ends)
				continue;
			snprintf(name, sizeof(name), "%s-%s", calls[i].name,
				 conditions[j].name);
			conform_case(&c, &one);
		}
	}
	return conform_close(&c, "conform_enqueue");
}
