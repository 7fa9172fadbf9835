#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The root tests on real kernels: boots each in QEMU with a throw-away initramfs and runs all of
# them there, as root. On a kernel that is too old, tcpflux must say that. Prints TAP. Needs no root.
#
# A kernel that can't be had is skipped, but three must run wherever kernels can be had at all.
#
#   KERNELS       the names of those to take, as in "6.1 arm64-6.12" (default: the table below)
#   KERNEL_CACHE  where they are kept (default: ~/.cache/tcpflux/kernels, or below XDG_CACHE_HOME)
#   KERNEL_LIMIT  seconds that a guest may take (default: 4500)
#   BUILD         the build directory, with `all root-tests` built

set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/fetch.sh
. tests/vm/image.sh
. tests/vm/boot.sh
build=${BUILD:-build}
# The make that runs the tests must not pass its own variables on.
unset BUILD MAKEFLAGS MFLAGS
export LC_ALL=C

# Name, architecture, series, the suite of Debian that has it, the script to run. The slowest first.
table="
arm64-6.12  arm64  6.12    trixie-security    root-tests
6.1         amd64  6.1     bookworm-security  root-tests
6.12        amd64  6.12    trixie-security    root-tests
6.18        amd64  6.18    trixie-backports   root-tests
newest      amd64  newest  trixie-backports   root-tests
5.10        amd64  5.10    bullseye-security  too-old
"
kernels=${KERNELS-$(awk '{ print $1 }' <<<"$table")}
work=$(mktemp -d) || exit 1

# Who waits for a guest goes first: a guest that is ended is not to be booted again.
clean_up() {
	local pid

	jobs -p | while read -r pid; do
		kill "$pid"
	done
	cat "$work"/*/pid 2>/dev/null | while read -r pid; do
		kill "$pid"
	done
	wait
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- what a guest needs --------------------------------------------------------------------------

is_foreign() {
	case $(uname -m) in
	x86_64) [ "$1" != amd64 ] ;;
	aarch64) [ "$1" != arm64 ] ;;
	esac
}

have() {
	reason="no $1"
	command -v "$1" >/dev/null
}

# fetch ARCH SERIES SUITE, one process at a time. Another architecture needs libraries to link with.
fetch() {
	local needed=(busybox-static) lock status

	! is_foreign "$1" || needed+=(libbpf-dev libcap-dev libzstd-dev libsqlite3-dev libncurses-dev
		zlib1g-dev libcmocka-dev libc6-dev iproute2)
	reason="$cache can't be written"
	mkdir -p "$cache" && exec {lock}>"$cache/lock" || return
	flock "$lock"
	fetch_root "$1" "${needed[@]}" && fetch_kernel "$3" "$2" "$1"
	status=$?
	exec {lock}>&-
	return $status
}

# Builds for another architecture, into $programs. The BPF object is the same for all of them.
build_for() {
	make -s BUILD="$programs" CC="$2" CFLAGS="-O2 -g --sysroot=$cache/root-$1" LDFLAGS= \
		all root-tests >"$work/make" 2>&1
}

# prepare NAME ARCH SERIES SUITE SCRIPT: fails with 1 where it can't be had ($reason), with 2 where
# the project is at fault ($work/make).
prepare() {
	local name=$1 arch=$2 foreign="" compiler programs=$build ss

	have "$(machine "$arch" | cut -d ' ' -f 1)" || return 1
	if is_foreign "$arch"; then
		foreign=yes compiler=$(triplet "$arch")-gcc programs=$build/$arch
		have "$compiler" || return 1
	fi
	fetch "$arch" "$3" "$4" || return 1
	have ss || return 1
	ss=$(command -v ss)
	[ ! "$foreign" ] || ss=$cache/root-$arch/bin/ss
	[ ! "$foreign" ] || build_for "$arch" "$compiler" || return 2
	image "$work/$name/image" "$cache/$3-$arch" "$cache/root-$arch" "$foreign" "$5" \
		"$programs/tcpflux" "$ss" "$programs"/tests/root/*.test 2>"$work/make" || return 2
}

# --- guests --------------------------------------------------------------------------------------

# At a time: three for two CPUs, as each spends a third of its time waiting. With five, and all other
# tests, a guest's CPU was away for so long that its kernel took it for locked up.
guests=$((($(nproc) * 3 + 1) / 2))

# run_guest NAME ARCH SERIES [WORD...]
run_guest() {
	local dir=$work/$1 kernel=$cache/$3-$2 arch=$2

	shift 3
	boot "$arch" "$kernel" "$dir/image" "$dir" "${KERNEL_LIMIT:-4500}" "$@"
}

has_died() {
	! grep -q '^# guest ended' "$1/results"
}

# A guest that has died goes on with the suite that it died in, once. The emulated x86 sometimes ends
# in a panic with flags that no CPU can have, as in "EFLAGS: 911ee2b2"; what a kernel itself dies of,
# it dies of again.
run_again() {
	local dir=$work/$1 ended status

	ended=$(sed -n 's/^# suite \(.*\) ends with status.*/\1/p' "$dir/results" | paste -s -d ,)
	{
		cat "$dir/results"
		printf '\n# guest died\n'
		tail -n 60 "$dir/console" | sed 's/^/# console: /'
	} >"$dir/before"
	run_guest "$@" "ended=$ended"
	status=$?
	cat "$dir/results" >>"$dir/before" && mv "$dir/before" "$dir/results"
	return $status
}

guest() {
	local dir=$work/$1 begin=$SECONDS status

	run_guest "$1" "$2" "$3"
	status=$?
	if [ $status = 0 ] && has_died "$dir"; then
		run_again "$1" "$2" "$3"
		status=$?
	fi
	rm "$dir/image"
	echo "# $1: Linux $(cat "$cache/$3-$2/release") took $((SECONDS - begin)) s"
	[ $status = 0 ] || echo "QEMU ended with status $status (124: took too long)" >>"$dir/qemu"
}

start() {
	local name=$1

	mkdir "$work/$name"
	prepare "$@"
	case $? in
	0) ;;
	1) echo "$reason" >"$work/$name/skipped"; return ;;
	2) mv "$work/make" "$work/$name/broken"; return ;;
	esac
	while [ "$(jobs -rp | wc -l)" -ge "$guests" ]; do
		wait -n
	done
	guest "$@" &
}

start_all() {
	local name row

	for name in $kernels; do
		row=$(awk -v name="$name" '$1 == name' <<<"$table")
		[ "$row" ] || { echo "no kernel $name in tests/vm/run.sh" >&2; exit 1; }
		# shellcheck disable=SC2086 # words
		start $row
	done
	wait
}

# --- what came of it -----------------------------------------------------------------------------

report() {
	local name=$1 dir=$work/$1

	if [ -e "$dir/skipped" ]; then
		echo "ok - $name # SKIP $(cat "$dir/skipped")"
	elif [ -e "$dir/broken" ]; then
		echo "not ok - $name can't be tested"
		tail -n 40 "$dir/broken" | sed 's/^/# /'
	elif ! awk -v kernel="$name" -f tests/vm/tap.awk "$dir/results"; then
		tail -q -n 40 "$dir/qemu" "$dir/console" | sed 's/^/# /'
	fi
}

report_all() {
	local name ran=0

	for name in $kernels; do
		report "$name"
		[ -e "$work/$name/skipped" ] || ran=$((ran + 1))
	done
	if [ "${KERNELS+chosen}" ]; then
		[ "$KERNELS" ] || echo "ok - kernels # SKIP none was asked for"
	elif [ $ran -lt 3 ] && can_fetch; then
		echo "not ok - $ran kernels ran, and three must"
	fi
}

start_all
report_all | awk '
	/^(not )?ok/ { sub(/ok/, "ok " ++n) }
	{ print }
	END { print "1.." n }' >"$work/tap"
cat "$work/tap"
! grep -q '^not ok' "$work/tap"
