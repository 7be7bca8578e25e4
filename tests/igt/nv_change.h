/* SPDX-License-Identifier: MIT */
/*
 * Changes of a mapping under a running kernel: a test program has a table of
 * them, and its own functions for what is done.
 *
 * Each row is done several times, to fresh memory for each mode: with a kernel
 * that reads, one that writes, one that increments, one that increments
 * atomically.
 */
#ifndef NV_CHANGE_H
#define NV_CHANGE_H

#include "nv_area.h"
#include "nv_mirror.h"
#include "nv_words.h"

#define NV_CHANGE_PAGES		16
#define NV_CHANGE_SIZE		(NV_CHANGE_PAGES * NV_PAGE)
#define NV_CHANGE_THP_PAGES	(2 * NV_HUGE_PAGE / NV_PAGE)

/* Modes in which a row makes sense. */
#define NV_READS	(1u << NV_MIRROR_READ)
#define NV_WRITES	(1u << NV_MIRROR_WRITE)
#define NV_COUNTS	(1u << NV_MIRROR_COUNT)
#define NV_ADDS		(1u << NV_MIRROR_ADD)
/* Words that the kernel does not count up: the CPU may set them. */
#define NV_SETS		(NV_READS | NV_WRITES)
/* The part keeps what is in it: any memory, and anonymous memory. */
#define NV_KEEPS	(NV_SETS | NV_COUNTS)
#define NV_ALL		(NV_KEEPS | NV_ADDS)

struct nv_changing;

/** struct nv_change - a change of the mapping */
struct nv_change {
	const char *name;
	/** @make: the memory */
	void (*make)(struct nv_area *a);
	/** @first, @last: pages of it that are the part */
	unsigned int first, last;
	unsigned int modes;
	/** @change: the change, and back; @arg: one for it */
	void (*change)(struct nv_changing *t);
	int arg;
};

/** struct nv_changing - a row being run */
struct nv_changing {
	const struct nv_change *row;
	const struct nv_device *dev;
	struct nv_area area;
	struct nv_mirror m;
	/** @start: where the part belongs; @size: bytes of it */
	uint8_t *start;
	size_t size;
};

/* Run a row, in all of its modes. */
void nv_change_run(const struct nv_device *dev, const struct nv_change *row);
/* Rows that are subtests: runs what is asked for of them. */
void nv_change_subtests(const struct nv_device *dev,
			const struct nv_change *rows, size_t nr);
/* A program that has no others: does not return. */
void nv_change_main(int argc, char **argv, const struct nv_change *rows,
		    size_t nr) __attribute__((noreturn));

/* The part is out of the CPU's reach; the others go on. */
void nv_change_gone(struct nv_changing *t);
/* The part is where it belongs, its threads too. */
void nv_change_back(struct nv_changing *t);
/* The CPU has set the part to this byte; everybody sees it. */
void nv_change_set(struct nv_changing *t, int byte);

/* New memory in place of the part. */
void nv_change_map_over(struct nv_changing *t, int flags, int fd);
/* Private anonymous memory somewhere else. */
void *nv_map_elsewhere(size_t size);

/* madvise() of the part.  Asserts success. */
void nv_change_advise(struct nv_changing *t, int advice);
/* A change: advice, the row's, that changes nothing a program could see. */
void nv_change_advice(struct nv_changing *t);

/* Skip the test if there is no swap space. */
void nv_require_swap(void);
/* Make the part leave for the swap space. */
void nv_change_page_out(struct nv_changing *t);

/* Memory for rows: anonymous, huge pages, none yet, tmpfs, on a disk. */
void nv_change_anon(struct nv_area *a);
void nv_change_thp(struct nv_area *a);
void nv_change_no_thp(struct nv_area *a);
void nv_change_shm(struct nv_area *a);
void nv_change_disk(struct nv_area *a);

#endif
