#!/bin/sh
# SPDX-License-Identifier: MIT
# Does a browser render the benchmark's page?
#
# usage: page-test.sh PAGE.HTML
#
# Needs Debian's chromium or chromium-headless-shell, 110 MB to download, which
# is why ./check does not do this.  BROWSER names another one of its kind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
page=$(cd "$(dirname "$1")" && pwd)/${1##*/}
browser=${BROWSER:-$(command -v chromium-headless-shell chromium | head -n 1)}
[ -n "$browser" ] || {
	echo 'error: no browser: apt-get install chromium-headless-shell' >&2
	exit 1
}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# No network, whatever the page says; all of the page in one picture.
"$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars \
	--host-resolver-rules='MAP * ~NOTFOUND' --window-size=1000,16000 \
	--user-data-dir="$tmp/profile" --screenshot="$tmp/page.png" \
	"file://$page" >"$tmp/log" 2>&1 || {
	cat "$tmp/log" >&2
	exit 1
}
python3 "$here/page_test.py" "$page" "$tmp/page.png"
