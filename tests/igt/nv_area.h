/* SPDX-License-Identifier: MIT */
/* Memory of the kinds that a process can have. */
#ifndef NV_AREA_H
#define NV_AREA_H

#include <stdbool.h>
#include <stddef.h>

/** struct nv_area - memory under test */
struct nv_area {
	/** @p: what the GPU gets; @size: bytes of it */
	void *p;
	size_t size;
	/** @base: the mapping it lies in, @base_size bytes */
	void *base;
	size_t base_size;
	/** @fd: the file behind it, or -1 */
	int fd;
	/** @release: gives it back, if more than unmapping is to be done */
	void (*release)(struct nv_area *a);
};

/** struct nv_kind - a kind of memory; @make skips if there is none here */
struct nv_kind {
	const char *name;
	void (*make)(struct nv_area *a);
	void (*free)(struct nv_area *a);
	/** @shared: the kernel can't give it to a GPU alone, for atomics */
	bool shared;
};

extern const struct nv_kind nv_kinds[];
extern const size_t nv_nr_kinds;

/* Asserts success. */
void nv_area_map(struct nv_area *a, size_t size, int prot, int flags, int fd);
void nv_area_unmap(struct nv_area *a);

/* Private anonymous memory, readable and writable. */
void nv_area_anon(struct nv_area *a, size_t size);

/*
 * The same, aligned to huge pages: with them (advised), or without until it
 * is advised otherwise.
 */
void nv_area_thp(struct nv_area *a, size_t size);
void nv_area_no_thp(struct nv_area *a, size_t size);

/* A page of 1 GiB, of which 2 MiB in the middle are used; skips without one. */
void nv_area_gigantic(struct nv_area *a, int flags);

/* A file on a disk, of that size, mapped shared. */
void nv_area_disk(struct nv_area *a, size_t size);

/* A file without a name, of that size, in a folder.  Asserts success. */
int nv_file(const char *folder, size_t size);

/* A file in memory, mapped shared in the place of what is there. */
void nv_put_file(void *p, size_t size);

/* A folder on a disk; skips the test if there is none. */
const char *nv_disk_folder(void);

/* Wait until the kernel has merged pages that are equal; skips without KSM. */
void nv_merge(void *p, size_t size);

/* Write to a file of /proc or /sys; false if it can't be done. */
bool nv_set_text(const char *path, const char *text);
bool nv_set_number(const char *path, long number);
/* The number in such a file, or -1. */
long nv_get_number(const char *path);
/* A line "name number" of such a file, or -1. */
long nv_get_line(const char *path, const char *name);

#endif
