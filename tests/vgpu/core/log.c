// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Messages to the embedder.  Problems are counted each time; the same message
 * is printed the first few times and then at powers of two, so that a driver
 * that repeats a mistake a million times can be read about and still run.
 */
#include <stdarg.h>
#include <stdlib.h>

#include "log.h"

#define MESSAGE_MAX	512	/* longer ones are cut */
#define REPEAT_SLOTS	1024	/* messages remembered, by their hash */
#define REPEAT_FREE	4	/* times a message is printed as it comes */

/** struct nvgpu_repeats - how often messages came */
struct nvgpu_repeats {
	struct {
		uint32_t hash;
		uint32_t seen;
	} slot[REPEAT_SLOTS];
};

bool nvgpu_log_init(struct nvgpu *gpu)
{
	gpu->repeats = calloc(1, sizeof(*gpu->repeats));
	return gpu->repeats;
}

void nvgpu_log_fini(struct nvgpu *gpu)
{
	free(gpu->repeats);
}

void nvgpu_log(struct nvgpu *gpu, enum nvgpu_log_level level,
	       const char *fmt, ...)
{
	char msg[MESSAGE_MAX];
	va_list ap;

	if (level > gpu->config.log_level)
		return;
	va_start(ap, fmt);
	vsnprintf(msg, sizeof(msg), fmt, ap);
	va_end(ap);
	gpu->ops->log(gpu->opaque, level, msg);
}

/* FNV-1a, 32 bits. */
static uint32_t hash_string(const char *s)
{
	uint32_t hash = 2166136261u;

	while (*s)
		hash = (hash ^ (uint8_t)*s++) * 16777619u;
	return hash;
}

/* How often @msg came, this time included. */
static uint32_t count_message(struct nvgpu_repeats *repeats, const char *msg)
{
	uint32_t hash = hash_string(msg);
	uint32_t i = hash % REPEAT_SLOTS;

	if (repeats->slot[i].hash != hash) {
		repeats->slot[i].hash = hash;
		repeats->slot[i].seen = 0;
	}
	if (repeats->slot[i].seen != UINT32_MAX)
		repeats->slot[i].seen++;
	return repeats->slot[i].seen;
}

static void problem(struct nvgpu *gpu, const char *kind, const char *fmt,
		    va_list ap)
{
	char msg[MESSAGE_MAX];
	uint32_t seen;

	vsnprintf(msg, sizeof(msg), fmt, ap);
	seen = count_message(gpu->repeats, msg);
	if (seen <= REPEAT_FREE)
		nvgpu_log(gpu, NVGPU_LOG_ERROR, "%s: %s", kind, msg);
	else if (!(seen & (seen - 1)))
		nvgpu_log(gpu, NVGPU_LOG_ERROR, "%s: %s (%u times)", kind,
			  msg, seen);
}

void nvgpu_unknown(struct nvgpu *gpu, const char *fmt, ...)
{
	va_list ap;

	gpu->count.unknown++;
	va_start(ap, fmt);
	problem(gpu, "unknown", fmt, ap);
	va_end(ap);
}

void nvgpu_guest_error(struct nvgpu *gpu, const char *fmt, ...)
{
	va_list ap;

	gpu->count.guest_errors++;
	va_start(ap, fmt);
	problem(gpu, "guest error", fmt, ap);
	va_end(ap);
}
