/* SPDX-License-Identifier: MIT */
/* Control groups of memory. */
#ifndef NV_CGROUP_H
#define NV_CGROUP_H

#define NV_CGROUPS	"/sys/fs/cgroup"

/* Make the group @path, below NV_CGROUPS.  Skips the test if there are none. */
void nv_cgroup_make(const char *path);

#endif
