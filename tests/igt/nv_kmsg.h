/* SPDX-License-Identifier: MIT */
/* What the kernel says. */
#ifndef NV_KMSG_H
#define NV_KMSG_H

#include <stdbool.h>

/* Listen from now on; skips the test where that is not allowed. */
int nv_kmsg_open(void);

/* Has there been a message with this text since?  Closes @fd. */
bool nv_kmsg_had(int fd, const char *text);
/* How many have there been? */
unsigned int nv_kmsg_count(int fd, const char *text);

#endif
