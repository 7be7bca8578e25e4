# SPDX-License-Identifier: GPL-2.0-or-later
"""Every form and modifier of every opcode has a test that fails without it.

usage: test_opcodes.py PROGRAM...

Runs the test programs again and again, each time with one form of one opcode
doing nothing, or with one modifier bit taken for 0 (opcode_audit.c): some
program has to fail.
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

# A program that never ends has noticed, too.
SECONDS = 60

# Modifiers that a test sets, but that make no difference.
NO_DIFFERENCE = {
    "RRO/5c90 bit 39": "for EX2 or for SIN: MUFU takes any float",
    "SHF.L/5bf8 bit 37": "to the left, signed is as unsigned",
    "SHF.L/36f8 bit 37": "to the left, signed is as unsigned",
}


def passes(program, **environment):
    env = dict(os.environ, CMOCKA_TEST_ABORT="1", **environment)
    try:
        return not subprocess.run([program], env=env, timeout=SECONDS,
                                  stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL).returncode
    except subprocess.TimeoutExpired:
        return False


def table(program):
    """Forms and bits: {"opcode form 0": name}."""
    text = subprocess.run([program], check=True, capture_output=True,
                          text=True, env=dict(os.environ,
                                              NVGPU_AUDIT_TABLE="1")).stdout
    rows = [line.split(" ", 3) for line in text.splitlines()]
    return {" ".join(row[:3]): row[3] for row in rows}


def users(programs):
    """Which programs execute a form: {"opcode form": [program]}."""
    found = {}
    for program in programs:
        with tempfile.NamedTemporaryFile("r") as seen:
            if not passes(program, NVGPU_AUDIT_SEEN=seen.name):
                sys.exit(f"{program} fails as it is")
            for line in seen.read().splitlines():
                found.setdefault(line, []).append(program)
    return found


def main():
    programs = sys.argv[1:]
    forms = table(programs[0])
    found = users(programs)

    def noticed(form):
        return any(not passes(program, NVGPU_AUDIT_DROP=form)
                   for program in found.get(form, []))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(forms, pool.map(noticed, forms)))
    missed = [form for form in forms if not results[form] and
              not (form in found and forms[form] in NO_DIFFERENCE)]
    for form in missed:
        what = "no test fails without it" if form in found else \
            "no test executes it"
        print(f"ERROR: {forms[form]}: {what}")
    print(f"{len(forms)} forms and modifiers, {len(missed)} without a test")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
