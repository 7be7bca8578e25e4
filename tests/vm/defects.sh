#!/bin/sh
# SPDX-License-Identifier: MIT
# The list of upstream's defects (file defects), for those who run the tests
# and for the documentation.
# usage: defects.sh tests | controls	names of tests, one a line
#        defects.sh suites		name TAB options of run.sh, of suites
#			that tests of such a name run in; all others: igt
#        defects.sh verdicts BASELINE	for each of them: name TAB pass|fail TAB
#			why; BASELINE has lines "SUITE/TEST TAB OURS TAB UPSTREAM"
#        defects.sh table BASELINE	the page of the documentation; fails if
#			a row of it would not be what BASELINE says
#        defects.sh expected		the page, if all is as it must be
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"

list=$vm/defects
tab=$(printf '\t')

# names controls|tests: one a line
names() {
	awk -F '\t' -v what="$1" '
	!/^#/ && $1 != "suite" && $2 != "-" &&
	($1 == "control") == (what == "controls") {
		n = split($2, test, " ")
		for (i = 1; i <= n; i++)
			if (!seen[test[i]]++)
				print test[i]
	}' "$list"
}

# verdicts_of BASELINE OURS UPSTREAM: on each test named on standard input
verdicts_of() {
	awk -F '\t' -v OFS='\t' -v ours="$2" -v upstream="$3" '
		FNR == NR { o[$1] = $2; u[$1] = $3; next }
		{ t = $1 ~ "/" ? $1 : "igt/" $1 }
		!(t in o) { print $1, "fail", "has no result on both"; next }
		o[t] == ours && u[t] == upstream { print $1, "pass", ""; next }
		{
			print $1, "fail", "ours: " o[t] ", upstream: " u[t] \
				"; must be: " ours ", " upstream
		}' "$1" -
}

verdicts() {
	names controls | verdicts_of "$1" pass pass
	names tests | verdicts_of "$1" pass fail
}

suites() {
	awk -F '\t' -v OFS='\t' '$1 == "suite" { print $2, $3 }' "$list"
}

head_of_page() {
	cat <<-'END'
		.. SPDX-License-Identifier: MIT
		.. Made from tests/vm/defects and out/baseline.tsv: make defects

		==================================
		Upstream's driver, and what it is
		==================================

		What was found wrong with ``nouveau_svm.c`` and ``nouveau_dmem.c`` of
		Linux 7.3.4, by reading and by running them on the virtual GPU. Each
		row with a test is the outcome of two runs, on upstream's driver and on
		ours, of the same test on the same virtual GPU; ``./check`` and ``make
		baseline`` repeat them. Upstream's driver is built with the patches that
		``linux-patches/baseline.list`` names, without which it does not run.

		Shown by tests
		==============

		Programs are in ``tests/igt``; a test is ``PROGRAM --run-subtest NAME``.

		.. list-table::
		   :header-rows: 1

		   * - No.
		     - What upstream does
		     - Test (program@name)
		     - Upstream
		     - Ours
	END
}

# Rows of tests; results from BASELINE, or what they must be.
rows() {
	awk -F '\t' -v baseline="${1:-}" '
		BEGIN {
			while (baseline && (getline line <baseline) > 0) {
				split(line, f, "\t")
				ours[f[1]] = f[2]
				upstream[f[1]] = f[3]
			}
		}
		/^#/ || $1 == "suite" || $1 == "control" || $2 == "-" { next }
		{
			n = split($2, test, " ")
			for (i = 1; i <= n; i++) {
				t = test[i] ~ "/" ? test[i] : "igt/" test[i]
				print "   * - " $1
				print "     - " (i == 1 ? $3 : "The same.")
				print "     - ``" test[i] "``"
				print "     - " (baseline ? upstream[t] : "fail")
				print "     - " (baseline ? ours[t] : "pass")
			}
		}' "$list"
}

rest_of_page() {
	printf '\nA name before a slash is a virtual machine of its own:\n\n'
	suites | awk -F '\t' '{ print "- ``" $1 "``: ``run.sh " $2 "``" }'
	cat <<-'END'

		That upstream runs at all, so that a failure means something, is shown
		by these, which pass on both:

	END
	names controls | awk '{ print "- ``" $0 "``" }'
	cat <<-'END'

		Not shown
		=========

		.. list-table::
		   :header-rows: 1

		   * - No.
		     - What upstream does
		     - Why there is no test
	END
	awk -F '\t' '!/^#/ && $2 == "-" {
		print "   * - " $1
		print "     - " $3
		print "     - " $4
	}' "$list"
}

page() {
	head_of_page
	rows "${1:-}"
	rest_of_page
}

case ${1:-} in
tests) names tests ;;
controls) names controls ;;
suites) suites ;;
verdicts) verdicts "$2" ;;
expected) page ;;
table)
	wrong=$(verdicts "$2" | grep -v "${tab}pass$tab" || :)
	[ -z "$wrong" ] || die "$2 does not bear it out: $wrong"
	page "$2"
	;;
*) die "usage: defects.sh tests|controls|suites|verdicts|table|expected" ;;
esac
