// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The MMU's registers: TLB invalidate, replay and cancel commands.
 *
 * A command goes into a short FIFO and takes effect only when the driver
 * polls for its completion.  A driver that does not wait sees stale
 * translations for as long as NVGPU_INVAL_LATENCY runs: hardware promises
 * nothing sooner.
 */
#include <stdlib.h>
#include <string.h>

#include "mmu_priv.h"
#include "reg.h"
#include "sm.h"

#define FB_GP10B	"NVIDIA nvgpu hw_fb_gp10b.h"
#define DEV_FB		"NVIDIA gp100 dev_fb.h"
#define GV100_HUB	"NVIDIA gv100 pri_mmu_hub.ref.txt"

#define MMU_CTRL			0x100c80
#define   MMU_CTRL_FIFO_EMPTY		(1u << 15)
#define   MMU_CTRL_FIFO_SPACE_SHIFT	16
#define   MMU_CTRL_FIFO			0x00ff8000u	/* both of these */
#define MMU_INVAL_VADDR			0x100cb4
#define   MMU_INVAL_ADDR_SHIFT		4	/* 31:4 are address 39:12 */
#define MMU_INVAL_PDB			0x100cb8
#define   MMU_INVAL_PDB_SYS		(1u << 1)
#define MMU_INVAL			0x100cbc
#define   MMU_INVAL_ALL_VA		(1u << 0)
#define   MMU_INVAL_ALL_PDB		(1u << 1)
#define   MMU_INVAL_HUB_ONLY		(1u << 2)
#define   MMU_INVAL_REPLAY(cmd)		((cmd) >> 3 & 7)
#define   MMU_INVAL_REPLAY_NONE			0
#define   MMU_INVAL_REPLAY_START		1
#define   MMU_INVAL_REPLAY_START_ACK_ALL	2
#define   MMU_INVAL_REPLAY_CANCEL_TARGETED	3
#define   MMU_INVAL_REPLAY_CANCEL_GLOBAL	4
#define   MMU_INVAL_SYS_MEMBAR		(1u << 6)
#define   MMU_INVAL_ACK(cmd)		((cmd) >> 7 & 3)
#define   MMU_INVAL_CANCEL_CLIENT(cmd)	((cmd) >> 9 & 0x3f)
#define   MMU_INVAL_CANCEL_GPC(cmd)	((cmd) >> 15 & 0x1f)
#define   MMU_INVAL_CANCEL_HUB		(1u << 20)
#define   MMU_INVAL_LEVEL(cmd)		((cmd) >> 24 & 7)
#define   MMU_INVAL_LEVEL_ALL		0	/* 1: PTEs, 2: PD0 too, ... */
#define   MMU_INVAL_LEVEL_PTE_ONLY	1
#define   MMU_INVAL_TRIGGER		(1u << 31)
#define MMU_INVAL_UPPER_VADDR		0x100ce8
#define MMU_INVAL_UPPER_PDB		0x100cec
#define   MMU_INVAL_UPPER_SHIFT		40
#define   MMU_INVAL_UPPER_MASK		0xfffffu

/* Size of the FIFO; the model's own, the register could show 255. */
#define FIFO_SIZE		16u

/*
 * Reads of MMU_CTRL that a driver which waits makes at least: one that finds
 * the FIFO not empty and one that finds it empty.  A driver that goes on
 * without waiting reads it once, for the free space, at its next command.
 */
#define POLLS_OF_A_WAIT		2u

/* Runs after which a command takes effect even if nobody waits for it. */
#define NVGPU_INVAL_LATENCY	64u

struct command {
	uint32_t word;
	struct nvgpu_inval inval;
};

struct nvgpu_inval_queue {
	struct command cmd[FIFO_SIZE];
	unsigned int nr;
	/* Runs since the last command, polls of the driver since then. */
	unsigned int age, polls;
	/* Nobody has seen the last command complete yet. */
	bool unseen;
	/* Commands so far that asked for an acknowledgment. */
	uint32_t nr_acked;
	/* What is pending does not complete before the next command. */
	bool stuck;
};

static uint64_t page_address(uint32_t lo, uint32_t hi)
{
	return (uint64_t)(lo >> MMU_INVAL_ADDR_SHIFT) << NVGPU_PAGE_SHIFT |
	       (uint64_t)(hi & MMU_INVAL_UPPER_MASK) << MMU_INVAL_UPPER_SHIFT;
}

static unsigned int pd_levels(unsigned int level)
{
	if (level == MMU_INVAL_LEVEL_ALL ||
	    level - MMU_INVAL_LEVEL_PTE_ONLY > NVGPU_PD_LEVELS)
		return NVGPU_PD_LEVELS;
	return level - MMU_INVAL_LEVEL_PTE_ONLY;
}

/* The registers as they are when the command is triggered. */
static struct command command_read(struct nvgpu *gpu, uint32_t word)
{
	uint32_t pdb = nvgpu_reg_get(gpu, MMU_INVAL_PDB);
	uint32_t pdb_hi = nvgpu_reg_get(gpu, MMU_INVAL_UPPER_PDB);
	uint32_t va = nvgpu_reg_get(gpu, MMU_INVAL_VADDR);
	uint32_t va_hi = nvgpu_reg_get(gpu, MMU_INVAL_UPPER_VADDR);

	return (struct command) {
		.word = word,
		.inval = {
			.all_va = word & MMU_INVAL_ALL_VA,
			.all_pdb = word & MMU_INVAL_ALL_PDB,
			.hub_only = word & MMU_INVAL_HUB_ONLY,
			.pd_levels = pd_levels(MMU_INVAL_LEVEL(word)),
			.pdb_sys = pdb & MMU_INVAL_PDB_SYS,
			.pdb = page_address(pdb, pdb_hi),
			.va = page_address(va, va_hi),
		},
	};
}

static void cancel_targeted(struct nvgpu *gpu, uint32_t word)
{
	gpu->count.cancels_targeted++;
	if (word & MMU_INVAL_CANCEL_HUB) {
		nvgpu_guest_error(gpu, "cancel of hub client %02x, never stalled",
				  MMU_INVAL_CANCEL_CLIENT(word));
		return;
	}
	nvgpu_sm_cancel(gpu, false, MMU_INVAL_CANCEL_GPC(word),
			MMU_INVAL_CANCEL_CLIENT(word));
}

/*
 * What a command does once it takes effect.  Stores that were translated before
 * may still be on their way, unless it has SYS_MEMBAR.
 */
static void execute(struct nvgpu *gpu, const struct command *cmd)
{
	nvgpu_tlb_invalidate(gpu, &cmd->inval);
	if (cmd->word & MMU_INVAL_SYS_MEMBAR)
		nvgpu_sm_membar(gpu);
	switch (MMU_INVAL_REPLAY(cmd->word)) {
	case MMU_INVAL_REPLAY_NONE:
		break;
	case MMU_INVAL_REPLAY_START:
	case MMU_INVAL_REPLAY_START_ACK_ALL:
		gpu->count.replays++;
		nvgpu_sm_replay(gpu);
		break;
	case MMU_INVAL_REPLAY_CANCEL_TARGETED:
		cancel_targeted(gpu, cmd->word);
		break;
	case MMU_INVAL_REPLAY_CANCEL_GLOBAL:
		gpu->count.cancels_global++;
		nvgpu_sm_cancel(gpu, true, 0, 0);
		break;
	default:
		nvgpu_unknown(gpu, "replay operation of MMU_INVALIDATE %08x",
			      cmd->word);
	}
}

static void complete(struct nvgpu *gpu)
{
	struct nvgpu_inval_queue *queue = gpu->mmu->queue;
	unsigned int i, nr = queue->nr;

	queue->nr = 0;
	queue->stuck = false;
	for (i = 0; i < nr; i++)
		execute(gpu, &queue->cmd[i]);
}

/* See nvgpu_config.inval_stuck. */
static bool sticks(struct nvgpu *gpu, uint32_t word)
{
	const uint32_t every = gpu->config.inval_stuck;

	if (!every || !MMU_INVAL_ACK(word) ||
	    ++gpu->mmu->queue->nr_acked % every)
		return false;
	gpu->count.invalidates_stuck++;
	return true;
}

static void trigger(struct nvgpu *gpu, uint32_t word)
{
	struct nvgpu_inval_queue *queue = gpu->mmu->queue;

	gpu->count.invalidates++;
	gpu->count.invalidates_unwaited += queue->unseen;
	if (queue->nr == FIFO_SIZE) {
		nvgpu_guest_error(gpu, "TLB invalidate without a free slot");
		complete(gpu);
	}
	if (queue->stuck)
		complete(gpu);
	queue->cmd[queue->nr++] = command_read(gpu, word);
	queue->stuck = sticks(gpu, word);
	queue->age = 0;
	queue->polls = 0;
	queue->unseen = true;
	if (!gpu->config.no_tlb_lazy_ack || queue->stuck) {
		nvgpu_kick(gpu);	/* ages */
		return;
	}
	complete(gpu);
	queue->unseen = false;
}

/* Return: is a command still pending? */
static bool poll(struct nvgpu *gpu)
{
	struct nvgpu_inval_queue *queue = gpu->mmu->queue;

	queue->polls++;
	if (queue->nr && !queue->stuck && queue->polls >= POLLS_OF_A_WAIT)
		complete(gpu);
	if (!queue->stuck && queue->polls >= POLLS_OF_A_WAIT)
		queue->unseen = false;
	return queue->nr;
}

bool nvgpu_mmu_tick(struct nvgpu *gpu)
{
	struct nvgpu_inval_queue *queue = gpu->mmu->queue;

	if (queue->stuck)
		return false;
	if (queue->nr && ++queue->age >= NVGPU_INVAL_LATENCY)
		complete(gpu);
	return queue->nr;
}

static uint32_t ctrl_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	uint32_t val = stored & ~MMU_CTRL_FIFO;

	if (!poll(gpu))
		val |= MMU_CTRL_FIFO_EMPTY;
	return val | (FIFO_SIZE - gpu->mmu->queue->nr)
		     << MMU_CTRL_FIFO_SPACE_SHIFT;
}

/* A driver reads this one only to wait, so one look will do. */
static uint32_t inval_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			   unsigned int index, uint32_t stored)
{
	bool pending = poll(gpu);

	if (!pending)
		gpu->mmu->queue->unseen = false;
	return (stored & ~MMU_INVAL_TRIGGER) |
	       (pending ? MMU_INVAL_TRIGGER : 0);
}

static void inval_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t val, uint32_t old)
{
	if (val & MMU_INVAL_TRIGGER)
		trigger(gpu, val);
}

static const struct nvgpu_reg mmu_regs[] = {
	{ .addr = MMU_CTRL, .name = "PFB_PRI_MMU_CTRL",
	  .ro = MMU_CTRL_FIFO, .fidelity = NVGPU_DOCUMENTED,
	  .source = FB_GP10B, .read = ctrl_read },
	{ .addr = MMU_INVAL_VADDR, .name = "PFB_PRI_MMU_INVALIDATE_VADDR",
	  .fidelity = NVGPU_DOCUMENTED, .source = GV100_HUB },
	{ .addr = MMU_INVAL_PDB, .name = "PFB_PRI_MMU_INVALIDATE_PDB",
	  .fidelity = NVGPU_DOCUMENTED, .source = FB_GP10B },
	{ .addr = MMU_INVAL, .name = "PFB_PRI_MMU_INVALIDATE",
	  .fidelity = NVGPU_DOCUMENTED, .source = DEV_FB ", " FB_GP10B,
	  .read = inval_read, .write = inval_write },
	{ .addr = MMU_INVAL_UPPER_VADDR,
	  .name = "PFB_PRI_MMU_INVALIDATE_UPPER_VADDR",
	  .fidelity = NVGPU_DOCUMENTED, .source = GV100_HUB },
	{ .addr = MMU_INVAL_UPPER_PDB,
	  .name = "PFB_PRI_MMU_INVALIDATE_UPPER_PDB",
	  .fidelity = NVGPU_DOCUMENTED, .source = GV100_HUB },
};

static void mmu_fini(struct nvgpu *gpu)
{
	if (!gpu->mmu)
		return;
	free(gpu->mmu->tlbs);
	free(gpu->mmu->queue);
	free(gpu->mmu);
	gpu->mmu = NULL;
}

static bool mmu_init(struct nvgpu *gpu)
{
	gpu->mmu = calloc(1, sizeof(*gpu->mmu));
	if (!gpu->mmu)
		return false;
	gpu->mmu->tlbs = nvgpu_tlbs_new();
	gpu->mmu->queue = calloc(1, sizeof(*gpu->mmu->queue));
	if (gpu->mmu->tlbs && gpu->mmu->queue)
		return true;
	mmu_fini(gpu);
	return false;
}

static void mmu_reset(struct nvgpu *gpu)
{
	nvgpu_tlbs_forget(gpu->mmu->tlbs);
	memset(gpu->mmu->queue, 0, sizeof(*gpu->mmu->queue));
}

const struct nvgpu_unit nvgpu_mmu_unit = {
	.name = "mmu",
	.regs = mmu_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(mmu_regs),
	.init = mmu_init,
	.reset = mmu_reset,
	.fini = mmu_fini,
};
