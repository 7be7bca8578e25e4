# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Common parts of the set-up scripts.  Sourced, with $vm = this folder.
#
# A script here makes one product: it prints the product's path on standard
# output, everything else goes to standard error or to a log below out/log.
# Products lie in the cache, named KIND-KEY, KEY a hash of all their inputs;
# they appear there by rename, so that what exists is complete.
set -eu
export LC_ALL=C

top=$(cd "$vm/../.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nouveau-svm
out=$top/out
logs=$out/log
# shellcheck source=tests/vm/versions
. "$vm/versions"

# Where progress goes: a terminal gets one line rewritten, a file gets a new
# line every $progress_step seconds.
progress_step=5

# Minutes after which nobody who has used a product still needs it.
run_minutes=120

note() {
	printf '%s\n' "$*" >&2
}

# The last words are kept for whoever runs this script: product (suite.sh).
die() {
	note "error: $*"
	[ ! -d "$logs" ] || printf '%s\n' "$*" >"$logs/.error"
	exit 1
}

now() {
	date +%s
}

if [ -z "${NVSVM_START:-}" ]; then
	NVSVM_START=$(now)
	export NVSVM_START
fi

# minutes:seconds of a number of seconds
clock() {
	printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}

elapsed() {
	clock $(($(now) - NVSVM_START))
}

# Hash of files and folders (paths below $top) and of further words, the
# latter after "--".  Version control's and editors' files do not count.
hash_of() {
	words=
	paths=
	while [ $# -gt 0 ]; do
		if [ "$1" = -- ]; then
			shift
			words=$*
			break
		fi
		[ ! -e "$top/$1" ] || paths="$paths $1"
		shift
	done
	(
		cd "$top"
		# shellcheck disable=SC2086 # no path of ours has a space
		[ -z "$paths" ] || find $paths -type f ! -name '.*' \
			! -name '*~' ! -name '*.pyc' | sort |
			xargs -d '\n' -r sha256sum
		printf '%s\n' "$words"
	) | sha256sum | cut -c 1-16
}

# One set-up at a time for each kind of product; held until the script ends.
lock() {
	mkdir -p "$cache"
	exec 9>"$cache/.lock-$1"
	flock -n 9 && return
	note "waiting for another set-up of $1 on this machine"
	flock 9
}

# Keep only the $2 most recently used products of kind $1, and those that a
# run in another clone may still be using.
prune() {
	# shellcheck disable=SC2012 # names are KIND-HASH
	ls -dt "$cache/$1"-* 2>/dev/null | tail -n "+$(($2 + 1))" |
		while read -r old; do
			find "$old" -maxdepth 0 -mmin "+$run_minutes" \
				-exec rm -rf {} +
		done
}

# Is the product there?  Then say where and note that it is in use.
have() {
	[ -e "$1" ] || return 1
	touch -c "$1"
	printf '%s\n' "$1"
}

# The last sign of progress in a log: ninja's [n/m], else how many files a
# kernel build has compiled of $progress_total, else its last line.
progress() {
	last=$(tail -c 4000 "$1" 2>/dev/null | tr '\r' '\n' |
		grep -a '[^ ]' | tail -n 1 | cut -c 1-300)
	case $last in
	'['[0-9]*/*)
		printf '%s' "${last%%]*}]" | tr -d '[]'
		return
		;;
	esac
	if [ -n "${progress_total:-}" ]; then
		done_=$(grep -ac '^ *\(CC\|AR\) ' "$1" || :)
		[ "$done_" -eq 0 ] || last="$done_/$progress_total"
	fi
	printf '%.60s' "$last"
}

show_progress() {
	text="[$(elapsed)] $1 $(clock "$2")  $3"
	if [ -t 2 ]; then
		printf '\r%-.79s\033[K' "$text" >&2
	else
		note "$text"
	fi
}

# The most telling line of a failed stage's log.
why_of() {
	if [ ! -s "$1" ]; then
		printf 'it said nothing'
		return
	fi
	if grep -aq 'No space left on device' "$1"; then
		printf 'no space left on the disk'
		return
	fi
	line=$(grep -aE 'Failed to fetch' "$1" | tail -n 1)
	[ -n "$line" ] || line=$(tr '\r' '\n' <"$1" |
		grep -aE '^E: |[Ee]rror:|ERROR:|\*\*\* |FAILED|fatal|annot ' |
		grep -av '^make\|[Ww]arning' | tail -n 1)
	[ -n "$line" ] || line=$(grep -a '[^ ]' "$1" | tail -n 1)
	printf '%.200s' "${line:-it said nothing}"
}

# stage NAME WHAT COMMAND...: run a command with its output in a log, and
# show that it lives.
stage() {
	stage_name=$1
	stage_what=$2
	shift 2
	mkdir -p "$logs"
	stage_log=$logs/$stage_name.log
	stage_start=$(now)
	shown=0
	: >"$stage_log"
	show_progress "$stage_what" 0 ''
	("$@") >"$stage_log" 2>&1 </dev/null 8>&- 9>&- &
	stage_pid=$!
	trap 'end_stage 130' INT TERM HUP
	while kill -0 $stage_pid 2>/dev/null; do
		sleep 1
		spent=$(($(now) - stage_start))
		if [ -t 2 ] || [ $((spent - shown)) -ge $progress_step ]; then
			shown=$spent
			show_progress "$stage_what" $spent \
				"$(progress "$stage_log")"
		fi
	done
	stage_rc=0
	wait $stage_pid || stage_rc=$?
	trap - INT TERM HUP
	spent=$(($(now) - stage_start))
	if [ $stage_rc -ne 0 ]; then
		[ ! -t 2 ] || note
		die "$stage_what failed: $(why_of "$stage_log")" \
			"(log: $stage_log)"
	fi
	show_progress "$stage_what" $spent 'done'
	[ ! -t 2 ] || note
}

end_stage() {
	kill_tree "$stage_pid"
	exit "$1"
}

# kill_tree PID: it and all that it started
kill_tree() {
	# shellcheck disable=SC2013 # words of one line
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		kill_tree "$child"
	done
	kill -KILL "$1" 2>/dev/null || :
}

# The kernel that the guest runs: the stock one, or with NVSVM_KERNEL=debug or
# =race in the environment one that looks for mistakes, or for data races.
guest_kernel() {
	case ${NVSVM_KERNEL:-stock} in
	stock) sh "$vm/kernel.sh" ;;
	debug | race) sh "$vm/$NVSVM_KERNEL-kernel.sh" ;;
	*) die "no such kernel: $NVSVM_KERNEL" ;;
	esac
}

# in_root ROOT [SRC:DST]... -- COMMAND...: run in the Debian root, in mount
# and process namespaces of its own; what it mounted and started is gone when
# it ends.  The cache is /cache there, this repository /repo, read only.
in_root() {
	unshare --mount --pid --fork --kill-child \
		sh "$vm/enter.sh" "$cache" "$top" "$@"
}
