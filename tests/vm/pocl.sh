#!/bin/sh
# SPDX-License-Identifier: MIT
# tests/opencl on pocl, an OpenCL for the CPU by others, native: the oracle of
# the programs themselves.
# usage: pocl.sh FILE [NAME...]
# Writes "test TAB status TAB seconds TAB why" lines to FILE.
# pocl.sh --product prints the path of Debian's pocl, with lib/ and share/,
# unpacked.
# Those in tests/opencl/pocl do not run there.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/debs.sh
. "$vm/debs.sh"
# shellcheck source=tests/vm/native.sh
. "$vm/native.sh"

# Seconds for one program.
limit=60
packages="libpocl2t64 libpocl2-common libllvm18 libclang-cpp18 libhwloc15"

make_pocl() {
	tmp=$cache/.tmp-pocl
	# shellcheck disable=SC2086 # a list of words
	unpack "$tmp" '*' $packages
	# pocl finds its own files from where it is itself
	mv "$tmp/all/usr" "$tmp/usr"
	rm -rf "$tmp/all"
	ln -s usr/lib/x86_64-linux-gnu "$tmp/lib"
	echo "/cache/${pocl##*/}/lib/libpocl.so.2" >"$tmp/pocl.icd"
	needs_of "$tmp" lib/libpocl.so.2
	mv -T "$tmp" "$pocl"
}

run_test() {
	on_pocl "$logs:/share" $limit "/cache/${programs##*/}/opencl/$1"
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/vm/versions tests/vm/debs.sh -- "$root" "$packages")
pocl=$cache/pocl-$key
if ! have "$pocl" >/dev/null; then
	lock pocl
	have "$pocl" >/dev/null || stage pocl-unpack "Debian's pocl" make_pocl
	prune pocl 2
fi
if [ "$1" = --product ]; then
	printf '%s\n' "$pocl"
	exit
fi
programs=$(sh "$vm/programs.sh")
file=$1
shift
: >"$file"
stage pocl 'OpenCL programs on pocl run' run_tests pocl "$@"
