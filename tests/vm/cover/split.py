#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The .gcda files that a guest's nvsvm_cover holds, into a folder.

usage: split.py DUMP FOLDER
"""
import os
import sys

# where the driver is built, in the Debian root
TREE = "/build/tree/"


def main():
    dump, folder = sys.argv[1:]
    with open(dump, "rb") as f:
        while head := f.readline():
            size, path = head.decode().split()
            path = os.path.join(folder, path.removeprefix(TREE))
            with open(path, "wb") as out:
                out.write(f.read(int(size)))


main()
