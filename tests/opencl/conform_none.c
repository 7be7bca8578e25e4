// SPDX-License-Identifier: MIT
/*
 * What calls for SVM say on a device without it: rusticl's, if NOUVEAU_SVM is 0.
 */
#include <stdio.h>
#include <stdlib.h>

#include "conform.h"

static const char source[] =
"__kernel void nothing(__global uint *p)\n"
"{\n"
"	p[get_global_id(0)] = 1;\n"
"}\n";

static uint64_t words[64];

static void CL_CALLBACK keep(cl_command_queue queue, cl_uint n, void **list,
			     void *data)
{
	(void)queue;
	(void)n;
	(void)list;
	(void)data;
}

static bool capabilities(struct conform *c, const void *data)
{
	cl_device_svm_capabilities caps = ~0ull;

	(void)data;
	return is(clGetDeviceInfo(c->cl.device, CL_DEVICE_SVM_CAPABILITIES,
				  sizeof(caps), &caps, NULL), CL_SUCCESS) &
	       HOLDS(!caps);
}

static bool alloc(struct conform *c, const void *data)
{
	(void)data;
	return HOLDS(!clSVMAlloc(c->cl.context, 0, sizeof(words), 0));
}

/* No action: the memory is as good as before. */
static bool free_svm(struct conform *c, const void *data)
{
	uint64_t *p = calloc(1, sizeof(*p));
	bool right;

	(void)data;
	clSVMFree(c->cl.context, p);
	clSVMFree(c->cl.context, NULL);
	right = HOLDS(p && !*p);
	free(p);
	return right;
}

static bool free_(struct conform *c, const void *data)
{
	void *p = words;

	(void)data;
	return is(clEnqueueSVMFree(c->cl.queue, 1, &p, keep, NULL, 0, NULL,
				   NULL), CL_INVALID_OPERATION);
}

static bool copy(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMMemcpy(c->cl.queue, CL_TRUE, words, words + 8, 8,
				     0, NULL, NULL), CL_INVALID_OPERATION);
}

static bool fill(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMMemFill(c->cl.queue, words, words + 8, 8, 64, 0,
				      NULL, NULL), CL_INVALID_OPERATION);
}

static bool map(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMMap(c->cl.queue, CL_TRUE, CL_MAP_READ, words, 8,
				  0, NULL, NULL), CL_INVALID_OPERATION);
}

static bool unmap(struct conform *c, const void *data)
{
	(void)data;
	return is(clEnqueueSVMUnmap(c->cl.queue, words, 0, NULL, NULL),
		  CL_INVALID_OPERATION);
}

static bool migrate(struct conform *c, const void *data)
{
	const void *p = words;
	size_t size = 8;

	(void)data;
	return is(clEnqueueSVMMigrateMem(c->cl.queue, 1, &p, &size, 0, 0, NULL,
					 NULL), CL_INVALID_OPERATION);
}

static bool with_kernel(struct conform *c, const void *data)
{
	cl_kernel kernel = cl_kernel_from(&c->cl, source, "nothing");
	cl_kernel_exec_info what = *(const cl_kernel_exec_info *)data;
	const cl_bool yes = CL_TRUE;
	void *p = words;
	cl_int err;

	if (what == CL_KERNEL_EXEC_INFO_SVM_PTRS)
		err = clSetKernelExecInfo(kernel, what, sizeof(p), &p);
	else if (what == CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM)
		err = clSetKernelExecInfo(kernel, what, sizeof(yes), &yes);
	else
		err = clSetKernelArgSVMPointer(kernel, 0, words);
	clReleaseKernel(kernel);
	return is(err, CL_INVALID_OPERATION);
}

/* Memory of the host is none of SVM. */
static bool buffer(struct conform *c, const void *data)
{
	cl_bool uses = CL_TRUE;
	cl_int err;
	cl_mem b;

	(void)data;
	b = clCreateBuffer(c->cl.context, CL_MEM_USE_HOST_PTR, sizeof(words),
			   words, &err);
	if (!is(err, CL_SUCCESS))
		return false;
	err = clGetMemObjectInfo(b, CL_MEM_USES_SVM_POINTER, sizeof(uses),
				 &uses, NULL);
	clReleaseMemObject(b);
	return is(err, CL_SUCCESS) & HOLDS(!uses);
}

#define WHAT(what) (&(const cl_kernel_exec_info){ what })

static const struct conform_case cases[] = {
	{ "4.2", "none-capabilities", capabilities, NULL },
	{ "5.6.1", "none-alloc", alloc, NULL },
	{ "5.6.1", "none-svmfree", free_svm, NULL },
	{ "5.6.1", "none-free", free_, NULL },
	{ "5.6.1", "none-memcpy", copy, NULL },
	{ "5.6.1", "none-memfill", fill, NULL },
	{ "5.6.1", "none-map", map, NULL },
	{ "5.6.1", "none-unmap", unmap, NULL },
	{ "5.6.1", "none-migrate", migrate, NULL },
	{ "5.9.2", "none-arg", with_kernel, WHAT(0) },
	{ "5.9.2", "none-info-pointers", with_kernel,
	  WHAT(CL_KERNEL_EXEC_INFO_SVM_PTRS) },
	{ "5.9.2", "none-info-system", with_kernel,
	  WHAT(CL_KERNEL_EXEC_INFO_SVM_FINE_GRAIN_SYSTEM) },
	{ "5.5.5", "none-buffer", buffer, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	setenv("NOUVEAU_SVM", "0", 1);
	conform_open_without(&c, argc, argv);
	CONFORM_CASES(&c, cases);
	return conform_close(&c, "conform_none");
}
