// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The virtual GPU under Mesa, in one process: see vgpu.h.
 *
 * Mesa's shim for the kernel driver answers Mesa's ioctls and executes
 * nothing.  The program's own ioctl() comes before the shim's: it maps each
 * buffer object for the GPU, and hands each submission to the model's object
 * classes.  Every address of the GPU is system memory of this process.
 */
#include <dlfcn.h>
#include <err.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <drm.h>
#include <nouveau_drm.h>

#include "ce.h"
#include "fake_host.h"
#include "fifo_priv.h"
#include "gr.h"
#include "pt_builder.h"
#include "sm.h"
#include "vgpu.h"

#define PAGE		0x1000ull
#define CHAN		1
#define CHAN_INST	0x10000ull
#define TABLES		0x100000ull
#define VRAM_SIZE	(256u << 20)
/* The larger ones are for local memory, which is inside the model. */
#define BUFFER_MAX	(64u << 20)
#define BUFFERS_MAX	4096
#define RUN_BUDGET	100000u
/* Warp instructions of one launch; a loop without end has more */
#define RUN_LIMIT	400000000u
#define METHOD_TRIES	1000u

/*
 * Push buffer headers, Linux include/uapi nouveau_drm.h and Mesa's
 * nvc0_winsys.h: operation, count or data, subchannel, method.
 */
#define OP(word) ((word) >> 29)
#define OP_INCREMENT 1
#define OP_IMMEDIATE 4
#define OP_INCREMENT_ONCE 5
#define COUNT(word) ((word) >> 16 & 0x1fff)
#define SUBCHANNEL(word) ((word) >> 13 & 7)
#define METHOD(word) (((word) & 0x1fff) << 2)
#define PUSH_LENGTH 0x7fffffu

/* Methods below are the host engine's; Mesa uses SET_OBJECT alone. */
#define METHOD_OBJECT 0
#define METHOD_FIRST 0x100

/* Subchannels: Mesa nv_object.xml.h and nvc0_winsys.h; classes of a GP100 */
#define SUBCHANNEL_COPY 4
static const uint32_t classes[SUBCHANNEL_COPY] = {
	0xc097, 0xc0c0, 0xa140, 0x902d,
};

/** struct buffer - a buffer object, mapped here */
struct buffer {
	uint32_t handle;
	uint64_t size;
	uint8_t *map;
};

static struct {
	struct nvgpu *gpu;
	struct nvgpu_chan *chan;
	struct nvgpu_gr_context *gr;
	struct nvgpu_ce_context *ce;
	struct pt_builder pt;
	struct buffer buffers[BUFFERS_MAX];
	unsigned int nr_buffers;
	char error[256];
} v;

static void failed(const char *fmt, ...)
{
	va_list args;

	if (v.error[0])
		return;
	va_start(args, fmt);
	vsnprintf(v.error, sizeof(v.error), fmt, args);
	va_end(args);
}

const char *vgpu_error(void)
{
	return v.error[0] ? v.error : NULL;
}

void vgpu_forgive(void)
{
	v.error[0] = 0;
}

/* A bus address is an address of this process. */
static bool bus_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	memcpy(buf, (const void *)(uintptr_t)addr, len);
	return true;
}

static bool bus_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	memcpy((void *)(uintptr_t)addr, buf, len);
	return true;
}

static uint64_t no_time(void *opaque)
{
	return 0;
}

static void no_alarm(void *opaque, uint64_t deadline_ns)
{
}

static void nothing(void *opaque)
{
}

static void on_log(void *opaque, enum nvgpu_log_level level, const char *msg)
{
	if (level == NVGPU_LOG_ERROR)
		failed("%s", msg);
	else
		fprintf(stderr, "nvgpu: %s\n", msg);
}

static const struct nvgpu_host_ops ops = {
	.dma_read	= bus_read,
	.dma_write	= bus_write,
	.msi		= nothing,
	.now_ns		= no_time,
	.set_alarm	= no_alarm,
	.kick		= nothing,
	.log		= on_log,
};

void vgpu_open(bool scalar)
{
	const char *log = getenv("FUZZ_LOG"), *why = NULL;
	struct nvgpu_config config = {
		.vram_size = VRAM_SIZE, .sm_scalar = scalar,
		.log_level = log ? atoi(log) : NVGPU_LOG_ERROR,
	};

	v.gpu = nvgpu_new(&config, &ops, NULL, &why);
	if (!v.gpu)
		errx(1, "nvgpu_new: %s", why);
	pt_init(&v.pt, v.gpu, CHAN_INST, NVGPU_APER_VRAM, TABLES);
	nvgpu_bar_write(v.gpu, 0, PCCSR_INST(CHAN),
			PCCSR_INST_BIND | CHAN_INST >> 12, 4);
	v.chan = &v.gpu->fifo->chans[CHAN];
	v.chan->vm = pt_vm(&v.pt);
	v.gr = nvgpu_gr_context_new();
	v.ce = nvgpu_ce_context_new();
	if (!v.gr || !v.ce)
		errx(1, "no memory");
}

static void map(uint64_t va, const void *p, uint64_t size)
{
	uint64_t at;

	for (at = 0; at < size; at += PAGE)
		pt_map(&v.pt, va + at, PT_4K, (uintptr_t)p + at, PT_SYS);
	pt_invalidate(&v.pt, PT_INVAL_ALL_VA);
}

void vgpu_map(const void *p, size_t size)
{
	map((uintptr_t)p, p, size);
}

static void new_buffer(int fd, const struct drm_nouveau_gem_info *info)
{
	struct buffer *b;

	if (info->size > BUFFER_MAX)
		return;
	if (v.nr_buffers == BUFFERS_MAX)
		errx(1, "too many buffers");
	b = &v.buffers[v.nr_buffers++];
	b->handle = info->handle;
	b->size = (info->size + PAGE - 1) & ~(PAGE - 1);
	b->map = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      info->map_handle);
	if (b->map == MAP_FAILED)
		err(1, "mmap of a buffer");
	map(info->offset, b->map, b->size);
}

static void run_grid(void)
{
	uint64_t spent = 0;
	unsigned int n;

	while ((n = nvgpu_sm_run(v.gpu, RUN_BUDGET)) && spent < RUN_LIMIT)
		spent += n;
	if (!nvgpu_sm_idle(v.gpu)) {
		failed(n ? "the kernel does not end" :
			   "the kernel waits for a fault to be served");
		nvgpu_sm_abort(v.gpu);
	}
	if (v.chan->dead)
		failed("the channel died");
	v.chan->dead = false;
}

static void copy_method(uint32_t method, uint32_t data)
{
	static const struct nvgpu_client client = { };
	unsigned int tries = METHOD_TRIES;

	while (nvgpu_ce_method(v.gpu, v.chan, v.ce, &client, method, data) ==
	       NVGPU_METHOD_AGAIN)
		if (!tries--)
			return failed("copy method %x never ends", method);
}

static void method(unsigned int subchannel, uint32_t method, uint32_t data)
{
	enum nvgpu_method_result r;

	if (method == METHOD_OBJECT)
		return;
	if (method < METHOD_FIRST || subchannel > SUBCHANNEL_COPY)
		return failed("method %x of subchannel %u", method, subchannel);
	if (subchannel == SUBCHANNEL_COPY)
		return copy_method(method, data);
	r = nvgpu_gr_method(v.gpu, v.chan, v.gr, classes[subchannel], method,
			    data);
	if (r != NVGPU_METHOD_DONE)
		failed("class %x method %x data %x: result %d",
		       classes[subchannel], method, data, r);
	if (!nvgpu_sm_idle(v.gpu))
		run_grid();
}

static void execute(const uint32_t *words, size_t n)
{
	unsigned int i, at, count;
	uint32_t header;

	while (n) {
		header = *words++;
		n--;
		count = COUNT(header);
		at = METHOD(header);
		if (OP(header) == OP_IMMEDIATE) {
			method(SUBCHANNEL(header), at, count);
			continue;
		}
		if (count > n)
			return failed("push buffer: %x is too long", header);
		for (i = 0; i < count; i++) {
			method(SUBCHANNEL(header), at, words[i]);
			if (OP(header) == OP_INCREMENT ||
			    (OP(header) == OP_INCREMENT_ONCE && !i))
				at += 4;
		}
		words += count;
		n -= count;
	}
}

static const struct buffer *find(uint32_t handle)
{
	unsigned int i;

	for (i = v.nr_buffers; i--;)
		if (v.buffers[i].handle == handle)
			return &v.buffers[i];
	return NULL;
}

static void forget(uint32_t handle)
{
	unsigned int i;

	for (i = 0; i < v.nr_buffers; i++) {
		if (v.buffers[i].handle != handle)
			continue;
		munmap(v.buffers[i].map, v.buffers[i].size);
		v.buffers[i] = v.buffers[--v.nr_buffers];
		return;
	}
}

static void submit(const struct drm_nouveau_gem_pushbuf *s)
{
	const struct drm_nouveau_gem_pushbuf_bo *buffers =
		(void *)(uintptr_t)s->buffers;
	const struct drm_nouveau_gem_pushbuf_push *push =
		(void *)(uintptr_t)s->push;
	unsigned int i;

	for (i = 0; i < s->nr_push; i++) {
		const struct buffer *b =
			find(buffers[push[i].bo_index].handle);
		uint64_t length = push[i].length & PUSH_LENGTH;

		if (!b || push[i].offset + length > b->size)
			return failed("push %u is in no buffer", i);
		execute((const uint32_t *)(b->map + push[i].offset),
			length / 4);
	}
}

/* Comes before the shim's: see the head of this file. */
int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, ...);
	unsigned int nr = _IOC_NR(request);
	va_list args;
	void *arg;
	int ret;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (!next)
		next = dlsym(RTLD_NEXT, "ioctl");
	ret = next(fd, request, arg);
	if (ret || !v.gpu || _IOC_TYPE(request) != DRM_IOCTL_BASE)
		return ret;
	if (nr == DRM_COMMAND_BASE + DRM_NOUVEAU_GEM_NEW)
		new_buffer(fd, &((struct drm_nouveau_gem_new *)arg)->info);
	else if (nr == DRM_COMMAND_BASE + DRM_NOUVEAU_GEM_PUSHBUF)
		submit(arg);
	else if (request == DRM_IOCTL_GEM_CLOSE)
		forget(((struct drm_gem_close *)arg)->handle);
	return ret;
}
