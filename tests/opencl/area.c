// SPDX-License-Identifier: MIT
/* Memory whose neighbours come and go: see area.h. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "area.h"

#define PAGE 4096

static void *disturb(void *data)
{
	const int kind = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	struct area *area = data;

	while (!area->stop) {
		memset(area->before, 1, PAGE);
		madvise(area->before, PAGE, MADV_DONTNEED);
		munmap(area->after, PAGE);
		if (mmap(area->after, PAGE, PROT_READ | PROT_WRITE, kind, -1,
			 0) != area->after)
			abort();
		area->after[0] = 1;
		area->rounds++;
	}
	return NULL;
}

void area_open(struct area *area, size_t size)
{
	area->before = mmap(NULL, size + 2 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area->before == MAP_FAILED)
		exit(EXIT_FAILURE);
	area->data = (uint32_t *)(area->before + PAGE);
	area->after = area->before + PAGE + size;
	area->size = size;
	area->stop = false;
	area->rounds = 0;
	if (pthread_create(&area->thread, NULL, disturb, area))
		exit(EXIT_FAILURE);
}

void area_close(struct area *area)
{
	area->stop = true;
	pthread_join(area->thread, NULL);
	printf("neighbours came and went %zu times\n", area->rounds);
	munmap(area->before, area->size + 2 * PAGE);
}
