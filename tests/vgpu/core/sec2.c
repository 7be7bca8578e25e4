// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SEC2, the security microcontroller.  At first it runs ACR's load program
 * (acr.c), which loads SEC2's own firmware; that loads the graphics falcons
 * when the driver says so.  Driver and firmware talk through two rings in
 * SEC2's "external" memory: commands, which the driver writes, and messages,
 * which announce themselves with an interrupt.  The first message is the
 * firmware's, and says where the rings are.
 *
 * Sources: nouveau's nvkm/engine/sec2/gp102.c, nvkm/falcon/{cmdq,msgq}.c,
 * include/nvfw/sec2.h.  Where the rings are, and their sizes, is the model's
 * choice.
 */
#include <string.h>

#include "chip.h"
#include "falcon_regs.h"
#include "pmc.h"
#include "units.h"

#define SEC2_DEBUG		0x408
#define SEC2_CMDQ_HEAD		0xa00	/* behind the last command */
#define SEC2_CMDQ_TAIL		0xa04
#define SEC2_MSGQ_HEAD		0xa30
#define SEC2_MSGQ_TAIL		0xa34

/* Addresses of falcon code from here on are EMEM. */
#define EMEM_ADDR		0x01000000u
#define CMDQ_OFFSET		(EMEM_ADDR + 0x100)
#define CMDQ_SIZE		0x100u
#define MSGQ_OFFSET		(CMDQ_OFFSET + CMDQ_SIZE)
#define MSGQ_SIZE		0x100u
#define QUEUE_ALIGN		4u

/* Commands and messages start with a header of four bytes. */
#define HDR_UNIT		0
#define HDR_SIZE_OF_ALL		1
#define HDR_FLAGS		2
#define HDR_SEQUENCE		3
#define HDR_SIZE		4u

#define UNIT_REWIND		0x00	/* go on at the ring's start */
#define UNIT_INIT		0x01
#define UNIT_UNLOAD		0x06
#define UNIT_ACR		0x08

/* struct nv_sec2_init_msg */
#define INIT_MSG_SIZE		32u
#define INIT_NUM_QUEUES		5
#define INIT_QUEUE(i)		(8 + 8 * (i))	/* offset, size, index, id */
#define INIT_QUEUE_SIZE		4
#define INIT_QUEUE_ID		7
#define QUEUE_ID_CMDQ		0
#define QUEUE_ID_MSGQ		1

/* struct nv_sec2_acr_bootstrap_falcon_cmd and _msg */
#define ACR_CMD			4
#define ACR_CMD_BOOTSTRAP	0x00
#define ACR_CMD_FALCON		12
#define ACR_CMD_SIZE		16u
#define ACR_MSG_ERROR		8
#define ACR_MSG_FALCON		12
#define ACR_MSG_SIZE		16u
#define ACR_NOT_FOUND		1u

static void put_le(uint8_t *p, uint32_t val, unsigned int bytes)
{
	while (bytes--) {
		*p++ = val;
		val >>= 8;
	}
}

static uint32_t get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void post_interrupt(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
			   uint32_t bits)
{
	falcon_wr(gpu, sec2, FALCON_IRQSTAT,
		  falcon_rd(gpu, sec2, FALCON_IRQSTAT) | bits);
	nvgpu_irq_update(gpu);
}

/*
 * Messages do not wrap: one that doesn't fit goes to the ring's start.  They
 * are not lost: the driver has one command at work at most for each message.
 */
static void post(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
		 const uint8_t *msg, uint32_t size)
{
	uint32_t head = falcon_rd(gpu, sec2, SEC2_MSGQ_HEAD);

	if (head + size > MSGQ_OFFSET + MSGQ_SIZE)
		head = MSGQ_OFFSET;
	memcpy(sec2->emem + (head - EMEM_ADDR), msg, size);
	falcon_wr(gpu, sec2, SEC2_MSGQ_HEAD, head + size);
	post_interrupt(gpu, sec2, FALCON_IRQ_SWGEN0);
}

static void describe_queue(uint8_t *msg, unsigned int i, uint32_t offset,
			   uint32_t size)
{
	put_le(msg + INIT_QUEUE(i), offset, 4);
	put_le(msg + INIT_QUEUE(i) + INIT_QUEUE_SIZE, size, 2);
	msg[INIT_QUEUE(i) + INIT_QUEUE_ID] = i;
}

void nvgpu_sec2_start(struct nvgpu *gpu, struct nvgpu_falcon *sec2)
{
	uint8_t msg[INIT_MSG_SIZE] = {
		[HDR_UNIT] = UNIT_INIT,
		[HDR_SIZE_OF_ALL] = INIT_MSG_SIZE,
		[INIT_NUM_QUEUES] = 2,
	};

	describe_queue(msg, QUEUE_ID_CMDQ, CMDQ_OFFSET, CMDQ_SIZE);
	describe_queue(msg, QUEUE_ID_MSGQ, MSGQ_OFFSET, MSGQ_SIZE);
	falcon_wr(gpu, sec2, SEC2_CMDQ_HEAD, CMDQ_OFFSET);
	falcon_wr(gpu, sec2, SEC2_CMDQ_TAIL, CMDQ_OFFSET);
	falcon_wr(gpu, sec2, SEC2_MSGQ_HEAD, MSGQ_OFFSET);
	falcon_wr(gpu, sec2, SEC2_MSGQ_TAIL, MSGQ_OFFSET);
	falcon_wr(gpu, sec2, FALCON_IRQDEST,
		  FALCON_IRQ_SWGEN0 | FALCON_IRQ_HALT);
	falcon_wr(gpu, sec2, FALCON_IRQMASK,
		  FALCON_IRQ_SWGEN0 | FALCON_IRQ_HALT);
	post(gpu, sec2, msg, sizeof(msg));
}

static void answer_acr(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
		       const uint8_t *cmd)
{
	uint32_t id = get_le32(cmd + ACR_CMD_FALCON);
	uint8_t msg[ACR_MSG_SIZE] = {
		[HDR_UNIT] = UNIT_ACR,
		[HDR_SIZE_OF_ALL] = ACR_MSG_SIZE,
		[HDR_FLAGS] = cmd[HDR_FLAGS],
		[HDR_SEQUENCE] = cmd[HDR_SEQUENCE],
		[ACR_CMD] = ACR_CMD_BOOTSTRAP,
	};

	if (!nvgpu_acr_bootstrap(gpu, id))
		put_le(msg + ACR_MSG_ERROR, ACR_NOT_FOUND, 4);
	put_le(msg + ACR_MSG_FALCON, id, 4);
	post(gpu, sec2, msg, sizeof(msg));
}

static void answer_unload(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
			  const uint8_t *cmd)
{
	uint8_t msg[HDR_SIZE] = {
		[HDR_UNIT] = UNIT_UNLOAD,
		[HDR_SIZE_OF_ALL] = HDR_SIZE,
		[HDR_FLAGS] = cmd[HDR_FLAGS],
		[HDR_SEQUENCE] = cmd[HDR_SEQUENCE],
	};

	sec2->running = false;
	falcon_wr(gpu, sec2, FALCON_CPUCTL, FALCON_CPUCTL_HALTED);
	post(gpu, sec2, msg, sizeof(msg));
	post_interrupt(gpu, sec2, FALCON_IRQ_HALT);
}

static bool answer(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
		   const uint8_t *cmd, uint32_t size)
{
	if (cmd[HDR_UNIT] == UNIT_UNLOAD)
		answer_unload(gpu, sec2, cmd);
	else if (cmd[HDR_UNIT] == UNIT_ACR && size >= ACR_CMD_SIZE &&
		 cmd[ACR_CMD] == ACR_CMD_BOOTSTRAP)
		answer_acr(gpu, sec2, cmd);
	else
		return false;
	return true;
}

/* One command at @tail.  Return: where the next one is; 0: this is none. */
static uint32_t execute(struct nvgpu *gpu, struct nvgpu_falcon *sec2,
			uint32_t tail, uint32_t limit)
{
	const uint8_t *cmd = sec2->emem + (tail - EMEM_ADDR);
	uint32_t size;

	if (tail + HDR_SIZE > limit)
		return 0;
	if (cmd[HDR_UNIT] == UNIT_REWIND)
		return CMDQ_OFFSET;
	size = cmd[HDR_SIZE_OF_ALL];
	if (size < HDR_SIZE || tail + size > limit ||
	    !answer(gpu, sec2, cmd, size))
		return 0;
	return tail + ((size + QUEUE_ALIGN - 1) & ~(QUEUE_ALIGN - 1));
}

static bool head_good(uint32_t head)
{
	return head >= CMDQ_OFFSET && head <= CMDQ_OFFSET + CMDQ_SIZE &&
	       !(head % QUEUE_ALIGN);
}

static void head_write(struct nvgpu *gpu, const struct nvgpu_reg *reg,
		       unsigned int index, uint32_t head, uint32_t old)
{
	struct nvgpu_falcon *sec2 = &gpu->falcons->falcon[NVGPU_FALCON_SEC2];
	uint32_t tail = falcon_rd(gpu, sec2, SEC2_CMDQ_TAIL), next;

	if (!sec2->running || !head_good(head)) {
		nvgpu_guest_error(gpu, "SEC2: head of commands %08x%s", head,
				  sec2->running ? "" : ", not running");
		return;
	}
	while (tail != head) {
		next = execute(gpu, sec2, tail, head > tail ? head :
			       CMDQ_OFFSET + CMDQ_SIZE);
		if (!next) {
			nvgpu_unknown(gpu, "SEC2: command at %08x of unit %02x",
				      tail, sec2->emem[tail - EMEM_ADDR]);
			next = head;
		}
		tail = next;
	}
	falcon_wr(gpu, sec2, SEC2_CMDQ_TAIL, tail);
}

uint32_t nvgpu_sec2_pending(const struct nvgpu *gpu)
{
	const struct nvgpu_falcon *sec2;
	uint32_t dest;

	if (!gpu->chip->sec2)
		return 0;
	sec2 = &gpu->falcons->falcon[NVGPU_FALCON_SEC2];
	dest = falcon_rd(gpu, sec2, FALCON_IRQDEST);
	return falcon_rd(gpu, sec2, FALCON_IRQSTAT) &
	       falcon_rd(gpu, sec2, FALCON_IRQMASK) & dest & ~(dest >> 16) ?
	       1u << gpu->chip->sec2->intr : 0;
}

void nvgpu_sec2_reset(struct nvgpu *gpu, uint32_t pmc_bits)
{
	if (gpu->chip->sec2 && pmc_bits & 1u << gpu->chip->sec2->reset)
		nvgpu_falcon_reset(gpu, NVGPU_FALCON_SEC2);
}

#define SEC2_C		"nvkm/engine/sec2/gp102.c"
#define SEC2(r)		(FALCON_SEC2_BASE + (r))

static const struct nvgpu_reg sec2_regs[] = {
	FALCON_REGS(FALCON_SEC2_BASE, "SEC2"),
	FALCON_BIND_REGS(FALCON_SEC2_BASE, "SEC2"),
	DOC(SEC2(0x054), "SEC2_NXTCTX", .write = nvgpu_falcon_bind_write),
	DOC(SEC2(0x0a4), "SEC2_ENGCTL"),
	/* Bit 20 would select debug signatures. */
	FAKE(SEC2(SEC2_DEBUG), "SEC2_DEBUG", SEC2_C, RO),
	FAKE(SEC2(0x600), "SEC2_FBIF_TRANSCFG", FALCON_C, .count = 8),
	FAKE(SEC2(SEC2_CMDQ_HEAD), "SEC2_CMDQ_HEAD", SEC2_C,
	     .write = head_write),
	FAKE(SEC2(SEC2_CMDQ_TAIL), "SEC2_CMDQ_TAIL", SEC2_C),
	FAKE(SEC2(SEC2_MSGQ_HEAD), "SEC2_MSGQ_HEAD", SEC2_C),
	FAKE(SEC2(SEC2_MSGQ_TAIL), "SEC2_MSGQ_TAIL", SEC2_C),
	FAKE(SEC2(FALCON_EMEMC), "SEC2_EMEMC", "nvkm/falcon/gp102.c"),
	FAKE(SEC2(FALCON_EMEMD), "SEC2_EMEMD", "nvkm/falcon/gp102.c", MEM),
};

const struct nvgpu_unit nvgpu_sec2_unit = {
	.name		= "SEC2",
	.regs		= sec2_regs,
	.nr_regs	= NVGPU_ARRAY_SIZE(sec2_regs),
};
