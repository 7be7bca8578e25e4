#!/bin/sh
# SPDX-License-Identifier: MIT
# A kernel that looks for data races (race.config on top of debug.config), from
# the debug kernel's source; NVSVM_KERNEL=race makes the others take it.  Prints
# the path of a folder as debug-kernel.sh does.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# What a kernel of this configuration compiles, roughly, for the progress shown.
progress_total=1890

# What KCSAN needs to find more in less time.
prepare() {
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		for p in /repo/linux-patches/race/*.patch; do
			patch -d /build/build -p1 -N --no-backup-if-mismatch \
				-i "$p"
		done'
}

# Nothing that the two files ask for may be missing from the configuration;
# the last one to speak of an option has its way.
configure() {
	cat "$vm/debug.config" "$vm/race.config" >"$tmp/wanted"
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cd /build/build
		make KCONFIG_ALLCONFIG=/build/wanted allnoconfig
		sed -n "s/^# \(CONFIG_[A-Z0-9_]*\) is not set/\1 &/p
			s/^\(CONFIG_[A-Z0-9_]*\)=.*/\1 &/p" /build/wanted |
			awk "{ option = \$1; sub(/^[^ ]* /, \"\"); said[option] = \$0 }
				END { for (o in said) print said[o] }" |
			grep "^CONFIG" >/build/last
		! grep -vxFf .config /build/last |
			sed "s/^/error: not possible: /" | grep .
		rm /build/wanted /build/last'
}

compile() {
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cd /build/build
		make -j"$(nproc)" CC="ccache gcc" bzImage modules
		make INSTALL_MOD_PATH=/build/modules modules_install
		make -s kernelrelease >/build/release
		cp arch/x86/boot/bzImage /build/vmlinuz'
}

# Objects are of no use to those who build modules against the tree.
thin_out() {
	find "$tmp/build" \( -path "$tmp/build/scripts" -o \
		-path "$tmp/build/tools" \) -prune -o \
		\( -name '*.[oa]' -o -name '*.ko' -o -name vmlinux -o \
		-name vmlinux.unstripped \) -type f -exec rm {} +
}

make_kernel() {
	tmp=$cache/.tmp-race-kernel
	rm -rf "$tmp"
	mkdir "$tmp"
	cp -r "$debug_kernel/build" "$debug_kernel/source" "$tmp/"
	prepare
	configure
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
