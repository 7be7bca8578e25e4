# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Packages of Debian that nothing is built with: unpacked beside the root, not
# installed in it.  Sourced after lib.sh.

# unpack DIR PATTERN PACKAGE...: what matches of it, into DIR/all, with $root
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
unpack() {
	unpack_dir=$1
	shift
	rm -rf "$unpack_dir"
	mkdir "$unpack_dir"
	in_root "$root" "$unpack_dir:/build" -- sh -eu -c '
		cd /build
		only=$1
		shift
		apt-get update
		apt-get -o APT::Sandbox::User=root download "$@"
		mkdir all
		for deb in *.deb; do
			dpkg-deb --fsys-tarfile "$deb" >tar
			rm "$deb"
			# patterns, not files of this folder; a package need
			# not have all of them, needs_of() sees what is missing
			set -f
			tar x -C all -f tar --wildcards $only ||
				[ "$only" != "*" ]
			set +f
		done
		rm tar' sh "$@"
}

# needs_of DIR FILE...: nothing that these are linked to is missing, in the
# root and DIR/lib
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
needs_of() {
	needs_dir=$1
	shift
	in_root "$root" "$needs_dir:/build" -- sh -eu -c '
		cd /build
		missing=$(LD_LIBRARY_PATH=/build/lib ldd "$@" |
			grep "not found") || exit 0
		echo "E: not in the root: $missing"
		exit 1' sh "$@"
}
