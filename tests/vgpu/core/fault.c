// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How MMU faults reach the driver: packets in the replayable fault buffer for
 * those that can be tried again, registers of PFIFO for all others.
 */
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "pmc.h"
#include "reg.h"

#define FIFO_GP10B	"NVIDIA nvgpu hw_fifo_gp10b.h"

/* PFIFO's report of fatal faults, one set of registers a fault unit. */
#define INTR_MMU_FAULT		0x259c
#define MMU_FAULT_INST		0x2800
#define MMU_FAULT_LO		0x2804
#define MMU_FAULT_HI		0x2808
#define MMU_FAULT_INFO		0x280c
#define   MMU_FAULT_STRIDE	16
#define   MMU_FAULT_UNITS	32

/* The replayable fault buffer. */
#define BUF_LO			0x2a70
#define   BUF_LO_ENABLE		(1u << 0)
#define   BUF_LO_BASE		0xfffff000u
#define BUF_HI			0x2a74
#define   BUF_HI_BASE		0xffu
#define BUF_SIZE		0x2a78
#define BUF_GET			0x2a7c
#define BUF_PUT			0x2a80
#define BUF_INFO		0x2a84
#define   BUF_INFO_OVERFLOW	(1u << 0)
#define   BUF_INFO_WRITE_NACK	(1u << 24)
#define   BUF_INFO_DISABLED	(1u << 28)	/* fault while it was off */

#define PAGE_FAULT_CTRL		0x100cf8
#define   PRF_FILTER		3u
#define   PRF_FILTER_SEND_NONE	3u

/* BAR2's instance block: PBUS_BAR2_BLOCK. */
#define BAR2_BLOCK		0x1714
#define   BAR2_BLOCK_PTR	0x0fffffffu	/* address >> 12 */

/* NVB069_FAULT_BUF_ENTRY of clb069.h, in 32-bit words. */
enum packet_word {
	PACKET_INST_LO,
	PACKET_INST_HI,
	PACKET_ADDR_LO,
	PACKET_ADDR_HI,
	PACKET_TIME_LO,
	PACKET_TIME_HI,
	PACKET_RESERVED,
	PACKET_INFO,
	PACKET_WORDS,
};

#define PACKET_SIZE		(PACKET_WORDS * 4)
#define PACKET_INFO_VALID	(1u << 31)

/* Fields of PACKET_INFO and MMU_FAULT_INFO alike; gp100 dev_fault.h. */
#define INFO_CLIENT_SHIFT	8
#define INFO_ACCESS_SHIFT	16
#define INFO_ACCESS_MASK	7u
#define   INFO_ACCESS_NONE	7u	/* stands for no access */
#define INFO_HUB_SHIFT		20
#define INFO_GPC_SHIFT		24

#define PAGE_MASK		0xfffull
#define INST_SHIFT		12

/* What can be wrong with a packet; see nvgpu_config.fault_corrupt. */
enum corruption {
	CORRUPT_INST,
	CORRUPT_ACCESS,
	CORRUPT_VALID,
	CORRUPTIONS,
	CORRUPT_NOTHING = CORRUPTIONS,
};

/* An instance block in the last page that a packet can name: nobody's. */
#define CORRUPT_INST_LO		0xfffff000u

#define LATE_MAX		64u	/* packets whose VALID may be late */

/*
 * Runs of the engines that a late VALID takes; of idle ones, 1 ms each.  A
 * driver that has read PUT looks at the packets at once: from then on it takes
 * few, so that it is late for certain, and not for long.
 */
#define LATE_RUNS_UNSEEN	64u
#define LATE_RUNS_SEEN		2u

/*
 * Hardware stops an engine that faulted until its report is cleared, the
 * model's engines run on: further faults of a unit wait for their turn here.
 */
#define WAITING_MAX		8u

struct report {
	uint32_t inst, lo, hi, info;
};

struct nvgpu_fault {
	/* Word and value that make packets valid, and how many there are. */
	struct {
		uint64_t va;
		uint32_t info;
	} late[LATE_MAX];
	unsigned int nr_late;
	/* Runs until they are. */
	unsigned int late_runs;
	/* Packets so far, if some are to be corrupt. */
	uint32_t nr_packets;
	struct {
		struct report report[WAITING_MAX];
		unsigned int nr;
	} waiting[MMU_FAULT_UNITS];
};

static uint32_t fault_info(const struct nvgpu_client *client,
			   const struct nvgpu_fault_info *info)
{
	return info->type | client->id << INFO_CLIENT_SHIFT |
	       info->access << INFO_ACCESS_SHIFT |
	       (uint32_t)client->hub << INFO_HUB_SHIFT |
	       (client->hub ? 0 : client->gpc) << INFO_GPC_SHIFT;
}

/* The replayable fault buffer */

static bool buffer_enabled(const struct nvgpu *gpu)
{
	return nvgpu_reg_get(gpu, BUF_LO) & BUF_LO_ENABLE;
}

static uint32_t next_put(const struct nvgpu *gpu)
{
	return (nvgpu_reg_get(gpu, BUF_PUT) + 1) % gpu->config.fault_entries;
}

static uint64_t packet_va(const struct nvgpu *gpu, uint32_t index)
{
	uint64_t base = nvgpu_reg_get(gpu, BUF_LO) & BUF_LO_BASE;

	base |= (uint64_t)(nvgpu_reg_get(gpu, BUF_HI) & BUF_HI_BASE) << 32;
	return base + (uint64_t)index * PACKET_SIZE;
}

/* The MMU writes packets through BAR2's address space, and may fault there. */
static bool packet_write(struct nvgpu *gpu, uint64_t va, const uint32_t *word,
			 unsigned int nr)
{
	static const struct nvgpu_client mmu = {
		.unit = NVGPU_MMU_ENG_BAR2, .hub = true,
		.id = 0x0a,	/* NV_PFAULT_CLIENT_HUB_MMU */
	};
	uint64_t inst = nvgpu_reg_get(gpu, BAR2_BLOCK) & BAR2_BLOCK_PTR;
	struct nvgpu_fault_info fault;
	uint8_t buf[PACKET_SIZE];
	struct nvgpu_vm bar2;
	unsigned int i;

	for (i = 0; i < nr * 4; i++)
		buf[i] = word[i / 4] >> i % 4 * 8;
	nvgpu_vm_load(gpu, &bar2, inst << INST_SHIFT);
	if (nvgpu_vm_write(gpu, &bar2, &mmu, va, buf, nr * 4, &fault))
		return true;
	nvgpu_guest_error(gpu, "fault buffer is not mapped at %llx of BAR2",
			  (unsigned long long)va);
	nvgpu_reg_set(gpu, BUF_INFO, nvgpu_reg_get(gpu, BUF_INFO) |
				     BUF_INFO_WRITE_NACK);
	nvgpu_fault_fatal(gpu, bar2.inst, &mmu, &fault);
	return false;
}

static void make_valid(struct nvgpu *gpu, uint64_t packet, uint32_t info)
{
	info |= PACKET_INFO_VALID;
	packet_write(gpu, packet + PACKET_INFO * 4, &info, 1);
}

/* What shall be wrong with the next packet? */
static enum corruption packet_corrupt(struct nvgpu *gpu, uint32_t *word)
{
	const uint32_t every = gpu->config.fault_corrupt;
	enum corruption what;

	if (!every || ++gpu->fault->nr_packets % every)
		return CORRUPT_NOTHING;
	what = (gpu->fault->nr_packets / every - 1) % CORRUPTIONS;
	if (what == CORRUPT_INST)
		word[PACKET_INST_LO] = CORRUPT_INST_LO;
	else if (what == CORRUPT_ACCESS)
		word[PACKET_INFO] |= INFO_ACCESS_NONE << INFO_ACCESS_SHIFT;
	gpu->count.faults_corrupt++;
	return what;
}

/* VALID is written last; now and then it takes a while. */
static void packet_put(struct nvgpu *gpu, const uint32_t *packet)
{
	struct nvgpu_fault *state = gpu->fault;
	uint64_t va = packet_va(gpu, nvgpu_reg_get(gpu, BUF_PUT));
	uint32_t word[PACKET_WORDS];
	enum corruption corruption;

	memcpy(word, packet, sizeof(word));
	corruption = packet_corrupt(gpu, word);
	if (!packet_write(gpu, va, word, PACKET_WORDS))
		return;
	if (corruption == CORRUPT_VALID) {
		nvgpu_log(gpu, NVGPU_LOG_DEBUG, "packet never to be valid");
	} else if (state->nr_late < LATE_MAX &&
		   nvgpu_chance(gpu, gpu->config.fault_late_valid)) {
		state->late[state->nr_late].va = va;
		state->late[state->nr_late++].info = word[PACKET_INFO];
		state->late_runs = LATE_RUNS_UNSEEN;
		nvgpu_kick(gpu);
	} else {
		make_valid(gpu, va, word[PACKET_INFO]);
	}
	nvgpu_reg_set(gpu, BUF_PUT, next_put(gpu));
	gpu->count.faults_replayable++;
	if ((word[PACKET_INFO] >> INFO_ACCESS_SHIFT & INFO_ACCESS_MASK) ==
	    NVGPU_ACCESS_PREFETCH)
		gpu->count.faults_prefetch++;
}

/* Room for a packet?  If not, the INFO register tells why. */
static bool buffer_room(struct nvgpu *gpu)
{
	uint32_t why;

	if (!buffer_enabled(gpu))
		why = BUF_INFO_DISABLED;
	else if (next_put(gpu) == nvgpu_reg_get(gpu, BUF_GET))
		why = BUF_INFO_OVERFLOW;
	else
		return true;
	nvgpu_reg_set(gpu, BUF_INFO, nvgpu_reg_get(gpu, BUF_INFO) | why);
	gpu->count.faults_overflow++;
	nvgpu_log(gpu, NVGPU_LOG_DEBUG, "replayable fault not entered: %s",
		  why == BUF_INFO_OVERFLOW ? "buffer full" : "buffer off");
	return false;
}

static bool filtered(struct nvgpu *gpu, enum nvgpu_access access)
{
	return access == NVGPU_ACCESS_PREFETCH &&
	       (nvgpu_reg_get(gpu, PAGE_FAULT_CTRL) & PRF_FILTER) ==
	       PRF_FILTER_SEND_NONE;
}

void nvgpu_fault_replayable(struct nvgpu *gpu, const struct nvgpu_vm *vm,
			    const struct nvgpu_client *client,
			    const struct nvgpu_fault_info *info)
{
	uint64_t now = nvgpu_ptimer_ns(gpu);
	uint32_t word[PACKET_WORDS] = {
		[PACKET_INST_LO] = vm->inst & ~PAGE_MASK,	/* 9:8: VRAM */
		[PACKET_INST_HI] = vm->inst >> 32,
		[PACKET_ADDR_LO] = info->va & ~PAGE_MASK,
		[PACKET_ADDR_HI] = info->va >> 32,
		[PACKET_TIME_LO] = now,
		[PACKET_TIME_HI] = now >> 32,
		[PACKET_INFO] = fault_info(client, info),
	};

	if (filtered(gpu, info->access) || !buffer_room(gpu))
		return;
	nvgpu_log(gpu, NVGPU_LOG_DEBUG,
		  "replayable fault: instance %llx va %llx info %08x",
		  (unsigned long long)vm->inst, (unsigned long long)info->va,
		  word[PACKET_INFO]);
	packet_put(gpu, word);
	if (nvgpu_chance(gpu, gpu->config.fault_duplicates) &&
	    buffer_room(gpu)) {
		gpu->count.faults_duplicate++;
		packet_put(gpu, word);
	}
	nvgpu_irq_update(gpu);
}

bool nvgpu_fault_pending(const struct nvgpu *gpu)
{
	return buffer_enabled(gpu) &&
	       nvgpu_reg_get(gpu, BUF_GET) != nvgpu_reg_get(gpu, BUF_PUT);
}

bool nvgpu_fault_tick(struct nvgpu *gpu)
{
	struct nvgpu_fault *state = gpu->fault;
	unsigned int i, nr = state->nr_late;

	if (!nr)
		return false;
	if (--state->late_runs)
		return true;
	state->nr_late = 0;
	for (i = 0; i < nr; i++)
		make_valid(gpu, state->late[i].va, state->late[i].info);
	return false;
}

/* Fatal faults */

static void report_show(struct nvgpu *gpu, unsigned int unit,
			const struct report *report)
{
	uint32_t at = unit * MMU_FAULT_STRIDE;

	nvgpu_reg_set(gpu, MMU_FAULT_INST + at, report->inst);
	nvgpu_reg_set(gpu, MMU_FAULT_LO + at, report->lo);
	nvgpu_reg_set(gpu, MMU_FAULT_HI + at, report->hi);
	nvgpu_reg_set(gpu, MMU_FAULT_INFO + at, report->info);
	nvgpu_reg_set(gpu, INTR_MMU_FAULT,
		      nvgpu_reg_get(gpu, INTR_MMU_FAULT) | 1u << unit);
}

/* The channel was reported already: one report kills it. */
static bool report_known(const struct nvgpu *gpu, unsigned int unit,
			 uint32_t inst)
{
	const struct nvgpu_fault *state = gpu->fault;
	uint32_t at = unit * MMU_FAULT_STRIDE;
	unsigned int i;

	for (i = 0; i < state->waiting[unit].nr; i++)
		if (state->waiting[unit].report[i].inst == inst)
			return true;
	return nvgpu_reg_get(gpu, MMU_FAULT_INST + at) == inst;
}

static void report_wait(struct nvgpu *gpu, unsigned int unit,
			const struct report *report)
{
	struct nvgpu_fault *state = gpu->fault;
	unsigned int nr = state->waiting[unit].nr;

	if (report_known(gpu, unit, report->inst))
		return;
	if (nr == WAITING_MAX) {
		nvgpu_guest_error(gpu, "MMU fault of unit %u lost: nobody reads them",
				  unit);
		return;
	}
	state->waiting[unit].report[nr] = *report;
	state->waiting[unit].nr++;
}

void nvgpu_fault_fatal(struct nvgpu *gpu, uint64_t inst,
		       const struct nvgpu_client *client,
		       const struct nvgpu_fault_info *info)
{
	unsigned int unit = client->unit % MMU_FAULT_UNITS;
	struct report report = {
		.inst = inst >> INST_SHIFT,
		.lo = info->va & ~PAGE_MASK,
		.hi = info->va >> 32,
		.info = fault_info(client, info),
	};

	gpu->count.faults_fatal++;
	nvgpu_log(gpu, NVGPU_LOG_INFO,
		  "fatal MMU fault: unit %u instance %llx va %llx info %08x",
		  unit, (unsigned long long)inst,
		  (unsigned long long)info->va, report.info);
	if (nvgpu_fault_units(gpu) & 1u << unit)
		report_wait(gpu, unit, &report);
	else
		report_show(gpu, unit, &report);
	nvgpu_irq_update(gpu);
}

uint32_t nvgpu_fault_units(const struct nvgpu *gpu)
{
	return nvgpu_reg_get(gpu, INTR_MMU_FAULT);
}

/* Registers */

/* The driver has read the reports of these units. */
static void units_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			unsigned int index, uint32_t val, uint32_t old)
{
	struct nvgpu_fault *state = gpu->fault;
	unsigned int unit;

	for (unit = 0; unit < MMU_FAULT_UNITS; unit++) {
		struct report *report = state->waiting[unit].report;

		if (!(val & 1u << unit) || !state->waiting[unit].nr)
			continue;
		report_show(gpu, unit, report);
		memmove(report, report + 1,
			--state->waiting[unit].nr * sizeof(*report));
	}
	nvgpu_irq_update(gpu);
}

static void buffer_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t val, uint32_t old)
{
	nvgpu_irq_update(gpu);
}

static uint32_t size_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			  unsigned int index, uint32_t stored)
{
	return gpu->config.fault_entries;
}

static uint32_t put_read(struct nvgpu *gpu, const struct nvgpu_reg *reg,
			 unsigned int index, uint32_t stored)
{
	struct nvgpu_fault *state = gpu->fault;

	if (state->late_runs > LATE_RUNS_SEEN)
		state->late_runs = LATE_RUNS_SEEN;
	return stored;
}

static void get_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		      unsigned int index, uint32_t val, uint32_t old)
{
	if (val >= gpu->config.fault_entries) {
		nvgpu_guest_error(gpu, "fault buffer GET %u of %u", val,
				  gpu->config.fault_entries);
		nvgpu_reg_set(gpu, BUF_GET, old);
	}
	nvgpu_irq_update(gpu);
}

static const struct nvgpu_reg fault_regs[] = {
	{ .addr = INTR_MMU_FAULT, .name = "PFIFO_INTR_MMU_FAULT_ID",
	  .w1c = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B,
	  .write = units_write },
	{ .addr = MMU_FAULT_INST, .count = MMU_FAULT_UNITS,
	  .stride = MMU_FAULT_STRIDE, .name = "PFIFO_INTR_MMU_FAULT_INST",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = MMU_FAULT_LO, .count = MMU_FAULT_UNITS,
	  .stride = MMU_FAULT_STRIDE, .name = "PFIFO_INTR_MMU_FAULT_LO",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = MMU_FAULT_HI, .count = MMU_FAULT_UNITS,
	  .stride = MMU_FAULT_STRIDE, .name = "PFIFO_INTR_MMU_FAULT_HI",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = MMU_FAULT_INFO, .count = MMU_FAULT_UNITS,
	  .stride = MMU_FAULT_STRIDE, .name = "PFIFO_INTR_MMU_FAULT_INFO",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = BUF_LO, .name = "PFIFO_REPLAY_FAULT_BUFFER_LO",
	  .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B,
	  .write = buffer_write },
	{ .addr = BUF_HI, .name = "PFIFO_REPLAY_FAULT_BUFFER_HI",
	  .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = BUF_SIZE, .name = "PFIFO_REPLAY_FAULT_BUFFER_SIZE",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B,
	  .read = size_read },
	{ .addr = BUF_GET, .name = "PFIFO_REPLAY_FAULT_BUFFER_GET",
	  .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B,
	  .write = get_write },
	{ .addr = BUF_PUT, .name = "PFIFO_REPLAY_FAULT_BUFFER_PUT",
	  .ro = ~0u, .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B,
	  .read = put_read },
	{ .addr = BUF_INFO, .name = "PFIFO_REPLAY_FAULT_BUFFER_INFO",
	  .ro = ~(BUF_INFO_OVERFLOW | BUF_INFO_WRITE_NACK |
		  BUF_INFO_DISABLED),
	  .w1c = BUF_INFO_OVERFLOW | BUF_INFO_WRITE_NACK | BUF_INFO_DISABLED,
	  .fidelity = NVGPU_DOCUMENTED, .source = FIFO_GP10B },
	{ .addr = PAGE_FAULT_CTRL, .name = "PFB_PRI_MMU_PAGE_FAULT_CTRL",
	  .fidelity = NVGPU_DOCUMENTED, .source = "NVIDIA gp100 dev_fb.h" },
};

static bool fault_init(struct nvgpu *gpu)
{
	gpu->fault = calloc(1, sizeof(*gpu->fault));
	return gpu->fault;
}

static void fault_reset(struct nvgpu *gpu)
{
	memset(gpu->fault, 0, sizeof(*gpu->fault));
}

static void fault_fini(struct nvgpu *gpu)
{
	free(gpu->fault);
	gpu->fault = NULL;
}

const struct nvgpu_unit nvgpu_fault_unit = {
	.name = "fault",
	.regs = fault_regs,
	.nr_regs = NVGPU_ARRAY_SIZE(fault_regs),
	.init = fault_init,
	.reset = fault_reset,
	.fini = fault_fini,
};
