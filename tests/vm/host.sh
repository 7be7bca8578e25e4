# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# What this machine must be and have.  Sourced after lib.sh.

# GiB that a set-up from an empty cache needs (it leaves 7 behind), and one on
# a full cache.
disk_empty=9
disk_full=2

host_supported() {
	[ -r /etc/os-release ] || die "not Debian: no /etc/os-release"
	# shellcheck source=/dev/null
	os=$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")
	case $os in
	'debian 12' | 'debian 13') ;;
	*) die "this host is $os; Debian 12 or 13 is needed" ;;
	esac
	arch=$(dpkg --print-architecture)
	[ "$arch" = amd64 ] || die "this host is $arch; amd64 is needed"
	[ "$(id -u)" -eq 0 ] || die "must run as root (mounts, chroot, apt)"
	unshare --mount --pid --fork true 2>/dev/null ||
		die "root here may not make namespaces (unshare); in a" \
			"container, run it privileged"
}

# Free space where the cache is; a fresh one needs all of it.
host_disk() {
	mkdir -p "$cache" || die "cannot make the cache $cache"
	need=$disk_full
	[ -e "$cache/complete" ] || need=$disk_empty
	free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$free" -ge "$need" ] ||
		die "no disk space: $cache has $free GiB free, $need needed"
}

# The machine's own Debian mirror: of its apt sources, the one that serves
# the release it runs.  apt itself reads its configuration, in either style.
host_mirror() {
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && echo "$VERSION_CODENAME")
	uri=$(apt_mirror "$release")
	if [ -z "$uri" ]; then
		note "[$(elapsed)] apt-get update"
		mkdir -p "$logs"
		apt-get update >"$logs/apt-update.log" 2>&1 || :
		uri=$(apt_mirror "$release")
	fi
	case $uri in
	mirror*:/*)
		list=${uri#mirror*:}
		uri=$(sed -n 's,^\(https\{0,1\}://[^[:space:]]*\).*,\1,p' \
			"${list%/}" 2>/dev/null | head -n 1)
		;;
	esac
	case $uri in
	http*://*) printf '%s\n' "${uri%/}" ;;
	*)
		die "no Debian mirror: apt has no usable source of $release:" \
			"$(why_of "$logs/apt-update.log")"
		;;
	esac
}

# shellcheck disable=SC2016 # apt expands these
apt_mirror() {
	apt-get indextargets --format '$(RELEASE)|$(COMPONENT)|$(REPO_URI)' \
		'Created-By: Packages' |
		awk -F '|' -v r="$1" '
			($1 == r || $1 ~ /^(stable|oldstable|testing)$/) &&
			$2 == "main" { print $3; exit }'
}

# The machine's apt settings that a download may depend on, as apt.conf.
host_apt_conf() {
	apt-config dump | grep -E '^Acquire::(http|https|Retries|Check-|Force)' |
		grep -v ' "";$' || :
}

# mmdebstrap is the only thing installed on the machine itself.
host_tools() {
	command -v mmdebstrap >/dev/null && return
	stage mmdebstrap 'installing mmdebstrap' install_mmdebstrap
}

install_mmdebstrap() {
	apt-get update || echo "E: apt-get update failed; going on"
	DEBIAN_FRONTEND=noninteractive apt-get install -y \
		--no-install-recommends mmdebstrap debian-archive-keyring
}
