#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What hardly ever fails, fails: each command of tests/commands.sh is run again and again, and each
# time the next allocation, bpf(), descriptor, read, write or wait fails, until a run gets through
# without; or only one in a few of them, where this has been done in another run. Every run has to
# end by itself, well or with status 1 and a line that says what failed: see judge.sh. Then what is no failure: short writes, interrupted calls, a storm of signals. At last
# the kernel must not hold anything that it did not hold before. Prints TAP; needs root.
#
#	run.sh [WORD]		only tests whose name contains it
#
# BUILD is the build directory, TCPFLUX the program. Tests run side by side.
if [ "$(id -u)" != 0 ]; then
	echo "ok 1 - faults # SKIP needs root"
	echo "1..1"
	exit 0
fi
# Where nobody else connects.
[ "${FAULTS_ALONE-}" ] || FAULTS_ALONE=yes exec unshare -n "$0" "$@"
ip link set lo up || exit 1
cd "$(dirname "$0")/../.." || exit 1
faults=$(realpath "${BUILD:-build}/tests/faults/faults.so")
tcpflux=$(realpath "${TCPFLUX:-${BUILD:-build}/tcpflux}")
only=${1-}
dir=$(mktemp -d) || exit 1
clean_up() {
	jobs -p | while read -r pid; do
		kill "$pid"
	done
	wait
	rm -rf "$dir"
}
trap clean_up EXIT
trap 'exit 143' TERM
started=0
# More than there are CPUs: most of the time is spent waiting for grace periods in the kernel.
together=$((4 * $(nproc)))
# A build with sanitizers wants to be loaded first, which is not possible here.
export ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0

. tests/commands.sh
. tests/faults/kernel.sh
. tests/faults/judge.sh
. tests/faults/sweep.sh

if kernel=$(kernel_refuses); then
	echo "ok 1 - faults # SKIP $kernel"
	echo "1..1"
	exit 0
fi

# start TEST COMMAND: in the background. A port for each, so that they don't see each other.
start() {
	local at=$dir/$((started + 1)) words
	[[ "$1: $2" = *"$only"* ]] || return
	started=$((started + 1))
	[ "$started" -le "$together" ] || wait -n
	mkdir "$at"
	words=${2/PROGRAM/-- tests/connects.sh PORT}
	read -ra words <<<"${words//PORT/$started}"
	{
		SECONDS=0
		"$1" "$at" "${words[@]}" >"$at/problems" 2>&1
		echo "$1: ${2#* * } ($SECONDS s)" >"$at/name"
	} &
}

# libbpf allocates hundreds of times, and the same in all commands that trace.
start_all() {
	local number word step=20 first=1 seen=" "
	start all_memory "${commands[0]}"
	start all_memory_from "${commands[0]}"
	step=3
	start bpf_calls_memory "${commands[0]}"
	start refused_filter "0 json trace -v -o json dport = :PORT PROGRAM"
	start refused_sock_diag "0 any stat -o json -N self PROGRAM"
	for number in "${!commands[@]}"; do
		read -r _ _ word _ <<<"${commands[number]}"
		step=1 first=1
		[[ $seen != *" $word "* ]] || step=13 first=$((1 + number % 13))
		seen+="$word "
		for test in own_memory bpf_calls other_calls descriptors no_fault; do
			start $test "${commands[number]}"
		done
	done
	wait
}

# result AT: a line of TAP.
result() {
	local number=${1##*/}
	if [ ! -s "$1/problems" ]; then
		echo "ok $number - $(<"$1/name")"
		return
	fi
	failed=1
	echo "not ok $number - $(<"$1/name")"
	sed 's/^/# /' "$1/problems"
}

failed=0
before=$(kernel_ids)
start_all
last=$((started + 1))
mkdir "$dir/$last"
echo "nothing is left in the kernel" >"$dir/$last/name"
kernel_left "$before" >"$dir/$last/problems"
for ((i = 1; i <= last; i++)); do
	result "$dir/$i"
done
echo "1..$last"
exit $failed
