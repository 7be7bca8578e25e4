/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Object methods as data: every class has one table of named methods.  What
 * a method without a function is given is kept and has no effect.
 */
#ifndef NVGPU_METHOD_H
#define NVGPU_METHOD_H

#include "fifo.h"

/* A class has methods 0 to 0x3ffc; addresses count bytes, methods words. */
#define NVGPU_METHODS	0x1000u

/** enum nvgpu_class_id - index of the object classes of the front end */
enum nvgpu_class_id {
	NVGPU_CLASS_3D,
	NVGPU_CLASS_COMPUTE,
	NVGPU_CLASS_INLINE,
	NVGPU_CLASS_2D,
	NVGPU_NR_CLASSES,
};

struct nvgpu_gr_context;
struct nvgpu_method_call;

typedef enum nvgpu_method_result
(*nvgpu_method_fn)(struct nvgpu_method_call *call);

/** struct nvgpu_method - one method, or an array of like ones */
struct nvgpu_method {
	/** @mthd: byte address of the first */
	uint16_t mthd;
	/** @count: how many, @stride bytes apart */
	uint16_t count, stride;
	/** @name: as NVIDIA's class headers have it */
	const char *name;
	enum nvgpu_fidelity fidelity;
	/** @exec: what it does; the data is in the state already */
	nvgpu_method_fn exec;
};

/* Table rows: kept without effect; acted upon; known but not modelled. */
#define METHOD_KEPT(m, n, s, nm) \
	{ .mthd = (m), .count = (n), .stride = (s), .name = (nm), \
	  .fidelity = NVGPU_FAKED }
#define METHOD_USED(m, n, s, nm) \
	{ .mthd = (m), .count = (n), .stride = (s), .name = (nm), \
	  .fidelity = NVGPU_DOCUMENTED }
#define METHOD_ACTS(m, n, s, nm, fn) \
	{ .mthd = (m), .count = (n), .stride = (s), .name = (nm), \
	  .fidelity = NVGPU_DOCUMENTED, .exec = (fn) }
#define METHOD_ABSENT(m, n, s, nm) \
	{ .mthd = (m), .count = (n), .stride = (s), .name = (nm), \
	  .fidelity = NVGPU_ABSENT }

/** struct nvgpu_class - an object class */
struct nvgpu_class {
	const char *name;
	/** @source: of its facts */
	const char *source;
	const struct nvgpu_method *methods;
	unsigned int nr_methods;
	/** @init: state of a new object other than zero; may be NULL */
	void (*init)(uint32_t *state);
};

extern const struct nvgpu_class nvgpu_class_3d;
extern const struct nvgpu_class nvgpu_class_compute;
extern const struct nvgpu_class nvgpu_class_inline;
extern const struct nvgpu_class nvgpu_class_2d;

/** struct nvgpu_upload - an inline-to-memory transfer in progress */
struct nvgpu_upload {
	/** @va: where it goes, latched when it was launched */
	uint64_t va;
	/** @line, @pitch: bytes of a line, from one line to the next */
	uint32_t line, pitch;
	/** @launch: the data of LAUNCH_DMA */
	uint32_t launch;
	/** @done, @total: bytes written, bytes to write */
	uint64_t done, total;
};

/** struct nvgpu_method_call - one method on its way through the front end */
struct nvgpu_method_call {
	struct nvgpu *gpu;
	struct nvgpu_chan *chan;
	const struct nvgpu_class *cls;
	const struct nvgpu_method *method;
	/** @state: of the object, one word a method */
	uint32_t *state;
	struct nvgpu_upload *upload;
	/** @number: of the class; @mthd, @data: as the host sent them */
	uint32_t number, mthd, data;
};

/* Last data of the method at byte address @mthd. */
static inline uint32_t nvgpu_state(const struct nvgpu_method_call *call,
				   uint32_t mthd)
{
	return call->state[mthd / 4];
}

/* A 64 bit value from an UPPER and a LOWER method; @bits of the former. */
uint64_t nvgpu_state64(const struct nvgpu_method_call *call, uint32_t upper,
		       unsigned int bits);

static inline void nvgpu_put_le32(uint8_t *p, uint32_t val)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		p[i] = val >> 8 * i;
}

static inline uint32_t nvgpu_get_le32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/*
 * Accesses of the front end.  Anything but DONE: faulted, reported fatally,
 * the channel was killed; @call->chan must not be used any more.
 */
enum nvgpu_method_result nvgpu_fe_read(struct nvgpu_method_call *call,
				       uint64_t va, void *buf, size_t len);
enum nvgpu_method_result nvgpu_fe_write(struct nvgpu_method_call *call,
					uint64_t va, const void *buf,
					size_t len);
/* The same by another client of the graphics engine. */
enum nvgpu_method_result nvgpu_gr_write(struct nvgpu_method_call *call,
					const struct nvgpu_client *client,
					uint64_t va, const void *buf,
					size_t len);

/* Loud: @what this method asks for is not modelled. */
enum nvgpu_method_result nvgpu_unmodelled(struct nvgpu_method_call *call,
					  const char *what);

/* Release a semaphore: one word, or payload, 0 and time stamp. */
enum nvgpu_method_result nvgpu_release(struct nvgpu_method_call *call,
				       uint64_t va, uint32_t payload,
				       bool one_word);

/* Methods that several classes have at the same addresses. */
#define METHOD_REPORT_SEMAPHORE_A	0x1b00
#define METHOD_REPORT_SEMAPHORE_C	0x1b08
#define METHOD_REPORT_SEMAPHORE_D	0x1b0c
enum nvgpu_method_result
nvgpu_report_semaphore(struct nvgpu_method_call *call);

#define METHOD_LINE_LENGTH_IN		0x0180
#define METHOD_LINE_COUNT		0x0184
#define METHOD_OFFSET_OUT_UPPER		0x0188
#define METHOD_PITCH_OUT		0x0190
#define METHOD_LAUNCH_DMA		0x01b0
#define METHOD_LOAD_INLINE_DATA		0x01b4
#define METHOD_I2M_SEMAPHORE_A		0x01dc
#define METHOD_I2M_SEMAPHORE_C		0x01e4
enum nvgpu_method_result nvgpu_upload_launch(struct nvgpu_method_call *call);
enum nvgpu_method_result nvgpu_upload_data(struct nvgpu_method_call *call);

/* The rows of inline-to-memory, as 3D, compute and inline have them. */
#define METHODS_INLINE_TO_MEMORY \
	METHOD_USED(METHOD_LINE_LENGTH_IN, 1, 4, "LINE_LENGTH_IN"), \
	METHOD_USED(METHOD_LINE_COUNT, 1, 4, "LINE_COUNT"), \
	METHOD_USED(METHOD_OFFSET_OUT_UPPER, 1, 4, "OFFSET_OUT_UPPER"), \
	METHOD_USED(0x018c, 1, 4, "OFFSET_OUT"), \
	METHOD_USED(METHOD_PITCH_OUT, 1, 4, "PITCH_OUT"), \
	METHOD_KEPT(0x0194, 1, 4, "SET_DST_BLOCK_SIZE"), \
	METHOD_KEPT(0x0198, 1, 4, "SET_DST_WIDTH"), \
	METHOD_KEPT(0x019c, 1, 4, "SET_DST_HEIGHT"), \
	METHOD_KEPT(0x01a0, 1, 4, "SET_DST_DEPTH"), \
	METHOD_KEPT(0x01a4, 1, 4, "SET_DST_LAYER"), \
	METHOD_KEPT(0x01a8, 1, 4, "SET_DST_ORIGIN_BYTES_X"), \
	METHOD_KEPT(0x01ac, 1, 4, "SET_DST_ORIGIN_SAMPLES_Y"), \
	METHOD_ACTS(METHOD_LAUNCH_DMA, 1, 4, "LAUNCH_DMA", \
		    nvgpu_upload_launch), \
	METHOD_ACTS(METHOD_LOAD_INLINE_DATA, 1, 4, "LOAD_INLINE_DATA", \
		    nvgpu_upload_data), \
	METHOD_USED(METHOD_I2M_SEMAPHORE_A, 1, 4, "SET_I2M_SEMAPHORE_A"), \
	METHOD_USED(0x01e0, 1, 4, "SET_I2M_SEMAPHORE_B"), \
	METHOD_USED(METHOD_I2M_SEMAPHORE_C, 1, 4, "SET_I2M_SEMAPHORE_C")

/* The rows every class of the front end has. */
#define METHODS_COMMON \
	METHOD_KEPT(0x0100, 1, 4, "NO_OPERATION"), \
	METHOD_KEPT(0x0104, 1, 4, "SET_NOTIFY_A"), \
	METHOD_KEPT(0x0108, 1, 4, "SET_NOTIFY_B"), \
	METHOD_ABSENT(0x010c, 1, 4, "NOTIFY"), \
	METHOD_USED(0x0110, 1, 4, "WAIT_FOR_IDLE")

#endif
