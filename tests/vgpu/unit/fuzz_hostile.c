// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile guest (hostile.h), by what libFuzzer finds to reach new code:
 * HOSTILE is the part of it that this program is.
 */
#include "fake_host.h"
#include "hostile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fake_gpu_keep();
	/* An empty input may have no address. */
	if (size)
		HOSTILE(&(struct hostile){ .data = data, .size = size });
	return 0;
}
