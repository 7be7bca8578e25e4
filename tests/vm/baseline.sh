#!/bin/sh
# SPDX-License-Identifier: MIT
# The same IGT and OpenCL tests on our driver and on upstream's, on the same
# virtual GPU.  Writes out/baseline.tsv: test, ours, upstream.
# Upstream's driver has linux-patches/baseline.list applied and SVM on.
# usage: baseline.sh [NAME]...
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/host.sh
. "$vm/host.sh"
# shellcheck source=tests/vm/suite.sh
. "$vm/suite.sh"

wanted=$(for name; do printf '%s\n' "$name"; done)
host_supported
lock_out
host_disk
sh "$vm/root.sh" >/dev/null
sh "$vm/kernel.sh" >/dev/null
sh "$vm/qemu.sh" >/dev/null
programs=$(sh "$vm/programs.sh")
sh "$vm/mesa.sh" >/dev/null

sh "$vm/module.sh" ours >/dev/null
sh "$vm/module.sh" upstream >/dev/null
table=$out/ours.tsv
: >"$table"
gpu_suite igt ours
own_suites ours
gpu_suite opencl ours
upstream_suites
side_by_side "$out/ours.tsv"
note "$out/baseline.tsv: test, ours, upstream"
awk -F '\t' '{ printf "%-40s %-6s %s\n", $1, $2, $3 }' "$out/baseline.tsv"
for d in ours upstream; do
	table=$out/$d.tsv
	printf '%s: %s\n' "$d" "$(counts)"
done
