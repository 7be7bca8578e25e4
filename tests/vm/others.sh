# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Suites with other people's programs: tests/opencl on pocl.
# Sourced after suite.sh.

pocl_list=$top/tests/opencl/pocl

# pocl_names: programs of tests/opencl that are wanted on pocl, and can be there
pocl_names() {
	wanted_of pocl "$programs/opencl.tests" | awk -F '\t' '
		/^#/ { next }
		NR == FNR { not[$1]; next }
		!($1 in not) { print $1 }' "$pocl_list" -
}

# pocl_suite: tests/opencl on pocl, native
pocl_suite() {
	pocl_wanted=$(pocl_names)
	[ -n "$pocl_wanted" ] || return 0
	# shellcheck disable=SC2086 # a list of words
	if ! sh "$vm/pocl.sh" "$out/pocl.tsv" $pocl_wanted; then
		record pocl run fail 0 'the programs did not run'
		return
	fi
	while IFS=$tab read -r name status secs why; do
		record pocl "$name" "$status" "$secs" "$why"
	done <"$out/pocl.tsv"
	rm -f "$out/pocl.tsv"
}
