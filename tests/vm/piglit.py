# SPDX-License-Identifier: MIT
"""The tests of piglit's own list as lines "name TAB timeout TAB command".

usage: piglit.py LIST RUN SECONDS
"""
import ast
import gzip
import shlex
import sys
import xml.etree.ElementTree


def command(test, run):
    """What to call in the guest, with paths below piglit's own folder."""
    for option in test.iter("option"):
        value = ast.literal_eval(option.get("value"))
        if option.get("name") == "command":
            return shlex.join([run] + value)
        if option.get("name") == "filename":
            return shlex.join([run, "cl-program-tester", value])
    raise SystemExit("no command: " + test.get("name"))


def main():
    path, run, seconds = sys.argv[1:]
    with gzip.open(path) as file:
        tests = xml.etree.ElementTree.parse(file).iter("Test")
    for test in tests:
        name = "-".join(test.get("name").split())
        print(name, seconds, command(test, run), sep="\t")


main()
