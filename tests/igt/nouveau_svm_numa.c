// SPDX-License-Identifier: MIT
/*
 * TEST: nouveau svm numa
 * Description: memory that lives on another node than the CPU, and memory that
 *	moves from node to node while a GPU kernel works on it
 * Category: Software building block
 * Functionality: shared virtual memory, NUMA
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_change.h"
#include "nv_pagetable.h"
#include "nv_patience.h"

#define NODES		2
#define TRIES		100
#define BALANCE_SECONDS	60
/* The kernel's own: what it takes for new, or forgets, depends on it. */
#define SCAN_MS_DELAY	1000
#define SCAN_MS_MIN	20
#define SCAN_MS_MAX	40
#define USE_NS		(20 * 1000 * 1000)
#define BALANCING	"/proc/sys/kernel/numa_balancing"
#define SCHED		"/sys/kernel/debug/sched/numa_balancing/"

static struct nv_device dev;

/* The node that a page is on; -1: it is nowhere at this moment. */
static int node_of(const void *p)
{
	int node = -1;

	if (syscall(SYS_get_mempolicy, &node, NULL, 0, p,
		    MPOL_F_NODE | MPOL_F_ADDR))
		return -1;
	return node;
}

static void require_nodes(void)
{
	igt_require_f(!access("/sys/devices/system/node/node1", F_OK),
		      "only one node\n");
}

static int bind_to(void *p, size_t size, int node, unsigned int flags)
{
	unsigned long nodes = 1ul << node;

	return syscall(SYS_mbind, p, size, MPOL_BIND, &nodes,
		       8 * sizeof(nodes), flags);
}

static void assert_node(const uint8_t *p, size_t size, int node)
{
	size_t i;

	for (i = 0; i < size; i += NV_PAGE)
		igt_assert_f(node_of(p + i) == node,
			     "page %zu is on node %d, not %d\n", i / NV_PAGE,
			     node_of(p + i), node);
}

/* Run on this CPU's node; CPU n is on node n where the tests run. */
static void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	igt_assert_eq(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* From each CPU, memory of each node. */
static void test_other_node(void)
{
	struct nv_channel chan;
	struct nv_area a;
	int cpu, node;

	nv_channel_new(&dev, &chan);
	for (cpu = 0; cpu < NODES; cpu++) {
		run_on(cpu);
		for (node = 0; node < NODES; node++) {
			nv_area_anon(&a, NV_CHANGE_SIZE);
			igt_assert_eq(bind_to(a.p, a.size, node, 0), 0);
			igt_assert_eq(nv_write_words(&dev, &chan, a.p,
						     a.size / 4, node), 0);
			assert_node(a.p, a.size, node);
			nv_assert_counting(a.p, a.size / 4, node);
			nv_pagetable_assert_true(a.p, a.size);
			nv_area_unmap(&a);
		}
	}
	nv_channel_free(&dev, &chan);
}

/*
 * A page that is in somebody's hands at this moment is busy: the GPU's fault
 * service, an LRU batch of another CPU.
 */
static void move_to(struct nv_changing *t, int node)
{
	int tries = TRIES;

	while (bind_to(t->start, t->size, node, MPOL_MF_MOVE |
		       MPOL_MF_STRICT) && --tries) {
		igt_assert_f(errno == EIO, "mbind: %s\n", strerror(errno));
		usleep(1000);
	}
	igt_assert_f(tries, "the pages do not move to node %d\n", node);
}

/* To the other node, and back. */
static void change_move(struct nv_changing *t)
{
	int node;

	for (node = NODES - 1; node >= 0; node--) {
		move_to(t, node);
		nv_mirror_settle(&t->m);
		assert_node(t->start, t->size, node);
	}
}

static long faults(void)
{
	return nv_get_line("/proc/vmstat", "numa_hint_faults");
}

/*
 * The scheduler looks at a program's pages often: the less at a time, the sooner
 * again.  After two looks it knows which mappings a thread has used, and looks at
 * one of the others at a time, of which there are a hundred.  A new mapping it
 * looks at after the delay, and what it knows of one it forgets after a few times
 * as long.
 */
static bool set_scan(int size_mb, int delay_ms, int min_ms, int max_ms)
{
	return nv_set_number(SCHED "scan_size_mb", size_mb) &&
		nv_set_number(SCHED "scan_delay_ms", delay_ms) &&
		nv_set_number(SCHED "scan_period_min_ms", min_ms) &&
		nv_set_number(SCHED "scan_period_max_ms", max_ms);
}

/* What the scheduler counts is the time of a thread that runs, and uses them. */
static void use(const struct nv_changing *t)
{
	const volatile uint8_t *p = t->start;
	struct timespec now, since;
	size_t i;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &since);
	do {
		for (i = 0; i < t->size; i += NV_PAGE)
			(void)p[i];
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	} while (now.tv_sec == since.tv_sec &&
		 now.tv_nsec < since.tv_nsec + USE_NS);
}

/*
 * The kernel takes the CPU's pages away to learn from which node they are
 * wanted, and moves them there.  Of a program with one thread it leaves alone
 * those that are on its node: so it runs on the other one.
 */
static void change_balance(struct nv_changing *t)
{
	const long first = faults(), pages = t->size / NV_PAGE;
	const time_t end = time(NULL) + nv_patience(BALANCE_SECONDS);
	const int was = node_of(t->start);
	long looked;

	igt_assert(was >= 0);
	run_on(!was);
	igt_require_f(set_scan(1, SCAN_MS_DELAY, SCAN_MS_MIN, SCAN_MS_MAX),
		      "no NUMA balancing\n");
	igt_assert(nv_set_number(BALANCING, 1));
	do {
		use(t);
		nv_mirror_settle(&t->m);
		looked = faults() - first;
	} while (looked < pages && time(NULL) <= end);
	igt_assert(nv_set_number(BALANCING, 0));
	igt_assert_f(looked >= pages, "%ld pages were looked at, not %ld\n",
		     looked, pages);
	nv_mirror_settle(&t->m);
}

/* All there is goes to the other node: swapped by migrate_pages(2). */
static void change_migrate(struct nv_changing *t)
{
	unsigned long nodes[NODES] = { 1, 2 };
	long left;
	int i;

	for (i = 0; i < NODES; i++) {
		left = syscall(SYS_migrate_pages, 0, 8 * sizeof(nodes[0]),
			       &nodes[i], &nodes[!i]);
		igt_assert_f(left >= 0, "migrate_pages: %s\n",
			     strerror(errno));
		nv_mirror_settle(&t->m);
	}
}

static const struct nv_change rows[] = {
	{ "move", nv_change_anon, 0, 16, NV_KEEPS, change_move, 0 },
	{ "move-shared", nv_change_shm, 0, 16, NV_KEEPS, change_move, 0 },
	{ "move-file", nv_change_disk, 0, 16, NV_KEEPS, change_move, 0 },
	{ "move-thp", nv_change_thp, 0, 512, NV_SETS, change_move, 0 },
	{ "migrate-all", nv_change_anon, 0, 16, NV_COUNTS, change_migrate, 0 },
	{ "balancing", nv_change_anon, 0, 16, NV_READS | NV_COUNTS,
	  change_balance, 0 },
};

int main(int argc, char **argv)
{
	igt_subtest_init_parse_opts(&argc, argv, "", NULL, NULL, NULL, NULL);

	igt_fixture {
		require_nodes();
		nv_device_open(&dev);
	}

	/**
	 * SUBTEST: other-node
	 * Description: memory of a node is used in place, from any CPU
	 */
	igt_subtest("other-node")
		test_other_node();

	/**
	 * SUBTEST: %s
	 * Description: what its name says happens while a kernel runs
	 */
	nv_change_subtests(&dev, rows, sizeof(rows) / sizeof(rows[0]));

	igt_fixture {
		/* Not sooner: a program's period lasts for longer than a row. */
		set_scan(256, SCAN_MS_DELAY, 1000, 60000);
		nv_device_close(&dev);
	}

	igt_exit();
}
