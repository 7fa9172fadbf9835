#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Logs and expressions that say anything, by libFuzzer with the address and undefined-behaviour
# sanitizers: for logs it begins with seeds/, which `make fuzz-seeds` writes, and changes them. Prints
# TAP.
#
#	run.sh [SECONDS]		for each; 10 by default
#
# BUILD is the build directory. What breaks the reader is kept there, in fuzz/.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
seconds=${1:-10}
clang=${CLANG:-clang}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >"$dir/try.c"
if ! "$clang" -fsanitize=fuzzer,address,undefined -o "$dir/try" "$dir/try.c" 2>"$dir/log"; then
	echo "ok 1 - fuzzer # SKIP this clang has no libFuzzer"
	echo "1..1"
	exit 0
fi
failed=0
n=0
ok() { # ok STATUS NAME
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		grep -v 'NEW \|REDUCE\|pulse' "$dir/log" | tail -n 60 | sed 's/^/# /'
	fi
}

unset MAKEFLAGS MFLAGS
make -s BUILD="$build" fuzz >"$dir/log" 2>&1
ok $? "the fuzzers are built"
mkdir -p "$build/fuzz" "$dir/log.seeds" "$dir/filter.seeds"
cp tests/fuzz/seeds/* "$dir/log.seeds"
# The digit in front says what they are about.
expressions=(
	"0state close-wait"
	"0( sport = :443,8000-8999 or dst 10.0.0.0/8 ) and not comm nginx*"
	"0old syn-sent state_time > 10ms or reason refused"
	"1exclude time-wait src [2001:db8::]/32 pid != 1"
)
for i in "${!expressions[@]}"; do
	printf %s "${expressions[i]}" >"$dir/filter.seeds/$i"
done

# fuzz WHAT SIZE: messages about what is broken go to standard error: without it (2) only the
# fuzzer's own are left.
fuzz() {
	"$build/tests/fuzz/$1" -close_fd_mask=2 -max_len="$2" -max_total_time="$seconds" -timeout=10 \
		-artifact_prefix="$build/fuzz/$1-" -print_final_stats=1 "$dir/$1.seeds" >"$dir/log" 2>&1
	ok $? "$1: $seconds seconds, $(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log") runs"
}
fuzz log 8192
fuzz filter 300
echo "1..$n"
exit $failed
