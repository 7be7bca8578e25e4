/* SPDX-License-Identifier: MIT */
/* Memory whose pages come when the test says so: userfaultfd(2). */
#ifndef NV_UFFD_H
#define NV_UFFD_H

#include <stddef.h>

/*
 * Missing pages of this range are asked for through the file that is
 * returned, by the kernel's own accesses too.  Skips the test where there is
 * no userfaultfd.
 */
int nv_uffd_open(void *p, size_t size);

/* Wait for the next page that is asked for; NULL after so many milliseconds. */
void *nv_uffd_wait(int fd, unsigned int ms);

/* Here it is: filled with this byte.  Asserts success. */
void nv_uffd_give(int fd, void *page, int byte);

#endif
