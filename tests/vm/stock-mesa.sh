#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's own OpenCL for nouveau (rusticl in mesa-opencl-icd), as it is.
# Prints the path of a folder with lib/, rusticl.icd, and env: what programs in
# the guest need in their environment.  The two variables there that are
# Mesa's are what its users set; the others only say where it is unpacked.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

package="mesa-opencl-icd"

fetch() {
	rm -rf "$tmp"
	mkdir "$tmp"
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cd /build
		apt-get update
		apt-get -o APT::Sandbox::User=root download "$1/$3"
		case $(echo "$1"_*.deb) in
		"$1_$2-"*.deb) ;;
		*) echo "E: not version $2: $(echo "$1"_*.deb)"; exit 1 ;;
		esac
		dpkg-deb -x "$1"_*.deb all
		rm "$1"_*.deb
		mv all/usr/lib/x86_64-linux-gnu lib
		mv all/etc/OpenCL/vendors/rusticl.icd .
		# the other OpenCL of the package, which has no nouveau
		rm -rf all lib/gallium-pipe lib/libMesaOpenCL*
		missing=$(ldd lib/libRusticlOpenCL.so.1 | grep "not found") || exit 0
		echo "E: not in the root: $missing"
		exit 1' sh "$package" "$mesa_version" "$suite"
	there=/cache/${mesa##*/}
	cat >"$tmp/env" <<-END
		export OCL_ICD_VENDORS=$there/rusticl.icd
		export LD_LIBRARY_PATH=$there/lib
		export RUSTICL_ENABLE=nouveau NOUVEAU_SVM=1
	END
	mv -T "$tmp" "$mesa"
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/vm/versions tests/vm/stock-mesa.sh -- "$root")
mesa=$cache/stock-mesa-$key
tmp=$cache/.tmp-stock-mesa
have "$mesa" && exit
lock stock-mesa
have "$mesa" && exit
stage stock-mesa "Debian's $package" fetch
prune stock-mesa 2
printf '%s\n' "$mesa"
