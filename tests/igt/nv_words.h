/* SPDX-License-Identifier: MIT */
/* Words in memory: what the GPU does to them, what the CPU finds there. */
#ifndef NV_WORDS_H
#define NV_WORDS_H

#include <stddef.h>

#include "nv_compute.h"

#define NV_PAGE		4096ul
#define NV_HUGE_PAGE	(2ul << 20)
#define NV_WORD_SHIFT	2	/* threads work on adjacent words */

/* Let the GPU write first, first + 1, ...; what nv_run_status() says. */
int nv_write_words(const struct nv_device *dev, const struct nv_channel *chan,
		   void *dst, size_t words, uint32_t first);

/* Let the GPU copy; what nv_run_status() says. */
int nv_copy_words(const struct nv_device *dev, const struct nv_channel *chan,
		  void *dst, const void *src, size_t words);

/* Let GPU threads each add to one word, atomically; asserts that they could. */
void nv_add_to_word(const struct nv_device *dev, const struct nv_channel *chan,
		    uint32_t *word, uint32_t value, unsigned int threads);

/* A client of its own lets the GPU write; asserts that all is well. */
void nv_assert_works(void);

/* The words are first, first + 1, ... */
void nv_assert_counting(const void *p, size_t words, uint32_t first);

/* All words are this one. */
void nv_assert_all(const void *p, size_t words, uint32_t word);

/* A word that tells where it belongs and which round it is from. */
uint32_t nv_tag(uint32_t round, uint32_t index);

/* Fill memory with tags; look whether they are there. */
void nv_fill_tags(void *p, size_t words, uint32_t round);
void nv_assert_tags(const void *p, size_t words, uint32_t round);

#endif
