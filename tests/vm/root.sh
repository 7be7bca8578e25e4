#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian root in which everything is built, and which the guest runs.
# Prints its path.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/host.sh
. "$vm/host.sh"

sources() {
	for s in "$suite" "$backports"; do
		printf 'deb %s %s main\ndeb-src %s %s main\n' \
			"$mirror" "$s" "$mirror" "$s"
	done
}

make_root() {
	tmp=$cache/.tmp-root
	rm -rf "$tmp"
	host_apt_conf >"$cache/.apt.conf"
	packages=$(sed -n 's/^[a-z]*: //p' "$vm/packages" | tr '\n' ' ')
	sources | mmdebstrap --mode=root --variant=minbase --verbose \
		--include="$packages" \
		--aptopt="$cache/.apt.conf" \
		--aptopt='Acquire::Languages "none"' \
		--dpkgopt=force-unsafe-io \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--skip=cleanup/apt/lists \
		"$suite" "$tmp" -
	rm -f "$cache/.apt.conf"
	mkdir "$tmp/cache" "$tmp/repo" "$tmp/build" "$tmp/share"
	[ -e "$tmp/etc/resolv.conf" ] || : >"$tmp/etc/resolv.conf"
	mv -T "$tmp" "$root"
}

key=$(hash_of tests/vm/versions tests/vm/packages tests/vm/root.sh)
root=$cache/root-$key
have "$root" && exit
host_supported
lock root
have "$root" && exit
host_disk
host_tools
mirror=$(host_mirror)
stage root "Debian $suite root" make_root
prune root 2
printf '%s\n' "$root"
