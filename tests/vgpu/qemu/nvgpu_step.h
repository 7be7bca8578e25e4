/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Engines that run on the guest's clock: see nvgpu_step.c. */
#ifndef NVGPU_STEP_H
#define NVGPU_STEP_H

#include "qemu/timer.h"

struct nvgpu;

/** NvGpuStep - engines without a thread */
typedef struct NvGpuStep {
	struct nvgpu *gpu;
	/** @timer: the next turn, on the guest's clock */
	QEMUTimer *timer;
	/** @msi: a message to the CPUs is on its way */
	QEMUTimer *msi;
} NvGpuStep;

/* @send is to send an interrupt's message. */
void nvgpu_step_init(NvGpuStep *step, struct nvgpu *gpu, QEMUTimerCB *send,
		     void *opaque);
void nvgpu_step_fini(NvGpuStep *step);

/* The engines have work. */
void nvgpu_step_kick(NvGpuStep *step);
/* The GPU interrupts. */
void nvgpu_step_msi(NvGpuStep *step);

#endif
