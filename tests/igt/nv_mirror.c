// SPDX-License-Identifier: MIT
/* A range on which a kernel works, and its shadow model: see nv_mirror.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_mirror.h"
#include "nv_pagetable.h"
#include "nv_words.h"

/* Milliseconds in which a page of atomics is mapped that others come from. */
#define MAPPED_TRIES	1000

static const enum nv_kernel kernels[NV_MIRROR_MODES] = {
	[NV_MIRROR_READ] = NV_KERNEL_MAIL_READ,
	[NV_MIRROR_WRITE] = NV_KERNEL_MAIL_WRITE,
	[NV_MIRROR_COUNT] = NV_KERNEL_MAIL_COUNT,
	[NV_MIRROR_ADD] = NV_KERNEL_MAIL_ADD,
};

static bool counts(const struct nv_mirror *m)
{
	return m->mode == NV_MIRROR_COUNT || m->mode == NV_MIRROR_ADD;
}

/* Where in the range a thread's word is. */
static size_t word_offset(const struct nv_mirror *m, unsigned int thread)
{
	return thread * (m->size / NV_MIRROR_THREADS);
}

static bool in_part(const struct nv_mirror *m, size_t offset)
{
	return offset >= m->first && offset < m->last;
}

static bool is_parked(const struct nv_mirror *m, unsigned int thread)
{
	return m->parked && in_part(m, word_offset(m, thread));
}

/* Where a byte of the range is at present; NULL if the CPU has it not. */
static uint8_t *at(const struct nv_mirror *m, size_t offset)
{
	if (!in_part(m, offset))
		return m->p + offset;
	return m->part ? m->part + (offset - m->first) : NULL;
}

static uint32_t get_word(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return word;
}

static void set_shadow(struct nv_mirror *m, unsigned int thread, uint32_t word)
{
	memcpy(m->shadow + word_offset(m, thread), &word, sizeof(word));
}

/* All increments of a thread, but for those of its parking word. */
static uint32_t increments(const struct nv_mirror *m, unsigned int thread)
{
	return m->box.mail[thread].seen - m->box.mail[thread].park;
}

static void send(struct nv_mirror *m, unsigned int thread)
{
	uint32_t value = 1;

	if (m->mode == NV_MIRROR_WRITE) {
		value = nv_tag(m->box.turn + 1, thread);
		if (!is_parked(m, thread))
			set_shadow(m, thread, value);
	}
	if (is_parked(m, thread))
		nv_mail_park(&m->box, thread);
	else
		nv_mail_send(&m->box, thread, at(m, word_offset(m, thread)),
			     value);
}

static void send_all(struct nv_mirror *m)
{
	unsigned int i;

	for (i = 0; i < NV_MIRROR_THREADS; i++)
		send(m, i);
	nv_mail_turn(&m->box);
}

/* Parked, counting threads stand still: their words must be exact. */
static void take_count(struct nv_mirror *m, unsigned int thread)
{
	const uint8_t *word = at(m, word_offset(m, thread));
	uint32_t want = m->base[thread] + increments(m, thread);

	if (!word)
		return;
	igt_assert_f(get_word(word) == want,
		     "thread %u: %u increments, word is %u too high\n", thread,
		     increments(m, thread), get_word(word) - want);
	set_shadow(m, thread, want);
}

static void take_counts(struct nv_mirror *m)
{
	unsigned int i;

	for (i = 0; i < NV_MIRROR_THREADS; i++)
		nv_mail_park(&m->box, i);
	nv_mail_turn(&m->box);
	for (i = 0; i < NV_MIRROR_THREADS; i++)
		take_count(m, i);
}

static void check_seen(const struct nv_mirror *m)
{
	unsigned int i;
	uint32_t want;

	for (i = 0; i < NV_MIRROR_THREADS; i++) {
		if (is_parked(m, i))
			continue;
		want = get_word(m->shadow + word_offset(m, i));
		igt_assert_f(m->box.mail[i].seen == want,
			     "the GPU reads %08x at %#zx, not %08x\n",
			     m->box.mail[i].seen, word_offset(m, i), want);
	}
}

static void check_bytes(const struct nv_mirror *m, size_t first, size_t last)
{
	const uint8_t *p = at(m, first);
	size_t i;

	if (first == last || !p || !memcmp(p, m->shadow + first, last - first))
		return;
	for (i = first; p[i - first] == m->shadow[i]; )
		i++;
	igt_assert_f(false, "byte %#zx is %02x, not %02x\n", i, p[i - first],
		     m->shadow[i]);
}

void nv_mirror_settle(struct nv_mirror *m)
{
	if (counts(m))
		take_counts(m);
	else
		send_all(m);
	if (m->mode == NV_MIRROR_READ)
		check_seen(m);
	check_bytes(m, 0, m->first);
	check_bytes(m, m->first, m->last);
	check_bytes(m, m->last, m->size);
	nv_pagetable_assert_true(m->p, m->size);
	if (m->part)
		nv_pagetable_assert_true(m->part, m->last - m->first);
	if (counts(m))
		send_all(m);
}

void nv_mirror_park(struct nv_mirror *m)
{
	unsigned int i;

	m->parked = true;
	send_all(m);
	for (i = 0; i < NV_MIRROR_THREADS && counts(m); i++) {
		if (is_parked(m, i))
			take_count(m, i);
	}
}

void nv_mirror_resume(struct nv_mirror *m, void *where)
{
	m->part = where;
	m->parked = false;
	send_all(m);
}

/* What thread @thread must find from now on is what the model says. */
static void rebase(struct nv_mirror *m, unsigned int thread)
{
	m->base[thread] = get_word(m->shadow + word_offset(m, thread)) -
		increments(m, thread);
}

void nv_mirror_set_part(struct nv_mirror *m, int byte)
{
	unsigned int i;

	igt_assert(!counts(m) || m->parked);
	memset(m->shadow + m->first, byte, m->last - m->first);
	for (i = 0; i < NV_MIRROR_THREADS; i++) {
		if (in_part(m, word_offset(m, i)))
			rebase(m, i);
	}
}

/* The last word of a page, which no thread works on, tells for all. */
static void take_zeroed(struct nv_mirror *m, size_t offset)
{
	const size_t last = offset + NV_PAGE - sizeof(uint32_t);
	volatile uint32_t *word = (uint32_t *)at(m, last);
	unsigned int thread;
	size_t i;

	*word = *word;	/* what is written can't be dropped */
	if (*word == get_word(m->shadow + last))
		return;
	memset(m->shadow + offset, 0, NV_PAGE);
	for (i = 0; i < NV_PAGE; i += m->size / NV_MIRROR_THREADS) {
		thread = (offset + i) / (m->size / NV_MIRROR_THREADS);
		if (m->mode == NV_MIRROR_WRITE)
			set_shadow(m, thread, m->box.mail[thread].value);
	}
}

void nv_mirror_take_zeroed(struct nv_mirror *m)
{
	size_t offset;

	igt_assert(!counts(m));
	for (offset = m->first; offset < m->last; offset += NV_PAGE)
		take_zeroed(m, offset);
}

static bool is_mapped(const struct nv_mirror *m, size_t pages)
{
	struct nv_pte_run *runs;
	size_t writable;
	bool mapped;

	mapped = !nv_pagetable_read(&runs) ||
		nv_pagetable_pages(m->p, m->size, &writable) >= pages;
	free(runs);
	return mapped;
}

/*
 * Each thread has worked on its word, and goes on: the GPU must have its page.
 * Only of atomics it may lose all of a huge page for a moment, when it takes a
 * small one out of it for itself.
 */
static void check_mapped(const struct nv_mirror *m)
{
	size_t pages = m->size / NV_PAGE;
	int tries = m->mode == NV_MIRROR_ADD ? MAPPED_TRIES : 1;

	if (pages > NV_MIRROR_THREADS)
		pages = NV_MIRROR_THREADS;
	while (!is_mapped(m, pages)) {
		igt_assert(--tries);
		usleep(1000);
	}
}

void nv_mirror_open(struct nv_mirror *m, const struct nv_device *dev,
		    enum nv_mirror_mode mode)
{
	unsigned int i;

	m->mode = mode;
	m->part = m->p + m->first;
	m->parked = false;
	m->shadow = malloc(m->size);
	igt_assert(m->shadow);
	nv_fill_tags(m->shadow, m->size / 4, mode);
	memcpy(m->p, m->shadow, m->size);
	nv_channel_new(dev, &m->chan);
	nv_mail_start(&m->box, dev, &m->chan, kernels[mode],
		      NV_MIRROR_THREADS);
	for (i = 0; i < NV_MIRROR_THREADS; i++)
		rebase(m, i);
	send_all(m);
	check_mapped(m);
}

void nv_mirror_close(struct nv_mirror *m, const struct nv_device *dev)
{
	nv_mail_stop(&m->box);
	nv_channel_free(dev, &m->chan);
	free(m->shadow);
	m->shadow = NULL;
}
