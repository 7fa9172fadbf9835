# shellcheck shell=sh disable=SC2154 # for run.sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# top: its options, and where it can't be shown. What it shows is tested in tests/terminal/.

check_top_words()
{
	wrong "--nosuch: unknown option" top --nosuch
	wrong "-o: unknown option" top -o json
	wrong "-4 and -6 exclude each other" top -4 -6
	wrong "--: unexpected argument" top --
	wrong "--: unexpected argument" top -4 -- true
	wrong "-r and -b exclude each other" top -r log -b 16M
	wrong "-r and --no-fentry exclude each other" top -r log --no-fentry
	wrong "-Z: unknown option" top -r log other -Z
	for value in '' x pid comm,lport; do
		wrong "--by $value: expected comm, lport, raddr, rport or netns" top --by "$value"
	done
	for value in '' 0 x 1.5; do
		wrong "--interval $value: $time" top -i "$value"
		wrong "--duration $value: $time" top -d "$value"
	done
	wrong "--localport 80x: $ports" top -L 80x
	wrong "--read : expected a file" top -r ''
	wrong "$(pointed "expected a port" "sport = :80x" 8)" top sport = :80x
	wrong "$(pointed "expected a condition" nosuch 0)" top nosuch
	wrong "$(pointed "expected a port" "sport = :80x" 8)" top -r log sport = :80x
	for option in by interval read duration buffer close-wait; do
		wrong "--$option: expected a value" top "--$option"
	done
}

# Neither a file nor a pipe can be drawn on. The command line is judged first.
check_top()
{
	check_top_words
	no_terminal="tcpflux: top: standard output is no terminal; see stat, trace and report"
	run "$tcpflux" top
	check "top, and no terminal" 1 "$no_terminal" ""
	run "$tcpflux" top -r tests/fuzz/seeds/log.tfx
	check "top -r, and no terminal" 1 "$no_terminal" ""
}
