#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints which functions of our nouveau.ko are ours: a line "ours NAME" or
# "others NAME" for each that a .c file, or a header of ours, defines.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# functions WHOSE: of the files on standard input
# shellcheck disable=SC2016 # for awk
functions() {
	xargs awk -v whose="$1" '
		/^[a-z_].*\(/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
		/^[^\t ].*;$/ { name = "" }
		/^\{/ && name != "" { print whose, name; name = "" }'
}

mkdir -p "$logs"
module=$(sh "$vm/module.sh" ours)
cd "$module/source/drivers"
(cd "$top/drivers" && find . -name '*.[ch]') | sort >"$logs/.ours"
find . -name '*.c' | sort | grep -vxFf "$logs/.ours" | functions others
functions ours <"$logs/.ours"
rm -f "$logs/.ours"
