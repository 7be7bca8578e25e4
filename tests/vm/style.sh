#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks of the source itself, with the kernel's own tools where it has some.
# usage: style.sh CHECK      one of: checkpatch patches shellcheck kernel-doc
#                            warnings sparse size heads locks names spdx
#                            defects sections
# Prints what it finds; fails if that is anything.
# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

# What checkpatch asks of kernel code alone.  The kernel has macros for these,
# user space does not:
user_space_ignores=BIT_MACRO,ARRAY_SIZE,PREFER_FALLTHROUGH
user_space_ignores=$user_space_ignores,PREFER_DEFINED_ATTRIBUTE_MACRO
user_space_ignores=$user_space_ignores,PREFER_KERNEL_TYPES,VOLATILE
# APIs of QEMU and OpenCL have such names, and QEMU wants its typedefs:
user_space_ignores=$user_space_ignores,CAMELCASE,NEW_TYPEDEFS
# A table of X(name, what) lines is no expression and has no unused argument:
user_space_ignores=$user_space_ignores,COMPLEX_MACRO,MACRO_ARG_REUSE
user_space_ignores=$user_space_ignores,MACRO_ARG_UNUSED,TRAILING_SEMICOLON
user_space_ignores=$user_space_ignores,MULTISTATEMENT_MACRO_USE_DO_WHILE
# A word in a message that is also the name of the function:
user_space_ignores=$user_space_ignores,EMBEDDED_FUNCTION_NAME
# No MAINTAINERS entry for each file here; and -ENOSYS is what upstream's
# SVM ioctls return where there is no SVM, which user space relies on.
kernel_ignores=FILE_PATH_CHANGES,ENOSYS

# Longest function, median function of the driver, longest file; in lines.
max_function=80
median_function=15
max_file=1000

# list DIR... : our C files there
list() {
	(cd "$top" && find "$@" -name '*.[ch]' -type f 2>/dev/null | sort)
}

# checkpatch OPTION... : the files on standard input, several at a time.
# It takes the minus of 1e-6 for an operator; its status is not looked at
# since that may be all it found.
checkpatch() {
	in_root "$root" "$kernel/source:/share" -- sh -c '
		cd /tmp
		xargs -r -n 12 -P "$(nproc)" \
		perl /share/scripts/checkpatch.pl --root=/share --no-tree \
		--strict --terse --show-types --no-summary --color=never \
		"$@" || :' sh "$@" >"$logs/.checkpatch"
	found=0
	while IFS= read -r line; do
		case $line in *"CHECK:SPACING: spaces preferred around that '-'"*)
			where=${line%%: *}
			file=${where%:*}
			sed -n "${where##*:}p" "$top/${file#/repo/}" \
				2>/dev/null >"$logs/.line" || :
			! grep -q '[0-9.][ep]-[0-9]' "$logs/.line" || continue
			;;
		esac
		printf '%s\n' "$line"
		found=1
	done <"$logs/.checkpatch"
	return $found
}

in_repo() {
	sed 's,^,/repo/,'
}

check_checkpatch() {
	rc=0
	list drivers include | in_repo |
		checkpatch --ignore "$kernel_ignores" -f || rc=1
	list tests tools | in_repo |
		checkpatch --ignore "$kernel_ignores,$user_space_ignores" -f ||
		rc=1
	return $rc
}

check_patches() {
	(cd "$top" && find linux-patches -name '*.patch' | sort) | in_repo |
		checkpatch --ignore "$kernel_ignores"
}

check_shellcheck() {
	(cd "$top" && find demo check .ci/run tests tools -type f \
		2>/dev/null | sort) >"$logs/.files"
	while read -r f; do
		case $(head -n 1 "$top/$f") in
		'#!/bin/sh'*) echo "$f" ;;
		*) case $f in *.sh) echo "$f" ;; esac ;;
		esac
	done <"$logs/.files" >"$logs/.scripts"
	rm -f "$logs/.files"
	in_root "$root" -- sh -c 'cd /repo && xargs shellcheck -x' \
		<"$logs/.scripts"
}

check_kernel_doc() {
	# shellcheck disable=SC2046
	in_root "$root" "$kernel/source:/share" -- \
		python3 /share/tools/docs/kernel-doc -none \
		$(list drivers include tests/vgpu/core | in_repo) \
		>"$logs/.doc" 2>&1 || :
	! grep -E '(warning|error):' -i "$logs/.doc" | sort -u | grep .
}

# compile LOG ARGUMENT-OF-MAKE...: our files of the driver, whatever was
# compiled before, and no word of the compiler or a checker about them.
compile() {
	compile_log=$1
	shift
	module=$(sh "$vm/module.sh" ours)
	build=$cache/build/style
	release=$(cat "$kernel/release")
	objects=$(list drivers | sed -n 's/\.c$/.o/p' | tr '\n' ' ')
	mkdir -p "$build"
	in_root "$root" "$build:/build" "$module:/share" -- sh -eu -c '
		release=$1
		objects=$2
		shift 2
		rsync -rc --delete --include="*/" --include="*.[ch]" \
			--include=Kbuild --exclude="*" \
			--filter="P *.o" --filter="P .*" \
			/share/source/ /build/
		cd /build
		rm -f $objects
		make -C "/usr/src/linux-headers-$release" M=/build \
			-j"$(nproc)" CONFIG_DRM_NOUVEAU_SVM=y \
			KCFLAGS=-DCONFIG_DRM_NOUVEAU_SVM=1 "$@" $objects' \
		sh "$release" "$objects" "$@" >"$compile_log" 2>&1 || {
		tail -n 5 "$compile_log"
		return 1
	}
	ours=$(list drivers | tr '\n' '|')
	! grep -E "(^|/)(${ours%|}):[0-9:]+ *(warning|error)" "$compile_log"
}

check_warnings() {
	compile "$logs/.warnings" W=1
}

# Debian's sparse does not know __typeof_unqual__; the kernel's headers need it.
check_sparse() {
	compile "$logs/.sparse" C=1 \
		CHECK='sparse -D__typeof_unqual__=__typeof__' || return 1
	! grep 'sparse is not available' "$logs/.sparse"
}

# lengths FILE... : "LINES FILE:LINE" of each function
lengths() {
	# shellcheck disable=SC2046 # a list of words
	(cd "$top" && awk '
		FNR == 1 { start = 0 }
		/^\{/ { start = FNR }
		/^\}/ && start {
			print FNR - start + 1, FILENAME ":" start
			start = 0
		}' "$@")
}

check_size() {
	rc=0
	# shellcheck disable=SC2046 # a list of words
	lengths $(list drivers include tests tools) |
		awk -v max=$max_function '
			$1 > max { print $2 ": function of " $1 " lines" }' |
		grep . && rc=1
	# shellcheck disable=SC2046
	lengths $(list drivers) | sort -n | awk -v max=$median_function '
		{ n[NR] = $1 }
		END {
			if (!NR || n[int((NR + 1) / 2)] > max)
				print "drivers: the median of " NR \
					" functions has " \
					n[int((NR + 1) / 2)] " lines"
		}' | grep . && rc=1
	for f in $(list drivers include tests tools); do
		lines=$(wc -l <"$top/$f")
		[ "$lines" -le $max_file ] && continue
		echo "$f: $lines lines"
		rc=1
	done
	return $rc
}

# Each file of the driver begins with what it is for and how it locks.
check_heads() {
	rc=0
	for f in $(list drivers | grep '\.c$'); do
		head=$(sed -n '2{/^\/\*/!q};2,/\*\//p' "$top/$f")
		case $head in
		*'* Locking'[:,]*) continue ;;
		'') echo "$f: no comment at its head" ;;
		*) echo "$f: its head does not say \"Locking: ...\"" ;;
		esac
		rc=1
	done
	return $rc
}

# A function that touches what a lock protects takes the lock or asserts it:
# patterns of members, and of what must stand in the function then.  Set-up
# before and clean-up after all use, and READ_ONCE(), need no lock.
check_locks() {
	# shellcheck disable=SC2046 # a list of words
	(cd "$top" && awk '
		function rule(member, lock) {
			members[++rules] = member
			locks[rules] = lock
		}
		BEGIN {
			rule("range->(mapped|page\\[|invals|garbage)",
			     "notifier_lock")
			rule("range->(again|tries)", "notifier_lock")
			rule("svmm->(ranges|garbage|again|stopped|lost|contended)",
			     "notifier_lock")
			rule("svm->(svmms|replay_due|replays)|pending->",
			     "svm->lock")
			rule("chan->(suspect|death)", "svm->lock")
			rule("svm->tables|table->refs", "mutex[.]vmm")
			rule("pt->(pte\\[|valid)", "->lock")
		}
		FNR == 1 { start = 0 }
		/^[a-z].*\(/ {
			name = $0
			sub(/\(.*/, "", name)
			sub(/.*[ *]/, "", name)
		}
		/^\{/ { start = FNR; body = "" }
		start && !/INIT_LIST_HEAD|RB_ROOT|alloc|free\(|READ_ONCE/ {
			body = body $0 "\n"
		}
		/^\}/ && start {
			for (i = 1; i <= rules; i++)
				if (body ~ members[i] && body !~ locks[i]) {
					print FILENAME ":" start ": " name \
						"() needs " locks[i]
					bad = 1
				}
			start = 0
		}
		END { exit bad }' $(list drivers | grep '\.c$'))
}

# Functions of ours that the documentation names are there.
check_names() {
	rc=0
	grep -ohE '\b(nouveau|nvkm|gp100)_[a-z0-9_]+\(\)' \
		"$top"/Documentation/gpu/*.rst | tr -d '()' | sort -u \
		>"$logs/.names"
	while read -r name; do
		grep -rqE "^([a-z].*[ *])?$name\(" "$top/drivers" && continue
		echo "Documentation/gpu: there is no $name()"
		rc=1
	done <"$logs/.names"
	return $rc
}

# The table of upstream's defects is what its list says, its tests exist, and
# the last run does not say otherwise.
check_defects() {
	rc=0
	page=$top/Documentation/gpu/upstream-defects.rst
	sh "$vm/defects.sh" expected | diff -u "$page" - || rc=1
	programs=$(sh "$vm/programs.sh")
	for t in $(sh "$vm/defects.sh" tests) $(sh "$vm/defects.sh" controls); do
		grep -q "^${t#*/}	" "$programs/igt.tests" && continue
		echo "tests/vm/defects: there is no test $t"
		rc=1
	done
	[ -e "$out/baseline.tsv" ] || return $rc
	sh "$vm/defects.sh" verdicts "$out/baseline.tsv" |
		grep '	fail	ours: ' && rc=1
	return $rc
}

check_spdx() {
	rc=0
	for f in $(cd "$top" && find demo check Makefile README.md MAINTAINERS \
		.ci Documentation drivers include linux-patches mesa-patches \
		tests tools -type f ! -name '*.patch' ! -name '*.pyc' \
		! -name '.checkpatch-*' \
		2>/dev/null); do
		head -n 3 "$top/$f" | grep -q SPDX-License-Identifier || {
			echo "$f: no SPDX line in the first three"
			rc=1
		}
	done
	return $rc
}

# matches NAMES PATTERN: those of the names in a file, one a line
matches() {
	while read -r m_name; do
		# shellcheck disable=SC2254 # a pattern is meant
		case $m_name in $2) echo "$m_name" ;; esac
	done <"$1"
}

# Conformance cases and the list of what they are for: each of the one is in the
# other.
check_sections() {
	rc=0
	programs=$(sh "$vm/programs.sh")
	in_root "$root" "$programs:/build" -- sh -eu -c '
		for p in /build/opencl/conform_*; do
			"$p" --list
		done' | cut -f 2 | sort >"$logs/.cases"
	: >"$logs/.listed"
	while IFS='	' read -r section demand cases; do
		case $section in '' | '#'*) continue ;; esac
		case $cases in '- '*) continue ;; esac
		[ -n "$cases" ] || {
			echo "sections: $section: $demand: no case, no reason"
			rc=1
		}
		set -f
		for pattern in $cases; do
			matches "$logs/.cases" "$pattern" >"$logs/.these"
			cat "$logs/.these" >>"$logs/.listed"
			[ ! -s "$logs/.these" ] || continue
			echo "sections: $section: there is no case $pattern"
			rc=1
		done
		set +f
	done <"$top/tests/opencl/sections"
	sort -u "$logs/.listed" >"$logs/.these"
	uniq -d "$logs/.cases" | sed 's/^/sections: twice: /' | grep . && rc=1
	comm -23 "$logs/.cases" "$logs/.these" |
		sed 's/^/sections: not there: /' | grep . && rc=1
	return $rc
}

root=$(sh "$vm/root.sh")
kernel=$(sh "$vm/kernel.sh")
mkdir -p "$logs"
"check_$(echo "$1" | tr - _)"
