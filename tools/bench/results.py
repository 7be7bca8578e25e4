#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The table of results in Documentation/gpu/bench.rst, from out/bench.tsv.

usage: results.py BENCH.TSV
"""
import sys

from rows import COLUMNS, per_unit, read


def times(a, b):
    """How many times @b is in @a."""
    if a is None or b is None:
        return '-'
    if b == 0:
        return '-'
    return '%.2f' % (a / b) if a < 10 * b else '{:,.0f}'.format(a / b)


def cells(table, name):
    ours = table.get((name, 'ours'))
    upstream = table.get((name, 'upstream'))
    floor = table.get(((ours or {}).get('floor', '-'), 'ours'))
    needs = [(per_unit(ours, f), per_unit(upstream, f)) for _, f in COLUMNS]
    mine, theirs = needs[0]
    yield name
    yield 'fails' if mine is None else '{:,.0f}'.format(mine)
    yield 'fails' if theirs is None else '{:,.0f}'.format(theirs)
    yield times(mine, per_unit(floor, COLUMNS[0][1]))
    for mine, theirs in needs:
        yield times(theirs, mine)


def main():
    table, order = read(sys.argv[1])
    rows = [['workload', 'ours', 'upstream', 'ours / floor'] +
            [heading for heading, _ in COLUMNS]]
    rows += [list(cells(table, name)) for name in order
             if not name.startswith('floor-')]
    widths = [max(map(len, column)) for column in zip(*rows)]
    rule = ' '.join('=' * width for width in widths)
    for i, row in enumerate(rows):
        if i < 2:
            print(rule)
        print(' '.join(cell.ljust(width)
                       for cell, width in zip(row, widths)).rstrip())
    print(rule)


main()
