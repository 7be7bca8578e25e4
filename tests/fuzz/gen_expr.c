// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Expressions, from templates.  Behind a $ in one, for its type T:
 *   t u s w	names of T, of it unsigned, signed, unsigned and promoted
 *   t1 s1	of one element of it
 *   E U S	an expression of T, of it unsigned, signed (floats: the
 *		integers of that size)
 *   O I	an expression of any integers as wide as T
 *   F D	of floats as wide as T; of the other kind of floats
 *   H L	of half of T's size: as signed as T; unsigned
 *   C		a scalar condition
 *   r R	a comparison; a rounding mode's suffix
 *   m n k	bits of an element less 1; a number up to that; a divisor
 *   c		a factor: a power of two, or nearly, of either sign
 *   d		which settle() is for D
 *   z v	a swizzle; one that leaves the first out
 */
#include "gen.h"

/* Words of the inputs that loads of one size are from; vectors in them */
#define PART_WORDS	(IN_WORDS / 4)
#define PART_VECTORS	(PART_WORDS / 16)

/* Numbers at which something often happens */
static const uint64_t corners[] = {
	0, 1, 2, 3, 7, 15, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x100, 0x7fff,
	0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
	0x100000000, 0x7fffffffffffffff, 0x8000000000000000,
	0xffffffffffffffff,
};

static void literal(struct gen *g, struct type t)
{
	static const char *const floats[] = {
		"0", "1", "-1", "0.5", "1.5", "-2.5", "3.14159", "1e10",
		"-4294967296.0", "65535.5", "0.1", "-7.75",
	};
	uint64_t n = one_in(g, 2) ? random_next(&g->r) :
		     corners[below(g, sizeof(corners) / sizeof(*corners))];

	if (is_float(t))
		out(g, "(%s)%s", name(scalar_of(t)), floats[below(g, 12)]);
	else
		out(g, "(%s)0x%llxul", name(scalar_of(t)),
		    (unsigned long long)n);
}

static bool fits(struct type v, struct type t)
{
	return is_float(v) == is_float(t) &&
	       (v.width == t.width || v.width == 1 || t.width == 1);
}

/*
 * A variable, or a part of it, as type @t; false if there is none that fits.
 * Variables are settled, so that a double may become a float.
 */
static bool variable(struct gen *g, struct type t)
{
	unsigned int n, tries = 0;
	struct type v;

	if (!g->vars)
		return false;
	n = below(g, g->vars);
	for (; !fits(g->var[n], t); n = (n + 1) % g->vars)
		if (tries++ == g->vars)
			return false;
	v = g->var[n];
	if (v.width == t.width && v.base == t.base)
		out(g, "v%u", n);
	else if (v.width == t.width)
		out(g, "convert_%s(v%u)", name(t), n);
	else if (t.width == 1)
		out(g, "convert_%s(v%u.s%x)", name(t), n, below(g, v.width));
	else
		out(g, "(%s)(convert_%s(v%u))", name(t), name(scalar_of(t)),
		    n);
	return true;
}

void gen_index(struct gen *g, unsigned int n)
{
	static const struct type uint = { U32, 1 };

	out(g, "(");
	gen_expr(g, uint, 1);
	out(g, " & %uu)", n - 1);
}

/*
 * From the inputs; as there might be any float, those are of integers.  Each
 * size of elements has its own part.  When any met any, that found M42, and then
 * nothing but errors of pocl's: rint() of large constants, a private array in a
 * loop around barriers.
 */
static void load(struct gen *g, struct type t)
{
	static const struct type index = { U32, 1 };
	struct type from = t;
	unsigned int part;
	bool vload;

	if (is_float(t)) {
		from.base = I16;
		out(g, "convert_%s(", name(t));
	}
	part = from.base / 2 * PART_WORDS;
	vload = from.width > 1 && one_in(g, 3);
	if (vload)
		out(g, "vload%u((", from.width);
	else
		out(g, "((__global const %s *)(in + %u))[(", name(from), part);
	if (!variable(g, index))
		out(g, "%u", below(g, PART_VECTORS));
	out(g, " + gid) & %uu", PART_VECTORS - 1);
	if (vload)
		out(g, ", (__global const %s *)(in + %u))",
		    name(scalar_of(from)), part);
	else
		out(g, "]");
	if (is_float(t))
		out(g, ")");
}

static void constant(struct gen *g, struct type t)
{
	unsigned int i;

	out(g, "(%s)(", name(t));
	for (i = 0; i < t.width; i++) {
		out(g, i ? ", " : "");
		literal(g, t);
	}
	out(g, ")");
}

void gen_leaf(struct gen *g, struct type t)
{
	unsigned int how = below(g, 10);

	if (how > 3 && variable(g, t))
		return;
	if (how == 0)
		out(g, "(%s)((%s)%s)", name(t), name(scalar_of(t)),
		    one_in(g, 2) ? "gid" : "lid");
	else if (how == 1 && !is_float(t))
		out(g, "(%s)((%s)table[(gid + %u) & 15])", name(t),
		    name(scalar_of(t)), below(g, 16));
	else if (how < 4 || how > 7)
		load(g, t);
	else
		constant(g, t);
}

void gen_condition(struct gen *g, unsigned int depth)
{
	static const char *const relations[] = {
		"<", "<=", ">", ">=", "==", "!=",
	};
	struct type t = random_int(g, 1);

	if (one_in(g, 5))
		t.base = F32 + below(g, 2);
	out(g, "(");
	gen_expr(g, t, depth);
	out(g, " %s ", relations[below(g, 6)]);
	gen_expr(g, t, depth);
	out(g, ")");
}

static struct type half_of(struct type t, bool no_sign)
{
	t.base -= 2;
	return no_sign ? unsigned_of(t) : t;
}

/* The integers that comparisons of @t give */
static struct type result_of(struct type t)
{
	if (is_float(t))
		t.base = t.base == F32 ? I32 : I64;
	return signed_of(t);
}

static struct type other(struct gen *g, struct type t, char what,
			 enum base floats)
{
	struct type v = t;

	switch (what) {
	case 'U':
		return unsigned_of(t);
	case 'S':
		return result_of(t);
	case 'O':
	case 'I':
		return random_int(g, t.width);
	case 'F':
		v.base = floats;
		return v;
	case 'D':
		v.base = t.base == F32 ? F64 : F32;
		return v;
	case 'H':
	case 'L':
		return half_of(t, what == 'L');
	}
	return t;
}

static void swizzle(struct gen *g, unsigned int n, unsigned int width)
{
	out(g, "s");
	while (n--)
		out(g, "%x", below(g, width));
}

/* What is no expression */
static void put_word(struct gen *g, struct type t, char what)
{
	static const char *const relations[] = {
		"<", "<=", ">", ">=", "==", "!=",
	};
	static const char *const modes[] = { "_rte", "_rtz", "_rtp", "_rtn" };
	unsigned int bits = base_size(t.base) * 8;

	switch (what) {
	case 'r':
		out(g, "%s", relations[below(g, 6)]);
		break;
	case 'R':
		out(g, "%s", modes[below(g, 4)]);
		break;
	case 'm':
		out(g, "%u", bits - 1);
		break;
	case 'n':
		out(g, "%u", below(g, bits));
		break;
	case 'k':
		out(g, "%u", 2 + below(g, 125));
		break;
	case 'c':
		out(g, "%s(%dl + (1l << %u))", one_in(g, 2) ? "-" : "",
		    (int)below(g, 3) - 1, below(g, bits - 1));
		break;
	case 'd':
		out(g, "%u%c", t.width, t.base == F32 ? 'd' : 'f');
		break;
	case 'z':
		swizzle(g, t.width, t.width);
		break;
	case 'v':
		swizzle(g, t.width - 1, t.width);
		break;
	}
}

static void put_name(struct gen *g, struct type t, char what, bool element)
{
	if (what == 's')
		t = result_of(t);
	else if (what == 'u')
		t = unsigned_of(t);
	else if (what == 'w')
		t.base = t.base < I64 ? U32 : U64;
	out(g, "%s", name(element ? scalar_of(t) : t));
}

static void expand(struct gen *g, const char *text, struct type t,
		   unsigned int depth)
{
	enum base floats = F32 + below(g, 2);

	for (; *text; text++) {
		if (*text != '$') {
			out(g, "%c", *text);
			continue;
		}
		text++;
		if (*text == 'C') {
			gen_condition(g, depth);
		} else if (*text >= 'A' && *text <= 'Z' && *text != 'R') {
			gen_expr(g, other(g, t, *text, floats), depth);
		} else if (*text == 't' || *text == 'u' || *text == 's' ||
			   *text == 'w') {
			put_name(g, t, *text, text[1] == '1');
			text += text[1] == '1';
		} else {
			put_word(g, t, *text);
		}
	}
}

static bool possible(const struct template *m, struct type t)
{
	const unsigned int not_for =
		(t.width > 1 ? ONLY_SCALAR : ONLY_VECTOR) |
		(t.width == 3 ? ONLY_EVEN : 0) |
		(t.base != I32 && t.base != U32 ? ONLY_INT32 : 0) |
		(t.base < I16 ? ONLY_WIDE : 0) |
		(t.width == 3 || t.width > 4 ? ONLY_FLOATABLE : 0) |
		(is_signed(t) ? ONLY_UNSIGNED : ONLY_SIGNED);

	return !(m->only & not_for);
}

void gen_expr(struct gen *g, struct type t, unsigned int depth)
{
	const struct template *all = is_float(t) ? float_templates :
						   int_templates;
	unsigned int n = is_float(t) ? nr_float_templates : nr_int_templates;
	const struct template *m;

	if (!depth || one_in(g, 8))
		return gen_leaf(g, t);
	do {
		m = &all[below(g, n)];
	} while (!possible(m, t));
	expand(g, m->text, t, depth - 1);
}
