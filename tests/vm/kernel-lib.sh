# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# What the scripts share that build a kernel from linux-source.  Sourced after
# lib.sh; $root is where they build, $tmp holds the source as build/.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root

# apply FOLDER: its patches, of linux-patches/, to the source
apply() {
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		for p in "/repo/linux-patches/$1"/*.patch; do
			patch -d /build/build -p1 -N --no-backup-if-mismatch \
				-i "$p"
		done' sh "$1"
}

# configure FRAGMENT...: no more than these ask for, and none of that may be
# missing; the last one to speak of an option has its way.
configure() {
	(cd "$vm" && cat "$@") >"$tmp/wanted"
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

# Afterwards $tmp has vmlinuz, release and modules/ as well.
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
