#!/bin/sh
# SPDX-License-Identifier: MIT
# A module of ours that helps the debug kernel, from tests/vm/NAME/.
# usage: helper.sh inject|cover
# Prints the path of a folder with its .ko and Module.symvers.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

make_helper() {
	tmp=$cache/.tmp-$name
	rm -rf "$tmp"
	mkdir "$tmp"
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cp -r "/repo/tests/vm/$1" /build/tree
		make -C "$2" M=/build/tree modules
		cp /build/tree/*.ko /build/tree/Module.symvers /build/
		rm -r /build/tree' sh "$name" "/cache/${kernel##*/}/build"
	mv -T "$tmp" "$helper"
}

case ${1:-} in
inject | cover) name=$1 ;;
*) die "usage: helper.sh inject|cover" ;;
esac
[ "${NVSVM_KERNEL:-}" = debug ] || die "this is for NVSVM_KERNEL=debug"
root=$(sh "$vm/root.sh")
kernel=$(guest_kernel)
key=$(hash_of "tests/vm/$name" tests/vm/helper.sh -- "$kernel")
helper=$cache/$name-$key
have "$helper" && exit
lock "$name"
have "$helper" && exit
stage "$name" "debug kernel's helper ($name)" make_helper
prune "$name" 2
printf '%s\n' "$helper"
