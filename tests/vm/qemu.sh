#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's QEMU with the virtual GPU in it.  Prints the path of a folder with
# qemu-system-x86_64, to be run in the root.  After a change of the device
# only the device is compiled again.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

configure_options="--target-list=x86_64-softmmu --without-default-features
	--without-default-devices --with-devices-x86_64=nvgpu
	--enable-tcg --enable-kvm --enable-virtfs --enable-attr
	--enable-cap-ng --enable-fdt=system --enable-system
	--disable-docs --disable-tools --disable-download
	--disable-install-blobs"

fetch_source() {
	echo "downloading qemu $qemu_version"
	in_root "$root" "$build:/build" -- sh -eu -c '
		cd /build
		apt-get update
		apt-get -o APT::Sandbox::User=root source --download-only "$1"
		case $(echo qemu_*.dsc) in
		"qemu_$2."*) ;;
		*) echo "E: not version $2: $(echo qemu_*.dsc)"; exit 1 ;;
		esac
		dpkg-source -x qemu_*.dsc src
		rm -f qemu_*' sh "qemu/$suite" "$qemu_version"
	echo 'source nvgpu/Kconfig' >>"$build/src/hw/misc/Kconfig"
	echo "subdir('nvgpu')" >>"$build/src/hw/misc/meson.build"
}

# The device goes in as copies, and only changed files are touched.
put_device() {
	dst=$build/src/hw/misc/nvgpu
	mkdir -p "$dst/core"
	in_root "$root" "$build/src:/build" -- sh -eu -c '
		cd /repo/tests/vgpu
		dst=/build/hw/misc/nvgpu
		rsync -rc --delete --exclude /core qemu/ "$dst/"
		rsync -rc --delete core/ "$dst/core/"
		rsync -c /repo/tests/vm/nvgpu.mak \
			/build/configs/devices/x86_64-softmmu/nvgpu.mak'
}

make_qemu() {
	if [ "$(cat "$build/stamp" 2>/dev/null)" != "$stamp" ]; then
		rm -rf "$build"
		mkdir -p "$build"
		fetch_source
		echo "$stamp" >"$build/stamp"
	fi
	put_device
	# shellcheck disable=SC2086 # a list of words
	in_root "$root" "$build:/build" -- sh -eu -c '
		mkdir -p /build/obj
		cd /build/obj
		if [ ! -e build.ninja ]; then
			../src/configure "$@"
		fi
		ninja qemu-system-x86_64' sh $configure_options
	tmp=$cache/.tmp-qemu
	rm -rf "$tmp"
	mkdir "$tmp"
	cp "$build/obj/qemu-system-x86_64" "$tmp/"
	mv -T "$tmp" "$qemu"
}

root=$(sh "$vm/root.sh")
# shellcheck disable=SC2086
stamp=$(hash_of tests/vm/versions -- "$root" $configure_options)
key=$(hash_of tests/vgpu/core tests/vgpu/qemu tests/vm/nvgpu.mak -- "$stamp")
qemu=$cache/qemu-$key
build=$cache/build/qemu
have "$qemu" && exit
[ -e "$top/tests/vgpu/qemu/meson.build" ] ||
	die "tests/vgpu/qemu has no meson.build"
lock qemu
have "$qemu" && exit
stage qemu 'QEMU with the virtual GPU' make_qemu
prune qemu 6
printf '%s\n' "$qemu"
