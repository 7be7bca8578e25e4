// SPDX-License-Identifier: MIT
/* Words in memory: see nv_words.h. */
#include <sys/mman.h>

#include "igt_abi.h"
#include "nv_words.h"

int nv_write_words(const struct nv_device *dev, const struct nv_channel *chan,
		   void *dst, size_t words, uint32_t first)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.shift = NV_WORD_SHIFT,
		.value = first,
	};

	return nv_run_status(dev, chan, NV_KERNEL_WRITE, &args, words);
}

int nv_copy_words(const struct nv_device *dev, const struct nv_channel *chan,
		  void *dst, const void *src, size_t words)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)dst,
		.src = (uintptr_t)src,
		.shift = NV_WORD_SHIFT,
	};

	return nv_run_status(dev, chan, NV_KERNEL_COPY, &args, words);
}

void nv_add_to_word(const struct nv_device *dev, const struct nv_channel *chan,
		    uint32_t *word, uint32_t value, unsigned int threads)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)word,
		.shift = NV_SHIFT_SAME_WORD,
		.value = value,
	};

	nv_run(dev, chan, NV_KERNEL_ADD, &args, threads);
}

static void assert_word(const void *p, size_t i, size_t words, uint32_t want)
{
	const uint32_t *w = p;

	igt_assert_f(w[i] == want, "word %zu of %zu is %08x, not %08x\n", i,
		     words, w[i], want);
}

#define WORKS_WORDS	(4 * NV_PAGE / 4)
#define WORKS_FIRST	7

void nv_assert_works(void)
{
	struct nv_channel chan;
	struct nv_device dev;
	void *p;

	p = mmap(NULL, WORKS_WORDS * 4, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(p != MAP_FAILED);
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORKS_WORDS, WORKS_FIRST),
		      0);
	nv_assert_counting(p, WORKS_WORDS, WORKS_FIRST);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
	munmap(p, WORKS_WORDS * 4);
}

void nv_assert_counting(const void *p, size_t words, uint32_t first)
{
	size_t i;

	for (i = 0; i < words; i++)
		assert_word(p, i, words, first + i);
}

void nv_assert_all(const void *p, size_t words, uint32_t word)
{
	size_t i;

	for (i = 0; i < words; i++)
		assert_word(p, i, words, word);
}

uint32_t nv_tag(uint32_t round, uint32_t index)
{
	return (round * 2654435761u) ^ (index * 2246822519u) ^ 0x5a000000u;
}

void nv_fill_tags(void *p, size_t words, uint32_t round)
{
	uint32_t *w = p;
	size_t i;

	for (i = 0; i < words; i++)
		w[i] = nv_tag(round, i);
}

void nv_assert_tags(const void *p, size_t words, uint32_t round)
{
	size_t i;

	for (i = 0; i < words; i++)
		assert_word(p, i, words, nv_tag(round, i));
}
