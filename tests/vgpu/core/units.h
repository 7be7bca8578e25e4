/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of units, and those that no other unit needs anything from. */
#ifndef NVGPU_UNITS_H
#define NVGPU_UNITS_H

#include "device.h"

/* Every unit, in the order of initialisation and reset. */
extern const struct nvgpu_unit *const nvgpu_units[];
extern const unsigned int nvgpu_nr_units;

extern const struct nvgpu_unit nvgpu_fb_unit;
extern const struct nvgpu_unit nvgpu_fuse_unit;
extern const struct nvgpu_unit nvgpu_gpio_unit;
extern const struct nvgpu_unit nvgpu_ltc_unit;
extern const struct nvgpu_unit nvgpu_pbus_unit;
extern const struct nvgpu_unit nvgpu_priv_unit;
extern const struct nvgpu_unit nvgpu_strap_unit;
extern const struct nvgpu_unit nvgpu_therm_unit;
extern const struct nvgpu_unit nvgpu_top_unit;
extern const struct nvgpu_unit nvgpu_vbios_unit;
extern const struct nvgpu_unit nvgpu_vga_unit;
extern const struct nvgpu_unit nvgpu_xve_unit;

#endif
