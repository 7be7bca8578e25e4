#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Figures of one boot, from its events and the virtual GPU's marks.

usage: figures.py WORKLOADS EVENTS MARKS DRIVER

WORKLOADS has lines "name TAB units TAB floor TAB VRAM TAB program".  Prints lines: workload,
driver, figure, value.  The figure "verdict" is pass, or fail and why; a workload
during which the guest died failed; one that was never begun has no line.
"""
import sys


def read_lines(path):
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            return [line.rstrip('\r\n') for line in f]
    except FileNotFoundError:
        return []


def read_marks(path):
    """Mark number -> {name: value}."""
    marks = {}
    current = None
    for line in read_lines(path):
        name, value = line.split()
        if name == 'mark':
            current = marks.setdefault(int(value), {})
        else:
            current[name] = int(value)
    return marks


def read_events(path):
    """Workload -> verdict of each one that was begun, and driver's figures."""
    verdicts, figures = {}, {}
    for line in read_lines(path):
        words = line.split('\t')
        if words[0] == 'begin' and len(words) == 2:
            verdicts[words[1]] = 'fail: the guest died or hung'
        elif words[0] == 'figure' and len(words) == 4:
            figures.setdefault(words[1], {})[words[2]] = words[3]
        elif words[0] == 'end' and len(words) > 2:
            verdicts[words[1]] = ': '.join(words[2:])
    return verdicts, figures


def main():
    workloads, events, marks_path, driver = sys.argv[1:]
    marks = read_marks(marks_path)
    verdicts, driver_figures = read_events(events)
    for i, line in enumerate(read_lines(workloads)):
        name, units, floor, _, _ = line.split('\t')
        if name not in verdicts:
            continue

        def say(figure, value):
            print(name, driver, figure, value, sep='\t')

        say('verdict', verdicts[name])
        if verdicts[name] != 'pass':
            continue
        say('units', units)
        say('floor', floor)
        begin, end = marks[2 * i], marks[2 * i + 1]
        for figure, value in end.items():
            say(figure, value - begin[figure])
        for figure, value in driver_figures.get(name, {}).items():
            say(figure, value)


main()
