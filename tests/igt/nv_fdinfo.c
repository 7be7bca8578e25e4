// SPDX-License-Identifier: MIT
/* What the kernel says of the device's memory: see nv_fdinfo.h. */
#include <stdio.h>
#include <string.h>
#include <xf86drm.h>
#include <drm/nouveau_drm.h>

#include "igt_abi.h"
#include "nv_fdinfo.h"

#define LINE	128

static uint64_t scale(const char *unit)
{
	if (!strncmp(unit, "KiB", 3))
		return 1 << 10;
	if (!strncmp(unit, "MiB", 3))
		return 1 << 20;
	return 1;
}

uint64_t nv_fdinfo(const struct nv_device *dev, const char *key)
{
	char path[64], line[LINE], found[LINE], unit[LINE];
	unsigned long long value;
	uint64_t bytes = UINT64_MAX;
	FILE *f;
	int n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", dev->fd);
	f = fopen(path, "r");
	igt_assert(f);
	while (fgets(line, sizeof(line), f)) {
		unit[0] = '\0';
		n = sscanf(line, "%[^:]: %llu %s", found, &value, unit);
		if (n >= 2 && !strcmp(found, key))
			bytes = value * scale(unit);
	}
	fclose(f);
	igt_assert_f(bytes != UINT64_MAX, "no %s\n", key);
	return bytes;
}

uint64_t nv_vram_used(int fd)
{
	struct drm_nouveau_getparam p = {
		.param = NOUVEAU_GETPARAM_VRAM_USED,
	};

	igt_assert_eq(drmCommandWriteRead(fd, DRM_NOUVEAU_GETPARAM, &p,
					  sizeof(p)), 0);
	return p.value;
}
