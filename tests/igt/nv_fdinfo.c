// SPDX-License-Identifier: MIT
/* What the kernel says of a device's memory that a file has: see nv_fdinfo.h. */
#include <stdio.h>
#include <string.h>

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
