// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm death
 * Description: a process can learn why its channel was killed, from the kernel
 *	log and by an ioctl, and both say the same
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xf86drm.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_compute.h"
#include "nv_death.h"
#include "nv_kmsg.h"
#include "nv_main.h"
#include "nv_words.h"

#define PAGES		8
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define PAGE_SHIFT	12
#define NOTHING		(64 * SIZE)
#define NO_CHANNEL	4095

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL	102	/* asm-generic/mman-common.h */
#endif

static struct nv_device dev;

static void *map(int prot)
{
	void *p = mmap(NULL, SIZE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* What is mapped later goes to the end of what has become free. */
static void *make_nothing(void)
{
	void *p = mmap(NULL, NOTHING, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	igt_assert(p != MAP_FAILED);
	munmap(p, NOTHING);
	return p;
}

static void *make_hole(void)
{
	return (char *)dev.hole + dev.hole_size - SIZE;
}

static void *make_no_access(void)
{
	return map(PROT_NONE);
}

static void *make_read_only(void)
{
	return map(PROT_READ);
}

/* A buffer's own mapping; it stays until the device is closed. */
static void *make_buffer(void)
{
	struct nv_bo bo;

	nv_bo_new(&dev, SIZE, &bo);
	return bo.map;
}

static void *make_beyond_end(void)
{
	int fd = nv_file("/dev/shm", NV_PAGE);
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	igt_assert(p != MAP_FAILED);
	close(fd);
	return p + NV_PAGE;
}

static void *make_guard(void)
{
	void *p = map(PROT_READ | PROT_WRITE);

	igt_require_f(!madvise(p, SIZE, MADV_GUARD_INSTALL),
		      "no guard pages\n");
	return p;
}

/** struct reason - an access that can't be served, and what is said of it */
struct reason {
	const char *name;
	void *(*make)(void);
	enum nv_kernel kernel;
	enum drm_nouveau_svm_access access;
	enum drm_nouveau_svm_reason reason;
};

#define READ	NV_KERNEL_COPY, NOUVEAU_SVM_ACCESS_READ
#define WRITE	NV_KERNEL_WRITE, NOUVEAU_SVM_ACCESS_WRITE
#define ATOMIC	NV_KERNEL_ADD, NOUVEAU_SVM_ACCESS_ATOMIC

static const struct reason reasons[] = {
	{ "no-mapping", make_nothing, WRITE, NOUVEAU_SVM_REASON_NO_MAPPING },
	{ "no-mapping-read", make_nothing, READ,
	  NOUVEAU_SVM_REASON_NO_MAPPING },
	{ "no-mapping-atomic", make_nothing, ATOMIC,
	  NOUVEAU_SVM_REASON_NO_MAPPING },
	{ "hole", make_hole, WRITE, NOUVEAU_SVM_REASON_UNMANAGED },
	{ "no-access", make_no_access, WRITE, NOUVEAU_SVM_REASON_NO_ACCESS },
	{ "no-access-read", make_no_access, READ,
	  NOUVEAU_SVM_REASON_NO_ACCESS },
	{ "read-only", make_read_only, WRITE, NOUVEAU_SVM_REASON_READ_ONLY },
	{ "read-only-atomic", make_read_only, ATOMIC,
	  NOUVEAU_SVM_REASON_READ_ONLY },
	{ "device-memory", make_buffer, WRITE, NOUVEAU_SVM_REASON_IO },
	{ "beyond-end-of-file", make_beyond_end, WRITE,
	  NOUVEAU_SVM_REASON_NO_PAGE },
	{ "guard-page", make_guard, READ, NOUVEAU_SVM_REASON_NO_PAGE },
};

static void assert_alive(const struct nv_channel *chan)
{
	struct drm_nouveau_svm_death death;

	igt_assert_eq(nv_death(&dev, chan->id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_ALIVE);
	igt_assert_eq(death.access, NOUVEAU_SVM_ACCESS_NONE);
	igt_assert_eq(death.address, 0);
	igt_assert_eq(death.fault_type, 0);
	igt_assert_eq(death.channel, chan->id);
}

static void assert_works(const struct nv_channel *chan)
{
	void *p = map(PROT_READ | PROT_WRITE);

	igt_assert_eq(nv_write_words(&dev, chan, p, WORDS, 500), 0);
	nv_assert_counting(p, WORDS, 500);
	munmap(p, SIZE);
}

/* A kernel on a channel of its own, which must die at once. */
static void kill_channel(struct nv_channel *victim, enum nv_kernel kernel,
			 void *p, uint32_t shift)
{
	void *good = map(PROT_READ | PROT_WRITE);
	struct nv_kernel_args args = {
		.dst = (uintptr_t)(kernel == NV_KERNEL_COPY ? good : p),
		.src = (uintptr_t)p,
		.shift = shift,
	};

	nv_channel_new(&dev, victim);
	assert_alive(victim);
	igt_assert_eq(nv_run_status(&dev, victim, kernel, &args, NV_WARP),
		      -EIO);
	munmap(good, SIZE);
}

/* The driver says what it was, twice the same, and so does the kernel log. */
static void assert_death(const struct nv_channel *victim, int kmsg,
			 struct drm_nouveau_svm_death *death)
{
	struct drm_nouveau_svm_death again;
	char text[256];

	igt_assert_eq(nv_death(&dev, victim->id, death), 0);
	igt_assert_eq(nv_death(&dev, victim->id, &again), 0);
	igt_assert(!memcmp(death, &again, sizeof(again)));
	nv_death_message(death, text, sizeof(text));
	igt_assert_f(nv_kmsg_had(kmsg, text), "nobody said: %s\n", text);
}

static void check_killed(void *p, enum nv_kernel kernel,
			 enum drm_nouveau_svm_access access,
			 enum drm_nouveau_svm_reason reason)
{
	struct drm_nouveau_svm_death death;
	struct nv_channel victim, other;
	int kmsg = nv_kmsg_open();

	nv_channel_new(&dev, &other);
	kill_channel(&victim, kernel, p, NV_WORD_SHIFT);
	assert_death(&victim, kmsg, &death);
	igt_assert_eq(death.reason, reason);
	igt_assert_eq(death.access, access);
	igt_assert_eq(death.address, (uintptr_t)p);
	igt_assert_eq(death.channel, victim.id);
	igt_assert_eq(death.reserved, 0);

	assert_alive(&other);
	assert_works(&other);
	nv_channel_free(&dev, &victim);
	nv_channel_free(&dev, &other);
}

static void test_reason(const struct reason *r)
{
	check_killed(r->make(), r->kernel, r->access, r->reason);
}

/* Memory that the GPU can't have for itself: read and write, but no atomics. */
static void test_shared_atomic(const struct nv_kind *kind)
{
	struct nv_channel chan;
	struct nv_area a = { .fd = -1 };

	kind->make(&a);
	check_killed(a.p, ATOMIC, NOUVEAU_SVM_REASON_NO_ATOMIC);
	nv_channel_new(&dev, &chan);
	igt_assert_eq(nv_write_words(&dev, &chan, a.p, WORDS, 3), 0);
	nv_assert_counting(a.p, WORDS, 3);
	nv_channel_free(&dev, &chan);
	kind->free(&a);
}

/* Many bad pages: the first that counted is told, and no other after it. */
static void test_first(void)
{
	const size_t size = NV_WARP * NV_PAGE;
	struct drm_nouveau_svm_death death;
	struct nv_channel victim;
	char channel[64];
	int kmsg, all;
	char *p;

	p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(p != MAP_FAILED);
	kmsg = nv_kmsg_open();
	all = nv_kmsg_open();
	kill_channel(&victim, NV_KERNEL_WRITE, p, PAGE_SHIFT);
	assert_death(&victim, kmsg, &death);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_NO_ACCESS);
	igt_assert(death.address - (uintptr_t)p < size);
	snprintf(channel, sizeof(channel), "svm: nouveau_svm_dea[%d] channel %d:",
		 getpid(), victim.id);
	igt_assert_eq(nv_kmsg_count(all, channel), 1);
	nv_channel_free(&dev, &victim);
	munmap(p, size);
}

/* A dead channel's number is used again, its death is not. */
static void test_freed(void)
{
	struct drm_nouveau_svm_death death;
	struct nv_channel victim, next;
	int id;

	kill_channel(&victim, NV_KERNEL_WRITE, make_nothing(), NV_WORD_SHIFT);
	id = victim.id;
	nv_channel_free(&dev, &victim);
	igt_assert_eq(nv_death(&dev, id, &death), -ENOENT);
	nv_channel_new(&dev, &next);
	igt_assert_eq(next.id, id);
	assert_alive(&next);
	assert_works(&next);
	nv_channel_free(&dev, &next);
}

/* Methods of the compute class (NVIDIA's clc0c0.h), sent by hand. */
#define SET_OBJECT		0x0000
#define SET_REPORT_SEMAPHORE_A	0x1b00
#define METHOD(m, count)	(1u << 29 | (count) << 16 | 1 << 13 | (m) / 4)
#define REPORT_RELEASE_ONE_WORD	(1u << 28)

/*
 * Faults of units that can't wait kill a channel as well, but nothing of it
 * has to do with shared memory.
 */
static void test_other(void)
{
	struct drm_nouveau_svm_death death;
	struct nv_channel victim;
	struct nv_bo push;
	const uint32_t words[] = {
		METHOD(SET_OBJECT, 1), dev.class_compute,
		METHOD(SET_REPORT_SEMAPHORE_A, 4),
		(uint64_t)(uintptr_t)make_hole() >> 32,
		(uintptr_t)make_hole(), 1, REPORT_RELEASE_ONE_WORD,
	};
	int i;

	nv_channel_new(&dev, &victim);
	nv_bo_new(&dev, NV_PAGE, &push);
	memcpy(push.map, words, sizeof(words));
	nv_submit(&dev, &victim, &push, sizeof(words), NULL, 0);
	for (i = 0; i < 1000 && nv_bo_busy(&dev, &push); i++)
		usleep(10 * 1000);
	igt_assert_eq(nv_death(&dev, victim.id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_OTHER);
	igt_assert_eq(death.access, NOUVEAU_SVM_ACCESS_NONE);
	igt_assert_eq(death.address, 0);
	nv_bo_free(&dev, &push);
	nv_channel_free(&dev, &victim);
}

static int ask(int fd, const struct drm_nouveau_svm_death *question)
{
	struct drm_nouveau_svm_death death = *question;

	return drmCommandWriteRead(fd, DRM_NOUVEAU_SVM_DEATH, &death,
				   sizeof(death));
}

static void test_arguments(void)
{
	struct drm_nouveau_svm_death q = {};
	struct nv_channel chan;
	unsigned int bit;
	int fd;

	nv_channel_new(&dev, &chan);
	q.channel = chan.id;
	igt_assert_eq(ask(dev.fd, &q), 0);
	for (bit = 0; bit < 32; bit++) {
		q.flags = 1u << bit;
		igt_assert_eq(ask(dev.fd, &q), -EINVAL);
	}
	q.flags = 0;
	q.reserved = 1;
	igt_assert_eq(ask(dev.fd, &q), -EINVAL);
	q.reserved = 0;
	q.channel = -1;
	igt_assert_eq(ask(dev.fd, &q), -ENOENT);
	q.channel = NO_CHANNEL;
	igt_assert_eq(ask(dev.fd, &q), -ENOENT);

	/* what comes out need not be 0 on the way in */
	q.channel = chan.id;
	q.reason = ~0u;
	q.access = ~0u;
	q.fault_type = ~0u;
	q.address = ~0ull;
	igt_assert_eq(ask(dev.fd, &q), 0);

	/* a file without SVM; one that has it, but not this channel */
	fd = nv_open_render_node();
	igt_assert_eq(ask(fd, &q), -ENXIO);
	igt_assert_eq(nv_svm_init(fd, (uintptr_t)dev.hole, dev.hole_size), 0);
	igt_assert_eq(ask(fd, &q), -ENOENT);
	close(fd);
	nv_channel_free(&dev, &chan);
}

/* A program that knows only the beginning of the structure, or more of it. */
static void test_sizes(void)
{
	struct {
		struct drm_nouveau_svm_death known;
		uint64_t later;
	} q;
	struct nv_channel victim;
	void *p = make_nothing();
	unsigned long cmd;

	kill_channel(&victim, NV_KERNEL_WRITE, p, NV_WORD_SHIFT);
	memset(&q, 0, sizeof(q));
	q.known.channel = victim.id;
	cmd = _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE, DRM_COMMAND_BASE +
		   DRM_NOUVEAU_SVM_DEATH,
		   offsetof(struct drm_nouveau_svm_death, address));
	igt_assert_eq(ioctl(dev.fd, cmd, &q), 0);
	igt_assert_eq(q.known.reason, NOUVEAU_SVM_REASON_NO_MAPPING);
	igt_assert_eq(q.known.address, 0);
	cmd = _IOC(_IOC_READ | _IOC_WRITE, DRM_IOCTL_BASE, DRM_COMMAND_BASE +
		   DRM_NOUVEAU_SVM_DEATH, sizeof(q));
	q.known.reason = 0;
	igt_assert_eq(ioctl(dev.fd, cmd, &q), 0);
	igt_assert_eq(q.known.reason, NOUVEAU_SVM_REASON_NO_MAPPING);
	igt_assert_eq(q.known.address, (uintptr_t)p);
	igt_assert_eq(q.later, 0);
	nv_channel_free(&dev, &victim);
}

/* Another process learns nothing, and a file is told of its own channels. */
static void test_other_process(void)
{
	struct drm_nouveau_svm_death death;
	struct nv_channel victim;

	kill_channel(&victim, NV_KERNEL_WRITE, make_nothing(), NV_WORD_SHIFT);
	igt_fork_child() {
		igt_assert_eq(nv_death(&dev, victim.id, &death), -EPERM);
		igt_assert_eq(death.reason, 0);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	igt_assert_eq(nv_death(&dev, victim.id, &death), 0);
	igt_assert_eq(death.reason, NOUVEAU_SVM_REASON_NO_MAPPING);
	nv_channel_free(&dev, &victim);
}

static void test_version(void)
{
	uint64_t version;
	int fd = nv_open_render_node();

	igt_assert_eq(nv_svm_version(fd, &version), 0);
	igt_assert_eq(version, NOUVEAU_SVM_VERSION);
	close(fd);
}

static const struct nv_subtest subtests[] = {
	{ "version", test_version },
	{ "arguments", test_arguments },
	{ "sizes", test_sizes },
	{ "first", test_first },
	{ "freed", test_freed },
	{ "other", test_other },
	{ "other-process", test_other_process },
};

int main(int argc, char **argv)
{
	char name[64];
	size_t i;

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		nv_device_open(&dev);
	}

	/**
	 * SUBTEST: %s
	 * Description: see the comment above the function of that name
	 */
	nv_subtests(subtests, sizeof(subtests) / sizeof(subtests[0]));

	/**
	 * SUBTEST: reason-%s
	 * Description: such an access kills its channel; the process can learn
	 *	which access it was, and why
	 */
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		snprintf(name, sizeof(name), "reason-%s", reasons[i].name);
		igt_subtest(name)
			test_reason(&reasons[i]);
	}

	/**
	 * SUBTEST: atomic-%s
	 * Description: atomics on memory of that kind kill their channel
	 */
	for (i = 0; i < nv_nr_kinds; i++) {
		if (!nv_kinds[i].shared)
			continue;
		snprintf(name, sizeof(name), "atomic-%s", nv_kinds[i].name);
		igt_subtest(name)
			test_shared_atomic(&nv_kinds[i]);
	}

	igt_fixture {
		nv_device_close(&dev);
	}

	igt_exit();
}
