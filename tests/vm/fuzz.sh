#!/bin/sh
# SPDX-License-Identifier: MIT
# Random OpenCL kernels: our Mesa and the virtual GPU against pocl, native.
# usage: fuzz.sh [--seed N] [--count N] [FILE]	run kernels of seeds from N on
#        fuzz.sh --show N			print the kernel of a seed
#        fuzz.sh --list				names of the tests
# Says what is wrong, with seeds; writes "test TAB status TAB seconds TAB why"
# lines to FILE.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# What it runs if it is not told; and seconds until that is given up.
seed=1
count=400
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

# On a GP100, with doubles, without Mesa's cache of compiled kernels
on_gpu() {
	in_root "$root" "$work:/build" -- sh -eu -c '
		. "$1/env"
		export MESA_SHADER_CACHE_DISABLE=1 NOUVEAU_CHIPSET=130
		export RUSTICL_FEATURES=fp64
		export LD_PRELOAD="$1/lib/libnouveau_noop_drm_shim.so"
		exec timeout -s KILL "$2" "$3/fuzz" gpu "$4" "$5" /build/gpu' \
		sh "/cache/${mesa##*/}" $limit "/cache/${fuzz##*/}" "$seed" \
		"$count"
}

on_cpu() {
	in_root "$root" "$work:/build" -- sh -eu -c '
		# where hwloc looks for CPUs
		mount -t sysfs -o ro sys /sys
		cd /tmp
		export HOME=/tmp OCL_ICD_VENDORS=$1/pocl.icd
		export LD_LIBRARY_PATH=$1/lib POCL_KERNEL_CACHE=0
		exec timeout -s KILL "$2" "$3/fuzz" cpu "$4" "$5" /build/cpu' \
		sh "/cache/${pocl##*/}" $limit "/cache/${fuzz##*/}" "$seed" \
		"$count"
}

# Both at once
run_kernels() {
	on_gpu >"$work/gpu.log" 2>&1 &
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
file=
while [ $# -gt 0 ]; do
	case $1 in
	--seed) seed=$2 ;;
	--count) count=$2 ;;
	--show) show=$2 ;;
	--list)
		echo kernels
		exit
		;;
	*) break ;;
	esac
	shift 2
done
file=${1:-/dev/null}
: >"$file"

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
pocl=$(sh "$vm/pocl.sh" --product)
work=$out/fuzz
mkdir -p "$work"
start=$(now)
status=pass
why=
if ! (stage fuzz "$count random kernels" run_kernels); then
	status=fail
	why=$(grep -a 'wrong$\|^error\|^seed' "$logs/fuzz.log" | tail -n 1)
fi
cat "$logs/fuzz.log"
printf 'kernels\t%s\t%s\t%s\n' $status $(($(now) - start)) "$why" >"$file"
[ $status = pass ]
