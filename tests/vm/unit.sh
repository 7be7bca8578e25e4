#!/bin/sh
# SPDX-License-Identifier: MIT
# The virtual GPU's unit tests, native, under ASan and UBSan.
# usage: unit.sh FILE [NAME...]
# Writes "test TAB status TAB seconds TAB why" lines to FILE, and the fidelity
# ledger to out/ledger.tsv.
# unit.sh --list prints the names.
# unit.sh --bench [OPTIONS] tells how fast the SMs are (unit/bench_sm.c).
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

build_tests() {
	mkdir -p "$build"
	in_root "$root" "$build:/build" -- sh -eu -c '
		[ -e /build/obj/build.ninja ] || {
			rm -rf /build/obj
			meson setup /build/obj /repo/tests/vgpu
		}
		ninja -C /build/obj'
}

# meson's own record of a test run, as lines of ours
results() {
	in_root "$root" "$build:/build" -- python3 -c '
import json
for line in open("/build/obj/meson-logs/testlog.json"):
    t = json.loads(line)
    text = (t.get("stdout") or "") + (t.get("stderr") or "")
    status = {"OK": "pass", "SKIP": "skip"}.get(t["result"], "fail")
    why = ""
    if status != "pass":
        signs = ("ERROR:", "runtime error", "Error:", "error:", "FAILED")
        lines = text.splitlines()
        why = next((l for s in signs for l in lines if s in l), t["result"])
    name = t["name"].split(":")[-1].split("/")[-1].strip()
    print(name, status, "%.1f" % t["duration"],
          why.replace("\t", " ")[:300], sep="\t")'
}

list_tests() {
	in_root "$root" "$build:/build" -- meson test -C /build/obj --list \
		--no-rebuild | sed -n 's,^.*[/:] *,,;/^[a-z]/p'
}

run_tests() {
	in_root "$root" "$build:/build" -- \
		meson test -C /build/obj --no-rebuild "$@" || :
}

root=$(sh "$vm/root.sh")
build=$out/unit-${root##*-}
lock unit
stage unit-build 'unit tests' build_tests
if [ "$1" = --list ]; then
	list_tests
	exit
fi
if [ "$1" = --bench ]; then
	shift
	in_root "$root" "$build:/build" -- ninja -C /build/obj \
		unit/bench_sm >"$logs/bench-sm.log"
	in_root "$root" "$build:/build" -- /build/obj/unit/bench_sm "$@"
	exit
fi
file=$1
shift
rm -f "$build/obj/meson-logs/testlog.json"
stage unit 'unit tests run' run_tests "$@"
results >"$file"
in_root "$root" "$build:/build" -- /build/obj/unit/print_ledger \
	>"$out/ledger.tsv"
