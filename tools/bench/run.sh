#!/bin/sh
# SPDX-License-Identifier: MIT
# Measure our driver and upstream's, on the same virtual GPU, exactly: the
# guest's instructions are the clock, the GPU runs on it too, and nothing comes
# from outside, so that another run gives the same figures.
#
# usage: run.sh [OPTION]... [NAME]...
#   NAME                    only workloads whose name contains it; without,
#                           all but ranges-100000
#   --driver ours|upstream  only that driver
#   --exact                 NAMEs are whole names
#   --twice                 run everything a second time and compare
#   --to FILE               instead of out/bench.tsv
#   --profile               which functions the instructions go to, of what
#                           runs with interrupts on: to out/bench/*.profile
#
# Writes out/bench.tsv (workload, driver, figure, value) and out/bench.html, and
# prints a table.  One workload is run once more, traced, for the timeline in
# out/bench.html.
# A workload that takes the guest down is recorded as failed, and the guest is
# booted again for the rest; so it is for those that want a GPU with another
# amount of VRAM.
here=$(cd "$(dirname "$0")" && pwd)
vm=$(cd "$here/../../tests/vm" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/host.sh
. "$vm/host.sh"

# Seconds of the host after which a guest that says nothing has hung; and with
# the workload that is slow.
limit=300
limit_slow=1800
# One instruction of the guest takes 1 << this ns of its time.
shift_ns=0
memory=4096
# A workload that takes too long for all others: only if it is named.
slow=ranges-100000
# The workload that is told about by and by.
timeline=oversub-cyclic-200
tab=$(printf '\t')

drivers=
twice=
exact=
look=none
to=$out/bench.tsv
while [ $# -gt 0 ]; do
	case $1 in
	--driver) drivers="$drivers $2" && shift ;;
	--exact) exact=1 ;;
	--twice) twice=1 ;;
	--profile) look=profile ;;
	--to) to=$2 && shift ;;
	-*) die "unknown option $1" ;;
	*) break ;;
	esac
	shift
done
[ -n "$drivers" ] || drivers='ours upstream'
dir=${to%.tsv}

# What is added to the guest's image: programs, their libraries, init.
make_extra() {
	# shellcheck disable=SC2016 # for the shell in the root
	in_root "$root" "$dir:/build" -- sh -eu -c '
		make -C /repo/tools/bench OUT=/build
		rm -rf /build/d
		mkdir -p /build/d/bench/bench.lib
		cp /build/bench /build/d/bench/
		ldd /build/bench | grep -o "/[^ ]*" | while read -r l; do
			cp -L "$l" /build/d/bench/bench.lib/
		done
		cp /repo/tools/bench/guest-init /build/d/bench/init
		chmod +x /build/d/bench/init'
	for program in bench bench-opencl; do
		in_root "$root" "$dir:/build" -- "/build/$program" |
			sed "s/\$/$tab$program/"
	done >"$dir/all"
}

# The same for OpenCL: our Mesa, all that it is linked with, and what it reads.
make_opencl() {
	mesa=$(sh "$vm/mesa.sh")
	# shellcheck disable=SC2016
	in_root "$root" "$dir:/build" -- sh -eu -c '
		rm -rf /build/o
		lib=/build/o/bench/bench-opencl.lib
		mkdir -p "$lib"
		cp /build/bench-opencl /build/o/bench/
		headers=/usr/lib/llvm-$2/lib/clang/$2/include
		for f in /usr/lib/clc/spirv64-mesa3d-.spv "$headers/opencl-c.h" \
			"$headers/opencl-c-base.h"; do
			mkdir -p "/build/o${f%/*}"
			cp -L "$f" "/build/o$f"
		done
		icd=/cache/$1/lib/libRusticlOpenCL.so.1
		cp -L "$icd" "$lib/"
		echo "/bench/bench-opencl.lib/${icd##*/}" \
			>/build/o/bench/rusticl.icd
		ldd /build/bench-opencl "$icd" | grep -o "/[^ ]* (" | tr -d "( " |
			sort -u | while read -r l; do
			cp -L "$l" "$lib/"
		done
		cd /build/o
		find . -exec touch -d @0 {} +
		find . | sort | cpio -o -H newc --quiet --reproducible \
			>/build/extra-opencl
		rm -rf /build/o' sh "${mesa##*/}" "$llvm_version"
}

# wanted NAME...: those workloads that are meant; without NAME nearly all
wanted() {
	unnamed=
	[ $# -gt 0 ] || unnamed=1
	[ $# -gt 0 ] || set -- ''
	while IFS=$tab read -r workload rest; do
		[ "$unnamed:$workload" != "1:$slow" ] || continue
		for part; do
			case $exact:$workload in
			"1:$part" | :*"$part"*)
				printf '%s\t%s\n' "$workload" "$rest"
				break
				;;
			esac
		done
	done <"$dir/all"
}

# boot DRIVER VRAM PROGRAM: one boot with the workloads of $dir/todo
boot() {
	image=$(sh "$vm/image.sh" "$1")
	more=
	[ "$3" = bench ] || more=/build/extra-opencl
	gpu=nvgpu,chip=gp100,stepped=on,marks=/build/marks
	[ "$2" = 0 ] || gpu=$gpu,vram-mb=$2
	rm -f "$dir/marks" "$dir/events" "$dir/counters"
	cp "$dir/todo" "$dir/d/bench/workloads"
	# shellcheck disable=SC2016
	in_root "$root" "$dir:/build" -- sh -eu -c '
		cd /build/d
		find . -exec touch -d @0 {} +
		find . | sort |
			cpio -o -H newc --quiet --reproducible >/build/extra
		cat "/cache/$1/initrd" /build/extra $2 >/build/initrd' \
		sh "${image##*/}" "$more"
	parameters='console=ttyS0 oops=panic panic=-1 quiet nokaslr norandmaps'
	parameters="$parameters idle=halt rdinit=/bench/init vm.options=modeset=2"
	parameters="$parameters vm.look=$look"
	patience=$limit
	! grep -q "^$slow$tab" "$dir/todo" || patience=$limit_slow
	in_root "$root" "$dir:/build" -- \
		sh /repo/tools/bench/watch.sh $patience /build/events \
		"/cache/${qemu##*/}/qemu-system-x86_64" -M q35 \
		-accel tcg,thread=single -icount shift=$shift_ns,sleep=off \
		-cpu max -smp 1 -m $memory -seed 1 \
		-rtc base=2026-01-01,clock=vm -nodefaults -no-user-config \
		-display none -vga none -no-reboot \
		-L /usr/share/seabios -L /usr/share/qemu \
		-kernel "/cache/${kernel##*/}/vmlinuz" -initrd /build/initrd \
		-append "$parameters" \
		-serial file:/build/console.log -serial file:/build/events \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		-device "$gpu" \
		>"$dir/qemu.log" 2>&1 </dev/null || :
}

# What a boot has measured goes to a file of figures, and off the list.
take() {
	python3 "$here/figures.py" "$dir/todo" "$dir/events" "$dir/marks" "$1" \
		>>"$dir/$1$2.tsv"
	[ $look = none ] || sed -n "s/^profile$tab//p" "$dir/events" | tr -d '\r' \
		>>"$dir/$1.profile"
	awk -F '\t' 'NR == FNR { have[$1]; next } !($1 in have)' \
		"$dir/$1$2.tsv" "$dir/todo" >"$dir/left"
	mv "$dir/left" "$dir/todo"
}

# When and where our driver does what, in one workload: a boot of its own, as
# what is told takes its time.
make_timeline() {
	awk -F '\t' -v name=$timeline '$1 == name' "$dir/wanted" >"$dir/todo"
	look=timeline
	# shellcheck disable=SC2046 # VRAM and program
	boot ours $(cut -f 4,5 "$dir/todo")
	look=none
	grep -q "^end$tab$timeline${tab}pass" "$dir/events" ||
		die "$timeline fails when it is traced (see $dir)"
	sed -n "s/^timeline$tab$timeline$tab//p" "$dir/events" | tr -d '\r' \
		>"$dir/ours.timeline"
}

# measure DRIVER RUN [NAME]...
measure() {
	driver=$1
	run=$2
	shift 2
	: >"$dir/$driver$run.tsv"
	rm -f "$dir/$driver.profile"
	wanted "$@" >"$dir/wanted"
	cut -f 4,5 "$dir/wanted" | sort -k 1,1n -k 2 -u >"$dir/guests"
	while read -r vram program; do
		awk -F '\t' -v vram="$vram" -v program="$program" \
			'$4 == vram && $5 == program' "$dir/wanted" >"$dir/todo"
		while [ -s "$dir/todo" ]; do
			before=$(wc -l <"$dir/todo")
			boot "$driver" "$vram" "$program"
			take "$driver" "$run"
			[ "$(wc -l <"$dir/todo")" -lt "$before" ] ||
				die "the guest measured nothing (see $dir)"
		done
	done <"$dir/guests"
}

# same_figures A B: but for a few instructions of OpenCL programs, see bench.rst
same_figures() {
	inexact="^opencl-[^$tab]*${tab}[^$tab]*$tab\(time_ns\|instructions\)$tab"
	for f; do
		grep -v "$inexact" "$f" >"$f.exact"
	done
	cmp -s "$1.exact" "$2.exact"
}

host_supported
mkdir -p "$dir" "$logs"
rm -f "$dir/ours.timeline"
root=$(sh "$vm/root.sh")
kernel=$(sh "$vm/kernel.sh")
qemu=$(sh "$vm/qemu.sh")
stage bench 'benchmark programs' make_extra
if wanted "$@" | grep -q "${tab}bench-opencl\$"; then
	stage bench-opencl 'OpenCL for the benchmark' make_opencl
fi
for d in $drivers; do
	stage "bench-$d" "measuring $d" measure "$d" '' "$@"
	[ -z "$twice" ] || stage "bench-$d-2" "measuring $d again" \
		measure "$d" -again "$@"
	[ -z "$twice" ] || same_figures "$dir/$d.tsv" "$dir/$d-again.tsv" ||
		die "two runs of $d differ: $dir/$d.tsv, $dir/$d-again.tsv"
	if [ "$d" = ours ] && grep -q "^$timeline$tab" "$dir/wanted"; then
		stage bench-timeline "timeline of $timeline" make_timeline
	fi
done
: >"$to"
for d in $drivers; do
	cat "$dir/$d.tsv" >>"$to"
done
python3 "$here/page.py" "$to" "$timeline" "$dir/ours.timeline" >"$dir.html"
python3 "$here/table.py" "$to"
note "$to: workload, driver, figure, value; $dir.html: plots"
