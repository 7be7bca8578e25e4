#!/bin/sh
# SPDX-License-Identifier: MIT
# Which lines of our driver tests run, on the debug kernel.
# usage: coverage.sh [NAME]...    as ./check has them; igt/ if there is none
# Results: out/coverage.tsv (file, lines, of those run), out/coverage.txt (each
# line that is not).  What ends a guest before its time does not count.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

NVSVM_KERNEL=debug
NVSVM_COVER=1
export NVSVM_KERNEL NVSVM_COVER

[ $# -gt 0 ] || set -- igt/
# what is run is of interest even if it fails
rc=0
"$top/check" "$@" || rc=$?
root=$(sh "$vm/root.sh")
module=$(sh "$vm/module.sh" ours)
work=$out/cover
rm -rf "$work"
mkdir "$work"
n=0
for dump in "$out"/vm/*/share/cover; do
	[ -s "$dump" ] || continue
	n=$((n + 1))
	cp -r "$module/notes" "$work/$n"
	python3 "$vm/cover/split.py" "$dump" "$work/$n"
done
[ $n -gt 0 ] || die "no guest has said what it has run"
in_root "$root" "$work:/build" -- sh -eu -c '
	for d in /build/*; do
		find "$d" -name "*.gcda" -exec gcov -j -t {} + >"$d.json"
	done'
python3 "$vm/cover/report.py" "$top" "$out/coverage.tsv" "$out/coverage.txt" \
	"$work"/*.json
rm -rf "$work"
awk -F '\t' '{ lines += $2; run += $3 }
	END { printf "%d of %d lines run\n", run, lines }' "$out/coverage.tsv"
exit $rc
