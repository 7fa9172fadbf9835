# shellcheck shell=bash disable=SC2034 # for whoever reads it
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Every command in every way of running it that differs, for the tests that are about all of them:
# tests/memory/ and tests/faults/. A new command is a line here.
#
#	STATUS OUTPUT ARGUMENT...
#
# STATUS is what it ends with. OUTPUT says what is known of standard output: json, text and csv are
# a trace of PROGRAM, or of nothing; `same` is the same in every run, `any` is not judged. PROGRAM
# stands for one that makes connections, to PORT. The first line of a command is the one that does
# most; where a test takes long, it is thorough with that one alone. Those of top get a terminal, see
# on_terminal.sh; what is drawn on it is for tests/terminal/.
commands=(
	"0 json trace -o json -N self -D PORT -L 1-65535 PROGRAM"
	"0 text trace -o text -N self -D PORT -c connects.sh -q PROGRAM"
	"0 csv trace -o csv -N self -D PORT -q PROGRAM"
	"0 json trace -o json -N self -D PORT -b 4K -d 20ms"
	"0 any trace -d 20ms -v"
	"1 same trace -- /nonexistent/program"
	"0 any trace -q -N self --totals 20ms -d 50ms"
	"0 any record -w /dev/null -N self -D PORT PROGRAM"
	"1 same record -w /nonexistent/log"
	"0 same trace -r tests/fuzz/seeds/log.tfx -o json"
	"0 same trace -r tests/fuzz/seeds/log.tfx -o text -L 40000-65535"
	"0 same report --by comm,cgroup --html /dev/null tests/fuzz/seeds/log.tfx"
	"0 same report -o json -L 40000-65535 tests/fuzz/seeds/log.tfx"
	"1 same report --sqlite /nonexistent/database tests/fuzz/seeds/log.tfx"
	"1 same trace -r /etc/passwd"
	"0 any trace -q -o csv -d 20ms state all and ( sport != :1-1023,8080 or src 10.0.0.0/8 )"
	"0 any stat -o json -N self PROGRAM"
	"0 any stat -q --by pid -N self 20ms 2"
	"0 any stat -q --by lport 20ms 2 exclude time-wait not src [::1]:80"
	"0 any stat -v -o csv 20ms 2"
	"0 any stat -q 20ms 2"
	"1 same stat -q -- /nonexistent/program"
	"0 any top -q -i 20ms -d 200ms -r tests/fuzz/seeds/log.tfx comm curl"
	"0 any top -q -N self --by raddr -i 20ms -d 60ms"
	"1 same top -r tests/fuzz/seeds/log.tfx /nonexistent"
	"0 same --help"
	"0 same trace --help"
	"0 same record --help"
	"0 same report --help"
	"0 same stat --help"
	"0 same top --help"
	"0 same --version"
	"0 any list -o json -i -L 1-65535 -p 1-4194304"
	"0 any list -o text -N self -q"
	"0 any list -o csv -q"
	"0 same list --help"
	"0 any list -q -N self state listening comm * or dst [2001:db8::]/32 and uid 0"
	"0 any check"
	"0 same check --help"
	"2 same check --nosuch"
	"2 same report --by nosuch log"
	"2 same stat 0"
	"2 same top -i 0"
	"2 same top -r log sport = :80x"
	"2 same stat 1 2 3"
	"2 same list -L 80,443 -w 80x"
	"2 same nosuch"
	"2 same list sport = :80 and ( comm nginx or dst 10.0.0.0/33 )"
	"2 same trace --nosuch"
	"2 same trace -L 80,443 -L 80x"
	"2 same trace -p 1 -o xml"
	"2 same trace -d"
	"2 same trace -4 -6"
)
