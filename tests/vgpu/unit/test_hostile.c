// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile guest (hostile.h), by random numbers.
 *
 * NVGPU_HOSTILE_SEED: the first seed, instead of 0; NVGPU_HOSTILE_ROUNDS: how
 * many, instead of a few seconds' worth.  The seed of a crash is printed.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_host.h"
#include "hostile.h"

#define DEFAULT_ROUNDS	48

static unsigned int seed;
static bool finished;

static void say_seed(void)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "NVGPU_HOSTILE_SEED=%u\n", seed);

	(void)!write(STDERR_FILENO, line, n);
}

/* How the sanitizers end a program. */
static void on_abort(int signal)
{
	say_seed();
}

/* cmocka's tear-down. */
static int say_where(void **state)
{
	if (!finished)
		say_seed();
	return 0;
}

static unsigned int setting(const char *name, unsigned int otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void rounds(void (*round)(struct hostile *h))
{
	const unsigned int first = setting("NVGPU_HOSTILE_SEED", 0);
	const unsigned int nr = setting("NVGPU_HOSTILE_ROUNDS",
					DEFAULT_ROUNDS);

	finished = false;
	for (seed = first; seed < first + nr; seed++) {
		round(&(struct hostile){ .seed = seed, .random = seed });
		hostile_over();
	}
	finished = true;
}

static void registers(void **state)
{
	rounds(hostile_registers);
}

static void pushes(void **state)
{
	rounds(hostile_pushes);
}

static void memory(void **state)
{
	rounds(hostile_memory);
}

static void programs(void **state)
{
	rounds(hostile_programs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(registers, say_where),
		cmocka_unit_test_teardown(pushes, say_where),
		cmocka_unit_test_teardown(memory, say_where),
		cmocka_unit_test_teardown(programs, say_where),
	};

	signal(SIGABRT, on_abort);
	fake_gpu_keep();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
