/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fidelity ledger: what the model knows, and how well. */
#ifndef NVGPU_LEDGER_H
#define NVGPU_LEDGER_H

#include "device.h"

/* One row; see nvgpu_ledger_print() for the columns. */
void nvgpu_ledger_row(FILE *f, const char *kind, const char *where,
		      const char *name, enum nvgpu_fidelity fidelity,
		      const char *source);

/* Rows that are not registers, each printed by the file that owns them. */
void nvgpu_ledger_faults(FILE *f);	/* fault.c: fault rules */
void nvgpu_ledger_host(FILE *f);	/* host.c: host methods */
void nvgpu_ledger_ce(FILE *f);		/* ce.c: copy class methods */
void nvgpu_ledger_classes(FILE *f);	/* gr front end: object methods */
void nvgpu_ledger_opcodes(FILE *f);	/* SM: opcodes */

#endif
