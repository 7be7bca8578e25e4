#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What gcov says of several guests, as two files.

usage: report.py TOP TSV TXT JSON...

TSV: file, its lines with code, how many of them have been run.  TXT: all that
have not, with their text.  Only files that are in TOP count.
"""
import collections
import json
import os
import sys

# where the driver is built, in the Debian root
TREE = "/build/tree/"


def counts(top, paths):
    """file: { line: how often }, of all guests together"""
    files = collections.defaultdict(collections.Counter)
    for path in paths:
        with open(path) as f:
            # one document for each object
            for document in f:
                add(files, top, json.loads(document))
    return files


def add(files, top, document):
    for entry in document["files"]:
        name = entry["file"].removeprefix(TREE)
        if not os.path.exists(os.path.join(top, name)):
            continue
        for line in entry["lines"]:
            files[name][line["line_number"]] += line["count"]


def write_missed(out, top, name, lines):
    with open(os.path.join(top, name)) as f:
        text = f.read().split("\n")
    for number, count in sorted(lines.items()):
        if not count:
            out.write(f"{name}:{number}: {text[number - 1]}\n")


def main():
    top, tsv, txt = sys.argv[1:4]
    files = counts(top, sys.argv[4:])
    with open(tsv, "w") as table, open(txt, "w") as missed:
        for name, lines in sorted(files.items()):
            run = sum(1 for count in lines.values() if count)
            table.write(f"{name}\t{len(lines)}\t{run}\n")
            write_missed(missed, top, name, lines)


main()
