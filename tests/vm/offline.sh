#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests of our Mesa without a GPU, native: tests/mesa on Mesa's own shim for
# the kernel driver.
# usage: offline.sh FILE [NAME...]
# Writes "test TAB status TAB seconds TAB why" lines to FILE.
# offline.sh --list prints the names.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/native.sh
. "$vm/native.sh"

# Seconds for one test.
limit=60

make_offline() {
	tmp=$cache/.tmp-offline
	rm -rf "$tmp"
	mkdir -p "$tmp"
	in_root "$root" "$tmp:/build" -- make -C /repo/tests/mesa OUT=/build
	mv -T "$tmp" "$offline"
}

run_test() {
	on_mesa "$logs:/share" $limit "/cache/${offline##*/}/offline" "$1"
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/mesa tests/vm/offline.sh -- "$root")
offline=$cache/offline-$key
if ! have "$offline" >/dev/null; then
	lock offline
	have "$offline" >/dev/null || stage offline-build \
		'tests without a GPU' make_offline
	prune offline 3
fi
if [ "$1" = --list ]; then
	in_root "$root" -- "/cache/${offline##*/}/offline" --list
	exit
fi
mesa=$(sh "$vm/mesa.sh")
file=$1
shift
: >"$file"
stage offline 'tests without a GPU run' run_tests offline "$@"
