#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: watch.sh SECONDS FILE COMMAND...
# Run COMMAND until it ends, or FILE has not grown for so many SECONDS.
limit=$1
file=$2
shift 2

size() {
	stat -c %s "$file" 2>/dev/null || echo 0
}

"$@" &
command=$!
was=
while kill -0 $command 2>/dev/null; do
	is=$(size)
	now=$(date +%s)
	[ "$is" = "$was" ] || since=$now
	was=$is
	if [ $((now - since)) -gt "$limit" ]; then
		kill -KILL $command
		break
	fi
	sleep 0.2
done
wait $command
