// SPDX-License-Identifier: MIT
/* A kernel that runs until the CPU lets it go: see nv_endless.h. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_endless.h"
#include "nv_words.h"

#define SIZE		(4 * NV_PAGE)
#define WORDS		(SIZE / 4)
#define FIRST		1u
#define GO		0xdead0000u
#define START_US	(100 * 1000)
#define SECONDS		20

void nv_endless_start(struct nv_endless *e, const struct nv_device *dev,
		      const struct nv_channel *chan)
{
	struct nv_kernel_args args = { .shift = NV_WORD_SHIFT, .value = GO };

	e->dev = dev;
	e->size = SIZE;
	e->words = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(e->words != MAP_FAILED);
	igt_assert_eq(nv_write_words(dev, chan, e->words, WORDS, FIRST), 0);
	args.dst = (uintptr_t)e->words;
	args.src = (uintptr_t)&e->words[WORDS - 1];
	nv_launch(dev, chan, &e->launch, NV_KERNEL_WAIT, &args, NV_WARP);
	usleep(START_US);
	igt_assert(nv_endless_running(e));
}

bool nv_endless_running(const struct nv_endless *e)
{
	return nv_bo_busy(e->dev, &e->launch.push);
}

void nv_endless_release(struct nv_endless *e)
{
	*(volatile uint32_t *)&e->words[WORDS - 1] = GO;
	igt_assert_eq(nv_endless_wait(e, SECONDS), 0);
	nv_assert_counting(e->words, NV_WARP, GO);
	nv_assert_counting(e->words + NV_WARP, WORDS - NV_WARP - 1,
			   FIRST + NV_WARP);
	igt_assert_eq(e->words[WORDS - 1], GO);
}

int nv_endless_wait(struct nv_endless *e, unsigned int seconds)
{
	return nv_launch_wait(e->dev, &e->launch, seconds);
}

void nv_endless_free(struct nv_endless *e)
{
	nv_launch_free(e->dev, &e->launch);
	munmap(e->words, e->size);
	memset(e, 0, sizeof(*e));
}
