#!/bin/sh
# SPDX-License-Identifier: MIT
# The virtual GPU's library under libFuzzer, with ASan and UBSan: a hostile guest
# (tests/vgpu/unit/hostile.h), by what reaches new code.
# usage: libfuzzer.sh FILE [NAME...]
# Writes "test TAB status TAB seconds TAB why" lines to FILE.
# libfuzzer.sh --list prints the names.
# NVSVM_FUZZ_SECONDS: how long each, default 20.  What was found to reach new
# code is in out/libfuzzer/NAME, and begun with the next time; what crashed in
# out/libfuzzer/NAME.crash-*: a program with that as its only argument does it
# again.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/debs.sh
. "$vm/debs.sh"
# shellcheck source=tests/vm/native.sh
. "$vm/native.sh"

seconds=${NVSVM_FUZZ_SECONDS:-20}
# Bytes of an input, of registers: there it takes many to come upon two that have
# to do with each other; seconds that one may take, and MiB that all may.
input_max=4096
input_max_registers=16384
input_limit=20
memory=4096
# clang of this version is in the root, for Mesa; its runtime is not.
llvm=19

# The runtime, where clang looks for it if it is told so
make_runtime() {
	tmp=$cache/.tmp-clang-rt
	unpack "$tmp" "./usr/lib/llvm-$llvm/*" libclang-rt-$llvm-dev
	mv "$tmp/all/usr/lib/llvm-$llvm/lib/clang/$llvm/lib" "$tmp/lib"
	rm -rf "$tmp/all"
	ln -s "/usr/lib/llvm-$llvm/lib/clang/$llvm/include" "$tmp/include"
	mv -T "$tmp" "$runtime"
}

# shellcheck disable=SC2016,SC2086 # for the shell in the root; a list of words
build_fuzzers() {
	mkdir -p "$build"
	in_root "$root" "$build:/build" -- sh -eu -c '
		[ -e /build/obj/build.ninja ] || {
			rm -rf /build/obj
			CC="clang-$1 -resource-dir=$2" meson setup \
				-Dfuzz=true -Dwerror=false -Db_lundef=false \
				/build/obj /repo/tests/vgpu
		}
		shift 2
		for name; do
			ninja -C /build/obj "unit/fuzz_$name"
		done' sh $llvm "/cache/${runtime##*/}" $names
}

input_max_of() {
	case $1 in
	registers) echo $input_max_registers ;;
	*) echo $input_max ;;
	esac
}

# To begin with, as random numbers would have it: from nothing, libFuzzer takes
# long to come to inputs of some length.
# seed_corpus DIRECTORY BYTES
seed_corpus() {
	[ ! -e "$1/seed-1" ] || return 0
	for seed in 1 2 3 4; do
		LC_ALL=C awk -v seed=$seed -v bytes="$2" 'BEGIN {
			srand(seed)
			while (bytes--)
				printf "%c", int(rand() * 256)
		}' >"$1/seed-$seed"
	done
}

# The last line is why it has failed.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
run_test() {
	mkdir -p "$corpus/$1"
	input=$(input_max_of "$1")
	seed_corpus "$corpus/$1" "$input"
	in_root "$root" "$build:/build" "$corpus:/mnt" -- sh -u -c '
		name=$1
		shift
		export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
		"/build/obj/unit/fuzz_$name" "$@" \
			-artifact_prefix="/mnt/$name." "/mnt/$name" \
			2>/tmp/said && rc=0 || rc=$?
		cat /tmp/said
		[ $rc -eq 0 ] || grep -m 1 -E \
			"ERROR: |runtime error: |^\[  ERROR|deadly signal" /tmp/said
		exit $rc' sh "$1" -seed=1 -max_total_time="$seconds" \
		-max_len="$input" -len_control=0 -timeout=$input_limit \
		-rss_limit_mb=$memory -print_final_stats=1
}

names='registers
pushes
memory
programs'
if [ "$1" = --list ]; then
	echo "$names"
	exit
fi
root=$(sh "$vm/root.sh")
key=$(hash_of tests/vm/versions tests/vm/debs.sh -- "$root" $llvm)
runtime=$cache/clang-rt-$key
if ! have "$runtime" >/dev/null; then
	lock clang-rt
	have "$runtime" >/dev/null ||
		stage clang-rt-unpack "libFuzzer's runtime" make_runtime
	prune clang-rt 2
fi
build=$out/libfuzzer-${root##*-}
corpus=$out/libfuzzer
file=$1
shift
: >"$file"
mkdir -p "$corpus"
lock libfuzzer
stage libfuzzer-build 'the virtual GPU for libFuzzer' build_fuzzers
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $names
stage libfuzzer 'the virtual GPU under libFuzzer' run_tests libfuzzer "$@"
