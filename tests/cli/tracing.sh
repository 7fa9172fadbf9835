# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Where tracing is allowed: programs, lists, and what stops them. Skipped elsewhere.

check_tracing()
{
	run "$tcpflux" -q -d 1ms -- /nonexistent
	check "a program that is not there" 1 "tcpflux: /nonexistent: No such file or directory" ""
	run "$tcpflux" -q -d 1ms -- nonexistent-in-path
	check "a program that is not in PATH" 1 \
		"tcpflux: nonexistent-in-path: No such file or directory" ""
	run "$tcpflux" -q -d 1ms -- /etc/passwd
	check "a program that is none" 1 "tcpflux: /etc/passwd: Permission denied" ""
	run "$tcpflux" -q -d 10s -- sh -c 'exit 7'
	[ "$status" -eq 0 ]
	ok $? "a program's own status does not matter"
	run "$tcpflux" stat -q -o csv -- sh -c 'exit 7'
	[ "$status" -eq 0 ] && [ "$(wc -l <"$dir/out")" -eq 2 ]
	ok $? "stat -- PROGRAM prints one row"
	run "$tcpflux" stat -q -o csv 10ms 3
	[ "$status" -eq 0 ] && [ "$(wc -l <"$dir/out")" -eq 4 ]
	ok $? "stat 10ms 3 prints three rows"
	run "$tcpflux" stat -q -- /nonexistent
	check "stat: a program that is not there" 1 \
		"tcpflux: /nonexistent: No such file or directory" ""
	for format in text json csv; do
		run_on_full_disk "$tcpflux" stat -q 10ms 1 -o $format
		check "stat: $format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_reader "$tcpflux" stat -q 10ms -o $format
		check "stat: $format without a reader" 0 "" ""
		run_on_full_disk "$tcpflux" -q -d 10ms -o $format
		check "$format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" -q -d 10ms -o $format
		check "$format without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
		run_without_reader "$tcpflux" -q -d 10s -o $format
		check "$format without a reader" 0 "" ""
		run_without_error "$tcpflux" -d 10ms -o $format
		[ "$status" -eq 0 ]
		ok $? "$format without standard error"
	done
}

# A list has an end of its own; with --watch, only others end it.
check_listing()
{
	for format in text json csv; do
		run_on_full_disk "$tcpflux" list -q -o $format
		check "list as $format on a full disk" 1 \
			"tcpflux: standard output: No space left on device" ""
		run_without_output "$tcpflux" list -q -o $format
		check "list as $format without standard output" 1 \
			"tcpflux: standard output: Bad file descriptor" ""
		run_without_reader "$tcpflux" list -q -o $format
		check "list as $format without a reader" 0 "" ""
		run_without_reader "$tcpflux" list -q -o $format --watch 1h
		check "list --watch as $format without a reader" 0 "" ""
		run_without_error "$tcpflux" list -N self -o $format
		[ "$status" -eq 0 ]
		ok $? "list as $format without standard error"
	done
	run timeout --foreground -s INT 0.3 "$tcpflux" list -q -N self -D 1 -o csv --watch 100ms
	check "list --watch is ended by SIGINT" 124 "" "time,$(list_header)"
	run "$tcpflux" list -q -N self -D 1 -o csv
	check "list as csv with no sockets" 0 "" "$(list_header)"
	run "$tcpflux" list -q -o csv "netns self and ( dport = 1 and not dport = 1 )"
	check "list as csv with no sockets, by an expression" 0 "" "$(list_header)"
	run "$tcpflux" list -q -N self -D 1 -o json
	check "list as json with no sockets" 0 "" ""
}

list_header()
{
	echo "cookie,netns,family,laddr,lport,raddr,rport,state,state_us,pid,comm,uid,cgroup,owner,recv_q,\
send_q,timer,timer_ms,timer_retransmits,retransmits"
}

# colours ENVIRONMENT...: are there any on a terminal? A refused connection is what there is to see.
colours()
{
	run env "$@" script -qec "$tcpflux -q -- bash -c ': </dev/tcp/127.0.0.1/1'" /dev/null
	grep -q 'SYN_SENT.* -> .*CLOSE.*refused' "$dir/out" || return 2
	grep -q "$(printf '\033')" "$dir/out"
}

check_colours()
{
	if ! command -v script >/dev/null || ! command -v bash >/dev/null; then
		skip "colours" "no script or no bash"
		return
	fi
	colours TERM=xterm
	ok $? "colours on a terminal"
	colours TERM=xterm NO_COLOR=
	ok $? "an empty NO_COLOR changes nothing"
	colours TERM=xterm NO_COLOR=1
	[ $? -eq 1 ]
	ok $? "no colours with NO_COLOR"
	colours TERM=dumb
	[ $? -eq 1 ]
	ok $? "no colours on a dumb terminal"
}

check_tracing_if_possible()
{
	if [ "$(id -u)" -ne 0 ]; then
		skip "programs and standard output" "not root"
		return
	fi
	run "$tcpflux" -q -d 1ms
	if [ "$status" -ne 0 ]; then
		skip "programs and standard output" "$(head -n 1 "$dir/err")"
		return
	fi
	check_tracing
	check_listing
	check_colours
}
