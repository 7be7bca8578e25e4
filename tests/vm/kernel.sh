#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's stock kernel: image, modules, module headers and source of one
# version.  Prints the path of a folder with
#   release       what uname -r says
#   vmlinuz       the image
#   modules/      the modules package, unpacked
#   source/       of the source: nouveau, the uAPI headers, the checking tools
# The headers go into the root: they only work at their own absolute paths.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# Parts of the source that are needed: the rest would be 1.8 GB.
source_parts='drivers/gpu/drm/nouveau include/uapi scripts tools/docs
	tools/lib/python Documentation/dev-tools'

# Kernel versions of the series, newest first: RELEASE PACKAGE-VERSION
versions_there() {
	in_root "$root" -- sh -c '
		apt-cache pkgnames linux-binary-'"$1"'. |
			sed -n "s/^linux-binary-\($1\.[0-9.]*+deb[0-9]*-amd64\)$/\1/p" |
			while read -r release; do
				apt-cache madison "linux-binary-$release" |
					sed -n "s/^[^|]*| *\([^ |]*\) .*Packages/$release \1/p"
			done | sort -Vru' sh "$1"
}

# The newest series there is, should the wanted one be gone.
newest_series() {
	in_root "$root" -- apt-cache pkgnames linux-source- |
		sed -n 's/^linux-source-\([0-9]\{1,\}\.[0-9]\{1,\}\)$/\1/p' |
		sort -Vr | head -n 1
}

# Everything of one version, or nothing.
download() {
	release=$1
	version=$2
	base=${release%-amd64}
	rm -rf "$tmp/deb"
	mkdir -p "$tmp/deb"
	echo "trying $release ($version)"
	in_root "$root" "$tmp/deb:/build" -- sh -c 'cd /build && apt-get \
		-o APT::Sandbox::User=root download "$@"' sh \
		"linux-binary-$release=$version" \
		"linux-modules-$release=$version" \
		"linux-base-$release=$version" \
		"linux-headers-$release=$version" \
		"linux-headers-$base-common=$version" \
		"linux-kbuild-$base=$version" \
		"linux-source-${base%.*}=$version"
}

unpack() {
	in_root "$root" "$tmp:/build" -- sh -eu -c '
		cd /build
		for d in deb/linux-headers-*.deb deb/linux-kbuild-*.deb; do
			dpkg-deb -x "$d" /
		done
		for d in deb/linux-binary-*.deb deb/linux-modules-*.deb \
			deb/linux-base-*.deb; do
			dpkg-deb -x "$d" modules
		done
		dpkg-deb -x deb/linux-source-*.deb src
		mkdir source
		tar -xJf src/usr/src/linux-source-*.tar.xz -C source \
			--strip-components=1 --wildcards '"$(
			for p in $source_parts; do
				printf "'*/%s' " "$p"
			done
		)"'
		# the headers need it for C=1 (sparse), and lack it
		cp source/scripts/checker-valid.sh \
			/usr/src/linux-headers-"$1"/scripts/
		# kmod finds the modules below lib, the packages say usr/lib
		mv modules/usr/lib modules/lib
		depmod -b modules "$1"' sh "$release"
	mv "$tmp/modules/lib/modules/$release/vmlinuz" "$tmp/vmlinuz"
	echo "$release" >"$tmp/release"
}

make_kernel() {
	tmp=$cache/.tmp-kernel
	rm -rf "$tmp"
	mkdir "$tmp"
	in_root "$root" -- apt-get update
	series=$kernel_series
	if [ -z "$(versions_there "$series")" ]; then
		series=$(newest_series)
		echo "W: no kernel $kernel_series any more; taking $series"
	fi
	versions_there "$series" >"$tmp/versions"
	found=
	while read -r release version; do
		if download "$release" "$version" </dev/null; then
			found=$release
			break
		fi
	done <"$tmp/versions"
	if [ -z "$found" ]; then
		echo "E: no kernel of series $series downloads completely"
		return 1
	fi
	unpack
	rm -rf "$tmp/deb" "$tmp/src" "$tmp/versions" "$tmp/modules/usr"
	mv -T "$tmp" "$kernel"
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/vm/versions tests/vm/kernel.sh -- "$root")
kernel=$cache/kernel-$key
have "$kernel" && exit
lock kernel
have "$kernel" && exit
stage kernel "Debian kernel $kernel_series" make_kernel
release=$(cat "$kernel/release")
case $release in
"$kernel_series".*) ;;
*) note "warning: kernel $kernel_series is gone; this is $release" ;;
esac
prune kernel 2
printf '%s\n' "$kernel"
