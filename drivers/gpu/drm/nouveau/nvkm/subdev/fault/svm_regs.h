/* SPDX-License-Identifier: MIT */
#ifndef __NVKM_FAULT_SVM_REGS_H__
#define __NVKM_FAULT_SVM_REGS_H__
#include <linux/bits.h>

/*
 * NV_PFIFO_REPLAYABLE_FAULT_BUFFER_INFO: why packets were dropped; write 1 to
 * clear.  The names are those of NVIDIA's nvgpu, hw_fifo_gp10b.h.
 */
#define GP100_FAULT_BUFFER_INFO			0x2a84
#define   GP100_FAULT_BUFFER_INFO_OVERFLOW		BIT(0)
#define   GP100_FAULT_BUFFER_INFO_WRITE_NACK		BIT(24)
#define   GP100_FAULT_BUFFER_INFO_DISABLED		BIT(28)
#define   GP100_FAULT_BUFFER_INFO_DROPPED \
	(GP100_FAULT_BUFFER_INFO_OVERFLOW | \
	 GP100_FAULT_BUFFER_INFO_WRITE_NACK | \
	 GP100_FAULT_BUFFER_INFO_DISABLED)

/*
 * A packet of Pascal's replayable fault buffer: NVB069_FAULT_BUF_ENTRY_* of
 * NVIDIA's clb069.h (open-gpu-kernel-modules).
 */
#define GP100_PACKET_INST			0x00
#define   GP100_PACKET_INST_APERTURE			GENMASK_ULL(9, 8)
#define   GP100_PACKET_INST_ADDRESS			GENMASK_ULL(63, 12)
#define GP100_PACKET_ADDRESS			0x08
#define   GP100_PACKET_ADDRESS_PAGE			GENMASK_ULL(63, 12)
#define GP100_PACKET_TIMESTAMP			0x10
/* The low half of 0x18 is reserved. */
#define GP100_PACKET_INFO			0x1c
#define   GP100_PACKET_INFO_FAULT_TYPE			GENMASK(4, 0)
#define   GP100_PACKET_INFO_CLIENT			GENMASK(14, 8)
#define   GP100_PACKET_INFO_ACCESS_TYPE			GENMASK(18, 16)
#define   GP100_PACKET_INFO_MMU_CLIENT_TYPE_HUB		BIT(20)
#define   GP100_PACKET_INFO_GPC_ID			GENMASK(28, 24)
/* Written last; packets become valid in any order. */
#define   GP100_PACKET_INFO_VALID			BIT(31)

/* NV_PFAULT_FAULT_TYPE_* of gp100 dev_fault.h. */
#define GP100_FAULT_TYPE_PDE			0x0
#define GP100_FAULT_TYPE_PTE			0x2
#define GP100_FAULT_TYPE_RO_VIOLATION		0x6
#define GP100_FAULT_TYPE_ATOMIC_VIOLATION	0xf

/* NV_PFAULT_ACCESS_TYPE_* of gp100 dev_fault.h. */
#define GP100_ACCESS_TYPE_READ			0
#define GP100_ACCESS_TYPE_WRITE			1
#define GP100_ACCESS_TYPE_ATOMIC		2
#define GP100_ACCESS_TYPE_PREFETCH		3

/*
 * NV_PGRAPH_PRI_FECS_CURRENT_CTX of NVIDIA's nvgpu (gr_fecs_current_ctx_r):
 * what nvkm_gr_ctxsw_inst() returns.  Targets are apertures as in a packet.
 */
#define GP100_FECS_CURRENT_CTX_PTR		GENMASK(27, 0)
#define GP100_FECS_CURRENT_CTX_TARGET		GENMASK(29, 28)
#define GP100_FECS_CURRENT_CTX_VALID		BIT(31)
#define GP100_FECS_CURRENT_CTX_PTR_SHIFT	12

#endif
