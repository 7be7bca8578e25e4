/* SPDX-License-Identifier: MIT */
/*
 * Conformance cases: each is one thing that the OpenCL specification says, and
 * carries the number of the section that says it.  Which demand of the
 * specification is which case, and which has none and why: the file "sections".
 *
 * What an implementation is known to get wrong is in conform_known.c, with the
 * reason.  Such a case must fail: one that passes fails the program.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include "svmcl.h"

/* Bytes that c->svm has. */
#define CONFORM_SIZE 65536

/** struct conform - a run of cases on a device */
struct conform {
	struct cl cl;
	cl_context other;	/* one that cl.queue is not of */
	uint8_t *svm;		/* from clSVMAlloc(), fine-grained */
	const char *platform;	/* NULL: only print the names of cases */
	size_t cases, wrong, known;
};

typedef bool conform_run(struct conform *c, const void *data);

/** struct conform_case - a case; @data is for @run */
struct conform_case {
	const char *section, *name;
	conform_run *run;
	const void *data;
};

/* With "--list", cases are printed and not run. */
void conform_open(struct conform *c, int argc, char **argv);
/* The same on a device without SVM, which has no c->svm. */
void conform_open_without(struct conform *c, int argc, char **argv);
void conform_case(struct conform *c, const struct conform_case *one);
void conform_cases(struct conform *c, const struct conform_case *cases,
		   size_t n);
#define CONFORM_CASES(c, array) \
	conform_cases(c, array, sizeof(array) / sizeof(*(array)))
/* The verdict; the program's exit status. */
int conform_close(struct conform *c, const char *test);

/* Say what is not as it should be. */
bool is(cl_int got, cl_int want);
bool holds(bool condition, const char *what);
#define HOLDS(condition) holds(condition, #condition)

/* Memory from clSVMAlloc() with @flags, all 0; ends the program without. */
void *conform_alloc(struct conform *c, cl_svm_mem_flags flags, size_t size);
/* One more queue, of c->cl.context. */
cl_command_queue conform_queue(struct conform *c,
			       cl_command_queue_properties properties);
cl_event conform_user_event(cl_context context);
/* What a command that is done left: its status, which is CL_COMPLETE or bad. */
cl_int conform_wait(cl_event event);
cl_int conform_status(cl_event event);

/* Why this implementation fails a case; NULL: it must pass it. */
const char *conform_known(const char *platform, const char *name,
			  bool *crashes);

#endif
