// SPDX-License-Identifier: MIT
/* A program whose subtests are one table: see nv_main.h. */
#include "igt_abi.h"
#include "nv_main.h"

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
