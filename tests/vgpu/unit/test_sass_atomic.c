// SPDX-License-Identifier: GPL-2.0-or-later
/* Atomics of one warp, on VRAM, system memory and shared memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sm_fixture.h"

/* Operations and types of ATOM */
enum { ADD, MIN, MAX, INC, DEC, AND, OR, XOR, EXCH };
enum { TU32, TS32, TU64, TF32, TS64 = 5 };

static uint64_t wide_oracle(unsigned int op, bool sign, uint64_t old,
			    uint64_t v)
{
	switch (op) {
	case ADD:
		return old + v;
	case MIN:
		return sign ? ((int64_t)old < (int64_t)v ? old : v) :
			      (old < v ? old : v);
	case MAX:
		return sign ? ((int64_t)old > (int64_t)v ? old : v) :
			      (old > v ? old : v);
	case INC:
		return old >= v ? 0 : old + 1;
	case DEC:
		return old == 0 || old > v ? v : old - 1;
	case AND:
		return old & v;
	case OR:
		return old | v;
	case XOR:
		return old ^ v;
	default:
		return v;
	}
}

static uint64_t atom_oracle(unsigned int op, unsigned int type, uint64_t old,
			    uint64_t v)
{
	if (type == TU64 || type == TS64)
		return wide_oracle(op, type == TS64, old, v);
	if (type == TS32)
		return (uint32_t)wide_oracle(op, true,
					     (int64_t)(int32_t)old,
					     (int64_t)(int32_t)v);
	return (uint32_t)wide_oracle(op, false, (uint32_t)old, (uint32_t)v);
}

/* Corner values among the others, 64 bits of them */
static uint64_t atom_value(unsigned int i)
{
	static const uint64_t corners[] = {
		0, 1, 0x7fffffff, 0x80000000, 0xffffffff, UINT64_MAX,
		0x8000000000000000, 0x7fffffffffffffff,
	};

	if (i % 3 == 0)
		return corners[i / 3 % ARRAY_SIZE(corners)];
	return sm_pattern(i * 8) | (uint64_t)sm_pattern(i * 8 + 4) << 32;
}

static uint64_t rd64(struct sm *sm, uint64_t bits, uint64_t offset)
{
	return sm_rd32(sm, bits, offset) |
	       (uint64_t)sm_rd32(sm, bits, offset + 4) << 32;
}

static void atom_fill(struct sm *sm, uint64_t bits, unsigned int seed)
{
	unsigned int l;

	for (l = 0; l < SM_LANES; l++) {
		sm_wr64(sm, bits, l * SM_STRIDE, atom_value(seed + l));
		sm_wr64(sm, bits, SM_OPERAND + l * SM_STRIDE,
			atom_value(seed * 7 + l * 5));
		sm_wr64(sm, bits, SM_RESULT + l * SM_STRIDE, 0);
	}
}

static void atom_check(struct sm *sm, uint64_t bits, unsigned int seed,
		       unsigned int op, unsigned int type, bool result)
{
	bool wide = type == TU64 || type == TS64;
	uint64_t mask = wide ? UINT64_MAX : UINT32_MAX;
	unsigned int l;

	for (l = 0; l < SM_LANES; l++) {
		uint64_t old = atom_value(seed + l);
		uint64_t want = (old & ~mask) |
				atom_oracle(op, type, old,
					    atom_value(seed * 7 + l * 5));

		assert_true(rd64(sm, bits, l * SM_STRIDE) == want);
		if (result)
			assert_true((rd64(sm, bits, SM_RESULT + l * SM_STRIDE) &
				     mask) == (old & mask));
	}
}

static void check_atomics(struct sm *sm, uint64_t bits)
{
	static const unsigned int types[] = { TU32, TS32, TU64, TS64 };
	unsigned int op, t, seed = 1;

	for (op = ADD; op <= EXCH; op++) {
		for (t = 0; t < ARRAY_SIZE(types); t++, seed += 11) {
			uint64_t atom[] = {
				LD(B64, 8, 0, SM_OPERAND),
				IADD_I(4, 0, 0x1000),
				MOV(5, 1),
				ATOM(op, types[t], 10, 4, -0x1000, 8),
				ST(B64, 0, SM_RESULT, 10),
				EXIT,
			};

			atom_fill(sm, bits, seed);
			sm_lanes_run(sm, atom, ARRAY_SIZE(atom));
			atom_check(sm, bits, seed, op, types[t], true);
		}
	}
}

static void test_atomics(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_VRAM);
	check_atomics(sm, PT_VRAM);
}

static void test_atomics_system(void **state)
{
	struct sm *sm = *state;

	sm_map_all(sm, PT_SYS);
	check_atomics(sm, PT_SYS);
}

static void test_red(void **state)
{
	static const unsigned int types[] = { TU32, TS32, TU64, TS64 };
	struct sm *sm = *state;
	unsigned int op, t, seed = 3;

	sm_map_all(sm, PT_SYS);
	for (op = ADD; op <= XOR; op++) {
		for (t = 0; t < ARRAY_SIZE(types); t++, seed += 13) {
			uint64_t red[] = {
				LD(B64, 8, 0, SM_OPERAND),
				RED(op, types[t], 0, 0, 8),
				EXIT,
			};

			atom_fill(sm, PT_SYS, seed);
			sm_lanes_run(sm, red, ARRAY_SIZE(red));
			atom_check(sm, PT_SYS, seed, op, types[t], false);
		}
	}
}

/* ATOMS numbers its 64 bit signed type 3. */
static void test_atoms(void **state)
{
	static const unsigned int types[] = { TU32, TS32, TU64, TS64 };
	struct sm *sm = *state;
	unsigned int op, t, seed = 5;

	sm_map_all(sm, PT_VRAM);
	sm->grid.shared_size = SM_LANES * SM_STRIDE;
	for (op = ADD; op <= EXCH; op++) {
		for (t = 0; t < ARRAY_SIZE(types); t++, seed += 17) {
			uint64_t atoms[] = {
				LD(B64, 8, 0, SM_OPERAND),
				LD(B64, 12, 0, 0),
				SHL_I(3, 2, 4),
				STS(B64, 3, 0, 12),
				IADD_I(4, 3, 0x100),
				ATOMS(op, t, 10, 4, -0x100, 8),
				LDS(B64, 12, 3, 0),
				ST(B64, 0, 0, 12),
				ST(B64, 0, SM_RESULT, 10),
				EXIT,
			};

			atom_fill(sm, PT_VRAM, seed);
			sm_lanes_run(sm, atoms, ARRAY_SIZE(atoms));
			atom_check(sm, PT_VRAM, seed, op, types[t], true);
		}
	}
}

/* Even lanes compare with what is there, odd ones with something else. */
static void check_cas(struct sm *sm, const uint64_t *words, unsigned int n,
		      bool wide)
{
	unsigned int l;

	for (l = 0; l < SM_LANES; l++) {
		uint64_t old = atom_value(l), at = SM_OPERAND + l * SM_STRIDE;

		sm_wr64(sm, PT_SYS, l * SM_STRIDE, old);
		sm_wr64(sm, PT_SYS, at, old + (l & 1));
		sm_wr64(sm, PT_SYS, at + 8, ~old);
	}
	sm_lanes_run(sm, words, n);
	for (l = 0; l < SM_LANES; l++) {
		uint64_t old = atom_value(l), want = l & 1 ? old : ~old;
		uint64_t mask = wide ? UINT64_MAX : UINT32_MAX;

		assert_true((rd64(sm, PT_SYS, l * SM_STRIDE) & mask) ==
			    (want & mask));
		assert_true((rd64(sm, PT_SYS,
				  SM_RESULT + l * SM_STRIDE) & mask) ==
			    (old & mask));
	}
}

/* Compare in the lower registers, swap in the upper ones */
static void test_cas(void **state)
{
	static const uint64_t wide[] = {
		LD(B128, 8, 0, SM_OPERAND),
		ATOM_CAS(1, 12, 0, 0, 8),
		ST(B64, 0, SM_RESULT, 12),
		EXIT,
	};
	static const uint64_t narrow[] = {
		LD(B128, 8, 0, SM_OPERAND),
		MOV(9, 10),
		ATOM_CAS(0, 12, 0, 0, 8),
		ST(B32, 0, SM_RESULT, 12),
		EXIT,
	};
	static const uint64_t shared[] = {
		LD(B128, 8, 0, SM_OPERAND),
		LD(B64, 14, 0, 0),
		SHL_I(3, 2, 4),
		STS(B64, 3, 0, 14),
		ATOMS_CAS(1, 12, 3, 0, 8),
		LDS(B64, 14, 3, 0),
		ST(B64, 0, 0, 14),
		ST(B64, 0, SM_RESULT, 12),
		EXIT,
	};
	struct sm *sm = *state;

	sm->grid.shared_size = SM_LANES * SM_STRIDE;
	sm_map_all(sm, PT_SYS);
	check_cas(sm, wide, ARRAY_SIZE(wide), true);
	check_cas(sm, narrow, ARRAY_SIZE(narrow), false);
	check_cas(sm, shared, ARRAY_SIZE(shared), true);
}

static uint32_t raw(float f)
{
	uint32_t v;

	memcpy(&v, &f, 4);
	return v;
}

/* All lanes on one word: each sees the sum of those before it. */
static void test_atomic_order(void **state)
{
	static const uint64_t words[] = {
		MOV_CB(4, 0, 0), MOV_CB(5, 0, 4),
		ATOM(ADD, TU32, 8, 4, 4, 2),
		ST(B32, 0, SM_RESULT, 8),
		/* float: 0.5 a lane, the denormal that is there flushed */
		MOV32I(9, 0x3f000000),
		RED(ADD, TF32, 4, 8, 9),
		EXIT,
	};
	struct sm *sm = *state;
	uint32_t sum = 1000;
	unsigned int l;

	sm_map_all(sm, PT_SYS);
	sm_wr32(sm, PT_SYS, 4, sum);
	sm_wr32(sm, PT_SYS, 8, 1);
	sm_lanes_run(sm, words, ARRAY_SIZE(words));
	for (l = 0; l < SM_LANES; l++) {
		assert_int_equal(sm_rd32(sm, PT_SYS, SM_RESULT + l * SM_STRIDE),
				 sum);
		sum += l;
	}
	assert_int_equal(sm_rd32(sm, PT_SYS, 4), sum);
	assert_int_equal(sm_rd32(sm, PT_SYS, 8), raw(16.0f));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sm_setup, sm_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_atomics),
		TEST(test_atomics_system),
		TEST(test_red),
		TEST(test_atoms),
		TEST(test_cas),
		TEST(test_atomic_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
