# shellcheck shell=bash disable=SC2034,SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# top -r: what it shows of a log, and its keys.

# To the end of the log, or another one, on a terminal of this size.
play() {
	terminal "${1:-80x24}" "$tcpflux top -r $dir/${2:-log}.tfx ${3-}"
	sees '^tcpflux top'
	press '}'
	sees 'end of the log'
}

test_picture() {
	play
	expect "the machine and the time of the log" '^tcpflux top  host  12:00:29  end of the log  lost 0$'
	expect "states" '^LISTEN  *0 .*FIN_WAIT2  *0$'
	expect "a state with its bar" 'CLOSE_WAIT  *3 █'
	expect "what was opened" '^opened/s  *[1-9]'
	expect "its history" 'at most [1-9]'
	expect "the table's name" '^\[program\]  local port '
	expect "its titles" '^PROGRAM  *OPEN OPENED/S▼  FAILED/S  CONN50  CONN99  LIFE50  LIFE99$'
	expect "a row" '^wget  *0  *[1-9][0-9.]*  *0  *2.00ms  *2.00ms  *10.0ms  *10.0ms$'
	expect "hostile names are escaped" '^ev\\x1b\[31mil '
	expect "findings" '^2 findings$'
	expect "a finding" '^sockets left in CLOSE_WAIT: leaky: 3 sockets, up to 2[0-9.]*s, 3 of them still t'
	expect "the keys" '^q quit '
	press q
	expect_end "q" 0
}

test_paced() {
	terminal 80x24 "$tcpflux top -r $dir/log.tfx -i 200ms"
	expect "it begins with the first transition" '12:00:0[01]  log, 1x'
	press ']]]'
	expect "faster" 'log, 8x'
	press '['
	expect "slower" 'log, 4x'
	press '[[[['
	expect "slower than it was" 'log, 1/4x'
	press '='
	expect "as it was" 'log, 1x'
	press Space
	expect "paused" 'log, 1x   PAUSED '
	before=$(picture)
	sleep 1
	[ "$(picture)" = "$before" ]
	result $? "nothing moves then"
	press p
	expect_not "it goes on" 'PAUSED'
	expect "time goes on" '12:00:0[3-9]'
	press '}'
	expect "its end" 'end of the log'
	press ']'
	sleep 0.3
	expect "and that is it" 'end of the log'
}

test_tables() {
	play
	press Tab
	expect "by local port" '^ program  \[local port\] '
	expect "a port" '^8080  *3 '
	expect "clients' ports" '^(outgoing)  *0  *[1-9]'
	press Tab
	expect "by remote address" '^REMOTE ADDRESS '
	expect "an address" '^10.0.0.80  *0 '
	press Tab
	expect "by remote port" '^443  *0 '
	expect "servers' peers" '^(incoming)  *3 '
	press Tab
	expect "by namespace" '^4026531840  *3 '
	press BTab BTab
	expect "and back" '^ .* \[remote address\] '
}

test_by() {
	terminal 80x24 "$tcpflux top --by rport -r $dir/log.tfx"
	expect "--by" '\[remote port\]'
}

test_order() {
	play
	order "the most opened come first" wget curl
	press r
	order "the other way round" curl wget
	expect "which is marked" 'OPENED/S▲'
	press I
	expect "and back again" 'OPENED/S▼'
	press '>'
	expect "the next column" 'FAILED/S▼'
	order "by failures" 'ev' wget
	press '1'
	order "by name" curl ev leaky wget
	expect "its mark" '^PROGRAM▼'
	press '<'
	expect "from the first to the last" 'LIFE99▼'
	press Right Right
	expect "the arrows do it, too" ' OPEN▼'
	order "by what is open" leaky wget
}

test_filter() {
	play
	press / 'comm wget'
	expect "what is typed" '^filter: comm wget$'
	press BSpace BSpace BSpace 'b*' Enter
	expect "it is in force" ' only comm wb\*'
	expect_not "and nothing is in the table" '^wget'
	press / C-u 'comm cu*' Enter
	expect "what has been counts, too" '^curl  *0  *[1-9][0-9.]*  *0  *2.00ms .* 10.0ms$'
	expect "up to where it was" '12:00:29  end of the log  lost 0 '
	expect "second by second" '^opened/s  *1.0 .*█▆▆.*▆ at most 1.5$'
	expect_not "nothing else does" '^wget'
	press / C-u 'sport = :80x' Enter
	expect "what is wrong is said" '^ *v expected a port$'
	picture | grep -B 1 -e '^filter: sport = :80x' | grep -q -e '^                v expected'
	result $? "and pointed at"
	press BSpace Enter
	expect "it can be put right" ' only sport = :80'
	press / C-u 'comm "é" or sport = x' Enter
	expect "by columns, not bytes" '^ \{28\}v expected a port$'
	press C-u "$(printf 'dport = %d or ' 1 2 3 4 5 6 7 8 9)x" Enter
	expect "what has no room behind it stands above" '^ *expected a condition$'
	press Escape
	press / C-u 'dst 10.0.0.0/16' Escape
	expect "escape changes nothing" ' only sport = :80'
	press / C-u Enter
	expect_not "an empty one lets everything pass" ' only '
	expect "also what is open" '^leaky  *3 '
	expect "and what has been" '^wget  *0  *[1-9]'
	press / 'é€' BSpace
	expect "a character of many bytes is one" '^filter: é$'
}

# What has been is shown again also while nothing new is shown; what comes through a pipe is gone.
test_filter_on_the_way() {
	terminal 80x24 "$tcpflux top -r $dir/log.tfx -i 100ms"
	press ']]]'
	sees '12:00:0[89]'
	press '[[[' Space
	expect "it stands still" ' PAUSED'
	at=$(picture | grep -o '12:00:[0-9]*')
	press / 'comm curl' Enter
	expect "what has been, not shown before" '^curl  *[01] .* 2.00ms '
	expect_not "and nothing else" '^wget'
	expect "up to where it was" "$at  log, 1x   PAUSED .* only comm curl"
	press Space
	expect "it goes on there" '12:00:1[0-9]  log, 1x '
	terminal_end
	terminal 80x24 "cat $dir/log.tfx | $tcpflux top -r -"
	sees '^wget'
	press '}'
	sees 'end of the log'
	press / 'comm leaky' Enter
	expect "of a pipe, what is open" '^leaky  *3 .* -  *-  *-  *-$'
}

test_forget() {
	play
	sees '^wget'
	press z
	expect_not "what has been is forgotten" '^wget'
	expect "what is open is not" '^leaky  *3 .* -  *-  *-  *-$'
	expect "a finding about it is there" '^1 finding$'
	press / 'not comm curl' Enter
	sees 'end of the log .* only not comm curl'
	expect "also when all is played again" '^leaky  *3 .* -  *-  *-  *-$'
	expect_not "what has been stays forgotten" '^wget'
}

test_rows() {
	terminal 80x24 "$tcpflux top -r $dir/log.tfx -i 100ms"
	sees '^wget'
	press 1 Down Enter
	expect "transitions of a row" '^transitions of program wget$'
	expect "their columns" '^LOCAL  *REMOTE  *OLD -> NEW'
	expect "as trace prints them" '^10.0.0.1:4[0-9]*  *10.0.0.80:80  *SYN_SENT -> ESTABLISHED'
	press Left Left Left Left Left
	expect "to the left" '^12:00:[0-9.]* 7  *wget  *10.0.0.1:4[0-9]* '
	press Right
	expect "to the right" '^[.0-9]* 7  *wget  *10.0.0.1:4[0-9]* '
	sees '12:00:0[2-9]'
	press Space
	before=$(picture)
	press Up Up Up
	sleep 0.5
	[ "$(picture)" != "$before" ]
	result $? "back to what was before"
	press q
	expect "and back to the table" '^PROGRAM'
	press Space Tab 1 g
	sees '^8080'
	press G Enter
	expect "what stands for many is not followed" '^this row stands for many'
	press q
	expect_end "q after that" 0
}

# A row is followed when nothing comes any more, too.
test_rows_of_address() {
	play
	press Tab Tab 1 Enter
	expect "what is followed" '^transitions of remote address 10.0.0.43$'
	expect "what has been" '^10.0.0.1:41029  *10.0.0.43:443  *ESTABLISHED -> CLOSE '
	press Up Home
	expect "from the beginning on" '^10.0.0.1:0  *10.0.0.43:443  *CLOSE -> SYN_SENT'
	press Escape
	expect "escape goes back" '^REMOTE ADDRESS'
	expect "nothing is counted twice" '^10.0.0.80  *0  *[1-9][0-9.]*  *0  *2.00ms '
}

test_help() {
	play
	press '?'
	expect "help" '^tab, shift-tab  *the next table'
	expect "of a log" '^\] \[ '
	expect "in whole lines" '^/, F4 .* dst 10/8$'
	expect "in whole lines" '^states .* what it tells$'
	press q
	expect "any key leaves it" '^PROGRAM'
	press x
	expect "what is no key does nothing" '^PROGRAM'
	press F1
	expect "F1" '^tab, shift-tab'
	press Escape F10
	expect_end "F10" 0
}

test_sizes() {
	play 200x60
	expect "large" '^wget.*10.0ms$'
	for size in 80x24 132x10 40x15 20x6 10x3 2x2 1x1; do
		resize "$size"
		sleep 0.3
		[ "$(top_pid)" ]
		result $? "$size: it is there still"
	done
	resize 80x24
	expect "and draws everything again" '^opened/s'
	resize 80x14
	expect "low: the states go first" '^opened/s'
	expect_not "low: the states go first" '^LISTEN'
	resize 80x8
	expect_not "then the rates" '^opened/s'
	expect "but not the table" '^PROGRAM'
	press q
	resize 80x24
	expect_end "after all that" 0
}

test_colours() {
	play
	sees '^wget'
	coloured_picture | grep -q $'\033\\[[0-9;]*3[1-6]m'
	result $? "colours"
	terminal_end
	surroundings=(env NO_COLOR=1)
	play
	sees '^wget'
	! coloured_picture | grep -q $'\033\\[[0-9;]*3[0-7]m'
	result $? "no colours with NO_COLOR"
	expect "nothing else is missing" '^failed/s'
	terminal_end
	surroundings=(env TERM=vt100)
	play
	expect "none on a terminal without any" '^wget'
	! coloured_picture | grep -q $'\033\\[[0-9;]*3[0-7]m'
	result $? "none on a terminal without any"
}

test_ascii() {
	surroundings=(env LC_ALL=C)
	play
	expect "without UTF-8, bars of ASCII" 'CLOSE_WAIT  *3 #'
	expect "and marks" 'OPENED/Sv'
	! picture | grep -q -e '[^ -~]'
	result $? "and nothing else"
}

test_no_such_terminal() {
	surroundings=(env TERM=nosuch)
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	expect "TERM=nosuch" "^tcpflux: TERM=nosuch: this terminal can't be drawn on"
	expect_end "TERM=nosuch" 1
	terminal_end
	surroundings=(env TERM=dumb)
	terminal 80x24 "$tcpflux top -r $dir/log.tfx"
	expect "TERM=dumb" "^tcpflux: TERM=dumb: this terminal can't be drawn on"
	expect_end "TERM=dumb" 1
}

test_logs() {
	terminal 80x24 "$tcpflux top -r /nonexistent"
	expect "a log that is not there" '^tcpflux: /nonexistent: No such file or directory'
	expect_end "a log that is not there" 1
	terminal_end
	cp "$dir/log.tfx" "$dir/damaged.tfx"
	printf xxxx | dd of="$dir/damaged.tfx" bs=1 seek=1500 conv=notrunc 2>/dev/null
	play 80x24 damaged
	press q
	expect "what was wrong with it is said at the end" "^tcpflux: $dir/damaged.tfx: "
	terminal_end
	play 80x24 log "-r $dir/short.tfx"
	expect "several" '^tcpflux top  host  12:00:29'
	terminal_end
	terminal 80x24 "cat $dir/log.tfx | $tcpflux top -r -"
	sees '^wget'
	press '}'
	expect "standard input: keys come from the terminal" 'end of the log'
	terminal_end
	terminal 80x24 "$tcpflux top -r $dir/log.tfx comm curl"
	expect "an expression" '^curl'
	expect_not "an expression" '^wget'
}
