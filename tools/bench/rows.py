# SPDX-License-Identifier: MIT
"""The benchmark's results, BENCH.TSV: reads them."""

# What tables compare: heading, figures that are added up.
COLUMNS = (
    ('instructions', ('instructions',)),
    ('packets', ('faults_replayable',)),
    ('replays', ('replays',)),
    ('TLB flushes', ('invalidates',)),
    ('interrupts', ('msis',)),
    ('registers', ('bar0_reads', 'bar0_writes')),
)


def read(path):
    """(workload, driver) -> {figure: value}, and workloads in order."""
    table, order = {}, []
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.startswith('#'):
                continue
            workload, driver, figure, value = line.rstrip('\n').split('\t')
            if workload not in order:
                order.append(workload)
            table.setdefault((workload, driver), {})[figure] = value
    return table, order


def per_unit(row, figures):
    """Figures added up, those that the driver has; None without a row, or if
    the workload failed."""
    if not row or row['verdict'] != 'pass':
        return None
    return sum(int(row[f]) for f in figures if f in row) / int(row['units'])
