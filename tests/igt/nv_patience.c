// SPDX-License-Identifier: MIT
/* How long to wait: see nv_patience.h. */
#include <stdlib.h>

#include "nv_patience.h"

/* How many times longer all takes here than on the stock kernel: run.sh. */
#define SLOW	"NVSVM_SLOW"

unsigned int nv_patience(unsigned int seconds)
{
	const char *slow = getenv(SLOW);

	return slow ? seconds * strtoul(slow, NULL, 10) : seconds;
}
