/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GPU virtual memory: address spaces, translation through cruel TLBs,
 * accesses with typed outcomes.  A failed access has no side effect.
 */
#ifndef NVGPU_MMU_H
#define NVGPU_MMU_H

#include "mem.h"

/** enum nvgpu_access - as fault packets encode it */
enum nvgpu_access {
	NVGPU_ACCESS_READ	= 0,
	NVGPU_ACCESS_WRITE	= 1,
	NVGPU_ACCESS_ATOMIC	= 2,
	NVGPU_ACCESS_PREFETCH	= 3,
};

/** enum nvgpu_fault_type - NV_PFAULT_FAULT_TYPE of gp100 */
enum nvgpu_fault_type {
	NVGPU_FAULT_PDE			= 0x0,
	NVGPU_FAULT_PDE_SIZE		= 0x1,
	NVGPU_FAULT_PTE			= 0x2,
	NVGPU_FAULT_VA_LIMIT		= 0x3,
	NVGPU_FAULT_UNBOUND_INST	= 0x4,
	NVGPU_FAULT_PRIV		= 0x5,
	NVGPU_FAULT_RO			= 0x6,
	NVGPU_FAULT_APERTURE		= 0xa,
	NVGPU_FAULT_REGION		= 0xd,
	NVGPU_FAULT_ATOMIC		= 0xf,
};

/** struct nvgpu_vm - an address space, read from an instance block */
struct nvgpu_vm {
	/** @inst: VRAM address of the instance block */
	uint64_t inst;
	/** @pdb: address of the page directory base, in @pdb_aper */
	uint64_t pdb;
	enum nvgpu_aperture pdb_aper;
	/** @limit: highest valid address */
	uint64_t limit;
	/** @valid: a VER2 page directory base is there */
	bool valid;
	/** @replay_tex: GPC texture/L1 clients fault replayably */
	bool replay_tex;
	/** @replay_gcc: the same for GPC constant and instruction fetches */
	bool replay_gcc;
};

/** enum nvgpu_mmu_eng - fault units, NV_PFAULT_MMU_ENG_ID of gp100 */
enum nvgpu_mmu_eng {
	NVGPU_MMU_ENG_GR	= 0,
	NVGPU_MMU_ENG_BAR1	= 4,
	NVGPU_MMU_ENG_BAR2	= 5,
};

/** struct nvgpu_client - who accesses memory */
struct nvgpu_client {
	/** @unit: fault unit, NV_PFAULT_MMU_ENG_ID (GR 0, BAR1 4, CE0 0x15) */
	uint8_t unit;
	/** @id: client id within the GPC or hub */
	uint8_t id;
	/** @hub: hub client, else GPC client */
	bool hub;
	/** @gpc: number of the GPC, if not @hub */
	uint8_t gpc;
};

/** struct nvgpu_fault_info - why an access did not happen */
struct nvgpu_fault_info {
	uint64_t va;
	enum nvgpu_access access;
	enum nvgpu_fault_type type;
};

/** struct nvgpu_xlat - a translation */
struct nvgpu_xlat {
	enum nvgpu_aperture aper;
	/** @pa: physical address of the byte asked for */
	uint64_t pa;
	/** @span: bytes from it to the end of its page */
	uint64_t span;
};

/* Read the address space of the instance block at VRAM address @inst. */
void nvgpu_vm_load(struct nvgpu *gpu, struct nvgpu_vm *vm, uint64_t inst);

/*
 * Translate one address for one access, by @client's TLB, else by walking.
 * False: @fault says why; nothing else changed.
 */
bool nvgpu_translate(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		     const struct nvgpu_client *client, uint64_t va,
		     enum nvgpu_access access, struct nvgpu_xlat *xlat,
		     struct nvgpu_fault_info *fault);

/* Most bytes that one nvgpu_vm_read() or nvgpu_vm_write() may move. */
#define NVGPU_VM_MAX	(1u << 20)

/*
 * Read or write virtual memory, all or nothing: every page is translated
 * before the first byte moves.  False: @fault is the first page's.  @len is
 * NVGPU_VM_MAX at most.
 */
bool nvgpu_vm_read(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		   const struct nvgpu_client *client, uint64_t va, void *buf,
		   size_t len, struct nvgpu_fault_info *fault);
bool nvgpu_vm_write(struct nvgpu *gpu, const struct nvgpu_vm *vm,
		    const struct nvgpu_client *client, uint64_t va,
		    const void *buf, size_t len,
		    struct nvgpu_fault_info *fault);

/* uTLBs of a GPC: one for its front end units, one for each TPC. */
#define NVGPU_UTLBS	7

/*
 * The uTLB of its GPC that GPC client @id goes through, below NVGPU_UTLBS.
 * A targeted cancel hits every client of the uTLB.
 */
unsigned int nvgpu_utlb(unsigned int id);

/*
 * Let invalidates that nobody waited for age; once a nvgpu_run().  True:
 * some are still pending, so further runs are needed.  See
 * &nvgpu_config.no_tlb_lazy_ack.
 */
bool nvgpu_mmu_tick(struct nvgpu *gpu);

extern const struct nvgpu_unit nvgpu_mmu_unit;

#endif
