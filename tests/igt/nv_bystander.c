// SPDX-License-Identifier: MIT
/* A process that minds its own business: see nv_bystander.h. */
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_bystander.h"
#include "nv_words.h"

/* Pieces that memory is moved in, and some pages beyond. */
#define SIZE		(36 * NV_PAGE)
#define WORDS		(SIZE / 4)
#define FIRST_ROUNDS	2
#define START_SECONDS	60
#define PAUSE_US	2000

/* New memory each time, but for what nobody else may ever write. */
static void work(struct nv_bystander *b, const struct nv_device *dev,
		 const struct nv_channel *chan)
{
	struct nv_area own = { .fd = -1 }, from = { .fd = -1 };
	struct nv_area to = { .fd = -1 };

	nv_area_anon(&own, SIZE);
	nv_fill_tags(own.p, WORDS, 0);
	while (!b->stop) {
		nv_area_anon(&from, SIZE);
		nv_area_anon(&to, SIZE);
		nv_fill_tags(from.p, WORDS, b->rounds + 1);
		igt_assert_eq(nv_copy_words(dev, chan, to.p, from.p, WORDS), 0);
		nv_assert_tags(to.p, WORDS, b->rounds + 1);
		nv_assert_tags(own.p, WORDS, 0);
		nv_area_unmap(&from);
		nv_area_unmap(&to);
		b->rounds++;
	}
	nv_area_unmap(&own);
}

static void live(struct nv_bystander *b)
{
	struct nv_channel chan;
	struct nv_device dev;

	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
	work(b, &dev, &chan);
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
}

struct nv_bystander *nv_bystander_start(void)
{
	struct nv_bystander *b = mmap(NULL, NV_PAGE, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	igt_assert(b != MAP_FAILED);
	igt_fork_child()
		live(b);
	nv_bystander_goes_on(b, FIRST_ROUNDS, START_SECONDS);
	return b;
}

static bool does_one_more(const struct nv_bystander *b, unsigned int seconds)
{
	const uint64_t before = b->rounds;
	const time_t end = time(NULL) + seconds;

	while (b->rounds == before) {
		if (time(NULL) > end)
			return false;
		usleep(PAUSE_US);
	}
	return true;
}

void nv_bystander_goes_on(const struct nv_bystander *b, unsigned int rounds,
			  unsigned int seconds)
{
	unsigned int i;

	for (i = 0; i < rounds; i++)
		igt_assert_f(does_one_more(b, seconds),
			     "a bystander comes to a halt after %llu kernels\n",
			     (unsigned long long)b->rounds);
}

void nv_bystander_end(struct nv_bystander *b)
{
	b->stop = true;
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_info("bystander: %llu kernels\n", (unsigned long long)b->rounds);
	munmap(b, NV_PAGE);
}
