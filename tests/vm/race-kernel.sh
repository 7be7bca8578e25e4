#!/bin/sh
# SPDX-License-Identifier: MIT
# A kernel that looks for data races (race.config on top of debug.config), from
# the debug kernel's source; NVSVM_KERNEL=race makes the others take it.  Prints
# the path of a folder as debug-kernel.sh does.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/kernel-lib.sh
. "$vm/kernel-lib.sh"

# What a kernel of this configuration compiles, roughly, for the progress shown.
progress_total=1890

make_kernel() {
	tmp=$cache/.tmp-race-kernel
	rm -rf "$tmp"
	mkdir "$tmp"
	cp -r "$debug_kernel/build" "$debug_kernel/source" "$tmp/"
	# KCSAN finds more in less time with these.
	apply race
	configure debug.config race.config
	compile
	thin_out
	mv -T "$tmp" "$race_kernel"
}

root=$(sh "$vm/root.sh")
debug_kernel=$(sh "$vm/debug-kernel.sh")
key=$(hash_of tests/vm/race.config tests/vm/race-kernel.sh \
	linux-patches/race -- "$debug_kernel")
race_kernel=$cache/race-kernel-$key
have "$race_kernel" && exit
lock race-kernel
have "$race_kernel" && exit
stage race-kernel "kernel that looks for races" make_kernel
prune race-kernel 1
printf '%s\n' "$race_kernel"
