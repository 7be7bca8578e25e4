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
devices=$top/tests/igt/devices
# before the names of run directories
run_prefix=
# IGT tests to run on upstream's driver, between blanks, in that order; none:
# all
upstream_tests=

# The virtual GPU for IGT tests.  Its contexts leave the graphics engine when
# they are told to, or are shot, as on hardware; tests of one program that is
# stuck need that.  Not for OpenCL: grids take much longer here.
igt_device=nvgpu,chip=gp100,ctxsw-timeout-ms=8000

# IGT tests that can see nothing without an IOMMU, an extended regular expression
iommu_tests='^nouveau_svm_iova@'

# IGT tests that suspend the machine or take its driver away, an extended
# regular expression: they have a guest of their own, made for that
power_programs='^nouveau_svm_(power|module)@'
# IGT tests that need a device of tests/igt/devices, and run on no other, and the
# one that has a suite to itself.
device_tests='@apart-|^nouveau_svm_soak@'
# How long that one takes, in seconds, and what it does.
soak_seconds=${NVSVM_SOAK:-300}
soak_seed=${NVSVM_SEED:-1}
# Seconds for what comes before and after.
soak_grace=120
# IGT tests that need what only the debug kernel has, linux-patches/mm/ as well;
# and those that ./check runs on it: for each part of the driver what goes through
# most of it.  Not all of start@, each round of which starts the driver anew.
debug_tests='^nouveau_svm_(inject@|start@|others@core-dump-thp)'
debug_subset="^nouveau_svm_(inject@|start@pages|others@core-dump-thp|\
memory@(mmap|thp|stack|atomic-malloc)|\
fault@(bad-address|munmap-remap|two-processes)|life@|migrate@(back|copies|part)|\
owner@fork|together@|zap@|beside@all|\
hostile@(fuzz|faults|fork-bomb|oom))"

# Those in which much happens at the same time, for the kernel that looks for
# races.  Not atomic@many-ranges, which is about how long each side waits, nor
# hostile@oom and limit@faults: pages that memory control holds up take longer to
# come there than a context has to leave the engine, or a kernel to end.  Nor
# mirror@*-thp, the same as those of 16 pages: a page takes up to a hundred times
# as long as on the stock kernel.
race_subset="^nouveau_svm_(torture@(moves|threads|processes)|together@|\
atomic@(one-|exclusive|many-pages|forks|back|then|upgrade)|\
hostile@(fuzz|faults|fork-bomb)|policy@(ping-pong|under-)|\
stall@(close|kill|others|munmap)|life@.*mid-kernel|migrate@(back|copies|part)|\
batch@storm|retry@munmap-storm|fault@(munmap-remap|two-processes)|\
limit@pressed|intervals@race|verbs@accessed-by|location@query|\
memory@(thp|first-touch)|\
mirror@(munmap-middle|fork-parent-writes|madvise-pageout|madvise-pageout-shared|\
compaction|truncate-tmpfs)$tab)"

# Set where results are not yet verdicts, as what must fail is among them: then
# nothing is called a failure in passing.
unjudged=

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
	[ -z "$unjudged" ] || return 0
	record_why=${5:-}
	# what a defect that is known looks like is no news
	[ "$3" != pass ] || record_why=${record_why%%: *}
	note "[$(elapsed)] $3  $1/$2${record_why:+  ($record_why)}"
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
# mistake of the driver.  A driver that masks the fault interrupt until it has
# drained the buffer has no more interrupts than packets.
counters_why() {
	if [ ! -s "$1/counters" ]; then
		echo 'no counters: QEMU did not end in good order'
		return
	fi
	awk '($1 == "unknown" || $1 == "guest_errors") && $2 != 0 {
		printf "%s%s %s", sep, $1, $2; sep = ", " }
		{ n[$1] = $2 }
		END {
			if (n["fault_interrupts"] > n["faults_replayable"])
				printf "%sinterrupt storm: %d, of %d packets",
					sep, n["fault_interrupts"],
					n["faults_replayable"]
		}' "$1/counters"
	sed -n 's/^nvgpu: error: //p' "$1/qemu.log" | head -n 1 |
		sed 's/^/; first: /'
}

# Accesses of the virtual GPU that the machine has refused: to an address where
# there is nothing, or nothing any more.  Behind an IOMMU, QEMU and the guest
# say so as well.
dma_why() {
	awk '$1 == "dma_errors" && $2 != 0 { printf "%d accesses", $2 }' \
		"$1/counters" 2>/dev/null || :
	grep -hE -m 1 'vtd_.*(fault|error|fail|detect)|DMAR: .*(DMA|INTR-REMAP).*Request' \
		"$1/qemu.log" "$1/console.log" | head -n 1 | sed 's/^/; /' || :
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
	dma_why=
	while [ -s "$todo" ] && [ $fruitless -lt $fruitless_boots ]; do
		boots=$((boots + 1))
		run_dir=$out/vm/$run_prefix$suite_name-$boots
		run_rc=0
		sh "$vm/run.sh" --dir "$run_dir" --tests "$todo" \
			${unjudged:+--unjudged} "$@" || run_rc=$?
		take_results
		why=$(dma_why "$run_dir" | tr '\n\t' '  ')
		[ -z "$why" ] || dma_why=$why
		[ $run_rc -ne 2 ] || continue
		why=$(counters_why "$run_dir" | tr '\n\t' '  ')
		[ -z "$why" ] || gpu_why=$why
	done
	while IFS=$tab read -r name _; do
		record "$suite_name" "$name" fail 0 \
			"not run: the VM gives up before (see $run_dir)"
	done <"$todo"
	verdict vgpu-counters "$gpu_why"
	verdict dma-faults "$dma_why"
}

# verdict TEST WHY: of the runs of a suite as a whole; it fails if WHY is said
verdict() {
	if [ -z "$2" ]; then
		record "$suite_name" "$1" pass 0
	else
		record "$suite_name" "$1" fail 0 "$2"
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

# probe_suite DRIVER [CHIP]: the driver binds to the virtual GPU and leaves it
probe_suite() {
	probed=$1${2:+-$2}
	wants "probe/$probed" || return 0
	run_dir=$out/vm/probe-$probed
	printf 'unload\t60\tunload\n' >"$out/probe.tests"
	sh "$vm/run.sh" --dir "$run_dir" --driver "$1" --no-programs \
		--device "nvgpu,chip=${2:-gp100}" \
		--tests "$out/probe.tests" || :
	rm -f "$out/probe.tests"
	[ -s "$run_dir/results.tsv" ] || printf 'probe\tfail\t0\tno boot\n' \
		>>"$run_dir/results.tsv"
	while IFS=$tab read -r name status secs why; do
		case $name in
		probe) name=$probed ;;
		*) name=$probed-$name ;;
		esac
		printf 'probe\t%s\t%s\t%s\t%s\n' "$name" "$status" "$secs" \
			"$why" >>"$table"
	done <"$run_dir/results.tsv"
	why=$(counters_why "$run_dir" | tr '\n\t' '  ')
	record probe "$probed-vgpu-counters" "$([ -z "$why" ] && echo pass ||
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

# on_this_kernel: of the tests on standard input, those that the guest's kernel
# can run; last of all those after which it checks less than before
on_this_kernel() {
	awk -v special="$debug_tests" -v kernel="${NVSVM_KERNEL:-stock}" '
		$0 !~ special { print; next }
		{ last[++n] = $0 }
		END {
			for (i = 1; kernel == "debug" && i <= n; i++)
				print last[i]
		}'
}

# gpu_suite SUITE DRIVER: what is wanted of tests/SUITE, in the VM
gpu_suite() {
	wanted_of "$1" "$programs/$1.tests" | for_driver "$2" |
		grep -vE "$iommu_tests|$power_programs|$device_tests" |
		on_this_kernel >"$out/$1.tests" || :
	more="--numa --device $igt_device"
	[ "$1" != opencl ] || more=--mesa
	# shellcheck disable=SC2086 # a list of words
	[ ! -s "$out/$1.tests" ] ||
		vm_suite "$1" "$out/$1.tests" --driver "$2" $more
	rm -f "$out/$1.tests"
}

# known_defects RESULTS: of a suite's, with what tests/opencl/stock-mesa says
# must fail turned round
known_defects() {
	awk -F '\t' -v OFS='\t' '
		/^#/ { next }
		NR == FNR { defect[$1] = $2; shows[$1] = $3; next }
		!($2 in defect) {
			# none needs what is not there
			sub(/^skip$/, "fail", $3)
			print
			next
		}
		$3 == "pass" {
			print $1, $2, "fail", $4,
				"it passes: is " defect[$2] " fixed?"
			next
		}
		$5 ~ shows[$2] && ($5 !~ /kernel: / || shows[$2] ~ /kernel: /) {
			print $1, $2, "pass", $4,
				"fails by " defect[$2] ": " $5
			next
		}
		{
			print $1, $2, "fail", $4,
				"fails not by " defect[$2] ": " $5
		}' "$top/tests/opencl/stock-mesa" "$1"
}

# stock_mesa_suite: tests/opencl on Debian's own Mesa and our driver, on a chip
# that it knows SVM on
stock_mesa_suite() {
	kept=$table
	table=$out/stock-mesa.tsv
	unjudged=1
	: >"$table"
	wanted_of stock-mesa "$programs/opencl.tests" | awk -F '\t' '
		NR == FNR { if ($3 == "-") not[$1]; next }
		!($1 in not)' "$top/tests/opencl/stock-mesa" - \
		>"$out/stock-mesa.tests"
	[ ! -s "$out/stock-mesa.tests" ] ||
		vm_suite stock-mesa "$out/stock-mesa.tests" --driver ours \
			--stock-mesa --device nvgpu,chip=gp107
	table=$kept
	unjudged=
	known_defects "$out/stock-mesa.tsv" >"$out/stock-mesa.known"
	while IFS=$tab read -r suite_name name status secs why <&7; do
		record "$suite_name" "$name" "$status" "$secs" "$why"
	done 7<"$out/stock-mesa.known"
	rm -f "$out/stock-mesa.tests" "$out/stock-mesa.known"
}

# gp107_suite: what Debian's Mesa can't run there, with ours
gp107_suite() {
	wanted_of opencl-gp107 "$programs/opencl.tests" | awk -F '\t' '
		NR == FNR { known[$1]; next }
		$1 in known' "$top/tests/opencl/stock-mesa" - \
			>"$out/opencl-gp107.tests"
	[ ! -s "$out/opencl-gp107.tests" ] ||
		vm_suite opencl-gp107 "$out/opencl-gp107.tests" \
			--driver ours --mesa --device nvgpu,chip=gp107
	rm -f "$out/opencl-gp107.tests"
}

# iommu_suite: IGT tests once more, on our driver, behind a strict IOMMU.  An
# access to a page after it was unmapped is refused, which no test survives;
# that there is an IOMMU, and unmaps at once, is the first of them.
iommu_suite() {
	group=/sys/class/drm/renderD128/device/iommu_group
	wanted_of iommu "$programs/igt.tests" |
		grep -vE "$power_programs|$device_tests|$debug_tests" \
			>"$out/iommu.tests" || :
	if [ -s "$out/iommu.tests" ]; then
		printf 'strict\t10\tgrep -x DMA %s/type\n' $group |
			cat - "$out/iommu.tests" >"$out/iommu.more"
		vm_suite iommu "$out/iommu.more" --driver ours --numa --iommu \
			--device "$igt_device"
	fi
	rm -f "$out/iommu.tests" "$out/iommu.more"
}

# own_suites DRIVER: those tests of upstream's defects that need a VM of their
# own kind
own_suites() {
	sh "$vm/defects.sh" suites >"$out/own-suites"
	while IFS=$tab read -r own_suite own_options <&7; do
		(sh "$vm/defects.sh" tests && sh "$vm/defects.sh" controls) |
			sed -n "s,^$own_suite/,,p" >"$out/$own_suite.names"
		wanted_of "$own_suite" "$programs/igt.tests" |
			awk -F '\t' 'NR == FNR { in_it[$1]; next }
				$1 in in_it' "$out/$own_suite.names" - \
				>"$out/$own_suite.tests"
		# shellcheck disable=SC2086 # a list of words
		[ ! -s "$out/$own_suite.tests" ] ||
			vm_suite "$own_suite" "$out/$own_suite.tests" \
				--driver "$1" $own_options
		rm -f "$out/$own_suite.names" "$out/$own_suite.tests"
	done 7<"$out/own-suites"
	rm -f "$out/own-suites"
}

# The model must have lost its registers and memory once for each of these;
# and once when it was made, and when it was switched on.
power_losses() {
	losses=$(grep -cE '^nouveau_svm_power@(suspend|hibernate)' "$1" || :)
	[ "$losses" -gt 0 ] || return 0
	lost=$(sed -n 's/^resets //p' "$out/vm/power-1/counters")
	if [ "${lost:-0}" -ge $((losses + 2)) ]; then
		record power vram-lost pass 0
	else
		record power vram-lost fail 0 \
			"${lost:-0} resets for $losses suspends"
	fi
}

# power_suite: tests after which nothing is as it was, on our driver
power_suite() {
	wanted_of power "$programs/igt.tests" | grep -E "$power_programs" \
		>"$out/power.tests" || :
	[ ! -s "$out/power.tests" ] || {
		vm_suite power "$out/power.tests" --power
		power_losses "$out/power.tests"
	}
	rm -f "$out/power.tests"
}

# wants_soak: is the suite wanted?
wants_soak() {
	wants soak/nouveau_svm_soak@mix
}

# soak_suite: everything at once, behind a strict IOMMU, where nothing has been
# before; then the driver goes.
soak_suite() {
	wants_soak || return 0
	limit=$((soak_seconds + soak_grace))
	printf '%s\t%d\t%s\n' nouveau_svm_soak@mix $limit \
		"nouveau_svm_soak --seconds=$soak_seconds --seed=$soak_seed" \
		unload 60 unload >"$out/soak.tests"
	vm_suite soak "$out/soak.tests" --driver ours --numa --iommu \
		--device "$igt_device"
	rm -f "$out/soak.tests"
}

# device_suite_tests SUITE TESTS: what is wanted of a line of tests/igt/devices
device_suite_tests() {
	wanted_of "$1" "$programs/igt.tests" | grep -E "$2" || :
}

# device_suites DRIVER: those of tests/igt/devices
device_suites() {
	while IFS=$tab read -r device_suite properties regex options <&7; do
		case $device_suite in '#'*) continue ;; esac
		device_list=$out/$device_suite.tests
		device_suite_tests "$device_suite" "$regex" >"$device_list"
		[ ! -s "$device_list" ] ||
			vm_suite "$device_suite" "$device_list" --driver "$1" \
				--device "nvgpu,$properties" \
				--options "modeset=2 $options"
		rm -f "$device_list"
	done 7<"$devices"
}

# wants_devices: is anything wanted that they would run?
wants_devices() {
	while IFS=$tab read -r device_suite properties regex options <&7; do
		case $device_suite in '#'*) continue ;; esac
		[ -z "$(device_suite_tests "$device_suite" "$regex")" ] ||
			return 0
	done 7<"$devices"
	return 1
}

# upstream_suites: the same on upstream's driver; results in out/upstream.tsv
upstream_suites() {
	kept=$table
	table=$out/upstream.tsv
	unjudged=1
	run_prefix=upstream-
	: >"$table"
	gpu_suite igt upstream
	own_suites upstream
	[ -n "$upstream_tests" ] || gpu_suite opencl upstream
	run_prefix=
	unjudged=
	table=$kept
}

# bench_suite: what our driver costs, against the committed baseline.  What is
# counted depends a little on what ran before, so that all of it runs always.
bench_suite() {
	bench_base=$top/tools/bench/baseline.tsv
	bench_all=$(sed '/^#/d' "$bench_base" | cut -f 1 | uniq)
	bench_any=
	for name in $bench_all; do
		! wants "bench/$name" || bench_any=1
	done
	[ -n "$bench_any" ] || return 0
	bench_start=$(now)
	# shellcheck disable=SC2086 # a list of words
	if ! sh "$top/tools/bench/run.sh" --driver ours --exact \
		--to "$out/vm/guard.tsv" $bench_all >&2; then
		record bench run fail $(($(now) - bench_start)) \
			'the benchmark did not run'
		return
	fi
	python3 "$top/tools/bench/guard.py" "$bench_base" "$out/vm/guard.tsv" \
		>"$out/guard.tsv"
	while IFS=$tab read -r name status why; do
		! wants "bench/$name" || record bench "$name" "$status" 0 "$why"
	done <"$out/guard.tsv"
	rm -f "$out/guard.tsv"
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
