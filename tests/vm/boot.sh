# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# A guest: a kernel in QEMU, by software emulation alone, so that it runs wherever QEMU does.

# The QEMU of an architecture and what it is told. Two CPUs, since what CPUs do to one another is
# half of what can go wrong; but one thread runs both, because with a thread for each, an x86 kernel
# that patches its own code while it boots sometimes dies of it. Two serial lines: the kernel's
# messages must not tear a line of the tests apart.
machine() {
	local both="-accel tcg,thread=single -smp 2 -m 512 -nodefaults -display none -no-reboot"

	case $1 in
	amd64) echo "qemu-system-x86_64 $both -cpu max,-erms,-fsrm -serial chardev:console -serial chardev:results" ;;
	arm64) echo "qemu-system-aarch64 $both -M virt -cpu neoverse-n1 -serial chardev:console" \
		"-device pci-serial,chardev=results" ;;
	esac
}

# What compilers call it.
triplet() {
	case $1 in
	amd64) echo x86_64-linux-gnu ;;
	arm64) echo aarch64-linux-gnu ;;
	esac
}

# What the guest calls its serial lines.
lines() {
	case $1 in
	amd64) echo "console=ttyS0 results=ttyS1" ;;
	arm64) echo "console=ttyAMA0 results=ttyS0" ;;
	esac
}

# boot ARCH KERNEL IMAGE DIR SECONDS [WORD...]: leaves DIR/results, what the tests said; DIR/console,
# what the kernel said; and DIR/qemu, what QEMU said. DIR/pid is there while the guest runs. The
# words, as in NAME=VALUE, are in the environment of the script.
boot() {
	local arch=$1 kernel=$2 image=$3 dir=$4 seconds=$5 status

	shift 5
	# shellcheck disable=SC2046 # words
	timeout -k 5 "$seconds" $(machine "$arch") -kernel "$kernel/vmlinuz" -initrd "$image" \
		-chardev "file,id=console,path=$dir/console" \
		-chardev "file,id=results,path=$dir/results" \
		-append "$(lines "$arch") quiet panic=-1 oops=panic mitigations=off $*" \
		</dev/null >"$dir/qemu" 2>&1 &
	echo $! >"$dir/pid"
	wait $!
	status=$?
	rm "$dir/pid"
	return $status
}
