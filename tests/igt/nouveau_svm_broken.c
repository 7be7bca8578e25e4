// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm broken
 * Description: a GPU that reports nonsense, and one that does not answer
 * Category: Software building block
 * Functionality: shared virtual memory
 *
 * On virtual GPUs that do so every so many times (tests/igt/devices): packets of
 * faults that name no channel or no access, or that never become valid; and TLB
 * invalidates that are not acknowledged.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_death.h"
#include "nv_endless.h"
#include "nv_kmsg.h"
#include "nv_main.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PACKETS_SIZE	(256 * NV_PAGE)
#define PACKETS_ROUNDS	40
/* Of each kind.  They come in turns: no channel, no access, never valid. */
#define PACKETS_SEEN	2

/* What the driver says of it. */
#define NEVER_CAME	"never came"
#define FLUSH_FAILED	"svm: TLB flush failed"
#define KILLED		"the GPU may use memory that is not its own"
#define FLUSHES_MAX	40
#define FLUSH_WAIT_US	50000
#define DEATH_SECONDS	10
/* Few, as the GPU fails again after some flushes. */
#define OTHERS_SIZE	(16 * NV_PAGE)

static struct nv_device dev;
static struct nv_channel chan;

/*
 * A packet that says nothing of use is no reason to kill, nor to wait for ever:
 * the access is reported again.
 */
static void test_packets(void)
{
	const uint64_t unknown = nv_count("fault_unknown");
	const uint64_t cancels = nv_count("cancels");
	const size_t words = PACKETS_SIZE / 4;
	struct nv_area from = { .fd = -1 }, to = { .fd = -1 };
	const int kmsg = nv_kmsg_open();
	unsigned int round;

	/* One more without a channel: then the others were there before it. */
	for (round = 1; nv_count("fault_unknown") <= unknown + PACKETS_SEEN;
	     round++) {
		igt_assert(round <= PACKETS_ROUNDS);
		nv_area_no_thp(&from, PACKETS_SIZE);
		nv_area_no_thp(&to, PACKETS_SIZE);
		nv_fill_tags(from.p, words, round);
		igt_assert_eq(nv_copy_words(&dev, &chan, to.p, from.p, words),
			      0);
		nv_assert_tags(to.p, words, round);
		nv_area_unmap(&from);
		nv_area_unmap(&to);
	}
	igt_assert_eq(nv_count("cancels"), cancels);
	igt_assert(nv_kmsg_count(kmsg, NEVER_CAME) >= PACKETS_SEEN);
}

/* The CPU takes pages back until the GPU does not say that it let go of them. */
static void lose_gpu(const struct nv_endless *e)
{
	const int kmsg = nv_kmsg_open();
	unsigned int i;

	for (i = 0; i < FLUSHES_MAX && nv_endless_running(e); i++) {
		igt_assert_eq(madvise(e->words, e->size, MADV_DONTNEED), 0);
		usleep(FLUSH_WAIT_US);
	}
	igt_assert(nv_kmsg_had(kmsg, FLUSH_FAILED));
}

/* What is left to a process that has lost the GPU; nothing of it waits. */
static void after_death(const struct nv_device *client,
			const struct nv_channel *own)
{
	struct drm_nouveau_svm_death death;
	const uint64_t flushes = nv_count("flushes");
	struct nv_channel next;
	struct nv_area a = { .fd = -1 };

	igt_assert_eq(nv_death(client, own->id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_OTHER);
	igt_assert(nv_channel_try(client, &next) < 0);
	nv_area_anon(&a, NV_HUGE_PAGE);
	nv_fill_tags(a.p, a.size / 4, 1);
	nv_area_unmap(&a);
	igt_assert_eq(nv_count("flushes"), flushes);
}

/* Another process that uses the GPU. */
static void live(void)
{
	struct nv_area from = { .fd = -1 }, to = { .fd = -1 };
	const size_t words = OTHERS_SIZE / 4;
	struct nv_channel own;
	struct nv_device client;

	nv_device_open(&client);
	nv_channel_new(&client, &own);
	nv_area_anon(&from, OTHERS_SIZE);
	nv_area_anon(&to, OTHERS_SIZE);
	nv_fill_tags(from.p, words, 1);
	igt_assert_eq(nv_copy_words(&client, &own, to.p, from.p, words), 0);
	nv_assert_tags(to.p, words, 1);
	nv_channel_free(&client, &own);
	nv_device_close(&client);
}

/*
 * Who might still reach what has been taken away is killed, does not come back,
 * and keeps nobody waiting any more; another process is none the worse.
 */
static void test_flush(void)
{
	const int kmsg = nv_kmsg_open();
	struct nv_endless endless;
	struct nv_device client;
	struct nv_channel own;

	nv_device_open(&client);
	nv_channel_new(&client, &own);
	nv_endless_start(&endless, &client, &own);
	lose_gpu(&endless);
	igt_assert_eq(nv_endless_wait(&endless, DEATH_SECONDS), -EIO);
	igt_assert(nv_kmsg_had(kmsg, KILLED));
	after_death(&client, &own);

	igt_fork_child()
		live();
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_endless_free(&endless);
	nv_channel_free(&client, &own);
	nv_device_close(&client);
}

/**
 * SUBTEST: %s
 * Description: see the comment above the function of that name
 */
static const struct nv_subtest subtests[] = {
	{ "apart-packets", test_packets },
	{ "apart-flush", test_flush },
};

int main(int argc, char **argv)
{
	nv_main(argc, argv, &dev, &chan, subtests,
		sizeof(subtests) / sizeof(subtests[0]));
}
