#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Look at a picture of the benchmark's page: are all of its bars there?

usage: page_test.py PAGE.HTML PICTURE.PNG

What each colour covers must be what the page's SVG asks for: the areas of its
bars, scaled as the browser has scaled the page; and the cells of each panel of
the timeline, which is not scaled.
"""
import re
import struct
import sys
import zlib

from timeline import PANELS

RGB, RGBA = 2, 6                # PNG's colour types
CHANNELS = {RGB: 3, RGBA: 4}
PERCENT = 15                    # edges of bars are blurred; text has colours


def unfilter(kind, row, above, step):
    """PNG specification, section 9: what a row's bytes are relative to."""
    for i, byte in enumerate(row):
        left = row[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        up = above[i]
        if kind == 1:
            byte += left
        elif kind == 2:
            byte += up
        elif kind == 3:
            byte += (left + up) // 2
        elif kind == 4:
            p = left + up - corner
            byte += min((left, up, corner), key=lambda v: abs(p - v))
        row[i] = byte & 0xff


def pixels(path):
    """Colour -> number of pixels of a picture of 8 bits, and its width."""
    with open(path, 'rb') as f:
        data = f.read()
    width, height, depth, kind = struct.unpack_from('>IIBB', data, 16)
    assert depth == 8 and kind in CHANNELS, 'not the kind of PNG expected'
    step = CHANNELS[kind]
    packed, at = b'', 8
    while at < len(data):
        size, = struct.unpack_from('>I', data, at)
        if data[at + 4:at + 8] == b'IDAT':
            packed += data[at + 8:at + 8 + size]
        at += size + 12
    raw = zlib.decompress(packed)
    counts, above = {}, bytearray(width * step)
    for y in range(height):
        start = y * (width * step + 1)
        row = bytearray(raw[start + 1:start + 1 + width * step])
        if raw[start]:
            unfilter(raw[start], row, above, step)
        for x in range(0, len(row), step):
            colour = bytes(row[x:x + 3])
            counts[colour] = counts.get(colour, 0) + 1
        above = row
    return counts


def bar_areas(page):
    """Colour -> area of its bars, in SVG's units; and the unit's size."""
    areas = {}
    for w, h, colour in re.findall(
            r'<rect [^>]*width="([\d.]+)" height="(\d+)" fill="#(\w+)"', page):
        areas[colour] = areas.get(colour, 0) + float(w) * int(h)
    return areas


def main():
    with open(sys.argv[1], encoding='utf-8') as f:
        areas = bar_areas(f.read())
    counts = pixels(sys.argv[2])
    assert areas, 'the page has no bars'
    seen = {c: counts.get(bytes.fromhex(c), 0) for c in areas}
    assert all(seen.values()), 'colours that are not there: %s' % seen
    for name, colour in PANELS.values():
        area = areas.pop(colour[1:], 0)
        assert area, 'the timeline has no %s' % name
        assert seen.pop(colour[1:]) == area, 'the timeline lacks %s' % name
    # The scale is the same for all bars.
    scale = sum(seen.values()) / sum(areas.values())
    assert scale > 0.5, 'bars are too small: %.2f' % scale
    for colour, area in areas.items():
        off = 100 * abs(seen[colour] / (area * scale) - 1)
        assert off < PERCENT, '#%s: %.0f %% off' % (colour, off)
    print('all %d colours cover what they should, %d of the timeline' %
          (len(areas) + len(PANELS), len(PANELS)))


main()
