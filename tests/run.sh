#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run.sh BUILD: runs every suite and ends with the line "N passed, N failed, N skipped". A suite is
# a program that speaks TAP: the unit and root tests that the Makefile has built under
# BUILD/tests/, and tests/*/run.sh. Fails if a test failed, and in CI (CI=true) also if every root
# test was skipped.
set -u
build=$1
export TCPFLUX=${TCPFLUX:-$build/tcpflux} BUILD=$build
export CMOCKA_MESSAGE_OUTPUT=TAP TZ=UTC
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo --preserve-env=TCPFLUX,BUILD,CMOCKA_MESSAGE_OUTPUT,TZ"
logs=$build/tests/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

count() { grep -c "$1" "$2"; }

# suite NAME COMMAND...: a suite that ends badly without a failed test has crashed, and one that
# says nothing has not run: both are failures.
suite() {
	local name=$1 log=$logs/${1//\//-}.tap status ok bad skip start=$SECONDS
	shift
	"$@" >"$log" 2>"$log.err" </dev/null
	status=$?
	skip=$(count '^\(not \)\?ok.*# SKIP' "$log")
	bad=$(($(count '^not ok' "$log") - $(count '^not ok.*# SKIP' "$log")))
	ok=$(($(count '^ok' "$log") - $(count '^ok.*# SKIP' "$log")))
	[ $((ok + bad + skip)) -gt 0 ] && { [ $status = 0 ] || [ $bad -gt 0 ]; } || {
		echo "$name: ended with status $status"
		bad=$((bad + 1))
	}
	printf '%-28s %4d passed, %d failed, %d skipped (%d s)\n' "$name" $ok $bad $skip $((SECONDS - start))
	[ $bad = 0 ] || { grep -v '^ok' "$log" | tail -n 100; tail -n 100 "$log.err"; }
	grep '# SKIP' "$log"
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

for program in "$build"/tests/unit/*.test; do
	suite "unit/$(basename "$program" .test)" "$program"
done
for script in tests/*/run.sh; do
	suite "$(basename "$(dirname "$script")")" "$script"
done
before=$passed
for program in "$build"/tests/root/*.test; do
	suite "root/$(basename "$program" .test)" $sudo "$program"
done
if [ "${CI:-}" = true ] && [ $passed = $before ]; then
	echo "every root test was skipped"
	failed=$((failed + 1))
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
