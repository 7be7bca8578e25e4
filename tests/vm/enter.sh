#!/bin/sh
# SPDX-License-Identifier: MIT
# The inside of in_root (lib.sh): process 1 of fresh namespaces.
# usage: enter.sh CACHE TOP ROOT [SRC:DST]... -- COMMAND...
set -eu
cache=$1
top=$2
root=$3
shift 3

mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmp "$root/tmp"
mount --bind "$cache" "$root/cache"
mount -o bind,ro "$top" "$root/repo"
if [ -e /etc/resolv.conf ] && [ -e "$root/etc/resolv.conf" ]; then
	mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
fi
while [ "$1" != -- ]; do
	mount --bind "${1%%:*}" "$root${1#*:}"
	shift
done
shift

# Not exec: process 1 of a namespace ignores the signals it does not handle,
# abort() among them.
chroot "$root" /usr/bin/env -i HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
	PATH="/usr/lib/ccache:/usr/sbin:/usr/bin:/sbin:/bin" \
	DEBIAN_FRONTEND=noninteractive \
	CCACHE_DIR=/cache/ccache CCACHE_MAXSIZE=3G CCACHE_DEPEND=1 \
	CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=include_file_mtime,time_macros \
	${http_proxy:+http_proxy="$http_proxy"} \
	${https_proxy:+https_proxy="$https_proxy"} \
	"$@"
