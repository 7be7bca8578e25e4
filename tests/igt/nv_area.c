// SPDX-License-Identifier: MIT
/* Memory of the kinds that a process can have: see nv_area.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "igt_abi.h"
#include "nv_area.h"
#include "nv_pagetable.h"
#include "nv_words.h"

#define SMALL_SIZE	(16 * NV_PAGE)
#define READ_WRITE	(PROT_READ | PROT_WRITE)

/* Where the test machine has a disk, and how its file system is known. */
#define DISK_FOLDER	"/mnt"
#define EXT4_MAGIC	0xef53		/* linux/magic.h */

#define KSM		"/sys/kernel/mm/ksm/"
#define KSM_TRIES	400

#define NR_HUGEPAGES	"/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages"
#define FREE_GIGANTIC	"/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages"
#define MAP_HUGE_2M	(21 << 26)	/* log2 << MAP_HUGE_SHIFT */
#define MAP_HUGE_1G	(30 << 26)
#define GIGANTIC_PAGE	(1ul << 30)

#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define MTHP		THP "hugepages-64kB/"
#define MTHP_SIZE	(1ul << 20)

static uint32_t static_data[SMALL_SIZE / 4] = { 1 };
static uint32_t static_bss[SMALL_SIZE / 4];

bool nv_set_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool ok;

	if (!f)
		return false;
	ok = fprintf(f, "%s\n", text) > 0;
	return !fclose(f) && ok;
}

bool nv_set_number(const char *path, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", number);
	return nv_set_text(path, text);
}

long nv_get_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long number;

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &number) != 1)
		number = -1;
	fclose(f);
	return number;
}

long nv_get_line(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	long number, found = -1;
	char n[64];

	if (!f)
		return -1;
	while (found < 0 && fscanf(f, "%63s %ld%*[^\n]", n, &number) == 2) {
		if (!strcmp(n, name))
			found = number;
	}
	fclose(f);
	return found;
}

void nv_area_map(struct nv_area *a, size_t size, int prot, int flags, int fd)
{
	a->size = size;
	a->base_size = size;
	a->fd = fd;
	a->base = mmap(NULL, size, prot, flags, fd, 0);
	igt_assert_f(a->base != MAP_FAILED, "mmap: %s\n", strerror(errno));
	a->p = a->base;
}

void nv_area_unmap(struct nv_area *a)
{
	munmap(a->base, a->base_size);
	if (a->fd >= 0)
		close(a->fd);
}

void nv_area_anon(struct nv_area *a, size_t size)
{
	nv_area_map(a, size, READ_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void map_aligned(struct nv_area *a, size_t size, int advice)
{
	nv_area_anon(a, size + NV_HUGE_PAGE);
	a->p = (void *)(((uintptr_t)a->base + NV_HUGE_PAGE - 1) &
			~(NV_HUGE_PAGE - 1));
	a->size = size;
	igt_require_f(!madvise(a->p, a->size, advice),
		      "no transparent huge pages\n");
}

void nv_area_thp(struct nv_area *a, size_t size)
{
	map_aligned(a, size, MADV_HUGEPAGE);
}

void nv_area_no_thp(struct nv_area *a, size_t size)
{
	map_aligned(a, size, MADV_NOHUGEPAGE);
}

int nv_file(const char *folder, size_t size)
{
	int fd = open(folder, O_TMPFILE | O_RDWR, 0600);

	igt_assert_f(fd >= 0, "%s: %s\n", folder, strerror(errno));
	igt_assert_eq(ftruncate(fd, size), 0);
	return fd;
}

void nv_put_file(void *p, size_t size)
{
	int fd = nv_file("/tmp", size);

	igt_assert(mmap(p, size, READ_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		   p);
	close(fd);
}

const char *nv_disk_folder(void)
{
	struct statfs fs;

	igt_require_f(!statfs(DISK_FOLDER, &fs) && fs.f_type == EXT4_MAGIC &&
		      !access(DISK_FOLDER, W_OK),
		      "no file system on a disk at " DISK_FOLDER "\n");
	return DISK_FOLDER;
}

void nv_area_disk(struct nv_area *a, size_t size)
{
	nv_area_map(a, size, READ_WRITE, MAP_SHARED,
		    nv_file(nv_disk_folder(), size));
}

/* Is it the same page all over?  Counters of the kernel lag behind. */
static bool is_merged(const void *p, size_t size)
{
	const uint64_t frame = nv_page_frame(p);
	size_t i;

	igt_require_f(frame, "no frame numbers in pagemap\n");
	for (i = NV_PAGE; i < size; i += NV_PAGE) {
		if (nv_page_frame((const char *)p + i) != frame)
			return false;
	}
	return true;
}

void nv_merge(void *p, size_t size)
{
	int tries = KSM_TRIES;

	igt_require_f(nv_set_number(KSM "run", 1) &&
		      nv_set_number(KSM "sleep_millisecs", 10), "no KSM\n");
	igt_assert_eq(madvise(p, size, MADV_MERGEABLE), 0);
	while (!is_merged(p, size) && --tries)
		usleep(50 * 1000);
	nv_set_number(KSM "run", 0);
	igt_assert_f(tries, "the kernel does not merge pages\n");
}

static void make_malloc(struct nv_area *a)
{
	a->size = SMALL_SIZE;
	a->p = malloc(a->size);
	igt_assert(a->p);
}

static void free_malloc(struct nv_area *a)
{
	free(a->p);
}

static void make_malloc_large(struct nv_area *a)
{
	a->size = 4 * NV_HUGE_PAGE;
	a->p = malloc(a->size);
	igt_assert(a->p);
}

static void make_data(struct nv_area *a)
{
	a->size = sizeof(static_data);
	a->p = static_data;
}

static void make_bss(struct nv_area *a)
{
	a->size = sizeof(static_bss);
	a->p = static_bss;
}

static void free_nothing(struct nv_area *a)
{
	a->p = NULL;
}

static void make_mmap(struct nv_area *a)
{
	nv_area_anon(a, SMALL_SIZE);
}

static void make_shared(struct nv_area *a)
{
	nv_area_map(a, SMALL_SIZE, READ_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void make_memfd(struct nv_area *a)
{
	int fd = memfd_create("svm", MFD_CLOEXEC);

	igt_assert(fd >= 0 && !ftruncate(fd, SMALL_SIZE));
	nv_area_map(a, SMALL_SIZE, READ_WRITE, MAP_SHARED, fd);
}

static void make_tmpfs_shared(struct nv_area *a)
{
	nv_area_map(a, SMALL_SIZE, READ_WRITE, MAP_SHARED,
		    nv_file("/dev/shm", SMALL_SIZE));
}

static void make_tmpfs_private(struct nv_area *a)
{
	nv_area_map(a, SMALL_SIZE, READ_WRITE, MAP_PRIVATE,
		    nv_file("/dev/shm", SMALL_SIZE));
}

static void make_file_shared(struct nv_area *a)
{
	nv_area_disk(a, SMALL_SIZE);
}

static void make_file_private(struct nv_area *a)
{
	nv_area_map(a, SMALL_SIZE, READ_WRITE, MAP_PRIVATE,
		    nv_file(nv_disk_folder(), SMALL_SIZE));
}

static void make_mlock(struct nv_area *a)
{
	nv_area_anon(a, SMALL_SIZE);
	igt_require_f(!mlock(a->p, a->size), "mlock: %s\n", strerror(errno));
}

static void make_thp(struct nv_area *a)
{
	nv_area_thp(a, 2 * NV_HUGE_PAGE);
}

/* Two huge pages of the pool, which grows by them for as long as it takes. */
static void make_hugetlb(struct nv_area *a)
{
	long pool = nv_get_number(NR_HUGEPAGES);

	igt_require_f(pool >= 0 && nv_set_number(NR_HUGEPAGES, pool + 2) &&
		      nv_get_number(NR_HUGEPAGES) == pool + 2,
		      "no huge pages to be had\n");
	nv_area_map(a, 2 * NV_HUGE_PAGE, READ_WRITE, MAP_PRIVATE |
		    MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2M, -1);
}

static void free_hugetlb(struct nv_area *a)
{
	nv_area_unmap(a);
	nv_set_number(NR_HUGEPAGES, nv_get_number(NR_HUGEPAGES) - 2);
}

/* The same, of a file that other programs could have too. */
static void make_hugetlb_shared(struct nv_area *a)
{
	long pool = nv_get_number(NR_HUGEPAGES);
	int fd;

	igt_require_f(pool >= 0 && nv_set_number(NR_HUGEPAGES, pool + 2) &&
		      nv_get_number(NR_HUGEPAGES) == pool + 2,
		      "no huge pages to be had\n");
	fd = memfd_create("svm", MFD_CLOEXEC | MFD_HUGETLB | MAP_HUGE_2M);
	igt_assert(fd >= 0 && !ftruncate(fd, 2 * NV_HUGE_PAGE));
	nv_area_map(a, 2 * NV_HUGE_PAGE, READ_WRITE, MAP_SHARED, fd);
}

void nv_area_gigantic(struct nv_area *a, int flags)
{
	igt_require_f(nv_get_number(FREE_GIGANTIC) > 0,
		      "no page of 1 GiB; see hugepagesz=\n");
	nv_area_map(a, GIGANTIC_PAGE, READ_WRITE, flags | MAP_ANONYMOUS |
		    MAP_HUGETLB | MAP_HUGE_1G, -1);
	a->p = (char *)a->base + GIGANTIC_PAGE / 2 - NV_HUGE_PAGE / 2;
	a->size = NV_HUGE_PAGE;
}

static void make_gigantic(struct nv_area *a)
{
	nv_area_gigantic(a, MAP_PRIVATE);
}

/* Folios of 64 KiB. */
static void make_mthp(struct nv_area *a)
{
	long before = nv_get_number(MTHP "stats/anon_fault_alloc");

	igt_require_f(before >= 0 && nv_set_text(MTHP "enabled", "always"),
		      "no huge pages of 64 KiB\n");
	nv_area_anon(a, MTHP_SIZE);
	memset(a->p, 1, a->size);
	igt_assert(nv_get_number(MTHP "stats/anon_fault_alloc") > before);
	igt_assert(nv_set_text(MTHP "enabled", "never"));
}

/* Huge pages of a file in memory. */
static void make_shmem_thp(struct nv_area *a)
{
	long before = nv_get_line("/proc/meminfo", "ShmemHugePages:");
	int fd = memfd_create("svm", MFD_CLOEXEC);

	igt_require_f(nv_set_text(THP "shmem_enabled", "advise"),
		      "no huge pages in shared memory\n");
	igt_assert(fd >= 0 && !ftruncate(fd, 3 * NV_HUGE_PAGE));
	nv_area_map(a, 3 * NV_HUGE_PAGE, READ_WRITE, MAP_SHARED, fd);
	igt_assert_eq(madvise(a->base, a->base_size, MADV_HUGEPAGE), 0);
	memset(a->base, 1, a->base_size);
	igt_assert(nv_get_line("/proc/meminfo", "ShmemHugePages:") > before);
	igt_assert(nv_set_text(THP "shmem_enabled", "never"));
}

const struct nv_kind nv_kinds[] = {
	{ "malloc", make_malloc, free_malloc, false },
	{ "malloc-large", make_malloc_large, free_malloc, false },
	{ "static-data", make_data, free_nothing, false },
	{ "static-bss", make_bss, free_nothing, false },
	{ "mmap", make_mmap, nv_area_unmap, false },
	{ "mmap-shared", make_shared, nv_area_unmap, true },
	{ "memfd", make_memfd, nv_area_unmap, true },
	{ "tmpfs-shared", make_tmpfs_shared, nv_area_unmap, true },
	{ "tmpfs-private", make_tmpfs_private, nv_area_unmap, false },
	{ "file-shared", make_file_shared, nv_area_unmap, true },
	{ "file-private", make_file_private, nv_area_unmap, false },
	{ "mlock", make_mlock, nv_area_unmap, false },
	{ "thp", make_thp, nv_area_unmap, false },
	{ "mthp", make_mthp, nv_area_unmap, false },
	{ "shmem-thp", make_shmem_thp, nv_area_unmap, true },
	{ "hugetlb-2m", make_hugetlb, free_hugetlb, true },
	{ "hugetlb-2m-shared", make_hugetlb_shared, free_hugetlb, true },
	{ "hugetlb-1g", make_gigantic, nv_area_unmap, true },
};

const size_t nv_nr_kinds = sizeof(nv_kinds) / sizeof(nv_kinds[0]);
