#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark's table, from out/bench.tsv.

usage: table.py BENCH.TSV

One line a workload, all figures per unit (page, or round): what ours needs, and
how many times as much upstream does; for instructions, ours to the floor, which
is the same done by the CPU alone.
"""
import sys

from rows import COLUMNS as COMPARED, per_unit, read

COLUMNS = COMPARED + (
    ('BAR1 and 2', ('bar1_reads', 'bar1_writes', 'bar2_reads',
                    'bar2_writes')),
)
NAME_WIDTH, WIDTH = 24, 19


def ratio(a, b):
    if a is None or b is None:
        return ''
    if b == 0:
        return '' if a == 0 else 'inf'
    return '%.1fx' % (a / b)


def number(value):
    if value is None:
        return 'fails'
    if value >= 100 or value == int(value):
        return '{:,.0f}'.format(value)
    return '%.2f' % value if value >= 0.1 else '%.4f' % value


def cell(ours, upstream, figures):
    a, b = per_unit(ours, figures), per_unit(upstream, figures)
    if not ours:
        return number(b)
    times = 'fails' if upstream and b is None else ratio(b, a)
    return '%s %8s' % (number(a), times)


# Bytes that one access to a granule of 64 KiB moves if that is in RAM: all of
# it there and back; or as the workload does, 32 for each of 16 words.
DENSE, SPARSE = 2 << 16, 16 * 32
MIB = 1 << 20


def oversubscribed(table):
    """What crossed the bus, to the best that a look ahead could have done."""
    rows = [(w, d, {k: int(v) for k, v in row.items() if v.isdigit()})
            for (w, d), row in table.items() if 'belady_bytes' in row]
    if not rows:
        return
    print('\nbytes over the bus; in RAM served: accesses across it, as all are '
          'for upstream, which moves nothing for a fault')
    print('%-22s%10s%12s%12s%12s%14s%14s' % (
        'workload', 'driver', 'set/VRAM', 'copied/set', 'in RAM',
        'sparse/Belady', 'dense/Belady'))
    for name, driver, row in rows:
        copied, remote = row['ce_bytes'], row['remote_accesses']
        print('%-22s%10s%12.2f%12.2f%11.0f%%%14.2f%14.2f' % (
            name, driver, row['needed_bytes'] / row['capacity_bytes'],
            copied / row['needed_bytes'],
            100 * remote / row['granule_accesses'],
            (copied + remote * SPARSE) / row['belady_bytes'],
            (copied + remote * DENSE) / row['belady_bytes']))


def memory(table, order):
    """What a workload has taken in the end, and its process at its peak."""
    print('\nMiB: RAM and VRAM taken in the end, the process at its peak')
    print('%-24s' % 'workload' + ''.join('%12s' % w for w in (
        'ours: RAM', 'VRAM', 'peak', 'ups.: RAM', 'peak')))
    for name in order:
        cells = []
        for driver, figures in (('ours', ('ram_bytes', 'vram_bytes',
                                          'rss_peak_bytes')),
                                ('upstream', ('ram_bytes', 'rss_peak_bytes'))):
            row = table.get((name, driver), {})
            cells += ['%.2f' % (int(row[f]) / MIB) if f in row else ''
                      for f in figures]
        print('%-24s' % name + ''.join('%12s' % c for c in cells))


def main():
    table, order = read(sys.argv[1])
    print('per unit: ours, and how many times as much upstream needs')
    print('workload'.ljust(NAME_WIDTH) +
          ''.join(h.rjust(WIDTH) for h, _ in COLUMNS) + 'ours/floor'.rjust(12))
    for name in order:
        ours = table.get((name, 'ours'))
        upstream = table.get((name, 'upstream'))
        floor = table.get(((ours or {}).get('floor', '-'), 'ours'))
        instructions = COLUMNS[0][1]
        print(name.ljust(NAME_WIDTH) +
              ''.join(cell(ours, upstream, f).rjust(WIDTH)
                      for _, f in COLUMNS) +
              ratio(per_unit(ours, instructions),
                    per_unit(floor, instructions)).rjust(12))
    oversubscribed(table)
    memory(table, order)
    for (name, driver), row in table.items():
        if row['verdict'] != 'pass':
            print('%s on %s: %s' % (name, driver, row['verdict']))


main()
