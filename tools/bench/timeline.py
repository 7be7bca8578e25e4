# SPDX-License-Identifier: MIT
"""A workload's timeline, from the driver's tracepoints: what happened to which
address, and when."""
import collections
import html

PAGE = 4096
MIB = 1 << 20

# What is drawn, each in a panel of its own: name, colour.
PANELS = {
    'fault': ('fault packets', '#7b3294'),
    'fill': ('pieces that begin to move to VRAM', '#c28f00'),
    'in': ('copied to VRAM', '#1f78b4'),
    'out': ('copied back to RAM', '#d7301f'),
}

# Geometry, in SVG's units: a panel consists of cells.
LEFT, CELL, COLUMNS, ROWS, HEAD, FOOT = 60, 2, 400, 64, 20, 14


def read(path):
    """List of (seconds, kind, address, bytes), in the order of time.

    The copy engine knows addresses in VRAM: whose they are is what was moved
    there last.
    """
    points, owner = [], {}
    with open(path, encoding='utf-8') as f:
        lines = [line.split() for line in f]
    for when, kind, *fields in lines:
        when, fields = float(when), [int(v, 16) for v in fields]
        if kind == 'fault':
            points.append((when, kind, fields[0], PAGE))
        elif kind == 'fill':
            start, vram, size = fields
            points.append((when, kind, start, size))
            for at in range(0, size, PAGE):
                owner[vram + at] = start + at
        else:
            vram, size = fields
            points.extend((when, kind, owner[at], PAGE)
                          for at in range(vram, vram + size, PAGE))
    return points


def cells(points, panel, begin, end, low, high):
    """Column -> rows in which something is."""
    found = collections.defaultdict(set)
    for when, kind, addr, size in points:
        if kind != panel or not low <= addr < high:
            continue
        column = int((when - begin) / (end - begin) * (COLUMNS - 1))
        first = (addr - low) * ROWS // (high - low)
        last = (addr + size - 1 - low) * ROWS // (high - low)
        found[column].update(range(first, min(last, ROWS - 1) + 1))
    return found


def runs(rows):
    """Neighbours together: (first, length) each."""
    found = []
    for row in sorted(rows):
        if found and sum(found[-1]) == row:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((row, 1))
    return found


def words(x, y, what, anchor='start'):
    return '<text x="%d" y="%d" text-anchor="%s">%s</text>' % (
        x, y, anchor, html.escape(what))


def panel(points, kind, top, window):
    name, colour = PANELS[kind]
    count = sum(k == kind for _, k, _, _ in points)
    size = sum(s for _, k, _, s in points if k == kind)
    what = '{:,}'.format(count) if kind in ('fault', 'fill') else \
        '%.1f MiB' % (size / MIB)
    out = [words(LEFT, top - 6, '%s: %s' % (name, what)),
           '<path d="M%d %dv%dh%d" fill="none" stroke="#ddd"/>' % (
               LEFT - 1, top, ROWS * CELL + 1, COLUMNS * CELL),
           words(LEFT - 6, top + 10, '%d' % ((window[3] - window[2]) / MIB),
                 'end'),
           words(LEFT - 6, top + ROWS * CELL, '0 MiB', 'end')]
    for column, rows in sorted(cells(points, kind, *window).items()):
        for first, length in runs(rows):
            out.append('<rect x="%d" y="%d" width="%d" height="%d" '
                       'fill="%s"/>' % (
                           LEFT + column * CELL,
                           top + (ROWS - first - length) * CELL, CELL,
                           length * CELL, colour))
    return ''.join(out)


def plot(path):
    """All panels above each other: from left to right time, upwards addresses
    from the first to the last that was moved.  A unit is a pixel."""
    points = read(path)
    moved = [(a, a + s) for _, kind, a, s in points if kind == 'fill']
    begin, end = points[0][0], points[-1][0]
    window = (begin, end, min(a for a, _ in moved), max(e for _, e in moved))
    out, y = [], HEAD
    for kind in PANELS:
        out.append(panel(points, kind, y, window))
        y += ROWS * CELL + HEAD + FOOT
    out.append(words(LEFT, y - HEAD, '0 ms'))
    out.append(words(LEFT + COLUMNS * CELL, y - HEAD, '%.1f ms' % (
        1000 * (end - begin)), 'end'))
    size = (LEFT + COLUMNS * CELL + CELL, y)
    return ('<svg viewBox="0 0 %d %d" style="width:%dpx;height:%dpx" role="img" '
            'shape-rendering="crispEdges">%s</svg>' % (
                *size, *size, ''.join(out)))
