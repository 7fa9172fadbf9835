# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
#
# What a guest runs on: an initramfs that holds busybox, the programs, their libraries, the kernel's
# modules and the script of tests/vm/guest that is to run.

# The shared libraries of programs. Foreign ones can't be asked here, so all of the root are taken.
libraries() {
	local root=$1 foreign=$2

	shift 2
	if [ "$foreign" ]; then
		find "$root"/lib/*-linux-gnu/ "$root"/usr/lib/*-linux-gnu/ -maxdepth 1 -name '*.so.*' |
			awk -F/ '!seen[$NF]++'
	else
		ldd "$@" | grep -o '/[^ :]*\.so[^ :]*' | sort -u
	fi
}

# image FILE KERNEL ROOT FOREIGN SCRIPT PROGRAM...: writes the image for the kernel in folder
# KERNEL, with busybox from ROOT, and, if FOREIGN isn't empty, with the libraries of ROOT.
image() {
	local file=$1 kernel=$2 root=$3 foreign=$4 script=$5 dir

	shift 5
	dir=$(mktemp -d) || return
	mkdir -p "$dir"/{bin,dev,etc,lib,modules,proc,run,sys,test,tmp}
	chmod 755 "$dir" # the guest's / is everybody's
	# Wherever a program looks for its interpreter and libraries, it comes to the one folder.
	ln -s lib "$dir/lib64"
	cp "$root/bin/busybox" "$dir/bin/" && cp "$kernel"/modules/* "$dir/modules/" &&
		cp tests/vm/guest/init "$dir/init" && cp "tests/vm/guest/$script" "$dir/test/run" &&
		cp "$@" "$dir/test/" &&
		libraries "$root" "$foreign" "$@" | xargs -r cp -L -t "$dir/lib" &&
		(cd "$dir" && find . | cpio --quiet -o -H newc -R 0:0) >"$file"
	set -- $?
	rm -rf "$dir"
	return "$1"
}
