#!/bin/sh
# SPDX-License-Identifier: MIT
# nouveau.ko, out of tree against the stock kernel's headers.
# usage: module.sh ours|upstream
# Prints the path of a folder with nouveau.ko, and what it was made from in
# source/.
#
# upstream: the packaged source with SVM switched on, and of linux-patches/
#           only those that baseline.list names: without them it cannot run.
# ours:     all of linux-patches/; our files laid over; upstream's
#           nouveau_svm.* and nouveau_dmem.* are not there.
#
# NVSVM_DEBUG=1 in the environment: nouveau.ko keeps its symbols for gdb, which
# take a quarter more of the time.
#
# NVSVM_COVER=1: our files count what is run of them, by the module of cover/;
# what gcov needs to read that is in notes/.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

nouveau=drivers/gpu/drm/nouveau

usage() {
	die "usage: module.sh ours|upstream"
}

# The patches of a variant, in order, as names below linux-patches/.
patches() {
	case $1 in
	ours) (cd "$top/linux-patches" 2>/dev/null && ls -- *.patch) || : ;;
	upstream)
		sed 's/#.*//;/^[[:space:]]*$/d' \
			"$top/linux-patches/baseline.list" 2>/dev/null || :
		;;
	esac
}

# The tree as it shall be, from scratch; the build tree then takes over only
# what differs, so that make sees which files changed.
lay_out() {
	tree=$build/.tree
	rm -rf "$tree"
	mkdir -p "$tree/$nouveau" "$tree/include"
	cp -r "$kernel/source/$nouveau/." "$tree/$nouveau/"
	if [ "$variant" = ours ]; then
		rm "$tree/$nouveau"/nouveau_svm.[ch] \
			"$tree/$nouveau"/nouveau_dmem.[ch]
	fi
	for p in $(patches "$variant"); do
		echo "applying $p"
		in_root "$root" "$tree:/build" -- patch -d /build -p1 \
			--no-backup-if-mismatch -N -i "/repo/linux-patches/$p"
	done
	if [ "$variant" = ours ]; then
		cp -r "$top/$nouveau/." "$tree/$nouveau/"
		[ ! -d "$top/include" ] ||
			cp -r "$top/include/." "$tree/include/"
	fi
	# Our headers must precede the kernel's, which LINUXINCLUDE names and
	# ccflags-y would follow.
	cat >"$tree/Kbuild" <<-END
		LINUXINCLUDE := -I\$(src)/include \$(LINUXINCLUDE)
		obj-m += $nouveau/
	END
}

# The files of ours that are compiled, below the tree.
our_files() {
	(cd "$top" && find $nouveau -name '*.c')
}

# Arguments of make that have them count.
cover_flags() {
	[ -n "$cover" ] || return 0
	our_files | sed "s,^$nouveau/\\(.*\\)c\$,CFLAGS_\\1o=--coverage,"
	echo "KBUILD_EXTRA_SYMBOLS=$cover/Module.symvers"
}

# keep_notes FOLDER: what the compiler says of their lines
keep_notes() {
	[ -n "$cover" ] || return 0
	mkdir "$1/notes"
	(cd "$build/tree" && find . -name '*.gcno' -print0 |
		tar -c --null -T -) | tar -x -C "$1/notes"
}

make_module() {
	mkdir -p "$build/tree"
	lay_out
	files=$(find "$build/.tree/$nouveau" -name '*.c' | wc -l)
	# shellcheck disable=SC2046 # a list of words
	in_root "$root" "$build:/build" -- sh -eu -c '
		cd /build
		rsync -rc --delete --filter="P *.o" --filter="P .*" \
			--filter="P *.ko" --filter="P *.mod*" \
			--filter="P modules.order" --filter="P Module.symvers" \
			--filter="P *.a" --filter="P *.gcno" .tree/ tree/
		debug_info=$1
		headers=$2
		shift 2
		make -C "$headers" M=/build/tree -j"$(nproc)" \
			CC="ccache gcc" CONFIG_DRM_NOUVEAU_SVM=y \
			CONFIG_DRM_NOUVEAU_CH7006= CONFIG_DRM_NOUVEAU_SIL164= \
			CONFIG_DEBUG_INFO_BTF_MODULES= \
			KCFLAGS="-DCONFIG_DRM_NOUVEAU_SVM=1 $debug_info" \
			"$@" modules
		cp tree/'"$nouveau"'/nouveau.ko .' \
		sh "$debug_info" "$headers" $(cover_flags)
	echo "$files source files"
	tmp=$cache/.tmp-module-$which
	rm -rf "$tmp"
	mkdir "$tmp"
	mv "$build/nouveau.ko" "$tmp/"
	mv "$build/.tree" "$tmp/source"
	keep_notes "$tmp"
	mv -T "$tmp" "$module"
}

[ $# -eq 1 ] || usage
variant=$1
root=$(sh "$vm/root.sh")
kernel=$(guest_kernel)
debug_info=-g0
[ -z "${NVSVM_DEBUG:-}" ] || debug_info=-g
cover=
if [ -n "${NVSVM_COVER:-}" ]; then
	cover=$(sh "$vm/helper.sh" cover)
	cover=/cache/${cover##*/}
fi
release=$(cat "$kernel/release")
headers=/usr/src/linux-headers-$release
[ ! -d "$kernel/build" ] || headers=/cache/${kernel##*/}/build
case $variant in
ours)
	key=$(hash_of "$nouveau" include linux-patches \
		tests/vm/module.sh -- "$kernel" "$debug_info" "$cover")
	what='our nouveau.ko'
	;;
upstream)
	# shellcheck disable=SC2046 # a list of words
	key=$(hash_of linux-patches/baseline.list tests/vm/module.sh \
		$(patches upstream | sed 's,^,linux-patches/,') -- "$kernel" \
		$debug_info)
	what="upstream's nouveau.ko"
	;;
*) usage ;;
esac
module=$cache/module-$variant-$key
which=$variant${NVSVM_KERNEL:+-$NVSVM_KERNEL}${cover:+-cover}
build=$cache/build/module-$which
have "$module" && exit
lock "module-$which"
have "$module" && exit
# Roughly what a kernel build of nouveau compiles, for the progress shown.
progress_total=$(find "$kernel/source/$nouveau" -name '*.c' | wc -l)
stage "module-$which" "$what" make_module
prune "module-$variant" 6
printf '%s\n' "$module"
