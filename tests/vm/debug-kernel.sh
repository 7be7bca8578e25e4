#!/bin/sh
# SPDX-License-Identifier: MIT
# A kernel that looks for mistakes (debug.config), from the source of the stock
# one; NVSVM_KERNEL=debug makes the others take it.  Prints the path of a folder
# as kernel.sh does, with
#   build/        what modules are built against, at /cache/<folder>/build
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/kernel-lib.sh
. "$vm/kernel-lib.sh"

# What a kernel of this configuration compiles, roughly, for the progress shown.
progress_total=1980

# The source's package; the one that the stock kernel is from, or nothing.
download() {
	series=$(echo "$release" | cut -d . -f 1-2)
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cd /build
		apt-get -o APT::Sandbox::User=root download "linux-source-$1"
		dpkg-deb -x linux-source-*.deb deb
		mkdir build
		tar -xJf deb/usr/src/linux-source-*.tar.xz -C build \
			--strip-components=1
		rm -r deb linux-source-*.deb' sh "$series"
	if ! diff -qr "$kernel/source/drivers" "$tmp/build/drivers" |
		grep '^Files .* differ$'; then
		return
	fi
	echo "E: linux-source-$series is not what the stock kernel is from"
	return 1
}

# The stock configuration selects what nouveau's SVM is made of for another
# driver; here it gets a prompt.  Nouveau itself is built afterwards.  What is
# wrong outside of it, and has its fix in linux-patches/mm/, is right here.
prepare() {
	apply mm
	sed -i '/^config DRM_GPUSVM$/{n;s/tristate$/tristate "GPU SVM"/}' \
		"$tmp/build/drivers/gpu/drm/Kconfig"
	echo '# built outside of the tree' \
		>"$tmp/build/drivers/gpu/drm/nouveau/Kbuild"
}

make_kernel() {
	tmp=$cache/.tmp-debug-kernel
	rm -rf "$tmp"
	mkdir "$tmp"
	download
	prepare
	configure debug.config
	compile
	thin_out
	cp -r "$kernel/source" "$tmp/source"
	mv -T "$tmp" "$debug_kernel"
}

root=$(sh "$vm/root.sh")
kernel=$(sh "$vm/kernel.sh")
release=$(cat "$kernel/release")
key=$(hash_of tests/vm/debug.config tests/vm/debug-kernel.sh \
	tests/vm/kernel-lib.sh linux-patches/mm -- "$kernel")
debug_kernel=$cache/debug-kernel-$key
have "$debug_kernel" && exit
lock debug-kernel
have "$debug_kernel" && exit
stage debug-kernel "debug kernel" make_kernel
prune debug-kernel 1
printf '%s\n' "$debug_kernel"
