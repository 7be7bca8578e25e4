// SPDX-License-Identifier: MIT
/*
 * Conformance cases that an implementation is known to fail, and why.  One that
 * would crash is not run.
 */
#include <fnmatch.h>
#include <string.h>

#include "conform.h"

#define RUSTICL "rusticl"
#define POCL "Portable Computing Language"

/* Names are patterns of the shell. */
static const struct {
	const char *platform, *name, *why;
	bool crashes;
} known[] = {
	{ RUSTICL, "migrate-not-svm",
	  "with system SVM any memory can be migrated (M17)", false },
	{ POCL, "*-other-object", "does not look what kind of object it is",
	  true },
	{ POCL, "device-atomic-fence", "does not say so", false },
	{ POCL, "uses-svm-use-host-ptr", "not of sub-buffers", false },
	{ POCL, "uses-svm-offset", "not of sub-buffers", false },
	{ POCL, "buffer-size-copy-host-ptr", "not checked", false },
	{ POCL, "map-unknown-flag", "not checked", false },
	{ POCL, "map-read-and-invalidate", "not checked", false },
	{ POCL, "map-write-and-invalidate", "not checked", false },
	{ POCL, "memfill-pattern-of-0", "divides by it", true },
	{ POCL, "memfill-heap", "crashes", true },
	{ POCL, "migrate-list-*", "crashes", true },
	{ POCL, "migrate-other-context", "crashes", true },
	{ POCL, "migrate-beyond-end", "crashes", true },
	{ POCL, "migrate-around-the-end", "crashes", true },
	{ POCL, "migrate-not-svm*", "crashes", true },
	{ POCL, "*-after-failure", "hangs", true },
	{ POCL, "info-pointers-null", "not checked", false },
	{ POCL, "info-pointers-size", "not checked", false },
	{ POCL, "info-system-null", "not checked", false },
	{ POCL, "info-system-size", "not checked", false },
	{ POCL, "info-system-size-of-0", "not checked", false },
};

#define N_KNOWN (sizeof(known) / sizeof(*known))

const char *conform_known(const char *platform, const char *name,
			  bool *crashes)
{
	size_t i;

	for (i = 0; i < N_KNOWN; i++) {
		if (!strcmp(platform, known[i].platform) &&
		    !fnmatch(known[i].name, name, 0)) {
			*crashes = known[i].crashes;
			return known[i].why;
		}
	}
	return NULL;
}
