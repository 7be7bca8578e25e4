#!/bin/sh
# SPDX-License-Identifier: MIT
# The test programs of tests/igt and tests/opencl.  Prints the path of a
# folder with igt/, opencl/, and
#   igt.tests, opencl.tests   lines "name TAB timeout TAB command"
# A file named tests beside the sources gives a program, or a subtest of one,
# a time limit and arguments: "NAME SECONDS [ARGUMENT]...".
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

igt_limit=60
opencl_limit=120

# line SUITE NAME LIMIT COMMAND: a test, as the tests file has it
line() {
	said=$(sed -n "s/^$2 \{1,\}//p" "$top/tests/$1/tests" 2>/dev/null || :)
	limit=${said%% *}
	rest=${said#"$limit"}
	printf '%s\t%d\t%s%s\n' "$2" "${limit:-$3}" "$4" "$rest"
}

list_igt() {
	for p in "$tmp"/igt/*; do
		[ -x "$p" ] || continue
		name=${p##*/}
		in_root "$root" "$tmp:/build" -- "/build/igt/$name" \
			--list-subtests >"$tmp/.subtests"
		while read -r sub; do
			line igt "$name@$sub" $igt_limit \
				"$name --run-subtest $sub"
		done <"$tmp/.subtests"
	done
	rm -f "$tmp/.subtests"
}

list_opencl() {
	for p in "$tmp"/opencl/*; do
		[ -x "$p" ] || continue
		line opencl "${p##*/}" $opencl_limit "${p##*/}"
	done
}

make_programs() {
	tmp=$cache/.tmp-programs
	rm -rf "$tmp"
	mkdir -p "$tmp/igt" "$tmp/opencl"
	for suite_dir in igt opencl; do
		in_root "$root" "$tmp:/build" -- make -C "/repo/tests/$suite_dir" \
			"-j$(nproc)" \
			"OUT=/build/$suite_dir"
		"list_$suite_dir" >"$tmp/$suite_dir.tests"
	done
	mv -T "$tmp" "$programs"
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/igt tests/opencl include tests/vm/programs.sh -- "$root")
programs=$cache/programs-$key
have "$programs" && exit
lock programs
have "$programs" && exit
stage programs 'test programs' make_programs
prune programs 6
printf '%s\n' "$programs"
