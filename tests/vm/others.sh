# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034
# Suites with other people's programs (tests/opencl on pocl, piglit on ours) or
# on another kernel.  Sourced after suite.sh.

pocl_list=$top/tests/opencl/pocl
piglit_list=$vm/piglit.results

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

# piglit_names: what is wanted of piglit's tests that run here.  All of them
# take half an hour: if no name is given, those that the list marks.
piglit_names() {
	while IFS=$tab read -r name result mark _; do
		case $name in '#'*) continue ;; esac
		[ "$result" != none ] || continue
		[ -n "$wanted" ] || [ "$mark" = quick ] || continue
		! wants "piglit/$name" || echo "$name"
	done <"$piglit_list"
}

wants_piglit() {
	[ -n "$(piglit_names)" ]
}

# piglit_verdicts RESULTS: of a suite's, what the list says must come turned
# into a pass, and all else into a failure
piglit_verdicts() {
	awk -F '\t' -v OFS='\t' '
		/^#/ { next }
		NR == FNR { wants[$1] = $2; why[$1] = $4; next }
		!($2 in wants) { print; next }
		$3 != wants[$2] {
			print $1, $2, "fail", $4, $3 ", not " wants[$2] ": " $5
			next
		}
		# a crash is no failure that anything explains
		$5 ~ /^rc (12[89]|1[3-9][0-9])|^timeout|kernel: / {
			print $1, $2, "fail", $4, $5
			next
		}
		{ print $1, $2, "pass", $4, why[$2] }' "$piglit_list" "$1"
}

# piglit_suite: piglit's OpenCL programs in the VM, on our driver and Mesa
piglit_suite() {
	piglit_names >"$out/piglit.names"
	awk -F '\t' 'NR == FNR { in_it[$1]; next } $1 in in_it' \
		"$out/piglit.names" "$piglit/tests" >"$out/piglit.tests"
	kept=$table
	table=$out/piglit.tsv
	unjudged=1
	: >"$table"
	vm_suite piglit "$out/piglit.tests" --driver ours --mesa --no-programs
	table=$kept
	unjudged=
	piglit_verdicts "$out/piglit.tsv" >"$out/piglit.verdicts"
	while IFS=$tab read -r suite_name name status secs why <&7; do
		record "$suite_name" "$name" "$status" "$secs" "$why"
	done 7<"$out/piglit.verdicts"
	rm -f "$out/piglit.names" "$out/piglit.tests" "$out/piglit.verdicts"
}

# debug_wanted: what is wanted of those IGT tests that ./check runs on the debug
# kernel.  That takes long to build: of names that are given, one must say so.
debug_wanted() {
	case ${wanted:-debug} in *debug*) ;; *) return 0 ;; esac
	wanted_of debug "$programs/igt.tests" | grep -E "$debug_subset" |
		NVSVM_KERNEL=debug on_this_kernel || :
}

# debug_suite: those, on our driver
debug_suite() {
	debug_wanted >"$out/debug.tests"
	[ ! -s "$out/debug.tests" ] || (
		NVSVM_KERNEL=debug
		export NVSVM_KERNEL
		product debug_kernel guest_kernel &&
			product debug_module sh "$vm/module.sh" ours &&
			vm_suite debug "$out/debug.tests" --driver ours \
				--numa --device "$igt_device"
	) || :
	rm -f "$out/debug.tests"
}

# race_wanted: what is wanted of those IGT tests that run on the kernel that
# looks for races, by name only
race_wanted() {
	case $wanted in *race/*) ;; *) return 0 ;; esac
	wanted_of race "$programs/igt.tests" | grep -E "$race_subset" || :
}

# count_races: reports of the suite's runs, by whose they are, each once
count_races() {
	for d in "$out"/vm/race-*/share; do
		for f in "$d"/*.dmesg; do
			awk -v list=1 -f "$vm/guest/races.awk" "$d/functions" "$f"
		done
	done | sort -u >"$out/races.txt"
	note "races: $(grep -c ^ours "$out/races.txt") of ours," \
		"$(grep -c ^others "$out/races.txt") of others (out/races.txt)"
}

# race_suite: those, on our driver, with symbols: a report says where by offsets
race_suite() {
	race_wanted >"$out/race.tests"
	[ ! -s "$out/race.tests" ] || (
		NVSVM_KERNEL=race
		NVSVM_DEBUG=1
		export NVSVM_KERNEL NVSVM_DEBUG
		product race_kernel guest_kernel &&
			product race_module sh "$vm/module.sh" ours &&
			vm_suite race "$out/race.tests" --driver ours \
				--numa --device "$igt_device" &&
			count_races
	) || :
	rm -f "$out/race.tests"
}
