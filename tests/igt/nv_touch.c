// SPDX-License-Identifier: MIT
/* Accesses, thread by thread: see nv_touch.h. */
#include <errno.h>
#include <string.h>

#include "igt_abi.h"
#include "nv_touch.h"

#define WAIT_SECONDS	40

void nv_touches_open(struct nv_touches *t, const struct nv_device *dev,
		     unsigned int threads)
{
	igt_assert_eq(sizeof(struct nv_touch), 1 << NV_TOUCH_SHIFT);
	memset(t, 0, sizeof(*t));
	t->dev = dev;
	t->count = threads;
	nv_bo_new(dev, (threads + 1) * sizeof(struct nv_touch), &t->bo);
	t->touch = t->bo.map;
}

void nv_touches_close(struct nv_touches *t)
{
	nv_bo_free(t->dev, &t->bo);
	memset(t, 0, sizeof(*t));
}

void nv_touch_lane(struct nv_touches *t, enum nv_access access, const void *p,
		   uint32_t value)
{
	igt_assert(t->used < t->count);
	t->touch[t->used].addr = (uintptr_t)p;
	t->touch[t->used].value = value;
	t->touch[t->used].access = access;
	t->touch[t->used].hold = t->held;
	t->used++;
}

static void fill_warp(struct nv_touches *t)
{
	while (t->used % NV_WARP)
		nv_touch_lane(t, NV_ACCESS_NONE, NULL, 0);
}

void nv_touch_warp(struct nv_touches *t, enum nv_access access, const void *p,
		   uint32_t value)
{
	fill_warp(t);
	nv_touch_lane(t, access, p, value);
}

void nv_touches_hold(struct nv_touches *t)
{
	fill_warp(t);
	t->held = true;
}

void nv_touches_release(struct nv_touches *t)
{
	t->touch[t->count].hold = 1;
}

uint32_t nv_touch_seen(const struct nv_touches *t, unsigned int nr)
{
	return t->touch[nr].seen;
}

void nv_touches_start(struct nv_touches *t, const struct nv_channel *chan)
{
	const struct nv_kernel_args args = {
		.dst = t->bo.va,
		.src = t->bo.va + t->count * sizeof(struct nv_touch) +
			offsetof(struct nv_touch, hold),
		.shift = NV_TOUCH_SHIFT,
	};

	fill_warp(t);
	t->touch[t->count].hold = 0;
	__sync_synchronize();
	nv_launch(t->dev, chan, &t->launch, NV_KERNEL_TOUCH, &args, t->used);
}

int nv_touches_wait(struct nv_touches *t)
{
	int ret = nv_launch_wait(t->dev, &t->launch, WAIT_SECONDS);

	nv_launch_free(t->dev, &t->launch);
	t->used = 0;
	t->held = false;
	return ret;
}

int nv_touches_run(struct nv_touches *t, const struct nv_channel *chan)
{
	nv_touches_start(t, chan);
	return nv_touches_wait(t);
}
