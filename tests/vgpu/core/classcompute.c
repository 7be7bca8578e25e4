// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The compute class (PASCAL_COMPUTE_A, c0c0).  Source: NVIDIA's clc0c0.h;
 * which methods a driver sends: Mesa's nve4_compute.c.
 */
#include "method.h"
#include "qmd.h"
#include "sm.h"

#define SHARED_WINDOW		0x0214
#define SEND_PCAS_A		0x02b4	/* address of the QMD >> 8 */
#define SIGNALING_PCAS_B	0x02bc
#define  PCAS_B_SCHEDULE	0x00000002u
#define LOCAL_WINDOW		0x077c
#define PROGRAM_REGION		0x1608
#define PROGRAM_REGION_BITS	17

static enum nvgpu_method_result launch(struct nvgpu_method_call *call)
{
	uint64_t va = (uint64_t)nvgpu_state(call, SEND_PCAS_A) << 8;
	enum nvgpu_method_result result;
	uint8_t raw[NVGPU_QMD_SIZE];
	struct nvgpu_grid grid;

	if (!(call->data & PCAS_B_SCHEDULE))
		return NVGPU_METHOD_DONE;
	result = nvgpu_fe_read(call, va, raw, sizeof(raw));
	if (result != NVGPU_METHOD_DONE)
		return result;
	if (!nvgpu_qmd_decode(call->gpu, raw, &grid))
		return NVGPU_METHOD_DONE;
	grid.code_base = nvgpu_state64(call, PROGRAM_REGION,
				       PROGRAM_REGION_BITS);
	grid.code += grid.code_base;
	grid.shared_window = nvgpu_state(call, SHARED_WINDOW);
	grid.local_window = nvgpu_state(call, LOCAL_WINDOW);
	nvgpu_log(call->gpu, NVGPU_LOG_INFO,
		  "ch %u: launch %ux%ux%u of %ux%ux%u, code %llx, %u registers",
		  nvgpu_chan_id(call->chan), grid.grid_dim[0],
		  grid.grid_dim[1], grid.grid_dim[2], grid.cta_dim[0],
		  grid.cta_dim[1], grid.cta_dim[2],
		  (unsigned long long)grid.code, grid.registers);
	/* A grid that cannot run was complained about by the SMs. */
	nvgpu_sm_launch(call->gpu, call->chan, &grid);
	return NVGPU_METHOD_DONE;
}

#define KEPT1(m, nm)	METHOD_KEPT(m, 1, 4, nm)
#define KEPT3(m, nm)	METHOD_KEPT(m, 3, 4, nm)
#define USED1(m, nm)	METHOD_USED(m, 1, 4, nm)
#define ABSENT1(m, nm)	METHOD_ABSENT(m, 1, 4, nm)

static const struct nvgpu_method methods[] = {
	METHODS_COMMON,
	METHODS_INLINE_TO_MEMORY,
	USED1(SHARED_WINDOW, "SET_SHADER_SHARED_MEMORY_WINDOW"),
	KEPT1(0x0218, "SET_SELECT_MAXWELL_TEXTURE_HEADERS"),
	KEPT1(0x021c, "INVALIDATE_SHADER_CACHES"),
	KEPT1(0x0240, "SET_CWD_CONTROL"),
	KEPT1(0x0244, "INVALIDATE_TEXTURE_HEADER_CACHE_NO_WFI"),
	KEPT1(0x0248, "SET_CWD_REF_COUNTER"),
	KEPT3(0x0274, "INVALIDATE_CONSTANT_BUFFER_CACHE"),
	KEPT1(0x0280, "SET_COMPUTE_CLASS_VERSION"),
	KEPT1(0x0284, "CHECK_COMPUTE_CLASS_VERSION"),
	KEPT1(0x0288, "SET_QMD_VERSION"),
	KEPT1(0x0290, "CHECK_QMD_VERSION"),
	KEPT1(0x0298, "INVALIDATE_SKED_CACHES"),
	KEPT1(0x02b0, "SET_CWD_SLOT_COUNT"),
	USED1(SEND_PCAS_A, "SEND_PCAS_A"),
	ABSENT1(0x02b8, "SEND_PCAS_B"),
	METHOD_ACTS(SIGNALING_PCAS_B, 1, 4, "SEND_SIGNALING_PCAS_B", launch),
	/* Local memory of the SMs is not in memory (sm.h). */
	KEPT3(0x02e4, "SET_SHADER_LOCAL_MEMORY_NON_THROTTLED"),
	KEPT3(0x02f0, "SET_SHADER_LOCAL_MEMORY_THROTTLED"),
	KEPT1(0x0310, "SET_SPA_VERSION"),
	METHOD_ABSENT(0x0318, 2, 4, "SET_INLINE_QMD_ADDRESS"),
	METHOD_ABSENT(0x0320, 64, 4, "LOAD_INLINE_QMD_DATA"),
	USED1(LOCAL_WINDOW, "SET_SHADER_LOCAL_MEMORY_WINDOW"),
	METHOD_KEPT(0x0790, 2, 4, "SET_SHADER_LOCAL_MEMORY"),
	KEPT1(0x0d94, "SET_SHADER_CACHE_CONTROL"),
	KEPT1(0x0de4, "SET_SM_TIMEOUT_INTERVAL"),
	KEPT1(0x120c, "INVALIDATE_SAMPLER_CACHE_ALL"),
	KEPT1(0x1210, "INVALIDATE_TEXTURE_HEADER_CACHE_ALL"),
	KEPT1(0x1288, "INVALIDATE_TEXTURE_DATA_CACHE_NO_WFI"),
	KEPT1(0x1330, "INVALIDATE_SAMPLER_CACHE"),
	KEPT1(0x1334, "INVALIDATE_TEXTURE_HEADER_CACHE"),
	KEPT1(0x1338, "INVALIDATE_TEXTURE_DATA_CACHE"),
	KEPT1(0x1424, "INVALIDATE_SAMPLER_CACHE_NO_WFI"),
	KEPT1(0x1528, "SET_SHADER_EXCEPTIONS"),
	KEPT3(0x1550, "SET_RENDER_ENABLE"),
	KEPT3(0x155c, "SET_TEX_SAMPLER_POOL"),
	KEPT3(0x1574, "SET_TEX_HEADER_POOL"),
	METHOD_USED(PROGRAM_REGION, 2, 4, "SET_PROGRAM_REGION"),
	KEPT1(0x1698, "INVALIDATE_SHADER_CACHES_NO_WFI"),
	METHOD_USED(METHOD_REPORT_SEMAPHORE_A, 3, 4,
		    "SET_REPORT_SEMAPHORE_A..C"),
	METHOD_ACTS(METHOD_REPORT_SEMAPHORE_D, 1, 4,
		    "SET_REPORT_SEMAPHORE_D", nvgpu_report_semaphore),
	KEPT1(0x2608, "SET_BINDLESS_TEXTURE"),
	ABSENT1(0x260c, "SET_TRAP_HANDLER"),
};

const struct nvgpu_class nvgpu_class_compute = {
	.name		= "compute",
	.source		= "clc0c0.h",
	.methods	= methods,
	.nr_methods	= NVGPU_ARRAY_SIZE(methods),
};
