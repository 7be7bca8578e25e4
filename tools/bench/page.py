#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark as one page that needs nothing else, from out/bench.tsv.

usage: page.py BENCH.TSV WORKLOAD TIMELINE >BENCH.HTML

TIMELINE, what the driver told while WORKLOAD ran, need not be there.  Plots are SVG; nothing is loaded and nothing is executed.
"""
import html
import math
import os
import re
import sys

import timeline
from rows import per_unit, read

DRIVERS = ('ours', 'upstream')
COLOURS = {'ours': '#2a7f62', 'upstream': '#b8562f', 'floor': '#888888'}

# Heading, figures that are added up.
PLOTS = (
    ('Guest instructions', ('instructions',)),
    ('Fault packets', ('faults_replayable',)),
    ('Replays', ('replays',)),
    ('TLB invalidations', ('invalidates',)),
    ('Interrupts', ('msis',)),
    ('Register accesses', ('bar0_reads', 'bar0_writes')),
    ('Accesses to page tables and fault buffer',
     ('bar2_reads', 'bar2_writes')),
    ('Bytes of RAM and VRAM that it has taken in the end',
     ('ram_bytes', 'vram_bytes')),
    ('Bytes of pages that the process had at its peak', ('rss_peak_bytes',)),
)

STYLE = '''
body { font: 15px/1.4 sans-serif; margin: 2em auto; max-width: 62em;
       padding: 0 1em; color: #222; background: #fff }
svg { width: 100%; height: auto }
svg text { font: 12px sans-serif; fill: #222 }
table { border-collapse: collapse } td, th { padding: .2em .8em }
td { border-top: 1px solid #ddd }
'''

# Geometry of the plots, in SVG's units.
WIDTH, LABEL, BAR, GAP, MARGIN = 900, 170, 9, 8, 90
CURVE_HEIGHT, CURVE_PAD = 260, 60


def number(value):
    if value >= 100 or value == int(value):
        return '{:,.0f}'.format(value)
    return '%.3g' % value


def text(x, y, words, anchor='start'):
    return '<text x="%d" y="%d" text-anchor="%s">%s</text>' % (
        x, y, anchor, html.escape(words))


def bar(y, length, colour, words):
    return ('<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>' %
            (LABEL, y, length, BAR, colour) +
            text(LABEL + length + 4, y + BAR, words))


def bars_of(table, workload, figures):
    """What is drawn for a workload: (colour, value or None) each."""
    bars = []
    for driver in DRIVERS:
        row = table.get((workload, driver))
        if row:
            bars.append((COLOURS[driver], per_unit(row, figures)))
    floor = table.get((workload, 'ours'), {}).get('floor', '-')
    if figures == ('instructions',) and (floor, 'ours') in table:
        bars.append((COLOURS['floor'],
                     per_unit(table[floor, 'ours'], figures)))
    return bars


def bar_plot(table, order, figures):
    """Lengths are logarithms: what is compared differs a thousandfold."""
    rows = [(w, bars_of(table, w, figures)) for w in order
            if not w.startswith('floor-')]
    rows = [(w, bars) for w, bars in rows if any(v and v > 0 for _, v in bars)]
    values = [v for _, bars in rows for _, v in bars if v and v > 0]
    if not values:
        return '<p>none</p>'
    least, most = min(values) / 2, max(values)
    scale = (WIDTH - LABEL - MARGIN) / math.log(most / least)
    out, y = [], 4
    for workload, bars in rows:
        out.append(text(0, y + BAR, workload))
        for colour, value in bars:
            length = scale * math.log(value / least) if value and \
                value > 0 else 0
            out.append(bar(y, length, colour,
                           'fails' if value is None else number(value)))
            y += BAR + 2
        y += GAP
    return '<svg viewBox="0 0 %d %d" role="img">%s</svg>' % (
        WIDTH, y, ''.join(out))


def series(table, order, prefix):
    """driver -> [(N, instructions per unit)] of the workloads PREFIX-N."""
    found = {}
    for workload in order:
        match = re.fullmatch(re.escape(prefix) + r'-(\d+)', workload)
        for driver in DRIVERS if match else ():
            value = per_unit(table.get((workload, driver)), ('instructions',))
            if value is not None:
                found.setdefault(driver, []).append((int(match[1]), value))
    return found


def curve(table, order, prefix):
    found = series(table, order, prefix)
    points = [p for s in found.values() for p in s]
    if not points:
        return '<p>none</p>'
    most_x = math.log(max(x for x, _ in points)) or 1
    most_y = max(y for _, y in points) * 1.1

    def place(x, y):
        return (CURVE_PAD + math.log(x) / most_x * (WIDTH - 2 * CURVE_PAD),
                (CURVE_HEIGHT - CURVE_PAD) * (1 - y / most_y) + CURVE_PAD / 2)

    out = []
    for driver, line in found.items():
        dots = [place(x, y) for x, y in line]
        out.append('<polyline fill="none" stroke="%s" stroke-width="2" '
                   'points="%s"/>' % (COLOURS[driver], ' '.join(
                       '%.1f,%.1f' % dot for dot in dots)))
        for (x, value), (px, py) in zip(line, dots):
            out.append('<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>' %
                       (px, py, COLOURS[driver]))
            out.append(text(px, py - 6, number(value), 'middle'))
            out.append(text(px, CURVE_HEIGHT - 8, number(x), 'middle'))
    return '<svg viewBox="0 0 %d %d" role="img">%s</svg>' % (
        WIDTH, CURVE_HEIGHT, ''.join(out))


def failures(table):
    rows = ['<tr><td>%s</td><td>%s</td><td>%s</td></tr>' % tuple(
        html.escape(w) for w in (name, driver, row['verdict']))
        for (name, driver), row in table.items() if row['verdict'] != 'pass']
    if not rows:
        return '<p>No workload failed.</p>'
    return ('<table><tr><th>workload</th><th>driver</th><th>verdict</th></tr>'
            '%s</table>' % ''.join(rows))


def times(workload, path):
    if not os.path.exists(path):
        return ''
    return '<h2>%s, our driver, by and by</h2>%s' % (
        html.escape(workload), timeline.plot(path))


def main():
    bench, traced, path = sys.argv[1:]
    table, order = read(bench)
    legend = ', '.join('<b style="color:%s">%s</b>' % (colour, name)
                       for name, colour in COLOURS.items())
    parts = ['<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
             '<title>nouveau-svm: the benchmark</title>'
             '<style>%s</style></head><body>' % STYLE,
             '<h1>The benchmark</h1><p>%s; the floor is the same done by the '
             'CPU alone. All figures are per page, or per round. Counted on '
             'the virtual GPU: Documentation/gpu/bench.rst.</p>' % legend]
    for heading, figures in PLOTS:
        parts.append('<h2>%s</h2>%s' % (heading,
                                        bar_plot(table, order, figures)))
    for prefix in ('processes', 'ranges'):
        parts.append('<h2>Instructions per page against the number of %s</h2>'
                     '%s' % (prefix, curve(table, order, prefix)))
    parts.append(times(traced, path))
    parts.append('<h2>What fails</h2>%s</body></html>' % failures(table))
    print('\n'.join(parts))


main()
