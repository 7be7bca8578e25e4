#!/bin/sh
# SPDX-License-Identifier: MIT
# Mesa's OpenCL (rusticl on nouveau) with mesa-patches/.  Prints the path of a
# folder with lib/, rusticl.icd, and env: what programs in the guest need in
# their environment to find it.  In lib/ is also Mesa's shim for the kernel
# driver, for tests without a GPU (offline.sh).
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

meson_options="--buildtype=release -Dplatforms= -Dglx=disabled -Degl=disabled
	-Dgbm=disabled -Dopengl=false -Dgles1=disabled -Dgles2=disabled
	-Dgallium-drivers=nouveau -Dvulkan-drivers= -Dgallium-xa=disabled
	-Dgallium-va=disabled -Dgallium-vdpau=disabled -Dgallium-rusticl=true
	-Dllvm=enabled -Dtools=drm-shim -Dvideo-codecs= -Dvalgrind=disabled
	-Dlibunwind=disabled -Dxmlconfig=disabled -Dlmsensors=disabled"

fetch_source() {
	echo "downloading mesa $mesa_version"
	in_root "$root" "$build:/build" -- sh -eu -c '
		cd /build
		apt-get update
		apt-get -o APT::Sandbox::User=root source --download-only "$1"
		case $(echo mesa_*.dsc) in
		"mesa_$2-"*) ;;
		*) echo "E: not version $2: $(echo mesa_*.dsc)"; exit 1 ;;
		esac
		dpkg-source -x mesa_*.dsc pristine
		rm -f mesa_*' sh "mesa/$suite" "$mesa_version"
}

make_mesa() {
	if [ "$(cat "$build/stamp" 2>/dev/null)" != "$stamp" ]; then
		rm -rf "$build"
		mkdir -p "$build"
		fetch_source
		echo "$stamp" >"$build/stamp"
	fi
	# shellcheck disable=SC2086 # a list of words
	in_root "$root" "$build:/build" -- sh -eu -c '
		cd /build
		rm -rf patched
		cp -a pristine patched
		for p in /repo/mesa-patches/*.patch; do
			[ -e "$p" ] || continue
			echo "applying ${p##*/}"
			patch -d patched -p1 --no-backup-if-mismatch -N -i "$p"
		done
		mkdir -p src
		rsync -rlpc --delete patched/ src/
		rm -rf patched
		PATH=/usr/lib/llvm-$1/bin:$PATH
		shift
		[ -e obj/build.ninja ] || {
			rm -rf obj
			meson setup obj src --prefix=/usr --libdir=lib "$@"
		}
		ninja -C obj
		rm -rf dest
		DESTDIR=/build/dest meson install -C obj --no-rebuild \
			--strip --quiet' sh "$llvm_version" $meson_options
	tmp=$cache/.tmp-mesa
	rm -rf "$tmp"
	mkdir "$tmp"
	cp -a "$build/dest/usr/lib" "$tmp/lib"
	rm -rf "$build/dest"
	there=/cache/${mesa##*/}
	echo "$there/lib/libRusticlOpenCL.so.1" >"$tmp/rusticl.icd"
	cat >"$tmp/env" <<-END
		export OCL_ICD_VENDORS=$there/rusticl.icd
		export LD_LIBRARY_PATH=$there/lib
	END
	mv -T "$tmp" "$mesa"
}

root=$(sh "$vm/root.sh")
# shellcheck disable=SC2086
stamp=$(hash_of tests/vm/versions -- "$root" $meson_options)
key=$(hash_of mesa-patches tests/vm/mesa.sh -- "$stamp")
mesa=$cache/mesa-$key
build=$cache/build/mesa
have "$mesa" && exit
lock mesa
have "$mesa" && exit
stage mesa "Mesa $mesa_version" make_mesa
prune mesa 3
printf '%s\n' "$mesa"
