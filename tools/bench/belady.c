// SPDX-License-Identifier: MIT
/*
 * Belady's MIN: see belady.h.  Granules in VRAM are in a heap, the one that is
 * wanted last on top; as its time only grows when it is used, a heap entry that
 * has been overtaken is dropped when it comes up.
 */
#include <stdlib.h>

#include "belady.h"
#include "igt_abi.h"

#define NEVER	UINT32_MAX

/** struct want - a granule, and when it is wanted next */
struct want {
	uint32_t next, granule;
};

/** struct min - the state of the replacement */
struct min {
	/** @heap: the one that is wanted last on top; @count: entries */
	struct want *heap;
	size_t count;
	/** @next: when each granule is wanted next; @there: is it in VRAM? */
	uint32_t *next;
	uint8_t *there;
};

static void push(struct min *m, struct want want)
{
	size_t i = m->count++;

	while (i && m->heap[(i - 1) / 2].next < want.next) {
		m->heap[i] = m->heap[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	m->heap[i] = want;
}

static void pop(struct min *m)
{
	const struct want last = m->heap[--m->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < m->count) {
		if (child + 1 < m->count &&
		    m->heap[child + 1].next > m->heap[child].next)
			child++;
		if (m->heap[child].next <= last.next)
			break;
		m->heap[i] = m->heap[child];
		i = child;
	}
	m->heap[i] = last;
}

/* The granule in VRAM that is wanted last. */
static struct want last_wanted(struct min *m)
{
	while (!m->there[m->heap[0].granule] ||
	       m->next[m->heap[0].granule] != m->heap[0].next)
		pop(m);
	return m->heap[0];
}

/* When is what access @i wants wanted next? */
static uint32_t *look_ahead(const uint32_t *access, size_t count,
			    uint32_t granules)
{
	uint32_t *seen = malloc(granules * sizeof(*seen));
	uint32_t *next = malloc(count * sizeof(*next));
	size_t i;

	igt_assert(seen && next);
	for (i = 0; i < granules; i++)
		seen[i] = NEVER;
	for (i = count; i--; ) {
		next[i] = seen[access[i]];
		seen[access[i]] = i;
	}
	free(seen);
	return next;
}

uint64_t belady(const uint32_t *access, size_t count, uint32_t granules,
		uint32_t capacity)
{
	uint32_t *ahead = look_ahead(access, count, granules);
	uint64_t moved = 0, used = 0;
	struct min m = {
		.heap = malloc(count * sizeof(*m.heap)),
		.next = calloc(granules, sizeof(*m.next)),
		.there = calloc(granules, 1),
	};
	size_t i;

	igt_assert(m.heap && m.next && m.there);
	for (i = 0; i < count; i++) {
		const uint32_t g = access[i];

		m.next[g] = ahead[i];
		if (!m.there[g] && used < capacity) {
			moved++;
			used++;
			m.there[g] = 1;
		} else if (!m.there[g]) {
			moved += 2;
			if (last_wanted(&m).next <= ahead[i])
				continue;
			m.there[m.heap[0].granule] = 0;
			pop(&m);
			m.there[g] = 1;
		}
		push(&m, (struct want) { ahead[i], g });
	}
	free(m.heap);
	free(m.next);
	free(m.there);
	free(ahead);
	return moved;
}
