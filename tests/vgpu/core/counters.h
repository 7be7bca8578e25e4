/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything the model counts: X(name, "what").  Read by the test harness. */
#ifndef NVGPU_COUNTERS_H
#define NVGPU_COUNTERS_H

#include <stdint.h>

#define NVGPU_COUNTERS(X) \
	X(unknown,		"unknown registers, methods, opcodes met") \
	X(guest_errors,		"things a correct driver does not do") \
	X(resets,		"times that registers and VRAM were lost") \
	X(bar0_reads,		"register reads") \
	X(bar0_writes,		"register writes") \
	X(bar1_reads,		"BAR1 reads") \
	X(bar1_writes,		"BAR1 writes") \
	X(bar2_reads,		"BAR2 reads") \
	X(bar2_writes,		"BAR2 writes") \
	X(msis,			"MSI messages sent") \
	X(faults_replayable,	"entries put into the replayable fault buffer") \
	X(faults_duplicate,	"of these, duplicates made on purpose") \
	X(faults_corrupt,	"of these, corrupted on purpose") \
	X(faults_prefetch,	"of these, of hints, which stall nobody") \
	X(faults_overflow,	"faults not entered since the buffer was full") \
	X(fault_interrupts,	"times the buffer's interrupt came up") \
	X(faults_fatal,		"MMU faults reported the fatal way") \
	X(replays,		"replay commands") \
	X(cancels_targeted,	"targeted cancel commands") \
	X(cancels_global,	"global cancel commands") \
	X(invalidates,		"TLB invalidate commands") \
	X(invalidates_stuck,	"of these, not completed, on purpose") \
	X(invalidates_unwaited,	"of these, not waited for by the driver") \
	X(tlb_hits,		"translations found in a TLB") \
	X(tlb_misses,		"translations walked") \
	X(tlb_stale,		"TLB hits that differ from the page tables") \
	X(dma_read_bytes,	"bytes read from system memory") \
	X(dma_write_bytes,	"bytes written to system memory") \
	X(dma_errors,		"accesses the bus refused") \
	X(methods,		"methods executed") \
	X(ce_jobs,		"copy engine launches") \
	X(ce_physical,		"of them, between physical addresses") \
	X(ce_bytes,		"bytes the copy engines wrote") \
	X(launches,		"compute grids launched") \
	X(warp_instructions,	"warp instructions executed") \
	X(lane_instructions,	"the same, times active lanes") \
	X(warp_stalls,		"warps that stalled on a replayable fault") \
	X(runlist_submits,	"runlists submitted") \
	X(preempts,		"preemptions asked for") \
	X(channel_kicks,	"GP_PUT writes")

struct nvgpu_counters {
#define X(name, what) uint64_t name;
	NVGPU_COUNTERS(X)
#undef X
};

#endif
