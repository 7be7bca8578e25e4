// SPDX-License-Identifier: MIT
/*
 * The few functions of libigt that the helpers of tests/igt call, without
 * libigt: a failed assertion or requirement ends the program.
 */
#include <stdarg.h>
#include <stdio.h>

#include "igt_abi.h"

static void __attribute__((noreturn))
end(const char *file, int line, const char *what, const char *fmt, va_list ap)
{
	fprintf(stderr, "%s:%d: %s: ", file, line, what);
	vfprintf(stderr, fmt, ap);
	exit(1);
}

void __igt_skip_check(const char *file, const int line, const char *func,
		      const char *check, const char *fmt, ...)
{
	va_list ap;

	(void)func;
	va_start(ap, fmt);
	end(file, line, check, fmt, ap);
}

void __igt_fail_assert(const char *domain, const char *file, const int line,
		       const char *func, const char *assertion,
		       const char *fmt, ...)
{
	va_list ap;

	(void)domain;
	(void)func;
	va_start(ap, fmt);
	end(file, line, assertion, fmt, ap);
}
