/* SPDX-License-Identifier: MIT */
/*
 * What shared virtual memory adds to nouveau's interface to user space.
 *
 * It comes on top of the kernel's own header of this name, which this one
 * includes; the search path must have it first:
 *
 * - user space: -I<here>/include/uapi, and #include <drm/nouveau_drm.h>;
 * - the module: <here>/include, and #include "uapi/drm/nouveau_drm.h".
 *
 * New numbers begin where the kernel's are unlikely to get soon: ioctls at
 * 0x20, parameters at 0x100.
 */
#ifndef __NOUVEAU_DRM_SVM_H__
#define __NOUVEAU_DRM_SVM_H__

#include_next <drm/nouveau_drm.h>

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * define NOUVEAU_GETPARAM_SVM - query shared virtual memory
 *
 * The version of the interface to shared virtual memory, NOUVEAU_SVM_VERSION
 * of the kernel; 0: this GPU has none.  A kernel without this header's ioctls
 * says -EINVAL, whether it has shared virtual memory or not.
 */
#define NOUVEAU_GETPARAM_SVM		0x100

/**
 * define NOUVEAU_SVM_VERSION - what NOUVEAU_GETPARAM_SVM returns
 *
 * It grows when something is added; nothing is ever taken away.
 *
 * - 1: DRM_NOUVEAU_SVM_INIT, DRM_NOUVEAU_SVM_BIND, DRM_NOUVEAU_SVM_DEATH.
 * - 2: DRM_NOUVEAU_SVM_ADVISE with NOUVEAU_SVM_ADVISE_LOCATION, and
 *   DRM_NOUVEAU_SVM_QUERY.
 * - 3: NOUVEAU_SVM_ADVISE_PREFETCH, NOUVEAU_SVM_ADVISE_DISCARD,
 *   NOUVEAU_SVM_ADVISE_ACCESSED_BY, NOUVEAU_SVM_ADVISE_READ_MOSTLY.
 */
#define NOUVEAU_SVM_VERSION		3

/**
 * enum drm_nouveau_svm_access - what an access wanted
 */
enum drm_nouveau_svm_access {
	/** @NOUVEAU_SVM_ACCESS_NONE: nothing */
	NOUVEAU_SVM_ACCESS_NONE = 0,
	/** @NOUVEAU_SVM_ACCESS_READ: a load */
	NOUVEAU_SVM_ACCESS_READ = 1,
	/** @NOUVEAU_SVM_ACCESS_WRITE: a store */
	NOUVEAU_SVM_ACCESS_WRITE = 2,
	/** @NOUVEAU_SVM_ACCESS_ATOMIC: an atomic read-modify-write */
	NOUVEAU_SVM_ACCESS_ATOMIC = 3,
};

/**
 * enum drm_nouveau_svm_reason - why a channel was killed
 */
enum drm_nouveau_svm_reason {
	/** @NOUVEAU_SVM_REASON_ALIVE: it was not */
	NOUVEAU_SVM_REASON_ALIVE = 0,
	/**
	 * @NOUVEAU_SVM_REASON_OTHER: not for an access to shared memory; the
	 * kernel log may say more
	 */
	NOUVEAU_SVM_REASON_OTHER = 1,
	/**
	 * @NOUVEAU_SVM_REASON_HARDWARE: an access that no mapping could have
	 * helped; @fault_type says more
	 */
	NOUVEAU_SVM_REASON_HARDWARE = 2,
	/** @NOUVEAU_SVM_REASON_NO_MAPPING: the process has nothing there */
	NOUVEAU_SVM_REASON_NO_MAPPING = 3,
	/**
	 * @NOUVEAU_SVM_REASON_UNMANAGED: the address is in the area for
	 * buffers (unmanaged_addr of SVM_INIT), and there is no buffer
	 */
	NOUVEAU_SVM_REASON_UNMANAGED = 4,
	/** @NOUVEAU_SVM_REASON_NO_ACCESS: a mapping that can't be read */
	NOUVEAU_SVM_REASON_NO_ACCESS = 5,
	/** @NOUVEAU_SVM_REASON_READ_ONLY: a mapping that can't be written */
	NOUVEAU_SVM_REASON_READ_ONLY = 6,
	/** @NOUVEAU_SVM_REASON_IO: a mapping of device memory */
	NOUVEAU_SVM_REASON_IO = 7,
	/**
	 * @NOUVEAU_SVM_REASON_NO_ATOMIC: memory that the GPU can't have for
	 * itself: only private anonymous memory can be
	 */
	NOUVEAU_SVM_REASON_NO_ATOMIC = 8,
	/**
	 * @NOUVEAU_SVM_REASON_NO_PAGE: the CPU would get SIGBUS or SIGSEGV
	 * there: the end of a file, a guard page, a broken page
	 */
	NOUVEAU_SVM_REASON_NO_PAGE = 9,
	/**
	 * @NOUVEAU_SVM_REASON_USER_FAULT: a page that userfaultfd(2) is to
	 * bring, but its monitor takes no faults of the kernel
	 */
	NOUVEAU_SVM_REASON_USER_FAULT = 10,
	/**
	 * @NOUVEAU_SVM_REASON_SUSPEND: its kernel was not done when the machine
	 * was suspended; the access was all right
	 */
	NOUVEAU_SVM_REASON_SUSPEND = 11,
};

/**
 * struct drm_nouveau_svm_death - DRM_NOUVEAU_SVM_DEATH: why a channel died
 *
 * Tells of the first access that the channel was killed for.  It is kept as
 * long as the channel: until DRM_NOUVEAU_CHANNEL_FREE.
 *
 * Whoever finds that work on a channel has failed finds the answer here; it is
 * there before the failure can be seen.
 */
struct drm_nouveau_svm_death {
	/**
	 * @channel: in: the channel, as DRM_NOUVEAU_CHANNEL_ALLOC named it.
	 * Any channel of this file.
	 */
	__s32 channel;
	/** @flags: in: none are defined; 0 */
	__u32 flags;
	/** @reason: out: one of enum drm_nouveau_svm_reason */
	__u32 reason;
	/**
	 * @access: out: one of enum drm_nouveau_svm_access; NONE if @reason is
	 * ALIVE or OTHER, and then all that follows is 0
	 */
	__u32 access;
	/**
	 * @address: out: the virtual address, rounded down to 4096, which is
	 * as much as the hardware tells
	 */
	__u64 address;
	/**
	 * @fault_type: out: what the GPU called it, NV_PFAULT_FAULT_TYPE of
	 * NVIDIA's dev_fault.h; for the curious
	 */
	__u32 fault_type;
	/** @reserved: in and out: 0 */
	__u32 reserved;
};

#define DRM_NOUVEAU_SVM_DEATH		0x20
#define DRM_IOCTL_NOUVEAU_SVM_DEATH \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_NOUVEAU_SVM_DEATH, \
		 struct drm_nouveau_svm_death)

/**
 * enum drm_nouveau_svm_location - where memory is to live
 */
enum drm_nouveau_svm_location {
	/** @NOUVEAU_SVM_LOCATION_NONE: where the driver thinks it should */
	NOUVEAU_SVM_LOCATION_NONE = 0,
	/** @NOUVEAU_SVM_LOCATION_SYSTEM: in the machine's memory */
	NOUVEAU_SVM_LOCATION_SYSTEM = 1,
	/** @NOUVEAU_SVM_LOCATION_VRAM: in the GPU's */
	NOUVEAU_SVM_LOCATION_VRAM = 2,
};

/**
 * enum drm_nouveau_svm_verb - what DRM_NOUVEAU_SVM_ADVISE says
 */
enum drm_nouveau_svm_verb {
	/**
	 * @NOUVEAU_SVM_ADVISE_LOCATION: where memory is to live; value is one
	 * of enum drm_nouveau_svm_location.  Moves nothing: a fault of the GPU
	 * does.
	 */
	NOUVEAU_SVM_ADVISE_LOCATION = 1,
	/**
	 * @NOUVEAU_SVM_ADVISE_PREFETCH: have it there now, populated, and
	 * mapped for the GPU; value is NOUVEAU_SVM_LOCATION_SYSTEM or
	 * NOUVEAU_SVM_LOCATION_VRAM.  What can't be there is mapped where it
	 * is.  Nothing of this is kept.
	 */
	NOUVEAU_SVM_ADVISE_PREFETCH = 2,
	/**
	 * @NOUVEAU_SVM_ADVISE_DISCARD: its content is of no use any more;
	 * value is 0.  Private anonymous memory that may be written becomes
	 * zeros; all else keeps what is in it.  Nothing of this is kept.
	 */
	NOUVEAU_SVM_ADVISE_DISCARD = 3,
	/**
	 * @NOUVEAU_SVM_ADVISE_ACCESSED_BY: the GPU will access it; value is 1,
	 * or 0: not so.  What is there is mapped now, and again after the
	 * process has changed it, without a fault.
	 */
	NOUVEAU_SVM_ADVISE_ACCESSED_BY = 4,
	/**
	 * @NOUVEAU_SVM_ADVISE_READ_MOSTLY: it is read far more often than
	 * written; value is 1, or 0: not so.  Reads of the GPU do not move it.
	 */
	NOUVEAU_SVM_ADVISE_READ_MOSTLY = 5,
};

/* What DRM_NOUVEAU_SVM_QUERY says is advised, beside a location. */
#define NOUVEAU_SVM_ADVISED_ACCESSED_BY	0x1
#define NOUVEAU_SVM_ADVISED_READ_MOSTLY	0x2

/**
 * struct drm_nouveau_svm_advise - DRM_NOUVEAU_SVM_ADVISE: about memory
 *
 * Advice is kept for what the process has mapped in the range, of whatever
 * kind; for holes in it, nothing is.  It ends when the mapping does.  An error
 * leaves all advice as it was.  What is done at once is done as far as the error
 * says nothing else.
 */
struct drm_nouveau_svm_advise {
	/** @start: in: first byte; a multiple of 4096 */
	__u64 start;
	/** @size: in: bytes; a multiple of 4096, not 0 */
	__u64 size;
	/** @verb: in: one of enum drm_nouveau_svm_verb */
	__u32 verb;
	/** @value: in: what the verb says; 0 if it says nothing */
	__u32 value;
	/** @flags: in: none are defined; 0 */
	__u32 flags;
	/** @reserved: in and out: 0 */
	__u32 reserved;
};

/**
 * struct drm_nouveau_svm_query - DRM_NOUVEAU_SVM_QUERY: where memory is
 *
 * Of a range, how much is where; of its first page, what is advised.  Who asks
 * again from @advice_end learns of all advice.  While memory moves the answer
 * may be old when it comes.
 */
struct drm_nouveau_svm_query {
	/** @start: in: first byte; a multiple of 4096 */
	__u64 start;
	/** @size: in: bytes; a multiple of 4096, not 0 */
	__u64 size;
	/** @flags: in: none are defined; 0 */
	__u32 flags;
	/** @reserved: in and out: 0 */
	__u32 reserved;
	/** @vram_bytes: out: bytes in the GPU's memory */
	__u64 vram_bytes;
	/** @ram_bytes: out: bytes in the machine's memory */
	__u64 ram_bytes;
	/**
	 * @absent_bytes: out: bytes that are in neither: not touched yet, in
	 * swap, not mapped, not readable, or of a device
	 */
	__u64 absent_bytes;
	/** @mapped_bytes: out: bytes that the GPU reaches without a fault */
	__u64 mapped_bytes;
	/**
	 * @advice_end: out: where advice changes first, or the range ends
	 */
	__u64 advice_end;
	/**
	 * @location: out: one of enum drm_nouveau_svm_location, as advised for
	 * the first page
	 */
	__u32 location;
	/** @advice: out: NOUVEAU_SVM_ADVISED_*, of the first page as well */
	__u32 advice;
};

#define DRM_NOUVEAU_SVM_ADVISE		0x21
#define DRM_NOUVEAU_SVM_QUERY		0x22
#define DRM_IOCTL_NOUVEAU_SVM_ADVISE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_NOUVEAU_SVM_ADVISE, \
		 struct drm_nouveau_svm_advise)
#define DRM_IOCTL_NOUVEAU_SVM_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_NOUVEAU_SVM_QUERY, \
		 struct drm_nouveau_svm_query)

#if defined(__cplusplus)
}
#endif

#endif
