#!/bin/sh
# SPDX-License-Identifier: MIT
# Boot the guest once and run commands in it.
#
# usage: run.sh [OPTION]... [--] [COMMAND]...
#   --driver D    ours (default), upstream, stock (Debian's own nouveau.ko),
#                 or none
#   --device P    the virtual GPU and its properties; default nvgpu,chip=gp100
#   --options O   module options of nouveau, default modeset=2: no display
#   --tests FILE  lines "name TAB timeout TAB command" instead of COMMANDs
#   --timeout S   seconds for each COMMAND, default 60
#   --mesa        with our Mesa, for OpenCL programs
#   --stock-mesa  with Debian's own, which knows no SVM on gp100
#   --no-programs without tests/igt and tests/opencl
#   --iommu       behind a strict IOMMU
#   --append A    more kernel parameters
#   --qemu A      more QEMU arguments
#   --memory M    MiB of RAM, default 2048
#   --numa        a second NUMA node, of 1.5 GiB more, with a page of 1 GiB
#   --dir D       where results go, default out/run
#   --unjudged    say that commands have ended, not how: some must fail
#   --power       suspend and hibernation work, and the guest needs no 9p: only
#                 programs of tests/igt, the root is in memory
#   --shell       a shell on this terminal instead of tests
#   --gdb         QEMU waits for gdb on port 1234
#
# Commands run in the Debian root as root, with the programs of tests/igt and
# tests/opencl in PATH; there is swap space, and a disk at /mnt.  Exit status 0
# is pass, 77 skip.  A kernel message that should not be there fails a command
# too (guest/runner).
#
# In D: results.tsv (test, status, seconds, why), console.log, qemu.log (what
# the virtual GPU says), counters, and in share/ each command's output,
# kernel messages and driver statistics.
#
# Exit status: 0 all passed, 1 some did not, 2 the VM did not come to its end.
vm=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/vm/lib.sh
. "$vm/lib.sh"
# shellcheck source=tests/vm/accel.sh
. "$vm/accel.sh"

# Seconds that the guest may be silent beyond the running test's own limit,
# and that it may take to boot.
patience=40
boot_limit=180
# How much longer everything may take on a kernel that looks for mistakes, and
# what of the guest's RAM is for that.
slow=1
debug_memory=2048
# Which accesses KCSAN watches, one in so many of those by modules, and for how
# many microseconds.  The other CPU may not run meanwhile on a busy host: longer
# than on a real machine.
race_watches='kcsan.modules_only=1 kcsan.skip_watch=50'
race_watches="$race_watches kcsan.udelay_task=500 kcsan.udelay_interrupt=100"
# Exit status of QEMU after the guest wrote 16 to the debug exit port.
guest_ended=33
# Lines of the guest's console that are shown when it came to grief.
last_lines=15
# MiB of the second NUMA node: a huge page of 1 GiB, and something beside it.
node_size=1536
# MiB of the guest's two disks: swap space, and a file system at /mnt.
disk_size=256
# The same for --power: memory is written to swap space.
power_disk_size=1024

driver=ours
device=nvgpu,chip=gp100
options=modeset=2
tests=
limit=60
mesa=
programs=1
append=
qemu_args=
memory=2048
numa=
dir=$out/run
unjudged=
mode=tests
while [ $# -gt 0 ]; do
	case $1 in
	--driver) driver=$2 && shift ;;
	--device) device=$2 && shift ;;
	--options) options=$2 && shift ;;
	--tests) tests=$2 && shift ;;
	--timeout) limit=$2 && shift ;;
	--mesa) mesa=mesa ;;
	--stock-mesa) mesa=stock-mesa ;;
	--no-programs) programs= ;;
	--iommu)
		qemu_args="$qemu_args -M kernel-irqchip=split
			-device intel-iommu,intremap=on"
		append="$append intel_iommu=on iommu.strict=1"
		;;
	--append) append="$append $2" && shift ;;
	--qemu) qemu_args="$qemu_args $2" && shift ;;
	--memory) memory=$2 && shift ;;
	--numa) numa=1 ;;
	--dir) dir=$2 && shift ;;
	--unjudged) unjudged=1 ;;
	--power) mode=power ;;
	--shell) mode=shell ;;
	--gdb) qemu_args="$qemu_args -s -S" ;;
	--)
		shift
		break
		;;
	-*) die "unknown option $1" ;;
	*) break ;;
	esac
	shift
done

case ${NVSVM_KERNEL:-stock} in
debug)
	slow=8
	memory=$((memory + debug_memory))
	# An interrupt while identify_cpu() takes anew what the CPU can do finds
	# no LA57, and KASAN's shadow where it is not; the boot has no end then.
	append="$append kasan_multi_shot page_poison=1 no5lvl"
	;;
race)
	slow=8
	append="$append $race_watches"
	;;
esac
patience=$((patience * slow))
boot_limit=$((boot_limit * slow))

# One CPU in each node; of two sockets, or the kernel warns.  Balancing between
# them is for tests to switch on.
cpus=2
if [ -n "$numa" ]; then
	cpus=2,sockets=2
	for n in 0 1; do
		size=$memory
		[ $n -eq 0 ] || size=$node_size
		qemu_args="$qemu_args
			-object memory-backend-ram,id=node$n,size=${size}M
			-numa node,nodeid=$n,cpus=$n,memdev=node$n"
	done
	memory=$((memory + node_size))
	append="$append numa_balancing=disable hugepagesz=1G hugepages=1:1"
fi

# What the guest needs, built if it is not there.
root=$(sh "$vm/root.sh")
kernel=$(guest_kernel)
qemu=$(sh "$vm/qemu.sh")
image=$(sh "$vm/image.sh" "$driver")
[ -z "$programs" ] || programs=$(sh "$vm/programs.sh")
[ -z "$mesa" ] || mesa=$(sh "$vm/$mesa.sh")

rm -rf "$dir"
mkdir -p "$dir/share"
dir=$(cd "$dir" && pwd)
: >"$dir/events"
: >"$dir/console.log"
: >"$dir/results.tsv"

write_tests() {
	if [ -n "$tests" ]; then
		cat "$tests"
		return
	fi
	n=1
	for command; do
		printf 'command-%d\t%d\t%s\n' $n "$limit" "$command"
		n=$((n + 1))
	done
}

# The environment of the commands in the guest.
write_env() {
	path=/usr/sbin:/usr/bin
	if [ -n "$programs" ]; then
		p=/cache/${programs##*/}
		path=$p/igt:$p/opencl:$path
		echo "export PROGRAMS=$p"
	fi
	echo "export PATH=$path HOME=/tmp LC_ALL=C.UTF-8"
	[ $slow -eq 1 ] || echo "export NVSVM_SLOW=$slow"
	if [ -n "$mesa" ]; then
		cat "$mesa/env"
	fi
}

write_tests "$@" |
	awk -F '\t' -v OFS='\t' -v slow=$slow '{ $2 *= slow; print }' \
		>"$dir/share/tests"
write_env >"$dir/share/env"
[ "${NVSVM_KERNEL:-stock}" != race ] || sh "$vm/functions.sh" \
	>"$dir/share/functions"
cp "$vm/expected-dmesg" "$dir/share/expected"

# Two disks for memory that is not only memory.  Swap must be on one: zram
# frees what it has as soon as it is read, which hides lost writes.
make_disks() {
	# shellcheck disable=SC2016 # what is in quotes is for the shell in the root
	in_root "$root" "$dir:/build" -- sh -eu -c '
		truncate -s "$1M" /build/swap /build/disk
		mkswap -q /build/swap
		busybox mke2fs -F -b 4096 -m 0 /build/disk' sh $disk_size \
		>"$dir/disks.log" 2>&1 || die "no disks (see $dir/disks.log)"
}

# The longest that a run can take if nothing hangs: a VM must not outlive this
# script by more than that, however the script ends.
reboot=-no-reboot
if [ $mode = power ]; then
	# a hibernation ends with one
	reboot=
	# the ACPI timer, which TSC is measured by, stands still after S3
	append="$append no_console_suspend tsc=reliable"
	disk_size=$power_disk_size
fi
whole_limit=0
if [ $mode != shell ]; then
	whole_limit=$(awk -F '\t' -v boot=$boot_limit -v patience=$patience '
		{ s += $2 + patience }
		END { print s + boot + 2 * patience }' "$dir/share/tests")
fi

start_vm() {
	serial="-serial file:/build/console.log"
	[ $mode != shell ] || serial='-serial mon:stdio'
	# an oops ends the run at once: what follows it proves nothing
	parameters="console=ttyS0 oops=panic panic=-1"
	# the check for a working timer fails on a busy host
	parameters="$parameters loglevel=7 ignore_loglevel no_timer_check"
	parameters="$parameters log_buf_len=8M nokaslr vm.mode=$mode"
	parameters="$parameters vm.driver=$driver"
	parameters="$parameters vm.options=$(echo "$options" | tr ' ' '|')"
	parameters="$parameters $append"
	gpu=
	[ "$driver" = none ] || gpu="-device $device,counters=/build/counters"
	# shellcheck disable=SC2046,SC2086 # lists of words
	in_root "$root" "$dir:/build" "$dir/share:/share" "$root:/mnt" -- \
		timeout --foreground -s KILL "$whole_limit" \
		"/cache/${qemu##*/}/qemu-system-x86_64" \
		-M q35 $(accel_args "$accel") -smp $cpus -m "$memory" \
		-nodefaults -no-user-config -display none -vga none \
		$reboot -L /usr/share/seabios -L /usr/share/qemu \
		-kernel "/cache/${kernel##*/}/vmlinuz" \
		-initrd "/cache/${image##*/}/initrd" \
		-append "$parameters" \
		$serial -serial file:/build/events \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		$(share root /mnt on) $(share cache /cache on) \
		$(share repo /repo on) $(share out /share off) \
		-drive file=/build/swap,format=raw,if=virtio \
		-drive file=/build/disk,format=raw,if=virtio \
		$qemu_args $gpu
}

share() {
	echo "-virtfs local,path=$2,mount_tag=$1,security_model=none,readonly=$3,multidevs=remap"
}

# One event of the guest, words in $1...
event() {
	case $1 in
	boot)
		if [ -n "$booted" ]; then
			trouble='the guest started anew'
			kill_tree $vm_pid
		fi
		booted=1
		deadline=$(($(now) + patience))
		;;
	begin)
		current=$2
		doing=$2
		began=$(now)
		heartbeat=$began
		deadline=$((began + $3 + patience))
		;;
	end)
		current=
		doing=
		deadline=$(($(now) + patience))
		printf '%s\t%s\t%s\t%s\n' "$2" "$3" "$4" "${5:-}" \
			>>"$dir/results.tsv"
		[ ! -t 2 ] || printf '\r\033[K' >&2
		if [ -n "$unjudged" ]; then
			note "[$(elapsed)]   ran   $2  $4 s"
		else
			note "[$(elapsed)]   $3  $2  $4 s${5:+  ($5)}"
		fi
		;;
	sick)
		trouble=$2
		;;
	finished)
		finished=1
		;;
	esac
}

tab=$(printf '\t')
seen=0
events() {
	there=$(wc -l <"$dir/events")
	[ "$there" -gt "$seen" ] || return 0
	sed -n "$((seen + 1)),${there}p" "$dir/events" | tr -d '\r' \
		>"$dir/events.new"
	seen=$there
	while IFS= read -r line; do
		IFS=$tab
		# shellcheck disable=SC2086 # split at tabs
		set -- $line
		unset IFS
		[ $# -eq 0 ] || event "$@"
	done <"$dir/events.new"
	rm "$dir/events.new"
}

show_last() {
	[ ! -s "$dir/console.log" ] || {
		note "the guest's last lines:"
		tail -n $last_lines "$dir/console.log" | tr -d '\r' |
			sed 's/^/  | /' >&2
	}
	[ ! -s "$dir/qemu.log" ] || {
		note "QEMU's last lines:"
		tail -n 5 "$dir/qemu.log" | sed 's/^/  | /' >&2
	}
}

# The guest is at work: say so from time to time.
alive() {
	step=$progress_step
	[ ! -t 2 ] || step=1
	[ $(($(now) - heartbeat)) -ge $step ] || return 0
	heartbeat=$(now)
	[ -z "$doing" ] ||
		show_progress "  $doing" $((heartbeat - began)) running
}

make_disks
accel=$(accel_kind)
if [ $mode = shell ]; then
	start_vm
	exit 0
fi

current=
trouble=
finished=
booted=
doing=booting
began=$(now)
heartbeat=$began
deadline=$(($(now) + boot_limit))
start_vm >"$dir/qemu.log" 2>&1 </dev/null &
vm_pid=$!
trap 'kill_tree $vm_pid; exit 130' INT TERM HUP
while kill -0 $vm_pid 2>/dev/null; do
	sleep 0.3
	events
	alive
	if [ "$(now)" -gt $deadline ]; then
		trouble="the VM gave no sign of life for too long; killed"
		kill_tree $vm_pid
		break
	fi
done
vm_rc=0
wait $vm_pid || vm_rc=$?
rm -f "$dir/swap" "$dir/disk"
trap - INT TERM HUP
events

if [ -z "$finished" ] && [ -z "$trouble" ]; then
	trouble="the VM ended by itself (status $vm_rc)"
	[ $vm_rc -ne 137 ] || trouble='the VM was killed'
	# a data race is no death
	died=$(grep -v 'BUG: KCSAN' "$dir/console.log" |
		grep -m 1 -oE '(BUG|Oops|general protection fault|Kernel panic)[:, ].*' |
		tr -d '\r')
	[ -z "$died" ] || trouble="the guest's kernel died: $died"
elif [ -n "$finished" ] && [ $vm_rc -ne $guest_ended ]; then
	note "warning: QEMU ended with status $vm_rc"
fi
if [ -n "$current" ]; then
	event end "$current" fail 0 "$trouble"
fi
if [ -n "$trouble" ]; then
	if [ -n "$unjudged" ]; then
		note "$trouble"
	else
		note "error: $trouble (see $dir)"
		show_last
	fi
	exit 2
fi
! grep -q "$tab"fail"$tab" "$dir/results.tsv" || exit 1
