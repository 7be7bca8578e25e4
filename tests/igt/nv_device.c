// SPDX-License-Identifier: MIT
/* A nouveau device with SVM: see nv_device.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>
#include <nouveau_drm.h>

#include "igt_abi.h"
#include "nv_device.h"

#define RENDER_FIRST	128
#define RENDER_LAST	191

/* Where the hole may lie: free in nearly every process, below 1 << 40. */
#define HOLE_FIRST	(8ull << 30)
#define HOLE_LAST	(512ull << 30)
#define HOLE_SIZE	(1ull << 30)

/* Object classes: NVIDIA's clc0c0.h, clc1c0.h. */
#define PASCAL_COMPUTE_A	0xc0c0
#define PASCAL_COMPUTE_B	0xc1c0
#define CHIPSET_GP100		0x130
/* The graphics engine, for CHANNEL_ALLOC (include/uapi/drm/nouveau_drm.h). */
#define FIFO_ENGINE_GR	0x01
#define OBJECT_HANDLE		0xbeef0001u

/*
 * Together somewhat more than the test machine's GPU has, which is 512 MiB: what
 * is more drives out what came before, and that is copied.
 */
#define VRAM_BO_SIZE	(32ul << 20)
#define VRAM_BOS	18

/*
 * Nouveau's object allocation, which libdrm's copy of the kernel's header
 * does not describe (include/uapi/drm/nouveau_drm.h).
 */
struct grobj_alloc {
	int channel;
	uint32_t handle;
	int class;
};

#define SVM_BIND _IOWR('d', DRM_COMMAND_BASE + DRM_NOUVEAU_SVM_BIND, \
		       struct drm_nouveau_svm_bind)

#define GROBJ_ALLOC _IOW('d', DRM_COMMAND_BASE + DRM_NOUVEAU_GROBJ_ALLOC, \
			 struct grobj_alloc)

static bool is_nouveau(int fd)
{
	drmVersionPtr v = drmGetVersion(fd);
	bool yes = v && !strcmp(v->name, "nouveau");

	drmFreeVersion(v);
	return yes;
}

int nv_open_render_node(void)
{
	char path[32];
	int fd, i;

	for (i = RENDER_FIRST; i <= RENDER_LAST; i++) {
		snprintf(path, sizeof(path), "/dev/dri/renderD%d", i);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd >= 0 && is_nouveau(fd))
			return fd;
		if (fd >= 0)
			close(fd);
	}
	errno = ENODEV;
	return -1;
}

static unsigned int get_chipset(int fd)
{
	struct drm_nouveau_getparam p = {
		.param = NOUVEAU_GETPARAM_CHIPSET_ID,
	};

	igt_assert_eq(drmCommandWriteRead(fd, DRM_NOUVEAU_GETPARAM, &p,
					  sizeof(p)), 0);
	return p.value;
}

static void *reserve_hole(void)
{
	uint64_t addr;
	void *p;

	for (addr = HOLE_FIRST; addr < HOLE_LAST; addr += HOLE_SIZE) {
		p = mmap((void *)addr, HOLE_SIZE, PROT_NONE, MAP_PRIVATE |
			 MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE,
			 -1, 0);
		if (p == (void *)addr)
			return p;
		if (p != MAP_FAILED)
			munmap(p, HOLE_SIZE);
	}
	return NULL;
}

int nv_svm_init(int fd, uint64_t hole, uint64_t size)
{
	struct drm_nouveau_svm_init init = {
		.unmanaged_addr = hole,
		.unmanaged_size = size,
	};

	return drmCommandWrite(fd, DRM_NOUVEAU_SVM_INIT, &init, sizeof(init));
}

static int ask(const struct nv_device *dev, const void *p, uint64_t size,
	       uint64_t target)
{
	struct drm_nouveau_svm_bind bind = {
		.header = target << NOUVEAU_SVM_BIND_TARGET_SHIFT,
		.va_start = (uintptr_t)p,
		.va_end = (uintptr_t)p + size,
	};

	return drmCommandWrite(dev->fd, DRM_NOUVEAU_SVM_BIND, &bind,
			       sizeof(bind));
}

int nv_svm_migrate(const struct nv_device *dev, const void *p, uint64_t size)
{
	return ask(dev, p, size, NOUVEAU_SVM_BIND_TARGET__GPU_VRAM);
}

int nv_svm_migrate_once(const struct nv_device *dev, const void *p,
			uint64_t size)
{
	struct drm_nouveau_svm_bind bind = {
		.header = NOUVEAU_SVM_BIND_TARGET__GPU_VRAM <<
			  NOUVEAU_SVM_BIND_TARGET_SHIFT,
		.va_start = (uintptr_t)p,
		.va_end = (uintptr_t)p + size,
	};

	return ioctl(dev->fd, SVM_BIND, &bind) ? -errno : 0;
}

int nv_svm_migrate_back(const struct nv_device *dev, const void *p,
			uint64_t size)
{
	return ask(dev, p, size, 0);
}

static uint64_t move(const struct nv_device *dev, const void *p, uint64_t size,
		     uint64_t target)
{
	struct drm_nouveau_svm_bind bind = {
		.header = target << NOUVEAU_SVM_BIND_TARGET_SHIFT,
		.va_start = (uintptr_t)p,
		.va_end = (uintptr_t)p + size,
	};

	igt_assert_eq(drmCommandWriteRead(dev->fd, DRM_NOUVEAU_SVM_BIND, &bind,
					  sizeof(bind)), 0);
	return bind.result;
}

uint64_t nv_svm_to_vram(const struct nv_device *dev, const void *p,
			uint64_t size)
{
	return move(dev, p, size, NOUVEAU_SVM_BIND_TARGET__GPU_VRAM);
}

uint64_t nv_svm_to_ram(const struct nv_device *dev, const void *p,
		       uint64_t size)
{
	return move(dev, p, size, 0);
}

void nv_device_open_hole(struct nv_device *dev, void *hole, uint64_t size)
{
	int ret;

	dev->fd = nv_open_render_node();
	igt_require_f(dev->fd >= 0, "no render node of nouveau\n");
	dev->chipset = get_chipset(dev->fd);
	igt_require_f(dev->chipset >= CHIPSET_GP100 && dev->chipset < 0x140,
		      "chipset %x is not a Pascal\n", dev->chipset);
	dev->class_compute = dev->chipset == CHIPSET_GP100 ?
		PASCAL_COMPUTE_A : PASCAL_COMPUTE_B;
	dev->hole = hole;
	dev->hole_size = size;
	igt_assert_f(dev->hole, "no room for the hole\n");
	ret = nv_svm_init(dev->fd, (uintptr_t)dev->hole, size);
	igt_require_f(ret != -ENOSYS, "no SVM in this kernel\n");
	igt_assert_eq(ret, 0);
}

void nv_device_open(struct nv_device *dev)
{
	nv_device_open_hole(dev, reserve_hole(), HOLE_SIZE);
}

void nv_device_close(struct nv_device *dev)
{
	close(dev->fd);
	munmap(dev->hole, dev->hole_size);
	dev->fd = -1;
}

static void bo_new(const struct nv_device *dev, uint64_t size, uint32_t domain,
		   struct nv_bo *bo)
{
	struct drm_nouveau_gem_new args = {
		.info = {
			.size = size,
			.domain = domain | NOUVEAU_GEM_DOMAIN_MAPPABLE |
				NOUVEAU_GEM_DOMAIN_COHERENT,
		},
		.align = 4096,
	};

	igt_assert_eq(drmCommandWriteRead(dev->fd, DRM_NOUVEAU_GEM_NEW, &args,
					  sizeof(args)), 0);
	bo->handle = args.info.handle;
	bo->size = args.info.size;
	bo->va = args.info.offset;
	bo->vram = false;
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       dev->fd, args.info.map_handle);
	igt_assert(bo->map != MAP_FAILED);
	memset(bo->map, 0, bo->size);
}

void nv_bo_new(const struct nv_device *dev, uint64_t size, struct nv_bo *bo)
{
	bo_new(dev, size, NOUVEAU_GEM_DOMAIN_GART, bo);
}

void nv_bo_new_vram(const struct nv_device *dev, uint64_t size,
		    struct nv_bo *bo)
{
	bo_new(dev, size, NOUVEAU_GEM_DOMAIN_VRAM, bo);
	bo->vram = true;
}

int nv_bo_try_vram(const struct nv_device *dev, uint64_t size,
		   struct nv_bo *bo)
{
	struct drm_nouveau_gem_new args = {
		.info = { .size = size, .domain = NOUVEAU_GEM_DOMAIN_VRAM },
		.align = 4096,
	};
	int ret;

	ret = drmCommandWriteRead(dev->fd, DRM_NOUVEAU_GEM_NEW, &args,
				  sizeof(args));
	*bo = (struct nv_bo) {
		.handle = args.info.handle,
		.size = args.info.size,
		.va = args.info.offset,
		.vram = true,
	};
	return ret;
}

void nv_fill_vram(const struct nv_device *dev)
{
	struct nv_bo bos[VRAM_BOS];
	unsigned int nr = 0;

	while (nr < VRAM_BOS && !nv_bo_try_vram(dev, VRAM_BO_SIZE, &bos[nr]))
		nr++;
	while (nr)
		nv_bo_free(dev, &bos[--nr]);
}

void nv_bo_map(const struct nv_device *dev, struct nv_bo *bo)
{
	struct drm_nouveau_gem_info info = { .handle = bo->handle };

	igt_assert_eq(drmCommandWriteRead(dev->fd, DRM_NOUVEAU_GEM_INFO, &info,
					  sizeof(info)), 0);
	bo->map = mmap(NULL, bo->size, PROT_READ | PROT_WRITE, MAP_SHARED,
		       dev->fd, info.map_handle);
	igt_assert(bo->map != MAP_FAILED);
}

void nv_bo_free(const struct nv_device *dev, struct nv_bo *bo)
{
	if (bo->map)
		munmap(bo->map, bo->size);
	drmCloseBufferHandle(dev->fd, bo->handle);
	memset(bo, 0, sizeof(*bo));
}

bool nv_bo_busy(const struct nv_device *dev, const struct nv_bo *bo)
{
	struct drm_nouveau_gem_cpu_prep prep = {
		.handle = bo->handle,
		.flags = NOUVEAU_GEM_CPU_PREP_WRITE |
			NOUVEAU_GEM_CPU_PREP_NOWAIT,
	};

	return drmCommandWrite(dev->fd, DRM_NOUVEAU_GEM_CPU_PREP, &prep,
			       sizeof(prep)) == -EBUSY;
}

int nv_channel_try(const struct nv_device *dev, struct nv_channel *chan)
{
	struct drm_nouveau_channel_alloc args = {
		.fb_ctxdma_handle = ~0u,
		.tt_ctxdma_handle = FIFO_ENGINE_GR,
	};
	struct grobj_alloc obj = {
		.handle = OBJECT_HANDLE,
		.class = dev->class_compute,
	};
	int ret;

	ret = drmCommandWriteRead(dev->fd, DRM_NOUVEAU_CHANNEL_ALLOC, &args,
				  sizeof(args));
	if (ret)
		return ret;
	chan->id = args.channel;
	obj.channel = args.channel;
	return drmIoctl(dev->fd, GROBJ_ALLOC, &obj) ? -errno : 0;
}

void nv_channel_new(const struct nv_device *dev, struct nv_channel *chan)
{
	const int ret = nv_channel_try(dev, chan);

	igt_assert_f(!ret, "a channel of compute class %x: %s\n",
		     dev->class_compute, strerror(-ret));
}

void nv_channel_free(const struct nv_device *dev, struct nv_channel *chan)
{
	struct drm_nouveau_channel_free args = { .channel = chan->id };

	drmCommandWrite(dev->fd, DRM_NOUVEAU_CHANNEL_FREE, &args,
			sizeof(args));
	chan->id = -1;
}

static void bo_reference(struct drm_nouveau_gem_pushbuf_bo *ref,
			 const struct nv_bo *bo)
{
	const uint32_t domain = bo->vram ? NOUVEAU_GEM_DOMAIN_VRAM :
					   NOUVEAU_GEM_DOMAIN_GART;

	*ref = (struct drm_nouveau_gem_pushbuf_bo) {
		.handle = bo->handle,
		.read_domains = domain,
		.write_domains = domain,
		.valid_domains = domain,
		.presumed = {
			.valid = 1,
			.domain = domain,
			.offset = bo->va,
		},
	};
}

int nv_submit(const struct nv_device *dev, const struct nv_channel *chan,
	      const struct nv_bo *push, uint32_t size,
	      const struct nv_bo *others, unsigned int nr_others)
{
	struct drm_nouveau_gem_pushbuf_bo buffers[NV_MAX_OTHERS + 1];
	struct drm_nouveau_gem_pushbuf_push segment = { .length = size };
	struct drm_nouveau_gem_pushbuf args = {
		.channel = chan->id,
		.nr_buffers = nr_others + 1,
		.buffers = (uintptr_t)buffers,
		.nr_push = 1,
		.push = (uintptr_t)&segment,
	};
	unsigned int i;

	igt_assert(nr_others <= NV_MAX_OTHERS);
	bo_reference(&buffers[0], push);
	for (i = 0; i < nr_others; i++)
		bo_reference(&buffers[i + 1], &others[i]);
	return drmCommandWriteRead(dev->fd, DRM_NOUVEAU_GEM_PUSHBUF, &args,
				   sizeof(args));
}
