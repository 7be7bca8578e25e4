// SPDX-License-Identifier: GPL-2.0-or-later
/* The units that every chip has, in the order of initialisation and reset. */
#include "bar.h"
#include "chip.h"
#include "fault.h"
#include "fifo.h"
#include "gr.h"
#include "mmu.h"
#include "pmc.h"
#include "sm.h"
#include "units.h"

static const struct nvgpu_unit *const units[] = {
	&nvgpu_pmc_unit,
	&nvgpu_pbus_unit,
	&nvgpu_ptimer_unit,
	&nvgpu_xve_unit,
	&nvgpu_strap_unit,
	&nvgpu_fuse_unit,
	&nvgpu_top_unit,
	&nvgpu_priv_unit,
	&nvgpu_therm_unit,
	&nvgpu_gpio_unit,
	&nvgpu_vga_unit,
	&nvgpu_vbios_unit,
	&nvgpu_fb_unit,
	&nvgpu_ltc_unit,
	&nvgpu_mmu_unit,
	&nvgpu_bar_unit,
	&nvgpu_fault_unit,
	&nvgpu_fifo_unit,
	&nvgpu_falcon_unit,
	&nvgpu_gr_unit,
	&nvgpu_sm_unit,
};

const struct nvgpu_unit *nvgpu_unit_at(const struct nvgpu_chip *chip,
				       unsigned int i)
{
	if (i < NVGPU_ARRAY_SIZE(units))
		return units[i];
	i -= NVGPU_ARRAY_SIZE(units);
	return i < chip->nr_units ? chip->units[i] : NULL;
}
