// SPDX-License-Identifier: MIT
/*
 * clSVMAlloc() and clSVMFree() (5.6.1), what the device says of itself (4.2),
 * and buffers over SVM (5.2.1, 5.2.4, 5.5.5).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conform.h"

#define SIZE 5000		/* no whole number of pages, nor of long16s */
#define LONG16 128
#define BIG_ALIGNMENT 0x80000000u

static cl_ulong number(struct conform *c, cl_device_info what, size_t size)
{
	cl_ulong n = 0;

	cl_check(clGetDeviceInfo(c->cl.device, what, size, &n, NULL),
		 "clGetDeviceInfo");
	return n;
}

/** struct request - arguments of clSVMAlloc(), and if it works */
struct request {
	cl_svm_mem_flags flags;
	size_t size;
	cl_uint alignment;
	bool good;
};

#define FLAGS(f, is_good) (&(const struct request){ f, SIZE, 0, is_good })
#define ALIGNED(a, is_good) (&(const struct request){ 0, SIZE, a, is_good })

static bool request(struct conform *c, const void *data)
{
	const struct request *r = data;
	void *p = clSVMAlloc(c->cl.context, r->flags, r->size, r->alignment);
	bool right = HOLDS(!!p == r->good);

	if (p) {
		right &= HOLDS(!((uintptr_t)p % (r->alignment ?: LONG16)));
		memset(p, 1, r->size);
	}
	clSVMFree(c->cl.context, p);
	return right;
}

static bool no_context(struct conform *c, const void *data)
{
	(void)c;
	(void)data;
	return HOLDS(!clSVMAlloc(NULL, 0, SIZE, 0));
}

static bool too_big(struct conform *c, const void *data)
{
	size_t most = number(c, CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof(cl_ulong));

	(void)data;
	return HOLDS(!clSVMAlloc(c->cl.context, 0, most + 1, 0)) &
	       HOLDS(!clSVMAlloc(c->cl.context, 0, SIZE_MAX, 0));
}

/* May fail; if not, then it is as aligned as that. */
static bool big_alignment(struct conform *c, const void *data)
{
	void *p = clSVMAlloc(c->cl.context, 0, SIZE, BIG_ALIGNMENT);
	bool right = HOLDS(!((uintptr_t)p % BIG_ALIGNMENT));

	(void)data;
	clSVMFree(c->cl.context, p);
	return right;
}

static bool disjoint(struct conform *c, const void *data)
{
	uint8_t *a = conform_alloc(c, 0, SIZE), *b = conform_alloc(c, 0, SIZE);
	bool right;

	(void)data;
	memset(a, 1, SIZE);
	memset(b, 2, SIZE);
	right = HOLDS(a[0] == 1 && a[SIZE - 1] == 1 && b[0] == 2);
	clSVMFree(c->cl.context, a);
	right &= HOLDS(b[0] == 2 && b[SIZE - 1] == 2);
	clSVMFree(c->cl.context, b);
	return right;
}

static bool free_nothing(struct conform *c, const void *data)
{
	(void)data;
	clSVMFree(c->cl.context, NULL);
	return is(clFinish(c->cl.queue), CL_SUCCESS);
}

static const struct request zero = { 0, 0, 0, false };

static const struct conform_case allocations[] = {
	{ "5.6.1", "alloc-no-context", no_context, NULL },
	{ "5.6.1", "alloc-default", request, FLAGS(0, true) },
	{ "5.6.1", "alloc-read-write", request, FLAGS(CL_MEM_READ_WRITE, true) },
	{ "5.6.1", "alloc-write-only", request, FLAGS(CL_MEM_WRITE_ONLY, true) },
	{ "5.6.1", "alloc-read-only", request, FLAGS(CL_MEM_READ_ONLY, true) },
	{ "5.6.1", "alloc-fine", request,
	  FLAGS(CL_MEM_SVM_FINE_GRAIN_BUFFER, true) },
	{ "5.6.1", "alloc-fine-atomics", request,
	  FLAGS(CL_MEM_SVM_FINE_GRAIN_BUFFER | CL_MEM_SVM_ATOMICS, true) },
	{ "5.6.1", "alloc-fine-atomics-read-write", request,
	  FLAGS(CL_MEM_READ_WRITE | CL_MEM_SVM_FINE_GRAIN_BUFFER |
		CL_MEM_SVM_ATOMICS, true) },
	{ "5.6.1", "alloc-atomics-alone", request,
	  FLAGS(CL_MEM_SVM_ATOMICS, false) },
	{ "5.6.1", "alloc-read-write-and-write-only", request,
	  FLAGS(CL_MEM_READ_WRITE | CL_MEM_WRITE_ONLY, false) },
	{ "5.6.1", "alloc-read-write-and-read-only", request,
	  FLAGS(CL_MEM_READ_WRITE | CL_MEM_READ_ONLY, false) },
	{ "5.6.1", "alloc-write-only-and-read-only", request,
	  FLAGS(CL_MEM_WRITE_ONLY | CL_MEM_READ_ONLY, false) },
	{ "5.6.1", "alloc-use-host-ptr", request,
	  FLAGS(CL_MEM_USE_HOST_PTR, false) },
	{ "5.6.1", "alloc-alloc-host-ptr", request,
	  FLAGS(CL_MEM_ALLOC_HOST_PTR, false) },
	{ "5.6.1", "alloc-copy-host-ptr", request,
	  FLAGS(CL_MEM_COPY_HOST_PTR, false) },
	{ "5.6.1", "alloc-host-no-access", request,
	  FLAGS(CL_MEM_HOST_NO_ACCESS, false) },
	{ "5.6.1", "alloc-unknown-flag", request, FLAGS(1ull << 40, false) },
	{ "5.6.1", "alloc-nothing", request, &zero },
	{ "5.6.1", "alloc-too-big", too_big, NULL },
	{ "5.6.1", "alloc-aligned-1", request, ALIGNED(1, true) },
	{ "5.6.1", "alloc-aligned-16", request, ALIGNED(16, true) },
	{ "5.6.1", "alloc-aligned-128", request, ALIGNED(LONG16, true) },
	{ "5.6.1", "alloc-aligned-3", request, ALIGNED(3, false) },
	{ "5.6.1", "alloc-aligned-130", request, ALIGNED(LONG16 + 2, false) },
	{ "5.6.1", "alloc-aligned-2G", big_alignment, NULL },
	{ "5.6.1", "alloc-disjoint", disjoint, NULL },
	{ "5.6.1", "svmfree-nothing", free_nothing, NULL },
};

static bool capabilities(struct conform *c, const void *data)
{
	cl_ulong caps = number(c, CL_DEVICE_SVM_CAPABILITIES,
			       sizeof(cl_device_svm_capabilities));

	(void)data;
	return HOLDS(caps == (CL_DEVICE_SVM_COARSE_GRAIN_BUFFER |
			      CL_DEVICE_SVM_FINE_GRAIN_BUFFER |
			      CL_DEVICE_SVM_FINE_GRAIN_SYSTEM |
			      CL_DEVICE_SVM_ATOMICS));
}

static bool address_size(struct conform *c, const void *data)
{
	(void)data;
	return HOLDS(number(c, CL_DEVICE_ADDRESS_BITS, sizeof(cl_uint)) ==
		     8 * sizeof(void *));
}

/* SVM atomics are of use with these only. */
static bool atomic_capabilities(struct conform *c, const void *data)
{
	const cl_ulong want = CL_DEVICE_ATOMIC_ORDER_RELAXED |
		CL_DEVICE_ATOMIC_ORDER_ACQ_REL |
		CL_DEVICE_ATOMIC_ORDER_SEQ_CST |
		CL_DEVICE_ATOMIC_SCOPE_WORK_GROUP |
		CL_DEVICE_ATOMIC_SCOPE_DEVICE |
		CL_DEVICE_ATOMIC_SCOPE_ALL_DEVICES;
	cl_device_info what = *(const cl_device_info *)data;

	return HOLDS((number(c, what, sizeof(cl_device_atomic_capabilities)) &
		      want) == want);
}

/* A power of two, or 0 for the natural alignment. */
static bool alignment(struct conform *c, const void *data)
{
	cl_ulong n = number(c, *(const cl_device_info *)data, sizeof(cl_uint));

	return HOLDS(!(n & (n - 1)));
}

#define INFO(what) (&(const cl_device_info){ what })

static const struct conform_case device[] = {
	{ "4.2", "device-svm-capabilities", capabilities, NULL },
	{ "4.2", "device-atomic-memory", atomic_capabilities,
	  INFO(CL_DEVICE_ATOMIC_MEMORY_CAPABILITIES) },
	{ "4.2", "device-atomic-fence", atomic_capabilities,
	  INFO(CL_DEVICE_ATOMIC_FENCE_CAPABILITIES) },
	{ "4.2", "device-platform-atomic-alignment", alignment,
	  INFO(CL_DEVICE_PREFERRED_PLATFORM_ATOMIC_ALIGNMENT) },
	{ "4.2", "device-global-atomic-alignment", alignment,
	  INFO(CL_DEVICE_PREFERRED_GLOBAL_ATOMIC_ALIGNMENT) },
	{ "4.2", "device-local-atomic-alignment", alignment,
	  INFO(CL_DEVICE_PREFERRED_LOCAL_ATOMIC_ALIGNMENT) },
	{ "5.6.1", "address-size", address_size, NULL },
};

static bool uses_svm(cl_mem buffer)
{
	cl_bool uses = 2;

	cl_check(clGetMemObjectInfo(buffer, CL_MEM_USES_SVM_POINTER,
				    sizeof(uses), &uses, NULL),
		 "CL_MEM_USES_SVM_POINTER");
	return uses == CL_TRUE;
}

/** struct buffer - of @flags, @offset into the SVM if it has a pointer */
struct buffer {
	cl_mem_flags flags;
	size_t offset;
	bool uses;		/* an SVM pointer */
};

#define BUFFER(flags, offset, uses) \
	(&(const struct buffer){ flags, offset, uses })

static bool uses(struct conform *c, const void *data)
{
	const struct buffer *b = data;
	const cl_buffer_region part = { 4096, 4096 };
	cl_mem whole, sub;
	cl_int err;
	bool right;

	whole = clCreateBuffer(c->cl.context, b->flags, CONFORM_SIZE / 2,
			       b->flags ? c->svm + b->offset : NULL, &err);
	if (!is(err, CL_SUCCESS))
		return false;
	sub = clCreateSubBuffer(whole, 0, CL_BUFFER_CREATE_TYPE_REGION, &part,
				&err);
	right = is(err, CL_SUCCESS);
	right &= HOLDS(uses_svm(whole) == b->uses);
	if (!err) {
		right &= HOLDS(uses_svm(sub) == b->uses);
		clReleaseMemObject(sub);
	}
	clReleaseMemObject(whole);
	return right;
}

/* No larger than what clSVMAlloc() was asked for. */
static bool size_of(struct conform *c, const void *data)
{
	cl_mem_flags flags = *(const cl_mem_flags *)data;
	void *p = conform_alloc(c, 0, SIZE);
	cl_int err;
	bool right;
	cl_mem b;

	b = clCreateBuffer(c->cl.context, flags, SIZE, p, &err);
	right = is(err, CL_SUCCESS);
	if (b)
		clReleaseMemObject(b);
	b = clCreateBuffer(c->cl.context, flags, SIZE + 1, p, &err);
	right &= is(err, CL_INVALID_BUFFER_SIZE);
	if (b)
		clReleaseMemObject(b);
	clSVMFree(c->cl.context, p);
	return right;
}

/* Its storage is the shared memory itself. */
static bool storage(struct conform *c, const void *data)
{
	const cl_uint word = 0x12345678;
	cl_uint *words = (cl_uint *)c->svm;
	bool right = true;
	void *mapped;
	cl_int err;
	cl_mem b;

	(void)data;
	words[256] = 1;
	words[257] = 3;
	b = clCreateBuffer(c->cl.context, CL_MEM_USE_HOST_PTR, SIZE, c->svm,
			   &err);
	cl_check(err, "clCreateBuffer");
	right &= is(clEnqueueWriteBuffer(c->cl.queue, b, CL_TRUE, 1024, 4,
					 &word, 0, NULL, NULL), CL_SUCCESS);
	mapped = clEnqueueMapBuffer(c->cl.queue, b, CL_TRUE, CL_MAP_READ, 1024,
				    8, 0, NULL, NULL, &err);
	right &= is(err, CL_SUCCESS);
	right &= HOLDS(mapped == &words[256]);
	right &= HOLDS(words[256] == word && words[257] == 3);
	clEnqueueUnmapMemObject(c->cl.queue, b, mapped, 0, NULL, NULL);
	clFinish(c->cl.queue);
	clReleaseMemObject(b);
	return right & HOLDS(words[256] == word);
}

static const struct conform_case buffers[] = {
	{ "5.5.5", "uses-svm-use-host-ptr", uses,
	  BUFFER(CL_MEM_USE_HOST_PTR, 0, true) },
	{ "5.5.5", "uses-svm-offset", uses,
	  BUFFER(CL_MEM_USE_HOST_PTR, 8192, true) },
	{ "5.5.5", "uses-svm-copy-host-ptr", uses,
	  BUFFER(CL_MEM_COPY_HOST_PTR, 0, false) },
	{ "5.5.5", "uses-svm-plain", uses, BUFFER(0, 0, false) },
	{ "5.2.1", "buffer-size-use-host-ptr", size_of,
	  &(const cl_mem_flags){ CL_MEM_USE_HOST_PTR } },
	{ "5.2.1", "buffer-size-copy-host-ptr", size_of,
	  &(const cl_mem_flags){ CL_MEM_COPY_HOST_PTR } },
	{ "5.2.1", "buffer-storage", storage, NULL },
};

int main(int argc, char **argv)
{
	struct conform c;

	conform_open(&c, argc, argv);
	CONFORM_CASES(&c, allocations);
	CONFORM_CASES(&c, device);
	CONFORM_CASES(&c, buffers);
	return conform_close(&c, "conform_alloc");
}
