/* SPDX-License-Identifier: MIT */
/*
 * Memory whose neighbours come and go: a thread maps, drops and unmaps the pages
 * next to it all the time, so that the GPU loses its translations.
 */
#ifndef AREA_H
#define AREA_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct area - pages of data between pages that come and go */
struct area {
	uint8_t *before, *after;
	uint32_t *data;
	size_t size;		/* bytes of @data */
	volatile bool stop;
	size_t rounds;		/* of the thread */
	pthread_t thread;
};

/* @size: whole pages */
void area_open(struct area *area, size_t size);
void area_close(struct area *area);

#endif
