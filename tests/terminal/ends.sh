# shellcheck shell=bash disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# However it ends, the terminal is given back.

test_signals() {
	local signal
	for signal in TERM INT HUP QUIT USR1 USR2 ALRM XCPU; do
		terminal 80x24 "$tcpflux top -r $dir/log.tfx"
		sees '^PROGRAM'
		kill -s "$signal" "$(top_pid)"
		expect_end "SIG$signal" 0
		terminal_end
	done
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	sees '^PROGRAM'
	press C-c
	sees '^PROGRAM\|^\^C'
	terminal_end
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	sees '^PROGRAM'
	press "C-\\"
	expect_end "ctrl-\\" 0
	terminal_end
	terminal 80x24 "$tcpflux top -r $dir/log.tfx -d 1"
	expect_end "-d" 0
}

# By a shell that has jobs.
test_stop() {
	cat >"$dir/jobs" <<-END
		PS1='prompt> '
	END
	tmux_here new-session -d -x 80 -y 24 -s top "bash --rcfile $dir/jobs -i"
	sees '^prompt>'
	press "$tcpflux top -r $dir/log.tfx" Enter
	sees '^PROGRAM'
	press C-z
	expect "it stops" 'Stopped'
	expect "the shell has its screen" '^prompt>'
	press 'echo "in" between' Enter
	expect "and its settings" '^in between'
	press 'fg' Enter
	expect "it draws everything again" '^PROGRAM'
	expect_not "and nothing else" 'between'
	press '?'
	expect "and has its keys" '^tab, shift-tab'
	press q q
	expect "it ends as ever" 'in between'
}

# One that is stopped from outside did not put anything right before.
test_stop_from_outside() {
	local pid
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	sees '^PROGRAM'
	pid=$(top_pid)
	kill -STOP "$pid"
	resize 100x30
	kill -CONT "$pid"
	expect "it goes on" '^LISTEN .*FIN_WAIT2'
	press q
	expect_end "SIGSTOP, SIGCONT" 0
}

# The terminal is gone, with everything that was on it.
test_gone() {
	local pid try
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	sees '^PROGRAM'
	pid=$(top_pid)
	tmux_here kill-server
	for ((try = 0; try < 50; try++)); do
		[ -e "/proc/$pid" ] || break
		sleep 0.1
	done
	[ ! -e "/proc/$pid" ]
	ok $? "without a terminal it ends"
}
