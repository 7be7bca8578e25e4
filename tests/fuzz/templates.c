// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What expressions are made of; gen_expr.c says what stands behind each $.
 *
 * Nothing here is undefined in OpenCL C: sums, products and left shifts are
 * unsigned, divisors are neither 0 nor -1, floats become integers with _sat.
 * Shifts by more bits than there are count modulo (OpenCL C 3.0, 6.4.10).
 * Floats: only what is exact or correctly rounded everywhere.
 */
#include "gen.h"

#define S ONLY_SCALAR
#define V ONLY_VECTOR
#define EVEN (ONLY_VECTOR | ONLY_EVEN)
#define F ONLY_FLOATABLE

const struct template int_templates[] = {
	/* arithmetic */
	{ S, "($t)(($w)($E) + ($w)($E))" },
	{ S, "($t)(($w)($E) - ($w)($E))" },
	{ S, "($t)(($w)($E) * ($w)($E))" },
	{ S, "($t)(0 - ($w)($E))" },
	{ S, "($t)(($w)($E) * ($w)$c)" },
	{ S, "($t)(($w)($E) * ($w)$c + ($w)($E))" },
	{ V, "as_$t(as_$u($E) + as_$u($E))" },
	{ V, "as_$t(as_$u($E) - as_$u($E))" },
	{ V, "as_$t(as_$u($E) * as_$u($E))" },
	{ 0, "($t)(($E) / ($t)((($E) & ($t)0x3f) | ($t)1))" },
	{ 0, "($t)(($E) % ($t)((($E) & ($t)0x3f) | ($t)1))" },
	{ ONLY_SIGNED, "($t)(($E) / ($t)(($t)-2 - ($t)(($E) & ($t)0x1f)))" },
	{ ONLY_SIGNED, "($t)(($E) % ($t)(($t)-2 - ($t)(($E) & ($t)0x1f)))" },
	{ ONLY_UNSIGNED, "($t)(($E) / ($t)(($E) | ($t)1))" },
	{ ONLY_UNSIGNED, "($t)(($E) % ($t)(($E) | ($t)1))" },
	{ 0, "($t)(($E) / ($t)$k)" },
	{ 0, "($t)(($E) % ($t)$k)" },
	/* logic, shifts */
	{ 0, "($t)(($E) & ($E))" },
	{ 0, "($t)(($E) | ($E))" },
	{ 0, "($t)(($E) ^ ($E))" },
	{ 0, "($t)(~($E))" },
	{ S, "($t)(($w)($E) << (($E) & $m))" },
	{ S, "($t)(($w)($E) << (uint)($E))" },
	{ S, "($t)(($E) >> (($E) & $m))" },
	{ S, "($t)(($w)($E) >> (uint)($E))" },
	{ V, "as_$t(as_$u($E) << ($E))" },
	{ V, "(($E) >> ($E))" },
	{ V, "(($E) >> ($t)(($s1)$n))" },
	{ S, "($t)(($w)($E) << $n)" },
	{ S, "($t)(($E) >> $n)" },
	{ S, "($t)((($w)($E) >> $n) & 0x7ful)" },
	{ S, "($t)((($w)($E) >> $k) & 0xful)" },
	{ S, "($t)(($w)($E) << $k << $n)" },
	{ 0, "rotate($E, $E)" },
	{ 0, "rotate($E, ($t)$n)" },
	/* comparisons, choices */
	{ S, "($t)(($E) $r ($E))" },
	{ S, "($t)($C ? ($E) : ($E))" },
	{ S, "($t)(($C && $C) || !$C)" },
	{ V, "as_$t(($E) $r ($E))" },
	{ V, "(($S) $r ($S) ? ($E) : ($E))" },
	{ V | F, "($t)(($t1)any($S), ($E).$v)" },
	{ 0, "select($E, $E, $S)" },
	{ 0, "bitselect($E, $E, $E)" },
	/* functions */
	/* pocl's is undefined where the result has no sign */
	{ 0, "as_$t(abs(($t)(($E) | ($t)1)))" },
	{ ONLY_UNSIGNED, "as_$t(abs_diff($E, $E))" },
	/* and this where a difference overflows */
	{ ONLY_SIGNED, "as_$t(abs_diff(($t)(($E) >> ($t)1), ($t)(($E) >> ($t)1)))" },
	{ 0, "add_sat($E, $E)" },
	{ 0, "sub_sat($E, $E)" },
	{ 0, "mad_sat($E, $E, $E)" },
	{ 0, "hadd($E, $E)" },
	{ 0, "rhadd($E, $E)" },
	{ 0, "clz($E)" },
	{ 0, "ctz($E)" },
	{ 0, "popcount($E)" },
	{ 0, "mul_hi($E, $E)" },
	{ 0, "mad_hi($E, $E, $E)" },
	{ 0, "max($E, $E)" },
	{ 0, "min($E, $E)" },
	{ 0, "clamp($E, ($t)3, ($t)100)" },
	{ ONLY_INT32, "mul24(($E) & ($t)0x7fff, ($E) & ($t)0x7fff)" },
	{ ONLY_INT32, "mad24(($E) & ($t)0x7ff, ($E) & ($t)0x7ff, ($E) & ($t)0xffff)" },
	{ ONLY_WIDE, "upsample($H, $L)" },
	/* conversions */
	{ 0, "convert_$t($O)" },
	{ 0, "convert_$t($O)" },
	{ 0, "convert_$t_sat($O)" },
	{ 0, "as_$t($S)" },
	{ 0, "as_$t($U)" },
	{ F, "convert_$t_sat($F)" },
	{ F, "convert_$t_sat$R($F)" },
	{ F, "convert_$t(($F) $r ($F))" },
	{ F, "convert_$t(isless($F, $F))" },
	{ F, "convert_$t(isunordered($F, $F))" },
	{ F, "convert_$t(islessgreater($F, $F))" },
	/* parts of vectors */
	{ EVEN, "shuffle($E, $U)" },
	{ EVEN, "shuffle2($E, $E, $U)" },
	{ EVEN, "($t)(($E).hi, ($E).lo)" },
	{ EVEN, "($t)(($E).even, ($E).odd)" },
	{ V, "($E).$z" },
};

const unsigned int nr_int_templates =
	sizeof(int_templates) / sizeof(*int_templates);

const struct template float_templates[] = {
	{ 0, "(($E) + ($E))" },
	{ 0, "(($E) - ($E))" },
	{ 0, "(($E) * ($E))" },
	{ 0, "(-($E))" },
	{ 0, "(($E) * ($E) + ($E))" },
	{ 0, "fma($E, $E, $E)" },
	{ 0, "fabs($E)" },
	{ 0, "floor($E)" },
	{ 0, "ceil($E)" },
	{ 0, "trunc($E)" },
	{ 0, "rint($E)" },
	{ 0, "round($E)" },
	{ 0, "copysign($E, $E)" },
	{ 0, "(fmin($E, $E) + ($t)0)" },
	{ 0, "(fmax($E, $E) + ($t)0)" },
	{ 0, "clamp($E, ($t)-77.5, ($t)1000)" },
	{ 0, "step($E, $E)" },
	{ 0, "fdim($E, $E)" },
	{ 0, "ldexp($E, 3)" },
	{ 0, "select($E, $E, $S)" },
	{ 0, "convert_$t($I)" },
	{ 0, "convert_$t$R($I)" },
	{ 0, "convert_$t(settle$d($D))" },
	{ S, "($C ? ($E) : ($E))" },
	/* not NaN: IEEE 754, 6.3, gives a converted one no sign */
	{ S, "($t)settle1f(vload_half(gid, (__global const half *)in + $n))" },
	{ V, "($E).$z" },
};

const unsigned int nr_float_templates =
	sizeof(float_templates) / sizeof(*float_templates);
