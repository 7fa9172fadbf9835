# shellcheck shell=sh disable=SC2034,SC2154 # for run.sh and judge.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Standard output and standard error to which nothing can be written.

# The reader is gone before the program starts, so that every run is the same.
run_without_reader()
{
	rm -f "$dir/fifo"
	mkfifo "$dir/fifo"
	: <"$dir/fifo" &
	exec 4>"$dir/fifo"
	wait $!
	timeout 10 "$@" </dev/null >&4 2>"$dir/err"
	status=$?
	exec 4>&-
	: >"$dir/out"
}

run_on_full_disk()
{
	timeout 10 "$@" </dev/null >/dev/full 2>"$dir/err"
	status=$?
	: >"$dir/out"
}

run_without_output()
{
	timeout 10 "$@" </dev/null >&- 2>"$dir/err"
	status=$?
	: >"$dir/out"
}

# What was said went nowhere, and must not go anywhere else.
run_without_error()
{
	timeout 10 "$@" </dev/null >"$dir/out" 2>&-
	status=$?
	: >"$dir/err"
}

check_output()
{
	for option in --help --version; do
		run_without_reader "$tcpflux" $option
		check "$option without a reader" 0 "" ""
		run_on_full_disk "$tcpflux" $option
		check "$option on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" $option
		check "$option without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
	done
	run_without_reader "$tcpflux" trace --help
	check "trace --help without a reader" 0 "" ""
	run_on_full_disk "$tcpflux" trace --help
	check "trace --help on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	run_on_full_disk "$tcpflux" check
	check "check on a full disk" 1 "tcpflux: standard output: No space left on device" ""
	run_without_error "$tcpflux" --nosuch
	check "a wrong option without standard error" 2 "" ""
}
