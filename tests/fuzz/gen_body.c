// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Statements.  Every loop ends, every index is in its array, and work-items
 * share only what they may: local memory between barriers that all of them
 * reach, and counters whose values do not depend on who comes first.
 */
#include "gen.h"

#define DEPTH_MAX	3u	/* of an expression */
#define NESTING_MAX	3u	/* of statements */
#define ARRAY		8u	/* elements of a private array */
#define LOCAL_COUNTERS	4u

static void statements(struct gen *g, unsigned int n);

static void open_block(struct gen *g)
{
	out(g, " {");
	g->indent++;
}

static void close_block(struct gen *g)
{
	g->indent--;
	line(g);
	out(g, "}");
}

/* An expression that may be kept in a variable */
static void settled(struct gen *g, struct type t, unsigned int depth)
{
	if (is_float(t))
		out(g, "settle%u%c(", t.width, t.base == F32 ? 'f' : 'd');
	gen_expr(g, t, depth);
	if (is_float(t))
		out(g, ")");
}

static void assign(struct gen *g)
{
	unsigned int n = below(g, g->vars);

	line(g);
	if (!is_float(g->var[n]) && one_in(g, 4)) {
		out(g, "v%u ^= ", n);
		gen_expr(g, g->var[n], DEPTH_MAX - 1);
	} else {
		out(g, "v%u = ", n);
		settled(g, g->var[n], 1 + below(g, DEPTH_MAX));
	}
	out(g, ";");
}

static void assign_part(struct gen *g)
{
	unsigned int n = below(g, g->vars);
	struct type t = g->var[n];

	if (t.width == 1)
		return assign(g);
	line(g);
	out(g, "v%u.s%x = ", n, below(g, t.width));
	settled(g, scalar_of(t), DEPTH_MAX - 1);
	out(g, ";");
}

static void if_else(struct gen *g)
{
	bool divergent = g->divergent;

	g->divergent = true;
	line(g);
	out(g, "if (");
	gen_condition(g, 2);
	out(g, ")");
	open_block(g);
	statements(g, 2);
	close_block(g);
	if (one_in(g, 2)) {
		out(g, " else");
		open_block(g);
		statements(g, 2);
		close_block(g);
	}
	g->divergent = divergent;
}

/* As often for all work-items, or not */
static void for_loop(struct gen *g)
{
	bool divergent = g->divergent, same = one_in(g, 3);
	unsigned int i = g->serial++;

	line(g);
	out(g, "for (uint i%u = 0; i%u < ", i, i);
	if (same)
		out(g, "%u", 1 + below(g, 6));
	else
		gen_index(g, 8);
	out(g, "; i%u++)", i);
	open_block(g);
	g->loops++;
	g->divergent |= !same;
	statements(g, 2);
	if (!same && one_in(g, 2)) {
		line(g);
		out(g, "if (");
		gen_condition(g, 1);
		out(g, ")");
		open_block(g);
		line(g);
		out(g, one_in(g, 2) ? "break;" : "continue;");
		close_block(g);
		statements(g, 1);
	}
	g->divergent = divergent;
	g->loops--;
	close_block(g);
}

static void while_loop(struct gen *g)
{
	bool divergent = g->divergent;
	unsigned int i = g->serial++;

	g->divergent = true;
	line(g);
	out(g, "uint n%u = ", i);
	gen_index(g, 16);
	out(g, ";");
	line(g);
	out(g, "do");
	open_block(g);
	g->loops++;
	statements(g, 2);
	g->loops--;
	close_block(g);
	out(g, " while (n%u-- > 2 && ", i);
	gen_condition(g, 1);
	out(g, ");");
	g->divergent = divergent;
}

static void switch_case(struct gen *g)
{
	bool divergent = g->divergent;
	unsigned int i;

	g->divergent = true;
	line(g);
	out(g, "switch (");
	gen_index(g, 8);
	out(g, ")");
	open_block(g);
	for (i = 0; i < 8; i += 1 + below(g, 3)) {
		line(g);
		out(g, "case %u:", i);
		open_block(g);
		statements(g, 1);
		close_block(g);
		if (!one_in(g, 4))
			out(g, " break;");
	}
	line(g);
	out(g, "default:");
	open_block(g);
	statements(g, 1);
	close_block(g);
	close_block(g);
	g->divergent = divergent;
}

/* Private memory, with indices that only the kernel knows */
static void array_store(struct gen *g)
{
	unsigned int a = below(g, ARRAYS);

	line(g);
	out(g, "a%u[", a);
	gen_index(g, ARRAY);
	out(g, "] = ");
	gen_expr(g, g->array[a], 2);
	out(g, ";");
}

/* Turn a value of type @from, which is to follow, into a variable's. */
static bool convert_to_variable(struct gen *g, struct type from)
{
	unsigned int n = below(g, g->vars), tries = 0;

	for (; is_float(g->var[n]) ||
	     (g->var[n].width != from.width && from.width != 1);
	     n = (n + 1) % g->vars)
		if (tries++ == g->vars)
			return false;
	line(g);
	out(g, "v%u = (%s)(convert_", n, name(g->var[n]));
	if (from.width == 1)
		out(g, "%s(", name(scalar_of(g->var[n])));
	else
		out(g, "%s(", name(g->var[n]));
	return true;
}

static void array_load(struct gen *g)
{
	unsigned int a = below(g, ARRAYS);

	if (!convert_to_variable(g, g->array[a]))
		return assign(g);
	out(g, "a%u[", a);
	gen_index(g, ARRAY);
	out(g, "]));");
}

/* One pointer to either of two elements */
static void pointer(struct gen *g)
{
	struct type t = g->array[0];
	bool private = one_in(g, 2);

	line(g);
	out(g, "{");
	g->indent++;
	line(g);
	if (private) {
		out(g, "%s *p = &a0[", name(t));
		gen_index(g, ARRAY);
		out(g, "], *q = &a0[");
		gen_index(g, ARRAY);
		out(g, "];");
		line(g);
		out(g, "p = ");
		gen_condition(g, 1);
		out(g, " ? p : q;");
	} else {
		out(g, "__local %s *p = shared + lid;", name(t));
	}
	line(g);
	out(g, "*p ^= ");
	gen_expr(g, t, 2);
	out(g, ";");
	if (convert_to_variable(g, t))
		out(g, "*p));");
	close_block(g);
}

static void barrier(struct gen *g)
{
	line(g);
	out(g, one_in(g, 4) ?
	    "barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);" :
	    "barrier(CLK_LOCAL_MEM_FENCE);");
}

static void exchange(struct gen *g)
{
	line(g);
	out(g, "shared[lid] = ");
	gen_expr(g, g->array[0], 2);
	out(g, ";");
	barrier(g);
	if (convert_to_variable(g, g->array[0]))
		out(g, "shared[(lid * %u + %u) %% %u]));", 1 + below(g, 7),
		    below(g, g->k->group), g->k->group);
	barrier(g);
}

/* Operations whose order does not matter */
static const char *const atomics[] = {
	"add", "sub", "min", "max", "and", "or", "xor",
};

static void local_atomic(struct gen *g)
{
	static const struct type type = { U32, 1 };
	struct type t = { one_in(g, 2) ? I32 : U32, 1 };

	barrier(g);
	line(g);
	out(g, "if (lid < %u)", LOCAL_COUNTERS);
	open_block(g);
	line(g);
	out(g, "lcount[lid] = 0x%xu;",
	    (unsigned int)random_next(&g->r));
	close_block(g);
	barrier(g);
	line(g);
	out(g, "atomic_%s((volatile __local %s *)&lcount[",
	    atomics[below(g, 7)], name(t));
	gen_index(g, LOCAL_COUNTERS);
	out(g, "], ");
	gen_expr(g, t, 2);
	out(g, ");");
	barrier(g);
	if (convert_to_variable(g, type))
		out(g, "lcount[lid & %u]));", LOCAL_COUNTERS - 1);
}

/* Old values are of use where all of them together are always the same. */
static void tickets(struct gen *g)
{
	unsigned int c = g->counters;

	g->counters += 2;
	line(g);
	out(g, "atomic_add(&count[%u], atomic_%s(&count[%u]) * %uu);", c + 1,
	    one_in(g, 2) ? "inc" : "dec", c, 1 + below(g, 1000));
}

/* As locks do it */
static void compare_and_exchange(struct gen *g)
{
	static const struct type type = { U32, 1 };
	unsigned int c = g->counters++, i = g->serial++;

	line(g);
	out(g, "uint old%u = count[%u], x%u = ", i, c, i);
	gen_expr(g, type, 2);
	out(g, ", new%u;", i);
	line(g);
	out(g, "while ((new%u = atomic_cmpxchg(&count[%u], old%u,\n"
	    "\t\told%u %s x%u)) != old%u)", i, c, i, i,
	    one_in(g, 2) ? "+" : "^", i, i);
	line(g);
	out(g, "\told%u = new%u;", i, i);
}

static void ordered_atomic(struct gen *g)
{
	static const char *const orders[] = {
		"relaxed", "acquire", "release", "acq_rel", "seq_cst",
	};
	struct type t = { one_in(g, 2) ? I32 : U32, 1 };

	line(g);
	out(g, "atomic_fetch_%s_explicit(\n"
	    "\t\t(volatile __global atomic_%s *)&count[%u], ",
	    atomics[below(g, 7)], name(t), g->counters++);
	gen_expr(g, t, 2);
	out(g, ", memory_order_%s, memory_scope_device);",
	    orders[below(g, 5)]);
}

static void global_atomic(struct gen *g)
{
	struct type t = { one_in(g, 2) ? I32 : U32, 1 };

	if (g->counters + 4 > COUNTERS)
		return assign(g);
	switch (below(g, 5)) {
	case 0:
		return tickets(g);
	case 1:
		return compare_and_exchange(g);
	case 2:
		return ordered_atomic(g);
	}
	line(g);
	out(g, "atomic_%s((volatile __global %s *)&count[%u], ",
	    atomics[below(g, 7)], name(t), g->counters++);
	gen_expr(g, t, 2);
	out(g, ");");
}

typedef void (*statement_handler)(struct gen *g);

static void statements(struct gen *g, unsigned int n)
{
	static const statement_handler nested[] = {
		if_else, if_else, for_loop, while_loop, switch_case,
	};
	static const statement_handler together[] = {
		exchange, exchange, local_atomic,
	};
	static const statement_handler simple[] = {
		array_store, array_load, pointer, global_atomic,
		assign_part,
	};

	while (n--) {
		unsigned int how = below(g, 10);

		if (how < 2 && g->indent <= NESTING_MAX)
			nested[below(g, 5)](g);
		else if (how < 3 && !g->divergent && g->loops < 2)
			together[below(g, 3)](g);
		else if (how < 6)
			simple[below(g, 5)](g);
		else
			assign(g);
	}
}

/* What statements work with, besides variables */
static void declare_arrays(struct gen *g)
{
	static const uint8_t widths[] = { 1, 1, 1, 2, 4 };
	unsigned int i;

	for (i = 0; i < ARRAYS; i++) {
		g->array[i] = random_int(g, widths[below(g, 5)]);
		line(g);
		out(g, "%s a%u[%u];", name(g->array[i]), i, ARRAY);
	}
	line(g);
	out(g, "__local %s shared[%u];", name(g->array[0]), g->k->group);
	line(g);
	out(g, "__local uint lcount[%u];", LOCAL_COUNTERS);
	line(g);
	out(g, "shared[lid] = 0;");
	line(g);
	out(g, "lcount[lid %% %u] = 1;", LOCAL_COUNTERS);
	line(g);
	out(g, "for (uint i = 0; i < %u; i++)", ARRAY);
	open_block(g);
	for (i = 0; i < ARRAYS; i++) {
		line(g);
		out(g, "a%u[i] = (%s)((%s)(gid * i + %u));", i,
		    name(g->array[i]), name(scalar_of(g->array[i])),
		    below(g, 100));
	}
	close_block(g);
}

/* Each from those before it; plain ones from inputs alone */
static void declare_variables(struct gen *g, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		g->var[i] = random_type(g);
		line(g);
		out(g, "%s v%u = ", name(g->var[i]), i);
		settled(g, g->var[i], 1);
		out(g, ";");
		g->vars = g->k->kind == KERNEL_PLAIN ? 0 : i + 1;
	}
	g->vars = n;
}

/* What a variable adds to the results */
static void report(struct gen *g, unsigned int n)
{
	struct type t = g->var[n];
	unsigned int i;

	line(g);
	out(g, "res[%u] = 0", n);
	for (i = 0; i < t.width; i++) {
		out(g, " + %uul * ", 2 * i + 1);
		if (is_float(t))
			out(g, "canon%c(", t.base == F32 ? 'f' : 'd');
		else
			out(g, "(ulong)(");
		out(g, t.width > 1 ? "v%u.s%x)" : "v%u)", n, i);
	}
	out(g, ";");
}

/* One as it is in memory, in the last words of the results */
static void report_memory(struct gen *g)
{
	unsigned int n = below(g, g->vars), size;
	struct type t = g->var[n];

	size = base_size(t.base) * t.width;
	if (is_float(t) || size > (OUT_WORDS - VARS_MAX) * 8)
		return;
	line(g);
	if (t.width == 3 || (t.width > 1 && one_in(g, 2)))
		out(g, "vstore%u(v%u, 0, (__global %s *)(res + %u));",
		    t.width, n, name(scalar_of(t)), VARS_MAX);
	else
		out(g, "*(__global %s *)(res + %u) = v%u;", name(t), VARS_MAX,
		    n);
}

/* pocl ends at an assertion if local memory has no use in the end. */
static void report_local(struct gen *g)
{
	barrier(g);
	line(g);
	out(g, "res[%u] = (ulong)shared[lid]%s + lcount[lid %% %u];",
	    OUT_WORDS - 1, g->array[0].width > 1 ? ".s0" : "", LOCAL_COUNTERS);
}

void gen_body(struct gen *g)
{
	unsigned int i;

	g->indent = 1;
	line(g);
	out(g, "uint gid = get_global_id(0), lid = get_local_id(0);");
	line(g);
	out(g, "res += gid * %u;", OUT_WORDS);
	if (g->k->kind == KERNEL_PLAIN) {
		declare_variables(g, VARS_MAX - 2);
	} else {
		declare_variables(g, 4 + below(g, VARS_MAX - 4));
		declare_arrays(g);
		statements(g, 2 + below(g, 5));
	}
	for (i = 0; i < g->vars; i++)
		report(g, i);
	report_memory(g);
	if (g->k->kind == KERNEL_STATEMENTS)
		report_local(g);
}
