// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm owner
 * Description: shared virtual memory is that of the process that asked for it,
 *	wherever its file goes
 * Category: Software building block
 * Functionality: shared virtual memory
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_death.h"
#include "nv_endless.h"
#include "nv_pagetable.h"
#include "nv_stats.h"
#include "nv_words.h"

#define PAGES		4
#define SIZE		(PAGES * NV_PAGE)
#define WORDS		(SIZE / 4)
#define EXEC_WORD	"after-exec"
#define SECONDS		20

static struct nv_device dev;
static struct nv_channel chan;

static void *map_at(void *where)
{
	void *p = mmap(where, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		       MAP_ANONYMOUS | (where ? MAP_FIXED_NOREPLACE : 0), -1,
		       0);

	igt_assert(p != MAP_FAILED && (!where || p == where));
	return p;
}

/* Shared, so that the outcome is the parent's business. */
static void *map_shared(void)
{
	void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	igt_assert(p != MAP_FAILED);
	return p;
}

/* Whatever a file that came to another process is asked, it says so. */
static void assert_refused(const struct nv_device *d,
			   const struct nv_channel *c, void *p)
{
	const struct nv_kernel_args args = {
		.dst = (uintptr_t)p,
		.shift = NV_WORD_SHIFT,
		.value = 0xbad,
	};
	struct drm_nouveau_svm_death death;
	struct nv_launch launch;

	igt_assert_eq(nv_svm_init(d->fd, (uintptr_t)d->hole, d->hole_size),
		      -EPERM);
	igt_assert_eq(nv_svm_migrate(d, p, SIZE), -EPERM);
	igt_assert_eq(nv_death(d, c->id, &death), -EPERM);
	igt_assert_eq(nv_launch_try(d, c, &launch, NV_KERNEL_WRITE, &args,
				    NV_WARP), -EPERM);
	nv_launch_free(d, &launch);
}

static void start(void)
{
	nv_device_open(&dev);
	nv_channel_new(&dev, &chan);
}

static void stop(void)
{
	nv_channel_free(&dev, &chan);
	nv_device_close(&dev);
}

/* A child inherits the file, and can do nothing with it; nor break anything. */
static void test_fork(void)
{
	struct nv_endless endless;
	uint32_t *p = map_at(NULL);

	start();
	nv_endless_start(&endless, &dev, &chan);
	nv_fill_tags(p, WORDS, 1);
	igt_fork_child() {
		assert_refused(&dev, &chan, p);
		nv_assert_tags(p, WORDS, 1);
		close(dev.fd);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_tags(p, WORDS, 1);
	igt_assert(nv_endless_running(&endless));
	nv_endless_release(&endless);
	nv_endless_free(&endless);
	stop();
	munmap(p, SIZE);
}

/* What a child asks to be moved is its own, which the file is not about. */
static void test_bind_by_child(void)
{
	uint32_t *p = map_at(NULL);

	start();
	nv_fill_tags(p, WORDS, 1);
	igt_fork_child() {
		igt_assert_eq(nv_svm_migrate(&dev, p, SIZE), -EPERM);
		nv_assert_tags(p, WORDS, 1);
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	stop();
	munmap(p, SIZE);
}

/* The child outlives its parent's client: the file is open, SVM is not used. */
static void test_fork_outlives(void)
{
	char *done = map_shared();

	igt_fork_child() {
		struct nv_endless endless;
		int hold[2];
		char c;

		start();
		nv_endless_start(&endless, &dev, &chan);
		igt_assert_eq(pipe(hold), 0);
		if (!fork()) {
			close(hold[1]);
			/* until the parent is gone */
			igt_assert_eq(read(hold[0], &c, 1), 0);
			igt_assert_eq(nv_svm_migrate(&dev, done, SIZE),
				      -EPERM);
			*(volatile char *)done = 1;
			_exit(0);
		}
	}
	igt_assert_eq(__igt_waitchildren(), 0);
	for (int i = 0; i < SECONDS * 100 && !*(volatile char *)done; i++)
		usleep(10 * 1000);
	igt_assert_eq(*done, 1);
	munmap(done, SIZE);
}

static void send_fd(int socket, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = {}, byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	igt_assert_eq(sendmsg(socket, &msg, 0), 1);
}

static int receive_fd(int socket)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	int fd;

	igt_assert_eq(recvmsg(socket, &msg, 0), 1);
	igt_assert(CMSG_FIRSTHDR(&msg));
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
	return fd;
}

/* What the sender tells of itself, beside the file. */
struct letter {
	struct nv_device dev;
	struct nv_channel chan;
	void *p;
};

/* At the sender's address the receiver has memory of its own. */
static void receive(int socket)
{
	struct letter l;
	uint32_t *p;
	int fd;

	fd = receive_fd(socket);
	igt_assert_eq(read(socket, &l, sizeof(l)), sizeof(l));
	l.dev.fd = fd;
	p = map_at(l.p);
	nv_fill_tags(p, WORDS, 2);
	assert_refused(&l.dev, &l.chan, p);
	nv_assert_tags(p, WORDS, 2);
	close(fd);
}

static void test_scm_rights(void)
{
	struct letter l;
	int s[2];

	igt_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, s), 0);
	igt_fork_child()
		receive(s[1]);
	start();
	l.dev = dev;
	l.chan = chan;
	l.p = map_at(NULL);
	nv_fill_tags(l.p, WORDS, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, l.p, NV_WARP, 5), 0);
	send_fd(s[0], dev.fd);
	igt_assert_eq(write(s[0], &l, sizeof(l)), sizeof(l));
	igt_assert_eq(__igt_waitchildren(), 0);
	nv_assert_counting(l.p, NV_WARP, 5);
	nv_fill_tags(l.p, WORDS, 1);
	igt_assert_eq(nv_write_words(&dev, &chan, l.p, NV_WARP, 6), 0);
	nv_assert_counting(l.p, NV_WARP, 6);
	close(s[0]);
	close(s[1]);
	stop();
	munmap(l.p, SIZE);
}

/*
 * The program after execve() has the file, a running kernel's too, but none of
 * the memory: the kernel dies, the file is refused, and a new one works.
 */
static int after_exec(char **argv)
{
	struct nv_device d = { .fd = atoi(argv[0]) };
	struct nv_bo push = { .handle = atoi(argv[1]) };
	struct nv_channel c = { .id = atoi(argv[2]) };
	struct nv_leftovers before = {
		.clients = strtoull(argv[3], NULL, 0),
		.pages = strtoull(argv[4], NULL, 0),
		.ranges = ~0ull,
		.counted = true,
	};
	int i;

	d.class_compute = atoi(argv[5]);
	for (i = 0; i < SECONDS * 100 && nv_bo_busy(&d, &push); i++)
		usleep(10 * 1000);
	igt_assert(!nv_bo_busy(&d, &push));
	assert_refused(&d, &c, map_at(NULL));
	nv_assert_works();

	/* the client is there as long as its file, its pages are not */
	before.clients++;
	nv_leftovers_assert(&before);
	close(d.fd);
	return 0;
}

static void exec_self(const struct nv_leftovers *before)
{
	char fd[16], push[16], id[16], clients[24], pages[24], class[16];
	struct nv_endless endless;

	start();
	nv_endless_start(&endless, &dev, &chan);
	igt_assert_eq(fcntl(dev.fd, F_SETFD, 0), 0);
	snprintf(fd, sizeof(fd), "%d", dev.fd);
	snprintf(push, sizeof(push), "%u", endless.launch.push.handle);
	snprintf(id, sizeof(id), "%d", chan.id);
	snprintf(class, sizeof(class), "%u", dev.class_compute);
	snprintf(clients, sizeof(clients), "%" PRIu64, before->clients);
	snprintf(pages, sizeof(pages), "%" PRIu64, before->pages);
	execl("/proc/self/exe", "nouveau_svm_owner", EXEC_WORD, fd, push, id,
	      clients, pages, class, NULL);
	igt_assert_f(0, "execve: %s\n", strerror(errno));
}

static void test_exec(void)
{
	struct nv_leftovers before;

	nv_leftovers_note(&before);
	igt_fork_child()
		exec_self(&before);
	igt_assert_eq(__igt_waitchildren(), 0);
}

/* What the GPU has of memory of this process, in all of its clients. */
static size_t pages_mapped(const void *p)
{
	size_t writable;

	return nv_pagetable_pages(p, SIZE, &writable);
}

/* Two files, one address space: what is unmapped leaves both. */
static void test_two_clients(void)
{
	struct nv_channel chan2;
	struct nv_device dev2;
	uint32_t *p = map_at(NULL), *copy = map_at(NULL);

	start();
	nv_device_open(&dev2);
	nv_channel_new(&dev2, &chan2);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, 10), 0);
	igt_assert_eq(nv_write_words(&dev2, &chan2, p, WORDS, 20), 0);
	nv_assert_counting(p, WORDS, 20);
	igt_assert_eq(pages_mapped(p), 2 * PAGES);
	munmap(p, SIZE);
	igt_assert_eq(pages_mapped(p), 0);

	map_at(p);
	nv_fill_tags(p, WORDS, 3);
	igt_assert_eq(nv_copy_words(&dev, &chan, copy, p, WORDS), 0);
	nv_assert_tags(copy, WORDS, 3);
	memset(copy, 0, SIZE);
	igt_assert_eq(nv_copy_words(&dev2, &chan2, copy, p, WORDS), 0);
	nv_assert_tags(copy, WORDS, 3);

	munmap(p, SIZE);
	igt_assert_eq(nv_write_words(&dev2, &chan2, p, WORDS, 30), -EIO);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, 30), -EIO);
	nv_device_close(&dev2);
	nv_assert_works();
	stop();
	munmap(copy, SIZE);
}

/* One client ends, and takes its mappings along, but not the other one's. */
static void test_two_clients_one_ends(void)
{
	struct nv_channel chan2;
	struct nv_device dev2;
	void *p = map_at(NULL);

	start();
	nv_device_open(&dev2);
	nv_channel_new(&dev2, &chan2);
	igt_assert_eq(nv_write_words(&dev2, &chan2, p, WORDS, 1), 0);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, 2), 0);
	igt_assert_eq(pages_mapped(p), 2 * PAGES);
	nv_device_close(&dev2);
	igt_assert_eq(pages_mapped(p), PAGES);
	nv_assert_counting(p, WORDS, 2);
	igt_assert_eq(nv_write_words(&dev, &chan, p, WORDS, 3), 0);
	nv_assert_counting(p, WORDS, 3);
	stop();
	munmap(p, SIZE);
}

/** struct subtest - a row of the table of subtests */
struct subtest {
	const char *name;
	void (*run)(void);
};

static const struct subtest subtests[] = {
	{ "fork", test_fork },
	{ "bind-by-child", test_bind_by_child },
	{ "fork-outlives", test_fork_outlives },
	{ "scm-rights", test_scm_rights },
	{ "exec-mid-kernel", test_exec },
	{ "two-clients", test_two_clients },
	{ "two-clients-one-ends", test_two_clients_one_ends },
};

static void run(const struct subtest *test)
{
	struct nv_leftovers before;

	nv_leftovers_note(&before);
	test->run();
	nv_leftovers_assert(&before);
	nv_assert_works();
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc == 8 && !strcmp(argv[1], EXEC_WORD))
		return after_exec(argv + 2);

	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		start();
		stop();
	}

	/**
	 * SUBTEST: %s
	 * Description: see the comment above the function of that name
	 */
	for (i = 0; i < sizeof(subtests) / sizeof(subtests[0]); i++) {
		igt_subtest(subtests[i].name)
			run(&subtests[i]);
	}

	igt_exit();
}
