// SPDX-License-Identifier: MIT
/* Control groups of memory: see nv_cgroup.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "igt_abi.h"
#include "nv_cgroup.h"

#define CGROUP2_MAGIC	0x63677270

static void mount_groups(void)
{
	struct statfs fs;

	if (!statfs(NV_CGROUPS, &fs) && fs.f_type == CGROUP2_MAGIC)
		return;
	igt_require_f(!mount("none", NV_CGROUPS, "cgroup2", 0, NULL),
		      "no control groups: %s\n", strerror(errno));
}

void nv_cgroup_make(const char *path)
{
	FILE *f;

	mount_groups();
	f = fopen(NV_CGROUPS "/cgroup.subtree_control", "w");
	igt_require_f(f && fputs("+memory", f) >= 0 && !fclose(f),
		      "no control of memory\n");
	igt_assert(!mkdir(path, 0755) || errno == EEXIST);
}
