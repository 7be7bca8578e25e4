// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual NVIDIA GPU: marks that a benchmark in the guest sets.
 *
 * A write to a word of configuration space that means nothing to hardware
 * records how far everything is: what lies between two marks is the cost of
 * what the guest did meanwhile.  Off unless the property marks names a file.
 *
 * Each mark is a line "mark NUMBER", then "NAME VALUE" lines: time_ns, the
 * guest's clock; instructions, what its CPUs have executed (with -icount), and
 * the counters of the GPU.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/timer.h"
#include "system/cpu-timers.h"
#include "nvgpu_mark.h"
#include "core/nvgpu.h"

void nvgpu_mark(const struct nvgpu *gpu, const char *path, uint32_t number)
{
	FILE *f = fopen(path, "a");

	if (!f) {
		error_report("nvgpu: %s: %s", path, strerror(errno));
		return;
	}
	fprintf(f, "mark %u\ntime_ns %" PRId64 "\ninstructions %" PRId64 "\n",
		number, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL),
		icount_enabled() ? icount_get_raw() : 0);
	nvgpu_counters_print(gpu, f);
	fclose(f);
}
