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

# Seconds for one test.
limit=60

make_offline() {
	tmp=$cache/.tmp-offline
	rm -rf "$tmp"
	mkdir -p "$tmp"
	in_root "$root" "$tmp:/build" -- make -C /repo/tests/mesa OUT=/build
	mv -T "$tmp" "$offline"
}

# run_test NAME: on a GP100, without Mesa's cache of compiled kernels
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
run_test() {
	in_root "$root" -- sh -eu -c '
		. "$1/env"
		export MESA_SHADER_CACHE_DISABLE=1 NOUVEAU_CHIPSET=130
		export LD_PRELOAD="$1/lib/libnouveau_noop_drm_shim.so"
		exec timeout -s KILL "$2" "$3/offline" "$4"' sh \
		"/cache/${mesa##*/}" $limit "/cache/${offline##*/}" "$1"
}

run_tests() {
	for test; do
		start=$(now)
		status=pass
		why=
		if ! run_test "$test" >"$logs/.offline" 2>&1; then
			status=fail
			why=$(tail -n 1 "$logs/.offline" | tr '\t' ' ')
		fi
		printf '%s\t%s\t%s\t%s\n' "$test" $status \
			$(($(now) - start)) "$why" >>"$file"
	done
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
stage offline 'tests without a GPU run' run_tests "$@"
