#!/bin/sh
# SPDX-License-Identifier: MIT
# The guest's initramfs: busybox, our init, the modules that are needed, and
# the virtual GPU's firmware.
# usage: image.sh ours|upstream|stock|none
# Prints the path of a folder with initrd.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# Modules that the runner itself needs; nouveau's follow from its own list.
runner_modules='9p 9pnet_virtio virtio_blk ext4 fuse'

make_image() {
	tmp=$cache/.tmp-image-$driver
	rm -rf "$tmp"
	mkdir "$tmp"
	# shellcheck disable=SC2086 # lists of words
	in_root "$root" "$tmp:/build" "$kernel:/share" -- sh -eu -c '
		release=$1
		driver=$2
		nouveau=$3
		inject=$4
		cover=$5
		shift 5
		d=/build/d
		m=$d/lib/modules/$release
		stock=/share/modules/lib/modules/$release
		mkdir -p "$d/bin" "$d/proc" "$d/sys" "$d/dev" "$d/tmp" \
			"$d/root" "$d/out" "$m" "$d/lib/firmware"
		cp /bin/busybox "$d/bin/"
		ln -s busybox "$d/bin/sh"
		cp /repo/tests/vm/guest/* "$d/"
		chmod +x "$d/init"
		python3 /repo/tests/vgpu/firmware/mkfirmware.py "$d/lib/firmware"

		# add NAME: a module and what it depends on, unpacked
		add() {
			[ ! -e "$m/$1.ko" ] || return 0
			f=
			case $1 in
			nouveau) f=$nouveau ;;
			fail_dma_map) f=$inject/fail_dma_map.ko ;;
			nvsvm_cover) f=$cover/nvsvm_cover.ko ;;
			esac
			[ -n "$f" ] || f=$(modinfo -b /share/modules \
				-k "$release" -F filename "$1")
			case $f in
			*.ko.xz) xz -dc "$f" >"$m/$1.ko" ;;
			*.ko) cp "$f" "$m/$1.ko" ;;
			*) return 0 ;; # built in
			esac
			for dep in $(modinfo -F depends "$m/$1.ko" | tr , " "); do
				add "$dep"
			done
		}
		for name; do
			add "$name"
		done
		cp "$stock/modules.builtin" "$stock/modules.builtin.modinfo" \
			"$stock/modules.order" "$m/"
		depmod -b "$d" "$release"
		rm -f "$m"/*.bin
		# the same files give the same image: parsing it takes its time
		(cd "$d" && find . -exec touch -h -d @0 {} + && find . | sort |
			cpio -o -H newc --quiet --reproducible) >/build/initrd
		rm -rf "$d"' \
		sh "$release" "$driver" "$ko" "$inject" "$cover" \
		$runner_modules $driver_module
	mv -T "$tmp" "$image"
}

[ $# -eq 1 ] || die "usage: image.sh ours|upstream|stock|none"
driver=$1
root=$(sh "$vm/root.sh")
kernel=$(guest_kernel)
release=$(cat "$kernel/release")
driver_module=nouveau
ko=
case $driver in
ours | upstream)
	module=$(sh "$vm/module.sh" "$driver")
	ko=/cache/${module##*/}/nouveau.ko
	;;
stock) ;;
none) driver_module= ;;
*) die "no such driver: $driver" ;;
esac
inject=
cover=
if [ "${NVSVM_KERNEL:-}" = debug ]; then
	runner_modules="$runner_modules fail_dma_map"
	inject=$(sh "$vm/helper.sh" inject)
	inject=/cache/${inject##*/}
	cover=$(sh "$vm/helper.sh" cover)
	cover=/cache/${cover##*/}
fi
[ -e "$top/tests/vgpu/firmware/mkfirmware.py" ] ||
	die "tests/vgpu/firmware/mkfirmware.py is not there"
key=$(hash_of tests/vm/guest tests/vm/image.sh tests/vgpu/firmware -- \
	"$kernel" "$driver" "$ko" "$inject" "$cover")
image=$cache/image-$driver-$key
have "$image" && exit
lock "image-$driver"
have "$image" && exit
stage "image-$driver" "guest image ($driver)" make_image
prune "image-$driver" 4
printf '%s\n' "$image"
