// SPDX-License-Identifier: GPL-2.0-or-later
/* Random numbers that are the same everywhere: splitmix64. */
#include "fuzz.h"

struct random random_start(uint64_t seed)
{
	struct random r = { seed * 0xd1342543de82ef95ull + 1 };

	random_next(&r);
	return r;
}

uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

unsigned int random_below(struct random *r, unsigned int n)
{
	return (random_next(r) >> 32) % n;
}

bool random_one_in(struct random *r, unsigned int n)
{
	return !random_below(r, n);
}
