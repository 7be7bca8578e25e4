/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_MMU_SVM_REGS_H__
#define __NVKM_MMU_SVM_REGS_H__
#include <linux/bits.h>

/*
 * Pascal's MMU as far as SVM touches it.  Names and values are those of
 * NVIDIA's gp100 dev_fb.h and dev_mmu.h (open-gpu-kernel-modules) and gv100
 * pri_mmu_hub.ref.txt (open-gpu-doc), with NV_PFB_PRI_MMU_* cut to GP100_MMU_*
 * and NV_MMU_VER2_PTE_* to GP100_PTE_*.
 */

/* The queue of invalidate requests. */
#define GP100_MMU_CTRL				0x100c80
#define   GP100_MMU_CTRL_PRI_FIFO_EMPTY			BIT(15)
#define   GP100_MMU_CTRL_PRI_FIFO_SPACE			GENMASK(23, 16)

/* Operands of a request; address and page directory in units of 4 KiB. */
#define GP100_MMU_INVALIDATE_PDB		0x100cb8
#define   GP100_MMU_INVALIDATE_PDB_SYS_MEM		BIT(1)
#define   GP100_MMU_INVALIDATE_PDB_ADDR			GENMASK(31, 4)
#define GP100_MMU_INVALIDATE_UPPER_PDB		0x100cec

/* The request itself. */
#define GP100_MMU_INVALIDATE			0x100cbc
#define   GP100_MMU_INVALIDATE_ALL_VA			BIT(0)
#define   GP100_MMU_INVALIDATE_ALL_PDB			BIT(1)
#define   GP100_MMU_INVALIDATE_REPLAY			GENMASK(5, 3)
#define     GP100_MMU_INVALIDATE_REPLAY_START			1
#define     GP100_MMU_INVALIDATE_REPLAY_CANCEL_TARGETED		3
#define   GP100_MMU_INVALIDATE_SYS_MEMBAR		BIT(6)
#define   GP100_MMU_INVALIDATE_ACK			GENMASK(8, 7)
#define     GP100_MMU_INVALIDATE_ACK_GLOBALLY			1
#define   GP100_MMU_INVALIDATE_CANCEL_CLIENT_ID		GENMASK(14, 9)
#define   GP100_MMU_INVALIDATE_CANCEL_GPC_ID		GENMASK(19, 15)
#define   GP100_MMU_INVALIDATE_CANCEL_CLIENT_TYPE_HUB	BIT(20)
#define   GP100_MMU_INVALIDATE_CACHE_LEVEL		GENMASK(26, 24)
#define     GP100_MMU_INVALIDATE_CACHE_LEVEL_PTE_ONLY		1
#define     GP100_MMU_INVALIDATE_CACHE_LEVEL_UP_TO_PDE0		2
#define   GP100_MMU_INVALIDATE_TRIGGER			BIT(31)

/* An entry of a page table. */
#define GP100_PTE_VALID				BIT_ULL(0)
#define GP100_PTE_APERTURE			GENMASK_ULL(2, 1)
#define   GP100_PTE_APERTURE_VIDEO_MEMORY		0
#define   GP100_PTE_APERTURE_SYS_COHERENT		2
#define GP100_PTE_VOL				BIT_ULL(3)
#define GP100_PTE_READ_ONLY			BIT_ULL(6)
#define GP100_PTE_ATOMIC_DISABLE		BIT_ULL(7)
#define GP100_PTE_ADDRESS_VID			GENMASK_ULL(32, 8)
#define GP100_PTE_ADDRESS_SYS			GENMASK_ULL(53, 8)
#define GP100_PTE_ADDRESS_SHIFT			12

#endif
