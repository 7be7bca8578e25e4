/* SPDX-License-Identifier: MIT */
/* A nouveau device with SVM: open, buffers in its hole, channels. */
#ifndef NV_DEVICE_H
#define NV_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

/** struct nv_device - a client of the GPU, SVM on */
struct nv_device {
	int fd;
	/** @chipset: as NOUVEAU_GETPARAM_CHIPSET_ID tells it */
	unsigned int chipset;
	/** @class_compute: its compute object class */
	uint32_t class_compute;
	/** @hole: addresses kept for buffers, @hole_size bytes; no memory */
	void *hole;
	uint64_t hole_size;
};

/** struct nv_bo - a buffer */
struct nv_bo {
	uint32_t handle;
	uint64_t size;
	/** @va: its address on the GPU, inside the hole */
	uint64_t va;
	void *map;
	/** @vram: the GPU wants it in its own memory when it works on it */
	bool vram;
};

/** struct nv_channel - a channel on the graphics engine */
struct nv_channel {
	int id;
};

/* A render node of nouveau; -1 and errno if there is none. */
int nv_open_render_node(void);

/*
 * Open a device and enter SVM.  Skips the test when there is no NVIDIA GPU
 * with SVM.
 */
void nv_device_open(struct nv_device *dev);
/* The same with a hole of the caller's, which nv_device_close() unmaps. */
void nv_device_open_hole(struct nv_device *dev, void *hole, uint64_t size);
void nv_device_close(struct nv_device *dev);

/* SVM_INIT with any hole; 0 or -errno. */
int nv_svm_init(int fd, uint64_t hole, uint64_t size);

/* SVM_BIND, migrate to VRAM or back; 0 or -errno. */
int nv_svm_migrate(const struct nv_device *dev, const void *p, uint64_t size);
/* To VRAM, but a signal ends it: libdrm would ask again. */
int nv_svm_migrate_once(const struct nv_device *dev, const void *p,
			uint64_t size);
int nv_svm_migrate_back(const struct nv_device *dev, const void *p,
			uint64_t size);

/*
 * SVM_BIND, migrate to VRAM or back; asserts success.  Returns how many pages
 * the driver says it has moved.
 */
uint64_t nv_svm_to_vram(const struct nv_device *dev, const void *p,
			uint64_t size);
uint64_t nv_svm_to_ram(const struct nv_device *dev, const void *p,
		       uint64_t size);

/* In system memory, or in the GPU's own.  Asserts success. */
void nv_bo_new(const struct nv_device *dev, uint64_t size, struct nv_bo *bo);
void nv_bo_new_vram(const struct nv_device *dev, uint64_t size,
		    struct nv_bo *bo);
/* In VRAM, not mapped for the CPU; 0 or -errno. */
int nv_bo_try_vram(const struct nv_device *dev, uint64_t size,
		   struct nv_bo *bo);
/*
 * Buffers in VRAM, one after the other, until the GPU has no room for more; then
 * they go.
 */
void nv_fill_vram(const struct nv_device *dev);
/* One that is not mapped.  Asserts success. */
void nv_bo_map(const struct nv_device *dev, struct nv_bo *bo);
void nv_bo_free(const struct nv_device *dev, struct nv_bo *bo);

/* The GPU may still work on the buffer. */
bool nv_bo_busy(const struct nv_device *dev, const struct nv_bo *bo);

/* With a compute object.  0 or -errno; there may be a channel all the same. */
int nv_channel_try(const struct nv_device *dev, struct nv_channel *chan);
/* Asserts success. */
void nv_channel_new(const struct nv_device *dev, struct nv_channel *chan);
void nv_channel_free(const struct nv_device *dev, struct nv_channel *chan);

/* How many others there may be. */
#define NV_MAX_OTHERS	48

/*
 * Submit @size bytes of @push; @others are buffers the GPU touches.
 * 0 or -errno.
 */
int nv_submit(const struct nv_device *dev, const struct nv_channel *chan,
	      const struct nv_bo *push, uint32_t size,
	      const struct nv_bo *others, unsigned int nr_others);

#endif
