# SPDX-License-Identifier: MIT
# Reports of KCSAN in messages of the kernel, as dmesg -r prints them.
# usage: awk [-v list=1] -f races.awk FUNCTIONS MESSAGES
# FUNCTIONS: lines "ours NAME", or "others NAME" for the rest of nouveau.
# Prints the messages without the reports that are none of ours; with "list",
# only "ours TITLE" or "others TITLE" for each report.
#
# A race is ours if the first function that has to do with it, on either side,
# is in a file of ours.  Those that only handle lists, trees, bits or memory for
# their callers have nothing to do with it, nor has what nouveau.ko has from a
# header.
# Nor is one ours with who reads flags of another task, as the scheduler does: what
# writes them is inlined into who calls memalloc_nofs_save() and the like.
# Messages of two tasks may be mixed: each says whose it is (PRINTK_CALLER).
function helper(name, nouveau) {
	if (nouveau)
		return !(name in where)
	return name ~ /^_*(list|hlist|rb|rbt|xa|xas|interval_tree|find|bitmap)_/ ||
		name ~ /^_*(mem(cpy|set|move|cmp)|test|set|clear|copy|refcount|kref)/
}

function reads_flags(name) {
	return name ~ /^(kthread_is_per_cpu|kthread_data|can_migrate_task)$/
}

# A side's first function of interest, if this line has it.
function look(text, name) {
	if (text ~ /^(read|write|read-write|race at).* by .*:$/ ||
	    text ~ /^race at unknown origin/) {
		looking[c] = 1
		return
	}
	if (!looking[c] || text !~ /^ .*\+0x[0-9a-f]+\/0x/)
		return
	name = text
	sub(/^ +/, "", name)
	sub(/[.+].*/, "", name)
	if (helper(name, text ~ /\[nouveau\]/))
		return
	looking[c] = 0
	if (reads_flags(name))
		flags[c] = 1
	if (where[name] == "ours" && text ~ /\[nouveau\]/)
		ours[c] = 1
}

function end_report(of) {
	if (flags[of])
		ours[of] = 0
	if (list)
		print (ours[of] ? "ours " : "others ") title[of]
	else if (ours[of])
		printf "%s", report[of]
	delete report[of]
}

FILENAME == ARGV[1] { where[$2] = $1; next }

{
	text = $0
	c = ""
	if (match(text, /^<[0-9]+>\[[ 0-9.]+\]\[ *[TC][0-9]+\] /)) {
		c = substr(text, 1, RLENGTH)
		sub(/.*\[ */, "", c)
		text = substr(text, RLENGTH + 1)
	}
}

text ~ /^BUG: KCSAN: / {
	report[c] = ""
	ours[c] = looking[c] = flags[c] = 0
	title[c] = text
	sub(/^BUG: KCSAN: /, "", title[c])
}

c in report { report[c] = report[c] $0 "\n" }

# KCSAN's lines before and after
text ~ /^=+$/ {
	if (c in report)
		end_report(c)
	next
}

c in report { look(text); next }

!list

END {
	for (c in report)
		end_report(c)
}
