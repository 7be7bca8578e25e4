/* SPDX-License-Identifier: MIT */
/* The driver's dump of the GPU's page tables, held against the CPU's. */
#ifndef NV_PAGETABLE_H
#define NV_PAGETABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** struct nv_pte_run - pages that the GPU has mapped alike */
struct nv_pte_run {
	uint64_t addr, size;
	/** @dma: where the first one is, for the GPU */
	uint64_t dma;
	/** @page: bytes of each of the GPU's pages */
	uint64_t page;
	bool write, atomic, vram;
};

/*
 * What the GPU has mapped for this process, in no order.  Returns how many
 * runs; 0 with *@runs NULL if the driver has no dump.  The caller frees it.
 */
size_t nv_pagetable_read(struct nv_pte_run **runs);

/* How many pages of a range the GPU has mapped; of those, how many writable. */
size_t nv_pagetable_pages(const void *p, size_t size, size_t *writable);

/*
 * How many bytes of a range the GPU has mapped in pages of @page bytes.  Skips
 * the test if the driver has no dump.
 */
size_t nv_pagetable_bytes(const void *p, size_t size, size_t page);

/* The GPU has no page of a range that it could write. */
void nv_pagetable_assert_read_only(const void *p, size_t size);

/* How many pages of a range the GPU has mapped in its own memory. */
size_t nv_pagetable_vram(const void *p, size_t size);

/* Are addresses that the GPU uses physical ones, as nothing translates? */
bool nv_dma_is_physical(void);

/* The frame that the CPU has at an address; 0: none, or not ours to know. */
uint64_t nv_page_frame(const void *p);

/*
 * Where a page is that the CPU has an entry for and can't reach: in swap, in
 * VRAM, the GPU's alone in RAM, each somewhere else; 0: it is not so.
 */
uint64_t nv_away(const void *p);

/* How many pages of a range the CPU has mapped. */
size_t nv_present_pages(const void *p, size_t size);

/*
 * Assert that the GPU has nothing mapped in a range that the process does not
 * have there itself, with at least that permission, and that it is the very
 * same page.  Does nothing if the driver has no dump.
 */
void nv_pagetable_assert_true(const void *p, size_t size);

#endif
