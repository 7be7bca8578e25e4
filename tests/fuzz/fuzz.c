// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random OpenCL kernels: the virtual GPU, with Mesa's compiler, against
 * another OpenCL and the host's mathematics.
 *
 * usage: fuzz gpu|cpu SEED COUNT FILE	run; results go to FILE
 *        fuzz gpu|cpu SEED 1 FILE SOURCE	the same of an edited kernel
 *        fuzz compare SEED COUNT FILE1 FILE2
 *        fuzz show SEED		print the kernel
 *        fuzz known			kernels that were wrong once
 *        fuzz known-cpu		the same on pocl, which has its own faults
 */
#include <err.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Wrong kernels that are told of */
#define TELL 50

static FILE *open_results(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		err(2, "%s", path);
	return f;
}

static void read_results(FILE *f, uint64_t *results)
{
	if (fread(results, sizeof(*results), RESULT_WORDS, f) != RESULT_WORDS)
		errx(1, "a file of results is too short");
}

/* One kernel in so many may be one that ends the CPU's OpenCL, or hangs it. */
#define NOT_RUN_IN 500

static bool not_run(const uint64_t *results)
{
	static uint64_t none[RESULT_WORDS];

	memset(none, NOT_RUN, sizeof(none));
	return !memcmp(results, none, sizeof(none));
}

/* A word of other results must be the same. */
static bool same(const struct kernel *k, const uint64_t *gpu,
		 const uint64_t *cpu)
{
	unsigned int i;

	for (i = 0; i < RESULT_WORDS; i++) {
		if (gpu[i] == cpu[i])
			continue;
		printf("seed %" PRIu64 ": ", k->seed);
		if (i < ITEMS_MAX * OUT_WORDS)
			printf("work-item %u, word %u", i / OUT_WORDS,
			       i % OUT_WORDS);
		else
			printf("counters %u", (i - ITEMS_MAX * OUT_WORDS) * 2);
		printf(": GPU %" PRIx64 ", CPU %" PRIx64 "\n", gpu[i], cpu[i]);
		return false;
	}
	return true;
}

static bool functions_right(const struct kernel *k, const uint64_t *results)
{
	unsigned int item, i;
	char why[512];

	for (item = 0; item < k->items; item++) {
		for (i = 0; i < CALLS; i++) {
			const uint64_t *operands =
				k->in + (i * ITEMS_MAX + item) * OPERANDS;

			if (math_right(k->call[i], operands,
				       results[item * OUT_WORDS + i], why,
				       sizeof(why)))
				continue;
			printf("seed %" PRIu64 ": work-item %u: %s\n",
			       k->seed, item, why);
			return false;
		}
	}
	return true;
}

/** struct verdict - of some kernels */
struct verdict {
	unsigned int kernels, math, left_out, wrong;
	/** @first: seed of one that is wrong */
	uint64_t first;
};

static void judge(struct verdict *v, const struct kernel *k,
		  const uint64_t *gpu, const uint64_t *cpu)
{
	v->kernels++;
	v->math += k->kind == KERNEL_MATH;
	if (k->kind != KERNEL_MATH && not_run(cpu))
		v->left_out++;
	else if (k->kind == KERNEL_MATH ? !functions_right(k, gpu) :
					  !same(k, gpu, cpu))
		v->first = v->wrong++ ? v->first : k->seed;
}

/* The status to end with; what it says ends up in a table. */
static int tell(const struct verdict *v, uint64_t seed)
{
	printf("%u kernels from seed %" PRIu64
	       ", %u of functions, %u left out: %u wrong", v->kernels, seed,
	       v->math, v->left_out, v->wrong);
	if (v->wrong)
		printf(", first %" PRIu64, v->first);
	puts("");
	return v->wrong || v->left_out * NOT_RUN_IN > v->kernels;
}

static int compare(uint64_t seed, unsigned int count, const char *const *paths)
{
	static uint64_t gpu[RESULT_WORDS], cpu[RESULT_WORDS];
	FILE *gpus = open_results(paths[0], "re");
	FILE *cpus = open_results(paths[1], "re");
	FILE *sink = open_results("/dev/null", "we");
	struct verdict v = { };
	static struct kernel k;
	unsigned int i;

	for (i = 0; i < count && v.wrong < TELL; i++) {
		gen_kernel(sink, &k, seed + i);
		read_results(gpus, gpu);
		read_results(cpus, cpu);
		judge(&v, &k, gpu, cpu);
	}
	fclose(gpus);
	fclose(cpus);
	fclose(sink);
	return tell(&v, seed);
}

static char *read_text(const char *path)
{
	FILE *f = open_results(path, "re");
	size_t size = 0;
	char *text = NULL;

	if (getdelim(&text, &size, 0, f) < 0)
		errx(1, "%s: nothing there", path);
	fclose(f);
	return text;
}

static int run(enum run_where where, uint64_t seed, unsigned int count,
	       char **argv)
{
	if (fclose(open_results(argv[0], "we")))
		err(1, "%s", argv[0]);
	/* what the CPU did not run is for compare() to judge */
	return run_kernels(where, seed, count, argv[0],
			   argv[1] ? read_text(argv[1]) : NULL) &&
	       where == RUN_GPU;
}

static int show(uint64_t seed)
{
	static struct kernel k;

	fputs(gen_prelude, stdout);
	gen_kernel(stdout, &k, seed);
	printf("// %u work-items in groups of %u\n", k.items, k.group);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 0;
	unsigned int count = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;

	if (!strcmp(what, "known"))
		return known(RUN_GPU);
	if (!strcmp(what, "known-cpu"))
		return known(RUN_CPU);
	if (!strcmp(what, "show") && argc == 3)
		return show(seed);
	if (!strcmp(what, "gpu") && argc > 4)
		return run(RUN_GPU, seed, count, argv + 4);
	if (!strcmp(what, "cpu") && argc > 4)
		return run(RUN_CPU, seed, count, argv + 4);
	if (!strcmp(what, "compare") && argc == 6)
		return compare(seed, count, (const char *const *)argv + 4);
	errx(2, "usage: fuzz gpu|cpu|compare SEED COUNT FILE... | show SEED | known | known-cpu");
}
