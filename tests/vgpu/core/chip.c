// SPDX-License-Identifier: GPL-2.0-or-later
/* The chips the library knows. */
#include <string.h>

#include "chip.h"

static const struct nvgpu_chip *const chips[] = {
	&nvgpu_chip_gp100,	/* the first is the default */
	&nvgpu_chip_gp107,
};

const struct nvgpu_chip *nvgpu_chip_find(const char *name)
{
	unsigned int i;

	if (!name)
		return chips[0];
	for (i = 0; i < NVGPU_ARRAY_SIZE(chips); i++)
		if (!strcmp(chips[i]->name, name))
			return chips[i];
	return NULL;
}

const struct nvgpu_chip *nvgpu_chip_at(unsigned int i)
{
	return i < NVGPU_ARRAY_SIZE(chips) ? chips[i] : NULL;
}

bool nvgpu_chip_copies(const struct nvgpu_chip *chip, uint32_t cls)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(chip->class_copy); i++)
		if (cls && cls == chip->class_copy[i])
			return true;
	return false;
}

uint16_t nvgpu_pci_id(const char *name)
{
	const struct nvgpu_chip *chip = nvgpu_chip_find(name);

	return chip ? chip->pci_device : 0;
}
