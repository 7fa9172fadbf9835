#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Logs that say anything, by libFuzzer with the address and undefined-behaviour sanitizers: it begins
# with seeds/, which `make fuzz-seeds` writes, and changes them. Prints TAP.
#
#	run.sh [SECONDS]		20 by default
#
# BUILD is the build directory. What breaks the reader is kept there, in fuzz/.
cd "$(dirname "$0")/../.." || exit 1
build=${BUILD:-build}
seconds=${1:-20}
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
ok $? "the fuzzer is built"
mkdir -p "$build/fuzz" "$dir/corpus"
cp tests/fuzz/seeds/* "$dir/corpus"
# Messages about broken logs go to standard error: without it (2) only the fuzzer's own are left.
"$build/tests/fuzz/log" -close_fd_mask=2 -max_len=8192 -max_total_time="$seconds" -timeout=10 \
	-artifact_prefix="$build/fuzz/" -print_final_stats=1 "$dir/corpus" >"$dir/log" 2>&1
ok $? "$seconds seconds, $(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/log") logs"
echo "1..$n"
exit $failed
