/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of units, and those that no other unit needs anything from. */
#ifndef NVGPU_UNITS_H
#define NVGPU_UNITS_H

#include "device.h"

/*
 * The @i-th unit of a chip, in the order of initialisation and reset: those
 * that every chip has, then its own.  NULL behind the last.
 */
const struct nvgpu_unit *nvgpu_unit_at(const struct nvgpu_chip *chip,
				       unsigned int i);

extern const struct nvgpu_unit nvgpu_fb_unit;
extern const struct nvgpu_unit nvgpu_fb_gp102_unit;
extern const struct nvgpu_unit nvgpu_fuse_unit;
extern const struct nvgpu_unit nvgpu_gpio_unit;
extern const struct nvgpu_unit nvgpu_gr_gp102_unit;
extern const struct nvgpu_unit nvgpu_ltc_unit;
extern const struct nvgpu_unit nvgpu_pbus_unit;
extern const struct nvgpu_unit nvgpu_priv_unit;
extern const struct nvgpu_unit nvgpu_sec2_unit;
extern const struct nvgpu_unit nvgpu_strap_unit;
extern const struct nvgpu_unit nvgpu_therm_unit;
extern const struct nvgpu_unit nvgpu_top_unit;
extern const struct nvgpu_unit nvgpu_vbios_unit;
extern const struct nvgpu_unit nvgpu_vga_unit;
extern const struct nvgpu_unit nvgpu_xve_unit;

#endif
