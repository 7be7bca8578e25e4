// SPDX-License-Identifier: MIT
/* A program that says anything to the driver: see nv_hostile.h. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xf86drm.h>
#include <drm/nouveau_drm.h>

#include "igt_abi.h"
#include "nv_compute.h"
#include "nv_hostile.h"
#include "nv_words.h"

#define THREADS		3
/* Memory that it plays with, and that threads have in common. */
#define ARENA		(3 * NV_HUGE_PAGE)
/* Parts are of up to 1 << so many pages. */
#define PART_SHIFTS	10
#define FILES		4
#define MOST_OPS	400
#define GPU_SHIFTS	10
#define GPU_WARPS	8
#define READ_WRITE	(PROT_READ | PROT_WRITE)
#define MAP_IT		(MAP_FIXED | MAP_NORESERVE)
#define ANON		(MAP_PRIVATE | MAP_ANONYMOUS | MAP_IT)
#define SHARED		(MAP_SHARED | MAP_ANONYMOUS | MAP_IT)
/* The longest argument an ioctl can name. */
#define ARGUMENT	(1u << _IOC_SIZEBITS)

/** struct process - what its threads have in common */
struct process {
	struct nv_device dev;
	uint8_t *p;
	/** @files: others, opened and closed by anybody at any time; or -1 */
	int files[FILES];
};

/** struct thread - who does something */
struct thread {
	struct process *process;
	pthread_t id;
	/** @random: state of the generator */
	uint64_t random;
	/** @chan: its channel, if nobody has freed it */
	struct nv_channel chan;
};

/** struct part - of the memory */
struct part {
	uint8_t *p;
	size_t size;
};

static uint64_t any(struct thread *t)
{
	/* Marsaglia's xorshift, 64 bits. */
	t->random ^= t->random << 13;
	t->random ^= t->random >> 7;
	t->random ^= t->random << 17;
	return t->random;
}

static uint32_t pick(struct thread *t, uint32_t below)
{
	return (any(t) >> 32) % below;
}

static struct part pick_part(struct thread *t)
{
	const size_t all = ARENA / NV_PAGE;
	const size_t pages = 1 + pick(t, 1u << pick(t, PART_SHIFTS));

	return (struct part) {
		.p = t->process->p + pick(t, all - pages + 1) * NV_PAGE,
		.size = pages * NV_PAGE,
	};
}

/* Where something ends, and a little beside that. */
static uint64_t pick_boundary(struct thread *t)
{
	const struct process *process = t->process;
	const uint64_t edges[] = {
		0, NV_PAGE, 1ull << 31, 1ull << 32, 1ull << 40, 1ull << 47,
		1ull << 49, 1ull << 63, (uintptr_t)process->dev.hole,
		(uintptr_t)process->dev.hole + process->dev.hole_size,
		(uintptr_t)process->p, (uintptr_t)process->p + ARENA,
		(uintptr_t)&edges,
	};
	static const int64_t beside[] = {
		0, 0, 1, -1, NV_PAGE, -(int64_t)NV_PAGE, NV_HUGE_PAGE,
	};

	return edges[pick(t, sizeof(edges) / sizeof(edges[0]))] +
		beside[pick(t, sizeof(beside) / sizeof(beside[0]))];
}

static uint64_t pick_number(struct thread *t)
{
	switch (pick(t, 4)) {
	case 0:
		return pick(t, 8);
	case 1:
		return any(t) >> pick(t, 64);
	case 2:
		return 1ull << pick(t, 64);
	default:
		return pick_boundary(t);
	}
}

/* Mostly the file with the channels; now and then no file of the driver. */
static int pick_file(struct thread *t)
{
	switch (pick(t, 8)) {
	case 0:
	case 1:
		return t->process->files[pick(t, FILES)];
	case 2:
		return pick(t, 16);
	default:
		return t->process->dev.fd;
	}
}

/*
 * The driver is told.  Now and then one field of what it is told is anything,
 * or the structure has another size, or there is none.
 */
static void tell(struct thread *t, unsigned long request, void *data,
		 size_t size)
{
	uint64_t *field = data, argument[ARGUMENT / 8];
	unsigned long nr = request;

	if (!pick(t, 3))
		field[pick(t, size / 8)] = pick_number(t);
	memset(argument, 0, sizeof(argument));
	memcpy(argument, data, size);
	if (!pick(t, 16))
		nr = _IOC(pick(t, 4), _IOC_TYPE(request), _IOC_NR(request),
			  pick(t, ARGUMENT));
	ioctl(pick_file(t), nr, pick(t, 16) ? argument :
	      (void *)(uintptr_t)pick_number(t));
}

/* What the driver is told */

static void bind(struct thread *t, const struct part *a)
{
	const uint64_t targets[] = { 0, NOUVEAU_SVM_BIND_TARGET__GPU_VRAM };
	struct drm_nouveau_svm_bind bind = {
		.header = targets[pick(t, 2)] << NOUVEAU_SVM_BIND_TARGET_SHIFT,
		.va_start = (uintptr_t)a->p,
		.va_end = (uintptr_t)a->p + a->size,
	};

	tell(t, DRM_IOCTL_NOUVEAU_SVM_BIND, &bind, sizeof(bind));
}

static void advise(struct thread *t, const struct part *a)
{
	struct drm_nouveau_svm_advise advise = {
		.start = (uintptr_t)a->p,
		.size = a->size,
		.verb = 1 + pick(t, NOUVEAU_SVM_ADVISE_READ_MOSTLY),
		.value = pick(t, 3),
	};

	tell(t, DRM_IOCTL_NOUVEAU_SVM_ADVISE, &advise, sizeof(advise));
}

static void query(struct thread *t, const struct part *a)
{
	struct drm_nouveau_svm_query query = {
		.start = (uintptr_t)a->p,
		.size = a->size,
	};

	tell(t, DRM_IOCTL_NOUVEAU_SVM_QUERY, &query, sizeof(query));
}

static void ask_death(struct thread *t, const struct part *a)
{
	struct drm_nouveau_svm_death death = { .channel = pick(t, 8) };

	(void)a;
	tell(t, DRM_IOCTL_NOUVEAU_SVM_DEATH, &death, sizeof(death));
}

static void init(struct thread *t, const struct part *a)
{
	struct drm_nouveau_svm_init init = {
		.unmanaged_addr = (uintptr_t)t->process->dev.hole,
		.unmanaged_size = t->process->dev.hole_size,
	};

	(void)a;
	tell(t, DRM_IOCTL_NOUVEAU_SVM_INIT, &init, sizeof(init));
}

static void ask_parameter(struct thread *t, const struct part *a)
{
	uint64_t parameter[2] = { NOUVEAU_GETPARAM_SVM };

	(void)a;
	tell(t, DRM_IOWR(DRM_COMMAND_BASE + DRM_NOUVEAU_GETPARAM,
			 struct drm_nouveau_getparam), parameter,
	     sizeof(parameter));
}

/* Others' channels too. */
static void free_channel(struct thread *t, const struct part *a)
{
	struct nv_channel chan = { .id = pick(t, 8) };

	(void)a;
	nv_channel_free(&t->process->dev, &chan);
}

static void opens(struct thread *t, const struct part *a)
{
	int *file = &t->process->files[pick(t, FILES)];
	const int old = __atomic_exchange_n(file, -1, __ATOMIC_RELAXED);

	if (old >= 0)
		close(old);
	else
		*file = nv_open_render_node();
	init(t, a);
}

/* What the process does to its memory */

static void maps(struct thread *t, const struct part *a)
{
	static const int flags[] = { ANON, ANON, ANON, SHARED };
	static const int prots[] = {
		READ_WRITE, READ_WRITE, READ_WRITE, PROT_READ, PROT_NONE,
	};

	mmap(a->p, a->size, prots[pick(t, 5)], flags[pick(t, 4)], -1, 0);
}

static void unmaps(struct thread *t, const struct part *a)
{
	(void)t;
	munmap(a->p, a->size);
}

static void protects(struct thread *t, const struct part *a)
{
	static const int prots[] = { READ_WRITE, READ_WRITE, PROT_READ,
				     PROT_NONE };

	mprotect(a->p, a->size, prots[pick(t, 4)]);
}

static void remaps(struct thread *t, const struct part *a)
{
	const struct part to = pick_part(t);

	mremap(a->p, a->size, to.size, MREMAP_MAYMOVE | MREMAP_FIXED, to.p);
}

static void gives_advice(struct thread *t, const struct part *a)
{
	static const int advice[] = {
		MADV_DONTNEED, MADV_FREE, MADV_PAGEOUT, MADV_COLD,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_DONTFORK, MADV_DOFORK,
		MADV_WIPEONFORK, MADV_KEEPONFORK, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE,
	};

	madvise(a->p, a->size, advice[pick(t, sizeof(advice) /
					      sizeof(advice[0]))]);
}

/* The kernel writes there, so that it is no crime. */
static void cpu_touches(struct thread *t, const struct part *a)
{
	int ends[2];
	size_t i;

	(void)t;
	if (pipe(ends))
		return;
	for (i = 0; i < a->size; i += 16 * NV_PAGE) {
		if (write(ends[1], a->p, 1) != 1 ||
		    read(ends[0], a->p + i, 1) != 1)
			break;
	}
	close(ends[0]);
	close(ends[1]);
}

/* The child has the files, but the memory that is shared is not its own. */
static void forks(struct thread *t, const struct part *a)
{
	const pid_t pid = fork();

	if (!pid) {
		cpu_touches(t, a);
		bind(t, a);
		advise(t, a);
		query(t, a);
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static bool meets(uint64_t dst, uint64_t size, uint64_t start, uint64_t length)
{
	return dst < start + length && dst + size > start;
}

/*
 * Not over its own push buffers, which are in the hole, nor beyond what there is
 * of local memory: whether it is the driver or the program that makes mistakes
 * there, the virtual GPU can't tell.
 */
static bool is_own(const struct thread *t, uint64_t dst, uint64_t size)
{
	const struct nv_device *dev = &t->process->dev;

	return meets(dst, size, (uintptr_t)dev->hole, dev->hole_size) ||
	       meets(dst, size, NV_WINDOWS, NV_WINDOWS_SIZE);
}

/* What the GPU does, which may be the death of its channel. */
static void gpu_works(struct thread *t, const struct part *a)
{
	static const enum nv_kernel kernels[] = {
		NV_KERNEL_WRITE, NV_KERNEL_COPY, NV_KERNEL_ADD,
	};
	const unsigned int threads = NV_WARP * (1 + pick(t, GPU_WARPS));
	struct nv_kernel_args args = {
		.dst = pick(t, 8) ? (uintptr_t)a->p : pick_number(t) & -4ull,
		.src = (uintptr_t)pick_part(t).p,
		.shift = 2 + pick(t, GPU_SHIFTS),
		.value = any(t),
	};

	if (is_own(t, args.dst, (uint64_t)threads << args.shift))
		args.dst = (uintptr_t)a->p;
	if (nv_run_status(&t->process->dev, &t->chan, kernels[pick(t, 3)],
			  &args, threads)) {
		nv_channel_free(&t->process->dev, &t->chan);
		nv_channel_try(&t->process->dev, &t->chan);
	}
}

/** struct op - something to do; @weight: how often */
struct op {
	void (*run)(struct thread *t, const struct part *a);
	unsigned int weight;
};

static const struct op ops[] = {
	{ bind, 10 },
	{ advise, 14 },
	{ query, 4 },
	{ ask_death, 2 },
	{ init, 2 },
	{ ask_parameter, 1 },
	{ free_channel, 1 },
	{ opens, 2 },
	{ maps, 10 },
	{ unmaps, 2 },
	{ protects, 4 },
	{ remaps, 4 },
	{ gives_advice, 8 },
	{ cpu_touches, 6 },
	{ forks, 2 },
	{ gpu_works, 10 },
};

static const struct op *pick_op(struct thread *t)
{
	unsigned int i, sum = 0, at;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		sum += ops[i].weight;
	at = pick(t, sum);
	for (i = 0; at >= ops[i].weight; i++)
		at -= ops[i].weight;
	return &ops[i];
}

static void *run(void *data)
{
	struct thread *t = data;
	unsigned int left;
	struct part a;

	nv_channel_try(&t->process->dev, &t->chan);
	for (left = 1 + pick(t, MOST_OPS); left; left--) {
		a = pick_part(t);
		pick_op(t)->run(t, &a);
	}
	/* The others have no time to end. */
	_exit(0);
}

/* A signal ends it, as it ends any program. */
static void forget_handlers(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGABRT };
	const struct rlimit none = { 0 };
	size_t i;

	setrlimit(RLIMIT_CORE, &none);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
}

void nv_hostile_run(uint64_t seed)
{
	struct process process;
	struct thread thread[THREADS];
	int i;

	forget_handlers();
	nv_device_open(&process.dev);
	process.p = mmap(NULL, ARENA, READ_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	igt_assert(process.p != MAP_FAILED);
	memset(process.files, -1, sizeof(process.files));
	for (i = 0; i < THREADS; i++) {
		thread[i] = (struct thread) {
			.process = &process,
			/* Not 0, which the generator would stay at. */
			.random = (2 * (seed * THREADS + i) + 1) *
				  0x9e3779b97f4a7c15ull,
			.chan = { .id = -1 },
		};
		igt_assert_eq(pthread_create(&thread[i].id, NULL, run,
					     &thread[i]), 0);
	}
	for (;;)
		pause();
}
