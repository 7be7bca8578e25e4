// SPDX-License-Identifier: GPL-2.0-or-later
/* The fidelity ledger, printed from the tables that the model runs on. */
#include "chip.h"
#include "ledger.h"
#include "reg.h"
#include "units.h"

static const char *const fidelity_name[] = {
	[NVGPU_DOCUMENTED]	= "documented",
	[NVGPU_INFERRED]	= "inferred",
	[NVGPU_FAKED]		= "faked",
	[NVGPU_ABSENT]		= "absent",
};

void nvgpu_ledger_row(FILE *f, const char *kind, const char *where,
		      const char *name, enum nvgpu_fidelity fidelity,
		      const char *source)
{
	fprintf(f, "%s\t%s\t%s\t%s\t%s\n", kind, where, name,
		fidelity_name[fidelity], source);
}

/* An array: ADDRESS+STRIDE*COUNT. */
static void print_reg(FILE *f, const struct nvgpu_reg *reg)
{
	char where[32];

	if (reg->count > 1)
		snprintf(where, sizeof(where), "%06x+%x*%u", reg->addr,
			 reg->stride ? reg->stride : 4, reg->count);
	else
		snprintf(where, sizeof(where), "%06x", reg->addr);
	nvgpu_ledger_row(f, "register", where, reg->name, reg->fidelity,
			 reg->source);
}

static void print_unit(FILE *f, const struct nvgpu_unit *unit)
{
	unsigned int i;

	for (i = 0; i < unit->nr_regs; i++)
		print_reg(f, &unit->regs[i]);
}

/* Those that every chip has (the first has no others), then the others. */
static void print_registers(FILE *f)
{
	const struct nvgpu_chip *chip = nvgpu_chip_at(0);
	const struct nvgpu_unit *unit;
	unsigned int i, j;

	for (i = 0; (unit = nvgpu_unit_at(chip, i)); i++)
		print_unit(f, unit);
	for (i = 1; (chip = nvgpu_chip_at(i)); i++)
		for (j = 0; j < chip->nr_units; j++)
			print_unit(f, chip->units[j]);
}

void nvgpu_ledger_print(FILE *f)
{
	print_registers(f);
	nvgpu_ledger_faults(f);
	nvgpu_ledger_host(f);
	nvgpu_ledger_ce(f);
	nvgpu_ledger_classes(f);
	nvgpu_ledger_opcodes(f);
}
