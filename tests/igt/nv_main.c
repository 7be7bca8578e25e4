// SPDX-License-Identifier: MIT
/* A program whose subtests are one table: see nv_main.h. */
#include <stdio.h>
#include <stdlib.h>

#include "igt_abi.h"
#include "nv_main.h"
#include "nv_words.h"

void nv_subtests(const struct nv_subtest *subtests, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		igt_subtest(subtests[i].name)
			subtests[i].run();
	}
}

void nv_main_after(int argc, char **argv, struct nv_device *dev,
		   struct nv_channel *chan, const struct nv_subtest *subtests,
		   size_t nr, void (*prepare)(void))
{
	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		prepare();
		nv_device_open(dev);
		nv_channel_new(dev, chan);
	}

	nv_subtests(subtests, nr);

	igt_fixture {
		nv_channel_free(dev, chan);
		nv_device_close(dev);
	}

	igt_exit();
	__builtin_unreachable();
}

static void nothing(void)
{
}

void nv_main(int argc, char **argv, struct nv_device *dev,
	     struct nv_channel *chan, const struct nv_subtest *subtests,
	     size_t nr)
{
	nv_main_after(argc, argv, dev, chan, subtests, nr, nothing);
}

void nv_main_sized(int argc, char **argv, struct nv_device *dev,
		   struct nv_channel *chan, const struct nv_sized *table)
{
	char name[32];
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(dev);
		nv_channel_new(dev, chan);
	}

	for (i = 0; i < table->nr; i++) {
		snprintf(name, sizeof(name), "%s-thp", table->name(i));
		igt_subtest(table->name(i))
			table->run(i, nv_area_no_thp, table->small);
		igt_subtest(name)
			table->run(i, nv_area_thp, NV_HUGE_PAGE);
	}

	igt_fixture {
		nv_channel_free(dev, chan);
		nv_device_close(dev);
	}

	igt_exit();
	__builtin_unreachable();
}

/** struct seeded - where options go */
struct seeded {
	uint64_t *seed;
	long *seconds;
};

static int seeded_option(int opt, int index, void *data)
{
	const struct seeded *seeded = data;

	(void)index;
	if (opt == 's')
		*seeded->seed = strtoull(optarg, NULL, 0);
	else
		*seeded->seconds = strtol(optarg, NULL, 0);
	return 0;
}

void nv_seeded_options(int argc, char **argv, uint64_t *seed, long *seconds,
		       const char *what)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ },
	};
	struct seeded seeded = { .seed = seed, .seconds = seconds };
	char help[160];

	snprintf(help, sizeof(help),
		 "  --seed=N\t\tother operations than those of seed 1\n"
		 "  --seconds=N\t\tfor %s\n", what);
	igt_subtest_init_parse_opts(&argc, argv, "", options, help,
				    seeded_option, &seeded);
}
