#!/bin/sh
# SPDX-License-Identifier: MIT
# Random OpenCL kernels: our Mesa and the virtual GPU against pocl, native.
# usage: fuzz.sh [--seed N] [--count N]	run kernels of seeds from N on
#        fuzz.sh --show N		print the kernel of a seed
#        fuzz.sh --known		run those that were wrong once
#        fuzz.sh --known-cpu		the same on pocl, which has its own faults
# Says what is wrong, with seeds.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/native.sh
. "$vm/native.sh"

# What it runs if it is not told; and seconds until that is given up.
seed=1
count=2000
limit=900

make_fuzz() {
	tmp=$cache/.tmp-fuzz
	rm -rf "$tmp"
	mkdir -p "$tmp"
	in_root "$root" "$tmp:/build" -- make -C /repo/tests/fuzz \
		"-j$(nproc)" OUT=/build
	rm -f "$tmp"/*.[do]
	mv -T "$tmp" "$fuzz"
}

# on_gpu ARGUMENT...: with doubles, which Mesa has off
on_gpu() {
	on_mesa "$work:/build" $limit env RUSTICL_FEATURES=fp64 \
		"/cache/${fuzz##*/}/fuzz" "$@"
}

# What pocl does with barriers otherwise, loops that LLVM vectorizes, gives wrong
# results for some kernels, and ends LLVM at others (InstCombine "did not reach
# a fixpoint").
on_cpu() {
	on_pocl "$work:/build" $limit env POCL_WORK_GROUP_METHOD=cbs \
		"/cache/${fuzz##*/}/fuzz" cpu "$seed" "$count" /build/cpu
}

# Both at once; what is wrong comes last
run_kernels() {
	on_gpu gpu "$seed" "$count" /build/gpu >"$work/gpu.log" 2>&1 &
	gpu=$!
	cpu_rc=0
	on_cpu >"$work/cpu.log" 2>&1 || cpu_rc=$?
	gpu_rc=0
	wait $gpu || gpu_rc=$?
	for log in gpu cpu; do
		grep -a '^seed\|^fuzz:' "$work/$log.log" || :
	done
	if [ $gpu_rc -ne 0 ] || [ $cpu_rc -ne 0 ]; then
		echo "error: it ended with $gpu_rc on the GPU, $cpu_rc on the CPU"
		return 1
	fi
	in_root "$root" "$work:/build" -- "/cache/${fuzz##*/}/fuzz" compare \
		"$seed" "$count" /build/gpu /build/cpu
}

show=
known=
while [ $# -gt 0 ]; do
	case $1 in
	--seed) seed=$2 ;;
	--count) count=$2 ;;
	--show) show=$2 ;;
	--known | --known-cpu)
		known=$1
		shift
		continue
		;;
	*) die "no such option: $1" ;;
	esac
	shift 2
done

root=$(sh "$vm/root.sh")
key=$(hash_of tests/fuzz tests/vgpu/core tests/vgpu/unit tests/vm/fuzz.sh -- \
	"$root")
fuzz=$cache/fuzz-$key
if ! have "$fuzz" >/dev/null; then
	lock fuzz
	have "$fuzz" >/dev/null || stage fuzz-build 'fuzzer' make_fuzz
	prune fuzz 3
fi
if [ -n "$show" ]; then
	in_root "$root" -- "/cache/${fuzz##*/}/fuzz" show "$show"
	exit
fi
mesa=$(sh "$vm/mesa.sh")
work=$out/fuzz
mkdir -p "$work"
rc=0
if [ "$known" = --known-cpu ]; then
	pocl=$(sh "$vm/pocl.sh" --product)
	on_pocl "$work:/build" $limit "/cache/${fuzz##*/}/fuzz" known-cpu
	exit
elif [ -n "$known" ]; then
	(stage fuzz 'kernels that were wrong once' on_gpu known) || rc=$?
else
	pocl=$(sh "$vm/pocl.sh" --product)
	(stage fuzz "$count random kernels" run_kernels) || rc=$?
fi
cat "$logs/fuzz.log"
[ $rc -eq 0 ]
