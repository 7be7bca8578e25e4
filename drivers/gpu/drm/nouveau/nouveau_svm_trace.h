/* SPDX-License-Identifier: MIT */
/*
 * Shared virtual memory, tracepoints: one for each step of a fault's way, one
 * for the way back, and where memory goes meanwhile.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nouveau_svm

#if !defined(__NOUVEAU_SVM_TRACE_H__) || defined(TRACE_HEADER_MULTI_READ)
#define __NOUVEAU_SVM_TRACE_H__

#include <linux/mmu_notifier.h>
#include <linux/tracepoint.h>

#include <subdev/svm.h>

TRACE_EVENT(nouveau_svm_fault,
	    TP_PROTO(const struct nvkm_svm_packet *packet),
	    TP_ARGS(packet),
	    TP_STRUCT__entry(__field(u64, inst)
			     __field(u64, addr)
			     __field(u64, time)
			     __field(u8, access)
			     __field(u8, reason)
			     __field(u8, gpc)
			     __field(u8, client)
			     ),
	    TP_fast_assign(__entry->inst = packet->inst;
			   __entry->addr = packet->addr;
			   __entry->time = packet->time;
			   __entry->access = packet->access;
			   __entry->reason = packet->reason;
			   __entry->gpc = packet->gpc;
			   __entry->client = packet->client;
			   ),
	    TP_printk("inst=%#llx addr=%#llx access=%u reason=%#x gpc=%u client=%u time=%llu",
		      __entry->inst, __entry->addr, __entry->access,
		      __entry->reason, __entry->gpc, __entry->client,
		      __entry->time)
);

TRACE_EVENT(nouveau_svm_settle,
	    TP_PROTO(pid_t pid, int left),
	    TP_ARGS(pid, left),
	    TP_STRUCT__entry(__field(pid_t, pid)
			     __field(int, left)
			     ),
	    TP_fast_assign(__entry->pid = pid;
			   __entry->left = left;
			   ),
	    TP_printk("pid=%d left=%d", __entry->pid, __entry->left)
);

TRACE_EVENT(nouveau_svm_replay,
	    TP_PROTO(u64 count),
	    TP_ARGS(count),
	    TP_STRUCT__entry(__field(u64, count)
			     ),
	    TP_fast_assign(__entry->count = count;
			   ),
	    TP_printk("count=%llu", __entry->count)
);

TRACE_EVENT(nouveau_svm_cancel,
	    TP_PROTO(const struct nvkm_svm_packet *packet, int reason, int ret),
	    TP_ARGS(packet, reason, ret),
	    TP_STRUCT__entry(__field(u64, inst)
			     __field(u64, addr)
			     __field(int, reason)
			     __field(int, ret)
			     ),
	    TP_fast_assign(__entry->inst = packet->inst;
			   __entry->addr = packet->addr;
			   __entry->reason = reason;
			   __entry->ret = ret;
			   ),
	    TP_printk("inst=%#llx addr=%#llx reason=%d ret=%d", __entry->inst,
		      __entry->addr, __entry->reason, __entry->ret)
);

TRACE_EVENT(nouveau_svm_invalidate,
	    TP_PROTO(pid_t pid, const struct mmu_notifier_range *range, bool hit),
	    TP_ARGS(pid, range, hit),
	    TP_STRUCT__entry(__field(pid_t, pid)
			     __field(unsigned long, start)
			     __field(unsigned long, end)
			     __field(int, event)
			     __field(bool, hit)
			     ),
	    TP_fast_assign(__entry->pid = pid;
			   __entry->start = range->start;
			   __entry->end = range->end;
			   __entry->event = range->event;
			   __entry->hit = hit;
			   ),
	    TP_printk("pid=%d %#lx-%#lx event=%d hit=%d", __entry->pid,
		      __entry->start, __entry->end, __entry->event, __entry->hit)
);

TRACE_EVENT(nouveau_svm_fill,
	    TP_PROTO(u64 start, u64 vram, u64 size),
	    TP_ARGS(start, vram, size),
	    TP_STRUCT__entry(__field(u64, start)
			     __field(u64, vram)
			     __field(u64, size)
			     ),
	    TP_fast_assign(__entry->start = start;
			   __entry->vram = vram;
			   __entry->size = size;
			   ),
	    TP_printk("start=%#llx vram=%#llx size=%#llx", __entry->start,
		      __entry->vram, __entry->size)
);

TRACE_EVENT(nouveau_svm_copy,
	    TP_PROTO(u64 vram, u64 sys, u64 size, bool to_vram),
	    TP_ARGS(vram, sys, size, to_vram),
	    TP_STRUCT__entry(__field(u64, vram)
			     __field(u64, sys)
			     __field(u64, size)
			     __field(bool, to_vram)
			     ),
	    TP_fast_assign(__entry->vram = vram;
			   __entry->sys = sys;
			   __entry->size = size;
			   __entry->to_vram = to_vram;
			   ),
	    TP_printk("vram=%#llx sys=%#llx size=%#llx to_vram=%d",
		      __entry->vram, __entry->sys, __entry->size,
		      __entry->to_vram)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE nouveau_svm_trace
#include <trace/define_trace.h>
