#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run.sh BUILD [SUITE]: runs every suite, or only those whose name matches, and ends with the line
# "N passed, N failed, N skipped". A suite is a program that speaks TAP: the unit and root tests that
# the Makefile has built under BUILD/tests/, and tests/*/run.sh. Fails if a test failed, and in CI
# (CI=true) also if every root test was skipped. SANITIZED names a second build, which is tested too.
# shellcheck disable=SC2086 # $sudo is words
set -u
build=$1 only=${2:-*}
export TCPFLUX=${TCPFLUX:-$build/tcpflux} BUILD=$build
export CMOCKA_MESSAGE_OUTPUT=TAP TZ=UTC
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo --preserve-env=TCPFLUX,BUILD,CMOCKA_MESSAGE_OUTPUT,TZ,ASAN_OPTIONS"
logs=$build/tests/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0

count() { grep -c "$1" "$2"; }

# suite NAME COMMAND...: a suite that ends badly without a failed test has crashed, and one that
# says nothing has not run: both are failures.
suite() {
	local name=$1 log=$logs/${1//\//-}.tap status ok bad skip start=$SECONDS try
	shift
	# shellcheck disable=SC2053 # a pattern
	[[ $name = $only ]] || return 0
	# Where BPF is kept out of process 1, what a softirq does there is in no trace. That is the
	# machine's fault, but not three times.
	for try in 1 2 3; do
		"$@" >"$log" 2>"$log.err" </dev/null
		status=$?
		[ $status != 0 ] && [ $try != 3 ] && grep '^# process 1 had' "$log" || break
		echo "$name failed while that happened, and is run again"
	done
	skip=$(count '^\(not \)\?ok.*# SKIP' "$log")
	bad=$(($(count '^not ok' "$log") - $(count '^not ok.*# SKIP' "$log")))
	ok=$(($(count '^ok' "$log") - $(count '^ok.*# SKIP' "$log")))
	[ $((ok + bad + skip)) -gt 0 ] && { [ $status = 0 ] || [ $bad -gt 0 ]; } || {
		echo "$name: ended with status $status"
		bad=$((bad + 1))
	}
	printf '%-28s %4d passed, %d failed, %d skipped (%d s)\n' "$name" $ok $bad $skip $((SECONDS - start))
	[ $bad = 0 ] || { grep -v '^ok' "$log" | tail -n 100; tail -n 100 "$log.err"; }
	grep '# SKIP\|second try\|booted again' "$log"
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

# programs unit|root [SUDO...]: those of $BUILD.
programs() {
	local kind=$1 program name leaks
	shift
	for program in "$BUILD/tests/$kind"/*.test; do
		name=$prefix$kind/$(basename "$program" .test) leaks=
		# Set-user-ID programs don't let themselves be searched for leaks.
		[ "$name" != asan/root/privileges ] || leaks="env LSAN_OPTIONS=detect_leaks=0"
		suite "$name" "$@" $leaks "$program"
	done
}

# Other kernels wait a lot, and so do tests on sockets and those of the command line: they run side by
# side, and guests get what the others leave. What keeps all CPUs busy has them to itself before: a
# guest whose CPUs are away for long sees what no test expects.
guests=
start_guests() {
	# shellcheck disable=SC2053 # a pattern
	[[ vm = $only ]] || return
	nice tests/vm/run.sh >"$logs/guests" 2>&1 </dev/null &
	guests=$!
	trap 'kill "$guests" 2>/dev/null; wait' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

# As a suite: it has printed TAP.
finish_guests() {
	local status

	wait "$guests"
	status=$?
	cat "$logs/guests"
	return $status
}

# sanitized COMMAND...: about the second build, if there is one.
sanitized() {
	local prefix=asan/

	[ "${SANITIZED:-}" ] || return 0
	local -x TCPFLUX=$SANITIZED/tcpflux BUILD=$SANITIZED
	# Memory that is kept from being used again counts as resident in tests that look at it.
	local -x ASAN_OPTIONS=detect_stack_use_after_return=1:quarantine_size_mb=8
	"$@"
}

scripts() {
	local script name

	for script in tests/*/run.sh; do
		name=$(basename "$(dirname "$script")")
		case $name in
		cli | terminal | vm) ;;
		faults | memory) suite "$name" $sudo "$script" ;;
		*) suite "$name" "$script" ;;
		esac
	done
}

# What is about the program is run again; of the faults, those by which most is freed.
faults_again() {
	suite asan/faults $sudo tests/faults/run.sh "memory: 0 json trace -o json -N self -D PORT -L"
}

scripts_again() {
	suite asan/cli tests/cli/run.sh
	suite asan/golden tests/golden/run.sh
}

prefix=
programs unit
scripts
sanitized programs unit
sanitized faults_again
start_guests
suite cli tests/cli/run.sh
sanitized scripts_again
suite terminal tests/terminal/run.sh
before=$passed
programs root $sudo
if [ "${CI:-}" = true ] && [ "$only" = "*" ] && [ $passed = $before ]; then
	echo "every root test was skipped"
	failed=$((failed + 1))
fi
sanitized programs root $sudo
suite vm finish_guests

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
