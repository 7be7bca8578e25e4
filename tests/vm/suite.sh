# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2034
# Test suites and their results.  Sourced after lib.sh.
#
# A result is a line "suite TAB test TAB status TAB seconds TAB why" of
# $table; names asked for on the command line are patterns in $wanted, one a
# line; none wants everything.

tab=$(printf '\t')
wanted=
table=$out/check.tsv
# before the names of run directories
run_prefix=
# IGT tests to run on upstream's driver, between blanks, in that order; none:
# all
upstream_tests=

# VM boots without a new result after which a suite is given up.
fruitless_boots=2

# One user of out/ at a time.
lock_out() {
	mkdir -p "$out" "$logs"
	exec 8>"$out/.lock"
	flock -n 8 || die "another run in this clone uses $out"
}

wants() {
	[ -n "$wanted" ] || return 0
	while read -r pattern; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $1 in *$pattern*) return 0 ;; esac
	done <<-END
		$wanted
	END
	return 1
}

# record SUITE TEST STATUS SECONDS WHY
record() {
	printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${5:-}" >>"$table"
	note "[$(elapsed)] $3  $1/$2${5:+  ($5)}"
}

# product NAME COMMAND...: make a product and set the variable NAME to its
# path; a product that can't be made is a failure of its own.
product() {
	product_name=$1
	shift
	product_start=$(now)
	rm -f "$logs/.error"
	product_status=pass
	product_why=
	if ! product_path=$("$@"); then
		product_status=fail
		product_why=$(tail -n 1 "$logs/.error" 2>/dev/null || :)
		product_path=
	fi
	eval "$product_name=\$product_path"
	if [ $product_status = fail ] || wants "build/$product_name"; then
		record build "$product_name" $product_status \
			$(($(now) - product_start)) "$product_why"
	fi
	[ $product_status = pass ]
}

# wanted_of SUITE FILE: those tests of a tests file that are wanted
wanted_of() {
	while IFS=$tab read -r name limit command; do
		! wants "$1/$name" || printf '%s\t%s\t%s\n' "$name" "$limit" \
			"$command"
	done <"$2"
}

# The virtual GPU's verdict on a run: it must have met nothing unknown and no
# mistake of the driver.
counters_why() {
	if [ ! -s "$1/counters" ]; then
		echo 'no counters: QEMU did not end in good order'
		return
	fi
	awk '($1 == "unknown" || $1 == "guest_errors") && $2 != 0 {
		printf "%s%s %s", sep, $1, $2; sep = ", " }' "$1/counters"
	sed -n 's/^nvgpu: error: //p' "$1/qemu.log" | head -n 1 |
		sed 's/^/; first: /'
}

# vm_suite SUITE TESTS ARGUMENTS-OF-RUN...: run tests in the guest, booting
# it again after each one that took the guest down.
vm_suite() {
	suite_name=$1
	todo=$out/vm/$run_prefix$suite_name.todo
	mkdir -p "$out/vm"
	cp "$2" "$todo"
	shift 2
	boots=0
	fruitless=0
	gpu_why=
	while [ -s "$todo" ] && [ $fruitless -lt $fruitless_boots ]; do
		boots=$((boots + 1))
		run_dir=$out/vm/$run_prefix$suite_name-$boots
		run_rc=0
		sh "$vm/run.sh" --dir "$run_dir" --tests "$todo" "$@" ||
			run_rc=$?
		take_results
		[ $run_rc -ne 2 ] || continue
		why=$(counters_why "$run_dir" | tr '\n\t' '  ')
		[ -z "$why" ] || gpu_why=$why
	done
	while IFS=$tab read -r name _; do
		record "$suite_name" "$name" fail 0 \
			"not run: the VM gives up before (see $run_dir)"
	done <"$todo"
	if [ -z "$gpu_why" ]; then
		record "$suite_name" vgpu-counters pass 0
	else
		record "$suite_name" vgpu-counters fail 0 "$gpu_why"
	fi
}

# Results of a run go to the table, and its tests off the list.
take_results() {
	before=$(wc -l <"$todo")
	[ -e "$run_dir/results.tsv" ] || : >"$run_dir/results.tsv"
	while IFS=$tab read -r name status secs why; do
		# without a GPU the tests only skip
		[ "$name:$status" != probe:pass ] || continue
		printf '%s\t%s\t%s\t%s\t%s\n' "$suite_name" "$name" \
			"$status" "$secs" "$why" >>"$table"
	done <"$run_dir/results.tsv"
	awk -F '\t' 'NR == FNR { done[$1] = 1; next } !($1 in done)' \
		"$run_dir/results.tsv" "$todo" >"$todo.new" || :
	[ -s "$run_dir/results.tsv" ] || cp "$todo" "$todo.new"
	mv "$todo.new" "$todo"
	if [ "$(wc -l <"$todo")" -eq "$before" ]; then
		fruitless=$((fruitless + 1))
	else
		fruitless=0
	fi
}

# probe_suite DRIVER: the driver binds to the virtual GPU and leaves it
probe_suite() {
	wants "probe/$1" || return 0
	run_dir=$out/vm/probe-$1
	printf 'unload\t60\tunload\n' >"$out/probe.tests"
	sh "$vm/run.sh" --dir "$run_dir" --driver "$1" --no-programs \
		--tests "$out/probe.tests" || :
	rm -f "$out/probe.tests"
	[ -s "$run_dir/results.tsv" ] || printf 'probe\tfail\t0\tno boot\n' \
		>>"$run_dir/results.tsv"
	while IFS=$tab read -r name status secs why; do
		case $name in
		probe) name=$1 ;;
		*) name=$1-$name ;;
		esac
		printf 'probe\t%s\t%s\t%s\t%s\n' "$name" "$status" "$secs" \
			"$why" >>"$table"
	done <"$run_dir/results.tsv"
	why=$(counters_why "$run_dir" | tr '\n\t' '  ')
	record probe "$1-vgpu-counters" "$([ -z "$why" ] && echo pass ||
		echo fail)" 0 "$why"
}

# for_driver DRIVER: of the tests on standard input, those to run on it
for_driver() {
	awk -F '\t' -v only="$([ "$1" != upstream ] ||
		echo "$upstream_tests")" '
		BEGIN { n = split(only, name, " ") }
		!n
		{ line[$1] = $0 }
		END {
			for (i = 1; i <= n; i++)
				if (name[i] in line)
					print line[name[i]]
		}'
}

# gpu_suite SUITE DRIVER: what is wanted of tests/SUITE, in the VM
gpu_suite() {
	wanted_of "$1" "$programs/$1.tests" | for_driver "$2" \
		>"$out/$1.tests"
	mesa_too=
	[ "$1" != opencl ] || mesa_too=--mesa
	[ ! -s "$out/$1.tests" ] ||
		vm_suite "$1" "$out/$1.tests" --driver "$2" $mesa_too
	rm -f "$out/$1.tests"
}

# upstream_suites: the same on upstream's driver; results in out/upstream.tsv
upstream_suites() {
	kept=$table
	table=$out/upstream.tsv
	run_prefix=upstream-
	: >"$table"
	gpu_suite igt upstream
	[ -n "$upstream_tests" ] || gpu_suite opencl upstream
	run_prefix=
	table=$kept
}

# side_by_side OURS: out/baseline.tsv from our results and upstream's
side_by_side() {
	awk -F '\t' -v OFS='\t' '
		NR == FNR { ours[$1 "/" $2] = $3; next }
		($1 "/" $2) in ours { print $1 "/" $2, ours[$1 "/" $2], $3 }' \
		"$1" "$out/upstream.tsv" >"$out/baseline.tsv"
}

# counts: "N passed, N failed[, N skipped]" of the table
counts() {
	awk -F '\t' '
		{ n[$3]++ }
		END {
			printf "%d passed, %d failed", n["pass"], n["fail"]
			if (n["skip"])
				printf ", %d skipped", n["skip"]
			print ""
		}' "$table"
}

failures() {
	awk -F '\t' '$3 == "fail" { print $1 "/" $2 ": " $5 }' "$table"
}
