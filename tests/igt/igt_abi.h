/* SPDX-License-Identifier: MIT */
/*
 * The part of libigt's binary interface that these tests use.
 *
 * Distributions ship the library (libigt.so.0) without its headers, so its
 * functions are declared here.  In an IGT source tree, include "igt.h"
 * instead: the macros below have the same names and meaning.
 */
#ifndef IGT_ABI_H
#define IGT_ABI_H

#include <getopt.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

enum igt_log_level {
	IGT_LOG_DEBUG,
	IGT_LOG_INFO,
	IGT_LOG_WARN,
	IGT_LOG_CRITICAL,
};

typedef int (*igt_opt_handler_t)(int opt, int opt_index, void *data);

extern jmp_buf igt_subtest_jmpbuf;

int igt_subtest_init_parse_opts(int *argc, char *argv[], const char *short_opts,
				const struct option *long_opts,
				const char *help, igt_opt_handler_t handler,
				void *data);
bool __igt_run_subtest(const char *name, const char *file, const int line);
bool __igt_fixture(void);
void __igt_fixture_complete(void);
void igt_success(void);
void __igt_skip_check(const char *file, const int line, const char *func,
		      const char *check, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 5, 6)));
void __igt_fail_assert(const char *domain, const char *file, const int line,
		       const char *func, const char *assertion,
		       const char *fmt, ...)
	__attribute__((noreturn, format(printf, 6, 7)));
void igt_log(const char *domain, enum igt_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool __igt_fork(void);
int __igt_waitchildren(void);
void igt_exit(void);
/* Called when the program ends, also by a signal; not in children. */
void igt_install_exit_handler(void (*handler)(int sig));

/* Body runs once, if the subtest of that name was asked for. */
#define igt_subtest(name) \
	for (; __igt_run_subtest((name), __FILE__, __LINE__) && \
	     !sigsetjmp(igt_subtest_jmpbuf, 1); igt_success())

/* Body runs before or after subtests, not for --list-subtests. */
#define igt_fixture \
	for (volatile int igt_once = 0; \
	     !igt_once && __igt_fixture() && \
	     !sigsetjmp(igt_subtest_jmpbuf, 1); \
	     igt_once++, __igt_fixture_complete())

/*
 * Body runs in a child process.  A failed assertion ends the child with a
 * status that __igt_waitchildren() returns (0: all children succeeded;
 * IGT_SIGNALED + signal: killed).
 */
#define igt_fork_child() for (; __igt_fork(); exit(0))
#define IGT_SIGNALED 128

#define igt_info(...) igt_log(NULL, IGT_LOG_INFO, __VA_ARGS__)

#define igt_require_f(expr, ...) do { \
	if (!(expr)) \
		__igt_skip_check(__FILE__, __LINE__, __func__, #expr, \
				 __VA_ARGS__); \
} while (0)

#define igt_assert_f(expr, ...) do { \
	if (!(expr)) \
		__igt_fail_assert(NULL, __FILE__, __LINE__, __func__, #expr, \
				  __VA_ARGS__); \
} while (0)

#define igt_assert(expr) igt_assert_f(expr, "\n")

#define igt_assert_eq(a, b) do { \
	long long igt_a = (a), igt_b = (b); \
	igt_assert_f(igt_a == igt_b, #a " == " #b ": %lld and %lld\n", \
		     igt_a, igt_b); \
} while (0)

#endif
