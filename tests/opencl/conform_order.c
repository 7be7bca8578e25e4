// SPDX-License-Identifier: MIT
/*
 * The memory model (3.3.5 to 3.3.7): what one unit of execution may see of
 * another's writes, between work-items of a group, groups of a device, and the
 * device and the host, in short races that are run many times.
 *
 * Nobody waits for ever: a reader that never meets the writer says so.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "conform.h"

#define ROUNDS 32
#define STRIDE 32		/* words: a cache line of the GPU's each */
#define PATIENCE 100000		/* looks of a work-item */
#define SECONDS 10		/* of the host's */

/*
 * WRITER and READER are this work-item's part; SEND, RECEIVE how the message is
 * sent; out[0]: messages that came, out[1]: without what was written before.
 */
static const char message[] =
"void write(__global uint *data, __global atomic_uint *flag)\n"
"{\n"
"	for (uint i = 0; i < ROUNDS; i++) {\n"
"		data[i * 32] = i + 1;\n"
"		SEND(flag + i * 32);\n"
"	}\n"
"}\n"
"void read(__global uint *data, __global atomic_uint *flag,\n"
"	   __global uint *out)\n"
"{\n"
"	uint came = 0, bad = 0;\n"
"	for (uint i = 0; i < ROUNDS; i++) {\n"
"		uint seen = 0;\n"
"		bad += data[i * 32 + 1];	// has the line cached\n"
"		for (uint n = 0; n < PATIENCE && !seen; n++)\n"
"			RECEIVE(seen, flag + i * 32);\n"
"		came += seen;\n"
"		bad += seen && data[i * 32] != i + 1;\n"
"	}\n"
"	out[0] = came;\n"
"	out[1] = bad;\n"
"}\n"
"__kernel void message(__global uint *data, __global atomic_uint *flag,\n"
"		      __global uint *out, uint write_, uint read_)\n"
"{\n"
"	uint me = get_global_id(0);\n"
"	if (me == write_)\n"
"		write(data, flag);\n"
"	if (me == read_)\n"
"		read(data, flag, out);\n"
"}\n";

#define ATOMIC_SEND "-DSEND(f)=atomic_store_explicit(f,1,"
#define ATOMIC_RECEIVE "-DRECEIVE(s,f)=s=atomic_load_explicit(f,"
#define FENCE "atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE,"
#define RELAXED "memory_order_relaxed,memory_scope_"

/* An atomic with the order and scope, or a relaxed one and a fence. */
#define BY_ATOMIC(out, in, scope) \
	ATOMIC_SEND "memory_order_" out ",memory_scope_" scope ") " \
	ATOMIC_RECEIVE "memory_order_" in ",memory_scope_" scope ")"
#define BY_FENCE(out, in, scope) \
	"-DSEND(f)=" FENCE "memory_order_" out ",memory_scope_" scope ");" \
	"atomic_store_explicit(f,1," RELAXED scope ") " \
	ATOMIC_RECEIVE RELAXED scope ");" \
	FENCE "memory_order_" in ",memory_scope_" scope ")"

/** struct race - how, and who writes and reads; NOBODY is the host */
struct race {
	const char *how;
	cl_uint writer, reader;
	size_t items, group;
};

#define NOBODY 1000
#define RACE(...) (&(const struct race){ __VA_ARGS__ })

/** struct mail - for each round a line of data and one of flags */
struct mail {
	_Alignas(4096) volatile cl_uint data[ROUNDS * STRIDE];
	_Alignas(4096) _Atomic cl_uint flag[ROUNDS * STRIDE];
	_Alignas(4096) volatile cl_uint out[2];
};

static void host_writes(struct mail *m)
{
	cl_uint i;

	for (i = 0; i < ROUNDS; i++) {
		m->data[i * STRIDE] = i + 1;
		atomic_store_explicit(&m->flag[i * STRIDE], 1,
				      memory_order_release);
	}
}

static void host_reads(struct mail *m)
{
	time_t end = time(NULL) + SECONDS;
	cl_uint i, seen;

	for (i = 0; i < ROUNDS; i++) {
		do {
			seen = atomic_load_explicit(&m->flag[i * STRIDE],
						    memory_order_acquire);
		} while (!seen && time(NULL) < end);
		m->out[0] += seen;
		m->out[1] += seen && m->data[i * STRIDE] != i + 1;
	}
}

static struct mail *mail_new(void)
{
	struct mail *m = aligned_alloc(4096, sizeof(*m));

	if (!m)
		exit(EXIT_FAILURE);
	memset(m, 0, sizeof(*m));
	return m;
}

static cl_kernel with_rounds(struct conform *c, const char *source,
			     const char *name, const char *how)
{
	char options[1024];

	snprintf(options, sizeof(options), CL3 " -DROUNDS=%d -DPATIENCE=%d %s",
		 ROUNDS, PATIENCE, how);
	return cl_kernel_with(&c->cl, source, name, options);
}

static bool race(struct conform *c, const void *data)
{
	const struct race *r = data;
	cl_kernel kernel = with_rounds(c, message, "message", r->how);
	struct mail *m = mail_new();
	bool right;

	cl_arg_pointer(kernel, 0, (void *)m->data);
	cl_arg_pointer(kernel, 1, m->flag);
	cl_arg_pointer(kernel, 2, (void *)m->out);
	cl_arg_value(kernel, 3, sizeof(r->writer), &r->writer);
	cl_arg_value(kernel, 4, sizeof(r->reader), &r->reader);
	cl_check(clEnqueueNDRangeKernel(c->cl.queue, kernel, 1, NULL,
					&r->items, &r->group, 0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clFlush(c->cl.queue), "clFlush");
	if (r->writer == NOBODY)
		host_writes(m);
	if (r->reader == NOBODY)
		host_reads(m);
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	printf("  %u of %u messages came\n", m->out[0], ROUNDS);
	right &= HOLDS(m->out[0]) & HOLDS(!m->out[1]);
	clReleaseKernel(kernel);
	free(m);
	return right;
}

/* Work-items of different warps, and of different groups. */
#define IN_GROUP 0, 40, 64, 64
#define IN_DEVICE 0, 1, 2, 1
#define FROM_HOST NOBODY, 0, 1, 1
#define TO_HOST 0, NOBODY, 1, 1

static const struct conform_case messages[] = {
	{ "3.3.7.1", "message-release-acquire-group", race,
	  RACE(BY_ATOMIC("release", "acquire", "work_group"), IN_GROUP) },
	{ "3.3.7.1", "message-release-acquire-device", race,
	  RACE(BY_ATOMIC("release", "acquire", "device"), IN_DEVICE) },
	{ "3.3.7.1", "message-release-acquire-from-host", race,
	  RACE(BY_ATOMIC("release", "acquire", "all_svm_devices"), FROM_HOST) },
	{ "3.3.7.1", "message-release-acquire-to-host", race,
	  RACE(BY_ATOMIC("release", "acquire", "all_svm_devices"), TO_HOST) },
	{ "3.3.7.1", "message-seq-cst-device", race,
	  RACE(BY_ATOMIC("seq_cst", "seq_cst", "device"), IN_DEVICE) },
	{ "3.3.7.1", "message-seq-cst-from-host", race,
	  RACE(BY_ATOMIC("seq_cst", "seq_cst", "all_devices"), FROM_HOST) },
	{ "3.3.7.1", "message-seq-cst-to-host", race,
	  RACE(BY_ATOMIC("seq_cst", "seq_cst", "all_devices"), TO_HOST) },
	{ "3.3.7.2", "message-fences-group", race,
	  RACE(BY_FENCE("release", "acquire", "work_group"), IN_GROUP) },
	{ "3.3.7.2", "message-fences-device", race,
	  RACE(BY_FENCE("release", "acquire", "device"), IN_DEVICE) },
	{ "3.3.7.2", "message-fences-from-host", race,
	  RACE(BY_FENCE("acq_rel", "acq_rel", "all_svm_devices"), FROM_HOST) },
	{ "3.3.7.2", "message-fences-to-host", race,
	  RACE(BY_FENCE("seq_cst", "seq_cst", "all_svm_devices"), TO_HOST) },
};

/*
 * Each sets its word and looks at the other's: with sequential consistency one
 * of them at least sees it.
 */
static const char dekker[] =
"#define ALL memory_order_seq_cst, memory_scope_all_svm_devices\n"
"__kernel void dekker(__global atomic_uint *x, __global atomic_uint *y,\n"
"		     __global uint *mine, __global uint *yours,\n"
"		     __global atomic_uint *ready)\n"
"{\n"
"	uint turn = get_group_id(0);\n"
"	atomic_fetch_add_explicit(ready, 1, ALL);\n"
"	for (uint i = 0; i < ROUNDS; i++) {\n"
"		atomic_store_explicit((turn ? y : x) + i * 32, 1, ALL);\n"
"		(turn ? yours : mine)[i] =\n"
"			atomic_load_explicit((turn ? x : y) + i * 32, ALL);\n"
"	}\n"
"}\n";

/** struct words - of the two, and what each saw */
struct words {
	_Alignas(4096) _Atomic cl_uint x[ROUNDS * STRIDE];
	_Alignas(4096) _Atomic cl_uint y[ROUNDS * STRIDE];
	_Alignas(4096) cl_uint mine[ROUNDS];
	_Alignas(4096) cl_uint yours[ROUNDS];
	_Atomic cl_uint ready;
};

static void host_dekker(struct words *w)
{
	time_t end = time(NULL) + SECONDS;
	cl_uint i;

	while (!atomic_load(&w->ready) && time(NULL) < end)
		;
	for (i = 0; i < ROUNDS; i++) {
		atomic_store(&w->y[i * STRIDE], 1);
		w->yours[i] = atomic_load(&w->x[i * STRIDE]);
	}
}

static bool both_see(struct conform *c, const void *data)
{
	cl_kernel kernel = with_rounds(c, dekker, "dekker", "");
	struct words *w = aligned_alloc(4096, sizeof(*w));
	size_t groups = data ? 1 : 2, one = 1, i, blind = 0;
	bool right;

	if (!w)
		return false;
	memset(w, 0, sizeof(*w));
	cl_arg_pointer(kernel, 0, w->x);
	cl_arg_pointer(kernel, 1, w->y);
	cl_arg_pointer(kernel, 2, w->mine);
	cl_arg_pointer(kernel, 3, w->yours);
	cl_arg_pointer(kernel, 4, &w->ready);
	cl_check(clEnqueueNDRangeKernel(c->cl.queue, kernel, 1, NULL, &groups,
					&one, 0, NULL, NULL),
		 "clEnqueueNDRangeKernel");
	cl_check(clFlush(c->cl.queue), "clFlush");
	if (data)
		host_dekker(w);
	right = is(clFinish(c->cl.queue), CL_SUCCESS);
	for (i = 0; i < ROUNDS; i++)
		blind += !w->mine[i] && !w->yours[i];
	right &= HOLDS(!blind);
	clReleaseKernel(kernel);
	free(w);
	return right;
}

/*
 * One word, which every work-item counts up: each sees a number that nobody else
 * does, and what it sees later is never an earlier one.
 */
static const char coherence[] =
"#define ALL memory_order_relaxed, memory_scope_device\n"
"__kernel void coherence(__global atomic_uint *word, __global uint *seen,\n"
"			__global atomic_uint *back)\n"
"{\n"
"	uint last = 0;\n"
"	for (uint i = 0; i < ROUNDS; i++) {\n"
"		uint was = atomic_fetch_add_explicit(word, 1, ALL);\n"
"		uint is = atomic_load_explicit(word, ALL);\n"
"		seen[was] += 1;\n"
"		if (was < last || is <= was)\n"
"			atomic_fetch_add_explicit(back, 1, ALL);\n"
"		last = is;\n"
"	}\n"
"}\n";

#define ITEMS 64

static bool coherent(struct conform *c, const void *data)
{
	cl_kernel kernel = with_rounds(c, coherence, "coherence", "");
	cl_uint *w = (cl_uint *)c->svm;
	size_t items = ITEMS, group = 8, i, wrong = 0;

	(void)data;
	memset(w, 0, CONFORM_SIZE);
	cl_arg_pointer(kernel, 0, w);
	cl_arg_pointer(kernel, 1, w + 1024);
	cl_arg_pointer(kernel, 2, w + 512);
	cl_run(&c->cl, kernel, 1, &items, &group);
	clReleaseKernel(kernel);
	for (i = 0; i < ITEMS * ROUNDS; i++)
		wrong += w[1024 + i] != 1;
	return HOLDS(*w == ITEMS * ROUNDS) & HOLDS(!wrong) & HOLDS(!w[512]);
}

/*
 * A release, and relaxed changes of the same word by others: who sees the last
 * of these has what was written before the release.
 */
static const char sequence[] =
"__kernel void sequence(__global uint *data, __global atomic_uint *word,\n"
"		       __global uint *out)\n"
"{\n"
"	uint me = get_group_id(0), n = 0, is = 0;\n"
"	if (me == 0) {\n"
"		*data = 42;\n"
"		atomic_store_explicit(word, 1, memory_order_release,\n"
"				      memory_scope_device);\n"
"	} else if (me == 1) {\n"
"		while (n++ < PATIENCE && is != 1) {\n"
"			is = 1;\n"
"			is = atomic_compare_exchange_strong_explicit(word,\n"
"				&is, 2, memory_order_relaxed,\n"
"				memory_order_relaxed, memory_scope_device);\n"
"		}\n"
"	} else {\n"
"		while (n++ < PATIENCE && is != 2)\n"
"			is = atomic_load_explicit(word, memory_order_acquire,\n"
"						  memory_scope_device);\n"
"		out[0] = is;\n"
"		out[1] = *data;\n"
"	}\n"
"}\n";

static bool released(struct conform *c, const void *data)
{
	cl_kernel kernel = with_rounds(c, sequence, "sequence", "");
	cl_uint *w = (cl_uint *)c->svm;
	size_t groups = 3, one = 1;

	(void)data;
	memset(w, 0, CONFORM_SIZE);
	cl_arg_pointer(kernel, 0, w);
	cl_arg_pointer(kernel, 1, w + 1024);
	cl_arg_pointer(kernel, 2, w + 2048);
	cl_run(&c->cl, kernel, 1, &groups, &one);
	clReleaseKernel(kernel);
	return HOLDS(w[2048] == 2) & HOLDS(w[2049] == 42);
}

/* Barriers order global and local memory in a group, each time. */
static const char barriers[] =
"__kernel void barriers(__global uint *g, __local uint *l,\n"
"		       __global atomic_uint *bad)\n"
"{\n"
"	uint me = get_local_id(0), n = get_local_size(0);\n"
"	for (uint i = 1; i <= ROUNDS; i++) {\n"
"		g[me] = i * 1000 + me;\n"
"		l[me] = i * 2000 + me;\n"
"		work_group_barrier(CLK_GLOBAL_MEM_FENCE |\n"
"				   CLK_LOCAL_MEM_FENCE);\n"
"		uint other = (me + 33) % n;\n"
"		if (g[other] != i * 1000 + other ||\n"
"		    l[other] != i * 2000 + other)\n"
"			atomic_fetch_add(bad, 1);\n"
"		work_group_barrier(CLK_GLOBAL_MEM_FENCE |\n"
"				   CLK_LOCAL_MEM_FENCE,\n"
"				   memory_scope_work_group);\n"
"	}\n"
"}\n";

static bool in_step(struct conform *c, const void *data)
{
	cl_kernel kernel = with_rounds(c, barriers, "barriers", "");
	cl_uint *w = (cl_uint *)c->svm;
	size_t items = 128;

	(void)data;
	memset(w, 0, CONFORM_SIZE);
	cl_arg_pointer(kernel, 0, w);
	cl_arg_local(kernel, 1, items * sizeof(cl_uint));
	cl_arg_pointer(kernel, 2, w + 1024);
	cl_run(&c->cl, kernel, 1, &items, &items);
	clReleaseKernel(kernel);
	return HOLDS(w[5] == ROUNDS * 1000 + 5) & HOLDS(!w[1024]);
}

static const struct conform_case others[] = {
	{ "3.3.7.1", "seq-cst-device", both_see, NULL },
	{ "3.3.7.1", "seq-cst-host", both_see, "host" },
	{ "3.3.7", "coherence", coherent, NULL },
	{ "3.3.7", "release-sequence", released, NULL },
	{ "3.3.7.3", "barriers", in_step, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	CONFORM_CASES(&c, messages);
	CONFORM_CASES(&c, others);
	return conform_close(&c, "conform_order");
}
