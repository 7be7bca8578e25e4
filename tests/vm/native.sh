# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154,SC2016
# Programs that run natively, in the Debian root: on our Mesa without a GPU, on
# pocl, and a table of what they gave.  Sourced after lib.sh; $root is set, and
# $mesa or $pocl.

# on_mesa SRC:DST SECONDS COMMAND...: with Mesa's own shim for the kernel
# driver and a GP100, without the cache of compiled kernels
on_mesa() {
	native_mount=$1
	shift
	in_root "$root" "$native_mount" -- sh -eu -c '
		. "$1/env"
		export MESA_SHADER_CACHE_DISABLE=1 NOUVEAU_CHIPSET=130
		export LD_PRELOAD="$1/lib/libnouveau_noop_drm_shim.so"
		shift
		exec timeout -s KILL "$@"' sh "/cache/${mesa##*/}" "$@"
}

# on_pocl SRC:DST SECONDS COMMAND...
on_pocl() {
	native_mount=$1
	shift
	in_root "$root" "$native_mount" -- sh -eu -c '
		# where hwloc looks for CPUs
		mount -t sysfs -o ro sys /sys
		cd /tmp
		export HOME=/tmp OCL_ICD_VENDORS=$1/pocl.icd
		export LD_LIBRARY_PATH=$1/lib POCL_KERNEL_CACHE=0
		shift
		exec timeout -s KILL "$@"' sh "/cache/${pocl##*/}" "$@"
}

# run_tests SUITE NAME...: run_test NAME, which the script has; a line "test
# TAB status TAB seconds TAB why" of each goes to $file, the last thing it said
# being why.
run_tests() {
	native_suite=$1
	shift
	for test; do
		start=$(now)
		status=pass
		why=
		test_log=$logs/$native_suite-$test.log
		if ! (run_test "$test") >"$test_log" 2>&1; then
			status=fail
			why=$(tail -n 1 "$test_log" | tr '\t' ' ')
		fi
		printf '%s\t%s\t%s\t%s\n' "$test" $status \
			$(($(now) - start)) "$why" >>"$file"
	done
}
