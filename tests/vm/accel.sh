# SPDX-License-Identifier: MIT
# shellcheck shell=sh disable=SC2154
# Does KVM really run a guest here?  Sourced; needs $root, $kernel, $qemu and
# $image of the caller.  The verdict is kept until the machine reboots.

# Seconds that a guest may take to say hello under KVM.
kvm_limit=30

accel_kind() {
	verdict=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -e "$verdict" ]; then
		rm -f "$cache"/accel-*
		if kvm_works; then
			echo kvm >"$verdict"
		else
			echo tcg >"$verdict"
		fi
	fi
	cat "$verdict"
}

accel_args() {
	case $1 in
	kvm) echo '-accel kvm -cpu host' ;;
	tcg) echo '-accel tcg,thread=multi -cpu max' ;;
	esac
}

kvm_works() {
	[ -w /dev/kvm ] || return 1
	hello=$cache/.kvm-hello
	rm -rf "$hello"
	mkdir -p "$hello"
	# shellcheck disable=SC2046
	in_root "$root" "$hello:/build" -- timeout -s KILL $kvm_limit \
		"/cache/${qemu##*/}/qemu-system-x86_64" \
		-M q35 $(accel_args kvm) -smp 2 -m 512 -nodefaults \
		-no-user-config -display none -vga none -no-reboot \
		-L /usr/share/seabios -L /usr/share/qemu \
		-kernel "/cache/${kernel##*/}/vmlinuz" \
		-initrd "/cache/${image##*/}/initrd" \
		-append 'console=ttyS0 panic=-1 vm.mode=hello' \
		-serial file:/build/console -serial file:/build/events \
		-device isa-debug-exit,iobase=0xf4,iosize=1 \
		>"$hello/log" 2>&1 </dev/null || :
	grep -q '^finished' "$hello/events" 2>/dev/null
}
