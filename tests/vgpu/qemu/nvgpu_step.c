// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual NVIDIA GPU: engines that run on the guest's clock.
 *
 * For measurements.  With -icount, guest instructions are the clock, and
 * everything that happens, engines included, happens at a fixed place between
 * two of them: a second run gives the same figures.  The price is that GPU and
 * CPU never run at the same time; races are for the threaded way.
 *
 * Locking: the BQL, which is never dropped.
 */
#include "qemu/osdep.h"
#include "nvgpu_step.h"
#include "core/nvgpu.h"

/*
 * A turn is so many methods and warp instructions, and takes so long.  That is
 * a thousandth of a GP100 (56 SMs at 1,328 MHz: NVIDIA's white paper): a kernel
 * that spins while the CPU sleeps is executed instruction by instruction too.
 */
#define STEP_BUDGET	64
#define STEP_NS		1000
/*
 * A message to a CPU takes its time: an assumption, of the order of a packet's
 * way through PCIe.  If it took none, a CPU that leaves the source of an
 * interrupt as it is would never execute anything but its handler.
 */
#define STEP_MSI_NS	1000
/* Pause before an unfulfilled semaphore is looked at again. */
#define STEP_POLL_NS	1000

static void step_after(NvGpuStep *step, int64_t ns)
{
	timer_mod_anticipate(step->timer,
			     qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + ns);
}

static void step_turn(void *opaque)
{
	NvGpuStep *step = opaque;

	switch (nvgpu_run(step->gpu, STEP_BUDGET)) {
	case NVGPU_RUN_BUSY:
		step_after(step, STEP_NS);
		break;
	case NVGPU_RUN_POLL:
		step_after(step, STEP_POLL_NS);
		break;
	case NVGPU_RUN_IDLE:
		break;
	}
}

void nvgpu_step_kick(NvGpuStep *step)
{
	step_after(step, STEP_NS);
}

void nvgpu_step_msi(NvGpuStep *step)
{
	timer_mod_anticipate(step->msi, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
			     STEP_MSI_NS);
}

void nvgpu_step_init(NvGpuStep *step, struct nvgpu *gpu, QEMUTimerCB *send,
		     void *opaque)
{
	step->gpu = gpu;
	step->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, step_turn, step);
	step->msi = timer_new_ns(QEMU_CLOCK_VIRTUAL, send, opaque);
}

void nvgpu_step_fini(NvGpuStep *step)
{
	timer_free(step->msi);
	timer_free(step->timer);
	step->timer = NULL;
}
