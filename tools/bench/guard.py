#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compare a run of the benchmark with the committed baseline.

usage: guard.py BASELINE.TSV BENCH.TSV     lines: workload, pass|fail, why
       guard.py --new BENCH.TSV            a baseline

A count may exceed the baseline by 5 %, or by 2, which is what small ones do.
"""
import sys

from rows import read

FIGURES = ('instructions', 'faults_replayable', 'replays', 'invalidates',
           'msis', 'bar0_reads', 'bar0_writes', 'bar2_reads', 'bar2_writes',
           'ce_bytes')
PERCENT, SLACK = 5, 2

HEAD = '''# SPDX-License-Identifier: MIT
# Our driver's counts that ./check must not find worse by more than 5 %.  Made
# by "make bench-baseline"; whoever commits another one says why.
'''


def ours(path):
    """(workload, figure) -> value, of our driver."""
    return {(workload, figure): value
            for (workload, driver), row in read(path)[0].items()
            if driver == 'ours' for figure, value in row.items()}


def worse(workload, base, now):
    """What is worse about a workload, in words."""
    verdict = now.get((workload, 'verdict'), 'was not run')
    if verdict != 'pass':
        return [verdict]
    found = []
    for figure in FIGURES:
        was, count = int(base[workload, figure]), int(now[workload, figure])
        if count > max(was + was * PERCENT / 100, was + SLACK):
            found.append('%s %d, was %d' % (figure, count, was))
    return found


def new_baseline(now):
    print(HEAD, end='')
    for (workload, figure), value in now.items():
        if figure in FIGURES:
            print(workload, 'ours', figure, value, sep='\t')


def main():
    if sys.argv[1] == '--new':
        new_baseline(ours(sys.argv[2]))
        return
    base, now = ours(sys.argv[1]), ours(sys.argv[2])
    for workload in dict.fromkeys(w for w, _ in base):
        why = worse(workload, base, now)
        print(workload, 'fail' if why else 'pass', '; '.join(why), sep='\t')


main()
