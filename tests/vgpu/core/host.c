// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Host: its own methods, class c06f.  They work on any subchannel.
 *
 * Methods and fields: NVIDIA's clc06f.h.
 */
#include "chip.h"
#include "fifo_priv.h"
#include "ledger.h"
#include "pmc.h"
#include "sm.h"

#define SET_OBJECT		0x00
#define   SET_OBJECT_NVCLASS(v)	((v) & 0xffff)
#define ILLEGAL			0x04
#define NOP			0x08
#define SEMAPHOREA		0x10
#define SEMAPHOREB		0x14
#define SEMAPHOREC		0x18
#define SEMAPHORED		0x1c
#define   SEMAPHORED_OP(v)		((v) & 0x1f)
#define     SEMAPHORE_ACQUIRE		1
#define     SEMAPHORE_RELEASE		2
#define     SEMAPHORE_ACQ_GEQ		4
#define     SEMAPHORE_ACQ_AND		8
#define   SEMAPHORED_WFI_DIS		(1u << 20)
#define   SEMAPHORED_4BYTE		(1u << 24)
#define NON_STALL_INTERRUPT	0x20
#define FB_FLUSH		0x24
#define MEM_OP_A		0x28
#define MEM_OP_B		0x2c
#define MEM_OP_C		0x30
#define MEM_OP_D		0x34
#define   MEM_OP_D_OPERATION(v)		((v) >> 27)
#define     OPERATION_MEMBAR			0x05
#define     OPERATION_L2_PEERMEM_INVALIDATE	0x0d
#define     OPERATION_L2_SYSMEM_INVALIDATE	0x0e
#define     OPERATION_L2_CLEAN_COMPTAGS		0x0f
#define     OPERATION_L2_FLUSH_DIRTY		0x10
#define     OPERATION_L2_WAIT_FOR_SYS_READS	0x15
#define SET_REFERENCE		0x50
#define SYNCPOINTA		0x70
#define SYNCPOINTB		0x74
#define WFI			0x78
#define CRC_CHECK		0x7c
#define YIELD			0x80

#define SEMAPHORE_VA_HI		0xff
#define SEMAPHORE_VA_LO		0xfffffffcu
#define SEMAPHORE_SIZE		16	/* payload, 0, time stamp */
#define SEMAPHORE_TIME		8

/* The software class Mesa binds to a subchannel of the graphics engine. */
#define CLASS_SOFTWARE		0x906e

/** struct host_method - one method */
struct host_method {
	uint16_t mthd;
	const char *name;
	enum nvgpu_fidelity fidelity;
	const char *note;
	enum nvgpu_method_result (*exec)(struct nvgpu *gpu,
					 struct nvgpu_chan *chan,
					 uint32_t mthd, uint32_t data);
};

/* ---- objects ---- */

static bool class_is_gr(const struct nvgpu_chip *chip, uint32_t cls)
{
	return cls == chip->class_3d || cls == chip->class_compute ||
	       cls == chip->class_inline || cls == chip->class_2d ||
	       cls == CLASS_SOFTWARE;
}

/* Does the channel's runlist have the engine for the class? */
static bool class_served(struct nvgpu *gpu, const struct nvgpu_chan *chan,
			 uint32_t cls)
{
	if (nvgpu_chip_copies(gpu->chip, cls))
		return nvgpu_engine_ce(gpu, chan);
	return gpu->fifo->runl[chan->runl].has_gr;
}

static bool object_new(struct nvgpu *gpu, struct nvgpu_chan *chan,
		       uint32_t cls)
{
	if (nvgpu_chip_copies(gpu->chip, cls)) {
		if (!chan->ce)
			chan->ce = nvgpu_ce_context_new();
		return chan->ce;
	}
	if (!chan->gr)
		chan->gr = nvgpu_gr_context_new();
	return chan->gr;
}

static enum nvgpu_method_result set_object(struct nvgpu *gpu,
					   struct nvgpu_chan *chan,
					   uint32_t mthd, uint32_t data)
{
	uint32_t cls = SET_OBJECT_NVCLASS(data);

	chan->cls[chan->mthd.subc] = 0;
	if (!nvgpu_chip_copies(gpu->chip, cls) &&
	    !class_is_gr(gpu->chip, cls))
		nvgpu_unknown(gpu, "channel %u: class %04x", chan->id, cls);
	else if (!class_served(gpu, chan, cls))
		nvgpu_guest_error(gpu,
				  "channel %u: no engine for class %04x on runlist %u",
				  chan->id, cls, chan->runl);
	else if (!object_new(gpu, chan, cls))
		nvgpu_log(gpu, NVGPU_LOG_ERROR,
			  "channel %u: no memory for class %04x", chan->id,
			  cls);
	else
		chan->cls[chan->mthd.subc] = cls;
	return NVGPU_METHOD_DONE;
}

/* ---- waiting ---- */

/* The engine runs a grid of the channel, or of another one in its TSG. */
static bool engine_works(struct nvgpu *gpu, const struct nvgpu_chan *chan)
{
	const struct nvgpu_chan *owner = nvgpu_sm_channel(gpu);

	return owner && nvgpu_group_same(owner->group, chan->group);
}

static enum nvgpu_method_result wfi(struct nvgpu *gpu, struct nvgpu_chan *chan,
				    uint32_t mthd, uint32_t data)
{
	return engine_works(gpu, chan) ? NVGPU_METHOD_AGAIN :
					 NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result yield(struct nvgpu *gpu,
				      struct nvgpu_chan *chan, uint32_t mthd,
				      uint32_t data)
{
	chan->yield = true;
	return NVGPU_METHOD_DONE;
}

/* ---- semaphores ---- */

static uint64_t semaphore_va(const struct nvgpu_chan *chan)
{
	return (uint64_t)(chan->semaphore[0] & SEMAPHORE_VA_HI) << 32 |
	       (chan->semaphore[1] & SEMAPHORE_VA_LO);
}

static bool acquired(uint32_t op, uint32_t val, uint32_t payload)
{
	switch (op) {
	case SEMAPHORE_ACQ_GEQ:
		return (int32_t)(val - payload) >= 0;
	case SEMAPHORE_ACQ_AND:
		return val & payload;
	default:
		return val == payload;
	}
}

static enum nvgpu_method_result acquire(struct nvgpu *gpu,
					struct nvgpu_chan *chan, uint32_t op)
{
	uint8_t raw[4];

	if (!nvgpu_pbdma_read(gpu, chan, semaphore_va(chan), raw, sizeof(raw)))
		return NVGPU_METHOD_DEAD;
	if (acquired(op, nvgpu_get_le32(raw), chan->semaphore[2]))
		return NVGPU_METHOD_DONE;
	chan->wait = NVGPU_WAIT_SEMAPHORE;
	return NVGPU_METHOD_AGAIN;
}

static enum nvgpu_method_result release(struct nvgpu *gpu,
					struct nvgpu_chan *chan, uint32_t op)
{
	uint8_t raw[SEMAPHORE_SIZE] = { 0 };
	uint64_t now = nvgpu_ptimer_ns(gpu);
	size_t size = op & SEMAPHORED_4BYTE ? 4 : SEMAPHORE_SIZE;

	if (!(op & SEMAPHORED_WFI_DIS) && engine_works(gpu, chan))
		return NVGPU_METHOD_AGAIN;
	if (semaphore_va(chan) % size) {
		nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_SEMAPHORE, op,
				  "unaligned semaphore");
		return NVGPU_METHOD_DONE;
	}
	nvgpu_put_le32(raw, chan->semaphore[2]);
	nvgpu_put_le32(raw + SEMAPHORE_TIME, now);
	nvgpu_put_le32(raw + SEMAPHORE_TIME + 4, now >> 32);
	if (!nvgpu_pbdma_write(gpu, chan, semaphore_va(chan), raw, size))
		return NVGPU_METHOD_DEAD;
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result semaphore_store(struct nvgpu *gpu,
						struct nvgpu_chan *chan,
						uint32_t mthd, uint32_t data)
{
	chan->semaphore[(mthd - SEMAPHOREA) / 4] = data;
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result semaphore_exec(struct nvgpu *gpu,
					       struct nvgpu_chan *chan,
					       uint32_t mthd, uint32_t data)
{
	chan->semaphore[3] = data;
	switch (SEMAPHORED_OP(data)) {
	case SEMAPHORE_ACQUIRE:
	case SEMAPHORE_ACQ_GEQ:
	case SEMAPHORE_ACQ_AND:
		return acquire(gpu, chan, SEMAPHORED_OP(data));
	case SEMAPHORE_RELEASE:
		return release(gpu, chan, data);
	default:
		nvgpu_unknown(gpu, "channel %u: SEMAPHORED operation %02x",
			      chan->id, SEMAPHORED_OP(data));
		return NVGPU_METHOD_DONE;
	}
}

/* ---- the rest ---- */

static enum nvgpu_method_result nop(struct nvgpu *gpu, struct nvgpu_chan *chan,
				    uint32_t mthd, uint32_t data)
{
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result refuse(struct nvgpu *gpu,
				       struct nvgpu_chan *chan, uint32_t mthd,
				       uint32_t data)
{
	nvgpu_pbdma_error(gpu, chan, PBDMA_INTR_0_METHOD, data,
			  "illegal method");
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result nonstall(struct nvgpu *gpu,
					 struct nvgpu_chan *chan,
					 uint32_t mthd, uint32_t data)
{
	nvgpu_fifo_nonstall(gpu);
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result mem_op_store(struct nvgpu *gpu,
					     struct nvgpu_chan *chan,
					     uint32_t mthd, uint32_t data)
{
	chan->mem_op[(mthd - MEM_OP_A) / 4] = data;
	return NVGPU_METHOD_DONE;
}

/* Memory is coherent here, so barriers and L2 operations have no work. */
static enum nvgpu_method_result mem_op_exec(struct nvgpu *gpu,
					    struct nvgpu_chan *chan,
					    uint32_t mthd, uint32_t data)
{
	switch (MEM_OP_D_OPERATION(data)) {
	case OPERATION_MEMBAR:
	case OPERATION_L2_PEERMEM_INVALIDATE:
	case OPERATION_L2_SYSMEM_INVALIDATE:
	case OPERATION_L2_CLEAN_COMPTAGS:
	case OPERATION_L2_FLUSH_DIRTY:
	case OPERATION_L2_WAIT_FOR_SYS_READS:
		break;
	default:
		nvgpu_unknown(gpu, "channel %u: MEM_OP_D operation %02x",
			      chan->id, MEM_OP_D_OPERATION(data));
	}
	return NVGPU_METHOD_DONE;
}

static enum nvgpu_method_result set_reference(struct nvgpu *gpu,
					      struct nvgpu_chan *chan,
					      uint32_t mthd, uint32_t data)
{
	if (engine_works(gpu, chan))
		return NVGPU_METHOD_AGAIN;
	nvgpu_chan_set_reference(gpu, chan, data);
	return NVGPU_METHOD_DONE;
}

#define CLASS_HEADER	"clc06f.h"

static const struct host_method methods[] = {
	{ SET_OBJECT, "SET_OBJECT", NVGPU_DOCUMENTED, CLASS_HEADER,
	  set_object },
	{ ILLEGAL, "ILLEGAL", NVGPU_DOCUMENTED, CLASS_HEADER, refuse },
	{ NOP, "NOP", NVGPU_DOCUMENTED, CLASS_HEADER, nop },
	{ SEMAPHOREA, "SEMAPHOREA", NVGPU_DOCUMENTED, CLASS_HEADER,
	  semaphore_store },
	{ SEMAPHOREB, "SEMAPHOREB", NVGPU_DOCUMENTED, CLASS_HEADER,
	  semaphore_store },
	{ SEMAPHOREC, "SEMAPHOREC", NVGPU_DOCUMENTED, CLASS_HEADER,
	  semaphore_store },
	{ SEMAPHORED, "SEMAPHORED", NVGPU_DOCUMENTED,
	  "clc06f.h; reductions absent", semaphore_exec },
	{ NON_STALL_INTERRUPT, "NON_STALL_INTERRUPT", NVGPU_DOCUMENTED,
	  CLASS_HEADER, nonstall },
	{ FB_FLUSH, "FB_FLUSH", NVGPU_DOCUMENTED,
	  "clc06f.h; memory is coherent here", nop },
	{ MEM_OP_A, "MEM_OP_A", NVGPU_DOCUMENTED, CLASS_HEADER, mem_op_store },
	{ MEM_OP_B, "MEM_OP_B", NVGPU_DOCUMENTED, CLASS_HEADER, mem_op_store },
	{ MEM_OP_C, "MEM_OP_C", NVGPU_DOCUMENTED, CLASS_HEADER, mem_op_store },
	{ MEM_OP_D, "MEM_OP_D", NVGPU_DOCUMENTED,
	  "clc06f.h; TLB operations absent", mem_op_exec },
	{ SET_REFERENCE, "SET_REFERENCE", NVGPU_DOCUMENTED, CLASS_HEADER,
	  set_reference },
	{ SYNCPOINTA, "SYNCPOINTA", NVGPU_DOCUMENTED,
	  "clc06f.h: illegal on discrete GPUs", refuse },
	{ SYNCPOINTB, "SYNCPOINTB", NVGPU_DOCUMENTED,
	  "clc06f.h: illegal on discrete GPUs", refuse },
	{ WFI, "WFI", NVGPU_DOCUMENTED, CLASS_HEADER, wfi },
	{ CRC_CHECK, "CRC_CHECK", NVGPU_ABSENT, CLASS_HEADER, NULL },
	{ YIELD, "YIELD", NVGPU_DOCUMENTED,
	  "clc06f.h; every operation ends the time slice", yield },
};

enum nvgpu_method_result nvgpu_host_method(struct nvgpu *gpu,
					   struct nvgpu_chan *chan,
					   uint32_t mthd, uint32_t data)
{
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(methods); i++)
		if (methods[i].mthd == mthd && methods[i].exec)
			return methods[i].exec(gpu, chan, mthd, data);
	nvgpu_unknown(gpu, "channel %u: host method %02x data %08x", chan->id,
		      mthd, data);
	return NVGPU_METHOD_DONE;
}

void nvgpu_ledger_host(FILE *f)
{
	char where[16];
	unsigned int i;

	for (i = 0; i < NVGPU_ARRAY_SIZE(methods); i++) {
		snprintf(where, sizeof(where), "host %02x", methods[i].mthd);
		nvgpu_ledger_row(f, "method", where, methods[i].name,
				 methods[i].fidelity, methods[i].note);
	}
}
