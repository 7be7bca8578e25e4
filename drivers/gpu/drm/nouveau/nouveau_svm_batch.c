// SPDX-License-Identifier: MIT
/*
 * Shared virtual memory, batches: the faults of one VMM, each page of a channel
 * once, found by page and kept together by range.  Knows neither the hardware
 * nor what becomes of faults.
 *
 * A GPU reports the same page from many warps, and thousands of pages at a
 * time: looking one up takes as long among many as among few, and nothing is
 * sorted.
 *
 * Locking: &nouveau_svm.lock, all of it.
 */
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "nouveau_drv.h"
#include "nouveau_svm_priv.h"

/* Links are indices plus 1. */
static_assert(NOUVEAU_SVM_BATCH_MAX <= U16_MAX);

static u16 *
nouveau_svm_batch_pages(struct nouveau_svm_batch *batch,
			const struct nvkm_svm_packet *packet)
{
	return &batch->pages[hash_64(packet->addr + packet->inst,
				     NOUVEAU_SVM_BATCH_SHIFT)];
}

static u64
nouveau_svm_batch_block(const struct nvkm_svm_packet *packet)
{
	return ALIGN_DOWN(packet->addr, NOUVEAU_SVM_RANGE_MAX);
}

static u16 *
nouveau_svm_batch_blocks(struct nouveau_svm_batch *batch,
			 const struct nvkm_svm_packet *packet)
{
	return &batch->blocks[hash_64(nouveau_svm_batch_block(packet) +
				      packet->inst, NOUVEAU_SVM_BATCH_SHIFT)];
}

/**
 * nouveau_svm_batch_new() - make a batch
 *
 * Return: the batch, empty, for kvfree(); NULL.
 */
struct nouveau_svm_batch *
nouveau_svm_batch_new(void)
{
	struct nouveau_svm_batch *batch;

	/* Most of it is never looked at before it is written. */
	batch = kvmalloc_obj(*batch);
	if (!batch)
		return NULL;

	batch->nr = 0;
	batch->missed = false;
	memset(batch->pages, 0, sizeof(batch->pages));
	memset(batch->blocks, 0, sizeof(batch->blocks));
	return batch;
}

/**
 * nouveau_svm_batch_find() - find a page
 * @batch: the batch
 * @packet: a fault on it
 *
 * Return: what the batch has of the same channel on the same page, or NULL.
 */
struct nouveau_svm_fault *
nouveau_svm_batch_find(struct nouveau_svm_batch *batch,
		       const struct nvkm_svm_packet *packet)
{
	struct nouveau_svm_fault *fault;
	u16 i;

	for (i = *nouveau_svm_batch_pages(batch, packet); i;
	     i = fault->next_page) {
		fault = &batch->faults[i - 1];
		if (fault->packet.addr == packet->addr &&
		    fault->packet.inst == packet->inst)
			return fault;
	}

	return NULL;
}

/* The first fault that came of a block brings the others along. */
static void
nouveau_svm_batch_join(struct nouveau_svm_batch *batch,
		       struct nouveau_svm_fault *fault, u16 link)
{
	const u64 block = nouveau_svm_batch_block(&fault->packet);
	u16 *head = nouveau_svm_batch_blocks(batch, &fault->packet);
	struct nouveau_svm_fault *first;
	u16 i;

	for (i = *head; i; i = first->next_block) {
		first = &batch->faults[i - 1];
		if (first->packet.inst == fault->packet.inst &&
		    nouveau_svm_batch_block(&first->packet) == block) {
			fault->first = false;
			fault->next = first->next;
			first->next = link;
			return;
		}
	}

	fault->first = true;
	fault->next = 0;
	fault->next_block = *head;
	*head = link;
}

/**
 * nouveau_svm_batch_add() - add a fault
 * @batch: the batch, without a fault on this page of this channel
 * @fault: the fault; it is copied
 *
 * Return: false if there is no room.
 */
bool
nouveau_svm_batch_add(struct nouveau_svm_batch *batch,
		      const struct nouveau_svm_fault *fault)
{
	struct nouveau_svm_fault *new;
	u16 *head;

	if (batch->nr == NOUVEAU_SVM_BATCH_MAX)
		return false;

	new = &batch->faults[batch->nr++];
	*new = *fault;
	head = nouveau_svm_batch_pages(batch, &new->packet);
	new->next_page = *head;
	*head = batch->nr;
	nouveau_svm_batch_join(batch, new, batch->nr);
	return true;
}

/**
 * nouveau_svm_batch_clear() - empty a batch
 * @batch: the batch
 *
 * Return: how many it had; they stay readable until others are added.
 */
int
nouveau_svm_batch_clear(struct nouveau_svm_batch *batch)
{
	const int nr = batch->nr;
	int i;

	for (i = 0; i < nr; i++) {
		const struct nvkm_svm_packet *packet = &batch->faults[i].packet;

		*nouveau_svm_batch_pages(batch, packet) = 0;
		*nouveau_svm_batch_blocks(batch, packet) = 0;
	}

	batch->nr = 0;
	return nr;
}

/**
 * nouveau_svm_batch_move() - make what has waited the batch to be served
 * @to: to here; empty
 * @from: from here; empty then
 *
 * Faults of a range come one after the other, and the range that was asked for
 * first comes first.
 */
void
nouveau_svm_batch_move(struct nouveau_svm_batch *to,
		       struct nouveau_svm_batch *from)
{
	const int nr = nouveau_svm_batch_clear(from);
	const struct nouveau_svm_fault *fault;
	int i;

	for (i = 0; i < nr; i++) {
		fault = &from->faults[i];
		if (!fault->first)
			continue;
		nouveau_svm_batch_add(to, fault);
		while (fault->next) {
			fault = &from->faults[fault->next - 1];
			nouveau_svm_batch_add(to, fault);
		}
	}

	to->missed = from->missed;
	from->missed = false;
}

/**
 * nouveau_svm_batch_keep() - drop what is served, and what never will be
 * @batch: the batch
 */
void
nouveau_svm_batch_keep(struct nouveau_svm_batch *batch)
{
	const int nr = nouveau_svm_batch_clear(batch);
	int i;

	/* What is kept comes to lie where it is, or where one was before it. */
	for (i = 0; i < nr; i++) {
		const struct nouveau_svm_fault *fault = &batch->faults[i];

		if (!fault->reason && !fault->done)
			nouveau_svm_batch_add(batch, fault);
	}
}
