// SPDX-License-Identifier: MIT
/*
 * Launching a kernel: see nv_compute.h.
 *
 * Methods: NVIDIA's clc0c0.h; launch descriptor (QMD): clc0c0qmd.h, V02_01.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "igt_abi.h"
#include "nv_compute.h"
#include "nv_patience.h"

/* Layout of struct nv_launch.state. */
#define STATE_QMD	0x0000
#define STATE_CODE	0x0400
#define STATE_CONST	0x0800
#define STATE_DONE	0x0c00	/* semaphore the grid's end writes */
#define STATE_SIZE	0x1000
#define CONST_SIZE	0x0100
#define DONE_VALUE	0x600d600du

#define SUBC_COMPUTE		1

/* Methods of the compute class. */
#define SET_OBJECT			0x0000
#define WAIT_FOR_IDLE			0x0110
#define SET_SHADER_SHARED_MEMORY_WINDOW	0x0214
#define SEND_PCAS_A			0x02b4
#define SEND_SIGNALING_PCAS_B		0x02bc
#define   PCAS_B_INVALIDATE_SCHEDULE	3
#define SET_SPA_VERSION			0x0310
#define   SPA_VERSION_PASCAL		0x400	/* as Mesa sends it */
#define SET_SHADER_LOCAL_MEMORY_WINDOW	0x077c
#define SET_PROGRAM_REGION_A		0x1608
#define INVALIDATE_SHADER_CACHES	0x1698
#define   INVALIDATE_INSTRUCTION_DATA_CONSTANT	0x1011
#define SET_REPORT_SEMAPHORE_A		0x1b00
#define   REPORT_RELEASE_ONE_WORD	(1u << 28)

#define SHARED_WINDOW		NV_WINDOWS
#define LOCAL_WINDOW		(NV_WINDOWS + NV_WINDOWS_SIZE / 2)

/* Method headers: type 31:29, count 28:16, subchannel 15:13, method / 4. */
#define INCREASING		1u

static void method(uint32_t **p, uint32_t mthd, uint32_t count)
{
	*(*p)++ = INCREASING << 29 | count << 16 | SUBC_COMPUTE << 13 |
		mthd / 4;
}

static void method1(uint32_t **p, uint32_t mthd, uint32_t data)
{
	method(p, mthd, 1);
	*(*p)++ = data;
}

static void method_address(uint32_t **p, uint32_t mthd, uint64_t address)
{
	method(p, mthd, 2);
	*(*p)++ = address >> 32;
	*(*p)++ = address;
}

/* Set bits hi:lo of the launch descriptor. */
static void qmd_set(uint32_t *qmd, unsigned int hi, unsigned int lo,
		    uint32_t val)
{
	unsigned int bit;

	for (bit = lo; bit <= hi; bit++, val >>= 1)
		qmd[bit / 32] |= (val & 1) << bit % 32;
}

/* One warp a CTA: kernels know no other way to number their threads. */
static void fill_qmd(uint32_t *qmd, uint64_t constants, unsigned int threads)
{
	const unsigned int cta = threads < NV_WARP ? threads : NV_WARP;

	igt_assert(threads % cta == 0);
	qmd_set(qmd, 134, 134, 1);		/* SM_GLOBAL_CACHING_ENABLE */
	qmd_set(qmd, 287, 256, 0);		/* PROGRAM_OFFSET */
	qmd_set(qmd, 366, 366, 1);		/* RELEASE_MEMBAR_TYPE: SYS */
	qmd_set(qmd, 369, 368, 1);		/* CWD_MEMBAR_TYPE: L1_SYS */
	qmd_set(qmd, 378, 378, 1);		/* API_VISIBLE_CALL_LIMIT: no */
	qmd_set(qmd, 415, 384, threads / cta);	/* CTA_RASTER_WIDTH */
	qmd_set(qmd, 431, 416, 1);		/* CTA_RASTER_HEIGHT */
	qmd_set(qmd, 463, 448, 1);		/* CTA_RASTER_DEPTH */
	qmd_set(qmd, 607, 592, cta);		/* CTA_THREAD_DIMENSION0 */
	qmd_set(qmd, 623, 608, 1);		/* CTA_THREAD_DIMENSION1 */
	qmd_set(qmd, 639, 624, 1);		/* CTA_THREAD_DIMENSION2 */
	qmd_set(qmd, 640, 640, 1);		/* CONSTANT_BUFFER_VALID(0) */
	qmd_set(qmd, 991, 984, NV_KERNEL_REGISTERS);
	qmd_set(qmd, 1055, 1024, constants);	/* address of bank 0 */
	qmd_set(qmd, 1072, 1056, constants >> 32);
	qmd_set(qmd, 1087, 1075, CONST_SIZE >> 4);
}

/** struct addresses - where the GPU finds what a launch consists of */
struct addresses {
	uint64_t descriptor, code, constants, done;
};

/* A part of a launch: where it is for the GPU, and what the CPU writes to. */
static uint64_t place(const struct nv_launch *launch, void *elsewhere,
		      uint64_t offset, void **p)
{
	*p = elsewhere ? elsewhere : (uint8_t *)launch->state.map + offset;
	return elsewhere ? (uintptr_t)elsewhere : launch->state.va + offset;
}

static void fill_state(struct nv_launch *launch, enum nv_kernel kernel,
		       const struct nv_kernel_args *args, unsigned int threads,
		       const struct nv_places *places, struct addresses *at)
{
	uint64_t code[NV_KERNEL_MAX_WORDS];
	void *p;

	nv_sass_kernel(kernel, code);
	at->code = place(launch, places->code, STATE_CODE, &p);
	memcpy(p, code, sizeof(code));
	at->constants = place(launch, places->constants, STATE_CONST, &p);
	memcpy(p, args, sizeof(*args));
	at->descriptor = place(launch, places->descriptor, STATE_QMD, &p);
	fill_qmd(p, at->constants, threads);
	at->done = place(launch, places->done, STATE_DONE, &p);
	launch->done = p;
}

static uint32_t fill_push(const struct nv_device *dev, struct nv_launch *launch,
			  const struct addresses *at)
{
	uint32_t *p = launch->push.map;

	method1(&p, SET_OBJECT, dev->class_compute);
	method1(&p, SET_SHADER_LOCAL_MEMORY_WINDOW, LOCAL_WINDOW);
	method1(&p, SET_SHADER_SHARED_MEMORY_WINDOW, SHARED_WINDOW);
	method_address(&p, SET_PROGRAM_REGION_A, at->code);
	method1(&p, SET_SPA_VERSION, SPA_VERSION_PASCAL);
	method1(&p, INVALIDATE_SHADER_CACHES,
		INVALIDATE_INSTRUCTION_DATA_CONSTANT);
	method1(&p, SEND_PCAS_A, at->descriptor >> 8);
	method1(&p, SEND_SIGNALING_PCAS_B, PCAS_B_INVALIDATE_SCHEDULE);
	method1(&p, WAIT_FOR_IDLE, 0);
	method(&p, SET_REPORT_SEMAPHORE_A, 4);
	*p++ = at->done >> 32;
	*p++ = at->done;
	*p++ = DONE_VALUE;
	*p++ = REPORT_RELEASE_ONE_WORD;
	return (uint8_t *)p - (uint8_t *)launch->push.map;
}

/* All but the submission.  Returns the push buffer's length. */
static uint32_t prepare(const struct nv_device *dev, struct nv_launch *launch,
			enum nv_kernel kernel,
			const struct nv_kernel_args *args, unsigned int threads,
			const struct nv_places *places)
{
	struct addresses at;

	nv_bo_new(dev, STATE_SIZE, &launch->push);
	nv_bo_new(dev, STATE_SIZE, &launch->state);
	fill_state(launch, kernel, args, threads, places, &at);
	return fill_push(dev, launch, &at);
}

int nv_launch_at(const struct nv_device *dev, const struct nv_channel *chan,
		 struct nv_launch *launch, enum nv_kernel kernel,
		 const struct nv_kernel_args *args, unsigned int threads,
		 const struct nv_places *places)
{
	const uint32_t size = prepare(dev, launch, kernel, args, threads,
				      places);

	return nv_submit(dev, chan, &launch->push, size, &launch->state, 1);
}

int nv_launch_with(const struct nv_device *dev, const struct nv_channel *chan,
		   struct nv_launch *launch, enum nv_kernel kernel,
		   const struct nv_kernel_args *args, unsigned int threads,
		   const struct nv_bo *bos, unsigned int nr)
{
	const struct nv_places buffers = { 0 };
	const uint32_t size = prepare(dev, launch, kernel, args, threads,
				      &buffers);
	struct nv_bo others[NV_MAX_OTHERS];

	igt_assert(nr < NV_MAX_OTHERS);
	memcpy(others, bos, nr * sizeof(*bos));
	others[nr] = launch->state;
	return nv_submit(dev, chan, &launch->push, size, others, nr + 1);
}

int nv_launch_try(const struct nv_device *dev, const struct nv_channel *chan,
		  struct nv_launch *launch, enum nv_kernel kernel,
		  const struct nv_kernel_args *args, unsigned int threads)
{
	const struct nv_places buffers = { 0 };

	return nv_launch_at(dev, chan, launch, kernel, args, threads, &buffers);
}

void nv_launch(const struct nv_device *dev, const struct nv_channel *chan,
	       struct nv_launch *launch, enum nv_kernel kernel,
	       const struct nv_kernel_args *args, unsigned int threads)
{
	const int ret = nv_launch_try(dev, chan, launch, kernel, args, threads);

	/* It may die before the submission returns: nv_launch_wait() tells. */
	igt_assert_f(!ret || ret == -ENODEV, "launch: %s\n", strerror(-ret));
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static bool launch_done(const struct nv_launch *launch)
{
	return *launch->done == DONE_VALUE;
}

int nv_launch_wait(const struct nv_device *dev, struct nv_launch *launch,
		   unsigned int seconds)
{
	const struct timespec pause = { .tv_nsec = 1000 * 1000 };
	double end = seconds_now() + nv_patience(seconds);

	while (nv_bo_busy(dev, &launch->push)) {
		if (seconds_now() > end)
			return -ETIME;
		nanosleep(&pause, NULL);
	}
	return launch_done(launch) ? 0 : -EIO;
}

void nv_launch_free(const struct nv_device *dev, struct nv_launch *launch)
{
	nv_bo_free(dev, &launch->state);
	nv_bo_free(dev, &launch->push);
}

#define RUN_SECONDS 60

int nv_run_status(const struct nv_device *dev, const struct nv_channel *chan,
		  enum nv_kernel kernel, const struct nv_kernel_args *args,
		  unsigned int threads)
{
	struct nv_launch launch;
	int ret;

	ret = nv_launch_try(dev, chan, &launch, kernel, args, threads);
	if (!ret)
		ret = nv_launch_wait(dev, &launch, RUN_SECONDS);
	else if (ret == -ENODEV)
		ret = -EIO;	/* it died before the submission returned */
	nv_launch_free(dev, &launch);
	return ret;
}

void nv_run(const struct nv_device *dev, const struct nv_channel *chan,
	    enum nv_kernel kernel, const struct nv_kernel_args *args,
	    unsigned int threads)
{
	igt_assert_eq(nv_run_status(dev, chan, kernel, args, threads), 0);
}
