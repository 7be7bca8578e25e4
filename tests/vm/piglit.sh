#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's piglit: its OpenCL programs, as they are.  Prints the path of a folder
# with
#   run       runs one of them in the guest; its status says the result
#   tests     lines "name TAB timeout TAB command", one for each of piglit's own
#             list of them
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/debs.sh
. "$vm/debs.sh"

# Seconds for one.
limit=60
# What its programs are linked to that the root has not got: EGL, uncalled.
packages="piglit libegl1 libglvnd0"
there=usr/lib/x86_64-linux-gnu
only="./$there/piglit/bin/cl-* ./$there/piglit/tests/cl*
	./$there/piglit/generated_tests/cl* ./$there/piglit/lib/*
	./$there/libEGL.so* ./$there/libGLdispatch.so*"

make_piglit() {
	tmp=$cache/.tmp-piglit
	# shellcheck disable=SC2086 # a list of words
	unpack "$tmp" "$only" $packages
	mv "$tmp/all/$there/piglit" "$tmp/piglit"
	mv "$tmp/all/$there" "$tmp/lib"
	rm -rf "$tmp/all"
	mv "$tmp"/piglit/lib/libpiglitutil.so* \
		"$tmp"/piglit/lib/libpiglitutil_cl.so* "$tmp/lib/"
	rm -rf "$tmp/piglit/lib"
	needs_of "$tmp" piglit/bin/cl-program-tester
	in_root "$root" "$tmp:/build" -- python3 /repo/tests/vm/piglit.py \
		/build/piglit/tests/cl.xml.gz "/cache/${piglit##*/}/run" \
		$limit >"$tmp/tests"
	write_run >"$tmp/run"
	chmod 755 "$tmp/run"
	mv -T "$tmp" "$piglit"
}

# A program's status says less than what it prints.
write_run() {
	here=/cache/${piglit##*/}
	cat <<-END
		#!/bin/sh
		cd $here/piglit
		export LD_LIBRARY_PATH=$here/lib:\$LD_LIBRARY_PATH
		export PIGLIT_SOURCE_DIR=$here/piglit
		program=\$1
		shift
		said=\$(mktemp)
		"bin/\$program" "\$@" >\$said 2>&1
		rc=\$?
		cat \$said
		[ \$rc -lt 128 ] || exit \$rc
		case \$(grep '^PIGLIT: {"result"' \$said | tail -n 1) in
		*'"pass"'*) exit 0 ;;
		*'"skip"'*) exit 77 ;;
		*) exit 1 ;;
		esac
	END
}

root=$(sh "$vm/root.sh")
key=$(hash_of tests/vm/versions tests/vm/debs.sh tests/vm/piglit.sh \
	tests/vm/piglit.py -- "$root")
piglit=$cache/piglit-$key
have "$piglit" && exit
lock piglit
have "$piglit" && exit
stage piglit "Debian's piglit" make_piglit
prune piglit 2
printf '%s\n' "$piglit"
